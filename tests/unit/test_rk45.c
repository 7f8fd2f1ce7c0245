/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "../support/rk45_bench.h"

enum { PREC = 128 };

/* 30 steps of 1/10 (rounded): at p bits the sum of 30 rounded terms below 3^5 is off by at most about 30 * 8 ulps, so by 3^5 2^(8-p), but not by 0; a
 * coefficient held in double would leave 2^-53 at every precision. */
START_TEST(a_polynomial_of_degree_5_is_exact_up_to_the_rounding_of_the_precision)
{
    static const mpfr_prec_t precs[] = {53, 64, 128, 256, 1000};
    bench b;
    mpfr_prec_t prec = precs[_i];
    bench_init(&b, &bench_quartic, prec);
    for (int i = 0; i < 30; i++)
        bench_step(&b, "0.1");
    mpfr_t y, exact;
    mpfr_inits2(prec + 64, y, exact, (mpfr_ptr)NULL);
    fp_vec_get(y, fp_rk45_state(b.rk), 0);
    mpfr_pow_ui(exact, fp_rk45_time(b.rk), 5, MPFR_RNDN);
    mpfr_sub(y, y, exact, MPFR_RNDN);
    mpfr_div(y, y, exact, MPFR_RNDN);
    ck_assert(mpfr_regular_p(y));
    ck_assert_msg(mpfr_get_exp(y) < 8 - prec, "2^%ld at %ld bits", (long)mpfr_get_exp(y), (long)prec);
    mpfr_clears(y, exact, (mpfr_ptr)NULL);
    bench_clear(&b);
}
END_TEST

START_TEST(dense_output_is_exact_for_degree_4_and_returns_the_stored_ends)
{
    bench b;
    bench_init(&b, &bench_cubic, PREC);
    bench_step(&b, "0.3");
    fp_vec_copy(b.b, fp_rk45_state(b.rk));
    bench_step(&b, "0.4");
    for (int i = 1; i < 8; i++) {
        mpfr_t y, exact;
        mpfr_inits2(PREC, y, exact, (mpfr_ptr)NULL);
        fp_set_decimal(b.t, "0.05");
        mpfr_mul_si(b.t, b.t, i, MPFR_RNDN);
        mpfr_add(b.t, b.t, fp_rk45_left_time(b.rk), MPFR_RNDN);
        fp_rk45_dense(b.a, b.rk, b.t);
        fp_vec_get(y, b.a, 0);
        mpfr_pow_ui(exact, b.t, 4, MPFR_RNDN);
        mpfr_sub(y, y, exact, MPFR_RNDN);
        ck_assert(mpfr_zero_p(y) || mpfr_get_exp(y) < 6 - PREC);
        mpfr_clears(y, exact, (mpfr_ptr)NULL);
    }
    fp_rk45_dense(b.a, b.rk, fp_rk45_left_time(b.rk));
    ck_assert(bench_same(b.a, b.b));
    fp_rk45_dense(b.a, b.rk, fp_rk45_time(b.rk));
    ck_assert(bench_same(b.a, fp_rk45_state(b.rk)));
    bench_clear(&b);
}
END_TEST

/* Error of the interpolant at 2/5 of one step of size h on y'' = -y, y = sin t. */
static double local_error(const char *h)
{
    bench b;
    mpfr_t y, exact;
    bench_init(&b, &bench_circle, PREC);
    mpfr_inits2(PREC, y, exact, (mpfr_ptr)NULL);
    bench_step(&b, h);
    mpfr_mul_ui(b.t, b.h, 2, MPFR_RNDN);
    mpfr_div_ui(b.t, b.t, 5, MPFR_RNDN);
    mpfr_sin(exact, b.t, MPFR_RNDN);
    fp_rk45_dense(b.a, b.rk, b.t);
    fp_vec_get(y, b.a, 0);
    mpfr_sub(y, y, exact, MPFR_RNDN);
    double error = fabs(mpfr_get_d(y, MPFR_RNDN));
    mpfr_clears(y, exact, (mpfr_ptr)NULL);
    bench_clear(&b);
    return error;
}

/* order p means a local error of h^(p+1) */
START_TEST(dense_output_has_order_4)
{
    double slope = log2(local_error("0.01") / local_error("0.005"));
    ck_assert_msg(fabs(slope - 5) < 0.2, "%g", slope);
}
END_TEST

START_TEST(a_trial_may_be_repeated_and_dense_output_leaves_no_trace)
{
    bench b, c;
    bench_init(&b, &bench_circle, PREC);
    bench_init(&c, &bench_circle, PREC);
    bench_step(&c, "0.1");
    fp_set_decimal(b.h, "0.7");
    fp_ck_ok(fp_rk45_try(b.rk, b.h, b.error, &b.err), &b.err);
    ck_assert(bench_same(fp_rk45_state(b.rk), b.y0) && mpfr_zero_p(fp_rk45_time(b.rk)));
    bench_step(&b, "0.1");
    ck_assert(bench_same(fp_rk45_state(b.rk), fp_rk45_state(c.rk)) && mpfr_equal_p(b.error, c.error));
    fp_set_decimal(b.t, "0.05");
    fp_rk45_dense(b.a, b.rk, b.t);
    bench_step(&b, "0.2");
    bench_step(&c, "0.2");
    ck_assert(bench_same(fp_rk45_state(b.rk), fp_rk45_state(c.rk)) && bench_same(fp_rk45_slope(b.rk), fp_rk45_slope(c.rk)));
    ck_assert_uint_eq(fp_rk45_evaluations(c.rk), 1 + 2 * 6);
    ck_assert_uint_eq(fp_rk45_evaluations(b.rk), 1 + 3 * 6);
    bench_clear(&b);
    bench_clear(&c);
}
END_TEST

/* The other stages do not see it, since f does not depend on y. */
START_TEST(one_slope_that_is_not_finite_spoils_the_step)
{
    bench_flaky f = {.bad = 4};
    bench b;
    bench_init(&b, &bench_constant_1, PREC);
    fp_ode_init(&f.ode, &bench_constant_1, PREC);
    fp_field field = {.dim = 1, .rhs = bench_flaky_rhs, .ctx = &f};
    fp_rk45 *rk = fp_rk45_new(&field, PREC, NULL);
    fp_ck_ok(fp_rk45_start(rk, b.t, b.y0, &b.err), &b.err);
    fp_set_decimal(b.h, "0.5");
    ck_assert_int_eq(fp_rk45_try(rk, b.h, b.error, &b.err), FP_NON_FINITE);
    ck_assert_str_eq(b.err.message, "a step from t = 0 of size 0.5 makes component 0 of the state not finite");
    fp_ck_ok(fp_rk45_try(rk, b.h, b.error, &b.err), &b.err);
    fp_rk45_free(rk);
    fp_ode_clear(&f.ode);
    bench_clear(&b);
}
END_TEST

START_TEST(a_step_that_does_not_move_the_time_is_an_underflow)
{
    bench b;
    bench_init(&b, &bench_circle, PREC);
    bench_step(&b, "1");
    fp_set_decimal(b.h, "1e-60");
    ck_assert_int_eq(fp_rk45_try(b.rk, b.h, b.error, &b.err), FP_STEP_UNDERFLOW);
    ck_assert_ptr_nonnull(strstr(b.err.message, "128 bits"));
    bench_clear(&b);
}
END_TEST

START_TEST(a_start_without_a_slope_is_refused)
{
    fp_ode o;
    fp_error err;
    mpfr_t t;
    fp_ode_init(&o, &bench_edge_at_start, PREC);
    fp_rk45 *rk = fp_rk45_new(&o.field, PREC, NULL);
    fp_vec *y = fp_ode_start(&o);
    mpfr_init2(t, PREC);
    mpfr_set_ui(t, 3, MPFR_RNDN);
    ck_assert_int_eq(fp_rk45_start(rk, t, y, &err), FP_NON_FINITE);
    ck_assert_str_eq(err.message, "component 0 of the derivative at t = 3 is not finite");
    mpfr_clear(t);
    fp_vec_free(y);
    fp_rk45_free(rk);
    fp_ode_clear(&o);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rk45");
    TCase *tc = tcase_create("stepper");
    tcase_set_timeout(tc, 30);
    tcase_add_loop_test(tc, a_polynomial_of_degree_5_is_exact_up_to_the_rounding_of_the_precision, 0, 5);
    tcase_add_test(tc, dense_output_is_exact_for_degree_4_and_returns_the_stored_ends);
    tcase_add_test(tc, dense_output_has_order_4);
    tcase_add_test(tc, a_trial_may_be_repeated_and_dense_output_leaves_no_trace);
    tcase_add_test(tc, one_slope_that_is_not_finite_spoils_the_step);
    tcase_add_test(tc, a_step_that_does_not_move_the_time_is_an_underflow);
    tcase_add_test(tc, a_start_without_a_slope_is_refused);
    suite_add_tcase(suite, tc);
    return fp_test_main(suite);
}
