/* SPDX-License-Identifier: MIT */
/* What the files of growth share. */
#ifndef FP_GROWTH_IMPL_H
#define FP_GROWTH_IMPL_H

#include "certify_impl.h"

/* Sums of vectors that the mixed block needs: group e is the pair (first, second) and runs over entries begin[e] .. begin[e+1] - 1, each a triple and the token it multiplies. */
typedef struct {
    size_t groups;
    size_t *begin;         /* groups + 1 */
    size_t *pair;          /* groups: index of (first, second) */
    size_t *triple, *term; /* count each */
} fp_slices;

/* The distinct triples (nu, mu, kappa) = (key h, query l, key j) of tokens of one sample. */
typedef struct {
    size_t count;
    size_t *of;           /* n x L x L x L: triple of (i, l, h, j) */
    double *centre;       /* count: numbers near H */
    mag_ptr size, spread; /* count: >= |centre|, >= |H - centre| over the tube */
    fp_slices by_kappa, by_mu, by_nu; /* sums over kappa for (nu, mu); over mu for (nu, kappa); over nu for (mu, kappa) */
} fp_triples;
void fp_triples_init(fp_triples *t, const fp_series_shape *shape);
void fp_triples_clear(fp_triples *t);

/* Vectors of the d tokens over the tube: near the doubles x, no further than `gap`, no longer than `top`; `held` >= |x|. gap has the rounding of sums of at most d + 1 products in it. */
typedef struct {
    const double *x; /* borrowed */
    size_t d, rows;
    mag_ptr gap, top, held; /* d each */
    double *gram;           /* d x d, NULL if that is too much to keep */
} fp_cloud;
void fp_cloud_init(fp_cloud *c, size_t d, size_t rows, const double *x);
void fp_cloud_clear(fp_cloud *c);
void fp_cloud_set(fp_cloud *c, mag_srcptr off, mag_srcptr norm, const mag_t r);
double fp_cloud_product(const fp_cloud *c, size_t a, size_t b); /* x_a.x_b, about: rows + 1 roundings */

/* Arithmetic in double that ends in a bound; growth_double.c has the error analysis. */
void fp_double_upper(mag_t out, double x);              /* >= |x|; infinite if x is not a finite number */
void fp_double_rounding(mag_t out, size_t count);       /* >= relative error of `count` operations */
double fp_double_dot(const double *x, const double *y, size_t n);
void fp_double_add_multiple(double *sum, double a, const double *x, size_t n);
void fp_double_norm(mag_t out, const double *x, size_t n); /* >= 2-norm */

struct fp_growth {
    size_t d;
    double *w;
    fp_comparison B;
    fp_triples triples;
    fp_growth_vectors at;
    fp_cloud v, k, q; /* set by fp_growth_prepare */
};

/* From the series, over the sub-interval of x. */
void fp_growth_set_vectors(fp_growth_vectors *at, const fp_series *s, const fp_range *x);

#endif
