/* SPDX-License-Identifier: MIT */
/* UTF-8, and which characters act instead of being seen: the one notion that every format and every reader of text goes by. */
#include <string.h>

#include "flowproof/base.h"

/* Bytes after the first and the least code point that needs so many: longer forms are not allowed. */
static const struct {
    uint32_t mask, lead, least;
} forms[] = {{0x80, 0x00, 0}, {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}};

size_t fp_utf8_read(uint32_t *code, const char *s, size_t len)
{
    const unsigned char *p = (const unsigned char *)s;
    for (size_t more = 0; more < 4 && more < len; more++) {
        if ((*p & forms[more].mask) != forms[more].lead) continue;
        uint32_t c = *p & ~forms[more].mask;
        for (size_t k = 1; k <= more; k++) {
            if ((p[k] & 0xC0) != 0x80) return 0;
            c = c << 6 | (p[k] & 0x3F);
        }
        if (c < forms[more].least || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return 0;
        *code = c;
        return more + 1;
    }
    return 0;
}

typedef struct {
    uint32_t first, last;
} range;

static bool is_in(uint32_t code, const range *ranges, size_t count)
{
    for (size_t k = 0; k < count && ranges[k].first <= code; k++)
        if (code <= ranges[k].last) return true;
    return false;
}

/* Unicode's controls (Cc), line and paragraph separators, Default_Ignorable_Code_Point without the variation selectors (they only choose a glyph), interlinear
 * annotation and noncharacters. */
static const range acting[] = {
    {0x0000, 0x001F}, {0x007F, 0x009F}, {0x00AD, 0x00AD}, {0x034F, 0x034F}, {0x061C, 0x061C}, {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180E, 0x180E},
    {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F}, {0x3164, 0x3164}, {0xFDD0, 0xFDEF}, {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},
    {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE00FF}, {0xE01F0, 0xE0FFF},
};

bool fp_character_acts(uint32_t code)
{
    return is_in(code, acting, sizeof acting / sizeof *acting) || (code & 0xFFFE) == 0xFFFE;
}

/* Marks that stand on the character before, and characters of two columns, as far as texts about mathematics are likely to have them. */
static const range combining[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x064B, 0x065F}, {0x1AB0, 0x1AFF},
                                  {0x1DC0, 0x1DFF}, {0x20D0, 0x20F0}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xE0100, 0xE01EF}};
static const range wide[] = {{0x1100, 0x115E}, {0x2E80, 0x303E}, {0x3041, 0xA4CF}, {0xA960, 0xA97C}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF},
                             {0xFE30, 0xFE6F}, {0xFF01, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};

int fp_text_width(const char *s)
{
    int width = 0;
    uint32_t code;
    for (size_t left = strlen(s), n; left; s += n, left -= n) {
        n = fp_utf8_read(&code, s, left);
        if (!n) n = 1, code = '?';
        width += is_in(code, combining, sizeof combining / sizeof *combining) ? 0 : is_in(code, wide, sizeof wide / sizeof *wide) ? 2 : 1;
    }
    return width;
}

const char fp_unreadable[] = "\xEF\xBF\xBD";

static void add_ascii(fp_text *out, const char *at, fp_escape escape)
{
    const char *replacement = escape ? escape(at) : NULL;
    if (replacement)
        fp_text_add(out, replacement);
    else if (*at >= 0x20 && *at < 0x7F)
        fp_text_addn(out, at, 1);
    else
        fp_text_add(out, *at == '\n' || *at == '\t' || *at == '\r' ? " " : "?");
}

void fp_text_add_escaped(fp_text *out, const char *s, size_t len, fp_escape escape)
{
    uint32_t code;
    fp_text_add(out, "");
    for (size_t n; len; s += n, len -= n) {
        n = fp_utf8_read(&code, s, len);
        if (n == 1)
            add_ascii(out, s, escape);
        else if (n == 0 || fp_character_acts(code))
            fp_text_add(out, fp_unreadable);
        else
            fp_text_addn(out, s, n);
        if (n == 0) n = 1;
    }
}

void fp_text_add_safe(fp_text *out, const char *s)
{
    fp_text_add_escaped(out, s ? s : "", s ? strlen(s) : 0, NULL);
}

void fp_text_add_lines(fp_text *out, const char *s)
{
    for (;;) {
        size_t n = strcspn(s, "\n");
        fp_text_add_escaped(out, s, n, NULL);
        if (s[n] == 0) return;
        fp_text_add(out, "\n");
        s += n + 1;
    }
}

const char *fp_quote(char out[FP_QUOTE], const char *s, size_t len)
{
    fp_text safe = {0};
    uint32_t code;
    size_t taken = 0;
    for (int k = 0; k < FP_QUOTE_CHARACTERS && taken < len; k++) {
        size_t n = fp_utf8_read(&code, s + taken, len - taken);
        taken += n ? n : 1;
    }
    fp_text_add_escaped(&safe, s, taken, NULL);
    snprintf(out, FP_QUOTE, "%s%s", safe.data, taken < len ? "..." : "");
    fp_text_clear(&safe);
    return out;
}
