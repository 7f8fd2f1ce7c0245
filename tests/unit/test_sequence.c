/* SPDX-License-Identifier: MIT */
/* Lists of numbers from text, and exact decimals. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "flowproof/arith.h"

#include "../support/fp_check.h"

static fp_error err;
enum { MOST = 1000000 };

static void parse(fp_rationals *out, const char *text)
{
    *out = (fp_rationals){0};
    ck_assert_msg(fp_rationals_parse(out, text, MOST, &err) == FP_OK, "%s: %s", text, err.message);
}

static void is_number(mpq_srcptr q, const char *text)
{
    char *found = fp_rational_decimal(q);
    ck_assert_str_eq(found, text);
    free(found);
}

static void refused(const char *text, const char *part)
{
    fp_rationals list = {0};
    ck_assert_msg(fp_rationals_parse(&list, text, MOST, &err) == FP_USAGE, "accepted: %s", text);
    ck_assert_msg(strstr(err.message, part), "%s: '%s' lacks '%s'", text, err.message, part);
    ck_assert_uint_eq(list.count, 0);
    fp_rationals_clear(&list);
}

START_TEST(a_range_includes_both_ends_exactly)
{
    static const struct {
        const char *text;
        size_t count;
        const char *last;
    } row[] = {
        {"0:64:1", 65, "64"},         {"0:1:0.1", 11, "1"},       {"0:1:1/3", 4, "1"},   {"0:1:0.3", 4, "0.9"},          {"5:5:1", 1, "5"},
        {"0 : 1 : 1/2", 3, "1"},      {"1e-3:2e-3:1e-4", 11, "0.002"}, {"1/3:1:1/3", 3, "1"}, {"0:0.999999:0.000001", 1000000, "0.999999"},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        fp_rationals list;
        parse(&list, row[i].text);
        ck_assert_msg(list.count == row[i].count, "%s: %zu points", row[i].text, list.count);
        is_number(list.x[list.count - 1], row[i].last);
        fp_rationals_clear(&list);
    }
    fp_rationals list;
    parse(&list, "0:1:0.1");
    is_number(list.x[3], "0.3");
    fp_rationals_clear(&list);
}
END_TEST

START_TEST(a_log_range_has_its_count_of_points_with_equal_ratios_and_exact_ends)
{
    fp_rationals list;
    parse(&list, "log 1:100:3");
    is_number(list.x[0], "1");
    is_number(list.x[1], "10");
    is_number(list.x[2], "100");
    fp_rationals_clear(&list);
    parse(&list, "log 1e-3:64:50");
    ck_assert_uint_eq(list.count, 50);
    is_number(list.x[0], "0.001");
    is_number(list.x[49], "64");
    for (size_t k = 1; k < 50; k++) { /* three roundings of 2^-53, and the quotient's */
        double ratio = mpq_get_d(list.x[k]) / mpq_get_d(list.x[k - 1]);
        ck_assert_msg(fabs(ratio / pow(64000, 1.0 / 49) - 1) < 1e-14, "%zu: %.17g", k, ratio);
    }
    fp_rationals_clear(&list);
    parse(&list, "log 1/3:2/3:2");
    ck_assert_uint_eq(list.count, 2);
    is_number(list.x[0], "1/3");
    is_number(list.x[1], "2/3");
    fp_rationals_clear(&list);
}
END_TEST

START_TEST(what_is_no_range_is_refused_with_what_is_allowed)
{
    refused("x", "found 'x': not a number");
    refused("", "not a number");
    refused("0:1", "three numbers; a range is FROM:TO:STEP");
    refused("0:1:2:3", "three numbers");
    refused("0::1", "three numbers");
    refused("0:1:", "three numbers");
    refused("log 1", "three numbers");
    refused("0:1:0", "the step is not above 0");
    refused("0:1:-1", "the step is not above 0");
    refused("1:0:1", "it begins after its end");
    refused("log 0:1:5", "does not begin above 0");
    refused("log 1:1:5", "does not end after its beginning");
    refused("log 1:2:1", "not a whole number from 2 on");
    refused("log 1:2:2.5", "not a whole number from 2 on");
    refused("0:1:1e-6", "more than the 1000000 points allowed");
    refused("0:1e100:1", "more than the 1000000 points allowed");
    refused("log 1:2:1000001", "more than the 1000000 points allowed");
    refused("log 1:2:1e300", "more than the 1000000 points allowed");
}
END_TEST

START_TEST(the_limit_counts_what_is_there_already)
{
    fp_rationals list = {0};
    ck_assert_int_eq(fp_rationals_parse(&list, "0:3:1", 5, &err), FP_OK);
    ck_assert_int_eq(fp_rationals_parse(&list, "0:1:1", 5, &err), FP_USAGE);
    ck_assert_int_eq(fp_rationals_parse(&list, "log 1:2:2", 5, &err), FP_USAGE);
    ck_assert_uint_eq(list.count, 4);
    ck_assert_int_eq(fp_rationals_parse(&list, "7", 5, &err), FP_OK);
    ck_assert_int_eq(fp_rationals_parse(&list, "8", 5, &err), FP_USAGE);
    ck_assert_uint_eq(list.count, 5);
    fp_rationals_clear(&list);
}
END_TEST

START_TEST(decimals_are_exact_and_can_be_read_again)
{
    static const char *const row[][2] = {{"1/2", "0.5"},     {"-1/8", "-0.125"}, {"12", "12"},   {"1/3", "1/3"},       {"-44/45", "-44/45"}, {"0", "0"},
                                         {"1e-30", "0.000000000000000000000000000001"}, {"1e-31", "1e-31"}, {"125e-40", "125e-40"}, {"1e3", "1000"}, {"0.10", "0.1"}};
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        mpq_t q, again;
        mpq_inits(q, again, NULL);
        ck_assert(fp_rational_parse(q, row[i][0]));
        char *text = fp_rational_decimal(q);
        ck_assert_str_eq(text, row[i][1]);
        ck_assert_msg(fp_rational_parse(again, text) && mpq_equal(q, again), "%s", text);
        free(text);
        mpq_clears(q, again, NULL);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sequence");
    TCase *tc = tcase_create("sequence");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, a_range_includes_both_ends_exactly);
    tcase_add_test(tc, a_log_range_has_its_count_of_points_with_equal_ratios_and_exact_ends);
    tcase_add_test(tc, what_is_no_range_is_refused_with_what_is_allowed);
    tcase_add_test(tc, the_limit_counts_what_is_there_already);
    tcase_add_test(tc, decimals_are_exact_and_can_be_read_again);
    suite_add_tcase(suite, tc);
    return fp_test_main(suite);
}
