/* SPDX-License-Identifier: MIT */
/* UTF-8 for the readers of reports: independent of what the writers use. */
#ifndef FLOWPROOF_TEST_CHARACTERS_H
#define FLOWPROOF_TEST_CHARACTERS_H

#include <stdint.h>

#include "flowproof/base.h"

/* Takes one character off [*s, end): its code point, or UINT32_MAX (and *s moved by one byte) if it is not well formed. */
uint32_t characters_take(const char **s, const char *end);
/* Does it act where text is shown: controls, marks of direction, zero width, separators? Also what is not well formed. '\n' does not. */
bool characters_act(uint32_t code);
const char *characters_acting(const char *text); /* the first of them, NULL: there is none */
void characters_put(fp_text *out, uint32_t code);

#endif
