/* SPDX-License-Identifier: MIT */
/* Rules that make claims whose truth hangs on a threshold at a known relative distance. */
#include "claim_random.h"

#include <math.h>
#include <stdlib.h>

/* ---- rules; each leaves window and body */
static void threshold(claim_maker *m)
{
    window_some(m);
    tree_claim *c = m->claim;
    c->body = near_extreme_of(m, pick_moving(m), pick_below(m, 2) == 0, c->from, c->to, c->window == WINDOW_EVENTUALLY);
}

static void between(claim_maker *m)
{
    window_some(m);
    tree_claim *c = m->claim;
    arb_t low, high;
    arb_init(low);
    arb_init(high);
    tree *x = pick_moving(m);
    window_extreme(low, NULL, m, x, c->from, c->to, 1);
    window_extreme(high, NULL, m, x, c->from, c->to, -1);
    tree *a = number_near(m, low, pick_offset(m), pick_below(m, 3) > 0 ? -1 : 1), *b = number_near(m, high, c->offset, pick_below(m, 3) > 0 ? 1 : -1);
    c->body = tree_between(&m->trees, a, pick_relation(m, true), x, pick_relation(m, true), b);
    arb_clear(low);
    arb_clear(high);
}

/* a + something <= b <= c + something, both differences near their extremes */
static void chain(claim_maker *m)
{
    window_some(m);
    tree_claim *c = m->claim;
    forest *f = &m->trees;
    arb_t e;
    arb_init(e);
    tree *x[] = {pick_smooth(m, 1), pick_moving(m), pick_kinked(m)};
    pick_offset(m);
    for (int k = 0; k < 3; k += 2) {
        window_extreme(e, NULL, m, tree_new(f, TREE_SUB, x[1], x[k]), c->from, c->to, k == 0 ? 1 : -1);
        x[k] = tree_new(f, TREE_ADD, x[k], number_near(m, e, c->offset, (pick_below(m, 4) > 0) == (k == 0) ? -1 : 1));
    }
    c->body = tree_between(f, x[0], pick_relation(m, true), x[1], pick_relation(m, true), x[2]);
    arb_clear(e);
}

/* Comparisons that change near the same time, joined. */
static void logic(claim_maker *m)
{
    static const tree_kind joins[] = {TREE_AND, TREE_OR, TREE_IMPLIES, TREE_IMPLIES};
    window_some(m);
    arb_t t;
    arb_init(t);
    window_inside(t, m, m->claim->from, m->claim->to);
    tree *x = near_value_of(m, pick_moving(m), t);
    for (long k = 1 + pick_below(m, 2); k > 0; k--) {
        if (pick_below(m, 3) == 0) x = tree_new(&m->trees, TREE_NOT, x, NULL);
        tree *y = near_value_of(m, pick_kinked(m), t);
        x = pick_below(m, 2) == 0 ? tree_new(&m->trees, joins[pick_below(m, 4)], x, y) : tree_new(&m->trees, joins[pick_below(m, 4)], y, x);
    }
    m->claim->body = x;
    arb_clear(t);
}

/* All, or some, of a set against a number near the extreme of the set. */
static void quantified(claim_maker *m)
{
    window_some(m);
    tree_claim *c = m->claim;
    if (!m->world->flow) {
        logic(m);
        return;
    }
    bool all = pick_below(m, 2) == 0, upper = pick_below(m, 2) == 0, eventually = c->window == WINDOW_EVENTUALLY;
    tree *body, *most = pick_over(m, all == upper ? TREE_MAX_OVER : TREE_MIN_OVER, 0, &body);
    tree *x = near_extreme_of(m, most, eventually ? !upper : upper, c->from, c->to, eventually);
    tree *number = x->kid[0] == most ? x->kid[1] : x->kid[0];
    x = tree_compare(&m->trees, body, pick_relation(m, upper), number);
    x = tree_over(&m->trees, all ? TREE_ALL : TREE_SOME, 0, most->set, most->low, most->high, x);
    c->body = x;
    if (!all || eventually || pick_below(m, 2) > 0) return;
    c->leading = x;
    c->body = x->kid[0];
}

static void at_a_time(claim_maker *m)
{
    tree_claim *c = m->claim;
    int from = window_beginning(m), to = window_ending(m), k = to;
    c->window = WINDOW_AT;
    if (pick_below(m, 3) == 0 || !window_named(m, &k, pick_below(m, 2) == 0 ? TIME_FIRST : TIME_LAST, from, to)) {
        if (pick_below(m, 3) > 0) k = to;
    }
    c->from = k;
    bool found = c->time[k].state == STATE_FOUND;
    tree *x = pick_below(m, 3) == 0 ? tree_new(&m->trees, TREE_NOW, NULL, NULL) : pick_moving(m);
    c->body = near_value_of(m, x, c->time[found ? k : to].t);
}

/* Against the value where the window begins. */
static void since(claim_maker *m)
{
    tree_claim *c = m->claim;
    int from = window_beginning(m), to = window_ending(m), k = from;
    bool found = window_named(m, &k, pick_below(m, 3) > 0 ? TIME_FIRST : TIME_LAST, from, to);
    window_set(m, k, to);
    tree *x = pick_smooth(m, 1), *then = tree_new(&m->trees, TREE_AT, x, NULL), *d = tree_new(&m->trees, TREE_SUB, x, then);
    then->time = k;
    if (found)
        c->body = near_extreme_of(m, d, pick_below(m, 2) == 0, k, to, c->window == WINDOW_EVENTUALLY);
    else
        c->body = tree_compare(&m->trees, d, pick_relation(m, true), tree_number(&m->trees, "1"));
}

/* What comes near the greatest value may be a short event, or none. */
static void short_event(claim_maker *m)
{
    tree_claim *c = m->claim;
    int from = window_beginning(m), to = window_ending(m), k;
    bool greatest = pick_below(m, 2) == 0;
    tree *x = pick_below(m, 2) == 0 ? pick_smooth(m, (int)pick_below(m, 2)) : pick_kinked(m);
    arb_t e, where;
    arb_init(e);
    arb_init(where);
    window_extreme(e, where, m, x, from, to, greatest ? -1 : 1);
    tree *number = number_near(m, e, pick_offset(m), (pick_below(m, 4) > 0) == greatest ? -1 : 1);
    bool found = window_named_with(m, &k, pick_below(m, 2) == 0 ? TIME_FIRST : TIME_LAST, from, to, tree_compare(&m->trees, x, pick_relation(m, !greatest), number));
    c->window = WINDOW_AT;
    c->from = k;
    double kept = c->offset;
    tree *y = pick_below(m, 2) == 0 ? tree_new(&m->trees, TREE_NOW, NULL, NULL) : pick_smooth(m, 1);
    c->body = near_value_of(m, y, found ? c->time[k].t : where);
    if (found && pick_below(m, 2) == 0 && c->time[k].kind == TIME_FIRST) window_set(m, from, k);
    if (kept < c->offset) c->offset = kept;
    arb_clear(e);
    arb_clear(where);
}

/* A search that begins where another one ended, or reads what was there. */
static void nested(claim_maker *m)
{
    tree_claim *c = m->claim;
    int from = window_beginning(m), to = window_ending(m), k, l;
    if (!window_named(m, &k, TIME_FIRST, from, to)) {
        c->window = WINDOW_AT;
        c->from = k;
        c->body = tree_compare(&m->trees, pick_smooth(m, 1), pick_relation(m, true), tree_number(&m->trees, "1"));
        return;
    }
    tree *holds = pick_condition(m, k, to);
    if (pick_below(m, 2) == 0) {
        tree *x = pick_smooth(m, 1), *then = tree_new(&m->trees, TREE_AT, x, NULL);
        then->time = k;
        arb_t t;
        arb_init(t);
        window_inside(t, m, k, to);
        holds = near_value_of(m, tree_new(&m->trees, TREE_SUB, x, then), t);
        arb_clear(t);
    }
    bool found = window_named_with(m, &l, pick_below(m, 4) > 0 ? TIME_FIRST : TIME_LAST, k, to, holds);
    if (found && c->time[l].kind == TIME_FIRST)
        window_set(m, pick_below(m, 2) == 0 ? k : from, l);
    else
        window_set(m, l, to);
    if (found) c->body = near_extreme_of(m, pick_moving(m), pick_below(m, 2) == 0, c->from, c->to, c->window == WINDOW_EVENTUALLY);
    else c->body = tree_compare(&m->trees, pick_smooth(m, 1), pick_relation(m, true), tree_number(&m->trees, "1"));
}

static void at_start(claim_maker *m)
{
    arb_t zero;
    arb_init(zero);
    m->claim->window = WINDOW_INITIALLY;
    tree *x = pick_smooth(m, 2);
    m->claim->body = near_value_of(m, x, zero);
    arb_clear(zero);
}

static void since_start(claim_maker *m)
{
    window_some(m);
    forest *f = &m->trees;
    tree *x = pick_smooth(m, (int)pick_below(m, 2)), *then = tree_new(f, TREE_INIT, x, NULL);
    m->claim->body = tree_compare(f, tree_new(f, TREE_SUB, x, then), pick_relation(m, pick_below(m, 2) == 0), tree_number(f, "0"));
}

/* t against an end of the window, which may be excluded: known, whatever digits the end has. */
static void at_ends(claim_maker *m)
{
    window_some(m);
    tree_claim *c = m->claim;
    bool first = pick_below(m, 2) == 0, up = pick_below(m, 2) == 0, eventually = c->window == WINDOW_EVENTUALLY;
    tree_relation r = pick_relation(m, up);
    bool strict = r == TREE_LT || r == TREE_GT, lower = !up, open = first ? c->open_from : c->open_to;
    const char *text = c->time[first ? c->from : c->to].text;
    c->body = tree_compare(&m->trees, tree_new(&m->trees, TREE_NOW, NULL, NULL), r, tree_number(&m->trees, text));
    if (eventually) strict = !strict; /* it fails if the opposite holds always */
    bool inward = (lower != eventually) == first, always = inward && (!strict || open);
    c->known = always != eventually ? TRUTH_TRUE : TRUTH_FALSE;
}

/* (t - r)^2 times something positive against 0, r between 5/12 and 3/7 of the horizon, hence in every window: known. */
static void touching(claim_maker *m)
{
    window_some(m);
    tree_claim *c = m->claim;
    forest *f = &m->trees;
    char *root = pick_fraction(m, 107, 109, 256);
    tree *past = tree_new(f, TREE_SUB, tree_new(f, TREE_NOW, NULL, NULL), tree_number(f, root)), *even = tree_new(f, pick_below(m, 2) == 0 ? TREE_POWER : TREE_ABS, past, NULL);
    even->power = 2;
    tree *x = tree_new(f, TREE_MUL, even, tree_new(f, TREE_EXP, pick_smooth(m, 0), NULL)), *zero = tree_number(f, "0");
    bool strict = pick_below(m, 2) == 0, eventually = c->window == WINDOW_EVENTUALLY;
    tree_relation up = strict ? TREE_GT : TREE_GE, down = strict ? TREE_LT : TREE_LE;
    c->body = tree_compare(f, x, eventually ? down : up, zero);
    c->known = strict ? TRUTH_FALSE : TRUTH_TRUE;
    free(root);
}

/* When it is, mostly coarsely: a fat tube knows no more. */
static void when(claim_maker *m)
{
    tree_claim *c = m->claim;
    forest *f = &m->trees;
    int from = window_beginning(m), to = window_ending(m), k;
    arb_t t;
    arb_init(t);
    window_inside(t, m, from, to);
    tree *holds = near_value_of(m, pick_smooth(m, 0), t);
    bool found = window_named_with(m, &k, pick_below(m, 3) > 0 ? TIME_FIRST : TIME_LAST, from, to, holds);
    c->window = WINDOW_AT;
    c->from = k;
    if (pick_below(m, 4) > 0)
        c->offset = pow(10, -2 - (double)pick_below(m, 4));
    tree *number = number_near(m, c->time[found ? k : to].t, c->offset, pick_side(m));
    c->body = tree_compare(f, tree_new(f, TREE_NOW, NULL, NULL), pick_relation(m, pick_below(m, 2) == 0), number);
    arb_clear(t);
}

/* x <= C y (x >= C y) with y > 0: C is measured. */
static void with_constant(claim_maker *m)
{
    window_some(m);
    tree_claim *c = m->claim;
    forest *f = &m->trees;
    c->window = WINDOW_ALWAYS;
    c->largest = pick_below(m, 2) == 0;
    tree *x = pick_smooth(m, 1), *y = tree_new(f, TREE_EXP, tree_new(f, TREE_MUL, tree_number(f, "-1"), tree_new(f, TREE_NOW, NULL, NULL)), NULL);
    if (pick_below(m, 2) == 0) y = tree_new(f, TREE_ADD, y, tree_new(f, TREE_ABS, pick_smooth(m, 0), NULL));
    arb_init(c->needed);
    window_extreme(c->needed, NULL, m, tree_new(f, TREE_DIV, x, y), c->from, c->to, c->largest ? 1 : -1);
    c->constant = number_near(m, c->needed, pick_offset(m), pick_side(m));
    c->body = tree_compare(f, x, c->largest ? TREE_GE : TREE_LE, tree_new(f, TREE_MUL, c->constant, y));
}

/* One side is the other one, written otherwise, or off by a known relative distance. */
static void identity(claim_maker *m)
{
    window_some(m);
    tree_claim *c = m->claim;
    forest *f = &m->trees;
    tree *a = pick_smooth(m, 1), *b = pick_smooth(m, 1), *x, *y;
    c->window = WINDOW_ALWAYS;
    switch (pick_below(m, 3)) {
    case 0: x = tree_new(f, TREE_ADD, tree_new(f, TREE_MAX, a, b), tree_new(f, TREE_MIN, a, b)); y = tree_new(f, TREE_ADD, a, b); break;
    case 1: x = tree_new(f, TREE_MUL, tree_new(f, TREE_ADD, a, b), tree_new(f, TREE_SUB, a, b)); y = tree_new(f, TREE_SUB, tree_new(f, TREE_MUL, a, a), tree_new(f, TREE_MUL, b, b)); break;
    default: x = tree_new(f, TREE_ABS, a, NULL); y = tree_new(f, TREE_SQRT, tree_new(f, TREE_MUL, a, a), NULL);
    }
    c->known = TRUTH_TRUE;
    arb_t one, t;
    arb_init(one);
    arb_init(t);
    window_inside(t, m, c->from, c->to);
    claim_value_at(one, m, y, t);
    if (pick_below(m, 2) == 0 && arf_cmpabs_2exp_si(arb_midref(one), -60) > 0) { /* where both are 0, no factor tells them apart */
        arb_one(one);
        y = tree_new(f, TREE_MUL, y, number_near(m, one, pick_offset(m), pick_side(m)));
        c->known = TRUTH_FALSE;
    }
    arb_clear(one);
    arb_clear(t);
    c->body = tree_compare(f, x, TREE_EQUAL, y);
}

/* [a, a]: one time; with an excluded end none. */
static void no_length(claim_maker *m)
{
    int k = window_beginning(m);
    window_set(m, k, k);
    m->claim->body = near_value_of(m, pick_moving(m), m->claim->time[k].t);
}

typedef struct {
    const char *label;
    void (*make)(claim_maker *m);
    int weight;
} rule;
static const rule rules[] = {{"threshold", threshold, 8}, {"between", between, 3}, {"chain", chain, 3}, {"logic", logic, 6}, {"quantified", quantified, 5}, {"at a time", at_a_time, 4}, {"since", since, 4},
                             {"short event", short_event, 4}, {"nested", nested, 4}, {"at the start", at_start, 1}, {"since the start", since_start, 2}, {"at ends", at_ends, 1}, {"when", when, 7}, {"constant", with_constant, 2}, {"identity", identity, 1}, {"touching", touching, 1}, {"no length", no_length, 1}};

static const rule *pick_rule(claim_maker *m)
{
    enum { RULES = sizeof rules / sizeof *rules };
    long total = 0;
    for (size_t r = 0; r < RULES; r++) total += rules[r].weight;
    long at = pick_below(m, total);
    size_t r = 0;
    while (at >= rules[r].weight) at -= rules[r++].weight;
    return &rules[r];
}

void claim_random(tree_claim *out, claim_maker *m, int number)
{
    const rule *r = pick_rule(m);
    *out = (tree_claim){.number = number, .label = r->label};
    m->claim = out;
    r->make(m);
    claim_prepare(out->leading ? out->leading : out->body, out, m->world);
    out->truth = claim_decide(out, m->world);
    if (out->known != TRUTH_UNSURE) out->truth = out->known;
}
