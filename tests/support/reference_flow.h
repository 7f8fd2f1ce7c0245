/* SPDX-License-Identifier: MIT */
/* The true solution of a small instance, from the definitions of theory section 2 by Taylor steps of its own (recurrence): every quantity as a polynomial on each step, with errors far below the 2^-74 of its
 * size that reference_value adds. */
#ifndef FP_TEST_REFERENCE_FLOW_H
#define FP_TEST_REFERENCE_FLOW_H

#include "flowproof/problem.h"
#include "flowproof/tube.h"
#include "recurrence.h"

enum { REFERENCE_TERMS = 40, REFERENCE_PREC = 144, REFERENCE_ERROR = -74 };

typedef struct {
    arf_t left, right;
    arb_ptr *x;           /* by node: REFERENCE_TERMS + 1 exact coefficients in t - left */
    mag_ptr error, slope_error; /* by node */
    mag_ptr bend, slope_bend;   /* >= |second derivative| of the polynomial, of its derivative */
} reference_step;

/* What polynomials are multiplied with: power[j][k] = k(k-1)..(k-j+1) s^(k-j) at s = t - left. */
typedef struct {
    arb_t t;
    size_t step;
    arb_ptr power[3];
} reference_powers;

typedef struct {
    const fp_problem *problem;
    recurrence tape;
    int *w, *u, *v, *k, *q; /* nodes, entry by entry: m1 x m, m, d x m each */
    int *node[FP_TUBE_N + 1];      /* by quantity, row major; NULL: LOSSOF, ONE_MINUS_GI */
    reference_step *step;
    size_t steps;
    reference_powers *at; /* of the time that was asked for last */
} reference_flow;

/* The problem is borrowed. Valid from 0 to end. */
void reference_init(reference_flow *r, const fp_problem *problem, const arf_t end);
void reference_clear(reference_flow *r);
size_t reference_step_at(const reference_flow *r, const arf_t t);
/* jet[0], jet[1]: value and time derivative at t, a ball of at most 2^-60; exact at t = 0 but for rounding to 144 bits. */
void reference_value(arb_ptr jet, const reference_flow *r, fp_tube_quantity quantity, const long *index, const arb_t t);
/* Polynomial of a quantity (with a node) on a step, and of a vector's entry. */
int reference_node(const reference_flow *r, fp_tube_quantity quantity, const long *index);
int reference_vector_node(const reference_flow *r, fp_tube_vector vector, long index, long row);
/* The derivative of that order (0, 1, 2) of a node's polynomial, without its error. */
void reference_derivative(arb_t out, const reference_flow *r, size_t step, int node, int order, const arb_t t);
/* Value and derivative of a node at t on a step. */
void reference_node_value(arb_ptr jet, const reference_flow *r, size_t step, int node, const arb_t t);

#endif
