/* SPDX-License-Identifier: MIT */
/* Apart, so that a new commit rebuilds one small file. COMMIT comes from the Makefile. */
#include "cli.h"

#ifndef COMMIT
#define COMMIT "unknown"
#endif

const char *cli_commit(void)
{
    return COMMIT;
}
