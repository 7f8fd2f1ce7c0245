/* SPDX-License-Identifier: MIT */
/* What check (sampled or certified) and verify share: sheets and expectations in, reports and the exit status out. */
#ifndef FLOWPROOF_CLI_CHECKING_H
#define FLOWPROOF_CLI_CHECKING_H

#include "cli.h"

typedef struct {
    char *json, *junit, *md;
} cli_report_paths;

typedef struct {
    const cli_arguments *arguments;
    const char *only;  /* glob or NULL */
    bool twins;
    const char *suffix; /* of the names of reports: "", "-certified", "-verified", "-knots" */
    const char *title;  /* what reports are named after while there is no instance; or NULL */
    cli_instance instance;
    fp_sheets sheets;
    fp_expectations expectations;
    cli_report_paths reports;
    bool prepared; /* reports have their paths */
    double started;
    char stamp[32];
} cli_checking;

void cli_checking_begin(cli_checking *c, const cli_arguments *arguments);
/* After a signal the run's error is FP_INTERRUPTED, whatever cut-short work ran into. To be asked before anything is concluded. */
void cli_note_interruption(fp_error *run_error);
void cli_checking_clear(cli_checking *c);
/* Sheets named on the command line (default: proofs, and proofs/appendix unless tubes are wanted), expectations, and report files that can be written. The instance is made before. */
fp_status cli_checking_sheets(cli_checking *c, fp_text *context, fp_error *err); /* the sheets alone */
fp_status cli_checking_read(cli_checking *c, fp_text *context, fp_error *err);
const char *cli_checking_name(const cli_checking *c); /* of the setting */
/* Applies the expectations, completes the report (its run's part is filled by the caller), writes it everywhere; returns the exit status: of the gate, or of `failure` if its code is not FP_OK and
 * `complete` is false. */
int cli_checking_report(cli_checking *c, fp_report *report, fp_results *results, const fp_error *failure, fp_error *err);
/* Prints the error as cli_report_error does, and leaves its message in every report asked for, and in those of an earlier run that have the same name; returns the exit status of its code. */
int cli_checking_fail(cli_checking *c, const fp_error *failure, const fp_text *context);

#endif
