/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "../support/tube_rig.h"

static void check_all(tube_rig *t, const char *const expected[][2])
{
    for (; (*expected)[0]; expected++) tube_expect(t, (*expected)[0], (*expected)[1]);
}

/* Steps are 3/8; the failure at t = 1 is 2e-5 wide. */
START_TEST(windows_are_proved_or_refuted_whole)
{
    tube_rig t;
    tube_begin(&t);
    t.mock[0].still = t.mock[1].still = true;
    tube_check(&t, (const char *const[]){"X.1",
                                         "claim sign: always [0, 2]: t >= 0\n"
                                         "claim below: always [0, 2]: t <= 2\n"
                                         "claim wide: always [0, 2]: t*(2 - t) <= 1 + 1/1000000\n"
                                         "claim narrow: always [0, 2]: (t-1)^2 >= 1/10000000000\n"
                                         "claim touch: always [0, 2]: (t-1)^2 >= 0\n"
                                         "claim third: always [0, 2]: (t-1/3)^2 >= 0\n"
                                         "claim kink: always [0, 2]: abs(t - 1/3) > 1/1000000\n"
                                         "claim lifted: always [0, 2]: abs(t - 1/3) + 1/1000 > 1/10000\n"
                                         "claim once: eventually [0, 2]: (t-1/3)^2 <= 1/1000000000\n"
                                         "claim never: eventually [0, 2]: (t-1)^2 <= -1/1000\n"
                                         "claim nearly: eventually [0, 2]: (t-1/3)^2 <= 0\n"
                                         "claim chain: always [0, 2]: -1/1000 <= t <= 2 + 1/1000\n"
                                         "claim list: always [0, 2]: for e in {1, 2, 3}: t + e > 1/2\n"
                                         "claim some: always [0, 2]: exists e in {0, 1}: (t - e)^2 <= 1 + 1/1000\n"
                                         "claim largest: always [0, 2]: max(t, 2 - t) >= 1 - 1/1000\n"
                                         "claim gap: always [0, 2]: max(t, 2 - t) >= 1 + 1/1000\n",
                                         NULL});
    static const char *const expected[][2] = {{"X.1/sign", "proved"}, {"X.1/below", "proved"}, {"X.1/wide", "proved"}, {"X.1/narrow", "refuted"}, {"X.1/touch", "undecided depth"},
                                              {"X.1/third", "undecided depth"}, {"X.1/kink", "refuted"}, {"X.1/lifted", "proved"}, {"X.1/once", "proved"},
                                              {"X.1/never", "refuted"}, {"X.1/nearly", "undecided depth"}, {"X.1/chain", "proved"}, {"X.1/list", "proved"},
                                              {"X.1/some", "proved"}, {"X.1/largest", "proved"}, {"X.1/gap", "refuted"}, {NULL, NULL}};
    check_all(&t, expected);
    tube_end(&t);
}
END_TEST

/* 1/4000 of a step wide, away from where steps begin, end and are halved. */
START_TEST(a_dip_much_narrower_than_a_step_is_refuted)
{
    tube_rig t;
    tube_begin(&t);
    t.mock[0].still = t.mock[1].still = true;
    tube_check(&t, (const char *const[]){"X.1", "claim dip: always [0, 2]: min(1, 1000000*(t - 13/10)^2) + 1/10 > 1/5\n", NULL});
    tube_expect(&t, "X.1/dip", "refuted");
    tube_end(&t);
}
END_TEST

START_TEST(times_are_brackets_and_windows_begin_and_end_in_them)
{
    tube_rig t;
    tube_begin(&t);
    t.mock[0].still = t.mock[1].still = true;
    tube_check(&t, (const char *const[]){"X.1",
                                        "time T = first t with t^2 >= 2\n"
                                        "time U = first t in [T, 2] with t >= 3/2\n"
                                        "time N = first t in [0, 1] with t >= 3/2\n"
                                        "time Z = first t with t >= 0\n"
                                        "time W = first t in [0, 2] with (t-1/3)^2 <= 0 or t >= 1\n"
                                        "claim there: at T: abs(t^2 - 2) <= 1/1000000000000000\n"
                                        "claim after: always [T, 2]: t^2 >= 2 - 1/10^15\n"
                                        "claim border: always [T, 2]: t^2 >= 2\n"
                                        "claim between: always [T, U]: t <= 1500000000000001/1000000000000000\n"
                                        "claim late: always [T, U]: t <= 149/100\n"
                                        "claim memory: always [T, 2]: at(T, t)^2 <= 2 + 1/1000000000000\n"
                                        "claim early: always [0, 2]: at(T, t) >= 1\n"
                                        "claim once: initially: at(T, t) >= 1\n"
                                        "claim empty: always [U, T]: t >= 0\n"
                                        "claim never: always [N, 2]: t >= 0\n"
                                        "claim zero: at Z: t <= 0\n"
                                        "claim open: always (T, 2]: t >= at(T, t)\n"
                                        "claim third: at 1/3: t >= 1/3 - 1/10^40\n"
                                        "claim thirdly: always [1/3, 2]: t >= 1/3 - 1/10^40\n"
                                        "claim read: always [1, 2]: at(1/3, t) <= 1/3 + 1/10^40\n"
                                        "claim wrong: at T: t <= 7/5\n"
                                        "claim vague: always [W, 2]: t >= 1/3 - 1/10^9\n"
                                        "claim vaguer: always [W, 2]: t >= 1/2\n"
                                        "claim vaguest: at W: t >= 1/2\n"
                                        "claim vain: at W: t <= 1 + 1/10^6\n",
                                        NULL});
    static const char *const expected[][2] = {{"X.1/there", "proved"}, {"X.1/after", "proved"}, {"X.1/border", "undecided straddles-zero"}, {"X.1/between", "proved"}, {"X.1/late", "refuted"},
                                              {"X.1/memory", "proved"}, {"X.1/early", "undecided time-not-reached"}, {"X.1/once", "proved"}, {"X.1/empty", "undecided vacuous"},
                                              {"X.1/never", "undecided time-not-reached"}, {"X.1/zero", "proved"}, {"X.1/open", "undecided straddles-zero"}, {"X.1/third", "proved"}, {"X.1/thirdly", "proved"},
                                              {"X.1/read", "proved"}, {"X.1/vague", "proved"}, {"X.1/vaguer", "undecided straddles-zero"}, {"X.1/vaguest", "undecided straddles-zero"},
                                              {"X.1/vain", "proved"}, {"X.1/wrong", "refuted"}, {NULL, NULL}};
    check_all(&t, expected);
    tube_end(&t);
}
END_TEST

START_TEST(last_times_begin_anew_whenever_the_condition_returns)
{
    tube_rig t;
    tube_begin(&t);
    t.mock[0].still = t.mock[1].still = true;
    tube_check(&t, (const char *const[]){"X.1",
                                        "time T = last t in [0, 2] with t < 1/2 or (t > 1 and t < 5/4)\n"
                                        "time N = last t in [0, 2] with t > 5\n"
                                        "time H = last t in [0, 2] with t > 1\n"
                                        "time B = last t in [0, 6/5] with t < 1/2 or (t > 1 and t < 5/4)\n"
                                        "claim from: always [T, 2]: t >= 124999/100000\n"
                                        "claim far: always [T, 2]: t >= 5/4 + 1/100\n"
                                        "claim value: always [T, 2]: at(T, t) >= 124999/100000\n"
                                        "claim at: at T: 124999/100000 <= t <= 125001/100000\n"
                                        "claim start: always [N, 2]: t >= 0\n"
                                        "claim held: always [H, 2]: t >= 0\n"
                                        "claim cut: always [B, 2]: t >= 0\n",
                                        NULL});
    static const char *const expected[][2] = {{"X.1/from", "proved"}, {"X.1/far", "refuted"}, {"X.1/value", "proved"}, {"X.1/at", "proved"}, {"X.1/start", "undecided time-not-reached"},
                                              {"X.1/held", "undecided time-not-reached"}, {"X.1/cut", "undecided time-not-reached"}, {NULL, NULL}};
    check_all(&t, expected);
    tube_end(&t);
}
END_TEST

START_TEST(windows_that_are_not_covered_decide_nothing_but_counterexamples)
{
    tube_rig t;
    tube_begin(&t);
    t.mock[0].still = t.mock[1].still = true;
    tube_check(&t, (const char *const[]){"X.1",
                                        "constant C = 1 smallest\n"
                                        "claim beyond: always [0, 5]: t >= 0\n"
                                        "claim after: always [3, 5]: t >= 0\n"
                                        "claim edge: always [2, 5]: t >= 0\n"
                                        "claim last: at horizon: t >= 2\n"
                                        "claim false: always [0, 5]: t <= 1\n"
                                        "claim reached: always [1/3, horizon]: t >= 1/3 - 1/10^30\n"
                                        "claim seen: eventually [0, 5]: t >= 1\n"
                                        "claim unseen: eventually [0, 5]: t >= 4\n"
                                        "claim nothing: always (1, 1): t >= 4\n"
                                        "claim opened: always (0, 1]: t > 0\n"
                                        "claim closed: always [0, 1]: t > 0\n"
                                        "claim ajar: always [0, 1): t < 1\n"
                                        "claim shut: always [0, 1]: t < 1\n"
                                        "claim point: always [1, 1]: t >= 1\n"
                                        "claim sliver: always (0, 1]: t > 1/10^30\n"
                                        "claim equal: always (0, 1]: 2*t = t\n"
                                        "claim unequal: always (0, 1]: not (2*t = t)\n"
                                        "claim measured: always (0, 1]: t <= C*2*t\n"
                                        "claim quotient: always (0, 1]: 1/t > 0\n",
                                        NULL});
    static const char *const expected[][2] = {{"X.1/beyond", "undecided horizon-not-reached"}, {"X.1/after", "undecided horizon-not-reached"}, {"X.1/edge", "undecided horizon-not-reached"},
                                              {"X.1/last", "proved"}, {"X.1/false", "refuted"}, {"X.1/reached", "proved"}, {"X.1/seen", "proved"},
                                              {"X.1/unseen", "undecided horizon-not-reached"}, {"X.1/nothing", "undecided vacuous"}, {"X.1/opened", "proved"}, {"X.1/closed", "refuted"},
                                              {"X.1/ajar", "proved"}, {"X.1/shut", "refuted"}, {"X.1/point", "proved"}, {"X.1/sliver", "undecided depth"}, {"X.1/equal", "refuted"}, {"X.1/unequal", "undecided depth"}, {"X.1/measured", "proved"}, {"X.1/quotient", "undecided domain"}, {NULL, NULL}};
    check_all(&t, expected);
    tube_end(&t);
}
END_TEST

static const fp_measured *measured(const tube_rig *t, const char *id)
{
    const fp_claim_result *r = tube_result(t, id);
    ck_assert_msg(r->measured_count == 1 && r->measured[0].known, "%s: nothing measured", id);
    return &r->measured[0];
}

/* Encloses the value to that many digits. */
static void check_measured(const tube_rig *t, const char *id, const char *value, double radius)
{
    const fp_measured *m = measured(t, id);
    fp_ck_contains(m->measured, value);
    ck_assert_msg(mag_get_d(arb_radref(m->measured)) <= radius, "%s: radius %g", id, mag_get_d(arb_radref(m->measured)));
}

START_TEST(measured_constants_are_enclosed)
{
    tube_rig t;
    tube_begin(&t);
    t.mock[0].still = t.mock[1].still = true;
    t.options.accuracy = 100;
    t.options.depth = 120;
    t.options.budget = t.options.measuring = 4000;
    tube_check(&t, (const char *const[]){"X.1",
                                         "constant A = 2 smallest\nconstant B = 1/2 smallest\nconstant C = 1/2 largest\nconstant D = 10 smallest\n"
                                         "claim above: always [0, 2]: t*(2-t) <= A\n"
                                         "claim below: always [0, 2]: t*(2-t) <= B\n"
                                         "claim least: always [0, 2]: (t-1/3)^2 + 1 >= C\n"
                                         "claim quotient: always [1/2, 2]: t <= B*(1 + t)^2\n"
                                         "claim premise: always [0, 2]: t <= 1 implies t <= D\n"
                                         "claim start: n <= B\n"
                                         "claim at: at 3/2: t <= B\n",
                                         NULL});
    static const char *const expected[][2] = {{"X.1/above", "proved"}, {"X.1/below", "violated"}, {"X.1/least", "proved"}, {"X.1/quotient", "proved"}, {"X.1/premise", "proved"},
                                              {"X.1/start", "violated"}, {"X.1/at", "violated"}, {NULL, NULL}};
    check_all(&t, expected);
    check_measured(&t, "X.1/above", "1", 1e-29);
    check_measured(&t, "X.1/below", "1", 1e-29);
    check_measured(&t, "X.1/least", "1", 1e-29);
    check_measured(&t, "X.1/quotient", "1/4", 1e-29); /* t/(1+t)^2 is largest at t = 1 */
    check_measured(&t, "X.1/premise", "1", 1e-29);
    check_measured(&t, "X.1/at", "3/2", 1e-29);
    const fp_claim_result *below = tube_result(&t, "X.1/below");
    ck_assert_msg(strstr(below->detail, "fails with B = 1/2, measured 1") && strstr(below->detail, "false for all t in ["), "%s", below->detail);
    ck_assert_int_eq(below->evidence, FP_EVIDENCE_ENCLOSURE);
    tube_end(&t);
}
END_TEST

START_TEST(premises_identities_and_orders)
{
    tube_rig t;
    tube_begin(&t);
    t.mock[0].still = t.mock[1].still = true;
    tube_check(&t, (const char *const[]){"X.1",
                                         "claim vacuous: always [0, 2]: t > 5 implies t < 0\n"
                                         "claim real: always [0, 2]: t > 1 implies t >= 1/2\n"
                                         "claim broken: always [0, 2]: t > 1 implies t <= 3/2\n"
                                         "claim undefined: always [0, 2]: log(t - 1) <= 5\n"
                                         "claim same: always [0, 2]: (t + 1)^2 = t^2 + 2*t + 1\n"
                                         "claim other: always [0, 2]: (t + 1)^2 = t^2 + 2*t + 1 + (t - 1)/1000000\n"
                                         "claim mixed: always [0, 2]: (t + 1)^2 = t^2 + 2*t + 1 and t <= 3\n"
                                         "claim unlike: always [0, 2]: not (t = 5)\n"
                                         "order ratio: always [0, 2]: t + 1  is  O(2)\n",
                                         NULL});
    static const char *const expected[][2] = {{"X.1/vacuous", "undecided vacuous"}, {"X.1/real", "proved"}, {"X.1/broken", "refuted"}, {"X.1/undefined", "undecided domain"},
                                              {"X.1/same", "supported"}, {"X.1/other", "refuted"}, {"X.1/mixed", "supported"}, {"X.1/unlike", "proved"}, {"X.1/ratio", "deferred"},
                                              {NULL, NULL}};
    check_all(&t, expected);
    ck_assert_int_ge(tube_result(&t, "X.1/same")->agreement_digits, 40);
    const fp_claim_result *ratio = tube_result(&t, "X.1/ratio");
    ck_assert(ratio->has_ratio);
    fp_ck_contains(ratio->ratio_least, "1/2");
    fp_ck_contains(ratio->ratio_greatest, "3/2");
    ck_assert(mag_get_d(arb_radref(ratio->ratio_greatest)) < 0.1);
    tube_end(&t);
}
END_TEST

static const char *const about_states[] = {"X.1",
                                           "time T = first t with loss <= init(loss)*9/10\n"
                                           "claim falls: always [0, 2]: d(loss) < 0\n"
                                           "claim energy: always [0, 2]: loss <= init(loss) + 1/10^9\n"
                                           "claim positive: always [0, 2]: loss > 0\n"
                                           "claim sum: always [0, 2]: S1 + S2 + S3 + S4 <= n\n"
                                           "claim there: at T: abs(loss - init(loss)*9/10) <= 1/10^6\n"
                                           "claim later: always [T, 2]: loss <= at(T, loss) + 1/10^6\n"
                                           "claim memory: always [T, 2]: at(T, d(loss)) < 0\n"
                                           "claim products: for mu in signals: always [0, 2]: abs(VV[mu,mu]) <= 10^6\n"
                                           "claim forms: always [0, 2]: sum(i in samples: g[i]*(1 - g[i])) <= n/4 + 1/1000\n"
                                           "claim neurons: always [0, 2]: max(j in neurons, mu in tokens: abs(WV[j,mu])) <= 10^6\n"
                                           "claim vectors: at 1: sqnorm(k[1]) = KK[1,1]\n"
                                           "claim slope: always [0, 2]: slope(loss) = d(loss)\n"
                                           "claim start: initially: slope(loss) = d(loss)\n"
                                           "claim moved: always (0, 2]: abs(loss - init(loss)) <= 100*t\n"
                                           "claim gone: always (1, 2]: loss - at(1, loss) < 0\n"
                                           "claim grown: always (1, 2]: at(1, loss) - loss > 10*(t - 1)\n"
                                           "claim false: always [0, 2]: loss >= init(loss)*95/100\n",
                                           NULL};

START_TEST(a_moving_state_is_judged)
{
    tube_rig t;
    tube_begin(&t);
    t.options.prec = 128;
    tube_open(&t, about_states);
    tube_run(&t, 0.0625, 2);
    tube_finish(&t, true, "");
    static const char *const expected[][2] = {{"X.1/falls", "proved"}, {"X.1/energy", "proved"}, {"X.1/positive", "proved"}, {"X.1/sum", "proved"}, {"X.1/there", "proved"},
                                              {"X.1/later", "proved"}, {"X.1/memory", "proved"}, {"X.1/products", "proved"}, {"X.1/forms", "proved"}, {"X.1/neurons", "proved"},
                                              {"X.1/vectors", "supported"}, {"X.1/slope", "supported"}, {"X.1/start", "supported"}, {"X.1/false", "refuted"}, {"X.1/moved", "proved"}, {"X.1/gone", "proved"}, {"X.1/grown", "refuted"}, {NULL, NULL}};
    check_all(&t, expected);
    tube_end(&t);
}
END_TEST

/* Everything that a result says. */
static char *print_results(const fp_results *r)
{
    fp_text text = {0};
    for (size_t k = 0; k < r->claims_count; k++) {
        const fp_claim_result *x = &r->claims[k];
        char *margin = fp_ball_hex(x->margin), *time = fp_mpfr_text(x->tight_time, 30), *measured = fp_ball_hex(x->measured[0].measured), *most = fp_ball_hex(x->ratio_greatest);
        fp_text_addf(&text, "%s %d %s %s %s %s %s %s %lu %lu\n", x->claim->id, x->verdict, x->reason, x->detail, margin, time, measured, most, x->samples, x->premises_true);
        free(margin);
        free(time);
        free(measured);
        free(most);
    }
    for (size_t k = 0; k < r->times_count; k++) {
        char *value = fp_mpfr_text(r->times[k].value, 38), *width = fp_mpfr_text(r->times[k].width, 10);
        fp_text_addf(&text, "%s %d %s %s\n", r->times[k].time->name, r->times[k].found, value, width);
        free(value);
        free(width);
    }
    return text.data;
}

static char *run_with(int threads)
{
    tube_rig t;
    tube_begin(&t);
    t.threads = threads;
    tube_open(&t, (const char *const[]){"X.1",
                                        "time T = first t with loss <= init(loss)*9/10\n"
                                        "constant C = 1/2 smallest\n"
                                        "claim falls: always [0, 1]: d(loss) < 0\n"
                                        "claim later: always [T, 1]: loss <= at(T, loss) + 1/10^6\n"
                                        "claim false: always [0, 1]: loss >= init(loss)*95/100\n"
                                        "claim measured: always [0, 1]: abs(G[1] - init(G[1])) <= C\n"
                                        "claim premise: always [0, 1]: loss <= init(loss)*9/10 implies t > 0\n"
                                        "order size: always [0, 1]: G[1]^2 + 1  is  O(loss)\n",
                                        NULL});
    tube_run(&t, 0.0625, 1);
    tube_finish(&t, true, "");
    char *text = print_results(&t.results);
    tube_end(&t);
    return text;
}

START_TEST(one_view_two_views_and_two_threads_give_the_same_results)
{
    char *one = run_with(1), *two = run_with(0), *threads = run_with(2);
    ck_assert_str_eq(one, two);
    ck_assert_str_eq(one, threads);
    free(one);
    free(two);
    free(threads);
}
END_TEST

START_TEST(enclosures_that_do_not_meet_are_an_internal_error)
{
    tube_rig t;
    tube_begin(&t);
    tube_open(&t, (const char *const[]){"X.1", "claim bound: always [0, 2]: G[1]^2 <= 1000000\n", NULL});
    t.mock[0].lie = t.mock[1].lie = 1000;
    ck_assert_int_eq(tube_step(&t, 0, 0.0625), FP_INTERNAL);
    ck_assert_ptr_nonnull(strstr(t.err.message, "two enclosures of the same margin of X.1/bound"));
    tube_end(&t);
    tube_begin(&t);
    tube_open(&t, (const char *const[]){"X.1", "claim bound: always [0, 2]: t >= 0\n", NULL});
    ck_assert_int_eq(tube_step(&t, 0, 0.0625), FP_OK);
    ck_assert_int_eq(tube_step(&t, 0.125, 0.25), FP_INTERNAL); /* a gap */
    ck_assert_ptr_nonnull(strstr(t.err.message, "does not continue"));
    tube_end(&t);
}
END_TEST

START_TEST(a_tube_that_does_not_close_leaves_open_windows_open)
{
    tube_rig t;
    tube_begin(&t);
    t.mock[0].still = t.mock[1].still = true;
    tube_open(&t, (const char *const[]){"X.1",
                                        "claim open: always [0, 2]: t >= 0\n"
                                        "claim closed: always [0, 1/2]: t >= 0\n"
                                        "claim false: always [0, 2]: t <= 1/4\n"
                                        "claim at: at 1: t >= 0\n"
                                        "claim soon: eventually [0, 2]: t >= 1/2\n"
                                        "claim never: eventually [0, 2]: t >= 1\n",
                                        NULL});
    tube_run(&t, 0.375, 0.75);
    ck_assert(!fp_tube_checker_is_done(t.checker));
    tube_finish(&t, false, "tube");
    static const char *const expected[][2] = {{"X.1/open", "undecided tube"}, {"X.1/closed", "proved"}, {"X.1/false", "refuted"}, {"X.1/at", "undecided tube"}, {"X.1/soon", "proved"},
                                              {"X.1/never", "undecided tube"}, {NULL, NULL}};
    check_all(&t, expected);
    tube_end(&t);
}
END_TEST

START_TEST(what_the_view_does_not_have_is_said)
{
    tube_rig t;
    tube_begin(&t);
    t.mock[0].refuse = t.mock[1].refuse = "the gram flow keeps no neurons";
    tube_check(&t, (const char *const[]){"X.1", "claim bound: always [0, 2]: G[1]^2 <= 1000000\n", NULL});
    tube_expect(&t, "X.1/bound", "undecided unavailable");
    ck_assert_ptr_nonnull(strstr(tube_result(&t, "X.1/bound")->detail, "the gram flow keeps no neurons"));
    tube_end(&t);
}
END_TEST

START_TEST(the_run_is_over_when_all_windows_are)
{
    tube_rig t;
    tube_begin(&t);
    t.mock[0].still = t.mock[1].still = true;
    tube_open(&t, (const char *const[]){"X.1", "claim a: always [0, 1/2]: t >= 0\nclaim b: at 1/3: t <= 1\nclaim c: n == 6\n", NULL});
    tube_run(&t, 0.375, 0.375);
    ck_assert(!fp_tube_checker_is_done(t.checker));
    ck_assert_int_eq(tube_step(&t, 0.375, 0.75), FP_OK);
    ck_assert(fp_tube_checker_is_done(t.checker));
    tube_finish(&t, true, "");
    static const char *const expected[][2] = {{"X.1/a", "proved"}, {"X.1/b", "proved"}, {"X.1/c", "proved"}, {NULL, NULL}};
    check_all(&t, expected);
    ck_assert_int_eq(fp_gate_exit(&t.results, false), 0);
    tube_end(&t);
}
END_TEST

/* sup (t - 1)^2 over [0, t] is 1 up to t = 2 and never comes down. */
START_TEST(suprema_remember_the_past)
{
    tube_rig t;
    tube_begin(&t);
    t.mock[0].still = t.mock[1].still = true;
    tube_check(&t, (const char *const[]){"X.1",
                                         "time T = first t with t^2 >= 2\n"
                                         "claim top: always [1/3, 2]: sup((t-1)^2) >= 1 - 1/10^9\n"
                                         "claim below: always [1/3, 2]: sup((t-1)^2) <= 1 + 1/10^9\n"
                                         "claim grows: always [1/2, 2]: sup(t) <= t + 1/1000\n"
                                         "claim bump: always [1, 2]: 1 - 1/10 <= sup(t*(2-t)) <= 1 + 1/10\n"
                                         "claim bumpless: always [1, 2]: sup(t*(2-t)) <= 9/10\n"
                                         "claim fallen: always [3/2, 2]: sup(t*(2-t)) <= t*(2-t)\n"
                                         "claim at: at T: 1 - 1/10 <= sup(t*(2-t)) <= 1 + 1/10\n"
                                         "claim false: at T: sup(t*(2-t)) <= 9/10\n",
                                         NULL});
    static const char *const expected[][2] = {{"X.1/top", "proved"}, {"X.1/below", "proved"}, {"X.1/grows", "proved"}, {"X.1/bump", "proved"}, {"X.1/bumpless", "refuted"},
                                              {"X.1/fallen", "refuted"}, {"X.1/at", "proved"}, {"X.1/false", "refuted"}, {NULL, NULL}};
    check_all(&t, expected);
    tube_end(&t);
}
END_TEST

#define CHANGE(x) "abs((" x ") - init(" x "))"
/* Both sides are 0 at t = 0, where the window begins without its end: they are divided by t. */
START_TEST(what_vanishes_at_the_start_is_compared_there_too)
{
    tube_rig t;
    tube_begin(&t);
    tube_check(&t, (const char *const[]){"X.1",
                                         "constant C = 1 smallest\n"
                                         "claim square: always (0, 1]: " CHANGE("t^2") " <= 11/10*" CHANGE("t") "\n"
                                         "claim falling: always (0, 1]: " CHANGE("0 - t") " >= t/2\n"
                                         "claim largest: always (0, 1]: max(" CHANGE("t") ", " CHANGE("3*t") ") <= 4*max(" CHANGE("t") ", t/2)\n"
                                         "claim over: always (0, 1]: max(e in {1, 2, 5}: " CHANGE("e*t") ") >= 4*" CHANGE("t") "\n"
                                         "claim least: always (0, 1]: min(e in {1, 2, 5}: " CHANGE("e*t") ") <= 5/4*" CHANGE("t") "\n"
                                         "claim added: always (0, 1]: sum(e in 1..3: " CHANGE("e*t") ") - " CHANGE("t") " < 51/10*t\n"
                                         "claim risen: always (0, 1]: " CHANGE("t") "/2 <= sup(" CHANGE("t") ") <= 2*" CHANGE("t") "\n"
                                         "claim orders: always (0, 1]: " CHANGE("t") "^2 + " CHANGE("t") "/4 <= 3/2*t and t/2 > 0\n"
                                         "claim strict: always (0, 1]: " CHANGE("t") " < 2*t\n"
                                         "claim constant: always (0, 1]: " CHANGE("t") " <= C*3*t\n"
                                         "claim moved: always (0, 1]: " CHANGE("G[1]") " + " CHANGE("score[2,1]") " <= 10^9*t\n"
                                         "claim equals: always (0, 1]: " CHANGE("t") " < t\n"
                                         "claim late: always (0, 1]: " CHANGE("t^2") " <= 1/2*" CHANGE("t") "\n"
                                         "claim early: always (0, 1]: " CHANGE("t") " <= 1000*" CHANGE("t^2") "\n"
                                         "claim sign: always (0, 1]: " CHANGE("t*(t - 1/1000)") " >= t/2000\n"
                                         "claim back: always (0, 1]: sup(t*(1/1000 - t)) <= 2*t*(1/1000 - t)\n"
                                         "claim closed: always [0, 1]: " CHANGE("t") " < 2*t\n"
                                         "claim begins: always (0, 1]: 1/10^6 - t <= 0*t\n"
                                         "claim number: always (0, 1]: 1/10 <= t\n"
                                         "claim product: always (0, 1]: (1/10)*(1 - 9*t) <= 0\n",
                                         NULL});
    static const char *const expected[][2] = {{"X.1/square", "proved"}, {"X.1/falling", "proved"}, {"X.1/largest", "proved"}, {"X.1/over", "proved"}, {"X.1/least", "proved"}, {"X.1/added", "proved"},
                                              {"X.1/risen", "proved"}, {"X.1/orders", "proved"}, {"X.1/strict", "proved"}, {"X.1/constant", "proved"}, {"X.1/moved", "proved"}, {"X.1/equals", "refuted"},
                                              {"X.1/late", "refuted"}, {"X.1/early", "refuted"}, {"X.1/sign", "refuted"}, {"X.1/back", "refuted"}, {"X.1/closed", "refuted"},
                                              {"X.1/begins", "refuted"}, {"X.1/number", "refuted"}, {"X.1/product", "refuted"}, {NULL, NULL}};
    check_all(&t, expected);
    check_measured(&t, "X.1/constant", "1/3", 0.05); /* without the division no number would do near t = 0 */
    tube_end(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tube_check");
    TCase *tests = tcase_create("tube_check");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, windows_are_proved_or_refuted_whole);
    tcase_add_test(tests, a_dip_much_narrower_than_a_step_is_refuted);
    tcase_add_test(tests, times_are_brackets_and_windows_begin_and_end_in_them);
    tcase_add_test(tests, last_times_begin_anew_whenever_the_condition_returns);
    tcase_add_test(tests, windows_that_are_not_covered_decide_nothing_but_counterexamples);
    tcase_add_test(tests, measured_constants_are_enclosed);
    tcase_add_test(tests, premises_identities_and_orders);
    tcase_add_test(tests, a_moving_state_is_judged);
    tcase_add_test(tests, one_view_two_views_and_two_threads_give_the_same_results);
    tcase_add_test(tests, enclosures_that_do_not_meet_are_an_internal_error);
    tcase_add_test(tests, a_tube_that_does_not_close_leaves_open_windows_open);
    tcase_add_test(tests, what_the_view_does_not_have_is_said);
    tcase_add_test(tests, the_run_is_over_when_all_windows_are);
    tcase_add_test(tests, suprema_remember_the_past);
    tcase_add_test(tests, what_vanishes_at_the_start_is_compared_there_too);
    suite_add_tcase(suite, tests);
    return fp_test_main(suite);
}
