/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "flow_private.h"

static size_t *indices(size_t n)
{
    return fp_alloc(n > 0 ? n : 1, sizeof(size_t));
}

static size_t find(const size_t *list, size_t n, size_t x)
{
    size_t i = 0;
    while (i < n && list[i] != x)
        i++;
    return i;
}

/* Distinct tokens of each sample with multiplicities. */
static void build_entries(fp_pairs *s, const fp_problem *p)
{
    size_t L = (size_t)p->L;
    s->entry_at = indices(s->n + 1);
    s->cell_at = indices(s->n + 1);
    s->token = indices(s->n * L);
    s->count = indices(s->n * L);
    for (size_t i = 0; i < s->n && !fp_interrupted(); i++) {
        size_t *own = s->token + s->entry_at[i], r = 0;
        for (size_t k = 0; k < L; k++) {
            size_t t = (size_t)(p->token[i * L + k] - 1), at = find(own, r, t);
            own[at] = t;
            s->count[s->entry_at[i] + at]++;
            r += at == r;
        }
        s->entry_at[i + 1] = s->entry_at[i] + r;
        s->cell_at[i + 1] = s->cell_at[i] + r * r;
    }
    s->entries = s->entry_at[s->n];
    s->cells = s->cell_at[s->n];
}

/* Counting sort: the items 0..count-1 by bucket, in index order inside a bucket. */
static void group(size_t **at, size_t **items, size_t buckets, const size_t *bucket, size_t count)
{
    *at = indices(buckets + 1);
    *items = indices(count);
    for (size_t x = 0; x < count; x++)
        (*at)[bucket[x] + 1]++;
    for (size_t b = 0; b < buckets; b++)
        (*at)[b + 1] += (*at)[b];
    size_t *next = indices(buckets);
    memcpy(next, *at, buckets * sizeof *next);
    for (size_t x = 0; x < count; x++)
        (*items)[next[bucket[x]]++] = x;
    free(next);
}

typedef struct {
    size_t key, query, cell;
} meeting;

static int by_tokens(const void *x, const void *y)
{
    const meeting *a = x, *b = y;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    if (a->query != b->query)
        return a->query < b->query ? -1 : 1;
    return (a->cell > b->cell) - (a->cell < b->cell);
}

static meeting *list_meetings(const fp_pairs *s)
{
    meeting *list = fp_alloc(s->cells > 0 ? s->cells : 1, sizeof *list);
    for (size_t i = 0; i < s->n && !fp_interrupted(); i++) {
        const size_t *own = s->token + s->entry_at[i];
        size_t r = s->entry_at[i + 1] - s->entry_at[i];
        for (size_t x = 0; x < r * r; x++) {
            size_t cell = s->cell_at[i] + x;
            list[cell] = (meeting){own[x % r], own[x / r], cell};
        }
    }
    if (!fp_interrupted()) qsort(list, s->cells, sizeof *list, by_tokens);
    return list;
}

static void build_pairs(fp_pairs *s)
{
    meeting *list = list_meetings(s);
    s->cell_pair = indices(s->cells);
    s->key = indices(s->cells);
    s->query = indices(s->cells);
    for (size_t x = 0; x < s->cells; x++) {
        if (x == 0 || list[x].key != list[x - 1].key || list[x].query != list[x - 1].query) {
            s->key[s->pairs] = list[x].key;
            s->query[s->pairs++] = list[x].query;
        }
        s->cell_pair[list[x].cell] = s->pairs - 1;
    }
    free(list);
}

/* Bounds of the parts: equal shares of the number of pairs, counting one for each token. */
static void balance(fp_pairs *s)
{
    size_t total = 2 * s->pairs + s->d, sum = 0, part = 0;
    for (size_t t = 0; t < s->d; t++) {
        while (part < FP_FLOW_PARTS && sum * FP_FLOW_PARTS >= total * part)
            s->token_bound[part++] = t;
        sum += 1 + s->by_key_at[t + 1] - s->by_key_at[t] + s->by_query_at[t + 1] - s->by_query_at[t];
    }
    while (part <= FP_FLOW_PARTS)
        s->token_bound[part++] = s->d;
}

void fp_pairs_init(fp_pairs *s, const fp_problem *problem)
{
    *s = (fp_pairs){.n = (size_t)problem->n, .d = (size_t)problem->d};
    build_entries(s, problem);
    build_pairs(s);
    size_t *identity;
    group(&s->by_key_at, &identity, s->d, s->key, s->pairs);
    free(identity);
    group(&s->by_query_at, &s->by_query, s->d, s->query, s->pairs);
    group(&s->pair_cells_at, &s->pair_cells, s->pairs, s->cell_pair, s->cells);
    group(&s->token_entries_at, &s->token_entries, s->d, s->token, s->entries);
    balance(s);
}

void fp_pairs_clear(fp_pairs *s)
{
    size_t *owned[] = {s->entry_at, s->cell_at,       s->token,      s->count,           s->cell_pair,    s->key,          s->query,
                       s->by_key_at, s->by_query_at, s->by_query, s->pair_cells_at, s->pair_cells, s->token_entries_at, s->token_entries};
    for (size_t x = 0; x < sizeof owned / sizeof *owned; x++)
        free(owned[x]);
    *s = (fp_pairs){0};
}

bool fp_pairs_has_token(const fp_pairs *s, size_t t)
{
    return s->token_entries_at[t + 1] > s->token_entries_at[t];
}
