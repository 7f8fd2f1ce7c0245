/* SPDX-License-Identifier: MIT */
#include "flowproof/json.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *start, *s, *end, *name;
    fp_error *err;
} reader;

/* ---- errors */

static void place_of(const reader *r, const char *at, size_t *line, size_t *column)
{
    *line = *column = 1;
    for (const char *s = r->start; s < at; s++) {
        if (*s == '\n')
            ++*line, *column = 1;
        else if (((unsigned char)*s & 0xC0) != 0x80)
            ++*column;
    }
}

static bool fail_at(const reader *r, const char *at, const char *found, const char *wanted)
{
    size_t line, column;
    place_of(r, at, &line, &column);
    fp_fail(r->err, FP_BAD_INPUT, "%s:%zu:%zu: found %s, %s", r->name, line, column, found, wanted);
    return false;
}

static bool fail(const reader *r, const char *wanted)
{
    char found[32] = "the end of the file";
    unsigned char c = r->s < r->end ? (unsigned char)*r->s : 0;
    if (r->s < r->end) snprintf(found, sizeof found, c > 32 && c < 127 ? "'%c'" : "the byte 0x%02x", c);
    return fail_at(r, r->s, found, wanted);
}

/* ---- characters */

static void skip_blanks(reader *r)
{
    while (r->s < r->end && (*r->s == ' ' || *r->s == '\t' || *r->s == '\r' || *r->s == '\n')) r->s++;
}

static bool take(reader *r, char c)
{
    if (r->s == r->end || *r->s != c) return false;
    r->s++;
    return true;
}

static const uint32_t lead[] = {0x00, 0xC0, 0xE0, 0xF0}; /* of the first byte, by how many follow */

static void add_code(fp_text *out, uint32_t code)
{
    int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    for (int k = more; k >= 0; k--) {
        char byte = (char)(k == more ? lead[more] | code >> 6 * k : 0x80 | (code >> 6 * k & 0x3F));
        fp_text_addn(out, &byte, 1);
    }
}

/* ---- strings */

static bool take_hex(reader *r, uint32_t *code)
{
    static const char digits[] = "0123456789abcdef";
    *code = 0;
    for (int k = 0; k < 4; k++, r->s++) {
        const char *at = r->s < r->end && *r->s ? strchr(digits, *r->s >= 'A' && *r->s <= 'F' ? *r->s + 32 : *r->s) : NULL;
        if (!at) return fail(r, "wanted are four hexadecimal digits");
        *code = *code << 4 | (uint32_t)(at - digits);
    }
    return true;
}

/* Behind "\u" */
static bool take_unicode(reader *r, fp_text *out)
{
    const char *from = r->s;
    uint32_t code, low;
    if (!take_hex(r, &code)) return false;
    if (code == 0) return fail_at(r, from, "the character NUL", "which no text here may hold");
    if (code >= 0xD800 && code <= 0xDBFF) {
        if (!take(r, '\\') || !take(r, 'u')) return fail_at(r, from, "half a surrogate pair", "wanted are both halves");
        if (!take_hex(r, &low)) return false;
        if (low < 0xDC00 || low > 0xDFFF) return fail_at(r, from, "half a surrogate pair", "wanted are both halves");
        code = 0x10000 + ((code & 0x3FF) << 10 | (low & 0x3FF));
    } else if (code >= 0xDC00 && code <= 0xDFFF)
        return fail_at(r, from, "half a surrogate pair", "wanted are both halves");
    add_code(out, code);
    return true;
}

static bool take_escape(reader *r, fp_text *out)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    if (take(r, 'u')) return take_unicode(r, out);
    const char *at = r->s < r->end && *r->s ? strchr(letters, *r->s) : NULL;
    if (!at) return fail(r, "wanted is one of \" \\ / b f n r t u after a backslash");
    fp_text_addn(out, &meanings[at - letters], 1);
    r->s++;
    return true;
}

static bool take_characters(reader *r, fp_text *out)
{
    while (!take(r, '"')) {
        if (r->s == r->end) return fail(r, "wanted is '\"' at the end of the string");
        if (take(r, '\\')) {
            if (!take_escape(r, out)) return false;
            continue;
        }
        uint32_t code;
        size_t n = fp_utf8_read(&code, r->s, (size_t)(r->end - r->s));
        if (n == 0) return fail(r, "which is not UTF-8");
        if ((unsigned char)*r->s < 0x20) return fail(r, "a control character must be written as an escape");
        fp_text_addn(out, r->s, n);
        r->s += n;
    }
    return true;
}

static bool take_string(reader *r, char **text)
{
    fp_text out = {0};
    fp_text_add(&out, "");
    bool good = take(r, '"') ? take_characters(r, &out) : fail(r, "wanted is a string");
    *text = out.data;
    return good;
}

/* ---- numbers and words */

static size_t take_digits(reader *r)
{
    const char *from = r->s;
    while (r->s < r->end && *r->s >= '0' && *r->s <= '9') r->s++;
    return (size_t)(r->s - from);
}

static bool take_number(reader *r, fp_json *j)
{
    const char *from = r->s;
    j->kind = FP_JSON_NUMBER;
    bool minus = take(r, '-');
    const char *first = r->s;
    size_t digits = take_digits(r);
    if (digits == 0) return fail(r, minus ? "wanted is a digit" : "wanted is a value");
    if (digits > 1 && *first == '0') return fail_at(r, first, "a zero in front", "a number begins with its first digit");
    if (take(r, '.') && take_digits(r) == 0) return fail(r, "wanted is a digit");
    if (take(r, 'e') || take(r, 'E')) {
        if (!take(r, '+')) take(r, '-');
        if (take_digits(r) == 0) return fail(r, "wanted is a digit");
    }
    j->text = fp_strndup(from, (size_t)(r->s - from));
    return true;
}

static bool take_word(reader *r, fp_json *j, const char *word, fp_json_kind kind)
{
    size_t n = strlen(word);
    j->kind = kind;
    if ((size_t)(r->end - r->s) < n || memcmp(r->s, word, n) != 0) return fail(r, "wanted is a value");
    r->s += n;
    return true;
}

/* ---- values */

static bool take_value(reader *r, fp_json *j, int depth);

static bool take_member(reader *r, const fp_json *parent, fp_json *kid, int depth)
{
    skip_blanks(r);
    if (parent->kind == FP_JSON_OBJECT) {
        if (!take_string(r, &kid->key)) return false;
        skip_blanks(r);
        if (!take(r, ':')) return fail(r, "wanted is ':'");
    }
    if (!take_value(r, kid, depth + 1)) return false;
    skip_blanks(r);
    return true;
}

static int by_key(const void *x, const void *y)
{
    const fp_json *a = *(const fp_json *const *)x, *b = *(const fp_json *const *)y;
    int way = strcmp(a->key, b->key);
    return way ? way : (a->begin > b->begin) - (a->begin < b->begin);
}

/* Sorted, so that an object of a million names costs no more than its reading. */
static bool check_names(const reader *r, const fp_json *j)
{
    if (j->count < 2) return true;
    const fp_json **sorted = fp_alloc(j->count, sizeof *sorted), *twice = NULL;
    size_t n = 0;
    for (const fp_json *k = j->first; k; k = k->next) sorted[n++] = k;
    qsort(sorted, n, sizeof *sorted, by_key);
    for (size_t k = 1; k < n && !twice; k++)
        if (strcmp(sorted[k - 1]->key, sorted[k]->key) == 0) twice = sorted[k];
    free(sorted);
    return !twice || fail_at(r, r->start + twice->begin, "the same name twice", "names of one object differ");
}

static bool take_members(reader *r, fp_json *j, char close, int depth)
{
    fp_json **tail = &j->first;
    r->s++;
    skip_blanks(r);
    if (take(r, close)) return true;
    do {
        fp_json *kid = *tail = fp_alloc(1, sizeof *kid);
        tail = &kid->next;
        j->count++;
        if (!take_member(r, j, kid, depth)) return false;
    } while (take(r, ','));
    if (!take(r, close)) return fail(r, close == ']' ? "wanted is ',' or ']'" : "wanted is ',' or '}'");
    return j->kind == FP_JSON_ARRAY || check_names(r, j);
}

static bool take_value(reader *r, fp_json *j, int depth)
{
    skip_blanks(r);
    if (depth > FP_JSON_DEPTH_MAX) return fail(r, "nested too deeply");
    j->begin = (size_t)(r->s - r->start);
    bool good;
    switch (r->s < r->end ? *r->s : 0) {
    case '"': j->kind = FP_JSON_STRING; good = take_string(r, &j->text); break;
    case '[': j->kind = FP_JSON_ARRAY; good = take_members(r, j, ']', depth); break;
    case '{': j->kind = FP_JSON_OBJECT; good = take_members(r, j, '}', depth); break;
    case 'n': good = take_word(r, j, "null", FP_JSON_NULL); break;
    case 't': good = take_word(r, j, "true", FP_JSON_TRUE); break;
    case 'f': good = take_word(r, j, "false", FP_JSON_FALSE); break;
    default: good = take_number(r, j);
    }
    j->end = (size_t)(r->s - r->start);
    return good;
}

fp_status fp_json_read(fp_json **out, const char *data, size_t len, const char *name, fp_error *err)
{
    reader r = {data, data, data + len, name, err};
    fp_json *j = fp_alloc(1, sizeof *j);
    *out = NULL;
    bool good = take_value(&r, j, 0);
    skip_blanks(&r);
    if (good && r.s != r.end) good = fail(&r, "the document ends before it");
    if (good)
        *out = j;
    else
        fp_json_free(j);
    return good ? FP_OK : err->code;
}

/* Recursion goes as deep as the nesting only. */
void fp_json_free(fp_json *j)
{
    while (j) {
        fp_json *next = j->next;
        fp_json_free(j->first);
        free(j->key);
        free(j->text);
        free(j);
        j = next;
    }
}

/* ---- access */

static const fp_json *member(const fp_json *j, const char *name, size_t n)
{
    char *rest;
    size_t index = j->kind == FP_JSON_ARRAY ? strtoul(name, &rest, 10) : 0;
    if (j->kind == FP_JSON_ARRAY && (rest != name + n || *name < '0' || *name > '9')) return NULL;
    for (const fp_json *k = j->first; k; k = k->next)
        if (j->kind == FP_JSON_ARRAY ? index-- == 0 : strlen(k->key) == n && memcmp(k->key, name, n) == 0) return k;
    return NULL;
}

const fp_json *fp_json_at(const fp_json *j, const char *path)
{
    while (j && *path) {
        size_t n = strcspn(path, ".");
        j = member(j, path, n);
        path += n + (path[n] == '.');
    }
    return j;
}

const char *fp_json_text(const fp_json *j, const char *path)
{
    const fp_json *k = fp_json_at(j, path);
    return k ? k->text : NULL;
}

bool fp_json_is_true(const fp_json *j, const char *path)
{
    const fp_json *k = fp_json_at(j, path);
    return k && k->kind == FP_JSON_TRUE;
}
