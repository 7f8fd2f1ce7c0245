/* SPDX-License-Identifier: MIT */
/* Correctly rounded exp, log, logistic and log-loss (Ziv's strategy): a ball around the true value is computed with
 * guard bits, and with more of them until both its ends round to the same number. That ends, because for a non-zero
 * binary argument none of the four values is a rounding boundary (a binary fraction): by Lindemann-Weierstrass e^x,
 * log x, 1/(1+e^x) and log(1+e^-x) are irrational unless x = 0 (x = 1 for log), which are taken apart first. */
#include "flowproof/arith.h"

enum { GUARD = 24, LARGE_EXPONENT = 29 };

typedef void (*ball_function)(arb_t out, const arb_t x, slong prec);

/* Do both ends round to the same number? Tried only when the quick test on the midpoint's bits fails, which is the
 * rule next to a power of two (e^x for tiny x). */
static bool ends_agree(mpfr_ptr out, const arb_t ball, slong prec)
{
    bool agree = false;
    slong target = (slong)mpfr_get_prec(out);
    arf_t lo, hi;
    arf_init(lo);
    arf_init(hi);
    arb_get_lbound_arf(lo, ball, prec);
    arb_get_ubound_arf(hi, ball, prec);
    if (arf_is_finite(lo) && arf_is_finite(hi)) {
        arf_set_round(lo, lo, target, ARF_RND_NEAR);
        arf_set_round(hi, hi, target, ARF_RND_NEAR);
        agree = arf_equal(lo, hi);
    }
    if (agree) arf_get_mpfr(out, lo, MPFR_RNDN);
    arf_clear(lo);
    arf_clear(hi);
    return agree;
}

static bool round_ball(mpfr_ptr out, const arb_t ball, slong prec)
{
    if (arb_can_round_mpfr(ball, (slong)mpfr_get_prec(out), MPFR_RNDN)) {
        arf_get_mpfr(out, arb_midref(ball), MPFR_RNDN);
        return true;
    }
    return ends_agree(out, ball, prec);
}

/* x finite, with an exponent of moderate size, its value under f irrational. Arb knows no exponent range: check it. */
static void round_correctly(mpfr_ptr out, mpfr_srcptr x, ball_function f)
{
    arb_t ball, exact;
    arb_init(ball);
    arb_init(exact);
    arf_set_mpfr(arb_midref(exact), x);
    slong target = (slong)mpfr_get_prec(out);
    for (slong guard = GUARD;; guard *= 2) {
        f(ball, exact, target + guard);
        if (round_ball(out, ball, target + guard + 32)) break;
    }
    mpfr_check_range(out, 0, MPFR_RNDN);
    arb_clear(ball);
    arb_clear(exact);
}

/* NaN, an infinity, zero, or so large (2^29) that e^x comes near the ends of MPFR's default exponent range. */
static bool is_extreme(mpfr_srcptr x)
{
    return !mpfr_regular_p(x) || mpfr_get_exp(x) > LARGE_EXPONENT;
}

void fp_exp(mpfr_ptr out, mpfr_srcptr x)
{
    if (is_extreme(x))
        mpfr_exp(out, x, MPFR_RNDN);
    else
        round_correctly(out, x, arb_exp);
}

void fp_log(mpfr_ptr out, mpfr_srcptr x)
{
    if (!mpfr_regular_p(x) || mpfr_sgn(x) < 0 || mpfr_cmp_ui(x, 1) == 0)
        mpfr_log(out, x, MPFR_RNDN); /* exact values, NaN and infinities */
    else
        round_correctly(out, x, arb_log);
}

/* out = e^-z for z > 0 so large that 1/(1+e^z) and log(1+e^-z) differ from it by less than 2^-(2^29) relatively. */
static void exp_of_negative(mpfr_ptr out, mpfr_srcptr z)
{
    mpfr_t negated;
    mpfr_init2(negated, mpfr_get_prec(z));
    mpfr_neg(negated, z, MPFR_RNDN);
    mpfr_exp(out, negated, MPFR_RNDN);
    mpfr_clear(negated);
}

static void ball_logistic(arb_t out, const arb_t z, slong prec)
{
    arb_exp(out, z, prec);
    arb_add_ui(out, out, 1, prec);
    arb_inv(out, out, prec);
}

void fp_logistic(mpfr_ptr out, mpfr_srcptr z)
{
    if (mpfr_nan_p(z))
        mpfr_set_nan(out);
    else if (mpfr_zero_p(z))
        mpfr_set_ui_2exp(out, 1, -1, MPFR_RNDN);
    else if (mpfr_cmp_si(z, -(long)mpfr_get_prec(out) - 2) < 0)
        mpfr_set_ui(out, 1, MPFR_RNDN); /* 1 - e^z with e^z below half a unit under 1 */
    else if (is_extreme(z))
        exp_of_negative(out, z);
    else
        round_correctly(out, z, ball_logistic);
}

static void ball_log_loss(arb_t out, const arb_t z, slong prec)
{
    arb_t e;
    arb_init(e);
    arf_abs(arb_midref(e), arb_midref(z)); /* z is exact */
    arb_neg(e, e);
    arb_exp(e, e, prec);
    arb_log1p(e, e, prec);
    if (arf_sgn(arb_midref(z)) < 0)
        arb_sub(out, e, z, prec); /* log(1+e^-z) = -z + log(1+e^z) */
    else
        arb_set(out, e);
    arb_clear(e);
}

/* out = -z + d where 0 < d < e^z is below the last bit of -z at precision `prec`, which exceeds those of z and out by
 * 2: the next number after -z then rounds as -z + d does, even when -z itself lies half-way. */
static void round_just_above_negative(mpfr_ptr out, mpfr_srcptr z, mpfr_prec_t prec)
{
    mpfr_t above;
    mpfr_init2(above, prec);
    mpfr_neg(above, z, MPFR_RNDN);
    mpfr_nextabove(above);
    mpfr_set(out, above, MPFR_RNDN);
    mpfr_clear(above);
}

void fp_log_loss(mpfr_ptr out, mpfr_srcptr z)
{
    mpfr_prec_t pz = mpfr_get_prec(z), po = mpfr_get_prec(out), prec = (pz > po ? pz : po) + 2;
    if (mpfr_nan_p(z) || mpfr_inf_p(z)) {
        mpfr_neg(out, z, MPFR_RNDN); /* NaN, -inf -> inf */
        if (mpfr_inf_p(out) && mpfr_sgn(out) < 0) mpfr_set_zero(out, 1);
    } else if (mpfr_zero_p(z)) {
        mpfr_const_log2(out, MPFR_RNDN);
    } else if (mpfr_cmp_si(z, -(long)prec) < 0) {
        round_just_above_negative(out, z, prec);
    } else if (is_extreme(z)) {
        exp_of_negative(out, z);
    } else {
        round_correctly(out, z, ball_log_loss);
    }
}
