/* SPDX-License-Identifier: MIT */
/* Imported arrays, one by one: found, read, of the right number of dimensions. A refusal says what NumPy call mends it. */
#include "internal.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { ENTRIES_MAX = 4096, SHOWN = 12 };

static const char *const known[] = {"tokens.npy", "labels.npy", "a.npy", "W.npy", "W_V.npy", "W_K.npy", "W_Q.npy"};
enum { KNOWN = sizeof known / sizeof known[0] };

static bool is_known(const char *name)
{
    for (size_t k = 0; k < KNOWN; k++)
        if (strcmp(name, known[k]) == 0) return true;
    return false;
}

/* ---- what a folder holds */

static int by_bytes(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* Names in a folder, sorted, without those that begin with a dot; false (errno says why) if it cannot be listed. */
static bool list_folder(fp_list *out, const char *dir)
{
    DIR *d = opendir(dir);
    *out = (fp_list){0};
    if (!d) return false;
    for (const struct dirent *e = readdir(d); e && out->count < ENTRIES_MAX; e = readdir(d))
        if (e->d_name[0] != '.') fp_list_add(out, e->d_name);
    closedir(d);
    if (out->count) qsort(out->items, out->count, sizeof *out->items, by_bytes);
    return true;
}

static void add_names(fp_text *text, const fp_list *names)
{
    char q[FP_QUOTE];
    for (size_t k = 0; k < names->count && k < SHOWN; k++)
        fp_text_addf(text, "%s%s", k ? ", " : "", fp_quote(q, names->items[k], strlen(names->items[k])));
    if (names->count > SHOWN) fp_text_addf(text, " and %zu more", names->count - SHOWN);
}

/* The name there that was probably meant: not one that is read itself. */
static const char *meant(const char *file, const fp_list *names)
{
    const char *candidates[ENTRIES_MAX];
    size_t count = 0;
    for (size_t k = 0; k < names->count; k++) {
        if (is_known(names->items[k])) continue;
        if (strcasecmp(file, names->items[k]) == 0) return names->items[k];
        candidates[count++] = names->items[k];
    }
    return fp_closest(file, candidates, count);
}

static fp_status fail_missing(const char *dir, const char *file, fp_error *err)
{
    fp_list names;
    fp_text text = {0};
    char q[FP_QUOTE];
    if (!list_folder(&names, dir))
        return fp_fail(err, FP_BAD_INPUT, "%s: %s; a folder that holds %s is wanted", dir, errno == ENOTDIR ? "is a file" : strerror(errno), file);
    const char *close = meant(file, &names);
    add_names(&text, &names);
    fp_fail(err, FP_BAD_INPUT, "%s/%s: there is no such file; %s %s%s%s%s", dir, file, names.count ? "the folder holds" : "the folder is empty",
            text.data ? text.data : "", close ? " (is '" : "", close ? fp_quote(q, close, strlen(close)) : "", close ? "' meant?)" : "");
    fp_text_clear(&text);
    fp_list_clear(&names);
    return err->code;
}

void fp_problem_unused(fp_list *out, const char *dir)
{
    fp_list names;
    char q[FP_QUOTE];
    *out = (fp_list){0};
    if (!list_folder(&names, dir)) return;
    for (size_t k = 0; k < names.count; k++) {
        size_t len = strlen(names.items[k]);
        bool array = len > 4 && strcmp(names.items[k] + len - 4, ".npy") == 0;
        if (array && !is_known(names.items[k])) fp_list_add(out, fp_quote(q, names.items[k], len));
    }
    fp_list_clear(&names);
}

/* ---- reading one array */

fp_status fp_import_read(fp_npy *out, const char *dir, const char *file, fp_error *err)
{
    struct stat found;
    char *path = fp_asprintf("%s/%s", dir, file);
    *out = (fp_npy){0};
    fp_status st = stat(path, &found) != 0 && (errno == ENOENT || errno == ENOTDIR) ? fail_missing(dir, file, err) : fp_npy_read(out, path, err);
    free(path);
    return st;
}

fp_status fp_import_dims(const fp_npy *a, const char *dir, const char *file, int dims, fp_error *err)
{
    if (a->dims == dims) return FP_OK;
    const char *cure = dims == 2 ? ": save x.reshape(rows, columns)" : a->rows == 1 || a->cols == 1 ? ": save x.ravel()" : "";
    return fp_fail(err, FP_BAD_INPUT, "%s/%s: has %d dimension%s; %d expected%s", dir, file, a->dims, a->dims == 1 ? "" : "s", dims, cure);
}

fp_status fp_import_array(fp_npy *out, const char *dir, const char *file, int dims, fp_error *err)
{
    fp_status st = fp_import_read(out, dir, file, err);
    if (st == FP_OK) st = fp_import_dims(out, dir, file, dims, err);
    if (st != FP_OK) fp_npy_clear(out);
    return st;
}

/* ---- signs */

/* What values that are not all signs suggest, as the NumPy call that mends it. int8, since 2*y - 1 in an unsigned type makes 255 of -1. */
static const char *signs_cure(const fp_npy *a)
{
    bool zero_one = true, wrapped = true;
    for (long i = 0; i < a->rows; i++) {
        double x = a->x[i];
        zero_one &= x == 0 || x == 1;
        wrapped &= x == 1 || x == 255 || x == 65535 || x == 4294967295.0;
    }
    if (zero_one) return " (all are 0 or 1: save 2*x.astype('int8') - 1)";
    return wrapped ? " (-1 was stored in an unsigned type: save x.astype('int8'))" : "";
}

fp_status fp_import_signs(int **out, const fp_npy *a, const char *dir, const char *file, const char *what, fp_error *err)
{
    int *sign = fp_alloc((size_t)a->rows, sizeof *sign);
    for (long i = 0; i < a->rows; i++) {
        if (a->x[i] != 1 && a->x[i] != -1) {
            free(sign);
            return fp_fail(err, FP_BAD_INPUT, "%s/%s: %s %ld is %.17g; allowed are 1 and -1%s", dir, file, what, i + 1, a->x[i], signs_cure(a));
        }
        sign[i] = a->x[i] > 0 ? 1 : -1;
    }
    *out = sign;
    return FP_OK;
}
