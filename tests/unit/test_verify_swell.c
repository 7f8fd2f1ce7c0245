/* SPDX-License-Identifier: MIT */
/* What a tube adds to the scalars (certificate.md, (13)-(17)) in the verifier: no state of a fat tube leaves it, in any kind of direction, and where an inequality is attained to first order some direction
 * attains it. */
#include <math.h>
#include <stdlib.h>

#include "../support/leg_growth.h"
#include "../support/widening_rig.h"

enum { DIRECTIONS = 48 };

typedef struct {
    widening_rig at;
    fp_leg *leg;
    fp_swell w;
} bench;

/* The knot is y, the step goes nowhere. */
static void set_radius(bench *b, double r)
{
    arf_t zero, one;
    mag_t radius;
    arf_init(zero);
    arf_init(one);
    mag_init(radius);
    arf_one(one);
    mag_set_d(radius, r);
    leg_set_plain(b->leg, &b->at.y);
    ck_assert(leg_open(b->leg, 0x1p-60));
    fp_swell_set(&b->w, b->leg, zero, one);
    fp_swell_widen(&b->w, b->leg, radius);
    arf_clear(zero);
    arf_clear(one);
    mag_clear(radius);
}

static void bench_open(bench *b, int k)
{
    widening_rig_open(&b->at, k);
    b->leg = fp_leg_new(&b->at.p, b->at.p.m, b->at.p.m, 1, 2);
    fp_swell_init(&b->w, b->leg);
}

static void bench_close(bench *b)
{
    fp_swell_clear(&b->w, b->leg);
    fp_leg_free(b->leg);
    widening_rig_close(&b->at);
}

static void check(double ratio[WIDENED], const bench *b, const char *where)
{
    const fp_swell *w = &b->w;
    const mag_srcptr list[WIDENED] = {w->dG, w->ds, w->dp, w->dor, w->dF, w->dg, w->dc, w->dN};
    widening_rig_check(ratio, &b->at, list, where);
}

START_TEST(nothing_leaves_its_widening)
{
    static const double radii[] = {1e-6, 0.02, 0.1, 0.5, 3};
    bench b;
    fp_rng r;
    char where[96];
    double ratio[WIDENED] = {0};
    bench_open(&b, _i);
    fp_rng_init(&r, 12, (uint32_t)_i);
    for (size_t k = 0; k < sizeof radii / sizeof *radii; k++) {
        set_radius(&b, radii[k]);
        for (int e = 0; e < DIRECTIONS; e++) {
            snprintf(where, sizeof where, "case %d, r = %g, direction %d", _i, radii[k], e);
            widening_rig_choose(&b.at, &r, e);
            widening_rig_go(&b.at, radii[k]);
            check(ratio, &b, where);
        }
    }
    bench_close(&b);
}
END_TEST

/* ---- along gradients, at states where one term of a bound is nearly all there is: factors of u, V, K, Q; the factor of k of the token that all samples have in their first place; the radius; what is looked
 * at and the share of its bound that some entry reaches */
static const struct {
    int instance;
    double scale[4], first_key, r;
    int quantity;
    double least;
} places[] = {
    {1, {1, 1, 1, 1}, 1, 1e-3, WIDENED_G, 0.99},
    {1, {1, 1, 1, 1}, 1, 1e-3, WIDENED_s, 0.99},
    {1, {1, 1, 1, 1}, 1, 1e-3, WIDENED_p, 0.6},
    {1, {1, 1, 1, 1}, 10, 1e-3, WIDENED_p, 0.52}, /* the score of the first place moves most */
    {WIDENING_UNIFORM, {0, 1, 1, 1}, 1, 1e-3, WIDENED_o, 0.99},
    {WIDENING_UNIFORM, {0, 1, 1, 1}, 1, 1e-3, WIDENED_F, 0.99},
    {WIDENING_UNIFORM, {0, 1, 1, 1}, 1, 1e-3, WIDENED_g, 0.99},   /* z = 0: dF/4 */
    {WIDENING_UNIFORM, {0.15, 10, 1, 1}, 1, 1e-4, WIDENED_g, 0.98}, /* z = 9: g dF */
    {WIDENING_UNIFORM, {0.15, 10, 1, 1}, 1, 0.02, WIDENED_g, 0.98},  /* and g (e^{dF} - 1) */
    {WIDENING_UNIFORM, {0, 1, 1, 1}, 1, 1e-3, WIDENED_c, 0.99},
    {1, {1, 1, 1, 1}, 1, 1e-3, WIDENED_N, 0.34},
    {1, {20, 20, 1, 1}, 1, 1e-4, WIDENED_o, 0.28}, /* G differ by much: attention */
    {1, {0, 1, 0, 200}, 1, 1e-4, WIDENED_c, 0.37}, /* outputs do not move: attention again */
    {1, {1, 1, 4, 1}, 1, 1e-4, WIDENED_N, 0.32},   /* both */
};

/* In the uniform case u is set, not multiplied. */
static void set_state(plain_state *y, size_t k)
{
    size_t m = (size_t)y->shape.m;
    for (size_t e = 0; e < y->dim; e++) y->x[e] *= places[k].scale[e < y->v ? 0 : e < y->k ? 1 : e < y->q ? 2 : 3];
    for (size_t e = 0; places[k].instance == WIDENING_UNIFORM && e < y->v; e++) y->x[e] = places[k].scale[0];
    for (size_t e = 0; e < m; e++) y->x[y->k + (size_t)y->shape.token[0] * m + e] *= places[k].first_key;
}

static void check_place(size_t k)
{
    bench b;
    double ratio[WIDENED] = {0};
    bench_open(&b, places[k].instance);
    set_state(&b.at.y, k);
    widening_rig_refresh(&b.at);
    set_radius(&b, places[k].r);
    size_t count = widening_rig_count(&b.at, places[k].quantity);
    for (size_t e = 0; e < count; e += 1 + count / 24) {
        widening_rig_gradient(&b.at, places[k].quantity, e);
        for (int side = 0; side < 2; side++) {
            widening_rig_go(&b.at, places[k].r);
            check(ratio, &b, "along a gradient");
            for (size_t a = 0; a < b.at.y.dim; a++) b.at.direction[a] = -b.at.direction[a];
        }
    }
    ck_assert_msg(ratio[places[k].quantity] >= places[k].least, "largest ratio %.4f, at least %.2f expected", ratio[places[k].quantity], places[k].least);
    bench_close(&b);
}

START_TEST(some_direction_comes_close_to_every_widening)
{
    check_place((size_t)_i);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("swell of the verifier");
    TCase *cases = tcase_create("swell");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, nothing_leaves_its_widening, 0, WIDENING_CASES);
    tcase_add_loop_test(cases, some_direction_comes_close_to_every_widening, 0, (int)(sizeof places / sizeof *places));
    suite_add_tcase(suite, cases);
    return fp_test_main(suite);
}
