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

void fp_leg_add_square(mag_t sum, const fp_leg *x, size_t vector, const mag_t size)
{
    mag_t square;
    mag_init(square);
    mag_mul(square, size, size);
    if (vector == 0) mag_div_ui(square, square, (ulong)x->problem->m1);
    mag_add(sum, sum, square);
    mag_clear(square);
}

/* ---- coefficients: y_{k+1} = (sum of scalar * vector)_k / (k+1), and (k+1) times what rounding leaves out adds to the defect (24) */
typedef struct {
    const arb_struct **a;
    const fp_grid_vec **b;
} products;

static void extend_vector(mag_t squares, fp_leg *x, size_t vector, int k, const products *s)
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
    mag_mul_ui(error, error, (ulong)k + 1);
    fp_leg_add_square(squares, x, vector, error);
    mag_clear(error);
}

static void set_coefficients(fp_leg *x)
{
    size_t most = (x->pairs > (size_t)x->d ? x->pairs : (size_t)x->d) * ((size_t)x->order + 1);
    products s = {fp_alloc(most, sizeof *s.a), fp_alloc(most, sizeof *s.b)};
    mag_t squares;
    mag_init(squares);
    mag_zero(x->defect);
    for (int k = 0; k <= x->order; k++) {
        fp_tape_extend(&x->tape, k);
        if (k == x->order) break;
        mag_zero(squares);
        for (size_t v = 0; v < x->vectors; v++) extend_vector(squares, x, v, k, &s);
        mag_sqrt(squares, squares);
        mag_add(x->defect, x->defect, squares);
    }
    mag_clear(squares);
    free(s.a);
    free(s.b);
}

/* ---- what f has from order P on, by norms; y' has nothing there */
static void add_tail(mag_t squares, const fp_leg *x, size_t vector, mag_ptr sizes)
{
    mag_t part, sum;
    mag_init(part);
    mag_init(sum);
    for (size_t e = 0; e < x->moved_by[vector].count; e++) {
        fp_leg_product product = x->moved_by[vector].at[e];
        const fp_tape_node *scalar = x->tape.node + product.scalar;
        fp_tape_vector_sizes(sizes, &x->tape, product.vector);
        fp_tape_overlap(part, scalar->size, sizes, x->order, x->order);
        mag_add(sum, sum, part);
        mag_addmul(sum, scalar->tail, x->norm + product.vector);
    }
    fp_leg_add_square(squares, x, vector, sum);
    mag_clear(sum);
    mag_clear(part);
}

static void add_tails(fp_leg *x)
{
    mag_ptr sizes = _mag_vec_init(x->order + 1);
    mag_t squares;
    mag_init(squares);
    for (size_t v = 0; v < x->vectors; v++) add_tail(squares, x, v, sizes);
    mag_sqrt(squares, squares);
    mag_add(x->defect, x->defect, squares);
    mag_clear(squares);
    _mag_vec_clear(sizes, x->order + 1);
}

bool fp_leg_open(fp_leg *x, const arf_t left, const arf_t h)
{
    arf_set(x->left, left);
    arf_set(x->h, h);
    arf_add(x->right, left, h, ARF_PREC_EXACT, ARF_RND_DOWN);
    arb_set_arf(x->factor + FP_MODEL_H, h);
    arb_mul_ui(x->factor + FP_MODEL_M1H, x->factor + FP_MODEL_H, (ulong)x->problem->m1, x->prec);
    set_coefficients(x);
    for (size_t v = 0; v < x->vectors; v++) {
        mag_zero(x->norm + v);
        for (int k = 0; k <= x->order; k++) mag_add(x->norm + v, x->norm + v, x->rising[v][k]->norm);
    }
    x->opened = fp_tape_close(&x->tape);
    add_tails(x);
    return x->opened &= mag_is_finite(x->defect) != 0;
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
    mag_t mu, length;
    arf_init(a);
    arf_init(b);
    mag_init(mu);
    mag_init(length);
    fp_swell_init(&w, x);
    mag_zero(x->growth);
    mag_zero(x->rate);
    arf_get_mag(length, x->h);
    mag_mul_2exp_si(length, length, -LOG2_PARTS);
    for (int part = 0; part < 1 << LOG2_PARTS; part++) {
        arf_set_si_2exp_si(a, part, -LOG2_PARTS);
        arf_set_si_2exp_si(b, part + 1, -LOG2_PARTS);
        fp_swell_set(&w, x, a, b);
        fp_swell_widen(&w, x, x->room);
        fp_leg_mu(mu, x, &w, x->room);
        mag_max(x->rate, x->rate, mu);
        mag_addmul(x->growth, mu, length);
    }
    fp_swell_clear(&w, x);
    mag_clear(length);
    mag_clear(mu);
    arf_clear(b);
    arf_clear(a);
}

/* E = exp(integral of mu) (e + defect) < r */
static bool holds(fp_leg *x, const mag_t start)
{
    mag_exp(x->radius, x->growth);
    mag_mul(x->radius, x->radius, start);
    return mag_is_finite(x->radius) && mag_cmp(x->radius, x->room) < 0;
}

bool fp_leg_close(fp_leg *x, const mag_t e)
{
    mag_t start;
    mag_init(start);
    mag_add(start, e, x->defect);
    bool ok = x->opened && holds(x, start);
    mag_set(x->room, start);
    for (int k = 0; !ok && x->opened && k < ROOM_TRIES; k++) {
        mag_mul_2exp_si(x->room, x->room, 1 + (k > 0));
        fp_leg_grow(x);
        ok = holds(x, start);
    }
    mag_clear(start);
    return ok;
}

/* ---- ends */
void fp_leg_end(fp_leg *next, mag_t error, const fp_leg *x)
{
    size_t terms = (size_t)x->order + 1;
    const arb_struct **ones = fp_alloc(terms, sizeof *ones);
    mag_t rounding;
    mag_init(rounding);
    mag_zero(error);
    for (size_t k = 0; k < terms; k++) ones[k] = x->tape.node[0].at;
    for (size_t v = 0; v < x->vectors; v++) {
        fp_grid_combine(fp_leg_at(next, v, 0), rounding, ones, x->rising[v], terms, 1);
        fp_leg_add_square(error, x, v, rounding);
    }
    mag_sqrt(error, error);
    mag_clear(rounding);
    free(ones);
}

void fp_leg_distance(mag_t out, const fp_leg *x, const fp_leg *y)
{
    arb_t a, b;
    mag_t size;
    arb_init(a);
    arb_init(b);
    mag_init(size);
    mag_zero(out);
    for (size_t v = 0; v < x->vectors; v++)
        for (size_t r = 0; r < fp_leg_at(x, v, 0)->len; r++) {
            fp_grid_get_ball(a, fp_leg_at(x, v, 0), r);
            fp_grid_get_ball(b, fp_leg_at(y, v, 0), r);
            arb_sub(a, a, b, MAG_BITS);
            arb_get_mag(size, a);
            fp_leg_add_square(out, x, v, size);
        }
    mag_sqrt(out, out);
    mag_clear(size);
    arb_clear(b);
    arb_clear(a);
}
