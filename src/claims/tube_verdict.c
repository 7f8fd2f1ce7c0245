/* SPDX-License-Identifier: MIT */
/* From what both lanes found to a verdict. */
#include <stdlib.h>
#include <string.h>

#include "tube_impl.h"

/* ---- tallies */
static arf_struct *times_of(fp_tally *t, int k)
{
    arf_struct *all[] = {t->open_from, t->open_to, t->found_from, t->found_to, t->flag, t->ratio_low, t->ratio_high};
    return k < 7 ? all[k] : NULL;
}

void fp_tally_init(fp_tally *t)
{
    *t = (fp_tally){0};
    for (int k = 0; times_of(t, k); k++) arf_init(times_of(t, k));
    for (int k = 0; k < FP_SENSITIVITIES_MAX; k++) {
        arf_init(t->bound[k]);
        arf_init(t->best[k]);
        arf_init(t->seed[k]);
    }
    arb_init(t->left);
    arb_init(t->right);
    fp_tally_reset(t);
}

void fp_tally_clear(fp_tally *t)
{
    for (int k = 0; times_of(t, k); k++) arf_clear(times_of(t, k));
    for (int k = 0; k < FP_SENSITIVITIES_MAX; k++) {
        arf_clear(t->bound[k]);
        arf_clear(t->best[k]);
        arf_clear(t->seed[k]);
        fp_candidates_clear(&t->attained[k]);
    }
    arb_clear(t->left);
    arb_clear(t->right);
}

void fp_tally_reset(fp_tally *t)
{
    t->parts = t->used = 0;
    t->hopeless = t->unproved = t->decided = t->flagged = t->has_ratio = false;
    t->cause = NULL;
    t->comparison = NULL;
    for (int k = 0; k < FP_SENSITIVITIES_MAX; k++) {
        t->bounded[k] = true;
        t->has_best[k] = false;
        arf_neg_inf(t->bound[k]);
        t->attained[k].count = 0;
    }
}

/* ---- both lanes in one monitor */
static void merge_tight(fp_monitor *to, const fp_monitor *from)
{
    const fp_tight *x = &from->tight;
    fp_tight *y = &to->tight;
    if (!x->any || !fp_monitor_is_tighter(to, x->rank, x->tightness)) return;
    y->any = true;
    y->rank = x->rank;
    y->tightness = x->tightness;
    y->cause = x->cause;
    memcpy(y->binding, x->binding, sizeof y->binding);
    arb_set(y->margin, x->margin);
    arb_set(y->scale, x->scale);
    mpfr_set_prec(y->time, mpfr_get_prec(x->time));
    mpfr_set(y->time, x->time, MPFR_RNDN);
}

static void merge_measured(fp_monitor *to, const fp_monitor *from)
{
    to->measurable = to->measurable && from->measurable;
    for (int k = 0; k < to->measured_count; k++) {
        if (from->measured[k].known)
            fp_measured_keep(&to->measured[k], from->measured[k].measured, from->measured[k].time, fp_tube_seeks_largest(to->claim, to->measured[k].constant));
        if (from->opposed[k]) fp_monitor_oppose(to, k, from->opposing[k]);
    }
}

static void merge(fp_monitor *to, const fp_monitor *from)
{
    merge_tight(to, from);
    merge_measured(to, from);
    to->samples += from->samples;
    to->premises += from->premises;
    to->premises_true += from->premises_true;
    for (int k = 0; k < 3; k++) to->seen[k] |= from->seen[k];
    to->seen_identity |= from->seen_identity;
    to->no_leaves |= from->no_leaves;
    fp_agreement_join(&to->on_tube, &from->on_tube);
    if (from->has_failure && !to->has_failure) {
        to->has_failure = true;
        to->failure_verdict = from->failure_verdict;
        memcpy(to->reason, from->reason, sizeof to->reason);
        memcpy(to->detail, from->detail, sizeof to->detail);
        to->out |= from->out;
    }
}

/* ---- texts */
enum { TIME_DIGITS = 10, TIME_DIGITS_MOST = 80 };

/* Rounded to `digits`, up for a left end, down for a right one, so that the interval printed lies in the one meant. */
static char *time_text(const arf_t t, int digits, mpfr_rnd_t round)
{
    mpfr_t x;
    char *text = NULL;
    mpfr_init2(x, arf_bits(t) > 64 ? arf_bits(t) : 64);
    arf_get_mpfr(x, t, MPFR_RNDN);
    if (mpfr_asprintf(&text, "%.*R*g", digits, round, x) < 0) text = NULL;
    char *own = fp_strdup(text ? text : "?");
    mpfr_free_str(text);
    mpfr_clear(x);
    return own;
}

/* Narrower than anybody wants to read: the bracket of a named time. */
static bool is_tiny(const arf_t a, const arf_t b)
{
    arf_t width;
    arf_init(width);
    arf_sub(width, b, a, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_mul_2exp_si(width, width, 50);
    bool tiny = arf_cmpabs(width, b) < 0;
    arf_clear(width);
    return tiny;
}

static void add_interval(fp_text *out, const arf_t a, const arf_t b)
{
    bool point = arf_cmp(a, b) == 0, fits = false;
    if (!point && is_tiny(a, b)) {
        char *time = time_text(b, 2 * TIME_DIGITS, MPFR_RNDN);
        fp_text_addf(out, "at t = %s (a bracket)", time);
        free(time);
        return;
    }
    for (int digits = TIME_DIGITS; !fits; digits += TIME_DIGITS) {
        char *low = time_text(a, digits, point ? MPFR_RNDN : MPFR_RNDU), *high = time_text(b, digits, MPFR_RNDD);
        fits = point || digits >= TIME_DIGITS_MOST || strtod(low, NULL) < strtod(high, NULL);
        if (fits && point) fp_text_addf(out, "at t = %s", low);
        if (fits && !point) fp_text_addf(out, "for all t in [%s, %s]", low, high);
        free(low);
        free(high);
    }
}

static void add_ball(fp_text *out, const arb_t x)
{
    char *low = fp_ball_lower_text(x, 8), *high = fp_ball_upper_text(x, 8);
    fp_text_addf(out, "[%s, %s]", low, high);
    free(low);
    free(high);
}

static void add_comparison(fp_text *out, const fp_tally *t)
{
    if (!t->comparison || t->comparison->kind != FP_NODE_COMPARE || t->comparison->count < 2) return;
    static const char *const words[] = {[FP_LE] = "<=", [FP_LT] = "<", [FP_GE] = ">=", [FP_GT] = ">", [FP_IDENTITY] = "=", [FP_EQ] = "==", [FP_NE] = "!="};
    if (t->comparison->op == FP_EQ || t->comparison->op == FP_NE) return;
    fp_text_add(out, ": the sides of '");
    fp_text_add(out, words[t->comparison->op]);
    fp_text_add(out, "' are in ");
    add_ball(out, t->left);
    fp_text_add(out, " and ");
    add_ball(out, t->right);
    if (t->binding[0]) fp_text_addf(out, " (%s)", t->binding);
}

/* ---- decisions */
static const fp_tally *deciding(const fp_tube_checker *c, size_t i)
{
    const fp_tally *a = &c->lane[0].tally[i], *b = &c->lane[1].tally[i];
    if (!a->decided || (b->decided && b->comparison && !a->comparison)) return b->decided ? b : NULL;
    if (b->decided && b->comparison && arf_cmp(b->found_from, a->found_from) < 0) return b;
    return a;
}

/* Inside the window as it came out in the end; a time that is not found for certain is no end of a window. Times that lapse were seen to before. */
static bool still_inside(const fp_tube_checker *c, const fp_monitor *m, const fp_tally *t)
{
    arf_t from, to, ignored;
    arf_init(from);
    arf_init(to);
    arf_init(ignored);
    bool ok = fp_tube_ends(ignored, from, c, m->from, false);
    ok = fp_tube_ends(to, ignored, c, m->to, true) && ok;
    bool at = m->claim->window == FP_WINDOW_AT; /* judged over the whole bracket, in which T is */
    ok = ok && (at || (arf_cmp(t->found_from, from) >= 0 && arf_cmp(t->found_to, to) <= 0));
    arf_clear(from);
    arf_clear(to);
    arf_clear(ignored);
    return ok && fp_clock_exists(c->base, m->from) && fp_clock_exists(c->base, m->to);
}

static void decide_false(fp_claim_result *r, const fp_tally *t)
{
    fp_text text = {0};
    fp_result_decide(r, r->measured_count ? FP_VIOLATED : FP_REFUTED, "", "%s", "");
    if (r->measured_count) fp_result_constants(&text, r);
    if (t) {
        fp_text_add(&text, r->measured_count ? "; false " : "false ");
        add_interval(&text, t->found_from, t->found_to);
        add_comparison(&text, t);
    } else {
        fp_text_add(&text, r->measured_count ? "; false on the whole window" : "false on the whole window");
    }
    snprintf(r->detail, sizeof r->detail, "%s", text.data);
    fp_text_clear(&text);
}

static void decide_open(fp_claim_result *r, const fp_tube_checker *c, const fp_tally *a, const fp_tally *b)
{
    const fp_tally *t = a->unproved && (!b->unproved || arf_cmp(a->open_from, b->open_from) <= 0) ? a : b;
    fp_text text = {0};
    const char *cause = t->cause ? t->cause : "depth";
    add_interval(&text, t->open_from, t->open_to);
    if (strcmp(cause, "depth") == 0)
        fp_result_decide(r, FP_UNDECIDED, cause, "not decided %s: the enclosures there are too wide, and halving the interval further is not worth it", text.data);
    else if (strcmp(cause, "domain") == 0)
        fp_result_decide(r, FP_UNDECIDED, cause, "not decided %s: the expression may not be finite there", text.data);
    else {
        fp_text why = {0};
        fp_hidden_add(&why, t->hidden, c->thinner);
        fp_result_decide(r, FP_UNDECIDED, cause, "not decided %s: %s", text.data, why.data);
        fp_text_clear(&why);
    }
    fp_text_clear(&text);
}

static void decide_held(fp_claim_result *r, const fp_tube_checker *c, const fp_monitor *m)
{
    char where[FP_WHERE_LENGTH];
    if (fp_result_identity(r, c->base, m, where)) return;
    if (m->premises > 0 && m->premises_true == 0)
        fp_result_decide(r, FP_UNDECIDED, "vacuous", "the premise holds for certain at no time examined (%lu)", m->premises);
    else
        fp_result_decide(r, m->seen_identity ? FP_SUPPORTED : FP_PROVED, "", "%s", where);
}

/* ---- windows that were not covered */
static const fp_clock *clock_or_null(const fp_tube_checker *c, int index)
{
    return index < 0 ? NULL : &c->base->clocks[index];
}

static bool is_found(const fp_tube_checker *c, int index)
{
    const fp_clock *k = clock_or_null(c, index);
    return k ? k->state == FP_CLOCK_FOUND : true;
}

static bool is_covered(fp_claim_result *r, const fp_tube_checker *c, const fp_monitor *m, bool reached, const char *why)
{
    const fp_clock *from = clock_or_null(c, m->from), *to = clock_or_null(c, m->to);
    arf_t from_lo, from_hi, to_lo, to_hi;
    arf_struct *all[] = {from_lo, from_hi, to_lo, to_hi};
    for (int k = 0; k < 4; k++) arf_init(all[k]);
    fp_tube_ends(from_lo, from_hi, c, m->from, false);
    fp_tube_ends(to_lo, to_hi, c, m->to, true);
    bool covered = false;
    if (!is_found(c, m->from) || arf_cmp(from_hi, c->reached) > 0)
        fp_result_uncovered(r, from, fp_result_start_word(m), reached, why);
    else if (m->claim->window == FP_WINDOW_AT)
        covered = true;
    else if (arf_cmp(to_hi, from_lo) < 0)
        fp_result_decide(r, FP_UNDECIDED, "vacuous", "the window ends before it begins");
    else if (arf_cmp(from_hi, c->horizon_lo) >= 0)
        fp_result_decide(r, FP_UNDECIDED, "horizon-not-reached", "the window begins at the horizon");
    else if (!is_found(c, m->to) || arf_cmp(to_hi, c->reached) > 0)
        fp_result_uncovered(r, to, "the window's end", reached, why);
    else if (arf_cmp(to_lo, from_hi) < 0)
        fp_result_decide(r, FP_UNDECIDED, "vacuous", "the window may end before it begins");
    else
        covered = true;
    for (int k = 0; k < 4; k++) arf_clear(all[k]);
    return covered;
}

static void window_of(const fp_tube_checker *c, fp_monitor *m)
{
    arf_t lo, hi;
    arf_init(lo);
    arf_init(hi);
    m->phase = FP_PHASE_CLOSED;
    fp_tube_ends(lo, hi, c, m->from, false);
    arf_get_mpfr(m->opened, lo, MPFR_RNDN);
    fp_tube_ends(lo, hi, c, m->to, true);
    arf_get_mpfr(m->closed, arf_cmp(hi, c->reached) < 0 ? hi : c->reached, MPFR_RNDN);
    if (mpfr_less_p(m->closed, m->opened)) mpfr_set(m->closed, m->opened, MPFR_RNDN);
    arf_clear(lo);
    arf_clear(hi);
}

static void fill_ratio(fp_claim_result *r, const fp_tube_checker *c, size_t i)
{
    arf_t low, high, x, least, greatest;
    arf_struct *all[] = {low, high, x, least, greatest};
    for (int k = 0; k < 5; k++) arf_init(all[k]);
    arf_pos_inf(low);
    arf_pos_inf(least);
    arf_neg_inf(high);
    arf_neg_inf(greatest);
    for (int p = 0; p < FP_TUBE_LANES; p++) {
        const fp_tally *t = &c->lane[p].tally[i];
        const fp_monitor *m = &c->lane[p].shell->monitors[i];
        if (!t->has_ratio || !m->has_ratio) continue;
        r->has_ratio = true;
        arf_min(low, low, t->ratio_low);
        arf_max(high, high, t->ratio_high);
    }
    for (int p = 0; r->has_ratio && p < FP_TUBE_LANES; p++) {
        const fp_monitor *m = &c->lane[p].shell->monitors[i];
        if (!m->has_ratio) continue;
        fp_ball_upper(x, m->ratio_least);
        arf_min(least, least, x);
        fp_ball_lower(x, m->ratio_greatest);
        arf_max(greatest, greatest, x);
    }
    if (r->has_ratio) {
        fp_ball_interval(r->ratio_least, low, least);
        fp_ball_interval(r->ratio_greatest, greatest, high);
    }
    for (int k = 0; k < 5; k++) arf_clear(all[k]);
}

static void decide_order(fp_claim_result *r, const fp_tube_checker *c, size_t i, const fp_monitor *m)
{
    r->has_ratio = false;
    if (m->claim->window == FP_WINDOW_AT)
        r->has_ratio = m->has_ratio;
    else
        fill_ratio(r, c, i);
    fp_result_decide(r, FP_DEFERRED, "", "%s", r->has_ratio ? "" : "no time of the window was examined");
}

static void decide_parts(fp_claim_result *r, const fp_tube_checker *c, size_t i, const fp_monitor *m)
{
    const fp_tally *a = &c->lane[0].tally[i], *b = &c->lane[1].tally[i];
    bool eventually = m->claim->window == FP_WINDOW_EVENTUALLY;
    if (m->samples == 0)
        fp_result_decide(r, FP_UNDECIDED, "vacuous", "the window holds no time for certain");
    else if (m->no_leaves)
        fp_result_decide(r, FP_UNDECIDED, "vacuous", "it speaks of nothing on this instance: the sets it ranges over are empty");
    else if (a->unproved || b->unproved)
        decide_open(r, c, a, b);
    else if (eventually)
        decide_false(r, NULL);
    else
        decide_held(r, c, m);
}

/* What was found outside the window as it came out shows nothing, and the search had ended with it. */
static void decide_lost(fp_claim_result *r, const fp_tally *t)
{
    fp_text text = {0};
    add_interval(&text, t->found_from, t->found_to);
    fp_result_decide(r, FP_UNDECIDED, "straddles-zero", "decided %s, which may lie outside the window: its ends are not known so closely", text.data);
    fp_text_clear(&text);
}

void fp_tube_verdict(fp_claim_result *r, fp_tube_checker *c, size_t i, bool reached, const char *why)
{
    fp_monitor *m = &c->base->monitors[i];
    merge(m, &c->lane[1].shell->monitors[i]);
    window_of(c, m);
    const fp_tally *found = deciding(c, i);
    bool inside = found && still_inside(c, m, found), example = m->claim->window == FP_WINDOW_EVENTUALLY;
    fp_result_fill(r, c->base, m);
    fp_tube_measured(r, c, i, m);
    if (m->out)
        fp_result_decide(r, m->failure_verdict, m->reason, "%s", m->detail);
    else if (m->claim->kind == FP_ORDER && fp_result_order_senseless(r, c->base, m))
        r->has_ratio = false;
    else if (fp_result_lapses(r, c->base, m))
        ;
    else if (m->claim->kind == FP_ORDER)
        decide_order(r, c, i, m);
    else if (inside && example)
        decide_held(r, c, m);
    else if (inside)
        decide_false(r, found);
    else if (m->has_failure)
        fp_result_decide(r, m->failure_verdict, m->reason, "%s", m->detail);
    else if (is_covered(r, c, m, reached, why) && found)
        decide_lost(r, found);
    else if (r->reason[0] == 0)
        decide_parts(r, c, i, m);
    if (m->statistical) fp_result_lower(r, FP_EVIDENCE_SAMPLED);
}
