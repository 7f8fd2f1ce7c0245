/* SPDX-License-Identifier: MIT */
/* What several unit tests need beside Check itself. The functions return NULL, or what is wrong; the macros turn that
 * into a failure at the caller's line. */
#ifndef FP_TESTS_CHECK_H
#define FP_TESTS_CHECK_H

#include <check.h>

#include "flowproof/arith.h"

/* |x - decimal| <= 10^-digits |decimal|, computed exactly; decimal is anything fp_rational_parse takes. */
const char *fp_why_not_digits(mpfr_srcptr x, const char *decimal, long digits);
const char *fp_why_not_contains(const arb_t ball, const char *decimal);
const char *fp_why_not_ok(fp_status status, const fp_error *err);
const char *fp_why_not_text(char *owned, const char *expected); /* frees owned */

#define fp_ck(why)                          \
    do {                                    \
        const char *why_ = (why);           \
        ck_assert_msg(!why_, "%s", why_);   \
    } while (0)
#define fp_ck_digits(x, decimal, digits) fp_ck(fp_why_not_digits(x, decimal, digits))
#define fp_ck_contains(ball, decimal) fp_ck(fp_why_not_contains(ball, decimal))
#define fp_ck_ok(call, err) fp_ck(fp_why_not_ok(call, err))
#define fp_ck_text(owned, expected) fp_ck(fp_why_not_text(owned, expected))

/* Runs the suite (CK_FORK=no is honoured) and returns main's result. */
int fp_test_main(Suite *suite);

#endif
