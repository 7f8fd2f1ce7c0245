/* SPDX-License-Identifier: MIT */
/* Decimal text with a chosen rounding direction; private to src/arith. */
#ifndef FP_ARITH_DECIMAL_H
#define FP_ARITH_DECIMAL_H

#include "flowproof/arith.h"

/* x to `digits` >= 1 significant digits, "-1.2345e-07"; "0", "-0", "nan", "inf", "-inf". Caller frees. */
char *fp_decimal_text(mpfr_srcptr x, long digits, mpfr_rnd_t rounding);
long fp_decimal_digits(long bits); /* floor(bits * log10 2), bits in [0, 10^5] */

#endif
