/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "flowproof/base.h"

void fp_text_clear(fp_text *t)
{
    free(t->data);
    *t = (fp_text){0};
}

/* Room for n more bytes and the NUL. */
static void reserve(fp_text *t, size_t n)
{
    if (t->data && n < t->cap - t->len) return;
    size_t cap = t->cap ? t->cap : 64;
    while (cap - t->len <= n) cap = cap > SIZE_MAX / 2 ? SIZE_MAX : 2 * cap;
    t->data = fp_realloc(t->data, cap, 1);
    t->cap = cap;
}

void fp_text_addn(fp_text *t, const char *s, size_t n)
{
    reserve(t, n);
    if (n) memcpy(t->data + t->len, s, n);
    t->len += n;
    t->data[t->len] = 0;
}

void fp_text_add(fp_text *t, const char *s)
{
    fp_text_addn(t, s, strlen(s));
}

void fp_text_addf(fp_text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0) return;
    reserve(t, (size_t)n);
    va_start(args, format);
    vsnprintf(t->data + t->len, (size_t)n + 1, format, args);
    va_end(args);
    t->len += (size_t)n;
}

/* Greedy with one point of return: only the last * ever needs to be widened. */
bool fp_glob_match(const char *pattern, const char *s)
{
    const char *star = NULL, *resume = NULL;
    while (*s) {
        if (*pattern == '*') {
            star = ++pattern;
            resume = s;
        } else if (*pattern && (*pattern == '?' || *pattern == *s)) {
            pattern++;
            s++;
        } else if (star) {
            pattern = star;
            s = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*') pattern++;
    return *pattern == 0;
}

enum { WORD_MAX = 64 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: insert, delete, replace, swap of neighbours cost 1 each. */
static size_t edit_distance(const char *a, size_t la, const char *b, size_t lb)
{
    size_t d[3][WORD_MAX + 1];
    size_t *before = d[0], *last = d[1], *now = d[2];
    for (size_t j = 0; j <= lb; j++) last[j] = j;
    for (size_t i = 1; i <= la; i++) {
        now[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
        size_t *free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[lb];
}

const char *fp_closest(const char *word, const char *const *candidates, size_t count)
{
    size_t len = strlen(word);
    if (len > WORD_MAX) return NULL;
    const char *best = NULL;
    size_t best_distance = least((len + 2) / 3 + 1, len); /* only what is below is a suggestion */
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(candidates[i]);
        if (other > WORD_MAX) continue;
        size_t distance = edit_distance(word, len, candidates[i], other);
        if (distance < best_distance) {
            best = candidates[i];
            best_distance = distance;
        }
    }
    return best;
}
