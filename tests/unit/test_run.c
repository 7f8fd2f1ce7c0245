/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/rk45_bench.h"

enum { PREC = 128 };

/* ---- runs */
typedef struct {
    const char *t_end, *tolerance;
    mpfr_prec_t prec;
    unsigned long max_steps;
    bool taylor;
    const fp_reals *stops;
    fp_pool *pool;
} setup;

static fp_run *new_run(const fp_field *field, const setup *s)
{
    mpq_t t0, t1, tol;
    mpq_inits(t0, t1, tol, (mpq_ptr)NULL);
    ck_assert(fp_rational_parse(t1, s->t_end) && fp_rational_parse(tol, s->tolerance));
    fp_run_options options = {.method = s->taylor ? FP_METHOD_TAYLOR : FP_METHOD_RK45, .t0 = t0, .t_end = t1, .tolerance = tol, .prec = s->prec ? s->prec : PREC, .stops = s->stops,
                              .max_steps = s->max_steps ? s->max_steps : 100000, .pool = s->pool};
    fp_run *run = fp_run_new(field, &options);
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
    bool interrupts;
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
    if (w->interrupts)
        fp_interrupt(2);
    return ++w->calls != w->stop_after;
}

START_TEST(an_equilibrium_stays_where_it_is)
{
    fp_error err;
    fp_run_stats stats;
    watch w = {0};
    ck_assert_int_eq(go(&bench_constant_0, &(setup){.t_end = "100", .tolerance = "1e-10"}, observe, &w, &err, &stats), FP_RUN_END);
    ck_assert(w.t == 100 && stats.rejected == 0 && stats.accepted < 20);
}
END_TEST

START_TEST(an_error_estimate_of_0_lets_the_step_grow_by_10_at_most)
{
    fp_error err;
    watch w = {0};
    ck_assert_int_eq(go(&bench_constant_1, &(setup){.t_end = "1000", .tolerance = "1e-12"}, observe, &w, &err, NULL), FP_RUN_END);
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
    ck_assert_int_eq(go(&bench_circle, &(setup){.t_end = "2", .tolerance = "1e-10", .stops = &stops}, observe, &w, &err, NULL), FP_RUN_END);
    ck_assert_uint_eq(w.hit, 5);
    ck_assert_msg(w.t == 2 && w.least > 0.4e-6 && w.least < 1.1e-6 && w.calls < 70, "%g, %g, %lu", w.t, w.least, w.calls);
    stops.n = 3;
    w = (watch){.all_short = true, .stops = &stops};
    ck_assert_int_eq(go(&bench_circle, &(setup){.t_end = "5/3", .tolerance = "1e-10", .stops = &stops}, observe, &w, &err, NULL), FP_RUN_END);
    ck_assert_msg(w.hit == 3 && w.least > 0.0039, "%g", w.least);
    fp_reals_clear(&stops);
}
END_TEST

static bool no_crumb(fp_run *run, void *ctx)
{
    double *last = ctx, step;
    mpfr_t h;
    mpfr_init2(h, PREC);
    mpfr_sub(h, fp_run_right(run), fp_run_left(run), MPFR_RNDN);
    step = mpfr_get_d(h, MPFR_RNDN);
    mpfr_clear(h);
    ck_assert_msg(step > 0.45 * *last, "%g after %g", step, *last);
    *last = step;
    return true;
}

START_TEST(the_last_step_is_never_a_crumb)
{
    fp_error err;
    for (int i = 0; i < 40; i++) {
        double last = 0;
        char *t_end = fp_asprintf("%d/64", 100 + i);
        ck_assert_int_eq(go(&bench_circle, &(setup){.t_end = t_end, .tolerance = "1e-8"}, no_crumb, &last, &err, NULL), FP_RUN_END);
        free(t_end);
    }
}
END_TEST

START_TEST(a_short_step_to_a_stop_does_not_shorten_those_after_it)
{
    fp_error err;
    fp_reals stops;
    watch free_run = {0}, stopped = {0};
    fp_reals_init(&stops, 2, PREC);
    fp_set_decimal(stops.x, "500");
    fp_set_decimal(stops.x + 1, "500.0000001");
    ck_assert_int_eq(go(&bench_constant_1, &(setup){.t_end = "1000", .tolerance = "1e-12"}, observe, &free_run, &err, NULL), FP_RUN_END);
    ck_assert_int_eq(go(&bench_constant_1, &(setup){.t_end = "1000", .tolerance = "1e-12", .stops = &stops}, observe, &stopped, &err, NULL), FP_RUN_END);
    ck_assert_msg(stopped.calls <= free_run.calls + 4, "%lu, %lu", stopped.calls, free_run.calls);
    fp_reals_clear(&stops);
}
END_TEST

typedef struct {
    bench *b;
    double expected, previous;
    unsigned long checked;
} forecast;

/* Repeats the step to learn its error, and applies the header's formula in double. */
static bool check_forecast(fp_run *run, void *ctx)
{
    forecast *f = ctx;
    bench *b = f->b;
    mpfr_sub(b->h, fp_run_right(run), fp_run_left(run), MPFR_RNDN);
    double h = mpfr_get_d(b->h, MPFR_RNDN);
    if (f->expected > 0) {
        ck_assert_msg(fabs(h / f->expected - 1) < 1e-6, "%g, not %g", h, f->expected); /* 24 bits */
        f->checked++;
    }
    fp_ck_ok(fp_rk45_try(b->rk, b->h, b->error, &b->err), &b->err);
    fp_rk45_accept(b->rk);
    double ratio = mpfr_get_d(b->error, MPFR_RNDN) / 1e-8;
    f->expected = h * fmin(10, fmax(0.2, 0.9 * pow(ratio, -0.17) * pow(f->previous, 0.04)));
    f->previous = fmax(ratio, 1e-4);
    return f->checked < 30;
}

START_TEST(step_sizes_follow_the_pi_formula)
{
    bench b;
    forecast f = {.b = &b, .previous = 1e-4};
    fp_run_stats stats;
    bench_init(&b, &bench_circle, PREC);
    ck_assert_int_eq(go(&bench_circle, &(setup){.t_end = "100", .tolerance = "1e-8"}, check_forecast, &f, &b.err, &stats), FP_RUN_STOPPED);
    ck_assert_uint_eq(stats.rejected, 0);
    bench_clear(&b);
}
END_TEST

START_TEST(step_sizes_have_24_bits)
{
    fp_error err;
    watch w = {.all_short = true};
    ck_assert_int_eq(go(&bench_circle, &(setup){.t_end = "4", .tolerance = "1e-8"}, observe, &w, &err, NULL), FP_RUN_END);
    ck_assert(w.all_short || w.calls > 10);
    w = (watch){.all_short = true, .stop_after = 12};
    ck_assert_int_eq(go(&bench_circle, &(setup){.t_end = "40", .tolerance = "1e-8"}, observe, &w, &err, NULL), FP_RUN_STOPPED);
    ck_assert(w.all_short && w.calls == 12);
}
END_TEST

START_TEST(a_blow_up_ends_as_underflow_at_the_pole)
{
    fp_error err;
    watch w = {0};
    fp_outcome outcome = go(&bench_square, &(setup){.t_end = "2", .tolerance = "1e-8", .prec = 64}, observe, &w, &err, NULL);
    ck_assert_msg(outcome == FP_RUN_UNDERFLOW && err.code == FP_STEP_UNDERFLOW, "%s: %s", fp_outcome_text(outcome), err.message);
    ck_assert_msg(fabs(w.t - 1) < 1e-7, "%.17g", w.t);
}
END_TEST

START_TEST(the_edge_of_the_domain_ends_as_non_finite)
{
    fp_error err;
    watch w = {0};
    fp_outcome outcome = go(&bench_edge_at_1, &(setup){.t_end = "2", .tolerance = "1e-8", .prec = 64}, observe, &w, &err, NULL);
    ck_assert_msg(outcome == FP_RUN_NON_FINITE && err.code == FP_NON_FINITE, "%s: %s", fp_outcome_text(outcome), err.message);
    ck_assert_msg(fabs(w.t - 1) < 1e-9, "%.17g", w.t);
    ck_assert_int_eq(go(&bench_edge_at_start, &(setup){.t_end = "1", .tolerance = "1e-8"}, NULL, NULL, &err, NULL), FP_RUN_NON_FINITE);
}
END_TEST

/* At this tolerance only the edge of the domain can reject a step: the run must find its way along it. */
START_TEST(a_step_out_of_the_domain_is_tried_again_shorter)
{
    fp_error err;
    fp_run_stats stats;
    ck_assert_int_eq(go(&bench_decay_above_0, &(setup){.t_end = "50", .tolerance = "1000"}, NULL, NULL, &err, &stats), FP_RUN_END);
    ck_assert(stats.rejected > 0 && stats.accepted > 10);
}
END_TEST

START_TEST(budget_interruption_and_observer_end_a_run_by_name)
{
    fp_error err;
    fp_run_stats stats;
    watch w = {.interrupts = true};
    ck_assert_int_eq(go(&bench_circle, &(setup){.t_end = "1000", .tolerance = "1e-12", .max_steps = 7}, NULL, NULL, &err, &stats), FP_RUN_BUDGET);
    ck_assert(err.code == FP_BUDGET && stats.accepted + stats.rejected == 7 && strstr(err.message, "7 steps"));
    ck_assert_int_eq(go(&bench_circle, &(setup){.t_end = "1000", .tolerance = "1e-12"}, observe, &w, &err, NULL), FP_RUN_INTERRUPTED);
    fp_interrupt(0);
    ck_assert(err.code == FP_INTERRUPTED && w.calls == 1);
    w = (watch){.stop_after = 3};
    ck_assert_int_eq(go(&bench_circle, &(setup){.t_end = "1000", .tolerance = "1e-12"}, observe, &w, &err, NULL), FP_RUN_STOPPED);
    ck_assert_str_eq(fp_outcome_text(FP_RUN_STOPPED), "stopped by observer");
    ck_assert_int_eq(go(&bench_circle, &(setup){.t_end = "0", .tolerance = "1e-12"}, observe, &w, &err, NULL), FP_RUN_END);
}
END_TEST

/* ---- a run and its stepper */
typedef struct {
    fp_rk45 *replay;
    fp_vec *x, *y;
    mpfr_t t, h, error;
    unsigned long steps;
} twin;

/* The same step by the stepper alone; states at its end and, by the interpolant, at its quarter. */
static bool replay(fp_run *run, void *ctx)
{
    twin *w = ctx;
    fp_error err;
    mpfr_sub(w->h, fp_run_right(run), fp_run_left(run), MPFR_RNDN);
    fp_ck_ok(fp_rk45_try(w->replay, w->h, w->error, &err), &err);
    fp_rk45_accept(w->replay);
    ck_assert(mpfr_equal_p(fp_run_right(run), fp_rk45_time(w->replay)));
    ck_assert(bench_same(fp_rk45_state(w->replay), fp_run_state(run)));
    mpfr_div_2ui(w->t, w->h, 2, MPFR_RNDN);
    mpfr_add(w->t, w->t, fp_run_left(run), MPFR_RNDN);
    fp_ck_ok(fp_run_at(w->x, run, w->t, &err), &err);
    fp_rk45_dense(w->y, w->replay, w->t);
    ck_assert(bench_same(w->x, w->y));
    w->steps++;
    return true;
}

/* bad = 0: never. Two evaluations to begin with and 6 a step: 30 falls inside the fifth. */
START_TEST(a_run_is_made_of_the_steppers_steps_and_recovers_from_a_bad_one)
{
    static const unsigned long bad[] = {0, 30};
    fp_error err;
    fp_run_stats stats;
    bench_flaky f = {.bad = bad[_i]};
    bench b;
    bench_init(&b, &bench_circle, PREC);
    fp_ode_init(&f.ode, &bench_circle, PREC);
    twin w = {.replay = b.rk, .x = b.a, .y = b.b};
    mpfr_inits2(PREC, w.t, w.h, w.error, (mpfr_ptr)NULL);
    fp_field field = {.dim = 2, .rhs = bench_flaky_rhs, .ctx = &f};
    fp_run *run = new_run(&field, &(setup){.t_end = "7/3", .tolerance = "1e-9"});
    ck_assert_int_eq(fp_run_go(run, b.y0, replay, &w, &err), FP_RUN_END);
    fp_run_get_stats(&stats, run);
    ck_assert_uint_eq(w.steps, stats.accepted);
    ck_assert_uint_eq(stats.rejected, _i > 0);
    ck_assert(stats.accepted > 8 && stats.evaluations == f.calls);
    ck_assert_int_eq(fp_run_at(b.a, run, b.t, &err), FP_INTERNAL); /* t = 0 is long past */
    mpfr_clears(w.t, w.h, w.error, (mpfr_ptr)NULL);
    fp_run_free(run);
    fp_ode_clear(&f.ode);
    bench_clear(&b);
}
END_TEST

/* Goals are landings like stops: the same steps, bit by bit, for either method. */
START_TEST(a_run_that_is_sent_on_goes_as_one_with_stops)
{
    const fp_ode_problem *p = _i == 0 ? &bench_circle : fp_ode_find("D3");
    fp_error err;
    fp_run_stats stats[2];
    fp_reals stops;
    fp_ode o;
    fp_ode_init(&o, p, PREC);
    fp_vec *y0 = fp_ode_start(&o), *y[2];
    fp_reals_init(&stops, 3, PREC);
    fp_set_decimal(stops.x, "1e-7");
    fp_set_decimal(stops.x + 1, "0.7");
    fp_set_decimal(stops.x + 2, "2.5");
    for (int k = 0; k < 2; k++) {
        fp_run *run = new_run(&o.field, &(setup){.t_end = "3", .tolerance = "1e-12", .taylor = _i == 1, .stops = k == 0 ? &stops : NULL});
        ck_assert(fp_run_begin(run, y0, &err));
        ck_assert(mpfr_zero_p(fp_run_right(run)) && bench_same(fp_run_state(run), y0));
        for (size_t s = 0; s < 3 && k == 1; s++) {
            ck_assert_int_eq(fp_run_to(run, stops.x + s, NULL, NULL, &err), FP_RUN_END);
            ck_assert(mpfr_equal_p(fp_run_right(run), stops.x + s));
            ck_assert_int_eq(fp_run_to(run, stops.x + s, NULL, NULL, &err), FP_RUN_END); /* there already */
        }
        fp_set_decimal(o.tmp.x, "4");
        ck_assert_int_eq(fp_run_to(run, o.tmp.x, NULL, NULL, &err), FP_RUN_END); /* no further than the end */
        ck_assert(mpfr_cmp_ui(fp_run_right(run), 3) == 0);
        fp_run_get_stats(&stats[k], run);
        y[k] = fp_vec_new(p->dim, PREC);
        fp_vec_copy(y[k], fp_run_state(run));
        fp_run_free(run);
    }
    ck_assert(bench_same(y[0], y[1]) && stats[0].accepted == stats[1].accepted && stats[0].evaluations == stats[1].evaluations);
    fp_vec_free(y[0]);
    fp_vec_free(y[1]);
    fp_vec_free(y0);
    fp_reals_clear(&stops);
    fp_ode_clear(&o);
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
    fp_field field = {.dim = CHAIN, .rhs = chain, .ctx = tmp.x};
    fp_vec *y0 = fp_vec_new(CHAIN, PREC), *out = fp_vec_new(CHAIN, PREC);
    for (size_t i = 0; i < CHAIN; i++)
        fp_vec_set_d(y0, i, (double)(i * i % 97) / 128);
    fp_run *run = new_run(&field, &(setup){.t_end = "1/2", .tolerance = "1e-7", .pool = pool});
    ck_assert_int_eq(fp_run_go(run, y0, NULL, NULL, &err), FP_RUN_END);
    fp_run_get_stats(stats, run);
    fp_vec_copy(out, fp_run_state(run));
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
        ck_assert(bench_same(serial, parallel));
        ck_assert(stats.rejected == other.rejected && stats.evaluations == other.evaluations);
        fp_vec_free(parallel);
        fp_pool_free(pool);
    }
    fp_vec_free(serial);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("run");
    TCase *tc = tcase_create("run");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, an_equilibrium_stays_where_it_is);
    tcase_add_test(tc, an_error_estimate_of_0_lets_the_step_grow_by_10_at_most);
    tcase_add_test(tc, stops_are_hit_exactly_without_crumbs);
    tcase_add_test(tc, the_last_step_is_never_a_crumb);
    tcase_add_test(tc, a_short_step_to_a_stop_does_not_shorten_those_after_it);
    tcase_add_test(tc, step_sizes_follow_the_pi_formula);
    tcase_add_test(tc, step_sizes_have_24_bits);
    tcase_add_test(tc, a_blow_up_ends_as_underflow_at_the_pole);
    tcase_add_test(tc, the_edge_of_the_domain_ends_as_non_finite);
    tcase_add_test(tc, a_step_out_of_the_domain_is_tried_again_shorter);
    tcase_add_test(tc, budget_interruption_and_observer_end_a_run_by_name);
    tcase_add_loop_test(tc, a_run_is_made_of_the_steppers_steps_and_recovers_from_a_bad_one, 0, 2);
    tcase_add_loop_test(tc, a_run_that_is_sent_on_goes_as_one_with_stops, 0, 2);
    tcase_add_test(tc, the_number_of_threads_changes_no_bit);
    suite_add_tcase(suite, tc);
    return fp_test_main(suite);
}
