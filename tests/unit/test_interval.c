/* SPDX-License-Identifier: MIT */
/* Intervals with exact rational ends. */
#include <stdlib.h>

#include "../support/fp_check.h"
#include "flowproof/interval.h"

static const fp_digits exact = {.exact = 4096, .prec = 256}, rough = {.exact = 24, .prec = 12};

static void set(fp_interval *x, slong low, slong high, ulong denominator)
{
    x->defined = true;
    x->low_infinite = x->high_infinite = false;
    fmpq_set_si(x->low, low, denominator);
    fmpq_set_si(x->high, high, denominator);
}

static void check_ends(const fp_interval *x, const char *low, const char *high)
{
    char *a = fmpq_get_str(NULL, 10, x->low), *b = fmpq_get_str(NULL, 10, x->high);
    ck_assert(x->defined);
    ck_assert_msg(x->low_infinite ? strcmp(low, "-inf") == 0 : strcmp(a, low) == 0, "lower end %s, wanted %s", a, low);
    ck_assert_msg(x->high_infinite ? strcmp(high, "inf") == 0 : strcmp(b, high) == 0, "upper end %s, wanted %s", b, high);
    flint_free(a);
    flint_free(b);
}

START_TEST(ends_are_exact)
{
    fp_interval a, b, x;
    fp_interval_init(&a);
    fp_interval_init(&b);
    fp_interval_init(&x);
    set(&a, 0, 3, 3);
    set(&b, -1, 2, 3);
    fp_interval_mul(&x, &a, &a, &exact);
    check_ends(&x, "0", "1");
    fp_interval_mul(&x, &a, &b, &exact);
    check_ends(&x, "-1/3", "2/3");
    fp_interval_mul(&x, &b, &b, &exact);
    check_ends(&x, "-2/9", "4/9");
    fp_interval_pow_si(&x, &b, 2, &exact);
    check_ends(&x, "0", "4/9");
    fp_interval_pow_si(&x, &b, -3, &exact);
    ck_assert(!x.defined);
    fp_interval_sqrt(&x, &a, &exact);
    check_ends(&x, "0", "1");
    fp_interval_abs(&x, &b);
    check_ends(&x, "0", "2/3");
    set(&x, 0, 0, 1);
    fp_interval_exp(&x, &x, &exact);
    check_ends(&x, "1", "1");
    fp_interval_log(&x, &x, &exact);
    check_ends(&x, "0", "0");
    set(&b, -1, -1, 2);
    fp_interval_pow_inside(&x, &a, &b, &exact); /* x^(-1/2) for 0 < x <= 1 */
    check_ends(&x, "1", "inf");
    fp_interval_clear(&a);
    fp_interval_clear(&b);
    fp_interval_clear(&x);
}
END_TEST

/* What has no value somewhere keeps that, whatever is done with it; and infinity times 0 is 0. */
START_TEST(what_has_no_value_is_not_defined)
{
    fp_interval a, zero, x;
    fp_interval_init(&a);
    fp_interval_init(&zero);
    fp_interval_init(&x);
    set(&a, 0, 1, 1);
    fp_interval_div(&x, &zero, &a, &exact);
    ck_assert(!x.defined);
    fp_interval_mul(&x, &x, &zero, &exact);
    ck_assert(!x.defined && fp_interval_is_nonnegative(&x) == FP_UNKNOWN && fp_interval_is_positive(&x) == FP_UNKNOWN);
    fp_interval_max(&x, &x, &a);
    ck_assert(!x.defined);
    fp_interval_log(&x, &a, &exact);
    ck_assert(!x.defined);
    set(&x, -1, 1, 1);
    fp_interval_sqrt(&x, &x, &exact);
    ck_assert(!x.defined);
    x = a;
    x.high_infinite = true;
    fp_interval_mul(&zero, &zero, &x, &exact);
    check_ends(&zero, "0", "0");
    fp_interval_init(&x);
    fp_interval_clear(&a);
    fp_interval_clear(&zero);
    fp_interval_clear(&x);
}
END_TEST

/* ---- random intervals: values at random points of the operands lie in the result, however roughly it is rounded */
static void draw(fp_interval *x, flint_rand_t state)
{
    slong low = (slong)n_randint(state, 41) - 20, width = n_randint(state, 4) ? (slong)n_randint(state, 20) : 0;
    set(x, low, low + width, 1 + n_randint(state, 9));
}

static void point_of(fmpq_t x, const fp_interval *a, flint_rand_t state)
{
    fmpq_t share;
    fmpq_init(share);
    fmpq_set_si(share, (slong)n_randint(state, 9), 8);
    fmpq_sub(x, a->high, a->low);
    fmpq_mul(x, x, share);
    fmpq_add(x, x, a->low);
    fmpq_clear(share);
}

static bool contains(const fp_interval *x, const fmpq_t value)
{
    return (x->low_infinite || fmpq_cmp(x->low, value) <= 0) && (x->high_infinite || fmpq_cmp(value, x->high) <= 0);
}

enum { ADD, SUB, MUL, DIV, MAX, MIN, SQUARE, CUBE, INVERSE, ABS, OPERATIONS };

static void apply(fp_interval *out, int operation, const fp_interval *a, const fp_interval *b, const fp_digits *digits)
{
    switch (operation) {
    case ADD: fp_interval_add(out, a, b, digits); break;
    case SUB: fp_interval_sub(out, a, b, digits); break;
    case MUL: fp_interval_mul(out, a, b, digits); break;
    case DIV: fp_interval_div(out, a, b, digits); break;
    case MAX: fp_interval_max(out, a, b); break;
    case MIN: fp_interval_min(out, a, b); break;
    case SQUARE: fp_interval_pow_si(out, a, 2, digits); break;
    case CUBE: fp_interval_pow_si(out, a, 3, digits); break;
    case INVERSE: fp_interval_pow_si(out, a, -1, digits); break;
    default: fp_interval_abs(out, a); break;
    }
}

/* false: no value */
static bool value_of(fmpq_t out, int operation, const fmpq_t a, const fmpq_t b)
{
    switch (operation) {
    case ADD: fmpq_add(out, a, b); return true;
    case SUB: fmpq_sub(out, a, b); return true;
    case MUL: fmpq_mul(out, a, b); return true;
    case DIV:
        if (!fmpq_is_zero(b)) fmpq_div(out, a, b);
        return !fmpq_is_zero(b);
    case MAX: fmpq_set(out, fmpq_cmp(a, b) >= 0 ? a : b); return true;
    case MIN: fmpq_set(out, fmpq_cmp(a, b) <= 0 ? a : b); return true;
    case SQUARE: fmpq_pow_si(out, a, 2); return true;
    case CUBE: fmpq_pow_si(out, a, 3); return true;
    case INVERSE:
        if (!fmpq_is_zero(a)) fmpq_inv(out, a);
        return !fmpq_is_zero(a);
    default: fmpq_abs(out, a); return true;
    }
}

static void check_operation(int operation, const fp_interval *a, const fp_interval *b, flint_rand_t state, int round)
{
    fp_interval sharp, wide;
    fmpq_t x, y, z;
    fp_interval_init(&sharp);
    fp_interval_init(&wide);
    fmpq_init(x);
    fmpq_init(y);
    fmpq_init(z);
    apply(&sharp, operation, a, b, &exact);
    apply(&wide, operation, a, b, &rough);
    ck_assert(sharp.defined == wide.defined);
    for (int k = 0; k < 8; k++) {
        point_of(x, a, state);
        point_of(y, b, state);
        bool has = value_of(z, operation, x, y);
        ck_assert_msg(has || !sharp.defined, "round %d, operation %d has no value, and is defined", round, operation);
        ck_assert_msg(!has || !sharp.defined || contains(&sharp, z), "round %d, operation %d", round, operation);
        ck_assert_msg(!has || !wide.defined || contains(&wide, z), "round %d, operation %d, rounded", round, operation);
    }
    fp_interval_clear(&sharp);
    fp_interval_clear(&wide);
    fmpq_clear(x);
    fmpq_clear(y);
    fmpq_clear(z);
}

START_TEST(results_contain_the_values_at_points)
{
    fp_interval a, b;
    flint_rand_t state;
    flint_randinit(state);
    fp_interval_init(&a);
    fp_interval_init(&b);
    for (int round = 0; round < 4000; round++) {
        draw(&a, state);
        draw(&b, state);
        check_operation(round % OPERATIONS, &a, &b, state, round);
    }
    fp_interval_clear(&a);
    fp_interval_clear(&b);
    flint_randclear(state);
}
END_TEST

/* exp, log, roots and powers against balls of many bits. */
START_TEST(functions_contain_their_values)
{
    fp_interval a, b, out;
    fmpq_t x;
    arb_t y, z;
    flint_rand_t state;
    flint_randinit(state);
    fp_interval_init(&a);
    fp_interval_init(&b);
    fp_interval_init(&out);
    fmpq_init(x);
    arb_init(y);
    arb_init(z);
    for (int round = 0; round < 2000; round++) {
        draw(&a, state);
        if (round % 4 != 0) fp_interval_abs(&a, &a);
        draw(&b, state);
        fp_interval_set_point(&b, b.low);
        point_of(x, &a, state);
        arb_set_fmpq(y, x, 600);
        const fp_digits *digits = round % 3 ? &exact : &rough;
        switch (round % 4) {
        case 0: fp_interval_exp(&out, &a, digits); arb_exp(y, y, 600); break;
        case 1: fp_interval_log(&out, &a, digits); arb_log(y, y, 600); break;
        case 2: fp_interval_sqrt(&out, &a, digits); arb_sqrt(y, y, 600); break;
        default: fp_interval_pow(&out, &a, &b, digits); arb_pow_fmpq(y, y, b.low, 600); break;
        }
        fp_interval_get_ball(z, &out, 300);
        bool inside = !out.defined || out.low_infinite || out.high_infinite || !arb_is_finite(y) || arb_overlaps(y, z);
        ck_assert_msg(inside && (out.defined || fp_interval_is_positive(&a) != FP_TRUE || round % 4 == 0), "round %d", round);
    }
    arb_clear(y);
    arb_clear(z);
    fmpq_clear(x);
    fp_interval_clear(&a);
    fp_interval_clear(&b);
    fp_interval_clear(&out);
    flint_randclear(state);
}
END_TEST

START_TEST(balls_around_intervals_keep_their_sign)
{
    fp_interval a;
    arb_t x;
    flint_rand_t state;
    flint_randinit(state);
    fp_interval_init(&a);
    arb_init(x);
    for (int round = 0; round < 2000; round++) {
        draw(&a, state);
        fp_interval_get_ball(x, &a, 4 + round % 60);
        ck_assert(arb_contains_fmpq(x, a.low) && arb_contains_fmpq(x, a.high));
        if (fmpq_sgn(a.low) >= 0) ck_assert(fp_ball_is_nonnegative(x) == FP_TRUE && (fmpq_sgn(a.low) == 0 || fp_ball_is_positive(x) == FP_TRUE));
        if (fmpq_sgn(a.high) < 0) ck_assert(fp_ball_is_nonnegative(x) == FP_FALSE);
    }
    arb_clear(x);
    fp_interval_clear(&a);
    flint_randclear(state);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("interval");
    TCase *tests = tcase_create("interval");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, ends_are_exact);
    tcase_add_test(tests, what_has_no_value_is_not_defined);
    tcase_add_test(tests, results_contain_the_values_at_points);
    tcase_add_test(tests, functions_contain_their_values);
    tcase_add_test(tests, balls_around_intervals_keep_their_sign);
    suite_add_tcase(suite, tests);
    return fp_test_main(suite);
}
