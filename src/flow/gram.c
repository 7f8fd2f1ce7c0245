/* SPDX-License-Identifier: MIT */
/* The paper's coupled system (App. C) in closed form, independent of m and m1 in size:
 *   A' = P N + N R, P' = A N^T + N A^T, R' = A^T N + N^T A, B' = c G^T + G c^T, G' = rho c + m1 B c, rho' = 2 m1 G.c
 * Rows of a matrix are contiguous, and N is sparse, so every product is N or N^T times rows: P N = (N^T P)^T, A N^T = (N A^T)^T. */
#include "flow_private.h"

static void layout(fp_layout *at)
{
    size_t d = (size_t)at->d;
    at->A = 0;
    at->P = d * d;
    at->R = 2 * d * d;
    at->B = 3 * d * d;
    at->G = 4 * d * d;
    at->rho = at->G + d;
    at->dim = at->rho + 1;
}

/* One block of inner products of columns of m numbers: y[at + r*cols + c] = w[left + r*m..] . w[right + c*m..] */
typedef struct {
    fp_flow *flow;
    const fp_vec *w;
    size_t at, left, rows, right, cols, m;
} products;

static void products_start_part(void *ctx, size_t part)
{
    const products *b = ctx;
    mpfr_t sum, tmp;
    size_t lo, hi;
    mpfr_inits2(fp_vec_prec(b->w), sum, tmp, (mpfr_ptr)0);
    fp_flow_range(&lo, &hi, b->rows * b->cols, part);
    for (size_t x = lo; x < hi && !fp_interrupted(); x++) {
        fp_vec_dot(sum, b->w, b->left + x / b->cols * b->m, b->w, b->right + x % b->cols * b->m, b->m, tmp);
        fp_vec_set(b->flow->initial, b->at + x, sum);
    }
    mpfr_clears(sum, tmp, (mpfr_ptr)0);
}

static void start_values(fp_flow *flow)
{
    const fp_problem *p = flow->problem;
    const fp_layout *at = &flow->at;
    size_t m = (size_t)p->m, d = (size_t)p->d, K = 0, Q = d * m, V = 2 * d * m, u = 3 * d * m;
    fp_vec *w = fp_vec_new(u + m, flow->prec + FP_FLOW_GUARD_BITS);
    products blocks[] = {{flow, w, at->A, K, d, Q, d, m}, {flow, w, at->P, K, d, K, d, m}, {flow, w, at->R, Q, d, Q, d, m},
                         {flow, w, at->B, V, d, V, d, m}, {flow, w, at->G, V, d, u, 1, m}, {flow, w, at->rho, u, 1, u, 1, m}};
    fp_vectors_set_matrix(w, K, p->W_K, p->m, p->d);
    fp_vectors_set_matrix(w, Q, p->W_Q, p->m, p->d);
    fp_vectors_set_matrix(w, V, p->W_V, p->m, p->d);
    fp_vectors_set_u(w, u, p);
    for (size_t k = 0; k < sizeof blocks / sizeof *blocks; k++)
        fp_pool_run(flow->pool, FP_FLOW_PARTS, products_start_part, &blocks[k]);
    fp_vec_free(w);
}

static void start(fp_flow *flow)
{
    size_t d = (size_t)flow->at.d;
    start_values(flow);
    flow->At = fp_vec_new(d * d, flow->prec);
    flow->NtP = fp_vec_new(d * d, flow->prec);
    flow->NAt = fp_vec_new(d * d, flow->prec);
    flow->NtA = fp_vec_new(d * d, flow->prec);
    flow->c = fp_vec_new(d, flow->prec);
}

static void load_part(void *ctx, size_t part)
{
    const fp_pass *pass = ctx;
    const fp_layout *at = &pass->flow->at;
    fp_attention *s = &pass->flow->attention;
    size_t lo, hi, d = (size_t)at->d;
    fp_flow_range(&lo, &hi, s->pairs.pairs, part);
    for (size_t x = lo; x < hi; x++) {
        fp_vec_get(s->E.x + x, pass->y, at->A + s->pairs.key[x] * d + s->pairs.query[x]);
        fp_attention_exp(s, x);
    }
    fp_flow_range(&lo, &hi, d, part);
    for (size_t t = lo; t < hi; t++)
        fp_vec_get(s->G.x + t, pass->y, at->G + t);
}

static void load(fp_flow *flow, const fp_vec *y)
{
    fp_pass pass = {.flow = flow, .y = y};
    fp_pool_run(flow->pool, FP_FLOW_PARTS, load_part, &pass);
}

static void prepare_part(void *ctx, size_t part)
{
    const fp_pass *pass = ctx;
    fp_flow *flow = pass->flow;
    size_t lo, hi, d = (size_t)flow->at.d;
    mpfr_ptr x = fp_flow_tmp(flow, part);
    fp_flow_range(&lo, &hi, d, part);
    for (size_t t = lo; t < hi && !fp_interrupted(); t++) {
        fp_vec_set(flow->c, t, flow->attention.c.x + t);
        for (size_t s = 0; s < d; s++) {
            fp_vec_get(x, pass->y, flow->at.A + s * d + t);
            fp_vec_set(flow->At, t * d + s, x);
        }
    }
}

/* G' = rho c + m1 B c of one token */
static void move_G(const fp_pass *pass, size_t t, size_t part)
{
    const fp_flow *flow = pass->flow;
    size_t d = (size_t)flow->at.d;
    mpfr_ptr tmp = fp_flow_tmp(flow, part), sum = fp_attention_scratch(&flow->attention, part, 1);
    fp_vec_dot(sum, pass->y, flow->at.B + t * d, flow->c, 0, d, tmp);
    mpfr_mul_si(sum, sum, flow->at.m1, MPFR_RNDN);
    fp_vec_get(tmp, pass->y, flow->at.rho);
    mpfr_mul(tmp, tmp, flow->attention.c.x + t, MPFR_RNDN);
    mpfr_add(sum, sum, tmp, MPFR_RNDN);
    fp_vec_set(pass->dy, flow->at.G + t, sum);
}

/* B' = c G^T + G c^T, one row */
static void move_B(const fp_pass *pass, size_t t, size_t part)
{
    const fp_flow *flow = pass->flow;
    size_t d = (size_t)flow->at.d, row = flow->at.B + t * d;
    fp_vec_scale(pass->dy, row, flow->attention.c.x + t, pass->y, flow->at.G, d);
    fp_vec_axpy(pass->dy, row, flow->attention.G.x + t, flow->c, 0, d, fp_flow_tmp(flow, part));
}

static void products_part(void *ctx, size_t part)
{
    const fp_pass *pass = ctx;
    fp_flow *flow = pass->flow;
    const fp_layout *at = &flow->at;
    const fp_attention *s = &flow->attention;
    size_t d = (size_t)at->d;
    mpfr_ptr tmp = fp_flow_tmp(flow, part);
    for (size_t t = s->pairs.token_bound[part]; t < s->pairs.token_bound[part + 1] && !fp_interrupted(); t++) {
        fp_attention_times(pass->dy, at->A + t * d, s, t, pass->y, at->R, d, tmp);
        fp_attention_transposed_times(flow->NtP, t * d, s, t, pass->y, at->P, d, tmp);
        fp_attention_times(flow->NAt, t * d, s, t, flow->At, 0, d, tmp);
        fp_attention_transposed_times(flow->NtA, t * d, s, t, pass->y, at->A, d, tmp);
        move_G(pass, t, part);
        move_B(pass, t, part);
    }
}

/* dy[at + t,s] = x[x_at + t,s] + z[s,t] */
static void add_transposed(fp_vec *dy, size_t at, const fp_vec *x, size_t x_at, const fp_vec *z, size_t t, size_t d, mpfr_ptr a, mpfr_ptr b)
{
    for (size_t s = 0; s < d; s++) {
        fp_vec_get(a, x, x_at + t * d + s);
        fp_vec_get(b, z, s * d + t);
        mpfr_add(a, a, b, MPFR_RNDN);
        fp_vec_set(dy, at + t * d + s, a);
    }
}

static void combine_part(void *ctx, size_t part)
{
    const fp_pass *pass = ctx;
    fp_flow *flow = pass->flow;
    const fp_layout *at = &flow->at;
    size_t lo, hi, d = (size_t)at->d;
    mpfr_ptr a = fp_flow_tmp(flow, part), b = fp_attention_scratch(&flow->attention, part, 1);
    fp_flow_range(&lo, &hi, d, part);
    for (size_t t = lo; t < hi && !fp_interrupted(); t++) {
        add_transposed(pass->dy, at->A, pass->dy, at->A, flow->NtP, t, d, a, b);
        add_transposed(pass->dy, at->P, flow->NAt, 0, flow->NAt, t, d, a, b);
        add_transposed(pass->dy, at->R, flow->NtA, 0, flow->NtA, t, d, a, b);
    }
    if (part == 0) {
        fp_vec_dot(a, pass->y, at->G, flow->c, 0, d, b);
        mpfr_mul_si(a, a, 2 * at->m1, MPFR_RNDN);
        fp_vec_set(pass->dy, at->rho, a);
    }
}

static void move(fp_vec *dy, const fp_vec *y, fp_flow *flow)
{
    fp_pass pass = {.flow = flow, .y = y, .dy = dy};
    fp_pool_run(flow->pool, FP_FLOW_PARTS, prepare_part, &pass);
    fp_pool_run(flow->pool, FP_FLOW_PARTS, products_part, &pass);
    fp_pool_run(flow->pool, FP_FLOW_PARTS, combine_part, &pass);
}

const fp_form fp_form_gram = {layout, start, load, move, NULL};
