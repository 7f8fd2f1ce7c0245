/* SPDX-License-Identifier: MIT */
/* The files that a certificate names: looked for where it was made and where it is now, and recognised by their digests. */
#ifndef FLOWPROOF_CLI_NAMED_H
#define FLOWPROOF_CLI_NAMED_H

#include "cli.h"

#include "flowproof/verify.h"

typedef struct {
    char *setting, *dataset, *weights; /* NULL: the certificate has none, or the command line names another */
    char *sheets;                      /* holds the names that `sheet` points to */
    const char **sheet;
    size_t sheet_count;
} cli_named; /* {0} can be cleared */

/* Of what the command line leaves out. FP_BAD_INPUT: not found; FP_REJECTED: found, but with other contents (settings only; data are compared once they are read). */
fp_status cli_named_find(cli_named *out, const fp_certificate_head *head, const char *certificate, const cli_arguments *arguments, fp_error *err);
void cli_named_clear(cli_named *n);
char *cli_named_title(const fp_certificate_head *head); /* of the setting: its file's name without folders and ending; NULL if there is none */

#endif
