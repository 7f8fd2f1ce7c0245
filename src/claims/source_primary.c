/* SPDX-License-Identifier: MIT */
/* Quantities of the state with their derivatives of either kind, cached. */
#include "source_impl.h"

arb_srcptr fp_primary_G(fp_source *s, int which, long mu)
{
    bool stale;
    if (which == FP_VALUE)
        return fp_state_G(s, mu);
    arb_ptr x = fp_table_at(&s->G, which, (size_t)mu, s->now, &stale);
    if (stale)
        (which == FP_SLOPE_FIELD ? fp_field_G : fp_equations_G)(x, s, mu);
    return x;
}

arb_srcptr fp_primary_score(fp_source *s, int which, long nu, long mu)
{
    bool stale;
    if (which == FP_VALUE)
        return fp_state_score(s, nu, mu);
    arb_ptr x = fp_table_at(&s->score, which, (size_t)(nu * s->layout.d + mu), s->now, &stale);
    if (stale)
        (which == FP_SLOPE_FIELD ? fp_field_score : fp_equations_score)(x, s, nu, mu);
    return x;
}

typedef void (*pair_slope)(arb_t out, fp_source *s, long mu, long nu);

static arb_srcptr symmetric(fp_source *s, fp_table *table, int which, int vector, pair_slope equations, long mu, long nu)
{
    bool stale;
    long low = mu < nu ? mu : nu, high = mu < nu ? nu : mu;
    arb_ptr x = fp_table_at(table, which, (size_t)(low * s->layout.d + high), s->now, &stale);
    if (stale && which == FP_SLOPE_FIELD)
        fp_field_symmetric(x, s, vector, low, high);
    else if (stale)
        equations(x, s, low, high);
    return x;
}

arb_srcptr fp_primary_KK(fp_source *s, int which, long mu, long nu)
{
    return which == FP_VALUE ? fp_state_KK(s, mu, nu) : symmetric(s, &s->KK, which, FP_VECTOR_K, fp_equations_KK, mu, nu);
}

arb_srcptr fp_primary_QQ(fp_source *s, int which, long mu, long nu)
{
    return which == FP_VALUE ? fp_state_QQ(s, mu, nu) : symmetric(s, &s->QQ, which, FP_VECTOR_Q, fp_equations_QQ, mu, nu);
}

arb_srcptr fp_primary_VV(fp_source *s, int which, long mu, long nu)
{
    return which == FP_VALUE ? fp_state_VV(s, mu, nu) : symmetric(s, &s->VV, which, FP_VECTOR_V, fp_equations_VV, mu, nu);
}

arb_srcptr fp_primary_rho(fp_source *s, int which)
{
    bool stale;
    if (which == FP_VALUE)
        return fp_state_rho(s);
    arb_ptr x = fp_table_at(&s->rho, which, 0, s->now, &stale);
    if (stale)
        (which == FP_SLOPE_FIELD ? fp_field_rho : fp_equations_rho)(x, s);
    return x;
}

arb_srcptr fp_primary_WV(fp_source *s, int which, long j, long mu)
{
    bool stale;
    if (which == FP_VALUE)
        return fp_state_WV(s, j, mu);
    arb_ptr x = fp_table_at(&s->WV, which, (size_t)(j * s->layout.d + mu), s->now, &stale);
    if (stale)
        (which == FP_SLOPE_FIELD ? fp_field_WV : fp_equations_WV)(x, s, j, mu);
    return x;
}

arb_srcptr fp_primary_WW(fp_source *s, int which, long j1, long j2)
{
    bool stale;
    if (which == FP_VALUE)
        return fp_state_WW(s, j1, j2);
    long low = j1 < j2 ? j1 : j2, high = j1 < j2 ? j2 : j1;
    arb_ptr x = fp_table_at(&s->WW, which, (size_t)(high * (high + 1) / 2 + low), s->now, &stale);
    if (stale)
        (which == FP_SLOPE_FIELD ? fp_field_WW : fp_equations_WW)(x, s, low, high);
    return x;
}

arb_srcptr fp_primary_vector(fp_source *s, int which, int vector, long i)
{
    if (which == FP_VALUE)
        return fp_state_vector(s, vector, i);
    return (which == FP_SLOPE_FIELD ? fp_field_vector : fp_equations_vector)(s, vector, i);
}
