/* SPDX-License-Identifier: MIT */
/* The verifier's comparison matrix at states of growth_rig.h, with its parts by their numbers in the certificate. */
#ifndef FP_TESTS_LEG_GROWTH_H
#define FP_TESTS_LEG_GROWTH_H

#include "growth_rig.h"
#include "leg_rig.h"

/* (4) in two blocks; (6); the three sums of (5) */
typedef enum { LINEAR_UV, LINEAR_KQ, THIRD, BY_KEY_AND_QUERY, BY_KEY, BY_QUERY, PARTS } leg_part;
extern const char *const leg_part_name[PARTS];
enum { ALL_PARTS = (1 << PARTS) - 1, LEG_GROWTH_ORDER = 6 };

/* Knot := the state */
void leg_set_plain(fp_leg *x, const plain_state *s);

typedef struct {
    growth_rig at; /* state, M */
    fp_leg *leg;
    fp_entries B;
} leg_growth;

/* At the state of the rig, B for r = 0 and a step of next to nothing. */
void leg_growth_open(leg_growth *b, int k);
void leg_growth_close(leg_growth *b);
/* Along the flow; every other state with a step backwards in time. */
void leg_growth_advance(leg_growth *b, int state);
void leg_growth_fill(leg_growth *b, double h, double r); /* B for a step of h from the knot */
/* Its two halves, after a step was opened: scalars, over all of a step, and B with these. */
void leg_growth_swell(fp_swell *w, const fp_leg *x, double r);
void leg_growth_fill_with(leg_growth *b, const fp_swell *w, double r);

leg_part leg_growth_part(const leg_growth *b, size_t entry);
/* a^T B a with the parts of the mask, a the norms of the direction's blocks */
double leg_growth_form(const leg_growth *b, unsigned mask, const double *direction);
/* fp_entries_bound of the parts of the mask; only rows and columns from vector `first` on */
double leg_growth_bound(const leg_growth *b, unsigned mask, size_t first);

/* Every pair of blocks, in the direction in which M (-M) is largest: fails if the form of B is smaller. share[p][0] of M, [1] of -M: the largest share of a part that is needed. */
typedef struct {
    double share[PARTS][2];
} leg_shares;
void leg_growth_check_pairs(leg_shares *s, const leg_growth *b);

#endif
