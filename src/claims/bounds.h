/* SPDX-License-Identifier: MIT */
/* Enclosures in double precision, only to find out which candidates of a maximum or minimum cannot attain it; what is reported comes from balls.
 *
 * A bound says |true value - x| <= r; r = INFINITY says nothing. Rounding is to nearest, without contraction to fused operations. One operation is off by at
 * most FP_BOUND_UNIT |result| + DBL_MIN/2; the few roundings in computing r are covered by the factor in fp_bound_up. */
#ifndef FP_CLAIMS_BOUNDS_H
#define FP_CLAIMS_BOUNDS_H

#include <float.h>

#include "flowproof/eval.h"

typedef struct {
    double x, r;
} fp_bound;

#define FP_BOUND_UNIT 0x1p-52 /* twice the unit roundoff */

static inline double fp_bound_up(double r)
{
    return r * (1 + 0x1p-48) + DBL_MIN;
}

void fp_bound_set_ball(fp_bound *out, const arb_t x);
/* In place: a := a op b. */
void fp_bound_add(fp_bound *a, const fp_bound *b);
void fp_bound_sub(fp_bound *a, const fp_bound *b);
void fp_bound_mul(fp_bound *a, const fp_bound *b);
void fp_bound_div(fp_bound *a, const fp_bound *b); /* says nothing if b may be 0 */
void fp_bound_sqrt(fp_bound *a);                   /* says nothing unless a > 0 */
void fp_bound_extreme(fp_bound *a, const fp_bound *b, int sign);
double fp_bound_low(const fp_bound *a); /* a lower bound of the true value; -INFINITY if a says nothing */
double fp_bound_high(const fp_bound *a);

/* ---- source_bounds.c. Values of a base quantity at count index tuples (index[r][k], 1-based); false if an index is out of range or the quantity cannot be had. */
bool fp_source_bounds(fp_bound *out, fp_source *s, fp_base base, const long *const *index, size_t count);

#endif
