/* SPDX-License-Identifier: MIT */
/* What the files of certify share. Numbers in brackets are those of proofs/certificate.md. All bounds are mag_t (30 bits, every operation rounds up) or balls; norms are 2-norms,
 * of a whole state the weighted one, |u|^2/m1 + sum |v|^2 + |k|^2 + |q|^2. Time inside a step is tau = t - left in [0, h]. */
#ifndef FP_CERTIFY_IMPL_H
#define FP_CERTIFY_IMPL_H

#include "flowproof/series.h"
#include "flowproof/tube.h"

/* ---- tails.c: a scalar series is its balls 0..P plus tail >= sum_{k>P} |a_k| h^k (8)-(11). `size`: |a_k| h^k for k <= P, as upper bounds. */
typedef struct {
    int order;
    mag_ptr h_power;   /* >= h^k, k = 0..2 order + 1 */
    size_t n, L, d, pairs;
    /* tails */
    mag_ptr G, s, E, Z, p, o, F, decay, g, c, N; /* d, pairs, pairs, n L, n L L, n L, n, n, n, d, pairs */
    bool closed;       /* false: a denominator could not be bounded away from 0, take a smaller h */
} fp_tails;
void fp_tails_init(fp_tails *t, const fp_series *s, int max_order);
void fp_tails_clear(fp_tails *t);
void fp_tails_set(fp_tails *t, const fp_series *s, const arf_t h);

/* ---- defect.c: D >= |y'(tau) - f(y(tau))| for all tau in [0, h] (12) */
void fp_defect(mag_t out, const fp_series *s, const fp_tails *t);

/* ---- range.c: over tau in [a, b] inside [0, h], at y (not widened) */
void fp_range_scalar(arb_t out, arb_srcptr coefficient, int order, mag_srcptr tail, const arf_t a, const arf_t b, slong prec);
/* >= |vector(tau)|: sum_k |y_k| b^k */
void fp_range_norm(mag_t out, const fp_series *s, fp_series_block block, long token, const arf_t b);
typedef struct { /* everything at once */
    arb_ptr G, s, p, o, F, g, c, N; /* shapes as in fp_tails */
    mag_t u;                        /* >= |u| (not divided by sqrt m1) */
    mag_ptr v, k, q;                /* d each */
} fp_range;
void fp_range_init(fp_range *x, const fp_series *s);
void fp_range_clear(fp_range *x);
void fp_range_set(fp_range *x, const fp_series *s, const fp_tails *t, const arf_t a, const arf_t b);

/* ---- widening.c: how far a quantity at x can be from its value at y when |x - y| <= r, y anywhere in the range (13)-(17) */
typedef struct {
    mag_ptr G, s, p, o, F, g, c, N; /* shapes as in fp_tails */
} fp_widening;
void fp_widening_init(fp_widening *w, const fp_series *s);
void fp_widening_clear(fp_widening *w);
void fp_widening_set(fp_widening *w, const fp_series *s, const fp_range *x, const mag_t r);

/* ---- growth.c: mu >= logarithmic norm of the flow at every state within r of y(tau), tau in [a, b] (2)-(7), by the aggregated comparison matrix (5b). >= 0. The weights w are kept from
 * call to call as a warm start (any positive w is right). */
typedef struct fp_growth fp_growth;
fp_growth *fp_growth_new(const fp_series *s);
void fp_growth_free(fp_growth *g);
void fp_growth_bound(mag_t mu, fp_growth *g, const fp_series *s, const fp_range *x, const fp_widening *w, const mag_t r);

#endif
