/* SPDX-License-Identifier: MIT */
/* Intervals with exact rational ends. Balls round every radius up, so a product of [0, 1] with itself reaches a little below 0; here its lower end is 0. What touches, such as x*y >= 0 on the unit square
 * or G[1] <= 3/2 with equality, is decided by such ends or not at all.
 *
 * Contract of every operation: out contains every value that it takes where the operands range over theirs. An end is exact while its numerator and denominator have at most digits->exact bits together, else
 * it is rounded outward to digits->prec bits; ends beyond 2^(+-16384) become infinite or 0, outward. Functions that are not rational (exp, log, roots of what is no square) are rounded outward too.
 * out may be an operand. Not defined: somewhere in the operands there may be no value (1/0, log(0)); all that is computed from it is not defined either, and decides nothing. */
#ifndef FLOWPROOF_INTERVAL_H
#define FLOWPROOF_INTERVAL_H

#include "flowproof/arith.h"

typedef struct {
    bool defined;
    bool low_infinite, high_infinite; /* no bound on that side: that end is then not read */
    fmpq_t low, high;
} fp_interval;

typedef struct {
    slong exact, prec;
} fp_digits;

void fp_interval_init(fp_interval *x); /* [0, 0] */
void fp_interval_clear(fp_interval *x);
void fp_interval_set(fp_interval *out, const fp_interval *a);
void fp_interval_set_si(fp_interval *out, slong a);
void fp_interval_set_rational(fp_interval *out, mpq_srcptr a);
void fp_interval_set_point(fp_interval *out, const fmpq_t a);
void fp_interval_set_arf(fp_interval *out, const arf_t a, const fp_digits *digits);
/* Exact if the ball is; not finite: not defined. */
void fp_interval_set_ball(fp_interval *out, const arb_t a, const fp_digits *digits);
void fp_interval_undefine(fp_interval *out);
/* A ball around it, whose sign is known where that of the interval is: 0 stays 0, and an end 0 stays an end. */
void fp_interval_get_ball(arb_t out, const fp_interval *a, slong prec);

bool fp_interval_is_point(const fp_interval *a); /* one exact number */
bool fp_interval_is_zero(const fp_interval *a);
bool fp_interval_is_finite(const fp_interval *a); /* defined, too */
/* Of all its numbers; unknown where it is not defined. */
fp_truth fp_interval_is_nonnegative(const fp_interval *a);
fp_truth fp_interval_is_positive(const fp_interval *a);
/* Every number of a is at most every number of b. */
bool fp_interval_all_le(const fp_interval *a, const fp_interval *b);

void fp_interval_neg(fp_interval *out, const fp_interval *a);
void fp_interval_add(fp_interval *out, const fp_interval *a, const fp_interval *b, const fp_digits *digits);
void fp_interval_sub(fp_interval *out, const fp_interval *a, const fp_interval *b, const fp_digits *digits);
/* 0 times an end without bound is 0: the numbers in between are finite. */
void fp_interval_mul(fp_interval *out, const fp_interval *a, const fp_interval *b, const fp_digits *digits);
void fp_interval_div(fp_interval *out, const fp_interval *a, const fp_interval *b, const fp_digits *digits); /* not defined if 0 is in b */
void fp_interval_hull(fp_interval *out, const fp_interval *a, const fp_interval *b);
void fp_interval_meet(fp_interval *out, const fp_interval *a, const fp_interval *b); /* both contain what is meant, so they meet */
void fp_interval_max(fp_interval *out, const fp_interval *a, const fp_interval *b);
void fp_interval_min(fp_interval *out, const fp_interval *a, const fp_interval *b);
void fp_interval_abs(fp_interval *out, const fp_interval *a);

/* ---- interval_function.c */
void fp_interval_exp(fp_interval *out, const fp_interval *a, const fp_digits *digits);
void fp_interval_log(fp_interval *out, const fp_interval *a, const fp_digits *digits);
void fp_interval_sqrt(fp_interval *out, const fp_interval *a, const fp_digits *digits);
/* a^k, where a^0 = 1, even for a = 0. */
void fp_interval_pow_si(fp_interval *out, const fp_interval *a, slong k, const fp_digits *digits);
/* a^b for any b: by pow_si where b is an integer below 2^30, else for a > 0, or a >= 0 if b > 0. */
void fp_interval_pow(fp_interval *out, const fp_interval *a, const fp_interval *b, const fp_digits *digits);
/* a^b over those numbers of a that are positive (slopes of powers, which have none at 0). */
void fp_interval_pow_inside(fp_interval *out, const fp_interval *a, const fp_interval *b, const fp_digits *digits);
/* b if it is one integer below 2^30. */
bool fp_interval_is_whole(slong *k, const fp_interval *b);

#endif
