/* SPDX-License-Identifier: MIT */
/* What the files of the grid share: digits of 60 bits in and out of GMP's limbs. An unpacked integer is an array of digits in [0, 2^60), the last one signed. */
#ifndef FP_ARITH_GRID_IMPL_H
#define FP_ARITH_GRID_IMPL_H

#include "flowproof/grid.h"

__extension__ typedef __int128 fp_wide;

#define FP_GRID_BASE (INT64_C(1) << FP_GRID_BITS)
#define FP_GRID_MASK (FP_GRID_BASE - 1)

/* digits of the integer sum_c column[c] 2^(60 c), count >= columns + 2 of them */
void fp_grid_carry(int64_t *digit, size_t count, const fp_wide *column, size_t columns);
/* Replaces digits by those of the absolute value; true if it was negative. */
bool fp_grid_absolute(int64_t *digit, size_t count);
/* limbs of sum_i digit[i] 2^(60 i), digits in [0, 2^60); returns their number without leading zeros; room for 60 count/64 + 1 */
mp_size_t fp_grid_pack(mp_ptr limb, const int64_t *digit, size_t count);
/* 60 bits of an integer from bit `at` on; bits outside are 0, at may be negative */
int64_t fp_grid_bits_at(mp_srcptr limb, mp_size_t limbs, slong at);
/* out = +-(limbs) 2^exponent, exact */
void fp_grid_set_arf(arf_t out, mp_srcptr limb, mp_size_t limbs, bool negative, slong exponent);

/* Does an absolute value fit an entry of n digits? A little stricter than 60 n bits, so that its negative has a top digit above -2^60 too. */
bool fp_grid_fits(mp_srcptr limb, mp_size_t limbs, int n);
/* Entry r := +-(limbs), which fit. */
void fp_grid_put(fp_grid_vec *x, size_t r, mp_srcptr limb, mp_size_t limbs, bool negative);
/* Digits of |entry r|; true if it is negative. */
bool fp_grid_take(int64_t *digit, const fp_grid_vec *x, size_t r);
void fp_grid_zero(fp_grid_vec *x);
void fp_grid_renorm(fp_grid_vec *x);
/* >= sqrt(count) 2^exponent */
void fp_grid_root_error(mag_t out, size_t count, slong exponent);

#endif
