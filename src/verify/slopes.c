/* SPDX-License-Identifier: MIT */
/* Time derivatives of G and of the scores that occur, along the true solution (certificate.md, (21b)), by s: x' = h f(x), which differs from y' by the defect and by what the tube does to the products in f. */
#include "verify_impl.h"

typedef struct {
    const fp_leg *x;
    const fp_swell *w;
    up E, E_u;
    mag_ptr off, speed; /* of each vector: >= |x' - y'|, >= |y'| */
} slopes;

static up radius(const slopes *k, size_t vector)
{
    return vector == 0 ? k->E_u : k->E;
}

/* By how much scalar * vector moves: d (|vector| + E) + |scalar| E, times factor */
static void add_product(slopes *k, size_t to, arb_srcptr scalar, up d, size_t vector, int factor)
{
    up E = radius(k, vector), moves = up_add(up_mul(d, up_add(k->x->norm[vector], E)), up_mul(up_ball(scalar), E));
    k->off[to] = up_add(k->off[to], up_mul(moves, up_ball(k->x->factor + factor)));
}

static void set_vectors(slopes *k)
{
    const fp_leg *x = k->x;
    up defect = up_of(x->defect);
    for (size_t v = 0; v < x->vectors; v++) {
        k->off[v] = v == 0 ? up_mul(defect, up_sqrt(up_ui((ulong)x->problem->m1))) : defect; /* it is in the norm (N) */
        for (int i = 1; i <= x->order; i++) k->speed[v] = up_add(k->speed[v], up_mul(up_of(x->rising[v][i]->norm), up_ui((ulong)i)));
    }
    for (long t = 0; t < x->d; t++) {
        add_product(k, 0, k->w->c + t, k->w->dc[t], fp_leg_v(t), FP_MODEL_M1H);
        add_product(k, fp_leg_v(t), k->w->c + t, k->w->dc[t], 0, FP_MODEL_H);
    }
    for (size_t e = 0; e < x->pairs; e++) {
        size_t key = fp_leg_k(x, (long)x->key[e]), query = fp_leg_q(x, (long)x->query[e]);
        add_product(k, key, k->w->N + e, k->w->dN[e], query, FP_MODEL_H);
        add_product(k, query, k->w->N + e, k->w->dN[e], key, FP_MODEL_H);
    }
}

/* a'.b moves by */
static up half(const slopes *k, size_t a, size_t b)
{
    up E = radius(k, b);
    return up_add(up_mul(k->off[a], up_add(k->x->norm[b], E)), up_mul(k->speed[a], E));
}

static up form(const slopes *k, size_t a, size_t b)
{
    return up_add(half(k, a, b), half(k, b, a));
}

void fp_slopes_set(mag_ptr dG, mag_ptr ds, const fp_leg *x, const fp_swell *w, const mag_t E, const mag_t E_u)
{
    slopes k = {x, w, up_of(E), up_of(E_u), _mag_vec_init((slong)x->vectors), _mag_vec_init((slong)x->vectors)};
    set_vectors(&k);
    for (long t = 0; t < x->d; t++) dG[t] = form(&k, 0, fp_leg_v(t));
    for (size_t e = 0; e < x->pairs; e++) ds[e] = up_mul(form(&k, fp_leg_k(x, (long)x->key[e]), fp_leg_q(x, (long)x->query[e])), up_ball(x->factor + FP_MODEL_ROOT_M));
    _mag_vec_clear(k.off, (slong)x->vectors);
    _mag_vec_clear(k.speed, (slong)x->vectors);
}
