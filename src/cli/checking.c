/* SPDX-License-Identifier: MIT */
#include "checking.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- reading */

static bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* proofs/settings/tiny.setting -> proofs/settings/tiny.expect, or tiny.twins.expect */
static char *default_expectations(const fp_setting *setting, const char *ending)
{
    if (setting->path == NULL) return NULL;
    size_t len = strlen(setting->path), suffix = strlen(".setting");
    if (len > suffix && strcmp(setting->path + len - suffix, ".setting") == 0) len -= suffix;
    char *path = fp_asprintf("%.*s%s", (int)len, setting->path, ending);
    if (file_exists(path)) return path;
    free(path);
    return NULL;
}

static fp_status read_expectations(cli_checking *c, fp_error *err)
{
    const char *given = c->arguments->value[CLI_expect];
    const char *ending = c->twins ? ".twins.expect" : ".expect";
    char *path = given ? fp_strdup(given) : default_expectations(&c->instance.setting, ending);
    fp_status status = path ? fp_expectations_read(&c->expectations, path, err) : FP_OK;
    free(path);
    return status == FP_OK ? fp_expectations_match(&c->expectations, &c->sheets, err) : status;
}

fp_status cli_checking_sheets(cli_checking *c, fp_text *context, fp_error *err)
{
    cli_reading how = {.appendix = !c->main_text, .twins = c->twins};
    fp_status status = cli_sheets_read(&c->sheets, c->arguments->paths, c->arguments->paths_count, how, context, err);
    if (status == FP_OK) cli_tell_groups(&c->sheets);
    return status;
}

/* ---- reports: where they go, tested before the work begins */

const char *cli_checking_name(const cli_checking *c)
{
    return c->instance.setting.name ? c->instance.setting.name : c->title ? c->title : "imported";
}

static const char *reports_folder(const cli_checking *c)
{
    return c->arguments->value[CLI_reports] ? c->arguments->value[CLI_reports] : "reports";
}

/* NULL: no folder for reports is wanted, or nobody knows yet what they are to be called. */
static char *report_path(const cli_checking *c, const char *ending)
{
    const char *folder = reports_folder(c);
    return folder[0] && c->title ? fp_asprintf("%s/%s%s%s%s", folder, c->title, c->suffix, c->twins ? "-twins" : "", ending) : NULL;
}

/* "x/tiny.setting" -> "tiny", without reading it; NULL: there is no such setting. */
static char *title_of(const cli_arguments *arguments)
{
    const char *given = arguments->value[CLI_setting];
    fp_error ignored;
    char *path = NULL;
    fp_setting s;
    if (given && cli_setting_find(&path, given, &ignored) != FP_OK) return NULL;
    fp_setting_defaults(&s);
    char *title = path ? fp_setting_name_of(path) : fp_strdup(s.name);
    fp_setting_clear(&s);
    free(path);
    return title;
}

fp_status cli_checking_open(cli_checking *c, char *title, fp_error *err)
{
    free(c->title);
    c->title = title ? title : title_of(c->arguments);
    cli_outputs_clear(&c->outputs);
    for (size_t k = 0; k < c->kinds_count; k++) cli_outputs_add(&c->outputs, c->arguments, c->kinds[k].option, report_path(c, c->kinds[k].ending));
    cli_outputs_add(&c->outputs, c->arguments, CLI_certificate, NULL)->kept = true;
    fp_status status = cli_outputs_check(&c->outputs, c->arguments, c->certificate, err);
    return status == FP_OK ? cli_outputs_mark(&c->outputs, false, err) : status;
}

fp_status cli_checking_prepare_reports(cli_checking *c, fp_error *err)
{
    const char *folder = reports_folder(c);
    if (folder[0] && fp_dir_make(folder, err) != FP_OK) return err->code;
    return cli_outputs_mark(&c->outputs, true, err);
}

static fp_status write_documents(const cli_outputs *o, const fp_report *report, bool failed, fp_error *err)
{
    fp_text text = {0};
    fp_report_junit(&text, report);
    if (cli_outputs_write(o, CLI_TO_JUNIT, &text, failed, err) != FP_OK) return err->code;
    fp_report_markdown(&text, report);
    if (cli_outputs_write(o, CLI_TO_MD, &text, failed, err) != FP_OK) return err->code;
    fp_report_json(&text, report);
    return cli_outputs_write(o, CLI_TO_JSON, &text, failed, err);
}

static fp_status write_reports(const cli_checking *c, const fp_report *report, fp_error *err)
{
    fp_text text = {0};
    FILE *stream = cli_outputs_stream(&c->outputs);
    if (write_documents(&c->outputs, report, false, err) != FP_OK) return err->code;
    if (c->arguments->value[CLI_quiet])
        fp_report_brief(&text, report, cli_wants_color(c->arguments, stream));
    else
        fp_report_terminal(&text, report, cli_wants_color(c->arguments, stream));
    cli_print_report(stream, text.data);
    fp_text_clear(&text);
    cli_outputs_print(&c->outputs, c->kinds_count, stream);
    return FP_OK;
}

/* ---- all together */
void cli_checking_begin(cli_checking *c, const cli_arguments *arguments)
{
    static const cli_report_kind kinds[] = {[CLI_TO_JUNIT] = {CLI_junit, ".xml"}, [CLI_TO_MD] = {CLI_md, ".md"}, [CLI_TO_JSON] = {CLI_json, ".json"}};
    time_t now = time(NULL);
    *c = (cli_checking){.arguments = arguments, .only = arguments->value[CLI_only], .twins = arguments->value[CLI_twins] != NULL, .suffix = "", .started = cli_seconds(),
                        .kinds = kinds, .kinds_count = sizeof kinds / sizeof *kinds};
    strftime(c->stamp, sizeof c->stamp, "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
}

void cli_note_interruption(fp_error *run_error)
{
    if (fp_interrupted() && run_error->code != FP_INTERRUPTED) fp_fail(run_error, FP_INTERRUPTED, "interrupted");
}

void cli_checking_clear(cli_checking *c)
{
    cli_outputs_clear(&c->outputs);
    free(c->title);
    fp_sheets_clear(&c->sheets);
    fp_expectations_clear(&c->expectations);
    cli_instance_clear(&c->instance);
}

fp_status cli_checking_read(cli_checking *c, fp_text *context, fp_error *err)
{
    fp_status status = cli_checking_sheets(c, context, err);
    if (status == FP_OK) status = read_expectations(c, err);
    return status == FP_OK ? cli_checking_prepare_reports(c, err) : status;
}

/* What is known of a run from its beginning */
static void fill_run(fp_report *report, const cli_checking *c)
{
    report->version = CLI_VERSION;
    report->commit = cli_commit();
    report->compiler = __VERSION__;
    report->problem = c->instance.problem.setting ? &c->instance.problem : NULL;
    report->title = cli_checking_name(c);
    report->kind = c->suffix;
    report->sheets = c->sheets.arena ? &c->sheets : NULL;
    report->only = c->only;
    report->twins = c->twins;
    report->allow_undecided = c->arguments->value[CLI_allow_undecided] != NULL;
    report->started = c->stamp;
    report->threads = c->instance.threads;
    report->seconds = cli_seconds() - c->started;
}

int cli_checking_fail(cli_checking *c, const fp_error *failure, const fp_text *context)
{
    fp_results none = {0};
    fp_error ignored; /* the failure itself is what the user is to hear of */
    int interrupted = fp_interrupted(); /* then the failure may be of work that was cut short */
    fp_report report = {
        .incomplete_why = interrupted && failure->code != FP_INTERRUPTED ? "interrupted" : failure->message, .outcome = interrupted ? "interrupted" : "failed",
        .is_rejection = !interrupted && failure->code == FP_REJECTED, .exit_status = interrupted ? 128 + interrupted : fp_status_exit(failure->code), .results = &none,
    };
    fill_run(&report, c);
    report.only = NULL; /* nothing came of any claim, selected or not */
    (void)write_documents(&c->outputs, &report, true, &ignored);
    return cli_report_error(failure, context);
}

int cli_checking_report(cli_checking *c, fp_report *report, fp_results *results, const fp_error *failure, fp_error *err)
{
    fp_expectations_apply(results, &c->expectations);
    fill_run(report, c);
    report->flow = fp_flow_kind_name(c->instance.kind);
    report->incomplete_why = report->complete ? NULL : failure->message;
    report->results = results;
    report->expectations_path = c->expectations.path;
    report->exit_status = report->complete ? fp_gate_exit(results, report->allow_undecided) : fp_interrupted() ? 128 + fp_interrupted() : fp_status_exit(failure->code);
    return write_reports(c, report, err) == FP_OK ? report->exit_status : cli_report_error(err, NULL);
}
