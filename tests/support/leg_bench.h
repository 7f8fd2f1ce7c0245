/* SPDX-License-Identifier: MIT */
/* A small instance with its flow and a step of the verifier from its initial state. */
#ifndef FP_TESTS_LEG_BENCH_H
#define FP_TESTS_LEG_BENCH_H

#include "flow_instances.h"
#include "leg_rig.h"

enum { LEG_PREC = 256, LEG_RANDOM = INSTANCES /* after it, as many random ones as are wanted */, LEG_CASES };

typedef struct {
    fp_problem problem;
    fp_flow *flow; /* at LEG_PREC */
    fp_leg *leg;
} leg_bench;

void leg_bench_make(leg_bench *b, fp_flow_kind kind, int order, int limbs); /* the problem is there */
void leg_bench_init(leg_bench *b, size_t instance, fp_flow_kind kind, int order, int limbs);
void leg_bench_clear(leg_bench *b);

#endif
