/* SPDX-License-Identifier: MIT */
#include "certifying.h"

#include <stdlib.h>

/* Of a half step: parts for constants alone when no digits are asked for, and parts for a verdict. Most claims take one or two. */
enum { MEASURING = 2, BUDGET = 120, GUARD = 32 };

void cli_certifying_begin(cli_certifying *c, const cli_arguments *arguments, const char *suffix, const char *method)
{
    *c = (cli_certifying){.method = method};
    cli_checking_begin(&c->shared, arguments);
    c->shared.suffix = suffix;
}

void cli_certifying_clear(cli_certifying *c)
{
    fp_certificate_abandon(c->writer);
    fp_results_clear(&c->results);
    fp_tube_checker_free(c->checker);
    if (c->has_stats) fp_chain_stats_clear(&c->stats);
    fp_flow_free(c->flow);
    fp_drift_clear(&c->drift);
    free(c->knots.distances);
    cli_checking_clear(&c->shared);
}

static fp_status digits_asked(slong *bits, const cli_arguments *arguments, fp_error *err)
{
    long digits = 0; /* one bit: what it takes to know the size */
    const char *given = arguments->value[CLI_digits];
    if (given && cli_long(&digits, given, "digits", 1, 1000, err) != FP_OK) return err->code;
    *bits = (slong)((double)digits * 3.3219281) + 1;
    return FP_OK;
}

fp_status cli_certifying_prepare(cli_certifying *c, int limbs, bool prover, const char *thinner, fp_error *err)
{
    cli_instance *instance = &c->shared.instance;
    slong accuracy = 0;
    c->limbs = limbs;
    c->flow_bits = FP_GRID_BITS * (slong)limbs + 64;
    if (c->flow_bits < instance->setting.precision) c->flow_bits = instance->setting.precision;
    c->bits = FP_GRID_BITS * (slong)limbs + 64;
    if (c->bits < instance->setting.precision + GUARD) c->bits = instance->setting.precision + GUARD; /* what holds at every state is seen to the run's digits */
    if (instance->kind != FP_FLOW_REDUCED && instance->kind != FP_FLOW_COMPRESSED)
        return fp_fail(err, FP_USAGE, "tubes are put around the reduced or the compressed flow; flow is '%s' (leave --flow out, or --flow reduced, --flow compressed; the other forms are for 'run')", instance->setting.flow);
    if (digits_asked(&accuracy, c->shared.arguments, err) != FP_OK) return err->code;
    fp_flow_layout_of(&c->layout, instance->kind, &instance->problem);
    if (prover && fp_flow_new(&c->flow, instance->kind, &instance->problem, (mpfr_prec_t)c->flow_bits, instance->pool, err) != FP_OK) return err->code;
    fp_tube_options options = {
        .sheets = &c->shared.sheets, .problem = &instance->problem, .layout = &c->layout, .prec = c->bits, .only = c->shared.only,
        .twins = c->shared.twins, .pool = instance->pool, .horizon = instance->setting.horizon, .accuracy = accuracy,
        .measuring = c->shared.arguments->value[CLI_digits] ? 0 : MEASURING, .budget = BUDGET, .thinner = thinner,
    };
    return fp_tube_checker_new(&c->checker, &options, err);
}

/* ---- one proved step */
bool cli_certifying_show(cli_certifying *c, const fp_segment *segment)
{
    bool ok = fp_tube_checker_step(c->checker, segment, &c->run_error) == FP_OK;
    double t = arf_get_d(segment->right, ARF_RND_NEAR);
    cli_progress_show(&c->progress, t, ++c->shown, t - arf_get_d(segment->left, ARF_RND_NEAR));
    return ok && !fp_tube_checker_is_done(c->checker);
}

bool cli_certifying_step(const fp_step *step, const fp_start *start, void *ctx)
{
    cli_certifying *c = ctx;
    if (c->writer && fp_certificate_add(c->writer, step, &c->run_error) != FP_OK) return false;
    fp_tube_view *view[2] = {fp_view_new(step, c->flow, start, c->bits), fp_view_new(step, c->flow, start, c->bits)};
    fp_segment segment = {.left = fp_step_left(step), .right = fp_step_right(step), .view = {view[0], view[1]}, .radius = fp_step_radius(step)};
    bool more = cli_certifying_show(c, &segment);
    fp_view_free(view[0]);
    fp_view_free(view[1]);
    return more;
}

/* ---- the end */
static const char *stop_reason(const cli_certifying *c)
{
    switch (c->outcome) {
    case FP_CHAIN_RUN: return c->run_reason ? c->run_reason : "incomplete";
    case FP_CHAIN_BUDGET: return "step-cap";
    case FP_CHAIN_OPEN: return "tube";
    default: return "incomplete";
    }
}

static void mag_text(char text[32], const mag_t x)
{
    arf_t value;
    arf_init(value);
    arf_set_mag(value, x);
    snprintf(text, 32, "%.4g", arf_get_d(value, ARF_RND_CEIL));
    arf_clear(value);
}

void cli_fill_tube(fp_report_tube *out, const fp_chain_stats *s)
{
    out->order = s->order;
    out->limbs = s->limbs;
    mag_text(out->start, s->start);
    mag_text(out->defect, s->defect);
    mag_text(out->growth, s->growth);
    mag_text(out->rate, s->rate);
    mag_text(out->radius, s->radius);
    if (mag_is_zero(s->run))
        out->run[0] = 0;
    else
        mag_text(out->run, s->run);
}

static void fill_drift(fp_report *report, const fp_drift *d)
{
    for (size_t k = 0; k < d->count; k++) {
        char text[48];
        mpfr_snprintf(text, sizeof text, "%.3RUe", d->at[k].drift);
        report->invariants[k].name = d->at[k].name;
        report->invariants[k].drift = fp_strdup(text);
    }
    report->invariants_count = d->count;
}

static void unfill_drift(fp_report *report)
{
    for (size_t k = 0; k < report->invariants_count; k++) free(report->invariants[k].drift);
}

int cli_certifying_finish(cli_certifying *c, fp_error *err)
{
    cli_note_interruption(&c->run_error);
    bool closed = c->run_error.code == FP_OK, interrupted = c->run_error.code == FP_INTERRUPTED, done = fp_tube_checker_is_done(c->checker);
    bool complete = closed || (!interrupted && c->complete);
    char t_end[32] = "0";
    fp_report_tube tube = {0};
    if (c->has_stats) {
        snprintf(t_end, sizeof t_end, "%.6g", arf_get_d(c->stats.t, ARF_RND_NEAR));
        cli_fill_tube(&tube, &c->stats);
    }
    fp_tube_checker_finish(&c->results, c->checker, closed, interrupted ? "interrupted" : stop_reason(c));
    fp_report report = {
        .method = c->method ? c->method : c->shared.instance.setting.method, .precision = c->method ? c->bits : c->shared.instance.setting.precision, .tolerance = c->flow ? c->shared.instance.tolerance : NULL, .complete = complete,
        .outcome = interrupted ? "interrupted" : !c->has_stats ? "nothing to integrate" : done && closed ? "all windows closed" : c->outcome_text ? c->outcome_text : fp_chain_outcome_text(c->outcome),
        .steps = c->has_stats ? c->stats.steps : 0, .run_steps = c->run_stats.accepted, .rejected = c->run_stats.rejected, .evaluations = c->run_stats.evaluations, .t_end = t_end, .tube = c->has_stats ? &tube : NULL, .knots = c->knots.given ? &c->knots : NULL,
        .ended_why = complete && !closed ? c->run_error.message : NULL,
    };
    fill_drift(&report, &c->drift);
    int status = cli_checking_report(&c->shared, &report, &c->results, &c->run_error, err);
    unfill_drift(&report);
    return status;
}
