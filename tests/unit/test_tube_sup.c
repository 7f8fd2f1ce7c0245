/* SPDX-License-Identifier: MIT */
/* sup(e) on tubes: the true supremum to a relative 1e-9 where the tube is thin, and never anything else. */
#include "../support/tube_rig.h"

typedef struct {
    const char *e, *at, *sup; /* at this time it is sup */
    bool thin;                /* in a fat tube 200 pieces do not do */
} known;

static const known table[] = {
    {"1 - (t - 49/50)^2", "2", "1", false},                                   /* inside a step */
    {"1 - (t - 49/50)^2", "98/100", "1", false},                              /* at the end of the window */
    {"1 - (t - 49/50)^2", "1/2", "1 - (12/25)^2", false},                     /* not yet */
    {"t*exp(-t)", "3/2", "exp(-1)", false},
    {"exp(-t)*(t - 1/7)", "2", "exp(-8/7)", false},
    {"t", "4/3", "4/3", false},                                               /* at the right end */
    {"exp(-t)", "2", "1", false},                                             /* at t = 0 */
    {"0 - t - 1/3", "2", "0 - 1/3", false},                                   /* below 0 */
    {"1/2 - (t - 1)^2*(t - 1/3)^2", "2", "1/2", false},                       /* twice as high */
    {"max(1 - 100*(t - 3/10)^2, 1 + 1/10^9 - 100*(t - 17/10)^2)", "1", "1", false},
    {"max(1 - 100*(t - 3/10)^2, 1 + 1/10^6 - 100*(t - 17/10)^2)", "2", "1 + 1/10^6", false}, /* hardly higher the second time */
    {"1 - abs(t - 1/3)", "2", "1", false},                                    /* kinks */
    {"min(t, 2/3 - t)", "2", "1/3", false},
    {"max(abs(t - 1), 9/10 - t)", "3/2", "1", false},
    {"1/(1 + 10^8*(t - 12345678/10000000)^2)", "2", "1", true},        /* a peak of width 1e-4 */
    {"7/10 + 0*t", "2", "7/10", false},                                       /* constant */
    {"t - t - 3", "2", "0 - 3", false},
    {"(t - 1)^3", "5/3", "(2/3)^3", false},                                   /* flat where it rises */
    {"1 - (t - 49/50)^4", "2", "1", false},                                   /* flat at the top */
    {"10^12*(1 - (t - 1/7)^2)", "2", "10^12", false},
    {"1/10^12 - (t - 1/7)^2/10^12", "2", "1/10^12", false},
};

enum { KNOWN = sizeof table / sizeof *table };

static void still(tube_rig *t)
{
    tube_begin(t);
    t->mock[0].still = t->mock[1].still = true;
}

/* Claims at a time, and over a window up to it whose end is excluded. */
static char *claims_of(const known *k, int r)
{
    return fp_asprintf("time K%d = %s\n"
                       "claim least%d: at K%d: sup(%s) >= %s - abs(%s)/10^9\n"
                       "claim most%d: at K%d: sup(%s) <= %s + abs(%s)/10^9\n"
                       "claim low%d: at K%d: sup(%s) < %s - 3*abs(%s)/10^9\n"
                       "claim high%d: at K%d: sup(%s) > %s + 3*abs(%s)/10^9\n"
                       "claim until%d: always [0, K%d): sup(%s) <= %s + abs(%s)/10^9\n"
                       "claim sharp%d: at K%d: sup(%s) < %s - abs(%s)/10^16\n"
                       "claim once%d: eventually (0, K%d): sup(%s) >= %s - abs(%s)/1000\n",
                       r, k->at, r, r, k->e, k->sup, k->sup, r, r, k->e, k->sup, k->sup, r, r, k->e, k->sup, k->sup, r, r, k->e, k->sup, k->sup, r, r, k->e, k->sup, k->sup, r, r, k->e, k->sup, k->sup, r, r, k->e, k->sup, k->sup);
}

static void expect_number(const tube_rig *t, const char *name, int r, const char *wanted)
{
    char *id = fp_asprintf("X.1/%s%d", name, r);
    tube_expect(t, id, wanted);
    free(id);
}

START_TEST(a_supremum_is_known_to_a_relative_billionth)
{
    fp_text sheet = {0};
    tube_rig t;
    still(&t);
    for (int r = 0; r < KNOWN; r++) {
        char *claims = claims_of(&table[r], r);
        fp_text_add(&sheet, claims);
        free(claims);
    }
    tube_check(&t, (const char *const[]){"X.1", sheet.data, NULL});
    for (int r = 0; r < KNOWN; r++) {
        expect_number(&t, "least", r, "proved");
        expect_number(&t, "most", r, "proved");
        expect_number(&t, "low", r, "refuted");
        expect_number(&t, "high", r, "refuted");
        expect_number(&t, "until", r, "proved");
        expect_number(&t, "once", r, "proved");
        char *id = fp_asprintf("X.1/sharp%d", r);
        ck_assert_msg(tube_result(&t, id)->verdict != FP_PROVED, "%s: %s", id, table[r].e);
        free(id);
    }
    tube_end(&t);
    fp_text_clear(&sheet);
}
END_TEST

/* The difference of a product of neurons from itself is 0 for the true solution; in a tube it is a ball that the tube makes wide. */
START_TEST(in_a_fat_tube_the_truth_is_inside)
{
    static const double noise[] = {1e-4, 1e-2}; /* thinner, and the view over an interval is much wider than at a time: it takes more pieces than there are */
    for (size_t k = 0; k < sizeof noise / sizeof *noise; k++) {
        fp_text sheet = {0};
        tube_rig t;
        still(&t);
        t.mock[0].noise = t.mock[1].noise = noise[k];
        for (int r = 0; r < KNOWN; r++) {
            known fat = table[r];
            char *e = fp_asprintf("%s + (WW[1,2] - WW[1,2])", fat.e), *all;
            fat.e = e;
            char *claims = claims_of(&fat, r);
            all = fp_asprintf("%sclaim near%d: at K%d: abs(sup(%s) - (%s)) <= abs(%s)/10^9 + %.17g\n", claims, r, r, e, fat.sup, fat.sup, 10 * noise[k]); /* e is known to 2 noise, and pieces may leave room for 8 */
            fp_text_add(&sheet, all);
            free(all);
            free(claims);
            free(e);
        }
        tube_check(&t, (const char *const[]){"X.1", sheet.data, NULL});
        for (int r = 0; r < KNOWN; r++) {
            if (!table[r].thin) expect_number(&t, "near", r, "proved");
            static const char *const names[] = {"least", "most", "until", "once", "low", "high"};
            for (int j = 0; j < 6; j++) {
                char *id = fp_asprintf("X.1/%s%d", names[j], r);
                fp_verdict verdict = tube_result(&t, id)->verdict;
                ck_assert_msg(verdict != (j < 4 ? FP_REFUTED : FP_PROVED), "noise %g: %s of %s is %s", noise[k], names[j], table[r].e, fp_verdict_word(verdict));
                free(id);
            }
        }
        tube_end(&t);
        fp_text_clear(&sheet);
    }
}
END_TEST

/* What rises up to an end that does not belong to the window does not reach its limit there. */
START_TEST(a_supremum_is_not_attained_at_an_end_that_is_excluded)
{
    tube_rig t;
    still(&t);
    tube_check(&t, (const char *const[]){"X.1",
                                         "claim below: always [0, 1): sup(t) < 1\n"
                                         "claim reaches: always [0, 1]: sup(t) < 1\n"
                                         "claim nearly: always [0, 1): sup(t) < 1 - 1/10^9\n"
                                         "claim once: eventually [0, 1): sup(t) > 1 - 1/10^9\n"
                                         "claim never: eventually [0, 1): sup(t) >= 1\n"
                                         "claim after: always (1, 2]: sup(t) > 1\n"
                                         "claim bump: always (1, 2]: sup(t*(2 - t)) > 1 - 1/10^9\n"
                                         "claim zero: always (0, 1]: sup(0 - t) < 0\n",
                                         NULL});
    static const char *const expected[][2] = {{"X.1/below", "proved"}, {"X.1/reaches", "refuted"}, {"X.1/nearly", "refuted"}, {"X.1/once", "proved"}, {"X.1/never", "refuted"},
                                              {"X.1/after", "proved"}, {"X.1/bump", "proved"}, {NULL, NULL}};
    for (int r = 0; expected[r][0]; r++) tube_expect(&t, expected[r][0], expected[r][1]);
    ck_assert(tube_result(&t, "X.1/zero")->verdict != FP_PROVED);
    tube_end(&t);
}
END_TEST

/* Of a derivative there is no second one: pieces close with their length only. */
START_TEST(a_supremum_of_a_derivative_is_enclosed)
{
    tube_rig t;
    still(&t);
    tube_check(&t, (const char *const[]){"X.1",
                                         "claim least: at 2: sup(d(t - (t - 49/50)^3)) >= 1 - 1/10^3\n"
                                         "claim most: at 2: sup(d(t - (t - 49/50)^3)) <= 1 + 1/10\n"
                                         "claim low: at 2: sup(d(t - (t - 49/50)^3)) <= 9/10\n",
                                         NULL});
    tube_expect(&t, "X.1/least", "proved");
    tube_expect(&t, "X.1/most", "proved");
    tube_expect(&t, "X.1/low", "refuted");
    tube_end(&t);
}
END_TEST

/* ---- random polynomials: the least and greatest values of a dense grid bound the supremum to within the grid */
static uint64_t seed = 20240611;

static long draw(long most)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (long)((seed >> 33) % (uint64_t)most);
}

START_TEST(random_polynomials_have_the_supremum_that_a_grid_shows)
{
    enum { CASES = 60, DEGREE = 5, GRID = 20000 };
    fp_text sheet = {0};
    tube_rig t;
    still(&t);
    for (int r = 0; r < CASES; r++) {
        double c[DEGREE + 1], best = -INFINITY, bend = 0, end = (double)(1 + draw(64)) / 32;
        fp_text e = {0};
        for (int k = 0; k <= DEGREE; k++) {
            c[k] = (double)(draw(33) - 16);
            fp_text_addf(&e, "%s(%ld)*t^%d", k ? " + " : "", (long)c[k], k);
            bend += fabs(c[k]) * k * (k - 1) * pow(2, k);
        }
        for (int g = 0; g <= GRID; g++) {
            double x = end * g / GRID, y = 0;
            for (int k = DEGREE; k >= 0; k--) y = y * x + c[k];
            best = fmax(best, y);
        }
        double step = end / GRID, room = bend * step * step + 1e-9 * (1 + fabs(best)); /* between two points of the grid no more than bend step^2/8, and rounding */
        fp_text_addf(&sheet, "time K%d = %ld/32\nclaim a%d: at K%d: %.17g <= sup(%s) <= %.17g\n", r, lround(32 * end), r, r, best - room, e.data, best + room);
        fp_text_clear(&e);
    }
    tube_check(&t, (const char *const[]){"X.1", sheet.data, NULL});
    for (int r = 0; r < CASES; r++) expect_number(&t, "a", r, "proved");
    tube_end(&t);
    fp_text_clear(&sheet);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tube_sup");
    TCase *tests = tcase_create("tube_sup");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_supremum_is_known_to_a_relative_billionth);
    tcase_add_test(tests, in_a_fat_tube_the_truth_is_inside);
    tcase_add_test(tests, a_supremum_is_not_attained_at_an_end_that_is_excluded);
    tcase_add_test(tests, a_supremum_of_a_derivative_is_enclosed);
    tcase_add_test(tests, random_polynomials_have_the_supremum_that_a_grid_shows);
    suite_add_tcase(suite, tests);
    return fp_test_main(suite);
}
