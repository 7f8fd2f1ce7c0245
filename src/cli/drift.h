/* SPDX-License-Identifier: MIT */
/* The largest drift of what the flow conserves, over the states that were looked at. */
#ifndef FLOWPROOF_CLI_DRIFT_H
#define FLOWPROOF_CLI_DRIFT_H

#include "cli.h"

#include "flowproof/report.h"

typedef struct {
    fp_invariant at[FP_INVARIANTS_MAX];
    size_t count;
} cli_drift; /* {0} can be cleared */
void cli_drift_measure(cli_drift *d, fp_flow *flow, const fp_vec *y0, const fp_vec *y);
/* What the flow conserves may drift by no more than the square root of the tolerance; the energy identity holds at every state, whatever the steps, so only rounding may separate its sides: half
 * the precision. FP_INTERNAL: more than that, or NaN; then the equations integrated are not the gradient flow. */
fp_status cli_drift_check(const cli_drift *d, const fp_setting *setting, fp_error *err);
/* The report's texts; to be freed by cli_drift_unfill. Names are borrowed. */
void cli_drift_fill(fp_report *report, const cli_drift *d);
void cli_drift_unfill(fp_report *report);
void cli_drift_clear(cli_drift *d);

#endif
