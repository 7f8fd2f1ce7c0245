/* SPDX-License-Identifier: MIT */
/* Maxima and minima of balls. The value encloses the extreme value and depends on the candidates that may attain it only, not on their order: it is the only
 * such candidate, or else the interval from the best near end to the best far end. Its derivative: where one candidate certainly attains the extreme alone,
 * that candidate's derivative; otherwise the convex hull of the derivatives of all candidates that may attain it, which holds Clarke's generalised gradient. */
#include "eval_impl.h"

enum { GUARD = 32 }; /* bits of the ends beyond the precision */

void fp_extreme_init(fp_extreme *x, int sign, int order, slong prec)
{
    *x = (fp_extreme){.sign = sign, .order = order, .prec = prec, .finite = true};
    arb_init(&x->leader);
    arf_init(&x->near);
    arf_init(&x->far);
    arf_init(&x->second);
}

void fp_extreme_clear(fp_extreme *x)
{
    if (x->value)
        _arb_vec_clear(x->value, (slong)x->capacity);
    if (x->slope)
        _arb_vec_clear(x->slope, (slong)x->capacity);
    arb_clear(&x->leader);
    arf_clear(&x->near);
    arf_clear(&x->far);
    arf_clear(&x->second);
}

static arb_ptr grown(arb_ptr old, size_t count, size_t capacity)
{
    arb_ptr x = _arb_vec_init((slong)capacity);
    for (size_t r = 0; r < count; r++)
        arb_swap(x + r, old + r);
    if (old)
        _arb_vec_clear(old, (slong)count);
    return x;
}

static void keep(fp_extreme *x, arb_srcptr jet)
{
    if (x->count == x->capacity) {
        size_t capacity = x->capacity ? 2 * x->capacity : 16;
        x->value = grown(x->value, x->count, capacity);
        x->slope = grown(x->slope, x->count, capacity);
        x->capacity = capacity;
    }
    arb_set(x->value + x->count, jet);
    arb_set(x->slope + x->count, jet + 1);
}

static void lead(fp_extreme *x, const arb_t y, const arf_t far)
{
    arf_set(&x->far, far);
    arb_set(&x->leader, y);
}

static void compete(fp_extreme *x, const arb_t y, const arf_t near, const arf_t far)
{
    if (x->count == 0) {
        arf_set(&x->near, near);
        arf_neg_inf(&x->second);
        lead(x, y, far);
        return;
    }
    bool leads = arf_cmp(far, &x->far) > 0;
    arf_max(&x->near, &x->near, near);
    arf_max(&x->second, &x->second, leads ? &x->far : far);
    if (leads)
        lead(x, y, far);
}

void fp_extreme_add(fp_extreme *x, arb_srcptr jet)
{
    arb_t y;
    arf_t near, far;
    arb_init(y);
    arf_init(near);
    arf_init(far);
    arb_set(y, jet);
    if (x->sign < 0)
        arb_neg(y, y);
    x->finite = x->finite && arb_is_finite(y);
    if (x->finite) {
        arb_get_lbound_arf(near, y, x->prec + GUARD);
        arb_get_ubound_arf(far, y, x->prec + GUARD);
        compete(x, y, near, far);
    }
    if (x->order > 0)
        keep(x, jet);
    x->count++;
    arf_clear(near);
    arf_clear(far);
    arb_clear(y);
}

static void take_best(arb_t out, const fp_extreme *x)
{
    if (!x->finite)
        arb_indeterminate(out);
    else if (arf_cmp(&x->second, &x->near) < 0)
        arb_set(out, &x->leader);
    else
        arb_set_interval_arf(out, &x->near, &x->far, x->prec);
    if (x->sign < 0)
        arb_neg(out, out);
}

/* A candidate is out only if it is certainly worse than the extreme. */
static bool may_attain(const fp_extreme *x, const arb_t y, const arb_t best)
{
    return !(x->sign > 0 ? arb_lt(y, best) : arb_gt(y, best));
}

void fp_extreme_get(arb_ptr out, const fp_extreme *x)
{
    bool any = false;
    take_best(out, x);
    if (x->order == 0)
        return;
    for (size_t r = 0; r < x->count; r++) {
        if (!may_attain(x, x->value + r, out))
            continue;
        if (any)
            arb_union(out + 1, out + 1, x->slope + r, x->prec);
        else
            arb_set(out + 1, x->slope + r);
        any = true;
    }
    if (!arb_is_finite(out))
        arb_indeterminate(out + 1);
}

/* [0, sup |a|] for a ball around 0, so that roots of absolute values stay defined */
static void folded(arb_t out, const arb_t a, slong prec)
{
    arf_t zero, top;
    arf_init(zero);
    arf_init(top);
    arb_get_abs_ubound_arf(top, a, prec);
    arb_set_interval_arf(out, zero, top, prec);
    arf_clear(zero);
    arf_clear(top);
}

/* |a| = max(a, -a) */
void fp_extreme_abs(arb_ptr out, arb_srcptr a, int order, slong prec)
{
    if (!arb_is_finite(a))
        arb_indeterminate(out);
    else if (arb_contains_zero(a))
        folded(out, a, prec);
    else
        arb_abs(out, a);
    if (order == 0)
        return;
    arb_set(out + 1, a + 1);
    if (arb_is_positive(a))
        return;
    arb_neg(out + 1, out + 1);
    if (!arb_is_negative(a))
        arb_union(out + 1, out + 1, a + 1, prec);
}
