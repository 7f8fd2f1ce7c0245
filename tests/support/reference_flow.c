/* SPDX-License-Identifier: MIT */
#include "reference_flow.h"

#include <math.h>
#include <stdlib.h>

/* ---- the equations */
static int *states(recurrence *t, const double *x, long outer, long inner, long outer_step, long inner_step)
{
    int *id = fp_alloc((size_t)(outer * inner), sizeof *id);
    for (long o = 0; o < outer; o++)
        for (long i = 0; i < inner; i++) id[o * inner + i] = recurrence_state(t, x[o * outer_step + i * inner_step]);
    return id;
}

static void take_weights(reference_flow *r)
{
    const fp_problem *p = r->problem;
    recurrence *t = &r->tape;
    r->w = states(t, p->W, p->m1, p->m, p->m, 1);
    r->v = states(t, p->W_V, p->d, p->m, 1, p->d);
    r->k = states(t, p->W_K, p->d, p->m, 1, p->d);
    r->q = states(t, p->W_Q, p->d, p->m, 1, p->d);
    r->u = fp_alloc((size_t)p->m, sizeof *r->u);
    for (long e = 0; e < p->m; e++) {
        r->u[e] = recurrence_sum(t, 0);
        for (long j = 0; j < p->m1; j++) recurrence_add(t, r->u[e], p->a[j], r->w[j * p->m + e], -1);
    }
}

/* All inner products of rows of a with rows of b. */
static int *products(reference_flow *r, const int *a, long rows_a, const int *b, long rows_b)
{
    long m = r->problem->m;
    int *id = fp_alloc((size_t)(rows_a * rows_b), sizeof *id);
    for (long x = 0; x < rows_a * rows_b; x++) {
        id[x] = recurrence_sum(&r->tape, 0);
        for (long e = 0; e < m; e++) recurrence_add(&r->tape, id[x], 1, a[x / rows_b * m + e], b[x % rows_b * m + e]);
    }
    return id;
}

static void inner_products(reference_flow *r)
{
    const fp_problem *p = r->problem;
    r->node[FP_TUBE_G] = products(r, r->v, p->d, r->u, 1);
    r->node[FP_TUBE_SCORE] = products(r, r->k, p->d, r->q, p->d);
    r->node[FP_TUBE_KK] = products(r, r->k, p->d, r->k, p->d);
    r->node[FP_TUBE_QQ] = products(r, r->q, p->d, r->q, p->d);
    r->node[FP_TUBE_VV] = products(r, r->v, p->d, r->v, p->d);
    r->node[FP_TUBE_RHO] = products(r, r->u, 1, r->u, 1);
    r->node[FP_TUBE_WV] = products(r, r->w, p->m1, r->v, p->d);
    r->node[FP_TUBE_WW] = products(r, r->w, p->m1, r->w, p->m1);
    r->node[FP_TUBE_WU] = products(r, r->w, p->m1, r->u, 1);
}

static int scaled(reference_flow *r, int a, long number, long root)
{
    recurrence *t = &r->tape;
    int id = recurrence_sum(t, 0);
    arb_ptr factor = t->node[id].factor;
    recurrence_add(t, id, 1, a, -1);
    arb_sqrt_ui(factor, (ulong)root, t->prec);
    arb_mul_si(factor, factor, number, t->prec);
    arb_inv(factor, factor, t->prec);
    return id;
}

static long token(const reference_flow *r, long i, long l)
{
    return r->problem->token[i * r->problem->L + l] - 1;
}

/* p and o of query position l of sample i */
static void attend(reference_flow *r, long i, long l)
{
    const fp_problem *p = r->problem;
    recurrence *t = &r->tape;
    int *row = r->node[FP_TUBE_P] + (i * p->L + l) * p->L;
    for (long h = 0; h < p->L; h++) row[h] = recurrence_exp(t, scaled(r, r->node[FP_TUBE_SCORE][token(r, i, h) * p->d + token(r, i, l)], 1, p->m));
    int sum = recurrence_sum(t, 0);
    for (long h = 0; h < p->L; h++) recurrence_add(t, sum, 1, row[h], -1);
    for (long h = 0; h < p->L; h++) row[h] = recurrence_quotient(t, row[h], sum);
    int o = recurrence_sum(t, 0);
    for (long h = 0; h < p->L; h++) recurrence_add(t, o, 1, row[h], r->node[FP_TUBE_G][token(r, i, h)]);
    r->node[FP_TUBE_O][i * p->L + l] = o;
}

/* F = sum of o, g = 1/(1 + exp(y F)) */
static void finish_sample(reference_flow *r, long i)
{
    const fp_problem *p = r->problem;
    recurrence *t = &r->tape;
    int F = recurrence_sum(t, 0), z = recurrence_sum(t, 0), one = recurrence_sum(t, 1);
    for (long l = 0; l < p->L; l++) recurrence_add(t, F, 1, r->node[FP_TUBE_O][i * p->L + l], -1);
    recurrence_add(t, z, p->label[i], F, -1);
    int e = recurrence_exp(t, z), below = recurrence_sum(t, 1);
    recurrence_add(t, below, 1, e, -1);
    r->node[FP_TUBE_F][i] = F;
    r->node[FP_TUBE_GI][i] = recurrence_quotient(t, one, below);
}

/* c = sum of y g p/n and N = sum of y g p (G - o)/(n sqrt(m)) over the positions where tokens stand. Nodes are worked in their order: first all terms, then the sums. */
static void forces(reference_flow *r)
{
    const fp_problem *p = r->problem;
    recurrence *t = &r->tape;
    long L = p->L, terms = p->n * L * L;
    int *gp = fp_alloc((size_t)terms, sizeof *gp), *lead = fp_alloc((size_t)terms, sizeof *lead);
    for (long x = 0; x < terms; x++) {
        long i = x / (L * L), l = x / L % L;
        gp[x] = recurrence_sum(t, 0);
        recurrence_add(t, gp[x], p->label[i], r->node[FP_TUBE_GI][i], r->node[FP_TUBE_P][x]);
        lead[x] = recurrence_sum(t, 0);
        recurrence_add(t, lead[x], 1, r->node[FP_TUBE_G][token(r, i, x % L)], -1);
        recurrence_add(t, lead[x], -1, r->node[FP_TUBE_O][i * L + l], -1);
    }
    for (long key = 0; key < p->d; key++) {
        int c = recurrence_sum(t, 0);
        for (long x = 0; x < terms; x++)
            if (token(r, x / (L * L), x % L) == key) recurrence_add(t, c, 1, gp[x], -1);
        r->node[FP_TUBE_C][key] = scaled(r, c, p->n, 1);
    }
    for (long pair = 0; pair < p->d * p->d; pair++) {
        int N = recurrence_sum(t, 0);
        for (long x = 0; x < terms; x++)
            if (token(r, x / (L * L), x % L) == pair / p->d && token(r, x / (L * L), x / L % L) == pair % p->d) recurrence_add(t, N, 1, gp[x], lead[x]);
        r->node[FP_TUBE_N][pair] = scaled(r, N, p->n, p->m);
    }
    free(gp);
    free(lead);
}

/* w_j' = a_j sum c v, v' = c u, k' = sum N q, q' = sum N k */
static void slopes(reference_flow *r)
{
    const fp_problem *p = r->problem;
    recurrence *t = &r->tape;
    for (long e = 0; e < p->m; e++) {
        int push = recurrence_sum(t, 0), back = recurrence_sum(t, 0);
        for (long mu = 0; mu < p->d; mu++) recurrence_add(t, push, 1, r->node[FP_TUBE_C][mu], r->v[mu * p->m + e]);
        recurrence_add(t, back, -1, push, -1);
        for (long j = 0; j < p->m1; j++) t->node[r->w[j * p->m + e]].slope = p->a[j] > 0 ? push : back;
    }
    for (long x = 0; x < p->d * p->m; x++) {
        long row = x / p->m, e = x % p->m;
        int v = recurrence_sum(t, 0), k = recurrence_sum(t, 0), q = recurrence_sum(t, 0);
        recurrence_add(t, v, 1, r->node[FP_TUBE_C][row], r->u[e]);
        for (long other = 0; other < p->d; other++) {
            recurrence_add(t, k, 1, r->node[FP_TUBE_N][row * p->d + other], r->q[other * p->m + e]);
            recurrence_add(t, q, 1, r->node[FP_TUBE_N][other * p->d + row], r->k[other * p->m + e]);
        }
        t->node[r->v[x]].slope = v;
        t->node[r->k[x]].slope = k;
        t->node[r->q[x]].slope = q;
    }
}

static void equations(reference_flow *r)
{
    const fp_problem *p = r->problem;
    size_t n = (size_t)p->n, L = (size_t)p->L, d = (size_t)p->d;
    take_weights(r);
    inner_products(r);
    r->node[FP_TUBE_P] = fp_alloc(n * L * L, sizeof(int));
    r->node[FP_TUBE_O] = fp_alloc(n * L, sizeof(int));
    r->node[FP_TUBE_F] = fp_alloc(n, sizeof(int));
    r->node[FP_TUBE_GI] = fp_alloc(n, sizeof(int));
    r->node[FP_TUBE_C] = fp_alloc(d, sizeof(int));
    r->node[FP_TUBE_N] = fp_alloc(d * d, sizeof(int));
    for (long i = 0; i < p->n; i++) {
        for (long l = 0; l < p->L; l++) attend(r, i, l);
        finish_sample(r, i);
    }
    forces(r);
    slopes(r);
}

/* ---- steps */
/* h = 2^e or 1.5 2^e such that the last two terms of every node are below 2^-92 of its size. */
static void choose_step(arf_t h, const recurrence *t)
{
    enum { GOOD = -92 };
    double least = 0;
    mag_t size, last;
    mag_init(size);
    mag_init(last);
    for (int i = 0; i < t->count; i++)
        for (slong k = t->terms - 1; k <= t->terms; k++) {
            mag_zero(size);
            for (slong j = 0; j < 4; j++) {
                arb_get_mag(last, t->node[i].x + j);
                mag_max(size, size, last);
            }
            arb_get_mag(last, t->node[i].x + k);
            if (mag_is_zero(last) || mag_is_zero(size)) continue;
            double log2 = (mag_get_d_log2_approx(size) + GOOD - mag_get_d_log2_approx(last)) / (double)k;
            if (log2 < least) least = log2;
        }
    mag_clear(size);
    mag_clear(last);
    slong e = (slong)floor(least);
    arf_set_si_2exp_si(h, least - (double)e > 0.6 ? 3 : 2, e - 1);
}

/* >= |derivative of that order| for all times of the step: sum of k(k-1).. |x_k| h^(k - order) */
static void bound_derivative(mag_t out, arb_srcptr x, slong terms, const mag_t h, slong order)
{
    mag_t term;
    mag_init(term);
    mag_zero(out);
    for (slong k = terms; k >= order; k--) {
        arb_get_mag(term, x + k);
        for (slong j = 0; j < order; j++) mag_mul_ui(term, term, (ulong)(k - j));
        mag_mul(out, out, h);
        mag_add(out, out, term);
    }
    mag_clear(term);
}

static void bound_node(const reference_step *s, int i, slong terms, const mag_t h)
{
    bound_derivative(s->error + i, s->x[i], terms, h, 0);
    bound_derivative(s->slope_error + i, s->x[i], terms, h, 1);
    mag_mul_2exp_si(s->error + i, s->error + i, REFERENCE_ERROR);
    mag_mul_2exp_si(s->slope_error + i, s->slope_error + i, REFERENCE_ERROR);
    bound_derivative(s->bend + i, s->x[i], terms, h, 2);
    bound_derivative(s->slope_bend + i, s->x[i], terms, h, 3);
}

static void keep_step(reference_flow *r, const arf_t left, const arf_t h)
{
    const recurrence *t = &r->tape;
    slong count = t->terms + 1;
    r->step = fp_realloc(r->step, r->steps + 1, sizeof *r->step);
    reference_step *s = &r->step[r->steps++];
    arf_init(s->left);
    arf_init(s->right);
    arf_set(s->left, left);
    arf_add(s->right, left, h, ARF_PREC_EXACT, ARF_RND_DOWN);
    s->x = fp_alloc((size_t)t->count, sizeof *s->x);
    s->error = _mag_vec_init(t->count);
    s->slope_error = _mag_vec_init(t->count);
    s->bend = _mag_vec_init(t->count);
    s->slope_bend = _mag_vec_init(t->count);
    mag_t length;
    mag_init(length);
    arf_get_mag(length, h);
    for (int i = 0; i < t->count; i++) {
        s->x[i] = _arb_vec_init(count);
        for (slong k = 0; k < count; k++) arb_get_mid_arb(s->x[i] + k, t->node[i].x + k);
        bound_node(s, i, t->terms, length);
    }
    mag_clear(length);
}

void reference_init(reference_flow *r, const fp_problem *problem, const arf_t end)
{
    arf_t t, h;
    *r = (reference_flow){.problem = problem};
    r->at = fp_alloc(1, sizeof *r->at);
    r->at->step = SIZE_MAX;
    arb_init(r->at->t);
    for (int j = 0; j < 3; j++) r->at->power[j] = _arb_vec_init(REFERENCE_TERMS + 1);
    recurrence_init(&r->tape, REFERENCE_TERMS, REFERENCE_PREC);
    equations(r);
    arf_init(t);
    arf_init(h);
    while (arf_cmp(t, end) < 0) {
        recurrence_expand(&r->tape);
        choose_step(h, &r->tape);
        keep_step(r, t, h);
        recurrence_move(&r->tape, h);
        arf_add(t, t, h, ARF_PREC_EXACT, ARF_RND_DOWN);
    }
    arf_clear(t);
    arf_clear(h);
}

void reference_clear(reference_flow *r)
{
    for (size_t s = 0; s < r->steps; s++) {
        reference_step *x = &r->step[s];
        for (int i = 0; i < r->tape.count; i++) _arb_vec_clear(x->x[i], r->tape.terms + 1);
        free(x->x);
        _mag_vec_clear(x->error, r->tape.count);
        _mag_vec_clear(x->slope_error, r->tape.count);
        _mag_vec_clear(x->bend, r->tape.count);
        _mag_vec_clear(x->slope_bend, r->tape.count);
        arf_clear(x->left);
        arf_clear(x->right);
    }
    free(r->step);
    for (int j = 0; j < 3; j++) _arb_vec_clear(r->at->power[j], REFERENCE_TERMS + 1);
    arb_clear(r->at->t);
    free(r->at);
    int *all[] = {r->w, r->u, r->v, r->k, r->q};
    for (size_t x = 0; x < sizeof all / sizeof *all; x++) free(all[x]);
    for (int x = 0; x <= FP_TUBE_N; x++) free(r->node[x]);
    recurrence_clear(&r->tape);
}

/* ---- reading */
size_t reference_step_at(const reference_flow *r, const arf_t t)
{
    size_t s = 0;
    while (s + 1 < r->steps && arf_cmp(r->step[s].right, t) <= 0) s++;
    return s;
}

static const char *index_ranges(fp_tube_quantity quantity)
{
    static const char *const ranges[] = {[FP_TUBE_G] = "t", [FP_TUBE_SCORE] = "tt", [FP_TUBE_KK] = "tt", [FP_TUBE_QQ] = "tt", [FP_TUBE_VV] = "tt", [FP_TUBE_RHO] = "",
                                         [FP_TUBE_WV] = "jt", [FP_TUBE_WW] = "jj", [FP_TUBE_WU] = "j", [FP_TUBE_P] = "sll", [FP_TUBE_O] = "sl", [FP_TUBE_F] = "s",
                                         [FP_TUBE_GI] = "s", [FP_TUBE_ONE_MINUS_GI] = "s", [FP_TUBE_LOSSOF] = "s", [FP_TUBE_C] = "t", [FP_TUBE_N] = "tt"};
    return ranges[quantity];
}

int reference_node(const reference_flow *r, fp_tube_quantity quantity, const long *index)
{
    const fp_problem *p = r->problem;
    long at = 0, place = 0;
    for (const char *x = index_ranges(quantity); *x; x++)
        at = at * (*x == 't' ? p->d : *x == 'j' ? p->m1 : *x == 's' ? p->n : p->L) + index[place++];
    return r->node[quantity][at];
}

int reference_vector_node(const reference_flow *r, fp_tube_vector vector, long index, long row)
{
    const int *all[] = {[FP_TUBE_U] = r->u, [FP_TUBE_W] = r->w, [FP_TUBE_V] = r->v, [FP_TUBE_K] = r->k, [FP_TUBE_Q] = r->q};
    return all[vector][(vector == FP_TUBE_U ? 0 : index) * r->problem->m + row];
}

static void set_powers(const reference_flow *r, size_t step, const arb_t t)
{
    reference_powers *at = r->at;
    arb_t s;
    if (at->step == step && arb_equal(at->t, t)) return;
    arb_init(s);
    at->step = step;
    arb_set(at->t, t);
    arb_sub_arf(s, t, r->step[step].left, REFERENCE_PREC);
    _arb_vec_set_powers(at->power[0], s, REFERENCE_TERMS + 1, REFERENCE_PREC);
    for (int j = 1; j < 3; j++)
        for (slong k = REFERENCE_TERMS; k > 0; k--) arb_mul_si(at->power[j] + k, at->power[j - 1] + k - 1, k, REFERENCE_PREC);
    arb_clear(s);
}

void reference_derivative(arb_t out, const reference_flow *r, size_t step, int node, int order, const arb_t t)
{
    set_powers(r, step, t);
    arb_dot(out, NULL, 0, r->step[step].x[node], 1, r->at->power[order], 1, REFERENCE_TERMS + 1, REFERENCE_PREC);
}

void reference_node_value(arb_ptr jet, const reference_flow *r, size_t step, int node, const arb_t t)
{
    const reference_step *s = &r->step[step];
    for (int order = 0; order < 2; order++) reference_derivative(jet + order, r, step, node, order, t);
    if (arb_is_zero(t)) return;
    arb_add_error_mag(jet, s->error + node);
    arb_add_error_mag(jet + 1, s->slope_error + node);
}

/* log(1 + exp(-y F)), whose derivative is -y g F' */
static void loss_of(arb_ptr jet, const reference_flow *r, size_t step, long i, const arb_t t)
{
    const fp_problem *p = r->problem;
    arb_ptr g = _arb_vec_init(2);
    reference_node_value(jet, r, step, r->node[FP_TUBE_F][i], t);
    reference_node_value(g, r, step, r->node[FP_TUBE_GI][i], t);
    arb_mul_si(jet, jet, -p->label[i], REFERENCE_PREC);
    arb_exp(jet, jet, REFERENCE_PREC);
    arb_log1p(jet, jet, REFERENCE_PREC);
    arb_mul_si(jet + 1, jet + 1, -p->label[i], REFERENCE_PREC);
    arb_mul(jet + 1, jet + 1, g, REFERENCE_PREC);
    _arb_vec_clear(g, 2);
}

void reference_value(arb_ptr jet, const reference_flow *r, fp_tube_quantity quantity, const long *index, const arb_t t)
{
    size_t step = reference_step_at(r, arb_midref(t));
    if (quantity == FP_TUBE_LOSSOF) {
        loss_of(jet, r, step, index[0], t);
        return;
    }
    bool complement = quantity == FP_TUBE_ONE_MINUS_GI;
    reference_node_value(jet, r, step, reference_node(r, complement ? FP_TUBE_GI : quantity, index), t);
    if (!complement) return;
    arb_sub_si(jet, jet, 1, REFERENCE_PREC);
    arb_neg(jet, jet);
    arb_neg(jet + 1, jet + 1);
}
