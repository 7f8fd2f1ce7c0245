/* SPDX-License-Identifier: MIT */
/* Bounds by value: every operation is on its side of the exact result, and no further away than a few roundings to 30 bits. */
#include <stdlib.h>

#include "../../src/verify/up.h"
#include "../support/fp_check.h"

enum { PREC = 200, TRIALS = 2000 };

static fp_rng rng;

static void open_rng(void)
{
    fp_rng_init(&rng, 17, 1);
}

/* 30 random bits times 2^-20..2^19 */
static up any(void)
{
    return up_scale(up_ui(1 + (fp_rng_u32(&rng) >> 2)), (slong)fp_rng_below(&rng, 40) - 50);
}

static void exact(arb_t out, up x)
{
    arb_zero(out);
    arf_set_mag(arb_midref(out), &x);
}

/* side = 1: found >= truth, -1: found <= truth; and found within 2^-slack of truth */
static void check(const char *name, up found, const arb_t truth, int side, int slack)
{
    arb_t x, off;
    arb_init(x);
    arb_init(off);
    exact(x, found);
    ck_assert_msg(side > 0 ? !arb_lt(x, truth) : !arb_gt(x, truth), "%s: on the wrong side", name);
    arb_sub(off, x, truth, PREC);
    arb_abs(off, off);
    arb_mul_2exp_si(off, off, slack);
    ck_assert_msg(!arb_gt(off, truth), "%s: too far off", name);
    arb_clear(x);
    arb_clear(off);
}

static void set_hypot(arb_t out, const arb_t x, const arb_t y)
{
    arb_t t;
    arb_init(t);
    arb_mul(t, x, x, PREC);
    arb_addmul(t, y, y, PREC);
    arb_sqrt(out, t, PREC);
    arb_clear(t);
}

START_TEST(operations_on_two_numbers_are_rounded_to_their_side)
{
    arb_t x, y, z;
    arb_init(x);
    arb_init(y);
    arb_init(z);
    for (int k = 0; k < TRIALS; k++) {
        up a = any(), b = any();
        exact(x, a);
        exact(y, b);
        arb_add(z, x, y, PREC);
        check("add", up_add(a, b), z, 1, 27);
        arb_mul(z, x, y, PREC);
        check("mul", up_mul(a, b), z, 1, 27);
        arb_div(z, x, y, PREC);
        check("div", up_div(a, b), z, 1, 26);
        set_hypot(z, x, y);
        check("hypot", up_hypot(a, b), z, 1, 25);
        arb_max(z, x, y, PREC);
        check("max", up_max(a, b), z, 1, 100);
        arb_min(z, x, y, PREC);
        check("min", up_min(a, b), z, 1, 100);
        if (up_below(b, up_scale(a, -1))) {
            arb_sub(z, x, y, PREC);
            check("less", up_less(a, b), z, -1, 26);
        } else if (!up_below(b, a))
            ck_assert(!up_below(up_zero(), up_less(a, b)));
    }
    arb_clear(x);
    arb_clear(y);
    arb_clear(z);
}
END_TEST

START_TEST(functions_of_one_number_are_rounded_upward)
{
    arb_t x, z;
    arb_init(x);
    arb_init(z);
    for (int k = 0; k < TRIALS; k++) {
        up a = any();
        exact(x, a);
        arb_sqrt(z, x, PREC);
        check("sqrt", up_sqrt(a), z, 1, 26);
        arb_mul(z, x, x, PREC);
        check("square", up_square(a), z, 1, 27);
        arb_mul_2exp_si(z, x, -3);
        check("scale", up_scale(a, -3), z, 1, 100);
        if (!up_below(a, up_ui(20))) continue;
        arb_exp(z, x, PREC);
        check("exp", up_exp(a), z, 1, 20);
        arb_expm1(z, x, PREC);
        check("expm1", up_expm1(a), z, 1, 12); /* Arb's own bound is no better */
    }
    arb_clear(x);
    arb_clear(z);
}
END_TEST

/* A ball -x +- x 2^-10 of a number with more than 30 bits */
START_TEST(sizes_of_balls_and_numbers_are_rounded_to_their_side)
{
    arb_t x, most, least;
    arb_init(x);
    arb_init(most);
    arb_init(least);
    for (int k = 0; k < TRIALS; k++) {
        exact(x, any());
        arb_sqrt(x, x, PREC);
        mag_zero(arb_radref(x));
        check("arf", up_arf(arb_midref(x)), x, 1, 27);
        check("arf, least", up_arf_least(arb_midref(x)), x, -1, 27);
        arb_neg(x, x);
        arf_get_mag(arb_radref(x), arb_midref(x));
        mag_mul_2exp_si(arb_radref(x), arb_radref(x), -10);
        arb_get_abs_ubound_arf(arb_midref(most), x, PREC);
        arb_get_abs_lbound_arf(arb_midref(least), x, PREC);
        check("ball", up_ball(x), most, 1, 27);
        check("ball, least", up_ball_least(x), least, -1, 27);
    }
    arb_indeterminate(x);
    ck_assert(!up_finite(up_ball(x)) && up_below(up_ball_least(x), up_scale(up_ui(1), -1000)));
    arb_clear(x);
    arb_clear(most);
    arb_clear(least);
}
END_TEST

/* No bound owns memory, so what leaves 60 bits of exponent becomes infinite or the least number there is. */
START_TEST(exponents_that_leave_sixty_bits_stay_bounds)
{
    fmpz_t exponent;
    mag_t x;
    fmpz_init(exponent);
    mag_init(x);
    for (int sign = -1; sign <= 1; sign += 2) {
        fmpz_set_si(exponent, sign);
        fmpz_mul_2exp(exponent, exponent, 64);
        mag_set_ui_2exp_si(x, 3, 0);
        mag_mul_2exp_fmpz(x, x, exponent);
        up held = up_of(x);
        ck_assert(mag_cmp(&held, x) >= 0 && !COEFF_IS_MPZ(*MAG_EXPREF(&held)));
        ck_assert(up_finite(held) == (sign < 0));
    }
    up tiny = up_scale(up_ui(1), -(WORD(1) << 60) + 8), huge = up_scale(up_ui(1), (WORD(1) << 60) - 8);
    for (int k = 0; k < 8; k++) tiny = up_mul(tiny, tiny), huge = up_mul(huge, huge);
    ck_assert(!COEFF_IS_MPZ(*MAG_EXPREF(&tiny)) && !mag_is_zero(&tiny));
    ck_assert(!COEFF_IS_MPZ(*MAG_EXPREF(&huge)) && !up_finite(huge));
    mag_clear(x);
    fmpz_clear(exponent);
}
END_TEST

START_TEST(infinity_is_kept)
{
    mag_t x;
    mag_init(x);
    mag_inf(x);
    up infinite = up_of(x);
    ck_assert(!up_finite(up_add(infinite, up_ui(1))) && !up_finite(up_mul(infinite, up_ui(1))) && !up_finite(up_div(up_ui(1), up_zero())));
    ck_assert(!up_finite(up_exp(infinite)) && !up_finite(up_expm1(infinite)) && !up_finite(up_sqrt(infinite)) && !up_finite(up_hypot(up_zero(), infinite)));
    ck_assert(up_finite(up_min(infinite, up_ui(1))) && !up_finite(up_max(infinite, up_ui(1))));
    ck_assert(up_finite(up_less(up_ui(1), infinite)));
    mag_clear(x);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bounds by value");
    TCase *cases = tcase_create("up");
    tcase_add_checked_fixture(cases, open_rng, NULL);
    tcase_add_test(cases, operations_on_two_numbers_are_rounded_to_their_side);
    tcase_add_test(cases, functions_of_one_number_are_rounded_upward);
    tcase_add_test(cases, sizes_of_balls_and_numbers_are_rounded_to_their_side);
    tcase_add_test(cases, exponents_that_leave_sixty_bits_stay_bounds);
    tcase_add_test(cases, infinity_is_kept);
    suite_add_tcase(suite, cases);
    return fp_test_main(suite);
}
