/* SPDX-License-Identifier: MIT */
/* flowproof verify: a certificate's tube is proved again from its knots, and the claims are decided on it. */
#include "certifying.h"
#include "named.h"

#include <stdlib.h>
#include <string.h>

/* Options of the run that made the certificate, where the command line does not say otherwise. */
static void take_options(cli_arguments *out, char numbers[32], const fp_certificate_head *head, const cli_named *named)
{
    const struct {
        cli_option option;
        const char *value;
    } list[] = {{CLI_setting, named->setting}, {CLI_dataset, named->dataset}, {CLI_weights, named->weights}};
    for (size_t k = 0; k < sizeof list / sizeof *list; k++)
        if (list[k].value) out->value[list[k].option] = list[k].value;
    if (out->paths_count == 0) {
        out->paths = named->sheet;
        out->paths_count = named->sheet_count;
    }
    snprintf(numbers, 32, "%ld", head->precision);
    out->value[CLI_flow] = head->flow;
    out->value[CLI_horizon] = head->horizon;
    out->value[CLI_precision] = numbers;
    out->value[CLI_method] = "taylor";
}

/* was: what the certificate says of its own, as a hint */
static fp_status differs(const char *what, const char *was, const char *path, fp_error *err)
{
    return fp_fail(err, FP_REJECTED, "%s: certificate rejected: it is about another %s than the one given here (SHA-256); its own: %s", path, what, was[0] ? was : "drawn from the setting");
}

static fp_status other_sheets(const fp_certificate_head *head, const char *path, fp_error *err)
{
    char *names = fp_strdup(head->sheets[0] ? head->sheets : "proofs (the default)");
    for (char *tab = names; (tab = strchr(tab, '\t'));) *tab = ' ';
    fp_fail(err, FP_REJECTED, "%s: certificate rejected: it is about another set of sheets than the one given here (SHA-256); its own: %s. They have changed since, or others are named here", path, names);
    free(names);
    return err->code;
}

static fp_status compare_digests(const cli_certifying *c, const fp_certificate_head *head, const char *path, fp_error *err)
{
    const fp_problem *p = &c->shared.instance.problem;
    if (strcmp(head->data_sha256, p->data_sha256) != 0) return differs("dataset", head->dataset[0] ? head->dataset : head->setting, path, err);
    if (strcmp(head->weights_sha256, p->weights_sha256) != 0) return differs("set of initial weights", head->weights[0] ? head->weights : head->setting, path, err);
    if (head->setting[0] && strcmp(head->setting_sha256, c->shared.instance.setting.sha256) != 0) return differs("setting", head->setting, path, err);
    if (strcmp(head->sheets_sha256, c->shared.sheets.sha256) != 0) return other_sheets(head, path, err);
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
        cli_line(stderr, "flowproof: the certificate is about the horizon %s, the setting about %s: what is said holds for the certificate's", here, there);
        free(here);
        free(there);
    }
    fp_setting_clear(&own);
}

/* A certificate may end before its horizon: every step of it is proved then, and the rest was the prover's to say. */
static void take_end(cli_certifying *c, fp_chain_outcome ended)
{
    static const char *const why[] = {
        [FP_CHAIN_END] = NULL, [FP_CHAIN_STOPPED] = "the claims of the run that made it were decided", [FP_CHAIN_OPEN] = "the prover's tube did not close",
        [FP_CHAIN_FAILED] = "the prover failed", [FP_CHAIN_BUDGET] = "the prover's steps were used up", [FP_CHAIN_RUN] = "the run of its knots ended", [FP_CHAIN_INTERRUPTED] = "the prover was interrupted",
    };
    if (c->outcome == FP_CHAIN_OPEN) c->complete = true;
    if (c->outcome != FP_CHAIN_END || !why[ended] || fp_tube_checker_is_done(c->checker)) return;
    c->complete = true;
    c->outcome = ended;
    c->outcome_text = "reached the certificate's end";
    fp_fail(&c->run_error, FP_BUDGET, "every step is proved; the certificate ends at t = %.10g, where %s", arf_get_d(c->stats.t, ARF_RND_NEAR), why[ended]);
}

static void run(cli_certifying *c, fp_certificate *certificate)
{
    cli_instance *in = &c->shared.instance;
    cli_progress_start(&c->progress, cli_checking_name(&c->shared), mpq_get_d(in->setting.horizon), c->shared.arguments->value[CLI_quiet] != NULL);
    fp_verify_options options = {.problem = &in->problem, .pool = in->pool, .observer = observe, .ctx = c};
    c->outcome = fp_certificate_verify(certificate, &options, &c->stats, &c->run_error);
    c->has_stats = true;
    cli_progress_end(&c->progress);
    take_end(c, fp_certificate_ended(certificate));
}

/* Of the run that made the certificate: what the verifier has no say in. */
static fp_status refuse_options(const cli_arguments *arguments, fp_error *err)
{
    static const cli_option list[] = {CLI_tolerance, CLI_horizon};
    static const char *const name[] = {"tolerance", "horizon"};
    for (size_t k = 0; k < sizeof list / sizeof *list; k++)
        if (arguments->value[list[k]]) return fp_fail(err, FP_USAGE, "option --%s needs --knots: a certificate has its own", name[k]);
    return FP_OK;
}

static fp_status prepare(cli_certifying *c, cli_named *named, char precision[32], cli_arguments *arguments, const fp_certificate_head *head, const char *path, fp_text *context,
                         fp_error *err)
{
    if (!c->shared.only && head->only[0]) c->shared.only = head->only;
    if (refuse_options(arguments, err) != FP_OK || cli_named_find(named, head, path, arguments, err) != FP_OK) return err->code;
    take_options(arguments, precision, head, named);
    if (cli_instance_make(&c->shared.instance, arguments, err) != FP_OK || cli_checking_read(&c->shared, context, err) != FP_OK || compare_digests(c, head, path, err) != FP_OK) return err->code;
    return cli_certifying_prepare(c, (int)head->limbs, false, "a certificate made with a smaller tolerance", err);
}

static int verify(cli_certifying *c, cli_arguments *arguments, fp_certificate *certificate, const char *path)
{
    const fp_certificate_head *head = fp_certificate_get_head(certificate);
    cli_named named = {0};
    fp_error err = {FP_OK, ""};
    fp_text context = {0};
    char precision[32];
    int status;
    c->shared.twins = head->twins != 0;
    if (cli_checking_open(&c->shared, cli_named_title(head), &err) != FP_OK || prepare(c, &named, precision, arguments, head, path, &context, &err) != FP_OK)
        status = cli_checking_fail(&c->shared, &err, &context);
    else {
        tell_horizon(c);
        if (!fp_interrupted()) run(c, certificate);
        status = c->run_error.code == FP_REJECTED ? cli_checking_fail(&c->shared, &c->run_error, NULL) : cli_certifying_finish(c, &err);
    }
    fp_text_clear(&context);
    cli_certifying_clear(c);
    cli_named_clear(&named);
    return status;
}

static int run_verify(const cli_arguments *given)
{
    fp_error err = {FP_OK, ""};
    fp_certificate *certificate;
    if (given->value[CLI_knots]) return cli_run_check(given);
    if (given->paths_count == 0) {
        fp_fail(&err, FP_USAGE, "verify needs a certificate: flowproof verify FILE [PATH...]");
        return cli_report_error(&err, NULL);
    }
    cli_arguments arguments = *given;
    cli_certifying c;
    const char *path = given->paths[0];
    arguments.paths++;
    arguments.paths_count--;
    cli_certifying_begin(&c, &arguments, "-verified", "certificate, verified");
    c.shared.certificate = path;
    if (fp_certificate_open(&certificate, path, &err) != FP_OK) {
        fp_error clash;
        bool clear = cli_checking_open(&c.shared, fp_strdup(strrchr(path, '/') ? strrchr(path, '/') + 1 : path), &clash) == FP_OK;
        int status = cli_checking_fail(&c.shared, clear ? &err : &clash, NULL);
        cli_certifying_clear(&c);
        return status;
    }
    int status = verify(&c, &arguments, certificate, path);
    fp_certificate_free(certificate);
    return status;
}

static const cli_option options[] = {CLI_setting, CLI_dataset, CLI_weights, CLI_knots, CLI_tolerance, CLI_horizon, CLI_only, CLI_threads, CLI_expect, CLI_allow_undecided, CLI_reports, CLI_json,
                                     CLI_junit, CLI_md, CLI_quiet, CLI_no_color, CLI_help};
const cli_command cli_verify = {
    .name = "verify",
    .summary = "prove a certificate again from its knots, by a second implementation",
    .usage = "verify FILE [PATH...] [OPTION...] | verify --knots DIR --setting S [PATH...]",
    .description = "Proves every step of the certificate again from its knot, several at a time, recomputes the digests of setting, data, initial\n"
                   "weights and sheets (PATH, default those of the run that made it), decides the claims on the tube, and exits as check does.\n"
                   "Where a step does not close, what is proved ends: claims about later times are undecided (tube). 4: the certificate is\n"
                   "rejected, since it is damaged, about something else, or its knots lie apart. Setting and data are looked for where the run\n"
                   "had them and beside the certificate.\n"
                   "With --knots: a tube is put around states that came from elsewhere, for example a training loop. Times are flow time: steps\n"
                   "times the learning rate. The report counts the knots that were used; fewer than two, or one beyond the horizon, is an error.\n"
                   "Where no tube closes, it claims nothing beyond and tells how far the states are from the flow (estimates, no proof).\n"
                   "Their distance from the flow between two knots counts as part of the radius.",
    .examples = "  flowproof check --setting tiny --certificate tiny.cert\n"
                "  flowproof verify tiny.cert\n"
                "  flowproof verify --knots training --setting tiny\n",
    .options = options,
    .options_count = sizeof options / sizeof *options,
    .run = run_verify,
};
