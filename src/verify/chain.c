/* SPDX-License-Identifier: MIT */
/* The steps of a certificate, proved several at a time and then joined in order of time (certificate.md, (18)-(20)). */
#include <stdlib.h>
#include <string.h>

#include "verify_impl.h"

enum { SLOTS_MAX = 8, ROOM_BITS = 3, WIDE_ROOM = -13 };

/* A step that does not close ends what is proved; nothing after it is shown to anybody. It is the end of an honest certificate where the flow has made the tube too wide. Where the distances between
 * its knots have, which a prover's knots do not have beyond rounding, or where not even the first step is proved, the certificate is rejected. */

typedef struct {
    fp_certificate *c;
    const fp_verify_options *options;
    fp_record record[SLOTS_MAX];
    fp_leg *leg[SLOTS_MAX];
    size_t slots, count; /* count: of steps in this batch */
    fp_leg *end;         /* holds where the last step ended, as its knot */
    fp_origin origin;
    bool started, compressed;
    bool ended;          /* a step did not close: what follows is read, not proved */
    unsigned long passed; /* steps, proved or not */
    mag_t e;             /* >= |solution - end| at t */
    up own;              /* what of it there would be if no step began further from where the one before it ended than rounding explains */
    arf_t t;
    fp_chain_stats *stats;
    fp_error *err;
} chain;

static bool reject(chain *v, const char *what)
{
    fp_fail(v->err, FP_REJECTED, "certificate rejected: step %lu, t = %.10g: %s", v->passed + 1, arf_get_d(v->t, ARF_RND_NEAR), what);
    return false;
}

/* Everything that needs no e: the room is the file's hint and some more. */
static void prove(void *ctx, size_t slot)
{
    chain *v = ctx;
    fp_leg *x = v->leg[slot];
    if (mag_cmp_2exp_si(x->room, WIDE_ROOM) < 0) mag_mul_2exp_si(x->room, x->room, ROOM_BITS);
    if (fp_leg_open(x, x->left, v->record[slot].h)) fp_leg_grow(x);
}

static void count(fp_chain_stats *s, const fp_leg *x)
{
    up D = up_div(*x->defect, up_arf_least(x->h));
    s->steps++;
    arf_set(s->t, x->right);
    *s->defect = up_max(*s->defect, D);
    mag_add(s->growth, s->growth, x->growth);
    mag_max(s->rate, s->rate, x->rate);
    mag_max(s->radius, s->radius, x->radius);
}

/* Half of a knot's digits: more than any rounding takes. */
static void take_gap(chain *v, const mag_t gap)
{
    up rounding = up_scale(up_ui(1), -(FP_GRID_BITS / 2) * v->stats->limbs);
    v->own = up_add(v->own, up_min(up_of(gap), rounding));
    mag_add(v->e, v->e, gap);
}

/* e at the knot of this step: for the first, the distance from the instance; else that from where the last step ended */
static bool begin(chain *v, fp_leg *x)
{
    mag_t jump;
    if (!v->started) {
        v->started = true;
        if (fp_origin_make(&v->origin, x, v->compressed, v->err) != FP_OK) return false;
        take_gap(v, v->origin.e0);
        mag_set(v->stats->start, v->e);
        return true;
    }
    mag_init(jump);
    fp_leg_distance(jump, v->end, x);
    take_gap(v, jump);
    mag_clear(jump);
    return true;
}

static bool show(chain *v, const fp_leg *x)
{
    if (!v->options->observer) return true;
    fp_tube_view *view[2] = {fp_sight_new(x, &v->origin), fp_sight_new(x, &v->origin)};
    fp_segment segment = {.left = x->left, .right = x->right, .view = {view[0], view[1]}, .radius = x->radius};
    bool more = v->options->observer(&segment, v->options->ctx);
    fp_sight_free(view[0]);
    fp_sight_free(view[1]);
    return more;
}

/* More than half of e is due to distances between knots that are no rounding. */
static bool knots_lie_apart(const chain *v)
{
    return up_below(up_scale(v->own, 1), *v->e);
}

/* False: it is rejected. */
static bool end_before(chain *v, const char *why)
{
    char what[160];
    double e = mag_get_d(v->e), own = mag_get_d(&v->own), t = arf_get_d(v->t, ARF_RND_NEAR);
    if (v->stats->steps == 0) return reject(v, why);
    snprintf(what, sizeof what, "%s, since its knots lie apart: they make %.3g of a radius of %.3g", why, e - own, e);
    if (knots_lie_apart(v)) return reject(v, what);
    v->ended = true;
    fp_fail(v->err, FP_BUDGET, "what is proved ends at t = %.10g, before step %lu: %s (radius %.3g after growing by exp(%.3g))", t, v->passed + 1, why, e, mag_get_d(v->stats->growth));
    return true;
}

/* Its end, as a knot: e there. False: interrupted */
static bool end_step(chain *v, fp_leg *x)
{
    mag_t rounding;
    mag_init(rounding);
    fp_leg_end(v->end, rounding, x);
    x->end = v->end;
    mag_add(v->e, x->radius, rounding);
    v->own = up_add(up_mul(up_exp(*x->growth), up_add(v->own, *x->defect)), up_take(rounding));
    if (fp_interrupted()) return false; /* the step is of no use */
    count(v->stats, x);
    mag_set(v->stats->e, v->e);
    return true;
}

static bool prove_joined(chain *v, fp_leg *x, bool *stopped)
{
    if (!begin(v, x)) return false;
    if (!x->opened) return end_before(v, "its Taylor series is not shown to converge");
    if (!fp_leg_close(x, v->e)) return end_before(v, "no tube around it is shown to hold the solution");
    if (!end_step(v, x)) return false;
    *stopped = !show(v, x);
    return true;
}

static bool join(chain *v, size_t slot, bool *stopped)
{
    fp_leg *x = v->leg[slot];
    if (!arf_equal(x->left, v->t)) return reject(v, "it does not begin where the one before it ends");
    if (!v->ended && !prove_joined(v, x, stopped)) return false;
    arf_add(v->t, x->left, v->record[slot].h, ARF_PREC_EXACT, ARF_RND_DOWN);
    v->passed++;
    return true;
}

/* ---- reading: a batch ends before a record without a knot, which needs the end of the step before it and so makes a batch of its own */
static void swap_slots(chain *v, size_t a, size_t b)
{
    fp_leg *leg = v->leg[a];
    v->leg[a] = v->leg[b];
    v->leg[b] = leg;
    fp_record record = v->record[a];
    v->record[a] = v->record[b];
    v->record[b] = record;
}

/* The last slot is for what is read but not yet to be proved: *waiting says that slot 0 holds such a record already. */
static bool read_batch(chain *v, bool *waiting, bool *more)
{
    v->count = *waiting;
    *waiting = false;
    while (*more && v->count + 1 < v->slots && !(v->count == 1 && !v->record[0].has_knot)) {
        fp_record *r = v->record + v->count;
        if (fp_certificate_next(r, v->leg[v->count], v->c, v->err) != FP_OK) return false;
        *more = r->more;
        if (!*more) return true;
        if (!r->has_knot && !v->started && v->count == 0) return reject(v, "the first step has no knot");
        if (!r->has_knot && v->count > 0) {
            *waiting = true;
            return true;
        }
        v->count++;
    }
    return true;
}

/* The end record's time is in the slot after the last step. */
static bool check_end(chain *v)
{
    return arf_equal(v->leg[v->count]->left, v->t) && v->passed > 0 ? true : reject(v, "it ends elsewhere than it says");
}

static void take_end_as_knot(fp_leg *x, const fp_leg *end)
{
    for (size_t k = 0; k < x->vectors; k++) fp_grid_copy(fp_leg_at(x, k, 0), fp_leg_at(end, k, 0));
}

static fp_chain_outcome go(chain *v)
{
    bool more = true, waiting = false, stopped = false;
    while (more || waiting) {
        if (fp_interrupted()) return FP_CHAIN_INTERRUPTED;
        if (!read_batch(v, &waiting, &more)) return FP_CHAIN_FAILED;
        if (v->count > 0 && !v->record[0].has_knot) take_end_as_knot(v->leg[0], v->end);
        if (!v->ended) fp_pool_run(v->options->pool, v->count, prove, v);
        for (size_t k = 0; k < v->count; k++) {
            if (!join(v, k, &stopped)) return FP_CHAIN_FAILED;
            if (stopped) return FP_CHAIN_STOPPED;
        }
        if (waiting) swap_slots(v, 0, v->count);
    }
    return !check_end(v) ? FP_CHAIN_FAILED : v->ended ? FP_CHAIN_OPEN : FP_CHAIN_END;
}

/* ---- sizes */
static long least(long a, long b)
{
    return a < b ? a : b;
}

static bool shape_agrees(chain *v, const fp_certificate_head *head)
{
    const fp_problem *p = v->options->problem;
    v->compressed = strcmp(head->flow, "compressed") == 0;
    if (!v->compressed && strcmp(head->flow, "reduced") != 0) return reject(v, "it is about neither the reduced nor the compressed flow");
    long rows_v = v->compressed ? least(p->m, p->d + 1) : p->m, rows_k = v->compressed ? least(p->m, 2 * p->d) : p->m;
    return head->d == p->d && head->rows_v == rows_v && head->rows_k == rows_k ? true : reject(v, "its sizes are not those of the instance");
}

fp_chain_outcome fp_certificate_verify(fp_certificate *c, const fp_verify_options *options, fp_chain_stats *stats, fp_error *err)
{
    const fp_certificate_head *head = fp_certificate_get_head(c);
    chain v = {.c = c, .options = options, .own = up_zero(), .stats = stats, .err = err};
    fp_chain_outcome outcome = FP_CHAIN_FAILED;
    fp_chain_stats_init(stats);
    stats->order = (int)head->order;
    stats->limbs = (int)head->limbs;
    mag_init(v.e);
    arf_init(v.t);
    if (shape_agrees(&v, head)) {
        int threads = fp_pool_threads(options->pool);
        v.slots = (size_t)(threads < SLOTS_MAX ? threads : SLOTS_MAX - 1) + 1;
        for (size_t k = 0; k < v.slots; k++) {
            v.leg[k] = fp_leg_new(options->problem, head->rows_v, head->rows_k, v.stats->order, v.stats->limbs);
            arf_init(v.record[k].h);
        }
        v.end = fp_leg_new(options->problem, head->rows_v, head->rows_k, v.stats->order, v.stats->limbs);
        outcome = go(&v);
    }
    for (size_t k = 0; k < v.slots; k++) {
        fp_leg_free(v.leg[k]);
        arf_clear(v.record[k].h);
    }
    fp_leg_free(v.end);
    if (outcome != FP_CHAIN_END && fp_interrupted()) { /* whatever made it end, it may have been work that was cut short */
        fp_fail(err, FP_INTERRUPTED, "interrupted at t = %.10g", arf_get_d(stats->t, ARF_RND_NEAR));
        outcome = FP_CHAIN_INTERRUPTED;
    }
    if (v.started) fp_origin_clear(&v.origin);
    arf_clear(v.t);
    mag_clear(v.e);
    return outcome;
}
