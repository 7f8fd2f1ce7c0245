/* SPDX-License-Identifier: MIT */
/* A tape of the verifier, and of each of its nodes the power series by Arb's own arithmetic, carried to many more orders. */
#ifndef FP_TESTS_TAPE_BENCH_H
#define FP_TESTS_TAPE_BENCH_H

#include "../../src/verify/tape.h"

enum { TAPE_PREC = 128, TAPE_TRUE_PREC = 400, TAPE_ROWS = 3, TAPE_VECTORS = 24, TAPE_NODES = 80 };

typedef struct {
    fp_tape tape;
    slong len;                  /* orders 0..len - 1 of the truth */
    arb_ptr truth[TAPE_NODES];  /* of node 0, the constant 1, and of all that are added here */
    size_t vectors;
    fp_grid grid;
    const fp_grid_vec **list, **rising[TAPE_VECTORS], **falling[TAPE_VECTORS];
    arb_t factor;               /* what sums and inner products may be multiplied by: -3/4 */
} tape_bench;

void tape_bench_init(tape_bench *b, int order);
void tape_bench_clear(tape_bench *b);
/* Coefficients of all nodes, then tails: whether these are finite. */
bool tape_run(tape_bench *b);

/* The polynomial with coefficient k coef[TAPE_ROWS k ..], k <= order, doubles whose exponents differ little. Its vector. */
size_t tape_vector(tape_bench *b, const double *coef);
/* Each adds nodes and returns the last. line: a + c s^k, k <= 2 order; from k = order + 1 on nothing but a tail is added to a. */
size_t tape_dot(tape_bench *b, size_t x, size_t y, bool scaled);
size_t tape_line(tape_bench *b, double a, double c, int k);
size_t tape_sum(tape_bench *b, size_t x, int sign_x, size_t y, int sign_y, bool scaled);
size_t tape_mul(tape_bench *b, size_t x, size_t y);
size_t tape_exp(tape_bench *b, size_t x);
size_t tape_div(tape_bench *b, size_t x, size_t y);
size_t tape_logistic(tape_bench *b, size_t z);

#endif
