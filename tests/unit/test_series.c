/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>

#include "../support/flow_instances.h"
#include "../support/fp_check.h"
#include "../support/naive_series.h"
#include "flowproof/series.h"

enum { LIMBS = 2, ORDER = 14, NAIVE_PREC = 700, STATE_PREC = 180 };

static const fp_flow_kind kinds[] = {FP_FLOW_REDUCED, FP_FLOW_COMPRESSED};

/* An instance, a state of it away from the dyadic start, and the series there. */
typedef struct {
    fp_problem p;
    fp_flow *flow;
    const fp_layout *at;
    fp_vec *y;
    fp_series *s;
    mag_t rounding;
} rig;

static void open_rig(rig *g, fp_flow_kind kind, int limbs, fp_pool *pool)
{
    fp_error err = {0};
    ck_assert_msg(fp_flow_new(&g->flow, kind, &g->p, STATE_PREC, NULL, &err) == FP_OK, "%s", err.message);
    g->at = fp_flow_layout(g->flow);
    g->y = fp_flow_initial(g->flow);
    rk4_go(g->y, fp_flow_field(g->flow), 2, 3);
    fp_ck_ok(fp_series_new(&g->s, &g->p, g->at, limbs, ORDER, 60 * limbs + 32, pool, &err), &err);
    mag_init(g->rounding);
    ck_assert(fp_series_start(g->s, g->rounding, g->y));
}

static void rig_make(rig *g, size_t instance, fp_flow_kind kind, int limbs)
{
    instance_make(&g->p, instance);
    open_rig(g, kind, limbs, NULL);
}

static void rig_clear(rig *g)
{
    mag_clear(g->rounding);
    fp_series_free(g->s);
    fp_vec_free(g->y);
    fp_flow_free(g->flow);
    instance_clear(&g->p);
}

typedef struct {
    fp_series_block block;
    long token;
    size_t row;
} place;

static place place_of(const fp_layout *at, size_t e)
{
    size_t rv = (size_t)at->rows_v, rk = (size_t)at->rows_k;
    if (e < at->V)
        return (place){FP_SERIES_U, 0, e};
    if (e < at->K)
        return (place){FP_SERIES_V, (long)((e - at->V) / rv), (e - at->V) % rv};
    bool key = e < at->Q;
    size_t from = e - (key ? at->K : at->Q);
    return (place){key ? FP_SERIES_K : FP_SERIES_Q, (long)(from / rk), from % rk};
}

/* Coefficient k of element e of the state, exact. */
static void coefficient(arb_t out, const rig *g, size_t e, int k)
{
    place x = place_of(g->at, e);
    fp_grid_get_ball(out, fp_series_vector(g->s, x.block, x.token, k), x.row);
}

static void naive_along(naive_series *x, const rig *g, int order)
{
    arb_t c;
    arb_init(c);
    naive_series_init(x, &g->p, g->at, order + 1, NAIVE_PREC);
    for (size_t e = 0; e < g->at->dim; e++)
        for (int k = 0; k <= order; k++) {
            coefficient(c, g, e, k);
            arb_poly_set_coeff_arb(x->y + e, k, c);
        }
    naive_series_evaluate(x);
    arb_clear(c);
}

/* The series' balls contain the independent ones and are thin: radius at most 2^-90 of the largest coefficient at hand (152 bits, of which the recurrences may lose some). */
static void same_series(arb_srcptr got, const arb_poly_struct *expected, int order, const char *what, long index)
{
    arb_t e, size;
    mag_t width;
    arb_init(e);
    arb_init(size);
    mag_init(width);
    for (int k = 0; k <= order; k++) {
        arb_poly_get_coeff_arb(e, expected, k);
        ck_assert_msg(arb_contains(got + k, e), "%s %ld: coefficient %d is %s, not within %s", what, index, k, arb_get_str(e, 30, 0), arb_get_str(got + k, 30, 0));
        mag_max(width, width, arb_radref(got + k));
        arb_abs(e, e);
        arb_max(size, size, e, 64);
    }
    arb_add_si(size, size, 1, 64);
    arb_mul_2exp_si(size, size, -90);
    arf_set_mag(arb_midref(e), width);
    mag_zero(arb_radref(e));
    ck_assert_msg(arb_lt(e, size), "%s %ld: radius %s", what, index, arb_get_str(e, 5, 0));
    arb_clear(e);
    arb_clear(size);
    mag_clear(width);
}

static void same_positions(const rig *g, const naive_series *x, int order)
{
    long L = g->p.L, d = g->p.d;
    const fp_series_shape *shape = fp_series_get_shape(g->s);
    for (long i = 0; i < g->p.n; i++)
        for (long l = 0; l < L; l++) {
            same_series(fp_series_o(g->s, i, l), x->o + i * L + l, order, "o", i * L + l);
            for (long k = 0; k < L; k++) {
                long at = (i * L + l) * L + k, pair = shape->pair_of[(g->p.token[i * L + k] - 1) * d + g->p.token[i * L + l] - 1];
                ck_assert_int_ge(pair, 0);
                same_series(fp_series_p(g->s, i, l, k), x->p + at, order, "p", at);
                same_series(fp_series_score(g->s, (size_t)pair), x->s + at, order, "score", at);
            }
        }
}

START_TEST(every_scalar_series_contains_the_independent_one)
{
    for (size_t kind = 0; kind < 2; kind++) {
        rig g;
        naive_series x;
        rig_make(&g, (size_t)_i, kinds[kind], LIMBS);
        fp_series_extend(g.s, ORDER);
        naive_along(&x, &g, ORDER);
        const fp_series_shape *shape = fp_series_get_shape(g.s);
        same_positions(&g, &x, ORDER);
        for (long i = 0; i < g.p.n; i++) {
            same_series(fp_series_F(g.s, i), x.F + i, ORDER, "F", i);
            same_series(fp_series_g(g.s, i), x.g + i, ORDER, "g", i);
        }
        for (long t = 0; t < g.p.d; t++) {
            same_series(fp_series_G(g.s, t), x.G + t, ORDER, "G", t);
            same_series(fp_series_c(g.s, t), x.c + t, ORDER, "c", t);
        }
        for (size_t pair = 0; pair < shape->pairs; pair++)
            same_series(fp_series_N(g.s, pair), x.N + shape->key[pair] * g.p.d + shape->query[pair], ORDER, "N", (long)pair);
        naive_series_clear(&x);
        rig_clear(&g);
    }
}
END_TEST

/* |(k+1) y_{k+1} - f_k|^2 weighted */
static void true_residual(arb_t out, const rig *g, const naive_series *x, int k)
{
    arb_t a, b;
    arb_init(a);
    arb_init(b);
    arb_zero(out);
    for (size_t e = 0; e < g->at->dim; e++) {
        coefficient(a, g, e, k + 1);
        arb_mul_si(a, a, k + 1, NAIVE_PREC);
        arb_poly_get_coeff_arb(b, x->f + e, k);
        arb_sub(a, a, b, NAIVE_PREC);
        arb_mul(a, a, a, NAIVE_PREC);
        if (e < g->at->V)
            arb_div_si(a, a, g->at->m1, NAIVE_PREC);
        arb_add(out, out, a, NAIVE_PREC);
    }
    arb_sqrt(out, out, NAIVE_PREC);
    arb_clear(a);
    arb_clear(b);
}

/* Weighted norm of (k+1) y_{k+1}: what the grid's rounding is relative to. */
static void size_of_slope(arb_t out, const rig *g, int k)
{
    mag_t x, sum;
    mag_init(x);
    mag_init(sum);
    for (long w = 0; w < 1 + 3 * g->p.d; w++) {
        fp_series_block block = w == 0 ? FP_SERIES_U : (fp_series_block)(FP_SERIES_V + (w - 1) / g->p.d);
        const fp_grid_vec *v = fp_series_vector(g->s, block, w == 0 ? 0 : (w - 1) % g->p.d, k + 1);
        mag_mul(x, v->norm, v->norm);
        mag_add(sum, sum, x);
    }
    mag_sqrt(sum, sum);
    arf_set_mag(arb_midref(out), sum);
    mag_zero(arb_radref(out));
    arb_mul_si(out, out, k + 1, 64);
    mag_clear(x);
    mag_clear(sum);
}

/* The bound holds, and it is sharp: at most 2^12 units of the last place of the vectors (rounding of sqrt(len) entries, exponents not filled by up to a few bits, recurrences' guard). */
START_TEST(residual_bounds_the_distance_from_the_equation_closely)
{
    arb_t d, bound, size;
    arb_init(d);
    arb_init(bound);
    arb_init(size);
    for (size_t kind = 0; kind < 2; kind++)
        for (int limbs = 1; limbs <= 3; limbs++) {
            rig g;
            naive_series x;
            rig_make(&g, (size_t)_i, kinds[kind], limbs);
            fp_series_extend(g.s, ORDER);
            naive_along(&x, &g, ORDER);
            for (int k = 0; k < ORDER; k++) {
                true_residual(d, &g, &x, k);
                arf_set_mag(arb_midref(bound), fp_series_residual(g.s, k));
                ck_assert_msg(arb_le(d, bound), "instance %d, %d limbs, order %d: %s > %s", _i, limbs, k, arb_get_str(d, 8, 0), arb_get_str(bound, 8, 0));
                size_of_slope(size, &g, k);
                arb_mul_2exp_si(size, size, 12 - 60 * limbs);
                ck_assert_msg(arb_le(bound, size), "instance %d, %d limbs, order %d: bound %s, unit %s", _i, limbs, k, arb_get_str(bound, 8, 0), arb_get_str(size, 8, 0));
            }
            naive_series_clear(&x);
            rig_clear(&g);
        }
    arb_clear(d);
    arb_clear(bound);
    arb_clear(size);
}
END_TEST

/* Sum, shift, decay, z have no counterpart in the naive model but follow from what has: p Z = E, z = sign y F, decay = e^{-z}. */
START_TEST(sums_and_decays_fit_the_quantities_they_stand_for)
{
    rig g;
    rig_make(&g, (size_t)_i, FP_FLOW_REDUCED, LIMBS);
    fp_series_extend(g.s, ORDER);
    const fp_series_shape *shape = fp_series_get_shape(g.s);
    arb_t x;
    arb_init(x);
    for (long i = 0; i < g.p.n; i++) {
        ck_assert_int_eq(abs(fp_series_z_sign(g.s, i)), 1);
        ck_assert(arf_sgn(arb_midref(fp_series_z(g.s, i))) >= 0);
        for (int k = 0; k <= ORDER; k++) {
            arb_mul_si(x, fp_series_F(g.s, i) + k, fp_series_z_sign(g.s, i) * g.p.label[i], 300);
            ck_assert(arb_overlaps(x, fp_series_z(g.s, i) + k));
        }
        arb_neg(x, fp_series_z(g.s, i));
        arb_exp(x, x, 300);
        ck_assert(arb_overlaps(x, fp_series_decay(g.s, i)));
        for (long l = 0; l < g.p.L; l++)
            for (int k = 0; k <= ORDER; k++) {
                long pair = shape->pair_of[(g.p.token[i * g.p.L] - 1) * g.p.d + g.p.token[i * g.p.L + l] - 1];
                arb_dot(x, NULL, 0, fp_series_p(g.s, i, l, 0), 1, fp_series_sum(g.s, i, l) + k, -1, k + 1, 300);
                ck_assert(arb_overlaps(x, fp_series_exp(g.s, (size_t)pair) + k));
            }
    }
    arb_clear(x);
    rig_clear(&g);
}
END_TEST

/* y(tau) in exact arithmetic against fp_series_at: within its error, which is below 2^10 units of the last place. */
static void compare_at(const rig *g, const fp_series_state *x, const mag_t error, const arf_t tau)
{
    arb_t power, c, sum, got, total, bound;
    arb_struct *all[] = {power, c, sum, got, total, bound};
    for (size_t i = 0; i < 6; i++)
        arb_init(all[i]);
    for (size_t e = 0; e < g->at->dim; e++) {
        place at = place_of(g->at, e);
        const fp_grid *grid[] = {&x->u, &x->v, &x->k, &x->q};
        arb_zero(sum);
        arb_one(power);
        for (int k = 0; k <= fp_series_order(g->s); k++) {
            coefficient(c, g, e, k);
            arb_addmul(sum, c, power, 4000);
            arb_mul_arf(power, power, tau, 4000);
        }
        fp_grid_get_ball(got, &grid[at.block]->at[at.token], at.row);
        arb_sub(got, got, sum, 4000);
        arb_mul(got, got, got, 4000);
        if (e < g->at->V)
            arb_div_si(got, got, g->at->m1, 4000);
        arb_add(total, total, got, 4000);
    }
    arb_sqrt(total, total, 4000);
    arf_set_mag(arb_midref(bound), error);
    ck_assert(arb_le(total, bound));
    arb_set_ui(sum, g->at->dim);
    arb_mul_2exp_si(sum, sum, 10 - 60 * fp_series_limbs(g->s)); /* entries are below 2^2, so norms below dim 2^2 */
    ck_assert_msg(arb_le(bound, sum), "error %s", arb_get_str(bound, 8, 0));
    for (size_t i = 0; i < 6; i++)
        arb_clear(all[i]);
}

START_TEST(polynomial_is_evaluated_within_its_error)
{
    static const double taus[] = {0, 1.0 / 64, -1.0 / 64, 3.0 / 128, 1e-9};
    for (size_t kind = 0; kind < 2; kind++) {
        rig g;
        fp_series_state x;
        arf_t tau;
        mag_t error;
        arf_init(tau);
        mag_init(error);
        rig_make(&g, (size_t)_i, kinds[kind], LIMBS);
        fp_series_extend(g.s, ORDER);
        fp_series_state_init(&x, g.s);
        for (size_t k = 0; k < sizeof taus / sizeof *taus; k++) {
            arf_set_d(tau, taus[k]);
            fp_series_at(&x, error, g.s, tau);
            compare_at(&g, &x, error, tau);
            ck_assert(k > 0 || mag_is_zero(error));
        }
        fp_series_state_clear(&x);
        mag_clear(error);
        arf_clear(tau);
        rig_clear(&g);
    }
}
END_TEST

static void same_grid(const fp_grid_vec *a, const fp_grid_vec *b)
{
    arb_t x, y;
    arb_init(x);
    arb_init(y);
    for (size_t r = 0; r < a->len; r++) {
        fp_grid_get_ball(x, a, r);
        fp_grid_get_ball(y, b, r);
        ck_assert_msg(arb_equal(x, y), "%s, %s", arb_get_str(x, 40, 0), arb_get_str(y, 40, 0));
    }
    arb_clear(x);
    arb_clear(y);
}

static void same_states(const fp_series_state *a, const fp_series_state *b)
{
    const fp_grid *x[] = {&a->u, &a->v, &a->k, &a->q}, *y[] = {&b->u, &b->v, &b->k, &b->q};
    for (size_t g = 0; g < 4; g++)
        for (size_t i = 0; i < x[g]->count; i++)
            same_grid(&x[g]->at[i], &y[g]->at[i]);
}

/* All coefficients of two series of one shape, bit for bit. */
static void same_coefficients(const rig *a, const rig *b)
{
    for (long w = 0; w < 1 + 3 * a->p.d; w++)
        for (int k = 0; k <= ORDER; k++) {
            fp_series_block block = w == 0 ? FP_SERIES_U : (fp_series_block)(FP_SERIES_V + (w - 1) / a->p.d);
            long t = w == 0 ? 0 : (w - 1) % a->p.d;
            same_grid(fp_series_vector(a->s, block, t, k), fp_series_vector(b->s, block, t, k));
        }
    for (int k = 0; k < ORDER; k++)
        ck_assert(mag_equal(fp_series_residual(a->s, k), fp_series_residual(b->s, k)));
    for (size_t x = 0; x < fp_series_get_shape(a->s)->pairs; x++)
        for (int k = 0; k <= ORDER; k++)
            ck_assert(arb_equal(fp_series_N(a->s, x) + k, fp_series_N(b->s, x) + k));
}

START_TEST(a_series_restarts_exactly_at_a_state)
{
    rig a, b;
    fp_series_state x, back;
    arf_t tau;
    mag_t error;
    arf_init(tau);
    mag_init(error);
    rig_make(&a, (size_t)_i, FP_FLOW_REDUCED, LIMBS);
    rig_make(&b, (size_t)_i, FP_FLOW_REDUCED, LIMBS);
    fp_series_extend(a.s, ORDER);
    fp_series_state_init(&x, a.s);
    fp_series_state_init(&back, a.s);
    arf_set_d(tau, 1.0 / 32);
    fp_series_at(&x, error, a.s, tau);
    fp_series_restart(a.s, &x);
    ck_assert_int_eq(fp_series_order(a.s), 0);
    arf_zero(tau);
    fp_series_at(&back, error, a.s, tau);
    same_states(&x, &back);
    ck_assert(mag_is_zero(error));

    /* through a state vector of 60 limbs bits nothing is lost */
    fp_vec *y = fp_vec_new(a.at->dim, 60 * LIMBS);
    fp_series_state_to_vec(y, &x, a.at);
    ck_assert(fp_series_start(b.s, error, y));
    ck_assert(mag_is_zero(error));
    ck_assert(fp_series_state_from_vec(&back, error, y, a.at));
    same_states(&x, &back);
    fp_series_extend(a.s, ORDER);
    fp_series_extend(b.s, ORDER);
    same_coefficients(&a, &b);
    fp_vec_free(y);
    fp_series_state_clear(&x);
    fp_series_state_clear(&back);
    rig_clear(&a);
    rig_clear(&b);
    mag_clear(error);
    arf_clear(tau);
}
END_TEST

START_TEST(orders_may_be_added_later)
{
    rig a, b;
    rig_make(&a, (size_t)_i, FP_FLOW_COMPRESSED, LIMBS);
    rig_make(&b, (size_t)_i, FP_FLOW_COMPRESSED, LIMBS);
    fp_series_extend(a.s, ORDER);
    fp_series_extend(b.s, 0);
    fp_series_extend(b.s, 5);
    ck_assert_int_eq(fp_series_order(b.s), 5);
    fp_series_extend(b.s, 5);
    fp_series_extend(b.s, ORDER);
    same_coefficients(&a, &b);
    rig_clear(&a);
    rig_clear(&b);
}
END_TEST

START_TEST(threads_do_not_change_a_bit)
{
    fp_pool *pool = fp_pool_new(3);
    rig a, b;
    instance_random(&a.p, 9, 4, 11, 9, 3, 5u);
    instance_random(&b.p, 9, 4, 11, 9, 3, 5u);
    open_rig(&a, FP_FLOW_REDUCED, LIMBS, NULL);
    open_rig(&b, FP_FLOW_REDUCED, LIMBS, pool);
    fp_series_extend(a.s, ORDER);
    fp_series_extend(b.s, ORDER);
    same_coefficients(&a, &b);
    rig_clear(&a);
    rig_clear(&b);
    fp_pool_free(pool);
}
END_TEST

START_TEST(rounding_of_the_start_is_reported)
{
    rig g;
    rig_make(&g, 0, FP_FLOW_REDUCED, 1); /* 180 bits into 60 */
    arb_t bound, sum, x, y;
    arb_init(bound);
    arb_init(sum);
    arb_init(x);
    arb_init(y);
    for (size_t e = 0; e < g.at->dim; e++) {
        coefficient(x, &g, e, 0);
        fp_vec_get_ball(y, g.y, e);
        arb_sub(x, x, y, 400);
        arb_mul(x, x, x, 400);
        if (e < g.at->V)
            arb_div_si(x, x, g.at->m1, 400);
        arb_add(sum, sum, x, 400);
    }
    arb_sqrt(sum, sum, 400);
    arf_set_mag(arb_midref(bound), g.rounding);
    ck_assert(arb_is_positive(sum));
    ck_assert(arb_le(sum, bound));
    arb_mul_2exp_si(sum, sum, 6);
    ck_assert(arb_le(bound, sum));
    arb_clear(bound);
    arb_clear(sum);
    arb_clear(x);
    arb_clear(y);
    rig_clear(&g);
}
END_TEST

/* Only u is lost something of: the square of the bound is that of the plain vector divided by m1. */
START_TEST(u_counts_with_weight_1_over_m1)
{
    rig g;
    mpfr_t third;
    mag_t plain;
    mpfr_init2(third, STATE_PREC);
    mag_init(plain);
    rig_make(&g, 5, FP_FLOW_REDUCED, 1);
    ck_assert_int_eq(g.at->m1, 5);
    fp_vec_zero(g.y, 0, g.at->dim);
    mpfr_set_ui(third, 1, MPFR_RNDN);
    mpfr_div_ui(third, third, 3, MPFR_RNDN);
    for (size_t r = 0; r < (size_t)g.at->rows_v; r++)
        fp_vec_set(g.y, g.at->u + r, third);
    ck_assert(fp_series_start(g.s, g.rounding, g.y));
    fp_series_state x;
    fp_series_state_init(&x, g.s);
    ck_assert(fp_grid_from_vec(&x.u.at[0], plain, g.y, g.at->u));
    mag_mul(plain, plain, plain);
    mag_mul(g.rounding, g.rounding, g.rounding);
    ck_assert_msg(fabs(mag_get_d(plain) / mag_get_d(g.rounding) - 5) < 1e-6, "%g", mag_get_d(plain) / mag_get_d(g.rounding));
    fp_series_state_clear(&x);
    mag_clear(plain);
    mpfr_clear(third);
    rig_clear(&g);
}
END_TEST

START_TEST(what_is_not_finite_is_refused)
{
    rig g;
    mpfr_t nan;
    mpfr_init2(nan, STATE_PREC);
    rig_make(&g, 0, FP_FLOW_REDUCED, LIMBS);
    mpfr_set_nan(nan);
    fp_vec_set(g.y, g.at->K + 3, nan);
    ck_assert(!fp_series_start(g.s, g.rounding, g.y));
    ck_assert(mag_is_inf(g.rounding));
    mpfr_clear(nan);
    rig_clear(&g);
}
END_TEST

START_TEST(other_forms_and_sizes_are_refused)
{
    static const fp_flow_kind wrong[] = {FP_FLOW_WEIGHTS, FP_FLOW_GRAM};
    rig g;
    fp_error err = {0};
    fp_series *s = NULL;
    rig_make(&g, 0, FP_FLOW_REDUCED, LIMBS);
    for (size_t k = 0; k < 2; k++) {
        fp_flow *flow = NULL;
        ck_assert(fp_flow_new(&flow, wrong[k], &g.p, STATE_PREC, NULL, &err) == FP_OK);
        ck_assert(fp_series_new(&s, &g.p, fp_flow_layout(flow), LIMBS, ORDER, 152, NULL, &err) == FP_BAD_INPUT);
        fp_flow_free(flow);
    }
    ck_assert(fp_series_new(&s, &g.p, g.at, 0, ORDER, 152, NULL, &err) == FP_BAD_INPUT);
    ck_assert(fp_series_new(&s, &g.p, g.at, FP_GRID_LIMBS_MAX + 1, ORDER, 152, NULL, &err) == FP_BAD_INPUT);
    ck_assert(fp_series_new(&s, &g.p, g.at, LIMBS, 0, 152, NULL, &err) == FP_BAD_INPUT);
    ck_assert(fp_series_new(&s, &g.p, g.at, LIMBS, ORDER, 1, NULL, &err) == FP_BAD_INPUT);
    ck_assert_ptr_null(s);
    rig_clear(&g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("series");
    TCase *c = tcase_create("series");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, every_scalar_series_contains_the_independent_one, 0, INSTANCES);
    tcase_add_loop_test(c, residual_bounds_the_distance_from_the_equation_closely, 0, INSTANCES);
    tcase_add_loop_test(c, sums_and_decays_fit_the_quantities_they_stand_for, 0, INSTANCES);
    tcase_add_loop_test(c, polynomial_is_evaluated_within_its_error, 0, INSTANCES);
    tcase_add_loop_test(c, a_series_restarts_exactly_at_a_state, 0, INSTANCES);
    tcase_add_loop_test(c, orders_may_be_added_later, 0, INSTANCES);
    tcase_add_test(c, threads_do_not_change_a_bit);
    tcase_add_test(c, rounding_of_the_start_is_reported);
    tcase_add_test(c, u_counts_with_weight_1_over_m1);
    tcase_add_test(c, what_is_not_finite_is_refused);
    tcase_add_test(c, other_forms_and_sizes_are_refused);
    suite_add_tcase(suite, c);
    return fp_test_main(suite);
}
