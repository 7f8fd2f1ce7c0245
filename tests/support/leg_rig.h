/* SPDX-License-Identifier: MIT */
/* A step of the verifier from a state of the reduced or compressed flow, for its tests. */
#ifndef FP_TESTS_LEG_RIG_H
#define FP_TESTS_LEG_RIG_H

#include "../../src/verify/verify_impl.h"
#include "fp_check.h"

/* Where vector v begins in a state. */
static inline size_t leg_offset(const fp_layout *at, size_t v)
{
    size_t d = (size_t)at->d, e = (v - 1) % d;
    return v == 0 ? at->u : v <= d ? at->V + e * (size_t)at->rows_v : (v <= 2 * d ? at->K : at->Q) + e * (size_t)at->rows_k;
}

/* Knot := y, rounded to the grid */
static inline void leg_set_knot(fp_leg *x, const fp_layout *at, const fp_vec *y)
{
    mag_t rounding;
    mag_init(rounding);
    for (size_t v = 0; v < x->vectors; v++) ck_assert(fp_grid_from_vec(fp_leg_at(x, v, 0), rounding, y, leg_offset(at, v)));
    mag_clear(rounding);
}

/* Knot: y. Freed with fp_leg_free. */
static inline fp_leg *leg_at(const fp_problem *p, const fp_layout *at, const fp_vec *y, int order, int limbs)
{
    fp_leg *x = fp_leg_new(p, at->rows_v, at->rows_k, order, limbs);
    leg_set_knot(x, at, y);
    return x;
}

static inline bool leg_open(fp_leg *x, double h)
{
    arf_t zero, length;
    arf_init(zero);
    arf_init(length);
    arf_set_d(length, h);
    bool ok = fp_leg_open(x, zero, length);
    arf_clear(zero);
    arf_clear(length);
    return ok;
}

/* Row r of a vector of y, and of its derivative unless NULL, at s: Horner, the derivative first */
static inline void leg_value(arb_t value, arb_ptr slope, const fp_leg *x, size_t vector, size_t r, const arf_t s, slong prec)
{
    arb_t entry;
    arb_init(entry);
    arb_zero(value);
    if (slope) arb_zero(slope);
    for (int k = x->order; k >= 0; k--) {
        if (slope) arb_mul_arf(slope, slope, s, prec);
        if (slope) arb_add(slope, slope, value, prec);
        fp_grid_get_ball(entry, fp_leg_at(x, vector, k), r);
        arb_mul_arf(value, value, s, prec);
        arb_add(value, value, entry, prec);
    }
    arb_clear(entry);
}

#endif
