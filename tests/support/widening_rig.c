/* SPDX-License-Identifier: MIT */
#include "widening_rig.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fp_check.h"

/* The initial state of an instance: u = sum_j a_j w_j. */
static void set_start(plain_state *s, const fp_problem *p)
{
    size_t m = (size_t)p->m, d = (size_t)p->d;
    for (size_t j = 0; j < (size_t)p->m1; j++)
        for (size_t r = 0; r < m; r++)
            s->x[r] += p->a[j] * p->W[j * m + r];
    for (size_t t = 0; t < d; t++)
        for (size_t r = 0; r < m; r++) {
            s->x[s->v + t * m + r] = p->W_V[r * d + t];
            s->x[s->k + t * m + r] = p->W_K[r * d + t];
            s->x[s->q + t * m + r] = p->W_Q[r * d + t];
        }
}

static void make_uniform(widening_rig *t)
{
    memset(t->y.x, 0, t->y.dim * sizeof *t->y.x);
    for (size_t e = t->y.v; e < t->y.k; e++)
        t->y.x[e] = 1;
}

void widening_rig_refresh(widening_rig *t)
{
    plain_range(&t->at_y, &t->y);
}

void widening_rig_open_problem(widening_rig *t)
{
    plain_init(&t->y, &t->p, t->p.m, t->p.m);
    plain_init(&t->x, &t->p, t->p.m, t->p.m);
    set_start(&t->y, &t->p);
    fp_range_init_for(&t->at_y, &t->y.shape);
    fp_range_init_for(&t->at_x, &t->y.shape);
    t->direction = fp_alloc(t->y.dim, sizeof *t->direction);
    widening_rig_refresh(t);
}

void widening_rig_open(widening_rig *t, int k)
{
    memset(t, 0, sizeof *t);
    if (k == 0)
        instance_make(&t->p, 2);
    else if (k == WIDENING_UNIFORM)
        instance_random(&t->p, 1, 3, 3, 2, 2, 1);
    else
        instance_random(&t->p, 4, 3, 5, 2 + k, 2, 30u + (unsigned)k);
    widening_rig_open_problem(t);
    if (k == WIDENING_UNIFORM)
        make_uniform(t);
    widening_rig_refresh(t);
}

void widening_rig_close(widening_rig *t)
{
    fp_range_clear(&t->at_y), fp_range_clear(&t->at_x);
    plain_clear(&t->y), plain_clear(&t->x);
    instance_clear(&t->p);
    free(t->direction);
}

static void normalise(double *x, size_t n)
{
    double squares = 0;
    for (size_t e = 0; e < n; e++)
        squares += x[e] * x[e];
    for (size_t e = 0; e < n; e++)
        x[e] /= squares > 0 ? sqrt(squares) : 1;
}

static double uniform(fp_rng *r)
{
    return (double)(fp_rng_u32(r) >> 1) * 0x1p-30 - 1;
}

void widening_rig_choose(widening_rig *t, fp_rng *r, int k)
{
    const plain_state *s = &t->y;
    const size_t start[] = {0, s->v, s->k, s->q, s->dim};
    size_t block = fp_rng_below(r, 4), from = start[block], to = start[block + 1], rows = (size_t)t->p.m;
    if (k % 4 == 0)
        from = 0, to = s->dim;
    else if (k % 4 == 1 && block > 0)
        from += fp_rng_below(r, (to - from) / rows) * rows, to = from + rows;
    double sign = fp_rng_below(r, 2) ? 1 : -1;
    for (size_t e = 0; e < s->dim; e++)
        t->direction[e] = e < from || e >= to ? 0 : k % 4 == 3 ? sign * s->x[e] : uniform(r);
    normalise(t->direction, s->dim);
}

void widening_rig_go(widening_rig *t, double r)
{
    plain_copy(&t->x, &t->y);
    plain_move(&t->x, 0.999 * r, t->direction);
    plain_range(&t->at_x, &t->x);
}

/* ---- what is checked */
static const char *const name[WIDENED] = {"G", "s", "p", "o", "F", "g", "c", "N"};

static arb_srcptr values(const fp_range *x, int quantity)
{
    const arb_srcptr all[WIDENED] = {x->G, x->s, x->p, x->o, x->F, x->g, x->c, x->N};
    return all[quantity];
}

size_t widening_rig_count(const widening_rig *t, int quantity)
{
    const fp_range *x = &t->at_y;
    const size_t rows = x->n * x->L, all[WIDENED] = {x->d, x->pairs, rows * x->L, rows, x->n, x->n, x->d, x->pairs};
    return all[quantity];
}

static double change_of(const widening_rig *t, int quantity, size_t e)
{
    return arf_get_d(arb_midref(values(&t->at_x, quantity) + e), ARF_RND_NEAR) - arf_get_d(arb_midref(values(&t->at_y, quantity) + e), ARF_RND_NEAR);
}

/* The change without the error of its evaluation (2^-40) */
void widening_rig_check(double ratio[WIDENED], const widening_rig *t, const mag_srcptr w[WIDENED], const char *where)
{
    for (int k = 0; k < WIDENED; k++)
        for (size_t e = 0; e < widening_rig_count(t, k); e++) {
            double change = fabs(change_of(t, k, e)), allowed = mag_get_d(w[k] + e);
            ck_assert_msg(change <= allowed + 0x1p-40, "%s: %s %zu moved by %.17g, allowed %.17g", where, name[k], e, change, allowed);
            if (allowed > 0x1p-30)
                ratio[k] = fmax(ratio[k], change / allowed);
        }
}

void widening_rig_gradient(widening_rig *t, int quantity, size_t e)
{
    double *gradient = fp_alloc(t->y.dim, sizeof *gradient);
    for (size_t a = 0; a < t->y.dim; a++) {
        memset(t->direction, 0, t->y.dim * sizeof *t->direction);
        t->direction[a] = 1;
        widening_rig_go(t, 1e-5);
        gradient[a] = change_of(t, quantity, e);
    }
    normalise(gradient, t->y.dim);
    memcpy(t->direction, gradient, t->y.dim * sizeof *gradient);
    free(gradient);
}
