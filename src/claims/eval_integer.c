/* SPDX-License-Identifier: MIT */
/* Exact integers, indices and their ranges, and entering a definition. */
#include "eval_impl.h"

#include <limits.h>

static bool overflow(fp_eval *e, const fp_node *node)
{
    return fp_eval_fail(e, "domain", node->place, "the integer is too large to be an index or to be compared with == (at most %ld)", LONG_MAX);
}

/* ---- indices */
static long index_limit(const fp_problem *pb, char letter, const char **what)
{
    switch (letter) {
    case 's': *what = "a sample"; return pb->n;
    case 't': *what = "a token"; return pb->d;
    case 'j': *what = "a neuron"; return pb->m1;
    default: *what = "a position"; return pb->L;
    }
}

bool fp_eval_indices(long index[4], fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    const char *letters = fp_base_indices(node->base), *what;
    for (int r = 0; letters[r]; r++) {
        if (!fp_eval_integer(&index[r], e, node->kids[r], frame, scene))
            return false;
        long limit = index_limit(e->problem, letters[r], &what);
        if (index[r] < 1 || index[r] > limit)
            return fp_eval_fail(e, "index", node->kids[r]->place, "index %d of %s is %ld, but %s is 1..%ld on this instance", r + 1,
                                fp_base_name(node->base), index[r], what, limit);
    }
    return true;
}

static bool base(long *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    const fp_problem *pb = e->problem;
    long index[4] = {0};
    if (!fp_eval_indices(index, e, node, frame, scene))
        return false;
    switch (node->base) {
    case FP_BASE_PARAM_N: *out = pb->n; return true;
    case FP_BASE_PARAM_L: *out = pb->L; return true;
    case FP_BASE_PARAM_D: *out = pb->d; return true;
    case FP_BASE_PARAM_M: *out = pb->m; return true;
    case FP_BASE_PARAM_M1: *out = pb->m1; return true;
    case FP_BASE_TOK: *out = pb->token[(index[0] - 1) * pb->L + index[1] - 1]; return true;
    case FP_BASE_Y: *out = pb->label[index[0] - 1]; return true;
    case FP_BASE_A: *out = pb->a[index[0] - 1]; return true;
    default: return fp_eval_fail(e, "domain", node->place, "%s is not an integer", fp_base_name(node->base));
    }
}

/* ---- definitions */
bool fp_eval_enter(fp_frame *callee, fp_eval *e, const fp_node *use, fp_frame *frame, const fp_scene *scene)
{
    const fp_definition *def = use->definition;
    if (e->uses >= FP_USES_DEEP || def->frame > FP_FRAME_MAX)
        return fp_eval_fail(e, "unavailable", use->place, "%s is too deep to evaluate", def->name);
    if (!fp_eval_count(e, use->place))
        return false;
    for (int r = 0; r < def->parameters; r++) {
        fp_binding *slot = &callee->slot[r];
        *slot = (fp_binding){0};
        if (def->parameter_types[r] == FP_TYPE_INT) {
            if (!fp_eval_integer(&slot->i, e, use->kids[r], frame, scene))
                return false;
        } else {
            slot->node = use->kids[r];
            slot->frame = frame;
        }
    }
    e->uses++;
    return true;
}

void fp_eval_leave(fp_eval *e)
{
    e->uses--;
}

static bool use(long *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    fp_frame callee;
    if (!fp_eval_enter(&callee, e, node, frame, scene))
        return false;
    bool ok = fp_eval_integer(out, e, node->definition->body, &callee, scene);
    fp_eval_leave(e);
    return ok;
}

/* ---- arithmetic */
static bool power(long *out, long x, long k)
{
    *out = 1;
    for (long r = 0; r < k; r++)
        if (__builtin_mul_overflow(*out, x, out))
            return false;
    return k >= 0;
}

static bool combine(long *out, fp_node_kind kind, long a, long b)
{
    switch (kind) {
    case FP_NODE_ADD: return !__builtin_add_overflow(a, b, out);
    case FP_NODE_SUB: return !__builtin_sub_overflow(a, b, out);
    case FP_NODE_MUL: return !__builtin_mul_overflow(a, b, out);
    case FP_NODE_POW: return power(out, a, a >= -1 && a <= 1 && b > 3 ? 2 + b % 2 : b); /* 0, 1, -1: parity is enough */
    case FP_NODE_MIN:
    case FP_NODE_MIN_OVER: *out = a < b ? a : b; return true;
    default: *out = a > b ? a : b; return true;
    }
}

static bool fold(long *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    long a, b;
    if (!fp_eval_integer(&a, e, node->kids[0], frame, scene))
        return false;
    for (int r = 1; r < node->count; r++) {
        if (!fp_eval_integer(&b, e, node->kids[r], frame, scene))
            return false;
        if (!combine(&a, node->kind, a, b))
            return overflow(e, node);
    }
    *out = a;
    return true;
}

static bool one(long *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    long a;
    if (!fp_eval_integer(&a, e, node->kids[0], frame, scene))
        return false;
    if (a == LONG_MIN)
        return overflow(e, node);
    *out = node->kind == FP_NODE_NEG || a < 0 ? -a : a;
    return true;
}

static bool over(long *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    fp_loop loop;
    long x, sum = 0;
    bool any = false, additive = node->kind == FP_NODE_SUM || node->kind == FP_NODE_COUNT_OVER;
    fp_loop_begin(&loop, e, node, frame, scene);
    while (fp_loop_next(&loop)) {
        x = 1;
        if (node->kind != FP_NODE_COUNT_OVER && !fp_eval_integer(&x, e, fp_loop_body(node), frame, scene))
            return false;
        if (!any && !additive)
            sum = x;
        else if (!combine(&sum, additive ? FP_NODE_ADD : node->kind, sum, x))
            return overflow(e, node);
        any = true;
    }
    if (loop.failed)
        return false;
    if (!any && !additive)
        return fp_eval_fail(e, "empty-set", node->place, "%s over an empty set", node->kind == FP_NODE_MIN_OVER ? "min" : "max");
    *out = sum;
    return true;
}

static bool remembered(long *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene,
                       bool (*compute)(long *, fp_eval *, const fp_node *, fp_frame *, const fp_scene *))
{
    fp_memo_key key;
    fp_memo *memo = fp_eval_memo(&key, e, node, frame, scene);
    key.flavour += 4; /* integers and balls of one node do not meet */
    const fp_memo_entry *entry = memo ? fp_memo_find(memo, &key) : NULL;
    if (entry) {
        *out = entry->i;
        return true;
    }
    if (!compute(out, e, node, frame, scene))
        return false;
    if (memo)
        fp_memo_put(memo, &key, *out, NULL, 0);
    return true;
}

static bool number(long *out, fp_eval *e, const fp_node *node)
{
    if (mpz_cmp_ui(mpq_denref(node->number), 1) != 0 || !mpz_fits_slong_p(mpq_numref(node->number)))
        return overflow(e, node);
    *out = mpz_get_si(mpq_numref(node->number));
    return true;
}

bool fp_eval_integer(long *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    fp_scene other;
    switch (node->kind) {
    case FP_NODE_NUMBER: return number(out, e, node);
    case FP_NODE_BASE: return base(out, e, node, frame, scene);
    case FP_NODE_VARIABLE: {
        const fp_binding *b = &frame->slot[node->slot];
        *out = b->i;
        return !b->node || fp_eval_integer(out, e, b->node, b->frame, scene);
    }
    case FP_NODE_USE: return use(out, e, node, frame, scene);
    case FP_NODE_NEG:
    case FP_NODE_ABS: return one(out, e, node, frame, scene);
    case FP_NODE_ADD:
    case FP_NODE_SUB:
    case FP_NODE_MUL:
    case FP_NODE_POW:
    case FP_NODE_MIN:
    case FP_NODE_MAX: return fold(out, e, node, frame, scene);
    case FP_NODE_SUM:
    case FP_NODE_MIN_OVER:
    case FP_NODE_MAX_OVER:
    case FP_NODE_COUNT_OVER: return remembered(out, e, node, frame, scene, over);
    case FP_NODE_INIT:
    case FP_NODE_AT: return fp_eval_scene_at(&other, e, node) && fp_eval_integer(out, e, node->kids[0], frame, &other);
    default: return fp_eval_fail(e, "domain", node->place, "an integer is wanted here");
    }
}
