/* SPDX-License-Identifier: MIT */
/* The public questions to a source: base quantities by name. */
#include "source_impl.h"

static bool is_neuron(fp_base base)
{
    return base == FP_BASE_WV || base == FP_BASE_WW;
}

static bool is_population(fp_base base)
{
    return base >= FP_BASE_LOSSGEN && base <= FP_BASE_RANDOM_SHARE;
}

/* One coefficient of the jet; x[] is 0-based. */
static void ask_state(arb_t out, fp_source *s, fp_base base, const long *x, int which)
{
    switch (base) {
    case FP_BASE_G: arb_set(out, fp_primary_G(s, which, x[0])); break;
    case FP_BASE_SCORE: arb_set(out, fp_primary_score(s, which, x[0], x[1])); break;
    case FP_BASE_KK: arb_set(out, fp_primary_KK(s, which, x[0], x[1])); break;
    case FP_BASE_QQ: arb_set(out, fp_primary_QQ(s, which, x[0], x[1])); break;
    case FP_BASE_VV: arb_set(out, fp_primary_VV(s, which, x[0], x[1])); break;
    case FP_BASE_WV: arb_set(out, fp_primary_WV(s, which, x[0], x[1])); break;
    case FP_BASE_WW: arb_set(out, fp_primary_WW(s, which, x[0], x[1])); break;
    case FP_BASE_UNORM2: arb_set(out, fp_primary_rho(s, which)); break;
    default: arb_indeterminate(out); break;
    }
}

static void ask_force(arb_t out, fp_source *s, const long *x, int which)
{
    long pair = s->pairs.of[x[0] * s->layout.d + x[1]];
    if (pair < 0)
        arb_zero(out);
    else
        arb_set(out, fp_force_N(s, which) + pair);
}

static void ask(arb_t out, fp_source *s, fp_base base, const long *x, int which)
{
    switch (base) {
    case FP_BASE_F: arb_set(out, fp_forward_F(s, which, x[0])); break;
    case FP_BASE_GI: arb_set(out, fp_forward_g(s, which, x[0])); break;
    case FP_BASE_LOSSOF: arb_set(out, fp_forward_lossof(s, which, x[0])); break;
    case FP_BASE_S1: arb_set(out, fp_forward_sum(s, which, FP_SUM_S1)); break;
    case FP_BASE_S2: arb_set(out, fp_forward_sum(s, which, FP_SUM_S2)); break;
    case FP_BASE_S3: arb_set(out, fp_forward_sum(s, which, FP_SUM_S3)); break;
    case FP_BASE_S4: arb_set(out, fp_forward_sum(s, which, FP_SUM_S4)); break;
    case FP_BASE_LOSS: arb_set(out, fp_forward_sum(s, which, FP_SUM_LOSS)); break;
    case FP_BASE_C: arb_set(out, fp_force_c(s, which) + x[0]); break;
    case FP_BASE_NN: ask_force(out, s, x, which); break;
    case FP_BASE_P: arb_set(out, fp_forward_p(s, which, x[0], x[1]) + x[2]); break;
    case FP_BASE_S: fp_forward_s(out, s, which, x[0], x[1], x[2]); break;
    case FP_BASE_O: arb_set(out, fp_forward_o(s, which, x[0], x[1])); break;
    case FP_BASE_LOSSGEN:
    case FP_BASE_LOSSGEN_BOUND:
    case FP_BASE_LOSSGEN_SAMPLED:
    case FP_BASE_RANDOM_SHARE: arb_set(out, fp_population_value(s, base)); break;
    default: ask_state(out, s, base, x, which); break;
    }
}

static const char *why_no_slope(const fp_source *s, int order, fp_derivative how)
{
    return order > 0 && how == FP_BY_FIELD && !s->flow && !s->tube && !s->slope_by_equations ? "slope() is not available at the exact initial state: no integrator made it" : NULL;
}

static int slope_kind(const fp_source *s, fp_derivative how)
{
    return how == FP_BY_FIELD && s->flow ? FP_SLOPE_FIELD : FP_SLOPE_EQUATIONS;
}

/* The view's own word for what it does not have; nothing is said of what an interval is too wide for. */
static bool has_come(const fp_source *s, arb_srcptr x, const char **why)
{
    if (!s->tube || !s->view_why || arb_is_finite(x))
        return true;
    *why = s->view_why;
    return false;
}

static const char *why_none(const fp_source *s, fp_base base, int order, fp_derivative how)
{
    const char *why = why_no_slope(s, order, how);
    if (!why && is_population(base))
        why = order > 0 ? "no derivative of the generalisation loss is available" : fp_population_why_none(s, base);
    if (!why && is_neuron(base))
        why = fp_state_why_no_neurons(s);
    return why;
}

static void from_zero(long x[3], fp_base base, const long *index)
{
    for (size_t r = 0; fp_base_indices(base)[r]; r++)
        x[r] = index[r] - 1;
}

bool fp_source_slope(arb_t out, fp_source *s, fp_base base, const long *index, fp_derivative how, const char **why)
{
    long x[3] = {0, 0, 0};
    if (base == FP_BASE_TIME) {
        arb_one(out);
        return true;
    }
    *why = why_none(s, base, 1, how);
    if (*why)
        return false;
    from_zero(x, base, index);
    ask(out, s, base, x, slope_kind(s, how));
    return has_come(s, out, why);
}

bool fp_source_scalar(arb_ptr jet, fp_source *s, fp_base base, const long *index, int order, fp_derivative how, const char **why)
{
    long x[3] = {0, 0, 0};
    if (base == FP_BASE_TIME) {
        arb_set(jet, s->time);
        if (order > 0)
            arb_one(jet + 1);
        return true;
    }
    *why = why_none(s, base, order, how);
    if (*why)
        return false;
    from_zero(x, base, index);
    ask(jet, s, base, x, FP_VALUE);
    if (order > 0)
        ask(jet + 1, s, base, x, slope_kind(s, how));
    return has_come(s, jet, why) && (order == 0 || has_come(s, jet + 1, why));
}

static int vector_of(fp_base base)
{
    switch (base) {
    case FP_BASE_VEC_U: return FP_VECTOR_U;
    case FP_BASE_VEC_W: return FP_VECTOR_W;
    case FP_BASE_VEC_V: return FP_VECTOR_V;
    case FP_BASE_VEC_K: return FP_VECTOR_K;
    default: return FP_VECTOR_Q;
    }
}

static const char *why_no_vector(const fp_source *s, int vector)
{
    if (!s->layout.has_vectors)
        return "the gram flow keeps no vectors (use --flow reduced, weights or compressed)";
    if (vector == FP_VECTOR_W && s->layout.kind == FP_FLOW_COMPRESSED)
        return "the compressed flow keeps only projections of w[j] (use WV and WW, or --flow reduced or weights)";
    return NULL;
}

bool fp_source_vector(arb_srcptr *x, long *rows, int *space, fp_source *s, fp_base base, const long *index, int order, fp_derivative how,
                      const char **why)
{
    int vector = vector_of(base);
    *why = why_no_slope(s, order, how);
    if (!*why)
        *why = why_no_vector(s, vector);
    if (*why)
        return false;
    *rows = fp_state_rows(s, vector);
    *space = s->layout.kind != FP_FLOW_COMPRESSED                   ? FP_SPACE_ORIGINAL
             : vector == FP_VECTOR_K || vector == FP_VECTOR_Q ? FP_SPACE_COMPRESSED_KQ
                                                              : FP_SPACE_COMPRESSED_UV;
    *x = fp_primary_vector(s, order > 0 ? slope_kind(s, how) : FP_VALUE, vector, vector == FP_VECTOR_U ? 0 : index[0] - 1);
    return *rows == 0 || has_come(s, *x, why);
}
