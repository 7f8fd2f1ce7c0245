/* SPDX-License-Identifier: MIT */
/* One step by itself: options, what must be given, the radius, the growth, the way to the next knot. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/certify/step_impl.h"
#include "../support/flow_instances.h"
#include "../support/fp_check.h"

enum { PREC = 192 };

typedef struct {
    fp_problem problem;
    fp_flow *flow;
} world;

static void world_init(world *w, size_t instance)
{
    fp_error err = {0};
    instance_make(&w->problem, instance);
    fp_ck_ok(fp_flow_new(&w->flow, FP_FLOW_REDUCED, &w->problem, PREC, NULL, &err), &err);
}

static void world_clear(world *w)
{
    fp_flow_free(w->flow);
    instance_clear(&w->problem);
}

START_TEST(options_out_of_range_are_refused)
{
    static const struct {
        int order, limbs, parts;
        const char *tolerance;
    } list[] = {{0, 0, 0, "0"}, {0, 0, 0, "-1e-5"}, {0, 0, 0, "1"}, {1, 0, 0, "1e-5"}, {1001, 0, 0, "1e-5"}, {0, 65, 0, "1e-5"}, {0, -1, 0, "1e-5"}, {0, 0, 4097, "1e-5"}};
    world w;
    world_init(&w, 0);
    for (size_t k = 0; k < sizeof list / sizeof list[0]; k++) {
        fp_error err = {0};
        fp_step *step;
        mpq_t tol;
        mpq_init(tol);
        ck_assert(fp_rational_parse(tol, list[k].tolerance));
        fp_certify_options o = {.order = list[k].order, .limbs = list[k].limbs, .parts = list[k].parts, .tolerance = tol};
        ck_assert_msg(fp_step_new(&step, &w.problem, fp_flow_layout(w.flow), &o, &err) == FP_BAD_INPUT, "case %zu", k);
        ck_assert_ptr_null(step);
        ck_assert_msg(strstr(err.message, "allowed"), "%s", err.message);
        mpq_clear(tol);
    }
    world_clear(&w);
}
END_TEST

/* ---- one step with everything given */
typedef struct {
    fp_step *step;
    fp_series_state knot;
    arf_t left, h;
    mag_t e, r;
} single;

static void single_init(single *x, world *w)
{
    fp_error err = {0};
    mpq_t tol;
    mpq_init(tol);
    ck_assert(fp_rational_parse(tol, "1e-17"));
    arf_init(x->left);
    arf_init(x->h);
    mag_init(x->e);
    mag_init(x->r);
    arf_set_d(x->h, 0x1p-7);
    fp_ck_ok(fp_step_new(&x->step, &w->problem, fp_flow_layout(w->flow), &(fp_certify_options){.order = 20, .tolerance = tol}, &err), &err);
    fp_series_state_init(&x->knot, fp_step_series(x->step));
    fp_vec *y = fp_flow_initial(w->flow);
    ck_assert(fp_series_state_from_vec(&x->knot, x->e, y, fp_flow_layout(w->flow)));
    fp_vec_free(y);
    mpq_clear(tol);
}

static void single_clear(single *x)
{
    fp_series_state_clear(&x->knot);
    fp_step_free(x->step);
    mag_clear(x->e);
    mag_clear(x->r);
    arf_clear(x->h);
    arf_clear(x->left);
}

START_TEST(a_given_radius_must_hold_the_tube)
{
    world w;
    single x;
    fp_error err = {0};
    world_init(&w, 0);
    single_init(&x, &w);
    mag_set_ui_2exp_si(x.e, 1, -40);
    fp_ck_ok(fp_step_open(x.step, x.left, &x.knot, NULL, x.h, &err), &err);
    ck_assert(arf_equal(fp_step_right(x.step), x.h));
    mag_set(x.r, x.e); /* E >= e, so E < e fails */
    ck_assert(!fp_step_close(x.step, x.e, x.r));
    mag_mul_2exp_si(x.r, x.e, 3);
    ck_assert(fp_step_close(x.step, x.e, x.r));
    ck_assert(mag_equal(fp_step_room(x.step), x.r));
    ck_assert(arf_equal(fp_step_right(x.step), x.h));
    /* E >= e (1 + mu h) */
    double grown = 0x1p-40 * (1 + mag_get_d(fp_step_growth(x.step)));
    ck_assert_double_ge(mag_get_d(fp_step_radius(x.step)), grown * (1 - 1e-9));
    mag_mul_2exp_si(x.r, x.e, 50); /* radius 1024: mu does not bear that */
    ck_assert(!fp_step_close(x.step, x.e, x.r));
    single_clear(&x);
    world_clear(&w);
}
END_TEST

/* The integral of mu, and the largest, against mu at single times of the step, ten in each of its two parts. */
START_TEST(growth_covers_the_whole_step)
{
    for (size_t instance = 0; instance < 2; instance++) {
        world w;
        single x;
        fp_error err = {0};
        arf_t t;
        mag_t mu, sum, largest;
        fp_range range;
        fp_widening widening;
        world_init(&w, instance);
        single_init(&x, &w);
        arf_init(t);
        mag_init(mu);
        mag_init(sum);
        mag_init(largest);
        fp_ck_ok(fp_step_open(x.step, x.left, &x.knot, NULL, x.h, &err), &err);
        ck_assert(fp_step_close(x.step, x.e, NULL));
        fp_step *s = x.step;
        fp_growth *g = fp_growth_new(s->series);
        fp_range_init(&range, s->series);
        fp_widening_init(&widening, s->series);
        for (int k = 0; k < 20; k++) {
            arf_mul_si(t, s->h, 2 * k + 1, ARF_PREC_EXACT, ARF_RND_DOWN);
            arf_div_si(t, t, 40, 64, ARF_RND_DOWN);
            fp_range_set(&range, s->series, &s->tails, t, t);
            fp_widening_set(&widening, s->series, &range, s->room);
            fp_growth_bound(mu, g, s->series, &range, &widening, s->room);
            mag_add(sum, sum, mu);
            mag_max(largest, largest, mu);
        }
        double integral = mag_get_d(sum) / 20 * arf_get_d(s->h, ARF_RND_NEAR), growth = mag_get_d(fp_step_growth(s));
        /* the weights w of mu have moved on from one to the other: a few percent */
        ck_assert_msg(growth >= 0.95 * integral && growth <= 1.5 * integral, "growth %g, mean of mu times h %g", growth, integral);
        ck_assert(mag_get_d(fp_step_rate(s)) >= 0.95 * mag_get_d(largest));
        fp_growth_free(g);
        fp_widening_clear(&widening);
        fp_range_clear(&range);
        mag_clear(largest);
        mag_clear(sum);
        mag_clear(mu);
        arf_clear(t);
        single_clear(&x);
        world_clear(&w);
    }
}
END_TEST

START_TEST(a_step_that_cannot_be_is_refused)
{
    world w;
    single x;
    fp_error err = {0};
    world_init(&w, 0);
    single_init(&x, &w);
    ck_assert(fp_step_open(x.step, x.left, &x.knot, x.left, NULL, &err) == FP_BAD_INPUT);
    arf_set_d(x.h, -1);
    ck_assert(fp_step_open(x.step, x.left, &x.knot, NULL, x.h, &err) == FP_BAD_INPUT);
    arf_nan(x.h);
    ck_assert(fp_step_open(x.step, x.left, &x.knot, x.h, NULL, &err) == FP_BAD_INPUT);
    arf_set_d(x.h, 1000);
    ck_assert(fp_step_open(x.step, x.left, &x.knot, NULL, x.h, &err) == FP_STEP_UNDERFLOW);
    single_clear(&x);
    world_clear(&w);
}
END_TEST

/* The next knot, and a knot 2^-20 aside in one entry of u (which counts 1/sqrt m1) and one of q. */
START_TEST(distance_to_another_knot_is_weighted)
{
    world w;
    single x;
    fp_error err = {0};
    fp_series_state next, aside;
    mag_t e, far;
    world_init(&w, 0);
    single_init(&x, &w);
    mag_init(e);
    mag_init(far);
    fp_series_state_init(&next, fp_step_series(x.step));
    fp_ck_ok(fp_step_open(x.step, x.left, &x.knot, NULL, x.h, &err), &err);
    ck_assert(fp_step_close(x.step, x.e, NULL));
    fp_step_next(&next, e, x.step);
    ck_assert(mag_cmp(e, fp_step_radius(x.step)) >= 0);
    fp_series_state_init(&aside, fp_step_series(x.step));
    fp_series_state_distance(far, &next, &next, w.problem.m1);
    ck_assert(mag_is_zero(far));
    fp_vec *y = fp_vec_new(fp_flow_layout(w.flow)->dim, PREC);
    mpfr_t v;
    mpfr_init2(v, PREC);
    fp_series_state_to_vec(y, &next, fp_flow_layout(w.flow));
    for (int which = 0; which < 2; which++) {
        size_t at = which ? fp_flow_layout(w.flow)->Q : 0;
        fp_vec_get(v, y, at);
        mpfr_add_d(v, v, 0x1p-20, MPFR_RNDN);
        fp_vec_set(y, at, v);
    }
    ck_assert(fp_series_state_from_vec(&aside, e, y, fp_flow_layout(w.flow)));
    fp_series_state_distance(far, &next, &aside, w.problem.m1);
    double truth = 0x1p-20 * sqrt(1 + 1.0 / (double)w.problem.m1);
    ck_assert_double_ge(mag_get_d(far), truth * (1 - 1e-8));
    ck_assert_double_le(mag_get_d(far), truth * (1 + 1e-6));
    mpfr_clear(v);
    fp_vec_free(y);
    fp_series_state_clear(&next);
    fp_series_state_clear(&aside);
    mag_clear(far);
    mag_clear(e);
    single_clear(&x);
    world_clear(&w);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("step");
    TCase *c = tcase_create("step");
    tcase_set_timeout(c, 60);
    tcase_add_test(c, options_out_of_range_are_refused);
    tcase_add_test(c, a_given_radius_must_hold_the_tube);
    tcase_add_test(c, growth_covers_the_whole_step);
    tcase_add_test(c, a_step_that_cannot_be_is_refused);
    tcase_add_test(c, distance_to_another_knot_is_weighted);
    suite_add_tcase(s, c);
    return s;
}

int main(void)
{
    return fp_test_main(suite());
}
