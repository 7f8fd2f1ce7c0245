/* SPDX-License-Identifier: MIT */
/* Comparisons one by one, in the order of the text and of the index sets, never cut short. */
#include "eval_impl.h"

#include <stdlib.h>

typedef struct {
    fp_leaves *out;
    fp_eval *e;
    const fp_claim *claim; /* NULL: an event condition */
    bool guarded;          /* under an implication whose premise is false: a failure makes an undecided leaf */
} walker;

/* ---- storage */
static void init_leaf(fp_leaf *leaf)
{
    *leaf = (fp_leaf){0};
    arb_init(leaf->margin);
    arb_init(leaf->scale);
}

void fp_leaves_clear(fp_leaves *l)
{
    for (size_t i = 0; i < l->capacity; i++) {
        arb_clear(l->item[i].margin);
        arb_clear(l->item[i].scale);
        if (l->item[i].by_constant)
            _arb_vec_clear(l->item[i].by_constant, FP_SENSITIVITIES_MAX);
    }
    free(l->item);
    *l = (fp_leaves){0};
}

static fp_leaf *next_leaf(fp_leaves *l)
{
    if (l->count == l->capacity) {
        size_t capacity = l->capacity + l->capacity / 4 + 16;
        l->item = fp_realloc(l->item, capacity, sizeof *l->item);
        for (size_t i = l->capacity; i < capacity; i++)
            init_leaf(&l->item[i]);
        l->capacity = capacity;
    }
    return &l->item[l->count++];
}

static void no_sensitivity(fp_leaf *leaf)
{
    if (leaf->by_constant)
        _arb_vec_zero(leaf->by_constant, FP_SENSITIVITIES_MAX);
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
                }
                leaf->bindings--;
            }
            leaf->binding[leaf->bindings] = e->binder[b].frame->slot[e->binder[b].node->slot + r].i;
            leaf->binding_name[leaf->bindings++] = e->binder[b].node->names ? e->binder[b].node->names[r] : "";
        }
}

/* ---- one comparison */
static bool side(arb_t out, walker *w, const fp_node *node, fp_frame *frame)
{
    fp_scene now = fp_eval_scene(w->e);
    return fp_eval_real(out, w->e, node, frame, &now);
}

/* What node gains when constant `index` goes from 0 to 1; 0 if no constant occurs below it. */
static bool slope(arb_t out, walker *w, const fp_node *node, fp_frame *frame, int index)
{
    fp_eval *e = w->e;
    arb_t zero;
    arb_zero(out);
    if (!node->has_constant)
        return true;
    arb_init(zero);
    e->override = index;
    e->override_value = 0;
    bool ok = side(zero, w, node, frame);
    e->override_value = 1;
    ok = ok && side(out, w, node, frame);
    e->override = -1;
    if (ok)
        arb_sub(out, out, zero, e->prec);
    arb_clear(zero);
    return ok;
}

static bool is_upper(fp_compare op) /* the margin is rhs - lhs */
{
    return op == FP_LE || op == FP_LT;
}

static bool sensitivities(fp_leaf *leaf, walker *w, const fp_node *node, fp_frame *frame)
{
    bool ok = true;
    arb_t left;
    arb_init(left);
    if (!leaf->by_constant)
        leaf->by_constant = _arb_vec_init(FP_SENSITIVITIES_MAX);
    for (int index = 0, r = 0; ok && index < 64 && r < FP_SENSITIVITIES_MAX; index++) {
        if (!(w->claim->constants >> index & 1))
            continue;
        ok = slope(left, w, node->kids[0], frame, index) && slope(leaf->by_constant + r, w, node->kids[1], frame, index);
        if (ok && is_upper(node->op))
            arb_sub(leaf->by_constant + r, leaf->by_constant + r, left, w->e->prec);
        else if (ok)
            arb_sub(leaf->by_constant + r, left, leaf->by_constant + r, w->e->prec);
        r++;
    }
    arb_clear(left);
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

static bool compare_reals(fp_leaf *leaf, walker *w, const fp_node *node, fp_frame *frame)
{
    slong prec = w->e->prec;
    arb_t a, b;
    arb_init(a);
    arb_init(b);
    bool ok = side(a, w, node->kids[0], frame) && side(b, w, node->kids[1], frame);
    if (ok) {
        if (is_upper(node->op))
            arb_sub(leaf->margin, b, a, prec);
        else
            arb_sub(leaf->margin, a, b, prec);
        scale(leaf->scale, a, b, prec);
        leaf->exact = is_exact_side(w, node->kids[0], frame, a) && is_exact_side(w, node->kids[1], frame, b);
    }
    arb_clear(a);
    arb_clear(b);
    return ok;
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
    return compare_reals(leaf, w, node, frame) && (!w->claim || !node->has_constant || sensitivities(leaf, w, node, frame));
}

static void leave_undecided(fp_leaf *leaf)
{
    arb_indeterminate(leaf->margin);
    arb_indeterminate(leaf->scale);
    no_sensitivity(leaf);
    leaf->exact = false;
}

static bool compare(walker *w, const fp_node *node, fp_frame *frame)
{
    fp_eval *e = w->e;
    fp_leaf *leaf = next_leaf(w->out);
    leaf->node = node;
    leaf->exact = false;
    no_sensitivity(leaf);
    record_bindings(leaf, e);
    if (!w->guarded)
        return fill(leaf, w, node, frame);
    fp_eval_failure ignored = {0}, *failure = e->failure;
    e->failure = &ignored;
    if (!fill(leaf, w, node, frame))
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
    if (!walk(w, node->kids[0], frame) || !fp_eval_judge_part(&premise, w->e, node->kids[0], frame, w->out, NULL, &at))
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
        return fp_eval_fail(e, "not-applicable", node->place, "too many nested quantifiers (at most %d)", FP_BINDERS_DEEP);
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
    return any || fp_eval_fail(e, "empty-set", node->place, "'%s' over an empty set", node->kind == FP_NODE_FORALL ? "for" : "exists");
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
    *failure = (fp_eval_failure){0};
    e->failure = failure;
    e->sheet = sheet;
    e->binders = e->uses = 0;
    w->out->count = 0;
    bool ok = frame <= FP_FRAME_MAX ? walk(w, node, &top)
                                    : fp_eval_fail(e, "not-applicable", node->place, "more than %d variables", FP_FRAME_MAX);
    e->sheet = NULL;
    e->failure = NULL;
    return ok;
}

bool fp_eval_leaves(fp_leaves *out, fp_eval *e, const fp_claim *claim, fp_eval_failure *failure)
{
    walker w = {.out = out, .e = e, .claim = claim};
    return start(&w, claim->body, claim->frame, claim->sheet, failure);
}

bool fp_eval_condition_leaves(fp_leaves *out, fp_eval *e, const fp_node *proposition, int frame, fp_eval_failure *failure)
{
    walker w = {.out = out, .e = e};
    return start(&w, proposition, frame, NULL, failure);
}
