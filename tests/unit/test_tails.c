/* SPDX-License-Identifier: MIT */
/* The tails of a step (certificate.md, (8)-(11)) against the paper's definitions, position by position, expanded to three times the order by Arb's own power series arithmetic. */
#include <math.h>
#include <stdlib.h>

#include "../../src/certify/certify_impl.h"
#include "../support/flow_instances.h"
#include "../support/fp_check.h"

enum { PREC = 300 };

static mag_ptr powers;

static void set_powers(double h, slong len)
{
    mag_t step;
    mag_init(step);
    mag_set_d(step, h);
    powers = _mag_vec_init(len);
    mag_one(powers);
    for (slong k = 1; k < len; k++) mag_mul(powers + k, powers + k - 1, step);
    mag_clear(step);
}

/* true <= bound <= factor * true; mag_t arithmetic may be off by a part in a million in the test's own sums. */
static void ck_tail(const mag_t bound, const mag_t truth, double factor, const char *what, int index)
{
    mag_t lifted;
    mag_init(lifted);
    mag_mul_ui(lifted, bound, 1000001);
    mag_div_ui(lifted, lifted, 1000000);
    ck_assert_msg(mag_cmp(lifted, truth) >= 0, "%s %d: true tail %g above the bound %g", what, index, mag_get_d(truth), mag_get_d(bound));
    double ratio = mag_is_zero(truth) ? (mag_is_zero(bound) ? 1 : INFINITY) : mag_get_d_log2_approx(bound) - mag_get_d_log2_approx(truth);
    ck_assert_msg(ratio <= log2(factor), "%s %d: bound %g is 2^%g times the true tail %g", what, index, mag_get_d(bound), ratio, mag_get_d(truth));
    mag_clear(lifted);
}

typedef struct {
    const fp_series *s;
    const fp_series_shape *shape;
    const fp_tails *t;
    int order;
    slong len;
    arb_ptr *E; /* per pair */
    arb_ptr *c, *N, *G; /* per token, pair, token */
    mag_ptr truth, bound; /* per kind of scalar (its letter): the largest */
} composed;

static arb_ptr *rows(size_t count, slong len)
{
    arb_ptr *out = fp_alloc(count, sizeof *out);
    for (size_t x = 0; x < count; x++) out[x] = _arb_vec_init(len);
    return out;
}

static void rows_free(arb_ptr *x, size_t count, slong len)
{
    for (size_t k = 0; k < count; k++) _arb_vec_clear(x[k], len);
    free(x);
}

/* out = series of a.b of two polynomial vectors */
static void inner(arb_ptr out, const composed *w, fp_series_block a, long ta, fp_series_block b, long tb)
{
    arb_t t;
    arb_init(t);
    for (int i = 0; i <= w->order; i++)
        for (int j = 0; j <= w->order && i + j < w->len; j++) {
            fp_grid_dot(t, fp_series_vector(w->s, a, ta, i), fp_series_vector(w->s, b, tb, j), PREC);
            arb_add(out + i + j, out + i + j, t, PREC);
        }
    arb_clear(t);
}

/* A single tail may cancel to nearly nothing; the largest of a kind does not. */
static void compare_largest(const composed *w)
{
    for (int kind = 0; kind < 128; kind++)
        if (w->shape->d > 1) /* with one token p = 1 and N = 0, which no sum of absolute values sees */
            ck_tail(w->bound + kind, w->truth + kind, 300, "largest", kind);
}

/* The bound against the coefficients of order > P, and the coefficients up to P against the series' balls. */
static void compare(composed *w, const char *what, size_t index, arb_srcptr truth, arb_srcptr balls, const mag_t bound)
{
    mag_t sum, t;
    mag_init(sum);
    mag_init(t);
    for (int k = 0; k <= w->order; k++) ck_assert_msg(arb_overlaps(truth + k, balls + k), "%s %zu: coefficient %d", what, index, k);
    for (slong k = w->order + 1; k < w->len; k++) {
        arb_get_mag(t, truth + k);
        mag_addmul(sum, t, powers + k);
    }
    ck_tail(bound, sum, INFINITY, what, (int)index);
    mag_max(w->truth + what[0], w->truth + what[0], sum);
    mag_max(w->bound + what[0], w->bound + what[0], bound);
    mag_clear(t);
    mag_clear(sum);
}

static void compose_pairs(composed *w)
{
    arb_ptr s = _arb_vec_init(w->len);
    arb_t root;
    arb_init(root);
    arb_rsqrt_ui(root, (ulong)w->shape->m, PREC);
    for (size_t x = 0; x < w->shape->pairs; x++) {
        _arb_vec_zero(s, w->len);
        inner(s, w, FP_SERIES_K, w->shape->key[x], FP_SERIES_Q, w->shape->query[x]);
        _arb_vec_scalar_mul(s, s, w->len, root, PREC);
        compare(w, "s", x, s, fp_series_score(w->s, x), w->t->s + x);
        /* the shift of the query token: E_0 of the series against exp(s_0) */
        arb_log(root, fp_series_exp(w->s, x), PREC);
        arb_set(s, root);
        _arb_poly_exp_series(w->E[x], s, w->len, w->len, PREC);
        compare(w, "E", x, w->E[x], fp_series_exp(w->s, x), w->t->E + x);
        arb_rsqrt_ui(root, (ulong)w->shape->m, PREC);
    }
    arb_clear(root);
    _arb_vec_clear(s, w->len);
}

static void compose_sample(composed *w, long i)
{
    const fp_series_shape *shape = w->shape;
    long L = shape->L;
    slong len = w->len;
    const long *token = shape->token + i * L;
    arb_ptr *p = rows((size_t)(L * L), len), *o = rows((size_t)L, len), *x = rows(4, len);
    arb_ptr F = x[0], t = x[1], g = x[2], Z = x[3];
    for (long l = 0; l < L; l++) {
        _arb_vec_zero(Z, len);
        for (long k = 0; k < L; k++) _arb_vec_add(Z, Z, w->E[shape->pair_of[token[k] * shape->d + token[l]]], len, PREC);
        compare(w, "Z", (size_t)(i * L + l), Z, fp_series_sum(w->s, i, l), w->t->Z + i * L + l);
        for (long k = 0; k < L; k++) {
            arb_ptr q = p[l * L + k];
            _arb_poly_div_series(q, w->E[shape->pair_of[token[k] * shape->d + token[l]]], len, Z, len, len, PREC);
            compare(w, "p", (size_t)((i * L + l) * L + k), q, fp_series_p(w->s, i, l, k), w->t->p + (i * L + l) * L + k);
            _arb_poly_mullow(t, q, len, w->G[token[k]], len, len, PREC);
            _arb_vec_add(o[l], o[l], t, len, PREC);
        }
        compare(w, "o", (size_t)(i * L + l), o[l], fp_series_o(w->s, i, l), w->t->o + i * L + l);
        _arb_vec_add(F, F, o[l], len, PREC);
    }
    compare(w, "F", (size_t)i, F, fp_series_F(w->s, i), w->t->F + i);
    /* g = 1/(1 + e^{y F}), whatever the sign */
    _arb_vec_scalar_mul_2exp_si(t, F, len, 0);
    if (shape->label[i] < 0)
        _arb_vec_neg(t, t, len);
    _arb_poly_exp_series(Z, t, len, len, PREC);
    arb_add_ui(Z, Z, 1, PREC);
    _arb_poly_inv_series(g, Z, len, len, PREC);
    compare(w, "g", (size_t)i, g, fp_series_g(w->s, i), w->t->g + i);
    for (long l = 0; l < L; l++)
        for (long k = 0; k < L; k++) {
            size_t pair = (size_t)shape->pair_of[token[k] * shape->d + token[l]];
            _arb_poly_mullow(t, g, len, p[l * L + k], len, len, PREC);
            if (shape->label[i] < 0)
                _arb_vec_neg(t, t, len);
            _arb_vec_add(w->c[token[k]], w->c[token[k]], t, len, PREC);
            _arb_vec_sub(Z, w->G[token[k]], o[l], len, PREC);
            _arb_poly_mullow(F, t, len, Z, len, len, PREC);
            _arb_vec_add(w->N[pair], w->N[pair], F, len, PREC);
        }
    rows_free(p, (size_t)(L * L), len);
    rows_free(o, (size_t)L, len);
    rows_free(x, 4, len);
}

static void compose_forces(composed *w)
{
    arb_t scale;
    arb_init(scale);
    arb_set_si(scale, w->shape->n);
    arb_inv(scale, scale, PREC);
    for (long x = 0; x < w->shape->d; x++) {
        _arb_vec_scalar_mul(w->c[x], w->c[x], w->len, scale, PREC);
        compare(w, "c", (size_t)x, w->c[x], fp_series_c(w->s, x), w->t->c + x);
    }
    arb_rsqrt_ui(scale, (ulong)w->shape->m, PREC);
    arb_div_si(scale, scale, w->shape->n, PREC);
    for (size_t x = 0; x < w->shape->pairs; x++) {
        _arb_vec_scalar_mul(w->N[x], w->N[x], w->len, scale, PREC);
        compare(w, "N", x, w->N[x], fp_series_N(w->s, x), w->t->N + x);
    }
    arb_clear(scale);
}

static void compose(composed *w)
{
    size_t d = (size_t)w->shape->d;
    w->truth = _mag_vec_init(128);
    w->bound = _mag_vec_init(128);
    w->E = rows(w->shape->pairs, w->len);
    w->N = rows(w->shape->pairs, w->len);
    w->c = rows(d, w->len);
    w->G = rows(d, w->len);
    for (long x = 0; x < w->shape->d; x++) {
        inner(w->G[x], w, FP_SERIES_U, 0, FP_SERIES_V, x);
        compare(w, "G", (size_t)x, w->G[x], fp_series_G(w->s, x), w->t->G + x);
    }
    compose_pairs(w);
    for (long i = 0; i < w->shape->n; i++) compose_sample(w, i);
    compose_forces(w);
    compare_largest(w);
    _mag_vec_clear(w->truth, 128);
    _mag_vec_clear(w->bound, 128);
    rows_free(w->E, w->shape->pairs, w->len);
    rows_free(w->N, w->shape->pairs, w->len);
    rows_free(w->c, d, w->len);
    rows_free(w->G, d, w->len);
}

static void step_tails(size_t instance, int order, double h)
{
    fp_error err = {0};
    fp_problem p;
    fp_flow *flow = NULL;
    fp_series *s = NULL;
    fp_tails t = {0};
    arf_t step;
    mag_t rounding;
    instance_make(&p, instance);
    fp_ck_ok(fp_flow_new(&flow, FP_FLOW_REDUCED, &p, 128, NULL, &err), &err);
    fp_ck_ok(fp_series_new(&s, &p, fp_flow_layout(flow), 3, order, 212, NULL, &err), &err);
    fp_vec *y = fp_flow_initial(flow);
    arf_init(step);
    mag_init(rounding);
    ck_assert(fp_series_start(s, rounding, y));
    fp_series_extend(s, order);
    fp_tails_init(&t, s, order);
    arf_set_d(step, h);
    fp_tails_set(&t, s, step);
    ck_assert(t.closed);
    composed w = {.s = s, .shape = fp_series_get_shape(s), .t = &t, .order = order, .len = 3 * order + 20};
    set_powers(h, w.len);
    compose(&w);
    _mag_vec_clear(powers, w.len);
    fp_tails_clear(&t);
    mag_clear(rounding);
    arf_clear(step);
    fp_vec_free(y);
    fp_series_free(s);
    fp_flow_free(flow);
    instance_clear(&p);
}

START_TEST(every_tail_of_a_step_is_bounded)
{
    for (size_t k = 0; k < INSTANCES; k++) {
        step_tails(k, 3, 0x1p-10);
        step_tails(k, 8, 0x1p-7);
        step_tails(k, 16, 0x1p-6);
    }
}
END_TEST

START_TEST(tails_that_do_not_converge_are_not_closed)
{
    fp_error err = {0};
    fp_problem p;
    fp_flow *flow = NULL;
    fp_series *s = NULL;
    fp_tails t = {0};
    arf_t step;
    mag_t rounding;
    instance_make(&p, 0);
    fp_ck_ok(fp_flow_new(&flow, FP_FLOW_REDUCED, &p, 128, NULL, &err), &err);
    fp_ck_ok(fp_series_new(&s, &p, fp_flow_layout(flow), 2, 8, 152, NULL, &err), &err);
    fp_vec *y = fp_flow_initial(flow);
    mag_init(rounding);
    ck_assert(fp_series_start(s, rounding, y));
    fp_series_extend(s, 8);
    fp_tails_init(&t, s, 8);
    arf_init(step);
    arf_set_d(step, 64);
    fp_tails_set(&t, s, step);
    ck_assert(!t.closed);
    arf_set_d(step, 0x1p-4);
    fp_tails_set(&t, s, step);
    ck_assert(t.closed);
    arf_clear(step);
    fp_tails_clear(&t);
    mag_clear(rounding);
    fp_vec_free(y);
    fp_series_free(s);
    fp_flow_free(flow);
    instance_clear(&p);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("tails of a step");
    TCase *c = tcase_create("tails of a step");
    tcase_set_timeout(c, 60);
    tcase_add_test(c, every_tail_of_a_step_is_bounded);
    tcase_add_test(c, tails_that_do_not_converge_are_not_closed);
    suite_add_tcase(s, c);
    return s;
}

int main(void)
{
    return fp_test_main(suite());
}
