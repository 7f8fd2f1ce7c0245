/* SPDX-License-Identifier: MIT */
/* Exact vectors on a fixed-point grid: entry r is mantissa[r] * 2^exponent, one exponent a vector, mantissas of `limbs` digits of FP_GRID_BITS bits with sign.
 * Two operations carry the whole work of a Taylor step, both without any rounding inside: the dot product (an integer), and the combination
 * sum_s a_s x_s, where each ball a_s is replaced by an integer near its midpoint; what that and the final rounding to the grid leave out is returned as
 * one bound in the 2-norm. Nothing is said entry by entry, since a defect is wanted in the 2-norm only (certificate.md cites this file). */
#ifndef FLOWPROOF_GRID_H
#define FLOWPROOF_GRID_H

#include "flowproof/arith.h"

enum { FP_GRID_BITS = 60, FP_GRID_LIMBS_MAX = 64 };

typedef struct {
    int limbs;      /* per entry */
    size_t len;
    slong exponent; /* of the lowest bit */
    int64_t *digit; /* borrowed: digit[l * len + r], l = 0 the least; digits below the top are in [0, 2^60), the top one carries the sign, |top| < 2^60 */
    mag_t norm;     /* >= the 2-norm, kept up to date by every function that writes the vector */
} fp_grid_vec;

/* `count` vectors of one length and one number of limbs, all zero, contiguous. */
typedef struct {
    size_t count, len;
    int limbs;
    fp_grid_vec *at;
    int64_t *digits;
} fp_grid;
void fp_grid_init(fp_grid *g, size_t count, size_t len, int limbs);
void fp_grid_clear(fp_grid *g); /* accepts a zeroed object */

/* Digits needed so that numbers of `bits` bits lose nothing that matters: ceil(bits/60), at least 1. */
int fp_grid_limbs_for(slong bits);

/* x[i..i+len) rounded to the nearest grid numbers, the exponent chosen from the largest entry so that the digits are filled; *error >= 2-norm of what was lost (0: exact). False if an
 * entry is not finite. */
bool fp_grid_from_vec(fp_grid_vec *out, mag_t error, const fp_vec *x, size_t i);
void fp_grid_to_vec(fp_vec *out, size_t i, const fp_grid_vec *x); /* rounded to out's precision; exact if it has 60*limbs bits */
void fp_grid_copy(fp_grid_vec *out, const fp_grid_vec *x); /* same length and limbs */
/* x := these digits (layout of fp_grid_vec.digit), from a file: false, x = 0, if one is out of its range or |exponent| > 2^40. */
bool fp_grid_set_digits(fp_grid_vec *x, slong exponent, const int64_t *digit);
void fp_grid_get_ball(arb_t out, const fp_grid_vec *x, size_t r); /* exact */
/* Doubles nearest to the entries: relative error 2^-52 of each entry plus 2^-53 of the smallest normal number (flush-free); exponents beyond doubles: *scale receives a common power of two, value = out * 2^scale. */
void fp_grid_to_doubles(double *out, slong *scale, const fp_grid_vec *x);

/* out = sum_r x[r] y[r]: the exact integer, then rounded to prec (so the ball's radius is that rounding alone). Lengths and limbs equal. */
void fp_grid_dot(arb_t out, const fp_grid_vec *x, const fp_grid_vec *y, slong prec);
/* out += sum over s < count of x[s] . y[s] : a convolution term; exact accumulation where exponents allow, else one rounding per term to prec. */
void fp_grid_dots(arb_t out, const fp_grid_vec *const *x, const fp_grid_vec *const *y, size_t count, slong prec);

/* out = (sum_{s<count} a[s] x[s]) / divisor on the grid; *error >= 2-norm of (out - that sum) for every choice of reals a[s] in their balls. divisor >= 1. out must not be
 * one of the x. count = 0 gives 0. False (out = 0, error = inf) if some a[s] is not finite. Deterministic: independent of threads. */
bool fp_grid_combine(fp_grid_vec *out, mag_t error, const arb_struct *const *a, const fp_grid_vec *const *x, size_t count, unsigned long divisor);

#endif
