/* SPDX-License-Identifier: MIT */
/* flowproof check --certify: a chain of Taylor steps with tubes; the claims are decided on the tubes. */
#include "certifying.h"
#include "knots.h"

#include <stdlib.h>

static const char default_tolerance[] = "1e-17";

fp_status cli_refuse_without_certify(const cli_arguments *arguments, fp_error *err)
{
    static const cli_option list[] = {CLI_certificate, CLI_knots_every, CLI_digits};
    static const char *const name[] = {"certificate", "knots-every", "digits"};
    for (size_t k = 0; k < sizeof list / sizeof *list; k++)
        if (arguments->value[list[k]]) return fp_fail(err, FP_USAGE, "option --%s needs --certify", name[k]);
    return FP_OK;
}

static fp_status open_certificate(cli_certifying *c, const fp_chain_options *o, fp_error *err)
{
    const char *const *v = c->shared.arguments->value;
    const cli_instance *in = &c->shared.instance;
    const fp_layout *layout = fp_flow_layout(c->flow);
    long every = 1;
    if (!v[CLI_certificate]) return FP_OK;
    if (v[CLI_knots_every] && cli_long(&every, v[CLI_knots_every], "knots-every", 1, 1000000, err) != FP_OK) return err->code;
    char *horizon = fp_rational_text(in->setting.horizon);
    fp_certificate_head head = {
        .setting = (char *)(v[CLI_setting] ? v[CLI_setting] : ""), .setting_sha256 = (char *)in->setting.sha256, .dataset = (char *)(v[CLI_dataset] ? v[CLI_dataset] : ""),
        .weights = (char *)(v[CLI_weights] ? v[CLI_weights] : ""), .data_sha256 = (char *)in->problem.data_sha256, .weights_sha256 = (char *)in->problem.weights_sha256,
        .sheets_sha256 = c->shared.sheets.sha256, .flow = (char *)fp_flow_kind_name(in->kind), .horizon = horizon, .only = (char *)(c->shared.only ? c->shared.only : ""),
        .precision = c->flow_bits, .order = o->certify.order, .limbs = o->certify.limbs, .twins = c->shared.twins,
        .d = layout->d, .rows_v = layout->rows_v, .rows_k = layout->rows_k,
    };
    fp_status status = fp_certificate_create(&c->writer, v[CLI_certificate], &head, (unsigned long)every, err);
    free(horizon);
    return status;
}

static fp_status close_certificate(cli_certifying *c, fp_error *err)
{
    fp_certificate_writer *w = c->writer;
    c->writer = NULL;
    if (!w) return FP_OK;
    if (c->has_stats && c->stats.steps > 0) return fp_certificate_close(w, c->stats.t, err);
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
    };
    fp_status status = open_certificate(c, &options, err);
    if (status == FP_OK) {
        cli_progress_start(&c->progress, cli_checking_name(&c->shared), mpq_get_d(s->horizon), c->shared.arguments->value[CLI_quiet] != NULL);
        c->outcome = fp_chain_run(&options, c->flow, cli_certifying_step, c, &c->stats, &c->run_error);
        c->has_stats = true;
        cli_progress_end(&c->progress);
        status = close_certificate(c, err);
    }
    arf_clear(end);
    c->drift = knots.drift;
    knots.drift = (cli_drift){0};
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
    cli_certifying_begin(&c, arguments, "-certified", arguments->value[CLI_knots] ? "given knots, taylor with tubes between" : "taylor with tubes");
    if (make_instance(&c, &err) != FP_OK || cli_checking_read(&c.shared, &context, &err) != FP_OK ||
        cli_certifying_prepare(&c, fp_certify_limbs(c.shared.instance.setting.tolerance), true, &err) != FP_OK ||
        (!fp_interrupted() && !fp_tube_checker_is_done(c.checker) && run(&c, &err) != FP_OK))
        status = cli_checking_fail(&c.shared, &err, &context);
    else
        status = cli_certifying_finish(&c, &err);
    fp_text_clear(&context);
    cli_certifying_clear(&c);
    return status;
}
