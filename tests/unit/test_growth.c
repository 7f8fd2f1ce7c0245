/* SPDX-License-Identifier: MIT */
/* mu against the matrix it bounds, evaluated by other means (second_variation.h): block by block, since the largest eigenvalue alone does not see the small ones. Every block's test
 * also removes that block and must then see the inequality fail. */
#include <fenv.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/flow_instances.h"
#include "../support/fp_check.h"
#include "../support/second_variation.h"

/* Instances 0..5 are those of flow_instances.h; then random tokens; then small keys and queries (the K-Q block outweighs the third cumulant); then one long sample (a token's attention is
 * small, so that the one-sided bound of the third cumulant is nearly attained). */
enum { PREC = 128, RANDOM = INSTANCES, SMALL = RANDOM + 3, LONG = SMALL + 2, CASES = LONG + 1, STATES = 4, TRIVIAL = 3 };

typedef struct {
    fp_problem p;
    fp_flow *flow;
    fp_vec *y;
    plain_state s;
    fp_range x;
    fp_widening w;
    fp_growth *g;
    mag_t r, mu;
} rig;

static double output_of(const fp_problem *p, long token)
{
    double sum = 0;
    for (long j = 0; j < p->m1; j++)
        for (long r = 0; r < p->m; r++)
            sum += p->a[j] * p->W[j * p->m + r] * p->W_V[r * p->d + token];
    return sum;
}

/* One positive sample of distinct tokens, nearly uniform attention, and only the key of the token with the largest G is not 0. */
static void make_long(fp_problem *p)
{
    long best = 0;
    instance_random(p, 1, 12, 12, 1, 2, 100);
    for (int e = 0; e < 12; e++) {
        p->token[e] = e + 1;
        if (output_of(p, e) > output_of(p, best))
            best = e;
    }
    for (long e = 0; e < p->m * p->d; e++)
        p->W_K[e] *= e % p->d == best ? 0.25 : 0;
}

static void make_problem(fp_problem *p, int k)
{
    if (k < INSTANCES)
        instance_make(p, (size_t)k);
    else if (k < LONG)
        instance_random(p, 6, 4, 7 + k % 3, 4, 3, 100u + (unsigned)k);
    else
        make_long(p);
    for (long e = 0; k >= SMALL && k < LONG && e < p->m * p->d; e++)
        p->W_K[e] /= 4, p->W_Q[e] /= 4;
}

static void refresh(rig *t)
{
    plain_range(&t->x, &t->s);
    plain_vectors(fp_growth_get_vectors(t->g), &t->s);
    fp_widening_of(&t->w, &t->s.shape, &t->x, t->r);
}

static void rig_open(rig *t, int k)
{
    fp_error err = {0};
    memset(t, 0, sizeof *t);
    make_problem(&t->p, k);
    fp_ck_ok(fp_flow_new(&t->flow, FP_FLOW_REDUCED, &t->p, PREC, NULL, &err), &err);
    t->y = fp_flow_initial(t->flow);
    plain_init(&t->s, &t->p, t->p.m, t->p.m);
    fp_range_init_for(&t->x, &t->s.shape);
    fp_widening_init_for(&t->w, &t->s.shape);
    t->g = fp_growth_new_for(&t->s.shape);
    mag_init(t->r), mag_init(t->mu);
    plain_set(&t->s, fp_flow_layout(t->flow), t->y);
    refresh(t);
}

static void rig_close(rig *t)
{
    fp_growth_free(t->g);
    fp_range_clear(&t->x);
    fp_widening_clear(&t->w);
    plain_clear(&t->s);
    fp_vec_free(t->y);
    fp_flow_free(t->flow);
    instance_clear(&t->p);
    mag_clear(t->r), mag_clear(t->mu);
}

/* Along the flow: state k is at about 4^k / 8. */
static void rig_advance(rig *t, int k)
{
    rk4_go(t->y, fp_flow_field(t->flow), 2 << (2 * k), 4);
    plain_set(&t->s, fp_flow_layout(t->flow), t->y);
    refresh(t);
}

static const fp_comparison *matrix(rig *t)
{
    return fp_growth_matrix(t->g, &t->s.shape, &t->x, &t->w, t->r);
}

static double mu_of(rig *t)
{
    fp_growth_bound_at(t->mu, t->g, &t->s.shape, &t->x, &t->w, t->r);
    return mag_get_d(t->mu);
}

static double bound_of(const fp_comparison *B)
{
    mag_t mu;
    mag_init(mu);
    double *w = fp_alloc(3 * B->d + 1, sizeof *w);
    fp_comparison_bound(mu, B, w);
    double value = mag_get_d(mu);
    free(w);
    mag_clear(mu);
    return value;
}

/* ---- blocks: 0 is u, then V, K, Q by tokens */
static size_t block_at(const plain_state *s, size_t block)
{
    size_t d = (size_t)s->shape.d, rv = (size_t)s->shape.rows_v, rk = (size_t)s->shape.rows_k;
    if (block == 0)
        return 0;
    size_t token = (block - 1) % d;
    return block <= d ? s->v + token * rv : block <= 2 * d ? s->k + token * rk : block <= 3 * d ? s->q + token * rk : s->dim;
}

static void copy(mag_ptr out, mag_srcptr x, size_t n)
{
    for (size_t e = 0; e < n; e++)
        mag_set(out + e, x + e);
}

typedef enum { UV, UK, UQ, KK, QQ, KQ, KV, QV, FAMILIES } family;
static const char *const family_name[FAMILIES] = {"u-V", "u-K", "u-Q", "K-K", "Q-Q", "K-Q", "K-V", "Q-V"};

static mag_ptr family_of(const fp_comparison *B, int f)
{
    mag_ptr all[FAMILIES] = {B->uv, B->uk, B->uq, B->kk, B->qq, B->kq, B->kv, B->qv};
    return all[f];
}

static size_t family_size(const fp_comparison *B, int f)
{
    return f < KQ ? B->d : B->pairs;
}

/* A copy without the families of the mask. */
static void without(fp_comparison *out, const fp_comparison *B, const fp_series_shape *shape, unsigned mask)
{
    fp_comparison_init(out, shape);
    for (int f = 0; f < FAMILIES; f++)
        if (!(mask >> f & 1))
            copy(family_of(out, f), family_of(B, f), family_size(B, f));
}

/* a^T B a, a_b the norm of the direction's block b */
static double form(const fp_comparison *B, const plain_state *s, const double *direction)
{
    size_t blocks = 3 * B->d + 1;
    mag_ptr a = _mag_vec_init((slong)blocks), Ba = _mag_vec_init((slong)blocks);
    mag_t sum;
    mag_init(sum);
    for (size_t b = 0; b < blocks; b++) {
        long double squares = 0;
        for (size_t e = block_at(s, b); e < block_at(s, b + 1); e++)
            squares += (long double)direction[e] * direction[e];
        mag_set_d(a + b, (double)sqrtl(squares));
    }
    fp_comparison_apply(Ba, B, a);
    for (size_t b = 0; b < blocks; b++)
        mag_addmul(sum, a + b, Ba + b);
    double value = mag_get_d(sum);
    mag_clear(sum);
    _mag_vec_clear(a, (slong)blocks);
    _mag_vec_clear(Ba, (slong)blocks);
    return value;
}

static double uniform(fp_rng *r)
{
    return (double)(fp_rng_u32(r) >> 1) * 0x1p-30 - 1;
}

/* Up to `most` random blocks of random sizes and contents; the rest 0. */
static void sparse_direction(double *out, const plain_state *s, fp_rng *r, uint64_t most)
{
    size_t blocks = 3 * (size_t)s->shape.d + 1;
    memset(out, 0, s->dim * sizeof *out);
    for (uint64_t c = 1 + fp_rng_below(r, most); c > 0; c--) {
        size_t b = fp_rng_below(r, 4) == 0 ? 0 : (size_t)fp_rng_below(r, blocks);
        double size = exp(3 * uniform(r));
        for (size_t e = block_at(s, b); e < block_at(s, b + 1); e++)
            out[e] = size * uniform(r);
    }
}

/* The direction in two blocks (or one, a = b) in which M is largest for equal norms in both: singular vectors of that block of M, by power iteration. */
static void pair_direction(double *out, const plain_state *s, const double *M, size_t a, size_t b)
{
    size_t n = s->dim, a0 = block_at(s, a), a1 = block_at(s, a + 1), b0 = block_at(s, b), b1 = block_at(s, b + 1);
    double shift = 0; /* a = b: the largest, not the most negative eigenvalue is wanted */
    for (size_t i = a0; a == b && i < a1; i++)
        for (size_t j = a0; j < a1; j++)
            shift += fabs(M[i * n + j]);
    memset(out, 0, n * sizeof *out);
    for (size_t e = b0; e < b1; e++)
        out[e] = 1 + 0.3 * sin(1.7 * (double)e);
    for (int t = 0; t < 60; t++)
        for (int side = 0; side < 2; side++) {
            size_t to0 = side ? b0 : a0, to1 = side ? b1 : a1, from0 = side ? a0 : b0, from1 = side ? a1 : b1;
            double next[64], norm = 0;
            for (size_t i = to0; i < to1; i++) {
                next[i - to0] = shift * out[i];
                for (size_t j = from0; j < from1; j++)
                    next[i - to0] += M[i * n + j] * out[j];
                norm += next[i - to0] * next[i - to0];
            }
            for (size_t i = to0; i < to1; i++)
                out[i] = norm > 0 ? next[i - to0] / sqrt(norm) : 0;
        }
}

/* ---- the reference itself */
/* The Jacobian of the flow along a direction, from its own field: x^T Df x by a central difference with step 2^-30 at 128 bits (error about 2^-60 of the third derivative). */
static double field_form(rig *t, const double *direction)
{
    const fp_layout *at = fp_flow_layout(t->flow);
    const size_t from[] = {0, t->s.v, t->s.k, t->s.q, t->s.dim}, to[] = {at->u, at->V, at->K, at->Q};
    fp_vec *side[2], *slope[2];
    mpfr_t x, time;
    mpfr_inits2(PREC, x, time, (mpfr_ptr)0);
    mpfr_set_zero(time, 1);
    for (int k = 0; k < 2; k++) {
        side[k] = fp_vec_new(at->dim, PREC), slope[k] = fp_vec_new(at->dim, PREC);
        for (int b = 0; b < 4; b++)
            for (size_t e = from[b]; e < from[b + 1]; e++) {
                mpfr_set_d(x, (k ? -1 : 1) * 0x1p-30 * direction[e] * (b == 0 ? sqrt((double)t->p.m1) : 1), MPFR_RNDN);
                mpfr_add_d(x, x, t->s.x[e], MPFR_RNDN);
                fp_vec_set(side[k], to[b] + e - from[b], x);
            }
        fp_flow_field(t->flow)->rhs(slope[k], time, side[k], fp_flow_field(t->flow)->ctx);
    }
    double sum = 0;
    for (int b = 0; b < 4; b++)
        for (size_t e = from[b]; e < from[b + 1]; e++) {
            fp_vec_get(x, slope[0], to[b] + e - from[b]);
            fp_vec_get(time, slope[1], to[b] + e - from[b]);
            mpfr_sub(x, x, time, MPFR_RNDN);
            sum += direction[e] * mpfr_get_d(x, MPFR_RNDN) * 0x1p29 / (b == 0 ? sqrt((double)t->p.m1) : 1);
        }
    for (int k = 0; k < 2; k++)
        fp_vec_free(side[k]), fp_vec_free(slope[k]);
    mpfr_clears(x, time, (mpfr_ptr)0);
    return sum;
}

START_TEST(the_second_variation_of_the_loss_is_the_jacobian_of_the_flow)
{
    rig t;
    fp_rng r;
    rig_open(&t, _i);
    fp_rng_init(&r, 5, (uint32_t)_i);
    double *direction = fp_alloc(t.s.dim, sizeof *direction);
    for (int k = 0; k < 10; k++) {
        sparse_direction(direction, &t.s, &r, 40);
        double field = field_form(&t, direction), form_value = (double)plain_minus_hessian(&t.s, direction), size = 0;
        for (size_t e = 0; e < t.s.dim; e++)
            size += direction[e] * direction[e];
        ck_assert_msg(fabs(field - form_value) <= 1e-11 * size, "case %d: %.15g from the field, %.15g", _i, field, form_value);
        ck_assert(form_value <= (double)plain_M(&t.s, direction));
    }
    free(direction);
    rig_close(&t);
}
END_TEST

/* ---- the inequality */
START_TEST(the_form_of_M_is_below_that_of_the_comparison_matrix)
{
    rig t;
    fp_rng r;
    rig_open(&t, _i);
    fp_rng_init(&r, 6, (uint32_t)_i);
    double *direction = fp_alloc(t.s.dim, sizeof *direction);
    for (int state = 0; state < STATES; state++) {
        const fp_comparison *B = matrix(&t);
        for (int k = 0; k < 300; k++) {
            sparse_direction(direction, &t.s, &r, k % 3 == 0 ? 12 : 3);
            double M = (double)plain_M(&t.s, direction), bound = form(B, &t.s, direction);
            ck_assert_msg(M <= bound * (1 + 1e-9), "case %d, state %d, direction %d: %.17g above %.17g", _i, state, k, M, bound);
        }
        rig_advance(&t, state);
    }
    free(direction);
    rig_close(&t);
}
END_TEST

typedef struct {
    double ratio[FAMILIES];
    bool removed_fails[FAMILIES];
} sharpness;

/* The pair of blocks of entry e of a family. */
static void blocks_of(size_t *a, size_t *b, const fp_comparison *B, int f, size_t e)
{
    size_t d = B->d, key = f < KQ ? e : (size_t)B->key[e], query = f < KQ ? e : (size_t)B->query[e];
    size_t v = 1, k = 1 + d, q = 1 + 2 * d;
    *a = f <= UQ ? 0 : f == KK ? k + e : f == QQ ? q + e : f == QV ? q + key : k + key;
    *b = f == UV ? v + e : f == UK || f == KK ? k + e : f == UQ || f == QQ ? q + e : f == KQ ? q + query : v + query;
}

static void check_family(sharpness *seen, rig *t, const fp_comparison *B, const double *M, int f, const char *where)
{
    double *direction = fp_alloc(t->s.dim, sizeof *direction);
    fp_comparison broken;
    without(&broken, B, &t->s.shape, 1u << f);
    for (size_t e = 0; e < family_size(B, f); e++) {
        size_t a, b;
        blocks_of(&a, &b, B, f, e);
        pair_direction(direction, &t->s, M, a, b);
        double value = (double)plain_M(&t->s, direction), bound = form(B, &t->s, direction);
        ck_assert_msg(value <= bound * (1 + 1e-9) + 1e-16, "%s, %s entry %zu: %.17g above %.17g", where, family_name[f], e, value, bound);
        if (value > form(&broken, &t->s, direction) * (1 + 1e-6) + 1e-12)
            seen->removed_fails[f] = true;
        if (f < KK || f > KQ) { /* one Cauchy-Schwarz or little more, for this entry alone: 4 x_a.M x_b = M(x_a + x_b) - M(x_a - x_b) */
            for (size_t i = block_at(&t->s, a); i < block_at(&t->s, a + 1); i++)
                direction[i] = -direction[i];
            value -= (double)plain_M(&t->s, direction);
            bound = 4 * mag_get_d(family_of(B, f) + e);
            ck_assert_msg(value <= bound * (1 + 1e-9) + 1e-16, "%s, %s entry %zu alone: %.17g above %.17g", where, family_name[f], e, value, bound);
        }
        if (bound > 1e-12)
            seen->ratio[f] = fmax(seen->ratio[f], value / bound);
    }
    fp_comparison_clear(&broken);
    free(direction);
}

/* Least ratio of (form of M)/(form of B) that some pair of blocks must reach: 1 where one Cauchy-Schwarz is all that lies between them. */
static const double least_ratio[FAMILIES] = {0.999999, 0.99, 0.99, 0.72, 0.72, 0.86, 0.999999, 0.999999};

START_TEST(every_pair_of_blocks_is_bounded_and_every_family_of_blocks_is_needed)
{
    sharpness seen = {{0}, {0}};
    char where[64];
    for (int k = 0; k < CASES; k++) {
        rig t;
        if (k == TRIVIAL)
            continue;
        rig_open(&t, k);
        for (int state = 0; state < 2; state++) {
            double *M = plain_M_dense(&t.s, 0);
            const fp_comparison *B = matrix(&t);
            snprintf(where, sizeof where, "case %d, state %d", k, state);
            for (int f = 0; f < FAMILIES; f++)
                check_family(&seen, &t, B, M, f, where);
            free(M);
            rig_advance(&t, state);
        }
        rig_close(&t);
    }
    for (int f = 0; f < FAMILIES; f++) {
        ck_assert_msg(seen.removed_fails[f], "nothing fails without the blocks %s", family_name[f]);
        ck_assert_msg(seen.ratio[f] >= least_ratio[f], "%s: largest ratio %.4f, at least %.4f expected", family_name[f], seen.ratio[f], least_ratio[f]);
    }
}
END_TEST

/* ---- eigenvalues */
enum { MIXED = 1u << UK | 1u << UQ | 1u << KV | 1u << QV, OUTSIDE_KQ = MIXED | 1u << UV };

typedef struct {
    double ratio;
    bool without_uv, without_mixed;
} eigen_seen;

static bool fails_without(const fp_comparison *B, const fp_series_shape *shape, unsigned mask, double lambda)
{
    fp_comparison broken;
    without(&broken, B, shape, mask);
    bool fails = lambda > bound_of(&broken) * (1 + 1e-6);
    fp_comparison_clear(&broken);
    return fails;
}

static void see_eigenvalue(eigen_seen *seen, rig *t, int k, int state)
{
    double *M = plain_M_dense(&t->s, 0), lambda = largest_eigenvalue(M, t->s.dim), mu = mu_of(t);
    ck_assert_msg(lambda <= mu, "case %d, state %d: eigenvalue %.12g above mu = %.12g", k, state, lambda, mu);
    const fp_comparison *B = matrix(t);
    seen->ratio = fmax(seen->ratio, lambda / mu);
    seen->without_uv |= fails_without(B, &t->s.shape, 1u << UV, lambda);
    seen->without_mixed |= fails_without(B, &t->s.shape, MIXED, lambda);
    free(M);
}

START_TEST(the_largest_eigenvalue_of_M_is_at_most_mu)
{
    eigen_seen seen = {0, false, false};
    for (int k = 0; k < CASES; k++) {
        rig t;
        if (k == TRIVIAL)
            continue;
        rig_open(&t, k);
        for (int state = 0; state < STATES; state++) {
            see_eigenvalue(&seen, &t, k, state);
            rig_advance(&t, state);
        }
        rig_close(&t);
    }
    ck_assert_msg(seen.without_uv, "u-V blocks are not needed");
    ck_assert_msg(seen.without_mixed, "mixed blocks are not needed");
    ck_assert_msg(seen.ratio >= 0.86, "largest ratio %.4f: 0.85 mu would not be noticed", seen.ratio);
}
END_TEST

START_TEST(restricted_to_keys_and_queries_both_blocks_are_needed)
{
    bool without_scores = false, without_cumulant = false;
    double ratio = 0;
    for (int k = 0; k < CASES; k++) {
        rig t;
        if (k == TRIVIAL)
            continue;
        rig_open(&t, k);
        for (int state = 0; state < STATES; state++) {
            double *M = plain_M_dense(&t.s, t.s.k), lambda = largest_eigenvalue(M, t.s.dim - t.s.k);
            fp_comparison part, scores, cumulant;
            without(&part, matrix(&t), &t.s.shape, OUTSIDE_KQ);
            fp_comparison_init(&scores, &t.s.shape), fp_comparison_init(&cumulant, &t.s.shape);
            fp_growth_add_scores(&scores, &t.s.shape, &t.x, &t.w);
            fp_growth_add_cumulant(&cumulant, t.g, &t.s.shape, &t.x, &t.w);
            double mu = bound_of(&part);
            ck_assert_msg(lambda <= mu, "case %d, state %d: %.12g above %.12g", k, state, lambda, mu);
            ratio = fmax(ratio, lambda / mu);
            without_scores |= lambda > bound_of(&cumulant) * (1 + 1e-6);
            without_cumulant |= lambda > bound_of(&scores) * (1 + 1e-6);
            fp_comparison_clear(&part), fp_comparison_clear(&scores), fp_comparison_clear(&cumulant);
            free(M);
            rig_advance(&t, state);
        }
        rig_close(&t);
    }
    ck_assert_msg(without_scores, "K-Q block is not needed");
    ck_assert_msg(without_cumulant, "third cumulant is not needed");
    ck_assert_msg(ratio >= 0.86, "largest ratio %.4f", ratio);
}
END_TEST

/* ---- the bound of the matrix */
static double *dense(const fp_comparison *B)
{
    size_t n = 3 * B->d + 1;
    double *M = fp_alloc(n * n, sizeof *M);
    for (int f = 0; f < FAMILIES; f++)
        for (size_t e = 0; e < family_size(B, f); e++) {
            size_t a, b;
            blocks_of(&a, &b, B, f, e);
            M[a * n + b] = M[b * n + a] = mag_get_d(family_of(B, f) + e);
        }
    return M;
}

START_TEST(the_bound_is_the_largest_eigenvalue_of_the_matrix_but_for_a_thousandth)
{
    rig t;
    rig_open(&t, _i);
    for (int state = 0; state < STATES; state++) {
        const fp_comparison *B = matrix(&t);
        double *M = dense(B), lambda = largest_eigenvalue(M, 3 * B->d + 1), bound = bound_of(B);
        ck_assert_msg(lambda <= bound && bound <= 1.002 * lambda, "case %d, state %d: eigenvalue %.12g, bound %.12g", _i, state, lambda, bound);
        free(M);
        rig_advance(&t, state);
    }
    rig_close(&t);
}
END_TEST

/* Any start will do: it only guides. */
START_TEST(the_bound_is_one_whatever_it_starts_from)
{
    static const double odd[] = {0, -1, 1e-320, 1e300, 5, 0x1p-390, 0x1p390};
    rig t;
    fp_rng r;
    mag_t mu;
    mag_init(mu);
    fp_rng_init(&r, 8, 0);
    rig_open(&t, 0);
    const fp_comparison *B = matrix(&t);
    double *M = dense(B), lambda = largest_eigenvalue(M, 3 * B->d + 1), *w = fp_alloc(3 * B->d + 1, sizeof *w);
    for (int k = 0; k < 40; k++) {
        for (size_t e = 0; e < 3 * B->d + 1; e++)
            w[e] = k == 0 ? NAN : k == 1 ? INFINITY : k < 9 ? odd[k - 2] : k < 20 ? odd[fp_rng_below(&r, 7)] : exp(20 * uniform(&r));
        fp_comparison_bound(mu, B, w);
        ck_assert_msg(lambda <= mag_get_d(mu) && mag_is_finite(mu), "start %d", k);
    }
    free(M), free(w);
    mag_clear(mu);
    rig_close(&t);
}
END_TEST

/* ---- what is not finite, and how numbers are rounded */
START_TEST(anything_that_is_not_finite_makes_mu_infinite)
{
    rig t;
    rig_open(&t, 0);
    arb_ptr scalars[] = {t.x.G, t.x.s, t.x.p, t.x.o, t.x.F, t.x.g, t.x.c, t.x.N};
    mag_ptr norms[] = {t.x.u, t.x.v, t.x.k, t.x.q};
    fp_growth_vectors *at = fp_growth_get_vectors(t.g);
    double *vectors[] = {at->v, at->k, at->q}, bad[] = {NAN, INFINITY, -INFINITY, 1e300};
    for (int e = 0; e < 8; e++) {
        arb_indeterminate(scalars[e]);
        fp_widening_of(&t.w, &t.s.shape, &t.x, t.r);
        ck_assert_msg(isinf(mu_of(&t)), "scalar %d", e);
        refresh(&t);
        mag_inf(arb_radref(scalars[e]));
        ck_assert_msg(isinf(mu_of(&t)), "scalar %d with the widening of before", e);
        refresh(&t);
    }
    for (int e = 0; e < 4; e++) {
        mag_inf(norms[e]);
        ck_assert_msg(isinf(mu_of(&t)), "norm %d", e);
        refresh(&t);
    }
    for (int e = 0; e < 12; e++) {
        vectors[e / 4][1] = bad[e % 4];
        ck_assert_msg(mu_of(&t) > 1e100, "vector %d with %g", e / 4, bad[e % 4]);
        refresh(&t);
    }
    mag_inf(t.r);
    ck_assert(isinf(mu_of(&t)));
    fp_widening_of(&t.w, &t.s.shape, &t.x, t.r);
    ck_assert(mag_is_inf(t.w.c) && isinf(mu_of(&t)));
    mag_zero(t.r);
    refresh(&t);
    ck_assert(mu_of(&t) < 100);
    rig_close(&t);
}
END_TEST

/* Bounds are bounds in every rounding mode and differ by roundings only. */
START_TEST(the_bound_does_not_depend_on_the_rounding_mode)
{
    static const int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    rig t;
    double mu[4];
    rig_open(&t, 4);
    double *M = plain_M_dense(&t.s, 0), lambda = largest_eigenvalue(M, t.s.dim);
    for (int k = 0; k < 4; k++) {
        ck_assert_int_eq(fesetround(modes[k]), 0);
        mu[k] = mu_of(&t);
        fesetround(FE_TONEAREST);
        ck_assert_msg(lambda <= mu[k] && fabs(mu[k] - mu[0]) <= 1e-6 * mu[0], "mode %d: %.12g instead of %.12g", k, mu[k], mu[0]);
    }
    free(M);
    rig_close(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("growth");
    TCase *plain = tcase_create("mu");
    tcase_set_timeout(plain, 120);
    tcase_add_loop_test(plain, the_second_variation_of_the_loss_is_the_jacobian_of_the_flow, 0, CASES);
    tcase_add_loop_test(plain, the_form_of_M_is_below_that_of_the_comparison_matrix, 0, CASES);
    tcase_add_test(plain, every_pair_of_blocks_is_bounded_and_every_family_of_blocks_is_needed);
    tcase_add_test(plain, the_largest_eigenvalue_of_M_is_at_most_mu);
    tcase_add_test(plain, restricted_to_keys_and_queries_both_blocks_are_needed);
    tcase_add_loop_test(plain, the_bound_is_the_largest_eigenvalue_of_the_matrix_but_for_a_thousandth, 0, CASES);
    tcase_add_test(plain, the_bound_is_one_whatever_it_starts_from);
    tcase_add_test(plain, anything_that_is_not_finite_makes_mu_infinite);
    tcase_add_test(plain, the_bound_does_not_depend_on_the_rounding_mode);
    suite_add_tcase(suite, plain);
    return fp_test_main(suite);
}
