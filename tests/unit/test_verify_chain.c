/* SPDX-License-Identifier: MIT */
/* Certificates as a chain: steps that do not fit together are rejected with the reason, and what is rounded on the way is carried along. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/certify/step_impl.h"
#include "../support/flow_instances.h"
#include "../support/leg_rig.h"

enum { ORDER = 12 };

/* ---- a file, step by step */
typedef struct {
    fp_problem problem;
    fp_flow *flow;
    fp_step *step;
    fp_start start;
    fp_series_state knot;
    fp_certificate_writer *writer;
    mpq_t tolerance; /* the step borrows it */
    char path[40];
    arf_t t, h;
    mag_t e;
    fp_chain_stats stats;
    fp_chain_outcome ended; /* as the file said */
    fp_error err;
} file;

/* order: what the file says; limbs, rows_v likewise */
static void file_open(file *f, long order, long limbs, long rows_v)
{
    char none[] = "", reduced[] = "reduced";
    *f = (file){.path = "/tmp/flowproof-chain-XXXXXX"};
    int handle = mkstemp(f->path);
    ck_assert_int_ge(handle, 0);
    close(handle);
    instance_make(&f->problem, 0);
    mpq_init(f->tolerance);
    mpq_set_ui(f->tolerance, 1, 1000000000);
    fp_ck_ok(fp_flow_new(&f->flow, FP_FLOW_REDUCED, &f->problem, 128, NULL, &f->err), &f->err);
    fp_certify_options o = {.order = ORDER, .limbs = (int)limbs, .tolerance = f->tolerance};
    fp_ck_ok(fp_step_new(&f->step, &f->problem, fp_flow_layout(f->flow), &o, &f->err), &f->err);
    fp_ck_ok(fp_start_make(&f->start, f->flow, fp_step_series(f->step), &f->err), &f->err);
    fp_series_state_init(&f->knot, fp_step_series(f->step));
    fp_series_state_copy(&f->knot, &f->start.x);
    arf_init(f->t);
    arf_init(f->h);
    mag_init(f->e);
    mag_set(f->e, f->start.e0);
    arf_set_d(f->h, 0x1p-6);
    fp_certificate_head head = {.setting = none, .setting_sha256 = none, .dataset = none, .weights = none, .data_sha256 = none, .weights_sha256 = none, .sheets = none, .sheets_sha256 = none, .flow = reduced,
                                .horizon = none, .only = none, .precision = 128, .order = order, .limbs = limbs, .d = f->problem.d, .rows_v = rows_v, .rows_k = f->problem.m};
    fp_ck_ok(fp_certificate_create(&f->writer, f->path, &head, 1, &f->err), &f->err);
}

/* One digit; the instance has 5 rows. */
static void file_good(file *f)
{
    file_open(f, ORDER, 1, 5);
    ck_assert_int_eq(f->problem.m, 5);
}

/* A step of h from the knot and time of the file, which then are those of its end. */
static void add_step(file *f)
{
    arf_t limit;
    arf_init(limit);
    arf_set_d(limit, 1000);
    fp_ck_ok(fp_step_open(f->step, f->t, &f->knot, limit, f->h, &f->err), &f->err);
    ck_assert(fp_step_close(f->step, f->e, NULL));
    fp_ck_ok(fp_certificate_add(f->writer, f->step, &f->err), &f->err);
    fp_step_next(&f->knot, f->e, f->step);
    arf_set(f->t, fp_step_right(f->step));
    arf_clear(limit);
}

static void wait_a_step(file *f)
{
    arf_add(f->t, f->t, f->h, ARF_PREC_EXACT, ARF_RND_DOWN);
}

static fp_chain_outcome check(file *f, fp_verify_observer observer, void *ctx)
{
    fp_certificate *c;
    fp_ck_ok(fp_certificate_close(f->writer, f->t, FP_CHAIN_OPEN, &f->err), &f->err);
    fp_ck_ok(fp_certificate_open(&c, f->path, &f->err), &f->err);
    fp_chain_outcome outcome = fp_certificate_verify(c, &(fp_verify_options){.problem = &f->problem, .observer = observer, .ctx = ctx}, &f->stats, &f->err);
    f->ended = fp_certificate_ended(c);
    fp_certificate_free(c);
    return outcome;
}

static void file_clear(file *f)
{
    fp_chain_stats_clear(&f->stats);
    fp_series_state_clear(&f->knot);
    fp_start_clear(&f->start);
    fp_step_free(f->step);
    fp_flow_free(f->flow);
    instance_clear(&f->problem);
    mpq_clear(f->tolerance);
    arf_clear(f->t);
    arf_clear(f->h);
    mag_clear(f->e);
    remove(f->path);
}

static void expect_rejection(file *f, const char *what)
{
    ck_assert_int_eq(check(f, NULL, NULL), FP_CHAIN_FAILED);
    ck_assert_msg(strstr(f->err.message, what) != NULL, "'%s'; wanted '%s'", f->err.message, what);
    file_clear(f);
}

/* ---- what does not fit */
START_TEST(steps_with_a_gap_between_them_are_rejected)
{
    file f;
    file_good(&f);
    add_step(&f);
    wait_a_step(&f);
    add_step(&f);
    expect_rejection(&f, "step 2, t = 0.015625: it does not begin where the one before it ends");
    file_good(&f); /* before the first */
    wait_a_step(&f);
    add_step(&f);
    expect_rejection(&f, "step 1, t = 0: it does not begin where the one before it ends");
}
END_TEST

START_TEST(an_end_that_is_elsewhere_or_nowhere_is_rejected)
{
    file f;
    file_good(&f);
    add_step(&f);
    wait_a_step(&f);
    expect_rejection(&f, "it ends elsewhere than it says");
    file_good(&f); /* no step at all */
    expect_rejection(&f, "it ends elsewhere than it says");
}
END_TEST

/* The prover's step is one of order 12. */
START_TEST(an_order_that_does_not_suffice_is_rejected)
{
    file f;
    file_open(&f, 1, 1, 5);
    arf_set_d(f.h, 0x1p-2);
    add_step(&f);
    expect_rejection(&f, "its Taylor series is not shown to converge");
}
END_TEST

START_TEST(other_sizes_than_those_of_the_instance_are_rejected)
{
    file f;
    file_open(&f, ORDER, 1, 4);
    add_step(&f);
    expect_rejection(&f, "its sizes are not those of the instance");
}
END_TEST

/* A weight changed by 2^-10: the tube must be that wide, or none is found. */
START_TEST(the_certificate_of_another_instance_proves_nothing_thin)
{
    file f;
    file_good(&f);
    add_step(&f);
    f.problem.W_K[0] += 0x1p-10;
    if (check(&f, NULL, NULL) == FP_CHAIN_END) {
        ck_assert_double_ge(mag_get_d(f.stats.start), 0x1p-10);
        ck_assert_double_ge(mag_get_d(f.stats.radius), 0x1p-10);
    }
    file_clear(&f);
}
END_TEST

typedef struct {
    int steps;
    double radius, largest; /* of the last; of all */
    bool stop;
} notes;

static bool note(const fp_segment *segment, void *ctx)
{
    notes *n = ctx;
    n->steps++;
    n->radius = mag_get_d(segment->radius);
    n->largest = n->largest > n->radius ? n->largest : n->radius;
    return !n->stop;
}

/* ---- a step that does not close */
/* The prover's steps are of order 12, the file says 1: enough for a short step, not for a long one. */
static void file_of_a_short_and_a_long_step(file *f)
{
    file_open(f, 1, 1, 5);
    arf_set_d(f->h, 0x1p-8);
    add_step(f);
    arf_set_d(f->h, 0x1p-2);
    add_step(f);
}

START_TEST(a_step_that_does_not_close_ends_what_is_proved_before_it)
{
    file f;
    notes n = {0};
    file_of_a_short_and_a_long_step(&f);
    ck_assert_int_eq(check(&f, note, &n), FP_CHAIN_OPEN);
    ck_assert_int_eq(f.err.code, FP_BUDGET);
    ck_assert_msg(strstr(f.err.message, "ends at t = 0.00390625, before step 2: its Taylor series is not shown to converge") != NULL, "%s", f.err.message);
    ck_assert_int_eq(n.steps, 1);
    ck_assert_uint_eq(f.stats.steps, 1);
    ck_assert_double_eq(arf_get_d(f.stats.t, ARF_RND_NEAR), 0x1p-8);
    file_clear(&f);
}
END_TEST

START_TEST(what_follows_a_step_that_does_not_close_is_still_read_for_its_form)
{
    file f;
    file_of_a_short_and_a_long_step(&f);
    add_step(&f);
    wait_a_step(&f);
    add_step(&f);
    expect_rejection(&f, "step 4, t = 0.50390625: it does not begin where the one before it ends");
    file_of_a_short_and_a_long_step(&f);
    wait_a_step(&f);
    expect_rejection(&f, "it ends elsewhere than it says");
}
END_TEST

/* From a knot that is not where the last step ended: a radius that the knots have made, not the flow. */
START_TEST(knots_that_lie_apart_are_rejected_where_no_tube_holds_them_together)
{
    file f;
    file_good(&f);
    add_step(&f);
    fp_grid_vec *u = f.knot.u.at;
    ck_assert(fp_grid_set_digits(u, u->exponent + 3, u->digit)); /* eight times as long */
    add_step(&f);
    expect_rejection(&f, "since its knots lie apart");
}
END_TEST

START_TEST(why_the_prover_ended_is_in_the_file)
{
    file f;
    file_good(&f);
    add_step(&f);
    ck_assert_int_eq(check(&f, NULL, NULL), FP_CHAIN_END);
    ck_assert_int_eq(f.ended, FP_CHAIN_OPEN);
    file_clear(&f);
}
END_TEST

/* ---- what is carried along */
/* With one digit: by a step made here from the same knot, the end is off by the radius and by what is rounded, and e says both. */
START_TEST(what_is_rounded_at_the_end_of_a_step_is_in_e)
{
    file f;
    notes n = {0};
    mag_t rounding;
    mag_init(rounding);
    file_good(&f);
    add_step(&f);
    ck_assert_int_eq(check(&f, note, &n), FP_CHAIN_END);
    fp_vec *y = fp_flow_initial(f.flow);
    fp_leg *leg = leg_at(&f.problem, fp_flow_layout(f.flow), y, ORDER, 1), *next = leg_at(&f.problem, fp_flow_layout(f.flow), y, ORDER, 1);
    ck_assert(leg_open(leg, 0x1p-6));
    fp_leg_end(next, rounding, leg);
    double least = n.radius + mag_get_d(rounding), e = mag_get_d(f.stats.e);
    ck_assert_msg(mag_get_d(rounding) > 0x1p-65 && e >= least * (1 - 1e-12) && e <= least * (1 + 1e-6), "e = %g, radius %g, rounding %g", e, n.radius, mag_get_d(rounding));
    fp_leg_free(leg);
    fp_leg_free(next);
    fp_vec_free(y);
    file_clear(&f);
    mag_clear(rounding);
}
END_TEST

START_TEST(statistics_are_those_of_all_steps)
{
    file f;
    notes n = {0};
    file_good(&f);
    for (int k = 0; k < 4; k++) add_step(&f);
    ck_assert_int_eq(check(&f, note, &n), FP_CHAIN_END);
    ck_assert_uint_eq(f.stats.steps, 4);
    ck_assert_int_eq(n.steps, 4);
    ck_assert(arf_equal(f.stats.t, f.t));
    ck_assert_double_eq(mag_get_d(f.stats.radius), n.largest);
    file_clear(&f);
}
END_TEST

START_TEST(an_observer_may_stop_it)
{
    file f;
    notes n = {.stop = true};
    file_good(&f);
    add_step(&f);
    add_step(&f);
    ck_assert_int_eq(check(&f, note, &n), FP_CHAIN_STOPPED);
    ck_assert_int_eq(n.steps, 1);
    file_clear(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("chain of the verifier");
    TCase *cases = tcase_create("chain");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, steps_with_a_gap_between_them_are_rejected);
    tcase_add_test(cases, an_end_that_is_elsewhere_or_nowhere_is_rejected);
    tcase_add_test(cases, an_order_that_does_not_suffice_is_rejected);
    tcase_add_test(cases, other_sizes_than_those_of_the_instance_are_rejected);
    tcase_add_test(cases, the_certificate_of_another_instance_proves_nothing_thin);
    tcase_add_test(cases, a_step_that_does_not_close_ends_what_is_proved_before_it);
    tcase_add_test(cases, what_follows_a_step_that_does_not_close_is_still_read_for_its_form);
    tcase_add_test(cases, knots_that_lie_apart_are_rejected_where_no_tube_holds_them_together);
    tcase_add_test(cases, why_the_prover_ended_is_in_the_file);
    tcase_add_test(cases, what_is_rounded_at_the_end_of_a_step_is_in_e);
    tcase_add_test(cases, statistics_are_those_of_all_steps);
    tcase_add_test(cases, an_observer_may_stop_it);
    suite_add_tcase(suite, cases);
    return fp_test_main(suite);
}
