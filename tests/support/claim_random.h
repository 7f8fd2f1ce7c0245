/* SPDX-License-Identifier: MIT */
/* Between claim_expression.c and claim_random.c. */
#ifndef FP_TEST_CLAIM_RANDOM_H
#define FP_TEST_CLAIM_RANDOM_H

#include "claim_tree.h"

typedef struct {
    const claim_world *world;
    fp_rng *random;
    forest trees;
    tree_claim *claim; /* the one at hand */
} claim_maker;
/* One claim after another; its truth is found. */
void claim_random(tree_claim *out, claim_maker *m, int number);

/* ---- claim_expression.c */
long pick(claim_maker *m, long count); /* 0..count-1 */
char *pick_fraction(claim_maker *m, long least, long most, long parts); /* p/parts of the horizon, p in least..most; the caller frees */
tree *pick_smooth(claim_maker *m, int depth);
tree *pick_kinked(claim_maker *m);
tree *pick_moving(claim_maker *m); /* anything that speaks of the present time only and has no free index */
/* With the variable standing for elements of the set; flow worlds only. */
tree *pick_indexed(claim_maker *m, int variable, tree_set *set, long *low, long *high);
tree *pick_over(claim_maker *m, tree_kind kind, int variable, tree **body); /* kind over a random set of something indexed (NULL, or to be told it); flow worlds only */
void value_at(arb_t out, claim_maker *m, tree *x, const arb_t t);
/* A number near x: x times (1 + side * offset). */
tree *number_near(claim_maker *m, const arb_t x, double offset, int side);

#endif
