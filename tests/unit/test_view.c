/* SPDX-License-Identifier: MIT */
/* What a view says of a certified step contains an independent solution: weights form, extrapolated midpoint rule, quantities from their definitions (support/plain_state.h). */
#include "../support/view_rig.h"

/* ---- chains */
static bool observe(const fp_step *step, const fp_start *start, void *ctx)
{
    watch *w = ctx;
    fp_tube_view *view = fp_view_new(step, w->flow, start, PREC);
    check_step(view, step->left, step->right, w);
    fp_view_free(view);
    return true;
}

static void run_chain(const truth *x, fp_flow_kind kind, const char *tolerance, fp_chain_observer observer, watch *w)
{
    fp_error err = {0};
    fp_flow *flow;
    fp_chain_stats stats;
    mpq_t tol;
    arf_t end;
    mpq_init(tol);
    arf_init(end);
    ck_assert(fp_rational_parse(tol, tolerance));
    arf_set_si_2exp_si(end, TIMES - 1, CHAIN_UNIT);
    fp_ck_ok(fp_flow_new(&flow, kind, &x->problem, 256, NULL, &err), &err);
    w->flow = flow;
    w->truth = x;
    fp_chain_outcome o = fp_chain_run(&(fp_chain_options){.certify = {.tolerance = tol}, .t_end = end}, flow, observer, w, &stats, &err);
    ck_assert_msg(o == FP_CHAIN_END || o == FP_CHAIN_STOPPED, "%s: %s", fp_chain_outcome_text(o), err.message);
    fp_chain_stats_clear(&stats);
    fp_flow_free(flow);
    arf_clear(end);
    mpq_clear(tol);
}

static void check_instance(size_t instance, fp_flow_kind kind, const char *tolerance)
{
    truth x;
    watch w = {0};
    truth_init(&x, instance, TIMES, CHAIN_UNIT, 1);
    run_chain(&x, kind, tolerance, observe, &w);
    ck_assert_int_ge(w.checked, TIMES);
    printf("instance %zu, %s, tolerance %s: widest ball at a point %.2g\n", instance, fp_flow_kind_name(kind), tolerance, w.point);
    truth_clear(&x);
}

START_TEST(every_quantity_of_the_reduced_flow_is_contained)
{
    check_instance(0, FP_FLOW_REDUCED, "1e-12");
    check_instance(1, FP_FLOW_REDUCED, "1e-24");
    check_instance(3, FP_FLOW_REDUCED, "1e-17");
    check_instance(RANDOM, FP_FLOW_REDUCED, "1e-17");
}
END_TEST

START_TEST(every_quantity_of_the_compressed_flow_is_contained)
{
    check_instance(1, FP_FLOW_COMPRESSED, "1e-17");
    check_instance(5, FP_FLOW_COMPRESSED, "1e-24");
    check_instance(4, FP_FLOW_COMPRESSED, "1e-14");
}
END_TEST

/* ---- a fat tube */
static void check_fat(size_t instance, double E)
{
    bench b;
    plain_state y;
    arf_t t;
    arf_init(t);
    bench_init(&b, instance, FP_FLOW_REDUCED);
    plain_state_init(&y, &b.x.problem);
    mag_set_d(b.step->radius, E * (1 + 1e-6));
    fp_tube_view *view = fp_view_new(b.step, b.flow, &b.start, PREC);
    comparison c = {.state = &y, .view = view, .off = b.x.off, .what = "in a fat tube"};
    view->set(view->ctx, b.step->right, b.step->right);
    for (int trial = 0; trial < 80; trial++) {
        copy_state(&y, &b.x.at[1]);
        push_pair(&y, &b.x.at[1], E);
        plain_state_work(&y);
        each_quantity(&b.x.problem, check_contains, &c);
    }
    fp_view_free(view);
    plain_state_clear(&y);
    bench_clear(&b);
    arf_clear(t);
}

START_TEST(every_state_of_a_fat_tube_is_allowed_for)
{
    check_fat(0, 0.01);
    check_fat(4, 0.1);
    check_fat(1, 1.0);
    check_fat(RANDOM, 1e-6);
}
END_TEST

/* ---- vectors */
START_TEST(vectors_are_contained_entry_by_entry)
{
    bench b;
    arf_t a;
    arf_init(a);
    bench_init(&b, 0, FP_FLOW_REDUCED);
    fp_tube_view *view = fp_view_new(b.step, b.flow, &b.start, PREC);
    view->set(view->ctx, b.step->right, b.step->right);
    check_vectors(view, &b.x, &b.x.at[1]);
    view->set(view->ctx, b.step->left, b.step->right);
    check_vectors(view, &b.x, &b.x.at[0]);
    check_vectors(view, &b.x, &b.x.at[1]);
    mag_set_d(b.step->radius, 0.01);
    fp_tube_view *fat = fp_view_new(b.step, b.flow, &b.start, PREC);
    plain_state y;
    plain_state_init(&y, &b.x.problem);
    fat->set(fat->ctx, b.step->right, b.step->right);
    for (int trial = 0; trial < 20; trial++) {
        copy_state(&y, &b.x.at[1]);
        push_pair(&y, &b.x.at[1], 0.00999);
        check_vectors(fat, &b.x, &y);
    }
    plain_state_clear(&y);
    fp_view_free(fat);
    fp_view_free(view);
    bench_clear(&b);
    arf_clear(a);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("view");
    TCase *c = tcase_create("view");
    tcase_add_checked_fixture(c, open_rng, NULL);
    tcase_set_timeout(c, 300);
    const TTest *const tests[] = {
        every_quantity_of_the_reduced_flow_is_contained,
        every_quantity_of_the_compressed_flow_is_contained,
        every_state_of_a_fat_tube_is_allowed_for,
        vectors_are_contained_entry_by_entry,
    };
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(c, tests[i]);
    suite_add_tcase(s, c);
    return fp_test_main(s);
}
