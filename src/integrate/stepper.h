/* SPDX-License-Identifier: MIT */
/* What the files of src/integrate share and nobody else sees. */
#ifndef FLOWPROOF_STEPPER_H
#define FLOWPROOF_STEPPER_H

#include "flowproof/integrate.h"

enum {
    FP_SCALAR_PREC = 64, /* errors, norms and step sizes: nothing that enters a state */
    FP_STEP_BITS = 24    /* significant bits of a step size */
};

/* ---- loops over the elements, divided into parts of fixed length, so that no result depends on the thread count */
typedef struct {
    size_t dim, parts;
    fp_pool *pool;
    fp_reals wide;    /* scratch of the state's precision, some numbers per part */
    fp_reals narrow;  /* the same at FP_SCALAR_PREC; the first of each part is its maximum */
} fp_chunks;
void fp_chunks_init(fp_chunks *c, size_t dim, mpfr_prec_t prec, fp_pool *pool);
void fp_chunks_clear(fp_chunks *c);
/* out = y + sum coef[s] k[s], whole vectors; see fp_vec_lincomb */
void fp_chunks_lincomb(fp_chunks *c, fp_vec *out, const fp_vec *y, const fp_reals *coef, fp_vec *const k[], size_t count);
/* max_i |x_i| / (1 + max(|y_i|, |z_i|)), z may be NULL; NaN if any x_i, y_i or z_i is not finite */
void fp_chunks_scaled_max(fp_chunks *c, mpfr_ptr out, const fp_vec *x, const fp_vec *y, const fp_vec *z);

/* ---- one step with everything its dense output needs: 2 states and 7 slopes, borrowed from the stepper. k[1] is scratch once the
 * step is made, since b2 = bhat2 = d2 = 0. */
typedef struct {
    mpfr_t t0, t1, h; /* h = t1 - t0 rounded */
    fp_vec *y0, *y1, *k[FP_DP_STAGES];
} fp_segment;

/* While `open`, the step is a trial and its left end is the current point; otherwise its right end is. */
struct fp_rk45 {
    fp_field field;
    mpfr_prec_t prec;
    fp_tableau tableau;
    fp_chunks chunks;
    fp_segment step;
    bool open;
    unsigned long steps, evaluations;
    fp_reals coef;        /* FP_DP_STAGES coefficients h*a_sj of the stage at work */
    fp_reals dense;       /* scratch of dense output */
    mpfr_t time, size;    /* scratch */
};

/* Makes the current point the left end of a trial step; no effect if one is open. */
void fp_rk45_open(fp_rk45 *rk);
/* A trial step that ends at t1 exactly (t1 equal to the current time is a step of length 0). */
fp_status fp_rk45_try_to(fp_rk45 *rk, mpfr_srcptr t1, mpfr_ptr error, fp_error *err);
/* out (of rhs) at (t, y), counted. */
void fp_rk45_slope_at(fp_vec *out, fp_rk45 *rk, mpfr_srcptr t, const fp_vec *y);

/* Why a state or (not NULL) its slope is not finite; h = 0: at t itself, else after a step from t. */
fp_status fp_step_not_finite(fp_error *err, mpfr_srcptr t, mpfr_srcptr h, const fp_vec *state, const fp_vec *slope);

/* ---- the Taylor stepper; functions as those of fp_rk45. While `expanded`, the current point is t0, the knot of x, and t1 the end of the last trial; otherwise it is t1. */
typedef struct {
    fp_field field;
    mpfr_prec_t prec;
    int order;
    fp_expansion *x; /* from the start on */
    fp_vec *state;   /* at the current point */
    mpfr_t t0, t1, h; /* h = t1 - t0 rounded */
    bool expanded;
    unsigned long steps, evaluations;
    mpfr_t tolerance, span; /* FP_SCALAR_PREC */
} fp_taylor;
fp_taylor *fp_taylor_create(const fp_field *field, mpq_srcptr tolerance, mpfr_prec_t prec);
void fp_taylor_free(fp_taylor *s);
fp_status fp_taylor_start(fp_taylor *s, mpfr_srcptr t0, const fp_vec *y0, fp_error *err);
/* Expands at the current point if that has not been done, and then sets h; h stays as it is otherwise. */
fp_status fp_taylor_wish(mpfr_ptr h, fp_taylor *s, fp_error *err);
fp_status fp_taylor_try_to(fp_taylor *s, mpfr_srcptr t1, mpfr_ptr error, fp_error *err);
bool fp_taylor_judge(mpfr_ptr next, fp_control *c, const fp_taylor *s, mpfr_srcptr h, mpfr_srcptr error);
void fp_taylor_accept(fp_taylor *s);
mpfr_srcptr fp_taylor_time(const fp_taylor *s);
const fp_vec *fp_taylor_state(const fp_taylor *s);
mpfr_srcptr fp_taylor_left_time(const fp_taylor *s);
fp_status fp_taylor_at(fp_vec *out, fp_taylor *s, mpfr_srcptr t, fp_error *err);

/* ---- either stepper (stepper.c): one of the two is not NULL */
typedef struct {
    fp_rk45 *rk;
    fp_taylor *taylor;
} fp_stepper;
fp_stepper fp_stepper_create(const fp_field *field, const fp_run_options *options);
void fp_stepper_free(fp_stepper s);
fp_status fp_stepper_start(fp_stepper s, mpfr_srcptr t0, const fp_vec *y0, fp_error *err);
void fp_stepper_first(mpfr_ptr h, const fp_control *c, fp_stepper s, mpfr_srcptr span); /* the first step at most span */
fp_status fp_stepper_wish(mpfr_ptr h, fp_stepper s, fp_error *err); /* before each trial */
fp_status fp_stepper_try_to(fp_stepper s, mpfr_srcptr t1, mpfr_ptr error, fp_error *err);
bool fp_stepper_judge(mpfr_ptr next, fp_control *c, fp_stepper s, mpfr_srcptr h, mpfr_srcptr error);
void fp_stepper_accept(fp_stepper s);
bool fp_stepper_is_open(fp_stepper s);
mpfr_srcptr fp_stepper_time(fp_stepper s);
const fp_vec *fp_stepper_state(fp_stepper s);
mpfr_srcptr fp_stepper_left_time(fp_stepper s);
fp_status fp_stepper_at(fp_vec *out, fp_stepper s, mpfr_srcptr t, fp_error *err);
unsigned long fp_stepper_evaluations(fp_stepper s);

/* ---- step size control (see fp_control in the public header) */
void fp_control_init(fp_control *c, mpq_srcptr tolerance);
void fp_control_clear(fp_control *c);
void fp_control_reset(fp_control *c); /* forgets earlier steps */
/* Judges a step of size h with this error: true = accept. next = size of the next (or repeated) step. */
bool fp_control_judge(mpfr_ptr next, fp_control *c, mpfr_srcptr h, mpfr_srcptr error);
/* next = h / 5 after a step that gave no finite result. */
void fp_control_shrink(mpfr_ptr next, fp_control *c, mpfr_srcptr h);
/* First step size at the current point, at most span (HNW I, II.4, "starting step size"); one evaluation. */
void fp_control_first(mpfr_ptr h, const fp_control *c, fp_rk45 *rk, mpfr_srcptr span);
/* h toward 0 to FP_STEP_BITS */
void fp_step_round(mpfr_ptr h);
/* x = p/q rounded to nearest */
void fp_ratio_set(mpfr_ptr x, unsigned long p, unsigned long q);
/* "1.234567e-05", for messages */
const char *fp_scalar_text(char buffer[48], mpfr_srcptr x);

#endif
