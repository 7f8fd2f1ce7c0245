/* SPDX-License-Identifier: MIT */
#include "textbook.h"

void textbook_init(textbook *b, const fp_problem *p, const fp_layout *at, mpfr_prec_t prec)
{
    *b = (textbook){.p = p, .at = *at};
    fp_reals_init(&b->y, at->dim, prec);
    fp_reals_init(&b->dy, at->dim, prec);
    fp_reals_init(&b->p_row, (size_t)p->L, prec);
    fp_reals_init(&b->G, (size_t)p->L, prec);
    fp_reals_init(&b->c, (size_t)p->d, prec);
    mpfr_inits2(prec, b->root_m, b->F, b->o, b->g, b->x, (mpfr_ptr)0);
    mpfr_sqrt_ui(b->root_m, (unsigned long)p->m, MPFR_RNDN);
}

void textbook_clear(textbook *b)
{
    fp_reals *all[] = {&b->y, &b->dy, &b->p_row, &b->G, &b->c};
    for (size_t r = 0; r < sizeof all / sizeof *all; r++)
        fp_reals_clear(all[r]);
    mpfr_clears(b->root_m, b->F, b->o, b->g, b->x, (mpfr_ptr)0);
}

static size_t token(const textbook *b, long i, long l)
{
    return (size_t)(b->p->token[i * b->p->L + l] - 1);
}

static mpfr_ptr column(fp_reals *v, const textbook *b, size_t block, size_t t)
{
    return v->x + block + t * (size_t)b->p->m;
}

static void dot(mpfr_ptr out, mpfr_srcptr x, mpfr_srcptr y, long n)
{
    mpfr_set_zero(out, 1);
    for (long r = 0; r < n; r++)
        mpfr_fma(out, x + r, y + r, out, MPFR_RNDN);
}

static void add_multiple(mpfr_ptr y, mpfr_srcptr a, mpfr_srcptr x, long n)
{
    for (long r = 0; r < n; r++)
        mpfr_fma(y + r, a, x + r, y + r, MPFR_RNDN);
}

/* p[i,l,.] into p_row, o[i,l] into o */
static void attend(textbook *b, long i, long l)
{
    long L = b->p->L;
    mpfr_set_zero(b->x, 1);
    for (long k = 0; k < L; k++) {
        mpfr_ptr p = b->p_row.x + k;
        dot(p, column(&b->y, b, b->at.K, token(b, i, k)), column(&b->y, b, b->at.Q, token(b, i, l)), b->p->m);
        mpfr_div(p, p, b->root_m, MPFR_RNDN);
        mpfr_exp(p, p, MPFR_RNDN);
        mpfr_add(b->x, b->x, p, MPFR_RNDN);
    }
    for (long k = 0; k < L; k++)
        mpfr_div(b->p_row.x + k, b->p_row.x + k, b->x, MPFR_RNDN);
    dot(b->o, b->p_row.x, b->G.x, L);
}

/* F[i], then g y/n into g */
static void weigh(textbook *b, long i)
{
    mpfr_set_zero(b->F, 1);
    for (long k = 0; k < b->p->L; k++)
        dot(b->G.x + k, b->y.x + b->at.u, column(&b->y, b, b->at.V, token(b, i, k)), b->p->m);
    for (long l = 0; l < b->p->L; l++) {
        attend(b, i, l);
        mpfr_add(b->F, b->F, b->o, MPFR_RNDN);
    }
    mpfr_mul_si(b->g, b->F, b->p->label[i], MPFR_RNDN);
    mpfr_exp(b->g, b->g, MPFR_RNDN);
    mpfr_add_ui(b->g, b->g, 1, MPFR_RNDN);
    mpfr_si_div(b->g, b->p->label[i], b->g, MPFR_RNDN);
    mpfr_div_si(b->g, b->g, b->p->n, MPFR_RNDN);
}

/* What query position l of sample i adds to c, W_K' and W_Q' */
static void push(textbook *b, long i, long l)
{
    size_t query = token(b, i, l);
    attend(b, i, l);
    for (long k = 0; k < b->p->L; k++) {
        size_t key = token(b, i, k);
        mpfr_mul(b->x, b->g, b->p_row.x + k, MPFR_RNDN);
        mpfr_add(b->c.x + key, b->c.x + key, b->x, MPFR_RNDN);
        mpfr_sub(b->F, b->G.x + k, b->o, MPFR_RNDN);
        mpfr_mul(b->x, b->x, b->F, MPFR_RNDN);
        mpfr_div(b->x, b->x, b->root_m, MPFR_RNDN);
        add_multiple(column(&b->dy, b, b->at.K, key), b->x, column(&b->y, b, b->at.Q, query), b->p->m);
        add_multiple(column(&b->dy, b, b->at.Q, query), b->x, column(&b->y, b, b->at.K, key), b->p->m);
    }
}

static void outputs(textbook *b)
{
    for (size_t t = 0; t < (size_t)b->p->d; t++) {
        add_multiple(column(&b->dy, b, b->at.V, t), b->c.x + t, b->y.x + b->at.u, b->p->m);
        mpfr_mul_si(b->x, b->c.x + t, b->p->m1, MPFR_RNDN);
        add_multiple(b->dy.x + b->at.u, b->x, column(&b->y, b, b->at.V, t), b->p->m);
    }
}

void textbook_field(fp_vec *dy, textbook *b, const fp_vec *y)
{
    for (size_t r = 0; r < b->at.dim; r++) {
        fp_vec_get(b->y.x + r, y, r);
        mpfr_set_zero(b->dy.x + r, 1);
    }
    for (size_t t = 0; t < b->c.n; t++)
        mpfr_set_zero(b->c.x + t, 1);
    for (long i = 0; i < b->p->n; i++) {
        weigh(b, i);
        for (long l = 0; l < b->p->L; l++)
            push(b, i, l);
    }
    outputs(b);
    for (size_t r = 0; r < b->at.dim; r++)
        fp_vec_set(dy, r, b->dy.x + r);
}
