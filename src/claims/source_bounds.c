/* SPDX-License-Identifier: MIT */
/* Base quantities in double precision, kept until the next state. Products of vectors are summed in double: with u = 2^-53, a sum of n products is off by at most
 * n u/(1 - n u) sum |x y| in any order (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., (3.5)), and entries known to within rx and ry add
 * ry |x|_1 + rx |y|_1 + n rx ry. Everything else is computed in balls and converted. */
#include "source_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bounds.h"

typedef struct {
    double sum, norm, radius; /* at least |x|_1, |x|_2, the largest error of an entry */
} vector_size;

typedef struct {
    double *x;
    vector_size *size;
    uint64_t *stamp;
} vector_table;

typedef struct {
    fp_bound *bound;
    uint64_t *stamp;
} scalar_table;

struct fp_bounds {
    vector_table vector[FP_VECTORS];
    scalar_table scalar[FP_BASE_COUNT];
};

void fp_bounds_free(struct fp_bounds *b)
{
    if (!b) return;
    for (int v = 0; v < FP_VECTORS; v++) {
        free(b->vector[v].x);
        free(b->vector[v].size);
        free(b->vector[v].stamp);
    }
    for (int r = 0; r < FP_BASE_COUNT; r++) {
        free(b->scalar[r].bound);
        free(b->scalar[r].stamp);
    }
    free(b);
}

/* ---- vectors */
static size_t vector_count(const fp_source *s, int vector)
{
    return vector == FP_VECTOR_U ? 1 : (size_t)(vector == FP_VECTOR_W ? s->layout.m1 : s->layout.d);
}

static void convert(double *x, vector_size *size, arb_srcptr balls, long rows)
{
    fp_bound entry;
    double sum = 0, square = 0, radius = 0;
    for (long r = 0; r < rows; r++) {
        fp_bound_set_ball(&entry, balls + r);
        x[r] = entry.x;
        sum += fabs(entry.x);
        square += entry.x * entry.x;
        radius = entry.r > radius ? entry.r : radius;
    }
    double slack = 1 + 4 * (double)rows * FP_BOUND_UNIT;
    *size = (vector_size){fp_bound_up(sum * slack), fp_bound_up(sqrt(square * slack + DBL_MIN * (double)rows)), radius};
}

static const double *vector_at(const vector_size **size, fp_source *s, int vector, long i)
{
    vector_table *t = &s->bounds->vector[vector];
    size_t rows = (size_t)fp_state_rows(s, vector), count = vector_count(s, vector), at = (size_t)i;
    if (!t->x) {
        t->x = fp_alloc(rows * count, sizeof *t->x);
        t->size = fp_alloc(count, sizeof *t->size);
        t->stamp = fp_alloc(count, sizeof *t->stamp);
    }
    if (t->stamp[at] != s->now) convert(t->x + at * rows, t->size + at, fp_state_vector(s, vector, i), (long)rows);
    t->stamp[at] = s->now;
    *size = t->size + at;
    return t->x + at * rows;
}

static double sum_products(const double *x, const double *y, long rows)
{
    double part[4] = {0, 0, 0, 0};
    long r = 0;
    for (; r + 4 <= rows; r += 4)
        for (int k = 0; k < 4; k++) part[k] += x[r + k] * y[r + k];
    for (; r < rows; r++) part[0] += x[r] * y[r];
    return (part[0] + part[1]) + (part[2] + part[3]);
}

static void multiply(fp_bound *out, fp_source *s, int left, long i, int right, long k)
{
    const vector_size *a, *b;
    const double *x = vector_at(&a, s, left, i), *y = vector_at(&b, s, right, k);
    double rows = (double)fp_state_rows(s, left);
    out->x = sum_products(x, y, (long)rows);
    double rounding = rows * FP_BOUND_UNIT * a->norm * b->norm + rows * DBL_MIN;
    out->r = fp_bound_up(rounding + b->radius * a->sum + a->radius * b->sum + rows * a->radius * b->radius);
    if (!isfinite(out->x) || !isfinite(out->r)) *out = (fp_bound){0, INFINITY};
}

/* ---- scalars */
static bool product(fp_bound *out, fp_source *s, fp_base base, const long *x)
{
    if (!s->layout.has_vectors) return false;
    switch (base) {
    case FP_BASE_G: multiply(out, s, FP_VECTOR_U, 0, FP_VECTOR_V, x[0]); return true;
    case FP_BASE_SCORE: multiply(out, s, FP_VECTOR_K, x[0], FP_VECTOR_Q, x[1]); return true;
    case FP_BASE_KK: multiply(out, s, FP_VECTOR_K, x[0], FP_VECTOR_K, x[1]); return true;
    case FP_BASE_QQ: multiply(out, s, FP_VECTOR_Q, x[0], FP_VECTOR_Q, x[1]); return true;
    case FP_BASE_VV: multiply(out, s, FP_VECTOR_V, x[0], FP_VECTOR_V, x[1]); return true;
    case FP_BASE_WV: multiply(out, s, FP_VECTOR_W, x[0], FP_VECTOR_V, x[1]); return true;
    default: return false;
    }
}

static bool from_ball(fp_bound *out, fp_source *s, fp_base base, const long *x)
{
    const char *why = NULL;
    long index[4] = {x[0] + 1, x[1] + 1, x[2] + 1, 1};
    arb_t value;
    arb_init(value);
    bool ok = fp_source_scalar(value, s, base, index, 0, FP_BY_EQUATIONS, &why);
    if (ok) fp_bound_set_ball(out, value);
    arb_clear(value);
    return ok;
}

static long limit(const fp_source *s, char letter)
{
    return letter == 's' ? s->layout.n : letter == 't' ? s->layout.d : letter == 'j' ? s->layout.m1 : s->layout.L;
}

static scalar_table *scalars(fp_source *s, fp_base base)
{
    scalar_table *t = &s->bounds->scalar[base];
    size_t count = 1;
    if (t->bound) return t;
    for (const char *letter = fp_base_indices(base); *letter; letter++) count *= (size_t)limit(s, *letter);
    t->bound = fp_alloc(count, sizeof *t->bound);
    t->stamp = fp_alloc(count, sizeof *t->stamp);
    return t;
}

static bool look_up(fp_bound *out, fp_source *s, scalar_table *t, fp_base base, const long *x, size_t at)
{
    if (t->stamp[at] != s->now) {
        if (!product(t->bound + at, s, base, x) && !from_ball(t->bound + at, s, base, x)) return false;
        t->stamp[at] = s->now;
    }
    *out = t->bound[at];
    return true;
}

bool fp_source_bounds(fp_bound *out, fp_source *s, fp_base base, const long *const *index, size_t count)
{
    const char *letters = fp_base_indices(base);
    size_t arity = strlen(letters);
    if (s->tube || arity == 0 || arity > 3) return false; /* tables of a tube change by keeping, too */
    if (!s->bounds) s->bounds = fp_alloc(1, sizeof *s->bounds);
    if (base == FP_BASE_WV && fp_state_why_no_neurons(s)) return false;
    scalar_table *t = scalars(s, base);
    for (size_t k = 0; k < count; k++) {
        long x[3] = {0, 0, 0};
        size_t at = 0;
        for (size_t r = 0; r < arity; r++) {
            long most = limit(s, letters[r]);
            if (index[r][k] < 1 || index[r][k] > most) return false;
            x[r] = index[r][k] - 1;
            at = at * (size_t)most + (size_t)x[r];
        }
        if (!look_up(out + k, s, t, base, x, at)) return false;
    }
    return true;
}
