/* SPDX-License-Identifier: MIT */
/* Tails of certificate.md, (8)-(11), against the same functions expanded to several times the order by Arb's own power series arithmetic. */
#include <math.h>
#include <stdlib.h>

#include "../../src/certify/certify_impl.h"
#include "../support/flow_instances.h"
#include "../support/fp_check.h"

enum { PREC = 300, MAX_LONG = 400 };

static double deviate(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (double)((int)(*state >> 21) - 1023) / 1024.0;
}

/* A power series known to `len` coefficients, its sizes up to `order` and its tail. */
typedef struct {
    int order;
    slong len;
    arb_ptr x;
    mag_ptr size;
    mag_t tail;
} whole;

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

static void whole_init(whole *a, int order, slong len)
{
    *a = (whole){.order = order, .len = len, .x = _arb_vec_init(len), .size = _mag_vec_init(order + 1)};
    mag_init(a->tail);
}

static void whole_clear(whole *a)
{
    _arb_vec_clear(a->x, a->len);
    _mag_vec_clear(a->size, a->order + 1);
    mag_clear(a->tail);
}

/* sizes, and the tail that the known coefficients have */
static void whole_measure(whole *a)
{
    mag_t t;
    mag_init(t);
    mag_zero(a->tail);
    fp_tail_sizes(a->size, a->x, a->order, powers);
    for (slong k = a->order + 1; k < a->len; k++) {
        arb_get_mag(t, a->x + k);
        mag_addmul(a->tail, t, powers + k);
    }
    mag_clear(t);
}

/* coefficients (head + deviate) of size rho^-k, the first one near `head`; sign > 0: all positive */
static void whole_random(whole *a, double head, double rho, bool positive, slong last, unsigned *seed)
{
    for (slong k = 0; k < a->len; k++) {
        double x = deviate(seed), c = (k ? x : head + x / 8) * pow(rho, (double)-k);
        arb_set_d(a->x + k, k > last ? 0 : positive ? fabs(c) : c);
    }
    whole_measure(a);
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

/* ---- the rules */
START_TEST(overlap_is_the_double_sum)
{
    unsigned seed = 5;
    enum { N = 9 };
    mag_ptr a = _mag_vec_init(N + 1), b = _mag_vec_init(N + 1);
    mag_t fast, slow;
    mag_init(fast);
    mag_init(slow);
    for (int k = 0; k <= N; k++) {
        mag_set_ui(a + k, 1 + (seed >> 20) % 100);
        deviate(&seed);
        mag_set_ui(b + k, 1 + (seed >> 20) % 100);
        deviate(&seed);
    }
    for (int least = 0; least <= 2 * N + 1; least++) {
        mag_zero(slow);
        for (int i = 0; i <= N; i++)
            for (int j = 0; j <= N; j++)
                if (i + j >= least)
                    mag_addmul(slow, a + i, b + j);
        fp_tail_overlap(fast, a, b, N, least);
        /* integers below 2^30 are exact in mag_t but for one unit a sum */
        ck_assert_double_le(fabs(mag_get_d(fast) - mag_get_d(slow)), 1e-6 * mag_get_d(slow));
    }
    mag_clear(slow);
    mag_clear(fast);
    _mag_vec_clear(b, N + 1);
    _mag_vec_clear(a, N + 1);
}
END_TEST

/* Both factors with tails; positive coefficients leave no slack at all. */
static void product_case(int order, bool positive, unsigned seed)
{
    whole a, b, ab;
    mag_t bound;
    mag_init(bound);
    slong len = 4 * order + 40;
    set_powers(1, len);
    whole_init(&a, order, len);
    whole_init(&b, order, len);
    whole_init(&ab, order, len);
    whole_random(&a, 1, 2.5, positive, len, &seed);
    whole_random(&b, 1, 3, positive, len, &seed);
    _arb_poly_mullow(ab.x, a.x, len, b.x, len, len, PREC);
    whole_measure(&ab);
    fp_tail_product(bound, a.size, a.tail, b.size, b.tail, order);
    ck_tail(bound, ab.tail, positive ? 1.00001 : 1000, "product of order", order);
    _mag_vec_clear(powers, len);
    whole_clear(&a);
    whole_clear(&b);
    whole_clear(&ab);
    mag_clear(bound);
}

START_TEST(tail_of_a_product_is_bounded_and_sharp_when_nothing_cancels)
{
    for (unsigned seed = 1; seed <= 20; seed++)
        for (int order = 2; order <= 32; order += 10) {
            product_case(order, true, seed);
            product_case(order, false, seed);
        }
}
END_TEST

/* s with a tail: last = len; without: last = order. Factor: exp(2|s - s_0|) and the absolute values. */
static void exp_case(int order, double size, bool with_tail, double factor, unsigned seed)
{
    whole s, E;
    mag_t bound;
    mag_init(bound);
    slong len = 4 * order + 60;
    set_powers(size, len);
    whole_init(&s, order, len);
    whole_init(&E, order, len);
    whole_random(&s, 0.5, 1, false, with_tail ? len : order, &seed);
    _arb_poly_exp_series(E.x, s.x, len, len, PREC);
    whole_measure(&E);
    fp_tail_exp(bound, s.size, s.tail, E.size, order);
    ck_tail(bound, E.tail, factor, "exponential of order", order);
    _mag_vec_clear(powers, len);
    whole_clear(&s);
    whole_clear(&E);
    mag_clear(bound);
}

START_TEST(tail_of_an_exponential_is_bounded)
{
    for (unsigned seed = 1; seed <= 20; seed++)
        for (int order = 2; order <= 32; order += 10) {
            exp_case(order, 0.02, false, 1000, seed);
            exp_case(order, 0.3, false, 1000, seed);
            exp_case(order, 0.5, false, 1000, seed);
            exp_case(order, 0.02, true, 1000, seed);
            exp_case(order, 0.5, true, 1000, seed);
        }
}
END_TEST

/* s = tau: sum_{k > P} h^k/k!, whose first term is R/(P+1); s = tau^{P+1} beyond the order: e^h' - 1. Both bounds become exact as h -> 0. */
START_TEST(tail_of_an_exponential_is_sharp_for_short_steps)
{
    enum { P = 6 };
    for (int part = 0; part < 2; part++) {
        whole s, E;
        mag_t bound;
        mag_init(bound);
        set_powers(0x1p-10, 40);
        whole_init(&s, P, 40);
        whole_init(&E, P, 40);
        arb_set_d(s.x + (part ? P + 1 : 1), 1);
        whole_measure(&s);
        _arb_poly_exp_series(E.x, s.x, 40, 40, PREC);
        whole_measure(&E);
        fp_tail_exp(bound, s.size, s.tail, E.size, P);
        ck_tail(bound, E.tail, 1.01, "exponential, part", part);
        _mag_vec_clear(powers, 40);
        whole_clear(&s);
        whole_clear(&E);
        mag_clear(bound);
    }
}
END_TEST

static bool quotient_of(mag_t bound, whole *a, whole *b, whole *q)
{
    mag_t b0;
    mag_init(b0);
    whole_measure(a);
    whole_measure(b);
    _arb_poly_div_series(q->x, a->x, a->len, b->x, b->len, q->len, PREC);
    whole_measure(q);
    arb_get_mag_lower(b0, b->x);
    bool closed = fp_tail_quotient(bound, q->size, a->tail, b->size, b0, b->tail, q->order);
    mag_clear(b0);
    return closed;
}

static void quotient_case(int order, double h, unsigned seed)
{
    whole a, b, q;
    mag_t bound;
    mag_init(bound);
    slong len = 4 * order + 60;
    set_powers(h, len);
    whole_init(&a, order, len);
    whole_init(&b, order, len);
    whole_init(&q, order, len);
    whole_random(&a, 1, 1, false, len, &seed);
    whole_random(&b, 2, 1, false, len, &seed);
    ck_assert(quotient_of(bound, &a, &b, &q));
    ck_tail(bound, q.tail, 1000, "quotient of order", order);
    _mag_vec_clear(powers, len);
    whole_clear(&a);
    whole_clear(&b);
    whole_clear(&q);
    mag_clear(bound);
}

START_TEST(tail_of_a_quotient_is_bounded)
{
    for (unsigned seed = 1; seed <= 20; seed++)
        for (int order = 2; order <= 32; order += 10) {
            quotient_case(order, 0.1, seed);
            quotient_case(order, 0.5, seed);
        }
}
END_TEST

/* 1/(1 - tau): h^{P+1}/(1-h) exactly. (1 + tau^{P+1})/1 and 1/(1 + tau^{P+1}): the tails of numerator and denominator alone, sharp for h -> 0. */
START_TEST(tail_of_a_quotient_is_sharp_in_each_of_its_parts)
{
    enum { P = 6, LEN = 120 };
    for (int part = 0; part < 3; part++) {
        whole a, b, q;
        mag_t bound;
        mag_init(bound);
        set_powers(part ? 0x1p-10 : 0.5, LEN);
        whole_init(&a, P, LEN);
        whole_init(&b, P, LEN);
        whole_init(&q, P, LEN);
        arb_set_d(a.x, 1);
        arb_set_d(b.x, 1);
        if (part == 0)
            arb_set_d(b.x + 1, -1);
        else
            arb_set_d((part == 1 ? a.x : b.x) + P + 1, 1);
        ck_assert(quotient_of(bound, &a, &b, &q));
        ck_tail(bound, q.tail, 1.0001, "quotient, part", part);
        _mag_vec_clear(powers, LEN);
        whole_clear(&a);
        whole_clear(&b);
        whole_clear(&q);
        mag_clear(bound);
    }
}
END_TEST

START_TEST(a_quotient_whose_denominator_may_vanish_is_refused)
{
    enum { P = 3, LEN = 20 };
    whole a, b, q;
    mag_t bound;
    mag_init(bound);
    set_powers(1, LEN);
    whole_init(&a, P, LEN);
    whole_init(&b, P, LEN);
    whole_init(&q, P, LEN);
    arb_set_d(a.x, 1);
    arb_set_d(b.x, 1);
    arb_set_d(b.x + 2, -1); /* vanishes at 1 */
    ck_assert(!quotient_of(bound, &a, &b, &q));
    ck_assert(mag_is_inf(bound));
    arb_zero(b.x + 2);
    arb_set_d(b.x + P + 2, -1); /* only the tail says so */
    ck_assert(!quotient_of(bound, &a, &b, &q));
    _mag_vec_clear(powers, LEN);
    whole_clear(&a);
    whole_clear(&b);
    whole_clear(&q);
    mag_clear(bound);
}
END_TEST

START_TEST(a_coefficient_that_is_not_a_number_makes_the_tail_infinite)
{
    enum { P = 3, LEN = 20 };
    whole a, b;
    mag_t bound;
    mag_init(bound);
    set_powers(1, LEN);
    whole_init(&a, P, LEN);
    whole_init(&b, P, LEN);
    unsigned seed = 1;
    whole_random(&a, 1, 2, false, LEN, &seed);
    whole_random(&b, 1, 2, false, LEN, &seed);
    arb_indeterminate(a.x + 2);
    fp_tail_sizes(a.size, a.x, P, powers);
    fp_tail_product(bound, a.size, a.tail, b.size, b.tail, P);
    ck_assert(mag_is_inf(bound));
    fp_tail_exp(bound, a.size, a.tail, b.size, P);
    ck_assert(mag_is_inf(bound));
    ck_assert(!fp_tail_quotient(bound, b.size, b.tail, a.size, a.size, a.tail, P));
    _mag_vec_clear(powers, LEN);
    whole_clear(&a);
    whole_clear(&b);
    mag_clear(bound);
}
END_TEST

/* ---- the tails of a step: the polynomial y composed with the paper's definitions, position by position */
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
    Suite *s = suite_create("tails");
    TCase *rules = tcase_create("rules"), *step = tcase_create("step");
    tcase_set_timeout(step, 60);
    tcase_add_test(rules, overlap_is_the_double_sum);
    tcase_add_test(rules, tail_of_a_product_is_bounded_and_sharp_when_nothing_cancels);
    tcase_add_test(rules, tail_of_an_exponential_is_bounded);
    tcase_add_test(rules, tail_of_an_exponential_is_sharp_for_short_steps);
    tcase_add_test(rules, tail_of_a_quotient_is_bounded);
    tcase_add_test(rules, tail_of_a_quotient_is_sharp_in_each_of_its_parts);
    tcase_add_test(rules, a_quotient_whose_denominator_may_vanish_is_refused);
    tcase_add_test(rules, a_coefficient_that_is_not_a_number_makes_the_tail_infinite);
    tcase_add_test(step, every_tail_of_a_step_is_bounded);
    tcase_add_test(step, tails_that_do_not_converge_are_not_closed);
    suite_add_tcase(s, rules);
    suite_add_tcase(s, step);
    return s;
}

int main(void)
{
    return fp_test_main(suite());
}
