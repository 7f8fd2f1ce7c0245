/* SPDX-License-Identifier: MIT */
/* The quantities of theory section 2 straight from their definitions, in balls, from plain arrays of weights; and a Gragg-Bulirsch-Stoer integrator to get such weights off t = 0. Shares nothing with
 * the series, the tubes or the sources of claims. */
#ifndef FP_TEST_PLAIN_STATE_H
#define FP_TEST_PLAIN_STATE_H

#include "flowproof/flow.h"
#include "flowproof/tube.h"

enum { PLAIN_PREC = 224 };

typedef struct {
    const fp_problem *problem;
    arb_ptr u, w, v, k, q;             /* m; m1 x m; d x m each */
    arb_ptr p, o, F, z, g, c, N;       /* after plain_state_work: n L L, n L, n, n (y F), n, d, d x d key-major */
} plain_state;
void plain_state_init(plain_state *x, const fp_problem *problem);
void plain_state_clear(plain_state *x);
/* From a state of the weights form; u = sum_j a_j w_j. */
void plain_state_load(plain_state *x, const fp_layout *at, const fp_vec *y);
void plain_state_work(plain_state *x);
void plain_state_value(arb_t out, const plain_state *x, fp_tube_quantity quantity, const long *index);
long plain_state_range(const fp_problem *p, fp_tube_quantity quantity, int place); /* of an index: 0..range-1; 1 if it has none */

/* y(t + h) from y(t) by extrapolated midpoint rules of 2, 4, .., 2 columns steps; returns log2 of how far the last two columns are apart. */
double plain_advance(fp_vec *y, const fp_field *field, double h, int columns);

#endif
