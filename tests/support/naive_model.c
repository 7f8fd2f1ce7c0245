/* SPDX-License-Identifier: MIT */
#include "naive_model.h"

typedef struct {
    const fp_problem *p;
    const fp_layout *at;
    const fp_vec *y;
    mpfr_t a, b, c;
} model;

static void model_init(model *s, const fp_problem *p, const fp_layout *at, const fp_vec *y)
{
    *s = (model){.p = p, .at = at, .y = y};
    mpfr_inits2(fp_vec_prec(y), s->a, s->b, s->c, (mpfr_ptr)0);
}

static void model_clear(model *s)
{
    mpfr_clears(s->a, s->b, s->c, (mpfr_ptr)0);
}

static void add_product(mpfr_ptr sum, model *s, const fp_vec *x, size_t i, const fp_vec *z, size_t j, int sign)
{
    fp_vec_get(s->a, x, i);
    fp_vec_get(s->b, z, j);
    mpfr_mul(s->a, s->a, s->b, MPFR_RNDN);
    mpfr_mul_si(s->a, s->a, sign, MPFR_RNDN);
    mpfr_add(sum, sum, s->a, MPFR_RNDN);
}

/* sum += u(x) . z[j..], u(x) = sum_j a_j w_j in weights form */
static void add_u_product(mpfr_ptr sum, model *s, const fp_vec *x, const fp_vec *z, size_t j)
{
    size_t rows = (size_t)s->at->rows_v;
    for (size_t r = 0; r < rows; r++)
        if (s->at->kind != FP_FLOW_WEIGHTS)
            add_product(sum, s, x, s->at->u + r, z, j + r, 1);
        else
            for (size_t k = 0; k < (size_t)s->p->m1; k++)
                add_product(sum, s, x, s->at->W + k * rows + r, z, j + r, s->p->a[k]);
}

static void add_dot(mpfr_ptr sum, model *s, const fp_vec *x, size_t i, const fp_vec *z, size_t j, size_t rows)
{
    for (size_t r = 0; r < rows; r++)
        add_product(sum, s, x, i + r, z, j + r, 1);
}

static void output(mpfr_ptr G, model *s, size_t mu)
{
    mpfr_set_zero(G, 1);
    if (s->at->has_vectors)
        add_u_product(G, s, s->y, s->y, s->at->V + mu * (size_t)s->at->rows_v);
    else
        fp_vec_get(G, s->y, s->at->G + mu);
}

static void score(mpfr_ptr out, model *s, size_t nu, size_t mu)
{
    size_t rows = (size_t)s->at->rows_k;
    mpfr_set_zero(out, 1);
    if (s->at->has_vectors)
        add_dot(out, s, s->y, s->at->K + nu * rows, s->y, s->at->Q + mu * rows, rows);
    else
        fp_vec_get(out, s->y, s->at->A + nu * (size_t)s->at->d + mu);
}

/* F_i = sum_l sum_k softmax_k(score/sqrt m) G(x_k) */
static void sample_output(mpfr_ptr F, model *s, size_t i)
{
    size_t L = (size_t)s->p->L;
    const int *x = s->p->token + i * L;
    mpfr_t e, Z, top, G, root;
    mpfr_inits2(fp_vec_prec(s->y), e, Z, top, G, root, (mpfr_ptr)0);
    mpfr_sqrt_ui(root, (unsigned long)s->p->m, MPFR_RNDN);
    mpfr_set_zero(F, 1);
    for (size_t l = 0; l < L; l++) {
        mpfr_set_zero(Z, 1);
        mpfr_set_zero(top, 1);
        for (size_t k = 0; k < L; k++) {
            score(e, s, (size_t)x[k] - 1, (size_t)x[l] - 1);
            mpfr_div(e, e, root, MPFR_RNDN);
            mpfr_exp(e, e, MPFR_RNDN);
            mpfr_add(Z, Z, e, MPFR_RNDN);
            output(G, s, (size_t)x[k] - 1);
            mpfr_mul(e, e, G, MPFR_RNDN);
            mpfr_add(top, top, e, MPFR_RNDN);
        }
        mpfr_div(top, top, Z, MPFR_RNDN);
        mpfr_add(F, F, top, MPFR_RNDN);
    }
    mpfr_clears(e, Z, top, G, root, (mpfr_ptr)0);
}

void naive_loss(mpfr_ptr loss, fp_reals *F, const fp_problem *p, const fp_layout *at, const fp_vec *y)
{
    model s;
    model_init(&s, p, at, y);
    mpfr_set_zero(loss, 1);
    for (size_t i = 0; i < (size_t)p->n; i++) {
        sample_output(s.c, &s, i);
        if (F != NULL)
            mpfr_set(F->x + i, s.c, MPFR_RNDN);
        mpfr_mul_si(s.c, s.c, -p->label[i], MPFR_RNDN);
        mpfr_exp(s.c, s.c, MPFR_RNDN);
        mpfr_log1p(s.c, s.c, MPFR_RNDN);
        mpfr_add(loss, loss, s.c, MPFR_RNDN);
    }
    mpfr_div_ui(loss, loss, (unsigned long)p->n, MPFR_RNDN);
    model_clear(&s);
}

/* out = -(loss(y + h e) - loss(y - h e))/(2h), h = 2^-90 */
static void minus_slope(mpfr_ptr out, const fp_problem *p, const fp_layout *at, fp_vec *y, size_t e)
{
    mpfr_t centre, h, plus, minus;
    mpfr_inits2(fp_vec_prec(y), centre, h, plus, minus, (mpfr_ptr)0);
    mpfr_set_ui_2exp(h, 1, -90, MPFR_RNDN);
    fp_vec_get(centre, y, e);
    mpfr_add(plus, centre, h, MPFR_RNDN);
    fp_vec_set(y, e, plus);
    naive_loss(plus, NULL, p, at, y);
    mpfr_sub(minus, centre, h, MPFR_RNDN);
    fp_vec_set(y, e, minus);
    naive_loss(minus, NULL, p, at, y);
    fp_vec_set(y, e, centre);
    mpfr_sub(out, minus, plus, MPFR_RNDN);
    mpfr_mul_2ui(out, out, 89, MPFR_RNDN);
    mpfr_clears(centre, h, plus, minus, (mpfr_ptr)0);
}

static void vector_field(fp_vec *dy, const fp_problem *p, const fp_layout *at, fp_vec *y)
{
    mpfr_t x;
    mpfr_init2(x, fp_vec_prec(y));
    for (size_t e = 0; e < at->dim; e++) {
        minus_slope(x, p, at, y, e);
        if (e < at->V && at->kind != FP_FLOW_WEIGHTS)
            mpfr_mul_si(x, x, at->m1, MPFR_RNDN);
        fp_vec_set(dy, e, x);
    }
    mpfr_clear(x);
}

/* sum += x[i] z[j] */
static void add3(mpfr_ptr sum, model *s, const fp_vec *x, size_t i, const fp_vec *z, size_t j)
{
    add_product(sum, s, x, i, z, j, 1);
}

/* A' = P N + N R, P' = A N^T + N A^T, R' = A^T N + N^T A, B' = c G^T + G c^T at (a,b); N, c are stored where A, G are in `slope` */
static void matrices_at(fp_vec *dy, model *s, const fp_vec *slope, size_t a, size_t b)
{
    const fp_layout *at = s->at;
    const fp_vec *y = s->y;
    size_t d = (size_t)at->d, A = at->A, P = at->P, R = at->R;
    mpfr_set_zero(s->c, 1);
    for (size_t x = 0; x < d; x++) {
        add3(s->c, s, y, P + a * d + x, slope, A + x * d + b);
        add3(s->c, s, slope, A + a * d + x, y, R + x * d + b);
    }
    fp_vec_set(dy, A + a * d + b, s->c);
    mpfr_set_zero(s->c, 1);
    for (size_t x = 0; x < d; x++) {
        add3(s->c, s, y, A + a * d + x, slope, A + b * d + x);
        add3(s->c, s, slope, A + a * d + x, y, A + b * d + x);
    }
    fp_vec_set(dy, P + a * d + b, s->c);
    mpfr_set_zero(s->c, 1);
    for (size_t x = 0; x < d; x++) {
        add3(s->c, s, y, A + x * d + a, slope, A + x * d + b);
        add3(s->c, s, slope, A + x * d + a, y, A + x * d + b);
    }
    fp_vec_set(dy, R + a * d + b, s->c);
    mpfr_set_zero(s->c, 1);
    add3(s->c, s, slope, at->G + a, y, at->G + b);
    add3(s->c, s, y, at->G + a, slope, at->G + b);
    fp_vec_set(dy, at->B + a * d + b, s->c);
}

/* G' = rho c + m1 B c, rho' = 2 m1 G.c */
static void outputs_at(fp_vec *dy, model *s, const fp_vec *slope)
{
    const fp_layout *at = s->at;
    size_t d = (size_t)at->d;
    mpfr_set_zero(s->c, 1);
    for (size_t a = 0; a < d; a++)
        add3(s->c, s, s->y, at->G + a, slope, at->G + a);
    mpfr_mul_si(s->c, s->c, 2 * at->m1, MPFR_RNDN);
    fp_vec_set(dy, at->rho, s->c);
    for (size_t a = 0; a < d; a++) {
        mpfr_set_zero(s->c, 1);
        for (size_t b = 0; b < d; b++)
            add3(s->c, s, s->y, at->B + a * d + b, slope, at->G + b);
        mpfr_mul_si(s->c, s->c, at->m1, MPFR_RNDN);
        add3(s->c, s, s->y, at->rho, slope, at->G + a);
        fp_vec_set(dy, at->G + a, s->c);
    }
}

static void gram_field(fp_vec *dy, const fp_problem *p, const fp_layout *at, fp_vec *y)
{
    size_t d = (size_t)at->d;
    fp_vec *slope = fp_vec_new(at->dim, fp_vec_prec(y));
    model s;
    model_init(&s, p, at, y);
    for (size_t e = 0; e < d * d; e++) {
        minus_slope(s.c, p, at, y, at->A + e);
        fp_vec_set(slope, at->A + e, s.c);
    }
    for (size_t e = 0; e < d; e++) {
        minus_slope(s.c, p, at, y, at->G + e);
        fp_vec_set(slope, at->G + e, s.c);
    }
    for (size_t a = 0; a < d; a++)
        for (size_t b = 0; b < d; b++)
            matrices_at(dy, &s, slope, a, b);
    outputs_at(dy, &s, slope);
    model_clear(&s);
    fp_vec_free(slope);
}

void naive_field(fp_vec *dy, const fp_problem *p, const fp_layout *at, const fp_vec *y)
{
    fp_vec *fine = fp_vec_new(at->dim, fp_vec_prec(y) + 144);
    fp_vec_copy(fine, y);
    if (at->has_vectors)
        vector_field(dy, p, at, fine);
    else
        gram_field(dy, p, at, fine);
    fp_vec_free(fine);
}

/* out[o] = x[i] . y[j], dout[o] its derivative */
static void set_dot(fp_vec *out, fp_vec *dout, size_t o, model *s, const fp_vec *dy, size_t i, size_t j, size_t rows)
{
    mpfr_set_zero(s->c, 1);
    add_dot(s->c, s, s->y, i, s->y, j, rows);
    fp_vec_set(out, o, s->c);
    if (dy == NULL)
        return;
    mpfr_set_zero(s->c, 1);
    add_dot(s->c, s, dy, i, s->y, j, rows);
    add_dot(s->c, s, s->y, i, dy, j, rows);
    fp_vec_set(dout, o, s->c);
}

/* u as a block of its own behind the tokens' vectors, so that u.v and |u|^2 are dots */
static void append_u(fp_vec *z, model *s, const fp_vec *y)
{
    size_t rows = (size_t)s->at->rows_v;
    fp_vec *unit = fp_vec_new(rows, fp_vec_prec(y));
    for (size_t e = 0; e < s->at->dim; e++) {
        fp_vec_get(s->c, y, e);
        fp_vec_set(z, e, s->c);
    }
    for (size_t r = 0; r < rows; r++) {
        fp_vec_zero(unit, 0, rows);
        fp_vec_set_d(unit, r, 1.0);
        mpfr_set_zero(s->c, 1);
        add_u_product(s->c, s, y, unit, 0);
        fp_vec_set(z, s->at->dim + r, s->c);
    }
    fp_vec_free(unit);
}

void naive_gram(fp_vec *out, fp_vec *dout, const fp_problem *p, const fp_layout *at, const fp_vec *y, const fp_vec *dy)
{
    size_t d = (size_t)at->d, rv = (size_t)at->rows_v, rk = (size_t)at->rows_k, u = at->dim;
    fp_vec *z = fp_vec_new(at->dim + rv, fp_vec_prec(y)), *dz = dy == NULL ? NULL : fp_vec_new(at->dim + rv, fp_vec_prec(y));
    model s;
    model_init(&s, p, at, z);
    append_u(z, &s, y);
    if (dy != NULL)
        append_u(dz, &s, dy);
    for (size_t a = 0; a < d; a++) {
        for (size_t b = 0; b < d; b++) {
            set_dot(out, dout, a * d + b, &s, dz, at->K + a * rk, at->Q + b * rk, rk);
            set_dot(out, dout, (d + a) * d + b, &s, dz, at->K + a * rk, at->K + b * rk, rk);
            set_dot(out, dout, (2 * d + a) * d + b, &s, dz, at->Q + a * rk, at->Q + b * rk, rk);
            set_dot(out, dout, (3 * d + a) * d + b, &s, dz, at->V + a * rv, at->V + b * rv, rv);
        }
        set_dot(out, dout, 4 * d * d + a, &s, dz, at->V + a * rv, u, rv);
    }
    set_dot(out, dout, 4 * d * d + d, &s, dz, u, u, rv);
    model_clear(&s);
    fp_vec_free(z);
    fp_vec_free(dz);
}
