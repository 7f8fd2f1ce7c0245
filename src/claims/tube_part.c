/* SPDX-License-Identifier: MIT */
/* Judging claims on one part of a step, and halving it for those that remain. */
#include <stdlib.h>
#include <string.h>

#include "tube_impl.h"

enum { RATIO_DEPTH = 3, RATIO_DEPTH_MOST = 8, AROUND = 24 };

typedef struct {
    fp_tube_lane *l;
    arf_srcptr a, b;
    arf_t middle, half;
    bool last; /* may not be halved */
} fp_part_here;

static fp_monitor *monitor_of(const fp_tube_lane *l, size_t i)
{
    return &l->shell->monitors[i];
}

static bool is_eventually(const fp_tube_lane *l, size_t i)
{
    return monitor_of(l, i)->claim->window == FP_WINDOW_EVENTUALLY;
}

static bool is_measuring(const fp_tube_lane *l, size_t i)
{
    const fp_monitor *m = monitor_of(l, i);
    return m->measurable && m->measured_count > 0 && m->claim->window == FP_WINDOW_ALWAYS;
}

/* Belongs to the window for certain, whatever its ends are within their brackets. */
static bool surely_in(const fp_tube_lane *l, size_t i, const arf_t t)
{
    const fp_span *s = &l->c->span[i];
    const fp_claim *claim = monitor_of(l, i)->claim;
    int from = arf_cmp(t, s->sure_from), to = arf_cmp(t, s->sure_to);
    return (claim->open_from ? from > 0 : from >= 0) && (claim->open_to ? to < 0 : to <= 0);
}

static bool all_surely_in(const fp_tube_lane *l, size_t i, const arf_t a, const arf_t b)
{
    const fp_span *s = &l->c->span[i];
    return arf_cmp(a, b) == 0 ? surely_in(l, i, a) : arf_cmp(a, s->sure_from) >= 0 && arf_cmp(b, s->sure_to) <= 0;
}

static bool may_be_in(const fp_tube_lane *l, size_t i, const arf_t t)
{
    const fp_span *s = &l->c->span[i];
    return !(s->skip_from && arf_cmp(t, s->from) == 0) && !(s->skip_to && arf_cmp(t, s->to) == 0);
}

static void look(fp_tube_lane *l, const arf_t a, const arf_t b)
{
    fp_lane *lane = &l->shell->lane[FP_FINE];
    fp_source_set_tube(lane->now, l->view, a, b);
    fp_eval_set_now(lane->eval, lane->now);
}

/* ---- verdicts on parts */
static void leave_open(fp_tally *t, const char *cause, const arf_t a, const arf_t b)
{
    if (t->unproved) return;
    t->unproved = true;
    t->cause = cause;
    arf_set(t->open_from, a);
    arf_set(t->open_to, b);
}

static void found(fp_tube_lane *l, size_t i, const fp_leaves *leaves, size_t decisive, const arf_t a, const arf_t b)
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
    fp_eval_sides(t->left, t->right, l->shell->lane[FP_FINE].eval, monitor_of(l, i)->claim, decisive, &failure);
}

static fp_judgement judge(const fp_tube_lane *l, size_t i, const fp_leaves *leaves)
{
    fp_judgement j;
    fp_eval_judge(&j, l->shell->lane[FP_FINE].eval, monitor_of(l, i)->claim->body, leaves, NULL);
    return j;
}

static bool is_identity_only(const fp_judgement *j)
{
    return j->truth == FP_UNKNOWN && j->only_identities_unknown;
}

static fp_truth wanted(const fp_tube_lane *l, size_t i)
{
    return is_eventually(l, i) ? FP_FALSE : FP_TRUE;
}

static bool is_finite_there(const fp_leaves *leaves, const fp_judgement *j)
{
    return j->decisive >= leaves->count || arb_is_finite(leaves->item[j->decisive].margin);
}

/* ---- thin times */
static bool evaluate(fp_leaves *out, fp_tube_lane *l, size_t i, bool moving, bool quiet)
{
    fp_monitor *m = monitor_of(l, i);
    fp_eval_failure failure = {0};
    const fp_claim *claim = m->claim;
    fp_eval *e = l->shell->lane[FP_FINE].eval;
    bool ok = moving ? fp_eval_leaves_moving(out, e, claim, claim->body, claim->frame, &failure) : fp_eval_leaves(out, e, claim, &failure);
    if (!ok && !quiet) fp_monitor_fail(m, &failure);
    return ok;
}

/* The sampled checker's own bookkeeping: tight point, premises, constants, agreement. */
static void take_sample(fp_tube_lane *l, size_t i, fp_leaves *leaves, const arf_t t)
{
    fp_lane *lane = &l->shell->lane[FP_FINE];
    fp_leaves kept = lane->leaves;
    mpfr_t time;
    mpfr_init2(time, arf_bits(t) > l->c->prec ? arf_bits(t) : l->c->prec);
    arf_get_mpfr(time, t, MPFR_RNDN);
    lane->leaves = *leaves;
    fp_checker_reserve(l->shell, leaves->count);
    fp_monitor_judge(l->shell, monitor_of(l, i), FP_FINE, time, NULL);
    *leaves = lane->leaves;
    lane->leaves = kept;
    mpfr_clear(time);
}

static void thin_take(fp_tube_lane *l, size_t i, fp_leaves *leaves, const arf_t t)
{
    fp_tally *tally = &l->tally[i];
    bool sure = surely_in(l, i, t);
    fp_judgement j = judge(l, i, leaves);
    if (sure) take_sample(l, i, leaves, t);
    if (leaves->count == 0 || j.truth == wanted(l, i) || is_identity_only(&j) || !may_be_in(l, i, t)) return;
    if (j.truth != FP_UNKNOWN && sure && !tally->decided) {
        tally->flagged = true;
        arf_set(tally->flag, t);
        found(l, i, leaves, j.decisive, t, t);
    }
    if (j.truth == FP_UNKNOWN || !sure) {
        tally->hopeless = true;
        leave_open(tally, is_finite_there(leaves, &j) ? "straddles-zero" : "domain", t, t);
    }
}

static void thin_ratio(fp_tube_lane *l, size_t i, const arf_t t)
{
    if (surely_in(l, i, t)) fp_monitor_ratio(l->shell, monitor_of(l, i), FP_FINE);
}

typedef enum { AT_LOW, AT_MIDDLE, AT_HIGH } fp_where;

static fp_leaves *leaves_at(fp_views *v, fp_where where)
{
    return where == AT_LOW ? &v->low : where == AT_HIGH ? &v->high : &v->middle;
}

static void thin_claim(fp_tube_lane *l, size_t i, const arf_t t, fp_where where)
{
    if (monitor_of(l, i)->out || monitor_of(l, i)->has_failure) return;
    if (monitor_of(l, i)->claim->kind == FP_ORDER) {
        thin_ratio(l, i, t);
        return;
    }
    fp_views *v = &l->views[i];
    fp_leaves *leaves = leaves_at(v, where);
    if (!evaluate(leaves, l, i, false, !may_be_in(l, i, t))) return; /* an end that does not belong to the window need not make sense */
    v->has_low |= where == AT_LOW;
    v->has_high |= where == AT_HIGH;
    thin_take(l, i, leaves, t);
}

static void thin_all(fp_part_here *p, const arf_t t, fp_where where, const size_t *list, size_t count)
{
    if (count > 0) look(p->l, t, t);
    for (size_t r = 0; r < count; r++) thin_claim(p->l, list[r], t, where);
}

/* ---- whole parts */
static bool only_identities(const fp_leaves *leaves)
{
    for (size_t r = 0; r < leaves->count; r++)
        if (leaves->item[r].node->op != FP_IDENTITY || leaves->item[r].boxed) return false;
    return true;
}

static bool needs_part(const fp_tube_lane *l, size_t i)
{
    const fp_monitor *m = monitor_of(l, i);
    const fp_tally *t = &l->tally[i];
    if (m->out || m->has_failure) return false;
    if (m->claim->kind == FP_ORDER || is_measuring(l, i)) return true;
    return !t->decided && !t->hopeless && !only_identities(&l->views[i].middle);
}

static bool is_settled(fp_part_here *p, size_t i, const fp_judgement *j)
{
    fp_tube_lane *l = p->l;
    fp_tally *t = &l->tally[i];
    fp_monitor *m = monitor_of(l, i);
    bool good = j->truth == wanted(l, i) || is_identity_only(j), sure = all_surely_in(l, i, p->a, p->b);
    if (t->decided || t->hopeless) return true;
    if (!good && j->truth != FP_UNKNOWN && sure) {
        look(l, p->a, p->b);
        found(l, i, &l->views[i].wide, j->decisive, p->a, p->b);
        return true;
    }
    if (good && sure) {
        m->premises += j->premises;
        m->premises_true += j->premises_true;
        m->samples++;
    }
    if (!good && p->last) leave_open(t, is_finite_there(&l->views[i].wide, j) ? "depth" : "domain", p->a, p->b);
    return good || p->last;
}

/* Settled, and its constants bounded. The premises must not be counted twice, hence the order. */
static bool is_done(fp_part_here *p, size_t i)
{
    fp_judgement j = judge(p->l, i, &p->l->views[i].wide);
    bool open = j.truth != wanted(p->l, i) && !is_identity_only(&j) && !p->last && !p->l->tally[i].decided && !p->l->tally[i].hopeless;
    bool false_for_sure = j.truth != FP_UNKNOWN && all_surely_in(p->l, i, p->a, p->b);
    if (open && !false_for_sure) return false;
    if (is_measuring(p->l, i) && !fp_tube_bound(p->l, i, p->half, p->last)) return false;
    return is_settled(p, i, &j);
}

static bool sharpen(fp_part_here *p, size_t i)
{
    fp_tube_lane *l = p->l;
    const fp_span *s = &l->c->span[i];
    bool open_low = s->skip_from && arf_cmp(p->a, s->from) == 0, open_high = s->skip_to && arf_cmp(p->b, s->to) == 0;
    const char *id = monitor_of(l, i)->claim->id;
    fp_views *v = &l->views[i];
    bool fine = fp_tube_consistent(&v->wide, &v->middle, id, &l->err) && fp_tube_sharpen(v, id, p->half, open_low, open_high, l->c->prec, &l->err);
    if (!fine) l->status = FP_INTERNAL;
    return l->status == FP_OK;
}

static bool wide_claim(fp_part_here *p, size_t i)
{
    fp_tube_lane *l = p->l;
    fp_views *v = &l->views[i];
    v->wants_ends = false;
    if (!is_measuring(l, i)) {
        if (!evaluate(&v->wide, l, i, false, false)) return true;
        if (!fp_tube_consistent(&v->wide, &v->middle, monitor_of(l, i)->claim->id, &l->err)) l->status = FP_INTERNAL;
        bool last = p->last;
        p->last = false;
        bool done = l->status != FP_OK || is_done(p, i);
        p->last = last;
        if (done) return true;
    }
    if (!evaluate(&v->wide, l, i, true, false) || !sharpen(p, i)) return true;
    if (v->wants_ends && !(v->has_low && v->has_high)) {
        bool last = p->last;
        p->last = false;
        bool done = is_done(p, i);
        p->last = last;
        return done;
    }
    return is_done(p, i);
}

static bool wide_ratio(fp_part_here *p, size_t i, int depth)
{
    fp_tube_lane *l = p->l;
    fp_tally *t = &l->tally[i];
    fp_eval_failure failure = {0};
    arb_t least, greatest;
    arf_t x;
    arb_init(least);
    arb_init(greatest);
    arf_init(x);
    bool ok = fp_eval_ratio(least, greatest, l->shell->lane[FP_FINE].eval, monitor_of(l, i)->claim, &failure);
    bool fine = arb_is_finite(least) && arb_is_finite(greatest) && arb_rel_accuracy_bits(least) >= 2 && arb_rel_accuracy_bits(greatest) >= 2;
    bool done = !ok || fine || p->last || depth >= (arb_is_finite(least) && arb_is_finite(greatest) ? RATIO_DEPTH : RATIO_DEPTH_MOST);
    if (!ok) fp_monitor_fail(monitor_of(l, i), &failure);
    if (ok && done) {
        fp_ball_lower(x, least);
        if (!t->has_ratio || arf_cmp(x, t->ratio_low) < 0) arf_set(t->ratio_low, x);
        fp_ball_upper(x, greatest);
        if (!t->has_ratio || arf_cmp(x, t->ratio_high) > 0) arf_set(t->ratio_high, x);
        t->has_ratio = true;
    }
    arb_clear(least);
    arb_clear(greatest);
    arf_clear(x);
    return done;
}

/* Keeps in list those that are not done; returns how many. */
static size_t wide_all(fp_part_here *p, size_t *list, size_t count, int depth)
{
    size_t kept = 0;
    bool last = p->last;
    if (count > 0) look(p->l, p->a, p->b);
    for (size_t r = 0; r < count && p->l->status == FP_OK; r++) {
        size_t i = list[r];
        fp_tally *t = &p->l->tally[i];
        p->last = last || ++t->used >= p->l->c->budget;
        t->parts++;
        if (!(monitor_of(p->l, i)->claim->kind == FP_ORDER ? wide_ratio(p, i, depth) : wide_claim(p, i))) list[kept++] = i;
    }
    p->last = last;
    return kept;
}

/* Values at the ends for those that they may help. */
static size_t ends_all(fp_part_here *p, size_t *list, size_t count)
{
    size_t *low = fp_alloc(2 * count + 1, sizeof *low), *high = low + count, lows = 0, highs = 0, kept = 0;
    fp_views *views = p->l->views;
    for (size_t r = 0; r < count; r++) {
        if (!views[list[r]].wants_ends) continue;
        if (!views[list[r]].has_low) low[lows++] = list[r];
        if (!views[list[r]].has_high) high[highs++] = list[r];
    }
    thin_all(p, p->a, AT_LOW, low, lows);
    thin_all(p, p->b, AT_HIGH, high, highs);
    bool last = p->last;
    for (size_t r = 0; r < count && p->l->status == FP_OK; r++) {
        size_t i = list[r];
        p->last = last || p->l->tally[i].used >= p->l->c->budget;
        bool done = monitor_of(p->l, i)->has_failure || (views[i].wants_ends && (!sharpen(p, i) || is_done(p, i)));
        if (!done) list[kept++] = i;
    }
    p->last = last;
    free(low);
    return kept;
}

/* ---- an interval around a thin time that decided */
static bool widen(fp_part_here *p, size_t i, const arf_t a, const arf_t b)
{
    fp_tube_lane *l = p->l;
    fp_views *v = &l->views[i];
    if (!all_surely_in(l, i, a, b)) return false;
    look(l, a, b);
    if (!evaluate(&v->wide, l, i, false, true)) return false;
    fp_judgement j = judge(l, i, &v->wide);
    if (j.truth == FP_UNKNOWN || j.truth == wanted(l, i)) return false;
    found(l, i, &v->wide, j.decisive, a, b);
    return true;
}

static void around(fp_part_here *p, size_t i)
{
    arf_t a, b, width;
    bool done = false;
    arf_init(a);
    arf_init(b);
    arf_init(width);
    arf_set(width, p->half);
    p->l->tally[i].flagged = false;
    for (int r = 0; !done && r < AROUND; r++) {
        arf_sub(a, p->l->tally[i].flag, width, ARF_PREC_EXACT, ARF_RND_DOWN);
        arf_add(b, p->l->tally[i].flag, width, ARF_PREC_EXACT, ARF_RND_DOWN);
        if (arf_cmp(a, p->a) < 0) arf_set(a, p->a);
        if (arf_cmp(b, p->b) > 0) arf_set(b, p->b);
        done = widen(p, i, a, b);
        arf_mul_2exp_si(width, width, -2);
    }
    arf_clear(a);
    arf_clear(b);
    arf_clear(width);
}

static void around_all(fp_part_here *p, const size_t *list, size_t count)
{
    for (size_t r = 0; r < count; r++)
        if (p->l->tally[list[r]].flagged && !is_eventually(p->l, list[r])) around(p, list[r]);
}

/* ---- one part */
static size_t select_list(size_t *out, const fp_tube_lane *l, const size_t *list, size_t count)
{
    size_t kept = 0;
    for (size_t r = 0; r < count; r++)
        if (needs_part(l, list[r])) out[kept++] = list[r];
    return kept;
}

static void begin(fp_part_here *p, int depth, const size_t *list, size_t count)
{
    size_t *first = fp_alloc(count + 1, sizeof *first), firsts = 0;
    for (size_t r = 0; r < count; r++) {
        fp_views *v = &p->l->views[list[r]];
        v->has_low = v->has_high = v->wants_ends = false;
        if (p->l->tally[list[r]].parts == 0) first[firsts++] = list[r];
    }
    if (depth == 0 && arf_cmp(p->a, p->b) < 0) {
        thin_all(p, p->b, AT_HIGH, list, count);
        thin_all(p, p->a, AT_LOW, first, firsts);
    }
    thin_all(p, p->middle, AT_MIDDLE, list, count);
    free(first);
}

static void halves(fp_part_here *p, int depth, const size_t *list, size_t count)
{
    if (count == 0 || p->l->status != FP_OK) return;
    fp_tube_part(p->l, p->a, p->middle, depth + 1, list, count);
    fp_tube_part(p->l, p->middle, p->b, depth + 1, list, count);
}

static void count_points(fp_tube_lane *l, const size_t *list, size_t count)
{
    for (size_t r = 0; r < count; r++) l->tally[list[r]].parts++;
}

void fp_tube_part(fp_tube_lane *l, const arf_t a, const arf_t b, int depth, const size_t *list, size_t count)
{
    fp_part_here p = {.l = l, .a = a, .b = b, .last = depth >= l->c->depth};
    arf_init(p.middle);
    arf_init(p.half);
    arf_add(p.middle, a, b, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_mul_2exp_si(p.middle, p.middle, -1);
    arf_sub(p.half, b, p.middle, ARF_PREC_EXACT, ARF_RND_DOWN);
    size_t *rest = fp_alloc(count + 1, sizeof *rest), left;
    begin(&p, depth, list, count);
    if (arf_is_zero(p.half)) p.last = true;
    left = select_list(rest, l, list, count);
    left = wide_all(&p, rest, left, depth);
    left = ends_all(&p, rest, left);
    around_all(&p, list, count);
    count_points(l, list, count);
    halves(&p, depth, rest, left);
    free(rest);
    arf_clear(p.middle);
    arf_clear(p.half);
}
