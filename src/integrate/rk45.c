/* SPDX-License-Identifier: MIT */
/* The stepper. Rounding: h*a_sj (h*b_s, h*e_s) is the exact product rounded once; a stage's state is y0 plus these times the slopes, terms in
 * order, as fp_vec_lincomb rounds; stage times are t0 + c_s h with c_s h rounded once, and t1 itself where c_s = 1. */
#include "stepper.h"

#include <assert.h>
#include <stdlib.h>

/* ---- life */

fp_rk45 *fp_rk45_new(const fp_field *field, mpfr_prec_t prec, fp_pool *pool)
{
    assert(field->dim > 0);
    fp_rk45 *rk = fp_alloc(1, sizeof *rk);
    rk->field = *field;
    rk->prec = prec;
    fp_tableau_dopri5(&rk->tableau);
    fp_chunks_init(&rk->chunks, field->dim, prec, pool);
    fp_reals_init(&rk->coef, FP_DP_STAGES, prec);
    fp_reals_init(&rk->dense, 4, prec);
    mpfr_inits2(prec, rk->time, rk->size, rk->step.t0, rk->step.t1, rk->step.h, (mpfr_ptr)NULL);
    rk->step.y0 = fp_vec_new(field->dim, prec);
    rk->step.y1 = fp_vec_new(field->dim, prec);
    for (size_t s = 0; s < FP_DP_STAGES; s++)
        rk->step.k[s] = fp_vec_new(field->dim, prec);
    return rk;
}

void fp_rk45_free(fp_rk45 *rk)
{
    if (!rk)
        return;
    fp_vec_free(rk->step.y0);
    fp_vec_free(rk->step.y1);
    for (size_t s = 0; s < FP_DP_STAGES; s++)
        fp_vec_free(rk->step.k[s]);
    mpfr_clears(rk->time, rk->size, rk->step.t0, rk->step.t1, rk->step.h, (mpfr_ptr)NULL);
    fp_reals_clear(&rk->coef);
    fp_reals_clear(&rk->dense);
    fp_chunks_clear(&rk->chunks);
    fp_tableau_clear(&rk->tableau);
    free(rk);
}

/* ---- where we are */

mpfr_srcptr fp_rk45_time(const fp_rk45 *rk)
{
    return rk->open ? rk->step.t0 : rk->step.t1;
}

const fp_vec *fp_rk45_state(const fp_rk45 *rk)
{
    return rk->open ? rk->step.y0 : rk->step.y1;
}

const fp_vec *fp_rk45_slope(const fp_rk45 *rk)
{
    return rk->step.k[rk->open ? 0 : FP_DP_STAGES - 1];
}

mpfr_srcptr fp_rk45_left_time(const fp_rk45 *rk)
{
    return rk->steps ? rk->step.t0 : fp_rk45_time(rk);
}

unsigned long fp_rk45_evaluations(const fp_rk45 *rk)
{
    return rk->evaluations;
}

/* ---- the formula */

void fp_rk45_slope_at(fp_vec *out, fp_rk45 *rk, mpfr_srcptr t, const fp_vec *y)
{
    rk->field.rhs(out, t, y, rk->field.ctx);
    rk->evaluations++;
}

static void set_coefficients(fp_reals *coef, mpfr_srcptr h, mpq_t row[], size_t count)
{
    for (size_t j = 0; j < count; j++)
        mpfr_mul_q(coef->x + j, h, row[j], MPFR_RNDN);
}

static mpfr_srcptr stage_time(fp_rk45 *rk, size_t s, mpfr_srcptr t0, mpfr_srcptr t1, mpfr_srcptr h)
{
    if (mpq_cmp_ui(rk->tableau.c[s], 1, 1) == 0)
        return t1;
    mpfr_mul_q(rk->time, h, rk->tableau.c[s], MPFR_RNDN);
    mpfr_add(rk->time, t0, rk->time, MPFR_RNDN);
    return rk->time;
}

/* k[1..5] from k[0], and then work = the state at t1. work is overwritten. */
static void stages(fp_rk45 *rk, fp_vec *work, const fp_vec *y0, fp_vec *const k[], mpfr_srcptr t0, mpfr_srcptr t1, mpfr_srcptr h)
{
    for (size_t s = 1; s < FP_DP_STAGES; s++) {
        set_coefficients(&rk->coef, h, rk->tableau.a[s], s);
        fp_chunks_lincomb(&rk->chunks, work, y0, &rk->coef, k, s);
        if (s < FP_DP_STAGES - 1)
            fp_rk45_slope_at(k[s], rk, stage_time(rk, s, t0, t1, h), work);
    }
}

/* First component of v that is not finite; its length if there is none. */
static size_t first_bad(const fp_vec *v)
{
    size_t i = 0, n = fp_vec_len(v);
    mpfr_t x;
    mpfr_init2(x, fp_vec_prec(v));
    for (; i < n; i++) {
        fp_vec_get(x, v, i);
        if (!mpfr_number_p(x))
            break;
    }
    mpfr_clear(x);
    return i;
}

fp_status fp_step_not_finite(fp_error *err, mpfr_srcptr t, mpfr_srcptr h, const fp_vec *state, const fp_vec *slope)
{
    char from[48], by[48];
    size_t i = first_bad(state);
    bool in_state = i < fp_vec_len(state);
    if (!in_state && slope)
        i = first_bad(slope);
    fp_scalar_text(from, t);
    if (mpfr_zero_p(h))
        return fp_fail(err, FP_NON_FINITE, "component %zu of the %s at t = %s is not finite", i, in_state ? "state" : "derivative", from);
    return fp_fail(err, FP_NON_FINITE, "a step from t = %s of size %s makes component %zu of the %s not finite", from,
                   fp_scalar_text(by, h), i, in_state ? "state" : "derivative");
}

/* ---- steps */

fp_status fp_rk45_start(fp_rk45 *rk, mpfr_srcptr t0, const fp_vec *y0, fp_error *err)
{
    fp_segment *seg = &rk->step;
    fp_vec *slope = seg->k[FP_DP_STAGES - 1];
    assert(fp_vec_len(y0) == rk->field.dim);
    if (y0 != seg->y1)
        fp_vec_copy(seg->y1, y0);
    mpfr_set(seg->t1, t0, MPFR_RNDN);
    mpfr_set_zero(seg->h, 1);
    rk->open = false;
    rk->steps = 0;
    fp_rk45_slope_at(slope, rk, seg->t1, seg->y1);
    if (!fp_vec_is_finite(seg->y1) || !fp_vec_is_finite(slope))
        return fp_step_not_finite(err, seg->t1, seg->h, seg->y1, slope);
    return FP_OK;
}

/* What was the right end is the left end; the vectors of the old left end are free for the new right end. */
void fp_rk45_open(fp_rk45 *rk)
{
    if (rk->open)
        return;
    fp_segment *step = &rk->step;
    fp_vec *y = step->y0, *k = step->k[0];
    step->y0 = step->y1;
    step->k[0] = step->k[FP_DP_STAGES - 1];
    step->y1 = y;
    step->k[FP_DP_STAGES - 1] = k;
    mpfr_set(step->t0, step->t1, MPFR_RNDN);
    rk->open = true;
}

/* The vector of the error estimate lives in k[1], which has done its work. */
static void estimate_error(mpfr_ptr error, fp_rk45 *rk, fp_segment *seg)
{
    fp_vec *k[FP_DP_STAGES - 1];
    for (size_t s = 0, used = 0; s < FP_DP_STAGES; s++)
        if (s != 1) {
            mpfr_mul_q(rk->coef.x + used, seg->h, rk->tableau.e[s], MPFR_RNDN);
            k[used++] = seg->k[s];
        }
    fp_chunks_lincomb(&rk->chunks, seg->k[1], NULL, &rk->coef, k, FP_DP_STAGES - 1);
    fp_chunks_scaled_max(&rk->chunks, error, seg->k[1], seg->y0, seg->y1);
}

fp_status fp_rk45_try_to(fp_rk45 *rk, mpfr_srcptr t1, mpfr_ptr error, fp_error *err)
{
    fp_rk45_open(rk);
    fp_segment *seg = &rk->step;
    mpfr_set(seg->t1, t1, MPFR_RNDN);
    mpfr_sub(seg->h, seg->t1, seg->t0, MPFR_RNDN);
    stages(rk, seg->y1, seg->y0, seg->k, seg->t0, seg->t1, seg->h);
    fp_rk45_slope_at(seg->k[FP_DP_STAGES - 1], rk, seg->t1, seg->y1);
    estimate_error(error, rk, seg);
    if (!mpfr_number_p(error) || !fp_vec_is_finite(seg->k[FP_DP_STAGES - 1]))
        return fp_step_not_finite(err, seg->t0, seg->h, seg->y1, seg->k[FP_DP_STAGES - 1]);
    return FP_OK;
}

fp_status fp_rk45_try(fp_rk45 *rk, mpfr_srcptr h, mpfr_ptr error, fp_error *err)
{
    char t[48], step[48];
    mpfr_add(rk->size, fp_rk45_time(rk), h, MPFR_RNDN);
    if (!mpfr_number_p(rk->size) || mpfr_equal_p(rk->size, fp_rk45_time(rk)))
        return fp_fail(err, FP_STEP_UNDERFLOW, "a step of size %s does not move t = %s at %ld bits", fp_scalar_text(step, h),
                       fp_scalar_text(t, fp_rk45_time(rk)), (long)rk->prec);
    return fp_rk45_try_to(rk, rk->size, error, err);
}

void fp_rk45_accept(fp_rk45 *rk)
{
    assert(rk->open);
    rk->open = false;
    rk->steps++;
}

/* ---- inside accepted steps */

/* Weights of the continuous extension at theta in (0, 1), times h. Hairer's nested form in the basis of the slopes:
 * b_s(theta) = theta^2 (3 - 2 theta) b_s + theta^2 (1-theta)^2 d_s + [s=1] theta (1-theta)^2 - [s=7] theta^2 (1-theta). */
static void dense_weights(fp_rk45 *rk, mpfr_srcptr h, mpfr_srcptr theta)
{
    mpfr_ptr main_part = rk->dense.x, x = rk->dense.x + 1, bump = rk->dense.x + 2, rest = rk->dense.x + 3;
    const fp_tableau *tab = &rk->tableau;
    mpfr_ptr w = rk->coef.x;
    mpfr_mul_2ui(main_part, theta, 1, MPFR_RNDN);
    mpfr_ui_sub(main_part, 3, main_part, MPFR_RNDN);
    mpfr_sqr(x, theta, MPFR_RNDN);
    mpfr_mul(main_part, main_part, x, MPFR_RNDN);
    mpfr_ui_sub(rest, 1, theta, MPFR_RNDN);
    mpfr_mul(x, theta, rest, MPFR_RNDN);
    mpfr_sqr(bump, x, MPFR_RNDN);
    mpfr_mul(rest, rest, x, MPFR_RNDN);
    mpfr_mul(x, x, theta, MPFR_RNDN);
    for (size_t s = 0; s < FP_DP_STAGES; s++) {
        mpfr_mul_q(w + s, main_part, tab->b[s], MPFR_RNDN);
        mpfr_mul_q(rk->time, bump, tab->d[s], MPFR_RNDN);
        mpfr_add(w + s, w + s, rk->time, MPFR_RNDN);
    }
    mpfr_add(w, w, rest, MPFR_RNDN);
    mpfr_sub(w + FP_DP_STAGES - 1, w + FP_DP_STAGES - 1, x, MPFR_RNDN);
    for (size_t s = 0; s < FP_DP_STAGES; s++)
        mpfr_mul(w + s, w + s, h, MPFR_RNDN);
}

/* out = the stored state if t is an end of the segment. */
static bool copy_end(fp_vec *out, const fp_segment *seg, mpfr_srcptr t)
{
    bool left = mpfr_equal_p(t, seg->t0) != 0, right = mpfr_equal_p(t, seg->t1) != 0;
    if (right)
        fp_vec_copy(out, seg->y1);
    else if (left)
        fp_vec_copy(out, seg->y0);
    return left || right;
}

void fp_rk45_dense(fp_vec *out, fp_rk45 *rk, mpfr_srcptr t)
{
    assert(rk->steps > 0 && !rk->open);
    const fp_segment *seg = &rk->step;
    if (copy_end(out, seg, t))
        return;
    mpfr_sub(rk->size, t, seg->t0, MPFR_RNDN);
    mpfr_div(rk->size, rk->size, seg->h, MPFR_RNDN);
    dense_weights(rk, seg->h, rk->size);
    fp_chunks_lincomb(&rk->chunks, out, seg->y0, &rk->coef, seg->k, FP_DP_STAGES); /* the weight of k[1] is 0 */
}
