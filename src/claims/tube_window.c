/* SPDX-License-Identifier: MIT */
/* Which part of a step belongs to which window, and the parts that the lanes judge. */
#include <stdlib.h>

#include "tube_impl.h"

enum { NEAR_BITS = 10 }; /* of the step */

const fp_bracket *fp_tube_bracket(const fp_tube_checker *c, int clock)
{
    return clock < 0 ? NULL : &c->bracket[clock];
}

bool fp_tube_ends(arf_t lo, arf_t hi, const fp_tube_checker *c, int clock, bool to)
{
    const fp_bracket *b = fp_tube_bracket(c, clock);
    if (!b && !to) {
        arf_zero(lo);
        arf_zero(hi);
        return true;
    }
    arf_set(lo, b ? b->lo : c->horizon_lo);
    arf_set(hi, b ? b->hi : c->horizon_hi);
    if (b && !b->bounded) arf_pos_inf(hi);
    return !b || c->base->clocks[clock].state != FP_CLOCK_FAILED;
}

/* at(T, ..) in it can be read: T is known, or it is where the window begins, which is before now. */
static bool can_read(const fp_tube_checker *c, const fp_monitor *m)
{
    for (size_t k = 0; k < c->base->clocks_count; k++)
        if (m->needs[k] && !c->bracket[k].complete && !(m->from == (int)k && c->bracket[k].collected)) return false;
    return true;
}

/* Times in the window that this step has: at least a point that the last step did not have. */
static bool meets_step(const fp_tube_checker *c, const fp_span *s, const arf_t hi)
{
    const fp_segment *g = c->segment;
    int order = arf_cmp(s->from, s->to);
    bool seen = arf_cmp(s->to, g->left) == 0 && !arf_is_zero(g->left);
    bool later = arf_cmp(s->from, g->right) == 0 && arf_cmp(hi, g->right) > 0;
    return order <= 0 && !seen && !later;
}

/* The bracket of a searched time ends where its condition is known, only just. A window is sure to have begun, or not to have ended, a little further on, where claims like the condition are known too; inside the step. */
static void step_back(arf_t sure, const fp_tube_checker *c, int clock, const arf_t other)
{
    const fp_segment *g = c->segment;
    arf_t x, most;
    bool searched = clock >= 0 && c->base->clocks[clock].time->kind != FP_TIME_STATIC;
    if (!searched || arf_cmp(sure, g->left) < 0 || arf_cmp(sure, g->right) > 0 || !arf_is_finite(other)) return;
    arf_init(x);
    arf_init(most);
    arf_sub(x, sure, other, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_sub(most, g->right, g->left, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_mul_2exp_si(most, most, -NEAR_BITS);
    if (arf_cmpabs(x, most) <= 0) arf_add(sure, sure, x, ARF_PREC_EXACT, ARF_RND_DOWN); /* else not only just */
    if (arf_cmp(sure, g->left) < 0) arf_set(sure, g->left);
    if (arf_cmp(sure, g->right) > 0) arf_set(sure, g->right);
    arf_clear(x);
    arf_clear(most);
}

static void span_set(fp_tube_checker *c, size_t i)
{
    fp_monitor *m = &c->base->monitors[i];
    fp_span *s = &c->span[i];
    const fp_segment *g = c->segment;
    arf_t from, to;
    bool windowed = m->claim->window == FP_WINDOW_ALWAYS || m->claim->window == FP_WINDOW_EVENTUALLY;
    s->active = false;
    if (!windowed || m->out || m->claim->kind == FP_PROBABILITY) return;
    arf_init(from);
    arf_init(to);
    bool exists = fp_tube_ends(from, s->sure_from, c, m->from, false);
    exists = fp_tube_ends(s->sure_to, to, c, m->to, true) && exists;
    step_back(s->sure_from, c, m->from, from);
    step_back(s->sure_to, c, m->to, to);
    s->skip_from = m->claim->open_from && arf_cmp(from, g->left) >= 0;
    s->skip_to = m->claim->open_to && arf_cmp(to, g->right) <= 0;
    arf_set(s->from, arf_cmp(from, g->left) > 0 ? from : g->left);
    arf_set(s->to, arf_cmp(to, g->right) < 0 ? to : g->right);
    s->active = exists && meets_step(c, s, to);
    arf_clear(from);
    arf_clear(to);
    if (s->active && !can_read(c, m)) {
        fp_eval_failure failure = {.failed = true, .reason = "time-not-reached", .detail = "it reads at(T, ..) before T is known"};
        fp_monitor_fail(m, &failure);
        s->active = false;
    }
}

void fp_spans_set(fp_tube_checker *c)
{
    for (size_t i = 0; i < c->base->monitors_count; i++) span_set(c, i);
}

/* ---- cuts */
static int compare_times(const void *a, const void *b)
{
    const arf_struct *x = a, *y = b;
    return arf_cmp(x, y);
}

static void cut_at(fp_tube_checker *c, const arf_t t)
{
    bool inside = arf_cmp(t, c->segment->left) >= 0 && arf_cmp(t, c->segment->right) <= 0;
    if (!inside) return;
    c->cut = fp_realloc(c->cut, c->cuts + 1, sizeof *c->cut);
    arf_init(c->cut + c->cuts);
    arf_set(c->cut + c->cuts++, t);
}

static void cuts_clear(fp_tube_checker *c)
{
    for (size_t r = 0; r < c->cuts; r++) arf_clear(c->cut + r);
    free(c->cut);
    c->cut = NULL;
    c->cuts = 0;
}

static void cuts_make(fp_tube_checker *c, arf_t middle)
{
    const fp_segment *g = c->segment;
    fp_arf_middle(middle, g->left, g->right);
    cut_at(c, g->left);
    cut_at(c, middle);
    cut_at(c, g->right);
    for (size_t i = 0; i < c->base->monitors_count; i++) {
        const fp_span *s = &c->span[i];
        if (!s->active) continue;
        cut_at(c, s->from);
        cut_at(c, s->to);
        cut_at(c, s->sure_from);
        cut_at(c, s->sure_to);
    }
    qsort(c->cut, c->cuts, sizeof *c->cut, compare_times);
    size_t kept = 1;
    for (size_t r = 1; r < c->cuts; r++)
        if (arf_cmp(c->cut + r, c->cut + kept - 1) != 0) arf_swap(c->cut + kept++, c->cut + r);
    for (size_t r = kept; r < c->cuts; r++) arf_clear(c->cut + r);
    c->cuts = kept;
}

/* ---- the lanes' work */
static size_t claims_of(size_t *list, const fp_tube_lane *l, const arf_t a, const arf_t b)
{
    const fp_tube_checker *c = l->c;
    bool point = arf_cmp(a, b) == 0;
    size_t count = 0;
    for (size_t i = 0; i < c->base->monitors_count; i++) {
        const fp_span *s = &c->span[i];
        const fp_monitor *m = &l->shell->monitors[i];
        bool same = arf_cmp(s->from, s->to) == 0;
        if (!s->active || same != point || m->has_failure || m->out || ((c->seeded || c->proved) && !fp_tube_is_wanted(c, &c->base->monitors[i]))) continue;
        bool ends = m->claim->window == FP_WINDOW_EVENTUALLY && !fp_tube_is_measuring(l, i); /* a counterexample is not the end: the tightest time is reported */
        if (l->tally[i].decided && ends) continue;
        if (arf_cmp(s->from, a) <= 0 && arf_cmp(b, s->to) <= 0) list[count++] = i;
    }
    return count;
}

static void judge_part(fp_tube_lane *l, const arf_t a, const arf_t b, size_t *list)
{
    size_t count = claims_of(list, l, a, b);
    if (count > 0 && l->status == FP_OK) fp_tube_part(l, a, b, 0, list, count);
}

/* The cut at the middle is where lane 0 ends. Points belong to the lane that ends with them. */
static void lane_run(void *ctx, size_t part)
{
    fp_tube_checker *c = ctx;
    fp_tube_lane *l = &c->lane[part];
    arf_t middle;
    arf_init(middle);
    fp_arf_middle(middle, c->segment->left, c->segment->right);
    size_t *list = fp_alloc(c->base->monitors_count + 1, sizeof *list);
    for (size_t r = 0; r < c->cuts; r++) {
        if ((arf_cmp(c->cut + r, middle) > 0) == (part == 1)) judge_part(l, c->cut + r, c->cut + r, list);
        if (r + 1 < c->cuts && (arf_cmp(c->cut + r, middle) >= 0) == (part == 1)) judge_part(l, c->cut + r, c->cut + r + 1, list);
    }
    free(list);
    arf_clear(middle);
}

/* What either lane measured so far is known to both. */
static void share_best(fp_tube_checker *c, size_t i, int k)
{
    arb_t x;
    arf_t low;
    arb_init(x);
    arf_init(low);
    for (int p = 0; p < FP_TUBE_LANES; p++) {
        const fp_measured *from = &c->lane[p].shell->monitors[i].measured[k];
        if (!from->known) continue;
        arb_set(x, from->measured);
        if (!fp_tube_seeks_largest(c->base->monitors[i].claim, from->constant)) arb_neg(x, x);
        fp_ball_lower(low, x);
        for (int q = 0; q < FP_TUBE_LANES; q++) {
            fp_tally *t = &c->lane[q].tally[i];
            if (!t->has_best[k] || arf_cmp(low, t->best[k]) > 0) arf_set(t->best[k], low);
            t->has_best[k] = true;
        }
    }
    arb_clear(x);
    arf_clear(low);
}

static void prepare(fp_tube_checker *c)
{
    for (size_t i = 0; i < c->base->monitors_count; i++) {
        fp_tally *a = &c->lane[0].tally[i], *b = &c->lane[1].tally[i];
        a->used = b->used = 0;
        for (int k = 0; k < c->base->monitors[i].measured_count; k++) share_best(c, i, k);
        if (a->hopeless || b->hopeless) a->hopeless = b->hopeless = true;
        if (a->decided || b->decided) a->decided = b->decided = true;
    }
}

fp_status fp_tube_status(const fp_tube_checker *c, fp_error *err)
{
    for (int p = 0; p < FP_TUBE_LANES; p++)
        if (c->lane[p].status != FP_OK) {
            *err = c->lane[p].err;
            return c->lane[p].status;
        }
    return FP_OK;
}

fp_status fp_tube_windows(fp_tube_checker *c, fp_error *err)
{
    arf_t middle;
    arf_init(middle);
    prepare(c);
    cuts_make(c, middle);
    fp_pool_run(c->segment->view[1] ? c->pool : NULL, FP_TUBE_LANES, lane_run, c);
    cuts_clear(c);
    arf_clear(middle);
    return fp_tube_status(c, err);
}
