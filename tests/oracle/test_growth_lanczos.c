/* SPDX-License-Identifier: MIT */
/* mu against the largest eigenvalue of -Hess L of whole instances, found by Lanczos with products from the flow's own field (central differences). Ritz values are below the eigenvalue, so
 * mu must be above them. FP_FULL=1 in the environment adds the paper's own experiment, 24,704 variables, at t = 1/64, 1 and 4. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/flow_instances.h"
#include "../support/fp_check.h"
#include "../support/second_variation.h"

enum { PREC = 128, STEPS = 40 };

typedef struct {
    fp_setting setting;
    fp_problem problem;
    fp_flow *flow;
    fp_vec *y, *side, *slope[2];
    plain_state s;
    mpfr_t a, b;
    size_t from[5], to[4];
} rig;

static void rig_open(rig *t, const char *name)
{
    fp_error err = {0};
    char *path = fp_asprintf("proofs/settings/%s.setting", name);
    memset(t, 0, sizeof *t);
    fp_ck_ok(fp_setting_read(&t->setting, path, &err), &err);
    free(path);
    fp_ck_ok(fp_problem_make(&t->problem, &t->setting, NULL, NULL, &err), &err);
    fp_ck_ok(fp_flow_new(&t->flow, FP_FLOW_REDUCED, &t->problem, PREC, NULL, &err), &err);
    const fp_layout *at = fp_flow_layout(t->flow);
    plain_init(&t->s, &t->problem, at->rows_v, at->rows_k);
    t->y = fp_flow_initial(t->flow);
    t->side = fp_vec_new(at->dim, PREC), t->slope[0] = fp_vec_new(at->dim, PREC), t->slope[1] = fp_vec_new(at->dim, PREC);
    mpfr_inits2(PREC, t->a, t->b, (mpfr_ptr)0);
    const size_t from[] = {0, t->s.v, t->s.k, t->s.q, t->s.dim}, to[] = {at->u, at->V, at->K, at->Q};
    memcpy(t->from, from, sizeof from);
    memcpy(t->to, to, sizeof to);
}

static void rig_close(rig *t)
{
    plain_clear(&t->s);
    fp_vec_free(t->y), fp_vec_free(t->side), fp_vec_free(t->slope[0]), fp_vec_free(t->slope[1]);
    mpfr_clears(t->a, t->b, (mpfr_ptr)0);
    fp_flow_free(t->flow);
    fp_problem_clear(&t->problem);
    fp_setting_clear(&t->setting);
}

static void evaluate(fp_vec *out, rig *t, const double *direction, double step, double root)
{
    for (int b = 0; b < 4; b++)
        for (size_t e = t->from[b]; e < t->from[b + 1]; e++) {
            mpfr_set_d(t->a, step * direction[e] * (b == 0 ? root : 1), MPFR_RNDN);
            mpfr_add_d(t->a, t->a, t->s.x[e], MPFR_RNDN);
            fp_vec_set(t->side, t->to[b] + e - t->from[b], t->a);
        }
    mpfr_set_zero(t->a, 1);
    fp_flow_field(t->flow)->rhs(out, t->a, t->side, fp_flow_field(t->flow)->ctx);
}

/* out = Df direction in the coordinates (u/sqrt m1, V, K, Q), by a central difference of step 2^-30 */
static void product(double *out, rig *t, const double *direction)
{
    double root = sqrt((double)t->problem.m1);
    evaluate(t->slope[0], t, direction, 0x1p-30, root);
    evaluate(t->slope[1], t, direction, -0x1p-30, root);
    for (int b = 0; b < 4; b++)
        for (size_t e = t->from[b]; e < t->from[b + 1]; e++) {
            fp_vec_get(t->a, t->slope[0], t->to[b] + e - t->from[b]);
            fp_vec_get(t->b, t->slope[1], t->to[b] + e - t->from[b]);
            mpfr_sub(t->a, t->a, t->b, MPFR_RNDN);
            out[e] = mpfr_get_d(t->a, MPFR_RNDN) * 0x1p29 / (b == 0 ? root : 1);
        }
}

static double dot(const double *x, const double *y, size_t n)
{
    double sum = 0;
    for (size_t e = 0; e < n; e++)
        sum += x[e] * y[e];
    return sum;
}

/* Removes from x what lies along the first `count` of the vectors, twice, and normalises; returns the length before. */
static double orthonormalise(double *x, const double *basis, size_t count, size_t n)
{
    for (int twice = 0; twice < 2; twice++)
        for (size_t k = 0; k < count; k++) {
            double c = dot(x, basis + k * n, n);
            for (size_t e = 0; e < n; e++)
                x[e] -= c * basis[k * n + e];
        }
    double length = sqrt(dot(x, x, n));
    for (size_t e = 0; e < n; e++)
        x[e] /= length;
    return length;
}

/* Largest Ritz value of Df after STEPS products; *form_M: x^T M x of its unit vector x, below the largest eigenvalue of M. */
static double lanczos(double *form_M, rig *t)
{
    size_t n = t->s.dim;
    double *basis = fp_alloc((STEPS + 1) * n, sizeof *basis), *T = fp_alloc(STEPS * STEPS, sizeof *T), *x = fp_alloc(n, sizeof *x), c[STEPS];
    for (size_t e = 0; e < n; e++)
        basis[e] = sin(1.3 * (double)e * (double)(e % 97));
    orthonormalise(basis, basis, 0, n);
    for (size_t k = 0; k < STEPS; k++) {
        double *next = basis + (k + 1) * n;
        product(next, t, basis + k * n);
        T[k * STEPS + k] = dot(next, basis + k * n, n);
        double length = orthonormalise(next, basis, k + 1, n);
        if (k + 1 < STEPS)
            T[k * STEPS + k + 1] = T[(k + 1) * STEPS + k] = length;
    }
    double ritz = largest_eigenvalue(T, STEPS);
    c[0] = 1; /* the eigenvector of T by its recurrence */
    for (size_t k = 0; k + 1 < STEPS; k++)
        c[k + 1] = ((ritz - T[k * STEPS + k]) * c[k] - (k ? T[k * STEPS + k - 1] * c[k - 1] : 0)) / T[k * STEPS + k + 1];
    for (size_t k = 0; k < STEPS; k++)
        for (size_t e = 0; e < n; e++)
            x[e] += c[k] * basis[k * n + e];
    orthonormalise(x, basis, 0, n);
    *form_M = (double)plain_M(&t->s, x);
    free(basis), free(T), free(x);
    return ritz;
}

static double mu_at(const plain_state *s)
{
    fp_range x;
    fp_widening w;
    mag_t r, mu;
    mag_init(r), mag_init(mu);
    fp_range_init_for(&x, &s->shape);
    fp_widening_init_for(&w, &s->shape);
    fp_growth *g = fp_growth_new_for(&s->shape);
    plain_range(&x, s);
    plain_vectors(fp_growth_get_vectors(g), s);
    fp_widening_of(&w, &s->shape, &x, r);
    fp_growth_bound_at(mu, g, &s->shape, &x, &w, r);
    double value = mag_get_d(mu);
    fp_growth_free(g);
    fp_widening_clear(&w);
    fp_range_clear(&x);
    mag_clear(r), mag_clear(mu);
    return value;
}

/* After each of the runs of RK4 steps: Ritz value and form below mu, and mu no more than 1/least times the larger of them. */
static void check(const char *name, const int (*runs)[2], int count, double least)
{
    rig t;
    rig_open(&t, name);
    for (int k = 0; k < count; k++) {
        double form = 0;
        rk4_go(t.y, fp_flow_field(t.flow), runs[k][0], runs[k][1]);
        plain_set(&t.s, fp_flow_layout(t.flow), t.y);
        double ritz = lanczos(&form, &t), mu = mu_at(&t.s);
        if (getenv("FP_FULL"))
            printf("%s, state %d: largest eigenvalue of -Hess L %.6g, of M at least %.6g, mu %.6g: %.3f\n", name, k, ritz, form, mu, form / mu);
        ck_assert_msg(ritz <= mu && form <= mu, "%s, state %d: %.12g and %.12g, mu %.12g", name, k, ritz, form, mu);
        ck_assert_msg(ritz >= least * mu, "%s, state %d: %.12g, mu %.12g", name, k, ritz, mu);
    }
    rig_close(&t);
}

START_TEST(mu_is_above_the_eigenvalues_of_the_small_setting)
{
    static const int runs[][2] = {{4, 6}, {60, 6}, {100, 4}};
    check("tiny", runs, 3, 0.7);
}
END_TEST

START_TEST(mu_is_above_the_eigenvalues_of_the_papers_experiment)
{
    static const int runs[][2] = {{16, 10}, {252, 8}, {96, 5}};
    if (getenv("FP_FULL"))
        check("paper-experiment", runs, 3, 0.6);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("growth, whole instances");
    TCase *plain = tcase_create("mu");
    tcase_set_timeout(plain, 900);
    tcase_add_test(plain, mu_is_above_the_eigenvalues_of_the_small_setting);
    tcase_add_test(plain, mu_is_above_the_eigenvalues_of_the_papers_experiment);
    suite_add_tcase(suite, plain);
    return fp_test_main(suite);
}
