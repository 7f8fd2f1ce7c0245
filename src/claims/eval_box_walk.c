/* SPDX-License-Identifier: MIT */
/* A proposition over a box of reals, in balls; a comparison that they leave open is looked at again (eval_box_face.c). */
#include "eval_impl.h"

void fp_box_part_init(fp_box_part *part)
{
    part->truth = FP_UNKNOWN;
    arb_init(&part->margin);
    arb_init(&part->scale);
}

void fp_box_part_clear(fp_box_part *part)
{
    arb_clear(&part->margin);
    arb_clear(&part->scale);
}

/* ---- one comparison */
typedef struct {
    fp_eval *e;
    const fp_node *node;
    fp_frame *frame;
} sides;

/* The margin and the larger side, in balls. */
static bool margin_by_balls(arb_t margin, arb_t scale, const sides *s)
{
    arb_struct x[2];
    fp_scene scene = fp_eval_scene(s->e);
    bool upper = s->node->op == FP_LE || s->node->op == FP_LT; /* the margin is rhs - lhs */
    arb_init(x);
    arb_init(x + 1);
    bool ok = fp_eval_real(x, s->e, s->node->kids[!upper], s->frame, &scene) && fp_eval_real(x + 1, s->e, s->node->kids[upper], s->frame, &scene);
    if (ok) {
        arb_sub(margin, x + 1, x, s->e->prec);
        arb_abs(x, x);
        arb_abs(x + 1, x + 1);
        if (arb_is_finite(x) && arb_is_finite(x + 1))
            arb_max(scale, x, x + 1, s->e->prec);
        else
            arb_indeterminate(scale);
    }
    arb_clear(x);
    arb_clear(x + 1);
    return ok;
}

static fp_truth relation(fp_compare op, const arb_t margin)
{
    switch (op) {
    case FP_LE:
    case FP_GE: return fp_ball_is_nonnegative(margin);
    case FP_LT:
    case FP_GT: return fp_ball_is_positive(margin);
    default: return arb_is_finite(margin) && !arb_contains_zero(margin) ? FP_FALSE : FP_UNKNOWN;
    }
}

/* What fails here shows nothing. */
static void look_again(fp_box_part *out, const sides *s, fp_truth wanted)
{
    fp_eval *e = s->e;
    fp_eval_failure ignored = {0}, *failure = e->failure;
    fp_interval margin;
    int uses = e->uses;
    e->failure = &ignored;
    fp_interval_init(&margin);
    out->truth = fp_box_decide(&margin, e, s->node, s->frame, wanted);
    if (fp_box_is_point(e->box) && out->truth != FP_UNKNOWN) fp_interval_get_ball(&out->margin, &margin, e->prec);
    fp_interval_clear(&margin);
    e->uses = uses;
    e->failure = failure;
}

static bool compare_integers(fp_box_part *out, fp_eval *e, const fp_node *node, fp_frame *frame)
{
    fp_scene scene = fp_eval_scene(e);
    if (!fp_eval_truth(&out->truth, e, node, frame, &scene))
        return false;
    arb_set_si(&out->margin, out->truth == FP_TRUE ? 1 : -1);
    arb_one(&out->scale);
    return true;
}

static bool compare(fp_box_part *out, fp_eval *e, const fp_node *node, fp_frame *frame, fp_truth wanted)
{
    sides s = {e, node, frame};
    if (node->op == FP_EQ || node->op == FP_NE)
        return compare_integers(out, e, node, frame);
    if (!margin_by_balls(&out->margin, &out->scale, &s))
        return false;
    out->truth = relation(node->op, &out->margin);
    if (out->truth == FP_UNKNOWN)
        look_again(out, &s, wanted);
    return true;
}

/* ---- connectives: the margin of a conjunction is the least of its parts', that of an alternative the greatest */
static void extreme(arb_ptr out, arb_srcptr other, bool least, slong prec)
{
    if (!arb_is_finite(out) || !arb_is_finite(other))
        arb_indeterminate(out);
    else if (least)
        arb_min(out, out, other, prec);
    else
        arb_max(out, out, other, prec);
}

static void join(fp_box_part *out, const fp_box_part *other, bool all, slong prec)
{
    if ((all ? fp_ball_lt(&other->margin, &out->margin) : fp_ball_lt(&out->margin, &other->margin)) == FP_TRUE)
        arb_set(&out->scale, &other->scale);
    extreme(&out->margin, &other->margin, all, prec);
    out->truth = all ? fp_truth_and(out->truth, other->truth) : fp_truth_or(out->truth, other->truth);
}

static bool pair(fp_box_part *out, fp_eval *e, const fp_node *node, fp_frame *frame, fp_truth wanted)
{
    fp_box_part right;
    bool all = node->kind == FP_NODE_AND;
    if (!fp_box_walk(out, e, node->kids[0], frame, node->kind == FP_NODE_IMPLIES ? fp_truth_not(wanted) : wanted))
        return false;
    if (node->kind == FP_NODE_IMPLIES) {
        e->box->premises += wanted == FP_UNKNOWN; /* counted at points */
        e->box->premises_true += wanted == FP_UNKNOWN && out->truth == FP_TRUE;
        out->truth = fp_truth_not(out->truth);
        arb_neg(&out->margin, &out->margin);
    }
    if (out->truth == (all ? FP_FALSE : FP_TRUE)) /* the rest need not make sense */
        return true;
    fp_box_part_init(&right);
    bool ok = fp_box_walk(&right, e, node->kids[1], frame, wanted);
    if (ok)
        join(out, &right, all, e->prec);
    fp_box_part_clear(&right);
    return ok;
}

static bool quantifier(fp_box_part *out, fp_eval *e, const fp_node *node, fp_frame *frame, fp_truth wanted)
{
    fp_loop loop;
    fp_box_part part;
    fp_scene scene = fp_eval_scene(e);
    bool ok = true, any = false, all = node->kind == FP_NODE_FORALL;
    fp_box_part_init(&part);
    fp_loop_begin(&loop, e, node, frame, &scene);
    while (ok && fp_loop_next(&loop)) {
        ok = fp_box_walk(any ? &part : out, e, fp_loop_body(node), frame, wanted);
        if (ok && any)
            join(out, &part, all, e->prec);
        any = true;
    }
    fp_box_part_clear(&part);
    if (!ok || loop.failed)
        return false;
    return any || fp_eval_fail_empty(e, node);
}

static bool use(fp_box_part *out, fp_eval *e, const fp_node *node, fp_frame *frame, fp_truth wanted)
{
    fp_frame callee;
    fp_scene scene = fp_eval_scene(e);
    if (!fp_eval_enter(&callee, e, node, frame, &scene))
        return false;
    bool ok = fp_box_walk(out, e, node->definition->body, &callee, wanted);
    fp_eval_leave(e);
    return ok;
}

bool fp_box_walk(fp_box_part *out, fp_eval *e, const fp_node *node, fp_frame *frame, fp_truth wanted)
{
    switch (node->kind) {
    case FP_NODE_COMPARE: return compare(out, e, node, frame, wanted);
    case FP_NODE_NOT:
        if (!fp_box_walk(out, e, node->kids[0], frame, fp_truth_not(wanted)))
            return false;
        out->truth = fp_truth_not(out->truth);
        arb_neg(&out->margin, &out->margin);
        return true;
    case FP_NODE_AND:
    case FP_NODE_OR:
    case FP_NODE_IMPLIES: return pair(out, e, node, frame, wanted);
    case FP_NODE_FORALL:
    case FP_NODE_EXISTS: return quantifier(out, e, node, frame, wanted);
    case FP_NODE_USE: return use(out, e, node, frame, wanted);
    default: return fp_eval_fail(e, "domain", node->place, "a proposition is wanted here");
    }
}
