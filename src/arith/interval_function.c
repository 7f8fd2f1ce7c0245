/* SPDX-License-Identifier: MIT */
/* Functions of intervals: those that rise on their domain, by their ends. */
#include "interval_impl.h"

enum { GUARD = 16, POWER_BITS = 30 };

typedef void (*ball_function)(arb_t out, const arb_t x, slong prec);

/* The end of f([.., x]) (upper) or f([x, ..]); f rises. */
static void rising_end(fmpq_t out, bool *infinite, ball_function f, const fmpq_t x, bool upper, const fp_digits *digits)
{
    arb_t y;
    arf_t end;
    arb_init(y);
    arf_init(end);
    arb_set_fmpq(y, x, digits->prec + GUARD);
    f(y, y, digits->prec + GUARD);
    if (upper)
        arb_get_ubound_arf(end, y, digits->prec);
    else
        arb_get_lbound_arf(end, y, digits->prec);
    *infinite = !arb_is_finite(y);
    if (!*infinite) fp_end_set_arf(out, infinite, end, upper);
    arb_clear(y);
    arf_clear(end);
}

/* f rises on all of a; infinite ends stay. */
static void rising(fp_interval *out, const fp_interval *a, ball_function f, const fp_digits *digits)
{
    if (out != a) fp_interval_set(out, a);
    if (!out->low_infinite) rising_end(out->low, &out->low_infinite, f, out->low, false, digits);
    if (!out->high_infinite) rising_end(out->high, &out->high_infinite, f, out->high, true, digits);
}

void fp_interval_exp(fp_interval *out, const fp_interval *a, const fp_digits *digits)
{
    fp_interval_set(out, a);
    if (!out->defined) return;
    rising(out, out, arb_exp, digits);
    if (out->low_infinite) fmpq_zero(out->low);
    out->low_infinite = false;
    if (fmpq_sgn(out->low) < 0) fmpq_zero(out->low);
}

void fp_interval_log(fp_interval *out, const fp_interval *a, const fp_digits *digits)
{
    bool positive = fp_interval_is_positive(a) == FP_TRUE;
    if (positive)
        rising(out, a, arb_log, digits);
    else
        fp_interval_undefine(out);
}

/* The square root of an end that is one of a rational square is exact. */
static void root_end(fmpq_t x, bool *infinite, bool upper, const fp_digits *digits)
{
    if (fmpz_is_square(fmpq_numref(x)) && fmpz_is_square(fmpq_denref(x))) {
        fmpz_sqrt(fmpq_numref(x), fmpq_numref(x));
        fmpz_sqrt(fmpq_denref(x), fmpq_denref(x));
        return;
    }
    rising_end(x, infinite, arb_sqrt, x, upper, digits);
}

void fp_interval_sqrt(fp_interval *out, const fp_interval *a, const fp_digits *digits)
{
    fp_interval_set(out, a);
    out->defined = fp_interval_is_nonnegative(a) == FP_TRUE;
    if (!out->defined) return;
    root_end(out->low, &out->low_infinite, false, digits);
    if (!out->high_infinite) root_end(out->high, &out->high_infinite, true, digits);
    fp_interval_trim(out, digits);
}

/* ---- powers */
bool fp_interval_is_whole(slong *k, const fp_interval *b)
{
    if (!fp_interval_is_point(b) || !fmpz_is_one(fmpq_denref(b->low)) || fmpz_bits(fmpq_numref(b->low)) > POWER_BITS) return false;
    *k = fmpz_get_si(fmpq_numref(b->low));
    return true;
}

/* x^k, k > 0, as an upper or lower end: exact unless it would be long. */
static void power_end(fmpq_t x, bool *infinite, slong k, bool upper, const fp_digits *digits)
{
    arb_t y;
    arf_t end;
    slong bits = (slong)fmpz_bits(fmpq_numref(x)) + (slong)fmpz_bits(fmpq_denref(x));
    if (*infinite) return;
    if (fmpq_is_zero(x) || bits <= digits->exact / k) {
        fmpq_pow_si(x, x, k);
        return;
    }
    arb_init(y);
    arf_init(end);
    arb_set_fmpq(y, x, digits->prec + GUARD);
    arb_pow_ui(y, y, (ulong)k, digits->prec + GUARD);
    if (upper)
        arb_get_ubound_arf(end, y, digits->prec);
    else
        arb_get_lbound_arf(end, y, digits->prec);
    fp_end_set_arf(x, infinite, end, upper);
    arb_clear(y);
    arf_clear(end);
}

void fp_interval_pow_si(fp_interval *out, const fp_interval *a, slong k, const fp_digits *digits)
{
    if (!a->defined || k == 0) {
        bool defined = a->defined;
        fp_interval_set_si(out, 1);
        out->defined = defined;
        return;
    }
    if (k % 2 == 0)
        fp_interval_abs(out, a);
    else
        fp_interval_set(out, a);
    power_end(out->low, &out->low_infinite, k < 0 ? -k : k, false, digits);
    power_end(out->high, &out->high_infinite, k < 0 ? -k : k, true, digits);
    if (k < 0) fp_interval_inv(out, out);
}

static bool is_half(const fp_interval *b)
{
    return fp_interval_is_point(b) && fmpz_is_one(fmpq_numref(b->low)) && fmpz_equal_ui(fmpq_denref(b->low), 2);
}

/* exp(b log a), a > 0 */
static void by_logarithm(fp_interval *out, const fp_interval *a, const fp_interval *b, const fp_digits *digits)
{
    fp_interval x;
    fp_interval_init(&x);
    fp_interval_log(&x, a, digits);
    fp_interval_mul(&x, &x, b, digits);
    fp_interval_exp(out, &x, digits);
    fp_interval_clear(&x);
}

/* a positive at its upper end, without its part at or below 0: x^b there lies between x^b at the upper end and 0 (where b > 0) or infinity (b < 0). */
static void from_zero(fp_interval *out, const fp_interval *a, const fp_interval *b, const fp_digits *digits)
{
    bool falls = fp_interval_is_nonnegative(b) != FP_TRUE;
    fp_interval top, zero;
    fp_interval_init(&top);
    fp_interval_init(&zero);
    bool rises = !fp_interval_all_le(b, &zero);
    fp_interval_set(&top, a);
    top.low_infinite = top.high_infinite;
    fmpq_set(top.low, top.high);
    if (top.high_infinite) { /* all positive numbers */
        fp_interval_set(out, &zero);
        out->high_infinite = true;
    } else {
        by_logarithm(out, &top, b, digits);
        if (rises) fmpq_zero(out->low);
        if (falls) out->high_infinite = true;
    }
    fp_interval_clear(&top);
    fp_interval_clear(&zero);
}

void fp_interval_pow_inside(fp_interval *out, const fp_interval *a, const fp_interval *b, const fp_digits *digits)
{
    bool some = a->defined && b->defined && (a->high_infinite || fmpq_sgn(a->high) > 0);
    if (!some)
        fp_interval_undefine(out);
    else if (fp_interval_is_positive(a) == FP_TRUE)
        by_logarithm(out, a, b, digits);
    else
        from_zero(out, a, b, digits);
}

void fp_interval_pow(fp_interval *out, const fp_interval *a, const fp_interval *b, const fp_digits *digits)
{
    slong k;
    if (fp_interval_is_whole(&k, b))
        fp_interval_pow_si(out, a, k, digits);
    else if (is_half(b))
        fp_interval_sqrt(out, a, digits);
    else if (fp_interval_is_positive(a) == FP_TRUE)
        by_logarithm(out, a, b, digits);
    else if (fp_interval_is_zero(a) && fp_interval_is_positive(b) == FP_TRUE)
        fp_interval_set_si(out, 0);
    else if (fp_interval_is_nonnegative(a) == FP_TRUE && fp_interval_is_positive(b) == FP_TRUE)
        from_zero(out, a, b, digits);
    else
        fp_interval_undefine(out);
}
