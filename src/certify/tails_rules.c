/* SPDX-License-Identifier: MIT */
/* Tails of products, exponentials and quotients in the Banach algebra of power series with |a| = sum_k |a_k| h^k (certificate.md, (8)-(10)). Each bound is a sum over
 * the index pairs beyond the order, O(order) by a running sum from the top. */
#include "certify_impl.h"

void fp_tail_sizes(mag_ptr out, arb_srcptr coefficient, int order, mag_srcptr h_power)
{
    for (int k = 0; k <= order; k++) {
        arb_get_mag(out + k, coefficient + k);
        mag_mul(out + k, out + k, h_power + k);
    }
}

void fp_tail_sum(mag_t out, mag_srcptr a, int from, int order)
{
    mag_zero(out);
    for (int k = from; k <= order; k++) mag_add(out, out, a + k);
}

void fp_tail_overlap(mag_t out, mag_srcptr a, mag_srcptr b, int order, int least)
{
    mag_t above; /* sum of b[j], j >= least - i */
    mag_init(above);
    mag_zero(out);
    for (int i = 0, j = order; i <= order; i++) {
        for (; j >= 0 && i + j >= least; j--) mag_add(above, above, b + j);
        mag_addmul(out, a + i, above);
    }
    mag_clear(above);
}

void fp_tail_product(mag_t out, mag_srcptr a, const mag_t ta, mag_srcptr b, const mag_t tb, int order)
{
    mag_t whole;
    mag_init(whole);
    fp_tail_overlap(out, a, b, order, order + 1);
    fp_tail_sum(whole, b, 0, order);
    mag_add(whole, whole, tb);
    mag_addmul(out, ta, whole);
    fp_tail_sum(whole, a, 0, order);
    mag_addmul(out, tb, whole);
    mag_clear(whole);
}

void fp_tail_convolve(mag_ptr out, mag_srcptr a, mag_srcptr b, int order)
{
    for (int k = 0; k <= order; k++) {
        mag_zero(out + k);
        for (int i = 0; i <= k; i++) mag_addmul(out + k, a + i, b + (k - i));
    }
}

/* R of (9): sum over i + j > order of j |s_j| h^j |E_i| h^i */
static void exp_residual(mag_t out, mag_srcptr s, mag_srcptr E, int order)
{
    mag_t above, slope;
    mag_init(above);
    mag_init(slope);
    mag_zero(out);
    for (int j = 1, i = order; j <= order; j++) {
        for (; i >= 0 && i + j > order; i--) mag_add(above, above, E + i);
        mag_mul_ui(slope, s + j, (ulong)j);
        mag_addmul(out, slope, above);
    }
    mag_clear(slope);
    mag_clear(above);
}

void fp_tail_exp(mag_t out, mag_srcptr s, const mag_t ts, mag_srcptr E, int order)
{
    mag_t moving, growth, change;
    mag_init(moving);
    mag_init(growth);
    mag_init(change);
    fp_tail_sum(moving, s, 1, order);
    mag_exp(growth, moving);
    exp_residual(out, s, E, order);
    mag_div_ui(out, out, (ulong)order + 1);
    mag_mul(out, out, growth);
    mag_mul(out, out, growth);
    mag_expm1(change, ts);
    mag_mul(change, change, growth);
    mag_addmul(out, E, change);
    mag_clear(change);
    mag_clear(growth);
    mag_clear(moving);
}

bool fp_tail_quotient(mag_t out, mag_srcptr q, const mag_t ta, mag_srcptr b, const mag_t b0, const mag_t tb, int order)
{
    mag_t below, t;
    mag_init(below);
    mag_init(t);
    fp_tail_sum(t, b, 1, order);
    mag_add(t, t, tb);
    mag_sub_lower(below, b0, t);
    fp_tail_overlap(out, b, q, order, order + 1);
    mag_add(out, out, ta);
    fp_tail_sum(t, q, 0, order);
    mag_addmul(out, tb, t);
    bool closed = !mag_is_zero(below) && mag_is_finite(out);
    if (closed)
        mag_div(out, out, below);
    else
        mag_inf(out);
    mag_clear(t);
    mag_clear(below);
    return closed;
}
