/* SPDX-License-Identifier: MIT */
/* Expectation files: `ID verdict reason`, one claim or pattern a line. */
#include <stdlib.h>
#include <string.h>

#include "check_impl.h"

enum { FILE_MAX = 1 << 22, TOKEN_MAX = 60 };

static const char *const verdict_words[] = {
#define FP_WORD(id, word, text) word,
    FP_VERDICT_LIST(FP_WORD)
#undef FP_WORD
    "holds"};
enum { WORDS = sizeof verdict_words / sizeof *verdict_words };

/* "holds" is FP_PROVED. */
static bool parse_verdict(fp_verdict *out, const char *word)
{
    for (int r = 0; r < WORDS; r++)
        if (strcmp(word, verdict_words[r]) == 0) {
            *out = r == WORDS - 1 ? FP_PROVED : (fp_verdict)r;
            return true;
        }
    return false;
}

static size_t skip_blank(const char *line, size_t at, size_t len)
{
    while (at < len && (line[at] == ' ' || line[at] == '\t')) at++;
    return at;
}

static size_t skip_word(const char *line, size_t at, size_t len)
{
    while (at < len && line[at] != ' ' && line[at] != '\t') at++;
    return at;
}

/* Length without comment (# at the start or after a blank), trailing blanks. */
static size_t content_length(const char *line, size_t len)
{
    for (size_t r = 0; r < len; r++)
        if (line[r] == '#' && (r == 0 || line[r - 1] == ' ' || line[r - 1] == '\t')) len = r;
    while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t')) len--;
    return len;
}

/* The ID and the verdict are plain ASCII; a reason may be any text. */
static fp_status refuse_character(const char *path, int line, const char *text, size_t from, size_t to, fp_error *err)
{
    char hint[FP_HINT];
    size_t at;
    if (!fp_character_hint(hint, &at, text + from, to - from)) return FP_OK;
    return fp_fail(err, FP_BAD_INPUT, "%s:%d:%zu: %s", path, line, from + at + 1, hint);
}

static fp_status bad_verdict(const char *path, int line, size_t column, const char *word, fp_error *err)
{
    const char *close = fp_closest(word, verdict_words, WORDS);
    return fp_fail(err, FP_BAD_INPUT,
                   "%s:%d:%zu: '%s' is not a verdict%s%s%s; allowed: holds, proved, supported, undecided, violated, refuted, not-applicable, deferred",
                   path, line, column, word, close ? " (did you mean '" : "", close ? close : "", close ? "'?)" : "");
}

static void add_item(fp_expectations *out, const char *pattern, size_t n, fp_verdict verdict, const char *reason, size_t reason_n, int line)
{
    out->items = fp_realloc(out->items, out->count + 1, sizeof *out->items);
    struct fp_expectation *item = &out->items[out->count++];
    *item = (struct fp_expectation){.pattern = fp_strndup(pattern, n), .reason = fp_strndup(reason, reason_n), .verdict = verdict, .line = line};
}

static fp_status parse_line(fp_expectations *out, int number, const char *line, size_t len, fp_error *err)
{
    len = content_length(line, len);
    size_t id = skip_blank(line, 0, len), id_end = skip_word(line, id, len);
    if (id == len) return FP_OK;
    size_t word = skip_blank(line, id_end, len), word_end = skip_word(line, word, len), reason = skip_blank(line, word_end, len);
    char q[FP_QUOTE];
    if (refuse_character(out->path, number, line, id, word_end, err) != FP_OK) return err->code;
    if (word == len)
        return fp_fail(err, FP_BAD_INPUT, "%s:%d:%zu: no verdict after '%s'; a line reads: ID verdict reason", out->path, number, len + 1,
                       fp_quote(q, line + id, id_end - id));
    char text[TOKEN_MAX + 1];
    snprintf(text, sizeof text, "%.*s", (int)(word_end - word > TOKEN_MAX ? TOKEN_MAX : word_end - word), line + word);
    fp_verdict verdict;
    if (!parse_verdict(&verdict, text)) return bad_verdict(out->path, number, word + 1, text, err);
    if (reason == len)
        return fp_fail(err, FP_BAD_INPUT, "%s:%d:%zu: no reason after '%s'; a line reads: ID verdict reason", out->path, number, len + 1, text);
    add_item(out, line + id, id_end - id, verdict, line + reason, len - reason, number);
    return FP_OK;
}

fp_status fp_expectations_read(fp_expectations *out, const char *path, fp_error *err)
{
    fp_text text = {0};
    memset(out, 0, sizeof *out);
    fp_status status = fp_text_file_read(&text, path, FILE_MAX, err);
    if (status == FP_OK) out->path = fp_strdup(path);
    int number = 1;
    for (size_t at = 0; status == FP_OK && at < text.len; number++) {
        const char *end = memchr(text.data + at, '\n', text.len - at);
        size_t len = end ? (size_t)(end - (text.data + at)) : text.len - at;
        status = parse_line(out, number, text.data + at, len, err);
        at += len + 1;
    }
    fp_text_clear(&text);
    if (status != FP_OK) fp_expectations_clear(out);
    return status;
}

void fp_expectations_clear(fp_expectations *e)
{
    for (size_t r = 0; r < e->count; r++) {
        free(e->items[r].pattern);
        free(e->items[r].reason);
    }
    free(e->items);
    free(e->path);
    memset(e, 0, sizeof *e);
}

static bool matches_some_claim(const char *pattern, const fp_sheets *sheets)
{
    for (int s = 0; s < sheets->count; s++)
        for (int k = 0; k < sheets->sheets[s]->claims_count; k++)
            if (fp_claim_matches(pattern, sheets->sheets[s]->claims[k])) return true;
    return false;
}

fp_status fp_expectations_match(const fp_expectations *e, const fp_sheets *sheets, fp_error *err)
{
    for (size_t k = 0; k < e->count; k++) {
        const struct fp_expectation *item = &e->items[k];
        if (!fp_pattern_names_sheet(item->pattern, sheets) || matches_some_claim(item->pattern, sheets)) continue;
        return fp_fail(err, FP_BAD_INPUT, "%s:%d: '%s' matches no claim of its statement; 'flowproof list --ids' shows them", e->path, item->line,
                       item->pattern);
    }
    return FP_OK;
}

void fp_expectations_apply(fp_results *r, fp_expectations *e)
{
    for (size_t k = 0; k < r->claims_count; k++) {
        fp_claim_result *result = &r->claims[k];
        fp_result_default_expectation(result);
        for (size_t line = 0; line < e->count; line++) {
            struct fp_expectation *item = &e->items[line];
            if (!fp_claim_matches(item->pattern, result->claim)) continue;
            item->used = true;
            result->expected = item->verdict;
            result->expected_holds = item->verdict == FP_PROVED || item->verdict == FP_SUPPORTED;
            snprintf(result->expected_reason, sizeof result->expected_reason, "%s", item->reason);
        }
        result->as_expected = fp_result_is_as_expected(result);
    }
}
