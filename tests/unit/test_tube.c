/* SPDX-License-Identifier: MIT */
/* Tubes against solutions computed by extrapolation of the midpoint rule (Gragg, Bulirsch, Stoer; Hairer, Norsett, Wanner, Solving ODEs I, II.9) on the flow's own right-hand side: code that shares
 * nothing with the series. Steps of 1/32 leave less than 1e-25, which the first test shows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/certify/step_impl.h"
#include "../support/flow_instances.h"
#include "../support/fp_check.h"
#include "../support/plain_state.h"

enum { PREC = 192 };

/* ---- the reference: order 24 */
static void reference_go(fp_vec *y, const fp_field *field, int steps, int log2_inverse_step)
{
    for (int k = 0; k < steps; k++) plain_advance(y, field, ldexp(1, -log2_inverse_step), 12);
}

/* |a - b|, u weighted */
static void distance(mag_t out, const fp_vec *a, const fp_vec *b, const fp_layout *at)
{
    arb_t x, y;
    mag_t size;
    arb_init(x);
    arb_init(y);
    mag_init(size);
    mag_zero(out);
    for (size_t r = 0; r < at->dim; r++) {
        fp_vec_get_ball(x, a, r);
        fp_vec_get_ball(y, b, r);
        arb_sub(x, x, y, MAG_BITS);
        arb_get_mag(size, x);
        mag_mul(size, size, size);
        if (r < at->V)
            mag_div_ui(size, size, (ulong)at->m1);
        mag_add(out, out, size);
    }
    mag_sqrt(out, out);
    mag_clear(size);
    arb_clear(y);
    arb_clear(x);
}

/* ---- an instance, its reference at t = 1/8, 2/8, .. */
typedef struct {
    fp_problem problem;
    fp_flow *flow;
    fp_vec **x; /* x[k] at (k+1)/8 */
    int count;
    /* what the observer finds */
    const fp_flow *chain_flow;
    int tubes, outside, stop_after;
    double widest; /* largest |x - y|/tube */
    arf_t last;
    mag_t e0;
} world;

static void make_problem(fp_problem *p, size_t instance)
{
    if (instance < INSTANCES)
        instance_make(p, instance);
    else
        instance_random(p, 4 + (long)(instance % 3), 3 + (long)(instance % 2), 5 + (long)(instance % 4), 3 + (long)(instance % 5) * 2, 1 + (long)(instance % 3), 1000u * (unsigned)instance);
}

/* Half of the weights' size every other instance: easier and harder ones. */
static void shrink(fp_problem *p)
{
    for (long x = 0; x < p->m * p->d; x++) {
        p->W_V[x] /= 2;
        p->W_K[x] /= 2;
        p->W_Q[x] /= 2;
    }
    for (long x = 0; x < p->m * p->m1; x++) p->W[x] /= 2;
}

static void world_init(world *w, size_t instance, fp_flow_kind kind, int count)
{
    fp_error err = {0};
    *w = (world){.count = count};
    make_problem(&w->problem, instance);
    if (instance % 2)
        shrink(&w->problem);
    fp_ck_ok(fp_flow_new(&w->flow, kind, &w->problem, PREC, NULL, &err), &err);
    w->chain_flow = w->flow;
    arf_init(w->last);
    mag_init(w->e0);
    w->x = fp_alloc((size_t)count, sizeof *w->x);
    fp_vec *y = fp_flow_initial(w->flow);
    for (int k = 0; k < count; k++) {
        reference_go(y, fp_flow_field(w->flow), 4, 5);
        w->x[k] = fp_vec_new(fp_vec_len(y), PREC);
        fp_vec_copy(w->x[k], y);
    }
    fp_vec_free(y);
}

static void world_clear(world *w)
{
    for (int k = 0; k < w->count; k++) fp_vec_free(w->x[k]);
    free(w->x);
    arf_clear(w->last);
    mag_clear(w->e0);
    fp_flow_free(w->flow);
    instance_clear(&w->problem);
}

/* ---- chains */
/* |x(t) - y(t - left)| against E */
static void check_at(world *w, const fp_step *step, int k, const arf_t t)
{
    const fp_layout *at = fp_flow_layout(w->flow);
    fp_vec *y = fp_vec_new(at->dim, PREC);
    fp_series_state state;
    arf_t tau;
    mag_t error, far, bound;
    arf_init(tau);
    mag_init(error);
    mag_init(far);
    mag_init(bound);
    fp_series_state_init(&state, step->series);
    arf_sub(tau, t, fp_step_left(step), ARF_PREC_EXACT, ARF_RND_DOWN);
    fp_series_at(&state, error, step->series, tau);
    fp_series_state_to_vec(y, &state, at);
    distance(far, y, w->x[k], at);
    mag_add(bound, fp_step_radius(step), error);
    mag_set_ui_2exp_si(error, 1, -82); /* 1e-25 < 2^-82 of the reference */
    mag_add(bound, bound, error);
    w->tubes++;
    w->outside += mag_cmp(far, bound) > 0;
    w->widest = fmax(w->widest, mag_get_d(far) / mag_get_d(bound));
    fp_series_state_clear(&state);
    mag_clear(bound);
    mag_clear(far);
    mag_clear(error);
    arf_clear(tau);
    fp_vec_free(y);
}

/* At every time of the reference inside (left, right]. Steps must join. */
static bool look(const fp_step *step, const fp_start *start, void *ctx)
{
    world *w = ctx;
    arf_t t;
    arf_init(t);
    ck_assert(arf_equal(fp_step_left(step), w->last));
    ck_assert(arf_cmp(fp_step_left(step), fp_step_right(step)) < 0);
    ck_assert(mag_cmp(fp_step_radius(step), fp_step_room(step)) < 0);
    ck_assert(mag_cmp(fp_step_radius(step), start->e0) >= 0);
    mag_set(w->e0, start->e0);
    arf_set(w->last, fp_step_right(step));
    for (int k = 0; k < w->count; k++) {
        arf_set_si_2exp_si(t, k + 1, -3);
        if (arf_cmp(t, fp_step_left(step)) > 0 && arf_cmp(t, fp_step_right(step)) <= 0)
            check_at(w, step, k, t);
    }
    arf_clear(t);
    return !w->stop_after || --w->stop_after;
}

typedef struct {
    int order;
    const char *tolerance;
    bool stops; /* at every time of the reference */
} plan;

static fp_chain_outcome run(world *w, const plan *p, fp_chain_stats *stats, fp_chain_options o, fp_error *err)
{
    mpq_t tol;
    arf_t end;
    arf_struct *stops = fp_alloc((size_t)w->count, sizeof *stops);
    mpq_init(tol);
    arf_init(end);
    ck_assert(fp_rational_parse(tol, p->tolerance));
    arf_set_si_2exp_si(end, w->count, -3);
    for (int k = 0; k < w->count; k++) {
        arf_init(stops + k);
        arf_set_si_2exp_si(stops + k, k + 1, -3);
    }
    o.certify = (fp_certify_options){.order = p->order, .tolerance = tol};
    o.t_end = end;
    o.stops = p->stops ? stops : NULL;
    o.stop_count = p->stops ? (size_t)w->count : 0;
    arf_zero(w->last);
    fp_chain_outcome outcome = fp_chain_run(&o, w->chain_flow, look, w, stats, err);
    for (int k = 0; k < w->count; k++) arf_clear(stops + k);
    arf_clear(end);
    mpq_clear(tol);
    free(stops);
    return outcome;
}

static const plan plans[] = {{4, "1e-8", false}, {8, "1e-10", true}, {12, "1e-13", false}, {20, "1e-17", true}, {24, "1e-20", false}, {0, "1e-17", false}};

static void tubes_hold(size_t instance, fp_flow_kind kind, int count, int *tubes)
{
    world w;
    fp_error err = {0};
    fp_chain_stats stats;
    world_init(&w, instance, kind, count);
    for (size_t k = 0; k < sizeof plans / sizeof plans[0]; k++) {
        w.widest = 0;
        fp_chain_outcome outcome = run(&w, &plans[k], &stats, (fp_chain_options){0}, &err);
        ck_assert_msg(outcome == FP_CHAIN_END || (outcome == FP_CHAIN_OPEN && k < 2), "instance %zu, plan %zu: %s", instance, k, err.message);
        ck_assert_msg(!w.outside, "instance %zu, plan %zu: %d of %d outside, |x - y| up to %g tubes", instance, k, w.outside, w.tubes, w.widest);
        /* nothing that is always inside because it is huge or because nothing is compared: the reference sees the error of the steps */
        if (outcome == FP_CHAIN_END && k < 4)
            ck_assert_msg(w.widest > 1e-6, "instance %zu, plan %zu: |x - y| at most %g tubes", instance, k, w.widest);
        fp_chain_stats_clear(&stats);
    }
    *tubes += w.tubes;
    world_clear(&w);
}

START_TEST(reference_is_accurate_to_1e_25)
{
    for (size_t instance = 0; instance < 2; instance++) {
        world w;
        mag_t off;
        mag_init(off);
        world_init(&w, instance, FP_FLOW_REDUCED, 2);
        fp_vec *y = fp_flow_initial(w.flow);
        reference_go(y, fp_flow_field(w.flow), 16, 6);
        distance(off, y, w.x[1], fp_flow_layout(w.flow));
        ck_assert_msg(mag_cmp_2exp_si(off, -83) < 0, "instance %zu: halving the step changes %g", instance, mag_get_d(off));
        mag_clear(off);
        fp_vec_free(y);
        world_clear(&w);
    }
}
END_TEST

START_TEST(solution_is_inside_every_tube)
{
    bool full = getenv("FP_FULL") != NULL;
    int tubes = 0;
    for (size_t instance = 0; instance < (full ? 30 : INSTANCES); instance++)
        tubes_hold(instance, instance % 3 == 2 ? FP_FLOW_COMPRESSED : FP_FLOW_REDUCED, full ? 16 : 3, &tubes);
    ck_assert_int_ge(tubes, full ? 1000 : 80);
}
END_TEST

/* ---- a compressed start of 64 bits: what it is off must be in the tube, in terms of scores, which do not depend on the basis */
static bool scores_inside(const fp_step *step, const fp_start *start, void *ctx)
{
    world *w = ctx;
    const fp_layout *at = fp_flow_layout(w->flow);
    arf_t t, tau;
    arb_t score, truth;
    fp_series_state y;
    mag_t error, reach, allowed;
    mpfr_t sum, tmp;
    (void)start;
    arf_init(t);
    arf_init(tau);
    arf_set_si_2exp_si(t, w->count, -3);
    if (arf_cmp(fp_step_right(step), t) < 0) {
        arf_clear(t);
        arf_clear(tau);
        return true;
    }
    arb_init(score);
    arb_init(truth);
    mag_init(error);
    mag_init(reach);
    mag_init(allowed);
    mpfr_init2(sum, PREC);
    mpfr_init2(tmp, PREC);
    fp_series_state_init(&y, step->series);
    fp_series_at(&y, error, step->series, step->h);
    mag_add(reach, fp_step_radius(step), error);
    for (long k = 0; k < at->d; k++)
        for (long q = 0; q < at->d; q++) {
            fp_grid_dot(score, y.k.at + k, y.q.at + q, PREC);
            fp_vec_dot(sum, w->x[w->count - 1], at->K + (size_t)(k * at->rows_k), w->x[w->count - 1], at->Q + (size_t)(q * at->rows_k), (size_t)at->rows_k, tmp);
            arf_set_mpfr(arb_midref(truth), sum);
            arb_sub(score, score, truth, PREC);
            arb_get_mag(error, score);
            mag_add(allowed, y.k.at[k].norm, y.q.at[q].norm);
            mag_add(allowed, allowed, reach);
            mag_mul(allowed, allowed, reach);
            w->tubes++;
            w->outside += mag_cmp(error, allowed) > 0;
            w->widest = fmax(w->widest, mag_get_d(error));
        }
    fp_series_state_clear(&y);
    mpfr_clears(sum, tmp, (mpfr_ptr)0);
    mag_clear(allowed);
    mag_clear(reach);
    mag_clear(error);
    arb_clear(truth);
    arb_clear(score);
    arf_clear(tau);
    arf_clear(t);
    return true;
}

START_TEST(rounding_of_a_rotated_start_is_in_the_tube)
{
    static const size_t list[] = {0, 1, 4, 5};
    for (size_t k = 0; k < 4; k++) {
        world w;
        fp_error err = {0};
        fp_chain_stats stats;
        fp_flow *rough;
        mpq_t tol;
        arf_t end;
        world_init(&w, list[k], FP_FLOW_REDUCED, 1);
        fp_ck_ok(fp_flow_new(&rough, FP_FLOW_COMPRESSED, &w.problem, 64, NULL, &err), &err);
        mpq_init(tol);
        arf_init(end);
        ck_assert(fp_rational_parse(tol, "1e-24"));
        arf_set_si_2exp_si(end, 1, -3);
        fp_chain_options o = {.certify = {.tolerance = tol}, .t_end = end};
        ck_assert(fp_chain_run(&o, rough, scores_inside, &w, &stats, &err) == FP_CHAIN_END);
        ck_assert(w.tubes > 0);
        ck_assert_msg(w.outside == 0, "instance %zu: %d of %d scores outside, off by up to %g", list[k], w.outside, w.tubes, w.widest);
        /* without the rounding of the start the tube would be thinner than this, and the scores outside */
        ck_assert_double_lt(mag_get_d(stats.defect), 1e-22);
        ck_assert_msg(w.widest > 1e-20, "instance %zu: scores off by at most %g", list[k], w.widest);
        fp_chain_stats_clear(&stats);
        arf_clear(end);
        mpq_clear(tol);
        fp_flow_free(rough);
        world_clear(&w);
    }
}
END_TEST

/* ---- how a chain ends */
START_TEST(a_chain_says_how_it_ended)
{
    world w;
    fp_error err = {0};
    fp_chain_stats stats;
    plan fine = {20, "1e-17", false}, coarse = {2, "1/2", false};
    world_init(&w, 0, FP_FLOW_REDUCED, 4);
    ck_assert(run(&w, &fine, &stats, (fp_chain_options){.max_steps = 2}, &err) == FP_CHAIN_BUDGET);
    ck_assert_uint_eq(stats.steps, 2);
    ck_assert(arf_equal(stats.t, w.last));
    fp_chain_stats_clear(&stats);
    fp_interrupt(15);
    ck_assert(run(&w, &fine, &stats, (fp_chain_options){0}, &err) == FP_CHAIN_INTERRUPTED);
    fp_interrupt(0);
    ck_assert_int_eq(err.code, FP_INTERRUPTED);
    ck_assert_uint_eq(stats.steps, 0);
    fp_chain_stats_clear(&stats);
    w.stop_after = 3;
    ck_assert(run(&w, &fine, &stats, (fp_chain_options){0}, &err) == FP_CHAIN_STOPPED);
    ck_assert_uint_eq(stats.steps, 3);
    fp_chain_stats_clear(&stats);
    w.stop_after = 0;
    ck_assert(run(&w, &coarse, &stats, (fp_chain_options){0}, &err) == FP_CHAIN_OPEN);
    ck_assert_msg(strstr(err.message, "1/100") || strstr(err.message, "no radius"), "%s", err.message);
    ck_assert_int_eq(w.outside, 0);
    fp_chain_stats_clear(&stats);
    ck_assert_str_eq(fp_chain_outcome_text(FP_CHAIN_END), "reached end");
    ck_assert_str_eq(fp_chain_outcome_text(FP_CHAIN_INTERRUPTED), "interrupted");
    world_clear(&w);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("tube");
    TCase *c = tcase_create("tube");
    tcase_set_timeout(c, getenv("FP_FULL") ? 1200 : 120);
    tcase_add_test(c, reference_is_accurate_to_1e_25);
    tcase_add_test(c, solution_is_inside_every_tube);
    tcase_add_test(c, rounding_of_a_rotated_start_is_in_the_tube);
    tcase_add_test(c, a_chain_says_how_it_ended);
    suite_add_tcase(s, c);
    return s;
}

int main(void)
{
    return fp_test_main(suite());
}
