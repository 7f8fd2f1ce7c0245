/* SPDX-License-Identifier: MIT */
/* mu >= lambda_max(-Hess L) on a tube (2)-(7): the blocks of the comparison matrix but the mixed one (growth_mixed.c), and the matrix as a whole. */
#include "growth_impl.h"

#include <stdlib.h>

fp_growth *fp_growth_new_for(const fp_series_shape *shape)
{
    fp_growth *g = fp_alloc(1, sizeof *g);
    size_t d = (size_t)shape->d, rows_v = (size_t)shape->rows_v, rows_k = (size_t)shape->rows_k;
    g->d = d;
    g->w = fp_alloc(3 * d + 1, sizeof *g->w);
    fp_comparison_init(&g->B, shape);
    fp_triples_init(&g->triples, shape);
    g->at = (fp_growth_vectors){.rows_v = shape->rows_v, .rows_k = shape->rows_k};
    g->at.v = fp_alloc(d * rows_v, sizeof(double)), g->at.k = fp_alloc(d * rows_k, sizeof(double)), g->at.q = fp_alloc(d * rows_k, sizeof(double));
    g->at.v_off = _mag_vec_init((slong)d), g->at.k_off = _mag_vec_init((slong)d), g->at.q_off = _mag_vec_init((slong)d);
    fp_cloud_init(&g->v, d, rows_v, g->at.v), fp_cloud_init(&g->k, d, rows_k, g->at.k), fp_cloud_init(&g->q, d, rows_k, g->at.q);
    return g;
}

fp_growth *fp_growth_new(const fp_series *s)
{
    return fp_growth_new_for(fp_series_get_shape(s));
}

void fp_growth_free(fp_growth *g)
{
    if (g == NULL)
        return;
    slong d = (slong)g->d;
    fp_comparison_clear(&g->B);
    fp_triples_clear(&g->triples);
    fp_cloud_clear(&g->v), fp_cloud_clear(&g->k), fp_cloud_clear(&g->q);
    _mag_vec_clear(g->at.v_off, d), _mag_vec_clear(g->at.k_off, d), _mag_vec_clear(g->at.q_off, d);
    free(g->at.v), free(g->at.k), free(g->at.q);
    free(g->w);
    free(g);
}

fp_growth_vectors *fp_growth_get_vectors(fp_growth *g)
{
    return &g->at;
}

/* out >= |x| over the tube */
static void widened(mag_t out, const arb_t x, const mag_t by)
{
    arb_get_mag(out, x);
    mag_add(out, out, by);
}

void fp_growth_add_outputs(fp_comparison *B, const fp_series_shape *shape, const fp_range *x, const fp_widening *w)
{
    mag_t root, c;
    mag_init(root), mag_init(c);
    mag_set_ui(root, (ulong)shape->m1);
    mag_sqrt(root, root);
    for (size_t e = 0; e < B->d; e++) {
        widened(c, x->c + e, w->c + e);
        mag_addmul(B->uv + e, root, c);
    }
    mag_clear(root), mag_clear(c);
}

void fp_growth_add_scores(fp_comparison *B, const fp_series_shape *shape, const fp_range *x, const fp_widening *w)
{
    mag_t N;
    mag_init(N);
    for (size_t e = 0; e < shape->pairs; e++) {
        widened(N, x->N + e, w->N + e);
        mag_add(B->kq + e, B->kq + e, N);
    }
    mag_clear(N);
}

void fp_growth_prepare(fp_growth *g, const fp_range *x, const mag_t r)
{
    fp_cloud_set(&g->v, g->at.v_off, x->v, r);
    fp_cloud_set(&g->k, g->at.k_off, x->k, r);
    fp_cloud_set(&g->q, g->at.q_off, x->q, r);
}

const fp_comparison *fp_growth_matrix(fp_growth *g, const fp_series_shape *shape, const fp_range *x, const fp_widening *w, const mag_t r)
{
    fp_comparison_zero(&g->B);
    fp_growth_prepare(g, x, r);
    fp_growth_add_outputs(&g->B, shape, x, w);
    fp_growth_add_scores(&g->B, shape, x, w);
    fp_growth_add_mixed(&g->B, g, shape, x, w, r);
    fp_growth_add_cumulant(&g->B, g, shape, x, w);
    return &g->B;
}

/* Bounds that underflow to 0 or products of 0 and infinity must not make mu small: everything is finite, or mu is infinite. */
static bool is_bounded(const fp_range *x, const fp_widening *w, const mag_t r)
{
    if (!mag_is_finite(r) || !fp_range_is_finite(x))
        return false;
    for (size_t e = 0; e < w->d; e++)
        if (!mag_is_finite(w->G + e) || !mag_is_finite(w->c + e))
            return false;
    for (size_t e = 0; e < w->pairs; e++)
        if (!mag_is_finite(w->N + e))
            return false;
    for (size_t e = 0; e < w->n * w->L; e++)
        if (!mag_is_finite(w->o + e))
            return false;
    return true;
}

void fp_growth_bound_at(mag_t mu, fp_growth *g, const fp_series_shape *shape, const fp_range *x, const fp_widening *w, const mag_t r)
{
    if (is_bounded(x, w, r))
        fp_comparison_bound(mu, fp_growth_matrix(g, shape, x, w, r), g->w);
    else
        mag_inf(mu);
}

void fp_growth_forget(fp_growth *g)
{
    for (size_t e = 0; e < 3 * g->d + 1; e++)
        g->w[e] = 1;
}

void fp_growth_bound(mag_t mu, fp_growth *g, const fp_series *s, const fp_range *x, const fp_widening *w, const mag_t r)
{
    fp_growth_set_vectors(&g->at, s, x);
    fp_growth_bound_at(mu, g, fp_series_get_shape(s), x, w, r);
}
