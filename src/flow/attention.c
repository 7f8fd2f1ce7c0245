/* SPDX-License-Identifier: MIT */
/* F, c and N from the attention weights. The softmax subtracts no maximum: MPFR's exponents reach 2^62, so exp(score/sqrt m) neither overflows nor
 * underflows for |score|/sqrt m < 10^18; beyond that Z is infinite or 0, N becomes NaN, and so does the field, which the integrator reports. */
#include "flow_private.h"

enum { SQRT_M, N_SQRT_M, CONSTANTS };

typedef struct {
    fp_reals *reals;
    size_t n;
} block;

void fp_attention_init(fp_attention *s, const fp_problem *problem, mpfr_prec_t prec)
{
    *s = (fp_attention){.label = problem->label};
    fp_pairs_init(&s->pairs, problem);
    const fp_pairs *q = &s->pairs;
    block blocks[] = {{&s->E, q->pairs}, {&s->G, q->d}, {&s->c, q->d}, {&s->N, q->pairs}, {&s->Z, q->entries}, {&s->o, q->entries},
                      {&s->share, q->entries}, {&s->force, q->cells}, {&s->F, q->n}, {&s->scratch, FP_FLOW_PARTS * FP_SCRATCH},
                      {&s->constants, CONSTANTS}};
    for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++)
        fp_reals_init(blocks[b].reals, blocks[b].n, prec);
    mpfr_sqrt_ui(s->constants.x + SQRT_M, (unsigned long)problem->m, MPFR_RNDN);
    mpfr_mul_ui(s->constants.x + N_SQRT_M, s->constants.x + SQRT_M, (unsigned long)problem->n, MPFR_RNDN);
}

void fp_attention_clear(fp_attention *s)
{
    fp_reals *reals[] = {&s->E, &s->G, &s->c, &s->N, &s->Z, &s->o, &s->share, &s->force, &s->F, &s->scratch, &s->constants};
    for (size_t b = 0; b < sizeof reals / sizeof *reals; b++)
        fp_reals_clear(reals[b]);
    fp_pairs_clear(&s->pairs);
}

mpfr_ptr fp_attention_scratch(const fp_attention *s, size_t part, size_t which)
{
    return s->scratch.x + part * FP_SCRATCH + which;
}

void fp_attention_exp(fp_attention *s, size_t pair)
{
    mpfr_ptr x = s->E.x + pair;
    mpfr_div(x, x, s->constants.x + SQRT_M, MPFR_RNDN);
    fp_exp(x, x);
}

/* out = count * E of the cell: the unnormalised attention on all positions of the key token */
static void weight(mpfr_ptr out, const fp_attention *s, size_t cell, size_t key_entry)
{
    mpfr_mul_ui(out, s->E.x + s->pairs.cell_pair[cell], s->pairs.count[key_entry], MPFR_RNDN);
}

/* F_i = sum over query positions of o, o = sum_b weight G / Z */
static void forward_sample(fp_attention *s, size_t i, mpfr_ptr w, mpfr_ptr term)
{
    const fp_pairs *q = &s->pairs;
    size_t first = q->entry_at[i], r = q->entry_at[i + 1] - first, cell = q->cell_at[i];
    mpfr_set_zero(s->F.x + i, 1);
    for (size_t a = first; a < first + r; a++) {
        mpfr_ptr Z = s->Z.x + a, o = s->o.x + a;
        mpfr_set_zero(Z, 1);
        mpfr_set_zero(o, 1);
        for (size_t b = first; b < first + r; b++, cell++) {
            weight(w, s, cell, b);
            mpfr_add(Z, Z, w, MPFR_RNDN);
            mpfr_mul(term, w, s->G.x + q->token[b], MPFR_RNDN);
            mpfr_add(o, o, term, MPFR_RNDN);
        }
        mpfr_div(o, o, Z, MPFR_RNDN);
        mpfr_mul_ui(term, o, q->count[a], MPFR_RNDN);
        mpfr_add(s->F.x + i, s->F.x + i, term, MPFR_RNDN);
    }
}

/* out = g_i y_i with g_i = 1/(1 + exp(y_i F_i)) */
static void signed_slope(mpfr_ptr out, const fp_attention *s, size_t i)
{
    mpfr_mul_si(out, s->F.x + i, s->label[i], MPFR_RNDN);
    fp_logistic(out, out);
    mpfr_mul_si(out, out, s->label[i], MPFR_RNDN);
}

/* share_b = g y sum_a count_a p(a,b), force_ab = g y count_a p(a,b) (G_b - o_a), p the attention on all positions of b */
static void backward_sample(fp_attention *s, size_t i, mpfr_ptr gy, mpfr_ptr scale, mpfr_ptr p)
{
    const fp_pairs *q = &s->pairs;
    size_t first = q->entry_at[i], r = q->entry_at[i + 1] - first, cell = q->cell_at[i];
    signed_slope(gy, s, i);
    for (size_t b = first; b < first + r; b++)
        mpfr_set_zero(s->share.x + b, 1);
    for (size_t a = first; a < first + r; a++) {
        mpfr_mul_ui(scale, gy, q->count[a], MPFR_RNDN);
        mpfr_div(scale, scale, s->Z.x + a, MPFR_RNDN);
        for (size_t b = first; b < first + r; b++, cell++) {
            mpfr_ptr force = s->force.x + cell;
            weight(p, s, cell, b);
            mpfr_mul(p, p, scale, MPFR_RNDN);
            mpfr_add(s->share.x + b, s->share.x + b, p, MPFR_RNDN);
            mpfr_sub(force, s->G.x + q->token[b], s->o.x + a, MPFR_RNDN);
            mpfr_mul(force, force, p, MPFR_RNDN);
        }
    }
}

static void forward_part(void *ctx, size_t part)
{
    fp_attention *s = ctx;
    size_t lo, hi;
    fp_flow_range(&lo, &hi, s->pairs.n, part);
    for (size_t i = lo; i < hi && !fp_interrupted(); i++)
        forward_sample(s, i, fp_attention_scratch(s, part, 0), fp_attention_scratch(s, part, 1));
}

static void backward_part(void *ctx, size_t part)
{
    fp_attention *s = ctx;
    size_t lo, hi;
    fp_flow_range(&lo, &hi, s->pairs.n, part);
    for (size_t i = lo; i < hi && !fp_interrupted(); i++)
        backward_sample(s, i, fp_attention_scratch(s, part, 0), fp_attention_scratch(s, part, 1), fp_attention_scratch(s, part, 2));
}

static void sum_listed(mpfr_ptr out, const fp_reals *x, const size_t *list, size_t lo, size_t hi)
{
    mpfr_set_zero(out, 1);
    for (size_t k = lo; k < hi; k++)
        mpfr_add(out, out, x->x + list[k], MPFR_RNDN);
}

/* c and N of the tokens of a part from what the samples left */
static void gather_part(void *ctx, size_t part)
{
    fp_attention *s = ctx;
    const fp_pairs *q = &s->pairs;
    for (size_t t = q->token_bound[part]; t < q->token_bound[part + 1] && !fp_interrupted(); t++) {
        sum_listed(s->c.x + t, &s->share, q->token_entries, q->token_entries_at[t], q->token_entries_at[t + 1]);
        mpfr_div_ui(s->c.x + t, s->c.x + t, q->n, MPFR_RNDN);
        for (size_t x = q->by_key_at[t]; x < q->by_key_at[t + 1]; x++) {
            sum_listed(s->N.x + x, &s->force, q->pair_cells, q->pair_cells_at[x], q->pair_cells_at[x + 1]);
            mpfr_div(s->N.x + x, s->N.x + x, s->constants.x + N_SQRT_M, MPFR_RNDN);
        }
    }
}

void fp_attention_forward(fp_attention *s, fp_pool *pool)
{
    fp_pool_run(pool, FP_FLOW_PARTS, forward_part, s);
}

void fp_attention_backward(fp_attention *s, fp_pool *pool)
{
    fp_pool_run(pool, FP_FLOW_PARTS, backward_part, s);
    fp_pool_run(pool, FP_FLOW_PARTS, gather_part, s);
}

/* out = N x or, when first, out = N x without adding to what was there */
static void add_term(fp_vec *out, size_t j, mpfr_srcptr N, const fp_vec *x, size_t i, size_t len, bool first, mpfr_ptr tmp)
{
    if (first)
        fp_vec_scale(out, j, N, x, i, len);
    else
        fp_vec_axpy(out, j, N, x, i, len, tmp);
}

void fp_attention_times(fp_vec *out, size_t j, const fp_attention *s, size_t t, const fp_vec *x, size_t i, size_t len, mpfr_ptr tmp)
{
    const fp_pairs *q = &s->pairs;
    size_t lo = q->by_key_at[t], hi = q->by_key_at[t + 1];
    if (lo == hi)
        fp_vec_zero(out, j, len);
    for (size_t k = lo; k < hi; k++)
        add_term(out, j, s->N.x + k, x, i + q->query[k] * len, len, k == lo, tmp);
}

void fp_attention_transposed_times(fp_vec *out, size_t j, const fp_attention *s, size_t t, const fp_vec *x, size_t i, size_t len, mpfr_ptr tmp)
{
    const fp_pairs *q = &s->pairs;
    size_t lo = q->by_query_at[t], hi = q->by_query_at[t + 1];
    if (lo == hi)
        fp_vec_zero(out, j, len);
    for (size_t k = lo; k < hi; k++) {
        size_t pair = q->by_query[k];
        add_term(out, j, s->N.x + pair, x, i + q->key[pair] * len, len, k == lo, tmp);
    }
}
