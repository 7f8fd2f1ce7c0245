/* SPDX-License-Identifier: MIT */
/* Rules of values and slopes in intervals with exact ends. */
#include "eval_impl.h"

void fp_jet_multiply(fp_interval *out, const fp_interval *a, const fp_interval *b, bool square, const fp_sight *w)
{
    fp_interval x;
    const fp_digits *digits = &w->digits;
    if (w->scene.order > 0) { /* a b' + a' b */
        fp_interval_init(&x);
        fp_interval_mul(&x, a, b + 1, digits);
        fp_interval_mul(out + 1, a + 1, b, digits);
        fp_interval_add(out + 1, out + 1, &x, digits);
        fp_interval_clear(&x);
    }
    if (square)
        fp_interval_pow_si(out, a, 2, digits);
    else
        fp_interval_mul(out, a, b, digits);
}

/* (a/b)' = (a' - (a/b) b')/b */
void fp_jet_divide(fp_interval *out, const fp_interval *a, const fp_interval *b, const fp_sight *w)
{
    fp_interval_div(out, a, b, &w->digits);
    if (w->scene.order == 0) return;
    fp_interval_mul(out + 1, out, b + 1, &w->digits);
    fp_interval_sub(out + 1, a + 1, out + 1, &w->digits);
    fp_interval_div(out + 1, out + 1, b, &w->digits);
}

/* (a^b)' = b a^(b-1) a' for a fixed b; where a may be 0 and b is not an integer, over the a > 0: a^b is continuous, and constant where a stays 0. */
static void fixed_power_slope(fp_interval *out, const fp_interval *a, const fp_interval *b, const fp_sight *w)
{
    slong k;
    fp_interval less, one;
    fp_interval_init(&less);
    fp_interval_init(&one);
    fp_interval_set_si(&one, 1);
    fp_interval_sub(&less, b, &one, &w->digits);
    if (fp_interval_is_zero(b))
        fp_interval_set_si(&less, 0);
    else if (fp_interval_is_whole(&k, &less))
        fp_interval_pow_si(&less, a, k, &w->digits);
    else
        fp_interval_pow_inside(&less, a, &less, &w->digits);
    fp_interval_mul(&less, &less, b, &w->digits);
    fp_interval_mul(out + 1, &less, a + 1, &w->digits);
    fp_interval_clear(&less);
    fp_interval_clear(&one);
}

/* (a^b)' = a^b (b' log a + b a'/a) */
static void power_slope(fp_interval *out, const fp_interval *a, const fp_interval *b, const fp_sight *w)
{
    fp_interval x;
    fp_interval_init(&x);
    fp_interval_div(&x, a + 1, a, &w->digits);
    fp_interval_mul(&x, &x, b, &w->digits);
    fp_interval_log(out + 1, a, &w->digits);
    fp_interval_mul(out + 1, out + 1, b + 1, &w->digits);
    fp_interval_add(out + 1, out + 1, &x, &w->digits);
    fp_interval_mul(out + 1, out + 1, out, &w->digits);
    fp_interval_clear(&x);
}

void fp_jet_power(fp_interval *out, const fp_interval *a, const fp_interval *b, const fp_sight *w)
{
    fp_interval_pow(out, a, b, &w->digits);
    if (w->scene.order == 0) return;
    if (fp_interval_is_zero(b + 1))
        fixed_power_slope(out, a, b, w);
    else
        power_slope(out, a, b, w);
}

void fp_jet_absolute(fp_interval *out, const fp_interval *a, int order)
{
    fp_interval_abs(out, a);
    if (order == 0) return;
    fp_interval_neg(out + 1, a + 1);
    if (fp_interval_is_nonnegative(a) == FP_TRUE)
        fp_interval_set(out + 1, a + 1);
    else if (fp_interval_is_positive(a) != FP_FALSE)
        fp_interval_hull(out + 1, out + 1, a + 1);
}

void fp_jet_compete(fp_interval *best, const fp_interval *x, bool maximum, int order)
{
    bool below = fp_interval_all_le(best, x), above = fp_interval_all_le(x, best);
    if (order > 0 && (maximum ? below : above) && !(maximum ? above : below))
        fp_interval_set(best + 1, x + 1);
    else if (order > 0 && !(maximum ? above : below))
        fp_interval_hull(best + 1, best + 1, x + 1);
    (maximum ? fp_interval_max : fp_interval_min)(best, best, x);
}
