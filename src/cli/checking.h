/* SPDX-License-Identifier: MIT */
/* What check, verify and bounds share: sheets and expectations in, reports and the exit status out. */
#ifndef FLOWPROOF_CLI_CHECKING_H
#define FLOWPROOF_CLI_CHECKING_H

#include "outputs.h"

/* In the order in which they are written: a JSON result that is whole vouches for the others. */
enum { CLI_TO_JUNIT, CLI_TO_MD, CLI_TO_JSON };

/* A report that a command writes: the option that names it, and the ending of the name it has otherwise. */
typedef struct {
    cli_option option;
    const char *ending;
} cli_report_kind;

typedef struct {
    const cli_arguments *arguments;
    const char *only;  /* glob or NULL */
    bool twins;
    bool main_text; /* of the standard sheets, without the appendix */
    const char *suffix; /* of the names of reports: "", "-verified", "-knots", "-bounds" */
    char *title; /* what reports are named after while there is no instance; owned, or NULL */
    cli_instance instance;
    fp_sheets sheets;
    fp_expectations expectations;
    const char *certificate; /* the one that is read, or NULL */
    const cli_report_kind *kinds; /* those of check and verify unless said otherwise */
    size_t kinds_count;
    cli_outputs outputs; /* reports in the order of their kinds, then the certificate */
    double started;
    char stamp[32];
} cli_checking;

void cli_checking_begin(cli_checking *c, const cli_arguments *arguments);
/* After a signal the run's error is FP_INTERRUPTED, whatever cut-short work ran into. To be asked before anything is concluded. */
void cli_note_interruption(fp_error *run_error);
void cli_checking_clear(cli_checking *c);
/* Names the reports: after `title` (taken over), or after the setting that the command line names if title is NULL. What an earlier run left under these names is marked: from here on no
 * report passes for this run's that is not. Before anything else is read. */
fp_status cli_checking_open(cli_checking *c, char *title, fp_error *err);
/* Sheets named on the command line (default: proofs, and proofs/appendix unless main_text), expectations, and report files that can be written. The instance is made before. */
fp_status cli_checking_sheets(cli_checking *c, fp_text *context, fp_error *err); /* the sheets alone */
fp_status cli_checking_read(cli_checking *c, fp_text *context, fp_error *err);
fp_status cli_checking_prepare_reports(cli_checking *c, fp_error *err); /* writable before hours of work: part of cli_checking_read */
const char *cli_checking_name(const cli_checking *c); /* of the setting */
/* Applies the expectations, completes the report (its run's part is filled by the caller), writes it everywhere; returns the exit status: of the gate, or of `failure` if its code is not FP_OK and
 * `complete` is false. */
int cli_checking_report(cli_checking *c, fp_report *report, fp_results *results, const fp_error *failure, fp_error *err);
/* Prints the error as cli_report_error does, and leaves its message in every report asked for or begun; returns the exit status of its code. */
int cli_checking_fail(cli_checking *c, const fp_error *failure, const fp_text *context);

#endif
