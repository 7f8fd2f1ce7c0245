/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "../support/fp_check.h"
#include "../support/source_instance.h"

/* Every scalar base quantity with its numbers of indices on the reference instance (n = 6, L = 4, d = 13, m1 = 4). */
typedef struct {
    fp_base base;
    long to[3];
    bool neurons;
} quantity;
static const quantity quantities[] = {
    {FP_BASE_G, {13, 1, 1}, false},      {FP_BASE_F, {6, 1, 1}, false},        {FP_BASE_GI, {6, 1, 1}, false},
    {FP_BASE_LOSSOF, {6, 1, 1}, false},  {FP_BASE_S1, {1, 1, 1}, false},       {FP_BASE_S2, {1, 1, 1}, false},
    {FP_BASE_S3, {1, 1, 1}, false},      {FP_BASE_S4, {1, 1, 1}, false},       {FP_BASE_LOSS, {1, 1, 1}, false},
    {FP_BASE_SCORE, {13, 13, 1}, false}, {FP_BASE_KK, {13, 13, 1}, false},     {FP_BASE_QQ, {13, 13, 1}, false},
    {FP_BASE_VV, {13, 13, 1}, false},    {FP_BASE_UNORM2, {1, 1, 1}, false},   {FP_BASE_C, {13, 1, 1}, false},
    {FP_BASE_NN, {13, 13, 1}, false},    {FP_BASE_P, {6, 4, 4}, false},        {FP_BASE_S, {6, 4, 4}, false},
    {FP_BASE_O, {6, 4, 1}, false},       {FP_BASE_WV, {4, 13, 1}, true},       {FP_BASE_WW, {4, 4, 1}, true},
};
enum { QUANTITIES = sizeof quantities / sizeof *quantities };
static const fp_flow_kind kinds[] = {FP_FLOW_WEIGHTS, FP_FLOW_REDUCED, FP_FLOW_COMPRESSED, FP_FLOW_GRAM};

typedef void (*visit_fn)(const quantity *q, const long x[3], void *ctx);
static void each_quantity(visit_fn visit, void *ctx, bool neurons)
{
    for (int r = 0; r < QUANTITIES; r++) {
        const quantity *q = &quantities[r];
        if (q->neurons && !neurons)
            continue;
        long x[3];
        for (x[0] = 1; x[0] <= q->to[0]; x[0]++)
            for (x[1] = 1; x[1] <= q->to[1]; x[1]++)
                for (x[2] = 1; x[2] <= q->to[2]; x[2]++)
                    visit(q, x, ctx);
    }
}

static double width(const arb_t x)
{
    return mag_get_d(arb_radref(x));
}

#define where_is(q, x, name) "%s[%ld,%ld,%ld], %s", fp_base_name((q)->base), (x)[0], (x)[1], (x)[2], name

/* ---- the same quantity from two sources */
typedef struct {
    fp_source *a, *b;
    fp_derivative how_a, how_b;
    double narrow; /* allowed radius */
    const char *name;
} pair;

static void same_jet(const quantity *q, const long x[3], void *ctx)
{
    pair *p = ctx;
    arb_ptr a = _arb_vec_init(2), b = _arb_vec_init(2);
    tiny_ask(a, p->a, q->base, x[0], x[1], x[2], 1, p->how_a);
    tiny_ask(b, p->b, q->base, x[0], x[1], x[2], 1, p->how_b);
    for (int r = 0; r < 2; r++) {
        ck_assert_msg(arb_is_finite(a + r) && arb_overlaps(a + r, b + r), where_is(q, x, p->name));
        ck_assert_msg(width(a + r) <= p->narrow && width(b + r) <= p->narrow, where_is(q, x, p->name));
    }
    _arb_vec_clear(a, 2);
    _arb_vec_clear(b, 2);
}

/* State precision 320: the field's allowance 2^-304 times a block's largest entry, of order 10, propagates through at most a few hundred operations. */
START_TEST(derivatives_by_equations_and_by_the_field_agree_in_every_form)
{
    tiny_instance tiny;
    tiny_open(&tiny);
    for (int k = 0; k < 4; k++) {
        tiny_run run;
        tiny_run_open(&run, &tiny, kinds[k], true);
        pair p = {run.source, run.source, FP_BY_EQUATIONS, FP_BY_FIELD, 1e-65, fp_flow_kind_name(kinds[k])};
        each_quantity(same_jet, &p, kinds[k] != FP_FLOW_GRAM);
        tiny_run_close(&run);
    }
    tiny_close(&tiny);
}
END_TEST

/* The states differ by roundings at 320 bits, the balls are of 256 bits. */
START_TEST(all_forms_of_the_flow_give_overlapping_balls)
{
    tiny_instance tiny;
    tiny_run weights, other;
    tiny_open(&tiny);
    tiny_run_open(&weights, &tiny, FP_FLOW_WEIGHTS, true);
    for (int k = 1; k < 4; k++) {
        tiny_run_open(&other, &tiny, kinds[k], true);
        pair p = {weights.source, other.source, FP_BY_EQUATIONS, FP_BY_EQUATIONS, 1e-65, fp_flow_kind_name(kinds[k])};
        each_quantity(same_jet, &p, kinds[k] != FP_FLOW_GRAM);
        tiny_run_close(&other);
    }
    tiny_run_close(&weights);
    tiny_close(&tiny);
}
END_TEST

START_TEST(the_exact_initial_source_agrees_with_every_form_at_time_0)
{
    tiny_instance tiny;
    tiny_open(&tiny);
    fp_source *initial = fp_source_new_initial(&tiny.problem, TINY_PREC);
    ck_assert(fp_source_is_exact(initial));
    for (int k = 0; k < 4; k++) {
        tiny_run run;
        tiny_run_open(&run, &tiny, kinds[k], false);
        ck_assert(!fp_source_is_exact(run.source));
        pair p = {initial, run.source, FP_BY_EQUATIONS, FP_BY_EQUATIONS, 1e-65, fp_flow_kind_name(kinds[k])};
        each_quantity(same_jet, &p, kinds[k] != FP_FLOW_GRAM);
        tiny_run_close(&run);
    }
    fp_source_free(initial);
    tiny_close(&tiny);
}
END_TEST

/* ---- derivatives against differences: (Q(t+2h) - Q(t))/(2h) at t+h, h = 2^-50: error Q''' h^2/6, below 2^-85 for Q''' below 2^15; states are good to
 * h^5 and 2^-310, so the quotient to 2^-250 */
typedef struct {
    fp_source *before, *middle, *after;
} stencil;

static void slope_is_difference(const quantity *q, const long x[3], void *ctx)
{
    stencil *s = ctx;
    arb_ptr a = _arb_vec_init(2), b = _arb_vec_init(2), c = _arb_vec_init(2);
    tiny_ask(a, s->before, q->base, x[0], x[1], x[2], 0, FP_BY_EQUATIONS);
    tiny_ask(b, s->middle, q->base, x[0], x[1], x[2], 1, FP_BY_EQUATIONS);
    tiny_ask(c, s->after, q->base, x[0], x[1], x[2], 0, FP_BY_EQUATIONS);
    arb_sub(c, c, a, TINY_PREC);
    arb_mul_2exp_si(c, c, 49);
    arb_sub(c, c, b + 1, TINY_PREC);
    arb_get_mag(arb_radref(a), c);
    ck_assert_msg(mag_cmp_2exp_si(arb_radref(a), -80) < 0, where_is(q, x, "difference quotient"));
    _arb_vec_clear(a, 2);
    _arb_vec_clear(b, 2);
    _arb_vec_clear(c, 2);
}

START_TEST(derivatives_are_limits_of_difference_quotients)
{
    tiny_instance tiny;
    tiny_run run;
    tiny_open(&tiny);
    tiny_run_open(&run, &tiny, FP_FLOW_REDUCED, true);
    stencil s = {tiny_source_after(&run, 0, 50), tiny_source_after(&run, 1, 50), tiny_source_after(&run, 2, 50)};
    each_quantity(slope_is_difference, &s, true);
    fp_source_free(s.before);
    fp_source_free(s.middle);
    fp_source_free(s.after);
    tiny_run_close(&run);
    tiny_close(&tiny);
}
END_TEST

/* ---- values at t = 0 against sums written out from the weights, in long loops and another order than the library's */
typedef struct {
    const fp_problem *pb;
    arb_ptr G, score, p, F, g; /* d, d x d, n x L x L, n, n */
} naive;
enum { WIDE = 400 };

static void add_product(arb_t out, double x, double y)
{
    arb_t a, b;
    arb_init(a);
    arb_init(b);
    arb_set_d(a, x);
    arb_set_d(b, y);
    arb_addmul(out, a, b, WIDE);
    arb_clear(a);
    arb_clear(b);
}

static void naive_scores(naive *v)
{
    const fp_problem *pb = v->pb;
    v->G = _arb_vec_init(pb->d);
    v->score = _arb_vec_init(pb->d * pb->d);
    for (long mu = 0; mu < pb->d; mu++) {
        for (long j = 0; j < pb->m1; j++)
            for (long r = 0; r < pb->m; r++)
                add_product(v->G + mu, pb->a[j] * pb->W[j * pb->m + r], pb->W_V[r * pb->d + mu]);
        for (long nu = 0; nu < pb->d; nu++)
            for (long r = 0; r < pb->m; r++)
                add_product(v->score + nu * pb->d + mu, pb->W_K[r * pb->d + nu], pb->W_Q[r * pb->d + mu]);
    }
}

/* p_k = 1 / sum_h exp((score_h - score_k)/sqrt m) */
static void naive_row(arb_ptr p, const naive *v, const int *tok, long l)
{
    const fp_problem *pb = v->pb;
    arb_t e, root;
    arb_init(e);
    arb_init(root);
    arb_sqrt_ui(root, (ulong)pb->m, WIDE);
    for (long k = 0; k < pb->L; k++) {
        for (long h = 0; h < pb->L; h++) {
            arb_sub(e, v->score + (tok[h] - 1) * pb->d + tok[l] - 1, v->score + (tok[k] - 1) * pb->d + tok[l] - 1, WIDE);
            arb_div(e, e, root, WIDE);
            arb_exp(e, e, WIDE);
            arb_add(p + k, p + k, e, WIDE);
        }
        arb_inv(p + k, p + k, WIDE);
    }
    arb_clear(e);
    arb_clear(root);
}

static void naive_outputs(naive *v)
{
    const fp_problem *pb = v->pb;
    v->p = _arb_vec_init(pb->n * pb->L * pb->L);
    v->F = _arb_vec_init(pb->n);
    v->g = _arb_vec_init(pb->n);
    for (long i = 0; i < pb->n; i++) {
        const int *tok = pb->token + i * pb->L;
        for (long l = 0; l < pb->L; l++) {
            arb_ptr p = v->p + (i * pb->L + l) * pb->L;
            naive_row(p, v, tok, l);
            for (long k = 0; k < pb->L; k++)
                arb_addmul(v->F + i, p + k, v->G + tok[k] - 1, WIDE);
        }
        arb_mul_si(v->g + i, v->F + i, pb->label[i], WIDE);
        arb_exp(v->g + i, v->g + i, WIDE);
        arb_add_ui(v->g + i, v->g + i, 1, WIDE);
        arb_inv(v->g + i, v->g + i, WIDE);
    }
}

static void naive_clear(naive *v)
{
    _arb_vec_clear(v->G, v->pb->d);
    _arb_vec_clear(v->score, v->pb->d * v->pb->d);
    _arb_vec_clear(v->p, v->pb->n * v->pb->L * v->pb->L);
    _arb_vec_clear(v->F, v->pb->n);
    _arb_vec_clear(v->g, v->pb->n);
}

static void same_value(fp_source *s, const arb_t expected, fp_base base, long x, long y, long z)
{
    arb_ptr a = _arb_vec_init(2);
    tiny_ask(a, s, base, x, y, z, 0, FP_BY_EQUATIONS);
    ck_assert_msg(arb_overlaps(a, expected) && width(a) < 1e-70 && width(expected) < 1e-70, "%s[%ld,%ld,%ld]", fp_base_name(base), x, y, z);
    _arb_vec_clear(a, 2);
}

/* Position by position, all tokens compared: N(nu,mu) summed over all i, l, k with x_l = mu and x_k = nu. */
static void naive_N(arb_t out, arb_t c, const naive *v, long nu, long mu)
{
    const fp_problem *pb = v->pb;
    arb_t gap, x;
    arb_init(gap);
    arb_init(x);
    for (long i = 0; i < pb->n; i++)
        for (long l = 0; l < pb->L; l++)
            for (long k = 0; k < pb->L; k++) {
                const int *tok = pb->token + i * pb->L;
                arb_srcptr p = v->p + (i * pb->L + l) * pb->L;
                if (tok[k] != nu)
                    continue;
                arb_mul(x, v->g + i, p + k, WIDE);
                arb_mul_si(x, x, pb->label[i], WIDE);
                arb_add(c, c, x, WIDE);
                if (tok[l] != mu)
                    continue;
                arb_set(gap, v->G + nu - 1);
                for (long h = 0; h < pb->L; h++)
                    arb_submul(gap, p + h, v->G + tok[h] - 1, WIDE);
                arb_addmul(out, x, gap, WIDE);
            }
    arb_div_si(c, c, pb->n, WIDE);
    arb_div_si(out, out, pb->n, WIDE);
    arb_sqrt_ui(x, (ulong)pb->m, WIDE);
    arb_div(out, out, x, WIDE);
    arb_clear(gap);
    arb_clear(x);
}

static void check_forces(fp_source *s, const naive *v)
{
    arb_t N, c;
    arb_init(N);
    arb_init(c);
    for (long nu = 1; nu <= v->pb->d; nu++)
        for (long mu = 1; mu <= v->pb->d; mu++) {
            arb_zero(N);
            arb_zero(c);
            naive_N(N, c, v, nu, mu);
            same_value(s, N, FP_BASE_NN, nu, mu, 0);
            same_value(s, c, FP_BASE_C, nu, 0, 0);
        }
    arb_clear(N);
    arb_clear(c);
}

static void check_losses(fp_source *s, const naive *v)
{
    const fp_problem *pb = v->pb;
    arb_t loss, x;
    arb_ptr sums = _arb_vec_init(5);
    arb_init(loss);
    arb_init(x);
    for (long i = 0; i < pb->n; i++) { /* log(1+e^-z) = -log(1-g) */
        arb_sub_ui(x, v->g + i, 1, WIDE);
        arb_neg(x, x);
        arb_log(x, x, WIDE);
        arb_neg(x, x);
        same_value(s, x, FP_BASE_LOSSOF, i + 1, 0, 0);
        arb_add(loss, loss, x, WIDE);
        arb_add(sums + pb->group[i], sums + pb->group[i], v->g + i, WIDE);
    }
    arb_div_si(loss, loss, pb->n, WIDE);
    same_value(s, loss, FP_BASE_LOSS, 0, 0, 0);
    for (int group = 1; group <= 4; group++)
        same_value(s, sums + group, (fp_base)(FP_BASE_S1 + group - 1), 0, 0, 0);
    _arb_vec_clear(sums, 5);
    arb_clear(loss);
    arb_clear(x);
}

START_TEST(values_at_time_0_are_the_sums_of_the_definitions)
{
    tiny_instance tiny;
    tiny_open(&tiny);
    const fp_problem *pb = &tiny.problem;
    fp_source *s = fp_source_new_initial(pb, TINY_PREC);
    naive v = {.pb = pb};
    naive_scores(&v);
    naive_outputs(&v);
    for (long mu = 1; mu <= pb->d; mu++) {
        same_value(s, v.G + mu - 1, FP_BASE_G, mu, 0, 0);
        for (long nu = 1; nu <= pb->d; nu++)
            same_value(s, v.score + (nu - 1) * pb->d + mu - 1, FP_BASE_SCORE, nu, mu, 0);
    }
    for (long i = 1; i <= pb->n; i++) {
        same_value(s, v.F + i - 1, FP_BASE_F, i, 0, 0);
        same_value(s, v.g + i - 1, FP_BASE_GI, i, 0, 0);
        for (long l = 1; l <= pb->L; l++)
            for (long k = 1; k <= pb->L; k++)
                same_value(s, v.p + ((i - 1) * pb->L + l - 1) * pb->L + k - 1, FP_BASE_P, i, l, k);
    }
    check_forces(s, &v);
    check_losses(s, &v);
    naive_clear(&v);
    fp_source_free(s);
    tiny_close(&tiny);
}
END_TEST

/* ---- vectors */
static void check_vector(fp_source *s, fp_base base, long i, fp_base other, long k, fp_base product, bool swap)
{
    arb_srcptr x, y;
    long rows, rows2;
    int space, space2;
    const char *why;
    arb_ptr jet = _arb_vec_init(2), got = _arb_vec_init(2);
    for (int how = 0; how < 2; how++) {
        ck_assert(fp_source_vector(&x, &rows, &space, s, base, &i, 1, (fp_derivative)how, &why));
        ck_assert(fp_source_vector(&y, &rows2, &space2, s, other, &k, 1, (fp_derivative)how, &why));
        ck_assert(rows == rows2 && space == space2);
        arb_dot(got, NULL, 0, x, 1, y, 1, rows, TINY_PREC);
        arb_dot(got + 1, NULL, 0, x + rows, 1, y, 1, rows, TINY_PREC);
        arb_dot(got + 1, got + 1, 0, x, 1, y + rows, 1, rows, TINY_PREC);
        tiny_ask(jet, s, product, swap ? k : i, swap ? i : k, 0, 1, (fp_derivative)how);
        ck_assert_msg(arb_overlaps(got, jet) && arb_overlaps(got + 1, jet + 1) && width(got + 1) < 1e-65, "%s . %s", fp_base_name(base),
                      fp_base_name(other));
    }
    _arb_vec_clear(jet, 2);
    _arb_vec_clear(got, 2);
}

/* k' = W_Q N^T etc. on one side, the Gram equations on the other */
START_TEST(products_of_vectors_are_the_gram_quantities_with_their_derivatives)
{
    tiny_instance tiny;
    tiny_open(&tiny);
    for (int kind = 0; kind < 3; kind++) {
        tiny_run run;
        tiny_run_open(&run, &tiny, kinds[kind], true);
        for (long mu = 1; mu <= 13; mu++)
            for (long nu = 1; nu <= 13; nu++) {
                check_vector(run.source, FP_BASE_VEC_K, mu, FP_BASE_VEC_Q, nu, FP_BASE_SCORE, false);
                check_vector(run.source, FP_BASE_VEC_K, mu, FP_BASE_VEC_K, nu, FP_BASE_KK, false);
                check_vector(run.source, FP_BASE_VEC_Q, mu, FP_BASE_VEC_Q, nu, FP_BASE_QQ, true);
                check_vector(run.source, FP_BASE_VEC_V, mu, FP_BASE_VEC_V, nu, FP_BASE_VV, false);
                check_vector(run.source, FP_BASE_VEC_U, 1, FP_BASE_VEC_V, nu, FP_BASE_G, true);
                if (kinds[kind] != FP_FLOW_COMPRESSED && mu <= 4)
                    check_vector(run.source, FP_BASE_VEC_W, mu, FP_BASE_VEC_V, nu, FP_BASE_WV, false);
                if (kinds[kind] != FP_FLOW_COMPRESSED && mu <= 4 && nu <= 4)
                    check_vector(run.source, FP_BASE_VEC_W, mu, FP_BASE_VEC_W, nu, FP_BASE_WW, false);
            }
        tiny_run_close(&run);
    }
    tiny_close(&tiny);
}
END_TEST

START_TEST(what_a_form_does_not_keep_is_refused_with_the_reason)
{
    tiny_instance tiny;
    tiny_run gram, compressed;
    arb_ptr jet = _arb_vec_init(2);
    arb_srcptr x;
    long rows, one[2] = {1, 1};
    int space;
    const char *why = NULL;
    tiny_open(&tiny);
    tiny_run_open(&gram, &tiny, FP_FLOW_GRAM, false);
    tiny_run_open(&compressed, &tiny, FP_FLOW_COMPRESSED, false);
    fp_source *initial = fp_source_new_initial(&tiny.problem, TINY_PREC);
    ck_assert(!fp_source_scalar(jet, gram.source, FP_BASE_WV, one, 0, FP_BY_EQUATIONS, &why) && why);
    ck_assert(!fp_source_scalar(jet, gram.source, FP_BASE_WW, one, 1, FP_BY_FIELD, &why) && why);
    ck_assert(!fp_source_vector(&x, &rows, &space, gram.source, FP_BASE_VEC_K, one, 0, FP_BY_EQUATIONS, &why) && why);
    ck_assert(!fp_source_vector(&x, &rows, &space, compressed.source, FP_BASE_VEC_W, one, 0, FP_BY_EQUATIONS, &why) && why);
    ck_assert(!fp_source_scalar(jet, initial, FP_BASE_LOSS, one, 1, FP_BY_FIELD, &why) && why);
    ck_assert(fp_source_scalar(jet, initial, FP_BASE_LOSS, one, 1, FP_BY_EQUATIONS, &why));
    fp_source_free(initial);
    tiny_run_close(&gram);
    tiny_run_close(&compressed);
    tiny_close(&tiny);
    _arb_vec_clear(jet, 2);
}
END_TEST

START_TEST(a_new_state_forgets_the_old_one)
{
    tiny_instance tiny;
    tiny_run run, start;
    tiny_open(&tiny);
    tiny_run_open(&run, &tiny, FP_FLOW_REDUCED, true);
    tiny_run_open(&start, &tiny, FP_FLOW_REDUCED, false);
    pair p = {run.source, start.source, FP_BY_EQUATIONS, FP_BY_FIELD, 1e-65, "reset"};
    arb_ptr jet = _arb_vec_init(2);
    for (int k = 0; k < 2; k++)
        tiny_ask(jet, run.source, FP_BASE_LOSS, 0, 0, 0, 1, (fp_derivative)k);
    mpfr_t t;
    mpfr_init2(t, 64);
    mpfr_set_zero(t, 1);
    fp_source_set(run.source, t, start.y);
    each_quantity(same_jet, &p, true);
    mpfr_clear(t);
    _arb_vec_clear(jet, 2);
    tiny_run_close(&run);
    tiny_run_close(&start);
    tiny_close(&tiny);
}
END_TEST

START_TEST(a_state_that_is_not_finite_gives_balls_that_are_not_finite)
{
    tiny_instance tiny;
    tiny_run run;
    mpfr_t x;
    arb_ptr jet = _arb_vec_init(2);
    tiny_open(&tiny);
    tiny_run_open(&run, &tiny, FP_FLOW_REDUCED, false);
    mpfr_init2(x, 64);
    mpfr_set_nan(x);
    fp_vec_set(run.y, fp_flow_layout(run.flow)->u, x);
    mpfr_set_zero(x, 1);
    fp_source_set(run.source, x, run.y);
    tiny_ask(jet, run.source, FP_BASE_LOSS, 0, 0, 0, 1, FP_BY_EQUATIONS);
    ck_assert(!arb_is_finite(jet) && !arb_is_finite(jet + 1));
    mpfr_clear(x);
    _arb_vec_clear(jet, 2);
    tiny_run_close(&run);
    tiny_close(&tiny);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("source");
    TCase *tests = tcase_create("source");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, values_at_time_0_are_the_sums_of_the_definitions);
    tcase_add_test(tests, derivatives_by_equations_and_by_the_field_agree_in_every_form);
    tcase_add_test(tests, derivatives_are_limits_of_difference_quotients);
    tcase_add_test(tests, all_forms_of_the_flow_give_overlapping_balls);
    tcase_add_test(tests, the_exact_initial_source_agrees_with_every_form_at_time_0);
    tcase_add_test(tests, products_of_vectors_are_the_gram_quantities_with_their_derivatives);
    tcase_add_test(tests, what_a_form_does_not_keep_is_refused_with_the_reason);
    tcase_add_test(tests, a_new_state_forgets_the_old_one);
    tcase_add_test(tests, a_state_that_is_not_finite_gives_balls_that_are_not_finite);
    suite_add_tcase(suite, tests);
    return fp_test_main(suite);
}
