/* SPDX-License-Identifier: MIT */
#include "eval_impl.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 256 };

static void allocate(fp_memo *m, size_t capacity)
{
    m->entry = fp_alloc(capacity, sizeof *m->entry);
    m->capacity = capacity;
    for (size_t r = 0; r < capacity; r++) {
        arb_init(&m->entry[r].x[0]);
        arb_init(&m->entry[r].x[1]);
    }
}

static void release(fp_memo_entry *entry, size_t capacity)
{
    for (size_t r = 0; r < capacity; r++) {
        arb_clear(&entry[r].x[0]);
        arb_clear(&entry[r].x[1]);
    }
    free(entry);
}

void fp_memo_init(fp_memo *m)
{
    *m = (fp_memo){.generation = 1};
    allocate(m, FIRST_CAPACITY);
}

void fp_memo_free(fp_memo *m)
{
    if (m->entry)
        release(m->entry, m->capacity);
    *m = (fp_memo){0};
}

void fp_memo_forget(fp_memo *m)
{
    m->generation++;
    m->used = 0;
}

static size_t hash(const fp_memo_key *key)
{
    uint64_t h = (uint64_t)key->node * 0x9e3779b97f4a7c15u ^ (uint64_t)(key->origin * 8 + key->flavour);
    for (int r = 0; r < FP_MEMO_ARGS; r++)
        h = (h ^ (h >> 29)) * 0xbf58476d1ce4e5b9u + (uint64_t)key->arg[r];
    h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
    return (size_t)(h ^ (h >> 31));
}

static bool same(const fp_memo_key *a, const fp_memo_key *b)
{
    return a->node == b->node && a->origin == b->origin && a->flavour == b->flavour && memcmp(a->arg, b->arg, sizeof a->arg) == 0;
}

static fp_memo_entry *place(const fp_memo *m, const fp_memo_key *key)
{
    size_t at = hash(key) & (m->capacity - 1);
    while (m->entry[at].generation == m->generation && !same(&m->entry[at].key, key))
        at = (at + 1) & (m->capacity - 1);
    return &m->entry[at];
}

const fp_memo_entry *fp_memo_find(const fp_memo *m, const fp_memo_key *key)
{
    const fp_memo_entry *entry = place(m, key);
    return entry->generation == m->generation ? entry : NULL;
}

static void enlarge(fp_memo *m)
{
    fp_memo_entry *old = m->entry;
    size_t capacity = m->capacity;
    allocate(m, 2 * capacity);
    for (size_t r = 0; r < capacity; r++)
        if (old[r].generation == m->generation) {
            fp_memo_entry *entry = place(m, &old[r].key), fresh = *entry;
            *entry = old[r];
            old[r] = fresh;
        }
    release(old, capacity);
}

void fp_memo_put(fp_memo *m, const fp_memo_key *key, long i, arb_srcptr x, int count)
{
    if (2 * m->used >= m->capacity)
        enlarge(m);
    fp_memo_entry *entry = place(m, key);
    if (entry->generation != m->generation)
        m->used++;
    entry->generation = m->generation;
    entry->key = *key;
    entry->i = i;
    for (int r = 0; r < count; r++)
        arb_set(&entry->x[r], x + r);
}
