/* SPDX-License-Identifier: MIT */
/* Knot 0 and how far it is from the instance's exact initial state (certificate.md, (20), e_0). */
#include "certify_impl.h"
#include "flowproof/certify.h"

enum { PREC_GUARD = 64, USELESS = -7 }; /* no tube starts at 1/100 */

/* ---- exact columns of the instance */
static void matrix_column(arb_ptr out, const double *x, long rows, long cols, long c)
{
    for (long r = 0; r < rows; r++) arb_set_d(out + r, x[r * cols + c]);
}

static void neuron(arb_ptr out, const fp_problem *p, long j)
{
    for (long r = 0; r < p->m; r++) arb_set_d(out + r, p->W[j * p->m + r]);
}

/* u(0) = sum_j a_j w_j(0), without rounding */
static void exact_u(arb_ptr out, const fp_problem *p)
{
    arf_t term;
    arf_init(term);
    _arb_vec_zero(out, p->m);
    for (long j = 0; j < p->m1 && !fp_interrupted(); j++)
        for (long r = 0; r < p->m; r++) {
            arf_set_d(term, p->a[j] * p->W[j * p->m + r]);
            arf_add(arb_midref(out + r), arb_midref(out + r), term, ARF_PREC_EXACT, ARF_RND_DOWN);
        }
    arf_clear(term);
}

static void add_ball_square(mag_t squares, const arb_t a, const arb_t b)
{
    arb_t difference;
    mag_t size;
    arb_init(difference);
    mag_init(size);
    arb_sub(difference, a, b, MAG_BITS);
    arb_get_mag(size, difference);
    mag_addmul(squares, size, size);
    mag_clear(size);
    arb_clear(difference);
}

/* squares += |grid vector - exact|^2 */
static void add_rounding(mag_t squares, const fp_grid_vec *x, arb_srcptr exact)
{
    arb_t entry;
    arb_init(entry);
    for (size_t r = 0; r < x->len; r++) {
        fp_grid_get_ball(entry, x, r);
        add_ball_square(squares, entry, exact + r);
    }
    arb_clear(entry);
}

/* |x - exact| for numbers of a vector */
static void vec_distance(mag_t out, const fp_vec *x, size_t at, arb_srcptr exact, size_t len)
{
    arb_t entry;
    arb_init(entry);
    mag_zero(out);
    for (size_t r = 0; r < len; r++) {
        fp_vec_get_ball(entry, x, at + r);
        add_ball_square(out, entry, exact + r);
    }
    mag_sqrt(out, out);
    arb_clear(entry);
}

/* ---- reduced: the knot against the instance itself */
static void add_matrix(mag_t squares, const fp_grid *x, const double *matrix, const fp_problem *p, arb_ptr scratch)
{
    for (long t = 0; t < p->d && !fp_interrupted(); t++) {
        matrix_column(scratch, matrix, p->m, p->d, t);
        add_rounding(squares, x->at + t, scratch);
    }
}

static void reduced_bounds(fp_start *x, const fp_flow *flow)
{
    const fp_problem *p = fp_flow_problem(flow);
    arb_ptr column = _arb_vec_init(p->m);
    exact_u(column, p);
    vec_distance(x->e_u, fp_flow_u0(flow), 0, column, (size_t)p->m);
    mag_zero(x->e0);
    add_rounding(x->e0, x->x.u.at, column);
    mag_div_ui(x->e0, x->e0, (ulong)p->m1);
    add_matrix(x->e0, &x->x.v, p->W_V, p, column);
    add_matrix(x->e0, &x->x.k, p->W_K, p, column);
    add_matrix(x->e0, &x->x.q, p->W_Q, p, column);
    mag_sqrt(x->e0, x->e0);
    _arb_vec_clear(column, p->m);
    /* binary64 numbers on at least 53 bits: exact */
    mag_zero(x->e_w);
}

/* ---- compressed */
static void load_columns(fp_rotation *r, size_t at, const double *matrix, const fp_problem *p, const fp_vec *y, size_t block)
{
    for (size_t t = 0; t < (size_t)p->d && !fp_interrupted(); t++) matrix_column(r->A + (at + t) * r->m, matrix, p->m, p->d, (long)t);
    fp_vec_get_balls(r->B + at * r->rows, y, block, (size_t)p->d * r->rows);
}

static void neuron_bounds(fp_start *x, const fp_rotation *r, const fp_flow *flow)
{
    const fp_problem *p = fp_flow_problem(flow);
    arb_ptr w = _arb_vec_init(p->m), w0 = _arb_vec_init((slong)r->rows);
    mag_t bound;
    mag_init(bound);
    mag_zero(x->e_w);
    for (long j = 0; j < p->m1 && !fp_interrupted(); j++) {
        neuron(w, p, j);
        fp_vec_get_balls(w0, fp_flow_w0(flow), (size_t)j * r->rows, r->rows);
        fp_rotation_vector_bound(bound, r, w, w0);
        mag_max(x->e_w, x->e_w, bound);
    }
    mag_clear(bound);
    _arb_vec_clear(w0, (slong)r->rows);
    _arb_vec_clear(w, p->m);
}

/* [W_V u(0)], the last column with weight 1/m1 */
static bool output_bounds(mag_t distance, fp_start *x, const fp_flow *flow, const fp_vec *y)
{
    const fp_problem *p = fp_flow_problem(flow);
    const fp_layout *at = fp_flow_layout(flow);
    size_t d = (size_t)p->d, rows = (size_t)at->rows_v;
    fp_rotation r;
    fp_rotation_init(&r, (size_t)p->m, rows, d + 1, fp_vec_prec(y) + PREC_GUARD);
    load_columns(&r, 0, p->W_V, p, y, at->V);
    exact_u(r.A + d * r.m, p);
    fp_vec_get_balls(r.B + d * rows, y, at->u, rows);
    mag_div_ui(r.last_weight, r.last_weight, (ulong)p->m1);
    bool bounded = fp_rotation_bound(&r);
    if (bounded) {
        mag_t root;
        mag_init(root);
        neuron_bounds(x, &r, flow);
        mag_set(distance, r.distance);
        mag_set_ui(root, (ulong)p->m1);
        mag_sqrt(root, root);
        vec_distance(x->e_u, fp_flow_u0(flow), 0, r.B + d * rows, rows);
        mag_addmul(x->e_u, root, distance);
        mag_clear(root);
    }
    fp_rotation_clear(&r);
    return bounded;
}

static bool attention_bounds(mag_t distance, const fp_flow *flow, const fp_vec *y)
{
    const fp_problem *p = fp_flow_problem(flow);
    const fp_layout *at = fp_flow_layout(flow);
    size_t d = (size_t)p->d;
    fp_rotation r;
    fp_rotation_init(&r, (size_t)p->m, (size_t)at->rows_k, 2 * d, fp_vec_prec(y) + PREC_GUARD);
    load_columns(&r, 0, p->W_K, p, y, at->K);
    load_columns(&r, d, p->W_Q, p, y, at->Q);
    bool bounded = fp_rotation_bound(&r);
    mag_set(distance, r.distance);
    fp_rotation_clear(&r);
    return bounded;
}

static void add_block(mag_t squares, const fp_grid *x, const fp_vec *y, size_t at)
{
    arb_ptr exact = _arb_vec_init((slong)x->len);
    for (size_t t = 0; t < x->count && !fp_interrupted(); t++) {
        fp_vec_get_balls(exact, y, at + t * x->len, x->len);
        add_rounding(squares, x->at + t, exact);
    }
    _arb_vec_clear(exact, (slong)x->len);
}

/* |knot 0 - y| */
static void knot_rounding(mag_t out, const fp_start *x, const fp_layout *at, const fp_vec *y)
{
    mag_zero(out);
    add_block(out, &x->x.u, y, at->u);
    mag_div_ui(out, out, (ulong)at->m1);
    add_block(out, &x->x.v, y, at->V);
    add_block(out, &x->x.k, y, at->K);
    add_block(out, &x->x.q, y, at->Q);
    mag_sqrt(out, out);
}

static bool compressed_bounds(fp_start *x, const fp_flow *flow, const fp_vec *y)
{
    mag_t part;
    mag_init(part);
    bool bounded = output_bounds(x->e0, x, flow, y) && attention_bounds(part, flow, y);
    mag_hypot(x->e0, x->e0, part);
    knot_rounding(part, x, fp_flow_layout(flow), y);
    mag_add(x->e0, x->e0, part);
    bounded &= mag_cmp_2exp_si(x->e0, USELESS) < 0;
    mag_clear(part);
    return bounded;
}

/* ---- public */
static void init(fp_start *out, const fp_series *s)
{
    fp_series_state_init(&out->x, s);
    mag_init(out->e0);
    mag_init(out->e_w);
    mag_init(out->e_u);
}

void fp_start_clear(fp_start *x)
{
    fp_series_state_clear(&x->x);
    mag_clear(x->e0);
    mag_clear(x->e_w);
    mag_clear(x->e_u);
}

static fp_status make(fp_start *x, const fp_flow *flow, const fp_vec *y, fp_error *err)
{
    const fp_layout *at = fp_flow_layout(flow);
    mag_t rounding;
    mag_init(rounding);
    bool finite = fp_series_state_from_vec(&x->x, rounding, y, at);
    mag_clear(rounding);
    if (!finite)
        return fp_fail(err, FP_NON_FINITE, "the initial state is not finite");
    if (at->kind == FP_FLOW_REDUCED)
        reduced_bounds(x, flow);
    else if (!compressed_bounds(x, flow, y))
        return fp_fail(err, FP_BAD_INPUT,
                       "compressed flow: the columns of W_V with u(0), or of W_K with W_Q, are too close to linearly dependent to bound the rotation of the start; the reduced flow needs none");
    if (!mag_is_finite(x->e0))
        return fp_fail(err, FP_NON_FINITE, "the initial state is not finite");
    return FP_OK;
}

fp_status fp_start_make(fp_start *out, const fp_flow *flow, const fp_series *s, fp_error *err)
{
    fp_flow_kind kind = fp_flow_layout(flow)->kind;
    if (kind != FP_FLOW_REDUCED && kind != FP_FLOW_COMPRESSED)
        return fp_fail(err, FP_BAD_INPUT, "flow %s has no certificates; allowed: reduced, compressed", fp_flow_kind_name(kind));
    fp_vec *y = fp_flow_initial(flow);
    init(out, s);
    fp_status status = make(out, flow, y, err);
    if (status != FP_OK)
        fp_start_clear(out);
    fp_vec_free(y);
    return status;
}
