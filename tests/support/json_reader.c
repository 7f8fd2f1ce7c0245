/* SPDX-License-Identifier: MIT */
#include "json_reader.h"

#include <stdlib.h>
#include <string.h>

#include "characters.h"

enum { DEPTH_MAX = 32 };

typedef struct {
    const char *start, *s, *end;
    char **why;
} reader;

static bool fail(reader *r, const char *what)
{
    if (!*r->why) *r->why = fp_asprintf("byte %zu: %s", (size_t)(r->s - r->start), what);
    return false;
}

static void skip_blanks(reader *r)
{
    while (r->s < r->end && strchr(" \t\r\n", *r->s) && *r->s) r->s++;
}

static bool take(reader *r, char c)
{
    if (r->s == r->end || *r->s != c) return false;
    r->s++;
    return true;
}

static bool take_hex(reader *r, uint32_t *code)
{
    *code = 0;
    for (int k = 0; k < 4; k++, r->s++) {
        const char *digits = "0123456789abcdef", *at = r->s < r->end && *r->s ? strchr(digits, *r->s | 0x20) : NULL;
        if (!at) return fail(r, "four hexadecimal digits wanted");
        *code = *code << 4 | (uint32_t)(at - digits);
    }
    return true;
}

static bool take_escape(reader *r, fp_text *out)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    uint32_t code, low;
    if (take(r, 'u')) {
        if (!take_hex(r, &code)) return false;
        if (code == 0) return fail(r, "NUL in a string");
        if (code >= 0xD800 && code <= 0xDBFF) {
            if (!take(r, '\\') || !take(r, 'u') || !take_hex(r, &low) || low < 0xDC00 || low > 0xDFFF) return fail(r, "lone surrogate");
            code = 0x10000 + ((code & 0x3FF) << 10 | (low & 0x3FF));
        } else if (code >= 0xDC00 && code <= 0xDFFF)
            return fail(r, "lone surrogate");
        characters_put(out, code);
        return true;
    }
    const char *at = r->s < r->end && *r->s ? strchr(letters, *r->s) : NULL;
    if (!at) return fail(r, "unknown escape");
    fp_text_addn(out, &meanings[at - letters], 1);
    r->s++;
    return true;
}

static bool take_string(reader *r, char **text)
{
    fp_text out = {0};
    fp_text_add(&out, "");
    bool good = take(r, '"') || fail(r, "a string wanted");
    while (good && !take(r, '"')) {
        const char *from = r->s;
        if (r->s == r->end)
            good = fail(r, "string without end");
        else if (take(r, '\\'))
            good = take_escape(r, &out);
        else if ((unsigned char)*r->s < 0x20)
            good = fail(r, "control character in a string");
        else if (characters_take(&r->s, r->end) == UINT32_MAX)
            good = fail(r, "malformed UTF-8");
        else
            fp_text_addn(&out, from, (size_t)(r->s - from));
    }
    *text = out.data;
    return good;
}

static size_t take_digits(reader *r)
{
    const char *from = r->s;
    while (r->s < r->end && *r->s >= '0' && *r->s <= '9') r->s++;
    return (size_t)(r->s - from);
}

static bool take_number(reader *r, json *j)
{
    const char *from = r->s;
    j->kind = JSON_NUMBER;
    take(r, '-');
    bool zero = r->s < r->end && *r->s == '0';
    size_t digits = take_digits(r);
    if (digits == 0 || (zero && digits > 1)) return fail(r, "a value wanted");
    if (take(r, '.') && take_digits(r) == 0) return fail(r, "digits wanted");
    if (take(r, 'e') || take(r, 'E')) {
        if (!take(r, '+')) take(r, '-');
        if (take_digits(r) == 0) return fail(r, "digits wanted");
    }
    j->text = fp_strndup(from, (size_t)(r->s - from));
    return true;
}

static bool take_word(reader *r, json *j, const char *word, json_kind kind)
{
    size_t n = strlen(word);
    j->kind = kind;
    if ((size_t)(r->end - r->s) < n || memcmp(r->s, word, n) != 0) return fail(r, "a value wanted");
    r->s += n;
    return true;
}

static bool take_value(reader *r, json *j, int depth);

static bool take_key(reader *r, const json *parent, json *kid)
{
    if (!take_string(r, &kid->key)) return false;
    for (const json *k = parent->first; k; k = k->next)
        if (k != kid && strcmp(k->key, kid->key) == 0) return fail(r, "the same name twice");
    skip_blanks(r);
    return take(r, ':') || fail(r, "':' wanted");
}

static bool take_members(reader *r, json *j, char close, int depth)
{
    json **tail = &j->first;
    skip_blanks(r);
    if (take(r, close)) return true;
    do {
        json *kid = *tail = fp_alloc(1, sizeof *kid);
        tail = &kid->next;
        skip_blanks(r);
        if (j->kind == JSON_OBJECT && !take_key(r, j, kid)) return false;
        if (!take_value(r, kid, depth + 1)) return false;
        skip_blanks(r);
    } while (take(r, ','));
    return take(r, close) || fail(r, "',' or the end wanted");
}

static bool take_value(reader *r, json *j, int depth)
{
    bool good;
    skip_blanks(r);
    j->begin = (size_t)(r->s - r->start);
    if (depth > DEPTH_MAX || r->s == r->end) return fail(r, "a value wanted");
    switch (*r->s) {
    case '"': j->kind = JSON_STRING; good = take_string(r, &j->text); break;
    case '[': j->kind = JSON_ARRAY; good = take(r, '[') && take_members(r, j, ']', depth); break;
    case '{': j->kind = JSON_OBJECT; good = take(r, '{') && take_members(r, j, '}', depth); break;
    case 'n': good = take_word(r, j, "null", JSON_NULL); break;
    case 't': good = take_word(r, j, "true", JSON_TRUE); break;
    case 'f': good = take_word(r, j, "false", JSON_FALSE); break;
    default: good = take_number(r, j);
    }
    j->end = (size_t)(r->s - r->start);
    return good;
}

json *json_read(const char *data, size_t len, char **why)
{
    reader r = {data, data, data + len, why};
    json *j = fp_alloc(1, sizeof *j);
    *why = NULL;
    bool good = take_value(&r, j, 0);
    skip_blanks(&r);
    if (good && r.s != r.end) good = fail(&r, "something after the document");
    if (good) return j;
    json_free(j);
    return NULL;
}

void json_free(json *j)
{
    while (j) {
        json *next = j->next;
        json_free(j->first);
        free(j->key);
        free(j->text);
        free(j);
        j = next;
    }
}

static const json *member(const json *j, const char *name, size_t n)
{
    size_t index = j->kind == JSON_ARRAY ? strtoul(name, NULL, 10) : 0;
    for (const json *k = j->first; k; k = k->next) {
        if (j->kind == JSON_ARRAY ? index-- == 0 : strlen(k->key) == n && memcmp(k->key, name, n) == 0) return k;
    }
    return NULL;
}

const json *json_at(const json *j, const char *path)
{
    while (j && *path) {
        size_t n = strcspn(path, ".");
        j = member(j, path, n);
        path += n + (path[n] == '.');
    }
    return j;
}

size_t json_count(const json *j)
{
    size_t n = 0;
    for (const json *k = j->first; k; k = k->next) n++;
    return n;
}
