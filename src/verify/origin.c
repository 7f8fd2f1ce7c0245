/* SPDX-License-Identifier: MIT */
/* Where a certificate starts: how far knot 0 is from the instance's exact initial state in some orthonormal basis (certificate.md, (20), (22)), and the neurons in that basis. Sums over the m rows of the
 * instance are taken in blocks of rows. */
#include "verify_impl.h"

enum { BLOCK = 1024, EXACT = 2400 /* bits that hold every sum of doubles of one sign pattern and more */ };

/* ---- exact columns of the instance: two matrices and u, or one of them */
typedef struct {
    const fp_problem *p;
    const double *first, *second; /* m x d; second NULL: u is the last column */
    size_t count;
} columns;

static void entry(arb_t out, const columns *c, long row, size_t column)
{
    const fp_problem *p = c->p;
    size_t d = (size_t)p->d, at = (size_t)row * d;
    if (column < d)
        arb_set_d(out, c->first[at + column]);
    else if (c->second)
        arb_set_d(out, c->second[at + column - d]);
    else { /* u = sum_j a_j w_j */
        arb_t w;
        arb_init(w);
        arb_zero(out);
        for (long j = 0; j < p->m1; j++) {
            arb_set_d(w, p->a[j] * p->W[j * p->m + row]);
            arb_add(out, out, w, EXACT);
        }
        arb_clear(w);
    }
}

/* out[x * others + y] = column x . other y, for the first `rows` columns; others: columns again, from x on, or the neurons */
static void inner_products(arb_ptr out, const columns *c, size_t rows, bool neurons, slong prec)
{
    const fp_problem *p = c->p;
    size_t others = neurons ? (size_t)p->m1 : c->count;
    arb_ptr a = _arb_vec_init((slong)c->count * BLOCK), b = _arb_vec_init(neurons ? (slong)others * BLOCK : 0);
    for (long from = 0; from < p->m; from += BLOCK) {
        long len = p->m - from < BLOCK ? p->m - from : BLOCK;
        for (size_t x = 0; x < c->count; x++)
            for (long r = 0; r < len; r++) entry(a + x * BLOCK + r, c, from + r, x);
        for (size_t j = 0; neurons && j < others; j++)
            for (long r = 0; r < len; r++) arb_set_d(b + j * BLOCK + r, p->W[(long)j * p->m + from + r]);
        for (size_t x = 0; x < rows; x++)
            for (size_t y = neurons ? 0 : x; y < others; y++)
                arb_dot(out + x * others + y, out + x * others + y, 0, a + x * BLOCK, 1, (neurons ? b : a) + y * BLOCK, 1, len, prec);
    }
    _arb_vec_clear(a, (slong)c->count * BLOCK);
    _arb_vec_clear(b, neurons ? (slong)others * BLOCK : 0);
}

/* ---- (22) for one block of columns: B from the knot, its leading square B1 */
typedef struct {
    columns a;
    const fp_leg *x;
    size_t first_vector, last_vector; /* of the columns in the state; u, vector 0, comes last */
    size_t rows;
    slong prec;
    arb_mat_t inverse;                /* of B1 */
    mag_t norm, leading, distance;    /* >= |inverse|, >= |A1 - J B1|, >= |A - J B|; weighted */
} block;

static const fp_grid_vec *knot_column(const block *b, size_t column)
{
    size_t vector = b->first_vector + column;
    return fp_leg_at(b->x, vector <= b->last_vector ? vector : 0, 0);
}

static bool is_u(const block *b, size_t column)
{
    return !b->a.second && column == (size_t)b->x->d;
}

/* squares += times |difference|^2, u counting with 1/m1: `weights` times */
static void add_weighted(mag_t squares, const block *b, const arb_t difference, int weights, ulong times)
{
    mag_t size;
    mag_init(size);
    arb_get_mag(size, difference);
    mag_mul(size, size, size);
    mag_mul_ui(size, size, times);
    for (; weights > 0; weights--) mag_div_ui(size, size, (ulong)b->x->problem->m1);
    mag_add(squares, squares, size);
    mag_clear(size);
}

/* The inverse of B1, and its weighted Frobenius norm. */
static bool invert(block *b)
{
    mag_t size;
    arb_mat_t square;
    mag_init(size);
    arb_mat_init(square, (slong)b->rows, (slong)b->rows);
    for (size_t c = 0; c < b->rows; c++)
        for (size_t r = 0; r < b->rows; r++) fp_grid_get_ball(arb_mat_entry(square, r, c), knot_column(b, c), r);
    bool ok = arb_mat_inv(b->inverse, square, b->prec) != 0;
    mag_zero(b->norm);
    for (size_t r = 0; ok && r < b->rows; r++)
        for (size_t c = 0; c < b->rows; c++) {
            arb_get_mag(size, arb_mat_entry(b->inverse, r, c));
            mag_mul(size, size, size);
            if (is_u(b, r)) mag_mul_ui(size, size, (ulong)b->x->problem->m1);
            mag_add(b->norm, b->norm, size);
        }
    mag_sqrt(b->norm, b->norm);
    arb_mat_clear(square);
    mag_clear(size);
    return ok && mag_is_finite(b->norm);
}

/* |A1 - J B1| <= |A1^T A1 - B1^T B1| |inverse|; what follows: (|A1^T A2 - B1^T B2| + |A1 - J B1| |A2|) |inverse| */
static void set_distances(block *b)
{
    size_t count = b->a.count;
    arb_ptr gram = _arb_vec_init((slong)(b->rows * count));
    arb_t t;
    mag_t leading, trailing, rest;
    arb_init(t);
    mag_init(leading);
    mag_init(trailing);
    mag_init(rest);
    inner_products(gram, &b->a, b->rows, false, b->prec);
    for (size_t x = 0; x < b->rows; x++)
        for (size_t y = x; y < count; y++) {
            fp_grid_dot(t, knot_column(b, x), knot_column(b, y), b->prec);
            arb_sub(t, gram + x * count + y, t, b->prec);
            add_weighted(y < b->rows ? leading : trailing, b, t, is_u(b, x) + is_u(b, y), y > x && y < b->rows ? 2 : 1);
        }
    for (size_t y = b->rows; y < count; y++) /* rows = m here: |A2| entry by entry */
        for (size_t r = 0; r < b->rows; r++) {
            entry(t, &b->a, (long)r, y);
            add_weighted(rest, b, t, is_u(b, y), 1);
        }
    mag_sqrt(b->leading, leading);
    mag_mul(b->leading, b->leading, b->norm);
    mag_sqrt(trailing, trailing);
    mag_sqrt(rest, rest);
    mag_addmul(trailing, b->leading, rest);
    mag_mul(trailing, trailing, b->norm);
    mag_hypot(b->distance, b->leading, trailing);
    mag_clear(rest);
    mag_clear(trailing);
    mag_clear(leading);
    arb_clear(t);
    _arb_vec_clear(gram, (slong)(b->rows * count));
}

static bool block_make(block *b)
{
    b->prec = b->x->prec + 64;
    arb_mat_init(b->inverse, (slong)b->rows, (slong)b->rows);
    mag_init(b->norm);
    mag_init(b->leading);
    mag_init(b->distance);
    bool ok = invert(b);
    if (ok) set_distances(b);
    return ok && mag_is_finite(b->distance);
}

static void block_clear(block *b)
{
    arb_mat_clear(b->inverse);
    mag_clear(b->norm);
    mag_clear(b->leading);
    mag_clear(b->distance);
}

/* ---- numbers as a grid vector; off += what that leaves out, radii included */
static void set_grid(fp_grid_vec *out, mag_t off, arb_srcptr from)
{
    fp_vec *x = fp_vec_new(out->len, (mpfr_prec_t)(FP_GRID_BITS * (slong)out->limbs + 64));
    mpfr_t value;
    mag_t error, squares;
    arb_t back;
    mpfr_init2(value, fp_vec_prec(x));
    mag_init(error);
    mag_init(squares);
    arb_init(back);
    for (size_t r = 0; r < out->len; r++) {
        arf_get_mpfr(value, arb_midref(from + r), MPFR_RNDN);
        fp_vec_set(x, r, value);
        fp_vec_get_ball(back, x, r);
        arb_sub(back, from + r, back, MAG_BITS);
        arb_get_mag(error, back);
        mag_addmul(squares, error, error);
    }
    mag_sqrt(squares, squares);
    if (!fp_grid_from_vec(out, error, x, 0)) mag_inf(error);
    mag_add(off, off, squares);
    mag_add(off, off, error);
    arb_clear(back);
    mag_clear(squares);
    mag_clear(error);
    mpfr_clear(value);
    fp_vec_free(x);
}

static void neuron(arb_ptr out, const fp_problem *p, long j)
{
    for (long r = 0; r < p->m; r++) arb_set_d(out + r, p->W[j * p->m + r]);
}

/* w_j(0) of the instance; what 60 bits cannot hold counts in e_w */
static void set_whole(fp_origin *o, const fp_problem *p, mag_t off)
{
    arb_ptr w = _arb_vec_init(p->m);
    mag_t one;
    mag_init(one);
    for (long j = 0; j < p->m1; j++) {
        neuron(w, p, j);
        mag_zero(one);
        set_grid(o->whole.at + j, one, w);
        mag_max(off, off, one);
    }
    mag_clear(one);
    _arb_vec_clear(w, p->m);
}

/* J^T w = B1^-T (A1^T w - (A1 - J B1)^T J^T w), the last part at most |inverse| |A1 - J B1| |w| */
static void set_rotated(fp_origin *o, const block *b)
{
    const fp_problem *p = b->x->problem;
    size_t m1 = (size_t)p->m1;
    arb_ptr products = _arb_vec_init((slong)(b->rows * m1)), z = _arb_vec_init((slong)b->rows);
    mag_t off;
    mag_init(off);
    inner_products(products, &b->a, b->rows, true, b->prec);
    for (size_t j = 0; j < m1; j++) {
        for (size_t r = 0; r < b->rows; r++)
            arb_dot(z + r, NULL, 0, arb_mat_entry(b->inverse, 0, r), (slong)b->rows, products + j, (slong)m1, (slong)b->rows, b->prec);
        mag_mul(off, b->norm, b->leading);
        mag_mul(off, off, o->whole.at[j].norm);
        set_grid(o->rotated.at + j, off, z);
        mag_max(o->e_w, o->e_w, off);
    }
    mag_clear(off);
    _arb_vec_clear(z, (slong)b->rows);
    _arb_vec_clear(products, (slong)(b->rows * m1));
}

static bool compressed(fp_origin *o, const fp_leg *x)
{
    const fp_problem *p = x->problem;
    block output = {.a = {p, p->W_V, NULL, (size_t)p->d + 1}, .x = x, .first_vector = fp_leg_v(0), .last_vector = fp_leg_v(p->d - 1), .rows = (size_t)x->rows_v};
    block attention = {.a = {p, p->W_K, p->W_Q, 2 * (size_t)p->d}, .x = x, .first_vector = fp_leg_k(x, 0), .last_vector = fp_leg_q(x, p->d - 1), .rows = (size_t)x->rows_k};
    bool ok = block_make(&output), also = block_make(&attention);
    if (ok && also) {
        mag_hypot(o->e0, output.distance, attention.distance);
        set_rotated(o, &output);
    }
    block_clear(&output);
    block_clear(&attention);
    return ok && also;
}

/* |x(0) - knot 0| column by column */
static void reduced(fp_origin *o, const fp_leg *x)
{
    const fp_problem *p = x->problem;
    const columns of[2] = {{p, p->W_V, NULL, (size_t)p->d + 1}, {p, p->W_K, p->W_Q, 2 * (size_t)p->d}};
    mag_t size;
    arb_t a, b;
    mag_init(size);
    arb_init(a);
    arb_init(b);
    for (size_t v = 0; v < x->vectors; v++)
        for (long r = 0; r < p->m; r++) {
            size_t d = (size_t)p->d, column = v == 0 ? d : v <= d ? v - 1 : v - 1 - d;
            entry(a, &of[v > d], r, column);
            fp_grid_get_ball(b, fp_leg_at(x, v, 0), (size_t)r);
            arb_sub(a, a, b, MAG_BITS);
            arb_get_mag(size, a);
            fp_leg_add_square(o->e0, x, v, size);
        }
    mag_sqrt(o->e0, o->e0);
    for (long j = 0; j < p->m1; j++) fp_grid_copy(o->rotated.at + j, o->whole.at + j);
    arb_clear(b);
    arb_clear(a);
    mag_clear(size);
}

fp_status fp_origin_make(fp_origin *o, const fp_leg *x, bool is_compressed, fp_error *err)
{
    const fp_problem *p = x->problem;
    int limbs = x->grid_v.limbs;
    mag_init(o->e0);
    mag_init(o->e_w);
    fp_grid_init(&o->rotated, (size_t)p->m1, (size_t)x->rows_v, limbs);
    fp_grid_init(&o->whole, (size_t)p->m1, (size_t)p->m, limbs);
    fp_grid_init(&o->u0, 1, (size_t)x->rows_v, limbs);
    fp_grid_copy(o->u0.at, fp_leg_at(x, 0, 0));
    set_whole(o, p, o->e_w);
    bool ok = true;
    if (is_compressed)
        ok = compressed(o, x);
    else
        reduced(o, x);
    if (ok && mag_is_finite(o->e0)) return FP_OK;
    return fp_fail(err, FP_REJECTED, "certificate rejected: its first knot is not shown to be the instance's initial state, in any basis");
}

void fp_origin_clear(fp_origin *o)
{
    mag_clear(o->e0);
    mag_clear(o->e_w);
    fp_grid_clear(&o->rotated);
    fp_grid_clear(&o->whole);
    fp_grid_clear(&o->u0);
}
