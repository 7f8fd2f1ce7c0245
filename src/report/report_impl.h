/* SPDX-License-Identifier: MIT */
/* Shared by the writers: safe text, counts, short numbers, the cells of a claim's row. */
#ifndef FLOWPROOF_REPORT_IMPL_H
#define FLOWPROOF_REPORT_IMPL_H

#include "flowproof/report.h"

/* ---- text.c: names and details come from files, so any byte may be in them */

/* Length of the UTF-8 character at s that every format can show, ASCII included; 0 for a malformed one, a C1 control or a
 * noncharacter. */
size_t report_character(const char *s);
extern const char report_unreadable[]; /* U+FFFD, which stands for such a byte */
/* Replacement of an ASCII character, or NULL to keep it. */
typedef const char *(*report_escape)(char c);
/* One line of s (NULL: nothing), every character by way of `escape` (NULL: kept); white space is a blank, other controls are '?'. */
void report_add_safe(fp_text *out, const char *s, report_escape escape);
/* The same with blanks up to `width` columns; negative: on the left. */
void report_add_padded(fp_text *out, const char *s, int width);
int report_width(const char *s); /* characters */
/* Words of s in lines of at most `columns`, each after `indent` blanks and ended. Nothing for an empty s. */
void report_add_wrapped(fp_text *out, const char *s, int indent, int columns);
const char *report_or(const char *s, const char *otherwise); /* otherwise if s is NULL or empty */

/* ---- markdown.c */
const char *report_escape_markdown(char c); /* what would end a cell or start markup */

/* ---- common.c: groups, counts, filters, and the sentences that all formats share */

enum { REPORT_HEADLINES = 4, REPORT_GROUPS = 9 };
/* The four headlines first, then the other groups in the order of the paper; the last one takes the claims of no group. */
extern const char *const report_groups[REPORT_GROUPS];

typedef struct {
    size_t total, by_verdict[FP_DEFERRED + 1], unexpected, findings;
} report_counts;
/* Counts the claims of group number `group` (-1 = all). */
report_counts report_count(const fp_report *r, int group);
size_t report_holding(const report_counts *c); /* proved + supported */
size_t report_failing(const report_counts *c); /* violated + refuted */
size_t report_neutral(const report_counts *c); /* not applicable + deferred */

bool report_in_group(const fp_claim_result *c, int group);
/* Contrary to what was expected, and neither neutral nor allowed. */
bool report_is_failure(const fp_claim_result *c, bool allow_undecided);
/* As expected, but expected otherwise than to hold. */
bool report_is_finding(const fp_claim_result *c);

const char *report_title(const fp_report *r); /* the setting's name, or "imported" */
const char *report_expected(const fp_claim_result *c); /* "holds" or a verdict */
const char *report_why_no_time(const fp_time_result *t); /* one that was not found */
const char *report_why_incomplete(const fp_report *r);
/* Why the exit status is 5; NULL if it is not. */
const char *report_why_nothing(const fp_report *r);
void report_add_name(fp_text *out, const fp_claim_result *c);     /* "4.4/inward (meant)" */
void report_add_instance(fp_text *out, const fp_report *r);       /* "n=60 L=5 d=64 m=128 m1=256, seed 1" */
void report_add_integration(fp_text *out, const fp_report *r);    /* "reduced flow, rk45, 128 bits, ..." */
void report_add_summary(fp_text *out, const fp_report *r);        /* the one summary line, without newline */

/* ---- evidence.c: numbers for people, and what stands behind a verdict */

void report_add_number(fp_text *out, mpfr_srcptr x, long digits); /* "0.0234", "1.5e-7", "-" if NaN */
void report_add_ball(fp_text *out, const arb_t x, long digits);   /* the certain digits of the midpoint, else "in [0.5, 1.6]" or, around 0, "0+/-1.2e-3" */

enum { REPORT_MARGIN, REPORT_RELATIVE, REPORT_ERROR, REPORT_TIME, REPORT_CELLS };
extern const char *const report_cell_title[REPORT_CELLS];
/* "" if there is nothing to say */
void report_add_cell(fp_text *out, const fp_claim_result *c, int cell);
/* Binding, ratio, constants, premises, reason: "i=3; C = 1/2, measured 0.31; [within-error]" */
void report_add_notes(fp_text *out, const fp_claim_result *c);
const char *report_mark(const fp_claim_result *c); /* "outside hypotheses" or "" */
/* Cells, notes, mark and detail as one sentence. */
void report_add_evidence(fp_text *out, const fp_claim_result *c);

#endif
