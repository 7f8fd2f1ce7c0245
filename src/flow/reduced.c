/* SPDX-License-Identifier: MIT */
/* u' = m1 W_V c, W_V' = u c^T, W_K' = W_Q N^T, W_Q' = W_K N; exact, since w_j(t) = w_j(0) + a_j (u(t) - u(0))/m1. */
#include "flow_private.h"

static void layout(fp_layout *at)
{
    at->u = 0;
    fp_vectors_layout(at, (size_t)at->m, at->m, at->m);
}

static void start(fp_flow *flow)
{
    const fp_problem *p = flow->problem;
    size_t m = (size_t)p->m, m1 = (size_t)p->m1;
    flow->w0 = fp_vec_new(m1 * m, flow->prec);
    flow->u0 = fp_vec_new(m, flow->prec);
    for (size_t x = 0; x < m1 * m && !fp_interrupted(); x++)
        fp_vec_set_d(flow->w0, x, p->W[x]);
    fp_vectors_set_u(flow->u0, 0, p);
    fp_vectors_set_u(flow->initial, flow->at.u, p);
    fp_vectors_set_matrix(flow->initial, flow->at.V, p->W_V, p->m, p->d);
    fp_vectors_set_matrix(flow->initial, flow->at.K, p->W_K, p->m, p->d);
    fp_vectors_set_matrix(flow->initial, flow->at.Q, p->W_Q, p->m, p->d);
}

void fp_reduced_load(fp_flow *flow, const fp_vec *y)
{
    fp_vectors_load(flow, y, y, flow->at.u);
}

static void move_part(void *ctx, size_t part)
{
    const fp_pass *pass = ctx;
    fp_vectors_combine(pass->dy, pass->flow->at.u, &pass->flow->m1_c, pass, part);
    fp_vectors_move_tokens(pass, part);
}

void fp_reduced_move(fp_vec *dy, const fp_vec *y, fp_flow *flow)
{
    fp_pass pass = {.flow = flow, .y = y, .dy = dy, .u = y, .u_at = flow->at.u};
    for (size_t t = 0; t < flow->m1_c.n; t++)
        mpfr_mul_si(flow->m1_c.x + t, flow->attention.c.x + t, flow->at.m1, MPFR_RNDN);
    fp_pool_run(flow->pool, FP_FLOW_PARTS, move_part, &pass);
}

const fp_form fp_form_reduced = {layout, start, fp_reduced_load, fp_reduced_move, fp_flow_expansion};
