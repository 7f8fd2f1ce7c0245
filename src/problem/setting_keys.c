/* SPDX-License-Identifier: MIT */
/* The keys of a setting: one table says what each allows, where it goes, its default and what it means. Files, options of the command line, defaults and documentation all come from it. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct kind kind;
typedef struct {
    const char *name;
    const kind *kind;
    size_t field;
    long least, most;         /* of counts, both allowed; of numbers above 0: most, 0 = none */
    const char *const *words; /* NULL-terminated */
    const char *fallback;     /* the default as one would write it, NULL if there is none */
    const char *help;
} key;

/* Where a value goes and where it was found. */
typedef struct {
    fp_setting *setting;
    const key *key;
    const fp_setting_place *place;
    fp_error *err;
} target;

struct kind {
    fp_status (*set)(const target *, const char *text);
    void (*allow)(fp_text *, const key *); /* adds what is allowed, in words */
};

static const char *const init_words[] = {"kaiming-normal", "kaiming-uniform", "framework-default", "theory", "theory-nolog", "normal", NULL};
static const char *const token_words[] = {"distinct", "uniform", NULL};
static const char *const flow_words[] = {"reduced", "weights", "gram", "compressed", NULL};
static const char *const method_words[] = {"rk45", "taylor", NULL};

const char *fp_init_name(fp_init_kind init) { return init_words[init]; }

fp_status fp_setting_refuse(const fp_setting_place *place, size_t offset, const char *what, fp_error *err)
{
    if (place->option) return fp_fail(err, FP_USAGE, "option --%s: %s", place->option, what);
    return fp_fail(err, FP_BAD_INPUT, "%s:%ld:%ld: %s", place->path, place->line, place->column + (long)offset, what);
}

static fp_status refuse(const target *t, const char *text)
{
    char q[FP_QUOTE];
    fp_text what = {0};
    fp_text_addf(&what, "expected %s to be ", t->key->name);
    t->key->kind->allow(&what, t->key);
    fp_text_addf(&what, ", found '%s'", fp_quote(q, text, strlen(text)));
    fp_status status = fp_setting_refuse(t->place, 0, what.data, t->err);
    fp_text_clear(&what);
    return status;
}

static void *field_of(const target *t) { return (char *)t->setting + t->key->field; }

/* ---- counts */

static bool parse_count(uint64_t *out, const char *text)
{
    size_t len = strlen(text);
    if (len == 0 || strspn(text, "0123456789") < len) return false;
    errno = 0;
    *out = strtoull(text, NULL, 10);
    return errno == 0;
}

static bool count_in_range(uint64_t *x, const target *t, const char *text)
{
    return parse_count(x, text) && *x >= (uint64_t)t->key->least && *x <= (uint64_t)t->key->most;
}

static fp_status set_count(const target *t, const char *text)
{
    uint64_t x;
    if (!count_in_range(&x, t, text)) return refuse(t, text);
    *(long *)field_of(t) = (long)x;
    return FP_OK;
}

static void allow_count(fp_text *out, const key *k) { fp_text_addf(out, "an integer from %ld to %ld", k->least, k->most); }

static fp_status set_d(const target *t, const char *text)
{
    uint64_t x = 0;
    bool distinct = strcmp(text, "distinct") == 0;
    if (!distinct && !count_in_range(&x, t, text)) return refuse(t, text);
    t->setting->d_is_distinct = distinct;
    t->setting->d = (long)x;
    return FP_OK;
}

static void allow_d(fp_text *out, const key *k)
{
    allow_count(out, k);
    fp_text_add(out, ", or distinct");
}

static fp_status set_seed(const target *t, const char *text) { return parse_count(field_of(t), text) ? FP_OK : refuse(t, text); }

static void allow_seed(fp_text *out, const key *k)
{
    (void)k;
    fp_text_add(out, "an integer from 0 to 18446744073709551615");
}

/* ---- numbers above 0: below 1, or at most key->most (0: no limit) */

static fp_status set_number(const target *t, const char *text, bool below_one)
{
    mpq_t q;
    mpq_init(q);
    bool good = fp_rational_parse(q, text) && mpq_sgn(q) > 0;
    if (below_one)
        good = good && mpq_cmp_si(q, 1, 1) < 0;
    else if (t->key->most)
        good = good && mpq_cmp_si(q, t->key->most, 1) <= 0;
    if (good) mpq_set(field_of(t), q);
    mpq_clear(q);
    return good ? FP_OK : refuse(t, text);
}

static fp_status set_positive(const target *t, const char *text) { return set_number(t, text, false); }
static fp_status set_fraction(const target *t, const char *text) { return set_number(t, text, true); }

static void allow_positive(fp_text *out, const key *k)
{
    fp_text_add(out, "a number like 12, 0.5, 1e-3 or 1/3, above 0");
    if (k->most) fp_text_addf(out, " and at most %ld", k->most);
}

static void allow_fraction(fp_text *out, const key *k)
{
    (void)k;
    fp_text_add(out, "a number like 0.5, 1e-3 or 1/3, above 0 and below 1");
}

/* ---- words */

static void allow_word(fp_text *out, const key *k)
{
    for (size_t i = 0; k->words[i]; i++) fp_text_addf(out, "%s%s", i ? ", " : "", k->words[i]);
}

static fp_status refuse_word(const target *t, const char *text)
{
    char q[FP_QUOTE];
    size_t count = 0;
    fp_text what = {0};
    while (t->key->words[count]) count++;
    const char *close = fp_closest(text, t->key->words, count);
    fp_text_addf(&what, "%s = '%s' is not known%s%s%s; allowed: ", t->key->name, fp_quote(q, text, strlen(text)), close ? ", did you mean '" : "",
                 close ? close : "", close ? "'?" : "");
    allow_word(&what, t->key);
    fp_status status = fp_setting_refuse(t->place, 0, what.data, t->err);
    fp_text_clear(&what);
    return status;
}

static fp_status find_word(size_t *index, const target *t, const char *text)
{
    for (size_t i = 0; t->key->words[i]; i++)
        if (strcmp(t->key->words[i], text) == 0) {
            *index = i;
            return FP_OK;
        }
    return refuse_word(t, text);
}

static fp_status set_init(const target *t, const char *text)
{
    size_t i;
    if (find_word(&i, t, text) != FP_OK) return t->err->code;
    t->setting->init = (fp_init_kind)i;
    t->setting->has_init = true;
    return FP_OK;
}

static fp_status set_tokens(const target *t, const char *text)
{
    size_t i;
    if (find_word(&i, t, text) != FP_OK) return t->err->code;
    t->setting->tokens = (fp_tokens_kind)i;
    return FP_OK;
}

static void replace_text(char **field, const char *text)
{
    char *copy = fp_strdup(text);
    free(*field);
    *field = copy;
}

static fp_status set_word(const target *t, const char *text)
{
    size_t i;
    if (find_word(&i, t, text) != FP_OK) return t->err->code;
    replace_text(field_of(t), text);
    return FP_OK;
}

/* ---- constant expressions. Sizes may come from imported arrays only, so here the names have no value: this checks form and names. */

static fp_status set_expression(const target *t, const char *text)
{
    size_t at = 0;
    fp_error inner = {FP_OK, ""};
    arb_ptr values = _arb_vec_init(FP_CONSTANT_NAMES + 1);
    for (slong i = 0; i < FP_CONSTANT_NAMES; i++) arb_indeterminate(values + i);
    fp_status status = fp_constant_parse(values + FP_CONSTANT_NAMES, text, fp_constant_names, values, FP_CONSTANT_NAMES, 64, &at, &inner);
    _arb_vec_clear(values, FP_CONSTANT_NAMES + 1);
    if (status == FP_OK) {
        replace_text(field_of(t), text);
        return FP_OK;
    }
    char *what = fp_asprintf("%s: %s", t->key->name, inner.message);
    status = fp_setting_refuse(t->place, at, what, t->err);
    free(what);
    return status;
}

static void allow_expression(fp_text *out, const key *k)
{
    (void)k;
    fp_text_add(out, "an expression in n L d m m1 delta pi, sqrt log exp, + - * / ^ ( )");
}

/* ---- the table */

static const kind count_kind = {set_count, allow_count}, d_kind = {set_d, allow_d}, seed_kind = {set_seed, allow_seed}, positive_kind = {set_positive, allow_positive},
                  fraction_kind = {set_fraction, allow_fraction}, word_kind = {set_word, allow_word}, init_kind = {set_init, allow_word},
                  tokens_kind = {set_tokens, allow_word}, expression_kind = {set_expression, allow_expression};

#define FIELD(name) offsetof(fp_setting, name)
static const key keys[] = {
    {"n", &count_kind, FIELD(n), 1, FP_SIZE_MAX, NULL, NULL, "samples; a multiple of 6 when they are drawn"},
    {"L", &count_kind, FIELD(L), 1, FP_SIZE_MAX, NULL, NULL, "tokens of a sample; at least 3 when they are drawn"},
    {"d", &d_kind, FIELD(d), 1, FP_SIZE_MAX, NULL, NULL, "tokens there are; distinct: the fewest with which no random token occurs twice (Assumption 2.3)"},
    {"m", &count_kind, FIELD(m), 1, FP_SIZE_MAX, NULL, NULL, "rows of W_V, W_K and W_Q"},
    {"m1", &count_kind, FIELD(m1), 1, FP_SIZE_MAX, NULL, NULL, "neurons"},
    {"tokens", &tokens_kind, FIELD(tokens), 0, 0, token_words, "distinct", "how random tokens are drawn: none twice (Assumption 2.3), or uniformly"},
    {"init", &init_kind, FIELD(init), 0, 0, init_words, NULL, "how weights are drawn"},
    {"sigma0", &expression_kind, FIELD(sigma0), 0, 0, NULL, NULL, "standard deviation of W_V, W_K, W_Q: with init = normal, or of imported weights; sigma1 goes with it"},
    {"sigma1", &expression_kind, FIELD(sigma1), 0, 0, NULL, NULL, "standard deviation of W; sigma0 goes with it"},
    {"seed", &seed_kind, FIELD(seed), 0, 0, NULL, "1", "of everything that is drawn"},
    {"horizon", &positive_kind, FIELD(horizon), 0, FP_HORIZON_MAX, NULL, "1", "the time at which training ends"},
    {"CT1", &positive_kind, FIELD(CT1), 0, 0, NULL, "1", "the time T1 is CT1/(sigma1^2 m m1)"},
    {"margin", &positive_kind, FIELD(margin), 0, 0, NULL, "1/2", "the time T1m: all margins y_i F_i have passed it"},
    {"power", &positive_kind, FIELD(power), 0, 0, NULL, "1", "the time Tstar: the loss is at most m^-power"},
    {"delta", &fraction_kind, FIELD(delta), 0, 0, NULL, "1/100", "the paper's probability of failure"},
    {"flow", &word_kind, FIELD(flow), 0, 0, flow_words, "reduced", "the form in which the equations are integrated; tubes (check, bounds) take reduced and compressed"},
    {"method", &word_kind, FIELD(method), 0, 0, method_words, "rk45", "Dormand-Prince 5(4), or Taylor series for many digits"},
    {"precision", &count_kind, FIELD(precision), FP_PREC_MIN, FP_PREC_MAX, NULL, "128", "bits of the numbers along the trajectory"},
    {"tolerance", &fraction_kind, FIELD(tolerance), 0, 0, NULL, "1e-10", "of a step, absolute and relative; at least 2^-(precision - 16)"},
    {"max-steps", &count_kind, FIELD(max_steps), 1, 1000000000000L, NULL, "1000000", "give up after so many attempted steps"},
    {"evaluations", &count_kind, FIELD(evaluations), 1, 1000000000000L, NULL, "10000000", "of bodies of binders and definitions, per claim and time"},
    {"claim-memory", &count_kind, FIELD(claim_memory), 1, 1000000L, NULL, "256", "MB that a claim's comparisons and terms may take at one time"},
};
enum { KEYS = sizeof keys / sizeof keys[0] };
_Static_assert(sizeof keys / sizeof keys[0] == FP_SETTING_KEYS, "one row for every key");

bool fp_setting_key_at(fp_setting_key *out, size_t index)
{
    if (index >= KEYS) return false;
    fp_text allowed = {0};
    *out = (fp_setting_key){.name = keys[index].name, .fallback = keys[index].fallback, .help = keys[index].help};
    keys[index].kind->allow(&allowed, &keys[index]);
    snprintf(out->allowed, sizeof out->allowed, "%s", allowed.data);
    fp_text_clear(&allowed);
    return true;
}

int fp_setting_key_find(const char *name)
{
    for (int i = 0; i < KEYS; i++)
        if (strcmp(keys[i].name, name) == 0) return i;
    return -1;
}

fp_status fp_setting_key_unknown(const char *name, const fp_setting_place *place, fp_error *err)
{
    const char *names[KEYS];
    fp_text list = {0};
    char q[FP_QUOTE];
    for (size_t i = 0; i < KEYS; i++) {
        names[i] = keys[i].name;
        fp_text_addf(&list, "%s%s", i ? " " : "", names[i]);
    }
    const char *close = fp_closest(name, names, KEYS);
    char *what = fp_asprintf("unknown key '%s'%s%s%s; allowed: %s", fp_quote(q, name, strlen(name)), close ? ", did you mean '" : "", close ? close : "",
                             close ? "'?" : "", list.data);
    fp_status status = fp_setting_refuse(place, 0, what, err);
    free(what);
    fp_text_clear(&list);
    return status;
}

fp_status fp_setting_assign(fp_setting *s, int index, const char *text, const fp_setting_place *place, fp_error *err)
{
    target t = {.setting = s, .key = &keys[index], .place = place, .err = err};
    return t.key->kind->set(&t, text);
}

fp_status fp_setting_set(fp_setting *s, const char *name, const char *text, const char *option, fp_error *err)
{
    const fp_setting_place place = {.option = option};
    int index = fp_setting_key_find(name);
    return index < 0 ? fp_setting_key_unknown(name, &place, err) : fp_setting_assign(s, index, text, &place, err);
}

void fp_setting_assign_defaults(fp_setting *s)
{
    fp_error none;
    const fp_setting_place place = {.option = "default"};
    for (int i = 0; i < KEYS; i++)
        if (keys[i].fallback) (void)fp_setting_assign(s, i, keys[i].fallback, &place, &none);
}

/* ---- precision and tolerance: the step control needs digits below the tolerance to see an error at all */

/* The least k with 2^-k <= q, for 0 < q < 1. */
static long bits_of(mpq_srcptr q)
{
    long k = (long)mpz_sizeinbase(mpq_denref(q), 2) - (long)mpz_sizeinbase(mpq_numref(q), 2); /* this or one more */
    mpq_t scaled;
    mpq_init(scaled);
    mpq_mul_2exp(scaled, q, (mp_bitcnt_t)k);
    if (mpq_cmp_si(scaled, 1, 1) < 0) k++;
    mpq_clear(scaled);
    return k;
}

fp_status fp_setting_check_digits(const fp_setting *s, const fp_setting_place *place, fp_error *err)
{
    long needed = bits_of(s->tolerance) + FP_DIGITS_GUARD;
    char what[200];
    mpfr_t tolerance;
    if (s->precision >= needed) return FP_OK;
    mpfr_init2(tolerance, 64);
    fp_mpfr_set_rational(tolerance, s->tolerance);
    mpfr_snprintf(what, sizeof what, "precision = %ld bits is too few for tolerance %.4Rg; allowed: at least %ld bits, or a tolerance of at least 2^-%ld", s->precision, tolerance,
                  needed, s->precision - FP_DIGITS_GUARD);
    mpfr_clear(tolerance);
    return fp_setting_refuse(place, 0, what, err);
}

fp_status fp_setting_check(const fp_setting *s, const char *option, fp_error *err)
{
    const fp_setting_place place = {.option = option};
    return fp_setting_check_digits(s, &place, err);
}
