/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "grid_impl.h"

void fp_grid_carry(int64_t *digit, size_t count, const fp_wide *column, size_t columns)
{
    fp_wide carry = 0;
    for (size_t c = 0; c < count; c++) {
        if (c < columns)
            carry += column[c];
        if (c + 1 == count)
            digit[c] = (int64_t)carry;
        else
            digit[c] = (int64_t)(carry & FP_GRID_MASK);
        carry >>= FP_GRID_BITS;
    }
}

bool fp_grid_absolute(int64_t *digit, size_t count)
{
    if (digit[count - 1] >= 0)
        return false;
    int64_t borrow = 0;
    for (size_t c = 0; c + 1 < count; c++) {
        int64_t d = -digit[c] - borrow;
        borrow = d < 0;
        digit[c] = d + borrow * FP_GRID_BASE;
    }
    digit[count - 1] = -digit[count - 1] - borrow;
    return true;
}

mp_size_t fp_grid_pack(mp_ptr limb, const int64_t *digit, size_t count)
{
    mp_limb_t low = 0;
    unsigned have = 0;
    mp_size_t size = 0;
    for (size_t c = 0; c < count; c++) {
        mp_limb_t d = (mp_limb_t)digit[c];
        low |= d << have;
        if (have + FP_GRID_BITS < FLINT_BITS) {
            have += FP_GRID_BITS;
            continue;
        }
        limb[size++] = low;
        unsigned used = FLINT_BITS - have;
        low = used < FP_GRID_BITS ? d >> used : 0;
        have = FP_GRID_BITS - used;
    }
    if (low != 0)
        limb[size++] = low;
    while (size > 0 && limb[size - 1] == 0)
        size--;
    return size;
}

int64_t fp_grid_bits_at(mp_srcptr limb, mp_size_t limbs, slong at)
{
    if (at <= -FP_GRID_BITS || at >= FLINT_BITS * limbs)
        return 0;
    if (at < 0)
        return (int64_t)((limb[0] << -at) & (mp_limb_t)FP_GRID_MASK);
    mp_size_t i = at / FLINT_BITS;
    unsigned shift = (unsigned)(at % FLINT_BITS);
    mp_limb_t x = limb[i] >> shift;
    if (shift > FLINT_BITS - FP_GRID_BITS && i + 1 < limbs)
        x |= limb[i + 1] << (FLINT_BITS - shift);
    return (int64_t)(x & (mp_limb_t)FP_GRID_MASK);
}

void fp_grid_set_arf(arf_t out, mp_srcptr limb, mp_size_t limbs, bool negative, slong exponent)
{
    if (limbs == 0) {
        arf_zero(out);
        return;
    }
    arf_set_mpn(out, limb, limbs, negative);
    arf_mul_2exp_si(out, out, exponent);
}

bool fp_grid_fits(mp_srcptr limb, mp_size_t limbs, int n)
{
    slong bits = limbs == 0 ? 0 : FLINT_BITS * (slong)(limbs - 1) + (slong)FLINT_BIT_COUNT(limb[limbs - 1]);
    return bits <= FP_GRID_BITS * (slong)n && fp_grid_bits_at(limb, limbs, FP_GRID_BITS * (slong)(n - 1)) < FP_GRID_MASK;
}

void fp_grid_put(fp_grid_vec *x, size_t r, mp_srcptr limb, mp_size_t limbs, bool negative)
{
    int64_t borrow = 0;
    for (int l = 0; l < x->limbs; l++) {
        int64_t d = fp_grid_bits_at(limb, limbs, FP_GRID_BITS * (slong)l);
        if (negative) {
            d = -d - borrow;
            borrow = d < 0 && l + 1 < x->limbs;
            d += borrow * FP_GRID_BASE;
        }
        x->digit[(size_t)l * x->len + r] = d;
    }
}

bool fp_grid_take(int64_t *digit, const fp_grid_vec *x, size_t r)
{
    for (int l = 0; l < x->limbs; l++)
        digit[l] = x->digit[(size_t)l * x->len + r];
    return fp_grid_absolute(digit, (size_t)x->limbs);
}

void fp_grid_zero(fp_grid_vec *x)
{
    memset(x->digit, 0, (size_t)x->limbs * x->len * sizeof *x->digit);
    x->exponent = 0;
    mag_zero(x->norm);
}

/* Squares of the top digits, rounded up to multiples of 2^20: with full digits the bound is too large by a factor of at most 1 + sqrt(len) 2^-38 (and mag_t's 2^-28). */
void fp_grid_renorm(fp_grid_vec *x)
{
    enum { DROP = 20 };
    __extension__ typedef unsigned __int128 square;
    square sum = 0;
    const int64_t *top = x->digit + (size_t)(x->limbs - 1) * x->len;
    bool zero = true;
    for (size_t r = 0; r < x->len; r++) {
        uint64_t t = ((uint64_t)(top[r] < 0 ? -top[r] : top[r]) >> DROP) + 1;
        sum += (square)t * t;
    }
    for (size_t r = 0; zero && r < (size_t)x->limbs * x->len; r++)
        zero = x->digit[r] == 0;
    if (zero) {
        mag_zero(x->norm);
        return;
    }
    mag_set_ui_2exp_si(x->norm, (ulong)(sum >> 64), 64);
    mag_add_ui(x->norm, x->norm, (ulong)sum);
    mag_sqrt(x->norm, x->norm);
    mag_mul_2exp_si(x->norm, x->norm, x->exponent + FP_GRID_BITS * (slong)(x->limbs - 1) + DROP);
}

void fp_grid_root_error(mag_t out, size_t count, slong exponent)
{
    mag_set_ui(out, count);
    mag_sqrt(out, out);
    mag_mul_2exp_si(out, out, exponent);
}
