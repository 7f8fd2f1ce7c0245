/* SPDX-License-Identifier: MIT */
/* The constant that would do for an `eventually` claim is the one of the best time of its window, and it is enclosed. */
#include "../support/tube_rig.h"

/* The enclosure holds the value and is that narrow. */
static void check_best(const tube_rig *t, const char *id, double value, double radius)
{
    const fp_measured *m = &tube_result(t, id)->measured[0];
    ck_assert_msg(m->known, "%s: nothing measured", id);
    arf_t low, high;
    arf_init(low);
    arf_init(high);
    arb_get_lbound_arf(low, m->measured, 64);
    arb_get_ubound_arf(high, m->measured, 64);
    bool inside = arf_cmp_d(low, value) <= 0 && arf_cmp_d(high, value) >= 0, narrow = arf_get_d(high, ARF_RND_UP) - arf_get_d(low, ARF_RND_DOWN) <= radius;
    ck_assert_msg(inside && narrow, "%s: measured in [%.12g, %.12g], wanted %.12g", id, arf_get_d(low, ARF_RND_DOWN), arf_get_d(high, ARF_RND_UP), value);
    arf_clear(low);
    arf_clear(high);
}

static void check_unknown(const tube_rig *t, const char *id)
{
    ck_assert_msg(!tube_result(t, id)->measured[0].known, "%s shows a constant that was not shown", id);
}

static void check_claims(tube_rig *t, const char *claims)
{
    tube_begin(t);
    t->mock[0].still = t->mock[1].still = true;
    tube_check(t, (const char *const[]){"X.1", claims, NULL});
}

START_TEST(the_best_time_of_the_window_counts)
{
    tube_rig t;
    check_claims(&t, "constant A = 1/10 largest\nconstant C = 1/10 smallest\nconstant B = 10 smallest\n"
                     "claim inside: eventually [0, 2]: (t - 4/5)^2 + 1/2 <= C\n"
                     "claim end: eventually [0, 1/2]: t - 3/4 >= A*(5/2 - t)\n"
                     "claim holds: eventually [0, 2]: 1 - (t - 4/5)^2 >= A\n"
                     "claim later: eventually [1, 2]: t <= B\n"
                     "claim open: eventually (1, 2]: t <= B\n"
                     "claim kink: eventually [0, 2]: abs(t - 1/3) + 1/4 <= C\n");
    tube_expect(&t, "X.1/inside", "violated");
    check_best(&t, "X.1/inside", 0.5, 1e-3);
    tube_expect(&t, "X.1/end", "violated");
    check_best(&t, "X.1/end", -0.125, 1e-4);
    tube_expect(&t, "X.1/holds", "proved");
    check_best(&t, "X.1/holds", 1, 1e-3);
    tube_expect(&t, "X.1/later", "proved");
    check_best(&t, "X.1/later", 1, 1e-4);
    check_best(&t, "X.1/open", 1, 1e-3);
    check_best(&t, "X.1/kink", 0.25, 1e-3);
    tube_end(&t);
}
END_TEST

START_TEST(all_comparisons_must_hold_at_one_time)
{
    tube_rig t;
    check_claims(&t, "constant C = 1/10 smallest\nconstant B = 10 smallest\n"
                     "claim where: eventually [0, 2]: t >= 3/2 and (t - 1)^2 <= C\n"
                     "claim both: eventually [0, 2]: t <= C and 2 - t <= C\n"
                     "claim all: eventually [0, 2]: for e in {1, 2}: abs(t - e) <= C\n"
                     "claim between: eventually [1, 2]: t <= B and 1/2*B <= 3 - t\n");
    check_best(&t, "X.1/where", 0.25, 1e-3);
    check_best(&t, "X.1/both", 1, 1e-3);
    check_best(&t, "X.1/all", 0.5, 1e-3);
    check_best(&t, "X.1/between", 1, 1e-3);
    tube_end(&t);
}
END_TEST

START_TEST(what_is_not_shown_is_not_printed)
{
    tube_rig t;
    check_claims(&t, "constant C = 1/10 smallest\nconstant B = 10 smallest\n"
                     "claim or: eventually [0, 2]: t <= C or t >= 5\n"
                     "claim implies: eventually [0, 2]: t >= 1 implies t <= C\n"
                     "claim two: eventually [0, 2]: t <= C and 2 - t <= B\n"
                     "claim uncovered: eventually [0, 5]: 6 - t <= C\n"
                     "claim never: eventually [0, 2]: t >= 3 and t <= C\n"
                     "claim opposed: eventually [7/4, 2]: t <= C and C <= 3 - t\n"
                     "claim pole: eventually [0, 2]: 1/(t - 1/3)^2 + C >= 0\n");
    static const char *const ids[] = {"X.1/or", "X.1/implies", "X.1/two", "X.1/uncovered", "X.1/never", "X.1/opposed", "X.1/pole"};
    for (size_t k = 0; k < sizeof ids / sizeof *ids; k++) check_unknown(&t, ids[k]);
    tube_end(&t);
}
END_TEST

START_TEST(the_search_goes_on_after_a_time_at_which_it_holds)
{
    tube_rig t;
    check_claims(&t, "constant A = 1/10 largest\nclaim far: eventually [0, 2]: t >= A\n");
    tube_expect(&t, "X.1/far", "proved");
    check_best(&t, "X.1/far", 2, 1e-4);
    tube_end(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tube_eventually");
    TCase *tests = tcase_create("tube_eventually");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, the_best_time_of_the_window_counts);
    tcase_add_test(tests, all_comparisons_must_hold_at_one_time);
    tcase_add_test(tests, what_is_not_shown_is_not_printed);
    tcase_add_test(tests, the_search_goes_on_after_a_time_at_which_it_holds);
    suite_add_tcase(suite, tests);
    return fp_test_main(suite);
}
