/* SPDX-License-Identifier: MIT */
/* What the files of the checker share that judge along the solution. It judges claims on intervals: each step is cut at its middle and where windows begin and end; the left half belongs to lane 0, the right half to lane 1, each
 * with its own view, source, evaluator and tallies, so that results do not depend on the number of threads.
 *
 * A part [a, b] is judged for all undecided claims at once:
 *   thin      values at the middle (of the whole half also at its right end): a FALSE refutes, an UNKNOWN that no identity explains cannot be proved any more
 *   plain     the margins over [a, b]
 *   sharp     the same, cut down by the mean value form m(c) + m'([a,b]) (t - c), and where m' has one sign by m(a), m(b)
 *   halves    else, as deep as `depth` and as often as `budget` allow.
 * Two enclosures of one margin that do not meet are an internal error. */
#ifndef FP_CLAIMS_TUBE_IMPL_H
#define FP_CLAIMS_TUBE_IMPL_H

#include "check_impl.h"
#include "tube_ball.h"

enum { FP_TUBE_LANES = 2, FP_TUBE_CLOCK_DEPTH = 64 /* at least */, FP_TUBE_CLOCK_BUDGET = 2000 };

/* ---- a window, seen from one step: [from, to] may belong to it, and what lies between sure_from and sure_to does. All inside the step but the latter. */
typedef struct {
    bool active;
    arf_t from, to, sure_from, sure_to;
    bool skip_from, skip_to; /* the ends themselves do not belong to it */
} fp_span;

/* ---- tube_attained.c: parts and what they may need at most */
typedef struct {
    struct fp_candidate {
        arf_t from, to, most;
    } *items;
    size_t count, room;
} fp_candidates; /* {0} is empty */
void fp_candidates_add(fp_candidates *x, const arf_t from, const arf_t to, const arf_t most);
void fp_candidates_prune(fp_candidates *x, const arf_t best); /* leaves those that may need `best` */
/* The hull of those that may need `best`; false: there are none. */
bool fp_candidates_hull(arf_t from, arf_t to, const fp_candidates *x, const arf_t best);
void fp_candidates_clear(fp_candidates *x);

/* ---- what one lane found about one claim */
typedef struct {
    unsigned long parts, used; /* used: of the budget, in this step */
    bool hopeless;             /* a thin value is unknown: only counterexamples are looked for */
    bool unproved;             /* some part of the window is not shown */
    const char *cause;
    fp_hidden hidden;          /* straddles-zero */
    arf_t open_from, open_to;  /* the first such part */
    bool decided;              /* always: a counterexample; eventually: an example; over [found_from, found_to] */
    arf_t found_from, found_to;
    arb_t left, right;
    const fp_node *comparison;
    char binding[96];
    bool flagged;              /* decided at a thin time of this part: look for an interval around it */
    arf_t flag;
    bool bounded[FP_SENSITIVITIES_MAX]; /* no part needs a constant beyond `bound` */
    arf_t bound[FP_SENSITIVITIES_MAX];
    arf_t best[FP_SENSITIVITIES_MAX];   /* needed at a thin time of either lane before this step */
    bool has_best[FP_SENSITIVITIES_MAX];
    fp_candidates attained[FP_SENSITIVITIES_MAX]; /* parts that may need as much as the whole window */
    arf_t seed[FP_SENSITIVITIES_MAX];   /* needed by what an earlier run has shown */
    bool has_seed[FP_SENSITIVITIES_MAX], seed_at_end[FP_SENSITIVITIES_MAX];
    bool has_ratio;
    arf_t ratio_low, ratio_high; /* over all parts */
} fp_tally;

/* Comparisons of one claim at the times of the part at hand. */
typedef struct {
    fp_leaves low, middle, high, wide;
    bool has_low, has_high, wants_ends;
} fp_views;

typedef struct {
    fp_tube_checker *c;
    fp_checker *shell; /* monitors take the values at single times; its lane evaluates */
    const fp_tube_view *view;
    fp_tally *tally;
    fp_views *views;
    fp_source **at; /* by clock: over its bracket so far */
    arb_ptr past;   /* by sup(..): over [0, where the stretch looked at begins] */
    bool *wants_sup;
    fp_status status;
    fp_error err;
} fp_tube_lane;

/* ---- a time: in [lo, hi] if there is one; `bounded`: hi is known */
typedef struct {
    arf_t lo, hi;
    bool bounded;
    bool pending;   /* the condition may have held: first: since lo; last: somewhere in the search */
    bool seen;      /* last: it surely held, at lo */
    bool held;      /* last: it surely held where the search has come to */
    bool collected; /* at(): something of the bracket is kept */
    bool complete;  /* all of it */
    arb_ptr past;   /* by sup(..): over [0, where the bracket begins], for `at T:`; or NULL */
} fp_bracket;

/* ---- tube_crest.c: sup(e) over [0, t] in one step: max(e(t), past) for every t of a piece, or up to slack more */
typedef struct {
    arf_t from, to;
    arb_t past; /* encloses the supremum over [0, from] too */
    arf_t most; /* bounds the supremum over [0, to] */
    mag_t slack;
    bool rests; /* past is the supremum */
} fp_rise;
typedef struct {
    fp_rise *piece;
    size_t count, room;
} fp_crest; /* {0} is empty */
/* For the lane's step. past: over [0, its left end], or NULL in the first step. end: over [0, its right end]. inside: what it is between them counts too. */
void fp_crest_make(fp_crest *crest, arb_t end, fp_tube_lane *l, const fp_node *node, arb_srcptr past, bool inside);
void fp_sup_raise(arb_t reached, const arb_t e, slong prec); /* reached := the larger one; indeterminate if one of them is not finite */
const fp_rise *fp_crest_at(const fp_crest *c, const arf_t t); /* the last piece that has t */
void fp_crest_clear(fp_crest *c);
void fp_tube_sup_present(arb_t out, fp_tube_lane *l, const fp_node *node, const arf_t a, const arf_t b); /* e over [a, b]; indeterminate if it has no value there. The source is left there. */

/* ---- sup(e) of some claims */
typedef struct {
    const fp_node *node;
    bool *user;  /* by monitor */
    bool has;
    bool wanted; /* in this step: crest and next are its */
    fp_crest crest;
    arb_t past;  /* over [0, reached], if has */
    arb_t next;  /* and the present step */
} fp_tube_sup;

/* ---- tube_knots.c: identities at the exact states of knots */
typedef struct fp_tube_knots fp_tube_knots;

struct fp_tube_checker {
    fp_tube_lane lane[FP_TUBE_LANES];
    fp_checker *base; /* lane 0's: clocks' states, t = 0, results */
    fp_bracket *bracket;
    fp_span *span;
    fp_pool *pool;
    const fp_layout *layout;
    const char *thinner; /* what would make the tube thinner */
    slong prec;
    int depth;
    unsigned long budget, measuring;
    slong accuracy;
    bool seeded; /* constants and times only */
    fp_tube_checker *proved; /* or NULL: this one judges on an estimated tube what that one left open */
    fp_claim_result *all;    /* by monitor, once it is concluded */
    int clock_depth;
    arf_t horizon_lo, horizon_hi, reached;
    const fp_segment *segment;
    fp_tube_sup *sup;
    size_t sups_count;
    fp_tube_knots *knots; /* NULL: none are looked at */
    arf_struct *cut; /* of the step */
    size_t cuts;
};

/* ---- tube_sharpen.c */
/* Cuts margins, and the constants' d margin/dC, of views->wide (moving) over [c-half, c+half] down by what the thin ones show. open_low, open_high: that end does not belong to it. False: two
 * enclosures do not meet (err). wants_ends is set where values at the ends would help. */
bool fp_tube_sharpen(fp_views *v, const char *id, const arf_t half, bool open_low, bool open_high, slong prec, fp_error *err);
/* The plain ones must meet the thin ones. */
bool fp_tube_consistent(const fp_leaves *wide, const fp_leaves *thin, const char *id, fp_error *err);

/* ---- tube_extreme.c: the extreme constant that would do, by branch and bound: a part is left alone when it cannot need a constant beyond the best thin value by more than 2^-accuracy of it */
bool fp_tube_is_measuring(const fp_tube_lane *l, size_t i);
/* Whether the largest value is looked for of what the times of the window need, or the least: of `smallest` constants the largest with `always`, the least with `eventually`. */
bool fp_tube_seeks_largest(const fp_claim *claim, const fp_constant *constant);
/* Takes the part's bounds; false: it is to be halved. last: it will not be, whatever they are. */
bool fp_tube_bound(fp_tube_lane *l, size_t i, const arf_t a, const arf_t b, const arf_t half, bool last);
unsigned long fp_tube_budget(const fp_tube_lane *l, size_t i); /* parts that a claim may take of a half step */
unsigned long fp_tube_measuring(const fp_tube_lane *l, size_t i); /* parts that the constants of a claim may take of a half step */
void fp_tube_seed(fp_tube_checker *c, const fp_results *seed);
void fp_tube_measured(fp_claim_result *r, const fp_tube_checker *c, size_t i, const fp_monitor *m);

/* ---- tube_part.c */
/* Judges the claims list[0..count-1] over [a, b]. whole: not yet halved. */
void fp_tube_part(fp_tube_lane *l, const arf_t a, const arf_t b, int depth, const size_t *list, size_t count);

/* ---- tube_clock.c */
void fp_brackets_begin(fp_tube_checker *c);
/* Moves all times as far as this step shows. */
fp_status fp_brackets_step(fp_tube_checker *c, fp_error *err);
/* ---- tube_scan.c: examines a condition over [a, b] and tells what it finds in the order of time, until told to stop */
typedef struct fp_scan fp_scan;
struct fp_scan {
    fp_tube_lane *lane;
    const fp_time *time;
    fp_views views;
    unsigned long left; /* budget */
    bool stop;
    fp_eval_failure failure; /* the condition has no value, and will have none */
    void (*note)(fp_scan *q, const arf_t a, const arf_t b, fp_truth truth);
    fp_tube_checker *c;
    size_t index;
};
void fp_scan_go(fp_scan *q, const arf_t a, const arf_t b);
/* ---- tube_at.c: values at a time, kept for at() and `at T:` */
void fp_bracket_collect(fp_tube_checker *c, size_t index);
void fp_bracket_drop(fp_tube_checker *c, size_t index);

/* ---- tube_checker.c */
bool fp_tube_is_wanted(const fp_tube_checker *c, const fp_monitor *m); /* false: nothing is asked about this claim */
bool fp_tube_is_over(const fp_tube_checker *c, size_t i); /* nothing that is still to come can change the result */

/* ---- tube_proved.c: a second checker, after one that has concluded (`proved`) */
bool fp_tube_is_settled_by(const fp_tube_checker *c, size_t i); /* what c has concluded of the claim stands */
void fp_tube_only_estimated(fp_claim_result *r); /* it rests on an estimated tube */
void fp_tube_take_proved(fp_tube_checker *c); /* the first one's word where it has one: of claims and of times */

/* ---- tube_tie.c: comparisons of a claim whose sides are those of a time's condition */
void fp_tube_tie_at(fp_leaves *leaves, const fp_tube_checker *c, int clock); /* at that time */
/* Over [a, b], of which an end of the window may be a time: those that hold in what belongs to the window. */
void fp_tube_tie_part(fp_leaves *wide, fp_tube_lane *l, size_t i, const arf_t a, const arf_t b);

/* ---- tube_sup.c */
void fp_tube_sups_bind(fp_tube_checker *c);
void fp_tube_sups_clear(fp_tube_checker *c);
void fp_tube_sups_want(fp_tube_lane *l, const size_t *list, size_t count); /* from now on, those of these claims */
fp_status fp_tube_sups_step(fp_tube_checker *c, fp_error *err); /* before anything else of the step */
void fp_tube_sups_until(fp_tube_lane *l, const arf_t a); /* the evaluator learns the suprema over [0, a]; the source is left anywhere */
void fp_tube_look_without_sups(fp_tube_lane *l, const arf_t a, const arf_t b); /* the lane's source and evaluator at [a, b] */
/* The same, sup(..) included. */
void fp_tube_look(fp_tube_lane *l, const arf_t a, const arf_t b);
void fp_tube_sups_raise(fp_tube_checker *c); /* at the end of the step */
void fp_tube_sups_forget(fp_tube_checker *c);

/* ---- tube_knots.c. Everything here but make and free does nothing without knots */
fp_tube_knots *fp_tube_knots_make(fp_tube_checker *c, fp_flow *flow); /* NULL for no flow, or if no claim has an identity */
void fp_tube_knots_free(fp_tube_checker *c);
void fp_tube_knots_start(fp_tube_checker *c); /* claims about t = 0 that the initial weights alone do not answer */
void fp_tube_knots_step(fp_tube_checker *c);  /* after the windows: claims with windows, at t = 0 and at the right end of the step */
void fp_tube_knots_at(fp_tube_checker *c, size_t i, const arf_t lo, const arf_t hi); /* a claim `at T:`, T in [lo, hi], in the step where T is complete */
void fp_tube_knots_end(fp_tube_checker *c, size_t i); /* said of t = 0, but it reads later times */

/* ---- tube_verdict.c */
void fp_tally_init(fp_tally *t);
void fp_tally_clear(fp_tally *t);
void fp_tally_reset(fp_tally *t);
void fp_tube_verdict(fp_claim_result *r, fp_tube_checker *c, size_t i, bool reached, const char *why);

/* ---- tube_window.c */
fp_status fp_tube_status(const fp_tube_checker *c, fp_error *err); /* the lanes' */
void fp_spans_set(fp_tube_checker *c);
fp_status fp_tube_windows(fp_tube_checker *c, fp_error *err);
const fp_bracket *fp_tube_bracket(const fp_tube_checker *c, int clock);
bool fp_tube_ends(arf_t lo, arf_t hi, const fp_tube_checker *c, int clock, bool to); /* false: the time does not exist; hi infinite if unknown */

#endif
