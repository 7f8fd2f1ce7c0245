/* SPDX-License-Identifier: MIT */
/* Where the standard sheets, their prelude, proofs/INDEX and the settings are found, and reading sheets with that prelude. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "statements.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char variable[] = "FLOWPROOF_PROOFS";
static const char *const installed[] = {"../share/flowproof/proofs", "../../proofs"}; /* from the program's folder: of PREFIX/bin, of build/MODE */
enum { INSTALLED = sizeof installed / sizeof *installed, FOLDERS = 2 + INSTALLED };

static char *folders[FOLDERS]; /* where they are looked for, in this order; NULL: there is none */

bool cli_is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The program's folder with its '/'; the kernel knows it, else the name that it was called by. NULL if neither leads to a file. */
static char *program_folder(const char *called)
{
    char *path = realpath("/proc/self/exe", NULL);
    if (!path && strchr(called, '/')) path = realpath(called, NULL);
    if (path) strrchr(path, '/')[1] = 0;
    return path;
}

fp_status cli_proofs_start(const char *called, fp_error *err)
{
    const char *given = getenv(variable);
    if (given && given[0] && !cli_is_folder(given)) return fp_fail(err, FP_USAGE, "%s is '%s', which is no folder; it names a folder of sheets, prelude.claim and settings", variable, given);
    folders[0] = fp_strdup("proofs");
    if (given && given[0]) folders[1] = fp_strdup(given);
    char *beside = program_folder(called);
    for (size_t k = 0; k < INSTALLED && beside; k++) {
        char *path = fp_asprintf("%s%s", beside, installed[k]);
        folders[2 + k] = realpath(path, NULL);
        free(path);
    }
    free(beside);
    return FP_OK;
}

void cli_proofs_end(void)
{
    for (size_t k = 0; k < FOLDERS; k++) free(folders[k]);
    memset(folders, 0, sizeof folders);
}

bool cli_proofs_folder(const char **out, size_t *k)
{
    while (*k < FOLDERS && (!folders[*k] || !cli_is_folder(folders[*k]))) ++*k;
    *out = *k < FOLDERS ? folders[*k] : NULL;
    return (*k)++ < FOLDERS;
}

char *cli_proofs_find(const char *file)
{
    const char *folder;
    for (size_t k = 0; cli_proofs_folder(&folder, &k);) {
        char *path = fp_asprintf("%s/%s", folder, file);
        if (access(path, F_OK) == 0) return path;
        free(path);
    }
    return NULL;
}

static bool has_sheets(const char *folder)
{
    bool found = false;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && !found && (entry = readdir(dir));) {
        size_t n = strlen(entry->d_name), k = strlen(".claim");
        found = entry->d_name[0] != '.' && n > k && strcmp(entry->d_name + n - k, ".claim") == 0;
    }
    if (dir) closedir(dir);
    return found;
}

const char *cli_proofs_sheets(void)
{
    const char *folder;
    for (size_t k = 0; cli_proofs_folder(&folder, &k);)
        if (has_sheets(folder)) return folder;
    return NULL;
}

/* What is read if no sheets are named: the standard ones, with their appendix if it is wanted and there. */
static fp_status read_standard(fp_sheets *out, cli_reading how, const char *prelude, fp_text *context, fp_error *err)
{
    const char *folder = cli_proofs_sheets();
    if (!folder) return fp_fail(err, FP_USAGE, "no sheets are named, and there are none in ./proofs, %s (%s) or beside the program", variable, folders[1] ? folders[1] : "not set");
    char *appendix = fp_asprintf("%s/appendix", folder);
    const char *const paths[] = {folder, appendix};
    fp_status status = fp_sheets_read(out, paths, how.appendix && cli_is_folder(appendix) ? 2 : 1, how.twins, prelude, context, err);
    free(appendix);
    return status;
}

fp_status cli_sheets_read(fp_sheets *out, const char *const *paths, size_t count, cli_reading how, fp_text *context, fp_error *err)
{
    char *prelude = cli_proofs_find("prelude.claim");
    fp_status status = count ? fp_sheets_read(out, paths, count, how.twins, prelude, context, err) : read_standard(out, how, prelude, context, err);
    free(prelude);
    return status;
}

/* ---- groups */

/* Equal up to case but for two neighbouring characters at most, one of them too many, missing or another. */
static bool is_slip(const char *a, const char *b)
{
    size_t la = strlen(a), lb = strlen(b), shorter = la < lb ? la : lb, longer = la < lb ? lb : la, before = 0, behind = 0;
    while (before < shorter && tolower((unsigned char)a[before]) == tolower((unsigned char)b[before])) before++;
    while (behind < shorter - before && tolower((unsigned char)a[la - 1 - behind]) == tolower((unsigned char)b[lb - 1 - behind])) behind++;
    return before + behind + 2 >= longer && strcmp(a, b) != 0;
}

void cli_tell_groups(const fp_sheets *sheets)
{
    for (int s = 0; s < sheets->count; s++)
        for (int g = 0; sheets->sheets[s]->group && !sheets->sheets[s]->is_twin && g < FP_GROUPS; g++)
            if (is_slip(sheets->sheets[s]->group, fp_groups[g]))
                cli_line(stderr, "flowproof: %s: '%s' is a group of its own; did you mean '%s', which is one of the paper's?", sheets->sheets[s]->path, sheets->sheets[s]->group, fp_groups[g]);
}
