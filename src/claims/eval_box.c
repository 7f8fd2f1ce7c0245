/* SPDX-License-Identifier: MIT */
/* `for all real x in [a, b], .. where C: P` by bisection: boxes are examined first come, first served, so that a counterexample is met wherever it lies. At a point that satisfies C a false P refutes: the corners
 * of the whole, the middle of each box, and where an open comparison is at its worst on a box. A box is done if P holds on all of it or C on none of it; else it is halved across the variable along which its
 * open comparisons vary most. All ends are rational, and halves meet at the simplest number near the middle: sides often touch at such a number, and where one is an end that is seen. */
#include "eval_impl.h"

#include <stdlib.h>
#include <string.h>

enum { BOXES_MOST = 1 << 15, WIDE_MOST = 1 << 10, SHOWN_DIGITS = 15, FRACTION_LONGEST = 16 };


typedef struct {
    fmpq_t low[6], high[6];
} box_ends;

typedef struct {
    fp_eval *e;
    const fp_node *node;
    fp_frame *frame;
    fp_box box;
    fp_interval end[2][6]; /* of the intervals */
    box_ends *queue;
    size_t first, count, room;
    fp_leaf *leaf;
    bool sampled; /* leaf->margin is that of some centre */
} bisection;

static const fp_node *condition(const bisection *b)
{
    return b->node->kids[b->node->binders];
}

/* ---- boxes */
static box_ends *push(bisection *b)
{
    if (b->count == b->room) {
        b->room = b->room ? 2 * b->room : 64;
        b->queue = fp_realloc(b->queue, b->room, sizeof *b->queue);
    }
    box_ends *x = &b->queue[b->count++];
    for (int r = 0; r < 6; r++) {
        fmpq_init(x->low[r]);
        fmpq_init(x->high[r]);
    }
    return x;
}

static void ends_clear(box_ends *x)
{
    for (int r = 0; r < 6; r++) {
        fmpq_clear(x->low[r]);
        fmpq_clear(x->high[r]);
    }
}

/* A box that contains the one meant: the ends may be no rational numbers. */
static bool enclose_intervals(bisection *b)
{
    fp_eval *e = b->e;
    fp_sight w = {.e = e, .scene = fp_eval_scene(e), .digits = {.exact = 4 * e->prec, .prec = e->prec}};
    box_ends *x = push(b);
    for (int r = 0; r < b->box.count; r++) {
        const fp_node *set = b->node->kids[r];
        fp_interval *low = &b->end[0][r], *high = &b->end[1][r];
        if (!fp_eval_interval(low, &w, set->kids[0], b->frame) || !fp_eval_interval(high, &w, set->kids[1], b->frame))
            return false;
        if (!fp_interval_is_finite(low) || !fp_interval_is_finite(high))
            return fp_eval_fail(e, "domain", set->place, "an end of this interval is not a number");
        if (fmpq_cmp(low->high, high->low) >= 0)
            return fp_eval_fail(e, "empty-set", set->place, "the interval is empty or a single number on this instance");
        fmpq_set(x->low[r], low->low);
        fmpq_set(x->high[r], high->high);
    }
    return true;
}

static void bind(bisection *b)
{
    for (int r = 0; r < b->box.count; r++)
        b->frame->slot[b->node->slot + r] = (fp_binding){.x = &b->box.x[r], .axis = r};
}

static void to_box(bisection *b, const box_ends *x)
{
    fp_interval range;
    fp_interval_init(&range);
    for (int r = 0; r < b->box.count; r++) {
        fmpq_set(range.low, x->low[r]);
        fmpq_set(range.high, x->high[r]);
        fp_box_put(&b->box, r, &range, b->e->prec);
        b->box.smear[r] = 0;
    }
    b->box.suspected = false;
    fp_interval_clear(&range);
}

/* Puts a variable to a number; false if that is not for certain inside the interval meant. */
static bool put_point(bisection *b, int r, const fmpq_t at)
{
    fp_interval point;
    fp_interval_init(&point);
    fp_interval_set_point(&point, at);
    fp_box_put(&b->box, r, &point, b->e->prec);
    bool inside = fp_interval_all_le(&b->end[0][r], &point) && fp_interval_all_le(&point, &b->end[1][r]);
    fp_interval_clear(&point);
    return inside;
}

static bool to_centre(bisection *b, const box_ends *x)
{
    fmpq_t middle;
    bool inside = true;
    fmpq_init(middle);
    for (int r = 0; r < b->box.count; r++) {
        fp_box_middle(middle, x->low[r], x->high[r]);
        inside = put_point(b, r, middle) && inside;
    }
    fmpq_clear(middle);
    return inside;
}

static bool to_corner(bisection *b, const box_ends *x, unsigned corner)
{
    bool inside = true;
    for (int r = 0; r < b->box.count; r++) inside = put_point(b, r, corner >> r & 1 ? x->high[r] : x->low[r]) && inside;
    return inside;
}

static bool to_suspect(bisection *b)
{
    bool inside = b->box.suspected;
    for (int r = 0; inside && r < b->box.count; r++) inside = put_point(b, r, b->box.suspect[r]);
    return inside;
}

/* ---- what is reported */
/* A decimal where that is exact or the fraction is long. */
static int tell_number(char *out, size_t room, const fmpq_t x)
{
    char *fraction = fmpq_get_str(NULL, 10, x);
    bool dyadic = fmpz_val2(fmpq_denref(x)) + 1 == fmpz_bits(fmpq_denref(x));
    int n = dyadic || strlen(fraction) > FRACTION_LONGEST ? snprintf(out, room, "%.*g", SHOWN_DIGITS, fmpq_get_d(x)) : snprintf(out, room, "%s", fraction);
    flint_free(fraction);
    return n;
}

static void tell(bisection *b)
{
    char *out = b->leaf->witness;
    size_t used = 0;
    for (int r = 0; r < b->box.count && used < FP_WITNESS_LENGTH; r++) {
        int n = snprintf(out + used, FP_WITNESS_LENGTH - used, "%s%s=", r ? ", " : "", b->node->names[r]);
        used += n > 0 ? (size_t)n : 0;
        n = used < FP_WITNESS_LENGTH ? tell_number(out + used, FP_WITNESS_LENGTH - used, b->box.range[r].low) : 0;
        used += n > 0 ? (size_t)n : 0;
    }
}

static void note_margin(bisection *b, const fp_box_part *part)
{
    arb_set(b->leaf->margin, &part->margin);
    arb_set(b->leaf->scale, &part->scale);
    tell(b);
}

/* The tightest point so far. */
static void note_point(bisection *b, const fp_box_part *part)
{
    if (!arb_is_finite(&part->margin) || (b->sampled && !arb_lt(&part->margin, b->leaf->margin)))
        return;
    note_margin(b, part);
    b->sampled = true;
}

/* ---- one box */
typedef enum { DONE, HALVE, REFUTED, FAILED } outcome;

static fp_truth where(bisection *b, fp_truth wanted)
{
    fp_box_part part;
    if (!condition(b))
        return FP_TRUE;
    fp_box_part_init(&part);
    fp_truth truth = fp_box_walk(&part, b->e, condition(b), b->frame, wanted) ? part.truth : FP_UNKNOWN;
    fp_box_part_clear(&part);
    return truth;
}

static outcome look_at_point(bisection *b)
{
    fp_eval *e = b->e;
    fp_box_part part;
    fp_eval_failure ignored = {0}, *failure = e->failure;
    outcome found = HALVE;
    e->failure = &ignored;
    fp_truth satisfied = where(b, FP_UNKNOWN);
    e->failure = failure;
    b->box.premises += condition(b) != NULL;
    if (satisfied != FP_TRUE)
        return HALVE;
    b->box.premises_true += condition(b) != NULL;
    fp_box_part_init(&part);
    if (!fp_box_walk(&part, e, b->node->kids[b->node->binders + 1], b->frame, FP_UNKNOWN)) {
        found = FAILED;
    } else if (part.truth == FP_FALSE) {
        note_margin(b, &part);
        found = REFUTED;
    } else {
        note_point(b, &part);
    }
    fp_box_part_clear(&part);
    return found;
}

/* A point that need not be in the domain: a false proposition is all that counts. */
static outcome look_in_passing(bisection *b)
{
    fp_eval *e = b->e;
    fp_eval_failure ignored = {0}, *failure = e->failure;
    e->failure = &ignored;
    outcome found = look_at_point(b);
    e->failure = failure;
    return found == FAILED ? HALVE : found;
}

/* Failures on a box (a logarithm of what may be negative) only show that it is too large. */
static outcome look_at_box(bisection *b)
{
    fp_eval *e = b->e;
    fp_box_part part;
    fp_eval_failure ignored = {0}, *failure = e->failure;
    outcome found = HALVE;
    e->failure = &ignored;
    fp_box_part_init(&part);
    if (where(b, FP_FALSE) == FP_FALSE) {
        found = DONE;
    } else if (fp_box_walk(&part, e, b->node->kids[b->node->binders + 1], b->frame, FP_TRUE) && part.truth == FP_TRUE) {
        found = DONE;
    }
    fp_box_part_clear(&part);
    e->failure = failure;
    return found;
}

/* ---- halving */
static double width(const box_ends *x, int r)
{
    return fmpq_get_d(x->high[r]) - fmpq_get_d(x->low[r]);
}

/* The variable with the largest smear, but none is left a thousand times wider, by its interval, than another. A guide, not a claim: doubles do. */
static int choose(const bisection *b, const box_ends *x, const box_ends *whole)
{
    int widest = 0, best = 0;
    double part[6], narrowest = 0;
    for (int r = 0; r < b->box.count; r++) {
        part[r] = width(x, r) / width(whole, r);
        if (part[r] > part[widest])
            widest = r;
        if (b->box.smear[r] > b->box.smear[best])
            best = r;
        if (r == 0 || part[r] < narrowest)
            narrowest = part[r];
    }
    bool usable = b->box.smear[best] > 0 && b->box.smear[best] < 1e300 && part[best] * WIDE_MOST > part[widest];
    return usable ? best : widest;
}

static void ends_set(box_ends *out, const box_ends *x)
{
    for (int r = 0; r < 6; r++) {
        fmpq_set(out->low[r], x->low[r]);
        fmpq_set(out->high[r], x->high[r]);
    }
}

static void halve(bisection *b, const box_ends *x, const box_ends *whole)
{
    int axis = choose(b, x, whole);
    size_t at = b->count;
    push(b);
    push(b);
    box_ends *half = &b->queue[at];
    ends_set(&half[0], x);
    ends_set(&half[1], x);
    fp_box_middle(half[0].high[axis], x->low[axis], x->high[axis]);
    fmpq_set(half[1].low[axis], half[0].high[axis]);
}

static outcome look_at_corners(bisection *b, const box_ends *whole)
{
    outcome found = HALVE;
    for (unsigned corner = 0; found == HALVE && corner < 1u << b->box.count; corner++)
        if (to_corner(b, whole, corner)) found = look_in_passing(b);
    return found;
}

static outcome examine_box(bisection *b, const box_ends *x, const box_ends *whole)
{
    outcome found = to_centre(b, x) ? look_at_point(b) : HALVE;
    if (found == HALVE) {
        to_box(b, x);
        found = look_at_box(b);
    }
    if (found == HALVE && to_suspect(b)) found = look_in_passing(b);
    if (found == HALVE && b->first < BOXES_MOST) {
        halve(b, x, whole);
        found = DONE;
    }
    if (found == HALVE) {
        to_centre(b, x);
        tell(b);
    }
    return found;
}

/* DONE: it holds on the whole box; HALVE: the budget is spent. */
static outcome examine(bisection *b)
{
    box_ends whole, x;
    for (int r = 0; r < 6; r++) {
        fmpq_init(whole.low[r]);
        fmpq_init(whole.high[r]);
    }
    ends_set(&whole, b->queue);
    outcome found = look_at_corners(b, &whole) == REFUTED ? REFUTED : DONE;
    while (b->first < b->count && found == DONE && !fp_interrupted()) {
        x = b->queue[b->first++]; /* taken over from the queue */
        found = examine_box(b, &x, &whole);
        ends_clear(&x);
    }
    ends_clear(&whole);
    return found;
}

/* ---- the whole */
static void conclude(bisection *b, outcome found)
{
    fp_leaf *leaf = b->leaf;
    leaf->premises = b->box.premises;
    leaf->premises_true = b->box.premises_true;
    leaf->truth = found == DONE ? FP_TRUE : found == REFUTED ? FP_FALSE : FP_UNKNOWN;
    leaf->cause = found == HALVE ? "box-cap" : NULL;
    if (found == REFUTED || b->sampled)
        return;
    arb_zero(leaf->margin); /* it holds, or not, by an unknown margin */
    arb_one(leaf->scale);
}

static void begin(bisection *b)
{
    b->box.axis = -1;
    b->box.count = b->node->binders;
    for (int r = 0; r < 6; r++) {
        arb_init(&b->box.x[r]);
        fp_interval_init(&b->box.range[r]);
        fmpq_init(b->box.suspect[r]);
        fp_interval_init(&b->end[0][r]);
        fp_interval_init(&b->end[1][r]);
    }
    if (!b->leaf->witness)
        b->leaf->witness = fp_alloc(FP_WITNESS_LENGTH, 1);
    b->leaf->witness[0] = 0;
}

static void end(bisection *b)
{
    for (int r = 0; r < 6; r++) {
        arb_clear(&b->box.x[r]);
        fp_interval_clear(&b->box.range[r]);
        fmpq_clear(b->box.suspect[r]);
        fp_interval_clear(&b->end[0][r]);
        fp_interval_clear(&b->end[1][r]);
    }
    for (size_t r = b->first; r < b->count; r++)
        ends_clear(&b->queue[r]);
    free(b->queue);
}

bool fp_eval_box(fp_leaf *leaf, fp_eval *e, const fp_node *node, fp_frame *frame)
{
    bisection b = {.e = e, .node = node, .frame = frame, .leaf = leaf};
    if (node->slot + node->binders > FP_FRAME_MAX)
        return fp_eval_fail(e, "unavailable", node->place, "too many variables (at most %d)", FP_FRAME_MAX);
    begin(&b);
    leaf->boxed = true;
    leaf->exact = false;
    bool ok = enclose_intervals(&b);
    if (ok) {
        bind(&b);
        e->box = &b.box;
        outcome found = examine(&b);
        e->box = NULL;
        conclude(&b, found);
        ok = found != FAILED;
    }
    end(&b);
    return ok;
}
