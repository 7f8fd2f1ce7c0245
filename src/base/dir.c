/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowproof/base.h"

/* ---- lists of names */

void fp_list_add(fp_list *list, const char *s)
{
    if ((list->count & (list->count - 1)) == 0) /* grows at powers of two */
        list->items = fp_realloc(list->items, list->count ? 2 * list->count : 1, sizeof *list->items);
    list->items[list->count++] = fp_strdup(s);
}

void fp_list_clear(fp_list *list)
{
    for (size_t i = 0; i < list->count; i++) free(list->items[i]);
    free(list->items);
    *list = (fp_list){0};
}

/* ---- making folders */

static fp_status make_one(const char *path, fp_error *err)
{
    struct stat st;
    if (mkdir(path, 0777) == 0) return FP_OK;
    int reason = errno;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) return FP_OK;
    if (reason == EEXIST) return fp_fail(err, FP_IO, "%s: exists and is not a folder", path);
    return fp_fail(err, FP_IO, "%s: folder cannot be made: %s", path, strerror(reason));
}

fp_status fp_dir_make(const char *path, fp_error *err)
{
    if (!*path) return fp_fail(err, FP_IO, "the name of a folder to make is empty");
    fp_status st = FP_OK;
    char *part = fp_strdup(path);
    for (char *p = part + 1; st == FP_OK && *p; p++) {
        if (*p != '/') continue;
        *p = 0;
        st = make_one(part, err);
        *p = '/';
    }
    if (st == FP_OK) st = make_one(path, err);
    if (st == FP_OK && access(path, W_OK | X_OK) != 0)
        st = fp_fail(err, FP_IO, "%s: folder is not writable: %s", path, strerror(errno));
    free(part);
    return st;
}

/* ---- listing files */

enum { DEPTH_MAX = 64 };

static bool ends_in(const char *s, const char *suffix)
{
    size_t n = strlen(s), k = strlen(suffix);
    return n >= k && memcmp(s + n - k, suffix, k) == 0;
}

static fp_status visit(fp_list *out, const char *path, const char *suffix, int depth, fp_error *err);

static fp_status visit_entries(fp_list *out, DIR *dir, const char *path, const char *suffix, int depth,
                               fp_error *err)
{
    for (;;) {
        if (fp_interrupted()) return fp_fail(err, FP_INTERRUPTED, "%s: interrupted while listing it", path);
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry && errno)
            return fp_fail(err, FP_BAD_INPUT, "%s: cannot be listed: %s", path, strerror(errno));
        if (!entry) return FP_OK;
        if (entry->d_name[0] == '.') continue; /* "." and "..", what editors, archives and file managers put beside a file */
        char *name = fp_asprintf("%s%s%s", path, ends_in(path, "/") ? "" : "/", entry->d_name);
        fp_status st = visit(out, name, suffix, depth + 1, err);
        free(name);
        if (st != FP_OK) return st;
    }
}

static fp_status visit_folder(fp_list *out, const char *path, const char *suffix, int depth, fp_error *err)
{
    if (depth > DEPTH_MAX)
        return fp_fail(err, FP_BAD_INPUT, "%s: folders nested more than %d deep", path, DEPTH_MAX);
    DIR *dir = opendir(path);
    if (!dir) return fp_fail(err, FP_BAD_INPUT, "%s: cannot be listed: %s", path, strerror(errno));
    fp_status st = visit_entries(out, dir, path, suffix, depth, err);
    closedir(dir);
    return st;
}

/* Links to files are followed, links to folders below the first are not (they may form cycles), nor dangling ones. */
static fp_status visit(fp_list *out, const char *path, const char *suffix, int depth, fp_error *err)
{
    struct stat st, link;
    bool found = stat(path, &st) == 0;
    int reason = errno;
    bool is_link = lstat(path, &link) == 0 && S_ISLNK(link.st_mode);
    if (depth > 0 && is_link && (!found || S_ISDIR(st.st_mode))) return FP_OK;
    if (!found) return fp_fail(err, FP_BAD_INPUT, "%s: %s", path, strerror(reason));
    if (depth > 0 && *suffix && S_ISDIR(st.st_mode) && ends_in(path, suffix))
        return fp_fail(err, FP_BAD_INPUT, "%s: is a folder, with a name that ends in %s like a file's", path, suffix);
    if (S_ISDIR(st.st_mode)) return visit_folder(out, path, suffix, depth, err);
    if (ends_in(path, suffix)) fp_list_add(out, path);
    return FP_OK;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

fp_status fp_dir_list(fp_list *out, const char *path, const char *suffix, fp_error *err)
{
    *out = (fp_list){0};
    fp_status st = visit(out, path, suffix, 0, err);
    if (st != FP_OK) {
        fp_list_clear(out);
        return st;
    }
    if (out->count) qsort(out->items, out->count, sizeof *out->items, by_bytes);
    return FP_OK;
}
