/* SPDX-License-Identifier: MIT */
/* Initial value problems y' = f(t, y) on opaque vectors. Knows no transformer: a vector field is a table of functions.
 * Methods:
 * rk45: Dormand-Prince 5(4) (J. Comput. Appl. Math. 6 (1980) 19-26) with Shampine's 4th-order continuous extension as in Hairer, Norsett, Wanner,
 * Solving ODEs I, II.6 (contd5). Every coefficient is an exact rational.
 * taylor: Taylor polynomial of order p = ceil(1 - ln(tolerance)/2) (A. Jorba, M. Zou, Experimental Math. 14 (2005) 99-117), step from its last two coefficients; dense output is the
 * polynomial itself. Its steps do not become small as digits are added, so it is the method beyond about 15 digits. */
#ifndef FLOWPROOF_INTEGRATE_H
#define FLOWPROOF_INTEGRATE_H

#include "flowproof/arith.h"

typedef struct {
    size_t dim;
    /* dy = f(t, y), both of length dim and of the precision of y. A non-finite result is reported by the integrator. */
    void (*rhs)(fp_vec *dy, mpfr_srcptr t, const fp_vec *y, void *ctx);
    void *ctx;
    /* For taylor, else NULL: coefficients 1..order of the solution that has coefficient[0] (given) at time t, all of the precision of coefficient[0]. False: there is none that
     * is finite. */
    bool (*series)(fp_vec *const *coefficient, int order, mpfr_srcptr t, void *ctx);
} fp_field;

/* ---- tableau: exact rationals as text, parsed once */
enum { FP_DP_STAGES = 7 };
typedef struct {
    mpq_t a[FP_DP_STAGES][FP_DP_STAGES], b[FP_DP_STAGES], e[FP_DP_STAGES] /* b - bhat */, c[FP_DP_STAGES];
    mpq_t d[FP_DP_STAGES]; /* dense output, Hairer's d1, d3..d7 */
} fp_tableau;
void fp_tableau_dopri5(fp_tableau *t);
void fp_tableau_clear(fp_tableau *t);

/* ---- one stepper: state at the left end, stages, last accepted step */
typedef struct fp_rk45 fp_rk45;
fp_rk45 *fp_rk45_new(const fp_field *field, mpfr_prec_t prec, fp_pool *pool); /* field borrowed */
void fp_rk45_free(fp_rk45 *rk);
/* Start (or restart) at (t0, y0): copies y0, evaluates f once. FP_NON_FINITE possible. */
fp_status fp_rk45_start(fp_rk45 *rk, mpfr_srcptr t0, const fp_vec *y0, fp_error *err);
/* One trial step of size h from the current point: fills the trial end state and the error estimate
 * err = max_i |e_i| / (1 + max(|y_i|, |y1_i|)), a maximum so that no component hides. Repeatable with another h. */
fp_status fp_rk45_try(fp_rk45 *rk, mpfr_srcptr h, mpfr_ptr error, fp_error *err);
/* Makes the last trial step the accepted one: the current point moves to its end (FSAL). */
void fp_rk45_accept(fp_rk45 *rk);
mpfr_srcptr fp_rk45_time(const fp_rk45 *rk);       /* current point */
const fp_vec *fp_rk45_state(const fp_rk45 *rk);
const fp_vec *fp_rk45_slope(const fp_rk45 *rk);    /* f at the current point (FSAL) */
mpfr_srcptr fp_rk45_left_time(const fp_rk45 *rk);  /* left end of the last accepted step */
const fp_vec *fp_rk45_left_state(const fp_rk45 *rk);
/* 4th-order interpolant on the last accepted step at t in [left, current]; until the next fp_rk45_try. Uses the stepper's scratch:
 * not for two threads at once. t == left or current returns the stored state. */
void fp_rk45_dense(fp_vec *out, fp_rk45 *rk, mpfr_srcptr t);
/* A true step of the 5th-order formula from the left end of the last accepted step to t (more accurate than the interpolant);
 * does not disturb the stepper; until the next fp_rk45_try. t == left or current returns the stored state. */
fp_status fp_rk45_probe(fp_vec *out, fp_rk45 *rk, mpfr_srcptr t, fp_error *err);
unsigned long fp_rk45_evaluations(const fp_rk45 *rk); /* calls of rhs so far */

/* ---- step size control: PI controller (Gustafsson; Hairer-Wanner II, IV.2) h_new = h * clamp(0.9 * err^-0.17 * err_old^0.04, 0.2, 10) in units err/tolerance,
 * no growth right after a rejection. Initial step by Hairer's rule (HNW I, II.4). All in MPFR; h is rounded to 24 significant bits, so that times stay short. */
typedef struct {
    mpfr_t tolerance, previous_error;
    bool rejected;
} fp_control;

/* ---- the run */
/* Underflow: the controller wants a step below 2^-(prec-8) * max(|t|, 2^-32 (t_end - t0)). A trial that is not finite is repeated with h/5; NON_FINITE
 * if that goes on down to underflow, or if y0 or f(t0, y0) is not finite. */
typedef enum { FP_RUN_END, FP_RUN_STOPPED, FP_RUN_UNDERFLOW, FP_RUN_NON_FINITE, FP_RUN_BUDGET, FP_RUN_INTERRUPTED } fp_outcome;
const char *fp_outcome_text(fp_outcome o); /* "reached end", "stopped by observer", "step underflow", "non-finite", "step budget", "interrupted" */

typedef enum { FP_METHOD_RK45, FP_METHOD_TAYLOR } fp_method;
bool fp_method_parse(fp_method *out, const char *name);
const char *fp_method_name(fp_method method);
/* p of taylor for this tolerance: ceil(1 - ln(tolerance)/2), at least 4. */
int fp_taylor_order(mpq_srcptr tolerance);

/* taylor: from the coefficients c_j at the left end and |c| = max_i |c_i| / (1 + |y_i|), h = 9/10 min_{j = p-1, p} (tolerance/|c_j|)^(1/j). Where both are 0 (a polynomial solution,
 * or a lucky point) the highest other one decides, cautiously, and growth is bounded. No step is taken on trust: h |P'(h) - f(P(h))| / (p+1), the local error of the polynomial P
 * to leading order, must be within the tolerance (same norm as fp_rk45_try), else the step is repeated shorter. */
typedef struct fp_run fp_run;
typedef struct {
    fp_method method;            /* both fields must have `series` for taylor (asserted) */
    mpq_srcptr t0, t_end;        /* exact; rounded to prec */
    mpq_srcptr tolerance;        /* > 0, absolute and relative (see fp_rk45_try) */
    mpfr_prec_t prec;
    const fp_reals *stops;       /* times strictly inside (t0, t_end), increasing, that must be hit exactly; borrowed while the run lives; may be NULL */
    unsigned long max_steps;     /* attempts */
    bool pair;                   /* also carry the second run: every accepted step again as two half steps: tolerance/32 for rk45, tolerance/2^p or less for taylor;
                                    |difference| is the error estimate of design section 5 */
    fp_pool *pool;
} fp_run_options;
/* Called after each accepted step; return false to stop. */
typedef bool (*fp_run_observer)(fp_run *run, void *ctx);

/* Needs t0 <= t_end (asserted). The fields are copied, their ctx is borrowed; fine may be NULL (= coarse). The options' rationals may go after the call. */
fp_run *fp_run_new(const fp_field *coarse, const fp_field *fine /* = coarse unless pair wants its own ctx */, const fp_run_options *options);
void fp_run_free(fp_run *run);
/* Starts (or starts again) at y0. False: y0 or its slope is not finite, or an interruption (err). */
bool fp_run_begin(fp_run *run, const fp_vec *y0, fp_error *err);
/* On to t exactly (rounded to prec, at most t_end), as a step controller does that has a landing there: what it wants for the steps after stands. Outcomes as of fp_run_go; FP_RUN_END: t is reached,
 * and the run can be sent on. After any other outcome it is over. */
fp_outcome fp_run_to(fp_run *run, mpfr_srcptr t, fp_run_observer observe, void *ctx, fp_error *err);
/* Integrates from y0 to t_end. Returns how it ended; *err explains all but FP_RUN_END and FP_RUN_STOPPED. */
fp_outcome fp_run_go(fp_run *run, const fp_vec *y0, fp_run_observer observe, void *ctx, fp_error *err);

/* The last accepted step [left, right], inside the observer. `fine` selects the second run (needs pair); its nodes are left, middle, right. */
mpfr_srcptr fp_run_left(const fp_run *run);
mpfr_srcptr fp_run_right(const fp_run *run);
mpfr_srcptr fp_run_middle(const fp_run *run); /* (left+right)/2 rounded */
const fp_vec *fp_run_state(const fp_run *run, bool fine); /* at right */
const fp_vec *fp_run_middle_state(const fp_run *run);     /* of the fine run */
/* State at t in [left, right]: by the interpolant, or by a true step (exact = true). taylor: the step's polynomial in both cases. */
fp_status fp_run_at(fp_vec *out, fp_run *run, bool fine, mpfr_srcptr t, bool exact, fp_error *err);
typedef struct {
    unsigned long accepted, rejected, evaluations; /* evaluations: calls of rhs and series */
    double last_h;      /* for display */
    double max_pair_difference; /* max over nodes and components of |coarse - fine|, for display */
} fp_run_stats;
void fp_run_get_stats(fp_run_stats *out, const fp_run *run);

/* ---- events: bracket of a sign change of f on [lo, hi], f(lo) < 0 <= f(hi), shrunk by the Illinois method safeguarded with bisection until
 * hi - lo <= width. f may return NaN (treated as < 0). On return lo, hi are the bracket. At most 4*prec evaluations. */
void fp_root_bracket(mpfr_ptr lo, mpfr_ptr hi, mpfr_srcptr width, void (*f)(mpfr_ptr value, mpfr_srcptr t, void *ctx), void *ctx);

#endif
