/* SPDX-License-Identifier: MIT */
/* Where an extreme value is attained: the parts of a window that may need as much as its best thin time. */
#include <stdlib.h>

#include "tube_impl.h"

static void candidate_init(struct fp_candidate *x)
{
    arf_init(x->from);
    arf_init(x->to);
    arf_init(x->most);
}

static void candidate_set(struct fp_candidate *x, const arf_t from, const arf_t to, const arf_t most)
{
    arf_set(x->from, from);
    arf_set(x->to, to);
    arf_set(x->most, most);
}

void fp_candidates_add(fp_candidates *x, const arf_t from, const arf_t to, const arf_t most)
{
    if (x->count == x->room) {
        size_t room = x->room ? 2 * x->room : 8;
        x->items = fp_realloc(x->items, room, sizeof *x->items);
        for (; x->room < room; x->room++) candidate_init(&x->items[x->room]);
    }
    candidate_set(&x->items[x->count++], from, to, most);
}

void fp_candidates_prune(fp_candidates *x, const arf_t best)
{
    size_t kept = 0;
    for (size_t r = 0; r < x->count; r++)
        if (arf_cmp(x->items[r].most, best) >= 0) {
            struct fp_candidate *item = &x->items[r];
            if (kept != r) candidate_set(&x->items[kept], item->from, item->to, item->most);
            kept++;
        }
    x->count = kept;
}

bool fp_candidates_hull(arf_t from, arf_t to, const fp_candidates *x, const arf_t best)
{
    bool any = false;
    for (size_t r = 0; r < x->count; r++) {
        const struct fp_candidate *item = &x->items[r];
        if (arf_cmp(item->most, best) < 0) continue;
        if (!any || arf_cmp(item->from, from) < 0) arf_set(from, item->from);
        if (!any || arf_cmp(item->to, to) > 0) arf_set(to, item->to);
        any = true;
    }
    return any;
}

void fp_candidates_clear(fp_candidates *x)
{
    for (size_t r = 0; r < x->room; r++) {
        arf_clear(x->items[r].from);
        arf_clear(x->items[r].to);
        arf_clear(x->items[r].most);
    }
    free(x->items);
    *x = (fp_candidates){0};
}
