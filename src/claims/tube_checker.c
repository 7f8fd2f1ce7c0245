/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "tube_impl.h"

enum { DEPTH = 20, BUDGET = 400, MEASURING = 60, ACCURACY = 20, CLOCK_GUARD = 16, LEAVES_KEPT = 4096, WIDE_BITS = 16 };

/* ---- making */
static fp_status lane_make(fp_tube_lane *l, fp_tube_checker *c, const fp_tube_options *options, fp_error *err)
{
    l->c = c;
    fp_status status = fp_checker_make(&l->shell, options, err);
    if (status != FP_OK) return status;
    l->tally = fp_alloc(l->shell->monitors_count + 1, sizeof *l->tally);
    l->views = fp_alloc(l->shell->monitors_count + 1, sizeof *l->views);
    l->at = fp_alloc(l->shell->clocks_count + 1, sizeof(fp_source *));
    for (size_t i = 0; i < l->shell->monitors_count; i++) fp_tally_init(&l->tally[i]);
    return FP_OK;
}

static void shared_make(fp_tube_checker *c)
{
    arb_t horizon;
    c->base = c->lane[0].shell;
    c->bracket = fp_alloc(c->base->clocks_count + 1, sizeof *c->bracket);
    c->span = fp_alloc(c->base->monitors_count + 1, sizeof *c->span);
    for (size_t k = 0; k < c->base->clocks_count; k++) {
        arf_init(c->bracket[k].lo);
        arf_init(c->bracket[k].hi);
    }
    for (size_t i = 0; i < c->base->monitors_count; i++) {
        fp_span *s = &c->span[i];
        arf_init(s->from);
        arf_init(s->to);
        arf_init(s->sure_from);
        arf_init(s->sure_to);
    }
    arb_init(horizon);
    fp_ball_set_rational(horizon, c->base->horizon, c->prec);
    fp_ball_lower(c->horizon_lo, horizon);
    fp_ball_upper(c->horizon_hi, horizon);
    arb_clear(horizon);
}

/* The end of every step: what it has come to stands, whatever interrupts the next one. */
static void seal(fp_tube_checker *c)
{
    if (fp_interrupted()) return;
    fp_checker_seal_clocks(c->base);
    for (size_t i = 0; i < c->base->monitors_count; i++) c->base->monitors[i].sealed = fp_tube_is_over(c, i);
}

fp_status fp_tube_checker_new(fp_tube_checker **out, const fp_tube_options *options, fp_error *err)
{
    fp_tube_checker *c = fp_alloc(1, sizeof *c);
    *out = NULL;
    c->pool = options->pool;
    c->layout = options->layout;
    c->prec = options->prec;
    c->thinner = options->thinner ? options->thinner : "a smaller tolerance";
    c->depth = options->depth > 0 ? options->depth : DEPTH;
    c->budget = options->budget > 0 ? options->budget : BUDGET;
    c->measuring = options->measuring > 0 ? options->measuring : MEASURING;
    c->accuracy = options->accuracy > 0 ? options->accuracy : ACCURACY;
    c->clock_depth = c->accuracy + CLOCK_GUARD > FP_TUBE_CLOCK_DEPTH ? (int)c->accuracy + CLOCK_GUARD : FP_TUBE_CLOCK_DEPTH;
    c->seeded = options->seed != NULL;
    c->proved = options->proved;
    arf_init(c->horizon_lo);
    arf_init(c->horizon_hi);
    arf_init(c->reached);
    fp_status status = FP_OK;
    for (int p = 0; p < FP_TUBE_LANES && status == FP_OK; p++) status = lane_make(&c->lane[p], c, options, err);
    if (status != FP_OK) {
        fp_tube_checker_free(c);
        return status;
    }
    shared_make(c);
    fp_checker_evaluate(c->base);
    fp_brackets_begin(c);
    fp_tube_sups_bind(c);
    c->knots = options->seed ? NULL : fp_tube_knots_make(c, options->flow);
    fp_tube_knots_start(c);
    seal(c);
    if (options->seed) fp_tube_seed(c, options->seed);
    *out = c;
    return FP_OK;
}

static void views_clear(fp_views *v, size_t most)
{
    fp_leaves *all[] = {&v->low, &v->middle, &v->high, &v->wide};
    for (int k = 0; k < 4; k++)
        if (all[k]->capacity > most) fp_leaves_clear(all[k]);
}

static void lane_free(fp_tube_lane *l)
{
    if (!l->shell) return;
    for (size_t i = 0; i < l->shell->monitors_count && l->tally; i++) {
        fp_tally_clear(&l->tally[i]);
        views_clear(&l->views[i], 0);
    }
    for (size_t k = 0; k < l->shell->clocks_count && l->at; k++) fp_source_free(l->at[k]);
    free(l->tally);
    free(l->views);
    free(l->at);
}

static void shared_free(fp_tube_checker *c)
{
    if (!c->base) return;
    for (size_t k = 0; k < c->base->clocks_count; k++) {
        if (c->bracket[k].past) _arb_vec_clear(c->bracket[k].past, (slong)c->sups_count);
        arf_clear(c->bracket[k].lo);
        arf_clear(c->bracket[k].hi);
    }
    for (size_t i = 0; i < c->base->monitors_count; i++) {
        fp_span *s = &c->span[i];
        arf_clear(s->from);
        arf_clear(s->to);
        arf_clear(s->sure_from);
        arf_clear(s->sure_to);
    }
    free(c->bracket);
    free(c->span);
    fp_tube_sups_clear(c);
}

void fp_tube_checker_free(fp_tube_checker *c)
{
    if (!c) return;
    fp_tube_knots_free(c);
    shared_free(c);
    for (size_t i = 0; c->all && i < c->base->monitors_count; i++) fp_claim_result_clear(&c->all[i]);
    free(c->all);
    for (int p = 0; p < FP_TUBE_LANES; p++) {
        lane_free(&c->lane[p]);
        fp_checker_free(c->lane[p].shell);
    }
    arf_clear(c->horizon_lo);
    arf_clear(c->horizon_hi);
    arf_clear(c->reached);
    free(c);
}

void fp_tube_checker_end(arf_t end, const fp_tube_checker *c)
{
    arf_set(end, c->horizon_hi);
}

size_t fp_tube_checker_selected(const fp_tube_checker *c)
{
    return c->base->selected;
}

/* ---- claims `at T:` */
static bool is_at(const fp_monitor *m)
{
    return m->claim->window == FP_WINDOW_AT && !m->out && m->claim->kind != FP_PROBABILITY;
}

/* Only what is known for good is read. */
static void hide_partial_times(const fp_tube_checker *c)
{
    for (size_t k = 0; k < c->base->clocks_count; k++)
        if (!c->bracket[k].complete) fp_eval_set_time(c->base->lane.eval, c->base->clocks[k].time, NULL);
}

static void show_times(const fp_tube_checker *c)
{
    for (size_t k = 0; k < c->base->clocks_count; k++) fp_eval_set_time(c->base->lane.eval, c->base->clocks[k].time, c->lane[0].at[k]);
}

/* No thinner tube makes such a bracket of a time narrow. */
static bool is_wide(const arf_t from, const arf_t to)
{
    arf_t width;
    arf_init(width);
    arf_sub(width, to, from, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_mul_2exp_si(width, width, WIDE_BITS);
    bool wide = arf_cmp(width, to) > 0;
    arf_clear(width);
    return wide;
}

static void take_truth(fp_tube_checker *c, size_t i, mpfr_srcptr t, arf_srcptr from, arf_srcptr to)
{
    fp_monitor *m = &c->base->monitors[i];
    fp_tally *tally = &c->lane[0].tally[i];
    fp_lane *lane = &c->base->lane;
    fp_judgement j;
    fp_checker_reserve(c->base, lane->leaves.count);
    fp_monitor_judge(c->base, m, t);
    fp_eval_judge(&j, lane->eval, m->claim->body, &lane->leaves);
    tally->parts++;
    if (lane->leaves.count == 0 || j.truth == FP_TRUE || (j.truth == FP_UNKNOWN && j.only_identities_unknown)) return;
    if (j.truth == FP_FALSE) {
        tally->decided = true;
        arf_set(tally->found_from, from);
        arf_set(tally->found_to, to);
        tally->comparison = lane->leaves.item[j.decisive].node;
        fp_binding_print(tally->binding, &lane->leaves.item[j.decisive]);
        fp_eval_sides(tally->left, tally->right, lane->eval, m->claim, j.decisive, &(fp_eval_failure){0});
        return;
    }
    bool finite = j.decisive >= lane->leaves.count || arb_is_finite(lane->leaves.item[j.decisive].margin);
    if (j.decisive < lane->leaves.count) {
        const fp_leaf *leaf = &lane->leaves.item[j.decisive];
        tally->hidden = is_wide(from, to) ? FP_HIDDEN_TIME : fp_hidden_of(m->claim->body, leaf->margin, leaf->scale, c->prec);
    }
    tally->unproved = true;
    tally->cause = finite ? "straddles-zero" : "domain";
    arf_set(tally->open_from, from);
    arf_set(tally->open_to, to);
}

static bool is_open(const fp_lane *lane, const fp_monitor *m)
{
    fp_judgement j;
    fp_eval_judge(&j, lane->eval, m->claim->body, &lane->leaves);
    return lane->leaves.count > 0 && j.truth == FP_UNKNOWN;
}

/* The claim at what the evaluator has as now. What that leaves open at t = 0 is seen at the exact initial state. */
static void judge_now(fp_tube_checker *c, size_t i, mpfr_srcptr t, arf_srcptr from, arf_srcptr to)
{
    fp_monitor *m = &c->base->monitors[i];
    fp_lane *lane = &c->base->lane;
    if (m->claim->kind == FP_ORDER) {
        fp_monitor_ratio(c->base, m);
        return;
    }
    fp_eval_failure failure = {0};
    bool ok = fp_eval_leaves(&lane->leaves, lane->eval, m->claim, &failure);
    if (ok && arf_is_zero(to) && is_open(lane, m)) {
        fp_eval_set_now(lane->eval, lane->initial);
        ok = fp_eval_leaves(&lane->leaves, lane->eval, m->claim, &failure);
    }
    if (ok && m->claim->window == FP_WINDOW_AT) fp_tube_tie_at(&lane->leaves, c, m->from);
    if (ok)
        take_truth(c, i, t, from, to);
    else
        fp_monitor_fail(m, &failure);
}

static void judge_at(fp_tube_checker *c, size_t i)
{
    fp_monitor *m = &c->base->monitors[i];
    const fp_bracket *b = &c->bracket[m->from];
    mpfr_t t;
    if (!is_at(m) || m->phase == FP_PHASE_CLOSED || c->base->clocks[m->from].state != FP_CLOCK_FOUND || !b->complete || !c->lane[0].at[m->from]) return;
    m->phase = FP_PHASE_CLOSED;
    mpfr_init2(t, c->prec);
    arf_get_mpfr(t, b->hi, MPFR_RNDN);
    hide_partial_times(c);
    fp_eval_set_now(c->base->lane.eval, c->lane[0].at[m->from]);
    for (size_t r = 0; r < c->sups_count && b->past; r++)
        if (c->sup[r].user[i]) fp_eval_set_sup(c->base->lane.eval, c->sup[r].node, &(fp_past_sup){b->past + r, NULL, NULL});
    judge_now(c, i, t, b->lo, b->hi);
    fp_tube_knots_at(c, i, b->lo, b->hi);
    show_times(c);
    mpfr_clear(t);
}

/* ---- running */
static fp_status check_segment(const fp_tube_checker *c, const fp_segment *g, fp_error *err)
{
    if (arf_cmp(g->left, c->reached) != 0 || arf_cmp(g->left, g->right) >= 0)
        return fp_fail(err, FP_INTERNAL, "the certified step [%.17g, %.17g] does not continue the run, which has come to %.17g", arf_get_d(g->left, ARF_RND_NEAR),
                       arf_get_d(g->right, ARF_RND_NEAR), arf_get_d(c->reached, ARF_RND_NEAR));
    if (g->estimated != (c->proved != NULL)) return fp_fail(err, FP_INTERNAL, "%s step where the other kind was to come", g->estimated ? "an estimated" : "a proved");
    return FP_OK;
}

fp_status fp_tube_checker_step(fp_tube_checker *c, const fp_segment *segment, fp_error *err)
{
    fp_status status = check_segment(c, segment, err);
    if (status != FP_OK) return status;
    c->segment = segment;
    for (int p = 0; p < FP_TUBE_LANES; p++) c->lane[p].view = segment->view[p] ? segment->view[p] : segment->view[0];
    status = fp_tube_sups_step(c, err);
    if (status == FP_OK) status = fp_brackets_step(c, err);
    if (status != FP_OK) return status;
    fp_spans_set(c);
    status = fp_tube_windows(c, err);
    if (status != FP_OK) return status;
    fp_tube_knots_step(c);
    for (size_t i = 0; i < c->base->monitors_count; i++) judge_at(c, i);
    fp_tube_sups_raise(c);
    if (fp_interrupted()) return fp_fail(err, FP_INTERRUPTED, "interrupted");
    arf_set(c->reached, segment->right);
    seal(c);
    c->segment = NULL;
    for (int p = 0; p < FP_TUBE_LANES; p++)
        for (size_t i = 0; i < c->base->monitors_count; i++) views_clear(&c->lane[p].views[i], LEAVES_KEPT);
    return FP_OK;
}

bool fp_tube_is_wanted(const fp_tube_checker *c, const fp_monitor *m)
{
    if (c->proved && fp_tube_is_settled_by(c->proved, (size_t)(m - c->base->monitors))) return false;
    return !c->seeded || (m->selected && m->measured_count > 0);
}

bool fp_tube_is_over(const fp_tube_checker *c, size_t i)
{
    const fp_monitor *m = &c->base->monitors[i];
    const fp_bracket *to = fp_tube_bracket(c, m->to);
    const fp_clock *from = m->from < 0 ? NULL : &c->base->clocks[m->from];
    if (m->out || m->exact || m->claim->kind == FP_PROBABILITY || !fp_tube_is_wanted(c, m)) return true;
    if (from && from->state == FP_CLOCK_FAILED) return true;
    if (m->at_end || !fp_monitor_is_settled(c->base, m)) return fp_monitor_is_settled(c->base, m);
    if (from && from->time->kind == FP_TIME_LAST && from->state != FP_CLOCK_FOUND) return false;
    if (m->claim->window == FP_WINDOW_AT) return m->phase == FP_PHASE_CLOSED;
    return to ? to->bounded && arf_cmp(to->hi, c->reached) <= 0 : arf_cmp(c->horizon_hi, c->reached) <= 0;
}

bool fp_tube_checker_is_done(const fp_tube_checker *c)
{
    for (size_t i = 0; i < c->base->monitors_count; i++)
        if (!fp_tube_is_over(c, i)) return false;
    return true;
}

/* ---- results */
static void place_times(fp_tube_checker *c)
{
    for (size_t k = 0; k < c->base->clocks_count; k++) {
        fp_clock *clock = &c->base->clocks[k];
        const fp_bracket *b = &c->bracket[k];
        if (clock->state != FP_CLOCK_FOUND) continue;
        arf_t width;
        arf_init(width);
        arf_get_mpfr(clock->value, b->hi, MPFR_RNDU);
        arf_set_mpfr(width, clock->value);
        arf_sub(width, width, b->lo, 64, ARF_RND_UP);
        arf_get_mpfr(clock->width, width, MPFR_RNDU);
        arf_clear(width);
    }
}

/* No window, but at(): said of t = 0 when all times are known. */
static void judge_end(fp_tube_checker *c, size_t i)
{
    arf_t zero;
    mpfr_t t;
    arf_init(zero);
    mpfr_init2(t, c->prec);
    mpfr_set_zero(t, 1);
    fp_tube_sups_forget(c);
    fp_eval_set_now(c->base->lane.eval, c->base->lane.initial);
    judge_now(c, i, t, zero, zero);
    fp_tube_knots_end(c, i);
    arf_clear(zero);
    mpfr_clear(t);
}

static void finish_claim(fp_claim_result *r, fp_tube_checker *c, size_t i, bool reached, const char *why)
{
    fp_monitor *m = &c->base->monitors[i];
    fp_claim_result_init(r, m->claim, c->prec);
    if (m->claim->kind == FP_PROBABILITY) return;
    if (m->at_end && !m->out) judge_end(c, i);
    if (m->exact || m->out)
        fp_monitor_verdict(r, c->base, m);
    else
        fp_tube_verdict(r, c, i, reached, why);
    if (c->proved) fp_tube_only_estimated(r);
}

void fp_tube_checker_conclude(fp_tube_checker *c, bool reached, const char *reason)
{
    if (c->all) return;
    c->all = fp_alloc(c->base->monitors_count + 1, sizeof *c->all);
    if (fp_interrupted()) fp_checker_abandon(c->base);
    fp_clocks_conclude(c->base, reached, reason);
    place_times(c);
    hide_partial_times(c);
    for (size_t i = 0; i < c->base->monitors_count; i++) finish_claim(&c->all[i], c, i, reached, reason);
}

void fp_tube_checker_finish(fp_results *out, fp_tube_checker *c, bool reached, const char *reason)
{
    fp_tube_checker_conclude(c, reached, reason);
    if (c->proved) fp_tube_take_proved(c);
    fp_results_assemble(out, c->all, c->base);
    free(c->all);
    c->all = NULL;
}
