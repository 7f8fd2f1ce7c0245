/* SPDX-License-Identifier: MIT */
/* Claims at single times of a step, and what belongs to a window. */
#include "tube_part.h"

fp_monitor *fp_tube_monitor(const fp_tube_lane *l, size_t i)
{
    return &l->shell->monitors[i];
}

bool fp_tube_is_eventually(const fp_tube_lane *l, size_t i)
{
    return fp_tube_monitor(l, i)->claim->window == FP_WINDOW_EVENTUALLY;
}

/* Belongs to the window for certain, whatever its ends are within their brackets. */
bool fp_tube_surely_in(const fp_tube_lane *l, size_t i, const arf_t t)
{
    const fp_span *s = &l->c->span[i];
    const fp_claim *claim = fp_tube_monitor(l, i)->claim;
    int from = arf_cmp(t, s->sure_from), to = arf_cmp(t, s->sure_to);
    return (claim->open_from ? from > 0 : from >= 0) && (claim->open_to ? to < 0 : to <= 0);
}

bool fp_tube_all_surely_in(const fp_tube_lane *l, size_t i, const arf_t a, const arf_t b)
{
    const fp_span *s = &l->c->span[i];
    return arf_cmp(a, b) == 0 ? fp_tube_surely_in(l, i, a) : arf_cmp(a, s->sure_from) >= 0 && arf_cmp(b, s->sure_to) <= 0;
}

static bool may_be_in(const fp_tube_lane *l, size_t i, const arf_t t)
{
    const fp_span *s = &l->c->span[i];
    return !(s->skip_from && arf_cmp(t, s->from) == 0) && !(s->skip_to && arf_cmp(t, s->to) == 0);
}

/* ---- verdicts on parts */
void fp_tube_leave_open(fp_tally *t, const char *cause, fp_hidden hidden, const arf_t a, const arf_t b)
{
    if (t->unproved) return;
    t->unproved = true;
    t->cause = cause;
    t->hidden = hidden;
    arf_set(t->open_from, a);
    arf_set(t->open_to, b);
}

void fp_tube_found(fp_tube_lane *l, size_t i, const fp_leaves *leaves, size_t decisive, const arf_t a, const arf_t b)
{
    fp_tally *t = &l->tally[i];
    fp_eval_failure failure = {0};
    t->decided = true;
    arf_set(t->found_from, a);
    arf_set(t->found_to, b);
    t->binding[0] = 0;
    t->comparison = NULL;
    if (decisive >= leaves->count) return;
    t->comparison = leaves->item[decisive].node;
    fp_binding_print(t->binding, &leaves->item[decisive]);
    fp_eval_sides(t->left, t->right, l->shell->lane.eval, fp_tube_monitor(l, i)->claim, decisive, &failure);
}

fp_judgement fp_tube_judge(const fp_tube_lane *l, size_t i, const fp_leaves *leaves)
{
    fp_judgement j;
    fp_eval_judge(&j, l->shell->lane.eval, fp_tube_monitor(l, i)->claim->body, leaves);
    return j;
}

bool fp_tube_is_identity_only(const fp_judgement *j)
{
    return j->truth == FP_UNKNOWN && j->only_identities_unknown;
}

fp_truth fp_tube_wanted(const fp_tube_lane *l, size_t i)
{
    return fp_tube_is_eventually(l, i) ? FP_FALSE : FP_TRUE;
}

bool fp_tube_is_finite(const fp_leaves *leaves, const fp_judgement *j)
{
    return j->decisive >= leaves->count || arb_is_finite(leaves->item[j->decisive].margin);
}

/* ---- thin times */
bool fp_tube_evaluate(fp_leaves *out, fp_tube_lane *l, size_t i, bool moving, bool quiet)
{
    fp_monitor *m = fp_tube_monitor(l, i);
    fp_eval_failure failure = {0};
    const fp_claim *claim = m->claim;
    fp_eval *e = l->shell->lane.eval;
    bool ok = moving ? fp_eval_leaves_moving(out, e, claim, claim->body, claim->frame, &failure) : fp_eval_leaves(out, e, claim, &failure);
    if (!ok && !quiet) fp_monitor_fail(m, &failure);
    return ok;
}

/* The monitor's bookkeeping: tight point, premises, constants, agreement. */
static void take_sample(fp_tube_lane *l, size_t i, fp_leaves *leaves, const arf_t t)
{
    fp_lane *lane = &l->shell->lane;
    fp_leaves kept = lane->leaves;
    mpfr_t time;
    mpfr_init2(time, arf_bits(t) > l->c->prec ? arf_bits(t) : l->c->prec);
    arf_get_mpfr(time, t, MPFR_RNDN);
    lane->leaves = *leaves;
    fp_checker_reserve(l->shell, leaves->count);
    fp_monitor_judge(l->shell, fp_tube_monitor(l, i), time);
    *leaves = lane->leaves;
    lane->leaves = kept;
    mpfr_clear(time);
}

/* Where an excluded end may lie at the latest, or at the earliest: a limit, times of the window are next to it. */
static bool is_limit(const fp_tube_lane *l, size_t i, const arf_t t)
{
    const fp_span *s = &l->c->span[i];
    const fp_claim *claim = fp_tube_monitor(l, i)->claim;
    return (claim->open_from && arf_cmp(t, s->sure_from) == 0) || (claim->open_to && arf_cmp(t, s->sure_to) == 0);
}

static void flag(fp_tally *t, const arf_t at)
{
    t->flagged = true;
    arf_set(t->flag, at);
}

/* An identity at a time that the window may hold: it rests on it. */
static void take_identity(fp_tube_lane *l, size_t i, const fp_leaves *leaves, const arf_t t)
{
    fp_monitor *m = fp_tube_monitor(l, i);
    m->seen_identity = true;
    fp_agreement_take(&m->on_tube, l->shell, m->claim->body, leaves, arf_get_d(t, ARF_RND_NEAR));
}

static void thin_take(fp_tube_lane *l, size_t i, fp_leaves *leaves, const arf_t t)
{
    fp_tally *tally = &l->tally[i];
    bool sure = fp_tube_surely_in(l, i, t);
    fp_judgement j = fp_tube_judge(l, i, leaves);
    if (sure)
        take_sample(l, i, leaves, t);
    else if (fp_tube_is_identity_only(&j) && may_be_in(l, i, t))
        take_identity(l, i, leaves, t);
    if (leaves->count == 0 || j.truth == fp_tube_wanted(l, i) || fp_tube_is_identity_only(&j)) return;
    bool known = j.truth != FP_UNKNOWN;
    if (known && !tally->decided && (sure || is_limit(l, i, t))) flag(tally, t);
    if (known && !sure && fp_tube_monitor(l, i)->identities && may_be_in(l, i, t)) fp_tube_leave_open(tally, "straddles-zero", FP_HIDDEN_EDGE, t, t); /* the part around it leaves an identity open */
    if (known && sure && !tally->decided) fp_tube_found(l, i, leaves, j.decisive, t, t);
    if (!known && sure) { /* what may lie outside the window is judged with the part around it */
        tally->hopeless = true;
        const fp_leaf *leaf = j.decisive < leaves->count ? &leaves->item[j.decisive] : NULL;
        fp_hidden hidden = leaf ? fp_hidden_of(fp_tube_monitor(l, i)->claim->body, leaf->margin, leaf->scale, l->c->prec) : FP_HIDDEN_NEAR;
        fp_tube_leave_open(tally, fp_tube_is_finite(leaves, &j) ? "straddles-zero" : "domain", hidden, t, t);
    }
}

static void thin_ratio(fp_tube_lane *l, size_t i, const arf_t t)
{
    if (fp_tube_surely_in(l, i, t)) fp_monitor_ratio(l->shell, fp_tube_monitor(l, i));
}

static fp_leaves *leaves_at(fp_views *v, fp_where where)
{
    return where == AT_LOW ? &v->low : where == AT_HIGH ? &v->high : &v->middle;
}

/* The state at the excluded left end of a window, where what moves since then is exactly 0: the initial one, or the one kept at T. NULL: the end is not known exactly. */
static fp_source *state_at_end(const fp_tube_lane *l, size_t i, const arf_t t)
{
    const fp_span *s = &l->c->span[i];
    const fp_monitor *m = fp_tube_monitor(l, i);
    const fp_bracket *b = fp_tube_bracket(l->c, m->from);
    if (!s->skip_from || arf_cmp(t, s->from) != 0) return NULL;
    if (arf_is_zero(t)) return l->shell->lane.initial;
    return b && b->complete && arf_cmp(b->lo, b->hi) == 0 ? l->at[m->from] : NULL;
}

/* At this state; the evaluator is left there. */
static bool evaluate_at(fp_leaves *out, fp_tube_lane *l, size_t i, fp_source *state)
{
    fp_eval_set_now(l->shell->lane.eval, state);
    return fp_tube_evaluate(out, l, i, false, true);
}

/* What the enclosure leaves open at t = 0 is seen at the exact initial state. */
static bool wants_exact(const fp_tube_lane *l, size_t i, const fp_leaves *leaves, const arf_t t)
{
    if (!arf_is_zero(t) || !may_be_in(l, i, t) || leaves->count == 0) return false;
    return fp_tube_judge(l, i, leaves).truth == FP_UNKNOWN;
}

void fp_tube_thin(fp_tube_lane *l, size_t i, const arf_t t, fp_where where)
{
    if (fp_tube_monitor(l, i)->out || fp_tube_monitor(l, i)->has_failure) return;
    if (fp_tube_monitor(l, i)->claim->kind == FP_ORDER) {
        thin_ratio(l, i, t);
        return;
    }
    fp_views *v = &l->views[i];
    fp_leaves *leaves = leaves_at(v, where);
    fp_source *end = state_at_end(l, i, t);
    fp_lane *lane = &l->shell->lane;
    bool ok = end ? evaluate_at(leaves, l, i, end) : fp_tube_evaluate(leaves, l, i, false, !may_be_in(l, i, t)); /* an end that does not belong to the window need not make sense */
    if (ok && !end && wants_exact(l, i, leaves, t)) ok = evaluate_at(leaves, l, i, end = lane->initial) || fp_tube_evaluate(leaves, l, i, false, true);
    if (ok) {
        v->has_low |= where == AT_LOW;
        v->has_high |= where == AT_HIGH;
        thin_take(l, i, leaves, t);
    }
    if (end) fp_eval_set_now(lane->eval, lane->now);
}
