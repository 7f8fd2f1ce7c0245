/* SPDX-License-Identifier: MIT */
/* flowproof settings: those that there are, one with all its keys, and what may stand in one; and how --setting NAME is found. */
#include "statements.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ABOUT_MOST = 72 };

static const char suffix[] = ".setting";

static bool is_file(const char *path)
{
    return access(path, F_OK) == 0 && !cli_is_folder(path);
}

static bool has_suffix(const char *name)
{
    size_t n = strlen(name), k = sizeof suffix - 1;
    return n > k && strcmp(name + n - k, suffix) == 0;
}

/* ---- those that there are */

static bool is_listed(const fp_list *paths, const char *path)
{
    char *name = fp_setting_name_of(path);
    bool found = false;
    for (size_t k = 0; k < paths->count && !found; k++) {
        char *other = fp_setting_name_of(paths->items[k]);
        found = strcmp(name, other) == 0;
        free(other);
    }
    free(name);
    return found;
}

static int by_name(const void *x, const void *y)
{
    char *a = fp_setting_name_of(*(char *const *)x), *b = fp_setting_name_of(*(char *const *)y);
    int way = strcmp(a, b);
    free(a);
    free(b);
    return way;
}

/* Adds the settings of one folder, those below it left out, by name. */
static void list_folder(fp_list *paths, const char *folder)
{
    fp_list here = {0};
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        char *path = fp_asprintf("%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.' && has_suffix(entry->d_name) && is_file(path)) fp_list_add(&here, path);
        free(path);
    }
    if (dir) closedir(dir);
    if (here.count) qsort(here.items, here.count, sizeof *here.items, by_name);
    for (size_t k = 0; k < here.count; k++)
        if (!is_listed(paths, here.items[k])) fp_list_add(paths, here.items[k]);
    fp_list_clear(&here);
}

/* All that a bare name can mean, in the order in which they are looked for. */
static void list_settings(fp_list *paths)
{
    const char *folder;
    list_folder(paths, ".");
    for (size_t k = 0; cli_proofs_folder(&folder, &k);) {
        char *settings = fp_asprintf("%s/settings", folder);
        list_folder(paths, settings);
        free(settings);
    }
}

/* ---- finding one */

static fp_status not_found(const char *given, fp_error *err)
{
    fp_list paths = {0};
    fp_text there = {0}, wanted = {0};
    list_settings(&paths);
    char *name = fp_setting_name_of(given);
    const char **names = fp_alloc(paths.count + 1, sizeof *names);
    for (size_t k = 0; k < paths.count; k++) {
        names[k] = fp_setting_name_of(paths.items[k]);
        fp_text_add(&there, k ? ", " : "");
        fp_text_add_safe(&there, names[k]);
    }
    const char *close = fp_closest(name, names, paths.count);
    fp_text_add_safe(&wanted, given);
    fp_fail(err, FP_USAGE, "no setting '%s': there is no file of that name%s%s%s%s%s By name there are: %s ('flowproof settings' shows them)", wanted.data ? wanted.data : "",
            cli_is_folder(given) ? " (it is a folder)" : "", has_suffix(given) ? "" : ", with .setting behind it or without", close ? "; did you mean '" : "", close ? close : "",
            close ? "'?" : ".", there.data ? there.data : "none");
    for (size_t k = 0; k < paths.count; k++) free((char *)names[k]);
    free(names);
    free(name);
    fp_text_clear(&there);
    fp_text_clear(&wanted);
    fp_list_clear(&paths);
    return err->code;
}

fp_status cli_setting_find(char **out, const char *given, fp_error *err)
{
    *out = fp_strdup(given);
    if (is_file(*out)) return FP_OK;
    free(*out);
    *out = fp_asprintf("%s%s", given, suffix);
    if (is_file(*out)) return FP_OK;
    free(*out);
    char *file = fp_asprintf("settings/%s%s", given, has_suffix(given) ? "" : suffix);
    *out = strchr(given, '/') ? NULL : cli_proofs_find(file);
    free(file);
    return *out ? FP_OK : not_found(given, err);
}

/* ---- the list */

/* At most so many bytes, of whole words. */
static void shorten(fp_text *t, size_t most)
{
    if (t->len <= most) return;
    size_t n = most - 4;
    while (n && t->data[n] != ' ') n--;
    t->len = n;
    t->data[n] = 0;
    fp_text_add(t, " ...");
}

/* The first comment of a setting, but for its licence: what it is about. */
static void add_about(fp_text *out, const char *path)
{
    fp_text text = {0};
    fp_error err;
    if (fp_file_read(&text, path, 1 << 20, &err) != FP_OK) return;
    for (char *s = text.data, *end = s ? s + strcspn(s, "\n") : NULL; s && *s == '#'; s = end + (*end != 0), end = s + strcspn(s, "\n")) {
        if (strncmp(s, "# SPDX", 6) == 0) continue;
        *end = 0;
        fp_text_add_safe(out, s + 1 + strspn(s + 1, "# \t"));
        shorten(out, ABOUT_MOST);
        break;
    }
    fp_text_clear(&text);
}

static void print_size(long size)
{
    if (size)
        cli_print(stdout, " %6ld", size);
    else
        cli_print(stdout, " %6s", "-");
}

static void print_setting(const char *path)
{
    fp_setting s;
    fp_error err;
    fp_text about = {0};
    char *bare = fp_setting_name_of(path);
    cli_print(stdout, "%-18s", bare);
    if (fp_setting_read(&s, path, &err) != FP_OK)
        cli_line(stdout, " cannot be used: %s", err.message);
    else {
        const long sizes[] = {s.n, s.L, s.d, s.m, s.m1};
        fp_setting_init init = {.name = "-"};
        add_about(&about, path);
        if (s.has_init) fp_setting_init_at(&init, (size_t)s.init);
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) print_size(sizes[k]);
        cli_line(stdout, "  %-18s %7.6g  %s", init.name, mpq_get_d(s.horizon), about.data ? about.data : "");
        fp_setting_clear(&s);
    }
    free(bare);
    fp_text_clear(&about);
}

static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) : 0;
}

static int list_all(void)
{
    fp_list paths = {0};
    list_settings(&paths);
    cli_line(stdout, "%-18s %6s %6s %6s %6s %6s  %-18s %7s  %s", "name", "n", "L", "d", "m", "m1", "init", "horizon", "about");
    for (size_t k = 0; k < paths.count; k++) {
        size_t n = folder_length(paths.items[k]);
        char *folder = fp_strndup(paths.items[k], n);
        if (k == 0 || folder_length(paths.items[k - 1]) != n || strncmp(paths.items[k - 1], paths.items[k], n) != 0) cli_line(stdout, "in %s", strcmp(folder, ".") == 0 ? "this folder" : folder);
        print_setting(paths.items[k]);
        free(folder);
    }
    if (paths.count == 0) cli_line(stdout, "none here, in ./proofs/settings or beside the program");
    fp_list_clear(&paths);
    return 0;
}

/* ---- one setting, as a setting */

/* What the key stands for where that is not what is written: the d of 'distinct', the sigmas of an init. */
static void add_meaning(fp_text *out, const fp_setting *s, const char *key)
{
    bool zero = strcmp(key, "sigma0") == 0, one = strcmp(key, "sigma1") == 0;
    fp_problem sizes = {.n = s->n, .L = s->L, .d = s->d, .m = s->m, .m1 = s->m1, .sigmas_known = s->has_init && s->n && s->L && s->d && s->m && s->m1, .setting = s};
    arb_t sigma[2];
    if (strcmp(key, "d") == 0 && s->d_is_distinct && s->d) fp_text_addf(out, "that is %ld", s->d);
    if (!zero && !one) return;
    arb_init(sigma[0]);
    arb_init(sigma[1]);
    if (fp_problem_sigma(sigma[0], sigma[1], &sizes, 64)) fp_text_addf(out, "that is %.6g", arf_get_d(arb_midref(sigma[one]), ARF_RND_NEAR));
    arb_clear(sigma[0]);
    arb_clear(sigma[1]);
}

/* A key that the file does not have: its default, or what the init makes of it. NULL if there is neither. */
static const char *otherwise(const fp_setting *s, const fp_setting_key *key, const char **whence)
{
    fp_setting_init init;
    *whence = "default";
    if (key->fallback || !s->has_init || !fp_setting_init_at(&init, (size_t)s->init)) return key->fallback;
    *whence = "of the init";
    return strcmp(key->name, "sigma0") == 0 ? init.sigma0 : strcmp(key->name, "sigma1") == 0 ? init.sigma1 : NULL;
}

static void print_key(const fp_setting *s, size_t index)
{
    fp_setting_key key;
    const char *whence = NULL;
    fp_text note = {0};
    fp_setting_key_at(&key, index);
    const char *value = s->given[index] ? s->given[index] : otherwise(s, &key, &whence);
    if (value) add_meaning(&note, s, key.name);
    if (!value) fp_text_add(&note, "not given");
    if (value && whence) fp_text_addf(&note, "%s%s", note.len ? ", " : "", whence);
    bool derived = !value || (whence && !key.fallback); /* no line of a setting */
    cli_line(stdout, "%s%-*s = %s%s%s", derived ? "# " : "", derived ? 10 : 12, key.name, value ? value : "", note.len ? (value ? "  # " : "# ") : "", note.data ? note.data : "");
    fp_text_clear(&note);
}

static int print_one(const char *given)
{
    fp_setting s;
    fp_error err;
    char *path;
    if (cli_setting_find(&path, given, &err) != FP_OK) return cli_report_error(&err, NULL);
    fp_status status = fp_setting_read(&s, path, &err);
    if (status == FP_OK) {
        cli_line(stdout, "# %s, with what it leaves to defaults", path);
        for (size_t k = 0; k < FP_SETTING_KEYS; k++) print_key(&s, k);
        fp_setting_clear(&s);
    }
    free(path);
    return status == FP_OK ? 0 : cli_report_error(&err, NULL);
}

static int run_settings(const cli_arguments *arguments)
{
    fp_error err;
    if (arguments->paths_count == 0) return list_all();
    if (arguments->paths_count == 1) return print_one(arguments->paths[0]);
    fp_fail(&err, FP_USAGE, "settings takes one name, found '%s' too", arguments->paths[1]);
    return cli_report_error(&err, NULL);
}

/* ---- help */

static void print_keys(FILE *stream)
{
    fp_setting_key key;
    cli_print_text(stream, "keys\n");
    for (size_t k = 0; fp_setting_key_at(&key, k); k++) {
        cli_line(stream, "  %-12s %s%s%s%s", key.name, key.allowed, key.fallback ? " (default: " : "", key.fallback ? key.fallback : "", key.fallback ? ")" : "");
        cli_line(stream, "  %-12s   %s", "", key.help);
    }
}

static void print_inits(FILE *stream)
{
    fp_setting_init init;
    cli_print_text(stream, "\nkinds of init: standard deviations sigma0 of W_V, W_K, W_Q and sigma1 of W\n");
    for (size_t k = 0; fp_setting_init_at(&init, k); k++) {
        cli_print(stream, "  %-18s %s deviates, ", init.name, init.uniform ? "uniform" : "normal");
        if (init.sigma0)
            cli_line(stream, "sigma0 = %s, sigma1 = %s", init.sigma0, init.sigma1);
        else
            cli_print_text(stream, "sigma0 and sigma1 as the setting declares them\n");
    }
}

static void more(FILE *stream)
{
    print_keys(stream);
    print_inits(stream);
    cli_print_text(stream, "\n");
}

static const cli_option options[] = {CLI_help};
const cli_command cli_settings = {
    .name = "settings",
    .summary = "the settings that there are, and what may stand in one",
    .usage = "settings [NAME]",
    .description = "Lists the settings that --setting NAME can mean: NAME.setting in this folder, then those of the program. With NAME (or a file) that one as a\n"
                   "setting with all its keys, defaults included, to start your own from. A setting is a text file with lines KEY = VALUE; # begins a comment.\n"
                   "n, L, d, m, m1 and init are needed to draw data and weights; what is imported need not be given.",
    .more = more,
    .examples = "  flowproof settings\n"
                "  flowproof settings tiny > my.setting\n"
                "  flowproof check --setting my\n",
    .options = options,
    .options_count = sizeof options / sizeof *options,
    .run = run_settings,
};
