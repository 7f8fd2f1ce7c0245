/* SPDX-License-Identifier: MIT */
/* The rules of tails (certificate.md, (8)-(10)) against the same functions expanded to several times the order by Arb's own power series arithmetic. */
#include <math.h>
#include <stdlib.h>

#include "../../src/certify/certify_impl.h"
#include "../support/fp_check.h"

enum { PREC = 300 };

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

static Suite *suite(void)
{
    Suite *s = suite_create("tails of products, exponentials, quotients");
    TCase *c = tcase_create("tails of products, exponentials, quotients");
    tcase_set_timeout(c, 60);
    tcase_add_test(c, overlap_is_the_double_sum);
    tcase_add_test(c, tail_of_a_product_is_bounded_and_sharp_when_nothing_cancels);
    tcase_add_test(c, tail_of_an_exponential_is_bounded);
    tcase_add_test(c, tail_of_an_exponential_is_sharp_for_short_steps);
    tcase_add_test(c, tail_of_a_quotient_is_bounded);
    tcase_add_test(c, tail_of_a_quotient_is_sharp_in_each_of_its_parts);
    tcase_add_test(c, a_quotient_whose_denominator_may_vanish_is_refused);
    tcase_add_test(c, a_coefficient_that_is_not_a_number_makes_the_tail_infinite);
    suite_add_tcase(s, c);
    return s;
}

int main(void)
{
    return fp_test_main(suite());
}
