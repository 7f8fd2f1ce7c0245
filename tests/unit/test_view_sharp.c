/* SPDX-License-Identifier: MIT */
/* How thin and sharp the balls of a view are, and views in threads. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "../support/view_rig.h"

/* ---- thin and sharp */

START_TEST(at_a_point_gram_entries_are_as_thin_as_the_tube)
{
    const size_t instances[] = {0, 1, 4, RANDOM};
    for (size_t k = 0; k < 4; k++) {
        bench b;
        bench_init(&b, instances[k], FP_FLOW_REDUCED);
        fp_tube_view *view = fp_view_new(b.step, b.flow, &b.start, PREC);
        view->set(view->ctx, b.step->right, b.step->right);
        double E = mag_get_d(fp_step_radius(b.step));
        int limbs = fp_series_limbs(fp_step_series(b.step));
        check_gram(view, &b.x.at[1], FP_TUBE_KK, E, limbs, 1.001);
        check_gram(view, &b.x.at[1], FP_TUBE_QQ, E, limbs, 1.001);
        check_gram(view, &b.x.at[1], FP_TUBE_VV, E, limbs, 1.001);
        fp_view_free(view);
        bench_clear(&b);
    }
}
END_TEST

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
