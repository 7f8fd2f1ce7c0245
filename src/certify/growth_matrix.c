/* SPDX-License-Identifier: MIT */
/* The comparison matrix B and its Collatz-Wielandt bound (7): lambda_max(B) <= max_i (B w)_i / w_i for every w > 0. The vector w is found in double and may be anything positive; the
 * quotients are formed with upward rounding. */
#include "certify_impl.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

void fp_comparison_init(fp_comparison *B, const fp_series_shape *shape)
{
    *B = (fp_comparison){.d = (size_t)shape->d, .pairs = shape->pairs, .key = shape->key, .query = shape->query};
    slong d = (slong)B->d, pairs = (slong)B->pairs;
    B->uv = _mag_vec_init(d), B->uk = _mag_vec_init(d), B->uq = _mag_vec_init(d);
    B->kk = _mag_vec_init(d), B->qq = _mag_vec_init(d);
    B->kq = _mag_vec_init(pairs), B->kv = _mag_vec_init(pairs), B->qv = _mag_vec_init(pairs);
}

void fp_comparison_clear(fp_comparison *B)
{
    if (B->uv == NULL)
        return;
    slong d = (slong)B->d, pairs = (slong)B->pairs;
    _mag_vec_clear(B->uv, d), _mag_vec_clear(B->uk, d), _mag_vec_clear(B->uq, d);
    _mag_vec_clear(B->kk, d), _mag_vec_clear(B->qq, d);
    _mag_vec_clear(B->kq, pairs), _mag_vec_clear(B->kv, pairs), _mag_vec_clear(B->qv, pairs);
    *B = (fp_comparison){0};
}

static void fill_zero(mag_ptr x, size_t count)
{
    for (size_t e = 0; e < count; e++)
        mag_zero(x + e);
}

void fp_comparison_zero(fp_comparison *B)
{
    fill_zero(B->uv, B->d), fill_zero(B->uk, B->d), fill_zero(B->uq, B->d), fill_zero(B->kk, B->d), fill_zero(B->qq, B->d);
    fill_zero(B->kq, B->pairs), fill_zero(B->kv, B->pairs), fill_zero(B->qv, B->pairs);
}

void fp_comparison_apply(mag_ptr out, const fp_comparison *B, mag_srcptr w)
{
    size_t d = B->d;
    mag_ptr v = out + 1, k = v + d, q = k + d;
    mag_srcptr wv = w + 1, wk = wv + d, wq = wk + d;
    mag_zero(out);
    for (size_t e = 0; e < d; e++) {
        mag_addmul(out, B->uv + e, wv + e), mag_addmul(out, B->uk + e, wk + e), mag_addmul(out, B->uq + e, wq + e);
        mag_mul(v + e, B->uv + e, w);
        mag_mul(k + e, B->uk + e, w), mag_addmul(k + e, B->kk + e, wk + e);
        mag_mul(q + e, B->uq + e, w), mag_addmul(q + e, B->qq + e, wq + e);
    }
    for (size_t e = 0; e < B->pairs; e++) {
        long a = B->key[e], b = B->query[e];
        mag_addmul(k + a, B->kq + e, wq + b), mag_addmul(q + b, B->kq + e, wk + a);
        mag_addmul(k + a, B->kv + e, wv + b), mag_addmul(v + b, B->kv + e, wk + a);
        mag_addmul(q + a, B->qv + e, wv + b), mag_addmul(v + b, B->qv + e, wq + a);
    }
}

/* B in double, near enough to find w with */
typedef struct {
    size_t d, pairs;
    const long *key, *query;
    double *uv, *uk, *uq, *kk, *qq, *kq, *kv, *qv;
} sketch;

static double *doubles_of(mag_srcptr x, size_t count)
{
    double *out = fp_alloc(count, sizeof *out);
    for (size_t e = 0; e < count; e++)
        out[e] = mag_get_d(x + e);
    return out;
}

static sketch sketch_of(const fp_comparison *B)
{
    return (sketch){.d = B->d, .pairs = B->pairs, .key = B->key, .query = B->query,
                    .uv = doubles_of(B->uv, B->d), .uk = doubles_of(B->uk, B->d), .uq = doubles_of(B->uq, B->d),
                    .kk = doubles_of(B->kk, B->d), .qq = doubles_of(B->qq, B->d), .kq = doubles_of(B->kq, B->pairs),
                    .kv = doubles_of(B->kv, B->pairs), .qv = doubles_of(B->qv, B->pairs)};
}

static void sketch_clear(sketch *B)
{
    double *all[] = {B->uv, B->uk, B->uq, B->kk, B->qq, B->kq, B->kv, B->qv};
    for (size_t e = 0; e < sizeof all / sizeof all[0]; e++)
        free(all[e]);
}

static void sketch_apply(double *out, const sketch *B, const double *w)
{
    size_t d = B->d;
    double *v = out + 1, *k = v + d, *q = k + d, u = 0;
    const double *wv = w + 1, *wk = wv + d, *wq = wk + d;
    for (size_t e = 0; e < d; e++) {
        u += B->uv[e] * wv[e] + B->uk[e] * wk[e] + B->uq[e] * wq[e];
        v[e] = B->uv[e] * w[0];
        k[e] = B->uk[e] * w[0] + B->kk[e] * wk[e];
        q[e] = B->uq[e] * w[0] + B->qq[e] * wq[e];
    }
    for (size_t e = 0; e < B->pairs; e++) {
        long a = B->key[e], b = B->query[e];
        k[a] += B->kq[e] * wq[b] + B->kv[e] * wv[b];
        q[b] += B->kq[e] * wk[a];
        q[a] += B->qv[e] * wv[b];
        v[b] += B->kv[e] * wk[a] + B->qv[e] * wq[a];
    }
    out[0] = u;
}

/* What any w must be for the bound to mean something; 2^-400 keeps the quotients away from underflow. */
static bool is_positive(const double *w, size_t size)
{
    for (size_t e = 0; e < size; e++)
        if (!(w[e] >= 0x1p-400 && w[e] <= 0x1p400))
            return false;
    return true;
}

static void fill_one(double *w, size_t size)
{
    for (size_t e = 0; e < size; e++)
        w[e] = 1;
}

/* Returns max_i (B w)_i / w_i, about; *mean: the Rayleigh quotient, which lambda_max(B) cannot be below. */
static double quotients(double *mean, const double *Bw, const double *w, size_t size)
{
    double most = 0, top = 0, bottom = 0;
    for (size_t e = 0; e < size; e++) {
        most = fmax(most, Bw[e] / w[e]);
        top += Bw[e] * w[e];
        bottom += w[e] * w[e];
    }
    *mean = top / bottom;
    return most;
}

/* w := (B + mean/2) w + mean 10^-6, largest entry 1. The spectrum of B is nearly symmetric (a star), hence the shift; the last term keeps w positive. */
static void iterate(double *w, const double *Bw, double mean, size_t size)
{
    double largest = 0;
    for (size_t e = 0; e < size; e++) {
        w[e] = Bw[e] + 0.5 * mean * w[e] + 1e-6 * mean;
        largest = fmax(largest, w[e]);
    }
    for (size_t e = 0; e < size; e++)
        w[e] /= largest;
}

/* At most 40 iterations; enough when the quotients are within 1/1000 of what no w can improve on. */
static void find_weights(double *w, const fp_comparison *B, size_t size)
{
    enum { ITERATIONS = 40 };
    sketch A = sketch_of(B);
    double *best = fp_alloc(size, sizeof *best), *Bw = fp_alloc(size, sizeof *Bw), least = INFINITY, mean;
    if (!is_positive(w, size))
        fill_one(w, size);
    fill_one(best, size);
    for (int t = 0; t <= ITERATIONS && is_positive(w, size); t++) {
        sketch_apply(Bw, &A, w);
        double most = quotients(&mean, Bw, w, size);
        if (most < least) {
            least = most;
            for (size_t e = 0; e < size; e++)
                best[e] = w[e];
        }
        if (!(most > 1.001 * mean))
            break;
        iterate(w, Bw, mean, size);
    }
    for (size_t e = 0; e < size; e++)
        w[e] = best[e];
    free(best);
    free(Bw);
    sketch_clear(&A);
}

void fp_comparison_bound(mag_t mu, const fp_comparison *B, double *w)
{
    size_t size = 3 * B->d + 1;
    mag_ptr exact = _mag_vec_init((slong)size), Bw = _mag_vec_init((slong)size);
    mag_t quotient;
    mag_init(quotient);
    find_weights(w, B, size);
    for (size_t e = 0; e < size; e++)
        mag_set_d(exact + e, w[e]); /* this number, whatever it is, is w_e from here on */
    fp_comparison_apply(Bw, B, exact);
    mag_zero(mu);
    for (size_t e = 0; e < size; e++) {
        mag_div(quotient, Bw + e, exact + e);
        mag_max(mu, mu, quotient);
    }
    mag_clear(quotient);
    _mag_vec_clear(exact, (slong)size);
    _mag_vec_clear(Bw, (slong)size);
}
