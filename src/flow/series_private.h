/* SPDX-License-Identifier: MIT */
/* Inside of the series. Every series is a row of `stride` contiguous balls, so that a coefficient of a product is one arb_dot. What belongs to positions belongs to entries (distinct
 * tokens of a sample, see fp_pairs): p of a cell is shared by all positions that hold its two tokens. */
#ifndef FP_FLOW_SERIES_PRIVATE_H
#define FP_FLOW_SERIES_PRIVATE_H

#include "flow_private.h"
#include "flowproof/series.h"

enum {
    FP_SERIES_BLOCKS = 4,
    FP_FLOW_SERIES_SCALAR = 32 /* bits of the scalars beyond those of the grid */
};

/* A list of terms of one combination; its arrays hold `room` of them. */
typedef struct {
    const arb_struct **a;
    const fp_grid_vec **x;
} fp_series_terms;

struct fp_series {
    fp_series_shape shape;
    fp_pairs pairs;
    int limbs, max_order, order;
    bool ready; /* scalars of order `order` are there */
    slong prec;
    size_t stride; /* max_order + 1 */
    fp_pool *pool;

    fp_grid y[FP_SERIES_BLOCKS];                    /* vector (token, k) of a block is number token*stride + k */
    const fp_grid_vec **up[FP_SERIES_BLOCKS];       /* pointers to them in this order, */
    const fp_grid_vec **down[FP_SERIES_BLOCKS];     /* and in descending order of k inside a token */
    const arb_struct **c_up;                        /* pointers to c, token after token */

    arb_ptr G, c, m1_c;      /* per token */
    arb_ptr s, js, E, N;     /* per pair; js: coefficient j is j s_j */
    arb_ptr Z, o;            /* per entry, as query */
    arb_ptr p, gp, lead;     /* per cell; gp = g_i p, lead = G(key) - o */
    arb_ptr F, z, jz, decay, g; /* per sample; jz: coefficient j is -j z_j */
    arb_ptr force;           /* per cell, one number: this order's g_i p (G(key) - o) */
    arb_ptr inverse_Z;       /* per entry, one number: 1/Z_0 */
    arb_ptr inverse_b;       /* per sample: 1/(1 + decay_0) */
    arf_struct *shift;       /* per token: integer near the largest s_0 of its pairs as query */
    int *sign;               /* per sample */
    size_t *entry;           /* n x L: entry of a position */
    long *weight;            /* per cell: y_i count(query) count(key) */
    arb_t per_sqrt_m, per_n_sqrt_m; /* 1/sqrt m, 1/(n sqrt m) */

    fp_series_terms *terms;  /* per moving part, see series_move.c */
    mag_ptr error;           /* per moving part */
    mag_ptr residual;        /* per order */
};

/* Row i of the series that start at base. */
static inline arb_ptr fp_series_row(arb_ptr base, const fp_series *s, size_t i)
{
    return base + i * s->stride;
}

/* ---- series_scalar.c: coefficient s->order of every scalar, from coefficients 0..order of y */
void fp_series_scalars(fp_series *s);

/* ---- series_move.c: y_{order+1} and residual[order]; order goes up by one */
void fp_series_move(fp_series *s);
void fp_series_move_init(fp_series *s);
void fp_series_move_clear(fp_series *s);

/* ---- series_state.c: the 1+3d vectors of a state one after the other: number w = 0 is u, 1..d V, then K, then Q */
typedef struct {
    fp_series_block block;
    size_t token;
} fp_series_place;
size_t fp_series_places(const fp_series_shape *shape);
fp_series_place fp_series_place_of(size_t w, long d);
fp_grid_vec *fp_series_state_vector(const fp_series_state *x, fp_series_place at);
size_t fp_series_offset(const fp_layout *at, fp_series_place place);
/* square += norm^2, divided by m1 for u */
void fp_series_add_square(mag_t square, fp_series_block block, const mag_t norm, long m1);

#endif
