/* SPDX-License-Identifier: MIT */
/* What a user meets: values of times, margins and constants, the start, hypotheses, twins, order and probability lines. */
#include <math.h>

#include "../support/tube_rig.h"

/* Only t moves. */
static void begin_still(tube_rig *t)
{
    tube_begin(t);
    t->mock[0].still = t->mock[1].still = true;
}

static void check_still(tube_rig *t, const char *const *list)
{
    begin_still(t);
    tube_check(t, list);
}

static void expect_all(const tube_rig *t, const char *const list[][2])
{
    for (; (*list)[0]; list++) tube_expect(t, (*list)[0], (*list)[1]);
}

/* The bracket of a found time contains its value and is that narrow. */
static void expect_time(const tube_rig *t, const char *name, double value, double width)
{
    for (size_t k = 0; k < t->results.times_count; k++) {
        const fp_time_result *r = &t->results.times[k];
        if (strcmp(r->time->name, name) != 0) continue;
        double high = mpfr_get_d(r->value, MPFR_RNDU), wide = mpfr_get_d(r->width, MPFR_RNDU);
        ck_assert_msg(r->found && wide <= width && fabs(high - value) <= width, "%s: found %d, %.17g, width %g", name, r->found, high, wide);
        return;
    }
    ck_abort_msg("no time %s", name);
}

static double tight_time(const tube_rig *t, const char *id)
{
    return mpfr_get_d(tube_result(t, id)->tight_time, MPFR_RNDN);
}

/* Steps are 3/8, so that steps and their halves end at multiples of 3/16 and never at 1: the failure at t = 1 is narrower than 10^-4. */
START_TEST(narrow_failures_are_found_wherever_they_are)
{
    tube_rig t;
    check_still(&t, (const char *const[]){"X.1",
                                          "claim narrow: always [0, 2]: (t-1)^2 >= 1/1000000000\n"
                                          "claim sign: always [0, 2]: for e in {1, 2}: (t-1)^2 + e - 1 - 1/1000000000 >= 0\n"
                                          "claim left: always [0, 2]: (t-28/25)^2 >= 1/1000000000\n"
                                          "claim right: always [0, 2]: (t-113/100)^2 >= 1/1000000000\n"
                                          "claim never: eventually [0, 2]: (t-1)^2 <= -1\n"
                                          "claim once: eventually [0, 2]: (t-1)^2 <= 1/1000000000\n",
                                          NULL});
    expect_all(&t, (const char *const[][2]){{"X.1/narrow", "refuted"}, {"X.1/sign", "refuted"}, {"X.1/left", "refuted"}, {"X.1/right", "refuted"}, {"X.1/never", "refuted"}, {"X.1/once", "proved"}, {NULL, NULL}});
    ck_assert(fabs(tight_time(&t, "X.1/narrow") - 1) < 1e-4);
    ck_assert(fabs(tight_time(&t, "X.1/left") - 1.12) < 1e-4); /* just left of 9/8 */
    ck_assert(fabs(tight_time(&t, "X.1/right") - 1.13) < 1e-4);
    tube_end(&t);
}
END_TEST

START_TEST(kinks_are_no_obstacle_but_where_they_touch)
{
    tube_rig t;
    check_still(&t, (const char *const[]){"X.1",
                                          "claim inside: always [0, 2]: abs(t - 1/3) > 1/1000000\n"
                                          "claim behind: always [0, 2]: abs(t - 376/1000) > 1/1000000\n"
                                          "claim before: always [0, 2]: abs(t - 1124/1000) > 1/1000000\n"
                                          "claim skew: always [0, 2]: max(t - 1/3, 10*(1/3 - t)) > 1/1000000\n"
                                          "claim second: always [0, 2]: abs((t - 1/5)*(t - 31/20)) + (2-t)*t/1000000 > 1/10000000\n"
                                          "claim two: always [0, 2]: min(abs(t - 1/3) + 1, abs(t - 31/20)) > 1/1000000\n"
                                          "claim lifted: always [0, 2]: abs(t - 1/3) + 1/1000 > 1/10000\n"
                                          "claim reach: eventually [0, 2]: abs(t - 1/3) <= 1/1000000\n"
                                          "claim miss: eventually [0, 2]: abs(t - 1/3) + 1/1000 <= 1/10000\n"
                                          "claim end: eventually [0, 2]: t >= 2 + 1/10000000\n"
                                          "claim touch: eventually [0, 2]: abs(t - 1/3) <= 0\n",
                                          NULL});
    expect_all(&t, (const char *const[][2]){{"X.1/inside", "refuted"}, {"X.1/behind", "refuted"}, {"X.1/before", "refuted"}, {"X.1/skew", "refuted"}, {"X.1/two", "refuted"}, {"X.1/second", "proved"},
                                            {"X.1/lifted", "proved"}, {"X.1/reach", "proved"}, {"X.1/miss", "refuted"}, {"X.1/end", "refuted"}, {NULL, NULL}});
    ck_assert_int_eq(tube_result(&t, "X.1/touch")->verdict, FP_UNDECIDED);
    tube_end(&t);
}
END_TEST

START_TEST(named_times_are_found_to_a_narrow_bracket)
{
    tube_rig t;
    check_still(&t, (const char *const[]){"X.1",
                                          "time T = first t with t^2 >= 2\n"
                                          "time U = first t in [T, 2] with t >= 3/2\n"
                                          "time Z = first t with t >= 0\n"
                                          "time W = last t in [0, 2] with t < 1/2 or (t > 1 and t < 5/4)\n"
                                          "claim first: at U: t >= at(T, t) + at(Z, t)\n"
                                          "claim last: at W: t >= 1\n",
                                          NULL});
    expect_time(&t, "T", sqrt(2), 1e-15);
    expect_time(&t, "U", 1.5, 1e-15);
    expect_time(&t, "Z", 0, 1e-15);
    expect_time(&t, "W", 1.25, 1e-15);
    tube_end(&t);
}
END_TEST

START_TEST(times_without_a_binary_end_decide_nothing_about_their_last_bit)
{
    tube_rig t;
    check_still(&t, (const char *const[]){"X.1",
                                          "claim upto: always [0, 1/3]: t <= 1/3\n"
                                          "claim beyond: at 1/3: t > 1/3\n"
                                          "claim below: at 1/3: t < 1/3\n"
                                          "claim read: always [1, 2]: at(1/3, t) > 1/3\n"
                                          "claim nearly: at 1/3: t <= 1/3 + 1/10^36\n"
                                          "claim half: at 1/2: t <= 1/2\n"
                                          "claim more: at 1/2: t > 1/2\n",
                                          NULL});
    const char *const open[] = {"X.1/upto", "X.1/beyond", "X.1/below", "X.1/read"};
    for (int k = 0; k < 4; k++) ck_assert_msg(tube_result(&t, open[k])->verdict == FP_UNDECIDED, "%s", open[k]);
    expect_all(&t, (const char *const[][2]){{"X.1/nearly", "proved"}, {"X.1/half", "proved"}, {"X.1/more", "refuted"}, {NULL, NULL}});
    tube_end(&t);
}
END_TEST

START_TEST(premises_are_counted)
{
    tube_rig t;
    check_still(&t, (const char *const[]){"X.1", "claim real: always [0, 2]: t > 1 implies t >= 1/2\n", NULL});
    const fp_claim_result *real = tube_result(&t, "X.1/real");
    tube_expect(&t, "X.1/real", "proved");
    ck_assert_uint_gt(real->premises_true, 0);
    ck_assert_uint_gt(real->premises, real->premises_true);
    tube_end(&t);
}
END_TEST

START_TEST(a_constant_that_no_value_satisfies_is_not_measured)
{
    tube_rig t;
    check_still(&t, (const char *const[]){"X.1",
                                          "constant A = 2 smallest\nconstant B = 2 smallest\nconstant C = 2 smallest\nconstant D = 2 largest\n"
                                          "claim signs: for e in {-1, 1}: always [0, 2]: 3 + t <= A*e\n"
                                          "claim rest: always [0, 2]: 3 + t <= B and t <= 1\n"
                                          "claim squeezed: always [0, 2]: 3 + t <= C and C <= 4\n"
                                          "claim fits: always [0, 2]: D <= 3 + t and 1 <= D\n",
                                          NULL});
    const char *const none[] = {"X.1/signs", "X.1/rest", "X.1/squeezed"};
    for (int k = 0; k < 3; k++) {
        tube_expect(&t, none[k], "violated");
        ck_assert_msg(!tube_result(&t, none[k])->measured[0].known, "%s is measured", none[k]);
    }
    tube_expect(&t, "X.1/fits", "proved");
    ck_assert(tube_result(&t, "X.1/fits")->measured[0].known);
    tube_end(&t);
}
END_TEST

/* The first steps change G[1] by far more than the radius, except at t = 0, where it is known exactly. */
START_TEST(margins_within_the_radius_decide_nothing)
{
    tube_rig t;
    begin_still(&t);
    t.mock[0].noise = t.mock[1].noise = 1e-7;
    tube_check(&t, (const char *const[]){"X.1",
                                         "claim near: always (0, 2]: G[1]^2 <= init(G[1])^2 + 1/10^12\n"
                                         "claim far: always [1, 2]: G[1]^2 <= init(G[1])^2 + 1/100\n"
                                         "claim false: at 1: G[1]^2 <= init(G[1])^2 - 1/100\n"
                                         "claim other: at 1: G[1] = G[2]\n",
                                         NULL});
    expect_all(&t, (const char *const[][2]){{"X.1/near", "undecided straddles-zero"}, {"X.1/far", "proved"}, {"X.1/false", "refuted"}, {"X.1/other", "refuted"}, {NULL, NULL}});
    tube_end(&t);
}
END_TEST

START_TEST(claims_about_the_start_are_proved_or_refuted_and_requires_is_heard)
{
    tube_rig t;
    check_still(&t, (const char *const[]){"X.1",
                                          "constant B = 1/2 smallest\n"
                                          "claim sizes: n == 6\n"
                                          "claim loss: initially: loss > 0\n"
                                          "claim wrong: initially: for i in samples: G[1] > 100\n"
                                          "claim same: initially: S1 + S2 = S2 + S1\n"
                                          "claim constant: n <= B\n",
                                          "X.2", "requires n >= 7\nclaim any: always [0, 2]: t >= 0\n", NULL});
    expect_all(&t, (const char *const[][2]){{"X.1/sizes", "proved"}, {"X.1/loss", "proved"}, {"X.1/wrong", "refuted"}, {"X.1/same", "supported"}, {"X.1/constant", "violated"},
                                            {"X.2/any", "not-applicable requires"}, {NULL, NULL}}); /* 'there is a constant' is never refuted */
    ck_assert_int_eq(tube_result(&t, "X.1/loss")->evidence, FP_EVIDENCE_ENCLOSURE);
    ck_assert_str_ne(tube_result(&t, "X.1/wrong")->binding, "");
    fp_ck_contains(tube_result(&t, "X.1/constant")->measured[0].measured, "6");
    ck_assert_ptr_nonnull(strstr(tube_result(&t, "X.2/any")->detail, "n >= 7"));
    ck_assert_int_eq(fp_gate_exit(&t.results, false), 1);
    tube_end(&t);
}
END_TEST

/* Those that `only` selects, to the end. */
static void check_only(tube_rig *t, const char *only, size_t selected)
{
    fp_results_clear(&t->results);
    fp_tube_checker_free(t->checker);
    t->options.only = only;
    fp_ck_ok(fp_tube_checker_new(&t->checker, &t->options, &t->err), &t->err);
    ck_assert_uint_eq(fp_tube_checker_selected(t->checker), selected);
    tube_run(t, 0.375, 2);
    ck_assert(fp_tube_checker_is_done(t->checker));
    tube_finish(t, true, "");
}

START_TEST(failing_hypotheses_mark_claims_and_globs_must_match)
{
    tube_rig t;
    begin_still(&t);
    tube_prepare(&t, (const char *const[]){"X.1", "assumes X.2\nclaim a: always [0, 2]: t >= 0\n", "X.2", "claim bad: always [0, 2]: t <= 1\n", "X.3",
                                           "assumes X.4/*\nclaim c: always [0, 2]: t >= 0\n", "X.4", "claim good: always [0, 2]: t <= 2\n", NULL});
    check_only(&t, "X.[!]", 0);
    check_only(&t, "X.1", 1);
    ck_assert(tube_result(&t, "X.1/a")->outside_hypotheses);
    tube_expect(&t, "X.1/a", "proved");
    check_only(&t, "X.3/c", 1);
    ck_assert(!tube_result(&t, "X.3/c")->outside_hypotheses);
    tube_end(&t);
    begin_still(&t);
    tube_prepare(&t, (const char *const[]){"X.1", "assumes X.2/no*\nclaim a: always [0, 2]: t >= 0\n", "X.2", "claim b: always [0, 2]: t >= 0\n", NULL});
    ck_assert_int_eq(fp_tube_checker_new(&t.checker, &t.options, &t.err), FP_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(t.err.message, "'X.2/no*'"));
    tube_end(&t);
    begin_still(&t);
    tube_prepare(&t, (const char *const[]){"X.1", "assumes Y.9/*\nclaim a: always [0, 2]: t >= 0\n", NULL});
    check_only(&t, "X.1/a", 1);
    ck_assert_msg(tube_result(&t, "X.1/a")->outside_hypotheses, "a hypothesis whose sheet was not read is not shown");
    tube_end(&t);
}
END_TEST

START_TEST(twins_are_checked_in_place_of_their_originals)
{
    tube_rig t;
    begin_still(&t);
    t.options.twins = true;
    tube_check(&t, (const char *const[]){"X.1", "claim a: always [0, 2]: t <= 2\nclaim b: always [0, 2]: t >= 0\n", "twin X.1", "claim a: always [0, 2]: t <= 1\n", NULL});
    ck_assert_uint_eq(t.results.claims_count, 1);
    tube_expect(&t, "X.1/a", "refuted");
    ck_assert_int_eq(fp_gate_exit(&t.results, false), 0);
    tube_end(&t);
}
END_TEST

START_TEST(orders_and_probabilities_are_deferred_with_what_this_run_shows)
{
    tube_rig t;
    check_still(&t, (const char *const[]){"X.1",
                                          "claim a: always [0, 2]: t >= 0\nclaim b: always [0, 2]: t <= 1\n"
                                          "order size: always [0, 2]: 1 + t is O(2)\n"
                                          "probability all: claims X.1/* hold with probability >= 1 - delta\n"
                                          "probability one: claims X.1/a hold with probability >= 1 - delta\n"
                                          "probability cond: claims X.1/a hold with probability >= 1 - delta given X.1/b\n",
                                          NULL});
    tube_expect(&t, "X.1/size", "deferred");
    const fp_claim_result *size = tube_result(&t, "X.1/size");
    ck_assert(size->has_ratio);
    fp_ck_contains(size->ratio_least, "1/2");
    fp_ck_contains(size->ratio_greatest, "3/2");
    ck_assert_str_eq(tube_result(&t, "X.1/all")->detail, "this run: X.1/b refuted");
    ck_assert_str_eq(tube_result(&t, "X.1/one")->detail, "this run: all 1 claims held");
    ck_assert_ptr_nonnull(strstr(tube_result(&t, "X.1/cond")->detail, "outside the event"));
    tube_end(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check");
    TCase *tests = tcase_create("check");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, narrow_failures_are_found_wherever_they_are);
    tcase_add_test(tests, kinks_are_no_obstacle_but_where_they_touch);
    tcase_add_test(tests, named_times_are_found_to_a_narrow_bracket);
    tcase_add_test(tests, times_without_a_binary_end_decide_nothing_about_their_last_bit);
    tcase_add_test(tests, premises_are_counted);
    tcase_add_test(tests, a_constant_that_no_value_satisfies_is_not_measured);
    tcase_add_test(tests, margins_within_the_radius_decide_nothing);
    tcase_add_test(tests, claims_about_the_start_are_proved_or_refuted_and_requires_is_heard);
    tcase_add_test(tests, failing_hypotheses_mark_claims_and_globs_must_match);
    tcase_add_test(tests, twins_are_checked_in_place_of_their_originals);
    tcase_add_test(tests, orders_and_probabilities_are_deferred_with_what_this_run_shows);
    suite_add_tcase(suite, tests);
    return fp_test_main(suite);
}
