/* SPDX-License-Identifier: MIT */
/* Which candidates of a maximum or minimum over index sets may attain it? All are enclosed in double precision, in batches, and those certainly beaten by another
 * are left out before balls are computed. What an expression may contain is limited (no derivatives, no exp or log of what differs between candidates, no
 * sets that do); elsewhere nothing is screened. Failures are not reported here: the evaluation in balls meets them again. */
#include "eval_impl.h"

#include <math.h>
#include <stdlib.h>

#include "bounds.h"

enum { BATCH = 128, DEEP = 48, FEWEST = 96, PARAMETERS = 8, POWER_MOST = 8 };

/* Variables of a frame: those that all candidates share stand in `frame`. */
typedef struct batch_frame batch_frame;
struct batch_frame {
    fp_frame *frame;
    uint64_t varying;
    const long *value[FP_FRAME_MAX]; /* of a varying slot: one integer per candidate; NULL: an argument passed by name, in terms of `caller` */
    const batch_frame *caller;
};

typedef struct {
    fp_eval *e;
    size_t count; /* candidates in the batch */
    int depth;
} batch;

static bool reals(fp_bound *out, batch *q, const fp_node *node, const batch_frame *f, const fp_scene *scene);

static uint64_t varying(batch *q, const fp_node *node, const batch_frame *f)
{
    return fp_eval_free_slots(q->e, node) & f->varying;
}

/* ---- integers */
static bool integers(long *out, batch *q, const fp_node *node, const batch_frame *f, const fp_scene *scene);

/* One candidate after the other. */
static bool integers_singly(long *out, batch *q, const fp_node *node, const batch_frame *f, const fp_scene *scene)
{
    fp_frame one = *f->frame;
    uint64_t free = varying(q, node, f);
    for (size_t k = 0; k < q->count; k++) {
        for (int slot = 0; slot < FP_FRAME_MAX; slot++) {
            if (!(free >> slot & 1)) continue;
            if (!f->value[slot]) return false;
            one.slot[slot] = (fp_binding){.i = f->value[slot][k]};
        }
        if (!fp_eval_integer(out + k, q->e, node, &one, scene)) return false;
    }
    return true;
}

static bool integers_variable(long *out, batch *q, const fp_node *node, const batch_frame *f, const fp_scene *scene)
{
    const long *value = f->value[node->slot];
    if (!value) return integers(out, q, f->frame->slot[node->slot].node, f->caller, scene);
    for (size_t k = 0; k < q->count; k++) out[k] = value[k];
    return true;
}

static bool integers_token(long *out, batch *q, const fp_node *node, const batch_frame *f, const fp_scene *scene)
{
    const fp_problem *pb = q->e->problem;
    long i[BATCH], l[BATCH];
    if (!integers(i, q, node->kids[0], f, scene) || !integers(l, q, node->kids[1], f, scene)) return false;
    for (size_t k = 0; k < q->count; k++) {
        if (i[k] < 1 || i[k] > pb->n || l[k] < 1 || l[k] > pb->L) return false;
        out[k] = pb->token[(i[k] - 1) * pb->L + l[k] - 1];
    }
    return true;
}

static bool integers(long *out, batch *q, const fp_node *node, const batch_frame *f, const fp_scene *scene)
{
    if (!varying(q, node, f)) {
        if (!fp_eval_integer(out, q->e, node, f->frame, scene)) return false;
        for (size_t k = 1; k < q->count; k++) out[k] = out[0];
        return true;
    }
    if (node->kind == FP_NODE_VARIABLE) return integers_variable(out, q, node, f, scene);
    if (node->kind == FP_NODE_BASE && node->base == FP_BASE_TOK) return integers_token(out, q, node, f, scene);
    return integers_singly(out, q, node, f, scene);
}

/* ---- reals */
static bool shared(fp_bound *out, batch *q, const fp_node *node, const batch_frame *f, const fp_scene *scene)
{
    arb_struct x[2];
    arb_init(x);
    arb_init(x + 1);
    bool ok = fp_eval_real(x, q->e, node, f->frame, scene);
    if (ok) fp_bound_set_ball(out, x);
    for (size_t k = 1; ok && k < q->count; k++) out[k] = out[0];
    arb_clear(x);
    arb_clear(x + 1);
    return ok;
}

static bool whole(fp_bound *out, batch *q, const fp_node *node, const batch_frame *f, const fp_scene *scene)
{
    long i[BATCH];
    if (!integers(i, q, node, f, scene)) return false;
    for (size_t k = 0; k < q->count; k++) {
        if (i[k] > 1L << 52 || i[k] < -(1L << 52)) return false;
        out[k] = (fp_bound){(double)i[k], 0};
    }
    return true;
}

static bool base(fp_bound *out, batch *q, const fp_node *node, const batch_frame *f, const fp_scene *scene)
{
    long x[3][BATCH];
    const long *index[3] = {x[0], x[1], x[2]};
    if (!scene->source || node->count > 3) return false;
    for (int r = 0; r < node->count; r++)
        if (!integers(x[r], q, node->kids[r], f, scene)) return false;
    return fp_source_bounds(out, scene->source, node->base, index, q->count);
}

static bool elsewhere(fp_bound *out, batch *q, const fp_node *node, const batch_frame *f)
{
    fp_scene other;
    return fp_eval_scene_at(&other, q->e, node) && reals(out, q, node->kids[0], f, &other);
}

static bool bind(batch_frame *callee, long value[PARAMETERS][BATCH], batch *q, const fp_node *node, const batch_frame *f, const fp_scene *scene)
{
    const fp_definition *def = node->definition;
    for (int r = 0; r < def->parameters; r++) {
        fp_binding *slot = &callee->frame->slot[r];
        bool differs = varying(q, node->kids[r], f) != 0, integer = def->parameter_types[r] == FP_TYPE_INT;
        *slot = integer ? (fp_binding){0} : (fp_binding){.node = node->kids[r], .frame = f->frame};
        if (differs) callee->varying |= (uint64_t)1 << r;
        if (integer && differs && !integers(value[r], q, node->kids[r], f, scene)) return false;
        if (integer && differs) callee->value[r] = value[r];
        if (integer && !differs && !fp_eval_integer(&slot->i, q->e, node->kids[r], f->frame, scene)) return false;
    }
    return true;
}

static bool use(fp_bound *out, batch *q, const fp_node *node, const batch_frame *f, const fp_scene *scene)
{
    long value[PARAMETERS][BATCH];
    fp_frame frame;
    batch_frame callee = {.frame = &frame, .caller = f};
    if (node->definition->parameters > PARAMETERS || node->definition->frame > FP_FRAME_MAX) return false;
    if (!bind(&callee, value, q, node, f, scene)) return false;
    return reals(out, q, node->definition->body, &callee, scene);
}

static bool variable(fp_bound *out, batch *q, const fp_node *node, const batch_frame *f, const fp_scene *scene)
{
    if (f->value[node->slot]) return whole(out, q, node, f, scene);
    return reals(out, q, f->frame->slot[node->slot].node, f->caller, scene);
}

static bool power(fp_bound *out, batch *q, const fp_node *node, const batch_frame *f, const fp_scene *scene)
{
    const fp_node *exponent = node->kids[1];
    fp_bound x[BATCH];
    long times;
    if (exponent->type != FP_TYPE_INT || varying(q, exponent, f) || !fp_eval_integer(&times, q->e, exponent, f->frame, scene)) return false;
    if (times < 1 || times > POWER_MOST || !reals(x, q, node->kids[0], f, scene)) return false;
    for (size_t k = 0; k < q->count; k++) {
        out[k] = x[k];
        for (long r = 1; r < times; r++) fp_bound_mul(out + k, x + k);
    }
    return true;
}

static void combine(fp_bound *a, const fp_bound *b, fp_node_kind kind)
{
    switch (kind) {
    case FP_NODE_ADD:
    case FP_NODE_SUM: fp_bound_add(a, b); break;
    case FP_NODE_SUB: fp_bound_sub(a, b); break;
    case FP_NODE_MUL: fp_bound_mul(a, b); break;
    case FP_NODE_DIV: fp_bound_div(a, b); break;
    case FP_NODE_MAX:
    case FP_NODE_MAX_OVER: fp_bound_extreme(a, b, 1); break;
    default: fp_bound_extreme(a, b, -1); break;
    }
}

static bool fold(fp_bound *out, batch *q, const fp_node *node, const batch_frame *f, const fp_scene *scene)
{
    fp_bound x[BATCH];
    if (!reals(out, q, node->kids[0], f, scene)) return false;
    for (int r = 1; r < node->count; r++) {
        if (!reals(x, q, node->kids[r], f, scene)) return false;
        for (size_t k = 0; k < q->count; k++) combine(out + k, x + k, node->kind);
    }
    return true;
}

static bool unary(fp_bound *out, batch *q, const fp_node *node, const batch_frame *f, const fp_scene *scene)
{
    if (!reals(out, q, node->kids[0], f, scene)) return false;
    for (size_t k = 0; k < q->count; k++) {
        if (node->kind == FP_NODE_NEG) out[k].x = -out[k].x;
        if (node->kind == FP_NODE_ABS) out[k].x = fabs(out[k].x);
        if (node->kind == FP_NODE_SQRT) fp_bound_sqrt(out + k);
    }
    return true;
}

/* The same index set for all candidates. */
static bool over(fp_bound *out, batch *q, const fp_node *node, const batch_frame *f, const fp_scene *scene)
{
    fp_loop loop;
    fp_bound x[BATCH];
    bool any = node->kind == FP_NODE_SUM;
    for (int r = 0; r <= node->binders; r++)
        if (node->kids[r] && varying(q, node->kids[r], f)) return false;
    for (size_t k = 0; k < q->count; k++) out[k] = (fp_bound){0, 0};
    fp_loop_begin(&loop, q->e, node, f->frame, scene);
    while (fp_loop_next(&loop)) {
        if (!reals(x, q, fp_loop_body(node), f, scene)) return false;
        for (size_t k = 0; any && k < q->count; k++) combine(out + k, x + k, node->kind);
        for (size_t k = 0; !any && k < q->count; k++) out[k] = x[k];
        any = true;
    }
    return any && !loop.failed;
}

static bool compute(fp_bound *out, batch *q, const fp_node *node, const batch_frame *f, const fp_scene *scene)
{
    switch (node->kind) {
    case FP_NODE_BASE: return base(out, q, node, f, scene);
    case FP_NODE_VARIABLE: return variable(out, q, node, f, scene);
    case FP_NODE_USE: return use(out, q, node, f, scene);
    case FP_NODE_INIT:
    case FP_NODE_AT: return elsewhere(out, q, node, f);
    case FP_NODE_NEG:
    case FP_NODE_ABS:
    case FP_NODE_SQRT: return unary(out, q, node, f, scene);
    case FP_NODE_ADD:
    case FP_NODE_SUB:
    case FP_NODE_MUL:
    case FP_NODE_DIV:
    case FP_NODE_MIN:
    case FP_NODE_MAX: return fold(out, q, node, f, scene);
    case FP_NODE_POW: return power(out, q, node, f, scene);
    case FP_NODE_SUM:
    case FP_NODE_MIN_OVER:
    case FP_NODE_MAX_OVER: return over(out, q, node, f, scene);
    default: return false;
    }
}

static bool reals(fp_bound *out, batch *q, const fp_node *node, const batch_frame *f, const fp_scene *scene)
{
    if (!varying(q, node, f)) return shared(out, q, node, f, scene);
    if (node->type == FP_TYPE_INT) return whole(out, q, node, f, scene);
    if (q->depth == DEEP) return false;
    q->depth++;
    bool ok = compute(out, q, node, f, scene);
    q->depth--;
    return ok;
}

/* ---- all candidates */
typedef struct {
    fp_bound *bound;
    size_t count, room;
} list;

/* Of a candidate, here and whether it is kept. */
enum { CANDIDATE = sizeof(fp_bound) + sizeof(bool) };

static bool append(list *all, fp_eval *e, fp_place place, const fp_bound *x, size_t count)
{
    if (!fp_eval_hold(e, place, count, CANDIDATE)) return false;
    if (all->count + count > all->room) {
        all->room = 2 * all->room + count + 1024;
        all->bound = fp_realloc(all->bound, all->room, sizeof *all->bound);
    }
    for (size_t k = 0; k < count; k++) all->bound[all->count++] = x[k];
    return true;
}

typedef struct {
    batch q;
    batch_frame f;
    long value[FP_LOOP_MAX][BATCH];
    fp_bound x[BATCH];
} collector;

static bool collect(list *all, collector *at, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    fp_loop loop;
    fp_loop_begin(&loop, at->q.e, node, frame, scene);
    for (bool more = true; more;) {
        size_t k = 0;
        while (k < BATCH && (more = fp_loop_next(&loop))) {
            for (int r = 0; r < node->binders; r++) {
                if (frame->slot[node->slot + r].node) return false;
                at->value[r][k] = frame->slot[node->slot + r].i;
            }
            k++;
        }
        at->q.count = k;
        if (loop.failed || (!more && all->count + k < FEWEST)) return false;
        if (k > 0 && !reals(at->x, &at->q, fp_loop_body(node), &at->f, scene)) return false;
        if (!append(all, at->q.e, node->place, at->x, k)) return false;
    }
    return true;
}

static void mark(bool *keep, const list *all, bool maximum)
{
    double best = maximum ? -INFINITY : INFINITY;
    for (size_t k = 0; k < all->count; k++) {
        double end = maximum ? fp_bound_low(&all->bound[k]) : fp_bound_high(&all->bound[k]);
        if (maximum ? end > best : end < best) best = end;
    }
    for (size_t k = 0; k < all->count; k++)
        keep[k] = maximum ? !(fp_bound_high(&all->bound[k]) < best) : !(fp_bound_low(&all->bound[k]) > best);
}

bool *fp_eval_screen(fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene)
{
    list all = {0};
    bool *keep = NULL;
    fp_eval_failure ignored = {0}, *failure = e->failure;
    unsigned long evaluations = e->evaluations;
    size_t held = e->held;
    if (scene->order > 0 || node->binders > FP_LOOP_MAX || node->slot + node->binders > FP_FRAME_MAX) return NULL;
    collector *at = fp_alloc(1, sizeof *at);
    at->q.e = e;
    at->f.frame = frame;
    for (int r = 0; r < node->binders; r++) {
        at->f.varying |= (uint64_t)1 << (node->slot + r);
        at->f.value[node->slot + r] = at->value[r];
    }
    e->failure = &ignored;
    if (collect(&all, at, node, frame, scene)) {
        keep = fp_alloc(all.count, sizeof *keep);
        mark(keep, &all, node->kind == FP_NODE_MAX_OVER);
    }
    e->failure = failure;
    e->evaluations = evaluations; /* those to come count; what is kept is small beside what was weighed */
    e->held = held;
    free(all.bound);
    free(at);
    return keep;
}
