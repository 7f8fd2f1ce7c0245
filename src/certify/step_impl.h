/* SPDX-License-Identifier: MIT */
/* Inside of a step, for step.c and the views of it. */
#ifndef FP_STEP_IMPL_H
#define FP_STEP_IMPL_H

#include "certify_impl.h"
#include "flowproof/certify.h"

struct fp_step {
    fp_series *series;
    fp_pool *pool;          /* borrowed */
    int order, parts;
    double tolerance_log2;  /* only guides the choice of h */
    arf_t left, right, h;   /* right = left + h, exact */
    bool h_given;
    fp_tails tails;         /* at h */
    fp_growth_parts *growth_bound;
    mag_t defect;           /* D */
    mag_t growth, rate;     /* >= integral and >= largest of mu, for room */
    mag_t radius, room;     /* E < r */
    bool closed, estimated;
    const fp_series_state *end; /* the knot from which the next step goes on, borrowed; NULL: not known yet */
};

/* Of an open step: h is halved, several times, until h D <= most. */
void fp_step_shorten(fp_step *s, const mag_t most);
void fp_step_size(mag_t out, const fp_step *s); /* >= |y| at the left end */
void fp_step_length(mag_t out, const fp_step *s); /* >= h */
void fp_chain_stats_count(fp_chain_stats *x, const fp_step *step);

#endif
