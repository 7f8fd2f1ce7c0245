/* SPDX-License-Identifier: MIT */
/* An interruption at any moment: this program brings its own request, which comes after so many questions. Whatever was cut short, nothing may be concluded from it: every verdict is that of the whole run, or undecided
 * because it was interrupted; and everything that can fail says FP_INTERRUPTED and nothing else. */
#include "../support/whole_rig.h"

static const char *const sheets[] = {
    "X.1",
    "requires count(i in I2) >= 1\n"
    "constant C = 10 smallest because \"a test\"\n"
    "time T = first t in [0, 2] with t >= 1/3\n"
    "time U = last t in [0, 1] with t <= 1/2\n"
    "time S = 1/4\n"
    "claim start: initially: sum(mu in tokens: KK[mu,mu]) > 0\n"
    "claim begin: initially: for mu in tokens: KK[mu,mu] < 0\n"
    "claim box: for all real x in [0, 1]: x*(1 - x) <= 1/2\n"
    "claim positive: always [0, 2]: for i in samples: lossof[i] > 0\n"
    "claim negative: always [0, 2]: for i in samples: lossof[i] < 0\n"
    "claim found: eventually [0, 2]: loss < 100\n"
    "claim never: eventually [0, 2]: loss > 100\n"
    "claim later: always [U, 1]: t >= 1/4\n"
    "claim wrong: always [S, T]: t >= 1/3\n"
    "claim there: at T: abs(t - 1/3) <= 1/1000\n"
    "claim memory: always [S, 2]: at(S, t) <= 1/3\n"
    "claim largest: always [0, 2]: max(mu in tokens, nu in tokens: abs(score[mu,nu])) <= C*1000\n"
    "claim slope: always [0, 2]: d(loss) <= 0\n"
    "claim past: always [0, 2]: sup(t) <= 2\n"
    "claim same: always [0, 2]: loss = sum(i in samples: lossof[i])/n\n"
    "order size: always [0, 2]: loss is O(1)\n",
    NULL};

/* ---- what must hold */
static void compare(const whole *w, const fp_results *full, long questions)
{
    ck_assert_msg(w->err.code == FP_OK || w->err.code == FP_INTERRUPTED, "after %ld questions: %s", questions, w->err.message);
    for (size_t k = 0; k < w->results.claims_count; k++) {
        const fp_claim_result *r = &w->results.claims[k], *f = &full->claims[k];
        bool same = r->verdict == f->verdict && strcmp(r->reason, f->reason) == 0;
        bool open = r->verdict == FP_UNDECIDED && strcmp(r->reason, "interrupted") == 0;
        ck_assert_msg(same || open || r->verdict == FP_DEFERRED, "after %ld questions %s is %s [%s] (%s), but %s [%s] of the whole run", questions, r->claim->id, fp_verdict_word(r->verdict), r->reason, r->detail,
                      fp_verdict_word(f->verdict), f->reason);
    }
    for (size_t k = 0; k < w->results.times_count; k++) {
        const fp_time_result *t = &w->results.times[k], *f = &full->times[k];
        ck_assert_msg(!t->found || (f->found && mpfr_equal_p(t->value, f->value)), "after %ld questions %s is another time than that of the whole run", questions, t->time->name);
    }
}

static size_t decided(const fp_results *r)
{
    size_t count = 0;
    for (size_t k = 0; k < r->claims_count; k++) count += r->claims[k].verdict != FP_UNDECIDED && r->claims[k].verdict != FP_DEFERRED;
    return count;
}

enum { MOMENTS = 24 };

/* Interrupted after 0, 1, 2, 4, .. questions, and at moments spread over the whole run. */
static void at_all_moments(whole *w, void (*run)(whole *))
{
    grant(-1);
    run(w);
    long all = atomic_load(&asked);
    fp_results full = w->results;
    ck_assert_msg(w->err.code == FP_OK && decided(&full) >= 12, "%zu decided: %s", decided(&full), w->err.message);
    w->results = (fp_results){0};
    whole_forget(w);
    for (long k = 0; k < MOMENTS; k++) {
        long questions = k < 12 ? (1L << k) / 2 : all / (MOMENTS - 12) * (k - 12) + 7 * k;
        grant(questions);
        run(w);
        grant(-1);
        compare(w, &full, questions);
        whole_forget(w);
    }
    fp_results_clear(&full);
}

START_TEST(an_interrupted_proof_shows_nothing_that_the_whole_does_not)
{
    whole w;
    whole_begin(&w, _i + 1, sheets);
    at_all_moments(&w, certify);
    whole_end(&w);
}
END_TEST

START_TEST(an_interrupted_verification_shows_nothing_that_the_whole_does_not)
{
    whole w;
    whole_begin(&w, _i + 1, sheets);
    write_certificate(&w, -1);
    at_all_moments(&w, verify);
    whole_end(&w);
}
END_TEST

/* ---- every moment of something small: claims of one quantity, which one wrong value turns over, and windows that fail in their last hundredth */
static const char *const small[] = {
    "X.1",
    "time T = first t in [0, 1/16] with t >= 1/32\n"
    "claim kk: initially: KK[1,1] > 0\n"
    "claim qq: initially: QQ[2,2] > 0\n"
    "claim vv: initially: VV[3,3] > 0\n"
    "claim ww: initially: WW[2,2] > 0\n"
    "claim u: initially: unorm2 > 0\n"
    "claim loss: initially: loss > 0\n"
    "claim share: initially: p[1,1,2] > 0\n"
    "claim late: always [0, 1/16]: t <= 99/1600\n"
    "claim later: always [0, T]: t <= 99/3200\n"
    "claim last: always [T, 1/16]: KK[1,1] > 0 and t <= 99/1600\n"
    "claim soon: eventually [0, 1/16]: t >= 99/1600\n"
    "claim all: always [0, 1/16]: lossof[2] > 0\n",
    NULL};

static void at_every_moment(whole *w, void (*run)(whole *), long stride)
{
    mpq_set_ui(w->base.setting.horizon, 1, 16);
    ck_assert(set_up(w) == FP_OK);
    grant(-1);
    run(w);
    long all = atomic_load(&asked);
    fp_results full = w->results;
    ck_assert_msg(w->err.code == FP_OK && decided(&full) == 12, "%zu decided: %s", decided(&full), w->err.message);
    w->results = (fp_results){0};
    check_forget(w);
    for (long questions = 0; questions < all; questions += stride) {
        grant(questions);
        run(w);
        grant(-1);
        compare(w, &full, questions);
        check_forget(w);
    }
    fp_results_clear(&full);
    whole_forget(w);
}

START_TEST(at_every_moment_of_a_small_proof)
{
    whole w;
    whole_begin(&w, 1, small);
    at_every_moment(&w, prove, 7);
    whole_end(&w);
}
END_TEST

/* The step that was being computed is not in it. */
START_TEST(the_certificate_of_an_interrupted_proof_verifies)
{
    whole w;
    whole_begin(&w, 1, sheets);
    write_certificate(&w, -1);
    long all = atomic_load(&asked);
    for (int k = 1; k < 8; k++) {
        bool any = write_certificate(&w, all / 8 * k);
        grant(-1);
        if (any) verify(&w);
        ck_assert_msg(w.err.code == FP_OK, "%s", w.err.message);
        whole_forget(&w);
    }
    whole_end(&w);
}
END_TEST

/* Everything that a result says, and how often it was asked for meanwhile is no part of it. */
static char *print_results(const fp_results *r)
{
    fp_text text = {0};
    for (size_t k = 0; k < r->claims_count; k++) {
        const fp_claim_result *x = &r->claims[k];
        char *margin = fp_ball_hex(x->margin), *time = fp_mpfr_text(x->tight_time, 30);
        fp_text_addf(&text, "%s %s %s %s %s %s %s %lu\n", x->claim->id, fp_verdict_word(x->verdict), x->reason, x->detail, x->binding, margin, time, x->samples);
        free(margin);
        free(time);
    }
    return text.data;
}

START_TEST(a_proof_gives_the_same_results_for_one_and_two_threads)
{
    char *text[2];
    for (int threads = 1; threads <= 2; threads++) {
        whole w;
        whole_begin(&w, threads, sheets);
        certify(&w);
        ck_assert_msg(w.err.code == FP_OK && decided(&w.results) >= 12, "%s", w.err.message);
        text[threads - 1] = print_results(&w.results);
        whole_forget(&w);
        whole_end(&w);
    }
    ck_assert_str_eq(text[0], text[1]);
    free(text[0]);
    free(text[1]);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("interrupt");
    TCase *c = tcase_create("interrupt");
    tcase_set_timeout(c, 300);
    tcase_add_loop_test(c, an_interrupted_proof_shows_nothing_that_the_whole_does_not, 0, 2);
    tcase_add_loop_test(c, an_interrupted_verification_shows_nothing_that_the_whole_does_not, 0, 2);
    tcase_add_test(c, at_every_moment_of_a_small_proof);
    tcase_add_test(c, the_certificate_of_an_interrupted_proof_verifies);
    tcase_add_test(c, a_proof_gives_the_same_results_for_one_and_two_threads);
    suite_add_tcase(s, c);
    return fp_test_main(s);
}
