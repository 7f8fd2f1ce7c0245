/* SPDX-License-Identifier: MIT */
/* Exact numbers from text:  number = [sign] digits [. digits] [e [sign] digits],  rational = number [/ number]. */
#include <stdlib.h>
#include <string.h>

#include "flowproof/arith.h"

enum { EXPONENT_MAX = 100000 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The exponent after 'e'; false if there is none or it is too large. */
static bool parse_exponent(long *exponent, const char **p)
{
    const char *s = *p;
    bool negative = *s == '-';
    if (*s == '-' || *s == '+') s++;
    if (!is_digit(*s)) return false;
    long e = 0;
    for (; is_digit(*s); s++) {
        e = 10 * e + (*s - '0');
        if (e > EXPONENT_MAX) return false;
    }
    *exponent = negative ? -e : e;
    *p = s;
    return true;
}

/* Copies the digits around the point to `digits`; returns how many stand behind it, -1 if there is no digit. */
static long parse_mantissa(char *digits, const char **p)
{
    const char *s = *p;
    long behind = 0;
    size_t n = 0;
    for (; is_digit(*s); s++) digits[n++] = *s;
    if (*s == '.')
        for (s++; is_digit(*s); s++, behind++) digits[n++] = *s;
    digits[n] = 0;
    *p = s;
    return n ? behind : -1;
}

/* q = q * 10^exponent */
static void scale_by_ten(mpq_ptr q, long exponent)
{
    mpz_t power;
    mpz_init(power);
    mpz_ui_pow_ui(power, 10, (unsigned long)labs(exponent));
    if (exponent >= 0)
        mpz_mul(mpq_numref(q), mpq_numref(q), power);
    else
        mpz_mul(mpq_denref(q), mpq_denref(q), power);
    mpz_clear(power);
    mpq_canonicalize(q);
}

static bool parse_number(mpq_ptr q, const char **p)
{
    bool negative = **p == '-';
    if (**p == '-' || **p == '+') ++*p;
    char *digits = fp_alloc(strlen(*p) + 1, 1);
    long exponent = 0, behind = parse_mantissa(digits, p);
    bool good = behind >= 0;
    if (good && (**p == 'e' || **p == 'E')) {
        ++*p;
        good = parse_exponent(&exponent, p);
    }
    if (good) {
        mpq_set_ui(q, 0, 1);
        mpz_set_str(mpq_numref(q), digits, 10);
        if (negative) mpq_neg(q, q);
        scale_by_ten(q, exponent - behind);
    }
    free(digits);
    return good;
}

bool fp_rational_parse(mpq_ptr q, const char *text)
{
    mpq_t num, den;
    mpq_inits(num, den, NULL);
    mpq_set_ui(den, 1, 1);
    const char *p = text;
    bool good = parse_number(num, &p);
    if (good && *p == '/') {
        p++;
        good = parse_number(den, &p) && mpq_sgn(den) != 0;
    }
    good = good && *p == 0;
    if (good) mpq_div(q, num, den);
    mpq_clears(num, den, NULL);
    return good;
}

void fp_mpfr_set_rational(mpfr_ptr x, mpq_srcptr q)
{
    mpfr_set_q(x, q, MPFR_RNDN);
}

char *fp_rational_text(mpq_srcptr q)
{
    size_t digits = mpz_sizeinbase(mpq_numref(q), 10) + mpz_sizeinbase(mpq_denref(q), 10);
    return mpq_get_str(fp_alloc(digits + 3, 1), 10, q); /* sign, slash, NUL */
}

void fp_ball_set_rational(arb_t x, mpq_srcptr q, slong prec)
{
    fmpz_t num, den;
    fmpz_init(num);
    fmpz_init(den);
    fmpz_set_mpz(num, mpq_numref(q));
    fmpz_set_mpz(den, mpq_denref(q));
    arb_fmpz_div_fmpz(x, num, den, prec);
    fmpz_clear(num);
    fmpz_clear(den);
}
