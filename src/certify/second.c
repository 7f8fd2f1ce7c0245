/* SPDX-License-Identifier: MIT */
/* The second trajectory of an estimated tube (certificate.md, (32)): Taylor steps from the start of a chain, without tubes, at a tolerance that is 1000 times smaller, on a grid with one digit more. */
#include <stdlib.h>

#include "second.h"

enum { FINER = 1000 };

struct fp_second {
    fp_step *step;
    fp_start start;
    fp_series_state x, at; /* where the step begins; the state that was asked for */
    arf_srcptr t_end;
    bool begun, open;
    arf_t left, tau;
};

static fp_status open_at(fp_second *s, arf_srcptr left, fp_error *err)
{
    arf_set(s->left, left);
    fp_status status = fp_step_open(s->step, s->left, &s->x, s->t_end, NULL, err);
    s->open = status == FP_OK;
    return status;
}

static fp_status begin(fp_second *s, const fp_flow *flow, fp_error *err)
{
    const fp_series *series = fp_step_series(s->step);
    arf_t zero;
    if (fp_start_make(&s->start, flow, series, err) != FP_OK) return err->code;
    s->begun = true;
    fp_series_state_init(&s->x, series);
    fp_series_state_init(&s->at, series);
    fp_series_state_copy(&s->x, &s->start.x);
    arf_init(zero);
    fp_status status = open_at(s, zero, err);
    arf_clear(zero);
    return status;
}

static fp_status make_step(fp_second *s, const fp_flow *flow, const fp_certify_options *first, int limbs, fp_error *err)
{
    mpq_t tolerance, finer;
    mpq_inits(tolerance, finer, NULL);
    mpq_set_ui(finer, 1, FINER);
    mpq_mul(tolerance, first->tolerance, finer);
    fp_certify_options options = {.tolerance = tolerance, .order = fp_certify_order(tolerance), .limbs = fp_certify_limbs(tolerance), .parts = 1, .pool = first->pool};
    if (options.limbs <= limbs) options.limbs = limbs + 1; /* so that the rounding of the first one's knots is seen */
    fp_status status = fp_step_new(&s->step, fp_flow_problem(flow), fp_flow_layout(flow), &options, err);
    mpq_clears(tolerance, finer, NULL);
    return status;
}

fp_status fp_second_new(fp_second **out, const fp_flow *flow, const fp_certify_options *first, int limbs, arf_srcptr t_end, fp_error *err)
{
    fp_second *s = fp_alloc(1, sizeof *s);
    arf_init(s->left);
    arf_init(s->tau);
    s->t_end = t_end;
    fp_status status = make_step(s, flow, first, limbs, err);
    if (status == FP_OK) status = begin(s, flow, err);
    if (status != FP_OK) fp_second_free(s);
    *out = status == FP_OK ? s : NULL;
    return status;
}

void fp_second_free(fp_second *s)
{
    if (!s) return;
    if (s->begun) {
        fp_series_state_clear(&s->x);
        fp_series_state_clear(&s->at);
        fp_start_clear(&s->start);
    }
    fp_step_free(s->step);
    arf_clear(s->left);
    arf_clear(s->tau);
    free(s);
}

static void evaluate(fp_series_state *out, fp_second *s, arf_srcptr t)
{
    mag_t rounding;
    mag_init(rounding);
    arf_sub(s->tau, t, s->left, ARF_PREC_EXACT, ARF_RND_DOWN);
    fp_series_at(out, rounding, fp_step_series(s->step), s->tau);
    mag_clear(rounding);
}

const fp_series_state *fp_second_at(fp_second *s, arf_srcptr t, fp_error *err)
{
    while (s->open && arf_cmp(t, fp_step_right(s->step)) > 0) {
        if (fp_interrupted()) return fp_fail(err, FP_INTERRUPTED, "interrupted"), NULL;
        evaluate(&s->x, s, fp_step_right(s->step));
        if (open_at(s, fp_step_right(s->step), err) != FP_OK) return NULL;
    }
    if (!s->open) return fp_fail(err, FP_STEP_UNDERFLOW, "the second trajectory has ended"), NULL;
    evaluate(&s->at, s, t);
    return &s->at;
}
