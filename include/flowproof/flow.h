/* SPDX-License-Identifier: MIT */
/* The gradient flow of the paper in four exact forms behind one vector-field interface (theory: Yang et al., NeurIPS 2024, App. B and C):
 *
 *   weights     (W, W_V, W_K, W_Q)            App. B:  w_j' = a_j W_V c, W_V' = u c^T, W_K' = W_Q N^T, W_Q' = W_K N
 *   reduced     (u, W_V, W_K, W_Q)            u' = m1 W_V c; w_j(t) = w_j(0) + a_j (u(t) - u(0))/m1
 *   compressed  the reduced flow after an orthogonal change of basis of the rows: (W_K, W_Q) in min(m, 2d) rows, (u, W_V) in
 *               min(m, d+1) rows. m stays a parameter (the scores are divided by sqrt m).
 *   gram        (A, P, R, B, G, rho): A = W_K^T W_Q, P = W_K^T W_K, R = W_Q^T W_Q, B = W_V^T W_V, rho = |u|^2:
 *               A' = P N + N R, P' = A N^T + N A^T, R' = A^T N + N^T A, B' = c G^T + G c^T, G' = rho c + m1 B c, rho' = 2 m1 G.c
 *
 * with c(mu) = (1/n) sum_i g_i y_i sum_l sum_{k: x_k = mu} p_i[l][k] and
 * N(nu,mu) = 1/(n sqrt m) sum_i g_i y_i sum_{l: x_l=mu} sum_{k: x_k=nu} p_i[l][k] (G(nu) - o_i[l]).  Tokens may repeat inside a sample. */
#ifndef FLOWPROOF_FLOW_H
#define FLOWPROOF_FLOW_H

#include "flowproof/integrate.h"
#include "flowproof/problem.h"

typedef enum { FP_FLOW_WEIGHTS, FP_FLOW_REDUCED, FP_FLOW_GRAM, FP_FLOW_COMPRESSED } fp_flow_kind;
bool fp_flow_kind_parse(fp_flow_kind *out, const char *name);
const char *fp_flow_kind_name(fp_flow_kind kind);

/* Where things are in the state vector (offsets in elements). Vectors of a token are contiguous: V starts with v(mu_1), rows_v numbers, then v(mu_2), ...
 * A kind that lacks a block has length 0 there (see has_*). Tokens here are 0-based: token t of the paper is column t-1. */
typedef struct {
    fp_flow_kind kind;
    size_t dim;
    long n, L, d, m, m1;
    long rows_v, rows_k;          /* m, or fewer in compressed */
    bool has_vectors;             /* u/W, V, K, Q present (all but gram) */
    size_t W;                     /* weights: m1 x m, neuron after neuron */
    size_t u;                     /* reduced, compressed: rows_v */
    size_t V, K, Q;               /* d columns of rows_v, rows_k, rows_k */
    size_t A, P, R, B, G, rho;    /* gram: A(nu,mu) at A + nu*d + mu (nu = key token, mu = query token); P,R,B full d x d; G d; rho 1 */
} fp_layout;

typedef struct fp_flow fp_flow;
/* Precision is that of the vectors the flow will be evaluated on; each thread of control (coarse, fine) needs its own fp_flow for its
 * workspace; `pool` parallelises inside one evaluation, results do not depend on it. problem is borrowed. FP_BAD_INPUT names a size, token, label or
 * precision outside its range. A score beyond MPFR's exponents makes the derivative NaN, never a wrong number. */
fp_status fp_flow_new(fp_flow **out, fp_flow_kind kind, const fp_problem *problem, mpfr_prec_t prec, fp_pool *pool, fp_error *err);
/* A second flow of the same kind, problem, precision and pool: initial values are copied (to rotate them into compressed form takes longest), workspace is its own. */
fp_flow *fp_flow_new_like(fp_flow *other);
void fp_flow_free(fp_flow *flow);
const fp_layout *fp_flow_layout(const fp_flow *flow);
void fp_flow_layout_of(fp_layout *out, fp_flow_kind kind, const fp_problem *problem); /* the same without a flow */
const fp_problem *fp_flow_problem(const fp_flow *flow);
/* The field has `series` (see fp_field) in the reduced and the compressed form, for precisions up to FP_FLOW_SERIES_PREC_MAX and orders up to 10000: certificate.md's recurrences in
 * fixed-point vectors with at least FP_FLOW_SERIES_GUARD bits more than the state. */
enum { FP_FLOW_SERIES_GUARD = 16, FP_FLOW_SERIES_PREC_MAX = 60 * 64 - FP_FLOW_SERIES_GUARD };
const fp_field *fp_flow_field(fp_flow *flow);
fp_vec *fp_flow_initial(const fp_flow *flow); /* new vector, owned by the caller; exact for weights and reduced */

/* Initial values that the reduced and compressed forms need to recover per-neuron quantities, in the same row basis as u and V:
 * w_j(0) as m1 x rows_v (neuron after neuron), u(0) (rows_v). In compressed form w_j(0) is its orthogonal projection on the span of V(0), u(0), which is all
 * that w_j(t).v(mu)(t) needs; |w_j(0)|^2 and w_j1(0).w_j2(0) are to be taken from the problem. NULL in gram form; W itself in weights form. */
const fp_vec *fp_flow_w0(const fp_flow *flow);
const fp_vec *fp_flow_u0(const fp_flow *flow);

/* ---- invariants (theory section 2): largest change since the start, each as a name and a number relative to the size of the thing conserved.
 * weights: W^T W - W_V W_V^T, u u^T - m1 W_V W_V^T, W_K W_K^T - W_Q W_Q^T, w_j - a_j u/m1; reduced/compressed: the second and third;
 * gram: tr((Gamma1 J1)^k), tr((Gamma2 J2)^k), k = 1..4. The size: largest diagonal entry of the two terms of a difference, largest |w_j| entry,
 * sum of the absolute values of a trace's terms, all at y0 (absolute change if that is 0). NaN if the state is not finite. Energy (all): |dLhat/dt + |grad Lhat|^2| / |grad Lhat|^2 from the flow's own derivative. */
typedef struct {
    char name[64];
    mpfr_t drift; /* >= 0, 64 bits */
} fp_invariant;
enum { FP_INVARIANTS_MAX = 16 };
/* Evaluates at state y (values of y0 are recomputed from y0). Returns the count; entries must be cleared with fp_invariants_clear. Expensive (rows^2 d): call rarely. */
size_t fp_flow_invariants(fp_invariant out[FP_INVARIANTS_MAX], fp_flow *flow, const fp_vec *y0, const fp_vec *y);
void fp_invariants_clear(fp_invariant *list, size_t count);

/* The largest drift of each over the states that were looked at. */
typedef struct {
    fp_invariant at[FP_INVARIANTS_MAX];
    size_t count;
} fp_drift; /* {0} can be cleared */
/* Nothing is kept of a measurement that an interruption cut short. */
void fp_drift_measure(fp_drift *d, fp_flow *flow, const fp_vec *y0, const fp_vec *y);
/* The self-check of a run with this tolerance and precision. What the flow conserves may drift by no more than the square root of the tolerance; the energy identity holds at every state, whatever the
 * steps, so only rounding may separate its sides: half the precision. FP_INTERNAL: more than that, or NaN; then the equations integrated are not the gradient flow. */
fp_status fp_drift_check(const fp_drift *d, mpq_srcptr tolerance, long precision, fp_error *err);
void fp_drift_clear(fp_drift *d);

/* ---- straightforward observables in the trajectory's own arithmetic, for tests and `run` cross-checks: F[n], loss. */
void fp_flow_outputs(fp_reals *F /* n, or NULL */, mpfr_ptr loss /* or NULL */, fp_flow *flow, const fp_vec *y);

#endif
