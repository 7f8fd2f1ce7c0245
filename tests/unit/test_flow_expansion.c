/* SPDX-License-Identifier: MIT */
/* What the flow offers to the Taylor stepper (fp_expansion), against its own right-hand side. */
#include <math.h>

#include "../support/flow_instances.h"
#include "../support/rk45_bench.h"

enum { WIDE = 400 };

typedef struct {
    fp_problem p;
    fp_flow *flow;
    fp_expansion *x;
    fp_vec *y0, *a, *b, *c;
    mpfr_t t, u, v;
} expanded;

static void open_expansion(expanded *e, int instance, fp_flow_kind kind, int order, mpfr_prec_t bits)
{
    fp_error err = {0};
    instance_make(&e->p, (size_t)instance);
    fp_ck_ok(fp_flow_new(&e->flow, kind, &e->p, WIDE, NULL, &err), &err);
    e->y0 = fp_flow_initial(e->flow);
    size_t dim = fp_vec_len(e->y0);
    e->a = fp_vec_new(dim, WIDE);
    e->b = fp_vec_new(dim, WIDE);
    e->c = fp_vec_new(dim, WIDE);
    mpfr_inits2(WIDE, e->t, e->u, e->v, (mpfr_ptr)NULL);
    e->x = fp_flow_field(e->flow)->expansion(order, bits, e->flow, &err);
    ck_assert_msg(e->x != NULL, "%s", err.message);
    ck_assert(e->x->table->start(e->x, e->y0));
}

static void close_expansion(expanded *e)
{
    e->x->table->free(e->x);
    fp_vec_free(e->y0);
    fp_vec_free(e->a);
    fp_vec_free(e->b);
    fp_vec_free(e->c);
    mpfr_clears(e->t, e->u, e->v, (mpfr_ptr)NULL);
    fp_flow_free(e->flow);
    instance_clear(&e->p);
}

/* log2 of the largest entry's size */
static double log2_size(const fp_vec *y)
{
    double most = -INFINITY;
    mpfr_t x;
    mpfr_init2(x, WIDE);
    for (size_t i = 0; i < fp_vec_len(y); i++) {
        fp_vec_get(x, y, i);
        if (!mpfr_zero_p(x))
            most = fmax(most, log2(fabs(mpfr_get_d(x, MPFR_RNDN))));
    }
    mpfr_clear(x);
    return most;
}

/* Tenths of the start, which no grid holds. */
START_TEST(a_state_keeps_the_bits_that_are_asked_for_and_not_many_more)
{
    static const mpfr_prec_t bits[] = {1, 59, 60, 61, 120, 121};
    expanded e;
    open_expansion(&e, 1, FP_FLOW_REDUCED, 4, bits[_i]);
    for (size_t i = 0; i < fp_vec_len(e.y0); i++) {
        fp_vec_get(e.t, e.y0, i);
        mpfr_div_ui(e.t, e.t, 10, MPFR_RNDN);
        fp_vec_set(e.a, i, e.t);
    }
    ck_assert(e.x->table->start(e.x, e.a));
    e.x->table->end(e.b, e.x);
    for (size_t i = 0; i < fp_vec_len(e.a); i++) {
        fp_vec_get(e.t, e.a, i);
        fp_vec_get(e.u, e.b, i);
        mpfr_sub(e.t, e.t, e.u, MPFR_RNDN);
        fp_vec_set(e.c, i, e.t);
    }
    double lost = log2_size(e.c) - log2_size(e.a);
    ck_assert_msg(lost <= -(double)bits[_i] && lost > -60 * ceil((double)bits[_i] / 60) - 3, "%ld bits: 2^%g", (long)bits[_i], lost);
    close_expansion(&e);
}
END_TEST

/* out = max_i |(P(tau + h) - P(tau - h))/2h - f(P(tau))| / (1 + max(|y0|, |P(tau)|)), h = 2^-100: P' but for 2^-200 */
static void measured_defect(mpfr_ptr out, expanded *e, mpfr_srcptr tau)
{
    mpfr_set_ui_2exp(e->t, 1, -100, MPFR_RNDN);
    mpfr_add(e->u, tau, e->t, MPFR_RNDN);
    e->x->table->value(e->a, e->x, e->u);
    mpfr_sub(e->u, tau, e->t, MPFR_RNDN);
    e->x->table->value(e->b, e->x, e->u);
    e->x->table->end(e->c, e->x);
    fp_vec *f = fp_vec_new(fp_vec_len(e->y0), WIDE);
    fp_flow_field(e->flow)->rhs(f, tau, e->c, e->flow);
    mpfr_set_zero(out, 1);
    for (size_t i = 0; i < fp_vec_len(f); i++) {
        fp_vec_get(e->t, e->a, i);
        fp_vec_get(e->u, e->b, i);
        mpfr_sub(e->t, e->t, e->u, MPFR_RNDN);
        mpfr_mul_2ui(e->t, e->t, 99, MPFR_RNDN);
        fp_vec_get(e->u, f, i);
        mpfr_sub(e->t, e->t, e->u, MPFR_RNDN);
        fp_vec_get(e->u, e->c, i);
        fp_vec_get(e->v, e->y0, i);
        mpfr_abs(e->u, mpfr_cmpabs(e->u, e->v) > 0 ? e->u : e->v, MPFR_RNDN);
        mpfr_add_ui(e->u, e->u, 1, MPFR_RNDN);
        mpfr_div(e->t, e->t, e->u, MPFR_RNDN);
        mpfr_abs(e->t, e->t, MPFR_RNDN);
        mpfr_max(out, out, e->t, MPFR_RNDN);
    }
    fp_vec_free(f);
}

START_TEST(the_defect_of_a_trial_is_that_of_the_polynomial_at_its_end)
{
    mpfr_t tau, defect, expected;
    expanded e;
    mpfr_inits2(WIDE, tau, defect, expected, (mpfr_ptr)NULL);
    open_expansion(&e, _i / 2, _i % 2 ? FP_FLOW_COMPRESSED : FP_FLOW_REDUCED, 9, 300);
    mpfr_set_zero(tau, 1);
    e.x->table->end(e.b, e.x); /* the start */
    ck_assert(e.x->table->expand(e.x, tau));
    e.x->table->value(e.a, e.x, tau);
    ck_assert(bench_same(e.a, e.b));
    for (int k = 3; k >= 1; k--) { /* a trial spoils nothing for the next */
        mpfr_set_si(tau, k, MPFR_RNDN);
        mpfr_div_ui(tau, tau, 50, MPFR_RNDN);
        ck_assert(e.x->table->trial(defect, e.x, tau, tau));
        e.x->table->value(e.a, e.x, tau);
        e.x->table->end(e.b, e.x);
        ck_assert(bench_same(e.a, e.b));
        measured_defect(expected, &e, tau);
        mpfr_div(defect, defect, expected, MPFR_RNDN);
        ck_assert_msg(fabs(mpfr_get_d(defect, MPFR_RNDN) - 1) < 1e-12, "tau = %d/50: %.17g of %g", k, mpfr_get_d(defect, MPFR_RNDN), mpfr_get_d(expected, MPFR_RNDN));
    }
    close_expansion(&e);
    mpfr_clears(tau, defect, expected, (mpfr_ptr)NULL);
}
END_TEST

START_TEST(the_size_of_a_coefficient_is_in_the_norm_of_the_run)
{
    mpfr_t zero, size, most;
    expanded e;
    mpfr_inits2(64, zero, size, most, (mpfr_ptr)NULL);
    mpfr_set_zero(zero, 1);
    mpfr_set_zero(most, 1);
    open_expansion(&e, _i, FP_FLOW_REDUCED, 9, 300);
    ck_assert(e.x->table->expand(e.x, zero));
    fp_flow_field(e.flow)->rhs(e.a, zero, e.y0, e.flow);
    for (size_t i = 0; i < fp_vec_len(e.a); i++) {
        fp_vec_get(e.t, e.a, i);
        fp_vec_get(e.u, e.y0, i);
        mpfr_abs(e.u, e.u, MPFR_RNDN);
        mpfr_add_ui(e.u, e.u, 1, MPFR_RNDN);
        mpfr_div(e.t, e.t, e.u, MPFR_RNDN);
        mpfr_abs(e.t, e.t, MPFR_RNDN);
        mpfr_max(most, most, e.t, MPFR_RNDN);
    }
    e.x->table->size(size, e.x, 1);
    ck_assert_msg(fabs(mpfr_get_d(size, MPFR_RNDN) / mpfr_get_d(most, MPFR_RNDN) - 1) < 1e-14, "%g, %g", mpfr_get_d(size, MPFR_RNDN), mpfr_get_d(most, MPFR_RNDN));
    close_expansion(&e);
    mpfr_clears(zero, size, most, (mpfr_ptr)NULL);
}
END_TEST

START_TEST(an_interruption_or_an_impossible_request_gives_no_expansion)
{
    fp_error err = {0};
    expanded e;
    open_expansion(&e, 0, FP_FLOW_REDUCED, 4, 60);
    const fp_field *field = fp_flow_field(e.flow);
    fp_interrupt(15);
    ck_assert_ptr_null(field->expansion(4, 60, e.flow, &err));
    ck_assert_int_eq(err.code, FP_INTERRUPTED);
    fp_interrupt(0);
    ck_assert_ptr_null(field->expansion(4, FP_FLOW_SERIES_PREC_MAX + 1, e.flow, &err));
    ck_assert_int_eq(err.code, FP_BAD_INPUT);
    close_expansion(&e);
}
END_TEST

/* NaN in the start, and weights whose scores leave all exponents. */
START_TEST(what_is_not_finite_is_said_to_be_so)
{
    expanded e;
    open_expansion(&e, 1, FP_FLOW_REDUCED, 4, 60);
    mpfr_set_nan(e.t);
    fp_vec_copy(e.a, e.y0);
    fp_vec_set(e.a, 3, e.t);
    ck_assert(!e.x->table->start(e.x, e.a));
    for (size_t i = 0; i < fp_vec_len(e.a); i++) {
        mpfr_set_ui_2exp(e.t, 1 + i % 3, WORD(1) << 40, MPFR_RNDN);
        fp_vec_set(e.a, i, e.t);
    }
    mpfr_set_zero(e.t, 1);
    ck_assert(!e.x->table->start(e.x, e.a) || !e.x->table->expand(e.x, e.t));
    close_expansion(&e);
}
END_TEST

START_TEST(only_the_forms_with_vectors_of_few_rows_have_expansions)
{
    fp_problem p;
    fp_error err = {0};
    instance_make(&p, 0);
    for (int kind = FP_FLOW_WEIGHTS; kind <= FP_FLOW_COMPRESSED; kind++) {
        fp_flow *flow = NULL;
        fp_ck_ok(fp_flow_new(&flow, (fp_flow_kind)kind, &p, WIDE, NULL, &err), &err);
        ck_assert((fp_flow_field(flow)->expansion != NULL) == (kind == FP_FLOW_REDUCED || kind == FP_FLOW_COMPRESSED));
        fp_flow_free(flow);
    }
    instance_clear(&p);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("flow expansion");
    TCase *c = tcase_create("flow expansion");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, a_state_keeps_the_bits_that_are_asked_for_and_not_many_more, 0, 6);
    tcase_add_loop_test(c, the_defect_of_a_trial_is_that_of_the_polynomial_at_its_end, 0, 8);
    tcase_add_loop_test(c, the_size_of_a_coefficient_is_in_the_norm_of_the_run, 0, 4);
    tcase_add_test(c, an_interruption_or_an_impossible_request_gives_no_expansion);
    tcase_add_test(c, what_is_not_finite_is_said_to_be_so);
    tcase_add_test(c, only_the_forms_with_vectors_of_few_rows_have_expansions);
    suite_add_tcase(suite, c);
    return fp_test_main(suite);
}
