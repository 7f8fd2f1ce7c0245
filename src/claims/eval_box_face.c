/* SPDX-License-Identifier: MIT */
/* One comparison over a box of reals, or at a point of it, in intervals with exact ends (eval_interval.c), where balls leave it open. At a point they may decide it even if the sides are equal. Over a box the
 * slopes of the margin are enclosed too: where it rises (falls) weakly in a variable, its least value over the box is found with that variable at its lower (upper) end, whatever the others are; so
 * variables are put to ends one after another, and slopes enclosed anew on the face that is left, until none has a sign (continuous functions with finitely many kinks and vertical tangents on a line: these
 * expressions are piecewise analytic). In the others the mean value form m(centre) + sum of m'(face) (x - centre) encloses it too: slopes of max, min, abs are hulls of Clarke's gradient
 * (Moore, Kearfott, Cloud, Introduction to Interval Analysis, 2009, sec. 6.4; Lebourg). What holds on the whole box needs no `where`: a condition only leaves points out. */
#include "eval_impl.h"

#include <math.h>

static const fp_digits over_boxes = {.exact = 256, .prec = 64}, at_points = {.exact = 1 << 13, .prec = 256};

typedef struct {
    fp_eval *e;
    const fp_node *node;
    fp_frame *frame;
} sides;

static bool is_upper(const fp_node *node) /* the margin is rhs - lhs */
{
    return node->op == FP_LE || node->op == FP_LT;
}

/* margin[0..order] */
static bool margin_here(fp_interval *margin, const sides *s, int order, const fp_digits *digits)
{
    fp_interval less[2];
    fp_sight w = {.e = s->e, .scene = fp_eval_scene(s->e), .digits = *digits};
    bool upper = is_upper(s->node);
    w.scene.order = order;
    fp_interval_init(less);
    fp_interval_init(less + 1);
    bool ok = fp_eval_interval(margin, &w, s->node->kids[upper], s->frame) && fp_eval_interval(less, &w, s->node->kids[!upper], s->frame);
    for (int r = 0; ok && r <= order; r++) fp_interval_sub(margin + r, margin + r, less + r, digits);
    fp_interval_clear(less);
    fp_interval_clear(less + 1);
    return ok;
}

/* ---- slopes and faces */
typedef struct {
    fp_interval slope[6], whole[6]; /* of the margin by each variable; the box itself */
} face;

static void face_init(face *f, const fp_box *box)
{
    for (int r = 0; r < box->count; r++) {
        fp_interval_init(&f->slope[r]);
        fp_interval_init(&f->whole[r]);
        fp_interval_set(&f->whole[r], &box->range[r]);
    }
}

static void face_clear(face *f, const fp_box *box)
{
    for (int r = 0; r < box->count; r++) {
        fp_interval_clear(&f->slope[r]);
        fp_interval_clear(&f->whole[r]);
    }
}

void fp_box_put(fp_box *box, int r, const fp_interval *range, slong prec)
{
    fp_interval_set(&box->range[r], range);
    fp_interval_get_ball(&box->x[r], range, prec);
}

static void back_to_whole(const sides *s, const face *f)
{
    for (int r = 0; r < s->e->box->count; r++) fp_box_put(s->e->box, r, &f->whole[r], s->e->prec);
}

/* By those variables that are not at a point; margin: over the face. */
static void slopes(face *f, fp_interval *margin, const sides *s)
{
    fp_box *box = s->e->box;
    fp_interval jet[2];
    fp_interval_init(jet);
    fp_interval_init(jet + 1);
    fp_interval_undefine(margin);
    for (int r = 0; r < box->count; r++) {
        if (fp_interval_is_point(&box->range[r])) continue;
        box->axis = r;
        if (!margin_here(jet, s, 1, &over_boxes)) fp_interval_undefine(jet), fp_interval_undefine(jet + 1);
        fp_interval_set(&f->slope[r], jet + 1);
        fp_interval_set(margin, jet);
    }
    box->axis = -1;
    fp_interval_clear(jet);
    fp_interval_clear(jet + 1);
}

static double end_size(const fmpq_t end, bool infinite)
{
    return infinite ? HUGE_VAL : fabs(fmpq_get_d(end));
}

/* A guide, not a claim: doubles do. */
static void note_smear(fp_box *box, const face *f)
{
    for (int r = 0; r < box->count; r++) {
        const fp_interval *slope = &f->slope[r], *x = &box->range[r];
        if (slope->defined)
            box->smear[r] += fmax(end_size(slope->low, slope->low_infinite), end_size(slope->high, slope->high_infinite)) * (fmpq_get_d(x->high) - fmpq_get_d(x->low));
    }
}

/* Puts variable r to the end where the margin is least (greatest: sign -1), if it is monotone in it. */
static bool put_to_end(const sides *s, const face *f, int r, int sign)
{
    fp_box *box = s->e->box;
    fp_interval end;
    bool rises = fp_interval_is_nonnegative(&f->slope[r]) == FP_TRUE, falls = fp_interval_is_positive(&f->slope[r]) == FP_FALSE;
    if (fp_interval_is_point(&box->range[r]) || (!rises && !falls)) return false;
    fp_interval_init(&end);
    fp_interval_set_point(&end, rises == (sign > 0) ? box->range[r].low : box->range[r].high);
    fp_box_put(box, r, &end, s->e->prec);
    fp_interval_clear(&end);
    return true;
}

/* f, margin: over the box; at the end over the face. False: all variables are at ends, and margin is not that there. */
static bool go_to_face(fp_interval *margin, const sides *s, face *f, int sign)
{
    const fp_box *box = s->e->box;
    for (bool any = true; any;) {
        any = false;
        for (int r = 0; r < box->count; r++) any |= put_to_end(s, f, r, sign);
        if (fp_box_is_point(box)) return false;
        if (any) slopes(f, margin, s);
    }
    return true;
}

void fp_box_middle(fmpq_t out, const fmpq_t low, const fmpq_t high)
{
    fmpq_t left, right, eighth;
    fmpq_init(left);
    fmpq_init(right);
    fmpq_init(eighth);
    fmpq_add(left, low, high);
    fmpq_div_2exp(left, left, 1);
    fmpq_sub(eighth, high, low);
    fmpq_div_2exp(eighth, eighth, 3);
    fmpq_add(right, left, eighth);
    fmpq_sub(left, left, eighth);
    fmpq_simplest_between(out, left, right);
    fmpq_clear(left);
    fmpq_clear(right);
    fmpq_clear(eighth);
}

/* sum of slope (x - centre), whose variables are put to the centres. */
static void to_centres(fp_interval *rest, const sides *s, const face *f)
{
    fp_box *box = s->e->box;
    fp_interval centre, part;
    fp_interval_init(&centre);
    fp_interval_init(&part);
    fp_interval_set_si(rest, 0);
    for (int r = 0; r < box->count; r++) {
        if (fp_interval_is_point(&box->range[r])) continue;
        fp_box_middle(centre.low, box->range[r].low, box->range[r].high);
        fp_interval_set_point(&centre, centre.low);
        fp_interval_sub(&part, &box->range[r], &centre, &over_boxes);
        fp_interval_mul(&part, &part, &f->slope[r], &over_boxes);
        fp_interval_add(rest, rest, &part, &over_boxes);
        fp_box_put(box, r, &centre, s->e->prec);
    }
    fp_interval_clear(&centre);
    fp_interval_clear(&part);
}

/* out: the margin over the box, f its slopes; at the end the margin over that face of the box where it is least (greatest: sign -1) by monotony. The variables are left at a point of the face. */
static bool on_face(fp_interval *out, const sides *s, face *f, int sign)
{
    fp_interval rest, centre;
    if (!go_to_face(out, s, f, sign)) return margin_here(out, s, 0, &at_points);
    fp_interval_init(&rest);
    fp_interval_init(&centre);
    to_centres(&rest, s, f);
    if (out->defined && margin_here(&centre, s, 0, &over_boxes)) {
        fp_interval_add(&centre, &centre, &rest, &over_boxes);
        if (centre.defined) fp_interval_meet(out, out, &centre);
    }
    fp_interval_clear(&rest);
    fp_interval_clear(&centre);
    return true;
}

/* A point where the margin is least, or may be: it is worth a look. */
static void note_suspect(fp_box *box)
{
    for (int r = 0; r < box->count; r++) fmpq_set(box->suspect[r], box->range[r].low);
    box->suspected = true;
}

/* margin: over the box, f its slopes. TRUE if it is large enough where it is least, FALSE if it is too small where it is greatest. */
static fp_truth on_worst_face(fp_interval *margin, const sides *s, face *f, fp_truth wanted)
{
    note_smear(s->e->box, f);
    bool shown = on_face(margin, s, f, wanted == FP_TRUE ? 1 : -1) && fp_eval_relation(s->node->op, margin) == wanted;
    if (!shown && wanted == FP_TRUE) note_suspect(s->e->box);
    back_to_whole(s, f);
    return shown ? wanted : FP_UNKNOWN;
}

bool fp_box_is_point(const fp_box *box)
{
    for (int r = 0; r < box->count; r++)
        if (!fp_interval_is_point(&box->range[r])) return false;
    return true;
}

/* An identity is never shown by slopes. */
static fp_truth over_box(fp_interval *margin, const sides *s, fp_truth wanted)
{
    face f;
    face_init(&f, s->e->box);
    slopes(&f, margin, s);
    fp_truth truth = fp_eval_relation(s->node->op, margin);
    if (truth == FP_UNKNOWN && s->node->op != FP_IDENTITY) truth = on_worst_face(margin, s, &f, wanted);
    face_clear(&f, s->e->box);
    return truth;
}

fp_truth fp_box_decide(fp_interval *margin, fp_eval *e, const fp_node *node, fp_frame *frame, fp_truth wanted)
{
    const sides s = {e, node, frame};
    bool point = fp_box_is_point(e->box);
    if (!point && wanted != FP_UNKNOWN) return over_box(margin, &s, wanted);
    return margin_here(margin, &s, 0, point ? &at_points : &over_boxes) ? fp_eval_relation(node->op, margin) : FP_UNKNOWN;
}
