/* SPDX-License-Identifier: MIT */
/* Instances, states along the flow and the mu of each state, for the tests of mu. */
#ifndef FP_TEST_GROWTH_RIG_H
#define FP_TEST_GROWTH_RIG_H

#include "comparison.h"
#include "flow_instances.h"
#include "second_variation.h"

/* Instances 0..5 are those of flow_instances.h; then random tokens; then small keys and queries (the K-Q block outweighs the third cumulant); then one long sample (a token's attention is
 * small, so that the one-sided bound of the third cumulant is nearly attained); then one sample with one key and eleven times one query, so that
 * the third cumulant's product of the two is needed. */
enum {
    GROWTH_PREC = 128,
    GROWTH_RANDOM = INSTANCES,
    GROWTH_SMALL = GROWTH_RANDOM + 3,
    GROWTH_LONG = GROWTH_SMALL + 2,
    GROWTH_PAIR = GROWTH_LONG + 1,
    GROWTH_CASES = GROWTH_PAIR + 1,
    GROWTH_STATES = 3,
    GROWTH_TRIVIAL = 3, /* one token */
    GROWTH_LARGE = 5    /* 260 variables: not for dense matrices */
};

typedef struct {
    fp_problem p;
    fp_flow *flow;
    fp_vec *y;
    plain_state s;
    fp_range x;
    fp_widening w;
    fp_growth *g;
    mag_t r, mu;
} growth_rig;

void growth_rig_open(growth_rig *t, int k); /* instance k at t = 0; the tube is of radius r = 0 */
void growth_rig_close(growth_rig *t);
void growth_rig_refresh(growth_rig *t);        /* x, w and vectors from s */
void growth_rig_advance(growth_rig *t, int k); /* along the flow: state k is at about 4^k / 8 */
const fp_comparison *growth_rig_matrix(growth_rig *t);
double growth_rig_mu(growth_rig *t);
double growth_bound_of(const fp_comparison *B); /* fp_comparison_bound from scratch */

#endif
