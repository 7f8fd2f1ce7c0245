/* SPDX-License-Identifier: MIT */
/* Forward by certified steps, then back from the last knot by the same series with negative steps: the start must be found again within the tube, grown by what the way back can grow it. */
#include <check.h>

#include "flowproof/certify.h"

enum { STEPS_MAX = 64, GROWTH_MOST = 100 };

typedef struct {
    arf_struct h[STEPS_MAX];
    size_t steps;
    fp_series_state end, start;
    bool ready;
    mag_t e;
} trail;

static void remember(trail *t, const fp_step *step, const fp_start *start)
{
    if (!t->ready) {
        const fp_series *s = fp_step_series((fp_step *)step);
        fp_series_state_init(&t->end, s);
        fp_series_state_init(&t->start, s);
        fp_series_state_copy(&t->start, &start->x);
        t->ready = true;
    }
    ck_assert_uint_lt(t->steps, STEPS_MAX);
    arf_init(&t->h[t->steps]);
    arf_sub(&t->h[t->steps++], fp_step_right(step), fp_step_left(step), ARF_PREC_EXACT, ARF_RND_DOWN);
    fp_step_next(&t->end, t->e, step);
}

static bool observe(const fp_step *step, const fp_start *start, void *ctx)
{
    remember(ctx, step, start);
    return true;
}

/* |a - b|^2 over all entries, weighted */
static double distance(const fp_series_state *a, const fp_series_state *b, long m1)
{
    const fp_grid *x[] = {&a->u, &a->v, &a->k, &a->q}, *y[] = {&b->u, &b->v, &b->k, &b->q};
    double sum = 0;
    arb_t p, q;
    arb_init(p);
    arb_init(q);
    for (int block = 0; block < 4; block++)
        for (size_t t = 0; t < x[block]->count; t++)
            for (size_t r = 0; r < x[block]->len; r++) {
                fp_grid_get_ball(p, &x[block]->at[t], r);
                fp_grid_get_ball(q, &y[block]->at[t], r);
                arb_sub(p, p, q, 64);
                double d = arf_get_d(arb_midref(p), ARF_RND_NEAR);
                sum += block == 0 ? d * d / (double)m1 : d * d;
            }
    arb_clear(p);
    arb_clear(q);
    return sum;
}

/* Back to t = 0; flip: a sign of the flow of time, to see that the test can fail. */
static double back(trail *t, const fp_flow *flow, int order, bool flip, fp_error *err)
{
    fp_series *s;
    mag_t error;
    arf_t tau;
    ck_assert_int_eq(fp_series_new(&s, fp_flow_problem(flow), fp_flow_layout(flow), 2, order, 160, NULL, err), FP_OK);
    mag_init(error);
    arf_init(tau);
    for (size_t k = t->steps; k-- > 0;) {
        fp_series_restart(s, &t->end);
        fp_series_extend(s, order);
        arf_neg(tau, &t->h[k]);
        if (flip) arf_neg(tau, tau);
        fp_series_at(&t->end, error, s, tau);
    }
    double found = distance(&t->end, &t->start, fp_flow_layout(flow)->m1);
    arf_clear(tau);
    mag_clear(error);
    fp_series_free(s);
    return found;
}

START_TEST(the_way_back_ends_at_the_start)
{
    fp_error err = {FP_OK, ""};
    fp_setting setting;
    fp_problem problem;
    fp_flow *flow;
    fp_chain_stats stats;
    trail t = {.steps = 0};
    mpq_t tolerance;
    arf_t end;
    mpq_init(tolerance);
    arf_init(end);
    mag_init(t.e);
    arf_set_d(end, 2);
    ck_assert(fp_rational_parse(tolerance, "1e-28"));
    ck_assert_int_eq(fp_setting_read(&setting, "proofs/settings/tiny.setting", &err), FP_OK);
    ck_assert_int_eq(fp_problem_make(&problem, &setting, NULL, NULL, &err), FP_OK);
    ck_assert_int_eq(fp_flow_new(&flow, FP_FLOW_REDUCED, &problem, 192, NULL, &err), FP_OK);
    fp_chain_options options = {.certify = {.order = 36, .limbs = 2, .parts = 2, .tolerance = tolerance}, .t_end = end};
    ck_assert_int_eq(fp_chain_run(&options, flow, observe, &t, &stats, &err), FP_CHAIN_END);
    ck_assert_uint_ge(t.steps, 5);
    double radius = mag_get_d(t.e), off = back(&t, flow, 36, _i == 1, &err);
    ck_assert_double_lt(radius, 1e-25);
    if (_i == 0)
        ck_assert_double_lt(off, GROWTH_MOST * GROWTH_MOST * radius * radius);
    else
        ck_assert_double_gt(off, 1e-3); /* forward again: nowhere near */
    fp_chain_stats_clear(&stats);
    for (size_t k = 0; k < t.steps; k++) arf_clear(&t.h[k]);
    fp_series_state_clear(&t.end);
    fp_series_state_clear(&t.start);
    fp_flow_free(flow);
    fp_problem_clear(&problem);
    fp_setting_clear(&setting);
    mag_clear(t.e);
    arf_clear(end);
    mpq_clear(tolerance);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reversed");
    TCase *cases = tcase_create("reversed");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, the_way_back_ends_at_the_start, 0, 2);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
