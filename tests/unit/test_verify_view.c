/* SPDX-License-Identifier: MIT */
/* What a verified certificate says contains an independent solution: certificates of the prover, read and proved again by the verifier, whose views are compared with quantities from their definitions
 * (support/plain_state.h) along a solution of the weights form. And the views allow for every state of a fat tube. */
#include <stdlib.h>
#include <unistd.h>

#include "../support/leg_rig.h"
#include "../support/view_rig.h"

/* ---- a certificate of an instance, verified */
static bool record(const fp_step *step, const fp_start *start, void *ctx)
{
    fp_error err = {0};
    (void)start;
    fp_ck_ok(fp_certificate_add(ctx, step, &err), &err);
    return true;
}

static void write_certificate(const char *path, const fp_problem *p, fp_flow_kind kind, const char *tolerance, unsigned long every)
{
    fp_error err = {0};
    fp_flow *flow;
    fp_chain_stats stats;
    fp_certificate_writer *writer;
    mpq_t tol;
    arf_t end;
    char none[] = "", *name = (char *)fp_flow_kind_name(kind);
    mpq_init(tol);
    arf_init(end);
    ck_assert(fp_rational_parse(tol, tolerance));
    arf_set_si_2exp_si(end, TIMES - 1, CHAIN_UNIT);
    fp_ck_ok(fp_flow_new(&flow, kind, p, 256, NULL, &err), &err);
    const fp_layout *at = fp_flow_layout(flow);
    fp_chain_options o = {.certify = {.tolerance = tol, .order = fp_certify_order(tol), .limbs = fp_certify_limbs(tol)}, .t_end = end};
    fp_certificate_head head = {.setting = none, .setting_sha256 = none, .dataset = none, .weights = none, .data_sha256 = none, .weights_sha256 = none, .sheets = none, .sheets_sha256 = none, .flow = name,
                                .horizon = none, .only = none, .precision = 256, .order = o.certify.order, .limbs = o.certify.limbs, .d = at->d, .rows_v = at->rows_v, .rows_k = at->rows_k};
    fp_ck_ok(fp_certificate_create(&writer, path, &head, every, &err), &err);
    fp_chain_outcome outcome = fp_chain_run(&o, flow, record, writer, &stats, &err);
    ck_assert_msg(outcome == FP_CHAIN_END, "%s", err.message);
    fp_ck_ok(fp_certificate_close(writer, stats.t, FP_CHAIN_END, &err), &err);
    fp_chain_stats_clear(&stats);
    fp_flow_free(flow);
    arf_clear(end);
    mpq_clear(tol);
}

/* Largest (radius of a ball at a point)/(radius of the tube) of what was looked at */
static double wideness;

static bool look(const fp_segment *segment, void *ctx)
{
    watch *w = ctx;
    double before = w->point;
    w->point = 0;
    check_step(segment->view[0], segment->left, segment->right, w);
    wideness = fmax(wideness, w->point / mag_get_d(segment->radius));
    w->point = fmax(w->point, before);
    return true;
}

static void verify(const char *path, const fp_problem *p, fp_verify_observer observer, void *ctx)
{
    fp_error err = {0};
    fp_certificate *c;
    fp_chain_stats stats;
    fp_ck_ok(fp_certificate_open(&c, path, &err), &err);
    fp_chain_outcome o = fp_certificate_verify(c, &(fp_verify_options){.problem = p, .observer = observer, .ctx = ctx}, &stats, &err);
    ck_assert_msg(o == FP_CHAIN_END, "%s", err.message);
    fp_chain_stats_clear(&stats);
    fp_certificate_free(c);
}

static void make_path(char *path)
{
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    close(file);
}

static void check_truth(const truth *x, fp_flow_kind kind, const char *tolerance, unsigned long every, double widest)
{
    watch w = {.truth = x};
    char path[] = "/tmp/flowproof-verify-XXXXXX";
    make_path(path);
    write_certificate(path, &x->problem, kind, tolerance, every);
    verify(path, &x->problem, look, &w);
    ck_assert_int_ge(w.checked, TIMES);
    ck_assert_msg(w.point < widest, "a ball at a point is %g wide", w.point);
    ck_assert_msg(wideness < 100, "a ball at a point is %g times as wide as the tube", wideness); /* F: L = 4 outputs, each sqrt(m1) (|u|^2/m1 + |v|^2)^{1/2} = 5 or so, and attention */
    remove(path);
}

static void check_instance(size_t instance, fp_flow_kind kind, const char *tolerance, unsigned long every, double widest)
{
    truth x;
    truth_init(&x, instance, TIMES, CHAIN_UNIT, 1);
    check_truth(&x, kind, tolerance, every, widest);
    truth_clear(&x);
}

/* The widest ball: some thousand times the tolerance, since sizes up to 10 are multiplied and the tube has grown. */
START_TEST(every_quantity_of_a_verified_reduced_flow_is_contained)
{
    check_instance(0, FP_FLOW_REDUCED, "1e-12", 1, 1e-9);
    check_instance(1, FP_FLOW_REDUCED, "1e-24", 1, 1e-21);
    check_instance(3, FP_FLOW_REDUCED, "1e-17", 3, 1e-13);
    check_instance(RANDOM, FP_FLOW_REDUCED, "1e-17", 1, 1e-13);
}
END_TEST

START_TEST(every_quantity_of_a_verified_compressed_flow_is_contained)
{
    check_instance(1, FP_FLOW_COMPRESSED, "1e-17", 1, 1e-13);
    check_instance(5, FP_FLOW_COMPRESSED, "1e-24", 2, 1e-20);
    check_instance(4, FP_FLOW_COMPRESSED, "1e-14", 1, 1e-11);
}
END_TEST

/* Random instances, tolerances loose enough for the tube to be a real one. */
static void check_random(unsigned seed)
{
    static const char *const tolerance[] = {"1e-7", "1e-9", "1e-12", "1e-16"};
    truth x = {.times = TIMES, .unit = CHAIN_UNIT};
    fp_error err = {0};
    long sizes[5] = {1 + (long)(seed % 4), 2 + (long)(seed % 3), 3 + (long)(seed / 2 % 5), 2 + (long)(seed % 6), 1 + (long)(seed / 3 % 4)};
    instance_random(&x.problem, sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], 1000 + seed);
    fp_ck_ok(fp_flow_new(&x.weights, FP_FLOW_WEIGHTS, &x.problem, PLAIN_PREC, NULL, &err), &err);
    fp_vec *y = fp_flow_initial(x.weights);
    double worst = -HUGE_VAL;
    for (int t = 0; t < TIMES; t++) {
        plain_state_init(&x.at[t], &x.problem);
        plain_state_load(&x.at[t], fp_flow_layout(x.weights), y);
        plain_state_work(&x.at[t]);
        if (t + 1 < TIMES) worst = fmax(worst, advance(y, fp_flow_field(x.weights), ldexp(1, CHAIN_UNIT)));
    }
    mag_init(x.off);
    mag_set_ui_2exp_si(x.off, 1, (slong)worst + 8);
    check_truth(&x, seed % 2 && sizes[3] >= 3 ? FP_FLOW_COMPRESSED : FP_FLOW_REDUCED, tolerance[seed % 4], 1 + seed % 3, 0.1);
    fp_vec_free(y);
    truth_clear(&x);
}

START_TEST(random_instances_lie_in_every_verified_tube)
{
    unsigned count = getenv("FP_FULL") ? 200 : 24;
    for (unsigned seed = 0; seed < count; seed++) check_random(seed);
}
END_TEST

/* ---- a fat tube: every state within E is allowed for */
static void check_fat(size_t instance, double E)
{
    truth x;
    plain_state y;
    fp_origin origin;
    fp_error err = {0};
    fp_flow *flow;
    truth_init(&x, instance, 2, STEP_UNIT, 1);
    plain_state_init(&y, &x.problem);
    fp_ck_ok(fp_flow_new(&flow, FP_FLOW_REDUCED, &x.problem, 128, NULL, &err), &err);
    fp_vec *start = fp_flow_initial(flow);
    fp_leg *leg = leg_at(&x.problem, fp_flow_layout(flow), start, 20, 2);
    ck_assert(leg_open(leg, ldexp(1, STEP_UNIT)));
    fp_ck_ok(fp_origin_make(&origin, leg, false, &err), &err);
    mag_set_d(leg->radius, E * (1 + 1e-6));
    fp_tube_view *view = fp_sight_new(leg, &origin);
    comparison c = {.state = &y, .view = view, .off = x.off, .what = "in a fat tube"};
    view->set(view->ctx, leg->right, leg->right);
    for (int trial = 0; trial < 80; trial++) {
        copy_state(&y, &x.at[1]);
        push_pair(&y, &x.at[1], E);
        plain_state_work(&y);
        each_quantity(&x.problem, check_contains, &c);
    }
    fp_sight_free(view);
    fp_origin_clear(&origin);
    fp_leg_free(leg);
    fp_vec_free(start);
    fp_flow_free(flow);
    plain_state_clear(&y);
    truth_clear(&x);
}

START_TEST(every_state_of_a_fat_tube_is_allowed_for)
{
    check_fat(0, 0.01);
    check_fat(4, 0.1);
    check_fat(1, 1.0);
    check_fat(RANDOM, 1e-6);
}
END_TEST

/* ---- slopes: of G against rho c + m1 sum_s c_s v_s.v_t, of scores against sum_mu N q.q + sum_nu N k.k, both from the definitions at a true state */
static void true_slope(arb_t out, const plain_state *x, fp_tube_quantity quantity, const long *i)
{
    const fp_problem *p = x->problem;
    arb_t a, b;
    arb_init(a);
    arb_init(b);
    arb_zero(out);
    if (quantity == FP_TUBE_G) {
        arb_dot(out, NULL, 0, x->u, 1, x->u, 1, p->m, PLAIN_PREC);
        arb_mul(out, out, x->c + i[0], PLAIN_PREC);
    }
    for (long t = 0; t < p->d; t++) {
        const long key[2] = {i[0], t}, query[2] = {t, i[1]};
        if (quantity == FP_TUBE_G) {
            arb_dot(a, NULL, 0, x->v + t * p->m, 1, x->v + i[0] * p->m, 1, p->m, PLAIN_PREC);
            arb_mul(a, a, x->c + t, PLAIN_PREC);
            arb_addmul_si(out, a, p->m1, PLAIN_PREC);
            continue;
        }
        plain_state_value(b, x, FP_TUBE_N, key);
        arb_dot(a, NULL, 0, x->q + t * p->m, 1, x->q + i[1] * p->m, 1, p->m, PLAIN_PREC);
        arb_addmul(out, a, b, PLAIN_PREC);
        plain_state_value(b, x, FP_TUBE_N, query);
        arb_dot(a, NULL, 0, x->k + i[0] * p->m, 1, x->k + t * p->m, 1, p->m, PLAIN_PREC);
        arb_addmul(out, a, b, PLAIN_PREC);
    }
    arb_clear(b);
    arb_clear(a);
}

static void check_slope(fp_tube_quantity quantity, const long *index, void *ctx)
{
    const comparison *c = ctx;
    arb_t x, y;
    arb_init(x);
    arb_init(y);
    if ((quantity == FP_TUBE_G || quantity == FP_TUBE_SCORE) && c->view->slope(x, c->view->ctx, quantity, index)) {
        true_slope(y, c->state, quantity, index);
        arb_add_error_2exp_si(x, -90); /* the reference is good to 2^-112 or so */
        ck_assert_msg(arb_contains(x, y), "%s: slope of quantity %d [%ld,%ld]", c->what, (int)quantity, index[0], index[1]);
    }
    arb_clear(y);
    arb_clear(x);
}

static bool look_at_slopes(const fp_segment *segment, void *ctx)
{
    watch *w = ctx;
    arf_t t;
    arf_init(t);
    for (int k = 0; k < TIMES; k++) {
        comparison c = {.state = &w->truth->at[k], .view = segment->view[0], .what = "at a point"};
        arf_set_si_2exp_si(t, k, CHAIN_UNIT);
        if (arf_cmp(t, segment->left) < 0 || arf_cmp(t, segment->right) > 0) continue;
        c.view->set(c.view->ctx, t, t);
        each_quantity(&w->truth->problem, check_slope, &c);
        c.what = "over the step";
        c.view->set(c.view->ctx, segment->left, segment->right);
        each_quantity(&w->truth->problem, check_slope, &c);
        w->checked++;
    }
    arf_clear(t);
    return true;
}

START_TEST(slopes_are_contained)
{
    static const struct {
        fp_flow_kind kind;
        const char *tolerance;
    } list[] = {{FP_FLOW_REDUCED, "1e-7"}, {FP_FLOW_COMPRESSED, "1e-7"}, {FP_FLOW_REDUCED, "1e-17"}};
    truth x;
    char path[] = "/tmp/flowproof-verify-XXXXXX";
    make_path(path);
    truth_init(&x, RANDOM, TIMES, CHAIN_UNIT, 1);
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) {
        watch w = {.truth = &x};
        write_certificate(path, &x.problem, list[k].kind, list[k].tolerance, 1);
        verify(path, &x.problem, look_at_slopes, &w);
        ck_assert_int_ge(w.checked, TIMES);
    }
    truth_clear(&x);
    remove(path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("views of the verifier");
    TCase *cases = tcase_create("views");
    tcase_set_timeout(cases, 600);
    tcase_add_checked_fixture(cases, open_rng, NULL);
    tcase_add_test(cases, every_quantity_of_a_verified_reduced_flow_is_contained);
    tcase_add_test(cases, every_quantity_of_a_verified_compressed_flow_is_contained);
    tcase_add_test(cases, random_instances_lie_in_every_verified_tube);
    tcase_add_test(cases, every_state_of_a_fat_tube_is_allowed_for);
    tcase_add_test(cases, slopes_are_contained);
    suite_add_tcase(suite, cases);
    return fp_test_main(suite);
}
