/* SPDX-License-Identifier: MIT */
#include "report_impl.h"

#include <stdlib.h>
#include <string.h>

const char *const report_groups[REPORT_GROUPS] = {
    "phase-1 MLP alignment", "frozen softmax", "automatic gradient balancing", "near-minimal loss",
    "setting",               "initialisation", "exact equations",              "phase-2 attention",
};

bool report_in_group(const fp_claim_result *r, const char *group)
{
    const char *own = r->claim->sheet->group;
    return group == NULL || (own != NULL && strcmp(own, group) == 0);
}

bool report_is_failure(const fp_claim_result *r, bool allow_undecided)
{
    fp_gate gate = fp_gate_of(r, allow_undecided);
    return gate == FP_GATE_FAIL || gate == FP_GATE_UNDECIDED;
}

bool report_is_finding(const fp_claim_result *r)
{
    return !r->expected_holds && r->as_expected;
}

report_counts report_count(const fp_results *results, const char *group)
{
    report_counts c = {0};
    for (size_t k = 0; k < results->claims_count; k++) {
        const fp_claim_result *r = &results->claims[k];
        if (!report_in_group(r, group)) continue;
        c.total++;
        c.by_verdict[r->verdict]++;
        c.unexpected += report_is_failure(r, false);
        c.findings += report_is_finding(r);
    }
    return c;
}

size_t report_holding(const report_counts *c)
{
    return c->by_verdict[FP_PROVED] + c->by_verdict[FP_SUPPORTED];
}

size_t report_failing(const report_counts *c)
{
    return c->by_verdict[FP_VIOLATED] + c->by_verdict[FP_REFUTED];
}

void report_add_number(fp_text *out, mpfr_srcptr x, long digits)
{
    if (!mpfr_number_p(x)) {
        fp_text_add(out, "-");
        return;
    }
    char text[64];
    mpfr_snprintf(text, sizeof text, "%.*Rg", (int)digits, x);
    fp_text_add(out, text);
}

static void add_ball(fp_text *out, const arb_t x, long digits)
{
    char *text = fp_ball_text(x, digits);
    fp_text_add(out, text);
    free(text);
}

static void add_upper(fp_text *out, const arb_t x, long digits)
{
    char *text = fp_ball_upper_text(x, digits);
    fp_text_add(out, text);
    free(text);
}

static void add_measured(fp_text *out, const fp_claim_result *r)
{
    for (int k = 0; k < r->measured_count; k++) {
        const fp_measured *m = &r->measured[k];
        if (!m->known) continue;
        fp_text_addf(out, "; measured %s ", m->constant->name);
        add_ball(out, m->measured, 4);
    }
}

void report_add_evidence(fp_text *out, const fp_claim_result *r)
{
    if (r->has_ratio) {
        fp_text_add(out, "ratio in [");
        add_ball(out, r->ratio_least, 4);
        fp_text_add(out, ", ");
        add_ball(out, r->ratio_greatest, 4);
        fp_text_add(out, "]");
    }
    if (r->agreement_digits >= 0) fp_text_addf(out, "to 10^-%d", r->agreement_digits);
    if (r->has_margin && r->agreement_digits < 0) {
        fp_text_add(out, "margin ");
        add_ball(out, r->margin, 4);
        fp_text_add(out, " (relative ");
        add_ball(out, r->relative, 3);
        fp_text_add(out, ")");
    }
    if (r->has_margin && r->claim->window != FP_WINDOW_NONE) {
        fp_text_add(out, ", tight at t=");
        report_add_number(out, r->tight_time, 6);
        if (r->evidence == FP_EVIDENCE_SAMPLED) {
            fp_text_add(out, ", error ");
            add_upper(out, r->error, 2);
        }
    }
    if (r->has_margin && r->binding[0]) fp_text_addf(out, ", %s", r->binding);
    add_measured(out, r);
}

void report_add_remarks(fp_text *out, const fp_claim_result *r)
{
    if (r->reason[0]) fp_text_addf(out, " [%s]", r->reason);
    if (r->outside_hypotheses) fp_text_add(out, " [outside hypotheses]");
    if (r->detail[0]) fp_text_addf(out, " %s", r->detail);
}

void report_add_instance(fp_text *out, const fp_report *r)
{
    const fp_problem *p = r->problem;
    fp_text_addf(out, "n=%ld L=%ld d=%ld m=%ld m1=%ld", p->n, p->L, p->d, p->m, p->m1);
}

void report_add_summary(fp_text *out, const fp_report *r)
{
    report_counts c = report_count(r->results, NULL);
    fp_text_addf(out, "%zu claims on 1 instance:", c.total);
    const char *separator = " ";
    for (int v = 0; v <= FP_DEFERRED; v++) {
        if (c.by_verdict[v] == 0) continue;
        fp_text_addf(out, "%s%zu %s", separator, c.by_verdict[v], fp_verdict_word((fp_verdict)v));
        separator = ", ";
    }
    fp_text_addf(out, "; %zu contrary to expectation -> exit %d", c.unexpected, r->exit_status);
    if (!r->complete) fp_text_addf(out, " (INCOMPLETE: %s)", r->incomplete_why);
}
