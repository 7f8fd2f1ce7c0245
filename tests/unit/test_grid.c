/* SPDX-License-Identifier: MIT */
/* Grid vectors and dot products against exact balls: every bound must hold, and be no more than a small factor too large. */
#include <math.h>

#include "../support/grid_rig.h"

static const size_t lengths[] = {1, 2, 17, 128, 331};

static void check_rounded_vec(size_t len, int limbs, slong bits, slong scale)
{
    fp_grid g;
    arb_t a, b, square;
    mag_t error;
    fp_grid_init(&g, 1, len, limbs);
    arb_init(a);
    arb_init(b);
    arb_init(square);
    mag_init(error);
    fp_vec *v = random_vec(len, bits, scale);
    ck_assert(fp_grid_from_vec(g.at, error, v, 0));
    check_digits(g.at);
    check_norm(g.at);
    for (size_t r = 0; r < len; r++) {
        fp_vec_get_ball(a, v, r);
        fp_grid_get_ball(b, g.at, r);
        arb_sub(a, a, b, EXACT);
        arb_addmul(square, a, a, EXACT);
    }
    check_bound(square, error, "from_vec");
    arf_set_mag(arb_midref(b), error);
    arb_mul(b, b, b, EXACT);
    arb_mul_2exp_si(square, square, 8);
    ck_assert_msg(arb_le(b, square) || len < 17, "from_vec: bound not sharp");
    fp_vec_free(v);
    fp_grid_clear(&g);
    arb_clear(a);
    arb_clear(b);
    arb_clear(square);
    mag_clear(error);
}

START_TEST(rounding_a_vector_to_the_grid_is_bounded_and_sharp)
{
    const slong scales[] = {0, -3, 900, -5000, 1000000, -100000000};
    for (size_t k = 0; k < KINDS; k++)
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
            check_rounded_vec(lengths[i], limb_counts[k], 60 * limb_counts[k] + 50, scales[(k + i) % 6]);
}
END_TEST

START_TEST(a_vector_that_fits_comes_back_exactly)
{
    for (size_t k = 0; k < KINDS; k++) {
        int limbs = limb_counts[k];
        fp_grid g;
        mag_t error;
        mpfr_t a, b;
        mpfr_inits2(60 * limbs, a, b, (mpfr_ptr)0);
        mag_init(error);
        fp_grid_init(&g, 2, 33, limbs);
        fp_vec *v = random_vec(33, 53, 4), *w = fp_vec_new(40, 60 * limbs);
        ck_assert(fp_grid_from_vec(g.at, error, v, 0));
        ck_assert(limbs == 1 || mag_is_zero(error));
        fp_grid_copy(g.at + 1, g.at);
        fp_grid_to_vec(w, 7, g.at + 1);
        for (size_t r = 0; limbs > 1 && r < 33; r++) {
            fp_vec_get(a, v, r);
            fp_vec_get(b, w, 7 + r);
            ck_assert(mpfr_equal_p(a, b));
        }
        fp_vec_free(v);
        fp_vec_free(w);
        fp_grid_clear(&g);
        mag_clear(error);
        mpfr_clears(a, b, (mpfr_ptr)0);
    }
}
END_TEST

START_TEST(zero_and_numbers_that_are_not_finite)
{
    fp_grid g;
    mag_t error;
    mpfr_t x;
    mpfr_init2(x, 80);
    mag_init(error);
    fp_grid_init(&g, 1, 3, 2);
    fp_vec *v = fp_vec_new(3, 80);
    ck_assert(fp_grid_from_vec(g.at, error, v, 0) && mag_is_zero(error) && mag_is_zero(g.at->norm));
    mpfr_set_nan(x);
    fp_vec_set(v, 1, x);
    ck_assert(!fp_grid_from_vec(g.at, error, v, 0) && mag_is_inf(error));
    mpfr_set_inf(x, -1);
    fp_vec_set(v, 1, x);
    ck_assert(!fp_grid_from_vec(g.at, error, v, 0));
    ck_assert_int_eq(fp_grid_limbs_for(-5), 1);
    ck_assert_int_eq(fp_grid_limbs_for(60), 1);
    ck_assert_int_eq(fp_grid_limbs_for(61), 2);
    ck_assert_int_eq(fp_grid_limbs_for(180), 3);
    fp_grid empty = {0};
    fp_grid_clear(&empty);
    fp_vec_free(v);
    fp_grid_clear(&g);
    mag_clear(error);
    mpfr_clear(x);
}
END_TEST

START_TEST(a_value_next_to_the_largest_is_rounded_up_into_range)
{
    for (int limbs = 1; limbs <= 3; limbs++)
        for (int sign = -1; sign <= 1; sign += 2) {
            fp_grid g;
            mag_t error;
            mpfr_t x;
            arb_t a, b;
            mpfr_init2(x, 400);
            mag_init(error);
            arb_init(a);
            arb_init(b);
            fp_grid_init(&g, 1, 1, limbs);
            fp_vec *v = fp_vec_new(1, 400);
            mpfr_set_si(x, sign, MPFR_RNDN);
            mpfr_div_2ui(x, x, 300, MPFR_RNDN);
            mpfr_si_sub(x, sign, x, MPFR_RNDN);
            fp_vec_set(v, 0, x);
            ck_assert(fp_grid_from_vec(g.at, error, v, 0));
            check_digits(g.at);
            fp_grid_get_ball(a, g.at, 0);
            fp_vec_get_ball(b, v, 0);
            arb_sub(a, a, b, EXACT);
            arb_mul(a, a, a, EXACT);
            check_bound(a, error, "near 1");
            ck_assert(mag_cmp_2exp_si(error, -60 * limbs + 2) < 0);
            fp_vec_free(v);
            fp_grid_clear(&g);
            mpfr_clear(x);
            mag_clear(error);
            arb_clear(a);
            arb_clear(b);
        }
}
END_TEST

START_TEST(doubles_are_within_their_relative_error)
{
    for (size_t k = 0; k < KINDS; k++)
        for (int far = 0; far < 3; far++) {
            fp_grid g;
            arb_t a, b;
            double out[50];
            slong scale;
            arb_init(a);
            arb_init(b);
            fp_grid_init(&g, 1, 50, limb_counts[k]);
            fill(g.at, far == 0 ? 0 : far == 1 ? 100000 : -3000);
            fp_grid_to_doubles(out, &scale, g.at);
            ck_assert(far != 0 || scale == 0);
            for (size_t r = 0; r < 50; r++) {
                fp_grid_get_ball(a, g.at, r);
                arb_set_d(b, out[r]);
                arb_mul_2exp_si(b, b, scale);
                arb_sub(b, b, a, EXACT);
                arb_abs(a, a);
                arb_abs(b, b);
                arb_mul_2exp_si(a, a, -52);
                ck_assert(arb_le(b, a));
            }
            arb_clear(a);
            arb_clear(b);
            fp_grid_clear(&g);
        }
}
END_TEST

/* ---- dot products */

static void exact_dot(arb_t out, const fp_grid_vec *x, const fp_grid_vec *y)
{
    arb_t a, b;
    arb_init(a);
    arb_init(b);
    for (size_t r = 0; r < x->len; r++) {
        fp_grid_get_ball(a, x, r);
        fp_grid_get_ball(b, y, r);
        arb_addmul(out, a, b, EXACT);
    }
    arb_clear(a);
    arb_clear(b);
}

static void check_dot(const fp_grid_vec *x, const fp_grid_vec *y)
{
    arb_t exact, dot;
    arb_init(exact);
    arb_init(dot);
    exact_dot(exact, x, y);
    fp_grid_dot(dot, x, y, EXACT);
    ck_assert_msg(arb_equal(dot, exact), "dot of %d digits, length %zu", x->limbs, x->len);
    fp_grid_dot(dot, x, y, 40);
    arb_set_round(exact, exact, 40);
    ck_assert(arb_equal(dot, exact));
    arb_clear(exact);
    arb_clear(dot);
}

START_TEST(dot_is_the_exact_integer)
{
    for (size_t k = 0; k < KINDS; k++)
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            fp_grid g;
            fp_grid_init(&g, 2, lengths[i], limb_counts[k]);
            fill(g.at, 3);
            fill(g.at + 1, -700);
            check_dot(g.at, g.at + 1);
            check_dot(g.at, g.at);
            fp_grid_clear(&g);
        }
}
END_TEST

START_TEST(no_column_overflows_with_all_digits_at_their_ends)
{
    const int64_t most = (INT64_C(1) << 60) - 1;
    const size_t len = 100000;
    for (size_t k = 0; k < KINDS - 1; k++)
        for (int signs = 0; signs < 3; signs++) {
            fp_grid g;
            arb_t entry, other, dot;
            arb_init(entry);
            arb_init(other);
            arb_init(dot);
            fp_grid_init(&g, 2, len, limb_counts[k]);
            fill_extreme(g.at, signs == 2 ? -most : most);
            fill_extreme(g.at + 1, signs >= 1 ? -most : most);
            fp_grid_get_ball(entry, g.at, 0);
            fp_grid_get_ball(other, g.at + 1, len - 1);
            arb_mul(entry, entry, other, EXACT);
            arb_mul_ui(entry, entry, len, EXACT);
            fp_grid_dot(dot, g.at, g.at + 1, EXACT);
            ck_assert(arb_equal(dot, entry));
            fp_grid_clear(&g);
            arb_clear(entry);
            arb_clear(other);
            arb_clear(dot);
        }
}
END_TEST

static void check_dots(int limbs, slong spread)
{
    enum { COUNT = 23 };
    fp_grid g;
    const fp_grid_vec *x[COUNT], *y[COUNT];
    arb_t exact, out;
    arb_init(exact);
    arb_init(out);
    fp_grid_init(&g, COUNT + 1, 40, limbs);
    for (size_t s = 0; s < COUNT; s++)
        fill(g.at + s, spread * (slong)s);
    for (size_t s = 0; s < COUNT; s++) {
        x[s] = g.at + s;
        y[s] = s == 5 ? g.at + COUNT : g.at + (COUNT - 1 - s) / 2; /* one of them 0 */
        exact_dot(exact, x[s], y[s]);
    }
    arb_set_si(out, 77);
    arb_add(exact, exact, out, EXACT);
    fp_grid_dots(out, x, y, COUNT, 500);
    ck_assert(arb_contains(out, exact));
    ck_assert(arb_rel_accuracy_bits(out) >= 450);
    arb_sub(out, out, exact, EXACT);
    fp_grid_dots(out, x, y, 0, 500);
    arb_set_round(exact, exact, 100);
    fp_grid_clear(&g);
    arb_clear(exact);
    arb_clear(out);
}

START_TEST(sums_of_dots_are_exact_up_to_one_rounding)
{
    const slong spreads[] = {0, 1, -7, 90, -3000};
    for (size_t k = 0; k < KINDS - 1; k++)
        for (size_t i = 0; i < 5; i++)
            check_dots(limb_counts[k], spreads[i]);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("grid");
    TCase *c = tcase_create("grid");
    tcase_add_checked_fixture(c, open_rng, NULL);
    tcase_set_timeout(c, 120);
    const TTest *const tests[] = {
        rounding_a_vector_to_the_grid_is_bounded_and_sharp,
        a_vector_that_fits_comes_back_exactly,
        zero_and_numbers_that_are_not_finite,
        a_value_next_to_the_largest_is_rounded_up_into_range,
        doubles_are_within_their_relative_error,
        dot_is_the_exact_integer,
        no_column_overflows_with_all_digits_at_their_ends,
        sums_of_dots_are_exact_up_to_one_rounding,
    };
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(c, tests[i]);
    suite_add_tcase(s, c);
    return fp_test_main(s);
}
