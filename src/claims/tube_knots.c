/* SPDX-License-Identifier: MIT */
/* Identities at knots (certificate.md, (27a)). A knot is an exact state, so that balls around it are as narrow as their precision; at t = 0 and at the right end of every step, claims with identities are evaluated
 * there. What is seen decides nothing but the digits: the tube refutes, or it does not. */
#include <stdlib.h>

#include "tube_part.h"

typedef enum { NOWHERE, AT_START, AT_RIGHT } fp_knot_at;

struct fp_tube_knots {
    fp_flow *flow;
    fp_eval *eval;
    fp_source *now, **at; /* by clock: at the knot of a constant time; NULL: none yet */
    fp_vec *y, *y0, *f0;  /* the knot; the initial state and the field there */
    fp_vec **past;        /* the states of `at` */
    fp_knot_at held;      /* the knot in y */
    bool placed;          /* .. and in `now`, at times [lo, hi] */
    arf_t lo, hi;
    fp_leaves leaves;
};

/* ---- constant times and their knots */
/* Up to a multiple of what `prec` bits hold of the horizon: the times of steps are sums, and must not grow longer with every stop. */
static void round_up(arf_t t, const fp_tube_checker *c)
{
    fmpz_t up;
    slong unit = ARF_EXP(c->horizon_hi) - c->prec;
    fmpz_init(up);
    arf_mul_2exp_si(t, t, -unit);
    arf_get_fmpz(up, t, ARF_RND_CEIL);
    arf_set_fmpz(t, up);
    arf_mul_2exp_si(t, t, unit);
    fmpz_clear(up);
}

static bool stop_of(arf_t out, const fp_tube_checker *c, const fp_clock *k)
{
    arf_t lo;
    if (k->time->kind != FP_TIME_STATIC || k->state == FP_CLOCK_FAILED) return false;
    arf_init(lo);
    fp_ball_lower(lo, k->exact);
    fp_ball_upper(out, k->exact);
    bool late = arf_cmp(out, c->horizon_lo) >= 0, beyond = arf_cmp(lo, c->horizon_hi) > 0;
    if (late)
        arf_set(out, c->horizon_hi); /* where the run ends */
    else
        round_up(out, c);
    arf_clear(lo);
    return !beyond;
}

static void stops_add(fp_stops *s, const arf_t t)
{
    s->at = fp_realloc(s->at, s->count + 1, sizeof *s->at);
    arf_init(s->at + s->count);
    arf_set(s->at + s->count++, t);
}

static int compare_times(const void *a, const void *b)
{
    return arf_cmp((const arf_struct *)a, (const arf_struct *)b);
}

void fp_tube_checker_stops(fp_stops *out, const fp_tube_checker *c, arf_srcptr more, size_t more_count)
{
    size_t kept = 0;
    arf_t t;
    *out = (fp_stops){0};
    arf_init(t);
    for (size_t r = 0; r < more_count; r++) stops_add(out, more + r);
    for (size_t k = 0; k < c->base->clocks_count; k++)
        if (stop_of(t, c, &c->base->clocks[k]) && arf_sgn(t) > 0 && arf_cmp(t, c->horizon_hi) < 0) stops_add(out, t);
    arf_clear(t);
    if (out->count > 0) qsort(out->at, out->count, sizeof *out->at, compare_times);
    for (size_t r = 0; r < out->count; r++)
        if (kept == 0 || arf_cmp(out->at + r, out->at + kept - 1) != 0) arf_swap(out->at + kept++, out->at + r);
    for (size_t r = kept; r < out->count; r++) arf_clear(out->at + r);
    out->count = kept;
}

void fp_stops_clear(fp_stops *stops)
{
    for (size_t r = 0; r < stops->count; r++) arf_clear(stops->at + r);
    free(stops->at);
    *stops = (fp_stops){0};
}

/* ---- life */
/* sup(e) is never known at a knot. */
static void hide_sups(const fp_tube_checker *c, fp_eval *e)
{
    arb_t unknown;
    arb_init(unknown);
    arb_indeterminate(unknown);
    for (size_t r = 0; r < c->sups_count; r++) fp_eval_set_sup(e, c->sup[r].node, &(fp_past_sup){unknown, NULL, NULL});
    arb_clear(unknown);
}

static fp_vec *field_at_start(const fp_tube_knots *k)
{
    const fp_field *field = fp_flow_field(k->flow);
    fp_vec *f = fp_vec_new(fp_vec_len(k->y0), fp_vec_prec(k->y0));
    mpfr_t zero;
    mpfr_init2(zero, FP_PREC_MIN);
    mpfr_set_zero(zero, 1);
    field->rhs(f, zero, k->y0, field->ctx);
    mpfr_clear(zero);
    return f;
}

fp_tube_knots *fp_tube_knots_make(fp_tube_checker *c, fp_flow *flow)
{
    bool any = false;
    for (size_t i = 0; i < c->base->monitors_count; i++) any |= c->base->monitors[i].identities;
    if (!flow || !any) return NULL;
    fp_tube_knots *k = fp_alloc(1, sizeof *k);
    k->flow = flow;
    k->eval = fp_eval_new(c->base->sheets, c->base->problem, c->prec);
    k->now = fp_source_new(flow, c->prec);
    k->at = fp_alloc(c->base->clocks_count + 1, sizeof(fp_source *));
    k->past = fp_alloc(c->base->clocks_count + 1, sizeof(fp_vec *));
    k->y = fp_flow_initial(flow);
    k->y0 = fp_flow_initial(flow);
    k->f0 = field_at_start(k);
    arf_init(k->lo);
    arf_init(k->hi);
    fp_eval_set_initial(k->eval, c->base->lane.initial);
    hide_sups(c, k->eval);
    return k;
}

void fp_tube_knots_free(fp_tube_checker *c)
{
    fp_tube_knots *k = c->knots;
    if (!k) return;
    fp_eval_free(k->eval);
    for (size_t r = 0; r < c->base->clocks_count; r++) {
        if (k->at[r]) fp_source_free(k->at[r]);
        fp_vec_free(k->past[r]);
    }
    fp_source_free(k->now);
    fp_vec_free(k->y);
    fp_vec_free(k->y0);
    fp_vec_free(k->f0);
    fp_leaves_clear(&k->leaves);
    arf_clear(k->lo);
    arf_clear(k->hi);
    free(k->at);
    free(k->past);
    free(k);
}

/* ---- being at a knot */
static bool hold(fp_tube_checker *c, fp_knot_at which)
{
    fp_tube_knots *k = c->knots;
    const fp_tube_view *view = c->lane[0].view;
    if (k->held == which) return true;
    k->held = NOWHERE;
    k->placed = false;
    if (which == AT_START) {
        fp_vec_copy(k->y, k->y0);
    } else if (!view->knot || !view->knot(k->y, view->ctx)) {
        return false;
    }
    k->held = which;
    return true;
}

static void place(fp_source *s, const fp_vec *y, const arf_t lo, const arf_t hi)
{
    arb_t time;
    mpfr_t t;
    arb_init(time);
    fp_ball_interval(time, lo, hi);
    slong bits = arf_bits(arb_midref(time));
    mpfr_init2(t, bits > FP_PREC_MIN ? bits : FP_PREC_MIN);
    arf_get_mpfr(t, arb_midref(time), MPFR_RNDN);
    fp_source_set(s, t, y);
    fp_source_set_time_radius(s, arb_radref(time));
    mpfr_clear(t);
    arb_clear(time);
}

/* The evaluator is at this knot; `t` stands for [lo, hi]. False: the knot is not known. */
static bool stand(fp_tube_checker *c, fp_knot_at which, const arf_t lo, const arf_t hi)
{
    fp_tube_knots *k = c->knots;
    if (!hold(c, which)) return false;
    if (k->placed && arf_equal(k->lo, lo) && arf_equal(k->hi, hi)) return true;
    place(k->now, k->y, lo, hi);
    fp_eval_set_now(k->eval, k->now);
    arf_set(k->lo, lo);
    arf_set(k->hi, hi);
    k->placed = true;
    return true;
}

/* at(T, ..) for the constant times whose knot this is */
static bool is_read(const fp_tube_checker *c, size_t clock)
{
    for (size_t i = 0; i < c->base->monitors_count; i++)
        if (c->base->monitors[i].identities && c->base->monitors[i].needs[clock]) return true;
    return false;
}

static void take_times(fp_tube_checker *c, fp_knot_at which, const arf_t t)
{
    fp_tube_knots *k = c->knots;
    arf_t stop;
    arf_init(stop);
    for (size_t r = 0; r < c->base->clocks_count; r++) {
        fp_clock *clock = &c->base->clocks[r];
        if (k->at[r] || !is_read(c, r) || !stop_of(stop, c, clock) || !arf_equal(stop, t) || !hold(c, which)) continue;
        k->at[r] = fp_source_new(k->flow, c->prec);
        place(k->at[r], k->y, c->bracket[r].lo, c->bracket[r].hi);
        k->past[r] = fp_vec_new(fp_vec_len(k->y), fp_vec_prec(k->y));
        fp_vec_copy(k->past[r], k->y);
        fp_eval_set_time(k->eval, clock->time, k->at[r]);
    }
    arf_clear(stop);
}

/* ---- judging */
static bool is_asked(const fp_tube_checker *c, size_t i)
{
    const fp_monitor *m = &c->base->monitors[i];
    bool decided = c->lane[0].tally[i].decided || c->lane[1].tally[i].decided;
    return m->identities && m->claim->kind == FP_CLAIM && !m->out && !m->has_failure && !c->lane[1].shell->monitors[i].has_failure && !decided;
}

/* A vector of the state that the field moves is not the same in x and y. */
static bool has_moved(const fp_tube_knots *k, const fp_vec *x, const fp_vec *y, size_t from, size_t length)
{
    bool moved = false, moves = false;
    mpfr_t a, b;
    mpfr_inits2(fp_vec_prec(k->y), a, b, (mpfr_ptr)NULL);
    for (size_t r = from; r < from + length && !moved; r++) {
        fp_vec_get(a, k->f0, r);
        moves = moves || !mpfr_zero_p(a);
        fp_vec_get(a, x, r);
        fp_vec_get(b, y, r);
        moved = !mpfr_equal_p(a, b);
    }
    mpfr_clears(a, b, (mpfr_ptr)NULL);
    return moved || !moves;
}

static bool are_apart(const fp_tube_knots *k, const fp_vec *x, const fp_vec *y)
{
    const fp_layout *l = fp_flow_layout(k->flow);
    bool apart = has_moved(k, x, y, l->u, (size_t)l->rows_v);
    for (size_t t = 0; t < (size_t)l->d && apart; t++) {
        apart = has_moved(k, x, y, l->V + t * (size_t)l->rows_v, (size_t)l->rows_v) && has_moved(k, x, y, l->K + t * (size_t)l->rows_k, (size_t)l->rows_k) &&
                has_moved(k, x, y, l->Q + t * (size_t)l->rows_k, (size_t)l->rows_k);
    }
    return apart;
}

/* What reads several states says nothing where two of them are one, or share what moves too little for the grid of knots. */
static bool reads_states_apart(const fp_tube_checker *c, const fp_monitor *m)
{
    const fp_tube_knots *k = c->knots;
    bool apart = m->at_end || are_apart(k, k->y0, k->y);
    for (size_t r = 0; r < c->base->clocks_count && apart; r++) {
        if (!m->needs[r] || !k->past[r]) continue;
        apart = are_apart(k, k->past[r], k->y);
        for (size_t other = 0; other < r && apart; other++)
            if (m->needs[other] && k->past[other]) apart = are_apart(k, k->past[r], k->past[other]);
    }
    return apart;
}

static void judge(fp_tube_checker *c, size_t i)
{
    fp_tube_knots *k = c->knots;
    fp_monitor *m = &c->base->monitors[i];
    fp_eval_failure failure = {0};
    if (!fp_eval_leaves_guarded(&k->leaves, k->eval, m->claim, &failure)) return;
    m->at_knots.apart = m->at_knots.apart || !m->remembers || m->exact || reads_states_apart(c, m);
    fp_agreement_take(&m->at_knots, c->base, m->claim->body, &k->leaves, arf_get_d(k->hi, ARF_RND_NEAR));
}

static bool has_window(const fp_monitor *m)
{
    return m->claim->window == FP_WINDOW_ALWAYS || m->claim->window == FP_WINDOW_EVENTUALLY;
}

/* The window ends in this step and has no knot: what holds at every state is seen at the next one. */
static bool takes_next(const fp_tube_checker *c, size_t i)
{
    const fp_monitor *m = &c->base->monitors[i];
    arf_t lo, hi;
    arf_init(lo);
    arf_init(hi);
    bool ends = fp_tube_ends(lo, hi, c, m->to, true) && arf_cmp(hi, c->segment->right) <= 0;
    arf_clear(lo);
    arf_clear(hi);
    return ends && c->span[i].active && !m->at_knots.any && !m->remembers;
}

static void judge_windows(fp_tube_checker *c, fp_knot_at which, const arf_t t)
{
    for (size_t i = 0; i < c->base->monitors_count; i++) {
        if (!is_asked(c, i) || !has_window(&c->base->monitors[i])) continue;
        bool here = fp_tube_surely_in(&c->lane[0], i, t) || (which == AT_RIGHT && takes_next(c, i));
        if (here && stand(c, which, t, t)) judge(c, i);
    }
}

/* ---- when */
void fp_tube_knots_start(fp_tube_checker *c)
{
    arf_t zero;
    if (!c->knots) return;
    arf_init(zero);
    for (size_t i = 0; i < c->base->monitors_count; i++)
        if (is_asked(c, i) && c->base->monitors[i].exact && c->base->monitors[i].uses_slope && stand(c, AT_START, zero, zero)) judge(c, i);
    arf_clear(zero);
}

void fp_tube_knots_step(fp_tube_checker *c)
{
    const fp_segment *g = c->segment;
    if (!c->knots) return;
    if (arf_is_zero(g->left)) {
        take_times(c, AT_START, g->left);
        judge_windows(c, AT_START, g->left);
    }
    c->knots->held = NOWHERE;
    take_times(c, AT_RIGHT, g->right);
    judge_windows(c, AT_RIGHT, g->right);
}

void fp_tube_knots_at(fp_tube_checker *c, size_t i, const arf_t lo, const arf_t hi)
{
    arf_t stop;
    const fp_monitor *m = &c->base->monitors[i];
    if (!c->knots || !is_asked(c, i)) return;
    arf_init(stop);
    fp_knot_at which = arf_is_zero(hi) ? AT_START : AT_RIGHT;
    bool own = stop_of(stop, c, &c->base->clocks[m->from]) && (arf_is_zero(hi) || arf_equal(stop, c->segment->right));
    if ((own || !m->remembers) && stand(c, which, lo, hi)) judge(c, i);
    if (which == AT_START) c->knots->held = NOWHERE; /* of this step it is the other one that is wanted */
    arf_clear(stop);
}

void fp_tube_knots_end(fp_tube_checker *c, size_t i)
{
    arf_t zero;
    if (!c->knots || !is_asked(c, i)) return;
    arf_init(zero);
    if (stand(c, AT_START, zero, zero)) judge(c, i);
    arf_clear(zero);
}
