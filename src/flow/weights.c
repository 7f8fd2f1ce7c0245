/* SPDX-License-Identifier: MIT */
/* The paper's own variables, App. B: w_j' = a_j W_V c, W_V' = u c^T, W_K' = W_Q N^T, W_Q' = W_K N, with u = sum_j a_j w_j. */
#include "flow_private.h"

static void layout(fp_layout *at)
{
    at->W = 0;
    fp_vectors_layout(at, (size_t)at->m1 * (size_t)at->m, at->m, at->m);
}

static void start(fp_flow *flow)
{
    const fp_problem *p = flow->problem;
    size_t m = (size_t)p->m, m1 = (size_t)p->m1;
    flow->w0 = fp_vec_new(m1 * m, flow->prec);
    flow->u0 = fp_vec_new(m, flow->prec);
    flow->u = fp_vec_new(m, flow->prec);
    flow->drive = fp_vec_new(m, flow->prec);
    for (size_t x = 0; x < m1 * m && !fp_interrupted(); x++) {
        fp_vec_set_d(flow->w0, x, p->W[x]);
        fp_vec_set_d(flow->initial, flow->at.W + x, p->W[x]);
    }
    fp_vectors_set_u(flow->u0, 0, p);
    fp_vectors_set_matrix(flow->initial, flow->at.V, p->W_V, p->m, p->d);
    fp_vectors_set_matrix(flow->initial, flow->at.K, p->W_K, p->m, p->d);
    fp_vectors_set_matrix(flow->initial, flow->at.Q, p->W_Q, p->m, p->d);
}

static mpfr_ptr sign_of(const fp_flow *flow, size_t j, size_t part)
{
    mpfr_ptr a = fp_attention_scratch(&flow->attention, part, 1);
    mpfr_set_si(a, flow->problem->a[j], MPFR_RNDN);
    return a;
}

static void output_part(void *ctx, size_t part)
{
    const fp_pass *pass = ctx;
    fp_flow *flow = pass->flow;
    size_t lo, hi, m = (size_t)flow->at.m;
    fp_flow_range(&lo, &hi, m, part);
    fp_vec_zero(flow->u, lo, hi - lo);
    for (size_t j = 0; j < (size_t)flow->at.m1 && !fp_interrupted(); j++)
        fp_vec_axpy(flow->u, lo, sign_of(flow, j, part), pass->y, flow->at.W + j * m + lo, hi - lo, fp_flow_tmp(flow, part));
}

static void load(fp_flow *flow, const fp_vec *y)
{
    fp_pass pass = {.flow = flow, .y = y};
    fp_pool_run(flow->pool, FP_FLOW_PARTS, output_part, &pass);
    fp_vectors_load(flow, y, flow->u, 0);
}

static void move_part(void *ctx, size_t part)
{
    const fp_pass *pass = ctx;
    fp_vectors_combine(pass->flow->drive, 0, &pass->flow->attention.c, pass, part);
    fp_vectors_move_tokens(pass, part);
}

static void neurons_part(void *ctx, size_t part)
{
    const fp_pass *pass = ctx;
    const fp_flow *flow = pass->flow;
    size_t lo, hi, m = (size_t)flow->at.m;
    fp_flow_range(&lo, &hi, (size_t)flow->at.m1, part);
    for (size_t j = lo; j < hi && !fp_interrupted(); j++)
        fp_vec_scale(pass->dy, flow->at.W + j * m, sign_of(flow, j, part), flow->drive, 0, m);
}

static void move(fp_vec *dy, const fp_vec *y, fp_flow *flow)
{
    fp_pass pass = {.flow = flow, .y = y, .dy = dy, .u = flow->u};
    fp_pool_run(flow->pool, FP_FLOW_PARTS, move_part, &pass);
    fp_pool_run(flow->pool, FP_FLOW_PARTS, neurons_part, &pass);
}

const fp_form fp_form_weights = {layout, start, load, move, NULL};
