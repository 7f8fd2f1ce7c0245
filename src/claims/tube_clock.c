/* SPDX-License-Identifier: MIT */
/* Named times as brackets. `first t in [a, b] with P`: P is surely false from a up to lo, surely true at hi. `last t in [a, b] with P`: P is surely true at lo (lo = a until it was seen to be), surely false
 * from hi on; provisional until b. lo only grows: at every step T >= lo holds for the time T that the whole run will show, if there is one, so windows may be judged from lo on.
 * `not reached` is said only where it is shown: P false everywhere in [a, b] (last: or true at b), or [a, b] empty, or an end of it not reached. Where P is unknown the time is undecided. */
#include "tube_impl.h"

static void place_static(fp_tube_checker *c, size_t i)
{
    fp_clock *k = &c->base->clocks[i];
    fp_bracket *b = &c->bracket[i];
    if (k->state == FP_CLOCK_FAILED) return;
    fp_ball_lower(b->lo, k->exact);
    fp_ball_upper(b->hi, k->exact);
    if (arf_sgn(b->lo) < 0) arf_zero(b->lo);
    b->bounded = k->known = true;
}

void fp_brackets_begin(fp_tube_checker *c)
{
    for (size_t i = 0; i < c->base->clocks_count; i++)
        if (c->base->clocks[i].time->kind == FP_TIME_STATIC) place_static(c, i);
}

/* ---- what a scan shows */
static bool ends_of(arf_t from_hi, arf_t to_lo, const fp_tube_checker *c, size_t i)
{
    const fp_clock *k = &c->base->clocks[i];
    arf_t ignored;
    arf_init(ignored);
    bool ok = fp_tube_ends(ignored, from_hi, c, k->from, false);
    ok = fp_tube_ends(to_lo, ignored, c, k->to, true) && ok;
    arf_clear(ignored);
    return ok;
}

/* The part of [a, b] that surely belongs to the search: false if there is none. */
static bool sure_part(arf_t low, arf_t high, const fp_scan *q, const arf_t a, const arf_t b)
{
    bool ok = ends_of(low, high, q->c, q->index);
    arf_max(low, low, a);
    arf_min(high, high, b);
    return ok && arf_cmp(low, high) <= 0;
}

static void note_first(fp_scan *q, const arf_t a, const arf_t b, fp_truth truth)
{
    fp_bracket *k = &q->c->bracket[q->index];
    arf_t low, high;
    arf_init(low);
    arf_init(high);
    if (truth == FP_FALSE) {
        if (!k->pending) arf_set(k->lo, b);
    } else if (truth == FP_TRUE && sure_part(low, high, q, a, b)) {
        arf_set(k->hi, low);
        k->bounded = q->stop = true;
    } else {
        if (!k->pending) arf_set(k->lo, a);
        k->pending = true;
    }
    arf_clear(low);
    arf_clear(high);
}

static void forget(fp_tube_checker *c, size_t index)
{
    fp_bracket_drop(c, index);
    for (size_t i = 0; i < c->base->monitors_count; i++) {
        if (c->base->monitors[i].from != (int)index) continue;
        for (int p = 0; p < FP_TUBE_LANES; p++) {
            fp_monitor_reset(&c->lane[p].shell->monitors[i]);
            fp_tally_reset(&c->lane[p].tally[i]);
        }
    }
}

static void note_last(fp_scan *q, const arf_t a, const arf_t b, fp_truth truth)
{
    fp_bracket *k = &q->c->bracket[q->index];
    arf_t low, high;
    arf_init(low);
    arf_init(high);
    if (truth == FP_FALSE) {
        if (!k->bounded) arf_set(k->hi, a);
        k->bounded = true;
    } else {
        k->bounded = k->complete = false;
    }
    bool sure = truth == FP_TRUE && sure_part(low, high, q, a, b);
    if (sure) {
        arf_set(k->lo, high);
        forget(q->c, q->index);
    }
    k->seen |= sure;
    k->held = truth == FP_TRUE;
    k->pending |= truth != FP_FALSE && !sure;
    arf_clear(low);
    arf_clear(high);
}

/* ---- one step */
static void search(fp_tube_checker *c, size_t i, const arf_t a, const arf_t b)
{
    fp_clock *k = &c->base->clocks[i];
    fp_scan q = {.lane = &c->lane[0], .time = k->time, .c = c, .index = i, .note = k->time->kind == FP_TIME_FIRST ? note_first : note_last};
    fp_scan_go(&q, a, b);
    if (!q.failure.failed) return;
    k->failure = q.failure;
    k->state = FP_CLOCK_FAILED;
}

/* T is not before the search begins; where it begins is known to a bracket. */
static void at_least(arf_t x, const arf_t y)
{
    if (arf_cmp(x, y) < 0) arf_set(x, y);
}

static void fail(fp_tube_checker *c, size_t i, bool shown, const char *why)
{
    fp_clock_fail(&c->base->clocks[i], shown ? "time-not-reached" : "straddles-zero", why);
}

/* The search is over without a time. ends: wherever it ends, the condition is surely false there. */
static void give_up(fp_tube_checker *c, size_t i, bool ends)
{
    const fp_bracket *b = &c->bracket[i];
    bool first = c->base->clocks[i].time->kind == FP_TIME_FIRST;
    if (first || (ends && !b->seen))
        fail(c, i, !b->pending, b->pending ? "whether the condition holds anywhere in the search is not decided" : "the condition holds nowhere in the search");
    else
        fail(c, i, b->held, b->held ? "the condition still holds at the end of the search" : "whether the condition still holds at the end of the search is not decided");
}

static void settle(fp_tube_checker *c, size_t i, const arf_t to_hi)
{
    fp_clock *k = &c->base->clocks[i];
    fp_bracket *b = &c->bracket[i];
    bool first = k->time->kind == FP_TIME_FIRST, over = arf_cmp(to_hi, c->segment->right) <= 0;
    arf_t from_hi, to_lo;
    arf_init(from_hi);
    arf_init(to_lo);
    if (b->bounded && ends_of(from_hi, to_lo, c, i)) at_least(b->hi, from_hi);
    if (b->bounded && arf_is_inf(b->hi)) b->bounded = false;
    bool ends = b->bounded && !first && arf_cmp(b->hi, to_lo) <= 0;
    if (first ? b->bounded : over && ends && b->seen) {
        k->state = FP_CLOCK_FOUND;
        k->known = true;
    } else if (over) {
        give_up(c, i, ends);
    }
    arf_clear(from_hi);
    arf_clear(to_lo);
}

/* Ends before it begins, wherever in their brackets its ends lie. */
static bool is_empty(const fp_tube_checker *c, size_t i, const arf_t from_lo, const arf_t to_hi)
{
    const fp_bracket *to = fp_tube_bracket(c, c->base->clocks[i].to);
    return to && to->bounded && arf_cmp(to_hi, from_lo) < 0;
}

static bool begins(const fp_tube_checker *c, size_t i, const arf_t from_lo)
{
    const fp_clock *k = &c->base->clocks[i];
    const fp_bracket *from = fp_tube_bracket(c, k->from);
    int order = arf_cmp(from_lo, c->segment->right);
    return order < 0 || (order == 0 && from && from->bounded);
}

static void step_search(fp_tube_checker *c, size_t i)
{
    fp_clock *k = &c->base->clocks[i];
    fp_bracket *b = &c->bracket[i];
    const fp_segment *g = c->segment;
    arf_t from_lo, to_hi, ignored;
    arf_init(from_lo);
    arf_init(to_hi);
    arf_init(ignored);
    fp_tube_ends(from_lo, ignored, c, k->from, false);
    fp_tube_ends(ignored, to_hi, c, k->to, true);
    at_least(b->lo, from_lo);
    if (is_empty(c, i, from_lo, to_hi)) fail(c, i, true, "the search ends before it begins");
    if (k->state == FP_CLOCK_FAILED || !begins(c, i, from_lo)) goto done;
    k->state = FP_CLOCK_SEARCHING;
    arf_t left, right;
    arf_init(left);
    arf_init(right);
    arf_set(left, arf_cmp(from_lo, g->left) > 0 ? from_lo : g->left);
    arf_set(right, arf_cmp(to_hi, g->right) < 0 ? to_hi : g->right);
    if (arf_cmp(left, right) <= 0) search(c, i, left, right);
    if (k->state != FP_CLOCK_FAILED) settle(c, i, to_hi);
    arf_clear(left);
    arf_clear(right);
done:
    arf_clear(from_lo);
    arf_clear(to_hi);
    arf_clear(ignored);
}

/* In the order in which they depend on one another, which is theirs. */
fp_status fp_brackets_step(fp_tube_checker *c, fp_error *err)
{
    for (size_t i = 0; i < c->base->clocks_count; i++) {
        fp_clock *k = &c->base->clocks[i];
        if (k->time->kind == FP_TIME_STATIC && k->state != FP_CLOCK_FAILED && arf_cmp(c->bracket[i].hi, c->segment->right) <= 0) k->state = FP_CLOCK_FOUND;
        if (k->time->kind != FP_TIME_STATIC && !fp_clock_lapses(c->base, i) && k->state != FP_CLOCK_FAILED && k->state != FP_CLOCK_FOUND) step_search(c, i);
        if (c->lane[0].status != FP_OK) {
            *err = c->lane[0].err;
            return c->lane[0].status;
        }
        if (k->state == FP_CLOCK_FAILED)
            fp_bracket_drop(c, i);
        else
            fp_bracket_collect(c, i);
    }
    return FP_OK;
}
