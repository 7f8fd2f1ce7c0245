/* SPDX-License-Identifier: MIT */
/* Finding, ordering and reading the files of a checklist. */
#include "sheet_files.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
    fp_sheet_file *items;
    size_t count, capacity;
    const char *standard; /* path of the prelude for sheets whose folder has none; or NULL */
    fp_arena *arena;
    fp_error *err;
} file_set;

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The folder of a path with its '/', or "" for the current one. */
static char *folder_of(const char *path)
{
    return fp_strndup(path, (size_t)(base_name(path) - path));
}

static bool load(file_set *set, const char *path, const char *relative)
{
    struct stat st;
    if (stat(path, &st) != 0) st.st_dev = 0, st.st_ino = 0; /* fp_file_read says why */
    unsigned long long device = (unsigned long long)st.st_dev, inode = (unsigned long long)st.st_ino;
    for (size_t k = 0; k < set->count; k++)
        if (inode && set->items[k].device == device && set->items[k].inode == inode) return true;
    if (set->count == set->capacity) {
        set->capacity = set->capacity ? 2 * set->capacity : 16;
        set->items = fp_realloc(set->items, set->capacity, sizeof *set->items);
    }
    fp_sheet_file f = {.device = device, .inode = inode};
    if (fp_file_read(&f.text, path, FP_SHEET_MAX_BYTES, set->err) != FP_OK) return false;
    f.source = (fp_sheet_source){fp_arena_strndup(set->arena, path, strlen(path)), f.text.data ? f.text.data : "", f.text.len};
    f.relative = fp_arena_strndup(set->arena, relative, strlen(relative));
    set->items[set->count++] = f;
    return true;
}

/* Is a folder of that name on the way to the file? */
static bool lies_in(const char *relative, const char *folder)
{
    size_t len = strlen(folder);
    for (const char *s = relative; (s = strstr(s, folder)) != NULL; s++)
        if (s[len] == '/' && (s == relative || s[-1] == '/')) return true;
    return false;
}

/* Twins are read when asked for, the appendix when it is named. */
static bool is_wanted(const char *relative, bool with_twins)
{
    return (with_twins || !lies_in(relative, "twins")) && !lies_in(relative, "appendix");
}

static bool collect(file_set *set, const char *path, bool with_twins)
{
    fp_list list = {0};
    if (fp_dir_list(&list, path, ".claim", set->err) != FP_OK) return false;
    bool ok = list.count > 0;
    if (!ok) fp_fail(set->err, FP_BAD_INPUT, "%s: no sheets here; sheets are files named *.claim", path);
    size_t prefix = strlen(path);
    for (size_t k = 0; ok && k < list.count; k++) {
        const char *relative = list.items[k] + prefix;
        while (*relative == '/') relative++;
        if (!*relative) relative = base_name(list.items[k]);
        if (is_wanted(relative, with_twins)) ok = load(set, list.items[k], relative);
    }
    fp_list_clear(&list);
    return ok;
}

static bool exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* Strips the last folder of a path that ends in '/' if it is `twins` or `appendix`. */
static bool leave_folder(char *folder)
{
    static const char *const names[] = {"twins/", "appendix/"};
    size_t n = strlen(folder);
    for (int k = 0; k < 2; k++) {
        size_t len = strlen(names[k]);
        if (n < len || strcmp(folder + n - len, names[k]) != 0 || (n > len && folder[n - len - 1] != '/')) continue;
        folder[n - len] = 0;
        return true;
    }
    return false;
}

/* Path of the prelude that a file has of its own, or NULL: in its folder, or beside the folders twins and appendix. */
static char *own_prelude(const char *path)
{
    char *folder = folder_of(path), *found = NULL;
    do {
        free(found);
        found = fp_asprintf("%sprelude.claim", folder);
    } while (!exists(found) && leave_folder(folder));
    if (!exists(found)) {
        free(found);
        found = NULL;
    }
    free(folder);
    return found;
}

/* Path of the prelude that a file sees, or NULL. */
static char *prelude_path(const file_set *set, const char *path)
{
    char *own = own_prelude(path);
    return own || !set->standard ? own : fp_strdup(set->standard);
}

static bool collect_preludes(file_set *set)
{
    size_t count = set->count;
    bool ok = true;
    for (size_t k = 0; ok && k < count; k++) { /* those of the folders first, so that none of them passes for borrowed */
        char *path = own_prelude(set->items[k].source.file);
        if (path) ok = load(set, path, base_name(path));
        free(path);
    }
    for (size_t k = 0; ok && k < count; k++) {
        char *path = own_prelude(set->items[k].source.file);
        size_t before = set->count;
        if (!path && set->standard) ok = load(set, set->standard, base_name(set->standard));
        if (ok && set->count > before) set->items[before].is_standard = true;
        free(path);
    }
    return ok;
}

static fp_sheet_file *prelude_of(const file_set *set, const fp_sheet_file *f)
{
    struct stat st;
    fp_sheet_file *found = NULL;
    char *path = prelude_path(set, f->source.file);
    if (path && stat(path, &st) == 0)
        for (size_t k = 0; k < set->count; k++)
            if (set->items[k].device == (unsigned long long)st.st_dev && set->items[k].inode == (unsigned long long)st.st_ino) found = &set->items[k];
    free(path);
    return found;
}

/* ---- order */

/* Runs of digits compare as numbers, everything else as bytes; digits before letters. */
static int natural(const char *a, const char *b)
{
    while (*a && *b) {
        if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            while (*a == '0' && isdigit((unsigned char)a[1])) a++;
            while (*b == '0' && isdigit((unsigned char)b[1])) b++;
            size_t m = strspn(a, "0123456789"), n = strspn(b, "0123456789");
            int way = m != n ? (m < n ? -1 : 1) : strncmp(a, b, m);
            if (way) return way;
            a += m;
            b += n;
        } else {
            if (*a != *b) return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
            a++;
            b++;
        }
    }
    return *a ? 1 : *b ? -1 : 0;
}

static int by_number(const void *x, const void *y)
{
    const fp_sheet_file *a = x, *b = y;
    if (a->sheet->is_prelude != b->sheet->is_prelude) return a->sheet->is_prelude ? -1 : 1;
    int way = natural(a->sheet->number, b->sheet->number);
    if (!way) way = strcmp(a->sheet->number, b->sheet->number); /* "1" and "01" */
    if (!way) way = (int)a->sheet->is_twin - (int)b->sheet->is_twin;
    return way ? way : strcmp(a->source.file, b->source.file);
}

static int by_name(const void *x, const void *y)
{
    const fp_sheet_file *a = *(fp_sheet_file *const *)x, *b = *(fp_sheet_file *const *)y;
    int way = strcmp(a->relative, b->relative);
    if (way) return way;
    size_t n = a->source.len < b->source.len ? a->source.len : b->source.len;
    way = memcmp(a->source.data, b->source.data, n);
    return way ? way : (a->source.len > b->source.len) - (a->source.len < b->source.len);
}

static void hash(char out[65], const file_set *set)
{
    fp_sheet_file **sorted = fp_alloc(set->count, sizeof *sorted);
    fp_sha256 sha;
    for (size_t k = 0; k < set->count; k++) sorted[k] = &set->items[k];
    qsort(sorted, set->count, sizeof *sorted, by_name);
    fp_sha256_init(&sha);
    for (size_t k = 0; k < set->count; k++) { /* lengths keep names and contents apart */
        char *head = fp_asprintf("%s\n%zu\n", sorted[k]->relative, sorted[k]->source.len);
        fp_sha256_add(&sha, head, strlen(head));
        fp_sha256_add(&sha, sorted[k]->source.data, sorted[k]->source.len);
        free(head);
    }
    fp_sha256_hex(out, &sha);
    free(sorted);
}

/* ---- reading */

static fp_parser parser_for(const fp_sheet_file *f, fp_arena *arena, fp_ids *ids, fp_text *context, fp_error *err)
{
    return (fp_parser){.source = f->source, .arena = arena, .ids = ids, .err = err, .context = context};
}

static bool check_number(const file_set *set, size_t k, fp_parser *p)
{
    const fp_sheet_file *f = &set->items[k], *before = k ? f - 1 : NULL;
    bool same = before && !f->sheet->is_prelude && strcmp(before->sheet->number, f->sheet->number) == 0;
    if (same && before->sheet->is_twin == f->sheet->is_twin)
        return fp_parse_fail(p, f->fields[0].place, "%s %s is there already, in %s", f->sheet->is_twin ? "the twin of" : "statement", f->sheet->number, before->source.file);
    if (f->sheet->is_twin && !same)
        return fp_parse_fail(p, f->fields[0].place, "a twin of statement %s, which is not among the sheets read", f->sheet->number);
    return true;
}

static bool parse_one(const file_set *set, size_t k, fp_parser *p)
{
    fp_sheet_file *f = &set->items[k];
    f->sheet->is_standard = f->is_standard;
    if (!check_number(set, k, p)) return false;
    bool named_prelude = strcmp(base_name(f->source.file), "prelude.claim") == 0;
    if (named_prelude != f->sheet->is_prelude)
        return fp_parse_fail(p, f->fields[0].place, named_prelude ? "the file prelude.claim begins with 'prelude'" : "a prelude is a file named prelude.claim");
    fp_sheet_file *prelude = f->sheet->is_prelude ? NULL : prelude_of(set, f);
    f->names.is_standard = f->is_standard;
    f->names.outer = prelude ? &prelude->names : NULL;
    if (f->sheet->is_twin) {
        f->sheet->original = set->items[k - 1].sheet;
        f->names.outer = &set->items[k - 1].names;
    }
    return fp_sheet_parse(f, p);
}

static bool read_all(file_set *set, fp_ids *ids, fp_text *context)
{
    for (size_t k = 0; k < set->count; k++) {
        fp_parser p = parser_for(&set->items[k], set->arena, ids, context, set->err);
        if (!fp_sheet_scan(&set->items[k], &p)) return false;
    }
    qsort(set->items, set->count, sizeof *set->items, by_number);
    for (size_t k = 0; k < set->count; k++) {
        fp_parser p = parser_for(&set->items[k], set->arena, ids, context, set->err);
        if (!parse_one(set, k, &p)) return false;
    }
    return true;
}

static void hand_over(fp_sheets *out, const file_set *set, const fp_ids *ids)
{
    out->sheets = fp_arena_alloc(set->arena, set->count, sizeof *out->sheets);
    for (size_t k = 0; k < set->count; k++) out->sheets[k] = set->items[k].sheet;
    out->count = (int)set->count;
    out->nodes = ids->nodes;
    out->definitions = ids->definitions;
    out->times = ids->times;
    out->arena = set->arena;
    hash(out->sha256, set);
}

fp_status fp_sheets_read(fp_sheets *out, const char *const *paths, size_t count, bool with_twins, const char *standard, fp_text *context, fp_error *err)
{
    *out = (fp_sheets){0};
    file_set set = {.standard = standard, .arena = fp_arena_new(), .err = err};
    fp_ids ids = {0};
    bool ok = count > 0;
    if (!ok) fp_fail(err, FP_BAD_INPUT, "no sheets are given");
    for (size_t k = 0; ok && k < count; k++) ok = collect(&set, paths[k], with_twins);
    ok = ok && collect_preludes(&set) && read_all(&set, &ids, context);
    if (ok)
        hand_over(out, &set, &ids);
    else
        fp_arena_free(set.arena);
    for (size_t k = 0; k < set.count; k++) fp_text_clear(&set.items[k].text);
    free(set.items);
    return ok ? FP_OK : err->code;
}

void fp_sheets_clear(fp_sheets *s)
{
    fp_arena_free(s->arena);
    *s = (fp_sheets){0};
}
