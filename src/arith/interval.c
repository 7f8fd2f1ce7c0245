/* SPDX-License-Identifier: MIT */
#include "interval_impl.h"

void fp_interval_init(fp_interval *x)
{
    *x = (fp_interval){.defined = true};
    fmpq_init(x->low);
    fmpq_init(x->high);
}

void fp_interval_clear(fp_interval *x)
{
    fmpq_clear(x->low);
    fmpq_clear(x->high);
}

void fp_interval_set(fp_interval *out, const fp_interval *a)
{
    out->defined = a->defined;
    out->low_infinite = a->low_infinite;
    out->high_infinite = a->high_infinite;
    fmpq_set(out->low, a->low);
    fmpq_set(out->high, a->high);
}

void fp_interval_set_point(fp_interval *out, const fmpq_t a)
{
    out->defined = true;
    out->low_infinite = out->high_infinite = false;
    fmpq_set(out->low, a);
    fmpq_set(out->high, a);
}

void fp_interval_set_si(fp_interval *out, slong a)
{
    fmpq_t x;
    fmpq_init(x);
    fmpq_set_si(x, a, 1);
    fp_interval_set_point(out, x);
    fmpq_clear(x);
}

void fp_interval_set_rational(fp_interval *out, mpq_srcptr a)
{
    fmpq_t x;
    fmpq_init(x);
    fmpz_set_mpz(fmpq_numref(x), mpq_numref(a));
    fmpz_set_mpz(fmpq_denref(x), mpq_denref(a));
    fp_interval_set_point(out, x);
    fmpq_clear(x);
}

void fp_interval_undefine(fp_interval *out)
{
    out->defined = false;
}


/* ---- ends */
/* Of sign s and beyond all exponents: outward. */
static void huge_end(fmpq_t out, bool *infinite, int sign, bool upper)
{
    *infinite = upper == (sign > 0);
    fmpq_set_si(out, sign, 1);
    fmpq_mul_2exp(out, out, FP_EXPONENT_MOST);
}

static void tiny_end(fmpq_t out, int sign, bool upper)
{
    fmpq_zero(out);
    if (upper != (sign > 0)) return;
    fmpq_set_si(out, sign, 1);
    fmpq_div_2exp(out, out, FP_EXPONENT_MOST);
}

void fp_end_set_arf(fmpq_t out, bool *infinite, const arf_t x, bool upper)
{
    int sign = arf_sgn(x);
    *infinite = !arf_is_finite(x);
    if (*infinite) return;
    if (arf_cmpabs_2exp_si(x, FP_EXPONENT_MOST) > 0)
        huge_end(out, infinite, sign, upper);
    else if (sign != 0 && arf_cmpabs_2exp_si(x, -FP_EXPONENT_MOST) < 0)
        tiny_end(out, sign, upper);
    else
        arf_get_fmpq(out, x);
}

/* The end of [.., x] (upper) or [x, ..], shorter if it is too long. */
static void trim(fmpq_t x, bool *infinite, bool upper, const fp_digits *digits)
{
    arf_t rounded;
    if (*infinite || (slong)(fmpz_bits(fmpq_numref(x)) + fmpz_bits(fmpq_denref(x))) <= digits->exact) return;
    arf_init(rounded);
    arf_set_fmpq(rounded, x, digits->prec, upper ? ARF_RND_CEIL : ARF_RND_FLOOR);
    fp_end_set_arf(x, infinite, rounded, upper);
    arf_clear(rounded);
}

void fp_interval_trim(fp_interval *x, const fp_digits *digits)
{
    trim(x->low, &x->low_infinite, false, digits);
    trim(x->high, &x->high_infinite, true, digits);
}

void fp_interval_set_arf(fp_interval *out, const arf_t a, const fp_digits *digits)
{
    out->defined = !arf_is_nan(a);
    fp_end_set_arf(out->low, &out->low_infinite, a, false);
    fp_end_set_arf(out->high, &out->high_infinite, a, true);
    fp_interval_trim(out, digits);
}

void fp_interval_set_ball(fp_interval *out, const arb_t a, const fp_digits *digits)
{
    arf_t end;
    if (arb_is_exact(a)) {
        fp_interval_set_arf(out, arb_midref(a), digits);
        return;
    }
    arf_init(end);
    arb_get_lbound_arf(end, a, digits->prec);
    fp_end_set_arf(out->low, &out->low_infinite, end, false);
    arb_get_ubound_arf(end, a, digits->prec);
    fp_end_set_arf(out->high, &out->high_infinite, end, true);
    out->defined = arb_is_finite(a);
    arf_clear(end);
}

/* Around [low, high], low < high: the end nearer to 0 is kept if its sign is. */
static void enclose(arb_t out, const fp_interval *a, slong prec)
{
    arf_t low, high;
    arf_init(low);
    arf_init(high);
    arf_set_fmpq(low, a->low, prec, ARF_RND_FLOOR);
    arf_set_fmpq(high, a->high, prec, ARF_RND_CEIL);
    bool below = arf_cmpabs(low, high) < 0;
    arf_sub(high, high, low, MAG_BITS, ARF_RND_UP);
    arf_mul_2exp_si(high, high, -1);
    arf_get_mag(arb_radref(out), high);
    arf_set_mag(high, arb_radref(out)); /* the radius as it is, at least half the width */
    if (below) {
        arf_add(arb_midref(out), low, high, ARF_PREC_EXACT, ARF_RND_DOWN);
    } else {
        arf_set_fmpq(low, a->high, prec, ARF_RND_CEIL);
        arf_sub(arb_midref(out), low, high, ARF_PREC_EXACT, ARF_RND_DOWN);
    }
    arf_clear(low);
    arf_clear(high);
}

void fp_interval_get_ball(arb_t out, const fp_interval *a, slong prec)
{
    if (!fp_interval_is_finite(a))
        arb_indeterminate(out);
    else if (fp_interval_is_point(a))
        arb_set_fmpq(out, a->low, prec);
    else
        enclose(out, a, prec);
}

/* ---- questions */
bool fp_interval_is_finite(const fp_interval *a)
{
    return a->defined && !a->low_infinite && !a->high_infinite;
}

bool fp_interval_is_point(const fp_interval *a)
{
    return fp_interval_is_finite(a) && fmpq_equal(a->low, a->high);
}

bool fp_interval_is_zero(const fp_interval *a)
{
    return fp_interval_is_point(a) && fmpq_is_zero(a->low);
}

static int low_sign(const fp_interval *a)
{
    return a->low_infinite ? -1 : fmpq_sgn(a->low);
}

static int high_sign(const fp_interval *a)
{
    return a->high_infinite ? 1 : fmpq_sgn(a->high);
}

fp_truth fp_interval_is_nonnegative(const fp_interval *a)
{
    if (!a->defined) return FP_UNKNOWN;
    return low_sign(a) >= 0 ? FP_TRUE : high_sign(a) < 0 ? FP_FALSE : FP_UNKNOWN;
}

fp_truth fp_interval_is_positive(const fp_interval *a)
{
    if (!a->defined) return FP_UNKNOWN;
    return low_sign(a) > 0 ? FP_TRUE : high_sign(a) <= 0 ? FP_FALSE : FP_UNKNOWN;
}

bool fp_interval_all_le(const fp_interval *a, const fp_interval *b)
{
    return a->defined && b->defined && !a->high_infinite && !b->low_infinite && fmpq_cmp(a->high, b->low) <= 0;
}

/* ---- arithmetic */
void fp_interval_neg(fp_interval *out, const fp_interval *a)
{
    bool low_infinite = a->low_infinite;
    if (out != a) fp_interval_set(out, a);
    out->low_infinite = out->high_infinite;
    out->high_infinite = low_infinite;
    fmpq_swap(out->low, out->high);
    fmpq_neg(out->low, out->low);
    fmpq_neg(out->high, out->high);
}

void fp_interval_add(fp_interval *out, const fp_interval *a, const fp_interval *b, const fp_digits *digits)
{
    out->defined = a->defined && b->defined;
    if (!out->defined) return;
    out->low_infinite = a->low_infinite || b->low_infinite;
    out->high_infinite = a->high_infinite || b->high_infinite;
    if (!out->low_infinite) fmpq_add(out->low, a->low, b->low);
    if (!out->high_infinite) fmpq_add(out->high, a->high, b->high);
    fp_interval_trim(out, digits);
}

void fp_interval_sub(fp_interval *out, const fp_interval *a, const fp_interval *b, const fp_digits *digits)
{
    fp_interval minus;
    fp_interval_init(&minus);
    fp_interval_neg(&minus, b);
    fp_interval_add(out, a, &minus, digits);
    fp_interval_clear(&minus);
}

enum { LL, LH, HL, HH }; /* lower or upper end of the first, of the second operand */

typedef struct {
    fmpq_t x;
    int infinite; /* -1, 0, 1 */
} bound;

static void bound_mul(bound *out, const fp_interval *a, const fp_interval *b, int ends)
{
    bool left = ends == HL || ends == HH, right = ends == LH || ends == HH;
    int sign = (left ? high_sign(a) : low_sign(a)) * (right ? high_sign(b) : low_sign(b));
    bool infinite = (left ? a->high_infinite : a->low_infinite) || (right ? b->high_infinite : b->low_infinite);
    out->infinite = infinite ? sign : 0;
    if (sign == 0)
        fmpq_zero(out->x);
    else if (!infinite)
        fmpq_mul(out->x, left ? a->high : a->low, right ? b->high : b->low);
}

/* 0: not negative, 1: not positive, 2: both signs */
static int sign_class(const fp_interval *a)
{
    return low_sign(a) >= 0 ? 0 : high_sign(a) <= 0 ? 1 : 2;
}

static int bound_cmp(const bound *a, const bound *b)
{
    return a->infinite != b->infinite ? a->infinite - b->infinite : a->infinite != 0 ? 0 : fmpq_cmp(a->x, b->x);
}

/* The least and the largest product are those of two ends, which the signs tell, but where both have both signs. */
static void mul_ends(fp_interval *out, const fp_interval *a, const fp_interval *b)
{
    static const int least[3][3] = {{LL, HL, HL}, {LH, HH, LH}, {LH, HL, LH}}, most[3][3] = {{HH, LH, HH}, {HL, LL, LL}, {HH, LL, LL}};
    bound low, high, other;
    int i = sign_class(a), j = sign_class(b);
    fmpq_init(low.x);
    fmpq_init(high.x);
    fmpq_init(other.x);
    bound_mul(&low, a, b, least[i][j]);
    bound_mul(&high, a, b, most[i][j]);
    if (i == 2 && j == 2) {
        bound_mul(&other, a, b, HL);
        bool lower = bound_cmp(&other, &low) < 0;
        if (lower) fmpq_swap(low.x, other.x), low.infinite = other.infinite;
        bound_mul(&other, a, b, HH);
        bool higher = bound_cmp(&other, &high) > 0;
        if (higher) fmpq_swap(high.x, other.x), high.infinite = other.infinite;
    }
    out->low_infinite = low.infinite != 0;
    out->high_infinite = high.infinite != 0;
    fmpq_swap(out->low, low.x);
    fmpq_swap(out->high, high.x);
    fmpq_clear(low.x);
    fmpq_clear(high.x);
    fmpq_clear(other.x);
}

void fp_interval_mul(fp_interval *out, const fp_interval *a, const fp_interval *b, const fp_digits *digits)
{
    bool points = fp_interval_is_point(a) && fp_interval_is_point(b);
    out->defined = a->defined && b->defined;
    if (!out->defined) return;
    if (points) {
        fmpq_mul(out->low, a->low, b->low);
        fmpq_set(out->high, out->low);
        out->low_infinite = out->high_infinite = false;
    } else {
        mul_ends(out, a, b);
    }
    fp_interval_trim(out, digits);
}

/* 1/a, of one sign. */
void fp_interval_inv(fp_interval *out, const fp_interval *a)
{
    bool low_infinite = a->low_infinite, high_infinite = a->high_infinite;
    out->defined = a->defined && low_sign(a) * high_sign(a) > 0;
    if (!out->defined) return;
    if (out != a) fp_interval_set(out, a);
    fmpq_swap(out->low, out->high);
    if (high_infinite)
        fmpq_zero(out->low);
    else
        fmpq_inv(out->low, out->low);
    if (low_infinite)
        fmpq_zero(out->high);
    else
        fmpq_inv(out->high, out->high);
    out->low_infinite = out->high_infinite = false;
}

void fp_interval_div(fp_interval *out, const fp_interval *a, const fp_interval *b, const fp_digits *digits)
{
    fp_interval inverse;
    fp_interval_init(&inverse);
    fp_interval_inv(&inverse, b);
    fp_interval_mul(out, a, &inverse, digits);
    fp_interval_clear(&inverse);
}

/* ---- sets and extremes. sign 1: the larger of two ends, sign -1: the smaller; an infinite one wins or loses by `wins`. */
static void pick(fmpq_t out, bool *infinite, const fmpq_t a, bool a_infinite, const fmpq_t b, bool b_infinite, int sign, bool wins)
{
    bool second = a_infinite || b_infinite ? (wins ? b_infinite : a_infinite) : sign * fmpq_cmp(b, a) > 0;
    *infinite = second ? b_infinite : a_infinite;
    fmpq_set(out, second ? b : a);
}

static bool both_defined(fp_interval *out, const fp_interval *a, const fp_interval *b)
{
    return out->defined = a->defined && b->defined;
}

void fp_interval_hull(fp_interval *out, const fp_interval *a, const fp_interval *b)
{
    if (!both_defined(out, a, b)) return;
    pick(out->low, &out->low_infinite, a->low, a->low_infinite, b->low, b->low_infinite, -1, true);
    pick(out->high, &out->high_infinite, a->high, a->high_infinite, b->high, b->high_infinite, 1, true);
}

void fp_interval_meet(fp_interval *out, const fp_interval *a, const fp_interval *b)
{
    if (!both_defined(out, a, b)) return;
    pick(out->low, &out->low_infinite, a->low, a->low_infinite, b->low, b->low_infinite, 1, false);
    pick(out->high, &out->high_infinite, a->high, a->high_infinite, b->high, b->high_infinite, -1, false);
}

void fp_interval_max(fp_interval *out, const fp_interval *a, const fp_interval *b)
{
    if (!both_defined(out, a, b)) return;
    pick(out->low, &out->low_infinite, a->low, a->low_infinite, b->low, b->low_infinite, 1, false);
    pick(out->high, &out->high_infinite, a->high, a->high_infinite, b->high, b->high_infinite, 1, true);
}

void fp_interval_min(fp_interval *out, const fp_interval *a, const fp_interval *b)
{
    if (!both_defined(out, a, b)) return;
    pick(out->low, &out->low_infinite, a->low, a->low_infinite, b->low, b->low_infinite, -1, true);
    pick(out->high, &out->high_infinite, a->high, a->high_infinite, b->high, b->high_infinite, -1, false);
}

void fp_interval_abs(fp_interval *out, const fp_interval *a)
{
    if (!a->defined || low_sign(a) >= 0) {
        fp_interval_set(out, a);
    } else if (high_sign(a) <= 0) {
        fp_interval_neg(out, a);
    } else {
        fp_interval minus, zero;
        fp_interval_init(&minus);
        fp_interval_init(&zero);
        fp_interval_neg(&minus, a);
        fp_interval_max(out, a, &minus);
        fp_interval_max(out, out, &zero);
        fp_interval_clear(&minus);
        fp_interval_clear(&zero);
    }
}
