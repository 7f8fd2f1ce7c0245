/* SPDX-License-Identifier: MIT */
/* Time derivatives of G and of the scores that occur, along the true solution (certificate.md, (21b)), by s: x' = h f(x), which differs from y' by the defect and by what the tube does to the products in f. */
#include "verify_impl.h"

typedef struct {
    const fp_leg *x;
    const fp_swell *w;
    mag_srcptr E, E_u;
    mag_ptr off, speed; /* of each vector: >= |x' - y'|, >= |y'| */
    mag_t t;
} slopes;

/* By how much scalar * vector moves: d (|vector| + off) + |scalar| off, times factor */
static void add_product(mag_t sum, slopes *k, const arb_t scalar, const mag_t d, size_t vector, int factor)
{
    mag_srcptr off = vector == 0 ? k->E_u : k->E;
    mag_t size;
    mag_init(size);
    mag_add(size, k->x->norm + vector, off);
    mag_mul(k->t, size, d);
    arb_get_mag(size, scalar);
    mag_addmul(k->t, size, off);
    arb_get_mag(size, k->x->factor + factor);
    mag_addmul(sum, k->t, size);
    mag_clear(size);
}

static void set_vectors(slopes *k)
{
    const fp_leg *x = k->x;
    for (size_t v = 0; v < x->vectors; v++) {
        mag_set(k->off + v, x->defect);
        for (int i = 1; i <= x->order; i++) {
            mag_mul_ui(k->t, x->rising[v][i]->norm, (ulong)i);
            mag_add(k->speed + v, k->speed + v, k->t);
        }
    }
    mag_set_ui(k->t, (ulong)x->problem->m1); /* the defect is in the norm (N) */
    mag_sqrt(k->t, k->t);
    mag_mul(k->off, k->off, k->t);
    for (long t = 0; t < x->d; t++) {
        add_product(k->off, k, k->w->c + t, k->w->dc + t, fp_leg_v(t), FP_MODEL_M1H);
        add_product(k->off + fp_leg_v(t), k, k->w->c + t, k->w->dc + t, 0, FP_MODEL_H);
    }
    for (size_t e = 0; e < x->pairs; e++) {
        size_t key = fp_leg_k(x, (long)x->key[e]), query = fp_leg_q(x, (long)x->query[e]);
        add_product(k->off + key, k, k->w->N + e, k->w->dN + e, query, FP_MODEL_H);
        add_product(k->off + query, k, k->w->N + e, k->w->dN + e, key, FP_MODEL_H);
    }
}

/* (a.b)' = a'.b + a.b' */
static void form(mag_t out, slopes *k, size_t a, size_t b)
{
    mag_zero(out);
    for (int turn = 0; turn < 2; turn++) {
        size_t x = turn ? b : a, z = turn ? a : b;
        mag_srcptr E = z == 0 ? k->E_u : k->E;
        mag_add(k->t, k->x->norm + z, E);
        mag_addmul(out, k->off + x, k->t);
        mag_addmul(out, k->speed + x, E);
    }
}

void fp_slopes_set(mag_ptr dG, mag_ptr ds, const fp_leg *x, const fp_swell *w, const mag_t E, const mag_t E_u)
{
    slopes k = {.x = x, .w = w, .E = E, .E_u = E_u, .off = _mag_vec_init((slong)x->vectors), .speed = _mag_vec_init((slong)x->vectors)};
    mag_t root;
    mag_init(k.t);
    mag_init(root);
    set_vectors(&k);
    arb_get_mag(root, x->factor + FP_MODEL_ROOT_M);
    for (long t = 0; t < x->d; t++) form(dG + t, &k, 0, fp_leg_v(t));
    for (size_t e = 0; e < x->pairs; e++) {
        form(ds + e, &k, fp_leg_k(x, (long)x->key[e]), fp_leg_q(x, (long)x->query[e]));
        mag_mul(ds + e, ds + e, root);
    }
    mag_clear(root);
    mag_clear(k.t);
    _mag_vec_clear(k.off, (slong)x->vectors);
    _mag_vec_clear(k.speed, (slong)x->vectors);
}
