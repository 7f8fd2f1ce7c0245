/* SPDX-License-Identifier: MIT */
#include "tube_ball.h"

enum { GAP_MOST = 8192 }; /* exponents further apart than this are not added exactly */

/* r as a radius without rounding up */
static bool exact_radius(mag_t out, const arf_t r)
{
    fmpz_t man, exp;
    bool fits = arf_is_zero(r);
    mag_zero(out);
    if (fits) return true;
    fmpz_init(man);
    fmpz_init(exp);
    arf_get_fmpz_2exp(man, exp, r);
    fits = fmpz_bits(man) <= MAG_BITS && !COEFF_IS_MPZ(*exp);
    if (fits) mag_set_ui_2exp_si(out, fmpz_get_ui(man), fmpz_get_si(exp));
    fmpz_clear(man);
    fmpz_clear(exp);
    return fits;
}

static bool is_near(const arf_t a, const arf_t b)
{
    if (arf_is_zero(a) || arf_is_zero(b)) return true;
    arf_t gap;
    arf_init(gap);
    fmpz_t e;
    fmpz_init(e);
    fmpz_sub(e, ARF_EXPREF(a), ARF_EXPREF(b));
    bool near = fmpz_cmp_si(e, GAP_MOST) < 0 && fmpz_cmp_si(e, -GAP_MOST) > 0;
    fmpz_clear(e);
    arf_clear(gap);
    return near;
}

void fp_ball_interval(arb_t out, const arf_t a, const arf_t b)
{
    if (!arf_is_finite(a) || !arf_is_finite(b)) {
        arb_indeterminate(out);
        return;
    }
    arf_t half, middle, low;
    arf_init(half);
    arf_init(middle);
    arf_init(low);
    arf_set(low, a);
    bool upper = arf_cmpabs(b, a) < 0, near = is_near(a, b);
    if (near) {
        arf_sub(half, b, a, ARF_PREC_EXACT, ARF_RND_DOWN);
        arf_mul_2exp_si(half, half, -1);
        arf_set(middle, b);
        if (exact_radius(arb_radref(out), half)) {
            arf_add(arb_midref(out), low, half, ARF_PREC_EXACT, ARF_RND_DOWN);
        } else {
            arf_get_mag(arb_radref(out), half);
            arf_set_mag(half, arb_radref(out));
            if (upper)
                arf_sub(arb_midref(out), middle, half, ARF_PREC_EXACT, ARF_RND_DOWN);
            else
                arf_add(arb_midref(out), low, half, ARF_PREC_EXACT, ARF_RND_DOWN);
        }
    } else {
        arb_set_interval_arf(out, a, b, GAP_MOST);
    }
    arf_clear(half);
    arf_clear(middle);
    arf_clear(low);
}

/* Exact unless centre and radius lie so far apart (exp(10^18 t)) that no memory holds all digits between them; then outward. */
enum { END_BITS = 1 << 18 };

void fp_arf_middle(arf_t out, const arf_t a, const arf_t b)
{
    arf_add(out, a, b, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_mul_2exp_si(out, out, -1);
}

void fp_ball_lower(arf_t out, const arb_t x)
{
    arf_set_mag(out, arb_radref(x));
    if (arb_is_finite(x))
        arf_sub(out, arb_midref(x), out, END_BITS, ARF_RND_FLOOR);
    else
        arf_neg_inf(out);
}

void fp_ball_upper(arf_t out, const arb_t x)
{
    arf_set_mag(out, arb_radref(x));
    if (arb_is_finite(x))
        arf_add(out, arb_midref(x), out, END_BITS, ARF_RND_CEIL);
    else
        arf_pos_inf(out);
}

typedef struct {
    arf_t a, b, c, d;
} ends;

static void ends_init(ends *e, const arb_t x, const arb_t y)
{
    arf_init(e->a);
    arf_init(e->b);
    arf_init(e->c);
    arf_init(e->d);
    fp_ball_lower(e->a, x);
    fp_ball_upper(e->b, x);
    fp_ball_lower(e->c, y);
    fp_ball_upper(e->d, y);
}

static void ends_clear(ends *e)
{
    arf_clear(e->a);
    arf_clear(e->b);
    arf_clear(e->c);
    arf_clear(e->d);
}

void fp_ball_hull(arb_t out, const arb_t x, const arb_t y)
{
    ends e;
    ends_init(&e, x, y);
    fp_ball_interval(out, arf_cmp(e.a, e.c) <= 0 ? e.a : e.c, arf_cmp(e.b, e.d) >= 0 ? e.b : e.d);
    ends_clear(&e);
}

bool fp_ball_meet(arb_t x, const arb_t y)
{
    if (!arb_is_finite(y)) return true;
    if (!arb_is_finite(x)) {
        arb_set(x, y);
        return true;
    }
    ends e;
    ends_init(&e, x, y);
    arf_srcptr low = arf_cmp(e.a, e.c) >= 0 ? e.a : e.c, high = arf_cmp(e.b, e.d) <= 0 ? e.b : e.d;
    bool meet = arf_cmp(low, high) <= 0;
    if (meet && (low != e.a || high != e.b)) fp_ball_interval(x, low, high);
    ends_clear(&e);
    return meet;
}
