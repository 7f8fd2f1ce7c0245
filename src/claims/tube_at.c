/* SPDX-License-Identifier: MIT */
/* Values at a named time: all that at(T, ..) and claims `at T:` will ask for is asked while the step with T is there, over the bracket of T, and kept. A bracket that reaches over several steps is kept piece by piece,
 * as the hull. */
#include <stdlib.h>

#include "tube_impl.h"

static bool mentions(const fp_node *node, const fp_time *time)
{
    if (!node) return false;
    if (node->kind == FP_NODE_AT && node->time == time) return true;
    for (int r = 0; r < node->count; r++)
        if (mentions(node->kids[r], time)) return true;
    return node->kind == FP_NODE_USE && mentions(node->definition->body, time);
}

static bool needs_it(const fp_monitor *m, size_t index)
{
    return !m->out && m->claim->kind != FP_PROBABILITY && (m->needs[index] || (m->claim->window == FP_WINDOW_AT && m->from == (int)index));
}

static bool is_wanted(const fp_tube_checker *c, size_t index)
{
    if (c->base->clocks[index].wanted) return true;
    for (size_t i = 0; i < c->base->monitors_count; i++)
        if (needs_it(&c->base->monitors[i], index)) return true;
    return false;
}

static void touch_claim(fp_eval *e, const fp_claim *claim)
{
    if (claim->kind != FP_ORDER) {
        fp_eval_touch(e, claim, claim->body, claim->frame);
        return;
    }
    fp_eval_failure failure = {0};
    arb_t least, greatest;
    arb_init(least);
    arb_init(greatest);
    fp_eval_ratio(least, greatest, e, claim, &failure);
    arb_clear(least);
    arb_clear(greatest);
}

static void touch_all(const fp_tube_lane *l, size_t index)
{
    const fp_tube_checker *c = l->c;
    fp_eval *e = l->shell->lane.eval;
    for (size_t i = 0; i < c->base->monitors_count; i++)
        if (needs_it(&c->base->monitors[i], index)) touch_claim(e, c->base->monitors[i].claim);
    for (size_t k = 0; k < c->base->clocks_count; k++) {
        const fp_time *time = c->base->clocks[k].time;
        if (mentions(time->condition, c->base->clocks[index].time)) fp_eval_touch(e, NULL, time->condition, time->frame);
    }
}

typedef struct {
    fp_tube_checker *c;
    size_t index;
    arf_t a, b;
} fp_stay;

/* For claims `at T:`, the suprema up to where the bracket of T begins. */
static void keep_past(fp_tube_checker *c, fp_tube_lane *l, size_t index, const arf_t a)
{
    size_t *list = fp_alloc(c->base->monitors_count + 1, sizeof *list), count = 0;
    fp_bracket *b = &c->bracket[index];
    for (size_t i = 0; i < c->base->monitors_count; i++)
        if (needs_it(&c->base->monitors[i], index) && c->base->monitors[i].claim->window == FP_WINDOW_AT) list[count++] = i;
    fp_tube_sups_want(l, list, count);
    free(list);
    if (l != &c->lane[0] || c->sups_count == 0 || b->collected) return;
    if (!b->past) b->past = _arb_vec_init((slong)c->sups_count);
    fp_tube_sups_until(l, a);
    _arb_vec_set(b->past, l->past, (slong)c->sups_count);
}

/* Times that are not known yet stand for this one while it is asked, so that no at() cuts the asking short. */
static void stay(void *ctx, size_t part)
{
    const fp_stay *q = ctx;
    fp_tube_lane *l = &q->c->lane[part];
    fp_lane *lane = &l->shell->lane;
    const fp_clock *clocks = q->c->base->clocks;
    keep_past(q->c, l, q->index, q->a);
    fp_tube_look(l, q->a, q->b);
    for (size_t k = 0; k < q->c->base->clocks_count; k++)
        if (!l->at[k] || k == q->index) fp_eval_set_time(lane->eval, clocks[k].time, lane->now);
    touch_all(l, q->index);
    if (!l->at[q->index]) l->at[q->index] = fp_source_new_tube(q->c->base->problem, q->c->layout, q->c->prec);
    fp_source_keep(l->at[q->index], lane->now, q->c->bracket[q->index].collected);
    for (size_t k = 0; k < q->c->base->clocks_count; k++) fp_eval_set_time(lane->eval, clocks[k].time, l->at[k]);
}

void fp_bracket_drop(fp_tube_checker *c, size_t index)
{
    c->bracket[index].collected = c->bracket[index].complete = false;
    for (int p = 0; p < FP_TUBE_LANES; p++) {
        fp_tube_lane *l = &c->lane[p];
        fp_eval_set_time(l->shell->lane.eval, c->base->clocks[index].time, NULL);
        fp_source_free(l->at[index]);
        l->at[index] = NULL;
    }
}

static void collect_part(fp_tube_checker *c, size_t index)
{
    fp_bracket *b = &c->bracket[index];
    const fp_segment *g = c->segment;
    fp_stay q = {.c = c, .index = index};
    arf_init(q.a);
    arf_init(q.b);
    arf_set(q.a, arf_cmp(b->lo, g->left) > 0 ? b->lo : g->left);
    arf_set(q.b, b->bounded && arf_cmp(b->hi, g->right) < 0 ? b->hi : g->right);
    bool waiting = !b->bounded && arf_cmp(b->lo, g->right) >= 0;
    if (!waiting && arf_cmp(q.a, q.b) <= 0) {
        fp_pool_run(g->view[1] ? c->pool : NULL, FP_TUBE_LANES, stay, &q);
        b->collected = true;
    }
    arf_clear(q.a);
    arf_clear(q.b);
}

void fp_bracket_collect(fp_tube_checker *c, size_t index)
{
    fp_bracket *b = &c->bracket[index];
    if (b->complete) return;
    if (is_wanted(c, index)) collect_part(c, index);
    b->complete = b->bounded && arf_cmp(b->hi, c->segment->right) <= 0;
}
