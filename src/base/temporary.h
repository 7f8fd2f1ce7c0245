/* SPDX-License-Identifier: MIT */
#ifndef FLOWPROOF_BASE_TEMPORARY_H
#define FLOWPROOF_BASE_TEMPORARY_H

#include "flowproof/base.h"

/* A new file in `folder`, open for writing and locked; its name goes to *name (caller frees). -1 with errno set if there can be none. */
int fp_temporary_open(char **name, const char *folder);
/* Removes what killed runs left in `folder`; says nothing if it cannot. */
void fp_temporary_clean(const char *folder);

#endif
