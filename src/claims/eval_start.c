/* SPDX-License-Identifier: MIT */
/* Comparisons on a stretch (0, b] whose two sides vanish at t = 0, divided by t (certificate.md, (26b)). Jets then carry difference quotients q(e) = (e(t) - e(0))/t in place of derivatives. Both obey the rules
 * of sums, products, quotients and smooth functions, if values are balls over all of [0, b]; of maxima, minima and absolute values of what vanishes at 0 the quotient is that of the quotients. */
#include "eval_impl.h"
#include "sheet_impl.h"

static bool all_vanish(const fp_node *node)
{
    for (int k = 0; k < node->count; k++)
        if (!fp_eval_vanishes(node->kids[k])) return false;
    return node->count > 0;
}

static bool is_zero(const fp_node *node)
{
    return node->kind == FP_NODE_NUMBER && mpq_sgn(node->number) == 0;
}

/* e - init(e) */
static bool is_change(const fp_node *node)
{
    return node->kind == FP_NODE_SUB && node->kids[1]->kind == FP_NODE_INIT && fp_node_equal(node->kids[0], node->kids[1]->kids[0]);
}

static bool is_positive_number(const fp_node *node)
{
    return node->kind == FP_NODE_NUMBER && mpq_sgn(node->number) > 0;
}

/* Over a set that does not change with t. */
static bool body_vanishes(const fp_node *node)
{
    const fp_node *where = node->kids[node->binders];
    return (!where || where->is_static) && fp_eval_vanishes(fp_loop_body(node));
}

bool fp_eval_vanishes(const fp_node *node)
{
    switch (node->kind) {
    case FP_NODE_NUMBER: return is_zero(node);
    case FP_NODE_BASE: return node->base == FP_BASE_TIME;
    case FP_NODE_SUB: return is_change(node) || all_vanish(node);
    case FP_NODE_ADD:
    case FP_NODE_MIN:
    case FP_NODE_MAX: return all_vanish(node);
    case FP_NODE_MUL: return fp_eval_vanishes(node->kids[0]) || fp_eval_vanishes(node->kids[1]);
    case FP_NODE_POW: return fp_eval_vanishes(node->kids[0]) && is_positive_number(node->kids[1]);
    case FP_NODE_DIV:
    case FP_NODE_NEG:
    case FP_NODE_ABS:
    case FP_NODE_SUP: return fp_eval_vanishes(node->kids[0]);
    case FP_NODE_SUM:
    case FP_NODE_MIN_OVER:
    case FP_NODE_MAX_OVER: return body_vanishes(node);
    case FP_NODE_USE: return fp_eval_vanishes(node->definition->body);
    default: return false;
    }
}

/* ---- sides that are equal at t = 0 by their form */
static const fp_node *without_init(const fp_node *node)
{
    while (node->kind == FP_NODE_INIT) node = node->kids[0];
    return node;
}

static bool is_arithmetic(fp_node_kind kind)
{
    return kind >= FP_NODE_NEG && kind <= FP_NODE_MAX;
}

bool fp_eval_same_at_start(const fp_node *a, const fp_node *b)
{
    a = without_init(a);
    b = without_init(b);
    if (fp_node_equal(a, b)) return true;
    if (a->kind != b->kind || a->count != b->count || !is_arithmetic(a->kind)) return false;
    for (int k = 0; k < a->count; k++)
        if (!fp_eval_same_at_start(a->kids[k], b->kids[k])) return false;
    return true;
}

bool fp_eval_over_t(arb_ptr out, arb_srcptr a, const fp_eval *e, const fp_node *node, int order)
{
    bool applies = e->from_start && order > 0 && fp_eval_vanishes(node);
    if (applies && node->kind == FP_NODE_ABS) fp_extreme_abs(out + 1, a + 1, 0, e->prec);
    return applies;
}

/* ---- comparisons */
static bool is_inequality(const fp_leaf *leaf)
{
    return !leaf->boxed && leaf->node->kind == FP_NODE_COMPARE && (leaf->node->op == FP_LE || leaf->node->op == FP_LT || leaf->node->op == FP_GE || leaf->node->op == FP_GT);
}

/* margin/t in place of the margin, and so for the constants, in which it is linear: t > 0. */
static bool divide(fp_leaf *leaf)
{
    if (!is_inequality(leaf) || !leaf->has_slope || !fp_eval_vanishes(leaf->node->kids[0]) || !fp_eval_vanishes(leaf->node->kids[1])) return false;
    arb_set(leaf->margin, leaf->slope);
    arb_one(leaf->scale);
    if (leaf->by_constant) _arb_vec_set(leaf->by_constant, leaf->by_slope, FP_SENSITIVITIES_MAX);
    leaf->has_slope = false;
    return true;
}

static bool has_vanishing_sides(const fp_node *node)
{
    if (!node) return false;
    if (node->kind == FP_NODE_COMPARE) return fp_eval_vanishes(node->kids[0]) && fp_eval_vanishes(node->kids[1]);
    for (int k = 0; k < node->count; k++)
        if (has_vanishing_sides(node->kids[k])) return true;
    return node->kind == FP_NODE_USE && has_vanishing_sides(node->definition->body);
}

bool fp_eval_leaves_from_start(fp_leaves *out, fp_eval *e, const fp_claim *claim)
{
    fp_eval_failure ignored = {0};
    bool any = false;
    if (!has_vanishing_sides(claim->body)) return false;
    e->from_start = true;
    fp_memo_forget(&e->memo_now);
    bool ok = fp_eval_leaves_moving(out, e, claim, claim->body, claim->frame, &ignored);
    e->from_start = false;
    fp_memo_forget(&e->memo_now);
    for (size_t r = 0; ok && r < out->count; r++) any |= divide(&out->item[r]);
    return ok && any;
}
