/* SPDX-License-Identifier: MIT */
/* flowproof check, and verify --knots: a chain of Taylor steps with a tube around the true solution, from the states of a run (rk45), from where the polynomials end (taylor), or from states that
 * came from elsewhere; the claims are decided on the tube. The exit status starts at 4; only a complete run lowers it. */
#include "certifying.h"
#include "distance.h"
#include "integration.h"

#include <stdlib.h>
#include <string.h>

/* Between states from elsewhere; unless the command line says otherwise. */
static const char knots_tolerance[] = "1e-17", knots_thinner[] = "more knots, or a smaller step of the training,";

/* As the user named them, with tabs between. NULL: a name has a tab in it. */
static char *sheets_named(const cli_arguments *arguments)
{
    fp_text list = {0};
    bool good = true;
    fp_text_add(&list, "");
    for (size_t k = 0; k < arguments->paths_count; k++) {
        good = good && !strchr(arguments->paths[k], '\t');
        fp_text_addf(&list, "%s%s", k ? "\t" : "", arguments->paths[k]);
    }
    if (!good) fp_text_clear(&list);
    return good ? list.data : NULL;
}

static fp_status open_certificate(cli_certifying *c, const fp_chain_options *o, fp_error *err)
{
    const char *const *v = c->shared.arguments->value;
    const cli_instance *in = &c->shared.instance;
    const fp_layout *layout = fp_flow_layout(c->flow);
    long every = 1;
    if (v[CLI_knots_every] && !v[CLI_certificate]) return fp_fail(err, FP_USAGE, "option --knots-every needs --certificate");
    if (!v[CLI_certificate]) return FP_OK;
    if (v[CLI_knots_every] && in->method == FP_METHOD_RK45)
        return fp_fail(err, FP_USAGE, "option --knots-every needs --method taylor: with rk45 every step of a certificate carries its knot, since a verifier cannot find it");
    if (v[CLI_knots_every] && cli_long(&every, v[CLI_knots_every], "knots-every", 1, 1000000, err) != FP_OK) return err->code;
    char *sheets = sheets_named(c->shared.arguments);
    if (!sheets) return fp_fail(err, FP_USAGE, "%s: the name of a sheet with a tab in it cannot be written into a certificate; rename it", v[CLI_certificate]);
    char *horizon = fp_rational_text(in->setting.horizon);
    fp_certificate_head head = {
        .setting = in->setting.path ? in->setting.path : (char *)"", .setting_sha256 = (char *)in->setting.sha256, .dataset = (char *)(v[CLI_dataset] ? v[CLI_dataset] : ""),
        .weights = (char *)(v[CLI_weights] ? v[CLI_weights] : ""), .data_sha256 = (char *)in->problem.data_sha256, .weights_sha256 = (char *)in->problem.weights_sha256,
        .sheets = sheets, .sheets_sha256 = c->shared.sheets.sha256, .flow = (char *)fp_flow_kind_name(in->kind), .horizon = horizon, .only = (char *)(c->shared.only ? c->shared.only : ""),
        .precision = c->flow_bits, .order = o->certify.order, .limbs = o->certify.limbs, .twins = c->shared.twins,
        .d = layout->d, .rows_v = layout->rows_v, .rows_k = layout->rows_k,
    };
    fp_status status = fp_certificate_create(&c->writer, v[CLI_certificate], &head, (unsigned long)every, err);
    free(horizon);
    free(sheets);
    return status;
}

static fp_status close_certificate(cli_certifying *c, fp_error *err)
{
    fp_certificate_writer *w = c->writer;
    const char *path = c->shared.arguments->value[CLI_certificate];
    c->writer = NULL;
    if (w && c->stats.steps > 0) return fp_certificate_close(w, c->stats.t, c->outcome, err);
    if (path)
        cli_line(stderr, "flowproof: no certificate is written to %s: %s", path,
                 c->has_stats ? "no step was proved" : "every claim selected is decided at t = 0, from the initial weights alone");
    fp_certificate_abandon(w);
    return FP_OK;
}

static fp_status read_knots(cli_knots *knots, const cli_certifying *c, fp_error *err)
{
    const char *const *v = c->shared.arguments->value;
    *knots = (cli_knots){0};
    if (!v[CLI_knots]) return FP_OK;
    if (v[CLI_certificate]) return fp_fail(err, FP_USAGE, "a certificate of a chain through given knots cannot be written: leave out --certificate or --knots");
    return cli_knots_read(knots, v[CLI_knots], &c->shared.instance, v[CLI_dataset], (mpfr_prec_t)c->flow_bits, err);
}

/* A tube that came to no knot but the initial weights says nothing of the training. */
static void refuse_one_knot(cli_certifying *c, const cli_knots *knots)
{
    const fp_error early = c->run_error;
    const char *why = early.code == FP_OK ? "every claim selected is decided before it; select claims about later times, or give knots at earlier ones" : early.message;
    c->complete = false;
    fp_fail(&c->run_error, FP_BAD_INPUT, "%s: of %zu knots only knot 0, the initial weights, was used, so that nothing here speaks of the training; the next is at t = %.10g: %s",
            c->shared.arguments->value[CLI_knots], c->knots.given, arf_get_d(knots->time, ARF_RND_NEAR), why);
}

/* A proved step goes on from it, or the tube ends there though it might go on. */
static bool is_used(const cli_certifying *c, arf_srcptr time)
{
    int order = c->has_stats ? arf_cmp(time, c->stats.t) : 1;
    return order < 0 || (order == 0 && c->outcome != FP_CHAIN_OPEN);
}

/* What became of the knots given; where no tube closes, how far they are from the flow. */
static void note_knots(cli_certifying *c, cli_knots *knots)
{
    fp_report_knots *k = &c->knots;
    size_t used = 0; /* besides knot 0 */
    while (used < knots->count && is_used(c, knots->time + used)) used++;
    k->given = knots->count + 1;
    k->used = used + 1;
    snprintf(k->last, sizeof k->last, "%.10g", used ? arf_get_d(knots->time + used - 1, ARF_RND_NEAR) : 0.0);
    if (c->has_stats && c->outcome == FP_CHAIN_OPEN) k->distances = cli_distances(&k->distances_count, knots, c->flow, &c->shared.instance);
    c->drift = knots->drift;
    knots->drift = (fp_drift){0};
    if (used == 0 && (c->run_error.code == FP_OK || c->complete)) refuse_one_knot(c, knots);
}

/* The run that gives the knots is no part of a proof: how it ended is a reason. */
static const char *run_reason(fp_outcome outcome)
{
    switch (outcome) {
    case FP_RUN_UNDERFLOW: return "step-underflow";
    case FP_RUN_NON_FINITE: return "blow-up";
    case FP_RUN_BUDGET: return "step-cap";
    default: return "incomplete";
    }
}

/* The chain, unless every claim is decided at t = 0 */
static fp_status go(cli_certifying *c, const fp_chain_options *options, fp_error *err)
{
    if (!options->estimate && open_certificate(c, options, err) != FP_OK) return err->code;
    if (fp_tube_checker_is_done(c->checker)) return options->estimate ? FP_OK : close_certificate(c, err);
    cli_progress_start(&c->progress, cli_checking_name(&c->shared), mpq_get_d(c->shared.instance.setting.horizon), c->shared.arguments->value[CLI_quiet] != NULL);
    c->outcome = fp_chain_run(options, c->flow, cli_certifying_step, c, options->estimate ? &c->estimate : &c->stats, &c->run_error);
    c->complete = c->outcome == FP_CHAIN_OPEN || c->outcome == FP_CHAIN_BUDGET || c->outcome == FP_CHAIN_RUN;
    *(options->estimate ? &c->has_estimate : &c->has_stats) = true;
    cli_progress_end(&c->progress);
    return options->estimate ? FP_OK : close_certificate(c, err);
}

static const fp_vec *given_knot(void *ctx, arf_srcptr t, fp_error *err)
{
    const cli_knots *knots = ctx;
    (void)err;
    for (size_t k = 0; k < knots->count; k++)
        if (arf_equal(knots->time + k, t)) return knots->state[k];
    return NULL;
}

/* With the knots of `integration` if it is open, with given ones if there are any, else with taylor. */
static fp_status chain(cli_certifying *c, cli_integration *integration, cli_knots *knots, bool estimate, fp_error *err)
{
    const fp_setting *s = &c->shared.instance.setting;
    arf_t end;
    fp_stops stops;
    arf_init(end);
    fp_tube_checker_end(end, c->checker);
    fp_tube_checker_stops(&stops, c->checker, knots->time, knots->count);
    fp_chain_options options = {
        .certify = {.tolerance = s->tolerance, .pool = c->shared.instance.pool, .limbs = c->limbs, .parts = 2, .order = fp_certify_order(s->tolerance)},
        .t_end = end, .max_steps = (unsigned long)s->max_steps, .stops = stops.at, .stop_count = stops.count, .estimate = estimate, .thinner = knots->count ? knots_thinner : NULL,
        .knot = knots->count ? given_knot : integration->run ? cli_integration_knot : NULL, .knot_ctx = knots->count ? (void *)knots : integration,
    };
    fp_status status = go(c, &options, err);
    fp_stops_clear(&stops);
    arf_clear(end);
    return status;
}

/* Once from t = 0 to where it ends. */
static fp_status pass(cli_certifying *c, cli_knots *knots, bool estimate, fp_error *err)
{
    const cli_instance *in = &c->shared.instance;
    cli_integration integration = {0};
    bool rk45 = in->method == FP_METHOD_RK45 && !c->shared.arguments->value[CLI_knots];
    fp_status status = rk45 ? cli_integration_open(&integration, c->flow, in, in->setting.tolerance, err) : FP_OK;
    if (status == FP_OK) status = chain(c, &integration, knots, estimate, err);
    if (integration.run) {
        fp_run_get_stats(&c->run_stats, integration.run);
        c->run_reason = run_reason(integration.outcome);
    }
    cli_integration_clear(&integration);
    return status;
}

/* A proof that ended before its claims were over: what it leaves open is estimated. */
static fp_status go_on(cli_certifying *c, cli_knots *knots, fp_error *err)
{
    bool over = c->outcome != FP_CHAIN_OPEN || !c->has_stats || knots->count || fp_interrupted() || fp_tube_checker_is_done(c->checker);
    if (over) return FP_OK;
    if (cli_certifying_estimate(c, err) != FP_OK || pass(c, knots, true, err) != FP_OK) return err->code;
    if (c->has_estimate && c->estimate.steps == 0 && !fp_interrupted()) cli_certifying_no_estimate(c);
    return FP_OK;
}

static fp_status run(cli_certifying *c, fp_error *err)
{
    cli_knots knots;
    fp_status status = read_knots(&knots, c, err);
    if (status == FP_OK && !knots.count) cli_certifying_watch(c);
    if (status == FP_OK) status = pass(c, &knots, false, err);
    if (status == FP_OK) status = go_on(c, &knots, err);
    if (status == FP_OK && knots.count) note_knots(c, &knots);
    if (status == FP_OK && !knots.count) cli_certifying_watched(c);
    cli_knots_clear(&knots);
    return status;
}

/* With knots, knot 0 is where the instance starts. */
static fp_status make_instance(cli_certifying *c, fp_error *err)
{
    cli_arguments arguments = *c->shared.arguments;
    const char **v = arguments.value;
    if (v[CLI_knots] && v[CLI_weights]) return fp_fail(err, FP_USAGE, "--weights and --knots: the knots begin with the initial weights, in DIR/0");
    char *start = v[CLI_knots] ? cli_knots_start(v[CLI_knots]) : NULL;
    if (start) v[CLI_weights] = start;
    if (start) v[CLI_flow] = "reduced";
    if (start && !v[CLI_tolerance]) v[CLI_tolerance] = knots_tolerance;
    fp_status status = cli_instance_make(&c->shared.instance, &arguments, err);
    free(start);
    return status;
}

int cli_run_check(const cli_arguments *arguments)
{
    cli_certifying c;
    fp_error err = {FP_OK, ""};
    fp_text context = {0};
    int status;
    bool given = arguments->value[CLI_knots] != NULL;
    cli_certifying_begin(&c, arguments, given ? "-knots" : "", given ? "given knots, taylor between" : NULL);
    if (cli_checking_open(&c.shared, NULL, &err) != FP_OK || make_instance(&c, &err) != FP_OK || cli_checking_read(&c.shared, &context, &err) != FP_OK ||
        cli_certifying_prepare(&c, fp_certify_limbs(c.shared.instance.setting.tolerance), true, given ? knots_thinner : NULL, &err) != FP_OK ||
        (!fp_interrupted() && run(&c, &err) != FP_OK))
        status = cli_checking_fail(&c.shared, &err, &context);
    else
        status = cli_certifying_finish(&c, &err);
    fp_text_clear(&context);
    cli_certifying_clear(&c);
    return status;
}

static const cli_option options[] = {CLI_setting, CLI_dataset, CLI_weights, CLI_flow, CLI_method, CLI_precision, CLI_tolerance, CLI_horizon,
                                     CLI_max_steps, CLI_certificate, CLI_knots_every, CLI_digits, CLI_threads, CLI_only, CLI_twins, CLI_expect, CLI_allow_undecided, CLI_reports, CLI_json,
                                     CLI_junit, CLI_md, CLI_quiet, CLI_no_color, CLI_help};
const cli_command cli_check = {
    .name = "check",
    .summary = "run the checklist: integrate, enclose, decide, report, gate",
    .usage = "check [PATH...] --setting NAME [OPTION...]",
    .description = "Integrates the flow of the setting (rk45, or taylor), puts a tube around the true solution through the states of that run, decides the claims of\n"
                   "the sheets (PATH: files or folders; default: the standard ones, proofs and proofs/appendix) on the tube, over continuous time\n"
                   "(proved, refuted; supported, violated where the proof of the tube does not close and it is an estimate from a second run),\n"
                   "prints the checklist, writes the reports and exits 0 only if every claim came out as expected.",
    .examples = "  flowproof check proofs --setting paper-experiment\n"
                "  flowproof check --setting tiny --only '4.4/*' --json -\n"
                "  flowproof check --dataset D --weights W --horizon 10\n"
                "  flowproof check --setting tiny --twins\n"
                "  flowproof check --setting tiny --method taylor --tolerance 1e-17\n"
                "  flowproof check --setting tiny --certificate tiny.cert\n",
    .options = options,
    .options_count = sizeof options / sizeof *options,
    .run = cli_run_check,
};
