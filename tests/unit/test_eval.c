/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "../support/fp_check.h"
#include "../support/source_instance.h"

/* Value of one expression, or its failure. */
static bool value(arb_t out, tiny_world *w, fp_source *now, const char *text, fp_eval_failure *failure)
{
    fp_expressions x = {0};
    fp_text context = {0};
    fp_error err = {0};
    ck_assert_msg(fp_expressions_parse(&x, text, "test", NULL, &context, &err) == FP_OK, "%s: %s", text, err.message);
    fp_eval *e = fp_eval_new_for(&x, &w->tiny.problem, TINY_PREC);
    fp_eval_set_now(e, now);
    fp_eval_set_initial(e, w->initial);
    bool ok = fp_eval_scalar(out, e, x.nodes[0], x.frames[0], failure);
    fp_eval_free(e);
    fp_expressions_clear(&x);
    fp_text_clear(&context);
    return ok;
}

static void get(arb_t out, tiny_world *w, const char *text)
{
    fp_eval_failure failure = {0};
    ck_assert_msg(value(out, w, w->run.source, text, &failure), "%s: %s", text, failure.detail);
}

/* Both texts enclose one number, tightly. */
static void same(tiny_world *w, const char *a, const char *b)
{
    arb_t x, y;
    arb_init(x);
    arb_init(y);
    get(x, w, a);
    get(y, w, b);
    ck_assert_msg(arb_overlaps(x, y) && mag_get_d(arb_radref(x)) < 1e-60 && mag_get_d(arb_radref(y)) < 1e-60, "%s differs from %s", a, b);
    arb_clear(x);
    arb_clear(y);
}

static void fails(tiny_world *w, const char *text, const char *reason, const char *part)
{
    fp_eval_failure failure = {0};
    arb_t x;
    arb_init(x);
    ck_assert_msg(!value(x, w, w->run.source, text, &failure), "%s has a value", text);
    ck_assert_msg(failure.failed && strcmp(failure.reason, reason) == 0, "%s: %s", text, failure.reason);
    ck_assert_msg(strstr(failure.detail, part) != NULL, "%s: %s", text, failure.detail);
    arb_clear(x);
}

START_TEST(expressions_of_numbers_are_exact)
{
    static const char *const pairs[][2] = {
        {"1/3 + 0.1 - 1e-10", "12999999997/30000000000"},
        {"2^10 - 3*7 + 5/2", "1003 + 2.5"},
        {"-2^2", "-4"},
        {"(-2)^3 * 2^(-3)", "-1"},
        {"9^(1/2) + 8^(1/3)", "5"},
        {"sqrt(2)*sqrt(2)", "2"},
        {"log(exp(3/7))", "3/7"},
        {"max(1, 5/2, 2) - min(3, -1/2)", "3"},
        {"abs(-7/3) + abs(2)", "13/3"},
        {"n + L + d + m + m1", "35"},
        {"m^30", "1237940039285380274899124224"},
        {"sum(i in samples: 1)", "6"},
        {"count(i in samples where y[i] == 1)", "3"},
        {"sum(i in samples, l in positions where tok[i,l] == 3: 1)", "6"},
        {"sum(mu in tokens: count(i in samples[mu]))", "sum(i in samples, mu in tokens where count(l in positions where tok[i,l] == mu) > 0: 1)"},
        {"sum(i in 1..3, j in i..3: 10*i + j)", "11+12+13+22+23+33"},
        {"max(i in {4, 2, 9}: i^2) - min(i in {4, 2, 9}: i)", "79"},
        {"sum(i in 3..L-2: 1)", "0"},
        {"count(mu in random) + count(mu in common) + count(mu in signals)", "d"},
        {"count(i in I1) + count(i in I2) + count(i in I3) + count(i in I4)", "n"},
        {NULL, NULL},
    };
    tiny_world w;
    tiny_world_open(&w);
    for (int r = 0; pairs[r][1]; r++)
        same(&w, pairs[r][0], pairs[r][1]);
    tiny_world_close(&w);
}
END_TEST

START_TEST(quantities_and_binders_agree_with_their_definitions)
{
    static const char *const pairs[][2] = {
        {"G[3]", "dot(u, v[3])"},
        {"loss", "sum(i in samples: log(1 + exp(-y[i]*F[i])))/n"},
        {"S2", "sum(i in I2: 1/(1 + exp(y[i]*F[i])))"},
        {"F[2]", "sum(l in positions, h in positions: p[2,l,h]*G[tok[2,h]])"},
        {"p[1,2,3]", "exp(s[1,2,3])/sum(h in positions: exp(s[1,2,h]))"},
        {"s[1,2,3]", "score[tok[1,3],tok[1,2]]/sqrt(m)"},
        {"score[2,1]", "dot(k[2], q[1])"},
        {"KK[2,1]", "dot(k[1], k[2])"},
        {"unorm2", "sqnorm(u)"},
        {"norm(u)^2", "sqnorm(sum(j in neurons: a[j]*w[j]))"},
        {"sqnorm(w[2] - w[1]/2)", "WW[2,2] - WW[1,2] + WW[1,1]/4"},
        {"dot(-v[1] + 2*v[2], v[3]*3)", "6*VV[2,3] - 3*VV[1,3]"},
        {"G[1] - init(G[1])", "sum(j in neurons: a[j]*(WV[j,1] - init(WV[j,1])))"},
        {"max(i in samples: F[i])", "max(F[1], F[2], F[3], F[4], F[5], F[6])"},
        {"t", "1/16"},
        {"init(t)", "0"},
        {NULL, NULL},
    };
    tiny_world w;
    tiny_world_open(&w);
    for (int r = 0; pairs[r][1]; r++)
        same(&w, pairs[r][0], pairs[r][1]);
    tiny_world_close(&w);
}
END_TEST

START_TEST(derivatives_follow_the_chain_rule)
{
    static const char *const pairs[][2] = {
        {"d(loss)", "-(m1*sqnorm(sum(mu in tokens: c[mu]*v[mu])) + unorm2*sum(mu in tokens: c[mu]^2) + "
                    "sum(mu in tokens: sqnorm(sum(nu in tokens: N[mu,nu]*q[nu])) + sqnorm(sum(nu in tokens: N[nu,mu]*k[nu]))))"},
        {"d(loss)", "slope(loss)"},
        {"d(unorm2)", "2*m1/n*sum(i in samples: g[i]*y[i]*F[i])"},
        {"d(G[1]*G[2]/G[3])", "d(G[1])*G[2]/G[3] + G[1]*d(G[2])/G[3] - G[1]*G[2]*d(G[3])/G[3]^2"},
        {"d(sqrt(loss))", "d(loss)/(2*sqrt(loss))"},
        {"d(log(loss))", "d(loss)/loss"},
        {"d(exp(-loss))", "-exp(-loss)*d(loss)"},
        {"d(loss^3)", "3*loss^2*d(loss)"},
        {"d(loss^(-2))", "-2*loss^(-3)*d(loss)"},
        {"d(loss^(1/3))", "d(loss)/3*loss^(-2/3)"},
        {"d(abs(G[1]) + abs(-G[1]))", "2*d(G[1])*G[1]/abs(G[1])"},
        {"d(t^2)", "1/8"},
        {"d(3 + init(loss))", "0"},
        {"d(init(loss)*loss)", "init(loss)*d(loss)"},
        {"d(max(i in samples: F[i]))", "sum(i in samples where i == 1: 0) + d(max(F[1], F[2], F[3], F[4], F[5], F[6]))"},
        {"d(max(G[1], G[1] - 1))", "d(G[1])"},
        {"d(min(G[1], G[1] - 1, 1000))", "d(G[1])"},
        {"d(sqnorm(v[1]))", "2*dot(v[1], d(v[1]))"},
        {"dot(d(k[1]), q[2]) + dot(k[1], d(q[2]))", "d(score[1,2])"},
        {"dot(slope(k[1]), q[2]) + dot(k[1], slope(q[2]))", "slope(score[1,2])"},
        {"d(sum(l in positions: p[1,2,l]))", "0"},
        {"d(dot(init(v[1]), v[1]))", "c[1]*dot(init(v[1]), u)"},
        {NULL, NULL},
    };
    tiny_world w;
    tiny_world_open(&w);
    for (int r = 0; pairs[r][1]; r++)
        same(&w, pairs[r][0], pairs[r][1]);
    tiny_world_close(&w);
}
END_TEST

/* At a tie every candidate counts: the hull of 1 and -1 (times G1'). */
/* 150^2 = 22500 and 200^2 = 40000 inner sums: more than an evaluator keeps. Sums of i*k*h over h = 1, 2 and i, k = 1..N are 3 (N(N+1)/2)^2. */
START_TEST(values_do_not_depend_on_what_is_kept)
{
    static const char *const pairs[][2] = {
        {"sum(i in 1..200, k in 1..200: sum(h in 1..2: i*k*h))", "1212030000"},
        {"sum(i in 1..200, k in 1..200: sum(h in 1..2: loss*i*k*h))", "1212030000*loss"},
        {"d(sum(i in 1..200, k in 1..200: sum(h in 1..2: loss*i*k*h)))", "1212030000*d(loss)"},
        {"sum(i in 1..150, k in 1..150: sum(h in 1..2: loss*i*h)*sum(h in 1..2: i*k*h + 0*loss))", "9*loss*11325*1136275"},
        {"d(sum(k in 1..150, i in 1..150: sum(h in 1..2: loss*i*h)*sum(h in 1..2: loss*i*k*h)))", "18*loss*d(loss)*11325*1136275"},
    };
    tiny_world w;
    tiny_world_open(&w);
    for (size_t r = 0; r < sizeof pairs / sizeof *pairs; r++)
        same(&w, pairs[r][0], pairs[r][1]);
    tiny_world_close(&w);
}
END_TEST

START_TEST(the_derivative_of_a_tie_is_the_hull_of_the_candidates)
{
    tiny_world w;
    arb_t x, y;
    tiny_world_open(&w);
    arb_init(x);
    arb_init(y);
    get(x, &w, "d(max(G[1] - G[1], 2*(G[1] - G[1])))"); /* 0 and 0, both slopes 0 */
    ck_assert(arb_contains_zero(x));
    get(x, &w, "d(abs(t - 1/16))");
    ck_assert(arb_contains_si(x, 1) && arb_contains_si(x, -1));
    get(x, &w, "d(max(t, 1/16, 2*t - 1/16))");
    ck_assert(arb_contains_si(x, 0) && arb_contains_si(x, 1) && arb_contains_si(x, 2) && mag_get_d(arb_radref(x)) < 1.01);
    get(x, &w, "d(min(t, 1/8, 2*t - 1/16))");
    get(y, &w, "d(min(t, 1/8))");
    ck_assert(arb_contains_si(x, 1) && arb_contains_si(x, 2) && !arb_contains_si(x, 0) && arb_equal_si(y, 1));
    arb_clear(x);
    arb_clear(y);
    tiny_world_close(&w);
}
END_TEST

START_TEST(what_has_no_value_fails_with_reason_and_place)
{
    tiny_world w;
    tiny_world_open(&w);
    fails(&w, "log(0 - loss)", "domain", "test:1:1: the logarithm");
    fails(&w, "1 + sqrt(-loss)", "domain", "test:1:5: the square root");
    fails(&w, "1/(m - 8)", "domain", "division by zero");
    fails(&w, "(0*1)^(-1)", "domain", "zero to a negative power");
    fails(&w, "(-loss)^(1/2)", "domain", "a negative number to a power");
    fails(&w, "G[d + 1]", "index", "test:1:5: index 1 of G is 14, but a token is 1..13");
    fails(&w, "tok[1,L-4]", "index", "a position is 1..4");
    fails(&w, "sum(i in samples[14]: 1)", "index", "a token is 1..13");
    fails(&w, "max(i in samples where i > 7: F[i])", "empty-set", "max over an empty set");
    fails(&w, "min(i in 3..L-2: F[i])", "empty-set", "min over an empty set");
    fails(&w, "sigma0*m", "unavailable", "sigma0 is not known: the weights were imported and no setting declares it; write 'init = ...'");
    tiny_world_close(&w);
}
END_TEST

START_TEST(what_may_be_outside_a_domain_is_unknown)
{
    tiny_world w;
    arb_t x;
    tiny_world_open(&w);
    arb_init(x);
    get(x, &w, "log(sqrt(2)^2 - 2)");
    ck_assert(!arb_is_finite(x));
    get(x, &w, "1/(sqrt(2)^2 - 2)");
    ck_assert(!arb_is_finite(x));
    get(x, &w, "max(1, 1/(sqrt(2)^2 - 2))");
    ck_assert(!arb_is_finite(x));
    arb_clear(x);
    tiny_world_close(&w);
}
END_TEST

/* ---- random expressions against Arb called directly; the seed is printed on failure */
typedef struct {
    unsigned state;
    tiny_world *w;
} dice;

static unsigned roll(dice *r, unsigned sides)
{
    r->state = r->state * 1664525u + 1013904223u;
    return (r->state >> 16) % sides;
}

static void random_leaf(fp_text *text, arb_ptr x, dice *r)
{
    long i = 1 + roll(r, 6), mu = 1 + roll(r, 13);
    switch (roll(r, 4)) {
    case 0:
        fp_text_addf(text, "F[%ld]", i);
        tiny_ask(x, r->w->run.source, FP_BASE_F, i, 0, 0, 1, FP_BY_EQUATIONS);
        break;
    case 1:
        fp_text_addf(text, "score[%ld,%ld]", mu, i);
        tiny_ask(x, r->w->run.source, FP_BASE_SCORE, mu, i, 0, 1, FP_BY_EQUATIONS);
        break;
    case 2:
        fp_text_addf(text, "init(G[%ld])", mu);
        tiny_ask(x, r->w->initial, FP_BASE_G, mu, 0, 0, 0, FP_BY_EQUATIONS);
        arb_zero(x + 1);
        break;
    default:
        fp_text_addf(text, "(%ld/7)", mu);
        arb_set_si(x, mu);
        arb_div_si(x, x, 7, TINY_PREC);
        arb_zero(x + 1);
        break;
    }
}

static void random_tree(fp_text *text, arb_ptr x, dice *r, int depth);

static void random_pair(fp_text *text, arb_ptr x, dice *r, int depth)
{
    static const char signs[] = "+-*/";
    arb_ptr a = _arb_vec_init(2), b = _arb_vec_init(2);
    unsigned op = roll(r, 4);
    fp_text_add(text, "(");
    random_tree(text, a, r, depth - 1);
    fp_text_addf(text, " %c ", signs[op]);
    random_tree(text, b, r, depth - 1);
    fp_text_add(text, ")");
    if (op < 2) {
        (op ? arb_sub : arb_add)(x, a, b, TINY_PREC);
        (op ? arb_sub : arb_add)(x + 1, a + 1, b + 1, TINY_PREC);
    } else if (op == 2) {
        arb_mul(x, a, b, TINY_PREC);
        arb_mul(x + 1, a + 1, b, TINY_PREC);
        arb_addmul(x + 1, a, b + 1, TINY_PREC);
    } else { /* (a' b - a b')/b^2 */
        arb_div(x, a, b, TINY_PREC);
        arb_mul(x + 1, a + 1, b, TINY_PREC);
        arb_submul(x + 1, a, b + 1, TINY_PREC);
        arb_div(x + 1, x + 1, b, TINY_PREC);
        arb_div(x + 1, x + 1, b, TINY_PREC);
    }
    _arb_vec_clear(a, 2);
    _arb_vec_clear(b, 2);
}

/* exp(-a^2) */
static void random_bump(fp_text *text, arb_ptr x, dice *r, int depth)
{
    arb_ptr a = _arb_vec_init(2);
    fp_text_add(text, "exp(-(");
    random_tree(text, a, r, depth - 1);
    fp_text_add(text, ")^2)");
    arb_sqr(x, a, TINY_PREC);
    arb_neg(x, x);
    arb_exp(x, x, TINY_PREC);
    arb_mul(x + 1, a, a + 1, TINY_PREC);
    arb_mul(x + 1, x + 1, x, TINY_PREC);
    arb_mul_si(x + 1, x + 1, -2, TINY_PREC);
    _arb_vec_clear(a, 2);
}

static void random_maximum(fp_text *text, arb_ptr x, dice *r, int depth)
{
    arb_ptr a = _arb_vec_init(2), b = _arb_vec_init(2);
    fp_text_add(text, "max(");
    random_tree(text, a, r, depth - 1);
    fp_text_add(text, ", ");
    random_tree(text, b, r, depth - 1);
    fp_text_add(text, ")");
    _arb_vec_set(x, arb_gt(a, b) ? a : b, 2);
    if (arb_overlaps(a, b))
        _arb_vec_indeterminate(x, 2);
    _arb_vec_clear(a, 2);
    _arb_vec_clear(b, 2);
}

static void random_tree(fp_text *text, arb_ptr x, dice *r, int depth)
{
    unsigned kind = depth == 0 ? 0 : roll(r, 6);
    if (kind == 0)
        random_leaf(text, x, r);
    else if (kind == 1)
        random_bump(text, x, r, depth);
    else if (kind == 2)
        random_maximum(text, x, r, depth);
    else
        random_pair(text, x, r, depth);
}

START_TEST(random_expressions_agree_with_arb)
{
    tiny_world w;
    arb_ptr x = _arb_vec_init(2);
    arb_t got;
    tiny_world_open(&w);
    arb_init(got);
    for (unsigned seed = 1; seed <= 300; seed++) {
        dice r = {seed * 7919u, &w};
        fp_text text = {0}, slope = {0};
        fp_eval_failure failure = {0};
        random_tree(&text, x, &r, 4);
        fp_text_addf(&slope, "d(%s)", text.data);
        if (value(got, &w, w.run.source, text.data, &failure)) { /* exact 0/0 happens */
            ck_assert_msg(arb_overlaps(got, x), "seed %u: %s", seed, text.data);
            ck_assert(value(got, &w, w.run.source, slope.data, &failure));
            ck_assert_msg(arb_overlaps(got, x + 1), "seed %u: %s", seed, slope.data);
        } else
            ck_assert_msg(strcmp(failure.reason, "domain") == 0, "%s", failure.detail);
        fp_text_clear(&text);
        fp_text_clear(&slope);
    }
    arb_clear(got);
    _arb_vec_clear(x, 2);
    tiny_world_close(&w);
}
END_TEST

START_TEST(vectors_of_different_bases_are_not_combined)
{
    tiny_world w;
    tiny_run other;
    fp_eval_failure failure = {0};
    arb_t x, y;
    tiny_world_open(&w);
    arb_init(x);
    arb_init(y);
    tiny_run_open(&other, &w.tiny, FP_FLOW_COMPRESSED, true);
    ck_assert(!value(x, &w, other.source, "dot(v[1], init(v[1]))", &failure));
    ck_assert_msg(strstr(failure.detail, "vectors of the initial and the compressed basis cannot be combined") != NULL, "%s", failure.detail);
    ck_assert(!value(x, &w, other.source, "dot(k[1], v[1])", &failure));
    ck_assert(value(x, &w, other.source, "sqnorm(v[1] - v[2]) + dot(k[3], q[2])", &failure));
    ck_assert(value(y, &w, w.run.source, "sqnorm(v[1] - v[2]) + dot(k[3], q[2])", &failure));
    ck_assert(arb_overlaps(x, y));
    arb_clear(x);
    arb_clear(y);
    tiny_run_close(&other);
    tiny_world_close(&w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("eval");
    TCase *tests = tcase_create("eval");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, expressions_of_numbers_are_exact);
    tcase_add_test(tests, quantities_and_binders_agree_with_their_definitions);
    tcase_add_test(tests, values_do_not_depend_on_what_is_kept);
    tcase_add_test(tests, derivatives_follow_the_chain_rule);
    tcase_add_test(tests, the_derivative_of_a_tie_is_the_hull_of_the_candidates);
    tcase_add_test(tests, what_has_no_value_fails_with_reason_and_place);
    tcase_add_test(tests, what_may_be_outside_a_domain_is_unknown);
    tcase_add_test(tests, random_expressions_agree_with_arb);
    tcase_add_test(tests, vectors_of_different_bases_are_not_combined);
    suite_add_tcase(suite, tests);
    return fp_test_main(suite);
}
