/* SPDX-License-Identifier: MIT */
/* chi2cdf(x, k) = P(k/2, x/2), the regularised lower incomplete gamma function: increasing in x, decreasing in k (DLMF 8.10), so a wide ball is enclosed by the
 * values at two corners. Its derivative by x is the density x^(k/2-1) exp(-x/2) / (2^(k/2) Gamma(k/2)); by k there is none here. */
#include "eval_impl.h"

enum { GUARD = 32, DOUBLINGS = 6, NEAR = 64 };

/* Sum over n >= 0 of z^n/((s + 1) .. (s + n)), all terms positive: from where their ratio r is below 1/2 what is left is below term r/(1 - r) (DLMF 8.7.1). */
static void series(arb_t out, const arb_t s, const arb_t z, slong bits)
{
    arb_t term, ratio, next;
    mag_t rest;
    arb_init(term);
    arb_init(ratio);
    arb_init(next);
    mag_init(rest);
    arb_one(term);
    arb_one(out);
    for (arb_set(next, s); !fp_interrupted();) {
        arb_add_ui(next, next, 1, bits);
        arb_div(ratio, z, next, bits);
        arb_mul(term, term, ratio, bits);
        arb_get_mag(rest, ratio);
        bool shrinks = mag_cmp_2exp_si(rest, -1) < 0;
        arb_get_mag(rest, term);
        if (shrinks && mag_cmp_2exp_si(rest, -bits) < 0)
            break;
        arb_add(out, out, term, bits);
    }
    mag_mul_2exp_si(rest, rest, 1); /* this term and all after it */
    arb_add_error_mag(out, rest);
    if (fp_interrupted()) arb_indeterminate(out); /* terms may be missing that no rest speaks of */
    arb_clear(term);
    arb_clear(ratio);
    arb_clear(next);
    mag_clear(rest);
}

/* P(s, z) = z^s exp(-z)/Gamma(s + 1) times the series, which is better than Arb's own choice while z is not far above s. */
static void by_series(arb_t out, const arb_t s, const arb_t z, slong bits)
{
    arb_t factor, part;
    arb_init(factor);
    arb_init(part);
    arb_log(factor, z, bits);
    arb_mul(factor, factor, s, bits);
    arb_sub(factor, factor, z, bits);
    arb_add_ui(part, s, 1, bits);
    arb_lgamma(part, part, bits);
    arb_sub(factor, factor, part, bits);
    arb_exp(factor, factor, bits);
    series(out, s, z, bits);
    arb_mul(out, out, factor, bits);
    arb_clear(factor);
    arb_clear(part);
}

static bool is_near(const arb_t s, const arb_t z)
{
    arb_t far;
    arb_init(far);
    arb_mul_2exp_si(far, s, 1);
    arb_add_ui(far, far, NEAR, MAG_BITS);
    bool near = arb_le(z, far);
    arb_clear(far);
    return near;
}

/* At exact numbers, k > 0: more bits until it is as good as the precision asked for. */
static void at_point(arb_t out, const arf_t x, const arf_t k, slong prec)
{
    arb_t s, z;
    arb_init(s);
    arb_init(z);
    arb_set_arf(s, k);
    arb_set_arf(z, x);
    arb_mul_2exp_si(s, s, -1);
    arb_mul_2exp_si(z, z, -1);
    slong bits = prec + GUARD;
    for (int r = 0; r < DOUBLINGS; r++, bits *= 2) {
        if (is_near(s, z))
            by_series(out, s, z, bits);
        else
            arb_hypgeom_gamma_lower(out, s, z, 1, bits);
        if (arb_is_finite(out) && arb_rel_accuracy_bits(out) >= prec)
            break;
    }
    arb_clear(s);
    arb_clear(z);
}

static void cut(arf_t end) /* a probability */
{
    if (arf_is_nan(end))
        return;
    if (arf_sgn(end) < 0)
        arf_zero(end);
    if (arf_cmp_si(end, 1) > 0)
        arf_one(end);
}

static void ends(arf_t low, arf_t high, const arb_t x, slong prec)
{
    arb_get_lbound_arf(low, x, prec);
    arb_get_ubound_arf(high, x, prec);
}

static void corner(arf_t out, const arf_t x, const arf_t k, bool upper, slong prec)
{
    arb_t value;
    if (arf_sgn(x) <= 0) {
        arf_zero(out);
        return;
    }
    arb_init(value);
    at_point(value, x, k, prec);
    if (upper)
        arb_get_ubound_arf(out, value, prec + GUARD);
    else
        arb_get_lbound_arf(out, value, prec + GUARD);
    cut(out);
    arb_clear(value);
}

static void enclose(arb_t out, const arb_t x, const arb_t k, slong prec)
{
    arf_t x_low, x_high, k_low, k_high;
    arf_init(x_low);
    arf_init(x_high);
    arf_init(k_low);
    arf_init(k_high);
    ends(x_low, x_high, x, prec + GUARD);
    ends(k_low, k_high, k, prec + GUARD);
    corner(x_low, x_low, k_high, false, prec);
    corner(x_high, x_high, k_low, true, prec);
    if (arf_is_nan(x_low) || arf_is_nan(x_high))
        arb_indeterminate(out);
    else
        arb_set_interval_arf(out, x_low, x_high, prec);
    arf_clear(x_low);
    arf_clear(x_high);
    arf_clear(k_low);
    arf_clear(k_high);
}

/* For x > 0, by the logarithm. */
static void density(arb_t out, const arb_t x, const arb_t k, slong prec)
{
    arb_t s, part;
    arb_init(s);
    arb_init(part);
    arb_mul_2exp_si(s, k, -1);
    arb_log(out, x, prec);
    arb_sub_ui(part, s, 1, prec);
    arb_mul(out, out, part, prec); /* (k/2 - 1) log x - x/2 - (k/2) log 2 - log Gamma(k/2) */
    arb_mul_2exp_si(part, x, -1);
    arb_sub(out, out, part, prec);
    arb_const_log2(part, prec);
    arb_submul(out, part, s, prec);
    arb_lgamma(part, s, prec);
    arb_sub(out, out, part, prec);
    arb_exp(out, out, prec);
    arb_clear(s);
    arb_clear(part);
}

static void slope(arb_ptr out, arb_srcptr x, arb_srcptr k, slong prec)
{
    if (!arb_is_zero(k + 1) || (arb_contains_nonpositive(x) && !arb_is_negative(x))) {
        arb_indeterminate(out + 1);
        return;
    }
    arb_zero(out + 1);
    if (arb_is_negative(x))
        return;
    density(out + 1, x, k, prec);
    arb_mul(out + 1, out + 1, x + 1, prec);
}

bool fp_eval_chi2cdf(arb_ptr out, fp_eval *e, const fp_node *node, arb_srcptr x, arb_srcptr k, int order)
{
    if (arb_is_nonpositive(k))
        return fp_eval_fail(e, "domain", node->place, "chi2cdf(x, k) needs degrees of freedom k above 0");
    if (!arb_is_finite(x) || !arb_is_positive(k))
        arb_indeterminate(out);
    else
        enclose(out, x, k, e->prec);
    if (order > 0)
        slope(out, x, k, e->prec);
    return true;
}
