/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "check_impl.h"

enum { LEAVES_KEPT = 8192 };

static void lanes_make(fp_checker *c)
{
    for (int r = 0; r < FP_LANES; r++) {
        fp_lane *lane = &c->lane[r];
        lane->eval = fp_eval_new(c->sheets, c->problem, c->prec);
        lane->now = fp_source_new(c->flow[r == FP_COARSE], c->prec);
        lane->initial = r == FP_MIDDLE ? c->lane[FP_FINE].initial : fp_source_new_initial(c->problem, c->prec);
        fp_eval_set_initial(lane->eval, lane->initial);
    }
}

static void lane_make_certified(fp_checker *c, const fp_layout *layout)
{
    fp_lane *lane = &c->lane[FP_FINE];
    lane->eval = fp_eval_new(c->sheets, c->problem, c->prec);
    lane->now = fp_source_new_tube(c->problem, layout, c->prec);
    lane->initial = fp_source_new_initial(c->problem, c->prec);
    fp_source_slope_by_equations(lane->initial);
    fp_eval_set_initial(lane->eval, lane->initial);
}

/* A sheet's `requires` decides for all its claims. */
static void check_requires(fp_checker *c, fp_monitor *m)
{
    const fp_node *node = m->claim->sheet->requires_;
    if (!node) return;
    fp_eval_failure failure = {0};
    fp_truth truth = fp_eval_static(c->lane[FP_FINE].eval, node, fp_node_frame(node), &failure);
    if (failure.failed) {
        fp_monitor_fail(m, &failure);
    } else if (truth != FP_TRUE) {
        fp_text text = {0};
        fp_node_print(&text, node);
        m->has_failure = true;
        m->failure_verdict = truth == FP_FALSE ? FP_NOT_APPLICABLE : FP_UNDECIDED;
        snprintf(m->reason, sizeof m->reason, "%s", truth == FP_FALSE ? "requires" : "straddles-zero");
        snprintf(m->detail, sizeof m->detail, "requires %s, which %s on this instance", text.data ? text.data : "",
                 truth == FP_FALSE ? "is false" : "could not be decided");
        fp_text_clear(&text);
    }
    m->out = m->has_failure;
}

static void evaluate_initial(fp_checker *c)
{
    for (size_t r = 0; r < c->monitors_count; r++) {
        fp_monitor *m = &c->monitors[r];
        if (m->claim->kind == FP_PROBABILITY) continue;
        check_requires(c, m);
        if (m->exact && !m->out) fp_monitor_exact(c, m);
        m->sealed = (m->exact || m->out) && !fp_interrupted();
    }
}

static fp_checker *checker_alloc(const fp_checker_options *options)
{
    fp_checker *c = fp_alloc(1, sizeof *c);
    c->sheets = options->sheets;
    c->problem = options->problem;
    c->flow[FP_FINE] = options->fine;
    c->flow[FP_COARSE] = options->coarse;
    c->prec = options->prec;
    c->twins = options->twins;
    c->pool = options->pool;
    mpq_init(c->horizon);
    mpq_set(c->horizon, options->horizon);
    mpfr_init2(c->t, options->prec);
    mpfr_set_zero(c->t, 1);
    mpfr_inits2(options->prec, c->at[FP_FINE], c->at[FP_COARSE], c->width, (mpfr_ptr)NULL);
    mag_init(c->radius[FP_FINE]);
    mag_init(c->radius[FP_COARSE]);
    return c;
}

/* What is sure to be too large is not begun. */
static fp_status check_sizes(const fp_checker *c, fp_error *err)
{
    fp_eval *e = c->lane[FP_FINE].eval;
    for (size_t r = 0; r < c->monitors_count; r++) {
        const fp_claim *claim = c->monitors[r].claim;
        const fp_node *const nodes[] = {claim->sheet->requires_, claim->body, claim->order_expression, claim->order_form};
        for (size_t k = 0; k < sizeof nodes / sizeof *nodes; k++)
            if (fp_eval_check_size(e, nodes[k], err) != FP_OK) return err->code;
    }
    for (size_t r = 0; r < c->clocks_count; r++) {
        const fp_time *time = c->clocks[r].time;
        if (fp_eval_check_size(e, time->kind == FP_TIME_STATIC ? time->value : time->condition, err) != FP_OK) return err->code;
    }
    return FP_OK;
}

fp_status fp_checker_make(fp_checker **out, const fp_checker_options *options, const fp_layout *certified, fp_error *err)
{
    *out = NULL;
    if (options->prec < 2) return fp_fail(err, FP_INTERNAL, "precision of the balls is %ld bits", (long)options->prec);
    fp_checker *c = checker_alloc(options);
    c->certified = certified != NULL;
    fp_status status = fp_checker_bind(c, options->only, err);
    if (status != FP_OK) {
        fp_checker_free(c);
        return status;
    }
    fp_sups_bind(c);
    if (certified)
        lane_make_certified(c, certified);
    else
        lanes_make(c);
    status = check_sizes(c, err);
    if (status != FP_OK) {
        fp_checker_free(c);
        return status;
    }
    *out = c;
    return FP_OK;
}

void fp_checker_seal_clocks(fp_checker *c)
{
    for (size_t r = 0; r < c->clocks_count; r++) c->clocks[r].sealed = c->clocks[r].state == FP_CLOCK_FOUND || c->clocks[r].state == FP_CLOCK_FAILED;
}

void fp_checker_abandon(fp_checker *c)
{
    const fp_eval_failure failure = {true, "interrupted", "the run was interrupted before this was examined in full"};
    for (size_t r = 0; r < c->clocks_count; r++)
        if (!c->clocks[r].sealed) fp_clock_fail(&c->clocks[r], "interrupted", failure.detail);
    for (size_t r = 0; r < c->monitors_count; r++)
        if (!c->monitors[r].sealed) fp_monitor_fail(&c->monitors[r], &failure);
}

void fp_checker_evaluate(fp_checker *c)
{
    fp_eval_set_now(c->lane[FP_FINE].eval, c->lane[FP_FINE].initial);
    fp_clocks_evaluate(c);
    evaluate_initial(c);
    fp_checker_trim(c);
}

fp_status fp_checker_new(fp_checker **out, const fp_checker_options *options, fp_error *err)
{
    fp_status status = fp_checker_make(out, options, NULL, err);
    if (status == FP_OK) fp_checker_evaluate(*out);
    return status;
}

static void lanes_free(fp_checker *c)
{
    for (int r = 0; r < FP_LANES; r++) {
        fp_lane *lane = &c->lane[r];
        if (lane->eval) fp_eval_free(lane->eval);
        if (lane->now) fp_source_free(lane->now);
        if (lane->initial && r != FP_MIDDLE) fp_source_free(lane->initial);
        fp_leaves_clear(&lane->leaves);
    }
}

void fp_checker_free(fp_checker *c)
{
    if (!c) return;
    lanes_free(c);
    for (size_t r = 0; r < c->clocks_count; r++) fp_clock_clear(&c->clocks[r]);
    for (size_t r = 0; r < c->monitors_count; r++) fp_monitor_clear(&c->monitors[r]);
    free(c->clocks);
    free(c->monitors);
    free(c->clock_of);
    fp_sups_clear(c);
    fp_vec_free(c->probe[FP_FINE]);
    fp_vec_free(c->probe[FP_COARSE]);
    if (c->error) _arb_vec_clear(c->error, (slong)c->room);
    free(c->counted);
    mpq_clear(c->horizon);
    mpfr_clears(c->t, c->at[FP_FINE], c->at[FP_COARSE], c->width, (mpfr_ptr)NULL);
    mag_clear(c->radius[FP_FINE]);
    mag_clear(c->radius[FP_COARSE]);
    free(c);
}

void fp_checker_trim(fp_checker *c)
{
    for (int r = 0; r < FP_LANES; r++)
        if (c->lane[r].leaves.capacity > LEAVES_KEPT) fp_leaves_clear(&c->lane[r].leaves);
}

void fp_checker_reserve(fp_checker *c, size_t leaves)
{
    if (leaves <= c->room) return;
    if (c->error) _arb_vec_clear(c->error, (slong)c->room);
    c->error = _arb_vec_init((slong)leaves);
    c->counted = fp_realloc(c->counted, leaves, sizeof *c->counted);
    c->room = leaves;
}

static int compare_times(const void *a, const void *b)
{
    mpfr_srcptr const *x = a, *y = b;
    return mpfr_cmp(*x, *y);
}

/* Constant times strictly inside (0, horizon), as the integrator will see them. */
static size_t collect_stops(mpfr_ptr *list, const fp_checker *c, mpfr_prec_t prec)
{
    size_t count = 0;
    for (size_t r = 0; r < c->clocks_count; r++) {
        const fp_clock *k = &c->clocks[r];
        if (k->time->kind != FP_TIME_STATIC || k->state == FP_CLOCK_FAILED) continue;
        mpfr_ptr x = fp_alloc(1, sizeof(mpfr_t));
        mpfr_init2(x, prec);
        fp_clock_round(x, c, k);
        list[count++] = x;
    }
    qsort(list, count, sizeof *list, compare_times);
    return count;
}

void fp_checker_stops(fp_reals *stops, const fp_checker *c, mpfr_prec_t prec)
{
    mpfr_ptr *list = fp_alloc(c->clocks_count, sizeof *list);
    mpfr_t end;
    mpfr_init2(end, prec);
    fp_mpfr_set_rational(end, c->horizon);
    size_t count = collect_stops(list, c, prec), kept = 0;
    fp_reals_init(stops, count, prec);
    for (size_t r = 0; r < count; r++) {
        bool inside = mpfr_sgn(list[r]) > 0 && mpfr_less_p(list[r], end);
        bool repeated = kept > 0 && mpfr_equal_p(list[r], stops->x + kept - 1);
        if (inside && !repeated) mpfr_set(stops->x + kept++, list[r], MPFR_RNDN);
        mpfr_clear(list[r]);
        free(list[r]);
    }
    fp_reals exact;
    fp_reals_init(&exact, kept, prec);
    for (size_t r = 0; r < kept; r++) mpfr_set(exact.x + r, stops->x + r, MPFR_RNDN);
    fp_reals_clear(stops);
    *stops = exact;
    mpfr_clear(end);
    free(list);
}

bool fp_checker_is_done(const fp_checker *c)
{
    for (size_t r = 0; r < c->monitors_count; r++)
        if (!fp_monitor_is_over(c, &c->monitors[r])) return false;
    return true;
}

size_t fp_checker_selected(const fp_checker *c)
{
    return c->selected;
}
