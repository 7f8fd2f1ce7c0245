/* SPDX-License-Identifier: MIT */
/* proofs/INDEX: a number of the paper a line, its page, and its sheet or the reason why there is none. */
#include "statements.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INDEX_BYTES_MAX = 1 << 20 };

static const char blanks[] = " \t";

static char *take_word(const char **s, const char *end)
{
    while (*s < end && strchr(blanks, **s)) ++*s;
    const char *from = *s;
    while (*s < end && !strchr(blanks, **s)) ++*s;
    return fp_strndup(from, (size_t)(*s - from));
}

/* The rest of the line without blanks at its end. */
static char *take_rest(const char *s, const char *end)
{
    while (s < end && strchr(blanks, *s)) s++;
    while (end > s && strchr(blanks, end[-1])) end--;
    return fp_strndup(s, (size_t)(end - s));
}

static bool ends_in(const char *s, const char *suffix)
{
    size_t n = strlen(s), k = strlen(suffix);
    return n > k && strcmp(s + n - k, suffix) == 0;
}

static fp_status read_line(cli_index *out, const char *s, const char *end, int line, fp_error *err)
{
    const char *begin = s;
    char *number = take_word(&s, end), *p = take_word(&s, end), *page = take_word(&s, end), *what = take_rest(s, end);
    bool paged = strcmp(p, "p.") == 0 && page[0] >= '1' && page[0] <= '9' && page[strspn(page, "0123456789")] == 0;
    bool reason = (strncmp(what, "none: ", 6) == 0 && what[6]) || (strncmp(what, "later: ", 7) == 0 && what[7]);
    bool sheet = ends_in(what, ".claim") && what[strcspn(what, blanks)] == 0;
    free(p);
    while (begin < end && strchr(blanks, *begin)) begin++;
    if (paged && (reason || sheet)) {
        out->entries = fp_realloc(out->entries, out->count + 1, sizeof *out->entries);
        out->entries[out->count++] = (cli_index_entry){number, page, sheet ? what : NULL, sheet ? NULL : what, line};
        return FP_OK;
    }
    char q[FP_QUOTE];
    fp_fail(err, FP_BAD_INPUT, "%s:%d:1: found '%s'; a line is NUMBER p. PAGE and FILE.claim, 'none: reason' or 'later: reason'", out->path, line,
            fp_quote(q, begin, (size_t)(end - begin)));
    free(number);
    free(page);
    free(what);
    return err->code;
}

static fp_status check_once(const cli_index *index, fp_error *err)
{
    for (size_t k = 1; k < index->count; k++)
        for (size_t before = 0; before < k; before++)
            if (strcmp(index->entries[k].number, index->entries[before].number) == 0)
                return fp_fail(err, FP_BAD_INPUT, "%s:%d:1: %s stands in line %d already", index->path, index->entries[k].line, index->entries[k].number,
                               index->entries[before].line);
    return FP_OK;
}

char *cli_index_path(void)
{
    const char *folder = cli_proofs_sheets();
    char *path = folder ? fp_asprintf("%s/INDEX", folder) : NULL;
    if (path && access(path, F_OK) == 0) return path;
    free(path);
    return NULL;
}

fp_status cli_index_read(cli_index *out, const char *path, fp_error *err)
{
    fp_text text = {0};
    fp_status status = fp_text_file_read(&text, path, INDEX_BYTES_MAX, err);
    *out = (cli_index){.path = fp_strdup(path)};
    const char *s = text.data, *stop = text.data + text.len;
    for (int line = 1; status == FP_OK && s < stop; line++) {
        const char *newline = memchr(s, '\n', (size_t)(stop - s)), *end = newline ? newline : stop;
        const char *comment = memchr(s, '#', (size_t)(end - s)), *last = comment ? comment : end, *first = s;
        while (first < last && strchr(blanks, *first)) first++;
        if (first < last) status = read_line(out, s, last, line, err);
        s = newline ? newline + 1 : stop;
    }
    if (status == FP_OK) status = check_once(out, err);
    if (status != FP_OK) cli_index_clear(out);
    fp_text_clear(&text);
    return status;
}

void cli_index_clear(cli_index *index)
{
    for (size_t k = 0; k < index->count; k++) {
        free(index->entries[k].number);
        free(index->entries[k].page);
        free(index->entries[k].sheet);
        free(index->entries[k].reason);
    }
    free(index->entries);
    free(index->path);
    *index = (cli_index){0};
}

char *cli_index_statement(const cli_index_entry *entry)
{
    const char *slash = strrchr(entry->sheet, '/'), *name = slash ? slash + 1 : entry->sheet;
    return fp_strndup(name, strlen(name) - strlen(".claim"));
}
