/* SPDX-License-Identifier: MIT */
/* dLhat/dt = -|grad Lhat|^2, both sides from the flow's own derivative at one state. The left side differentiates the forward pass along the
 * derivative (quotient rule, sample by sample) and never touches c and N; the right side is the length of the derivative in the weights' metric. */
#include "flow_private.h"

typedef struct {
    fp_flow *flow;
    const fp_vec *y, *dy;
    fp_reals dG, ds; /* per token; per pair: derivative of score/sqrt m */
    fp_vec *u, *du;  /* NULL in gram form */
    mpfr_t a, b, c, d, e;
} tangent;

/* u and its derivative; in weights form sum_j a_j w_j' */
static void set_outputs(tangent *s)
{
    const fp_layout *at = &s->flow->at;
    size_t rows = (size_t)at->rows_v, count = at->kind == FP_FLOW_WEIGHTS ? (size_t)at->m1 : 1;
    size_t first = at->kind == FP_FLOW_WEIGHTS ? at->W : at->u;
    s->u = fp_vec_new(rows, s->flow->prec);
    s->du = fp_vec_new(rows, s->flow->prec);
    for (size_t j = 0; j < count && !fp_interrupted(); j++) {
        mpfr_set_si(s->a, at->kind == FP_FLOW_WEIGHTS ? s->flow->problem->a[j] : 1, MPFR_RNDN);
        fp_vec_axpy(s->u, 0, s->a, s->y, first + j * rows, rows, s->b);
        fp_vec_axpy(s->du, 0, s->a, s->dy, first + j * rows, rows, s->b);
    }
}

/* out = (x.z)' of two columns */
static void product_rule(mpfr_ptr out, tangent *s, const fp_vec *x, const fp_vec *dx, size_t i, size_t j, size_t rows)
{
    fp_vec_dot(s->a, dx, i, s->y, j, rows, s->c);
    fp_vec_dot(s->b, x, i, s->dy, j, rows, s->c);
    mpfr_add(out, s->a, s->b, MPFR_RNDN);
}

static void set_tangents(tangent *s)
{
    const fp_layout *at = &s->flow->at;
    const fp_pairs *q = &s->flow->attention.pairs;
    size_t rv = (size_t)at->rows_v, rk = (size_t)at->rows_k;
    for (size_t t = 0; t < q->d && !fp_interrupted(); t++)
        if (at->has_vectors)
            product_rule(s->dG.x + t, s, s->u, s->du, 0, at->V + t * rv, rv);
        else
            fp_vec_get(s->dG.x + t, s->dy, at->G + t);
    mpfr_sqrt_ui(s->d, (unsigned long)at->m, MPFR_RNDN);
    for (size_t x = 0; x < q->pairs && !fp_interrupted(); x++) {
        if (at->has_vectors)
            product_rule(s->ds.x + x, s, s->y, s->dy, at->K + q->key[x] * rk, at->Q + q->query[x] * rk, rk);
        else
            fp_vec_get(s->ds.x + x, s->dy, at->A + q->key[x] * q->d + q->query[x]);
        mpfr_div(s->ds.x + x, s->ds.x + x, s->d, MPFR_RNDN);
    }
}

/* dF += count do of query entry a: o = S/Z with S = sum w G, Z = sum w, w = count E, so o' = (S' - o Z')/Z. Uses a (w), b, c (Z'), d (S'). */
static void add_query(mpfr_ptr dF, tangent *s, size_t a, size_t first, size_t r, size_t cell)
{
    const fp_attention *f = &s->flow->attention;
    const fp_pairs *q = &f->pairs;
    mpfr_set_zero(s->c, 1);
    mpfr_set_zero(s->d, 1);
    for (size_t b = first; b < first + r; b++, cell++) {
        mpfr_mul_ui(s->a, f->E.x + q->cell_pair[cell], q->count[b], MPFR_RNDN);
        mpfr_mul(s->b, s->a, s->dG.x + q->token[b], MPFR_RNDN);
        mpfr_add(s->d, s->d, s->b, MPFR_RNDN);
        mpfr_mul(s->a, s->a, s->ds.x + q->cell_pair[cell], MPFR_RNDN);
        mpfr_add(s->c, s->c, s->a, MPFR_RNDN);
        mpfr_mul(s->b, s->a, f->G.x + q->token[b], MPFR_RNDN);
        mpfr_add(s->d, s->d, s->b, MPFR_RNDN);
    }
    mpfr_mul(s->c, s->c, f->o.x + a, MPFR_RNDN);
    mpfr_sub(s->d, s->d, s->c, MPFR_RNDN);
    mpfr_div(s->d, s->d, f->Z.x + a, MPFR_RNDN);
    mpfr_mul_ui(s->d, s->d, q->count[a], MPFR_RNDN);
    mpfr_add(dF, dF, s->d, MPFR_RNDN);
}

/* out = -(1/n) sum_i y_i g_i F_i' */
static void loss_slope(mpfr_ptr out, tangent *s)
{
    const fp_attention *f = &s->flow->attention;
    const fp_pairs *q = &f->pairs;
    mpfr_set_zero(out, 1);
    for (size_t i = 0; i < q->n && !fp_interrupted(); i++) {
        size_t first = q->entry_at[i], r = q->entry_at[i + 1] - first;
        mpfr_set_zero(s->e, 1);
        for (size_t a = 0; a < r; a++)
            add_query(s->e, s, first + a, first, r, q->cell_at[i] + a * r);
        mpfr_mul_si(s->a, f->F.x + i, f->label[i], MPFR_RNDN);
        fp_logistic(s->a, s->a);
        mpfr_mul(s->e, s->e, s->a, MPFR_RNDN);
        mpfr_mul_si(s->e, s->e, f->label[i], MPFR_RNDN);
        mpfr_sub(out, out, s->e, MPFR_RNDN);
    }
    mpfr_div_ui(out, out, q->n, MPFR_RNDN);
}

/* |W'|^2 + |W_V'|^2 + |W_K'|^2 + |W_Q'|^2; in reduced variables |W'|^2 = |u'|^2/m1 */
static void vector_length(mpfr_ptr out, tangent *s)
{
    const fp_layout *at = &s->flow->at;
    fp_vec_dot(out, s->dy, at->V, s->dy, at->V, at->dim - at->V, s->a);
    fp_vec_dot(s->b, s->dy, 0, s->dy, 0, at->V, s->a);
    if (at->kind != FP_FLOW_WEIGHTS)
        mpfr_div_si(s->b, s->b, at->m1, MPFR_RNDN);
    mpfr_add(out, out, s->b, MPFR_RNDN);
}

/* += sum_{nu,mu} N(nu,mu) (N R + P N)(nu,mu); row nu of N R into the scratch matrix, N^T P is there since the evaluation */
static void add_score_length(mpfr_ptr out, tangent *s)
{
    fp_flow *flow = s->flow;
    const fp_pairs *q = &flow->attention.pairs;
    for (size_t t = 0; t < q->d && !fp_interrupted(); t++)
        fp_attention_times(flow->NAt, t * q->d, &flow->attention, t, s->y, flow->at.R, q->d, s->a);
    for (size_t x = 0; x < q->pairs; x++) {
        fp_vec_get(s->a, flow->NAt, q->key[x] * q->d + q->query[x]);
        fp_vec_get(s->b, flow->NtP, q->query[x] * q->d + q->key[x]);
        mpfr_add(s->a, s->a, s->b, MPFR_RNDN);
        mpfr_mul(s->a, s->a, flow->attention.N.x + x, MPFR_RNDN);
        mpfr_add(out, out, s->a, MPFR_RNDN);
    }
}

/* m1 c^T B c + rho |c|^2 + tr(N R N^T) + tr(N^T P N) */
static void gram_length(mpfr_ptr out, tangent *s)
{
    fp_flow *flow = s->flow;
    size_t d = (size_t)flow->at.d;
    mpfr_set_zero(out, 1);
    for (size_t t = 0; t < d; t++) {
        fp_vec_dot(s->a, s->y, flow->at.B + t * d, flow->c, 0, d, s->b);
        mpfr_mul(s->a, s->a, flow->attention.c.x + t, MPFR_RNDN);
        mpfr_add(out, out, s->a, MPFR_RNDN);
    }
    mpfr_mul_si(out, out, flow->at.m1, MPFR_RNDN);
    fp_vec_dot(s->a, flow->c, 0, flow->c, 0, d, s->b);
    fp_vec_get(s->b, s->y, flow->at.rho);
    mpfr_mul(s->a, s->a, s->b, MPFR_RNDN);
    mpfr_add(out, out, s->a, MPFR_RNDN);
    add_score_length(out, s);
}

void fp_flow_energy_drift(fp_invariant *out, fp_flow *flow, const fp_vec *y)
{
    mpfr_t slope, length;
    fp_vec *dy = fp_vec_new(flow->at.dim, flow->prec);
    tangent s = {.flow = flow, .y = y, .dy = dy};
    mpfr_inits2(flow->prec, slope, length, s.a, s.b, s.c, s.d, s.e, (mpfr_ptr)0);
    fp_reals_init(&s.dG, (size_t)flow->at.d, flow->prec);
    fp_reals_init(&s.ds, flow->attention.pairs.pairs, flow->prec);
    mpfr_set_zero(s.a, 1);
    flow->field.rhs(dy, s.a, y, flow);
    if (flow->at.has_vectors)
        set_outputs(&s);
    set_tangents(&s);
    loss_slope(slope, &s);
    if (flow->at.has_vectors)
        vector_length(length, &s);
    else
        gram_length(length, &s);
    mpfr_add(slope, slope, length, MPFR_RNDN);
    fp_invariant_init(out, "energy dLhat/dt + |grad Lhat|^2");
    fp_invariant_ratio(out, slope, length);
    fp_reals_clear(&s.dG);
    fp_reals_clear(&s.ds);
    fp_vec_free(s.u);
    fp_vec_free(s.du);
    fp_vec_free(dy);
    mpfr_clears(slope, length, s.a, s.b, s.c, s.d, s.e, (mpfr_ptr)0);
}
