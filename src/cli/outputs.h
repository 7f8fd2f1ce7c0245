/* SPDX-License-Identifier: MIT */
/* The files that a command writes: its reports, its table, its certificate. Each is asked for by name or has a name of its own. Before the work begins those that clash are refused, and
 * those that exist are marked, so that nothing older passes for what is to come; each is written whole, once, at the end. What is no regular file (a pipe, a device, standard output) is not
 * touched before. */
#ifndef FLOWPROOF_CLI_OUTPUTS_H
#define FLOWPROOF_CLI_OUTPUTS_H

#include "cli.h"

typedef struct {
    char *path;         /* "-" for standard output, by whichever name it was asked for; NULL: not wanted */
    const char *option; /* "json", whose value the path is unless it is a name of ours */
    bool asked;
    bool kept;   /* an older one stays until it is replaced: it says itself what it is of */
    bool marked;
} cli_output;

enum { CLI_OUTPUTS_MOST = 5 };
typedef struct {
    cli_output item[CLI_OUTPUTS_MOST];
    size_t count;
} cli_outputs; /* {0} is a valid empty one */

/* The path that the option gives, or `otherwise` (caller's, freed here; NULL: none). Their order is that in which they are written, the one that vouches for the others last. */
cli_output *cli_outputs_add(cli_outputs *o, const cli_arguments *arguments, cli_option option, char *otherwise);
void cli_outputs_clear(cli_outputs *o);
/* FP_USAGE, and no output is left: two are the same file, or one is a file that the command reads (`also` if not NULL, an operand, --setting, --expect, a file ending as sheets, settings,
 * expectations and arrays do). */
fp_status cli_outputs_check(cli_outputs *o, const cli_arguments *arguments, const char *also, fp_error *err);
/* Marks as started, but for what is kept: all, whose folders are there, or only those asked for by name or left by an earlier run. FP_IO: one cannot be written. */
fp_status cli_outputs_mark(cli_outputs *o, bool all, fp_error *err);
/* Writes output k, if it is wanted, and empties the text. Of a run that failed early only what was marked or asked for (failed = true). */
fp_status cli_outputs_write(const cli_outputs *o, size_t k, fp_text *text, bool failed, fp_error *err);
/* Where what people read goes: stderr if an output has standard output. */
FILE *cli_outputs_stream(const cli_outputs *o);
/* "reports: a.json a.md", the files among the first `count`. */
void cli_outputs_print(const cli_outputs *o, size_t count, FILE *stream);

#endif
