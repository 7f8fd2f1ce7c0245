/* SPDX-License-Identifier: MIT */
/* Textbook initial value problems with end values known to more digits than rk45's tests ask for. For taylor each has its power series written by hand (ode_series.c), one order at a
 * time, by the recurrences for products, quotients and powers. */
#ifndef FP_TESTS_ODES_H
#define FP_TESTS_ODES_H

#include "flowproof/integrate.h"

enum { FP_ODE_DIM = 28 };

typedef struct fp_ode fp_ode;
typedef struct {
    const char *name;
    size_t dim;
    void (*f)(fp_ode *o, mpfr_srcptr t); /* o->dy from t and o->y */
    size_t aux;                          /* series beside those of the components */
    void (*jet)(fp_ode *o, mpfr_srcptr t, int k); /* o->dy = coefficient k of f along the series in rows 0..dim-1, orders 0..k */
    const char *t_end;                   /* t0 = 0 */
    const char *parameter[4];
    const char *start[FP_ODE_DIM], *end[FP_ODE_DIM]; /* decimals; start "kepler": sqrt((1+e)/(1-e)), e = parameter 0 */
    const char *tolerance; /* one at which the error is proportional to the tolerance, and 10^-3 of it as well */
} fp_ode_problem;

struct fp_ode {
    const fp_ode_problem *problem;
    fp_field field;
    fp_reals y, dy, tmp, p; /* of the precision of init */
    fp_reals jets;          /* dim + aux rows of `stride` */
    size_t stride;
};

/* ode_series.c */
void fp_jet_decay(fp_ode *o, mpfr_srcptr t, int k);
void fp_jet_cubic_decay(fp_ode *o, mpfr_srcptr t, int k);
void fp_jet_oscillating_growth(fp_ode *o, mpfr_srcptr t, int k);
void fp_jet_logistic_growth(fp_ode *o, mpfr_srcptr t, int k);
void fp_jet_spiral(fp_ode *o, mpfr_srcptr t, int k);
void fp_jet_kepler(fp_ode *o, mpfr_srcptr t, int k);
void fp_jet_lorenz(fp_ode *o, mpfr_srcptr t, int k);
void fp_jet_arenstorf(fp_ode *o, mpfr_srcptr t, int k);
void fp_jet_pleiades(fp_ode *o, mpfr_srcptr t, int k);

extern const fp_ode_problem fp_ode_problems[];
extern const size_t fp_ode_problem_count;
const fp_ode_problem *fp_ode_find(const char *name); /* NULL if there is none */

void fp_ode_init(fp_ode *o, const fp_ode_problem *problem, mpfr_prec_t prec);
void fp_ode_clear(fp_ode *o);
fp_vec *fp_ode_start(const fp_ode *o);                    /* owned by the caller */
void fp_ode_error(mpfr_ptr out, const fp_ode *o, const fp_vec *y); /* max_i |y_i - end_i| */
mpfr_ptr fp_ode_jet(fp_ode *o, size_t row, int k);
fp_expansion *fp_ode_expansion(int order, mpfr_prec_t bits, void *ode, fp_error *err); /* of the problem's precision, whatever the bits */
void fp_set_decimal(mpfr_ptr x, const char *text);        /* aborts on nonsense */

#endif
