/* SPDX-License-Identifier: MIT */
/* A checked run built by hand, for the tests of the report writers. */
#ifndef FLOWPROOF_TEST_REPORT_SAMPLE_H
#define FLOWPROOF_TEST_REPORT_SAMPLE_H

#include "flowproof/report.h"

typedef struct {
    fp_setting setting;
    fp_problem problem;
    fp_sheets sheets;
    fp_results results;
    fp_report report;
    /* one sheet per claim, so that groups and titles can differ; all have the body `name <= 1/2` */
    fp_sheet *sheet;
    fp_claim *claim;
    fp_node one, variable, body;
    fp_node *kids[2];
    const char *variable_name;
    fp_constant constant;
    fp_time time;
    size_t capacity;
} report_sample;

/* A complete run that ended with 0, with room for so many claims. Strings are borrowed throughout. */
void report_sample_init(report_sample *s, size_t capacity);
void report_sample_clear(report_sample *s);
/* A claim as expected if it holds or is neutral; its margin is 1/8, its error 2^-40, tight at t = 1/4. `group` may be NULL. */
fp_claim_result *report_sample_add(report_sample *s, const char *group, const char *id, fp_verdict verdict);
/* The claim is expected to come out as it did. */
void report_sample_expect(fp_claim_result *r, const char *reason);
/* One claim of each verdict in each headline group, `name` in every text. */
void report_sample_fill(report_sample *s, const char *name);
void report_sample_add_time(report_sample *s, const char *name, bool found);

#endif
