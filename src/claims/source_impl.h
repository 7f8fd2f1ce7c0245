/* SPDX-License-Identifier: MIT */
/* The inside of a source: tables of balls that are filled on demand. Indices here are 0-based.
 *
 * Every quantity has up to three tables, told apart by `which`: its value, its derivative by the equations of theory section 2, and its derivative by
 * the vector field of the integrator. An entry is fresh while its stamp equals the source's generation, so that a new state costs one increment. */
#ifndef FP_CLAIMS_SOURCE_IMPL_H
#define FP_CLAIMS_SOURCE_IMPL_H

#include "flowproof/eval.h"
#include "flowproof/tube.h"

enum { FP_VALUE, FP_SLOPE_EQUATIONS, FP_SLOPE_FIELD, FP_WHICH };
enum { FP_VECTOR_U, FP_VECTOR_W, FP_VECTOR_V, FP_VECTOR_K, FP_VECTOR_Q, FP_VECTORS };
enum { FP_SPACE_ORIGINAL, FP_SPACE_COMPRESSED_UV, FP_SPACE_COMPRESSED_KQ };
enum { FP_SUM_S1, FP_SUM_S2, FP_SUM_S3, FP_SUM_S4, FP_SUM_LOSS, FP_SUMS };
enum { FP_BLOCKS_MAX = 6 };

typedef struct {
    size_t count;
    size_t width[FP_WHICH]; /* balls per entry */
    arb_ptr x[FP_WHICH];    /* allocated at first use */
    uint64_t *stamp[FP_WHICH];
} fp_table;
void fp_table_init(fp_table *t, size_t count, size_t width, size_t slope_width);
void fp_table_clear(fp_table *t);
/* The entry, marked fresh; *stale says that the caller must fill it now. */
arb_ptr fp_table_at(fp_table *t, int which, size_t i, uint64_t now, bool *stale);

/* A token pair (key nu, query mu) that occurs in some sample, seen from one of the two. */
typedef struct {
    long other;  /* the other token */
    size_t pair; /* index into N */
} fp_link;

typedef struct {
    size_t count;
    long *of;          /* d x d, key-major: pair index or -1 */
    long *key, *query; /* count each */
    size_t *key_start, *query_start; /* d + 1: links of a key token, of a query token */
    fp_link *by_key, *by_query;
} fp_source_pairs;

struct fp_source {
    fp_flow *flow; /* NULL: the exact initial state, or a tube */
    bool tube;     /* values come from `view`, for all times of an interval; NULL: nothing that is not cached can be had */
    const fp_tube_view *view;
    const char *view_why; /* why the view last refused */
    bool slope_by_equations; /* initial state: slope() means d(), there is no integrator */
    const fp_problem *problem;
    fp_layout layout; /* initial: as weights */
    slong prec;
    mpfr_prec_t state_prec;
    uint64_t now;
    fp_vec *y, *dy;
    uint64_t dy_stamp;
    mpfr_t t;
    arb_t time, root_m_inverse;
    struct fp_bounds *bounds; /* of source_bounds.c; NULL until asked for */
    mag_t block_size[FP_BLOCKS_MAX]; /* allowances of the field's blocks, fresh with dy_stamp */
    arb_ptr w0, u0;                  /* reduced, compressed: m1 x rows_v, rows_v */
    mag_t product_allowance; /* of w_j1(0).w_j2(0) in compressed form; 0 otherwise */
    fp_source_pairs pairs;
    arb_ptr gather_x, gather_y; /* shallow copies for arb_dot; never cleared */
    fp_table vector[FP_VECTORS]; /* value: rows numbers; slope: value and derivative, 2 rows */
    fp_table moved; /* u - u(0) */
    fp_table G, score, KK, QQ, VV, WV, WW, rho;
    fp_table WU, UW, UV; /* w_j.u ; u'.w_j/m1 ; u'.v(mu)/m1, u' by the equations of `which` */
    fp_table start_WW, b, moved2; /* w_j1(0).w_j2(0) (kept for ever); a_j w_j(0).D ; |D|^2 */
    fp_table population; /* lossgen, lossgenbound, lossgensampled, randomshare */
    fp_table E, p, o, F, g, g1, lossof, sums, c, N; /* E: exp(s) per occurring pair; g1 = 1 - g; p: rows of L; c, N: whole */
};

/* ---- source_state.c: the state's own quantities. which = FP_VALUE only */
const char *fp_state_why_no_neurons(const fp_source *s); /* NULL if w_j can be had */
long fp_state_rows(const fp_source *s, int vector);
arb_srcptr fp_state_vector(fp_source *s, int vector, long i);
arb_srcptr fp_state_G(fp_source *s, long mu);
arb_srcptr fp_state_score(fp_source *s, long nu, long mu);
arb_srcptr fp_state_KK(fp_source *s, long mu, long nu);
arb_srcptr fp_state_QQ(fp_source *s, long mu, long nu);
arb_srcptr fp_state_VV(fp_source *s, long mu, long nu);
arb_srcptr fp_state_rho(fp_source *s);
arb_srcptr fp_state_WV(fp_source *s, long j, long mu);
arb_srcptr fp_state_WU(fp_source *s, long j);
arb_srcptr fp_state_WW(fp_source *s, long j1, long j2);
void fp_source_dot(arb_t out, const fp_source *s, arb_srcptr x, arb_srcptr y, long rows);

/* ---- source_tube.c: a value of the view; indeterminate if it cannot be had */
void fp_source_fetch(arb_t out, fp_source *s, fp_tube_quantity quantity, long x, long y, long z);
bool fp_source_fetch_slope(arb_t out, fp_source *s, fp_tube_quantity quantity, long x, long y); /* false: take the equations */
void fp_source_fetch_vector(arb_ptr out, fp_source *s, int vector, long i);

/* ---- source.c */
fp_source *fp_source_make(const fp_problem *problem, const fp_layout *layout, slong prec);
/* All tables; `visit` is called with the same table of both sources. */
void fp_source_each_table(fp_source *a, fp_source *b, void (*visit)(fp_table *a, fp_table *b, void *ctx), void *ctx);

/* ---- source_field.c: derivatives read from the integrator's vector field */
void fp_field_read(arb_ptr out, fp_source *s, size_t offset, size_t count, int block, size_t block_start, size_t block_count);
arb_srcptr fp_field_vector(fp_source *s, int vector, long i); /* value and derivative */
void fp_field_G(arb_t out, fp_source *s, long mu);
void fp_field_score(arb_t out, fp_source *s, long nu, long mu);
void fp_field_symmetric(arb_t out, fp_source *s, int vector, long mu, long nu); /* KK, QQ, VV */
void fp_field_rho(arb_t out, fp_source *s);
void fp_field_WV(arb_t out, fp_source *s, long j, long mu);
void fp_field_WW(arb_t out, fp_source *s, long j1, long j2);

/* ---- source_equations.c: derivatives by the equations; source_slope.c dispatches on which and caches. `which` is a slope. */
arb_srcptr fp_equations_vector(fp_source *s, int vector, long i); /* value and derivative */
void fp_equations_G(arb_t out, fp_source *s, long mu);
void fp_equations_score(arb_t out, fp_source *s, long nu, long mu);
void fp_equations_KK(arb_t out, fp_source *s, long mu, long nu);
void fp_equations_QQ(arb_t out, fp_source *s, long mu, long nu);
void fp_equations_VV(arb_t out, fp_source *s, long mu, long nu);
void fp_equations_rho(arb_t out, fp_source *s);
void fp_equations_WV(arb_t out, fp_source *s, long j, long mu);
void fp_equations_WW(arb_t out, fp_source *s, long j1, long j2);

/* ---- source_primary.c: quantities with both kinds of derivative, cached; which = any */
arb_srcptr fp_primary_G(fp_source *s, int which, long mu);
arb_srcptr fp_primary_score(fp_source *s, int which, long nu, long mu);
arb_srcptr fp_primary_KK(fp_source *s, int which, long mu, long nu);
arb_srcptr fp_primary_QQ(fp_source *s, int which, long mu, long nu);
arb_srcptr fp_primary_VV(fp_source *s, int which, long mu, long nu);
arb_srcptr fp_primary_rho(fp_source *s, int which);
arb_srcptr fp_primary_WV(fp_source *s, int which, long j, long mu);
arb_srcptr fp_primary_WW(fp_source *s, int which, long j1, long j2);
arb_srcptr fp_primary_vector(fp_source *s, int which, int vector, long i);

/* ---- source_forward.c: attention, outputs, losses and the forces c, N; which = any */
void fp_forward_s(arb_t out, fp_source *s, int which, long i, long l, long k);
arb_srcptr fp_forward_p(fp_source *s, int which, long i, long l); /* L numbers */
arb_srcptr fp_forward_o(fp_source *s, int which, long i, long l);
arb_srcptr fp_forward_F(fp_source *s, int which, long i);
arb_srcptr fp_forward_g(fp_source *s, int which, long i);
arb_srcptr fp_forward_lossof(fp_source *s, int which, long i);
arb_srcptr fp_forward_sum(fp_source *s, int which, int sum);
/* ---- source_force.c */
arb_srcptr fp_force_c(fp_source *s, int which);                   /* d numbers */
arb_srcptr fp_force_N(fp_source *s, int which);                   /* pairs.count numbers */

/* ---- source_population.c: base one of FP_BASE_LOSSGEN .. FP_BASE_RANDOM_SHARE; values only */
const char *fp_population_why_none(const fp_source *s, fp_base base);
arb_srcptr fp_population_value(fp_source *s, fp_base base);

/* ---- source_bounds.c: bounds.h has the questions */
void fp_bounds_free(struct fp_bounds *b);

/* ---- source_pairs.c */
void fp_source_pairs_init(fp_source_pairs *pairs, const fp_problem *problem);
void fp_source_pairs_clear(fp_source_pairs *pairs);
static inline long fp_source_token(const fp_source *s, long i, long l)
{
    return s->problem->token[i * s->problem->L + l] - 1;
}

#endif
