/* SPDX-License-Identifier: MIT */
/* The truth of a time's condition along a stretch: FALSE, UNKNOWN and TRUE intervals in their order. An unknown interval is halved until it is 2^-64 of the step, or unknown at both ends and in the middle too
 * and known there hardly better than over all of it: then the tube is too wide there, or the condition touches. */
#include "tube_impl.h"

enum { NOISE_BITS = 3, KEPT = 256 /* of the budget, for the right half */, KEPT_DEPTH = 4 };

static fp_truth judge(fp_scan *q, const fp_leaves *leaves)
{
    fp_judgement j;
    fp_eval_judge(&j, q->lane->shell->lane.eval, q->time->condition, leaves);
    return j.truth;
}

/* A condition that has no value there may hold or not. */
static fp_truth thin(fp_scan *q, const arf_t t)
{
    fp_eval_failure failure;
    fp_tube_look_without_sups(q->lane, t, t);
    bool ok = fp_eval_condition_leaves(&q->views.middle, q->lane->shell->lane.eval, q->time->condition, q->time->frame, &failure);
    if (!ok) q->views.middle.count = 0;
    if (!ok && fp_reason_is_lasting(failure.reason)) {
        q->failure = failure;
        q->stop = true;
    }
    return ok ? judge(q, &q->views.middle) : FP_UNKNOWN;
}

/* Over [a, b], with thin values in the middle at hand. */
static fp_truth wide(fp_scan *q, const arf_t a, const arf_t b, const arf_t half)
{
    fp_eval_failure failure;
    fp_tube_lane *l = q->lane;
    const char *name = q->time->name ? q->time->name : "a time";
    fp_tube_look_without_sups(q->lane, a, b);
    bool ok = fp_eval_leaves_moving(&q->views.wide, l->shell->lane.eval, NULL, q->time->condition, q->time->frame, &failure);
    if (!ok) return FP_UNKNOWN;
    bool fine = fp_tube_consistent(&q->views.wide, &q->views.middle, name, &l->err) && fp_tube_sharpen(&q->views, name, half, false, false, q->c->prec, &l->err);
    if (!fine) {
        l->status = FP_INTERNAL;
        q->stop = true;
        return FP_UNKNOWN;
    }
    return judge(q, &q->views.wide);
}

static void note(fp_scan *q, const arf_t a, const arf_t b, fp_truth truth)
{
    if (!q->stop) q->note(q, a, b, truth);
}

/* At the ends of an unknown interval and in its middle the truth may be known: all there is to know where a condition holds at a single time only, or up to it. */
static void note_unknown(fp_scan *q, const arf_t a, const arf_t middle, const arf_t b, fp_truth at_a, fp_truth here, fp_truth at_b)
{
    bool apart = here == FP_TRUE && arf_cmp(a, b) < 0;
    if (at_a == FP_TRUE) note(q, a, a, FP_TRUE);
    note(q, a, apart ? middle : b, FP_UNKNOWN);
    if (apart) note(q, middle, middle, here);
    if (apart) note(q, middle, b, FP_UNKNOWN);
    if (at_b != FP_UNKNOWN) note(q, b, b, at_b);
}

/* What is not known over the interval is known hardly better in its middle: halves show nothing more. */
static bool is_noise(const fp_views *v)
{
    mag_t room;
    bool noise = true;
    mag_init(room);
    for (size_t r = 0; r < v->wide.count && v->wide.count == v->middle.count && noise; r++) {
        const fp_leaf *wide = &v->wide.item[r], *thin = &v->middle.item[r];
        if (fp_leaf_truth(wide) != FP_UNKNOWN || !arb_is_finite(thin->margin)) continue;
        mag_mul_2exp_si(room, arb_radref(thin->margin), NOISE_BITS);
        noise = arb_is_finite(wide->margin) && mag_cmp(arb_radref(wide->margin), room) <= 0;
    }
    mag_clear(room);
    return noise;
}

static void scan(fp_scan *q, const arf_t a, const arf_t b, fp_truth at_a, fp_truth at_b, int depth)
{
    arf_t middle, half;
    arf_init(middle);
    arf_init(half);
    fp_arf_middle(middle, a, b);
    arf_sub(half, b, middle, ARF_PREC_EXACT, ARF_RND_DOWN);
    fp_truth here = thin(q, middle), all = wide(q, a, b, half);
    bool deep = depth >= q->c->clock_depth || q->left == 0 || arf_is_zero(half);
    bool blind = at_a == FP_UNKNOWN && here == FP_UNKNOWN && at_b == FP_UNKNOWN && is_noise(&q->views);
    if (q->left > 0) q->left--;
    if (all != FP_UNKNOWN) {
        note(q, a, b, all);
    } else if (deep || blind || q->stop) {
        note_unknown(q, a, middle, b, at_a, here, at_b);
    } else {
        unsigned long kept = depth >= KEPT_DEPTH ? 0 : q->left / 4 < KEPT ? q->left / 4 : KEPT;
        q->left -= kept;
        scan(q, a, middle, at_a, here, depth + 1);
        q->left += kept;
        if (!q->stop) scan(q, middle, b, here, at_b, depth + 1);
    }
    arf_clear(middle);
    arf_clear(half);
}

void fp_scan_go(fp_scan *q, const arf_t a, const arf_t b)
{
    q->left = FP_TUBE_CLOCK_BUDGET;
    q->views = (fp_views){0};
    fp_truth at_a = thin(q, a), at_b = thin(q, b);
    if (!q->stop) scan(q, a, b, at_a, at_b, 0);
    fp_leaves_clear(&q->views.middle);
    fp_leaves_clear(&q->views.wide);
}
