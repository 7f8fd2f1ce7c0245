/* SPDX-License-Identifier: MIT */
/* The `series` entry of the reduced and compressed flows' field: Taylor coefficients on the grid, rounded to the state's precision. */
#include "series_private.h"

_Static_assert(FP_FLOW_SERIES_PREC_MAX + FP_FLOW_SERIES_GUARD == FP_GRID_BITS * FP_GRID_LIMBS_MAX, "the grid holds every precision that is allowed");

typedef struct {
    const fp_series *series;
    const fp_layout *at;
    fp_vec *const *coefficient;
    int order;
} copying;

/* Vector w of every coefficient but the first, which was given. */
static void copy_part(void *ctx, size_t w)
{
    const copying *c = ctx;
    fp_series_place place = fp_series_place_of(w, c->at->d);
    for (int k = 1; k <= c->order; k++)
        fp_grid_to_vec(c->coefficient[k], fp_series_offset(c->at, place), fp_series_vector(c->series, place.block, (long)place.token, k));
}

/* A series for at least this order; false if it cannot be had. */
static bool provide(fp_flow *flow, int order)
{
    fp_error err;
    int limbs = fp_grid_limbs_for(flow->prec + FP_FLOW_SERIES_GUARD);
    if (flow->series != NULL && flow->series->max_order >= order)
        return true;
    fp_series_free(flow->series);
    flow->series = NULL;
    return fp_series_new(&flow->series, flow->problem, &flow->at, limbs, order, FP_GRID_BITS * limbs + FP_FLOW_SERIES_SCALAR, flow->pool, &err) == FP_OK;
}

/* A combination with a number that is not finite leaves an infinite residual. */
static bool is_finite(const fp_series *s)
{
    for (int k = 0; k < s->order; k++)
        if (mag_is_inf(s->residual + k))
            return false;
    return true;
}

bool fp_flow_expand(fp_vec *const *coefficient, int order, mpfr_srcptr t, void *ctx)
{
    fp_flow *flow = ctx;
    (void)t; /* autonomous */
    if (!provide(flow, order))
        return false;
    mag_t rounding;
    mag_init(rounding);
    bool good = fp_series_start(flow->series, rounding, coefficient[0]);
    mag_clear(rounding);
    if (!good)
        return false;
    fp_series_extend(flow->series, order);
    copying job = {flow->series, &flow->at, coefficient, order};
    fp_pool_run(flow->pool, fp_series_places(&flow->series->shape), copy_part, &job);
    return is_finite(flow->series);
}
