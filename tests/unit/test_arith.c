/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "../support/fp_check.h"

/* ---- rationals */

static void expect_rational(const char *text, const char *exact)
{
    mpq_t q;
    mpq_init(q);
    ck_assert_msg(fp_rational_parse(q, text), "'%s' refused", text);
    char *found = mpq_get_str(NULL, 10, q);
    ck_assert_msg(strcmp(found, exact) == 0, "'%s' is %s; wanted %s", text, found, exact);
    free(found);
    mpq_clear(q);
}

START_TEST(rationals_are_read_exactly)
{
    expect_rational("0", "0");
    expect_rational("-0", "0");
    expect_rational("+007", "7");
    expect_rational("44/45", "44/45");
    expect_rational("6/4", "3/2");
    expect_rational("-1.5e-3", "-3/2000");
    expect_rational("0.1", "1/10");
    expect_rational(".5", "1/2");
    expect_rational("5.", "5");
    expect_rational("1E+3", "1000");
    expect_rational("1.25e2/0.5", "250");
    expect_rational("1/-2", "-1/2");
    expect_rational("100000000000000000000000000000001", "100000000000000000000000000000001");
}
END_TEST

START_TEST(what_is_not_one_number_is_refused_and_leaves_the_value)
{
    static const char *const bad[] = {
        "",      " 1",   "1 ",     "1/0",  "1/0.0e5", "1/",   "/2",   "1/2/3", ".",        "-",          "e5",
        "1e",    "1e+",  "1e1.5",  "0x10", "1,5",     "nan",  "inf",  "1..2",  "--1",      "+-1",        "1e100001",
        "1e-100001", "1e99999999999999999999", "1_000", "1/ 2", "\xd9\xa1", "1e5e5", ".e1", "1/.",
    };
    mpq_t q;
    mpq_init(q);
    mpq_set_si(q, 7, 3);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!fp_rational_parse(q, bad[i]), "'%s' accepted", bad[i]);
        ck_assert_int_eq(mpq_cmp_si(q, 7, 3), 0);
    }
    ck_assert(fp_rational_parse(q, "1e100000"));
    ck_assert_uint_eq(mpz_sizeinbase(mpq_numref(q), 10), 100001);
    mpq_clear(q);
}
END_TEST

START_TEST(random_text_does_not_crash_the_rational_parser)
{
    static const char alphabet[] = "0123456789.eE+-/ x";
    fp_rng r;
    mpq_t q;
    int accepted = 0;
    mpq_init(q);
    fp_rng_init(&r, 11, 0);
    for (int round = 0; round < 20000; round++) {
        char s[24] = "";
        size_t len = (size_t)fp_rng_below(&r, sizeof s - 1);
        for (size_t i = 0; i < len; i++)
            s[i] = round % 4 ? alphabet[fp_rng_below(&r, sizeof alphabet - 1)] : (char)fp_rng_u32(&r);
        /* keep exponents of the fuzz small: 10^99999 takes milliseconds */
        for (char *e = s; (e = strpbrk(e, "eE")) != NULL; e++)
            if (strlen(e) > 4) e[4] = 0;
        accepted += fp_rational_parse(q, s);
    }
    ck_assert_int_gt(accepted, 100);
    mpq_clear(q);
}
END_TEST

START_TEST(a_rational_is_rounded_once_to_nearest)
{
    mpfr_t x;
    mpq_t q;
    arb_t b;
    mpfr_init2(x, 53);
    mpq_init(q);
    arb_init(b);
    fp_rational_parse(q, "0.1");
    fp_mpfr_set_rational(x, q);
    ck_assert_double_eq(mpfr_get_d(x, MPFR_RNDN), 0.1);
    fp_ball_set_rational(b, q, 200);
    fp_ck_contains(b, "0.1");
    ck_assert_int_ge(arb_rel_accuracy_bits(b), 195);
    /* half-way between two 53-bit numbers, and a hair above: 1 + 2^-53 */
    fp_rational_parse(q, "9007199254740993/9007199254740992");
    fp_mpfr_set_rational(x, q);
    ck_assert_int_eq(mpfr_cmp_ui(x, 1), 0);
    fp_rational_parse(q, "9007199254740993.00000000000000000000001/9007199254740992");
    fp_mpfr_set_rational(x, q);
    ck_assert_int_gt(mpfr_cmp_ui(x, 1), 0);
    arb_clear(b);
    mpq_clear(q);
    mpfr_clear(x);
}
END_TEST

/* ---- elementary functions */

typedef void (*function)(mpfr_ptr, mpfr_srcptr);

static void reference_exp(mpfr_ptr out, mpfr_srcptr x)
{
    mpfr_exp(out, x, MPFR_RNDN);
}

static void reference_log(mpfr_ptr out, mpfr_srcptr x)
{
    mpfr_log(out, x, MPFR_RNDN);
}

/* 1/(1+e^z) with so many more bits that the last rounding is the only one that shows: |z| < 400 there. */
static void reference_logistic(mpfr_ptr out, mpfr_srcptr z)
{
    mpfr_t t;
    mpfr_init2(t, 2 * mpfr_get_prec(out) + mpfr_get_prec(z) + 2000);
    mpfr_exp(t, z, MPFR_RNDN);
    mpfr_add_ui(t, t, 1, MPFR_RNDN);
    mpfr_ui_div(out, 1, t, MPFR_RNDN);
    mpfr_ui_div(t, 1, t, MPFR_RNDN);
    mpfr_set(out, t, MPFR_RNDN);
    mpfr_clear(t);
}

static void reference_log_loss(mpfr_ptr out, mpfr_srcptr z)
{
    mpfr_t t;
    mpfr_init2(t, 2 * mpfr_get_prec(out) + mpfr_get_prec(z) + 2000);
    mpfr_neg(t, z, MPFR_RNDN);
    mpfr_exp(t, t, MPFR_RNDN);
    mpfr_log1p(t, t, MPFR_RNDN);
    mpfr_set(out, t, MPFR_RNDN);
    mpfr_clear(t);
}

static bool same_number(mpfr_srcptr a, mpfr_srcptr b)
{
    if (mpfr_nan_p(a) || mpfr_nan_p(b)) return mpfr_nan_p(a) && mpfr_nan_p(b);
    return mpfr_equal_p(a, b) && mpfr_signbit(a) == mpfr_signbit(b);
}

static void expect_same(const char *name, function f, function reference, mpfr_srcptr x, mpfr_prec_t prec)
{
    mpfr_t found, wanted;
    mpfr_inits2(prec, found, wanted, (mpfr_ptr)0);
    f(found, x);
    reference(wanted, x);
    if (!same_number(found, wanted)) {
        char *arg = NULL;
        mpfr_asprintf(&arg, "%s(%Ra) at %ld bits: %Ra; wanted %Ra", name, x, (long)prec, found, wanted);
        ck_abort_msg("%s", arg);
    }
    mpfr_clears(found, wanted, (mpfr_ptr)0);
}

static const struct {
    const char *name;
    function f, reference;
    bool positive;
} functions[] = {
    {"exp", fp_exp, reference_exp, false},
    {"log", fp_log, reference_log, true},
    {"logistic", fp_logistic, reference_logistic, false},
    {"log_loss", fp_log_loss, reference_log_loss, false},
};

/* A number of `bits` random bits and random sign with exponent in [-60, 8]; each quarter has few bits, so that half-way
 * cases of sums come up. */
static void random_number(mpfr_ptr x, fp_rng *r)
{
    mpfr_set_ui(x, 1, MPFR_RNDN);
    long words = fp_rng_below(r, 4) ? (long)mpfr_get_prec(x) / 32 + 1 : 0;
    for (long i = 0; i < words; i++) {
        mpfr_mul_2ui(x, x, 32, MPFR_RNDN);
        mpfr_add_ui(x, x, fp_rng_u32(r), MPFR_RNDN);
    }
    mpfr_set_exp(x, (mpfr_exp_t)fp_rng_below(r, 69) - 60);
    if (fp_rng_u32(r) & 1) mpfr_neg(x, x, MPFR_RNDN);
}

START_TEST(elementary_functions_are_correctly_rounded_at_every_precision)
{
    static const mpfr_prec_t precisions[] = {53, 64, 113, 128, 200, 333, 1000};
    fp_rng r;
    fp_rng_init(&r, 5, (uint32_t)_i);
    for (size_t p = 0; p < sizeof precisions / sizeof *precisions; p++)
        for (int round = 0; round < 150; round++) {
            mpfr_t x;
            mpfr_init2(x, precisions[fp_rng_below(&r, p + 1)] + (round % 3 ? 0 : 1));
            random_number(x, &r);
            if (functions[_i].positive) mpfr_abs(x, x, MPFR_RNDN);
            expect_same(functions[_i].name, functions[_i].f, functions[_i].reference, x, precisions[p]);
            mpfr_clear(x);
        }
}
END_TEST

/* x = sign * 2^exponent against MPFR (exp and log only: their references work at any size). */
START_TEST(exp_and_log_agree_with_mpfr_at_extreme_arguments)
{
    static const long exponents[] = {-1000000000, -1000000, -200, -54, -53, -52, 20, 28, 29, 30, 31, 40, 61, 62, 63, 100};
    mpfr_t x;
    mpfr_init2(x, 128);
    for (size_t i = 0; i < sizeof exponents / sizeof *exponents; i++)
        for (int sign = -1; sign <= 1; sign += 2) {
            mpfr_set_si_2exp(x, sign, exponents[i], MPFR_RNDN);
            expect_same("exp", fp_exp, reference_exp, x, 128);
            expect_same("log", fp_log, reference_log, x, 128);
        }
    mpfr_set_ui(x, 1, MPFR_RNDN);
    expect_same("log", fp_log, reference_log, x, 128);
    mpfr_nextabove(x);
    expect_same("log", fp_log, reference_log, x, 53);
    expect_same("log", fp_log, reference_log, x, 128);
    mpfr_nextbelow(x), mpfr_nextbelow(x);
    expect_same("log", fp_log, reference_log, x, 53);
    mpfr_clear(x);
}
END_TEST

START_TEST(a_narrowed_exponent_range_is_respected)
{
    mpfr_exp_t emin = mpfr_get_emin(), emax = mpfr_get_emax();
    mpfr_t x;
    mpfr_init2(x, 64);
    mpfr_set_emin(-100);
    mpfr_set_emax(100);
    for (long z = -200; z <= 200; z += 50) {
        mpfr_set_si(x, z, MPFR_RNDN);
        expect_same("exp", fp_exp, reference_exp, x, 64);
    }
    mpfr_set_emin(emin);
    mpfr_set_emax(emax);
    mpfr_clear(x);
}
END_TEST

START_TEST(special_values_are_those_of_mpfr_and_of_the_limits)
{
    mpfr_t x, out;
    mpfr_inits2(80, x, out, (mpfr_ptr)0);
    mpfr_set_nan(x);
    for (size_t i = 0; i < 4; i++) {
        functions[i].f(out, x);
        ck_assert_msg(mpfr_nan_p(out), "%s(nan)", functions[i].name);
    }
    for (int sign = -1; sign <= 1; sign += 2) {
        mpfr_set_zero(x, sign);
        expect_same("exp", fp_exp, reference_exp, x, 80);
        expect_same("log", fp_log, reference_log, x, 80);
        expect_same("logistic", fp_logistic, reference_logistic, x, 80);
        expect_same("log_loss", fp_log_loss, reference_log_loss, x, 80);
        mpfr_set_inf(x, sign);
        expect_same("exp", fp_exp, reference_exp, x, 80);
        expect_same("log", fp_log, reference_log, x, 80);
        expect_same("logistic", fp_logistic, reference_logistic, x, 80);
        expect_same("log_loss", fp_log_loss, reference_log_loss, x, 80);
    }
    mpfr_clears(x, out, (mpfr_ptr)0);
}
END_TEST

START_TEST(the_loss_and_its_slope_neither_cancel_nor_overflow)
{
    mpfr_t z, out, wanted;
    mpfr_inits2(128, z, out, wanted, (mpfr_ptr)0);
    static const long large[] = {100, 700, 1000000, 500000000, 536870911, 549755813888, 1099511627776, 4000000000000000};
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        mpfr_set_si(z, -large[i], MPFR_RNDN); /* e^-z(1 - e^-z/2) and e^-z(1 - e^-z) round as e^-z does */
        mpfr_exp(wanted, z, MPFR_RNDN);
        mpfr_neg(z, z, MPFR_RNDN);
        fp_log_loss(out, z);
        ck_assert_msg(same_number(out, wanted), "log_loss(%ld)", large[i]);
        fp_logistic(out, z);
        ck_assert_msg(same_number(out, wanted), "logistic(%ld)", large[i]);
        mpfr_neg(z, z, MPFR_RNDN);
        fp_logistic(out, z);
        ck_assert_msg(mpfr_cmp_ui(out, 1) == 0, "logistic(-%ld)", large[i]);
        fp_log_loss(out, z);
        mpfr_neg(out, out, MPFR_RNDN);
        ck_assert_msg(i == 0 || same_number(out, z), "log_loss(-%ld)", large[i]);
    }
    mpfr_clears(z, out, wanted, (mpfr_ptr)0);
}
END_TEST

START_TEST(the_loss_rounds_up_from_a_half_way_argument)
{
    /* z = -(2^60 + 2^7 + ...): to 53 bits, -z = 2^60 + 2^7 is half-way between 2^60 and 2^60 + 2^8, and the even one is
     * 2^60; the loss is a little above -z */
    mpfr_t z, out;
    mpfr_init2(z, 80);
    mpfr_init2(out, 53);
    mpfr_set_ui_2exp(z, 1, 60, MPFR_RNDN);
    mpfr_add_ui(z, z, 128, MPFR_RNDN);
    mpfr_neg(z, z, MPFR_RNDN);
    fp_log_loss(out, z);
    mpfr_set_prec(z, 80);
    mpfr_set_ui_2exp(z, 1, 60, MPFR_RNDN);
    mpfr_add_ui(z, z, 256, MPFR_RNDN);
    ck_assert(mpfr_equal_p(out, z));
    mpfr_clears(z, out, (mpfr_ptr)0);
}
END_TEST

START_TEST(functions_may_write_over_their_argument)
{
    mpfr_t x, out;
    mpfr_inits2(128, x, out, (mpfr_ptr)0);
    for (size_t i = 0; i < 4; i++) {
        mpfr_set_d(x, 1.5, MPFR_RNDN);
        functions[i].f(out, x);
        functions[i].f(x, x);
        ck_assert_msg(mpfr_equal_p(out, x), "%s", functions[i].name);
    }
    mpfr_clears(x, out, (mpfr_ptr)0);
}
END_TEST

START_TEST(known_digits_come_out)
{
    mpfr_t x;
    mpfr_init2(x, 160);
    mpfr_set_ui(x, 1, MPFR_RNDN);
    fp_exp(x, x);
    fp_ck_digits(x, "2.7182818284590452353602874713526624977572470937", 45);
    mpfr_set_ui(x, 10, MPFR_RNDN);
    fp_log(x, x);
    fp_ck_digits(x, "2.3025850929940456840179914546843642076011014886", 45);
    mpfr_set_ui(x, 0, MPFR_RNDN);
    fp_log_loss(x, x);
    fp_ck_digits(x, "0.69314718055994530941723212145817656807550013436", 45);
    mpfr_set_ui(x, 1, MPFR_RNDN);
    fp_logistic(x, x);
    fp_ck_digits(x, "0.268941421369995120748840758", 25);
    mpfr_clear(x);
}
END_TEST

/* ---- vectors */

enum { N = 40 };

static fp_vec *random_vector(fp_rng *r, mpfr_prec_t prec)
{
    fp_vec *v = fp_vec_new(N, prec);
    mpfr_t x;
    mpfr_init2(x, prec);
    for (size_t i = 0; i < N; i++) {
        random_number(x, r);
        fp_vec_set(v, i, x);
    }
    mpfr_clear(x);
    return v;
}

START_TEST(a_new_vector_is_zero_and_knows_length_and_precision)
{
    fp_vec *v = fp_vec_new(3, 200), *empty = fp_vec_new(0, 53);
    mpfr_t x;
    mpfr_init2(x, 60);
    for (size_t i = 0; i < 3; i++) {
        fp_vec_get(x, v, i);
        ck_assert(mpfr_zero_p(x) && !mpfr_signbit(x));
    }
    ck_assert_uint_eq(fp_vec_len(v), 3);
    ck_assert_int_eq(fp_vec_prec(v), 200);
    ck_assert_uint_eq(fp_vec_len(empty), 0);
    ck_assert(fp_vec_is_finite(empty));
    fp_vec_set_d(v, 1, 0.1);
    fp_vec_get(x, v, 1);
    ck_assert_double_eq(mpfr_get_d(x, MPFR_RNDN), 0.1);
    mpfr_clear(x);
    fp_vec_free(v), fp_vec_free(empty), fp_vec_free(NULL);
}
END_TEST

START_TEST(kernels_are_their_definition_bit_for_bit)
{
    static const mpfr_prec_t precisions[] = {53, 64, 65, 128, 193};
    const mpfr_prec_t prec = precisions[_i];
    const size_t i = 3, j = 7, n = 20;
    fp_rng r;
    fp_rng_init(&r, 17, (uint32_t)_i);
    fp_vec *x = random_vector(&r, prec), *y = random_vector(&r, prec), *z = fp_vec_new(N, prec);
    mpfr_t a, b, c, tmp, sum;
    mpfr_inits2(prec, a, b, c, tmp, sum, (mpfr_ptr)0);
    mpfr_set_zero(sum, 1);
    for (size_t k = 0; k < n; k++) {
        fp_vec_get(a, x, i + k);
        fp_vec_get(b, y, j + k);
        mpfr_mul(c, a, b, MPFR_RNDN);
        mpfr_add(sum, sum, c, MPFR_RNDN);
    }
    fp_vec_dot(c, x, i, y, j, n, tmp);
    ck_assert(mpfr_equal_p(c, sum));
    random_number(a, &r);
    fp_vec_copy(z, y);
    fp_vec_axpy(z, j, a, x, i, n, tmp);
    for (size_t k = 0; k < N; k++) {
        fp_vec_get(sum, y, k);
        if (k >= j && k < j + n) {
            fp_vec_get(b, x, i + k - j);
            mpfr_mul(c, a, b, MPFR_RNDN);
            mpfr_add(sum, sum, c, MPFR_RNDN);
        }
        fp_vec_get(b, z, k);
        ck_assert(mpfr_equal_p(b, sum));
    }
    fp_vec_scale(z, j, a, x, i, n);
    fp_vec_get(b, x, i + 5);
    mpfr_mul(c, a, b, MPFR_RNDN);
    fp_vec_get(b, z, j + 5);
    ck_assert(mpfr_equal_p(b, c));
    fp_vec_zero(z, 1, 2);
    fp_vec_get(b, z, 2);
    ck_assert(mpfr_zero_p(b));
    fp_vec_get(b, z, 3);
    ck_assert(!mpfr_zero_p(b));
    mpfr_clears(a, b, c, tmp, sum, (mpfr_ptr)0);
    fp_vec_free(x), fp_vec_free(y), fp_vec_free(z);
}
END_TEST

/* The definition of fp_vec_lincomb for one element. */
static void lincomb_by_hand(mpfr_ptr out, const fp_vec *y, const fp_reals *coef, fp_vec *const k[], size_t r)
{
    mpfr_t a, b;
    mpfr_inits2(mpfr_get_prec(out), a, b, (mpfr_ptr)0);
    mpfr_set_zero(out, 1);
    if (y) fp_vec_get(out, y, r);
    for (size_t s = 0; s < coef->n; s++) {
        if (mpfr_zero_p(coef->x + s)) continue;
        fp_vec_get(a, k[s], r);
        mpfr_mul(b, coef->x + s, a, MPFR_RNDN);
        mpfr_add(out, out, b, MPFR_RNDN);
    }
    mpfr_clears(a, b, (mpfr_ptr)0);
}

static void expect_lincomb(fp_vec *out, const fp_vec *y, const fp_reals *coef, fp_vec *const k[])
{
    const size_t lo = 5, hi = 33;
    fp_vec *before = fp_vec_new(N, fp_vec_prec(out));
    mpfr_t tmp, found, wanted;
    mpfr_inits2(fp_vec_prec(out), tmp, found, wanted, (mpfr_ptr)0);
    fp_vec_copy(before, out);
    const fp_vec *y_before = y == out ? before : y;
    fp_vec_lincomb(out, y, coef, k, coef->n, lo, hi, tmp);
    for (size_t r = 0; r < N; r++) {
        fp_vec_get(found, out, r);
        if (r >= lo && r < hi)
            lincomb_by_hand(wanted, y_before, coef, k, r);
        else
            fp_vec_get(wanted, before, r);
        ck_assert_msg(same_number(found, wanted), "element %zu", r);
    }
    mpfr_clears(tmp, found, wanted, (mpfr_ptr)0);
    fp_vec_free(before);
}

START_TEST(a_linear_combination_takes_its_terms_in_order_and_skips_exact_zeros)
{
    fp_rng r;
    fp_rng_init(&r, 23, 0);
    fp_vec *k[4], *y = random_vector(&r, 128), *out = random_vector(&r, 128);
    fp_reals coef;
    mpfr_t nan;
    for (size_t s = 0; s < 4; s++) k[s] = random_vector(&r, 128);
    fp_reals_init(&coef, 4, 128);
    for (size_t s = 0; s < 4; s++) random_number(coef.x + s, &r);
    mpfr_set_zero(coef.x + 2, -1);
    mpfr_init2(nan, 53);
    fp_vec_set(k[2], 10, nan); /* never looked at: its coefficient is 0 */
    expect_lincomb(out, y, &coef, k);
    expect_lincomb(out, NULL, &coef, k);
    expect_lincomb(out, out, &coef, k);
    mpfr_clear(nan);
    fp_reals_clear(&coef);
    fp_reals_clear(&coef);
    for (size_t s = 0; s < 4; s++) fp_vec_free(k[s]);
    fp_vec_free(y), fp_vec_free(out);
}
END_TEST

START_TEST(a_vector_with_one_infinity_or_nan_is_not_finite)
{
    fp_vec *v = fp_vec_new(N, 64);
    mpfr_t x;
    mpfr_init2(x, 64);
    ck_assert(fp_vec_is_finite(v));
    mpfr_set_nan(x);
    fp_vec_set(v, N - 1, x);
    ck_assert(!fp_vec_is_finite(v));
    mpfr_set_inf(x, -1);
    fp_vec_set(v, N - 1, x);
    ck_assert(!fp_vec_is_finite(v));
    mpfr_clear(x);
    fp_vec_free(v);
}
END_TEST

START_TEST(balls_of_a_vector_are_exact)
{
    fp_rng r;
    fp_rng_init(&r, 29, 0);
    fp_vec *v = random_vector(&r, 300);
    mpfr_t x, back;
    mpfr_inits2(300, x, back, (mpfr_ptr)0);
    arb_ptr b = _arb_vec_init(N);
    arb_one(b + 1);
    arb_div_ui(b + 1, b + 1, 3, 30); /* leftovers must not stay */
    fp_vec_get_balls(b, v, 4, 10);
    for (size_t i = 0; i < 10; i++) {
        fp_vec_get(x, v, 4 + i);
        arf_get_mpfr(back, arb_midref(b + i), MPFR_RNDN);
        ck_assert(arb_is_exact(b + i) && mpfr_equal_p(x, back));
    }
    _arb_vec_clear(b, N);
    mpfr_clears(x, back, (mpfr_ptr)0);
    fp_vec_free(v);
}
END_TEST

START_TEST(a_copy_to_less_precision_rounds_to_nearest)
{
    fp_rng r;
    fp_rng_init(&r, 31, 0);
    fp_vec *v = random_vector(&r, 128), *w = fp_vec_new(N, 60);
    mpfr_t x, y;
    mpfr_init2(x, 60);
    mpfr_init2(y, 128);
    fp_vec_copy(w, v);
    for (size_t i = 0; i < N; i++) {
        fp_vec_get(x, v, i);
        fp_vec_get(y, w, i);
        ck_assert(mpfr_equal_p(x, y));
    }
    mpfr_clears(x, y, (mpfr_ptr)0);
    fp_vec_free(v), fp_vec_free(w);
}
END_TEST

/* ---- decimals */

static void expect_text(const char *value, mpfr_prec_t prec, long digits, const char *text)
{
    mpfr_t x;
    mpfr_init2(x, prec);
    mpfr_set_str(x, value, 10, MPFR_RNDN);
    fp_ck_text(fp_mpfr_text(x, digits), text);
    mpfr_clear(x);
}

START_TEST(numbers_are_printed_with_the_digits_asked_for)
{
    expect_text("0.1", 53, 5, "1.0000e-01");
    expect_text("-123456", 53, 3, "-1.23e+05");
    expect_text("1", 53, 1, "1e+00");
    expect_text("9.96", 53, 2, "1.0e+01");
    expect_text("1.2345e-7", 53, 5, "1.2345e-07");
    expect_text("1.2345e-107", 128, 30, "1.23450000000000000000000000000e-107");
    expect_text("0", 53, 5, "0");
    expect_text("-0", 53, 5, "-0");
    expect_text("nan", 53, 5, "nan");
    expect_text("-inf", 53, 5, "-inf");
    expect_text("2.5", 53, 1, "2e+00"); /* a tie goes to the even digit */
    expect_text("1", 53, 1000, "1.00000000000000e+00"); /* no more than the precision carries */
    expect_text("7", 53, -3, "7e+00");
}
END_TEST

/* floor((prec-1) log10 2) is one less than the number of digits of 2^(prec-1). */
START_TEST(digits_of_a_precision_are_exact_for_every_precision)
{
    mpfr_t log2, product;
    mpfr_inits2(200, log2, product, (mpfr_ptr)0);
    mpfr_set_ui(log2, 2, MPFR_RNDN);
    mpfr_log10(log2, log2, MPFR_RNDN);
    for (long prec = FP_PREC_MIN; prec <= FP_PREC_MAX; prec++) {
        mpfr_mul_si(product, log2, prec - 1, MPFR_RNDN);
        ck_assert_int_eq(fp_digits_of(prec), mpfr_get_si(product, MPFR_RNDD));
    }
    ck_assert_int_eq(fp_digits_of(53), 15);
    ck_assert_int_eq(fp_digits_of(128), 38);
    mpfr_clears(log2, product, (mpfr_ptr)0);
}
END_TEST

/* A decimal of floor((p-1) log10 2) digits survives decimal -> p bits -> decimal (Matula 1968). */
START_TEST(printed_decimals_come_back_unchanged)
{
    static const mpfr_prec_t precisions[] = {53, 64, 128, 333};
    fp_rng r;
    fp_rng_init(&r, 37, 0);
    for (int round = 0; round < 2000; round++) {
        mpfr_prec_t prec = precisions[round % 4];
        long digits = fp_digits_of(prec);
        mpfr_t x;
        mpq_t q;
        mpfr_init2(x, prec);
        mpq_init(q);
        random_number(x, &r);
        char *text = fp_mpfr_text(x, digits);
        ck_assert_msg(fp_rational_parse(q, text), "%s", text);
        fp_mpfr_set_rational(x, q);
        fp_ck_text(fp_mpfr_text(x, digits), text);
        free(text);
        mpq_clear(q);
        mpfr_clear(x);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("arith");
    TCase *c = tcase_create("arith");
    tcase_set_timeout(c, 60);
    tcase_add_test(c, rationals_are_read_exactly);
    tcase_add_test(c, what_is_not_one_number_is_refused_and_leaves_the_value);
    tcase_add_test(c, random_text_does_not_crash_the_rational_parser);
    tcase_add_test(c, a_rational_is_rounded_once_to_nearest);
    tcase_add_loop_test(c, elementary_functions_are_correctly_rounded_at_every_precision, 0, 4);
    tcase_add_test(c, exp_and_log_agree_with_mpfr_at_extreme_arguments);
    tcase_add_test(c, a_narrowed_exponent_range_is_respected);
    tcase_add_test(c, special_values_are_those_of_mpfr_and_of_the_limits);
    tcase_add_test(c, the_loss_and_its_slope_neither_cancel_nor_overflow);
    tcase_add_test(c, the_loss_rounds_up_from_a_half_way_argument);
    tcase_add_test(c, functions_may_write_over_their_argument);
    tcase_add_test(c, known_digits_come_out);
    tcase_add_test(c, a_new_vector_is_zero_and_knows_length_and_precision);
    tcase_add_loop_test(c, kernels_are_their_definition_bit_for_bit, 0, 5);
    tcase_add_test(c, a_linear_combination_takes_its_terms_in_order_and_skips_exact_zeros);
    tcase_add_test(c, a_vector_with_one_infinity_or_nan_is_not_finite);
    tcase_add_test(c, balls_of_a_vector_are_exact);
    tcase_add_test(c, a_copy_to_less_precision_rounds_to_nearest);
    tcase_add_test(c, numbers_are_printed_with_the_digits_asked_for);
    tcase_add_test(c, digits_of_a_precision_are_exact_for_every_precision);
    tcase_add_test(c, printed_decimals_come_back_unchanged);
    suite_add_tcase(s, c);
    return fp_test_main(s);
}
