/* SPDX-License-Identifier: MIT */
/* The checklist for people: headlines, groups, findings, failures, one summary line. */
#include "report_impl.h"

#include <ctype.h>
#include <string.h>

static const char *color_of(fp_verdict v)
{
    switch (v) {
    case FP_PROVED:
    case FP_SUPPORTED: return "\033[32m";
    case FP_VIOLATED:
    case FP_REFUTED: return "\033[31m";
    case FP_UNDECIDED: return "\033[33m";
    default: return "\033[2m";
    }
}

static void add_verdict(fp_text *out, fp_verdict v, bool color)
{
    char word[24];
    size_t len = 0;
    for (const char *s = fp_verdict_word(v); *s && len + 1 < sizeof word; s++) word[len++] = (char)toupper((unsigned char)*s);
    word[len] = 0;
    fp_text_addf(out, "%s%-14s%s", color ? color_of(v) : "", word, color ? "\033[0m" : "");
}

static void add_name(fp_text *out, const fp_claim_result *r)
{
    char name[128];
    snprintf(name, sizeof name, "%s%s%s%s", r->claim->id, r->claim->variant ? " (" : "", r->claim->variant ? r->claim->variant : "",
             r->claim->variant ? ")" : "");
    fp_text_addf(out, "%-34s ", name);
}

static void add_claim(fp_text *out, const fp_claim_result *r, bool color)
{
    fp_text_add(out, "  ");
    add_verdict(out, r->verdict, color);
    add_name(out, r);
    report_add_evidence(out, r);
    report_add_remarks(out, r);
    if (report_is_finding(r)) fp_text_add(out, " [expected]");
    fp_text_add(out, "\n");
}

static void add_header(fp_text *out, const fp_report *r)
{
    fp_text_addf(out, "flowproof %s: %s, ", r->version, r->problem->setting->name ? r->problem->setting->name : "imported instance");
    report_add_instance(out, r);
    fp_text_addf(out, "\n%s flow, %s, %ld bits, tolerance %s: %s at t=%s, %lu steps (%lu rejected)\n", r->flow, r->method, r->precision,
                 r->tolerance, r->outcome, r->t_end, r->steps, r->rejected);
    if (!r->complete) fp_text_addf(out, "INCOMPLETE: %s. Nothing below speaks of later times.\n", r->incomplete_why);
}

static void add_headline(fp_text *out, const fp_report *r, const char *group)
{
    report_counts c = report_count(r->results, group);
    fp_text_addf(out, "  %-30s", group);
    if (c.total == 0) {
        fp_text_add(out, "no claim selected\n");
        return;
    }
    size_t neutral = c.by_verdict[FP_NOT_APPLICABLE] + c.by_verdict[FP_DEFERRED];
    fp_text_addf(out, "%zu of %zu hold, %zu fail, %zu undecided", report_holding(&c), c.total - neutral, report_failing(&c),
                 c.by_verdict[FP_UNDECIDED]);
    fp_text_addf(out, c.unexpected ? "; %zu CONTRARY TO EXPECTATION\n" : "; as expected\n", c.unexpected);
}

static void add_group(fp_text *out, const fp_report *r, const char *group, bool color)
{
    const fp_results *results = r->results;
    if (report_count(results, group).total == 0) return;
    fp_text_addf(out, "\n%s\n", group);
    for (size_t k = 0; k < results->claims_count; k++)
        if (report_in_group(&results->claims[k], group)) add_claim(out, &results->claims[k], color);
}

static void add_times(fp_text *out, const fp_results *results)
{
    if (results->times_count == 0) return;
    fp_text_add(out, "\nnamed times\n");
    for (size_t k = 0; k < results->times_count; k++) {
        const fp_time_result *t = &results->times[k];
        fp_text_addf(out, "  %-12s ", t->time->name);
        if (t->found)
            report_add_number(out, t->value, 10);
        else
            fp_text_add(out, "not reached");
        fp_text_add(out, "\n");
    }
}

static void add_invariants(fp_text *out, const fp_report *r)
{
    if (r->invariants_count == 0) return;
    fp_text_add(out, "\ninvariants of the flow (largest relative drift of the checked run)\n");
    for (size_t k = 0; k < r->invariants_count; k++)
        fp_text_addf(out, "  %-34s %s\n", r->invariants[k].name, r->invariants[k].drift);
    fp_text_addf(out, "  %-34s %s\n", "|run - run at tolerance/32|, max", r->max_pair_difference);
}

static void add_findings(fp_text *out, const fp_report *r, bool color)
{
    const fp_results *results = r->results;
    if (report_count(results, NULL).findings == 0) return;
    fp_text_add(out, "\nfindings (expected not to hold here)\n");
    for (size_t k = 0; k < results->claims_count; k++) {
        const fp_claim_result *c = &results->claims[k];
        if (!report_is_finding(c)) continue;
        fp_text_add(out, "  ");
        add_verdict(out, c->verdict, color);
        add_name(out, c);
        fp_text_addf(out, "%s\n", c->expected_reason);
    }
}

static void add_failures(fp_text *out, const fp_report *r, bool color)
{
    const fp_results *results = r->results;
    bool first = true;
    for (size_t k = 0; k < results->claims_count; k++) {
        const fp_claim_result *c = &results->claims[k];
        if (!report_is_failure(c, r->allow_undecided)) continue;
        if (first) fp_text_add(out, "\ncontrary to expectation\n");
        first = false;
        add_claim(out, c, color);
        fp_text_addf(out, "      expected: %s\n", c->expected_holds ? "holds" : fp_verdict_word(c->expected));
    }
}

void fp_report_terminal(fp_text *out, const fp_report *r, bool color)
{
    add_header(out, r);
    fp_text_add(out, "\nheadlines\n");
    for (int k = 0; k < REPORT_HEADLINES; k++) add_headline(out, r, report_groups[k]);
    for (int k = 0; k < REPORT_GROUPS; k++) add_group(out, r, report_groups[k], color);
    add_times(out, r->results);
    add_invariants(out, r);
    add_findings(out, r, color);
    add_failures(out, r, color);
    fp_text_add(out, "\n");
    report_add_summary(out, r);
    fp_text_add(out, "\n");
}

void fp_report_brief(fp_text *out, const fp_report *r, bool color)
{
    add_failures(out, r, color);
    report_add_summary(out, r);
    fp_text_add(out, "\n");
}
