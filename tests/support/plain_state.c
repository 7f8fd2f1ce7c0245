/* SPDX-License-Identifier: MIT */
#include "plain_state.h"

#include <math.h>
#include <stdlib.h>

void plain_state_init(plain_state *x, const fp_problem *pb)
{
    slong m = pb->m, d = pb->d, n = pb->n, L = pb->L;
    *x = (plain_state){.problem = pb, .u = _arb_vec_init(m), .w = _arb_vec_init(pb->m1 * m)};
    x->v = _arb_vec_init(d * m), x->k = _arb_vec_init(d * m), x->q = _arb_vec_init(d * m);
    x->p = _arb_vec_init(n * L * L), x->o = _arb_vec_init(n * L), x->F = _arb_vec_init(n), x->z = _arb_vec_init(n), x->g = _arb_vec_init(n);
    x->c = _arb_vec_init(d), x->N = _arb_vec_init(d * d);
}

void plain_state_clear(plain_state *x)
{
    const fp_problem *pb = x->problem;
    slong m = pb->m, d = pb->d, n = pb->n, L = pb->L;
    _arb_vec_clear(x->u, m), _arb_vec_clear(x->w, pb->m1 * m);
    _arb_vec_clear(x->v, d * m), _arb_vec_clear(x->k, d * m), _arb_vec_clear(x->q, d * m);
    _arb_vec_clear(x->p, n * L * L), _arb_vec_clear(x->o, n * L), _arb_vec_clear(x->F, n), _arb_vec_clear(x->z, n), _arb_vec_clear(x->g, n);
    _arb_vec_clear(x->c, d), _arb_vec_clear(x->N, d * d);
}

void plain_state_load(plain_state *x, const fp_layout *at, const fp_vec *y)
{
    size_t m = (size_t)at->m, d = (size_t)at->d, m1 = (size_t)at->m1;
    fp_vec_get_balls(x->w, y, at->W, m1 * m);
    fp_vec_get_balls(x->v, y, at->V, d * m);
    fp_vec_get_balls(x->k, y, at->K, d * m);
    fp_vec_get_balls(x->q, y, at->Q, d * m);
    _arb_vec_zero(x->u, (slong)m);
    for (size_t e = 0; e < m1 * m; e++)
        (x->problem->a[e / m] > 0 ? arb_add : arb_sub)(x->u + e % m, x->u + e % m, x->w + e, PLAIN_PREC);
}

static void dot(arb_t out, const plain_state *x, arb_srcptr a, long i, arb_srcptr b, long j)
{
    slong m = x->problem->m;
    arb_dot(out, NULL, 0, a + i * m, 1, b + j * m, 1, m, PLAIN_PREC);
}

static long token(const plain_state *x, long i, long l)
{
    return x->problem->token[i * x->problem->L + l] - 1;
}

/* p, o of one row */
static void attend(plain_state *x, long i, long l)
{
    long L = x->problem->L;
    arb_ptr p = x->p + (i * L + l) * L, o = x->o + i * L + l;
    arb_t sum, t;
    arb_init(sum);
    arb_init(t);
    for (long h = 0; h < L; h++) {
        dot(p + h, x, x->k, token(x, i, h), x->q, token(x, i, l));
        arb_sqrt_ui(t, (ulong)x->problem->m, PLAIN_PREC);
        arb_div(p + h, p + h, t, PLAIN_PREC);
        arb_exp(p + h, p + h, PLAIN_PREC);
        arb_add(sum, sum, p + h, PLAIN_PREC);
    }
    arb_zero(o);
    for (long h = 0; h < L; h++) {
        arb_div(p + h, p + h, sum, PLAIN_PREC);
        dot(t, x, x->u, 0, x->v, token(x, i, h));
        arb_addmul(o, p + h, t, PLAIN_PREC);
    }
    arb_add(x->F + i, x->F + i, o, PLAIN_PREC);
    arb_clear(sum);
    arb_clear(t);
}

/* Sample i's part of c and N. */
static void push(plain_state *x, long i)
{
    long L = x->problem->L, d = x->problem->d;
    arb_t t, lead, root;
    arb_init(t);
    arb_init(lead);
    arb_init(root);
    arb_sqrt_ui(root, (ulong)x->problem->m, PLAIN_PREC);
    for (long e = 0; e < L * L; e++) {
        long l = e / L, key = token(x, i, e % L), query = token(x, i, l);
        arb_mul_si(t, x->g + i, x->problem->label[i], PLAIN_PREC);
        arb_mul(t, t, x->p + i * L * L + e, PLAIN_PREC);
        arb_div_ui(t, t, (ulong)x->problem->n, PLAIN_PREC);
        arb_add(x->c + key, x->c + key, t, PLAIN_PREC);
        dot(lead, x, x->u, 0, x->v, key);
        arb_sub(lead, lead, x->o + i * L + l, PLAIN_PREC);
        arb_mul(t, t, lead, PLAIN_PREC);
        arb_div(t, t, root, PLAIN_PREC);
        arb_add(x->N + key * d + query, x->N + key * d + query, t, PLAIN_PREC);
    }
    arb_clear(t);
    arb_clear(lead);
    arb_clear(root);
}

void plain_state_work(plain_state *x)
{
    const fp_problem *pb = x->problem;
    _arb_vec_zero(x->c, pb->d);
    _arb_vec_zero(x->N, pb->d * pb->d);
    for (long i = 0; i < pb->n; i++) {
        arb_zero(x->F + i);
        for (long l = 0; l < pb->L; l++)
            attend(x, i, l);
        arb_mul_si(x->z + i, x->F + i, pb->label[i], PLAIN_PREC);
        arb_exp(x->g + i, x->z + i, PLAIN_PREC);
        arb_add_ui(x->g + i, x->g + i, 1, PLAIN_PREC);
        arb_inv(x->g + i, x->g + i, PLAIN_PREC);
        push(x, i);
    }
}

static void loss(arb_t out, const plain_state *x, long i)
{
    arb_neg(out, x->z + i);
    arb_exp(out, out, PLAIN_PREC);
    arb_log1p(out, out, PLAIN_PREC);
}

void plain_state_value(arb_t out, const plain_state *x, fp_tube_quantity quantity, const long *i)
{
    long L = x->problem->L;
    switch (quantity) {
    case FP_TUBE_G: dot(out, x, x->u, 0, x->v, i[0]); break;
    case FP_TUBE_SCORE: dot(out, x, x->k, i[0], x->q, i[1]); break;
    case FP_TUBE_KK: dot(out, x, x->k, i[0], x->k, i[1]); break;
    case FP_TUBE_QQ: dot(out, x, x->q, i[0], x->q, i[1]); break;
    case FP_TUBE_VV: dot(out, x, x->v, i[0], x->v, i[1]); break;
    case FP_TUBE_RHO: dot(out, x, x->u, 0, x->u, 0); break;
    case FP_TUBE_WV: dot(out, x, x->w, i[0], x->v, i[1]); break;
    case FP_TUBE_WW: dot(out, x, x->w, i[0], x->w, i[1]); break;
    case FP_TUBE_WU: dot(out, x, x->w, i[0], x->u, 0); break;
    case FP_TUBE_P: arb_set(out, x->p + (i[0] * L + i[1]) * L + i[2]); break;
    case FP_TUBE_O: arb_set(out, x->o + i[0] * L + i[1]); break;
    case FP_TUBE_F: arb_set(out, x->F + i[0]); break;
    case FP_TUBE_GI: arb_set(out, x->g + i[0]); break;
    case FP_TUBE_ONE_MINUS_GI: arb_sub_ui(out, x->g + i[0], 1, PLAIN_PREC), arb_neg(out, out); break;
    case FP_TUBE_LOSSOF: loss(out, x, i[0]); break;
    case FP_TUBE_C: arb_set(out, x->c + i[0]); break;
    case FP_TUBE_N: arb_set(out, x->N + i[0] * x->problem->d + i[1]); break;
    }
}

long plain_state_range(const fp_problem *p, fp_tube_quantity quantity, int place)
{
    /* s sample, l position, t token, j neuron */
    static const char *const kinds[] = {[FP_TUBE_G] = "t", [FP_TUBE_SCORE] = "tt", [FP_TUBE_KK] = "tt", [FP_TUBE_QQ] = "tt", [FP_TUBE_VV] = "tt", [FP_TUBE_RHO] = "",
                                        [FP_TUBE_WV] = "jt", [FP_TUBE_WW] = "jj", [FP_TUBE_WU] = "j", [FP_TUBE_P] = "sll", [FP_TUBE_O] = "sl", [FP_TUBE_F] = "s",
                                        [FP_TUBE_GI] = "s", [FP_TUBE_ONE_MINUS_GI] = "s", [FP_TUBE_LOSSOF] = "s", [FP_TUBE_C] = "t", [FP_TUBE_N] = "tt"};
    for (int k = 0; k <= place; k++)
        if (kinds[quantity][k] == '\0')
            return 1;
    char kind = kinds[quantity][place];
    return kind == 's' ? p->n : kind == 'l' ? p->L : kind == 't' ? p->d : p->m1;
}

/* ---- extrapolation (Hairer, Norsett, Wanner, Solving ODEs I, II.9) */
static void add(fp_vec *out, const fp_vec *y, mpfr_srcptr by, fp_vec *x, mpfr_ptr tmp)
{
    fp_reals coef;
    fp_reals_init(&coef, 1, mpfr_get_prec(by));
    mpfr_set(coef.x, by, MPFR_RNDN);
    fp_vec_lincomb(out, y, &coef, &x, 1, 0, fp_vec_len(out), tmp);
    fp_reals_clear(&coef);
}

/* The midpoint rule with an even number of steps: its error has an expansion in squares. */
static void midpoint(fp_vec *out, const fp_vec *y, const fp_field *field, double h, int steps)
{
    mpfr_prec_t prec = fp_vec_prec(y);
    mpfr_t each, tmp;
    mpfr_inits2(prec, each, tmp, (mpfr_ptr)0);
    mpfr_set_d(each, h, MPFR_RNDN);
    mpfr_div_si(each, each, steps, MPFR_RNDN);
    fp_vec *slope = fp_vec_new(fp_vec_len(y), prec), *before = fp_vec_new(fp_vec_len(y), prec);
    fp_vec_copy(before, y);
    field->rhs(slope, tmp, y, field->ctx);
    add(out, y, each, slope, tmp);
    mpfr_mul_2ui(each, each, 1, MPFR_RNDN);
    for (int s = 1; s < steps; s++) {
        field->rhs(slope, tmp, out, field->ctx);
        add(before, before, each, slope, tmp);
        fp_vec *swap = fp_vec_new(fp_vec_len(y), prec);
        fp_vec_copy(swap, before);
        fp_vec_copy(before, out);
        fp_vec_copy(out, swap);
        fp_vec_free(swap);
    }
    fp_vec_free(slope);
    fp_vec_free(before);
    mpfr_clears(each, tmp, (mpfr_ptr)0);
}

/* finer := finer + (finer - coarser)/((a/b)^2 - 1), the result also left in *change = largest change */
static double improve(fp_vec *finer, const fp_vec *coarser, long a, long b)
{
    mpfr_t x, y;
    double largest = -HUGE_VAL;
    mpfr_inits2(fp_vec_prec(finer), x, y, (mpfr_ptr)0);
    for (size_t r = 0; r < fp_vec_len(finer); r++) {
        fp_vec_get(x, finer, r);
        fp_vec_get(y, coarser, r);
        mpfr_sub(y, x, y, MPFR_RNDN);
        mpfr_mul_si(y, y, b * b, MPFR_RNDN);
        mpfr_div_si(y, y, a * a - b * b, MPFR_RNDN);
        if (!mpfr_zero_p(y))
            largest = fmax(largest, (double)mpfr_get_exp(y));
        mpfr_add(x, x, y, MPFR_RNDN);
        fp_vec_set(finer, r, x);
    }
    mpfr_clears(x, y, (mpfr_ptr)0);
    return largest;
}

double plain_advance(fp_vec *y, const fp_field *field, double h, int columns)
{
    fp_vec **row = fp_alloc((size_t)columns, sizeof *row), *old = fp_vec_new(fp_vec_len(y), fp_vec_prec(y));
    double change = HUGE_VAL;
    for (int k = 0; k < columns; k++) {
        fp_vec *next = fp_vec_new(fp_vec_len(y), fp_vec_prec(y));
        midpoint(next, y, field, h, 2 * (k + 1));
        for (int j = 0; j < k; j++) { /* row[j]: the row before, column j */
            fp_vec_copy(old, row[j]);
            fp_vec_copy(row[j], next);
            change = improve(next, old, k + 1, k - j);
        }
        row[k] = next;
    }
    fp_vec_copy(y, row[columns - 1]);
    for (int k = 0; k < columns; k++)
        fp_vec_free(row[k]);
    free(row);
    fp_vec_free(old);
    return change;
}
