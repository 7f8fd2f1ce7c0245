/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>

#include "../../src/claims/bounds.h"
#include "../../src/claims/eval_impl.h"
#include "../support/fp_check.h"
#include "../support/source_instance.h"

/* ---- bounds */
static bool holds(const fp_bound *b, const arb_t x)
{
    arb_t whole;
    arf_t end;
    bool inside;
    arb_init(whole);
    arf_init(end);
    arf_set_d(arb_midref(whole), b->x);
    arf_set_d(end, b->r);
    if (isinf(b->r))
        arb_zero_pm_inf(whole);
    else
        arb_add_error_arf(whole, end);
    inside = arb_contains(whole, x);
    arb_clear(whole);
    arf_clear(end);
    return inside;
}

static void check_bound(const fp_bound *b, const arb_t x, const char *what, ulong seed)
{
    arf_t low, high;
    arf_init(low);
    arf_init(high);
    arb_get_lbound_arf(low, x, 64);
    arb_get_ubound_arf(high, x, 64);
    ck_assert_msg(holds(b, x), "%s, case %lu: %.17g +- %.17g", what, seed, b->x, b->r);
    ck_assert_msg(arf_cmp_d(low, fp_bound_low(b)) >= 0 && arf_cmp_d(high, fp_bound_high(b)) <= 0, "%s, case %lu: ends of %.17g +- %.17g", what,
                  seed, b->x, b->r);
    arf_clear(low);
    arf_clear(high);
}

/* A ball and the bound made of it; sizes from 2^-1080 to 2^1000, radii from 0 to 8 times the size. */
static void draw(arb_t x, fp_bound *b, flint_rand_t state)
{
    arb_randtest_precise(x, state, 80, 5);
    slong exponent = (slong)n_randint(state, 8) == 0 ? (slong)n_randint(state, 2080) - 1080 : (slong)n_randint(state, 20) - 10;
    arb_mul_2exp_si(x, x, exponent);
    if (n_randint(state, 3) == 0) mag_zero(arb_radref(x));
    if (n_randint(state, 2) == 0) mag_set_ui_2exp_si(arb_radref(x), 1 + n_randint(state, 7), exponent - (slong)n_randint(state, 40));
    fp_bound_set_ball(b, x);
    if (n_randint(state, 3) > 0 || !arf_is_finite(arb_midref(x))) return;
    *b = (fp_bound){arf_get_d(arb_midref(x), ARF_RND_NEAR), 0}; /* a double is known exactly */
    mag_zero(arb_radref(x));
    arf_set_d(arb_midref(x), b->x);
}

/* A number of the ball: its middle or an end. */
static void pick(arb_t x, flint_rand_t state)
{
    ulong which = n_randint(state, 3);
    if (which == 1) arb_get_ubound_arf(arb_midref(x), x, 2000);
    if (which == 2) arb_get_lbound_arf(arb_midref(x), x, 2000);
    mag_zero(arb_radref(x));
}

typedef struct {
    const char *name;
    void (*bound)(fp_bound *, const fp_bound *);
    void (*ball)(arb_t, const arb_t, const arb_t, slong);
} operation;

static void bound_max(fp_bound *a, const fp_bound *b) { fp_bound_extreme(a, b, 1); }
static void bound_min(fp_bound *a, const fp_bound *b) { fp_bound_extreme(a, b, -1); }
static void bound_root(fp_bound *a, const fp_bound *b) { (void)b; fp_bound_sqrt(a); }
static void ball_root(arb_t out, const arb_t a, const arb_t b, slong prec) { (void)b; arb_sqrt(out, a, prec); }

/* The ball operations see one number of each operand, so that what is compared is the true result for it. */
START_TEST(bounds_hold_the_results_for_numbers_inside_the_operands)
{
    static const operation list[] = {{"+", fp_bound_add, arb_add},      {"-", fp_bound_sub, arb_sub},      {"*", fp_bound_mul, arb_mul},
                                     {"/", fp_bound_div, arb_div},      {"max", bound_max, arb_max},       {"min", bound_min, arb_min},
                                     {"sqrt", bound_root, ball_root}};
    flint_rand_t state;
    arb_t x, y, z;
    flint_randinit(state);
    arb_init(x);
    arb_init(y);
    arb_init(z);
    for (ulong r = 0; r < 70000; r++) {
        const operation *op = &list[r % (sizeof list / sizeof *list)];
        fp_bound a, b;
        draw(x, &a, state);
        draw(y, &b, state);
        pick(x, state);
        pick(y, state);
        op->ball(z, x, y, 300);
        op->bound(&a, &b);
        if (arb_is_finite(z)) check_bound(&a, z, op->name, r);
        ck_assert_msg(arb_is_finite(z) || isinf(a.r), "%s, case %lu: a bound where there is no value", op->name, r);
    }
    arb_clear(x);
    arb_clear(y);
    arb_clear(z);
    flint_randclear(state);
}
END_TEST

/* ---- quantities */
static void check_quantity(fp_source *s, fp_base base, long x, long y, long z, double *tight)
{
    long at[3] = {x, y, z};
    const long *index[3] = {&at[0], &at[1], &at[2]};
    fp_bound b;
    arb_struct jet[2];
    arb_init(jet);
    arb_init(jet + 1);
    tiny_ask(jet, s, base, x, y, z, 0, FP_BY_EQUATIONS);
    ck_assert_msg(fp_source_bounds(&b, s, base, index, 1), "%s[%ld,%ld,%ld]", fp_base_name(base), x, y, z);
    check_bound(&b, jet, fp_base_name(base), (ulong)(100 * x + 10 * y + z));
    if (b.r > *tight) *tight = b.r;
    arb_clear(jet);
    arb_clear(jet + 1);
}

static void check_source(fp_source *s, bool neurons)
{
    double widest = 0;
    for (long mu = 1; mu <= 13; mu++) {
        check_quantity(s, FP_BASE_G, mu, 0, 0, &widest);
        for (long nu = 1; nu <= 13; nu++) {
            check_quantity(s, FP_BASE_SCORE, mu, nu, 0, &widest);
            check_quantity(s, FP_BASE_KK, mu, nu, 0, &widest);
            check_quantity(s, FP_BASE_QQ, mu, nu, 0, &widest);
            check_quantity(s, FP_BASE_VV, mu, nu, 0, &widest);
        }
        for (long j = 1; neurons && j <= 4; j++) check_quantity(s, FP_BASE_WV, j, mu, 0, &widest);
    }
    for (long i = 1; i <= 6; i++)
        for (long l = 1; l <= 4; l++) check_quantity(s, FP_BASE_P, i, l, 1 + (i + l) % 4, &widest);
    for (long j = 1; neurons && j <= 4; j++) check_quantity(s, FP_BASE_WW, j, 1 + j % 4, 0, &widest);
    ck_assert_msg(widest < 1e-12, "bounds as wide as %g screen nothing", widest); /* entries of order 1, 8 rows: 8 * 2^-52 * |x| |y| */
}

START_TEST(bounds_of_quantities_hold_their_balls)
{
    static const fp_flow_kind kinds[] = {FP_FLOW_WEIGHTS, FP_FLOW_REDUCED, FP_FLOW_GRAM, FP_FLOW_COMPRESSED};
    tiny_instance tiny;
    tiny_open(&tiny);
    for (size_t r = 0; r < sizeof kinds / sizeof *kinds; r++) {
        tiny_run run;
        tiny_run_open(&run, &tiny, kinds[r], true);
        check_source(run.source, kinds[r] != FP_FLOW_GRAM);
        tiny_run_close(&run);
    }
    fp_source *initial = fp_source_new_initial(&tiny.problem, TINY_PREC);
    check_source(initial, true);
    fp_source_free(initial);
    tiny_close(&tiny);
}
END_TEST

START_TEST(bounds_follow_the_state)
{
    tiny_world w;
    tiny_world_open(&w);
    double widest = 0;
    check_quantity(w.run.source, FP_BASE_KK, 1, 2, 0, &widest);
    check_quantity(w.run.source, FP_BASE_P, 1, 2, 3, &widest);
    fp_vec *y = fp_vec_new(fp_vec_len(w.run.y), TINY_STATE_PREC);
    mpfr_t t;
    mpfr_init2(t, 64);
    mpfr_set_ui(t, 1, MPFR_RNDN);
    fp_source_set(w.run.source, t, y); /* all weights 0 */
    check_quantity(w.run.source, FP_BASE_KK, 1, 2, 0, &widest);
    check_quantity(w.run.source, FP_BASE_P, 1, 2, 3, &widest);
    mpfr_clear(t);
    fp_vec_free(y);
    tiny_world_close(&w);
}
END_TEST

START_TEST(an_index_out_of_range_has_no_bound)
{
    tiny_world w;
    tiny_world_open(&w);
    long at[2] = {1, 14}, zero = 0;
    const long *high[2] = {&at[0], &at[1]}, *low[2] = {&at[0], &zero};
    fp_bound b;
    ck_assert(!fp_source_bounds(&b, w.run.source, FP_BASE_KK, high, 1));
    ck_assert(!fp_source_bounds(&b, w.run.source, FP_BASE_KK, low, 1));
    tiny_world_close(&w);
}
END_TEST

/* ---- extremes */
typedef struct {
    tiny_world *w;
    fp_expressions x;
    fp_eval *e;
} asked;

static void open_text(asked *q, tiny_world *w, const char *text)
{
    fp_text context = {0};
    fp_error err = {0};
    *q = (asked){.w = w};
    ck_assert_msg(fp_expressions_parse(&q->x, text, "test", NULL, &context, &err) == FP_OK, "%s: %s", text, err.message);
    q->e = fp_eval_new_for(&q->x, &w->tiny.problem, TINY_PREC);
    fp_eval_set_now(q->e, w->run.source);
    fp_eval_set_initial(q->e, w->initial);
    fp_text_clear(&context);
}

static void close_text(asked *q)
{
    fp_eval_free(q->e);
    fp_expressions_clear(&q->x);
}

static void get(arb_t out, tiny_world *w, const char *text)
{
    asked q;
    fp_eval_failure failure = {0};
    open_text(&q, w, text);
    ck_assert_msg(fp_eval_scalar(out, q.e, q.x.nodes[0], q.x.frames[0], &failure), "%s: %s", text, failure.detail);
    close_text(&q);
}

/* How many candidates the screen keeps; -1: it does not screen. */
static long kept(tiny_world *w, const char *text, long candidates)
{
    asked q;
    fp_frame frame;
    long count = 0;
    open_text(&q, w, text);
    fp_scene now = fp_eval_scene(q.e);
    bool *keep = fp_eval_screen(q.e, q.x.nodes[0], &frame, &now);
    for (long k = 0; keep && k < candidates; k++) count += keep[k];
    count = keep ? count : -1;
    free(keep);
    close_text(&q);
    return count;
}

/* The body, and its candidates' number. Adding 0*exp(..) leaves every candidate's ball as it is, and exp is not screened. */
static const struct {
    const char *extreme, *body, *of;
    long candidates;
} bodies[] = {
    {"max(mu in tokens, nu in tokens", "abs(KK[mu,nu] - init(KK[mu,nu]))", "KK[mu,nu]", 169},
    {"min(mu in tokens, nu in tokens", "score[mu,nu]^3 - VV[mu,nu]/(1 + QQ[nu,nu])", "KK[mu,nu]", 169},
    {"max(i in samples, l in positions, h in positions", "abs(p[i,l,h] - init(p[i,l,h]))", "G[tok[i,h]]", 96},
    {"max(i in samples, l in positions, h in positions", "sqrt(KK[tok[i,l],tok[i,l]])*o[i,l] - max(b in positions: abs(G[tok[i,b]]))/h", "G[tok[i,h]]", 96},
    {"min(j in neurons, i in samples, l in positions", "sum(h in positions: p[i,l,h]*WV[j,tok[i,h]]) - a[j]*WW[j,j]", "F[i]", 96},
    {"max(j in neurons, i in samples, l in positions", "-max(WV[j,tok[i,l]], g[i] - init(g[i]), c[tok[i,l]])*y[i]", "F[i]", 96},
    {"max(j in neurons, mu in tokens, k in {2, 3, 5}", "abs(k*WV[j,mu])*(sum(h in 1..k: h))", "G[mu]", 156},
};

START_TEST(a_screened_extreme_is_the_same_ball)
{
    tiny_world w;
    arb_t x, y;
    tiny_world_open(&w);
    arb_init(x);
    arb_init(y);
    for (size_t r = 0; r < sizeof bodies / sizeof *bodies; r++) {
        char screened[300], plain[300];
        snprintf(screened, sizeof screened, "%s: %s)", bodies[r].extreme, bodies[r].body);
        snprintf(plain, sizeof plain, "%s: %s + 0*exp(%s))", bodies[r].extreme, bodies[r].body, bodies[r].of);
        get(x, &w, screened);
        get(y, &w, plain);
        ck_assert_msg(arb_equal(x, y), "%s", screened);
        ck_assert_msg(kept(&w, plain, bodies[r].candidates) == -1, "%s is screened", plain);
    }
    arb_clear(x);
    arb_clear(y);
    tiny_world_close(&w);
}
END_TEST

START_TEST(few_candidates_are_left)
{
    tiny_world w;
    tiny_world_open(&w);
    for (size_t r = 0; r + 1 < sizeof bodies / sizeof *bodies; r++) { /* the last one's inner set depends on a candidate */
        char text[300];
        snprintf(text, sizeof text, "%s: %s)", bodies[r].extreme, bodies[r].body);
        long count = kept(&w, text, bodies[r].candidates);
        ck_assert_msg(count >= 1 && count <= 12, "%s: %ld of %ld", text, count, bodies[r].candidates); /* a token has at most 6 samples, a pair 2 orders */
    }
    ck_assert_int_eq(kept(&w, "max(i in samples: F[i])", 6), -1);
    ck_assert_int_eq(kept(&w, "max(mu in tokens, nu in tokens: d(KK[mu,nu]))", 169), -1);
    tiny_world_close(&w);
}
END_TEST

/* What cannot be enclosed is kept: the division by zero for mu = nu is found, not overlooked. */
START_TEST(a_candidate_without_a_bound_is_kept)
{
    static const char *const text = "max(mu in tokens, nu in tokens: 1/(KK[mu,mu] - KK[nu,nu] + (mu - nu)))";
    tiny_world w;
    asked q;
    fp_eval_failure failure = {0};
    arb_t x;
    arb_init(x);
    tiny_world_open(&w);
    ck_assert_int_ge(kept(&w, text, 169), 13);
    open_text(&q, &w, text);
    ck_assert(!fp_eval_scalar(x, q.e, q.x.nodes[0], q.x.frames[0], &failure) || !arb_is_finite(x));
    close_text(&q);
    arb_clear(x);
    tiny_world_close(&w);
}
END_TEST

/* ---- fp_extreme */
START_TEST(an_extreme_does_not_depend_on_order_or_losers)
{
    flint_rand_t state;
    arb_struct x[8], out[2], again[2];
    flint_randinit(state);
    for (int k = 0; k < 8; k++) arb_init(x + k);
    for (int k = 0; k < 2; k++) {
        arb_init(out + k);
        arb_init(again + k);
    }
    for (int r = 0; r < 4000; r++) {
        int sign = r % 2 ? 1 : -1;
        fp_extreme a, b;
        fp_extreme_init(&a, sign, 0, 64);
        fp_extreme_init(&b, sign, 0, 64);
        for (int k = 0; k < 8; k++) arb_randtest_precise(x + k, state, 64, 2);
        for (int k = 0; k < 8; k++) fp_extreme_add(&a, x + k);
        fp_extreme_get(out, &a);
        for (int k = 7; k >= 0; k--)
            if (!(sign > 0 ? arb_lt(x + k, out) : arb_gt(x + k, out))) fp_extreme_add(&b, x + k);
        fp_extreme_get(again, &b);
        ck_assert_msg(arb_equal(out, again), "case %d", r);
        for (int k = 0; k < 8; k++) ck_assert_msg(!(sign > 0 ? arb_gt(x + k, out) : arb_lt(x + k, out)), "case %d: candidate %d is better", r, k);
        fp_extreme_clear(&a);
        fp_extreme_clear(&b);
    }
    for (int k = 0; k < 8; k++) arb_clear(x + k);
    for (int k = 0; k < 2; k++) {
        arb_clear(out + k);
        arb_clear(again + k);
    }
    flint_randclear(state);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("screen");
    TCase *tests = tcase_create("screen");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, bounds_hold_the_results_for_numbers_inside_the_operands);
    tcase_add_test(tests, bounds_of_quantities_hold_their_balls);
    tcase_add_test(tests, bounds_follow_the_state);
    tcase_add_test(tests, an_index_out_of_range_has_no_bound);
    tcase_add_test(tests, a_screened_extreme_is_the_same_ball);
    tcase_add_test(tests, few_candidates_are_left);
    tcase_add_test(tests, a_candidate_without_a_bound_is_kept);
    tcase_add_test(tests, an_extreme_does_not_depend_on_order_or_losers);
    suite_add_tcase(suite, tests);
    return fp_test_main(suite);
}
