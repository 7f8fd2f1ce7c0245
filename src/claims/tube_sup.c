/* SPDX-License-Identifier: MIT */
/* sup(e) with enclosures: over a stretch [a, b] the evaluator needs an enclosure of the supremum over [0, a]. Over the steps before it is kept; over the present step up to a it is bounded by the ranges of e over
 * PIECES pieces of it from above, by e(a) (and e(0) in the first step) from below. */
#include <stdlib.h>

#include "tube_impl.h"

enum { PIECES = 8 };

static fp_tube_sup *find(fp_tube_checker *c, const fp_node *node)
{
    for (size_t r = 0; r < c->sups_count; r++)
        if (c->sup[r].node == node) return &c->sup[r];
    c->sup = fp_realloc(c->sup, c->sups_count + 1, sizeof *c->sup);
    fp_tube_sup *x = &c->sup[c->sups_count++];
    *x = (fp_tube_sup){.node = node, .user = fp_alloc(c->base->monitors_count + 1, sizeof *x->user)};
    arb_init(x->past);
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

static void set(fp_tube_lane *l, const arf_t a, const arf_t b)
{
    fp_lane *lane = &l->shell->lane[FP_FINE];
    fp_source_set_tube(lane->now, l->view, a, b);
    fp_eval_set_now(lane->eval, lane->now);
}

/* e over [a, b]; indeterminate if it has no value there */
static void present(arb_t out, fp_tube_lane *l, size_t r, const arf_t a, const arf_t b)
{
    fp_eval_failure failure = {0};
    set(l, a, b);
    if (!fp_eval_sup_present(out, l->shell->lane[FP_FINE].eval, l->c->sup[r].node, &failure)) arb_indeterminate(out);
}

/* [low, high] around the supremum over [left, a] */
static void over_step(arf_t low, arf_t high, fp_tube_lane *l, size_t r, const arf_t a)
{
    arf_t from, to, width, x;
    arf_struct *all[] = {from, to, width, x};
    arb_t e;
    arb_init(e);
    for (int k = 0; k < 4; k++) arf_init(all[k]);
    present(e, l, r, a, a);
    fp_ball_lower(low, e);
    fp_ball_upper(high, e);
    if (!l->c->sup[r].has) {
        present(e, l, r, l->c->segment->left, l->c->segment->left);
        fp_ball_lower(x, e);
        arf_max(low, low, x);
    }
    arf_sub(width, a, l->c->segment->left, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_div_ui(width, width, PIECES, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_set(to, l->c->segment->left);
    for (int k = 0; !arf_is_zero(width) && k < PIECES; k++) {
        arf_set(from, to);
        arf_add(to, from, width, ARF_PREC_EXACT, ARF_RND_DOWN);
        present(e, l, r, from, to);
        fp_ball_upper(x, e);
        arf_max(high, high, x);
    }
    for (int k = 0; k < 4; k++) arf_clear(all[k]);
    arb_clear(e);
}

static void past_until(fp_tube_lane *l, size_t r, const arf_t a)
{
    const fp_tube_sup *x = &l->c->sup[r];
    arf_t low, high, y;
    arf_init(low);
    arf_init(high);
    arf_init(y);
    over_step(low, high, l, r, a);
    if (x->has) {
        fp_ball_lower(y, x->past);
        arf_max(low, low, y);
        fp_ball_upper(y, x->past);
        arf_max(high, high, y);
    }
    fp_ball_interval(l->past + r, low, high);
    arf_clear(low);
    arf_clear(high);
    arf_clear(y);
}

/* All that are wanted, for stretches that begin at a. */
void fp_tube_sups_until(fp_tube_lane *l, const arf_t a)
{
    for (size_t r = 0; r < l->c->sups_count; r++) {
        if (!l->wants_sup[r]) continue;
        past_until(l, r, a);
        fp_eval_set_sup(l->shell->lane[FP_FINE].eval, l->c->sup[r].node, l->past + r);
    }
}

void fp_tube_look(fp_tube_lane *l, const arf_t a, const arf_t b)
{
    if (l->c->sups_count > 0) fp_tube_sups_until(l, a);
    set(l, a, b);
}

/* As long as a claim that uses it is not over. */
void fp_tube_sups_raise(fp_tube_checker *c)
{
    fp_tube_lane *l = &c->lane[0];
    for (size_t r = 0; r < c->sups_count; r++) {
        fp_tube_sup *x = &c->sup[r];
        bool wanted = false;
        for (size_t i = 0; i < c->base->monitors_count && !wanted; i++) wanted = x->user[i] && !fp_tube_is_over(c, i);
        if (!wanted) continue;
        past_until(l, r, c->segment->right);
        arb_set(x->past, l->past + r);
        x->has = true;
    }
}

void fp_tube_sups_forget(fp_tube_checker *c)
{
    for (size_t r = 0; r < c->sups_count; r++) fp_eval_set_sup(c->base->lane[FP_FINE].eval, c->sup[r].node, NULL);
}
