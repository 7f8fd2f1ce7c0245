/* SPDX-License-Identifier: MIT */
/* Finding and reading the result of the last run. */
#include "statements.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char reports_folder[] = "reports";

/* ---- reading one file */

/* The digest is that of the bytes of "result", so that an edited result is not taken for a run's. */
static fp_status check_digest(const fp_json *document, const fp_text *text, const char *path, fp_error *err)
{
    const fp_json *result = fp_json_at(document, "result");
    const char *recorded = fp_json_text(document, "result_sha256");
    char digest[65];
    fp_sha256 sha;
    fp_sha256_init(&sha);
    fp_sha256_add(&sha, text->data + result->begin, result->end - result->begin);
    fp_sha256_hex(digest, &sha);
    if (recorded && strcmp(recorded, digest) == 0) return FP_OK;
    return fp_fail(err, FP_BAD_INPUT, "%s: the digest of its result is %.16s..., recorded is %.16s...: it was changed after it was written", path, digest,
                   recorded ? recorded : "nothing");
}

static fp_status check_shape(const fp_json *document, const char *path, fp_error *err)
{
    static const char schema[] = "flowproof-result-2";
    const char *found = fp_json_text(document, "schema");
    const fp_json *result = fp_json_at(document, "result"), *claims = fp_json_at(document, "result.claims");
    if (!found || strcmp(found, schema) != 0)
        return fp_fail(err, FP_BAD_INPUT, "%s: no result of 'flowproof check': the schema is '%.40s', expected is '%s'", path, found ? found : "", schema);
    if (!result || result->kind != FP_JSON_OBJECT || !claims || claims->kind != FP_JSON_ARRAY)
        return fp_fail(err, FP_BAD_INPUT, "%s: a result without a list of claims", path);
    for (const fp_json *k = claims->first; k; k = k->next)
        if (!fp_json_text(k, "id")) return fp_fail(err, FP_BAD_INPUT, "%s: a claim without an id", path);
    return FP_OK;
}

static fp_status read_result(cli_last_run *out, const char *path, fp_error *err)
{
    fp_text text = {0};
    fp_json *document = NULL;
    bool good = fp_file_read(&text, path, FP_JSON_BYTES_MAX, err) == FP_OK && fp_json_read(&document, text.data, text.len, path, err) == FP_OK &&
                check_shape(document, path, err) == FP_OK && check_digest(document, &text, path, err) == FP_OK;
    fp_text_clear(&text);
    if (!good) {
        fp_json_free(document);
        return err->code;
    }
    out->path = fp_strdup(path);
    out->document = document;
    out->claims = fp_json_at(document, "result.claims");
    return FP_OK;
}

static void drop_result(cli_last_run *run)
{
    free(run->path);
    fp_json_free(run->document);
    run->path = NULL;
    run->document = NULL;
    run->claims = NULL;
}

void cli_last_run_clear(cli_last_run *run)
{
    drop_result(run);
    fp_list_clear(&run->passed_over);
}

/* ---- the newest of a folder */

typedef struct {
    char *path;
    struct timespec written;
} candidate;

static int newest_first(const void *x, const void *y)
{
    const candidate *a = x, *b = y;
    if (a->written.tv_sec != b->written.tv_sec) return a->written.tv_sec > b->written.tv_sec ? -1 : 1;
    if (a->written.tv_nsec != b->written.tv_nsec) return a->written.tv_nsec > b->written.tv_nsec ? -1 : 1;
    return strcmp(a->path, b->path);
}

static bool is_json(const char *name)
{
    size_t n = strlen(name);
    return name[0] != '.' && n > 5 && strcmp(name + n - 5, ".json") == 0;
}

/* The *.json of the folder itself. */
static candidate *list_candidates(size_t *count, const char *folder)
{
    candidate *list = NULL;
    DIR *dir = opendir(folder);
    *count = 0;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        struct stat st;
        if (!is_json(entry->d_name)) continue;
        char *path = fp_asprintf("%s/%s", folder, entry->d_name);
        if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
            free(path);
            continue;
        }
        list = fp_realloc(list, *count + 1, sizeof *list);
        list[(*count)++] = (candidate){path, st.st_mtim};
    }
    if (dir) closedir(dir);
    if (list) qsort(list, *count, sizeof *list, newest_first);
    return list;
}

static bool has_claim_of(const cli_last_run *run, const char *wanted)
{
    for (const fp_json *k = run->claims->first; k; k = k->next) {
        const char *id = fp_json_text(k, "id"), *statement = fp_json_text(k, "statement");
        if (!wanted || fp_glob_match(wanted, id) || (statement && strcmp(statement, wanted) == 0)) return true;
    }
    return false;
}

/* Reads it if it is a result of the statements themselves; else notes why not. */
static bool take_candidate(cli_last_run *run, const char *path)
{
    fp_error err;
    if (read_result(run, path, &err) != FP_OK) {
        fp_list_add(&run->passed_over, err.message);
        return false;
    }
    if (!fp_json_is_true(run->document, "result.twins")) return true;
    drop_result(run);
    return false;
}

static void find_newest(cli_last_run *run, const char *wanted)
{
    size_t count;
    candidate *list = list_candidates(&count, reports_folder);
    const char *newest = NULL, *fitting = NULL;
    for (size_t k = 0; k < count && !fitting; k++) {
        if (!take_candidate(run, list[k].path)) continue;
        if (!newest) newest = list[k].path;
        if (has_claim_of(run, wanted))
            fitting = list[k].path;
        else
            drop_result(run);
    }
    if (!fitting && newest) take_candidate(run, newest);
    for (size_t k = 0; k < count; k++) free(list[k].path);
    free(list);
}

/* "proofs/settings/tiny.setting" and "tiny" are tiny. */
static char *report_of_setting(const char *setting)
{
    static const char suffix[] = ".setting";
    const char *slash = strrchr(setting, '/'), *name = slash ? slash + 1 : setting;
    size_t n = strlen(name), k = strlen(suffix);
    if (n > k && strcmp(name + n - k, suffix) == 0) n -= k;
    return fp_asprintf("%s/%.*s.json", reports_folder, (int)n, name);
}

fp_status cli_last_run_find(cli_last_run *out, const cli_arguments *arguments, const char *wanted, fp_error *err)
{
    const char *file = arguments->value[CLI_result], *setting = arguments->value[CLI_setting];
    *out = (cli_last_run){0};
    if (file && setting) return fp_fail(err, FP_USAGE, "--result and --setting exclude each other: both name the result file");
    if (!file && !setting) {
        find_newest(out, wanted);
        return FP_OK;
    }
    char *path = file ? fp_strdup(file) : report_of_setting(setting);
    fp_status status = read_result(out, path, err);
    free(path);
    return status;
}

/* ---- what is said of it */

const fp_json *cli_last_run_claim(const cli_last_run *run, const char *id)
{
    for (const fp_json *k = run->claims ? run->claims->first : NULL; k; k = k->next)
        if (strcmp(fp_json_text(k, "id"), id) == 0) return k;
    return NULL;
}

static void add_of(fp_text *out, const cli_last_run *run, const char *before, const char *path)
{
    const char *text = fp_json_text(run->document, path);
    fp_text_add(out, before);
    fp_text_add_safe(out, text && text[0] ? text : "?");
}

static void print_run(const cli_last_run *run)
{
    fp_text line = {0};
    fp_text_addf(&line, "%-10s %s", "last run", run->path);
    add_of(&line, run, ": ", "result.instance.setting");
    add_of(&line, run, ", n=", "result.instance.n");
    add_of(&line, run, " L=", "result.instance.L");
    add_of(&line, run, " d=", "result.instance.d");
    add_of(&line, run, " m=", "result.instance.m");
    add_of(&line, run, " m1=", "result.instance.m1");
    add_of(&line, run, ", seed ", "result.instance.seed");
    add_of(&line, run, "; ", "result.integration.flow");
    add_of(&line, run, " flow, ", "result.integration.method");
    add_of(&line, run, ", ", "result.integration.precision_bits");
    add_of(&line, run, " bits, tolerance ", "result.integration.tolerance");
    add_of(&line, run, ", to t = ", "result.integration.t_end");
    add_of(&line, run, "; ", "run.started");
    cli_line(stdout, "%s", line.data);
    fp_text_clear(&line);
    if (fp_json_is_true(run->document, "result.complete")) return;
    add_of(&line, run, "INCOMPLETE: ", "result.incomplete_why");
    cli_line(stdout, "%-10s %s", "", line.data);
    fp_text_clear(&line);
}

static bool digest_is(const char *digest, const char *const *paths, size_t count, bool appendix)
{
    fp_sheets sheets = {0};
    fp_error err;
    bool same = cli_sheets_read(&sheets, paths, count, (cli_reading){.appendix = appendix}, NULL, &err) == FP_OK && strcmp(sheets.sha256, digest) == 0;
    fp_sheets_clear(&sheets);
    return same;
}

/* check reads what it is told to: the given operands, or the standard sheets with or without their appendix. */
static bool made_from_these(const char *digest, const cli_arguments *arguments, size_t first)
{
    size_t given = arguments->paths_count > first ? arguments->paths_count - first : 0;
    return digest_is(digest, arguments->paths + first, given, false) || (!given && digest_is(digest, NULL, 0, true));
}

void cli_last_run_print(const cli_last_run *run, const cli_arguments *arguments, size_t first)
{
    if (run->path) {
        const char *digest = fp_json_text(run->document, "result.sheets_sha256");
        print_run(run);
        if (!digest || !made_from_these(digest, arguments, first))
            cli_line(stdout, "%-10s its sheets differ from the present ones (sheets_sha256 there %.16s...); what follows is about those", "", digest ? digest : "?");
    } else
        cli_line(stdout, "%-10s none in %s/; 'flowproof check' makes one", "last run", reports_folder);
    for (size_t k = 0; k < run->passed_over.count; k++) {
        fp_text why = {0};
        fp_text_add_safe(&why, run->passed_over.items[k]);
        cli_line(stdout, "%-10s passed over %s", "", why.data);
        fp_text_clear(&why);
    }
}
