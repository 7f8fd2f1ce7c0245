/* SPDX-License-Identifier: MIT */
/* Shared by the writers: the walk over groups, short numbers, counts. */
#ifndef FLOWPROOF_REPORT_IMPL_H
#define FLOWPROOF_REPORT_IMPL_H

#include "flowproof/report.h"

enum { REPORT_HEADLINES = 4, REPORT_GROUPS = 8 };
/* The four headlines first, then the other groups in the order of the paper. */
extern const char *const report_groups[REPORT_GROUPS];

typedef struct {
    size_t total, by_verdict[FP_DEFERRED + 1], unexpected, findings;
} report_counts;
/* Counts the claims of one group (NULL = all). */
report_counts report_count(const fp_results *results, const char *group);
size_t report_holding(const report_counts *c); /* proved + supported */
size_t report_failing(const report_counts *c); /* violated + refuted */

bool report_in_group(const fp_claim_result *r, const char *group);
/* Contrary to what was expected, and not neutral. */
bool report_is_failure(const fp_claim_result *r, bool allow_undecided);
/* As expected, but expected otherwise than to hold. */
bool report_is_finding(const fp_claim_result *r);

void report_add_number(fp_text *out, mpfr_srcptr x, long digits);  /* "0.0234", "1.5e-7", "-" if NaN */
/* "margin 1.2e-3 (relative 0.4), tight at t=0.02, error 1e-12, i=3": what there is of it; "" if nothing. */
void report_add_evidence(fp_text *out, const fp_claim_result *r);
/* Reason, detail, expectation: the words behind a verdict. */
void report_add_remarks(fp_text *out, const fp_claim_result *r);
void report_add_instance(fp_text *out, const fp_report *r); /* "n=60 L=5 d=64 m=128 m1=256 ..." */
void report_add_summary(fp_text *out, const fp_report *r);  /* the one summary line, without newline */

#endif
