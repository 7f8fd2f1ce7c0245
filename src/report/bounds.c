/* SPDX-License-Identifier: MIT */
/* The measured constants, the ratios of order lines and the named times of a run, with as many digits as their enclosures show: every digit printed is that of the rounded value. */
#include "report_impl.h"

#include <stdlib.h>
#include <string.h>

enum { TIME_DIGITS = 12, ENDS_MARGIN = 3 };

/* ---- one number of the table */
typedef enum { CONSTANT, RATIO, TIME } kind;
static const char *const kind_word[] = {"constant", "ratio", "time"};

typedef struct {
    kind kind;
    const fp_claim_result *claim; /* NULL: of a time */
    const fp_measured *measured;  /* of a constant, else NULL */
    mpfr_srcptr from, to;         /* of a constant: where the extreme value is attained */
    const fp_time_result *time;   /* of a time, else NULL */
    const char *name;
    const char *extreme;          /* what the value is */
    arb_t value;
    const char *unknown;          /* why there is no value; NULL: there is one */
} row;

typedef struct {
    fp_text *out;
    const fp_report *r;
    long digits;
    fp_report_bounds_count count;
    const fp_claim_result *shown; /* terminal: the claim whose heading stands above */
} page;

typedef void (*writer)(page *p, const row *x);

/* Reasons of a verdict that leave what was measured over the window as it is. */
static bool is_whole(const char *reason)
{
    static const char *const whole[] = {"", "straddles-zero", "depth", "domain", "precision-cap", "requires"};
    for (size_t k = 0; k < sizeof whole / sizeof *whole; k++)
        if (strcmp(reason, whole[k]) == 0) return true;
    return false;
}

static const char *why_unknown(const fp_claim_result *c, bool known)
{
    if (!is_whole(c->reason)) return c->reason;
    if (c->verdict == FP_NOT_APPLICABLE) return "not-applicable";
    if (!known) return "not bounded";
    return c->evidence == FP_EVIDENCE_ENCLOSURE ? NULL : "estimate";
}

static void constant_rows(page *p, const fp_claim_result *c, writer write)
{
    for (int k = 0; k < c->measured_count; k++) {
        const fp_measured *m = &c->measured[k];
        row x = {.kind = CONSTANT, .claim = c, .measured = m, .from = c->attained_from[k], .to = c->attained_to[k], .name = m->constant->name, .extreme = m->constant->smallest ? "smallest" : "largest", .unknown = why_unknown(c, m->known)};
        arb_init(x.value);
        arb_set(x.value, m->measured);
        write(p, &x);
        arb_clear(x.value);
    }
}

static void ratio_rows(page *p, const fp_claim_result *c, writer write)
{
    const char *why = c->has_ratio ? NULL : report_or(c->reason, "no time of the window was examined");
    for (int k = 0; k < 2; k++) {
        row x = {.kind = RATIO, .claim = c, .name = "ratio", .extreme = k ? "greatest" : "least", .unknown = why};
        arb_init(x.value);
        arb_set(x.value, k ? c->ratio_greatest : c->ratio_least);
        write(p, &x);
        arb_clear(x.value);
    }
}

static void interval_of(arb_t out, mpfr_srcptr from, mpfr_srcptr to)
{
    arf_t a, b;
    arf_init(a);
    arf_init(b);
    arf_set_mpfr(a, from);
    arf_set_mpfr(b, to);
    arb_set_interval_arf(out, a, b, 4 * (slong)mpfr_get_prec(to));
    arf_clear(a);
    arf_clear(b);
}

static void time_row(page *p, const fp_time_result *t, writer write)
{
    row x = {.kind = TIME, .time = t, .name = report_or(t->time->name, "?"), .extreme = "", .unknown = t->found ? NULL : report_why_no_time(t)};
    mpfr_t from;
    arb_init(x.value);
    mpfr_init2(from, 2 * mpfr_get_prec(t->value));
    mpfr_sub(from, t->value, t->width, MPFR_RNDD);
    if (t->found) interval_of(x.value, from, t->value);
    write(p, &x);
    mpfr_clear(from);
    arb_clear(x.value);
}

static void each_row(page *p, writer write)
{
    const fp_results *all = p->r->results;
    for (size_t k = 0; k < all->claims_count; k++) {
        const fp_claim_result *c = &all->claims[k];
        if (c->claim->kind == FP_CLAIM) constant_rows(p, c, write);
        if (c->claim->kind == FP_ORDER) ratio_rows(p, c, write);
    }
    for (size_t k = 0; k < all->times_count; k++) time_row(p, &all->times[k], write);
}

/* ---- counts */
static void count_row(page *p, const row *x)
{
    fp_report_bounds_count *n = &p->count;
    long reached = 0;
    if (!x->unknown) free(fp_ball_rounded_text(x->value, p->digits, &reached));
    size_t *of[] = {n->constants, n->ratios, n->times};
    of[x->kind][x->unknown ? FP_BOUNDS_OPEN : reached >= p->digits ? FP_BOUNDS_FULL : FP_BOUNDS_FEWER]++;
}

fp_report_bounds_count fp_report_bounds_counted(const fp_report *r, long digits)
{
    page p = {.r = r, .digits = digits};
    each_row(&p, count_row);
    return p.count;
}

static void add_count(fp_text *out, const char *what, const size_t n[3], long digits)
{
    size_t total = n[0] + n[1] + n[2];
    if (total == 0) return;
    fp_text_addf(out, "%s%zu %s%s", out->len ? "; " : "", total, what, total == 1 ? "" : "s");
    const char *before = ": ";
    if (n[FP_BOUNDS_FULL]) fp_text_addf(out, "%s%zu to %ld digits", before, n[FP_BOUNDS_FULL], digits), before = ", ";
    if (n[FP_BOUNDS_FEWER]) fp_text_addf(out, "%s%zu to fewer", before, n[FP_BOUNDS_FEWER]), before = ", ";
    if (n[FP_BOUNDS_OPEN]) fp_text_addf(out, "%s%zu without a value", before, n[FP_BOUNDS_OPEN]);
}

static void add_counts(fp_text *out, const page *p)
{
    fp_text line = {0};
    fp_report_bounds_count n = fp_report_bounds_counted(p->r, p->digits);
    add_count(&line, "constant", n.constants, p->digits);
    add_count(&line, "ratio", n.ratios, p->digits);
    add_count(&line, "time", n.times, p->digits);
    fp_text_add(out, line.len ? line.data : "nothing selected");
    if (!p->r->complete) {
        fp_text_add(out, "; INCOMPLETE: ");
        report_add_safe(out, report_why_incomplete(p->r), NULL);
    }
    fp_text_clear(&line);
}

/* ---- cells */
static void add_stated(fp_text *out, const row *x)
{
    fp_text_add(out, "");
    if (!x->measured) return;
    char *text = fp_rational_text(x->measured->constant->value);
    fp_text_add(out, text);
    free(text);
}

/* The value and how many of its digits are certain; an interval when none is. */
static long add_value(fp_text *out, const row *x, long digits)
{
    long reached = 0;
    char *text = fp_ball_rounded_text(x->value, digits, &reached);
    fp_text_add(out, text);
    free(text);
    return reached;
}

static char *end_text(mpfr_srcptr t, int digits, mpfr_rnd_t round)
{
    char *text = NULL;
    if (mpfr_asprintf(&text, "%.*R*g", digits, round, t) < 0) text = NULL;
    char *own = fp_strdup(text ? text : "?");
    mpfr_free_str(text);
    return own;
}

/* The time to the digits that both ends share, or an interval. */
static void add_between(fp_text *out, mpfr_srcptr from, mpfr_srcptr to, int digits)
{
    char *low = NULL, *high = NULL;
    bool same = false;
    for (int d = digits; d >= 4 && !same; d--) {
        free(low);
        free(high);
        low = end_text(from, d, MPFR_RNDN);
        high = end_text(to, d, MPFR_RNDN);
        same = strcmp(low, high) == 0;
    }
    if (same) {
        fp_text_add(out, low);
    } else {
        free(low);
        free(high);
        low = end_text(from, 4, MPFR_RNDD);
        high = end_text(to, 4, MPFR_RNDU);
        fp_text_addf(out, "[%s, %s]", low, high);
    }
    free(low);
    free(high);
}

/* When the extreme value is attained: at one of these times, and at no other. */
static void add_when(fp_text *out, const row *x)
{
    fp_text_add(out, "");
    if (!x->measured || x->claim->claim->window == FP_WINDOW_NONE) return;
    if (x->claim->claim->window == FP_WINDOW_INITIALLY) {
        fp_text_add(out, "0");
        return;
    }
    add_between(out, x->from, x->to, TIME_DIGITS);
}

static void add_formula(fp_text *out, const row *x)
{
    fp_text_add(out, "");
    if (x->claim) fp_claim_print(out, x->claim->claim);
    if (x->time && x->time->time->value) fp_node_print(out, x->time->time->value);
    if (x->time && x->time->time->condition) {
        fp_text_add(out, x->time->time->kind == FP_TIME_FIRST ? "first t with " : "last t with ");
        fp_node_print(out, x->time->time->condition);
    }
}

/* ---- terminal */
static void heading(page *p, const row *x)
{
    fp_text formula = {0};
    if (p->shown == x->claim && x->kind != TIME) return;
    if (x->kind == TIME && p->shown == NULL) return;
    p->shown = x->claim;
    fp_text_add(p->out, "\n");
    if (x->kind == TIME) {
        fp_text_add(p->out, "named times\n");
        return;
    }
    report_add_name(p->out, x->claim);
    fp_text_addf(p->out, "  (%s)\n", x->kind == RATIO ? "order" : fp_verdict_word(x->claim->verdict));
    add_formula(&formula, x);
    report_add_wrapped(p->out, formula.data, 4, 104);
    fp_text_clear(&formula);
}

static void terminal_row(page *p, const row *x)
{
    fp_text stated = {0}, value = {0}, when = {0};
    heading(p, x);
    add_stated(&stated, x);
    fp_text_add(p->out, "  ");
    report_add_padded(p->out, x->name, 8);
    if (x->measured) {
        fp_text_add(p->out, " stated ");
        report_add_padded(p->out, stated.data, 8);
    }
    fp_text_addf(p->out, " %s%s", x->extreme, x->extreme[0] ? " " : "");
    if (x->unknown) {
        fp_text_addf(p->out, "unknown: %s\n", x->unknown);
    } else {
        long reached = add_value(&value, x, p->digits);
        add_when(&when, x);
        fp_text_add(p->out, value.data);
        fp_text_addf(p->out, "  (%ld digit%s)", reached, reached == 1 ? "" : "s");
        if (when.len) fp_text_addf(p->out, " at t = %s", when.data);
        fp_text_add(p->out, "\n");
    }
    fp_text_clear(&stated);
    fp_text_clear(&value);
    fp_text_clear(&when);
}

void fp_report_bounds_terminal(fp_text *out, const fp_report *r, long digits)
{
    static const fp_claim_result none = {0};
    page p = {.out = out, .r = r, .digits = digits, .shown = &none};
    fp_text_addf(out, "flowproof %s: bounds of ", report_or(r->version, "?"));
    report_add_safe(out, report_title(r), NULL);
    fp_text_addf(out, ", %ld digits asked for\n", digits);
    report_add_instance(out, r);
    fp_text_add(out, "\n");
    report_add_integration(out, r);
    fp_text_add(out, "\n");
    each_row(&p, terminal_row);
    fp_text_add(out, "\n");
    add_counts(out, &p);
    fp_text_add(out, "\n");
}

/* ---- CSV: RFC 4180 */
static void add_ends(fp_text *out, const arb_t x, long digits)
{
    char *low = fp_ball_lower_text(x, digits + ENDS_MARGIN), *high = fp_ball_upper_text(x, digits + ENDS_MARGIN);
    fp_text_addf(out, "%s,%s,", low, high);
    free(low);
    free(high);
}

static void add_when_ends(fp_text *out, const row *x)
{
    bool timed = x->measured && !x->unknown && x->claim->claim->window != FP_WINDOW_NONE;
    char *low = timed ? end_text(x->from, TIME_DIGITS, MPFR_RNDD) : NULL, *high = timed ? end_text(x->to, TIME_DIGITS, MPFR_RNDU) : NULL;
    fp_text_addf(out, "%s,%s,", timed ? low : "", timed ? high : "");
    free(low);
    free(high);
}

static void csv_row(page *p, const row *x)
{
    fp_text stated = {0}, value = {0}, formula = {0};
    long reached = x->unknown ? 0 : add_value(&value, x, p->digits);
    add_stated(&stated, x);
    add_formula(&formula, x);
    fp_text_addf(p->out, "%s,", kind_word[x->kind]);
    fp_csv_add_field(p->out, x->claim ? x->claim->claim->id : "");
    fp_text_add(p->out, ",");
    fp_csv_add_field(p->out, x->name);
    fp_text_addf(p->out, ",%s,%s,%s,%ld,", stated.data, x->extreme, reached ? value.data : "", reached);
    if (x->unknown)
        fp_text_add(p->out, ",,");
    else
        add_ends(p->out, x->value, p->digits);
    add_when_ends(p->out, x);
    fp_text_addf(p->out, "%s,", x->claim ? fp_verdict_word(x->claim->verdict) : "");
    fp_csv_add_field(p->out, x->unknown);
    fp_text_add(p->out, ",");
    fp_csv_add_field(p->out, formula.data);
    fp_text_add(p->out, "\n");
    fp_text_clear(&stated);
    fp_text_clear(&value);
    fp_text_clear(&formula);
}

void fp_report_bounds_csv(fp_text *out, const fp_report *r, long digits)
{
    page p = {.out = out, .r = r, .digits = digits};
    fp_text_add(out, "kind,claim,name,stated,extreme,value,digits,lower,upper,t_from,t_to,verdict,unknown,formula\n");
    each_row(&p, csv_row);
}

/* ---- Markdown */
static void markdown_row(page *p, const row *x)
{
    fp_text stated = {0}, value = {0}, when = {0}, name = {0}, formula = {0};
    long reached = 0;
    if (x->unknown)
        fp_text_add(&value, x->unknown);
    else
        reached = add_value(&value, x, p->digits), add_when(&when, x);
    add_stated(&stated, x);
    add_formula(&formula, x);
    if (x->claim) report_add_name(&name, x->claim);
    fp_text *cell[] = {&name, &formula};
    fp_text_add(p->out, "| ");
    for (int k = 0; k < 2; k++) {
        report_add_safe(p->out, cell[k]->data, report_escape_markdown);
        fp_text_add(p->out, " | ");
    }
    report_add_safe(p->out, x->name, report_escape_markdown);
    fp_text_addf(p->out, " | %s | %s | %s | %ld | %s |\n", stated.data, x->extreme, value.data, reached, when.data ? when.data : "");
    fp_text_clear(&stated);
    fp_text_clear(&value);
    fp_text_clear(&when);
    fp_text_clear(&name);
    fp_text_clear(&formula);
}

void fp_report_bounds_markdown(fp_text *out, const fp_report *r, long digits)
{
    page p = {.out = out, .r = r, .digits = digits};
    fp_text_add(out, "# flowproof bounds: ");
    report_add_safe(out, report_title(r), report_escape_markdown);
    fp_text_addf(out, ", %ld digits asked for\n\n", digits);
    add_counts(out, &p);
    fp_text_add(out, "\n\n");
    report_add_instance(out, r);
    fp_text_add(out, "\n\n");
    report_add_integration(out, r);
    fp_text_add(out, "\n\nA value is that of the true solution, rounded to the digits shown; without a digit it is an interval that holds it.\n\n"
                     "| claim | formula | name | stated | extreme | value | digits | attained at t |\n|---|---|---|--:|---|---|--:|---|\n");
    each_row(&p, markdown_row);
}
