/* SPDX-License-Identifier: MIT */
/* Ranges at y over a sub-interval of a step. A series is sum_k a_k tau^k + rest, |rest| <= tail for 0 <= tau <= h; with tau^k in [a^k, b^k] every term is enclosed, and
 * the dot product of the coefficients with these intervals contains every value. */
#include "certify_impl.h"

#include <stdlib.h>

static bool is_ordered(const arf_t a, const arf_t b)
{
    return arf_is_finite(a) && arf_is_finite(b) && arf_sgn(a) >= 0 && arf_cmp(a, b) <= 0;
}

void fp_range_powers(arb_ptr power, int order, const arf_t a, const arf_t b, slong prec)
{
    arb_t left, right, low, high;
    arb_init(left), arb_init(right), arb_init(low), arb_init(high);
    arb_set_arf(left, a);
    arb_set_arf(right, b);
    arb_one(low);
    arb_one(high);
    for (int k = 0; k <= order; k++) {
        if (is_ordered(a, b))
            arb_union(power + k, low, high, prec);
        else
            arb_indeterminate(power + k);
        arb_mul(low, low, left, prec);
        arb_mul(high, high, right, prec);
    }
    arb_clear(left), arb_clear(right), arb_clear(low), arb_clear(high);
}

void fp_range_at(arb_t out, arb_srcptr coefficient, int order, mag_srcptr tail, arb_srcptr power, slong prec)
{
    arb_dot(out, NULL, 0, coefficient, 1, power, 1, order + 1, prec);
    arb_add_error_mag(out, tail);
}

void fp_range_scalar(arb_t out, arb_srcptr coefficient, int order, mag_srcptr tail, const arf_t a, const arf_t b, slong prec)
{
    arb_ptr power = _arb_vec_init(order + 1);
    fp_range_powers(power, order, a, b, prec);
    fp_range_at(out, coefficient, order, tail, power, prec);
    _arb_vec_clear(power, order + 1);
}

/* top_k >= b^k, k = 0..order */
static void set_top(mag_ptr top, int order, const arf_t b)
{
    mag_t x;
    mag_init(x);
    if (arf_is_finite(b) && arf_sgn(b) >= 0)
        arf_get_mag(x, b);
    else
        mag_inf(x);
    mag_one(top);
    for (int k = 1; k <= order; k++)
        mag_mul(top + k, top + k - 1, x);
    mag_clear(x);
}

static void set_norm(mag_t norm, const fp_series *s, fp_series_block block, long token, mag_srcptr top)
{
    mag_zero(norm);
    for (int k = 0; k <= fp_series_order(s); k++)
        mag_addmul(norm, fp_series_vector(s, block, token, k)->norm, top + k);
}

void fp_range_norm(mag_t out, const fp_series *s, fp_series_block block, long token, const arf_t b)
{
    int order = fp_series_order(s);
    mag_ptr top = _mag_vec_init(order + 1);
    set_top(top, order, b);
    set_norm(out, s, block, token, top);
    _mag_vec_clear(top, order + 1);
}

void fp_range_init_for(fp_range *x, const fp_series_shape *shape)
{
    *x = (fp_range){.d = (size_t)shape->d, .pairs = shape->pairs, .n = (size_t)shape->n, .L = (size_t)shape->L};
    slong d = (slong)x->d, pairs = (slong)x->pairs, n = (slong)x->n, L = (slong)x->L;
    x->G = _arb_vec_init(d), x->c = _arb_vec_init(d);
    x->s = _arb_vec_init(pairs), x->N = _arb_vec_init(pairs);
    x->p = _arb_vec_init(n * L * L), x->o = _arb_vec_init(n * L);
    x->F = _arb_vec_init(n), x->g = _arb_vec_init(n);
    x->v = _mag_vec_init(d), x->k = _mag_vec_init(d), x->q = _mag_vec_init(d);
    mag_init(x->u);
}

void fp_range_init(fp_range *x, const fp_series *s)
{
    fp_range_init_for(x, fp_series_get_shape(s));
}

void fp_range_clear(fp_range *x)
{
    if (x->G == NULL)
        return;
    slong d = (slong)x->d, pairs = (slong)x->pairs, n = (slong)x->n, L = (slong)x->L;
    _arb_vec_clear(x->G, d), _arb_vec_clear(x->c, d);
    _arb_vec_clear(x->s, pairs), _arb_vec_clear(x->N, pairs);
    _arb_vec_clear(x->p, n * L * L), _arb_vec_clear(x->o, n * L);
    _arb_vec_clear(x->F, n), _arb_vec_clear(x->g, n);
    _mag_vec_clear(x->v, d), _mag_vec_clear(x->k, d), _mag_vec_clear(x->q, d);
    mag_clear(x->u);
    if (x->power != NULL) {
        _arb_vec_clear(x->power, x->powers);
        _mag_vec_clear(x->top, x->powers);
    }
    *x = (fp_range){0};
}

static void make_powers(fp_range *x, int order, const arf_t a, const arf_t b, slong prec)
{
    if (x->powers != order + 1) {
        if (x->power != NULL) {
            _arb_vec_clear(x->power, x->powers);
            _mag_vec_clear(x->top, x->powers);
        }
        x->powers = order + 1;
        x->power = _arb_vec_init(x->powers);
        x->top = _mag_vec_init(x->powers);
    }
    fp_range_powers(x->power, order, a, b, prec);
    set_top(x->top, order, b);
}

static void set_tokens(fp_range *x, const fp_series *s, const fp_tails *t, slong prec)
{
    int order = x->powers - 1;
    set_norm(x->u, s, FP_SERIES_U, 0, x->top);
    for (size_t e = 0; e < x->d; e++) {
        long token = (long)e;
        fp_range_at(x->G + e, fp_series_G(s, token), order, t->G + e, x->power, prec);
        fp_range_at(x->c + e, fp_series_c(s, token), order, t->c + e, x->power, prec);
        set_norm(x->v + e, s, FP_SERIES_V, token, x->top);
        set_norm(x->k + e, s, FP_SERIES_K, token, x->top);
        set_norm(x->q + e, s, FP_SERIES_Q, token, x->top);
    }
}

static void set_pairs(fp_range *x, const fp_series *s, const fp_tails *t, slong prec)
{
    int order = x->powers - 1;
    for (size_t e = 0; e < x->pairs; e++) {
        fp_range_at(x->s + e, fp_series_score(s, e), order, t->s + e, x->power, prec);
        fp_range_at(x->N + e, fp_series_N(s, e), order, t->N + e, x->power, prec);
    }
}

static void set_rows(fp_range *x, const fp_series *s, const fp_tails *t, long i, slong prec)
{
    int order = x->powers - 1;
    for (size_t l = 0; l < x->L; l++) {
        size_t row = (size_t)i * x->L + l;
        fp_range_at(x->o + row, fp_series_o(s, i, (long)l), order, t->o + row, x->power, prec);
        for (size_t h = 0; h < x->L; h++)
            fp_range_at(x->p + row * x->L + h, fp_series_p(s, i, (long)l, (long)h), order, t->p + row * x->L + h, x->power, prec);
    }
}

static void set_samples(fp_range *x, const fp_series *s, const fp_tails *t, slong prec)
{
    int order = x->powers - 1;
    for (size_t e = 0; e < x->n; e++) {
        fp_range_at(x->F + e, fp_series_F(s, (long)e), order, t->F + e, x->power, prec);
        fp_range_at(x->g + e, fp_series_g(s, (long)e), order, t->g + e, x->power, prec);
        set_rows(x, s, t, (long)e, prec);
    }
}

void fp_range_set(fp_range *x, const fp_series *s, const fp_tails *t, const arf_t a, const arf_t b)
{
    const slong prec = 64; /* ends up in bounds of 30 bits */
    make_powers(x, fp_series_order(s), a, b, prec);
    set_tokens(x, s, t, prec);
    set_pairs(x, s, t, prec);
    set_samples(x, s, t, prec);
}

static bool are_bounds_finite(mag_srcptr x, size_t count)
{
    for (size_t e = 0; e < count; e++)
        if (!mag_is_finite(x + e))
            return false;
    return true;
}

bool fp_range_is_finite(const fp_range *x)
{
    slong d = (slong)x->d, pairs = (slong)x->pairs, n = (slong)x->n, L = (slong)x->L;
    return _arb_vec_is_finite(x->G, d) && _arb_vec_is_finite(x->c, d) && _arb_vec_is_finite(x->s, pairs) && _arb_vec_is_finite(x->N, pairs) &&
           _arb_vec_is_finite(x->p, n * L * L) && _arb_vec_is_finite(x->o, n * L) && _arb_vec_is_finite(x->F, n) && _arb_vec_is_finite(x->g, n) &&
           mag_is_finite(x->u) && are_bounds_finite(x->v, x->d) && are_bounds_finite(x->k, x->d) && are_bounds_finite(x->q, x->d);
}
