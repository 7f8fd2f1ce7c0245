/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "view_impl.h"

void fp_view_vector_init(fp_view_vector *x, fp_grid_vec *value, fp_grid_vec *slope)
{
    *x = (fp_view_vector){.value = value, .slope = slope};
    mag_init(x->change);
    mag_init(x->bend);
    mag_init(x->error);
    mag_init(x->norm);
}

void fp_view_vector_clear(fp_view_vector *x)
{
    mag_clear(x->change);
    mag_clear(x->bend);
    mag_clear(x->error);
    mag_clear(x->norm);
}

static fp_view_vector *make_block(fp_grid *grid, size_t first, size_t count)
{
    fp_view_vector *x = fp_alloc(count, sizeof *x);
    for (size_t t = 0; t < count; t++)
        fp_view_vector_init(x + t, grid->at + first + 2 * t, grid->at + first + 2 * t + 1);
    return x;
}

void fp_view_vectors_init(fp_view *w)
{
    size_t d = (size_t)w->shape->d;
    int limbs = fp_series_limbs(w->series);
    fp_grid_init(&w->grid_v, 3 + 2 * d, (size_t)w->shape->rows_v, limbs);
    fp_grid_init(&w->grid_k, 4 * d, (size_t)w->shape->rows_k, limbs);
    fp_view_vector_init(&w->u, w->grid_v.at, w->grid_v.at + 1);
    fp_view_vector_init(&w->moved, w->grid_v.at + 2, w->grid_v.at + 1); /* with the slope of u */
    w->v = make_block(&w->grid_v, 3, d);
    w->k = make_block(&w->grid_k, 0, d);
    w->q = make_block(&w->grid_k, 2 * d, d);
    w->moved_v = fp_alloc(d, sizeof *w->moved_v);
    for (size_t t = 0; t < d; t++)
        fp_view_form_init(w->moved_v + t);
    fp_view_form_init(&w->moved2);
    fp_view_form_init(&w->moved_u);
    w->terms = fp_alloc((size_t)w->order + 1, sizeof *w->terms);
}

static void clear_block(fp_view_vector *x, size_t count)
{
    for (size_t t = 0; t < count; t++)
        fp_view_vector_clear(x + t);
    free(x);
}

void fp_view_vectors_clear(fp_view *w)
{
    size_t d = (size_t)w->shape->d;
    fp_view_vector_clear(&w->u);
    fp_view_vector_clear(&w->moved);
    clear_block(w->v, d);
    clear_block(w->k, d);
    clear_block(w->q, d);
    for (size_t t = 0; t < d; t++)
        fp_view_form_clear(w->moved_v + t);
    free(w->moved_v);
    fp_view_form_clear(&w->moved2);
    fp_view_form_clear(&w->moved_u);
    free(w->terms);
    fp_grid_clear(&w->grid_v);
    fp_grid_clear(&w->grid_k);
}

/* value + delta slope + rest, from the coefficients of y */
static void expand(fp_view_vector *x, fp_view *w, fp_series_block block, long token)
{
    size_t count = (size_t)w->order + 1;
    mag_t error;
    mag_init(error);
    for (size_t k = 0; k < count; k++)
        w->terms[k] = fp_series_vector(w->series, block, token, (int)k);
    fp_grid_combine(x->value, x->error, w->at, w->terms, arf_is_zero(w->middle) ? 1 : count, 1);
    mag_zero(x->change);
    mag_zero(x->bend);
    fp_grid_combine(x->slope, error, w->at1, w->terms, mag_is_zero(w->H) ? 0 : count, 1);
    mag_addmul(x->error, error, w->H);
    mag_mul(x->change, x->slope->norm, w->H);
    for (size_t k = 2; k < count && !mag_is_zero(w->H); k++)
        mag_addmul(x->bend, w->terms[k]->norm, w->bend + k);
    mag_clear(error);
}

static void set_norm(fp_view_vector *x)
{
    mag_add(x->norm, x->value->norm, x->change);
    mag_add(x->norm, x->norm, x->bend);
    mag_add(x->norm, x->norm, x->error);
}

const fp_view_vector *fp_view_get(fp_view *w, fp_series_block block, long token)
{
    fp_view_vector *const of_block[] = {&w->u, w->v, w->k, w->q};
    fp_view_vector *x = of_block[block] + token;
    if (x->now != w->now) {
        expand(x, w, block, token);
        set_norm(x);
        x->now = w->now;
    }
    return x;
}

void fp_view_entries(arb_ptr out, const fp_view *w, const fp_view_vector *x, mag_srcptr widening)
{
    mag_t size, rest;
    arb_t slope;
    mag_init(size);
    mag_init(rest);
    arb_init(slope);
    mag_add(rest, x->bend, x->error);
    mag_add(rest, rest, widening);
    for (size_t r = 0; r < x->value->len; r++) {
        fp_grid_get_ball(out + r, x->value, r);
        fp_grid_get_ball(slope, x->slope, r);
        arb_get_mag(size, slope);
        mag_mul(size, size, w->H);
        mag_add(size, size, rest);
        arb_add_error_mag(out + r, size);
        arb_set_round(out + r, out + r, w->prec);
    }
    mag_clear(size);
    mag_clear(rest);
    arb_clear(slope);
}
