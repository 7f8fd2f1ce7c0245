/* SPDX-License-Identifier: MIT */
/* Numbers for people (the JSON has the outward-rounded and exact ones) and the words behind a verdict. */
#include "report_impl.h"

#include <stdlib.h>
#include <string.h>

enum { MARGIN_DIGITS = 3, TIME_DIGITS = 5, DECLARED_MAX = 16 };

/* 1.5e-07 -> 1.5e-7, 1e+10 -> 1e10 */
static void add_squeezed(fp_text *out, const char *s)
{
    size_t mantissa = strcspn(s, "e");
    fp_text_addn(out, s, mantissa);
    if (s[mantissa] == 0) return;
    const char *exponent = s + mantissa + 1;
    fp_text_add(out, *exponent == '-' ? "e-" : "e");
    exponent += strspn(exponent, "+-0");
    fp_text_add(out, *exponent ? exponent : "0");
}

static void add_rounded(fp_text *out, mpfr_srcptr x, long digits, mpfr_rnd_t rounding)
{
    char text[128];
    mpfr_snprintf(text, sizeof text, "%.*R*g", (int)digits, rounding, x);
    add_squeezed(out, text);
}

void report_add_number(fp_text *out, mpfr_srcptr x, long digits)
{
    if (mpfr_nan_p(x))
        fp_text_add(out, "-");
    else
        add_rounded(out, x, digits, MPFR_RNDN);
}

static void add_arf(fp_text *out, const arf_t x, long digits, mpfr_rnd_t rounding)
{
    mpfr_t y;
    mpfr_init2(y, 64);
    arf_get_mpfr(y, x, rounding);
    if (mpfr_zero_p(y)) mpfr_set_zero(y, 1);
    add_rounded(out, y, digits, rounding);
    mpfr_clear(y);
}

static void add_upper(fp_text *out, const arb_t x, long digits)
{
    arf_t end;
    arf_init(end);
    arb_get_ubound_arf(end, x, 64);
    add_arf(out, end, digits, MPFR_RNDU);
    arf_clear(end);
}

static void add_lower(fp_text *out, const arb_t x, long digits)
{
    arf_t end;
    arf_init(end);
    arb_get_lbound_arf(end, x, 64);
    add_arf(out, end, digits, MPFR_RNDD);
    arf_clear(end);
}

/* No digit is certain: the ends; around zero, how far from it the ball reaches. */
static void add_vague(fp_text *out, const arb_t x)
{
    if (!arb_contains_zero(x)) {
        fp_text_add(out, "in [");
        add_lower(out, x, 2);
        fp_text_add(out, ", ");
        add_upper(out, x, 2);
        fp_text_add(out, "]");
        return;
    }
    arf_t reach;
    arf_init(reach);
    arb_get_abs_ubound_arf(reach, x, 64);
    fp_text_add(out, "0+/-");
    add_arf(out, reach, 2, MPFR_RNDU);
    arf_clear(reach);
}

/* 2^-b of the value is less than half a unit of its floor(b log10 2)-th digit; 0.301 < log10 2. */
static long certain_digits(const arb_t x, long most)
{
    slong bits = arb_rel_accuracy_bits(x);
    if (bits <= 0) return 0;
    return bits > 4 * most ? most : (long)bits * 301 / 1000 < most ? (long)bits * 301 / 1000 : most;
}

void report_add_ball(fp_text *out, const arb_t x, long digits)
{
    if (arf_is_nan(arb_midref(x)))
        fp_text_add(out, "nan");
    else if (mag_is_inf(arb_radref(x)))
        fp_text_add(out, "unbounded");
    else if (mag_is_zero(arb_radref(x)) || arf_is_inf(arb_midref(x)))
        add_arf(out, arb_midref(x), digits, MPFR_RNDN);
    else if (certain_digits(x, digits) > 0)
        add_arf(out, arb_midref(x), certain_digits(x, digits), MPFR_RNDN);
    else
        add_vague(out, x);
}

/* True of the verdict: of a claim that holds what the margin is at least, of one that fails what it is at most, if no digit is certain; nothing where not even that is known. */
static void add_margin(fp_text *out, const arb_t x, fp_verdict verdict)
{
    bool holds = verdict == FP_PROVED || verdict == FP_SUPPORTED, fails = verdict == FP_REFUTED || verdict == FP_VIOLATED;
    bool finite = arb_is_finite(x), exact = finite && mag_is_zero(arb_radref(x));
    if ((finite && (exact || certain_digits(x, MARGIN_DIGITS) > 0)) || (!holds && !fails && !arf_is_nan(arb_midref(x)))) {
        report_add_ball(out, x, MARGIN_DIGITS);
    } else if (finite && holds && arb_is_positive(x)) {
        fp_text_add(out, ">= ");
        add_lower(out, x, 2);
    } else if (finite && fails && arb_is_negative(x)) {
        fp_text_add(out, "<= ");
        add_upper(out, x, 2);
    }
}

const char *const report_cell_title[REPORT_CELLS] = {"margin", "relative", "t"};

void report_add_cell(fp_text *out, const fp_claim_result *c, int cell)
{
    bool is_identity = c->agreement_digits >= 0;
    fp_text_add(out, "");
    if (cell == REPORT_MARGIN && is_identity) fp_text_addf(out, "to 10^-%d", c->agreement_digits);
    if (!c->has_margin) return;
    if (cell == REPORT_MARGIN && !is_identity) add_margin(out, c->margin, c->verdict);
    if (cell == REPORT_RELATIVE && !is_identity) add_margin(out, c->relative, c->verdict);
    if (cell == REPORT_TIME && c->claim->window != FP_WINDOW_NONE) report_add_number(out, c->tight_time, TIME_DIGITS);
}

static void add_declared(fp_text *out, mpq_srcptr value)
{
    char text[DECLARED_MAX + 3];
    if (mpz_sizeinbase(mpq_numref(value), 10) + mpz_sizeinbase(mpq_denref(value), 10) <= DECLARED_MAX) {
        fp_text_add(out, mpq_get_str(text, 10, value));
        return;
    }
    mpfr_t x;
    mpfr_init2(x, 64);
    fp_mpfr_set_rational(x, value);
    report_add_number(out, x, MARGIN_DIGITS);
    mpfr_clear(x);
}

/* A note begins with "; " unless it is the first since `start`. */
static void begin_note(fp_text *out, size_t start)
{
    if (out->len > start) fp_text_add(out, "; ");
}

/* Those that were measured. A failure's detail has them already. */
static void add_constants(fp_text *out, const fp_claim_result *c, size_t start)
{
    if (strncmp(c->detail, "fails with ", strlen("fails with ")) == 0) return;
    for (int k = 0; k < c->measured_count; k++) {
        const fp_measured *m = &c->measured[k];
        if (!m->known) continue;
        begin_note(out, start);
        report_add_safe(out, m->constant->name, NULL);
        fp_text_add(out, " = ");
        add_declared(out, m->constant->value);
        fp_text_add(out, ", measured ");
        report_add_ball(out, m->measured, MARGIN_DIGITS);
    }
}

/* The certain digits of an end of an interval, or else the outer end of what is known of it. */
static void add_end(fp_text *out, const arb_t x, void (*outer)(fp_text *out, const arb_t x, long digits))
{
    bool vague = arb_is_finite(x) && !mag_is_zero(arb_radref(x)) && !arb_contains_zero(x) && certain_digits(x, MARGIN_DIGITS) == 0;
    if (vague)
        outer(out, x, 2);
    else
        report_add_ball(out, x, MARGIN_DIGITS);
}

static void add_ratio(fp_text *out, const fp_claim_result *c, size_t start)
{
    fp_text least = {0}, greatest = {0};
    if (!c->has_ratio) return;
    begin_note(out, start);
    add_end(&least, c->ratio_least, add_lower);
    add_end(&greatest, c->ratio_greatest, add_upper);
    if (strcmp(least.data, greatest.data) == 0)
        fp_text_addf(out, "ratio %s", least.data);
    else
        fp_text_addf(out, "ratio in [%s, %s]", least.data, greatest.data);
    fp_text_clear(&least);
    fp_text_clear(&greatest);
}

void report_add_notes(fp_text *out, const fp_claim_result *c)
{
    fp_text_add(out, "");
    size_t start = out->len;
    if (c->has_margin) report_add_safe(out, c->binding, NULL);
    add_ratio(out, c, start);
    add_constants(out, c, start);
    if (c->premises) {
        begin_note(out, start);
        fp_text_addf(out, "premise true %lu of %lu times", c->premises_true, c->premises);
    }
    if (c->evidence == FP_EVIDENCE_ESTIMATE) {
        begin_note(out, start);
        fp_text_add(out, "on the estimated tube");
    }
    if (c->reason[0]) {
        begin_note(out, start);
        fp_text_add(out, "[");
        report_add_safe(out, c->reason, NULL);
        fp_text_add(out, "]");
    }
}

const char *report_mark(const fp_claim_result *c)
{
    return c->outside_hypotheses ? "outside hypotheses" : "";
}

void report_add_evidence(fp_text *out, const fp_claim_result *c)
{
    fp_text_add(out, "");
    size_t start = out->len;
    for (int k = 0; k < REPORT_CELLS; k++) {
        fp_text cell = {0};
        report_add_cell(&cell, c, k);
        if (cell.len) begin_note(out, start);
        if (cell.len) fp_text_addf(out, "%s %s", report_cell_title[k], cell.data);
        fp_text_clear(&cell);
    }
    fp_text notes = {0};
    report_add_notes(&notes, c);
    if (notes.len) begin_note(out, start);
    fp_text_addn(out, notes.data, notes.len);
    fp_text_clear(&notes);
    if (c->outside_hypotheses) begin_note(out, start);
    fp_text_add(out, report_mark(c));
    if (c->detail[0]) begin_note(out, start);
    report_add_safe(out, c->detail, NULL);
}
