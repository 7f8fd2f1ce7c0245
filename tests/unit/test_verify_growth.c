/* SPDX-License-Identifier: MIT */
/* The verifier's comparison matrix against the matrix M that it bounds, evaluated by other means (support/second_variation.h): the form on sparse directions and pair of blocks by pair of blocks, for M and
 * for -M; its parts are removed in turn, and then the inequality must fail; largest eigenvalues. */
#include <math.h>
#include <stdlib.h>

#include "../support/fp_check.h"
#include "../support/leg_growth.h"

START_TEST(the_form_of_M_and_of_its_negative_are_below_that_of_the_comparison_matrix)
{
    leg_growth b;
    fp_rng r;
    leg_growth_open(&b, _i);
    fp_rng_init(&r, 6, (uint32_t)_i);
    double *direction = fp_alloc(b.at.s.dim, sizeof *direction);
    for (int state = 0; state < GROWTH_STATES; state++) {
        for (int k = 0; k < 300; k++) {
            plain_sparse_direction(direction, &b.at.s, &r, k % 3 == 0 ? 12 : 3);
            double M = (double)plain_M(&b.at.s, direction), most = leg_growth_form(&b, ALL_PARTS, direction);
            ck_assert_msg(fabs(M) <= most * (1 + 1e-9), "case %d, state %d, direction %d: %.17g, form %.17g", _i, state, k, M, most);
        }
        leg_growth_advance(&b, state);
    }
    free(direction);
    leg_growth_close(&b);
}
END_TEST

/* One Cauchy-Schwarz is all that lies between M and the parts with 1. */
static const double least_share[PARTS] = {0.999, 0.85, 0.83, 0.999, 0.998, 0.998};

START_TEST(every_pair_of_blocks_is_bounded_and_every_part_is_needed)
{
    leg_shares s = {{{0}}};
    for (int k = 0; k < GROWTH_CASES; k++) {
        leg_growth b;
        if (k == GROWTH_TRIVIAL || k == GROWTH_LARGE) continue;
        leg_growth_open(&b, k);
        leg_growth_check_pairs(&s, &b);
        leg_growth_advance(&b, 0);
        leg_growth_check_pairs(&s, &b);
        leg_growth_close(&b);
    }
    for (int p = 0; p < PARTS; p++)
        for (int negative = 0; negative < 2; negative++)
            ck_assert_msg(s.share[p][negative] >= least_share[p], "%s%s: only %g of it is needed", negative ? "-M, " : "", leg_part_name[p], s.share[p][negative]);
}
END_TEST

/* ---- eigenvalues */
typedef struct {
    double ratio[2];     /* of M, of -M */
    bool needed[PARTS];
} eigen_seen;

static void see(eigen_seen *s, leg_growth *b, size_t first, const char *where)
{
    size_t offset = plain_block(&b->at.s, first), n = b->at.s.dim - offset;
    double *M = plain_M_dense(&b->at.s, offset), mu = leg_growth_bound(b, ALL_PARTS, first);
    for (int negative = 0; negative < 2; negative++) {
        double lambda = largest_eigenvalue(M, n);
        ck_assert_msg(lambda <= mu, "%s, from block %zu on: eigenvalue %.12g above mu = %.12g", where, first, lambda, mu);
        s->ratio[negative] = fmax(s->ratio[negative], lambda / mu);
        for (int p = 0; p < PARTS; p++) s->needed[p] |= lambda > leg_growth_bound(b, ALL_PARTS & ~(1u << p), first) * (1 + 1e-6);
        for (size_t e = 0; e < n * n; e++) M[e] = -M[e];
    }
    free(M);
}

/* Of all blocks, and of K and Q by themselves */
START_TEST(the_largest_eigenvalues_of_M_and_of_its_negative_are_at_most_mu)
{
    eigen_seen all = {{0}, {0}}, scores = {{0}, {0}};
    char where[64];
    for (int k = 0; k < GROWTH_CASES; k++) {
        leg_growth b;
        if (k == GROWTH_LARGE || k == GROWTH_TRIVIAL) continue;
        leg_growth_open(&b, k);
        for (int state = 0; state < GROWTH_STATES; state++) {
            snprintf(where, sizeof where, "case %d, state %d", k, state);
            see(&all, &b, 0, where);
            see(&scores, &b, 1 + (size_t)b.leg->d, where);
            leg_growth_advance(&b, state);
        }
        leg_growth_close(&b);
    }
    for (int negative = 0; negative < 2; negative++) {
        ck_assert_msg(all.ratio[negative] >= 0.9, "largest ratio %.4f", all.ratio[negative]); /* 0.9 mu would be noticed */
        ck_assert_msg(scores.ratio[negative] >= 0.86, "largest ratio %.4f", scores.ratio[negative]);
    }
    ck_assert(all.needed[LINEAR_UV] && all.needed[THIRD] && all.needed[BY_KEY_AND_QUERY] && scores.needed[LINEAR_KQ] && scores.needed[THIRD]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("growth of the verifier");
    TCase *cases = tcase_create("mu");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, the_form_of_M_and_of_its_negative_are_below_that_of_the_comparison_matrix, 0, GROWTH_CASES);
    tcase_add_test(cases, every_pair_of_blocks_is_bounded_and_every_part_is_needed);
    tcase_add_test(cases, the_largest_eigenvalues_of_M_and_of_its_negative_are_at_most_mu);
    suite_add_tcase(suite, cases);
    return fp_test_main(suite);
}
