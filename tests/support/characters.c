/* SPDX-License-Identifier: MIT */
#include "characters.h"

#include <string.h>

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

bool characters_act(uint32_t code)
{
    static const uint32_t ranges[][2] = {{0x00, 0x09}, {0x0B, 0x1F}, {0x7F, 0x9F}, {0x61C, 0x61C}, {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB},
                                         {0xFFFE, 0xFFFF}, {0xE0001, 0xE007F}, {UINT32_MAX, UINT32_MAX}};
    for (size_t k = 0; k < sizeof ranges / sizeof *ranges; k++)
        if (ranges[k][0] <= code && code <= ranges[k][1]) return true;
    return false;
}

const char *characters_acting(const char *text)
{
    for (const char *s = text, *end = text + strlen(text); s < end;) {
        const char *at = s;
        if (characters_act(characters_take(&s, end))) return at;
    }
    return NULL;
}
