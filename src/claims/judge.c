/* SPDX-License-Identifier: MIT */
/* From leaves to the truth of a proposition. The worst part decides an AND, the best an OR, where FALSE is worse than UNKNOWN, UNKNOWN worse than TRUE,
 * and within equal truth the relative margin counts; an indeterminate margin is the worst of its kind. */
#include "eval_impl.h"

#include <math.h>

typedef struct {
    fp_eval *e;
    const fp_leaves *leaves;
    size_t at;
} judge;

/* ---- leaves */
static bool is_identity(const fp_leaf *leaf)
{
    return leaf->node->op == FP_IDENTITY;
}

static fp_truth leaf_truth(const fp_leaf *leaf)
{
    arb_srcptr margin = leaf->margin;
    if (leaf->boxed)
        return leaf->truth;
    if (leaf->holds || leaf->fails)
        return leaf->holds ? FP_TRUE : FP_FALSE;
    if (!arb_is_finite(margin))
        return FP_UNKNOWN;
    switch (leaf->node->op) {
    case FP_LT:
    case FP_GT:
    case FP_NE: return fp_ball_is_positive(margin);
    case FP_IDENTITY:
        if (leaf->exact && arb_is_zero(margin))
            return FP_TRUE;
        return arb_contains_zero(margin) ? FP_UNKNOWN : FP_FALSE;
    default: return fp_ball_is_nonnegative(margin);
    }
}

static double ratio(const arb_t margin, const arb_t scale)
{
    arf_t q;
    double out;
    if (!arb_is_finite(margin) || !arb_is_finite(scale))
        return NAN;
    if (arf_is_zero(arb_midref(margin)))
        return 0;
    arf_init(q);
    arf_div(q, arb_midref(margin), arb_midref(scale), 64, ARF_RND_NEAR);
    out = arf_get_d(q, ARF_RND_NEAR);
    arf_clear(q);
    return out;
}

static double leaf_relative(const fp_leaf *leaf, fp_truth truth)
{
    if (leaf->node->op == FP_EQ || leaf->node->op == FP_NE)
        return truth == FP_TRUE ? 1 : -1;
    double r = ratio(leaf->margin, leaf->scale);
    return is_identity(leaf) ? -fabs(r) : r;
}

static bool judge_leaf(fp_part *out, judge *j, const fp_node *node)
{
    if (j->at >= j->leaves->count || j->leaves->item[j->at].node != node)
        return fp_eval_fail(j->e, "domain", node->place, "the leaves do not belong to this proposition");
    const fp_leaf *leaf = &j->leaves->item[j->at];
    out->truth = leaf_truth(leaf);
    out->relative = leaf_relative(leaf, out->truth);
    out->decisive = j->at++;
    out->premises = leaf->boxed ? leaf->premises : 0;
    out->premises_true = leaf->boxed ? leaf->premises_true : 0;
    out->real_unknown = out->truth == FP_UNKNOWN && !(is_identity(leaf) && arb_is_finite(leaf->margin));
    return true;
}

/* ---- parts */
static int rank(fp_truth truth)
{
    return truth == FP_FALSE ? 0 : truth == FP_UNKNOWN ? 1 : 2;
}

static bool is_worse(const fp_part *a, const fp_part *b)
{
    if (rank(a->truth) != rank(b->truth))
        return rank(a->truth) < rank(b->truth);
    if (isnan(a->relative) || isnan(b->relative))
        return isnan(a->relative) && !isnan(b->relative);
    return a->relative < b->relative;
}

/* total := total AND part (all), or total OR part */
static void join(fp_part *total, const fp_part *part, bool all)
{
    bool take = all ? is_worse(part, total) : is_worse(total, part);
    if (take) {
        total->truth = part->truth;
        total->relative = part->relative;
        total->decisive = part->decisive;
        total->negated = part->negated;
    }
    total->real_unknown = total->truth == FP_UNKNOWN && (total->real_unknown || part->real_unknown);
    total->premises += part->premises;
    total->premises_true += part->premises_true;
}

static void negate(fp_part *part)
{
    part->truth = fp_truth_not(part->truth);
    part->relative = -part->relative;
    part->real_unknown = part->truth == FP_UNKNOWN; /* that 0 is enclosed shows nothing against an identity */
    part->negated = !part->negated;
}

static bool judge_node(fp_part *out, judge *j, const fp_node *node, fp_frame *frame);

static bool judge_pair(fp_part *out, judge *j, const fp_node *node, fp_frame *frame)
{
    fp_part right;
    if (!judge_node(out, j, node->kids[0], frame))
        return false;
    if (node->kind == FP_NODE_IMPLIES) {
        out->premises++;
        out->premises_true += out->truth == FP_TRUE;
        negate(out);
    }
    if (!judge_node(&right, j, node->kids[1], frame))
        return false;
    join(out, &right, node->kind == FP_NODE_AND);
    return true;
}

static bool judge_quantifier(fp_part *out, judge *j, const fp_node *node, fp_frame *frame)
{
    fp_loop loop;
    fp_part part;
    fp_scene now = fp_eval_scene(j->e);
    bool all = node->kind == FP_NODE_FORALL, any = false;
    *out = (fp_part){.truth = all ? FP_TRUE : FP_FALSE, .relative = all ? HUGE_VAL : -HUGE_VAL, .decisive = SIZE_MAX};
    fp_loop_begin(&loop, j->e, node, frame, &now);
    while (fp_loop_next(&loop)) {
        if (!judge_node(&part, j, fp_loop_body(node), frame))
            return false;
        if (any)
            join(out, &part, all);
        else
            *out = part;
        any = true;
    }
    return !loop.failed;
}

static bool judge_use(fp_part *out, judge *j, const fp_node *node, fp_frame *frame)
{
    fp_frame callee;
    fp_scene now = fp_eval_scene(j->e);
    if (!fp_eval_enter(&callee, j->e, node, frame, &now))
        return false;
    bool ok = judge_node(out, j, node->definition->body, &callee);
    fp_eval_leave(j->e);
    return ok;
}

static bool judge_node(fp_part *out, judge *j, const fp_node *node, fp_frame *frame)
{
    *out = (fp_part){.truth = FP_UNKNOWN, .relative = NAN, .decisive = SIZE_MAX};
    switch (node->kind) {
    case FP_NODE_FORALL_REAL:
    case FP_NODE_COMPARE: return judge_leaf(out, j, node);
    case FP_NODE_NOT:
        if (!judge_node(out, j, node->kids[0], frame))
            return false;
        negate(out);
        return true;
    case FP_NODE_AND:
    case FP_NODE_OR:
    case FP_NODE_IMPLIES: return judge_pair(out, j, node, frame);
    case FP_NODE_FORALL:
    case FP_NODE_EXISTS: return judge_quantifier(out, j, node, frame);
    case FP_NODE_USE: return judge_use(out, j, node, frame);
    default: return fp_eval_fail(j->e, "domain", node->place, "a proposition is wanted here");
    }
}

bool fp_eval_judge_part(fp_part *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_leaves *leaves, size_t *at)
{
    judge j = {.e = e, .leaves = leaves, .at = *at};
    unsigned long evaluations = e->evaluations;
    size_t held = e->held;
    e->evaluations = e->held = 0; /* the same loops as those that filled the leaves, and no other ones */
    bool ok = judge_node(out, &j, node, frame);
    e->evaluations = evaluations;
    e->held = held;
    *at = j.at;
    return ok;
}

void fp_eval_judge(fp_judgement *out, fp_eval *e, const fp_node *proposition, const fp_leaves *leaves)
{
    fp_eval_failure failure = {0};
    fp_frame frame;
    fp_part part = {0};
    size_t at = 0;
    e->failure = &failure;
    e->uses = 0;
    if (!fp_eval_judge_part(&part, e, proposition, &frame, leaves, &at) || at != leaves->count)
        part = (fp_part){.truth = FP_UNKNOWN, .relative = NAN, .decisive = SIZE_MAX, .real_unknown = true};
    e->failure = NULL;
    *out = (fp_judgement){.truth = part.truth,
                          .decisive = part.decisive,
                          .negated = part.negated,
                          .relative = part.relative,
                          .premises_true = part.premises_true,
                          .premises = part.premises,
                          .only_identities_unknown = part.truth == FP_UNKNOWN && !part.real_unknown};
}
