/* SPDX-License-Identifier: MIT */
/* How far a computed rotation of exact columns is from a true one; the argument is in certify_impl.h. */
#include "certify_impl.h"

void fp_rotation_init(fp_rotation *x, size_t m, size_t rows, size_t count, slong prec)
{
    *x = (fp_rotation){.m = m, .rows = rows, .count = count, .prec = prec};
    x->A = _arb_vec_init((slong)(m * count));
    x->B = _arb_vec_init((slong)(rows * count));
    mag_init(x->last_weight);
    mag_init(x->leading);
    mag_init(x->distance);
    mag_init(x->inverse);
    mag_one(x->last_weight);
}

void fp_rotation_clear(fp_rotation *x)
{
    _arb_vec_clear(x->A, (slong)(x->m * x->count));
    _arb_vec_clear(x->B, (slong)(x->rows * x->count));
    mag_clear(x->last_weight);
    mag_clear(x->leading);
    mag_clear(x->distance);
    mag_clear(x->inverse);
}

static arb_srcptr column_a(const fp_rotation *x, size_t c)
{
    return x->A + c * x->m;
}

static arb_srcptr column_b(const fp_rotation *x, size_t c)
{
    return x->B + c * x->rows;
}

static void dot(arb_t out, arb_srcptr a, arb_srcptr b, size_t len, slong prec)
{
    arb_dot(out, NULL, 0, a, 1, b, 1, (slong)len, prec);
}

/* square *= weight of column c */
static void weigh(mag_t square, const fp_rotation *x, size_t c)
{
    if (c + 1 == x->count)
        mag_mul(square, square, x->last_weight);
}

/* >= squared entry (a, b) of A^T A - B^T B, weighted */
static void gram_square(mag_t out, const fp_rotation *x, size_t a, size_t b)
{
    arb_t of_a, of_b;
    arb_init(of_a);
    arb_init(of_b);
    dot(of_a, column_a(x, a), column_a(x, b), x->m, x->prec);
    dot(of_b, column_b(x, a), column_b(x, b), x->rows, x->prec);
    arb_sub(of_a, of_a, of_b, x->prec);
    arb_get_mag(out, of_a);
    mag_mul(out, out, out);
    weigh(out, x, a);
    weigh(out, x, b);
    arb_clear(of_b);
    arb_clear(of_a);
}

/* |A^T A - B^T B|_F over the first `rows` columns */
static void leading_gram(mag_t out, const fp_rotation *x)
{
    mag_t square;
    mag_init(square);
    mag_zero(out);
    for (size_t a = 0; a < x->rows && !fp_interrupted(); a++)
        for (size_t b = 0; b <= a && !fp_interrupted(); b++) {
            gram_square(square, x, a, b);
            mag_mul_2exp_si(square, square, a != b);
            mag_add(out, out, square);
        }
    mag_sqrt(out, out);
    mag_clear(square);
}

/* Column `at` of the inverse of the leading triangle; row-major rows of it in `triangle`. */
static void invert_column(arb_ptr out, const fp_rotation *x, arb_srcptr triangle, size_t at)
{
    size_t n = x->rows;
    arb_inv(out + at, triangle + at * n + at, x->prec);
    for (size_t r = at; r-- > 0;) {
        dot(out + r, triangle + r * n + r + 1, out + r + 1, at - r, x->prec);
        arb_div(out + r, out + r, triangle + r * n + r, x->prec);
        arb_neg(out + r, out + r);
    }
}

static arb_ptr transposed_triangle(const fp_rotation *x)
{
    size_t n = x->rows;
    arb_ptr out = _arb_vec_init((slong)(n * n));
    for (size_t r = 0; r < n; r++)
        for (size_t c = r; c < n; c++) arb_set(out + r * n + c, column_b(x, c) + r);
    return out;
}

static bool is_triangular(const fp_rotation *x)
{
    for (size_t c = 0; c < x->rows; c++)
        for (size_t r = c + 1; r < x->rows; r++)
            if (!arb_is_zero(column_b(x, c) + r))
                return false;
    return true;
}

/* Row r of the inverse belongs to column r of B, so its weight is the inverse one. */
static void weigh_row(mag_t entry, const fp_rotation *x, size_t r, const mag_t inverse_weight)
{
    if (r + 1 == x->count)
        mag_mul(entry, entry, inverse_weight);
}

/* 1/sigma_min = |inverse|_2 <= |inverse|_F and <= sqrt(largest column sum * largest row sum) */
static void inverse_norm(fp_rotation *x)
{
    size_t n = x->rows;
    arb_ptr triangle = transposed_triangle(x), column = _arb_vec_init((slong)n);
    mag_ptr row = _mag_vec_init((slong)n);
    mag_t squares, size, sum, columns, rows, lift;
    mag_ptr locals[] = {squares, size, sum, columns, rows, lift};
    for (size_t k = 0; k < 6; k++) mag_init(locals[k]);
    mag_inv(lift, x->last_weight);
    mag_sqrt(lift, lift);
    for (size_t c = 0; c < n && !fp_interrupted(); c++) {
        invert_column(column, x, triangle, c);
        mag_zero(sum);
        for (size_t r = 0; r <= c; r++) {
            arb_get_mag(size, column + r);
            weigh_row(size, x, r, lift);
            mag_addmul(squares, size, size);
            mag_add(sum, sum, size);
            mag_add(row + r, row + r, size);
        }
        mag_max(columns, columns, sum);
    }
    for (size_t r = 0; r < n; r++) mag_max(rows, rows, row + r);
    mag_mul(rows, rows, columns);
    mag_min(squares, squares, rows);
    mag_sqrt(x->inverse, squares);
    for (size_t k = 0; k < 6; k++) mag_clear(locals[k]);
    _mag_vec_clear(row, (slong)n);
    _arb_vec_clear(column, (slong)n);
    _arb_vec_clear(triangle, (slong)(n * n));
}

static void add_column_square(mag_t squares, const fp_rotation *x, size_t c)
{
    mag_t square;
    arb_t t;
    mag_init(square);
    arb_init(t);
    dot(t, column_a(x, c), column_a(x, c), x->m, x->prec);
    arb_get_mag(square, t);
    weigh(square, x, c);
    mag_add(squares, squares, square);
    arb_clear(t);
    mag_clear(square);
}

/* The columns after the first `rows` */
static void trailing_distance(mag_t out, const fp_rotation *x)
{
    mag_t gram, size;
    mag_init(gram);
    mag_init(size);
    mag_zero(out);
    for (size_t b = x->rows; b < x->count && !fp_interrupted(); b++) {
        add_column_square(size, x, b);
        for (size_t a = 0; a < x->rows && !fp_interrupted(); a++) {
            gram_square(out, x, a, b);
            mag_add(gram, gram, out);
        }
    }
    mag_sqrt(gram, gram);
    mag_sqrt(size, size);
    mag_mul(out, x->leading, size);
    mag_add(out, out, gram);
    mag_mul(out, out, x->inverse);
    mag_clear(size);
    mag_clear(gram);
}

bool fp_rotation_bound(fp_rotation *x)
{
    if (!is_triangular(x))
        return false;
    inverse_norm(x);
    if (!mag_is_finite(x->inverse))
        return false;
    leading_gram(x->leading, x);
    mag_mul(x->leading, x->leading, x->inverse);
    trailing_distance(x->distance, x);
    mag_hypot(x->distance, x->distance, x->leading);
    return mag_is_finite(x->distance);
}

void fp_rotation_vector_bound(mag_t out, const fp_rotation *x, arb_srcptr w, arb_srcptr w0)
{
    mag_t square;
    arb_t a, b;
    mag_init(square);
    arb_init(a);
    arb_init(b);
    mag_zero(out);
    for (size_t c = 0; c < x->rows && !fp_interrupted(); c++) {
        dot(a, column_a(x, c), w, x->m, x->prec);
        dot(b, column_b(x, c), w0, x->rows, x->prec);
        arb_sub(a, a, b, x->prec);
        arb_get_mag(square, a);
        mag_mul(square, square, square);
        weigh(square, x, c);
        mag_add(out, out, square);
    }
    mag_sqrt(out, out);
    dot(a, w, w, x->m, x->prec);
    arb_get_mag(square, a);
    mag_sqrt(square, square);
    mag_addmul(out, square, x->leading);
    mag_mul(out, out, x->inverse);
    arb_clear(b);
    arb_clear(a);
    mag_clear(square);
}
