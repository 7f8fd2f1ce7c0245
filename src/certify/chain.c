/* SPDX-License-Identifier: MIT */
/* Steps one after another, each from the knot at which the one before it ended (certificate.md, (20)). */
#include "second.h"

enum { SAFETY = 4, SHARE = 10, LEAST_BITS = 64 };

typedef struct {
    const fp_chain_options *options;
    const fp_layout *layout;
    fp_step *step;
    fp_second *second;      /* of an estimate, else NULL */
    fp_start start;
    fp_series_state knot;
    arf_t t;
    mag_t e, give_up, tolerance;
    size_t next_stop;
    fp_chain_stats *stats;
    fp_error *err;
} chain;

const char *fp_chain_outcome_text(fp_chain_outcome o)
{
    static const char *const text[] = {"reached end", "stopped by observer", "tube did not close", "failed", "step budget", "the run of its knots ended", "interrupted"};
    return text[o];
}

void fp_chain_stats_init(fp_chain_stats *x)
{
    *x = (fp_chain_stats){0};
    arf_init(x->t);
    mag_init(x->start);
    mag_init(x->defect);
    mag_init(x->growth);
    mag_init(x->rate);
    mag_init(x->radius);
    mag_init(x->e);
    mag_init(x->run);
    mag_init(x->distance);
}

void fp_chain_stats_clear(fp_chain_stats *x)
{
    arf_clear(x->t);
    mag_clear(x->start);
    mag_clear(x->defect);
    mag_clear(x->growth);
    mag_clear(x->rate);
    mag_clear(x->radius);
    mag_clear(x->e);
    mag_clear(x->run);
    mag_clear(x->distance);
}

void fp_chain_stats_count(fp_chain_stats *x, const fp_step *step)
{
    x->steps++;
    arf_set(x->t, fp_step_right(step));
    mag_max(x->defect, x->defect, fp_step_defect(step));
    mag_add(x->growth, x->growth, fp_step_growth(step));
    mag_max(x->rate, x->rate, fp_step_rate(step));
    mag_max(x->radius, x->radius, fp_step_radius(step));
}

static fp_chain_outcome give_up(const chain *c, const char *why)
{
    double t = arf_get_d(c->t, ARF_RND_NEAR), e = mag_get_d(c->e), growth = mag_get_d(c->stats->growth);
    const char *thinner = c->options->thinner ? c->options->thinner : "a smaller tolerance";
    fp_fail(c->err, FP_BUDGET, "the tube did not close at t = %.10g: %s (radius %.3g after growing by exp(%.3g)); %s may make it thinner", t, why, e, growth, thinner);
    return FP_CHAIN_OPEN;
}

static arf_srcptr limit_of(chain *c)
{
    const fp_chain_options *o = c->options;
    while (c->next_stop < o->stop_count && arf_cmp(o->stops + c->next_stop, c->t) <= 0) c->next_stop++;
    bool stop = c->next_stop < o->stop_count && arf_cmp(o->stops + c->next_stop, o->t_end) < 0;
    return stop ? o->stops + c->next_stop : o->t_end;
}

/* The knot becomes y, rounded to the grid, and its jump is added to e: the knot is the rounded state, so that no rounding counts. False: y is not finite. */
static bool jump_to(chain *c, const fp_vec *y, const fp_series *series)
{
    fp_series_state x;
    mag_t rounding, jump;
    mag_init(rounding);
    mag_init(jump);
    fp_series_state_init(&x, series);
    bool finite = fp_series_state_from_vec(&x, rounding, y, c->layout);
    if (finite) {
        fp_series_state_distance(jump, &c->knot, &x, c->layout->m1);
        mag_add(c->e, c->e, jump);
        fp_series_state_copy(&c->knot, &x);
        mag_add(rounding, rounding, c->e);
        if (!c->second) mag_max(c->stats->run, c->stats->run, rounding);
    } else
        fp_fail(c->err, FP_BAD_INPUT, "the knot at t = %.10g is not finite", arf_get_d(c->t, ARF_RND_NEAR));
    fp_series_state_clear(&x);
    mag_clear(rounding);
    mag_clear(jump);
    return finite;
}

/* A state that is given for this time takes the place of the polynomial's end. FP_CHAIN_END: nothing speaks against going on. */
static fp_chain_outcome take_knot(chain *c, const fp_series *series, fp_error *why)
{
    const fp_chain_options *o = c->options;
    if (!o->knot) return FP_CHAIN_END;
    const fp_vec *y = o->knot(o->knot_ctx, c->t, why);
    if (!y) return why->code == FP_OK ? FP_CHAIN_END : why->code == FP_BUDGET ? FP_CHAIN_BUDGET : FP_CHAIN_RUN;
    return jump_to(c, y, series) ? FP_CHAIN_END : FP_CHAIN_FAILED;
}

/* One closed step; the knot moves to its end. False: *outcome says why. */
static bool prove(fp_chain_outcome *outcome, chain *c, fp_chain_observer observe, void *ctx)
{
    *outcome = FP_CHAIN_FAILED;
    if (mag_cmp(c->e, c->give_up) >= 0) {
        *outcome = give_up(c, "its radius reached 1/100");
        return false;
    }
    if (fp_step_open(c->step, c->t, &c->knot, limit_of(c), NULL, c->err) != FP_OK)
        return false;
    if (!fp_step_close(c->step, c->e, NULL)) {
        *outcome = give_up(c, "no radius holds the solution, however short the step");
        return false;
    }
    fp_step_next(&c->knot, c->e, c->step);
    arf_set(c->t, fp_step_right(c->step));
    fp_error why = {FP_OK, ""}; /* of the knots' end: the step itself may still end the chain otherwise */
    fp_chain_outcome then = take_knot(c, fp_step_series(c->step), &why);
    if (then == FP_CHAIN_FAILED || fp_interrupted()) /* then the step is of no use */
        return false;
    fp_step_end(c->step, &c->knot);
    fp_chain_stats_count(c->stats, c->step);
    mag_set(c->stats->e, c->e);
    *outcome = FP_CHAIN_STOPPED;
    bool more = !observe || observe(c->step, &c->start, ctx);
    if (!more || then == FP_CHAIN_END) return more;
    *outcome = then;
    *c->err = why;
    return false;
}

/* ---- an estimated tube (32) */
static fp_chain_outcome end_estimate(const chain *c, const char *why)
{
    fp_fail(c->err, FP_BUDGET, "the estimated tube ends at t = %.10g: %s", arf_get_d(c->stats->t, ARF_RND_NEAR), why);
    return FP_CHAIN_OPEN;
}

/* The largest distance so far becomes that of the knot, if it is larger. */
static bool compare(chain *c, fp_error *err)
{
    mag_t distance;
    const fp_series_state *x = fp_second_at(c->second, c->t, err);
    if (!x) return false;
    mag_init(distance);
    fp_series_state_distance(distance, &c->knot, x, c->layout->m1);
    mag_max(c->stats->distance, c->stats->distance, distance);
    mag_clear(distance);
    return true;
}

/* From the open step to the next knot; c->e: how far that is from the polynomial's end. */
static bool move_on(fp_chain_outcome *outcome, chain *c)
{
    arf_t h;
    fp_error why = {FP_OK, ""};
    arf_init(h);
    arf_sub(h, fp_step_right(c->step), c->t, ARF_PREC_EXACT, ARF_RND_DOWN);
    fp_series_at(&c->knot, c->e, fp_step_series(c->step), h);
    arf_set(c->t, fp_step_right(c->step));
    arf_clear(h);
    *outcome = take_knot(c, fp_step_series(c->step), &why);
    if (why.code != FP_OK) *c->err = why;
    if (*outcome != FP_CHAIN_END || fp_interrupted()) return false;
    if (compare(c, &why)) return true;
    *outcome = end_estimate(c, why.message);
    return false;
}

/* E = 4 (largest distance) + jump + h D */
static void set_radius(chain *c)
{
    mag_t E, h;
    mag_init(E);
    mag_init(h);
    mag_mul_ui(E, c->stats->distance, SAFETY);
    mag_add(E, E, c->e);
    fp_step_length(h, c->step);
    mag_addmul(E, h, fp_step_defect(c->step));
    fp_step_estimate(c->step, E);
    mag_clear(E);
    mag_clear(h);
}

/* What the polynomial leaves on the way need not be less than the rest of E, or than what was aimed at. */
static void shorten(chain *c)
{
    mag_t most;
    mag_init(most);
    mag_mul_ui(most, c->stats->distance, SAFETY);
    mag_max(most, most, c->tolerance);
    fp_step_shorten(c->step, most);
    mag_clear(most);
}

/* E has reached 1, or a tenth of |y|. */
static bool is_meaningless(const chain *c)
{
    mag_t size;
    mag_init(size);
    fp_step_size(size, c->step);
    mag_div_ui(size, size, SHARE);
    bool large = mag_cmp_2exp_si(fp_step_radius(c->step), 0) >= 0 || mag_cmp(fp_step_radius(c->step), size) >= 0;
    mag_clear(size);
    return large;
}

/* h is less than 2^-64 of the whole time, and not because the step lands on a stop: it would take for ever. */
static bool is_hopeless(chain *c)
{
    mag_t h, least;
    mag_init(h);
    mag_init(least);
    fp_step_length(h, c->step);
    arf_get_mag(least, c->options->t_end);
    mag_mul_2exp_si(least, least, -LEAST_BITS);
    bool hopeless = mag_cmp(h, least) < 0 && arf_cmp(fp_step_right(c->step), limit_of(c)) < 0;
    mag_clear(h);
    mag_clear(least);
    return hopeless;
}

static bool estimate(fp_chain_outcome *outcome, chain *c, fp_chain_observer observe, void *ctx)
{
    fp_error why = {FP_OK, ""};
    if (fp_step_open(c->step, c->t, &c->knot, limit_of(c), NULL, &why) != FP_OK) {
        *outcome = end_estimate(c, why.message);
        return false;
    }
    shorten(c);
    if (is_hopeless(c)) {
        *outcome = end_estimate(c, "its steps would be shorter than 2^-64 of the whole time");
        return false;
    }
    if (!move_on(outcome, c)) return false;
    set_radius(c);
    if (is_meaningless(c)) {
        *outcome = end_estimate(c, "its radius would reach 1, or a tenth of the state's size: two runs so far apart no longer say how far one of them is from the true solution");
        return false;
    }
    fp_step_end(c->step, &c->knot);
    fp_chain_stats_count(c->stats, c->step);
    *outcome = FP_CHAIN_STOPPED;
    return !observe || observe(c->step, &c->start, ctx);
}

static fp_chain_outcome go(chain *c, fp_chain_observer observe, void *ctx)
{
    const fp_chain_options *o = c->options;
    fp_chain_outcome outcome;
    while (arf_cmp(c->t, o->t_end) < 0) {
        if (fp_interrupted()) return FP_CHAIN_INTERRUPTED;
        if (o->max_steps && c->stats->steps >= o->max_steps) {
            fp_fail(c->err, FP_BUDGET, "%lu steps are used up at t = %.10g", o->max_steps, arf_get_d(c->t, ARF_RND_NEAR));
            return FP_CHAIN_BUDGET;
        }
        if (!(o->estimate ? estimate : prove)(&outcome, c, observe, ctx))
            return outcome;
    }
    return FP_CHAIN_END;
}

static void set_tolerance(chain *c)
{
    arb_t x;
    arb_init(x);
    fp_ball_set_rational(x, c->options->certify.tolerance, MAG_BITS);
    arb_get_mag(c->tolerance, x);
    arb_clear(x);
}

static fp_chain_outcome run_from_start(chain *c, fp_chain_observer observe, void *ctx)
{
    const fp_series *series = fp_step_series(c->step);
    fp_series_state_init(&c->knot, series);
    fp_series_state_copy(&c->knot, &c->start.x);
    arf_init(c->t);
    mag_init(c->e);
    mag_init(c->give_up);
    mag_init(c->tolerance);
    set_tolerance(c);
    mag_set(c->e, c->start.e0);
    mag_set(c->stats->start, c->start.e0);
    mag_set(c->stats->e, c->start.e0);
    mag_set_ui(c->give_up, 1);
    mag_div_ui(c->give_up, c->give_up, 100);
    fp_chain_outcome outcome = c->second && !compare(c, c->err) ? FP_CHAIN_FAILED : go(c, observe, ctx);
    mag_clear(c->tolerance);
    mag_clear(c->give_up);
    mag_clear(c->e);
    arf_clear(c->t);
    fp_series_state_clear(&c->knot);
    return outcome;
}

fp_chain_outcome fp_chain_run(const fp_chain_options *options, const fp_flow *flow, fp_chain_observer observe, void *ctx, fp_chain_stats *stats, fp_error *err)
{
    chain c = {.options = options, .layout = fp_flow_layout(flow), .stats = stats, .err = err};
    fp_chain_outcome outcome = FP_CHAIN_FAILED;
    fp_chain_stats_init(stats);
    if (fp_step_new(&c.step, fp_flow_problem(flow), fp_flow_layout(flow), &options->certify, err) != FP_OK)
        return err->code == FP_INTERRUPTED ? FP_CHAIN_INTERRUPTED : outcome;
    stats->order = fp_step_order(c.step);
    stats->limbs = fp_series_limbs(fp_step_series(c.step));
    if (fp_start_make(&c.start, flow, fp_step_series(c.step), err) == FP_OK) {
        bool ready = !options->estimate || fp_second_new(&c.second, flow, &options->certify, stats->limbs, options->t_end, err) == FP_OK;
        outcome = ready ? run_from_start(&c, observe, ctx) : FP_CHAIN_OPEN;
        fp_second_free(c.second);
        fp_start_clear(&c.start);
    }
    fp_step_free(c.step);
    if (outcome != FP_CHAIN_END && fp_interrupted()) { /* whatever made it end, it may have been work that was cut short */
        fp_fail(err, FP_INTERRUPTED, "interrupted at t = %.10g", arf_get_d(stats->t, ARF_RND_NEAR));
        outcome = FP_CHAIN_INTERRUPTED;
    }
    return outcome;
}
