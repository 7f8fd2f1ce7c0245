/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "../support/fp_check.h"
#include "../support/source_instance.h"

/* Every scalar base quantity with its numbers of indices on the reference instance (n = 6, L = 4, d = 13, m1 = 4). */
typedef struct {
    fp_base base;
    long to[3];
    bool neurons;
} quantity;
static const quantity quantities[] = {
    {FP_BASE_G, {13, 1, 1}, false},      {FP_BASE_F, {6, 1, 1}, false},        {FP_BASE_GI, {6, 1, 1}, false},
    {FP_BASE_LOSSOF, {6, 1, 1}, false},  {FP_BASE_S1, {1, 1, 1}, false},       {FP_BASE_S2, {1, 1, 1}, false},
    {FP_BASE_S3, {1, 1, 1}, false},      {FP_BASE_S4, {1, 1, 1}, false},       {FP_BASE_LOSS, {1, 1, 1}, false},
    {FP_BASE_SCORE, {13, 13, 1}, false}, {FP_BASE_KK, {13, 13, 1}, false},     {FP_BASE_QQ, {13, 13, 1}, false},
    {FP_BASE_VV, {13, 13, 1}, false},    {FP_BASE_UNORM2, {1, 1, 1}, false},   {FP_BASE_C, {13, 1, 1}, false},
    {FP_BASE_NN, {13, 13, 1}, false},    {FP_BASE_P, {6, 4, 4}, false},        {FP_BASE_S, {6, 4, 4}, false},
    {FP_BASE_O, {6, 4, 1}, false},       {FP_BASE_WV, {4, 13, 1}, true},       {FP_BASE_WW, {4, 4, 1}, true},
};
enum { QUANTITIES = sizeof quantities / sizeof *quantities };
static const fp_flow_kind kinds[] = {FP_FLOW_WEIGHTS, FP_FLOW_REDUCED, FP_FLOW_COMPRESSED, FP_FLOW_GRAM};

typedef void (*visit_fn)(const quantity *q, const long x[3], void *ctx);
static void each_quantity(visit_fn visit, void *ctx, bool neurons)
{
    for (int r = 0; r < QUANTITIES; r++) {
        const quantity *q = &quantities[r];
        if (q->neurons && !neurons)
            continue;
        long x[3];
        for (x[0] = 1; x[0] <= q->to[0]; x[0]++)
            for (x[1] = 1; x[1] <= q->to[1]; x[1]++)
                for (x[2] = 1; x[2] <= q->to[2]; x[2]++)
                    visit(q, x, ctx);
    }
}

static double width(const arb_t x)
{
    return mag_get_d(arb_radref(x));
}

#define where_is(q, x, name) "%s[%ld,%ld,%ld], %s", fp_base_name((q)->base), (x)[0], (x)[1], (x)[2], name

/* ---- the same quantity from two sources */
typedef struct {
    fp_source *a, *b;
    fp_derivative how_a, how_b;
    double narrow; /* allowed radius */
    const char *name;
} pair;

static void same_jet(const quantity *q, const long x[3], void *ctx)
{
    pair *p = ctx;
    arb_ptr a = _arb_vec_init(2), b = _arb_vec_init(2);
    tiny_ask(a, p->a, q->base, x[0], x[1], x[2], 1, p->how_a);
    tiny_ask(b, p->b, q->base, x[0], x[1], x[2], 1, p->how_b);
    for (int r = 0; r < 2; r++) {
        ck_assert_msg(arb_is_finite(a + r) && arb_overlaps(a + r, b + r), where_is(q, x, p->name));
        ck_assert_msg(width(a + r) <= p->narrow && width(b + r) <= p->narrow, where_is(q, x, p->name));
    }
    _arb_vec_clear(a, 2);
    _arb_vec_clear(b, 2);
}

/* State precision 320: the field's allowance 2^-304 times a block's largest entry, of order 10, propagates through at most a few hundred operations. */
START_TEST(derivatives_by_equations_and_by_the_field_agree_in_every_form)
{
    tiny_instance tiny;
    tiny_open(&tiny);
    for (int k = 0; k < 4; k++) {
        tiny_run run;
        tiny_run_open(&run, &tiny, kinds[k], true);
        pair p = {run.source, run.source, FP_BY_EQUATIONS, FP_BY_FIELD, 1e-65, fp_flow_kind_name(kinds[k])};
        each_quantity(same_jet, &p, kinds[k] != FP_FLOW_GRAM);
        tiny_run_close(&run);
    }
    tiny_close(&tiny);
}
END_TEST

/* Balls of 400 bits resolve the field's rounding at 320: only the allowance makes them overlap. */
START_TEST(the_allowance_of_the_field_covers_its_rounding)
{
    tiny_instance tiny;
    tiny_run run;
    mpfr_t t;
    tiny_open(&tiny);
    mpfr_init2(t, 64);
    mpfr_set_zero(t, 1);
    for (int k = 0; k < 4; k++) {
        tiny_run_open(&run, &tiny, kinds[k], true);
        fp_source *fine = fp_source_new(run.flow, 400);
        fp_source_set(fine, t, run.y);
        pair p = {fine, fine, FP_BY_EQUATIONS, FP_BY_FIELD, 1e-80, fp_flow_kind_name(kinds[k])};
        each_quantity(same_jet, &p, kinds[k] != FP_FLOW_GRAM);
        fp_source_free(fine);
        tiny_run_close(&run);
    }
    mpfr_clear(t);
    tiny_close(&tiny);
}
END_TEST

/* The states differ by roundings at 320 bits, the balls are of 256 bits. */
START_TEST(all_forms_of_the_flow_give_overlapping_balls)
{
    tiny_instance tiny;
    tiny_run weights, other;
    tiny_open(&tiny);
    tiny_run_open(&weights, &tiny, FP_FLOW_WEIGHTS, true);
    for (int k = 1; k < 4; k++) {
        tiny_run_open(&other, &tiny, kinds[k], true);
        pair p = {weights.source, other.source, FP_BY_EQUATIONS, FP_BY_EQUATIONS, 1e-65, fp_flow_kind_name(kinds[k])};
        each_quantity(same_jet, &p, kinds[k] != FP_FLOW_GRAM);
        tiny_run_close(&other);
    }
    tiny_run_close(&weights);
    tiny_close(&tiny);
}
END_TEST

START_TEST(the_exact_initial_source_agrees_with_every_form_at_time_0)
{
    tiny_instance tiny;
    tiny_open(&tiny);
    fp_source *initial = fp_source_new_initial(&tiny.problem, TINY_PREC);
    ck_assert(fp_source_is_exact(initial));
    for (int k = 0; k < 4; k++) {
        tiny_run run;
        tiny_run_open(&run, &tiny, kinds[k], false);
        ck_assert(!fp_source_is_exact(run.source));
        pair p = {initial, run.source, FP_BY_EQUATIONS, FP_BY_EQUATIONS, 1e-65, fp_flow_kind_name(kinds[k])};
        each_quantity(same_jet, &p, kinds[k] != FP_FLOW_GRAM);
        tiny_run_close(&run);
    }
    fp_source_free(initial);
    tiny_close(&tiny);
}
END_TEST

/* ---- derivatives against differences: (Q(t+2h) - Q(t))/(2h) at t+h, h = 2^-50: error Q''' h^2/6, below 2^-85 for Q''' below 2^15; states are good to
 * h^5 and 2^-310, so the quotient to 2^-250 */
typedef struct {
    fp_source *before, *middle, *after;
} stencil;

static void slope_is_difference(const quantity *q, const long x[3], void *ctx)
{
    stencil *s = ctx;
    arb_ptr a = _arb_vec_init(2), b = _arb_vec_init(2), c = _arb_vec_init(2);
    tiny_ask(a, s->before, q->base, x[0], x[1], x[2], 0, FP_BY_EQUATIONS);
    tiny_ask(b, s->middle, q->base, x[0], x[1], x[2], 1, FP_BY_EQUATIONS);
    tiny_ask(c, s->after, q->base, x[0], x[1], x[2], 0, FP_BY_EQUATIONS);
    arb_sub(c, c, a, TINY_PREC);
    arb_mul_2exp_si(c, c, 49);
    arb_sub(c, c, b + 1, TINY_PREC);
    arb_get_mag(arb_radref(a), c);
    ck_assert_msg(mag_cmp_2exp_si(arb_radref(a), -80) < 0, where_is(q, x, "difference quotient"));
    _arb_vec_clear(a, 2);
    _arb_vec_clear(b, 2);
    _arb_vec_clear(c, 2);
}

START_TEST(derivatives_are_limits_of_difference_quotients)
{
    tiny_instance tiny;
    tiny_run run;
    tiny_open(&tiny);
    tiny_run_open(&run, &tiny, FP_FLOW_REDUCED, true);
    stencil s = {tiny_source_after(&run, 0, 50), tiny_source_after(&run, 1, 50), tiny_source_after(&run, 2, 50)};
    each_quantity(slope_is_difference, &s, true);
    fp_source_free(s.before);
    fp_source_free(s.middle);
    fp_source_free(s.after);
    tiny_run_close(&run);
    tiny_close(&tiny);
}
END_TEST

/* ---- vectors */
static void check_vector(fp_source *s, fp_base base, long i, fp_base other, long k, fp_base product, bool swap)
{
    arb_srcptr x, y;
    long rows, rows2;
    int space, space2;
    const char *why;
    arb_ptr jet = _arb_vec_init(2), got = _arb_vec_init(2);
    for (int how = 0; how < 2; how++) {
        ck_assert(fp_source_vector(&x, &rows, &space, s, base, &i, 1, (fp_derivative)how, &why));
        ck_assert(fp_source_vector(&y, &rows2, &space2, s, other, &k, 1, (fp_derivative)how, &why));
        ck_assert(rows == rows2 && space == space2);
        arb_dot(got, NULL, 0, x, 1, y, 1, rows, TINY_PREC);
        arb_dot(got + 1, NULL, 0, x + rows, 1, y, 1, rows, TINY_PREC);
        arb_dot(got + 1, got + 1, 0, x, 1, y + rows, 1, rows, TINY_PREC);
        tiny_ask(jet, s, product, swap ? k : i, swap ? i : k, 0, 1, (fp_derivative)how);
        ck_assert_msg(arb_overlaps(got, jet) && arb_overlaps(got + 1, jet + 1) && width(got + 1) < 1e-65, "%s . %s", fp_base_name(base),
                      fp_base_name(other));
    }
    _arb_vec_clear(jet, 2);
    _arb_vec_clear(got, 2);
}

/* k' = W_Q N^T etc. on one side, the Gram equations on the other */
START_TEST(products_of_vectors_are_the_gram_quantities_with_their_derivatives)
{
    tiny_instance tiny;
    tiny_open(&tiny);
    for (int kind = 0; kind < 3; kind++) {
        tiny_run run;
        tiny_run_open(&run, &tiny, kinds[kind], true);
        for (long mu = 1; mu <= 13; mu++)
            for (long nu = 1; nu <= 13; nu++) {
                check_vector(run.source, FP_BASE_VEC_K, mu, FP_BASE_VEC_Q, nu, FP_BASE_SCORE, false);
                check_vector(run.source, FP_BASE_VEC_K, mu, FP_BASE_VEC_K, nu, FP_BASE_KK, false);
                check_vector(run.source, FP_BASE_VEC_Q, mu, FP_BASE_VEC_Q, nu, FP_BASE_QQ, true);
                check_vector(run.source, FP_BASE_VEC_V, mu, FP_BASE_VEC_V, nu, FP_BASE_VV, false);
                check_vector(run.source, FP_BASE_VEC_U, 1, FP_BASE_VEC_V, nu, FP_BASE_G, true);
                if (kinds[kind] != FP_FLOW_COMPRESSED && mu <= 4)
                    check_vector(run.source, FP_BASE_VEC_W, mu, FP_BASE_VEC_V, nu, FP_BASE_WV, false);
                if (kinds[kind] != FP_FLOW_COMPRESSED && mu <= 4 && nu <= 4)
                    check_vector(run.source, FP_BASE_VEC_W, mu, FP_BASE_VEC_W, nu, FP_BASE_WW, false);
            }
        tiny_run_close(&run);
    }
    tiny_close(&tiny);
}
END_TEST

START_TEST(what_a_form_does_not_keep_is_refused_with_the_reason)
{
    tiny_instance tiny;
    tiny_run gram, compressed;
    arb_ptr jet = _arb_vec_init(2);
    arb_srcptr x;
    long rows, one[2] = {1, 1};
    int space;
    const char *why = NULL;
    tiny_open(&tiny);
    tiny_run_open(&gram, &tiny, FP_FLOW_GRAM, false);
    tiny_run_open(&compressed, &tiny, FP_FLOW_COMPRESSED, false);
    fp_source *initial = fp_source_new_initial(&tiny.problem, TINY_PREC);
    ck_assert(!fp_source_scalar(jet, gram.source, FP_BASE_WV, one, 0, FP_BY_EQUATIONS, &why) && why);
    ck_assert(!fp_source_scalar(jet, gram.source, FP_BASE_WW, one, 1, FP_BY_FIELD, &why) && why);
    ck_assert(!fp_source_vector(&x, &rows, &space, gram.source, FP_BASE_VEC_K, one, 0, FP_BY_EQUATIONS, &why) && why);
    ck_assert(!fp_source_vector(&x, &rows, &space, compressed.source, FP_BASE_VEC_W, one, 0, FP_BY_EQUATIONS, &why) && why);
    ck_assert(!fp_source_scalar(jet, initial, FP_BASE_LOSS, one, 1, FP_BY_FIELD, &why) && why);
    ck_assert(fp_source_scalar(jet, initial, FP_BASE_LOSS, one, 1, FP_BY_EQUATIONS, &why));
    fp_source_free(initial);
    tiny_run_close(&gram);
    tiny_run_close(&compressed);
    tiny_close(&tiny);
    _arb_vec_clear(jet, 2);
}
END_TEST

START_TEST(a_new_state_forgets_the_old_one)
{
    tiny_instance tiny;
    tiny_run run, start;
    tiny_open(&tiny);
    tiny_run_open(&run, &tiny, FP_FLOW_REDUCED, true);
    tiny_run_open(&start, &tiny, FP_FLOW_REDUCED, false);
    pair p = {run.source, start.source, FP_BY_EQUATIONS, FP_BY_FIELD, 1e-65, "reset"};
    arb_ptr jet = _arb_vec_init(2);
    for (int k = 0; k < 2; k++)
        tiny_ask(jet, run.source, FP_BASE_LOSS, 0, 0, 0, 1, (fp_derivative)k);
    mpfr_t t;
    mpfr_init2(t, 64);
    mpfr_set_zero(t, 1);
    fp_source_set(run.source, t, start.y);
    each_quantity(same_jet, &p, true);
    mpfr_clear(t);
    _arb_vec_clear(jet, 2);
    tiny_run_close(&run);
    tiny_run_close(&start);
    tiny_close(&tiny);
}
END_TEST

START_TEST(a_state_that_is_not_finite_gives_balls_that_are_not_finite)
{
    tiny_instance tiny;
    tiny_run run;
    mpfr_t x;
    arb_ptr jet = _arb_vec_init(2);
    tiny_open(&tiny);
    tiny_run_open(&run, &tiny, FP_FLOW_REDUCED, false);
    mpfr_init2(x, 64);
    mpfr_set_nan(x);
    fp_vec_set(run.y, fp_flow_layout(run.flow)->u, x);
    mpfr_set_zero(x, 1);
    fp_source_set(run.source, x, run.y);
    tiny_ask(jet, run.source, FP_BASE_LOSS, 0, 0, 0, 1, FP_BY_EQUATIONS);
    ck_assert(!arb_is_finite(jet) && !arb_is_finite(jet + 1));
    mpfr_clear(x);
    _arb_vec_clear(jet, 2);
    tiny_run_close(&run);
    tiny_close(&tiny);
}
END_TEST

/* u times 2^20: |F| of order 10^6, so g and loss are of order e^(-10^6) on one side; state exact, so nothing but rounding may be lost: 256 bits less
 * 20 for the size of z, a few for operations. */
START_TEST(g_and_loss_keep_their_relative_accuracy_for_large_margins)
{
    tiny_instance tiny;
    tiny_run run;
    mpfr_t x;
    arb_ptr jet = _arb_vec_init(2);
    tiny_open(&tiny);
    tiny_run_open(&run, &tiny, FP_FLOW_REDUCED, false);
    mpfr_init2(x, TINY_STATE_PREC);
    for (size_t r = 0; r < 8; r++) {
        fp_vec_get(x, run.y, fp_flow_layout(run.flow)->u + r);
        mpfr_mul_2si(x, x, 20, MPFR_RNDN);
        fp_vec_set(run.y, fp_flow_layout(run.flow)->u + r, x);
    }
    mpfr_set_zero(x, 1);
    fp_source_set(run.source, x, run.y);
    for (long i = 1; i <= 6; i++) {
        tiny_ask(jet, run.source, FP_BASE_GI, i, 0, 0, 1, FP_BY_EQUATIONS);
        ck_assert(arb_is_positive(jet) && arb_rel_accuracy_bits(jet) > 220 && arb_rel_accuracy_bits(jet + 1) > 200);
        tiny_ask(jet, run.source, FP_BASE_LOSSOF, i, 0, 0, 1, FP_BY_EQUATIONS);
        ck_assert(arb_is_positive(jet) && arb_rel_accuracy_bits(jet) > 220);
    }
    mpfr_clear(x);
    _arb_vec_clear(jet, 2);
    tiny_run_close(&run);
    tiny_close(&tiny);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("source");
    TCase *tests = tcase_create("source");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, derivatives_by_equations_and_by_the_field_agree_in_every_form);
    tcase_add_test(tests, the_allowance_of_the_field_covers_its_rounding);
    tcase_add_test(tests, derivatives_are_limits_of_difference_quotients);
    tcase_add_test(tests, all_forms_of_the_flow_give_overlapping_balls);
    tcase_add_test(tests, the_exact_initial_source_agrees_with_every_form_at_time_0);
    tcase_add_test(tests, products_of_vectors_are_the_gram_quantities_with_their_derivatives);
    tcase_add_test(tests, what_a_form_does_not_keep_is_refused_with_the_reason);
    tcase_add_test(tests, a_new_state_forgets_the_old_one);
    tcase_add_test(tests, a_state_that_is_not_finite_gives_balls_that_are_not_finite);
    tcase_add_test(tests, g_and_loss_keep_their_relative_accuracy_for_large_margins);
    suite_add_tcase(suite, tests);
    return fp_test_main(suite);
}
