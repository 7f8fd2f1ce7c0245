/* SPDX-License-Identifier: MIT */
/* A straight-line program of scalar power series in s, s in [0, 1]: each node has balls around its true coefficients of order 0..P and a bound on what is cut off. Five operations suffice for the whole
 * model (model.c), each with a recurrence and a tail (certificate.md, (8)-(10); h = 1 here, since s is scaled time). */
#ifndef FP_VERIFY_TAPE_H
#define FP_VERIFY_TAPE_H

#include "flowproof/grid.h"
#include "up.h"

typedef enum {
    FP_TAPE_ONE,
    FP_TAPE_DOT,  /* factor * (vector a . vector b) */
    FP_TAPE_SUM,  /* factor * sum of terms a..b-1, each a node with a sign */
    FP_TAPE_MUL,  /* node a * node b */
    FP_TAPE_EXP,  /* exp(node a) */
    FP_TAPE_DIV,  /* node a / node b */
    FP_TAPE_FALL  /* node a or minus it, whichever is <= 0 at s = 0; the logistic function hangs on it (11): see fp_tape_logistic */
} fp_tape_op;

typedef struct {
    fp_tape_op op;
    size_t a, b;
    arb_srcptr factor;  /* borrowed; NULL: 1 */
    int sign;           /* of a fall */
    arb_ptr at, moment; /* P + 1 coefficients; of exp, k times those of its argument */
    mag_ptr size;       /* >= |at_k| */
    mag_t norm, tail;   /* >= sum_{k<=P} |at_k|, >= sum_{k>P} |a_k| */
} fp_tape_node;

typedef struct {
    size_t node;
    int sign;
} fp_tape_term;

typedef struct {
    int order;
    slong prec;
    fp_tape_node *node;
    fp_tape_term *term;
    size_t nodes, terms, node_room, term_room;
    const fp_grid_vec *const *const *rising;  /* coefficients 0..P of each vector */
    const fp_grid_vec *const *const *falling; /* P..0 */
} fp_tape;

/* Node 0 is the constant 1. rising, falling: borrowed, may be filled in later. */
void fp_tape_init(fp_tape *t, int order, slong prec);
void fp_tape_clear(fp_tape *t);
size_t fp_tape_add(fp_tape *t, fp_tape_op op, size_t a, size_t b, arb_srcptr factor);
/* A sum of the terms added since `first`, which is what t->terms was before them. */
void fp_tape_term_add(fp_tape *t, size_t node, int sign);
size_t fp_tape_sum(fp_tape *t, size_t first, arb_srcptr factor);
size_t fp_tape_logistic(fp_tape *t, size_t z); /* 1/(1 + exp(z)) */

void fp_tape_extend(fp_tape *t, int k); /* coefficients of order k, those below being there */
bool fp_tape_close(fp_tape *t);         /* sizes, norms, tails; false: one is not finite */
/* >= sum over i + j >= least, i, j <= order, of a_i b_j */
up fp_tape_overlap(mag_srcptr a, mag_srcptr b, int order, int least);
/* The sizes of the coefficients of a vector. */
void fp_tape_vector_sizes(mag_ptr out, const fp_tape *t, size_t vector);
/* The node's values where s^k lies in power[k] (and s in [0, 1]). */
void fp_tape_range(arb_t out, const fp_tape *t, size_t node, arb_srcptr power, slong prec);

#endif
