/* SPDX-License-Identifier: MIT */
/* The times of `run --at`: numbers, ranges, constant expressions and named times, in increasing order. */
#ifndef FLOWPROOF_CLI_MOMENTS_H
#define FLOWPROOF_CLI_MOMENTS_H

#include "cli.h"

enum { CLI_MOMENTS_MAX = 1000000 };

typedef struct {
    mpq_t q;
    char *text; /* as it is shown; it is exact */
    char *name; /* a named time or a constant expression, as written; else NULL */
    bool joins; /* the same time as the one before it, as far as the run's precision tells */
} cli_moment;

typedef struct {
    char *name;
    const fp_time *time; /* of the prelude: first t with .., last t with .. */
    bool found, unknown; /* unknown: neither found nor shown not to be reached */
    char *why; /* if not found: a clause */
} cli_wanted;

typedef struct {
    cli_moment *items; /* increasing */
    size_t count;
    cli_wanted *wanted; /* what the flow has to be searched for */
    size_t wanted_count;
} cli_moments; /* {0} can be cleared */

/* text: comma-separated; NULL: the horizon. The horizon of the instance is the limit; if `open` (nobody declared one) it is raised to the last time that is a number. prelude may be NULL.
 * FP_USAGE, naming option and item. */
fp_status cli_moments_read(cli_moments *out, const char *text, cli_instance *instance, bool open, const fp_sheets *prelude, fp_text *context, fp_error *err);
void cli_moments_clear(cli_moments *m);
/* A time of the flow, which is at most the horizon, among the items, to 17 digits. */
void cli_moments_insert(cli_moments *m, mpfr_srcptr t, const cli_instance *instance, const char *name);
/* Finds what is wanted, by enclosures of the solution up to the horizon, and puts it among the items. A time that is not reached is no error. */
fp_status cli_moments_locate(cli_moments *m, const cli_instance *instance, const fp_sheets *prelude, const cli_arguments *arguments, fp_error *err);

#endif
