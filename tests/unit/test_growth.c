/* SPDX-License-Identifier: MIT */
/* The comparison matrix against the matrix it bounds, evaluated by other means (second_variation.h): block by block, since the largest eigenvalue does not see the small ones. Every
 * block's test also removes that block and must then see the inequality fail. */
#include <math.h>
#include <stdlib.h>

#include "../support/fp_check.h"
#include "../support/growth_rig.h"

/* ---- the reference itself */
/* The Jacobian of the flow along a direction, from its own field: x^T Df x by a central difference with step 2^-30 at 128 bits (error about 2^-60 of the third derivative). */
static double field_form(growth_rig *t, const double *direction)
{
    const fp_layout *at = fp_flow_layout(t->flow);
    const size_t from[] = {0, t->s.v, t->s.k, t->s.q, t->s.dim}, to[] = {at->u, at->V, at->K, at->Q};
    fp_vec *side[2], *slope[2];
    mpfr_t x, time;
    mpfr_inits2(GROWTH_PREC, x, time, (mpfr_ptr)0);
    mpfr_set_zero(time, 1);
    for (int k = 0; k < 2; k++) {
        side[k] = fp_vec_new(at->dim, GROWTH_PREC), slope[k] = fp_vec_new(at->dim, GROWTH_PREC);
        for (int b = 0; b < 4; b++)
            for (size_t e = from[b]; e < from[b + 1]; e++) {
                mpfr_set_d(x, (k ? -1 : 1) * 0x1p-30 * direction[e] * (b == 0 ? sqrt((double)t->p.m1) : 1), MPFR_RNDN);
                mpfr_add_d(x, x, t->s.x[e], MPFR_RNDN);
                fp_vec_set(side[k], to[b] + e - from[b], x);
            }
        fp_flow_field(t->flow)->rhs(slope[k], time, side[k], fp_flow_field(t->flow)->ctx);
    }
    double sum = 0;
    for (int b = 0; b < 4; b++)
        for (size_t e = from[b]; e < from[b + 1]; e++) {
            fp_vec_get(x, slope[0], to[b] + e - from[b]);
            fp_vec_get(time, slope[1], to[b] + e - from[b]);
            mpfr_sub(x, x, time, MPFR_RNDN);
            sum += direction[e] * mpfr_get_d(x, MPFR_RNDN) * 0x1p29 / (b == 0 ? sqrt((double)t->p.m1) : 1);
        }
    for (int k = 0; k < 2; k++)
        fp_vec_free(side[k]), fp_vec_free(slope[k]);
    mpfr_clears(x, time, (mpfr_ptr)0);
    return sum;
}

START_TEST(the_second_variation_of_the_loss_is_the_jacobian_of_the_flow)
{
    growth_rig t;
    fp_rng r;
    growth_rig_open(&t, _i);
    fp_rng_init(&r, 5, (uint32_t)_i);
    double *direction = fp_alloc(t.s.dim, sizeof *direction);
    for (int k = 0; k < 10; k++) {
        plain_sparse_direction(direction, &t.s, &r, 40);
        double field = field_form(&t, direction), form_value = (double)plain_minus_hessian(&t.s, direction), size = 0;
        for (size_t e = 0; e < t.s.dim; e++)
            size += direction[e] * direction[e];
        ck_assert_msg(fabs(field - form_value) <= 1e-11 * size, "case %d: %.15g from the field, %.15g", _i, field, form_value);
        ck_assert(form_value <= (double)plain_M(&t.s, direction));
    }
    free(direction);
    growth_rig_close(&t);
}
END_TEST

/* ---- the inequality */
START_TEST(the_form_of_M_is_below_that_of_the_comparison_matrix)
{
    growth_rig t;
    fp_rng r;
    growth_rig_open(&t, _i);
    fp_rng_init(&r, 6, (uint32_t)_i);
    double *direction = fp_alloc(t.s.dim, sizeof *direction);
    for (int state = 0; state < GROWTH_STATES; state++) {
        const fp_comparison *B = growth_rig_matrix(&t);
        for (int k = 0; k < 300; k++) {
            plain_sparse_direction(direction, &t.s, &r, k % 3 == 0 ? 12 : 3);
            double M = (double)plain_M(&t.s, direction), bound = comparison_form(B, &t.s, direction);
            ck_assert_msg(M <= bound * (1 + 1e-9), "case %d, state %d, direction %d: %.17g above %.17g", _i, state, k, M, bound);
        }
        growth_rig_advance(&t, state);
    }
    free(direction);
    growth_rig_close(&t);
}
END_TEST

typedef struct {
    double ratio[FAMILIES];
    bool removed_fails[FAMILIES];
} sharpness;

static void check_family(sharpness *seen, growth_rig *t, const fp_comparison *B, const double *M, int f, const char *where)
{
    double *direction = fp_alloc(t->s.dim, sizeof *direction);
    fp_comparison broken;
    comparison_without(&broken, B, &t->s.shape, 1u << f);
    for (size_t e = 0; e < comparison_size(B, f); e++) {
        size_t a, b;
        comparison_blocks(&a, &b, B, f, e);
        comparison_direction(direction, &t->s, M, a, b);
        double value = (double)plain_M(&t->s, direction), bound = comparison_form(B, &t->s, direction);
        ck_assert_msg(value <= bound * (1 + 1e-9) + 1e-16, "%s, %s entry %zu: %.17g above %.17g", where, comparison_name[f], e, value, bound);
        if (value > comparison_form(&broken, &t->s, direction) * (1 + 1e-6) + 1e-12)
            seen->removed_fails[f] = true;
        if (f < KK || f > KQ) { /* one Cauchy-Schwarz or little more, for this entry alone: 4 x_a.M x_b = M(x_a + x_b) - M(x_a - x_b) */
            for (size_t i = plain_block(&t->s, a); i < plain_block(&t->s, a + 1); i++)
                direction[i] = -direction[i];
            value -= (double)plain_M(&t->s, direction);
            bound = 4 * mag_get_d(comparison_entries(B, f) + e);
            ck_assert_msg(value <= bound * (1 + 1e-9) + 1e-16, "%s, %s entry %zu alone: %.17g above %.17g", where, comparison_name[f], e, value, bound);
        }
        if (bound > 1e-12)
            seen->ratio[f] = fmax(seen->ratio[f], value / bound);
    }
    fp_comparison_clear(&broken);
    free(direction);
}

/* Least ratio of (form of M)/(form of B) that some pair of blocks must reach: 1 where one Cauchy-Schwarz is all that lies between them. */
static const double least_ratio[FAMILIES] = {0.999999, 0.99, 0.99, 0.72, 0.72, 0.86, 0.999999, 0.999999};

START_TEST(every_pair_of_blocks_is_bounded_and_every_family_of_blocks_is_needed)
{
    sharpness seen = {{0}, {0}};
    char where[64];
    for (int k = 0; k < GROWTH_CASES; k++) {
        growth_rig t;
        if (k == GROWTH_TRIVIAL || k == GROWTH_LARGE)
            continue;
        growth_rig_open(&t, k);
        for (int state = 0; state < 2; state++) {
            double *M = plain_M_dense(&t.s, 0);
            const fp_comparison *B = growth_rig_matrix(&t);
            snprintf(where, sizeof where, "case %d, state %d", k, state);
            for (int f = 0; f < FAMILIES; f++)
                check_family(&seen, &t, B, M, f, where);
            free(M);
            growth_rig_advance(&t, state);
        }
        growth_rig_close(&t);
    }
    for (int f = 0; f < FAMILIES; f++) {
        ck_assert_msg(seen.removed_fails[f], "nothing fails without the blocks %s", comparison_name[f]);
        ck_assert_msg(seen.ratio[f] >= least_ratio[f], "%s: largest ratio %.4f, at least %.4f expected", comparison_name[f], seen.ratio[f], least_ratio[f]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("growth, block by block");
    TCase *plain = tcase_create("mu");
    tcase_set_timeout(plain, 120);
    tcase_add_loop_test(plain, the_second_variation_of_the_loss_is_the_jacobian_of_the_flow, 0, GROWTH_CASES);
    tcase_add_loop_test(plain, the_form_of_M_is_below_that_of_the_comparison_matrix, 0, GROWTH_CASES);
    tcase_add_test(plain, every_pair_of_blocks_is_bounded_and_every_family_of_blocks_is_needed);
    suite_add_tcase(suite, plain);
    return fp_test_main(suite);
}
