/* SPDX-License-Identifier: MIT */
/* The paper's definitions evaluated literally, position by position, in plain MPFR: the independent side of the flow's tests. */
#ifndef FP_TEST_NAIVE_MODEL_H
#define FP_TEST_NAIVE_MODEL_H

#include "flowproof/flow.h"

/* Loss and (F not NULL) outputs of the state y in any form. */
void naive_loss(mpfr_ptr loss, fp_reals *F, const fp_problem *p, const fp_layout *at, const fp_vec *y);
/* The field by central differences of naive_loss with step 2^-90 at y's precision + 144 bits, written to dy: minus the gradient for weights,
 * times m1 for u, and the equations of App. C with dense sums for gram. */
void naive_field(fp_vec *dy, const fp_problem *p, const fp_layout *at, const fp_vec *y);
/* Values (A, P, R, B, G, rho in the order of the gram layout) of a state with vectors and, dy not NULL, their derivatives. */
void naive_gram(fp_vec *out, fp_vec *dout, const fp_problem *p, const fp_layout *at, const fp_vec *y, const fp_vec *dy);

#endif
