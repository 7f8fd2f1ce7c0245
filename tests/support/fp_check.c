/* SPDX-License-Identifier: MIT */
#include "fp_check.h"

#include <stdlib.h>
#include <string.h>

/* The sentences are never freed: a test that needs one ends with it. */

static void parse(mpq_t q, const char *decimal)
{
    mpq_init(q);
    if (!fp_rational_parse(q, decimal)) ck_abort_msg("test data is not a number: %s", decimal);
}

const char *fp_why_not_digits(mpfr_srcptr x, const char *decimal, long digits)
{
    mpq_t wanted, difference, bound;
    if (!mpfr_number_p(x)) return fp_asprintf("not finite; wanted %s", decimal);
    parse(wanted, decimal);
    mpq_inits(difference, bound, NULL);
    mpfr_get_q(difference, x);
    mpq_sub(difference, difference, wanted);
    mpq_abs(difference, difference);
    mpz_ui_pow_ui(mpq_denref(bound), 10, (unsigned long)digits);
    mpz_set_ui(mpq_numref(bound), 1);
    mpq_mul(bound, bound, wanted);
    mpq_abs(bound, bound);
    bool good = mpq_cmp(difference, bound) <= 0;
    mpq_clears(wanted, difference, bound, NULL);
    if (good) return NULL;
    char *found = fp_mpfr_text(x, digits + 5);
    const char *why = fp_asprintf("%s; wanted %s to %ld digits", found, decimal, digits);
    free(found);
    return why;
}

const char *fp_why_not_contains(const arb_t ball, const char *decimal)
{
    mpq_t wanted;
    fmpq_t q;
    parse(wanted, decimal);
    fmpq_init(q);
    fmpq_set_mpq(q, wanted);
    bool good = arb_contains_fmpq(ball, q);
    fmpq_clear(q);
    mpq_clear(wanted);
    if (good) return NULL;
    char *lower = fp_ball_lower_text(ball, 30), *upper = fp_ball_upper_text(ball, 30);
    const char *why = fp_asprintf("[%s, %s] does not contain %s", lower, upper, decimal);
    free(lower);
    free(upper);
    return why;
}

const char *fp_why_not_ok(fp_status status, const fp_error *err)
{
    return status == FP_OK ? NULL : fp_asprintf("%s: %s", fp_status_name(status), err->message);
}

const char *fp_why_not_text(char *owned, const char *expected)
{
    const char *why = NULL;
    if (strcmp(owned, expected) != 0) why = fp_asprintf("'%s'; wanted '%s'", owned, expected);
    free(owned);
    return why;
}

int fp_test_main(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    flint_cleanup();
    mpfr_free_cache();
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
