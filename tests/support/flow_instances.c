/* SPDX-License-Identifier: MIT */
#include "flow_instances.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    long n, L, d, m, m1;
    int token[24], label[6];
} shape;

/* both, one or none of the tokens 1, 2; tokens that repeat in a sample; tokens of d that never occur; m below and above 2d and d+1 */
static const shape shapes[INSTANCES] = {
    {4, 4, 6, 5, 3, {3, 1, 2, 5, 1, 3, 6, 6, 2, 3, 4, 5, 4, 3, 6, 5}, {1, -1, -1, -1}},
    {3, 4, 5, 12, 4, {1, 1, 3, 2, 3, 3, 3, 4, 2, 4, 4, 3}, {1, -1, -1}},
    {2, 3, 7, 3, 1, {1, 2, 3, 6, 3, 6}, {1, -1}},
    {1, 1, 1, 1, 1, {1}, {-1}},
    {6, 4, 8, 7, 2, {1, 3, 2, 4, 2, 1, 5, 3, 3, 6, 1, 7, 2, 8, 3, 8, 4, 5, 3, 6, 7, 3, 7, 7}, {1, 1, -1, -1, -1, -1}},
    {2, 4, 4, 20, 5, {1, 2, 3, 4, 3, 4, 4, 1}, {1, -1}},
};

/* multiples of 2^-10 in (-1, 1) */
static double deviate(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (double)((int)(*state >> 21) - 1023) / 1024.0;
}

static double *deviates(size_t n, unsigned *state)
{
    double *x = fp_alloc(n, sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = deviate(state);
    return x;
}

static void fill_weights(fp_problem *p, unsigned seed)
{
    size_t m = (size_t)p->m, m1 = (size_t)p->m1, d = (size_t)p->d;
    p->a = fp_alloc(m1, sizeof *p->a);
    for (size_t j = 0; j < m1; j++)
        p->a[j] = deviate(&seed) > 0 ? 1 : -1;
    p->W = deviates(m1 * m, &seed);
    p->W_V = deviates(m * d, &seed);
    p->W_K = deviates(m * d, &seed);
    p->W_Q = deviates(m * d, &seed);
}

void instance_make(fp_problem *p, size_t k)
{
    const shape *s = &shapes[k];
    size_t n = (size_t)s->n, L = (size_t)s->L;
    *p = (fp_problem){.n = s->n, .L = s->L, .d = s->d, .m = s->m, .m1 = s->m1};
    p->token = fp_alloc(n * L, sizeof *p->token);
    p->label = fp_alloc(n, sizeof *p->label);
    memcpy(p->token, s->token, n * L * sizeof *p->token);
    memcpy(p->label, s->label, n * sizeof *p->label);
    fill_weights(p, 7u + (unsigned)k);
}

void instance_random(fp_problem *p, long n, long L, long d, long m, long m1, unsigned seed)
{
    *p = (fp_problem){.n = n, .L = L, .d = d, .m = m, .m1 = m1};
    p->token = fp_alloc((size_t)(n * L), sizeof *p->token);
    p->label = fp_alloc((size_t)n, sizeof *p->label);
    for (long i = 0; i < n; i++)
        p->label[i] = 2 * i < n ? 1 : -1;
    for (long x = 0; x < n * L; x++)
        p->token[x] = x % L == 0 ? 3 : 1 + (int)((deviate(&seed) + 1) / 2 * (double)d);
    fill_weights(p, seed);
}

void instance_clear(fp_problem *p)
{
    free(p->token);
    free(p->label);
    free(p->a);
    free(p->W);
    free(p->W_V);
    free(p->W_K);
    free(p->W_Q);
    *p = (fp_problem){0};
}

/* y + 2^-log2_inverse_step * sum of coef[s]/6 slope_s */
static void advance(fp_vec *out, const fp_vec *y, fp_vec *const slope[4], const int sixths[4], int log2_inverse_step)
{
    mpfr_prec_t prec = fp_vec_prec(y);
    fp_reals coef;
    mpfr_t tmp;
    fp_reals_init(&coef, 4, prec);
    mpfr_init2(tmp, prec);
    for (int s = 0; s < 4; s++) {
        mpfr_set_si_2exp(coef.x + s, sixths[s], -log2_inverse_step, MPFR_RNDN);
        mpfr_div_ui(coef.x + s, coef.x + s, 6, MPFR_RNDN);
    }
    fp_vec_lincomb(out, y, &coef, slope, 4, 0, fp_vec_len(y), tmp);
    mpfr_clear(tmp);
    fp_reals_clear(&coef);
}

void rk4_go(fp_vec *y, const fp_field *field, int steps, int log2_inverse_step)
{
    static const int stage[4][4] = {{3, 0, 0, 0}, {0, 3, 0, 0}, {0, 0, 6, 0}, {1, 2, 2, 1}};
    fp_vec *slope[4], *at = fp_vec_new(fp_vec_len(y), fp_vec_prec(y));
    mpfr_t t;
    mpfr_init2(t, fp_vec_prec(y));
    mpfr_set_zero(t, 1); /* the flow is autonomous */
    for (int s = 0; s < 4; s++)
        slope[s] = fp_vec_new(fp_vec_len(y), fp_vec_prec(y));
    for (int k = 0; k < steps; k++) {
        fp_vec_copy(at, y);
        for (int s = 0; s < 4; s++) {
            field->rhs(slope[s], t, at, field->ctx);
            advance(at, y, slope, stage[s], log2_inverse_step);
        }
        fp_vec_copy(y, at);
    }
    for (int s = 0; s < 4; s++)
        fp_vec_free(slope[s]);
    fp_vec_free(at);
    mpfr_clear(t);
}
