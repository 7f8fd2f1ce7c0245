/* SPDX-License-Identifier: MIT */
/* `for all real x in [a, b], .. where C: P` by bisection: boxes are examined first come, first served, so that a counterexample is met wherever it lies. At the centre of a box that
 * satisfies C a false P refutes; a box is done if P holds on all of it or C on none of it; else it is halved across the variable along which its open comparisons vary most. */
#include "eval_impl.h"

#include <stdlib.h>
#include <string.h>

enum { BOXES_MOST = 1 << 15, WIDE_MOST = 1 << 10, GRID_BITS = 8, SHOWN_DIGITS = 15 };

typedef struct {
    arf_struct low[6], high[6];
} box_ends;

typedef struct {
    fp_eval *e;
    const fp_node *node;
    fp_frame *frame;
    fp_box box;
    arb_struct end[2][6]; /* of the intervals */
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
        arf_init(&x->low[r]);
        arf_init(&x->high[r]);
    }
    return x;
}

static void ends_clear(box_ends *x)
{
    for (int r = 0; r < 6; r++) {
        arf_clear(&x->low[r]);
        arf_clear(&x->high[r]);
    }
}

static bool enclose_intervals(bisection *b)
{
    fp_eval *e = b->e;
    fp_scene scene = fp_eval_scene(e);
    box_ends *x = push(b);
    for (int r = 0; r < b->box.count; r++) {
        const fp_node *set = b->node->kids[r];
        for (int k = 0; k < 2; k++)
            if (!fp_eval_real(&b->end[k][r], e, set->kids[k], b->frame, &scene))
                return false;
        if (!arb_is_finite(&b->end[0][r]) || !arb_is_finite(&b->end[1][r]))
            return fp_eval_fail(e, "domain", set->place, "an end of this interval is not a number");
        if (!arb_lt(&b->end[0][r], &b->end[1][r]))
            return fp_eval_fail(e, "empty-set", set->place, "the interval is empty or a single number on this instance");
        arb_get_lbound_arf(&x->low[r], &b->end[0][r], e->prec);
        arb_get_ubound_arf(&x->high[r], &b->end[1][r], e->prec);
    }
    return true;
}

static void bind(bisection *b)
{
    for (int r = 0; r < b->box.count; r++)
        b->frame->slot[b->node->slot + r] = (fp_binding){.x = &b->box.x[r], .axis = r};
}

/* [low, high], without the last bit that arb_set_interval_arf adds to the radius if the numbers are short: sqrt of a box that begins at 0 has a value. */
static void set_interval(arb_t out, const arf_t low, const arf_t high, slong prec)
{
    fmpz_t digits, exponent;
    arf_t half;
    fmpz_init(digits);
    fmpz_init(exponent);
    arf_init(half);
    arf_sub(half, high, low, ARF_PREC_EXACT, ARF_RND_NEAR);
    arf_mul_2exp_si(half, half, -1);
    arf_get_fmpz_2exp(digits, exponent, half);
    if (fmpz_bits(digits) <= MAG_BITS) {
        arf_add(arb_midref(out), low, half, ARF_PREC_EXACT, ARF_RND_NEAR);
        mag_set_ui(arb_radref(out), fmpz_get_ui(digits));
        mag_mul_2exp_fmpz(arb_radref(out), arb_radref(out), exponent);
    } else {
        arb_set_interval_arf(out, low, high, prec);
    }
    arf_clear(half);
    fmpz_clear(digits);
    fmpz_clear(exponent);
}

static void to_box(bisection *b, const box_ends *x)
{
    for (int r = 0; r < b->box.count; r++) {
        set_interval(&b->box.x[r], &x->low[r], &x->high[r], b->e->prec);
        arf_set(&b->box.low[r], &x->low[r]);
        arf_set(&b->box.high[r], &x->high[r]);
        b->box.smear[r] = 0;
    }
}

/* Near the middle, on a grid 2^8 to 2^9 times finer than the box is wide: strictly inside, and of few bits, so that boxes between such numbers are exact as balls. */
static void middle(arf_t out, const arf_t low, const arf_t high)
{
    fmpz_t grid;
    fmpz_init(grid);
    arf_sub(out, high, low, MAG_BITS, ARF_RND_DOWN);
    arf_abs_bound_lt_2exp_fmpz(grid, out);
    fmpz_sub_ui(grid, grid, GRID_BITS + 1);
    arf_add(out, low, high, ARF_PREC_EXACT, ARF_RND_NEAR);
    fmpz_neg(grid, grid);
    arf_mul_2exp_fmpz(out, out, grid);
    arf_floor(out, out);
    fmpz_neg(grid, grid);
    arf_mul_2exp_fmpz(out, out, grid);
    arf_mul_2exp_si(out, out, -1);
    fmpz_clear(grid);
}

/* The box's centre; false where it is not for certain inside the intervals meant. */
static bool to_centre(bisection *b, const box_ends *x)
{
    arb_t point;
    bool inside = true;
    arb_init(point);
    for (int r = 0; r < b->box.count; r++) {
        middle(arb_midref(point), &x->low[r], &x->high[r]);
        inside = inside && arb_ge(point, &b->end[0][r]) && arb_le(point, &b->end[1][r]);
        arb_set(&b->box.x[r], point);
    }
    arb_clear(point);
    return inside;
}

/* ---- what is reported */
static void tell(bisection *b)
{
    char *out = b->leaf->witness;
    size_t used = 0;
    for (int r = 0; r < b->box.count && used < FP_WITNESS_LENGTH; r++) {
        double value = arf_get_d(arb_midref(&b->box.x[r]), ARF_RND_NEAR); /* of few bits */
        int n = snprintf(out + used, FP_WITNESS_LENGTH - used, "%s%s=%.*g", r ? ", " : "", b->node->names[r], SHOWN_DIGITS, value);
        used += n > 0 ? (size_t)n : 0;
    }
}

static void note_margin(bisection *b, const fp_box_part *part)
{
    arb_set(b->leaf->margin, &part->margin);
    arb_set(b->leaf->scale, &part->scale);
    tell(b);
}

/* The tightest centre so far. */
static void note_point(bisection *b, const fp_box_part *part)
{
    if (!arb_is_finite(&part->margin) || (b->sampled && !arb_lt(&part->margin, b->leaf->margin)))
        return;
    note_margin(b, part);
    b->sampled = true;
}

/* ---- one box */
typedef enum { DONE, HALVE, REFUTED, FAILED } outcome;

static fp_truth where(bisection *b, bool sharpen)
{
    fp_box_part part;
    if (!condition(b))
        return FP_TRUE;
    fp_box_part_init(&part);
    fp_truth truth = fp_box_walk(&part, b->e, condition(b), b->frame, sharpen) ? part.truth : FP_UNKNOWN;
    fp_box_part_clear(&part);
    return truth;
}

static outcome look_at_centre(bisection *b)
{
    fp_eval *e = b->e;
    fp_box_part part;
    fp_eval_failure ignored = {0}, *failure = e->failure;
    outcome found = HALVE;
    e->failure = &ignored;
    fp_truth satisfied = where(b, false);
    e->failure = failure;
    b->box.premises += condition(b) != NULL;
    if (satisfied != FP_TRUE)
        return HALVE;
    b->box.premises_true += condition(b) != NULL;
    fp_box_part_init(&part);
    if (!fp_box_walk(&part, e, b->node->kids[b->node->binders + 1], b->frame, false)) {
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

/* Failures on a box (a logarithm of what may be negative) only show that it is too large. */
static outcome look_at_box(bisection *b)
{
    fp_eval *e = b->e;
    fp_box_part part;
    fp_eval_failure ignored = {0}, *failure = e->failure;
    outcome found = HALVE;
    e->failure = &ignored;
    fp_box_part_init(&part);
    if (where(b, true) == FP_FALSE) {
        found = DONE;
    } else if (fp_box_walk(&part, e, b->node->kids[b->node->binders + 1], b->frame, true) && part.truth == FP_TRUE) {
        found = DONE;
    }
    fp_box_part_clear(&part);
    e->failure = failure;
    return found;
}

/* ---- halving */
static double width(const box_ends *x, int r)
{
    arf_t d;
    arf_init(d);
    arf_sub(d, &x->high[r], &x->low[r], 53, ARF_RND_NEAR);
    double w = arf_get_d(d, ARF_RND_NEAR);
    arf_clear(d);
    return w;
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

static void halve(bisection *b, const box_ends *x, const box_ends *whole)
{
    int axis = choose(b, x, whole);
    box_ends *half[2];
    size_t at = b->count;
    push(b);
    push(b);
    for (int k = 0; k < 2; k++) {
        half[k] = &b->queue[at + (size_t)k];
        for (int r = 0; r < b->box.count; r++) {
            arf_set(&half[k]->low[r], &x->low[r]);
            arf_set(&half[k]->high[r], &x->high[r]);
        }
    }
    middle(&half[0]->high[axis], &x->low[axis], &x->high[axis]);
    arf_set(&half[1]->low[axis], &half[0]->high[axis]);
}

/* DONE: it holds on the whole box; HALVE: the budget is spent. */
static outcome examine(bisection *b)
{
    outcome found = DONE;
    box_ends whole;
    for (int r = 0; r < 6; r++) {
        arf_init(&whole.low[r]);
        arf_init(&whole.high[r]);
        arf_set(&whole.low[r], &b->queue[0].low[r]);
        arf_set(&whole.high[r], &b->queue[0].high[r]);
    }
    while (b->first < b->count && found == DONE && !fp_interrupted()) {
        box_ends x = b->queue[b->first++]; /* taken over from the queue */
        found = to_centre(b, &x) ? look_at_centre(b) : HALVE;
        if (found == HALVE) {
            to_box(b, &x);
            found = look_at_box(b);
        }
        if (found == HALVE && b->first < BOXES_MOST) {
            halve(b, &x, &whole);
            found = DONE;
        }
        if (found == HALVE) {
            to_centre(b, &x);
            tell(b);
        }
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
        arf_init(&b->box.low[r]);
        arf_init(&b->box.high[r]);
        arb_init(&b->end[0][r]);
        arb_init(&b->end[1][r]);
    }
    if (!b->leaf->witness)
        b->leaf->witness = fp_alloc(FP_WITNESS_LENGTH, 1);
    b->leaf->witness[0] = 0;
}

static void end(bisection *b)
{
    for (int r = 0; r < 6; r++) {
        arb_clear(&b->box.x[r]);
        arf_clear(&b->box.low[r]);
        arf_clear(&b->box.high[r]);
        arb_clear(&b->end[0][r]);
        arb_clear(&b->end[1][r]);
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
