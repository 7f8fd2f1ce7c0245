/* SPDX-License-Identifier: MIT */
/* The master result file. Every real is a string, since JSON readers go through binary64. "result" is deterministic (no time, host, path) and
 * digested; "run" is the rest. */
#include "flowproof/json.h"
#include "report_impl.h"

#include <stdlib.h>
#include <string.h>

enum { JSON_DIGITS = 12 };

static void add_key(fp_text *out, const char *key)
{
    char last = out->len ? out->data[out->len - 1] : 0;
    if (last != '{' && last != '[') fp_text_add(out, ",");
    fp_json_add_string(out, key);
    fp_text_add(out, ":");
}

static void add_text(fp_text *out, const char *key, const char *value)
{
    add_key(out, key);
    if (value)
        fp_json_add_string(out, value);
    else
        fp_text_add(out, "null");
}

static void add_integer(fp_text *out, const char *key, long value)
{
    add_key(out, key);
    fp_text_addf(out, "%ld", value);
}

static void add_flag(fp_text *out, const char *key, bool value)
{
    add_key(out, key);
    fp_text_add(out, value ? "true" : "false");
}

static void add_ball(fp_text *out, const char *key, const arb_t x)
{
    char *lower = fp_ball_lower_text(x, JSON_DIGITS), *upper = fp_ball_upper_text(x, JSON_DIGITS), *hex = fp_ball_hex(x);
    add_key(out, key);
    fp_text_add(out, "{");
    add_text(out, "lo", lower);
    add_text(out, "hi", upper);
    add_text(out, "hex", hex);
    fp_text_add(out, "}");
    free(lower);
    free(upper);
    free(hex);
}

/* NaN stands for "there is none". */
static void add_real(fp_text *out, const char *key, mpfr_srcptr x)
{
    if (mpfr_nan_p(x)) {
        add_text(out, key, NULL);
        return;
    }
    char *text = fp_mpfr_text(x, fp_digits_of(mpfr_get_prec(x)));
    add_text(out, key, text);
    free(text);
}

static void open_object(fp_text *out, const char *key)
{
    if (key) add_key(out, key);
    fp_text_add(out, "{");
}

static const char *const gate_word[] = {[FP_GATE_PASS] = "pass", [FP_GATE_FAIL] = "fail", [FP_GATE_UNDECIDED] = "undecided", [FP_GATE_NEUTRAL] = "neutral"};

static void add_margin(fp_text *out, const fp_claim_result *r)
{
    add_ball(out, "margin", r->margin);
    add_ball(out, "relative_margin", r->relative);
    add_real(out, "tight_time", r->tight_time);
    add_text(out, "binding", r->binding);
}

static void add_rational(fp_text *out, const char *key, mpq_srcptr value)
{
    char *text = fp_rational_text(value);
    add_text(out, key, text);
    free(text);
}

static void add_constant(fp_text *out, const fp_measured *m)
{
    open_object(out, NULL);
    add_text(out, "name", m->constant->name);
    add_rational(out, "declared", m->constant->value);
    add_text(out, "wanted", m->constant->smallest ? "smallest" : "largest");
    if (m->known) {
        add_ball(out, "measured", m->measured);
        add_real(out, "time", m->time);
    }
    fp_text_add(out, "}");
}

static void add_constants(fp_text *out, const fp_claim_result *r)
{
    add_key(out, "constants");
    fp_text_add(out, "[");
    for (int k = 0; k < r->measured_count; k++) {
        if (k) fp_text_add(out, ",");
        add_constant(out, &r->measured[k]);
    }
    fp_text_add(out, "]");
}

static const char *evidence_word(fp_evidence e)
{
    return e == FP_EVIDENCE_ENCLOSURE ? "enclosure" : e == FP_EVIDENCE_ESTIMATE ? "estimate" : e == FP_EVIDENCE_SAMPLED ? "sampled" : "none";
}

static void add_statement(fp_text *out, const fp_claim *claim)
{
    fp_text formula = {0};
    fp_claim_print(&formula, claim);
    add_text(out, "id", claim->id);
    add_text(out, "variant", claim->variant);
    add_text(out, "statement", claim->sheet->number);
    add_text(out, "paper", claim->sheet->paper);
    add_text(out, "title", claim->sheet->title);
    add_text(out, "group", claim->sheet->group);
    add_text(out, "kind", claim->kind == FP_CLAIM ? "claim" : claim->kind == FP_ORDER ? "order" : "probability");
    add_integer(out, "line", claim->place.line);
    add_text(out, "formula", formula.data);
    fp_text_clear(&formula);
}

static void add_outcome(fp_text *out, const fp_claim_result *r, bool allow_undecided)
{
    add_text(out, "verdict", fp_verdict_word(r->verdict));
    add_text(out, "gate", gate_word[fp_gate_of(r, allow_undecided)]);
    add_text(out, "reason", r->reason);
    add_text(out, "detail", r->detail);
    add_text(out, "evidence", evidence_word(r->evidence));
    add_text(out, "expected", r->expected_holds ? "holds" : fp_verdict_word(r->expected));
    add_text(out, "expected_reason", r->expected_reason);
    add_flag(out, "as_expected", r->as_expected);
    add_flag(out, "outside_hypotheses", r->outside_hypotheses);
}

static void add_claim(fp_text *out, const fp_claim_result *r, bool allow_undecided)
{
    open_object(out, NULL);
    add_statement(out, r->claim);
    add_outcome(out, r, allow_undecided);
    if (r->has_margin) add_margin(out, r);
    if (r->agreement_digits >= 0) {
        add_integer(out, "agreement_digits", r->agreement_digits);
        add_integer(out, "agreement_states", (long)r->agreement_states);
    }
    if (r->has_ratio) {
        add_ball(out, "ratio_least", r->ratio_least);
        add_ball(out, "ratio_greatest", r->ratio_greatest);
    }
    add_real(out, "window_from", r->window_from);
    add_real(out, "window_to", r->window_to);
    add_integer(out, "samples", (long)r->samples);
    add_integer(out, "premises", (long)r->premises);
    add_integer(out, "premises_true", (long)r->premises_true);
    add_constants(out, r);
    fp_text_add(out, "}");
}

/* No problem: the run failed before there was one. */
static void add_instance(fp_text *out, const fp_problem *p, const char *title)
{
    open_object(out, "instance");
    add_text(out, "setting", title);
    if (!p) {
        fp_text_add(out, "}");
        return;
    }
    add_text(out, "setting_sha256", p->setting->sha256);
    add_text(out, "data_sha256", p->data_sha256);
    add_text(out, "weights_sha256", p->weights_sha256);
    const char *const names[] = {"n", "L", "d", "m", "m1"};
    const long values[] = {p->n, p->L, p->d, p->m, p->m1};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) add_integer(out, names[k], values[k]);
    char seed[24];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)p->setting->seed);
    add_text(out, "seed", seed);
    fp_text_add(out, "}");
}

static void add_knots(fp_text *out, const fp_report_knots *k)
{
    open_object(out, "knots");
    add_integer(out, "given", (long)k->given);
    add_integer(out, "used", (long)k->used);
    add_text(out, "used_up_to", k->last);
    add_key(out, "distances_estimated");
    fp_text_add(out, "[");
    for (size_t r = 0; r < k->distances_count; r++) {
        const fp_report_distance *d = k->distances + r;
        if (r) fp_text_add(out, ",");
        open_object(out, NULL);
        add_integer(out, "knot", (long)d->knot);
        add_text(out, "t", d->t);
        add_text(out, "from_knot_before", d->from_previous);
        add_text(out, "from_knot_0", d->from_start);
        add_text(out, "size", d->size);
        fp_text_add(out, "}");
    }
    fp_text_add(out, "]}");
}

static void add_estimate(fp_text *out, const fp_report_estimate *e)
{
    open_object(out, "estimate");
    add_text(out, "from", e->from);
    add_text(out, "proof_ended", e->gave_up);
    add_text(out, "made_by", "4 times the largest distance from a second trajectory at a tolerance 1000 times smaller");
    add_integer(out, "steps", (long)e->steps);
    add_text(out, "largest_radius", e->radius);
    add_text(out, "largest_distance", e->distance);
    fp_text_add(out, "}");
}

static void add_selection(fp_text *out, const fp_report *r)
{
    open_object(out, "selection");
    add_text(out, "only", r->only);
    add_integer(out, "not_selected", (long)report_unselected(r));
    fp_text_add(out, "}");
}

static void add_integration(fp_text *out, const fp_report *r)
{
    open_object(out, "integration");
    add_integer(out, "arithmetic_version", FP_ARITHMETIC_VERSION);
    add_text(out, "flow", r->flow);
    add_text(out, "method", r->method);
    add_integer(out, "precision_bits", r->precision);
    add_text(out, "tolerance", r->tolerance);
    add_text(out, "outcome", r->outcome);
    add_text(out, "t_end", r->t_end);
    add_integer(out, "steps", (long)r->steps);
    add_integer(out, "run_steps", (long)r->run_steps);
    add_integer(out, "rejected", (long)r->rejected);
    add_integer(out, "evaluations", (long)r->evaluations);
    if (r->tube) {
        open_object(out, "tube");
        add_integer(out, "order", r->tube->order);
        add_integer(out, "limbs", r->tube->limbs);
        add_text(out, "start", r->tube->start);
        add_text(out, "largest_defect", r->tube->defect);
        add_text(out, "integral_of_mu", r->tube->growth);
        add_text(out, "largest_mu", r->tube->rate);
        add_text(out, "largest_radius", r->tube->radius);
        if (r->tube->run[0]) add_text(out, "largest_distance_of_knots", r->tube->run);
        fp_text_add(out, "}");
    }
    if (r->estimate) add_estimate(out, r->estimate);
    if (r->ended_why) add_text(out, "ended_why", r->ended_why);
    if (r->knots) add_knots(out, r->knots);
    open_object(out, "invariant_drift");
    for (size_t k = 0; k < r->invariants_count; k++) add_text(out, report_or(r->invariants[k].name, "?"), r->invariants[k].drift);
    fp_text_add(out, "}}");
}

/* A list, since sheets may have times of the same name. */
static void add_times(fp_text *out, const fp_results *results)
{
    add_key(out, "times");
    fp_text_add(out, "[");
    for (size_t k = 0; k < results->times_count; k++) {
        const fp_time_result *t = &results->times[k];
        if (k) fp_text_add(out, ",");
        open_object(out, NULL);
        add_text(out, "name", t->time->name);
        add_flag(out, "found", t->found);
        if (t->estimated) add_flag(out, "estimated", true);
        if (t->found) {
            add_real(out, "value", t->value);
            add_real(out, "width", t->width);
        } else {
            add_text(out, "reason", t->reason);
        }
        fp_text_add(out, "}");
    }
    fp_text_add(out, "]");
}

static void add_counts(fp_text *out, const fp_report *r)
{
    report_counts n = report_count(r, NULL);
    open_object(out, "counts");
    add_integer(out, "claims", (long)n.total);
    for (int v = 0; v <= FP_DEFERRED; v++) add_integer(out, fp_verdict_word((fp_verdict)v), (long)n.by_verdict[v]);
    add_integer(out, "contrary_to_expectation", (long)n.unexpected);
    add_integer(out, "findings", (long)n.findings);
    fp_text_add(out, "}");
}

static void add_claims(fp_text *out, const fp_report *r)
{
    add_key(out, "claims");
    fp_text_add(out, "[");
    for (size_t k = 0; k < r->results->claims_count; k++) {
        fp_text_add(out, k ? ",\n" : "\n");
        add_claim(out, &r->results->claims[k], r->allow_undecided);
    }
    fp_text_add(out, "\n]");
}

static void add_result(fp_text *out, const fp_report *r)
{
    open_object(out, NULL);
    add_flag(out, "complete", r->complete);
    add_text(out, "incomplete_why", r->complete ? NULL : report_why_incomplete(r));
    if (r->is_rejection) add_flag(out, "rejected", true);
    add_flag(out, "twins", r->twins);
    add_flag(out, "allow_undecided", r->allow_undecided);
    add_integer(out, "exit_status", r->exit_status);
    add_instance(out, r->problem, r->problem ? r->problem->setting->name : r->title);
    add_text(out, "sheets_sha256", r->sheets ? r->sheets->sha256 : NULL);
    if (r->only) add_selection(out, r);
    if (r->problem) add_integration(out, r);
    add_counts(out, r);
    add_times(out, r->results);
    add_claims(out, r);
    fp_text_add(out, "}");
}

static void digest_text(char out[65], const fp_text *text)
{
    fp_sha256 sha;
    fp_sha256_init(&sha);
    fp_sha256_add(&sha, text->data, text->len);
    fp_sha256_hex(out, &sha);
}

void fp_report_digest(char out[65], const fp_report *r)
{
    fp_text result = {0};
    add_result(&result, r);
    digest_text(out, &result);
    fp_text_clear(&result);
}

static void add_run(fp_text *out, const fp_report *r)
{
    char seconds[32];
    snprintf(seconds, sizeof seconds, "%.3f", r->seconds);
    open_object(out, "run");
    add_text(out, "tool", "flowproof");
    add_text(out, "version", r->version);
    add_text(out, "commit", r->commit);
    add_text(out, "compiler", r->compiler);
    add_text(out, "mpfr", mpfr_get_version());
    add_text(out, "gmp", gmp_version);
    add_text(out, "flint", flint_version);
    add_text(out, "started", r->started);
    add_text(out, "seconds", seconds);
    add_integer(out, "threads", r->threads);
    fp_text_add(out, "}");
}

void fp_report_json(fp_text *out, const fp_report *r)
{
    fp_text result = {0};
    char digest[65];
    add_result(&result, r);
    digest_text(digest, &result);
    open_object(out, NULL);
    add_text(out, "schema", "flowproof-result-2");
    add_key(out, "result");
    fp_text_addn(out, result.data, result.len);
    add_text(out, "result_sha256", digest);
    add_run(out, r);
    fp_text_add(out, "}\n");
    fp_text_clear(&result);
}
