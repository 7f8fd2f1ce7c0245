/* SPDX-License-Identifier: MIT */
/* Real expressions as jets of order 0 or 1. */
#include "eval_impl.h"
#include "sheet_impl.h"

#include <stdlib.h>
#include <string.h>

static bool evaluate(arb_ptr out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene, bool body);

static void jet_init(arb_ptr x)
{
    arb_init(x);
    arb_init(x + 1);
}

static void jet_clear(arb_ptr x)
{
    arb_clear(x);
    arb_clear(x + 1);
}

/* ---- leaves */
static void number(arb_t out, fp_eval *e, const fp_node *node)
{
    fp_node_info *info = fp_eval_info(e, node);
    if (!info->has_number) {
        arb_init(&info->number);
        fp_ball_set_rational(&info->number, node->number, e->prec);
        info->has_number = true;
    }
    arb_set(out, &info->number);
}

static bool parameter(arb_t out, fp_eval *e, const fp_node *node)
{
    if (!e->parameter_known[node->base])
        return fp_eval_fail(e, "unavailable", node->place,
                            "%s is not known: the weights were imported and no setting declares it; write 'init = ...' (how they were drawn), or both 'sigma0 = ...' "
                            "and 'sigma1 = ...', into the file given by --setting", fp_base_name(node->base));
    arb_set(out, &e->parameter[node->base]);
    return true;
}

static bool is_parameter(fp_base base)
{
    return base >= FP_BASE_PARAM_SIGMA0 && base <= FP_BASE_PARAM_PI;
}

static bool base(arb_ptr out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    long index[4] = {0};
    const char *why = NULL;
    if (is_parameter(node->base))
        return parameter(out, e, node);
    if (!fp_eval_indices(index, e, node, frame, scene))
        return false;
    if (!scene->source)
        return fp_eval_fail(e, "unavailable", node->place, "%s has no value before the run has a state", fp_base_name(node->base));
    if (!fp_source_scalar(out, scene->source, node->base, index, scene->order, scene->how, &why))
        return fp_eval_fail(e, "unavailable", node->place, "%s: %s", fp_base_name(node->base), why);
    return true;
}

const fp_sheet *fp_eval_sheet_of(const fp_eval *e, const fp_node *node)
{
    if (e->sheet)
        return e->sheet;
    for (int r = 0; e->sheets && r < e->sheets->count; r++)
        if (node->place.file && strcmp(e->sheets->sheets[r]->path, node->place.file) == 0)
            return e->sheets->sheets[r];
    return NULL;
}

bool fp_eval_constant(arb_t out, fp_eval *e, const fp_node *node)
{
    const fp_sheet *sheet = fp_eval_sheet_of(e, node);
    if (e->override == node->index)
        arb_set_si(out, e->override_value);
    else if (sheet && node->index < sheet->constants_count)
        fp_ball_set_rational(out, sheet->constants[node->index].value, e->prec);
    else
        return fp_eval_fail(e, "unavailable", node->place, "a declared constant has a value in claims only");
    return true;
}

static bool integer(arb_ptr out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    long i;
    if (!fp_eval_integer(&i, e, node, frame, scene))
        return false;
    arb_set_si(out, i);
    return true;
}

static bool variable(arb_ptr out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    const fp_binding *b = &frame->slot[node->slot];
    if (b->node)
        return fp_eval_real(out, e, b->node, b->frame, scene);
    if (b->x && scene->order > 0)
        arb_set_ui(out + 1, e->box && e->box->axis == b->axis);
    if (b->x)
        arb_set(out, b->x);
    else
        arb_set_si(out, b->i);
    return true;
}

/* ---- other scenes and definitions */
static bool elsewhere(arb_ptr out, fp_eval *e, const fp_node *node, fp_frame *frame)
{
    fp_scene other;
    return fp_eval_scene_at(&other, e, node) && fp_eval_real(out, e, node->kids[0], frame, &other);
}

/* Of a quantity of the flow its derivative is had without its value. */
static bool base_slope(arb_t out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    long index[4] = {0};
    const char *why = NULL;
    if (!fp_eval_indices(index, e, node, frame, scene))
        return false;
    if (!scene->source)
        return fp_eval_fail(e, "unavailable", node->place, "%s has no value before the run has a state", fp_base_name(node->base));
    if (!fp_source_slope(out, scene->source, node->base, index, scene->how, &why))
        return fp_eval_fail(e, "unavailable", node->place, "%s: %s", fp_base_name(node->base), why);
    return true;
}

static bool derivative(arb_ptr out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    if (scene->order > 0)
        return fp_eval_fail(e, "unavailable", node->place, "second derivatives are not available");
    fp_scene inside = *scene;
    const fp_node *kid = node->kids[0];
    arb_struct x[2];
    inside.order = 1;
    inside.how = node->kind == FP_NODE_SLOPE ? FP_BY_FIELD : FP_BY_EQUATIONS;
    if (kid->kind == FP_NODE_BASE && kid->type == FP_TYPE_REAL && !kid->is_static)
        return base_slope(out, e, kid, frame, &inside);
    jet_init(x);
    bool ok = fp_eval_real(x, e, kid, frame, &inside);
    if (ok)
        arb_set(out, x + 1);
    jet_clear(x);
    return ok;
}

static bool use(arb_ptr out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    fp_frame callee;
    if (!fp_eval_enter(&callee, e, node, frame, scene))
        return false;
    bool ok = evaluate(out, e, node->definition->body, &callee, scene, true);
    fp_eval_leave(e);
    return ok;
}

/* ---- arithmetic */
static void product(arb_ptr out, arb_srcptr a, arb_srcptr b, int order, slong prec)
{
    arb_mul(out, a, b, prec);
    if (order > 0) {
        arb_mul(out + 1, a, b + 1, prec);
        arb_addmul(out + 1, a + 1, b, prec);
    }
}

static bool combine(arb_ptr out, fp_eval *e, const fp_node *node, arb_srcptr a, arb_srcptr b, int order)
{
    switch (node->kind) {
    case FP_NODE_ADD:
        for (int r = 0; r <= order; r++)
            arb_add(out + r, a + r, b + r, e->prec);
        return true;
    case FP_NODE_SUB:
        for (int r = 0; r <= order; r++)
            arb_sub(out + r, a + r, b + r, e->prec);
        return true;
    case FP_NODE_MUL: product(out, a, b, order, e->prec); return true;
    case FP_NODE_DIV: return fp_eval_divide(out, e, node, a, b, order);
    case FP_NODE_CHI2CDF: return fp_eval_chi2cdf(out, e, node, a, b, order);
    default: return fp_eval_power(out, e, node, a, b, order);
    }
}

/* e - init(e) or e - at(T, e) where now is that very instant: 0, although each side is known only to its ball. */
static bool is_unmoved(const fp_eval *e, const fp_node *node, const fp_scene *scene)
{
    const fp_node *before = node->kids[1];
    if (node->kind != FP_NODE_SUB || scene->origin != FP_ORIGIN_NOW) return false;
    bool init = before->kind == FP_NODE_INIT, at = before->kind == FP_NODE_AT && before->time && (size_t)before->time->id < e->times;
    const fp_source *then = init ? e->initial : at ? e->time[before->time->id] : NULL;
    return then && then == scene->source && fp_node_equal(node->kids[0], before->kids[0]);
}

static bool binary(arb_ptr out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    arb_struct a[2], b[2];
    jet_init(a);
    jet_init(b);
    bool ok = fp_eval_real(a, e, node->kids[0], frame, scene) && fp_eval_real(b, e, node->kids[1], frame, scene) &&
              combine(out, e, node, a, b, scene->order);
    if (ok && is_unmoved(e, node, scene)) arb_zero(out);
    jet_clear(a);
    jet_clear(b);
    return ok;
}

static bool unary(arb_ptr out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    arb_struct a[2];
    jet_init(a);
    bool ok = node->kind == FP_NODE_NORM ? fp_eval_dot(a, e, node, frame, scene) : fp_eval_real(a, e, node->kids[0], frame, scene);
    if (ok && node->kind == FP_NODE_NEG)
        for (int r = 0; r <= scene->order; r++)
            arb_neg(out + r, a + r);
    else if (ok)
        ok = fp_eval_function(out, e, node, a, scene->order);
    if (ok)
        fp_eval_over_t(out, a, e, node, scene->order);
    jet_clear(a);
    return ok;
}

/* A running extreme of jets; of quotients, where they are those of what vanishes at 0, the extreme one. */
typedef struct {
    fp_extreme value, quotient;
    bool over_t;
} extreme;

static void extreme_init(extreme *x, const fp_eval *e, const fp_node *node, bool maximum, int order)
{
    x->over_t = fp_eval_over_t(NULL, NULL, e, node, order);
    fp_extreme_init(&x->value, maximum ? 1 : -1, x->over_t ? 0 : order, e->prec);
    fp_extreme_init(&x->quotient, maximum ? 1 : -1, 0, e->prec);
}

static void extreme_clear(extreme *x)
{
    fp_extreme_clear(&x->value);
    fp_extreme_clear(&x->quotient);
}

static void extreme_add(extreme *x, arb_srcptr jet)
{
    fp_extreme_add(&x->value, jet);
    if (x->over_t)
        fp_extreme_add(&x->quotient, jet + 1);
}

static void extreme_get(arb_ptr out, const extreme *x)
{
    fp_extreme_get(out, &x->value);
    if (x->over_t)
        fp_extreme_get(out + 1, &x->quotient);
}

static bool extreme_of_list(arb_ptr out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    arb_struct a[2];
    extreme best;
    bool ok = true;
    jet_init(a);
    extreme_init(&best, e, node, node->kind == FP_NODE_MAX, scene->order);
    for (int r = 0; r < node->count && ok; r++) {
        ok = fp_eval_real(a, e, node->kids[r], frame, scene);
        if (ok)
            extreme_add(&best, a);
    }
    if (ok)
        extreme_get(out, &best);
    extreme_clear(&best);
    jet_clear(a);
    return ok;
}

/* ---- binders */
static bool sum(arb_ptr out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    fp_loop loop;
    arb_struct a[2];
    bool ok = true;
    jet_init(a);
    for (int r = 0; r <= scene->order; r++)
        arb_zero(out + r);
    fp_loop_begin(&loop, e, node, frame, scene);
    while (ok && fp_loop_next(&loop)) {
        ok = fp_eval_real(a, e, fp_loop_body(node), frame, scene);
        for (int r = 0; ok && r <= scene->order; r++)
            arb_add(out + r, out + r, a + r, e->prec);
    }
    jet_clear(a);
    return ok && !loop.failed;
}

static bool extreme_over(arb_ptr out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    fp_loop loop;
    extreme best;
    arb_struct a[2];
    bool ok = true, maximum = node->kind == FP_NODE_MAX_OVER, *keep = fp_eval_screen(e, node, frame, scene);
    size_t at = 0, held = 0;
    jet_init(a);
    extreme_init(&best, e, node, maximum, scene->order);
    fp_loop_begin(&loop, e, node, frame, scene);
    while (ok && fp_loop_next(&loop)) {
        if (keep && !keep[at++])
            continue;
        ok = fp_eval_real(a, e, fp_loop_body(node), frame, scene) && (scene->order == 0 || fp_eval_hold(e, node->place, 2, e->ball));
        if (ok)
            extreme_add(&best, a);
        held += ok && scene->order > 0;
    }
    fp_eval_release(e, held, 2 * e->ball);
    ok = ok && !loop.failed;
    if (ok && best.value.count == 0)
        ok = fp_eval_fail(e, "empty-set", node->place, "%s over an empty set", maximum ? "max" : "min");
    if (ok)
        extreme_get(out, &best);
    extreme_clear(&best);
    jet_clear(a);
    free(keep);
    return ok;
}

static bool compute(arb_ptr out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    switch (node->kind) {
    case FP_NODE_NUMBER: number(out, e, node); return true;
    case FP_NODE_BASE: return node->type == FP_TYPE_INT ? integer(out, e, node, frame, scene) : base(out, e, node, frame, scene);
    case FP_NODE_VARIABLE: return variable(out, e, node, frame, scene);
    case FP_NODE_CONSTANT: return fp_eval_constant(out, e, node);
    case FP_NODE_USE: return use(out, e, node, frame, scene);
    case FP_NODE_ADD:
    case FP_NODE_SUB:
    case FP_NODE_MUL:
    case FP_NODE_DIV:
    case FP_NODE_POW:
    case FP_NODE_CHI2CDF: return binary(out, e, node, frame, scene);
    case FP_NODE_NEG:
    case FP_NODE_ABS:
    case FP_NODE_SQRT:
    case FP_NODE_LOG:
    case FP_NODE_EXP:
    case FP_NODE_NORM: return unary(out, e, node, frame, scene);
    case FP_NODE_MIN:
    case FP_NODE_MAX: return extreme_of_list(out, e, node, frame, scene);
    case FP_NODE_DOT:
    case FP_NODE_SQNORM: return fp_eval_dot(out, e, node, frame, scene);
    case FP_NODE_SUM: return sum(out, e, node, frame, scene);
    case FP_NODE_MIN_OVER:
    case FP_NODE_MAX_OVER: return extreme_over(out, e, node, frame, scene);
    case FP_NODE_COUNT_OVER: return integer(out, e, node, frame, scene);
    case FP_NODE_INIT:
    case FP_NODE_AT: return elsewhere(out, e, node, frame);
    case FP_NODE_D:
    case FP_NODE_SLOPE: return derivative(out, e, node, frame, scene);
    case FP_NODE_SUP: return fp_eval_supremum(out, e, node, frame, scene);
    default: return fp_eval_fail(e, "domain", node->place, "a number is wanted here");
    }
}

static bool is_leaf(const fp_node *node)
{
    return node->kind == FP_NODE_NUMBER || node->kind == FP_NODE_BASE || node->kind == FP_NODE_VARIABLE || node->kind == FP_NODE_CONSTANT ||
           node->kind == FP_NODE_USE;
}

/* Worth keeping: binders, products of vectors, bodies of definitions, and composite expressions without variables. */
static bool is_kept(fp_eval *e, const fp_node *node, bool body)
{
    switch (node->kind) {
    case FP_NODE_SUM:
    case FP_NODE_MIN_OVER:
    case FP_NODE_MAX_OVER:
    case FP_NODE_DOT:
    case FP_NODE_SQNORM:
    case FP_NODE_NORM: return true;
    default: return !is_leaf(node) && (body || fp_eval_free_slots(e, node) == 0);
    }
}

static bool remembered(arb_ptr out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene, bool keep)
{
    fp_memo_key key;
    fp_memo *memo = keep ? fp_eval_memo(&key, e, node, frame, scene) : NULL;
    const fp_memo_entry *entry = memo ? fp_memo_find(memo, &key) : NULL;
    if (entry) {
        for (int r = 0; r <= scene->order; r++)
            arb_set(out + r, memo->x + entry->i + r);
        return true;
    }
    if (!compute(out, e, node, frame, scene))
        return false;
    if (memo)
        fp_memo_put(memo, &key, 0, out, (size_t)scene->order + 1);
    return true;
}

/* init(..), at(T, ..) and what is static with all its arguments do not move. */
static bool stands_still(fp_eval *e, const fp_node *node, const fp_frame *frame)
{
    return node->kind == FP_NODE_AT || node->kind == FP_NODE_INIT || fp_eval_is_settled(e, node, frame);
}

static bool evaluate(arb_ptr out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene, bool body)
{
    bool keep = is_kept(e, node, body);
    if (scene->order == 0 || !stands_still(e, node, frame))
        return remembered(out, e, node, frame, scene, keep);
    fp_scene value = *scene;
    value.order = 0;
    arb_zero(out + 1);
    return remembered(out, e, node, frame, &value, keep);
}

bool fp_eval_real(arb_ptr out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    return evaluate(out, e, node, frame, scene, false);
}
