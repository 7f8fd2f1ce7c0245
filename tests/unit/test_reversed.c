/* SPDX-License-Identifier: MIT */
/* Forward by certified steps to t = 2, then back by the verifier's steps with negative h: a tube around the way back, from the radius with which the way forward ended, must contain the start. Backwards the
 * logarithmic norm is that of +Hess Lhat = (1/n) sum g(1-g) grad F grad F^T - M (certificate.md, (2)), so the Gauss-Newton part, which only helps forward, is added to the comparison matrix. */
#include <check.h>
#include <stdlib.h>

#include "../../src/verify/verify_impl.h"

enum { STEPS_MAX = 64, ORDER = 36, LIMBS = 2 };

typedef struct {
    const fp_problem *problem;
    fp_leg *at, *next, *start;  /* knots: where it is; where a step ends; of t = 0 */
    arf_struct h[STEPS_MAX];
    size_t steps;
    mag_t e;
} trail;

static void load(fp_leg *x, const fp_series_state *state)
{
    const fp_grid *const block[] = {&state->u, &state->v, &state->k, &state->q};
    size_t v = 0;
    for (int b = 0; b < 4; b++)
        for (size_t t = 0; t < block[b]->count; t++) fp_grid_copy(fp_leg_at(x, v++, 0), block[b]->at + t);
}

static bool observe(const fp_step *step, const fp_start *start, void *ctx)
{
    trail *t = ctx;
    fp_series_state end;
    fp_series_state_init(&end, fp_step_series((fp_step *)step));
    if (t->steps == 0) load(t->start, &start->x);
    ck_assert_uint_lt(t->steps, STEPS_MAX);
    arf_init(&t->h[t->steps]);
    arf_sub(&t->h[t->steps++], fp_step_right(step), fp_step_left(step), ARF_PREC_EXACT, ARF_RND_DOWN);
    fp_step_next(&end, t->e, step);
    load(t->at, &end);
    fp_series_state_clear(&end);
    return true;
}

/* ---- the way back */
/* alpha += factor p |vector| */
static void add_share(mag_t alpha, const mag_t p, const mag_t factor, const mag_t vector)
{
    mag_t size;
    mag_init(size);
    mag_mul(size, p, factor);
    mag_addmul(alpha, size, vector);
    mag_clear(size);
}

/* |dF_i| <= sum of alpha |dx| over the vectors: p (sqrt(m1) |v| |dub| + |u| |dv|) + p |G - o| (|q| |dk| + |k| |dq|)/sqrt m, summed over positions; r is negligible beside the slack of triangles,
 * but counts: norms are taken 2^-20 larger. */
static void output_gradient(mag_ptr alpha, const fp_leg *x, const fp_swell *w, long i)
{
    mag_t p, one, root, gap;
    arb_t t;
    mag_init(p);
    mag_init(one);
    mag_init(root);
    mag_init(gap);
    arb_init(t);
    mag_one(one);
    mag_set_ui(root, (ulong)x->problem->m1);
    mag_sqrt(root, root);
    for (long row = i * x->L; row < (i + 1) * x->L; row++)
        for (long h = 0; h < x->L; h++) {
            long key = x->token[i * x->L + h], query = x->token[row];
            arb_get_mag(p, w->p + row * x->L + h);
            mag_add(p, p, w->dp + row * x->L + h);
            add_share(alpha, p, root, x->norm + fp_leg_v(key));
            add_share(alpha + fp_leg_v(key), p, one, x->norm);
            arb_sub(t, w->G + key, w->o + row, 64);
            arb_get_mag(gap, t);
            mag_add(gap, gap, w->dG + key);
            mag_add(gap, gap, w->dor + row);
            arb_get_mag(one, x->factor + FP_MODEL_ROOT_M);
            mag_mul(gap, gap, one);
            mag_one(one);
            add_share(alpha + fp_leg_k(x, key), p, gap, x->norm + fp_leg_q(x, query));
            add_share(alpha + fp_leg_q(x, query), p, gap, x->norm + fp_leg_k(x, key));
        }
    mag_set_ui_2exp_si(gap, (1 << 20) + 1, -20);
    for (size_t v = 0; v < x->vectors; v++) mag_mul(alpha + v, alpha + v, gap);
    arb_clear(t);
    mag_clear(gap);
    mag_clear(root);
    mag_clear(one);
    mag_clear(p);
}

/* g(1-g)/n alpha alpha^T, g (1-g) <= 1/4 */
static void add_gauss_newton(fp_entries *B, const fp_leg *x, const fp_swell *w)
{
    mag_t size, most;
    mag_init(size);
    mag_init(most);
    for (long i = 0; i < x->n; i++) {
        mag_ptr alpha = _mag_vec_init((slong)x->vectors);
        output_gradient(alpha, x, w, i);
        arb_get_mag(most, w->g + i);
        mag_add(most, most, w->dg + i);
        if (mag_cmp_2exp_si(most, -2) > 0) mag_set_ui_2exp_si(most, 1, -2);
        mag_div_ui(most, most, (ulong)x->n);
        for (size_t a = 0; a < x->vectors; a++)
            for (size_t b = a; b < x->vectors; b++) {
                mag_mul(size, alpha + a, alpha + b);
                mag_mul(size, size, most);
                if (!mag_is_zero(size)) fp_entries_add(B, a, b, size);
            }
        _mag_vec_clear(alpha, (slong)x->vectors);
    }
    mag_clear(most);
    mag_clear(size);
}

/* E = exp(|h| mu) (e + defect) < r = 4096 (e + defect) */
static void close_backwards(fp_leg *x, const mag_t e)
{
    fp_swell w;
    fp_entries B = {0};
    arf_t zero, one;
    mag_t h, start;
    arf_init(zero);
    arf_init(one);
    mag_init(h);
    mag_init(start);
    arf_one(one);
    mag_add(start, e, x->defect);
    mag_mul_2exp_si(x->room, start, 12);
    fp_swell_init(&w, x);
    fp_swell_set(&w, x, zero, one);
    fp_swell_widen(&w, x, x->room);
    fp_leg_comparison(&B, x, &w, x->room);
    add_gauss_newton(&B, x, &w);
    fp_entries_bound(x->rate, &B, x->vectors);
    arf_get_mag(h, x->h);
    mag_mul(x->growth, x->rate, h);
    mag_exp(x->radius, x->growth);
    mag_mul(x->radius, x->radius, start);
    ck_assert(mag_cmp(x->radius, x->room) < 0 && mag_cmp_2exp_si(x->room, -20) < 0);
    fp_entries_clear(&B);
    fp_swell_clear(&w, x);
    mag_clear(start);
    mag_clear(h);
    arf_clear(one);
    arf_clear(zero);
}

/* flip: forward once more in place of back, to see that the test can fail. */
static void back(trail *t, bool flip)
{
    mag_t rounding;
    arf_t h, left;
    mag_init(rounding);
    arf_init(h);
    arf_init(left);
    for (size_t k = t->steps; k-- > 0;) {
        if (flip)
            arf_set(h, &t->h[k]);
        else
            arf_neg(h, &t->h[k]);
        ck_assert(fp_leg_open(t->at, left, h));
        close_backwards(t->at, t->e);
        fp_leg_end(t->next, rounding, t->at);
        mag_add(t->e, t->at->radius, rounding);
        arf_set(left, t->at->right);
        fp_leg *held = t->at;
        t->at = t->next;
        t->next = held;
    }
    arf_clear(left);
    arf_clear(h);
    mag_clear(rounding);
}

START_TEST(the_tube_on_the_way_back_contains_the_start)
{
    fp_error err = {FP_OK, ""};
    fp_setting setting;
    fp_problem problem;
    fp_flow *flow;
    fp_chain_stats stats;
    trail t = {.steps = 0};
    mpq_t tolerance;
    arf_t end;
    mag_t off;
    mpq_init(tolerance);
    arf_init(end);
    mag_init(off);
    mag_init(t.e);
    arf_set_d(end, 2);
    ck_assert(fp_rational_parse(tolerance, "1e-28"));
    ck_assert_int_eq(fp_setting_read(&setting, "proofs/settings/tiny.setting", &err), FP_OK);
    ck_assert_int_eq(fp_problem_make(&problem, &setting, NULL, NULL, &err), FP_OK);
    ck_assert_int_eq(fp_flow_new(&flow, FP_FLOW_REDUCED, &problem, 192, NULL, &err), FP_OK);
    t.at = fp_leg_new(&problem, problem.m, problem.m, ORDER, LIMBS);
    t.next = fp_leg_new(&problem, problem.m, problem.m, ORDER, LIMBS);
    t.start = fp_leg_new(&problem, problem.m, problem.m, ORDER, LIMBS);
    fp_chain_options options = {.certify = {.order = ORDER, .limbs = LIMBS, .parts = 2, .tolerance = tolerance}, .t_end = end};
    ck_assert_int_eq(fp_chain_run(&options, flow, observe, &t, &stats, &err), FP_CHAIN_END);
    ck_assert_uint_ge(t.steps, 5);
    ck_assert(mag_cmp_2exp_si(t.e, -83) < 0);
    back(&t, _i == 1);
    fp_leg_distance(off, t.at, t.start);
    ck_assert_double_lt(mag_get_d(t.e), 1e-12); /* thin enough to say something */
    ck_assert_msg((mag_cmp(off, t.e) <= 0) == (_i == 0), "the way back ends %g from the start, in a tube of radius %g", mag_get_d(off), mag_get_d(t.e));
    fp_chain_stats_clear(&stats);
    for (size_t k = 0; k < t.steps; k++) arf_clear(&t.h[k]);
    fp_leg_free(t.at);
    fp_leg_free(t.next);
    fp_leg_free(t.start);
    fp_flow_free(flow);
    fp_problem_clear(&problem);
    fp_setting_clear(&setting);
    mag_clear(t.e);
    mag_clear(off);
    arf_clear(end);
    mpq_clear(tolerance);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reversed");
    TCase *cases = tcase_create("reversed");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, the_tube_on_the_way_back_contains_the_start, 0, 2);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
