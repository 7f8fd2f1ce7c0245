/* SPDX-License-Identifier: MIT */
/* Markdown summary: fits a CI job summary (1 MiB limit), failing claims first. */
#include "report_impl.h"

#include <string.h>

enum { MARKDOWN_MAX = 900 * 1024 };

/* Table cells: | and line breaks would end the cell. */
static void add_cell(fp_text *out, const char *s)
{
    for (; *s; s++) {
        if (*s == '|')
            fp_text_add(out, "\\|");
        else if (*s == '\n')
            fp_text_add(out, " ");
        else
            fp_text_addn(out, s, 1);
    }
}

static void add_row(fp_text *out, const fp_claim_result *r)
{
    fp_text evidence = {0};
    report_add_evidence(&evidence, r);
    report_add_remarks(&evidence, r);
    fp_text_addf(out, "| %s | %s%s%s | ", fp_verdict_word(r->verdict), r->claim->id, r->claim->variant ? " " : "",
                 r->claim->variant ? r->claim->variant : "");
    if (evidence.data) add_cell(out, evidence.data);
    fp_text_addf(out, " | %s |\n", r->expected_holds ? "holds" : fp_verdict_word(r->expected));
    fp_text_clear(&evidence);
}

typedef bool (*row_filter)(const fp_report *r, const fp_claim_result *c);

static bool is_failure(const fp_report *r, const fp_claim_result *c) { return report_is_failure(c, r->allow_undecided); }
static bool is_finding(const fp_report *r, const fp_claim_result *c)
{
    (void)r;
    return report_is_finding(c);
}
static bool is_other(const fp_report *r, const fp_claim_result *c) { return !is_failure(r, c) && !is_finding(r, c); }

static void add_table(fp_text *out, const fp_report *r, const char *title, row_filter wanted)
{
    size_t rows = 0, cut = 0;
    for (size_t k = 0; k < r->results->claims_count; k++) {
        const fp_claim_result *c = &r->results->claims[k];
        if (!wanted(r, c)) continue;
        if (rows++ == 0) fp_text_addf(out, "\n## %s\n\n| verdict | claim | evidence | expected |\n|---|---|---|---|\n", title);
        if (out->len > MARKDOWN_MAX)
            cut++;
        else
            add_row(out, c);
    }
    if (cut) fp_text_addf(out, "\n%zu more rows were cut to stay below %d KB; the JSON report has them.\n", cut, MARKDOWN_MAX / 1024);
}

static void add_headlines(fp_text *out, const fp_report *r)
{
    fp_text_add(out, "\n| headline | hold | fail | undecided | contrary to expectation |\n|---|---|---|---|---|\n");
    for (int k = 0; k < REPORT_HEADLINES; k++) {
        report_counts c = report_count(r->results, report_groups[k]);
        fp_text_addf(out, "| %s | %zu | %zu | %zu | %zu |\n", report_groups[k], report_holding(&c), report_failing(&c),
                     c.by_verdict[FP_UNDECIDED], c.unexpected);
    }
}

void fp_report_markdown(fp_text *out, const fp_report *r)
{
    fp_text_addf(out, "# flowproof: %s\n\n", r->problem->setting->name ? r->problem->setting->name : "imported instance");
    if (!r->complete) fp_text_addf(out, "**INCOMPLETE: %s**\n\n", r->incomplete_why);
    report_add_summary(out, r);
    fp_text_add(out, "\n\n");
    report_add_instance(out, r);
    fp_text_addf(out, "; %s flow, %s, %ld bits, tolerance %s, %s at t = %s\n", r->flow, r->method, r->precision, r->tolerance, r->outcome,
                 r->t_end);
    add_headlines(out, r);
    add_table(out, r, "Contrary to expectation", is_failure);
    add_table(out, r, "Findings: expected not to hold here", is_finding);
    add_table(out, r, "All other claims", is_other);
}
