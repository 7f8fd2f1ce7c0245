/* SPDX-License-Identifier: MIT */
/* Real expressions as jets of intervals with exact rational ends (interval.h): what is rational in numbers, parameters, constants, the variables of a box and the initial weights is exact, the rest is enclosed.
 * A slope by a variable of the box encloses the derivative wherever there is one, and of min, max, abs Clarke's gradients; where it is undefined nothing is known. An operand that is nowhere the larger one
 * (nowhere of one sign) drops out of a maximum (an absolute value) on the whole box, even if they touch. */
#include "eval_impl.h"
#include "sheet_impl.h"

static bool evaluate(fp_interval *out, const fp_sight *w, const fp_node *node, fp_frame *frame);

enum { STATIC_EXACT = 1 << 13 }; /* what is kept of expressions without variables */

/* ---- jets: [0] value, [1] slope if the scene's order is 1 */
static void jet_init(fp_interval *x)
{
    fp_interval_init(x);
    fp_interval_init(x + 1);
}

static void jet_clear(fp_interval *x)
{
    fp_interval_clear(x);
    fp_interval_clear(x + 1);
}

static void jet_set(fp_interval *out, const fp_interval *a, int order)
{
    for (int r = 0; r <= order; r++) fp_interval_set(out + r, a + r);
}

/* Steps are counted where the caller limits them. */
static bool take_steps(const fp_sight *w, long steps)
{
    if (w->left) *w->left -= steps;
    return !w->left || *w->left >= 0;
}

/* ---- leaves */
/* By balls: what has no rules here. */
static bool fall_back(fp_interval *out, const fp_sight *w, const fp_node *node, fp_frame *frame)
{
    arb_ptr x = _arb_vec_init(2);
    bool ok = fp_eval_real(x, w->e, node, frame, &w->scene);
    for (int r = 0; ok && r <= w->scene.order; r++) fp_interval_set_ball(out + r, x + r, &w->digits);
    _arb_vec_clear(x, 2);
    return ok;
}

static mpq_srcptr exact_parameter(const fp_eval *e, fp_base base)
{
    const fp_setting *s = e->problem->setting;
    switch (base) {
    case FP_BASE_PARAM_DELTA: return s ? s->delta : NULL;
    case FP_BASE_PARAM_CT1: return s ? s->CT1 : NULL;
    case FP_BASE_PARAM_MARGIN: return s ? s->margin : NULL;
    case FP_BASE_PARAM_POWER: return s ? s->power : NULL;
    case FP_BASE_PARAM_HORIZON: return s ? s->horizon : NULL;
    default: return NULL;
    }
}

static bool whole(fp_interval *out, const fp_sight *w, const fp_node *node, fp_frame *frame)
{
    long i;
    if (!fp_eval_integer(&i, w->e, node, frame, &w->scene)) return false;
    fp_interval_set_si(out, i);
    return true;
}

static void quotient(fp_interval *out, const arf_t value, long divisor)
{
    fmpq_t x, by;
    fmpq_init(x);
    fmpq_init(by);
    arf_get_fmpq(x, value);
    fmpq_set_si(by, divisor, 1);
    fmpq_div(x, x, by);
    fp_interval_set_point(out, x);
    fmpq_clear(x);
    fmpq_clear(by);
}

/* At the exact initial state; order 0. */
static bool of_weights(fp_interval *out, const fp_sight *w, const fp_node *node, fp_frame *frame)
{
    long index[4] = {0}, divisor;
    arf_t value;
    if (w->scene.order > 0 || !w->scene.source || !fp_source_is_exact(w->scene.source) || !fp_eval_indices(index, w->e, node, frame, &w->scene)) return false;
    if (!take_steps(w, w->e->problem->m)) return false;
    arf_init(value);
    bool exact = fp_source_exact(value, &divisor, w->scene.source, node->base, index);
    if (exact) quotient(out, value, divisor);
    arf_clear(value);
    return exact;
}

static bool base(fp_interval *out, const fp_sight *w, const fp_node *node, fp_frame *frame)
{
    mpq_srcptr parameter = exact_parameter(w->e, node->base);
    if (node->type == FP_TYPE_INT) return whole(out, w, node, frame);
    if (parameter)
        fp_interval_set_rational(out, parameter);
    else if (!of_weights(out, w, node, frame))
        return fall_back(out, w, node, frame);
    if (w->scene.order > 0) fp_interval_set_si(out + 1, 0);
    return true;
}

static bool constant(fp_interval *out, const fp_sight *w, const fp_node *node, fp_frame *frame)
{
    const fp_sheet *sheet = fp_eval_sheet_of(w->e, node);
    if (w->e->override == node->index || !sheet || node->index >= sheet->constants_count) return fall_back(out, w, node, frame);
    fp_interval_set_rational(out, sheet->constants[node->index].value);
    return true;
}

static bool variable(fp_interval *out, const fp_sight *w, const fp_node *node, fp_frame *frame)
{
    const fp_binding *b = &frame->slot[node->slot];
    if (b->node) return evaluate(out, w, b->node, b->frame);
    if (b->x && w->scene.order > 0) fp_interval_set_si(out + 1, w->e->box->axis == b->axis);
    if (b->x)
        fp_interval_set(out, &w->e->box->range[b->axis]);
    else
        fp_interval_set_si(out, b->i);
    return true;
}

static bool use(fp_interval *out, const fp_sight *w, const fp_node *node, fp_frame *frame)
{
    fp_frame callee;
    if (!fp_eval_enter(&callee, w->e, node, frame, &w->scene)) return false;
    bool ok = evaluate(out, w, node->definition->body, &callee);
    fp_eval_leave(w->e);
    return ok;
}

static bool elsewhere(fp_interval *out, const fp_sight *w, const fp_node *node, fp_frame *frame)
{
    fp_sight other = *w;
    return fp_eval_scene_at(&other.scene, w->e, node) && evaluate(out, &other, node->kids[0], frame);
}

/* ---- arithmetic. The operands of one node are seen in one frame, so equal expressions have equal values. */
static bool binary(fp_interval *out, const fp_sight *w, const fp_node *node, fp_frame *frame)
{
    fp_interval a[2], b[2];
    jet_init(a);
    jet_init(b);
    bool ok = evaluate(a, w, node->kids[0], frame) && evaluate(b, w, node->kids[1], frame);
    for (int r = 0; ok && r <= w->scene.order && (node->kind == FP_NODE_ADD || node->kind == FP_NODE_SUB); r++)
        (node->kind == FP_NODE_ADD ? fp_interval_add : fp_interval_sub)(out + r, a + r, b + r, &w->digits);
    bool same = ok && (node->kind == FP_NODE_SUB || node->kind == FP_NODE_MUL) && fp_node_equal(node->kids[0], node->kids[1]);
    for (int r = 0; same && node->kind == FP_NODE_SUB && a->defined && r <= w->scene.order; r++) fp_interval_set_si(out + r, 0);
    if (ok && node->kind == FP_NODE_MUL) fp_jet_multiply(out, a, b, same, w);
    if (ok && node->kind == FP_NODE_DIV) fp_jet_divide(out, a, b, w);
    if (ok && node->kind == FP_NODE_POW) fp_jet_power(out, a, b, w);
    jet_clear(a);
    jet_clear(b);
    return ok;
}

static void root(fp_interval *out, const fp_interval *a, const fp_sight *w)
{
    fp_interval half[2];
    jet_init(half);
    fmpq_set_si(half->low, 1, 2);
    fmpq_set_si(half->high, 1, 2);
    fp_jet_power(out, a, half, w);
    jet_clear(half);
}

static bool unary(fp_interval *out, const fp_sight *w, const fp_node *node, fp_frame *frame)
{
    fp_interval a[2];
    jet_init(a);
    int order = w->scene.order;
    bool ok = evaluate(a, w, node->kids[0], frame);
    if (ok && node->kind == FP_NODE_ABS) fp_jet_absolute(out, a, order);
    if (ok && node->kind == FP_NODE_SQRT) root(out, a, w);
    for (int r = 0; ok && node->kind == FP_NODE_NEG && r <= order; r++) fp_interval_neg(out + r, a + r);
    if (ok && node->kind == FP_NODE_LOG) {
        fp_interval_log(out, a, &w->digits);
        if (order > 0) fp_interval_div(out + 1, a + 1, a, &w->digits);
    }
    if (ok && node->kind == FP_NODE_EXP) {
        fp_interval_exp(out, a, &w->digits);
        if (order > 0) fp_interval_mul(out + 1, out, a + 1, &w->digits);
    }
    jet_clear(a);
    return ok;
}

/* ---- lists and loops: sums, and extremes */
typedef struct {
    fp_interval total[2];
    fp_node_kind kind;
    bool any;
} gathering;

static void gather(gathering *g, const fp_interval *x, const fp_sight *w)
{
    if (!g->any)
        jet_set(g->total, x, w->scene.order);
    else if (g->kind == FP_NODE_SUM)
        for (int r = 0; r <= w->scene.order; r++) fp_interval_add(g->total + r, g->total + r, x + r, &w->digits);
    else
        fp_jet_compete(g->total, x, g->kind == FP_NODE_MAX || g->kind == FP_NODE_MAX_OVER, w->scene.order);
    g->any = true;
}

static bool gather_list(gathering *g, const fp_sight *w, const fp_node *node, fp_frame *frame)
{
    fp_interval x[2];
    bool ok = true;
    jet_init(x);
    for (int r = 0; r < node->count && ok; r++) {
        ok = evaluate(x, w, node->kids[r], frame);
        if (ok) gather(g, x, w);
    }
    jet_clear(x);
    return ok;
}

static bool gather_loop(gathering *g, const fp_sight *w, const fp_node *node, fp_frame *frame)
{
    fp_loop loop;
    fp_interval x[2];
    bool ok = true;
    jet_init(x);
    fp_loop_begin(&loop, w->e, node, frame, &w->scene);
    while (ok && fp_loop_next(&loop)) {
        ok = evaluate(x, w, fp_loop_body(node), frame);
        if (ok) gather(g, x, w);
    }
    jet_clear(x);
    return ok && !loop.failed;
}

static bool many(fp_interval *out, const fp_sight *w, const fp_node *node, fp_frame *frame)
{
    gathering g = {.kind = node->kind};
    jet_init(g.total);
    bool listed = node->kind == FP_NODE_MIN || node->kind == FP_NODE_MAX;
    bool ok = listed ? gather_list(&g, w, node, frame) : gather_loop(&g, w, node, frame);
    ok = ok && (g.any || node->kind == FP_NODE_SUM); /* balls have said why */
    if (ok) jet_set(out, g.total, w->scene.order);
    jet_clear(g.total);
    return ok;
}

/* Products of vectors at the exact initial state. */
static bool product_of_vectors(fp_interval *out, const fp_sight *w, const fp_node *node, fp_frame *frame)
{
    fp_vector a = {0}, b = {0};
    bool square = node->kind != FP_NODE_DOT, exact = w->scene.order == 0 && w->scene.source && fp_source_is_exact(w->scene.source);
    arf_t value;
    arf_init(value);
    exact = exact && take_steps(w, w->e->problem->m) && fp_eval_vector(&a, w->e, node->kids[0], frame, &w->scene) &&
            (square || fp_eval_vector(&b, w->e, node->kids[1], frame, &w->scene));
    const fp_vector *right = square ? &a : &b;
    exact = exact && fp_exact_dot(value, a.x, right->x, a.rows < right->rows ? a.rows : right->rows);
    if (exact) quotient(out, value, 1);
    fp_vector_clear(&a);
    fp_vector_clear(&b);
    arf_clear(value);
    if (exact && node->kind == FP_NODE_NORM) fp_interval_sqrt(out, out, &w->digits);
    return exact || fall_back(out, w, node, frame);
}

static bool compute(fp_interval *out, const fp_sight *w, const fp_node *node, fp_frame *frame)
{
    switch (node->kind) {
    case FP_NODE_NUMBER: fp_interval_set_rational(out, node->number); return true;
    case FP_NODE_BASE: return base(out, w, node, frame);
    case FP_NODE_VARIABLE: return variable(out, w, node, frame);
    case FP_NODE_CONSTANT: return constant(out, w, node, frame);
    case FP_NODE_USE: return use(out, w, node, frame);
    case FP_NODE_ADD:
    case FP_NODE_SUB:
    case FP_NODE_MUL:
    case FP_NODE_DIV:
    case FP_NODE_POW: return binary(out, w, node, frame);
    case FP_NODE_NEG:
    case FP_NODE_ABS:
    case FP_NODE_SQRT:
    case FP_NODE_LOG:
    case FP_NODE_EXP: return unary(out, w, node, frame);
    case FP_NODE_MIN:
    case FP_NODE_MAX:
    case FP_NODE_SUM:
    case FP_NODE_MIN_OVER:
    case FP_NODE_MAX_OVER: return many(out, w, node, frame);
    case FP_NODE_COUNT_OVER: return whole(out, w, node, frame);
    case FP_NODE_DOT:
    case FP_NODE_SQNORM:
    case FP_NODE_NORM: return product_of_vectors(out, w, node, frame);
    case FP_NODE_INIT: return elsewhere(out, w, node, frame);
    default: return fall_back(out, w, node, frame);
    }
}

/* Expressions without variables and constants are kept. */
static bool kept(fp_interval *out, const fp_sight *w, const fp_node *node, fp_frame *frame)
{
    if (!fp_eval_info(w->e, node)->has_interval) {
        fp_interval x;
        fp_sight sharp = *w;
        sharp.digits = (fp_digits){.exact = STATIC_EXACT, .prec = w->e->prec};
        fp_interval_init(&x);
        if (!compute(&x, &sharp, node, frame)) {
            fp_interval_clear(&x);
            return false;
        }
        fp_node_info *info = fp_eval_info(w->e, node); /* may have moved */
        info->interval = x;
        info->has_interval = true;
    }
    fp_interval_set(out, &fp_eval_info(w->e, node)->interval);
    return true;
}

static bool is_kept(const fp_sight *w, const fp_node *node)
{
    bool leaf = node->kind == FP_NODE_NUMBER || node->kind == FP_NODE_BASE || node->kind == FP_NODE_VARIABLE || node->kind == FP_NODE_CONSTANT;
    return !leaf && node->is_static && !node->has_constant && fp_eval_free_slots(w->e, node) == 0;
}

static bool evaluate(fp_interval *out, const fp_sight *w, const fp_node *node, fp_frame *frame)
{
    fp_sight value = *w;
    if (!take_steps(w, 1)) return false;
    if (w->scene.order > 0 && (node->kind == FP_NODE_AT || fp_eval_is_settled(w->e, node, frame))) {
        fp_interval_set_si(out + 1, 0);
        value.scene.order = 0;
    }
    bool ok = is_kept(w, node) ? kept(out, &value, node, frame) : compute(out, &value, node, frame);
    if (ok && w->scene.order > 0 && !out->defined) fp_interval_undefine(out + 1); /* what may have no value does not rise or fall */
    return ok;
}

bool fp_eval_interval(fp_interval *out, const fp_sight *w, const fp_node *node, fp_frame *frame)
{
    return evaluate(out, w, node, frame);
}
