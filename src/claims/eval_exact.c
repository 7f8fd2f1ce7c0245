/* SPDX-License-Identifier: MIT */
/* A closer look at comparisons that balls leave open, where both sides are known exactly: at the exact initial state, of numbers and parameters, and at the points of a box. First by intervals with exact
 * ends: numbers, parameters and sums of products of weights are rational, so that equality is seen. Then, at the initial state, once more around balls of SHARP_BITS, which tell sides apart
 * whose relative difference is 10^-300. Sides that are equal and not rational stay open. */
#include "eval_impl.h"

enum { SHARP_BITS = 2048, EXACT_BITS = 1 << 13 };

static bool is_upper(fp_compare op) /* the margin is rhs - lhs */
{
    return op == FP_LE || op == FP_LT;
}

fp_truth fp_eval_relation(fp_compare op, const fp_interval *margin)
{
    fp_interval minus;
    switch (op) {
    case FP_LE:
    case FP_GE: return fp_interval_is_nonnegative(margin);
    case FP_LT:
    case FP_GT: return fp_interval_is_positive(margin);
    default: break;
    }
    if (fp_interval_is_zero(margin)) return FP_TRUE;
    fp_interval_init(&minus);
    fp_interval_neg(&minus, margin);
    bool apart = fp_interval_is_positive(margin) == FP_TRUE || fp_interval_is_positive(&minus) == FP_TRUE;
    fp_interval_clear(&minus);
    return apart ? FP_FALSE : FP_UNKNOWN;
}

static bool margin_by(fp_interval *margin, const fp_sight *w, const fp_node *node, fp_frame *frame)
{
    fp_interval other;
    bool upper = is_upper(node->op);
    fp_interval_init(&other);
    bool ok = fp_eval_interval(margin, w, node->kids[upper], frame) && fp_eval_interval(&other, w, node->kids[!upper], frame);
    if (ok) fp_interval_sub(margin, margin, &other, &w->digits);
    fp_interval_clear(&other);
    return ok;
}

static fp_eval *sharper(fp_eval *e)
{
    if (!e->sharper) {
        slong prec = e->prec < SHARP_BITS ? SHARP_BITS : 2 * e->prec;
        fp_source *source = fp_source_new_sharper(e->initial, prec);
        e->sharper = fp_eval_new(e->sheets, e->problem, prec);
        fp_eval_set_initial(e->sharper, source);
        fp_eval_set_now(e->sharper, source);
    }
    e->sharper->sheet = e->sheet;
    e->sharper->override = e->override;
    e->sharper->override_value = e->override_value;
    e->sharper->uses = e->uses;
    e->sharper->failure = e->failure;
    e->sharper->evaluations = 0;
    e->sharper->held = 0;
    return e->sharper;
}

void fp_eval_forget_exact(fp_eval *e)
{
    for (size_t r = 0; r < e->nodes; r++) {
        if (e->info[r].has_interval) fp_interval_clear(&e->info[r].interval);
        e->info[r].has_interval = false;
    }
    if (!e->sharper) return;
    fp_source *source = e->sharper->initial;
    fp_eval_free(e->sharper);
    fp_source_free(source);
    e->sharper = NULL;
}

static bool with_more_bits(fp_interval *margin, fp_eval *e, const fp_node *node, fp_frame *frame)
{
    fp_eval *s = sharper(e);
    fp_sight w = {.e = s, .scene = fp_eval_scene(s), .digits = {.exact = EXACT_BITS, .prec = s->prec}, .left = &e->steps_left};
    bool ok = margin_by(margin, &w, node, frame);
    s->failure = NULL;
    return ok;
}

bool fp_eval_margin_exact(fp_interval *margin, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    fp_eval_failure ignored = {0}, *failure = e->failure;
    bool initial = scene->source && scene->source == e->initial && fp_source_is_exact(scene->source);
    if (!initial && !(node->kids[0]->is_static && node->kids[1]->is_static)) return false;
    int uses = e->uses;
    unsigned long evaluations = e->evaluations;
    size_t held = e->held;
    e->failure = &ignored;
    fp_sight w = {.e = e, .scene = *scene, .digits = {.exact = EXACT_BITS, .prec = e->prec}, .left = &e->steps_left};
    w.scene.order = 0;
    bool ok = margin_by(margin, &w, node, frame);
    bool open = !ok || fp_eval_relation(node->op, margin) == FP_UNKNOWN;
    e->uses = uses;
    if (open && initial && !e->box && node->op != FP_IDENTITY && !e->pasts) ok = with_more_bits(margin, e, node, frame);
    e->uses = uses;
    e->evaluations = evaluations; /* a second look does not count against what the claim may cost: its own steps do */
    e->held = held;
    e->failure = failure;
    return ok;
}

/* ---- leaves */
static bool is_open(const fp_leaf *leaf)
{
    switch (leaf->node->op) {
    case FP_LT:
    case FP_GT: return fp_ball_is_positive(leaf->margin) == FP_UNKNOWN;
    case FP_IDENTITY: return !leaf->exact && arb_contains_zero(leaf->margin);
    default: return fp_ball_is_nonnegative(leaf->margin) == FP_UNKNOWN;
    }
}

/* loss <= init(loss) at t = 0 */
static bool is_unmoved(const fp_leaf *leaf, const fp_eval *e)
{
    return e->now && e->now == e->initial && arb_is_finite(leaf->margin) && leaf->node->op != FP_IDENTITY && fp_eval_same_at_start(leaf->node->kids[0], leaf->node->kids[1]);
}

void fp_eval_look_closer(fp_leaf *leaf, fp_eval *e, fp_frame *frame)
{
    fp_scene now = fp_eval_scene(e);
    fp_interval margin;
    if (!is_open(leaf)) return;
    fp_interval_init(&margin);
    if (is_unmoved(leaf, e))
        arb_zero(leaf->margin);
    else if (fp_eval_margin_exact(&margin, e, leaf->node, frame, &now) && fp_eval_relation(leaf->node->op, &margin) != FP_UNKNOWN) {
        fp_interval_get_ball(leaf->margin, &margin, e->prec);
        leaf->exact = fp_interval_is_point(&margin);
    }
    fp_interval_clear(&margin);
}
