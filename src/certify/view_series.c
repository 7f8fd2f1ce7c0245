/* SPDX-License-Identifier: MIT */
/* A scalar series over [a, b], expanded about the middle T to second order: f(T) + delta f'(T) + delta^2 f''(T)/2 + rest, |delta| <= H, |rest| <= sum_k C(k,3) |f_k| b^{k-3} H^3. */
#include "view_impl.h"

enum { COARSE = 64 };

/* T^k, and what differentiating makes of it */
static void set_middle(fp_view *w)
{
    arb_one(w->power);
    for (slong k = 0; k <= w->order; k++) {
        if (k > 0) {
            arb_set_arf(w->power + k, w->middle);
            arb_mul(w->power + k, w->power + k, w->power + k - 1, w->prec);
            arb_mul_si(w->power1 + k, w->power + k - 1, k, w->prec);
        }
        if (k > 1) {
            arb_mul_si(w->power2 + k, w->power + k - 2, k * (k - 1), w->prec);
            arb_mul_2exp_si(w->power2 + k, w->power2 + k, -1);
        }
    }
}

static void set_rests(fp_view *w, const arf_t b)
{
    mag_t top, power, square;
    mag_init(top);
    mag_init(power);
    mag_init(square);
    arf_get_mag(top, b);
    mag_mul(square, w->H, w->H);
    mag_one(power);
    for (int k = 2; k <= w->order; k++, mag_mul(power, power, top)) { /* power = b^{k-2} */
        mag_mul(w->bend + k, power, square);
        mag_mul_ui(w->bend + k, w->bend + k, (ulong)k * (ulong)(k - 1) / 2);
        if (k == w->order)
            break;
        mag_mul(w->third + k + 1, power, square);
        mag_mul(w->third + k + 1, w->third + k + 1, w->H);
        mag_mul_ui(w->third + k + 1, w->third + k + 1, (ulong)(k + 1) * (ulong)k * (ulong)(k - 1) / 6);
    }
    mag_clear(top);
    mag_clear(power);
    mag_clear(square);
}

void fp_view_set_powers(fp_view *w, const arf_t b)
{
    set_middle(w);
    set_rests(w, b);
}

void fp_view_add_weighted(mag_t out, arb_srcptr coefficient, mag_srcptr weight, int from, int order)
{
    mag_t size;
    mag_init(size);
    for (int k = from; k <= order; k++) {
        arb_get_mag(size, coefficient + k);
        mag_addmul(out, size, weight + k);
    }
    mag_clear(size);
}

/* Slope and curvature at the middle, of which radii are made; out covers all delta. */
static void expand(arb_t out, const fp_view *w, arb_srcptr coefficient)
{
    slong terms = w->order + 1;
    mag_t reach, size;
    arb_t x;
    arb_init(x);
    mag_init(reach);
    mag_init(size);
    arb_dot(x, NULL, 0, coefficient, 1, w->power1, 1, terms, COARSE);
    arb_get_mag(size, x);
    mag_mul(reach, size, w->H);
    arb_dot(x, NULL, 0, coefficient, 1, w->power2, 1, terms, COARSE);
    arb_mul(x, x, w->half_square, COARSE); /* delta^2 f''/2 is in [0, 2 x] */
    arb_add(out, out, x, w->bits);
    arb_get_mag(size, x);
    mag_add(reach, reach, size);
    fp_view_add_weighted(reach, coefficient, w->third, 3, w->order);
    arb_add_error_mag(out, reach);
    mag_clear(reach);
    mag_clear(size);
    arb_clear(x);
}

void fp_view_scalar(arb_t out, const fp_view *w, arb_srcptr coefficient, mag_srcptr tail, mag_srcptr widening)
{
    arb_dot(out, NULL, 0, coefficient, 1, w->power, 1, w->order + 1, w->bits);
    if (!mag_is_zero(w->H))
        expand(out, w, coefficient);
    arb_add_error_mag(out, tail);
    arb_add_error_mag(out, widening);
}
