/* SPDX-License-Identifier: MIT */
/* mu against the largest eigenvalues, and against anything that is not a number. */
#include <fenv.h>
#include <math.h>
#include <stdlib.h>

#include "../support/fp_check.h"
#include "../support/growth_rig.h"

static double uniform(fp_rng *r)
{
    return (double)(fp_rng_u32(r) >> 1) * 0x1p-30 - 1;
}

/* ---- eigenvalues */
enum { MIXED = 1u << UK | 1u << UQ | 1u << KV | 1u << QV, OUTSIDE_KQ = MIXED | 1u << UV };

typedef struct {
    double ratio;
    bool without_uv, without_mixed;
} eigen_seen;

static bool fails_without(const fp_comparison *B, const fp_series_shape *shape, unsigned mask, double lambda)
{
    fp_comparison broken;
    comparison_without(&broken, B, shape, mask);
    bool fails = lambda > growth_bound_of(&broken) * (1 + 1e-6);
    fp_comparison_clear(&broken);
    return fails;
}

static void see_eigenvalue(eigen_seen *seen, growth_rig *t, int k, int state)
{
    double *M = plain_M_dense(&t->s, 0), lambda = largest_eigenvalue(M, t->s.dim), mu = growth_rig_mu(t);
    ck_assert_msg(lambda <= mu, "case %d, state %d: eigenvalue %.12g above mu = %.12g", k, state, lambda, mu);
    const fp_comparison *B = growth_rig_matrix(t);
    seen->ratio = fmax(seen->ratio, lambda / mu);
    seen->without_uv |= fails_without(B, &t->s.shape, 1u << UV, lambda);
    seen->without_mixed |= fails_without(B, &t->s.shape, MIXED, lambda);
    free(M);
}

START_TEST(the_largest_eigenvalue_of_M_is_at_most_mu)
{
    eigen_seen seen = {0, false, false};
    for (int k = 0; k < GROWTH_CASES; k++) {
        growth_rig t;
        if (k == GROWTH_TRIVIAL || k == GROWTH_LARGE)
            continue;
        growth_rig_open(&t, k);
        for (int state = 0; state < GROWTH_STATES; state++) {
            see_eigenvalue(&seen, &t, k, state);
            growth_rig_advance(&t, state);
        }
        growth_rig_close(&t);
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
    for (int k = 0; k < GROWTH_CASES; k++) {
        growth_rig t;
        if (k == GROWTH_TRIVIAL || k == GROWTH_LARGE)
            continue;
        growth_rig_open(&t, k);
        for (int state = 0; state < GROWTH_STATES; state++) {
            double *M = plain_M_dense(&t.s, t.s.k), lambda = largest_eigenvalue(M, t.s.dim - t.s.k);
            fp_comparison part, scores, cumulant;
            comparison_without(&part, growth_rig_matrix(&t), &t.s.shape, OUTSIDE_KQ);
            fp_comparison_init(&scores, &t.s.shape), fp_comparison_init(&cumulant, &t.s.shape);
            fp_growth_add_scores(&scores, &t.s.shape, &t.x, &t.w);
            fp_growth_add_cumulant(&cumulant, t.g, &t.s.shape, &t.x, &t.w);
            double mu = growth_bound_of(&part);
            ck_assert_msg(lambda <= mu, "case %d, state %d: %.12g above %.12g", k, state, lambda, mu);
            ratio = fmax(ratio, lambda / mu);
            without_scores |= lambda > growth_bound_of(&cumulant) * (1 + 1e-6);
            without_cumulant |= lambda > growth_bound_of(&scores) * (1 + 1e-6);
            fp_comparison_clear(&part), fp_comparison_clear(&scores), fp_comparison_clear(&cumulant);
            free(M);
            growth_rig_advance(&t, state);
        }
        growth_rig_close(&t);
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
        for (size_t e = 0; e < comparison_size(B, f); e++) {
            size_t a, b;
            comparison_blocks(&a, &b, B, f, e);
            M[a * n + b] = M[b * n + a] = mag_get_d(comparison_entries(B, f) + e);
        }
    return M;
}

START_TEST(the_bound_is_the_largest_eigenvalue_of_the_matrix_but_for_a_thousandth)
{
    growth_rig t;
    growth_rig_open(&t, _i);
    for (int state = 0; state < GROWTH_STATES; state++) {
        const fp_comparison *B = growth_rig_matrix(&t);
        double *M = dense(B), lambda = largest_eigenvalue(M, 3 * B->d + 1), bound = growth_bound_of(B);
        ck_assert_msg(lambda <= bound && bound <= 1.002 * lambda, "case %d, state %d: eigenvalue %.12g, bound %.12g", _i, state, lambda, bound);
        free(M);
        growth_rig_advance(&t, state);
    }
    growth_rig_close(&t);
}
END_TEST

/* Any start will do: it only guides. */
START_TEST(the_bound_is_one_whatever_it_starts_from)
{
    static const double odd[] = {0, -1, 1e-320, 1e300, 5, 0x1p-390, 0x1p390};
    growth_rig t;
    fp_rng r;
    mag_t mu;
    mag_init(mu);
    fp_rng_init(&r, 8, 0);
    growth_rig_open(&t, 0);
    const fp_comparison *B = growth_rig_matrix(&t);
    double *M = dense(B), lambda = largest_eigenvalue(M, 3 * B->d + 1), *w = fp_alloc(3 * B->d + 1, sizeof *w);
    for (int k = 0; k < 40; k++) {
        for (size_t e = 0; e < 3 * B->d + 1; e++)
            w[e] = k == 0 ? NAN : k == 1 ? INFINITY : k < 9 ? odd[k - 2] : k < 20 ? odd[fp_rng_below(&r, 7)] : exp(20 * uniform(&r));
        fp_comparison_bound(mu, B, w);
        ck_assert_msg(lambda <= mag_get_d(mu) && mag_is_finite(mu), "start %d", k);
    }
    free(M), free(w);
    mag_clear(mu);
    growth_rig_close(&t);
}
END_TEST

/* ---- what is not finite, and how numbers are rounded */
START_TEST(anything_that_is_not_finite_makes_mu_infinite)
{
    growth_rig t;
    growth_rig_open(&t, 0);
    arb_ptr scalars[] = {t.x.G, t.x.s, t.x.p, t.x.o, t.x.F, t.x.g, t.x.c, t.x.N};
    mag_ptr norms[] = {t.x.u, t.x.v, t.x.k, t.x.q};
    fp_growth_vectors *at = fp_growth_get_vectors(t.g);
    double *vectors[] = {at->v, at->k, at->q}, bad[] = {NAN, INFINITY, -INFINITY, 1e300};
    for (int e = 0; e < 8; e++) {
        arb_indeterminate(scalars[e]);
        fp_widening_of(&t.w, &t.s.shape, &t.x, t.r);
        ck_assert_msg(isinf(growth_rig_mu(&t)), "scalar %d", e);
        growth_rig_refresh(&t);
        mag_inf(arb_radref(scalars[e]));
        ck_assert_msg(isinf(growth_rig_mu(&t)), "scalar %d with the widening of before", e);
        growth_rig_refresh(&t);
    }
    for (int e = 0; e < 4; e++) {
        mag_inf(norms[e]);
        ck_assert_msg(isinf(growth_rig_mu(&t)), "norm %d", e);
        growth_rig_refresh(&t);
    }
    for (int e = 0; e < 12; e++) {
        vectors[e / 4][1] = bad[e % 4];
        ck_assert_msg(growth_rig_mu(&t) > 1e100, "vector %d with %g", e / 4, bad[e % 4]);
        growth_rig_refresh(&t);
    }
    mag_inf(t.r);
    ck_assert(isinf(growth_rig_mu(&t)));
    fp_widening_of(&t.w, &t.s.shape, &t.x, t.r);
    ck_assert(mag_is_inf(t.w.c) && isinf(growth_rig_mu(&t)));
    mag_zero(t.r);
    growth_rig_refresh(&t);
    ck_assert(growth_rig_mu(&t) < 100);
    growth_rig_close(&t);
}
END_TEST

/* Bounds are bounds in every rounding mode and differ by roundings only. */
START_TEST(the_bound_does_not_depend_on_the_rounding_mode)
{
    static const int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    growth_rig t;
    double mu[4];
    growth_rig_open(&t, 4);
    double *M = plain_M_dense(&t.s, 0), lambda = largest_eigenvalue(M, t.s.dim);
    for (int k = 0; k < 4; k++) {
        ck_assert_int_eq(fesetround(modes[k]), 0);
        mu[k] = growth_rig_mu(&t);
        fesetround(FE_TONEAREST);
        ck_assert_msg(lambda <= mu[k] && fabs(mu[k] - mu[0]) <= 1e-6 * mu[0], "mode %d: %.12g instead of %.12g", k, mu[k], mu[0]);
    }
    free(M);
    growth_rig_close(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("growth, eigenvalues");
    TCase *plain = tcase_create("mu");
    tcase_set_timeout(plain, 120);
    tcase_add_test(plain, the_largest_eigenvalue_of_M_is_at_most_mu);
    tcase_add_test(plain, restricted_to_keys_and_queries_both_blocks_are_needed);
    tcase_add_loop_test(plain, the_bound_is_the_largest_eigenvalue_of_the_matrix_but_for_a_thousandth, 0, GROWTH_CASES);
    tcase_add_test(plain, the_bound_is_one_whatever_it_starts_from);
    tcase_add_test(plain, anything_that_is_not_finite_makes_mu_infinite);
    tcase_add_test(plain, the_bound_does_not_depend_on_the_rounding_mode);
    suite_add_tcase(suite, plain);
    return fp_test_main(suite);
}
