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
/* |dF_i| <= sum of alpha |dx| over the vectors: p (sqrt(m1) |v| |dub| + |u| |dv|) + p |G - o| (|q| |dk| + |k| |dq|)/sqrt m, summed over positions. Norms are taken 2^-20 larger for the tube, whose
 * radius is far below that part of them. */
static void output_gradient(mag_ptr alpha, const fp_leg *x, const fp_swell *w, long i)
{
    up root = up_sqrt(up_ui((ulong)x->problem->m1)), wider = up_scale(up_ui((1 << 20) + 1), -20);
    arb_t t;
    arb_init(t);
    for (long row = i * x->L; row < (i + 1) * x->L; row++)
        for (long h = 0; h < x->L; h++) {
            size_t v = fp_leg_v(x->token[i * x->L + h]), k = fp_leg_k(x, x->token[i * x->L + h]), q = fp_leg_q(x, x->token[row]);
            up p = up_mul(wider, up_add(up_ball(w->p + row * x->L + h), w->dp[row * x->L + h]));
            arb_sub(t, w->G + x->token[i * x->L + h], w->o + row, 64);
            up gap = up_add(up_ball(t), up_add(w->dG[x->token[i * x->L + h]], w->dor[row]));
            gap = up_mul(up_mul(gap, p), up_ball(x->factor + FP_MODEL_ROOT_M));
            alpha[0] = up_add(alpha[0], up_mul(up_mul(p, root), x->norm[v]));
            alpha[v] = up_add(alpha[v], up_mul(p, x->norm[0]));
            alpha[k] = up_add(alpha[k], up_mul(gap, x->norm[q]));
            alpha[q] = up_add(alpha[q], up_mul(gap, x->norm[k]));
        }
    arb_clear(t);
}

/* g(1-g)/n alpha alpha^T, g (1-g) <= 1/4 */
static void add_gauss_newton(fp_entries *B, const fp_leg *x, const fp_swell *w)
{
    for (long i = 0; i < x->n; i++) {
        mag_ptr alpha = _mag_vec_init((slong)x->vectors);
        up g = up_min(up_add(up_ball(w->g + i), w->dg[i]), up_scale(up_ui(1), -2)), weight = up_div(g, up_ui((ulong)x->n));
        output_gradient(alpha, x, w, i);
        for (size_t a = 0; a < x->vectors; a++)
            for (size_t b = a; b < x->vectors; b++)
                if (!mag_is_zero(alpha + a) && !mag_is_zero(alpha + b)) fp_entries_add(B, a, b, up_mul(weight, up_mul(alpha[a], alpha[b])));
        _mag_vec_clear(alpha, (slong)x->vectors);
    }
}

/* E = exp(|h| mu) (e + defect) < r = 4096 (e + defect) */
static void close_backwards(fp_leg *x, const mag_t e)
{
    fp_swell w;
    fp_entries B = {0};
    arf_t zero, one;
    up start = up_add(*e, *x->defect);
    arf_init(zero);
    arf_init(one);
    arf_one(one);
    *x->room = up_scale(start, 12);
    fp_swell_init(&w, x);
    fp_swell_set(&w, x, zero, one);
    fp_swell_widen(&w, x, x->room);
    fp_leg_comparison(&B, x, &w, x->room);
    add_gauss_newton(&B, x, &w);
    *x->growth = up_mul(fp_entries_bound(&B, x->vectors), up_arf(x->h));
    *x->radius = up_mul(up_exp(*x->growth), start);
    ck_assert(up_below(*x->radius, *x->room) && mag_cmp_2exp_si(x->room, -40) < 0);
    fp_entries_clear(&B);
    fp_swell_clear(&w, x);
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
