/* SPDX-License-Identifier: MIT */
/* Verdicts that hang on times: found ones, whose error counts, rounded ones, and what happens between samples. */
#include <math.h>

#include "../support/checker_rig.h"

static const fp_time_result *find_time(const rig *r, const char *name)
{
    for (size_t k = 0; k < r->results.times_count; k++)
        if (r->results.times[k].time->name && strcmp(r->results.times[k].time->name, name) == 0) return &r->results.times[k];
    ck_abort_msg("no time %s", name);
    return NULL;
}

/* G = u.v is (1 + rate t)^2 G(0) and comes to 4/9 of its start at t = 2/3 in the fine run; the coarse rate is 1/1000 off and its time 1/750. */
static const char *const falling[] = {"X.1",
                                      "time T = first t with G[1]^2 <= (16/81)*init(G[1]^2)\n"
                                      "time S = first t in [T, 2] with t >= 0\n"
                                      "time Z = last t in [0, 2] with G[1]^2 > (16/81)*init(G[1]^2)\n"
                                      "claim near: at T: t >= 6666/10000\n"
                                      "claim nearly: at Z: t <= 6667/10000\n"
                                      "claim chained: at S: t >= 6666/10000\n"
                                      "claim far: at T: t >= 1/2\n"
                                      "claim false: at T: t >= 3/4\n"
                                      "claim before: always [0, T]: t <= 6667/10000\n"
                                      "claim memory: always [1, 2]: at(T, t) <= 6667/10000\n"
                                      "claim state: at T: G[1]^2 <= (16/81 + 1/10^9)*init(G[1]^2)\n",
                                      NULL};

static void check_falling(double gap, double h, bool same_step)
{
    rig r;
    rig_begin(&r);
    r.rate = -0.5;
    r.gap = gap;
    rig_sheets(&r, falling);
    rig_checker(&r, NULL);
    rig_run(&r, h, 2);
    fp_checker_finish(&r.results, r.checker, true, NULL);
    double off = fabs(2.0 / 3 - 1 / (1.5 + -3 * gap));
    for (int k = 0; k < 3; k++) {
        const fp_time_result *time = find_time(&r, (const char *[]){"T", "S", "Z"}[k]);
        ck_assert_msg(time->found && fabs(mpfr_get_d(time->value, MPFR_RNDN) - 2.0 / 3) < 1e-15, "%d %.17g", time->found, mpfr_get_d(time->value, MPFR_RNDN));
        ck_assert_msg(mpfr_get_d(time->width, MPFR_RNDU) > off / 2, "width %g, wanted about %g", mpfr_get_d(time->width, MPFR_RNDU), off);
    }
    const char *const hidden[] = {"X.1/near", "X.1/nearly", "X.1/chained", "X.1/before", "X.1/memory"};
    for (int k = 0; k < 5; k++) rig_expect(&r, hidden[k], "undecided within-error");
    rig_expect(&r, "X.1/far", "supported");
    rig_expect(&r, "X.1/false", "violated");
    if (same_step) rig_expect(&r, "X.1/state", "supported"); /* the coarse run says the same at its own time */
    rig_end(&r);
}

START_TEST(the_error_of_a_found_time_is_in_the_error_estimate)
{
    check_falling(0.001, 0.375, true);
    check_falling(-0.001, 0.375, true);
}
END_TEST

/* A node at 667/1000 or 2/3 rounded up, and the coarse time beyond it. */
START_TEST(so_it_is_when_the_coarse_run_has_the_time_in_another_step)
{
    check_falling(0.001, 0.66667 / 2, false);
    check_falling(-0.001, 0.66666 / 2, false);
    check_falling(0.001, 0.66666, false);
    check_falling(-0.001, 0.66667, false);
}
END_TEST

START_TEST(rounded_times_decide_nothing_about_their_last_bit)
{
    rig r;
    rig_begin(&r);
    rig_check(&r, (const char *const[]){"X.1",
                                        "claim upto: always [0, 1/3]: t <= 1/3\n"
                                        "claim beyond: at 1/3: t > 1/3\n"
                                        "claim below: at 1/3: t < 1/3\n"
                                        "claim read: always [1, 2]: at(1/3, t) > 1/3\n"
                                        "claim nearly: at 1/3: t <= 1/3 + 1/10^36\n"
                                        "claim half: at 1/2: t <= 1/2\n"
                                        "claim more: at 1/2: t > 1/2\n",
                                        NULL});
    const char *const open[] = {"X.1/upto", "X.1/beyond", "X.1/below", "X.1/read"};
    for (int k = 0; k < 4; k++) rig_expect(&r, open[k], "undecided straddles-zero");
    rig_expect(&r, "X.1/nearly", "supported");
    rig_expect(&r, "X.1/half", "supported");
    rig_expect(&r, "X.1/more", "violated");
    rig_end(&r);
}
END_TEST

/* Nodes and middles are multiples of 3/16. */
START_TEST(kinks_between_samples_are_found)
{
    rig r;
    rig_begin(&r);
    rig_check(&r, (const char *const[]){"X.1",
                                        "claim inside: always [0, 2]: abs(t - 1/3) > 1/1000000\n"
                                        "claim behind: always [0, 2]: abs(t - 376/1000) > 1/1000000\n"
                                        "claim before: always [0, 2]: abs(t - 1124/1000) > 1/1000000\n"
                                        "claim skew: always [0, 2]: max(t - 1/3, 10*(1/3 - t)) > 1/1000000\n"
                                        "claim second: always [0, 2]: abs((t - 1/5)*(t - 31/20)) + (2-t)*t/1000000 > 1/10000000\n"
                                        "claim two: always [0, 2]: min(abs(t - 1/3) + 1, abs(t - 31/20)) > 1/1000000\n"
                                        "claim lifted: always [0, 2]: abs(t - 1/3) + 1/1000 > 1/10000\n"
                                        "claim touch: eventually [0, 2]: abs(t - 1/3) <= 0\n"
                                        "claim reach: eventually [0, 2]: abs(t - 1/3) <= 1/1000000\n"
                                        "claim miss: eventually [0, 2]: abs(t - 1/3) + 1/1000 <= 1/10000\n"
                                        "claim end: eventually [0, 2]: t >= 2 + 1/10000000\n",
                                        NULL});
    const char *const found[] = {"X.1/inside", "X.1/behind", "X.1/before", "X.1/skew", "X.1/two"};
    for (int k = 0; k < 5; k++) rig_expect(&r, found[k], "violated");
    ck_assert(fabs(mpfr_get_d(rig_result(&r, "X.1/inside")->tight_time, MPFR_RNDN) - 1.0 / 3) < 1e-6);
    rig_expect(&r, "X.1/second", "supported");
    rig_expect(&r, "X.1/lifted", "supported");
    rig_expect(&r, "X.1/touch", "undecided straddles-zero");
    rig_expect(&r, "X.1/reach", "supported");
    rig_expect(&r, "X.1/miss", "violated");
    rig_expect(&r, "X.1/end", "violated");
    rig_end(&r);
}
END_TEST

/* The runs' difference vanishes at t = 3/2 and there the fine run is off by 1e-9: the error of the window's other nodes counts. */
START_TEST(an_accidental_agreement_of_the_runs_does_not_count)
{
    rig r;
    rig_begin(&r);
    r.wave = 1e-6;
    rig_check(&r, (const char *const[]){"X.1",
                                        "claim kept: always [0, 2]: G[1]^2 <= init(G[1]^2)\n"
                                        "claim far: always [0, 2]: G[1]^2 <= 2*init(G[1]^2)\n",
                                        NULL});
    rig_expect(&r, "X.1/kept", "undecided within-error");
    rig_expect(&r, "X.1/far", "supported");
    rig_end(&r);
}
END_TEST

START_TEST(a_constant_that_no_value_satisfies_is_not_measured)
{
    rig r;
    rig_begin(&r);
    rig_check(&r, (const char *const[]){"X.1",
                                        "constant A = 2 smallest\nconstant B = 2 smallest\nconstant C = 2 smallest\nconstant D = 2 largest\n"
                                        "claim signs: for e in {-1, 1}: always [0, 2]: 3 + t <= A*e\n"
                                        "claim rest: always [0, 2]: 3 + t <= B and t <= 1\n"
                                        "claim squeezed: always [0, 2]: 3 + t <= C and C <= 4\n"
                                        "claim fits: always [0, 2]: D <= 3 + t and 1 <= D\n",
                                        NULL});
    const char *const none[] = {"X.1/signs", "X.1/rest", "X.1/squeezed"};
    for (int k = 0; k < 3; k++) {
        rig_expect(&r, none[k], "violated");
        ck_assert_msg(!rig_result(&r, none[k])->measured[0].known, "%s is measured", none[k]);
    }
    rig_expect(&r, "X.1/fits", "supported");
    ck_assert(rig_result(&r, "X.1/fits")->measured[0].known);
    rig_end(&r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check_times");
    TCase *tests = tcase_create("check_times");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, the_error_of_a_found_time_is_in_the_error_estimate);
    tcase_add_test(tests, so_it_is_when_the_coarse_run_has_the_time_in_another_step);
    tcase_add_test(tests, rounded_times_decide_nothing_about_their_last_bit);
    tcase_add_test(tests, kinks_between_samples_are_found);
    tcase_add_test(tests, an_accidental_agreement_of_the_runs_does_not_count);
    tcase_add_test(tests, a_constant_that_no_value_satisfies_is_not_measured);
    suite_add_tcase(suite, tests);
    return fp_test_main(suite);
}
