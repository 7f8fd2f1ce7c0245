/* SPDX-License-Identifier: MIT */
/* Illinois method (M. Dowell and P. Jarratt, BIT 11 (1971) 168-174): regula falsi that halves the value at an end kept twice. */
#include "flowproof/integrate.h"

typedef struct {
    mpfr_t f_lo, f_hi, x, f_x, gap;
    mpfr_ptr lo, hi;
    mpfr_srcptr width;
    int kept; /* -1: lo was kept by the last step, 1: hi, 0: neither */
} bracket;

static bool negative(mpfr_srcptr value)
{
    return mpfr_nan_p(value) || mpfr_sgn(value) < 0;
}

static void midpoint(bracket *b)
{
    mpfr_div_2ui(b->x, b->gap, 1, MPFR_RNDN);
    mpfr_add(b->x, b->lo, b->x, MPFR_RNDN);
}

/* The chord's zero, kept half a width off the ends so that the far end can follow. False if the values do not give one. */
static bool chord(bracket *b)
{
    if (!mpfr_number_p(b->f_lo) || !mpfr_number_p(b->f_hi))
        return false;
    mpfr_sub(b->f_x, b->f_hi, b->f_lo, MPFR_RNDN);
    mpfr_div(b->f_x, b->f_hi, b->f_x, MPFR_RNDN);
    mpfr_mul(b->f_x, b->f_x, b->gap, MPFR_RNDN);
    mpfr_sub(b->x, b->hi, b->f_x, MPFR_RNDN);
    mpfr_div_2ui(b->f_x, b->width, 1, MPFR_RNDN);
    mpfr_add(b->gap, b->lo, b->f_x, MPFR_RNDN);
    mpfr_max(b->x, b->x, b->gap, MPFR_RNDN);
    mpfr_sub(b->gap, b->hi, b->f_x, MPFR_RNDN);
    mpfr_min(b->x, b->x, b->gap, MPFR_RNDN);
    return mpfr_number_p(b->x) && mpfr_less_p(b->lo, b->x) && mpfr_less_p(b->x, b->hi);
}

/* x, f_x become an end; the value at an end kept twice running is halved. */
static void replace_end(bracket *b)
{
    bool low = negative(b->f_x);
    mpfr_set(low ? b->lo : b->hi, b->x, MPFR_RNDN);
    mpfr_set(low ? b->f_lo : b->f_hi, b->f_x, MPFR_RNDN);
    int kept = low ? 1 : -1;
    if (kept == b->kept)
        mpfr_div_2ui(low ? b->f_hi : b->f_lo, low ? b->f_hi : b->f_lo, 1, MPFR_RNDN);
    b->kept = kept;
}

/* gap = hi - lo; false once it is within the width, or no number lies between. */
static bool still_wide(bracket *b)
{
    mpfr_sub(b->gap, b->hi, b->lo, MPFR_RNDU);
    if (!mpfr_greater_p(b->gap, b->width))
        return false;
    midpoint(b);
    return mpfr_less_p(b->lo, b->x) && mpfr_less_p(b->x, b->hi);
}

/* Bisects after three steps that did not halve the bracket between them. */
static void shrink(bracket *b, long evaluations, void (*f)(mpfr_ptr, mpfr_srcptr, void *), void *ctx)
{
    mpfr_t before;
    int slow = 0;
    mpfr_init2(before, mpfr_get_prec(b->gap));
    mpfr_set_inf(before, 1);
    for (; evaluations > 0 && still_wide(b); evaluations--) {
        mpfr_mul_2ui(b->f_x, b->gap, 1, MPFR_RNDN);
        bool halved = mpfr_lessequal_p(b->f_x, before) != 0;
        if (halved) {
            mpfr_set(before, b->gap, MPFR_RNDN);
            slow = 0;
        }
        if (slow++ == 3 || !chord(b)) {
            mpfr_sub(b->gap, b->hi, b->lo, MPFR_RNDN);
            midpoint(b);
            slow = 0;
        }
        f(b->f_x, b->x, ctx);
        replace_end(b);
    }
    mpfr_clear(before);
}

void fp_root_bracket(mpfr_ptr lo, mpfr_ptr hi, mpfr_srcptr width, void (*f)(mpfr_ptr value, mpfr_srcptr t, void *ctx), void *ctx)
{
    bracket b = {.lo = lo, .hi = hi, .width = width};
    mpfr_prec_t prec = mpfr_get_prec(lo) > mpfr_get_prec(hi) ? mpfr_get_prec(lo) : mpfr_get_prec(hi);
    mpfr_inits2(prec, b.f_lo, b.f_hi, b.x, b.f_x, b.gap, (mpfr_ptr)NULL);
    f(b.f_lo, lo, ctx);
    f(b.f_hi, hi, ctx);
    shrink(&b, 4 * (long)prec - 2, f, ctx);
    mpfr_clears(b.f_lo, b.f_hi, b.x, b.f_x, b.gap, (mpfr_ptr)NULL);
}
