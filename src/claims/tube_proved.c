/* SPDX-License-Identifier: MIT */
/* Where a proof ended, a second checker judges an estimated tube: what the first one has settled stands, anything else is at most supported or violated (certificate.md, (32)). */
#include <string.h>

#include "tube_impl.h"

/* Shown not to be reached. */
static bool is_missing(const fp_clock *k)
{
    return k->state == FP_CLOCK_FAILED && strcmp(k->failure.reason, "time-not-reached") == 0;
}

static bool misses(const fp_tube_checker *c, int clock)
{
    return clock >= 0 && is_missing(&c->base->clocks[clock]);
}

/* A time that it uses is shown not to be reached. */
static bool misses_a_time(const fp_tube_checker *c, const fp_monitor *m)
{
    bool missing = misses(c, m->from) || misses(c, m->to);
    for (size_t k = 0; !missing && k < c->base->clocks_count; k++) missing = m->needs[k] && misses(c, (int)k);
    return missing;
}

bool fp_tube_is_settled_by(const fp_tube_checker *c, size_t i)
{
    const fp_monitor *m = &c->base->monitors[i];
    fp_verdict v = c->all[i].verdict;
    return v == FP_DEFERRED ? fp_tube_is_over(c, i) : v != FP_UNDECIDED || m->exact || m->out || misses_a_time(c, m);
}

void fp_tube_only_estimated(fp_claim_result *r)
{
    fp_result_lower(r, FP_EVIDENCE_ESTIMATE);
    if (r->verdict == FP_UNDECIDED) r->evidence = FP_EVIDENCE_ESTIMATE;
}

/* A constant time is one whatever the tube; one that the proof found, or showed not to exist, needs no estimate. */
static void take_time(fp_clock *to, const fp_clock *from)
{
    bool shown = from->state == FP_CLOCK_FOUND || is_missing(from);
    to->estimated = to->time->kind != FP_TIME_STATIC && !shown;
    if (to->estimated || to->time->kind == FP_TIME_STATIC) return;
    to->state = from->state;
    to->known = from->known;
    to->failure = from->failure;
    mpfr_set(to->value, from->value, MPFR_RNDN);
    mpfr_set(to->width, from->width, MPFR_RNDN);
}

void fp_tube_take_proved(fp_tube_checker *c)
{
    for (size_t i = 0; i < c->base->monitors_count; i++) {
        bool further = arf_cmp(c->reached, c->proved->reached) > 0;
        if (!fp_tube_is_settled_by(c->proved, i) && (further || c->all[i].verdict != FP_UNDECIDED)) continue;
        fp_claim_result x = c->all[i];
        c->all[i] = c->proved->all[i];
        c->proved->all[i] = x;
    }
    for (size_t k = 0; k < c->base->clocks_count; k++) take_time(&c->base->clocks[k], &c->proved->base->clocks[k]);
}
