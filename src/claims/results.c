/* SPDX-License-Identifier: MIT */
/* All verdicts of a run, hypotheses and probability lines included, and the one mapping from verdicts to the gate. */
#include <stdlib.h>
#include <string.h>

#include "check_impl.h"

void fp_claim_result_init(fp_claim_result *r, const fp_claim *claim, slong prec)
{
    *r = (fp_claim_result){.claim = claim, .verdict = FP_UNDECIDED, .agreement_digits = -1};
    arb_init(r->margin);
    arb_init(r->relative);
    arb_init(r->ratio_least);
    arb_init(r->ratio_greatest);
    mpfr_ptr all[] = {r->tight_time, r->window_from, r->window_to};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        mpfr_init2(all[k], prec);
        mpfr_set_zero(all[k], 1);
    }
    for (int k = 0; k < FP_SENSITIVITIES_MAX; k++) {
        arb_init(r->measured[k].measured);
        mpfr_ptr times[] = {r->measured[k].time, r->attained_from[k], r->attained_to[k]};
        for (int j = 0; j < 3; j++) {
            mpfr_init2(times[j], prec);
            mpfr_set_zero(times[j], 1);
        }
    }
}

void fp_claim_result_clear(fp_claim_result *r)
{
    arb_clear(r->margin);
    arb_clear(r->relative);
    arb_clear(r->ratio_least);
    arb_clear(r->ratio_greatest);
    mpfr_clear(r->tight_time);
    mpfr_clear(r->window_from);
    mpfr_clear(r->window_to);
    for (int k = 0; k < FP_SENSITIVITIES_MAX; k++) {
        arb_clear(r->measured[k].measured);
        mpfr_clear(r->measured[k].time);
        mpfr_clear(r->attained_from[k]);
        mpfr_clear(r->attained_to[k]);
    }
}

void fp_results_clear(fp_results *r)
{
    for (size_t k = 0; k < r->claims_count; k++) fp_claim_result_clear(&r->claims[k]);
    for (size_t k = 0; k < r->times_count; k++) {
        mpfr_clear(r->times[k].value);
        mpfr_clear(r->times[k].width);
    }
    free(r->claims);
    free(r->times);
    memset(r, 0, sizeof *r);
}

static bool fails_as_hypothesis(fp_verdict v)
{
    return v == FP_VIOLATED || v == FP_REFUTED || v == FP_UNDECIDED;
}

/* First observed claim (not a probability line, not `self`) that a glob names and that fails; NULL if none. */
static const fp_claim_result *find_failing(const fp_list *globs, const fp_claim_result *all, size_t count, const fp_claim *self, bool twins)
{
    for (size_t g = 0; g < globs->count; g++)
        for (size_t k = 0; k < count; k++) {
            const fp_claim *claim = all[k].claim;
            if (claim == self || claim->is_twin != twins || claim->kind == FP_PROBABILITY) continue;
            if (fp_claim_matches(globs->items[g], claim) && fails_as_hypothesis(all[k].verdict)) return &all[k];
        }
    return NULL;
}

/* A hypothesis whose sheet was not read counts as one that was not shown. */
static const char *find_unread(const fp_list *globs, const fp_sheets *sheets)
{
    for (size_t g = 0; g < globs->count; g++)
        if (!fp_pattern_names_sheet(globs->items[g], sheets)) return globs->items[g];
    return NULL;
}

static void mark_hypotheses(fp_claim_result *r, const fp_claim_result *all, const fp_checker *c)
{
    const fp_list *assumes = &r->claim->sheet->assumes;
    const char *unread = find_unread(assumes, c->sheets);
    r->outside_hypotheses = unread || find_failing(assumes, all, c->monitors_count, r->claim, false);
    if (unread && !r->detail[0]) snprintf(r->detail, sizeof r->detail, "the hypothesis %s is not among the sheets that were read", unread);
}

static size_t count_named(const fp_list *globs, const fp_claim_result *all, size_t count, bool twins)
{
    size_t named = 0;
    for (size_t k = 0; k < count; k++) {
        bool any = false;
        for (size_t g = 0; g < globs->count; g++) any |= fp_claim_matches(globs->items[g], all[k].claim);
        named += any && all[k].claim->is_twin == twins && all[k].claim->kind == FP_CLAIM;
    }
    return named;
}

/* One run is one draw of the event: say how it came out. */
static void decide_probability(fp_claim_result *r, const fp_claim_result *all, size_t count)
{
    const fp_claim *claim = r->claim;
    const fp_claim_result *given = find_failing(&claim->given, all, count, claim, claim->is_twin);
    const fp_claim_result *failed = find_failing(&claim->of, all, count, claim, claim->is_twin);
    r->verdict = FP_DEFERRED;
    if (given)
        snprintf(r->detail, sizeof r->detail, "this run: outside the event it is conditioned on (%s %s)", given->claim->id, fp_verdict_word(given->verdict));
    else if (failed)
        snprintf(r->detail, sizeof r->detail, "this run: %s %s", failed->claim->id, fp_verdict_word(failed->verdict));
    else
        snprintf(r->detail, sizeof r->detail, "this run: all %zu claims held", count_named(&claim->of, all, count, claim->is_twin));
}

static void finish_times(fp_results *out, const fp_checker *c)
{
    out->times = fp_alloc(c->clocks_count, sizeof *out->times);
    for (int id = 0; id < c->sheets->times; id++) {
        if (c->clock_of[id] < 0 || !c->clocks[c->clock_of[id]].reported) continue;
        const fp_clock *k = &c->clocks[c->clock_of[id]];
        fp_time_result *r = &out->times[out->times_count++];
        r->time = k->time;
        r->estimated = k->estimated;
        r->found = k->known && k->state == FP_CLOCK_FOUND;
        if (!r->found) snprintf(r->reason, sizeof r->reason, "%s", k->state == FP_CLOCK_FAILED ? k->failure.reason : c->unresolved);
        mpfr_init2(r->value, mpfr_get_prec(k->value));
        mpfr_init2(r->width, mpfr_get_prec(k->width));
        mpfr_set(r->value, k->value, MPFR_RNDN);
        mpfr_set(r->width, k->width, MPFR_RNDN);
    }
}

void fp_results_assemble(fp_results *out, fp_claim_result *all, fp_checker *c)
{
    memset(out, 0, sizeof *out);
    for (size_t k = 0; k < c->monitors_count; k++)
        if (all[k].claim->kind == FP_PROBABILITY) decide_probability(&all[k], all, c->monitors_count);
    for (size_t k = 0; k < c->monitors_count; k++) mark_hypotheses(&all[k], all, c);
    out->claims = fp_alloc(c->selected, sizeof *out->claims);
    for (size_t k = 0; k < c->monitors_count; k++) {
        if (!c->monitors[k].selected) {
            fp_claim_result_clear(&all[k]);
            continue;
        }
        fp_result_default_expectation(&all[k]);
        out->claims[out->claims_count++] = all[k]; /* moved: balls and reals own their limbs elsewhere */
    }
    finish_times(out, c);
}

/* ---- expectation of one result */
void fp_result_default_expectation(fp_claim_result *r)
{
    r->expected_holds = !r->claim->is_twin;
    r->expected = r->claim->is_twin ? FP_VIOLATED : FP_PROVED;
    snprintf(r->expected_reason, sizeof r->expected_reason, "%s", r->claim->is_twin ? "a twin is false on purpose" : "");
    r->as_expected = fp_result_is_as_expected(r);
}

static bool is_neutral(fp_verdict v)
{
    return v == FP_NOT_APPLICABLE || v == FP_DEFERRED;
}

/* The run failed, not the claim: no expectation covers that, and no --allow-undecided. */
static bool run_failed(const fp_claim_result *r)
{
    static const char *const reasons[] = {"step-cap", "step-underflow", "blow-up", "interrupted", "incomplete"};
    for (size_t k = 0; k < sizeof reasons / sizeof *reasons; k++)
        if (r->verdict == FP_UNDECIDED && strcmp(r->reason, reasons[k]) == 0) return true;
    return false;
}

bool fp_result_is_as_expected(const fp_claim_result *r)
{
    fp_verdict v = r->verdict, e = r->expected;
    if (is_neutral(v)) return true;
    if (run_failed(r)) return false;
    if (r->expected_holds || e == FP_PROVED || e == FP_SUPPORTED) return v == FP_PROVED || v == FP_SUPPORTED;
    if (e == FP_VIOLATED || e == FP_REFUTED) return v == FP_VIOLATED || v == FP_REFUTED;
    return v == e;
}

/* ---- the gate */
fp_gate fp_gate_of(const fp_claim_result *r, bool allow_undecided)
{
    if (is_neutral(r->verdict)) return FP_GATE_NEUTRAL;
    if (r->as_expected) return FP_GATE_PASS;
    if (r->verdict == FP_UNDECIDED) return allow_undecided && !run_failed(r) ? FP_GATE_NEUTRAL : FP_GATE_UNDECIDED;
    return FP_GATE_FAIL;
}

int fp_gate_exit(const fp_results *r, bool allow_undecided)
{
    bool seen[FP_GATE_NEUTRAL + 1] = {false};
    for (size_t k = 0; k < r->claims_count; k++) seen[fp_gate_of(&r->claims[k], allow_undecided)] = true;
    if (seen[FP_GATE_FAIL]) return 1;
    if (seen[FP_GATE_UNDECIDED]) return 3;
    return seen[FP_GATE_PASS] ? 0 : 5;
}
