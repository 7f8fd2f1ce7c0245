/* SPDX-License-Identifier: MIT */
/* Where a certificate starts: how far knot 0 is from the instance's exact initial state in some orthonormal basis (certificate.md, (20), (30)), and the neurons in that basis. Sums over the m rows of the
 * instance are taken in blocks of rows. */
#include "verify_impl.h"

enum { BLOCK = 1024, EXACT = 2400 /* bits: doubles span 2,098, a sum of 2^64 of them 64 more */ };

/* ---- exact columns of the instance: of one matrix and u, or of two matrices */
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
    for (long from = 0; from < p->m && !fp_interrupted(); from += BLOCK) {
        long len = p->m - from < BLOCK ? p->m - from : BLOCK;
        for (size_t x = 0; x < c->count && !fp_interrupted(); x++)
            for (long r = 0; r < len; r++) entry(a + x * BLOCK + r, c, from + r, x);
        for (size_t j = 0; neurons && j < others; j++)
            for (long r = 0; r < len; r++) arb_set_d(b + j * BLOCK + r, p->W[(long)j * p->m + from + r]);
        for (size_t x = 0; x < rows && !fp_interrupted(); x++)
            for (size_t y = neurons ? 0 : x; y < others; y++)
                arb_dot(out + x * others + y, out + x * others + y, 0, a + x * BLOCK, 1, (neurons ? b : a) + y * BLOCK, 1, len, prec);
    }
    _arb_vec_clear(a, (slong)c->count * BLOCK);
    _arb_vec_clear(b, neurons ? (slong)others * BLOCK : 0);
}

/* ---- the compressed start. A1, the first `rows` columns (rows = min(m, count)), is Q R with R upper triangular, R^T R = A1^T A1, and Q an isometry. For any signs S the basis J = Q S gives
 * J^T A1 = S R, J^T A2 = S R^-T (A1^T A2) for the other columns (there are some only if rows = m, where J is square) and J^T w = S R^-T (A1^T w) for a neuron: all in balls, no other bound. */
typedef struct {
    columns a;
    const fp_leg *x;
    size_t first_vector, last_vector; /* of the columns in the state; u, vector 0, comes last */
    size_t rows;
    slong prec;
    arb_mat_t lower;                  /* R^T */
} block;

static size_t vector_of(const block *b, size_t column)
{
    size_t vector = b->first_vector + column;
    return vector <= b->last_vector ? vector : 0;
}

/* z := S z, S the signs of the diagonal of knot 0 */
static void sign(arb_ptr z, const block *b)
{
    arb_t t;
    arb_init(t);
    for (size_t r = 0; r < b->rows; r++) {
        fp_grid_get_ball(t, fp_leg_at(b->x, vector_of(b, r), 0), r);
        if (arb_is_negative(t)) arb_neg(z + r, z + r);
    }
    arb_clear(t);
}

/* squares += |z - column of knot 0|^2 */
static void compare_column(mag_t squares, const block *b, size_t column, arb_srcptr z)
{
    arb_t t;
    arb_init(t);
    for (size_t r = 0; r < b->rows; r++) {
        fp_grid_get_ball(t, fp_leg_at(b->x, vector_of(b, column), 0), r);
        arb_sub(t, t, z + r, b->prec);
        *squares = up_add(*squares, fp_leg_weighed(b->x, vector_of(b, column), up_square(up_ball(t))));
    }
    arb_clear(t);
}

/* R^T z = products, a column of `stride` */
static void solve(arb_ptr z, const block *b, arb_srcptr products, size_t stride)
{
    for (size_t r = 0; r < b->rows; r++) {
        arb_dot(z + r, products + r * stride, 1, b->lower->rows[r], 1, z, 1, (slong)r, b->prec);
        arb_div(z + r, z + r, arb_mat_entry(b->lower, r, r), b->prec);
    }
}

static bool factor(block *b, arb_srcptr gram)
{
    arb_mat_t square;
    arb_mat_init(square, (slong)b->rows, (slong)b->rows);
    for (size_t r = 0; r < b->rows; r++)
        for (size_t c = r; c < b->rows; c++) {
            arb_set(arb_mat_entry(square, r, c), gram + r * b->a.count + c);
            arb_set(arb_mat_entry(square, c, r), gram + r * b->a.count + c);
        }
    bool ok = arb_mat_cho(b->lower, square, b->prec) != 0;
    arb_mat_clear(square);
    return ok;
}

/* squares += |J^T A - knot 0|^2. False: A1 is not shown to have full rank. */
static bool compare(mag_t squares, block *b)
{
    size_t count = b->a.count;
    arb_ptr gram = _arb_vec_init((slong)(b->rows * count)), z = _arb_vec_init((slong)b->rows);
    b->prec = b->x->prec + 64 + (slong)b->rows;
    arb_mat_init(b->lower, (slong)b->rows, (slong)b->rows);
    inner_products(gram, &b->a, b->rows, false, b->prec);
    bool ok = factor(b, gram);
    for (size_t c = 0; ok && c < count && !fp_interrupted(); c++) {
        if (c < b->rows)
            for (size_t r = 0; r < b->rows; r++) arb_set(z + r, arb_mat_entry(b->lower, c, r));
        else
            solve(z, b, gram + c, count);
        sign(z, b);
        compare_column(squares, b, c, z);
    }
    _arb_vec_clear(z, (slong)b->rows);
    _arb_vec_clear(gram, (slong)(b->rows * count));
    return ok;
}

/* ---- numbers as a grid vector; off += what that leaves out, radii included */
static void set_grid(fp_grid_vec *out, mag_t off, arb_srcptr from)
{
    fp_vec *x = fp_vec_new(out->len, (mpfr_prec_t)(FP_GRID_BITS * (slong)out->limbs + 64));
    mpfr_t value;
    mag_t error;
    arb_t back;
    up squares = up_zero();
    mpfr_init2(value, fp_vec_prec(x));
    mag_init(error);
    arb_init(back);
    for (size_t r = 0; r < out->len; r++) {
        arf_get_mpfr(value, arb_midref(from + r), MPFR_RNDN);
        fp_vec_set(x, r, value);
        fp_vec_get_ball(back, x, r);
        arb_sub(back, from + r, back, MAG_BITS);
        squares = up_add(squares, up_square(up_ball(back)));
    }
    if (!fp_grid_from_vec(out, error, x, 0)) mag_inf(error);
    *off = up_add(*off, up_add(up_sqrt(squares), up_take(error)));
    arb_clear(back);
    mpfr_clear(value);
    fp_vec_free(x);
}

static void neuron(arb_ptr out, const fp_problem *p, long j)
{
    for (long r = 0; r < p->m; r++) arb_set_d(out + r, p->W[j * p->m + r]);
}

/* w_j(0) of the instance; off: what the grid cannot hold */
static void set_whole(fp_origin *o, const fp_problem *p, mag_t off)
{
    arb_ptr w = _arb_vec_init(p->m);
    mag_t one;
    mag_init(one);
    for (long j = 0; j < p->m1 && !fp_interrupted(); j++) {
        neuron(w, p, j);
        mag_zero(one);
        set_grid(o->whole.at + j, one, w);
        mag_max(off, off, one);
    }
    mag_clear(one);
    _arb_vec_clear(w, p->m);
}

static void set_rotated(fp_origin *o, const block *b)
{
    size_t m1 = (size_t)b->x->problem->m1;
    arb_ptr products = _arb_vec_init((slong)(b->rows * m1)), z = _arb_vec_init((slong)b->rows);
    mag_t off;
    mag_init(off);
    inner_products(products, &b->a, b->rows, true, b->prec);
    for (size_t j = 0; j < m1 && !fp_interrupted(); j++) {
        solve(z, b, products + j, m1);
        sign(z, b);
        mag_zero(off);
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
    bool ok = compare(o->e0, &output), also = compare(o->e0, &attention);
    mag_sqrt(o->e0, o->e0);
    if (ok && also) set_rotated(o, &output);
    arb_mat_clear(output.lower);
    arb_mat_clear(attention.lower);
    return ok && also;
}

/* |x(0) - knot 0| column by column */
static void reduced(fp_origin *o, const fp_leg *x)
{
    const fp_problem *p = x->problem;
    const columns of[2] = {{p, p->W_V, NULL, (size_t)p->d + 1}, {p, p->W_K, p->W_Q, 2 * (size_t)p->d}};
    arb_t a, b;
    arb_init(a);
    arb_init(b);
    for (size_t v = 0; v < x->vectors && !fp_interrupted(); v++)
        for (long r = 0; r < p->m; r++) {
            size_t d = (size_t)p->d, column = v == 0 ? d : v <= d ? v - 1 : v - 1 - d;
            entry(a, &of[v > d], r, column);
            fp_grid_get_ball(b, fp_leg_at(x, v, 0), (size_t)r);
            arb_sub(a, a, b, MAG_BITS);
            *o->e0 = up_add(*o->e0, fp_leg_weighed(x, v, up_square(up_ball(a))));
        }
    mag_sqrt(o->e0, o->e0);
    for (long j = 0; j < p->m1; j++) fp_grid_copy(o->rotated.at + j, o->whole.at + j);
    arb_clear(b);
    arb_clear(a);
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
