/* SPDX-License-Identifier: MIT */
/* Comparisons one by one, in the order of the text and of the index sets, never cut short. */
#include "eval_impl.h"
#include "sheet_impl.h"

#include <stdlib.h>

typedef struct {
    fp_leaves *out;
    fp_eval *e;
    const fp_claim *claim; /* NULL: an event condition */
    bool guarded;          /* under an implication whose premise is false: a failure makes an undecided leaf */
    bool moving;           /* derivatives wanted */
    size_t sides_of;       /* this leaf's sides are wanted .. */
    arb_ptr sides[2];      /* .. here, or NULL */
} walker;

/* ---- storage */
static void init_leaf(fp_leaf *leaf)
{
    *leaf = (fp_leaf){0};
    arb_init(leaf->margin);
    arb_init(leaf->scale);
    arb_init(leaf->slope);
}

void fp_leaves_clear(fp_leaves *l)
{
    for (size_t i = 0; i < l->capacity; i++) {
        arb_clear(l->item[i].margin);
        arb_clear(l->item[i].scale);
        arb_clear(l->item[i].slope);
        if (l->item[i].by_slope)
            _arb_vec_clear(l->item[i].by_slope, FP_SENSITIVITIES_MAX);
        if (l->item[i].by_constant)
            _arb_vec_clear(l->item[i].by_constant, FP_SENSITIVITIES_MAX);
        free(l->item[i].witness);
    }
    free(l->item);
    *l = (fp_leaves){0};
}

/* NULL if the claim holds too many. */
static fp_leaf *next_leaf(walker *w, const fp_node *node)
{
    fp_leaves *l = w->out;
    if (l->count == l->capacity) {
        size_t capacity = l->capacity + l->capacity / 4 + 16;
        if (!fp_eval_hold(w->e, node->place, capacity - l->capacity, fp_eval_leaf_bytes(w->e, w->claim)))
            return NULL;
        l->item = fp_realloc(l->item, capacity, sizeof *l->item);
        for (size_t i = l->capacity; i < capacity; i++)
            init_leaf(&l->item[i]);
        l->capacity = capacity;
    }
    l->item[l->count].boxed = false;
    return &l->item[l->count++];
}

static void no_sensitivity(fp_leaf *leaf)
{
    if (leaf->by_constant)
        _arb_vec_zero(leaf->by_constant, FP_SENSITIVITIES_MAX);
    if (leaf->by_slope)
        _arb_vec_zero(leaf->by_slope, FP_SENSITIVITIES_MAX);
}

static void record_bindings(fp_leaf *leaf, const fp_eval *e)
{
    leaf->bindings = 0;
    for (int b = 0; b < e->binders; b++)
        for (int r = 0; r < e->binder[b].node->binders; r++) {
            if (leaf->bindings == FP_BINDINGS_MAX) { /* the outermost is lost */
                for (int k = 1; k < FP_BINDINGS_MAX; k++) {
                    leaf->binding[k - 1] = leaf->binding[k];
                    leaf->binding_name[k - 1] = leaf->binding_name[k];
                    leaf->binding_element[k - 1] = leaf->binding_element[k];
                }
                leaf->bindings--;
            }
            leaf->binding_element[leaf->bindings] = e->binder[b].frame->slot[e->binder[b].node->slot + r].node;
            leaf->binding[leaf->bindings] = e->binder[b].frame->slot[e->binder[b].node->slot + r].i;
            leaf->binding_name[leaf->bindings++] = e->binder[b].node->names ? e->binder[b].node->names[r] : "";
        }
}

/* ---- one comparison. Jets have `order` + 1 balls. */
static bool side(arb_ptr out, walker *w, const fp_node *node, fp_frame *frame, int order)
{
    fp_scene now = fp_eval_scene(w->e);
    now.order = order;
    return fp_eval_real(out, w->e, node, frame, &now);
}

static bool mentions(const fp_node *node, int index)
{
    if (!node || !node->has_constant)
        return false;
    if (node->kind == FP_NODE_CONSTANT)
        return node->index == index;
    for (int r = 0; r < node->count; r++)
        if (mentions(node->kids[r], index))
            return true;
    return node->kind == FP_NODE_USE && mentions(node->definition->body, index);
}

/* What node gains when constant `index` goes from 0 to 1; 0 if it does not occur below it. */
static bool gain(arb_ptr out, walker *w, const fp_node *node, fp_frame *frame, int index, int order)
{
    fp_eval *e = w->e;
    _arb_vec_zero(out, order + 1);
    if (!mentions(node, index))
        return true;
    arb_ptr zero = _arb_vec_init(2);
    e->override = index;
    e->override_value = 0;
    bool ok = side(zero, w, node, frame, order);
    e->override_value = 1;
    ok = ok && side(out, w, node, frame, order);
    e->override = -1;
    if (ok)
        _arb_vec_sub(out, out, zero, order + 1, e->prec);
    _arb_vec_clear(zero, 2);
    return ok;
}

static bool is_upper(fp_compare op) /* the margin is rhs - lhs */
{
    return op == FP_LE || op == FP_LT;
}

static bool sensitivity(fp_leaf *leaf, int r, walker *w, const fp_node *node, fp_frame *frame, int index, int order)
{
    slong prec = w->e->prec;
    arb_ptr left = _arb_vec_init(2), right = _arb_vec_init(2);
    bool ok = gain(left, w, node->kids[0], frame, index, order) && gain(right, w, node->kids[1], frame, index, order);
    if (ok && !is_upper(node->op))
        _arb_vec_swap(left, right, 2);
    if (ok)
        arb_sub(leaf->by_constant + r, right, left, prec);
    if (ok && order > 0)
        arb_sub(leaf->by_slope + r, right + 1, left + 1, prec);
    _arb_vec_clear(left, 2);
    _arb_vec_clear(right, 2);
    return ok;
}

static bool sensitivities(fp_leaf *leaf, walker *w, const fp_node *node, fp_frame *frame, int order)
{
    bool ok = true;
    if (!leaf->by_constant)
        leaf->by_constant = _arb_vec_init(FP_SENSITIVITIES_MAX);
    if (order > 0 && !leaf->by_slope)
        leaf->by_slope = _arb_vec_init(FP_SENSITIVITIES_MAX);
    for (int index = 0, r = 0; ok && index < 64 && r < FP_SENSITIVITIES_MAX; index++)
        if (w->claim->constants >> index & 1)
            ok = sensitivity(leaf, r++, w, node, frame, index, order);
    return ok;
}

static void scale(arb_t out, const arb_t a, const arb_t b, slong prec)
{
    arb_t x;
    arb_init(x);
    arb_abs(out, a);
    arb_abs(x, b);
    if (arb_is_finite(out) && arb_is_finite(x))
        arb_max(out, out, x, prec);
    else
        arb_indeterminate(out);
    arb_clear(x);
}

static bool is_exact_side(walker *w, const fp_node *node, const fp_frame *frame, const arb_t x)
{
    return arb_is_exact(x) && (node->type == FP_TYPE_INT || fp_eval_is_settled(w->e, node, frame));
}

static void fill_reals(fp_leaf *leaf, walker *w, const fp_node *node, const fp_frame *frame, arb_srcptr a, arb_srcptr b, int order)
{
    slong prec = w->e->prec;
    arb_srcptr more = is_upper(node->op) ? b : a, less = is_upper(node->op) ? a : b;
    arb_sub(leaf->margin, more, less, prec);
    scale(leaf->scale, a, b, prec);
    leaf->exact = is_exact_side(w, node->kids[0], frame, a) && is_exact_side(w, node->kids[1], frame, b);
    leaf->has_slope = order > 0;
    if (order > 0)
        arb_sub(leaf->slope, more + 1, less + 1, prec);
    if (w->sides[0] && w->sides_of + 1 == w->out->count) {
        arb_set(w->sides[0], a);
        arb_set(w->sides[1], b);
    }
}

static bool compare_reals(fp_leaf *leaf, walker *w, const fp_node *node, fp_frame *frame, int order)
{
    arb_ptr a = _arb_vec_init(2), b = _arb_vec_init(2);
    bool ok = side(a, w, node->kids[0], frame, order) && side(b, w, node->kids[1], frame, order);
    if (ok) {
        fill_reals(leaf, w, node, frame, a, b, order);
        fp_eval_look_closer(leaf, w->e, frame);
    }
    if (ok && w->claim && node->has_constant)
        ok = sensitivities(leaf, w, node, frame, order);
    _arb_vec_clear(a, 2);
    _arb_vec_clear(b, 2);
    return ok;
}

/* Derivatives where they can be had: not of d(), and not if a derivative fails where the value does not (lossgen, sup). */
static bool compare_moving(fp_leaf *leaf, walker *w, const fp_node *node, fp_frame *frame)
{
    fp_eval_failure ignored = {0}, *failure = w->e->failure;
    if (!w->moving || fp_node_boxed(node)->live_d)
        return compare_reals(leaf, w, node, frame, 0);
    int uses = w->e->uses;
    unsigned long evaluations = w->e->evaluations;
    size_t held = w->e->held;
    w->e->failure = &ignored;
    bool ok = compare_reals(leaf, w, node, frame, 1);
    w->e->failure = failure;
    if (ok)
        return true;
    w->e->uses = uses;
    w->e->evaluations = evaluations;
    w->e->held = held;
    no_sensitivity(leaf);
    return compare_reals(leaf, w, node, frame, 0);
}

/* == holds iff the margin -|a-b| is >= 0, != iff |a-b| is > 0 */
static bool compare_integers(fp_leaf *leaf, walker *w, const fp_node *node, fp_frame *frame)
{
    long a, b;
    fp_scene now = fp_eval_scene(w->e);
    if (!fp_eval_integer(&a, w->e, node->kids[0], frame, &now) || !fp_eval_integer(&b, w->e, node->kids[1], frame, &now))
        return false;
    arb_set_si(leaf->scale, a);
    arb_sub_si(leaf->margin, leaf->scale, b, ARF_PREC_EXACT);
    arb_abs(leaf->margin, leaf->margin);
    if (node->op == FP_EQ)
        arb_neg(leaf->margin, leaf->margin);
    arb_one(leaf->scale);
    leaf->exact = true;
    return true;
}

static bool fill(fp_leaf *leaf, walker *w, const fp_node *node, fp_frame *frame)
{
    if (node->op == FP_EQ || node->op == FP_NE)
        return compare_integers(leaf, w, node, frame);
    return compare_moving(leaf, w, node, frame);
}

static void leave_undecided(fp_leaf *leaf)
{
    arb_indeterminate(leaf->margin);
    arb_indeterminate(leaf->scale);
    no_sensitivity(leaf);
    leaf->exact = leaf->has_slope = leaf->holds = leaf->fails = false;
}

static bool fill_any(fp_leaf *leaf, walker *w, const fp_node *node, fp_frame *frame)
{
    return node->kind == FP_NODE_FORALL_REAL ? fp_eval_box(leaf, w->e, node, frame) : fill(leaf, w, node, frame);
}

static bool compare(walker *w, const fp_node *node, fp_frame *frame)
{
    fp_eval *e = w->e;
    fp_leaf *leaf = next_leaf(w, node);
    if (!leaf)
        return false;
    leaf->node = node;
    leaf->exact = leaf->has_slope = leaf->holds = leaf->fails = false;
    no_sensitivity(leaf);
    record_bindings(leaf, e);
    if (!w->guarded)
        return fill_any(leaf, w, node, frame);
    fp_eval_failure ignored = {0}, *failure = e->failure;
    e->failure = &ignored;
    if (!fill_any(leaf, w, node, frame))
        leave_undecided(leaf);
    e->failure = failure;
    return true;
}

/* ---- the walk */
static bool walk(walker *w, const fp_node *node, fp_frame *frame);

/* What stands under a false premise need not make sense: its failures are not the claim's. */
static bool implication(walker *w, const fp_node *node, fp_frame *frame)
{
    size_t at = w->out->count;
    fp_part premise;
    bool guarded = w->guarded;
    if (!walk(w, node->kids[0], frame) || !fp_eval_judge_part(&premise, w->e, node->kids[0], frame, w->out, &at))
        return false;
    w->guarded = guarded || premise.truth == FP_FALSE;
    bool ok = walk(w, node->kids[1], frame);
    w->guarded = guarded;
    return ok;
}

static bool quantifier(walker *w, const fp_node *node, fp_frame *frame)
{
    fp_eval *e = w->e;
    fp_loop loop;
    fp_scene now = fp_eval_scene(e);
    bool ok = true, any = false;
    if (e->binders == FP_BINDERS_DEEP)
        return fp_eval_fail(e, "unavailable", node->place, "too many nested quantifiers (at most %d)", FP_BINDERS_DEEP);
    e->binder[e->binders].node = node;
    e->binder[e->binders++].frame = frame;
    fp_loop_begin(&loop, e, node, frame, &now);
    while (ok && fp_loop_next(&loop)) {
        ok = walk(w, fp_loop_body(node), frame);
        any = true;
    }
    e->binders--;
    if (!ok || loop.failed)
        return false;
    return any || fp_eval_fail_empty(e, node);
}

static bool use(walker *w, const fp_node *node, fp_frame *frame)
{
    fp_frame callee;
    fp_scene now = fp_eval_scene(w->e);
    if (!fp_eval_enter(&callee, w->e, node, frame, &now))
        return false;
    bool ok = walk(w, node->definition->body, &callee);
    fp_eval_leave(w->e);
    return ok;
}

static bool walk(walker *w, const fp_node *node, fp_frame *frame)
{
    switch (node->kind) {
    case FP_NODE_FORALL_REAL:
    case FP_NODE_COMPARE: return compare(w, node, frame);
    case FP_NODE_NOT: return walk(w, node->kids[0], frame);
    case FP_NODE_AND:
    case FP_NODE_OR: return walk(w, node->kids[0], frame) && walk(w, node->kids[1], frame);
    case FP_NODE_IMPLIES: return implication(w, node, frame);
    case FP_NODE_FORALL:
    case FP_NODE_EXISTS: return quantifier(w, node, frame);
    case FP_NODE_USE: return use(w, node, frame);
    default: return fp_eval_fail(w->e, "domain", node->place, "a proposition is wanted here");
    }
}

static bool start(walker *w, const fp_node *node, int frame, const fp_sheet *sheet, fp_eval_failure *failure)
{
    fp_eval *e = w->e;
    fp_frame top;
    fp_eval_ask(e, sheet, failure);
    w->out->count = 0;
    bool ok = fp_eval_hold(e, node->place, w->out->capacity, fp_eval_leaf_bytes(e, w->claim)) && frame <= FP_FRAME_MAX ? walk(w, node, &top)
                                    : fp_eval_fail(e, "unavailable", node->place, "more than %d variables", FP_FRAME_MAX);
    return fp_eval_answer(e, node->place, ok);
}

bool fp_eval_leaves(fp_leaves *out, fp_eval *e, const fp_claim *claim, fp_eval_failure *failure)
{
    walker w = {.out = out, .e = e, .claim = claim};
    return start(&w, claim->body, claim->frame, claim->sheet, failure);
}

bool fp_eval_leaves_guarded(fp_leaves *out, fp_eval *e, const fp_claim *claim, fp_eval_failure *failure)
{
    walker w = {.out = out, .e = e, .claim = claim, .guarded = true};
    return start(&w, claim->body, claim->frame, claim->sheet, failure);
}

bool fp_eval_condition_leaves(fp_leaves *out, fp_eval *e, const fp_node *proposition, int frame, fp_eval_failure *failure)
{
    walker w = {.out = out, .e = e};
    return start(&w, proposition, frame, NULL, failure);
}

bool fp_eval_leaves_moving(fp_leaves *out, fp_eval *e, const fp_claim *claim, const fp_node *proposition, int frame, fp_eval_failure *failure)
{
    walker w = {.out = out, .e = e, .claim = claim, .moving = true};
    return start(&w, proposition, frame, claim ? claim->sheet : NULL, failure);
}

bool fp_eval_sides(arb_t left, arb_t right, fp_eval *e, const fp_claim *claim, size_t leaf, fp_eval_failure *failure)
{
    fp_leaves leaves = {0};
    walker w = {.out = &leaves, .e = e, .claim = claim, .sides_of = leaf, .sides = {left, right}};
    arb_indeterminate(left);
    arb_indeterminate(right);
    bool ok = start(&w, claim->body, claim->frame, claim->sheet, failure);
    fp_leaves_clear(&leaves);
    return ok;
}

void fp_eval_touch(fp_eval *e, const fp_claim *claim, const fp_node *proposition, int frame)
{
    fp_leaves leaves = {0};
    fp_eval_failure failure;
    walker w = {.out = &leaves, .e = e, .claim = claim, .guarded = true};
    start(&w, proposition, frame, claim ? claim->sheet : NULL, &failure);
    fp_leaves_clear(&leaves);
}
