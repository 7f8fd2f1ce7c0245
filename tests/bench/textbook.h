/* SPDX-License-Identifier: MIT */
/* The named baseline of the benchmark: the reduced flow as one would write it down, position by position, with mpfr_fma and a fresh
 * exp for every position. No token pair is shared between samples and nothing runs in parallel. */
#ifndef FP_BENCH_TEXTBOOK_H
#define FP_BENCH_TEXTBOOK_H

#include "flowproof/flow.h"

typedef struct {
    const fp_problem *p;
    fp_layout at;
    fp_reals y, dy;
    fp_reals p_row, G, c; /* one query's attention, outputs and c of every token */
    mpfr_t root_m, F, o, g, x;
} textbook;
void textbook_init(textbook *b, const fp_problem *p, const fp_layout *at, mpfr_prec_t prec); /* `at` of a reduced flow */
void textbook_clear(textbook *b);
void textbook_field(fp_vec *dy, textbook *b, const fp_vec *y);

#endif
