/* SPDX-License-Identifier: MIT */
/* sup(e) with enclosures: over a stretch [a, b] the evaluator takes the larger of e and a past, which tube_crest.c gives for every piece of a step; where a stretch meets more than one, the supremum over [0, a]. */
#include <stdlib.h>

#include "tube_impl.h"

static fp_tube_sup *find(fp_tube_checker *c, const fp_node *node)
{
    for (size_t r = 0; r < c->sups_count; r++)
        if (c->sup[r].node == node) return &c->sup[r];
    c->sup = fp_realloc(c->sup, c->sups_count + 1, sizeof *c->sup);
    fp_tube_sup *x = &c->sup[c->sups_count++];
    *x = (fp_tube_sup){.node = node, .user = fp_alloc(c->base->monitors_count + 1, sizeof *x->user)};
    arb_init(x->past);
    arb_init(x->next);
    return x;
}

typedef struct {
    fp_tube_checker *c;
    size_t monitor;
} fp_user;

static void note_user(const fp_node *node, void *ctx)
{
    fp_user *user = ctx;
    find(user->c, node)->user[user->monitor] = true;
}

void fp_tube_sups_bind(fp_tube_checker *c)
{
    for (size_t i = 0; i < c->base->monitors_count; i++) {
        fp_user user = {c, i};
        fp_claim_each_sup(c->base->monitors[i].claim, note_user, &user);
    }
    for (int p = 0; p < FP_TUBE_LANES; p++) {
        c->lane[p].past = _arb_vec_init((slong)c->sups_count);
        c->lane[p].wants_sup = fp_alloc(c->sups_count + 1, sizeof *c->lane[p].wants_sup);
    }
}

void fp_tube_sups_clear(fp_tube_checker *c)
{
    for (int p = 0; p < FP_TUBE_LANES; p++) {
        if (c->lane[p].past) _arb_vec_clear(c->lane[p].past, (slong)c->sups_count);
        free(c->lane[p].wants_sup);
    }
    for (size_t r = 0; r < c->sups_count; r++) {
        free(c->sup[r].user);
        arb_clear(c->sup[r].past);
        arb_clear(c->sup[r].next);
        fp_crest_clear(&c->sup[r].crest);
    }
    free(c->sup);
}

void fp_tube_sups_want(fp_tube_lane *l, const size_t *list, size_t count)
{
    for (size_t r = 0; r < l->c->sups_count; r++) {
        l->wants_sup[r] = false;
        for (size_t k = 0; k < count; k++) l->wants_sup[r] |= l->c->sup[r].user[list[k]];
    }
}

/* ---- one step */
/* As long as a claim that uses it is not over. */
static bool is_wanted(const fp_tube_checker *c, const fp_tube_sup *x)
{
    for (size_t i = 0; i < c->base->monitors_count; i++)
        if (x->user[i] && !fp_tube_is_over(c, i)) return true;
    return false;
}

/* It may be looked at inside the step, by a claim that is not over: all but what speaks of a constant time elsewhere, or of a window that is still to come. */
static bool looks_inside(const fp_tube_checker *c, size_t i)
{
    const fp_monitor *m = &c->base->monitors[i];
    const fp_segment *g = c->segment;
    arf_t lo, hi;
    arf_init(lo);
    arf_init(hi);
    fp_tube_ends(lo, hi, c, m->from, false);
    bool fixed = m->claim->window == FP_WINDOW_AT && c->base->clocks[m->from].time->kind == FP_TIME_STATIC;
    bool inside = arf_cmp(lo, g->right) <= 0 && !(fixed && arf_cmp(hi, g->left) < 0);
    arf_clear(lo);
    arf_clear(hi);
    return inside;
}

static bool is_inside(const fp_tube_checker *c, const fp_tube_sup *x)
{
    for (size_t i = 0; i < c->base->monitors_count; i++)
        if (x->user[i] && !fp_tube_is_over(c, i) && looks_inside(c, i)) return true;
    return false;
}

static void make(void *ctx, size_t part)
{
    fp_tube_checker *c = ctx;
    for (size_t r = part; r < c->sups_count; r += FP_TUBE_LANES) {
        fp_tube_sup *x = &c->sup[r];
        x->wanted = is_wanted(c, x);
        if (x->wanted && c->lane[part].status == FP_OK) fp_crest_make(&x->crest, x->next, &c->lane[part], x->node, x->has ? x->past : NULL, is_inside(c, x));
    }
}

fp_status fp_tube_sups_step(fp_tube_checker *c, fp_error *err)
{
    if (c->sups_count > 0) fp_pool_run(c->segment->view[1] ? c->pool : NULL, FP_TUBE_LANES, make, c);
    return fp_tube_status(c, err);
}

/* Over [0, a], where a is inside a piece. */
static void past_inside(fp_tube_lane *l, size_t r, const fp_rise *piece, const arf_t a)
{
    arb_t e;
    arb_init(e);
    fp_tube_sup_present(e, l, l->c->sup[r].node, a, a);
    arb_add_error_mag(e, piece->slack);
    fp_sup_raise(l->past + r, e, l->c->prec);
    arb_clear(e);
}

/* What the evaluator needs for [a, b], or, b NULL, for whatever begins at a. */
static void set_past(fp_tube_lane *l, size_t r, const arf_t a, arf_srcptr b)
{
    const fp_tube_sup *x = &l->c->sup[r];
    const fp_rise *piece = fp_crest_at(&x->crest, a);
    bool one = b && arf_cmp(b, piece->to) <= 0;
    arb_set(l->past + r, piece->past);
    if (!one && !piece->rests && arf_cmp(a, piece->from) != 0) past_inside(l, r, piece, a);
    fp_past_sup past = {l->past + r, b ? fp_crest_at(&x->crest, b)->most : NULL, one ? piece->slack : NULL};
    fp_eval_set_sup(l->shell->lane.eval, x->node, &past);
}

static void sups_set(fp_tube_lane *l, const arf_t a, arf_srcptr b)
{
    for (size_t r = 0; r < l->c->sups_count; r++) {
        const fp_tube_sup *x = &l->c->sup[r];
        if (l->wants_sup[r] && x->wanted) set_past(l, r, a, b);
    }
}

void fp_tube_sups_until(fp_tube_lane *l, const arf_t a)
{
    sups_set(l, a, NULL);
}

void fp_tube_look_without_sups(fp_tube_lane *l, const arf_t a, const arf_t b)
{
    fp_lane *lane = &l->shell->lane;
    fp_source_set_tube(lane->now, l->view, a, b);
    fp_eval_set_now(lane->eval, lane->now);
}

void fp_tube_look(fp_tube_lane *l, const arf_t a, const arf_t b)
{
    sups_set(l, a, b);
    fp_tube_look_without_sups(l, a, b);
}

void fp_tube_sups_raise(fp_tube_checker *c)
{
    for (size_t r = 0; r < c->sups_count; r++) {
        fp_tube_sup *x = &c->sup[r];
        if (!x->wanted) continue;
        arb_set(x->past, x->next);
        x->has = true;
    }
}

void fp_tube_sups_forget(fp_tube_checker *c)
{
    for (size_t r = 0; r < c->sups_count; r++) fp_eval_set_sup(c->base->lane.eval, c->sup[r].node, NULL);
}
