/* SPDX-License-Identifier: MIT */
/* Step sizes after accepted and rejected steps. The numbers: 9/10 e^(-17/100) p^(1/25), kept within [1/5, 10], where e is the error beside the tolerance and p the one before (at least 10^-4). */
#include <math.h>

#include "../support/fp_check.h"

#include "../../src/integrate/stepper.h"

typedef struct {
    fp_control control;
    mpfr_t h, next, error;
} bench;

static void begin(bench *b)
{
    mpq_t tolerance;
    mpq_init(tolerance);
    ck_assert(fp_rational_parse(tolerance, "1e-10"));
    fp_control_init(&b->control, tolerance);
    mpfr_inits2(FP_SCALAR_PREC, b->h, b->next, b->error, (mpfr_ptr)NULL);
    mpfr_set_ui(b->h, 1, MPFR_RNDN);
    mpq_clear(tolerance);
}

static void end(bench *b)
{
    fp_control_clear(&b->control);
    mpfr_clears(b->h, b->next, b->error, (mpfr_ptr)NULL);
}

/* The step after one of size 1 whose error is `times` the tolerance; *accepted as judged. */
static double after(bench *b, double times, bool *accepted)
{
    mpfr_set_d(b->error, times, MPFR_RNDN);
    mpfr_mul(b->error, b->error, b->control.tolerance, MPFR_RNDN);
    *accepted = fp_control_judge(b->next, &b->control, b->h, b->error);
    return mpfr_get_d(b->next, MPFR_RNDN);
}

static bool near(double x, double y)
{
    return fabs(x - y) < 1e-3 * y;
}

START_TEST(a_small_error_lets_the_step_grow_at_most_tenfold)
{
    bench b;
    bool accepted;
    begin(&b);
    ck_assert(near(after(&b, 0.5, &accepted), 0.9 * pow(0.5, -0.17) * pow(1e-4, 0.04)) && accepted);
    ck_assert(near(after(&b, 1e-3, &accepted), 0.9 * pow(1e-3, -0.17) * pow(0.5, 0.04)) && accepted);
    ck_assert(near(after(&b, 1e-20, &accepted), 10) && accepted);
    ck_assert(near(after(&b, 0, &accepted), 10) && accepted); /* no unbounded step */
    end(&b);
}
END_TEST

START_TEST(a_step_right_after_a_rejection_does_not_grow_and_the_one_after_it_may)
{
    bench b;
    bool accepted;
    begin(&b);
    ck_assert(near(after(&b, 100, &accepted), 0.9 * pow(100, -0.17)) && !accepted);
    ck_assert(near(after(&b, 1e-20, &accepted), 1) && accepted);
    ck_assert(near(after(&b, 1e-20, &accepted), 10) && accepted);
    ck_assert(near(after(&b, 1e30, &accepted), 0.2) && !accepted);
    mpfr_set_nan(b.error);
    ck_assert(!fp_control_judge(b.next, &b.control, b.h, b.error) && near(mpfr_get_d(b.next, MPFR_RNDN), 0.2));
    ck_assert(near(after(&b, 1e-20, &accepted), 1) && accepted);
    end(&b);
}
END_TEST

START_TEST(the_tolerance_itself_is_accepted_and_anything_above_is_not)
{
    bench b;
    bool accepted;
    begin(&b);
    (void)after(&b, 1, &accepted);
    ck_assert(accepted);
    mpfr_set(b.error, b.control.tolerance, MPFR_RNDN);
    mpfr_nextabove(b.error);
    mpfr_nextabove(b.error);
    ck_assert(!fp_control_judge(b.next, &b.control, b.h, b.error));
    end(&b);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("control");
    TCase *c = tcase_create("control");
    tcase_add_test(c, a_small_error_lets_the_step_grow_at_most_tenfold);
    tcase_add_test(c, a_step_right_after_a_rejection_does_not_grow_and_the_one_after_it_may);
    tcase_add_test(c, the_tolerance_itself_is_accepted_and_anything_above_is_not);
    suite_add_tcase(s, c);
    return fp_test_main(s);
}
