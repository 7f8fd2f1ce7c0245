/* SPDX-License-Identifier: MIT */
/* What claims see of a closed step: quantities by name, each over the sub-interval that was set last. */
#include <math.h>
#include <stdlib.h>

#include "view_impl.h"

/* ---- life */
static void set_step(fp_view *w)
{
    fp_range range;
    arf_t zero;
    arf_init(zero);
    fp_range_init(&range, w->series);
    fp_widening_init(&w->widening, w->series);
    fp_range_set(&range, w->series, &w->step->tails, zero, w->step->h);
    mag_init_set(w->E, fp_step_radius(w->step));
    fp_widening_set(&w->widening, w->series, &range, w->E);
    arf_clear(zero);
    mag_init(w->E_u);
    mag_set_ui(w->E_u, (ulong)w->shape->m1);
    mag_sqrt(w->E_u, w->E_u);
    mag_mul(w->E_u, w->E_u, w->E);
    arb_init(w->root_m);
    arb_sqrt_ui(w->root_m, (ulong)w->shape->m, w->prec);
    arb_init(w->inverse_m1);
    arb_one(w->inverse_m1);
    arb_div_ui(w->inverse_m1, w->inverse_m1, (ulong)w->shape->m1, w->prec);
    fp_view_slopes_set(w, &range);
    fp_range_clear(&range);
}

static void init_interval(fp_view *w)
{
    slong terms = w->order + 1;
    arf_init(w->middle);
    arf_init(w->half);
    mag_init(w->H);
    arb_init(w->half_square);
    w->power = _arb_vec_init(terms);
    w->power1 = _arb_vec_init(terms);
    w->power2 = _arb_vec_init(terms);
    w->bend = _mag_vec_init(terms);
    w->third = _mag_vec_init(terms);
    w->at = fp_alloc((size_t)terms, sizeof *w->at);
    w->at1 = fp_alloc((size_t)terms, sizeof *w->at1);
    for (slong k = 0; k < terms; k++) {
        w->at[k] = w->power + k;
        w->at1[k] = w->power1 + k;
    }
}

/* A width of H times the slope, and 64 bits below it. */
static slong wide_bits(const fp_view *w)
{
    slong below = mag_is_zero(w->H) ? w->prec : -(slong)floor(mag_get_d_log2_approx(w->H));
    slong bits = 64 + (below > 0 ? below : 0);
    return bits < w->prec ? bits : w->prec;
}

static void set(void *ctx, const arf_t a, const arf_t b)
{
    fp_view *w = ctx;
    arf_t end;
    arf_init(end);
    arf_sub(end, b, w->step->left, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_sub(w->half, b, a, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_mul_2exp_si(w->half, w->half, -1);
    arf_sub(w->middle, end, w->half, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_get_mag(w->H, w->half);
    w->bits = wide_bits(w);
    arb_set_arf(w->half_square, w->half);
    arb_mul(w->half_square, w->half_square, w->half_square, w->prec);
    arb_mul_2exp_si(w->half_square, w->half_square, -1);
    fp_view_set_powers(w, end);
    w->now++;
    arf_clear(end);
}

/* ---- series */
static void series_G(arb_t out, const fp_view *w, long token)
{
    fp_view_scalar(out, w, fp_series_G(w->series, token), w->step->tails.G + token, w->widening.G + token);
}

static void series_c(arb_t out, const fp_view *w, long token)
{
    fp_view_scalar(out, w, fp_series_c(w->series, token), w->step->tails.c + token, w->widening.c + token);
}

static void series_p(arb_t out, const fp_view *w, const long *i)
{
    long L = w->shape->L, at = (i[0] * L + i[1]) * L + i[2];
    fp_view_scalar(out, w, fp_series_p(w->series, i[0], i[1], i[2]), w->step->tails.p + at, w->widening.p + at);
}

static void series_o(arb_t out, const fp_view *w, const long *i)
{
    long at = i[0] * w->shape->L + i[1];
    fp_view_scalar(out, w, fp_series_o(w->series, i[0], i[1]), w->step->tails.o + at, w->widening.o + at);
}

static arb_srcptr series_F(fp_view *w, long i)
{
    if (w->F_now[i] != w->now)
        fp_view_scalar(w->F + i, w, fp_series_F(w->series, i), w->step->tails.F + i, w->widening.F + i);
    w->F_now[i] = w->now;
    return w->F + i;
}

static long pair_of(const fp_view *w, const long *i)
{
    return w->shape->pair_of[i[0] * w->shape->d + i[1]];
}

static void series_N(arb_t out, const fp_view *w, const long *i)
{
    long pair = pair_of(w, i);
    if (pair < 0)
        arb_zero(out);
    else
        fp_view_scalar(out, w, fp_series_N(w->series, (size_t)pair), w->step->tails.N + pair, w->widening.N + pair);
}

/* k.q: that of a pair that occurs has a series, s = k.q/sqrt(m) */
static void score(arb_t out, fp_view *w, const long *i)
{
    long pair = pair_of(w, i);
    if (pair < 0) {
        fp_view_pair(out, w, fp_view_get(w, FP_SERIES_K, i[0]), fp_view_get(w, FP_SERIES_Q, i[1]));
        return;
    }
    fp_view_scalar(out, w, fp_series_score(w->series, (size_t)pair), w->step->tails.s + pair, w->widening.s + pair);
    arb_mul(out, out, w->root_m, w->prec);
}

/* g, 1 - g and the loss are monotone in z = y F: relative accuracy for large |z|, and no loss on wide ranges. */
static void of_margin(arb_t out, fp_view *w, fp_tube_quantity quantity, long i)
{
    arb_set(out, series_F(w, i));
    if (w->shape->label[i] < 0)
        arb_neg(out, out);
    if (quantity == FP_TUBE_ONE_MINUS_GI)
        arb_neg(out, out);
    if (quantity == FP_TUBE_LOSSOF)
        fp_ball_log_loss(out, out, w->prec);
    else
        fp_ball_logistic(out, out, w->prec);
}

/* ---- Gram entries */
static void symmetric(arb_t out, fp_view *w, fp_series_block block, const long *i)
{
    const fp_view_vector *x = fp_view_get(w, block, i[0]);
    if (i[0] == i[1])
        fp_view_square(out, w, x, w->E);
    else
        fp_view_pair(out, w, x, fp_view_get(w, block, i[1]));
}

/* ---- the table */
static const char *why_no_neurons(const fp_view *w)
{
    return w->flow == NULL || w->start == NULL ? "the view was made without initial neurons" : NULL;
}

static bool neuron(arb_t out, fp_view *w, fp_tube_quantity quantity, const long *i, const char **why)
{
    const char *missing = why_no_neurons(w);
    if (missing != NULL) {
        *why = missing;
        return false;
    }
    if (quantity == FP_TUBE_WV)
        fp_view_WV(out, w, i[0], i[1]);
    else if (quantity == FP_TUBE_WW)
        fp_view_WW(out, w, i[0], i[1]);
    else
        fp_view_WU(out, w, i[0]);
    return true;
}

static bool value(arb_t out, void *ctx, fp_tube_quantity quantity, const long *i, const char **why)
{
    fp_view *w = ctx;
    switch (quantity) {
    case FP_TUBE_G: series_G(out, w, i[0]); break;
    case FP_TUBE_SCORE: score(out, w, i); break;
    case FP_TUBE_KK: symmetric(out, w, FP_SERIES_K, i); break;
    case FP_TUBE_QQ: symmetric(out, w, FP_SERIES_Q, i); break;
    case FP_TUBE_VV: symmetric(out, w, FP_SERIES_V, i); break;
    case FP_TUBE_RHO: fp_view_square(out, w, fp_view_get(w, FP_SERIES_U, 0), w->E_u); break;
    case FP_TUBE_P: series_p(out, w, i); break;
    case FP_TUBE_O: series_o(out, w, i); break;
    case FP_TUBE_F: arb_set(out, series_F(w, i[0])); break;
    case FP_TUBE_C: series_c(out, w, i[0]); break;
    case FP_TUBE_N: series_N(out, w, i); break;
    case FP_TUBE_GI:
    case FP_TUBE_ONE_MINUS_GI:
    case FP_TUBE_LOSSOF: of_margin(out, w, quantity, i[0]); break;
    case FP_TUBE_WV:
    case FP_TUBE_WW:
    case FP_TUBE_WU: return neuron(out, w, quantity, i, why);
    }
    return true;
}

static bool slope(arb_t out, void *ctx, fp_tube_quantity quantity, const long *i)
{
    const fp_view *w = ctx;
    long pair = quantity == FP_TUBE_SCORE ? pair_of(w, i) : -1;
    if (quantity == FP_TUBE_G) {
        fp_view_slope(out, w, fp_series_G(w->series, i[0]), w->step->tails.G + i[0], w->slope_G + i[0]);
        return true;
    }
    if (pair < 0) return false;
    fp_view_slope(out, w, fp_series_score(w->series, (size_t)pair), w->step->tails.s + pair, w->slope_s + pair);
    arb_mul(out, out, w->root_m, w->prec);
    return true;
}

static bool vector(arb_ptr out, void *ctx, fp_tube_vector which, long i, const char **why)
{
    fp_view *w = ctx;
    const char *missing = which == FP_TUBE_W ? why_no_neurons(w) : NULL;
    if (missing != NULL) {
        *why = missing;
        return false;
    }
    if (which == FP_TUBE_W)
        fp_view_neuron(out, w, i);
    else if (which == FP_TUBE_U)
        fp_view_entries(out, w, fp_view_get(w, FP_SERIES_U, 0), w->E_u);
    else
        fp_view_entries(out, w, fp_view_get(w, which == FP_TUBE_V ? FP_SERIES_V : which == FP_TUBE_K ? FP_SERIES_K : FP_SERIES_Q, i), w->E);
    return true;
}

static bool knot(fp_vec *out, void *ctx)
{
    const fp_view *w = ctx;
    if (!w->step->end || !w->flow) return false;
    fp_series_state_to_vec(out, w->step->end, fp_flow_layout(w->flow));
    return true;
}

fp_tube_view *fp_view_new(const fp_step *s, const fp_flow *flow, const fp_start *start, slong prec)
{
    fp_view *w = fp_alloc(1, sizeof *w);
    w->table = (fp_tube_view){w, set, value, vector, slope, knot};
    w->step = s;
    w->series = s->series;
    w->shape = fp_series_get_shape(s->series);
    w->flow = flow;
    w->start = start;
    w->prec = prec;
    w->order = fp_series_order(s->series);
    set_step(w);
    init_interval(w);
    fp_view_vectors_init(w);
    w->F = _arb_vec_init(w->shape->n);
    w->F_now = fp_alloc((size_t)w->shape->n, sizeof *w->F_now);
    set(w, s->left, s->right);
    return &w->table;
}

void fp_view_free(fp_tube_view *v)
{
    if (v == NULL)
        return;
    fp_view *w = v->ctx;
    slong terms = w->order + 1;
    fp_view_neurons_clear(w);
    fp_view_vectors_clear(w);
    _arb_vec_clear(w->F, w->shape->n);
    free(w->F_now);
    _arb_vec_clear(w->power, terms);
    _arb_vec_clear(w->power1, terms);
    _arb_vec_clear(w->power2, terms);
    _mag_vec_clear(w->bend, terms);
    _mag_vec_clear(w->third, terms);
    free(w->at);
    free(w->at1);
    arb_clear(w->half_square);
    mag_clear(w->H);
    arf_clear(w->half);
    arf_clear(w->middle);
    arb_clear(w->inverse_m1);
    arb_clear(w->root_m);
    fp_view_slopes_clear(w);
    mag_clear(w->E_u);
    mag_clear(w->E);
    fp_widening_clear(&w->widening);
    free(w);
}
