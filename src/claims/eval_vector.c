/* SPDX-License-Identifier: MIT */
/* Vectors: those of the source are borrowed, everything else is owned. */
#include "eval_impl.h"

void fp_vector_clear(fp_vector *v)
{
    if (v->owned) {
        _arb_vec_clear(v->owned, (v->order + 1) * v->rows);
        fp_eval_release(v->owner, (size_t)((v->order + 1) * v->rows), v->owner->ball);
    }
    *v = (fp_vector){0};
}

/* A vector of zeros; false if the claim holds too much. */
static bool own(fp_vector *v, fp_eval *e, const fp_node *node, long rows, int space, int order)
{
    *v = (fp_vector){.rows = rows, .space = space, .order = order, .owner = e};
    if (rows == 0)
        return true;
    if (!fp_eval_hold(e, node->place, (size_t)((order + 1) * rows), e->ball))
        return false;
    v->x = v->owned = _arb_vec_init((order + 1) * rows);
    return true;
}

static bool same_space(fp_eval *e, const fp_node *node, const fp_vector *a, const fp_vector *b)
{
    if (a->rows == 0 || b->rows == 0 || (a->space == b->space && a->rows == b->rows))
        return true;
    return fp_eval_fail(e, "unavailable", node->place, a->space == 0 || b->space == 0
                            ? "vectors of the initial and the compressed basis cannot be combined"
                            : "u, v and k, q have different bases in the compressed flow and cannot be combined");
}

static bool base(fp_vector *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    long index[4] = {0};
    const char *why = NULL;
    if (!fp_eval_indices(index, e, node, frame, scene))
        return false;
    if (!scene->source)
        return fp_eval_fail(e, "unavailable", node->place, "%s has no value before the run has a state", fp_base_name(node->base));
    *out = (fp_vector){.order = scene->order};
    if (!fp_source_vector(&out->x, &out->rows, &out->space, scene->source, node->base, index, scene->order, scene->how, &why))
        return fp_eval_fail(e, "unavailable", node->place, "%s: %s", fp_base_name(node->base), why);
    return true;
}

static bool negate(fp_vector *out, fp_eval *e, const fp_node *node, const fp_vector *a)
{
    bool ok = own(out, e, node, a->rows, a->space, a->order);
    if (ok && a->rows > 0)
        _arb_vec_neg(out->owned, a->x, (a->order + 1) * a->rows);
    return ok;
}

static bool add(fp_vector *out, fp_eval *e, const fp_node *node, const fp_vector *a, const fp_vector *b, bool minus)
{
    const fp_vector *shape = a->rows > 0 ? a : b;
    if (!own(out, e, node, shape->rows, shape->space, shape->order))
        return false;
    for (long r = 0; r < (shape->order + 1) * shape->rows; r++) {
        if (a->rows > 0)
            arb_set(out->owned + r, a->x + r);
        if (b->rows > 0)
            (minus ? arb_sub : arb_add)(out->owned + r, out->owned + r, b->x + r, e->prec);
    }
    return true;
}

/* (f x)' = f' x + f x' */
static bool scale(fp_vector *out, fp_eval *e, const fp_node *node, arb_srcptr f, const fp_vector *a)
{
    slong prec = e->prec;
    if (!own(out, e, node, a->rows, a->space, a->order))
        return false;
    for (long r = 0; r < a->rows; r++) {
        arb_mul(out->owned + r, f, a->x + r, prec);
        if (a->order > 0) {
            arb_mul(out->owned + a->rows + r, f, a->x + a->rows + r, prec);
            arb_addmul(out->owned + a->rows + r, f + 1, a->x + r, prec);
        }
    }
    return true;
}

static bool summands(fp_vector *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    fp_vector a = {0}, b = {0};
    bool ok = fp_eval_vector(&a, e, node->kids[0], frame, scene) && fp_eval_vector(&b, e, node->kids[1], frame, scene) &&
              same_space(e, node, &a, &b);
    ok = ok && add(out, e, node, &a, &b, node->kind == FP_NODE_SUB);
    fp_vector_clear(&a);
    fp_vector_clear(&b);
    return ok;
}

static bool invert(arb_ptr f, fp_eval *e, const fp_node *node, int order)
{
    arb_struct one[2], q[2];
    for (int r = 0; r < 2; r++) {
        arb_init(one + r);
        arb_init(q + r);
    }
    arb_one(one);
    bool ok = fp_eval_divide(q, e, node, one, f, order);
    for (int r = 0; r < 2; r++) {
        arb_swap(f + r, q + r);
        arb_clear(one + r);
        arb_clear(q + r);
    }
    return ok;
}

static bool multiple(fp_vector *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    int vector = node->kids[0]->type == FP_TYPE_VECTOR ? 0 : 1;
    arb_struct f[2];
    fp_vector a = {0};
    arb_init(f);
    arb_init(f + 1);
    bool ok = fp_eval_real(f, e, node->kids[1 - vector], frame, scene) && fp_eval_vector(&a, e, node->kids[vector], frame, scene);
    if (ok && node->kind == FP_NODE_DIV)
        ok = invert(f, e, node, scene->order);
    ok = ok && scale(out, e, node, f, &a);
    fp_vector_clear(&a);
    arb_clear(f);
    arb_clear(f + 1);
    return ok;
}

static bool sum(fp_vector *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    fp_loop loop;
    bool ok = true;
    *out = (fp_vector){.order = scene->order};
    fp_loop_begin(&loop, e, node, frame, scene);
    while (ok && fp_loop_next(&loop)) {
        fp_vector a = {0}, total = {0};
        ok = fp_eval_vector(&a, e, fp_loop_body(node), frame, scene) && same_space(e, node, out, &a) && add(&total, e, node, out, &a, false);
        if (ok) {
            fp_vector_clear(out);
            *out = total;
        }
        fp_vector_clear(&a);
    }
    if (ok && !loop.failed)
        return true;
    fp_vector_clear(out);
    return false;
}

static bool elsewhere(fp_vector *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    fp_scene other;
    fp_vector a = {0};
    if (!fp_eval_scene_at(&other, e, node) || !fp_eval_vector(&a, e, node->kids[0], frame, &other))
        return false;
    if (scene->order == 0) {
        *out = a;
        return true;
    }
    bool ok = own(out, e, node, a.rows, a.space, 1); /* it does not move: derivatives stay 0 */
    if (ok && a.rows > 0)
        _arb_vec_set(out->owned, a.x, a.rows);
    fp_vector_clear(&a);
    return ok;
}

static bool derivative(fp_vector *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    fp_scene inside = *scene;
    fp_vector a = {0};
    if (scene->order > 0)
        return fp_eval_fail(e, "unavailable", node->place, "second derivatives are not available");
    inside.order = 1;
    inside.how = node->kind == FP_NODE_SLOPE ? FP_BY_FIELD : FP_BY_EQUATIONS;
    if (!fp_eval_vector(&a, e, node->kids[0], frame, &inside))
        return false;
    bool ok = own(out, e, node, a.rows, a.space, 0);
    if (ok && a.rows > 0)
        _arb_vec_set(out->owned, a.x + a.rows, a.rows);
    fp_vector_clear(&a);
    return ok;
}

static bool use(fp_vector *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    fp_frame callee;
    if (!fp_eval_enter(&callee, e, node, frame, scene))
        return false;
    bool ok = fp_eval_vector(out, e, node->definition->body, &callee, scene);
    fp_eval_leave(e);
    return ok;
}

bool fp_eval_vector(fp_vector *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    fp_vector a = {0};
    bool ok;
    switch (node->kind) {
    case FP_NODE_BASE: return base(out, e, node, frame, scene);
    case FP_NODE_USE: return use(out, e, node, frame, scene);
    case FP_NODE_ADD:
    case FP_NODE_SUB: return summands(out, e, node, frame, scene);
    case FP_NODE_MUL:
    case FP_NODE_DIV: return multiple(out, e, node, frame, scene);
    case FP_NODE_SUM: return sum(out, e, node, frame, scene);
    case FP_NODE_INIT:
    case FP_NODE_AT: return elsewhere(out, e, node, frame, scene);
    case FP_NODE_D:
    case FP_NODE_SLOPE: return derivative(out, e, node, frame, scene);
    case FP_NODE_NEG:
        if (!fp_eval_vector(&a, e, node->kids[0], frame, scene))
            return false;
        ok = negate(out, e, node, &a);
        fp_vector_clear(&a);
        return ok;
    default: return fp_eval_fail(e, "domain", node->place, "a vector is wanted here");
    }
}

static void dot(arb_ptr out, const fp_vector *a, const fp_vector *b, int order, slong prec)
{
    long rows = a->rows < b->rows ? a->rows : b->rows; /* 0 if one of them is the empty sum */
    arb_dot(out, NULL, 0, a->x, 1, b->x, 1, rows, prec);
    if (order > 0 && rows > 0) {
        arb_dot(out + 1, NULL, 0, a->x + rows, 1, b->x, 1, rows, prec);
        arb_dot(out + 1, out + 1, 0, a->x, 1, b->x + rows, 1, rows, prec);
    } else if (order > 0)
        arb_zero(out + 1);
}

bool fp_eval_dot(arb_ptr out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    fp_vector a = {0}, b = {0};
    bool square = node->kind != FP_NODE_DOT;
    bool ok = fp_eval_vector(&a, e, node->kids[0], frame, scene) &&
              (square || (fp_eval_vector(&b, e, node->kids[1], frame, scene) && same_space(e, node, &a, &b)));
    if (ok)
        dot(out, &a, square ? &a : &b, scene->order, e->prec);
    fp_vector_clear(&a);
    fp_vector_clear(&b);
    return ok;
}
