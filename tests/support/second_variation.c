/* SPDX-License-Identifier: MIT */
#include "second_variation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void list_pairs(fp_series_shape *s)
{
    size_t d = (size_t)s->d, L = (size_t)s->L;
    long *pair_of = fp_alloc(d * d, sizeof *pair_of);
    for (size_t e = 0; e < (size_t)s->n * L * L; e++) {
        const long *token = s->token + e / (L * L) * L;
        pair_of[token[e / L % L] * s->d + token[e % L]] = 1;
    }
    s->key = fp_alloc(d * d, sizeof *s->key);
    s->query = fp_alloc(d * d, sizeof *s->query);
    for (size_t e = 0; e < d * d; e++) {
        if (pair_of[e] == 1) {
            s->key[s->pairs] = (long)(e / d);
            s->query[s->pairs] = (long)(e % d);
            pair_of[e] = (long)s->pairs++;
        } else {
            pair_of[e] = -1;
        }
    }
    s->pair_of = pair_of;
}

void plain_init(plain_state *s, const fp_problem *p, long rows_v, long rows_k)
{
    size_t n = (size_t)p->n, L = (size_t)p->L, d = (size_t)p->d;
    long *token = fp_alloc(n * L, sizeof *token);
    int *label = fp_alloc(n, sizeof *label);
    for (size_t e = 0; e < n * L; e++)
        token[e] = p->token[e] - 1;
    memcpy(label, p->label, n * sizeof *label);
    *s = (plain_state){.shape = {.n = p->n, .L = p->L, .d = p->d, .m = p->m, .m1 = p->m1, .rows_v = rows_v, .rows_k = rows_k, .token = token, .label = label}};
    list_pairs(&s->shape);
    s->v = (size_t)rows_v;
    s->k = s->v + d * (size_t)rows_v;
    s->q = s->k + d * (size_t)rows_k;
    s->dim = s->q + d * (size_t)rows_k;
    s->x = fp_alloc(s->dim, sizeof *s->x);
}

void plain_clear(plain_state *s)
{
    free((void *)s->shape.token);
    free((void *)s->shape.label);
    free(s->shape.key);
    free(s->shape.query);
    free(s->shape.pair_of);
    free(s->x);
    *s = (plain_state){0};
}

void plain_copy(plain_state *out, const plain_state *s)
{
    memcpy(out->x, s->x, s->dim * sizeof *s->x);
}

void plain_set(plain_state *s, const fp_layout *at, const fp_vec *y)
{
    const size_t to[] = {0, s->v, s->k, s->q, s->dim}, from[] = {at->u, at->V, at->K, at->Q};
    mpfr_t x;
    mpfr_init2(x, fp_vec_prec(y));
    for (int block = 0; block < 4; block++)
        for (size_t e = to[block]; e < to[block + 1]; e++) {
            fp_vec_get(x, y, from[block] + e - to[block]);
            s->x[e] = mpfr_get_d(x, MPFR_RNDN);
        }
    mpfr_clear(x);
}

void plain_move(plain_state *s, double scale, const double *direction)
{
    for (size_t e = 0; e < s->dim; e++)
        s->x[e] += scale * direction[e] * (e < s->v ? sqrt((double)s->shape.m1) : 1);
}

/* value, first and second derivative along the line */
typedef struct {
    long double a, b, c;
} jet;

static jet jet_product(jet x, jet y)
{
    return (jet){x.a * y.a, x.a * y.b + x.b * y.a, x.a * y.c + 2 * x.b * y.b + x.c * y.a};
}

static jet jet_quotient(jet x, jet y)
{
    jet z = {.a = x.a / y.a};
    z.b = (x.b - z.a * y.b) / y.a;
    z.c = (x.c - 2 * z.b * y.b - z.a * y.c) / y.a;
    return z;
}

static jet jet_exp(jet x)
{
    long double e = expl(x.a);
    return (jet){e, e * x.b, e * (x.c + x.b * x.b)};
}

static jet jet_sum(jet x, jet y)
{
    return (jet){x.a + y.a, x.b + y.b, x.c + y.c};
}

/* (x + e s dx).(y + e dy)/root */
static jet jet_dot(const double *x, const double *dx, long double s, const double *y, const double *dy, size_t rows, long double root)
{
    jet sum = {0, 0, 0};
    for (size_t r = 0; r < rows; r++)
        sum = jet_sum(sum, jet_product((jet){x[r], dx ? s * dx[r] : 0, 0}, (jet){y[r], dy ? dy[r] : 0, 0}));
    return (jet){sum.a / root, sum.b / root, sum.c / root};
}

static const double *part(const double *direction, size_t at)
{
    return direction ? direction + at : NULL;
}

static void set_jets(jet *G, jet *s, const plain_state *x, const double *direction)
{
    size_t rows_v = (size_t)x->shape.rows_v, rows_k = (size_t)x->shape.rows_k;
    for (size_t t = 0; t < (size_t)x->shape.d; t++)
        G[t] = jet_dot(x->x, direction, sqrtl((long double)x->shape.m1), x->x + x->v + t * rows_v, part(direction, x->v + t * rows_v), rows_v, 1);
    for (size_t e = 0; e < x->shape.pairs; e++) {
        size_t k = x->k + (size_t)x->shape.key[e] * rows_k, q = x->q + (size_t)x->shape.query[e] * rows_k;
        s[e] = jet_dot(x->x + k, part(direction, k), 1, x->x + q, part(direction, q), rows_k, sqrtl((long double)x->shape.m));
    }
}

/* sum_h softmax_h G_h of one row; p (L) if not NULL */
static jet row_output(long double *p, const jet *G, const jet *s, const fp_series_shape *shape, const long *token, size_t l)
{
    jet Z = {0, 0, 0}, top = {0, 0, 0};
    size_t L = (size_t)shape->L;
    for (size_t h = 0; h < L; h++) {
        jet e = jet_exp(s[shape->pair_of[token[h] * shape->d + token[l]]]);
        Z = jet_sum(Z, e);
        top = jet_sum(top, jet_product(e, G[token[h]]));
        if (p)
            p[h] = e.a;
    }
    for (size_t h = 0; p && h < L; h++)
        p[h] /= Z.a;
    return jet_quotient(top, Z);
}

void plain_outputs(long double *F, long double *dF, long double *ddF, const plain_state *x, const double *direction)
{
    jet *G = fp_alloc((size_t)x->shape.d, sizeof *G), *s = fp_alloc(x->shape.pairs, sizeof *s);
    set_jets(G, s, x, direction);
    for (size_t i = 0; i < (size_t)x->shape.n; i++) {
        jet sum = {0, 0, 0};
        for (size_t l = 0; l < (size_t)x->shape.L; l++)
            sum = jet_sum(sum, row_output(NULL, G, s, &x->shape, x->shape.token + i * (size_t)x->shape.L, l));
        if (F) F[i] = sum.a;
        if (dF) dF[i] = sum.b;
        if (ddF) ddF[i] = sum.c;
    }
    free(G);
    free(s);
}

static long double logistic(const plain_state *x, size_t i, long double F)
{
    return 1 / (1 + expl(x->shape.label[i] * F));
}

static long double second_variation(const plain_state *x, const double *direction, long double gauss_newton)
{
    size_t n = (size_t)x->shape.n;
    long double *F = fp_alloc(3 * n, sizeof *F), sum = 0;
    plain_outputs(F, F + n, F + 2 * n, x, direction);
    for (size_t i = 0; i < n; i++) {
        long double g = logistic(x, i, F[i]);
        sum += g * x->shape.label[i] * F[2 * n + i] - gauss_newton * g * (1 - g) * F[n + i] * F[n + i];
    }
    free(F);
    return sum / (long double)n;
}

long double plain_M(const plain_state *x, const double *direction)
{
    return second_variation(x, direction, 0);
}

long double plain_minus_hessian(const plain_state *x, const double *direction)
{
    return second_variation(x, direction, 1);
}

double *plain_M_dense(const plain_state *x, size_t first)
{
    size_t n = x->dim - first;
    double *M = fp_alloc(n * n, sizeof *M), *e = fp_alloc(x->dim, sizeof *e);
    long double *diagonal = fp_alloc(n, sizeof *diagonal);
    for (size_t a = 0; a < n; a++) {
        e[first + a] = 1;
        diagonal[a] = plain_M(x, e);
        M[a * n + a] = (double)diagonal[a];
        for (size_t b = 0; b < a; b++) {
            e[first + b] = 1;
            M[a * n + b] = M[b * n + a] = (double)((plain_M(x, e) - diagonal[a] - diagonal[b]) / 2);
            e[first + b] = 0;
        }
        e[first + a] = 0;
    }
    free(diagonal);
    free(e);
    return M;
}

/* Whether lambda I - A has a Cholesky factor; C is scratch. */
static bool is_above(double lambda, const double *A, double *C, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = (i == j ? lambda : 0) - A[i * n + j];
            for (size_t k = 0; k < j; k++)
                sum -= C[i * n + k] * C[j * n + k];
            if (i == j && !(sum > 0))
                return false;
            C[i * n + j] = i == j ? sqrt(sum) : sum / C[j * n + j];
        }
    return true;
}

double largest_eigenvalue(const double *A, size_t n)
{
    double norm = 0, *C = fp_alloc(n * n, sizeof *C);
    for (size_t i = 0; i < n; i++) {
        double row = 0;
        for (size_t j = 0; j < n; j++)
            row += fabs(A[i * n + j]);
        norm = fmax(norm, row);
    }
    double low = -norm, high = norm;
    while (high - low > norm * 0x1p-26) {
        double middle = (low + high) / 2;
        *(is_above(middle, A, C, n) ? &high : &low) = middle;
    }
    free(C);
    return low;
}

/* Long double evaluation of a few hundred operations: off by less than 2^-48 of the size of the terms. */
static void set_ball(arb_t out, long double value, long double size)
{
    mag_t error;
    mag_init(error);
    arb_set_d(out, (double)value);
    mag_set_d(error, (double)size);
    mag_mul_2exp_si(error, error, -48);
    arb_add_error_mag(out, error);
    mag_clear(error);
}

static void set_norm(mag_t out, const double *x, size_t rows)
{
    long double sum = 0;
    for (size_t r = 0; r < rows; r++)
        sum += (long double)x[r] * x[r];
    mag_set_d(out, (double)(sqrtl(sum) * (1 + 0x1p-40L)));
}

static void set_norms(fp_range *out, const plain_state *x)
{
    size_t rows_v = (size_t)x->shape.rows_v, rows_k = (size_t)x->shape.rows_k;
    set_norm(out->u, x->x, rows_v);
    for (size_t t = 0; t < (size_t)x->shape.d; t++) {
        set_norm(out->v + t, x->x + x->v + t * rows_v, rows_v);
        set_norm(out->k + t, x->x + x->k + t * rows_k, rows_k);
        set_norm(out->q + t, x->x + x->q + t * rows_k, rows_k);
    }
}

/* c and N (sums over positions), largest |G| for the size of errors */
static void add_row(long double *c, long double *N, const plain_state *x, const jet *G, const long double *p, long double o, long double gy, const long *token, size_t l)
{
    for (size_t h = 0; h < (size_t)x->shape.L; h++) {
        c[token[h]] += gy * p[h];
        N[x->shape.pair_of[token[h] * x->shape.d + token[l]]] += gy * p[h] * (G[token[h]].a - o) / sqrtl((long double)x->shape.m);
    }
}

void plain_range(fp_range *out, const plain_state *x)
{
    size_t n = (size_t)x->shape.n, L = (size_t)x->shape.L, d = (size_t)x->shape.d;
    jet *G = fp_alloc(d, sizeof *G), *s = fp_alloc(x->shape.pairs, sizeof *s);
    long double *p = fp_alloc(L, sizeof *p), *F = fp_alloc(n, sizeof *F), *c = fp_alloc(d, sizeof *c), *N = fp_alloc(x->shape.pairs, sizeof *N), size = 1;
    set_norms(out, x);
    set_jets(G, s, x, NULL);
    plain_outputs(F, NULL, NULL, x, NULL);
    for (size_t t = 0; t < d; t++)
        size = fmaxl(size, fabsl(G[t].a));
    for (size_t i = 0; i < n; i++) {
        long double g = logistic(x, i, F[i]);
        set_ball(out->F + i, F[i], size);
        set_ball(out->g + i, g, size);
        for (size_t l = 0; l < L; l++) {
            const long *token = x->shape.token + i * L;
            long double o = row_output(p, G, s, &x->shape, token, l).a;
            set_ball(out->o + i * L + l, o, size);
            for (size_t h = 0; h < L; h++)
                set_ball(out->p + (i * L + l) * L + h, p[h], 1);
            add_row(c, N, x, G, p, o, g * x->shape.label[i] / (long double)n, token, l);
        }
    }
    for (size_t t = 0; t < d; t++)
        set_ball(out->G + t, G[t].a, size), set_ball(out->c + t, c[t], size);
    for (size_t e = 0; e < x->shape.pairs; e++)
        set_ball(out->s + e, s[e].a, fmaxl(1, fabsl(s[e].a))), set_ball(out->N + e, N[e], size);
    free(G), free(s), free(p), free(F), free(c), free(N);
}

static void set_vectors(double *out, mag_ptr off, const double *x, size_t d, size_t rows)
{
    memcpy(out, x, d * rows * sizeof *out);
    for (size_t t = 0; t < d; t++)
        mag_zero(off + t);
}

void plain_vectors(fp_growth_vectors *out, const plain_state *x)
{
    size_t d = (size_t)x->shape.d;
    set_vectors(out->v, out->v_off, x->x + x->v, d, (size_t)out->rows_v);
    set_vectors(out->k, out->k_off, x->x + x->k, d, (size_t)out->rows_k);
    set_vectors(out->q, out->q_off, x->x + x->q, d, (size_t)out->rows_k);
}
