/* SPDX-License-Identifier: MIT */
/* Propositions decided on the spot (requires, where): with short-circuit, so that a later part may rely on an earlier one. */
#include "eval_impl.h"

#include <stdlib.h>

static bool compare_integers(fp_truth *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    long a, b;
    if (!fp_eval_integer(&a, e, node->kids[0], frame, scene) || !fp_eval_integer(&b, e, node->kids[1], frame, scene))
        return false;
    *out = (a == b) == (node->op == FP_EQ) ? FP_TRUE : FP_FALSE;
    return true;
}

static fp_truth identity(const arb_t a, const arb_t b)
{
    if (!arb_is_finite(a) || !arb_is_finite(b))
        return FP_UNKNOWN;
    if (!arb_overlaps(a, b))
        return FP_FALSE;
    return arb_is_exact(a) && arb_is_exact(b) ? FP_TRUE : FP_UNKNOWN;
}

static fp_truth relation(fp_compare op, const arb_t a, const arb_t b)
{
    switch (op) {
    case FP_LE: return fp_ball_le(a, b);
    case FP_LT: return fp_ball_lt(a, b);
    case FP_GE: return fp_ball_le(b, a);
    case FP_GT: return fp_ball_lt(b, a);
    default: return identity(a, b);
    }
}

/* Of sides that are known exactly. */
static fp_truth look_closer(fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    fp_interval margin;
    fp_interval_init(&margin);
    fp_truth truth = fp_eval_margin_exact(&margin, e, node, frame, scene) ? fp_eval_relation(node->op, &margin) : FP_UNKNOWN;
    fp_interval_clear(&margin);
    return truth;
}

static bool compare(fp_truth *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    arb_struct a[2], b[2];
    if (node->op == FP_EQ || node->op == FP_NE)
        return compare_integers(out, e, node, frame, scene);
    for (int r = 0; r < 2; r++) {
        arb_init(a + r);
        arb_init(b + r);
    }
    bool ok = fp_eval_real(a, e, node->kids[0], frame, scene) && fp_eval_real(b, e, node->kids[1], frame, scene);
    if (ok)
        *out = relation(node->op, a, b);
    if (ok && *out == FP_UNKNOWN)
        *out = look_closer(e, node, frame, scene);
    for (int r = 0; r < 2; r++) {
        arb_clear(a + r);
        arb_clear(b + r);
    }
    return ok;
}

static bool connective(fp_truth *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    fp_truth a, b;
    if (!fp_eval_truth(&a, e, node->kids[0], frame, scene))
        return false;
    if (node->kind == FP_NODE_IMPLIES)
        a = fp_truth_not(a);
    *out = a;
    if (a == (node->kind == FP_NODE_AND ? FP_FALSE : FP_TRUE))
        return true;
    if (!fp_eval_truth(&b, e, node->kids[1], frame, scene))
        return false;
    *out = node->kind == FP_NODE_AND ? fp_truth_and(a, b) : fp_truth_or(a, b);
    return true;
}

static bool quantifier(fp_truth *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    fp_loop loop;
    fp_truth a;
    bool all = node->kind == FP_NODE_FORALL, any = false;
    *out = all ? FP_TRUE : FP_FALSE;
    fp_loop_begin(&loop, e, node, frame, scene);
    while (fp_loop_next(&loop)) {
        if (!fp_eval_truth(&a, e, fp_loop_body(node), frame, scene))
            return false;
        *out = all ? fp_truth_and(*out, a) : fp_truth_or(*out, a);
        any = true;
    }
    if (loop.failed)
        return false;
    return any || fp_eval_fail_empty(e, node);
}

static bool all_real(fp_truth *out, fp_eval *e, const fp_node *node, fp_frame *frame)
{
    fp_leaf leaf = {.node = node};
    arb_init(leaf.margin);
    arb_init(leaf.scale);
    bool ok = fp_eval_box(&leaf, e, node, frame);
    *out = leaf.truth;
    arb_clear(leaf.margin);
    arb_clear(leaf.scale);
    free(leaf.witness);
    return ok;
}

static bool use(fp_truth *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    fp_frame callee;
    if (!fp_eval_enter(&callee, e, node, frame, scene))
        return false;
    bool ok = fp_eval_truth(out, e, node->definition->body, &callee, scene);
    fp_eval_leave(e);
    return ok;
}

bool fp_eval_truth(fp_truth *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    switch (node->kind) {
    case FP_NODE_COMPARE: return compare(out, e, node, frame, scene);
    case FP_NODE_NOT:
        if (!fp_eval_truth(out, e, node->kids[0], frame, scene))
            return false;
        *out = fp_truth_not(*out);
        return true;
    case FP_NODE_AND:
    case FP_NODE_OR:
    case FP_NODE_IMPLIES: return connective(out, e, node, frame, scene);
    case FP_NODE_FORALL:
    case FP_NODE_EXISTS: return quantifier(out, e, node, frame, scene);
    case FP_NODE_FORALL_REAL: return all_real(out, e, node, frame);
    case FP_NODE_USE: return use(out, e, node, frame, scene);
    default: return fp_eval_fail(e, "domain", node->place, "a proposition is wanted here");
    }
}
