/* SPDX-License-Identifier: MIT */
/* Attention, outputs and losses (theory section 1), each with its derivative by the chain rule from those of scores and G. */
#include "source_impl.h"

/* exp(score/sqrt m), once per pair of tokens that occurs. No shift by the maximum: Arb's exponents do not overflow. */
static arb_srcptr weight(fp_source *s, long key, long query)
{
    bool stale;
    size_t pair = (size_t)s->pairs.of[key * s->layout.d + query];
    arb_ptr x = fp_table_at(&s->E, FP_VALUE, pair, s->now, &stale);
    if (stale) {
        arb_mul(x, fp_state_score(s, key, query), s->root_m_inverse, s->prec);
        arb_exp(x, x, s->prec);
    }
    return x;
}

void fp_forward_s(arb_t out, fp_source *s, int which, long i, long l, long k)
{
    arb_mul(out, fp_primary_score(s, which, fp_source_token(s, i, k), fp_source_token(s, i, l)), s->root_m_inverse, s->prec);
}

static void softmax(arb_ptr p, fp_source *s, long i, long l)
{
    arb_t sum;
    arb_init(sum);
    for (long k = 0; k < s->layout.L && !fp_interrupted(); k++) {
        arb_set(p + k, weight(s, fp_source_token(s, i, k), fp_source_token(s, i, l)));
        arb_add(sum, sum, p + k, s->prec);
    }
    arb_inv(sum, sum, s->prec);
    for (long k = 0; k < s->layout.L; k++)
        arb_mul(p + k, p + k, sum, s->prec);
    arb_clear(sum);
}

/* p' = p (s' - p.s') */
static void softmax_slope(arb_ptr dp, fp_source *s, int which, long i, long l)
{
    arb_srcptr p = fp_forward_p(s, FP_VALUE, i, l);
    arb_t mean;
    arb_init(mean);
    for (long k = 0; k < s->layout.L; k++)
        fp_forward_s(dp + k, s, which, i, l, k);
    fp_source_dot(mean, s, p, dp, s->layout.L);
    for (long k = 0; k < s->layout.L; k++) {
        arb_sub(dp + k, dp + k, mean, s->prec);
        arb_mul(dp + k, dp + k, p + k, s->prec);
    }
    arb_clear(mean);
}

arb_srcptr fp_forward_p(fp_source *s, int which, long i, long l)
{
    bool stale;
    arb_ptr p = fp_table_at(&s->p, which, (size_t)(i * s->layout.L + l), s->now, &stale);
    if (stale && which == FP_VALUE && s->tube)
        for (long k = 0; k < s->layout.L; k++)
            fp_source_fetch(p + k, s, FP_TUBE_P, i, l, k);
    else if (stale && which == FP_VALUE)
        softmax(p, s, i, l);
    else if (stale)
        softmax_slope(p, s, which, i, l);
    return p;
}

/* out += sum_k p_k G(x_k), p and G of the kinds given */
static void add_readout(arb_t out, fp_source *s, int which_p, int which_G, long i, long l)
{
    arb_srcptr p = fp_forward_p(s, which_p, i, l);
    for (long k = 0; k < s->layout.L; k++)
        arb_addmul(out, p + k, fp_primary_G(s, which_G, fp_source_token(s, i, k)), s->prec);
}

arb_srcptr fp_forward_o(fp_source *s, int which, long i, long l)
{
    bool stale;
    arb_ptr o = fp_table_at(&s->o, which, (size_t)(i * s->layout.L + l), s->now, &stale);
    if (!stale)
        return o;
    if (s->tube && which == FP_VALUE) {
        fp_source_fetch(o, s, FP_TUBE_O, i, l, 0);
        return o;
    }
    arb_zero(o);
    add_readout(o, s, FP_VALUE, which, i, l);
    if (which != FP_VALUE)
        add_readout(o, s, which, FP_VALUE, i, l);
    return o;
}

arb_srcptr fp_forward_F(fp_source *s, int which, long i)
{
    bool stale;
    arb_ptr F = fp_table_at(&s->F, which, (size_t)i, s->now, &stale);
    if (!stale)
        return F;
    if (s->tube && which == FP_VALUE) {
        fp_source_fetch(F, s, FP_TUBE_F, i, 0, 0);
        return F;
    }
    arb_zero(F);
    for (long l = 0; l < s->layout.L; l++)
        arb_add(F, F, fp_forward_o(s, which, i, l), s->prec);
    return F;
}

static void margin(arb_t z, fp_source *s, int which, long i)
{
    arb_mul_si(z, fp_forward_F(s, which, i), s->problem->label[i], s->prec);
}

/* 1 - g(z) = g(-z) */
static arb_srcptr complement(fp_source *s, long i)
{
    bool stale;
    arb_ptr x = fp_table_at(&s->g1, FP_VALUE, (size_t)i, s->now, &stale);
    if (stale && s->tube) {
        fp_source_fetch(x, s, FP_TUBE_ONE_MINUS_GI, i, 0, 0);
    } else if (stale) {
        margin(x, s, FP_VALUE, i);
        arb_neg(x, x);
        fp_ball_logistic(x, x, s->prec);
    }
    return x;
}

arb_srcptr fp_forward_g(fp_source *s, int which, long i)
{
    bool stale;
    arb_ptr x = fp_table_at(&s->g, which, (size_t)i, s->now, &stale);
    if (!stale)
        return x;
    if (s->tube && which == FP_VALUE) {
        fp_source_fetch(x, s, FP_TUBE_GI, i, 0, 0);
        return x;
    }
    margin(x, s, which, i);
    if (which == FP_VALUE) {
        fp_ball_logistic(x, x, s->prec);
        return x;
    }
    arb_mul(x, x, fp_forward_g(s, FP_VALUE, i), s->prec); /* g' = -g (1-g) z' */
    arb_mul(x, x, complement(s, i), s->prec);
    arb_neg(x, x);
    return x;
}

arb_srcptr fp_forward_lossof(fp_source *s, int which, long i)
{
    bool stale;
    arb_ptr x = fp_table_at(&s->lossof, which, (size_t)i, s->now, &stale);
    if (!stale)
        return x;
    if (s->tube && which == FP_VALUE) {
        fp_source_fetch(x, s, FP_TUBE_LOSSOF, i, 0, 0);
        return x;
    }
    margin(x, s, which, i);
    if (which == FP_VALUE) {
        fp_ball_log_loss(x, x, s->prec);
        return x;
    }
    arb_mul(x, x, fp_forward_g(s, FP_VALUE, i), s->prec); /* -g z' */
    arb_neg(x, x);
    return x;
}

arb_srcptr fp_forward_sum(fp_source *s, int which, int sum)
{
    bool stale, loss = sum == FP_SUM_LOSS;
    arb_ptr x = fp_table_at(&s->sums, which, (size_t)sum, s->now, &stale);
    if (!stale)
        return x;
    arb_zero(x);
    for (long i = 0; i < s->layout.n && !fp_interrupted(); i++)
        if (loss)
            arb_add(x, x, fp_forward_lossof(s, which, i), s->prec);
        else if (s->problem->group[i] == 1 + sum - FP_SUM_S1)
            arb_add(x, x, fp_forward_g(s, which, i), s->prec);
    if (loss)
        arb_div_si(x, x, s->layout.n, s->prec);
    return x;
}
