/* SPDX-License-Identifier: MIT */
#ifndef FP_ARITH_INTERVAL_IMPL_H
#define FP_ARITH_INTERVAL_IMPL_H

#include "flowproof/interval.h"

enum { FP_EXPONENT_MOST = 1 << 14 };

/* x as the upper (lower) end of an interval, outward if its exponent is beyond FP_EXPONENT_MOST. */
void fp_end_set_arf(fmpq_t out, bool *infinite, const arf_t x, bool upper);
/* Shortens the ends as the top of interval.h says. */
void fp_interval_trim(fp_interval *x, const fp_digits *digits);
/* 1/a, exact; not defined if 0 is in a */
void fp_interval_inv(fp_interval *out, const fp_interval *a);

#endif
