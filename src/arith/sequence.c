/* SPDX-License-Identifier: MIT */
/* Lists of numbers from text: FROM:TO:STEP and log FROM:TO:COUNT; and exact decimals. */
#include "decimal.h"

#include <stdlib.h>
#include <string.h>

enum { DIGITS = 17, PLAIN = 30 };

/* ---- decimals */

/* Divides x by p as often as it goes; how often. */
static unsigned long remove_factor(mpz_ptr x, unsigned long p)
{
    mpz_t factor;
    mpz_init_set_ui(factor, p);
    unsigned long times = mpz_remove(x, x, factor);
    mpz_clear(factor);
    return times;
}

/* "12.5" of the digits "125" with one place behind the point. */
static char *with_point(const char *digits, unsigned long places)
{
    const char *sign = *digits == '-' ? "-" : "", *d = digits + strlen(sign);
    size_t len = strlen(d), zeros = len > places ? 0 : places + 1 - len;
    char padding[PLAIN + 2];
    memset(padding, '0', zeros);
    padding[zeros] = 0;
    char *all = fp_asprintf("%s%s", padding, d);
    size_t before = strlen(all) - places;
    char *text = fp_asprintf("%s%.*s.%s", sign, (int)before, all, all + before);
    free(all);
    return text;
}

char *fp_rational_decimal(mpq_srcptr q)
{
    mpz_t rest, scaled;
    mpz_init_set(rest, mpq_denref(q));
    mpz_init(scaled);
    unsigned long twos = remove_factor(rest, 2), fives = remove_factor(rest, 5), places = twos > fives ? twos : fives;
    char *text = NULL;
    if (mpz_cmp_ui(rest, 1) == 0) {
        mpz_ui_pow_ui(scaled, 10, places);
        mpz_mul(scaled, scaled, mpq_numref(q));
        mpz_divexact(scaled, scaled, mpq_denref(q));
        char *digits = mpz_get_str(fp_alloc(mpz_sizeinbase(scaled, 10) + 2, 1), 10, scaled);
        text = places == 0 ? fp_strdup(digits) : places <= PLAIN ? with_point(digits, places) : fp_asprintf("%se-%lu", digits, places);
        free(digits);
    }
    mpz_clear(rest);
    mpz_clear(scaled);
    return text ? text : fp_rational_text(q);
}

/* ---- the list */

void fp_rationals_add(fp_rationals *list, mpq_srcptr q)
{
    if ((list->count & (list->count - 1)) == 0) list->x = fp_realloc(list->x, list->count ? 2 * list->count : 1, sizeof *list->x);
    mpq_init(list->x[list->count]);
    mpq_set(list->x[list->count++], q);
}

void fp_rationals_clear(fp_rationals *list)
{
    for (size_t k = 0; k < list->count; k++) mpq_clear(list->x[k]);
    free(list->x);
    *list = (fp_rationals){0};
}

/* ---- ranges */

static fp_status refuse(const char *text, const char *why, fp_error *err)
{
    return fp_fail(err, FP_USAGE, "found '%s': %s; a range is FROM:TO:STEP with FROM <= TO and STEP > 0, such as 0:64:1, or log FROM:TO:COUNT with 0 < FROM < TO and COUNT >= 2, such as "
                   "log 1e-3:64:50", text, why);
}

static fp_status refuse_count(const char *text, size_t most, fp_error *err)
{
    return fp_fail(err, FP_USAGE, "found '%s': more than the %zu points allowed", text, most);
}

/* Three numbers between colons, blanks around them allowed. */
static bool parse_three(mpq_t part[3], const char *s)
{
    for (int k = 0; k < 3; k++) {
        size_t len = strcspn(s, ":");
        const char *from = s + strspn(s, " "), *to = s + len;
        while (to > from && to[-1] == ' ') to--;
        char *word = from < to ? fp_strndup(from, (size_t)(to - from)) : fp_strdup("");
        bool good = fp_rational_parse(part[k], word) && (s[len] == ':') == (k < 2);
        free(word);
        if (!good) return false;
        s += len + 1;
    }
    return true;
}

static fp_status add_steps(fp_rationals *out, const char *text, mpq_t part[3], size_t most, fp_error *err)
{
    mpq_t span, x;
    mpz_t count;
    fp_status st = FP_OK;
    if (mpq_sgn(part[2]) <= 0) return refuse(text, "the step is not above 0", err);
    if (mpq_cmp(part[0], part[1]) > 0) return refuse(text, "it begins after its end", err);
    mpq_inits(span, x, NULL);
    mpz_init(count);
    mpq_sub(span, part[1], part[0]);
    mpq_div(span, span, part[2]);
    mpz_fdiv_q(count, mpq_numref(span), mpq_denref(span)); /* points after the first */
    if (mpz_cmp_ui(count, most - out->count) >= 0)
        st = refuse_count(text, most, err);
    else {
        mpq_set(x, part[0]);
        for (unsigned long k = 0, last = mpz_get_ui(count); k <= last; k++) {
            fp_rationals_add(out, x);
            mpq_add(x, x, part[2]);
        }
    }
    mpq_clears(span, x, NULL);
    mpz_clear(count);
    return st;
}

/* q = from (to/from)^(k/(count-1)), to 17 significant decimal digits; lf, lt the logarithms of the ends. */
static void between(mpq_ptr q, mpfr_srcptr lf, mpfr_srcptr lt, unsigned long k, unsigned long count)
{
    mpfr_t x;
    mpfr_init2(x, mpfr_get_prec(lf));
    mpfr_sub(x, lt, lf, MPFR_RNDN);
    mpfr_mul_ui(x, x, k, MPFR_RNDN);
    mpfr_div_ui(x, x, count - 1, MPFR_RNDN);
    mpfr_add(x, x, lf, MPFR_RNDN);
    mpfr_exp(x, x, MPFR_RNDN);
    char *text = fp_mpfr_text(x, DIGITS);
    (void)fp_rational_parse(q, text);
    free(text);
    mpfr_clear(x);
}

static fp_status add_log(fp_rationals *out, const char *text, mpq_t part[3], size_t most, fp_error *err)
{
    enum { PREC = 160 };
    mpfr_t lf, lt;
    mpq_t x;
    if (mpq_sgn(part[0]) <= 0) return refuse(text, "it does not begin above 0", err);
    if (mpq_cmp(part[0], part[1]) >= 0) return refuse(text, "it does not end after its beginning", err);
    if (mpz_cmp_ui(mpq_denref(part[2]), 1) != 0 || mpq_cmp_ui(part[2], 2, 1) < 0) return refuse(text, "the count is not a whole number from 2 on", err);
    if (mpz_cmp_ui(mpq_numref(part[2]), most - out->count) > 0) return refuse_count(text, most, err);
    unsigned long count = mpz_get_ui(mpq_numref(part[2]));
    mpfr_inits2(PREC, lf, lt, (mpfr_ptr)NULL);
    mpq_init(x);
    fp_mpfr_set_rational(lf, part[0]);
    fp_mpfr_set_rational(lt, part[1]);
    mpfr_log(lf, lf, MPFR_RNDN);
    mpfr_log(lt, lt, MPFR_RNDN);
    fp_rationals_add(out, part[0]);
    for (unsigned long k = 1; k + 1 < count; k++) {
        between(x, lf, lt, k, count);
        fp_rationals_add(out, x);
    }
    fp_rationals_add(out, part[1]);
    mpq_clear(x);
    mpfr_clears(lf, lt, (mpfr_ptr)NULL);
    return FP_OK;
}

fp_status fp_rationals_parse(fp_rationals *out, const char *text, size_t most, fp_error *err)
{
    mpq_t part[3];
    bool log = strncmp(text, "log ", 4) == 0;
    mpq_inits(part[0], part[1], part[2], NULL);
    fp_status st;
    if (strchr(text, ':') == NULL && !log) {
        st = !fp_rational_parse(part[0], text)  ? fp_fail(err, FP_USAGE, "found '%s': not a number", text)
             : out->count >= most ? refuse_count(text, most, err)
                                 : FP_OK;
        if (st == FP_OK) fp_rationals_add(out, part[0]);
    } else if (!parse_three(part, log ? text + 4 : text))
        st = refuse(text, "it does not have three numbers", err);
    else
        st = log ? add_log(out, text, part, most, err) : add_steps(out, text, part, most, err);
    mpq_clears(part[0], part[1], part[2], NULL);
    return st;
}
