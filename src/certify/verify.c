/* SPDX-License-Identifier: MIT */
/* Verifying a certificate: steps are proved independently of one another, each with the e that is claimed for its knot; the claims are then chained in order of time (certificate.md, (18)-(20)). */
#include "step_impl.h"

#include "flowproof/certificate.h"

enum { BATCH_MAX = 8 };

typedef struct {
    fp_certificate_step record;
    fp_series_state knot;
    fp_step *step;
    bool proved;
    fp_error err;
} slot;

typedef struct {
    fp_certificate *c;
    fp_pool *pool;
    fp_start start;
    slot slots[BATCH_MAX];
    size_t made;
    fp_series_state end; /* where the last step ended (at first the computed start), and how far the solution may be from it */
    mag_t e;
    arf_t t;
    fp_chain_observer observe;
    void *ctx;
    fp_chain_stats *stats;
    fp_error *err;
} verifier;

static bool reject(verifier *v, const char *what)
{
    fp_fail(v->err, FP_REJECTED, "certificate rejected: step %lu, t = %.10g: %s", v->stats->steps + 1, arf_get_d(v->t, ARF_RND_NEAR), what);
    return false;
}

static void prove(void *ctx, size_t part)
{
    slot *s = &((verifier *)ctx)->slots[part];
    s->err = (fp_error){FP_OK, ""};
    s->proved = fp_step_open(s->step, s->record.left, &s->knot, NULL, s->record.h, &s->err) == FP_OK && fp_step_close(s->step, s->record.e, s->record.r);
}

static bool follows(verifier *v, const slot *s)
{
    mag_t distance;
    mag_init(distance);
    fp_state_distance(distance, &v->end, &s->knot, fp_series_get_shape(fp_step_series(s->step))->m1);
    mag_add(distance, distance, v->e);
    bool ok = mag_cmp(distance, s->record.e) <= 0;
    mag_clear(distance);
    return ok;
}

/* A proved step becomes part of the chain. */
static bool link_step(verifier *v, slot *s, bool *stopped)
{
    if (!arf_equal(s->record.left, v->t)) return reject(v, "it does not begin where the one before it ends");
    if (!follows(v, s)) return reject(v, "its knot is farther from the end of the step before it than it claims");
    if (!s->proved) return reject(v, s->err.code != FP_OK ? s->err.message : "no tube of the radius it claims holds the solution");
    arf_set(v->t, fp_step_right(s->step));
    fp_step_next(&v->end, v->e, s->step);
    fp_chain_stats_count(v->stats, s->step);
    mag_set(v->stats->e, v->e);
    *stopped = v->observe && !v->observe(s->step, &v->start, v->ctx);
    return true;
}

/* ---- reading ahead: as many records with knots as there are slots; one without a knot only on its own, since it needs the end of the step before */
typedef struct {
    size_t count;
    bool waiting; /* slots[count] holds a record that was read but not proved yet */
    bool more;
} batch;

static bool read_batch(batch *b, verifier *v)
{
    size_t most = v->made;
    b->count = b->waiting ? 1 : 0;
    b->waiting = false;
    while (b->more && b->count < most) {
        slot *s = &v->slots[b->count];
        if (fp_certificate_next(&s->record, &s->knot, &b->more, v->c, v->err) != FP_OK) return false;
        if (!b->more) return true;
        if (!s->record.has_knot && b->count > 0) {
            b->waiting = true;
            return true;
        }
        b->count++;
        if (!s->record.has_knot) return true;
    }
    return true;
}

static void swap_slots(slot *a, slot *b)
{
    slot held = *a;
    *a = *b;
    *b = held;
}

/* The end record is left in the first slot that was not used. */
static bool check_end(verifier *v, const fp_certificate_step *end)
{
    if (!arf_equal(end->left, v->t) || v->stats->steps == 0) return reject(v, "it ends elsewhere than it says");
    return mag_cmp(v->e, end->e) <= 0 ? true : reject(v, "the tube at its end is wider than it says");
}

static fp_chain_outcome go(verifier *v, volatile const int *interrupted)
{
    batch b = {.more = true};
    while (b.more || b.waiting) {
        if (interrupted && *interrupted) {
            fp_fail(v->err, FP_INTERRUPTED, "interrupted at t = %.10g", arf_get_d(v->t, ARF_RND_NEAR));
            return FP_CHAIN_INTERRUPTED;
        }
        if (!read_batch(&b, v)) return FP_CHAIN_FAILED;
        if (b.count > 0 && !v->slots[0].record.has_knot) fp_series_state_copy(&v->slots[0].knot, &v->end);
        fp_pool_run(v->pool, b.count, prove, v);
        bool stopped = false;
        for (size_t k = 0; k < b.count && !stopped; k++)
            if (!link_step(v, &v->slots[k], &stopped)) return FP_CHAIN_FAILED;
        if (stopped) return FP_CHAIN_STOPPED;
        if (b.waiting) swap_slots(&v->slots[0], &v->slots[b.count]);
    }
    return check_end(v, &v->slots[b.count].record) ? FP_CHAIN_END : FP_CHAIN_FAILED;
}

/* ---- one slot more than steps at a time, for the end record or a record that waits */
static bool make_slots(verifier *v, const fp_flow *flow)
{
    const fp_certificate_head *head = fp_certificate_get_head(v->c);
    mpq_t tolerance;
    mpq_init(tolerance);
    mpq_set_ui(tolerance, 1, 2); /* steps are given: nothing is chosen by it */
    fp_certify_options options = {.order = (int)head->order, .limbs = (int)head->limbs, .parts = (int)head->parts, .tolerance = tolerance};
    int wanted = fp_pool_threads(v->pool);
    bool ok = true;
    for (v->made = 0; ok && v->made <= (size_t)wanted && v->made < BATCH_MAX; v->made += ok) {
        slot *s = &v->slots[v->made];
        ok = fp_step_new(&s->step, fp_flow_problem(flow), fp_flow_layout(flow), &options, v->err) == FP_OK;
        if (!ok) break;
        fp_certificate_step_init(&s->record);
        fp_series_state_init(&s->knot, fp_step_series(s->step));
    }
    mpq_clear(tolerance);
    return ok;
}

static void free_slots(verifier *v, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        fp_certificate_step_clear(&v->slots[k].record);
        fp_series_state_clear(&v->slots[k].knot);
        fp_step_free(v->slots[k].step);
    }
}

static bool shape_agrees(verifier *v, const fp_flow *flow)
{
    const fp_certificate_head *head = fp_certificate_get_head(v->c);
    const fp_layout *layout = fp_flow_layout(flow);
    if (head->d == layout->d && head->rows_v == layout->rows_v && head->rows_k == layout->rows_k) return true;
    return reject(v, "its sizes are not those of the instance");
}

static fp_chain_outcome verify_from_start(verifier *v, const fp_flow *flow, volatile const int *interrupted)
{
    const fp_series *series = fp_step_series(v->slots[0].step);
    if (fp_start_make(&v->start, flow, series, v->err) != FP_OK) return FP_CHAIN_FAILED;
    fp_series_state_init(&v->end, series);
    fp_series_state_copy(&v->end, &v->start.x);
    mag_set(v->e, v->start.e0);
    mag_set(v->stats->start, v->start.e0);
    fp_chain_outcome outcome = go(v, interrupted);
    fp_series_state_clear(&v->end);
    fp_start_clear(&v->start);
    return outcome;
}

fp_chain_outcome fp_certificate_verify(fp_certificate *c, const fp_flow *flow, fp_pool *pool, volatile const int *interrupted, fp_chain_observer observe, void *ctx, fp_chain_stats *stats,
                                       fp_error *err)
{
    verifier v = {.c = c, .pool = pool, .observe = observe, .ctx = ctx, .stats = stats, .err = err};
    fp_chain_outcome outcome = FP_CHAIN_FAILED;
    fp_chain_stats_init(stats);
    arf_init(v.t);
    mag_init(v.e);
    bool ok = shape_agrees(&v, flow) && make_slots(&v, flow);
    size_t made = v.made;
    if (ok) {
        stats->order = fp_step_order(v.slots[0].step);
        stats->limbs = fp_series_limbs(fp_step_series(v.slots[0].step));
        v.made--; /* the last slot is the spare one */
        outcome = verify_from_start(&v, flow, interrupted);
    }
    free_slots(&v, made);
    mag_clear(v.e);
    arf_clear(v.t);
    return outcome;
}
