/* SPDX-License-Identifier: MIT */
/* (sum_s a_s x_s) / divisor. The midpoint of a_s is cut to a multiple of 2^(E - GUARD - exponent of x_s), so that all products are multiples of one power of 2: an integer N_s of the
 * same number of digits as x_s (the top one up to 2 bits longer), and GUARD bits below it. N_s x_s is formed in full; the guard bits only meet the top digit of x_s, without its last DROP
 * bits. What is left out, for n digits:
 *     of a term            (2^(E - GUARD - exponent of x_s) + radius of a_s) |x_s|
 *     of the guard bits    2^GUARD 2^(DROP + 60 (n-1)) 2^(E - GUARD) an entry and term
 *     of the last rounding half a unit an entry
 * Since the largest N_s has 60 n + 1 or 2 bits, the first is about 2^-(60 n + 13) of the largest term: thousands of terms lose no more than the last rounding does.
 * Overflow: of a term a column gets at most n products, one of them with the long top digit: TERMS ((n-1) 2^120 + 2^122) < 2^127, with room for carries; the guard sums stay
 * below TERMS 2^44 2^GUARD. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "grid_impl.h"

enum {
    FEW = 3,
    TERMS = 16, /* for up to 3 digits; 64/n for n > 3 */
    EXTRA = 2,  /* bits of the top digit of N_s beyond 60 */
    GUARD = 12,
    DROP = 16,
    COLUMNS = 2 * FP_GRID_LIMBS_MAX - 1,
    DIGITS = COLUMNS + 2,
    LIMBS = FP_GRID_BITS * (DIGITS + FP_GRID_LIMBS_MAX) / 64 + 8
};
#define EXPONENT_MAX (WORD(1) << 58)

typedef struct {
    const int64_t *x;
    const int64_t *digit; /* of N_s, sign in each */
    int64_t few[FEW];     /* the same if there are few */
    int64_t low;          /* the guard bits */
} term;

typedef struct {
    int n;
    size_t len, width; /* digits of a row's sum, one more for its sign */
    slong exponent;    /* E */
    int64_t *sum;      /* len x (width + 1) */
    mag_t error;
    size_t guarded;    /* terms with guard bits */
} sums;

/* ---- the integers N_s */

/* False: not finite, or beyond all exponents. *small: a number so small that it counts as radius. */
static bool is_usable(bool *small, const arb_t a)
{
    *small = false;
    if (!arb_is_finite(a))
        return false;
    if (!arf_is_special(arb_midref(a)) && arf_cmpabs_2exp_si(arb_midref(a), EXPONENT_MAX) > 0)
        return false;
    *small = !arf_is_special(arb_midref(a)) && arf_cmpabs_2exp_si(arb_midref(a), -EXPONENT_MAX) < 0;
    return true;
}

static bool is_zero_term(const arb_t a, const fp_grid_vec *x)
{
    return mag_is_zero(x->norm) || arf_is_zero(arb_midref(a));
}

/* The largest e with |a_s| 2^(exponent of x_s) < 2^e; false if some a_s is not finite. */
static bool top_exponent(slong *top, bool *any, const arb_struct *const *a, const fp_grid_vec *const *x, size_t count)
{
    *any = false;
    for (size_t s = 0; s < count; s++) {
        bool small;
        if (!is_usable(&small, a[s]))
            return false;
        if (small || is_zero_term(a[s], x[s]))
            continue;
        slong e = *ARF_EXPREF(arb_midref(a[s])) + x[s]->exponent;
        *top = !*any || e > *top ? e : *top;
        *any = true;
    }
    return true;
}

/* Digits of the midpoint cut to a multiple of 2^unit; *exact says that nothing was cut off. False if nothing is left. */
static bool cut(int64_t *digit, int64_t *low, bool *exact, const arf_t a, slong unit, int n)
{
    mp_srcptr limb;
    mp_size_t limbs;
    slong e = *ARF_EXPREF(a);
    *exact = false;
    if (e <= unit)
        return false;
    ARF_GET_MPN_READONLY(limb, limbs, a);
    slong first = FLINT_BITS * (slong)limbs - (e - unit); /* the mantissa's bit that has weight 2^unit */
    int64_t sign = ARF_SGNBIT(a) ? -1 : 1;
    *exact = first <= 0 || (slong)mpn_scan1(limb, 0) >= first;
    *low = sign * (fp_grid_bits_at(limb, limbs, first) & ((INT64_C(1) << GUARD) - 1));
    for (int l = 0; l + 1 < n; l++)
        digit[l] = sign * fp_grid_bits_at(limb, limbs, first + GUARD + FP_GRID_BITS * (slong)l);
    slong top = first + GUARD + FP_GRID_BITS * (slong)(n - 1);
    int64_t beyond = fp_grid_bits_at(limb, limbs, top + FP_GRID_BITS);
    digit[n - 1] = sign * (fp_grid_bits_at(limb, limbs, top) + beyond * FP_GRID_BASE);
    return true;
}

/* error += (radius + 2^unit) |x|, or with |a| in place of 2^unit if nothing of a is left */
static void charge(mag_t error, const arb_t a, const fp_grid_vec *x, bool kept, bool exact, slong unit)
{
    mag_t off;
    if (exact && mag_is_zero(arb_radref(a)))
        return;
    mag_init(off);
    if (!kept)
        arb_get_mag(off, a);
    else {
        if (!exact)
            mag_set_ui_2exp_si(off, 1, unit);
        mag_add(off, off, arb_radref(a));
    }
    mag_addmul(error, off, x->norm);
    mag_clear(off);
}

/* Fills one term; false if its integer is 0. */
static bool make_term(term *t, int64_t *digit, sums *w, const arb_t a, const fp_grid_vec *x)
{
    bool kept = false, exact = false, small;
    slong unit = w->exponent - GUARD - x->exponent;
    if (mag_is_zero(x->norm) || arb_is_zero(a))
        return false;
    t->x = x->digit;
    t->digit = digit;
    t->low = 0;
    if (!arf_is_zero(arb_midref(a)) && is_usable(&small, a) && !small)
        kept = cut(digit, &t->low, &exact, arb_midref(a), unit, w->n);
    charge(w->error, a, x, kept, exact, unit);
    if (!kept)
        return false;
    for (int l = 0; l < w->n && w->n <= FEW; l++)
        t->few[l] = digit[l];
    w->guarded += t->low != 0;
    return true;
}

/* ---- sum += a group of terms */

/* The sum's digits are normalised again; column n - 1 gets the guard bits, whose weight is 2^(DROP - GUARD) there. */
static inline void carry_on(int64_t *sum, const fp_wide *column, fp_wide low, int n)
{
    fp_wide carry = 0;
    for (int c = 0; c < 2 * n - 1; c++) {
        carry += column[c] + sum[c];
        if (c == n - 1)
            carry += low * (1 << (DROP - GUARD));
        sum[c] = (int64_t)(carry & FP_GRID_MASK);
        carry >>= FP_GRID_BITS;
    }
    carry += sum[2 * n - 1];
    sum[2 * n - 1] = (int64_t)(carry & FP_GRID_MASK);
    sum[2 * n] += (int64_t)(carry >> FP_GRID_BITS);
}

/* n is 1, 2 or 3 and a constant wherever this is inlined. */
static inline void add_few(sums *w, const term *t, size_t terms, int n)
{
    for (size_t r = 0; r < w->len; r++) {
        fp_wide c0 = 0, c1 = 0, c2 = 0, c3 = 0, c4 = 0;
        int64_t low = 0;
        for (size_t s = 0; s < terms; s++) {
            const int64_t *x = t[s].x + r, *a = t[s].few;
            int64_t top = x[(size_t)(n - 1) * w->len];
            low += (top >> DROP) * t[s].low;
            c0 += (fp_wide)x[0] * a[0];
            if (n == 2) {
                c1 += (fp_wide)x[0] * a[1];
                c1 += (fp_wide)top * a[0];
                c2 += (fp_wide)top * a[1];
            } else if (n == 3) {
                int64_t middle = x[w->len];
                c1 += (fp_wide)x[0] * a[1];
                c1 += (fp_wide)middle * a[0];
                c2 += (fp_wide)x[0] * a[2];
                c2 += (fp_wide)middle * a[1];
                c2 += (fp_wide)top * a[0];
                c3 += (fp_wide)middle * a[2];
                c3 += (fp_wide)top * a[1];
                c4 += (fp_wide)top * a[2];
            }
        }
        const fp_wide column[5] = {c0, c1, c2, c3, c4};
        carry_on(w->sum + r * (w->width + 1), column, low, n);
    }
}

static void add_many(sums *w, const term *t, size_t terms)
{
    fp_wide column[COLUMNS];
    int n = w->n;
    for (size_t r = 0; r < w->len; r++) {
        int64_t low = 0;
        memset(column, 0, (size_t)(2 * n - 1) * sizeof *column);
        for (size_t s = 0; s < terms; s++) {
            low += (t[s].x[(size_t)(n - 1) * w->len + r] >> DROP) * t[s].low;
            for (int i = 0; i < n; i++)
                for (int j = 0; j < n; j++)
                    column[i + j] += (fp_wide)t[s].x[(size_t)i * w->len + r] * t[s].digit[j];
        }
        carry_on(w->sum + r * (w->width + 1), column, low, n);
    }
}

static void add_group(sums *w, const term *t, size_t terms)
{
    if (w->n == 1)
        add_few(w, t, terms, 1);
    else if (w->n == 2)
        add_few(w, t, terms, 2);
    else if (w->n == 3)
        add_few(w, t, terms, 3);
    else
        add_many(w, t, terms);
}

static void add_all(sums *w, const arb_struct *const *a, const fp_grid_vec *const *x, size_t count)
{
    term group[TERMS];
    int64_t digit[FP_GRID_LIMBS_MAX];
    size_t terms = 0, most = w->n <= FEW ? TERMS : FP_GRID_LIMBS_MAX / (size_t)w->n;
    for (size_t s = 0; s < count; s++) {
        terms += make_term(group + terms, digit + terms * (size_t)w->n, w, a[s], x[s]);
        if (terms == most) {
            add_group(w, group, terms);
            terms = 0;
        }
    }
    if (terms > 0)
        add_group(w, group, terms);
}

/* ---- division, and rounding to the grid */

/* Replaces every row by digits of its absolute value and, behind them, whether it was negative; returns the row with the largest one. */
static const int64_t *absolute_rows(sums *w)
{
    const int64_t *largest = w->sum;
    for (size_t r = 0; r < w->len; r++) {
        int64_t *row = w->sum + r * (w->width + 1);
        row[w->width] = fp_grid_absolute(row, w->width);
        size_t c = w->width - 1;
        while (c > 0 && row[c] == largest[c])
            c--;
        if (row[c] > largest[c])
            largest = row;
    }
    return largest;
}

typedef struct {
    mp_limb_t limb[LIMBS];
    mp_size_t limbs;
    bool inexact;
} integer;

static void trim(integer *q)
{
    while (q->limbs > 0 && q->limb[q->limbs - 1] == 0)
        q->limbs--;
}

static void shift_left(integer *q, slong shift)
{
    mp_size_t zeros = shift / FLINT_BITS;
    if (q->limbs == 0 || shift == 0)
        return;
    memmove(q->limb + zeros, q->limb, (size_t)q->limbs * sizeof *q->limb);
    memset(q->limb, 0, (size_t)zeros * sizeof *q->limb);
    q->limbs += zeros;
    q->limb[q->limbs] = shift % FLINT_BITS == 0 ? 0 : mpn_lshift(q->limb, q->limb, q->limbs, (unsigned)(shift % FLINT_BITS));
    q->limbs++;
    trim(q);
}

/* q = floor((q + 2^(shift-1)) / 2^shift), shift >= 1 */
static void shift_right(integer *q, slong shift)
{
    mp_size_t drop = shift / FLINT_BITS;
    if (q->limbs == 0)
        return;
    q->inexact = q->inexact || (slong)mpn_scan1(q->limb, 0) < shift;
    bool up = (shift - 1) / FLINT_BITS < q->limbs && (q->limb[(shift - 1) / FLINT_BITS] >> ((shift - 1) % FLINT_BITS)) & 1;
    q->limbs = q->limbs > drop ? q->limbs - drop : 0;
    memmove(q->limb, q->limb + drop, (size_t)q->limbs * sizeof *q->limb);
    if (q->limbs > 0 && shift % FLINT_BITS != 0)
        mpn_rshift(q->limb, q->limb, q->limbs, (unsigned)(shift % FLINT_BITS));
    q->limb[q->limbs++] = 0;
    mpn_add_1(q->limb, q->limb, q->limbs, up);
    trim(q);
}

/* |row| / (divisor 2^shift), rounded to nearest: the quotient has at least one more bit, and its being cut off before does not change the rounding. */
static void rounded(integer *q, const int64_t *row, size_t width, slong shift, unsigned long divisor)
{
    slong left = shift >= 1 ? 0 : 1 - shift;
    q->limbs = fp_grid_pack(q->limb, row, width);
    q->inexact = false;
    shift_left(q, left);
    if (divisor > 1 && q->limbs > 0)
        q->inexact = mpn_divrem_1(q->limb, 0, q->limb, q->limbs, divisor) != 0;
    trim(q);
    shift_right(q, shift + left);
}

/* The smallest shift after which the largest row fits. */
static slong fitting_shift(integer *q, const int64_t *largest, const sums *w, unsigned long divisor)
{
    q->limbs = fp_grid_pack(q->limb, largest, w->width);
    slong bits = FLINT_BITS * (slong)(q->limbs - 1) + (slong)FLINT_BIT_COUNT(q->limb[q->limbs - 1]);
    slong shift = bits - (slong)FLINT_BIT_COUNT(divisor) - FP_GRID_BITS * (slong)w->n;
    for (;; shift++) {
        rounded(q, largest, w->width, shift, divisor);
        if (fp_grid_fits(q->limb, q->limbs, w->n))
            return shift;
    }
}

static void round_rows(fp_grid_vec *out, sums *w, unsigned long divisor)
{
    integer q;
    size_t inexact = 0;
    mag_t rounding;
    const int64_t *largest = absolute_rows(w);
    if (fp_grid_pack(q.limb, largest, w->width) == 0)
        return;
    slong shift = fitting_shift(&q, largest, w, divisor);
    for (size_t r = 0; r < w->len; r++) {
        const int64_t *row = w->sum + r * (w->width + 1);
        rounded(&q, row, w->width, shift, divisor);
        fp_grid_put(out, r, q.limb, q.limbs, row[w->width] != 0);
        inexact += q.inexact;
    }
    out->exponent = w->exponent + shift;
    fp_grid_renorm(out);
    mag_init(rounding);
    fp_grid_root_error(rounding, inexact, out->exponent - 1);
    mag_add(w->error, w->error, rounding);
    mag_clear(rounding);
}

/* The guard bits that were left out, and the division of what the terms lost. */
static void charge_guard(sums *w, unsigned long divisor)
{
    mag_t off;
    mag_init(off);
    fp_grid_root_error(off, w->len, w->exponent + DROP + FP_GRID_BITS * (slong)(w->n - 1));
    mag_mul_ui(off, off, w->guarded);
    mag_add(w->error, w->error, off);
    mag_div_ui(w->error, w->error, divisor);
    mag_clear(off);
}

bool fp_grid_combine(fp_grid_vec *out, mag_t error, const arb_struct *const *a, const fp_grid_vec *const *x, size_t count, unsigned long divisor)
{
    slong top = 0;
    bool any;
    int64_t small[2048];
    sums w = {.n = out->limbs, .len = out->len, .width = 2 * (size_t)out->limbs + 1};
    assert(divisor >= 1);
    fp_grid_zero(out);
    if (!top_exponent(&top, &any, a, x, count)) {
        mag_inf(error);
        return false;
    }
    size_t room = w.len * (w.width + 1);
    w.exponent = top - EXTRA - FP_GRID_BITS * (slong)w.n;
    w.sum = room <= sizeof small / sizeof *small ? memset(small, 0, room * sizeof *small) : fp_alloc(room, sizeof *w.sum);
    mag_init(w.error);
    add_all(&w, a, x, count);
    charge_guard(&w, divisor);
    if (any)
        round_rows(out, &w, divisor);
    mag_swap(error, w.error);
    mag_clear(w.error);
    if (w.sum != small)
        free(w.sum);
    return true;
}
