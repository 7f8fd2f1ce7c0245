/* SPDX-License-Identifier: MIT */
/* The conserved differences of Gram matrices. A matrix sum_s w x_s x_s^T is formed row by row, upper triangle only; its largest change is measured
 * against the largest diagonal entry of its (positive semidefinite) parts at the start, which bounds every entry of them. */
#include "flow_private.h"

typedef struct {
    const fp_vec *y;
    size_t at, count; /* `count` vectors of `rows` numbers from y[at] on */
    long weight;
} outer_sum;

typedef struct {
    const outer_sum *terms; /* terms 0, 1 at y; 2, 3 the same at y0 */
    size_t rows;
    fp_vec *now, *then; /* one row for each part */
    fp_reals numbers; /* change, size and two of scratch for each part */
} comparison;

void fp_invariant_init(fp_invariant *out, const char *name)
{
    snprintf(out->name, sizeof out->name, "%s", name);
    mpfr_init2(out->drift, 64);
    mpfr_set_zero(out->drift, 1);
}

void fp_invariant_ratio(fp_invariant *out, mpfr_srcptr change, mpfr_srcptr size)
{
    mpfr_abs(out->drift, change, MPFR_RNDU);
    if (!mpfr_zero_p(size))
        mpfr_div(out->drift, out->drift, size, MPFR_RNDU);
}

void fp_flow_keep_larger(mpfr_ptr max, mpfr_srcptr x)
{
    if (mpfr_nan_p(x) || mpfr_cmpabs(x, max) > 0)
        mpfr_abs(max, x, MPFR_RNDU);
}

/* row[b] = sum over two terms of w x[a] x[b] for b >= a */
static void sum_row(fp_vec *out, const comparison *c, const outer_sum terms[2], size_t a, size_t part)
{
    size_t row = part * c->rows;
    mpfr_ptr x = c->numbers.x + 4 * part + 2, tmp = x + 1;
    fp_vec_zero(out, row, c->rows);
    for (size_t k = 0; k < 2; k++)
        for (size_t s = 0; s < terms[k].count; s++) {
            size_t at = terms[k].at + s * c->rows + a;
            fp_vec_get(x, terms[k].y, at);
            mpfr_mul_si(x, x, terms[k].weight, MPFR_RNDN);
            fp_vec_axpy(out, row + a, x, terms[k].y, at, c->rows - a, tmp);
        }
}

static void compare_row(comparison *c, size_t a, size_t part)
{
    mpfr_ptr change = c->numbers.x + 4 * part, x = change + 2, tmp = change + 3;
    sum_row(c->now, c, c->terms, a, part);
    sum_row(c->then, c, c->terms + 2, a, part);
    for (size_t b = part * c->rows + a; b < (part + 1) * c->rows; b++) {
        fp_vec_get(x, c->now, b);
        fp_vec_get(tmp, c->then, b);
        mpfr_sub(x, x, tmp, MPFR_RNDN);
        fp_flow_keep_larger(change, x);
    }
}

/* sum over the start's terms of |w| x[a]^2 */
static void size_of_row(comparison *c, size_t a, size_t part)
{
    mpfr_ptr size = c->numbers.x + 4 * part + 1, x = size + 1, sum = size + 2;
    mpfr_set_zero(sum, 1);
    for (size_t k = 2; k < 4; k++)
        for (size_t s = 0; s < c->terms[k].count; s++) {
            fp_vec_get(x, c->terms[k].y, c->terms[k].at + s * c->rows + a);
            mpfr_sqr(x, x, MPFR_RNDN);
            mpfr_mul_si(x, x, c->terms[k].weight < 0 ? -c->terms[k].weight : c->terms[k].weight, MPFR_RNDN);
            mpfr_add(sum, sum, x, MPFR_RNDN);
        }
    fp_flow_keep_larger(size, sum);
}

static void compare_part(void *ctx, size_t part)
{
    comparison *c = ctx;
    for (size_t a = part; a < c->rows && !fp_interrupted(); a += FP_FLOW_PARTS) {
        compare_row(c, a, part);
        size_of_row(c, a, part);
    }
}

static void outer_drift(fp_invariant *out, const char *name, const outer_sum terms[4], size_t rows, const fp_flow *flow)
{
    comparison c = {.terms = terms, .rows = rows};
    c.now = fp_vec_new(FP_FLOW_PARTS * rows, flow->prec);
    c.then = fp_vec_new(FP_FLOW_PARTS * rows, flow->prec);
    fp_reals_init(&c.numbers, 4 * FP_FLOW_PARTS, flow->prec);
    fp_pool_run(flow->pool, FP_FLOW_PARTS, compare_part, &c);
    for (size_t part = 1; part < FP_FLOW_PARTS; part++) {
        fp_flow_keep_larger(c.numbers.x, c.numbers.x + 4 * part);
        fp_flow_keep_larger(c.numbers.x + 1, c.numbers.x + 4 * part + 1);
    }
    fp_invariant_init(out, name);
    fp_invariant_ratio(out, c.numbers.x, c.numbers.x + 1);
    fp_reals_clear(&c.numbers);
    fp_vec_free(c.now);
    fp_vec_free(c.then);
}

/* u(y) as a vector of its own; in weights form sum_j a_j w_j */
static fp_vec *output_vector(const fp_flow *flow, const fp_vec *y)
{
    const fp_layout *at = &flow->at;
    size_t rows = (size_t)at->rows_v, count = at->kind == FP_FLOW_WEIGHTS ? (size_t)at->m1 : 1;
    fp_vec *u = fp_vec_new(rows, flow->prec);
    mpfr_t a, tmp;
    mpfr_inits2(flow->prec, a, tmp, (mpfr_ptr)0);
    for (size_t j = 0; j < count && !fp_interrupted(); j++) {
        mpfr_set_si(a, at->kind == FP_FLOW_WEIGHTS ? flow->problem->a[j] : 1, MPFR_RNDN);
        fp_vec_axpy(u, 0, a, y, (at->kind == FP_FLOW_WEIGHTS ? at->W : at->u) + j * rows, rows, tmp);
    }
    mpfr_clears(a, tmp, (mpfr_ptr)0);
    return u;
}

/* change of w_j - a_j u/m1 in one number */
static void neuron_change(mpfr_ptr x, mpfr_ptr tmp, const fp_vec *y, const fp_vec *u, size_t w, size_t r, int a, long m1)
{
    fp_vec_get(x, y, w);
    fp_vec_get(tmp, u, r);
    mpfr_div_si(tmp, tmp, a * m1, MPFR_RNDN);
    mpfr_sub(x, x, tmp, MPFR_RNDN);
}

static void neuron_drift(fp_invariant *out, const fp_flow *flow, const fp_vec *y0, const fp_vec *u0, const fp_vec *y, const fp_vec *u)
{
    const fp_layout *at = &flow->at;
    mpfr_t change, size, now, then, tmp;
    mpfr_inits2(flow->prec, change, size, now, then, tmp, (mpfr_ptr)0);
    mpfr_set_zero(change, 1);
    mpfr_set_zero(size, 1);
    for (size_t x = 0; x < (size_t)at->m1 * (size_t)at->m && !fp_interrupted(); x++) {
        size_t r = x % (size_t)at->m;
        int a = flow->problem->a[x / (size_t)at->m];
        neuron_change(now, tmp, y, u, at->W + x, r, a, at->m1);
        neuron_change(then, tmp, y0, u0, at->W + x, r, a, at->m1);
        mpfr_sub(now, now, then, MPFR_RNDN);
        fp_flow_keep_larger(change, now);
        fp_vec_get(then, y0, at->W + x);
        fp_flow_keep_larger(size, then);
    }
    fp_invariant_init(out, "w_j - a_j u/m1");
    fp_invariant_ratio(out, change, size);
    mpfr_clears(change, size, now, then, tmp, (mpfr_ptr)0);
}

static size_t vector_drifts(fp_invariant *out, const fp_flow *flow, const fp_vec *y0, const fp_vec *y)
{
    const fp_layout *at = &flow->at;
    size_t d = (size_t)at->d, m1 = (size_t)at->m1, count = 0;
    fp_vec *u = output_vector(flow, y), *u0 = output_vector(flow, y0);
    const outer_sum neurons[4] = {{y, at->W, m1, 1}, {y, at->V, d, -1}, {y0, at->W, m1, 1}, {y0, at->V, d, -1}};
    const outer_sum outputs[4] = {{u, 0, 1, 1}, {y, at->V, d, -at->m1}, {u0, 0, 1, 1}, {y0, at->V, d, -at->m1}};
    const outer_sum keys[4] = {{y, at->K, d, 1}, {y, at->Q, d, -1}, {y0, at->K, d, 1}, {y0, at->Q, d, -1}};
    outer_drift(&out[count++], "u u^T - m1 W_V W_V^T", outputs, (size_t)at->rows_v, flow);
    outer_drift(&out[count++], "W_K W_K^T - W_Q W_Q^T", keys, (size_t)at->rows_k, flow);
    if (at->kind == FP_FLOW_WEIGHTS) {
        outer_drift(&out[count++], "W^T W - W_V W_V^T", neurons, (size_t)at->m, flow);
        neuron_drift(&out[count++], flow, y0, u0, y, u);
    }
    fp_vec_free(u);
    fp_vec_free(u0);
    return count;
}

size_t fp_flow_invariants(fp_invariant out[FP_INVARIANTS_MAX], fp_flow *flow, const fp_vec *y0, const fp_vec *y)
{
    size_t count = flow->at.has_vectors ? vector_drifts(out, flow, y0, y) : fp_flow_trace_drifts(out, flow, y0, y);
    fp_flow_energy_drift(&out[count++], flow, y);
    return count;
}

void fp_invariants_clear(fp_invariant *list, size_t count)
{
    for (size_t k = 0; k < count; k++)
        mpfr_clear(list[k].drift);
}
