/* SPDX-License-Identifier: MIT */
/* Named times that do not exist, or may not, on enclosures: what is said of them and of what depends on them. */
#include "../support/tube_rig.h"

static void check_all(tube_rig *t, const char *const expected[][2])
{
    for (; (*expected)[0]; expected++) tube_expect(t, (*expected)[0], (*expected)[1]);
}

static const fp_time_result *time_named(const tube_rig *t, const char *name)
{
    for (size_t k = 0; k < t->results.times_count; k++)
        if (strcmp(t->results.times[k].time->name, name) == 0) return &t->results.times[k];
    ck_abort_msg("no time %s", name);
    return NULL;
}

/* reason "": found */
static void check_time(const tube_rig *t, const char *name, const char *reason)
{
    const fp_time_result *r = time_named(t, name);
    ck_assert_msg(r->found == (reason[0] == 0) && strcmp(r->reason, reason) == 0, "%s: %s %s", name, r->found ? "found" : "not found", r->reason);
}

static void begin_still(tube_rig *t)
{
    tube_begin(t);
    t->mock[0].still = t->mock[1].still = true;
}

START_TEST(a_last_time_needs_a_time_at_which_the_condition_holds)
{
    tube_rig t;
    begin_still(&t);
    tube_check(&t, (const char *const[]){"X.1",
                                         "time Never = last t in [0, 2] with t > 5\n"
                                         "time Start = last t in [0, 2] with t <= 0\n"
                                         "time Point = last t in [0, 2] with (t - 3/8)^2 <= 0\n"
                                         "time Hidden = last t in [0, 2] with (t - 1/3)^2 <= 0\n"
                                         "time Held = last t in [0, 1] with t <= 1\n"
                                         "time Edge = last t in [0, 1/3] with t < 1/3\n"
                                         "time Near = last t in [0, 1] with t < 1\n"
                                         "claim never: at Never: t >= 0\n"
                                         "claim start: at Start: t <= 1/10^9\n"
                                         "claim from_start: always [Start, 2]: t >= 0\n"
                                         "claim point: at Point: abs(t - 3/8) <= 1/10^9\n"
                                         "claim hidden: always [Hidden, 2]: t >= 0\n"
                                         "claim hidden_false: always [Hidden, 2]: t < 0\n"
                                         "claim held: at Held: t >= 0\n"
                                         "claim edge: at Edge: t >= 0\n"
                                         "claim near: at Near: abs(t - 1) <= 1/10^9\n",
                                         NULL});
    static const char *const expected[][2] = {{"X.1/never", "undecided time-not-reached"}, {"X.1/start", "proved"}, {"X.1/from_start", "proved"}, {"X.1/point", "proved"},
                                              {"X.1/hidden", "undecided straddles-zero"}, {"X.1/hidden_false", "undecided straddles-zero"}, {"X.1/held", "undecided time-not-reached"},
                                              {"X.1/edge", "undecided straddles-zero"}, {"X.1/near", "proved"}, {NULL, NULL}};
    check_all(&t, expected);
    check_time(&t, "Never", "time-not-reached");
    check_time(&t, "Start", "");
    check_time(&t, "Hidden", "straddles-zero");
    check_time(&t, "Held", "time-not-reached");
    check_time(&t, "Edge", "straddles-zero");
    tube_end(&t);
}
END_TEST

START_TEST(times_that_are_not_reached_take_with_them_what_depends_on_them)
{
    tube_rig t;
    begin_still(&t);
    tube_check(&t, (const char *const[]){"X.1",
                                         "constant C = 1 smallest\n"
                                         "time None = first t in [0, 2] with t >= 3\n"
                                         "time Inside = first t in [0, None] with t >= 1/2\n"
                                         "time Nested = first t in [Inside, 2] with t >= 1\n"
                                         "time Reads = first t in [0, 2] with t >= 1 or at(Inside, t) >= 2\n"
                                         "time Last = last t in [0, None] with t <= 1\n"
                                         "time Empty = first t in [1/2, 1/4] with t >= 0\n"
                                         "time EmptyLast = last t in [1/2, 1/4] with t >= 0\n"
                                         "time Early = first t with t >= 1/4\n"
                                         "time Late = first t with t >= 1/2\n"
                                         "time Backwards = first t in [Late, Early] with t >= 0\n"
                                         "claim inside: at Inside: t <= 1\n"
                                         "claim nested: at Nested: t <= 1\n"
                                         "claim reads: at Reads: t <= 1\n"
                                         "claim last: always [Last, 2]: t >= 0\n"
                                         "claim empty: at Empty: t >= 0\n"
                                         "claim empty_last: at EmptyLast: t >= 0\n"
                                         "claim backwards: at Backwards: t >= 0\n"
                                         "claim until: always [0, None]: t >= 0\n"
                                         "claim until_false: always [0, None]: t <= 1\n"
                                         "claim until_once: eventually [0, None]: t >= 1\n"
                                         "claim since: always [Inside, 2]: t >= 0\n"
                                         "claim since_false: always [Inside, 2]: t <= 1\n"
                                         "claim remembers: always [1, 2]: at(Inside, t) <= C\n"
                                         "claim remembers_false: always [1, 2]: at(Inside, t) >= C\n"
                                         "claim remembers_once: eventually [1, 2]: at(Inside, t) <= 1\n"
                                         "claim timeless: initially: at(Inside, t) <= 1\n"
                                         "order ratio: always [Inside, 2]: t is O(1)\n",
                                         NULL});
    static const char *const lost[] = {"inside", "nested", "reads", "last", "empty", "empty_last", "backwards", "until", "until_false", "until_once", "since", "since_false",
                                       "remembers", "remembers_false", "remembers_once", "timeless"};
    for (size_t k = 0; k < sizeof lost / sizeof *lost; k++) {
        char *id = fp_asprintf("X.1/%s", lost[k]);
        tube_expect(&t, id, "undecided time-not-reached");
        ck_assert_msg(!tube_result(&t, id)->has_margin, "%s shows a margin", id);
        free(id);
    }
    ck_assert(!tube_result(&t, "X.1/remembers")->measured[0].known);
    ck_assert(tube_result(&t, "X.1/ratio")->verdict == FP_DEFERRED && !tube_result(&t, "X.1/ratio")->has_ratio);
    static const char *const times[] = {"None", "Inside", "Nested", "Reads", "Last", "Empty", "EmptyLast", "Backwards"};
    for (size_t k = 0; k < sizeof times / sizeof *times; k++) check_time(&t, times[k], "time-not-reached");
    check_time(&t, "Late", "");
    tube_end(&t);
}
END_TEST

/* The search for Far goes on when the run ends; the constant end 5 of another exists all the same. */
START_TEST(a_search_that_is_not_over_shows_no_time)
{
    tube_rig t;
    begin_still(&t);
    tube_check(&t, (const char *const[]){"X.1",
                                         "time Far = first t in [0, 5] with t >= 3\n"
                                         "time Inside = first t in [0, Far] with t >= 1/2\n"
                                         "time Unclear = first t in [0, 1] with (t - 1/3)^2 <= 0\n"
                                         "time Within = first t in [0, Unclear] with t >= 1/4\n"
                                         "time Found = first t in [0, 5] with t >= 1/2\n"
                                         "claim inside: at Inside: t <= 1\n"
                                         "claim until_false: always [0, Far]: t <= 1\n"
                                         "claim until_once: eventually [0, Far]: t >= 1\n"
                                         "claim within: at Within: t <= 1\n"
                                         "claim constant_end: at Found: t <= 1\n"
                                         "claim constant_false: always [0, 5]: t <= 1\n",
                                         NULL});
    static const char *const expected[][2] = {{"X.1/inside", "undecided time-not-reached"}, {"X.1/until_false", "undecided time-not-reached"}, {"X.1/until_once", "undecided time-not-reached"},
                                              {"X.1/within", "undecided straddles-zero"}, {"X.1/constant_end", "proved"}, {"X.1/constant_false", "refuted"}, {NULL, NULL}};
    check_all(&t, expected);
    check_time(&t, "Within", "straddles-zero");
    tube_end(&t);
}
END_TEST

START_TEST(the_run_goes_on_until_it_is_known_whether_a_time_exists)
{
    tube_rig t;
    begin_still(&t);
    tube_open(&t, (const char *const[]){"X.1",
                                        "time Far = first t with t >= 5/4\n"
                                        "time Inside = first t in [0, Far] with t >= 1/4\n"
                                        "claim inside: at Inside: t <= 1\n",
                                        NULL});
    tube_run(&t, 0.5, 1);
    ck_assert(!fp_tube_checker_is_done(t.checker));
    fp_ck_ok(tube_step(&t, 1, 1.5), &t.err);
    ck_assert(fp_tube_checker_is_done(t.checker));
    tube_finish(&t, true, "");
    tube_expect(&t, "X.1/inside", "proved");
    tube_end(&t);
}
END_TEST

START_TEST(a_run_that_ends_early_leaves_times_that_depend_on_the_rest_open)
{
    tube_rig t;
    begin_still(&t);
    tube_open(&t, (const char *const[]){"X.1",
                                        "time Far = first t with t >= 5/4\n"
                                        "time Inside = first t in [0, Far] with t >= 1/4\n"
                                        "claim inside: at Inside: t <= 1\n"
                                        "claim until_false: always [0, Far]: t <= 1/2\n",
                                        NULL});
    tube_run(&t, 0.5, 1);
    tube_finish(&t, false, "tube");
    tube_expect(&t, "X.1/inside", "undecided tube");
    tube_expect(&t, "X.1/until_false", "undecided tube");
    tube_end(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tube_times");
    TCase *tests = tcase_create("tube_times");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_last_time_needs_a_time_at_which_the_condition_holds);
    tcase_add_test(tests, times_that_are_not_reached_take_with_them_what_depends_on_them);
    tcase_add_test(tests, a_search_that_is_not_over_shows_no_time);
    tcase_add_test(tests, the_run_goes_on_until_it_is_known_whether_a_time_exists);
    tcase_add_test(tests, a_run_that_ends_early_leaves_times_that_depend_on_the_rest_open);
    suite_add_tcase(suite, tests);
    return fp_test_main(suite);
}
