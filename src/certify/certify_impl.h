/* SPDX-License-Identifier: MIT */
/* What the files of certify share. Numbers in brackets are those of proofs/certificate.md. All bounds are mag_t (30 bits, every operation rounds up) or balls; norms are 2-norms,
 * of a whole state the weighted one, |u|^2/m1 + sum |v|^2 + |k|^2 + |q|^2. Time inside a step is tau = t - left in [0, h]. */
#ifndef FP_CERTIFY_IMPL_H
#define FP_CERTIFY_IMPL_H

#include "flowproof/series.h"
#include "flowproof/tube.h"

/* ---- tails_rules.c: the truncated power series algebra |a| = sum_k |a_k| h^k. Sizes of a: a[k] >= |a_k| h^k, k = 0..order; its tail >= sum_{k>order} |a_k| h^k.
 * Outputs are distinct from inputs. inf is a valid bound. */
void fp_tail_sizes(mag_ptr out, arb_srcptr coefficient, int order, mag_srcptr h_power);
void fp_tail_sum(mag_t out, mag_srcptr a, int from, int order); /* sum_{from<=k<=order} a[k] */
/* sum over i + j >= least, i, j <= order, of a[i] b[j] */
void fp_tail_overlap(mag_t out, mag_srcptr a, mag_srcptr b, int order, int least);
/* (8): tail of the product, ta, tb the tails of a, b */
void fp_tail_product(mag_t out, mag_srcptr a, const mag_t ta, mag_srcptr b, const mag_t tb, int order);
/* Sizes of the product of order <= order, as upper bounds. */
void fp_tail_convolve(mag_ptr out, mag_srcptr a, mag_srcptr b, int order);
/* (9): tail of E = exp(s + any constant), E the sizes of its true coefficients */
void fp_tail_exp(mag_t out, mag_srcptr s, const mag_t ts, mag_srcptr E, int order);
/* (10): tail of q = a/b, b0 <= |b_0|. False (out = inf) if b is not shown to stay away from 0. */
bool fp_tail_quotient(mag_t out, mag_srcptr q, const mag_t ta, mag_srcptr b, const mag_t b0, const mag_t tb, int order);

/* ---- tails.c: a scalar series is its balls 0..P plus tail >= sum_{k>P} |a_k| h^k (8)-(11). A polynomial y has no tail; its blocks are here by the sizes
 * |y_k| h^k of their coefficients. */
typedef struct {
    int order;
    mag_ptr h_power;   /* >= h^k, k = 0..order */
    size_t n, L, d, pairs;
    /* sizes, order + 1 numbers a vector or token */
    mag_ptr u, v, k, q, size_G;
    /* tails */
    mag_ptr G, s, E, Z, p, o, F, decay, g, c, N; /* d, pairs, pairs, n L, n L L, n L, n, n, n, d, pairs */
    bool closed;       /* false: a denominator could not be bounded away from 0, take a smaller h */
    mag_ptr sample;    /* scratch: sizes of the attention p of one sample, L L vectors */
    mag_ptr row;       /* scratch: some vectors */
    int max_order;
} fp_tails;
void fp_tails_init(fp_tails *t, const fp_series *s, int max_order);
void fp_tails_clear(fp_tails *t); /* accepts a zeroed object */
void fp_tails_set(fp_tails *t, const fp_series *s, const arf_t h);

/* ---- defect.c: D >= |y'(tau) - f(y(tau))| for all tau in [0, h] (12) */
void fp_defect(mag_t out, const fp_series *s, const fp_tails *t);
/* Its two parts: orders >= P for each block (1 + 3d of them, in state order; u divided by sqrt m1), and orders < P, all blocks together. */
void fp_defect_blocks(mag_ptr out, const fp_series *s, const fp_tails *t);
void fp_defect_residual(mag_t out, const fp_series *s, const fp_tails *t);

/* ---- range.c: over tau in [a, b], 0 <= a <= b <= h, at y (not widened). Not a number if a, b are anything else. */
/* The powers [a^k, b^k], k = 0..order: for many series over one sub-interval. */
void fp_range_powers(arb_ptr power, int order, const arf_t a, const arf_t b, slong prec);
/* sum_k coefficient_k power_k +- tail. As wide as sum_k |coefficient_k| (b^k - a^k); to rounding the value itself if a = b. */
void fp_range_at(arb_t out, arb_srcptr coefficient, int order, mag_srcptr tail, arb_srcptr power, slong prec);
/* The same for one series. */
void fp_range_scalar(arb_t out, arb_srcptr coefficient, int order, mag_srcptr tail, const arf_t a, const arf_t b, slong prec);
/* >= |vector(tau)|: sum_k |y_k| b^k */
void fp_range_norm(mag_t out, const fp_series *s, fp_series_block block, long token, const arf_t b);
typedef struct { /* everything at once, for bounds: 64 bits only */
    arb_ptr G, s, p, o, F, g, c, N; /* shapes as in fp_tails */
    mag_t u;                        /* >= |u| (not divided by sqrt m1) */
    mag_ptr v, k, q;                /* d each */
    size_t d, pairs, n, L;
    int powers;                     /* order + 1 */
    arb_ptr power;                  /* [a^k, b^k] */
    mag_ptr top;                    /* >= b^k */
} fp_range;
void fp_range_init(fp_range *x, const fp_series *s);
void fp_range_init_for(fp_range *x, const fp_series_shape *shape);
void fp_range_clear(fp_range *x);
void fp_range_set(fp_range *x, const fp_series *s, const fp_tails *t, const arf_t a, const arf_t b);
bool fp_range_is_finite(const fp_range *x);

/* ---- widening.c: how far a quantity at x can be from its value at y when |x - y| <= r, y anywhere in the range (13)-(17). All infinite if the range or r is not finite. */
typedef struct {
    mag_ptr G, s, p, o, F, g, c, N; /* shapes as in fp_tails */
    size_t d, pairs, n, L;          /* private */
} fp_widening;
void fp_widening_init(fp_widening *w, const fp_series *s);
void fp_widening_init_for(fp_widening *w, const fp_series_shape *shape);
void fp_widening_clear(fp_widening *w);
void fp_widening_set(fp_widening *w, const fp_series *s, const fp_range *x, const mag_t r);
void fp_widening_of(fp_widening *w, const fp_series_shape *shape, const fp_range *x, const mag_t r);

/* ---- growth.c: mu >= logarithmic norm of the flow at every state within r of y(tau), tau in [a, b] (2)-(7), by the aggregated comparison matrix (5b), its
 * u-K, u-Q, K-K and Q-Q entries bounded by Frobenius norms (growth_mixed.c, growth_cumulant.c). >= 0; infinite if
 * anything needed is not finite. The weights w are kept from call to call as a warm start (any positive w is right). An object serves one thread at a time: one for
 * each sub-interval makes mu independent of the number of threads. Double arithmetic with bounded error is inside, so another machine or compiler may find another mu (in the last of 30
 * bits, or near it): every one of them is a bound. */
typedef struct fp_growth fp_growth;
fp_growth *fp_growth_new(const fp_series *s);
void fp_growth_free(fp_growth *g);
/* The next bound starts from scratch, so that what follows does not depend on what was bounded before. */
void fp_growth_forget(fp_growth *g);
void fp_growth_bound(mag_t mu, fp_growth *g, const fp_series *s, const fp_range *x, const fp_widening *w, const mag_t r);

/* All sub-intervals of a step at once, on the pool: this is what a step wants. `open` forgets what was before and sets what does not depend on r; then `bound` for one r after the other:
 * integral >= sum of mu_s h_s, largest >= every mu_s (18). Two sub-intervals cost 0.6% of mu against four, and half the time. */
typedef struct fp_growth_parts fp_growth_parts;
fp_growth_parts *fp_growth_parts_new(const fp_series *s, int count, fp_pool *pool); /* count >= 1; pool borrowed, may be NULL */
void fp_growth_parts_free(fp_growth_parts *p);
void fp_growth_parts_open(fp_growth_parts *p, const fp_series *s, const fp_tails *t, const arf_t h);
void fp_growth_parts_bound(mag_t integral, mag_t largest, fp_growth_parts *p, const fp_series *s, const mag_t r);

/* The same on plain data (for tests, and what the above consists of). */
typedef struct {
    long rows_v, rows_k;
    double *v, *k, *q;                /* d vectors each, token after token: the state in the middle of the sub-interval, about */
    mag_ptr v_off, k_off, q_off;      /* d each: >= 2-norm of v(tau) - (those doubles), for every tau of the sub-interval, at y */
} fp_growth_vectors;
/* Symmetric nonnegative (3d+1)-matrix B on (|dub|, |dv_t|, |dk_t|, |dq_t|) by its entries that may be nonzero (7). */
typedef struct {
    size_t d, pairs;
    const long *key, *query; /* borrowed: tokens of a pair */
    mag_ptr uv, uk, uq;      /* d */
    mag_ptr kk, qq;          /* d, diagonal */
    mag_ptr kq, kv, qv;      /* pairs: key's k with query's q; key's k with query's v; key's q with query's v */
} fp_comparison;
void fp_comparison_init(fp_comparison *B, const fp_series_shape *shape);
void fp_comparison_clear(fp_comparison *B);
void fp_comparison_zero(fp_comparison *B);
void fp_comparison_apply(mag_ptr out, const fp_comparison *B, mag_srcptr w); /* >= B w; order u, v, k, q */
/* max_i (B w)_i / w_i for a w > 0 found from *w (3d+1 doubles, any values; changed to what was found). */
void fp_comparison_bound(mag_t mu, const fp_comparison *B, double *w);

fp_growth *fp_growth_new_for(const fp_series_shape *shape);
fp_growth_vectors *fp_growth_get_vectors(fp_growth *g); /* to be filled in */
void fp_growth_prepare(fp_growth *g, const fp_range *x, const mag_t r); /* what the vectors are over the tube; before add_mixed, add_cumulant */
/* Each adds its block to B: uv (4); kq (4); uk, uq, kv, qv (5b); kk, qq, kq (6). */
void fp_growth_add_outputs(fp_comparison *B, const fp_series_shape *shape, const fp_range *x, const fp_widening *w);
void fp_growth_add_scores(fp_comparison *B, const fp_series_shape *shape, const fp_range *x, const fp_widening *w);
void fp_growth_add_mixed(fp_comparison *B, fp_growth *g, const fp_series_shape *shape, const fp_range *x, const fp_widening *w, const mag_t r);
void fp_growth_add_cumulant(fp_comparison *B, const fp_growth *g, const fp_series_shape *shape, const fp_range *x, const fp_widening *w);
const fp_comparison *fp_growth_matrix(fp_growth *g, const fp_series_shape *shape, const fp_range *x, const fp_widening *w, const mag_t r);
void fp_growth_bound_at(mag_t mu, fp_growth *g, const fp_series_shape *shape, const fp_range *x, const fp_widening *w, const mag_t r);

/* ---- start_rotation.c: columns A (exact, m rows) and B (a rotation of them that was computed with rounding, `rows` = min(m, count) rows, upper trapezoidal). Column count-1 counts with
 * the squared weight `last_weight`, the others with 1. What is bounded is the distance from B to J^T A for one isometry J whose range contains the columns of A:
 * with S_A, S_B the square roots of the Gram matrices, X = S_A - S_B solves S_A X + X S_B = A^T A - B^T B, an equation whose operator has no eigenvalue below sigma_min(B), and A = U_A S_A,
 * B = U_B S_B give J = U_A U_B^T with |A - J B| = |X|. So |A - J B|_F <= |A^T A - B^T B|_F / sigma_min(B) when count <= m. Otherwise this is applied to the first m columns, and the others
 * follow from B1^T (J^T A2 - B2) = (A1^T A2 - B1^T B2) - (J^T A1 - B1)^T J^T A2. */
typedef struct {
    size_t m, rows, count;
    arb_ptr A, B;
    mag_t last_weight;
    slong prec;             /* of the inner products */
    mag_t leading, distance; /* >= weighted distance of the first `rows` columns, of all */
    mag_t inverse;          /* >= 1/sigma_min of the first `rows` columns of B, weighted */
} fp_rotation;
void fp_rotation_init(fp_rotation *x, size_t m, size_t rows, size_t count, slong prec);
void fp_rotation_clear(fp_rotation *x);
/* False: B is not upper trapezoidal or not shown to have full rank. */
bool fp_rotation_bound(fp_rotation *x);
/* >= |J^T w - w0|, w of m rows, w0 of `rows` rows, from their inner products with the columns. After fp_rotation_bound. */
void fp_rotation_vector_bound(mag_t out, const fp_rotation *x, arb_srcptr w, arb_srcptr w0);

#endif
