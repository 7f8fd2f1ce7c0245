/* SPDX-License-Identifier: MIT */
/* The operations of the verifier's tape: coefficients against closed forms and Arb's own power series, tails against the same series carried to many more orders, on cases where every term of a tail's
 * bound is attained (so that no bound could be halved, nor a term be left out) and on random programs. */
#include <math.h>
#include <stdlib.h>

#include "../../src/verify/verify_impl.h"
#include "../support/fp_check.h"
#include "../support/tape_bench.h"

enum { TRIALS = 150 };

/* ---- comparing */
/* |x| <= bound, as far as x is known */
static bool is_below(const arb_t x, mag_srcptr bound)
{
    arf_t least, most;
    mag_t size;
    mag_init(size);
    arf_init(most);
    arb_get_mag_lower(size, x);
    arf_init_set_mag_shallow(least, size);
    arf_set_mag(most, bound);
    bool below = arf_cmp(least, most) <= 0;
    arf_clear(most);
    mag_clear(size);
    return below;
}

static void check_coefficients(const tape_bench *b, size_t node)
{
    const fp_tape_node *n = b->tape.node + node;
    mag_t known;
    mag_init(known);
    mag_one(known);
    mag_add(known, known, n->norm);
    mag_mul_2exp_si(known, known, 48 - TAPE_PREC); /* some hundred operations, no ill-conditioned ones */
    for (int k = 0; k <= b->tape.order; k++) {
        ck_assert_msg(arb_overlaps(n->at + k, b->truth[node] + k), "node %zu: coefficient %d", node, k);
        ck_assert_msg(mag_cmp(arb_radref(n->at + k), known) <= 0, "node %zu: coefficient %d is off by up to %g", node, k, mag_get_d(arb_radref(n->at + k)));
        ck_assert_msg(is_below(b->truth[node] + k, n->size + k), "node %zu: size %d", node, k);
    }
    mag_clear(known);
}

/* sum over from <= k < to of |a_k| */
static void sum_sizes(arb_t sum, const tape_bench *b, size_t node, slong from, slong to)
{
    arb_t x;
    arb_init(x);
    arb_zero(sum);
    for (slong k = from; k < to; k++) {
        arb_abs(x, b->truth[node] + k);
        arb_add(sum, sum, x, TAPE_TRUE_PREC);
    }
    arb_clear(x);
}

/* tail/true tail, or 0 if there is none; fails if it is below 1. Orders from len on are left out of the true one, which makes the first check weaker and that of the ratio sharper. */
static double check_node(const tape_bench *b, size_t node)
{
    const fp_tape_node *n = b->tape.node + node;
    double ratio = 0;
    arb_t sum, bound;
    arb_init(sum);
    arb_init(bound);
    check_coefficients(b, node);
    sum_sizes(sum, b, node, 0, b->tape.order + 1);
    ck_assert_msg(is_below(sum, n->norm), "node %zu: norm", node);
    sum_sizes(sum, b, node, b->tape.order + 1, b->len);
    ck_assert_msg(is_below(sum, n->tail), "node %zu: tail %g, true tail %g", node, mag_get_d(n->tail), arf_get_d(arb_midref(sum), ARF_RND_NEAR));
    if (!arb_is_zero(sum)) {
        arf_set_mag(arb_midref(bound), n->tail);
        arb_div(bound, bound, sum, 64);
        ratio = arf_get_d(arb_midref(bound), ARF_RND_UP);
    }
    arb_clear(sum);
    arb_clear(bound);
    return ratio;
}

static void finish(tape_bench *b)
{
    ck_assert(tape_run(b));
    for (size_t x = 0; x < b->tape.nodes; x++) check_node(b, x);
}

/* ---- closed forms */
static void check_rational(const tape_bench *b, size_t node, int k, slong p, ulong q)
{
    arb_t x;
    arb_init(x);
    arb_set_si(x, p);
    arb_div_ui(x, x, q, TAPE_TRUE_PREC);
    ck_assert_msg(arb_overlaps(x, b->tape.node[node].at + k), "coefficient %d is not %ld/%lu", k, (long)p, (unsigned long)q);
    ck_assert(mag_cmp_2exp_si(arb_radref(b->tape.node[node].at + k), 16 - TAPE_PREC) < 0);
    arb_clear(x);
}

/* exp(s/2): 1/(2^k k!); exp(s^2): 1/(k/2)! at even k; 1/(1 - s/4): 4^-k; (1 + s)^2; 1/(1 + e^s) = 1/2 - s/4 + s^3/48 - s^5/480 + 17 s^7/80640 (Abramowitz and Stegun 4.5.64 for tanh(s/2)) */
START_TEST(coefficients_are_those_of_closed_forms)
{
    static const slong logistic[][2] = {{1, 2}, {-1, 4}, {0, 1}, {1, 48}, {0, 1}, {-1, 480}, {0, 1}, {17, 80640}};
    tape_bench b;
    tape_bench_init(&b, 7);
    size_t half = tape_exp(&b, tape_line(&b, 0, 0.5, 1)), square = tape_exp(&b, tape_line(&b, 0, 1, 2)), one = tape_line(&b, 1, 1, 1);
    size_t geometric = tape_div(&b, 0, tape_line(&b, 1, -0.25, 1)), product = tape_mul(&b, one, one), g = tape_logistic(&b, tape_line(&b, 0, 0.5, 1));
    finish(&b);
    for (int k = 0; k <= 7; k++) {
        ulong factorial = 1, of_half = 1;
        for (int i = 1; i <= k; i++) factorial *= (ulong)i;
        for (int i = 1; i <= k / 2; i++) of_half *= (ulong)i;
        check_rational(&b, half, k, 1, factorial << k);
        check_rational(&b, square, k, k % 2 == 0, of_half);
        check_rational(&b, geometric, k, 1, 1ul << 2 * k);
        check_rational(&b, product, k, k == 1 ? 2 : k == 0 || k == 2, 1);
        check_rational(&b, g, k, logistic[k][0], (ulong)logistic[k][1] << k);
    }
    tape_bench_clear(&b);
}
END_TEST

/* The numbers with exact inner products: 1/(1 - s/4) at order 7 lacks 4^-8/(1 - 1/4). */
START_TEST(tails_are_those_of_closed_forms)
{
    tape_bench b;
    tape_bench_init(&b, 7);
    size_t geometric = tape_div(&b, 0, tape_line(&b, 1, -0.25, 1)), cut = tape_line(&b, 3, -0.125, 9), none = tape_line(&b, 1, 1, 7);
    finish(&b);
    double tail = mag_get_d(b.tape.node[geometric].tail);
    ck_assert(tail >= 0x1p-16 / 0.75 && tail <= 0x1p-16 / 0.75 * (1 + 0x1p-20));
    tail = mag_get_d(b.tape.node[cut].tail);
    ck_assert(tail >= 0.125 && tail <= 0.125 * (1 + 0x1p-20));
    ck_assert(mag_is_zero(b.tape.node[none].tail));
    tape_bench_clear(&b);
}
END_TEST

/* ---- tails that are attained */
static tape_bench attained;

static double built(size_t node)
{
    finish(&attained);
    double ratio = check_node(&attained, node);
    tape_bench_clear(&attained);
    return ratio;
}

static void begin(int order)
{
    tape_bench_init(&attained, order);
}

/* 30-bit numbers, each operation rounded up: some dozen operations of relative error 2^-28 */
#define SHARP (1 + 0x1p-22)

START_TEST(tails_of_products_and_sums_of_positive_series_are_attained)
{
    tape_bench *b = &attained;
    begin(4);
    ck_assert_double_le(built(tape_line(b, 2, 3, 7)), SHARP); /* inner product */
    begin(4); /* each term of (8) alone: the double sum, T_a |b|, |a| T_b, T_a T_b, then all */
    ck_assert_double_le(built(tape_mul(b, tape_line(b, 1, 2, 3), tape_line(b, 3, 1, 2))), SHARP);
    begin(4);
    ck_assert_double_le(built(tape_mul(b, tape_line(b, 0, 2, 6), tape_line(b, 3, 1, 2))), SHARP);
    begin(4);
    ck_assert_double_le(built(tape_mul(b, tape_line(b, 3, 1, 2), tape_line(b, 0, 2, 6))), SHARP);
    begin(4);
    ck_assert_double_le(built(tape_mul(b, tape_line(b, 0, 2, 6), tape_line(b, 0, 3, 5))), SHARP);
    begin(4);
    ck_assert_double_le(built(tape_mul(b, tape_line(b, 1, 2, 6), tape_sum(b, tape_line(b, 1, 3, 5), 1, tape_line(b, 0, 1, 4), 1, false))), SHARP);
    begin(4); /* sums: the absolute values of terms of different order, and of their factor */
    ck_assert_double_le(built(tape_sum(b, tape_line(b, 1, 2, 6), -1, tape_line(b, 1, 3, 5), 1, true)), SHARP);
    begin(4);
    ck_assert_double_le(built(tape_sum(b, tape_line(b, 1, 0, 1), -1, tape_line(b, 1, -3, 5), -1, false)), SHARP);
}
END_TEST

/* e^{a + c s} at order P: c^{P+1}/(P+1)! and a factor between 1 and e^{2c} for the bound, 1 and e^c for the truth. With c = 0.01 they agree to 3%. */
START_TEST(tails_of_exponentials_are_nearly_attained)
{
    tape_bench *b = &attained;
    for (int order = 1; order <= 9; order += 4) {
        begin(order);
        ck_assert_double_le(built(tape_exp(b, tape_line(b, -3, 0.01, 1))), 1.03);
        begin(order); /* e^a (e^T - 1): T from a tail alone */
        ck_assert_double_le(built(tape_exp(b, tape_line(b, 2, 1, order + 1))), SHARP);
    }
    begin(9); /* e^{c s} (e^T - 1) with c = 1; the first part is 2^-17 of it */
    ck_assert_double_le(built(tape_exp(b, tape_sum(b, tape_line(b, -2, 1, 1), 1, tape_line(b, 0, 2, 11), 1, false))), 1.0001);
}
END_TEST

START_TEST(tails_of_quotients_are_attained)
{
    tape_bench *b = &attained;
    begin(5); /* 1/(1 - s/2): 2^-5 */
    ck_assert_double_le(built(tape_div(b, 0, tape_line(b, 1, -0.5, 1))), SHARP);
    begin(5); /* T_a alone, over -2 */
    ck_assert_double_le(built(tape_div(b, tape_line(b, 1, 3, 7), tape_line(b, -2, 0, 1))), SHARP);
    begin(5); /* T_b alone: 1/(1 - s^6/16) = 1 + s^6/16 + s^12/256 + ... */
    ck_assert_double_le(built(tape_div(b, 0, tape_line(b, 1, -0.0625, 6))), SHARP);
    begin(5); /* all of it: (1 + 3 s^7)/(1 - s/8 - s^6/4) has positive coefficients; T_b counts |q| up to order 5 */
    ck_assert_double_le(built(tape_div(b, tape_line(b, 1, 3, 7), tape_sum(b, tape_line(b, 1, -0.125, 1), 1, tape_line(b, 0, -0.25, 6), 1, false))), 1.0001);
}
END_TEST

/* With x = e^{-cs}, order 4, c -> 0: the true tail is c^5/480; (10) loses the signs and gives, with b = 1 + x, q = 1/2 - cs/4 + c^3 s^3/48, (c^5/48 for b_2 q_3 + b_4 q_1, c^5/240 for T_b |q|, c^5/120 for T_a)/2,
 * which is 8 times as much. When all of z is in its tail, (T_b/2 + T_a)/2 is 3 times the true T/4. For large |z| less is lost. */
START_TEST(tails_of_logistic_functions_are_near_for_either_sign)
{
    static const double start[] = {0, 20, -20};
    for (size_t k = 0; k < 3; k++) {
        tape_bench *b = &attained;
        begin(4);
        size_t g = tape_logistic(b, tape_line(b, start[k], 0.01, 1));
        double ratio = built(g);
        ck_assert_msg(ratio <= 8.2, "z = %g: %g", start[k], ratio);
        begin(4);
        g = tape_logistic(b, tape_line(b, start[k], 0.01, 6));
        ratio = built(g);
        ck_assert_msg(ratio <= 3.1, "z = %g, tail: %g", start[k], ratio);
    }
}
END_TEST

static void check_open(double a, double c, int k)
{
    tape_bench b;
    tape_bench_init(&b, 6);
    tape_div(&b, 0, tape_line(&b, a, c, k));
    ck_assert(!tape_run(&b));
    tape_bench_clear(&b);
}

START_TEST(series_that_do_not_converge_are_not_closed)
{
    check_open(1, -2, 1);
    check_open(1, -1, 1); /* just not */
    check_open(1, 1, 9);  /* a denominator with 0 in its tail alone */
    check_open(0, 1, 1);
}
END_TEST

/* ---- random programs */
static double uniform(fp_rng *r)
{
    return (double)(fp_rng_u32(r) >> 8) * 0x1p-23 - 1;
}

static size_t random_dot(tape_bench *b, fp_rng *r)
{
    size_t vector[2];
    double *coef = fp_alloc(TAPE_ROWS * ((size_t)b->tape.order + 1), sizeof *coef), decay = 0.2 + 0.1 * (uniform(r) + 1);
    for (int side = 0; side < 2; side++) {
        double size = 1;
        for (int k = 0; k <= b->tape.order; k++, size *= decay)
            for (int e = 0; e < TAPE_ROWS; e++) coef[TAPE_ROWS * k + e] = (float)(size * uniform(r));
        vector[side] = tape_vector(b, coef);
    }
    free(coef);
    return tape_dot(b, vector[0], vector[1], fp_rng_below(r, 2) == 0);
}

/* Denominators are 3 + x - y, so that some are not good enough. */
static size_t random_operation(tape_bench *b, fp_rng *r, size_t x, size_t y)
{
    int sign = fp_rng_below(r, 2) ? 1 : -1;
    switch (fp_rng_below(r, 5)) {
    case 0: return tape_sum(b, x, sign, y, 1, fp_rng_below(r, 2) == 0);
    case 1: return tape_mul(b, x, y);
    case 2: return tape_exp(b, x);
    case 3: return tape_div(b, x, tape_sum(b, tape_line(b, 3, 0, 1), sign, y, 1, false));
    default: return tape_logistic(b, x);
    }
}

START_TEST(tails_of_random_programs_are_never_below_the_truth)
{
    fp_rng r;
    size_t checked = 0, all = 0;
    fp_rng_init(&r, 11, 1);
    for (int trial = 0; trial < TRIALS; trial++) {
        tape_bench b;
        size_t at[16], count = 0;
        tape_bench_init(&b, 1 + trial % 9);
        while (count < 4) at[count++] = random_dot(&b, &r);
        for (; count < 12; count++) at[count] = random_operation(&b, &r, at[fp_rng_below(&r, count)], at[fp_rng_below(&r, count)]);
        tape_run(&b);
        for (size_t x = 0; x < b.tape.nodes; x++, all++) {
            if (!mag_is_finite(b.tape.node[x].tail) || mag_cmp_2exp_si(b.tape.node[x].norm, 40) > 0) continue;
            check_node(&b, x);
            checked++;
        }
        tape_bench_clear(&b);
    }
    ck_assert_msg(4 * checked >= 3 * all, "%zu of %zu", checked, all);
}
END_TEST

/* ---- ranges: over an interval, all values; at a point, no more than the tail wide */
static void check_range(const tape_bench *b, size_t node, double low, double high, arb_ptr power)
{
    const fp_tape_node *n = b->tape.node + node;
    arb_t range, s, value;
    arf_t from, to;
    arb_init(range);
    arb_init(s);
    arb_init(value);
    arf_init(from);
    arf_init(to);
    arf_set_d(from, low);
    arf_set_d(to, high);
    fp_leg_powers(power, b->tape.order, from, to, TAPE_PREC);
    fp_tape_range(range, &b->tape, node, power, TAPE_PREC);
    for (int k = 0; k <= 4; k++) {
        arb_set_d(s, low + (high - low) * k / 4);
        _arb_poly_evaluate(value, b->truth[node], b->len, s, TAPE_TRUE_PREC);
        ck_assert_msg(arb_contains(range, value), "node %zu: [%g, %g]", node, low, high);
    }
    if (low == high) ck_assert(mag_get_d(arb_radref(range)) <= mag_get_d(n->tail) * (1 + 0x1p-20) + 0x1p-80 * mag_get_d(n->norm));
    arb_clear(range);
    arb_clear(s);
    arb_clear(value);
    arf_clear(from);
    arf_clear(to);
}

START_TEST(ranges_hold_every_value)
{
    fp_rng r;
    fp_rng_init(&r, 12, 1);
    for (int trial = 0; trial < 30; trial++) {
        tape_bench b;
        tape_bench_init(&b, 1 + trial % 6);
        size_t x = random_dot(&b, &r), y = tape_exp(&b, x), g = tape_logistic(&b, tape_mul(&b, y, random_dot(&b, &r)));
        if (!tape_run(&b)) {
            tape_bench_clear(&b);
            continue;
        }
        arb_ptr power = _arb_vec_init(b.tape.order + 1);
        for (int k = 0; k <= 8; k++) {
            double low = fabs(uniform(&r)), high = low + (1 - low) * fabs(uniform(&r));
            if (k % 3 == 0) high = low;
            check_range(&b, y, low, high, power);
            check_range(&b, g, low, high, power);
        }
        check_range(&b, g, 0, 1, power);
        check_range(&b, g, 1, 1, power);
        _arb_vec_clear(power, b.tape.order + 1);
        tape_bench_clear(&b);
    }
}
END_TEST

/* ---- overlap */
static void naive_overlap(arb_t out, mag_srcptr a, mag_srcptr b, int order, int least)
{
    arb_t x, y;
    arb_init(x);
    arb_init(y);
    arb_zero(out);
    for (int i = 0; i <= order; i++)
        for (int j = 0; j <= order; j++) {
            arf_set_mag(arb_midref(x), a + i);
            arf_set_mag(arb_midref(y), b + j);
            if (i + j >= least) arb_addmul(out, x, y, TAPE_TRUE_PREC);
        }
    arb_clear(x);
    arb_clear(y);
}

START_TEST(overlap_is_the_double_sum_for_every_least_order)
{
    enum { MOST = 12 };
    fp_rng r;
    arb_t truth, found;
    fp_rng_init(&r, 13, 1);
    arb_init(truth);
    arb_init(found);
    mag_ptr a = _mag_vec_init(MOST + 1), b = _mag_vec_init(MOST + 1);
    for (int order = 0; order <= MOST; order++) {
        for (int k = 0; k <= order; k++) {
            mag_set_d(a + k, fp_rng_below(&r, 4) == 0 ? 0 : fabs(uniform(&r)));
            mag_set_d(b + k, fp_rng_below(&r, 4) == 0 ? 0 : fabs(uniform(&r)));
        }
        for (int least = -2; least <= 2 * order + 3; least++) {
            up sum = fp_tape_overlap(a, b, order, least);
            naive_overlap(truth, a, b, order, least);
            ck_assert_msg(is_below(truth, &sum), "order %d, from %d on", order, least);
            arf_set_mag(arb_midref(found), &sum);
            arb_set_d(truth, arf_get_d(arb_midref(truth), ARF_RND_UP) * SHARP);
            ck_assert_msg(arb_le(found, truth), "order %d, from %d on: too large", order, least);
        }
    }
    _mag_vec_clear(a, MOST + 1);
    _mag_vec_clear(b, MOST + 1);
    arb_clear(truth);
    arb_clear(found);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tape of the verifier");
    TCase *cases = tcase_create("tape");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, coefficients_are_those_of_closed_forms);
    tcase_add_test(cases, tails_are_those_of_closed_forms);
    tcase_add_test(cases, tails_of_products_and_sums_of_positive_series_are_attained);
    tcase_add_test(cases, tails_of_exponentials_are_nearly_attained);
    tcase_add_test(cases, tails_of_quotients_are_attained);
    tcase_add_test(cases, tails_of_logistic_functions_are_near_for_either_sign);
    tcase_add_test(cases, series_that_do_not_converge_are_not_closed);
    tcase_add_test(cases, tails_of_random_programs_are_never_below_the_truth);
    tcase_add_test(cases, ranges_hold_every_value);
    tcase_add_test(cases, overlap_is_the_double_sum_for_every_least_order);
    suite_add_tcase(suite, cases);
    return fp_test_main(suite);
}
