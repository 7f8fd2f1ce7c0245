/* SPDX-License-Identifier: MIT */
/* From enclosures of the solution to verdicts: windows, named times, constants, expectations, exit status. Sees steps only as fp_segment. */
#ifndef FLOWPROOF_CHECK_H
#define FLOWPROOF_CHECK_H

#include "flowproof/eval.h"

/* ---- verdicts: one list makes enum and words; what each means */
#define FP_VERDICT_LIST(X)                                                                                \
    X(PROVED, "proved", "shown by enclosures over the whole window, on this instance")                    \
    X(SUPPORTED, "supported", "shown on an estimated tube; or an identity or a statistical estimate, as far as it was computed") \
    X(UNDECIDED, "undecided", "neither; the reason is named")                                             \
    X(VIOLATED, "violated", "fails on an estimated tube, with the constant declared, or beyond a statistical estimate") \
    X(REFUTED, "refuted", "shown false by enclosures, on this instance")                                  \
    X(NOT_APPLICABLE, "not-applicable", "what the sheet requires is false on this instance")              \
    X(DEFERRED, "deferred", "an order or probability line: one run does not decide it")
typedef enum {
#define FP_VERDICT_ENUM(id, word, text) FP_##id,
    FP_VERDICT_LIST(FP_VERDICT_ENUM)
#undef FP_VERDICT_ENUM
} fp_verdict;
const char *fp_verdict_word(fp_verdict v);

/* The reason of not-applicable is `requires`, and nothing else. Reasons of undecided: straddles-zero, precision-cap (an identity or ball too wide), horizon-not-reached, time-not-reached, vacuous
 * (no premise, no window, no set to speak of), box-cap (`for all real`: too many halvings), blow-up, step-underflow, step-cap, interrupted, incomplete, index (one leaves its set on this instance), empty-set (a maximum
 * or minimum over nothing), unavailable (a quantity that the instance, the flow or an enumeration does not give), domain (such as a division by 0),
 * evaluation-cap and memory-cap (the setting's evaluations, claim-memory), tube (no tube closes from some time on), depth (halving intervals did not decide).
 * straddles-zero says that the enclosures are too wide at some time. */

typedef enum { FP_EVIDENCE_NONE, FP_EVIDENCE_SAMPLED /* a statistical estimate */, FP_EVIDENCE_ENCLOSURE, FP_EVIDENCE_ESTIMATE /* an estimated tube */ } fp_evidence;

typedef struct {
    const fp_constant *constant;
    bool known; /* false too if no value would do, since comparisons contradict one another */
    arb_t measured; /* encloses the extreme constant that would do */
    mpfr_t time;    /* where it is attained */
} fp_measured;

typedef struct {
    const fp_claim *claim;
    fp_verdict verdict;
    char reason[48];       /* "" if none */
    char detail[512];      /* a sentence, or "" */
    fp_evidence evidence;
    bool outside_hypotheses;
    bool has_margin;
    arb_t margin;          /* of the decisive comparison at the tightest time */
    arb_t relative;        /* margin / scale */
    mpfr_t tight_time;
    char binding[96];      /* "i=3, mu=2" or "" */
    int agreement_digits;  /* identities: supported to 10^-k; -1 otherwise */
    unsigned long agreement_states; /* .. at the exact states of so many knots (certificate.md, (27a)); 0: along the solution, as far as its enclosure shows, and `detail` says so */
    mpfr_t window_from, window_to; /* as covered */
    unsigned long samples; /* parts and single times that were judged */
    unsigned long premises_true, premises;
    fp_measured measured[FP_SENSITIVITIES_MAX];
    int measured_count;
    mpfr_t attained_from[FP_SENSITIVITIES_MAX], attained_to[FP_SENSITIVITIES_MAX]; /* if known: the extreme value is attained in this interval and nowhere else */
    bool has_ratio;        /* ORDER */
    arb_t ratio_least, ratio_greatest;
    /* expectation */
    fp_verdict expected;   /* FP_PROVED stands for 'holds' */
    bool expected_holds;
    char expected_reason[512];
    bool as_expected;
} fp_claim_result;

typedef struct {
    const fp_time *time;
    bool found;
    mpfr_t value, width; /* the time lies in [value - width, value] */
    bool estimated; /* whether it is found, and where, an estimated tube says */
    char reason[48]; /* not found: why, if its search is over ("time-not-reached", "straddles-zero", ..), else "" */
} fp_time_result;

typedef struct {
    fp_claim_result *claims; /* sheet order; claims of twins only when they were asked for */
    size_t claims_count;
    fp_time_result *times;
    size_t times_count;
} fp_results;
void fp_results_clear(fp_results *r);
/* Two runs of the same claims on the same instance: r gets the intersection of their enclosures of constants, times and ratios; verdicts stay. FP_INTERNAL: two of them do not meet. */
fp_status fp_results_sharpen(fp_results *r, const fp_results *other, fp_error *err);

/* ---- the checker: claims are decided by enclosures of the true solution over whole windows. `always` is proved if it is TRUE on every part of the window, refuted by one
 * interval inside it on which it is FALSE (`detail` has the interval and both sides); `eventually` the other way round. Identities are never proved, only refuted or supported. Whatever is found is found for the true
 * solution: verdicts have FP_EVIDENCE_ENCLOSURE. at(T, e) encloses e over the bracket of T.
 *
 *     fp_tube_checker_new(&c, &options, &err);
 *     for each segment, from t = 0 on, each beginning where the last one ended, until fp_tube_checker_end or the tube does not close:
 *         fp_tube_checker_step(c, &segment, &err);
 *         if (fp_tube_checker_is_done(c)) break;
 *     fp_tube_checker_finish(&results, c, reached, "tube");
 *
 * Where the proof ends before the claims are over, what it leaves open can be judged on an estimated tube, from t = 0 on, by a second checker: `proved` is the first one, which was given
 * fp_tube_checker_conclude; then segments that are estimated, and finish, which gives the results of both: a claim that the first one decided keeps that verdict; the others are at most supported or violated,
 * with FP_EVIDENCE_ESTIMATE.
 */
typedef struct fp_tube_checker fp_tube_checker;
typedef struct {
    const fp_sheets *sheets;
    const fp_problem *problem;
    const fp_layout *layout; /* of the flow that the views speak of; borrowed */
    slong prec;              /* of the balls: more than the bits of the tube, or rounding hides what it shows */
    const char *only;        /* glob over claim ids, NULL = all; e.g. "4.4/ratio" or "D.?"; a bare statement number means all its claims */
    bool twins;              /* check the twins' claims instead of the originals */
    fp_pool *pool;           /* two threads are used */
    mpq_srcptr horizon;
    fp_flow *flow;           /* NULL, or the flow of the run: identities are seen at the exact states of knots too, where slope() is its field; borrowed, used by fp_tube_checker_new, _step and _finish */
    const char *thinner;     /* what would make the tube thinner, for people; static text; NULL: "a smaller tolerance" */
    int depth;               /* a half step is halved at most so often; 0: 20 */
    unsigned long budget;    /* parts a claim may take of a half step; 0: 400 */
    slong accuracy;          /* measured constants: aimed relative accuracy 2^-accuracy; 0: 20. At most 7 where d() stands: there are no second derivatives */
    unsigned long measuring; /* parts a claim may take of a half step for its constants alone; 0: 60 */
    fp_tube_checker *proved; /* NULL, or borrowed until this one is freed: segments must be estimated, and only what that one left open is judged */
    const fp_results *seed;  /* NULL, or of an earlier run of the same claims on the same instance: then constants and times only are enclosed, verdicts mean nothing, and parts have to
                              * beat what is known already. Read by fp_tube_checker_new only */
} fp_tube_options;
/* Binds the selected claims to the instance; evaluates constant times and claims about t = 0. Hypotheses named in `assumes` are evaluated too even if not selected (not reported). */
fp_status fp_tube_checker_new(fp_tube_checker **out, const fp_tube_options *options, fp_error *err);
void fp_tube_checker_free(fp_tube_checker *c);
void fp_tube_checker_end(arf_t end, const fp_tube_checker *c); /* the run must reach this time: the horizon, or a few bits above it if it has no end in binary */
/* Where knots should be: the constant times inside (0, horizon) that claims use and `more` (increasing, may be empty), increasing, none twice; a time without an end in binary is rounded up to as many bits as balls have, counted from the
 * horizon's. An identity `at T:` of the present state alone is judged at the knot that is T rounded: what holds at every state holds at that one, and what does not fails there as well as at T itself, but for a null set. */
typedef struct {
    arf_struct *at;
    size_t count;
} fp_stops; /* {0} is empty */
void fp_tube_checker_stops(fp_stops *out, const fp_tube_checker *c, arf_srcptr more, size_t more_count);
void fp_stops_clear(fp_stops *stops);
/* FP_INTERNAL: a gap between segments, or enclosures that contradict one another. The segment is borrowed for the call. */
fp_status fp_tube_checker_step(fp_tube_checker *c, const fp_segment *segment, fp_error *err); /* FP_INTERRUPTED: finish, then; claims that were over keep their verdicts */
bool fp_tube_checker_is_done(const fp_tube_checker *c); /* nothing more to examine */
/* reached false: the run stopped early for `reason` ("tube", "interrupted", ..): open windows may be refuted, never proved. */
void fp_tube_checker_finish(fp_results *out, fp_tube_checker *c, bool reached, const char *reason);
/* Half of finish: there are no more segments, and verdicts are made. */
void fp_tube_checker_conclude(fp_tube_checker *c, bool reached, const char *reason);
size_t fp_tube_checker_selected(const fp_tube_checker *c);

/* ---- expectations (proofs/settings/NAME.expect): `ID verdict reason...` a line, # comments; ID may be a glob. */
typedef struct {
    char *path;
    struct fp_expectation {
        char *pattern, *reason;
        fp_verdict verdict;
        int line;
        bool used;
    } *items;
    size_t count;
} fp_expectations;
fp_status fp_expectations_read(fp_expectations *out, const char *path, fp_error *err);
void fp_expectations_clear(fp_expectations *e);
/* A line whose statement was read but has no such claim is a slip: FP_BAD_INPUT with file and line. Lines about sheets that were not read are fine. */
fp_status fp_expectations_match(const fp_expectations *e, const fp_sheets *sheets, fp_error *err);
/* Fills expected*, as_expected of each result. A later line wins. 'violated' and 'refuted' satisfy one another, as do 'supported' and 'proved' (= holds, the default; of twins: violated). */
void fp_expectations_apply(fp_results *r, fp_expectations *e);

/* ---- the one mapping from verdicts to the gate, used by the exit status and by every report format */
typedef enum { FP_GATE_PASS, FP_GATE_FAIL, FP_GATE_UNDECIDED, FP_GATE_NEUTRAL } fp_gate;
fp_gate fp_gate_of(const fp_claim_result *r, bool allow_undecided);
int fp_gate_exit(const fp_results *r, bool allow_undecided); /* 0, 1, 3 or 5 (design section 1) */

#endif
