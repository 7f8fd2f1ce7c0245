/* SPDX-License-Identifier: MIT */
/* A proposition over a box of reals, in balls. A comparison that its balls leave open is looked at again through its derivatives (Lipschitz functions suffice: those of
 * max, min, abs are hulls of Clarke's gradient, for which the mean value theorem holds): where the margin is monotone in a variable over the box, its least value is found with that variable at one
 * end; in the others the mean value form m(centre) + sum of m'(box) (x - centre) encloses it too (Moore, Kearfott, Cloud, Introduction to Interval Analysis, 2009, sec. 6.4). */
#include "eval_impl.h"

#include <math.h>

void fp_box_part_init(fp_box_part *part)
{
    part->truth = FP_UNKNOWN;
    arb_init(&part->margin);
    arb_init(&part->scale);
}

void fp_box_part_clear(fp_box_part *part)
{
    arb_clear(&part->margin);
    arb_clear(&part->scale);
}

/* ---- one comparison */
typedef struct {
    fp_eval *e;
    const fp_node *node;
    fp_frame *frame;
} sides;

static void jets_init(arb_ptr x, int count)
{
    for (int r = 0; r < count; r++)
        arb_init(x + r);
}

static void jets_clear(arb_ptr x, int count)
{
    for (int r = 0; r < count; r++)
        arb_clear(x + r);
}

/* margin[0..order], and the larger side if scale is not NULL */
static bool margin_here(arb_ptr margin, arb_ptr scale, const sides *s, int order)
{
    arb_struct x[4], *small = x, *large = x + 2;
    fp_scene scene = fp_eval_scene(s->e);
    bool upper = s->node->op == FP_LE || s->node->op == FP_LT;
    scene.order = order;
    jets_init(x, 4);
    bool ok = fp_eval_real(small, s->e, s->node->kids[!upper], s->frame, &scene) &&
              fp_eval_real(large, s->e, s->node->kids[upper], s->frame, &scene);
    for (int r = 0; ok && r <= order; r++)
        arb_sub(margin + r, large + r, small + r, s->e->prec);
    if (ok && scale) {
        arb_abs(small, small);
        arb_abs(large, large);
        if (arb_is_finite(small) && arb_is_finite(large))
            arb_max(scale, small, large, s->e->prec);
        else
            arb_indeterminate(scale);
    }
    jets_clear(x, 4);
    return ok;
}

static fp_truth relation(fp_compare op, const arb_t margin)
{
    switch (op) {
    case FP_LE:
    case FP_GE: return fp_ball_is_nonnegative(margin);
    case FP_LT:
    case FP_GT: return fp_ball_is_positive(margin);
    default: return arb_is_finite(margin) && !arb_contains_zero(margin) ? FP_FALSE : FP_UNKNOWN;
    }
}

/* slope[r] = derivative by variable r over the box; false if none is known. */
static bool slopes(arb_ptr slope, const sides *s)
{
    fp_box *box = s->e->box;
    arb_struct jet[2];
    bool any = false;
    jets_init(jet, 2);
    for (int r = 0; r < box->count; r++) {
        box->axis = r;
        arb_indeterminate(slope + r);
        if (!arb_is_exact(&box->x[r]) && margin_here(jet, NULL, s, 1))
            arb_set(slope + r, jet + 1);
        any |= arb_is_finite(slope + r);
    }
    box->axis = -1;
    jets_clear(jet, 2);
    return any;
}

static void note_smear(fp_box *box, arb_srcptr slope)
{
    mag_t size;
    mag_init(size);
    for (int r = 0; r < box->count; r++) {
        if (arb_is_exact(&box->x[r]))
            continue;
        arb_get_mag(size, slope + r);
        mag_mul(size, size, arb_radref(&box->x[r]));
        box->smear[r] += mag_get_d(size);
    }
    mag_clear(size);
}

/* The margin over that face of the box where it is least (greatest: sign -1) by monotony. */
static bool on_face(arb_t out, const sides *s, arb_srcptr slope, int sign)
{
    fp_box *box = s->e->box;
    arb_struct jet[2], rest;
    jets_init(jet, 2);
    arb_init(&rest);
    for (int r = 0; r < box->count; r++)
        if (arb_is_nonnegative(slope + r) || arb_is_nonpositive(slope + r))
            arb_set_arf(&box->x[r], arb_is_nonnegative(slope + r) == (sign > 0) ? &box->low[r] : &box->high[r]);
    bool ok = margin_here(jet, NULL, s, 0);
    if (ok)
        arb_set(out, jet);
    for (int r = 0; ok && r < box->count; r++) { /* the mean value form, centre and rest */
        if (arb_is_exact(&box->x[r]))
            continue;
        arb_sub_arf(jet + 1, &box->x[r], arb_midref(&box->x[r]), s->e->prec);
        arb_addmul(&rest, jet + 1, slope + r, s->e->prec);
        mag_zero(arb_radref(&box->x[r]));
    }
    if (ok && margin_here(jet, NULL, s, 0)) {
        arb_add(jet, jet, &rest, s->e->prec);
        if (arb_is_finite(jet) && (!arb_is_finite(out) || !arb_intersection(out, out, jet, s->e->prec)))
            arb_set(out, jet);
    }
    jets_clear(jet, 2);
    arb_clear(&rest);
    return ok && arb_is_finite(out);
}

static void save(arb_ptr to, arb_srcptr from, int count)
{
    for (int r = 0; r < count; r++)
        arb_set(to + r, from + r);
}

/* TRUE if the margin is large enough where it is least, FALSE if it is too small where it is greatest. */
static fp_truth between_faces(const sides *s, arb_srcptr slope, arb_srcptr whole)
{
    fp_box *box = s->e->box;
    fp_truth truth = FP_UNKNOWN;
    arb_t margin;
    arb_init(margin);
    if (on_face(margin, s, slope, 1) && relation(s->node->op, margin) == FP_TRUE)
        truth = FP_TRUE;
    save(box->x, whole, box->count);
    if (truth == FP_UNKNOWN && on_face(margin, s, slope, -1) && relation(s->node->op, margin) == FP_FALSE)
        truth = FP_FALSE;
    save(box->x, whole, box->count);
    arb_clear(margin);
    return truth;
}

/* What fails here shows nothing. */
static fp_truth look_again(const sides *s)
{
    fp_truth truth = FP_UNKNOWN;
    fp_eval *e = s->e;
    fp_box *box = e->box;
    arb_struct slope[6], whole[6];
    fp_eval_failure ignored = {0}, *failure = e->failure;
    e->failure = &ignored;
    jets_init(slope, 6);
    jets_init(whole, 6);
    save(whole, box->x, box->count);
    if (slopes(slope, s)) {
        note_smear(box, slope);
        truth = between_faces(s, slope, whole);
    }
    jets_clear(slope, 6);
    jets_clear(whole, 6);
    e->failure = failure;
    return truth;
}

static bool compare_integers(fp_box_part *out, fp_eval *e, const fp_node *node, fp_frame *frame)
{
    fp_scene scene = fp_eval_scene(e);
    if (!fp_eval_truth(&out->truth, e, node, frame, &scene))
        return false;
    arb_set_si(&out->margin, out->truth == FP_TRUE ? 1 : -1);
    arb_one(&out->scale);
    return true;
}

static bool compare(fp_box_part *out, fp_eval *e, const fp_node *node, fp_frame *frame, bool sharpen)
{
    sides s = {e, node, frame};
    if (node->op == FP_EQ || node->op == FP_NE)
        return compare_integers(out, e, node, frame);
    if (!margin_here(&out->margin, &out->scale, &s, 0))
        return false;
    out->truth = relation(node->op, &out->margin);
    if (sharpen && out->truth == FP_UNKNOWN && node->op != FP_IDENTITY)
        out->truth = look_again(&s);
    return true;
}

/* ---- connectives: the margin of a conjunction is the least of its parts', that of an alternative the greatest */
static void extreme(arb_ptr out, arb_srcptr other, bool least, slong prec)
{
    if (!arb_is_finite(out) || !arb_is_finite(other))
        arb_indeterminate(out);
    else if (least)
        arb_min(out, out, other, prec);
    else
        arb_max(out, out, other, prec);
}

static void join(fp_box_part *out, const fp_box_part *other, bool all, slong prec)
{
    if ((all ? fp_ball_lt(&other->margin, &out->margin) : fp_ball_lt(&out->margin, &other->margin)) == FP_TRUE)
        arb_set(&out->scale, &other->scale);
    extreme(&out->margin, &other->margin, all, prec);
    out->truth = all ? fp_truth_and(out->truth, other->truth) : fp_truth_or(out->truth, other->truth);
}

static bool pair(fp_box_part *out, fp_eval *e, const fp_node *node, fp_frame *frame, bool sharpen)
{
    fp_box_part right;
    bool all = node->kind == FP_NODE_AND;
    if (!fp_box_walk(out, e, node->kids[0], frame, sharpen))
        return false;
    if (node->kind == FP_NODE_IMPLIES) {
        e->box->premises += !sharpen; /* counted at points */
        e->box->premises_true += !sharpen && out->truth == FP_TRUE;
        out->truth = fp_truth_not(out->truth);
        arb_neg(&out->margin, &out->margin);
    }
    if (out->truth == (all ? FP_FALSE : FP_TRUE)) /* the rest need not make sense */
        return true;
    fp_box_part_init(&right);
    bool ok = fp_box_walk(&right, e, node->kids[1], frame, sharpen);
    if (ok)
        join(out, &right, all, e->prec);
    fp_box_part_clear(&right);
    return ok;
}

static bool quantifier(fp_box_part *out, fp_eval *e, const fp_node *node, fp_frame *frame, bool sharpen)
{
    fp_loop loop;
    fp_box_part part;
    fp_scene scene = fp_eval_scene(e);
    bool ok = true, any = false, all = node->kind == FP_NODE_FORALL;
    fp_box_part_init(&part);
    fp_loop_begin(&loop, e, node, frame, &scene);
    while (ok && fp_loop_next(&loop)) {
        ok = fp_box_walk(any ? &part : out, e, fp_loop_body(node), frame, sharpen);
        if (ok && any)
            join(out, &part, all, e->prec);
        any = true;
    }
    fp_box_part_clear(&part);
    if (!ok || loop.failed)
        return false;
    return any || fp_eval_fail_empty(e, node);
}

static bool use(fp_box_part *out, fp_eval *e, const fp_node *node, fp_frame *frame, bool sharpen)
{
    fp_frame callee;
    fp_scene scene = fp_eval_scene(e);
    if (!fp_eval_enter(&callee, e, node, frame, &scene))
        return false;
    bool ok = fp_box_walk(out, e, node->definition->body, &callee, sharpen);
    fp_eval_leave(e);
    return ok;
}

bool fp_box_walk(fp_box_part *out, fp_eval *e, const fp_node *node, fp_frame *frame, bool sharpen)
{
    switch (node->kind) {
    case FP_NODE_COMPARE: return compare(out, e, node, frame, sharpen);
    case FP_NODE_NOT:
        if (!fp_box_walk(out, e, node->kids[0], frame, sharpen))
            return false;
        out->truth = fp_truth_not(out->truth);
        arb_neg(&out->margin, &out->margin);
        return true;
    case FP_NODE_AND:
    case FP_NODE_OR:
    case FP_NODE_IMPLIES: return pair(out, e, node, frame, sharpen);
    case FP_NODE_FORALL:
    case FP_NODE_EXISTS: return quantifier(out, e, node, frame, sharpen);
    case FP_NODE_USE: return use(out, e, node, frame, sharpen);
    default: return fp_eval_fail(e, "domain", node->place, "a proposition is wanted here");
    }
}
