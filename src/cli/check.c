/* SPDX-License-Identifier: MIT */
/* flowproof check: integrate, evaluate, report, gate. The exit status starts at 4; only a complete run lowers it. */
#include "checking.h"
#include "drift.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    cli_checking shared;
    fp_flow *coarse, *fine;
    fp_checker *checker;
    fp_results results;
    fp_run *run;
    fp_vec *y0;
    cli_drift drift;
    unsigned long steps, next_checkpoint;
    cli_progress progress;
    fp_outcome outcome;
    fp_error run_error;
    double t_end;
} checking;

/* ---- the run */

static fp_status stretch_at(fp_vec *out, void *ctx, bool fine, mpfr_srcptr t, bool exact, fp_error *err)
{
    return fp_run_at(out, ctx, fine, t, exact, err);
}

static bool observe(fp_run *run, void *ctx)
{
    checking *c = ctx;
    fp_stretch stretch = {
        .left = fp_run_left(run), .middle = fp_run_middle(run), .right = fp_run_right(run),
        .coarse_right = fp_run_state(run, false), .fine_middle = fp_run_middle_state(run), .fine_right = fp_run_state(run, true),
        .at = stretch_at, .ctx = run,
    };
    fp_run_stats stats;
    fp_run_get_stats(&stats, run);
    c->t_end = mpfr_get_d(stretch.right, MPFR_RNDN);
    cli_progress_show(&c->progress, c->t_end, stats.accepted, stats.last_h);
    if (fp_checker_step(c->checker, &stretch, &c->run_error) != FP_OK) return false;
    if (++c->steps == c->next_checkpoint) { /* 4, 16, 64, ...: the check costs as much as several steps */
        cli_drift_measure(&c->drift, c->fine, c->y0, stretch.fine_right);
        c->next_checkpoint *= 4;
    }
    bool at_end = mpfr_cmp_q(stretch.right, c->shared.instance.setting.horizon) >= 0; /* the integrator ends by itself */
    return at_end || !fp_checker_is_done(c->checker);
}

static void integrate(checking *c)
{
    const fp_setting *s = &c->shared.instance.setting;
    mpq_t zero;
    fp_reals stops = {0};
    mpq_init(zero);
    fp_checker_stops(&stops, c->checker, (mpfr_prec_t)s->precision);
    fp_run_options options = {
        .method = c->shared.instance.method, .t0 = zero, .t_end = s->horizon, .tolerance = s->tolerance, .prec = (mpfr_prec_t)s->precision, .stops = &stops,
        .max_steps = (unsigned long)s->max_steps, .pair = true, .pool = c->shared.instance.pool,
    };
    c->run = fp_run_new(fp_flow_field(c->coarse), fp_flow_field(c->fine), &options);
    c->next_checkpoint = 4;
    cli_progress_start(&c->progress, cli_checking_name(&c->shared), mpq_get_d(s->horizon), c->shared.arguments->value[CLI_quiet] != NULL);
    c->outcome = fp_run_go(c->run, c->y0, observe, c, &c->run_error);
    cli_progress_end(&c->progress);
    if (c->steps > 0 && !fp_interrupted()) cli_drift_measure(&c->drift, c->fine, c->y0, fp_run_state(c->run, true));
    if (!fp_interrupted() && c->run_error.code == FP_OK) cli_drift_check(&c->drift, s, &c->run_error);
    fp_reals_clear(&stops);
    mpq_clear(zero);
}

static const char *stop_reason(fp_outcome outcome)
{
    switch (outcome) {
    case FP_RUN_UNDERFLOW: return "step-underflow";
    case FP_RUN_NON_FINITE: return "blow-up";
    case FP_RUN_BUDGET: return "step-cap";
    default: return "incomplete";
    }
}

static fp_status make_checker(checking *c, fp_error *err)
{
    const fp_setting *s = &c->shared.instance.setting;
    mpfr_prec_t prec = (mpfr_prec_t)s->precision;
    if (fp_flow_new(&c->coarse, c->shared.instance.kind, &c->shared.instance.problem, prec, c->shared.instance.pool, err) != FP_OK) return err->code;
    c->fine = fp_flow_new_like(c->coarse);
    c->y0 = fp_flow_initial(c->coarse);
    fp_checker_options options = {
        .sheets = &c->shared.sheets, .problem = &c->shared.instance.problem, .coarse = c->coarse, .fine = c->fine, .prec = s->precision + 32,
        .only = c->shared.only, .twins = c->shared.twins, .pool = c->shared.instance.pool, .horizon = s->horizon,
    };
    if (fp_checker_new(&c->checker, &options, err) != FP_OK) return err->code;
    fp_status status = fp_checker_start(c->checker, c->y0, err);
    return status == FP_INTERRUPTED ? FP_OK : status; /* what was evaluated before is reported */
}

/* ---- from results to the report and the exit status */

static int finish(checking *c, fp_error *err)
{
    cli_note_interruption(&c->run_error);
    bool reached = c->run_error.code == FP_OK;
    /* A run that the step size, the budget or a blow-up ended is complete: its verdicts say so. */
    bool complete = reached || c->run_error.code == FP_STEP_UNDERFLOW || c->run_error.code == FP_NON_FINITE || c->run_error.code == FP_BUDGET;
    char t_end[32] = "0", difference[32] = "0";
    fp_run_stats stats = {0};
    if (c->run) {
        fp_run_get_stats(&stats, c->run);
        snprintf(t_end, sizeof t_end, "%.6g", c->t_end);
        snprintf(difference, sizeof difference, "%.3e", stats.max_pair_difference);
    }
    fp_checker_finish(&c->results, c->checker, reached, c->run_error.code == FP_INTERRUPTED ? "interrupted" : stop_reason(c->outcome));
    const fp_setting *s = &c->shared.instance.setting;
    fp_report report = {
        .method = s->method, .precision = s->precision, .tolerance = c->shared.instance.tolerance, .complete = complete,
        .outcome = c->run_error.code == FP_INTERRUPTED ? "interrupted" : c->run == NULL ? "nothing to integrate" : c->outcome == FP_RUN_STOPPED ? "all windows closed" : fp_outcome_text(c->outcome),
        .steps = stats.accepted, .rejected = stats.rejected, .evaluations = stats.evaluations, .t_end = t_end, .max_pair_difference = difference,
    };
    cli_drift_fill(&report, &c->drift);
    int status = cli_checking_report(&c->shared, &report, &c->results, &c->run_error, err);
    cli_drift_unfill(&report);
    return status;
}

static void clear(checking *c)
{
    fp_results_clear(&c->results);
    fp_checker_free(c->checker);
    fp_run_free(c->run);
    fp_vec_free(c->y0);
    cli_drift_clear(&c->drift);
    fp_flow_free(c->coarse);
    fp_flow_free(c->fine);
    cli_checking_clear(&c->shared);
}

static int run_check(const cli_arguments *arguments)
{
    if (arguments->value[CLI_certify]) return cli_run_certify(arguments);
    checking c = {.steps = 0};
    fp_error err = {FP_OK, ""};
    fp_text context = {0};
    int status = fp_status_exit(FP_INTERNAL);
    cli_checking_begin(&c.shared, arguments);
    if (cli_checking_open(&c.shared, NULL, &err) != FP_OK || cli_refuse_without_certify(arguments, &err) != FP_OK || cli_instance_make(&c.shared.instance, arguments, &err) != FP_OK ||
        cli_checking_read(&c.shared, &context, &err) != FP_OK || make_checker(&c, &err) != FP_OK)
        status = cli_checking_fail(&c.shared, &err, &context);
    else {
        if (!fp_interrupted() && !fp_checker_is_done(c.checker)) integrate(&c);
        status = finish(&c, &err);
    }
    fp_text_clear(&context);
    clear(&c);
    return status;
}

static const cli_option options[] = {CLI_setting, CLI_dataset, CLI_weights, CLI_flow, CLI_method, CLI_precision, CLI_tolerance, CLI_horizon,
                                     CLI_max_steps, CLI_certify, CLI_certificate, CLI_knots_every, CLI_digits, CLI_threads, CLI_only, CLI_twins, CLI_expect, CLI_allow_undecided, CLI_reports, CLI_json,
                                     CLI_junit, CLI_md, CLI_quiet, CLI_no_color, CLI_help};
const cli_command cli_check = {
    .name = "check",
    .summary = "run the checklist: integrate, evaluate, report, gate",
    .usage = "check [PATH...] --setting NAME [OPTION...]",
    .description = "Integrates the flow of the setting, evaluates the claims of the sheets (PATH: files or folders; default: the standard ones, proofs and\n"
                   "proofs/appendix, with --certify proofs alone),\n"
                   "prints the checklist, writes the reports and exits 0 only if every claim came out as expected.",
    .examples = "  flowproof check proofs --setting paper-experiment\n"
                "  flowproof check --setting tiny --only '4.4/*' --json -\n"
                "  flowproof check --dataset D --weights W --horizon 10 --flow gram\n"
                "  flowproof check --setting tiny --twins\n"
                "  flowproof check --setting tiny --certify --certificate tiny.cert\n",
    .options = options,
    .options_count = sizeof options / sizeof *options,
    .run = run_check,
};
