/* SPDX-License-Identifier: MIT */
#include "comparison.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- blocks: 0 is u, then V, K, Q by tokens */
size_t plain_block(const plain_state *s, size_t block)
{
    size_t d = (size_t)s->shape.d, rv = (size_t)s->shape.rows_v, rk = (size_t)s->shape.rows_k;
    if (block == 0)
        return 0;
    size_t token = (block - 1) % d;
    return block <= d ? s->v + token * rv : block <= 2 * d ? s->k + token * rk : block <= 3 * d ? s->q + token * rk : s->dim;
}

static void copy(mag_ptr out, mag_srcptr x, size_t n)
{
    for (size_t e = 0; e < n; e++)
        mag_set(out + e, x + e);
}

const char *const comparison_name[FAMILIES] = {"u-V", "u-K", "u-Q", "K-K", "Q-Q", "K-Q", "K-V", "Q-V"};

mag_ptr comparison_entries(const fp_comparison *B, int f)
{
    mag_ptr all[FAMILIES] = {B->uv, B->uk, B->uq, B->kk, B->qq, B->kq, B->kv, B->qv};
    return all[f];
}

size_t comparison_size(const fp_comparison *B, int f)
{
    return f < KQ ? B->d : B->pairs;
}

/* A copy without the families of the mask. */
void comparison_without(fp_comparison *out, const fp_comparison *B, const fp_series_shape *shape, unsigned mask)
{
    fp_comparison_init(out, shape);
    for (int f = 0; f < FAMILIES; f++)
        if (!(mask >> f & 1))
            copy(comparison_entries(out, f), comparison_entries(B, f), comparison_size(B, f));
}

/* a^T B a, a_b the norm of the direction's block b */
double comparison_form(const fp_comparison *B, const plain_state *s, const double *direction)
{
    size_t blocks = 3 * B->d + 1;
    mag_ptr a = _mag_vec_init((slong)blocks), Ba = _mag_vec_init((slong)blocks);
    mag_t sum;
    mag_init(sum);
    for (size_t b = 0; b < blocks; b++) {
        long double squares = 0;
        for (size_t e = plain_block(s, b); e < plain_block(s, b + 1); e++)
            squares += (long double)direction[e] * direction[e];
        mag_set_d(a + b, (double)sqrtl(squares));
    }
    fp_comparison_apply(Ba, B, a);
    for (size_t b = 0; b < blocks; b++)
        mag_addmul(sum, a + b, Ba + b);
    double value = mag_get_d(sum);
    mag_clear(sum);
    _mag_vec_clear(a, (slong)blocks);
    _mag_vec_clear(Ba, (slong)blocks);
    return value;
}

/* The direction in two blocks (or one, a = b) in which M is largest for equal norms in both: singular vectors of that block of M, by power iteration. */
void comparison_direction(double *out, const plain_state *s, const double *M, size_t a, size_t b)
{
    size_t n = s->dim, a0 = plain_block(s, a), a1 = plain_block(s, a + 1), b0 = plain_block(s, b), b1 = plain_block(s, b + 1);
    double shift = 0; /* a = b: the largest, not the most negative eigenvalue is wanted */
    for (size_t i = a0; a == b && i < a1; i++)
        for (size_t j = a0; j < a1; j++)
            shift += fabs(M[i * n + j]);
    memset(out, 0, n * sizeof *out);
    for (size_t e = b0; e < b1; e++)
        out[e] = 1 + 0.3 * sin(1.7 * (double)e);
    for (int t = 0; t < 60; t++)
        for (int side = 0; side < 2; side++) {
            size_t to0 = side ? b0 : a0, to1 = side ? b1 : a1, from0 = side ? a0 : b0, from1 = side ? a1 : b1;
            double next[64], norm = 0;
            for (size_t i = to0; i < to1; i++) {
                next[i - to0] = shift * out[i];
                for (size_t j = from0; j < from1; j++)
                    next[i - to0] += M[i * n + j] * out[j];
                norm += next[i - to0] * next[i - to0];
            }
            for (size_t i = to0; i < to1; i++)
                out[i] = norm > 0 ? next[i - to0] / sqrt(norm) : 0;
        }
}

/* The pair of blocks of entry e of a family. */
void comparison_blocks(size_t *a, size_t *b, const fp_comparison *B, int f, size_t e)
{
    size_t d = B->d, key = f < KQ ? e : (size_t)B->key[e], query = f < KQ ? e : (size_t)B->query[e];
    size_t v = 1, k = 1 + d, q = 1 + 2 * d;
    *a = f <= UQ ? 0 : f == KK ? k + e : f == QQ ? q + e : f == QV ? q + key : k + key;
    *b = f == UV ? v + e : f == UK || f == KK ? k + e : f == UQ || f == QQ ? q + e : f == KQ ? q + query : v + query;
}

static double uniform(fp_rng *r)
{
    return (double)(fp_rng_u32(r) >> 1) * 0x1p-30 - 1;
}

void plain_sparse_direction(double *out, const plain_state *s, fp_rng *r, uint64_t most)
{
    size_t blocks = 3 * (size_t)s->shape.d + 1;
    memset(out, 0, s->dim * sizeof *out);
    for (uint64_t c = 1 + fp_rng_below(r, most); c > 0; c--) {
        size_t b = fp_rng_below(r, 4) == 0 ? 0 : (size_t)fp_rng_below(r, blocks);
        double size = exp(3 * uniform(r));
        for (size_t e = plain_block(s, b); e < plain_block(s, b + 1); e++) out[e] = size * uniform(r);
    }
}
