/* SPDX-License-Identifier: MIT */
/* The tube of a step of the verifier holds the solutions it is about: from its knot and from states at a distance e of it, by an integrator that shares nothing with it, in the direction that grows fastest. */
#include <math.h>
#include <stdlib.h>

#include "../support/fp_check.h"
#include "../support/leg_bench.h"
#include "../support/plain_state.h"

enum { COLUMNS = 12, QUARTERS = 4 };

typedef struct {
    leg_bench rig;
    fp_flow *flow; /* at PLAIN_PREC */
    fp_vec *knot, *direction;
} bench;

/* y(s) as a state */
static void polynomial_at(fp_vec *out, const bench *b, double at)
{
    const fp_leg *x = b->rig.leg;
    arb_t value;
    arf_t s;
    mpfr_t z;
    arb_init(value);
    arf_init(s);
    mpfr_init2(z, PLAIN_PREC);
    arf_set_d(s, at);
    for (size_t v = 0; v < x->vectors; v++)
        for (size_t r = 0; r < fp_leg_at(x, v, 0)->len; r++) {
            leg_value(value, NULL, x, v, r, s, PLAIN_PREC);
            arf_get_mpfr(z, arb_midref(value), MPFR_RNDN);
            fp_vec_set(out, leg_offset(fp_flow_layout(b->flow), v) + r, z);
        }
    mpfr_clear(z);
    arf_clear(s);
    arb_clear(value);
}

/* |x - y| in the norm (N); x and y of one flow */
static double distance(const bench *b, const fp_vec *x, const fp_vec *y)
{
    const fp_layout *at = fp_flow_layout(b->flow);
    mpfr_t t, u;
    double sum = 0;
    mpfr_inits2(PLAIN_PREC, t, u, (mpfr_ptr)0);
    for (size_t e = 0; e < at->dim; e++) {
        fp_vec_get(t, x, e);
        fp_vec_get(u, y, e);
        mpfr_sub(t, t, u, MPFR_RNDN);
        double off = mpfr_get_d(t, MPFR_RNDN);
        sum += off * off / (e >= at->u && e < at->u + (size_t)at->rows_v ? (double)at->m1 : 1);
    }
    mpfr_clears(t, u, (mpfr_ptr)0);
    return sqrt(sum);
}

/* x += scale y */
static void add(fp_vec *x, double scale, const fp_vec *y)
{
    mpfr_t a, t;
    mpfr_inits2(PLAIN_PREC, a, t, (mpfr_ptr)0);
    mpfr_set_d(a, scale, MPFR_RNDN);
    fp_vec_axpy(x, 0, a, y, 0, fp_vec_len(x), t);
    mpfr_clears(a, t, (mpfr_ptr)0);
}

static void go(fp_vec *y, bench *b, double h)
{
    double change = plain_advance(y, fp_flow_field(b->flow), h, COLUMNS);
    ck_assert_msg(change < -60, "the reference is not good enough: 2^%g", change);
}

/* out := Df direction + shift direction by differences, and direction := that made of length 1 (N); returns its length */
static double push(bench *b, fp_vec *out, double shift)
{
    const double small = 0x1p-60;
    const fp_field *field = fp_flow_field(b->flow);
    mpfr_t time;
    mpfr_init2(time, PLAIN_PREC);
    mpfr_set_zero(time, 1);
    fp_vec *moved = fp_vec_new(fp_vec_len(b->knot), PLAIN_PREC), *slope = fp_vec_new(fp_vec_len(b->knot), PLAIN_PREC), *zero = fp_vec_new(fp_vec_len(b->knot), PLAIN_PREC);
    fp_vec_copy(moved, b->knot);
    add(moved, small, b->direction);
    field->rhs(out, time, moved, field->ctx);
    field->rhs(slope, time, b->knot, field->ctx);
    add(out, -1, slope);
    fp_vec_copy(moved, out);
    fp_vec_zero(out, 0, fp_vec_len(out));
    add(out, 1 / small, moved);
    add(out, shift, b->direction);
    double length = distance(b, out, zero);
    fp_vec_zero(b->direction, 0, fp_vec_len(out));
    if (length > 0) add(b->direction, 1 / length, out);
    fp_vec_free(moved);
    fp_vec_free(slope);
    fp_vec_free(zero);
    mpfr_clear(time);
    return length;
}

/* direction := eigenvector, about, of the largest eigenvalue of Df at the knot, of length 1 (N): power iteration, shifted by the largest in absolute value */
static void find_direction(bench *b)
{
    fp_vec *scratch = fp_vec_new(fp_vec_len(b->knot), PLAIN_PREC);
    fp_rng r;
    double shift = 0;
    fp_rng_init(&r, 21, 1);
    for (size_t e = 0; e < fp_vec_len(b->knot); e++) fp_vec_set_d(b->direction, e, (double)fp_rng_below(&r, 1000) / 1000 - 0.5);
    for (int k = 0; k < 20; k++) shift = push(b, scratch, 0);
    for (int k = 0; k < 300; k++) push(b, scratch, shift);
    fp_vec_free(scratch);
}

static void bench_init(bench *b, size_t instance, int order, int limbs)
{
    fp_error err = {0};
    leg_bench_init(&b->rig, instance, FP_FLOW_REDUCED, order, limbs);
    fp_ck_ok(fp_flow_new(&b->flow, FP_FLOW_REDUCED, &b->rig.problem, PLAIN_PREC, NULL, &err), &err);
    b->knot = fp_flow_initial(b->flow);
    b->direction = fp_flow_initial(b->flow);
    polynomial_at(b->knot, b, 0);
}

static void bench_clear(bench *b)
{
    fp_vec_free(b->knot);
    fp_vec_free(b->direction);
    fp_flow_free(b->flow);
    leg_bench_clear(&b->rig);
}

static bool close_leg(fp_leg *x, double h, double e, double room)
{
    mag_t off;
    mag_init(off);
    mag_set_d(off, e);
    ck_assert(leg_open(x, h));
    mag_set_d(x->room, room);
    fp_leg_grow(x);
    bool ok = fp_leg_close(x, off);
    mag_clear(off);
    return ok;
}

/* Of the solution from knot + e direction: its distance from y at the end. It is within the radius on the whole way. */
static double follow(bench *b, double h, double e, const char *what)
{
    fp_vec *x = fp_vec_new(fp_vec_len(b->knot), PLAIN_PREC), *y = fp_vec_new(fp_vec_len(b->knot), PLAIN_PREC);
    double radius = mag_get_d(b->rig.leg->radius), off = 0;
    fp_vec_copy(x, b->knot);
    add(x, e, b->direction);
    for (int k = 1; k <= QUARTERS; k++) {
        go(x, b, h / QUARTERS);
        polynomial_at(y, b, (double)k / QUARTERS);
        off = distance(b, x, y);
        ck_assert_msg(off <= radius * (1 + 1e-9), "%s, e = %g: %g off at %d/4, radius %g", what, e, off, k, radius);
    }
    fp_vec_free(x);
    fp_vec_free(y);
    return off;
}

/* ---- (18), (19) */
/* log(how much e has grown)/(the bound on the integral of mu) */
static double tightness(size_t instance, int order, double h)
{
    static const double distances[] = {0, 1e-9, 1e-4, 1e-2};
    bench b;
    double tight = 0;
    char what[64];
    bench_init(&b, instance, order, 2);
    find_direction(&b);
    for (size_t k = 0; k < sizeof distances / sizeof *distances; k++) {
        double e = distances[k];
        snprintf(what, sizeof what, "instance %zu, order %d, h = %g", instance, order, h);
        ck_assert_msg(close_leg(b.rig.leg, h, e, 4 * e), "%s, e = %g: refused", what, e);
        double off = follow(&b, h, e, what), growth = mag_get_d(b.rig.leg->growth);
        ck_assert_msg(growth <= mag_get_d(b.rig.leg->rate) * h * (1 + 1e-6), "%s", what);
        if (e > 1e4 * mag_get_d(b.rig.leg->defect)) tight = fmax(tight, log(off / e) / growth);
    }
    bench_clear(&b);
    return tight;
}

/* Half the exponent would be seen: in one case nearly all of it is needed, in each half. */
START_TEST(solutions_stay_in_the_tube_and_need_most_of_it)
{
    double tightest = 0;
    for (size_t k = 0; k < LEG_CASES; k++) {
        double tight = tightness(k, 12, 0x1p-8);
        ck_assert_msg(tight > 0.5, "instance %zu: %g", k, tight);
        tightest = fmax(tightest, tight);
    }
    ck_assert_double_gt(tightest, 0.95);
}
END_TEST

START_TEST(solutions_of_random_instances_stay_in_the_tube)
{
    size_t count = getenv("FP_FULL") ? 100 : 12;
    for (size_t k = 0; k < count; k++) tightness(LEG_CASES + k, 1 + (int)(k % 8), 0x1p-9);
}
END_TEST

/* The hint of a room may be anything: what comes out is a tube, and its growth is one of a room that holds it. */
START_TEST(a_wrong_hint_does_no_harm)
{
    static const double hints[] = {4e-6, 0, 1e-30, 1, 1e3, 1e300};
    bench b;
    double first = 0;
    mag_t growth;
    mag_init(growth);
    bench_init(&b, 0, 12, 2);
    find_direction(&b);
    for (size_t k = 0; k < sizeof hints / sizeof *hints; k++) {
        fp_leg *x = b.rig.leg;
        ck_assert_msg(close_leg(x, 0x1p-6, 1e-6, hints[k]), "%g", hints[k]);
        double radius = mag_get_d(x->radius);
        if (k == 0) first = radius;
        ck_assert_msg(radius <= 1.1 * first, "hint %g: %g instead of %g", hints[k], radius, first);
        follow(&b, 0x1p-6, 1e-6, "hint");
        mag_set(growth, x->growth);
        mag_set(x->room, x->radius);
        fp_leg_grow(x);
        ck_assert_msg(mag_cmp(x->growth, growth) <= 0, "hint %g: the growth is that of a smaller room", hints[k]);
    }
    mag_clear(growth);
    bench_clear(&b);
}
END_TEST

START_TEST(what_no_tube_is_shown_to_hold_is_refused)
{
    bench b;
    mag_t e;
    mag_init(e);
    bench_init(&b, 0, 12, 2);
    ck_assert(!close_leg(b.rig.leg, 0x1p-6, 1e3, 4e3));
    ck_assert(!close_leg(b.rig.leg, 0x1p-6, INFINITY, 1));
    ck_assert(!leg_open(b.rig.leg, 64));
    ck_assert(!fp_leg_close(b.rig.leg, e));
    ck_assert(close_leg(b.rig.leg, 0x1p-6, 1e-3, 4e-3));
    bench_clear(&b);
    mag_clear(e);
}
END_TEST

/* ---- (20) */
START_TEST(the_end_of_a_step_is_a_knot_off_by_no_more_than_it_says)
{
    for (int limbs = 1; limbs <= 3; limbs++) {
        bench b;
        leg_bench next;
        mag_t error;
        mag_init(error);
        bench_init(&b, (size_t)_i, 8, limbs);
        leg_bench_init(&next, (size_t)_i, FP_FLOW_REDUCED, 3, limbs);
        ck_assert(leg_open(b.rig.leg, 0x1p-8));
        fp_leg_end(next.leg, error, b.rig.leg);
        polynomial_at(b.knot, &b, 1);
        leg_bench held = b.rig;
        b.rig = next;
        polynomial_at(b.direction, &b, 0);
        b.rig = held;
        double off = distance(&b, b.knot, b.direction), said = mag_get_d(error);
        ck_assert_msg(off <= said && said <= 10 * off + 1e-60, "instance %d, %d digits: %g off, %g said", _i, limbs, off, said);
        leg_bench_clear(&next);
        bench_clear(&b);
        mag_clear(error);
    }
}
END_TEST

/* One entry of one vector off by 2^-20, which for u counts 1/sqrt m1; then all. */
START_TEST(the_distance_of_two_knots_is_that_of_the_norm)
{
    leg_bench x, y;
    mag_t found;
    double squares = 0;
    mag_init(found);
    leg_bench_init(&x, (size_t)_i, FP_FLOW_REDUCED, 2, 2);
    leg_bench_init(&y, (size_t)_i, FP_FLOW_REDUCED, 2, 2);
    fp_vec *state = fp_flow_initial(x.flow);
    fp_leg_distance(found, x.leg, y.leg);
    ck_assert(mag_is_zero(found));
    for (size_t v = 0; v < x.leg->vectors; v++) {
        mpfr_t t;
        mpfr_init2(t, LEG_PREC);
        size_t at = leg_offset(fp_flow_layout(x.flow), v) + v % (size_t)x.problem.m;
        fp_vec_get(t, state, at);
        mpfr_add_d(t, t, 0x1p-20, MPFR_RNDN);
        fp_vec_set(state, at, t);
        leg_set_knot(y.leg, fp_flow_layout(x.flow), state);
        fp_leg_distance(found, x.leg, y.leg);
        squares += 0x1p-40 / (v == 0 ? (double)x.problem.m1 : 1);
        double said = mag_get_d(found);
        ck_assert_msg(said >= sqrt(squares) * (1 - 1e-15) && said <= sqrt(squares) * (1 + 1e-6), "%zu vectors: %g instead of %g", v + 1, said, sqrt(squares));
        mpfr_clear(t);
    }
    fp_vec_free(state);
    leg_bench_clear(&x);
    leg_bench_clear(&y);
    mag_clear(found);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tubes of the verifier");
    TCase *cases = tcase_create("tube");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, solutions_stay_in_the_tube_and_need_most_of_it);
    tcase_add_test(cases, solutions_of_random_instances_stay_in_the_tube);
    tcase_add_test(cases, a_wrong_hint_does_no_harm);
    tcase_add_test(cases, what_no_tube_is_shown_to_hold_is_refused);
    tcase_add_loop_test(cases, the_end_of_a_step_is_a_knot_off_by_no_more_than_it_says, 0, LEG_CASES);
    tcase_add_loop_test(cases, the_distance_of_two_knots_is_that_of_the_norm, 0, LEG_CASES);
    suite_add_tcase(suite, cases);
    return fp_test_main(suite);
}
