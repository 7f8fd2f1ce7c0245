/* SPDX-License-Identifier: MIT */
/* The Taylor stepper inside the run: steps, refusals, dense output. Accuracy is the subject of tests/oracle/test_taylor.c. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/flow_instances.h"
#include "../support/rk45_bench.h"

enum { PREC = 160 };

/* ---- problems with series */

static void set_slope(fp_ode *o, unsigned long value)
{
    mpfr_set_ui(o->dy.x, value, MPFR_RNDN);
}

static void rest(fp_ode *o, mpfr_srcptr t)
{
    (void)t;
    set_slope(o, 0);
}

static void rest_jet(fp_ode *o, mpfr_srcptr t, int k)
{
    (void)k;
    rest(o, t);
}

/* y' = 4 t^3 */
static void cubic(fp_ode *o, mpfr_srcptr t)
{
    mpfr_pow_ui(o->dy.x, t, 3, MPFR_RNDN);
    mpfr_mul_2ui(o->dy.x, o->dy.x, 2, MPFR_RNDN);
}

/* out = coefficient k of 4 (t + tau)^3 */
static void cubic_coefficient(mpfr_ptr out, mpfr_srcptr t, int k)
{
    static const unsigned long binomial[] = {4, 12, 12, 4};
    mpfr_set_zero(out, 1);
    if (k > 3)
        return;
    mpfr_pow_ui(out, t, (unsigned long)(3 - k), MPFR_RNDN);
    mpfr_mul_ui(out, out, binomial[k], MPFR_RNDN);
}

static void cubic_jet(fp_ode *o, mpfr_srcptr t, int k)
{
    cubic_coefficient(o->dy.x, t, k);
}

/* y' = 4 t^3 y, so y = exp(t^4): at t = 0 three coefficients of four are 0 */
static void gaps(fp_ode *o, mpfr_srcptr t)
{
    cubic(o, t);
    mpfr_mul(o->dy.x, o->dy.x, o->y.x, MPFR_RNDN);
}

static void gaps_jet(fp_ode *o, mpfr_srcptr t, int k)
{
    mpfr_set_zero(o->dy.x, 1);
    for (int i = 0; i <= k; i++) {
        cubic_coefficient(o->tmp.x, t, i);
        mpfr_mul(o->tmp.x, o->tmp.x, fp_ode_jet(o, 0, k - i), MPFR_RNDN);
        mpfr_add(o->dy.x, o->dy.x, o->tmp.x, MPFR_RNDN);
    }
}

/* y' = y^2 from 1: 1/(1-t) */
static void square(fp_ode *o, mpfr_srcptr t)
{
    (void)t;
    mpfr_sqr(o->dy.x, o->y.x, MPFR_RNDN);
}

static void square_jet(fp_ode *o, mpfr_srcptr t, int k)
{
    (void)t;
    mpfr_set_zero(o->dy.x, 1);
    for (int i = 0; i <= k; i++) {
        mpfr_mul(o->tmp.x, fp_ode_jet(o, 0, i), fp_ode_jet(o, 0, k - i), MPFR_RNDN);
        mpfr_add(o->dy.x, o->dy.x, o->tmp.x, MPFR_RNDN);
    }
}

static void decay(fp_ode *o, mpfr_srcptr t)
{
    (void)t;
    mpfr_neg(o->dy.x, o->y.x, MPFR_RNDN);
}

/* wrong from the third coefficient on */
static void lying_jet(fp_ode *o, mpfr_srcptr t, int k)
{
    fp_jet_decay(o, t, k);
    if (k > 1)
        mpfr_div_2ui(o->dy.x, o->dy.x, 1, MPFR_RNDN);
}

static void broken_jet(fp_ode *o, mpfr_srcptr t, int k)
{
    fp_jet_decay(o, t, k);
    if (k == 2 && mpfr_sgn(t) > 0)
        mpfr_set_nan(o->dy.x);
}

#define PROBLEM(name, f, jet, start) {name, 1, f, 0, jet, "1", {0}, {start}, {0}, NULL}
static const fp_ode_problem at_rest = PROBLEM("y' = 0", rest, rest_jet, "0.7"), degree_4 = PROBLEM("y' = 4t^3", cubic, cubic_jet, "0"),
    with_gaps = PROBLEM("y' = 4t^3 y", gaps, gaps_jet, "1"), blow_up = PROBLEM("y' = y^2", square, square_jet, "1"),
    lying = PROBLEM("y' = -y, wrong series", decay, lying_jet, "1"), broken = PROBLEM("y' = -y, no series", decay, broken_jet, "1"),
    honest = PROBLEM("y' = -y", decay, fp_jet_decay, "1");

/* ---- runs */

typedef struct {
    const char *t_end, *tolerance;
    unsigned long max_steps;
    const fp_reals *stops;
    fp_pool *pool;
} setup;

static fp_run *new_run(const fp_field *field, const setup *s)
{
    mpq_t t0, t1, tol;
    mpq_inits(t0, t1, tol, (mpq_ptr)NULL);
    ck_assert(fp_rational_parse(t1, s->t_end) && fp_rational_parse(tol, s->tolerance));
    fp_run_options options = {.method = FP_METHOD_TAYLOR, .t0 = t0, .t_end = t1, .tolerance = tol, .prec = PREC, .stops = s->stops,
                              .max_steps = s->max_steps ? s->max_steps : 100000, .pool = s->pool};
    fp_run *run = fp_run_new(field, &options);
    mpq_clears(t0, t1, tol, (mpq_ptr)NULL);
    return run;
}

typedef struct {
    fp_outcome outcome;
    fp_error err;
    fp_run_stats stats;
    double t, y; /* at the end */
} result;

static result solve(const fp_ode_problem *p, const setup *s, fp_run_observer observe, void *ctx)
{
    fp_ode o;
    result r = {0};
    mpfr_t x;
    fp_ode_init(&o, p, PREC);
    mpfr_init2(x, PREC);
    fp_vec *y0 = fp_ode_start(&o);
    fp_run *run = new_run(&o.field, s);
    r.outcome = fp_run_go(run, y0, observe, ctx, &r.err);
    fp_run_get_stats(&r.stats, run);
    fp_vec_get(x, fp_run_state(run), 0);
    r.y = mpfr_get_d(x, MPFR_RNDN);
    r.t = mpfr_get_d(fp_run_right(run), MPFR_RNDN);
    fp_run_free(run);
    fp_vec_free(y0);
    fp_ode_clear(&o);
    mpfr_clear(x);
    return r;
}

START_TEST(methods_have_names)
{
    fp_method m = FP_METHOD_RK45;
    ck_assert(fp_method_parse(&m, "taylor") && m == FP_METHOD_TAYLOR);
    ck_assert(fp_method_parse(&m, "rk45") && m == FP_METHOD_RK45);
    ck_assert(!fp_method_parse(&m, "Taylor"));
    ck_assert_str_eq(fp_method_name(FP_METHOD_TAYLOR), "taylor");
}
END_TEST

/* 1 - ln(tol)/2: 12.51, 19.42 (20 for doubles, as is usual), 35.54, 116.1 */
START_TEST(the_order_follows_from_the_tolerance)
{
    static const struct {
        const char *tolerance;
        int order;
    } cases[] = {{"1e-10", 13}, {"1e-16", 20}, {"1e-30", 36}, {"1e-100", 117}, {"1/2", 4}};
    mpq_t q;
    mpq_init(q);
    for (size_t k = 0; k < 5; k++) {
        ck_assert(fp_rational_parse(q, cases[k].tolerance));
        ck_assert_int_eq(fp_taylor_order(q), cases[k].order);
    }
    mpq_clear(q);
}
END_TEST

/* ---- zero coefficients */

START_TEST(an_equilibrium_takes_a_few_finite_steps)
{
    result r = solve(&at_rest, &(setup){.t_end = "1000", .tolerance = "1e-20"}, NULL, NULL);
    ck_assert_int_eq(r.outcome, FP_RUN_END);
    ck_assert_uint_eq(r.stats.accepted, 4); /* 9, then 81, then the rest in two: 1/100 of the way first, growth of at most 10, times 9/10 */
    ck_assert(r.y == 0.7 && r.t == 1000);
}
END_TEST

START_TEST(a_polynomial_solution_takes_a_few_finite_steps)
{
    result r = solve(&degree_4, &(setup){.t_end = "3", .tolerance = "1e-30"}, NULL, NULL);
    ck_assert_int_eq(r.outcome, FP_RUN_END);
    ck_assert_msg(r.stats.accepted >= 3 && r.stats.accepted < 40, "%lu steps", r.stats.accepted);
    ck_assert(fabs(r.y - 81) < 1e-13);
}
END_TEST

/* Order 14 at tolerance 1e-11: c_13 = c_14 = 0 at t = 0, c_12 is not, c_16 = 1/24 is what counts. */
START_TEST(zero_coefficients_at_a_lucky_point_are_not_believed)
{
    result r = solve(&with_gaps, &(setup){.t_end = "1", .tolerance = "1e-11"}, NULL, NULL);
    ck_assert_int_eq(r.outcome, FP_RUN_END);
    ck_assert_msg(fabs(r.y - exp(1)) < 1e-10, "error %g in %lu steps", r.y - exp(1), r.stats.accepted);
}
END_TEST

/* ---- nothing on trust */

/* The third coefficient on is half of what it should be: rejected until steps are so short that this does not matter. */
START_TEST(wrong_coefficients_cost_steps_not_accuracy)
{
    result good = solve(&honest, &(setup){.t_end = "1", .tolerance = "1e-9"}, NULL, NULL);
    result bad = solve(&lying, &(setup){.t_end = "1", .tolerance = "1e-9"}, NULL, NULL);
    ck_assert_int_eq(bad.outcome, FP_RUN_END);
    ck_assert_uint_eq(good.stats.rejected, 0);
    ck_assert(bad.stats.rejected > 3 && bad.stats.accepted > 50 * good.stats.accepted);
    ck_assert_msg(fabs(bad.y - exp(-1)) < 1e-9 * (double)bad.stats.accepted * 13, "error %g in %lu steps", bad.y - exp(-1), bad.stats.accepted);
}
END_TEST

START_TEST(a_series_that_is_not_finite_ends_the_run_by_name)
{
    result r = solve(&broken, &(setup){.t_end = "20", .tolerance = "1e-9"}, NULL, NULL);
    ck_assert_int_eq(r.outcome, FP_RUN_NON_FINITE);
    ck_assert_int_eq(r.err.code, FP_NON_FINITE);
    ck_assert(r.stats.accepted == 1 && r.stats.rejected == 0); /* a shorter step would not help */
    ck_assert_ptr_nonnull(strstr(r.err.message, "coefficients"));
    ck_assert(r.t > 0 && r.t < 20);
}
END_TEST

START_TEST(a_blow_up_is_approached_and_named)
{
    result r = solve(&blow_up, &(setup){.t_end = "2", .tolerance = "1e-20"}, NULL, NULL);
    ck_assert_msg(r.outcome == FP_RUN_UNDERFLOW || r.outcome == FP_RUN_NON_FINITE, "%s at %.17g", fp_outcome_text(r.outcome), r.t);
    ck_assert_msg(fabs(r.t - 1) < 1e-9, "stopped at %.17g", r.t);
    ck_assert(r.err.code == FP_STEP_UNDERFLOW || r.err.code == FP_NON_FINITE);
}
END_TEST

/* ---- the bits of a state */

static mpfr_prec_t asked;

static fp_expansion *note_bits(int order, mpfr_prec_t bits, void *ctx, fp_error *err)
{
    asked = bits;
    return fp_ode_expansion(order, bits, ctx, err);
}

/* 2^-bits of the largest entry, or of 4, is half the tolerance at most, and an eighth at least: 10^-17 lies between 2^-57 and 2^-56, 10^-30 between 2^-100 and 2^-99. The run's precision is the limit. */
START_TEST(a_state_has_the_bits_that_the_tolerance_asks_for)
{
    static const struct {
        const char *tolerance;
        double start;
        mpfr_prec_t bits;
    } cases[] = {{"1e-17", 1, 60}, {"1e-17", 3.9, 60}, {"1e-17", 4, 61}, {"1e-17", -1000, 68}, {"1e-30", 1, 103}, {"1e-60", 1, PREC}, {"1000", 1, 1}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        fp_ode o;
        fp_error err;
        fp_ode_init(&o, &at_rest, PREC);
        o.field.expansion = note_bits;
        fp_vec *y0 = fp_vec_new(1, PREC);
        fp_vec_set_d(y0, 0, cases[k].start);
        fp_run *run = new_run(&o.field, &(setup){.t_end = "1", .tolerance = cases[k].tolerance});
        ck_assert(fp_run_begin(run, y0, &err));
        ck_assert_msg(asked == cases[k].bits, "%s at %g: %ld bits", cases[k].tolerance, cases[k].start, (long)asked);
        fp_run_free(run);
        fp_vec_free(y0);
        fp_ode_clear(&o);
    }
}
END_TEST

/* ---- how a run ends, and where it stops */

static bool stop_at_3(fp_run *run, void *ctx)
{
    unsigned long *calls = ctx;
    (void)run;
    return ++*calls != 3;
}

START_TEST(budget_interruption_and_observer_end_a_run)
{
    unsigned long calls = 0;
    const fp_ode_problem *p = fp_ode_find("D3");
    result r = solve(p, &(setup){.t_end = "20", .tolerance = "1e-20", .max_steps = 5}, NULL, NULL);
    ck_assert(r.outcome == FP_RUN_BUDGET && r.stats.accepted + r.stats.rejected == 5);
    fp_interrupt(15);
    r = solve(p, &(setup){.t_end = "20", .tolerance = "1e-20"}, NULL, NULL);
    fp_interrupt(0);
    ck_assert(r.outcome == FP_RUN_INTERRUPTED && r.stats.accepted == 0 && r.t == 0);
    r = solve(p, &(setup){.t_end = "20", .tolerance = "1e-20"}, stop_at_3, &calls);
    ck_assert(r.outcome == FP_RUN_STOPPED && r.stats.accepted == 3 && calls == 3);
    r = solve(p, &(setup){.t_end = "0", .tolerance = "1e-20"}, NULL, NULL);
    ck_assert(r.outcome == FP_RUN_END && r.stats.accepted == 0);
}
END_TEST

typedef struct {
    const fp_reals *stops;
    size_t hit;
    fp_vec *y, *node;
    mpfr_t t, x, z, worst;
    double previous;
} inside;

/* The polynomial at the ends is the stored state, and in between (here at thirds) it is as good as there: exp(sin t). */
static bool look_inside(fp_run *run, void *ctx)
{
    inside *w = ctx;
    fp_error err;
    w->hit += mpfr_equal_p(fp_run_right(run), w->stops->x + w->hit) != 0;
    ck_assert(mpfr_get_d(fp_run_left(run), MPFR_RNDN) == w->previous);
    w->previous = mpfr_get_d(fp_run_right(run), MPFR_RNDN);
    fp_ck_ok(fp_run_at(w->y, run, fp_run_right(run), &err), &err);
    ck_assert(bench_same(w->y, fp_run_state(run)));
    for (int k = 0; k <= 3; k++) {
        mpfr_sub(w->t, fp_run_right(run), fp_run_left(run), MPFR_RNDN);
        mpfr_mul_si(w->t, w->t, k, MPFR_RNDN);
        mpfr_div_ui(w->t, w->t, 3, MPFR_RNDD);
        mpfr_add(w->t, w->t, fp_run_left(run), MPFR_RNDD);
        fp_ck_ok(fp_run_at(w->y, run, w->t, &err), &err);
        fp_vec_get(w->x, w->y, 0);
        mpfr_sin(w->z, w->t, MPFR_RNDN);
        mpfr_exp(w->z, w->z, MPFR_RNDN);
        mpfr_sub(w->x, w->x, w->z, MPFR_RNDN);
        if (mpfr_cmpabs(w->x, w->worst) > 0)
            mpfr_abs(w->worst, w->x, MPFR_RNDN);
    }
    return true;
}

/* Errors of the steps (1e-30 each, times 1 + |y| <= 3.72) add up along some 100 of them, carried on by at most e^2. */
START_TEST(dense_output_is_as_accurate_as_the_steps_and_stops_are_hit)
{
    fp_reals stops;
    inside w = {.stops = &stops};
    mpfr_inits2(PREC, w.t, w.x, w.z, w.worst, (mpfr_ptr)NULL);
    mpfr_set_zero(w.worst, 1);
    fp_reals_init(&stops, 3, PREC);
    mpfr_set_d(stops.x, 0.1, MPFR_RNDN);
    mpfr_set_d(stops.x + 1, 0.1000001, MPFR_RNDN);
    mpfr_set_ui(stops.x + 2, 7, MPFR_RNDN);
    w.y = fp_vec_new(1, PREC);
    result r = solve(fp_ode_find("A3"), &(setup){.t_end = "20", .tolerance = "1e-30", .stops = &stops}, look_inside, &w);
    ck_assert_int_eq(r.outcome, FP_RUN_END);
    ck_assert_uint_eq(w.hit, 3);
    ck_assert_msg(mpfr_cmp_d(w.worst, 3e-27) < 0, "worst error %g in %lu steps", mpfr_get_d(w.worst, MPFR_RNDN), r.stats.accepted);
    ck_assert(mpfr_sgn(w.worst) > 0);
    fp_vec_free(w.y);
    fp_reals_clear(&stops);
    mpfr_clears(w.t, w.x, w.z, w.worst, (mpfr_ptr)NULL);
}
END_TEST

/* ---- the flow */

static fp_vec *flow_end(const fp_problem *p, fp_flow_kind kind, fp_method method, const char *tolerance, fp_pool *pool)
{
    fp_flow *flow = NULL;
    fp_error err = {0};
    mpq_t t0, t1, tol;
    mpq_inits(t0, t1, tol, (mpq_ptr)NULL);
    ck_assert(fp_rational_parse(t1, "1/4") && fp_rational_parse(tol, tolerance));
    fp_ck_ok(fp_flow_new(&flow, kind, p, PREC, pool, &err), &err);
    fp_run_options options = {.method = method, .t0 = t0, .t_end = t1, .tolerance = tol, .prec = PREC, .max_steps = 100000, .pool = pool};
    fp_run *run = fp_run_new(fp_flow_field(flow), &options);
    fp_vec *y = fp_flow_initial(flow);
    fp_outcome outcome = fp_run_go(run, y, NULL, NULL, &err);
    ck_assert_msg(outcome == FP_RUN_END, "%s", err.message);
    fp_vec_copy(y, fp_run_state(run));
    fp_run_free(run);
    fp_flow_free(flow);
    mpq_clears(t0, t1, tol, (mpq_ptr)NULL);
    return y;
}

static double difference(const fp_vec *a, const fp_vec *b)
{
    double worst = 0;
    mpfr_t x, y;
    mpfr_inits2(PREC, x, y, (mpfr_ptr)NULL);
    for (size_t i = 0; i < fp_vec_len(a); i++) {
        fp_vec_get(x, a, i);
        fp_vec_get(y, b, i);
        mpfr_sub(x, x, y, MPFR_RNDN);
        worst = fmax(worst, fabs(mpfr_get_d(x, MPFR_RNDN)));
    }
    mpfr_clears(x, y, (mpfr_ptr)NULL);
    return worst;
}

/* rk45 at 1e-11 leaves 1e-8 at most over these short runs (growth below 10^3). */
START_TEST(both_methods_follow_the_same_flow)
{
    fp_problem p;
    instance_make(&p, (size_t)_i);
    static const fp_flow_kind kinds[] = {FP_FLOW_REDUCED, FP_FLOW_COMPRESSED};
    for (size_t k = 0; k < 2; k++) {
        fp_vec *a = flow_end(&p, kinds[k], FP_METHOD_RK45, "1e-11", NULL), *b = flow_end(&p, kinds[k], FP_METHOD_TAYLOR, "1e-25", NULL),
               *c = flow_end(&p, kinds[k], FP_METHOD_TAYLOR, "1e-32", NULL), *e = flow_end(&p, kinds[k], FP_METHOD_TAYLOR, "1e-17", NULL);
        ck_assert_msg(difference(a, b) < 1e-8, "instance %d: %g", _i, difference(a, b));
        ck_assert_msg(difference(b, c) < 1e-22, "instance %d: %g", _i, difference(b, c));
        ck_assert_msg(difference(e, c) < 1e-14, "instance %d: %g", _i, difference(e, c)); /* one limb */
        fp_vec_free(a);
        fp_vec_free(b);
        fp_vec_free(c);
        fp_vec_free(e);
    }
    instance_clear(&p);
}
END_TEST

START_TEST(threads_change_no_bit_of_a_taylor_run)
{
    fp_problem p;
    fp_pool *pool = fp_pool_new(3);
    instance_random(&p, 12, 4, 20, 24, 3, 11u); /* dim 1464: two parts of every loop over elements */
    fp_vec *a = flow_end(&p, FP_FLOW_REDUCED, FP_METHOD_TAYLOR, "1e-12", NULL), *b = flow_end(&p, FP_FLOW_REDUCED, FP_METHOD_TAYLOR, "1e-12", pool);
    ck_assert(bench_same(a, b));
    fp_vec_free(a);
    fp_vec_free(b);
    instance_clear(&p);
    fp_pool_free(pool);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("taylor steps");
    TCase *c = tcase_create("taylor steps");
    tcase_set_timeout(c, 60);
    tcase_add_test(c, methods_have_names);
    tcase_add_test(c, the_order_follows_from_the_tolerance);
    tcase_add_test(c, an_equilibrium_takes_a_few_finite_steps);
    tcase_add_test(c, a_polynomial_solution_takes_a_few_finite_steps);
    tcase_add_test(c, zero_coefficients_at_a_lucky_point_are_not_believed);
    tcase_add_test(c, wrong_coefficients_cost_steps_not_accuracy);
    tcase_add_test(c, a_series_that_is_not_finite_ends_the_run_by_name);
    tcase_add_test(c, a_blow_up_is_approached_and_named);
    tcase_add_test(c, a_state_has_the_bits_that_the_tolerance_asks_for);
    tcase_add_test(c, budget_interruption_and_observer_end_a_run);
    tcase_add_test(c, dense_output_is_as_accurate_as_the_steps_and_stops_are_hit);
    tcase_add_loop_test(c, both_methods_follow_the_same_flow, 0, 4);
    tcase_add_test(c, threads_change_no_bit_of_a_taylor_run);
    suite_add_tcase(suite, c);
    return fp_test_main(suite);
}
