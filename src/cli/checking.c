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

/* What enclosures decide otherwise than samples do stands in tiny.certified.expect, whose lines come after those of tiny.expect. */
static fp_status read_certified_expectations(cli_checking *c, fp_error *err)
{
    fp_expectations more;
    bool sampled = c->suffix[0] == 0, given = c->arguments->value[CLI_expect] != NULL;
    char *path = sampled || given || c->twins ? NULL : default_expectations(&c->instance.setting, ".certified.expect");
    if (!path) return FP_OK;
    fp_status status = fp_expectations_read(&more, path, err);
    free(path);
    if (status != FP_OK) return status;
    status = fp_expectations_match(&more, &c->sheets, err);
    fp_expectations_join(&c->expectations, &more);
    return status;
}

fp_status cli_checking_sheets(cli_checking *c, fp_text *context, fp_error *err)
{
    cli_reading how = {.appendix = c->suffix[0] == 0, .twins = c->twins}; /* what only the appendix has is certified when it is named */
    fp_status status = cli_sheets_read(&c->sheets, c->arguments->paths, c->arguments->paths_count, how, context, err);
    if (status == FP_OK) cli_tell_groups(&c->sheets);
    return status;
}

/* ---- reports: where they go, tested before the work begins */

const char *cli_checking_name(const cli_checking *c)
{
    return c->instance.setting.name ? c->instance.setting.name : c->title ? c->title : "imported";
}

static char *report_path(const cli_checking *c, cli_option option, const char *folder, const char *suffix)
{
    const char *given = c->arguments->value[option];
    if (given) return fp_strdup(given);
    return folder[0] ? fp_asprintf("%s/%s%s%s%s", folder, cli_checking_name(c), c->suffix, c->twins ? "-twins" : "", suffix) : NULL;
}

/* Writable before hours of work, and no old report left that could pass for the new one. */
static fp_status prepare_path(const char *path, fp_error *err)
{
    static const char started[] = "started, not finished\n";
    if (path == NULL || strcmp(path, "-") == 0) return FP_OK;
    return fp_file_write(path, started, sizeof started - 1, err);
}

static const char *reports_folder(const cli_checking *c)
{
    return c->arguments->value[CLI_reports] ? c->arguments->value[CLI_reports] : "reports";
}

static void set_paths(cli_checking *c)
{
    const char *folder = reports_folder(c);
    c->prepared = true;
    c->reports.json = report_path(c, CLI_json, folder, ".json");
    c->reports.junit = report_path(c, CLI_junit, folder, ".xml");
    c->reports.md = report_path(c, CLI_md, folder, ".md");
}

static fp_status prepare_reports(cli_checking *c, fp_error *err)
{
    const cli_report_paths *out = &c->reports;
    const char *folder = reports_folder(c);
    if (folder[0] && fp_dir_make(folder, err) != FP_OK) return err->code;
    set_paths(c);
    if (prepare_path(out->json, err) != FP_OK || prepare_path(out->junit, err) != FP_OK) return err->code;
    return prepare_path(out->md, err);
}

static void clear_paths(cli_report_paths *paths)
{
    free(paths->json);
    free(paths->junit);
    free(paths->md);
}

static fp_status write_text(const char *path, fp_text *text, fp_error *err)
{
    fp_status status = path ? fp_file_write(path, text->data, text->len, err) : FP_OK;
    fp_text_clear(text);
    return status;
}

static bool is_stdout(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

static void print_paths(FILE *stream, const cli_report_paths *paths)
{
    const char *const list[] = {paths->json, paths->junit, paths->md};
    const char *before = "reports:";
    for (int k = 0; k < 3; k++) {
        if (list[k] == NULL || is_stdout(list[k])) continue;
        cli_print(stream, "%s %s", before, list[k]);
        before = "";
    }
    if (before[0] == 0) cli_print_text(stream, "\n");
}

static fp_status write_documents(const cli_report_paths *paths, const fp_report *report, fp_error *err)
{
    fp_text text = {0};
    fp_report_json(&text, report);
    if (write_text(paths->json, &text, err) != FP_OK) return err->code;
    fp_report_junit(&text, report);
    if (write_text(paths->junit, &text, err) != FP_OK) return err->code;
    fp_report_markdown(&text, report);
    return write_text(paths->md, &text, err);
}

static fp_status write_reports(const cli_report_paths *paths, const cli_checking *c, const fp_report *report, fp_error *err)
{
    fp_text text = {0};
    if (write_documents(paths, report, err) != FP_OK) return err->code;
    bool taken = is_stdout(paths->json) || is_stdout(paths->junit) || is_stdout(paths->md);
    FILE *stream = taken ? stderr : stdout;
    if (c->arguments->value[CLI_quiet])
        fp_report_brief(&text, report, cli_wants_color(c->arguments, stream));
    else
        fp_report_terminal(&text, report, cli_wants_color(c->arguments, stream));
    cli_print_report(stream, text.data);
    fp_text_clear(&text);
    print_paths(stream, paths);
    return FP_OK;
}

/* ---- all together */
void cli_checking_begin(cli_checking *c, const cli_arguments *arguments)
{
    time_t now = time(NULL);
    *c = (cli_checking){.arguments = arguments, .only = arguments->value[CLI_only], .twins = arguments->value[CLI_twins] != NULL, .suffix = "", .started = cli_seconds()};
    strftime(c->stamp, sizeof c->stamp, "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
}

void cli_note_interruption(fp_error *run_error)
{
    if (fp_interrupted() && run_error->code != FP_INTERRUPTED) fp_fail(run_error, FP_INTERRUPTED, "interrupted");
}

void cli_checking_clear(cli_checking *c)
{
    clear_paths(&c->reports);
    fp_sheets_clear(&c->sheets);
    fp_expectations_clear(&c->expectations);
    cli_instance_clear(&c->instance);
}

fp_status cli_checking_read(cli_checking *c, fp_text *context, fp_error *err)
{
    fp_status status = cli_checking_sheets(c, context, err);
    if (status == FP_OK) status = read_expectations(c, err);
    if (status == FP_OK) status = read_certified_expectations(c, err);
    return status == FP_OK ? prepare_reports(c, err) : status;
}

/* What is known of a run from its beginning */
static void fill_run(fp_report *report, const cli_checking *c)
{
    report->version = CLI_VERSION;
    report->commit = cli_commit();
    report->compiler = __VERSION__;
    report->problem = c->instance.problem.setting ? &c->instance.problem : NULL;
    report->title = cli_checking_name(c);
    report->sheets = c->sheets.arena ? &c->sheets : NULL;
    report->only = c->only;
    report->twins = c->twins;
    report->allow_undecided = c->arguments->value[CLI_allow_undecided] != NULL;
    report->started = c->stamp;
    report->threads = c->instance.threads;
    report->seconds = cli_seconds() - c->started;
}

/* Of a run that failed before its reports had paths: those the user named, and what an earlier run left under the same name. */
static void keep_asked_or_old(cli_checking *c)
{
    const struct {
        char **path;
        cli_option option;
    } list[] = {{&c->reports.json, CLI_json}, {&c->reports.junit, CLI_junit}, {&c->reports.md, CLI_md}};
    set_paths(c);
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) {
        char **path = list[k].path;
        if (c->arguments->value[list[k].option] || !*path || file_exists(*path)) continue;
        free(*path);
        *path = NULL;
    }
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
    if (!c->prepared) keep_asked_or_old(c);
    fill_run(&report, c);
    report.only = NULL; /* nothing came of any claim, selected or not */
    (void)write_documents(&c->reports, &report, &ignored);
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
    return write_reports(&c->reports, c, report, err) == FP_OK ? report->exit_status : cli_report_error(err, NULL);
}
