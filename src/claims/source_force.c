/* SPDX-License-Identifier: MIT */
/* The forces of the flow: c(mu) = (1/n) sum g y p and N(nu,mu) = (1/(n sqrt m)) sum g y p (G(nu) - o), over the positions that hold the tokens, and
 * their derivatives by the product rule. Computed whole: they visit every position once. */
#include "source_impl.h"

/* out = y (g p) or its derivative y (g' p + g p') at one position */
static void pull(arb_t out, fp_source *s, int which, long i, long l, long k)
{
    arb_mul(out, fp_forward_g(s, which, i), fp_forward_p(s, FP_VALUE, i, l) + k, s->prec);
    if (which != FP_VALUE)
        arb_addmul(out, fp_forward_g(s, FP_VALUE, i), fp_forward_p(s, which, i, l) + k, s->prec);
    if (s->problem->label[i] < 0)
        arb_neg(out, out);
}

arb_srcptr fp_force_c(fp_source *s, int which)
{
    bool stale;
    arb_ptr c = fp_table_at(&s->c, which, 0, s->now, &stale);
    if (!stale)
        return c;
    if (s->tube && which == FP_VALUE) {
        for (long mu = 0; mu < s->layout.d; mu++)
            fp_source_fetch(c + mu, s, FP_TUBE_C, mu, 0, 0);
        return c;
    }
    arb_t x;
    arb_init(x);
    _arb_vec_zero(c, s->layout.d);
    for (long i = 0; i < s->layout.n && !fp_interrupted(); i++)
        for (long l = 0; l < s->layout.L; l++)
            for (long k = 0; k < s->layout.L; k++) {
                arb_ptr at = c + fp_source_token(s, i, k);
                pull(x, s, which, i, l, k);
                arb_add(at, at, x, s->prec);
            }
    for (long mu = 0; mu < s->layout.d; mu++)
        arb_div_si(c + mu, c + mu, s->layout.n, s->prec);
    arb_clear(x);
    return c;
}

static void contrast(arb_t out, fp_source *s, int which, long i, long l, long k)
{
    arb_sub(out, fp_primary_G(s, which, fp_source_token(s, i, k)), fp_forward_o(s, which, i, l), s->prec);
}

static void add_force(arb_ptr N, fp_source *s, int which, long i, long l, long k, arb_t x, arb_t y)
{
    arb_ptr at = N + s->pairs.of[fp_source_token(s, i, k) * s->layout.d + fp_source_token(s, i, l)];
    pull(x, s, which, i, l, k);
    contrast(y, s, FP_VALUE, i, l, k);
    arb_addmul(at, x, y, s->prec);
    if (which == FP_VALUE)
        return;
    pull(x, s, FP_VALUE, i, l, k);
    contrast(y, s, which, i, l, k);
    arb_addmul(at, x, y, s->prec);
}

arb_srcptr fp_force_N(fp_source *s, int which)
{
    bool stale;
    arb_ptr N = fp_table_at(&s->N, which, 0, s->now, &stale);
    if (!stale)
        return N;
    if (s->tube && which == FP_VALUE) {
        for (size_t r = 0; r < s->pairs.count && !fp_interrupted(); r++)
            fp_source_fetch(N + r, s, FP_TUBE_N, s->pairs.key[r], s->pairs.query[r], 0);
        return N;
    }
    arb_t x, y;
    arb_init(x);
    arb_init(y);
    _arb_vec_zero(N, (slong)s->pairs.count);
    for (long i = 0; i < s->layout.n && !fp_interrupted(); i++)
        for (long l = 0; l < s->layout.L && !fp_interrupted(); l++)
            for (long k = 0; k < s->layout.L; k++)
                add_force(N, s, which, i, l, k, x, y);
    arb_div_si(x, s->root_m_inverse, s->layout.n, s->prec);
    for (size_t r = 0; r < s->pairs.count; r++)
        arb_mul(N + r, N + r, x, s->prec);
    arb_clear(x);
    arb_clear(y);
    return N;
}
