/* SPDX-License-Identifier: MIT */
/* Taylor coefficients of the reduced (compressed) flow's scalars and of its right side along a given polynomial: the paper's sums position by position over FLINT's power series of
 * balls, at a precision far above the one tested. The independent side of the series tests. */
#ifndef FP_TEST_NAIVE_SERIES_H
#define FP_TEST_NAIVE_SERIES_H

#include "flowproof/flow.h"

typedef struct {
    const fp_problem *problem;
    const fp_layout *at;
    slong len, prec;            /* coefficients 0..len-1 */
    arb_poly_struct *y, *f;     /* per element of the state: the polynomial, and the right side along it */
    arb_poly_struct *G, *c;     /* per token */
    arb_poly_struct *N;         /* key-major, d x d */
    arb_poly_struct *s, *p;     /* n x L x L: sample, query position, key position */
    arb_poly_struct *o;         /* n x L */
    arb_poly_struct *F, *g;     /* n */
} naive_series;

void naive_series_init(naive_series *x, const fp_problem *problem, const fp_layout *at, slong len, slong prec);
/* Everything but y from y. */
void naive_series_evaluate(naive_series *x);
void naive_series_clear(naive_series *x);

#endif
