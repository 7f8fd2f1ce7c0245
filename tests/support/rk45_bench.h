/* SPDX-License-Identifier: MIT */
/* Small problems and a stepper set up with one, for the tests of the stepper and of the run. */
#ifndef FP_TESTS_RK45_BENCH_H
#define FP_TESTS_RK45_BENCH_H

#include "fp_check.h"
#include "odes.h"

extern const fp_ode_problem bench_constant_1, bench_constant_0, bench_cubic, bench_quartic, bench_square, bench_edge_at_1, bench_decay_above_0,
    bench_edge_at_start, bench_circle;

bool bench_same(const fp_vec *a, const fp_vec *b); /* every element equal; NaN equals nothing */

/* a stepper with its problem, started at t = 0 */
typedef struct {
    fp_ode ode;
    fp_rk45 *rk;
    fp_vec *y0, *a, *b;
    mpfr_t t, h, error;
    fp_error err;
} bench;

void bench_init(bench *b, const fp_ode_problem *p, mpfr_prec_t prec);
void bench_clear(bench *b);
void bench_step(bench *b, const char *h);

/* a problem whose evaluation number `bad` gives no number */
typedef struct {
    fp_ode ode;
    unsigned long calls, bad;
} bench_flaky;
void bench_flaky_rhs(fp_vec *dy, mpfr_srcptr t, const fp_vec *y, void *ctx);

#endif
