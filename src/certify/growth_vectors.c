/* SPDX-License-Identifier: MIT */
/* The vectors of the state in double, near the middle of a sub-interval: sum_{k <= 2} c_k y_k with c_k near the midpoint of [a^k, b^k]. What that leaves out is bounded in the 2-norm. */
#include "growth_impl.h"

#include <math.h>
#include <stdlib.h>

enum { ORDERS = 3 };

typedef struct {
    double c[ORDERS];
    mag_ptr off; /* >= |tau^k - c_k| for k < ORDERS, >= tau^k for the others */
    int orders;  /* of the series, + 1 */
    double *term;
} middle;

static void middle_init(middle *m, const fp_range *x, size_t rows)
{
    *m = (middle){.orders = x->powers, .off = _mag_vec_init(x->powers), .term = fp_alloc(rows, sizeof(double))};
    arb_t c;
    arb_init(c);
    for (int k = 0; k < m->orders; k++) {
        if (k >= ORDERS) {
            mag_set(m->off + k, x->top + k);
            continue;
        }
        m->c[k] = arf_get_d(arb_midref(x->power + k), ARF_RND_NEAR);
        arb_set_d(c, m->c[k]);
        arb_sub(c, x->power + k, c, 64);
        arb_get_mag(m->off + k, c);
    }
    arb_clear(c);
}

static void middle_clear(middle *m)
{
    _mag_vec_clear(m->off, m->orders);
    free(m->term);
}

/* x += c y_k and *off for it. 8 roundings of 2^-52 relative to |c||y_k| (conversion, product, at most ORDERS sums), results below the normal range at most 2^-480 in norm. A vector whose
 * exponents doubles do not hold is left out, and so is its whole norm into *off. */
static void add_order(double *x, mag_t off, middle *m, const fp_grid_vec *y, int k)
{
    slong scale = 0;
    mag_t c;
    mag_init(c);
    fp_grid_to_doubles(m->term, &scale, y);
    if (scale != 0) {
        mag_addmul(off, y->norm, m->off + k);
        mag_set_d(c, m->c[k]);
        mag_addmul(off, y->norm, c);
    } else {
        for (size_t r = 0; r < y->len; r++)
            x[r] += m->c[k] * m->term[r];
        mag_set_d(c, m->c[k]);
        mag_mul_2exp_si(c, c, -49);
        mag_add(c, c, m->off + k);
        mag_addmul(off, y->norm, c);
        mag_add_ui_2exp_si(off, off, 1, -480);
    }
    mag_clear(c);
}

static void set_block(double *x, mag_ptr off, middle *m, const fp_series *s, fp_series_block block, long token)
{
    size_t rows = fp_series_vector(s, block, token, 0)->len;
    for (size_t r = 0; r < rows; r++)
        x[r] = 0;
    mag_zero(off);
    for (int k = 0; k < m->orders; k++) {
        const fp_grid_vec *y = fp_series_vector(s, block, token, k);
        if (k < ORDERS)
            add_order(x, off, m, y, k);
        else
            mag_addmul(off, y->norm, m->off + k);
    }
}

void fp_growth_set_vectors(fp_growth_vectors *at, const fp_series *s, const fp_range *x)
{
    size_t rows_v = (size_t)at->rows_v, rows_k = (size_t)at->rows_k;
    middle m;
    middle_init(&m, x, rows_v > rows_k ? rows_v : rows_k);
    for (size_t e = 0; e < x->d; e++) {
        set_block(at->v + e * rows_v, at->v_off + e, &m, s, FP_SERIES_V, (long)e);
        set_block(at->k + e * rows_k, at->k_off + e, &m, s, FP_SERIES_K, (long)e);
        set_block(at->q + e * rows_k, at->q_off + e, &m, s, FP_SERIES_Q, (long)e);
    }
    middle_clear(&m);
}
