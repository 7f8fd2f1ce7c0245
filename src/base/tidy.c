/* SPDX-License-Identifier: MIT */
/* Text files as editors, spreadsheets and PDFs write them; and what to type instead of the characters they put in the place of ASCII. One table for sheets,
 * settings and expectations. */
#include <string.h>

#include "flowproof/base.h"

/* ---- the table: characters that people paste into formulas. `write` is what to type, or what to say where nothing replaces it. */
typedef struct {
    uint32_t code;
    const char *name, *write;
} typographic;

static const typographic table[] = {
    {0x00A0, "no-break space", "a blank"}, {0x00AC, "not sign", "not"}, {0x00AD, "soft hyphen", "nothing: delete it"}, {0x00B0, "degree sign", "nothing: delete it"},
    {0x00B1, "plus-minus sign", "abs(x - y) <= e"}, {0x00B2, "superscript two", "^2"}, {0x00B3, "superscript three", "^3"}, {0x00B5, "micro sign", "mu"},
    {0x00B7, "middle dot", "*"}, {0x00B9, "superscript one", "^1"}, {0x00BC, "one quarter", "1/4"}, {0x00BD, "one half", "1/2"}, {0x00BE, "three quarters", "3/4"},
    {0x00D7, "multiplication sign", "*"}, {0x00F7, "division sign", "/"},
    {0x03F5, "Greek epsilon", "epsilon"}, {0x03D5, "Greek phi", "phi"}, {0x03D1, "Greek theta", "theta"},
    {0x200B, "zero width space", "nothing: delete it"}, {0x200C, "zero width non-joiner", "nothing: delete it"}, {0x200D, "zero width joiner", "nothing: delete it"},
    {0x2010, "hyphen", "-"}, {0x2011, "no-break hyphen", "-"}, {0x2012, "figure dash", "-"}, {0x2013, "en dash", "- (in a range ..)"}, {0x2014, "em dash", "-"},
    {0x2015, "horizontal bar", "-"}, {0x2016, "double bar", "norm(x)"}, {0x2018, "left single quotation mark", "\""}, {0x2019, "right single quotation mark", "\""},
    {0x201A, "low quotation mark", "\""}, {0x201C, "left quotation mark", "\""}, {0x201D, "right quotation mark", "\""}, {0x201E, "low double quotation mark", "\""},
    {0x2026, "ellipsis", ".."}, {0x2032, "prime", "a name without primes"}, {0x2044, "fraction slash", "/"}, {0x2060, "word joiner", "nothing: delete it"},
    {0x2062, "invisible times", "*"}, {0x2190, "arrow", "implies, the other way round"}, {0x2192, "arrow", "implies"}, {0x21D2, "double arrow", "implies"},
    {0x27F9, "double arrow", "implies"}, {0x21D4, "double arrow", "two claims with implies"},
    {0x2200, "for all", "for i in S: P"}, {0x2202, "partial derivative", "d(e), the derivative along the flow"}, {0x2203, "there exists", "exists i in S: P"},
    {0x2208, "element of", "in"}, {0x2209, "not an element of", "not exists i in S: i == x"}, {0x220F, "product", "exp(sum(i in S: log(e)))"},
    {0x2211, "sum", "sum(i in S: e)"}, {0x2212, "minus sign", "-"}, {0x2215, "division slash", "/"}, {0x2217, "asterisk operator", "*"}, {0x2219, "bullet operator", "*"},
    {0x221A, "square root", "sqrt(x)"}, {0x221E, "infinity", "horizon, the end of the run"}, {0x2223, "vertical bar", "abs(x)"}, {0x2225, "double bar", "norm(x)"},
    {0x2227, "logical and", "and"}, {0x2228, "logical or", "or"}, {0x222B, "integral", "something else: there are no integrals"}, {0x2236, "ratio", ":"},
    {0x223C, "tilde operator", "is Theta(e), in an order"}, {0x2248, "almost equal", "abs(x - y) <= e"}, {0x2260, "not equal", "!="},
    {0x2261, "identical", "="}, {0x2264, "less than or equal", "<="}, {0x2265, "greater than or equal", ">="}, {0x2266, "less than or equal", "<="},
    {0x2267, "greater than or equal", ">="}, {0x226A, "much less than", "x <= C*y with constant C = 1/2"}, {0x226B, "much greater than", "y <= C*x with constant C = 1/2"},
    {0x22C5, "dot operator", "*, or dot(x, y) of vectors"}, {0x22EF, "ellipsis", ".."}, {0x27E8, "angle bracket", "dot(x, y)"}, {0x27E9, "angle bracket", "dot(x, y)"},
    {0x2A7D, "less than or equal", "<="}, {0x2A7E, "greater than or equal", ">="}, {0xFEFF, "byte order mark", "nothing: delete it"},
};

static const char *const greek[] = {"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu",
                                    "xi", "omicron", "pi", "rho", "sigma", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"};

static const typographic *find(uint32_t code)
{
    for (size_t k = 0; k < sizeof table / sizeof *table; k++)
        if (table[k].code == code) return &table[k];
    return NULL;
}

/* Blanks that are not a blank: harmless, since they look like one. */
static bool is_odd_space(uint32_t code)
{
    return code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x202F || code == 0x205F || code == 0x3000;
}

/* Alphabets and digits that come in rows. */
static bool hint_of_row(char out[FP_HINT], uint32_t code)
{
    const char capital = code < 0x3B1;
    if ((code >= 0x391 && code <= 0x3A9) || (code >= 0x3B1 && code <= 0x3C9)) {
        char name[16];
        snprintf(name, sizeof name, "%s", greek[(code - 0x391) % 0x20]);
        if (capital) name[0] = (char)(name[0] - 'a' + 'A');
        snprintf(out, FP_HINT, "U+%04X (Greek %s) has no meaning here; write %s", (unsigned)code, name, name);
        return true;
    }
    if (code == 0x2070 || (code >= 0x2074 && code <= 0x2079))
        snprintf(out, FP_HINT, "U+%04X (a raised digit) has no meaning here; write ^%u", (unsigned)code, (unsigned)code - 0x2070);
    else if (code >= 0x2080 && code <= 0x2089)
        snprintf(out, FP_HINT, "U+%04X (a lowered digit) has no meaning here; write the digit %u, as in sigma0, or an index [%u]", (unsigned)code, (unsigned)code - 0x2080, (unsigned)code - 0x2080);
    else if (code >= 0xFF01 && code <= 0xFF5E)
        snprintf(out, FP_HINT, "U+%04X (full width) has no meaning here; write %c", (unsigned)code, (char)(code - 0xFEE0));
    else if (code >= 0x1D400 && code <= 0x1D7FF)
        snprintf(out, FP_HINT, "U+%04X (a mathematical letter) has no meaning here; write the plain letter", (unsigned)code);
    else
        return false;
    return true;
}

bool fp_character_hint(char out[FP_HINT], size_t *at, const char *s, size_t len)
{
    uint32_t code = 0;
    for (*at = 0; *at < len && (unsigned char)s[*at] < 0x80; ++*at) continue;
    if (*at == len) return false;
    if (!fp_utf8_read(&code, s + *at, len - *at)) {
        snprintf(out, FP_HINT, "the byte 0x%02x is not UTF-8", (unsigned char)s[*at]);
        return true;
    }
    const typographic *row = find(code);
    if (row)
        snprintf(out, FP_HINT, "U+%04X (%s) has no meaning here; write %s", (unsigned)code, row->name, row->write);
    else if (is_odd_space(code))
        snprintf(out, FP_HINT, "U+%04X (a space) has no meaning here; write a blank", (unsigned)code);
    else if (!hint_of_row(out, code))
        snprintf(out, FP_HINT, "U+%04X has no meaning here; names and signs are plain ASCII%s", (unsigned)code, fp_character_acts(code) ? ", and this one is invisible: delete it" : "");
    return true;
}

/* ---- text files */

/* What cannot stand in a text file, as the end of a message; false if the character may. C1 controls but NEL are garbage in prose, which does no harm. */
static bool refuse(char what[160], uint32_t code, size_t column)
{
    bool begins = column == 1 && (code == 0x200B || code == 0x2060 || code == 0x200E || code == 0x200F);
    if ((code < 32 && code != '\t' && code != '\n') || code == 127)
        snprintf(what, 160, "found the control character 0x%02x (U+%04X); only plain text is read", (unsigned)code, (unsigned)code);
    else if (code == 0x85 || code == 0x2028 || code == 0x2029)
        snprintf(what, 160, "found the line separator U+%04X, which is no line end here; begin a new line with the Enter key", (unsigned)code);
    else if (code == 0xFEFF || begins)
        snprintf(what, 160, "found the invisible character U+%04X; delete it", (unsigned)code);
    else
        return false;
    return true;
}

/* Not more than a guess without a byte order mark: every other byte of the beginning is zero. */
static bool is_utf16(const fp_text *t)
{
    const char *s = t->data;
    if (t->len < 2) return false;
    if (memcmp(s, "\xFF\xFE", 2) == 0 || memcmp(s, "\xFE\xFF", 2) == 0) return true;
    return t->len >= 4 && ((!s[0] && s[1] && !s[2] && s[3]) || (s[0] && !s[1] && s[2] && !s[3]));
}

static void note(fp_text_fault *fault, size_t line, size_t column, const char *what)
{
    if (fault->line) return;
    fault->line = line;
    fault->column = column;
    snprintf(fault->what, sizeof fault->what, "%s", what);
}

/* One character or line end of s, moved to `to`, which may be s itself: length read; *written. */
static size_t tidy_one(char *to, size_t *written, const char *s, size_t left, size_t line, size_t column, fp_text_fault *fault)
{
    char what[160];
    uint32_t code = 0;
    size_t n = fp_utf8_read(&code, s, left);
    if (n == 0) {
        snprintf(what, sizeof what, "found the byte 0x%02x, which is not UTF-8; save the file as UTF-8", (unsigned char)*s);
        note(fault, line, column, what);
        n = 1;
    } else if (code != '\r' && refuse(what, code, column)) {
        note(fault, line, column, what);
    }
    bool plain = code == '\r' || code == 0x200B || is_odd_space(code);
    *written = plain ? 1 : n;
    memmove(to, s, *written);
    if (plain) *to = code == '\r' ? '\n' : ' ';
    return code == '\r' && left > 1 && s[1] == '\n' ? 2 : n;
}

bool fp_text_tidy(fp_text *t, fp_text_fault *fault)
{
    size_t line = 1, column = 1, to = 0, written, at = t->len >= 3 && memcmp(t->data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    *fault = (fp_text_fault){0};
    if (is_utf16(t)) note(fault, 1, 1, "found text in UTF-16; save the file as UTF-8");
    while (at < t->len) {
        at += tidy_one(t->data + to, &written, t->data + at, t->len - at, line, column, fault);
        column++;
        if (t->data[to] == '\n') line++, column = 1;
        to += written;
    }
    t->len = to;
    if (t->data) t->data[to] = 0;
    return fault->line == 0;
}

fp_status fp_text_file_read(fp_text *out, const char *path, size_t max_bytes, fp_error *err)
{
    fp_text_fault fault;
    if (fp_file_read(out, path, max_bytes, err) != FP_OK) return err->code;
    if (fp_text_tidy(out, &fault)) return FP_OK;
    fp_text_clear(out);
    return fp_fail(err, FP_BAD_INPUT, "%s:%zu:%zu: %s", path, fault.line, fault.column, fault.what);
}
