/* SPDX-License-Identifier: MIT */
/* sup(e) over [0, t] for every t of one step, by branch and bound from left to right. On each piece [a, b] it is the larger of e(t) and a fixed enclosure `past`, and at most `slack` more:
 *   e stays below what was reached       past is what was reached, and the supremum rests
 *   e' >= -slack/(b - a)                 past is what was reached: e(s) <= e(t) + slack for s <= t
 *   e stays below what was reached + room   past reaches up to the bound of e
 * where slack <= room, and a piece of neither kind is halved. If nobody looks inside the step, e at its end counts as reached from the start, and all of it is one piece. Where derivatives are had, pieces close with the square of their length; the room is a relative 2^-31 and what the tube leaves. */
#include <stdlib.h>

#include "tube_impl.h"

enum { ROOM_BITS = 31, DEPTH = 64, DEPTH_WITHOUT_SLOPE = 6, BUDGET = 200, KEPT = 8 /* of the budget, for the right half */ };

typedef enum { OPEN, RESTS, RISES, CLOSE } kind;

typedef struct {
    fp_tube_lane *l;
    const fp_node *node;
    fp_crest *crest;
    arb_t reached; /* the supremum up to where the pieces have come */
    mag_t scale;   /* e at the end of the step is of this size */
    unsigned long left;
} climb;

typedef struct {
    arf_srcptr a, b;
    arf_t middle, half;
    arb_t jet[2], here; /* over [a, b]; in the middle, where it was wanted */
    mag_t slack;
    bool moves, has_slope; /* it has a derivative, and a finite one */
} stretch;

void fp_tube_sup_present(arb_t out, fp_tube_lane *l, const fp_node *node, const arf_t a, const arf_t b)
{
    fp_eval_failure failure = {0};
    fp_tube_look_without_sups(l, a, b);
    if (!fp_eval_sup_present(out, l->shell->lane.eval, node, false, &failure)) arb_indeterminate(out);
}

/* ---- pieces */
static void crest_add(climb *q, const stretch *s, bool rests)
{
    fp_crest *c = q->crest;
    if (c->count == c->room) {
        size_t room = c->room ? 2 * c->room : 8;
        c->piece = fp_realloc(c->piece, room, sizeof *c->piece);
        for (; c->room < room; c->room++) {
            arf_init(c->piece[c->room].from);
            arf_init(c->piece[c->room].to);
            arb_init(c->piece[c->room].past);
            arf_init(c->piece[c->room].most);
            mag_init(c->piece[c->room].slack);
        }
    }
    fp_rise *x = &c->piece[c->count++];
    arf_set(x->from, s->a);
    arf_set(x->to, s->b);
    arb_set(x->past, q->reached);
    mag_set(x->slack, s->slack);
    x->rests = rests;
}

void fp_crest_clear(fp_crest *c)
{
    for (size_t r = 0; r < c->room; r++) {
        arf_clear(c->piece[r].from);
        arf_clear(c->piece[r].to);
        arb_clear(c->piece[r].past);
        arf_clear(c->piece[r].most);
        mag_clear(c->piece[r].slack);
    }
    free(c->piece);
    *c = (fp_crest){0};
}

const fp_rise *fp_crest_at(const fp_crest *c, const arf_t t)
{
    size_t low = 0, high = c->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (arf_cmp(c->piece[middle].from, t) <= 0)
            low = middle;
        else
            high = middle;
    }
    return &c->piece[low];
}

/* ---- one stretch */
static void stretch_init(stretch *s, const arf_t a, const arf_t b)
{
    *s = (stretch){.a = a, .b = b};
    arf_init(s->middle);
    arf_init(s->half);
    arb_init(s->jet[0]);
    arb_init(s->jet[1]);
    arb_init(s->here);
    mag_init(s->slack);
    fp_arf_middle(s->middle, a, b);
    arf_sub(s->half, b, s->middle, ARF_PREC_EXACT, ARF_RND_DOWN);
}

static void stretch_clear(stretch *s)
{
    arf_clear(s->middle);
    arf_clear(s->half);
    arb_clear(s->jet[0]);
    arb_clear(s->jet[1]);
    arb_clear(s->here);
    mag_clear(s->slack);
}

/* e <= lower end of what was reached, and `room` more */
static bool is_below(const arb_t e, const arb_t reached, const mag_t room)
{
    arf_t high, low, more;
    arf_init(high);
    arf_init(low);
    arf_init(more);
    fp_ball_upper(high, e);
    fp_ball_lower(low, reached);
    arf_set_mag(more, room);
    arf_add(low, low, more, ROOM_BITS + 64, ARF_RND_FLOOR);
    bool below = arf_cmp(high, low) <= 0;
    arf_clear(high);
    arf_clear(low);
    arf_clear(more);
    return below;
}

/* has_plain: e over it is had. */
static void moving(climb *q, stretch *s, bool has_plain)
{
    fp_eval_failure failure = {0};
    arb_t plain;
    arb_init(plain);
    arb_set(plain, s->jet[0]);
    fp_tube_look_without_sups(q->l, s->a, s->b);
    s->moves = fp_eval_sup_present(s->jet[0], q->l->shell->lane.eval, q->node, true, &failure);
    s->has_slope = s->moves && arb_is_finite(s->jet[1]);
    if (!s->moves && !has_plain) fp_tube_sup_present(plain, q->l, q->node, s->a, s->b);
    if (!s->moves) arb_swap(plain, s->jet[0]);
    arb_clear(plain);
}

/* The mean value form, with e in the middle. */
static void sharpen(climb *q, stretch *s)
{
    arb_t x;
    arb_init(x);
    fp_tube_sup_present(s->here, q->l, q->node, s->middle, s->middle);
    arf_get_mag(arb_radref(x), s->half);
    arb_mul(x, x, s->jet[1], q->l->c->prec);
    arb_add(x, x, s->here, q->l->c->prec);
    bool meet = arb_overlaps(s->jet[0], s->here) && (!s->has_slope || fp_ball_meet(s->jet[0], x));
    if (!meet && !fp_interrupted())
        q->l->status = fp_fail(&q->l->err, FP_INTERNAL, "self-check failed: two enclosures of sup(..) (%s:%d:%d) do not meet", fp_place_file_name(q->node->place), q->node->place.line,
                               q->node->place.column);
    arb_clear(x);
}

static void room_of(mag_t room, const climb *q, const stretch *s)
{
    mag_t x;
    mag_init(x);
    arb_get_mag(room, q->reached);
    mag_max(room, room, q->scale);
    mag_mul_2exp_si(room, room, -ROOM_BITS);
    mag_mul_2exp_si(x, arb_radref(s->here), 2);
    mag_add(room, room, x);
    mag_clear(x);
}

/* slack := what e may fall by; false: more than room. */
static bool rises(stretch *s, const mag_t room)
{
    arf_t least;
    mag_t width;
    arf_init(least);
    mag_init(width);
    if (s->has_slope) fp_ball_lower(least, s->jet[1]);
    if (arf_sgn(least) < 0) arf_get_mag(s->slack, least);
    arf_get_mag(width, s->half);
    mag_mul_2exp_si(width, width, 1);
    mag_mul(s->slack, s->slack, width);
    bool found = s->has_slope && mag_cmp(s->slack, room) <= 0;
    if (!found) mag_zero(s->slack);
    arf_clear(least);
    mag_clear(width);
    return found;
}

static kind kind_of(climb *q, stretch *s, arb_srcptr at_b)
{
    mag_t none, room;
    mag_init(none);
    mag_init(room);
    bool higher = at_b && !is_below(at_b, q->reached, none);
    if (!higher) fp_tube_sup_present(s->jet[0], q->l, q->node, s->a, s->b);
    kind found = !higher && is_below(s->jet[0], q->reached, none) ? RESTS : OPEN;
    if (found == OPEN) moving(q, s, !higher);
    if (found == OPEN && s->has_slope && arb_is_nonpositive(s->jet[1])) found = RESTS;
    room_of(room, q, s);
    if (found == OPEN && rises(s, room)) found = RISES;
    if (found == OPEN) {
        sharpen(q, s);
        room_of(room, q, s);
        found = is_below(s->jet[0], q->reached, none) ? RESTS : is_below(s->jet[0], q->reached, room) || !arb_is_finite(s->here) ? CLOSE : rises(s, room) ? RISES : OPEN;
    }
    mag_clear(none);
    mag_clear(room);
    return found;
}

/* ---- the way up */
void fp_sup_raise(arb_t reached, const arb_t e, slong prec)
{
    if (arb_is_finite(e) && arb_is_finite(reached))
        arb_max(reached, reached, e, prec);
    else
        arb_indeterminate(reached);
}

/* Whatever e does there, the supremum is at most x. */
static void allow(arb_t reached, const arb_t x)
{
    arf_t low, high, bound;
    arf_init(low);
    arf_init(high);
    arf_init(bound);
    fp_ball_lower(low, reached);
    fp_ball_upper(high, reached);
    fp_ball_upper(bound, x);
    arf_max(high, high, bound);
    fp_ball_interval(reached, low, high);
    arf_clear(low);
    arf_clear(high);
    arf_clear(bound);
}

static void raise_to_end(climb *q, const stretch *s, arb_srcptr at_b)
{
    arb_t e;
    arb_init(e);
    if (at_b) arb_set(e, at_b);
    if (!at_b) fp_tube_sup_present(e, q->l, q->node, s->b, s->b);
    fp_sup_raise(q->reached, e, q->l->c->prec);
    arb_add_error_mag(e, s->slack);
    allow(q->reached, e);
    arb_clear(e);
}

static void take(climb *q, const stretch *s, kind found, arb_srcptr at_b)
{
    if (found == CLOSE) allow(q->reached, s->jet[0]);
    crest_add(q, s, found == RESTS);
    if (found != RESTS) raise_to_end(q, s, at_b);
    fp_ball_upper(q->crest->piece[q->crest->count - 1].most, q->reached);
}

static void go(climb *q, const arf_t a, const arf_t b, arb_srcptr at_b, int depth)
{
    stretch s;
    stretch_init(&s, a, b);
    kind found = kind_of(q, &s, at_b);
    bool deep = depth >= (s.moves ? DEPTH : DEPTH_WITHOUT_SLOPE) || q->left == 0 || q->l->status != FP_OK;
    if (q->left > 0) q->left--;
    if (found != OPEN || deep) {
        take(q, &s, found == OPEN ? CLOSE : found, at_b);
    } else {
        unsigned long kept = q->left / 16 < KEPT ? q->left / 16 : KEPT;
        q->left -= kept;
        go(q, a, s.middle, s.here, depth + 1);
        q->left += kept;
        go(q, s.middle, b, at_b, depth + 1);
    }
    stretch_clear(&s);
}

/* Over [0, t] the supremum is at least what it was before, at most what it is in the end. */
static void make_whole(climb *q, const arb_t before)
{
    stretch s;
    stretch_init(&s, q->l->c->segment->left, q->l->c->segment->right);
    q->crest->count = 0;
    fp_ball_hull(q->reached, q->reached, before);
    crest_add(q, &s, false);
    fp_ball_upper(q->crest->piece[0].most, q->reached);
    stretch_clear(&s);
}

static void begin(climb *q, arb_srcptr past)
{
    const fp_segment *g = q->l->c->segment;
    if (past)
        arb_set(q->reached, past);
    else
        fp_tube_sup_present(q->reached, q->l, q->node, g->left, g->left);
}

void fp_crest_make(fp_crest *crest, arb_t end, fp_tube_lane *l, const fp_node *node, arb_srcptr past, bool inside)
{
    const fp_segment *g = l->c->segment;
    climb q = {.l = l, .node = node, .crest = crest, .left = BUDGET};
    arb_t at_end, before;
    arb_init(q.reached);
    arb_init(at_end);
    arb_init(before);
    mag_init(q.scale);
    begin(&q, past);
    arb_set(before, q.reached);
    fp_tube_sup_present(at_end, l, node, g->right, g->right);
    if (arb_is_finite(at_end)) arb_get_mag(q.scale, at_end);
    if (!inside) fp_sup_raise(q.reached, at_end, l->c->prec);
    crest->count = 0;
    go(&q, g->left, g->right, at_end, 0);
    arb_set(end, q.reached);
    if (!inside) make_whole(&q, before);
    arb_clear(q.reached);
    arb_clear(at_end);
    arb_clear(before);
    mag_clear(q.scale);
}
