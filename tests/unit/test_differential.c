/* SPDX-License-Identifier: MIT */
/* Random claims, whose truth is found without src/claims, on tubes of all kinds. FP_FULL=1 in the environment: 10,000 of them instead of 500. FP_SEED=n: others. FP_SHOW=1: prints what is undecided too, though 1e-6 away. */
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "../support/differential.h"
#include "../support/view_rig.h"

enum { BATCH = 30, TIME_ALONE = 230, FULL = 20 };

static uint64_t seed_of(int number, int round)
{
    const char *shift = getenv("FP_SEED");
    return (uint64_t)(shift ? atoi(shift) : 0) * 1000000 + (uint64_t)number * 1000 + (uint64_t)round;
}

/* One in three made. */
static tube_choice thin_tube(int turn, uint64_t seed)
{
    return (tube_choice){turn % 3 == 1 ? TUBE_MADE : TUBE_PROVED, 1e-17, seed};
}

static tube_choice fat_tube(int turn, uint64_t seed)
{
    static const tube_kind kinds[] = {TUBE_LYING, TUBE_MADE, TUBE_LYING, TUBE_PROVED, TUBE_MADE};
    static const double radii[] = {1e-6, 1e-2, 1e-9, 1e-4, 1e-3, 1e-4, 1e-5};
    return (tube_choice){kinds[turn % 5], radii[turn % 7], seed};
}

static void check_batch(differential_count *thin, differential_count *fat, const world *w, int number, int round)
{
    uint64_t seed = seed_of(number, round);
    int claims = number == 0 ? TIME_ALONE : BATCH;
    fp_rng random;
    fp_rng_init(&random, seed, 0);
    claim_maker maker = {.world = &w->is, .random = &random};
    tree_claim *claim = fp_alloc((size_t)claims, sizeof *claim);
    for (int k = 0; k < claims; k++) claim_random(&claim[k], &maker, k);
    const tube_choice first = thin_tube(number + round, seed), second = fat_tube(number + round, seed);
    differential_check(thin, claim, claims, w, &first);
    differential_check(fat, claim, claims, w, &second);
    for (int k = 0; k < claims; k++) claim_clear(&claim[k]);
    free(claim);
    forest_clear(&maker.trees);
}

static void say(const char *what, const differential_count *c)
{
    printf("%s: %lu claims; %lu decided, %lu undecided, %lu of nothing, %lu with a truth that is not sure; %lu wrong; thresholds 1e-6 and more away: %lu of %lu decided\n", what, c->claims, c->decided,
           c->undecided, c->none, c->unsure, c->wrong, c->far_decided, c->far_claims);
    fflush(stdout);
}

START_TEST(no_claim_is_decided_wrongly_and_most_are_decided)
{
    differential_count thin = {0}, fat = {0};
    for (int number = 0; number < WORLDS; number++) {
        world w;
        clock_t start = clock();
        world_open(&w, number);
        for (int round = 0; round < (getenv("FP_FULL") ? FULL : 1); round++) check_batch(&thin, &fat, &w, number, round);
        world_close(&w);
        printf("%-30s %.1f CPU s, seed %lu\n", world_name(number), (double)(clock() - start) / CLOCKS_PER_SEC, (unsigned long)seed_of(number, 0));
        fflush(stdout);
    }
    say("thin tubes", &thin);
    say("fat tubes", &fat);
    ck_assert_uint_eq(thin.wrong + fat.wrong, 0);
    ck_assert_uint_ge(thin.far_decided * 10, thin.far_claims * 9);
    ck_assert_uint_ge((thin.decided + thin.undecided) * 10, thin.claims * 7); /* and the truth is known of most */
}
END_TEST

/* ---- the reference itself */
typedef struct {
    const reference_flow *flow;
    const plain_state *state;
    arb_t t;
} agreement;

/* To 2^-86: the other integrator is good to 2^-112, this one's last terms are 2^-92 of its values. */
static void check_agreement(fp_tube_quantity quantity, const long *index, void *ctx)
{
    const agreement *a = ctx;
    arb_ptr jet = _arb_vec_init(2);
    arb_t other;
    mag_t size;
    arb_init(other);
    mag_init(size);
    reference_value(jet, a->flow, quantity, index, a->t);
    plain_state_value(other, a->state, quantity, index);
    arf_sub(arb_midref(other), arb_midref(other), arb_midref(jet), PLAIN_PREC, ARF_RND_NEAR);
    arf_get_mag(size, arb_midref(other));
    ck_assert_msg(mag_cmp_2exp_si(size, -86) < 0, "quantity %d [%ld,%ld,%ld] is off by %g", (int)quantity, index[0], index[1], index[2], mag_get_d(size));
    _arb_vec_clear(jet, 2);
    arb_clear(other);
    mag_clear(size);
}

START_TEST(the_reference_agrees_with_an_integrator_of_another_kind)
{
    enum { CHOSEN = 2 };
    truth x;
    reference_flow flow;
    arf_t end;
    arf_init(end);
    arf_set_d(end, 0.25);
    truth_init(&x, CHOSEN, 2, -2, 1);
    reference_init(&flow, &x.problem, end);
    agreement a = {.flow = &flow, .state = &x.at[1]};
    arb_init(a.t);
    arb_set_arf(a.t, end);
    each_quantity(&x.problem, check_agreement, &a);
    arb_clear(a.t);
    reference_clear(&flow);
    truth_clear(&x);
    arf_clear(end);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("differential");
    TCase *c = tcase_create("differential");
    tcase_set_timeout(c, getenv("FP_FULL") ? 3600 : 240);
    tcase_add_test(c, the_reference_agrees_with_an_integrator_of_another_kind);
    tcase_add_test(c, no_claim_is_decided_wrongly_and_most_are_decided);
    suite_add_tcase(s, c);
    return fp_test_main(s);
}
