/* SPDX-License-Identifier: MIT */
/* How far states from elsewhere are from the flow, by ordinary integration: for people who want to know why no tube closes; no part of a proof. */
#ifndef FLOWPROOF_CLI_DISTANCE_H
#define FLOWPROOF_CLI_DISTANCE_H

#include "knots.h"

#include "flowproof/report.h"

/* Rows for some of the knots, the last one among them, evenly spread, or fewer if it is interrupted. flow: reduced, of knot 0. Freed with free(). */
fp_report_distance *cli_distances(size_t *count, const cli_knots *knots, fp_flow *flow, const cli_instance *instance);

#endif
