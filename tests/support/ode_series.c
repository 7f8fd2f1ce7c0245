/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "odes.h"

mpfr_ptr fp_ode_jet(fp_ode *o, size_t row, int k)
{
    return o->jets.x + row * o->stride + (size_t)k;
}

/* out = sum_{i=from..k} a_i b_{k-i}; tmp 3 is scratch */
static void convolve(mpfr_ptr out, fp_ode *o, size_t a, size_t b, int from, int k)
{
    mpfr_ptr tmp = o->tmp.x + 3;
    mpfr_set_zero(out, 1);
    for (int i = from; i <= k; i++) {
        mpfr_mul(tmp, fp_ode_jet(o, a, i), fp_ode_jet(o, b, k - i), MPFR_RNDN);
        mpfr_add(out, out, tmp, MPFR_RNDN);
    }
}

/* Row p = r^(-3/2): r p' = -3/2 r' p, so 2 k r_0 p_k = -sum_{j>=1} (2k + j) r_j p_{k-j}. */
static void inverse_cube(fp_ode *o, size_t p, size_t r, int k)
{
    mpfr_ptr out = fp_ode_jet(o, p, k), tmp = o->tmp.x + 3, r0 = fp_ode_jet(o, r, 0);
    if (k == 0) {
        mpfr_sqrt(out, r0, MPFR_RNDN);
        mpfr_mul(out, out, r0, MPFR_RNDN);
        mpfr_ui_div(out, 1, out, MPFR_RNDN);
        return;
    }
    mpfr_set_zero(out, 1);
    for (int j = 1; j <= k; j++) {
        mpfr_mul(tmp, fp_ode_jet(o, r, j), fp_ode_jet(o, p, k - j), MPFR_RNDN);
        mpfr_mul_si(tmp, tmp, 2 * k + j, MPFR_RNDN);
        mpfr_sub(out, out, tmp, MPFR_RNDN);
    }
    mpfr_div_si(out, out, 2 * k, MPFR_RNDN);
    mpfr_div(out, out, r0, MPFR_RNDN);
}

/* Rows r = x^2 + y^2 and r+1 = r^(-3/2) */
static void distance(fp_ode *o, size_t r, size_t x, size_t y, int k)
{
    convolve(fp_ode_jet(o, r, k), o, x, x, 0, k);
    convolve(o->tmp.x + 2, o, y, y, 0, k);
    mpfr_add(fp_ode_jet(o, r, k), fp_ode_jet(o, r, k), o->tmp.x + 2, MPFR_RNDN);
    inverse_cube(o, r + 1, r, k);
}

void fp_jet_decay(fp_ode *o, mpfr_srcptr t, int k)
{
    (void)t;
    mpfr_neg(o->dy.x, fp_ode_jet(o, 0, k), MPFR_RNDN);
}

void fp_jet_cubic_decay(fp_ode *o, mpfr_srcptr t, int k)
{
    (void)t;
    convolve(fp_ode_jet(o, 1, k), o, 0, 0, 0, k);
    convolve(o->dy.x, o, 1, 0, 0, k);
    mpfr_div_si(o->dy.x, o->dy.x, -2, MPFR_RNDN);
}

void fp_jet_oscillating_growth(fp_ode *o, mpfr_srcptr t, int k)
{
    mpfr_ptr c = fp_ode_jet(o, 1, k);
    if (k == 0)
        mpfr_cos(c, t, MPFR_RNDN);
    else if (k == 1) {
        mpfr_sin(c, t, MPFR_RNDN);
        mpfr_neg(c, c, MPFR_RNDN);
    } else
        mpfr_div_si(c, fp_ode_jet(o, 1, k - 2), -k * (k - 1), MPFR_RNDN);
    convolve(o->dy.x, o, 0, 1, 0, k);
}

void fp_jet_logistic_growth(fp_ode *o, mpfr_srcptr t, int k)
{
    (void)t;
    convolve(o->tmp.x, o, 0, 0, 0, k);
    mpfr_mul_ui(o->dy.x, fp_ode_jet(o, 0, k), 20, MPFR_RNDN);
    mpfr_sub(o->dy.x, o->dy.x, o->tmp.x, MPFR_RNDN);
    mpfr_div_ui(o->dy.x, o->dy.x, 80, MPFR_RNDN);
}

/* row 1 = y + t, row 2 = (y - t)/(y + t) */
void fp_jet_spiral(fp_ode *o, mpfr_srcptr t, int k)
{
    mpfr_ptr y = fp_ode_jet(o, 0, k), below = fp_ode_jet(o, 1, k), q = fp_ode_jet(o, 2, k), tau = o->tmp.x;
    mpfr_set_ui(tau, k == 1, MPFR_RNDN);
    if (k == 0)
        mpfr_set(tau, t, MPFR_RNDN);
    mpfr_add(below, y, tau, MPFR_RNDN);
    convolve(o->tmp.x + 1, o, 1, 2, 1, k);
    mpfr_sub(q, y, tau, MPFR_RNDN);
    mpfr_sub(q, q, o->tmp.x + 1, MPFR_RNDN);
    mpfr_div(q, q, fp_ode_jet(o, 1, 0), MPFR_RNDN);
    mpfr_set(o->dy.x, q, MPFR_RNDN);
}

void fp_jet_kepler(fp_ode *o, mpfr_srcptr t, int k)
{
    (void)t;
    distance(o, 4, 0, 1, k);
    for (size_t i = 0; i < 2; i++) {
        mpfr_set(o->dy.x + i, fp_ode_jet(o, 2 + i, k), MPFR_RNDN);
        convolve(o->dy.x + 2 + i, o, i, 5, 0, k);
        mpfr_neg(o->dy.x + 2 + i, o->dy.x + 2 + i, MPFR_RNDN);
    }
}

void fp_jet_lorenz(fp_ode *o, mpfr_srcptr t, int k)
{
    (void)t;
    mpfr_ptr x = fp_ode_jet(o, 0, k), y = fp_ode_jet(o, 1, k), z = fp_ode_jet(o, 2, k), dy = o->dy.x, tmp = o->tmp.x;
    mpfr_sub(dy, y, x, MPFR_RNDN);
    mpfr_mul_ui(dy, dy, 10, MPFR_RNDN);
    mpfr_mul_ui(dy + 1, x, 28, MPFR_RNDN);
    mpfr_sub(dy + 1, dy + 1, y, MPFR_RNDN);
    convolve(tmp, o, 0, 2, 0, k);
    mpfr_sub(dy + 1, dy + 1, tmp, MPFR_RNDN);
    mpfr_mul_ui(tmp, z, 8, MPFR_RNDN);
    mpfr_div_ui(tmp, tmp, 3, MPFR_RNDN);
    convolve(dy + 2, o, 0, 1, 0, k);
    mpfr_sub(dy + 2, dy + 2, tmp, MPFR_RNDN);
}

/* dy 2, 3 -= mass (x - x0, y) / distance^3; rows: x - x0, then its distance */
static void attract(fp_ode *o, size_t row, mpfr_srcptr mass, mpfr_srcptr x0, int k)
{
    mpfr_ptr tmp = o->tmp.x + 1, offset = fp_ode_jet(o, row, k);
    mpfr_set(offset, fp_ode_jet(o, 0, k), MPFR_RNDN);
    if (k == 0)
        mpfr_sub(offset, offset, x0, MPFR_RNDN);
    distance(o, row + 1, row, 1, k);
    convolve(tmp, o, row, row + 2, 0, k);
    mpfr_mul(tmp, tmp, mass, MPFR_RNDN);
    mpfr_sub(o->dy.x + 2, o->dy.x + 2, tmp, MPFR_RNDN);
    convolve(tmp, o, 1, row + 2, 0, k);
    mpfr_mul(tmp, tmp, mass, MPFR_RNDN);
    mpfr_sub(o->dy.x + 3, o->dy.x + 3, tmp, MPFR_RNDN);
}

void fp_jet_arenstorf(fp_ode *o, mpfr_srcptr t, int k)
{
    (void)t;
    mpfr_ptr dy = o->dy.x, earth = o->tmp.x;
    mpfr_set(dy, fp_ode_jet(o, 2, k), MPFR_RNDN);
    mpfr_set(dy + 1, fp_ode_jet(o, 3, k), MPFR_RNDN);
    mpfr_mul_2ui(dy + 2, dy + 1, 1, MPFR_RNDN);
    mpfr_add(dy + 2, dy + 2, fp_ode_jet(o, 0, k), MPFR_RNDN);
    mpfr_mul_2ui(dy + 3, dy, 1, MPFR_RNDN);
    mpfr_sub(dy + 3, fp_ode_jet(o, 1, k), dy + 3, MPFR_RNDN);
    mpfr_ui_sub(earth, 1, o->p.x, MPFR_RNDN);
    attract(o, 7, o->p.x, earth, k);
    mpfr_neg(o->p.x + 1, o->p.x, MPFR_RNDN);
    mpfr_ui_sub(earth, 1, o->p.x, MPFR_RNDN);
    attract(o, 4, earth, o->p.x + 1, k);
}

/* Bodies i and j pull each other; rows: difference of x, of y, distance. */
static void pull(fp_ode *o, size_t i, size_t j, size_t row, int k)
{
    mpfr_ptr a = o->dy.x + 14, tmp = o->tmp.x;
    for (size_t axis = 0; axis < 2; axis++)
        mpfr_sub(fp_ode_jet(o, row + axis, k), fp_ode_jet(o, 7 * axis + j, k), fp_ode_jet(o, 7 * axis + i, k), MPFR_RNDN);
    distance(o, row + 2, row, row + 1, k);
    for (size_t axis = 0; axis < 2; axis++) {
        convolve(tmp, o, row + axis, row + 3, 0, k);
        mpfr_mul_ui(tmp + 1, tmp, (unsigned long)j + 1, MPFR_RNDN);
        mpfr_add(a + 7 * axis + i, a + 7 * axis + i, tmp + 1, MPFR_RNDN);
        mpfr_mul_ui(tmp + 1, tmp, (unsigned long)i + 1, MPFR_RNDN);
        mpfr_sub(a + 7 * axis + j, a + 7 * axis + j, tmp + 1, MPFR_RNDN);
    }
}

void fp_jet_pleiades(fp_ode *o, mpfr_srcptr t, int k)
{
    (void)t;
    for (size_t i = 0; i < 14; i++) {
        mpfr_set(o->dy.x + i, fp_ode_jet(o, 14 + i, k), MPFR_RNDN);
        mpfr_set_zero(o->dy.x + 14 + i, 1);
    }
    for (size_t i = 0, row = 28; i < 7; i++)
        for (size_t j = i + 1; j < 7; j++, row += 4)
            pull(o, i, j, row, k);
}

/* ---- the expansion, with numbers of the precision of the problem */

typedef struct {
    fp_expansion base;
    fp_ode *o;
    int order;
    fp_reals c;               /* of component i: order+1 from i * (order+1) on */
    fp_reals end, slope;      /* slope: scratch */
    mpfr_t tmp;
} expansion;

static void make_room(fp_ode *o, int order)
{
    size_t stride = (size_t)order + 1;
    if (o->stride >= stride)
        return;
    fp_reals_clear(&o->jets);
    fp_reals_init(&o->jets, (o->problem->dim + o->problem->aux) * stride, o->y.prec);
    o->stride = stride;
}

static mpfr_ptr coefficient(expansion *x, size_t i, int k)
{
    return x->c.x + i * ((size_t)x->order + 1) + (size_t)k;
}

static void free_expansion(fp_expansion *base)
{
    expansion *x = (expansion *)base;
    fp_reals_clear(&x->c);
    fp_reals_clear(&x->end);
    fp_reals_clear(&x->slope);
    mpfr_clear(x->tmp);
    free(x);
}

static bool is_finite(const fp_reals *v)
{
    bool finite = true;
    for (size_t i = 0; i < v->n; i++)
        finite = finite && mpfr_number_p(v->x + i);
    return finite;
}

static bool start(fp_expansion *base, const fp_vec *y)
{
    expansion *x = (expansion *)base;
    for (size_t i = 0; i < x->end.n; i++)
        fp_vec_get(x->end.x + i, y, i);
    return is_finite(&x->end);
}

static bool expand(fp_expansion *base, mpfr_srcptr t)
{
    expansion *x = (expansion *)base;
    fp_ode *o = x->o;
    bool finite = true;
    for (size_t i = 0; i < x->end.n; i++) {
        mpfr_set(fp_ode_jet(o, i, 0), x->end.x + i, MPFR_RNDN);
        mpfr_set(coefficient(x, i, 0), x->end.x + i, MPFR_RNDN);
    }
    for (int k = 0; k < x->order; k++) {
        o->problem->jet(o, t, k);
        for (size_t i = 0; i < x->end.n; i++) {
            mpfr_div_si(fp_ode_jet(o, i, k + 1), o->dy.x + i, k + 1, MPFR_RNDN);
            mpfr_set(coefficient(x, i, k + 1), fp_ode_jet(o, i, k + 1), MPFR_RNDN);
        }
        finite = finite && is_finite(&o->dy);
    }
    return finite;
}

/* Horner's rule; slope may be NULL */
static void evaluate(fp_reals *out, fp_reals *slope, expansion *x, mpfr_srcptr tau)
{
    for (size_t i = 0; i < out->n; i++) {
        mpfr_set_zero(out->x + i, 1);
        if (slope)
            mpfr_set_zero(slope->x + i, 1);
        for (int k = x->order; k >= 0; k--) {
            if (slope) {
                mpfr_mul(slope->x + i, slope->x + i, tau, MPFR_RNDN);
                mpfr_add(slope->x + i, slope->x + i, out->x + i, MPFR_RNDN);
            }
            mpfr_mul(out->x + i, out->x + i, tau, MPFR_RNDN);
            mpfr_add(out->x + i, out->x + i, coefficient(x, i, k), MPFR_RNDN);
        }
    }
}

/* out = max(out, |value| / (1 + max(|left|, |right|))), NaN for good */
static void keep_size(mpfr_ptr out, expansion *x, mpfr_srcptr value, mpfr_srcptr left, mpfr_srcptr right)
{
    mpfr_abs(x->tmp, mpfr_cmpabs(left, right) > 0 ? left : right, MPFR_RNDN);
    mpfr_add_ui(x->tmp, x->tmp, 1, MPFR_RNDN);
    mpfr_div(x->tmp, value, x->tmp, MPFR_RNDN);
    if (!mpfr_number_p(x->tmp) || mpfr_nan_p(out))
        mpfr_set_nan(out);
    else if (mpfr_cmpabs(x->tmp, out) > 0)
        mpfr_abs(out, x->tmp, MPFR_RNDN);
}

static void size(mpfr_ptr out, fp_expansion *base, int k)
{
    expansion *x = (expansion *)base;
    mpfr_set_zero(out, 1);
    for (size_t i = 0; i < x->end.n; i++)
        keep_size(out, x, coefficient(x, i, k), coefficient(x, i, 0), coefficient(x, i, 0));
}

static bool trial(mpfr_ptr defect, fp_expansion *base, mpfr_srcptr tau, mpfr_srcptr t)
{
    expansion *x = (expansion *)base;
    fp_ode *o = x->o;
    evaluate(&x->end, &x->slope, x, tau);
    for (size_t i = 0; i < x->end.n; i++)
        mpfr_set(o->y.x + i, x->end.x + i, MPFR_RNDN);
    o->problem->f(o, t);
    mpfr_set_zero(defect, 1);
    for (size_t i = 0; i < x->end.n; i++) {
        mpfr_sub(x->slope.x + i, x->slope.x + i, o->dy.x + i, MPFR_RNDN);
        keep_size(defect, x, x->slope.x + i, coefficient(x, i, 0), x->end.x + i);
    }
    return mpfr_number_p(defect) != 0;
}

static void set_all(fp_vec *y, const fp_reals *v)
{
    for (size_t i = 0; i < v->n; i++)
        fp_vec_set(y, i, v->x + i);
}

static void value(fp_vec *y, fp_expansion *base, mpfr_srcptr tau)
{
    expansion *x = (expansion *)base;
    evaluate(&x->slope, NULL, x, tau);
    set_all(y, &x->slope);
}

static void end(fp_vec *y, const fp_expansion *base)
{
    set_all(y, &((const expansion *)base)->end);
}

fp_expansion *fp_ode_expansion(int order, mpfr_prec_t bits, void *ode, fp_error *err)
{
    static const fp_expansion_table table = {free_expansion, start, expand, size, trial, value, end};
    expansion *x = fp_alloc(1, sizeof *x);
    (void)bits, (void)err;
    *x = (expansion){.base = {&table}, .o = ode, .order = order};
    size_t dim = x->o->problem->dim;
    make_room(x->o, order);
    fp_reals_init(&x->c, dim * ((size_t)order + 1), x->o->y.prec);
    fp_reals_init(&x->end, dim, x->o->y.prec);
    fp_reals_init(&x->slope, dim, x->o->y.prec);
    mpfr_init2(x->tmp, x->o->y.prec);
    return &x->base;
}
