/* SPDX-License-Identifier: MIT */
/* How thin and sharp the balls of a view are, and views in threads. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "../support/view_rig.h"

/* ---- thin and sharp */

/* At a point a Gram entry's radius is what (13), (21) say of the tube, and rounding. */
static void check_gram(fp_tube_view *view, const bench *b, const plain_state *state, fp_tube_quantity quantity)
{
    double E = mag_get_d(fp_step_radius(b->step));
    arb_t x, nu, mu;
    arb_init(x);
    arb_init(nu);
    arb_init(mu);
    for (long i = 0; i < b->x.problem.d; i++)
        for (long j = 0; j < b->x.problem.d; j++) {
            ask(x, view, quantity, (long[]){i, j, 0});
            plain_state_value(nu, state, quantity, (long[]){i, i, 0});
            plain_state_value(mu, state, quantity, (long[]){j, j, 0});
            double squares = arf_get_d(arb_midref(nu), ARF_RND_UP) + arf_get_d(arb_midref(mu), ARF_RND_UP);
            double tube = i == j ? 2 * sqrt(squares / 2) * E + E * E : sqrt(squares) * E + E * E / 2;
            double rounding = ldexp(squares, 4 - 60 * fp_series_limbs(fp_step_series(b->step))) * sqrt((double)b->x.problem.m);
            ck_assert_msg(mag_get_d(arb_radref(x)) <= 1.001 * tube + rounding, "%d [%ld,%ld] is wide: %g, tube %g, rounding %g", (int)quantity, i, j,
                          mag_get_d(arb_radref(x)), tube, rounding);
        }
    arb_clear(x);
    arb_clear(nu);
    arb_clear(mu);
}

START_TEST(at_a_point_gram_entries_are_as_thin_as_the_tube)
{
    const size_t instances[] = {0, 1, 4, RANDOM};
    for (size_t k = 0; k < 4; k++) {
        bench b;
        bench_init(&b, instances[k], FP_FLOW_REDUCED);
        fp_tube_view *view = fp_view_new(b.step, b.flow, &b.start, PREC);
        view->set(view->ctx, b.step->right, b.step->right);
        check_gram(view, &b, &b.x.at[1], FP_TUBE_KK);
        check_gram(view, &b, &b.x.at[1], FP_TUBE_QQ);
        check_gram(view, &b, &b.x.at[1], FP_TUBE_VV);
        fp_view_free(view);
        bench_clear(&b);
    }
}
END_TEST

/* radius over [t - H, t + H] beyond half the difference of its ends */
static double excess(fp_tube_view *view, fp_tube_quantity quantity, const long *index, const arf_t t, slong log2_H)
{
    arf_t a, b;
    arb_t range, left, right;
    arf_init(a);
    arf_init(b);
    arb_init(range);
    arb_init(left);
    arb_init(right);
    arf_set_si_2exp_si(b, 1, log2_H);
    arf_sub(a, t, b, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_add(b, t, b, ARF_PREC_EXACT, ARF_RND_DOWN);
    view->set(view->ctx, a, b);
    ask(range, view, quantity, index);
    view->set(view->ctx, a, a);
    ask(left, view, quantity, index);
    view->set(view->ctx, b, b);
    ask(right, view, quantity, index);
    ck_assert(arb_overlaps(range, left) && arb_overlaps(range, right));
    arb_sub(left, left, right, PREC);
    double out = mag_get_d(arb_radref(range)) - fabs(arf_get_d(arb_midref(left), ARF_RND_NEAR)) / 2;
    arf_clear(a);
    arf_clear(b);
    arb_clear(range);
    arb_clear(left);
    arb_clear(right);
    return out;
}

typedef struct {
    fp_tube_view *view;
    arf_srcptr t;
} sharpness;

/* What a range has too much falls with the square of its length (to the tube's own radius, 1e-13 and less here): by 16 from H to H/4, and third-order terms. */
static void check_square(fp_tube_quantity quantity, const long *index, void *ctx)
{
    const sharpness *s = ctx;
    double wide = excess(s->view, quantity, index, s->t, STEP_UNIT - 2), narrow = excess(s->view, quantity, index, s->t, STEP_UNIT - 4);
    ck_assert_msg(narrow <= wide / 12 + 1e-12, "quantity %d [%ld,%ld,%ld]: %g, %g", (int)quantity, index[0], index[1], index[2], wide, narrow);
}

START_TEST(ranges_lose_no_more_than_the_square_of_their_length)
{
    const size_t instances[] = {0, 4};
    for (size_t k = 0; k < 2; k++) {
        bench b;
        arf_t t;
        arf_init(t);
        bench_init(&b, instances[k], FP_FLOW_REDUCED);
        fp_tube_view *view = fp_view_new(b.step, b.flow, &b.start, PREC);
        arf_set_si_2exp_si(t, 1, STEP_UNIT - 1);
        each_quantity(&b.x.problem, check_square, &(sharpness){view, t});
        fp_view_free(view);
        bench_clear(&b);
        arf_clear(t);
    }
}
END_TEST

/* |F| up to 100 and more: g or 1 - g far below the tube's radius on the other one. */
START_TEST(g_and_the_loss_keep_relative_accuracy)
{
    bench b;
    arb_t x, y;
    double largest = 0;
    arb_init(x);
    arb_init(y);
    bench_init_scaled(&b, 0, FP_FLOW_REDUCED, 1, -16, 64);
    fp_tube_view *view = fp_view_new(b.step, b.flow, &b.start, PREC);
    view->set(view->ctx, b.step->left, b.step->left);
    for (long i = 0; i < b.x.problem.n; i++) {
        const fp_tube_quantity all[] = {FP_TUBE_GI, FP_TUBE_ONE_MINUS_GI, FP_TUBE_LOSSOF};
        const long index[3] = {i, 0, 0};
        largest = fmax(largest, fabs(arf_get_d(arb_midref(b.x.at[0].F + i), ARF_RND_NEAR)));
        for (int k = 0; k < 3; k++) {
            ask(x, view, all[k], index);
            plain_state_value(y, &b.x.at[0], all[k], index);
            ck_assert(arb_overlaps(x, y));
            ck_assert_msg(arb_rel_accuracy_bits(x) >= 30, "%d of sample %ld: %ld bits", (int)all[k], i, (long)arb_rel_accuracy_bits(x));
            ck_assert(arb_is_positive(x));
        }
    }
    ck_assert_msg(largest > 100, "no large F: %g", largest);
    arb_clear(x);
    arb_clear(y);
    fp_view_free(view);
    bench_clear(&b);
}
END_TEST

/* What the start says of w_j(0) and u(0) comes back in the neurons: by Cauchy-Schwarz e_w |v| and (e_u/m1) |v| are reached. */
START_TEST(neurons_are_as_uncertain_as_the_start_says)
{
    bench b;
    arb_t x, y;
    arb_init(x);
    arb_init(y);
    bench_init(&b, 0, FP_FLOW_REDUCED);
    for (int k = 0; k < 2; k++) {
        mag_set_d(b.start.e_w, k == 0 ? 1e-3 : 0);
        mag_set_d(b.start.e_u, k == 1 ? 1e-3 : 0);
        double off = k == 0 ? 1e-3 : 1e-3 / (double)b.x.problem.m1;
        fp_tube_view *view = fp_view_new(b.step, b.flow, &b.start, PREC);
        view->set(view->ctx, b.step->right, b.step->right);
        for (long j = 0; j < b.x.problem.m1; j++)
            for (long t = 0; t < b.x.problem.d; t++) {
                ask(x, view, FP_TUBE_WV, (long[]){j, t, 0});
                plain_state_value(y, &b.x.at[1], FP_TUBE_VV, (long[]){t, t, 0});
                double norm = sqrt(arf_get_d(arb_midref(y), ARF_RND_NEAR)), radius = mag_get_d(arb_radref(x));
                ck_assert_msg(radius >= 0.9999 * off * norm && radius <= 1.01 * off * norm, "%g, %g", radius, off * norm);
            }
        fp_view_free(view);
    }
    arb_clear(x);
    arb_clear(y);
    bench_clear(&b);
}
END_TEST

/* ---- the rest */
typedef struct {
    fp_tube_view *view;
    const bench *b;
    int k;
    char *text[2];
} worker;

static void add_text(fp_tube_quantity quantity, const long *index, void *ctx)
{
    worker *w = ctx;
    arb_t x;
    arb_init(x);
    ask(x, w->view, quantity, index);
    char *text = fp_ball_hex(x);
    fp_text all = {.data = w->text[w->k]};
    if (all.data)
        all.len = all.cap = strlen(all.data);
    fp_text_add(&all, text);
    w->text[w->k] = all.data;
    free(text);
    arb_clear(x);
}

static void *ask_all(void *ctx)
{
    worker *w = ctx;
    w->view->set(w->view->ctx, w->b->step->left, w->b->step->right);
    each_quantity(&w->b->x.problem, add_text, w);
    flint_cleanup();
    return NULL;
}

START_TEST(two_views_of_one_step_answer_alike_at_the_same_time)
{
    bench b;
    pthread_t thread[2];
    worker w[2];
    bench_init(&b, 4, FP_FLOW_COMPRESSED);
    for (int k = 0; k < 2; k++) {
        w[k] = (worker){.view = fp_view_new(b.step, b.flow, &b.start, PREC), .b = &b};
        ck_assert(pthread_create(&thread[k], NULL, ask_all, &w[k]) == 0);
    }
    for (int k = 0; k < 2; k++)
        pthread_join(thread[k], NULL);
    ck_assert_str_eq(w[0].text[0], w[1].text[0]);
    for (int k = 0; k < 2; k++) {
        free(w[k].text[0]);
        fp_view_free(w[k].view);
    }
    bench_clear(&b);
}
END_TEST

START_TEST(without_initial_neurons_the_view_says_why)
{
    bench b;
    bench_init(&b, 0, FP_FLOW_REDUCED);
    fp_tube_view *view = fp_view_new(b.step, NULL, NULL, PREC);
    const fp_tube_quantity neuron[] = {FP_TUBE_WV, FP_TUBE_WW, FP_TUBE_WU};
    arb_t x;
    arb_init(x);
    for (int k = 0; k < 3; k++) {
        const char *why = NULL;
        ck_assert(!view->value(x, view->ctx, neuron[k], (long[]){0, 0, 0}, &why));
        ck_assert_str_eq(why, "the view was made without initial neurons");
    }
    const char *why = NULL;
    ck_assert(!view->vector(x, view->ctx, FP_TUBE_W, 0, &why) && why != NULL);
    ask(x, view, FP_TUBE_RHO, (long[]){0, 0, 0});
    ck_assert(arb_is_positive(x));
    fp_view_free(view);
    fp_view_free(NULL);
    arb_clear(x);
    bench_clear(&b);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("view_sharp");
    TCase *c = tcase_create("view_sharp");
    tcase_add_checked_fixture(c, open_rng, NULL);
    tcase_set_timeout(c, 300);
    const TTest *const tests[] = {
        at_a_point_gram_entries_are_as_thin_as_the_tube,
        ranges_lose_no_more_than_the_square_of_their_length,
        g_and_the_loss_keep_relative_accuracy,
        neurons_are_as_uncertain_as_the_start_says,
        two_views_of_one_step_answer_alike_at_the_same_time,
        without_initial_neurons_the_view_says_why,
    };
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(c, tests[i]);
    suite_add_tcase(s, c);
    return fp_test_main(s);
}
