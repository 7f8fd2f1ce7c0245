/* SPDX-License-Identifier: MIT */
/* Neurons: w_j(t) = w_j(0) + a_j U/m1, U = u(t) - u(0) (theory section 2, form 2). Off y by du, |du| <= sqrt(m1) E, a neuron is off by |du|/m1; how far the rotated w_j(0) and u(0) may be off is in the
 * errors of their vectors. w_j1(0).w_j2(0) is the problem's: u - u(0) and v stay in the span that a compressed basis keeps, w_j(0) need not lie in it. */
#include <stdlib.h>

#include "view_impl.h"

static void constant_vector(fp_view_vector *x, const mag_t off)
{
    mag_add(x->error, x->error, off);
    mag_add(x->norm, x->value->norm, x->error);
}

/* All but the last vector of the grid, which stays zero: their slope. */
static fp_view_vector *constants(fp_grid *grid, size_t count, const fp_vec *from, const mag_t off)
{
    fp_view_vector *x = fp_alloc(count, sizeof *x);
    for (size_t j = 0; j < count; j++) {
        fp_view_vector_init(x + j, grid->at + j, grid->at + count);
        if (fp_interrupted() || !fp_grid_from_vec(x[j].value, x[j].error, from, j * grid->len))
            mag_inf(x[j].error);
        constant_vector(x + j, off);
    }
    return x;
}

static void make(fp_view *w)
{
    fp_view_neurons *n = &w->neurons;
    size_t m1 = (size_t)w->shape->m1, rows = (size_t)w->shape->rows_v;
    int limbs = fp_series_limbs(w->series);
    fp_grid_init(&n->rotated, m1 + 1, rows, limbs);
    fp_grid_init(&n->u0, 1, rows, limbs);
    n->w = constants(&n->rotated, m1, fp_flow_w0(w->flow), w->start->e_w);
    mag_init(n->u0_error);
    if (!fp_grid_from_vec(n->u0.at, n->u0_error, fp_flow_u0(w->flow), 0))
        mag_inf(n->u0_error);
    mag_add(n->u0_error, n->u0_error, w->start->e_u);
    n->drift = fp_alloc(m1, sizeof *n->drift);
    for (size_t j = 0; j < m1; j++)
        fp_view_form_init(n->drift + j);
}

static fp_view_vector *make_whole(fp_view *w)
{
    fp_view_neurons *n = &w->neurons;
    const fp_problem *p = fp_flow_problem(w->flow);
    size_t m1 = (size_t)p->m1, m = (size_t)p->m;
    fp_vec *from = fp_vec_new(m1 * m, FP_PREC_MIN);
    mag_t exact;
    mag_init(exact);
    for (size_t x = 0; x < m1 * m && !fp_interrupted(); x++)
        fp_vec_set_d(from, x, p->W[x]);
    fp_grid_init(&n->exact, m1 + 1, m, fp_series_limbs(w->series));
    fp_view_vector *whole = constants(&n->exact, m1, from, exact);
    fp_vec_free(from);
    mag_clear(exact);
    return whole;
}

static fp_view_neurons *get(fp_view *w)
{
    if (w->neurons.w == NULL)
        make(w);
    return &w->neurons;
}

static const fp_view_vector *whole(fp_view *w, long j)
{
    fp_view_neurons *n = get(w);
    if (fp_flow_layout(w->flow)->kind == FP_FLOW_REDUCED)
        return n->w + j;
    if (n->whole == NULL)
        n->whole = make_whole(w);
    return n->whole + j;
}

static void clear_constants(fp_view_vector *x, size_t count)
{
    for (size_t j = 0; x != NULL && j < count; j++)
        fp_view_vector_clear(x + j);
    free(x);
}

void fp_view_neurons_clear(fp_view *w)
{
    fp_view_neurons *n = &w->neurons;
    size_t m1 = (size_t)w->shape->m1;
    for (size_t j = 0; n->drift != NULL && j < m1; j++)
        fp_view_form_clear(n->drift + j);
    if (n->w != NULL)
        mag_clear(n->u0_error);
    clear_constants(n->w, m1);
    clear_constants(n->whole, m1);
    free(n->drift);
    fp_grid_clear(&n->rotated);
    fp_grid_clear(&n->exact);
    fp_grid_clear(&n->u0);
}

/* U */
static const fp_view_vector *moved(fp_view *w)
{
    fp_view_vector *x = &w->moved;
    const fp_view_vector *u = fp_view_get(w, FP_SERIES_U, 0);
    const fp_view_neurons *n = get(w);
    if (x->now == w->now)
        return x;
    arb_t plus, minus;
    arb_init(plus);
    arb_init(minus);
    arb_one(plus);
    arb_set_si(minus, -1);
    fp_grid_combine(x->value, x->error, (const arb_struct *const[]){plus, minus}, (const fp_grid_vec *const[]){u->value, n->u0.at}, 2, 1);
    mag_add(x->error, x->error, u->error);
    mag_add(x->error, x->error, n->u0_error);
    mag_set(x->change, u->change);
    mag_set(x->bend, u->bend);
    mag_add(x->norm, x->value->norm, x->change);
    mag_add(x->norm, x->norm, x->bend);
    mag_add(x->norm, x->norm, x->error);
    x->now = w->now;
    arb_clear(plus);
    arb_clear(minus);
    return x;
}

/* A form of vectors that is kept until the next set. */
static const fp_view_form *kept(fp_view_form *f, const fp_view *w, const fp_view_vector *x, const fp_view_vector *z)
{
    if (f->now != w->now)
        fp_view_form_dot(f, w, x, z);
    f->now = w->now;
    return f;
}

static const fp_view_form *drift(fp_view *w, long j)
{
    fp_view_neurons *n = get(w);
    return kept(n->drift + j, w, n->w + j, moved(w));
}

static const fp_view_form *moved2(fp_view *w)
{
    const fp_view_vector *U = moved(w);
    return kept(&w->moved2, w, U, U);
}

/* a_j/m1 */
static void share(arb_t out, const fp_view *w, long j)
{
    arb_set(out, w->inverse_m1);
    if (fp_flow_problem(w->flow)->a[j] < 0)
        arb_neg(out, out);
}

/* >= |w_j| at y */
static void neuron_norm(mag_t out, fp_view *w, long j)
{
    mag_div_ui(out, moved(w)->norm, (ulong)w->shape->m1);
    mag_add(out, out, get(w)->w[j].norm);
}

/* w_j.v = w_j(0).v + (a_j/m1) U.v; with |du|/sqrt(m1) = alpha, |dv| = beta, alpha^2 + beta^2 <= E^2: |w| beta + |v| alpha/sqrt(m1) + alpha beta/sqrt(m1) */
static void WV_widening(mag_t out, fp_view *w, long j, const fp_view_vector *v)
{
    mag_t t, root;
    mag_init(t);
    mag_init(root);
    mag_set_ui_lower(root, (ulong)w->shape->m1);
    mag_rsqrt(root, root);
    neuron_norm(out, w, j);
    mag_mul(t, v->norm, root);
    mag_hypot(out, out, t);
    mag_mul(out, out, w->E);
    mag_mul(t, w->E, w->E);
    mag_mul(t, t, root);
    mag_mul_2exp_si(t, t, -1);
    mag_add(out, out, t);
    mag_clear(t);
    mag_clear(root);
}

void fp_view_WV(arb_t out, fp_view *w, long j, long token)
{
    fp_view_form f;
    arb_t a;
    mag_t widening;
    fp_view_form_init(&f);
    arb_init(a);
    mag_init(widening);
    const fp_view_vector *v = fp_view_get(w, FP_SERIES_V, token);
    fp_view_form_dot(&f, w, get(w)->w + j, v);
    share(a, w, j);
    fp_view_form_add(&f, w, kept(w->moved_v + token, w, moved(w), v), a);
    WV_widening(widening, w, j, v);
    fp_view_form_range(out, w, &f, widening);
    fp_view_form_clear(&f);
    arb_clear(a);
    mag_clear(widening);
}

/* off += x |du| */
static void add_moved(mag_t off, const fp_view *w, const mag_t x)
{
    mag_addmul(off, x, w->E_u);
}

/* off += |du|^2/divisor */
static void add_square_share(mag_t off, const fp_view *w, ulong divisor)
{
    mag_t t;
    mag_init(t);
    mag_mul(t, w->E_u, w->E_u);
    mag_div_ui(t, t, divisor);
    mag_add(off, off, t);
    mag_clear(t);
}

/* w_j.u = w_j(0).u + (a_j/m1) U.u; off by |w| |du| + |u| |du|/m1 + |du|^2/m1 */
void fp_view_WU(arb_t out, fp_view *w, long j)
{
    fp_view_form f;
    arb_t a;
    mag_t widening, size;
    fp_view_form_init(&f);
    arb_init(a);
    mag_init(widening);
    mag_init(size);
    const fp_view_vector *u = fp_view_get(w, FP_SERIES_U, 0);
    fp_view_form_dot(&f, w, get(w)->w + j, u);
    share(a, w, j);
    fp_view_form_add(&f, w, kept(&w->moved_u, w, moved(w), u), a);
    neuron_norm(size, w, j);
    add_moved(widening, w, size);
    mag_div_ui(size, u->norm, (ulong)w->shape->m1);
    add_moved(widening, w, size);
    add_square_share(widening, w, (ulong)w->shape->m1);
    fp_view_form_range(out, w, &f, widening);
    fp_view_form_clear(&f);
    arb_clear(a);
    mag_clear(widening);
    mag_clear(size);
}

/* (|w_j1| + |w_j2|) |du|/m1 + |du|^2/m1^2 */
static void WW_widening(mag_t out, fp_view *w, long j1, long j2)
{
    mag_t size;
    mag_init(size);
    neuron_norm(out, w, j1);
    neuron_norm(size, w, j2);
    mag_add(size, size, out);
    mag_zero(out);
    add_moved(out, w, size);
    add_square_share(out, w, (ulong)w->shape->m1);
    mag_div_ui(out, out, (ulong)w->shape->m1);
    mag_clear(size);
}

/* w_j1.w_j2 = w_j1(0).w_j2(0) + (a_j2/m1) w_j1(0).U + (a_j1/m1) w_j2(0).U + (a_j1 a_j2/m1^2) |U|^2 */
void fp_view_WW(arb_t out, fp_view *w, long j1, long j2)
{
    fp_view_form f;
    arb_t a, b;
    mag_t widening;
    fp_view_form_init(&f);
    arb_init(a);
    arb_init(b);
    mag_init(widening);
    fp_view_form_dot(&f, w, whole(w, j1), whole(w, j2));
    share(a, w, j1);
    share(b, w, j2);
    fp_view_form_add(&f, w, drift(w, j1), b);
    fp_view_form_add(&f, w, drift(w, j2), a);
    arb_mul(a, a, b, w->prec);
    fp_view_form_add(&f, w, moved2(w), a);
    WW_widening(widening, w, j1, j2);
    fp_view_form_range(out, w, &f, widening);
    fp_view_form_clear(&f);
    arb_clear(a);
    arb_clear(b);
    mag_clear(widening);
}

/* The error of w_j(0) is its own; that of U and the tube's are divided by m1. */
void fp_view_neuron(arb_ptr out, fp_view *w, long j)
{
    slong rows = w->shape->rows_v;
    const fp_view_vector *start = get(w)->w + j, *U = moved(w);
    arb_t a;
    arb_init(a);
    fp_view_entries(out, w, U, w->E_u);
    share(a, w, j);
    arb_ptr from = _arb_vec_init(rows);
    mag_t none;
    mag_init(none);
    fp_view_entries(from, w, start, none);
    for (slong r = 0; r < rows; r++) {
        arb_mul(out + r, out + r, a, w->prec);
        arb_add(out + r, out + r, from + r, w->prec);
    }
    mag_clear(none);
    _arb_vec_clear(from, rows);
    arb_clear(a);
}
