/* SPDX-License-Identifier: MIT */
/* Comparisons whose sides are those of a named time's condition: they are equal at that time (certificate.md, (28c)), which no enclosure over its bracket shows. */
#include "sheet_impl.h"
#include "tube_part.h"

static bool continuous(const fp_node *node);

static bool all_continuous(const fp_node *node)
{
    for (int k = 0; k < node->count; k++)
        if (!continuous(node->kids[k])) return false;
    return true;
}

/* Over a set that does not change with t. */
static bool loop_continuous(const fp_node *node)
{
    for (int k = 0; k <= node->binders; k++)
        if (node->kids[k] && !node->kids[k]->is_static) return false;
    return continuous(node->kids[node->binders + 1]);
}

static bool base_continuous(const fp_node *node)
{
    bool moves_smoothly = node->base != FP_BASE_LOSSGEN && node->base != FP_BASE_LOSSGEN_BOUND && node->base != FP_BASE_LOSSGEN_SAMPLED && node->base != FP_BASE_RANDOM_SHARE;
    return moves_smoothly && all_continuous(node);
}

/* Where it is finite; by its form, so false means unknown. */
static bool continuous(const fp_node *node)
{
    if (!node || node->is_static) return true;
    switch (node->kind) {
    case FP_NODE_BASE: return base_continuous(node);
    case FP_NODE_USE: return all_continuous(node) && continuous(node->definition->body);
    case FP_NODE_NEG:
    case FP_NODE_ADD:
    case FP_NODE_SUB:
    case FP_NODE_MUL:
    case FP_NODE_DIV:
    case FP_NODE_ABS:
    case FP_NODE_SQRT:
    case FP_NODE_LOG:
    case FP_NODE_EXP:
    case FP_NODE_MIN:
    case FP_NODE_MAX:
    case FP_NODE_DOT:
    case FP_NODE_SQNORM:
    case FP_NODE_NORM: return all_continuous(node);
    case FP_NODE_POW: return continuous(node->kids[0]) && node->kids[1]->is_static;
    case FP_NODE_SUM:
    case FP_NODE_MIN_OVER:
    case FP_NODE_MAX_OVER: return loop_continuous(node);
    case FP_NODE_VARIABLE:
    case FP_NODE_AT: return true;
    default: return false;
    }
}

static bool is_inequality(const fp_node *node)
{
    return node->kind == FP_NODE_COMPARE && (node->op == FP_LE || node->op == FP_LT || node->op == FP_GE || node->op == FP_GT);
}

/* The sides of the condition are equal at the time, if it exists. A `first t` must be later than the search begins. */
static const fp_node *tie_of(const fp_tube_checker *c, int clock)
{
    const fp_bracket *b = fp_tube_bracket(c, clock);
    const fp_node *condition = b ? c->base->clocks[clock].time->condition : NULL;
    if (!condition || !b->bounded || !is_inequality(condition) || !all_continuous(condition)) return NULL;
    arf_t from_lo, from_hi;
    arf_init(from_lo);
    arf_init(from_hi);
    fp_tube_ends(from_lo, from_hi, c, c->base->clocks[clock].from, false);
    bool later = c->base->clocks[clock].time->kind == FP_TIME_LAST || arf_cmp(b->lo, from_hi) > 0;
    arf_clear(from_lo);
    arf_clear(from_hi);
    return later ? condition : NULL;
}

static bool is_tied(const fp_node *condition, const fp_leaf *leaf)
{
    const fp_node *n = leaf->node;
    if (leaf->boxed || n->has_constant || n->kind != FP_NODE_COMPARE || n->op == FP_EQ || n->op == FP_NE || !arb_is_finite(leaf->margin)) return false;
    bool same = fp_node_equal(n->kids[0], condition->kids[0]) && fp_node_equal(n->kids[1], condition->kids[1]);
    return same || (fp_node_equal(n->kids[0], condition->kids[1]) && fp_node_equal(n->kids[1], condition->kids[0]));
}

void fp_tube_tie_at(fp_leaves *leaves, const fp_tube_checker *c, int clock)
{
    const fp_node *condition = tie_of(c, clock);
    for (size_t r = 0; condition && r < leaves->count; r++)
        if (is_tied(condition, &leaves->item[r]) && arb_contains_zero(leaves->item[r].margin)) arb_zero(leaves->item[r].margin);
}

/* The margin is 0 at a time of the stretch over which the slope is given, and does not fall from there, or does not rise up to there. */
static bool holds(const fp_leaf *leaf, bool after, bool open)
{
    if (!is_inequality(leaf->node) || !leaf->has_slope || !arb_is_finite(leaf->slope)) return false;
    bool strict = leaf->node->op == FP_LT || leaf->node->op == FP_GT;
    if (strict) return open && (after ? arb_is_positive(leaf->slope) : arb_is_negative(leaf->slope));
    return after ? arb_is_nonnegative(leaf->slope) : arb_is_nonpositive(leaf->slope);
}

typedef struct {
    const fp_node *condition;
    arf_srcptr from, to; /* the time is in [from, to] */
    bool after, open;
} tie;

static bool is_wanted(const tie *q, const fp_leaves *wide, const fp_segment *g)
{
    if (!q->condition || arf_cmp(q->from, g->left) < 0 || arf_cmp(q->to, g->right) > 0) return false;
    for (size_t r = 0; r < wide->count; r++)
        if (is_tied(q->condition, &wide->item[r])) return true;
    return false;
}

static void tie_end(fp_leaves *wide, fp_tube_lane *l, size_t i, const tie *q, const arf_t a, const arf_t b)
{
    fp_leaves all = {0};
    if (!is_wanted(q, wide, l->c->segment)) return;
    fp_tube_look(l, q->from, q->to);
    bool ok = fp_tube_evaluate(&all, l, i, true, true) && all.count == wide->count;
    for (size_t r = 0; ok && r < all.count; r++)
        if (is_tied(q->condition, &all.item[r]) && holds(&all.item[r], q->after, q->open)) wide->item[r].holds = true;
    fp_leaves_clear(&all);
    fp_tube_look(l, a, b);
}

void fp_tube_tie_part(fp_leaves *wide, fp_tube_lane *l, size_t i, const arf_t a, const arf_t b)
{
    const fp_tube_checker *c = l->c;
    const fp_monitor *m = &c->base->monitors[i];
    const fp_span *s = &c->span[i];
    const fp_bracket *from = fp_tube_bracket(c, m->from), *to = fp_tube_bracket(c, m->to);
    if (from && arf_cmp(b, s->sure_from) <= 0 && arf_cmp(a, from->lo) >= 0) tie_end(wide, l, i, &(tie){tie_of(c, m->from), from->lo, s->sure_from, true, m->claim->open_from}, a, b);
    if (to && arf_cmp(a, s->sure_to) >= 0 && arf_cmp(b, to->hi) <= 0) tie_end(wide, l, i, &(tie){tie_of(c, m->to), s->sure_to, to->hi, false, m->claim->open_to}, a, b);
}
