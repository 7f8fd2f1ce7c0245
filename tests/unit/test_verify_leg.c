/* SPDX-License-Identifier: MIT */
/* A step of the verifier: its defect against the true one, and its comparison matrix against the matrix that it bounds, block by block, both evaluated by other means. */
#include <math.h>
#include <stdlib.h>

#include "../support/growth_rig.h"
#include "../support/leg_rig.h"

/* ---- defect: y' - h f(y), f by the flow's own right side at 400 bits, which shares nothing with the verifier's series */
enum { PREC = 400, POINTS = 16, RANDOM = INSTANCES };

static void polynomial_at(fp_vec *y, fp_vec *dy, const fp_leg *x, const fp_layout *at, const arf_t s)
{
    arb_t value, slope, entry;
    mpfr_t number;
    arb_init(value);
    arb_init(slope);
    arb_init(entry);
    mpfr_init2(number, PREC);
    for (size_t v = 0; v < x->vectors; v++)
        for (size_t r = 0; r < fp_leg_at(x, v, 0)->len; r++) {
            arb_zero(value);
            arb_zero(slope);
            for (int k = x->order; k >= 0; k--) { /* Horner; the derivative first */
                arb_mul_arf(slope, slope, s, PREC);
                arb_add(slope, slope, value, PREC);
                fp_grid_get_ball(entry, fp_leg_at(x, v, k), r);
                arb_mul_arf(value, value, s, PREC);
                arb_add(value, value, entry, PREC);
            }
            arf_get_mpfr(number, arb_midref(value), MPFR_RNDN);
            fp_vec_set(y, leg_offset(at, v) + r, number);
            arf_get_mpfr(number, arb_midref(slope), MPFR_RNDN);
            fp_vec_set(dy, leg_offset(at, v) + r, number);
        }
    mpfr_clear(number);
    arb_clear(entry);
    arb_clear(slope);
    arb_clear(value);
}

/* |dy - h f| in the norm (N) */
static double distance(const fp_vec *dy, const fp_vec *f, const fp_leg *x, const fp_layout *at)
{
    double squares = 0;
    arb_t a, b;
    arb_init(a);
    arb_init(b);
    for (size_t v = 0; v < x->vectors; v++)
        for (size_t r = 0; r < fp_leg_at(x, v, 0)->len; r++) {
            fp_vec_get_ball(a, dy, leg_offset(at, v) + r);
            fp_vec_get_ball(b, f, leg_offset(at, v) + r);
            arb_mul_arf(b, b, x->h, PREC);
            arb_sub(a, a, b, PREC);
            squares += pow(arf_get_d(arb_midref(a), ARF_RND_NEAR), 2) / (v == 0 ? (double)at->m1 : 1);
        }
    arb_clear(b);
    arb_clear(a);
    return sqrt(squares);
}

/* Largest (true defect)/(bound) over the points of a step; above 1 fails. */
static double sharpness(size_t instance, fp_flow_kind kind, int order, int limbs, double h)
{
    fp_error err = {0};
    fp_problem p;
    fp_flow *flow;
    mpfr_t time;
    arf_t s;
    double sharpest = 0;
    if (instance == RANDOM)
        instance_random(&p, 6, 4, 13, 16, 4, 99);
    else
        instance_make(&p, instance);
    fp_ck_ok(fp_flow_new(&flow, kind, &p, PREC, NULL, &err), &err);
    mpfr_init2(time, PREC);
    mpfr_set_zero(time, 1);
    arf_init(s);
    fp_vec *y = fp_flow_initial(flow), *dy = fp_flow_initial(flow), *f = fp_flow_initial(flow);
    fp_leg *x = leg_at(&p, fp_flow_layout(flow), y, order, limbs);
    int halvings = 0;
    for (; !leg_open(x, h); h /= 2) ck_assert_msg(halvings++ < 6, "instance %zu order %d h %g", instance, order, h);
    for (int j = 0; j <= POINTS; j++) {
        arf_set_si_2exp_si(s, j, -4);
        polynomial_at(y, dy, x, fp_flow_layout(flow), s);
        fp_flow_field(flow)->rhs(f, time, y, fp_flow_field(flow)->ctx);
        double truth = distance(dy, f, x, fp_flow_layout(flow)), bound = mag_get_d(x->defect);
        ck_assert_msg(truth <= bound, "instance %zu order %d h %g point %d: defect %g, bound %g", instance, order, h, j, truth, bound);
        sharpest = fmax(sharpest, truth / bound);
    }
    fp_leg_free(x);
    fp_vec_free(y);
    fp_vec_free(dy);
    fp_vec_free(f);
    fp_flow_free(flow);
    instance_clear(&p);
    arf_clear(s);
    mpfr_clear(time);
    return sharpest;
}

START_TEST(the_defect_is_bounded_and_half_the_bound_would_not_do)
{
    double sharpest = 0;
    for (size_t instance = 0; instance <= RANDOM; instance++) {
        sharpest = fmax(sharpest, sharpness(instance, FP_FLOW_REDUCED, 2, 1, 0x1p-10));
        sharpest = fmax(sharpest, sharpness(instance, FP_FLOW_REDUCED, 3, 2, 0x1p-6));
        sharpness(instance, FP_FLOW_REDUCED, 8, 1, 0x1p-5);
        sharpness(instance, FP_FLOW_REDUCED, 20, 2, 0x1p-5);
        sharpness(instance, FP_FLOW_COMPRESSED, 5, 1, 0x1p-7);
        sharpness(instance, FP_FLOW_REDUCED, 6, 1, -0x1p-6);
    }
    ck_assert_msg(sharpest > 0.5, "at low order the bound should be within a factor of two somewhere; found %g", sharpest);
}
END_TEST

/* ---- growth */
typedef struct {
    growth_rig t;
    fp_leg *x;
    fp_swell w;
    fp_entries B;
} bound_rig;

/* The matrix at the rig's state: a step too short to matter, a tube of radius 0. */
static void bound_open(bound_rig *b)
{
    arf_t zero, one;
    mag_t none;
    arf_init(zero);
    arf_init(one);
    arf_one(one);
    mag_init(none);
    b->x = leg_at(&b->t.p, fp_flow_layout(b->t.flow), b->t.y, 3, 2);
    ck_assert(leg_open(b->x, 0x1p-60));
    fp_swell_init(&b->w, b->x);
    fp_swell_set(&b->w, b->x, zero, one);
    fp_swell_widen(&b->w, b->x, none);
    b->B = (fp_entries){0};
    fp_leg_comparison(&b->B, b->x, &b->w, none);
    mag_clear(none);
    arf_clear(one);
    arf_clear(zero);
}

static void bound_close(bound_rig *b)
{
    fp_entries_clear(&b->B);
    fp_swell_clear(&b->w, b->x);
    fp_leg_free(b->x);
}

/* Families of entries by the kinds of their two vectors: 0 u, 1 v, 2 k, 3 q */
static int kind_of(const fp_leg *x, size_t vector)
{
    return vector == 0 ? 0 : 1 + (int)((vector - 1) / (size_t)x->d);
}

static int family_of(const fp_leg *x, size_t i, size_t j)
{
    static const int family[4][4] = {{-1, UV, UK, UQ}, {UV, -1, KV, QV}, {UK, KV, KK, KQ}, {UQ, QV, KQ, QQ}};
    return family[kind_of(x, i)][kind_of(x, j)];
}

/* a^T B a without one family (-1: with all) */
static double form(const bound_rig *b, const double *direction, int without)
{
    double *a = fp_alloc(b->x->vectors, sizeof *a), sum = 0;
    for (size_t v = 0; v < b->x->vectors; v++) {
        for (size_t e = plain_block(&b->t.s, v); e < plain_block(&b->t.s, v + 1); e++) a[v] += direction[e] * direction[e];
        a[v] = sqrt(a[v]);
    }
    for (size_t e = 0; e < b->B.count; e++) {
        const struct fp_entry *x = b->B.at + e;
        ck_assert_int_ne(family_of(b->x, x->i, x->j), -1);
        if (family_of(b->x, x->i, x->j) != without) sum += (x->i == x->j ? 1 : 2) * mag_get_d(&x->x) * a[x->i] * a[x->j];
    }
    free(a);
    return sum;
}

/* In the two blocks (i, j) M and -M are bounded; without the family of that pair, somewhere not. */
static void check_pair(bool *fails, const bound_rig *b, const double *M, size_t i, size_t j, const char *where)
{
    double *direction = fp_alloc(b->t.s.dim, sizeof *direction);
    for (int sign = 1; sign >= -1; sign -= 2) {
        comparison_direction(direction, &b->t.s, M, i, j);
        for (size_t e = plain_block(&b->t.s, i); i != j && sign < 0 && e < plain_block(&b->t.s, i + 1); e++) direction[e] = -direction[e];
        double value = sign * (double)plain_M(&b->t.s, direction);
        ck_assert_msg(value <= form(b, direction, -1) * (1 + 1e-9) + 1e-14, "%s, blocks %zu %zu, sign %d: %.17g above %.17g", where, i, j, sign, value, form(b, direction, -1));
        int family = family_of(b->x, i, j);
        if (family >= 0 && value > form(b, direction, family) * (1 + 1e-6) + 1e-12) fails[family] = true;
    }
    free(direction);
}

START_TEST(every_pair_of_blocks_is_bounded_in_both_directions_of_time_and_every_family_is_needed)
{
    bool fails[FAMILIES] = {false};
    for (int k = 0; k < GROWTH_CASES; k++) {
        bound_rig b;
        char where[64];
        if (k == GROWTH_LARGE) continue;
        growth_rig_open(&b.t, k);
        for (int state = 0; state < GROWTH_STATES; state++) {
            double *M = plain_M_dense(&b.t.s, 0);
            bound_open(&b);
            snprintf(where, sizeof where, "case %d, state %d", k, state);
            for (size_t i = 0; i < b.x->vectors; i++)
                for (size_t j = i; j < b.x->vectors; j++) check_pair(fails, &b, M, i, j, where);
            bound_close(&b);
            free(M);
            growth_rig_advance(&b.t, state);
        }
        growth_rig_close(&b.t);
    }
    for (int f = 0; f < FAMILIES; f++) ck_assert_msg(fails[f], "nothing fails without the blocks %s", comparison_name[f]);
}
END_TEST

START_TEST(mu_is_above_the_largest_eigenvalue_of_M_and_three_quarters_of_it_somewhere_not)
{
    double sharpest = 0;
    for (int k = 0; k < GROWTH_CASES; k++) {
        bound_rig b;
        if (k == GROWTH_LARGE) continue;
        growth_rig_open(&b.t, k);
        for (int state = 0; state < GROWTH_STATES; state++) {
            double *M = plain_M_dense(&b.t.s, 0), largest = largest_eigenvalue(M, b.t.s.dim);
            bound_open(&b);
            up mu = fp_entries_bound(&b.B, b.x->vectors);
            ck_assert_msg(largest <= mag_get_d(&mu) * (1 + 1e-9) + 1e-14, "case %d, state %d: %.17g above %.17g", k, state, largest, mag_get_d(&mu));
            if (mag_get_d(&mu) > 1e-9) sharpest = fmax(sharpest, largest / mag_get_d(&mu));
            bound_close(&b);
            free(M);
            growth_rig_advance(&b.t, state);
        }
        growth_rig_close(&b.t);
    }
    ck_assert_msg(sharpest > 0.75, "found %g", sharpest);
}
END_TEST

/* Any w > 0 bounds the largest eigenvalue of B; a good one is near it. */
START_TEST(the_bound_on_an_explicit_matrix_is_its_eigenvalue_or_little_more)
{
    fp_entries B = {0};
    fp_entries_add(&B, 0, 1, up_ui(2));
    fp_entries_add(&B, 1, 1, up_ui(3));
    fp_entries_add(&B, 1, 2, up_ui(1));
    fp_entries_add(&B, 1, 2, up_ui(1)); /* entries of one place add up */
    up mu = fp_entries_bound(&B, 4);    /* the fourth vector is alone */
    /* eigenvalues of [0 2 0; 2 3 2; 0 2 0]: 0 and (3 +- sqrt(41))/2 */
    ck_assert_double_ge(mag_get_d(&mu), (3 + sqrt(41)) / 2 * (1 - 1e-12));
    ck_assert_double_le(mag_get_d(&mu), (3 + sqrt(41)) / 2 * 1.001);
    fp_entries_clear(&B);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("a step of the verifier");
    TCase *cases = tcase_create("leg");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, the_defect_is_bounded_and_half_the_bound_would_not_do);
    tcase_add_test(cases, every_pair_of_blocks_is_bounded_in_both_directions_of_time_and_every_family_is_needed);
    tcase_add_test(cases, mu_is_above_the_largest_eigenvalue_of_M_and_three_quarters_of_it_somewhere_not);
    tcase_add_test(cases, the_bound_on_an_explicit_matrix_is_its_eigenvalue_or_little_more);
    suite_add_tcase(suite, cases);
    return fp_test_main(suite);
}
