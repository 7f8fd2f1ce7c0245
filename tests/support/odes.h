/* SPDX-License-Identifier: MIT */
/* Textbook initial value problems with end values known to more digits than any test asks for. */
#ifndef FP_TESTS_ODES_H
#define FP_TESTS_ODES_H

#include "flowproof/integrate.h"

enum { FP_ODE_DIM = 28 };

typedef struct fp_ode fp_ode;
typedef struct {
    const char *name;
    size_t dim;
    void (*f)(fp_ode *o, mpfr_srcptr t); /* o->dy from t and o->y */
    const char *t_end;                   /* t0 = 0 */
    const char *parameter[4];
    const char *start[FP_ODE_DIM], *end[FP_ODE_DIM]; /* decimals; start "kepler": sqrt((1+e)/(1-e)), e = parameter 0 */
    const char *tolerance; /* one at which the error is proportional to the tolerance, and 10^-3 of it as well */
} fp_ode_problem;

struct fp_ode {
    const fp_ode_problem *problem;
    fp_field field;
    fp_reals y, dy, tmp, p; /* of the precision of init */
};

extern const fp_ode_problem fp_ode_problems[];
extern const size_t fp_ode_problem_count;
const fp_ode_problem *fp_ode_find(const char *name); /* NULL if there is none */

void fp_ode_init(fp_ode *o, const fp_ode_problem *problem, mpfr_prec_t prec);
void fp_ode_clear(fp_ode *o);
fp_vec *fp_ode_start(const fp_ode *o);                    /* owned by the caller */
void fp_ode_error(mpfr_ptr out, const fp_ode *o, const fp_vec *y); /* max_i |y_i - end_i| */
void fp_set_decimal(mpfr_ptr x, const char *text);        /* aborts on nonsense */

#endif
