/* SPDX-License-Identifier: MIT */
/* The generalisation loss against the plainest program: every ordered choice of random tokens, in double precision. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "../../src/claims/population.h"

enum { D = 7, TALL = 5 };

typedef struct {
    double loss, share; /* mean loss; largest |share of random tokens| */
    double worst[4];
} plain;

/* score/sqrt m and G of a made-up state, far from symmetric */
static double score(long nu, long mu) { return sin(3.1 * (double)nu + 1.7 * (double)mu * (double)mu) * 1.3; }
static double value(long nu) { return cos(2.3 * (double)nu) * 1.9; }

static const long special[4][3] = {{0, 1, 2}, {0, 2, 0}, {1, 2, 0}, {2, 0, 0}};
static const int specials[4] = {3, 2, 2, 1}, label[4] = {1, -1, -1, -1};
static const double probability[4] = {0.5, 1.0 / 6, 1.0 / 6, 1.0 / 6};

static void sample(double *F, double *share, const long *token, long L)
{
    *F = *share = 0;
    for (long l = 0; l < L; l++) {
        double sum = 0, all = 0, random = 0;
        for (long k = 0; k < L; k++) {
            double w = exp(score(token[k], token[l]));
            sum += w;
            all += w * value(token[k]);
            if (token[k] >= 3) random += w * value(token[k]);
        }
        *F += all / sum;
        *share += random / sum;
    }
}

static plain plain_answer(long L)
{
    plain out = {0};
    for (int c = 0; c < 4; c++) {
        long r = L - specials[c], count = 1, token[TALL];
        for (long k = 0; k < r; k++) count *= D - 3;
        double mean = 0;
        for (long code = 0; code < count; code++) {
            long rest = code;
            for (int k = 0; k < specials[c]; k++) token[k] = special[c][k];
            for (long k = specials[c]; k < L; k++, rest /= D - 3) token[k] = 3 + rest % (D - 3);
            double F, share;
            sample(&F, &share, token, L);
            double loss = log1p(exp(-label[c] * F));
            mean += loss / (double)count;
            if (loss > out.worst[c]) out.worst[c] = loss;
            if (fabs(share) > out.share) out.share = fabs(share);
        }
        out.loss += probability[c] * mean;
    }
    return out;
}

static void tables(fp_population *p, long L)
{
    arb_t g;
    arb_init(g);
    fp_population_init(p, D, L, 64);
    for (long nu = 0; nu < D; nu++) {
        arb_set_d(g, value(nu));
        for (long mu = 0; mu < D; mu++) {
            arb_set_d(p->weight + nu * D + mu, score(nu, mu));
            arb_exp(p->weight + nu * D + mu, p->weight + nu * D + mu, 64);
            arb_mul(p->weighted + nu * D + mu, p->weight + nu * D + mu, g, 64);
        }
    }
    arb_clear(g);
}

static double middle(const arb_t x) { return arf_get_d(arb_midref(x), ARF_RND_NEAR); }

START_TEST(enumeration_agrees_with_every_ordered_choice)
{
    long L = 3 + _i;
    plain expect = plain_answer(L);
    fp_population p;
    arb_t x;
    arb_init(x);
    tables(&p, L);
    fp_population_exact(x, &p);
    ck_assert_double_eq_tol(middle(x), expect.loss, 1e-13);
    ck_assert_double_lt(mag_get_d(arb_radref(x)), 1e-14);
    arb_clear(x);
    fp_population_clear(&p);
}
END_TEST

START_TEST(bounds_lie_above_every_sample_and_not_far_above)
{
    long L = 3 + _i;
    plain expect = plain_answer(L);
    double worst = 0;
    for (int c = 0; c < 4; c++) worst += probability[c] * expect.worst[c];
    fp_population p;
    arb_t x;
    arb_init(x);
    tables(&p, L);
    fp_population_bound(x, &p);
    ck_assert_double_ge(middle(x), worst - 1e-13);
    ck_assert_double_le(middle(x), 3 * worst);
    fp_population_random_share(x, &p);
    ck_assert_double_ge(middle(x), expect.share - 1e-13);
    ck_assert_double_le(middle(x), 3 * expect.share);
    arb_clear(x);
    fp_population_clear(&p);
}
END_TEST

/* At level 0.999 about one seed in a thousand may miss; these do not, and the interval is not vacuous. */
START_TEST(confidence_intervals_hold_the_expectation)
{
    plain expect = plain_answer(4);
    fp_population p;
    arb_t x;
    arb_init(x);
    tables(&p, 4);
    for (uint64_t seed = 1; seed <= 20; seed++) {
        fp_population_sampled(x, &p, seed);
        ck_assert_double_le(fabs(middle(x) - expect.loss), mag_get_d(arb_radref(x)));
        ck_assert_double_lt(mag_get_d(arb_radref(x)), 0.2 * expect.loss);
        ck_assert_double_gt(mag_get_d(arb_radref(x)), 1e-3 * expect.loss);
    }
    arb_clear(x);
    fp_population_clear(&p);
}
END_TEST

START_TEST(sizes_without_a_distribution_are_refused)
{
    ck_assert_ptr_nonnull(fp_population_why_not(10, 2));
    ck_assert_ptr_nonnull(fp_population_why_not(3, 4));
    ck_assert_ptr_null(fp_population_why_not(4, 3));
    ck_assert_double_eq(fp_population_multisets(64, 5), 1891 + 2 * 39711 + 635376);
    ck_assert_double_gt(fp_population_multisets(163, 5), FP_POPULATION_MOST);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("population");
    TCase *cases = tcase_create("population");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, enumeration_agrees_with_every_ordered_choice, 0, 3);
    tcase_add_loop_test(cases, bounds_lie_above_every_sample_and_not_far_above, 0, 3);
    tcase_add_test(cases, confidence_intervals_hold_the_expectation);
    tcase_add_test(cases, sizes_without_a_distribution_are_refused);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
