/* SPDX-License-Identifier: MIT */
/* sup(e): the past is the checker's, the present is evaluated here. */
#include "eval_impl.h"
#include "sheet_impl.h"
#include "tube_ball.h"

#include <stdlib.h>

static void each(const fp_node *node, void (*visit)(const fp_node *sup, void *ctx), void *ctx)
{
    if (!node)
        return;
    if (node->kind == FP_NODE_SUP)
        visit(node, ctx);
    for (int r = 0; r < node->count; r++)
        each(node->kids[r], visit, ctx);
    if (node->kind == FP_NODE_USE)
        each(node->definition->body, visit, ctx);
}

void fp_claim_each_sup(const fp_claim *claim, void (*visit)(const fp_node *sup, void *ctx), void *ctx)
{
    each(claim->body, visit, ctx);
    each(claim->order_form, visit, ctx);
}

static fp_past *find(const fp_eval *e, const fp_node *sup)
{
    for (int r = 0; r < e->pasts; r++)
        if (e->past[r].node == sup)
            return &e->past[r];
    return NULL;
}

static fp_past *add(fp_eval *e, const fp_node *sup)
{
    e->past = fp_realloc(e->past, (size_t)e->pasts + 1, sizeof *e->past);
    fp_past *past = &e->past[e->pasts++];
    past->node = sup;
    arb_init(&past->past);
    arf_init(&past->most);
    mag_init(&past->slack);
    return past;
}

static void clear(fp_past *past)
{
    arb_clear(&past->past);
    arf_clear(&past->most);
    mag_clear(&past->slack);
}

void fp_eval_set_sup(fp_eval *e, const fp_node *sup, const fp_past_sup *past)
{
    fp_past *found = find(e, sup);
    fp_memo_forget(&e->memo_now);
    if (past) {
        if (!found)
            found = add(e, sup);
        arb_set(&found->past, past->past);
        arf_pos_inf(&found->most);
        mag_zero(&found->slack);
        if (past->most)
            arf_set(&found->most, past->most);
        if (past->slack)
            mag_set(&found->slack, past->slack);
    } else if (found) {
        clear(found);
        *found = e->past[--e->pasts];
    }
}

void fp_eval_forget_sups(fp_eval *e)
{
    for (int r = 0; r < e->pasts; r++)
        clear(&e->past[r]);
    free(e->past);
    e->past = NULL;
    e->pasts = 0;
}

bool fp_eval_sup_present(arb_ptr out, fp_eval *e, const fp_node *sup, bool moving, fp_eval_failure *failure)
{
    if (moving && fp_node_boxed(sup->kids[0])->live_d)
        return false;
    return moving ? fp_eval_moving(out, e, sup->kids[0], FP_FRAME_MAX, failure) : fp_eval_scalar(out, e, sup->kids[0], FP_FRAME_MAX, failure);
}

/* The supremum rises with e or rests: its derivative, almost everywhere, is in the hull of 0 and e', and is not negative. It is 0 where e is below the past, and e' where e is above it and does not fall.
 * over_t: out + 1 is a quotient e(t)/t. For s <= t the e(s)/t = (s/t) e(s)/s, whose supremum is at least e(t)/t, at least 0, and at most what e(s)/s may be. */
static void rise(arb_ptr out, const fp_past *past, bool over_t, slong prec)
{
    arb_t zero;
    arb_init(zero);
    if (past && arb_lt(out, &past->past)) {
        arb_zero(out + 1);
    } else if (arb_is_finite(out + 1)) {
        bool rises = past && mag_is_zero(&past->slack) && arb_gt(out, &past->past) && arb_is_nonnegative(out + 1);
        arb_max(out + 1, out + 1, zero, prec);
        if (!over_t && !rises)
            arb_union(out + 1, out + 1, zero, prec);
    }
    arb_clear(zero);
}

/* out := max(out, past), up to slack more, and no more than `most`. */
static void remember(arb_t out, const fp_past *past, slong prec)
{
    arf_t low, high, slack;
    if (!arb_is_finite(out) || !arb_is_finite(&past->past)) {
        arb_indeterminate(out);
        return;
    }
    arb_max(out, out, &past->past, prec);
    arf_init(low);
    arf_init(high);
    arf_init(slack);
    fp_ball_lower(low, out);
    fp_ball_upper(high, out);
    arf_set_mag(slack, &past->slack);
    arf_add(high, high, slack, prec, ARF_RND_CEIL);
    if (arf_cmp(&past->most, high) < 0 && arf_cmp(low, &past->most) <= 0)
        arf_set(high, &past->most);
    fp_ball_interval(out, low, high);
    arf_clear(slack);
    arf_clear(low);
    arf_clear(high);
}

bool fp_eval_supremum(arb_ptr out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    const fp_past *past = find(e, node);
    if (scene->origin != FP_ORIGIN_NOW)
        return fp_eval_fail(e, "unavailable", node->place, "sup(..) has a value at the present time only");
    if (!fp_eval_real(out, e, node->kids[0], frame, scene))
        return false;
    if (scene->order > 0)
        rise(out, e->from_start ? NULL : past, e->from_start && fp_eval_vanishes(node->kids[0]), e->prec);
    if (past)
        remember(out, past, e->prec);
    return true;
}
