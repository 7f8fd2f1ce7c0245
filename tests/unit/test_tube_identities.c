/* SPDX-License-Identifier: MIT */
/* Identities at knots. The rig's knots are RIG_PREC bits long and lie far from the solution where `shift` says so; balls have RIG_BALLS bits, so what holds at every state agrees to more than 40 digits. */
#include "../support/tube_rig.h"

enum { EVERY_STATE = 40, FIELD = 28 /* slope() has an allowance of 2^-112 */ };

static void open_rig(tube_rig *t, double noise, double shift)
{
    tube_begin(t);
    t->options.flow = t->base.flow[1];
    for (int p = 0; p < 2; p++) {
        t->mock[p].noise = noise;
        t->mock[p].shift = shift;
    }
}

static void expect_digits(const tube_rig *t, const char *id, int least, int most)
{
    const fp_claim_result *r = tube_result(t, id);
    ck_assert_msg(r->agreement_digits >= least && r->agreement_digits <= most, "%s: %d digits at %lu states, wanted %d to %d (%s)", id, r->agreement_digits, r->agreement_states, least, most, r->detail);
}

static void expect_at_knots(const tube_rig *t, const char *id, int least, unsigned long states)
{
    const fp_claim_result *r = tube_result(t, id);
    tube_expect(t, id, "supported");
    expect_digits(t, id, least, 60);
    ck_assert_msg(r->agreement_states == states && r->detail[0] == 0, "%s: at %lu states, wanted %lu (%s)", id, r->agreement_states, states, r->detail);
}

/* Steps are 3/8, the last one 1/8 long: knots at 0, 3/8, 3/4, 9/8, 3/2, 15/8, 2. */
START_TEST(what_holds_at_every_state_is_seen_at_exact_states_however_wide_the_tube)
{
    static const char *const sheets[] = {"X.1",
                                         "time T = first t with t >= 1\n"
                                         "define pull(mu) = (1/n)*sum(i in samples, l in positions, h in positions where tok[i,h] == mu: g[i]*y[i]*p[i,l,h])\n"
                                         "claim mean: always [0, 2]: loss = sum(i in samples: lossof[i])/n\n"
                                         "claim open: always (0, 3/4): loss = sum(i in samples: lossof[i])/n\n"
                                         "claim pulls: for mu in tokens: always [3/8, 15/8]: c[mu] = pull(mu)\n"
                                         "claim moves: for mu in tokens: always [0, 2]: d(c[mu]) = d(pull(mu))\n"
                                         "claim field: for mu in tokens: always [0, 2]: slope(G[mu]) = unorm2*c[mu] + m1*sum(nu in tokens: VV[mu,nu]*c[nu])\n"
                                         "claim knot: for mu in tokens: at 3/2: c[mu] = pull(mu)\n"
                                         "claim start: at 0: loss = sum(i in samples: lossof[i])/n\n"
                                         "claim end: at 2: loss = sum(i in samples: lossof[i])/n\n"
                                         "claim event: at T: loss = sum(i in samples: lossof[i])/n\n"
                                         "claim third: at 1/3: loss = sum(i in samples: lossof[i])/n\n"
                                         "claim short: always [1/10, 1/5]: loss = sum(i in samples: lossof[i])/n\n"
                                         "claim initial: initially: slope(G[1]) = d(G[1])\n"
                                         "claim both: always [0, 2]: loss = sum(i in samples: lossof[i])/n and loss > 0\n"
                                         "claim since: always [0, 2]: abs(loss - init(loss)) = abs(init(loss) - loss)\n"
                                         "claim between: initially: at(3/4, loss) - at(3/2, loss) = at(3/4, sum(i in samples: lossof[i])/n) - at(3/2, sum(i in samples: lossof[i])/n)\n"
                                         "claim premise: always [0, 2]: for e in {0, 5}: e < 3 implies loss = sum(i in samples: lossof[i])/n + e\n",
                                         NULL};
    tube_rig t;
    open_rig(&t, 1e-6, 1e-3);
    tube_check(&t, sheets);
    expect_at_knots(&t, "X.1/mean", EVERY_STATE, 7);
    expect_at_knots(&t, "X.1/open", EVERY_STATE, 1);
    expect_at_knots(&t, "X.1/pulls", EVERY_STATE, 5);
    expect_at_knots(&t, "X.1/moves", EVERY_STATE, 7);
    expect_at_knots(&t, "X.1/field", FIELD, 7);
    expect_digits(&t, "X.1/field", FIELD, 36);
    expect_at_knots(&t, "X.1/knot", EVERY_STATE, 1);
    expect_at_knots(&t, "X.1/start", EVERY_STATE, 1);
    expect_at_knots(&t, "X.1/end", EVERY_STATE, 1);
    expect_at_knots(&t, "X.1/event", EVERY_STATE, 1);
    expect_at_knots(&t, "X.1/third", EVERY_STATE, 1);
    expect_at_knots(&t, "X.1/short", EVERY_STATE, 1);
    expect_at_knots(&t, "X.1/initial", FIELD, 1);
    expect_digits(&t, "X.1/initial", FIELD, 36);
    expect_at_knots(&t, "X.1/both", EVERY_STATE, 7);
    expect_at_knots(&t, "X.1/since", EVERY_STATE, 7);
    expect_at_knots(&t, "X.1/between", EVERY_STATE, 1);
    expect_at_knots(&t, "X.1/premise", EVERY_STATE, 7);
    tube_end(&t);
}
END_TEST

static void expect_along(const tube_rig *t, const char *id, int least, int most)
{
    const fp_claim_result *r = tube_result(t, id);
    tube_expect(t, id, "supported");
    expect_digits(t, id, least, most);
    ck_assert_msg(r->agreement_states == 0 && strstr(r->detail, "along the solution"), "%s: at %lu states (%s)", id, r->agreement_states, r->detail);
}

static const char *const twins[] = {"X.1",
                                    "claim off: always (0, 2]: loss = sum(i in samples: lossof[i])/n + 1e-20\n"
                                    "claim growing: always [0, 2]: loss = sum(i in samples: lossof[i])/n + 1e-20*t\n"
                                    "claim there: at 3/2: loss = sum(i in samples: lossof[i])/n + 1e-20\n"
                                    "claim field: always (0, 2]: slope(G[1]) = d(G[1]) + 1e-20\n",
                                    NULL};

/* A tube of 1e-14 around a loss of 0.7 shows 13 digits, and no twin has more. */
START_TEST(a_false_identity_off_by_1e_20_is_supported_to_what_the_tube_shows)
{
    tube_rig t;
    open_rig(&t, 1e-14, 0);
    tube_check(&t, twins);
    static const char *const list[] = {"X.1/off", "X.1/growing", "X.1/there", "X.1/field"};
    for (int k = 0; k < 4; k++) {
        expect_along(&t, list[k], 11, 14);
        ck_assert_msg(strstr(tube_result(&t, list[k])->detail, "not at every state"), "%s: %s", list[k], tube_result(&t, list[k])->detail);
    }
    tube_end(&t);
}
END_TEST

/* There the solution is the initial weights, exactly. */
START_TEST(a_false_identity_off_by_1e_20_is_refuted_at_t_0)
{
    tube_rig t;
    open_rig(&t, 1e-6, 1e-3);
    tube_check(&t, (const char *const[]){"X.1",
                                         "claim off: always [0, 2]: loss = sum(i in samples: lossof[i])/n + 1e-20\n"
                                         "claim field: always [0, 2]: slope(G[1]) = d(G[1]) + 1e-20\n"
                                         "claim there: at 0: loss = sum(i in samples: lossof[i])/n + 1e-20\n"
                                         "claim true: always [0, 2]: loss = sum(i in samples: lossof[i])/n + 1e-20*t\n",
                                         NULL});
    tube_expect(&t, "X.1/off", "refuted");
    tube_expect(&t, "X.1/field", "refuted");
    tube_expect(&t, "X.1/there", "refuted");
    tube_expect(&t, "X.1/true", "undecided precision-cap");
    ck_assert_msg(strstr(tube_result(&t, "X.1/off")->detail, "at t = 0"), "%s", tube_result(&t, "X.1/off")->detail);
    tube_end(&t);
}
END_TEST

START_TEST(a_false_identity_is_undecided_on_a_wide_tube_and_refuted_on_a_thin_one)
{
    static const char *const wanted[] = {"undecided precision-cap", "refuted"};
    for (int thin = 0; thin < 2; thin++) {
        tube_rig t;
        open_rig(&t, thin ? 1e-24 : 1e-6, 0);
        tube_check(&t, twins);
        tube_expect(&t, "X.1/off", wanted[thin]);
        tube_expect(&t, "X.1/there", wanted[thin]);
        tube_expect(&t, "X.1/field", wanted[thin]);
        tube_end(&t);
    }
}
END_TEST

/* What the flow conserves. The rig's solution does so to 1e-10, its knots lie far off; 6 digits are needed at 96 bits. */
static void open_conserved(tube_rig *t)
{
    open_rig(t, 1e-9, 1e-4);
    t->options.prec = 96;
}

START_TEST(what_holds_along_the_solution_alone_is_seen_on_the_tube)
{
    tube_rig t;
    open_conserved(&t);
    tube_check(&t, (const char *const[]){"X.1",
                                         "let balance = sum(mu in tokens: KK[mu,mu] - QQ[mu,mu])\n"
                                         "claim kept: always [0, 2]: balance = init(balance)\n"
                                         "claim known: at 3/2: balance = at(3/4, balance)\n"
                                         "claim unknown: at 3/2: loss - at(1/3, loss) = -(at(1/3, loss) - loss)\n"
                                         "claim highest: always [0, 2]: sup(loss) = init(loss)\n"
                                         "claim mixed: always [0, 2]: balance = init(balance) and loss = sum(i in samples: lossof[i])/n\n",
                                         NULL});
    static const char *const list[] = {"X.1/kept", "X.1/known", "X.1/unknown", "X.1/mixed", "X.1/highest"}; /* sup() has no value at a knot */
    for (int k = 0; k < 5; k++) expect_along(&t, list[k], 7, 10);
    tube_end(&t);
}
END_TEST

/* At a knot that is the state remembered, e - init(e) and e - at(T, e) are 0 whatever e is. */
START_TEST(a_state_beside_itself_shows_nothing)
{
    tube_rig t;
    open_rig(&t, 1e-12, 0);
    tube_check(&t, (const char *const[]){"X.1",
                                         "time E = first t with t >= 1e-15\n"
                                         "claim near: always [0, E]: loss = init(loss)\n"
                                         "claim twice: always [0, E]: loss - init(loss) = 2*(loss - init(loss))\n"
                                         "claim later: always [1/2, 1/2 + 1e-24]: loss = at(1/2, loss)\n"
                                         "claim between: initially: at(3/2, loss) - at(3/2 + 1e-24, loss) = 0\n",
                                         NULL});
    expect_along(&t, "X.1/near", 9, 12);
    tube_expect(&t, "X.1/twice", "undecided precision-cap");
    expect_along(&t, "X.1/later", 9, 12);
    ck_assert_uint_eq(tube_result(&t, "X.1/between")->agreement_states, 0);
    tube_end(&t);
}
END_TEST

/* E is in [0, 2^-63]; of its window only t = 0 is certain, where both sides are the same. */
START_TEST(an_identity_at_t_0_alone_proves_nothing_of_a_window_that_may_be_longer)
{
    tube_rig t;
    open_rig(&t, 1e-12, 0);
    tube_check(&t, (const char *const[]){"X.1",
                                         "time E = first t with t >= 1e-20\n"
                                         "claim near: always [0, E]: loss = init(loss)\n"
                                         "claim rational: always [0, E]: G[1] = init(G[1])\n"
                                         "claim twice: always [0, E]: G[1] - init(G[1]) = 2*(G[1] - init(G[1]))\n"
                                         "claim both: always [0, E]: G[1] = init(G[1]) and loss > 0\n"
                                         "claim wrong: always [0, E]: t = 0\n"
                                         "claim wrong_too: always [0, E]: t = 0 and G[1] = init(G[1])\n",
                                         NULL});
    expect_along(&t, "X.1/near", 9, 12);
    expect_along(&t, "X.1/rational", 9, 12);
    expect_along(&t, "X.1/both", 9, 12);
    tube_expect(&t, "X.1/twice", "undecided precision-cap");
    tube_expect(&t, "X.1/wrong", "undecided straddles-zero");
    tube_expect(&t, "X.1/wrong_too", "undecided straddles-zero");
    tube_end(&t);
}
END_TEST

/* e falls by 1e-21, which the tube does not show; at a knot alone, sup(e) would be e. */
START_TEST(a_supremum_is_not_known_at_a_knot)
{
    tube_rig t;
    open_rig(&t, 1e-12, 0);
    tube_check(&t, (const char *const[]){"X.1", "let e = 1 + 1e-20*loss + unorm2 - dot(u, u)\nclaim crest: always [0, 2]: sup(e) = e\n", NULL});
    tube_expect(&t, "X.1/crest", "undecided precision-cap");
    tube_end(&t);
}
END_TEST

/* ---- a field that is off by 1e-5 */
static void (*right_rhs)(fp_vec *, mpfr_srcptr, const fp_vec *, void *);

static void wrong_rhs(fp_vec *out, mpfr_srcptr t, const fp_vec *y, void *ctx)
{
    mpfr_t factor;
    right_rhs(out, t, y, ctx);
    mpfr_init2(factor, RIG_PREC);
    mpfr_set_d(factor, 1 + 1e-5, MPFR_RNDN);
    fp_vec *copy = fp_vec_new(fp_vec_len(out), RIG_PREC);
    fp_vec_copy(copy, out);
    fp_vec_scale(out, 0, factor, copy, 0, fp_vec_len(out));
    fp_vec_free(copy);
    mpfr_clear(factor);
}

START_TEST(a_wrong_field_of_the_run_is_seen_though_the_solution_has_the_right_slope)
{
    tube_rig t;
    open_rig(&t, 1e-14, 0);
    fp_field *field = (fp_field *)(uintptr_t)fp_flow_field(t.options.flow);
    right_rhs = field->rhs;
    field->rhs = wrong_rhs;
    tube_check(&t, (const char *const[]){"X.1", "claim field: always [0, 2]: slope(G[1]) = d(G[1])\nclaim start: initially: slope(G[1]) = d(G[1])\nclaim right: always [0, 2]: d(G[1]) = d(dot(u, v[1]))\n", NULL});
    tube_expect(&t, "X.1/field", "undecided precision-cap");
    tube_expect(&t, "X.1/start", "undecided precision-cap");
    expect_digits(&t, "X.1/field", 4, 5);
    ck_assert_msg(strstr(tube_result(&t, "X.1/field")->detail, "at the exact state of the knot at t = 0") != NULL, "%s", tube_result(&t, "X.1/field")->detail);
    expect_at_knots(&t, "X.1/right", EVERY_STATE, 7);
    tube_end(&t);
}
END_TEST

/* At T, between two knots, the present state and the one at 3/8 would both be that of the same knot. */
START_TEST(a_knot_that_stands_for_two_times_shows_nothing)
{
    tube_rig t;
    open_rig(&t, 1e-12, 0);
    tube_check(&t, (const char *const[]){"X.1",
                                         "time T = first t with t >= 3/8 - 1e-20\n"
                                         "claim near: at T: loss = at(3/8, loss)\n"
                                         "claim end: at T: loss <= 1 and loss = at(3/8, loss)\n",
                                         NULL});
    expect_along(&t, "X.1/near", 9, 12);
    expect_along(&t, "X.1/end", 9, 12);
    tube_end(&t);
}
END_TEST

START_TEST(an_identity_under_or_has_the_digits_of_what_it_rests_on)
{
    tube_rig t;
    open_conserved(&t);
    tube_check(&t, (const char *const[]){"X.1",
                                         "let balance = sum(mu in tokens: KK[mu,mu] - QQ[mu,mu])\n"
                                         "claim one: always [0, 2]: balance = init(balance) or t > 5\n"
                                         "claim some: always [0, 2]: exists e in {0, 1}: balance = init(balance) + e\n"
                                         "claim every: always [0, 2]: loss = sum(i in samples: lossof[i])/n or loss = 2*loss\n"
                                         "claim spared: always [0, 2]: (loss = 2*loss or t >= 0) and loss = sum(i in samples: lossof[i])/n\n",
                                         NULL});
    expect_along(&t, "X.1/one", 7, 10);
    expect_along(&t, "X.1/some", 7, 10);
    expect_at_knots(&t, "X.1/every", 24, 7);
    expect_at_knots(&t, "X.1/spared", 24, 7);
    tube_end(&t);
}
END_TEST

START_TEST(knots_neither_prove_nor_refute)
{
    tube_rig t;
    open_rig(&t, 1e-12, 1e-3);
    tube_check(&t, (const char *const[]){"X.1",
                                         "claim start: always [0, 2]: loss <= init(loss) and loss = sum(i in samples: lossof[i])/n\n"
                                         "claim tight: always [0, 2]: unorm2 >= 0 and (loss - init(loss))^2 <= 0 and loss = loss\n"
                                         "claim false: always [0, 2]: loss = sum(i in samples: lossof[i])/n + 1/1000\n"
                                         "claim later: always [0, 5]: loss = sum(i in samples: lossof[i])/n\n",
                                         NULL});
    expect_at_knots(&t, "X.1/start", EVERY_STATE, 7);
    tube_expect(&t, "X.1/tight", "refuted");
    tube_expect(&t, "X.1/false", "refuted");
    tube_expect(&t, "X.1/later", "undecided horizon-not-reached");
    tube_end(&t);
}
END_TEST

START_TEST(without_knots_or_a_flow_the_tube_alone_speaks)
{
    for (int k = 0; k < 2; k++) {
        tube_rig t;
        open_rig(&t, 1e-14, 0);
        if (k == 0) t.options.flow = NULL;
        for (int p = 0; p < 2; p++) t.mock[p].knotless = k == 1;
        tube_check(&t, (const char *const[]){"X.1",
                                             "claim late: always (0, 2]: loss = sum(i in samples: lossof[i])/n\n"
                                             "claim start: initially: loss = sum(i in samples: lossof[i])/n\n",
                                             NULL});
        expect_along(&t, "X.1/late", 11, 14);
        expect_at_knots(&t, "X.1/start", EVERY_STATE, 1);
        tube_end(&t);
    }
}
END_TEST

static void check_stop(const fp_stops *s, size_t k, double t, bool exact)
{
    arf_t x;
    arf_init(x);
    arf_set_d(x, t);
    int order = arf_cmp(s->at + k, x);
    ck_assert(exact ? order == 0 : order != 0 && fabs(arf_get_d(s->at + k, ARF_RND_NEAR) - t) < 1e-15);
    arf_clear(x);
}

/* 2 is the horizon; 1/3 has no end in binary and is rounded up, 3 times it is more than 1. */
START_TEST(constant_times_inside_the_horizon_are_stops)
{
    tube_rig t;
    fp_stops stops;
    arf_t more[2];
    arf_init(more[0]);
    arf_init(more[1]);
    arf_set_d(more[0], 0.5);
    arf_set_d(more[1], 1.25);
    open_rig(&t, 1e-12, 0);
    tube_open(&t, (const char *const[]){"X.1",
                                        "time T = 3/4\ntime U = first t with t >= 1\ntime W = 7\n"
                                        "claim a: always [0, T]: loss > 0\nclaim b: at 1/3: loss > 0\nclaim c: at U: at(1/2, loss) > 0\nclaim d: always [W, 9]: loss > 0\n"
                                        "claim e: at horizon: loss > 0\nclaim f: at 2/6: loss > 0\nclaim g: at -1: loss > 0\n",
                                        NULL});
    fp_tube_checker_stops(&stops, t.checker, more[0], 2);
    ck_assert_uint_eq(stops.count, 4);
    check_stop(&stops, 0, 1.0 / 3, false);
    check_stop(&stops, 1, 0.5, true);
    check_stop(&stops, 2, 0.75, true);
    check_stop(&stops, 3, 1.25, true);
    arf_mul_ui(more[0], stops.at, 3, ARF_PREC_EXACT, ARF_RND_DOWN);
    ck_assert(arf_cmp_d(more[0], 1) > 0 && arf_bits(stops.at) <= RIG_BALLS);
    fp_stops_clear(&stops);
    arf_clear(more[0]);
    arf_clear(more[1]);
    tube_end(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tube_identities");
    TCase *tests = tcase_create("tube_identities");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, what_holds_at_every_state_is_seen_at_exact_states_however_wide_the_tube);
    tcase_add_test(tests, a_false_identity_off_by_1e_20_is_supported_to_what_the_tube_shows);
    tcase_add_test(tests, a_false_identity_off_by_1e_20_is_refuted_at_t_0);
    tcase_add_test(tests, a_false_identity_is_undecided_on_a_wide_tube_and_refuted_on_a_thin_one);
    tcase_add_test(tests, what_holds_along_the_solution_alone_is_seen_on_the_tube);
    tcase_add_test(tests, a_supremum_is_not_known_at_a_knot);
    tcase_add_test(tests, a_state_beside_itself_shows_nothing);
    tcase_add_test(tests, an_identity_at_t_0_alone_proves_nothing_of_a_window_that_may_be_longer);
    tcase_add_test(tests, a_wrong_field_of_the_run_is_seen_though_the_solution_has_the_right_slope);
    tcase_add_test(tests, a_knot_that_stands_for_two_times_shows_nothing);
    tcase_add_test(tests, an_identity_under_or_has_the_digits_of_what_it_rests_on);
    tcase_add_test(tests, knots_neither_prove_nor_refute);
    tcase_add_test(tests, without_knots_or_a_flow_the_tube_alone_speaks);
    tcase_add_test(tests, constant_times_inside_the_horizon_are_stops);
    suite_add_tcase(suite, tests);
    return fp_test_main(suite);
}
