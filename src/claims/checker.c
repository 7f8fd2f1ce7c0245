/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "check_impl.h"

enum { LEAVES_KEPT = 8192 };

static void lane_make(fp_checker *c, const fp_layout *layout)
{
    fp_lane *lane = &c->lane;
    lane->eval = fp_eval_new(c->sheets, c->problem, c->prec);
    lane->now = fp_source_new_tube(c->problem, layout, c->prec);
    lane->initial = fp_source_new_initial(c->problem, c->prec);
    fp_source_slope_by_equations(lane->initial);
    fp_eval_set_initial(lane->eval, lane->initial);
}

/* A sheet's `requires` decides for all its claims. */
static void check_requires(fp_checker *c, fp_monitor *m)
{
    const fp_node *node = m->claim->sheet->requires_;
    if (!node) return;
    fp_eval_failure failure = {0};
    fp_truth truth = fp_eval_static(c->lane.eval, node, fp_node_frame(node), &failure);
    if (failure.failed) {
        fp_monitor_fail(m, &failure);
    } else if (truth != FP_TRUE) {
        fp_text text = {0};
        fp_node_print(&text, node);
        m->has_failure = true;
        m->failure_verdict = truth == FP_FALSE ? FP_NOT_APPLICABLE : FP_UNDECIDED;
        snprintf(m->reason, sizeof m->reason, "%s", truth == FP_FALSE ? "requires" : "straddles-zero");
        snprintf(m->detail, sizeof m->detail, "requires %s, which %s on this instance", text.data ? text.data : "",
                 truth == FP_FALSE ? "is false" : "could not be decided");
        fp_text_clear(&text);
    }
    m->out = m->has_failure;
}

static void evaluate_initial(fp_checker *c)
{
    for (size_t r = 0; r < c->monitors_count; r++) {
        fp_monitor *m = &c->monitors[r];
        if (m->claim->kind == FP_PROBABILITY) continue;
        check_requires(c, m);
        if (m->exact && !m->out) fp_monitor_exact(c, m);
        m->sealed = (m->exact || m->out) && !fp_interrupted();
    }
}

static fp_checker *checker_alloc(const fp_tube_options *options)
{
    fp_checker *c = fp_alloc(1, sizeof *c);
    c->sheets = options->sheets;
    c->problem = options->problem;
    c->prec = options->prec;
    c->twins = options->twins;
    mpq_init(c->horizon);
    mpq_set(c->horizon, options->horizon);
    return c;
}

/* What is sure to be too large is not begun. */
static fp_status check_sizes(const fp_checker *c, fp_error *err)
{
    fp_eval *e = c->lane.eval;
    for (size_t r = 0; r < c->monitors_count; r++) {
        const fp_claim *claim = c->monitors[r].claim;
        const fp_node *const nodes[] = {claim->sheet->requires_, claim->body, claim->order_expression, claim->order_form};
        for (size_t k = 0; k < sizeof nodes / sizeof *nodes; k++)
            if (fp_eval_check_size(e, nodes[k], err) != FP_OK) return err->code;
    }
    for (size_t r = 0; r < c->clocks_count; r++) {
        const fp_time *time = c->clocks[r].time;
        if (fp_eval_check_size(e, time->kind == FP_TIME_STATIC ? time->value : time->condition, err) != FP_OK) return err->code;
    }
    return FP_OK;
}

fp_status fp_checker_make(fp_checker **out, const fp_tube_options *options, fp_error *err)
{
    *out = NULL;
    if (options->prec < 2) return fp_fail(err, FP_INTERNAL, "precision of the balls is %ld bits", (long)options->prec);
    fp_checker *c = checker_alloc(options);
    fp_status status = fp_checker_bind(c, options->only, err);
    if (status == FP_OK) {
        lane_make(c, options->layout);
        status = check_sizes(c, err);
    }
    if (status == FP_OK)
        *out = c;
    else
        fp_checker_free(c);
    return status;
}

void fp_checker_seal_clocks(fp_checker *c)
{
    for (size_t r = 0; r < c->clocks_count; r++) c->clocks[r].sealed = c->clocks[r].state == FP_CLOCK_FOUND || c->clocks[r].state == FP_CLOCK_FAILED;
}

void fp_checker_abandon(fp_checker *c)
{
    const fp_eval_failure failure = {true, "interrupted", "the run was interrupted before this was examined in full"};
    for (size_t r = 0; r < c->clocks_count; r++)
        if (!c->clocks[r].sealed) fp_clock_fail(&c->clocks[r], "interrupted", failure.detail);
    for (size_t r = 0; r < c->monitors_count; r++)
        if (!c->monitors[r].sealed) fp_monitor_fail(&c->monitors[r], &failure);
}

void fp_checker_evaluate(fp_checker *c)
{
    fp_lane *lane = &c->lane;
    fp_eval_set_now(lane->eval, lane->initial);
    fp_clocks_evaluate(c);
    evaluate_initial(c);
    if (lane->leaves.capacity > LEAVES_KEPT) fp_leaves_clear(&lane->leaves);
}

static void lane_free(fp_lane *lane)
{
    if (lane->eval) fp_eval_free(lane->eval);
    if (lane->now) fp_source_free(lane->now);
    if (lane->initial) fp_source_free(lane->initial);
    fp_leaves_clear(&lane->leaves);
}

void fp_checker_free(fp_checker *c)
{
    if (!c) return;
    lane_free(&c->lane);
    for (size_t r = 0; r < c->clocks_count; r++) fp_clock_clear(&c->clocks[r]);
    for (size_t r = 0; r < c->monitors_count; r++) fp_monitor_clear(&c->monitors[r]);
    free(c->clocks);
    free(c->monitors);
    free(c->clock_of);
    free(c->counted);
    mpq_clear(c->horizon);
    free(c);
}

void fp_checker_reserve(fp_checker *c, size_t leaves)
{
    if (leaves <= c->room) return;
    c->counted = fp_realloc(c->counted, leaves, sizeof *c->counted);
    c->room = leaves;
}
