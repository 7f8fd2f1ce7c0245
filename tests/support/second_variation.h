/* SPDX-License-Identifier: MIT */
/* Second variation of the outputs, the loss and the symmetric matrix M = (1/n) sum_i g_i y_i Hess F_i of proofs/certificate.md, by carrying (value, first, second derivative) along a line
 * through the definitions, position by position, in long double: the independent side of the tests of mu. Directions are in the coordinates (u/sqrt m1, V, K, Q). */
#ifndef FP_TEST_SECOND_VARIATION_H
#define FP_TEST_SECOND_VARIATION_H

#include "../../src/certify/certify_impl.h"

typedef struct {
    fp_series_shape shape; /* its arrays owned here */
    size_t dim, v, k, q;   /* size of a direction; where V, K, Q start in it (u at 0) */
    double *x;             /* the state: (u, V, K, Q), u not divided */
} plain_state;

/* Sizes, tokens and labels of the problem; the state is zero. */
void plain_init(plain_state *s, const fp_problem *p, long rows_v, long rows_k);
void plain_clear(plain_state *s);
void plain_copy(plain_state *out, const plain_state *s); /* same shape */
/* A state vector of a flow in reduced or compressed form, rounded. */
void plain_set(plain_state *s, const fp_layout *at, const fp_vec *y);
/* x += scale * direction, u by sqrt(m1) times its part */
void plain_move(plain_state *s, double scale, const double *direction);

/* F_i and its first and second derivatives along x + e direction at e = 0; NULL for what is not wanted (direction NULL: F only). */
void plain_outputs(long double *F, long double *dF, long double *ddF, const plain_state *s, const double *direction);
/* direction^T M direction, and direction^T (-Hess L) direction. */
long double plain_M(const plain_state *s, const double *direction);
long double plain_minus_hessian(const plain_state *s, const double *direction);
/* M, dim x dim, by polarisation; only the coordinates in [first, dim) if first > 0 (rows and columns count from there). */
double *plain_M_dense(const plain_state *s, size_t first);
/* Largest eigenvalue of a symmetric matrix, from below, to a relative 2^-40 of its norm: lambda I - A has no Cholesky factor for any smaller lambda. */
double largest_eigenvalue(const double *A, size_t n);

/* The scalars at the state as a range of one point, and the state as vectors of a growth object. */
void plain_range(fp_range *x, const plain_state *s);
void plain_vectors(fp_growth_vectors *out, const plain_state *s);

#endif
