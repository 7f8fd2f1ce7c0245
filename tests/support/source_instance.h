/* SPDX-License-Identifier: MIT */
/* The reference instance (n = 6, L = 4, d = 13, m = 8, m1 = 4) with flows, states off t = 0 and sources, for tests of claims. */
#ifndef FP_TEST_SOURCE_INSTANCE_H
#define FP_TEST_SOURCE_INSTANCE_H

#include "flowproof/eval.h"

enum { TINY_STATE_PREC = 320, TINY_PREC = 256 };

typedef struct {
    fp_setting setting;
    fp_problem problem;
} tiny_instance;
void tiny_open(tiny_instance *tiny);
void tiny_close(tiny_instance *tiny);

typedef struct {
    fp_flow *flow;
    fp_vec *y;
    fp_source *source; /* at y, t = 1/16 if moved, else t = 0 */
} tiny_run;
/* moved: after one RK4 step of 1/16, which commutes with the linear maps between weights, reduced and compressed form; the gram state is computed from the
 * reduced one. */
void tiny_run_open(tiny_run *run, const tiny_instance *tiny, fp_flow_kind kind, bool moved);
void tiny_run_close(tiny_run *run);
/* A source at the state `steps` RK4 steps of 2^-log2 after run->y (its time is not advanced). */
fp_source *tiny_source_after(const tiny_run *run, int steps, int log2);

/* Base quantities at 0, 1, 2 or 3 indices. */
void tiny_ask(arb_ptr jet, fp_source *s, fp_base base, long x, long y, long z, int order, fp_derivative how);

/* An evaluator's surroundings: the reduced flow at t = 1/16 and the exact initial state. */
typedef struct {
    tiny_instance tiny;
    tiny_run run;
    fp_source *initial;
} tiny_world;
void tiny_world_open(tiny_world *w);
void tiny_world_close(tiny_world *w);

#endif
