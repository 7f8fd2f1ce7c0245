/* SPDX-License-Identifier: MIT */
/* Named times: constant ones have their value here, the others are searched for in tube_clock.c; what depends on what. A time whose search begins or ends at one that is not found, or ends before it
 * begins, is not found. */
#include <stdlib.h>
#include <string.h>

#include "check_impl.h"

void fp_clock_init(fp_clock *k, const fp_time *time, slong prec)
{
    *k = (fp_clock){.time = time, .from = -1, .to = -1};
    arb_init(k->exact);
    mpfr_inits2(prec, k->value, k->width, (mpfr_ptr)NULL);
    mpfr_set_zero(k->value, 1);
    mpfr_set_zero(k->width, 1);
}

void fp_clock_clear(fp_clock *k)
{
    free(k->reads);
    arb_clear(k->exact);
    mpfr_clears(k->value, k->width, (mpfr_ptr)NULL);
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
        if (!fp_eval_scalar(k->exact, c->lane.eval, k->time->value, k->time->frame, &k->failure))
            k->state = FP_CLOCK_FAILED;
        else if (!arb_is_finite(k->exact))
            fp_clock_fail(k, "domain", "this time is not a number on this instance");
        else if (arb_is_negative(k->exact))
            fp_clock_fail(k, "time-not-reached", "this time is negative on this instance; a run begins at t = 0");
    }
}
