/* SPDX-License-Identifier: MIT */
/* Elementary functions of jets. Outside the domain for certain: failure 'domain'; perhaps outside: an indeterminate ball, which decides nothing. */
#include "eval_impl.h"

bool fp_eval_divide(arb_ptr out, fp_eval *e, const fp_node *node, arb_srcptr a, arb_srcptr b, int order)
{
    if (arb_is_zero(b))
        return fp_eval_fail(e, "domain", node->place, "division by zero");
    arb_div(out, a, b, e->prec);
    if (order == 0)
        return true;
    arb_mul(out + 1, out, b + 1, e->prec); /* (a/b)' = (a' - (a/b) b')/b */
    arb_sub(out + 1, a + 1, out + 1, e->prec);
    arb_div(out + 1, out + 1, b, e->prec);
    return true;
}

static bool whole(slong *k, const arb_t x)
{
    if (!arb_is_int(x) || arf_cmpabs_2exp_si(arb_midref(x), 30) >= 0)
        return false;
    *k = arf_get_si(arb_midref(x), ARF_RND_NEAR);
    return true;
}

static void take_power(arb_t out, const arb_t a, const arb_t exponent, slong prec)
{
    slong k;
    if (!whole(&k, exponent)) {
        arb_pow(out, a, exponent, prec);
        return;
    }
    arb_pow_ui(out, a, (ulong)(k < 0 ? -k : k), prec);
    if (k < 0)
        arb_inv(out, out, prec);
}

/* (a^b)' = a^b (b' log a + b a'/a), for an exponent that varies */
static void vary_power(arb_ptr out, arb_srcptr a, arb_srcptr b, slong prec)
{
    arb_t part;
    arb_init(part);
    arb_log(part, a, prec);
    arb_mul(out + 1, part, b + 1, prec);
    arb_div(part, a + 1, a, prec);
    arb_addmul(out + 1, part, b, prec);
    arb_mul(out + 1, out + 1, out, prec);
    arb_clear(part);
}

bool fp_eval_power(arb_ptr out, fp_eval *e, const fp_node *node, arb_srcptr a, arb_srcptr exponent, int order)
{
    slong k;
    if (!whole(&k, exponent) && arb_is_negative(a))
        return fp_eval_fail(e, arb_is_int(exponent) ? "unavailable" : "domain", node->place,
                            arb_is_int(exponent) ? "a negative number to an integer power of 2^30 or more in size is not evaluated" : "a negative number to a power that is not an integer");
    if (arb_is_zero(a) && arb_is_negative(exponent))
        return fp_eval_fail(e, "domain", node->place, "zero to a negative power");
    take_power(out, a, exponent, e->prec);
    if (order == 0)
        return true;
    if (!arb_is_zero(exponent + 1)) {
        vary_power(out, a, exponent, e->prec);
        return true;
    }
    if (arb_is_zero(exponent)) {
        arb_zero(out + 1);
        return true;
    }
    arb_t less;
    arb_init(less);
    arb_sub_ui(less, exponent, 1, e->prec);
    take_power(out + 1, a, less, e->prec);
    arb_mul(out + 1, out + 1, exponent, e->prec);
    arb_mul(out + 1, out + 1, a + 1, e->prec);
    arb_clear(less);
    return true;
}

static bool root(arb_ptr out, fp_eval *e, const fp_node *node, arb_srcptr a, int order)
{
    if (arb_is_negative(a))
        return fp_eval_fail(e, "domain", node->place, "the square root of a negative number");
    arb_sqrt(out, a, e->prec);
    if (order > 0) {
        arb_div(out + 1, a + 1, out, e->prec);
        arb_mul_2exp_si(out + 1, out + 1, -1);
    }
    return true;
}

static bool logarithm(arb_ptr out, fp_eval *e, const fp_node *node, arb_srcptr a, int order)
{
    if (arb_is_nonpositive(a))
        return fp_eval_fail(e, "domain", node->place, "the logarithm of a number that is not positive");
    arb_log(out, a, e->prec);
    if (order > 0)
        arb_div(out + 1, a + 1, a, e->prec);
    return true;
}

bool fp_eval_function(arb_ptr out, fp_eval *e, const fp_node *node, arb_srcptr a, int order)
{
    switch (node->kind) {
    case FP_NODE_ABS: fp_extreme_abs(out, a, order, e->prec); return true;
    case FP_NODE_SQRT:
    case FP_NODE_NORM: return root(out, e, node, a, order);
    case FP_NODE_LOG: return logarithm(out, e, node, a, order);
    default:
        arb_exp(out, a, e->prec);
        if (order > 0)
            arb_mul(out + 1, out, a + 1, e->prec);
        return true;
    }
}
