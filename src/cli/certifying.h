/* SPDX-License-Identifier: MIT */
/* What check and verify share: proved steps go to the checker, in order of time. */
#ifndef FLOWPROOF_CLI_CERTIFYING_H
#define FLOWPROOF_CLI_CERTIFYING_H

#include "checking.h"

#include "flowproof/verify.h"

typedef struct {
    cli_checking shared;
    fp_flow *flow;                 /* of the prover's views, and of the identities at knots */
    bool prover;
    fp_layout layout;
    fp_tube_checker *checker;
    fp_tube_checker *proved;       /* the one before it, if `checker` is for an estimated tube; else NULL */
    fp_results results;
    fp_certificate_writer *writer; /* or NULL */
    slong bits;                    /* of the balls */
    long flow_bits;                /* of the flow's initial values */
    int limbs;
    unsigned long shown;
    fp_chain_stats stats;
    bool has_stats;
    fp_chain_stats estimate;       /* of the estimated tube */
    bool has_estimate;
    fp_error gave_up;              /* why the proof ended, if what it left open is estimated */
    slong accuracy;
    const char *thinner;
    fp_drift drift;               /* of the knots: of a run's own ones at some of its steps, or of those that were given, which have been measured before */
    fp_vec *y0, *knot;            /* of a run: where it starts, and its last knot; NULL: nothing is measured */
    unsigned long checkpoint;     /* the step at whose end the drift is measured next */
    fp_report_knots knots;         /* given; none if `given` is 0 */
    fp_chain_outcome outcome;
    const char *outcome_text;      /* for the report; NULL: that of outcome */
    bool complete;                 /* though run_error says that it ended early, it came as far as it can */
    fp_error run_error;
    cli_progress progress;
    const char *method;            /* for the report; NULL: that of the setting */
    fp_run_stats run_stats;        /* of the run that gave the knots; zeros if there was none */
    const char *run_reason;        /* how that run ended, as a reason, or NULL */
} cli_certifying;

void cli_certifying_begin(cli_certifying *c, const cli_arguments *arguments, const char *suffix, const char *method);
void cli_certifying_clear(cli_certifying *c);
/* The checker for tubes of `limbs` digits, and the flow, with more bits than they have. The instance is there. thinner: what makes a tube thinner, NULL for a smaller tolerance. */
fp_status cli_certifying_prepare(cli_certifying *c, int limbs, bool prover, const char *thinner, fp_error *err);
/* From now on the drift of the run's knots is measured at some steps; and, when it is over, at its end, where the self-check fails the run. */
void cli_certifying_watch(cli_certifying *c);
void cli_certifying_watched(cli_certifying *c);
/* An fp_chain_observer; ctx is the cli_certifying. */
bool cli_certifying_step(const fp_step *step, const fp_start *start, void *ctx);
/* The proof is over: from now on `checker` is a new one, which judges on an estimated tube what is left open. */
fp_status cli_certifying_estimate(cli_certifying *c, fp_error *err);
/* There is no step of it: the run ended where the proof did. */
void cli_certifying_no_estimate(cli_certifying *c);
/* Shows a proved step, whoever proved it, to the checker. False: an error, or nothing is left to decide. */
bool cli_certifying_show(cli_certifying *c, const fp_segment *segment);
void cli_fill_tube(fp_report_tube *out, const fp_chain_stats *s);
/* Verdicts, reports, exit status. */
int cli_certifying_finish(cli_certifying *c, fp_error *err);

#endif
