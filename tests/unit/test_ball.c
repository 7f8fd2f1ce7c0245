/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "../support/fp_check.h"

/* ---- truth values: the strong logic of Kleene, as tables */

START_TEST(truth_tables_are_those_of_kleene)
{
    static const fp_truth and_[3][3] = {{FP_FALSE, FP_FALSE, FP_FALSE},
                                        {FP_FALSE, FP_TRUE, FP_UNKNOWN},
                                        {FP_FALSE, FP_UNKNOWN, FP_UNKNOWN}};
    static const fp_truth or_[3][3] = {{FP_FALSE, FP_TRUE, FP_UNKNOWN},
                                       {FP_TRUE, FP_TRUE, FP_TRUE},
                                       {FP_UNKNOWN, FP_TRUE, FP_UNKNOWN}};
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) {
            ck_assert_int_eq(fp_truth_and((fp_truth)a, (fp_truth)b), and_[a][b]);
            ck_assert_int_eq(fp_truth_or((fp_truth)a, (fp_truth)b), or_[a][b]);
        }
    ck_assert_int_eq(fp_truth_not(FP_TRUE), FP_FALSE);
    ck_assert_int_eq(fp_truth_not(FP_FALSE), FP_TRUE);
    ck_assert_int_eq(fp_truth_not(FP_UNKNOWN), FP_UNKNOWN);
}
END_TEST

/* ---- comparisons */

/* Exactly [lo, hi] / 4: Arb's own conversion from an interval rounds the radius up. */
static void set_interval(arb_t x, slong lo, slong hi)
{
    arf_set_si_2exp_si(arb_midref(x), lo + hi, -3);
    mag_set_ui_2exp_si(arb_radref(x), (ulong)(hi - lo), -3);
}

static fp_truth expected(bool always, bool never)
{
    return always ? FP_TRUE : never ? FP_FALSE : FP_UNKNOWN;
}

START_TEST(comparisons_of_intervals_are_true_false_or_unknown)
{
    arb_t a, b;
    arb_init(a);
    arb_init(b);
    for (long i = -2; i <= 2; i++)
        for (long j = i; j <= 2; j++) {
            set_interval(a, i, j);
            ck_assert_int_eq(fp_ball_is_nonnegative(a), expected(i >= 0, j < 0));
            ck_assert_int_eq(fp_ball_is_positive(a), expected(i > 0, j <= 0));
            for (long k = -2; k <= 2; k++)
                for (long l = k; l <= 2; l++) {
                    set_interval(b, k, l);
                    ck_assert_int_eq(fp_ball_le(a, b), expected(j <= k, i > l));
                    ck_assert_int_eq(fp_ball_lt(a, b), expected(j < k, i >= l));
                }
        }
    arb_clear(a);
    arb_clear(b);
}
END_TEST

static void expect_all_unknown(const arb_t a, const arb_t b)
{
    ck_assert_int_eq(fp_ball_le(a, b), FP_UNKNOWN);
    ck_assert_int_eq(fp_ball_lt(a, b), FP_UNKNOWN);
    ck_assert_int_eq(fp_ball_le(b, a), FP_UNKNOWN);
    ck_assert_int_eq(fp_ball_lt(b, a), FP_UNKNOWN);
}

START_TEST(nan_and_the_whole_line_decide_nothing)
{
    arb_t nan, line, one, inf, nan_ball;
    arb_init(nan), arb_init(line), arb_init(one), arb_init(inf), arb_init(nan_ball);
    arb_indeterminate(nan);
    arf_nan(arb_midref(nan_ball)); /* NaN with radius 0, as a state may hold */
    arb_zero_pm_inf(line);
    arb_one(one);
    arb_pos_inf(inf);
    expect_all_unknown(nan, one), expect_all_unknown(nan, nan), expect_all_unknown(nan, inf);
    expect_all_unknown(nan_ball, one), expect_all_unknown(nan_ball, nan_ball), expect_all_unknown(nan_ball, inf);
    expect_all_unknown(line, one), expect_all_unknown(line, line), expect_all_unknown(nan, line);
    ck_assert_int_eq(fp_ball_is_nonnegative(nan), FP_UNKNOWN);
    ck_assert_int_eq(fp_ball_is_positive(nan), FP_UNKNOWN);
    ck_assert_int_eq(fp_ball_is_nonnegative(nan_ball), FP_UNKNOWN);
    ck_assert_int_eq(fp_ball_is_positive(nan_ball), FP_UNKNOWN);
    ck_assert_int_eq(fp_ball_is_nonnegative(line), FP_UNKNOWN);
    ck_assert_int_eq(fp_ball_is_positive(line), FP_UNKNOWN);
    arb_clear(nan), arb_clear(line), arb_clear(one), arb_clear(inf), arb_clear(nan_ball);
}
END_TEST

START_TEST(infinities_compare_as_limits)
{
    arb_t one, inf, minus;
    arb_init(one), arb_init(inf), arb_init(minus);
    arb_one(one);
    arb_pos_inf(inf);
    arb_neg_inf(minus);
    ck_assert_int_eq(fp_ball_lt(one, inf), FP_TRUE);
    ck_assert_int_eq(fp_ball_lt(inf, one), FP_FALSE);
    ck_assert_int_eq(fp_ball_lt(minus, inf), FP_TRUE);
    ck_assert_int_eq(fp_ball_le(inf, inf), FP_TRUE);
    ck_assert_int_eq(fp_ball_lt(inf, inf), FP_FALSE);
    ck_assert_int_eq(fp_ball_is_positive(inf), FP_TRUE);
    ck_assert_int_eq(fp_ball_is_nonnegative(minus), FP_FALSE);
    arb_clear(one), arb_clear(inf), arb_clear(minus);
}
END_TEST

START_TEST(a_difference_of_one_bit_far_down_is_seen)
{
    arb_t a, b;
    arb_init(a);
    arb_init(b);
    arb_one(a);
    arb_mul_2exp_si(b, a, -100000);
    arb_add(b, b, a, ARF_PREC_EXACT);
    ck_assert_int_eq(fp_ball_lt(a, b), FP_TRUE);
    ck_assert_int_eq(fp_ball_le(b, a), FP_FALSE);
    arb_clear(a);
    arb_clear(b);
}
END_TEST

/* ---- text */

static void random_ball(arb_t x, flint_rand_t state)
{
    arb_randtest_special(x, state, 200, 12);
}

/* Is the end written as `text` outside the ball, on the side that `below` names? */
static bool is_outward(const arb_t x, const char *text, bool below)
{
    mpq_t q;
    arb_t end;
    mpq_init(q);
    arb_init(end);
    bool good = fp_rational_parse(q, text);
    ck_assert_msg(good, "%s", text);
    fp_ball_set_rational(end, q, 4000);
    good = below ? arb_le(end, x) || arb_overlaps(end, x) : arb_ge(end, x) || arb_overlaps(end, x);
    /* the decimal may lie on the end itself, where the enclosure of the decimal cannot be told from it; both are
     * fractions with less than 2000 bits, so 4000 bits separate them otherwise */
    if (good && arb_overlaps(end, x) && mag_cmp_2exp_si(arb_radref(end), 0) < 0) {
        arb_t touch;
        arb_init(touch);
        if (below)
            arb_get_lbound_arf(arb_midref(touch), x, ARF_PREC_EXACT);
        else
            arb_get_ubound_arf(arb_midref(touch), x, ARF_PREC_EXACT);
        good = below ? !arb_gt(end, touch) : !arb_lt(end, touch);
        arb_clear(touch);
    }
    mpq_clear(q);
    arb_clear(end);
    return good;
}

START_TEST(printed_ends_enclose_the_ball)
{
    flint_rand_t state;
    arb_t x;
    flint_randinit(state);
    arb_init(x);
    for (int round = 0; round < 5000; round++) {
        long digits = 1 + round % 25;
        random_ball(x, state);
        char *lower = fp_ball_lower_text(x, digits), *upper = fp_ball_upper_text(x, digits);
        if (arb_is_finite(x)) {
            ck_assert_msg(is_outward(x, lower, true), "lower %s of round %d", lower, round);
            ck_assert_msg(is_outward(x, upper, false), "upper %s of round %d", upper, round);
        } else {
            ck_assert_msg(strpbrk(lower, "0123456789") == NULL || strcmp(upper, "inf") == 0, "[%s, %s]", lower, upper);
        }
        free(lower);
        free(upper);
    }
    arb_clear(x);
    flint_randclear(state);
}
END_TEST

START_TEST(ends_are_as_tight_as_their_digits_allow)
{
    arb_t x;
    mpq_t q;
    arb_init(x);
    mpq_init(q);
    fp_rational_parse(q, "1/3");
    fp_ball_set_rational(x, q, 200);
    fp_ck_text(fp_ball_lower_text(x, 5), "3.3333e-01");
    fp_ck_text(fp_ball_upper_text(x, 5), "3.3334e-01");
    arb_neg(x, x);
    fp_ck_text(fp_ball_lower_text(x, 5), "-3.3334e-01");
    fp_ck_text(fp_ball_upper_text(x, 1), "-3e-01");
    arb_set_d(x, 0.5);
    fp_ck_text(fp_ball_lower_text(x, 3), "5.00e-01");
    fp_ck_text(fp_ball_upper_text(x, 3), "5.00e-01");
    arb_set_si(x, 99999);
    fp_ck_text(fp_ball_upper_text(x, 3), "1.00e+05");
    arb_zero(x);
    fp_ck_text(fp_ball_lower_text(x, 3), "0");
    mpq_clear(q);
    arb_clear(x);
}
END_TEST

START_TEST(non_finite_ends_are_words)
{
    arb_t x;
    arb_init(x);
    arb_indeterminate(x);
    fp_ck_text(fp_ball_lower_text(x, 5), "nan");
    fp_ck_text(fp_ball_upper_text(x, 5), "nan");
    fp_ck_text(fp_ball_text(x, 5), "nan");
    arb_zero_pm_inf(x);
    fp_ck_text(fp_ball_lower_text(x, 5), "-inf");
    fp_ck_text(fp_ball_upper_text(x, 5), "inf");
    fp_ck_text(fp_ball_text(x, 5), "0 +/- inf");
    arb_neg_inf(x);
    fp_ck_text(fp_ball_lower_text(x, 5), "-inf");
    fp_ck_text(fp_ball_upper_text(x, 5), "-inf");
    fp_ck_text(fp_ball_text(x, 5), "-inf");
    arb_pos_inf(x);
    mag_inf(arb_radref(x)); /* Arb's other way to write the whole line */
    fp_ck_text(fp_ball_text(x, 5), "0 +/- inf");
    arb_clear(x);
}
END_TEST

START_TEST(huge_and_tiny_ends_are_printed_without_delay)
{
    arb_t x;
    fmpz_t e;
    arb_init(x);
    fmpz_init(e);
    arb_one(x);
    arb_mul_2exp_si(x, x, 1000000000000000);
    /* 10^15 log10(2) = 301029995663981.195213..., and 10^0.195213738894724 = 1.5675... */
    fp_ck_text(fp_ball_lower_text(x, 4), "1.567e+301029995663981");
    fp_ck_text(fp_ball_upper_text(x, 4), "1.568e+301029995663981");
    fmpz_ui_pow_ui(e, 10, 40); /* beyond the exponents of MPFR */
    arb_one(x);
    arb_mul_2exp_fmpz(x, x, e);
    fp_ck_text(fp_ball_upper_text(x, 4), "inf");
    fmpz_neg(e, e);
    arb_one(x);
    arb_mul_2exp_fmpz(x, x, e);
    fp_ck_text(fp_ball_lower_text(x, 4), "0");
    fmpz_clear(e);
    arb_clear(x);
}
END_TEST

START_TEST(the_hexadecimal_form_comes_back_unchanged)
{
    flint_rand_t state;
    arb_t x, y;
    flint_randinit(state);
    arb_init(x);
    arb_init(y);
    for (int round = 0; round < 2000; round++) {
        random_ball(x, state);
        char *hex = fp_ball_hex(x);
        ck_assert_int_eq(arb_load_str(y, hex), 0);
        ck_assert_msg(arb_equal(x, y) || arf_is_nan(arb_midref(x)), "%s", hex);
        free(hex);
    }
    arb_clear(x);
    arb_clear(y);
    flint_randclear(state);
}
END_TEST

static void expect_ball_text(double mid, double rad, const char *text)
{
    arb_t x;
    arb_init(x);
    arb_set_d(x, mid);
    mag_set_d(arb_radref(x), rad);
    fp_ck_text(fp_ball_text(x, 6), text);
    arb_clear(x);
}

START_TEST(a_ball_is_printed_with_the_digits_its_radius_supports)
{
    expect_ball_text(1.5, 0, "1.50000e+00");
    expect_ball_text(1.5, 1e-30, "1.50000e+00");
    expect_ball_text(1.2345678, 1e-4, "1.23e+00");
    expect_ball_text(-1.2345678e-5, 1e-9, "-1.23e-05");
    expect_ball_text(0, 0, "0");
    expect_ball_text(0, 0.25, "0 +/- 2.6e-01");
    expect_ball_text(1, 3, "0 +/- 4.1e+00");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("ball");
    TCase *c = tcase_create("ball");
    tcase_set_timeout(c, 60);
    tcase_add_test(c, truth_tables_are_those_of_kleene);
    tcase_add_test(c, comparisons_of_intervals_are_true_false_or_unknown);
    tcase_add_test(c, nan_and_the_whole_line_decide_nothing);
    tcase_add_test(c, infinities_compare_as_limits);
    tcase_add_test(c, a_difference_of_one_bit_far_down_is_seen);
    tcase_add_test(c, printed_ends_enclose_the_ball);
    tcase_add_test(c, ends_are_as_tight_as_their_digits_allow);
    tcase_add_test(c, non_finite_ends_are_words);
    tcase_add_test(c, huge_and_tiny_ends_are_printed_without_delay);
    tcase_add_test(c, the_hexadecimal_form_comes_back_unchanged);
    tcase_add_test(c, a_ball_is_printed_with_the_digits_its_radius_supports);
    suite_add_tcase(s, c);
    return fp_test_main(s);
}
