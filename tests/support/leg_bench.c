/* SPDX-License-Identifier: MIT */
#include "leg_bench.h"

void leg_bench_make(leg_bench *b, fp_flow_kind kind, int order, int limbs)
{
    fp_error err = {0};
    fp_ck_ok(fp_flow_new(&b->flow, kind, &b->problem, LEG_PREC, NULL, &err), &err);
    fp_vec *y = fp_flow_initial(b->flow);
    b->leg = leg_at(&b->problem, fp_flow_layout(b->flow), y, order, limbs);
    fp_vec_free(y);
}

void leg_bench_init(leg_bench *b, size_t instance, fp_flow_kind kind, int order, int limbs)
{
    long k = (long)instance;
    *b = (leg_bench){0};
    if (instance < INSTANCES)
        instance_make(&b->problem, instance);
    else if (instance == LEG_RANDOM)
        instance_random(&b->problem, 6, 4, 9, 12, 4, 99);
    else
        instance_random(&b->problem, 1 + k % 4, 2 + k % 3, 3 + k / 2 % 5, 1 + k % 6, 1 + k / 3 % 4, 1000 + (unsigned)k);
    leg_bench_make(b, kind, order, limbs);
}

void leg_bench_clear(leg_bench *b)
{
    fp_leg_free(b->leg);
    fp_flow_free(b->flow);
    instance_clear(&b->problem);
}
