/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grid_impl.h"

enum { LIMBS_OF_ENTRY = FP_GRID_BITS * FP_GRID_LIMBS_MAX / 64 + 2 };
/* beyond this, sums of a few exponents could leave slong */
#define EXPONENT_MAX (WORD(1) << 58)

void fp_grid_init(fp_grid *g, size_t count, size_t len, int limbs)
{
    assert(limbs >= 1 && limbs <= FP_GRID_LIMBS_MAX);
    size_t each = (size_t)limbs * len;
    bool too_many = len > SIZE_MAX / (size_t)limbs || (each > 0 && count > SIZE_MAX / each);
    *g = (fp_grid){.count = count, .len = len, .limbs = limbs};
    g->at = fp_alloc(count, sizeof *g->at);
    g->digits = fp_alloc(too_many ? SIZE_MAX : count * each, sizeof *g->digits);
    for (size_t i = 0; i < count; i++) {
        g->at[i] = (fp_grid_vec){.limbs = limbs, .len = len, .digit = g->digits + i * each};
        mag_init(g->at[i].norm);
    }
}

void fp_grid_clear(fp_grid *g)
{
    for (size_t i = 0; i < g->count; i++)
        mag_clear(g->at[i].norm);
    free(g->at);
    free(g->digits);
    *g = (fp_grid){0};
}

int fp_grid_limbs_for(slong bits)
{
    return bits <= FP_GRID_BITS ? 1 : (int)((bits + FP_GRID_BITS - 1) / FP_GRID_BITS);
}

/* Largest exponent of an entry; false if one is not finite, *any false if all are 0. */
static bool largest_exponent(slong *e, bool *any, mpfr_ptr tmp, const fp_vec *x, size_t i, size_t len)
{
    *any = false;
    for (size_t r = 0; r < len; r++) {
        fp_vec_get(tmp, x, i + r);
        if (!mpfr_number_p(tmp))
            return false;
        if (mpfr_zero_p(tmp))
            continue;
        slong here = (slong)mpfr_get_exp(tmp);
        *e = !*any || here > *e ? here : *e;
        *any = true;
    }
    return !*any || (*e < EXPONENT_MAX && *e > -EXPONENT_MAX);
}

typedef struct {
    mpfr_ptr tmp;
    mpz_ptr z;
} scratch;

/* False: an entry does not fit with this exponent. */
static bool round_entries(fp_grid_vec *out, size_t *inexact, const fp_vec *x, size_t i, scratch *s)
{
    *inexact = 0;
    for (size_t r = 0; r < out->len; r++) {
        fp_vec_get(s->tmp, x, i + r);
        int underflow = mpfr_mul_2si(s->tmp, s->tmp, -out->exponent, MPFR_RNDN);
        *inexact += mpfr_get_z(s->z, s->tmp, MPFR_RNDN) != 0 || underflow != 0;
        mp_size_t limbs = (mp_size_t)mpz_size(s->z);
        if (!fp_grid_fits(mpz_limbs_read(s->z), limbs, out->limbs))
            return false;
        fp_grid_put(out, r, mpz_limbs_read(s->z), limbs, mpz_sgn(s->z) < 0);
    }
    return true;
}

bool fp_grid_from_vec(fp_grid_vec *out, mag_t error, const fp_vec *x, size_t i)
{
    slong e = 0;
    bool any, finite;
    size_t inexact = 0;
    mpfr_t tmp;
    mpz_t z;
    mpfr_init2(tmp, fp_vec_prec(x));
    mpz_init(z);
    fp_grid_zero(out);
    mag_zero(error);
    finite = largest_exponent(&e, &any, tmp, x, i, out->len);
    if (finite && any) {
        out->exponent = e - FP_GRID_BITS * (slong)out->limbs;
        while (!round_entries(out, &inexact, x, i, &(scratch){tmp, z}))
            out->exponent++;
        fp_grid_root_error(error, inexact, out->exponent - 1);
        fp_grid_renorm(out);
    }
    if (!finite)
        mag_inf(error);
    mpz_clear(z);
    mpfr_clear(tmp);
    return finite;
}

void fp_grid_to_vec(fp_vec *out, size_t i, const fp_grid_vec *x)
{
    mpfr_t value;
    arb_t ball;
    mpfr_init2(value, FP_GRID_BITS * (mpfr_prec_t)x->limbs);
    arb_init(ball);
    for (size_t r = 0; r < x->len; r++) {
        fp_grid_get_ball(ball, x, r);
        arf_get_mpfr(value, arb_midref(ball), MPFR_RNDN);
        fp_vec_set(out, i + r, value);
    }
    arb_clear(ball);
    mpfr_clear(value);
}

bool fp_grid_set_digits(fp_grid_vec *x, slong exponent, const int64_t *digit)
{
    size_t below = (size_t)(x->limbs - 1) * x->len, all = below + x->len;
    bool ok = exponent >= -(WORD(1) << 40) && exponent <= WORD(1) << 40;
    for (size_t r = 0; r < all && ok; r++) ok = digit[r] < FP_GRID_BASE && digit[r] >= (r < below ? 0 : 1 - FP_GRID_BASE);
    fp_grid_zero(x);
    if (!ok)
        return false;
    memcpy(x->digit, digit, all * sizeof *digit);
    x->exponent = exponent;
    fp_grid_renorm(x);
    return true;
}

void fp_grid_copy(fp_grid_vec *out, const fp_grid_vec *x)
{
    assert(out->len == x->len && out->limbs == x->limbs);
    memcpy(out->digit, x->digit, (size_t)x->limbs * x->len * sizeof *x->digit);
    out->exponent = x->exponent;
    mag_set(out->norm, x->norm);
}

void fp_grid_get_ball(arb_t out, const fp_grid_vec *x, size_t r)
{
    int64_t digit[FP_GRID_LIMBS_MAX];
    mp_limb_t limb[LIMBS_OF_ENTRY];
    bool negative = fp_grid_take(digit, x, r);
    mp_size_t limbs = fp_grid_pack(limb, digit, (size_t)x->limbs);
    fp_grid_set_arf(arb_midref(out), limb, limbs, negative, x->exponent);
    mag_zero(arb_radref(out));
}

/* The top digits that are not 0, 60 bits and more of them, decide: at most 2^-60 is cut off, then one rounding. */
static double leading_double(const int64_t *digit, int limbs, slong exponent)
{
    int top = limbs - 1;
    while (top > 0 && digit[top] == 0)
        top--;
    fp_wide two = digit[top];
    int low = top > 0 ? top - 1 : 0;
    if (top > 0)
        two = two * FP_GRID_BASE + digit[low];
    return ldexp((double)two, (int)(exponent + FP_GRID_BITS * (slong)low));
}

void fp_grid_to_doubles(double *out, slong *scale, const fp_grid_vec *x)
{
    enum { COMFORTABLE = 500 };
    slong size = FP_GRID_BITS * (slong)x->limbs, top = x->exponent + size;
    int64_t digit[FP_GRID_LIMBS_MAX];
    *scale = top >= -COMFORTABLE && top <= COMFORTABLE ? 0 : top;
    for (size_t r = 0; r < x->len; r++) {
        bool negative = fp_grid_take(digit, x, r);
        double value = leading_double(digit, x->limbs, x->exponent - *scale);
        out[r] = negative ? -value : value;
    }
}
