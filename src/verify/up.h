/* SPDX-License-Identifier: MIT */
/* Upper bounds by value, so that an inequality is written as an expression: numbers >= 0 of 30 bits (mag_t), every operation rounded up, infinity allowed. A number whose exponent leaves 60 bits
 * becomes infinite or 2^-2^60 (a lower bound: 0), so that none owns memory and all may be copied and dropped. */
#ifndef FP_VERIFY_UP_H
#define FP_VERIFY_UP_H

#include "flowproof/ball.h"

typedef mag_struct up;

static inline up up_of(mag_srcptr x)
{
    mag_t small;
    mag_init(small);
    if (!COEFF_IS_MPZ(*MAG_EXPREF(x)))
        *small = *x;
    else if (fmpz_sgn(MAG_EXPREF(x)) > 0)
        mag_inf(small);
    else
        mag_set_ui_2exp_si(small, 1, -(WORD(1) << 60));
    return *small;
}

/* The value of a number that is dropped. */
static inline up up_take(mag_t x)
{
    up value = up_of(x);
    if (COEFF_IS_MPZ(*MAG_EXPREF(x))) mag_clear(x);
    return value;
}

/* The same of a lower bound. */
static inline up up_take_least(mag_t x)
{
    if (COEFF_IS_MPZ(*MAG_EXPREF(x))) mag_zero(x);
    return *x;
}

#define UP_BINARY(name, operation, take) \
    static inline up name(up a, up b) \
    { \
        mag_t x; \
        mag_init(x); \
        operation(x, &a, &b); \
        return take(x); \
    }
#define UP_UNARY(name, operation, type, take) \
    static inline up name(type a) \
    { \
        mag_t x; \
        mag_init(x); \
        operation(x, a); \
        return take(x); \
    }
UP_BINARY(up_add, mag_add, up_take)
UP_BINARY(up_mul, mag_mul, up_take)
UP_BINARY(up_div, mag_div, up_take)       /* of exact numbers a, b; infinite if b is 0 */
UP_BINARY(up_less, mag_sub_lower, up_take_least) /* <= max(a - b, 0), rounded down */
UP_BINARY(up_max, mag_max, up_take)
UP_BINARY(up_min, mag_min, up_take)
UP_BINARY(up_hypot, mag_hypot, up_take)
UP_UNARY(up_ui, mag_set_ui, ulong, up_take)
UP_UNARY(up_ball, arb_get_mag, arb_srcptr, up_take) /* >= |x| for all x in it */
UP_UNARY(up_ball_least, arb_get_mag_lower, arb_srcptr, up_take_least) /* <= */
UP_UNARY(up_arf, arf_get_mag, arf_srcptr, up_take)
UP_UNARY(up_arf_least, arf_get_mag_lower, arf_srcptr, up_take_least)
UP_UNARY(up_mag_sqrt, mag_sqrt, mag_srcptr, up_take)
UP_UNARY(up_mag_exp, mag_exp, mag_srcptr, up_take)
UP_UNARY(up_mag_expm1, mag_expm1, mag_srcptr, up_take)

static inline up up_zero(void) { return up_ui(0); }
static inline up up_sqrt(up a) { return up_mag_sqrt(&a); }
static inline up up_square(up a) { return up_mul(a, a); }
static inline up up_exp(up a) { return up_mag_exp(&a); }
static inline up up_expm1(up a) { return up_mag_expm1(&a); }
static inline up up_scale(up a, slong exponent)
{
    mag_t x;
    mag_init(x);
    mag_mul_2exp_si(x, &a, exponent);
    return up_take(x);
}
static inline bool up_below(up a, up b) { return mag_cmp(&a, &b) < 0; }
static inline bool up_finite(up a) { return mag_is_finite(&a) != 0; }

#endif
