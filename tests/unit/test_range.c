/* SPDX-License-Identifier: MIT */
/* Ranges over a sub-interval against the series started anew at points inside it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/flow_instances.h"
#include "../support/fp_check.h"
#include "../support/second_variation.h"

/* ---- one series */
static void random_ball(arb_t out, fp_rng *r)
{
    arb_set_d(out, (double)(fp_rng_u32(r) >> 1) * 0x1p-30 - 1);
}

/* A random polynomial with tail 2^-20 over random [a, b]; at points of [a, b] any value within the tail of the polynomial's is inside, and the width is as announced. */
START_TEST(a_range_contains_every_value_and_is_no_wider_than_its_terms)
{
    enum { ORDER = 9, PREC = 200 };
    fp_rng r;
    arb_ptr c = _arb_vec_init(ORDER + 1);
    arb_t range, value, width, x, y;
    arf_t a, b, t;
    mag_t tail;
    arb_init(range), arb_init(value), arb_init(width), arb_init(x), arb_init(y);
    arf_init(a), arf_init(b), arf_init(t);
    mag_init(tail);
    fp_rng_init(&r, 31, (uint32_t)_i);
    mag_set_ui_2exp_si(tail, 1, -20);
    for (int k = 0; k <= ORDER; k++)
        random_ball(c + k, &r);
    arf_set_d(a, (double)fp_rng_u32(&r) * 0x1p-33);
    arf_set_d(b, (double)fp_rng_u32(&r) * 0x1p-33 * ldexp(1, -_i));
    arf_add(b, a, b, ARF_PREC_EXACT, ARF_RND_DOWN);
    fp_range_scalar(range, c, ORDER, tail, a, b, PREC);
    for (int k = 0; k <= 16; k++) {
        arf_sub(t, b, a, ARF_PREC_EXACT, ARF_RND_DOWN);
        arf_mul_ui(t, t, (ulong)k, ARF_PREC_EXACT, ARF_RND_DOWN);
        arf_mul_2exp_si(t, t, -4);
        arf_add(t, t, a, ARF_PREC_EXACT, ARF_RND_DOWN);
        arb_set_arf(x, t);
        _arb_poly_evaluate(value, c, ORDER + 1, x, 2 * PREC);
        arb_add_error_mag(value, tail);
        ck_assert_msg(arb_contains(range, value), "point %d", k);
    }
    for (int k = 0; k <= ORDER; k++) {
        arb_set_arf(x, b), arb_pow_ui(x, x, (ulong)k, PREC);
        arb_set_arf(y, a), arb_pow_ui(y, y, (ulong)k, PREC);
        arb_sub(x, x, y, PREC), arb_abs(y, c + k), arb_addmul(width, x, y, PREC);
    }
    ck_assert(2 * (mag_get_d(arb_radref(range)) - 0x1p-20) <= arf_get_d(arb_midref(width), ARF_RND_UP) * (1 + 0x1p-20) + 0x1p-45);
    _arb_vec_clear(c, ORDER + 1);
    arb_clear(range), arb_clear(value), arb_clear(width), arb_clear(x), arb_clear(y);
    arf_clear(a), arf_clear(b), arf_clear(t);
    mag_clear(tail);
}
END_TEST

START_TEST(at_one_time_a_range_is_the_value_to_the_last_bits)
{
    arb_ptr c = _arb_vec_init(3);
    arb_t range;
    arf_t a;
    mag_t zero;
    arb_init(range), arf_init(a), mag_init(zero);
    arb_set_d(c, 1), arb_set_d(c + 1, 2), arb_set_d(c + 2, 3);
    arf_set_d(a, 0.5);
    fp_range_scalar(range, c, 2, zero, a, a, 128);
    ck_assert(arb_contains_si(range, 2) == 0 && mag_cmp_2exp_si(arb_radref(range), -110) < 0);
    fp_ck_contains(range, "2.75");
    arf_zero(a);
    fp_range_scalar(range, c, 2, zero, a, a, 128);
    ck_assert(arb_is_one(range));
    _arb_vec_clear(c, 3);
    arb_clear(range), arf_clear(a), mag_clear(zero);
}
END_TEST

START_TEST(what_is_no_interval_of_the_step_has_no_range)
{
    static const double ends[][2] = {{0.5, 0.25}, {-0.25, 0.5}, {0, NAN}, {NAN, 1}, {0, INFINITY}};
    arb_t one, range;
    arf_t a, b;
    mag_t zero;
    arb_init(one), arb_init(range), arf_init(a), arf_init(b), mag_init(zero);
    arb_one(one);
    for (size_t k = 0; k < sizeof ends / sizeof ends[0]; k++) {
        arf_set_d(a, ends[k][0]), arf_set_d(b, ends[k][1]);
        fp_range_scalar(range, one, 0, zero, a, b, 64);
        ck_assert_msg(!arb_is_finite(range), "[%g, %g]", ends[k][0], ends[k][1]);
    }
    arb_clear(one), arb_clear(range), arf_clear(a), arf_clear(b), mag_clear(zero);
}
END_TEST

/* ---- a step of the flow */
enum { CASES = 4, ORDER = 16, LIMBS = 3, PREC = 212, PARTS = 4, POINTS = 5 };
static const size_t instances[CASES] = {0, 1, 2, 5};

typedef struct {
    fp_problem p;
    fp_flow *flow;
    fp_series *series, *there; /* the step's, and one started at a point of it */
    fp_series_state state;
    fp_tails tails;
    fp_range x;
    fp_widening w;
    fp_growth *g;
    plain_state plain;
    fp_vec *y;
    arf_t h, a, b, tau;
    mag_t r, mu, error;
} rig;

static fp_series *new_series(const rig *t)
{
    fp_series *s = NULL;
    fp_error err = {0};
    fp_ck_ok(fp_series_new(&s, &t->p, fp_flow_layout(t->flow), LIMBS, ORDER, PREC, NULL, &err), &err);
    return s;
}

static void rig_open(rig *t, int k)
{
    fp_error err = {0};
    memset(t, 0, sizeof *t);
    instance_make(&t->p, instances[k]);
    fp_ck_ok(fp_flow_new(&t->flow, FP_FLOW_REDUCED, &t->p, 60 * LIMBS, NULL, &err), &err);
    t->series = new_series(t), t->there = new_series(t);
    arf_init(t->h), arf_init(t->a), arf_init(t->b), arf_init(t->tau);
    mag_init(t->r), mag_init(t->mu), mag_init(t->error);
    t->y = fp_flow_initial(t->flow);
    ck_assert(fp_series_start(t->series, t->error, t->y));
    fp_series_extend(t->series, ORDER);
    fp_series_state_init(&t->state, t->series);
    fp_tails_init(&t->tails, t->series, ORDER);
    arf_set_d(t->h, 0x1p-8);
    fp_tails_set(&t->tails, t->series, t->h);
    ck_assert(t->tails.closed);
    fp_range_init(&t->x, t->series);
    fp_widening_init(&t->w, t->series);
    t->g = fp_growth_new(t->series);
    plain_init(&t->plain, &t->p, t->p.m, t->p.m);
}

static void rig_close(rig *t)
{
    plain_clear(&t->plain);
    fp_growth_free(t->g);
    fp_widening_clear(&t->w);
    fp_range_clear(&t->x);
    fp_tails_clear(&t->tails);
    fp_series_state_clear(&t->state);
    fp_vec_free(t->y);
    mag_clear(t->r), mag_clear(t->mu), mag_clear(t->error);
    arf_clear(t->h), arf_clear(t->a), arf_clear(t->b), arf_clear(t->tau);
    fp_series_free(t->series), fp_series_free(t->there);
    fp_flow_free(t->flow);
    instance_clear(&t->p);
}

/* Sub-interval k of `parts` */
static void set_part(rig *t, int k, int parts)
{
    arf_mul_si(t->a, t->h, k, ARF_PREC_EXACT, ARF_RND_DOWN), arf_div_ui(t->a, t->a, (ulong)parts, 60, ARF_RND_DOWN);
    arf_mul_si(t->b, t->h, k + 1, ARF_PREC_EXACT, ARF_RND_DOWN), arf_div_ui(t->b, t->b, (ulong)parts, 60, ARF_RND_DOWN);
    fp_range_set(&t->x, t->series, &t->tails, t->a, t->b);
    fp_widening_set(&t->w, t->series, &t->x, t->r);
}

/* `there` and `plain` at point e of the sub-interval: both ends and between. */
static void go(rig *t, int e)
{
    arf_sub(t->tau, t->b, t->a, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_mul_si(t->tau, t->tau, e, ARF_PREC_EXACT, ARF_RND_DOWN), arf_mul_2exp_si(t->tau, t->tau, -2);
    arf_add(t->tau, t->tau, t->a, ARF_PREC_EXACT, ARF_RND_DOWN);
    fp_series_at(&t->state, t->error, t->series, t->tau);
    fp_series_restart(t->there, &t->state);
    fp_series_extend(t->there, 1);
    fp_series_state_to_vec(t->y, &t->state, fp_flow_layout(t->flow));
    plain_set(&t->plain, fp_flow_layout(t->flow), t->y);
}

/* value[0] of the series at the point lies in the range (which is known to 64 bits), and the radius is at most (b - a)/2 |slope| (1 + slack) and a little */
static void check_scalar(const rig *t, const arb_t range, arb_srcptr value, double slack, const char *name, size_t e)
{
    arb_t wide;
    mag_t tiny;
    arb_init(wide), mag_init(tiny);
    mag_set_ui_2exp_si(tiny, 1, -80); /* the point is on the grid of y(tau) to far better than this */
    arb_set(wide, range), arb_add_error_mag(wide, tiny);
    ck_assert_msg(arb_contains(wide, value), "%s %zu leaves its range", name, e);
    double width = arf_get_d(t->b, ARF_RND_UP) - arf_get_d(t->a, ARF_RND_DOWN), slope = fabs(arf_get_d(arb_midref(value + 1), ARF_RND_NEAR));
    if (slack > 0)
        ck_assert_msg(mag_get_d(arb_radref(range)) <= width / 2 * (slope + slack) + 0x1p-44, "%s %zu: radius %g, slope %g", name, e, mag_get_d(arb_radref(range)), slope);
    arb_clear(wide), mag_clear(tiny);
}

static void check_scalars(const rig *t, double slack)
{
    const fp_range *x = &t->x;
    for (size_t e = 0; e < x->d; e++) {
        check_scalar(t, x->G + e, fp_series_G(t->there, (long)e), slack, "G", e);
        check_scalar(t, x->c + e, fp_series_c(t->there, (long)e), slack, "c", e);
    }
    for (size_t e = 0; e < x->pairs; e++) {
        check_scalar(t, x->s + e, fp_series_score(t->there, e), slack, "s", e);
        check_scalar(t, x->N + e, fp_series_N(t->there, e), slack, "N", e);
    }
    for (size_t i = 0; i < x->n; i++) {
        check_scalar(t, x->F + i, fp_series_F(t->there, (long)i), slack, "F", i);
        check_scalar(t, x->g + i, fp_series_g(t->there, (long)i), slack, "g", i);
        for (size_t l = 0; l < x->L; l++) {
            size_t row = i * x->L + l;
            check_scalar(t, x->o + row, fp_series_o(t->there, (long)i, (long)l), slack, "o", row);
            for (size_t h = 0; h < x->L; h++)
                check_scalar(t, x->p + row * x->L + h, fp_series_p(t->there, (long)i, (long)l, (long)h), slack, "p", row * x->L + h);
        }
    }
}

/* |x(tau)| between 0.8 of the bound and the bound */
static void check_norm(const mag_t bound, const double *x, size_t n, const char *name)
{
    long double sum = 0;
    for (size_t r = 0; r < n; r++)
        sum += (long double)x[r] * x[r];
    double norm = (double)sqrtl(sum);
    ck_assert_msg(norm <= mag_get_d(bound) * (1 + 1e-15) && norm >= 0.8 * mag_get_d(bound), "%s: %.17g, bound %.17g", name, norm, mag_get_d(bound));
}

static void check_norms(const rig *t)
{
    const plain_state *s = &t->plain;
    size_t rv = (size_t)s->shape.rows_v, rk = (size_t)s->shape.rows_k;
    check_norm(t->x.u, s->x, rv, "u");
    for (size_t e = 0; e < t->x.d; e++) {
        check_norm(t->x.v + e, s->x + s->v + e * rv, rv, "v");
        check_norm(t->x.k + e, s->x + s->k + e * rk, rk, "k");
        check_norm(t->x.q + e, s->x + s->q + e * rk, rk, "q");
    }
}

START_TEST(every_quantity_stays_in_its_range_along_a_step)
{
    rig t;
    rig_open(&t, _i);
    for (int k = 0; k < PARTS; k++) {
        set_part(&t, k, PARTS);
        for (int e = 0; e < POINTS; e++) {
            go(&t, e);
            check_scalars(&t, 0);
            check_norms(&t);
        }
    }
    rig_close(&t);
}
END_TEST

/* Over 1/1024 of the step ranges are as wide as slopes say. */
START_TEST(ranges_are_sharp_over_short_times)
{
    rig t;
    rig_open(&t, _i);
    set_part(&t, 0, 1024);
    go(&t, 2);
    check_scalars(&t, 0.01);
    set_part(&t, 0, 1);
    arf_set(t.a, t.h), arf_set(t.b, t.h);
    fp_range_set(&t.x, t.series, &t.tails, t.a, t.b);
    go(&t, 0);
    check_scalars(&t, 0.01);
    rig_close(&t);
}
END_TEST

/* ---- mu over the sub-interval */
static double distance(const double *x, const double *y, size_t n)
{
    long double sum = 0;
    for (size_t r = 0; r < n; r++)
        sum += ((long double)x[r] - y[r]) * ((long double)x[r] - y[r]);
    return (double)sqrtl(sum);
}

static void check_vectors(double *most, const mag_t off, const double *held, const double *x, size_t rows, const char *name)
{
    double moved = distance(held, x, rows), allowed = mag_get_d(off);
    ck_assert_msg(moved <= allowed + 1e-15, "%s: %g, allowed %g", name, moved, allowed);
    *most = fmax(*most, moved / allowed);
}

static void check_cloud(double *most, const rig *t)
{
    const plain_state *s = &t->plain;
    const fp_growth_vectors *at = fp_growth_get_vectors(t->g);
    size_t rv = (size_t)s->shape.rows_v, rk = (size_t)s->shape.rows_k;
    for (size_t e = 0; e < t->x.d; e++) {
        check_vectors(most, at->v_off + e, at->v + e * rv, s->x + s->v + e * rv, rv, "v");
        check_vectors(most, at->k_off + e, at->k + e * rk, s->x + s->k + e * rk, rk, "k");
        check_vectors(most, at->q_off + e, at->q + e * rk, s->x + s->q + e * rk, rk, "q");
    }
}

static double mu_of(rig *t)
{
    fp_growth_bound(t->mu, t->g, t->series, &t->x, &t->w, t->r);
    return mag_get_d(t->mu);
}

START_TEST(mu_of_a_sub_interval_is_above_every_eigenvalue_on_it)
{
    rig t;
    double off = 0, ratio = 0;
    rig_open(&t, _i);
    for (int k = 0; k < PARTS; k += 3) {
        mag_zero(t.r);
        set_part(&t, k, PARTS);
        double mu = mu_of(&t);
        for (int e = 0; e < POINTS; e += 2) {
            go(&t, e);
            check_cloud(&off, &t);
            double *M = plain_M_dense(&t.plain, 0), lambda = largest_eigenvalue(M, t.plain.dim);
            ck_assert_msg(lambda <= mu, "part %d, point %d: %.12g above %.12g", k, e, lambda, mu);
            ratio = fmax(ratio, lambda / mu);
            free(M);
        }
        mag_set_d(t.r, 1e-9);
        set_part(&t, k, PARTS);
        ck_assert(mu_of(&t) >= mu * (1 - 1e-6) && mag_get_d(t.mu) <= mu * 1.001); /* a thin tube costs nothing */
    }
    ck_assert_msg(off >= 0.9, "the vectors never come near the allowance: %.3f", off);
    ck_assert_msg(ratio >= 0.6, "largest ratio %.3f", ratio);
    rig_close(&t);
}
END_TEST

/* The parts of a step add up to what they are one by one, on any number of threads; a tube that is no number has no bound. */
START_TEST(the_integral_over_a_step_is_the_sum_over_its_parts)
{
    rig t;
    mag_t integral, largest, sum, length;
    fp_pool *pool = fp_pool_new(2);
    mag_init(integral), mag_init(largest), mag_init(sum), mag_init(length);
    rig_open(&t, 0);
    mag_set_d(t.r, 1e-6);
    mag_set_ui_2exp_si(length, 1, -10);
    for (int k = 0; k < 4; k++) {
        set_part(&t, k, 4);
        fp_growth_forget(t.g);
        mu_of(&t);
        mag_addmul(sum, t.mu, length);
    }
    fp_growth_parts *alone = fp_growth_parts_new(t.series, 4, NULL), *both = fp_growth_parts_new(t.series, 4, pool);
    fp_growth_parts_open(alone, t.series, &t.tails, t.h), fp_growth_parts_open(both, t.series, &t.tails, t.h);
    mag_inf(t.mu);
    fp_growth_parts_bound(integral, largest, both, t.series, t.mu);
    ck_assert(mag_is_inf(integral) && mag_is_inf(largest));
    fp_growth_parts_open(both, t.series, &t.tails, t.h);
    fp_growth_parts_bound(integral, largest, both, t.series, t.r);
    ck_assert_msg(fabs(mag_get_d(integral) / mag_get_d(sum) - 1) <= 0x1p-26, "%.12g instead of %.12g", mag_get_d(integral), mag_get_d(sum));
    fp_growth_parts_bound(sum, length, alone, t.series, t.r);
    ck_assert(mag_equal(integral, sum) && mag_equal(largest, length));
    ck_assert(mag_get_d(largest) * 0x1p-8 >= mag_get_d(integral) && mag_get_d(largest) * 0x1p-8 <= 1.1 * mag_get_d(integral));
    fp_growth_parts_free(alone), fp_growth_parts_free(both);
    fp_pool_free(pool);
    mag_clear(integral), mag_clear(largest), mag_clear(sum), mag_clear(length);
    rig_close(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("range");
    TCase *plain = tcase_create("ranges");
    tcase_set_timeout(plain, 120);
    tcase_add_loop_test(plain, a_range_contains_every_value_and_is_no_wider_than_its_terms, 0, 12);
    tcase_add_test(plain, at_one_time_a_range_is_the_value_to_the_last_bits);
    tcase_add_test(plain, what_is_no_interval_of_the_step_has_no_range);
    tcase_add_loop_test(plain, every_quantity_stays_in_its_range_along_a_step, 0, CASES);
    tcase_add_loop_test(plain, ranges_are_sharp_over_short_times, 0, CASES);
    tcase_add_loop_test(plain, mu_of_a_sub_interval_is_above_every_eigenvalue_on_it, 0, CASES);
    tcase_add_test(plain, the_integral_over_a_step_is_the_sum_over_its_parts);
    suite_add_tcase(suite, plain);
    return fp_test_main(suite);
}
