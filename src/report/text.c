/* SPDX-License-Identifier: MIT */
#include "flowproof/json.h"
#include "report_impl.h"

#include <string.h>

void report_add_safe(fp_text *out, const char *s, fp_escape escape)
{
    fp_text_add_escaped(out, s ? s : "", s ? strlen(s) : 0, escape);
}

/* ---- one escaper a format, beside Markdown's and XML's */

static const char *escape_csv(const char *at)
{
    return *at == '"' ? "\"\"" : NULL;
}

void fp_csv_add_field(fp_text *out, const char *s)
{
    bool quoted = s && strpbrk(s, ",\"") != NULL;
    fp_text_add(out, quoted ? "\"" : "");
    report_add_safe(out, s, escape_csv);
    fp_text_add(out, quoted ? "\"" : "");
}

static void add_code_unit(fp_text *out, uint32_t unit)
{
    fp_text_addf(out, "\\u%04x", (unsigned)unit);
}

/* What acts is kept, as an escape. */
static void add_json_character(fp_text *out, uint32_t code, const char *s, size_t n)
{
    if (code == '"' || code == '\\')
        fp_text_addf(out, "\\%c", (char)code);
    else if (code == '\n')
        fp_text_add(out, "\\n");
    else if (!fp_character_acts(code))
        fp_text_addn(out, s, n);
    else if (code < 0x10000)
        add_code_unit(out, code);
    else
        add_code_unit(out, 0xD800 + ((code - 0x10000) >> 10)), add_code_unit(out, 0xDC00 + ((code - 0x10000) & 0x3FF));
}

void fp_json_add_string(fp_text *out, const char *s)
{
    uint32_t code;
    fp_text_add(out, "\"");
    for (size_t left = strlen(s), n; left; s += n, left -= n) {
        n = fp_utf8_read(&code, s, left);
        if (n)
            add_json_character(out, code, s, n);
        else
            fp_text_add(out, fp_unreadable), n = 1;
    }
    fp_text_add(out, "\"");
}

/* ---- columns and lines */

void report_add_padded(fp_text *out, const char *s, int width)
{
    fp_text safe = {0};
    fp_text_add_safe(&safe, s);
    int blanks = (width < 0 ? -width : width) - fp_text_width(safe.data);
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
    fp_text_add_safe(&safe, s);
    for (char *word = strtok_r(safe.data, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        int width = fp_text_width(word);
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
