/* SPDX-License-Identifier: MIT */
/* What a claim may cost at one time: evaluations of bodies and bytes, and what is refused beforehand. */
#include "../support/tube_rig.h"

enum { MOST = 1000 };

static void begin(tube_rig *r)
{
    tube_begin(r);
    r->base.setting.evaluations = MOST;
}

/* claims, each with the verdict wanted */
static void expect_all(tube_rig *r, const char *const list[][2])
{
    fp_text text = {0};
    for (size_t k = 0; list[k][0]; k++) fp_text_addf(&text, "claim c%zu: %s\n", k, list[k][0]);
    tube_check(r, (const char *const[]){"X.1", text.data, NULL});
    for (size_t k = 0; list[k][0]; k++) {
        char id[32];
        snprintf(id, sizeof id, "X.1/c%zu", k);
        tube_expect(r, id, list[k][1]);
    }
    fp_text_clear(&text);
}

/* Sizes depend on h = 1, so that they are not known beforehand; its own body counts once. */
START_TEST(evaluations_up_to_the_limit_pass_and_one_more_does_not)
{
    tube_rig r;
    begin(&r);
    expect_all(&r, (const char *const[][2]){{"initially: for h in 1..1: sum(i in 1..998 + h: i) > 0", "proved"},
                                            {"initially: for h in 1..1: sum(i in 1..999 + h: i) > 0", "undecided evaluation-cap"},
                                            {"initially: for h in 1..1: for i in 1..998 + h: i > 0", "proved"},
                                            {"initially: for h in 1..1: for i in 1..999 + h: i > 0", "undecided evaluation-cap"},
                                            {"initially: for h in 1..1: for i in 1..2 + h, j in 1..333: i + j > 0", "proved"},
                                            {"initially: for h in 1..1: for i in 1..3 + h, j in 1..250: i + j > 0", "undecided evaluation-cap"},
                                            {"initially: for h in 1..1: exists i in 1..999 + h: i < 2", "undecided evaluation-cap"},
                                            {"initially: for h in 1..1: max(i in 1..998 + h: i*loss) > 0", "proved"},
                                            {"initially: for h in 1..1: max(i in 1..999 + h: i*loss) > 0", "undecided evaluation-cap"},
                                            {"initially: for h in 1..1: count(i in 1..999 + h where i == 3) == 1", "undecided evaluation-cap"},
                                            {"initially: for h in 1..1: sqnorm(sum(i in 1..999 + h: u)) >= 0", "undecided evaluation-cap"},
                                            {"always [0, 2]: for h in 1..1: sum(i in 1..999 + h: i) > 0", "undecided evaluation-cap"},
                                            {NULL, NULL}});
    tube_end(&r);
}
END_TEST

/* 9 * 110 times inside and 9 times outside and h make 1000. What is remembered counts once. A set that is empty counts once for the element it hangs on. */
START_TEST(every_body_counts_and_so_do_rejected_candidates_and_empty_sets)
{
    tube_rig r;
    begin(&r);
    expect_all(&r, (const char *const[][2]){{"initially: for h in 1..1: for i in 1..8 + h: for j in 1..110: i + j > 0", "proved"},
                                            {"initially: for h in 1..1: for i in 1..8 + h: for j in 1..111: i + j > 0", "undecided evaluation-cap"},
                                            {"initially: for h in 1..1: for i in 1..8 + h: sum(j in 1..110: i*j) > 0", "proved"},
                                            {"initially: for h in 1..1: for i in 1..8 + h: sum(j in 1..111: i*j) > 0", "undecided evaluation-cap"},
                                            {"initially: for h in 1..1: for i in 1..500: sum(j in 1..498 + h: j) > 0", "proved"},
                                            {"initially: for h in 1..1: for i in 1..500: sum(j in 1..499 + h: j) > 0", "undecided evaluation-cap"},
                                            {"initially: for h in 1..1: sum(i in 1..998 + h where i == 1: i) > 0", "proved"},
                                            {"initially: for h in 1..1: sum(i in 1..999 + h where i == 1: i) > 0", "undecided evaluation-cap"},
                                            {"initially: for h in 1..1: sum(i in 1..998 + h, j in 2..h: i) >= 0", "proved"},
                                            {"initially: for h in 1..1: sum(i in 1..999 + h, j in 2..h: i) >= 0", "undecided evaluation-cap"},
                                            {NULL, NULL}});
    tube_end(&r);
}
END_TEST

/* f14 has 2^14 terms; f30 would have 2^30, and is refused when it is read. */
START_TEST(definitions_that_double_end_too)
{
    tube_rig r;
    fp_text text = {0};
    begin(&r);
    fp_text_add(&text, "define f0(x) = x + loss\n");
    for (int k = 1; k <= 14; k++) fp_text_addf(&text, "define f%d(x) = f%d(x) + f%d(x + 1)\n", k, k - 1, k - 1);
    fp_text_add(&text, "claim a: initially: f3(1) > 0\nclaim b: initially: f14(1) > 0\n");
    tube_check(&r, (const char *const[]){"X.1", text.data, NULL});
    tube_expect(&r, "X.1/a", "proved");
    tube_expect(&r, "X.1/b", "undecided evaluation-cap");
    for (int k = 15; k <= 30; k++) fp_text_addf(&text, "define f%d(x) = f%d(x) + f%d(x + 1)\n", k, k - 1, k - 1);
    fp_sheets_clear(&r.base.sheets);
    char *text_all = fp_asprintf("statement X.1\n%s%s", rig_head, text.data);
    free(rig_write(&r.base, "X.1.claim", text_all));
    const char *folder = r.base.folder;
    ck_assert_int_eq(fp_sheets_read(&r.base.sheets, &folder, 1, false, NULL, NULL, &r.err), FP_BAD_INPUT);
    ck_assert_msg(strstr(r.err.message, "too long: with its definitions expanded") != NULL, "%s", r.err.message);
    free(text_all);
    fp_text_clear(&text);
    tube_end(&r);
}
END_TEST

START_TEST(memory_is_limited)
{
    tube_rig r;
    tube_begin(&r);
    r.base.setting.claim_memory = 1;
    expect_all(&r, (const char *const[][2]){{"initially: for h in 1..1: for i in 1..998 + h: i > 0", "proved"},
                                            {"initially: for h in 1..1: for i in 1..9999 + h: i > 0", "undecided memory-cap"},
                                            {"initially: for h in 1..1: sum(i in 1..99999 + h: i) > 0", "proved"},
                                            {NULL, NULL}});
    tube_end(&r);
}
END_TEST

static void refused(const char *body, const char *found)
{
    tube_rig r;
    begin(&r);
    tube_prepare(&r, (const char *const[]){"X.1", body, NULL});
    fp_status status = fp_tube_checker_new(&r.checker, &r.options, &r.err);
    if (found) {
        ck_assert_msg(status == FP_BAD_INPUT, "%s is not refused", body);
        ck_assert_msg(strstr(r.err.message, found) && strstr(r.err.message, "X.1.claim:6:") && strstr(r.err.message, "allowed are 1000"), "%s: %s", body, r.err.message);
    } else
        ck_assert_msg(status == FP_OK, "%s: %s", body, r.err.message);
    tube_end(&r);
}

START_TEST(what_is_sure_to_exceed_is_refused_beforehand)
{
    static const char *const list[][2] = {{"claim a: for i in 1..1000: i > 0\n", NULL},
                                          {"claim a: for i in 1..1001: i > 0\n", "found 1001 "},
                                          {"claim a: always [0, 2]: sum(i in 1..10^9: i) >= 0\n", "found 1000000000 "},
                                          {"claim a: for i in 1..100000, j in 1..100000: i + j > 0\n", "found 10000000000 "},
                                          {"claim a: for i in 1..100000: for j in 1..100000: i + j > 0\n", "found 10000000000 "},
                                          {"claim a: for i in 1..100: sum(j in 1..100: i*j) > 0\n", "found 10000 "},
                                          {"claim a: for i in 1..100: sum(j in 1..100: j) > 0\n", NULL},
                                          {"claim a: for i in 1..100, k in 1..5: sum(j in 1..100: i*j) > 0\n", NULL},
                                          {"claim a: for i in 1..100 where i == 3: sum(j in 1..100: i*j) > 0\n", NULL},
                                          {"claim a: for i in tokens, j in 1..d^3: i + j > 0\n", "evaluations of a body"},
                                          {"claim a: for i in 1..9223372036854775807: i > 0\n", "found 9223372036854775807 "},
                                          {"claim a: for i in -9223372036854775807..9223372036854775807: i > 0\n", "found 18446744073709551615 "},
                                          {"claim a: for i in 1..10^15, j in 1..10^15: i > 0\n", "or more"},
                                          {"claim a: for h in 1..1, i in 1..h, j in 1..10^9: i > 0\n", NULL},
                                          {"requires sum(i in 1..1001: i) >= 0\nclaim a: initially: loss > 0\n", "found 1001 "},
                                          {"time T = first t with sum(i in 1..1001: i) >= t\nclaim a: at T: loss > 0\n", "found 1001 "},
                                          {"let x = sum(i in 1..1001: i)\nclaim a: x > 0\n", "found 1001 "},
                                          {"order a: always [0, 2]: sum(i in 1..1001: i) is O(1)\n", "found 1001 "}};
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) refused(list[k][0], list[k][1]);
}
END_TEST

START_TEST(the_setting_says_how_much_is_allowed)
{
    tube_rig r;
    tube_begin(&r);
    ck_assert_int_eq(r.base.setting.evaluations, 10000000);
    ck_assert_int_eq(r.base.setting.claim_memory, 256);
    char *path = rig_write(&r.base, "own.setting", "evaluations = 1001\nclaim-memory = 7\n");
    fp_setting own;
    fp_ck_ok(fp_setting_read(&own, path, &r.err), &r.err);
    ck_assert_int_eq(own.evaluations, 1001);
    ck_assert_int_eq(own.claim_memory, 7);
    fp_setting_clear(&own);
    free(rig_write(&r.base, "own.setting", "evaluations = 0\n"));
    ck_assert_int_eq(fp_setting_read(&own, path, &r.err), FP_BAD_INPUT);
    free(rig_write(&r.base, "own.setting", "claim-memory = 1000001\n"));
    ck_assert_int_eq(fp_setting_read(&own, path, &r.err), FP_BAD_INPUT);
    remove(path);
    free(path);
    tube_end(&r);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("limits");
    TCase *c = tcase_create("limits");
    tcase_set_timeout(c, 120);
    tcase_add_test(c, evaluations_up_to_the_limit_pass_and_one_more_does_not);
    tcase_add_test(c, every_body_counts_and_so_do_rejected_candidates_and_empty_sets);
    tcase_add_test(c, definitions_that_double_end_too);
    tcase_add_test(c, memory_is_limited);
    tcase_add_test(c, what_is_sure_to_exceed_is_refused_beforehand);
    tcase_add_test(c, the_setting_says_how_much_is_allowed);
    suite_add_tcase(s, c);
    return fp_test_main(s);
}
