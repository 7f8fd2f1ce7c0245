/* SPDX-License-Identifier: MIT */
#include "report_impl.h"

#include <stdlib.h>
#include <string.h>

static const char no_group[] = "other statements";

static const char *group_of(const fp_claim_result *c)
{
    return report_or(c->claim->sheet->group, no_group);
}

bool report_in_group(const fp_claim_result *c, const char *group)
{
    return !group || strcmp(group_of(c), group) == 0;
}

static bool is_among(const char *name, const char *const *list, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (strcmp(name, list[k]) == 0) return true;
    return false;
}

/* Do the sheets, or the claims checked, have the group? */
static bool is_there(const fp_report *r, const char *group)
{
    for (int k = 0; r->sheets && k < r->sheets->count; k++)
        if (strcmp(report_or(r->sheets->sheets[k]->group, ""), group) == 0) return true;
    return report_count(r, group).total > 0;
}

static void add_group(report_groups *g, const char *name)
{
    if (is_among(name, g->name, g->count)) return;
    g->name = fp_realloc(g->name, g->count + 1, sizeof *g->name);
    g->name[g->count++] = name;
}

void report_groups_init(report_groups *out, const fp_report *r)
{
    *out = (report_groups){0};
    for (int k = 0; k < FP_HEADLINES; k++)
        if (is_there(r, fp_groups[k])) add_group(out, fp_groups[k]);
    for (size_t k = 0; k < r->results->claims_count; k++) {
        const char *group = group_of(&r->results->claims[k]);
        if (group != no_group && !is_among(group, fp_groups, FP_GROUPS)) add_group(out, group);
    }
    out->headlines = out->count;
    for (int k = FP_HEADLINES; k < FP_GROUPS; k++)
        if (report_count(r, fp_groups[k]).total) add_group(out, fp_groups[k]);
    if (report_count(r, no_group).total) add_group(out, no_group);
    if (!out->headlines) out->headlines = out->count;
}

void report_groups_clear(report_groups *g)
{
    free(g->name);
    *g = (report_groups){0};
}

bool report_is_unfinished(const fp_claim_result *c)
{
    return (c->verdict == FP_UNDECIDED || c->verdict == FP_DEFERRED) && (strcmp(c->reason, "interrupted") == 0 || strcmp(c->reason, "incomplete") == 0);
}

bool report_is_failure(const fp_claim_result *c, bool allow_undecided)
{
    if (report_is_unfinished(c)) return false;
    fp_gate gate = fp_gate_of(c, allow_undecided);
    return gate == FP_GATE_FAIL || gate == FP_GATE_UNDECIDED;
}

bool report_is_finding(const fp_claim_result *c)
{
    return !c->claim->is_twin && !c->expected_holds && c->as_expected;
}

report_counts report_count(const fp_report *r, const char *group)
{
    report_counts n = {0};
    for (size_t k = 0; k < r->results->claims_count; k++) {
        const fp_claim_result *c = &r->results->claims[k];
        if (!report_in_group(c, group)) continue;
        n.total++;
        n.by_verdict[c->verdict]++;
        n.unexpected += report_is_failure(c, r->allow_undecided);
        n.findings += report_is_finding(c);
        n.unfinished += report_is_unfinished(c);
        n.allowed += c->verdict == FP_UNDECIDED && !c->as_expected && fp_gate_of(c, r->allow_undecided) == FP_GATE_NEUTRAL;
    }
    return n;
}

size_t report_holding(const report_counts *c)
{
    return c->by_verdict[FP_PROVED] + c->by_verdict[FP_SUPPORTED];
}

size_t report_failing(const report_counts *c)
{
    return c->by_verdict[FP_VIOLATED] + c->by_verdict[FP_REFUTED];
}

size_t report_neutral(const report_counts *c)
{
    return c->by_verdict[FP_NOT_APPLICABLE] + c->by_verdict[FP_DEFERRED];
}

const char *report_title(const fp_report *r)
{
    return report_or(r->problem ? r->problem->setting->name : r->title, "imported");
}

size_t report_unselected(const fp_report *r)
{
    size_t all = 0, selected = r->results->claims_count;
    if (!r->only || !r->sheets) return 0;
    for (int s = 0; s < r->sheets->count; s++)
        for (int k = 0; k < r->sheets->sheets[s]->claims_count; k++) all += r->sheets->sheets[s]->claims[k]->is_twin == r->twins;
    return all > selected ? all - selected : 0;
}

const char *report_expected(const fp_claim_result *c)
{
    return c->expected_holds ? "holds" : fp_verdict_word(c->expected);
}

const char *report_why_no_time(const fp_time_result *t)
{
    bool reached = t->reason[0] == 0 || strcmp(t->reason, "time-not-reached") == 0;
    return !reached ? "not known" : t->estimated ? "not reached (an estimate)" : "not reached";
}

const char *report_why_incomplete(const fp_report *r)
{
    return report_or(r->incomplete_why, "the reason is not known");
}

const char *report_why_nothing(const fp_report *r)
{
    if (r->exit_status != 5) return NULL;
    return r->results->claims_count == 0 ? "no claim was selected" : "nothing was decided: every selected claim is neutral";
}

void report_add_incomplete(fp_text *out, const fp_report *r)
{
    report_counts n = report_count(r, NULL);
    fp_text_add(out, report_why_incomplete(r));
    if (n.unfinished) fp_text_addf(out, "; %zu of %zu %s not finished and not shown", n.unfinished, n.total, n.unfinished == 1 ? "claims is" : "claims are");
}

void report_add_name(fp_text *out, const fp_claim_result *c)
{
    report_add_safe(out, c->claim->id, NULL);
    if (c->claim->variant == NULL) return;
    fp_text_add(out, " (");
    report_add_safe(out, c->claim->variant, NULL);
    fp_text_add(out, ")");
}

void report_add_instance(fp_text *out, const fp_report *r)
{
    const fp_problem *p = r->problem;
    fp_text_addf(out, "n=%ld L=%ld d=%ld m=%ld m1=%ld, seed %llu", p->n, p->L, p->d, p->m, p->m1, (unsigned long long)p->setting->seed);
}

void report_add_integration(fp_text *out, const fp_report *r)
{
    if (r->tube) {
        fp_text_addf(out, "%s flow, %s", report_or(r->flow, "?"), report_or(r->method, "?"));
        if (r->tolerance) fp_text_addf(out, ", %ld bits, tolerance %s", r->precision, r->tolerance);
        if (r->run_steps) fp_text_addf(out, ", %lu steps, %lu rejected", r->run_steps, r->rejected);
        fp_text_addf(out, "; tube of order %d", r->tube->order);
        if (r->estimate)
            fp_text_addf(out, ": proved to t = %s; %lu steps; the solution is within %s of the polynomials; beyond that an estimate: %s at t = %s; %lu steps", r->estimate->from, r->steps, r->tube->radius,
                         report_or(r->outcome, "not started"), report_or(r->t_end, "0"), r->estimate->steps);
        else
            fp_text_addf(out, ": %s at t = %s; %lu steps", report_or(r->outcome, "not started"), report_or(r->t_end, "0"), r->steps);
        if (!r->estimate && r->steps) fp_text_addf(out, "; the solution is within %s of the polynomials", r->tube->radius);
        return;
    }
    fp_text_addf(out, "%s flow, %s, %ld bits, tolerance %s: %s at t = %s; %lu steps, %lu rejected", report_or(r->flow, "?"),
                 report_or(r->method, "?"), r->precision, report_or(r->tolerance, "?"), report_or(r->outcome, "not started"),
                 report_or(r->t_end, "0"), r->steps, r->rejected);
}

void report_add_estimate(fp_text *out, const fp_report *r)
{
    const fp_report_estimate *e = r->estimate;
    fp_text_addf(out, "ESTIMATE beyond t = %s: ", e->from);
    report_add_safe(out, e->gave_up, NULL);
    fp_text_addf(out, ". What the proof leaves open is judged on a tube, from t = 0 on, whose radius (largest: %s) is no bound: 4 times the largest distance so far (largest: %s) from a second trajectory, Taylor steps "
                      "at a tolerance 1000 times smaller, and what the polynomials leave (proofs/certificate.md, (32)). Such verdicts are at most supported or violated; proved and refuted rest on the proof alone, and so does a certificate",
                 e->radius, e->distance);
}

void report_add_knots(fp_text *out, const fp_report *r)
{
    const fp_report_knots *k = r->knots;
    if (k) fp_text_addf(out, "knots: %zu of the %zu given were used, up to t = %s (knot 0, the initial weights, counts)", k->used, k->given, k->last);
}

const char report_distances_are[] = "how far the states given are from the flow, by ordinary integration: estimates, no proof. The flow is started at the knot before, or at knot 0, and its state at the "
                                    "knot's time is compared with the knot, in the norm (N) of proofs/certificate.md";
const char report_distances_help[] = "a tube closes where knots follow the flow and one another closely: give more knots (between two the radius grows by exp(integral of mu)), and train with a smaller step "
                                     "(the first distance counts as part of the radius)";

static void add_unselected(fp_text *out, const fp_report *r)
{
    size_t others = report_unselected(r);
    if (others == 0) return;
    fp_text_addf(out, "; %zu other %s of the sheets not selected (only '", others, others == 1 ? "claim" : "claims");
    report_add_safe(out, r->only, NULL);
    fp_text_add(out, "')");
}

void report_add_summary(fp_text *out, const fp_report *r)
{
    report_counts n = report_count(r, NULL);
    const char *nothing = report_why_nothing(r), *separator = ": ";
    fp_text_addf(out, "%zu %s", n.total, n.total == 1 ? "claim" : "claims");
    for (int v = 0; v <= FP_DEFERRED; v++) {
        if (n.by_verdict[v] == 0) continue;
        fp_text_addf(out, "%s%zu %s", separator, n.by_verdict[v], fp_verdict_word((fp_verdict)v));
        separator = ", ";
    }
    if (n.unfinished) fp_text_addf(out, "; %zu of them not finished", n.unfinished);
    if (n.allowed) fp_text_addf(out, "; %zu undecided allowed", n.allowed);
    if (n.unexpected == 0 && n.unfinished == 0 && n.total > n.allowed)
        fp_text_addf(out, "; all %sas expected", n.allowed ? "others " : "");
    else if (n.unexpected)
        fp_text_addf(out, "; %zu CONTRARY TO EXPECTATION", n.unexpected);
    if (nothing) fp_text_addf(out, "; %s", nothing);
    add_unselected(out, r);
    if (r->estimate) fp_text_addf(out, "; beyond t = %s an estimate", r->estimate->from);
    if (r->ended_why) fp_text_addf(out, "; ended early, at t = %s", report_or(r->t_end, "0"));
    if (!r->complete) {
        fp_text_add(out, "; INCOMPLETE: ");
        report_add_safe(out, report_why_incomplete(r), NULL);
    }
    fp_text_addf(out, " -> exit %d", r->exit_status);
}
