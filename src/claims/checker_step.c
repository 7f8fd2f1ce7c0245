/* SPDX-License-Identifier: MIT */
/* One accepted step: first what happens inside it (named times), in the order of time, then its right end, then the tight points. */
#include "check_impl.h"

void fp_lane_set(fp_checker *c, int lane, mpfr_srcptr t, const fp_vec *y)
{
    fp_source_set(c->lane[lane].now, t, y);
    fp_eval_set_now(c->lane[lane].eval, c->lane[lane].now);
}

static void lane_node(fp_checker *c, int lane, mpfr_srcptr t, const fp_vec *y)
{
    fp_lane_set(c, lane, t, y);
    fp_source_set_time_radius(c->lane[lane].now, c->radius[lane]);
    c->here[lane] = y;
    mpfr_set(c->at[lane], t, MPFR_RNDN);
}

/* Lanes FINE and COARSE at a common time. */
static void lanes_node(fp_checker *c, mpfr_srcptr t, const fp_vec *fine, const fp_vec *coarse)
{
    fp_clock_rounding(c->radius[FP_FINE], c, t);
    mag_set(c->radius[FP_COARSE], c->radius[FP_FINE]);
    mpfr_set_zero(c->width, 1);
    lane_node(c, FP_FINE, t, fine);
    lane_node(c, FP_COARSE, t, coarse);
    mpfr_set(c->t, t, MPFR_RNDN);
}

fp_status fp_lanes_probe(fp_checker *c, const fp_stretch *s, mpfr_srcptr t, fp_error *err)
{
    fp_status status = s->at(c->probe[FP_FINE], s->ctx, true, t, true, err);
    if (status == FP_OK) status = s->at(c->probe[FP_COARSE], s->ctx, false, t, true, err);
    if (status == FP_OK) lanes_node(c, t, c->probe[FP_FINE], c->probe[FP_COARSE]);
    return status;
}

/* Lanes at a found time, each where its own run has it. */
static fp_status lanes_turn(fp_checker *c, const fp_stretch *s, fp_clock *k, fp_error *err)
{
    mpfr_t own, where;
    arf_t width;
    arf_init(width);
    mpfr_inits2(mpfr_get_prec(c->t), own, where, (mpfr_ptr)NULL);
    fp_status status = fp_clock_coarse(own, where, c, k, s, err);
    if (status == FP_OK) status = s->at(c->probe[FP_FINE], s->ctx, true, k->next, true, err);
    if (status == FP_OK) status = s->at(c->probe[FP_COARSE], s->ctx, false, where, true, err);
    if (status != FP_OK) goto done;
    lanes_node(c, k->next, c->probe[FP_FINE], c->probe[FP_COARSE]);
    arf_set_mpfr(width, k->next_width);
    arf_get_mag(c->radius[FP_FINE], width);
    lane_node(c, FP_FINE, k->next, c->probe[FP_FINE]);
    lane_node(c, FP_COARSE, own, c->probe[FP_COARSE]);
    mpfr_sub(c->width, k->next, own, MPFR_RNDA);
    mpfr_abs(c->width, c->width, MPFR_RNDU);
    mpfr_add(c->width, c->width, k->next_width, MPFR_RNDU);
done:
    arf_clear(width);
    mpfr_clears(own, where, (mpfr_ptr)NULL);
    return status;
}

/* The end of every step. */
static fp_status settle(fp_checker *c, fp_error *err)
{
    c->here[FP_FINE] = c->here[FP_COARSE] = NULL;
    if (fp_interrupted()) return fp_fail(err, FP_INTERRUPTED, "interrupted");
    fp_checker_seal_clocks(c);
    for (size_t r = 0; r < c->monitors_count; r++) c->monitors[r].sealed = fp_monitor_is_over(c, &c->monitors[r]);
    return FP_OK;
}

static void begin(fp_checker *c, const fp_vec *y0)
{
    mpfr_prec_t prec = fp_vec_prec(y0);
    mpfr_ptr all[] = {c->t, c->at[FP_FINE], c->at[FP_COARSE], c->width};
    for (size_t r = 0; r < sizeof all / sizeof *all; r++) mpfr_set_prec(all[r], prec);
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
    fp_sups_node(c);
    fp_sups_raise(c, FP_LANES);
    fp_checker_trim(c);
    mpfr_clear(zero);
    return settle(c, err);
}

static fp_status happen(fp_checker *c, const fp_stretch *s, int index, fp_error *err)
{
    fp_clock *k = &c->clocks[index];
    bool found = k->time->kind == FP_TIME_FIRST || (k->time->kind == FP_TIME_LAST && !k->next_holds);
    fp_status status = found ? lanes_turn(c, s, k, err) : fp_lanes_probe(c, s, k->next, err);
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
    fp_status status = fp_sups_middle(c, s, err);
    if (status != FP_OK) return status;
    lanes_node(c, s->right, s->fine_right, s->coarse_right);
    for (size_t r = 0; r < c->monitors_count; r++) fp_monitor_rest(&c->monitors[r]);
    status = happenings(c, s, err);
    if (status != FP_OK) return status;
    fp_sups_raise(c, FP_MIDDLE); /* that lane is in the middle itself */
    fp_clocks_reach(c);
    fp_clocks_settle(c);
    fp_monitors_settle(c, s, true);
    fp_sups_node(c);
    fp_checker_trim(c);
    status = fp_monitors_refine(c, s, err);
    fp_sups_raise(c, FP_LANES);
    fp_status end = settle(c, err);
    return end == FP_OK ? status : end;
}
