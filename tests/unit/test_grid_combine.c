/* SPDX-License-Identifier: MIT */
/* Combinations on the grid against exact balls. */
#include <stdlib.h>

#include "../support/grid_rig.h"

typedef struct {
    fp_grid x, out;
    arb_ptr a;
    const arb_struct **pa;
    const fp_grid_vec **px;
    size_t count;
} combination;

static void combination_init(combination *c, size_t count, size_t len, int limbs)
{
    c->count = count;
    fp_grid_init(&c->x, count, len, limbs);
    fp_grid_init(&c->out, 1, len, limbs);
    c->a = _arb_vec_init((slong)count);
    c->pa = fp_alloc(count, sizeof *c->pa);
    c->px = fp_alloc(count, sizeof *c->px);
    for (size_t s = 0; s < count; s++) {
        c->pa[s] = c->a + s;
        c->px[s] = c->x.at + s;
    }
}

static void combination_clear(combination *c)
{
    _arb_vec_clear(c->a, (slong)c->count);
    free(c->pa);
    free(c->px);
    fp_grid_clear(&c->x);
    fp_grid_clear(&c->out);
}

/* A random coefficient of `bits` bits and its radius, 2^scale at most. */
static void random_coefficient(arb_t a, slong bits, slong scale, slong radius)
{
    arb_zero(a);
    for (slong b = 0; b < bits; b += 60) {
        arb_mul_2exp_si(a, a, 60);
        arb_add_si(a, a, random_digit(), EXACT);
    }
    arb_set_round(a, a, bits);
    mag_zero(arb_radref(a));
    arb_mul_2exp_si(a, a, scale - 60 * ((bits + 59) / 60));
    if (fp_rng_below(&rng, 2))
        arb_neg(a, a);
    if (radius != 0)
        mag_set_ui_2exp_si(arb_radref(a), 1, radius);
}

/* square = |out - sum a x / divisor|^2 for the a given, exactly but for the division */
static void combination_error(arb_t square, const combination *c, arb_srcptr a, unsigned long divisor)
{
    arb_t sum, e;
    arb_init(sum);
    arb_init(e);
    arb_zero(square);
    for (size_t r = 0; r < c->out.len; r++) {
        arb_zero(sum);
        for (size_t s = 0; s < c->count; s++) {
            fp_grid_get_ball(e, c->px[s], r);
            arb_addmul(sum, e, a + s, EXACT);
        }
        fp_grid_get_ball(e, c->out.at, r);
        arb_submul_ui(sum, e, divisor, EXACT);
        arb_addmul(square, sum, sum, EXACT);
    }
    arb_div_ui(square, square, divisor, 8000);
    arb_div_ui(square, square, divisor, 8000);
    arb_clear(sum);
    arb_clear(e);
}

/* A point of every ball, at its end. */
static arb_ptr ends_of(const combination *c)
{
    arb_ptr p = _arb_vec_init((slong)c->count);
    for (size_t s = 0; s < c->count; s++) {
        arf_t r;
        arf_init_set_mag_shallow(r, arb_radref(c->a + s));
        (fp_rng_below(&rng, 2) ? arf_add : arf_sub)(arb_midref(p + s), arb_midref(c->a + s), r, EXACT, ARF_RND_DOWN);
    }
    return p;
}

static void check_combination(combination *c, unsigned long divisor, bool sharp)
{
    mag_t error;
    arb_t square, bound;
    mag_init(error);
    arb_init(square);
    arb_init(bound);
    ck_assert(fp_grid_combine(c->out.at, error, c->pa, c->px, c->count, divisor));
    check_digits(c->out.at);
    check_norm(c->out.at);
    arb_ptr p = ends_of(c);
    combination_error(square, c, p, divisor);
    check_bound(square, error, "combine");
    arf_set_mag(arb_midref(bound), error);
    arb_mul(bound, bound, bound, EXACT);
    arb_mul_2exp_si(square, square, 8);
    ck_assert_msg(!sharp || arb_le(bound, square), "combine of %zu terms: bound more than 16 times the error", c->count);
    _arb_vec_clear(p, (slong)c->count);
    mag_clear(error);
    arb_clear(square);
    arb_clear(bound);
}

START_TEST(combinations_are_bounded_and_sharp)
{
    const size_t counts[] = {1, 2, 15, 16, 17, 100};
    for (size_t k = 0; k < KINDS - 1; k++)
        for (size_t i = 0; i < 6; i++) {
            combination c;
            int n = limb_counts[k];
            combination_init(&c, counts[i], i == 2 ? 1 : 64, n);
            for (size_t s = 0; s < counts[i]; s++) {
                fill(c.x.at + s, (slong)fp_rng_below(&rng, 300) - 100);
                random_coefficient(c.a + s, 60 * n + 32, -c.x.at[s].exponent - (slong)fp_rng_below(&rng, 6), 0);
            }
            check_combination(&c, 1, i != 2);
            check_combination(&c, 7, i != 2);
            check_combination(&c, 1ul << 20, i != 2);
            check_combination(&c, ~0ul, i != 2);
            combination_clear(&c);
        }
}
END_TEST

START_TEST(the_error_of_thousands_of_terms_is_that_of_the_last_rounding)
{
    for (int n = 1; n <= 3; n++) {
        combination c;
        mag_t error;
        mag_init(error);
        combination_init(&c, 3000, 100, n);
        for (size_t s = 0; s < c.count; s++) {
            fill(c.x.at + s, 0);
            random_coefficient(c.a + s, 60 * n + 32, 0, 0);
        }
        ck_assert(fp_grid_combine(c.out.at, error, c.pa, c.px, c.count, 3));
        mag_mul_2exp_si(error, error, -c.out.at->exponent);
        ck_assert_msg(mag_cmp_2exp_si(error, 4) < 0, "%g units", mag_get_d(error)); /* sqrt(100)/2 of the rounding */
        combination_clear(&c);
        mag_clear(error);
    }
}
END_TEST

START_TEST(terms_of_very_different_size_and_wide_balls)
{
    for (size_t k = 0; k < KINDS - 1; k++)
        for (int trial = 0; trial < 10; trial++) {
            combination c;
            int n = limb_counts[k];
            combination_init(&c, 20, 30, n);
            for (size_t s = 0; s < 20; s++) {
                slong scale = (slong)fp_rng_below(&rng, 4000) - 2000, size = trial < 5 ? (slong)fp_rng_below(&rng, 100) : (slong)fp_rng_below(&rng, 100000) - 50000;
                if (s != 3)
                    fill(c.x.at + s, scale);
                random_coefficient(c.a + s, 60 * (1 + (slong)fp_rng_below(&rng, 4)), -scale + size, fp_rng_below(&rng, 2) ? -scale - 90 : 0);
            }
            arb_zero(c.a + 4);
            arf_zero(arb_midref(c.a + 5));
            check_combination(&c, 1 + (unsigned long)trial, false);
            combination_clear(&c);
        }
}
END_TEST

START_TEST(integers_combine_exactly)
{
    for (size_t k = 0; k < KINDS; k++) {
        combination c;
        mag_t error;
        arb_t square;
        mag_init(error);
        arb_init(square);
        combination_init(&c, 3, 5, limb_counts[k]);
        for (size_t s = 0; s < 3; s++) {
            fp_vec *v = fp_vec_new(5, 60);
            mag_t none;
            mag_init(none);
            for (size_t r = 0; r < 5; r++)
                fp_vec_set_d(v, r, (double)((long)fp_rng_below(&rng, 2000) - 1000));
            ck_assert(fp_grid_from_vec(c.x.at + s, none, v, 0) && mag_is_zero(none));
            fp_vec_free(v);
            mag_clear(none);
            arb_set_si(c.a + s, (slong)s * 5 - 3);
        }
        ck_assert(fp_grid_combine(c.out.at, error, c.pa, c.px, 3, 8));
        ck_assert_msg(mag_is_zero(error), "%d digits", limb_counts[k]);
        combination_error(square, &c, c.a, 8);
        ck_assert(arb_is_zero(square));
        combination_clear(&c);
        mag_clear(error);
        arb_clear(square);
    }
}
END_TEST

START_TEST(no_combination_overflows_with_all_digits_at_their_ends)
{
    const int64_t most = (INT64_C(1) << 60) - 1;
    for (size_t k = 0; k < KINDS; k++)
        for (int signs = 0; signs < 4; signs++) {
            combination c;
            int n = limb_counts[k];
            combination_init(&c, n > 7 ? 40 : 2000, 3, n);
            for (size_t s = 0; s < c.count; s++) {
                fill_extreme(c.x.at + s, signs & 1 ? -most : most);
                arb_one(c.a + s);
                arb_mul_2exp_si(c.a + s, c.a + s, 60 * n + 14);
                arb_sub_ui(c.a + s, c.a + s, 1, EXACT);
                arb_mul_2exp_si(c.a + s, c.a + s, -3000);
                if (signs & 2)
                    arb_neg(c.a + s, c.a + s);
            }
            check_combination(&c, 1, false);
            combination_clear(&c);
        }
}
END_TEST

START_TEST(a_combination_of_nothing_is_zero)
{
    combination c;
    mag_t error;
    mag_init(error);
    combination_init(&c, 2, 9, 2);
    fill(c.out.at, 0);
    ck_assert(fp_grid_combine(c.out.at, error, c.pa, c.px, 0, 5));
    ck_assert(mag_is_zero(error) && mag_is_zero(c.out.at->norm));
    fill(c.x.at, 0);
    fill(c.out.at, 0);
    ck_assert(fp_grid_combine(c.out.at, error, c.pa, c.px, 2, 5));
    ck_assert(mag_is_zero(error) && mag_is_zero(c.out.at->norm));
    combination_clear(&c);
    mag_clear(error);
}
END_TEST

START_TEST(a_coefficient_that_is_not_finite_is_refused)
{
    for (int kind = 0; kind < 3; kind++) {
        combination c;
        mag_t error;
        mag_init(error);
        combination_init(&c, 2, 9, 2);
        fill(c.x.at, 0);
        fill(c.out.at, 0);
        arb_one(c.a);
        if (kind == 0)
            arb_indeterminate(c.a + 1);
        else if (kind == 1)
            mag_inf(arb_radref(c.a));
        else
            arf_pos_inf(arb_midref(c.a));
        ck_assert(!fp_grid_combine(c.out.at, error, c.pa, c.px, 2, 1));
        ck_assert(mag_is_inf(error) && mag_is_zero(c.out.at->norm));
        combination_clear(&c);
        mag_clear(error);
    }
}
END_TEST

START_TEST(cancellation_to_zero_keeps_the_error)
{
    combination c;
    mag_t error;
    mag_init(error);
    combination_init(&c, 2, 20, 2);
    fill(c.x.at, 0);
    fp_grid_copy(c.x.at + 1, c.x.at);
    arb_set_ui(c.a, 3);
    arb_set_si(c.a + 1, -3);
    mag_set_ui_2exp_si(arb_radref(c.a), 1, -50);
    ck_assert(fp_grid_combine(c.out.at, error, c.pa, c.px, 2, 1));
    ck_assert(mag_is_zero(c.out.at->norm));
    mag_t least;
    mag_init(least);
    mag_mul_2exp_si(least, c.x.at->norm, -51);
    ck_assert(mag_cmp(error, least) > 0);
    mag_clear(least);
    combination_clear(&c);
    mag_clear(error);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("grid_combine");
    TCase *c = tcase_create("grid_combine");
    tcase_add_checked_fixture(c, open_rng, NULL);
    tcase_set_timeout(c, 120);
    const TTest *const tests[] = {
        combinations_are_bounded_and_sharp,
        the_error_of_thousands_of_terms_is_that_of_the_last_rounding,
        terms_of_very_different_size_and_wide_balls,
        integers_combine_exactly,
        no_combination_overflows_with_all_digits_at_their_ends,
        a_combination_of_nothing_is_zero,
        a_coefficient_that_is_not_finite_is_refused,
        cancellation_to_zero_keeps_the_error,
    };
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(c, tests[i]);
    suite_add_tcase(s, c);
    return fp_test_main(s);
}
