/* SPDX-License-Identifier: MIT */
/* Between tube_thin.c and tube_part.c: one claim (number i) in one lane. */
#ifndef FP_CLAIMS_TUBE_PART_H
#define FP_CLAIMS_TUBE_PART_H

#include "tube_impl.h"

typedef enum { AT_LOW, AT_MIDDLE, AT_HIGH } fp_where;

bool fp_tube_surely_in(const fp_tube_lane *l, size_t i, const arf_t t); /* belongs to the window for certain, whatever its ends are within their brackets */
bool fp_tube_all_surely_in(const fp_tube_lane *l, size_t i, const arf_t a, const arf_t b);
void fp_tube_leave_open(fp_tally *t, const char *cause, fp_hidden hidden, const arf_t a, const arf_t b); /* the part is not shown; the first is kept */
void fp_tube_found(fp_tube_lane *l, size_t i, const fp_leaves *leaves, size_t decisive, const arf_t a, const arf_t b); /* decided over [a, b], which the source is at */
fp_judgement fp_tube_judge(const fp_tube_lane *l, size_t i, const fp_leaves *leaves);
bool fp_tube_is_identity_only(const fp_judgement *j);
fp_truth fp_tube_wanted(const fp_tube_lane *l, size_t i); /* TRUE, or FALSE for `eventually`: what every part must be, or it is decided */
bool fp_tube_is_finite(const fp_leaves *leaves, const fp_judgement *j);
bool fp_tube_evaluate(fp_leaves *out, fp_tube_lane *l, size_t i, bool moving, bool quiet); /* quiet: a failure is not the claim's */
void fp_tube_thin(fp_tube_lane *l, size_t i, const arf_t t, fp_where where); /* the source is at t */
fp_monitor *fp_tube_monitor(const fp_tube_lane *l, size_t i);
bool fp_tube_is_eventually(const fp_tube_lane *l, size_t i);

#endif
