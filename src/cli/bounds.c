/* SPDX-License-Identifier: MIT */
/* flowproof bounds: the paper's constants, ratios and times as enclosures with the digits asked for. The first pass has thin tubes of the usual kind and finds where each constant is attained; the second has tubes as
 * thin as the digits want, and takes from the first what every part has to beat. Both enclose the same numbers, so what is printed is their intersection. */
#include "certifying.h"

#include <stdlib.h>
#include <string.h>

enum { DIGITS = 30, DIGITS_MOST = 1000, TUBE_GUARD = 8, DEPTH_GUARD = 16, MEASURING = 30000, FIRST_DIGITS = 17 };

typedef struct {
    cli_checking shared;
    long digits;
    char *tolerance;      /* of the second pass */
    fp_results found;     /* of the first pass; constants and times from both */
    fp_chain_stats stats; /* of the last pass */
    bool has_stats;
    fp_chain_outcome outcome;
    fp_error run_error;
    unsigned long shown;
    cli_progress progress;
} bounds;

typedef struct {
    bounds *b;
    fp_flow *flow;
    fp_tube_checker *checker;
    slong bits;
} pass;

/* ---- one pass */
static bool step(const fp_step *s, const fp_start *start, void *ctx)
{
    pass *p = ctx;
    fp_tube_view *view[2] = {fp_view_new(s, p->flow, start, p->bits), fp_view_new(s, p->flow, start, p->bits)};
    fp_segment segment = {.left = fp_step_left(s), .right = fp_step_right(s), .view = {view[0], view[1]}, .radius = fp_step_radius(s)};
    bool ok = fp_tube_checker_step(p->checker, &segment, &p->b->run_error) == FP_OK;
    fp_view_free(view[0]);
    fp_view_free(view[1]);
    double t = arf_get_d(segment.right, ARF_RND_NEAR);
    cli_progress_show(&p->b->progress, t, ++p->b->shown, t - arf_get_d(segment.left, ARF_RND_NEAR));
    return ok && !fp_tube_checker_is_done(p->checker);
}

static void run(pass *p, mpq_srcptr tolerance)
{
    bounds *b = p->b;
    const cli_instance *in = &b->shared.instance;
    arf_t end;
    arf_init(end);
    fp_tube_checker_end(end, p->checker);
    fp_chain_options options = {
        .certify = {.tolerance = tolerance, .pool = in->pool, .limbs = fp_certify_limbs(tolerance), .parts = 2, .order = fp_certify_order(tolerance)},
        .t_end = end, .max_steps = (unsigned long)in->setting.max_steps,
    };
    if (b->has_stats) fp_chain_stats_clear(&b->stats);
    cli_progress_start(&b->progress, cli_checking_name(&b->shared), mpq_get_d(in->setting.horizon), b->shared.arguments->value[CLI_quiet] != NULL);
    b->outcome = fp_chain_run(&options, p->flow, step, p, &b->stats, &b->run_error);
    b->has_stats = true;
    cli_progress_end(&b->progress);
    arf_clear(end);
}

static const char *stop_reason(const bounds *b)
{
    if (b->run_error.code == FP_INTERRUPTED) return "interrupted";
    switch (b->outcome) {
    case FP_CHAIN_BUDGET: return "step-cap";
    case FP_CHAIN_OPEN: return "tube";
    default: return "incomplete";
    }
}

/* seed NULL: the first pass. */
static fp_status go(fp_results *out, bounds *b, mpq_srcptr tolerance, const fp_results *seed, fp_error *err)
{
    const cli_instance *in = &b->shared.instance;
    pass p = {.b = b, .bits = FP_GRID_BITS * (slong)fp_certify_limbs(tolerance) + 64};
    slong accuracy = (slong)((double)(b->digits + 3) * 3.3219281) + 2;
    b->run_error = (fp_error){FP_OK, ""};
    b->shown = 0;
    if (fp_flow_new(&p.flow, in->kind, &in->problem, (mpfr_prec_t)(p.bits > in->setting.precision ? p.bits : in->setting.precision), in->pool, err) != FP_OK) return err->code;
    fp_tube_options options = {.sheets = &b->shared.sheets, .problem = &in->problem, .layout = fp_flow_layout(p.flow), .prec = p.bits, .only = b->shared.only, .pool = in->pool,
                               .horizon = in->setting.horizon, .accuracy = seed ? accuracy : 0};
    if (seed) {
        options.seed = seed;
        options.depth = (int)accuracy + DEPTH_GUARD;
        options.budget = options.measuring = MEASURING; /* verdicts are not asked for */
    }
    fp_status status = fp_tube_checker_new(&p.checker, &options, err);
    if (status == FP_OK) {
        if (!fp_interrupted() && !fp_tube_checker_is_done(p.checker)) run(&p, tolerance);
        cli_note_interruption(&b->run_error);
        fp_tube_checker_finish(out, p.checker, b->run_error.code == FP_OK, stop_reason(b));
    }
    fp_tube_checker_free(p.checker);
    fp_flow_free(p.flow);
    return status;
}

/* ---- both */
static bool is_fatal(const bounds *b)
{
    fp_status code = b->run_error.code;
    if (code == FP_INTERRUPTED) return true;
    return code != FP_OK && b->outcome != FP_CHAIN_OPEN && b->outcome != FP_CHAIN_BUDGET;
}

/* What only the second pass can sharpen; its tube may end earlier, then nothing of it is taken. */
static fp_status sharpen(bounds *b, mpq_srcptr tolerance, fp_error *err)
{
    fp_results second = {0};
    fp_status status = go(&second, b, tolerance, &b->found, err);
    if (status == FP_OK && b->run_error.code == FP_OK) status = fp_results_sharpen(&b->found, &second, err);
    fp_results_clear(&second);
    return status;
}

static fp_status measure(bounds *b, fp_error *err)
{
    mpq_t first, second;
    mpq_inits(first, second, NULL);
    fp_rational_parse(first, "1e-17");
    fp_rational_parse(second, b->tolerance);
    fp_status status = go(&b->found, b, first, NULL, err);
    if (status == FP_OK && b->run_error.code == FP_OK) status = sharpen(b, second, err);
    mpq_clears(first, second, NULL);
    return status;
}

/* ---- files */
enum { TO_MD, TO_CSV };

static fp_status write_all(const bounds *b, const fp_report *report, fp_error *err)
{
    fp_text text = {0};
    const cli_outputs *o = &b->shared.outputs;
    FILE *stream = cli_outputs_stream(o);
    fp_report_bounds_markdown(&text, report, b->digits);
    if (cli_outputs_write(o, TO_MD, &text, false, err) != FP_OK) return err->code;
    fp_report_bounds_csv(&text, report, b->digits);
    if (cli_outputs_write(o, TO_CSV, &text, false, err) != FP_OK) return err->code;
    fp_report_bounds_terminal(&text, report, b->digits);
    cli_print_text(stream, text.data);
    fp_text_clear(&text);
    cli_outputs_print(o, o->count, stream);
    return FP_OK;
}

/* 0 if everything selected has a value; 3 if something has none; 5 if nothing was selected. */
static int exit_of(const bounds *b, const fp_report *report)
{
    fp_report_bounds_count n = fp_report_bounds_counted(report, b->digits);
    size_t constants = n.constants[0] + n.constants[1] + n.constants[2], others = n.ratios[0] + n.ratios[1] + n.times[0] + n.times[1];
    if (fp_interrupted()) return 128 + fp_interrupted();
    if (!report->complete) return fp_status_exit(b->run_error.code);
    if (b->run_error.code != FP_OK) return 3;
    return constants + others == 0 ? 5 : 0;
}

static int finish(bounds *b, fp_error *err)
{
    char t_end[32] = "0";
    fp_report_tube tube = {0};
    if (b->has_stats) {
        snprintf(t_end, sizeof t_end, "%.6g", arf_get_d(b->stats.t, ARF_RND_NEAR));
        cli_fill_tube(&tube, &b->stats);
    }
    fp_report report = {
        .version = CLI_VERSION, .problem = &b->shared.instance.problem, .sheets = &b->shared.sheets, .flow = fp_flow_kind_name(b->shared.instance.kind), .method = "taylor with tubes",
        .tolerance = b->tolerance, .outcome = b->run_error.code == FP_INTERRUPTED ? "interrupted" : b->has_stats ? fp_chain_outcome_text(b->outcome) : "nothing to integrate", .steps = b->has_stats ? b->stats.steps : 0, .t_end = t_end,
        .tube = b->has_stats ? &tube : NULL, .results = &b->found, .complete = !is_fatal(b), .incomplete_why = b->run_error.message,
    };
    if (b->has_stats && b->outcome == FP_CHAIN_STOPPED && b->run_error.code == FP_OK) report.outcome = "all windows closed";
    if (write_all(b, &report, err) != FP_OK) return cli_report_error(err, NULL);
    if (b->run_error.code != FP_OK) cli_report_error(&b->run_error, NULL);
    return exit_of(b, &report);
}

static void clear(bounds *b)
{
    fp_results_clear(&b->found);
    if (b->has_stats) fp_chain_stats_clear(&b->stats);
    free(b->tolerance);
    cli_checking_clear(&b->shared);
}

/* Everything that the command line says; the instance with a precision and tolerance that fit one another. */
static fp_status prepare(bounds *b, const cli_arguments *arguments, fp_text *context, fp_error *err)
{
    const char *const *v = arguments->value;
    b->digits = DIGITS;
    if (v[CLI_digits] && cli_long(&b->digits, v[CLI_digits], "digits", 1, DIGITS_MOST, err) != FP_OK) return err->code;
    b->tolerance = fp_asprintf("1e-%ld", b->digits + TUBE_GUARD > FIRST_DIGITS ? b->digits + TUBE_GUARD : FIRST_DIGITS);
    if (cli_instance_make(&b->shared.instance, arguments, err) != FP_OK) return err->code;
    if (b->shared.instance.kind != FP_FLOW_REDUCED && b->shared.instance.kind != FP_FLOW_COMPRESSED)
        return fp_fail(err, FP_USAGE, "bounds need the reduced or compressed flow; flow is '%s' (--flow reduced)", b->shared.instance.setting.flow);
    if (cli_checking_sheets(&b->shared, context, err) != FP_OK) return err->code;
    return cli_checking_prepare_reports(&b->shared, err);
}

static int run_bounds(const cli_arguments *arguments)
{
    static const cli_report_kind kinds[] = {[TO_MD] = {CLI_md, ".md"}, [TO_CSV] = {CLI_csv, ".csv"}};
    bounds b = {.digits = DIGITS};
    fp_error err = {FP_OK, ""};
    fp_text context = {0};
    int status;
    cli_checking_begin(&b.shared, arguments);
    b.shared.suffix = "-bounds";
    b.shared.main_text = true;
    b.shared.kinds = kinds;
    b.shared.kinds_count = sizeof kinds / sizeof *kinds;
    if (cli_checking_open(&b.shared, NULL, &err) != FP_OK || prepare(&b, arguments, &context, &err) != FP_OK || measure(&b, &err) != FP_OK)
        status = cli_report_error(&err, &context);
    else
        status = finish(&b, &err);
    fp_text_clear(&context);
    clear(&b);
    return status;
}

static const cli_option options[] = {CLI_setting, CLI_dataset, CLI_weights, CLI_flow, CLI_horizon, CLI_digits, CLI_max_steps, CLI_threads, CLI_only, CLI_reports, CLI_csv, CLI_md,
                                     CLI_quiet, CLI_help};
const cli_command cli_bounds = {
    .name = "bounds",
    .summary = "the paper's constants, ratios and times as enclosures with many digits",
    .usage = "bounds [PATH...] --setting NAME [OPTION...]",
    .description = "For every declared constant of the claims (PATH; default: the main text): the stated form and value, and the extreme value that would do over the\n"
                   "whole window for the true solution, with the digits asked for (default 30) or as many as are certain, and when it is attained; likewise the\n"
                   "ratios of order lines and the named times. Two passes of proved tubes: one that finds the places, one with tubes as thin as the digits want.\n"
                   "Claims whose sides hold derivatives are enclosed to few digits unless their extreme is at an end of the window.\n"
                   "Writes NAME-bounds.md and NAME-bounds.csv into the folder of reports. Exit status 0; 3 if the tube does not reach the end; 5 if nothing is selected.",
    .examples = "  flowproof bounds --setting tiny\n"
                "  flowproof bounds --setting tiny --digits 50 --only '4.4/*' --csv - --reports ''\n",
    .options = options,
    .options_count = sizeof options / sizeof *options,
    .run = run_bounds,
};
