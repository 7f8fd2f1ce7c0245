/* SPDX-License-Identifier: MIT */
/* What list and explain share: the statements' sheets, the last run, the index of the paper. */
#ifndef FLOWPROOF_CLI_STATEMENTS_H
#define FLOWPROOF_CLI_STATEMENTS_H

#include "cli.h"

#include "flowproof/json.h"

/* ---- list.c */

/* The sheets of the operands from number `first` on (none: the standard ones and their appendix), with their twins. */
fp_status cli_read_statements(fp_sheets *out, const cli_arguments *arguments, size_t first, fp_text *context, fp_error *err);
bool cli_is_statement(const fp_sheet *sheet); /* neither twin nor prelude */

/* ---- last_run.c: a result file that check has written */

typedef struct {
    char *path;             /* NULL: there is none */
    fp_json *document;
    const fp_json *claims;  /* result.claims */
    fp_list passed_over;    /* newer files that are no result, and why */
} cli_last_run; /* {0} can be cleared */

/* --result FILE; or reports/NAME.json of --setting NAME; or the newest result of reports/ that has a claim of `wanted` (a statement's number or
 * a glob of claims; NULL: any), else the newest. Results of twins and files that are no result are passed over. Without options it is no error if there is none. */
fp_status cli_last_run_find(cli_last_run *out, const cli_arguments *arguments, const char *wanted, fp_error *err);
void cli_last_run_clear(cli_last_run *run);
/* The lines "last run ...": file, instance, integration, and whether it was made from these sheets (`first`: see cli_read_statements). */
void cli_last_run_print(const cli_last_run *run, const cli_arguments *arguments, size_t first);
/* NULL if the run has not checked it. */
const fp_json *cli_last_run_claim(const cli_last_run *run, const char *id);

/* ---- evidence.c: a claim of a result in words */

/* "supported; margin 0.0963, relative 0.627 at t = 0.5; C = 1/2, measured 0.186 at t = 0.5; outside hypotheses" */
void cli_evidence_add(fp_text *out, const fp_json *claim);

/* ---- names_used.c */

/* The times, definitions, sets and quantities that the claims of `sheet` matching `wanted` use, directly or through one another, each with its place in the paper. */
void cli_print_names_used(const fp_sheets *sheets, const fp_sheet *sheet, const char *wanted);
bool cli_claim_is_wanted(const fp_claim *claim, const char *wanted);

/* ---- index.c: proofs/INDEX, every number of the paper */

typedef struct {
    char *number, *page;
    char *sheet;  /* file, relative to INDEX; or NULL */
    char *reason; /* why there is none ("none: ..." or "later: ..."); or NULL */
    int line;
} cli_index_entry;
typedef struct {
    char *path;
    cli_index_entry *entries;
    size_t count;
} cli_index; /* {0} can be cleared */
char *cli_index_path(void); /* INDEX beside the standard sheets, or NULL; owned by the caller */
fp_status cli_index_read(cli_index *out, const char *path, fp_error *err);
void cli_index_clear(cli_index *index);
/* Number of the statement that the entry's sheet holds: the file's name without folder and ".claim". Owned by the caller. */
char *cli_index_statement(const cli_index_entry *entry);

#endif
