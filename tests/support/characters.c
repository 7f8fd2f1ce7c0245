/* SPDX-License-Identifier: MIT */
#include "characters.h"

/* Bytes after the first and the least code point that needs so many: longer forms are not allowed. */
static const struct {
    uint32_t mask, lead, least;
} forms[] = {{0x80, 0x00, 0}, {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}};

uint32_t characters_take(const char **s, const char *end)
{
    const unsigned char *p = (const unsigned char *)(*s)++;
    for (int more = 0; more < 4; more++) {
        if ((*p & forms[more].mask) != forms[more].lead) continue;
        uint32_t code = *p & ~forms[more].mask;
        if (end - (const char *)p <= more) return UINT32_MAX;
        for (int k = 1; k <= more; k++) {
            if ((p[k] & 0xC0) != 0x80) return UINT32_MAX;
            code = code << 6 | (p[k] & 0x3F);
        }
        if (code < forms[more].least || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return UINT32_MAX;
        *s = (const char *)p + 1 + more;
        return code;
    }
    return UINT32_MAX;
}

void characters_put(fp_text *out, uint32_t code)
{
    int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    for (int k = more; k >= 0; k--) {
        char byte = (char)(k == more ? forms[more].lead | code >> 6 * k : 0x80 | (code >> 6 * k & 0x3F));
        fp_text_addn(out, &byte, 1);
    }
}
