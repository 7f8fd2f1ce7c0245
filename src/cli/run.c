/* SPDX-License-Identifier: MIT */
/* flowproof run: the trajectory only; any expression of the claim language at given times. */
#include "cli.h"

#include "flowproof/eval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char *text; /* as given */
    mpq_t q;
} moment;

typedef struct {
    const cli_arguments *arguments;
    cli_instance instance;
    fp_expressions expressions;
    moment *moments; /* increasing */
    size_t moments_count, next;
    fp_flow *flow;
    fp_source *source, *initial;
    fp_eval *eval;
    fp_text out;
    bool json;
    cli_progress progress;
    fp_run *run;
    fp_vec *y0;
    fp_status status; /* of evaluating */
    fp_error err;
} running;

/* ---- times */

static int compare_moments(const void *a, const void *b)
{
    return mpq_cmp(((const moment *)a)->q, ((const moment *)b)->q);
}

static fp_status add_moment(running *r, const char *text, size_t len, fp_error *err)
{
    moment *m = &r->moments[r->moments_count++];
    m->text = fp_strndup(text, len);
    mpq_init(m->q);
    if (!fp_rational_parse(m->q, m->text) || mpq_sgn(m->q) < 0)
        return fp_fail(err, FP_USAGE, "option --at: found '%s', allowed are times >= 0 separated by commas", m->text);
    return FP_OK;
}

static fp_status read_moments(running *r, fp_error *err)
{
    const char *given = r->arguments->value[CLI_at];
    char *horizon = NULL;
    if (given == NULL) given = horizon = fp_rational_text(r->instance.setting.horizon);
    r->moments = fp_alloc(strlen(given) + 2, sizeof *r->moments);
    fp_status status = FP_OK;
    for (const char *s = given; status == FP_OK; s += strcspn(s, ",") + 1) {
        size_t blank = strspn(s, " "), len = strcspn(s + blank, ", ");
        status = add_moment(r, s + blank, len, err);
        if (s[strcspn(s, ",")] == 0) break;
    }
    free(horizon);
    if (status != FP_OK) return status;
    qsort(r->moments, r->moments_count, sizeof *r->moments, compare_moments);
    return FP_OK;
}

/* ---- output */

static void add_csv_field(fp_text *out, const char *s)
{
    bool quote = strpbrk(s, ",\"\n") != NULL;
    if (quote) fp_text_add(out, "\"");
    for (; *s; s++) fp_text_addn(out, *s == '"' ? "\"\"" : s, *s == '"' ? 2 : 1);
    if (quote) fp_text_add(out, "\"");
}

static void add_value(running *r, const char *t, const char *name, const char *value)
{
    if (r->json) {
        fp_text_addf(&r->out, "%s\n  {\"t\": \"%s\", \"quantity\": \"", r->out.len > 1 ? "," : "", t);
        for (const char *s = name; *s; s++) fp_text_addf(&r->out, *s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
        fp_text_addf(&r->out, "\", \"value\": \"%s\"}", value);
        return;
    }
    fp_text_addf(&r->out, "%s,", t);
    add_csv_field(&r->out, name);
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

static fp_status evaluate(running *r, const char *t)
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
        free(text);
    }
    arb_clear(value);
    return r->status;
}

/* ---- the run */

/* Times that are hit exactly: all moments inside (0, end). */
static void fill_stops(fp_reals *stops, const running *r)
{
    size_t count = 0;
    fp_reals_init(stops, r->moments_count, (mpfr_prec_t)r->instance.setting.precision);
    mpq_srcptr end = r->moments[r->moments_count - 1].q;
    for (size_t k = 0; k < r->moments_count; k++) {
        if (mpq_sgn(r->moments[k].q) <= 0 || mpq_cmp(r->moments[k].q, end) >= 0) continue;
        if (k > 0 && mpq_equal(r->moments[k].q, r->moments[k - 1].q)) continue;
        fp_mpfr_set_rational(&stops->x[count++], r->moments[k].q);
    }
    stops->n = count;
}

static bool is_now(const running *r, mpfr_srcptr t)
{
    if (r->next >= r->moments_count) return false;
    mpfr_t due;
    mpfr_init2(due, mpfr_get_prec(t));
    fp_mpfr_set_rational(due, r->moments[r->next].q);
    bool same = mpfr_number_p(t) && mpfr_equal_p(due, t);
    mpfr_clear(due);
    return same;
}

static bool print_due(running *r, mpfr_srcptr t, const fp_vec *y)
{
    if (!is_now(r, t)) return true;
    fp_source_set(r->source, t, y);
    while (is_now(r, t) && evaluate(r, r->moments[r->next].text) == FP_OK) r->next++;
    return r->status == FP_OK;
}

static bool observe(fp_run *run, void *ctx)
{
    running *r = ctx;
    fp_run_stats stats;
    fp_run_get_stats(&stats, run);
    cli_progress_show(&r->progress, mpfr_get_d(fp_run_right(run), MPFR_RNDN), stats.accepted, stats.last_h);
    return print_due(r, fp_run_right(run), fp_run_state(run, false));
}

static fp_status integrate(running *r, fp_error *err)
{
    const fp_setting *s = &r->instance.setting;
    mpq_srcptr end = r->moments[r->moments_count - 1].q;
    mpq_t zero;
    fp_reals stops;
    mpq_init(zero);
    fill_stops(&stops, r);
    fp_run_options options = {
        .method = r->instance.method, .t0 = zero, .t_end = end, .tolerance = s->tolerance, .prec = (mpfr_prec_t)s->precision, .stops = &stops,
        .max_steps = (unsigned long)s->max_steps, .pool = r->instance.pool,
    };
    r->run = fp_run_new(fp_flow_field(r->flow), NULL, &options);
    cli_progress_start(&r->progress, "run", mpq_get_d(end), r->arguments->value[CLI_quiet] != NULL);
    fp_outcome outcome = fp_run_go(r->run, r->y0, observe, r, err);
    cli_progress_end(&r->progress);
    fp_reals_clear(&stops);
    mpq_clear(zero);
    if (r->status != FP_OK && outcome != FP_RUN_INTERRUPTED) *err = r->err;
    return outcome == FP_RUN_END ? FP_OK : err->code;
}

static fp_status prepare(running *r, fp_text *context, fp_error *err)
{
    const char *observe_text = r->arguments->value[CLI_observe] ? r->arguments->value[CLI_observe] : "loss, G[1], G[2], G[3], unorm2";
    const char *format = r->arguments->value[CLI_format] ? r->arguments->value[CLI_format] : "csv";
    r->json = strcmp(format, "json") == 0;
    if (!r->json && strcmp(format, "csv") != 0) return fp_fail(err, FP_USAGE, "format is '%s'; allowed: csv, json", format);
    if (r->arguments->paths_count) return fp_fail(err, FP_USAGE, "run takes no operand, found '%s'", r->arguments->paths[0]);
    if (cli_instance_make(&r->instance, r->arguments, err) != FP_OK || read_moments(r, err) != FP_OK) return err->code;
    if (fp_expressions_parse(&r->expressions, observe_text, "--observe", NULL, context, err) != FP_OK) return err->code;
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

static fp_status produce(running *r, fp_error *err)
{
    const char *export_dir = r->arguments->value[CLI_export_dir];
    mpfr_t zero;
    if (export_dir && fp_problem_export(&r->instance.problem, export_dir, err) != FP_OK) return err->code;
    fp_text_add(&r->out, r->json ? "[" : "t,quantity,value\n");
    mpfr_init2(zero, 64);
    mpfr_set_zero(zero, 1);
    bool going = print_due(r, zero, r->y0);
    mpfr_clear(zero);
    if (!going) {
        *err = r->err;
        return err->code;
    }
    if (mpq_sgn(r->moments[r->moments_count - 1].q) > 0 && integrate(r, err) != FP_OK) return err->code;
    return FP_OK;
}

static fp_status write_out(running *r, fp_error *err)
{
    if (fp_interrupted()) return fp_fail(err, FP_INTERRUPTED, "interrupted");
    const char *output = r->arguments->value[CLI_output] ? r->arguments->value[CLI_output] : "-", *final_dir = r->arguments->value[CLI_final_dir];
    if (r->json) fp_text_add(&r->out, "\n]\n");
    if (fp_file_write(output, r->out.data, r->out.len, err) != FP_OK) return err->code;
    return final_dir ? cli_export_state(r->flow, r->run ? fp_run_state(r->run, false) : r->y0, final_dir, err) : FP_OK;
}

static void clear(running *r)
{
    for (size_t k = 0; k < r->moments_count; k++) {
        free(r->moments[k].text);
        mpq_clear(r->moments[k].q);
    }
    free(r->moments);
    fp_eval_free(r->eval);
    fp_source_free(r->source);
    fp_source_free(r->initial);
    fp_run_free(r->run);
    fp_vec_free(r->y0);
    fp_flow_free(r->flow);
    fp_expressions_clear(&r->expressions);
    cli_instance_clear(&r->instance);
    fp_text_clear(&r->out);
}

static int run_run(const cli_arguments *arguments)
{
    running r = {.arguments = arguments};
    fp_error err = {FP_OK, ""};
    fp_text context = {0};
    fp_status status = prepare(&r, &context, &err);
    if (status == FP_OK) status = produce(&r, &err);
    if (status == FP_OK) status = write_out(&r, &err);
    int exit_status = status == FP_OK ? 0 : cli_report_error(&err, &context);
    fp_text_clear(&context);
    clear(&r);
    return exit_status;
}

static const cli_option options[] = {CLI_setting, CLI_dataset, CLI_weights, CLI_flow, CLI_method, CLI_precision, CLI_tolerance, CLI_horizon,
                                     CLI_max_steps, CLI_threads, CLI_at, CLI_observe, CLI_format, CLI_output, CLI_export_dir, CLI_final_dir,
                                     CLI_quiet, CLI_help};
const cli_command cli_run = {
    .name = "run",
    .summary = "trajectory only: expressions of the claim language at given times",
    .usage = "run (--setting FILE | --dataset DIR --weights DIR) [OPTION...]",
    .description = "Integrates the flow and prints lines t,quantity,value: any expression of the claim language, with as many digits as the\n"
                   "precision supports (how many of them are right depends on the tolerance).",
    .examples = "  flowproof run --dataset D --weights W --flow gram --precision 192 --tolerance 1e-16 --at 0.0625,1,16,256 \\\n"
                "      --observe \"loss, G[1], unorm2, score[2,1], VV[1,2], KK[1,2], QQ[1,2], F[1]\" --format csv\n"
                "  flowproof run --setting tiny --at 0,1,10 --observe \"loss, d(loss), S1, S2/S3\"\n"
                "  flowproof run --setting tiny --at 0 --export instance\n",
    .options = options,
    .options_count = sizeof options / sizeof *options,
    .run = run_run,
};
