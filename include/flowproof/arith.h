/* SPDX-License-Identifier: MIT */
/* Numbers of the trajectory (correctly rounded, MPFR semantics, arithmetic version 1), exact
 * rationals from text, balls (Arb) and truth values. Precision travels with the object; nobody calls
 * mpfr_set_default_prec. */
#ifndef FLOWPROOF_ARITH_H
#define FLOWPROOF_ARITH_H

#include <stdio.h> /* before gmp, mpfr */

#include <gmp.h>
#include <mpfr.h>

#include "flowproof/base.h"
#include "flowproof/ball.h"

enum { FP_ARITHMETIC_VERSION = 1, FP_PREC_MIN = 53, FP_PREC_MAX = 100000 };

/* ---- exact rationals. Accepts decimal integers, decimals, exponents ("-1.5e-3"), fractions ("44/45") of them.
 * False (q untouched) if text is not exactly one such number, its exponent exceeds +-100000, or a denominator is 0. */
bool fp_rational_parse(mpq_ptr q, const char *text);
char *fp_rational_text(mpq_srcptr q); /* "3/4", "12"; exact; owned by the caller */
void fp_mpfr_set_rational(mpfr_ptr x, mpq_srcptr q); /* rounded once, to nearest */
void fp_ball_set_rational(arb_t x, mpq_srcptr q, slong prec);

/* As a decimal if it has an exact one ("0.1", "64", "1e-31"), else as a fraction; can be parsed again; owned by the caller. */
char *fp_rational_decimal(mpq_srcptr q);

/* ---- lists of numbers from text */
typedef struct {
    mpq_t *x;
    size_t count;
} fp_rationals; /* {0} is empty */
void fp_rationals_add(fp_rationals *list, mpq_srcptr q);
void fp_rationals_clear(fp_rationals *list);
/* Appends what one item of a list stands for: a number; FROM:TO:STEP, that is FROM, FROM + STEP, ... up to TO, which is one of them if it is hit, exactly; log FROM:TO:COUNT, that is COUNT numbers
 * of equal ratios, the ends exact, those between rounded to 17 significant decimal digits. FP_USAGE: neither, or more than `most` numbers in out; then out is as before. */
fp_status fp_rationals_parse(fp_rationals *out, const char *text, size_t most, fp_error *err);

/* ---- elementary functions on trajectory numbers, correctly rounded to nearest on every library version: Arb with guard
 * bits, more of them until the ball decides. NaN and infinities as MPFR. Aliasing allowed. */
void fp_exp(mpfr_ptr out, mpfr_srcptr x);
void fp_log(mpfr_ptr out, mpfr_srcptr x);
/* g(z) = 1/(1+exp(z)) and log(1+exp(-z)) without cancellation or overflow, rounded to nearest. */
void fp_logistic(mpfr_ptr out, mpfr_srcptr z);
void fp_log_loss(mpfr_ptr out, mpfr_srcptr z);
/* The same two of balls, relative accuracy kept for large |z|; wide balls by their ends. */
void fp_ball_logistic(arb_t out, const arb_t z, slong prec);
void fp_ball_log_loss(arb_t out, const arb_t z, slong prec);

/* ---- small arrays of scalars: plain access */
typedef struct {
    size_t n;
    mpfr_prec_t prec;
    mpfr_ptr x; /* n numbers, contiguous, limbs contiguous too; owned */
    mp_limb_t *limbs;
} fp_reals;
void fp_reals_init(fp_reals *v, size_t n, mpfr_prec_t prec); /* all zero */
void fp_reals_clear(fp_reals *v);                            /* accepts a zeroed object */

/* ---- state vectors: an opaque block that owns length and precision. Only kernels touch its inside, so that a faster
 * representation can come behind the same functions. Offsets and lengths count elements and are the caller's duty
 * (asserted). Each operation is rounded to nearest at the vector's precision; sums run in index order. Outputs must not overlap inputs
 * unless said so. `tmp` is scratch of the same precision owned by the caller (one per thread). */
typedef struct fp_vec fp_vec;
fp_vec *fp_vec_new(size_t n, mpfr_prec_t prec); /* zeros */
void fp_vec_free(fp_vec *v);                    /* NULL allowed */
size_t fp_vec_len(const fp_vec *v);
mpfr_prec_t fp_vec_prec(const fp_vec *v);
void fp_vec_get(mpfr_ptr out, const fp_vec *v, size_t i); /* rounded to out's precision */
void fp_vec_set(fp_vec *v, size_t i, mpfr_srcptr x);      /* rounded to v's precision */
void fp_vec_set_d(fp_vec *v, size_t i, double x);         /* exact: prec >= 53 */
void fp_vec_get_ball(arb_t out, const fp_vec *v, size_t i); /* exact */
void fp_vec_get_balls(arb_ptr out, const fp_vec *v, size_t i, size_t n); /* exact, n of them */
void fp_vec_copy(fp_vec *out, const fp_vec *v); /* lengths equal; rounds if out is less precise */
void fp_vec_zero(fp_vec *v, size_t i, size_t n);
/* out = sum_{r<n} x[i+r] * y[j+r], mul then add, starting from 0. */
void fp_vec_dot(mpfr_ptr out, const fp_vec *x, size_t i, const fp_vec *y, size_t j, size_t n, mpfr_ptr tmp);
/* y[j+r] += a * x[i+r] */
void fp_vec_axpy(fp_vec *y, size_t j, mpfr_srcptr a, const fp_vec *x, size_t i, size_t n, mpfr_ptr tmp);
/* y[j+r] = a * x[i+r] */
void fp_vec_scale(fp_vec *y, size_t j, mpfr_srcptr a, const fp_vec *x, size_t i, size_t n);
/* out[r] = y[r] + sum_s coef[s] * k[s][r] for lo <= r < hi, terms in order s; coef[s] exactly 0 is skipped. y may be NULL (0) or out. */
void fp_vec_lincomb(fp_vec *out, const fp_vec *y, const fp_reals *coef, fp_vec *const k[], size_t count,
                    size_t lo, size_t hi, mpfr_ptr tmp);
bool fp_vec_is_finite(const fp_vec *v);

/* ---- decimal output. `digits` significant digits, round to nearest, scientific "d.ddde-05", never a trailing garbage digit:
 * digits <= floor(prec*log10(2)). Returned text is owned by the caller. */
char *fp_mpfr_text(mpfr_srcptr x, long digits);
long fp_digits_of(mpfr_prec_t prec); /* floor((prec-1)*log10 2) */

#endif
