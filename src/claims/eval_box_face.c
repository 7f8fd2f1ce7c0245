/* SPDX-License-Identifier: MIT */
/* One comparison over a box of reals, or at a point of it, in intervals with exact ends (eval_interval.c), where balls leave it open. At a point they may decide it even if the sides are equal. Over a box the
 * slopes of the margin are enclosed too: where it rises (falls) weakly in a variable, its least value over the box is found with that variable at its lower (upper) end, whatever the others are; so
 * variables are put to ends one after another, and slopes enclosed anew on the face that is left, until none has a sign (continuous functions with finitely many kinks and vertical tangents on a line: these
 * expressions are piecewise analytic). In the others the mean value form m(centre) + sum of m'(face) (x - centre) encloses it too: slopes of max, min, abs are hulls of Clarke's gradient
 * (Moore, Kearfott, Cloud, Introduction to Interval Analysis, 2009, sec. 6.4; Lebourg). What holds on the whole box needs no `where`: a condition only leaves points out. */
#include "eval_impl.h"

#include <math.h>

static const fp_digits over_boxes = {.exact = 512, .prec = 128}, at_points = {.exact = 1 << 13, .prec = 256};

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
    fp_interval slope[6], on_box[6], whole[6]; /* of the margin by each variable, on the face and on the box; the box itself */
} face;

static void face_init(face *f, const fp_box *box)
{
    for (int r = 0; r < box->count; r++) {
        fp_interval_init(&f->slope[r]);
        fp_interval_init(&f->on_box[r]);
        fp_interval_init(&f->whole[r]);
        fp_interval_set(&f->whole[r], &box->range[r]);
    }
}

static void face_clear(face *f, const fp_box *box)
{
    for (int r = 0; r < box->count; r++) {
        fp_interval_clear(&f->slope[r]);
        fp_interval_clear(&f->on_box[r]);
        fp_interval_clear(&f->whole[r]);
    }
}

void fp_box_put(fp_box *box, int r, const fp_interval *range, slong prec)
{
    fp_interval_set(&box->range[r], range);
    fp_interval_get_ball(&box->x[r], range, prec);
}

static void back_to_whole(const sides *s, face *f)
{
    for (int r = 0; r < s->e->box->count; r++) {
        fp_box_put(s->e->box, r, &f->whole[r], s->e->prec);
        fp_interval_set(&f->slope[r], &f->on_box[r]);
    }
}

/* By those variables that are not at a point. */
static void slopes(face *f, const sides *s)
{
    fp_box *box = s->e->box;
    fp_interval jet[2];
    fp_interval_init(jet);
    fp_interval_init(jet + 1);
    for (int r = 0; r < box->count; r++) {
        box->axis = r;
        if (fp_interval_is_point(&box->range[r]))
            continue;
        if (margin_here(jet, s, 1, &over_boxes))
            fp_interval_set(&f->slope[r], jet + 1);
        else
            fp_interval_undefine(&f->slope[r]);
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

/* f: the slopes over the whole box; at the end those over the face. False: all variables are at ends. */
static bool go_to_face(const sides *s, face *f, int sign)
{
    const fp_box *box = s->e->box;
    for (bool any = true; any;) {
        bool free = false;
        any = false;
        for (int r = 0; r < box->count; r++) any |= put_to_end(s, f, r, sign);
        for (int r = 0; r < box->count; r++) free |= !fp_interval_is_point(&box->range[r]);
        if (!free) return false;
        if (any) slopes(f, s);
    }
    return true;
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

/* Encloses the margin over that face of the box where it is least (greatest: sign -1) by monotony; the variables are left at a point of the face. */
static bool on_face(fp_interval *out, const sides *s, face *f, int sign)
{
    fp_interval rest, centre;
    if (!go_to_face(s, f, sign)) return margin_here(out, s, 0, &at_points);
    if (!margin_here(out, s, 0, &over_boxes)) return false;
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

/* TRUE if the margin is large enough where it is least, FALSE if it is too small where it is greatest. */
static fp_truth between_faces(const sides *s, face *f)
{
    fp_truth truth = FP_UNKNOWN;
    fp_interval margin;
    fp_interval_init(&margin);
    slopes(f, s);
    for (int r = 0; r < s->e->box->count; r++) fp_interval_set(&f->on_box[r], &f->slope[r]);
    note_smear(s->e->box, f);
    if (on_face(&margin, s, f, 1) && fp_eval_relation(s->node->op, &margin) == FP_TRUE)
        truth = FP_TRUE;
    else
        note_suspect(s->e->box);
    back_to_whole(s, f);
    if (truth == FP_UNKNOWN) {
        if (on_face(&margin, s, f, -1) && fp_eval_relation(s->node->op, &margin) == FP_FALSE) truth = FP_FALSE;
        back_to_whole(s, f);
    }
    fp_interval_clear(&margin);
    return truth;
}

bool fp_box_is_point(const fp_box *box)
{
    for (int r = 0; r < box->count; r++)
        if (!fp_interval_is_point(&box->range[r])) return false;
    return true;
}

/* What the ends say of a margin; if they leave it open what its faces say. An identity is never shown over a box. */
static fp_truth decide(fp_interval *margin, const sides *s, bool sharpen)
{
    face f;
    bool point = fp_box_is_point(s->e->box);
    fp_truth truth = margin_here(margin, s, 0, point ? &at_points : &over_boxes) ? fp_eval_relation(s->node->op, margin) : FP_UNKNOWN;
    if (point || truth != FP_UNKNOWN || !sharpen || s->node->op == FP_IDENTITY) return truth;
    face_init(&f, s->e->box);
    truth = between_faces(s, &f);
    face_clear(&f, s->e->box);
    return truth;
}

fp_truth fp_box_decide(fp_interval *margin, fp_eval *e, const fp_node *node, fp_frame *frame, bool sharpen)
{
    const sides s = {e, node, frame};
    return decide(margin, &s, sharpen);
}
