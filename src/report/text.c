/* SPDX-License-Identifier: MIT */
#include "report_impl.h"

#include <string.h>

const char report_unreadable[] = "\xEF\xBF\xBD";

static bool in(const char *s, unsigned least, unsigned greatest)
{
    unsigned c = (unsigned char)*s;
    return c >= least && c <= greatest;
}

/* Table 3-7 of the Unicode standard: the well-formed sequences. The second byte is the one with special ranges. */
size_t report_character(const char *s)
{
    if (in(s, 0x00, 0x7F)) return 1;
    if (in(s, 0xC2, 0xDF)) return in(s + 1, *s == '\xC2' ? 0xA0 : 0x80, 0xBF) ? 2 : 0; /* C2 80 .. C2 9F are the C1 controls */
    if (in(s, 0xE0, 0xEF)) {
        if (!in(s + 1, *s == '\xE0' ? 0xA0 : 0x80, *s == '\xED' ? 0x9F : 0xBF) || !in(s + 2, 0x80, 0xBF)) return 0;
        return memcmp(s, "\xEF\xBF\xBE", 3) == 0 || memcmp(s, "\xEF\xBF\xBF", 3) == 0 ? 0 : 3;
    }
    if (!in(s, 0xF0, 0xF4) || !in(s + 1, *s == '\xF0' ? 0x90 : 0x80, *s == '\xF4' ? 0x8F : 0xBF)) return 0;
    return in(s + 2, 0x80, 0xBF) && in(s + 3, 0x80, 0xBF) ? 4 : 0;
}

static void add_ascii(fp_text *out, char c, report_escape escape)
{
    const char *replacement = escape ? escape(c) : NULL;
    if (replacement)
        fp_text_add(out, replacement);
    else if (in(&c, 0x20, 0x7E))
        fp_text_addn(out, &c, 1);
    else
        fp_text_add(out, c == '\n' || c == '\t' || c == '\r' ? " " : "?");
}

void report_add_safe(fp_text *out, const char *s, report_escape escape)
{
    fp_text_add(out, "");
    while (s && *s) {
        size_t n = report_character(s);
        if (n == 1)
            add_ascii(out, *s, escape);
        else if (n == 0)
            fp_text_add(out, report_unreadable);
        else
            fp_text_addn(out, s, n);
        s += n ? n : 1;
    }
}

int report_width(const char *s)
{
    int width = 0;
    for (; *s; s++) width += !in(s, 0x80, 0xBF);
    return width;
}

void report_add_padded(fp_text *out, const char *s, int width)
{
    fp_text safe = {0};
    report_add_safe(&safe, s, NULL);
    int blanks = (width < 0 ? -width : width) - report_width(safe.data);
    if (blanks < 0) blanks = 0;
    if (width < 0) fp_text_addf(out, "%*s", blanks, "");
    fp_text_addn(out, safe.data, safe.len);
    if (width > 0) fp_text_addf(out, "%*s", blanks, "");
    fp_text_clear(&safe);
}

void report_add_wrapped(fp_text *out, const char *s, int indent, int columns)
{
    fp_text safe = {0};
    int used = 0;
    char *rest = NULL;
    report_add_safe(&safe, s, NULL);
    for (char *word = strtok_r(safe.data, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        int width = report_width(word);
        if (used > 0 && used + 1 + width <= columns) {
            fp_text_addf(out, " %s", word);
            used += 1 + width;
            continue;
        }
        fp_text_addf(out, "%s%*s%s", used ? "\n" : "", indent, "", word);
        used = indent + width;
    }
    if (used) fp_text_add(out, "\n");
    fp_text_clear(&safe);
}

const char *report_or(const char *s, const char *otherwise)
{
    return s && *s ? s : otherwise;
}
