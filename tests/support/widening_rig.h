/* SPDX-License-Identifier: MIT */
/* A state y, states x at a distance from it in every kind of direction, and how far the scalars at x are from those at y against how far a bound allows them. */
#ifndef FP_TEST_WIDENING_RIG_H
#define FP_TEST_WIDENING_RIG_H

#include "flow_instances.h"
#include "second_variation.h"

/* Cases before the last are instances; in the last u = 0, K = Q = 0 and v is the same for every token: F = 0, attention is uniform to second order, and u alone moves all G alike. */
enum { WIDENING_UNIFORM = 3, WIDENING_CASES };

typedef struct {
    fp_problem p;
    plain_state y, x;
    fp_range at_y, at_x;
    double *direction;
} widening_rig;

void widening_rig_open(widening_rig *t, int k);
void widening_rig_open_problem(widening_rig *t); /* the same for the problem that is there */
void widening_rig_close(widening_rig *t);
void widening_rig_refresh(widening_rig *t); /* at_y from y */
/* Random; one block (u, V, K, Q or one token's v, k, q) at random; one block scaled up or down: by k mod 4. */
void widening_rig_choose(widening_rig *t, fp_rng *r, int k);
/* x := y + 0.999 r direction */
void widening_rig_go(widening_rig *t, double r);

/* ---- scalars that move */
enum { WIDENED_G, WIDENED_s, WIDENED_p, WIDENED_o, WIDENED_F, WIDENED_g, WIDENED_c, WIDENED_N, WIDENED };
size_t widening_rig_count(const widening_rig *t, int quantity);
/* w: how far each may move. Fails if one moves further; ratio: raised to the largest |change|/w. */
void widening_rig_check(double ratio[WIDENED], const widening_rig *t, const mag_srcptr w[WIDENED], const char *where);
/* The gradient of entry e of a quantity, by differences: the direction in which it changes most. */
void widening_rig_gradient(widening_rig *t, int quantity, size_t e);

#endif
