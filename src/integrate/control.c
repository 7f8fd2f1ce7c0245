/* SPDX-License-Identifier: MIT */
/* Step sizes: K. Gustafsson's PI controller with the constants of DOPRI5 (Hairer, Norsett, Wanner, Solving ODEs I, II.4; Hairer, Wanner II, IV.2). Every
 * constant is a quotient of integers, rounded once to FP_SCALAR_PREC. */
#include "stepper.h"

void fp_ratio_set(mpfr_ptr x, unsigned long p, unsigned long q)
{
    mpfr_set_ui(x, p, MPFR_RNDN);
    mpfr_div_ui(x, x, q, MPFR_RNDN);
}

const char *fp_scalar_text(char buffer[48], mpfr_srcptr x)
{
    mpfr_snprintf(buffer, 48, "%.12RNg", x);
    return buffer;
}

void fp_control_init(fp_control *c, mpq_srcptr tolerance)
{
    mpfr_inits2(FP_SCALAR_PREC, c->tolerance, c->previous_error, (mpfr_ptr)NULL);
    fp_mpfr_set_rational(c->tolerance, tolerance);
    fp_control_reset(c);
}

void fp_control_clear(fp_control *c)
{
    mpfr_clears(c->tolerance, c->previous_error, (mpfr_ptr)NULL);
}

void fp_control_reset(fp_control *c)
{
    fp_ratio_set(c->previous_error, 1, 10000);
    c->rejected = false;
}

void fp_step_round(mpfr_ptr h)
{
    mpfr_prec_round(h, FP_STEP_BITS, MPFR_RNDZ);
    mpfr_prec_round(h, FP_SCALAR_PREC, MPFR_RNDZ); /* exact */
}

/* factor = 9/10 * error^(-17/100), times previous^(1/25) after an accepted step */
static void raw_factor(mpfr_ptr factor, const fp_control *c, mpfr_srcptr error, bool accepted)
{
    mpfr_t x;
    mpfr_init2(x, FP_SCALAR_PREC);
    fp_ratio_set(x, 17, 100);
    mpfr_pow(factor, error, x, MPFR_RNDN);
    mpfr_ui_div(factor, 1, factor, MPFR_RNDN);
    mpfr_mul_ui(factor, factor, 9, MPFR_RNDN);
    mpfr_div_ui(factor, factor, 10, MPFR_RNDN);
    if (accepted) {
        fp_ratio_set(x, 1, 25);
        mpfr_pow(x, c->previous_error, x, MPFR_RNDN);
        mpfr_mul(factor, factor, x, MPFR_RNDN);
    }
    mpfr_clear(x);
}

/* Into [1/5, 10], or [1/5, 1] right after a rejection. An estimate of exactly 0 gives the upper end and no more: an estimator can
 * vanish where the error does not, so it must not buy an unbounded step. */
static void clamp_factor(mpfr_ptr factor, const fp_control *c, bool accepted)
{
    unsigned long most = accepted && !c->rejected ? 10 : 1;
    if (!mpfr_number_p(factor) || mpfr_cmp_ui(factor, most) > 0)
        mpfr_set_ui(factor, most, MPFR_RNDN);
    mpfr_mul_ui(factor, factor, 5, MPFR_RNDN);
    if (mpfr_cmp_ui(factor, 1) < 0)
        mpfr_set_ui(factor, 1, MPFR_RNDN);
    mpfr_div_ui(factor, factor, 5, MPFR_RNDN);
}

bool fp_control_judge(mpfr_ptr next, fp_control *c, mpfr_srcptr h, mpfr_srcptr error)
{
    mpfr_t ratio, factor;
    if (!mpfr_number_p(error)) {
        fp_control_shrink(next, c, h);
        return false;
    }
    mpfr_inits2(FP_SCALAR_PREC, ratio, factor, (mpfr_ptr)NULL);
    mpfr_div(ratio, error, c->tolerance, MPFR_RNDN);
    bool accepted = mpfr_cmp_ui(ratio, 1) <= 0;
    raw_factor(factor, c, ratio, accepted);
    clamp_factor(factor, c, accepted);
    mpfr_mul(next, h, factor, MPFR_RNDN);
    fp_step_round(next);
    if (accepted) {
        fp_ratio_set(factor, 1, 10000);
        mpfr_max(c->previous_error, ratio, factor, MPFR_RNDN);
    }
    c->rejected = !accepted;
    mpfr_clears(ratio, factor, (mpfr_ptr)NULL);
    return accepted;
}

void fp_control_shrink(mpfr_ptr next, fp_control *c, mpfr_srcptr h)
{
    mpfr_div_ui(next, h, 5, MPFR_RNDN);
    fp_step_round(next);
    c->rejected = true;
}

/* ---- first step */

/* h0 = d0/(100 d1), or 10^-6 where that says nothing; d0, d1 in units of the tolerance */
static void guess(mpfr_ptr h0, mpfr_srcptr d0, mpfr_srcptr d1, mpfr_srcptr span)
{
    mpfr_t least;
    mpfr_init2(least, FP_SCALAR_PREC);
    fp_ratio_set(least, 1, 100000);
    if (mpfr_less_p(d0, least) || mpfr_less_p(d1, least)) {
        fp_ratio_set(h0, 1, 1000000);
    } else {
        mpfr_div(h0, d0, d1, MPFR_RNDN);
        mpfr_div_ui(h0, h0, 100, MPFR_RNDN);
    }
    mpfr_min(h0, h0, span, MPFR_RNDN);
    mpfr_clear(least);
}

/* d2 = |f(t + h0, y + h0 f) - f| / h0 in units of the tolerance, in the vectors of the open trial */
static void second_derivative(mpfr_ptr d2, const fp_control *c, fp_rk45 *rk, mpfr_srcptr h0)
{
    fp_segment *seg = &rk->step;
    mpfr_set(rk->coef.x, h0, MPFR_RNDN);
    fp_chunks_lincomb(&rk->chunks, seg->y1, seg->y0, &rk->coef, seg->k, 1);
    mpfr_add(rk->time, seg->t0, h0, MPFR_RNDN);
    fp_rk45_slope_at(seg->k[1], rk, rk->time, seg->y1);
    mpfr_set_si(rk->coef.x, -1, MPFR_RNDN);
    fp_chunks_lincomb(&rk->chunks, seg->k[2], seg->k[1], &rk->coef, seg->k, 1);
    fp_chunks_scaled_max(&rk->chunks, d2, seg->k[2], seg->y0, NULL);
    mpfr_div(d2, d2, c->tolerance, MPFR_RNDN);
    mpfr_div(d2, d2, h0, MPFR_RNDN);
}

/* h = min(100 h0, (1/(100 d))^(1/5)), d = max(d1, d2) */
static void second_guess(mpfr_ptr h, mpfr_srcptr h0, mpfr_srcptr d)
{
    mpfr_t tiny, exponent;
    mpfr_inits2(FP_SCALAR_PREC, tiny, exponent, (mpfr_ptr)NULL);
    fp_ratio_set(tiny, 1, 1000000000000000UL);
    if (mpfr_lessequal_p(d, tiny)) {
        mpfr_div_ui(h, h0, 1000, MPFR_RNDN);
        fp_ratio_set(tiny, 1, 1000000);
        mpfr_max(h, h, tiny, MPFR_RNDN);
    } else {
        mpfr_mul_ui(h, d, 100, MPFR_RNDN);
        mpfr_ui_div(h, 1, h, MPFR_RNDN);
        fp_ratio_set(exponent, 1, 5);
        mpfr_pow(h, h, exponent, MPFR_RNDN);
    }
    mpfr_mul_ui(tiny, h0, 100, MPFR_RNDN);
    mpfr_min(h, h, tiny, MPFR_RNDN);
    mpfr_clears(tiny, exponent, (mpfr_ptr)NULL);
}

void fp_control_first(mpfr_ptr h, const fp_control *c, fp_rk45 *rk, mpfr_srcptr span)
{
    mpfr_t d0, d1, d2, h0;
    mpfr_inits2(FP_SCALAR_PREC, d0, d1, d2, h0, (mpfr_ptr)NULL);
    fp_rk45_open(rk);
    const fp_segment *seg = &rk->step;
    fp_chunks_scaled_max(&rk->chunks, d0, seg->y0, seg->y0, NULL);
    fp_chunks_scaled_max(&rk->chunks, d1, seg->k[0], seg->y0, NULL);
    mpfr_div(d0, d0, c->tolerance, MPFR_RNDN);
    mpfr_div(d1, d1, c->tolerance, MPFR_RNDN);
    guess(h0, d0, d1, span);
    second_derivative(d2, c, rk, h0);
    if (mpfr_number_p(d2)) {
        mpfr_max(d1, d1, d2, MPFR_RNDN);
        second_guess(h, h0, d1);
    } else {
        mpfr_set(h, h0, MPFR_RNDN); /* the first trial finds out and shrinks it */
    }
    mpfr_min(h, h, span, MPFR_RNDN);
    fp_step_round(h);
    mpfr_clears(d0, d1, d2, h0, (mpfr_ptr)NULL);
}
