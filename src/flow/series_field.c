/* SPDX-License-Identifier: MIT */
/* Taylor expansions of the reduced and compressed flows, on the grid, for the integrator (fp_expansion). Every vector of a state is a part of its own; f at the end of a trial is the first
 * coefficient of a series there. */
#include <math.h>
#include <stdlib.h>

#include "series_private.h"

_Static_assert(FP_FLOW_SERIES_PREC_MAX == FP_GRID_BITS * FP_GRID_LIMBS_MAX, "the grid holds every precision that is allowed");

typedef struct {
    fp_expansion base;
    fp_flow *flow;            /* borrowed */
    fp_series *series, *there; /* P, and the series of order 1 at `end` */
    fp_series_state end, inner; /* inner: scratch */
    size_t order, places;
    const fp_grid_vec **terms; /* per place: y_0, ..., y_order and coefficient 1 there */
    arb_ptr factor;            /* order+1 */
    const arb_struct **factors;
    mag_ptr error;             /* per place: of a combination */
    double *entries;           /* three times dim, for maxima */
    double *largest;           /* per place */
    slong *scale;
} expansion;

/* ---- life */

static void free_expansion(fp_expansion *base)
{
    expansion *x = (expansion *)base;
    if (x->series && x->there) {
        fp_series_state_clear(&x->end);
        fp_series_state_clear(&x->inner);
        _arb_vec_clear(x->factor, (slong)x->order + 1);
        _mag_vec_clear(x->error, (slong)x->places);
    }
    fp_series_free(x->series);
    fp_series_free(x->there);
    free(x->terms);
    free(x->factors);
    free(x->entries);
    free(x->largest);
    free(x->scale);
    free(x);
}

static const fp_grid_vec **terms_of(const expansion *x, size_t w)
{
    return x->terms + w * (x->order + 2);
}

static void list_terms(expansion *x)
{
    x->terms = fp_alloc(x->places * (x->order + 2), sizeof *x->terms);
    for (size_t w = 0; w < x->places; w++) {
        fp_series_place at = fp_series_place_of(w, x->flow->at.d);
        for (size_t k = 0; k <= x->order; k++)
            terms_of(x, w)[k] = fp_series_vector(x->series, at.block, (long)at.token, (int)k);
        terms_of(x, w)[x->order + 1] = fp_series_vector(x->there, at.block, (long)at.token, 1);
    }
}

static void make_scratch(expansion *x)
{
    x->places = fp_series_places(&x->series->shape);
    x->factor = _arb_vec_init((slong)x->order + 1);
    x->factors = fp_alloc(x->order + 1, sizeof *x->factors);
    for (size_t k = 0; k <= x->order; k++)
        x->factors[k] = x->factor + k;
    x->error = _mag_vec_init((slong)x->places);
    x->entries = fp_alloc(3 * x->flow->at.dim, sizeof *x->entries);
    x->largest = fp_alloc(x->places, sizeof *x->largest);
    x->scale = fp_alloc(x->places, sizeof *x->scale);
    fp_series_state_init(&x->end, x->series);
    fp_series_state_init(&x->inner, x->series);
    list_terms(x);
}

static const fp_expansion_table table;

fp_expansion *fp_flow_expansion(int order, mpfr_prec_t bits, void *ctx, fp_error *err)
{
    expansion *x = fp_alloc(1, sizeof *x);
    x->base.table = &table;
    x->flow = ctx;
    x->order = (size_t)order;
    int limbs = fp_grid_limbs_for(bits);
    slong prec = FP_GRID_BITS * (slong)limbs + FP_FLOW_SERIES_SCALAR;
    if (fp_series_new(&x->series, x->flow->problem, &x->flow->at, limbs, order, prec, x->flow->pool, err) != FP_OK ||
        fp_series_new(&x->there, x->flow->problem, &x->flow->at, limbs, 1, prec, x->flow->pool, err) != FP_OK) {
        free_expansion(&x->base);
        return NULL;
    }
    make_scratch(x);
    return &x->base;
}

/* ---- states in and out */

typedef struct {
    const expansion *x;
    const fp_series_state *from;
    fp_vec *to;
} copying;

static void copy_part(void *ctx, size_t w)
{
    const copying *c = ctx;
    fp_series_place at = fp_series_place_of(w, c->x->flow->at.d);
    fp_grid_to_vec(c->to, fp_series_offset(&c->x->flow->at, at), fp_series_state_vector(c->from, at));
}

static void write_state(fp_vec *to, const expansion *x, const fp_series_state *from)
{
    fp_pool_run(x->flow->pool, x->places, copy_part, &(copying){x, from, to});
}

static void end(fp_vec *y, const fp_expansion *base)
{
    const expansion *x = (const expansion *)base;
    write_state(y, x, &x->end);
}

static bool start(fp_expansion *base, const fp_vec *y)
{
    expansion *x = (expansion *)base;
    mag_t rounding;
    mag_init(rounding);
    bool finite = fp_series_state_from_vec(&x->end, rounding, y, &x->flow->at);
    mag_clear(rounding);
    return finite;
}

/* ---- combinations of coefficients */

typedef struct {
    expansion *x;
    fp_series_state *out;
    size_t first, count; /* of the terms */
} combining;

static void combine_part(void *ctx, size_t w)
{
    const combining *c = ctx;
    fp_grid_vec *out = fp_series_state_vector(c->out, fp_series_place_of(w, c->x->flow->at.d));
    fp_grid_combine(out, c->x->error + w, c->x->factors, terms_of(c->x, w) + c->first, c->count, 1);
}

/* False: not finite. */
static bool combine(fp_series_state *out, expansion *x, size_t first, size_t count)
{
    fp_pool_run(x->flow->pool, x->places, combine_part, &(combining){x, out, first, count});
    for (size_t w = 0; w < x->places; w++)
        if (mag_is_inf(x->error + w))
            return false;
    return true;
}

/* out = P(tau) */
static bool evaluate(fp_series_state *out, expansion *x, mpfr_srcptr tau)
{
    arb_t t;
    arb_init(t);
    arf_set_mpfr(arb_midref(t), tau);
    _arb_vec_set_powers(x->factor, t, (slong)x->order + 1, x->series->prec);
    arb_clear(t);
    return combine(out, x, 0, mpfr_zero_p(tau) ? 1 : x->order + 1);
}

/* inner = P'(tau) - f(end), for the tau of the last `evaluate` */
static bool set_defect(expansion *x)
{
    for (size_t k = 1; k < x->order; k++)
        arb_mul_ui(x->factor + k, x->factor + k, k + 1, x->series->prec);
    arb_set_si(x->factor + x->order, -1);
    return combine(&x->inner, x, 1, x->order + 1);
}

static void value(fp_vec *y, fp_expansion *base, mpfr_srcptr tau)
{
    expansion *x = (expansion *)base;
    evaluate(&x->inner, x, tau);
    write_state(y, x, &x->inner);
}

/* ---- maxima. Doubles do: they decide on step sizes only. */

typedef struct {
    expansion *x;
    const fp_series_state *top; /* what is measured: this, or NULL: coefficient k */
    size_t k;
} measuring;

static double times_power(double x, slong e)
{
    return ldexp(x, (int)(e > 5000 ? 5000 : e < -5000 ? -5000 : e));
}

/* largest 2^scale = max_i |top_i| / (1 + |c_0,i|), or with end beside c_0; not finite if a state is beyond doubles */
static void measure_part(void *ctx, size_t w)
{
    const measuring *m = ctx;
    expansion *x = m->x;
    fp_series_place at = fp_series_place_of(w, x->flow->at.d);
    const fp_grid_vec *top = m->top ? fp_series_state_vector(m->top, at) : terms_of(x, w)[m->k], *left = terms_of(x, w)[0];
    const fp_grid_vec *right = m->top ? fp_series_state_vector(&x->end, at) : left;
    double *t = x->entries + 3 * fp_series_offset(&x->flow->at, at), *l = t + top->len, *r = l + top->len, largest = 0;
    slong scale_left, scale_right;
    fp_grid_to_doubles(t, x->scale + w, top);
    fp_grid_to_doubles(l, &scale_left, left);
    fp_grid_to_doubles(r, &scale_right, right);
    for (size_t i = 0; i < top->len; i++) {
        double size = fmax(fabs(times_power(l[i], scale_left)), fabs(times_power(r[i], scale_right)));
        largest = isfinite(size) ? fmax(largest, fabs(t[i]) / (1 + size)) : INFINITY;
    }
    x->largest[w] = largest;
}

static void measure(mpfr_ptr out, expansion *x, const fp_series_state *top, size_t k)
{
    mpfr_t part;
    mpfr_init2(part, 64);
    mpfr_set_zero(out, 1);
    fp_pool_run(x->flow->pool, x->places, measure_part, &(measuring){x, top, k});
    for (size_t w = 0; w < x->places; w++) {
        mpfr_set_d(part, x->largest[w], MPFR_RNDN);
        mpfr_mul_2si(part, part, x->scale[w], MPFR_RNDN);
        mpfr_max(out, out, part, MPFR_RNDN);
    }
    if (mpfr_inf_p(out))
        mpfr_set_nan(out);
    mpfr_clear(part);
}

static void size(mpfr_ptr out, fp_expansion *base, int k)
{
    measure(out, (expansion *)base, NULL, (size_t)k);
}

/* ---- steps */

/* The coefficients of s up to `order` at x; false if one is not finite: a combination with such a number leaves an infinite residual. */
static bool extend(fp_series *s, const fp_series_state *x, size_t order)
{
    fp_series_restart(s, x);
    fp_series_extend(s, (int)order);
    for (int k = 0; k < s->order; k++)
        if (mag_is_inf(s->residual + k))
            return false;
    return (size_t)s->order == order;
}

static bool expand(fp_expansion *base, mpfr_srcptr t)
{
    expansion *x = (expansion *)base;
    (void)t; /* autonomous */
    return extend(x->series, &x->end, x->order);
}

static bool trial(mpfr_ptr defect, fp_expansion *base, mpfr_srcptr tau, mpfr_srcptr t)
{
    expansion *x = (expansion *)base;
    (void)t;
    if (!evaluate(&x->end, x, tau) || !extend(x->there, &x->end, 1) || !set_defect(x))
        return false;
    measure(defect, x, &x->inner, 0);
    return mpfr_number_p(defect) != 0;
}

static const fp_expansion_table table = {free_expansion, start, expand, size, trial, value, end};
