/* SPDX-License-Identifier: MIT */
/* Derivatives by the exact equations (theory section 2, App. B and C), evaluated in balls. Scalars use the Gram form of the equations whatever form the state
 * has: N has few entries, so A', P', R' cost a few products each once the Gram entries are known. Vectors use App. B. */
#include "source_impl.h"

typedef arb_srcptr (*entry_fn)(fp_source *s, long a, long b);

/* out (+)= sum over links N(pair) get(fixed, other), or get(other, fixed) */
static void dot_N(arb_t out, bool add, fp_source *s, const fp_link *links, size_t count, entry_fn get, long fixed, bool fixed_first)
{
    arb_srcptr N = fp_force_N(s, FP_VALUE);
    for (size_t r = 0; r < count && !fp_interrupted(); r++) {
        s->gather_x[r] = N[links[r].pair];
        s->gather_y[r] = *(fixed_first ? get(s, fixed, links[r].other) : get(s, links[r].other, fixed));
    }
    arb_dot(out, add ? out : NULL, 0, s->gather_x, 1, s->gather_y, 1, (slong)count, s->prec);
}

static void dot_keys(arb_t out, bool add, fp_source *s, long query, entry_fn get, long fixed, bool fixed_first)
{
    size_t from = s->pairs.query_start[query];
    dot_N(out, add, s, s->pairs.by_query + from, s->pairs.query_start[query + 1] - from, get, fixed, fixed_first);
}

static void dot_queries(arb_t out, bool add, fp_source *s, long key, entry_fn get, long fixed, bool fixed_first)
{
    size_t from = s->pairs.key_start[key];
    dot_N(out, add, s, s->pairs.by_key + from, s->pairs.key_start[key + 1] - from, get, fixed, fixed_first);
}

/* A' = P N + N R */
void fp_equations_score(arb_t out, fp_source *s, long nu, long mu)
{
    if (fp_source_fetch_slope(out, s, FP_TUBE_SCORE, nu, mu)) return;
    dot_keys(out, false, s, mu, fp_state_KK, nu, true);
    dot_queries(out, true, s, nu, fp_state_QQ, mu, false);
}

/* P' = A N^T + N A^T */
void fp_equations_KK(arb_t out, fp_source *s, long mu, long nu)
{
    dot_queries(out, false, s, nu, fp_state_score, mu, true);
    dot_queries(out, true, s, mu, fp_state_score, nu, true);
}

/* R' = A^T N + N^T A */
void fp_equations_QQ(arb_t out, fp_source *s, long mu, long nu)
{
    dot_keys(out, false, s, nu, fp_state_score, mu, false);
    dot_keys(out, true, s, mu, fp_state_score, nu, false);
}

/* B' = c G^T + G c^T */
void fp_equations_VV(arb_t out, fp_source *s, long mu, long nu)
{
    arb_srcptr c = fp_force_c(s, FP_VALUE);
    arb_mul(out, c + mu, fp_state_G(s, nu), s->prec);
    arb_addmul(out, c + nu, fp_state_G(s, mu), s->prec);
}

/* (V c).v(mu) = u'.v(mu)/m1 */
static arb_srcptr push_v(fp_source *s, long mu)
{
    bool stale;
    arb_ptr x = fp_table_at(&s->UV, FP_SLOPE_EQUATIONS, (size_t)mu, s->now, &stale);
    if (!stale)
        return x;
    arb_srcptr c = fp_force_c(s, FP_VALUE);
    for (long nu = 0; nu < s->layout.d && !fp_interrupted(); nu++)
        s->gather_x[nu] = *fp_state_VV(s, mu, nu);
    fp_source_dot(x, s, s->gather_x, c, s->layout.d);
    return x;
}

/* (V c).w_j = u'.w_j/m1 */
static arb_srcptr push_w(fp_source *s, long j)
{
    bool stale;
    arb_ptr x = fp_table_at(&s->UW, FP_SLOPE_EQUATIONS, (size_t)j, s->now, &stale);
    if (!stale)
        return x;
    if (s->layout.has_vectors && !s->tube) {
        arb_srcptr du = fp_primary_vector(s, FP_SLOPE_EQUATIONS, FP_VECTOR_U, 0) + s->layout.rows_v;
        fp_source_dot(x, s, fp_state_vector(s, FP_VECTOR_W, j), du, s->layout.rows_v);
        arb_div_si(x, x, s->layout.m1, s->prec);
        return x;
    }
    arb_srcptr c = fp_force_c(s, FP_VALUE);
    for (long nu = 0; nu < s->layout.d && !fp_interrupted(); nu++)
        s->gather_x[nu] = *fp_state_WV(s, j, nu);
    fp_source_dot(x, s, s->gather_x, c, s->layout.d);
    return x;
}

/* G' = rho c + m1 B c */
void fp_equations_G(arb_t out, fp_source *s, long mu)
{
    if (fp_source_fetch_slope(out, s, FP_TUBE_G, mu, 0)) return;
    arb_mul_si(out, push_v(s, mu), s->layout.m1, s->prec);
    arb_addmul(out, fp_state_rho(s), fp_force_c(s, FP_VALUE) + mu, s->prec);
}

/* rho' = 2 m1 G.c */
void fp_equations_rho(arb_t out, fp_source *s)
{
    arb_srcptr c = fp_force_c(s, FP_VALUE);
    for (long mu = 0; mu < s->layout.d && !fp_interrupted(); mu++)
        s->gather_x[mu] = *fp_state_G(s, mu);
    fp_source_dot(out, s, s->gather_x, c, s->layout.d);
    arb_mul_si(out, out, 2 * s->layout.m1, s->prec);
}

/* (w_j.v(mu))' = a_j (V c).v(mu) + c(mu) w_j.u */
void fp_equations_WV(arb_t out, fp_source *s, long j, long mu)
{
    arb_mul_si(out, push_v(s, mu), s->problem->a[j], s->prec);
    arb_addmul(out, fp_force_c(s, FP_VALUE) + mu, fp_state_WU(s, j), s->prec);
}

/* (w_j1.w_j2)' = a_j1 (V c).w_j2 + a_j2 (V c).w_j1 */
void fp_equations_WW(arb_t out, fp_source *s, long j1, long j2)
{
    const int *a = s->problem->a;
    arb_mul_si(out, push_w(s, j2), a[j1], s->prec);
    arb_addmul_si(out, push_w(s, j1), a[j2], s->prec);
}

/* ---- vectors (App. B) */
static void push_u(arb_ptr out, fp_source *s) /* V c */
{
    arb_srcptr c = fp_force_c(s, FP_VALUE);
    _arb_vec_zero(out, s->layout.rows_v);
    for (long mu = 0; mu < s->layout.d && !fp_interrupted(); mu++) {
        arb_srcptr v = fp_state_vector(s, FP_VECTOR_V, mu);
        for (long r = 0; r < s->layout.rows_v; r++)
            arb_addmul(out + r, c + mu, v + r, s->prec);
    }
}

static void neuron(arb_ptr out, fp_source *s, long j)
{
    arb_srcptr du = fp_equations_vector(s, FP_VECTOR_U, 0) + s->layout.rows_v;
    for (long r = 0; r < s->layout.rows_v; r++)
        arb_div_si(out + r, du + r, s->problem->a[j] * s->layout.m1, s->prec);
}

static void value_vector(arb_ptr out, fp_source *s, long mu)
{
    arb_srcptr u = fp_state_vector(s, FP_VECTOR_U, 0), c = fp_force_c(s, FP_VALUE);
    for (long r = 0; r < s->layout.rows_v; r++)
        arb_mul(out + r, u + r, c + mu, s->prec);
}

/* k' = W_Q N^T, q' = W_K N, column by column */
static void attention_vector(arb_ptr out, fp_source *s, bool key, long token)
{
    const fp_source_pairs *pr = &s->pairs;
    const size_t *start = key ? pr->key_start : pr->query_start;
    const fp_link *links = key ? pr->by_key : pr->by_query;
    arb_srcptr N = fp_force_N(s, FP_VALUE);
    _arb_vec_zero(out, s->layout.rows_k);
    for (size_t at = start[token]; at < start[token + 1] && !fp_interrupted(); at++) {
        arb_srcptr x = fp_state_vector(s, key ? FP_VECTOR_Q : FP_VECTOR_K, links[at].other);
        for (long r = 0; r < s->layout.rows_k; r++)
            arb_addmul(out + r, N + links[at].pair, x + r, s->prec);
    }
}

arb_srcptr fp_equations_vector(fp_source *s, int vector, long i)
{
    bool stale;
    long rows = fp_state_rows(s, vector);
    arb_ptr x = fp_table_at(&s->vector[vector], FP_SLOPE_EQUATIONS, (size_t)i, s->now, &stale), dx = x + rows;
    if (!stale)
        return x;
    _arb_vec_set(x, fp_state_vector(s, vector, i), rows);
    switch (vector) {
    case FP_VECTOR_U:
        push_u(dx, s);
        for (long r = 0; r < rows; r++)
            arb_mul_si(dx + r, dx + r, s->layout.m1, s->prec);
        break;
    case FP_VECTOR_W: neuron(dx, s, i); break;
    case FP_VECTOR_V: value_vector(dx, s, i); break;
    default: attention_vector(dx, s, vector == FP_VECTOR_K, i); break;
    }
    return x;
}
