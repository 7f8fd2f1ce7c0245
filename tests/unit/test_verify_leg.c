/* SPDX-License-Identifier: MIT */
/* A step of the verifier: its series against the definitions position by position over Arb's power series (support/naive_series.h) and against the prover's, its defect against y' - h f(y) with f from the
 * definitions (support/plain_state.h), for steps of either sign. */
#include <math.h>
#include <stdlib.h>

#include "../support/fp_check.h"
#include "../support/leg_bench.h"
#include "../support/naive_series.h"
#include "../support/plain_state.h"
#include "flowproof/series.h"

enum { TRUE_PREC = 300, POINTS = 16 };

/* ---- scalars along y */
typedef struct {
    const fp_leg *leg;
    naive_series truth;
    double largest[2]; /* true tail and bound, of the nodes of a kind: a single one may cancel to nearly nothing */
} scalars;

static void scalars_init(scalars *w, const leg_bench *b)
{
    const fp_leg *x = b->leg;
    arb_t t;
    arb_init(t);
    *w = (scalars){.leg = x};
    naive_series_init(&w->truth, &b->problem, fp_flow_layout(b->flow), 3 * x->order + 20, TRUE_PREC);
    for (size_t v = 0; v < x->vectors; v++)
        for (int k = 0; k <= x->order; k++)
            for (size_t r = 0; r < fp_leg_at(x, v, k)->len; r++) {
                fp_grid_get_ball(t, fp_leg_at(x, v, k), r);
                arb_poly_set_coeff_arb(w->truth.y + leg_offset(fp_flow_layout(b->flow), v) + r, k, t);
            }
    naive_series_evaluate(&w->truth);
    arb_clear(t);
}

/* The node against factor times the series */
static void compare(scalars *w, const char *what, size_t node, const arb_poly_struct *truth, const arb_t factor)
{
    const fp_tape_node *n = w->leg->tape.node + node;
    arb_t t, sum;
    arf_t bound;
    arb_init(t);
    arb_init(sum);
    arf_init(bound);
    for (slong k = 0; k < w->truth.len; k++) {
        arb_poly_get_coeff_arb(t, truth, k);
        arb_mul(t, t, factor, TRUE_PREC);
        if (k <= w->leg->order)
            ck_assert_msg(arb_overlaps(t, n->at + k), "%s: coefficient %ld", what, (long)k);
        arb_abs(t, t);
        if (k > w->leg->order) arb_add(sum, sum, t, TRUE_PREC);
    }
    arf_set_mag(bound, n->tail);
    arb_get_lbound_arf(arb_midref(t), sum, TRUE_PREC);
    ck_assert_msg(arf_cmp(arb_midref(t), bound) <= 0, "%s: tail %g, true tail %g", what, mag_get_d(n->tail), arf_get_d(arb_midref(sum), ARF_RND_NEAR));
    w->largest[0] = fmax(w->largest[0], arf_get_d(arb_midref(sum), ARF_RND_NEAR));
    w->largest[1] = fmax(w->largest[1], mag_get_d(n->tail));
    arf_clear(bound);
    arb_clear(t);
    arb_clear(sum);
}

/* Tails of what is composed of many operations: at most this many times the truth, for the largest of a kind */
static void end_kind(scalars *w, const char *what)
{
    if (w->leg->d > 1) /* with one token p = 1 and N = 0, which no sum of absolute values sees */
        ck_assert_msg(w->largest[1] <= 300 * w->largest[0], "%s: bounds up to %g, true tails up to %g", what, w->largest[1], w->largest[0]);
    w->largest[0] = w->largest[1] = 0;
}

static void compare_list(scalars *w, const char *what, const size_t *node, const arb_poly_struct *truth, long count, arb_srcptr factor)
{
    for (long e = 0; e < count; e++) compare(w, what, node[e], truth + e, factor);
    end_kind(w, what);
}

static void compare_pairs(scalars *w, const char *what, const size_t *node, arb_srcptr factor)
{
    const fp_leg *x = w->leg;
    for (size_t e = 0; e < x->pairs; e++) compare(w, what, node[e], w->truth.N + x->key[e] * (size_t)x->d + x->query[e], factor);
    end_kind(w, what);
}

static void compare_scores(scalars *w, arb_srcptr one)
{
    const fp_leg *x = w->leg;
    for (long at = 0; at < x->n * x->L * x->L; at++) {
        const long *token = x->token + at / (x->L * x->L) * x->L;
        compare(w, "s", x->s[x->pair[token[at % x->L] * x->d + token[at / x->L % x->L]]], w->truth.s + at, one);
    }
    end_kind(w, "s");
}

static void check_scalars(const leg_bench *b)
{
    const fp_leg *x = b->leg;
    scalars w;
    arb_t one, h, m1h;
    scalars_init(&w, b);
    arb_init(one);
    arb_init(h);
    arb_init(m1h);
    arb_one(one);
    arb_set_arf(h, x->h);
    arb_mul_si(m1h, h, b->problem.m1, TRUE_PREC);
    compare_list(&w, "G", x->G, w.truth.G, x->d, one);
    compare_scores(&w, one);
    compare_list(&w, "p", x->p, w.truth.p, x->n * x->L * x->L, one);
    compare_list(&w, "o", x->o, w.truth.o, x->n * x->L, one);
    compare_list(&w, "F", x->F, w.truth.F, x->n, one);
    compare_list(&w, "g", x->g, w.truth.g, x->n, one);
    compare_list(&w, "c", x->c, w.truth.c, x->d, one);
    compare_list(&w, "h c", x->hc, w.truth.c, x->d, h);
    compare_list(&w, "m1 h c", x->m1hc, w.truth.c, x->d, m1h);
    compare_pairs(&w, "N", x->N, one);
    compare_pairs(&w, "h N", x->hN, h);
    arb_clear(one);
    arb_clear(h);
    arb_clear(m1h);
    naive_series_clear(&w.truth);
}

START_TEST(every_scalar_of_a_step_is_the_series_of_its_definition_with_a_bounded_tail)
{
    static const struct {
        int order;
        double h;
    } list[] = {{3, 0x1p-10}, {8, 0x1p-8}, {16, 0x1p-7}, {8, -0x1p-8}};
    for (size_t x = 0; x < 4; x++) {
        leg_bench b;
        leg_bench_init(&b, (size_t)_i, _i % 2 ? FP_FLOW_COMPRESSED : FP_FLOW_REDUCED, list[x].order, 3);
        ck_assert(leg_open(b.leg, list[x].h));
        check_scalars(&b);
        leg_bench_clear(&b);
    }
}
END_TEST

/* ---- the same step by the prover's series, which is in unscaled time: y_k h^k, here with h = -2^-8 */
enum { PROVED_ORDER = 12, PROVED_LIMBS = 3 };

static void compare_vector(const fp_leg *x, const fp_series *s, size_t v, int k)
{
    size_t d = (size_t)x->d;
    fp_series_block block = v == 0 ? FP_SERIES_U : v <= d ? FP_SERIES_V : v <= 2 * d ? FP_SERIES_K : FP_SERIES_Q;
    arb_t a, b;
    arb_init(a);
    arb_init(b);
    for (size_t r = 0; r < fp_leg_at(x, v, k)->len; r++) {
        fp_grid_get_ball(a, fp_leg_at(x, v, k), r);
        fp_grid_get_ball(b, fp_series_vector(s, block, v ? (long)((v - 1) % d) : 0, k), r);
        arb_mul_2exp_si(b, b, -8 * k);
        (k % 2 ? arb_add : arb_sub)(a, a, b, TRUE_PREC);
        ck_assert_msg(mag_cmp_2exp_si(arb_radref(a), -200) < 0 && arf_cmpabs_2exp_si(arb_midref(a), 20 - 60 * PROVED_LIMBS) < 0, "vector %zu, order %d", v, k);
    }
    arb_clear(a);
    arb_clear(b);
}

START_TEST(the_coefficients_are_those_of_the_prover)
{
    leg_bench b;
    fp_series *s;
    fp_error err = {0};
    mag_t off;
    mag_init(off);
    leg_bench_init(&b, (size_t)_i, FP_FLOW_COMPRESSED, PROVED_ORDER, PROVED_LIMBS);
    ck_assert(leg_open(b.leg, -0x1p-8));
    fp_ck_ok(fp_series_new(&s, &b.problem, fp_flow_layout(b.flow), PROVED_LIMBS, PROVED_ORDER, 60 * PROVED_LIMBS + 32, NULL, &err), &err);
    fp_vec *start = fp_flow_initial(b.flow);
    ck_assert(fp_series_start(s, off, start));
    fp_series_extend(s, PROVED_ORDER);
    for (size_t v = 0; v < b.leg->vectors; v++)
        for (int k = 0; k <= PROVED_ORDER; k++) compare_vector(b.leg, s, v, k);
    fp_vec_free(start);
    fp_series_free(s);
    leg_bench_clear(&b);
    mag_clear(off);
}
END_TEST

/* ---- the state at s: value, derivative, and h f there; at 224 bits. A compressed state has fewer rows: the others are 0. */
typedef struct {
    leg_bench rig;
    plain_state y, dy, f;
} bench;

static void bench_open(bench *b)
{
    plain_state_init(&b->y, &b->rig.problem);
    plain_state_init(&b->dy, &b->rig.problem);
    plain_state_init(&b->f, &b->rig.problem);
}

static void bench_init(bench *b, size_t instance, fp_flow_kind kind, int order, int limbs)
{
    leg_bench_init(&b->rig, instance, kind, order, limbs);
    bench_open(b);
}

static void bench_clear(bench *b)
{
    plain_state_clear(&b->y);
    plain_state_clear(&b->dy);
    plain_state_clear(&b->f);
    leg_bench_clear(&b->rig);
}

static arb_ptr vector_of(const plain_state *x, size_t v)
{
    slong m = x->problem->m;
    size_t d = (size_t)x->problem->d;
    arb_ptr const block[] = {x->v, x->k, x->q};
    return v == 0 ? x->u : block[(v - 1) / d] + (slong)((v - 1) % d) * m;
}

static void polynomial_at(bench *b, const arf_t s)
{
    for (size_t v = 0; v < b->rig.leg->vectors; v++)
        for (size_t r = 0; r < fp_leg_at(b->rig.leg, v, 0)->len; r++) leg_value(vector_of(&b->y, v) + r, vector_of(&b->dy, v) + r, b->rig.leg, v, r, s, PLAIN_PREC);
}

/* u' = m1 sum_t c_t v_t, v_t' = c_t u, k_nu' = sum_mu N q_mu, q_mu' = sum_nu N k_nu */
static void set_field(plain_state *f, const plain_state *x)
{
    long d = x->problem->d, m = x->problem->m;
    _arb_vec_zero(f->u, m);
    _arb_vec_zero(f->k, d * m);
    _arb_vec_zero(f->q, d * m);
    for (long t = 0; t < d; t++) {
        _arb_vec_scalar_mul(f->v + t * m, x->u, m, x->c + t, PLAIN_PREC);
        _arb_vec_scalar_addmul(f->u, x->v + t * m, m, x->c + t, PLAIN_PREC);
        for (long mu = 0; mu < d; mu++) {
            _arb_vec_scalar_addmul(f->k + t * m, x->q + mu * m, m, x->N + t * d + mu, PLAIN_PREC);
            _arb_vec_scalar_addmul(f->q + mu * m, x->k + t * m, m, x->N + t * d + mu, PLAIN_PREC);
        }
    }
    arb_t m1;
    arb_init(m1);
    arb_set_si(m1, x->problem->m1);
    _arb_vec_scalar_mul(f->u, f->u, m, m1, PLAIN_PREC);
    arb_clear(m1);
}

/* |dy - h f|, in the norm (N) */
static double defect_at(bench *b, const arf_t s)
{
    const fp_leg *x = b->rig.leg;
    arb_t sum, part, t;
    arb_init(sum);
    arb_init(part);
    arb_init(t);
    polynomial_at(b, s);
    plain_state_work(&b->y);
    set_field(&b->f, &b->y);
    for (size_t v = 0; v < x->vectors; v++) {
        arb_zero(part);
        for (slong r = 0; r < b->rig.problem.m; r++) {
            arb_mul_arf(t, vector_of(&b->f, v) + r, x->h, PLAIN_PREC);
            arb_sub(t, vector_of(&b->dy, v) + r, t, PLAIN_PREC);
            arb_addmul(part, t, t, PLAIN_PREC);
        }
        if (v == 0) arb_div_si(part, part, b->rig.problem.m1, PLAIN_PREC);
        arb_add(sum, sum, part, PLAIN_PREC);
    }
    arb_sqrtpos(sum, sum, PLAIN_PREC);
    double defect = arf_get_d(arb_midref(sum), ARF_RND_NEAR);
    ck_assert_msg(mag_get_d(arb_radref(sum)) <= 1e-6 * defect, "the reference is not good enough");
    arb_clear(sum);
    arb_clear(part);
    arb_clear(t);
    return defect;
}

static double ratio_at(bench *b, int j, int points)
{
    arf_t s;
    arf_init(s);
    arf_set_d(s, (double)j / points);
    double ratio = defect_at(b, s) / mag_get_d(b->rig.leg->defect);
    arf_clear(s);
    return ratio;
}

/* Largest defect/bound over the points 0..points of the step; fails if one is above 1 (+ 1e-6, which the reference may be off). */
static double sharpest(bench *b, double h, int points, const char *what)
{
    double most = 0;
    ck_assert(leg_open(b->rig.leg, h));
    for (int j = 0; j <= points; j++) {
        double ratio = ratio_at(b, j, points);
        ck_assert_msg(ratio <= 1 + 1e-6, "%s, order %d, h = %g, s = %d/%d: %g times its bound", what, b->rig.leg->order, h, j, points, ratio);
        most = fmax(most, ratio);
    }
    return most;
}

static double sharpness(size_t instance, fp_flow_kind kind, int order, int limbs, double h)
{
    bench b;
    char what[32];
    snprintf(what, sizeof what, "instance %zu", instance);
    bench_init(&b, instance, kind, order, limbs);
    double ratio = sharpest(&b, h, POINTS, what);
    bench_clear(&b);
    return ratio;
}

START_TEST(the_defect_never_exceeds_its_bound)
{
    static const struct {
        int order, limbs;
        double h;
    } list[] = {{1, 1, 0x1p-12}, {3, 1, 0x1p-7}, {6, 2, 0x1p-7}, {6, 2, -0x1p-7}, {20, 2, 0x1p-6}};
    for (size_t x = 0; x < sizeof list / sizeof *list; x++)
        sharpness((size_t)_i, x == 1 && _i < LEG_CASES ? FP_FLOW_COMPRESSED : FP_FLOW_REDUCED, list[x].order, list[x].limbs, list[x].h);
}
END_TEST

/* At order 3 most of the bound is the first omitted order: half of it would be below the truth somewhere. */
START_TEST(the_bound_is_less_than_twice_the_defect_somewhere)
{
    double best = 0;
    for (size_t k = 0; k < LEG_CASES; k++)
        for (int sign = -1; sign <= 1; sign += 2) {
            double ratio = sharpness(k, FP_FLOW_REDUCED, 3, 2, sign * 0x1p-12);
            ck_assert_msg(ratio > 0.1, "instance %zu: only %g", k, ratio);
            best = fmax(best, ratio);
        }
    ck_assert_msg(best > 0.5, "at most %g", best);
}
END_TEST

/* u moves with v and k with q: the one 64 times as large, the other 64 times as small leave G and the scores as they are and the defect to one block. */
START_TEST(the_defect_of_every_block_is_in_the_bound)
{
    static const char *const name[] = {"u", "V", "K", "Q"};
    for (int block = 0; block < 4; block++) {
        bench b = {0};
        fp_problem *p = &b.rig.problem;
        instance_make(p, 0);
        double *const x[] = {p->W, p->W_V, p->W_K, p->W_Q};
        for (int other = block / 2 * 2; other < block / 2 * 2 + 2; other++)
            for (long e = 0; e < p->m * (other ? p->d : p->m1); e++) x[other][e] *= other == block ? 0x1p-6 : 0x1p6;
        leg_bench_make(&b.rig, FP_FLOW_REDUCED, 3, 3);
        bench_open(&b);
        double ratio = sharpest(&b, 0x1p-22, POINTS, name[block]);
        ck_assert_msg(ratio > 0.3, "%s: only %g", name[block], ratio); /* the other blocks have 2^-6 of it or so */
        bench_clear(&b);
    }
}
END_TEST

/* One digit and a step of 2^-40: the defect is the rounding of y_1, y_2, ... and nothing else. */
START_TEST(rounding_is_in_the_bound)
{
    for (size_t k = 0; k < LEG_CASES; k++) {
        double ratio = sharpness(k, FP_FLOW_REDUCED, 6, 1, 0x1p-40);
        ck_assert_msg(ratio > 0.3, "instance %zu: only %g", k, ratio);
    }
}
END_TEST

/* One number each, u = -v = 10^-6 growing as e^{8s}: the coefficients rise to order 8 before they fall, and y_8 counts 8 times. None of the orders has more than
 * 0.14 of the sum (the largest probability of a Poisson variable of mean 8), and without the factors 8 is lost. */
START_TEST(the_rounding_of_every_order_counts_as_often_as_its_order)
{
    bench b;
    bench_init(&b, 3, FP_FLOW_REDUCED, 128, 1);
    fp_leg *x = b.rig.leg;
    mag_t error;
    mag_init(error);
    fp_vec *start = fp_vec_new(1, 128);
    fp_vec_set_d(start, 0, 1e-6);
    ck_assert(fp_grid_from_vec(fp_leg_at(x, 0, 0), error, start, 0));
    fp_vec_set_d(start, 0, -1e-6); /* its label is -1 */
    ck_assert(fp_grid_from_vec(fp_leg_at(x, 1, 0), error, start, 0));
    double ratio = sharpest(&b, 16, 256, "growth");
    ck_assert_msg(ratio > 0.2, "only %g", ratio);
    fp_vec_free(start);
    mag_clear(error);
    bench_clear(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("steps of the verifier");
    TCase *cases = tcase_create("leg");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, every_scalar_of_a_step_is_the_series_of_its_definition_with_a_bounded_tail, 0, LEG_CASES);
    tcase_add_loop_test(cases, the_coefficients_are_those_of_the_prover, 0, LEG_CASES);
    tcase_add_loop_test(cases, the_defect_never_exceeds_its_bound, 0, getenv("FP_FULL") ? 120 : LEG_CASES + 8);
    tcase_add_test(cases, the_bound_is_less_than_twice_the_defect_somewhere);
    tcase_add_test(cases, the_defect_of_every_block_is_in_the_bound);
    tcase_add_test(cases, rounding_is_in_the_bound);
    tcase_add_test(cases, the_rounding_of_every_order_counts_as_often_as_its_order);
    suite_add_tcase(suite, cases);
    return fp_test_main(suite);
}
