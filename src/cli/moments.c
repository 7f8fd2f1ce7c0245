/* SPDX-License-Identifier: MIT */
#include "moments.h"

#include "flowproof/eval.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    cli_moments *out;
    cli_instance *instance;
    const fp_sheets *prelude;
    bool open;
    fp_text *context;
} reading;

/* ---- one time */

static void add(cli_moments *m, mpq_srcptr q, char *text, const char *name)
{
    if ((m->count & (m->count - 1)) == 0) m->items = fp_realloc(m->items, m->count ? 2 * m->count : 1, sizeof *m->items);
    cli_moment *x = &m->items[m->count++];
    *x = (cli_moment){.text = text, .name = name ? fp_strdup(name) : NULL};
    mpq_init(x->q);
    mpq_set(x->q, q);
}

/* x to `digits` significant decimal digits: the time that is run to is the one that is shown. */
static void add_real(cli_moments *m, mpfr_srcptr x, long digits, const char *name)
{
    mpq_t q;
    char *text = fp_mpfr_text(x, digits);
    mpq_init(q);
    if (fp_rational_parse(q, text)) add(m, q, fp_rational_decimal(q), name);
    free(text);
    mpq_clear(q);
}

/* ---- what is not a number */

static const fp_time *prelude_time(const fp_sheets *prelude, const char *name)
{
    for (int s = 0; prelude && s < prelude->count; s++)
        for (int k = 0; k < prelude->sheets[s]->times_count; k++) {
            const fp_time *t = prelude->sheets[s]->times[k];
            if (t->name && t->kind != FP_TIME_STATIC && strcmp(t->name, name) == 0) return t;
        }
    return NULL;
}

static fp_status fail(const char *item, const char *why, fp_error *err)
{
    return fp_fail(err, FP_USAGE, "option --at: '%s': %s", item, why);
}

static fp_status refuse(const reading *r, const char *item, const char *why, fp_error *err)
{
    fp_text names = {0};
    for (int s = 0; r->prelude && s < r->prelude->count; s++)
        for (int k = 0; k < r->prelude->sheets[s]->times_count; k++)
            if (r->prelude->sheets[s]->times[k]->name) fp_text_addf(&names, "%s%s", names.len ? ", " : " (", r->prelude->sheets[s]->times[k]->name);
    fp_fail(err, FP_USAGE, "option --at: '%s': %s; allowed are times >= 0, FROM:TO:STEP, log FROM:TO:COUNT, named times%s%s and constant expressions such as CT1/(sigma1^2*m*m1), "
            "separated by commas", item, why, names.data ? names.data : "", names.len ? ")" : "");
    fp_text_clear(&names);
    return err->code;
}

static void want(cli_moments *m, const char *name, const fp_time *time)
{
    for (size_t k = 0; k < m->wanted_count; k++)
        if (m->wanted[k].time == time) return;
    m->wanted = fp_realloc(m->wanted, m->wanted_count + 1, sizeof *m->wanted);
    m->wanted[m->wanted_count++] = (cli_wanted){.name = fp_strdup(name), .time = time};
}

static fp_status take_value(const reading *r, const char *item, const arb_t value, fp_error *err)
{
    mpfr_prec_t prec = (mpfr_prec_t)r->instance->setting.precision;
    mpfr_t x;
    if (!arb_is_finite(value)) return fail(item, "this is not a number on this instance", err);
    if (arb_is_negative(value)) return fail(item, "this is negative on this instance; a run begins at t = 0", err);
    mpfr_init2(x, prec);
    arf_get_mpfr(x, arb_midref(value), MPFR_RNDN);
    if (mpfr_sgn(x) < 0) mpfr_set_zero(x, 1);
    add_real(r->out, x, fp_digits_of(prec), item);
    mpfr_clear(x);
    return FP_OK;
}

static fp_status evaluate(const reading *r, const char *item, const fp_expressions *e, fp_error *err)
{
    slong prec = r->instance->setting.precision + 64;
    const fp_problem *problem = &r->instance->problem;
    fp_eval_failure failure = {0};
    arb_t value;
    arb_init(value);
    fp_eval *eval = fp_eval_new_for(e, problem, prec);
    fp_source *initial = fp_source_new_initial(problem, prec);
    fp_eval_set_initial(eval, initial);
    fp_eval_set_now(eval, initial);
    bool good = fp_eval_scalar(value, eval, e->nodes[0], e->frames[0], &failure);
    fp_status status = good ? take_value(r, item, value, err) : fail(item, failure.detail, err);
    fp_eval_free(eval);
    fp_source_free(initial);
    arb_clear(value);
    return status;
}

static fp_status take_expression(const reading *r, const char *item, fp_error *err)
{
    fp_expressions e;
    fp_error inner = {FP_OK, ""};
    if (fp_expressions_parse(&e, item, "--at", r->prelude, r->context, &inner) != FP_OK) return refuse(r, item, inner.message, err);
    fp_status status = !e.nodes[0]->is_static ? refuse(r, item, "this changes along the flow", err) : evaluate(r, item, &e, err);
    fp_expressions_clear(&e);
    return status;
}

/* ---- items */

static fp_status take_numbers(const reading *r, const char *item, fp_error *err)
{
    fp_rationals list = {0};
    fp_error inner = {FP_OK, ""};
    bool single = strchr(item, ':') == NULL;
    fp_status status = fp_rationals_parse(&list, item, CLI_MOMENTS_MAX - r->out->count, &inner);
    if (status != FP_OK) fp_fail(err, FP_USAGE, "option --at: %s", inner.message);
    for (size_t k = 0; k < list.count && status == FP_OK; k++) {
        if (mpq_sgn(list.x[k]) < 0)
            status = fail(item, "a run begins at t = 0", err);
        else
            add(r->out, list.x[k], single ? fp_strdup(item) : fp_rational_decimal(list.x[k]), NULL);
    }
    fp_rationals_clear(&list);
    return status;
}

/* Length of the first item: up to a comma outside brackets. */
static size_t item_length(const char *s)
{
    int depth = 0;
    size_t k = 0;
    for (; s[k] && (depth > 0 || s[k] != ','); k++) depth += s[k] == '(' || s[k] == '[' || s[k] == '{' ? 1 : s[k] == ')' || s[k] == ']' || s[k] == '}' ? -1 : 0;
    return k;
}

static bool is_range(const char *item)
{
    int depth = 0;
    for (; *item; item++) {
        depth += *item == '(' ? 1 : *item == ')' ? -1 : 0;
        if (*item == ':' && depth == 0) return true;
    }
    return false;
}

static bool has_numbers(const char *item)
{
    mpq_t q;
    mpq_init(q);
    bool number = fp_rational_parse(q, item);
    mpq_clear(q);
    return number || is_range(item) || strncmp(item, "log ", 4) == 0;
}

static fp_status take_item(const reading *r, const char *item, bool numbers, fp_error *err)
{
    if (item[0] == 0) return refuse(r, item, "an item is empty", err);
    if (has_numbers(item) != numbers) return FP_OK;
    if (numbers) return take_numbers(r, item, err);
    const fp_time *time = prelude_time(r->prelude, item);
    if (time == NULL) return take_expression(r, item, err);
    want(r->out, item, time);
    return FP_OK;
}

/* The items that are numbers, or the others: those may depend on the horizon, which numbers may raise. */
static fp_status take_items(const reading *r, const char *text, bool numbers, fp_error *err)
{
    fp_status status = FP_OK;
    for (const char *s = text; status == FP_OK; s++) {
        size_t len = item_length(s), blank = strspn(s, " \t"), end = len;
        while (end > blank && strchr(" \t", s[end - 1])) end--;
        char *item = fp_strndup(s + (blank < end ? blank : end), end > blank ? end - blank : 0);
        if (r->out->count > CLI_MOMENTS_MAX)
            status = fp_fail(err, FP_USAGE, "option --at: more than the %d times allowed", CLI_MOMENTS_MAX);
        else
            status = take_item(r, item, numbers, err);
        free(item);
        s += len;
        if (*s == 0) break;
    }
    return status;
}

/* ---- order */

static int compare(const void *a, const void *b)
{
    const cli_moment *x = a, *y = b;
    int way = mpq_cmp(x->q, y->q);
    if (way == 0) way = strcmp(x->text, y->text);
    if (way == 0) way = strcmp(x->name ? x->name : "", y->name ? y->name : "");
    return way;
}

/* Whether a run of so many bits can tell b from a <= b: it cannot if they differ by less than 2^-(prec-16) b. */
static bool is_same(mpq_srcptr a, mpq_srcptr b, long prec)
{
    if (mpq_equal(a, b)) return true;
    mpq_t gap;
    mpq_init(gap);
    mpq_sub(gap, b, a);
    mpq_mul_2exp(gap, gap, (mp_bitcnt_t)prec - 16);
    bool same = mpq_cmp(gap, b) < 0;
    mpq_clear(gap);
    return same;
}

static void order(cli_moments *m, long prec)
{
    size_t head = 0;
    if (m->count) qsort(m->items, m->count, sizeof *m->items, compare);
    for (size_t k = 0; k < m->count; k++) {
        m->items[k].joins = k > 0 && is_same(m->items[head].q, m->items[k].q, prec);
        if (!m->items[k].joins) head = k;
    }
}

/* ---- the limit */

static fp_status check_horizon(const reading *r, fp_error *err)
{
    cli_moments *m = r->out;
    order(m, r->instance->setting.precision);
    fp_setting *s = &r->instance->setting;
    const cli_moment *last = m->count ? &m->items[m->count - 1] : NULL;
    if (last == NULL || mpq_cmp(last->q, s->horizon) <= 0) return FP_OK;
    if (r->open) {
        mpq_set(s->horizon, last->q);
        return FP_OK;
    }
    char *horizon = fp_rational_decimal(s->horizon);
    fp_fail(err, FP_USAGE, "option --at: %s%s%s lies beyond the horizon %s; --horizon %s goes so far", last->name ? last->name : "", last->name ? " = " : "", last->text, horizon, last->text);
    free(horizon);
    return err->code;
}

fp_status cli_moments_read(cli_moments *out, const char *text, cli_instance *instance, bool open, const fp_sheets *prelude, fp_text *context, fp_error *err)
{
    *out = (cli_moments){0};
    const reading r = {out, instance, prelude, open, context};
    if (text == NULL) {
        add(out, instance->setting.horizon, fp_rational_decimal(instance->setting.horizon), NULL);
        return FP_OK;
    }
    if (take_items(&r, text, true, err) != FP_OK || check_horizon(&r, err) != FP_OK || take_items(&r, text, false, err) != FP_OK) return err->code;
    return check_horizon(&r, err);
}

void cli_moments_insert(cli_moments *m, mpfr_srcptr t, const cli_instance *instance, const char *name)
{
    enum { DIGITS = 17 };
    mpq_srcptr horizon = instance->setting.horizon;
    add_real(m, t, DIGITS, name);
    cli_moment *x = &m->items[m->count - 1];
    if (mpq_cmp(x->q, horizon) > 0) { /* by its rounding only */
        mpq_set(x->q, horizon);
        free(x->text);
        x->text = fp_rational_decimal(horizon);
    }
    order(m, instance->setting.precision);
}

void cli_moments_clear(cli_moments *m)
{
    for (size_t k = 0; k < m->count; k++) {
        mpq_clear(m->items[k].q);
        free(m->items[k].text);
        free(m->items[k].name);
    }
    for (size_t k = 0; k < m->wanted_count; k++) {
        free(m->wanted[k].name);
        free(m->wanted[k].why);
    }
    free(m->items);
    free(m->wanted);
    *m = (cli_moments){0};
}
