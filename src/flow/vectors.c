/* SPDX-License-Identifier: MIT */
/* What the forms with vectors share: G = u.v, score = k.q, and V' = u c^T, W_K' = W_Q N^T, W_Q' = W_K N token by token. */
#include <stdlib.h>

#include "flow_private.h"

void fp_vectors_layout(fp_layout *at, size_t first, long rows_v, long rows_k)
{
    size_t d = (size_t)at->d;
    at->has_vectors = true;
    at->rows_v = rows_v;
    at->rows_k = rows_k;
    at->V = first;
    at->K = at->V + d * (size_t)rows_v;
    at->Q = at->K + d * (size_t)rows_k;
    at->dim = at->Q + d * (size_t)rows_k;
}

/* G of one token; tokens outside the data are not needed */
static void load_output(const fp_pass *pass, size_t t, mpfr_ptr tmp)
{
    fp_attention *s = &pass->flow->attention;
    const fp_layout *at = &pass->flow->at;
    size_t rows = (size_t)at->rows_v;
    if (fp_pairs_has_token(&s->pairs, t))
        fp_vec_dot(s->G.x + t, pass->u, pass->u_at, pass->y, at->V + t * rows, rows, tmp);
}

static void load_part(void *ctx, size_t part)
{
    const fp_pass *pass = ctx;
    fp_attention *s = &pass->flow->attention;
    const fp_layout *at = &pass->flow->at;
    size_t lo, hi, rows = (size_t)at->rows_k;
    mpfr_ptr tmp = fp_flow_tmp(pass->flow, part);
    fp_flow_range(&lo, &hi, s->pairs.pairs, part);
    for (size_t x = lo; x < hi && !fp_interrupted(); x++) {
        fp_vec_dot(s->E.x + x, pass->y, at->K + s->pairs.key[x] * rows, pass->y, at->Q + s->pairs.query[x] * rows, rows, tmp);
        fp_attention_exp(s, x);
    }
    fp_flow_range(&lo, &hi, s->pairs.d, part);
    for (size_t t = lo; t < hi; t++)
        load_output(pass, t, tmp);
}

void fp_vectors_load(fp_flow *flow, const fp_vec *y, const fp_vec *u, size_t u_at)
{
    fp_pass pass = {.flow = flow, .y = y, .u = u, .u_at = u_at};
    fp_pool_run(flow->pool, FP_FLOW_PARTS, load_part, &pass);
}

static void move_token(const fp_pass *pass, size_t t, mpfr_ptr tmp)
{
    const fp_attention *s = &pass->flow->attention;
    const fp_layout *at = &pass->flow->at;
    size_t rv = (size_t)at->rows_v, rk = (size_t)at->rows_k;
    if (fp_pairs_has_token(&s->pairs, t))
        fp_vec_scale(pass->dy, at->V + t * rv, s->c.x + t, pass->u, pass->u_at, rv);
    else
        fp_vec_zero(pass->dy, at->V + t * rv, rv);
    fp_attention_times(pass->dy, at->K + t * rk, s, t, pass->y, at->Q, rk, tmp);
    fp_attention_transposed_times(pass->dy, at->Q + t * rk, s, t, pass->y, at->K, rk, tmp);
}

void fp_vectors_move_tokens(const fp_pass *pass, size_t part)
{
    const size_t *bound = pass->flow->attention.pairs.token_bound;
    for (size_t t = bound[part]; t < bound[part + 1] && !fp_interrupted(); t++)
        move_token(pass, t, fp_flow_tmp(pass->flow, part));
}

void fp_vectors_combine(fp_vec *out, size_t j, const fp_reals *coef, const fp_pass *pass, size_t part)
{
    const fp_layout *at = &pass->flow->at;
    size_t lo, hi, rows = (size_t)at->rows_v;
    fp_flow_range(&lo, &hi, rows, part);
    fp_vec_zero(out, j + lo, hi - lo);
    for (size_t t = 0; t < coef->n && !fp_interrupted(); t++)
        if (fp_pairs_has_token(&pass->flow->attention.pairs, t))
            fp_vec_axpy(out, j + lo, coef->x + t, pass->y, at->V + t * rows + lo, hi - lo, fp_flow_tmp(pass->flow, part));
}

void fp_vectors_set_matrix(fp_vec *y, size_t at, const double *x, long rows, long cols)
{
    for (size_t c = 0; c < (size_t)cols && !fp_interrupted(); c++)
        for (size_t r = 0; r < (size_t)rows; r++)
            fp_vec_set_d(y, at + c * (size_t)rows + r, x[r * (size_t)cols + c]);
}

void fp_vectors_set_u(fp_vec *y, size_t at, const fp_problem *problem)
{
    size_t m = (size_t)problem->m, m1 = (size_t)problem->m1;
    fp_reals term;
    mpfr_t sum;
    mpfr_ptr *list = fp_alloc(m1, sizeof *list);
    fp_reals_init(&term, m1, FP_PREC_MIN);
    mpfr_init2(sum, fp_vec_prec(y));
    for (size_t r = 0; r < m && !fp_interrupted(); r++) {
        for (size_t j = 0; j < m1; j++) {
            list[j] = term.x + j;
            mpfr_set_d(list[j], problem->a[j] * problem->W[j * m + r], MPFR_RNDN);
        }
        mpfr_sum(sum, list, m1, MPFR_RNDN);
        fp_vec_set(y, at + r, sum);
    }
    mpfr_clear(sum);
    fp_reals_clear(&term);
    free(list);
}
