/* SPDX-License-Identifier: MIT */
/* Settings: `name = value` lines. What a key allows stands in setting_keys.c. */
#include "internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILE = 1 << 20 };

typedef struct {
    const char *s;
    size_t len;
    long line, column; /* of s, from 1 */
} slice;

typedef struct {
    fp_setting *setting;
    const char *path;
    fp_setting_place seen[FP_SETTING_KEYS]; /* value of each key; line 0 = not given */
    fp_error *err;
} reader;

const char *fp_setting_label(const fp_setting *s) { return s->path ? s->path : "setting"; }

/* ---- lines */

static fp_setting_place place_of(const reader *r, slice at) { return (fp_setting_place){.path = r->path, .line = at.line, .column = at.column}; }

static fp_status refuse(const reader *r, slice at, const char *expected)
{
    char q[FP_QUOTE];
    return fp_fail(r->err, FP_BAD_INPUT, "%s:%ld:%ld: expected %s, found '%s'", r->path, at.line, at.column, expected,
                   fp_quote(q, at.s, at.len));
}

static slice trim(slice v)
{
    while (v.len > 0 && isspace((unsigned char)v.s[0])) v.s++, v.len--, v.column++;
    while (v.len > 0 && isspace((unsigned char)v.s[v.len - 1])) v.len--;
    return v;
}

static slice part(slice v, size_t from, size_t to)
{
    return trim((slice){v.s + from, to - from, v.line, v.column + (long)from});
}

static fp_status set(reader *r, const char *name, slice at, const char *text, slice value)
{
    const fp_setting_place name_place = place_of(r, at);
    int key = fp_setting_key_find(name);
    if (key < 0) return fp_setting_key_unknown(name, &name_place, r->err);
    fp_setting_place *seen = &r->seen[key];
    if (seen->line)
        return fp_fail(r->err, FP_BAD_INPUT, "%s:%ld:%ld: '%s' was already set on line %ld; once is allowed", r->path, at.line, at.column, name, seen->line);
    *seen = place_of(r, value);
    r->setting->given[key] = fp_strdup(text);
    return fp_setting_assign(r->setting, key, text, seen, r->err);
}

static fp_status assign(reader *r, slice name, slice value)
{
    char *word = fp_strndup(name.s, name.len), *text = fp_strndup(value.s, value.len);
    fp_status status = set(r, word, name, text, value);
    free(word);
    free(text);
    return status;
}

static fp_status read_line(reader *r, slice line)
{
    const char *hash = memchr(line.s, '#', line.len);
    if (hash) line.len = (size_t)(hash - line.s);
    line = trim(line);
    if (line.len == 0) return FP_OK;
    char hint[FP_HINT];
    size_t sign;
    if (fp_character_hint(hint, &sign, line.s, line.len))
        return fp_fail(r->err, FP_BAD_INPUT, "%s:%ld:%ld: %s", r->path, line.line, line.column + (long)sign, hint);
    const char *equals = memchr(line.s, '=', line.len);
    if (!equals) return refuse(r, line, "a line `name = value`");
    size_t at = (size_t)(equals - line.s);
    return assign(r, part(line, 0, at), part(line, at + 1, line.len));
}

static fp_status read_lines(reader *r, const fp_text *text)
{
    size_t at = 0;
    for (long line = 1; at < text->len; line++) {
        const char *s = text->data + at, *end = memchr(s, '\n', text->len - at);
        size_t len = end ? (size_t)(end - s) : text->len - at;
        fp_status st = read_line(r, (slice){s, len, line, 1});
        if (st != FP_OK) return st;
        at += len + 1;
    }
    return FP_OK;
}

/* ---- what concerns more than one key */

static const fp_setting_place *seen(const reader *r, const char *name) { return &r->seen[fp_setting_key_find(name)]; }

static fp_status check_sigma_keys(const reader *r)
{
    const fp_setting *s = r->setting;
    if (s->has_init && s->init == FP_INIT_NORMAL && !(s->sigma0 && s->sigma1))
        return fp_setting_refuse(seen(r, "init"), 0, "init = normal needs both sigma0 and sigma1", r->err);
    if (!s->sigma0 != !s->sigma1)
        return fp_setting_refuse(seen(r, s->sigma0 ? "sigma0" : "sigma1"), 0, "sigma0 and sigma1 are given together or not at all", r->err);
    return FP_OK;
}

static fp_status check_digits(const reader *r)
{
    const fp_setting_place *tolerance = seen(r, "tolerance");
    return fp_setting_check_digits(r->setting, tolerance->line ? tolerance : seen(r, "precision"), r->err);
}

char *fp_setting_name_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t len = strlen(base), tail = strlen(".setting");
    if (len > tail && strcmp(base + len - tail, ".setting") == 0) len -= tail;
    return fp_strndup(base, len);
}

static void digest(char out[65], const char *data, size_t len)
{
    fp_sha256 h;
    fp_sha256_init(&h);
    fp_sha256_add(&h, data, len);
    fp_sha256_hex(out, &h);
}

static void resolve_d(fp_setting *s)
{
    if (s->d_is_distinct && s->n > 0 && s->n % 6 == 0 && s->L >= 3) s->d = fp_distinct_d(s->n, s->L);
}

fp_status fp_setting_read(fp_setting *s, const char *path, fp_error *err)
{
    fp_text text = {0};
    fp_status st = fp_text_file_read(&text, path, MAX_FILE, err);
    if (st != FP_OK) return st;
    reader r = {.setting = s, .path = path, .err = err};
    fp_setting_defaults(s);
    free(s->name);
    s->path = fp_strdup(path);
    s->name = fp_setting_name_of(path);
    digest(s->sha256, text.data ? text.data : "", text.len);
    st = read_lines(&r, &text);
    if (st == FP_OK) st = check_sigma_keys(&r);
    if (st == FP_OK) st = check_digits(&r);
    resolve_d(s);
    fp_text_clear(&text);
    if (st != FP_OK) fp_setting_clear(s);
    return st;
}

/* ---- life */

void fp_setting_defaults(fp_setting *s)
{
    memset(s, 0, sizeof *s);
    s->name = fp_strdup("default");
    digest(s->sha256, "", 0);
    mpq_inits(s->horizon, s->CT1, s->margin, s->power, s->delta, s->tolerance, NULL);
    fp_setting_assign_defaults(s);
}

void fp_setting_clear(fp_setting *s)
{
    mpq_ptr all[] = {s->horizon, s->CT1, s->margin, s->power, s->delta, s->tolerance};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (mpq_denref(all[i])->_mp_d) mpq_clear(all[i]);
    free(s->path);
    free(s->name);
    free(s->sigma0);
    free(s->sigma1);
    free(s->flow);
    free(s->method);
    for (size_t i = 0; i < FP_SETTING_KEYS; i++) free(s->given[i]);
    memset(s, 0, sizeof *s);
}
