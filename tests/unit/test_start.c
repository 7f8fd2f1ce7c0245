/* SPDX-License-Identifier: MIT */
/* Where a chain starts: bounds on a rounded rotation against rotations known in closed form, and on the starts of flows. */
#include <math.h>
#include <stdlib.h>

#include "../../src/certify/certify_impl.h"
#include "../support/flow_instances.h"
#include "../support/fp_check.h"
#include "flowproof/certify.h"

enum { PREC = 300 };

/* ---- rotations */
static void set(arb_ptr columns, size_t rows, size_t r, size_t c, double x)
{
    arb_set_d(columns + c * rows + r, x);
}

static double diagonal(size_t c)
{
    return 1 + 0.25 * (double)c;
}

/* A = diag(a), B = diag(a + shift): the best isometry is the identity, at distance |shift| sqrt(count); the bound is sum over a of (2a + shift)shift / min(a + shift) at most. */
START_TEST(distance_of_two_diagonals_is_bounded)
{
    enum { N = 4, M = 7 };
    for (int sign = -1; sign <= 1; sign += 2) {
        double shift = sign * 0x1p-20, gram = 0;
        fp_rotation x;
        fp_rotation_init(&x, M, N, N, PREC);
        for (size_t c = 0; c < N; c++) {
            set(x.A, M, c, c, diagonal(c));
            set(x.B, N, c, c, diagonal(c) + shift);
            gram += pow((2 * diagonal(c) + shift) * shift, 2);
        }
        ck_assert(fp_rotation_bound(&x));
        double bound = mag_get_d(x.distance), truth = 0x1p-20 * sqrt(N), formula = sqrt(gram) / (1 + shift);
        ck_assert_double_ge(bound, truth);
        ck_assert_double_ge(bound, formula * (1 - 1e-7));
        ck_assert_double_le(bound, formula * 1.0001);
        fp_rotation_clear(&x);
    }
}
END_TEST

/* The last column counts 1/16: its part of the distance is a quarter. */
START_TEST(the_weight_of_the_last_column_counts_in_distance_and_conditioning)
{
    fp_rotation x;
    fp_rotation_init(&x, 5, 2, 2, PREC);
    mag_set_d(x.last_weight, 1.0 / 16);
    set(x.A, 5, 0, 0, 1);
    set(x.A, 5, 3, 1, 8);
    set(x.B, 2, 0, 0, 1);
    set(x.B, 2, 1, 1, 8 + 0x1p-20);
    ck_assert(fp_rotation_bound(&x));
    /* columns of length 1 and 8/4 = 2: smallest singular value 1; |A^T A - B^T B| = 16 * 2^-20 / 16 */
    ck_assert_double_ge(mag_get_d(x.inverse), 1);
    ck_assert_double_le(mag_get_d(x.inverse), 1.0001);
    ck_assert_double_ge(mag_get_d(x.distance), 0x1p-20);
    ck_assert_double_le(mag_get_d(x.distance), 1.0001 * 0x1p-20);
    fp_rotation_clear(&x);
    fp_rotation_init(&x, 5, 2, 2, PREC);
    mag_set_d(x.last_weight, 1.0 / 16);
    set(x.A, 5, 0, 0, 1);
    set(x.A, 5, 1, 1, 1);
    set(x.B, 2, 0, 0, 1);
    set(x.B, 2, 1, 1, 1);
    ck_assert(fp_rotation_bound(&x));
    ck_assert_double_ge(mag_get_d(x.inverse), 4); /* the short column is the last one, of weighted length 1/4 */
    fp_rotation_clear(&x);
}
END_TEST

/* More columns than rows: [I c] against [I c + shift]; the first block fixes J = I, so the distance is that of the last column. */
START_TEST(columns_beyond_the_rows_are_bounded)
{
    fp_rotation x;
    fp_rotation_init(&x, 3, 3, 4, PREC);
    for (size_t c = 0; c < 3; c++) {
        set(x.A, 3, c, c, 1);
        set(x.B, 3, c, c, 1);
    }
    for (size_t r = 0; r < 3; r++) {
        set(x.A, 3, r, 3, 1 + (double)r);
        set(x.B, 3, r, 3, 1 + (double)r + 0x1p-20);
    }
    ck_assert(fp_rotation_bound(&x));
    double truth = 0x1p-20 * sqrt(3);
    ck_assert_double_ge(mag_get_d(x.distance), truth);
    ck_assert_double_le(mag_get_d(x.distance), 1.001 * truth);
    fp_rotation_clear(&x);
}
END_TEST

/* A change of the first block also moves the basis in which the others are seen: A = diag(1, 1 | c), B with first block (1 + s) R, R a rotation by a small angle made triangular is not
 * available in closed form, so the leading block is scaled: J = I, leading distance s sqrt 2, and the last column is exact. */
START_TEST(error_of_the_first_block_counts_in_the_others)
{
    fp_rotation x;
    fp_rotation_init(&x, 2, 2, 3, PREC);
    for (size_t c = 0; c < 2; c++) {
        set(x.A, 2, c, c, 1);
        set(x.B, 2, c, c, 1 + 0x1p-20);
        set(x.A, 2, c, 2, 3);
        set(x.B, 2, c, 2, 3 / (1 + 0x1p-20)); /* so that B1^T B2 = A1^T A2 to rounding: only the first block's error tells */
    }
    ck_assert(fp_rotation_bound(&x));
    /* true distance: last column 3 sqrt 2 * 2^-20, the others sqrt 2 * 2^-20 */
    ck_assert_double_ge(mag_get_d(x.distance), 0x1p-20 * sqrt(20) * (1 - 1e-5));
    fp_rotation_clear(&x);
}
END_TEST

START_TEST(dependent_or_not_triangular_columns_are_refused)
{
    fp_rotation x;
    fp_rotation_init(&x, 3, 2, 2, PREC);
    set(x.A, 3, 0, 0, 1);
    set(x.A, 3, 0, 1, 1);
    set(x.B, 2, 0, 0, 1);
    set(x.B, 2, 0, 1, 1);
    ck_assert(!fp_rotation_bound(&x)); /* second pivot 0 */
    set(x.B, 2, 1, 1, 1);
    set(x.B, 2, 1, 0, 0.5);
    ck_assert(!fp_rotation_bound(&x));
    fp_rotation_clear(&x);
}
END_TEST

/* Inner products of a vector with the columns off by s: |J^T w - w0| = s for orthonormal columns. */
START_TEST(a_vector_in_the_rotated_basis_is_bounded)
{
    fp_rotation x;
    arb_ptr w = _arb_vec_init(3), w0 = _arb_vec_init(2);
    mag_t bound;
    mag_init(bound);
    fp_rotation_init(&x, 3, 2, 2, PREC);
    for (size_t c = 0; c < 2; c++) {
        set(x.A, 3, c, c, 1);
        set(x.B, 2, c, c, 1);
    }
    ck_assert(fp_rotation_bound(&x));
    arb_set_d(w, 5);
    arb_set_d(w + 1, 7);
    arb_set_d(w + 2, 9); /* outside the span, not needed */
    arb_set_d(w0, 5);
    arb_set_d(w0 + 1, 7 + 0x1p-20);
    fp_rotation_vector_bound(bound, &x, w, w0);
    ck_assert_double_ge(mag_get_d(bound), 0x1p-20);
    ck_assert_double_le(mag_get_d(bound), 1.001 * 0x1p-20);
    fp_rotation_clear(&x);
    mag_clear(bound);
    _arb_vec_clear(w0, 2);
    _arb_vec_clear(w, 3);
}
END_TEST

/* Columns of length 1 taken for 1 + s: w in their basis is w/(1 + s) by its inner products, so off by |w| s. */
START_TEST(error_of_the_basis_counts_in_a_vector)
{
    fp_rotation x;
    arb_ptr w = _arb_vec_init(2);
    arb_t length;
    mag_t bound;
    mag_init(bound);
    arb_init(length);
    fp_rotation_init(&x, 2, 2, 2, PREC);
    for (size_t c = 0; c < 2; c++) {
        set(x.A, 2, c, c, 1);
        set(x.B, 2, c, c, 1 + 0x1p-20);
    }
    ck_assert(fp_rotation_bound(&x));
    arb_set_d(length, 1 + 0x1p-20);
    arb_ptr w0 = _arb_vec_init(2);
    for (int r = 0; r < 2; r++) {
        arb_set_d(w + r, 3 + r);
        arb_div(w0 + r, w + r, length, PREC);
    }
    fp_rotation_vector_bound(bound, &x, w, w0);
    ck_assert_double_ge(mag_get_d(bound), 5 * 0x1p-20 * (1 - 1e-5));
    ck_assert_double_le(mag_get_d(bound), 20 * 0x1p-20);
    fp_rotation_clear(&x);
    mag_clear(bound);
    arb_clear(length);
    _arb_vec_clear(w, 2);
    _arb_vec_clear(w0, 2);
}
END_TEST

/* ---- starts of flows */
typedef struct {
    fp_problem problem;
    fp_flow *flow;
    fp_series *series;
    fp_start start;
} world;

static fp_status world_make(world *w, fp_flow_kind kind, mpfr_prec_t prec, int limbs)
{
    fp_error err = {0};
    fp_ck_ok(fp_flow_new(&w->flow, kind, &w->problem, prec, NULL, &err), &err);
    fp_ck_ok(fp_series_new(&w->series, &w->problem, fp_flow_layout(w->flow), limbs, 4, 60 * limbs + 32, NULL, &err), &err);
    return fp_start_make(&w->start, w->flow, w->series, &err);
}

static fp_status world_init(world *w, size_t instance, fp_flow_kind kind, mpfr_prec_t prec, int limbs, bool make_dependent)
{
    *w = (world){0};
    instance_make(&w->problem, instance);
    for (long r = 0; make_dependent && r < w->problem.m; r++) w->problem.W_K[r * w->problem.d + 1] = w->problem.W_K[r * w->problem.d];
    return world_make(w, kind, prec, limbs);
}

static void world_clear(world *w, bool made)
{
    if (made)
        fp_start_clear(&w->start);
    fp_series_free(w->series);
    fp_flow_free(w->flow);
    instance_clear(&w->problem);
}

START_TEST(reduced_start_is_exact_when_the_grid_holds_the_weights)
{
    for (size_t k = 0; k < INSTANCES; k++) {
        world w;
        ck_assert(world_init(&w, k, FP_FLOW_REDUCED, 128, 2, false) == FP_OK);
        ck_assert(mag_is_zero(w.start.e0) && mag_is_zero(w.start.e_w) && mag_is_zero(w.start.e_u));
        world_clear(&w, true);
    }
}
END_TEST

/* |grid entry - exact| */
static double off_by(const fp_grid_vec *x, size_t r, double exact)
{
    arb_t held, truth;
    arb_init(held);
    arb_init(truth);
    fp_grid_get_ball(held, x, r);
    arb_set_d(truth, exact);
    arb_sub(held, held, truth, PREC);
    double off = fabs(arf_get_d(arb_midref(held), ARF_RND_NEAR));
    arb_clear(truth);
    arb_clear(held);
    return off;
}

/* A weight with 53 bits beside one 2^20 times as large does not fit on 60 bits; in each block. */
START_TEST(what_the_grid_cannot_hold_is_in_e0)
{
    const double small = 0x1p-10 * (1 + 0x1p-52);
    for (int block = 0; block < 4; block++) {
        world w = {0};
        instance_make(&w.problem, 0);
        fp_problem *p = &w.problem;
        double *const x[] = {p->W, p->W_V, p->W_K, p->W_Q};
        size_t next = block ? (size_t)p->d : 1; /* of the same column; of u */
        if (block == 0)
            for (long k = 0; k < p->m * p->m1; k++) p->W[k] = 0; /* so that u = a_1 w_1 */
        x[block][0] = 0x1p10;
        x[block][next] = small;
        ck_assert(world_make(&w, FP_FLOW_REDUCED, 192, 1) == FP_OK);
        const fp_grid_vec *held[] = {w.start.x.u.at, w.start.x.v.at, w.start.x.k.at, w.start.x.q.at};
        double off = off_by(held[block], 1, block ? small : p->a[0] * small) / (block ? 1 : sqrt((double)p->m1));
        ck_assert_double_gt(off, 0);
        ck_assert_double_ge(mag_get_d(w.start.e0), off * (1 - 1e-12));
        ck_assert_double_le(mag_get_d(w.start.e0), 1.001 * off);
        world_clear(&w, true);
    }
}
END_TEST

/* 64 bits do not hold u(0) of weights that differ by 2^20: the flow's own u(0) is off, and says so. */
START_TEST(what_the_flow_cannot_hold_of_u_is_in_its_bound)
{
    world w = {0};
    instance_make(&w.problem, 0);
    w.problem.W[0] = 0x1p20;
    w.problem.W[w.problem.m] = 0x1p-10 * (1 + 0x1p-52);
    ck_assert(world_make(&w, FP_FLOW_REDUCED, 64, 3) == FP_OK);
    ck_assert(!mag_is_zero(w.start.e_u) && mag_get_d(w.start.e_u) < 0x1p-40);
    ck_assert(mag_get_d(w.start.e0) * sqrt((double)w.problem.m1) >= 0.999 * mag_get_d(w.start.e_u)); /* the knot was made from it */
    world_clear(&w, true);
}
END_TEST

/* dot of two vectors of a state minus that of the instance's columns */
static double gram_error(const fp_grid_vec *x, const fp_grid_vec *y, const double *a, const double *b, const fp_problem *p, long s, long t)
{
    arb_t sum, u, v;
    arb_init(sum);
    arb_init(u);
    arb_init(v);
    fp_grid_dot(sum, x, y, PREC);
    for (long r = 0; r < p->m; r++) {
        arb_set_d(u, a[r * p->d + s]);
        arb_set_d(v, b[r * p->d + t]);
        arb_submul(sum, u, v, PREC);
    }
    double error = fabs(arf_get_d(arb_midref(sum), ARF_RND_NEAR));
    arb_clear(v);
    arb_clear(u);
    arb_clear(sum);
    return error;
}

/* |x.y - x'.y'| <= e(|x| + |y|) + e^2 for the exact columns x', y' in the basis of the knot: a lower bound on e0 from the inner products, which are the same in every basis. */
static double least_from(const fp_grid *x, const double *matrix, const fp_problem *p)
{
    double least = 0;
    for (long s = 0; s < p->d; s++)
        for (long t = 0; t < p->d; t++)
            least = fmax(least, 0.99 * gram_error(x->at + s, x->at + t, matrix, matrix, p, s, t) / (mag_get_d(x->at[s].norm) + mag_get_d(x->at[t].norm)));
    return least;
}

static double least_from_scores(const world *w)
{
    const fp_problem *p = &w->problem;
    const fp_series_state *x = &w->start.x;
    double least = 0;
    for (long s = 0; s < p->d; s++)
        for (long t = 0; t < p->d; t++)
            least = fmax(least, 0.99 * gram_error(x->k.at + s, x->q.at + t, p->W_K, p->W_Q, p, s, t) / (mag_get_d(x->k.at[s].norm) + mag_get_d(x->q.at[t].norm)));
    return least;
}

static double least_from_u(const world *w)
{
    const fp_problem *p = &w->problem;
    double *u = fp_alloc((size_t)p->m, sizeof *u); /* exact: sums of few multiples of 2^-10 */
    for (long r = 0; r < p->m; r++)
        for (long j = 0; j < p->m1; j++) u[r] += p->a[j] * p->W[j * p->m + r];
    fp_problem one = {.m = p->m, .d = 1};
    const fp_grid_vec *x = w->start.x.u.at;
    double least = 0.99 * gram_error(x, x, u, u, &one, 0, 0) / (2 * mag_get_d(x->norm)) / sqrt((double)p->m1);
    free(u);
    return least;
}

static double least_e0(const world *w)
{
    const fp_problem *p = &w->problem;
    const fp_series_state *x = &w->start.x;
    double outputs = fmax(least_from(&x->v, p->W_V, p), least_from_u(w));
    double attention = fmax(least_from(&x->k, p->W_K, p), least_from(&x->q, p->W_Q, p));
    return fmax(fmax(outputs, attention), least_from_scores(w));
}

/* Each block in turn 2^20 times as large as the others, so that its part of e0 cannot hide behind theirs; the rounding of the rotation (64 bits, 3 digits) and that of the grid (192 bits, 1 digit). */
START_TEST(every_block_is_in_the_compressed_e0)
{
    for (size_t k = 0; k < INSTANCES; k++)
        for (int block = 0; block < 4; block++)
            for (int limbs = 1; limbs <= 3; limbs += 2) {
                world w = {0};
                instance_make(&w.problem, k);
                const fp_problem *p = &w.problem;
                double *const x[] = {p->W, p->W_V, p->W_K, p->W_Q};
                for (long r = 0; r < p->m * (block ? p->d : p->m1); r++) x[block][r] *= 0x1p20;
                ck_assert_msg(world_make(&w, FP_FLOW_COMPRESSED, limbs == 1 ? 192 : 64, limbs) == FP_OK, "instance %zu block %d", k, block);
                double e0 = mag_get_d(w.start.e0), least = least_e0(&w);
                ck_assert_msg(e0 >= least, "instance %zu, block %d, %d digits: e0 %g, inner products need %g", k, block, limbs, e0, least);
                world_clear(&w, true);
            }
}
END_TEST

START_TEST(compressed_start_is_as_far_off_as_its_inner_products_say_at_least)
{
    for (size_t k = 0; k < INSTANCES; k++)
        for (mpfr_prec_t prec = 64; prec <= 192; prec += 64) {
            world w;
            ck_assert_msg(world_init(&w, k, FP_FLOW_COMPRESSED, prec, 3, false) == FP_OK, "instance %zu", k);
            double e0 = mag_get_d(w.start.e0), least = least_e0(&w), rounding = pow(2, -(double)prec);
            ck_assert_msg(e0 >= least, "instance %zu at %ld bits: e0 %g, inner products need %g", k, (long)prec, e0, least);
            ck_assert_msg(e0 <= 1e5 * rounding, "instance %zu at %ld bits: e0 %g", k, (long)prec, e0);
            ck_assert_msg(mag_get_d(w.start.e_w) <= 1e5 * rounding && mag_get_d(w.start.e_u) <= 1e5 * rounding, "instance %zu", k);
            /* rounded numbers of one rotation cannot be exact but for one row */
            ck_assert(w.problem.d == 1 || least > 0.01 * rounding);
            world_clear(&w, true);
        }
}
END_TEST

/* w_j(0).v(mu) from the flow's w_j(0) and the knot's v(mu) is off by at most e_w |v| + |w_j| e0. */
START_TEST(neurons_of_the_compressed_start_are_within_their_bound)
{
    for (size_t k = 0; k < INSTANCES; k++) {
        world w;
        ck_assert(world_init(&w, k, FP_FLOW_COMPRESSED, 64, 3, false) == FP_OK);
        const fp_problem *p = &w.problem;
        size_t rows = (size_t)fp_flow_layout(w.flow)->rows_v;
        arb_t sum, a, b;
        arb_init(sum);
        arb_init(a);
        arb_init(b);
        for (long j = 0; j < p->m1; j++)
            for (long t = 0; t < p->d; t++) {
                double norm = 0;
                arb_zero(sum);
                for (size_t r = 0; r < rows; r++) {
                    fp_vec_get_ball(a, fp_flow_w0(w.flow), (size_t)j * rows + r);
                    fp_grid_get_ball(b, w.start.x.v.at + t, r);
                    arb_addmul(sum, a, b, PREC);
                }
                for (long r = 0; r < p->m; r++) {
                    arb_set_d(a, p->W[j * p->m + r]);
                    arb_set_d(b, p->W_V[r * p->d + t]);
                    arb_submul(sum, a, b, PREC);
                    norm += p->W[j * p->m + r] * p->W[j * p->m + r];
                }
                double off = fabs(arf_get_d(arb_midref(sum), ARF_RND_NEAR));
                double allowed = mag_get_d(w.start.e_w) * mag_get_d(w.start.x.v.at[t].norm) + sqrt(norm) * mag_get_d(w.start.e0);
                ck_assert_msg(off <= 1.001 * allowed, "instance %zu, neuron %ld, token %ld: off %g, allowed %g", k, j, t, off, allowed);
            }
        arb_clear(b);
        arb_clear(a);
        arb_clear(sum);
        world_clear(&w, true);
    }
}
END_TEST

START_TEST(compressed_start_with_equal_columns_is_refused)
{
    world w;
    ck_assert(world_init(&w, 1, FP_FLOW_COMPRESSED, 128, 2, true) == FP_BAD_INPUT); /* m = 12 rows, 2d = 10 columns, two of them equal */
    world_clear(&w, false);
}
END_TEST

START_TEST(other_forms_have_no_start)
{
    fp_error err = {0};
    fp_start start;
    world w;
    ck_assert(world_init(&w, 0, FP_FLOW_REDUCED, 128, 2, false) == FP_OK);
    fp_flow *gram;
    fp_ck_ok(fp_flow_new(&gram, FP_FLOW_GRAM, &w.problem, 128, NULL, &err), &err);
    ck_assert(fp_start_make(&start, gram, w.series, &err) == FP_BAD_INPUT);
    fp_flow_free(gram);
    world_clear(&w, true);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("start");
    TCase *rotation = tcase_create("rotation"), *start = tcase_create("start");
    tcase_add_test(rotation, distance_of_two_diagonals_is_bounded);
    tcase_add_test(rotation, the_weight_of_the_last_column_counts_in_distance_and_conditioning);
    tcase_add_test(rotation, columns_beyond_the_rows_are_bounded);
    tcase_add_test(rotation, error_of_the_first_block_counts_in_the_others);
    tcase_add_test(rotation, dependent_or_not_triangular_columns_are_refused);
    tcase_add_test(rotation, a_vector_in_the_rotated_basis_is_bounded);
    tcase_add_test(rotation, error_of_the_basis_counts_in_a_vector);
    tcase_add_test(start, reduced_start_is_exact_when_the_grid_holds_the_weights);
    tcase_add_test(start, what_the_grid_cannot_hold_is_in_e0);
    tcase_add_test(start, what_the_flow_cannot_hold_of_u_is_in_its_bound);
    tcase_add_test(start, compressed_start_is_as_far_off_as_its_inner_products_say_at_least);
    tcase_add_test(start, every_block_is_in_the_compressed_e0);
    tcase_add_test(start, neurons_of_the_compressed_start_are_within_their_bound);
    tcase_add_test(start, compressed_start_with_equal_columns_is_refused);
    tcase_add_test(start, other_forms_have_no_start);
    suite_add_tcase(s, rotation);
    suite_add_tcase(s, start);
    return s;
}

int main(void)
{
    return fp_test_main(suite());
}
