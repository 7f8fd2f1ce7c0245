/* SPDX-License-Identifier: MIT */
/* Dot products: 60-bit digits, products in 128-bit columns (one a power of 2^60), carried on before a column can overflow: a column gets at most `limbs` products of at most
 * 2^120 an entry, so FLUSH / limbs entries stay below 2^127. */
#include <assert.h>
#include <string.h>

#include "grid_impl.h"

enum {
    FLUSH = 120,
    COLUMNS = 2 * FP_GRID_LIMBS_MAX - 1,
    DIGITS = COLUMNS + 2,
    LIMBS = FP_GRID_BITS * DIGITS / 64 + 2,
    SPAN = 32 * FLINT_BITS, /* of exponents that one window takes */
    WINDOW = LIMBS + 32 + 3
};

/* Columns of the entries from..to-1; n is 1, 2 or 3 and a constant wherever this is inlined. */
static inline void few_columns(fp_wide *column, const int64_t *x, const int64_t *y, size_t len, size_t from, size_t to, int n)
{
    fp_wide c0 = 0, c1 = 0, c2 = 0, c3 = 0, c4 = 0;
    for (size_t r = from; r < to; r++) {
        int64_t x0 = x[r], y0 = y[r];
        c0 += (fp_wide)x0 * y0;
        if (n < 2)
            continue;
        int64_t x1 = x[len + r], y1 = y[len + r];
        c1 += (fp_wide)x0 * y1;
        c1 += (fp_wide)x1 * y0;
        c2 += (fp_wide)x1 * y1;
        if (n < 3)
            continue;
        int64_t x2 = x[2 * len + r], y2 = y[2 * len + r];
        c2 += (fp_wide)x0 * y2;
        c2 += (fp_wide)x2 * y0;
        c3 += (fp_wide)x1 * y2;
        c3 += (fp_wide)x2 * y1;
        c4 += (fp_wide)x2 * y2;
    }
    const fp_wide all[5] = {c0, c1, c2, c3, c4};
    memcpy(column, all, (size_t)(2 * n - 1) * sizeof *column);
}

static void many_columns(fp_wide *column, const int64_t *x, const int64_t *y, size_t len, size_t from, size_t to, int n)
{
    memset(column, 0, (size_t)(2 * n - 1) * sizeof *column);
    for (size_t r = from; r < to; r++)
        for (int i = 0; i < n; i++) {
            int64_t a = x[(size_t)i * len + r];
            for (int j = 0; j < n; j++)
                column[i + j] += (fp_wide)a * y[(size_t)j * len + r];
        }
}

static void columns_of(fp_wide *column, const fp_grid_vec *x, const fp_grid_vec *y, size_t from, size_t to)
{
    if (x->limbs == 1)
        few_columns(column, x->digit, y->digit, x->len, from, to, 1);
    else if (x->limbs == 2)
        few_columns(column, x->digit, y->digit, x->len, from, to, 2);
    else if (x->limbs == 3)
        few_columns(column, x->digit, y->digit, x->len, from, to, 3);
    else
        many_columns(column, x->digit, y->digit, x->len, from, to, x->limbs);
}

/* The exact integer: limbs of its absolute value. */
static mp_size_t dot_integer(mp_ptr limb, bool *negative, const fp_grid_vec *x, const fp_grid_vec *y)
{
    assert(x->len == y->len && x->limbs == y->limbs);
    fp_wide column[COLUMNS], total[COLUMNS + 1];
    int64_t digit[DIGITS];
    size_t columns = 2 * (size_t)x->limbs - 1, block = FLUSH / (size_t)x->limbs;
    memset(total, 0, (columns + 1) * sizeof *total);
    for (size_t from = 0; from < x->len; from += block) {
        columns_of(column, x, y, from, from + block < x->len ? from + block : x->len);
        for (size_t c = 0; c < columns; c++) {
            total[c] += column[c] & FP_GRID_MASK;
            total[c + 1] += column[c] >> FP_GRID_BITS;
        }
    }
    fp_grid_carry(digit, columns + 2, total, columns + 1);
    *negative = fp_grid_absolute(digit, columns + 2);
    return fp_grid_pack(limb, digit, columns + 2);
}

void fp_grid_dot(arb_t out, const fp_grid_vec *x, const fp_grid_vec *y, slong prec)
{
    mp_limb_t limb[LIMBS];
    bool negative;
    if (mag_is_zero(x->norm) || mag_is_zero(y->norm)) {
        arb_zero(out);
        return;
    }
    mp_size_t limbs = dot_integer(limb, &negative, x, y);
    fp_grid_set_arf(arb_midref(out), limb, limbs, negative, x->exponent + y->exponent);
    mag_zero(arb_radref(out));
    arb_set_round(out, out, prec);
}

/* ---- sums of dot products: a window of two's complement from the lowest exponent on */

typedef struct {
    mp_limb_t limb[WINDOW];
    mp_size_t limbs;
    slong exponent;
} window;

/* Exponents of the products that are not 0; false if there are none. */
static bool exponent_range(slong *low, slong *high, const fp_grid_vec *const *x, const fp_grid_vec *const *y, size_t count)
{
    bool any = false;
    for (size_t s = 0; s < count; s++) {
        if (mag_is_zero(x[s]->norm) || mag_is_zero(y[s]->norm))
            continue;
        slong e = x[s]->exponent + y[s]->exponent;
        *low = !any || e < *low ? e : *low;
        *high = !any || e > *high ? e : *high;
        any = true;
    }
    return any;
}

static void window_add(window *w, const fp_grid_vec *x, const fp_grid_vec *y)
{
    mp_limb_t limb[LIMBS + 1];
    bool negative;
    slong shift = x->exponent + y->exponent - w->exponent;
    mp_size_t at = shift / FLINT_BITS, limbs = dot_integer(limb, &negative, x, y);
    if (limbs == 0)
        return;
    if (shift % FLINT_BITS != 0) {
        limb[limbs] = mpn_lshift(limb, limb, limbs, (unsigned)(shift % FLINT_BITS));
        limbs += limb[limbs] != 0;
    }
    if (negative)
        mpn_sub(w->limb + at, w->limb + at, w->limbs - at, limb, limbs);
    else
        mpn_add(w->limb + at, w->limb + at, w->limbs - at, limb, limbs);
}

static void window_get(arf_t out, window *w)
{
    bool negative = w->limb[w->limbs - 1] >> (FLINT_BITS - 1);
    if (negative)
        mpn_neg(w->limb, w->limb, w->limbs);
    mp_size_t limbs = w->limbs;
    while (limbs > 0 && w->limb[limbs - 1] == 0)
        limbs--;
    fp_grid_set_arf(out, w->limb, limbs, negative, w->exponent);
}

static void add_exactly(arb_t out, const fp_grid_vec *const *x, const fp_grid_vec *const *y, size_t count, slong low, slong high, slong prec)
{
    window w;
    arf_t sum;
    /* a product of n digits and a length below 2^63 need 120 n + 63 bits, `count` of them 64 more, and the sign */
    w.limbs = (high - low + 2 * FP_GRID_BITS * (slong)x[0]->limbs) / FLINT_BITS + 4;
    w.exponent = low;
    memset(w.limb, 0, (size_t)w.limbs * sizeof *w.limb);
    for (size_t s = 0; s < count; s++)
        if (!mag_is_zero(x[s]->norm) && !mag_is_zero(y[s]->norm))
            window_add(&w, x[s], y[s]);
    arf_init(sum);
    window_get(sum, &w);
    arb_add_arf(out, out, sum, prec);
    arf_clear(sum);
}

void fp_grid_dots(arb_t out, const fp_grid_vec *const *x, const fp_grid_vec *const *y, size_t count, slong prec)
{
    slong low = 0, high = 0;
    if (!exponent_range(&low, &high, x, y, count)) {
        arb_set_round(out, out, prec);
        return;
    }
    if (high - low <= SPAN) {
        add_exactly(out, x, y, count, low, high, prec);
        return;
    }
    arb_t term;
    arb_init(term);
    for (size_t s = 0; s < count; s++) {
        fp_grid_dot(term, x[s], y[s], prec);
        arb_add(out, out, term, prec);
    }
    arb_clear(term);
}
