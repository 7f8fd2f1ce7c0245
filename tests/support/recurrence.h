/* SPDX-License-Identifier: MIT */
/* Taylor coefficients of an autonomous system that is written down as sums of products, exponentials and quotients, one coefficient after another. Shares nothing with src/. */
#ifndef FP_TEST_RECURRENCE_H
#define FP_TEST_RECURRENCE_H

#include "flowproof/arith.h"

typedef struct {
    int a, b; /* nodes; b < 0: a alone */
    int sign;
} recurrence_product;

typedef struct {
    enum recurrence_kind { RECURRENCE_STATE, RECURRENCE_SUM, RECURRENCE_EXP, RECURRENCE_QUOTIENT } kind;
    int slope;          /* STATE: the node that is its derivative */
    arb_t factor;       /* SUM: factor * (added + sum of terms) */
    long added;
    recurrence_product *terms;
    int count;
    int a, b;           /* EXP(a); a/b */
    arb_ptr x;          /* terms numbers */
} recurrence_node;

typedef struct {
    recurrence_node *node;
    int count;
    slong terms, prec;
} recurrence;

void recurrence_init(recurrence *t, slong terms, slong prec);
void recurrence_clear(recurrence *t);
int recurrence_state(recurrence *t, double start);
int recurrence_sum(recurrence *t, long added);
void recurrence_add(recurrence *t, int sum, int sign, int a, int b); /* one more term */
int recurrence_exp(recurrence *t, int a);
int recurrence_quotient(recurrence *t, int a, int b);
/* All coefficients from those of order 0 of the states. */
void recurrence_expand(recurrence *t);
/* The next step's order 0: the middles of the states' values h further. */
void recurrence_move(recurrence *t, const arf_t h);

#endif
