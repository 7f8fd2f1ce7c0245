/* SPDX-License-Identifier: MIT */
/* Random claims, the tubes they are decided on, and what the checker says against what is true. */
#ifndef FP_TEST_DIFFERENTIAL_H
#define FP_TEST_DIFFERENTIAL_H

#include "claim_random.h"
#include "flowproof/check.h"
#include "fp_check.h"

/* ---- differential_worlds.c */
enum { WORLDS = 10, WORLD_PREC = 128, TUBE_PREC = 224 };
typedef struct {
    fp_setting setting;
    fp_problem problem;
    reference_flow solution;
    fp_flow *flow; /* reduced */
    claim_world is;
} world;
/* Number 0 is time alone; the others: tokens that repeat, m = 1, m1 = 1, a class missing, weights of scale 5 and of 1e-3, .. */
void world_open(world *w, int number);
void world_close(world *w);
const char *world_name(int number);

/* ---- differential_tubes.c: what a checker is shown */
typedef enum {
    TUBE_MADE,   /* from the true solution: it lies anywhere within `radius` times the quantity's size of what is shown */
    TUBE_PROVED, /* the prover's own chain at a tolerance of `radius` */
    TUBE_LYING   /* the same at 1e-17, from knots that are `radius` times their size off */
} tube_kind;
typedef struct {
    tube_kind kind;
    double radius;
    uint64_t seed;
} tube_choice;
typedef struct {
    bool reached;
    double end;
} tube_outcome;
/* Shows all steps to the checker; it may end early. */
tube_outcome tube_show(fp_tube_checker *c, const world *w, const tube_choice *choice, fp_error *err);

/* ---- differential_check.c: many claims, one run */
typedef struct {
    unsigned long claims, decided, undecided, unsure, wrong, none;
    unsigned long far_claims, far_decided; /* thresholds 1e-6 and more away, on tubes that reach the end; those without a true premise are left out, undecided by the language */
} differential_count;
/* Adds to count; prints every wrong verdict with all that is needed to repeat it. */
void differential_check(differential_count *count, tree_claim *claims, int number, const world *w, const tube_choice *choice);

#endif
