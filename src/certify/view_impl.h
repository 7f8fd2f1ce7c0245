/* SPDX-License-Identifier: MIT */
/* Inside of a view. Over tau in [a, b] with middle T and half width H, a vector of y is value + delta slope + rest, |delta| <= H. A quantity is a bilinear form of such vectors, or has a
 * series of its own; then comes what the tube |x - y| <= E adds (certificate.md, (13)-(17), (21)). */
#ifndef FP_VIEW_IMPL_H
#define FP_VIEW_IMPL_H

#include "step_impl.h"

typedef struct {
    fp_grid_vec *value, *slope;
    mag_t change, bend; /* >= H |slope|; >= |rest|, by second derivatives */
    mag_t error;        /* >= |value - true| + H |slope - true| */
    mag_t norm;         /* >= |vector(tau)| for all tau in [a, b], the true one */
    uint64_t now;       /* fresh if it is that of the view */
} fp_view_vector;

/* value + delta slope +- rest */
typedef struct {
    arb_t value, slope;
    mag_t rest;
    uint64_t now;
} fp_view_form;

/* w_j(0), constant, in the basis of the run and as it is in the problem (the same rows in the reduced form) */
typedef struct {
    fp_grid rotated, exact;    /* m1 vectors each, and a zero one */
    fp_view_vector *w, *whole; /* m1 each; NULL: not yet wanted */
    fp_view_form *drift;       /* m1: w_j(0).(u - u(0)) */
    fp_grid u0;
    mag_t u0_error;
} fp_view_neurons;

typedef struct {
    fp_tube_view table; /* its ctx is this */
    const fp_step *step;
    const fp_series *series;
    const fp_series_shape *shape;
    const fp_flow *flow;
    const fp_start *start;
    slong prec;
    int order;
    uint64_t now;
    /* of the step */
    mag_t E, E_u;                 /* radius; sqrt(m1) E >= |du| */
    fp_widening widening;
    arb_t root_m, inverse_m1;
    mag_t root_m1_lower, tail_factor;
    mag_ptr slope_G, slope_s;     /* widenings of the time derivatives of G and s */
    /* of the sub-interval */
    arf_t middle, half;
    slong bits;                   /* of scalars: prec at one time; over [a, b] so many that rounding is far below the width */
    mag_t H;
    arb_t half_square;            /* H^2/2 */
    arb_ptr power, power1, power2; /* T^k and its derivatives: k T^{k-1}, k (k-1)/2 T^{k-2} */
    const arb_struct **at, **at1; /* pointers to power, power1 */
    mag_ptr bend, third;          /* C(k,2) b^{k-2} H^2, C(k,3) b^{k-3} H^3 */
    /* caches */
    fp_grid grid_v, grid_k;       /* values and slopes */
    fp_view_vector u, moved;      /* moved: u - u(0) */
    fp_view_vector *v, *k, *q;
    fp_view_form moved2, moved_u, *moved_v; /* u - u(0) times itself, u, v */
    const fp_grid_vec **terms;    /* of a combination */
    arb_ptr F;
    uint64_t *F_now;
    fp_view_neurons neurons;
} fp_view;

/* ---- view_series.c */
void fp_view_set_powers(fp_view *w, const arf_t b);
/* Of a scalar series with its tail and widening. */
void fp_view_scalar(arb_t out, const fp_view *w, arb_srcptr coefficient, mag_srcptr tail, mag_srcptr widening);

void fp_view_add_weighted(mag_t out, arb_srcptr coefficient, mag_srcptr weight, int from, int order);

/* ---- view_slopes.c */
void fp_view_slopes_set(fp_view *w, const fp_range *range); /* of the whole step; E and the widening are there */
void fp_view_slopes_clear(fp_view *w);
/* The derivative of a scalar series with its tail (of the series, not of the derivative) and the widening of the derivative. */
void fp_view_slope(arb_t out, const fp_view *w, arb_srcptr coefficient, mag_srcptr tail, mag_srcptr widening);

/* ---- view_vectors.c */
void fp_view_vector_init(fp_view_vector *x, fp_grid_vec *value, fp_grid_vec *slope);
void fp_view_vector_clear(fp_view_vector *x);
void fp_view_vectors_init(fp_view *w);
void fp_view_vectors_clear(fp_view *w);
const fp_view_vector *fp_view_get(fp_view *w, fp_series_block block, long token); /* at y */
void fp_view_entries(arb_ptr out, const fp_view *w, const fp_view_vector *x, mag_srcptr widening);

/* ---- view_forms.c */
void fp_view_form_init(fp_view_form *f);
void fp_view_form_clear(fp_view_form *f);
void fp_view_form_dot(fp_view_form *f, const fp_view *w, const fp_view_vector *x, const fp_view_vector *z); /* f = x.z */
void fp_view_form_add(fp_view_form *f, const fp_view *w, const fp_view_form *x, const arb_t scale);        /* f += scale x; scale NULL: 1 */
void fp_view_form_range(arb_t out, const fp_view *w, const fp_view_form *f, mag_srcptr widening);
/* (13): x.z of two vectors of the tube with |dx|^2 + |dz|^2 <= E^2; |x|^2 of one with |dx| <= e */
void fp_view_pair(arb_t out, const fp_view *w, const fp_view_vector *x, const fp_view_vector *z);
void fp_view_square(arb_t out, const fp_view *w, const fp_view_vector *x, mag_srcptr e);

/* ---- view_neurons.c */
void fp_view_neurons_clear(fp_view *w);
void fp_view_WV(arb_t out, fp_view *w, long j, long token);
void fp_view_WW(arb_t out, fp_view *w, long j1, long j2);
void fp_view_WU(arb_t out, fp_view *w, long j);
void fp_view_neuron(arb_ptr out, fp_view *w, long j);

#endif
