/* SPDX-License-Identifier: MIT */
/* One master description of a checked run, many writers. The deterministic part carries no time, host or path and has a digest. */
#ifndef FLOWPROOF_REPORT_H
#define FLOWPROOF_REPORT_H

#include "flowproof/check.h"

/* Of the chain of proved steps: magnitudes rounded up, as decimals. */
typedef struct {
    int order, limbs;
    char start[32], defect[32], growth[32], rate[32], radius[32]; /* e0; largest D; integral of mu; largest mu; largest E */
    char run[32];                /* of states that were given or integrated: largest distance from the true solution; "" if there were none */
} fp_report_tube;

/* Of an estimated tube, where the proof did not come to the end; decimals as above. */
typedef struct {
    char from[32];         /* the time to which the tube is proved: what speaks of later ones is an estimate */
    unsigned long steps;   /* of the estimated tube, from t = 0 on; 0: there is none, and why is in ended_why */
    char radius[32], distance[32]; /* its largest E; largest distance from the second trajectory */
    const char *gave_up;   /* why the proof ended */
} fp_report_estimate;

/* Of a tube through states from elsewhere; knot 0, the initial weights, counts. Distances: in the norm (N) of proofs/certificate.md, by ordinary integration, for some of the knots; made when no tube
 * closes. */
typedef struct {
    size_t knot;
    char t[32], from_previous[16], from_start[16], size[16]; /* of the knot: to the flow started at the knot before, at knot 0; its norm. "-": not to be had */
} fp_report_distance;
typedef struct {
    size_t given, used;
    char last[32]; /* time of the last one used */
    fp_report_distance *distances;
    size_t distances_count;
} fp_report_knots;

typedef struct {
    const char *version, *commit, *compiler; /* commit "unknown" or "abc1234" or "abc1234+dirty" */
    const fp_problem *problem;   /* NULL: the run failed before there was one, and `title` names what it was about */
    const char *title;
    const char *kind;            /* of run: "" for check, "-verified", "-knots"; NULL is "" */
    const fp_sheets *sheets;     /* may be NULL if problem is */
    const char *only;            /* NULL, or the glob that selected claims: what it left out is counted */
    const char *flow, *method;
    long precision;
    const char *tolerance;       /* as text; NULL: steps were given */
    const char *outcome;         /* fp_outcome_text */
    bool complete;               /* false: interrupted or failed; every format says so */
    const char *incomplete_why;
    bool is_rejection;           /* not complete, since a certificate was rejected */
    const char *ended_why;       /* complete, but ended before the horizon: a sentence; else NULL */
    unsigned long steps;         /* of the proved tube */
    unsigned long run_steps, rejected, evaluations; /* of the run that gave the knots, 0 if there was none */
    const char *t_end;           /* decimal text of the time reached */
    const fp_report_tube *tube;      /* NULL: no step was proved */
    const fp_report_estimate *estimate; /* NULL: nothing rests on one */
    const fp_report_knots *knots;    /* NULL: no states were given */
    struct { const char *name; char *drift; } invariants[32]; /* drift as decimal text */
    size_t invariants_count;
    const fp_results *results;
    const char *expectations_path; /* base name or NULL */
    bool allow_undecided, twins;
    int exit_status;
    /* the part outside the digest */
    double seconds;
    const char *started; /* ISO 8601 UTC, or NULL */
    int threads;
} fp_report;

/* Each writer appends a whole document. Reals are strings: outward-rounded decimals and exact hex. */
void fp_report_json(fp_text *out, const fp_report *r);     /* {"schema":"flowproof-result-2", "result":{...}, "result_sha256":"...", "run":{...}} */
void fp_report_junit(fp_text *out, const fp_report *r);    /* valid against the Ant schema; at least one test case */
void fp_report_markdown(fp_text *out, const fp_report *r); /* failing claims first; at most 900 KB, says what was cut */
void fp_report_terminal(fp_text *out, const fp_report *r, bool color); /* headlines first, then by group, failures last, one summary line */
/* What --quiet leaves of it: failures and the summary line. */
void fp_report_brief(fp_text *out, const fp_report *r, bool color);
/* ---- flowproof bounds: the measured constants, ratios and named times of a run with at most `digits` digits, as many as their enclosures show. A value is the true one
 * rounded to the digits printed; an interval when no digit is certain. */
enum { FP_BOUNDS_FULL, FP_BOUNDS_FEWER, FP_BOUNDS_OPEN };
typedef struct {
    size_t constants[3], ratios[3], times[3]; /* by those */
} fp_report_bounds_count;
fp_report_bounds_count fp_report_bounds_counted(const fp_report *r, long digits);
void fp_report_bounds_terminal(fp_text *out, const fp_report *r, long digits);
void fp_report_bounds_csv(fp_text *out, const fp_report *r, long digits); /* RFC 4180, with outward-rounded ends */
void fp_report_bounds_markdown(fp_text *out, const fp_report *r, long digits);
/* s (NULL: nothing) as one field of RFC 4180 on one line. */
void fp_csv_add_field(fp_text *out, const char *s);
/* sha256 of the deterministic part (the bytes of "result" in the JSON). */
void fp_report_digest(char out[65], const fp_report *r);

#endif
