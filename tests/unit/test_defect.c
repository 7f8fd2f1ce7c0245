/* SPDX-License-Identifier: MIT */
/* D against the true defect y' - f(y) of the same polynomial, f evaluated by the flow's own right-hand side at 400 bits: code that shares nothing with the series. */
#include <stdlib.h>

#include "../../src/certify/step_impl.h"
#include "../support/flow_instances.h"
#include "../support/fp_check.h"

enum { PREC = 400, POINTS = 16, INSTANCE_RANDOM = INSTANCES };

/* ---- y and y' at tau, exactly but for 400 bits */
static void add_vector(fp_vec *y, fp_vec *dy, size_t at, const fp_series *s, fp_series_block block, long token, const arf_t tau)
{
    arb_t value, slope, entry;
    mpfr_t x;
    arb_init(value);
    arb_init(slope);
    arb_init(entry);
    mpfr_init2(x, PREC);
    size_t len = fp_series_vector(s, block, token, 0)->len;
    for (size_t r = 0; r < len; r++) {
        arb_zero(value);
        arb_zero(slope);
        for (int k = fp_series_order(s); k >= 0; k--) { /* Horner; the derivative first */
            arb_mul_arf(slope, slope, tau, PREC);
            arb_add(slope, slope, value, PREC);
            fp_grid_get_ball(entry, fp_series_vector(s, block, token, k), r);
            arb_mul_arf(value, value, tau, PREC);
            arb_add(value, value, entry, PREC);
        }
        arf_get_mpfr(x, arb_midref(value), MPFR_RNDN);
        fp_vec_set(y, at + r, x);
        arf_get_mpfr(x, arb_midref(slope), MPFR_RNDN);
        fp_vec_set(dy, at + r, x);
    }
    mpfr_clear(x);
    arb_clear(entry);
    arb_clear(slope);
    arb_clear(value);
}

static void polynomial_at(fp_vec *y, fp_vec *dy, const fp_series *s, const fp_layout *at, const arf_t tau)
{
    add_vector(y, dy, at->u, s, FP_SERIES_U, 0, tau);
    for (long t = 0; t < at->d; t++) {
        add_vector(y, dy, at->V + (size_t)(t * at->rows_v), s, FP_SERIES_V, t, tau);
        add_vector(y, dy, at->K + (size_t)(t * at->rows_k), s, FP_SERIES_K, t, tau);
        add_vector(y, dy, at->Q + (size_t)(t * at->rows_k), s, FP_SERIES_Q, t, tau);
    }
}

/* out[x] = |a - b| in block x, of u divided by sqrt m1; blocks as in fp_defect_blocks */
static void block_distances(mag_ptr out, const fp_vec *a, const fp_vec *b, const fp_layout *at)
{
    arb_t x, y;
    mag_t size;
    arb_init(x);
    arb_init(y);
    mag_init(size);
    size_t rv = (size_t)at->rows_v, rk = (size_t)at->rows_k, count = 1 + 3 * (size_t)at->d;
    for (size_t k = 0; k < count; k++) mag_zero(out + k);
    for (size_t r = 0; r < at->dim; r++) {
        size_t block = r < at->K ? r / rv : 1 + (size_t)at->d + (r - at->K) / rk;
        fp_vec_get_ball(x, a, r);
        fp_vec_get_ball(y, b, r);
        arb_sub(x, x, y, MAG_BITS);
        arb_get_mag(size, x);
        mag_addmul(out + block, size, size);
    }
    mag_div_ui(out, out, (ulong)at->m1);
    for (size_t k = 0; k < count; k++) mag_sqrt(out + k, out + k);
    mag_clear(size);
    arb_clear(y);
    arb_clear(x);
}

static void norm(mag_t out, mag_srcptr x, size_t count)
{
    mag_zero(out);
    for (size_t k = 0; k < count; k++) mag_addmul(out, x + k, x + k);
    mag_sqrt(out, out);
}

/* ---- one instance and its flow */
typedef struct {
    fp_problem problem;
    fp_flow *flow; /* at 400 bits */
    fp_vec *y, *dy, *f;
    fp_step *step;
    fp_series_state knot;
    arf_t zero, limit;
    size_t blocks;
    mag_ptr truth, bound; /* per block */
} bench;

static void bench_init(bench *b, size_t instance, fp_flow_kind kind, const fp_certify_options *o)
{
    fp_error err = {0};
    *b = (bench){0};
    if (instance == INSTANCE_RANDOM)
        instance_random(&b->problem, 6, 4, 13, 16, 4, 99);
    else
        instance_make(&b->problem, instance);
    fp_ck_ok(fp_flow_new(&b->flow, kind, &b->problem, PREC, NULL, &err), &err);
    fp_ck_ok(fp_step_new(&b->step, &b->problem, fp_flow_layout(b->flow), o, &err), &err);
    b->y = fp_flow_initial(b->flow);
    b->dy = fp_flow_initial(b->flow);
    b->f = fp_flow_initial(b->flow);
    b->blocks = 1 + 3 * (size_t)b->problem.d;
    b->truth = _mag_vec_init((slong)b->blocks);
    b->bound = _mag_vec_init((slong)b->blocks);
    fp_series_state_init(&b->knot, fp_step_series(b->step));
    arf_init(b->zero);
    arf_init(b->limit);
    arf_one(b->limit);
    mag_t rounding;
    mag_init(rounding);
    ck_assert(fp_series_state_from_vec(&b->knot, rounding, b->y, fp_flow_layout(b->flow)));
    mag_clear(rounding);
}

static void bench_clear(bench *b)
{
    _mag_vec_clear(b->truth, (slong)b->blocks);
    _mag_vec_clear(b->bound, (slong)b->blocks);
    arf_clear(b->zero);
    arf_clear(b->limit);
    fp_series_state_clear(&b->knot);
    fp_vec_free(b->y);
    fp_vec_free(b->dy);
    fp_vec_free(b->f);
    fp_step_free(b->step);
    fp_flow_free(b->flow);
    instance_clear(&b->problem);
}

/* |y'(tau) - f(y(tau))|, tau = h j/POINTS */
static void true_defect(mag_t out, bench *b, int j)
{
    const fp_layout *at = fp_flow_layout(b->flow);
    const fp_field *field = fp_flow_field(b->flow);
    arf_t tau;
    mpfr_t t;
    arf_init(tau);
    mpfr_init2(t, PREC);
    mpfr_set_zero(t, 1);
    arf_mul_si(tau, b->step->h, j, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_mul_2exp_si(tau, tau, -4);
    polynomial_at(b->y, b->dy, fp_step_series(b->step), at, tau);
    field->rhs(b->f, t, b->y, field->ctx);
    block_distances(b->truth, b->dy, b->f, at);
    norm(out, b->truth, b->blocks);
    mpfr_clear(t);
    arf_clear(tau);
}

/* Each block by itself: what one adds to D must not hide that another is missing. */
static void bound_blocks(bench *b)
{
    mag_t residual;
    mag_init(residual);
    fp_defect_blocks(b->bound, b->step->series, &b->step->tails);
    fp_defect_residual(residual, b->step->series, &b->step->tails);
    for (size_t k = 0; k < b->blocks; k++) mag_add(b->bound + k, b->bound + k, residual);
    mag_clear(residual);
}

static void compare_blocks(const bench *b)
{
    for (size_t k = 0; k < b->blocks; k++)
        ck_assert_msg(mag_cmp(b->truth + k, b->bound + k) <= 0, "block %zu: defect %g, bound %g", k, mag_get_d(b->truth + k), mag_get_d(b->bound + k));
}

/* Largest |d|/D over the points 0..POINTS of `steps` steps; fails if one is above 1. */
static double sharpness(size_t instance, fp_flow_kind kind, int order, const char *tolerance, int limbs, int steps, const arf_t h)
{
    fp_error err = {0};
    bench b;
    mpq_t tol;
    mag_t d, e;
    double sharpest = 0;
    mpq_init(tol);
    mag_init(d);
    mag_init(e);
    ck_assert(fp_rational_parse(tol, tolerance));
    bench_init(&b, instance, kind, &(fp_certify_options){.order = order, .limbs = limbs, .tolerance = tol});
    for (int step = 0; step < steps; step++) {
        fp_ck_ok(fp_step_open(b.step, b.zero, &b.knot, b.limit, h, &err), &err);
        bound_blocks(&b);
        for (int j = 0; j <= POINTS; j++) {
            true_defect(d, &b, j);
            compare_blocks(&b);
            ck_assert_msg(mag_cmp(d, fp_step_defect(b.step)) <= 0, "instance %zu order %d tolerance %s step %d point %d: defect %g, D %g", instance, order, tolerance, step, j,
                          mag_get_d(d), mag_get_d(fp_step_defect(b.step)));
            double ratio = mag_get_d(d) / mag_get_d(fp_step_defect(b.step));
            sharpest = ratio > sharpest ? ratio : sharpest;
        }
        fp_step_next(&b.knot, e, b.step);
    }
    bench_clear(&b);
    mag_clear(e);
    mag_clear(d);
    mpq_clear(tol);
    return sharpest;
}

START_TEST(defect_never_exceeds_its_bound)
{
    static const struct {
        int order;
        const char *tolerance;
    } list[] = {{3, "1e-5"}, {6, "1e-9"}, {20, "1e-20"}, {20, "1e-30"}};
    for (size_t k = 0; k <= INSTANCE_RANDOM; k++)
        for (size_t x = 0; x < 4; x++) {
            sharpness(k, FP_FLOW_REDUCED, list[x].order, list[x].tolerance, 0, 3, NULL);
            sharpness(k, FP_FLOW_COMPRESSED, list[x].order, list[x].tolerance, 0, 1, NULL);
        }
}
END_TEST

/* At order 3 most of D is the first omitted order: a D half as large would be below the truth somewhere. */
START_TEST(bound_is_less_than_twice_the_defect_somewhere_at_order_three)
{
    double best = 0;
    for (size_t k = 0; k <= INSTANCE_RANDOM; k++) {
        double x = sharpness(k, FP_FLOW_REDUCED, 3, "1e-7", 0, 4, NULL);
        best = x > best ? x : best;
        ck_assert_msg(x > 0.1, "instance %zu: |d|/D only %g", k, x);
    }
    ck_assert_msg(best > 0.5, "|d|/D at most %g", best);
}
END_TEST

/* One digit and a step of 2^-40: the defect is the rounding of y_1, y_2, ... (orders below P) and nothing else. */
START_TEST(rounding_is_in_the_bound)
{
    arf_t h;
    arf_init(h);
    arf_set_d(h, 0x1p-40);
    for (size_t k = 0; k <= INSTANCE_RANDOM; k++) {
        double x = sharpness(k, FP_FLOW_REDUCED, 6, "1e-30", 1, 1, h);
        ck_assert_msg(x > 0.3, "instance %zu: |d|/D only %g", k, x);
    }
    arf_clear(h);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("defect");
    TCase *c = tcase_create("defect");
    tcase_set_timeout(c, 120);
    tcase_add_test(c, defect_never_exceeds_its_bound);
    tcase_add_test(c, bound_is_less_than_twice_the_defect_somewhere_at_order_three);
    tcase_add_test(c, rounding_is_in_the_bound);
    suite_add_tcase(s, c);
    return s;
}

int main(void)
{
    return fp_test_main(suite());
}
