/* SPDX-License-Identifier: MIT */
/* Making, setting and asking a source. */
#include "source_impl.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

/* ---- making */
static void init_vectors(fp_source *s)
{
    size_t d = (size_t)s->layout.d, m1 = (size_t)s->layout.m1;
    size_t rv = (size_t)s->layout.rows_v, rk = (size_t)s->layout.rows_k;
    fp_table_init(&s->vector[FP_VECTOR_U], 1, rv, 2 * rv);
    fp_table_init(&s->vector[FP_VECTOR_W], m1, rv, 2 * rv);
    fp_table_init(&s->vector[FP_VECTOR_V], d, rv, 2 * rv);
    fp_table_init(&s->vector[FP_VECTOR_K], d, rk, 2 * rk);
    fp_table_init(&s->vector[FP_VECTOR_Q], d, rk, 2 * rk);
    fp_table_init(&s->moved, 1, rv, rv);
}

static void init_scalars(fp_source *s)
{
    size_t n = (size_t)s->layout.n, L = (size_t)s->layout.L, d = (size_t)s->layout.d, m1 = (size_t)s->layout.m1;
    size_t pairs = s->pairs.count, neurons = m1 * (m1 + 1) / 2;
    const struct {
        fp_table *table;
        size_t count, width;
    } list[] = {
        {&s->G, d, 1},          {&s->score, d * d, 1}, {&s->KK, d * d, 1},  {&s->QQ, d * d, 1},      {&s->VV, d * d, 1},
        {&s->WV, m1 * d, 1},    {&s->WW, neurons, 1},  {&s->rho, 1, 1},     {&s->WU, m1, 1},         {&s->UW, m1, 1},
        {&s->UV, d, 1},         {&s->b, m1, 1},        {&s->moved2, 1, 1},  {&s->start_WW, neurons, 1}, {&s->E, pairs, 1},
        {&s->p, n * L, L},      {&s->o, n * L, 1},     {&s->F, n, 1},       {&s->g, n, 1},           {&s->g1, n, 1},
        {&s->lossof, n, 1},     {&s->population, FP_BASE_RANDOM_SHARE - FP_BASE_LOSSGEN + 1, 1}, {&s->sums, FP_SUMS, 1}, {&s->c, 1, d},      {&s->N, 1, pairs},
    };
    for (size_t r = 0; r < sizeof list / sizeof *list; r++)
        fp_table_init(list[r].table, list[r].count, list[r].width, list[r].width);
}

fp_source *fp_source_make(const fp_problem *problem, const fp_layout *layout, slong prec)
{
    fp_source *s = fp_alloc(1, sizeof *s);
    s->problem = problem;
    s->layout = *layout;
    s->prec = prec;
    s->now = 1;
    mpfr_init2(s->t, FP_PREC_MIN);
    mpfr_set_zero(s->t, 1);
    arb_init(s->time);
    arb_init(s->root_m_inverse);
    arb_set_si(s->root_m_inverse, problem->m);
    arb_rsqrt(s->root_m_inverse, s->root_m_inverse, prec);
    for (int b = 0; b < FP_BLOCKS_MAX; b++)
        mag_init(s->block_size[b]);
    fp_source_pairs_init(&s->pairs, problem);
    s->gather_x = fp_alloc((size_t)layout->d, sizeof *s->gather_x);
    s->gather_y = fp_alloc((size_t)layout->d, sizeof *s->gather_y);
    init_vectors(s);
    init_scalars(s);
    return s;
}

static arb_ptr load_balls(const fp_vec *v)
{
    arb_ptr x = _arb_vec_init((slong)fp_vec_len(v));
    fp_vec_get_balls(x, v, 0, fp_vec_len(v));
    return x;
}

/* The compressed start is rounded, and at low precision u(0) of the reduced one too: w_j(0) and u(0) do not have exactly the products that the problem's own
 * weights have. Like slope(), they get an allowance of 2^-(prec of the state - 16) of the largest entry, so that an identity is not refuted by that. */
static void allow_rounding(arb_ptr x, slong n, slong bits)
{
    mag_t top, entry;
    mag_init(top);
    mag_init(entry);
    for (slong r = 0; r < n; r++) {
        arb_get_mag(entry, x + r);
        mag_max(top, top, entry);
    }
    mag_mul_2exp_si(top, top, 16 - bits);
    for (slong r = 0; r < n; r++) arb_add_error_mag(x + r, top);
    mag_clear(top);
    mag_clear(entry);
}

/* The same for w_j1(0).w_j2(0) of m entries each. */
static void allow_products(fp_source *s, slong bits)
{
    double top = 0;
    const fp_problem *pb = s->problem;
    for (long r = 0; r < pb->m1 * pb->m; r++) top = fabs(pb->W[r]) > top ? fabs(pb->W[r]) : top;
    mag_set_d(s->product_allowance, top);
    mag_mul(s->product_allowance, s->product_allowance, s->product_allowance);
    mag_mul_ui(s->product_allowance, s->product_allowance, (ulong)pb->m);
    mag_mul_2exp_si(s->product_allowance, s->product_allowance, 16 - bits);
}

/* u(0) = sum_j a_j w_j(0), without rounding? */
static bool is_start_exact(const fp_source *s)
{
    const fp_problem *pb = s->problem;
    bool exact = s->layout.kind == FP_FLOW_REDUCED;
    arf_t sum, w;
    arf_init(sum);
    arf_init(w);
    for (long r = 0; r < pb->m && exact && !fp_interrupted(); r++) {
        arf_zero(sum);
        for (long j = 0; j < pb->m1; j++) {
            arf_set_d(w, pb->a[j] * pb->W[j * pb->m + r]);
            arf_add(sum, sum, w, ARF_PREC_EXACT, ARF_RND_DOWN);
        }
        exact = arf_equal(sum, arb_midref(s->u0 + r));
    }
    arf_clear(sum);
    arf_clear(w);
    return exact;
}

fp_source *fp_source_new(fp_flow *flow, slong prec)
{
    fp_source *s = fp_source_make(fp_flow_problem(flow), fp_flow_layout(flow), prec);
    s->flow = flow;
    if (s->layout.kind == FP_FLOW_REDUCED || s->layout.kind == FP_FLOW_COMPRESSED) {
        s->w0 = load_balls(fp_flow_w0(flow));
        s->u0 = load_balls(fp_flow_u0(flow));
    }
    if (s->w0 && !is_start_exact(s)) {
        slong bits = (slong)fp_vec_prec(fp_flow_w0(flow));
        allow_rounding(s->w0, s->layout.m1 * s->layout.rows_v, bits);
        allow_rounding(s->u0, s->layout.rows_v, bits);
        allow_products(s, bits);
    }
    return s;
}

fp_source *fp_source_new_initial(const fp_problem *pb, slong prec)
{
    fp_layout layout = {.kind = FP_FLOW_WEIGHTS, .n = pb->n, .L = pb->L, .d = pb->d, .m = pb->m, .m1 = pb->m1,
                        .rows_v = pb->m, .rows_k = pb->m, .has_vectors = true};
    return fp_source_make(pb, &layout, prec);
}

void fp_source_each_table(fp_source *a, fp_source *b, void (*visit)(fp_table *a, fp_table *b, void *ctx), void *ctx)
{
    static const size_t list[] = {offsetof(fp_source, moved), offsetof(fp_source, G), offsetof(fp_source, score), offsetof(fp_source, KK),
                                  offsetof(fp_source, QQ), offsetof(fp_source, VV), offsetof(fp_source, WV), offsetof(fp_source, WW),
                                  offsetof(fp_source, rho), offsetof(fp_source, WU), offsetof(fp_source, UW), offsetof(fp_source, UV),
                                  offsetof(fp_source, b), offsetof(fp_source, moved2), offsetof(fp_source, start_WW), offsetof(fp_source, E),
                                  offsetof(fp_source, p), offsetof(fp_source, o), offsetof(fp_source, F), offsetof(fp_source, g),
                                  offsetof(fp_source, g1), offsetof(fp_source, lossof), offsetof(fp_source, sums), offsetof(fp_source, c),
                                  offsetof(fp_source, N), offsetof(fp_source, population)};
    for (size_t r = 0; r < sizeof list / sizeof *list; r++)
        visit((fp_table *)(void *)((char *)a + list[r]), (fp_table *)(void *)((char *)b + list[r]), ctx);
    for (int v = 0; v < FP_VECTORS; v++)
        visit(&a->vector[v], &b->vector[v], ctx);
}

static void clear_table(fp_table *a, fp_table *b, void *ctx)
{
    (void)b;
    (void)ctx;
    fp_table_clear(a);
}

void fp_source_free(fp_source *s)
{
    if (!s)
        return;
    mag_clear(s->product_allowance);
    fp_source_each_table(s, s, clear_table, NULL);
    fp_bounds_free(s->bounds);
    if (s->w0)
        _arb_vec_clear(s->w0, s->layout.m1 * s->layout.rows_v);
    if (s->u0)
        _arb_vec_clear(s->u0, s->layout.rows_v);
    fp_source_pairs_clear(&s->pairs);
    free(s->gather_x);
    free(s->gather_y);
    for (int b = 0; b < FP_BLOCKS_MAX; b++)
        mag_clear(s->block_size[b]);
    arb_clear(s->time);
    arb_clear(s->root_m_inverse);
    mpfr_clear(s->t);
    fp_vec_free(s->y);
    fp_vec_free(s->dy);
    free(s);
}

/* ---- setting */
static void hold(fp_source *s, const fp_vec *y)
{
    if (s->y && fp_vec_prec(s->y) == fp_vec_prec(y))
        return;
    fp_vec_free(s->y);
    fp_vec_free(s->dy);
    s->state_prec = fp_vec_prec(y);
    s->y = fp_vec_new(fp_vec_len(y), s->state_prec);
    s->dy = fp_vec_new(fp_vec_len(y), s->state_prec);
}

void fp_source_set(fp_source *s, mpfr_srcptr t, const fp_vec *y)
{
    hold(s, y);
    fp_vec_copy(s->y, y);
    mpfr_set_prec(s->t, mpfr_get_prec(t));
    mpfr_set(s->t, t, MPFR_RNDN);
    arf_set_mpfr(arb_midref(s->time), t);
    mag_zero(arb_radref(s->time));
    s->now++;
}

void fp_source_set_time_radius(fp_source *s, mag_srcptr radius)
{
    mag_set(arb_radref(s->time), radius);
}

bool fp_source_is_exact(const fp_source *s)
{
    return !s->flow && !s->tube;
}
