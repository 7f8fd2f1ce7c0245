/* SPDX-License-Identifier: MIT */
/* Rules that make claims whose truth hangs on a threshold at a known relative distance. */
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

static int number_time(claim_maker *m, const char *text)
{
    int k = add_time(m, TIME_NUMBER);
    tree_time *t = &m->claim->time[k];
    t->text = fp_strdup(text);
    t->state = STATE_FOUND;
    arb_set(t->t, tree_number(&m->trees, text)->number);
    return k;
}

static int fraction_time(claim_maker *m, long least, long most)
{
    static const long parts[] = {12, 16, 7, 10};
    long of = parts[pick(m, 4)];
    char *text = pick_fraction(m, least * of / 12, most * of / 12, of);
    int k = number_time(m, text);
    free(text);
    return k;
}

static int beginning(claim_maker *m)
{
    return pick(m, 3) > 0 ? number_time(m, "0") : fraction_time(m, 0, 5);
}

static int ending(claim_maker *m)
{
    return pick(m, 2) == 0 ? number_time(m, m->world->horizon_text) : fraction_time(m, 6, 12);
}

static void set_window(claim_maker *m, int from, int to)
{
    tree_claim *c = m->claim;
    c->window = pick(m, 3) > 0 ? WINDOW_ALWAYS : WINDOW_EVENTUALLY;
    c->from = from;
    c->to = to;
    c->open_from = pick(m, 4) == 0;
    c->open_to = pick(m, 4) == 0;
}

static void some_window(claim_maker *m)
{
    int from = beginning(m);
    set_window(m, from, ending(m));
}

/* A time of the stretch between two of the claim's, all of which are found. */
static void inside(arb_t t, claim_maker *m, int from, int to)
{
    const tree_time *time = m->claim->time;
    arb_sub(t, time[to].t, time[from].t, CLAIM_PREC);
    arb_mul_si(t, t, 1 + pick(m, 998), CLAIM_PREC);
    arb_div_si(t, t, 999, CLAIM_PREC);
    arb_add(t, t, time[from].t, CLAIM_PREC);
    arb_get_mid_arb(t, t);
}

/* ---- thresholds */
static double pick_offset(claim_maker *m)
{
    return m->claim->offset = pow(10, -3 - (double)pick(m, 10));
}

static int side(claim_maker *m)
{
    return pick(m, 2) == 0 ? 1 : -1;
}

static tree_relation relation(claim_maker *m, bool up)
{
    bool strict = pick(m, 2) == 0;
    return up ? (strict ? TREE_LT : TREE_LE) : strict ? TREE_GT : TREE_GE;
}

/* x's least (sign > 0) or greatest value between two of the claim's times, and where. */
static void extreme(arb_t out, arb_t where, claim_maker *m, tree *x, int from, int to, int sign)
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
static tree *near_extreme(claim_maker *m, tree *x, bool upper, int from, int to, bool eventually)
{
    arb_t e;
    arb_init(e);
    extreme(e, NULL, m, x, from, to, upper ? -1 : 1);
    tree *c = number_near(m, e, pick_offset(m), side(m));
    arb_clear(e);
    bool up = upper != eventually;
    return pick(m, 2) == 0 ? tree_compare(&m->trees, x, relation(m, up), c) : tree_compare(&m->trees, c, relation(m, !up), x);
}

/* x against a number near its value at t */
static tree *near_value(claim_maker *m, tree *x, const arb_t t)
{
    arb_t v;
    arb_init(v);
    value_at(v, m, x, t);
    tree *c = number_near(m, v, pick_offset(m), side(m));
    arb_clear(v);
    return tree_compare(&m->trees, x, relation(m, pick(m, 2) == 0), c);
}

/* ---- named times */
static tree *condition(claim_maker *m, int from, int to)
{
    arb_t t;
    arb_init(t);
    inside(t, m, from, to);
    tree *a = near_value(m, pick_smooth(m, (int)pick(m, 3)), t);
    if (pick(m, 4) == 0) {
        inside(t, m, from, to);
        a = tree_new(&m->trees, pick(m, 2) == 0 ? TREE_AND : TREE_OR, a, near_value(m, pick_kinked(m), t));
    }
    arb_clear(t);
    return a;
}

static bool named_with(claim_maker *m, int *k, time_kind kind, int from, int to, tree *holds)
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

static bool named(claim_maker *m, int *k, time_kind kind, int from, int to)
{
    return named_with(m, k, kind, from, to, condition(m, from, to));
}

/* ---- rules; each leaves window and body */
static void threshold(claim_maker *m)
{
    some_window(m);
    tree_claim *c = m->claim;
    c->body = near_extreme(m, pick_moving(m), pick(m, 2) == 0, c->from, c->to, c->window == WINDOW_EVENTUALLY);
}

static void between(claim_maker *m)
{
    some_window(m);
    tree_claim *c = m->claim;
    arb_t low, high;
    arb_init(low);
    arb_init(high);
    tree *x = pick_moving(m);
    extreme(low, NULL, m, x, c->from, c->to, 1);
    extreme(high, NULL, m, x, c->from, c->to, -1);
    tree *a = number_near(m, low, pick_offset(m), pick(m, 3) > 0 ? -1 : 1), *b = number_near(m, high, c->offset, pick(m, 3) > 0 ? 1 : -1);
    c->body = tree_between(&m->trees, a, relation(m, true), x, relation(m, true), b);
    arb_clear(low);
    arb_clear(high);
}

/* a + something <= b <= c + something, both differences near their extremes */
static void chain(claim_maker *m)
{
    some_window(m);
    tree_claim *c = m->claim;
    forest *f = &m->trees;
    arb_t e;
    arb_init(e);
    tree *x[] = {pick_smooth(m, 1), pick_moving(m), pick_kinked(m)};
    pick_offset(m);
    for (int k = 0; k < 3; k += 2) {
        extreme(e, NULL, m, tree_new(f, TREE_SUB, x[1], x[k]), c->from, c->to, k == 0 ? 1 : -1);
        x[k] = tree_new(f, TREE_ADD, x[k], number_near(m, e, c->offset, (pick(m, 4) > 0) == (k == 0) ? -1 : 1));
    }
    c->body = tree_between(f, x[0], relation(m, true), x[1], relation(m, true), x[2]);
    arb_clear(e);
}

/* Comparisons that change near the same time, joined. */
static void logic(claim_maker *m)
{
    static const tree_kind joins[] = {TREE_AND, TREE_OR, TREE_IMPLIES, TREE_IMPLIES};
    some_window(m);
    arb_t t;
    arb_init(t);
    inside(t, m, m->claim->from, m->claim->to);
    tree *x = near_value(m, pick_moving(m), t);
    for (long k = 1 + pick(m, 2); k > 0; k--) {
        if (pick(m, 3) == 0) x = tree_new(&m->trees, TREE_NOT, x, NULL);
        tree *y = near_value(m, pick_kinked(m), t);
        x = pick(m, 2) == 0 ? tree_new(&m->trees, joins[pick(m, 4)], x, y) : tree_new(&m->trees, joins[pick(m, 4)], y, x);
    }
    m->claim->body = x;
    arb_clear(t);
}

/* All, or some, of a set against a number near the extreme of the set. */
static void quantified(claim_maker *m)
{
    some_window(m);
    tree_claim *c = m->claim;
    if (!m->world->flow) {
        logic(m);
        return;
    }
    bool all = pick(m, 2) == 0, upper = pick(m, 2) == 0, eventually = c->window == WINDOW_EVENTUALLY;
    tree *body, *most = pick_over(m, all == upper ? TREE_MAX_OVER : TREE_MIN_OVER, 0, &body);
    tree *x = near_extreme(m, most, eventually ? !upper : upper, c->from, c->to, eventually);
    tree *number = x->kid[0] == most ? x->kid[1] : x->kid[0];
    x = tree_compare(&m->trees, body, relation(m, upper), number);
    x = tree_over(&m->trees, all ? TREE_ALL : TREE_SOME, 0, most->set, most->low, most->high, x);
    c->body = x;
    if (!all || eventually || pick(m, 2) > 0) return;
    c->leading = x;
    c->body = x->kid[0];
}

static void at_a_time(claim_maker *m)
{
    tree_claim *c = m->claim;
    int from = beginning(m), to = ending(m), k = to;
    c->window = WINDOW_AT;
    if (pick(m, 3) == 0 || !named(m, &k, pick(m, 2) == 0 ? TIME_FIRST : TIME_LAST, from, to)) {
        if (pick(m, 3) > 0) k = to;
    }
    c->from = k;
    bool found = c->time[k].state == STATE_FOUND;
    tree *x = pick(m, 3) == 0 ? tree_new(&m->trees, TREE_NOW, NULL, NULL) : pick_moving(m);
    c->body = near_value(m, x, c->time[found ? k : to].t);
}

/* Against the value where the window begins. */
static void since(claim_maker *m)
{
    tree_claim *c = m->claim;
    int from = beginning(m), to = ending(m), k = from;
    bool found = named(m, &k, pick(m, 3) > 0 ? TIME_FIRST : TIME_LAST, from, to);
    set_window(m, k, to);
    tree *x = pick_smooth(m, 1), *then = tree_new(&m->trees, TREE_AT, x, NULL), *d = tree_new(&m->trees, TREE_SUB, x, then);
    then->time = k;
    if (found)
        c->body = near_extreme(m, d, pick(m, 2) == 0, k, to, c->window == WINDOW_EVENTUALLY);
    else
        c->body = tree_compare(&m->trees, d, relation(m, true), tree_number(&m->trees, "1"));
}

/* What comes near the greatest value may be a short event, or none. */
static void short_event(claim_maker *m)
{
    tree_claim *c = m->claim;
    int from = beginning(m), to = ending(m), k;
    bool greatest = pick(m, 2) == 0;
    tree *x = pick(m, 2) == 0 ? pick_smooth(m, (int)pick(m, 2)) : pick_kinked(m);
    arb_t e, where;
    arb_init(e);
    arb_init(where);
    extreme(e, where, m, x, from, to, greatest ? -1 : 1);
    tree *number = number_near(m, e, pick_offset(m), (pick(m, 4) > 0) == greatest ? -1 : 1);
    bool found = named_with(m, &k, pick(m, 2) == 0 ? TIME_FIRST : TIME_LAST, from, to, tree_compare(&m->trees, x, relation(m, !greatest), number));
    c->window = WINDOW_AT;
    c->from = k;
    double kept = c->offset;
    tree *y = pick(m, 2) == 0 ? tree_new(&m->trees, TREE_NOW, NULL, NULL) : pick_smooth(m, 1);
    c->body = near_value(m, y, found ? c->time[k].t : where);
    if (found && pick(m, 2) == 0 && c->time[k].kind == TIME_FIRST) set_window(m, from, k);
    if (kept < c->offset) c->offset = kept;
    arb_clear(e);
    arb_clear(where);
}

/* A search that begins where another one ended, or reads what was there. */
static void nested(claim_maker *m)
{
    tree_claim *c = m->claim;
    int from = beginning(m), to = ending(m), k, l;
    if (!named(m, &k, TIME_FIRST, from, to)) {
        c->window = WINDOW_AT;
        c->from = k;
        c->body = tree_compare(&m->trees, pick_smooth(m, 1), relation(m, true), tree_number(&m->trees, "1"));
        return;
    }
    tree *holds = condition(m, k, to);
    if (pick(m, 2) == 0) {
        tree *x = pick_smooth(m, 1), *then = tree_new(&m->trees, TREE_AT, x, NULL);
        then->time = k;
        arb_t t;
        arb_init(t);
        inside(t, m, k, to);
        holds = near_value(m, tree_new(&m->trees, TREE_SUB, x, then), t);
        arb_clear(t);
    }
    bool found = named_with(m, &l, pick(m, 4) > 0 ? TIME_FIRST : TIME_LAST, k, to, holds);
    if (found && c->time[l].kind == TIME_FIRST)
        set_window(m, pick(m, 2) == 0 ? k : from, l);
    else
        set_window(m, l, to);
    if (found) c->body = near_extreme(m, pick_moving(m), pick(m, 2) == 0, c->from, c->to, c->window == WINDOW_EVENTUALLY);
    else c->body = tree_compare(&m->trees, pick_smooth(m, 1), relation(m, true), tree_number(&m->trees, "1"));
}

static void at_start(claim_maker *m)
{
    arb_t zero;
    arb_init(zero);
    m->claim->window = WINDOW_INITIALLY;
    tree *x = pick_smooth(m, 2);
    m->claim->body = near_value(m, x, zero);
    arb_clear(zero);
}

static void since_start(claim_maker *m)
{
    some_window(m);
    forest *f = &m->trees;
    tree *x = pick_smooth(m, (int)pick(m, 2)), *then = tree_new(f, TREE_INIT, x, NULL);
    m->claim->body = tree_compare(f, tree_new(f, TREE_SUB, x, then), relation(m, pick(m, 2) == 0), tree_number(f, "0"));
}

/* t against an end of the window, which may be excluded: known, whatever digits the end has. */
static void at_ends(claim_maker *m)
{
    some_window(m);
    tree_claim *c = m->claim;
    bool first = pick(m, 2) == 0, up = pick(m, 2) == 0, eventually = c->window == WINDOW_EVENTUALLY;
    tree_relation r = relation(m, up);
    bool strict = r == TREE_LT || r == TREE_GT, lower = !up, open = first ? c->open_from : c->open_to;
    const char *text = c->time[first ? c->from : c->to].text;
    c->body = tree_compare(&m->trees, tree_new(&m->trees, TREE_NOW, NULL, NULL), r, tree_number(&m->trees, text));
    if (eventually) strict = !strict; /* it fails if the opposite holds always */
    bool inward = (lower != eventually) == first, always = inward && (!strict || open);
    c->known = always != eventually ? TRUTH_TRUE : TRUTH_FALSE;
}

/* (t - r)^2 times something positive against 0, r inside: known. */
static void touching(claim_maker *m)
{
    some_window(m);
    tree_claim *c = m->claim;
    forest *f = &m->trees;
    char *root = pick_fraction(m, 13, 15, 32);
    tree *past = tree_new(f, TREE_SUB, tree_new(f, TREE_NOW, NULL, NULL), tree_number(f, root)), *even = tree_new(f, pick(m, 2) == 0 ? TREE_POWER : TREE_ABS, past, NULL);
    even->power = 2;
    tree *x = tree_new(f, TREE_MUL, even, tree_new(f, TREE_EXP, pick_smooth(m, 0), NULL)), *zero = tree_number(f, "0");
    bool strict = pick(m, 2) == 0, eventually = c->window == WINDOW_EVENTUALLY;
    tree_relation up = strict ? TREE_GT : TREE_GE, down = strict ? TREE_LT : TREE_LE;
    c->body = tree_compare(f, x, eventually ? down : up, zero);
    c->known = strict ? TRUTH_FALSE : TRUTH_TRUE;
    free(root);
}

/* [a, a]: one time; with an excluded end none. */
static void no_length(claim_maker *m)
{
    int k = beginning(m);
    set_window(m, k, k);
    m->claim->body = near_value(m, pick_moving(m), m->claim->time[k].t);
}

typedef struct {
    const char *label;
    void (*make)(claim_maker *m);
    int weight;
} rule;
static const rule rules[] = {{"threshold", threshold, 8}, {"between", between, 3}, {"chain", chain, 3}, {"logic", logic, 6}, {"quantified", quantified, 5}, {"at a time", at_a_time, 4}, {"since", since, 4},
                             {"short event", short_event, 4}, {"nested", nested, 4}, {"at the start", at_start, 1}, {"since the start", since_start, 2}, {"at ends", at_ends, 1}, {"touching", touching, 1}, {"no length", no_length, 1}};

static const rule *pick_rule(claim_maker *m)
{
    enum { RULES = sizeof rules / sizeof *rules };
    long total = 0;
    for (size_t r = 0; r < RULES; r++) total += rules[r].weight;
    long at = pick(m, total);
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
