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
    int parts;              /* sub-intervals of a step for mu; 0: 4 */
    fp_pool *pool;
} fp_certify_options;

/* One step. Everything in it is read only once fp_step_close has succeeded; views may then be made. */
typedef struct fp_step fp_step;
fp_status fp_step_new(fp_step **out, const fp_problem *problem, const fp_layout *layout, const fp_certify_options *options, fp_error *err);
void fp_step_free(fp_step *s);
fp_series *fp_step_series(fp_step *s);
/* Series at the knot (left, x); then h: the largest that the tolerance allows, at most limit - left, with few significant bits; or, if h_given is not NULL, that one. */
fp_status fp_step_open(fp_step *s, const arf_t left, const fp_series_state *x, const arf_t limit, const arf_t h_given, fp_error *err);
/* With |x(left) - knot| <= e: bounds D and mu, and E < r such that the true solution exists on the step and stays within E of y (18), (19). r is chosen (several tries), or r_given. False: no tube closes. */
bool fp_step_close(fp_step *s, const mag_t e, const mag_t r_given);
arf_srcptr fp_step_left(const fp_step *s);
arf_srcptr fp_step_right(const fp_step *s);
mag_srcptr fp_step_defect(const fp_step *s);
mag_srcptr fp_step_growth(const fp_step *s);    /* >= integral of mu over the step */
mag_srcptr fp_step_radius(const fp_step *s);    /* E */
mag_srcptr fp_step_room(const fp_step *s);      /* r */
/* The next knot, y(h) on the grid, and its jump added to E: *e >= |x(right) - next|. */
void fp_step_next(fp_series_state *next, mag_t e, const fp_step *s);
/* A jump to another knot: *distance >= |y(h) - x|, weighted. */
void fp_step_distance(mag_t distance, const fp_step *s, const fp_series_state *x);

/* Enclosures of quantities on the (closed) step. flow: of the run, for w_j(0) and u(0) (any precision that holds them exactly); e0: how far those may be off in compressed form. */
fp_tube_view *fp_view_new(const fp_step *s, const fp_flow *flow, slong prec);
void fp_view_free(fp_tube_view *v);

#endif
