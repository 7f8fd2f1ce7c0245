/* SPDX-License-Identifier: MIT */
/* One order of every scalar of theory section 2 along the polynomial y, in balls that contain the true coefficients. Coefficient k of a product is a convolution, of an exponential
 * k E_k = sum_j j s_j E_{k-j}, of a quotient q_k = (a_k - sum_{j>=1} b_j q_{k-j})/b_0: each needs orders up to k only (certificate.md, "Tails"). Three passes over fixed parts: pairs
 * and tokens, samples, tokens again; each number is computed by one part in one order, so threads change nothing. */
#include "series_private.h"

static void product(arb_t out, arb_srcptr x, arb_srcptr y, slong k, slong prec)
{
    arb_dot(out, NULL, 0, x, 1, y + k, -1, k + 1, prec);
}

/* E_k, k >= 1, from je_j = j s_j */
static void exponential(arb_ptr E, arb_srcptr js, slong k, slong prec)
{
    arb_dot(E + k, NULL, 0, js + 1, 1, E + k - 1, -1, k, prec);
    arb_div_si(E + k, E + k, k, prec);
}

/* q_k of q = a/b; inverse = 1/b_0 */
static void quotient(arb_ptr q, const arb_t a, arb_srcptr b, const arb_t inverse, slong k, slong prec)
{
    if (k == 0) {
        arb_mul(q, a, inverse, prec);
        return;
    }
    arb_dot(q + k, a, 1, b + 1, 1, q + k - 1, -1, k, prec);
    arb_mul(q + k, q + k, inverse, prec);
}

static const fp_grid_vec *const *rising(const fp_series *s, fp_series_block b, size_t token)
{
    return s->up[b] + token * s->stride;
}

/* y_k, y_{k-1}, ..., y_0 */
static const fp_grid_vec *const *falling(const fp_series *s, fp_series_block b, size_t token, int k)
{
    return s->down[b] + token * s->stride + (s->max_order - k);
}

/* ---- first pass: G = u.v, s = k.q/sqrt m, E = exp(s - shift) */

static void score(fp_series *s, size_t x)
{
    int k = s->order;
    arb_ptr at = fp_series_row(s->s, s, x) + k, js = fp_series_row(s->js, s, x);
    arb_zero(at);
    fp_grid_dots(at, rising(s, FP_SERIES_K, s->pairs.key[x]), falling(s, FP_SERIES_Q, s->pairs.query[x], k), (size_t)k + 1, s->prec);
    arb_mul(at, at, s->per_sqrt_m, s->prec);
    arb_mul_si(js + k, at, k, s->prec);
    if (k > 0)
        exponential(fp_series_row(s->E, s, x), js, k, s->prec);
}

static void output(fp_series *s, size_t t)
{
    arb_ptr at = fp_series_row(s->G, s, t) + s->order;
    arb_zero(at);
    fp_grid_dots(at, rising(s, FP_SERIES_U, 0), falling(s, FP_SERIES_V, t, s->order), (size_t)s->order + 1, s->prec);
}

static void first_part(void *ctx, size_t part)
{
    fp_series *s = ctx;
    size_t lo, hi;
    fp_flow_range(&lo, &hi, s->pairs.pairs, part);
    for (size_t x = lo; x < hi; x++)
        score(s, x);
    fp_flow_range(&lo, &hi, s->pairs.d, part);
    for (size_t t = lo; t < hi; t++)
        output(s, t);
}

/* An exact number that keeps E of order 1: softmax does not change when a constant of the query is subtracted from its scores. */
static void choose_shift(fp_series *s, size_t t)
{
    const fp_pairs *q = &s->pairs;
    arf_neg_inf(s->shift + t);
    for (size_t k = q->by_query_at[t]; k < q->by_query_at[t + 1]; k++) {
        arf_srcptr x = arb_midref(fp_series_row(s->s, s, q->by_query[k]));
        if (arf_cmp(x, s->shift + t) > 0)
            arf_set(s->shift + t, x);
    }
    if (arf_is_finite(s->shift + t))
        arf_floor(s->shift + t, s->shift + t);
    else
        arf_zero(s->shift + t);
}

static void start_part(void *ctx, size_t part)
{
    fp_series *s = ctx;
    size_t lo, hi;
    fp_flow_range(&lo, &hi, s->pairs.pairs, part);
    for (size_t x = lo; x < hi; x++) {
        arb_ptr E = fp_series_row(s->E, s, x);
        arb_sub_arf(E, fp_series_row(s->s, s, x), s->shift + s->pairs.query[x], s->prec);
        arb_exp(E, E, s->prec);
    }
}

/* ---- second pass: a sample, from p = E/Z to g p (G - o) */

/* out += count x */
static void add_times(arb_t out, arb_srcptr x, size_t count, slong prec)
{
    if (count == 1)
        arb_add(out, out, x, prec);
    else
        arb_addmul_ui(out, x, count, prec);
}

/* Z, p and o of one query entry; cell is its first cell */
static void attend(fp_series *s, size_t a, size_t first, size_t r, size_t cell)
{
    const fp_pairs *q = &s->pairs;
    slong k = s->order, prec = s->prec;
    arb_ptr Z = fp_series_row(s->Z, s, a), o = fp_series_row(s->o, s, a);
    arb_zero(Z + k);
    for (size_t b = 0; b < r; b++)
        add_times(Z + k, fp_series_row(s->E, s, q->cell_pair[cell + b]) + k, q->count[first + b], prec);
    if (k == 0)
        arb_inv(s->inverse_Z + a, Z, prec);
    arb_zero(o + k);
    for (size_t b = 0; b < r; b++) {
        arb_ptr p = fp_series_row(s->p, s, cell + b), term = s->force + cell + b;
        quotient(p, fp_series_row(s->E, s, q->cell_pair[cell + b]) + k, Z, s->inverse_Z + a, k, prec);
        product(term, p, fp_series_row(s->G, s, q->token[first + b]), k, prec);
        add_times(o + k, term, q->count[first + b], prec);
    }
}

/* |z|, e^{-|z|} and g of (11); at order 0 the sign is chosen. */
static void logistic(fp_series *s, size_t i)
{
    slong k = s->order, prec = s->prec;
    arb_ptr F = fp_series_row(s->F, s, i), z = fp_series_row(s->z, s, i), jz = fp_series_row(s->jz, s, i);
    arb_ptr decay = fp_series_row(s->decay, s, i), g = fp_series_row(s->g, s, i);
    if (k == 0)
        s->sign[i] = arf_sgn(arb_midref(F)) * s->shape.label[i] >= 0 ? 1 : -1;
    arb_mul_si(z + k, F + k, s->sign[i] * s->shape.label[i], prec);
    arb_mul_si(jz + k, z + k, -k, prec);
    if (k == 0) {
        arb_neg(decay, z);
        arb_exp(decay, decay, prec);
        arb_add_ui(s->inverse_b + i, decay, 1, prec);
        arb_inv(s->inverse_b + i, s->inverse_b + i, prec);
    } else {
        exponential(decay, jz, k, prec);
    }
    if (s->sign[i] > 0) {
        quotient(g, decay + k, decay, s->inverse_b + i, k, prec);
    } else {
        arb_set_ui(g + k, k == 0);
        quotient(g, g + k, decay, s->inverse_b + i, k, prec);
    }
}

static void push(fp_series *s, size_t i, size_t a, size_t first, size_t r, size_t cell)
{
    const fp_pairs *q = &s->pairs;
    slong k = s->order, prec = s->prec;
    arb_srcptr g = fp_series_row(s->g, s, i), o = fp_series_row(s->o, s, a);
    for (size_t b = 0; b < r; b++) {
        arb_ptr gp = fp_series_row(s->gp, s, cell + b), lead = fp_series_row(s->lead, s, cell + b);
        product(gp + k, g, fp_series_row(s->p, s, cell + b), k, prec);
        arb_sub(lead + k, fp_series_row(s->G, s, q->token[first + b]) + k, o + k, prec);
        product(s->force + cell + b, gp, lead, k, prec);
    }
}

static void second_part(void *ctx, size_t i)
{
    fp_series *s = ctx;
    const fp_pairs *q = &s->pairs;
    size_t first = q->entry_at[i], r = q->entry_at[i + 1] - first, cell = q->cell_at[i];
    arb_ptr F = fp_series_row(s->F, s, i) + s->order;
    arb_zero(F);
    for (size_t a = 0; a < r && !fp_interrupted(); a++) {
        attend(s, first + a, first, r, cell + a * r);
        add_times(F, fp_series_row(s->o, s, first + a) + s->order, q->count[first + a], s->prec);
    }
    logistic(s, i);
    for (size_t a = 0; a < r && !fp_interrupted(); a++)
        push(s, i, first + a, first, r, cell + a * r);
}

/* ---- third pass: c and N of the pairs of a key token */

static void gather(fp_series *s, size_t t)
{
    const fp_pairs *q = &s->pairs;
    slong k = s->order, prec = s->prec;
    arb_ptr c = fp_series_row(s->c, s, t) + k;
    arb_zero(c);
    for (size_t x = q->by_key_at[t]; x < q->by_key_at[t + 1]; x++) {
        arb_ptr N = fp_series_row(s->N, s, x) + k;
        arb_zero(N);
        for (size_t e = q->pair_cells_at[x]; e < q->pair_cells_at[x + 1]; e++) {
            size_t cell = q->pair_cells[e];
            arb_addmul_si(c, fp_series_row(s->gp, s, cell) + k, s->weight[cell], prec);
            arb_addmul_si(N, s->force + cell, s->weight[cell], prec);
        }
        arb_mul(N, N, s->per_n_sqrt_m, prec);
    }
    arb_div_si(c, c, s->shape.n, prec);
    arb_mul_si(fp_series_row(s->m1_c, s, t) + k, c, s->shape.m1, prec);
}

static void third_part(void *ctx, size_t part)
{
    fp_series *s = ctx;
    const size_t *bound = s->pairs.token_bound;
    for (size_t t = bound[part]; t < bound[part + 1] && !fp_interrupted(); t++)
        gather(s, t);
}

void fp_series_scalars(fp_series *s)
{
    fp_pool_run(s->pool, FP_FLOW_PARTS, first_part, s);
    if (s->order == 0) {
        for (size_t t = 0; t < s->pairs.d; t++)
            choose_shift(s, t);
        fp_pool_run(s->pool, FP_FLOW_PARTS, start_part, s);
    }
    fp_pool_run(s->pool, s->pairs.n, second_part, s);
    fp_pool_run(s->pool, FP_FLOW_PARTS, third_part, s);
}
