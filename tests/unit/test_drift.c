/* SPDX-License-Identifier: MIT */
/* The self-check of a run: what the flow conserves may drift with the steps, the energy identity may not. */
#include <stdio.h>
#include <string.h>

#include "../support/fp_check.h"

#include "flowproof/flow.h"

/* Drifts 2^a of a conserved quantity and 2^b of the energy identity, at tolerance 2^-40 and 128 bits: allowed are 2^-20 and 2^-64. NaN where an exponent is 99. */
static fp_status check(long a, long b, fp_error *err)
{
    fp_setting s;
    fp_drift d = {.count = 2};
    const long exponent[] = {a, b};
    static const char *const names[] = {"u u^T - m1 W_V W_V^T", "energy dLhat/dt + |grad Lhat|^2"};
    fp_setting_defaults(&s);
    ck_assert_int_eq(fp_rational_parse(s.tolerance, "1/1099511627776"), 1);
    for (int k = 0; k < 2; k++) {
        snprintf(d.at[k].name, sizeof d.at[k].name, "%s", names[k]);
        mpfr_init2(d.at[k].drift, 64);
        if (exponent[k] != 99) mpfr_set_si_2exp(d.at[k].drift, 1, exponent[k], MPFR_RNDN);
    }
    fp_status status = fp_drift_check(&d, s.tolerance, s.precision, err);
    for (int k = 0; k < 2; k++) mpfr_clear(d.at[k].drift);
    fp_setting_clear(&s);
    return status;
}

START_TEST(a_conserved_quantity_may_drift_by_the_root_of_the_tolerance)
{
    fp_error err;
    fp_ck_ok(check(-20, -65, &err), &err);
    ck_assert_int_eq(check(-19, -65, &err), FP_INTERNAL);
    ck_assert_ptr_nonnull(strstr(err.message, "self-check failed: u u^T"));
    ck_assert_int_eq(check(99, -65, &err), FP_INTERNAL);
}
END_TEST

START_TEST(the_energy_identity_may_be_off_by_rounding_only)
{
    fp_error err;
    fp_ck_ok(check(-30, -64, &err), &err);
    ck_assert_int_eq(check(-30, -63, &err), FP_INTERNAL);
    ck_assert_ptr_nonnull(strstr(err.message, "self-check failed: energy"));
    ck_assert_int_eq(check(-30, 99, &err), FP_INTERNAL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("drift");
    TCase *c = tcase_create("drift");
    tcase_add_test(c, a_conserved_quantity_may_drift_by_the_root_of_the_tolerance);
    tcase_add_test(c, the_energy_identity_may_be_off_by_rounding_only);
    suite_add_tcase(s, c);
    return fp_test_main(s);
}
