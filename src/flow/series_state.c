/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "series_private.h"

/* ---- the vectors of a state, one after the other */

size_t fp_series_places(const fp_series_shape *shape)
{
    return 1 + 3 * (size_t)shape->d;
}

fp_series_place fp_series_place_of(size_t w, long d)
{
    if (w == 0)
        return (fp_series_place){FP_SERIES_U, 0};
    size_t block = (w - 1) / (size_t)d;
    return (fp_series_place){(fp_series_block)(FP_SERIES_V + block), (w - 1) % (size_t)d};
}

fp_grid_vec *fp_series_state_vector(const fp_series_state *x, fp_series_place at)
{
    const fp_grid *grid[] = {&x->u, &x->v, &x->k, &x->q};
    return &grid[at.block]->at[at.token];
}

static fp_grid_vec *coefficient(const fp_series *s, fp_series_place at, size_t k)
{
    return &s->y[at.block].at[at.token * s->stride + k];
}

size_t fp_series_offset(const fp_layout *at, fp_series_place place)
{
    const size_t first[] = {at->u, at->V, at->K, at->Q}, rows[] = {0, (size_t)at->rows_v, (size_t)at->rows_k, (size_t)at->rows_k};
    return first[place.block] + place.token * rows[place.block];
}

void fp_series_add_square(mag_t square, fp_series_block block, const mag_t norm, long m1)
{
    mag_t x;
    mag_init(x);
    mag_mul(x, norm, norm);
    if (block == FP_SERIES_U)
        mag_div_ui(x, x, (ulong)m1);
    mag_add(square, square, x);
    mag_clear(x);
}

/* ---- into and out of a series */

static void begin(fp_series *s)
{
    s->order = 0;
    s->ready = false;
}

/* Vector by vector from y; rounding = weighted norm of what was lost. */
static bool load(mag_t rounding, const fp_vec *y, const fp_layout *layout, long d, fp_grid_vec *(*to)(const void *, fp_series_place), const void *ctx)
{
    bool finite = true;
    mag_t error;
    mag_init(error);
    mag_zero(rounding);
    for (size_t w = 0; w < 1 + 3 * (size_t)d; w++) {
        fp_series_place at = fp_series_place_of(w, d);
        finite = fp_grid_from_vec(to(ctx, at), error, y, fp_series_offset(layout, at)) && finite;
        fp_series_add_square(rounding, at.block, error, layout->m1);
    }
    mag_sqrt(rounding, rounding);
    mag_clear(error);
    return finite;
}

static fp_grid_vec *to_series(const void *ctx, fp_series_place at)
{
    return coefficient(ctx, at, 0);
}

static fp_grid_vec *to_state(const void *ctx, fp_series_place at)
{
    return fp_series_state_vector(ctx, at);
}

/* Order in the vector as in both layouts: u, V, K, Q without gaps. */
static fp_layout plain_layout(const fp_series_shape *shape)
{
    size_t d = (size_t)shape->d, rv = (size_t)shape->rows_v, rk = (size_t)shape->rows_k;
    return (fp_layout){.m1 = shape->m1, .rows_v = shape->rows_v, .rows_k = shape->rows_k, .u = 0, .V = rv, .K = rv + d * rv, .Q = rv + d * (rv + rk)};
}

bool fp_series_start(fp_series *s, mag_t rounding, const fp_vec *y)
{
    fp_layout layout = plain_layout(&s->shape);
    begin(s);
    return load(rounding, y, &layout, s->shape.d, to_series, s);
}

void fp_series_restart(fp_series *s, const fp_series_state *x)
{
    begin(s);
    for (size_t w = 0; w < fp_series_places(&s->shape); w++) {
        fp_series_place at = fp_series_place_of(w, s->shape.d);
        fp_grid_copy(coefficient(s, at, 0), fp_series_state_vector(x, at));
    }
}

/* ---- states */

void fp_series_state_init(fp_series_state *x, const fp_series *s)
{
    size_t d = (size_t)s->shape.d, rv = (size_t)s->shape.rows_v, rk = (size_t)s->shape.rows_k;
    fp_grid_init(&x->u, 1, rv, s->limbs);
    fp_grid_init(&x->v, d, rv, s->limbs);
    fp_grid_init(&x->k, d, rk, s->limbs);
    fp_grid_init(&x->q, d, rk, s->limbs);
}

void fp_series_state_clear(fp_series_state *x)
{
    fp_grid_clear(&x->u);
    fp_grid_clear(&x->v);
    fp_grid_clear(&x->k);
    fp_grid_clear(&x->q);
}

void fp_series_state_copy(fp_series_state *out, const fp_series_state *x)
{
    fp_grid *const to[] = {&out->u, &out->v, &out->k, &out->q};
    const fp_grid *const from[] = {&x->u, &x->v, &x->k, &x->q};
    for (int b = 0; b < 4; b++)
        for (size_t t = 0; t < to[b]->count; t++) fp_grid_copy(&to[b]->at[t], &from[b]->at[t]);
}

void fp_series_state_to_vec(fp_vec *out, const fp_series_state *x, const fp_layout *layout)
{
    for (size_t w = 0; w < 1 + 3 * (size_t)layout->d; w++) {
        fp_series_place at = fp_series_place_of(w, layout->d);
        fp_grid_to_vec(out, fp_series_offset(layout, at), fp_series_state_vector(x, at));
    }
}

bool fp_series_state_from_vec(fp_series_state *out, mag_t rounding, const fp_vec *y, const fp_layout *layout)
{
    return load(rounding, y, layout, layout->d, to_state, out);
}

/* ---- the polynomial */

/* 1, tau, tau^2, ...; each power rounded once more than the last, its ball says how much */
static void set_powers(arb_ptr power, const arf_t tau, slong count, slong prec)
{
    arb_one(power);
    for (slong k = 1; k < count; k++) {
        arb_set_arf(power + k, tau);
        arb_mul(power + k, power + k, power + k - 1, prec);
    }
}

void fp_series_at(fp_series_state *out, mag_t error, const fp_series *s, const arf_t tau)
{
    size_t count = (size_t)s->order + 1;
    arb_ptr power = _arb_vec_init((slong)count);
    const arb_struct **a = fp_alloc(count, sizeof *a);
    mag_t part;
    mag_init(part);
    mag_zero(error);
    set_powers(power, tau, (slong)count, s->prec);
    for (size_t k = 0; k < count; k++)
        a[k] = power + k;
    for (size_t w = 0; w < fp_series_places(&s->shape); w++) {
        fp_series_place at = fp_series_place_of(w, s->shape.d);
        fp_grid_combine(fp_series_state_vector(out, at), part, a, s->up[at.block] + at.token * s->stride, arf_is_zero(tau) ? 1 : count, 1);
        fp_series_add_square(error, at.block, part, s->shape.m1);
    }
    mag_sqrt(error, error);
    mag_clear(part);
    free(a);
    _arb_vec_clear(power, (slong)count);
}

/* += |x - y|^2 */
static void add_difference(mag_t squares, const fp_grid_vec *x, const fp_grid_vec *y)
{
    arb_t a, b;
    mag_t size;
    arb_init(a);
    arb_init(b);
    mag_init(size);
    for (size_t r = 0; r < x->len; r++) {
        fp_grid_get_ball(a, x, r);
        fp_grid_get_ball(b, y, r);
        arb_sub(a, a, b, MAG_BITS);
        arb_get_mag(size, a);
        mag_addmul(squares, size, size);
    }
    mag_clear(size);
    arb_clear(b);
    arb_clear(a);
}

void fp_series_state_distance(mag_t out, const fp_series_state *x, const fp_series_state *y, long m1)
{
    const fp_grid *a[] = {&x->v, &x->k, &x->q}, *b[] = {&y->v, &y->k, &y->q};
    mag_zero(out);
    add_difference(out, x->u.at, y->u.at);
    mag_div_ui(out, out, (ulong)m1);
    for (int block = 0; block < 3; block++)
        for (size_t t = 0; t < a[block]->count; t++) add_difference(out, a[block]->at + t, b[block]->at + t);
    mag_sqrt(out, out);
}
