/* SPDX-License-Identifier: MIT */
/* Inside of src/flow. One evaluation of the field is a short chain of parallel passes over fixed parts; every number is computed by one part in
 * one fixed order, so the result does not depend on the number of threads, and nothing is allocated after fp_flow_new. */
#ifndef FP_FLOW_PRIVATE_H
#define FP_FLOW_PRIVATE_H

#include "flowproof/flow.h"

enum { FP_FLOW_PARTS = 32, FP_FLOW_GUARD_BITS = 64, FP_SCRATCH = 3 };

/* ---- pairs.c: which tokens meet in the data; built once. A sample is the list of its distinct tokens ("entries", in the order of their first
 * positions) with multiplicities; positions that hold the same token have the same attention, so sums over positions become sums over entries. A
 * "cell" is an ordered pair of entries (query a, key b) of one sample; a "pair" is an ordered pair of tokens (key nu, query mu) that has cells. */
typedef struct {
    size_t n, d, entries, cells, pairs;
    size_t *entry_at, *cell_at;      /* n+1: sample i has entries entry_at[i].., cells cell_at[i] + a*r + b with r its number of entries */
    size_t *token, *count;           /* per entry: token 0..d-1 and its number of positions */
    size_t *cell_pair;               /* per cell */
    size_t *key, *query;             /* per pair; pairs are sorted by key, then query */
    size_t *by_key_at;               /* d+1: pairs of key token nu are by_key_at[nu].. */
    size_t *by_query_at, *by_query;  /* d+1; pairs of query token mu, sorted by key */
    size_t *pair_cells_at, *pair_cells;       /* pairs+1; cells of a pair in index order */
    size_t *token_entries_at, *token_entries; /* d+1; entries of a token in index order */
    size_t token_bound[FP_FLOW_PARTS + 1];    /* tokens of part p, balanced by the number of pairs */
} fp_pairs;
void fp_pairs_init(fp_pairs *s, const fp_problem *problem);
void fp_pairs_clear(fp_pairs *s);
bool fp_pairs_has_token(const fp_pairs *s, size_t t);

/* ---- attention.c: from exp(score/sqrt m) of every pair and G of every token to F, c and N. */
typedef struct {
    fp_pairs pairs;
    const int *label; /* borrowed */
    fp_reals E;       /* per pair: exp(score/sqrt m) */
    fp_reals G, c;    /* per token */
    fp_reals N;       /* per pair */
    fp_reals Z, o;    /* per entry as query: softmax denominator, output o */
    fp_reals share;   /* per entry as key: its part of n c */
    fp_reals force;   /* per cell: its part of n sqrt(m) N */
    fp_reals F;       /* per sample */
    fp_reals scratch; /* FP_SCRATCH numbers for each part */
    fp_reals constants;
} fp_attention;
void fp_attention_init(fp_attention *s, const fp_problem *problem, mpfr_prec_t prec);
void fp_attention_clear(fp_attention *s);
mpfr_ptr fp_attention_scratch(const fp_attention *s, size_t part, size_t which);
/* E of one pair from the score that is stored in its place. */
void fp_attention_exp(fp_attention *s, size_t pair);
void fp_attention_forward(fp_attention *s, fp_pool *pool);  /* Z, o, F */
void fp_attention_backward(fp_attention *s, fp_pool *pool); /* c, N; after forward */
/* out[j..j+len) = sum_mu N(t, mu) x_mu, and with N(nu, t) and x_nu; x_s starts at x[i + s*len]. Zero if t has no pairs. */
void fp_attention_times(fp_vec *out, size_t j, const fp_attention *s, size_t t, const fp_vec *x, size_t i, size_t len, mpfr_ptr tmp);
void fp_attention_transposed_times(fp_vec *out, size_t j, const fp_attention *s, size_t t, const fp_vec *x, size_t i, size_t len, mpfr_ptr tmp);

/* ---- one form of the flow: a table of functions */
typedef struct {
    void (*layout)(fp_layout *at);                      /* offsets and dim from the sizes */
    void (*start)(fp_flow *flow);                       /* initial values and workspace */
    void (*load)(fp_flow *flow, const fp_vec *y);       /* E and G of the attention part */
    void (*move)(fp_vec *dy, const fp_vec *y, fp_flow *flow); /* the equations, given c and N */
    fp_expansion *(*expansion)(int order, mpfr_prec_t bits, void *ctx, fp_error *err); /* of the field; may be NULL */
} fp_form;
extern const fp_form fp_form_weights, fp_form_reduced, fp_form_gram, fp_form_compressed;

struct fp_flow {
    const fp_problem *problem;
    const fp_form *form;
    mpfr_prec_t prec;
    fp_pool *pool;
    fp_layout at;
    fp_field field;
    fp_attention attention;
    fp_vec *initial, *w0, *u0;
    fp_vec *u, *drive;                /* weights: u = sum_j a_j w_j; W_V c */
    fp_vec *At, *NtP, *NAt, *NtA, *c; /* gram */
    fp_reals m1_c;                    /* m1 c(mu) */
};

/* The evaluation that a pass belongs to. */
typedef struct {
    fp_flow *flow;
    const fp_vec *y;
    fp_vec *dy;
    const fp_vec *u; /* u is u[u_at..] */
    size_t u_at;
} fp_pass;
void fp_flow_range(size_t *lo, size_t *hi, size_t total, size_t part); /* even split of 0..total-1 */
mpfr_ptr fp_flow_tmp(const fp_flow *flow, size_t part);

/* ---- vectors.c: what the forms with vectors share */
void fp_vectors_layout(fp_layout *at, size_t first, long rows_v, long rows_k); /* V, K, Q from `first`, and dim */
void fp_vectors_load(fp_flow *flow, const fp_vec *y, const fp_vec *u, size_t u_at);
/* V' = u c^T, K' = W_Q N^T, Q' = W_K N for the tokens of a part */
void fp_vectors_move_tokens(const fp_pass *pass, size_t part);
/* out[j + r] = sum_mu coef(mu) v(mu)[r] for the rows r of a part, over tokens that occur */
void fp_vectors_combine(fp_vec *out, size_t j, const fp_reals *coef, const fp_pass *pass, size_t part);
void fp_vectors_set_matrix(fp_vec *y, size_t at, const double *x, long rows, long cols); /* row major to columns */
void fp_vectors_set_u(fp_vec *y, size_t at, const fp_problem *problem); /* correctly rounded sum_j a_j w_j(0) */
void fp_reduced_move(fp_vec *dy, const fp_vec *y, fp_flow *flow);
void fp_reduced_load(fp_flow *flow, const fp_vec *y);

/* ---- series_field.c: expansions of the reduced and compressed flow */
fp_expansion *fp_flow_expansion(int order, mpfr_prec_t bits, void *ctx, fp_error *err);

/* ---- invariants.c, traces.c, energy.c: entries of fp_flow_invariants */
void fp_invariant_init(fp_invariant *out, const char *name);
void fp_invariant_ratio(fp_invariant *out, mpfr_srcptr change, mpfr_srcptr size); /* |change|/size rounded up; |change| if size is 0 */
void fp_flow_keep_larger(mpfr_ptr max, mpfr_srcptr x); /* max = max(max, |x|); NaN stays */
size_t fp_flow_trace_drifts(fp_invariant *out, fp_flow *flow, const fp_vec *y0, const fp_vec *y);
void fp_flow_energy_drift(fp_invariant *out, fp_flow *flow, const fp_vec *y);

/* ---- qr.c: Householder. a holds `cols` columns of `rows` numbers; the first `factor` of them become upper trapezoidal, the others take the same
 * rotation. Never fails: a zero column needs no reflection. */
void fp_flow_triangularise(fp_vec *a, size_t rows, size_t factor, size_t cols, fp_pool *pool);

#endif
