/* SPDX-License-Identifier: MIT */
/* Rigorous enclosure of a trajectory of the reduced or compressed flow: a chain of steps, each a Taylor polynomial y from an exact knot, a bound D on its defect, a bound on the logarithmic
 * norm over a tube of radius r around it, and hence the radius E with |x(t) - y(t)| <= E on the whole step; then the jump to the next knot. proofs/certificate.md has the argument; the code cites its
 * numbers. The integrator is not trusted: any knots will do, a bad one only makes a wide tube. */
#ifndef FLOWPROOF_CERTIFY_H
#define FLOWPROOF_CERTIFY_H

#include "flowproof/series.h"
#include "flowproof/tube.h"

typedef struct {
    int order;              /* of the Taylor polynomial; 0: from the tolerance, about 1.1 * (1 - ln(tol)/2) */
    int limbs;              /* grid digits of 60 bits; 0: from the tolerance */
    mpq_srcptr tolerance;   /* aimed size of a step's last terms */
    int parts;              /* sub-intervals of a step for mu; 0: 2 */
    fp_pool *pool;
} fp_certify_options;

/* What 0 stands for. */
int fp_certify_order(mpq_srcptr tolerance);
int fp_certify_limbs(mpq_srcptr tolerance);

/* One step. Everything in it is read only once fp_step_close has succeeded; views may then be made. */
typedef struct fp_step fp_step;
fp_status fp_step_new(fp_step **out, const fp_problem *problem, const fp_layout *layout, const fp_certify_options *options, fp_error *err);
void fp_step_free(fp_step *s);
fp_series *fp_step_series(fp_step *s);
int fp_step_order(const fp_step *s); /* of the polynomials to come */
/* Series at the knot (left, x); then h: the largest that the tolerance allows, at most limit - left, with few significant bits; or, if h_given is not NULL, that one. The tolerance is met by the
 * last two coefficients of y: k |y_k| h^k <= tolerance. FP_BAD_INPUT: left >= limit; FP_NON_FINITE: a coefficient is not finite; FP_STEP_UNDERFLOW: the tails do not close however small h. */
fp_status fp_step_open(fp_step *s, const arf_t left, const fp_series_state *x, const arf_t limit, const arf_t h_given, fp_error *err);
/* With |x(left) - knot| <= e: bounds D and mu, and E < r such that the true solution exists on the step and stays within E of y (18), (19). r is chosen (several tries; then h is halved, several
 * times, unless it was given), or r_given. False: no tube closes. */
bool fp_step_close(fp_step *s, const mag_t e, const mag_t r_given);
/* Instead of closing it: E is what the caller takes it for (32). Nothing is proved, and views of the step show no more than that estimate. */
void fp_step_estimate(fp_step *s, const mag_t radius);
bool fp_step_is_estimated(const fp_step *s);
arf_srcptr fp_step_left(const fp_step *s);
arf_srcptr fp_step_right(const fp_step *s);
mag_srcptr fp_step_defect(const fp_step *s);    /* D; from fp_step_open on */
mag_srcptr fp_step_growth(const fp_step *s);    /* >= integral of mu over the step */
mag_srcptr fp_step_rate(const fp_step *s);      /* largest mu on one of its sub-intervals */
mag_srcptr fp_step_radius(const fp_step *s);    /* E */
mag_srcptr fp_step_room(const fp_step *s);      /* r */
/* The next knot, y(h) on the grid, and its jump added to E: *e >= |x(right) - next|. */
void fp_step_next(fp_series_state *next, mag_t e, const fp_step *s);
/* Views show `knot` as the one from which the chain goes on, until the next fp_step_open; borrowed as long. */
void fp_step_end(fp_step *s, const fp_series_state *knot);

/* Enclosures of quantities on the (closed) step, on balls of prec bits; step, flow and start are borrowed. flow: of the run, for w_j(0) and u(0); start: of the chain, for how far those may be
 * off. Vectors, inner products that several quantities share, and F are kept until the next set; other values are computed whenever they are asked for (fp_source keeps them). */
typedef struct fp_start fp_start;
fp_tube_view *fp_view_new(const fp_step *s, const fp_flow *flow, const fp_start *start, slong prec);
void fp_view_free(fp_tube_view *v); /* NULL allowed */

/* ---- where a chain starts. The reduced flow starts from the problem's exact numbers; the compressed one from a rotation of them that was computed in rounded arithmetic, so what is bounded there
 * is the distance to the exact state in some orthonormal basis: the flow, every quantity and the weighted norm are the same in each. */
struct fp_start {
    fp_series_state x;  /* knot 0, on the grid of the series */
    mag_t e0;           /* >= |x(0) - knot 0|, weighted */
    mag_t e_w, e_u;     /* how far fp_flow_w0 (each neuron) and fp_flow_u0 of the flow may be off in the same basis, 2-norms */
};
/* flow: reduced or compressed; more precision than the grid makes e0 no larger than the grid's rounding. FP_BAD_INPUT: compressed, and the columns are too close to dependent for a bound (the
 * reduced form has no such limit). On failure nothing is to be cleared. */
fp_status fp_start_make(fp_start *out, const fp_flow *flow, const fp_series *s, fp_error *err);
void fp_start_clear(fp_start *x);

/* ---- a chain of steps from t = 0 to t_end */
typedef struct {
    fp_certify_options certify;
    arf_srcptr t_end;       /* > 0, exact */
    arf_srcptr stops;       /* increasing, inside (0, t_end): will be knots; may be NULL */
    size_t stop_count;
    /* NULL: the chain goes on from where its polynomials end. Else it is asked at the end of every step, in the order of time, for the state (layout order, read before the next call) to go on from, whose
     * distance from the polynomial counts as jump (20); NULL without an error: from where the polynomial ends; NULL with one: there is no going on (FP_CHAIN_RUN; with FP_BUDGET FP_CHAIN_BUDGET), but the step
     * stands. */
    const fp_vec *(*knot)(void *ctx, arf_srcptr t, fp_error *err);
    void *knot_ctx;
    bool estimate;          /* every step is estimated (32) by a second trajectory, none is proved; ends, as a tube that does not close, where the estimate means nothing any more */
    const char *thinner;    /* what would make the tube thinner, for the message; NULL: "a smaller tolerance" */
    unsigned long max_steps; /* 0: no limit */
} fp_chain_options;
typedef enum { FP_CHAIN_END, FP_CHAIN_STOPPED, FP_CHAIN_OPEN, FP_CHAIN_FAILED, FP_CHAIN_BUDGET, FP_CHAIN_RUN, FP_CHAIN_INTERRUPTED } fp_chain_outcome;
const char *fp_chain_outcome_text(fp_chain_outcome o); /* "reached end", "stopped by observer", "tube did not close", "failed", "step budget", "the run of its knots ended", "interrupted" */
typedef struct {
    unsigned long steps;
    int order, limbs;
    arf_t t;                                     /* certified up to here */
    mag_t start, defect, growth, rate, radius, e; /* e0; largest D; integral of mu; largest mu; largest E; at t */
    mag_t distance;                               /* of an estimate: largest from the second trajectory, at the knots; defect and radius are those of its steps, growth, rate and run are 0 */
    mag_t run;                                    /* >= |x(t) - y| at every time t of a knot y that was given, before it was rounded to the grid */
} fp_chain_stats;
/* After each closed (estimated) step, whose views may be made in it; false stops. start: of the chain, for views (w0). */
typedef bool (*fp_chain_observer)(const fp_step *step, const fp_start *start, void *ctx);
/* What an observer has seen is proved (estimated), however the chain ends. *err explains every outcome but END and STOPPED. The tube is given up when e reaches 1/100: mu grows with its radius, so
 * it would not last. stats: initialised here, cleared by the caller with fp_chain_stats_clear. */
fp_chain_outcome fp_chain_run(const fp_chain_options *options, const fp_flow *flow, fp_chain_observer observe, void *ctx, fp_chain_stats *stats, fp_error *err);
void fp_chain_stats_init(fp_chain_stats *stats);
void fp_chain_stats_clear(fp_chain_stats *stats);

#endif
