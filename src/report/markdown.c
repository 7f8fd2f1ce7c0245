/* SPDX-License-Identifier: MIT */
/* Markdown summary: fits a CI job summary (1 MiB limit), failing claims first. */
#include "report_impl.h"

#include <string.h>

/* The reserve is for titles and for the sentences that say what was cut. */
enum { MARKDOWN_MAX = 900 * 1024, MARKDOWN_RESERVE = 4096 };

/* Characters that would end a cell, start markup, mathematics or HTML. */
const char *report_escape_markdown(const char *at)
{
    switch (*at) {
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '&': return "&amp;";
    case '|': return "\\|";
    case '\\': return "\\\\";
    case '`': return "\\`";
    case '*': return "\\*";
    case '_': return "\\_";
    case '[': return "\\[";
    case ']': return "\\]";
    case '~': return "\\~";
    case '$': return "\\$";
    case ':': return at[1] == '/' ? "\\:" : NULL; /* an address is no link */
    case 'w': return strncmp(at, "www.", 4) == 0 ? "&#119;" : NULL;
    default: return NULL;
    }
}

static void add_markdown(fp_text *out, const fp_text *text)
{
    report_add_safe(out, text->data, report_escape_markdown);
}

static void add_cells(fp_text *out, const fp_claim_result *c)
{
    for (int k = 0; k < REPORT_CELLS; k++) {
        fp_text cell = {0};
        report_add_cell(&cell, c, k);
        add_markdown(out, &cell);
        fp_text_add(out, " | ");
        fp_text_clear(&cell);
    }
}

static void add_row(fp_text *out, const fp_claim_result *c, bool with_formula)
{
    fp_text name = {0}, notes = {0}, formula = {0};
    report_add_name(&name, c);
    report_add_notes(&notes, c);
    fp_text_addf(out, "| %s | ", fp_verdict_word(c->verdict));
    add_markdown(out, &name);
    fp_text_addf(out, " | %s | ", report_expected(c));
    add_cells(out, c);
    add_markdown(out, &notes);
    if (notes.len && *report_mark(c)) fp_text_add(out, "; ");
    fp_text_add(out, report_mark(c));
    if ((notes.len || *report_mark(c)) && c->detail[0]) fp_text_add(out, "; ");
    report_add_safe(out, c->detail, report_escape_markdown);
    if (!c->expected_holds && c->expected_reason[0]) fp_text_add(out, "<br>expected: ");
    if (!c->expected_holds) report_add_safe(out, c->expected_reason, report_escape_markdown);
    if (with_formula) fp_claim_print(&formula, c->claim);
    if (formula.len) fp_text_add(out, "<br>");
    add_markdown(out, &formula);
    fp_text_add(out, " |\n");
    fp_text_clear(&name);
    fp_text_clear(&notes);
    fp_text_clear(&formula);
}

typedef enum { FAILURES, FINDINGS, OTHERS, PARTS } part;
static const char *const part_title[PARTS] = {"Contrary to expectation", "Findings: expected not to hold on this setting", "All other claims"};

static part part_of(const fp_report *r, const fp_claim_result *c)
{
    if (report_is_failure(c, r->allow_undecided)) return FAILURES;
    return report_is_finding(c) ? FINDINGS : OTHERS;
}

static void add_table_head(fp_text *out, const char *title)
{
    fp_text_addf(out, "\n## %s\n\n| verdict | claim | expected |", title);
    for (int k = 0; k < REPORT_CELLS; k++) fp_text_addf(out, " %s |", report_cell_title[k]);
    fp_text_add(out, " notes |\n|---|---|---|--:|--:|--:|---|\n");
}

/* Once a row does not fit, no later one is shown: what is missing is always the end. */
static void add_table(fp_text *out, const fp_report *r, part wanted, size_t start)
{
    size_t rows = 0, cut = 0;
    for (size_t k = 0; k < r->results->claims_count; k++) {
        const fp_claim_result *c = &r->results->claims[k];
        if (report_is_unfinished(c) || part_of(r, c) != wanted) continue;
        if (rows++ == 0) add_table_head(out, part_title[wanted]);
        fp_text row = {0};
        if (cut == 0) add_row(&row, c, wanted == FAILURES);
        if (cut || out->len - start + row.len > MARKDOWN_MAX - MARKDOWN_RESERVE)
            cut++;
        else
            fp_text_addn(out, row.data, row.len);
        fp_text_clear(&row);
    }
    if (cut) fp_text_addf(out, "\n%zu of these %zu rows were cut to stay below %d KB; the JSON report has them.\n", cut, rows, MARKDOWN_MAX / 1024);
}

static void add_headlines(fp_text *out, const fp_report *r)
{
    report_groups groups;
    report_groups_init(&groups, r);
    fp_text_add(out, "| headline | hold | fail | undecided | neutral | contrary to expectation |\n|---|--:|--:|--:|--:|--:|\n");
    for (size_t k = 0; k < groups.headlines; k++) {
        report_counts n = report_count(r, groups.name[k]);
        fp_text_add(out, "| ");
        report_add_safe(out, groups.name[k], report_escape_markdown);
        fp_text_addf(out, " | %zu | %zu | %zu | %zu | %zu |\n", report_holding(&n), report_failing(&n), n.by_verdict[FP_UNDECIDED], report_neutral(&n), n.unexpected);
    }
    report_groups_clear(&groups);
}

static void add_paragraph(fp_text *out, void (*add)(fp_text *, const fp_report *), const fp_report *r)
{
    fp_text text = {0};
    add(&text, r);
    add_markdown(out, &text);
    fp_text_add(out, "\n\n");
    fp_text_clear(&text);
}

static void add_heading(fp_text *out, const fp_report *r)
{
    fp_text_add(out, "# flowproof: ");
    report_add_safe(out, report_title(r), report_escape_markdown);
    fp_text_add(out, r->twins ? ", the false twins (to be rejected)\n\n" : "\n\n");
    if (r->estimate) add_paragraph(out, report_add_estimate, r);
    if (r->ended_why) {
        fp_text_add(out, "**ENDED EARLY: ");
        report_add_safe(out, r->ended_why, report_escape_markdown);
        fp_text_add(out, "**\n\n");
    }
    if (r->complete) return;
    fp_text why = {0};
    report_add_incomplete(&why, r);
    fp_text_add(out, "**INCOMPLETE: ");
    report_add_safe(out, why.data, report_escape_markdown);
    fp_text_clear(&why);
    fp_text_add(out, "**\n\n");
}

static void add_distances(fp_text *out, const fp_report_knots *k)
{
    if (k->distances_count == 0) return;
    fp_text_add(out, "\n## Where no tube closes\n\n");
    report_add_safe(out, report_distances_are, report_escape_markdown);
    fp_text_add(out, ".\n\n| knot | t | from the knot before | from knot 0 | size of the knot |\n|--:|--:|--:|--:|--:|\n");
    for (size_t r = 0; r < k->distances_count; r++) {
        const fp_report_distance *d = k->distances + r;
        fp_text_addf(out, "| %zu | %s | %s | %s | %s |\n", d->knot, d->t, d->from_previous, d->from_start, d->size);
    }
    fp_text_add(out, "\n");
    report_add_safe(out, report_distances_help, report_escape_markdown);
    fp_text_add(out, ".\n");
}

void fp_report_markdown(fp_text *out, const fp_report *r)
{
    size_t start = out->len;
    add_heading(out, r);
    add_paragraph(out, report_add_summary, r);
    if (!r->problem) return;
    add_paragraph(out, report_add_instance, r);
    add_paragraph(out, report_add_integration, r);
    if (r->knots) add_paragraph(out, report_add_knots, r);
    add_headlines(out, r);
    if (r->knots) add_distances(out, r->knots);
    for (int k = 0; k < PARTS; k++) add_table(out, r, (part)k, start);
}
