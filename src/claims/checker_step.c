/* SPDX-License-Identifier: MIT */
/* One accepted step: first what happens inside it (named times), in the order of time, then its right end, then the tight points. */
#include "check_impl.h"

void fp_lane_set(fp_checker *c, int lane, mpfr_srcptr t, const fp_vec *y)
{
    fp_source_set(c->lane[lane].now, t, y);
    fp_eval_set_now(c->lane[lane].eval, c->lane[lane].now);
}

/* Lanes FINE and COARSE at a common time. */
static void lanes_node(fp_checker *c, mpfr_srcptr t, const fp_vec *fine, const fp_vec *coarse)
{
    fp_lane_set(c, FP_FINE, t, fine);
    fp_lane_set(c, FP_COARSE, t, coarse);
    c->here[FP_FINE] = fine;
    c->here[FP_COARSE] = coarse;
    mpfr_set(c->t, t, MPFR_RNDN);
}

fp_status fp_lanes_probe(fp_checker *c, const fp_stretch *s, mpfr_srcptr t, fp_error *err)
{
    fp_status status = s->at(c->probe[FP_FINE], s->ctx, true, t, true, err);
    if (status == FP_OK) status = s->at(c->probe[FP_COARSE], s->ctx, false, t, true, err);
    if (status == FP_OK) lanes_node(c, t, c->probe[FP_FINE], c->probe[FP_COARSE]);
    return status;
}

static void begin(fp_checker *c, const fp_vec *y0)
{
    mpfr_prec_t prec = fp_vec_prec(y0);
    mpfr_set_prec(c->t, prec);
    mpfr_set_zero(c->t, 1);
    for (int lane = 0; lane < 2; lane++) c->probe[lane] = fp_vec_new(fp_vec_len(y0), prec);
    fp_clocks_begin(c, prec);
    for (size_t r = 0; r < c->monitors_count; r++) fp_monitor_round(&c->monitors[r], prec);
    c->started = true;
}

fp_status fp_checker_start(fp_checker *c, const fp_vec *y0, fp_error *err)
{
    if (c->started) return fp_fail(err, FP_INTERNAL, "the checker was started twice");
    begin(c, y0);
    mpfr_t zero;
    mpfr_init2(zero, fp_vec_prec(y0));
    mpfr_set_zero(zero, 1);
    fp_lane_set(c, FP_MIDDLE, zero, y0);
    lanes_node(c, zero, y0, y0);
    fp_clocks_reach(c);
    fp_clocks_settle(c);
    fp_monitors_settle(c, NULL, true);
    fp_checker_trim(c);
    c->here[FP_FINE] = c->here[FP_COARSE] = NULL;
    mpfr_clear(zero);
    return FP_OK;
}

static fp_status happen(fp_checker *c, const fp_stretch *s, int index, fp_error *err)
{
    mpfr_t t;
    mpfr_init2(t, mpfr_get_prec(c->t));
    mpfr_set(t, c->clocks[index].next, MPFR_RNDN);
    fp_status status = fp_lanes_probe(c, s, t, err);
    mpfr_clear(t);
    if (status != FP_OK) return status;
    fp_clock_happens(c, index);
    fp_clocks_settle(c);
    fp_monitors_settle(c, s, false);
    lanes_node(c, s->right, s->fine_right, s->coarse_right);
    return FP_OK;
}

static fp_status happenings(fp_checker *c, const fp_stretch *s, fp_error *err)
{
    fp_status status = FP_OK;
    fp_clocks_new_step(c);
    for (;;) {
        int index = fp_clocks_next(c, s, &status, err);
        if (status != FP_OK || index < 0) return status;
        status = happen(c, s, index, err);
        if (status != FP_OK) return status;
    }
}

fp_status fp_checker_step(fp_checker *c, const fp_stretch *s, fp_error *err)
{
    if (!c->started) return fp_fail(err, FP_INTERNAL, "the checker was not started");
    fp_lane_set(c, FP_MIDDLE, s->middle, s->fine_middle);
    lanes_node(c, s->right, s->fine_right, s->coarse_right);
    for (size_t r = 0; r < c->monitors_count; r++) fp_monitor_rest(&c->monitors[r]);
    fp_status status = happenings(c, s, err);
    if (status != FP_OK) return status;
    fp_clocks_reach(c);
    fp_clocks_settle(c);
    fp_monitors_settle(c, s, true);
    fp_checker_trim(c);
    status = fp_monitors_refine(c, s, err);
    c->here[FP_FINE] = c->here[FP_COARSE] = NULL;
    return status;
}
