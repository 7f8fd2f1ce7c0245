/* SPDX-License-Identifier: MIT */
/* Double arithmetic whose error is bounded a priori. Let u = 2^-52, which bounds the relative error of one operation in every rounding mode (double rounding included), and let an operation
 * whose result is below the normal range be wrong by at most 2^-1022 (flushed to zero or not). Then a sum of n products is off by at most gamma_n sum |x_r||y_r|, gamma_n = n u/(1 - n u) <= 2 n u
 * for n u <= 1/2, in every order of summation (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1), apart from underflow: n 2^-1021. A contraction of a product and a sum to one
 * fma leaves one of the roundings out that are counted, so it does no harm. Infinities and NaN end as an infinite bound. */
#include "growth_impl.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

void fp_double_upper(mag_t out, double x)
{
    if (fabs(x) <= DBL_MAX)
        mag_set_d(out, x);
    else
        mag_inf(out);
}

void fp_double_rounding(mag_t out, size_t count)
{
    mag_set_ui_2exp_si(out, (ulong)count, -51);
}

double fp_double_dot(const double *x, const double *y, size_t n)
{
    double sum[8] = {0}, rest = 0;
    size_t r = 0;
    for (; r + 8 <= n; r += 8)
        for (size_t k = 0; k < 8; k++)
            sum[k] += x[r + k] * y[r + k];
    for (; r < n; r++)
        rest += x[r] * y[r];
    return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7])) + rest;
}

void fp_double_add_multiple(double *restrict sum, double a, const double *restrict x, size_t n)
{
    for (size_t r = 0; r < n; r++)
        sum[r] += a * x[r];
}

/* Underflow of the squares moves the norm by less than 2^-480. */
void fp_double_norm(mag_t out, const double *x, size_t n)
{
    mag_t rounding;
    mag_init(rounding);
    fp_double_upper(out, fp_double_dot(x, x, n));
    fp_double_rounding(rounding, n + 2);
    mag_mul(rounding, rounding, out);
    mag_add(out, out, rounding);
    mag_sqrt(out, out);
    mag_add_ui_2exp_si(out, out, 1, -480);
    mag_clear(rounding);
}

/* A Gram matrix that is used many times over; beyond this size products are formed when needed. */
enum { GRAM_MAX = 512 };

void fp_cloud_init(fp_cloud *c, size_t d, size_t rows, const double *x)
{
    *c = (fp_cloud){.x = x, .d = d, .rows = rows, .gap = _mag_vec_init((slong)d), .top = _mag_vec_init((slong)d), .held = _mag_vec_init((slong)d),
                    .gram = d <= GRAM_MAX ? fp_alloc(d * d, sizeof(double)) : NULL};
}

void fp_cloud_clear(fp_cloud *c)
{
    if (c->gap == NULL)
        return;
    _mag_vec_clear(c->gap, (slong)c->d);
    _mag_vec_clear(c->top, (slong)c->d);
    _mag_vec_clear(c->held, (slong)c->d);
    free(c->gram);
    *c = (fp_cloud){0};
}

static double product(const fp_cloud *c, size_t a, size_t b)
{
    return fp_double_dot(c->x + a * c->rows, c->x + b * c->rows, c->rows);
}

double fp_cloud_product(const fp_cloud *c, size_t a, size_t b)
{
    return c->gram ? c->gram[a * c->d + b] : product(c, a, b);
}

void fp_cloud_set(fp_cloud *c, mag_srcptr off, mag_srcptr norm, const mag_t r)
{
    mag_t gamma;
    mag_init(gamma);
    fp_double_rounding(gamma, c->d + 1);
    for (size_t e = 0; e < c->d; e++) {
        mag_add(c->top + e, norm + e, r);
        fp_double_norm(c->held + e, c->x + e * c->rows, c->rows);
        mag_add(c->gap + e, off + e, r);
        mag_addmul(c->gap + e, gamma, c->held + e);
    }
    for (size_t a = 0; c->gram && a < c->d; a++)
        for (size_t b = 0; b <= a; b++)
            c->gram[a * c->d + b] = c->gram[b * c->d + a] = product(c, a, b);
    mag_clear(gamma);
}
