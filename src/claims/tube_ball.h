/* SPDX-License-Identifier: MIT */
/* Intervals as balls. A ball's radius has 30 bits, so an interval may have to be widened; here an end at or nearest to 0 never is, since that is where verdicts change. */
#ifndef FP_CLAIMS_TUBE_BALL_H
#define FP_CLAIMS_TUBE_BALL_H

#include "flowproof/arith.h"

/* [a, b], a <= b: exact if the radius can be, else with the end nearer to 0 exact. Not finite: indeterminate. */
void fp_ball_interval(arb_t out, const arf_t a, const arf_t b);
/* The hull of two balls. */
void fp_ball_hull(arb_t out, const arb_t a, const arb_t b);
/* x := the intersection of x and y, or what is left if y is indeterminate. False: they do not meet (x is left alone). */
bool fp_ball_meet(arb_t x, const arb_t y);
void fp_arf_middle(arf_t out, const arf_t a, const arf_t b); /* exact */
void fp_ball_lower(arf_t out, const arb_t x); /* exact; -inf, inf if x is not finite */
void fp_ball_upper(arf_t out, const arb_t x);

#endif
