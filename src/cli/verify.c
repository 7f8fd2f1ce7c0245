/* SPDX-License-Identifier: MIT */
/* flowproof verify: a certificate's tube is proved again from its knots, and the claims are decided on it. */
#include "certifying.h"

#include <stdlib.h>
#include <string.h>

/* Options of the run that made the certificate, where the command line does not say otherwise. */
static void take_options(cli_arguments *out, char numbers[32], const fp_certificate_head *head)
{
    const struct {
        cli_option option;
        const char *value;
    } list[] = {{CLI_setting, head->setting}, {CLI_dataset, head->dataset}, {CLI_weights, head->weights}};
    for (size_t k = 0; k < sizeof list / sizeof *list; k++)
        if (!out->value[list[k].option] && list[k].value[0]) out->value[list[k].option] = list[k].value;
    snprintf(numbers, 32, "%ld", head->precision);
    out->value[CLI_flow] = head->flow;
    out->value[CLI_horizon] = head->horizon;
    out->value[CLI_precision] = numbers;
    out->value[CLI_method] = "taylor";
}

static fp_status differs(const char *what, const char *path, fp_error *err)
{
    return fp_fail(err, FP_REJECTED, "%s: certificate rejected: it is about another %s than the one given here (SHA-256)", path, what);
}

static fp_status compare_digests(const cli_certifying *c, const fp_certificate_head *head, const char *path, fp_error *err)
{
    const fp_problem *p = &c->shared.instance.problem;
    if (strcmp(head->data_sha256, p->data_sha256) != 0) return differs("dataset", path, err);
    if (strcmp(head->weights_sha256, p->weights_sha256) != 0) return differs("set of initial weights", path, err);
    if (head->setting[0] && strcmp(head->setting_sha256, c->shared.instance.setting.sha256) != 0) return differs("setting", path, err);
    if (strcmp(head->sheets_sha256, c->shared.sheets.sha256) != 0) return differs("set of sheets", path, err);
    return FP_OK;
}

static bool observe(const fp_segment *segment, void *ctx)
{
    return cli_certifying_show(ctx, segment);
}

/* The horizon is the certificate's: a shorter one than the setting's makes the claims weaker, and is said. */
static void tell_horizon(const cli_certifying *c)
{
    fp_setting own;
    fp_error err;
    const fp_setting *used = &c->shared.instance.setting;
    if (!used->path || fp_setting_read(&own, used->path, &err) != FP_OK) return;
    if (!mpq_equal(own.horizon, used->horizon)) {
        char *here = fp_rational_text(used->horizon), *there = fp_rational_text(own.horizon);
        fprintf(stderr, "flowproof: the certificate is about the horizon %s, the setting about %s: what is said holds for the certificate's\n", here, there);
        free(here);
        free(there);
    }
    fp_setting_clear(&own);
}

static void run(cli_certifying *c, fp_certificate *certificate)
{
    cli_instance *in = &c->shared.instance;
    cli_progress_start(&c->progress, cli_checking_name(&c->shared), mpq_get_d(in->setting.horizon), c->shared.arguments->value[CLI_quiet] != NULL);
    fp_verify_options options = {.problem = &in->problem, .pool = in->pool, .observer = observe, .ctx = c};
    c->outcome = fp_certificate_verify(certificate, &options, &c->stats, &c->run_error);
    c->has_stats = true;
    cli_progress_end(&c->progress);
}

static int verify(cli_arguments *arguments, fp_certificate *certificate, const char *path)
{
    const fp_certificate_head *head = fp_certificate_get_head(certificate);
    cli_certifying c;
    fp_error err = {FP_OK, ""};
    fp_text context = {0};
    char precision[32];
    int status;
    take_options(arguments, precision, head);
    cli_certifying_begin(&c, arguments, "-verified", "certificate, verified");
    if (!c.shared.only && head->only[0]) c.shared.only = head->only;
    c.shared.twins = head->twins != 0;
    if (cli_instance_make(&c.shared.instance, arguments, &err) != FP_OK || cli_checking_read(&c.shared, &context, &err) != FP_OK ||
        compare_digests(&c, head, path, &err) != FP_OK || cli_certifying_prepare(&c, (int)head->limbs, false, &err) != FP_OK)
        status = cli_checking_fail(&c.shared, &err, &context);
    else {
        tell_horizon(&c);
        if (!fp_interrupted()) run(&c, certificate);
        status = c.run_error.code == FP_REJECTED ? cli_report_error(&c.run_error, NULL) : cli_certifying_finish(&c, &err);
    }
    fp_text_clear(&context);
    cli_certifying_clear(&c);
    return status;
}

static int run_verify(const cli_arguments *given)
{
    fp_error err = {FP_OK, ""};
    fp_certificate *certificate;
    if (given->value[CLI_knots]) return cli_run_certify(given);
    if (given->paths_count == 0) {
        fp_fail(&err, FP_USAGE, "verify needs a certificate: flowproof verify FILE [PATH...]");
        return cli_report_error(&err, NULL);
    }
    cli_arguments arguments = *given;
    const char *path = given->paths[0];
    arguments.paths++;
    arguments.paths_count--;
    if (fp_certificate_open(&certificate, path, &err) != FP_OK) return cli_report_error(&err, NULL);
    int status = verify(&arguments, certificate, path);
    fp_certificate_free(certificate);
    return status;
}

static const cli_option options[] = {CLI_setting, CLI_dataset, CLI_weights, CLI_knots, CLI_tolerance, CLI_horizon, CLI_only, CLI_threads, CLI_expect, CLI_allow_undecided, CLI_reports, CLI_json,
                                     CLI_junit, CLI_md, CLI_quiet, CLI_no_color, CLI_help};
const cli_command cli_verify = {
    .name = "verify",
    .summary = "re-check a certificate from its knots, independently of the integrator",
    .usage = "verify FILE [PATH...] [OPTION...] | verify --knots DIR --setting S [PATH...]",
    .description = "Proves every step of the certificate again from its knot, several at a time, recomputes the digests of setting, data, initial\n"
                   "weights and sheets (PATH, default proofs), decides the claims on the tube, and exits as check does; 4 if it is rejected.\n"
                   "With --knots: a tube is put around states that came from elsewhere, for example a training loop; where it does not close,\n"
                   "it says so and claims nothing beyond. Their distance from the flow between two knots counts as part of the radius.",
    .examples = "  flowproof check --setting tiny --certify --certificate tiny.cert\n"
                "  flowproof verify tiny.cert\n"
                "  flowproof verify --knots training --setting tiny\n",
    .options = options,
    .options_count = sizeof options / sizeof *options,
    .run = run_verify,
};
