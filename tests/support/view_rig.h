/* SPDX-License-Identifier: MIT */
/* An instance with its true solution, a closed step of it, and the comparison of all quantities of a view with their true values. */
#ifndef FP_TESTS_VIEW_RIG_H
#define FP_TESTS_VIEW_RIG_H

#include <math.h>

#include "../../src/certify/step_impl.h"
#include "flow_instances.h"
#include "fp_check.h"
#include "plain_state.h"

enum { QUANTITIES = FP_TUBE_N + 1, TIMES = 4, COLUMNS = 16, PREC = 192, RANDOM = INSTANCES };

static fp_rng rng;

static inline void open_rng(void)
{
    fp_rng_init(&rng, 4711, 3);
}

/* ---- the true solution at 0, 1, 2, .. times 2^unit */
enum { CHAIN_UNIT = -4, STEP_UNIT = -7, GOOD = -112 };

typedef struct {
    fp_problem problem;
    int times;
    slong unit;
    fp_flow *weights;
    plain_state at[TIMES];
    mag_t off; /* of every entry of those states: extrapolation's last change, and a margin of 2^8 */
} truth;

/* Halves h until the last two columns agree well enough. */
static inline double advance(fp_vec *y, const fp_field *field, double h)
{
    fp_vec *start = fp_vec_new(fp_vec_len(y), PLAIN_PREC);
    fp_vec_copy(start, y);
    double change = plain_advance(y, field, h, COLUMNS);
    if (change > GOOD && h > 1e-4) {
        fp_vec_copy(y, start);
        change = advance(y, field, h / 2);
        change = fmax(change, advance(y, field, h / 2));
    }
    fp_vec_free(start);
    return change;
}

/* W times `scale` makes F large. */
static inline void truth_init(truth *x, size_t instance, int times, slong unit, double scale)
{
    fp_error err = {0};
    x->times = times;
    x->unit = unit;
    if (instance == RANDOM)
        instance_random(&x->problem, 6, 4, 9, 12, 4, 99);
    else
        instance_make(&x->problem, instance);
    for (long e = 0; e < x->problem.m1 * x->problem.m; e++)
        x->problem.W[e] *= scale;
    fp_ck_ok(fp_flow_new(&x->weights, FP_FLOW_WEIGHTS, &x->problem, PLAIN_PREC, NULL, &err), &err);
    fp_vec *y = fp_flow_initial(x->weights);
    double worst = -HUGE_VAL;
    for (int t = 0; t < times; t++) {
        plain_state_init(&x->at[t], &x->problem);
        plain_state_load(&x->at[t], fp_flow_layout(x->weights), y);
        plain_state_work(&x->at[t]);
        if (t + 1 < times)
            worst = fmax(worst, advance(y, fp_flow_field(x->weights), ldexp(1, (int)unit)));
    }
    ck_assert_msg(worst <= GOOD, "the reference is not good enough: 2^%g", worst);
    mag_init(x->off);
    if (times > 1)
        mag_set_ui_2exp_si(x->off, 1, (slong)worst + 8);
    fp_vec_free(y);
}

static inline void truth_clear(truth *x)
{
    for (int t = 0; t < x->times; t++)
        plain_state_clear(&x->at[t]);
    fp_flow_free(x->weights);
    instance_clear(&x->problem);
    mag_clear(x->off);
}

/* ---- all quantities */
typedef void (*visitor)(fp_tube_quantity quantity, const long *index, void *ctx);

static inline void each_quantity(const fp_problem *p, visitor visit, void *ctx)
{
    for (int x = 0; x < QUANTITIES; x++) {
        fp_tube_quantity quantity = (fp_tube_quantity)x;
        long index[3];
        for (index[0] = 0; index[0] < plain_state_range(p, quantity, 0); index[0]++)
            for (index[1] = 0; index[1] < plain_state_range(p, quantity, 1); index[1]++)
                for (index[2] = 0; index[2] < plain_state_range(p, quantity, 2); index[2]++)
                    visit(quantity, index, ctx);
    }
}

static inline void ask(arb_t out, const fp_tube_view *view, fp_tube_quantity quantity, const long *index)
{
    const char *why = NULL;
    ck_assert_msg(view->value(out, view->ctx, quantity, index, &why), "quantity %d: %s", (int)quantity, why ? why : "no reason");
}

typedef struct {
    const plain_state *state;
    const fp_tube_view *view;
    mag_srcptr off;
    const char *what;
    double widest;
} comparison;

static inline void check_contains(fp_tube_quantity quantity, const long *index, void *ctx)
{
    comparison *c = ctx;
    arb_t x, y;
    mag_t slack;
    arb_init(x);
    arb_init(y);
    mag_init(slack);
    ask(x, c->view, quantity, index);
    plain_state_value(y, c->state, quantity, index);
    /* a change of the state by `off` an entry moves these small quantities by at most 2^12 off */
    mag_mul_2exp_si(slack, c->off, 12);
    c->widest = fmax(c->widest, mag_get_d(arb_radref(x)));
    arb_add_error_mag(x, slack);
    if (!arb_contains(x, y)) {
        char *a = arb_get_str(x, 40, 0), *b = arb_get_str(y, 40, 0);
        ck_abort_msg("%s: quantity %d [%ld,%ld,%ld]: %s, true %s", c->what, (int)quantity, index[0], index[1], index[2], a, b);
    }
    arb_clear(x);
    arb_clear(y);
    mag_clear(slack);
}

/* ---- one step, for what follows */
typedef struct {
    truth x;
    fp_flow *flow;
    fp_step *step;
    fp_start start;
} bench;

static inline void bench_init_scaled(bench *b, size_t instance, fp_flow_kind kind, int times, slong unit, double scale)
{
    fp_error err = {0};
    mpq_t tol;
    arf_t zero, end, h;
    mpq_init(tol);
    arf_init(zero);
    arf_init(end);
    arf_init(h);
    mpq_set_ui(tol, 1, 1000000000000000ul);
    arf_set_si_2exp_si(h, 1, unit);
    arf_one(end);
    truth_init(&b->x, instance, times, unit, scale);
    fp_ck_ok(fp_flow_new(&b->flow, kind, &b->x.problem, 256, NULL, &err), &err);
    fp_ck_ok(fp_step_new(&b->step, &b->x.problem, fp_flow_layout(b->flow), &(fp_certify_options){.tolerance = tol}, &err), &err);
    fp_ck_ok(fp_start_make(&b->start, b->flow, fp_step_series(b->step), &err), &err);
    fp_ck_ok(fp_step_open(b->step, zero, &b->start.x, end, h, &err), &err);
    ck_assert(fp_step_close(b->step, b->start.e0, NULL));
    mpq_clear(tol);
    arf_clear(zero);
    arf_clear(end);
    arf_clear(h);
}

static inline void bench_init(bench *b, size_t instance, fp_flow_kind kind)
{
    bench_init_scaled(b, instance, kind, 2, STEP_UNIT, 1);
}

static inline void bench_clear(bench *b)
{
    fp_start_clear(&b->start);
    fp_step_free(b->step);
    fp_flow_free(b->flow);
    truth_clear(&b->x);
}

#endif
