/* SPDX-License-Identifier: MIT */
#include "rk45_bench.h"

bool bench_same(const fp_vec *a, const fp_vec *b)
{
    mpfr_t x, y;
    mpfr_init2(x, fp_vec_prec(a));
    mpfr_init2(y, fp_vec_prec(b));
    bool equal = fp_vec_len(a) == fp_vec_len(b);
    for (size_t i = 0; equal && i < fp_vec_len(a); i++) {
        fp_vec_get(x, a, i);
        fp_vec_get(y, b, i);
        equal = mpfr_equal_p(x, y) != 0;
    }
    mpfr_clears(x, y, (mpfr_ptr)NULL);
    return equal;
}

/* ---- one-dimensional fields */

static void constant(fp_ode *o, mpfr_srcptr t)
{
    (void)t;
    mpfr_set_ui(o->dy.x, 1, MPFR_RNDN);
}

static void nothing(fp_ode *o, mpfr_srcptr t)
{
    (void)t;
    mpfr_set_zero(o->dy.x, 1);
}

static void degree_3(fp_ode *o, mpfr_srcptr t)
{
    mpfr_pow_ui(o->dy.x, t, 3, MPFR_RNDN);
    mpfr_mul_2ui(o->dy.x, o->dy.x, 2, MPFR_RNDN);
}

static void degree_4(fp_ode *o, mpfr_srcptr t)
{
    mpfr_pow_ui(o->dy.x, t, 4, MPFR_RNDN);
    mpfr_mul_ui(o->dy.x, o->dy.x, 5, MPFR_RNDN);
}

static void blow_up(fp_ode *o, mpfr_srcptr t)
{
    (void)t;
    mpfr_sqr(o->dy.x, o->y.x, MPFR_RNDN);
}

/* sqrt(1 - t): no number after t = 1 */
static void edge(fp_ode *o, mpfr_srcptr t)
{
    mpfr_ui_sub(o->dy.x, 1, t, MPFR_RNDN);
    mpfr_sqrt(o->dy.x, o->dy.x, MPFR_RNDN);
}

/* -y where y > 0, no number elsewhere */
static void positive_decay(fp_ode *o, mpfr_srcptr t)
{
    (void)t;
    mpfr_neg(o->dy.x, o->y.x, MPFR_RNDN);
    if (mpfr_sgn(o->y.x) <= 0)
        mpfr_set_nan(o->dy.x);
}

static void rotation(fp_ode *o, mpfr_srcptr t)
{
    (void)t;
    mpfr_set(o->dy.x, o->y.x + 1, MPFR_RNDN);
    mpfr_neg(o->dy.x + 1, o->y.x, MPFR_RNDN);
}

#define PROBLEM(name, f, start) {name, 1, f, 0, NULL, "1", {0}, {start}, {0}, NULL}
const fp_ode_problem bench_constant_1 = PROBLEM("y' = 1", constant, "0"), bench_constant_0 = PROBLEM("y' = 0", nothing, "0.7"),
    bench_cubic = PROBLEM("y' = 4t^3", degree_3, "0"), bench_quartic = PROBLEM("y' = 5t^4", degree_4, "0"), bench_square = PROBLEM("y' = y^2", blow_up, "1"),
    bench_edge_at_1 = PROBLEM("y' = sqrt(1-t)", edge, "0"), bench_decay_above_0 = PROBLEM("y' = -y, y > 0", positive_decay, "1"),
    bench_edge_at_start = PROBLEM("y' = -y, y > 0", positive_decay, "0"),
    bench_circle = {"y'' = -y", 2, rotation, 0, NULL, "1", {0}, {"0", "1"}, {0}, NULL};

void bench_init(bench *b, const fp_ode_problem *p, mpfr_prec_t prec)
{
    fp_ode_init(&b->ode, p, prec);
    b->rk = fp_rk45_new(&b->ode.field, prec, NULL);
    b->y0 = fp_ode_start(&b->ode);
    b->a = fp_vec_new(p->dim, prec);
    b->b = fp_vec_new(p->dim, prec);
    mpfr_inits2(prec, b->t, b->h, b->error, (mpfr_ptr)NULL);
    mpfr_set_zero(b->t, 1);
    fp_ck_ok(fp_rk45_start(b->rk, b->t, b->y0, &b->err), &b->err);
}

void bench_clear(bench *b)
{
    fp_rk45_free(b->rk);
    fp_vec_free(b->y0);
    fp_vec_free(b->a);
    fp_vec_free(b->b);
    mpfr_clears(b->t, b->h, b->error, (mpfr_ptr)NULL);
    fp_ode_clear(&b->ode);
}

void bench_step(bench *b, const char *h)
{
    fp_set_decimal(b->h, h);
    fp_ck_ok(fp_rk45_try(b->rk, b->h, b->error, &b->err), &b->err);
    fp_rk45_accept(b->rk);
}

void bench_flaky_rhs(fp_vec *dy, mpfr_srcptr t, const fp_vec *y, void *ctx)
{
    bench_flaky *f = ctx;
    f->ode.field.rhs(dy, t, y, f->ode.field.ctx);
    if (++f->calls != f->bad)
        return;
    mpfr_set_nan(f->ode.tmp.x);
    fp_vec_set(dy, 0, f->ode.tmp.x);
}
