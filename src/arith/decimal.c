/* SPDX-License-Identifier: MIT */
#include "decimal.h"

#include <stdlib.h>
#include <string.h>

/* log10 2 = 0.30102 99956 63981... cut after 11 digits: the product is short by less than bits * 4e-12 <= 4e-7, and no
 * multiple of log10 2 up to 10^5 lies that little above an integer (a test walks through all of them). */
long fp_decimal_digits(long bits)
{
    return (long)((long long)bits * 30102999566 / 100000000000);
}

long fp_digits_of(mpfr_prec_t prec)
{
    return fp_decimal_digits((long)prec - 1);
}

static char *special_text(mpfr_srcptr x)
{
    const char *sign = mpfr_signbit(x) ? "-" : "";
    if (mpfr_nan_p(x)) return fp_strdup("nan");
    return fp_asprintf("%s%s", sign, mpfr_inf_p(x) ? "inf" : "0");
}

char *fp_decimal_text(mpfr_srcptr x, long digits, mpfr_rnd_t rounding)
{
    if (!mpfr_regular_p(x)) return special_text(x);
    mpfr_exp_t exponent; /* of 0.ddd */
    char *raw = mpfr_get_str(NULL, &exponent, 10, (size_t)digits, x, rounding);
    if (!raw) return fp_strdup("nan");
    const char *sign = *raw == '-' ? "-" : "", *d = raw + strlen(sign);
    long long e = (long long)exponent - 1;
    char *text = fp_asprintf("%s%c%s%se%c%02lld", sign, *d, d[1] ? "." : "", d + 1, e < 0 ? '-' : '+',
                             e < 0 ? -e : e);
    mpfr_free_str(raw);
    return text;
}

char *fp_mpfr_text(mpfr_srcptr x, long digits)
{
    long most = fp_decimal_digits((long)mpfr_get_prec(x));
    if (digits > most) digits = most;
    return fp_decimal_text(x, digits > 1 ? digits : 1, MPFR_RNDN);
}
