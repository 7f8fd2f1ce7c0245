/* SPDX-License-Identifier: MIT */
#include "naive_series.h"

#include <stdlib.h>

static arb_poly_struct *polys(size_t count)
{
    arb_poly_struct *x = fp_alloc(count, sizeof *x);
    for (size_t i = 0; i < count; i++)
        arb_poly_init(x + i);
    return x;
}

static void drop(arb_poly_struct *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        arb_poly_clear(x + i);
    free(x);
}

typedef struct {
    arb_poly_struct **at;
    size_t count;
} block;
enum { BLOCKS = 10 };

static void list_blocks(block out[BLOCKS], naive_series *x)
{
    size_t n = (size_t)x->at->n, L = (size_t)x->at->L, d = (size_t)x->at->d;
    const block all[BLOCKS] = {{&x->y, x->at->dim}, {&x->f, x->at->dim}, {&x->G, d}, {&x->c, d}, {&x->N, d * d},
                               {&x->s, n * L * L}, {&x->p, n * L * L}, {&x->o, n * L}, {&x->F, n}, {&x->g, n}};
    for (size_t b = 0; b < BLOCKS; b++)
        out[b] = all[b];
}

void naive_series_init(naive_series *x, const fp_problem *problem, const fp_layout *at, slong len, slong prec)
{
    block list[BLOCKS];
    *x = (naive_series){.problem = problem, .at = at, .len = len, .prec = prec};
    list_blocks(list, x);
    for (size_t b = 0; b < BLOCKS; b++)
        *list[b].at = polys(list[b].count);
}

void naive_series_clear(naive_series *x)
{
    block list[BLOCKS];
    list_blocks(list, x);
    for (size_t b = 0; b < BLOCKS; b++)
        drop(*list[b].at, list[b].count);
}

/* sum += a b */
static void add_product(arb_poly_struct *sum, const naive_series *x, const arb_poly_struct *a, const arb_poly_struct *b)
{
    arb_poly_t term;
    arb_poly_init(term);
    arb_poly_mullow(term, a, b, x->len, x->prec);
    arb_poly_add(sum, sum, term, x->prec);
    arb_poly_clear(term);
}

static void scale(arb_poly_struct *a, const naive_series *x, const arb_t by)
{
    for (slong k = 0; k < arb_poly_length(a); k++)
        arb_mul(arb_poly_get_coeff_ptr(a, k), arb_poly_get_coeff_ptr(a, k), by, x->prec);
}

static size_t token(const naive_series *x, size_t i, size_t l)
{
    return (size_t)x->problem->token[i * (size_t)x->at->L + l] - 1;
}

static void set_outputs(naive_series *x)
{
    size_t rows = (size_t)x->at->rows_v;
    for (size_t t = 0; t < (size_t)x->at->d; t++)
        for (size_t r = 0; r < rows; r++)
            add_product(x->G + t, x, x->y + x->at->u + r, x->y + x->at->V + t * rows + r);
}

/* s, p, o of one query position */
static void attend(naive_series *x, size_t i, size_t l)
{
    size_t L = (size_t)x->at->L, rows = (size_t)x->at->rows_k, row = (i * L + l) * L;
    arb_poly_t sum;
    arb_t root;
    arb_poly_init(sum);
    arb_init(root);
    arb_rsqrt_ui(root, (ulong)x->at->m, x->prec);
    for (size_t k = 0; k < L; k++) {
        arb_poly_struct *s = x->s + row + k;
        for (size_t r = 0; r < rows; r++)
            add_product(s, x, x->y + x->at->K + token(x, i, k) * rows + r, x->y + x->at->Q + token(x, i, l) * rows + r);
        scale(s, x, root);
        arb_poly_exp_series(x->p + row + k, s, x->len, x->prec);
        arb_poly_add(sum, sum, x->p + row + k, x->prec);
    }
    for (size_t k = 0; k < L; k++) {
        arb_poly_div_series(x->p + row + k, x->p + row + k, sum, x->len, x->prec);
        add_product(x->o + i * L + l, x, x->p + row + k, x->G + token(x, i, k));
    }
    arb_poly_clear(sum);
    arb_clear(root);
}

/* F, g = 1/(1 + exp(y F)) */
static void finish_sample(naive_series *x, size_t i)
{
    size_t L = (size_t)x->at->L;
    arb_poly_t z;
    arb_poly_init(z);
    for (size_t l = 0; l < L; l++)
        arb_poly_add(x->F + i, x->F + i, x->o + i * L + l, x->prec);
    arb_poly_set(z, x->F + i);
    if (x->problem->label[i] < 0)
        arb_poly_neg(z, z);
    arb_poly_exp_series(z, z, x->len, x->prec);
    arb_poly_add_si(z, z, 1, x->prec);
    arb_poly_inv_series(x->g + i, z, x->len, x->prec);
    arb_poly_clear(z);
}

/* Adds what query position l of sample i gives to n c and n sqrt(m) N. */
static void push(naive_series *x, size_t i, size_t l)
{
    size_t L = (size_t)x->at->L, d = (size_t)x->at->d;
    arb_poly_t gp, lead;
    arb_poly_init(gp);
    arb_poly_init(lead);
    for (size_t k = 0; k < L; k++) {
        size_t key = token(x, i, k);
        arb_poly_mullow(gp, x->g + i, x->p + (i * L + l) * L + k, x->len, x->prec);
        if (x->problem->label[i] < 0)
            arb_poly_neg(gp, gp);
        arb_poly_add(x->c + key, x->c + key, gp, x->prec);
        arb_poly_sub(lead, x->G + key, x->o + i * L + l, x->prec);
        add_product(x->N + key * d + token(x, i, l), x, gp, lead);
    }
    arb_poly_clear(gp);
    arb_poly_clear(lead);
}

static void set_forces(naive_series *x)
{
    size_t d = (size_t)x->at->d;
    arb_t by;
    arb_init(by);
    arb_set_ui(by, (ulong)x->at->n);
    arb_inv(by, by, x->prec);
    for (size_t t = 0; t < d; t++)
        scale(x->c + t, x, by);
    arb_rsqrt_ui(by, (ulong)x->at->m, x->prec);
    arb_div_ui(by, by, (ulong)x->at->n, x->prec);
    for (size_t t = 0; t < d * d; t++)
        scale(x->N + t, x, by);
    arb_clear(by);
}

/* f = (m1 sum c v, c u, sum N q, sum N k) */
static void set_slopes(naive_series *x)
{
    const fp_layout *at = x->at;
    size_t d = (size_t)at->d, rv = (size_t)at->rows_v, rk = (size_t)at->rows_k;
    arb_t m1;
    arb_init(m1);
    arb_set_si(m1, at->m1);
    for (size_t r = 0; r < rv; r++) {
        for (size_t t = 0; t < d; t++) {
            add_product(x->f + at->u + r, x, x->c + t, x->y + at->V + t * rv + r);
            add_product(x->f + at->V + t * rv + r, x, x->c + t, x->y + at->u + r);
        }
        scale(x->f + at->u + r, x, m1);
    }
    for (size_t nu = 0; nu < d; nu++)
        for (size_t mu = 0; mu < d; mu++)
            for (size_t r = 0; r < rk; r++) {
                add_product(x->f + at->K + nu * rk + r, x, x->N + nu * d + mu, x->y + at->Q + mu * rk + r);
                add_product(x->f + at->Q + mu * rk + r, x, x->N + nu * d + mu, x->y + at->K + nu * rk + r);
            }
    arb_clear(m1);
}

void naive_series_evaluate(naive_series *x)
{
    size_t n = (size_t)x->at->n, L = (size_t)x->at->L;
    set_outputs(x);
    for (size_t i = 0; i < n; i++) {
        for (size_t l = 0; l < L; l++)
            attend(x, i, l);
        finish_sample(x, i);
        for (size_t l = 0; l < L; l++)
            push(x, i, l);
    }
    set_forces(x);
    set_slopes(x);
}
