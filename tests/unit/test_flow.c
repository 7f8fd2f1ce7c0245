/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "../support/flow_instances.h"
#include "../support/fp_check.h"
#include "../support/naive_model.h"

static const fp_flow_kind kinds[] = {FP_FLOW_WEIGHTS, FP_FLOW_REDUCED, FP_FLOW_GRAM, FP_FLOW_COMPRESSED};
enum { KINDS = 4, PREC = 256 };

static fp_flow *open_flow(fp_flow_kind kind, const fp_problem *p, fp_pool *pool)
{
    fp_flow *flow = NULL;
    fp_error err = {0};
    ck_assert_msg(fp_flow_new(&flow, kind, p, PREC, pool, &err) == FP_OK, "%s", err.message);
    return flow;
}

static fp_vec *evaluate(fp_flow *flow, const fp_vec *y)
{
    fp_vec *dy = fp_vec_new(fp_vec_len(y), fp_vec_prec(y));
    mpfr_t t;
    mpfr_init2(t, PREC);
    mpfr_set_zero(t, 1);
    fp_flow_field(flow)->rhs(dy, t, y, fp_flow_field(flow)->ctx);
    mpfr_clear(t);
    return dy;
}

/* |x - y| <= 2^-bits (1 + |y|); never true for NaN */
static bool close_to(mpfr_srcptr x, mpfr_srcptr y, long bits)
{
    mpfr_t gap, size;
    mpfr_inits2(PREC, gap, size, (mpfr_ptr)0);
    mpfr_sub(gap, x, y, MPFR_RNDN);
    mpfr_abs(gap, gap, MPFR_RNDN);
    mpfr_abs(size, y, MPFR_RNDN);
    mpfr_add_ui(size, size, 1, MPFR_RNDN);
    mpfr_mul_2si(size, size, -bits, MPFR_RNDN);
    bool yes = mpfr_number_p(x) && mpfr_lessequal_p(gap, size);
    mpfr_clears(gap, size, (mpfr_ptr)0);
    return yes;
}

static void same_vectors(const fp_vec *x, const fp_vec *y, long bits, const char *what, int instance)
{
    mpfr_t a, b;
    mpfr_inits2(PREC, a, b, (mpfr_ptr)0);
    ck_assert_uint_eq(fp_vec_len(x), fp_vec_len(y));
    for (size_t e = 0; e < fp_vec_len(x); e++) {
        fp_vec_get(a, x, e);
        fp_vec_get(b, y, e);
        ck_assert_msg(close_to(a, b, bits), "%s, instance %d, element %zu: %.17g instead of %.17g", what, instance, e, mpfr_get_d(a, MPFR_RNDN),
                      mpfr_get_d(b, MPFR_RNDN));
    }
    mpfr_clears(a, b, (mpfr_ptr)0);
}

static void same_bits(const fp_vec *x, const fp_vec *y, const char *what)
{
    mpfr_t a, b;
    mpfr_inits2(PREC, a, b, (mpfr_ptr)0);
    for (size_t e = 0; e < fp_vec_len(x); e++) {
        fp_vec_get(a, x, e);
        fp_vec_get(b, y, e);
        ck_assert_msg(mpfr_equal_p(a, b), "%s: element %zu differs", what, e);
    }
    mpfr_clears(a, b, (mpfr_ptr)0);
}

START_TEST(names_of_the_forms_are_read_and_written)
{
    fp_flow_kind kind = FP_FLOW_GRAM;
    for (size_t k = 0; k < KINDS; k++) {
        ck_assert(fp_flow_kind_parse(&kind, fp_flow_kind_name(kinds[k])));
        ck_assert_int_eq((int)kind, (int)kinds[k]);
    }
    ck_assert(!fp_flow_kind_parse(&kind, "Reduced"));
    ck_assert(!fp_flow_kind_parse(&kind, ""));
}
END_TEST

START_TEST(layouts_have_the_sizes_of_the_header)
{
    fp_problem p;
    instance_make(&p, 1); /* d = 5, m = 12, m1 = 4 */
    const size_t dims[] = {4 * 12 + 3 * 12 * 5, 12 + 3 * 12 * 5, 4 * 25 + 5 + 1, 6 + 6 * 5 + 2 * 10 * 5};
    for (size_t k = 0; k < KINDS; k++) {
        fp_flow *flow = open_flow(kinds[k], &p, NULL);
        ck_assert_uint_eq(fp_flow_layout(flow)->dim, dims[k]);
        ck_assert_uint_eq(fp_flow_field(flow)->dim, dims[k]);
        ck_assert(fp_flow_layout(flow)->has_vectors == (kinds[k] != FP_FLOW_GRAM));
        ck_assert(fp_flow_problem(flow) == &p);
        ck_assert((fp_flow_w0(flow) == NULL) == (kinds[k] == FP_FLOW_GRAM));
        fp_flow_free(flow);
    }
    instance_clear(&p);
}
END_TEST

/* Central differences with h = 2^-90 err by h^2/6 |f'''|, |f'''| < 2^20 here: 2^-160 leaves 2 bits. */
START_TEST(field_is_minus_the_gradient_of_the_loss)
{
    fp_problem p;
    instance_make(&p, (size_t)_i);
    for (size_t k = 0; k < KINDS; k++) {
        fp_flow *flow = open_flow(kinds[k], &p, NULL);
        fp_vec *y = fp_flow_initial(flow), *expected = fp_vec_new(fp_vec_len(y), PREC);
        rk4_go(y, fp_flow_field(flow), 2, 3); /* away from the dyadic start */
        fp_vec *dy = evaluate(flow, y);
        naive_field(expected, &p, fp_flow_layout(flow), y);
        same_vectors(dy, expected, 160, fp_flow_kind_name(kinds[k]), _i);
        fp_vec_free(dy);
        fp_vec_free(expected);
        fp_vec_free(y);
        fp_flow_free(flow);
    }
    instance_clear(&p);
}
END_TEST

START_TEST(outputs_and_loss_are_those_of_the_definition)
{
    fp_problem p;
    mpfr_t loss, expected;
    mpfr_inits2(PREC, loss, expected, (mpfr_ptr)0);
    instance_make(&p, (size_t)_i);
    for (size_t k = 0; k < KINDS; k++) {
        fp_flow *flow = open_flow(kinds[k], &p, NULL);
        fp_vec *y = fp_flow_initial(flow);
        fp_reals F, naive;
        fp_reals_init(&F, (size_t)p.n, PREC);
        fp_reals_init(&naive, (size_t)p.n, PREC);
        fp_flow_outputs(&F, loss, flow, y);
        fp_flow_outputs(NULL, NULL, flow, y);
        naive_loss(expected, &naive, &p, fp_flow_layout(flow), y);
        ck_assert(close_to(loss, expected, PREC - 10));
        for (size_t i = 0; i < F.n; i++)
            ck_assert(close_to(F.x + i, naive.x + i, PREC - 10));
        fp_reals_clear(&F);
        fp_reals_clear(&naive);
        fp_vec_free(y);
        fp_flow_free(flow);
    }
    mpfr_clears(loss, expected, (mpfr_ptr)0);
    instance_clear(&p);
}
END_TEST

static fp_vec *gram_of(fp_flow *flow, const fp_vec *y, fp_vec **derivative)
{
    size_t d = (size_t)fp_flow_layout(flow)->d;
    fp_vec *out = fp_vec_new(4 * d * d + d + 1, PREC), *dy = evaluate(flow, y);
    *derivative = fp_vec_new(4 * d * d + d + 1, PREC);
    naive_gram(out, *derivative, fp_flow_problem(flow), fp_flow_layout(flow), y, dy);
    fp_vec_free(dy);
    return out;
}

/* The forms with vectors are linear images of one another, so RK4 takes the same steps in each: agreement to rounding. Along the way the gram field
 * at their inner products equals the derivative of the inner products. */
START_TEST(all_forms_agree_along_a_trajectory)
{
    static const fp_flow_kind with_vectors[] = {FP_FLOW_WEIGHTS, FP_FLOW_REDUCED, FP_FLOW_COMPRESSED};
    fp_problem p;
    instance_make(&p, (size_t)_i);
    fp_flow *gram = open_flow(FP_FLOW_GRAM, &p, NULL);
    fp_vec *first = NULL;
    for (size_t k = 0; k < 3; k++) {
        const char *name = fp_flow_kind_name(with_vectors[k]);
        fp_flow *flow = open_flow(with_vectors[k], &p, NULL);
        fp_vec *y = fp_flow_initial(flow), *slope;
        rk4_go(y, fp_flow_field(flow), 16, 4);
        fp_vec *values = gram_of(flow, y, &slope), *field = evaluate(gram, values);
        same_vectors(field, slope, PREC - 24, name, _i);
        if (first != NULL)
            same_vectors(values, first, PREC - 24, name, _i);
        fp_vec_free(k == 0 ? NULL : values);
        first = k == 0 ? values : first;
        fp_vec_free(slope);
        fp_vec_free(field);
        fp_vec_free(y);
        fp_flow_free(flow);
    }
    fp_vec_free(first);
    fp_flow_free(gram);
    instance_clear(&p);
}
END_TEST

/* RK4 on the quadratic image differs by the method's error, h^4 times a constant: halving h divides the gap by about 16. */
START_TEST(gram_trajectory_approaches_the_others_with_the_order_of_the_method)
{
    fp_problem p;
    double gap[2];
    mpfr_t a, b;
    mpfr_inits2(PREC, a, b, (mpfr_ptr)0);
    instance_make(&p, 0);
    for (int half = 0; half < 2; half++) {
        fp_flow *gram = open_flow(FP_FLOW_GRAM, &p, NULL), *reduced = open_flow(FP_FLOW_REDUCED, &p, NULL);
        fp_vec *z = fp_flow_initial(gram), *y = fp_flow_initial(reduced), *slope;
        rk4_go(z, fp_flow_field(gram), 16 << half, 5 + half);
        rk4_go(y, fp_flow_field(reduced), 16 << half, 5 + half);
        fp_vec *values = gram_of(reduced, y, &slope);
        gap[half] = 0;
        for (size_t e = 0; e < fp_vec_len(z); e++) {
            fp_vec_get(a, z, e);
            fp_vec_get(b, values, e);
            mpfr_sub(a, a, b, MPFR_RNDN);
            double x = mpfr_get_d(a, MPFR_RNDN);
            gap[half] = (x < 0 ? -x : x) > gap[half] ? (x < 0 ? -x : x) : gap[half];
        }
        fp_vec_free(values);
        fp_vec_free(slope);
        fp_vec_free(y);
        fp_vec_free(z);
        fp_flow_free(gram);
        fp_flow_free(reduced);
    }
    ck_assert_msg(gap[0] < 1e-4 && gap[0] / gap[1] > 12 && gap[0] / gap[1] < 40, "gaps %g %g", gap[0], gap[1]);
    mpfr_clears(a, b, (mpfr_ptr)0);
    instance_clear(&p);
}
END_TEST

/* out = (w_j(0) + a_j (u - u(0))/m1) . v(mu) from a reduced or compressed state */
static void recovered(mpfr_ptr out, const fp_flow *flow, const fp_vec *y, size_t j, size_t mu)
{
    const fp_layout *at = fp_flow_layout(flow);
    size_t rows = (size_t)at->rows_v;
    mpfr_t x, u, v;
    mpfr_inits2(PREC, x, u, v, (mpfr_ptr)0);
    mpfr_set_zero(out, 1);
    for (size_t r = 0; r < rows; r++) {
        fp_vec_get(x, y, at->u + r);
        fp_vec_get(u, fp_flow_u0(flow), r);
        mpfr_sub(x, x, u, MPFR_RNDN);
        mpfr_div_si(x, x, at->m1 * fp_flow_problem(flow)->a[j], MPFR_RNDN);
        fp_vec_get(u, fp_flow_w0(flow), j * rows + r);
        mpfr_add(x, x, u, MPFR_RNDN);
        fp_vec_get(v, y, at->V + mu * rows + r);
        mpfr_mul(x, x, v, MPFR_RNDN);
        mpfr_add(out, out, x, MPFR_RNDN);
    }
    mpfr_clears(x, u, v, (mpfr_ptr)0);
}

START_TEST(neurons_are_recovered_from_the_small_forms)
{
    fp_problem p;
    mpfr_t x, expected, tmp;
    mpfr_inits2(PREC, x, expected, tmp, (mpfr_ptr)0);
    instance_make(&p, (size_t)_i);
    fp_flow *flow[3] = {open_flow(FP_FLOW_WEIGHTS, &p, NULL), open_flow(FP_FLOW_REDUCED, &p, NULL), open_flow(FP_FLOW_COMPRESSED, &p, NULL)};
    fp_vec *y[3];
    for (int k = 0; k < 3; k++) {
        y[k] = fp_flow_initial(flow[k]);
        rk4_go(y[k], fp_flow_field(flow[k]), 8, 4);
    }
    for (size_t j = 0; j < (size_t)p.m1; j++)
        for (size_t mu = 0; mu < (size_t)p.d; mu++) {
            fp_vec_dot(expected, y[0], j * (size_t)p.m, y[0], fp_flow_layout(flow[0])->V + mu * (size_t)p.m, (size_t)p.m, tmp);
            for (int k = 1; k < 3; k++) {
                recovered(x, flow[k], y[k], j, mu);
                ck_assert_msg(close_to(x, expected, PREC - 24), "instance %d form %d neuron %zu token %zu", _i, k, j, mu);
            }
        }
    for (int k = 0; k < 3; k++) {
        fp_vec_free(y[k]);
        fp_flow_free(flow[k]);
    }
    mpfr_clears(x, expected, tmp, (mpfr_ptr)0);
    instance_clear(&p);
}
END_TEST

START_TEST(results_do_not_depend_on_the_number_of_threads)
{
    fp_problem p;
    instance_random(&p, 20, 5, 30, 17, 9, 3);
    for (size_t k = 0; k < KINDS; k++) {
        fp_vec *reference = NULL;
        for (int threads = 0; threads <= 3; threads++) {
            fp_pool *pool = threads == 0 ? NULL : fp_pool_new(threads);
            fp_flow *flow = open_flow(kinds[k], &p, pool);
            fp_vec *y = fp_flow_initial(flow);
            rk4_go(y, fp_flow_field(flow), 2, 4);
            if (reference == NULL) {
                reference = y;
            } else {
                same_bits(y, reference, fp_flow_kind_name(kinds[k]));
                fp_vec_free(y);
            }
            fp_flow_free(flow);
            fp_pool_free(pool);
        }
        fp_vec_free(reference);
    }
    instance_clear(&p);
}
END_TEST

START_TEST(a_second_flow_is_the_first_but_shares_nothing)
{
    fp_problem p;
    instance_random(&p, 20, 5, 30, 17, 9, 3);
    for (size_t k = 0; k < KINDS; k++) {
        fp_flow *first = open_flow(kinds[k], &p, NULL), *second = fp_flow_new_like(first);
        fp_vec *y = fp_flow_initial(first), *dy = evaluate(first, y);
        if (fp_flow_w0(first) != NULL)
            same_bits(fp_flow_w0(second), fp_flow_w0(first), "w0");
        if (fp_flow_u0(first) != NULL)
            same_bits(fp_flow_u0(second), fp_flow_u0(first), "u0");
        fp_flow_free(first);
        fp_vec *z = fp_flow_initial(second), *dz = evaluate(second, z);
        same_bits(z, y, fp_flow_kind_name(kinds[k]));
        same_bits(dz, dy, fp_flow_kind_name(kinds[k]));
        fp_vec_free(y);
        fp_vec_free(dy);
        fp_vec_free(z);
        fp_vec_free(dz);
        fp_flow_free(second);
    }
    instance_clear(&p);
}
END_TEST

/* `count` columns from y[at] on hold nothing below row first + column. */
static void check_triangular(const fp_vec *y, size_t at, size_t first, size_t count, long rows)
{
    mpfr_t x;
    mpfr_init2(x, PREC);
    for (size_t c = 0; c < count; c++)
        for (size_t r = first + c + 1; r < (size_t)rows; r++) {
            fp_vec_get(x, y, at + c * (size_t)rows + r);
            ck_assert_msg(mpfr_zero_p(x), "row %zu of column %zu is not 0", r, first + c);
        }
    mpfr_clear(x);
}

/* The inner products of the compressed start equal those of the weights, whatever the rank. */
static void check_compressed_start(const fp_problem *p, int instance)
{
    size_t d = (size_t)p->d, len = 4 * d * d + d + 1;
    fp_flow *compressed = open_flow(FP_FLOW_COMPRESSED, p, NULL), *reduced = open_flow(FP_FLOW_REDUCED, p, NULL);
    fp_flow *gram = open_flow(FP_FLOW_GRAM, p, NULL);
    fp_vec *y = fp_flow_initial(compressed), *z = fp_flow_initial(reduced), *g = fp_flow_initial(gram);
    fp_vec *a = fp_vec_new(len, PREC), *b = fp_vec_new(len, PREC);
    naive_gram(a, NULL, p, fp_flow_layout(compressed), y, NULL);
    naive_gram(b, NULL, p, fp_flow_layout(reduced), z, NULL);
    same_vectors(a, b, PREC - 8, "compressed start", instance);
    const fp_layout *at = fp_flow_layout(compressed);
    check_triangular(y, at->V, 0, d, at->rows_v);
    check_triangular(y, at->u, d, 1, at->rows_v);
    check_triangular(y, at->K, 0, d, at->rows_k);
    check_triangular(y, at->Q, d, d, at->rows_k);
    same_vectors(g, b, PREC - 8, "gram start", instance);
    fp_vec_free(a);
    fp_vec_free(b);
    fp_vec_free(y);
    fp_vec_free(z);
    fp_vec_free(g);
    fp_flow_free(compressed);
    fp_flow_free(reduced);
    fp_flow_free(gram);
}

START_TEST(compressed_start_is_triangular_and_keeps_all_inner_products)
{
    fp_problem p;
    instance_make(&p, (size_t)_i);
    check_compressed_start(&p, _i);
    for (size_t x = 0; x < (size_t)(p.m * p.d); x++)
        p.W_Q[x] = p.W_K[x]; /* rank deficient: W_Q = W_K */
    for (size_t r = 0; r < (size_t)p.m; r++)
        p.W_V[r * (size_t)p.d] = 0; /* a zero column in front */
    check_compressed_start(&p, _i);
    for (size_t x = 0; x < (size_t)(p.m * p.d); x++)
        p.W_Q[x] = p.W_K[x] = p.W_V[x] = 0;
    check_compressed_start(&p, _i);
    instance_clear(&p);
}
END_TEST

START_TEST(tokens_outside_the_data_do_not_move)
{
    fp_problem p;
    instance_make(&p, 2); /* tokens 4, 5, 7 never occur */
    fp_flow *flow = open_flow(FP_FLOW_REDUCED, &p, NULL);
    const fp_layout *at = fp_flow_layout(flow);
    fp_vec *y = fp_flow_initial(flow), *dy = evaluate(flow, y);
    mpfr_t x;
    mpfr_init2(x, PREC);
    for (size_t r = 0; r < (size_t)p.m; r++) {
        const size_t still[] = {at->V + 3 * 3 + r, at->K + 4 * 3 + r, at->Q + 6 * 3 + r};
        const size_t moving[] = {at->V + 5 * 3 + r, at->K + 5 * 3 + r};
        for (size_t k = 0; k < 3; k++) {
            fp_vec_get(x, dy, still[k]);
            ck_assert(mpfr_zero_p(x));
        }
        for (size_t k = 0; k < 2; k++) {
            fp_vec_get(x, dy, moving[k]);
            ck_assert(!mpfr_zero_p(x));
        }
    }
    mpfr_clear(x);
    fp_vec_free(y);
    fp_vec_free(dy);
    fp_flow_free(flow);
    instance_clear(&p);
}
END_TEST

START_TEST(overflow_of_the_softmax_is_not_hidden)
{
    fp_problem p;
    instance_make(&p, 0);
    for (size_t x = 0; x < (size_t)(p.m * p.d); x++)
        p.W_K[x] = p.W_Q[x] = 0x1p1000; /* scores near 2^2000 */
    for (size_t k = 0; k < KINDS; k++) {
        fp_flow *flow = open_flow(kinds[k], &p, NULL);
        fp_vec *y = fp_flow_initial(flow), *dy = evaluate(flow, y);
        ck_assert(fp_vec_is_finite(y));
        ck_assert(!fp_vec_is_finite(dy));
        fp_vec_free(y);
        fp_vec_free(dy);
        fp_flow_free(flow);
    }
    instance_clear(&p);
}
END_TEST

START_TEST(impossible_input_is_refused_with_a_reason)
{
    fp_problem p;
    fp_flow *flow = NULL;
    fp_error err = {0};
    instance_make(&p, 0);
    p.token[5] = 7;
    ck_assert_int_eq(fp_flow_new(&flow, FP_FLOW_REDUCED, &p, PREC, NULL, &err), FP_BAD_INPUT);
    ck_assert_str_eq(err.message, "sample 2, position 2 holds token 7; allowed: 1 to 6");
    p.token[5] = 1;
    p.label[1] = 0;
    ck_assert_int_eq(fp_flow_new(&flow, FP_FLOW_REDUCED, &p, PREC, NULL, &err), FP_BAD_INPUT);
    ck_assert_str_eq(err.message, "sample 2 has label 0; allowed: 1 and -1");
    p.label[1] = -1;
    ck_assert_int_eq(fp_flow_new(&flow, FP_FLOW_REDUCED, &p, 52, NULL, &err), FP_BAD_INPUT);
    p.m1 = 0;
    ck_assert_int_eq(fp_flow_new(&flow, FP_FLOW_REDUCED, &p, PREC, NULL, &err), FP_BAD_INPUT);
    ck_assert_ptr_null(flow);
    fp_flow_free(NULL);
    instance_clear(&p);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("flow");
    TCase *plain = tcase_create("forms");
    tcase_set_timeout(plain, 60);
    tcase_add_test(plain, names_of_the_forms_are_read_and_written);
    tcase_add_test(plain, layouts_have_the_sizes_of_the_header);
    tcase_add_loop_test(plain, field_is_minus_the_gradient_of_the_loss, 0, INSTANCES);
    tcase_add_loop_test(plain, outputs_and_loss_are_those_of_the_definition, 0, INSTANCES);
    tcase_add_loop_test(plain, all_forms_agree_along_a_trajectory, 0, INSTANCES);
    tcase_add_test(plain, gram_trajectory_approaches_the_others_with_the_order_of_the_method);
    tcase_add_loop_test(plain, neurons_are_recovered_from_the_small_forms, 0, INSTANCES);
    tcase_add_test(plain, results_do_not_depend_on_the_number_of_threads);
    tcase_add_test(plain, a_second_flow_is_the_first_but_shares_nothing);
    tcase_add_loop_test(plain, compressed_start_is_triangular_and_keeps_all_inner_products, 0, INSTANCES);
    tcase_add_test(plain, tokens_outside_the_data_do_not_move);
    tcase_add_test(plain, overflow_of_the_softmax_is_not_hidden);
    tcase_add_test(plain, impossible_input_is_refused_with_a_reason);
    suite_add_tcase(suite, plain);
    return fp_test_main(suite);
}
