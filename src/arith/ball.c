/* SPDX-License-Identifier: MIT */
#include "flowproof/ball.h"

#include <stdlib.h>
#include <string.h>

#include "decimal.h"

/* ---- truth values (Kleene) */

fp_truth fp_truth_not(fp_truth a)
{
    return a == FP_UNKNOWN ? FP_UNKNOWN : a == FP_TRUE ? FP_FALSE : FP_TRUE;
}

fp_truth fp_truth_and(fp_truth a, fp_truth b)
{
    if (a == FP_FALSE || b == FP_FALSE) return FP_FALSE;
    return a == FP_TRUE && b == FP_TRUE ? FP_TRUE : FP_UNKNOWN;
}

fp_truth fp_truth_or(fp_truth a, fp_truth b)
{
    if (a == FP_TRUE || b == FP_TRUE) return FP_TRUE;
    return a == FP_FALSE && b == FP_FALSE ? FP_FALSE : FP_UNKNOWN;
}

/* ---- comparisons: Arb's predicates are true only when they hold for all points, and false on NaN */

static fp_truth decide(int holds_for_all, int fails_for_all)
{
    return holds_for_all ? FP_TRUE : fails_for_all ? FP_FALSE : FP_UNKNOWN;
}

fp_truth fp_ball_le(const arb_t a, const arb_t b)
{
    return decide(arb_le(a, b), arb_gt(a, b));
}

fp_truth fp_ball_lt(const arb_t a, const arb_t b)
{
    return decide(arb_lt(a, b), arb_ge(a, b));
}

fp_truth fp_ball_is_nonnegative(const arb_t a)
{
    return decide(arb_is_nonnegative(a), arb_is_negative(a));
}

fp_truth fp_ball_is_positive(const arb_t a)
{
    return decide(arb_is_positive(a), arb_is_nonpositive(a));
}

/* ---- text */

/* More bits than `digits` digits need, so that rounding to binary first costs nothing visible. */
static slong bits_for(long digits)
{
    return 4 * (slong)digits + 64;
}

static char *end_text(const arf_t end, long digits, mpfr_rnd_t outward)
{
    mpfr_t x;
    mpfr_init2(x, bits_for(digits));
    arf_get_mpfr(x, end, outward);
    if (mpfr_zero_p(x)) mpfr_set_zero(x, 1);
    char *text = fp_decimal_text(x, digits, outward);
    mpfr_clear(x);
    return text;
}

char *fp_ball_lower_text(const arb_t a, long digits)
{
    arf_t end;
    arf_init(end);
    arb_get_lbound_arf(end, a, bits_for(digits));
    char *text = end_text(end, digits, MPFR_RNDD);
    arf_clear(end);
    return text;
}

char *fp_ball_upper_text(const arb_t a, long digits)
{
    arf_t end;
    arf_init(end);
    arb_get_ubound_arf(end, a, bits_for(digits));
    char *text = end_text(end, digits, MPFR_RNDU);
    arf_clear(end);
    return text;
}

char *fp_ball_hex(const arb_t a)
{
    char *dump = arb_dump_str(a);
    char *text = fp_strdup(dump);
    flint_free(dump);
    return text;
}

/* No digit of the midpoint is certain: zero and how far from it the ball reaches. */
static char *vague_text(const arb_t a)
{
    arf_t reach;
    arf_init(reach);
    arb_get_abs_ubound_arf(reach, a, bits_for(2));
    char *bound = end_text(reach, 2, MPFR_RNDU);
    char *text = fp_asprintf("0 +/- %s", bound);
    free(bound);
    arf_clear(reach);
    return text;
}

/* How many digits of a finite midpoint the radius leaves standing, at most `most`. */
static long certain_digits(const arb_t a, long most)
{
    slong bits = arb_rel_accuracy_bits(a);
    if (bits <= 0) return 0;
    long digits = bits < FP_PREC_MAX ? fp_decimal_digits(bits) : most;
    return digits < most ? digits : most;
}

char *fp_ball_text(const arb_t a, long digits)
{
    bool is_point = mag_is_zero(arb_radref(a)) || arf_is_nan(arb_midref(a));
    long certain = is_point ? digits : arb_is_finite(a) ? certain_digits(a, digits) : 0;
    return certain > 0 ? end_text(arb_midref(a), certain, MPFR_RNDN) : vague_text(a);
}

/* ---- digits that all points of a ball share */
static char *nearest_text(const arf_t x, long digits)
{
    mpfr_t y;
    char *text = NULL;
    mpfr_init2(y, arf_bits(x) > MPFR_PREC_MIN ? arf_bits(x) : 2);
    arf_get_mpfr(y, x, MPFR_RNDN);
    if (mpfr_asprintf(&text, "%#.*RNg", (int)digits, y) < 0) text = NULL;
    char *own = fp_strdup(text ? text : "nan");
    mpfr_free_str(text);
    mpfr_clear(y);
    return own;
}

static char *interval_text(const arb_t a)
{
    if (!arb_is_finite(a)) return fp_strdup("unbounded");
    char *low = fp_ball_lower_text(a, 2), *high = fp_ball_upper_text(a, 2);
    char *text = fp_asprintf("[%s, %s]", low, high);
    free(low);
    free(high);
    return text;
}

/* The text that low and high share when rounded to `digits`, or NULL. */
static char *shared_text(const arf_t low, const arf_t high, long digits)
{
    char *text = nearest_text(low, digits), *other = nearest_text(high, digits);
    bool same = strcmp(text, other) == 0;
    free(other);
    if (same) return text;
    free(text);
    return NULL;
}

char *fp_ball_rounded_text(const arb_t a, long digits, long *reached)
{
    char *text = NULL;
    *reached = digits;
    if (arb_is_zero(a)) return fp_strdup("0");
    arf_t low, high;
    arf_init(low);
    arf_init(high);
    arb_get_lbound_arf(low, a, bits_for(digits));
    arb_get_ubound_arf(high, a, bits_for(digits));
    bool known = arb_is_finite(a) && arf_sgn(low) * arf_sgn(high) > 0;
    long from = known ? certain_digits(a, digits - 2) + 2 : 0; /* a ball shares at most one digit more than its relative accuracy says */
    for (*reached = from; known && *reached > 0 && !text; *reached -= text == NULL) text = shared_text(low, high, *reached);
    arf_clear(low);
    arf_clear(high);
    return text ? text : interval_text(a);
}
