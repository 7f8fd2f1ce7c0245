/* SPDX-License-Identifier: MIT */
/* From what was observed of one claim to its verdict: of those about t = 0 in full; what it has in common with those along the solution (tube_verdict.c). */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "check_impl.h"

const char *fp_verdict_word(fp_verdict v)
{
    static const char *const words[] = {
#define FP_WORD(id, word, text) word,
        FP_VERDICT_LIST(FP_WORD)
#undef FP_WORD
    };
    return (size_t)v < sizeof words / sizeof *words ? words[v] : "?";
}

void fp_result_lower(fp_claim_result *r, fp_evidence evidence)
{
    if (r->verdict == FP_PROVED) r->verdict = FP_SUPPORTED;
    if (r->verdict == FP_REFUTED) r->verdict = FP_VIOLATED;
    if (r->evidence == FP_EVIDENCE_ENCLOSURE) r->evidence = evidence;
}

void fp_result_decide(fp_claim_result *r, fp_verdict verdict, const char *reason, const char *format, ...)
{
    va_list args;
    r->verdict = verdict;
    snprintf(r->reason, sizeof r->reason, "%s", reason);
    va_start(args, format);
    vsnprintf(r->detail, sizeof r->detail, format, args);
    va_end(args);
}

static const fp_clock *clock_or_null(const fp_checker *c, int index)
{
    return index < 0 ? NULL : &c->clocks[index];
}

/* ---- windows that were not covered */
void fp_result_uncovered(fp_claim_result *r, const fp_clock *k, const char *which, bool reached, const char *why)
{
    bool not_yet = k && k->state == FP_CLOCK_FAILED;
    bool is_static = !k || k->time->kind == FP_TIME_STATIC;
    char room[64];
    const char *name = k ? fp_clock_name(room, k) : "horizon";
    if (not_yet && strcmp(k->failure.reason, "time-not-reached") != 0) {
        fp_result_decide(r, FP_UNDECIDED, k->failure.reason, "%s %s is not known: %s", which, name, k->failure.detail);
    } else if (not_yet) {
        fp_result_decide(r, FP_UNDECIDED, "time-not-reached", "%s %s is not found: %s", which, name, k->failure.detail);
    } else if (!reached) {
        fp_result_decide(r, FP_UNDECIDED, why && *why ? why : "incomplete", "the run ended before %s %s", which, name);
    } else if (is_static) {
        fp_result_decide(r, FP_UNDECIDED, "horizon-not-reached", "%s %s lies beyond the horizon", which, name);
    } else {
        fp_result_decide(r, FP_UNDECIDED, "time-not-reached", "%s %s is not reached within the horizon", which, name);
    }
}

const char *fp_result_start_word(const fp_monitor *m)
{
    return m->claim->window == FP_WINDOW_AT ? "the time" : "the window's start";
}

static bool is_failed(const fp_checker *c, int index)
{
    return index >= 0 && c->clocks[index].state == FP_CLOCK_FAILED;
}

bool fp_result_lapses(fp_claim_result *r, const fp_checker *c, const fp_monitor *m)
{
    int on = is_failed(c, m->from) ? m->from : is_failed(c, m->to) ? m->to : -1;
    const char *which = on >= 0 && on == m->from ? fp_result_start_word(m) : on >= 0 ? "the window's end" : "the time";
    for (size_t k = 0; on < 0 && k < c->clocks_count; k++)
        if (m->needs[k] && is_failed(c, (int)k)) on = (int)k;
    if (on < 0) return false;
    fp_result_uncovered(r, &c->clocks[on], which, true, NULL);
    if (m->claim->kind == FP_ORDER) r->verdict = FP_DEFERRED;
    r->has_margin = r->has_ratio = false;
    for (int k = 0; k < r->measured_count; k++) r->measured[k].known = false;
    return true;
}

/* ---- values */
static void fill_window(fp_claim_result *r, const fp_monitor *m)
{
    mpfr_set_prec(r->window_from, mpfr_get_prec(m->opened));
    mpfr_set_prec(r->window_to, mpfr_get_prec(m->closed));
    mpfr_set(r->window_from, m->opened, MPFR_RNDN);
    mpfr_set(r->window_to, m->closed, MPFR_RNDN);
}

static void fill_tight(fp_claim_result *r, const fp_monitor *m, slong prec)
{
    if (!m->tight.any || m->no_leaves) return;
    r->has_margin = true;
    arb_set(r->margin, m->tight.margin);
    if (arb_contains_zero(m->tight.scale) && arb_is_zero(r->margin))
        arb_zero(r->relative);
    else
        arb_div(r->relative, m->tight.margin, m->tight.scale, prec);
    mpfr_set_prec(r->tight_time, mpfr_get_prec(m->tight.time));
    mpfr_set(r->tight_time, m->tight.time, MPFR_RNDN);
    snprintf(r->binding, sizeof r->binding, "%s", m->tight.binding);
}

static void fill_measured(fp_claim_result *r, const fp_monitor *m)
{
    r->measured_count = m->measured_count;
    for (int k = 0; k < m->measured_count; k++) {
        const fp_measured *from = &m->measured[k];
        fp_measured *to = &r->measured[k];
        to->constant = from->constant;
        to->known = fp_monitor_is_measured(m, k);
        if (!to->known) continue;
        arb_set(to->measured, from->measured);
        mpfr_set_prec(to->time, mpfr_get_prec(from->time));
        mpfr_set(to->time, from->time, MPFR_RNDN);
    }
}

void fp_result_fill(fp_claim_result *r, const fp_checker *c, const fp_monitor *m)
{
    fill_window(r, m);
    fill_tight(r, m, c->prec);
    fill_measured(r, m);
    r->samples = m->samples;
    r->premises = m->premises;
    r->premises_true = m->premises_true;
    r->has_ratio = m->has_ratio;
    arb_set(r->ratio_least, m->ratio_least);
    arb_set(r->ratio_greatest, m->ratio_greatest);
    if (m->samples > 0) r->evidence = FP_EVIDENCE_ENCLOSURE;
}

/* ---- failures of truth */
/* An enclosure that is too wide for three digits is shown by its ends. */
static void print_measured(fp_text *out, const arb_t x)
{
    bool wide = arb_rel_accuracy_bits(x) < 10;
    char *low = wide ? fp_ball_lower_text(x, 4) : fp_ball_text(x, 6), *high = wide ? fp_ball_upper_text(x, 4) : NULL;
    if (wide)
        fp_text_addf(out, ", measured between %s and %s", low, high);
    else
        fp_text_addf(out, ", measured %s", low);
    free(low);
    free(high);
}

void fp_result_constants(fp_text *out, const fp_claim_result *r)
{
    for (int k = 0; k < r->measured_count; k++) {
        const fp_measured *measured = &r->measured[k];
        char *value = fp_rational_text(measured->constant->value);
        fp_text_addf(out, "%s%s = %s", k ? "; " : "fails with ", measured->constant->name, value);
        free(value);
        if (!measured->known) continue;
        print_measured(out, measured->measured);
        fp_text_addf(out, " (the %s that would do)", measured->constant->smallest ? "smallest" : "largest");
    }
}

static void decide_false(fp_claim_result *r)
{
    fp_text text = {0};
    if (r->measured_count > 0) fp_result_constants(&text, r);
    fp_result_decide(r, r->measured_count > 0 ? FP_VIOLATED : FP_REFUTED, "", "%s", text.data ? text.data : "");
    fp_text_clear(&text);
}

/* Neither true nor false. */
static void decide_unknown(fp_claim_result *r, const fp_checker *c, const fp_monitor *m)
{
    const char *cause = m->tight.cause ? m->tight.cause : "straddles-zero";
    if (strcmp(cause, "box-cap") == 0)
        fp_result_decide(r, FP_UNDECIDED, cause, "not decided after as many halvings of the box as are allowed; open around %s", m->tight.binding);
    else if (strcmp(cause, "domain") == 0)
        fp_result_decide(r, FP_UNDECIDED, cause, "the expression is not finite at t = 0");
    else {
        fp_text why = {0};
        char *margin = fp_ball_text(m->tight.margin, 4);
        fp_hidden_add(&why, fp_hidden_of(m->claim->body, m->tight.margin, m->tight.scale, c->prec), NULL);
        fp_result_decide(r, FP_UNDECIDED, cause, "margin %s at t = 0: %s", margin, why.data);
        fp_text_clear(&why);
        free(margin);
    }
}

/* ---- identities: supported to 10^-k if k is at least a quarter of the precision: of the balls at exact states, of the run's numbers along the solution */
enum { FP_BALLS_GUARD = 32 };

static int agreement(const fp_agreement *a, slong prec)
{
    int cap = (int)fp_digits_of((mpfr_prec_t)prec);
    if (mag_is_zero(a->difference)) return cap;
    if (mag_is_zero(a->scale) || mag_is_inf(a->difference)) return 0;
    double digits = -(mag_get_d_log2_approx(a->difference) - mag_get_d_log2_approx(a->scale)) * log10(2.0);
    return digits < 0 ? 0 : digits > cap ? cap : (int)floor(digits);
}

/* What holds at the knots shows its digits there; what does not is seen along the solution. With slope() it is about the field that the run itself uses, which is seen at knots only: whatever differs there counts. */
static void fill_agreement(fp_claim_result *r, const fp_monitor *m, slong prec)
{
    const fp_agreement *knots = &m->at_knots;
    int digits = agreement(knots, prec), along = agreement(&m->on_tube, prec);
    bool seen = knots->any && knots->apart && (!knots->broken || (m->uses_slope && knots->differs && digits < along));
    r->agreement_digits = seen ? digits : along;
    r->agreement_states = seen ? knots->states : m->exact;
}

static void say_where(char where[FP_WHERE_LENGTH], const fp_claim_result *r, const fp_monitor *m)
{
    const fp_agreement *knots = &m->at_knots;
    size_t used = 0;
    where[0] = 0;
    if (r->agreement_states == 0) used = (size_t)snprintf(where, FP_WHERE_LENGTH, "along the solution, as far as its enclosure shows");
    if (knots->differs)
        snprintf(where + used, FP_WHERE_LENGTH - used, "%sthe sides differ at the exact state of the knot at t = %.8g", r->agreement_states == 0 ? "; not at every state: " : "", knots->differs_at);
}

bool fp_result_identity(fp_claim_result *r, const fp_checker *c, const fp_monitor *m, char where[FP_WHERE_LENGTH])
{
    where[0] = 0;
    if (!m->seen_identity) return false;
    fill_agreement(r, m, c->prec);
    say_where(where, r, m);
    slong bits = r->agreement_states > 0 || c->prec <= 2 * FP_BALLS_GUARD ? c->prec : c->prec - FP_BALLS_GUARD;
    long needed = fp_digits_of((mpfr_prec_t)(bits / 4));
    if (r->agreement_digits >= needed) return false;
    fp_result_decide(r, FP_UNDECIDED, "precision-cap", "the sides agree to %d digits only; %ld are needed at %ld bits%s%s", r->agreement_digits, needed, (long)bits, where[0] ? "; " : "", where);
    return true;
}

/* ---- the order of the questions */
static void decide_held(fp_claim_result *r, const fp_checker *c, const fp_monitor *m)
{
    char where[FP_WHERE_LENGTH];
    if (fp_result_identity(r, c, m, where)) return;
    if (m->premises > 0 && m->premises_true == 0)
        fp_result_decide(r, FP_UNDECIDED, "vacuous", "the premise never holds (%lu times examined)", m->premises);
    else
        fp_result_decide(r, m->seen_identity ? FP_SUPPORTED : FP_PROVED, "", "%s", where);
}

static void decide_start(fp_claim_result *r, const fp_checker *c, const fp_monitor *m)
{
    if (m->samples == 0)
        fp_result_decide(r, FP_UNDECIDED, "vacuous", "the window holds no time");
    else if (m->no_leaves)
        fp_result_decide(r, FP_UNDECIDED, "vacuous", "it speaks of nothing on this instance: the sets it ranges over are empty");
    else if (m->seen[FP_UNKNOWN])
        decide_unknown(r, c, m);
    else if (m->seen[FP_FALSE])
        decide_false(r);
    else
        decide_held(r, c, m);
}

static bool is_senseless(const char *reason)
{
    return fp_reason_is_lasting(reason) || strcmp(reason, "domain") == 0;
}

bool fp_result_order_senseless(fp_claim_result *r, const fp_checker *c, const fp_monitor *m)
{
    const fp_clock *ends[] = {clock_or_null(c, m->from), clock_or_null(c, m->to)};
    bool own = m->has_failure && is_senseless(m->reason);
    if (own) fp_result_decide(r, FP_UNDECIDED, m->reason, "%s", m->detail);
    for (int k = 0; k < 2 && !own; k++) {
        if (!ends[k] || ends[k]->state != FP_CLOCK_FAILED || !is_senseless(ends[k]->failure.reason)) continue;
        fp_result_decide(r, FP_UNDECIDED, ends[k]->failure.reason, "%s", ends[k]->failure.detail);
        return true;
    }
    return own;
}

static void decide_order(fp_claim_result *r, const fp_monitor *m)
{
    fp_result_decide(r, FP_DEFERRED, "", "%s", m->has_ratio ? "" : "no time of the window was examined");
}

void fp_monitor_verdict(fp_claim_result *r, const fp_checker *c, const fp_monitor *m)
{
    fp_result_fill(r, c, m);
    if (m->out)
        fp_result_decide(r, m->failure_verdict, m->reason, "%s", m->detail);
    else if (m->claim->kind == FP_ORDER && fp_result_order_senseless(r, c, m))
        r->has_ratio = false;
    else if (m->claim->kind == FP_ORDER)
        decide_order(r, m);
    else if (m->has_failure)
        fp_result_decide(r, m->failure_verdict, m->reason, "%s", m->detail);
    else
        decide_start(r, c, m);
    if (m->statistical) fp_result_lower(r, FP_EVIDENCE_SAMPLED);
}
