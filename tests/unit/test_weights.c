/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "../support/instance.h"

/* ---- drawn weights */

START_TEST(normal_weights_have_the_moments_of_their_sigma)
{
    fp_setting s;
    fp_problem p;
    arb_t s0, s1;
    arb_init(s0);
    arb_init(s1);
    setting(&s, "n=6\nL=4\nd=100\nm=1000\nm1=1\ninit=kaiming-normal");
    make(&p, &s);
    ck_assert(p.sigmas_known && fp_problem_sigma(s0, s1, &p, 64));
    double sigma = arf_get_d(arb_midref(s0), ARF_RND_NEAR), count = 100000, sum[5] = {0}, cross = 0;
    ck_assert(fabs(sigma - sqrt(0.02)) < 1e-15);
    for (int i = 0; i < 100000; i++) {
        double z = p.W_V[i] / sigma;
        sum[1] += z, sum[2] += z * z, sum[3] += z * z * z, sum[4] += z * z * z * z;
        cross += z * p.W_K[i] / sigma;
    }
    /* variances of z, z^2, z^3, z^4, zz': 1, 2, 15, 96, 1; six standard deviations */
    ck_assert(fabs(sum[1]) < 6 * sqrt(count));
    ck_assert(fabs(sum[2] - count) < 6 * sqrt(2 * count));
    ck_assert(fabs(sum[3]) < 6 * sqrt(15 * count));
    ck_assert(fabs(sum[4] - 3 * count) < 6 * sqrt(96 * count));
    ck_assert(fabs(cross) < 6 * sqrt(count));
    fp_problem_clear(&p);
    fp_setting_clear(&s);
    arb_clear(s0);
    arb_clear(s1);
}
END_TEST

/* Box-Muller again, in MPFR at 300 bits: Ziv's test by plain excess precision (a wrong rounding has chance 2^-240). */
static double deviate(fp_rng *rng, bool second, double *scaled, unsigned long variance_num, unsigned long variance_den)
{
    mpfr_t u1, u2, pi;
    mpfr_inits2(300, u1, u2, pi, (mpfr_ptr)0);
    uint64_t x1 = fp_rng_u64(rng), x2 = fp_rng_u64(rng);
    mpfr_set_ui(u1, x1, MPFR_RNDN);
    mpfr_add_ui(u1, u1, 1, MPFR_RNDN);
    mpfr_div_2ui(u1, u1, 64, MPFR_RNDN);
    mpfr_set_ui(u2, x2, MPFR_RNDN);
    mpfr_add_ui(u2, u2, 1, MPFR_RNDN);
    mpfr_div_2ui(u2, u2, 63, MPFR_RNDN);
    mpfr_const_pi(pi, MPFR_RNDN);
    mpfr_mul(u2, u2, pi, MPFR_RNDN);
    if (second)
        mpfr_sin(u2, u2, MPFR_RNDN);
    else
        mpfr_cos(u2, u2, MPFR_RNDN);
    mpfr_log(u1, u1, MPFR_RNDN);
    mpfr_mul_si(u1, u1, -2, MPFR_RNDN);
    mpfr_sqrt(u1, u1, MPFR_RNDN);
    mpfr_mul(u1, u1, u2, MPFR_RNDN);
    double z = mpfr_get_d(u1, MPFR_RNDN);
    mpfr_set_ui(u2, variance_num, MPFR_RNDN);
    mpfr_div_ui(u2, u2, variance_den, MPFR_RNDN);
    mpfr_sqrt(u2, u2, MPFR_RNDN);
    mpfr_mul_d(u2, u2, z, MPFR_RNDN);
    *scaled = mpfr_get_d(u2, MPFR_RNDN);
    mpfr_clears(u1, u2, pi, (mpfr_ptr)0);
    return z;
}

START_TEST(normal_weights_equal_an_independent_evaluation_bit_for_bit)
{
    fp_setting s;
    fp_problem p;
    setting(&s, "n=6\nL=4\nd=23\nm=17\nm1=9\ninit=kaiming-normal\nseed=12345678901234567");
    make(&p, &s);
    for (int matrix = 0; matrix < 2; matrix++) {
        fp_rng rng;
        const double *x = matrix ? p.W : p.W_Q;
        fp_rng_init(&rng, s.seed, matrix ? FP_STREAM_W : FP_STREAM_W_Q);
        for (int r = 0; r < (matrix ? 9 * 17 : 17 * 23); r++) {
            fp_rng before = rng;
            double weight;
            deviate(&rng, r % 2 == 1, &weight, 2, matrix ? 17 : 23);
            ck_assert_msg(x[r] == weight, "entry %d of %s: %a, not %a", r, matrix ? "W" : "W_Q", x[r], weight);
            if (r % 2 == 0) rng = before;
        }
    }
    fp_problem_clear(&p);
    fp_setting_clear(&s);
}
END_TEST

/* sigma = 5/3 makes products that lie exactly halfway; sqrt(2/18) = 1/3 makes exact ones. Rounded in rationals. */
START_TEST(rational_sigmas_round_ties_to_even)
{
    static const char *const text[] = {"5/3", "sqrt(25/9)"};
    for (int k = 0; k < 2; k++) {
        fp_setting s;
        fp_problem p, unit;
        int ties = 0;
        char *t = fp_asprintf("n=6\nL=4\nd=13\nm=200\nm1=1\ninit=normal\nsigma1=1\nsigma0=%s", text[k]);
        setting(&s, t);
        make(&p, &s);
        free(s.sigma0);
        s.sigma0 = fp_strdup("1");
        make(&unit, &s);
        mpq_t q;
        mpfr_t exact, wide;
        mpq_init(q);
        mpfr_init2(exact, 53);
        mpfr_init2(wide, 54);
        for (int r = 0; r < 200 * 13; r++) {
            mpq_set_d(q, unit.W_V[r]);
            mpq_t f;
            mpq_init(f);
            mpq_set_ui(f, 5, 3);
            mpq_mul(q, q, f);
            mpq_clear(f);
            int inexact = mpfr_set_q(exact, q, MPFR_RNDN);
            ties += inexact != 0 && mpfr_set_q(wide, q, MPFR_RNDN) == 0;
            ck_assert_msg(p.W_V[r] == mpfr_get_d(exact, MPFR_RNDN), "entry %d", r);
        }
        ck_assert_int_gt(ties, 100);
        mpq_clear(q);
        mpfr_clear(exact);
        mpfr_clear(wide);
        fp_problem_clear(&p);
        fp_problem_clear(&unit);
        fp_setting_clear(&s);
        free(t);
    }
}
END_TEST

START_TEST(uniform_weights_stay_within_their_bound_and_have_their_sigma)
{
    static const struct {
        const char *init;
        double bound;
    } row[] = {{"kaiming-uniform", 6}, {"framework-default", 1}};
    for (int k = 0; k < 2; k++) {
        fp_setting s;
        fp_problem p;
        arb_t s0, s1;
        double square = 0, largest = 0, bound = sqrt(row[k].bound / 50);
        char *text = fp_asprintf("n=6\nL=4\nd=50\nm=1000\nm1=3\ninit=%s", row[k].init);
        arb_init(s0);
        arb_init(s1);
        setting(&s, text);
        make(&p, &s);
        for (int i = 0; i < 50000; i++) {
            square += p.W_K[i] * p.W_K[i];
            largest = fmax(largest, fabs(p.W_K[i]));
        }
        ck_assert(fp_problem_sigma(s0, s1, &p, 64));
        double sigma = arf_get_d(arb_midref(s0), ARF_RND_NEAR);
        ck_assert(fabs(sigma * sqrt(3) - bound) < 1e-15);
        ck_assert(largest <= bound && largest > 0.999 * bound);
        /* x^2/sigma^2 has variance 9/5 - 1 = 4/5 */
        ck_assert(fabs(square / (sigma * sigma) - 50000) < 6 * sqrt(0.8 * 50000));
        fp_problem_clear(&p);
        fp_setting_clear(&s);
        arb_clear(s0);
        arb_clear(s1);
        free(text);
    }
}
END_TEST

START_TEST(the_theory_sigmas_are_those_of_the_paper)
{
    fp_setting s;
    fp_problem p;
    arb_t s0, s1;
    arb_init(s0);
    arb_init(s1);
    setting(&s, "n=6\nL=4\nd=13\nm=16\nm1=4\ninit=theory\ndelta=1/100");
    make(&p, &s);
    for (slong prec = 64; prec <= 4096; prec *= 8) {
        ck_assert(fp_problem_sigma(s0, s1, &p, prec));
        ck_assert(arb_rel_accuracy_bits(s0) > prec - 16);
    }
    /* Lemma D.8 in the form of its proof equals 1/100 */
    double sigma0 = arf_get_d(arb_midref(s0), ARF_RND_NEAR), sigma1 = arf_get_d(arb_midref(s1), ARF_RND_NEAR);
    double bound = 2 * sigma0 * sigma1 * sqrt(2.0 * 4 * 16 * 4 * log(4 * 6 * 4 / 0.01) * log(2 * 4 * 6 / 0.01));
    ck_assert(fabs(bound - 0.01) < 1e-15);
    ck_assert(fabs(sigma1 - 0.5) < 1e-16);
    fp_problem_clear(&p);
    fp_setting_clear(&s);
    arb_clear(s0);
    arb_clear(s1);
}
END_TEST

START_TEST(changing_m_keeps_the_data_and_the_first_rows)
{
    fp_setting s;
    fp_problem p, q;
    setting(&s, TINY);
    s.init = FP_INIT_KAIMING_NORMAL;
    make(&p, &s);
    s.m = 32;
    make(&q, &s);
    ck_assert_str_eq(p.data_sha256, q.data_sha256);
    ck_assert_str_ne(p.weights_sha256, q.weights_sha256);
    ck_assert_mem_eq(p.a, q.a, sizeof *p.a * 4);
    ck_assert_mem_eq(p.W_V, q.W_V, sizeof *p.W_V * 16 * 13);
    fp_problem_clear(&q);
    s.m = 16;
    s.seed = 2;
    make(&q, &s);
    ck_assert_str_ne(p.data_sha256, q.data_sha256);
    ck_assert_str_ne(p.weights_sha256, q.weights_sha256);
    fp_problem_clear(&p);
    fp_problem_clear(&q);
    fp_setting_clear(&s);
}
END_TEST

/* Pinned: any change of these digests is a change of every drawn instance and must be deliberate. */
START_TEST(the_tiny_instance_is_the_same_on_every_machine)
{
    fp_setting s;
    fp_problem p;
    ck_assert_msg(fp_setting_read(&s, "proofs/settings/tiny.setting", &err) == FP_OK, "%s", err.message);
    make(&p, &s);
    ck_assert_str_eq(p.data_sha256, "7785740d49bb6216e587dd6ff238bf0e9287b95041ced9d799e521937cb0a62c");
    ck_assert_str_eq(p.weights_sha256, "ee0e1c7b17ab1d7da26ea73d3c10943fe793f807e20f1fb3311d5a0db0dea5f4");
    fp_problem_clear(&p);
    fp_setting_clear(&s);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        normal_weights_have_the_moments_of_their_sigma,
        normal_weights_equal_an_independent_evaluation_bit_for_bit,
        rational_sigmas_round_ties_to_even,
        uniform_weights_stay_within_their_bound_and_have_their_sigma,
        the_theory_sigmas_are_those_of_the_paper,
        changing_m_keeps_the_data_and_the_first_rows,
        the_tiny_instance_is_the_same_on_every_machine,
    };
    return run_tests("weights", tests, sizeof tests / sizeof tests[0]);
}
