/* SPDX-License-Identifier: MIT */
/* State vectors, reference representation of arithmetic version 1: MPFR numbers side by side. A product is rounded,
 * then a sum: mpfr_fma would be slower (it forms the exact product) and round differently. */
#include <assert.h>
#include <stdlib.h>

#include "flowproof/arith.h"

struct fp_vec {
    fp_reals r;
};

static bool has_range(const fp_vec *v, size_t i, size_t n)
{
    return i <= v->r.n && n <= v->r.n - i;
}

fp_vec *fp_vec_new(size_t n, mpfr_prec_t prec)
{
    fp_vec *v = fp_alloc(1, sizeof *v);
    fp_reals_init(&v->r, n, prec);
    return v;
}

void fp_vec_free(fp_vec *v)
{
    if (!v) return;
    fp_reals_clear(&v->r);
    free(v);
}

size_t fp_vec_len(const fp_vec *v)
{
    return v->r.n;
}

mpfr_prec_t fp_vec_prec(const fp_vec *v)
{
    return v->r.prec;
}

void fp_vec_get(mpfr_ptr out, const fp_vec *v, size_t i)
{
    assert(i < v->r.n);
    mpfr_set(out, v->r.x + i, MPFR_RNDN);
}

void fp_vec_set(fp_vec *v, size_t i, mpfr_srcptr x)
{
    assert(i < v->r.n);
    mpfr_set(v->r.x + i, x, MPFR_RNDN);
}

void fp_vec_set_d(fp_vec *v, size_t i, double x)
{
    assert(i < v->r.n && v->r.prec >= FP_PREC_MIN);
    mpfr_set_d(v->r.x + i, x, MPFR_RNDN);
}

void fp_vec_get_balls(arb_ptr out, const fp_vec *v, size_t i, size_t n)
{
    assert(has_range(v, i, n));
    for (size_t r = 0; r < n; r++) {
        arf_set_mpfr(arb_midref(out + r), v->r.x + i + r);
        mag_zero(arb_radref(out + r));
    }
}

void fp_vec_get_ball(arb_t out, const fp_vec *v, size_t i)
{
    fp_vec_get_balls(out, v, i, 1);
}

void fp_vec_copy(fp_vec *out, const fp_vec *v)
{
    assert(out->r.n == v->r.n);
    for (size_t r = 0; r < v->r.n; r++) mpfr_set(out->r.x + r, v->r.x + r, MPFR_RNDN);
}

void fp_vec_zero(fp_vec *v, size_t i, size_t n)
{
    assert(has_range(v, i, n));
    for (size_t r = 0; r < n; r++) mpfr_set_zero(v->r.x + i + r, 1);
}

void fp_vec_dot(mpfr_ptr out, const fp_vec *x, size_t i, const fp_vec *y, size_t j, size_t n, mpfr_ptr tmp)
{
    assert(has_range(x, i, n) && has_range(y, j, n));
    assert(mpfr_get_prec(out) == x->r.prec && mpfr_get_prec(tmp) == x->r.prec && y->r.prec == x->r.prec);
    mpfr_srcptr a = x->r.x + i, b = y->r.x + j;
    mpfr_set_zero(out, 1);
    for (size_t r = 0; r < n; r++) {
        mpfr_mul(tmp, a + r, b + r, MPFR_RNDN);
        mpfr_add(out, out, tmp, MPFR_RNDN);
    }
}

void fp_vec_axpy(fp_vec *y, size_t j, mpfr_srcptr a, const fp_vec *x, size_t i, size_t n, mpfr_ptr tmp)
{
    assert(has_range(x, i, n) && has_range(y, j, n) && mpfr_get_prec(tmp) == y->r.prec);
    mpfr_srcptr from = x->r.x + i;
    mpfr_ptr to = y->r.x + j;
    for (size_t r = 0; r < n; r++) {
        mpfr_mul(tmp, a, from + r, MPFR_RNDN);
        mpfr_add(to + r, to + r, tmp, MPFR_RNDN);
    }
}

void fp_vec_scale(fp_vec *y, size_t j, mpfr_srcptr a, const fp_vec *x, size_t i, size_t n)
{
    assert(has_range(x, i, n) && has_range(y, j, n));
    for (size_t r = 0; r < n; r++) mpfr_mul(y->r.x + j + r, a, x->r.x + i + r, MPFR_RNDN);
}

static void lincomb_at(mpfr_ptr out, const fp_reals *coef, fp_vec *const k[], size_t count, size_t r,
                       mpfr_ptr tmp)
{
    for (size_t s = 0; s < count; s++) {
        if (mpfr_zero_p(coef->x + s)) continue;
        mpfr_mul(tmp, coef->x + s, k[s]->r.x + r, MPFR_RNDN);
        mpfr_add(out, out, tmp, MPFR_RNDN);
    }
}

void fp_vec_lincomb(fp_vec *out, const fp_vec *y, const fp_reals *coef, fp_vec *const k[], size_t count,
                    size_t lo, size_t hi, mpfr_ptr tmp)
{
    assert(lo <= hi && hi <= out->r.n && (!y || hi <= y->r.n) && count <= coef->n);
    assert(mpfr_get_prec(tmp) == out->r.prec);
    for (size_t s = 0; s < count; s++) assert(k[s] != out && hi <= k[s]->r.n);
    for (size_t r = lo; r < hi; r++) {
        if (!y)
            mpfr_set_zero(out->r.x + r, 1);
        else if (y != out)
            mpfr_set(out->r.x + r, y->r.x + r, MPFR_RNDN);
        lincomb_at(out->r.x + r, coef, k, count, r, tmp);
    }
}

bool fp_vec_is_finite(const fp_vec *v)
{
    for (size_t r = 0; r < v->r.n; r++)
        if (!mpfr_number_p(v->r.x + r)) return false;
    return true;
}
