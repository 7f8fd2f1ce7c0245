/* SPDX-License-Identifier: MIT */
#include "report_impl.h"

#include <string.h>

const char *const report_groups[REPORT_GROUPS] = {
    "phase-1 MLP alignment", "frozen softmax", "automatic gradient balancing", "near-minimal loss", "setting",
    "initialisation",        "exact equations", "phase-2 attention",           "other statements",
};

static int group_of(const fp_claim_result *c)
{
    const char *own = report_or(c->claim->sheet->group, "");
    int k = 0;
    while (k < REPORT_GROUPS - 1 && strcmp(own, report_groups[k]) != 0) k++;
    return k;
}

bool report_in_group(const fp_claim_result *c, int group)
{
    return group < 0 || group_of(c) == group;
}

bool report_is_failure(const fp_claim_result *c, bool allow_undecided)
{
    fp_gate gate = fp_gate_of(c, allow_undecided);
    return gate == FP_GATE_FAIL || gate == FP_GATE_UNDECIDED;
}

bool report_is_finding(const fp_claim_result *c)
{
    return !c->claim->is_twin && !c->expected_holds && c->as_expected;
}

report_counts report_count(const fp_report *r, int group)
{
    report_counts n = {0};
    for (size_t k = 0; k < r->results->claims_count; k++) {
        const fp_claim_result *c = &r->results->claims[k];
        if (!report_in_group(c, group)) continue;
        n.total++;
        n.by_verdict[c->verdict]++;
        n.unexpected += report_is_failure(c, r->allow_undecided);
        n.findings += report_is_finding(c);
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
    return report_or(r->problem->setting->name, "imported");
}

const char *report_expected(const fp_claim_result *c)
{
    return c->expected_holds ? "holds" : fp_verdict_word(c->expected);
}

const char *report_why_no_time(const fp_time_result *t)
{
    return t->reason[0] == 0 || strcmp(t->reason, "time-not-reached") == 0 ? "not reached" : "not known";
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
        fp_text_addf(out, "%s flow, %s of order %d", report_or(r->flow, "?"), report_or(r->method, "?"), r->tube->order);
        if (r->tolerance) fp_text_addf(out, ", tolerance %s", r->tolerance);
        fp_text_addf(out, ": %s at t = %s; %lu steps; the solution is within %s of the polynomials", report_or(r->outcome, "not started"), report_or(r->t_end, "0"), r->steps, r->tube->radius);
        return;
    }
    fp_text_addf(out, "%s flow, %s, %ld bits, tolerance %s: %s at t = %s; %lu steps, %lu rejected", report_or(r->flow, "?"),
                 report_or(r->method, "?"), r->precision, report_or(r->tolerance, "?"), report_or(r->outcome, "not started"),
                 report_or(r->t_end, "0"), r->steps, r->rejected);
}

void report_add_summary(fp_text *out, const fp_report *r)
{
    report_counts n = report_count(r, -1);
    const char *nothing = report_why_nothing(r), *separator = ": ";
    fp_text_addf(out, "%zu %s", n.total, n.total == 1 ? "claim" : "claims");
    for (int v = 0; v <= FP_DEFERRED; v++) {
        if (n.by_verdict[v] == 0) continue;
        fp_text_addf(out, "%s%zu %s", separator, n.by_verdict[v], fp_verdict_word((fp_verdict)v));
        separator = ", ";
    }
    if (n.unexpected == 0 && n.total)
        fp_text_add(out, "; all as expected");
    else if (n.total)
        fp_text_addf(out, "; %zu CONTRARY TO EXPECTATION", n.unexpected);
    if (nothing) fp_text_addf(out, "; %s", nothing);
    if (!r->complete) {
        fp_text_add(out, "; INCOMPLETE: ");
        report_add_safe(out, report_why_incomplete(r), NULL);
    }
    fp_text_addf(out, " -> exit %d", r->exit_status);
}
