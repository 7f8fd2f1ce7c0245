/* SPDX-License-Identifier: MIT */
/* The checklist for people: headlines, groups, findings, failures, one summary line. */
#include "report_impl.h"

#include <ctype.h>
#include <string.h>

enum { MARKS_WIDTH = 3, VERDICT_WIDTH = 15, NAME_LEAST = 20, NAME_MOST = 40, HEADLINE_LEAST = 30, CELL_WIDTH = 11, DETAIL_INDENT = 6, LINE = 110 };

typedef struct {
    fp_text *out;
    const fp_report *r;
    bool color;
    int name; /* width of the column of names */
    report_groups groups;
} page;

static const char *color_of(fp_verdict v)
{
    switch (v) {
    case FP_PROVED:
    case FP_SUPPORTED: return "\033[32m";
    case FP_VIOLATED:
    case FP_REFUTED: return "\033[31m";
    case FP_UNDECIDED: return "\033[33m";
    default: return "\033[2m";
    }
}

static int name_width(const fp_report *r)
{
    int widest = NAME_LEAST;
    for (size_t k = 0; k < r->results->claims_count; k++) {
        fp_text name = {0};
        report_add_name(&name, &r->results->claims[k]);
        int width = fp_text_width(name.data);
        if (width > widest) widest = width;
        fp_text_clear(&name);
    }
    return widest < NAME_MOST ? widest : NAME_MOST;
}

/* Capitals are for what is contrary to expectation. */
static void add_verdict(const page *p, const fp_claim_result *c)
{
    char word[24];
    size_t len = 0;
    bool loud = report_is_failure(c, p->r->allow_undecided);
    for (const char *s = fp_verdict_word(c->verdict); *s && len + 1 < sizeof word; s++)
        word[len++] = loud ? (char)toupper((unsigned char)*s) : *s;
    word[len] = 0;
    fp_text_addf(p->out, "%s%s ", loud ? "!" : report_is_finding(c) ? "*" : " ", c->outside_hypotheses ? "o" : " ");
    if (p->color) fp_text_add(p->out, color_of(c->verdict));
    report_add_padded(p->out, word, VERDICT_WIDTH);
    if (p->color) fp_text_add(p->out, "\033[0m");
}

static void add_name(const page *p, const fp_claim_result *c)
{
    fp_text name = {0};
    report_add_name(&name, c);
    report_add_padded(p->out, name.data, p->name);
    fp_text_clear(&name);
}

static void trim(fp_text *out)
{
    while (out->len && out->data[out->len - 1] == ' ') out->data[--out->len] = 0;
}

static void add_claim(const page *p, const fp_claim_result *c)
{
    fp_text notes = {0};
    add_verdict(p, c);
    add_name(p, c);
    for (int k = 0; k < REPORT_CELLS; k++) {
        fp_text cell = {0};
        report_add_cell(&cell, c, k);
        fp_text_add(p->out, " ");
        report_add_padded(p->out, cell.data, 1 - CELL_WIDTH);
        fp_text_clear(&cell);
    }
    report_add_notes(&notes, c);
    fp_text_addf(p->out, "   %s", notes.data);
    trim(p->out);
    fp_text_add(p->out, "\n");
    report_add_wrapped(p->out, c->detail, DETAIL_INDENT, LINE);
    fp_text_clear(&notes);
}

/* The title of a table of claims stands in the line of its column titles, or above it if it is long. */
static void add_table_head(const page *p, const char *title)
{
    int width = MARKS_WIDTH + VERDICT_WIDTH + p->name;
    fp_text_add(p->out, "\n");
    report_add_padded(p->out, title, width);
    if (fp_text_width(title) > width) fp_text_addf(p->out, "\n%*s", width, "");
    for (int k = 0; k < REPORT_CELLS; k++) report_add_padded(p->out, report_cell_title[k], -CELL_WIDTH);
    fp_text_add(p->out, "\n");
}

static void add_estimate(const page *p)
{
    fp_text text = {0};
    report_add_estimate(&text, p->r);
    fp_text_addf(p->out, "%s.\n", text.data);
    fp_text_clear(&text);
}

static void add_header(const page *p)
{
    fp_text_addf(p->out, "flowproof %s: ", report_or(p->r->version, "?"));
    report_add_safe(p->out, report_title(p->r), NULL);
    fp_text_add(p->out, p->r->twins ? ", the false twins (to be rejected)\n" : "\n");
    report_add_instance(p->out, p->r);
    fp_text_add(p->out, "\n");
    report_add_integration(p->out, p->r);
    fp_text_add(p->out, "\n");
    if (p->r->knots) {
        report_add_knots(p->out, p->r);
        fp_text_add(p->out, "\n");
    }
    if (p->r->estimate) add_estimate(p);
    if (p->r->ended_why) {
        fp_text_add(p->out, "ENDED EARLY: ");
        report_add_safe(p->out, p->r->ended_why, NULL);
        fp_text_add(p->out, ". Nothing below speaks of later times.\n");
    }
    if (p->r->complete) return;
    fp_text why = {0};
    report_add_incomplete(&why, p->r);
    fp_text_add(p->out, "INCOMPLETE: ");
    report_add_safe(p->out, why.data, NULL);
    fp_text_clear(&why);
    fp_text_add(p->out, ". Nothing below speaks of later times.\n");
}

static int headline_width(const page *p)
{
    int widest = HEADLINE_LEAST;
    for (size_t k = 0; k < p->groups.headlines; k++)
        if (fp_text_width(p->groups.name[k]) > widest) widest = fp_text_width(p->groups.name[k]);
    return widest;
}

static void add_headline(const page *p, const char *group, int width)
{
    report_counts n = report_count(p->r, group);
    fp_text_add(p->out, "  ");
    report_add_padded(p->out, group, width);
    if (n.total == 0) {
        fp_text_add(p->out, "   no claim selected\n");
        return;
    }
    fp_text_addf(p->out, "%6zu %6zu %10zu %8zu   ", report_holding(&n), report_failing(&n), n.by_verdict[FP_UNDECIDED], report_neutral(&n));
    if (n.unfinished) fp_text_addf(p->out, "%zu not finished%s", n.unfinished, n.unexpected ? ", " : "\n");
    if (n.unexpected)
        fp_text_addf(p->out, "%zu CONTRARY TO EXPECTATION\n", n.unexpected);
    else if (!n.unfinished)
        fp_text_addf(p->out, n.allowed ? "as expected, but for %zu undecided\n" : "as expected\n", n.allowed);
}

static void add_headlines(const page *p)
{
    int width = headline_width(p);
    fp_text_addf(p->out, "\n%-*s%6s %6s %10s %8s\n", width + 2, "headlines", "hold", "fail", "undecided", "neutral");
    for (size_t k = 0; k < p->groups.headlines; k++) add_headline(p, p->groups.name[k], width);
    fp_text_add(p->out, "\n  margin    how far the tightest comparison is from failing, negative where it fails; for an identity, digits of agreement at exact states\n"
                        "  relative  margin / larger side\n"
                        "  t         time of the tightest point\n"
                        "  !  contrary to expectation    *  a finding: expected not to hold here, reason below    o  outside the paper's hypotheses\n");
}

static void add_group(const page *p, const char *group)
{
    const fp_results *results = p->r->results;
    report_counts n = report_count(p->r, group);
    if (n.total == n.unfinished) return;
    add_table_head(p, group);
    for (size_t k = 0; k < results->claims_count; k++)
        if (report_in_group(&results->claims[k], group) && !report_is_unfinished(&results->claims[k])) add_claim(p, &results->claims[k]);
}

enum { TIME_DIGITS = 10, TIME_BITS = 34 };

static void add_rounded(fp_text *out, mpfr_srcptr t, mpfr_rnd_t round)
{
    char *text = NULL;
    if (mpfr_asprintf(&text, "%.*R*g", TIME_DIGITS, round, t) < 0) text = NULL;
    fp_text_add(out, text ? text : "?");
    mpfr_free_str(text);
}

/* One number stands for the bracket if its digits do. */
static void add_bracket(fp_text *out, const fp_time_result *t)
{
    mpfr_t x;
    mpfr_init2(x, mpfr_get_prec(t->value));
    mpfr_mul_2si(x, t->width, TIME_BITS, MPFR_RNDU);
    bool narrow = mpfr_cmpabs(x, t->value) <= 0 || mpfr_zero_p(t->width);
    if (narrow) report_add_number(out, t->value, TIME_DIGITS);
    if (!narrow) {
        mpfr_sub(x, t->value, t->width, MPFR_RNDD);
        if (mpfr_zero_p(x)) mpfr_set_zero(x, 1);
        fp_text_add(out, "in [");
        add_rounded(out, x, MPFR_RNDD);
        fp_text_add(out, ", ");
        add_rounded(out, t->value, MPFR_RNDU);
        fp_text_add(out, "]");
    }
    mpfr_clear(x);
}

static void add_times(const page *p)
{
    const fp_results *results = p->r->results;
    if (results->times_count) fp_text_add(p->out, "\nnamed times\n");
    for (size_t k = 0; k < results->times_count; k++) {
        const fp_time_result *t = &results->times[k];
        fp_text_add(p->out, "  ");
        report_add_padded(p->out, report_or(t->time->name, "(unnamed)"), 14);
        fp_text_add(p->out, " ");
        if (t->found)
            add_bracket(p->out, t);
        if (t->found && t->estimated)
            fp_text_add(p->out, " (an estimate)");
        else if (!t->found)
            fp_text_add(p->out, report_why_no_time(t));
        fp_text_add(p->out, "\n");
    }
}

static void add_tube(const page *p)
{
    const fp_report_tube *t = p->r->tube;
    const char *const rows[][2] = {{"start: distance to knot 0", t->start}, {"defect of the polynomials, largest", t->defect}, {"integral of mu", t->growth},
                                   {"mu, largest", t->rate}, {"radius, largest", t->radius},
                                   {"states of the run, largest distance", t->run}};
    fp_text_add(p->out, "\ntube: bounds, in the weighted norm (proofs/certificate.md)\n");
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        if (rows[k][1][0]) fp_text_addf(p->out, "  %-36s %s\n", rows[k][0], rows[k][1]);
}

static void add_distances(const page *p)
{
    const fp_report_knots *k = p->r->knots;
    if (!k || k->distances_count == 0) return;
    fp_text_add(p->out, "\nwhere no tube closes\n");
    report_add_wrapped(p->out, report_distances_are, 2, LINE);
    fp_text_addf(p->out, "  %6s %14s %18s %18s %14s\n", "knot", "t", "from knot before", "from knot 0", "size of knot");
    for (size_t r = 0; r < k->distances_count; r++) {
        const fp_report_distance *d = k->distances + r;
        fp_text_addf(p->out, "  %6zu %14s %18s %18s %14s\n", d->knot, d->t, d->from_previous, d->from_start, d->size);
    }
    report_add_wrapped(p->out, report_distances_help, 2, LINE);
}

static void add_invariants(const page *p)
{
    if (p->r->tube) add_tube(p);
    add_distances(p);
    if (p->r->invariants_count == 0) return;
    fp_text_addf(p->out, "\n%s: largest relative drift of what the flow conserves, from knot 0 on (no part of a proof)\n", p->r->knots ? "knots as given" : "knots of the run");
    for (size_t k = 0; k < p->r->invariants_count; k++) {
        fp_text_add(p->out, "  ");
        report_add_padded(p->out, p->r->invariants[k].name, 36);
        fp_text_addf(p->out, " %s\n", report_or(p->r->invariants[k].drift, "-"));
    }
}

static void add_reason(const page *p, const fp_claim_result *c)
{
    fp_text line = {0};
    fp_text_addf(&line, "expected: %s", report_expected(c));
    if (c->expected_reason[0]) fp_text_addf(&line, " (%s)", c->expected_reason);
    report_add_wrapped(p->out, line.data, DETAIL_INDENT, LINE);
    fp_text_clear(&line);
}

static void add_findings(const page *p)
{
    const fp_results *results = p->r->results;
    if (p->r->twins || report_count(p->r, NULL).findings == 0) return;
    fp_text_add(p->out, "\nfindings: expected not to hold on this setting\n");
    for (size_t k = 0; k < results->claims_count; k++) {
        const fp_claim_result *c = &results->claims[k];
        if (!report_is_finding(c)) continue;
        add_verdict(p, c);
        add_name(p, c);
        trim(p->out);
        fp_text_add(p->out, "\n");
        report_add_wrapped(p->out, c->expected_reason, DETAIL_INDENT, LINE);
    }
}

static void add_failure(const page *p, const fp_claim_result *c)
{
    fp_text formula = {0}, source = {0};
    add_claim(p, c);
    fp_claim_print(&formula, c->claim);
    report_add_wrapped(p->out, formula.data, DETAIL_INDENT, LINE);
    add_reason(p, c);
    fp_text_addf(&source, "%s:%d, %s", report_or(c->claim->place.file, "?"), c->claim->place.line,
                 report_or(c->claim->sheet->paper, c->claim->sheet->number));
    report_add_wrapped(p->out, source.data, DETAIL_INDENT, LINE);
    fp_text_clear(&formula);
    fp_text_clear(&source);
}

static void add_failures(const page *p)
{
    const fp_results *results = p->r->results;
    bool first = true;
    for (size_t k = 0; k < results->claims_count; k++) {
        if (!report_is_failure(&results->claims[k], p->r->allow_undecided)) continue;
        if (first) add_table_head(p, "contrary to expectation");
        first = false;
        add_failure(p, &results->claims[k]);
    }
}

static void add_end(const page *p)
{
    report_add_summary(p->out, p->r);
    fp_text_add(p->out, "\n");
}

void fp_report_terminal(fp_text *out, const fp_report *r, bool color)
{
    page p = {.out = out, .r = r, .color = color, .name = name_width(r)};
    report_groups_init(&p.groups, r);
    add_header(&p);
    add_headlines(&p);
    for (size_t k = 0; k < p.groups.count; k++) add_group(&p, p.groups.name[k]);
    report_groups_clear(&p.groups);
    add_times(&p);
    add_invariants(&p);
    add_findings(&p);
    add_failures(&p);
    fp_text_add(out, "\n");
    add_end(&p);
}

void fp_report_brief(fp_text *out, const fp_report *r, bool color)
{
    page p = {.out = out, .r = r, .color = color, .name = name_width(r)};
    add_failures(&p);
    if (r->knots) {
        report_add_knots(out, r);
        fp_text_add(out, "\n");
    }
    add_end(&p);
}
