/* SPDX-License-Identifier: MIT */
/* A claim of a result file in words. Its reals are pairs of outward-rounded decimals and stay enclosures: what is printed contains them. */
#include "statements.h"

#include <stdlib.h>
#include <string.h>

enum { BITS = 64 };

/* Like "%.3g" without the zeros of "1e-07". Text that is no number is passed on. */
static void add_decimal(fp_text *out, const char *decimal, int digits, mpfr_rnd_t rounding)
{
    char text[64];
    mpfr_t x;
    mpfr_init2(x, BITS);
    if (mpfr_set_str(x, decimal, 10, rounding) != 0) {
        fp_text_add_safe(out, decimal);
    } else {
        if (mpfr_zero_p(x)) mpfr_set_zero(x, 1);
        mpfr_snprintf(text, sizeof text, "%.*R*g", digits, rounding, x);
        size_t mantissa = strcspn(text, "e");
        fp_text_addn(out, text, mantissa);
        if (text[mantissa]) fp_text_addf(out, "e%ld", strtol(text + mantissa + 1, NULL, 10));
    }
    mpfr_clear(x);
}

/* One number if both ends round to it, else the ends rounded outward. */
static void add_enclosure(fp_text *out, const fp_json *ball, int digits)
{
    const char *lo = fp_json_text(ball, "lo"), *hi = fp_json_text(ball, "hi");
    fp_text low = {0}, high = {0};
    if (!lo || !hi) return;
    add_decimal(&low, lo, digits, MPFR_RNDN);
    add_decimal(&high, hi, digits, MPFR_RNDN);
    if (strcmp(low.data, high.data) == 0) {
        fp_text_add(out, low.data);
    } else {
        fp_text_add(out, "in [");
        add_decimal(out, lo, digits, MPFR_RNDD);
        fp_text_add(out, ", ");
        add_decimal(out, hi, digits, MPFR_RNDU);
        fp_text_add(out, "]");
    }
    fp_text_clear(&low);
    fp_text_clear(&high);
}

static void add_part(fp_text *out, const char *separator, const char *name, const fp_json *ball, int digits)
{
    if (!ball || ball->kind != FP_JSON_OBJECT) return;
    fp_text_addf(out, "%s%s ", separator, name);
    add_enclosure(out, ball, digits);
}

static bool is_text(const fp_json *claim, const char *key, const char *word)
{
    const char *text = fp_json_text(claim, key);
    return text && strcmp(text, word) == 0;
}

static void add_margin(fp_text *out, const fp_json *claim)
{
    const char *digits = fp_json_text(claim, "agreement_digits"), *at = fp_json_text(claim, "tight_time"), *binding = fp_json_text(claim, "binding");
    if (digits) {
        fp_text_add(out, "; sides agree to 10^-");
        fp_text_add_safe(out, digits);
    } else {
        add_part(out, "; ", "margin", fp_json_at(claim, "margin"), 3);
        add_part(out, ", ", "relative", fp_json_at(claim, "relative_margin"), 3);
    }
    if (at && fp_json_at(claim, "margin")) {
        fp_text_add(out, " at t = ");
        add_decimal(out, at, 5, MPFR_RNDN);
    }
    if (binding && binding[0]) {
        fp_text_add(out, ", ");
        fp_text_add_safe(out, binding);
    }
}

static void add_tube(fp_text *out, const fp_json *claim)
{
    if (is_text(claim, "evidence", "estimate")) fp_text_add(out, "; on an estimated tube");
}

static void add_constant(fp_text *out, const fp_json *constant)
{
    const char *name = fp_json_text(constant, "name"), *declared = fp_json_text(constant, "declared"), *at = fp_json_text(constant, "time");
    if (!name || !declared) return;
    fp_text_add(out, "; ");
    fp_text_add_safe(out, name);
    fp_text_add(out, " = ");
    fp_text_add_safe(out, declared);
    add_part(out, ", ", "measured", fp_json_at(constant, "measured"), 3);
    if (at) {
        fp_text_add(out, " at t = ");
        add_decimal(out, at, 5, MPFR_RNDN);
    }
}

static void add_ratio(fp_text *out, const fp_json *claim)
{
    const char *least = fp_json_text(claim, "ratio_least.lo"), *greatest = fp_json_text(claim, "ratio_greatest.hi");
    if (!least || !greatest) return;
    fp_text_add(out, "; ratio in [");
    add_decimal(out, least, 3, MPFR_RNDD);
    fp_text_add(out, ", ");
    add_decimal(out, greatest, 3, MPFR_RNDU);
    fp_text_add(out, "]");
}

static void add_quoted(fp_text *out, const fp_json *claim, const char *key, const char *before, const char *after)
{
    const char *text = fp_json_text(claim, key);
    if (!text || !text[0]) return;
    fp_text_add(out, before);
    fp_text_add_safe(out, text);
    fp_text_add(out, after);
}

static void add_expectation(fp_text *out, const fp_json *claim)
{
    bool holds = is_text(claim, "expected", "holds"), good = fp_json_is_true(claim, "as_expected");
    bool neutral = is_text(claim, "gate", "neutral");
    if (neutral || (holds && good)) return;
    add_quoted(out, claim, "expected", good ? "; as expected: " : "; CONTRARY TO EXPECTATION: ", "");
    add_quoted(out, claim, "expected_reason", ", ", "");
}

void cli_evidence_add(fp_text *out, const fp_json *claim)
{
    const char *premises = fp_json_text(claim, "premises"), *held = fp_json_text(claim, "premises_true");
    const char *verdict = fp_json_text(claim, "verdict");
    fp_text_add_safe(out, verdict ? verdict : "no verdict");
    add_quoted(out, claim, "reason", " [", "]");
    add_margin(out, claim);
    add_tube(out, claim);
    add_ratio(out, claim);
    const fp_json *constants = fp_json_at(claim, "constants");
    for (const fp_json *k = constants ? constants->first : NULL; k; k = k->next) add_constant(out, k);
    if (premises && held && strcmp(premises, "0") != 0) {
        fp_text_add(out, "; premise true ");
        fp_text_add_safe(out, held);
        fp_text_add(out, " of ");
        fp_text_add_safe(out, premises);
        fp_text_add(out, " times");
    }
    if (fp_json_is_true(claim, "outside_hypotheses")) fp_text_add(out, "; outside hypotheses");
    add_expectation(out, claim);
    add_quoted(out, claim, "detail", "; ", "");
}
