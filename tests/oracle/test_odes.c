/* SPDX-License-Identifier: MIT */
/* The integrator on problems whose solution is known from elsewhere; see tests/support/odes.c. FP_FULL=1 in the environment adds a tolerance 1000 times
 * smaller. The reference digits (19 or more) are well below every error measured here. */
#include <math.h>
#include <stdlib.h>

#include "../support/fp_check.h"
#include "../support/odes.h"

enum { PREC = 128 };

typedef struct {
    double error; /* at the end */
    fp_run_stats stats;
} result;

static double vec_difference(const fp_vec *a, const fp_vec *b)
{
    double worst = 0;
    mpfr_t x, y;
    mpfr_inits2(fp_vec_prec(a), x, y, (mpfr_ptr)NULL);
    for (size_t i = 0; i < fp_vec_len(a); i++) {
        fp_vec_get(x, a, i);
        fp_vec_get(y, b, i);
        mpfr_sub(x, x, y, MPFR_RNDN);
        worst = fmax(worst, fabs(mpfr_get_d(x, MPFR_RNDN)));
    }
    mpfr_clears(x, y, (mpfr_ptr)NULL);
    return worst;
}

static double end_error(const fp_ode *o, const fp_vec *y)
{
    mpfr_t e;
    mpfr_init2(e, 64);
    fp_ode_error(e, o, y);
    double d = mpfr_get_d(e, MPFR_RNDN);
    mpfr_clear(e);
    return d;
}

/* A run to `t_end`, at tolerance * 10^-digits; the caller frees it. */
static fp_run *run_to(const fp_ode *o, const char *t_end, const char *tolerance, unsigned long digits, fp_run_observer observe, void *ctx)
{
    fp_error err;
    mpq_t t0, t1, tol, scale;
    mpq_inits(t0, t1, tol, scale, (mpq_ptr)NULL);
    ck_assert(fp_rational_parse(t1, t_end) && fp_rational_parse(tol, tolerance));
    mpz_ui_pow_ui(mpq_numref(scale), 10, digits);
    mpq_div(tol, tol, scale);
    fp_run_options options = {.t0 = t0, .t_end = t1, .tolerance = tol, .prec = o->y.prec, .max_steps = 1000000};
    fp_run *run = fp_run_new(&o->field, &options);
    fp_vec *y0 = fp_ode_start(o);
    fp_outcome outcome = fp_run_go(run, y0, observe, ctx, &err);
    ck_assert_msg(outcome == FP_RUN_END, "%s: %s", o->problem->name, fp_outcome_text(outcome));
    fp_vec_free(y0);
    mpq_clears(t0, t1, tol, scale, (mpq_ptr)NULL);
    return run;
}

static result solve(const fp_ode_problem *p, mpfr_prec_t prec, unsigned long digits)
{
    fp_ode o;
    result r;
    fp_ode_init(&o, p, prec);
    fp_run *run = run_to(&o, p->t_end, p->tolerance, digits, NULL, NULL);
    r.error = end_error(&o, fp_run_state(run));
    fp_run_get_stats(&r.stats, run);
    fp_run_free(run);
    fp_ode_clear(&o);
    return r;
}

/* Error per step control at order 5 with local extrapolation: global error ~ h^5 ~ tolerance, so 1000 times less tolerance means about 1000 times less
 * error; the order sets in slowly on some problems (Pleiades has close encounters), hence [100, 10^4]. */
START_TEST(the_error_falls_in_proportion_to_the_tolerance)
{
    const fp_ode_problem *p = &fp_ode_problems[_i];
    result loose = solve(p, PREC, 0), tight = solve(p, PREC, 3);
    double ratio = loose.error / tight.error;
    ck_assert_msg(ratio > 100 && ratio < 1e4, "%s: %g to %g", p->name, loose.error, tight.error);
    if (!getenv("FP_FULL"))
        return;
    result full = solve(p, PREC, 6);
    ratio = tight.error / full.error;
    ck_assert_msg(ratio > 500 && ratio < 2000, "%s: %g to %g", p->name, tight.error, full.error);
}
END_TEST

/* The final state after n equal steps from 0 to t_end. */
static fp_vec *fixed_steps(const fp_ode *o, const char *t_end, unsigned long n)
{
    fp_error err;
    mpfr_t h, t0, error;
    mpfr_inits2(o->y.prec, h, t0, error, (mpfr_ptr)NULL);
    mpfr_set_zero(t0, 1);
    fp_set_decimal(h, t_end);
    mpfr_div_ui(h, h, n, MPFR_RNDN);
    fp_rk45 *rk = fp_rk45_new(&o->field, o->y.prec, NULL);
    fp_vec *y = fp_ode_start(o);
    fp_ck_ok(fp_rk45_start(rk, t0, y, &err), &err);
    for (unsigned long i = 0; i < n; i++) {
        fp_ck_ok(fp_rk45_try(rk, h, error, &err), &err);
        fp_rk45_accept(rk);
    }
    fp_vec_copy(y, fp_rk45_state(rk));
    fp_rk45_free(rk);
    mpfr_clears(h, t0, error, (mpfr_ptr)NULL);
    return y;
}

static double fixed_error(const fp_ode_problem *p, unsigned long n)
{
    fp_ode o;
    fp_ode_init(&o, p, PREC);
    fp_vec *y = fixed_steps(&o, p->t_end, n);
    double e = end_error(&o, y);
    fp_vec_free(y);
    fp_ode_clear(&o);
    return e;
}

static const struct {
    const char *name;
    unsigned long steps;
} order_cases[] = {{"A1", 300}, {"A2", 3200}, {"A3", 800}, {"A4", 800}, {"A5", 400}, {"D1", 800}, {"D2", 1600}, {"D3", 3200}, {"Lorenz", 4000}};

START_TEST(with_equal_steps_the_order_is_5)
{
    const fp_ode_problem *p = fp_ode_find(order_cases[_i].name);
    unsigned long n = order_cases[_i].steps;
    double slope = log2(fixed_error(p, n) / fixed_error(p, 2 * n));
    ck_assert_msg(slope > 4.7 && slope < 5.3, "%s: slope %g", p->name, slope);
}
END_TEST

/* ---- precision */

static fp_vec *lorenz_at(mpfr_prec_t prec)
{
    fp_ode o;
    fp_ode_init(&o, fp_ode_find("Lorenz"), prec);
    fp_vec *y = fixed_steps(&o, "10", 1280);
    fp_ode_clear(&o);
    return y;
}

/* The steps are the same dyadic numbers at each precision, hence so is the truncation error, and what differs is rounding: p bits more must
 * divide it by 2^p. The amplification by the flow is the same, what is left is chance: 6 bits. */
START_TEST(rounding_errors_shrink_exactly_as_the_precision_says)
{
    fp_vec *exact = lorenz_at(512);
    double last = 0;
    for (mpfr_prec_t prec = 64; prec <= 256; prec += 64) {
        fp_vec *y = lorenz_at(prec), *rounded = fp_vec_new(3, 512);
        fp_vec_copy(rounded, y);
        double bits = log2(vec_difference(rounded, exact));
        ck_assert_msg(prec == 64 || fabs(last - bits - 64) < 6, "%ld bits: 2^%g after 2^%g", (long)prec, bits, last);
        ck_assert(bits < 30 - (double)prec && bits > -20 - (double)prec);
        last = bits;
        fp_vec_free(y);
        fp_vec_free(rounded);
    }
    fp_vec_free(exact);
}
END_TEST

/* D1 at tolerance 10^-15 and 10^-18. At 53 bits both stand at the floor of rounding, n 2^-53 at most with n steps; at 128 bits the error falls as before. */
START_TEST(the_error_falls_until_the_floor_of_the_precision_and_the_floor_moves)
{
    const fp_ode_problem *p = fp_ode_find("D1");
    result low = solve(p, 53, 9), high = solve(p, PREC, 9), high_before = solve(p, PREC, 6);
    ck_assert_msg(low.error > 0x1p-54 && low.error < 100 * sqrt((double)low.stats.accepted) * 0x1p-53, "%g", low.error);
    ck_assert_msg(high.error < low.error / 4, "%g, %g", high.error, low.error);
    ck_assert_msg(high_before.error / high.error > 500 && high_before.error / high.error < 2000, "%g, %g", high_before.error, high.error);
}
END_TEST

/* ---- an event */

static void pendulum(fp_ode *o, mpfr_srcptr t)
{
    (void)t;
    mpfr_set(o->dy.x, o->y.x + 1, MPFR_RNDN);
    mpfr_sin(o->dy.x + 1, o->y.x, MPFR_RNDN);
    mpfr_neg(o->dy.x + 1, o->dy.x + 1, MPFR_RNDN);
}

typedef struct {
    fp_vec *y;
    mpfr_t half, speed;
} crossing;

static bool watch_speed(fp_run *run, void *ctx)
{
    crossing *c = ctx;
    fp_error err;
    if (mpfr_greater_p(c->half, fp_run_right(run)) || mpfr_less_p(c->half, fp_run_left(run)))
        return true;
    ck_assert(!mpfr_equal_p(c->half, fp_run_left(run)) && !mpfr_equal_p(c->half, fp_run_right(run)));
    fp_ck_ok(fp_run_at(c->y, run, c->half, &err), &err);
    fp_vec_get(c->speed, c->y, 1);
    return true;
}

/* x'' = -sin x from x = 1.3, x' = 0: x' is 0 again after half the period 4K(sin 0.65), passing at x'' = sin 1.3 = 0.96. At tolerance 10^-15 the interpolant is good for about h^5/1000 or 10^-12. */
START_TEST(a_pendulum_turns_after_half_its_period)
{
    static const fp_ode_problem problem = {"pendulum", 2, pendulum, 0, NULL, "4", {0}, {"1.3", "0"}, {0}, "1e-15"};
    fp_ode o;
    crossing c;
    fp_ode_init(&o, &problem, PREC);
    c.y = fp_vec_new(2, PREC);
    mpfr_inits2(PREC, c.half, c.speed, (mpfr_ptr)NULL);
    mpfr_set_nan(c.speed);
    fp_set_decimal(c.half, "7.0192503118445465497705418380031579391");
    mpfr_div_2ui(c.half, c.half, 1, MPFR_RNDN);
    fp_run *run = run_to(&o, problem.t_end, problem.tolerance, 0, watch_speed, &c);
    ck_assert_msg(fabs(mpfr_get_d(c.speed, MPFR_RNDN)) < 2.4e-12, "%g", mpfr_get_d(c.speed, MPFR_RNDN)); /* 12 digits of the half period */
    fp_run_free(run);
    mpfr_clears(c.half, c.speed, (mpfr_ptr)NULL);
    fp_vec_free(c.y);
    fp_ode_clear(&o);
}
END_TEST

/* ---- gradient flows in closed form */

static void one_neuron(fp_ode *o, mpfr_srcptr t)
{
    (void)t;
    fp_logistic(o->dy.x, o->y.x);
}

START_TEST(the_logistic_gradient_flow_keeps_w_plus_exp_w_minus_t)
{
    static const fp_ode_problem problem = {"one neuron", 1, one_neuron, 0, NULL, "50", {0}, {"0"}, {0}, "1e-16"};
    fp_ode o;
    mpfr_t w, e;
    fp_ode_init(&o, &problem, PREC);
    mpfr_inits2(PREC, w, e, (mpfr_ptr)NULL);
    fp_run *run = run_to(&o, problem.t_end, problem.tolerance, 0, NULL, NULL);
    fp_vec_get(w, fp_run_state(run), 0);
    mpfr_exp(e, w, MPFR_RNDN);
    mpfr_add(w, w, e, MPFR_RNDN);
    fp_ck_digits(w, "51", 15); /* w(0) + exp(w(0)) = 1 */
    fp_run_free(run);
    mpfr_clears(w, e, (mpfr_ptr)NULL);
    fp_ode_clear(&o);
}
END_TEST

static void two_layers(fp_ode *o, mpfr_srcptr t)
{
    (void)t;
    mpfr_ptr a = o->y.x, b = o->y.x + 1;
    mpfr_mul(o->tmp.x, a, b, MPFR_RNDN);
    mpfr_ui_sub(o->tmp.x, 1, o->tmp.x, MPFR_RNDN);
    mpfr_mul(o->dy.x, b, o->tmp.x, MPFR_RNDN);
    mpfr_mul(o->dy.x + 1, a, o->tmp.x, MPFR_RNDN);
}

/* a^2 - b^2 = 0.0075 is kept and ab -> 1 at rate a^2 + b^2 >= 2, so at t = 30 a^2 = (c + sqrt(c^2 + 4))/2, b = 1/a to 10^-26. */
START_TEST(the_two_layer_flow_keeps_the_difference_of_squares)
{
    static const fp_ode_problem problem = {"two layers", 2, two_layers, 0, NULL, "30", {0}, {"0.1", "0.05"},
                                           {"1.0018766", "0.99812692"}, "1e-13"};
    fp_ode o;
    mpfr_t a, b;
    fp_ode_init(&o, &problem, PREC);
    mpfr_inits2(PREC, a, b, (mpfr_ptr)NULL);
    fp_run *run = run_to(&o, problem.t_end, problem.tolerance, 0, NULL, NULL);
    fp_vec_get(a, fp_run_state(run), 0);
    fp_vec_get(b, fp_run_state(run), 1);
    mpfr_mul(o.tmp.x, a, b, MPFR_RNDN);
    fp_ck_digits(o.tmp.x, "1", 12);
    mpfr_sqr(a, a, MPFR_RNDN);
    mpfr_sqr(b, b, MPFR_RNDN);
    mpfr_sub(a, a, b, MPFR_RNDN);
    fp_ck_digits(a, "0.0075", 10); /* tolerance / 0.0075 */
    fp_run_free(run);
    mpfr_clears(a, b, (mpfr_ptr)NULL);
    fp_ode_clear(&o);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("textbook ODEs");
    TCase *tc = tcase_create("published ends and closed forms");
    int problems = (int)fp_ode_problem_count;
    tcase_set_timeout(tc, 300);
    tcase_add_loop_test(tc, the_error_falls_in_proportion_to_the_tolerance, 0, problems);
    tcase_add_loop_test(tc, with_equal_steps_the_order_is_5, 0, (int)(sizeof order_cases / sizeof order_cases[0]));
    tcase_add_test(tc, rounding_errors_shrink_exactly_as_the_precision_says);
    tcase_add_test(tc, the_error_falls_until_the_floor_of_the_precision_and_the_floor_moves);
    tcase_add_test(tc, a_pendulum_turns_after_half_its_period);
    tcase_add_test(tc, the_logistic_gradient_flow_keeps_w_plus_exp_w_minus_t);
    tcase_add_test(tc, the_two_layer_flow_keeps_the_difference_of_squares);
    suite_add_tcase(suite, tc);
    return fp_test_main(suite);
}
