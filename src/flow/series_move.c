/* SPDX-License-Identifier: MIT */
/* The next coefficient of y by the equations of the reduced flow, (1) of certificate.md: u' = m1 sum_t c_t v_t, v_t' = c_t u, k_nu' = sum_mu N(nu,mu) q_mu, q_mu' = sum_nu N(nu,mu) k_nu.
 * Each vector is one combination of earlier ones, a part of its own. */
#include <stdlib.h>

#include "series_private.h"

/* Parts: u (longest, so first), then k and q of each token, then v. */
enum { FIRST_PAIRED = 1 };

static size_t parts_of(const fp_series *s)
{
    return 1 + 3 * s->pairs.d;
}

static size_t partners_of(const fp_pairs *q, fp_series_block block, size_t t)
{
    return block == FP_SERIES_K ? q->by_key_at[t + 1] - q->by_key_at[t] : q->by_query_at[t + 1] - q->by_query_at[t];
}

static fp_series_place place_of_part(const fp_series *s, size_t part)
{
    size_t d = s->pairs.d;
    if (part == 0)
        return (fp_series_place){FP_SERIES_U, 0};
    if (part >= FIRST_PAIRED + 2 * d)
        return (fp_series_place){FP_SERIES_V, part - FIRST_PAIRED - 2 * d};
    return (fp_series_place){(part - FIRST_PAIRED) % 2 == 0 ? FP_SERIES_K : FP_SERIES_Q, (part - FIRST_PAIRED) / 2};
}

/* How many series are summed in this part. */
static size_t width_of(const fp_series *s, fp_series_place at)
{
    if (at.block == FP_SERIES_U)
        return s->pairs.d;
    return at.block == FP_SERIES_V ? 1 : partners_of(&s->pairs, at.block, at.token);
}

void fp_series_move_init(fp_series *s)
{
    size_t parts = parts_of(s);
    s->error = _mag_vec_init((slong)parts);
    s->terms = fp_alloc(parts, sizeof *s->terms);
    for (size_t part = 0; part < parts; part++) {
        size_t room = width_of(s, place_of_part(s, part)) * s->stride;
        s->terms[part].a = fp_alloc(room, sizeof *s->terms[part].a);
        s->terms[part].x = fp_alloc(room, sizeof *s->terms[part].x);
    }
}

void fp_series_move_clear(fp_series *s)
{
    for (size_t part = 0; part < parts_of(s); part++) {
        free(s->terms[part].a);
        free(s->terms[part].x);
    }
    free(s->terms);
    _mag_vec_clear(s->error, (slong)parts_of(s));
}

/* The terms a_i x_{k-i}, i = 0..k, of one product of series. */
static size_t add_product(fp_series_terms *list, size_t at, const fp_series *s, arb_srcptr a, fp_series_block block, size_t token)
{
    const fp_grid_vec *const *x = s->up[block] + token * s->stride;
    for (size_t i = 0; i <= (size_t)s->order; i++) {
        list->a[at] = a + i;
        list->x[at++] = x[(size_t)s->order - i];
    }
    return at;
}

static size_t list_terms(fp_series_terms *list, const fp_series *s, fp_series_place to)
{
    const fp_pairs *q = &s->pairs;
    size_t at = 0;
    switch (to.block) {
    case FP_SERIES_U:
        for (size_t t = 0; t < q->d; t++)
            if (fp_pairs_has_token(q, t))
                at = add_product(list, at, s, fp_series_row(s->m1_c, s, t), FP_SERIES_V, t);
        break;
    case FP_SERIES_V:
        if (fp_pairs_has_token(q, to.token))
            at = add_product(list, at, s, fp_series_row(s->c, s, to.token), FP_SERIES_U, 0);
        break;
    case FP_SERIES_K:
        for (size_t x = q->by_key_at[to.token]; x < q->by_key_at[to.token + 1]; x++)
            at = add_product(list, at, s, fp_series_row(s->N, s, x), FP_SERIES_Q, q->query[x]);
        break;
    case FP_SERIES_Q:
        for (size_t e = q->by_query_at[to.token]; e < q->by_query_at[to.token + 1]; e++)
            at = add_product(list, at, s, fp_series_row(s->N, s, q->by_query[e]), FP_SERIES_K, q->key[q->by_query[e]]);
        break;
    }
    return at;
}

static void move_part(void *ctx, size_t part)
{
    fp_series *s = ctx;
    fp_series_place to = place_of_part(s, part);
    fp_series_terms *list = &s->terms[part];
    size_t count = list_terms(list, s, to), next = to.token * s->stride + (size_t)s->order + 1;
    fp_grid_combine(&s->y[to.block].at[next], s->error + part, list->a, list->x, count, (unsigned long)s->order + 1);
}

/* (12): the parts' errors are those of y_{k+1}; times k+1 they are those of f_k. A combination that failed has left an infinite one. */
static void sum_errors(fp_series *s)
{
    mag_ptr residual = s->residual + s->order;
    mag_zero(residual);
    for (size_t part = 0; part < parts_of(s); part++)
        fp_series_add_square(residual, place_of_part(s, part).block, s->error + part, s->shape.m1);
    mag_sqrt(residual, residual);
    mag_mul_ui(residual, residual, (ulong)s->order + 1);
}

void fp_series_move(fp_series *s)
{
    fp_pool_run(s->pool, parts_of(s), move_part, s);
    sum_errors(s);
    s->order++;
}
