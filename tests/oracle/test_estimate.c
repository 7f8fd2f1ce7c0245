/* SPDX-License-Identifier: MIT */
/* Estimated tubes (certificate.md, (32)) on random instances whose proofs end at once: weights of scale 3 to 8, tokens that repeat, m = 1, m1 = 1, L = 1, labels of one kind only; knots by rk45 and by taylor, at
 * tolerances from 1e-3 to 1e-17. The truth is by extrapolated midpoint rules on the flow's own right-hand side (plain_state.h), to 40 bits more than the tolerance. What is measured: how many steps contain it at their
 * ends and in the middle, and how much larger than the error E is. FP_FULL=1: 100 instances. */
#include <math.h>
#include <stdlib.h>

#include "../../src/certify/step_impl.h"
#include "../support/flow_instances.h"
#include "../support/fp_check.h"
#include "../support/plain_state.h"

enum { PREC = 256, RUN_PREC = 128, COLUMNS = 10, FEW = 8, MANY = 100, STEPS = 120, DECADES = 20, MOST_BITS = 40 };

static unsigned long draws;
static double draw(void) /* in [0, 1) */
{
    draws = draws * 6364136223846793005ul + 1442695040888963407ul;
    return (double)(draws >> 11) / 9007199254740992.0;
}

static long between(long low, long high)
{
    return low + (long)(draw() * (double)(high - low + 1));
}

typedef struct {
    fp_problem problem;
    fp_flow *flow, *run_flow;
    fp_vec *x, *y0;       /* the true solution, at the time `at` */
    arf_t at;
    double log2_tolerance;
    fp_run *run;
    mpfr_t t;
    bool begun;
    unsigned long steps, contained, tight; /* tight: E at most 100 times the error */
    double least;         /* E / error */
    unsigned long by_decade[DECADES], out_by_decade[DECADES]; /* steps by -log10 E */
} world;

/* ---- instances */
static void spread(double *x, long count, double scale)
{
    for (long k = 0; k < count; k++) x[k] = ldexp(round(ldexp(x[k] * scale * sqrt(3), 20)), -20);
}

static void draw_problem(fp_problem *p)
{
    long n = between(1, 6), L = between(1, 4), d = between(3, 7), m = between(0, 3) ? between(2, 12) : 1, m1 = between(0, 3) ? between(2, 4) : 1;
    double scale = 3 + 5 * draw();
    instance_random(p, n, L, d, m, m1, (unsigned)between(1, 1000000));
    for (long k = 0; k < n * L; k++) p->token[k] = (int)between(1, d);
    for (long i = 0; i < n; i++) p->label[i] = between(0, 1) ? 1 : -1;
    spread(p->W, m * m1, scale);
    spread(p->W_V, m * d, scale);
    spread(p->W_K, m * d, scale);
    spread(p->W_Q, m * d, scale);
}

/* ---- the truth */
static void go_to(world *w, const arf_t t)
{
    arf_t rest;
    arf_init(rest);
    arf_sub(rest, t, w->at, ARF_PREC_EXACT, ARF_RND_DOWN);
    double left = arf_get_d(rest, ARF_RND_NEAR), h = left;
    ck_assert_int_eq(arf_cmp_d(rest, left), 0);
    fp_vec *try = fp_vec_new(fp_vec_len(w->x), PREC);
    while (left > 0) {
        if (h > left) h = left;
        fp_vec_copy(try, w->x);
        double apart = plain_advance(try, fp_flow_field(w->flow), h, COLUMNS);
        if (apart > w->log2_tolerance - MOST_BITS) {
            ck_assert_double_gt(h, 1e-12);
            h /= 2;
            continue;
        }
        fp_vec_copy(w->x, try);
        left -= h;
    }
    arf_set(w->at, t);
    fp_vec_free(try);
    arf_clear(rest);
}

/* |x - y(tau)| */
static double error_at(world *w, const fp_step *step, const arf_t t)
{
    const fp_layout *at = fp_flow_layout(w->flow);
    fp_series_state y, x;
    arf_t tau;
    mag_t rounding, far;
    arf_init(tau);
    mag_init(rounding);
    mag_init(far);
    fp_series_state_init(&y, step->series);
    fp_series_state_init(&x, step->series);
    go_to(w, t);
    arf_sub(tau, t, fp_step_left(step), ARF_PREC_EXACT, ARF_RND_DOWN);
    fp_series_at(&y, rounding, step->series, tau);
    ck_assert(fp_series_state_from_vec(&x, rounding, w->x, at));
    fp_series_state_distance(far, &x, &y, at->m1);
    double error = mag_get_d(far);
    fp_series_state_clear(&x);
    fp_series_state_clear(&y);
    mag_clear(far);
    mag_clear(rounding);
    arf_clear(tau);
    return error;
}

static bool look(const fp_step *step, const fp_start *start, void *ctx)
{
    world *w = ctx;
    (void)start;
    arf_t middle;
    arf_init(middle);
    ck_assert(fp_step_is_estimated(step));
    arf_add(middle, fp_step_left(step), fp_step_right(step), ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_mul_2exp_si(middle, middle, -1);
    double error = error_at(w, step, fp_step_left(step)), E = mag_get_d(fp_step_radius(step));
    error = fmax(error, error_at(w, step, middle));
    error = fmax(error, error_at(w, step, fp_step_right(step)));
    arf_clear(middle);
    int decade = (int)-log10(E);
    if (decade < 0) decade = 0;
    if (decade >= DECADES) decade = DECADES - 1;
    w->steps++;
    w->contained += error <= E;
    w->tight += E <= 100 * error;
    w->least = fmin(w->least, E / error);
    w->by_decade[decade]++;
    w->out_by_decade[decade] += error > E;
    return true;
}

/* ---- knots of rk45 */
static const fp_vec *knot(void *ctx, arf_srcptr t, fp_error *err)
{
    world *w = ctx;
    arf_get_mpfr(w->t, t, MPFR_RNDN);
    if (!w->begun && !fp_run_begin(w->run, w->y0, err)) return NULL;
    w->begun = true;
    return fp_run_to(w->run, w->t, NULL, NULL, err) == FP_RUN_END ? fp_run_state(w->run) : NULL;
}

static void open_run(world *w, fp_flow_kind kind, mpq_srcptr tolerance, mpq_srcptr end)
{
    fp_error err = {0};
    mpq_t zero;
    mpq_init(zero);
    fp_ck_ok(fp_flow_new(&w->run_flow, kind, &w->problem, RUN_PREC, NULL, &err), &err);
    w->y0 = fp_vec_new(fp_vec_len(w->x), RUN_PREC);
    fp_vec_copy(w->y0, w->x);
    mpfr_init2(w->t, RUN_PREC);
    fp_run_options options = {.method = FP_METHOD_RK45, .t0 = zero, .t_end = end, .tolerance = tolerance, .prec = RUN_PREC, .max_steps = 20000};
    w->run = fp_run_new(fp_flow_field(w->run_flow), &options);
    mpq_clear(zero);
}

/* ---- one instance */
static void measure(world *w, int index, bool show)
{
    fp_error err = {0};
    fp_chain_stats stats;
    mpq_t tolerance, end;
    arf_t t_end;
    bool rk45 = index % 2 == 0;
    fp_flow_kind kind = index % 3 ? FP_FLOW_REDUCED : FP_FLOW_COMPRESSED;
    char text[32];
    snprintf(text, sizeof text, "1e-%ld", rk45 ? between(3, 10) : between(3, 17));
    draw_problem(&w->problem);
    if (kind == FP_FLOW_COMPRESSED && fp_flow_new(&w->flow, kind, &w->problem, PREC, NULL, &err) != FP_OK) kind = FP_FLOW_REDUCED;
    if (!w->flow) fp_ck_ok(fp_flow_new(&w->flow, kind, &w->problem, PREC, NULL, &err), &err);
    mpq_inits(tolerance, end, NULL);
    arf_init(t_end);
    arf_init(w->at);
    arf_one(t_end);
    mpq_set_ui(end, 1, 1);
    ck_assert(fp_rational_parse(tolerance, text));
    w->log2_tolerance = log2(mpq_get_d(tolerance));
    w->x = fp_flow_initial(w->flow);
    if (rk45) open_run(w, kind, tolerance, end);
    fp_chain_options o = {.certify = {.tolerance = tolerance}, .t_end = t_end, .max_steps = STEPS, .estimate = true, .knot = rk45 ? knot : NULL, .knot_ctx = w};
    fp_chain_outcome outcome = fp_chain_run(&o, w->flow, look, w, &stats, &err);
    if (show)
        printf("%3d %-6s %-5s n=%ld L=%ld d=%ld m=%-2ld m1=%ld: %3lu steps to %-8.4g %-12s in %3lu, tight %3lu, least %-8.3g E %.2g\n", index, rk45 ? "rk45" : "taylor", text, w->problem.n, w->problem.L, w->problem.d,
               w->problem.m, w->problem.m1, w->steps, arf_get_d(stats.t, ARF_RND_NEAR), outcome == FP_CHAIN_END ? "end" : fp_chain_outcome_text(outcome), w->contained, w->tight, w->least, mag_get_d(stats.radius));
    fp_chain_stats_clear(&stats);
    arf_clear(t_end);
    arf_clear(w->at);
    mpq_clears(tolerance, end, NULL);
    fp_vec_free(w->x);
    if (rk45) {
        fp_run_free(w->run);
        fp_vec_free(w->y0);
        fp_flow_free(w->run_flow);
        mpfr_clear(w->t);
    }
    fp_flow_free(w->flow);
    instance_clear(&w->problem);
}

START_TEST(the_estimate_contains_the_true_error_in_999_of_1000_steps_and_is_within_a_factor_of_100_of_it_in_most)
{
    bool full = getenv("FP_FULL") != NULL;
    unsigned long steps = 0, contained = 0, tight = 0, by[DECADES] = {0}, out[DECADES] = {0};
    double least = INFINITY;
    draws = 11;
    for (int index = 0; index < (full ? MANY : FEW); index++) {
        world w = {.least = INFINITY};
        measure(&w, index, getenv("FP_SHOW") != NULL);
        steps += w.steps;
        contained += w.contained;
        tight += w.tight;
        least = fmin(least, w.least);
        for (int k = 0; k < DECADES; k++) {
            by[k] += w.by_decade[k];
            out[k] += w.out_by_decade[k];
        }
    }
    printf("estimated tubes: %lu steps, %.4f%% contain the true solution, %.1f%% are within a factor of 100 of its error, least ratio %.3g\n", steps, 100.0 * (double)contained / (double)steps,
           100.0 * (double)tight / (double)steps, least);
    for (int k = 0; k < DECADES && getenv("FP_SHOW"); k++) printf("  E about 1e-%d: %lu steps, %lu outside\n", k, by[k], out[k]);
    ck_assert_uint_gt(steps, 20 * (full ? MANY : FEW));
    ck_assert_msg((steps - contained) * 1000 <= steps, "%lu of %lu steps do not contain the true solution", steps - contained, steps);
    ck_assert_msg(2 * tight > steps, "%lu of %lu steps are within a factor of 100", tight, steps);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("estimate");
    TCase *c = tcase_create("coverage");
    tcase_set_timeout(c, getenv("FP_FULL") ? 3600 : 120);
    tcase_add_test(c, the_estimate_contains_the_true_error_in_999_of_1000_steps_and_is_within_a_factor_of_100_of_it_in_most);
    suite_add_tcase(s, c);
    return s;
}

int main(void)
{
    return fp_test_main(suite());
}
