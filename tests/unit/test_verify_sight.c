/* SPDX-License-Identifier: MIT */
/* Views of the verifier: vectors entry by entry, how thin and sharp balls are, and that what the start says of neurons comes back in them. */
#include <stdlib.h>

#include "../support/leg_rig.h"
#include "../support/view_rig.h"

enum { ORDER = 20, LIMBS = 2 };

/* ---- one closed step with the truth at its ends */
typedef struct {
    truth x;
    fp_flow *flow;
    fp_leg *leg;
    fp_origin origin;
    fp_tube_view *view;
} seen;

static void make_view(seen *w)
{
    fp_sight_free(w->view);
    w->view = fp_sight_new(w->leg, &w->origin);
}

static void seen_init_scaled(seen *w, size_t instance, fp_flow_kind kind, int times, slong unit, double scale)
{
    fp_error err = {0};
    *w = (seen){.view = NULL};
    truth_init(&w->x, instance, times, unit, scale);
    fp_ck_ok(fp_flow_new(&w->flow, kind, &w->x.problem, 192, NULL, &err), &err);
    fp_vec *start = fp_flow_initial(w->flow);
    w->leg = leg_at(&w->x.problem, fp_flow_layout(w->flow), start, ORDER, LIMBS);
    ck_assert(leg_open(w->leg, ldexp(1, (int)unit)));
    fp_ck_ok(fp_origin_make(&w->origin, w->leg, kind == FP_FLOW_COMPRESSED, &err), &err);
    ck_assert(fp_leg_close(w->leg, w->origin.e0));
    make_view(w);
    fp_vec_free(start);
}

static void seen_init(seen *w, size_t instance, fp_flow_kind kind)
{
    seen_init_scaled(w, instance, kind, 2, STEP_UNIT, 1);
}

static void seen_clear(seen *w)
{
    fp_sight_free(w->view);
    fp_origin_clear(&w->origin);
    fp_leg_free(w->leg);
    fp_flow_free(w->flow);
    truth_clear(&w->x);
}

static void set_time(const fp_tube_view *view, const arf_t t)
{
    view->set(view->ctx, t, t);
}

/* ---- vectors */
START_TEST(vectors_are_contained_entry_by_entry)
{
    const size_t instances[] = {0, 1, 4, RANDOM};
    for (size_t k = 0; k < 4; k++) {
        seen w;
        plain_state y;
        seen_init(&w, instances[k], FP_FLOW_REDUCED);
        set_time(w.view, w.leg->left);
        check_vectors(w.view, &w.x, &w.x.at[0]);
        set_time(w.view, w.leg->right);
        check_vectors(w.view, &w.x, &w.x.at[1]);
        w.view->set(w.view->ctx, w.leg->left, w.leg->right);
        check_vectors(w.view, &w.x, &w.x.at[0]);
        check_vectors(w.view, &w.x, &w.x.at[1]);
        mag_set_d(w.leg->radius, 0.01);
        make_view(&w);
        plain_state_init(&y, &w.x.problem);
        set_time(w.view, w.leg->right);
        for (int trial = 0; trial < 40; trial++) {
            copy_state(&y, &w.x.at[1]);
            push_pair(&y, &w.x.at[1], 0.00999);
            check_vectors(w.view, &w.x, &y);
        }
        plain_state_clear(&y);
        seen_clear(&w);
    }
}
END_TEST

/* At a point an entry is known to within the tube and the grid: not more. Inner products are within a factor of sqrt 2: |x| E + |z| E instead of (|x|^2 + |z|^2)^{1/2} E. */
static void check_thin(const seen *w, fp_tube_vector which, long count, double E)
{
    const char *why = NULL;
    long m = w->x.problem.m;
    arb_ptr out = _arb_vec_init(m);
    for (long i = 0; i < count; i++) {
        ck_assert(w->view->vector(out, w->view->ctx, which, i, &why));
        for (long r = 0; r < m; r++) ck_assert_msg(mag_get_d(arb_radref(out + r)) <= 1.01 * E + 0x1p-100, "vector %d, %ld: %g", (int)which, i, mag_get_d(arb_radref(out + r)));
    }
    _arb_vec_clear(out, m);
}

START_TEST(at_a_point_entries_and_gram_entries_are_as_thin_as_the_tube)
{
    const size_t instances[] = {0, 1, 4, RANDOM};
    for (size_t k = 0; k < 4; k++) {
        seen w;
        seen_init(&w, instances[k], FP_FLOW_REDUCED);
        const fp_problem *p = &w.x.problem;
        for (int fat = 0; fat < 2; fat++) {
            if (fat) mag_set_d(w.leg->radius, 1e-3);
            make_view(&w);
            double E = mag_get_d(w.leg->radius), root = sqrt((double)p->m1);
            set_time(w.view, w.leg->right);
            check_gram(w.view, &w.x.at[1], FP_TUBE_KK, E, LIMBS, 1.415);
            check_gram(w.view, &w.x.at[1], FP_TUBE_QQ, E, LIMBS, 1.415);
            check_gram(w.view, &w.x.at[1], FP_TUBE_VV, E, LIMBS, 1.415);
            check_thin(&w, FP_TUBE_U, 1, root * E);
            check_thin(&w, FP_TUBE_W, p->m1, E / root); /* e0 = 0 */
            check_thin(&w, FP_TUBE_V, p->d, E);
            check_thin(&w, FP_TUBE_K, p->d, E);
            check_thin(&w, FP_TUBE_Q, p->d, E);
        }
        seen_clear(&w);
    }
}
END_TEST

/* ---- ranges: of what is made of vectors, by value and slope, as in test_view_sharp.c; scalars are series over an interval, whose terms are taken one by one */
static void check_sharp(fp_tube_quantity quantity, const long *index, void *ctx)
{
    const fp_tube_quantity bilinear[] = {FP_TUBE_KK, FP_TUBE_QQ, FP_TUBE_VV, FP_TUBE_RHO, FP_TUBE_WV, FP_TUBE_WW, FP_TUBE_WU};
    for (size_t k = 0; k < sizeof bilinear / sizeof *bilinear; k++)
        if (bilinear[k] == quantity) check_square(quantity, index, ctx);
}

/* Radius over [t - H, t + H] against that over a quarter of it, up to the tube: at most proportional */
static void check_proportional(fp_tube_quantity quantity, const long *index, void *ctx)
{
    const sharpness *s = ctx;
    double radius[2];
    arf_t a, b;
    arb_t x;
    arf_init(a);
    arf_init(b);
    arb_init(x);
    for (int k = 0; k < 2; k++) {
        arf_set_si_2exp_si(b, 1, STEP_UNIT - 2 - 2 * k);
        arf_sub(a, s->t, b, ARF_PREC_EXACT, ARF_RND_DOWN);
        arf_add(b, s->t, b, ARF_PREC_EXACT, ARF_RND_DOWN);
        s->view->set(s->view->ctx, a, b);
        ask(x, s->view, quantity, index);
        radius[k] = mag_get_d(arb_radref(x));
    }
    ck_assert_msg(radius[1] <= radius[0] / 3.5 + 1e-12, "quantity %d [%ld,%ld,%ld]: %g, %g", (int)quantity, index[0], index[1], index[2], radius[0], radius[1]);
    arf_clear(a);
    arf_clear(b);
    arb_clear(x);
}

START_TEST(ranges_shrink_with_their_length)
{
    const size_t instances[] = {0, 4};
    for (size_t k = 0; k < 2; k++) {
        seen w;
        arf_t t;
        arf_init(t);
        seen_init(&w, instances[k], FP_FLOW_REDUCED);
        arf_set_si_2exp_si(t, 1, STEP_UNIT - 1);
        each_quantity(&w.x.problem, check_sharp, &(sharpness){w.view, t});
        each_quantity(&w.x.problem, check_proportional, &(sharpness){w.view, t});
        seen_clear(&w);
        arf_clear(t);
    }
}
END_TEST

/* |F| up to 100 and more: g or 1 - g far below the tube's radius on the other one. */
START_TEST(g_and_the_loss_keep_relative_accuracy)
{
    seen w;
    arb_t x, y;
    double largest = 0;
    arb_init(x);
    arb_init(y);
    seen_init_scaled(&w, 0, FP_FLOW_REDUCED, 1, -16, 64);
    set_time(w.view, w.leg->left);
    for (long i = 0; i < w.x.problem.n; i++) {
        const fp_tube_quantity all[] = {FP_TUBE_GI, FP_TUBE_ONE_MINUS_GI, FP_TUBE_LOSSOF};
        const long index[3] = {i, 0, 0};
        largest = fmax(largest, fabs(arf_get_d(arb_midref(w.x.at[0].F + i), ARF_RND_NEAR)));
        for (int k = 0; k < 3; k++) {
            ask(x, w.view, all[k], index);
            plain_state_value(y, &w.x.at[0], all[k], index);
            ck_assert(arb_overlaps(x, y) && arb_is_positive(x));
            ck_assert_msg(arb_rel_accuracy_bits(x) >= 30, "%d of sample %ld: %ld bits", (int)all[k], i, (long)arb_rel_accuracy_bits(x));
        }
    }
    ck_assert_msg(largest > 100, "no large F: %g", largest);
    arb_clear(x);
    arb_clear(y);
    seen_clear(&w);
}
END_TEST

/* ---- what a tube adds at a point of the step is in what it adds on the whole of it */
static void check_swell(const seen *w, const arf_t s)
{
    fp_swell at;
    arf_t t;
    arb_t x;
    arb_init(x);
    arf_init(t);
    arf_mul(t, s, w->leg->h, ARF_PREC_EXACT, ARF_RND_DOWN);
    fp_swell_init(&at, w->leg);
    fp_swell_set(&at, w->leg, s, s);
    fp_swell_widen(&at, w->leg, w->leg->radius);
    set_time(w->view, t);
    const fp_leg *leg = w->leg;
    const struct {
        fp_tube_quantity quantity;
        long count;
        mag_srcptr least;
    } list[] = {{FP_TUBE_G, leg->d, at.dG}, {FP_TUBE_O, leg->n * leg->L, at.dor}, {FP_TUBE_P, leg->n * leg->L * leg->L, at.dp}, {FP_TUBE_F, leg->n, at.dF}, {FP_TUBE_C, leg->d, at.dc}};
    for (size_t k = 0; k < sizeof list / sizeof *list; k++)
        for (long e = 0; e < list[k].count; e++) {
            long L = leg->L, index[3] = {e, 0, 0};
            if (list[k].quantity == FP_TUBE_O) index[0] = e / L, index[1] = e % L;
            if (list[k].quantity == FP_TUBE_P) index[0] = e / (L * L), index[1] = e / L % L, index[2] = e % L;
            ask(x, w->view, list[k].quantity, index);
            ck_assert_msg(mag_get_d(arb_radref(x)) >= mag_get_d(list[k].least + e) * (1 - 1e-6), "quantity %d, %ld", (int)list[k].quantity, e);
        }
    fp_swell_clear(&at, w->leg);
    arf_clear(t);
    arb_clear(x);
}

START_TEST(the_tube_is_as_wide_at_every_time_as_it_is_there)
{
    seen w;
    arf_t s;
    arf_init(s);
    seen_init(&w, 1, FP_FLOW_REDUCED);
    mag_set_d(w.leg->radius, 1e-3);
    make_view(&w);
    for (int k = 0; k <= 4; k++) {
        arf_set_si_2exp_si(s, k, -2);
        check_swell(&w, s);
    }
    arf_clear(s);
    seen_clear(&w);
}
END_TEST

/* ---- neurons */
/* Radius of w_j.v_t: e_w |v|, and sqrt(m1) e_0 |v|/m1 for u(0), by Cauchy-Schwarz attained */
START_TEST(neurons_are_as_uncertain_as_the_start_says)
{
    seen w;
    arb_t x, y;
    arb_init(x);
    arb_init(y);
    seen_init(&w, 0, FP_FLOW_REDUCED);
    for (int k = 0; k < 2; k++) {
        mag_set_d(w.origin.e_w, k == 0 ? 1e-3 : 0);
        mag_set_d(w.origin.e0, k == 1 ? 1e-3 : 0);
        double off = k == 0 ? 1e-3 : 1e-3 / sqrt((double)w.x.problem.m1);
        make_view(&w);
        set_time(w.view, w.leg->right);
        for (long j = 0; j < w.x.problem.m1; j++)
            for (long t = 0; t < w.x.problem.d; t++) {
                ask(x, w.view, FP_TUBE_WV, (long[]){j, t, 0});
                plain_state_value(y, &w.x.at[1], FP_TUBE_VV, (long[]){t, t, 0});
                double norm = sqrt(arf_get_d(arb_midref(y), ARF_RND_NEAR)), radius = mag_get_d(arb_radref(x));
                ck_assert_msg(radius >= 0.9999 * off * norm && radius <= 1.01 * off * norm, "%g, %g", radius, off * norm);
            }
    }
    arb_clear(x);
    arb_clear(y);
    seen_clear(&w);
}
END_TEST

/* Half the length of the instance's neurons and all of their projections off by a part of themselves, and an e_w that says so */
static void spoil(fp_grid *neurons, double by)
{
    const arb_struct *a[1];
    arb_t factor;
    mag_t error;
    fp_grid copy;
    arb_init(factor);
    mag_init(error);
    arb_set_d(factor, 1 + by);
    a[0] = factor;
    fp_grid_init(&copy, neurons->count, neurons->len, neurons->limbs);
    for (size_t j = 0; j < neurons->count; j++) {
        const fp_grid_vec *x[1] = {copy.at + j};
        fp_grid_copy(copy.at + j, neurons->at + j);
        fp_grid_combine(neurons->at + j, error, a, x, 1, 1);
    }
    fp_grid_clear(&copy);
    mag_clear(error);
    arb_clear(factor);
}

START_TEST(neurons_that_are_off_by_what_the_start_says_are_contained)
{
    for (int compressed = 0; compressed < 2; compressed++)
        for (int which = 0; which < 3; which++) { /* all, the projections, the whole */
            seen w;
            double longest = 0;
            seen_init(&w, 1, compressed ? FP_FLOW_COMPRESSED : FP_FLOW_REDUCED);
            for (long j = 0; j < w.x.problem.m1; j++) longest = fmax(longest, mag_get_d(w.origin.whole.at[j].norm));
            if (which != 2) spoil(&w.origin.rotated, 1e-3);
            if (which != 1) spoil(&w.origin.whole, -1e-3);
            mag_set_d(w.origin.e_w, 1e-3 * longest);
            make_view(&w);
            for (int end = 0; end < 2; end++) {
                comparison c = {.state = &w.x.at[end], .view = w.view, .off = w.x.off, .what = "spoilt neurons"};
                set_time(w.view, end ? w.leg->right : w.leg->left);
                each_quantity(&w.x.problem, check_contains, &c);
            }
            seen_clear(&w);
        }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("sight of the verifier");
    TCase *c = tcase_create("sight");
    tcase_add_checked_fixture(c, open_rng, NULL);
    tcase_set_timeout(c, 300);
    const TTest *const tests[] = {
        vectors_are_contained_entry_by_entry,
        at_a_point_entries_and_gram_entries_are_as_thin_as_the_tube,
        ranges_shrink_with_their_length,
        g_and_the_loss_keep_relative_accuracy,
        the_tube_is_as_wide_at_every_time_as_it_is_there,
        neurons_are_as_uncertain_as_the_start_says,
        neurons_that_are_off_by_what_the_start_says_are_contained,
    };
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) tcase_add_test(c, tests[i]);
    suite_add_tcase(s, c);
    return fp_test_main(s);
}
