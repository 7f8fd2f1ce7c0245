/* SPDX-License-Identifier: MIT */
/* Named times. `first t in [a, b] with P`: P is examined from a on; when it turns true between two examined times the turn is bracketed on the
 * dense output of the fine run and T is the right end of the bracket. `last t in [a, b] with P`: the last turn of P from true to false; not found if P is
 * never true, or true at b. Its value is provisional until b: whatever depends on it begins anew when P turns true again. A time whose search begins or
 * ends at one that is not found, or ends before it begins, is not found. Both runs take the states by a true step, each at its own T. */
#include <stdlib.h>
#include <string.h>

#include "check_impl.h"

void fp_clock_init(fp_clock *k, const fp_time *time, slong prec)
{
    *k = (fp_clock){.time = time, .from = -1, .to = -1};
    arb_init(k->exact);
    mag_init(k->rounding);
    mpfr_ptr all[] = {k->value, k->width, k->seen, k->next, k->next_width};
    for (size_t r = 0; r < sizeof all / sizeof *all; r++) {
        mpfr_init2(all[r], prec);
        mpfr_set_zero(all[r], 1);
    }
}

void fp_clock_clear(fp_clock *k)
{
    free(k->reads);
    arb_clear(k->exact);
    mag_clear(k->rounding);
    mpfr_ptr all[] = {k->value, k->width, k->seen, k->next, k->next_width};
    for (size_t r = 0; r < sizeof all / sizeof *all; r++) mpfr_clear(all[r]);
    for (int lane = 0; lane < 2; lane++)
        if (k->at[lane]) fp_source_free(k->at[lane]);
}

void fp_clock_fail(fp_clock *k, const char *reason, const char *why)
{
    k->state = FP_CLOCK_FAILED;
    k->known = false;
    k->failure.failed = true;
    k->failure.reason = reason;
    snprintf(k->failure.detail, sizeof k->failure.detail, "%s:%d:%d: %s", fp_place_file_name(k->time->place),
             k->time->place.line, k->time->place.column, why);
}

const char *fp_clock_name(char out[64], const fp_clock *k)
{
    if (k->time->name) return k->time->name;
    fp_text text = {0};
    fp_node_print(&text, k->time->value);
    snprintf(out, 64, "%.*s%s", text.len > 60 ? 57 : 60, text.data, text.len > 60 ? "..." : "");
    fp_text_clear(&text);
    return out;
}

/* ---- what depends on what */
bool fp_clock_exists(const fp_checker *c, int index)
{
    if (index < 0) return true;
    const fp_clock *k = &c->clocks[index];
    return k->time->kind == FP_TIME_STATIC ? k->state != FP_CLOCK_FAILED : k->state == FP_CLOCK_FOUND;
}

bool fp_clock_is_settled(const fp_checker *c, int index)
{
    if (index < 0) return true;
    const fp_clock *k = &c->clocks[index];
    if (k->time->kind == FP_TIME_STATIC || k->state == FP_CLOCK_FAILED) return true;
    bool settled = k->state == FP_CLOCK_FOUND && fp_clock_is_settled(c, k->from) && fp_clock_is_settled(c, k->to);
    for (int r = 0; settled && r < index; r++) settled = !k->reads[r] || fp_clock_is_settled(c, r);
    return settled;
}

/* Fails k if `on`, which it depends on, does not exist. unresolved: the reason where `on` is still being searched for; NULL: it may yet be found. */
static bool clock_follow(fp_checker *c, fp_clock *k, int on, const char *what, const char *unresolved)
{
    char name[64], why[160];
    if (k->state == FP_CLOCK_FAILED || fp_clock_exists(c, on)) return false;
    const fp_clock *other = &c->clocks[on];
    bool failed = other->state == FP_CLOCK_FAILED;
    if (!failed && !unresolved) return false;
    snprintf(why, sizeof why, "%s: %s is not found", what, fp_clock_name(name, other));
    fp_clock_fail(k, failed ? other->failure.reason : unresolved, why);
    return true;
}

static bool clock_follow_all(fp_checker *c, size_t index, const char *unresolved)
{
    fp_clock *k = &c->clocks[index];
    bool lapsed = clock_follow(c, k, k->from, "the search does not begin", unresolved) || clock_follow(c, k, k->to, "the search has no end", unresolved);
    for (int r = 0; !lapsed && r < (int)index; r++) lapsed = k->reads[r] && clock_follow(c, k, r, "its condition has no value", unresolved);
    return lapsed;
}

bool fp_clock_lapses(fp_checker *c, size_t index)
{
    return clock_follow_all(c, index, NULL);
}

void fp_clocks_conclude(fp_checker *c, bool reached, const char *why)
{
    c->unresolved = reached ? "time-not-reached" : why && *why ? why : "incomplete";
    for (size_t r = 0; r < c->clocks_count; r++)
        if (c->clocks[r].state == FP_CLOCK_FOUND) clock_follow_all(c, r, c->unresolved);
}

void fp_clocks_evaluate(fp_checker *c)
{
    for (size_t r = 0; r < c->clocks_count; r++) {
        fp_clock *k = &c->clocks[r];
        if (k->time->kind != FP_TIME_STATIC) continue;
        if (!fp_eval_scalar(k->exact, c->lane[FP_FINE].eval, k->time->value, k->time->frame, &k->failure))
            k->state = FP_CLOCK_FAILED;
        else if (!arb_is_finite(k->exact))
            fp_clock_fail(k, "domain", "this time is not a number on this instance");
        else if (arb_is_negative(k->exact))
            fp_clock_fail(k, "time-not-reached", "this time is negative on this instance; a run begins at t = 0");
    }
}

/* The horizon is rounded once from its rational, as the integrator does; other times from the middle of a ball 32 bits more precise than the run. */
void fp_clock_round(mpfr_ptr out, const fp_checker *c, const fp_clock *k)
{
    arb_t horizon;
    arb_init(horizon);
    fp_ball_set_rational(horizon, c->horizon, c->prec);
    if (arb_overlaps(horizon, k->exact))
        fp_mpfr_set_rational(out, c->horizon);
    else
        arf_get_mpfr(out, arb_midref(k->exact), MPFR_RNDN);
    arb_clear(horizon);
}

/* value, and how far from it the time meant may be */
static void clock_place(fp_checker *c, fp_clock *k)
{
    arb_t off;
    arb_init(off);
    fp_clock_round(k->value, c, k);
    arf_set_mpfr(arb_midref(off), k->value);
    arb_sub(off, off, k->exact, c->prec);
    arb_get_mag(k->rounding, off);
    arb_clear(off);
}

void fp_clock_rounding(mag_t out, const fp_checker *c, mpfr_srcptr t)
{
    mag_zero(out);
    for (size_t r = 0; r < c->clocks_count; r++) {
        const fp_clock *k = &c->clocks[r];
        if (k->time->kind == FP_TIME_STATIC && k->state != FP_CLOCK_FAILED && mpfr_equal_p(k->value, t)) mag_max(out, out, k->rounding);
    }
}

void fp_clocks_begin(fp_checker *c, mpfr_prec_t prec)
{
    for (size_t r = 0; r < c->clocks_count; r++) {
        fp_clock *k = &c->clocks[r];
        mpfr_ptr all[] = {k->value, k->width, k->seen, k->next, k->next_width};
        for (size_t s = 0; s < sizeof all / sizeof *all; s++) {
            mpfr_set_prec(all[s], prec);
            mpfr_set_zero(all[s], 1);
        }
        if (k->time->kind == FP_TIME_STATIC && k->state != FP_CLOCK_FAILED) clock_place(c, k);
    }
}

/* ---- snapshots for at() */
static void clock_capture(fp_checker *c, fp_clock *k)
{
    if (!k->wanted) return;
    for (int lane = 0; lane < 2; lane++) {
        if (!k->at[lane]) k->at[lane] = fp_source_new(c->flow[lane], c->prec);
        fp_source_set(k->at[lane], c->at[lane], c->here[lane]);
        fp_source_set_time_radius(k->at[lane], c->radius[lane]);
    }
    for (int lane = 0; lane < FP_LANES; lane++)
        fp_eval_set_time(c->lane[lane].eval, k->time, k->at[lane == FP_COARSE]);
}

/* The value was provisional: whatever was measured from it begins anew, whatever only read at() there cannot be judged. */
static void clock_forget(fp_checker *c, int index)
{
    fp_clock *k = &c->clocks[index];
    k->known = false;
    for (int lane = 0; lane < FP_LANES; lane++) fp_eval_set_time(c->lane[lane].eval, k->time, NULL);
    fp_eval_failure failure = {.failed = true, .reason = "time-not-reached"};
    snprintf(failure.detail, sizeof failure.detail, "the window opened before the time %s was final", k->time->name ? k->time->name : "");
    for (size_t r = 0; r < c->monitors_count; r++) {
        fp_monitor *m = &c->monitors[r];
        if (m->from == index)
            fp_monitor_reset(m);
        else if (m->needs[index] && m->phase != FP_PHASE_WAITING)
            fp_monitor_fail(m, &failure);
    }
}

/* A time that is found at another one's node is as uncertain as that one. */
static void clock_set(fp_checker *c, fp_clock *k, mpfr_srcptr value)
{
    k->known = true;
    mpfr_set(k->value, value, MPFR_RNDN);
    mpfr_set(k->width, c->width, MPFR_RNDU);
    if (k->time->kind != FP_TIME_LAST) k->state = FP_CLOCK_FOUND;
    clock_capture(c, k);
}

/* ---- the condition */
static bool ask_holds(double f)
{
    return f >= 0; /* false for NaN */
}

void fp_clocks_new_step(fp_checker *c)
{
    for (size_t r = 0; r < c->clocks_count; r++) {
        fp_clock *k = &c->clocks[r];
        k->asked[0] = k->asked[1] = k->has_next = false;
    }
}

/* The first change after `seen` as shown by the middle and the right end. */
static fp_status clock_look(fp_checker *c, fp_clock *k, const fp_stretch *s, fp_error *err)
{
    bool is_last = k->time->kind == FP_TIME_LAST;
    for (int r = 0; r < 2; r++) {
        mpfr_srcptr node = r ? s->right : s->middle;
        if (mpfr_lessequal_p(node, k->seen)) continue;
        if (!k->asked[r]) k->found_at[r] = fp_clock_ask(c, k, r ? FP_FINE : FP_MIDDLE);
        k->asked[r] = true;
        bool now = ask_holds(k->found_at[r]);
        if (now != k->holds && (now || is_last)) {
            k->has_next = true;
            k->next_holds = now;
            mpfr_set(k->next, node, MPFR_RNDN);
            mpfr_set_zero(k->next_width, 1);
            return is_last && now ? FP_OK : fp_clock_bracket(c, k, s, node, now, err);
        }
        k->holds = now;
        mpfr_set(k->seen, node, MPFR_RNDN);
    }
    return FP_OK;
}

/* A constant time the integrator did not stop at lies inside the step. */
static void clock_due(fp_clock *k, const fp_stretch *s)
{
    k->has_next = k->state == FP_CLOCK_WAITING && mpfr_less_p(k->value, s->right);
    if (k->has_next) mpfr_set(k->next, k->value, MPFR_RNDN);
    if (k->has_next) mpfr_set_zero(k->next_width, 1);
}

int fp_clocks_next(fp_checker *c, const fp_stretch *s, fp_status *status, fp_error *err)
{
    int best = -1;
    for (size_t r = 0; r < c->clocks_count; r++) {
        fp_clock *k = &c->clocks[r];
        if (k->time->kind == FP_TIME_STATIC)
            clock_due(k, s);
        else if (k->state == FP_CLOCK_SEARCHING && !k->has_next)
            *status = clock_look(c, k, s, err);
        else if (k->state != FP_CLOCK_SEARCHING)
            k->has_next = false;
        if (*status != FP_OK) return -1;
        if (k->has_next && (best < 0 || mpfr_less_p(k->next, c->clocks[best].next))) best = (int)r;
    }
    return best;
}

void fp_clock_happens(fp_checker *c, int index)
{
    fp_clock *k = &c->clocks[index];
    k->has_next = false;
    if (k->time->kind == FP_TIME_STATIC) {
        clock_set(c, k, k->next);
        return;
    }
    k->holds = k->next_holds;
    mpfr_set(k->seen, k->next, MPFR_RNDN);
    if (k->time->kind == FP_TIME_LAST && k->holds)
        clock_forget(c, index);
    else
        clock_set(c, k, k->next);
}

void fp_clocks_reach(fp_checker *c)
{
    for (size_t r = 0; r < c->clocks_count; r++) {
        fp_clock *k = &c->clocks[r];
        bool due = k->time->kind == FP_TIME_STATIC && k->state == FP_CLOCK_WAITING;
        if (due && mpfr_lessequal_p(k->value, c->t)) clock_set(c, k, k->value);
    }
}

/* ---- search windows */
static void clock_start(fp_checker *c, int index)
{
    fp_clock *k = &c->clocks[index];
    k->state = FP_CLOCK_SEARCHING;
    mpfr_set(k->seen, c->t, MPFR_RNDN);
    k->holds = ask_holds(fp_clock_ask(c, k, FP_FINE));
    if (k->time->kind == FP_TIME_FIRST && k->holds) clock_set(c, k, c->t);
}

static void clock_stop(fp_clock *k)
{
    if (k->time->kind == FP_TIME_LAST && k->known)
        k->state = FP_CLOCK_FOUND;
    else
        fp_clock_fail(k, "time-not-reached", k->holds ? "the condition still holds at the end of the search" : "the condition holds nowhere in the search");
}

static bool clock_settle(fp_checker *c, int index)
{
    fp_clock *k = &c->clocks[index];
    const fp_clock *from = k->from < 0 ? NULL : &c->clocks[k->from], *to = k->to < 0 ? NULL : &c->clocks[k->to];
    if (k->time->kind == FP_TIME_STATIC) return false;
    if (fp_clock_lapses(c, (size_t)index)) return true;
    if (k->state == FP_CLOCK_WAITING && (!from || from->known)) {
        if (to && to->known && from && mpfr_less_p(to->value, from->value))
            fp_clock_fail(k, "time-not-reached", "the search ends before it begins");
        else
            clock_start(c, index);
        return true;
    }
    if (k->state != FP_CLOCK_SEARCHING || !to || !to->known || mpfr_greater_p(to->value, c->t)) return false;
    clock_stop(k);
    return true;
}

/* Times may start one another at the same t; each changes state at most twice here. */
void fp_clocks_settle(fp_checker *c)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t r = 0; r < c->clocks_count; r++) changed |= clock_settle(c, (int)r);
    }
}
