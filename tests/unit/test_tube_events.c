/* SPDX-License-Identifier: MIT */
/* Events that last hardly at all: down to 2^-64 of the search they are found, where they are; shorter ones, and those that only touch, are found there or not decided, never missed. */
#include "../support/tube_rig.h"

static uint64_t seed = 88172645463325252u;

static long draw(long most)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (long)(seed % (uint64_t)most);
}

static void still(tube_rig *t)
{
    tube_begin(t);
    t->mock[0].still = t->mock[1].still = true;
}

static const fp_claim_result *numbered(const tube_rig *t, const char *name, int r)
{
    char *id = fp_asprintf("X.1/%s%d", name, r);
    const fp_claim_result *x = tube_result(t, id);
    free(id);
    return x;
}

static void expect_proved(const tube_rig *t, const char *name, int r, const char *condition)
{
    const fp_claim_result *x = numbered(t, name, r);
    ck_assert_msg(x->verdict == FP_PROVED, "%s: %s is %s %s (%s)", condition, name, fp_verdict_word(x->verdict), x->reason, x->detail);
}

static void expect_open(const tube_rig *t, const char *name, int r, const char *condition)
{
    const fp_claim_result *x = numbered(t, name, r);
    ck_assert_msg(x->verdict == FP_UNDECIDED && strcmp(x->reason, "straddles-zero") == 0, "%s: %s is %s %s (%s)", condition, name, fp_verdict_word(x->verdict), x->reason, x->detail);
}

/* A root in (0, 2), dyadic or not; now and then where two steps of 3/8 meet. */
static char *some_root(void)
{
    long kind = draw(4);
    if (kind == 0) return fp_asprintf("%ld/1024", 1 + draw(2046));
    if (kind == 1) return fp_asprintf("(%ld*3/8 - 1/2^%ld)", 1 + draw(5), 20 + draw(50));
    return fp_asprintf("%ld/997", 1 + draw(1990));
}

/* Negative between root and root + 1/2^k only. */
static char *some_condition(const char *root, long k)
{
    static const char *const forms[] = {
        "(t - %s)*(t - %s - 1/2^%ld) <= 0",
        "3 - 3*(1 - (t - %s)*(t - %s - 1/2^%ld)) < 0",
        "(t - %s)*(t - %s - 1/2^%ld)*(t^2 - t + 1) < 0",
        "exp((t - %s)*(t - %s - 1/2^%ld)) <= 1",
        "abs(t - %s - (%s - (%s)) - 1/2^%ld/2) <= 1/2^%ld/2",
        "not (t - %s)*(t - %s - 1/2^%ld) > 0",
    };
    switch (draw(6)) {
    case 0: return fp_asprintf(forms[0], root, root, k);
    case 1: return fp_asprintf(forms[1], root, root, k);
    case 2: return fp_asprintf(forms[2], root, root, k);
    case 3: return fp_asprintf(forms[3], root, root, k);
    case 4: return fp_asprintf(forms[4], root, root, root, k, k);
    default: return fp_asprintf(forms[5], root, root, k);
    }
}

enum { CASES = 120 };

/* Of a condition that holds on [root, root + 1/2^k] first or last is known to 2^-55 and 1/2^k. */
static void add_case(fp_text *sheet, int r, const char *kind, const char *condition, const char *root, const char *later)
{
    fp_text_addf(sheet, "time K%d = %s t in [0, 2] with %s%s\n", r, kind, condition, later);
    fp_text_addf(sheet, "claim near%d: at K%d: %s - 1/2^50 <= t <= %s + 1/2^16\n", r, r, root, root);
    fp_text_addf(sheet, "claim far%d: at K%d: abs(t - %s) > 1/2^15\n", r, r, root);
    fp_text_addf(sheet, "claim since%d: always [K%d, 2]: t >= %s - 1/2^50\n", r, r, root);
}

START_TEST(events_as_short_as_a_2_to_64th_of_the_search_are_found)
{
    fp_text sheet = {0};
    char *conditions[CASES];
    tube_rig t;
    still(&t);
    for (int r = 0; r < CASES; r++) {
        long k = 16 + draw(48); /* the search is 2 long, so 1/2^63 is 2^-64 of it */
        char *root = some_root();
        conditions[r] = some_condition(root, k);
        add_case(&sheet, r, draw(2) ? "first" : "last", conditions[r], root, "");
        free(root);
    }
    tube_check(&t, (const char *const[]){"X.1", sheet.data, NULL});
    for (int r = 0; r < CASES; r++) {
        expect_proved(&t, "near", r, conditions[r]);
        ck_assert_msg(numbered(&t, "far", r)->verdict == FP_REFUTED, "%s: far", conditions[r]);
        expect_proved(&t, "since", r, conditions[r]);
        free(conditions[r]);
    }
    tube_end(&t);
    fp_text_clear(&sheet);
}
END_TEST

/* A later event, or an earlier one for `last t`, must not be taken for them. */
START_TEST(shorter_events_are_never_missed)
{
    fp_text sheet = {0};
    char *conditions[CASES];
    tube_rig t;
    still(&t);
    for (int r = 0; r < CASES; r++) {
        bool first = draw(2), alone = draw(3) == 0;
        char *root = some_root();
        conditions[r] = draw(4) ? some_condition(root, 64 + draw(200)) : fp_asprintf("(t - %s)^2 <= 0", root);
        add_case(&sheet, r, first ? "first" : "last", conditions[r], root, alone ? "" : first ? " or t >= 1999/1000" : " or t <= 1/1024");
        free(root);
    }
    tube_check(&t, (const char *const[]){"X.1", sheet.data, NULL});
    for (int r = 0; r < CASES; r++) {
        if (numbered(&t, "near", r)->verdict != FP_PROVED) expect_open(&t, "near", r, conditions[r]);
        if (numbered(&t, "far", r)->verdict != FP_REFUTED) expect_open(&t, "far", r, conditions[r]);
        if (numbered(&t, "since", r)->verdict != FP_PROVED) ck_assert_msg(numbered(&t, "since", r)->verdict == FP_UNDECIDED, "%s: since", conditions[r]);
        free(conditions[r]);
    }
    tube_end(&t);
    fp_text_clear(&sheet);
}
END_TEST

/* Steps are 3/8 long: both ends of one and its middle are roots. That sqrt(2)^2 is rounded hides the signs there, and only there. */
START_TEST(what_is_hidden_at_the_ends_and_in_the_middle_of_a_step_is_seen_between)
{
    tube_rig t;
    still(&t);
    tube_check(&t, (const char *const[]){"X.1",
                                         "time First = first t in [0, 2] with (t*sqrt(2)^2 - 3/4)*(t*sqrt(2)^2 - 9/8)*(t*sqrt(2)^2 - 3/2) >= 0\n"
                                         "time Last = last t in [0, 2] with (t*sqrt(2)^2 - 3/4)*(t*sqrt(2)^2 - 9/8)*(t*sqrt(2)^2 - 3/2) <= 0\n"
                                         "time Inside = last t in [1/4, 5/7] with (t*sqrt(2)^2 - 3/4)*(t*sqrt(2)^2 - 9/8)*(t*sqrt(2)^2 - 3/2) >= 0\n"
                                         "claim first: at First: abs(t - 3/8) <= 1/2^50\n"
                                         "claim last: at Last: abs(t - 3/4) <= 1/2^50\n"
                                         "claim inside: at Inside: abs(t - 9/16) <= 1/2^50\n",
                                         NULL});
    tube_expect(&t, "X.1/first", "proved");
    tube_expect(&t, "X.1/last", "proved");
    tube_expect(&t, "X.1/inside", "proved");
    tube_end(&t);
}
END_TEST

/* Many places at which the condition nearly holds use up what a step may cost, not what its later parts need. */
START_TEST(a_place_that_is_not_decided_leaves_something_for_those_behind_it)
{
    fp_text p = {0};
    tube_rig t;
    still(&t);
    for (int j = 1; j <= 12; j++) fp_text_addf(&p, "(t - %d/97)^2*", j);
    char *sheet = fp_asprintf("time Last = last t in [0, 3/8] with %s(t - 30/97) <= 0 and t >= 1/100\n"
                              "claim last: at Last: abs(t - 30/97) <= 1/2^50\n",
                              p.data);
    tube_check(&t, (const char *const[]){"X.1", sheet, NULL});
    tube_expect(&t, "X.1/last", "proved");
    tube_end(&t);
    fp_text_clear(&p);
    free(sheet);
}
END_TEST

/* What is true of the first and the last time at which a polynomial is negative, in units of 1/1009: `time`, or NEVER, or held at the end. clear: no double root lies between it and the end of the search
 * that it is counted from. */
enum { NEVER = -1, HELD = -2, ROOTS = 5, POLYNOMIALS = 60 };
typedef struct {
    long time;
    bool clear;
} sign_change;

static char *some_polynomial(sign_change *first, sign_change *last)
{
    fp_text p = {0};
    long root = 0, sign = 1;
    bool touched = false;
    *first = *last = (sign_change){NEVER, true};
    for (int j = 0; j < ROOTS; j++) {
        bool twice = draw(2);
        root += 1 + draw(400); /* below 2 */
        fp_text_addf(&p, "%s(%ld/1009 - t)%s", j ? "*" : "", root, twice ? "^2" : "");
        touched |= twice;
        if (twice) {
            last->clear = false;
            continue;
        }
        sign = -sign;
        if (first->time == NEVER) *first = (sign_change){root, !touched};
        *last = (sign_change){sign > 0 ? root : HELD, true};
    }
    return p.data;
}

static void check_sign(const tube_rig *t, const char *name, int r, const sign_change *wanted, const char *p)
{
    const fp_claim_result *x = numbered(t, name, r);
    bool missed = strcmp(x->reason, "time-not-reached") == 0, found = x->verdict == FP_PROVED, open = x->verdict == FP_UNDECIDED;
    if (wanted->time == NEVER) ck_assert_msg(open, "%s of %s is found", name, p);
    if (wanted->time == HELD) ck_assert_msg(open && missed, "%s of %s holds at the end", name, p);
    if (wanted->time >= 0) ck_assert_msg(found || (open && !missed && !wanted->clear), "%s of %s at %ld/1009: %s %s (%s)", name, p, wanted->time, fp_verdict_word(x->verdict), x->reason, x->detail);
}

START_TEST(the_first_and_last_sign_of_a_polynomial_is_that_of_its_roots)
{
    fp_text sheet = {0};
    char *p[POLYNOMIALS];
    sign_change first[POLYNOMIALS], last[POLYNOMIALS];
    tube_rig t;
    still(&t);
    for (int r = 0; r < POLYNOMIALS; r++) {
        p[r] = some_polynomial(&first[r], &last[r]);
        fp_text_addf(&sheet, "time A%d = first t in [0, 2] with %s < 0\ntime B%d = last t in [0, 2] with %s < 0\n", r, p[r], r, p[r]);
        fp_text_addf(&sheet, "claim a%d: at A%d: abs(t - %ld/1009) <= 1/2^50\nclaim b%d: at B%d: abs(t - %ld/1009) <= 1/2^50\n", r, r, first[r].time, r, r, last[r].time);
    }
    tube_check(&t, (const char *const[]){"X.1", sheet.data, NULL});
    for (int r = 0; r < POLYNOMIALS; r++) {
        check_sign(&t, "a", r, &first[r], p[r]);
        check_sign(&t, "b", r, &last[r], p[r]);
        free(p[r]);
    }
    tube_end(&t);
    fp_text_clear(&sheet);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tube_events");
    TCase *tests = tcase_create("tube_events");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, events_as_short_as_a_2_to_64th_of_the_search_are_found);
    tcase_add_test(tests, shorter_events_are_never_missed);
    tcase_add_test(tests, what_is_hidden_at_the_ends_and_in_the_middle_of_a_step_is_seen_between);
    tcase_add_test(tests, a_place_that_is_not_decided_leaves_something_for_those_behind_it);
    tcase_add_test(tests, the_first_and_last_sign_of_a_polynomial_is_that_of_its_roots);
    suite_add_tcase(suite, tests);
    return fp_test_main(suite);
}
