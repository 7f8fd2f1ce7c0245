/* SPDX-License-Identifier: MIT */
/* The third cumulant (6): at most sum X (dk_nu.q_mu + k_nu.dq_mu)^2 over the pairs, X >= sum of g_i w_il p_h/(n m) over where the pair occurs, w_il >= max(0, max_h y_i (G_h - o_l)): one-sided, as only the
 * largest eigenvalue is wanted. Its parts: 2 X |k||q| |dk||dq|, and for each token a form dk^T A dk with A = sum_mu X q_mu q_mu^T (dq: sum_nu X k_nu k_nu^T). As A >= 0, |A| is at most its trace
 * sum X |q|^2, and at most its Frobenius norm ( sum_{e,f} X_e X_f (q_e.q_f)^2 )^{1/2}, far less where the vectors are nearly orthogonal. */
#include "growth_impl.h"

#include <stdlib.h>

/* out >= |x| over the tube */
static void widened(mag_t out, const arb_t x, const mag_t by)
{
    arb_get_mag(out, x);
    mag_add(out, out, by);
}

/* out >= max(0, max_h y_i (G_h - o_l)) over the tube */
static void upper_weight(mag_t out, const fp_range *x, const fp_widening *w, const long *token, size_t row, int label)
{
    arb_t difference;
    mag_t moved;
    arb_init(difference);
    mag_init(moved);
    mag_zero(out);
    for (size_t h = 0; h < x->L; h++) {
        arb_sub(difference, x->G + token[h], x->o + row, 64);
        mag_add(moved, w->G + token[h], w->o + row);
        arb_add_error_mag(difference, moved);
        if (label < 0)
            arb_neg(difference, difference);
        arb_nonnegative_part(difference, difference);
        arb_get_mag(moved, difference);
        mag_max(out, out, moved);
    }
    mag_clear(moved);
    arb_clear(difference);
}

/* X of every pair but for the factor 1/(n m) */
static void sum_weights(mag_ptr X, const fp_series_shape *shape, const fp_range *x, const fp_widening *w)
{
    mag_t gw, p, one;
    mag_init(gw), mag_init(p), mag_init(one);
    mag_one(one);
    for (size_t row = 0; row < x->n * x->L && !fp_interrupted(); row++) {
        size_t i = row / x->L;
        const long *token = shape->token + i * x->L;
        upper_weight(gw, x, w, token, row, shape->label[i]);
        widened(p, x->g + i, w->g + i);
        mag_min(p, p, one);
        mag_mul(gw, gw, p);
        for (size_t h = 0; h < x->L; h++) {
            widened(p, x->p + row * x->L + h, w->p + row * x->L + h);
            mag_min(p, p, one);
            mag_addmul(X + shape->pair_of[token[h] * shape->d + token[row % x->L]], gw, p);
        }
    }
    mag_clear(gw), mag_clear(p), mag_clear(one);
}

/* A = sum over `count` entries of X_e x_e x_e^T, X_e = scale * unit_e */
typedef struct {
    size_t count;
    const fp_cloud *x;
    size_t *partner;
    mag_ptr X;
    double *unit; /* X/scale, at most about 1 */
    mag_t scale, trace, moved, frobenius, t;
} squares;

static void squares_init(squares *k, size_t most)
{
    *k = (squares){.partner = fp_alloc(most, sizeof *k->partner), .X = _mag_vec_init((slong)most), .unit = fp_alloc(most, sizeof *k->unit)};
    mag_init(k->scale), mag_init(k->trace), mag_init(k->moved), mag_init(k->frobenius), mag_init(k->t);
}

static void squares_clear(squares *k, size_t most)
{
    free(k->partner), free(k->unit);
    _mag_vec_clear(k->X, (slong)most);
    mag_clear(k->scale), mag_clear(k->trace), mag_clear(k->moved), mag_clear(k->frobenius), mag_clear(k->t);
}

/* The units are upper bounds, exact in double (30 bits); one below 2^-300 is taken as that. */
static void set_units(squares *k)
{
    mag_zero(k->scale);
    for (size_t e = 0; e < k->count; e++)
        mag_max(k->scale, k->scale, k->X + e);
    for (size_t e = 0; e < k->count; e++) {
        mag_div(k->t, k->X + e, k->scale);
        k->unit[e] = mag_cmp_2exp_si(k->t, -300) < 0 ? 0x1p-300 : mag_get_d(k->t);
    }
}

/* ( sum unit_e unit_f (xc_e.xc_f)^2 )^{1/2}: nonnegative terms of 4 roundings each, count^2 in the sum; underflow below 2^-450. The products are off by the rounding of a dot product relative to
 * |xc_e||xc_f|, which in this weighted norm makes that rounding times sum unit |xc|^2 <= trace/scale (trace is that of the tube, and 2^-51 relative is in the allowance of 8). */
static void set_frobenius(squares *k)
{
    double sum = 0;
    mag_ptr out = k->frobenius;
    for (size_t e = 0; e < k->count; e++) {
        double row = 0;
        for (size_t f = 0; f < k->count; f++) {
            double c = fp_cloud_product(k->x, k->partner[e], k->partner[f]);
            row += k->unit[f] * c * c;
        }
        sum += k->unit[e] * row;
    }
    fp_double_upper(out, sum);
    fp_double_rounding(k->t, k->count * k->count + 8);
    mag_mul(k->t, k->t, out);
    mag_add(out, out, k->t);
    mag_sqrt(out, out);
    mag_add_ui_2exp_si(out, out, 1, -450);
}

/* out >= |A| over the tube: x = xc + (x - xc) moves A by at most sum X |x - xc| (|xc| + |x|) */
static void squares_bound(mag_t out, squares *k)
{
    mag_zero(k->trace), mag_zero(k->moved);
    for (size_t e = 0; e < k->count; e++) {
        size_t token = k->partner[e];
        mag_add(k->t, k->x->held + token, k->x->top + token);
        mag_mul(k->t, k->t, k->x->gap + token);
        mag_addmul(k->moved, k->t, k->X + e);
        mag_max(k->t, k->x->held + token, k->x->top + token);
        mag_mul(k->t, k->t, k->t);
        mag_addmul(k->trace, k->t, k->X + e);
    }
    mag_set(out, k->trace);
    if (k->count < 2 || mag_is_zero(out))
        return;
    set_units(k);
    set_frobenius(k);
    mag_addmul(k->moved, k->frobenius, k->scale);
    fp_double_rounding(k->t, k->x->rows + 8);
    mag_addmul(k->moved, k->t, k->trace);
    mag_min(out, out, k->moved);
}

static void add_diagonal(mag_ptr diagonal, const fp_growth *g, const fp_series_shape *shape, mag_srcptr X, bool by_key)
{
    size_t d = g->d;
    squares k;
    mag_t bound;
    mag_init(bound);
    squares_init(&k, d);
    k.x = by_key ? &g->q : &g->k;
    for (size_t token = 0; token < d && !fp_interrupted(); token++) {
        k.count = 0;
        for (size_t other = 0; other < d; other++) {
            long pair = shape->pair_of[by_key ? token * d + other : other * d + token];
            if (pair < 0 || mag_is_zero(X + pair))
                continue;
            mag_set(k.X + k.count, X + pair);
            k.partner[k.count++] = other;
        }
        squares_bound(bound, &k);
        mag_add(diagonal + token, diagonal + token, bound);
    }
    squares_clear(&k, d);
    mag_clear(bound);
}

void fp_growth_add_cumulant(fp_comparison *B, const fp_growth *g, const fp_series_shape *shape, const fp_range *x, const fp_widening *w)
{
    mag_ptr X = _mag_vec_init((slong)shape->pairs);
    mag_t Xk;
    mag_init(Xk);
    sum_weights(X, shape, x, w);
    for (size_t e = 0; e < shape->pairs; e++) {
        mag_div_ui(X + e, X + e, (ulong)shape->n);
        mag_div_ui(X + e, X + e, (ulong)shape->m);
        mag_mul(Xk, X + e, g->k.top + shape->key[e]);
        mag_addmul(B->kq + e, Xk, g->q.top + shape->query[e]);
    }
    add_diagonal(B->kk, g, shape, X, true);
    add_diagonal(B->qq, g, shape, X, false);
    mag_clear(Xk);
    _mag_vec_clear(X, (slong)shape->pairs);
}
