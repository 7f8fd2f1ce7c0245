/* SPDX-License-Identifier: MIT */
/* `run --trajectory DIR`: times.npy (K numbers, float64), an array of K numbers for each observed expression, and observables.json, which says what each file holds:
 *   {"schema": "flowproof-trajectory-1", "complete": true, "times": "times.npy", "observables": [{"file": "S2_S3.npy", "expression": "S2/S3"}],
 *    "named": [{"name": "T1", "t": "0.5"}, {"name": "Tstar", "t": null}]}
 * Arrays are written when the run is over, each under a temporary name and renamed; from before the run until then observables.json says "complete": false. Only files that an earlier
 * observables.json names are replaced, or removed if they are not written again. */
#ifndef FLOWPROOF_CLI_TRAJECTORY_H
#define FLOWPROOF_CLI_TRAJECTORY_H

#include "moments.h"

typedef struct {
    const char *dir;
    const fp_list *expressions;
    fp_list files; /* of the expressions, in their order */
    fp_list older; /* files of an earlier trajectory in this folder */
    double *t, *x; /* count; count rows of one number an expression */
    size_t count;
} cli_trajectory; /* {0} can be cleared */

/* Before the run: makes the folder and the file observables.json. FP_USAGE: a file there would be overwritten that is not of an earlier trajectory. expressions: borrowed. */
fp_status cli_trajectory_begin(cli_trajectory *out, const char *dir, const fp_list *expressions, const cli_moments *moments, fp_error *err);
double *cli_trajectory_add(cli_trajectory *y, mpq_srcptr t); /* the row to be filled */
fp_status cli_trajectory_write(const cli_trajectory *y, const cli_moments *moments, fp_error *err);
void cli_trajectory_clear(cli_trajectory *y);

#endif
