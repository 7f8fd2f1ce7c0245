/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "../support/checker_rig.h"

static double time_of(const rig *r, const char *name)
{
    for (size_t k = 0; k < r->results.times_count; k++)
        if (r->results.times[k].time->name && strcmp(r->results.times[k].time->name, name) == 0)
            return r->results.times[k].found ? mpfr_get_d(r->results.times[k].value, MPFR_RNDN) : NAN;
    ck_abort_msg("no time %s", name);
    return NAN;
}

static double tight_time(const rig *r, const char *id)
{
    return mpfr_get_d(rig_result(r, id)->tight_time, MPFR_RNDN);
}

static double measured(const rig *r, const char *id)
{
    const fp_claim_result *result = rig_result(r, id);
    ck_assert_msg(result->measured_count == 1 && result->measured[0].known, "%s: nothing measured", id);
    return arf_get_d(arb_midref(result->measured[0].measured), ARF_RND_NEAR);
}

/* Steps are 3/8, so nodes and middles are multiples of 3/16 and never 1: the failure at t = 1 is narrower than 10^-4 and lies between samples. */
START_TEST(a_narrow_failure_between_samples_is_found_by_refinement)
{
    rig r;
    rig_begin(&r);
    rig_check(&r, (const char *const[]){"X.1",
                                        "claim narrow: always [0, 2]: (t-1)^2 >= 1/1000000000\n"
                                        "claim touch: always [0, 2]: (t-1)^2 >= 0\n"
                                        "claim sign: always [0, 2]: for e in {1, 2}: (t-1)^2 + e - 1 - 1/1000000000 >= 0\n"
                                        "claim left: always [0, 2]: (t-28/25)^2 >= 1/1000000000\n"
                                        "claim right: always [0, 2]: (t-113/100)^2 >= 1/1000000000\n"
                                        "claim never: eventually [0, 2]: (t-1)^2 <= -1\n"
                                        "claim once: eventually [0, 2]: (t-1)^2 <= 1/1000000000\n",
                                        NULL});
    rig_expect(&r, "X.1/narrow", "violated");
    ck_assert(fabs(tight_time(&r, "X.1/narrow") - 1) < 1e-6);
    rig_expect(&r, "X.1/touch", "supported");
    ck_assert(fabs(tight_time(&r, "X.1/touch") - 1) < 1e-2);
    rig_expect(&r, "X.1/sign", "violated"); /* its relative margin is 1 or -1 everywhere */
    rig_expect(&r, "X.1/left", "violated"); /* just left of the node 9/8 */
    ck_assert(fabs(tight_time(&r, "X.1/left") - 1.12) < 1e-6);
    rig_expect(&r, "X.1/right", "violated"); /* just right of it */
    ck_assert(fabs(tight_time(&r, "X.1/right") - 1.13) < 1e-6);
    rig_expect(&r, "X.1/never", "violated");
    rig_expect(&r, "X.1/once", "supported");
    rig_end(&r);
}
END_TEST

START_TEST(first_times_are_bracketed_and_open_windows_inside_steps)
{
    rig r;
    rig_begin(&r);
    rig_check(&r, (const char *const[]){"X.1",
                                        "time T = first t with t^2 >= 2\n"
                                        "time U = first t in [T, 2] with t >= 3/2\n"
                                        "time N = first t in [0, 1] with t >= 3/2\n"
                                        "time Z = first t with t >= 0\n"
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
                                        "claim open: always (T, 2]: t >= at(T, t)\n",
                                        NULL});
    ck_assert(fabs(time_of(&r, "T") - sqrt(2)) < 1e-15);
    ck_assert(fabs(time_of(&r, "U") - 1.5) < 1e-15);
    ck_assert(isnan(time_of(&r, "N")));
    ck_assert(time_of(&r, "Z") == 0);
    rig_expect(&r, "X.1/there", "supported");
    rig_expect(&r, "X.1/after", "supported");
    rig_expect(&r, "X.1/border", "undecided straddles-zero"); /* T is known to a bracket only */
    rig_expect(&r, "X.1/between", "supported");
    rig_expect(&r, "X.1/late", "violated");
    rig_expect(&r, "X.1/memory", "supported");
    rig_expect(&r, "X.1/early", "undecided time-not-reached");
    rig_expect(&r, "X.1/once", "supported");
    rig_expect(&r, "X.1/empty", "undecided vacuous");
    rig_expect(&r, "X.1/never", "undecided time-not-reached");
    rig_expect(&r, "X.1/zero", "supported");
    rig_expect(&r, "X.1/open", "supported");
    rig_end(&r);
}
END_TEST

START_TEST(last_times_begin_anew_whenever_the_condition_returns)
{
    rig r;
    rig_begin(&r);
    rig_check(&r, (const char *const[]){"X.1",
                                        "time T = last t in [0, 2] with t < 1/2 or (t > 1 and t < 5/4)\n"
                                        "time N = last t in [0, 2] with t > 5\n"
                                        "time H = last t in [0, 2] with t > 1\n"
                                        "time B = last t in [0, 6/5] with t < 1/2 or (t > 1 and t < 5/4)\n"
                                        "claim from: always [T, 2]: t >= 124999/100000\n"
                                        "claim far: always [T, 2]: t >= 5/4 + 1/100\n"
                                        "claim value: always [T, 2]: at(T, t) >= 124999/100000\n"
                                        "claim start: always [N, 2]: t >= 0\n"
                                        "claim held: always [H, 2]: t >= 0\n"
                                        "claim cut: always [B, 2]: t >= 0\n",
                                        NULL});
    ck_assert(fabs(time_of(&r, "T") - 1.25) < 1e-15);
    ck_assert(isnan(time_of(&r, "N")));
    ck_assert(isnan(time_of(&r, "H")));
    ck_assert(isnan(time_of(&r, "B")));
    rig_expect(&r, "X.1/from", "supported");
    rig_expect(&r, "X.1/far", "violated");
    rig_expect(&r, "X.1/value", "supported");
    rig_expect(&r, "X.1/start", "undecided time-not-reached");
    rig_expect(&r, "X.1/held", "undecided time-not-reached");
    rig_expect(&r, "X.1/cut", "undecided time-not-reached");
    rig_end(&r);
}
END_TEST

START_TEST(windows_that_are_not_covered_decide_nothing_but_counterexamples)
{
    rig r;
    rig_begin(&r);
    rig_check(&r, (const char *const[]){"X.1",
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
                                        "claim shut: always [0, 1]: t < 1\n",
                                        NULL});
    rig_expect(&r, "X.1/beyond", "undecided horizon-not-reached");
    rig_expect(&r, "X.1/after", "undecided horizon-not-reached");
    rig_expect(&r, "X.1/edge", "undecided horizon-not-reached");
    rig_expect(&r, "X.1/last", "supported");
    rig_expect(&r, "X.1/false", "violated");
    rig_expect(&r, "X.1/reached", "supported");
    rig_expect(&r, "X.1/seen", "supported");
    rig_expect(&r, "X.1/unseen", "undecided horizon-not-reached");
    rig_expect(&r, "X.1/nothing", "undecided vacuous");
    rig_expect(&r, "X.1/opened", "supported");
    rig_expect(&r, "X.1/closed", "violated");
    rig_expect(&r, "X.1/ajar", "supported");
    rig_expect(&r, "X.1/shut", "violated");
    rig_end(&r);
}
END_TEST

START_TEST(a_run_that_stops_early_supports_no_open_window)
{
    rig r;
    rig_begin(&r);
    rig_sheets(&r, (const char *const[]){"X.1",
                                         "claim open: always [0, 2]: t >= 0\n"
                                         "claim closed: always [0, 1/2]: t >= 0\n"
                                         "claim false: always [0, 2]: t <= 1/4\n",
                                         NULL});
    rig_checker(&r, NULL);
    rig_run(&r, 0.375, 1);
    ck_assert(!fp_checker_is_done(r.checker));
    fp_checker_finish(&r.results, r.checker, false, "interrupted");
    rig_expect(&r, "X.1/open", "undecided interrupted");
    rig_expect(&r, "X.1/closed", "supported");
    rig_expect(&r, "X.1/false", "violated");
    rig_end(&r);
}
END_TEST

START_TEST(a_premise_that_never_holds_makes_a_claim_vacuous)
{
    rig r;
    rig_begin(&r);
    rig_check(&r, (const char *const[]){"X.1",
                                        "claim vacuous: always [0, 2]: t > 5 implies t < 0\n"
                                        "claim real: always [0, 2]: t > 1 implies t >= 1\n"
                                        "claim broken: always [0, 2]: t > 1 implies t <= 3/2\n"
                                        "claim undefined: always [0, 2]: log(t - 1) <= 5\n",
                                        NULL});
    rig_expect(&r, "X.1/vacuous", "undecided vacuous");
    rig_expect(&r, "X.1/real", "supported");
    ck_assert_uint_gt(rig_result(&r, "X.1/real")->premises_true, 0);
    ck_assert_uint_gt(rig_result(&r, "X.1/real")->premises, rig_result(&r, "X.1/real")->premises_true);
    rig_expect(&r, "X.1/broken", "violated");
    rig_expect(&r, "X.1/undefined", "undecided domain");
    rig_end(&r);
}
END_TEST

START_TEST(constants_are_measured_over_the_window_and_fail_with_their_value)
{
    rig r;
    rig_begin(&r);
    rig_check(&r, (const char *const[]){"X.1",
                                        "constant A = 2 smallest\nconstant B = 1/2 smallest\nconstant C = 1/2 largest\nconstant D = 10 smallest\n"
                                        "claim above: always [0, 2]: t*(2-t) <= A\n"
                                        "claim below: always [0, 2]: t*(2-t) <= B\n"
                                        "claim least: always [0, 2]: (t-1)^2 + 1 >= C\n"
                                        "claim premise: always [0, 2]: t <= 1 implies t <= D\n"
                                        "claim start: n <= B\n",
                                        NULL});
    rig_expect(&r, "X.1/above", "supported");
    ck_assert(fabs(measured(&r, "X.1/above") - 1) < 1e-9);
    rig_expect(&r, "X.1/below", "violated");
    ck_assert(fabs(measured(&r, "X.1/below") - 1) < 1e-9);
    ck_assert_ptr_nonnull(strstr(rig_result(&r, "X.1/below")->detail, "fails with B = 1/2, measured 1"));
    ck_assert(fabs(measured(&r, "X.1/least") - 1) < 1e-9);
    rig_expect(&r, "X.1/premise", "supported");
    ck_assert(measured(&r, "X.1/premise") <= 1);
    rig_expect(&r, "X.1/start", "violated"); /* 'there is a constant' is never refuted */
    ck_assert(measured(&r, "X.1/start") == 6);
    rig_end(&r);
}
END_TEST

static const char *const about_states[] = {"X.1",
                                           "claim near: always [0, 2]: G[1]^2 <= init(G[1])^2 + 1/10^12\n"
                                           "claim far: always [0, 2]: G[1]^2 <= init(G[1])^2 + 1\n"
                                           "claim false: always [0, 2]: G[1]^2 <= init(G[1])^2 - 1\n"
                                           "claim bound: always [0, 2]: G[1]^2 <= 10^6\n"
                                           "claim count: always [0, 2]: count(i in samples) >= 6\n"
                                           "claim same: always [0, 2]: G[1]*G[2] = G[2]*G[1]\n"
                                           "claim other: always [0, 2]: G[1] = G[2]\n",
                                           NULL};

START_TEST(margins_within_the_difference_of_the_runs_decide_nothing)
{
    rig r;
    rig_begin(&r);
    r.gap = 1e-7;
    rig_check(&r, about_states);
    rig_expect(&r, "X.1/near", "undecided within-error");
    rig_expect(&r, "X.1/far", "supported");
    rig_expect(&r, "X.1/false", "violated");
    ck_assert(arb_is_positive(rig_result(&r, "X.1/near")->error));
    rig_expect(&r, "X.1/same", "supported");
    ck_assert_int_ge(rig_result(&r, "X.1/same")->agreement_digits, 40);
    rig_expect(&r, "X.1/other", "violated");
    rig_end(&r);
}
END_TEST

START_TEST(runs_that_agree_in_every_bit_while_the_state_moves_are_suspect)
{
    rig r;
    rig_begin(&r);
    r.rate = 0.01;
    rig_check(&r, about_states);
    rig_expect(&r, "X.1/bound", "undecided suspect-error-estimate");
    rig_expect(&r, "X.1/count", "supported");
    rig_end(&r);
}
END_TEST

START_TEST(claims_about_the_start_are_proved_or_refuted_and_requires_is_heard)
{
    rig r;
    rig_begin(&r);
    rig_check(&r, (const char *const[]){"X.1",
                                        "claim sizes: n == 6\n"
                                        "claim loss: initially: loss > 0\n"
                                        "claim wrong: initially: for i in samples: G[1] > 100\n"
                                        "claim same: initially: S1 + S2 = S2 + S1\n",
                                        "X.2", "requires n >= 7\nclaim any: always [0, 2]: t >= 0\n", NULL});
    rig_expect(&r, "X.1/sizes", "proved");
    rig_expect(&r, "X.1/loss", "proved");
    ck_assert_int_eq(rig_result(&r, "X.1/loss")->evidence, FP_EVIDENCE_ENCLOSURE);
    rig_expect(&r, "X.1/wrong", "refuted");
    ck_assert_str_ne(rig_result(&r, "X.1/wrong")->binding, "");
    rig_expect(&r, "X.1/same", "supported");
    rig_expect(&r, "X.2/any", "not-applicable requires");
    ck_assert_ptr_nonnull(strstr(rig_result(&r, "X.2/any")->detail, "n >= 7"));
    ck_assert_int_eq(fp_gate_exit(&r.results, false), 1);
    rig_end(&r);
}
END_TEST

START_TEST(failing_hypotheses_mark_claims_and_globs_must_match)
{
    rig r;
    rig_begin(&r);
    rig_sheets(&r, (const char *const[]){"X.1", "assumes X.2\nclaim a: always [0, 2]: t >= 0\n", "X.2", "claim bad: always [0, 2]: t <= 1\n", "X.3",
                                         "assumes X.4/*\nclaim c: always [0, 2]: t >= 0\n", "X.4", "claim good: always [0, 2]: t <= 2\n", NULL});
    rig_checker(&r, "X.[!]");
    ck_assert_uint_eq(fp_checker_selected(r.checker), 0);
    fp_checker_free(r.checker);
    rig_checker(&r, "X.1");
    ck_assert_uint_eq(fp_checker_selected(r.checker), 1);
    rig_run(&r, 0.375, 2);
    ck_assert(fp_checker_is_done(r.checker));
    fp_checker_finish(&r.results, r.checker, true, NULL);
    ck_assert(rig_result(&r, "X.1/a")->outside_hypotheses);
    rig_expect(&r, "X.1/a", "supported");
    fp_results_clear(&r.results);
    fp_checker_free(r.checker);
    rig_checker(&r, "X.3/c");
    rig_run(&r, 0.375, 2);
    fp_checker_finish(&r.results, r.checker, true, NULL);
    ck_assert(!rig_result(&r, "X.3/c")->outside_hypotheses);
    rig_end(&r);
    rig_begin(&r);
    rig_sheets(&r, (const char *const[]){"X.1", "assumes X.2/no*\nclaim a: always [0, 2]: t >= 0\n", "X.2", "claim b: always [0, 2]: t >= 0\n", NULL});
    fp_checker_options options = rig_options(&r, NULL, NULL);
    ck_assert_int_eq(fp_checker_new(&r.checker, &options, &r.err), FP_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(r.err.message, "'X.2/no*'"));
    rig_end(&r);
    rig_begin(&r);
    rig_sheets(&r, (const char *const[]){"X.1", "assumes Y.9/*\nclaim a: always [0, 2]: t >= 0\n", NULL});
    rig_checker(&r, "X.1/a");
    rig_run(&r, 0.375, 2);
    fp_checker_finish(&r.results, r.checker, true, NULL);
    ck_assert_msg(rig_result(&r, "X.1/a")->outside_hypotheses, "a hypothesis whose sheet was not read is not shown");
    rig_end(&r);
}
END_TEST

START_TEST(twins_are_checked_in_place_of_their_originals)
{
    rig r;
    rig_begin(&r);
    rig_sheets(&r, (const char *const[]){"X.1", "claim a: always [0, 2]: t <= 2\nclaim b: always [0, 2]: t >= 0\n", "twin X.1", "claim a: always [0, 2]: t <= 1\n", NULL});
    fp_checker_options options = rig_options(&r, NULL, NULL);
    options.twins = true;
    fp_ck_ok(fp_checker_new(&r.checker, &options, &r.err), &r.err);
    rig_run(&r, 0.375, 2);
    fp_checker_finish(&r.results, r.checker, true, NULL);
    ck_assert_uint_eq(r.results.claims_count, 1);
    rig_expect(&r, "X.1/a", "violated");
    ck_assert_int_eq(fp_gate_exit(&r.results, false), 0);
    rig_end(&r);
}
END_TEST

START_TEST(orders_and_probabilities_are_deferred_with_what_this_run_shows)
{
    rig r;
    rig_begin(&r);
    rig_check(&r, (const char *const[]){"X.1",
                                        "claim a: always [0, 2]: t >= 0\nclaim b: always [0, 2]: t <= 1\n"
                                        "order size: always [0, 2]: 1 + t is O(2)\n"
                                        "probability all: claims X.1/* hold with probability >= 1 - delta\n"
                                        "probability one: claims X.1/a hold with probability >= 1 - delta\n"
                                        "probability cond: claims X.1/a hold with probability >= 1 - delta given X.1/b\n",
                                        NULL});
    rig_expect(&r, "X.1/size", "deferred");
    const fp_claim_result *size = rig_result(&r, "X.1/size");
    ck_assert(size->has_ratio);
    fp_ck_contains(size->ratio_least, "1/2");
    fp_ck_contains(size->ratio_greatest, "3/2");
    ck_assert_str_eq(rig_result(&r, "X.1/all")->detail, "this run: X.1/b violated");
    ck_assert_str_eq(rig_result(&r, "X.1/one")->detail, "this run: all 1 claims held");
    ck_assert_ptr_nonnull(strstr(rig_result(&r, "X.1/cond")->detail, "outside the event"));
    rig_end(&r);
}
END_TEST

/* ---- a real run, with one and with two threads */
typedef struct {
    rig *r;
    fp_status status;
} observing;

static fp_status real_at(fp_vec *out, void *ctx, bool fine, mpfr_srcptr t, bool exact, fp_error *err)
{
    return fp_run_at(out, ctx, fine, t, exact, err);
}

static bool observe(fp_run *run, void *ctx)
{
    observing *o = ctx;
    fp_stretch s = {fp_run_left(run), fp_run_middle(run), fp_run_right(run), fp_run_state(run, false), fp_run_middle_state(run),
                    fp_run_state(run, true), real_at, run};
    o->status = fp_checker_step(o->r->checker, &s, &o->r->err);
    return o->status == FP_OK;
}

static void real_run(rig *r, fp_pool *pool)
{
    fp_checker_options options = rig_options(r, NULL, pool);
    fp_reals stops;
    mpq_t zero, tolerance;
    mpq_inits(zero, tolerance, NULL);
    mpq_set_str(tolerance, "1/10000000000", 10);
    fp_ck_ok(fp_checker_new(&r->checker, &options, &r->err), &r->err);
    fp_checker_stops(&stops, r->checker, RIG_PREC);
    fp_run_options how = {.t0 = zero, .t_end = r->setting.horizon, .tolerance = tolerance, .prec = RIG_PREC, .stops = &stops, .max_steps = 10000, .pair = true};
    fp_run *run = fp_run_new(fp_flow_field(r->flow[0]), fp_flow_field(r->flow[1]), &how);
    observing o = {r, FP_OK};
    fp_ck_ok(fp_checker_start(r->checker, r->y0, &r->err), &r->err);
    ck_assert_msg(fp_run_go(run, r->y0, observe, &o, &r->err) == FP_RUN_END, "%s", r->err.message);
    fp_checker_finish(&r->results, r->checker, true, NULL);
    fp_run_free(run);
    fp_reals_clear(&stops);
    mpq_clears(zero, tolerance, NULL);
}

static const char *const flow_claims[] = {"X.1",
                                          "time H = first t with loss <= 9/10*init(loss)\n"
                                          "claim falls: always [0, 2]: d(loss) < 0\n"
                                          "claim field: always [0, 2]: abs(d(loss) - slope(loss)) <= 1/10^20\n"
                                          "claim below: always [0, 2]: loss <= init(loss)\n"
                                          "claim half: always [H, 2]: loss <= 9/10*init(loss) + 1/10^6\n"
                                          "claim rises: always [0, 2]: for i in I1: y[i]*F[i] >= init(y[i]*F[i])\n"
                                          "claim chain: always [0, 2]: d(G[1]) = d(dot(u, v[1]))\n",
                                          NULL};

static char *print_results(const fp_results *r)
{
    fp_text text = {0};
    for (size_t k = 0; k < r->claims_count; k++) {
        const fp_claim_result *c = &r->claims[k];
        char *margin = fp_ball_hex(c->margin), *error = fp_ball_hex(c->error), *time = fp_mpfr_text(c->tight_time, 30);
        fp_text_addf(&text, "%s %s %s %s %s %s %s %s %lu\n", c->claim->id, fp_verdict_word(c->verdict), c->reason, c->detail, c->binding, margin, error, time,
                     c->samples);
        free(margin);
        free(error);
        free(time);
    }
    return text.data;
}

START_TEST(a_real_run_gives_the_same_results_for_one_and_two_threads)
{
    char *text[2];
    for (int threads = 1; threads <= 2; threads++) {
        rig r;
        rig_begin(&r);
        rig_sheets(&r, flow_claims);
        fp_pool *pool = fp_pool_new(threads);
        real_run(&r, pool);
        text[threads - 1] = print_results(&r.results);
        if (threads == 1) {
            rig_expect(&r, "X.1/falls", "supported");
            rig_expect(&r, "X.1/field", "supported");
            rig_expect(&r, "X.1/chain", "supported");
            ck_assert(arb_is_positive(rig_result(&r, "X.1/falls")->error));
        }
        rig_end(&r);
        fp_pool_free(pool);
    }
    ck_assert_str_eq(text[0], text[1]);
    free(text[0]);
    free(text[1]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check");
    TCase *tests = tcase_create("check");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_narrow_failure_between_samples_is_found_by_refinement);
    tcase_add_test(tests, first_times_are_bracketed_and_open_windows_inside_steps);
    tcase_add_test(tests, last_times_begin_anew_whenever_the_condition_returns);
    tcase_add_test(tests, windows_that_are_not_covered_decide_nothing_but_counterexamples);
    tcase_add_test(tests, a_run_that_stops_early_supports_no_open_window);
    tcase_add_test(tests, a_premise_that_never_holds_makes_a_claim_vacuous);
    tcase_add_test(tests, constants_are_measured_over_the_window_and_fail_with_their_value);
    tcase_add_test(tests, margins_within_the_difference_of_the_runs_decide_nothing);
    tcase_add_test(tests, runs_that_agree_in_every_bit_while_the_state_moves_are_suspect);
    tcase_add_test(tests, claims_about_the_start_are_proved_or_refuted_and_requires_is_heard);
    tcase_add_test(tests, failing_hypotheses_mark_claims_and_globs_must_match);
    tcase_add_test(tests, twins_are_checked_in_place_of_their_originals);
    tcase_add_test(tests, orders_and_probabilities_are_deferred_with_what_this_run_shows);
    tcase_add_test(tests, a_real_run_gives_the_same_results_for_one_and_two_threads);
    suite_add_tcase(suite, tests);
    return fp_test_main(suite);
}
