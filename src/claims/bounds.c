/* SPDX-License-Identifier: MIT */
#include "bounds.h"

#include <math.h>

static void settle(fp_bound *a, double x, double r)
{
    *a = (fp_bound){x, fp_bound_up(r)};
    if (!isfinite(a->x) || !isfinite(a->r)) *a = (fp_bound){0, INFINITY};
}

void fp_bound_set_ball(fp_bound *out, const arb_t x)
{
    double mid = arf_get_d(arb_midref(x), ARF_RND_NEAR);
    settle(out, mid, mag_get_d(arb_radref(x)) + FP_BOUND_UNIT * fabs(mid));
}

void fp_bound_add(fp_bound *a, const fp_bound *b)
{
    double x = a->x + b->x;
    settle(a, x, a->r + b->r + FP_BOUND_UNIT * fabs(x));
}

void fp_bound_sub(fp_bound *a, const fp_bound *b)
{
    double x = a->x - b->x;
    settle(a, x, a->r + b->r + FP_BOUND_UNIT * fabs(x));
}

/* |AB - ab| <= |a| rb + |b| ra + ra rb */
void fp_bound_mul(fp_bound *a, const fp_bound *b)
{
    double x = a->x * b->x;
    settle(a, x, fabs(a->x) * b->r + fabs(b->x) * a->r + a->r * b->r + FP_BOUND_UNIT * fabs(x));
}

/* |A/B - a/b| <= (ra + |a/b| rb)/(|b| - rb) */
void fp_bound_div(fp_bound *a, const fp_bound *b)
{
    double x = a->x / b->x, low = (fabs(b->x) - b->r) * (1 - 0x1p-50);
    if (!(low > fabs(b->x) * 0x1p-20)) {
        *a = (fp_bound){0, INFINITY};
        return;
    }
    settle(a, x, (a->r + (fabs(x) * (1 + FP_BOUND_UNIT) + DBL_MIN) * b->r) / low + FP_BOUND_UNIT * fabs(x));
}

/* |sqrt A - sqrt a| <= ra/sqrt a */
void fp_bound_sqrt(fp_bound *a)
{
    double x = sqrt(a->x);
    if (!(a->x > 2 * a->r)) {
        *a = (fp_bound){0, INFINITY};
        return;
    }
    settle(a, x, a->r / x * (1 + 4 * FP_BOUND_UNIT) + FP_BOUND_UNIT * x);
}

/* |max(A, B) - max(a, b)| <= max(ra, rb) */
void fp_bound_extreme(fp_bound *a, const fp_bound *b, int sign)
{
    double r = a->r > b->r ? a->r : b->r;
    if (sign > 0 ? b->x > a->x : b->x < a->x) a->x = b->x;
    a->r = r;
}

/* x - spread rounds to at most x - r */
static double spread(const fp_bound *a)
{
    return fp_bound_up(a->r + FP_BOUND_UNIT * (fabs(a->x) + a->r));
}

double fp_bound_low(const fp_bound *a)
{
    return a->x - spread(a);
}

double fp_bound_high(const fp_bound *a)
{
    return a->x + spread(a);
}
