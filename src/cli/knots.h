/* SPDX-License-Identifier: MIT */
/* Knots from elsewhere: DIR/times.npy (K increasing numbers, the first is 0) and DIR/0, DIR/1, ..., one folder of weights a time, as --weights takes them. */
#ifndef FLOWPROOF_CLI_KNOTS_H
#define FLOWPROOF_CLI_KNOTS_H

#include "cli.h"

typedef struct {
    arf_struct *time; /* of knots 1, 2, ..: K - 1 of them, knot 0 being the instance's own weights */
    fp_vec **state;   /* u = sum_j a_j w_j, exactly if prec allows; V, K, Q */
    size_t count;
    fp_drift drift;   /* of what the flow conserves, between knot 0 and the others: of the numbers as given, without the flow */
} cli_knots; /* {0} can be cleared */
/* The folder of knot 0, to be given to --weights; caller frees. */
char *cli_knots_start(const char *dir);
/* A knot of other sizes or other output signs is FP_BAD_INPUT, and so is one beyond the instance's horizon: times in steps of training instead of flow time are like that. */
fp_status cli_knots_read(cli_knots *out, const char *dir, const cli_instance *instance, const char *dataset, mpfr_prec_t prec, fp_error *err);
void cli_knots_clear(cli_knots *k);

#endif
