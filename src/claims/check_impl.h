/* SPDX-License-Identifier: MIT */
/* What the files of the checker share and nobody else sees: what is bound to the instance, what was observed of it, results. How it is judged along the solution is in tube_impl.h. */
#ifndef FLOWPROOF_CHECK_IMPL_H
#define FLOWPROOF_CHECK_IMPL_H

#include "flowproof/check.h"

typedef struct {
    fp_eval *eval;
    fp_source *now, *initial;
    fp_leaves leaves;
} fp_lane;

/* ---- a named time, or a constant one */
typedef enum { FP_CLOCK_WAITING, FP_CLOCK_SEARCHING, FP_CLOCK_FOUND, FP_CLOCK_FAILED } fp_clock_state;
typedef struct {
    const fp_time *time;
    int from, to;     /* clocks of the search window; -1: 0, the horizon */
    bool *reads;      /* by clock before this one: its condition reads at() there */
    bool wanted;      /* at() reads the state there */
    bool estimated;   /* found, or not, on an estimated tube */
    bool reported;    /* used by a selected claim and named */
    fp_clock_state state;
    bool known;       /* a value holds */
    bool sealed;      /* found, or not, by a step that was examined in full */
    arb_t exact;      /* STATIC: enclosure of the value */
    mpfr_t value, width;
    fp_eval_failure failure;
} fp_clock;

/* ---- how far the sides of identities are from one another: the largest difference and the largest side seen */
typedef struct {
    mag_t difference, scale;
    bool any, broken;  /* an identity was seen; one of them had no value, or its sides differ */
    bool apart;        /* at a state that differs from all those that the claim remembers, in whatever moves */
    bool differs;      /* for certain */
    double differs_at; /* first, time for people */
    unsigned long states;
} fp_agreement;

/* ---- a claim under observation */
typedef enum { FP_PHASE_WAITING, FP_PHASE_CLOSED } fp_phase;

typedef struct { /* the sample to be reported */
    bool any;
    int rank;        /* 0 FALSE, 1 UNKNOWN, 2 TRUE (or an identity that encloses 0) */
    double tightness;
    arb_t margin, scale;
    mpfr_t time;
    char binding[96];
    const char *cause; /* of an UNKNOWN: a reason of check.h */
} fp_tight;

typedef struct {
    const fp_claim *claim;
    bool selected;
    bool exact;      /* evaluated on the initial weights themselves */
    bool at_end;     /* no window but at(): evaluated when all times are known */
    bool uses_slope; /* of a claim about an identity: the run's own field is meant, seen at knots */
    bool identities, remembers; /* there is an identity in it; it reads init(), at() or sup() */
    bool statistical; /* reads a sampled estimate: no enclosure, whatever the source */
    bool *needs;     /* per clock: occurs in at() */
    int from, to;    /* clocks of the window, -1: none */
    bool out;        /* verdict fixed: `requires` is false, or a failure that no later time mends */
    bool sealed;     /* over, by a step that was examined in full */
    fp_phase phase;
    mpfr_t opened, closed; /* the window, as far as it was examined */
    /* what was examined */
    unsigned long samples, premises, premises_true;
    bool seen[3];    /* by fp_truth, identities that enclose 0 not counted as unknown */
    bool seen_identity, no_leaves;
    fp_tight tight;
    /* failures */
    bool has_failure;
    fp_verdict failure_verdict;
    char reason[48], detail[512];
    /* constants, identities, ratios */
    fp_measured measured[FP_SENSITIVITIES_MAX];
    int measured_count;
    bool measurable;
    bool opposed[FP_SENSITIVITIES_MAX]; /* some comparison holds only up to (smallest) or down to (largest) .. */
    arb_t opposing[FP_SENSITIVITIES_MAX]; /* .. this value, the tightest of those */
    fp_agreement on_tube, at_knots;
    bool has_ratio;
    arb_t ratio_least, ratio_greatest;
} fp_monitor;

/* Selected claims and the times they use, on one instance. */
typedef struct {
    const fp_sheets *sheets;
    const fp_problem *problem;
    slong prec;
    bool twins;
    mpq_t horizon;
    const char *unresolved; /* once it is over: the reason of times whose search was still going on */
    fp_lane lane;
    fp_clock *clocks;
    size_t clocks_count;
    int *clock_of; /* by fp_time id; -1 */
    fp_monitor *monitors;
    size_t monitors_count, selected;
    bool *counted; /* scratch: per leaf */
    size_t room;
} fp_checker;

/* ---- checker.c */
/* Bound; nothing is evaluated. */
fp_status fp_checker_make(fp_checker **out, const fp_tube_options *options, fp_error *err);
void fp_checker_free(fp_checker *c);
void fp_checker_reserve(fp_checker *c, size_t leaves); /* `counted` has room for so many */
/* After an interruption what is not sealed is undecided, times not found: a step that was cut short may have changed them. */
void fp_checker_seal_clocks(fp_checker *c);
void fp_checker_abandon(fp_checker *c);
void fp_checker_evaluate(fp_checker *c); /* constant times, `requires`, claims about t = 0 */

/* ---- checker_bind.c: which claims and times, and what they use */
bool fp_claim_matches(const char *pattern, const fp_claim *claim);
bool fp_pattern_names_sheet(const char *pattern, const fp_sheets *sheets); /* glob over the id or over the statement number */
/* Monitors for the selected claims, the hypotheses of their sheets, and the claims their probability lines speak of; clocks for all times they use. */
fp_status fp_checker_bind(fp_checker *c, const char *only, fp_error *err);
int fp_node_frame(const fp_node *node); /* slots needed */

/* ---- times.c */
void fp_clock_init(fp_clock *k, const fp_time *time, slong prec);
void fp_clock_clear(fp_clock *k);
void fp_clock_fail(fp_clock *k, const char *reason, const char *why); /* not found; why: a sentence */
const char *fp_clock_name(char out[64], const fp_clock *k); /* as the sheet has it: its name, or a constant time's expression */
bool fp_clock_exists(const fp_checker *c, int index); /* found, or constant and a time, or none at all (-1) */
bool fp_clock_is_settled(const fp_checker *c, int index); /* whether it exists is known, and nothing that is still to come can change it */
/* Fails a time, even one that was found, whose search begins or ends at one that is not found, or reads it. */
bool fp_clock_lapses(fp_checker *c, size_t index);
/* At the end of the run: times that are not found take those with them that depend on them. reached, why: as of fp_tube_checker_finish. */
void fp_clocks_conclude(fp_checker *c, bool reached, const char *why);
void fp_clocks_evaluate(fp_checker *c);                /* static values, on the initial weights */

/* ---- monitor.c */
void fp_monitor_init(fp_monitor *m, const fp_claim *claim, size_t clocks, slong prec);
void fp_monitor_clear(fp_monitor *m);
void fp_monitor_reset(fp_monitor *m); /* `last t with` begins anew */
void fp_monitor_fail(fp_monitor *m, const fp_eval_failure *failure);
bool fp_reason_is_lasting(const char *reason); /* no other time mends it: indices, sets and what a source can give do not change with t */
void fp_monitor_exact(fp_checker *c, fp_monitor *m); /* on the initial weights */
bool fp_monitor_is_settled(const fp_checker *c, const fp_monitor *m); /* so are all times it uses */

/* ---- monitor_judge.c */
bool fp_monitor_is_tighter(const fp_monitor *m, int rank, double tightness); /* than its tight sample */
void fp_binding_print(char out[96], const fp_leaf *leaf);
/* Takes the lane's leaves, which are those at time t, into account. */
void fp_monitor_judge(fp_checker *c, fp_monitor *m, mpfr_srcptr t);

/* ---- monitor_measure.c */
/* Which leaves bear on the claim at this state: not those under an implication whose premise is false, nor premises themselves, nor what stands under or,
 * exists, not. `conjunction`: there is nothing of the latter kind. False if a declared constant stands where it is not counted: then it cannot be measured.
 * If the leaves are not in the expected order all are counted and both are false. */
bool fp_leaves_counted(bool *counted, bool *conjunction, const fp_node *body, const fp_leaves *leaves);
fp_truth fp_leaf_truth(const fp_leaf *leaf);
void fp_measured_keep(fp_measured *measured, const arb_t needed, mpfr_srcptr t, bool larger); /* if it is the first, or larger (or smaller) than what was kept */
void fp_monitor_oppose(fp_monitor *m, int k, const arb_t needed);
/* The value of constant k for which the leaf's margin vanishes. */
void fp_leaf_root(arb_t out, const fp_constant *constant, const fp_leaf *leaf, arb_srcptr by, slong prec);
void fp_monitor_measure(fp_checker *c, fp_monitor *m, mpfr_srcptr t);
bool fp_monitor_is_measured(const fp_monitor *m, int k); /* some value of constant k would do, and it is known */
void fp_agreement_reset(fp_agreement *a);
void fp_agreement_join(fp_agreement *to, const fp_agreement *from);
/* The identities that bear on the claim at time t: those that are claimed, and of those under or, exists the ones by which it is open whether that holds. */
void fp_agreement_take(fp_agreement *a, fp_checker *c, const fp_node *body, const fp_leaves *leaves, double t);
void fp_monitor_ratio(fp_checker *c, fp_monitor *m);

/* ---- verdict.c */
void fp_monitor_verdict(fp_claim_result *r, const fp_checker *c, const fp_monitor *m); /* about t = 0, or out */
void fp_result_decide(fp_claim_result *r, fp_verdict verdict, const char *reason, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* What rests on a statistical estimate or an estimated tube is no enclosure: at most supported or violated. */
void fp_result_lower(fp_claim_result *r, fp_evidence evidence);
void fp_result_fill(fp_claim_result *r, const fp_checker *c, const fp_monitor *m); /* what was observed, without a verdict */
/* Decided, and true, if the claim uses a time that does not exist: nothing that was observed says anything about it then. After fp_result_fill. */
bool fp_result_lapses(fp_claim_result *r, const fp_checker *c, const fp_monitor *m);
/* `which` ("the window's start", ..) was not reached. k NULL: the horizon. */
const char *fp_result_start_word(const fp_monitor *m); /* "the window's start", or what `at T:` calls it */
void fp_result_uncovered(fp_claim_result *r, const fp_clock *k, const char *which, bool reached, const char *why);
/* An order line without a value, or with a window that has none, whatever the run reaches: decided to be undecided, in place of deferred. */
bool fp_result_order_senseless(fp_claim_result *r, const fp_checker *c, const fp_monitor *m);
/* The sides of an identity agree to so many digits; where: a note, if not at exact states. True if to too few (then it is decided). */
enum { FP_WHERE_LENGTH = 192 };
bool fp_result_identity(fp_claim_result *r, const fp_checker *c, const fp_monitor *m, char where[FP_WHERE_LENGTH]);
/* Fails; the declared constants and the measured ones. */
void fp_result_constants(fp_text *out, const fp_claim_result *r);

/* ---- verdict_hidden.c */
typedef enum { FP_HIDDEN_NEAR, FP_HIDDEN_EQUAL, FP_HIDDEN_KINK,
               FP_HIDDEN_EDGE, /* known, at a time that may lie outside the window */
               FP_HIDDEN_TIME  /* at a named time whose bracket is wide */ } fp_hidden;
fp_hidden fp_hidden_of(const fp_node *body, const arb_t margin, const arb_t scale, slong prec); /* of a margin that is neither positive nor negative */
void fp_hidden_add(fp_text *out, fp_hidden hidden, const char *thinner); /* why, and what would help; thinner: what would make the enclosure of the solution thinner, NULL where there is none */

/* ---- results.c: from one result per monitor (all: moved) to those that are reported, with probability lines, hypotheses and times */
void fp_results_assemble(fp_results *out, fp_claim_result *all, fp_checker *c);
void fp_claim_result_init(fp_claim_result *r, const fp_claim *claim, slong prec);
void fp_claim_result_clear(fp_claim_result *r);
void fp_result_default_expectation(fp_claim_result *r);
bool fp_result_is_as_expected(const fp_claim_result *r);

#endif
