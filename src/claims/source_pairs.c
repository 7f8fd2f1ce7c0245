/* SPDX-License-Identifier: MIT */
#include "source_impl.h"

#include <stdlib.h>

static size_t number_pairs(fp_source_pairs *pairs, const fp_problem *pb)
{
    size_t count = 0;
    for (long i = 0; i < pb->n; i++)
        for (long l = 0; l < pb->L; l++)
            for (long k = 0; k < pb->L; k++) {
                const int *tok = pb->token + i * pb->L;
                long *of = &pairs->of[(tok[k] - 1) * pb->d + tok[l] - 1];
                if (*of < 0)
                    *of = (long)count++;
            }
    return count;
}

/* Lists, for every token in the role `major`, the pairs it belongs to. */
static void link_pairs(size_t *start, fp_link *links, const long *of, long d, bool by_key)
{
    size_t at = 0;
    for (long token = 0; token < d; token++) {
        start[token] = at;
        for (long other = 0; other < d; other++) {
            long pair = by_key ? of[token * d + other] : of[other * d + token];
            if (pair >= 0)
                links[at++] = (fp_link){other, (size_t)pair};
        }
    }
    start[d] = at;
}

void fp_source_pairs_init(fp_source_pairs *pairs, const fp_problem *pb)
{
    size_t d = (size_t)pb->d;
    pairs->of = fp_alloc(d * d, sizeof *pairs->of);
    for (size_t r = 0; r < d * d; r++)
        pairs->of[r] = -1;
    pairs->count = number_pairs(pairs, pb);
    pairs->key = fp_alloc(pairs->count + 1, sizeof *pairs->key);
    pairs->query = fp_alloc(pairs->count + 1, sizeof *pairs->query);
    for (size_t r = 0; r < d * d; r++)
        if (pairs->of[r] >= 0) {
            pairs->key[pairs->of[r]] = (long)(r / d);
            pairs->query[pairs->of[r]] = (long)(r % d);
        }
    pairs->key_start = fp_alloc(d + 1, sizeof *pairs->key_start);
    pairs->query_start = fp_alloc(d + 1, sizeof *pairs->query_start);
    pairs->by_key = fp_alloc(pairs->count + 1, sizeof *pairs->by_key);
    pairs->by_query = fp_alloc(pairs->count + 1, sizeof *pairs->by_query);
    link_pairs(pairs->key_start, pairs->by_key, pairs->of, pb->d, true);
    link_pairs(pairs->query_start, pairs->by_query, pairs->of, pb->d, false);
}

void fp_source_pairs_clear(fp_source_pairs *pairs)
{
    free(pairs->of);
    free(pairs->key);
    free(pairs->query);
    free(pairs->key_start);
    free(pairs->query_start);
    free(pairs->by_key);
    free(pairs->by_query);
    *pairs = (fp_source_pairs){0};
}
