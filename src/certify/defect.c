/* SPDX-License-Identifier: MIT */
/* The defect y' - f(y) on a whole step (certificate.md, (12)): the orders below P by what was measured when y was generated, the orders from P on by
 * norms of the factors of f, block by block: ub' = sqrt(m1) sum c v, v' = c u, k' = sum N q, q' = sum N k. */
#include "certify_impl.h"

static mag_srcptr of_token(mag_srcptr sizes, size_t token, int order)
{
    return sizes + token * (size_t)(order + 1);
}

/* out += the orders >= P of (scalar series) * (polynomial vector) */
static void add_product(mag_t out, mag_srcptr scalar, const mag_t tail, mag_srcptr vector, int order)
{
    mag_t t;
    mag_init(t);
    fp_tail_overlap(t, scalar, vector, order, order);
    mag_add(out, out, t);
    fp_tail_sum(t, vector, 0, order);
    mag_addmul(out, tail, t);
    mag_clear(t);
}

/* sum_t c v in u, times sqrt(m1), and c u in v */
static void output_blocks(mag_ptr u, mag_ptr v, const fp_series *s, const fp_tails *t, mag_ptr scratch)
{
    mag_t root;
    mag_init(root);
    for (size_t x = 0; x < t->d; x++) {
        fp_tail_sizes(scratch, fp_series_c(s, (long)x), t->order, t->h_power);
        add_product(u, scratch, t->c + x, of_token(t->v, x, t->order), t->order);
        add_product(v + x, scratch, t->c + x, t->u, t->order);
    }
    mag_set_ui(root, (ulong)fp_series_get_shape(s)->m1);
    mag_sqrt(root, root);
    mag_mul(u, u, root);
    mag_clear(root);
}

static void attention_blocks(mag_ptr k, mag_ptr q, const fp_series *s, const fp_tails *t, mag_ptr scratch)
{
    const fp_series_shape *shape = fp_series_get_shape(s);
    for (size_t x = 0; x < t->pairs; x++) {
        size_t key = (size_t)shape->key[x], query = (size_t)shape->query[x];
        fp_tail_sizes(scratch, fp_series_N(s, x), t->order, t->h_power);
        add_product(k + key, scratch, t->N + x, of_token(t->q, query, t->order), t->order);
        add_product(q + query, scratch, t->N + x, of_token(t->k, key, t->order), t->order);
    }
}

void fp_defect_blocks(mag_ptr out, const fp_series *s, const fp_tails *t)
{
    mag_ptr scratch = _mag_vec_init(t->order + 1);
    for (size_t x = 0; x < 1 + 3 * t->d; x++) mag_zero(out + x);
    output_blocks(out, out + 1, s, t, scratch);
    attention_blocks(out + 1 + t->d, out + 1 + 2 * t->d, s, t, scratch);
    _mag_vec_clear(scratch, t->order + 1);
}

void fp_defect_residual(mag_t out, const fp_series *s, const fp_tails *t)
{
    mag_zero(out);
    for (int k = 0; k < t->order; k++) mag_addmul(out, fp_series_residual(s, k), t->h_power + k);
}

void fp_defect(mag_t out, const fp_series *s, const fp_tails *t)
{
    size_t count = 1 + 3 * t->d;
    mag_ptr block = _mag_vec_init((slong)count);
    mag_t residual;
    mag_init(residual);
    fp_defect_blocks(block, s, t);
    fp_defect_residual(residual, s, t);
    mag_zero(out);
    for (size_t x = 0; x < count; x++) mag_addmul(out, block + x, block + x);
    mag_sqrt(out, out);
    mag_add(out, out, residual);
    mag_clear(residual);
    _mag_vec_clear(block, (slong)count);
}
