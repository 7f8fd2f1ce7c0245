/* SPDX-License-Identifier: MIT */
/* One step from its knot: coefficients, defect (12), tube (18), (19). */
#include <stdlib.h>

#include "verify_impl.h"

enum { GUARD_BITS = 32, ROOM_TRIES = 5, LOG2_PARTS = 1 };

/* ---- life */
static void make_vectors(fp_leg *x, int limbs)
{
    size_t terms = (size_t)x->order + 1, d = (size_t)x->d;
    fp_grid_init(&x->grid_v, (1 + d) * terms, (size_t)x->rows_v, limbs);
    fp_grid_init(&x->grid_k, 2 * d * terms, (size_t)x->rows_k, limbs);
    x->list = fp_alloc(2 * x->vectors * terms, sizeof *x->list);
    x->rising = fp_alloc(x->vectors, sizeof *x->rising);
    x->falling = fp_alloc(x->vectors, sizeof *x->falling);
    for (size_t v = 0; v < x->vectors; v++) {
        x->rising[v] = x->list + 2 * v * terms;
        x->falling[v] = x->rising[v] + terms;
        for (size_t k = 0; k < terms; k++) x->rising[v][k] = x->falling[v][terms - 1 - k] = fp_leg_at(x, v, (int)k);
    }
    x->norm = _mag_vec_init((slong)x->vectors);
}

fp_leg *fp_leg_new(const fp_problem *p, long rows_v, long rows_k, int order, int limbs)
{
    fp_leg *x = fp_alloc(1, sizeof *x);
    *x = (fp_leg){.problem = p, .n = p->n, .L = p->L, .d = p->d, .rows_v = rows_v, .rows_k = rows_k, .order = order, .prec = FP_GRID_BITS * (slong)limbs + GUARD_BITS,
                  .vectors = 3 * (size_t)p->d + 1};
    make_vectors(x, limbs);
    fp_model_write(x);
    x->tape.rising = (const fp_grid_vec *const *const *)x->rising;
    x->tape.falling = (const fp_grid_vec *const *const *)x->falling;
    arf_init(x->left);
    arf_init(x->right);
    arf_init(x->h);
    mag_init(x->defect);
    mag_init(x->growth);
    mag_init(x->rate);
    mag_init(x->room);
    mag_init(x->radius);
    return x;
}

void fp_leg_free(fp_leg *x)
{
    if (!x) return;
    fp_model_clear(x);
    _mag_vec_clear(x->norm, (slong)x->vectors);
    fp_grid_clear(&x->grid_v);
    fp_grid_clear(&x->grid_k);
    free(x->list);
    free(x->rising);
    free(x->falling);
    arf_clear(x->left);
    arf_clear(x->right);
    arf_clear(x->h);
    mag_clear(x->defect);
    mag_clear(x->growth);
    mag_clear(x->rate);
    mag_clear(x->room);
    mag_clear(x->radius);
    free(x);
}

fp_grid_vec *fp_leg_at(const fp_leg *x, size_t vector, int k)
{
    size_t terms = (size_t)x->order + 1, of_v = 1 + (size_t)x->d;
    return vector < of_v ? x->grid_v.at + vector * terms + k : x->grid_k.at + (vector - of_v) * terms + k;
}

up fp_leg_weighed(const fp_leg *x, size_t vector, up square)
{
    return vector == 0 ? up_div(square, up_ui((ulong)x->problem->m1)) : square;
}

/* ---- coefficients: y_{k+1} = (sum of scalar * vector)_k / (k+1), and (k+1) times what rounding leaves out adds to the defect (24) */
typedef struct {
    const arb_struct **a;
    const fp_grid_vec **b;
} products;

static up extend_vector(fp_leg *x, size_t vector, int k, const products *s)
{
    const fp_leg_products *list = x->moved_by + vector;
    size_t count = 0;
    mag_t error;
    mag_init(error);
    for (size_t e = 0; e < list->count; e++)
        for (int i = 0; i <= k; i++, count++) {
            s->a[count] = x->tape.node[list->at[e].scalar].at + i;
            s->b[count] = x->rising[list->at[e].vector][k - i];
        }
    fp_grid_combine(fp_leg_at(x, vector, k + 1), error, s->a, s->b, count, (ulong)k + 1);
    return up_mul(up_take(error), up_ui((ulong)k + 1));
}

/* Returns the sum over k of what the coefficients of order k + 1 leave of f_k, in the norm (N). */
static up set_coefficients(fp_leg *x)
{
    size_t most = (x->pairs > (size_t)x->d ? x->pairs : (size_t)x->d) * ((size_t)x->order + 1);
    products s = {fp_alloc(most, sizeof *s.a), fp_alloc(most, sizeof *s.b)};
    up sum = up_zero();
    for (int k = 0; k <= x->order; k++) {
        up squares = up_zero();
        fp_tape_extend(&x->tape, k);
        for (size_t v = 0; k < x->order && v < x->vectors && !fp_interrupted(); v++) squares = up_add(squares, fp_leg_weighed(x, v, up_square(extend_vector(x, v, k, &s))));
        sum = up_add(sum, up_sqrt(squares));
    }
    free(s.a);
    free(s.b);
    return sum;
}

/* What f has from order P on, by norms; y' has nothing there. */
static up beyond(const fp_leg *x)
{
    mag_ptr sizes = _mag_vec_init(x->order + 1);
    up squares = up_zero();
    for (size_t v = 0; v < x->vectors && !fp_interrupted(); v++) {
        up sum = up_zero();
        for (size_t e = 0; e < x->moved_by[v].count; e++) {
            fp_leg_product product = x->moved_by[v].at[e];
            const fp_tape_node *scalar = x->tape.node + product.scalar;
            fp_tape_vector_sizes(sizes, &x->tape, product.vector);
            sum = up_add(sum, up_add(fp_tape_overlap(scalar->size, sizes, x->order, x->order), up_mul(*scalar->tail, x->norm[product.vector])));
        }
        squares = up_add(squares, fp_leg_weighed(x, v, up_square(sum)));
    }
    _mag_vec_clear(sizes, x->order + 1);
    return up_sqrt(squares);
}

bool fp_leg_open(fp_leg *x, const arf_t left, const arf_t h)
{
    arf_set(x->left, left);
    x->end = NULL;
    arf_set(x->h, h);
    arf_add(x->right, left, h, ARF_PREC_EXACT, ARF_RND_DOWN);
    arb_set_arf(x->factor + FP_MODEL_H, h);
    arb_mul_ui(x->factor + FP_MODEL_M1H, x->factor + FP_MODEL_H, (ulong)x->problem->m1, x->prec);
    up residual = set_coefficients(x);
    for (size_t v = 0; v < x->vectors; v++) {
        x->norm[v] = up_zero();
        for (int k = 0; k <= x->order; k++) x->norm[v] = up_add(x->norm[v], up_of(x->rising[v][k]->norm));
    }
    bool closed = fp_tape_close(&x->tape);
    *x->defect = up_add(residual, beyond(x));
    return x->opened = closed && up_finite(*x->defect);
}

/* ---- the tube */
void fp_leg_powers(arb_ptr power, int order, const arf_t a, const arf_t b, slong prec)
{
    arb_t low, high;
    arb_init(low);
    arb_init(high);
    arb_one(low);
    arb_one(high);
    for (int k = 0; k <= order; k++) {
        arb_union(power + k, low, high, prec);
        if (arf_equal(a, b)) arb_set(power + k, low);
        arb_mul_arf(low, low, a, prec);
        arb_mul_arf(high, high, b, prec);
    }
    arb_clear(low);
    arb_clear(high);
}

/* The integral of mu over the step for the room r, by its largest values on parts of equal length */
void fp_leg_grow(fp_leg *x)
{
    fp_swell w;
    arf_t a, b;
    up length = up_scale(up_arf(x->h), -LOG2_PARTS);
    arf_init(a);
    arf_init(b);
    fp_swell_init(&w, x);
    *x->growth = *x->rate = up_zero();
    for (int part = 0; part < 1 << LOG2_PARTS; part++) {
        arf_set_si_2exp_si(a, part, -LOG2_PARTS);
        arf_set_si_2exp_si(b, part + 1, -LOG2_PARTS);
        fp_swell_set(&w, x, a, b);
        fp_swell_widen(&w, x, x->room);
        up mu = fp_leg_mu(x, &w, x->room);
        *x->rate = up_max(*x->rate, mu);
        *x->growth = up_add(*x->growth, up_mul(mu, length));
    }
    fp_swell_clear(&w, x);
    arf_clear(b);
    arf_clear(a);
}

/* E = exp(integral of mu) (e + defect) < r */
static bool holds(fp_leg *x, up start)
{
    *x->radius = up_mul(up_exp(*x->growth), start);
    return up_finite(*x->growth) && up_finite(*x->radius) && up_below(*x->radius, *x->room);
}

bool fp_leg_close(fp_leg *x, const mag_t e)
{
    up start = up_add(*e, *x->defect);
    bool may = x->opened && arf_sgn(x->h) > 0, ok = may && holds(x, start);
    for (int k = 0; may && !ok && k < ROOM_TRIES; k++) {
        up wanted = up_scale(*x->radius, 1); /* what the room tried last would take, mu being nearly constant while rooms are small */
        *x->room = up_max(up_scale(start, 3 + 2 * k), up_finite(wanted) ? wanted : up_zero());
        fp_leg_grow(x);
        ok = holds(x, start);
    }
    return ok;
}

/* ---- ends */
void fp_leg_end(fp_leg *next, mag_t error, const fp_leg *x)
{
    size_t terms = (size_t)x->order + 1;
    const arb_struct **ones = fp_alloc(terms, sizeof *ones);
    up squares = up_zero();
    for (size_t k = 0; k < terms; k++) ones[k] = x->tape.node[0].at;
    for (size_t v = 0; v < x->vectors; v++) {
        mag_t rounding;
        mag_init(rounding);
        fp_grid_combine(fp_leg_at(next, v, 0), rounding, ones, x->rising[v], terms, 1);
        squares = up_add(squares, fp_leg_weighed(x, v, up_square(up_take(rounding))));
    }
    *error = up_sqrt(squares);
    free(ones);
}

void fp_leg_distance(mag_t out, const fp_leg *x, const fp_leg *y)
{
    arb_t a, b;
    up squares = up_zero();
    arb_init(a);
    arb_init(b);
    for (size_t v = 0; v < x->vectors && !fp_interrupted(); v++)
        for (size_t r = 0; r < fp_leg_at(x, v, 0)->len; r++) {
            fp_grid_get_ball(a, fp_leg_at(x, v, 0), r);
            fp_grid_get_ball(b, fp_leg_at(y, v, 0), r);
            arb_sub(a, a, b, MAG_BITS);
            squares = up_add(squares, fp_leg_weighed(x, v, up_square(up_ball(a))));
        }
    *out = up_sqrt(squares);
    arb_clear(b);
    arb_clear(a);
}
