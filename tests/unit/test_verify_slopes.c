/* SPDX-License-Identifier: MIT */
/* Time derivatives that views give of G and of scores (certificate.md, (21b)): those of the solution through any state of the tube, which are functions of the state, lie in them; along the direction in
 * which they change most, at states where one term of the bound is nearly all there is, the bound is attained. */
#include <math.h>
#include <stdlib.h>

#include "../support/leg_growth.h"
#include "../support/widening_rig.h"

/* ---- slopes from the definitions, in double: u' = m1 sum c v, v' = c u, k' = sum N q, q' = sum N k */
typedef struct {
    fp_tube_quantity quantity; /* FP_TUBE_G or FP_TUBE_SCORE */
    long index[2];
} slope;

static double dot(const plain_state *s, size_t a, size_t b)
{
    double sum = 0;
    for (size_t r = 0; r < plain_block(s, a + 1) - plain_block(s, a); r++) sum += s->x[plain_block(s, a) + r] * s->x[plain_block(s, b) + r];
    return sum;
}

static double middle(arb_srcptr x)
{
    return arf_get_d(arb_midref(x), ARF_RND_NEAR);
}

static double true_slope(const plain_state *s, const fp_range *at, const slope *what)
{
    size_t d = (size_t)s->shape.d, a = (size_t)what->index[0], b = (size_t)what->index[1];
    double sum = 0;
    if (what->quantity == FP_TUBE_G) {
        for (size_t t = 0; t < d; t++) sum += (double)s->shape.m1 * middle(at->c + t) * dot(s, 1 + t, 1 + a);
        return sum + middle(at->c + a) * dot(s, 0, 0);
    }
    for (size_t e = 0; e < s->shape.pairs; e++) {
        size_t key = (size_t)s->shape.key[e], query = (size_t)s->shape.query[e];
        if (key == a) sum += middle(at->N + e) * dot(s, 1 + 2 * d + query, 1 + 2 * d + b);
        if (query == b) sum += middle(at->N + e) * dot(s, 1 + d + key, 1 + d + a);
    }
    return sum;
}

/* ---- a state, a step from it, a view of a tube of radius E around it */
typedef struct {
    widening_rig at;
    fp_leg *leg;
    fp_origin origin; /* for neurons, which nobody asks for */
    fp_tube_view *view;
} bench;

/* Instances of widening_rig.h; one sample of one token; one sample of two */
enum { SINGLE = WIDENING_CASES, PAIR };

static void bench_open(bench *b, int instance, const double *scale)
{
    *b = (bench){0};
    if (instance < WIDENING_CASES)
        widening_rig_open(&b->at, instance);
    else {
        instance_random(&b->at.p, 1, instance == SINGLE ? 1 : 2, 3, 2, 3, 1);
        for (int l = 0; l < b->at.p.L; l++) b->at.p.token[l] = l + 1;
        widening_rig_open_problem(&b->at);
    }
    plain_state *y = &b->at.y;
    for (size_t e = 0; e < y->dim; e++) y->x[e] *= scale[e < y->v ? 0 : e < y->k ? 1 : e < y->q ? 2 : 3];
    widening_rig_refresh(&b->at);
}

/* h: or less, if its series does not converge */
static void look(bench *b, int order, double h, double E)
{
    int halvings = 0;
    b->leg = fp_leg_new(&b->at.p, b->at.p.m, b->at.p.m, order, 2);
    leg_set_plain(b->leg, &b->at.y);
    for (; !leg_open(b->leg, h); h /= 2) ck_assert_int_lt(halvings++, 8);
    mag_set_d(b->leg->radius, E);
    b->view = fp_sight_new(b->leg, &b->origin);
}

static void bench_close(bench *b)
{
    fp_sight_free(b->view);
    fp_leg_free(b->leg);
    widening_rig_close(&b->at);
}

/* All slopes of a view */
static slope *list_slopes(size_t *count, const plain_state *s)
{
    slope *list = fp_alloc((size_t)s->shape.d + s->shape.pairs, sizeof *list);
    *count = 0;
    for (long t = 0; t < s->shape.d; t++) list[(*count)++] = (slope){FP_TUBE_G, {t, 0}};
    for (size_t e = 0; e < s->shape.pairs; e++) list[(*count)++] = (slope){FP_TUBE_SCORE, {s->shape.key[e], s->shape.query[e]}};
    return list;
}

/* |true slope at x - middle|/radius, which must not be above 1 (doubles are off by 2^-40 or less of the sizes that occur) */
static double compare(const bench *b, const slope *what, const char *where)
{
    arb_t found;
    arb_init(found);
    ck_assert(b->view->slope(found, b->view->ctx, what->quantity, what->index));
    double truth = true_slope(&b->at.x, &b->at.at_x, what), off = fabs(truth - middle(found)), radius = mag_get_d(arb_radref(found));
    ck_assert_msg(off <= radius * (1 + 1e-9) + 0x1p-40 * (1 + fabs(truth)), "%s: slope of quantity %d [%ld,%ld] is %.15g, found %.15g +- %g", where, (int)what->quantity, what->index[0], what->index[1], truth, middle(found), radius);
    arb_clear(found);
    return off / radius;
}

static void set_time(bench *b, double s)
{
    arf_t t;
    arf_init(t);
    arf_set_d(t, s * arf_get_d(b->leg->h, ARF_RND_NEAR));
    b->view->set(b->view->ctx, t, t);
    arf_clear(t);
}

/* x := y(s) of the step */
static void set_state(bench *b, double at)
{
    arb_t value;
    arf_t s;
    arb_init(value);
    arf_init(s);
    arf_set_d(s, at);
    for (size_t v = 0; v < b->leg->vectors; v++)
        for (size_t e = plain_block(&b->at.x, v); e < plain_block(&b->at.x, v + 1); e++) {
            leg_value(value, NULL, b->leg, v, e - plain_block(&b->at.x, v), s, 128);
            b->at.x.x[e] = middle(value);
        }
    plain_range(&b->at.at_x, &b->at.x);
    arb_clear(value);
    arf_clear(s);
}

/* The direction in which the slope changes most, by differences */
static void set_gradient(bench *b, const slope *what)
{
    size_t n = b->at.y.dim;
    double *gradient = fp_alloc(n, sizeof *gradient), squares = 0, value[2];
    for (size_t a = 0; a < n; a++) {
        for (size_t e = 0; e < n; e++) b->at.direction[e] = e == a;
        for (int side = 0; side < 2; side++) {
            widening_rig_go(&b->at, side ? -1e-5 : 1e-5);
            value[side] = true_slope(&b->at.x, &b->at.at_x, what);
        }
        gradient[a] = value[0] - value[1];
        squares += gradient[a] * gradient[a];
    }
    for (size_t e = 0; e < n; e++) b->at.direction[e] = squares > 0 ? gradient[e] / sqrt(squares) : 0;
    free(gradient);
}

/* ---- a tube at one state */
static const struct {
    int instance;
    double scale[4], E;
    fp_tube_quantity quantity;
    double least;
} places[] = {
    {1, {1, 1, 1, 1}, 1e-6, FP_TUBE_G, 0.18},
    {1, {1, 1, 1, 1}, 1e-6, FP_TUBE_SCORE, 0.12},
    {1, {1, 1, 1, 1}, 0.1, FP_TUBE_G, 0.12},
    {1, {1, 1, 1, 1}, 0.1, FP_TUBE_SCORE, 0.07},
    {SINGLE, {0.1, 0.001, 1, 1}, 1e-6, FP_TUBE_G, 0.95}, /* v' = c u by u */
    {SINGLE, {0.001, 0.1, 1, 1}, 1e-6, FP_TUBE_G, 0.95}, /* u' = m1 c v by v */
    {SINGLE, {30, 0, 1, 1}, 1e-6, FP_TUBE_G, 0.8},      /* v' = c u by c */
    {SINGLE, {0, 30, 1, 1}, 1e-6, FP_TUBE_G, 0.78},      /* u' = m1 c v by c */
    {PAIR, {1, 1, 0.001, 0.1}, 1e-6, FP_TUBE_SCORE, 0.65}, /* k' = N q by q */
    {PAIR, {1, 1, 0.1, 0.001}, 1e-6, FP_TUBE_SCORE, 0.53}, /* q' = N k by k */
    {PAIR, {0, 1, 0.001, 30}, 1e-6, FP_TUBE_SCORE, 0.44},  /* k' = N q by N, which is 0 */
    {PAIR, {0, 1, 30, 0.001}, 1e-6, FP_TUBE_SCORE, 0.32},  /* q' = N k by N */
};

static void check_place(size_t k)
{
    bench b;
    size_t count;
    double most = 0;
    char where[32];
    bench_open(&b, places[k].instance, places[k].scale);
    look(&b, 1, 0x1p-60, places[k].E);
    set_time(&b, 0);
    slope *list = list_slopes(&count, &b.at.y);
    snprintf(where, sizeof where, "place %zu", k);
    for (size_t e = 0; e < count; e++) {
        set_gradient(&b, list + e);
        for (int side = 0; side < 2; side++) {
            widening_rig_go(&b.at, side ? -places[k].E : places[k].E);
            for (size_t f = 0; f < count; f++) {
                double ratio = compare(&b, list + f, where);
                if (list[f].quantity == places[k].quantity) most = fmax(most, ratio);
            }
        }
    }
    ck_assert_msg(most >= places[k].least, "%g", most);
    free(list);
    bench_close(&b);
}

START_TEST(slopes_at_every_state_of_a_tube_are_allowed_for)
{
    check_place((size_t)_i);
}
END_TEST

/* ---- no tube to speak of: what the solution through y(s) does differs from y' by the defect, and from its own cut-off series by the tail */
static double check_step(int instance, const double *scale, int order, double h)
{
    bench b;
    size_t count;
    double most = 0;
    bench_open(&b, instance, scale);
    look(&b, order, h, 1e-30);
    slope *list = list_slopes(&count, &b.at.y);
    for (int k = 0; k <= 4; k++) {
        set_time(&b, k / 4.0);
        set_state(&b, k / 4.0);
        for (size_t e = 0; e < count; e++) most = fmax(most, compare(&b, list + e, "along y"));
    }
    free(list);
    bench_close(&b);
    return most;
}

START_TEST(the_defect_and_the_tail_are_in_the_slopes)
{
    static const double scales[][4] = {{1, 1, 1, 1}, {0.1, 1, 1, 1}, {1, 0.1, 1, 1}, {0.1, 0.1, 1, 1}, {1, 1, 0.1, 1}, {1, 1, 1, 0.1}, {1, 1, 0.1, 0.1}, {0.1, 0.1, 0.1, 0.1}, {3, 3, 0.1, 0.1}};
    double sharpest = 0;
    for (int instance = 0; instance <= PAIR; instance++)
        for (size_t k = 0; k < sizeof scales / sizeof *scales; k++)
            for (int order = 1; order <= 2; order++) sharpest = fmax(sharpest, check_step(instance, scales[k], order, 0x1p-4));
    ck_assert_double_gt(sharpest, 0.75);
}
END_TEST

/* One token, u = sqrt(m1) v e growing as e^{8s} from 10^-5: y' at the end is 8 y, to which order k gives k times its share. With u and v off lengthwise the slope changes by 1/sqrt 2 of the bound. */
START_TEST(derivatives_count_every_order_as_often_as_its_order)
{
    bench b;
    const slope what = {FP_TUBE_G, {0, 0}};
    const double E = 1e-6, none[4] = {0, 0, 0, 0};
    bench_open(&b, SINGLE, none);
    plain_state *y = &b.at.y;
    double root = sqrt((double)b.at.p.m1);
    y->x[0] = root * 1e-5;
    y->x[y->v] = 1e-5;
    widening_rig_refresh(&b.at);
    look(&b, 60, 16 / root, E);
    set_time(&b, 1);
    set_state(&b, 1);
    ck_assert_double_gt(b.at.x.x[y->v], 0.02); /* e^8 10^-5 = 0.0298 */
    for (size_t e = 0; e < y->dim; e++) b.at.direction[e] = 0;
    b.at.direction[0] = b.at.direction[y->v] = sqrt(0.5);
    plain_move(&b.at.x, 0.999 * E, b.at.direction);
    plain_range(&b.at.at_x, &b.at.x);
    double ratio = compare(&b, &what, "growth");
    ck_assert_msg(ratio > 0.69, "%g", ratio);
    bench_close(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("slopes of the verifier");
    TCase *cases = tcase_create("slopes");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, slopes_at_every_state_of_a_tube_are_allowed_for, 0, (int)(sizeof places / sizeof *places));
    tcase_add_test(cases, the_defect_and_the_tail_are_in_the_slopes);
    tcase_add_test(cases, derivatives_count_every_order_as_often_as_its_order);
    suite_add_tcase(suite, cases);
    return fp_test_main(suite);
}
