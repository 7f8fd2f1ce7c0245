/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "../support/fp_check.h"
#include "../support/source_instance.h"

static double width(const arb_t x)
{
    return mag_get_d(arb_radref(x));
}

/* ---- values at t = 0 against sums written out from the weights, in long loops and another order than the library's */
typedef struct {
    const fp_problem *pb;
    arb_ptr G, score, p, F, g; /* d, d x d, n x L x L, n, n */
} naive;
enum { WIDE = 400 };

static void add_product(arb_t out, double x, double y)
{
    arb_t a, b;
    arb_init(a);
    arb_init(b);
    arb_set_d(a, x);
    arb_set_d(b, y);
    arb_addmul(out, a, b, WIDE);
    arb_clear(a);
    arb_clear(b);
}

static void naive_scores(naive *v)
{
    const fp_problem *pb = v->pb;
    v->G = _arb_vec_init(pb->d);
    v->score = _arb_vec_init(pb->d * pb->d);
    for (long mu = 0; mu < pb->d; mu++) {
        for (long j = 0; j < pb->m1; j++)
            for (long r = 0; r < pb->m; r++)
                add_product(v->G + mu, pb->a[j] * pb->W[j * pb->m + r], pb->W_V[r * pb->d + mu]);
        for (long nu = 0; nu < pb->d; nu++)
            for (long r = 0; r < pb->m; r++)
                add_product(v->score + nu * pb->d + mu, pb->W_K[r * pb->d + nu], pb->W_Q[r * pb->d + mu]);
    }
}

/* p_k = 1 / sum_h exp((score_h - score_k)/sqrt m) */
static void naive_row(arb_ptr p, const naive *v, const int *tok, long l)
{
    const fp_problem *pb = v->pb;
    arb_t e, root;
    arb_init(e);
    arb_init(root);
    arb_sqrt_ui(root, (ulong)pb->m, WIDE);
    for (long k = 0; k < pb->L; k++) {
        for (long h = 0; h < pb->L; h++) {
            arb_sub(e, v->score + (tok[h] - 1) * pb->d + tok[l] - 1, v->score + (tok[k] - 1) * pb->d + tok[l] - 1, WIDE);
            arb_div(e, e, root, WIDE);
            arb_exp(e, e, WIDE);
            arb_add(p + k, p + k, e, WIDE);
        }
        arb_inv(p + k, p + k, WIDE);
    }
    arb_clear(e);
    arb_clear(root);
}

static void naive_outputs(naive *v)
{
    const fp_problem *pb = v->pb;
    v->p = _arb_vec_init(pb->n * pb->L * pb->L);
    v->F = _arb_vec_init(pb->n);
    v->g = _arb_vec_init(pb->n);
    for (long i = 0; i < pb->n; i++) {
        const int *tok = pb->token + i * pb->L;
        for (long l = 0; l < pb->L; l++) {
            arb_ptr p = v->p + (i * pb->L + l) * pb->L;
            naive_row(p, v, tok, l);
            for (long k = 0; k < pb->L; k++)
                arb_addmul(v->F + i, p + k, v->G + tok[k] - 1, WIDE);
        }
        arb_mul_si(v->g + i, v->F + i, pb->label[i], WIDE);
        arb_exp(v->g + i, v->g + i, WIDE);
        arb_add_ui(v->g + i, v->g + i, 1, WIDE);
        arb_inv(v->g + i, v->g + i, WIDE);
    }
}

static void naive_clear(naive *v)
{
    _arb_vec_clear(v->G, v->pb->d);
    _arb_vec_clear(v->score, v->pb->d * v->pb->d);
    _arb_vec_clear(v->p, v->pb->n * v->pb->L * v->pb->L);
    _arb_vec_clear(v->F, v->pb->n);
    _arb_vec_clear(v->g, v->pb->n);
}

static void same_value(fp_source *s, const arb_t expected, fp_base base, long x, long y, long z)
{
    arb_ptr a = _arb_vec_init(2);
    tiny_ask(a, s, base, x, y, z, 0, FP_BY_EQUATIONS);
    ck_assert_msg(arb_overlaps(a, expected) && width(a) < 1e-70 && width(expected) < 1e-70, "%s[%ld,%ld,%ld]", fp_base_name(base), x, y, z);
    _arb_vec_clear(a, 2);
}

/* Position by position, all tokens compared: N(nu,mu) summed over all i, l, k with x_l = mu and x_k = nu. */
static void naive_N(arb_t out, arb_t c, const naive *v, long nu, long mu)
{
    const fp_problem *pb = v->pb;
    arb_t gap, x;
    arb_init(gap);
    arb_init(x);
    for (long i = 0; i < pb->n; i++)
        for (long l = 0; l < pb->L; l++)
            for (long k = 0; k < pb->L; k++) {
                const int *tok = pb->token + i * pb->L;
                arb_srcptr p = v->p + (i * pb->L + l) * pb->L;
                if (tok[k] != nu)
                    continue;
                arb_mul(x, v->g + i, p + k, WIDE);
                arb_mul_si(x, x, pb->label[i], WIDE);
                arb_add(c, c, x, WIDE);
                if (tok[l] != mu)
                    continue;
                arb_set(gap, v->G + nu - 1);
                for (long h = 0; h < pb->L; h++)
                    arb_submul(gap, p + h, v->G + tok[h] - 1, WIDE);
                arb_addmul(out, x, gap, WIDE);
            }
    arb_div_si(c, c, pb->n, WIDE);
    arb_div_si(out, out, pb->n, WIDE);
    arb_sqrt_ui(x, (ulong)pb->m, WIDE);
    arb_div(out, out, x, WIDE);
    arb_clear(gap);
    arb_clear(x);
}

static void check_forces(fp_source *s, const naive *v)
{
    arb_t N, c;
    arb_init(N);
    arb_init(c);
    for (long nu = 1; nu <= v->pb->d; nu++)
        for (long mu = 1; mu <= v->pb->d; mu++) {
            arb_zero(N);
            arb_zero(c);
            naive_N(N, c, v, nu, mu);
            same_value(s, N, FP_BASE_NN, nu, mu, 0);
            same_value(s, c, FP_BASE_C, nu, 0, 0);
        }
    arb_clear(N);
    arb_clear(c);
}

static void check_losses(fp_source *s, const naive *v)
{
    const fp_problem *pb = v->pb;
    arb_t loss, x;
    arb_ptr sums = _arb_vec_init(5);
    arb_init(loss);
    arb_init(x);
    for (long i = 0; i < pb->n; i++) { /* log(1+e^-z) = -log(1-g) */
        arb_sub_ui(x, v->g + i, 1, WIDE);
        arb_neg(x, x);
        arb_log(x, x, WIDE);
        arb_neg(x, x);
        same_value(s, x, FP_BASE_LOSSOF, i + 1, 0, 0);
        arb_add(loss, loss, x, WIDE);
        arb_add(sums + pb->group[i], sums + pb->group[i], v->g + i, WIDE);
    }
    arb_div_si(loss, loss, pb->n, WIDE);
    same_value(s, loss, FP_BASE_LOSS, 0, 0, 0);
    for (int group = 1; group <= 4; group++)
        same_value(s, sums + group, (fp_base)(FP_BASE_S1 + group - 1), 0, 0, 0);
    _arb_vec_clear(sums, 5);
    arb_clear(loss);
    arb_clear(x);
}

START_TEST(values_at_time_0_are_the_sums_of_the_definitions)
{
    tiny_instance tiny;
    tiny_open(&tiny);
    const fp_problem *pb = &tiny.problem;
    fp_source *s = fp_source_new_initial(pb, TINY_PREC);
    naive v = {.pb = pb};
    naive_scores(&v);
    naive_outputs(&v);
    for (long mu = 1; mu <= pb->d; mu++) {
        same_value(s, v.G + mu - 1, FP_BASE_G, mu, 0, 0);
        for (long nu = 1; nu <= pb->d; nu++)
            same_value(s, v.score + (nu - 1) * pb->d + mu - 1, FP_BASE_SCORE, nu, mu, 0);
    }
    for (long i = 1; i <= pb->n; i++) {
        same_value(s, v.F + i - 1, FP_BASE_F, i, 0, 0);
        same_value(s, v.g + i - 1, FP_BASE_GI, i, 0, 0);
        for (long l = 1; l <= pb->L; l++)
            for (long k = 1; k <= pb->L; k++)
                same_value(s, v.p + ((i - 1) * pb->L + l - 1) * pb->L + k - 1, FP_BASE_P, i, l, k);
    }
    check_forces(s, &v);
    check_losses(s, &v);
    naive_clear(&v);
    fp_source_free(s);
    tiny_close(&tiny);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("source values");
    TCase *tests = tcase_create("source values");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, values_at_time_0_are_the_sums_of_the_definitions);
    suite_add_tcase(suite, tests);
    return fp_test_main(suite);
}
