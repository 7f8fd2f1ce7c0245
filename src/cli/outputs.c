/* SPDX-License-Identifier: MIT */
#include "outputs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- which file it is */

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool is_standard_output(const char *path)
{
    struct stat of_path, of_stdout;
    if (strcmp(path, "-") == 0) return true;
    return stat(path, &of_path) == 0 && fstat(STDOUT_FILENO, &of_stdout) == 0 && same_file(&of_path, &of_stdout) && strcmp(path, "/dev/null") != 0;
}

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Of paths that need not exist yet: the same name in the same folder. */
static bool same_place(const char *a, const char *b)
{
    struct stat folder[2];
    const char *const path[2] = {a, b};
    for (int k = 0; k < 2; k++) {
        size_t n = (size_t)(file_name(path[k]) - path[k]);
        char *name = n ? fp_strndup(path[k], n) : fp_strdup(".");
        bool there = stat(name, &folder[k]) == 0;
        free(name);
        if (!there) return strcmp(a, b) == 0;
    }
    return same_file(&folder[0], &folder[1]) && strcmp(file_name(a), file_name(b)) == 0;
}

/* /dev/null takes any number of documents. */
static bool is_sink(const struct stat *st, const char *path)
{
    return S_ISCHR(st->st_mode) && strcmp(path, "-") != 0;
}

static bool are_one(const char *a, const char *b)
{
    struct stat x, y;
    if (strcmp(a, "-") == 0 || strcmp(b, "-") == 0) return strcmp(a, b) == 0;
    if (stat(a, &x) == 0 && stat(b, &y) == 0) return same_file(&x, &y) && !is_sink(&x, a);
    return same_place(a, b);
}

/* ---- the list */

cli_output *cli_outputs_add(cli_outputs *o, const cli_arguments *arguments, cli_option option, char *otherwise)
{
    const char *given = arguments->value[option];
    char *path = given ? fp_strdup(is_standard_output(given) ? "-" : given) : otherwise;
    if (given) free(otherwise);
    o->item[o->count++] = (cli_output){.path = path, .option = cli_option_name(option), .asked = given != NULL};
    return &o->item[o->count - 1];
}

void cli_outputs_clear(cli_outputs *o)
{
    for (size_t k = 0; k < o->count; k++) free(o->item[k].path);
    *o = (cli_outputs){0};
}

/* ---- clashes */

static bool ends_as_input(const char *path)
{
    static const char *const endings[] = {".claim", ".setting", ".expect", ".npy"};
    size_t n = strlen(path);
    for (size_t k = 0; k < sizeof endings / sizeof *endings; k++) {
        size_t len = strlen(endings[k]);
        if (n > len && strcmp(path + n - len, endings[k]) == 0) return true;
    }
    return false;
}

static bool is_input(const char *path, const char *input)
{
    return input && *input && !cli_is_folder(input) && are_one(path, input);
}

/* The setting by the path at which it is found. */
static bool is_setting(const char *path, const char *given)
{
    char *found = NULL;
    fp_error ignored;
    bool same = given && cli_setting_find(&found, given, &ignored) == FP_OK && is_input(path, found);
    free(found);
    return same;
}

static fp_status check_inputs(const cli_output *out, const cli_arguments *arguments, const char *also, fp_error *err)
{
    const char *name = out->asked ? "option --" : "the report of ";
    bool reads = is_setting(out->path, arguments->value[CLI_setting]) || is_input(out->path, arguments->value[CLI_expect]) || is_input(out->path, also);
    for (size_t k = 0; k < arguments->paths_count && !reads; k++) reads = is_input(out->path, arguments->paths[k]);
    if (reads) return fp_fail(err, FP_USAGE, "%s%s: '%s' is read by this command; it cannot be written too", name, out->option, out->path);
    if (!ends_as_input(out->path)) return FP_OK;
    return fp_fail(err, FP_USAGE, "%s%s: '%s' ends as a file that is read (.claim, .setting, .expect, .npy); give another name", name, out->option, out->path);
}

static fp_status check_all(const cli_outputs *o, const cli_arguments *arguments, const char *also, fp_error *err)
{
    for (size_t k = 0; k < o->count; k++) {
        const cli_output *out = &o->item[k];
        if (!out->path) continue;
        if (out->kept && fp_file_is_stream(out->path)) return fp_fail(err, FP_USAGE, "option --%s: '%s' is no file that can be written whole; give a file's name", out->option, out->path);
        for (size_t j = 0; j < k; j++)
            if (o->item[j].path && are_one(out->path, o->item[j].path))
                return fp_fail(err, FP_USAGE, "--%s and --%s both go to '%s'; give each its own", o->item[j].option, out->option, out->path);
        if (strcmp(out->path, "-") != 0 && check_inputs(out, arguments, also, err) != FP_OK) return err->code;
    }
    return FP_OK;
}

fp_status cli_outputs_check(cli_outputs *o, const cli_arguments *arguments, const char *also, fp_error *err)
{
    fp_status status = check_all(o, arguments, also, err);
    if (status != FP_OK) cli_outputs_clear(o);
    return status;
}

/* ---- before the work */

fp_status cli_outputs_mark(cli_outputs *o, bool all, fp_error *err)
{
    static const char started[] = "started, not finished\n";
    for (size_t k = 0; k < o->count; k++) {
        cli_output *out = &o->item[k];
        if (!out->path || out->kept || out->marked || fp_file_is_stream(out->path)) continue;
        if (!all && !out->asked && access(out->path, F_OK) != 0) continue;
        if (fp_file_write(out->path, started, sizeof started - 1, err) != FP_OK) return err->code;
        out->marked = true;
    }
    return FP_OK;
}

/* ---- at the end */

fp_status cli_outputs_write(const cli_outputs *o, size_t k, fp_text *text, bool failed, fp_error *err)
{
    const cli_output *out = k < o->count ? &o->item[k] : NULL;
    bool wanted = out && out->path && (!failed || out->asked || out->marked);
    fp_status status = wanted ? fp_file_write(out->path, text->data ? text->data : "", text->len, err) : FP_OK;
    fp_text_clear(text);
    return status;
}

FILE *cli_outputs_stream(const cli_outputs *o)
{
    for (size_t k = 0; k < o->count; k++)
        if (o->item[k].path && strcmp(o->item[k].path, "-") == 0) return stderr;
    return stdout;
}

void cli_outputs_print(const cli_outputs *o, size_t count, FILE *stream)
{
    const char *before = "reports:";
    for (size_t k = 0; k < o->count && k < count; k++) {
        const char *path = o->item[k].path;
        if (path == NULL || strcmp(path, "-") == 0) continue;
        cli_print(stream, "%s %s", before, path);
        before = "";
    }
    if (before[0] == 0) cli_print_text(stream, "\n");
}
