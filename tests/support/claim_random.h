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
long pick_below(claim_maker *m, long count); /* 0..count-1 */
char *pick_fraction(claim_maker *m, long least, long most, long parts); /* p/parts of the horizon, p in least..most; the caller frees */
tree *pick_smooth(claim_maker *m, int depth);
tree *pick_kinked(claim_maker *m);
tree *pick_moving(claim_maker *m); /* anything that speaks of the present time only and has no free index */
/* With the variable standing for elements of the set; flow worlds only. */
tree *pick_indexed(claim_maker *m, int variable, tree_set *set, long *low, long *high);
tree *pick_over(claim_maker *m, tree_kind kind, int variable, tree **body); /* kind over a random set of something indexed (NULL, or to be told it); flow worlds only */
void claim_value_at(arb_t out, claim_maker *m, tree *x, const arb_t t);
/* A number near x: x times (1 + side * offset). */
tree *number_near(claim_maker *m, const arb_t x, double offset, int side);

/* ---- claim_window.c: of the claim at hand; times are its numbers */
int window_number(claim_maker *m, const char *text);
int window_fraction(claim_maker *m, long least, long most); /* of the horizon, in twelfths */
int window_beginning(claim_maker *m);
int window_ending(claim_maker *m);
/* first or last t between two of its times with the condition; true: there is one */
bool window_named_with(claim_maker *m, int *k, time_kind kind, int from, int to, tree *holds);
bool window_named(claim_maker *m, int *k, time_kind kind, int from, int to);
tree *pick_condition(claim_maker *m, int from, int to);
void window_set(claim_maker *m, int from, int to); /* always or eventually, ends open or not */
void window_some(claim_maker *m);
void window_inside(arb_t t, claim_maker *m, int from, int to);
double pick_offset(claim_maker *m);
int pick_side(claim_maker *m);
tree_relation pick_relation(claim_maker *m, bool up);
/* x's least (sign > 0) or greatest value between two of the claim's times, and where. */
void window_extreme(arb_t out, arb_t where, claim_maker *m, tree *x, int from, int to, int sign);
/* x against a number near its extreme over the window: upper: x <= greatest, lower: x >= least; for `eventually` the other way round. */
tree *near_extreme_of(claim_maker *m, tree *x, bool upper, int from, int to, bool eventually);
tree *near_value_of(claim_maker *m, tree *x, const arb_t t);

#endif
