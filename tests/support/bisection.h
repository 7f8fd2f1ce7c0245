/* SPDX-License-Identifier: MIT */
#ifndef FP_TESTS_BISECTION_H
#define FP_TESTS_BISECTION_H

#include <mpfr.h>

/* [lo, hi], f(lo) < 0 <= f(hi), halved until it is at most `width` long. */
static void bisect(mpfr_ptr lo, mpfr_ptr hi, mpfr_srcptr width, void (*f)(mpfr_ptr value, mpfr_srcptr t, void *ctx), void *ctx)
{
    mpfr_t middle, value;
    mpfr_inits2(mpfr_get_prec(lo), middle, value, (mpfr_ptr)NULL);
    for (mpfr_sub(value, hi, lo, MPFR_RNDU); mpfr_greater_p(value, width); mpfr_sub(value, hi, lo, MPFR_RNDU)) {
        mpfr_add(middle, lo, hi, MPFR_RNDN);
        mpfr_div_2ui(middle, middle, 1, MPFR_RNDN);
        f(value, middle, ctx);
        mpfr_set(mpfr_sgn(value) < 0 ? lo : hi, middle, MPFR_RNDN);
    }
    mpfr_clears(middle, value, (mpfr_ptr)NULL);
}

#endif
