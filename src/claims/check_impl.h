/* SPDX-License-Identifier: MIT */
/* What the files of the checker share and nobody else sees.
 *
 * Three lanes evaluate: FINE and COARSE hold the states of the two runs at one common time (a node), MIDDLE holds the fine run's state
 * in the middle of a step. MIDDLE runs in the same thread as FINE and borrows its sources, so a flow is used by one thread.
 *
 * What is examined (the claim about continuous time rests on these samples and on nothing else):
 *   nodes      t = 0, the right end of every accepted step, every event time: fine value, error from |fine - coarse|, the coarse run at its own event time;
 *   middles    the middle of every step or part of a step right of its last event: fine value, error of all nodes so far;
 *   tight      where the parabola through the last three samples has its vertex inside the step or within a quarter of a step of it, and the
 *              samples come within 10% of the smallest margin so far and the vertex promises to be lower by 2^-10 of it (2^-20 where a constant is measured): at most 9 evaluations of that claim on the dense output, then a true step;
 *              and where a convex function with these values could change sign inside: up to 60 evaluations.
 * Named times: the condition is examined at middles, right ends and event times. Two changes between neighbouring ones are not seen. */
#ifndef FLOWPROOF_CHECK_IMPL_H
#define FLOWPROOF_CHECK_IMPL_H

#include "flowproof/check.h"

enum { FP_FINE, FP_COARSE, FP_MIDDLE, FP_LANES };

typedef struct {
    fp_eval *eval;
    fp_source *now, *initial; /* MIDDLE borrows the initial source of FINE */
    fp_leaves leaves;
    fp_eval_failure failure;
    bool ok;
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
    bool known;       /* value holds; for `last t with` as far as the run has come */
    bool sealed;      /* found, or not, by a step that was examined in full */
    bool holds;       /* the condition at `seen` */
    arb_t exact;      /* STATIC: enclosure of the value */
    mag_t rounding;   /* STATIC: bound of |value - exact| */
    mpfr_t value, width, seen;
    double found_at[2]; /* value of the condition in the middle and at the right end of this step */
    bool asked[2];
    bool has_next, next_holds;
    mpfr_t next, next_width; /* next change of the condition in this step */
    fp_source *at[2];        /* state at value in the fine and the coarse run */
    fp_eval_failure failure;
} fp_clock;

/* ---- how far the sides of identities are from one another: the largest difference and the largest side seen */
typedef struct {
    mag_t difference, scale;
    bool any, broken;  /* an identity was seen; one of them had no value, or its sides differ */
    bool differs;      /* for certain */
    double differs_at; /* first, time for people */
    unsigned long states;
} fp_agreement;

/* ---- a claim under observation */
typedef enum { FP_PHASE_WAITING, FP_PHASE_OPEN, FP_PHASE_CLOSED } fp_phase;

typedef struct { /* the sample to be reported */
    bool any;
    int rank;        /* 0 FALSE, 1 UNKNOWN, 2 TRUE (or an identity that encloses 0) */
    double tightness;
    arb_t margin, scale, error;
    mpfr_t time;
    char binding[96];
    const char *cause; /* of an UNKNOWN: a reason of check.h */
} fp_tight;

typedef struct {
    bool valid;
    double f[3]; /* tightness at left, middle, right */
    mpfr_t left, middle, right;
} fp_triple;

typedef struct {
    const fp_claim *claim;
    bool selected;
    bool exact;      /* evaluated on the initial weights themselves */
    bool at_end;     /* no window but at(): evaluated when all times are known */
    bool at_start;   /* t = 0, but in the run's own arithmetic, since it uses slope() */
    bool uses_slope, uses_state;
    bool identities, remembers; /* there is an identity in it; it reads init(), at() or sup() */
    bool statistical; /* reads a sampled estimate: no enclosure, whatever the source */
    bool *needs;     /* per clock: occurs in at() */
    int from, to;    /* clocks of the window, -1: none */
    bool out;        /* verdict fixed: `requires` is false, or a failure that no later time mends */
    bool sealed;     /* over, by a step that was examined in full */
    fp_phase phase;
    bool empty, settled_early;
    mpfr_t opened, closed, last;
    /* samples */
    unsigned long samples, premises, premises_true;
    bool seen[3];    /* by fp_truth, identities that enclose 0 not counted as unknown */
    bool seen_identity, no_leaves;
    fp_tight tight;
    bool has_lowest;
    double lowest, widest, tightness_last; /* widest: largest |tightness| seen */
    bool falling;    /* where it is lowest, the search could not exclude that it changes sign */
    fp_triple triple;
    /* errors, leaf by leaf: largest difference of the runs so far */
    mag_ptr difference;
    size_t leaves, nodes;
    bool differed, moved;
    arf_t fingerprint;
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

struct fp_checker {
    const fp_sheets *sheets;
    const fp_problem *problem;
    fp_flow *flow[2]; /* by lane */
    slong prec;
    bool twins;
    bool certified; /* drawn by fp_tube_checker: slope() is d(), and only the lane FINE is used */
    fp_pool *pool;
    mpq_t horizon;
    const char *unresolved; /* once it is over: the reason of times whose search was still going on */
    fp_lane lane[FP_LANES];
    fp_clock *clocks;
    size_t clocks_count;
    int *clock_of; /* by fp_time id; -1 */
    fp_monitor *monitors;
    size_t monitors_count, selected;
    fp_vec *probe[2];
    const fp_vec *here[2]; /* states in the lanes FINE and COARSE */
    mpfr_t t, at[2];       /* time of the node; of the states, which differ where the runs find a named time at different t */
    mag_t radius[2];       /* of `t` there: a rounded constant time, the bracket of a found one */
    mpfr_t width;          /* uncertainty of a found time that stands at this node, else 0 */
    bool started;
    struct fp_supremum *sups; /* checker_sup.c */
    size_t sups_count;
    arb_ptr error; /* scratch: per leaf */
    bool *counted;
    size_t room;
};

/* ---- checker.c */
/* Bound, with its lanes; nothing is evaluated. certified: the layout of the flow that the views speak of, or NULL for a run with two flows. */
fp_status fp_checker_make(fp_checker **out, const fp_checker_options *options, const fp_layout *certified, fp_error *err);
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
/* At the end of the run: times that are not found take those with them that depend on them. reached, why: as of fp_checker_finish. */
void fp_clocks_conclude(fp_checker *c, bool reached, const char *why);
void fp_clocks_evaluate(fp_checker *c);                /* static values, on the initial weights */
void fp_clock_round(mpfr_ptr out, const fp_checker *c, const fp_clock *k);
void fp_clocks_begin(fp_checker *c, mpfr_prec_t prec); /* before t = 0 */
void fp_clocks_reach(fp_checker *c);                   /* constant times up to the current node */
void fp_clocks_settle(fp_checker *c);                  /* starts and ends searches at the current node */
void fp_clocks_new_step(fp_checker *c);
/* The earliest thing that happens inside the step: index of a clock with has_next, or -1. */
int fp_clocks_next(fp_checker *c, const fp_stretch *s, fp_status *status, fp_error *err);
void fp_clock_happens(fp_checker *c, int index);       /* lanes hold the states at k->next */

void fp_clock_rounding(mag_t out, const fp_checker *c, mpfr_srcptr t); /* radius of t as a constant time; 0 if it is none */

/* ---- times_turn.c */
/* Signed size of the condition in a lane: >= 0 where it holds, NaN without a value. */
double fp_clock_ask(fp_checker *c, fp_clock *k, int lane);
/* next = right end of the bracket of the turn between seen and hi; the lane FINE is put back to the right end. */
fp_status fp_clock_bracket(fp_checker *c, fp_clock *k, const fp_stretch *s, mpfr_srcptr hi, bool now, fp_error *err);
/* The turn at k->next in the coarse run: its time t, and the time in the stretch whose state stands for it. Leaves the lane COARSE anywhere. */
fp_status fp_clock_coarse(mpfr_ptr t, mpfr_ptr at, fp_checker *c, fp_clock *k, const fp_stretch *s, fp_error *err);

/* ---- checker_step.c */
void fp_lane_set(fp_checker *c, int lane, mpfr_srcptr t, const fp_vec *y);
/* Lanes FINE and COARSE at t by a true step. */
fp_status fp_lanes_probe(fp_checker *c, const fp_stretch *s, mpfr_srcptr t, fp_error *err);
void fp_checker_reserve(fp_checker *c, size_t leaves);
void fp_checker_trim(fp_checker *c); /* gives back comparisons that only a few claims at a few times need */

/* ---- checker_sup.c: the past of every sup(e) that a claim uses */
void fp_sups_bind(fp_checker *c); /* after the monitors */
void fp_sups_clear(fp_checker *c);
/* e in the middle of a step is noted: lane MIDDLE is there, lane COARSE is left anywhere. */
fp_status fp_sups_middle(fp_checker *c, const fp_stretch *s, fp_error *err);
void fp_sups_node(fp_checker *c); /* e at the node in the lanes is noted */
/* What was noted belongs to the past, which the first `lanes` lanes are told. */
void fp_sups_raise(fp_checker *c, int lanes);

/* ---- monitor.c */
void fp_monitor_init(fp_monitor *m, const fp_claim *claim, size_t clocks, slong prec);
void fp_monitor_clear(fp_monitor *m);
void fp_monitor_round(fp_monitor *m, mpfr_prec_t prec);
void fp_monitor_rest(fp_monitor *m); /* before a step: forgets what belongs to the last one */
void fp_monitor_reset(fp_monitor *m); /* `last t with` begins anew */
void fp_monitor_fail(fp_monitor *m, const fp_eval_failure *failure);
bool fp_reason_is_lasting(const char *reason); /* no other time mends it: indices, sets and what a source can give do not change with t */
/* Examines the claim at the node in the lanes; middle: time in lane MIDDLE to be examined too, or NULL; judged: the node itself belongs to the window. */
void fp_monitor_node(fp_checker *c, fp_monitor *m, mpfr_srcptr middle, bool judged);
/* Examines it at the time in the lanes, between its last two nodes. */
void fp_monitor_between(fp_checker *c, fp_monitor *m);
void fp_monitor_exact(fp_checker *c, fp_monitor *m); /* on the initial weights */
void fp_monitor_final(fp_checker *c, fp_monitor *m); /* at_end */
/* Opens, examines and closes all monitors at the current node. stretch NULL at t = 0; whole: the node is the right end of a step. */
void fp_monitors_settle(fp_checker *c, const fp_stretch *s, bool whole);
bool fp_monitor_is_settled(const fp_checker *c, const fp_monitor *m); /* so are all times it uses */
bool fp_monitor_is_over(const fp_checker *c, const fp_monitor *m);

/* ---- monitor_judge.c */
/* Judges the leaves of a lane at time t; error NULL = none. Returns the tightness. */
bool fp_monitor_is_tighter(const fp_monitor *m, int rank, double tightness); /* than its tight sample */
void fp_binding_print(char out[96], const fp_leaf *leaf);
double fp_monitor_judge(fp_checker *c, fp_monitor *m, int lane, mpfr_srcptr t, arb_srcptr error);
/* Size of the decisive leaf's margin for finding the tightest time, with the sign of the whole: linear in larger/smaller side. May settle ties for the decisive leaf. */
double fp_tightness(fp_judgement *j, fp_checker *c, const fp_node *body, const fp_leaves *leaves);
double fp_monitor_aim(const fp_monitor *m, double tightness); /* what refinement makes small: negated for `eventually` */

/* ---- monitor_refine.c */
fp_status fp_monitors_refine(fp_checker *c, const fp_stretch *s, fp_error *err);

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
void fp_monitor_measure(fp_checker *c, fp_monitor *m, int lane, mpfr_srcptr t);
bool fp_monitor_is_measured(const fp_monitor *m, int k); /* some value of constant k would do, and it is known */
void fp_agreement_reset(fp_agreement *a);
void fp_agreement_join(fp_agreement *to, const fp_agreement *from);
/* The identities that bear on the claim at time t: those that are claimed, and of those under or, exists the ones by which it is open whether that holds. */
void fp_agreement_take(fp_agreement *a, fp_checker *c, const fp_node *body, const fp_leaves *leaves, double t);
void fp_monitor_ratio(fp_checker *c, fp_monitor *m, int lane);

/* ---- verdict.c */
void fp_monitor_verdict(fp_claim_result *r, const fp_checker *c, const fp_monitor *m, bool reached, const char *why);
void fp_result_decide(fp_claim_result *r, fp_verdict verdict, const char *reason, const char *format, ...) __attribute__((format(printf, 4, 5)));
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
typedef enum { FP_HIDDEN_NEAR, FP_HIDDEN_EQUAL, FP_HIDDEN_KINK, FP_HIDDEN_EDGE /* known, at a time that may lie outside the window */ } fp_hidden;
fp_hidden fp_hidden_of(const fp_node *body, const arb_t margin, const arb_t scale, slong prec); /* of a margin that is neither positive nor negative */
void fp_hidden_add(fp_text *out, fp_hidden hidden, const char *thinner); /* why, and what would help; thinner: what would make the enclosure of the solution thinner, NULL where there is none */

/* ---- results.c: from one result per monitor (all: moved) to those that are reported, with probability lines, hypotheses and times */
void fp_results_assemble(fp_results *out, fp_claim_result *all, fp_checker *c);
void fp_claim_result_init(fp_claim_result *r, const fp_claim *claim, slong prec);
void fp_claim_result_clear(fp_claim_result *r);
void fp_result_default_expectation(fp_claim_result *r);
bool fp_result_is_as_expected(const fp_claim_result *r);

#endif
