/* SPDX-License-Identifier: MIT */
/* A function of time over a stretch: GRID samples (or FINE), ever closer ones near the ends, and the extrema between them by golden sections. What is narrower than the grid and shows on no sample is missed, so what the
 * search shows is a witness at a time, or that there is none among functions as smooth as these. */
#include "claim_tree.h"

#include <math.h>
#include <stdlib.h>

enum { GRID = 72, FINE = 1500, CLOSER = 60, SECTIONS = 72 };

static void sample_init(search_sample *x, const arf_t t)
{
    arf_init(x->t);
    arf_set(x->t, t);
    arb_init(x->value);
    x->truth = 0;
    x->near = false;
}

static void sample_clear(search_sample *x)
{
    arf_clear(x->t);
    arb_clear(x->value);
}

static void look(const search *s, search_sample *x)
{
    arb_set_arf(s->moment->t, x->t);
    if (s->proposition) {
        x->truth = tree_holds(x->value, s->x, s->moment);
        return;
    }
    arb_ptr jet = _arb_vec_init(2);
    tree_value(jet, s->x, s->moment);
    arb_swap(x->value, jet);
    _arb_vec_clear(jet, 2);
}

static void add(search *s, const arf_t t, bool near)
{
    s->item = fp_realloc(s->item, s->count + 1, sizeof *s->item);
    search_sample *x = &s->item[s->count++];
    sample_init(x, t);
    x->near = near;
    look(s, x);
}

static int in_time(const void *a, const void *b)
{
    const search_sample *x = a, *y = b;
    return arf_cmp(x->t, y->t);
}

/* from + part (to - from), part = p/q */
static void between(arf_t t, const arf_t from, const arf_t to, long p, slong log2_q)
{
    arf_sub(t, to, from, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_mul_si(t, t, p, CLAIM_PREC, ARF_RND_DOWN);
    arf_mul_2exp_si(t, t, -log2_q);
    arf_add(t, from, t, CLAIM_PREC, ARF_RND_DOWN);
}

void search_open(search *s, tree_moment *m, const tree *x, const arf_t from, const arf_t to)
{
    *s = (search){.moment = m, .x = x, .proposition = x->kind >= TREE_COMPARE};
    arf_t t;
    arf_init(t);
    add(s, from, true);
    if (arf_cmp(from, to) < 0) {
        add(s, to, true);
        for (long k = 1, grid = m->claim->finer ? FINE : GRID; k < grid; k++) {
            between(t, from, to, k * 65536 / grid, 16);
            add(s, t, false);
        }
        for (slong k = 7; k <= CLOSER; k += k < 20 ? 1 : 4) {
            between(t, from, to, 1, k);
            add(s, t, true);
            between(t, to, from, 1, k);
            add(s, t, true);
        }
    }
    qsort(s->item, s->count, sizeof *s->item, in_time);
    arf_clear(t);
}

void search_clear(search *s)
{
    for (size_t k = 0; k < s->count; k++) sample_clear(&s->item[k]);
    free(s->item);
    *s = (search){0};
}

static int order(const search_sample *a, const search_sample *b, int sign)
{
    return sign * arf_cmp(arb_midref(a->value), arb_midref(b->value));
}

static double middle(const search_sample *x)
{
    return arf_get_d(arb_midref(x->value), ARF_RND_NEAR);
}

/* A valley between a and c, at or near b: narrows [a, c] and leaves the lowest point in b. */
static void golden(const search *s, search_sample *a, search_sample *b, search_sample *c, int sign)
{
    arf_t left, right;
    arf_init(left);
    arf_init(right);
    for (int k = 0; k < SECTIONS; k++) {
        arf_sub(left, b->t, a->t, CLAIM_PREC, ARF_RND_DOWN);
        arf_sub(right, c->t, b->t, CLAIM_PREC, ARF_RND_DOWN);
        bool in_left = arf_cmp(left, right) > 0;
        search_sample next;
        sample_init(&next, b->t);
        arf_set_d(next.t, 0.38196601125010515);
        arf_mul(next.t, next.t, in_left ? left : right, CLAIM_PREC, ARF_RND_DOWN);
        (in_left ? arf_sub : arf_add)(next.t, b->t, next.t, CLAIM_PREC, ARF_RND_DOWN);
        look(s, &next);
        search_sample *end = in_left ? a : c;
        if (order(&next, b, sign) < 0) {
            search_sample *other = in_left ? c : a, kept = *other;
            *other = *b;
            *b = next;
            next = kept;
        } else {
            search_sample kept = *end;
            *end = next;
            next = kept;
        }
        sample_clear(&next);
    }
    arf_clear(left);
    arf_clear(right);
}

static void copy(search_sample *to, const search_sample *from)
{
    sample_init(to, from->t);
    arb_set(to->value, from->value);
    to->truth = from->truth;
    to->near = from->near;
}

/* The bottom near sample k as one more sample, behind the others for now. */
static void refine_at(search *s, size_t k, int sign)
{
    search_sample part[3];
    for (int r = 0; r < 3; r++) copy(&part[r], &s->item[k - 1 + (size_t)r]);
    golden(s, &part[0], &part[1], &part[2], sign);
    s->item = fp_realloc(s->item, s->count + 1, sizeof *s->item);
    s->item[s->count++] = part[1];
    sample_clear(&part[0]);
    sample_clear(&part[2]);
}

static bool may_reach(const search *s, size_t k, int sign, double level)
{
    const search_sample *x = &s->item[k];
    bool valley = order(x, x - 1, sign) <= 0 && order(x, x + 1, sign) <= 0;
    if (!valley || !arb_is_finite(x->value)) return false;
    double here = sign * middle(x), around = fmax(sign * middle(x - 1), sign * middle(x + 1));
    return here - 2 * (around - here) <= sign * level || !isfinite(around);
}

void search_refine(search *s, int sign, double level)
{
    size_t count = s->count;
    for (size_t k = 1; k + 1 < count; k++)
        if (may_reach(s, k, sign, level)) refine_at(s, k, sign);
    qsort(s->item, s->count, sizeof *s->item, in_time);
}

const search_sample *search_extreme(const search *s, int sign)
{
    const search_sample *best = &s->item[0];
    for (size_t k = 1; k < s->count; k++)
        if (order(&s->item[k], best, sign) < 0) best = &s->item[k];
    return best;
}
