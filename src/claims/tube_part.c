/* SPDX-License-Identifier: MIT */
/* Judging claims on one part of a step, and halving it for those that remain. */
#include <stdlib.h>

#include "tube_part.h"

enum { RATIO_DEPTH = 3, RATIO_DEPTH_MOST = 8, AROUND = 24 };

typedef struct {
    fp_tube_lane *l;
    arf_srcptr a, b;
    arf_t middle, half;
    bool last; /* may not be halved */
} fp_part_here;

static void thin_all(fp_part_here *p, const arf_t t, fp_where where, const size_t *list, size_t count)
{
    if (count > 0) fp_tube_look(p->l, t, t);
    for (size_t r = 0; r < count; r++) fp_tube_thin(p->l, list[r], t, where);
}

/* ---- whole parts */
/* Nothing but identities that are claimed: enclosures of 0 over a part show nothing that thin ones do not. */
static bool only_identities(const fp_tube_lane *l, size_t i)
{
    const fp_leaves *leaves = &l->views[i].middle;
    bool conjunction;
    fp_checker_reserve(l->shell, leaves->count);
    fp_leaves_counted(l->shell->counted, &conjunction, fp_tube_monitor(l, i)->claim->body, leaves);
    for (size_t r = 0; r < leaves->count; r++)
        if (leaves->item[r].node->op != FP_IDENTITY || leaves->item[r].boxed || !l->shell->counted[r]) return false;
    return conjunction;
}

/* Once something is not shown, what may lie outside the window cannot change anything. */
static bool needs_part(const fp_part_here *p, size_t i)
{
    const fp_tube_lane *l = p->l;
    const fp_monitor *m = fp_tube_monitor(l, i);
    const fp_tally *t = &l->tally[i];
    if (m->out || m->has_failure) return false;
    if (m->claim->kind == FP_ORDER || fp_tube_is_measuring(l, i)) return true;
    if (t->unproved && !fp_tube_all_surely_in(l, i, p->a, p->b)) return false;
    return !t->decided && !t->hopeless && !only_identities(l, i);
}

static bool is_settled(fp_part_here *p, size_t i, const fp_judgement *j)
{
    fp_tube_lane *l = p->l;
    fp_tally *t = &l->tally[i];
    fp_monitor *m = fp_tube_monitor(l, i);
    bool good = j->truth == fp_tube_wanted(l, i) || fp_tube_is_identity_only(j), sure = fp_tube_all_surely_in(l, i, p->a, p->b);
    if (t->decided || t->hopeless) return true;
    if (!good && j->truth != FP_UNKNOWN && sure) {
        fp_tube_look(l, p->a, p->b);
        fp_tube_found(l, i, &l->views[i].wide, j->decisive, p->a, p->b);
        return true;
    }
    if (good && sure) {
        m->premises += j->premises;
        m->premises_true += j->premises_true;
        m->samples++;
    }
    bool edge = !good && !sure && (p->last || j->truth != FP_UNKNOWN); /* of the window: it may lie outside */
    if (edge) fp_tube_leave_open(t, "straddles-zero", FP_HIDDEN_EDGE, p->a, p->b);
    if (!good && !edge && p->last) fp_tube_leave_open(t, fp_tube_is_finite(&l->views[i].wide, j) ? "depth" : "domain", FP_HIDDEN_NEAR, p->a, p->b);
    return good || edge || p->last;
}

/* Settled, and its constants bounded. The premises must not be counted twice, hence the order. */
static bool is_done(fp_part_here *p, size_t i)
{
    bool enough = p->last || p->l->tally[i].used >= fp_tube_measuring(p->l, i);
    if (p->l->c->seeded) return fp_tube_bound(p->l, i, p->a, p->b, p->half, enough);
    fp_judgement j = fp_tube_judge(p->l, i, &p->l->views[i].wide);
    bool open = j.truth != fp_tube_wanted(p->l, i) && !fp_tube_is_identity_only(&j) && !p->last && !p->l->tally[i].decided && !p->l->tally[i].hopeless;
    if (open && j.truth == FP_UNKNOWN) return false;
    if (fp_tube_is_measuring(p->l, i) && !fp_tube_bound(p->l, i, p->a, p->b, p->half, enough)) return false;
    return is_settled(p, i, &j);
}

static bool sharpen(fp_part_here *p, size_t i)
{
    fp_tube_lane *l = p->l;
    const fp_span *s = &l->c->span[i];
    bool open_low = s->skip_from && arf_cmp(p->a, s->from) == 0, open_high = s->skip_to && arf_cmp(p->b, s->to) == 0;
    const char *id = fp_tube_monitor(l, i)->claim->id;
    fp_views *v = &l->views[i];
    bool fine = fp_tube_consistent(&v->wide, &v->middle, id, &l->err) && fp_tube_sharpen(v, id, p->half, open_low, open_high, l->c->prec, &l->err);
    if (!fine) l->status = FP_INTERNAL;
    if (fine) fp_tube_tie_part(&v->wide, l, i, p->a, p->b);
    return l->status == FP_OK;
}

/* On a part that begins at t = 0: what vanishes there, divided by t. That is about t > 0; t = 0 itself is either not in the window or was judged when the step began: if it was not what is wanted, the claim is
 * decided or hopeless by now. */
static bool from_start(fp_part_here *p, size_t i)
{
    fp_tube_lane *l = p->l;
    const fp_claim *claim = fp_tube_monitor(l, i)->claim;
    return arf_is_zero(l->c->span[i].from) && arf_is_zero(p->a) && fp_eval_leaves_from_start(&l->views[i].wide, l->shell->lane.eval, claim) && is_done(p, i);
}

static bool wide_claim(fp_part_here *p, size_t i)
{
    fp_tube_lane *l = p->l;
    fp_views *v = &l->views[i];
    v->wants_ends = false;
    if (from_start(p, i)) return true;
    if (!fp_tube_is_measuring(l, i)) {
        if (!fp_tube_evaluate(&v->wide, l, i, false, false)) return true;
        if (!fp_tube_consistent(&v->wide, &v->middle, fp_tube_monitor(l, i)->claim->id, &l->err)) l->status = FP_INTERNAL;
        bool last = p->last;
        p->last = false;
        bool done = l->status != FP_OK || is_done(p, i);
        p->last = last;
        if (done) return true;
    }
    if (!fp_tube_evaluate(&v->wide, l, i, true, false) || !sharpen(p, i)) return true;
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
    bool ok = fp_eval_ratio(least, greatest, l->shell->lane.eval, fp_tube_monitor(l, i)->claim, &failure);
    bool fine = arb_is_finite(least) && arb_is_finite(greatest) && arb_rel_accuracy_bits(least) >= 2 && arb_rel_accuracy_bits(greatest) >= 2;
    bool done = !ok || fine || p->last || depth >= (arb_is_finite(least) && arb_is_finite(greatest) ? RATIO_DEPTH : RATIO_DEPTH_MOST);
    if (!ok) fp_monitor_fail(fp_tube_monitor(l, i), &failure);
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
    if (count > 0) fp_tube_look(p->l, p->a, p->b);
    for (size_t r = 0; r < count && p->l->status == FP_OK; r++) {
        size_t i = list[r];
        fp_tally *t = &p->l->tally[i];
        p->last = last || ++t->used >= fp_tube_budget(p->l, i);
        t->parts++;
        if (!(fp_tube_monitor(p->l, i)->claim->kind == FP_ORDER ? wide_ratio(p, i, depth) : wide_claim(p, i))) list[kept++] = i;
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
        p->last = last || p->l->tally[i].used >= fp_tube_budget(p->l, i);
        bool done = fp_tube_monitor(p->l, i)->has_failure || (views[i].wants_ends && (!sharpen(p, i) || is_done(p, i)));
        if (!done) list[kept++] = i;
    }
    p->last = last;
    free(low);
    return kept;
}

/* ---- an interval around a thin time that decided */
/* A sample of what was found, to be shown. */
static void sample_middle(fp_tube_lane *l, size_t i, const arf_t a, const arf_t b)
{
    arf_t middle;
    arf_init(middle);
    fp_arf_middle(middle, a, b);
    fp_tube_look(l, middle, middle);
    fp_tube_thin(l, i, middle, AT_MIDDLE);
    arf_clear(middle);
}

static bool widen(fp_part_here *p, size_t i, const arf_t a, const arf_t b)
{
    fp_tube_lane *l = p->l;
    fp_views *v = &l->views[i];
    if (!fp_tube_all_surely_in(l, i, a, b)) return false;
    fp_tube_look(l, a, b);
    if (!fp_tube_evaluate(&v->wide, l, i, false, true)) return false;
    fp_judgement j = fp_tube_judge(l, i, &v->wide);
    if (j.truth == FP_UNKNOWN || j.truth == fp_tube_wanted(l, i)) return false;
    fp_tube_found(l, i, &v->wide, j.decisive, a, b);
    sample_middle(l, i, a, b);
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
    for (size_t r = 0; r < count && !p->l->c->seeded; r++)
        if (p->l->tally[list[r]].flagged && !(fp_tube_is_eventually(p->l, list[r]) && p->l->tally[list[r]].decided)) around(p, list[r]);
}

/* ---- one part */
static size_t select_list(size_t *out, const fp_part_here *p, const size_t *list, size_t count)
{
    size_t kept = 0;
    for (size_t r = 0; r < count; r++)
        if (needs_part(p, list[r])) out[kept++] = list[r];
    return kept;
}

/* The latest that a left end that is excluded may lie at: its limit counts. */
static bool begins_after(const fp_tube_lane *l, size_t i, const arf_t a)
{
    return fp_tube_monitor(l, i)->claim->open_from && arf_cmp(a, l->c->span[i].sure_from) == 0;
}

static void begin(fp_part_here *p, int depth, const size_t *list, size_t count)
{
    size_t *first = fp_alloc(count + 1, sizeof *first), firsts = 0;
    for (size_t r = 0; r < count; r++) {
        fp_views *v = &p->l->views[list[r]];
        v->has_low = v->has_high = v->wants_ends = false;
        if (p->l->tally[list[r]].parts == 0 || begins_after(p->l, list[r], p->a)) first[firsts++] = list[r];
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
    fp_arf_middle(p.middle, a, b);
    arf_sub(p.half, b, p.middle, ARF_PREC_EXACT, ARF_RND_DOWN);
    size_t *rest = fp_alloc(count + 1, sizeof *rest), left;
    fp_tube_sups_want(l, list, count);
    begin(&p, depth, list, count);
    if (arf_is_zero(p.half)) p.last = true;
    left = select_list(rest, &p, list, count);
    left = wide_all(&p, rest, left, depth);
    left = ends_all(&p, rest, left);
    around_all(&p, list, count);
    count_points(l, list, count);
    halves(&p, depth, rest, left);
    free(rest);
    arf_clear(p.middle);
    arf_clear(p.half);
}
