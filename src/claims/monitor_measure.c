/* SPDX-License-Identifier: MIT */
/* What is measured besides truth: the extreme constants that would do, the agreement of identities, the ratios of order lines. */
#include <string.h>

#include "check_impl.h"

/* ---- which leaves count. Leaves come flat, in the order of the tree; the walk parses them. */
typedef struct {
    const fp_leaves *leaves;
    bool *counted;
    size_t at;
    bool active;   /* a leaf here bears on the claim */
    bool plain;    /* no constant under or, exists, not, or in a premise so far */
    bool choice;   /* or, exists, not seen outside premises */
    bool in_order; /* the leaves are as expected so far */
    bool choices;  /* count those under or, exists too by which it is open whether that holds */
} fp_walk;

static bool occurs(const fp_node *leaf, const fp_node *node)
{
    if (!node) return false;
    if (node == leaf) return true;
    if (node->kind == FP_NODE_COMPARE || node->kind == FP_NODE_FORALL_REAL) return false;
    for (int r = 0; r < node->count; r++)
        if (occurs(leaf, node->kids[r])) return true;
    return node->kind == FP_NODE_USE && occurs(leaf, node->definition->body);
}

fp_truth fp_leaf_truth(const fp_leaf *leaf)
{
    if (leaf->boxed) return leaf->truth;
    fp_compare op = leaf->node->op;
    if (op == FP_IDENTITY) return arb_contains_zero(leaf->margin) ? FP_UNKNOWN : FP_FALSE;
    bool strict = op == FP_LT || op == FP_GT || op == FP_NE;
    return strict ? fp_ball_is_positive(leaf->margin) : fp_ball_is_nonnegative(leaf->margin);
}

static fp_truth walk(fp_walk *w, const fp_node *node);

static fp_truth walk_leaf(fp_walk *w, const fp_node *node)
{
    if (w->at >= w->leaves->count || w->leaves->item[w->at].node != node) {
        w->in_order = false;
        return FP_UNKNOWN;
    }
    w->counted[w->at] = w->active;
    return fp_leaf_truth(&w->leaves->item[w->at++]);
}

/* Kids of and, or; the instances of a body in for, exists: as many as there are leaves of it. */
static fp_truth walk_kids(fp_walk *w, const fp_node *node, bool conjunction)
{
    fp_truth truth = conjunction ? FP_TRUE : FP_FALSE;
    for (int r = 0; r < node->count && w->in_order; r++) {
        fp_truth kid = walk(w, node->kids[r]);
        truth = conjunction ? fp_truth_and(truth, kid) : fp_truth_or(truth, kid);
    }
    return truth;
}

static fp_truth walk_bound(fp_walk *w, const fp_node *node, bool conjunction)
{
    const fp_node *body = node->kids[node->binders + 1];
    fp_truth truth = conjunction ? FP_TRUE : FP_FALSE;
    while (w->in_order && w->at < w->leaves->count && occurs(w->leaves->item[w->at].node, body)) {
        size_t before = w->at;
        fp_truth one = walk(w, body);
        truth = conjunction ? fp_truth_and(truth, one) : fp_truth_or(truth, one);
        if (w->at == before) w->in_order = false;
    }
    return truth;
}

static fp_truth walk_passive(fp_walk *w, const fp_node *node, fp_truth (*how)(fp_walk *, const fp_node *))
{
    bool active = w->active;
    if (active && node->has_constant) w->plain = false;
    w->active = false;
    fp_truth truth = how(w, node);
    w->active = active;
    return truth;
}

static fp_truth walk_implies(fp_walk *w, const fp_node *node)
{
    bool active = w->active;
    fp_truth premise = walk_passive(w, node->kids[0], walk);
    w->active = active && premise != FP_FALSE;
    fp_truth conclusion = walk(w, node->kids[1]);
    w->active = active;
    return fp_truth_or(fp_truth_not(premise), conclusion);
}

static fp_truth walk_choice(fp_walk *w, const fp_node *node)
{
    if (node->kind == FP_NODE_NOT) return fp_truth_not(walk(w, node->kids[0]));
    return node->kind == FP_NODE_OR ? walk_kids(w, node, false) : walk_bound(w, node, false);
}

/* What holds, or is lost, by others of its leaves does not rest on this one. */
static fp_truth walk_open_choice(fp_walk *w, const fp_node *node)
{
    size_t first = w->at;
    fp_truth truth = walk_choice(w, node);
    for (size_t r = first; r < w->at && truth != FP_FALSE; r++)
        if (truth == FP_TRUE || fp_leaf_truth(&w->leaves->item[r]) != FP_UNKNOWN) w->counted[r] = false;
    return truth;
}

static fp_truth walk(fp_walk *w, const fp_node *node)
{
    switch (node->kind) {
    case FP_NODE_FORALL_REAL:
    case FP_NODE_COMPARE: return walk_leaf(w, node);
    case FP_NODE_AND: return walk_kids(w, node, true);
    case FP_NODE_FORALL: return walk_bound(w, node, true);
    case FP_NODE_IMPLIES: return walk_implies(w, node);
    case FP_NODE_OR:
    case FP_NODE_EXISTS:
        if (w->choices) return walk_open_choice(w, node);
        /* fall through */
    case FP_NODE_NOT: w->choice |= w->active; return walk_passive(w, node, walk_choice);
    case FP_NODE_USE: return walk(w, node->definition->body);
    default: w->in_order = false; return FP_UNKNOWN;
    }
}

/* False: the leaves are not as expected; then all are counted. */
static bool leaves_walk(fp_walk *w, const fp_node *body)
{
    for (size_t r = 0; r < w->leaves->count; r++) w->counted[r] = false;
    walk(w, body);
    bool parsed = w->in_order && w->at == w->leaves->count;
    for (size_t r = 0; !parsed && r < w->leaves->count; r++) w->counted[r] = true;
    return parsed;
}

bool fp_leaves_counted(bool *counted, bool *conjunction, const fp_node *body, const fp_leaves *leaves)
{
    fp_walk w = {.leaves = leaves, .counted = counted, .active = true, .plain = true, .in_order = true};
    bool parsed = leaves_walk(&w, body);
    *conjunction = parsed && !w.choice;
    return parsed && w.plain;
}

/* ---- constants: the margin is linear in C, so it vanishes at C* = C - margin / (d margin/dC). A comparison that gains with C (for `smallest`) needs C >= C*;
 * one that loses with it needs C <= C*. If the needs contradict one another, or a comparison fails whatever the constants are, no C would do. */
void fp_leaf_root(arb_t out, const fp_constant *constant, const fp_leaf *leaf, arb_srcptr by, slong prec)
{
    arb_t ratio;
    arb_init(ratio);
    fp_ball_set_rational(out, constant->value, prec);
    arb_div(ratio, leaf->margin, by, prec);
    arb_sub(out, out, ratio, prec);
    arb_clear(ratio);
}

/* The larger (or smaller) of two balls: if they overlap, either may be. */
static void more_extreme(arb_t kept, const arb_t needed, bool larger, bool replaces)
{
    slong prec = (arb_bits(kept) > arb_bits(needed) ? arb_bits(kept) : arb_bits(needed)) + 2 * MAG_BITS;
    if (arb_overlaps(kept, needed) && !arb_equal(kept, needed)) {
        if (larger)
            arb_max(kept, kept, needed, prec);
        else
            arb_min(kept, kept, needed, prec);
    } else if (replaces) {
        arb_set(kept, needed);
    }
}

void fp_measured_keep(fp_measured *measured, const arb_t needed, mpfr_srcptr t, bool larger)
{
    arb_ptr kept = measured->measured;
    int order = measured->known ? arf_cmp(arb_midref(needed), arb_midref(kept)) : 0;
    bool replaces = !measured->known || (larger ? order > 0 : order < 0);
    if (!measured->known) arb_set(kept, needed);
    more_extreme(kept, needed, larger, replaces);
    if (!replaces) return;
    measured->known = true;
    mpfr_set_prec(measured->time, mpfr_get_prec(t));
    mpfr_set(measured->time, t, MPFR_RNDN);
}

void fp_monitor_oppose(fp_monitor *m, int k, const arb_t needed)
{
    int order = m->opposed[k] ? arf_cmp(arb_midref(needed), arb_midref(m->opposing[k])) : 0;
    if (m->opposed[k] && (m->measured[k].constant->smallest ? order >= 0 : order <= 0)) return;
    m->opposed[k] = true;
    arb_set(m->opposing[k], needed);
}

static void measure_leaf(fp_monitor *m, const fp_leaf *leaf, mpfr_srcptr t, slong prec)
{
    bool moved = false;
    arb_t needed;
    arb_init(needed);
    for (int k = 0; k < m->measured_count && leaf->by_constant; k++) {
        arb_srcptr by = leaf->by_constant + k;
        bool gains = arb_is_positive(by), loses = arb_is_negative(by);
        if (!gains && !loses) continue;
        moved = true;
        fp_leaf_root(needed, m->measured[k].constant, leaf, by, prec);
        if (!arb_is_finite(needed)) continue;
        if (m->measured[k].constant->smallest ? gains : loses)
            fp_measured_keep(&m->measured[k], needed, t, m->measured[k].constant->smallest);
        else
            fp_monitor_oppose(m, k, needed);
    }
    if (!moved && fp_leaf_truth(leaf) == FP_FALSE) m->measurable = false;
    arb_clear(needed);
}

bool fp_monitor_is_measured(const fp_monitor *m, int k)
{
    const fp_measured *measured = &m->measured[k];
    if (!measured->known || !m->measurable) return false;
    if (!m->opposed[k]) return true;
    int order = arf_cmp(arb_midref(measured->measured), arb_midref(m->opposing[k]));
    return measured->constant->smallest ? order <= 0 : order >= 0;
}

/* ---- `eventually`: the best time of the window counts, and all comparisons must hold at it. What one constant needs there depends on the others, so it is measured
 * where there is one, in comparisons joined by `and` and `for` alone. */
static bool is_conjunction(const fp_node *node)
{
    switch (node->kind) {
    case FP_NODE_COMPARE: return true;
    case FP_NODE_AND: break;
    case FP_NODE_FORALL: return is_conjunction(node->kids[node->binders + 1]);
    case FP_NODE_USE: return is_conjunction(node->definition->body);
    default: return false;
    }
    bool all = true;
    for (int r = 0; all && r < node->count; r++) all = is_conjunction(node->kids[r]);
    return all;
}

typedef struct {
    const fp_constant *constant;
    arb_t need, limit; /* the least (smallest: or greatest) value that the comparisons here ask for, and what others allow at most */
    bool needs, limited;
    slong prec;
} fp_demand;

static void demand_keep(arb_t kept, bool *has, const arb_t x, bool larger, slong prec)
{
    if (!*has)
        arb_set(kept, x);
    else if (larger)
        arb_max(kept, kept, x, prec);
    else
        arb_min(kept, kept, x, prec);
    *has = true;
}

/* False: whether the comparison holds here with some value of the constant is not known, or it does not. */
static bool demand_add(fp_demand *d, const fp_leaf *leaf)
{
    arb_srcptr by = leaf->by_constant;
    if (!by || arb_is_zero(by)) return fp_leaf_truth(leaf) == FP_TRUE;
    bool gains = arb_is_positive(by), loses = arb_is_negative(by), smallest = d->constant->smallest;
    arb_t x;
    arb_init(x);
    fp_leaf_root(x, d->constant, leaf, by, d->prec);
    bool known = (gains || loses) && arb_is_finite(x);
    if (known && (smallest ? gains : loses))
        demand_keep(d->need, &d->needs, x, smallest, d->prec);
    else if (known)
        demand_keep(d->limit, &d->limited, x, !smallest, d->prec);
    arb_clear(x);
    return known;
}

/* What the constant needs at this time, if some value of it makes the claim true there. */
static void measure_best(fp_monitor *m, const fp_leaves *leaves, mpfr_srcptr t, slong prec)
{
    m->measurable = m->measured_count == 1 && is_conjunction(m->claim->body);
    if (!m->measurable) return;
    fp_demand d = {.constant = m->measured[0].constant, .prec = prec};
    bool ok = true;
    arb_init(d.need);
    arb_init(d.limit);
    for (size_t r = 0; ok && r < leaves->count; r++) ok = demand_add(&d, &leaves->item[r]);
    if (ok && d.limited) ok = d.constant->smallest ? arb_lt(d.need, d.limit) : arb_gt(d.need, d.limit);
    if (ok && d.needs) fp_measured_keep(&m->measured[0], d.need, t, !d.constant->smallest);
    arb_clear(d.need);
    arb_clear(d.limit);
}

void fp_monitor_measure(fp_checker *c, fp_monitor *m, mpfr_srcptr t)
{
    const fp_leaves *leaves = &c->lane.leaves;
    bool conjunction;
    if (m->claim->window == FP_WINDOW_EVENTUALLY) {
        measure_best(m, leaves, t, c->prec);
        return;
    }
    m->measurable = fp_leaves_counted(c->counted, &conjunction, m->claim->body, leaves);
    for (size_t r = 0; m->measurable && r < leaves->count; r++) {
        if (!c->counted[r]) continue;
        if (!arb_is_finite(leaves->item[r].margin)) m->measurable = false;
        measure_leaf(m, &leaves->item[r], t, c->prec);
    }
}

/* ---- identities */
void fp_agreement_reset(fp_agreement *a)
{
    mag_clear(a->difference);
    mag_clear(a->scale);
    *a = (fp_agreement){0};
}

void fp_agreement_join(fp_agreement *to, const fp_agreement *from)
{
    if (from->differs && (!to->differs || from->differs_at < to->differs_at)) to->differs_at = from->differs_at;
    mag_max(to->difference, to->difference, from->difference);
    mag_max(to->scale, to->scale, from->scale);
    to->any |= from->any;
    to->apart |= from->apart;
    to->broken |= from->broken;
    to->differs |= from->differs;
    to->states += from->states;
}

static void agreement_leaf(fp_agreement *a, const fp_leaf *leaf, double t)
{
    mag_t size;
    mag_init(size);
    arb_get_mag(size, leaf->margin);
    mag_max(a->difference, a->difference, size);
    arb_get_mag(size, leaf->scale);
    mag_max(a->scale, a->scale, size);
    mag_clear(size);
    bool differs = arb_is_finite(leaf->margin) && !arb_contains_zero(leaf->margin);
    if (differs && !a->differs) a->differs_at = t;
    a->any = true;
    a->differs |= differs;
    a->broken |= differs || !arb_is_finite(leaf->margin);
}

void fp_agreement_take(fp_agreement *a, fp_checker *c, const fp_node *body, const fp_leaves *leaves, double t)
{
    fp_checker_reserve(c, leaves->count);
    fp_walk w = {.leaves = leaves, .counted = c->counted, .active = true, .plain = true, .in_order = true, .choices = true};
    leaves_walk(&w, body);
    for (size_t r = 0; r < leaves->count; r++)
        if (c->counted[r] && leaves->item[r].node->op == FP_IDENTITY && !leaves->item[r].boxed) agreement_leaf(a, &leaves->item[r], t);
    a->states++;
}

/* ---- order lines */
static void keep_extreme(arb_t kept, const arb_t x, bool first, int direction)
{
    if (first || direction * arf_cmp(arb_midref(x), arb_midref(kept)) > 0) arb_set(kept, x);
}

void fp_monitor_ratio(fp_checker *c, fp_monitor *m)
{
    fp_eval_failure failure = {0};
    arb_t least, greatest;
    arb_init(least);
    arb_init(greatest);
    if (fp_eval_ratio(least, greatest, c->lane.eval, m->claim, &failure)) {
        keep_extreme(m->ratio_least, least, !m->has_ratio, -1);
        keep_extreme(m->ratio_greatest, greatest, !m->has_ratio, 1);
        m->has_ratio = true;
        m->samples++;
    } else {
        fp_monitor_fail(m, &failure);
    }
    arb_clear(least);
    arb_clear(greatest);
}
