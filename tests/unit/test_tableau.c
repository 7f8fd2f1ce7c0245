/* SPDX-License-Identifier: MIT */
/* Every order condition of the tableau, from the rooted trees themselves (Butcher; HNW I, II.2): a method has order p if
 * sum_s b_s phi_s(t) = 1/gamma(t) for all rooted trees t of at most p nodes. Everything in exact rationals. */
#include "../support/fp_check.h"
#include "flowproof/integrate.h"

enum { S = FP_DP_STAGES, MAX_ORDER = 5, MAX_TREES = 32, MAX_CHILDREN = MAX_ORDER, DEGREE = 4 };

/* A tree is its children (indices of smaller trees, not increasing); phi_s(t) = product over children c of sum_j a_sj phi_j(c). */
typedef struct {
    int order, count, child[MAX_CHILDREN];
    mpq_t gamma, phi[S];
} tree;

typedef struct {
    tree list[MAX_TREES];
    int count;
} forest;

static fp_tableau tab;
static forest trees;

static void finish_tree(tree *t)
{
    mpq_t sum, x;
    mpq_inits(sum, x, t->gamma, (mpq_ptr)NULL);
    mpq_set_si(t->gamma, t->order, 1);
    for (int s = 0; s < S; s++) {
        mpq_init(t->phi[s]);
        mpq_set_ui(t->phi[s], 1, 1);
    }
    for (int c = 0; c < t->count; c++) {
        const tree *sub = &trees.list[t->child[c]];
        mpq_mul(t->gamma, t->gamma, sub->gamma);
        for (int s = 0; s < S; s++) {
            mpq_set_ui(sum, 0, 1);
            for (int j = 0; j < S; j++) {
                mpq_mul(x, tab.a[s][j], sub->phi[j]);
                mpq_add(sum, sum, x);
            }
            mpq_mul(t->phi[s], t->phi[s], sum);
        }
    }
    mpq_clears(sum, x, (mpq_ptr)NULL);
}

/* Adds every tree of `order` nodes whose first children are those of *head and whose further children have index <= most. */
static void grow(const tree *head, int left, int most)
{
    if (left == 0) {
        ck_assert_int_lt(trees.count, MAX_TREES);
        trees.list[trees.count] = *head;
        finish_tree(&trees.list[trees.count++]);
        return;
    }
    for (int c = 0; c <= most; c++)
        if (trees.list[c].order <= left) {
            tree longer = *head;
            longer.child[longer.count++] = c;
            grow(&longer, left - trees.list[c].order, c);
        }
}

static void setup(void)
{
    fp_tableau_dopri5(&tab);
    trees.count = 0;
    for (int order = 1; order <= MAX_ORDER; order++)
        grow(&(tree){.order = order}, order - 1, trees.count - 1);
}

static void teardown(void)
{
    for (int i = 0; i < trees.count; i++) {
        mpq_clear(trees.list[i].gamma);
        for (int s = 0; s < S; s++)
            mpq_clear(trees.list[i].phi[s]);
    }
    fp_tableau_clear(&tab);
}

/* out = sum_s w_s phi_s */
static void weigh(mpq_t out, mpq_t w[S], const tree *t)
{
    mpq_t x;
    mpq_init(x);
    mpq_set_ui(out, 0, 1);
    for (int s = 0; s < S; s++) {
        mpq_mul(x, w[s], t->phi[s]);
        mpq_add(out, out, x);
    }
    mpq_clear(x);
}

START_TEST(there_are_1_1_2_4_9_rooted_trees_of_1_to_5_nodes)
{
    int per_order[MAX_ORDER + 1] = {0};
    for (int i = 0; i < trees.count; i++)
        per_order[trees.list[i].order]++;
    ck_assert_int_eq(trees.count, 17);
    ck_assert(per_order[1] == 1 && per_order[2] == 1 && per_order[3] == 2 && per_order[4] == 4 && per_order[5] == 9);
}
END_TEST

START_TEST(each_row_of_a_sums_to_its_c_and_a_is_strictly_lower)
{
    mpq_t sum;
    mpq_init(sum);
    for (int s = 0; s < S; s++) {
        mpq_set_ui(sum, 0, 1);
        for (int j = 0; j < S; j++) {
            mpq_add(sum, sum, tab.a[s][j]);
            ck_assert(j < s || mpq_sgn(tab.a[s][j]) == 0);
        }
        ck_assert_msg(mpq_equal(sum, tab.c[s]), "row %d", s + 1);
    }
    mpq_clear(sum);
}
END_TEST

/* Number of trees up to `order` whose condition sum w phi = 1/gamma fails. */
static int failures(mpq_t w[S], int order)
{
    int bad = 0;
    mpq_t sum;
    mpq_init(sum);
    for (int i = 0; i < trees.count; i++) {
        if (trees.list[i].order > order)
            continue;
        weigh(sum, w, &trees.list[i]);
        mpq_mul(sum, sum, trees.list[i].gamma);
        bad += mpq_cmp_ui(sum, 1, 1) != 0;
    }
    mpq_clear(sum);
    return bad;
}

START_TEST(b_satisfies_all_17_conditions_of_order_5)
{
    ck_assert_int_eq(failures(tab.b, 5), 0);
}
END_TEST

START_TEST(bhat_satisfies_the_8_conditions_of_order_4_and_not_order_5)
{
    mpq_t bhat[S];
    for (int s = 0; s < S; s++) {
        mpq_init(bhat[s]);
        mpq_sub(bhat[s], tab.b[s], tab.e[s]);
    }
    ck_assert_int_eq(failures(bhat, 4), 0);
    ck_assert_int_gt(failures(bhat, 5), 0); /* else the error estimate would be blind */
    for (int s = 0; s < S; s++)
        mpq_clear(bhat[s]);
}
END_TEST

START_TEST(the_last_stage_is_the_end_of_the_step_and_the_second_weight_is_0)
{
    for (int j = 0; j < S; j++)
        ck_assert(mpq_equal(tab.a[S - 1][j], tab.b[j]));
    ck_assert(mpq_cmp_ui(tab.c[S - 1], 1, 1) == 0);
    ck_assert(mpq_sgn(tab.b[1]) == 0 && mpq_sgn(tab.e[1]) == 0 && mpq_sgn(tab.d[1]) == 0);
}
END_TEST

/* ---- the continuous extension as polynomials in theta, from Hairer's nested form
 * y0 + theta (dy + (1-theta) (r2 + theta (r3 + (1-theta) r4))), dy = h sum b k, r2 = h k1 - dy, r3 = dy - h k7 - r2, r4 = h sum d k */
typedef struct {
    mpq_t c[DEGREE + 1];
} poly;

static void poly_init(poly *p)
{
    for (int i = 0; i <= DEGREE; i++)
        mpq_init(p->c[i]);
}

static void poly_clear(poly *p)
{
    for (int i = 0; i <= DEGREE; i++)
        mpq_clear(p->c[i]);
}

/* p = p * theta, or p * (1 - theta) */
static void poly_mul(poly *p, bool by_rest)
{
    ck_assert(mpq_sgn(p->c[DEGREE]) == 0);
    for (int i = DEGREE; i >= 0; i--) {
        if (!by_rest)
            mpq_set_ui(p->c[i], 0, 1);
        if (i > 0 && by_rest)
            mpq_sub(p->c[i], p->c[i], p->c[i - 1]);
        else if (i > 0)
            mpq_set(p->c[i], p->c[i - 1]);
    }
}

static void dense_polynomial(poly *p, int s)
{
    mpq_t r2, r3;
    mpq_inits(r2, r3, (mpq_ptr)NULL);
    mpq_set_si(r2, s == 0, 1);
    mpq_sub(r2, r2, tab.b[s]);
    mpq_set_si(r3, s == S - 1, 1);
    mpq_sub(r3, tab.b[s], r3);
    mpq_sub(r3, r3, r2);
    mpq_set(p->c[0], tab.d[s]);
    poly_mul(p, true);
    mpq_add(p->c[0], p->c[0], r3);
    poly_mul(p, false);
    mpq_add(p->c[0], p->c[0], r2);
    poly_mul(p, true);
    mpq_add(p->c[0], p->c[0], tab.b[s]);
    poly_mul(p, false);
    mpq_clears(r2, r3, (mpq_ptr)NULL);
}

START_TEST(the_dense_weights_satisfy_the_continuous_conditions_of_order_4_identically_in_theta)
{
    poly p[S];
    mpq_t w[S], sum, want;
    mpq_inits(sum, want, (mpq_ptr)NULL);
    for (int s = 0; s < S; s++) {
        poly_init(&p[s]);
        mpq_init(w[s]);
        dense_polynomial(&p[s], s);
    }
    for (int i = 0; i < trees.count && trees.list[i].order <= 4; i++)
        for (int power = 0; power <= DEGREE; power++) {
            for (int s = 0; s < S; s++)
                mpq_set(w[s], p[s].c[power]);
            weigh(sum, w, &trees.list[i]);
            mpq_set_ui(want, 0, 1);
            if (power == trees.list[i].order)
                mpq_inv(want, trees.list[i].gamma);
            ck_assert_msg(mpq_equal(sum, want), "tree %d, theta^%d", i, power);
        }
    for (int s = 0; s < S; s++) {
        poly_clear(&p[s]);
        mpq_clear(w[s]);
    }
    mpq_clears(sum, want, (mpq_ptr)NULL);
}
END_TEST

START_TEST(the_dense_weights_meet_value_and_slope_at_both_ends)
{
    poly p;
    mpq_t value, slope, x;
    mpq_inits(value, slope, x, (mpq_ptr)NULL);
    for (int s = 0; s < S; s++) {
        poly_init(&p);
        dense_polynomial(&p, s);
        ck_assert(mpq_sgn(p.c[0]) == 0);                   /* y0 at theta = 0 */
        ck_assert(mpq_cmp_si(p.c[1], s == 0, 1) == 0);     /* h k1 there */
        mpq_set_ui(value, 0, 1);
        mpq_set_ui(slope, 0, 1);
        for (int i = 0; i <= DEGREE; i++) {
            mpq_add(value, value, p.c[i]);
            mpq_set_si(x, i, 1);
            mpq_mul(x, x, p.c[i]);
            mpq_add(slope, slope, x);
        }
        ck_assert(mpq_equal(value, tab.b[s]));             /* y1 at theta = 1 */
        ck_assert(mpq_cmp_si(slope, s == S - 1, 1) == 0);  /* h k7 there */
        poly_clear(&p);
    }
    mpq_clears(value, slope, x, (mpq_ptr)NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tableau");
    TCase *tc = tcase_create("order conditions");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, there_are_1_1_2_4_9_rooted_trees_of_1_to_5_nodes);
    tcase_add_test(tc, each_row_of_a_sums_to_its_c_and_a_is_strictly_lower);
    tcase_add_test(tc, b_satisfies_all_17_conditions_of_order_5);
    tcase_add_test(tc, bhat_satisfies_the_8_conditions_of_order_4_and_not_order_5);
    tcase_add_test(tc, the_last_stage_is_the_end_of_the_step_and_the_second_weight_is_0);
    tcase_add_test(tc, the_dense_weights_satisfy_the_continuous_conditions_of_order_4_identically_in_theta);
    tcase_add_test(tc, the_dense_weights_meet_value_and_slope_at_both_ends);
    suite_add_tcase(suite, tc);
    return fp_test_main(suite);
}
