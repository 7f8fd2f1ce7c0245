/* SPDX-License-Identifier: MIT */
/* Settings: `name = value` lines. One table says what each key allows and where it goes. */
#include "internal.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILE = 1 << 20, MAX_KEYS = 32 };

typedef struct {
    const char *s;
    size_t len;
    long line, column; /* of s, from 1 */
} slice;

typedef struct {
    fp_setting *setting;
    const char *path;
    slice seen[MAX_KEYS]; /* value of each key; line 0 = not given */
    fp_error *err;
} reader;

typedef struct key key;
struct key {
    const char *name;
    fp_status (*set)(reader *, const key *, slice value);
    size_t field;
    long min, max;            /* counts; rationals: max 1 = below 1, 0 = no bound */
    const char *const *words; /* NULL-terminated */
};

static const char *const init_words[] = {"kaiming-normal", "kaiming-uniform", "framework-default", "theory",
                                         "theory-nolog", "normal", NULL};
static const char *const token_words[] = {"distinct", "uniform", NULL};
static const char *const flow_words[] = {"reduced", "weights", "gram", "compressed", NULL};
static const char *const method_words[] = {"rk45", "taylor", NULL};

const char *fp_init_name(fp_init_kind kind) { return init_words[kind]; }

const char *fp_setting_label(const fp_setting *s) { return s->path ? s->path : "setting"; }

const char *fp_problem_quote(char out[FP_QUOTE], const char *s, size_t len)
{
    size_t n = len < FP_QUOTE - 4 ? len : FP_QUOTE - 4;
    for (size_t i = 0; i < n; i++) out[i] = s[i] < 32 || s[i] > 126 ? '?' : s[i];
    strcpy(out + n, n < len ? "..." : "");
    return out;
}

static fp_status refuse(const reader *r, slice at, const char *expected)
{
    char q[FP_QUOTE];
    return fp_fail(r->err, FP_BAD_INPUT, "%s:%ld:%ld: expected %s, found '%s'", r->path, at.line, at.column, expected,
                   fp_problem_quote(q, at.s, at.len));
}

static void *field_of(const reader *r, const key *k) { return (char *)r->setting + k->field; }

/* ---- one setter per kind of value */

static bool parse_count(uint64_t *out, slice v)
{
    char digits[32];
    if (v.len == 0 || v.len >= sizeof digits || strspn(v.s, "0123456789") < v.len) return false;
    memcpy(digits, v.s, v.len);
    digits[v.len] = '\0';
    errno = 0;
    *out = strtoull(digits, NULL, 10);
    return errno == 0;
}

static fp_status set_count(reader *r, const key *k, slice v)
{
    uint64_t x;
    char expected[80];
    snprintf(expected, sizeof expected, "%s to be an integer from %ld to %ld", k->name, k->min, k->max);
    if (!parse_count(&x, v) || x < (uint64_t)k->min || x > (uint64_t)k->max) return refuse(r, v, expected);
    *(long *)field_of(r, k) = (long)x;
    return FP_OK;
}

static fp_status set_d(reader *r, const key *k, slice v)
{
    uint64_t x;
    if (v.len == 8 && memcmp(v.s, "distinct", 8) == 0) {
        r->setting->d_is_distinct = true;
        return FP_OK;
    }
    if (!parse_count(&x, v) || x < 1 || x > (uint64_t)k->max)
        return refuse(r, v, "d to be an integer from 1 to 1000000000, or distinct");
    r->setting->d = (long)x;
    return FP_OK;
}

static fp_status set_seed(reader *r, const key *k, slice v)
{
    (void)k;
    if (!parse_count(&r->setting->seed, v)) return refuse(r, v, "seed to be an integer from 0 to 18446744073709551615");
    return FP_OK;
}

static fp_status set_rational(reader *r, const key *k, slice v)
{
    char expected[160];
    char *text = fp_strndup(v.s, v.len);
    mpq_ptr q = field_of(r, k);
    bool ok = fp_rational_parse(q, text) && mpq_sgn(q) > 0 && (k->max == 0 || mpq_cmp_si(q, k->max, 1) < 0);
    free(text);
    snprintf(expected, sizeof expected, "%s to be a number like 12, 0.5, 1e-3 or 1/3, above 0%s", k->name,
             k->max ? " and below 1" : "");
    return ok ? FP_OK : refuse(r, v, expected);
}

static fp_status find_word(reader *r, const key *k, slice v, size_t *index)
{
    fp_text list = {0};
    size_t count = 0;
    for (; k->words[count]; count++) {
        if (strlen(k->words[count]) == v.len && memcmp(k->words[count], v.s, v.len) == 0) {
            *index = count;
            fp_text_clear(&list);
            return FP_OK;
        }
        fp_text_addf(&list, "%s%s", count ? ", " : "", k->words[count]);
    }
    char q[FP_QUOTE];
    char *word = fp_strndup(v.s, v.len < 64 ? v.len : 64);
    const char *close = fp_closest(word, k->words, count);
    fp_fail(r->err, FP_BAD_INPUT, "%s:%ld:%ld: %s = '%s' is not known%s%s%s; allowed: %s", r->path, v.line, v.column, k->name,
            fp_problem_quote(q, v.s, v.len), close ? ", did you mean '" : "", close ? close : "", close ? "'?" : "", list.data);
    free(word);
    fp_text_clear(&list);
    return FP_BAD_INPUT;
}

static fp_status set_init(reader *r, const key *k, slice v)
{
    size_t i;
    if (find_word(r, k, v, &i) != FP_OK) return FP_BAD_INPUT;
    r->setting->init = (fp_init_kind)i;
    r->setting->has_init = true;
    return FP_OK;
}

static fp_status set_tokens(reader *r, const key *k, slice v)
{
    size_t i;
    if (find_word(r, k, v, &i) != FP_OK) return FP_BAD_INPUT;
    r->setting->tokens = (fp_tokens_kind)i;
    return FP_OK;
}

static void replace_text(char **field, char *text)
{
    free(*field);
    *field = text;
}

static fp_status set_word(reader *r, const key *k, slice v)
{
    size_t i;
    if (find_word(r, k, v, &i) != FP_OK) return FP_BAD_INPUT;
    replace_text(field_of(r, k), fp_strdup(k->words[i]));
    return FP_OK;
}

/* Sizes may come from imported arrays only, so here the names have no value: this checks form and names. */
static fp_status set_expression(reader *r, const key *k, slice v)
{
    size_t at = 0;
    fp_error inner = {FP_OK, ""};
    char *text = fp_strndup(v.s, v.len);
    arb_ptr values = _arb_vec_init(FP_CONSTANT_NAMES + 1);
    for (slong i = 0; i < FP_CONSTANT_NAMES; i++) arb_indeterminate(values + i);
    fp_status st = fp_constant_parse(values + FP_CONSTANT_NAMES, text, fp_constant_names, values, FP_CONSTANT_NAMES, 64, &at, &inner);
    _arb_vec_clear(values, FP_CONSTANT_NAMES + 1);
    if (st == FP_OK) {
        replace_text(field_of(r, k), text);
        return FP_OK;
    }
    free(text);
    return fp_fail(r->err, st, "%s:%ld:%ld: %s: %s", r->path, v.line, v.column + (long)at, k->name, inner.message);
}

/* ---- the table */

#define FIELD(name) offsetof(fp_setting, name)
enum { K_INIT = 6, K_SIGMA0, K_SIGMA1, K_PRECISION = 16, K_TOLERANCE };
static const key keys[] = {
    {"n", set_count, FIELD(n), 1, FP_SIZE_MAX, NULL},
    {"L", set_count, FIELD(L), 1, FP_SIZE_MAX, NULL},
    {"d", set_d, FIELD(d), 1, FP_SIZE_MAX, NULL},
    {"m", set_count, FIELD(m), 1, FP_SIZE_MAX, NULL},
    {"m1", set_count, FIELD(m1), 1, FP_SIZE_MAX, NULL},
    {"tokens", set_tokens, FIELD(tokens), 0, 0, token_words},
    [K_INIT] = {"init", set_init, FIELD(init), 0, 0, init_words},
    [K_SIGMA0] = {"sigma0", set_expression, FIELD(sigma0), 0, 0, NULL},
    [K_SIGMA1] = {"sigma1", set_expression, FIELD(sigma1), 0, 0, NULL},
    {"seed", set_seed, FIELD(seed), 0, 0, NULL},
    {"horizon", set_rational, FIELD(horizon), 0, 0, NULL},
    {"CT1", set_rational, FIELD(CT1), 0, 0, NULL},
    {"margin", set_rational, FIELD(margin), 0, 0, NULL},
    {"power", set_rational, FIELD(power), 0, 0, NULL},
    {"delta", set_rational, FIELD(delta), 0, 1, NULL},
    {"flow", set_word, FIELD(flow), 0, 0, flow_words},
    [K_PRECISION] = {"precision", set_count, FIELD(precision), FP_PREC_MIN, FP_PREC_MAX, NULL},
    [K_TOLERANCE] = {"tolerance", set_rational, FIELD(tolerance), 0, 1, NULL},
    {"method", set_word, FIELD(method), 0, 0, method_words},
    {"max-steps", set_count, FIELD(max_steps), 1, 1000000000000L, NULL},
    {"evaluations", set_count, FIELD(evaluations), 1, 1000000000000L, NULL},
    {"claim-memory", set_count, FIELD(claim_memory), 1, 1000000L, NULL},
};
enum { KEYS = sizeof keys / sizeof keys[0] };
_Static_assert(sizeof keys / sizeof keys[0] <= (size_t)MAX_KEYS, "room for every key");

static fp_status unknown_key(const reader *r, slice name)
{
    const char *names[KEYS];
    fp_text list = {0};
    char q[FP_QUOTE];
    for (size_t i = 0; i < KEYS; i++) {
        names[i] = keys[i].name;
        fp_text_addf(&list, "%s%s", i ? " " : "", names[i]);
    }
    char *word = fp_strndup(name.s, name.len < 64 ? name.len : 64);
    const char *close = fp_closest(word, names, KEYS);
    fp_fail(r->err, FP_BAD_INPUT, "%s:%ld:%ld: unknown key '%s'%s%s%s; allowed: %s", r->path, name.line, name.column,
            fp_problem_quote(q, name.s, name.len), close ? ", did you mean '" : "", close ? close : "", close ? "'?" : "", list.data);
    free(word);
    fp_text_clear(&list);
    return FP_BAD_INPUT;
}

/* ---- lines */

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

static fp_status assign(reader *r, slice name, slice value)
{
    for (size_t i = 0; i < KEYS; i++) {
        if (strlen(keys[i].name) != name.len || memcmp(keys[i].name, name.s, name.len) != 0) continue;
        if (r->seen[i].line)
            return fp_fail(r->err, FP_BAD_INPUT, "%s:%ld:%ld: '%s' was already set on line %ld; once is allowed", r->path,
                           name.line, name.column, keys[i].name, r->seen[i].line);
        r->seen[i] = value;
        return keys[i].set(r, &keys[i], value);
    }
    return unknown_key(r, name);
}

static fp_status read_line(reader *r, slice line)
{
    const char *hash = memchr(line.s, '#', line.len);
    if (hash) line.len = (size_t)(hash - line.s);
    line = trim(line);
    if (line.len == 0) return FP_OK;
    if (memchr(line.s, '\0', line.len)) return refuse(r, line, "text; this line holds a zero byte");
    const char *equals = memchr(line.s, '=', line.len);
    if (!equals) return refuse(r, line, "a line `name = value`");
    size_t at = (size_t)(equals - line.s);
    return assign(r, part(line, 0, at), part(line, at + 1, line.len));
}

static fp_status read_lines(reader *r, const fp_text *text)
{
    size_t at = text->len >= 3 && memcmp(text->data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0; /* UTF-8 byte order mark */
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

static fp_status check_sigma_keys(const reader *r)
{
    const fp_setting *s = r->setting;
    const slice *i = &r->seen[K_INIT], *s0 = &r->seen[K_SIGMA0], *s1 = &r->seen[K_SIGMA1];
    if (s->has_init && s->init == FP_INIT_NORMAL && !(s->sigma0 && s->sigma1))
        return fp_fail(r->err, FP_BAD_INPUT, "%s:%ld:%ld: init = normal needs both sigma0 and sigma1", r->path, i->line, i->column);
    const slice *only = s->sigma0 ? s0 : s1;
    if (!s->sigma0 != !s->sigma1)
        return fp_fail(r->err, FP_BAD_INPUT, "%s:%ld:%ld: sigma0 and sigma1 are given together or not at all", r->path,
                       only->line, only->column);
    return FP_OK;
}

static fp_status check_tolerance(const reader *r)
{
    const slice *t = &r->seen[K_TOLERANCE], *p = &r->seen[K_PRECISION], *at = t->line ? t : p;
    mpq_t least;
    mpq_init(least);
    mpq_set_ui(least, 1, 1);
    mpq_div_2exp(least, least, (mp_bitcnt_t)r->setting->precision - 8);
    bool ok = mpq_cmp(r->setting->tolerance, least) >= 0;
    mpq_clear(least);
    if (ok) return FP_OK;
    return fp_fail(r->err, FP_BAD_INPUT, "%s:%ld:%ld: tolerance is below 2^-%ld, too small for precision = %ld bits", r->path,
                   at->line, at->column, r->setting->precision - 8, r->setting->precision);
}

static char *name_of(const char *path)
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
    fp_status st = fp_file_read(&text, path, MAX_FILE, err);
    if (st != FP_OK) return st;
    reader r = {.setting = s, .path = path, .err = err};
    fp_setting_defaults(s);
    replace_text(&s->path, fp_strdup(path));
    replace_text(&s->name, name_of(path));
    digest(s->sha256, text.data ? text.data : "", text.len);
    st = read_lines(&r, &text);
    if (st == FP_OK) st = check_sigma_keys(&r);
    if (st == FP_OK) st = check_tolerance(&r);
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
    s->flow = fp_strdup(flow_words[0]);
    s->method = fp_strdup(method_words[0]);
    s->seed = 1;
    s->precision = 128;
    s->max_steps = 1000000;
    s->evaluations = FP_EVALUATIONS;
    s->claim_memory = FP_CLAIM_MEMORY;
    digest(s->sha256, "", 0);
    const struct {
        mpq_ptr q;
        const char *text;
    } defaults[] = {{s->horizon, "1"}, {s->CT1, "1"},         {s->margin, "1/2"},
                    {s->power, "1"},   {s->delta, "1/100"}, {s->tolerance, "1e-10"}};
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) {
        mpq_init(defaults[i].q);
        (void)fp_rational_parse(defaults[i].q, defaults[i].text);
    }
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
    memset(s, 0, sizeof *s);
}
