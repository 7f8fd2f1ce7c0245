/* SPDX-License-Identifier: MIT */
#include "trajectory.h"

#include "flowproof/json.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_MAX_LENGTH = 60, INDEX_MAX_BYTES = 1 << 24 };
static const char schema[] = "flowproof-trajectory-1", index_file[] = "observables.json", times_file[] = "times.npy";

static char *path_of(const cli_trajectory *y, const char *file) { return fp_asprintf("%s/%s", y->dir, file); }

/* ---- names of files */

static bool is_listed(const fp_list *list, const char *name)
{
    for (size_t k = 0; k < list->count; k++)
        if (strcasecmp(list->items[k], name) == 0) return true; /* some file systems do not tell them apart */
    return false;
}

/* Letters and digits of the expression; whatever stands between them is one '_'. */
static void stem_of(char out[NAME_MAX_LENGTH + 1], const char *expression)
{
    size_t len = 0;
    for (const char *s = expression; *s && len < NAME_MAX_LENGTH; s++) {
        if (isalnum((unsigned char)*s))
            out[len++] = *s;
        else if (len > 0 && out[len - 1] != '_')
            out[len++] = '_';
    }
    while (len > 0 && out[len - 1] == '_') len--;
    out[len] = 0;
    if (len == 0) strcpy(out, "value");
}

static void name_files(cli_trajectory *y)
{
    char stem[NAME_MAX_LENGTH + 1];
    for (size_t k = 0; k < y->expressions->count; k++) {
        stem_of(stem, y->expressions->items[k]);
        char *name = fp_asprintf("%s.npy", stem);
        for (int again = 2; is_listed(&y->files, name) || strcasecmp(name, times_file) == 0; again++) {
            free(name);
            name = fp_asprintf("%s_%d.npy", stem, again);
        }
        fp_list_add(&y->files, name);
        free(name);
    }
}

/* ---- what is there already */

static bool is_plain_name(const char *file)
{
    size_t len = strlen(file);
    return len > 4 && strcmp(file + len - 4, ".npy") == 0 && strchr(file, '/') == NULL;
}

static fp_status refuse_taken(const char *path, fp_error *err)
{
    return fp_fail(err, FP_USAGE, "option --trajectory: %s is there and is not of an earlier trajectory; give another folder", path);
}

static fp_status read_index(cli_trajectory *y, const char *path, fp_error *err)
{
    fp_text text = {0};
    fp_json *index = NULL;
    fp_error inner = {FP_OK, ""};
    bool good = fp_file_read(&text, path, INDEX_MAX_BYTES, &inner) == FP_OK && fp_json_read(&index, text.data ? text.data : "", text.len, path, &inner) == FP_OK;
    const char *kind = good ? fp_json_text(index, "schema") : NULL;
    good = kind && strcmp(kind, schema) == 0;
    const fp_json *list = good ? fp_json_at(index, "observables") : NULL;
    for (const fp_json *x = list ? list->first : NULL; x; x = x->next) {
        const char *file = fp_json_text(x, "file");
        if (file && is_plain_name(file)) fp_list_add(&y->older, file);
    }
    if (good) fp_list_add(&y->older, times_file);
    fp_json_free(index);
    fp_text_clear(&text);
    return good ? FP_OK : refuse_taken(path, err);
}

static fp_status check_free(const cli_trajectory *y, const char *file, fp_error *err)
{
    struct stat st;
    char *path = path_of(y, file);
    bool taken = lstat(path, &st) == 0 && !is_listed(&y->older, file);
    if (taken) refuse_taken(path, err);
    free(path);
    return taken ? err->code : FP_OK;
}

/* ---- the numbers */

double *cli_trajectory_add(cli_trajectory *y, mpq_srcptr t)
{
    size_t width = y->expressions->count, room = y->count ? 2 * y->count : 1;
    mpfr_t nearest;
    if ((y->count & (y->count - 1)) == 0) {
        y->t = fp_realloc(y->t, room, sizeof *y->t);
        y->x = fp_realloc(y->x, room * width, sizeof *y->x);
    }
    mpfr_init2(nearest, 53);
    fp_mpfr_set_rational(nearest, t);
    y->t[y->count] = mpfr_get_d(nearest, MPFR_RNDN);
    mpfr_clear(nearest);
    return y->x + width * y->count++;
}

/* ---- writing */

static void add_observable(fp_text *out, const char *file, const char *expression, bool first)
{
    fp_text_add(out, first ? "\n  {\"file\": " : ",\n  {\"file\": ");
    fp_json_add_string(out, file);
    if (expression) fp_text_add(out, ", \"expression\": ");
    if (expression) fp_json_add_string(out, expression);
    fp_text_add(out, "}");
}

static void add_named(fp_text *out, const char *name, const char *t, bool first)
{
    fp_text_add(out, first ? "\n  {\"name\": " : ",\n  {\"name\": ");
    fp_json_add_string(out, name);
    fp_text_add(out, ", \"t\": ");
    if (t)
        fp_json_add_string(out, t);
    else
        fp_text_add(out, "null");
    fp_text_add(out, "}");
}

static void add_all_named(fp_text *out, const cli_moments *m)
{
    bool first = true;
    for (size_t k = 0, head = 0; k < m->count; k++) {
        if (!m->items[k].joins) head = k;
        if (m->items[k].name == NULL) continue;
        add_named(out, m->items[k].name, m->items[head].text, first);
        first = false;
    }
    for (size_t k = 0; k < m->wanted_count; k++) {
        if (m->wanted[k].found) continue;
        add_named(out, m->wanted[k].name, NULL, first);
        first = false;
    }
}

/* Not complete: the files of the earlier trajectory too, so that whatever a kill leaves is known as ours. */
static fp_status write_index(const cli_trajectory *y, const cli_moments *m, bool complete, fp_error *err)
{
    fp_text text = {0};
    fp_text_addf(&text, "{\"schema\": \"%s\", \"complete\": %s, \"times\": \"%s\", \"observables\": [", schema, complete ? "true" : "false", times_file);
    for (size_t k = 0; k < y->files.count; k++) add_observable(&text, y->files.items[k], y->expressions->items[k], k == 0);
    for (size_t k = 0; k < y->older.count && !complete; k++)
        if (!is_listed(&y->files, y->older.items[k])) add_observable(&text, y->older.items[k], NULL, false);
    fp_text_add(&text, "\n ], \"named\": [");
    add_all_named(&text, m);
    fp_text_add(&text, "\n ]}\n");
    char *path = path_of(y, index_file);
    fp_status status = fp_file_write(path, text.data, text.len, err);
    free(path);
    fp_text_clear(&text);
    return status;
}

fp_status cli_trajectory_begin(cli_trajectory *out, const char *dir, const fp_list *expressions, const cli_moments *moments, fp_error *err)
{
    struct stat st;
    *out = (cli_trajectory){.dir = dir, .expressions = expressions};
    if (fp_dir_make(dir, err) != FP_OK) return err->code;
    name_files(out);
    char *path = path_of(out, index_file);
    fp_status status = FP_OK;
    if (lstat(path, &st) == 0) status = S_ISREG(st.st_mode) ? read_index(out, path, err) : refuse_taken(path, err);
    free(path);
    if (status == FP_OK) status = check_free(out, times_file, err);
    for (size_t k = 0; k < out->files.count && status == FP_OK; k++) status = check_free(out, out->files.items[k], err);
    return status == FP_OK ? write_index(out, moments, false, err) : status;
}

static fp_status write_array(const cli_trajectory *y, const char *file, const double *x, size_t stride, fp_error *err)
{
    double *column = fp_alloc(y->count + 1, sizeof *column);
    for (size_t k = 0; k < y->count; k++) column[k] = x[stride * k];
    char *path = path_of(y, file);
    fp_status status = fp_npy_write(path, column, (long)y->count, 1, 1, false, err);
    free(path);
    free(column);
    return status;
}

static void remove_older(const cli_trajectory *y)
{
    for (size_t k = 0; k < y->older.count; k++) {
        const char *file = y->older.items[k];
        if (is_listed(&y->files, file) || strcmp(file, times_file) == 0) continue;
        char *path = path_of(y, file);
        unlink(path);
        free(path);
    }
}

fp_status cli_trajectory_write(const cli_trajectory *y, const cli_moments *moments, fp_error *err)
{
    fp_status status = write_array(y, times_file, y->t, 1, err);
    for (size_t k = 0; k < y->files.count && status == FP_OK; k++) status = write_array(y, y->files.items[k], y->x + k, y->files.count, err);
    if (status != FP_OK) return status;
    remove_older(y);
    return write_index(y, moments, true, err);
}

void cli_trajectory_clear(cli_trajectory *y)
{
    fp_list_clear(&y->files);
    fp_list_clear(&y->older);
    free(y->t);
    free(y->x);
    *y = (cli_trajectory){0};
}
