/* SPDX-License-Identifier: MIT */
/* Windows, times and thresholds of random claims. */
#include "claim_random.h"

#include <math.h>
#include <stdlib.h>

/* ---- times and windows of the claim at hand */
static int add_time(claim_maker *m, time_kind kind)
{
    tree_claim *c = m->claim;
    tree_time *t = &c->time[c->times];
    *t = (tree_time){.kind = kind};
    arb_init(t->t);
    return c->times++;
}

int window_number(claim_maker *m, const char *text)
{
    int k = add_time(m, TIME_NUMBER);
    tree_time *t = &m->claim->time[k];
    t->text = fp_strdup(text);
    t->state = STATE_FOUND;
    arb_set(t->t, tree_number(&m->trees, text)->number);
    return k;
}

int window_fraction(claim_maker *m, long least, long most)
{
    static const long parts[] = {12, 16, 7, 10};
    long of = parts[pick_below(m, 4)];
    char *text = pick_fraction(m, least * of / 12, most * of / 12, of);
    int k = window_number(m, text);
    free(text);
    return k;
}

int window_beginning(claim_maker *m)
{
    return pick_below(m, 3) > 0 ? window_number(m, "0") : window_fraction(m, 0, 5);
}

int window_ending(claim_maker *m)
{
    return pick_below(m, 2) == 0 ? window_number(m, m->world->horizon_text) : window_fraction(m, 6, 12);
}

void window_set(claim_maker *m, int from, int to)
{
    tree_claim *c = m->claim;
    c->window = pick_below(m, 3) > 0 ? WINDOW_ALWAYS : WINDOW_EVENTUALLY;
    c->from = from;
    c->to = to;
    c->open_from = pick_below(m, 4) == 0;
    c->open_to = pick_below(m, 4) == 0;
}

void window_some(claim_maker *m)
{
    int from = window_beginning(m);
    window_set(m, from, window_ending(m));
}

/* A time of the stretch between two of the claim's, all of which are found. */
void window_inside(arb_t t, claim_maker *m, int from, int to)
{
    const tree_time *time = m->claim->time;
    arb_sub(t, time[to].t, time[from].t, CLAIM_PREC);
    arb_mul_si(t, t, 1 + pick_below(m, 998), CLAIM_PREC);
    arb_div_si(t, t, 999, CLAIM_PREC);
    arb_add(t, t, time[from].t, CLAIM_PREC);
    arb_get_mid_arb(t, t);
}

/* ---- thresholds */
double pick_offset(claim_maker *m)
{
    return m->claim->offset = pow(10, -3 - (double)pick_below(m, 10));
}

int pick_side(claim_maker *m)
{
    return pick_below(m, 2) == 0 ? 1 : -1;
}

tree_relation pick_relation(claim_maker *m, bool up)
{
    bool strict = pick_below(m, 2) == 0;
    return up ? (strict ? TREE_LT : TREE_LE) : strict ? TREE_GT : TREE_GE;
}

/* x's least (sign > 0) or greatest value between two of the claim's times, and where. */
void window_extreme(arb_t out, arb_t where, claim_maker *m, tree *x, int from, int to, int sign)
{
    search s;
    tree_moment moment;
    claim_prepare(x, m->claim, m->world);
    moment_init(&moment, m->world, m->claim);
    search_open(&s, &moment, x, arb_midref(m->claim->time[from].t), arb_midref(m->claim->time[to].t));
    search_refine(&s, sign, arf_get_d(arb_midref(search_extreme(&s, sign)->value), ARF_RND_NEAR));
    const search_sample *best = search_extreme(&s, sign);
    arb_set(out, best->value);
    if (where) arb_set_arf(where, best->t);
    search_clear(&s);
    moment_clear(&moment);
}

/* x against a number near its extreme over the window: upper: x <= greatest, lower: x >= least; for `eventually` the other way round. */
tree *near_extreme_of(claim_maker *m, tree *x, bool upper, int from, int to, bool eventually)
{
    arb_t e;
    arb_init(e);
    window_extreme(e, NULL, m, x, from, to, upper ? -1 : 1);
    tree *c = number_near(m, e, pick_offset(m), pick_side(m));
    arb_clear(e);
    bool up = upper != eventually;
    return pick_below(m, 2) == 0 ? tree_compare(&m->trees, x, pick_relation(m, up), c) : tree_compare(&m->trees, c, pick_relation(m, !up), x);
}

/* x against a number near its value at t */
tree *near_value_of(claim_maker *m, tree *x, const arb_t t)
{
    arb_t v;
    arb_init(v);
    claim_value_at(v, m, x, t);
    tree *c = number_near(m, v, pick_offset(m), pick_side(m));
    arb_clear(v);
    return tree_compare(&m->trees, x, pick_relation(m, pick_below(m, 2) == 0), c);
}

/* ---- named times */
tree *pick_condition(claim_maker *m, int from, int to)
{
    arb_t t;
    arb_init(t);
    window_inside(t, m, from, to);
    tree *a = near_value_of(m, pick_smooth(m, (int)pick_below(m, 3)), t);
    if (pick_below(m, 4) == 0) {
        window_inside(t, m, from, to);
        a = tree_new(&m->trees, pick_below(m, 2) == 0 ? TREE_AND : TREE_OR, a, near_value_of(m, pick_kinked(m), t));
    }
    arb_clear(t);
    return a;
}

bool window_named_with(claim_maker *m, int *k, time_kind kind, int from, int to, tree *holds)
{
    *k = add_time(m, kind);
    tree_time *t = &m->claim->time[*k];
    t->from = from;
    t->to = to;
    t->condition = holds;
    claim_prepare(holds, m->claim, m->world);
    claim_find_time(m->claim, *k, m->world);
    return t->state == STATE_FOUND;
}

bool window_named(claim_maker *m, int *k, time_kind kind, int from, int to)
{
    return window_named_with(m, k, kind, from, to, pick_condition(m, from, to));
}
