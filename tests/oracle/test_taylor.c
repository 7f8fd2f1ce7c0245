/* SPDX-License-Identifier: MIT */
/* taylor to 30, 60 and 100 digits: against closed forms evaluated here, published digits (tests/support/odes.c), and the reference instance of the flow
 * (tests/data/reference-tiny). FP_FULL=1 in the environment adds t = 16, 256 there and the longest runs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/fp_check.h"
#include "../support/naive_model.h"
#include "../support/odes.h"

/* Bits for `digits` digits. */
static mpfr_prec_t bits_for(long digits)
{
    return (mpfr_prec_t)((digits * 3322) / 1000 + 8);
}

static bool is_full(void)
{
    const char *full = getenv("FP_FULL");
    return full != NULL && strcmp(full, "1") == 0;
}

static fp_run *run_to(const fp_ode *o, const char *t_end, long digits, fp_run_observer observe, void *ctx)
{
    fp_error err = {0};
    char tolerance[24];
    mpq_t t0, t1, tol;
    mpq_inits(t0, t1, tol, (mpq_ptr)NULL);
    snprintf(tolerance, sizeof tolerance, "1e-%ld", digits);
    ck_assert(fp_rational_parse(t1, t_end) && fp_rational_parse(tol, tolerance));
    fp_run_options options = {.method = FP_METHOD_TAYLOR, .t0 = t0, .t_end = t1, .tolerance = tol, .prec = o->y.prec, .max_steps = 100000};
    fp_run *run = fp_run_new(&o->field, &options);
    fp_vec *y0 = fp_ode_start(o);
    fp_outcome outcome = fp_run_go(run, y0, observe, ctx, &err);
    ck_assert_msg(outcome == FP_RUN_END, "%s: %s", o->problem->name, err.message);
    fp_vec_free(y0);
    mpq_clears(t0, t1, tol, (mpq_ptr)NULL);
    return run;
}

/* ---- closed forms at t = 20 */

static void exact_A1(mpfr_ptr y)
{
    mpfr_set_si(y, -20, MPFR_RNDN);
    mpfr_exp(y, y, MPFR_RNDN);
}

static void exact_A2(mpfr_ptr y)
{
    mpfr_set_ui(y, 21, MPFR_RNDN);
    mpfr_rec_sqrt(y, y, MPFR_RNDN);
}

static void exact_A3(mpfr_ptr y)
{
    mpfr_set_ui(y, 20, MPFR_RNDN);
    mpfr_sin(y, y, MPFR_RNDN);
    mpfr_exp(y, y, MPFR_RNDN);
}

/* 20/(1 + 19 e^{-t/4}) */
static void exact_A4(mpfr_ptr y)
{
    mpfr_set_si(y, -5, MPFR_RNDN);
    mpfr_exp(y, y, MPFR_RNDN);
    mpfr_mul_ui(y, y, 19, MPFR_RNDN);
    mpfr_add_ui(y, y, 1, MPFR_RNDN);
    mpfr_ui_div(y, 20, y, MPFR_RNDN);
}

/* r = 4 exp(pi/2 - theta), t = r cos theta = 20, y = r sin theta: theta by bisection in [-1/10, 0], where r cos theta falls */
static void exact_A5(mpfr_ptr y)
{
    mpfr_t lo, hi, r, x;
    mpfr_inits2(mpfr_get_prec(y), lo, hi, r, x, (mpfr_ptr)NULL);
    mpfr_set_d(lo, -0.125, MPFR_RNDN);
    mpfr_set_zero(hi, 1);
    for (mpfr_prec_t k = 0; k < mpfr_get_prec(y); k++) {
        mpfr_add(y, lo, hi, MPFR_RNDN);
        mpfr_div_2ui(y, y, 1, MPFR_RNDN);
        mpfr_const_pi(r, MPFR_RNDN);
        mpfr_div_2ui(r, r, 1, MPFR_RNDN);
        mpfr_sub(r, r, y, MPFR_RNDN);
        mpfr_exp(r, r, MPFR_RNDN);
        mpfr_mul_2ui(r, r, 2, MPFR_RNDN);
        mpfr_cos(x, y, MPFR_RNDN);
        mpfr_mul(x, x, r, MPFR_RNDN);
        mpfr_set(mpfr_cmp_ui(x, 20) > 0 ? lo : hi, y, MPFR_RNDN);
    }
    mpfr_sin(x, y, MPFR_RNDN);
    mpfr_mul(y, r, x, MPFR_RNDN);
    mpfr_clears(lo, hi, r, x, (mpfr_ptr)NULL);
}

/* E - e sin E = 20 by Newton's method; position x = cos E - e of the unit orbit */
static void exact_kepler(mpfr_ptr y, const char *eccentricity)
{
    mpfr_t e, E, s, c;
    mpfr_inits2(mpfr_get_prec(y), e, E, s, c, (mpfr_ptr)NULL);
    fp_set_decimal(e, eccentricity);
    mpfr_set_ui(E, 20, MPFR_RNDN);
    for (int k = 0; k < 60; k++) {
        mpfr_sin_cos(s, c, E, MPFR_RNDN);
        mpfr_mul(s, s, e, MPFR_RNDN);
        mpfr_sub(s, E, s, MPFR_RNDN);
        mpfr_sub_ui(s, s, 20, MPFR_RNDN);
        mpfr_mul(c, c, e, MPFR_RNDN);
        mpfr_ui_sub(c, 1, c, MPFR_RNDN);
        mpfr_div(s, s, c, MPFR_RNDN);
        mpfr_sub(E, E, s, MPFR_RNDN);
    }
    mpfr_cos(y, E, MPFR_RNDN);
    mpfr_sub(y, y, e, MPFR_RNDN);
    mpfr_clears(e, E, s, c, (mpfr_ptr)NULL);
}

static void exact_D1(mpfr_ptr y)
{
    exact_kepler(y, "0.1");
}

static void exact_D3(mpfr_ptr y)
{
    exact_kepler(y, "0.5");
}

static void exact_D5(mpfr_ptr y)
{
    exact_kepler(y, "0.9");
}

static const struct {
    const char *name;
    void (*exact)(mpfr_ptr y);
} closed[] = {{"A1", exact_A1}, {"A2", exact_A2}, {"A3", exact_A3}, {"A4", exact_A4}, {"A5", exact_A5}, {"D1", exact_D1}, {"D3", exact_D3}, {"D5", exact_D5}};
enum { CLOSED = sizeof closed / sizeof *closed };

/* log10 of |y_0 - exact| */
static double error_digits(const fp_vec *y, void (*exact)(mpfr_ptr))
{
    mpfr_t x, z;
    mpfr_inits2(fp_vec_prec(y) + 64, x, z, (mpfr_ptr)NULL);
    exact(z);
    fp_vec_get(x, y, 0);
    mpfr_sub(x, x, z, MPFR_RNDN);
    mpfr_abs(x, x, MPFR_RNDN);
    mpfr_log10(x, x, MPFR_RNDN);
    double digits = mpfr_get_d(x, MPFR_RNDU);
    mpfr_clears(x, z, (mpfr_ptr)NULL);
    return digits;
}

/* Errors grow along D5 by less than 10^4 and along the others by less; tolerances are 10^-5 below the digits wanted. */
START_TEST(closed_forms_come_out_to_30_60_and_100_digits)
{
    static const long wanted[] = {30, 60, 100};
    for (size_t k = 0; k < 3; k++) {
        fp_ode o;
        fp_ode_init(&o, fp_ode_find(closed[_i].name), bits_for(wanted[k] + 8));
        fp_run *run = run_to(&o, "20", wanted[k] + 5, NULL, NULL);
        double digits = error_digits(fp_run_state(run), closed[_i].exact);
        ck_assert_msg(digits <= (double)-wanted[k], "%s: error 1e%.1f, wanted 1e-%ld", closed[_i].name, digits, wanted[k]);
        fp_run_free(run);
        fp_ode_clear(&o);
    }
}
END_TEST

/* The error must follow the tolerance down: a constant of too few bits somewhere would stop it. And steps do not grow with digits. */
START_TEST(the_error_follows_the_tolerance_at_the_same_number_of_steps)
{
    fp_run_stats stats[2];
    double digits[2];
    for (size_t k = 0; k < 2; k++) {
        fp_ode o;
        fp_ode_init(&o, fp_ode_find(closed[_i].name), bits_for(130));
        fp_run *run = run_to(&o, "20", k == 0 ? 40 : 80, NULL, NULL);
        fp_run_get_stats(&stats[k], run);
        digits[k] = error_digits(fp_run_state(run), closed[_i].exact);
        fp_run_free(run);
        fp_ode_clear(&o);
    }
    ck_assert_msg(digits[0] - digits[1] > 35 && digits[0] > -55, "%s: 1e%.1f, 1e%.1f", closed[_i].name, digits[0], digits[1]);
    ck_assert_msg(stats[1].accepted < stats[0].accepted * 5 / 4, "%s: %lu and %lu steps", closed[_i].name, stats[0].accepted, stats[1].accepted);
}
END_TEST

/* ---- published ends */

/* Decimals that odes.c prints, less one. Tolerances by the growth of errors: Arenstorf 10^6, Lorenz to t = 10 10^4. */
static const struct {
    const char *name;
    long tolerance, digits;
} printed[] = {{"D1", 30, 22}, {"D2", 30, 22}, {"D3", 30, 22}, {"D4", 30, 22}, {"D5", 34, 22}, {"Lorenz", 40, 26}, {"Arenstorf", 46, 36}, {"Pleiades", 30, 18}};

START_TEST(published_end_values_come_out_to_their_last_digit)
{
    fp_ode o;
    mpfr_t e, bound;
    mpfr_inits2(64, e, bound, (mpfr_ptr)NULL);
    fp_ode_init(&o, fp_ode_find(printed[_i].name), bits_for(printed[_i].tolerance + 4));
    fp_run *run = run_to(&o, o.problem->t_end, printed[_i].tolerance, NULL, NULL);
    fp_ode_error(e, &o, fp_run_state(run));
    mpfr_set_si(bound, -printed[_i].digits, MPFR_RNDN);
    mpfr_exp10(bound, bound, MPFR_RNDN);
    ck_assert_msg(mpfr_lessequal_p(e, bound), "%s: error %g", printed[_i].name, mpfr_get_d(e, MPFR_RNDN));
    fp_run_free(run);
    fp_ode_clear(&o);
    mpfr_clears(e, bound, (mpfr_ptr)NULL);
}
END_TEST

/* x(50): two runs of other programs (odes.c); x(100), x(200): as published with B. Kehlet and A. Logg's long computations. Errors grow about as e^{0.906 t}: 39 digits by t = 100. */
START_TEST(the_lorenz_system_is_followed_through_chaos)
{
    static const struct {
        const char *t, *x;
        long tolerance, digits;
    } far[] = {{"50", "16.246275544569391389518571718", 54, 28},
               {"100", "12.2860066770189848088523959400428665893", 80, 37},
               {"200", "-0.428878362621396885476845988868367367420", 122, 37}};
    for (size_t k = 0; k < (is_full() ? 3 : 1); k++) {
        fp_ode o;
        mpfr_t x;
        fp_ode_init(&o, fp_ode_find("Lorenz"), bits_for(far[k].tolerance + 4));
        mpfr_init2(x, o.y.prec);
        fp_run *run = run_to(&o, far[k].t, far[k].tolerance, NULL, NULL);
        fp_vec_get(x, fp_run_state(run), 0);
        fp_ck_digits(x, far[k].x, far[k].digits);
        mpfr_clear(x);
        fp_run_free(run);
        fp_ode_clear(&o);
    }
}
END_TEST

/* ---- inside a step: half a period of the orbit e = 0.5 is pi, where y comes back to 0 */

typedef struct {
    fp_vec *y;
    mpfr_t pi, height;
    bool found;
} crossing;

static bool watch(fp_run *run, void *ctx)
{
    crossing *c = ctx;
    fp_error err;
    if (mpfr_less_p(c->pi, fp_run_left(run)) || mpfr_greater_p(c->pi, fp_run_right(run)))
        return true;
    fp_ck_ok(fp_run_at(c->y, run, c->pi, &err), &err);
    fp_vec_get(c->height, c->y, 1);
    c->found = true;
    return false;
}

/* The orbit crosses the axis there at a speed of 1/sqrt 3. */
START_TEST(a_crossing_inside_a_step_is_met_to_60_digits)
{
    fp_ode o;
    fp_error err;
    mpq_t t0, t1, tol;
    crossing c = {0};
    fp_ode_init(&o, fp_ode_find("D3"), bits_for(72));
    c.y = fp_ode_start(&o);
    mpfr_inits2(o.y.prec, c.pi, c.height, (mpfr_ptr)NULL);
    mpfr_const_pi(c.pi, MPFR_RNDN);
    mpq_inits(t0, t1, tol, (mpq_ptr)NULL);
    ck_assert(fp_rational_parse(t1, "20") && fp_rational_parse(tol, "1e-68"));
    fp_run_options options = {.method = FP_METHOD_TAYLOR, .t0 = t0, .t_end = t1, .tolerance = tol, .prec = o.y.prec, .max_steps = 1000};
    fp_run *run = fp_run_new(&o.field, &options);
    ck_assert_int_eq(fp_run_go(run, c.y, watch, &c, &err), FP_RUN_STOPPED);
    ck_assert(c.found && mpfr_less_p(fp_run_left(run), c.pi) && mpfr_less_p(c.pi, fp_run_right(run)));
    fp_set_decimal(c.pi, "1e-60");
    ck_assert_msg(mpfr_cmpabs(c.height, c.pi) < 0, "off by %g", mpfr_get_d(c.height, MPFR_RNDN));
    fp_run_free(run);
    mpq_clears(t0, t1, tol, (mpq_ptr)NULL);
    mpfr_clears(c.pi, c.height, (mpfr_ptr)NULL);
    fp_vec_free(c.y);
    fp_ode_clear(&o);
}
END_TEST

/* ---- the flow: the reference instance */

static const char folder[] = "tests/data/reference-tiny", table[] = "tests/data/reference-tiny/values.csv";

typedef struct {
    fp_flow *flow;
    const char *text;
    size_t compared;
    fp_vec *gram;
} reference;

/* Quantity by its name in the table from the inner products (order of the gram layout), F0 and the loss from the flow. */
static void quantity(mpfr_ptr out, reference *r, const fp_vec *y, const char *name)
{
    size_t d = (size_t)fp_flow_layout(r->flow)->d, a = (size_t)(name[1] - '1'), b = (size_t)(name[2] - '1');
    fp_reals F;
    fp_reals_init(&F, (size_t)fp_flow_layout(r->flow)->n, fp_vec_prec(y));
    fp_flow_outputs(&F, out, r->flow, y);
    static const char blocks[] = "APRB";
    if (strcmp(name, "F0") == 0)
        mpfr_set(out, F.x, MPFR_RNDN);
    else if (strcmp(name, "rho") == 0)
        fp_vec_get(out, r->gram, 4 * d * d + d);
    else if (name[0] == 'G')
        fp_vec_get(out, r->gram, 4 * d * d + a);
    else if (strcmp(name, "loss") != 0)
        fp_vec_get(out, r->gram, ((size_t)(strchr(blocks, name[0]) - blocks) * d + a) * d + b);
    fp_reals_clear(&F);
}

/* |x - printed| <= 2 units of the 31st significant digit: the table prints 32, cut where its two orders agree ("about 30 digits are good"). */
static const char *why_not_printed(mpfr_srcptr x, const char *value)
{
    return fp_why_not_digits(x, value, 30);
}

static bool compare(fp_run *run, void *ctx)
{
    reference *r = ctx;
    const fp_vec *y = fp_run_state(run);
    mpfr_t x;
    mpfr_init2(x, fp_vec_prec(y));
    naive_gram(r->gram, NULL, fp_flow_problem(r->flow), fp_flow_layout(r->flow), y, NULL);
    for (const char *line = strchr(r->text, '\n') + 1; *line != 0; line = strchr(line, '\n') + 1) {
        double t;
        char name[8], value[64];
        ck_assert_int_eq(sscanf(line, "%lf,%7[^,],%63[^\n]", &t, name, value), 3);
        if (mpfr_cmp_d(fp_run_right(run), t) != 0)
            continue;
        quantity(x, r, y, name);
        const char *why = why_not_printed(x, value);
        ck_assert_msg(why == NULL, "t = %g, %s: %s", t, name, why);
        r->compared++;
    }
    mpfr_clear(x);
    return true;
}

static void follow_reference(reference *r, const char *t_end)
{
    enum { PREC = 140 };
    mpq_t zero, end, tol;
    fp_reals stops;
    fp_error err = {0};
    mpq_inits(zero, end, tol, (mpq_ptr)0);
    ck_assert(fp_rational_parse(end, t_end) && fp_rational_parse(tol, "1e-35"));
    fp_reals_init(&stops, 3, PREC);
    mpfr_set_d(stops.x, 0.0625, MPFR_RNDN);
    mpfr_set_ui(stops.x + 1, 1, MPFR_RNDN);
    mpfr_set_ui(stops.x + 2, 16, MPFR_RNDN);
    stops.n = mpq_cmp_ui(end, 1, 1) > 0 ? 3 : 1;
    fp_run_options options = {.method = FP_METHOD_TAYLOR, .t0 = zero, .t_end = end, .tolerance = tol, .prec = PREC, .stops = &stops, .max_steps = 10000};
    fp_run *run = fp_run_new(fp_flow_field(r->flow), &options);
    fp_vec *y0 = fp_flow_initial(r->flow);
    fp_outcome outcome = fp_run_go(run, y0, compare, r, &err);
    ck_assert_msg(outcome == FP_RUN_END, "%s: %s", fp_outcome_text(outcome), err.message);
    stops.n = 3;
    fp_vec_free(y0);
    fp_run_free(run);
    fp_reals_clear(&stops);
    mpq_clears(zero, end, tol, (mpq_ptr)0);
}

START_TEST(the_flow_has_the_reference_values_to_30_digits)
{
    static const fp_flow_kind kinds[] = {FP_FLOW_REDUCED, FP_FLOW_COMPRESSED};
    fp_text text = {0};
    fp_error err = {0};
    fp_setting setting;
    fp_problem problem;
    reference r = {0};
    fp_setting_defaults(&setting);
    fp_ck_ok(fp_file_read(&text, table, 1 << 20, &err), &err);
    fp_ck_ok(fp_problem_make(&problem, &setting, folder, folder, &err), &err);
    fp_ck_ok(fp_flow_new(&r.flow, kinds[_i], &problem, 140, NULL, &err), &err);
    r.text = text.data;
    r.gram = fp_vec_new((size_t)(4 * problem.d * problem.d + problem.d + 1), 140);
    follow_reference(&r, is_full() ? "256" : "1");
    ck_assert_uint_eq(r.compared, is_full() ? 56 : 28);
    fp_vec_free(r.gram);
    fp_flow_free(r.flow);
    fp_problem_clear(&problem);
    fp_setting_clear(&setting);
    fp_text_clear(&text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("taylor");
    TCase *c = tcase_create("values");
    tcase_set_timeout(c, 600);
    tcase_add_loop_test(c, closed_forms_come_out_to_30_60_and_100_digits, 0, CLOSED);
    tcase_add_loop_test(c, the_error_follows_the_tolerance_at_the_same_number_of_steps, 0, CLOSED);
    tcase_add_loop_test(c, published_end_values_come_out_to_their_last_digit, 0, (int)(sizeof printed / sizeof *printed));
    tcase_add_test(c, the_lorenz_system_is_followed_through_chaos);
    tcase_add_test(c, a_crossing_inside_a_step_is_met_to_60_digits);
    tcase_add_loop_test(c, the_flow_has_the_reference_values_to_30_digits, 0, 2);
    suite_add_tcase(suite, c);
    return fp_test_main(suite);
}
