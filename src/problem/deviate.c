/* SPDX-License-Identifier: MIT */
/* Random deviates as exact dyadic numbers that no library version can change: every rounding is to nearest, 53 bits,
 * of an enclosed real number, with more precision when the enclosure does not decide. */
#include "internal.h"

#include <string.h>

enum { FIRST_PREC = 128, LAST_PREC = 2048 };

static double bound_53(const arb_t x, bool upper)
{
    arf_t b;
    arf_init(b);
    arf_set_mag(b, arb_radref(x));
    if (upper)
        arf_add(b, arb_midref(x), b, 2 * LAST_PREC, ARF_RND_CEIL);
    else
        arf_sub(b, arb_midref(x), b, 2 * LAST_PREC, ARF_RND_FLOOR);
    double d = arf_get_d(b, ARF_RND_NEAR);
    arf_clear(b);
    return d;
}

/* Rounding is monotone: if both ends round to one double, so does every number between. */
static bool round_53(double *out, double *above, const arb_t x)
{
    *out = bound_53(x, false);
    *above = bound_53(x, true);
    return *out == *above;
}

static void unit_from_bits(arb_t u, uint64_t x) /* (x+1)/2^64, in (0, 1] */
{
    fmpz_t n;
    fmpz_init(n);
    fmpz_set_ui(n, x);
    fmpz_add_ui(n, n, 1);
    arb_set_fmpz(u, n);
    arb_mul_2exp_si(u, u, -64);
    fmpz_clear(n);
}

/* Box and Muller, Ann. Math. Stat. 29 (1958) 610-611: z0 = r cos(2 pi u2), z1 = r sin(2 pi u2),
 * r = sqrt(-2 log u1). Terminates: u1 and u2 are rational, so cos and sin are algebraic and log u1 is 0 or
 * transcendental (Lindemann); a nonzero z is never a midpoint, and zeros come out exact. */
void fp_normal_pair(double z[2], uint64_t x1, uint64_t x2)
{
    arb_t u1, u2, r, c, s;
    arb_ptr all[] = {u1, u2, r, c, s};
    double above;
    for (size_t i = 0; i < 5; i++) arb_init(all[i]);
    unit_from_bits(u1, x1);
    unit_from_bits(u2, x2);
    arb_mul_2exp_si(u2, u2, 1);
    for (slong prec = FIRST_PREC;; prec *= 2) {
        arb_log(r, u1, prec);
        arb_mul_2exp_si(r, r, 1);
        arb_neg(r, r);
        arb_sqrt(r, r, prec);
        arb_sin_cos_pi(s, c, u2, prec);
        arb_mul(c, c, r, prec);
        arb_mul(s, s, r, prec);
        if (round_53(&z[0], &above, c) && round_53(&z[1], &above, s)) break;
    }
    for (size_t i = 0; i < 5; i++) arb_clear(all[i]);
}

/* ((2k+1) - 2^53)/2^53 with k the 53 high bits: odd, so exact in 53 bits, symmetric, never 0 or +-1. */
double fp_uniform_deviate(uint64_t x)
{
    int64_t odd = (int64_t)(2 * (x >> 11) + 1) - (INT64_C(1) << 53);
    return (double)odd / 9007199254740992.0;
}

static double even_of(double a, double b)
{
    uint64_t bits;
    memcpy(&bits, &a, sizeof bits);
    return (bits & 1) == 0 ? a : b;
}

/* scale * z. For a rational scale the product can lie exactly halfway between two doubles, which no enclosure of
 * 1/3, say, decides; at 2048 bits a product that still straddles a midpoint is taken to be that midpoint and goes to the
 * even neighbour (anything else has a chance below 2^-1900). */
double fp_scale_apply(const fp_scale *s, double z)
{
    arb_t x;
    double below, above;
    arb_init(x);
    arb_set_d(x, z);
    arb_mul(x, x, s->low, FIRST_PREC + 64);
    if (!round_53(&below, &above, x)) {
        arb_set_d(x, z);
        arb_mul(x, x, s->high, LAST_PREC + 64);
        if (!round_53(&below, &above, x)) below = even_of(below, above);
    }
    arb_clear(x);
    return below;
}
