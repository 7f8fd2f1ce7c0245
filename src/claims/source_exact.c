/* SPDX-License-Identifier: MIT */
/* Quantities of the exact initial state that are sums of products of its weights, hence dyadic rationals, without rounding. */
#include "source_impl.h"

bool fp_exact_dot(arf_t out, arb_srcptr x, arb_srcptr y, long rows)
{
    arf_t product;
    bool exact = true;
    arf_init(product);
    arf_zero(out);
    for (long r = 0; r < rows && exact; r++) {
        exact = arb_is_exact(x + r) && arb_is_exact(y + r) && arb_is_finite(x + r) && arb_is_finite(y + r);
        if (!exact) break;
        arf_mul(product, arb_midref(x + r), arb_midref(y + r), ARF_PREC_EXACT, ARF_RND_DOWN);
        arf_add(out, out, product, ARF_PREC_EXACT, ARF_RND_DOWN);
    }
    arf_clear(product);
    return exact;
}

static bool dot(arf_t out, fp_source *s, int left, long i, int right, long k)
{
    return fp_exact_dot(out, fp_state_vector(s, left, i), fp_state_vector(s, right, k), fp_state_rows(s, left));
}

static bool is_square(long m, long *root)
{
    fmpz_t x;
    fmpz_init_set_si(x, m);
    bool square = fmpz_is_square(x);
    if (square) fmpz_sqrt(x, x);
    *root = fmpz_get_si(x);
    fmpz_clear(x);
    return square;
}

bool fp_source_exact(arf_t out, long *divisor, fp_source *s, fp_base base, const long *index)
{
    const long x = index[0] - 1, y = index[1] - 1;
    *divisor = 1;
    if (!fp_source_is_exact(s)) return false;
    switch (base) {
    case FP_BASE_TIME: arf_zero(out); return true;
    case FP_BASE_G: return dot(out, s, FP_VECTOR_U, 0, FP_VECTOR_V, x);
    case FP_BASE_SCORE: return dot(out, s, FP_VECTOR_K, x, FP_VECTOR_Q, y);
    case FP_BASE_S: return is_square(s->problem->m, divisor) && dot(out, s, FP_VECTOR_K, fp_source_token(s, x, index[2] - 1), FP_VECTOR_Q, fp_source_token(s, x, y));
    case FP_BASE_KK: return dot(out, s, FP_VECTOR_K, x, FP_VECTOR_K, y);
    case FP_BASE_QQ: return dot(out, s, FP_VECTOR_Q, x, FP_VECTOR_Q, y);
    case FP_BASE_VV: return dot(out, s, FP_VECTOR_V, x, FP_VECTOR_V, y);
    case FP_BASE_WV: return dot(out, s, FP_VECTOR_W, x, FP_VECTOR_V, y);
    case FP_BASE_WW: return dot(out, s, FP_VECTOR_W, x, FP_VECTOR_W, y);
    case FP_BASE_UNORM2: return dot(out, s, FP_VECTOR_U, 0, FP_VECTOR_U, 0);
    default: return false;
    }
}

fp_source *fp_source_new_sharper(const fp_source *exact, slong prec)
{
    fp_source *s = fp_source_new_initial(exact->problem, prec);
    s->slope_by_equations = exact->slope_by_equations;
    return s;
}
