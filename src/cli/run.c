/* SPDX-License-Identifier: MIT */
/* flowproof run: the trajectory only; any expression of the claim language at given times. */
#include "outputs.h"
#include "trajectory.h"

#include "flowproof/eval.h"
#include "flowproof/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const cli_arguments *arguments;
    cli_instance instance;
    fp_sheets prelude; /* its lets, times and defines may be used; none if there is no proofs/prelude.claim */
    fp_expressions expressions;
    cli_moments moments;
    size_t next;
    fp_flow *flow;
    fp_source *source, *initial;
    fp_eval *eval;
    fp_text out;
    bool json;
    cli_outputs outputs;       /* one: the table */
    cli_trajectory trajectory; /* dir NULL: none is wanted */
    cli_progress progress;
    fp_run *run;
    fp_vec *y0;
    fp_status status; /* of evaluating */
    fp_error err;
} running;

/* ---- output */

/* t NULL: there is no such time. */
static void add_value(running *r, const char *t, const char *name, const char *value)
{
    if (r->json) {
        fp_text_add(&r->out, r->out.len > 1 ? ",\n  {\"t\": " : "\n  {\"t\": ");
        fp_text_addf(&r->out, t ? "\"%s\"" : "null", t);
        fp_text_add(&r->out, ", \"quantity\": ");
        fp_json_add_string(&r->out, name);
        fp_text_addf(&r->out, ", \"value\": \"%s\"}", value);
        return;
    }
    fp_text_addf(&r->out, "%s,", t ? t : "");
    fp_csv_add_field(&r->out, name);
    fp_text_addf(&r->out, ",%s\n", value);
}

/* As many digits as both the precision and the ball support. */
static char *decimal(const running *r, const arb_t x)
{
    mpfr_t mid;
    mpfr_prec_t prec = (mpfr_prec_t)r->instance.setting.precision;
    if (!arb_is_finite(x)) return fp_strdup("nan");
    mpfr_init2(mid, prec);
    arf_get_mpfr(mid, arb_midref(x), MPFR_RNDN);
    long digits = fp_digits_of(prec), good = (long)floor((double)arb_rel_accuracy_bits(x) * 0.30103);
    char *text = fp_mpfr_text(mid, good < 1 ? 1 : good < digits ? good : digits);
    mpfr_clear(mid);
    return text;
}

static double nearest(const arb_t x)
{
    return arb_is_finite(x) ? arf_get_d(arb_midref(x), ARF_RND_NEAR) : NAN;
}

/* row: of the trajectory, or NULL. */
static fp_status evaluate(running *r, const char *t, double *row)
{
    arb_t value;
    arb_init(value);
    fp_eval_set_now(r->eval, r->source);
    for (int k = 0; k < r->expressions.count && r->status == FP_OK; k++) {
        fp_eval_failure failure = {0};
        if (!fp_eval_scalar(value, r->eval, r->expressions.nodes[k], r->expressions.frames[k], &failure)) {
            r->status = fp_interrupted() ? fp_fail(&r->err, FP_INTERRUPTED, "interrupted at t = %s", t) : fp_fail(&r->err, FP_BAD_INPUT, "%s: %s", r->expressions.texts.items[k], failure.detail);
            break;
        }
        char *text = decimal(r, value);
        add_value(r, t, r->expressions.texts.items[k], text);
        if (row) row[k] = nearest(value);
        free(text);
    }
    arb_clear(value);
    return r->status;
}

/* ---- the run */

static const cli_moment *last_moment(const running *r)
{
    size_t k = r->moments.count;
    while (k > 1 && r->moments.items[k - 1].joins) k--;
    return &r->moments.items[k - 1];
}

/* Times that are hit exactly: all moments inside (0, end). */
static void fill_stops(fp_reals *stops, const running *r)
{
    size_t count = 0;
    mpq_srcptr end = last_moment(r)->q;
    fp_reals_init(stops, r->moments.count, (mpfr_prec_t)r->instance.setting.precision);
    for (size_t k = 0; k < r->moments.count; k++) {
        const cli_moment *m = &r->moments.items[k];
        if (!m->joins && mpq_sgn(m->q) > 0 && mpq_cmp(m->q, end) < 0) fp_mpfr_set_rational(&stops->x[count++], m->q);
    }
    stops->n = count;
}

static bool is_now(const running *r, mpfr_srcptr t)
{
    if (r->next >= r->moments.count) return false;
    mpfr_t due;
    mpfr_init2(due, mpfr_get_prec(t));
    fp_mpfr_set_rational(due, r->moments.items[r->next].q);
    bool same = mpfr_number_p(t) && mpfr_equal_p(due, t);
    mpfr_clear(due);
    return same;
}

/* The names that this time has, each in a row of its own, then the quantities. */
static bool print_due(running *r, mpfr_srcptr t, const fp_vec *y)
{
    if (!is_now(r, t)) return true;
    const cli_moment *now = &r->moments.items[r->next];
    do {
        const cli_moment *m = &r->moments.items[r->next++];
        if (m->name) add_value(r, now->text, m->name, now->text);
    } while (r->next < r->moments.count && r->moments.items[r->next].joins);
    fp_source_set(r->source, t, y);
    return evaluate(r, now->text, r->trajectory.dir ? cli_trajectory_add(&r->trajectory, now->q) : NULL) == FP_OK;
}

static bool observe(fp_run *run, void *ctx)
{
    running *r = ctx;
    fp_run_stats stats;
    fp_run_get_stats(&stats, run);
    cli_progress_show(&r->progress, mpfr_get_d(fp_run_right(run), MPFR_RNDN), stats.accepted, stats.last_h);
    return print_due(r, fp_run_right(run), fp_run_state(run));
}

static fp_status integrate(running *r, fp_error *err)
{
    const fp_setting *s = &r->instance.setting;
    mpq_srcptr end = last_moment(r)->q;
    mpq_t zero;
    fp_reals stops;
    mpq_init(zero);
    fill_stops(&stops, r);
    fp_run_options options = {
        .method = r->instance.method, .t0 = zero, .t_end = end, .tolerance = s->tolerance, .prec = (mpfr_prec_t)s->precision, .stops = &stops,
        .max_steps = (unsigned long)s->max_steps, .pool = r->instance.pool,
    };
    r->run = fp_run_new(fp_flow_field(r->flow), &options);
    cli_progress_start(&r->progress, "run", mpq_get_d(end), r->arguments->value[CLI_quiet] != NULL);
    fp_outcome outcome = fp_run_go(r->run, r->y0, observe, r, err);
    cli_progress_end(&r->progress);
    fp_reals_clear(&stops);
    mpq_clear(zero);
    if (r->status != FP_OK && outcome != FP_RUN_INTERRUPTED) *err = r->err;
    return outcome == FP_RUN_END ? FP_OK : err->code;
}

static fp_status read_prelude(running *r, fp_text *context, fp_error *err)
{
    char *path = cli_proofs_find("prelude.claim");
    const char *const paths[] = {path};
    fp_status status = path ? fp_sheets_read(&r->prelude, paths, 1, false, NULL, context, err) : FP_OK;
    free(path);
    return status;
}

/* Whatever the user may have mistyped is refused before anything is written or searched for. */
static fp_status read_times(running *r, fp_text *context, fp_error *err)
{
    const char *const *v = r->arguments->value;
    const fp_sheets *prelude = r->prelude.count ? &r->prelude : NULL;
    bool open = !v[CLI_setting] && !v[CLI_horizon];
    if (cli_moments_read(&r->moments, v[CLI_at], &r->instance, open, prelude, context, err) != FP_OK) return err->code;
    if (v[CLI_trajectory] && cli_trajectory_begin(&r->trajectory, v[CLI_trajectory], &r->expressions.texts, &r->moments, err) != FP_OK) return err->code;
    return cli_moments_locate(&r->moments, &r->instance, &r->prelude, r->arguments, err);
}

static fp_status make_evaluator(running *r, fp_error *err)
{
    slong prec = r->instance.setting.precision + 64;
    if (fp_flow_new(&r->flow, r->instance.kind, &r->instance.problem, (mpfr_prec_t)r->instance.setting.precision, r->instance.pool, err) != FP_OK)
        return err->code;
    r->y0 = fp_flow_initial(r->flow);
    r->source = fp_source_new(r->flow, prec);
    r->initial = fp_source_new_initial(&r->instance.problem, prec);
    r->eval = fp_eval_new_for(&r->expressions, &r->instance.problem, prec);
    fp_eval_set_initial(r->eval, r->initial);
    return FP_OK;
}

/* What costs time comes last. */
static fp_status prepare(running *r, fp_text *context, fp_error *err)
{
    const char *const *v = r->arguments->value;
    const char *observe_text = v[CLI_observe] ? v[CLI_observe] : "loss, G[1], G[2], G[3], unorm2", *format = v[CLI_format] ? v[CLI_format] : "csv";
    r->json = strcmp(format, "json") == 0;
    if (!r->json && strcmp(format, "csv") != 0) return fp_fail(err, FP_USAGE, "format is '%s'; allowed: csv, json", format);
    if (r->arguments->paths_count) return fp_fail(err, FP_USAGE, "run takes no operand, found '%s'", r->arguments->paths[0]);
    if (cli_instance_make(&r->instance, r->arguments, err) != FP_OK || read_prelude(r, context, err) != FP_OK) return err->code;
    if (fp_expressions_parse(&r->expressions, observe_text, "--observe", r->prelude.count ? &r->prelude : NULL, context, err) != FP_OK) return err->code;
    return read_times(r, context, err) == FP_OK ? make_evaluator(r, err) : err->code;
}

static fp_status produce(running *r, fp_error *err)
{
    const char *export_dir = r->arguments->value[CLI_export_dir];
    mpfr_t zero;
    if (export_dir && fp_problem_export(&r->instance.problem, export_dir, err) != FP_OK) return err->code;
    fp_text_add(&r->out, r->json ? "[" : "t,quantity,value\n");
    if (r->moments.count == 0) return FP_OK; /* named times, none of which is reached */
    mpfr_init2(zero, 64);
    mpfr_set_zero(zero, 1);
    bool going = print_due(r, zero, r->y0);
    mpfr_clear(zero);
    if (!going) {
        *err = r->err;
        return err->code;
    }
    if (mpq_sgn(last_moment(r)->q) > 0 && integrate(r, err) != FP_OK) return err->code;
    return FP_OK;
}

/* Named times that the flow does not reach, or may not: a row without a time, and a word on stderr. How many. */
static size_t tell_missing(running *r)
{
    size_t missing = 0;
    for (size_t k = 0; k < r->moments.wanted_count; k++) {
        const cli_wanted *w = &r->moments.wanted[k];
        if (w->found) continue;
        add_value(r, NULL, w->name, w->unknown ? "unknown" : "not reached");
        cli_line(stderr, "flowproof: %s %s", w->name, w->why ? w->why : "is not reached");
        missing++;
    }
    return missing;
}

static fp_status write_out(running *r, fp_error *err)
{
    if (fp_interrupted()) return fp_fail(err, FP_INTERRUPTED, "interrupted");
    const char *final_dir = r->arguments->value[CLI_final_dir];
    if (r->json) fp_text_add(&r->out, "\n]\n");
    if (cli_outputs_write(&r->outputs, 0, &r->out, false, err) != FP_OK) return err->code;
    if (r->trajectory.dir && cli_trajectory_write(&r->trajectory, &r->moments, err) != FP_OK) return err->code;
    return final_dir ? cli_export_state(r->flow, r->run ? fp_run_state(r->run) : r->y0, final_dir, err) : FP_OK;
}

static void clear(running *r)
{
    cli_moments_clear(&r->moments);
    cli_trajectory_clear(&r->trajectory);
    fp_eval_free(r->eval);
    fp_source_free(r->source);
    fp_source_free(r->initial);
    fp_run_free(r->run);
    fp_vec_free(r->y0);
    fp_flow_free(r->flow);
    fp_expressions_clear(&r->expressions);
    fp_sheets_clear(&r->prelude);
    cli_instance_clear(&r->instance);
    fp_text_clear(&r->out);
    cli_outputs_clear(&r->outputs);
}

static int run_run(const cli_arguments *arguments)
{
    running r = {.arguments = arguments};
    fp_error err = {FP_OK, ""};
    fp_text context = {0};
    size_t missing = 0;
    cli_outputs_add(&r.outputs, arguments, CLI_output, fp_strdup("-"));
    fp_status status = cli_outputs_check(&r.outputs, arguments, NULL, &err);
    if (status == FP_OK) status = cli_outputs_mark(&r.outputs, true, &err);
    if (status == FP_OK) status = prepare(&r, &context, &err);
    if (status == FP_OK) status = produce(&r, &err);
    if (status == FP_OK) missing = tell_missing(&r);
    if (status == FP_OK) status = write_out(&r, &err);
    int exit_status = status != FP_OK ? cli_report_error(&err, &context) : missing ? 3 : 0;
    fp_text_clear(&context);
    clear(&r);
    return exit_status;
}

static const cli_option options[] = {CLI_setting, CLI_dataset, CLI_weights, CLI_flow, CLI_method, CLI_precision, CLI_tolerance, CLI_horizon,
                                     CLI_max_steps, CLI_threads, CLI_at, CLI_observe, CLI_format, CLI_output, CLI_trajectory, CLI_export_dir,
                                     CLI_final_dir, CLI_quiet, CLI_help};
const cli_command cli_run = {
    .name = "run",
    .summary = "trajectory only: expressions of the claim language at given times",
    .usage = "run (--setting NAME | --dataset DIR --weights DIR) [OPTION...]",
    .description = "Integrates the flow and prints lines t,quantity,value: any expression of the claim language, with as many digits as the\n"
                   "precision supports (how many of them are right depends on the tolerance). --at takes, separated by commas:\n"
                   "  12, 0.5, 1/3         numbers; none may lie beyond the horizon (of --horizon or the setting)\n"
                   "  0:64:1               FROM:TO:STEP, exactly, TO included if it is hit\n"
                   "  log 1e-3:64:50       50 times of equal ratios, both ends included\n"
                   "  T1, T2, T1m, Tstar   the times of proofs/prelude.claim; those that the flow decides (T1m, Tstar) are searched on enclosures\n"
                   "                       of the solution up to the horizon and shown with 17 digits\n"
                   "  CT1/(sigma1^2*m*m1)  constant expressions in the parameters of the setting\n"
                   "Times are printed in increasing order, each once; what has a name has a row of its own with the name as quantity. Exit status 0;\n"
                   "3 if a named time is not reached or not known (its row then has no t); 2, 4, 130 as for check. --trajectory DIR writes the same values as arrays\n"
                   "when the run is over; files in DIR that are not of an earlier trajectory are never touched.",
    .examples = "  flowproof run --dataset D --weights W --flow gram --precision 192 --tolerance 1e-16 --at 0.0625,1,16,256 \\\n"
                "      --observe \"loss, G[1], unorm2, score[2,1], VV[1,2], KK[1,2], QQ[1,2], F[1]\" --format csv\n"
                "  flowproof run --setting tiny --at 0,1,10 --observe \"loss, d(loss), S1, S2/S3\"\n"
                "  flowproof run --setting tiny --at '0:64:1, T1, Tstar' --observe loss\n"
                "  flowproof run --setting tiny --at 'log 1e-3:64:200' --observe \"loss, S2/S3\" --trajectory run1 --output run1.csv\n"
                "  flowproof run --setting tiny --at 0 --export instance\n",
    .options = options,
    .options_count = sizeof options / sizeof *options,
    .run = run_run,
};
