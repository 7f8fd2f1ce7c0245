/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "series_private.h"

/* ---- tables of what a series owns */

typedef struct {
    arb_ptr *at;
    size_t count;
} balls;
enum { BALLS = 19 };

static void list_balls(balls out[BALLS], fp_series *s)
{
    const fp_pairs *q = &s->pairs;
    size_t w = s->stride, tokens = q->d * w, pairs = q->pairs * w, entries = q->entries * w, cells = q->cells * w, samples = q->n * w;
    const balls all[BALLS] = {{&s->G, tokens}, {&s->c, tokens}, {&s->m1_c, tokens}, {&s->s, pairs}, {&s->js, pairs}, {&s->E, pairs}, {&s->N, pairs},
                              {&s->Z, entries}, {&s->o, entries}, {&s->p, cells}, {&s->gp, cells}, {&s->lead, cells}, {&s->F, samples},
                              {&s->z, samples}, {&s->jz, samples}, {&s->decay, samples}, {&s->g, samples}, {&s->force, q->cells}, {&s->inverse_Z, q->entries}};
    memcpy(out, all, sizeof all);
}

/* ---- shape */

static void copy_data(fp_series_shape *shape, const fp_problem *problem)
{
    size_t n = (size_t)problem->n, L = (size_t)problem->L;
    long *token = fp_alloc(n * L, sizeof *token);
    int *label = fp_alloc(n, sizeof *label);
    for (size_t x = 0; x < n * L; x++)
        token[x] = problem->token[x] - 1;
    memcpy(label, problem->label, n * sizeof *label);
    shape->token = token;
    shape->label = label;
}

static void make_shape(fp_series *s, const fp_problem *problem, const fp_layout *layout)
{
    const fp_pairs *q = &s->pairs;
    fp_series_shape *shape = &s->shape;
    *shape = (fp_series_shape){.n = layout->n, .L = layout->L, .d = layout->d, .m = layout->m, .m1 = layout->m1,
                               .rows_v = layout->rows_v, .rows_k = layout->rows_k, .pairs = q->pairs};
    shape->key = fp_alloc(q->pairs, sizeof *shape->key);
    shape->query = fp_alloc(q->pairs, sizeof *shape->query);
    shape->pair_of = fp_alloc(q->d * q->d, sizeof *shape->pair_of);
    for (size_t x = 0; x < q->d * q->d; x++)
        shape->pair_of[x] = -1;
    for (size_t x = 0; x < q->pairs; x++) {
        shape->key[x] = (long)q->key[x];
        shape->query[x] = (long)q->query[x];
        shape->pair_of[q->key[x] * q->d + q->query[x]] = (long)x;
    }
    copy_data(shape, problem);
}

static void clear_shape(fp_series_shape *shape)
{
    free(shape->key);
    free(shape->query);
    free(shape->pair_of);
    free((long *)shape->token);
    free((int *)shape->label);
}

/* The entry of every position and the weight of every cell. */
static void make_cells(fp_series *s)
{
    const fp_pairs *q = &s->pairs;
    size_t L = (size_t)s->shape.L;
    s->entry = fp_alloc(q->n * L, sizeof *s->entry);
    s->weight = fp_alloc(q->cells, sizeof *s->weight);
    for (size_t i = 0; i < q->n; i++) {
        size_t first = q->entry_at[i], r = q->entry_at[i + 1] - first;
        for (size_t l = 0; l < L; l++) {
            size_t e = first;
            while (q->token[e] != (size_t)s->shape.token[i * L + l])
                e++;
            s->entry[i * L + l] = e;
        }
        for (size_t x = 0; x < r * r; x++)
            s->weight[q->cell_at[i] + x] = s->shape.label[i] * (long)(q->count[first + x / r] * q->count[first + x % r]);
    }
}

/* ---- life */

static void make_grids(fp_series *s)
{
    const size_t d = s->pairs.d, rows[] = {(size_t)s->shape.rows_v, (size_t)s->shape.rows_k};
    for (size_t b = 0; b < FP_SERIES_BLOCKS; b++) {
        size_t tokens = b == FP_SERIES_U ? 1 : d, count = tokens * s->stride;
        fp_grid_init(&s->y[b], count, rows[b >= FP_SERIES_K], s->limbs);
        s->up[b] = fp_alloc(count, sizeof *s->up[b]);
        s->down[b] = fp_alloc(count, sizeof *s->down[b]);
        for (size_t x = 0; x < count; x++) {
            s->up[b][x] = &s->y[b].at[x];
            s->down[b][x] = &s->y[b].at[x - x % s->stride + (s->stride - 1 - x % s->stride)];
        }
    }
}

static void make_scalars(fp_series *s)
{
    balls list[BALLS];
    list_balls(list, s);
    for (size_t b = 0; b < BALLS; b++)
        *list[b].at = _arb_vec_init((slong)list[b].count);
    s->inverse_b = _arb_vec_init(s->shape.n);
    s->sign = fp_alloc(s->pairs.n, sizeof *s->sign);
    s->shift = fp_alloc(s->pairs.d, sizeof *s->shift);
    for (size_t t = 0; t < s->pairs.d; t++)
        arf_init(s->shift + t);
    s->residual = _mag_vec_init((slong)s->stride);
    arb_init(s->per_sqrt_m);
    arb_init(s->per_n_sqrt_m);
    arb_rsqrt_ui(s->per_sqrt_m, (ulong)s->shape.m, s->prec);
    arb_div_si(s->per_n_sqrt_m, s->per_sqrt_m, s->shape.n, s->prec);
}

static fp_status check(const fp_layout *layout, int limbs, int max_order, slong prec, fp_error *err)
{
    if (layout->kind != FP_FLOW_REDUCED && layout->kind != FP_FLOW_COMPRESSED)
        return fp_fail(err, FP_BAD_INPUT, "Taylor series exist for the reduced and the compressed flow, not for '%s'", fp_flow_kind_name(layout->kind));
    if (limbs < 1 || limbs > FP_GRID_LIMBS_MAX)
        return fp_fail(err, FP_BAD_INPUT, "%d digits of %d bits; allowed: 1 to %d", limbs, FP_GRID_BITS, FP_GRID_LIMBS_MAX);
    if (max_order < 1 || max_order > FP_SERIES_ORDER_MAX)
        return fp_fail(err, FP_BAD_INPUT, "order %d; allowed: 1 to %d", max_order, FP_SERIES_ORDER_MAX);
    if (prec < 2 || prec > FP_PREC_MAX)
        return fp_fail(err, FP_BAD_INPUT, "%ld bits for the scalars; allowed: 2 to %d", (long)prec, FP_PREC_MAX);
    return FP_OK;
}

fp_status fp_series_new(fp_series **out, const fp_problem *problem, const fp_layout *layout, int limbs, int max_order, slong prec, fp_pool *pool, fp_error *err)
{
    fp_status status = check(layout, limbs, max_order, prec, err);
    if (status != FP_OK)
        return status;
    fp_series *s = fp_alloc(1, sizeof *s);
    s->limbs = limbs;
    s->max_order = max_order;
    s->stride = (size_t)max_order + 1;
    s->prec = prec;
    s->pool = pool;
    fp_pairs_init(&s->pairs, problem);
    if (fp_interrupted()) { /* what follows relies on all pairs */
        fp_pairs_clear(&s->pairs);
        free(s);
        return fp_fail(err, FP_INTERRUPTED, "interrupted while setting up the Taylor series");
    }
    make_shape(s, problem, layout);
    make_cells(s);
    make_grids(s);
    make_scalars(s);
    fp_series_move_init(s);
    *out = s;
    return FP_OK;
}

static void clear_scalars(fp_series *s)
{
    balls list[BALLS];
    list_balls(list, s);
    for (size_t b = 0; b < BALLS; b++)
        _arb_vec_clear(*list[b].at, (slong)list[b].count);
    _arb_vec_clear(s->inverse_b, s->shape.n);
    for (size_t t = 0; t < s->pairs.d; t++)
        arf_clear(s->shift + t);
    free(s->shift);
    free(s->sign);
    _mag_vec_clear(s->residual, (slong)s->stride);
    arb_clear(s->per_sqrt_m);
    arb_clear(s->per_n_sqrt_m);
}

void fp_series_free(fp_series *s)
{
    if (s == NULL)
        return;
    fp_series_move_clear(s);
    clear_scalars(s);
    for (size_t b = 0; b < FP_SERIES_BLOCKS; b++) {
        fp_grid_clear(&s->y[b]);
        free(s->up[b]);
        free(s->down[b]);
    }
    free(s->entry);
    free(s->weight);
    clear_shape(&s->shape);
    fp_pairs_clear(&s->pairs);
    free(s);
}

/* ---- the pass */

void fp_series_extend(fp_series *s, int order)
{
    if (order > s->max_order)
        order = s->max_order;
    if (!s->ready)
        fp_series_scalars(s);
    s->ready = true;
    while (s->order < order && !fp_interrupted()) {
        fp_series_move(s);
        fp_series_scalars(s);
    }
}

/* ---- what has been computed */

const fp_series_shape *fp_series_get_shape(const fp_series *s)
{
    return &s->shape;
}

int fp_series_limbs(const fp_series *s)
{
    return s->limbs;
}

slong fp_series_prec(const fp_series *s)
{
    return s->prec;
}

int fp_series_order(const fp_series *s)
{
    return s->order;
}

const fp_grid_vec *fp_series_vector(const fp_series *s, fp_series_block block, long token, int k)
{
    return s->up[block][(block == FP_SERIES_U ? 0 : (size_t)token) * s->stride + (size_t)k];
}

mag_srcptr fp_series_residual(const fp_series *s, int k)
{
    return s->residual + k;
}

arb_srcptr fp_series_G(const fp_series *s, long token)
{
    return fp_series_row(s->G, s, (size_t)token);
}

arb_srcptr fp_series_score(const fp_series *s, size_t pair)
{
    return fp_series_row(s->s, s, pair);
}

arb_srcptr fp_series_exp(const fp_series *s, size_t pair)
{
    return fp_series_row(s->E, s, pair);
}

static size_t entry_of(const fp_series *s, long i, long l)
{
    return s->entry[(size_t)i * (size_t)s->shape.L + (size_t)l];
}

arb_srcptr fp_series_sum(const fp_series *s, long i, long l)
{
    return fp_series_row(s->Z, s, entry_of(s, i, l));
}

arb_srcptr fp_series_p(const fp_series *s, long i, long l, long k)
{
    const fp_pairs *q = &s->pairs;
    size_t first = q->entry_at[i], r = q->entry_at[i + 1] - first;
    return fp_series_row(s->p, s, q->cell_at[i] + (entry_of(s, i, l) - first) * r + (entry_of(s, i, k) - first));
}

arb_srcptr fp_series_o(const fp_series *s, long i, long l)
{
    return fp_series_row(s->o, s, entry_of(s, i, l));
}

arb_srcptr fp_series_F(const fp_series *s, long i)
{
    return fp_series_row(s->F, s, (size_t)i);
}

arb_srcptr fp_series_z(const fp_series *s, long i)
{
    return fp_series_row(s->z, s, (size_t)i);
}

int fp_series_z_sign(const fp_series *s, long i)
{
    return s->sign[i];
}

arb_srcptr fp_series_decay(const fp_series *s, long i)
{
    return fp_series_row(s->decay, s, (size_t)i);
}

arb_srcptr fp_series_g(const fp_series *s, long i)
{
    return fp_series_row(s->g, s, (size_t)i);
}

arb_srcptr fp_series_c(const fp_series *s, long token)
{
    return fp_series_row(s->c, s, (size_t)token);
}

arb_srcptr fp_series_N(const fp_series *s, size_t pair)
{
    return fp_series_row(s->N, s, pair);
}
