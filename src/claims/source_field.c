/* SPDX-License-Identifier: MIT */
/* Derivatives read from the vector field that the integrator uses: what slope() means. */
#include "source_impl.h"

enum { BLOCK_U_OR_W, BLOCK_V, BLOCK_K, BLOCK_Q };
enum { BLOCK_A, BLOCK_P, BLOCK_R, BLOCK_B, BLOCK_G, BLOCK_RHO };

static void refresh(fp_source *s)
{
    if (s->dy_stamp == s->now)
        return;
    const fp_field *field = fp_flow_field(s->flow);
    field->rhs(s->dy, s->t, s->y, field->ctx);
    s->dy_stamp = s->now;
    for (int b = 0; b < FP_BLOCKS_MAX; b++)
        mag_inf(s->block_size[b]); /* not measured yet */
}

static void measure_block(fp_source *s, int block, size_t start, size_t count)
{
    arb_t x;
    mag_t size;
    arb_init(x);
    mag_init(size);
    mag_zero(s->block_size[block]);
    for (size_t r = 0; r < count; r++) {
        fp_vec_get_ball(x, s->dy, start + r);
        arb_get_mag(size, x);
        mag_max(s->block_size[block], s->block_size[block], size);
    }
    mag_mul_2exp_si(s->block_size[block], s->block_size[block], 16 - (slong)s->state_prec);
    arb_clear(x);
    mag_clear(size);
}

void fp_field_read(arb_ptr out, fp_source *s, size_t offset, size_t count, int block, size_t block_start, size_t block_count)
{
    refresh(s);
    if (mag_is_inf(s->block_size[block]))
        measure_block(s, block, block_start, block_count);
    fp_vec_get_balls(out, s->dy, offset, count);
    for (size_t r = 0; r < count; r++)
        arb_add_error_mag(out + r, s->block_size[block]);
}

static void read_vector(arb_ptr out, fp_source *s, int vector, long i)
{
    const fp_layout *y = &s->layout;
    size_t rows = (size_t)fp_state_rows(s, vector), d = (size_t)y->d;
    size_t start = 0, count = d;
    int block = BLOCK_U_OR_W;
    switch (vector) {
    case FP_VECTOR_U: start = y->u; count = 1; break;
    case FP_VECTOR_W: start = y->W; count = (size_t)y->m1; break;
    case FP_VECTOR_V: start = y->V; block = BLOCK_V; break;
    case FP_VECTOR_K: start = y->K; block = BLOCK_K; break;
    default: start = y->Q; block = BLOCK_Q; break;
    }
    fp_field_read(out, s, start + (size_t)i * rows, rows, block, start, count * rows);
}

static void sum_neuron_slopes(arb_ptr out, fp_source *s)
{
    long rows = s->layout.rows_v;
    _arb_vec_zero(out, rows);
    for (long j = 0; j < s->problem->m1; j++) {
        arb_srcptr dw = fp_field_vector(s, FP_VECTOR_W, j) + rows;
        for (long r = 0; r < rows; r++)
            (s->problem->a[j] > 0 ? arb_add : arb_sub)(out + r, out + r, dw + r, s->prec);
    }
}

static void neuron_slope(arb_ptr out, fp_source *s, long j)
{
    long rows = s->layout.rows_v;
    arb_srcptr du = fp_field_vector(s, FP_VECTOR_U, 0) + rows;
    for (long r = 0; r < rows; r++)
        arb_div_si(out + r, du + r, s->problem->a[j] * s->problem->m1, s->prec);
}

arb_srcptr fp_field_vector(fp_source *s, int vector, long i)
{
    bool stale, weights = s->layout.kind == FP_FLOW_WEIGHTS;
    long rows = fp_state_rows(s, vector);
    arb_ptr x = fp_table_at(&s->vector[vector], FP_SLOPE_FIELD, (size_t)i, s->now, &stale);
    if (!stale)
        return x;
    _arb_vec_set(x, fp_state_vector(s, vector, i), rows);
    if (weights && vector == FP_VECTOR_U)
        sum_neuron_slopes(x + rows, s);
    else if (!weights && vector == FP_VECTOR_W)
        neuron_slope(x + rows, s, i);
    else
        read_vector(x + rows, s, vector, i);
    return x;
}

/* (x.y)' = x'.y + x.y' */
static void dot_slope(arb_t out, fp_source *s, int left, long i, int right, long k)
{
    long rows = fp_state_rows(s, left);
    arb_srcptr x = fp_field_vector(s, left, i), y = fp_field_vector(s, right, k);
    arb_dot(out, NULL, 0, x, 1, y + rows, 1, rows, s->prec);
    arb_dot(out, out, 0, x + rows, 1, y, 1, rows, s->prec);
}

static void read_gram(arb_t out, fp_source *s, size_t start, size_t index, int block, size_t count)
{
    fp_field_read(out, s, start + index, 1, block, start, count);
}

void fp_field_G(arb_t out, fp_source *s, long mu)
{
    if (s->layout.has_vectors)
        dot_slope(out, s, FP_VECTOR_U, 0, FP_VECTOR_V, mu);
    else
        read_gram(out, s, s->layout.G, (size_t)mu, BLOCK_G, (size_t)s->layout.d);
}

void fp_field_score(arb_t out, fp_source *s, long nu, long mu)
{
    size_t d = (size_t)s->layout.d;
    if (s->layout.has_vectors)
        dot_slope(out, s, FP_VECTOR_K, nu, FP_VECTOR_Q, mu);
    else
        read_gram(out, s, s->layout.A, (size_t)nu * d + (size_t)mu, BLOCK_A, d * d);
}

void fp_field_symmetric(arb_t out, fp_source *s, int vector, long mu, long nu)
{
    const fp_layout *y = &s->layout;
    size_t d = (size_t)y->d;
    if (y->has_vectors)
        dot_slope(out, s, vector, mu, vector, nu);
    else if (vector == FP_VECTOR_K)
        read_gram(out, s, y->P, (size_t)mu * d + (size_t)nu, BLOCK_P, d * d);
    else if (vector == FP_VECTOR_Q)
        read_gram(out, s, y->R, (size_t)mu * d + (size_t)nu, BLOCK_R, d * d);
    else
        read_gram(out, s, y->B, (size_t)mu * d + (size_t)nu, BLOCK_B, d * d);
}

void fp_field_rho(arb_t out, fp_source *s)
{
    if (s->layout.has_vectors)
        dot_slope(out, s, FP_VECTOR_U, 0, FP_VECTOR_U, 0);
    else
        read_gram(out, s, s->layout.rho, 0, BLOCK_RHO, 1);
}

void fp_field_WV(arb_t out, fp_source *s, long j, long mu)
{
    dot_slope(out, s, FP_VECTOR_W, j, FP_VECTOR_V, mu);
}

/* In reduced and compressed form w_j' = a_j u'/m1, and u' lies in the span of the basis: u'.w_j needs the projection only. */
static arb_srcptr push(fp_source *s, long j)
{
    bool stale;
    long rows = s->layout.rows_v;
    arb_ptr x = fp_table_at(&s->UW, FP_SLOPE_FIELD, (size_t)j, s->now, &stale);
    if (stale) {
        fp_source_dot(x, s, fp_field_vector(s, FP_VECTOR_U, 0) + rows, fp_state_vector(s, FP_VECTOR_W, j), rows);
        arb_div_si(x, x, s->layout.m1, s->prec);
    }
    return x;
}

void fp_field_WW(arb_t out, fp_source *s, long j1, long j2)
{
    const int *a = s->problem->a;
    if (s->layout.kind == FP_FLOW_WEIGHTS) {
        dot_slope(out, s, FP_VECTOR_W, j1, FP_VECTOR_W, j2);
        return;
    }
    arb_mul_si(out, push(s, j2), a[j1], s->prec);
    arb_addmul_si(out, push(s, j1), a[j2], s->prec);
}
