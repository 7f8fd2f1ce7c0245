/* SPDX-License-Identifier: MIT */
/* Values of the quantities that a state determines without the data: vectors, Gram entries, neurons. */
#include "source_impl.h"

const char *fp_state_why_no_neurons(const fp_source *s)
{
    return s->layout.has_vectors ? NULL : "the gram flow keeps no neurons (use --flow reduced, weights or compressed)";
}

long fp_state_rows(const fp_source *s, int vector)
{
    return vector == FP_VECTOR_K || vector == FP_VECTOR_Q ? s->layout.rows_k : s->layout.rows_v;
}

void fp_source_dot(arb_t out, const fp_source *s, arb_srcptr x, arb_srcptr y, long rows)
{
    arb_dot(out, NULL, 0, x, 1, y, 1, rows, s->prec);
}

/* ---- loading: the exact initial weights, or the state of a flow */
static void load_initial(arb_ptr out, const fp_source *s, int vector, long i)
{
    const fp_problem *pb = s->problem;
    const double *matrix = vector == FP_VECTOR_V ? pb->W_V : vector == FP_VECTOR_K ? pb->W_K : pb->W_Q;
    for (long r = 0; r < pb->m; r++)
        arb_set_d(out + r, vector == FP_VECTOR_W ? pb->W[i * pb->m + r] : matrix[r * pb->d + i]);
}

static void load_state(arb_ptr out, const fp_source *s, int vector, long i)
{
    const fp_layout *y = &s->layout;
    size_t start = vector == FP_VECTOR_U   ? y->u
                   : vector == FP_VECTOR_W ? y->W
                   : vector == FP_VECTOR_V ? y->V
                   : vector == FP_VECTOR_K ? y->K
                                           : y->Q;
    size_t rows = (size_t)fp_state_rows(s, vector);
    fp_vec_get_balls(out, s->y, start + (size_t)i * rows, rows);
}

/* weights form: u = sum_j a_j w_j */
static void sum_neurons(arb_ptr out, fp_source *s)
{
    _arb_vec_zero(out, s->layout.rows_v);
    for (long j = 0; j < s->problem->m1 && !fp_interrupted(); j++) {
        arb_srcptr w = fp_state_vector(s, FP_VECTOR_W, j);
        for (long r = 0; r < s->layout.rows_v; r++)
            (s->problem->a[j] > 0 ? arb_add : arb_sub)(out + r, out + r, w + r, s->prec);
    }
}

static arb_srcptr moved(fp_source *s)
{
    bool stale;
    arb_ptr x = fp_table_at(&s->moved, FP_VALUE, 0, s->now, &stale);
    if (stale) {
        arb_srcptr u = fp_state_vector(s, FP_VECTOR_U, 0);
        for (long r = 0; r < s->layout.rows_v; r++)
            arb_sub(x + r, u + r, s->u0 + r, s->prec);
    }
    return x;
}

/* w_j = w_j(0) + a_j (u - u(0))/m1 (theory section 2, form 2) */
static void move_neuron(arb_ptr out, fp_source *s, long j)
{
    arb_srcptr by = moved(s), start = s->w0 + j * s->layout.rows_v;
    for (long r = 0; r < s->layout.rows_v; r++) {
        arb_div_si(out + r, by + r, s->problem->a[j] * s->problem->m1, s->prec);
        arb_add(out + r, out + r, start + r, s->prec);
    }
}

arb_srcptr fp_state_vector(fp_source *s, int vector, long i)
{
    bool stale, weights = s->layout.kind == FP_FLOW_WEIGHTS;
    arb_ptr x = fp_table_at(&s->vector[vector], FP_VALUE, (size_t)i, s->now, &stale);
    if (!stale)
        return x;
    if (s->tube)
        fp_source_fetch_vector(x, s, vector, i);
    else if (weights && vector == FP_VECTOR_U)
        sum_neurons(x, s);
    else if (!weights && vector == FP_VECTOR_W)
        move_neuron(x, s, i);
    else if (!s->flow)
        load_initial(x, s, vector, i);
    else
        load_state(x, s, vector, i);
    return x;
}

/* ---- Gram entries */
static void dot_vectors(arb_t out, fp_source *s, int left, long i, int right, long k)
{
    if (fp_interrupted()) return;
    fp_source_dot(out, s, fp_state_vector(s, left, i), fp_state_vector(s, right, k), fp_state_rows(s, left));
}

static arb_srcptr entry(fp_source *s, fp_table *table, fp_tube_quantity quantity, int left, long i, int right, long k, size_t index, size_t gram)
{
    bool stale;
    arb_ptr x = fp_table_at(table, FP_VALUE, index, s->now, &stale);
    if (stale && s->tube)
        fp_source_fetch(x, s, quantity, quantity == FP_TUBE_G ? k : i, k, 0);
    else if (stale && s->layout.has_vectors)
        dot_vectors(x, s, left, i, right, k);
    else if (stale)
        fp_vec_get_ball(x, s->y, gram + index);
    return x;
}

static arb_srcptr symmetric(fp_source *s, fp_table *table, fp_tube_quantity quantity, int vector, long mu, long nu, size_t gram)
{
    long low = mu < nu ? mu : nu, high = mu < nu ? nu : mu;
    return entry(s, table, quantity, vector, low, vector, high, (size_t)(low * s->layout.d + high), gram);
}

arb_srcptr fp_state_G(fp_source *s, long mu)
{
    return entry(s, &s->G, FP_TUBE_G, FP_VECTOR_U, 0, FP_VECTOR_V, mu, (size_t)mu, s->layout.G);
}

arb_srcptr fp_state_score(fp_source *s, long nu, long mu)
{
    return entry(s, &s->score, FP_TUBE_SCORE, FP_VECTOR_K, nu, FP_VECTOR_Q, mu, (size_t)(nu * s->layout.d + mu), s->layout.A);
}

arb_srcptr fp_state_KK(fp_source *s, long mu, long nu)
{
    return symmetric(s, &s->KK, FP_TUBE_KK, FP_VECTOR_K, mu, nu, s->layout.P);
}

arb_srcptr fp_state_QQ(fp_source *s, long mu, long nu)
{
    return symmetric(s, &s->QQ, FP_TUBE_QQ, FP_VECTOR_Q, mu, nu, s->layout.R);
}

arb_srcptr fp_state_VV(fp_source *s, long mu, long nu)
{
    return symmetric(s, &s->VV, FP_TUBE_VV, FP_VECTOR_V, mu, nu, s->layout.B);
}

arb_srcptr fp_state_rho(fp_source *s)
{
    return entry(s, &s->rho, FP_TUBE_RHO, FP_VECTOR_U, 0, FP_VECTOR_U, 0, 0, s->layout.rho);
}

/* ---- neurons; not in gram form */
arb_srcptr fp_state_WV(fp_source *s, long j, long mu)
{
    return entry(s, &s->WV, FP_TUBE_WV, FP_VECTOR_W, j, FP_VECTOR_V, mu, (size_t)(j * s->layout.d + mu), 0);
}

arb_srcptr fp_state_WU(fp_source *s, long j)
{
    return entry(s, &s->WU, FP_TUBE_WU, FP_VECTOR_W, j, FP_VECTOR_U, 0, (size_t)j, 0);
}

static arb_srcptr start_WW(fp_source *s, long low, long high)
{
    bool stale;
    const fp_problem *pb = s->problem;
    arb_ptr x = fp_table_at(&s->start_WW, FP_VALUE, (size_t)(high * (high + 1) / 2 + low), 1, &stale);
    if (!stale)
        return x;
    arb_t a, b;
    arb_init(a);
    arb_init(b);
    for (long r = 0; r < pb->m && !fp_interrupted(); r++) {
        arb_set_d(a, pb->W[low * pb->m + r]);
        arb_set_d(b, pb->W[high * pb->m + r]);
        arb_addmul(x, a, b, s->prec);
    }
    arb_add_error_mag(x, s->product_allowance);
    arb_clear(a);
    arb_clear(b);
    return x;
}

/* b_j = a_j w_j(0).D; in compressed form the projection of w_j(0) does, since D lies in the span of the basis */
static arb_srcptr drift(fp_source *s, long j)
{
    bool stale;
    arb_ptr x = fp_table_at(&s->b, FP_VALUE, (size_t)j, s->now, &stale);
    if (stale) {
        fp_source_dot(x, s, s->w0 + j * s->layout.rows_v, moved(s), s->layout.rows_v);
        arb_div_si(x, x, s->problem->a[j] * s->problem->m1, s->prec);
    }
    return x;
}

static arb_srcptr moved2(fp_source *s)
{
    bool stale;
    arb_ptr x = fp_table_at(&s->moved2, FP_VALUE, 0, s->now, &stale);
    if (stale) {
        fp_source_dot(x, s, moved(s), moved(s), s->layout.rows_v);
        arb_div_si(x, x, s->problem->m1, s->prec);
        arb_div_si(x, x, s->problem->m1, s->prec);
    }
    return x;
}

/* w_j1.w_j2 = X0 + a_j1 a_j2 (b_j1 + b_j2 + |D|^2), D = (u - u(0))/m1 (theory section 2) */
static void moved_WW(arb_t out, fp_source *s, long low, long high)
{
    const int *a = s->problem->a;
    arb_add(out, drift(s, low), drift(s, high), s->prec);
    arb_add(out, out, moved2(s), s->prec);
    if (a[low] != a[high])
        arb_neg(out, out);
    arb_add(out, out, start_WW(s, low, high), s->prec);
}

arb_srcptr fp_state_WW(fp_source *s, long j1, long j2)
{
    bool stale;
    long low = j1 < j2 ? j1 : j2, high = j1 < j2 ? j2 : j1;
    arb_ptr x = fp_table_at(&s->WW, FP_VALUE, (size_t)(high * (high + 1) / 2 + low), s->now, &stale);
    if (stale && s->tube)
        fp_source_fetch(x, s, FP_TUBE_WW, low, high, 0);
    else if (stale && s->layout.kind == FP_FLOW_WEIGHTS)
        dot_vectors(x, s, FP_VECTOR_W, low, FP_VECTOR_W, high);
    else if (stale)
        moved_WW(x, s, low, high);
    return x;
}
