/* SPDX-License-Identifier: MIT */
#include "../support/fp_check.h"
#include "flowproof/integrate.h"

enum { PREC = 128 };

typedef struct {
    unsigned long calls;
    void (*f)(mpfr_ptr value, mpfr_srcptr t);
} counted;

static void call(mpfr_ptr value, mpfr_srcptr t, void *ctx)
{
    counted *c = ctx;
    c->calls++;
    c->f(value, t);
}

static void square_minus_2(mpfr_ptr v, mpfr_srcptr t)
{
    mpfr_sqr(v, t, MPFR_RNDN);
    mpfr_sub_ui(v, v, 2, MPFR_RNDN);
}

static void exp_minus_3(mpfr_ptr v, mpfr_srcptr t)
{
    mpfr_exp(v, t, MPFR_RNDN);
    mpfr_sub_ui(v, v, 3, MPFR_RNDN);
}

static void minus_cos(mpfr_ptr v, mpfr_srcptr t)
{
    mpfr_cos(v, t, MPFR_RNDN);
    mpfr_neg(v, v, MPFR_RNDN);
}

/* flat of order 9 at its zero: the chord is useless and bisection must take over */
static void ninth_power(mpfr_ptr v, mpfr_srcptr t)
{
    mpfr_ui_div(v, 1, t, MPFR_RNDN);
    mpfr_ui_sub(v, 3, v, MPFR_RNDN); /* zero at 1/3 */
    mpfr_pow_ui(v, v, 9, MPFR_RNDN);
}

/* -1 below 2/3, 10^300 above */
static void cliff(mpfr_ptr v, mpfr_srcptr t)
{
    mpfr_mul_ui(v, t, 3, MPFR_RNDN);
    bool low = mpfr_cmp_ui(v, 2) < 0;
    mpfr_set_si(v, low ? -1 : 10, MPFR_RNDN);
    if (!low)
        mpfr_pow_ui(v, v, 300, MPFR_RNDN);
}

/* log(t - 1), zero at 2, NaN below 1 */
static void log_below_1(mpfr_ptr v, mpfr_srcptr t)
{
    mpfr_sub_ui(v, t, 1, MPFR_RNDN);
    mpfr_log(v, v, MPFR_RNDN);
}

static void identity(mpfr_ptr v, mpfr_srcptr t)
{
    mpfr_set(v, t, MPFR_RNDN);
}

static const struct {
    const char *name;
    void (*f)(mpfr_ptr, mpfr_srcptr);
    const char *lo, *hi, *root;
    unsigned long most_calls;
} cases[] = {
    {"t^2 - 2", square_minus_2, "1", "2", "1.41421356237309504880168872420969807856967", 20},
    {"exp t - 3", exp_minus_3, "0", "5", "1.09861228866810969139524523692252570464749", 25},
    {"-cos t", minus_cos, "1", "3", "1.57079632679489661923132169163975144209858", 20},
    {"(3 - 1/t)^9", ninth_power, "1/10", "8", "0.33333333333333333333333333333333333333333", 4 * PREC},
    {"a cliff", cliff, "0", "1", "0.66666666666666666666666666666666666666666", 4 * PREC},
    {"log(t - 1)", log_below_1, "-5", "5", "2", 25},
    {"zero at hi", identity, "-1", "0", "0", 25},
};

START_TEST(a_zero_in_closed_form_stays_bracketed)
{
    mpfr_t lo, hi, width, x;
    mpq_t q;
    counted c = {0, cases[_i].f};
    mpfr_inits2(PREC, lo, hi, width, x, (mpfr_ptr)NULL);
    mpq_init(q);
    ck_assert(fp_rational_parse(q, cases[_i].lo));
    fp_mpfr_set_rational(lo, q);
    ck_assert(fp_rational_parse(q, cases[_i].hi));
    fp_mpfr_set_rational(hi, q);
    ck_assert(fp_rational_parse(q, "1e-30"));
    fp_mpfr_set_rational(width, q);
    fp_root_bracket(lo, hi, width, call, &c);
    ck_assert_msg(c.calls <= cases[_i].most_calls, "%s: %lu calls", cases[_i].name, c.calls);
    mpfr_sub(x, hi, lo, MPFR_RNDU);
    ck_assert_msg(mpfr_lessequal_p(x, width) && mpfr_less_p(lo, hi), "%s: %s, %s", cases[_i].name,
                  fp_mpfr_text(lo, 38), fp_mpfr_text(hi, 38));
    /* f itself is rounded: within some 2^-127 of its zero the sign may be wrong */
    ck_assert(fp_rational_parse(q, "1e-37"));
    mpfr_sub_q(width, lo, q, MPFR_RNDD);
    mpfr_add_q(x, hi, q, MPFR_RNDU);
    ck_assert(fp_rational_parse(q, cases[_i].root));
    ck_assert_msg(mpfr_cmp_q(width, q) <= 0 && mpfr_cmp_q(x, q) >= 0, "%s: %s, %s", cases[_i].name,
                  fp_mpfr_text(lo, 38), fp_mpfr_text(hi, 38));
    call(x, lo, &c);
    ck_assert(mpfr_nan_p(x) || mpfr_sgn(x) < 0);
    call(x, hi, &c);
    ck_assert(mpfr_sgn(x) >= 0);
    mpq_clear(q);
    mpfr_clears(lo, hi, width, x, (mpfr_ptr)NULL);
}
END_TEST

START_TEST(width_0_ends_at_neighbouring_numbers)
{
    mpfr_t lo, hi, width;
    counted c = {0, square_minus_2};
    mpfr_inits2(PREC, lo, hi, width, (mpfr_ptr)NULL);
    mpfr_set_ui(lo, 1, MPFR_RNDN);
    mpfr_set_ui(hi, 2, MPFR_RNDN);
    mpfr_set_zero(width, 1);
    fp_root_bracket(lo, hi, width, call, &c);
    ck_assert_uint_le(c.calls, 4 * PREC);
    mpfr_nextabove(lo);
    ck_assert(mpfr_equal_p(lo, hi));
    mpfr_clears(lo, hi, width, (mpfr_ptr)NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("events");
    TCase *tc = tcase_create("root bracketing");
    tcase_add_loop_test(tc, a_zero_in_closed_form_stays_bracketed, 0, (int)(sizeof cases / sizeof cases[0]));
    tcase_add_test(tc, width_0_ends_at_neighbouring_numbers);
    suite_add_tcase(suite, tc);
    return fp_test_main(suite);
}
