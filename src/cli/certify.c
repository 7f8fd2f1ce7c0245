/* SPDX-License-Identifier: MIT */
/* flowproof check --certify: a chain of Taylor steps with tubes; the claims are decided on the tubes. */
#include "certifying.h"
#include "distance.h"

#include <stdlib.h>
#include <string.h>

static const char default_tolerance[] = "1e-17", knots_thinner[] = "more knots, or a smaller step of the training,";

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
    if (!v[CLI_certificate]) return FP_OK;
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
                 w ? "no step was proved" : "every claim selected is decided at t = 0, from the initial weights alone");
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
    knots->drift = (cli_drift){0};
    if (used == 0 && (c->run_error.code == FP_OK || c->complete)) refuse_one_knot(c, knots);
}

/* The chain, unless every claim is decided at t = 0 */
static fp_status go(cli_certifying *c, const fp_chain_options *options, fp_error *err)
{
    if (fp_tube_checker_is_done(c->checker)) return close_certificate(c, err);
    if (open_certificate(c, options, err) != FP_OK) return err->code;
    cli_progress_start(&c->progress, cli_checking_name(&c->shared), mpq_get_d(c->shared.instance.setting.horizon), c->shared.arguments->value[CLI_quiet] != NULL);
    c->outcome = fp_chain_run(options, c->flow, cli_certifying_step, c, &c->stats, &c->run_error);
    c->complete = c->outcome == FP_CHAIN_OPEN || c->outcome == FP_CHAIN_BUDGET;
    c->has_stats = true;
    cli_progress_end(&c->progress);
    return close_certificate(c, err);
}

static fp_status run(cli_certifying *c, fp_error *err)
{
    const fp_setting *s = &c->shared.instance.setting;
    cli_knots knots;
    arf_t end;
    if (read_knots(&knots, c, err) != FP_OK) return err->code;
    arf_init(end);
    fp_tube_checker_end(end, c->checker);
    fp_chain_options options = {
        .certify = {.tolerance = s->tolerance, .pool = c->shared.instance.pool, .limbs = c->limbs, .parts = 2, .order = fp_certify_order(s->tolerance)},
        .t_end = end, .max_steps = (unsigned long)s->max_steps,
        .stops = knots.time, .stop_count = knots.count, .knots = (const fp_vec *const *)knots.state,
        .thinner = knots.count ? knots_thinner : NULL,
    };
    fp_status status = go(c, &options, err);
    arf_clear(end);
    if (status == FP_OK && knots.count) note_knots(c, &knots);
    cli_knots_clear(&knots);
    return status;
}

/* The instance, with the tolerance that tubes want; with knots, knot 0 is where it starts. */
static fp_status make_instance(cli_certifying *c, fp_error *err)
{
    cli_arguments arguments = *c->shared.arguments;
    const char **v = arguments.value;
    if (v[CLI_knots] && v[CLI_weights]) return fp_fail(err, FP_USAGE, "--weights and --knots: the knots begin with the initial weights, in DIR/0");
    char *start = v[CLI_knots] ? cli_knots_start(v[CLI_knots]) : NULL;
    if (start) v[CLI_weights] = start;
    if (start) v[CLI_flow] = "reduced";
    if (!v[CLI_tolerance]) v[CLI_tolerance] = default_tolerance;
    fp_status status = cli_instance_make(&c->shared.instance, &arguments, err);
    free(start);
    return status;
}

int cli_run_certify(const cli_arguments *arguments)
{
    cli_certifying c;
    fp_error err = {FP_OK, ""};
    fp_text context = {0};
    int status;
    bool given = arguments->value[CLI_knots] != NULL;
    cli_certifying_begin(&c, arguments, given ? "-knots" : "-certified", given ? "given knots, taylor with tubes between" : "taylor with tubes");
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
