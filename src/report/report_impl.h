/* SPDX-License-Identifier: MIT */
/* Shared by the writers: safe text, counts, short numbers, the cells of a claim's row. */
#ifndef FLOWPROOF_REPORT_IMPL_H
#define FLOWPROOF_REPORT_IMPL_H

#include "flowproof/report.h"

/* ---- text.c: names and details come from files, so any byte may be in them */

/* One line of s (NULL: nothing) by way of fp_text_add_escaped. */
void report_add_safe(fp_text *out, const char *s, fp_escape escape);
/* The same with blanks up to `width` columns; negative: on the left. */
void report_add_padded(fp_text *out, const char *s, int width);
/* Words of s in lines of at most `columns`, each after `indent` blanks and ended. Nothing for an empty s. */
void report_add_wrapped(fp_text *out, const char *s, int indent, int columns);
const char *report_or(const char *s, const char *otherwise); /* otherwise if s is NULL or empty */

/* ---- markdown.c */
const char *report_escape_markdown(const char *at); /* what would end a cell or start markup */

/* ---- common.c: groups, counts, filters, and the sentences that all formats share */

/* The paper's headlines that the sheets have, groups of the sheets' own in the order of their claims, then the paper's other groups, and last the claims of no group. The first
 * `headlines` of them are counted above the tables: those of the first two kinds, or all if there are none of these. */
typedef struct {
    const char **name; /* the array is owned, the names are borrowed */
    size_t count, headlines;
} report_groups;
void report_groups_init(report_groups *out, const fp_report *r);
void report_groups_clear(report_groups *g);

typedef struct {
    size_t total, by_verdict[FP_DEFERRED + 1], unexpected, findings, unfinished, allowed; /* allowed: undecided against expectation, let pass by --allow-undecided */
} report_counts;
/* Counts the claims of a group (NULL: all). */
report_counts report_count(const fp_report *r, const char *group);
size_t report_holding(const report_counts *c); /* proved + supported */
size_t report_failing(const report_counts *c); /* violated + refuted */
size_t report_neutral(const report_counts *c); /* not applicable + deferred */

bool report_in_group(const fp_claim_result *c, const char *group);
/* The run did not get to its end: that is said once, of the run, and not of every claim. */
bool report_is_unfinished(const fp_claim_result *c);
/* Contrary to what was expected, and neither neutral nor allowed nor unfinished. */
bool report_is_failure(const fp_claim_result *c, bool allow_undecided);
/* As expected, but expected otherwise than to hold. */
bool report_is_finding(const fp_claim_result *c);

const char *report_title(const fp_report *r); /* the setting's name, or "imported" */
/* Claims of the sheets that --only left out; 0 without it. */
size_t report_unselected(const fp_report *r);
const char *report_expected(const fp_claim_result *c); /* "holds" or a verdict */
/* "interrupted at t = 0.5; 300 of 335 claims are not finished and not shown": of an incomplete run. */
void report_add_incomplete(fp_text *out, const fp_report *r);
const char *report_why_no_time(const fp_time_result *t); /* one that was not found */
const char *report_why_incomplete(const fp_report *r);
/* Why the exit status is 5; NULL if it is not. */
const char *report_why_nothing(const fp_report *r);
void report_add_name(fp_text *out, const fp_claim_result *c);     /* "4.4/inward (meant)" */
void report_add_instance(fp_text *out, const fp_report *r);       /* "n=60 L=5 d=64 m=128 m1=256, seed 1" */
void report_add_integration(fp_text *out, const fp_report *r);    /* "reduced flow, rk45, 128 bits, ..." */
void report_add_estimate(fp_text *out, const fp_report *r); /* how it was made, and what rests on it; there is one */
void report_add_knots(fp_text *out, const fp_report *r);          /* "knots: 3 of 3 used, up to t = 2"; nothing if no knots were given */
extern const char report_distances_are[], report_distances_help[]; /* what the table of distances is; what makes a tube close */
void report_add_summary(fp_text *out, const fp_report *r);        /* the one summary line, without newline */

/* ---- evidence.c: numbers for people, and what stands behind a verdict */

void report_add_number(fp_text *out, mpfr_srcptr x, long digits); /* "0.0234", "1.5e-7", "-" if NaN */
void report_add_ball(fp_text *out, const arb_t x, long digits);   /* the certain digits of the midpoint, else "in [0.5, 1.6]" or, around 0, "0+/-1.2e-3" */

enum { REPORT_MARGIN, REPORT_RELATIVE, REPORT_TIME, REPORT_CELLS };
extern const char *const report_cell_title[REPORT_CELLS];
/* "" if there is nothing to say */
void report_add_cell(fp_text *out, const fp_claim_result *c, int cell);
/* Binding, ratio, constants, premises, reason: "i=3; C = 1/2, measured 0.31; [straddles-zero]" */
void report_add_notes(fp_text *out, const fp_claim_result *c);
const char *report_mark(const fp_claim_result *c); /* "outside hypotheses" or "" */
/* Cells, notes, mark and detail as one sentence. */
void report_add_evidence(fp_text *out, const fp_claim_result *c);

#endif
