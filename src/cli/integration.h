/* SPDX-License-Identifier: MIT */
/* The run whose states are the knots of a tube: rk45 goes on from its own state, whatever the tube shows of it. */
#ifndef FLOWPROOF_CLI_INTEGRATION_H
#define FLOWPROOF_CLI_INTEGRATION_H

#include "cli.h"

typedef struct {
    fp_flow *flow; /* of the setting's precision */
    fp_run *run;
    fp_vec *y0;
    mpfr_t t;      /* where it is asked to go */
    bool begun;
    fp_outcome outcome;
} cli_integration; /* {0} can be cleared */

/* start: of a flow of the instance's kind; its initial state is rounded to the setting's precision. tolerance: of the run. */
fp_status cli_integration_open(cli_integration *x, fp_flow *start, const cli_instance *instance, mpq_srcptr tolerance, fp_error *err);
/* A `knot` of fp_chain_options; ctx is the cli_integration. */
const fp_vec *cli_integration_knot(void *ctx, arf_srcptr t, fp_error *err);
void cli_integration_clear(cli_integration *x);

#endif
