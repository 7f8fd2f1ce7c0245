/* SPDX-License-Identifier: MIT */
#include "certifying.h"

#include <stdlib.h>

/* Of a half step: parts for constants alone when no digits are asked for, and parts for a verdict. Most claims take one or two; an estimated tube is thin, its steps are long, and few claims are left to it. */
enum { MEASURING = 2, BUDGET = 120, ESTIMATED_BUDGET = 480, GUARD = 32, FIRST_CHECKPOINT = 4 };

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
    fp_tube_checker_free(c->proved);
    if (c->has_stats) fp_chain_stats_clear(&c->stats);
    if (c->has_estimate) fp_chain_stats_clear(&c->estimate);
    fp_vec_free(c->y0);
    fp_vec_free(c->knot);
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

static fp_status make_checker(cli_certifying *c, fp_error *err)
{
    cli_instance *instance = &c->shared.instance;
    fp_tube_options options = {
        .sheets = &c->shared.sheets, .problem = &instance->problem, .layout = &c->layout, .flow = c->flow, .prec = c->bits, .only = c->shared.only,
        .twins = c->shared.twins, .pool = instance->pool, .horizon = instance->setting.horizon, .accuracy = c->accuracy,
        .measuring = c->shared.arguments->value[CLI_digits] ? 0 : MEASURING, .budget = c->proved ? ESTIMATED_BUDGET : BUDGET, .thinner = c->thinner, .proved = c->proved,
    };
    return fp_tube_checker_new(&c->checker, &options, err);
}

fp_status cli_certifying_prepare(cli_certifying *c, int limbs, bool prover, const char *thinner, fp_error *err)
{
    cli_instance *instance = &c->shared.instance;
    c->limbs = limbs;
    c->flow_bits = FP_GRID_BITS * (slong)limbs + 64;
    if (c->flow_bits < instance->setting.precision) c->flow_bits = instance->setting.precision;
    c->bits = FP_GRID_BITS * (slong)limbs + 64;
    if (c->bits < instance->setting.precision + GUARD) c->bits = instance->setting.precision + GUARD; /* what holds at every state is seen to the run's digits */
    if (instance->kind != FP_FLOW_REDUCED && instance->kind != FP_FLOW_COMPRESSED)
        return fp_fail(err, FP_USAGE, "tubes are put around the reduced or the compressed flow; flow is '%s' (leave --flow out, or --flow reduced, --flow compressed; the other forms are for 'run')", instance->setting.flow);
    if (digits_asked(&c->accuracy, c->shared.arguments, err) != FP_OK) return err->code;
    fp_flow_layout_of(&c->layout, instance->kind, &instance->problem);
    c->prover = prover;
    if (fp_flow_new(&c->flow, instance->kind, &instance->problem, (mpfr_prec_t)c->flow_bits, instance->pool, err) != FP_OK) return err->code;
    c->thinner = thinner;
    return make_checker(c, err);
}

/* ---- one step */
bool cli_certifying_show(cli_certifying *c, const fp_segment *segment)
{
    bool ok = fp_tube_checker_step(c->checker, segment, &c->run_error) == FP_OK;
    double t = arf_get_d(segment->right, ARF_RND_NEAR);
    cli_progress_show(&c->progress, t, ++c->shown, t - arf_get_d(segment->left, ARF_RND_NEAR));
    return ok && !fp_tube_checker_is_done(c->checker);
}

void cli_certifying_watch(cli_certifying *c)
{
    c->y0 = fp_flow_initial(c->flow);
    c->knot = fp_flow_initial(c->flow);
    c->checkpoint = FIRST_CHECKPOINT;
}

/* After steps 4, 16, 64, ...: it costs as much as several steps. */
static void watch(cli_certifying *c, const fp_tube_view *view)
{
    if (!c->knot || !view->knot(c->knot, view->ctx) || c->shown != c->checkpoint) return;
    fp_drift_measure(&c->drift, c->flow, c->y0, c->knot);
    c->checkpoint *= FIRST_CHECKPOINT;
}

void cli_certifying_watched(cli_certifying *c)
{
    const fp_setting *s = &c->shared.instance.setting;
    if (c->shown == 0 || fp_interrupted()) return;
    fp_drift_measure(&c->drift, c->flow, c->y0, c->knot);
    if (!fp_interrupted() && (c->run_error.code == FP_OK || c->complete)) {
        fp_error off = {FP_OK, ""};
        if (fp_drift_check(&c->drift, s->tolerance, s->precision, &off) != FP_OK) {
            c->run_error = off;
            c->complete = false;
        }
    }
}

bool cli_certifying_step(const fp_step *step, const fp_start *start, void *ctx)
{
    cli_certifying *c = ctx;
    if (c->writer && fp_certificate_add(c->writer, step, &c->run_error) != FP_OK) return false;
    fp_tube_view *view[2] = {fp_view_new(step, c->flow, start, c->bits), fp_view_new(step, c->flow, start, c->bits)};
    fp_segment segment = {.left = fp_step_left(step), .right = fp_step_right(step), .view = {view[0], view[1]}, .radius = fp_step_radius(step), .estimated = fp_step_is_estimated(step)};
    bool more = cli_certifying_show(c, &segment);
    watch(c, view[0]);
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

fp_status cli_certifying_estimate(cli_certifying *c, fp_error *err)
{
    fp_tube_checker_conclude(c->checker, false, stop_reason(c));
    c->proved = c->checker;
    c->checker = NULL;
    c->gave_up = c->run_error;
    c->run_error = (fp_error){FP_OK, ""};
    return make_checker(c, err);
}

void cli_certifying_no_estimate(cli_certifying *c)
{
    fp_error why = c->run_error;
    if (why.code == FP_OK) return;
    fp_fail(&c->run_error, c->gave_up.code, "%.400s; nor can it be estimated beyond that: %.400s", c->gave_up.message, why.message);
    c->outcome = FP_CHAIN_OPEN;
    c->complete = true;
    fp_chain_stats_clear(&c->estimate);
    c->has_estimate = false;
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

static void time_text(char text[32], const arf_t t)
{
    snprintf(text, 32, "%.6g", arf_get_d(t, ARF_RND_NEAR));
}

static void fill_estimate(fp_report_estimate *out, const cli_certifying *c)
{
    out->gave_up = c->gave_up.message;
    out->steps = c->estimate.steps;
    time_text(out->from, c->stats.t);
    mag_text(out->radius, c->estimate.radius);
    mag_text(out->distance, c->estimate.distance);
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
    fp_report_estimate estimate = {0};
    if (c->has_stats) {
        time_text(t_end, c->has_estimate && c->estimate.steps ? c->estimate.t : c->stats.t);
        cli_fill_tube(&tube, &c->stats);
    }
    if (c->has_estimate) fill_estimate(&estimate, c);
    fp_tube_checker_finish(&c->results, c->checker, closed, interrupted ? "interrupted" : stop_reason(c));
    fp_report report = {
        .method = c->method ? c->method : c->shared.instance.setting.method, .precision = c->method ? c->bits : c->shared.instance.setting.precision, .tolerance = c->prover ? c->shared.instance.tolerance : NULL, .complete = complete,
        .outcome = interrupted ? "interrupted" : !c->has_stats ? "nothing to integrate" : done && closed ? "all windows closed" : c->outcome_text ? c->outcome_text : fp_chain_outcome_text(c->outcome),
        .steps = c->has_stats ? c->stats.steps : 0, .run_steps = c->run_stats.accepted, .rejected = c->run_stats.rejected, .evaluations = c->run_stats.evaluations, .t_end = t_end, .tube = c->has_stats ? &tube : NULL, .estimate = c->has_estimate ? &estimate : NULL, .knots = c->knots.given ? &c->knots : NULL,
        .ended_why = complete && !closed ? c->run_error.message : NULL,
    };
    fill_drift(&report, &c->drift);
    int status = cli_checking_report(&c->shared, &report, &c->results, &c->run_error, err);
    unfill_drift(&report);
    return status;
}
