/* SPDX-License-Identifier: MIT */
/* Taylor series of the reduced (or compressed) flow from an exact state: the polynomial y(tau) = sum_k y_k tau^k with exact grid coefficients, and the series of every scalar of theory
 * section 2 along y, as balls that contain the true coefficients of the composed function. y_{k+1} is chosen as the grid number nearest to the midpoint of f_k/(k+1); how far it
 * is off is residual[k]. One pass generates the step and bounds its defect (certificate.md, (12)). Used by the integrator `taylor` and by certification alike. */
#ifndef FLOWPROOF_SERIES_H
#define FLOWPROOF_SERIES_H

#include "flowproof/flow.h"
#include "flowproof/grid.h"

/* Distinct token pairs (key nu, query mu) that occur in some sample, and where: index of a pair in 0..pairs-1, key-major order. */
typedef struct {
    long n, L, d, m, m1, rows_v, rows_k;
    size_t pairs;
    long *key, *query;      /* 0-based tokens of a pair */
    long *pair_of;          /* d x d, key-major, -1 if the pair does not occur */
    const long *token;      /* n x L, 0-based, owned */
    const int *label;       /* n, +1 or -1, owned */
} fp_series_shape;

enum { FP_SERIES_ORDER_MAX = 10000 };

typedef struct fp_series fp_series;
/* layout: of a reduced or compressed flow (FP_BAD_INPUT otherwise). prec: of the scalar balls (about 60*limbs + 32). Problem borrowed until the call returns; pool borrowed for life. */
fp_status fp_series_new(fp_series **out, const fp_problem *problem, const fp_layout *layout, int limbs, int max_order, slong prec, fp_pool *pool, fp_error *err);
void fp_series_free(fp_series *s);
const fp_series_shape *fp_series_get_shape(const fp_series *s);
int fp_series_limbs(const fp_series *s);
slong fp_series_prec(const fp_series *s);

/* Order 0 from a state vector (layout order); *rounding >= norm of what the grid could not hold, in the weighted norm |u|^2/m1 + sum |v|^2+|k|^2+|q|^2. False if not finite. */
bool fp_series_start(fp_series *s, mag_t rounding, const fp_vec *y);
/* Computes coefficients 1..order (<= max_order) of y and 0..order of every scalar. */
void fp_series_extend(fp_series *s, int order);
int fp_series_order(const fp_series *s);

/* Coefficients of y (valid until the next start). Blocks: u (index 0), v, k, q (index token 0..d-1). */
typedef enum { FP_SERIES_U, FP_SERIES_V, FP_SERIES_K, FP_SERIES_Q } fp_series_block;
const fp_grid_vec *fp_series_vector(const fp_series *s, fp_series_block block, long token, int k);
/* >= |(k+1) y_{k+1} - f_k| in the weighted norm, k < order, f_k the true coefficient k of f(y(tau)). */
mag_srcptr fp_series_residual(const fp_series *s, int k);

/* Scalar series: coefficients 0..order, contiguous. */
arb_srcptr fp_series_G(const fp_series *s, long token);
arb_srcptr fp_series_score(const fp_series *s, size_t pair);     /* s = k.q/sqrt m */
arb_srcptr fp_series_exp(const fp_series *s, size_t pair);       /* E = exp(s - shift of the query token) */
arb_srcptr fp_series_sum(const fp_series *s, long i, long l);    /* Z = sum of E over the sample's keys */
arb_srcptr fp_series_p(const fp_series *s, long i, long l, long k);
arb_srcptr fp_series_o(const fp_series *s, long i, long l);
arb_srcptr fp_series_F(const fp_series *s, long i);
arb_srcptr fp_series_z(const fp_series *s, long i);              /* |z| = sign * y_i F_i with sign that of y_i F_i at order 0, so z_0 >= 0 */
int fp_series_z_sign(const fp_series *s, long i);
arb_srcptr fp_series_decay(const fp_series *s, long i);          /* e^{-z} with this z */
arb_srcptr fp_series_g(const fp_series *s, long i);              /* 1/(1+exp(y_i F_i)) = e^{-z}/(1+e^{-z}) if sign > 0, else 1/(1+e^{-z}) */
arb_srcptr fp_series_c(const fp_series *s, long token);
arb_srcptr fp_series_N(const fp_series *s, size_t pair);

/* y(tau) for an exact dyadic tau of any sign, on the grid: out[0] of u, out[1..d] of v, ... in state order (u, V, K, Q); *error >= weighted norm of out - y(tau). out: 1+3d vectors
 * (two lengths if compressed). Read only; callable from several threads with different outs. */
typedef struct {
    fp_grid u, v, k, q; /* u: 1 vector; v, k, q: d each */
} fp_series_state;
void fp_series_state_init(fp_series_state *x, const fp_series *s);
void fp_series_state_clear(fp_series_state *x);
void fp_series_state_copy(fp_series_state *out, const fp_series_state *x); /* of one shape */
void fp_series_state_distance(mag_t out, const fp_series_state *x, const fp_series_state *y, long m1); /* >= |x - y|, weighted; their grids may differ in their digits */
void fp_series_at(fp_series_state *out, mag_t error, const fp_series *s, const arf_t tau);
void fp_series_restart(fp_series *s, const fp_series_state *x); /* order 0 := x, exactly */
void fp_series_state_to_vec(fp_vec *out, const fp_series_state *x, const fp_layout *layout); /* exact if out has 60*limbs bits */
bool fp_series_state_from_vec(fp_series_state *out, mag_t rounding, const fp_vec *y, const fp_layout *layout);

#endif
