/* SPDX-License-Identifier: MIT */
#include "growth_rig.h"

#include <stdlib.h>
#include <string.h>

#include "fp_check.h"

static double output_of(const fp_problem *p, long token)
{
    double sum = 0;
    for (long j = 0; j < p->m1; j++)
        for (long r = 0; r < p->m; r++)
            sum += p->a[j] * p->W[j * p->m + r] * p->W_V[r * p->d + token];
    return sum;
}

/* One positive sample of distinct tokens, nearly uniform attention, and only the key of the token with the largest G is not 0. */
static void make_long(fp_problem *p)
{
    long best = 0;
    instance_random(p, 1, 12, 12, 1, 2, 100);
    for (int e = 0; e < 12; e++) {
        p->token[e] = e + 1;
        if (output_of(p, e) > output_of(p, best))
            best = e;
    }
    for (long e = 0; e < p->m * p->d; e++)
        p->W_K[e] *= e % p->d == best ? 0.25 : 0;
}

/* Tokens 1 and eleven times 2, one row: k = (1, 0), q = (0, 1), u = 1, v = (1, -1). */
static void make_pair(fp_problem *p)
{
    instance_random(p, 1, 12, 3, 1, 1, 100);
    for (int e = 0; e < 12; e++)
        p->token[e] = e == 0 ? 1 : 2;
    for (int e = 0; e < 3; e++)
        p->W_K[e] = e == 0, p->W_Q[e] = e == 1, p->W_V[e] = 1 - e;
    p->W_V[1] = -1;
    p->W[0] = p->a[0];
}

static void make_problem(fp_problem *p, int k)
{
    if (k < INSTANCES)
        instance_make(p, (size_t)k);
    else if (k < GROWTH_LONG)
        instance_random(p, 6, 4, 7 + k % 3, 4, 3, 100u + (unsigned)k);
    else if (k == GROWTH_LONG)
        make_long(p);
    else
        make_pair(p);
    for (long e = 0; k >= GROWTH_SMALL && k < GROWTH_LONG && e < p->m * p->d; e++)
        p->W_K[e] /= 4, p->W_Q[e] /= 4;
}

void growth_rig_refresh(growth_rig *t)
{
    plain_range(&t->x, &t->s);
    plain_vectors(fp_growth_get_vectors(t->g), &t->s);
    fp_widening_of(&t->w, &t->s.shape, &t->x, t->r);
}

void growth_rig_open(growth_rig *t, int k)
{
    fp_error err = {0};
    memset(t, 0, sizeof *t);
    make_problem(&t->p, k);
    fp_ck_ok(fp_flow_new(&t->flow, FP_FLOW_REDUCED, &t->p, GROWTH_PREC, NULL, &err), &err);
    t->y = fp_flow_initial(t->flow);
    plain_init(&t->s, &t->p, t->p.m, t->p.m);
    fp_range_init_for(&t->x, &t->s.shape);
    fp_widening_init_for(&t->w, &t->s.shape);
    t->g = fp_growth_new_for(&t->s.shape);
    mag_init(t->r), mag_init(t->mu);
    plain_set(&t->s, fp_flow_layout(t->flow), t->y);
    growth_rig_refresh(t);
}

void growth_rig_close(growth_rig *t)
{
    fp_growth_free(t->g);
    fp_range_clear(&t->x);
    fp_widening_clear(&t->w);
    plain_clear(&t->s);
    fp_vec_free(t->y);
    fp_flow_free(t->flow);
    instance_clear(&t->p);
    mag_clear(t->r), mag_clear(t->mu);
}

void growth_rig_advance(growth_rig *t, int k)
{
    rk4_go(t->y, fp_flow_field(t->flow), 2 << (2 * k), 4);
    plain_set(&t->s, fp_flow_layout(t->flow), t->y);
    growth_rig_refresh(t);
}

const fp_comparison *growth_rig_matrix(growth_rig *t)
{
    return fp_growth_matrix(t->g, &t->s.shape, &t->x, &t->w, t->r);
}

double growth_rig_mu(growth_rig *t)
{
    fp_growth_bound_at(t->mu, t->g, &t->s.shape, &t->x, &t->w, t->r);
    return mag_get_d(t->mu);
}

double growth_bound_of(const fp_comparison *B)
{
    mag_t mu;
    mag_init(mu);
    double *w = fp_alloc(3 * B->d + 1, sizeof *w);
    fp_comparison_bound(mu, B, w);
    double value = mag_get_d(mu);
    free(w);
    mag_clear(mu);
    return value;
}
