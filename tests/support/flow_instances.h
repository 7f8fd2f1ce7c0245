/* SPDX-License-Identifier: MIT */
/* Small hand-made instances and a fixed-step integrator for the tests of the flow. */
#ifndef FP_TEST_FLOW_INSTANCES_H
#define FP_TEST_FLOW_INSTANCES_H

#include "flowproof/flow.h"

enum { INSTANCES = 6 };
/* Instance k of the list (sizes, data and weights of multiples of 2^-10); owns its arrays, cleared with instance_clear. */
void instance_make(fp_problem *p, size_t k);
/* Random tokens, n samples; for timings and thread tests. */
void instance_random(fp_problem *p, long n, long L, long d, long m, long m1, unsigned seed);
void instance_clear(fp_problem *p);

/* Classical RK4, `steps` steps of 2^-log2_inverse_step, in place. */
void rk4_go(fp_vec *y, const fp_field *field, int steps, int log2_inverse_step);

#endif
