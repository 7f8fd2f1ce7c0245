/* SPDX-License-Identifier: MIT */
/* Knot 0 against the instance: right knots are at no distance but their rounding, whatever is wrong with one is in e0, and neurons in the basis of the knots have the inner products of the instance's. */
#include <math.h>
#include <stdlib.h>

#include "../support/leg_bench.h"

enum { PREC = 400, BETWEEN = LEG_CASES, LONG_COLUMNS, CASES };

/* ---- an instance, a knot, and what is made of them. Two more instances: with d + 1 < m < 2d, and with more than a thousand rows. */
typedef struct {
    leg_bench b;
    bool compressed;
    fp_vec *y; /* the knot before it was rounded */
    fp_origin origin;
    double e0, e_w;
} world;

static void world_init(world *w, size_t instance, bool compressed, int limbs)
{
    fp_flow_kind kind = compressed ? FP_FLOW_COMPRESSED : FP_FLOW_REDUCED;
    *w = (world){.compressed = compressed};
    if (instance < LEG_CASES)
        leg_bench_init(&w->b, instance, kind, 1, limbs);
    else {
        if (instance == BETWEEN)
            instance_random(&w->b.problem, 3, 3, 6, 9, 3, 5);
        else
            instance_random(&w->b.problem, 2, 2, 3, 2100, 2, 5);
        leg_bench_make(&w->b, kind, 1, limbs);
    }
    w->y = fp_flow_initial(w->b.flow);
}

static void world_clear(world *w)
{
    fp_vec_free(w->y);
    leg_bench_clear(&w->b);
}

/* Leaves an origin to be cleared, whatever comes out. */
static fp_status make(world *w)
{
    fp_error err = {0};
    leg_set_knot(w->b.leg, fp_flow_layout(w->b.flow), w->y);
    fp_status status = fp_origin_make(&w->origin, w->b.leg, w->compressed, &err);
    w->e0 = mag_get_d(w->origin.e0);
    w->e_w = mag_get_d(w->origin.e_w);
    ck_assert_msg(status == FP_OK || (status == FP_REJECTED && err.message[0]), "%s: %s", fp_status_name(status), err.message);
    return status;
}

static double distance_of(world *w)
{
    ck_assert_int_eq(make(w), FP_OK);
    fp_origin_clear(&w->origin);
    return w->e0;
}

/* ---- distances */
/* Weights are multiples of 2^-10. */
START_TEST(a_reduced_knot_that_holds_the_weights_is_at_distance_zero)
{
    world w;
    world_init(&w, (size_t)_i, false, 2);
    ck_assert_int_eq(make(&w), FP_OK);
    ck_assert(mag_is_zero(w.origin.e0) && mag_is_zero(w.origin.e_w));
    fp_origin_clear(&w.origin);
    world_clear(&w);
}
END_TEST

/* Knots of 180 and of 60 bits: the first is 2^-170 or so off, the second as far as the two are from each other. */
START_TEST(a_compressed_knot_is_as_far_off_as_it_was_rounded)
{
    world fine, coarse;
    mag_t apart;
    mag_init(apart);
    world_init(&fine, (size_t)_i, true, 3);
    world_init(&coarse, (size_t)_i, true, 1);
    double e3 = distance_of(&fine), e1 = distance_of(&coarse);
    fp_leg_distance(apart, fine.b.leg, coarse.b.leg);
    ck_assert_msg(e3 < 0x1p-165, "%g", e3);
    ck_assert_msg(e1 >= mag_get_d(apart) * (1 - 1e-6) && e1 <= mag_get_d(apart) * (1 + 1e-6), "%g, knots %g apart", e1, mag_get_d(apart));
    world_clear(&fine);
    world_clear(&coarse);
    mag_clear(apart);
}
END_TEST

static void shift(fp_vec *y, size_t at, double by)
{
    mpfr_t x;
    mpfr_init2(x, LEG_PREC);
    fp_vec_get(x, y, at);
    mpfr_add_d(x, x, by, MPFR_RNDN);
    fp_vec_set(y, at, x);
    mpfr_clear(x);
}

/* Each entry of each vector in turn, in u with its weight */
static void check_entries(size_t instance, bool compressed)
{
    world w;
    world_init(&w, instance, compressed, 3);
    for (size_t v = 0; v < w.b.leg->vectors; v++)
        for (size_t r = 0; r < fp_leg_at(w.b.leg, v, 0)->len && r < 20; r++) {
            size_t at = leg_offset(fp_flow_layout(w.b.flow), v) + r;
            double by = (r + v) % 2 ? 1e-6 : -1e-6, wanted = v == 0 ? 1e-6 / sqrt((double)w.b.problem.m1) : 1e-6;
            shift(w.y, at, by);
            double e0 = distance_of(&w);
            ck_assert_msg(e0 >= wanted * (1 - 1e-12) && e0 <= wanted * (1 + 1e-6), "instance %zu, vector %zu, row %zu: %g instead of %g", instance, v, r, e0, wanted);
            shift(w.y, at, -by);
        }
    ck_assert_double_lt(distance_of(&w), 0x1p-165);
    world_clear(&w);
}

START_TEST(every_entry_of_a_knot_counts)
{
    check_entries((size_t)_i, false);
    check_entries((size_t)_i, true);
}
END_TEST

/* All vectors off: squares add up. */
START_TEST(errors_of_several_vectors_add_up_in_the_norm)
{
    for (int compressed = 0; compressed < 2; compressed++) {
        world w;
        world_init(&w, (size_t)_i, compressed, 3);
        for (size_t v = 0; v < w.b.leg->vectors; v++) shift(w.y, leg_offset(fp_flow_layout(w.b.flow), v), 1e-6);
        double e0 = distance_of(&w), wanted = 1e-6 * sqrt((double)w.b.leg->vectors - 1 + 1 / (double)w.b.problem.m1);
        ck_assert_msg(e0 >= wanted * (1 - 1e-12) && e0 <= wanted * (1 + 1e-6), "%g instead of %g", e0, wanted);
        world_clear(&w);
    }
}
END_TEST

/* A number of the instance changed by 2^-10 after the knot was made: that changes the length of its column, hence the distance in every basis. */
static void check_weight(world *w, double *weight, double *column, long stride)
{
    double before = 0, after = 0, kept = *weight;
    for (long r = 0; r < w->b.problem.m; r++) before += column[r * stride] * column[r * stride];
    *weight += kept > 0 ? 0x1p-10 : -0x1p-10;
    for (long r = 0; r < w->b.problem.m; r++) after += column[r * stride] * column[r * stride];
    double least = fabs(sqrt(after) - sqrt(before)), e0 = distance_of(w);
    ck_assert_msg(e0 >= least * (1 - 1e-9) && least > 1e-7, "%g, at least %g", e0, least);
    if (!w->compressed) ck_assert_double_le(e0, 0x1p-10 * (1 + 1e-6));
    *weight = kept;
}

static double *largest_of(double *column, long stride, long m)
{
    long best = 0;
    for (long r = 1; r < m; r++)
        if (fabs(column[r * stride]) > fabs(column[best * stride])) best = r;
    return column + best * stride;
}

START_TEST(another_instance_is_far_off)
{
    for (int compressed = 0; compressed < 2; compressed++) {
        world w;
        world_init(&w, (size_t)_i, compressed, 2);
        fp_problem *p = &w.b.problem;
        double *const matrix[] = {p->W_V, p->W_K, p->W_Q};
        for (int block = 0; block < 3; block++)
            for (long t = 0; t < p->d; t++) check_weight(&w, largest_of(matrix[block] + t, p->d, p->m), matrix[block] + t, p->d);
        for (long j = 0; j < p->m1; j++) { /* the sign of a neuron in u = sum_j a_j w_j */
            p->a[j] = -p->a[j];
            ck_assert_double_gt(distance_of(&w), 1e-3);
            p->a[j] = -p->a[j];
        }
        world_clear(&w);
    }
}
END_TEST

/* ---- bases */
/* Row r of all vectors from `first` to `last` times -1 */
static void turn(world *w, size_t first, size_t last, size_t r)
{
    mpfr_t x;
    mpfr_init2(x, LEG_PREC);
    for (size_t v = first; v <= last; v++) {
        size_t at = leg_offset(fp_flow_layout(w->b.flow), v) + r;
        fp_vec_get(x, w->y, at);
        mpfr_neg(x, x, MPFR_RNDN);
        fp_vec_set(w->y, at, x);
    }
    mpfr_clear(x);
}

/* Any sign of a basis vector will do, if all have it. */
START_TEST(the_signs_of_a_basis_are_those_of_the_knot)
{
    world w;
    world_init(&w, (size_t)_i, true, 3);
    size_t d = (size_t)w.b.leg->d;
    for (size_t r = 0; r < (size_t)w.b.leg->rows_v; r += 2) turn(&w, 0, d, r);
    for (size_t r = 0; r < (size_t)w.b.leg->rows_k; r += 3) turn(&w, d + 1, 3 * d, r);
    ck_assert_double_lt(distance_of(&w), 0x1p-165);
    turn(&w, 3 * d, 3 * d, 0); /* one vector alone: the first row of the last q */
    ck_assert_double_gt(distance_of(&w), 1e-3);
    world_clear(&w);
}
END_TEST

/* ---- neurons */
/* out = a.b - sum_r x[r stride_x] y[r stride_y] */
static double gram_error(const fp_grid_vec *a, const fp_grid_vec *b, const double *x, const double *y, long stride_y, long m)
{
    arb_t sum, s, t;
    arb_init(sum);
    arb_init(s);
    arb_init(t);
    fp_grid_dot(sum, a, b, PREC);
    for (long r = 0; r < m; r++) {
        arb_set_d(s, x[r]);
        arb_set_d(t, y[r * stride_y]);
        arb_submul(sum, s, t, PREC);
    }
    double error = fabs(arf_get_d(arb_midref(sum), ARF_RND_NEAR));
    arb_clear(sum);
    arb_clear(s);
    arb_clear(t);
    return error;
}

static double length(const double *x, long m)
{
    double sum = 0;
    for (long r = 0; r < m; r++) sum += x[r] * x[r];
    return sqrt(sum);
}

/* |w0.v0 - w.v| <= e_w |v0| + |w| e0, and for u with sqrt m1 e0 */
static void check_neuron(const world *w, long j, const double *u)
{
    const fp_problem *p = &w->b.problem;
    const fp_grid_vec *found = w->origin.rotated.at + j;
    const double *exact = p->W + j * p->m;
    for (long t = 0; t <= p->d; t++) {
        const fp_grid_vec *x = t < p->d ? fp_leg_at(w->b.leg, fp_leg_v(t), 0) : w->origin.u0.at;
        double off = t < p->d ? gram_error(found, x, exact, p->W_V + t, p->d, p->m) : gram_error(found, x, exact, u, 1, p->m);
        double allowed = w->e_w * mag_get_d(x->norm) + length(exact, p->m) * w->e0 * (t < p->d ? 1 : sqrt((double)p->m1));
        ck_assert_msg(off <= allowed * (1 + 1e-6) && allowed <= 0x1p-45 * mag_get_d(x->norm) * (1 + length(exact, p->m)), "neuron %ld, vector %ld: off %g, allowed %g", j, t, off, allowed);
    }
    for (long i = 0; i < p->m1; i++) ck_assert(gram_error(w->origin.whole.at + i, w->origin.whole.at + j, p->W + i * p->m, exact, 1, p->m) == 0);
}

START_TEST(neurons_have_the_inner_products_of_the_instance)
{
    for (int limbs = 1; limbs <= 3; limbs += 2)
        for (int compressed = 0; compressed < 2; compressed++) {
            world w;
            world_init(&w, (size_t)_i, compressed, limbs);
            const fp_problem *p = &w.b.problem;
            double *u = fp_alloc((size_t)p->m, sizeof *u); /* exact: sums of few multiples of 2^-10 */
            for (long e = 0; e < p->m1 * p->m; e++) u[e % p->m] += p->a[e / p->m] * p->W[e];
            ck_assert_int_eq(make(&w), FP_OK);
            for (long j = 0; j < p->m1; j++) check_neuron(&w, j, u);
            fp_origin_clear(&w.origin);
            free(u);
            world_clear(&w);
        }
}
END_TEST

static double apart(const fp_grid_vec *x, const fp_grid_vec *y)
{
    arb_t a, b;
    double sum = 0;
    arb_init(a);
    arb_init(b);
    for (size_t r = 0; r < x->len; r++) {
        fp_grid_get_ball(a, x, r);
        fp_grid_get_ball(b, y, r);
        arb_sub(a, a, b, PREC);
        sum += pow(arf_get_d(arb_midref(a), ARF_RND_NEAR), 2);
    }
    arb_clear(a);
    arb_clear(b);
    return sqrt(sum);
}

static double worst_neuron(const world *x, const world *y)
{
    double worst = 0;
    for (long j = 0; j < x->b.problem.m1; j++) worst = fmax(worst, apart(x->origin.rotated.at + j, y->origin.rotated.at + j));
    return worst;
}

/* In 60 bits against 180: the bound is that of the worst neuron, at most sqrt(rows)/2 units of its grid, when the error of an entry is 0.3 of a unit or so. */
START_TEST(neurons_are_as_far_off_as_they_were_rounded)
{
    world fine, coarse;
    world_init(&fine, (size_t)_i, true, 3);
    world_init(&coarse, (size_t)_i, true, 1);
    ck_assert_int_eq(make(&fine), FP_OK);
    ck_assert_int_eq(make(&coarse), FP_OK);
    double worst = worst_neuron(&fine, &coarse);
    ck_assert_msg(worst <= coarse.e_w * (1 + 1e-6) && coarse.e_w <= 3 * worst, "%g off, %g said", worst, coarse.e_w);
    ck_assert_double_lt(fine.e_w, 0x1p-165);
    fp_origin_clear(&fine.origin);
    fp_origin_clear(&coarse.origin);
    world_clear(&fine);
    world_clear(&coarse);
}
END_TEST

/* v_2 = v_1 but for 2^-52 in one row: the Gram matrix loses 104 bits, of which one digit and its guard bits have too few. What is lost must be in both bounds. */
START_TEST(columns_that_are_nearly_dependent_cost_digits_and_the_bounds_say_so)
{
    world w[2];
    for (int k = 0; k < 2; k++) {
        fp_problem *p = &w[k].b.problem;
        w[k] = (world){.compressed = true};
        instance_make(p, 1);
        for (long r = 0; r < p->m; r++) p->W_V[r * p->d + 1] = p->W_V[r * p->d] = 0.5 + fabs(p->W_V[r * p->d]) / 2;
        p->W_V[1] += 0x1p-52;
        leg_bench_make(&w[k].b, FP_FLOW_COMPRESSED, 1, k == 0 ? 3 : 1);
        w[k].y = fp_flow_initial(w[k].b.flow);
        ck_assert_int_eq(make(&w[k]), FP_OK);
    }
    double worst = worst_neuron(&w[0], &w[1]);
    ck_assert_msg(w[0].e_w < 1e-3 * worst, "the finer one is not fine enough: %g", w[0].e_w);
    ck_assert_msg(worst <= w[1].e_w && worst > 0x1p-58, "%g off, %g said", worst, w[1].e_w);
    for (int k = 0; k < 2; k++) {
        fp_origin_clear(&w[k].origin);
        world_clear(&w[k]);
    }
}
END_TEST

/* One digit holds no 53-bit number beside one 2^20 times as large: in a neuron it counts in e_w, in a column in e0. */
START_TEST(what_the_grid_cannot_hold_is_in_the_bounds)
{
    const double small = 0x1p-10 * (1 + 0x1p-52);
    for (int block = 0; block < 4; block++) {
        world w = {0};
        instance_make(&w.b.problem, 0);
        fp_problem *p = &w.b.problem;
        double *const x[] = {p->W, p->W_V, p->W_K, p->W_Q};
        for (long e = 0; block == 0 && e < p->m * p->m1; e++) p->W[e] = 0; /* so that u = a_1 w_1 */
        x[block][0] = 0x1p10;
        x[block][block ? p->d : 1] = small;
        leg_bench_make(&w.b, FP_FLOW_REDUCED, 1, 1);
        w.y = fp_flow_initial(w.b.flow);
        ck_assert_int_eq(make(&w), FP_OK);
        size_t vector = block ? 1 + (size_t)(block - 1) * (size_t)p->d : 0;
        arb_t held;
        arb_init(held);
        fp_grid_get_ball(held, fp_leg_at(w.b.leg, vector, 0), 1);
        double off = fabs(arf_get_d(arb_midref(held), ARF_RND_NEAR) - (block ? small : p->a[0] * small)), e0 = off / (block ? 1 : sqrt((double)p->m1));
        ck_assert_msg(off > 0 && w.e0 >= e0 * (1 - 1e-12) && w.e0 <= e0 * (1 + 1e-6), "block %d: %g instead of %g", block, w.e0, e0);
        ck_assert(block == 0 ? w.e_w >= off && w.e_w <= 0x1p-50 * (1 + 1e-6) : w.e_w == 0); /* half a unit of 2^11 2^-60 */
        arb_clear(held);
        fp_origin_clear(&w.origin);
        world_clear(&w);
    }
}
END_TEST

/* ---- what is refused */
/* Column t of a matrix := column s of another */
static void copy_column(fp_problem *p, double *to, long t, const double *from, long s)
{
    for (long r = 0; r < p->m; r++) to[r * p->d + t] = from[r * p->d + s];
}

static void check_status(world *w, fp_status wanted, const char *what)
{
    fp_status found = make(w);
    ck_assert_msg(found == wanted, "%s: %s instead of %s", what, fp_status_name(found), fp_status_name(wanted));
    if (found == FP_OK) ck_assert_double_gt(w->e0, 1e-3); /* the knot is that of the instance as it was */
    fp_origin_clear(&w->origin);
}

/* m = 12 rows, 2d = 10 and d + 1 = 6 columns: each must be independent of the others. m = 5 rows, 12 and 7 columns: those after the fifth need not. */
START_TEST(columns_that_depend_on_each_other_are_refused_where_they_span_the_basis)
{
    static const struct {
        size_t instance;
        long column;
        fp_status wanted;
    } list[] = {{1, 1, FP_REJECTED}, {1, 4, FP_REJECTED}, {0, 1, FP_REJECTED}, {0, 4, FP_REJECTED}, {0, 5, FP_OK}};
    for (size_t k = 0; k < sizeof list / sizeof *list; k++)
        for (int block = 0; block < 2; block++) {
            world w;
            world_init(&w, list[k].instance, true, 2);
            fp_problem *p = &w.b.problem;
            double *matrix = block ? p->W_K : p->W_V;
            copy_column(p, matrix, list[k].column, matrix, 0);
            check_status(&w, list[k].wanted, block ? "W_K" : "W_V");
            world_clear(&w);
        }
}
END_TEST

START_TEST(a_query_column_in_the_span_of_the_keys_and_u_in_that_of_V_are_refused)
{
    world w;
    world_init(&w, 1, true, 2);
    fp_problem *p = &w.b.problem;
    copy_column(p, p->W_Q, 2, p->W_K, 3);
    check_status(&w, FP_REJECTED, "a query like a key");
    world_clear(&w);
    world_init(&w, 1, true, 2);
    p = &w.b.problem;
    for (long e = 0; e < p->m1 * p->m; e++) p->W[e] = e < p->m ? p->a[0] * 3 * p->W_V[e * p->d] : 0;
    check_status(&w, FP_REJECTED, "u = 3 v_1");
    world_clear(&w);
    world_init(&w, 1, true, 2);
    p = &w.b.problem;
    for (long r = 0; r < p->m; r++) p->W_V[r * p->d + 2] = 0;
    check_status(&w, FP_REJECTED, "v_3 = 0");
    world_clear(&w);
    world_init(&w, 1, false, 2); /* in the reduced form nothing needs a basis */
    p = &w.b.problem;
    copy_column(p, p->W_Q, 2, p->W_K, 3);
    check_status(&w, FP_OK, "reduced");
    world_clear(&w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("origin of the verifier");
    TCase *cases = tcase_create("origin");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, a_reduced_knot_that_holds_the_weights_is_at_distance_zero, 0, CASES);
    tcase_add_loop_test(cases, a_compressed_knot_is_as_far_off_as_it_was_rounded, 0, CASES);
    tcase_add_loop_test(cases, every_entry_of_a_knot_counts, 0, LONG_COLUMNS);
    tcase_add_loop_test(cases, errors_of_several_vectors_add_up_in_the_norm, 0, CASES);
    tcase_add_loop_test(cases, another_instance_is_far_off, 0, LONG_COLUMNS);
    tcase_add_loop_test(cases, the_signs_of_a_basis_are_those_of_the_knot, 0, CASES);
    tcase_add_loop_test(cases, neurons_have_the_inner_products_of_the_instance, 0, CASES);
    tcase_add_loop_test(cases, neurons_are_as_far_off_as_they_were_rounded, 0, CASES);
    tcase_add_test(cases, columns_that_are_nearly_dependent_cost_digits_and_the_bounds_say_so);
    tcase_add_test(cases, what_the_grid_cannot_hold_is_in_the_bounds);
    tcase_add_test(cases, columns_that_depend_on_each_other_are_refused_where_they_span_the_basis);
    tcase_add_test(cases, a_query_column_in_the_span_of_the_keys_and_u_in_that_of_V_are_refused);
    suite_add_tcase(suite, cases);
    return fp_test_main(suite);
}
