/* SPDX-License-Identifier: MIT */
#include "eval_impl.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 256 };

void fp_memo_init(fp_memo *m)
{
    *m = (fp_memo){.slots = FIRST_SLOTS, .slot = fp_alloc(FIRST_SLOTS, sizeof *m->slot)};
}

void fp_memo_free(fp_memo *m)
{
    for (size_t r = 0; r < m->x_room; r++)
        arb_clear(m->x + r);
    free(m->x);
    free(m->entry);
    free(m->slot);
    *m = (fp_memo){0};
}

void fp_memo_forget(fp_memo *m)
{
    if (m->used > 0)
        memset(m->slot, 0, m->slots * sizeof *m->slot);
    m->used = m->x_used = 0;
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

/* The slot of the key, or the free one where it belongs. */
static uint32_t *place(const fp_memo *m, const fp_memo_key *key)
{
    size_t at = hash(key) & (m->slots - 1);
    while (m->slot[at] && !same(&m->entry[m->slot[at] - 1].key, key))
        at = (at + 1) & (m->slots - 1);
    return &m->slot[at];
}

const fp_memo_entry *fp_memo_find(const fp_memo *m, const fp_memo_key *key)
{
    uint32_t at = *place(m, key);
    return at ? &m->entry[at - 1] : NULL;
}

static void file_entries(fp_memo *m)
{
    for (size_t r = 0; r < m->used; r++)
        *place(m, &m->entry[r].key) = (uint32_t)r + 1;
}

static void enlarge_slots(fp_memo *m)
{
    free(m->slot);
    m->slots *= 2;
    m->slot = fp_alloc(m->slots, sizeof *m->slot);
    file_entries(m);
}

static void keep_entry(fp_memo *m, fp_memo_entry entry)
{
    for (size_t r = 0; r < entry.width; r++)
        arb_swap(m->x + m->x_used + r, m->x + (size_t)entry.i + r);
    if (entry.width > 0)
        entry.i = (long)m->x_used;
    m->x_used += entry.width;
    m->entry[m->used++] = entry;
}

/* Everything goes if the few-argument entries alone fill half of it. */
static void make_room(fp_memo *m)
{
    size_t count = m->used;
    fp_memo_forget(m);
    for (size_t r = 0; r < count; r++)
        if (m->entry[r].key.count < 2)
            keep_entry(m, m->entry[r]);
    if (m->used > FP_MEMO_MOST / 2)
        m->used = m->x_used = 0;
    file_entries(m);
}

static fp_memo_entry *next_entry(fp_memo *m)
{
    if (m->used == m->room) {
        m->room += m->room / 2 + 64;
        m->entry = fp_realloc(m->entry, m->room, sizeof *m->entry);
    }
    return &m->entry[m->used++];
}

static size_t next_jet(fp_memo *m, size_t count)
{
    size_t at = m->x_used;
    if (at + count > m->x_room) {
        size_t room = m->x_room + m->x_room / 2 + 64;
        m->x = fp_realloc(m->x, room, sizeof *m->x);
        for (; m->x_room < room; m->x_room++)
            arb_init(m->x + m->x_room);
    }
    m->x_used += count;
    return at;
}

void fp_memo_put(fp_memo *m, const fp_memo_key *key, long i, arb_srcptr x, size_t count)
{
    if (m->used == FP_MEMO_MOST)
        make_room(m);
    if (2 * m->used >= m->slots)
        enlarge_slots(m);
    uint32_t *slot = place(m, key);
    if (*slot) /* its own evaluation has come back to it */
        return;
    size_t at = next_jet(m, count);
    *next_entry(m) = (fp_memo_entry){.key = *key, .width = count, .i = count > 0 ? (long)at : i};
    *slot = (uint32_t)m->used;
    for (size_t r = 0; r < count; r++)
        arb_set(m->x + at + r, x + r);
}
