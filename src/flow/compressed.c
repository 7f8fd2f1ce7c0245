/* SPDX-License-Identifier: MIT */
/* The reduced flow after a rotation of the rows: W_K, W_Q become the triangular factor of [W_K W_Q], and W_V, u that of [W_V u(0)]. The flow only
 * sees inner products of columns, so this is the same flow in min(m, 2d) and min(m, d+1) rows; m stays in the scores' sqrt m. */
#include "flow_private.h"

static long smaller(long a, long b)
{
    return a < b ? a : b;
}

static void layout(fp_layout *at)
{
    long rows_v = smaller(at->m, at->d + 1);
    at->u = 0;
    fp_vectors_layout(at, (size_t)rows_v, rows_v, smaller(at->m, 2 * at->d));
}

/* The first `keep` of the m numbers of `count` columns, rounded to the precision of out. */
static void keep_rows(fp_vec *out, size_t at, size_t keep, const fp_vec *a, size_t column, size_t count, size_t m)
{
    mpfr_t x;
    mpfr_init2(x, fp_vec_prec(a));
    for (size_t c = 0; c < count && !fp_interrupted(); c++)
        for (size_t r = 0; r < keep; r++) {
            fp_vec_get(x, a, (column + c) * m + r);
            fp_vec_set(out, at + c * keep + r, x);
        }
    mpfr_clear(x);
}

static void start_attention(fp_flow *flow)
{
    const fp_problem *p = flow->problem;
    size_t m = (size_t)p->m, d = (size_t)p->d, rows = (size_t)flow->at.rows_k;
    fp_vec *a = fp_vec_new(2 * d * m, flow->prec + FP_FLOW_GUARD_BITS);
    fp_vectors_set_matrix(a, 0, p->W_K, p->m, p->d);
    fp_vectors_set_matrix(a, d * m, p->W_Q, p->m, p->d);
    fp_flow_triangularise(a, m, 2 * d, 2 * d, flow->pool);
    keep_rows(flow->initial, flow->at.K, rows, a, 0, d, m);
    keep_rows(flow->initial, flow->at.Q, rows, a, d, d, m);
    fp_vec_free(a);
}

/* The neurons take the rotation of [W_V u(0)]; their first rows are their projection on its span. */
static void start_outputs(fp_flow *flow)
{
    const fp_problem *p = flow->problem;
    size_t m = (size_t)p->m, m1 = (size_t)p->m1, d = (size_t)p->d, rows = (size_t)flow->at.rows_v;
    fp_vec *a = fp_vec_new((d + 1 + m1) * m, flow->prec + FP_FLOW_GUARD_BITS);
    fp_vectors_set_matrix(a, 0, p->W_V, p->m, p->d);
    fp_vectors_set_u(a, d * m, p);
    for (size_t x = 0; x < m1 * m && !fp_interrupted(); x++)
        fp_vec_set_d(a, (d + 1) * m + x, p->W[x]);
    fp_flow_triangularise(a, m, d + 1, d + 1 + m1, flow->pool);
    keep_rows(flow->initial, flow->at.V, rows, a, 0, d, m);
    keep_rows(flow->initial, flow->at.u, rows, a, d, 1, m);
    keep_rows(flow->u0, 0, rows, a, d, 1, m);
    keep_rows(flow->w0, 0, rows, a, d + 1, m1, m);
    fp_vec_free(a);
}

static void start(fp_flow *flow)
{
    size_t rows = (size_t)flow->at.rows_v;
    flow->w0 = fp_vec_new((size_t)flow->at.m1 * rows, flow->prec);
    flow->u0 = fp_vec_new(rows, flow->prec);
    start_attention(flow);
    start_outputs(flow);
}

const fp_form fp_form_compressed = {layout, start, fp_reduced_load, fp_reduced_move, fp_flow_expansion};
