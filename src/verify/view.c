/* SPDX-License-Identifier: MIT */
/* What claims see of a closed step: over [a, b] with middle T and half width H in s, a vector of the tube is value + delta slope +- rest, |delta| <= H; a scalar is its series (certificate.md, (21)). */
#include <stdlib.h>

#include "verify_impl.h"

typedef struct {
    fp_grid_vec *value, *slope;
    up rest;       /* what is not in value + delta slope: bend, rounding, tube */
    uint64_t now;  /* fresh if it is the view's */
} moving;

typedef struct {
    fp_tube_view table; /* its ctx is this */
    const fp_leg *x;
    const fp_origin *o;
    slong prec;
    uint64_t now;
    fp_swell swell;     /* of the whole step, for the radius E */
    up E, E_u;          /* E_u = sqrt(m1) E */
    mag_ptr slope_G, slope_s;
    bool at_start;      /* at the knot itself: no combination, no rounding */
    up H;
    arb_ptr power, power0, power1; /* [a^k, b^k]; T^k and its derivative */
    mag_ptr bend;                  /* C(k,2) b^{k-2} H^2 */
    arb_t share[2];                /* 1/m1, -1/m1 */
    fp_grid grid_v, grid_k, grid_w;
    moving *vector, *neuron;
    const arb_struct **a;          /* of combinations */
} sight;

/* ---- life */
static void place(moving *list, fp_grid *grid, size_t count, long rows, int limbs)
{
    fp_grid_init(grid, 2 * count, (size_t)rows, limbs);
    for (size_t e = 0; e < count; e++) list[e] = (moving){.value = grid->at + 2 * e, .slope = grid->at + 2 * e + 1};
}

static void init_vectors(sight *w)
{
    const fp_leg *x = w->x;
    size_t of_v = 1 + (size_t)x->d, of_k = 2 * (size_t)x->d, m1 = (size_t)x->problem->m1;
    w->vector = fp_alloc(of_v + of_k, sizeof *w->vector);
    w->neuron = fp_alloc(m1, sizeof *w->neuron);
    place(w->vector, &w->grid_v, of_v, x->rows_v, x->grid_v.limbs);
    place(w->vector + of_v, &w->grid_k, of_k, x->rows_k, x->grid_v.limbs);
    place(w->neuron, &w->grid_w, m1, x->rows_v, x->grid_v.limbs);
}

static void init_numbers(sight *w)
{
    slong terms = w->x->order + 1;
    w->E = up_of(w->x->radius);
    w->E_u = up_mul(up_sqrt(up_ui((ulong)w->x->problem->m1)), w->E);
    w->power = _arb_vec_init(terms);
    w->power0 = _arb_vec_init(terms);
    w->power1 = _arb_vec_init(terms);
    w->bend = _mag_vec_init(terms);
    arb_init(w->share[0]);
    arb_init(w->share[1]);
    arb_one(w->share[0]);
    arb_div_ui(w->share[0], w->share[0], (ulong)w->x->problem->m1, w->prec);
    arb_neg(w->share[1], w->share[0]);
    w->a = fp_alloc((size_t)terms, sizeof *w->a);
}

static void set_swell(sight *w)
{
    arf_t a, b;
    arf_init(a);
    arf_init(b);
    arf_one(b);
    fp_swell_init(&w->swell, w->x);
    fp_swell_set(&w->swell, w->x, a, b);
    fp_swell_widen(&w->swell, w->x, w->x->radius);
    w->slope_G = _mag_vec_init(w->x->d);
    w->slope_s = _mag_vec_init((slong)w->x->pairs);
    fp_slopes_set(w->slope_G, w->slope_s, w->x, &w->swell, w->x->radius, &w->E_u);
    arf_clear(a);
    arf_clear(b);
}

/* ---- the sub-interval: s = (t - left)/h, not always a binary number, so powers of s are balls */
static void scaled(arb_t s, const sight *w, const arf_t t)
{
    arb_set_arf(s, t);
    arb_sub_arf(s, s, w->x->left, ARF_PREC_EXACT);
    arb_div_arf(s, s, w->x->h, w->prec);
}

static void set_powers(sight *w, const arb_t low, const arb_t middle, const arb_t high)
{
    arb_t lower, upper;
    up top = up_ball(high), bend = up_square(w->H);
    arb_init(lower);
    arb_init(upper);
    arb_one(lower);
    arb_one(upper);
    arb_one(w->power0);
    for (slong k = 0; k <= w->x->order; k++) {
        if (mag_is_zero(&w->H))
            arb_set(w->power + k, lower);
        else
            arb_union(w->power + k, lower, upper, w->prec);
        arb_mul(lower, lower, low, w->prec);
        arb_mul(upper, upper, high, w->prec);
        if (k >= 1) {
            arb_mul(w->power0 + k, w->power0 + k - 1, middle, w->prec);
            arb_mul_ui(w->power1 + k, w->power0 + k - 1, (ulong)k, w->prec);
        }
        if (k >= 2) {
            w->bend[k] = up_mul(bend, up_ui((ulong)k * (ulong)(k - 1) / 2));
            bend = up_mul(bend, top);
        }
    }
    arb_clear(upper);
    arb_clear(lower);
}

static void set(void *ctx, const arf_t a, const arf_t b)
{
    sight *w = ctx;
    arb_t low, middle, high;
    arf_t t;
    arb_init(low);
    arb_init(middle);
    arb_init(high);
    arf_init(t);
    arf_add(t, a, b, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_mul_2exp_si(t, t, -1);
    scaled(low, w, a);
    scaled(middle, w, t);
    scaled(high, w, b);
    arf_sub(t, b, t, ARF_PREC_EXACT, ARF_RND_DOWN);
    w->H = up_div(up_arf(t), up_arf_least(w->x->h));
    set_powers(w, low, middle, high);
    w->at_start = arf_equal(a, w->x->left) && arf_equal(a, b);
    w->now++;
    arf_clear(t);
    arb_clear(high);
    arb_clear(middle);
    arb_clear(low);
}

/* ---- vectors */
/* out = sum a b; returns its error */
static up combine(fp_grid_vec *out, const arb_struct *const *a, const fp_grid_vec *const *b, size_t count)
{
    mag_t error;
    mag_init(error);
    fp_grid_combine(out, error, a, b, count, 1);
    return up_take(error);
}

static moving *get(sight *w, size_t vector)
{
    moving *v = w->vector + vector;
    const fp_grid_vec *const *y = w->x->rising[vector];
    size_t terms = (size_t)w->x->order + 1;
    if (v->now == w->now) return v;
    v->now = w->now;
    for (size_t k = 0; k < terms; k++) w->a[k] = w->power0 + k;
    v->rest = up_add(combine(v->value, w->a, y, w->at_start ? 1 : terms), vector == 0 ? w->E_u : w->E);
    for (size_t k = 0; k < terms; k++) w->a[k] = w->power1 + k;
    v->rest = up_add(v->rest, up_mul(w->H, combine(v->slope, w->a, y, mag_is_zero(&w->H) ? 0 : terms)));
    for (size_t k = 2; k < terms; k++) v->rest = up_add(v->rest, up_mul(up_of(y[k]->norm), w->bend[k]));
    return v;
}

/* w_j = w_j(0) + (a_j/m1)(u - u(0)); u(0) is within sqrt(m1) e_0 of that of knot 0 */
static moving *neuron(sight *w, long j)
{
    moving *v = w->neuron + j, *u = get(w, 0);
    bool minus = w->x->problem->a[j] < 0;
    up m1 = up_ui((ulong)w->x->problem->m1), off = up_mul(up_sqrt(m1), up_of(w->o->e0));
    if (v->now == w->now) return v;
    v->now = w->now;
    const arb_struct *const a[] = {w->x->tape.node[0].at, w->share[minus], w->share[!minus]};
    const fp_grid_vec *const b[] = {w->o->rotated.at + j, u->value, w->o->u0.at}, *const slope[] = {u->slope};
    v->rest = up_add(combine(v->value, a, b, 3), up_mul(w->H, combine(v->slope, a + 1, slope, 1)));
    v->rest = up_add(v->rest, up_add(up_of(w->o->e_w), up_div(up_add(off, u->rest), m1)));
    return v;
}

/* x.z = x0.z0 + delta (x1.z0 + x0.z1) + delta^2 x1.z1 + rest_x.z + (x0 + delta x1).rest_z */
static void dot(arb_t out, const sight *w, const moving *x, const moving *z)
{
    arb_t slope, t;
    arb_init(slope);
    arb_init(t);
    fp_grid_dot(out, x->value, z->value, w->prec);
    fp_grid_dot(slope, x->slope, z->value, MAG_BITS);
    fp_grid_dot(t, x->value, z->slope, MAG_BITS);
    arb_add(slope, slope, t, MAG_BITS);
    up bend_x = up_mul(up_of(x->slope->norm), w->H), bend_z = up_mul(up_of(z->slope->norm), w->H);
    up all_x = up_add(up_of(x->value->norm), bend_x), all_z = up_add(up_of(z->value->norm), up_add(bend_z, z->rest));
    up size = up_add(up_mul(up_ball(slope), w->H), up_mul(bend_x, bend_z));
    size = up_add(size, up_add(up_mul(x->rest, all_z), up_mul(all_x, z->rest)));
    arb_add_error_mag(out, &size);
    arb_clear(t);
    arb_clear(slope);
}

/* In the basis of the knots a neuron is its projection only: what lies outside never moves. w1(0).w2(0) - rotated1.rotated2 is off by at most e_w (|w1| + |w2| + 2 e_w) in each term. */
static void neurons_dot(arb_t out, sight *w, long j1, long j2)
{
    arb_t t;
    up e_w = up_of(w->o->e_w), off;
    arb_init(t);
    dot(out, w, neuron(w, j1), neuron(w, j2));
    fp_grid_dot(t, w->o->whole.at + j1, w->o->whole.at + j2, w->prec);
    arb_add(out, out, t, w->prec);
    fp_grid_dot(t, w->o->rotated.at + j1, w->o->rotated.at + j2, w->prec);
    arb_sub(out, out, t, w->prec);
    off = up_add(up_scale(e_w, 1), up_add(up_of(w->o->whole.at[j1].norm), up_of(w->o->whole.at[j2].norm)));
    off = up_scale(up_mul(off, e_w), 1);
    arb_add_error_mag(out, &off);
    arb_clear(t);
}

static void entries(arb_ptr out, const sight *w, const moving *x)
{
    arb_t slope;
    arb_init(slope);
    for (size_t r = 0; r < x->value->len; r++) {
        fp_grid_get_ball(out + r, x->value, r);
        fp_grid_get_ball(slope, x->slope, r);
        up size = up_add(up_mul(up_ball(slope), w->H), x->rest);
        arb_add_error_mag(out + r, &size);
        arb_set_round(out + r, out + r, w->prec);
    }
    arb_clear(slope);
}

/* ---- scalars */
static void range(arb_t out, const sight *w, size_t node, mag_srcptr swell)
{
    fp_tape_range(out, &w->x->tape, node, w->power, w->prec);
    arb_add_error_mag(out, swell);
}

static long pair_of(const sight *w, const long *i)
{
    return w->x->pair[i[0] * w->x->d + i[1]];
}

static void score(arb_t out, sight *w, const long *i)
{
    long pair = pair_of(w, i);
    if (pair < 0) {
        dot(out, w, get(w, fp_leg_k(w->x, i[0])), get(w, fp_leg_q(w->x, i[1])));
        return;
    }
    range(out, w, w->x->s[pair], w->swell.ds + pair);
    arb_div(out, out, w->x->factor + FP_MODEL_ROOT_M, w->prec);
}

/* g, 1 - g and the loss are monotone in z = y F. */
static void of_margin(arb_t out, const sight *w, fp_tube_quantity quantity, long i)
{
    range(out, w, w->x->F[i], w->swell.dF + i);
    if ((w->x->problem->label[i] < 0) != (quantity == FP_TUBE_ONE_MINUS_GI)) arb_neg(out, out);
    (quantity == FP_TUBE_LOSSOF ? fp_ball_log_loss : fp_ball_logistic)(out, out, w->prec);
}

static bool value(arb_t out, void *ctx, fp_tube_quantity quantity, const long *i, const char **why)
{
    sight *w = ctx;
    const fp_leg *x = w->x;
    long at;
    (void)why;
    switch (quantity) {
    case FP_TUBE_G: range(out, w, x->G[i[0]], w->swell.dG + i[0]); break;
    case FP_TUBE_SCORE: score(out, w, i); break;
    case FP_TUBE_KK: dot(out, w, get(w, fp_leg_k(x, i[0])), get(w, fp_leg_k(x, i[1]))); break;
    case FP_TUBE_QQ: dot(out, w, get(w, fp_leg_q(x, i[0])), get(w, fp_leg_q(x, i[1]))); break;
    case FP_TUBE_VV: dot(out, w, get(w, fp_leg_v(i[0])), get(w, fp_leg_v(i[1]))); break;
    case FP_TUBE_RHO: dot(out, w, get(w, 0), get(w, 0)); break;
    case FP_TUBE_WV: dot(out, w, neuron(w, i[0]), get(w, fp_leg_v(i[1]))); break;
    case FP_TUBE_WW: neurons_dot(out, w, i[0], i[1]); break;
    case FP_TUBE_WU: dot(out, w, neuron(w, i[0]), get(w, 0)); break;
    case FP_TUBE_P:
        at = (i[0] * x->L + i[1]) * x->L + i[2];
        range(out, w, x->p[at], w->swell.dp + at);
        break;
    case FP_TUBE_O:
        at = i[0] * x->L + i[1];
        range(out, w, x->o[at], w->swell.dor + at);
        break;
    case FP_TUBE_F: range(out, w, x->F[i[0]], w->swell.dF + i[0]); break;
    case FP_TUBE_GI:
    case FP_TUBE_ONE_MINUS_GI:
    case FP_TUBE_LOSSOF: of_margin(out, w, quantity, i[0]); break;
    case FP_TUBE_C: range(out, w, x->c[i[0]], w->swell.dc + i[0]); break;
    case FP_TUBE_N:
        at = pair_of(w, i);
        arb_zero(out);
        if (at >= 0) range(out, w, x->N[at], w->swell.dN + at);
        break;
    }
    return true;
}

static bool vector(arb_ptr out, void *ctx, fp_tube_vector which, long i, const char **why)
{
    sight *w = ctx;
    (void)why;
    if (which == FP_TUBE_W)
        entries(out, w, neuron(w, i));
    else
        entries(out, w, get(w, which == FP_TUBE_U ? 0 : which == FP_TUBE_V ? fp_leg_v(i) : which == FP_TUBE_K ? fp_leg_k(w->x, i) : fp_leg_q(w->x, i)));
    return true;
}

/* sum k a_k s^{k-1}; G and s are polynomials of degree 2 P in s, so what is cut off has a derivative of at most 2 P times its own size */
static void derivative(arb_t out, const sight *w, size_t node, mag_srcptr off)
{
    const fp_tape_node *n = w->x->tape.node + node;
    up cut = up_add(up_mul(up_of(n->tail), up_ui(2 * (ulong)w->x->order)), up_of(off));
    arb_t t;
    arb_init(t);
    arb_zero(out);
    for (int k = w->x->order; k >= 1; k--) {
        arb_mul(t, n->at + k, w->power + k - 1, w->prec);
        arb_addmul_ui(out, t, (ulong)k, w->prec);
    }
    arb_add_error_mag(out, &cut);
    arb_div_arf(out, out, w->x->h, w->prec);
    arb_clear(t);
}

static bool slope(arb_t out, void *ctx, fp_tube_quantity quantity, const long *i)
{
    const sight *w = ctx;
    long pair = quantity == FP_TUBE_SCORE ? pair_of(w, i) : -1;
    if (quantity == FP_TUBE_G)
        derivative(out, w, w->x->G[i[0]], w->slope_G + i[0]);
    else if (pair < 0)
        return false;
    else {
        derivative(out, w, w->x->s[pair], w->slope_s + pair);
        arb_div(out, out, w->x->factor + FP_MODEL_ROOT_M, w->prec);
    }
    return true;
}

/* u, v, k, q in the order of the flow's layout, which has no gaps */
static bool knot(fp_vec *out, void *ctx)
{
    const sight *w = ctx;
    size_t at = 0;
    if (!w->x->end) return false;
    for (size_t k = 0; k < w->x->vectors; k++) {
        const fp_grid_vec *x = fp_leg_at(w->x->end, k, 0);
        fp_grid_to_vec(out, at, x);
        at += x->len;
    }
    return true;
}

fp_tube_view *fp_sight_new(const fp_leg *x, const fp_origin *o)
{
    sight *w = fp_alloc(1, sizeof *w);
    *w = (sight){.table = {w, set, value, vector, slope, knot}, .x = x, .o = o, .prec = x->prec};
    init_vectors(w);
    init_numbers(w);
    set_swell(w);
    set(w, x->left, x->right);
    return &w->table;
}

void fp_sight_free(fp_tube_view *v)
{
    if (!v) return;
    sight *w = v->ctx;
    slong terms = w->x->order + 1;
    free(w->vector);
    free(w->neuron);
    fp_grid_clear(&w->grid_v);
    fp_grid_clear(&w->grid_k);
    fp_grid_clear(&w->grid_w);
    fp_swell_clear(&w->swell, w->x);
    _mag_vec_clear(w->slope_G, w->x->d);
    _mag_vec_clear(w->slope_s, (slong)w->x->pairs);
    _arb_vec_clear(w->power, terms);
    _arb_vec_clear(w->power0, terms);
    _arb_vec_clear(w->power1, terms);
    _mag_vec_clear(w->bend, terms);
    arb_clear(w->share[0]);
    arb_clear(w->share[1]);
    free(w->a);
    free(w);
}
