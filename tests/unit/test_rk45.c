/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/fp_check.h"
#include "../support/odes.h"

enum { PREC = 128 };

static bool same(const fp_vec *a, const fp_vec *b)
{
    mpfr_t x, y;
    mpfr_init2(x, fp_vec_prec(a));
    mpfr_init2(y, fp_vec_prec(b));
    bool equal = fp_vec_len(a) == fp_vec_len(b);
    for (size_t i = 0; equal && i < fp_vec_len(a); i++) {
        fp_vec_get(x, a, i);
        fp_vec_get(y, b, i);
        equal = mpfr_equal_p(x, y) != 0;
    }
    mpfr_clears(x, y, (mpfr_ptr)NULL);
    return equal;
}

/* ---- one-dimensional fields */

static void constant(fp_ode *o, mpfr_srcptr t)
{
    (void)t;
    mpfr_set_ui(o->dy.x, 1, MPFR_RNDN);
}

static void nothing(fp_ode *o, mpfr_srcptr t)
{
    (void)t;
    mpfr_set_zero(o->dy.x, 1);
}

static void degree_3(fp_ode *o, mpfr_srcptr t)
{
    mpfr_pow_ui(o->dy.x, t, 3, MPFR_RNDN);
    mpfr_mul_2ui(o->dy.x, o->dy.x, 2, MPFR_RNDN);
}

static void degree_4(fp_ode *o, mpfr_srcptr t)
{
    mpfr_pow_ui(o->dy.x, t, 4, MPFR_RNDN);
    mpfr_mul_ui(o->dy.x, o->dy.x, 5, MPFR_RNDN);
}

static void blow_up(fp_ode *o, mpfr_srcptr t)
{
    (void)t;
    mpfr_sqr(o->dy.x, o->y.x, MPFR_RNDN);
}

/* sqrt(1 - t): no number after t = 1 */
static void edge(fp_ode *o, mpfr_srcptr t)
{
    mpfr_ui_sub(o->dy.x, 1, t, MPFR_RNDN);
    mpfr_sqrt(o->dy.x, o->dy.x, MPFR_RNDN);
}

/* -y where y > 0, no number elsewhere */
static void positive_decay(fp_ode *o, mpfr_srcptr t)
{
    (void)t;
    mpfr_neg(o->dy.x, o->y.x, MPFR_RNDN);
    if (mpfr_sgn(o->y.x) <= 0)
        mpfr_set_nan(o->dy.x);
}

static void rotation(fp_ode *o, mpfr_srcptr t)
{
    (void)t;
    mpfr_set(o->dy.x, o->y.x + 1, MPFR_RNDN);
    mpfr_neg(o->dy.x + 1, o->y.x, MPFR_RNDN);
}

#define PROBLEM(name, f, start) {name, 1, f, "1", {0}, {start}, {0}, NULL}
static const fp_ode_problem constant_1 = PROBLEM("y' = 1", constant, "0"), constant_0 = PROBLEM("y' = 0", nothing, "0.7"),
    cubic = PROBLEM("y' = 4t^3", degree_3, "0"), quartic = PROBLEM("y' = 5t^4", degree_4, "0"), square = PROBLEM("y' = y^2", blow_up, "1"),
    edge_at_1 = PROBLEM("y' = sqrt(1-t)", edge, "0"), decay_above_0 = PROBLEM("y' = -y, y > 0", positive_decay, "1"),
    edge_at_start = PROBLEM("y' = -y, y > 0", positive_decay, "0"),
    circle = {"y'' = -y", 2, rotation, "1", {0}, {"0", "1"}, {0}, NULL};

/* ---- a stepper with its problem */
typedef struct {
    fp_ode ode;
    fp_rk45 *rk;
    fp_vec *y0, *a, *b;
    mpfr_t t, h, error;
    fp_error err;
} bench;

static void bench_init(bench *b, const fp_ode_problem *p, mpfr_prec_t prec)
{
    fp_ode_init(&b->ode, p, prec);
    b->rk = fp_rk45_new(&b->ode.field, prec, NULL);
    b->y0 = fp_ode_start(&b->ode);
    b->a = fp_vec_new(p->dim, prec);
    b->b = fp_vec_new(p->dim, prec);
    mpfr_inits2(prec, b->t, b->h, b->error, (mpfr_ptr)NULL);
    mpfr_set_zero(b->t, 1);
    fp_ck_ok(fp_rk45_start(b->rk, b->t, b->y0, &b->err), &b->err);
}

static void bench_clear(bench *b)
{
    fp_rk45_free(b->rk);
    fp_vec_free(b->y0);
    fp_vec_free(b->a);
    fp_vec_free(b->b);
    mpfr_clears(b->t, b->h, b->error, (mpfr_ptr)NULL);
    fp_ode_clear(&b->ode);
}

static void bench_step(bench *b, const char *h)
{
    fp_set_decimal(b->h, h);
    fp_ck_ok(fp_rk45_try(b->rk, b->h, b->error, &b->err), &b->err);
    fp_rk45_accept(b->rk);
}

/* 30 steps of 1/10 (rounded): at p bits the sum of 30 rounded terms below 3^5 is off by at most about 30 * 8 ulps, so by 3^5 2^(8-p), but not by 0; a
 * coefficient held in double would leave 2^-53 at every precision. */
START_TEST(a_polynomial_of_degree_5_is_exact_up_to_the_rounding_of_the_precision)
{
    static const mpfr_prec_t precs[] = {53, 64, 128, 256, 1000};
    bench b;
    mpfr_prec_t prec = precs[_i];
    bench_init(&b, &quartic, prec);
    for (int i = 0; i < 30; i++)
        bench_step(&b, "0.1");
    mpfr_t y, exact;
    mpfr_inits2(prec + 64, y, exact, (mpfr_ptr)NULL);
    fp_vec_get(y, fp_rk45_state(b.rk), 0);
    mpfr_pow_ui(exact, fp_rk45_time(b.rk), 5, MPFR_RNDN);
    mpfr_sub(y, y, exact, MPFR_RNDN);
    mpfr_div(y, y, exact, MPFR_RNDN);
    ck_assert(mpfr_regular_p(y));
    ck_assert_msg(mpfr_get_exp(y) < 8 - prec, "2^%ld at %ld bits", (long)mpfr_get_exp(y), (long)prec);
    mpfr_clears(y, exact, (mpfr_ptr)NULL);
    bench_clear(&b);
}
END_TEST

START_TEST(dense_output_is_exact_for_degree_4_and_returns_the_stored_ends)
{
    bench b;
    bench_init(&b, &cubic, PREC);
    bench_step(&b, "0.3");
    bench_step(&b, "0.4");
    for (int i = 1; i < 8; i++) {
        mpfr_t y, exact;
        mpfr_inits2(PREC, y, exact, (mpfr_ptr)NULL);
        fp_set_decimal(b.t, "0.05");
        mpfr_mul_si(b.t, b.t, i, MPFR_RNDN);
        mpfr_add(b.t, b.t, fp_rk45_left_time(b.rk), MPFR_RNDN);
        fp_rk45_dense(b.a, b.rk, b.t);
        fp_vec_get(y, b.a, 0);
        mpfr_pow_ui(exact, b.t, 4, MPFR_RNDN);
        mpfr_sub(y, y, exact, MPFR_RNDN);
        ck_assert(mpfr_zero_p(y) || mpfr_get_exp(y) < 6 - PREC);
        mpfr_clears(y, exact, (mpfr_ptr)NULL);
    }
    fp_rk45_dense(b.a, b.rk, fp_rk45_left_time(b.rk));
    ck_assert(same(b.a, fp_rk45_left_state(b.rk)));
    fp_rk45_dense(b.a, b.rk, fp_rk45_time(b.rk));
    ck_assert(same(b.a, fp_rk45_state(b.rk)));
    bench_clear(&b);
}
END_TEST

/* Errors of interpolant and probe at 2/5 of one step of size h on y'' = -y, y = sin t. */
static void local_errors(double out[2], const char *h)
{
    bench b;
    mpfr_t y, exact;
    bench_init(&b, &circle, PREC);
    mpfr_inits2(PREC, y, exact, (mpfr_ptr)NULL);
    bench_step(&b, h);
    mpfr_mul_ui(b.t, b.h, 2, MPFR_RNDN);
    mpfr_div_ui(b.t, b.t, 5, MPFR_RNDN);
    mpfr_sin(exact, b.t, MPFR_RNDN);
    fp_rk45_dense(b.a, b.rk, b.t);
    fp_ck_ok(fp_rk45_probe(b.b, b.rk, b.t, &b.err), &b.err);
    for (int i = 0; i < 2; i++) {
        fp_vec_get(y, i ? b.b : b.a, 0);
        mpfr_sub(y, y, exact, MPFR_RNDN);
        out[i] = fabs(mpfr_get_d(y, MPFR_RNDN));
    }
    mpfr_clears(y, exact, (mpfr_ptr)NULL);
    bench_clear(&b);
}

/* order p means a local error of h^(p+1); on this problem sin has no 6th-order term at 0, so the probe's is h^7 */
START_TEST(dense_output_has_order_4_and_a_probe_at_least_5)
{
    double e[2], f[2];
    local_errors(e, "0.01");
    local_errors(f, "0.005");
    ck_assert_msg(fabs(log2(e[0] / f[0]) - 5) < 0.2, "%g", log2(e[0] / f[0]));
    ck_assert_msg(log2(e[1] / f[1]) > 5.8, "%g", log2(e[1] / f[1]));
}
END_TEST

START_TEST(a_trial_may_be_repeated_and_a_probe_leaves_no_trace)
{
    bench b, c;
    bench_init(&b, &circle, PREC);
    bench_init(&c, &circle, PREC);
    bench_step(&c, "0.1");
    fp_set_decimal(b.h, "0.7");
    fp_ck_ok(fp_rk45_try(b.rk, b.h, b.error, &b.err), &b.err);
    ck_assert(same(fp_rk45_state(b.rk), b.y0) && mpfr_zero_p(fp_rk45_time(b.rk)));
    bench_step(&b, "0.1");
    ck_assert(same(fp_rk45_state(b.rk), fp_rk45_state(c.rk)) && mpfr_equal_p(b.error, c.error));
    fp_set_decimal(b.t, "0.05");
    fp_rk45_dense(b.a, b.rk, b.t);
    fp_ck_ok(fp_rk45_probe(b.b, b.rk, b.t, &b.err), &b.err);
    fp_rk45_dense(b.b, b.rk, b.t);
    ck_assert(same(b.a, b.b));
    bench_step(&b, "0.2");
    bench_step(&c, "0.2");
    ck_assert(same(fp_rk45_state(b.rk), fp_rk45_state(c.rk)) && same(fp_rk45_slope(b.rk), fp_rk45_slope(c.rk)));
    ck_assert_uint_eq(fp_rk45_evaluations(c.rk), 1 + 2 * 6);
    ck_assert_uint_eq(fp_rk45_evaluations(b.rk), 1 + 3 * 6 + 5);
    bench_clear(&b);
    bench_clear(&c);
}
END_TEST

START_TEST(a_probe_at_an_end_is_the_stored_state_and_elsewhere_a_step_of_its_own)
{
    bench b, c;
    bench_init(&b, &circle, PREC);
    bench_init(&c, &circle, PREC);
    bench_step(&b, "0.25");
    fp_ck_ok(fp_rk45_probe(b.a, b.rk, fp_rk45_time(b.rk), &b.err), &b.err);
    ck_assert(same(b.a, fp_rk45_state(b.rk)));
    fp_ck_ok(fp_rk45_probe(b.a, b.rk, fp_rk45_left_time(b.rk), &b.err), &b.err);
    ck_assert(same(b.a, b.y0));
    bench_step(&c, "0.15");
    fp_ck_ok(fp_rk45_probe(b.a, b.rk, fp_rk45_time(c.rk), &b.err), &b.err);
    ck_assert(same(b.a, fp_rk45_state(c.rk)));
    bench_clear(&b);
    bench_clear(&c);
}
END_TEST

START_TEST(a_step_that_does_not_move_the_time_is_an_underflow)
{
    bench b;
    bench_init(&b, &circle, PREC);
    bench_step(&b, "1");
    fp_set_decimal(b.h, "1e-60");
    ck_assert_int_eq(fp_rk45_try(b.rk, b.h, b.error, &b.err), FP_STEP_UNDERFLOW);
    ck_assert_ptr_nonnull(strstr(b.err.message, "128 bits"));
    bench_clear(&b);
}
END_TEST

START_TEST(a_start_without_a_slope_is_refused)
{
    fp_ode o;
    fp_error err;
    mpfr_t t;
    fp_ode_init(&o, &edge_at_start, PREC);
    fp_rk45 *rk = fp_rk45_new(&o.field, PREC, NULL);
    fp_vec *y = fp_ode_start(&o);
    mpfr_init2(t, PREC);
    mpfr_set_ui(t, 3, MPFR_RNDN);
    ck_assert_int_eq(fp_rk45_start(rk, t, y, &err), FP_NON_FINITE);
    ck_assert_str_eq(err.message, "component 0 of the derivative at t = 3 is not finite");
    mpfr_clear(t);
    fp_vec_free(y);
    fp_rk45_free(rk);
    fp_ode_clear(&o);
}
END_TEST

/* ---- runs */
typedef struct {
    const char *t_end, *tolerance;
    mpfr_prec_t prec;
    unsigned long max_steps;
    bool pair;
    const fp_reals *stops;
    volatile int *interrupted;
    fp_pool *pool;
    const fp_field *fine;
} setup;

static fp_run *new_run(const fp_field *field, const setup *s)
{
    mpq_t t0, t1, tol;
    mpq_inits(t0, t1, tol, (mpq_ptr)NULL);
    ck_assert(fp_rational_parse(t1, s->t_end) && fp_rational_parse(tol, s->tolerance));
    fp_run_options options = {.t0 = t0, .t_end = t1, .tolerance = tol, .prec = s->prec ? s->prec : PREC, .stops = s->stops,
                              .max_steps = s->max_steps ? s->max_steps : 100000, .pair = s->pair, .interrupted = s->interrupted, .pool = s->pool};
    fp_run *run = fp_run_new(field, s->fine, &options);
    mpq_clears(t0, t1, tol, (mpq_ptr)NULL);
    return run;
}

static fp_outcome go(const fp_ode_problem *p, const setup *s, fp_run_observer observe, void *ctx, fp_error *err, fp_run_stats *stats)
{
    fp_ode o;
    fp_ode_init(&o, p, s->prec ? s->prec : PREC);
    fp_vec *y0 = fp_ode_start(&o);
    fp_run *run = new_run(&o.field, s);
    fp_outcome outcome = fp_run_go(run, y0, observe, ctx, err);
    if (stats)
        fp_run_get_stats(stats, run);
    fp_run_free(run);
    fp_vec_free(y0);
    fp_ode_clear(&o);
    return outcome;
}

typedef struct {
    unsigned long calls, stop_after;
    volatile int *flag;
    double t, least, greatest_growth, last;
    const fp_reals *stops;
    size_t hit;
    bool all_short; /* every size but those that land has 24 bits */
} watch;

static bool observe(fp_run *run, void *ctx)
{
    watch *w = ctx;
    mpfr_t h;
    mpfr_init2(h, 4 * PREC);
    mpfr_sub(h, fp_run_right(run), fp_run_left(run), MPFR_RNDN);
    double step = mpfr_get_d(h, MPFR_RNDN);
    w->least = w->calls ? fmin(w->least, step) : step;
    w->greatest_growth = w->calls ? fmax(w->greatest_growth, step / w->last) : 0;
    w->last = step;
    w->t = mpfr_get_d(fp_run_right(run), MPFR_RNDN);
    bool landed = w->stops && w->hit < w->stops->n && mpfr_equal_p(w->stops->x + w->hit, fp_run_right(run));
    w->hit += landed;
    w->all_short &= landed || mpfr_min_prec(h) <= 24;
    mpfr_clear(h);
    if (w->flag)
        *w->flag = 1;
    return ++w->calls != w->stop_after;
}

START_TEST(an_equilibrium_stays_where_it_is)
{
    fp_error err;
    fp_run_stats stats;
    watch w = {0};
    ck_assert_int_eq(go(&constant_0, &(setup){.t_end = "100", .tolerance = "1e-10"}, observe, &w, &err, &stats), FP_RUN_END);
    ck_assert(w.t == 100 && stats.rejected == 0 && stats.accepted < 20);
}
END_TEST

START_TEST(an_error_estimate_of_0_lets_the_step_grow_by_10_at_most)
{
    fp_error err;
    watch w = {0};
    ck_assert_int_eq(go(&constant_1, &(setup){.t_end = "1000", .tolerance = "1e-12"}, observe, &w, &err, NULL), FP_RUN_END);
    ck_assert(w.calls > 3 && w.greatest_growth <= 10.1 && w.greatest_growth > 9); /* 10.1: the last step is stretched */
}
END_TEST

/* The shortest step is the first one, (10^-2 * 10^-10)^(1/5) = 0.00398 by Hairer's rule, unless two stops 10^-6 apart ask for a shorter one. */
START_TEST(stops_are_hit_exactly_without_crumbs)
{
    static const char *const at[] = {"1/3", "2/3", "1", "1.000001", "1.7"};
    fp_error err;
    fp_reals stops;
    watch w = {.all_short = true, .stops = &stops};
    fp_reals_init(&stops, 5, PREC);
    for (size_t i = 0; i < 5; i++)
        fp_set_decimal(stops.x + i, at[i]);
    ck_assert_int_eq(go(&circle, &(setup){.t_end = "2", .tolerance = "1e-10", .stops = &stops, .pair = _i}, observe, &w, &err, NULL), FP_RUN_END);
    ck_assert_uint_eq(w.hit, 5);
    ck_assert_msg(w.t == 2 && w.least > 0.4e-6 && w.least < 1.1e-6 && w.calls < 70, "%g, %g, %lu", w.t, w.least, w.calls);
    stops.n = 3;
    w = (watch){.all_short = true, .stops = &stops};
    ck_assert_int_eq(go(&circle, &(setup){.t_end = "5/3", .tolerance = "1e-10", .stops = &stops}, observe, &w, &err, NULL), FP_RUN_END);
    ck_assert_msg(w.hit == 3 && w.least > 0.0039, "%g", w.least);
    fp_reals_clear(&stops);
}
END_TEST

START_TEST(step_sizes_have_24_bits)
{
    fp_error err;
    watch w = {.all_short = true};
    ck_assert_int_eq(go(&circle, &(setup){.t_end = "4", .tolerance = "1e-8"}, observe, &w, &err, NULL), FP_RUN_END);
    ck_assert(w.all_short || w.calls > 10);
    w = (watch){.all_short = true, .stop_after = 12};
    ck_assert_int_eq(go(&circle, &(setup){.t_end = "40", .tolerance = "1e-8"}, observe, &w, &err, NULL), FP_RUN_STOPPED);
    ck_assert(w.all_short && w.calls == 12);
}
END_TEST

START_TEST(a_blow_up_ends_as_underflow_at_the_pole)
{
    fp_error err;
    watch w = {0};
    fp_outcome outcome = go(&square, &(setup){.t_end = "2", .tolerance = "1e-8", .prec = 64}, observe, &w, &err, NULL);
    ck_assert_msg(outcome == FP_RUN_UNDERFLOW && err.code == FP_STEP_UNDERFLOW, "%s: %s", fp_outcome_text(outcome), err.message);
    ck_assert_msg(fabs(w.t - 1) < 1e-7, "%.17g", w.t);
}
END_TEST

START_TEST(the_edge_of_the_domain_ends_as_non_finite)
{
    fp_error err;
    watch w = {0};
    fp_outcome outcome = go(&edge_at_1, &(setup){.t_end = "2", .tolerance = "1e-8", .prec = 64, .pair = _i}, observe, &w, &err, NULL);
    ck_assert_msg(outcome == FP_RUN_NON_FINITE && err.code == FP_NON_FINITE, "%s: %s", fp_outcome_text(outcome), err.message);
    ck_assert_msg(fabs(w.t - 1) < 1e-9, "%.17g", w.t);
    ck_assert_int_eq(go(&edge_at_start, &(setup){.t_end = "1", .tolerance = "1e-8"}, NULL, NULL, &err, NULL), FP_RUN_NON_FINITE);
}
END_TEST

/* At this tolerance only the edge of the domain can reject a step: the run must find its way along it. */
START_TEST(a_step_out_of_the_domain_is_tried_again_shorter)
{
    fp_error err;
    fp_run_stats stats;
    ck_assert_int_eq(go(&decay_above_0, &(setup){.t_end = "50", .tolerance = "1000"}, NULL, NULL, &err, &stats), FP_RUN_END);
    ck_assert(stats.rejected > 0 && stats.accepted > 10);
}
END_TEST

START_TEST(budget_interruption_and_observer_end_a_run_by_name)
{
    fp_error err;
    fp_run_stats stats;
    volatile int flag = 0;
    watch w = {.flag = &flag};
    ck_assert_int_eq(go(&circle, &(setup){.t_end = "1000", .tolerance = "1e-12", .max_steps = 7}, NULL, NULL, &err, &stats), FP_RUN_BUDGET);
    ck_assert(err.code == FP_BUDGET && stats.accepted + stats.rejected == 7 && strstr(err.message, "7 steps"));
    ck_assert_int_eq(go(&circle, &(setup){.t_end = "1000", .tolerance = "1e-12", .interrupted = &flag}, observe, &w, &err, NULL), FP_RUN_INTERRUPTED);
    ck_assert(err.code == FP_INTERRUPTED && w.calls == 1);
    w = (watch){.stop_after = 3};
    ck_assert_int_eq(go(&circle, &(setup){.t_end = "1000", .tolerance = "1e-12"}, observe, &w, &err, NULL), FP_RUN_STOPPED);
    ck_assert_str_eq(fp_outcome_text(FP_RUN_STOPPED), "stopped by observer");
    ck_assert_int_eq(go(&circle, &(setup){.t_end = "0", .tolerance = "1e-12"}, observe, &w, &err, NULL), FP_RUN_END);
}
END_TEST

/* ---- the second run */
typedef struct {
    fp_rk45 *replay;
    fp_vec *x, *y;
    mpfr_t t, h, error;
    bool started;
    const fp_vec *y0;
    unsigned long steps;
} twin;

static void replay_step(twin *w, mpfr_srcptr to)
{
    fp_error err;
    mpfr_sub(w->h, to, fp_rk45_time(w->replay), MPFR_RNDN);
    fp_ck_ok(fp_rk45_try(w->replay, w->h, w->error, &err), &err);
    fp_rk45_accept(w->replay);
    ck_assert(mpfr_equal_p(to, fp_rk45_time(w->replay)));
}

/* By interpolant and by true step, at the quarter of the half step just replayed. */
static void compare_inside(twin *w, fp_run *run)
{
    fp_error err;
    mpfr_sub(w->t, fp_rk45_time(w->replay), fp_rk45_left_time(w->replay), MPFR_RNDN);
    mpfr_div_2ui(w->t, w->t, 2, MPFR_RNDN);
    mpfr_add(w->t, w->t, fp_rk45_left_time(w->replay), MPFR_RNDN);
    fp_ck_ok(fp_run_at(w->x, run, true, w->t, false, &err), &err);
    fp_rk45_dense(w->y, w->replay, w->t);
    ck_assert(same(w->x, w->y));
    fp_ck_ok(fp_run_at(w->x, run, true, w->t, true, &err), &err);
    fp_ck_ok(fp_rk45_probe(w->y, w->replay, w->t, &err), &err);
    ck_assert(same(w->x, w->y));
}

static bool replay(fp_run *run, void *ctx)
{
    twin *w = ctx;
    fp_error err;
    if (!w->started)
        fp_ck_ok(fp_rk45_start(w->replay, fp_run_left(run), w->y0, &err), &err);
    w->started = true;
    replay_step(w, fp_run_middle(run));
    ck_assert(same(fp_rk45_state(w->replay), fp_run_middle_state(run)));
    compare_inside(w, run);
    replay_step(w, fp_run_right(run));
    ck_assert(same(fp_rk45_state(w->replay), fp_run_state(run, true)));
    compare_inside(w, run);
    fp_ck_ok(fp_run_at(w->x, run, true, fp_run_middle(run), false, &err), &err);
    ck_assert(same(w->x, fp_run_middle_state(run)));
    w->steps++;
    return true;
}

/* circle, but evaluation number `bad` gives no number */
typedef struct {
    fp_ode ode;
    unsigned long calls, bad;
} flaky;

static void flaky_rhs(fp_vec *dy, mpfr_srcptr t, const fp_vec *y, void *ctx)
{
    flaky *f = ctx;
    f->ode.field.rhs(dy, t, y, f->ode.field.ctx);
    if (++f->calls != f->bad)
        return;
    mpfr_set_nan(f->ode.tmp.x);
    fp_vec_set(dy, 0, f->ode.tmp.x);
}

/* bad = 0: never. The second run takes 12 evaluations a step after the first: 30 falls in the first half of a step, 34 in the second. */
START_TEST(the_second_run_takes_two_half_steps_and_recovers_from_a_bad_one)
{
    static const unsigned long bad[] = {0, 30, 34};
    fp_error err;
    fp_run_stats stats;
    flaky f = {.bad = bad[_i]};
    bench b;
    bench_init(&b, &circle, PREC);
    fp_ode_init(&f.ode, &circle, PREC);
    twin w = {.replay = b.rk, .x = b.a, .y = b.b, .y0 = b.y0};
    mpfr_inits2(PREC, w.t, w.h, w.error, (mpfr_ptr)NULL);
    fp_field fine = {2, flaky_rhs, &f};
    fp_run *run = new_run(&b.ode.field, &(setup){.t_end = "7/3", .tolerance = "1e-9", .pair = true, .fine = &fine});
    ck_assert_int_eq(fp_run_go(run, b.y0, replay, &w, &err), FP_RUN_END);
    fp_run_get_stats(&stats, run);
    ck_assert_uint_eq(w.steps, stats.accepted);
    ck_assert(stats.accepted > 8 && stats.rejected >= (_i > 0) && f.calls > 36);
    ck_assert(stats.max_pair_difference > 1e-12 && stats.max_pair_difference < 1e-7);
    ck_assert_int_eq(fp_run_at(b.a, run, true, b.t, true, &err), FP_INTERNAL); /* t = 0 is long past */
    mpfr_clears(w.t, w.h, w.error, (mpfr_ptr)NULL);
    fp_run_free(run);
    fp_ode_clear(&f.ode);
    bench_clear(&b);
}
END_TEST

/* ---- threads: a chain of 3000 coupled pendulums, long enough for several parts */
enum { CHAIN = 3000 };

static void chain(fp_vec *dy, mpfr_srcptr t, const fp_vec *y, void *ctx)
{
    mpfr_ptr tmp = ctx;
    (void)t;
    for (size_t i = 0; i < CHAIN; i++) {
        fp_vec_get(tmp, y, i);
        fp_vec_get(tmp + 1, y, (i + 1) % CHAIN);
        mpfr_sub(tmp + 1, tmp + 1, tmp, MPFR_RNDN);
        mpfr_sqr(tmp, tmp, MPFR_RNDN);
        mpfr_sub(tmp, tmp + 1, tmp, MPFR_RNDN);
        fp_vec_set(dy, i, tmp);
    }
}

static fp_vec *chain_end(fp_pool *pool, fp_run_stats *stats)
{
    fp_reals tmp;
    fp_error err;
    fp_reals_init(&tmp, 2, PREC);
    fp_field field = {CHAIN, chain, tmp.x};
    fp_vec *y0 = fp_vec_new(CHAIN, PREC), *out = fp_vec_new(2 * CHAIN, PREC);
    for (size_t i = 0; i < CHAIN; i++)
        fp_vec_set_d(y0, i, (double)(i * i % 97) / 128);
    fp_run *run = new_run(&field, &(setup){.t_end = "1/2", .tolerance = "1e-7", .pair = true, .pool = pool});
    ck_assert_int_eq(fp_run_go(run, y0, NULL, NULL, &err), FP_RUN_END);
    fp_run_get_stats(stats, run);
    for (size_t i = 0; i < 2 * CHAIN; i++) {
        fp_vec_get(tmp.x, fp_run_state(run, i >= CHAIN), i % CHAIN);
        fp_vec_set(out, i, tmp.x);
    }
    fp_run_free(run);
    fp_vec_free(y0);
    fp_reals_clear(&tmp);
    return out;
}

START_TEST(the_number_of_threads_changes_no_bit)
{
    fp_run_stats stats, other;
    fp_vec *serial = chain_end(NULL, &stats);
    for (int threads = 1; threads <= 3; threads++) {
        fp_pool *pool = fp_pool_new(threads);
        fp_vec *parallel = chain_end(pool, &other);
        ck_assert(same(serial, parallel));
        ck_assert(stats.max_pair_difference == other.max_pair_difference && stats.evaluations == other.evaluations);
        fp_vec_free(parallel);
        fp_pool_free(pool);
    }
    fp_vec_free(serial);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rk45");
    TCase *tc = tcase_create("stepper"), *run = tcase_create("run");
    tcase_set_timeout(tc, 30);
    tcase_set_timeout(run, 60);
    tcase_add_loop_test(tc, a_polynomial_of_degree_5_is_exact_up_to_the_rounding_of_the_precision, 0, 5);
    tcase_add_test(tc, dense_output_is_exact_for_degree_4_and_returns_the_stored_ends);
    tcase_add_test(tc, dense_output_has_order_4_and_a_probe_at_least_5);
    tcase_add_test(tc, a_trial_may_be_repeated_and_a_probe_leaves_no_trace);
    tcase_add_test(tc, a_probe_at_an_end_is_the_stored_state_and_elsewhere_a_step_of_its_own);
    tcase_add_test(tc, a_step_that_does_not_move_the_time_is_an_underflow);
    tcase_add_test(tc, a_start_without_a_slope_is_refused);
    tcase_add_test(run, an_equilibrium_stays_where_it_is);
    tcase_add_test(run, an_error_estimate_of_0_lets_the_step_grow_by_10_at_most);
    tcase_add_loop_test(run, stops_are_hit_exactly_without_crumbs, 0, 2);
    tcase_add_test(run, step_sizes_have_24_bits);
    tcase_add_test(run, a_blow_up_ends_as_underflow_at_the_pole);
    tcase_add_loop_test(run, the_edge_of_the_domain_ends_as_non_finite, 0, 2);
    tcase_add_test(run, a_step_out_of_the_domain_is_tried_again_shorter);
    tcase_add_test(run, budget_interruption_and_observer_end_a_run_by_name);
    tcase_add_loop_test(run, the_second_run_takes_two_half_steps_and_recovers_from_a_bad_one, 0, 3);
    tcase_add_test(run, the_number_of_threads_changes_no_bit);
    suite_add_tcase(suite, tc);
    suite_add_tcase(suite, run);
    return fp_test_main(suite);
}
