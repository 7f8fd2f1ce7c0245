/* SPDX-License-Identifier: MIT */
#include "../support/view_rig.h"
#include "../support/reference_flow.h"
#include <time.h>

typedef struct { const reference_flow *flow; const arb_struct *t; mag_srcptr off; } agreement;
static void agree(fp_tube_quantity quantity, const long *index, void *ctx)
{
    (void)quantity; (void)index; (void)ctx;
}

START_TEST(the_reference_agrees_with_an_integrator_of_another_kind)
{
    truth x;
    reference_flow r;
    arf_t end;
    arf_init(end);
    arf_set_d(end, 0.5);
    truth_init(&x, (size_t)_i, 2, -1, 1);
    clock_t c = clock();
    reference_init(&r, &x.problem, end);
    printf("instance %d: %zu steps, %d nodes, %g s\n", _i, r.steps, r.tape.count, (double)(clock() - c) / CLOCKS_PER_SEC);
    arb_t t; arb_init(t); arb_set_d(t, 0.5);
    for (int q = 0; q <= FP_TUBE_N; q++) {
        long index[3];
        double worst = -1e9;
        for (index[0] = 0; index[0] < plain_state_range(&x.problem, q, 0); index[0]++)
            for (index[1] = 0; index[1] < plain_state_range(&x.problem, q, 1); index[1]++)
                for (index[2] = 0; index[2] < plain_state_range(&x.problem, q, 2); index[2]++) {
                    arb_t a; arb_struct jet[2];
                    arb_init(a); arb_init(jet); arb_init(jet + 1);
                    reference_value(jet, &r, q, index, t);
                    plain_state_value(a, &x.at[1], q, index);
                    mag_zero(arb_radref(a));
                    arb_sub(a, a, jet, 200);
                    mag_zero(arb_radref(a));
                    mag_t m; mag_init(m); arb_get_mag(m, a);
                    if (!mag_is_zero(m)) worst = fmax(worst, mag_get_d_log2_approx(m));
                    ck_assert_msg(mag_cmp_2exp_si(m, -95) < 0, "q %d", q);
                    arb_clear(a); arb_clear(jet); arb_clear(jet + 1);
                }
        printf(" %d:%.0f", q, worst);
    }
    printf("\n");
    arb_clear(t);
    reference_clear(&r);
    truth_clear(&x);
    arf_clear(end);
    (void)agree;
}
END_TEST

int main(void)
{
    Suite *s = suite_create("differential");
    TCase *c = tcase_create("differential");
    tcase_set_timeout(c, 600);
    tcase_add_loop_test(c, the_reference_agrees_with_an_integrator_of_another_kind, 0, INSTANCES);
    suite_add_tcase(s, c);
    return fp_test_main(s);
}
