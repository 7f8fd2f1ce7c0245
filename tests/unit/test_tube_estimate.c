/* SPDX-License-Identifier: MIT */
/* A proof that ends at t = 1, and what a second checker makes on an estimated tube of what it leaves open. */
#include "../support/tube_rig.h"

typedef struct {
    tube_rig t;
    fp_tube_checker *proved;
} world;

/* What there is without an estimate. */
static void expect_without(const char *const *list, const char *id, const char *wanted)
{
    tube_rig t;
    tube_begin(&t);
    tube_check(&t, list);
    tube_expect(&t, id, wanted);
    tube_end(&t);
}

static void still(world *w)
{
    *w = (world){0};
    tube_begin(&w->t);
    w->t.mock[0].still = w->t.mock[1].still = true;
}

/* From t = 0 again, estimated. */
static void go_on(world *w)
{
    tube_rig *t = &w->t;
    fp_tube_checker_conclude(t->checker, false, "tube");
    t->options.proved = w->proved = t->checker;
    fp_ck_ok(fp_tube_checker_new(&t->checker, &t->options, &t->err), &t->err);
    t->estimated = true;
    for (int p = 0; p < 2; p++) {
        fp_vec_copy(t->mock[p].left, t->base.y0);
        mpfr_set_zero(t->mock[p].t_left, 1);
    }
}

static void end(world *w)
{
    tube_end(&w->t);
    fp_tube_checker_free(w->proved);
}

static void expect(const world *w, const char *id, const char *wanted, fp_evidence evidence)
{
    tube_expect(&w->t, id, wanted);
    ck_assert_msg(tube_result(&w->t, id)->evidence == evidence, "%s: its evidence is %d, not %d", id, (int)tube_result(&w->t, id)->evidence, (int)evidence);
}

static const fp_time_result *time_result(const world *w, const char *name)
{
    for (size_t k = 0; k < w->t.results.times_count; k++)
        if (strcmp(w->t.results.times[k].time->name, name) == 0) return &w->t.results.times[k];
    ck_abort_msg("no time %s", name);
    return NULL;
}

static const char *const sheet[] = {"X.1",
                                    "time T = first t with t >= 1/2\n"
                                    "time U = first t with t >= 3/2\n"
                                    "time V = last t in [0, 3/4] with t <= 1/4\n"
                                    "time N = first t with t >= 5\n"
                                    "time M = first t in [0, 1/2] with t >= 3/4\n"
                                    "time W = first t in [0, U] with t >= 1/4\n"
                                    "constant C = 1 smallest\n"
                                    "claim early: always [0, 1/2]: t <= 3/4\n"
                                    "claim early_false: always [0, 2]: (t - 1/4)^2 >= 1/100\n"
                                    "claim late: always [0, 2]: t <= 3\n"
                                    "claim late_false: always [0, 2]: t <= 3/2\n"
                                    "claim some: eventually [0, 2]: t >= 1/2\n"
                                    "claim some_late: eventually [0, 2]: t >= 3/2\n"
                                    "claim none: eventually [0, 2]: t >= 3\n"
                                    "claim none_early: eventually [0, 1/2]: t >= 3\n"
                                    "claim to_T: always [0, T]: t <= 1\n"
                                    "claim to_U: always [0, U]: (t - 1/4)^2 >= 1/100\n"
                                    "claim from_T: always [T, 2]: t >= 1/4\n"
                                    "claim from_V: always [V, T]: t >= 1/8\n"
                                    "claim from_W: always [W, 1/2]: t >= 1/8\n"
                                    "claim at_T: at T: t >= 1/4\n"
                                    "claim at_U: at U: t >= 1\n"
                                    "claim at_1: at 1/2: t <= 1\n"
                                    "claim at_2: at 3/2: t <= 1\n"
                                    "claim memory: always [U, 2]: at(T, t) <= t\n"
                                    "claim static: always [0, 1/2]: at(3/2, t) >= 1\n"
                                    "claim to_N: always [0, N]: t >= 0\n"
                                    "claim to_M: always [0, M]: t >= 0\n"
                                    "claim past: always [0, 2]: sup(t) <= 2*t + 1\n"
                                    "claim same: always [0, 2]: (t + 1)^2 = t^2 + 2*t + 1\n"
                                    "claim needs: always [0, 2]: t <= C\n"
                                    "claim start: initially: n >= 1\n"
                                    "order ratio: always [0, 2]: t + 1  is  O(2)\n"
                                    "order early_ratio: always [0, 1/2]: t + 1  is  O(2)\n",
                                    NULL};

/* The sheet, proved to t = 1 and estimated to 2. */
static void proved_to_1(world *w)
{
    still(w);
    tube_open(&w->t, sheet);
    tube_run(&w->t, 0.25, 1);
    go_on(w);
    tube_run(&w->t, 0.375, 2);
    tube_finish(&w->t, true, "");
}

START_TEST(what_was_decided_on_the_proved_part_stays_and_the_rest_is_supported_or_violated)
{
    world w;
    proved_to_1(&w);
    static const struct {
        const char *id, *wanted;
        fp_evidence evidence;
    } all[] = {
        {"X.1/early", "proved", FP_EVIDENCE_ENCLOSURE}, {"X.1/early_false", "refuted", FP_EVIDENCE_ENCLOSURE}, {"X.1/late", "supported", FP_EVIDENCE_ESTIMATE},
        {"X.1/late_false", "violated", FP_EVIDENCE_ESTIMATE}, {"X.1/some", "proved", FP_EVIDENCE_ENCLOSURE}, {"X.1/some_late", "supported", FP_EVIDENCE_ESTIMATE},
        {"X.1/none", "violated", FP_EVIDENCE_ESTIMATE}, {"X.1/none_early", "refuted", FP_EVIDENCE_ENCLOSURE}, {"X.1/to_T", "proved", FP_EVIDENCE_ENCLOSURE},
        {"X.1/to_U", "violated", FP_EVIDENCE_ESTIMATE}, {"X.1/from_T", "supported", FP_EVIDENCE_ESTIMATE}, {"X.1/from_V", "proved", FP_EVIDENCE_ENCLOSURE},
        {"X.1/from_W", "supported", FP_EVIDENCE_ESTIMATE}, {"X.1/at_T", "proved", FP_EVIDENCE_ENCLOSURE}, {"X.1/at_U", "supported", FP_EVIDENCE_ESTIMATE},
        {"X.1/at_1", "proved", FP_EVIDENCE_ENCLOSURE}, {"X.1/at_2", "violated", FP_EVIDENCE_ESTIMATE}, {"X.1/memory", "supported", FP_EVIDENCE_ESTIMATE},
        {"X.1/static", "undecided time-not-reached", FP_EVIDENCE_ESTIMATE},
        {"X.1/to_N", "undecided time-not-reached", FP_EVIDENCE_ESTIMATE}, {"X.1/to_M", "undecided time-not-reached", FP_EVIDENCE_ENCLOSURE},
        {"X.1/past", "supported", FP_EVIDENCE_ESTIMATE}, {"X.1/same", "supported", FP_EVIDENCE_ESTIMATE}, {"X.1/needs", "violated", FP_EVIDENCE_ESTIMATE},
        {"X.1/start", "proved", FP_EVIDENCE_ENCLOSURE}, {"X.1/ratio", "deferred", FP_EVIDENCE_ESTIMATE}, {"X.1/early_ratio", "deferred", FP_EVIDENCE_ENCLOSURE}};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) expect(&w, all[k].id, all[k].wanted, all[k].evidence);
    fp_ck_contains(tube_result(&w.t, "X.1/ratio")->ratio_greatest, "3/2");
    fp_ck_contains(tube_result(&w.t, "X.1/early_ratio")->ratio_greatest, "3/4");
    fp_ck_contains(tube_result(&w.t, "X.1/needs")->measured[0].measured, "2");
    ck_assert_ptr_nonnull(strstr(tube_result(&w.t, "X.1/early_false")->detail, "false for all t in [0.1"));
    end(&w);
}
END_TEST

START_TEST(times_say_whether_they_are_estimates)
{
    world w;
    proved_to_1(&w);
    static const struct {
        const char *name;
        bool found, estimated;
        double value;
    } all[] = {{"T", true, false, 0.5}, {"U", true, true, 1.5}, {"V", true, false, 0.25}, {"N", false, true, 0}, {"M", false, false, 0}, {"W", true, true, 0.25}};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        const fp_time_result *r = time_result(&w, all[k].name);
        ck_assert_msg(r->found == all[k].found && r->estimated == all[k].estimated, "%s: found %d, estimated %d", all[k].name, r->found, r->estimated);
        if (r->found) ck_assert(fabs(mpfr_get_d(r->value, MPFR_RNDN) - all[k].value) < 1e-9);
    }
    end(&w);
}
END_TEST

/* On a moving state: the last steps of a proof are so fat that they hide everything. */
START_TEST(what_a_fat_proof_hides_a_thin_estimate_shows)
{
    world w = {0};
    tube_begin(&w.t);
    tube_open(&w.t, (const char *const[]){"X.1",
                                           "time T = first t with t >= 1/2\n"
                                           "time U = first t with t >= 3/2\n"
                                           "claim falls: always [0, 2]: loss <= init(loss) + 1/1000\n"
                                           "claim early: always [0, 1/2]: loss <= init(loss) + 1/1000\n"
                                           "claim other: initially: at(U, loss) > 0 - 1\n"
                                           "claim both: initially: at(U, loss) <= at(T, loss) + 1/1000\n",
                                           NULL});
    w.t.mock[0].noise = w.t.mock[1].noise = 0.25;
    tube_run(&w.t, 0.25, 1);
    w.t.mock[0].noise = w.t.mock[1].noise = 1e-12;
    go_on(&w);
    tube_run(&w.t, 0.25, 2);
    tube_finish(&w.t, true, "");
    expect(&w, "X.1/falls", "supported", FP_EVIDENCE_ESTIMATE);
    expect(&w, "X.1/early", "supported", FP_EVIDENCE_ESTIMATE);
    expect(&w, "X.1/other", "supported", FP_EVIDENCE_ESTIMATE);
    expect(&w, "X.1/both", "supported", FP_EVIDENCE_ESTIMATE);
    end(&w);
}
END_TEST

START_TEST(an_estimate_that_ends_early_leaves_open_what_is_open)
{
    for (int steps = 0; steps < 2; steps++) {
        world w;
        still(&w);
        tube_open(&w.t, sheet);
        tube_run(&w.t, 0.25, 1);
        go_on(&w);
        if (steps) tube_run(&w.t, 0.25, 1.25);
        tube_finish(&w.t, false, "blow-up");
        expect(&w, "X.1/early", "proved", FP_EVIDENCE_ENCLOSURE);
        expect(&w, "X.1/early_false", "refuted", FP_EVIDENCE_ENCLOSURE);
        expect(&w, "X.1/late", steps ? "undecided blow-up" : "undecided tube", steps ? FP_EVIDENCE_ESTIMATE : FP_EVIDENCE_ENCLOSURE);
        end(&w);
    }
}
END_TEST

/* The estimate is asked for nothing that a proof to the end shows. */
START_TEST(a_proof_to_the_end_says_proved)
{
    expect_without(sheet, "X.1/late", "proved");
    expect_without(sheet, "X.1/to_U", "refuted");
}
END_TEST

START_TEST(estimated_steps_prove_nothing_and_proved_ones_are_not_mixed_with_them)
{
    world w;
    still(&w);
    tube_open(&w.t, sheet);
    w.t.estimated = true;
    ck_assert_int_eq(tube_step(&w.t, 0, 0.25), FP_INTERNAL);
    w.t.estimated = false;
    tube_run(&w.t, 0.25, 1);
    go_on(&w);
    w.t.estimated = false;
    ck_assert_int_eq(tube_step(&w.t, 0, 0.25), FP_INTERNAL);
    end(&w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tube_estimate");
    TCase *tests = tcase_create("tube_estimate");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, what_was_decided_on_the_proved_part_stays_and_the_rest_is_supported_or_violated);
    tcase_add_test(tests, times_say_whether_they_are_estimates);
    tcase_add_test(tests, what_a_fat_proof_hides_a_thin_estimate_shows);
    tcase_add_test(tests, an_estimate_that_ends_early_leaves_open_what_is_open);
    tcase_add_test(tests, a_proof_to_the_end_says_proved);
    tcase_add_test(tests, estimated_steps_prove_nothing_and_proved_ones_are_not_mixed_with_them);
    suite_add_tcase(suite, tests);
    return fp_test_main(suite);
}
