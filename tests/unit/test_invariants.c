/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "../support/flow_instances.h"
#include "../support/fp_check.h"

static const fp_flow_kind kinds[] = {FP_FLOW_WEIGHTS, FP_FLOW_REDUCED, FP_FLOW_GRAM, FP_FLOW_COMPRESSED};
enum { KINDS = 4, PREC = 192 };

#define OUTPUTS "u u^T - m1 W_V W_V^T"
#define SCORES "W_K W_K^T - W_Q W_Q^T"
#define NEURONS "W^T W - W_V W_V^T"
#define LINEAR "w_j - a_j u/m1"
#define ENERGY "energy dLhat/dt + |grad Lhat|^2"

typedef struct {
    fp_problem problem;
    fp_flow *flow;
    fp_vec *y0, *y;
} run;

static void run_open(run *r, size_t instance, fp_flow_kind kind)
{
    fp_error err = {0};
    instance_make(&r->problem, instance);
    ck_assert_msg(fp_flow_new(&r->flow, kind, &r->problem, PREC, NULL, &err) == FP_OK, "%s", err.message);
    r->y0 = fp_flow_initial(r->flow);
    r->y = fp_flow_initial(r->flow);
}

static void run_close(run *r)
{
    fp_vec_free(r->y0);
    fp_vec_free(r->y);
    fp_flow_free(r->flow);
    instance_clear(&r->problem);
}

/* Drift of the invariant whose name begins with `name`; the largest if several do. NaN counts as 10^300. */
static double drift(run *r, const char *name)
{
    fp_invariant list[FP_INVARIANTS_MAX];
    size_t count = fp_flow_invariants(list, r->flow, r->y0, r->y);
    double largest = -1;
    for (size_t k = 0; k < count; k++)
        if (strncmp(list[k].name, name, strlen(name)) == 0) {
            double x = mpfr_nan_p(list[k].drift) ? 1e300 : mpfr_get_d(list[k].drift, MPFR_RNDU);
            largest = x > largest ? x : largest;
        }
    fp_invariants_clear(list, count);
    ck_assert_msg(largest >= 0, "no invariant '%s'", name);
    return largest;
}

/* Sums of at most 200 terms that cancel to 2^-10 of their size. */
static const double rounding = 0x1p-170;

START_TEST(every_form_lists_its_invariants)
{
    const size_t counts[] = {5, 3, 9, 3};
    for (size_t k = 0; k < KINDS; k++) {
        run r;
        fp_invariant list[FP_INVARIANTS_MAX];
        run_open(&r, 0, kinds[k]);
        size_t count = fp_flow_invariants(list, r.flow, r.y0, r.y);
        ck_assert_uint_eq(count, counts[k]);
        for (size_t x = 0; x + 1 < count; x++)
            ck_assert_msg(mpfr_zero_p(list[x].drift), "%s is not 0 at the start", list[x].name);
        ck_assert(strcmp(list[count - 1].name, ENERGY) == 0);
        fp_invariants_clear(list, count);
        run_close(&r);
    }
}
END_TEST

START_TEST(energy_balance_holds_to_rounding)
{
    for (size_t k = 0; k < KINDS; k++) {
        run r;
        run_open(&r, (size_t)_i, kinds[k]);
        rk4_go(r.y, fp_flow_field(r.flow), 4, 3);
        ck_assert_msg(drift(&r, ENERGY) < rounding, "instance %d, %s: %g", _i, fp_flow_kind_name(kinds[k]), drift(&r, ENERGY));
        run_close(&r);
    }
}
END_TEST

/* RK4 keeps linear invariants exactly and quadratic ones to its order: h/2 divides the drift by at least 16. */
START_TEST(drift_is_that_of_the_method)
{
    static const char *const quadratic[KINDS][3] = {{OUTPUTS, SCORES, NEURONS},
                                                       {OUTPUTS, SCORES, SCORES},
                                                       {"tr (Gamma1", "tr (Gamma2", "tr (Gamma2 J2)^4"},
                                                       {OUTPUTS, SCORES, SCORES}};
    for (size_t k = 0; k < KINDS; k++)
        for (size_t q = 0; q < 3; q++) {
            double x[2];
            for (int half = 0; half < 2; half++) {
                run r;
                run_open(&r, 0, kinds[k]);
                rk4_go(r.y, fp_flow_field(r.flow), 16 << half, 4 + half);
                x[half] = drift(&r, quadratic[k][q]);
                if (kinds[k] == FP_FLOW_WEIGHTS)
                    ck_assert(drift(&r, LINEAR) < rounding);
                run_close(&r);
            }
            ck_assert_msg(x[0] > rounding && x[0] < 1e-4 && x[1] * 12 < x[0], "%s %s: %g, then %g",
                          fp_flow_kind_name(kinds[k]), quadratic[k][q], x[0], x[1]);
        }
}
END_TEST

/* A field with one block scaled by 1 + 1/64. */
typedef struct {
    const fp_field *field;
    size_t at, len;
} broken;

static void broken_rhs(fp_vec *dy, mpfr_srcptr t, const fp_vec *y, void *ctx)
{
    const broken *b = ctx;
    mpfr_t x;
    mpfr_init2(x, fp_vec_prec(y));
    b->field->rhs(dy, t, y, b->field->ctx);
    for (size_t e = b->at; e < b->at + b->len; e++) {
        fp_vec_get(x, dy, e);
        mpfr_mul_d(x, x, 1.015625, MPFR_RNDN);
        fp_vec_set(dy, e, x);
    }
    mpfr_clear(x);
}

static double broken_drift(fp_flow_kind kind, size_t at, size_t len, const char *name)
{
    run r;
    run_open(&r, 0, kind);
    broken b = {fp_flow_field(r.flow), at, len};
    fp_field field = {.dim = fp_flow_layout(r.flow)->dim, .rhs = broken_rhs, .ctx = &b};
    rk4_go(r.y, &field, 16, 4);
    double x = drift(&r, name);
    run_close(&r);
    return x;
}

START_TEST(a_wrong_field_shows_in_the_drift)
{
    run r;
    run_open(&r, 0, FP_FLOW_WEIGHTS);
    fp_layout w = *fp_flow_layout(r.flow);
    run_close(&r);
    run_open(&r, 0, FP_FLOW_GRAM);
    fp_layout g = *fp_flow_layout(r.flow);
    run_close(&r);
    size_t column = (size_t)w.d * (size_t)w.m, square = (size_t)g.d * (size_t)g.d;
    const struct {
        fp_flow_kind kind;
        size_t at, len;
        const char *shows;
    } cases[] = {
        {FP_FLOW_WEIGHTS, w.W, (size_t)w.m, LINEAR},
        {FP_FLOW_WEIGHTS, w.V, column, NEURONS},
        {FP_FLOW_WEIGHTS, w.V, column, OUTPUTS},
        {FP_FLOW_WEIGHTS, w.K, column, SCORES},
        {FP_FLOW_WEIGHTS, w.Q, column, SCORES},
        {FP_FLOW_GRAM, g.A, square, "tr (Gamma2"},
        {FP_FLOW_GRAM, g.P, square, "tr (Gamma2 J2)^1"},
        {FP_FLOW_GRAM, g.R, square, "tr (Gamma2 J2)^1"},
        {FP_FLOW_GRAM, g.B, square, "tr (Gamma1 J1)^1"},
        {FP_FLOW_GRAM, g.G, (size_t)g.d, "tr (Gamma1 J1)^2"},
        {FP_FLOW_GRAM, g.rho, 1, "tr (Gamma1 J1)^1"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        double x = broken_drift(cases[k].kind, cases[k].at, cases[k].len, cases[k].shows);
        double whole = broken_drift(cases[k].kind, 0, 0, cases[k].shows);
        ck_assert_msg(x > 1e-5 && x > 10 * whole, "case %zu, %s: %g, unbroken %g", k, cases[k].shows, x, whole);
    }
}
END_TEST

/* One entry k of W_K moved by 2^-20: W_K W_K^T - W_Q W_Q^T moves by 2^-20 |k'| in its row, 2^-19 |k| on the diagonal. */
START_TEST(a_single_wrong_entry_shows)
{
    run r;
    mpfr_t x;
    mpfr_init2(x, PREC);
    run_open(&r, 0, FP_FLOW_REDUCED);
    fp_vec_get(x, r.y, fp_flow_layout(r.flow)->K + 3);
    mpfr_add_d(x, x, 0x1p-20, MPFR_RNDN);
    fp_vec_set(r.y, fp_flow_layout(r.flow)->K + 3, x);
    ck_assert(drift(&r, SCORES) > 0x1p-26 && drift(&r, SCORES) < 0x1p-18);
    ck_assert(drift(&r, OUTPUTS) == 0);
    mpfr_set_nan(x);
    fp_vec_set(r.y, fp_flow_layout(r.flow)->K + 3, x);
    ck_assert_msg(drift(&r, SCORES) > 1e299, "NaN is hidden");
    run_close(&r);
    mpfr_clear(x);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("invariants");
    TCase *plain = tcase_create("drift");
    tcase_set_timeout(plain, 60);
    tcase_add_test(plain, every_form_lists_its_invariants);
    tcase_add_loop_test(plain, energy_balance_holds_to_rounding, 0, INSTANCES);
    tcase_add_test(plain, drift_is_that_of_the_method);
    tcase_add_test(plain, a_wrong_field_shows_in_the_drift);
    tcase_add_test(plain, a_single_wrong_entry_shows);
    suite_add_tcase(suite, plain);
    return fp_test_main(suite);
}
