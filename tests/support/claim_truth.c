/* SPDX-License-Identifier: MIT */
/* Windows, named times and suprema: what is sure, and else that it is not. */
#include "claim_tree.h"

#include <math.h>
#include <stdlib.h>

enum { BISECTIONS = 110 };
static const double close_call = 1e-15; /* relative: below it the search may err */

static bool is_close(const search_sample *x)
{
    return !arb_is_finite(x->value) || fabs(arf_get_d(arb_midref(x->value), ARF_RND_NEAR)) < close_call || x->truth == 0;
}

/* ---- windows */
/* Whether x holds at all times; open_from, open_to: those ends excepted. Ends are judged at the ball they are known to lie in. */
static claim_truth always(const tree *x, tree_moment *m, const tree_time *from, const tree_time *to, bool open_from, bool open_to)
{
    search s;
    search_open(&s, m, x, arb_midref(from->t), arb_midref(to->t));
    claim_truth truth = TRUTH_TRUE;
    const tree_time *ends[] = {from, to};
    search_refine(&s, 1, 0);
    for (int e = 0; e < 2; e++) { /* the ends as balls */
        search_sample *end = &s.item[e == 0 ? 0 : s.count - 1];
        if (arb_is_exact(ends[e]->t)) continue;
        arb_set(m->t, ends[e]->t);
        end->truth = tree_holds(end->value, x, m);
    }
    for (size_t k = 0; k < s.count; k++) {
        bool out = (k == 0 && open_from) || (k + 1 == s.count && open_to);
        if (out) continue;
        if (s.item[k].truth < 0 && arb_is_finite(s.item[k].value)) truth = TRUTH_FALSE;
        if (truth == TRUTH_TRUE && (s.item[k].near ? s.item[k].truth <= 0 : is_close(&s.item[k]))) truth = TRUTH_UNSURE;
    }
    search_clear(&s);
    return truth;
}

static claim_truth opposite(claim_truth x)
{
    return x == TRUTH_TRUE ? TRUTH_FALSE : x == TRUTH_FALSE ? TRUTH_TRUE : x;
}

/* -1 before, 1 behind, 0 the same time, 2 cannot be told */
static int in_order(const tree_time *a, const tree_time *b)
{
    if (arb_lt(a->t, b->t)) return -1;
    if (arb_gt(a->t, b->t)) return 1;
    return arb_is_exact(a->t) && arb_is_exact(b->t) ? 0 : 2;
}

static bool ends_known(claim_truth *why, const tree_time *a, const tree_time *b)
{
    bool missing = a->state == STATE_MISSING || b->state == STATE_MISSING, found = a->state == STATE_FOUND && b->state == STATE_FOUND;
    *why = missing ? TRUTH_NONE : TRUTH_UNSURE;
    return found;
}

static claim_truth over_window(const tree_claim *c, const tree *x, tree_moment *m)
{
    const tree_time *from = &c->time[c->from], *to = &c->time[c->to];
    claim_truth why;
    if (!ends_known(&why, from, to)) return why;
    int order = in_order(from, to);
    bool open = c->open_from || c->open_to;
    if (order == 2) return TRUTH_UNSURE;
    if (order == 1 || (order == 0 && open)) return TRUTH_NONE;
    return always(x, m, from, to, c->open_from, c->open_to);
}

static claim_truth at_moment(const tree *x, tree_moment *m, const arb_t t)
{
    search_sample s = {.near = false};
    arb_init(s.value);
    arb_set(m->t, t);
    s.truth = tree_holds(s.value, x, m);
    bool sure = s.truth != 0 && arb_is_finite(s.value);
    arb_clear(s.value);
    return !sure ? TRUTH_UNSURE : s.truth > 0 ? TRUTH_TRUE : TRUTH_FALSE;
}

static claim_truth over_time(const tree_claim *c, tree_moment *m)
{
    arb_t zero;
    claim_truth truth;
    arb_init(zero);
    if (c->window == WINDOW_INITIALLY)
        truth = at_moment(c->body, m, zero);
    else if (c->window == WINDOW_AT)
        truth = ends_known(&truth, &c->time[c->from], &c->time[c->from]) ? at_moment(c->body, m, c->time[c->from].t) : truth;
    else if (c->window == WINDOW_ALWAYS)
        truth = over_window(c, c->body, m);
    else {
        tree no = {.kind = TREE_NOT, .kid = {c->body}, .kids = 1};
        truth = opposite(over_window(c, &no, m));
    }
    arb_clear(zero);
    return truth;
}

/* All bindings of what stands before the window. */
static claim_truth leading(const tree_claim *c, const tree *x, tree_moment *m)
{
    long low, high;
    bool unsure = false, none = false, any = false;
    if (!x || x == c->body) return over_time(c, m);
    tree_range(&low, &high, x, m->world);
    for (long v = low; v <= high; v++) {
        if (!tree_member(x, v, m->world)) continue;
        m->value[x->variable] = v;
        claim_truth one = leading(c, x->kid[0], m);
        if (one == TRUTH_FALSE) return TRUTH_FALSE;
        unsure |= one == TRUTH_UNSURE;
        none |= one == TRUTH_NONE;
        any = true;
    }
    return none || !any ? TRUTH_NONE : unsure ? TRUTH_UNSURE : TRUTH_TRUE;
}

static void mark(tree_claim *c, int k);

static void mark_read(tree_claim *c, const tree *x)
{
    if (x->kind == TREE_AT) mark(c, x->time);
    for (int r = 0; r < x->kids; r++) mark_read(c, x->kid[r]);
}

static void mark(tree_claim *c, int k)
{
    tree_time *t = &c->time[k];
    t->used = true;
    if (t->kind == TIME_NUMBER) return;
    mark(c, t->from);
    mark(c, t->to);
    mark_read(c, t->condition);
}

static void mark_used(tree_claim *c)
{
    mark_read(c, c->body);
    if (c->window != WINDOW_INITIALLY) mark(c, c->from);
    if (c->window == WINDOW_ALWAYS || c->window == WINDOW_EVENTUALLY) mark(c, c->to);
}

claim_truth claim_decide(tree_claim *c, const claim_world *w)
{
    tree_moment m;
    claim_truth truth = TRUTH_TRUE;
    mark_used(c);
    for (int k = 0; k < c->times; k++)
        if (c->time[k].used && c->time[k].state == STATE_UNSURE) truth = TRUTH_UNSURE;
    for (int k = 0; k < c->times && truth == TRUTH_TRUE; k++)
        if (c->time[k].used && c->time[k].state == STATE_MISSING) truth = TRUTH_NONE;
    if (truth != TRUTH_TRUE) return truth;
    moment_init(&m, w, c);
    truth = leading(c, c->leading, &m);
    moment_clear(&m);
    return truth;
}

/* ---- named times */
/* Between a time at which the condition does not have the truth and one at which it has. */
static void bisect(tree_time *t, tree_moment *m, const arf_t without, const arf_t with)
{
    arf_t a, b, middle;
    arb_t robust, other;
    arf_init(a);
    arf_init(b);
    arf_init(middle);
    arb_init(robust);
    arb_init(other);
    arf_set(a, without);
    arf_set(b, with);
    for (int k = 0; k < BISECTIONS; k++) {
        arf_add(middle, a, b, CLAIM_PREC, ARF_RND_DOWN);
        arf_mul_2exp_si(middle, middle, -1);
        arb_set_arf(m->t, middle);
        int truth = tree_holds(robust, t->condition, m);
        if (truth == 0) break;
        arf_set(truth > 0 ? b : a, middle);
    }
    arb_set_arf(t->t, a);
    arb_set_arf(other, b);
    arb_union(t->t, t->t, other, CLAIM_PREC);
    arf_clear(a);
    arf_clear(b);
    arf_clear(middle);
    arb_clear(robust);
    arb_clear(other);
}

/* The first sample, seen in the direction of the search (last: from the end), at which the condition holds for certain. -1: none; *sure: nothing before it is close. */
static long first_true(const search *s, bool last, bool *sure)
{
    *sure = true;
    for (size_t r = 0; r < s->count; r++) {
        size_t k = last ? s->count - 1 - r : r;
        if (s->item[k].truth > 0 && arb_is_finite(s->item[k].value)) return (long)k;
        if (s->item[k].near ? s->item[k].truth == 0 : is_close(&s->item[k])) *sure = false;
    }
    return -1;
}

static void search_time(tree_time *t, tree_moment *m, const tree_time *from, const tree_time *to)
{
    search s;
    bool sure, last = t->kind == TIME_LAST;
    search_open(&s, m, t->condition, arb_midref(from->t), arb_midref(to->t));
    search_refine(&s, -1, 0);
    long k = first_true(&s, last, &sure);
    bool at_start = k == (last ? (long)s.count - 1 : 0);
    if (sure && k < 0)
        t->state = STATE_MISSING;
    else if (sure && at_start) {
        t->state = last ? STATE_MISSING : STATE_FOUND;
        arb_set(t->t, from->t);
        if (!arb_is_exact((last ? to : from)->t) && is_close(&s.item[k])) t->state = STATE_UNSURE;
    } else if (sure) {
        t->state = STATE_FOUND;
        bisect(t, m, s.item[last ? k + 1 : k - 1].t, s.item[k].t);
        if (mag_cmp_2exp_si(arb_radref(t->t), -70) > 0) t->state = STATE_UNSURE;
    }
    search_clear(&s);
}

void claim_find_time(tree_claim *c, int k, const claim_world *w)
{
    tree_time *t = &c->time[k];
    const tree_time *from = &c->time[t->from], *to = &c->time[t->to];
    tree_moment m;
    claim_truth why;
    t->state = STATE_UNSURE;
    bool known = ends_known(&why, from, to);
    int order = known ? in_order(from, to) : 2;
    if (why == TRUTH_NONE || order == 1) t->state = STATE_MISSING;
    if (!known || order == 1 || order == 2) return;
    moment_init(&m, w, c);
    search_time(t, &m, from, to);
    moment_clear(&m);
}

/* ---- what is known beforehand */
static void find_peaks(tree *x, tree_moment *m)
{
    search s;
    arf_t zero, most;
    arf_init(zero);
    arf_init(most);
    search_open(&s, m, x->kid[0], zero, m->world->horizon);
    search_refine(&s, -1, -HUGE_VAL);
    arf_neg_inf(most);
    for (size_t k = 0; k < s.count; k++) {
        if (arf_cmp(arb_midref(s.item[k].value), most) <= 0) continue;
        arf_set(most, arb_midref(s.item[k].value));
        x->peak = fp_realloc(x->peak, x->peaks + 1, sizeof *x->peak);
        tree_peak *p = &x->peak[x->peaks++];
        arf_init(p->t);
        arf_set(p->t, s.item[k].t);
        arb_init(p->value);
        arb_set(p->value, s.item[k].value);
    }
    search_clear(&s);
    arf_clear(zero);
    arf_clear(most);
}

static void find_scale(tree *x, tree_moment *m)
{
    enum { LOOKS = 5 };
    arb_ptr jet = _arb_vec_init(2);
    mag_t size;
    mag_init(size);
    mag_zero(x->scale);
    for (int v = 0; v < CLAIM_VARIABLES; v++) m->value[v] = 1;
    for (int k = 1; k <= LOOKS; k++) {
        arb_set_arf(m->t, m->world->horizon);
        arb_mul_si(m->t, m->t, k, CLAIM_PREC);
        arb_div_si(m->t, m->t, LOOKS, CLAIM_PREC);
        for (int r = 0; r < x->kids; r++) {
            tree_value(jet, x->kid[r], m);
            arb_get_mag(size, jet);
            if (arb_is_finite(jet)) mag_max(x->scale, x->scale, size);
        }
    }
    if (mag_is_zero(x->scale)) mag_one(x->scale);
    _arb_vec_clear(jet, 2);
    mag_clear(size);
}

void claim_prepare(tree *x, const tree_claim *c, const claim_world *w)
{
    tree_moment m;
    moment_init(&m, w, c);
    for (int r = 0; r < x->kids; r++) claim_prepare(x->kid[r], c, w);
    if (x->kind == TREE_SUP && x->peaks == 0) find_peaks(x, &m);
    if (x->kind == TREE_COMPARE) find_scale(x, &m);
    moment_clear(&m);
}

static void forget_peaks(tree *x)
{
    for (int r = 0; r < x->kids; r++) forget_peaks(x->kid[r]);
    for (size_t r = 0; r < x->peaks; r++) {
        arf_clear(x->peak[r].t);
        arb_clear(x->peak[r].value);
    }
    x->peaks = 0;
}

claim_truth claim_decide_again(tree_claim *c, const claim_world *w)
{
    c->finer = true;
    forget_peaks(c->body);
    for (int k = 0; k < c->times; k++)
        if (c->time[k].kind != TIME_NUMBER) claim_find_time(c, k, w);
    claim_prepare(c->body, c, w);
    return claim_decide(c, w);
}
