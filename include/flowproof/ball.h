/* SPDX-License-Identifier: MIT */
/* The one place that includes Arb (FLINT 2 with Arb beside it, or FLINT 3), and the only comparisons that decide
 * anything: true, false or unknown. NaN is unknown. */
#ifndef FLOWPROOF_BALL_H
#define FLOWPROOF_BALL_H

#include <stdbool.h>

#include <flint/fmpq.h>
#if __FLINT_VERSION >= 3
#include <mpfr.h> /* FLINT 3 declares what speaks MPFR only after it */
#include <flint/arb.h>
#include <flint/arb_hypgeom.h>
#include <flint/arb_mat.h>
#include <flint/arb_poly.h>
#include <flint/mag.h>
#else
#include <arb.h>
#include <arb_hypgeom.h>
#include <arb_mat.h>
#include <arb_poly.h>
#include <mag.h>
#endif

typedef enum { FP_FALSE = 0, FP_TRUE = 1, FP_UNKNOWN = 2 } fp_truth; /* never write !t */

fp_truth fp_truth_not(fp_truth a);
fp_truth fp_truth_and(fp_truth a, fp_truth b);
fp_truth fp_truth_or(fp_truth a, fp_truth b);

fp_truth fp_ball_le(const arb_t a, const arb_t b); /* a <= b for all points / for none / unknown */
fp_truth fp_ball_lt(const arb_t a, const arb_t b);
fp_truth fp_ball_is_nonnegative(const arb_t a);
fp_truth fp_ball_is_positive(const arb_t a);

/* Outward-rounded decimals of the ends ("-1.2345e-07"), caller frees. digits >= 1. Non-finite: "nan", "-inf", "inf". */
char *fp_ball_lower_text(const arb_t a, long digits);
char *fp_ball_upper_text(const arb_t a, long digits);
/* Exact hexadecimal form (Arb's dump string): round-trips. Caller frees. */
char *fp_ball_hex(const arb_t a);
/* Midpoint with as many digits as the radius supports (at most `digits`), for people: "1.234e-05". Caller frees. */
char *fp_ball_text(const arb_t a, long digits);
/* Every number in a, rounded to nearest, has these significant digits (at most `digits`): "0.1250", or "1.25e-07" when small or large. *reached: how many; if 0 the text is
 * an interval "[-1.1e-03, 2.3e-04]" around a, or "unbounded". Caller frees. */
char *fp_ball_rounded_text(const arb_t a, long digits, long *reached);

#endif
