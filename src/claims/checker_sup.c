/* SPDX-License-Identifier: MIT */
/* sup(e) along a run: the largest e at t = 0, at the right end and in the middle of every step so far, in each run its own (the coarse run's middles by its dense output), so that the error
 * estimate works as for everything else. Between those times e is not seen: this is a lower estimate of the supremum. */
#include <stdlib.h>

#include "check_impl.h"

typedef struct fp_supremum fp_supremum;
struct fp_supremum {
    const fp_node *node;
    size_t *users, users_count; /* monitors */
    bool noted, wanted;
    arb_struct past[2], now[2]; /* by lane */
};

static fp_supremum *find(fp_checker *c, const fp_node *node)
{
    for (size_t r = 0; r < c->sups_count; r++)
        if (c->sups[r].node == node) return &c->sups[r];
    c->sups = fp_realloc(c->sups, c->sups_count + 1, sizeof *c->sups);
    fp_supremum *x = &c->sups[c->sups_count++];
    *x = (fp_supremum){.node = node};
    for (int lane = 0; lane < 2; lane++) {
        arb_init(&x->past[lane]);
        arb_init(&x->now[lane]);
        arf_neg_inf(arb_midref(&x->past[lane]));
    }
    return x;
}

typedef struct {
    fp_checker *c;
    size_t monitor;
} fp_sup_user;

static void add_user(const fp_node *node, void *ctx)
{
    const fp_sup_user *user = ctx;
    fp_supremum *x = find(user->c, node);
    x->users = fp_realloc(x->users, x->users_count + 1, sizeof *x->users);
    x->users[x->users_count++] = user->monitor;
}

void fp_sups_bind(fp_checker *c)
{
    for (size_t r = 0; r < c->monitors_count; r++) {
        fp_sup_user user = {c, r};
        fp_claim_each_sup(c->monitors[r].claim, add_user, &user);
    }
}

void fp_sups_clear(fp_checker *c)
{
    for (size_t r = 0; r < c->sups_count; r++) {
        fp_supremum *x = &c->sups[r];
        free(x->users);
        for (int lane = 0; lane < 2; lane++) {
            arb_clear(&x->past[lane]);
            arb_clear(&x->now[lane]);
        }
    }
    free(c->sups);
}

/* Once no claim needs it any more it is left alone: e may be the largest over all pairs. */
static bool find_wanted(fp_checker *c)
{
    bool any = false;
    for (size_t r = 0; r < c->sups_count; r++) {
        fp_supremum *x = &c->sups[r];
        x->wanted = false;
        for (size_t k = 0; k < x->users_count && !x->wanted; k++) x->wanted = !fp_monitor_is_over(c, &c->monitors[x->users[k]]);
        any |= x->wanted;
    }
    return any;
}

typedef struct {
    fp_checker *c;
    int lane[2]; /* where the fine and the coarse run's e is read */
} fp_sup_job;

/* What has no value leaves none to the supremum. */
static void note_part(void *ctx, size_t part)
{
    const fp_sup_job *job = ctx;
    fp_lane *lane = &job->c->lane[job->lane[part]];
    for (size_t r = 0; r < job->c->sups_count; r++) {
        fp_supremum *x = &job->c->sups[r];
        fp_eval_failure failure = {0};
        if (x->wanted && !fp_eval_sup_present(&x->now[part], lane->eval, x->node, false, &failure)) arb_indeterminate(&x->now[part]);
    }
}

static void note(fp_checker *c, int fine, int coarse)
{
    fp_sup_job job = {c, {fine, coarse}};
    fp_pool_run(c->pool, 2, note_part, &job);
    for (size_t r = 0; r < c->sups_count; r++) c->sups[r].noted = c->sups[r].wanted;
}

fp_status fp_sups_middle(fp_checker *c, const fp_stretch *s, fp_error *err)
{
    if (!find_wanted(c)) return FP_OK;
    fp_status status = s->at(c->probe[FP_COARSE], s->ctx, false, s->middle, false, err);
    if (status != FP_OK) return status;
    fp_lane_set(c, FP_COARSE, s->middle, c->probe[FP_COARSE]);
    note(c, FP_MIDDLE, FP_COARSE);
    return FP_OK;
}

void fp_sups_node(fp_checker *c)
{
    if (find_wanted(c)) note(c, FP_FINE, FP_COARSE);
}

static void raise_past(arb_ptr past, arb_srcptr now, slong prec)
{
    if (arf_is_neg_inf(arb_midref(past)))
        arb_set(past, now);
    else if (arb_is_finite(past) && arb_is_finite(now))
        arb_max(past, past, now, prec);
    else
        arb_indeterminate(past);
}

void fp_sups_raise(fp_checker *c, int lanes)
{
    for (size_t r = 0; r < c->sups_count; r++) {
        fp_supremum *x = &c->sups[r];
        for (int lane = 0; lane < 2 && x->noted; lane++) raise_past(&x->past[lane], &x->now[lane], c->prec);
        for (int lane = 0; lane < lanes && x->wanted; lane++) fp_eval_set_sup(c->lane[lane].eval, x->node, &(fp_past_sup){&x->past[lane == FP_COARSE], NULL, NULL});
        x->noted = false;
    }
}
