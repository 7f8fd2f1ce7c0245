/* SPDX-License-Identifier: MIT */
/* for all real, chi2cdf, sup: from the text of a sheet to verdicts and numbers. */
#include "../support/tube_rig.h"
#include "../support/source_instance.h"

/* ---- boxes of reals */
START_TEST(true_statements_about_boxes_are_proved)
{
    tube_rig r;
    tube_begin(&r);
    tube_check(&r, (const char *const[]){"X.1",
                                        "define f(x, k) = x^k\n"
                                        "claim square: for all real x in [-1, 1]: x*(1 - x) <= 26/100\n"
                                        "claim corner: for all real y in [0, 1/3], z in [0, 10^6]: 2*(y + z) >= y + (y + z)\n"
                                        "claim where: for all real x in [0, 1], y in [0, 1] where x <= y - 1/100: x^2 < y\n"
                                        "claim premise: for all real x in [-2, 2]: x^2 > 1 implies (x > 99/100 or x < -99/100)\n"
                                        "claim power: for all real x in [1/2, 2], y in [-1, 1]: x^y <= exp(y*log(x)) + 1/10\n"
                                        "claim hull: for all real x in [-1, 1], y in [-1, 1]: abs(x) + abs(y) <= 2*max(abs(x), abs(y)) + 1/100\n"
                                        "claim root: for all real x in [0, 4]: sqrt(x) <= 1 + x/2\n"
                                        "claim index: for k in {1, 2, 3}: for all real x in [0, 1]: f(x, k) <= 1 and not (f(x, k) < -1/1000)\n"
                                        "claim ends: for all real x in [1/3, sqrt(2)]: 1/4 < x and x < 3/2\n"
                                        "claim sums: for all real x in [0, 1/2]: sum(k in 0..9: x^k) < 2\n",
                                        NULL});
    static const char *const names[] = {"square", "corner", "where", "premise", "power", "hull", "root", "index", "ends", "sums"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        char *id = fp_asprintf("X.1/%s", names[k]);
        tube_expect(&r, id, "proved");
        free(id);
    }
    tube_end(&r);
}
END_TEST

START_TEST(false_statements_about_boxes_are_refuted_at_a_point_that_is_shown)
{
    tube_rig r;
    tube_begin(&r);
    tube_check(&r, (const char *const[]){"X.1",
                                        "constant C = 1/5 smallest\n"
                                        "claim narrow: for all real x in [0, 1]: (x - 1/3)^2 > 1/10^7\n"
                                        "claim bernstein: for all real A in [1/2, 2], M in [1/2, 2], x in [1/2, 2]:\n"
                                        "  exp(-(x^2/2)/(A + M*x/3)) <= exp(-min(x^2/(2*A), x/(2*M)))\n"
                                        "claim list: for e in {2, 1/2}: for all real x in [0, 1]: x <= e\n"
                                        "claim strict: for all real x in [0, 1]: x - x < 0\n"
                                        "claim constant: for all real x in [0, 1]: x^2 <= C\n",
                                        NULL});
    tube_expect(&r, "X.1/narrow", "refuted");
    ck_assert_str_eq(tube_result(&r, "X.1/narrow")->binding, "x=1/3");
    tube_expect(&r, "X.1/bernstein", "refuted");
    double a, m, t;
    ck_assert_int_eq(sscanf(tube_result(&r, "X.1/bernstein")->binding, "A=%lf, M=%lf, x=%lf", &a, &m, &t), 3);
    double exponent = t * t / 2 / (a + m * t / 3), least = t * t / (2 * a) < t / (2 * m) ? t * t / (2 * a) : t / (2 * m);
    ck_assert_msg(exponent < least, "%g, %g, %g is no counterexample", a, m, t);
    tube_expect(&r, "X.1/list", "refuted");
    ck_assert_int_eq(strncmp(tube_result(&r, "X.1/list")->binding, "e=1/2, x=", 9), 0);
    tube_expect(&r, "X.1/strict", "refuted");
    tube_expect(&r, "X.1/constant", "violated"); /* with this C */
    tube_end(&r);
}
END_TEST

START_TEST(what_touches_or_has_no_value_is_undecided_and_nothing_is_vacuously_proved)
{
    tube_rig r;
    tube_begin(&r);
    tube_check(&r, (const char *const[]){"X.1",
                                        "claim touch: for all real x in [0, 1], y in [0, 1]: x^2 + y^2 >= 2*x*y\n"
                                        "claim identity: for all real x in [0, 1]: x*x = x^2\n"
                                        "claim singular: for all real x in [0, 1]: 1/x > 0\n"
                                        "claim never: for all real x in [0, 1] where x > 2: x < 1\n"
                                        "claim premise: for all real x in [0, 1]: x > 2 implies x < 1\n"
                                        "claim outside: for all real x in [0, 1]: log(x - 2) < 1\n"
                                        "claim empty: for all real x in [n, m]: x > 0\n",
                                        NULL});
    tube_expect(&r, "X.1/touch", "undecided box-cap");
    tube_expect(&r, "X.1/identity", "undecided box-cap");
    tube_expect(&r, "X.1/singular", "undecided box-cap");
    tube_expect(&r, "X.1/never", "undecided vacuous");
    tube_expect(&r, "X.1/premise", "undecided vacuous");
    tube_expect(&r, "X.1/outside", "undecided domain");
    tube_expect(&r, "X.1/empty", "undecided empty-set"); /* n = 6, m = 4 */
    tube_end(&r);
}
END_TEST

/* ---- running suprema */
START_TEST(a_supremum_never_falls_and_has_the_values_of_its_expression)
{
    tube_rig r;
    tube_begin(&r);
    r.mock[0].still = r.mock[1].still = true;
    tube_check(&r, (const char *const[]){"X.1",
                                        "let top = sup(t*(2 - t))\n"
                                        "claim kept: always [3/2, 2]: top >= 1 - 1/10^8\n" /* at t = 1 */
                                        "claim not_more: always [3/2, 2]: top <= 1 + 1/10^8\n"
                                        "claim more: always [3/2, 2]: top >= 1 + 1/10^8\n"
                                        "claim start: always [0, 2]: sup(-t) >= 0\n"
                                        "claim present: always [0, 2]: sup(t) >= t - 1/1000\n"
                                        "claim index: at 2: sup(max(k in 1..3: k*t)) >= 6\n"
                                        "claim failing: at 2: sup(log(t - 5)) >= 0\n"
                                        "order ratio: always [3/2, 2]: top is O(1)\n",
                                        NULL});
    tube_expect(&r, "X.1/kept", "proved");
    tube_expect(&r, "X.1/not_more", "proved");
    tube_expect(&r, "X.1/more", "refuted");
    tube_expect(&r, "X.1/start", "proved");
    tube_expect(&r, "X.1/present", "proved");
    tube_expect(&r, "X.1/index", "proved");
    tube_expect(&r, "X.1/failing", "undecided domain");
    ck_assert(tube_result(&r, "X.1/ratio")->has_ratio);
    tube_end(&r);
}
END_TEST

/* ---- values */
static void value(arb_t out, const tiny_world *w, const char *text)
{
    fp_expressions x = {0};
    fp_text context = {0};
    fp_error err = {0};
    fp_eval_failure failure = {0};
    ck_assert_msg(fp_expressions_parse(&x, text, "test", NULL, &context, &err) == FP_OK, "%s: %s", text, err.message);
    fp_eval *e = fp_eval_new_for(&x, &w->tiny.problem, TINY_PREC);
    fp_eval_set_now(e, w->run.source);
    fp_eval_set_initial(e, w->initial);
    ck_assert_msg(fp_eval_scalar(out, e, x.nodes[0], x.frames[0], &failure), "%s: %s", text, failure.detail);
    fp_eval_free(e);
    fp_expressions_clear(&x);
    fp_text_clear(&context);
}

/* chi2cdf(2 z^2, 1) = erf(z), chi2cdf(x, 2) = 1 - exp(-x/2); erf(1): Abramowitz and Stegun table 7.1, OEIS A099286; erf(1/sqrt 2): OEIS A178647; 1 - 1/e: OEIS A068996. */
START_TEST(chi2cdf_has_its_published_values_to_30_digits)
{
    static const char *const known[][2] = {
        {"chi2cdf(2, 1)", "0.842700792949714869341220635082609259296067"},
        {"chi2cdf(1, 1)", "0.682689492137085897170465091264075844955825"},
        {"chi2cdf(2, 2)", "0.632120558828557678404476229838539132554188"},
        {"chi2cdf(0, 3)", "0"},
        {"chi2cdf(-1, 3)", "0"},
    };
    tiny_world w;
    arb_t x, wanted;
    mpfr_t middle;
    tiny_world_open(&w);
    arb_init(x);
    arb_init(wanted);
    mpfr_init2(middle, TINY_PREC);
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        value(x, &w, known[k][0]);
        ck_assert_msg(mag_cmp_2exp_si(arb_radref(x), -240) < 0, "%s is wide", known[k][0]);
        arf_get_mpfr(middle, arb_midref(x), MPFR_RNDN);
        if (arb_is_zero(x))
            ck_assert_str_eq(known[k][1], "0");
        else
            fp_ck_digits(middle, known[k][1], 40);
    }
    mpfr_clear(middle);
    arb_clear(wanted);
    arb_clear(x);
    tiny_world_close(&w);
}
END_TEST

/* For even k it is 1 - exp(-x/2) sum of (x/2)^i/i! below k/2. The pairs lie on both sides of where the two ways of computing meet. */
START_TEST(chi2cdf_agrees_with_the_finite_sum_for_even_degrees)
{
    static const int degrees[] = {2, 10, 60, 200}, at[] = {1, 30, 90, 200, 400, 900};
    tiny_world w;
    arb_t x, y;
    tiny_world_open(&w);
    arb_init(x);
    arb_init(y);
    for (size_t k = 0; k < sizeof degrees / sizeof *degrees; k++)
        for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
            char *text = fp_asprintf("chi2cdf(%d, %d)", at[i], degrees[k]);
            char *sum = fp_asprintf("1 - exp(-%d/2)*sum(i in 0..%d: exp(i*log(%d/2) - sum(j in 1..i: log(j))))", at[i], degrees[k] / 2 - 1, at[i]);
            value(x, &w, text);
            value(y, &w, sum);
            ck_assert_msg(arb_overlaps(x, y) && arb_rel_accuracy_bits(x) > 200, "%s", text);
            free(text);
            free(sum);
        }
    arb_clear(x);
    arb_clear(y);
    tiny_world_close(&w);
}
END_TEST

START_TEST(the_derivative_of_chi2cdf_is_the_density)
{
    tiny_world w;
    arb_t x, y;
    tiny_world_open(&w);
    arb_init(x);
    arb_init(y);
    value(x, &w, "d(chi2cdf(loss, 2))");
    value(y, &w, "exp(-loss/2)/2*d(loss)");
    ck_assert(arb_overlaps(x, y) && arb_rel_accuracy_bits(x) > 150);
    value(x, &w, "d(chi2cdf(loss, 1))");
    value(y, &w, "exp(-loss/2)/sqrt(2*pi*loss)*d(loss)");
    ck_assert(arb_overlaps(x, y) && arb_rel_accuracy_bits(x) > 150);
    arb_clear(x);
    arb_clear(y);
    tiny_world_close(&w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("language");
    TCase *tests = tcase_create("language");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, true_statements_about_boxes_are_proved);
    tcase_add_test(tests, false_statements_about_boxes_are_refuted_at_a_point_that_is_shown);
    tcase_add_test(tests, what_touches_or_has_no_value_is_undecided_and_nothing_is_vacuously_proved);
    tcase_add_test(tests, a_supremum_never_falls_and_has_the_values_of_its_expression);
    tcase_add_test(tests, chi2cdf_has_its_published_values_to_30_digits);
    tcase_add_test(tests, chi2cdf_agrees_with_the_finite_sum_for_even_degrees);
    tcase_add_test(tests, the_derivative_of_chi2cdf_is_the_density);
    suite_add_tcase(suite, tests);
    return fp_test_main(suite);
}
