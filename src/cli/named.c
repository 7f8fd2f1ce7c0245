/* SPDX-License-Identifier: MIT */
#include "named.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SETTING_MAX = 1 << 20 };

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *cli_named_title(const fp_certificate_head *head)
{
    return head->setting[0] ? fp_setting_name_of(head->setting) : NULL;
}

/* ---- where to look */
static void add_once(fp_list *list, char *path)
{
    bool there = false;
    for (size_t k = 0; k < list->count; k++) there |= strcmp(list->items[k], path) == 0;
    if (!there) fp_list_add(list, path);
    free(path);
}

/* As written, from here and from the certificate's folder; its last part beside the certificate and, of a setting, among the settings. */
static void places(fp_list *out, const char *name, const char *certificate, bool setting)
{
    int folder = (int)(base_of(certificate) - certificate);
    add_once(out, fp_strdup(name));
    if (name[0] != '/') add_once(out, fp_asprintf("%.*s%s", folder, certificate, name));
    add_once(out, fp_asprintf("%.*s%s", folder, certificate, base_of(name)));
    if (setting) add_once(out, fp_asprintf("proofs/settings/%s", base_of(name)));
}

static void add_places(fp_text *out, const fp_list *list)
{
    for (size_t k = 0; k < list->count; k++) fp_text_addf(out, "%s%s", k ? ", " : "", list->items[k]);
}

/* ---- a setting is the right one if its digest is */
static bool has_digest(const char *path, const char *digest)
{
    fp_text text = {0};
    fp_error ignored;
    fp_sha256 sha;
    char hex[65] = "";
    if (fp_file_read(&text, path, SETTING_MAX, &ignored) == FP_OK) {
        fp_sha256_init(&sha);
        fp_sha256_add(&sha, text.data ? text.data : "", text.len);
        fp_sha256_hex(hex, &sha);
    }
    fp_text_clear(&text);
    return strcmp(hex, digest) == 0;
}

static fp_status no_setting(const fp_list *list, const fp_certificate_head *head, const char *certificate, fp_error *err)
{
    fp_text looked = {0};
    const char *changed = NULL;
    for (size_t k = list->count; k-- > 0;)
        if (access(list->items[k], F_OK) == 0) changed = list->items[k];
    add_places(&looked, list);
    if (changed)
        fp_fail(err, FP_REJECTED, "%s: certificate rejected: it is about another setting than %s holds now (SHA-256, there %.16s...): the file has changed since, or only has the same name; "
                "--setting FILE names the right one", certificate, changed, head->setting_sha256);
    else
        fp_fail(err, FP_BAD_INPUT, "%s: the setting it is about, %s (SHA-256 %.16s...), is not found; looked for %s; --setting FILE names it", certificate, base_of(head->setting),
                head->setting_sha256, looked.data);
    fp_text_clear(&looked);
    return err->code;
}

static fp_status find_setting(char **out, const fp_certificate_head *head, const char *certificate, fp_error *err)
{
    fp_list list = {0};
    fp_status status = FP_OK;
    places(&list, head->setting, certificate, true);
    for (size_t k = 0; k < list.count && !*out; k++)
        if (has_digest(list.items[k], head->setting_sha256)) *out = fp_strdup(list.items[k]);
    if (!*out) status = no_setting(&list, head, certificate, err);
    fp_list_clear(&list);
    return status;
}

static fp_status find_folder(char **out, const char *name, const char *option, const char *certificate, fp_error *err)
{
    fp_list list = {0};
    fp_text looked = {0};
    fp_status status = FP_OK;
    places(&list, name, certificate, false);
    for (size_t k = 0; k < list.count && !*out; k++)
        if (access(list.items[k], F_OK) == 0) *out = fp_strdup(list.items[k]);
    add_places(&looked, &list);
    if (!*out) status = fp_fail(err, FP_BAD_INPUT, "%s: the folder of its %s is not found; looked for %s; --%s DIR names it", certificate, option, looked.data, option);
    fp_text_clear(&looked);
    fp_list_clear(&list);
    return status;
}

/* ---- sheets: the certificate's own, where none are given */
static void take_sheets(cli_named *out, const char *names)
{
    out->sheets = fp_strdup(names);
    out->sheet = fp_alloc(strlen(names) + 1, sizeof *out->sheet);
    for (char *s = out->sheets; s && *s;) {
        char *tab = strchr(s, '\t');
        if (tab) *tab = 0;
        out->sheet[out->sheet_count++] = s;
        s = tab ? tab + 1 : NULL;
    }
}

fp_status cli_named_find(cli_named *out, const fp_certificate_head *head, const char *certificate, const cli_arguments *arguments, fp_error *err)
{
    const char *const *v = arguments->value;
    *out = (cli_named){0};
    fp_status status = FP_OK;
    if (!v[CLI_setting] && head->setting[0]) status = find_setting(&out->setting, head, certificate, err);
    if (status == FP_OK && !v[CLI_dataset] && head->dataset[0]) status = find_folder(&out->dataset, head->dataset, "dataset", certificate, err);
    if (status == FP_OK && !v[CLI_weights] && head->weights[0]) status = find_folder(&out->weights, head->weights, "weights", certificate, err);
    if (status == FP_OK && arguments->paths_count == 0) take_sheets(out, head->sheets);
    return status;
}

void cli_named_clear(cli_named *n)
{
    free(n->setting);
    free(n->dataset);
    free(n->weights);
    free(n->sheets);
    free(n->sheet);
    *n = (cli_named){0};
}
