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
    const char *const standard[] = {"proofs", "proofs/appendix"}; /* what only the appendix has is certified when it is named */
    bool sampled = c->suffix[0] == 0;
    const char *const *paths = c->arguments->paths_count ? c->arguments->paths : standard;
    size_t count = c->arguments->paths_count ? c->arguments->paths_count : sampled ? 2 : 1;
    return fp_sheets_read(&c->sheets, paths, count, c->twins, context, err);
}

/* ---- reports: where they go, tested before the work begins */

const char *cli_checking_name(const cli_checking *c)
{
    return c->instance.setting.name ? c->instance.setting.name : "imported";
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

static fp_status prepare_reports(cli_report_paths *out, const cli_checking *c, fp_error *err)
{
    const char *folder = c->arguments->value[CLI_reports] ? c->arguments->value[CLI_reports] : "reports";
    if (folder[0] && fp_dir_make(folder, err) != FP_OK) return err->code;
    out->json = report_path(c, CLI_json, folder, ".json");
    out->junit = report_path(c, CLI_junit, folder, ".xml");
    out->md = report_path(c, CLI_md, folder, ".md");
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
        fprintf(stream, "%s %s", before, list[k]);
        before = "";
    }
    if (before[0] == 0) fputc('\n', stream);
}

static fp_status write_reports(const cli_report_paths *paths, const cli_checking *c, const fp_report *report, fp_error *err)
{
    fp_text text = {0};
    fp_report_json(&text, report);
    if (write_text(paths->json, &text, err) != FP_OK) return err->code;
    fp_report_junit(&text, report);
    if (write_text(paths->junit, &text, err) != FP_OK) return err->code;
    fp_report_markdown(&text, report);
    if (write_text(paths->md, &text, err) != FP_OK) return err->code;
    bool taken = is_stdout(paths->json) || is_stdout(paths->junit) || is_stdout(paths->md);
    FILE *stream = taken ? stderr : stdout;
    if (c->arguments->value[CLI_quiet])
        fp_report_brief(&text, report, cli_wants_color(c->arguments, stream));
    else
        fp_report_terminal(&text, report, cli_wants_color(c->arguments, stream));
    fputs(text.data, stream);
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
    if (status == FP_OK) status = prepare_reports(&c->reports, c, err);
    c->prepared = status == FP_OK;
    return status;
}

int cli_checking_report(cli_checking *c, fp_report *report, fp_results *results, const fp_error *failure, fp_error *err)
{
    fp_expectations_apply(results, &c->expectations);
    report->version = CLI_VERSION;
    report->commit = cli_commit();
    report->compiler = __VERSION__;
    report->problem = &c->instance.problem;
    report->sheets = &c->sheets;
    report->flow = fp_flow_kind_name(c->instance.kind);
    report->incomplete_why = report->complete ? NULL : failure->message;
    report->results = results;
    report->expectations_path = c->expectations.path;
    report->allow_undecided = c->arguments->value[CLI_allow_undecided] != NULL;
    report->twins = c->twins;
    report->started = c->stamp;
    report->threads = c->instance.threads;
    report->seconds = cli_seconds() - c->started;
    report->exit_status = report->complete ? fp_gate_exit(results, report->allow_undecided) : fp_interrupted() ? 128 + fp_interrupted() : fp_status_exit(failure->code);
    return write_reports(&c->reports, c, report, err) == FP_OK ? report->exit_status : cli_report_error(err, NULL);
}

int cli_checking_fail(cli_checking *c, fp_error *err, const fp_text *context)
{
    int status = cli_report_error(err, context);
    if (!fp_interrupted() || !c->prepared) return status;
    fp_results none = {0};
    fp_error failure = {FP_OK, ""}, ignored;
    failure.code = FP_INTERRUPTED;
    snprintf(failure.message, sizeof failure.message, "%s", err->code == FP_INTERRUPTED ? err->message : "interrupted");
    fp_report report = {.method = c->instance.setting.method, .precision = c->instance.setting.precision, .tolerance = c->instance.tolerance, .outcome = "interrupted", .t_end = "0"};
    return cli_checking_report(c, &report, &none, &failure, &ignored);
}
