/* SPDX-License-Identifier: MIT */
/* How a run fails: from verdict, reason and expectation to the gate and the exit status. The tables are written out from the README ("What a verdict means"), not from the code. */
#include <stdlib.h>
#include <string.h>

#include "../support/fp_check.h"

#include "../../src/claims/check_impl.h"

/* ---- every verdict against every expectation */

static const fp_verdict verdicts[] = {FP_PROVED, FP_SUPPORTED, FP_UNDECIDED, FP_VIOLATED, FP_REFUTED, FP_NOT_APPLICABLE, FP_DEFERRED};
static const char *const words[] = {"proved", "supported", "undecided", "violated", "refuted", "not-applicable", "deferred"};
enum { VERDICTS = sizeof verdicts / sizeof *verdicts };

/* Rows: expectation. Columns: verdict, as above. P passes, F fails, U is undecided (3, or neutral if undecided is allowed), N is neutral. */
static const struct {
    const char *expected, *outcome;
} table[] = {
    {"holds", "PPUFFNN"},     {"proved", "PPUFFNN"},         {"supported", "PPUFFNN"}, {"undecided", "FFPFFNN"},
    {"violated", "FFUPPNN"},  {"refuted", "FFUPPNN"},        {"not-applicable", "FFUFFNN"}, {"deferred", "FFUFFNN"},
};
enum { ROWS = sizeof table / sizeof *table };

/* Reasons of undecided that say that the run failed: no expectation and no option covers them. The others are the claim's own. */
static const char *const of_the_run[] = {"step-cap", "step-underflow", "blow-up", "interrupted", "incomplete"};
static const char *const of_the_claim[] = {"",      "straddles-zero", "precision-cap", "horizon-not-reached", "time-not-reached", "vacuous", "box-cap", "index", "empty-set",
                                           "unavailable", "domain", "evaluation-cap", "memory-cap", "tube", "depth"};

static void expect(fp_claim_result *r, const char *expected)
{
    memset(r, 0, sizeof *r);
    r->expected_holds = strcmp(expected, "holds") == 0;
    r->expected = FP_PROVED;
    for (int v = 0; v < VERDICTS; v++)
        if (strcmp(words[v], expected) == 0) r->expected = verdicts[v];
}

static fp_gate gate_of(const char *expected, fp_verdict verdict, const char *reason, bool allow)
{
    fp_claim_result r;
    expect(&r, expected);
    r.verdict = verdict;
    snprintf(r.reason, sizeof r.reason, "%s", reason);
    r.as_expected = fp_result_is_as_expected(&r);
    return fp_gate_of(&r, allow);
}

static void check_gate(const char *expected, int v, const char *reason, bool allow, fp_gate wanted)
{
    fp_gate got = gate_of(expected, verdicts[v], reason, allow);
    ck_assert_msg(got == wanted, "expected %s, came out %s [%s], undecided %s: gate %d, wanted %d", expected, words[v], reason, allow ? "allowed" : "not allowed", (int)got, (int)wanted);
}

START_TEST(every_verdict_meets_every_expectation_as_the_table_says)
{
    for (int row = 0; row < ROWS; row++)
        for (int v = 0; v < VERDICTS; v++) {
            char letter = table[row].outcome[v];
            fp_gate strict = letter == 'P' ? FP_GATE_PASS : letter == 'F' ? FP_GATE_FAIL : letter == 'U' ? FP_GATE_UNDECIDED : FP_GATE_NEUTRAL;
            fp_gate lenient = letter == 'U' ? FP_GATE_NEUTRAL : strict;
            for (size_t k = 0; k < sizeof of_the_claim / sizeof *of_the_claim; k++) {
                check_gate(table[row].expected, v, of_the_claim[k], false, strict);
                check_gate(table[row].expected, v, of_the_claim[k], true, lenient);
            }
        }
}
END_TEST

START_TEST(a_run_that_failed_is_never_expected_nor_allowed)
{
    for (int row = 0; row < ROWS; row++)
        for (size_t k = 0; k < sizeof of_the_run / sizeof *of_the_run; k++)
            for (int allow = 0; allow < 2; allow++) check_gate(table[row].expected, 2, of_the_run[k], allow, FP_GATE_UNDECIDED);
}
END_TEST

/* A twin is false on purpose: without a line of its own it is expected to be violated. */
START_TEST(a_twin_is_expected_to_be_violated)
{
    static const char strict[] = "FFUPPNN";
    fp_claim twin = {.id = "1/a", .is_twin = true};
    for (int v = 0; v < VERDICTS; v++)
        for (int allow = 0; allow < 2; allow++) {
            fp_claim_result r = {.claim = &twin, .verdict = verdicts[v]};
            fp_result_default_expectation(&r);
            fp_gate got = fp_gate_of(&r, allow), wanted = strict[v] == 'P' ? FP_GATE_PASS : strict[v] == 'F' ? FP_GATE_FAIL : strict[v] == 'U' && !allow ? FP_GATE_UNDECIDED : FP_GATE_NEUTRAL;
            ck_assert_msg(got == wanted, "a twin came out %s, undecided %s: gate %d, wanted %d", words[v], allow ? "allowed" : "not allowed", (int)got, (int)wanted);
        }
}
END_TEST

/* ---- from gates to the exit status: a failure outweighs what is undecided, that what passes, that what is neutral */

static int exit_of(const int *verdict, size_t count, bool allow)
{
    fp_claim_result *all = fp_alloc(count + 1, sizeof *all);
    for (size_t k = 0; k < count; k++) {
        expect(&all[k], "holds");
        all[k].verdict = verdicts[verdict[k]];
        all[k].as_expected = fp_result_is_as_expected(&all[k]);
    }
    fp_results results = {.claims = all, .claims_count = count};
    int status = fp_gate_exit(&results, allow);
    free(all);
    return status;
}

START_TEST(the_worst_claim_decides_the_exit_status)
{
    static const int status[VERDICTS] = {0, 0, 3, 1, 1, 5, 5}, lenient[VERDICTS] = {0, 0, 5, 1, 1, 5, 5}, rank[6] = {1, 3, 0, 2, 0, 0}; /* by status: 1 over 3 over 0 over 5 */
    ck_assert_int_eq(exit_of(NULL, 0, false), 5);
    for (int allow = 0; allow < 2; allow++)
        for (int a = 0; a < VERDICTS; a++)
            for (int b = 0; b < VERDICTS; b++) {
                const int pair[] = {a, b}, *of = allow ? lenient : status, worst = rank[of[a]] >= rank[of[b]] ? of[a] : of[b];
                ck_assert_msg(exit_of(pair, 2, allow) == worst, "%s and %s, undecided %s: %d, wanted %d", words[a], words[b], allow ? "allowed" : "not allowed", exit_of(pair, 2, allow), worst);
            }
}
END_TEST

START_TEST(every_way_to_fail_has_the_exit_status_of_the_overview)
{
    static const struct {
        fp_status code;
        int status;
    } list[] = {{FP_OK, 0}, {FP_USAGE, 2}, {FP_BAD_INPUT, 2}, {FP_IO, 4}, {FP_NO_MEMORY, 4}, {FP_INTERNAL, 4}, {FP_REJECTED, 4}, {FP_STEP_UNDERFLOW, 4}, {FP_NON_FINITE, 4}, {FP_BUDGET, 4}, {FP_INTERRUPTED, 130}};
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) ck_assert_int_eq(fp_status_exit(list[k].code), list[k].status);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("gate");
    TCase *c = tcase_create("gate");
    tcase_add_test(c, every_verdict_meets_every_expectation_as_the_table_says);
    tcase_add_test(c, a_run_that_failed_is_never_expected_nor_allowed);
    tcase_add_test(c, a_twin_is_expected_to_be_violated);
    tcase_add_test(c, the_worst_claim_decides_the_exit_status);
    tcase_add_test(c, every_way_to_fail_has_the_exit_status_of_the_overview);
    suite_add_tcase(s, c);
    return fp_test_main(s);
}
