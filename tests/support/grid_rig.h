/* SPDX-License-Identifier: MIT */
/* Random and extreme grid vectors, and what must hold of every one. */
#ifndef FP_TESTS_GRID_RIG_H
#define FP_TESTS_GRID_RIG_H

#include "fp_check.h"
#include "flowproof/grid.h"

#define EXACT ARF_PREC_EXACT
enum { KINDS = 6 };
static const int limb_counts[KINDS] = {1, 2, 3, 4, 7, 64};

static fp_rng rng;

static inline void open_rng(void)
{
    fp_rng_init(&rng, 20241, 7);
}

static inline int64_t random_digit(void)
{
    return (int64_t)(fp_rng_u64(&rng) & ((UINT64_C(1) << 60) - 1));
}

/* An upper bound of the exact 2-norm, the reference for `norm`. */
static inline void exact_square(arb_t out, const fp_grid_vec *x)
{
    arb_t e;
    arb_init(e);
    arb_zero(out);
    for (size_t r = 0; r < x->len; r++) {
        fp_grid_get_ball(e, x, r);
        arb_addmul(out, e, e, EXACT);
    }
    arb_clear(e);
}

static inline void check_norm(const fp_grid_vec *x)
{
    arb_t square, bound, allowed;
    arb_init(square);
    arb_init(bound);
    arb_init(allowed);
    exact_square(square, x);
    arf_set_mag(arb_midref(bound), x->norm);
    arb_mul(bound, bound, bound, EXACT);
    ck_assert_msg(arb_le(square, bound), "norm too small");
    arb_set_d(allowed, 1 + ldexp(1, -24));
    arb_mul(allowed, allowed, square, 64);
    ck_assert_msg(arb_le(bound, allowed), "norm not tight");
    arb_clear(square);
    arb_clear(bound);
    arb_clear(allowed);
}

/* Random entries of both signs, about `bits` random high bits, 2^scale times at most 1. */
static inline fp_vec *random_vec(size_t len, slong bits, slong scale)
{
    fp_vec *v = fp_vec_new(len, (mpfr_prec_t)bits);
    mpfr_t x;
    mpfr_init2(x, (mpfr_prec_t)bits);
    for (size_t r = 0; r < len; r++) {
        mpfr_set_si(x, 0, MPFR_RNDN);
        for (slong b = 0; b < bits; b += 60) {
            mpfr_add_si(x, x, random_digit(), MPFR_RNDN);
            mpfr_div_2ui(x, x, 60, MPFR_RNDN);
        }
        mpfr_mul_2si(x, x, scale - (long)fp_rng_below(&rng, 8), MPFR_RNDN);
        if (fp_rng_below(&rng, 2))
            mpfr_neg(x, x, MPFR_RNDN);
        fp_vec_set(v, r, x);
    }
    mpfr_clear(x);
    return v;
}

static inline void fill(fp_grid_vec *x, slong scale)
{
    mag_t error;
    mag_init(error);
    fp_vec *v = random_vec(x->len, 60 * x->limbs + 40, scale);
    ck_assert(fp_grid_from_vec(x, error, v, 0));
    fp_vec_free(v);
    mag_clear(error);
}

static inline void check_digits(const fp_grid_vec *x)
{
    const int64_t base = INT64_C(1) << 60;
    for (int l = 0; l < x->limbs; l++)
        for (size_t r = 0; r < x->len; r++) {
            int64_t d = x->digit[(size_t)l * x->len + r];
            ck_assert(d < base && (l + 1 < x->limbs ? d >= 0 : d > -base));
        }
}

/* |mag| against a ball: bound <= factor |true| + slack */
static inline void check_bound(const arb_t square, const mag_t bound, const char *what)
{
    arb_t b;
    arb_init(b);
    arf_set_mag(arb_midref(b), bound);
    arb_mul(b, b, b, EXACT);
    ck_assert_msg(arb_le(square, b), "%s: the error is larger than its bound", what);
    arb_clear(b);
}

/* Every digit at its largest, signs of the top as given; the norm is not needed to be sharp here. */
static inline void fill_extreme(fp_grid_vec *x, int64_t top)
{
    const int64_t most = (INT64_C(1) << 60) - 1;
    for (int l = 0; l < x->limbs; l++)
        for (size_t r = 0; r < x->len; r++)
            x->digit[(size_t)l * x->len + r] = l + 1 < x->limbs ? most : top;
    mag_set_ui(x->norm, x->len);
    mag_mul_2exp_si(x->norm, x->norm, 60 * x->limbs);
}

#endif
