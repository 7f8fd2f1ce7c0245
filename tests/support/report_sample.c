/* SPDX-License-Identifier: MIT */
#include "report_sample.h"

#include <stdlib.h>
#include <string.h>

static char borrowed_name[] = "tiny";

static void make_body(report_sample *s)
{
    s->variable_name = "x<&>\"|";
    mpq_inits(s->one.number, s->variable.number, s->body.number, NULL);
    s->one.kind = FP_NODE_NUMBER;
    s->one.type = FP_TYPE_REAL;
    mpq_set_ui(s->one.number, 1, 2);
    s->variable.kind = FP_NODE_VARIABLE;
    s->variable.type = FP_TYPE_REAL;
    s->variable.names = &s->variable_name;
    s->kids[0] = &s->variable;
    s->kids[1] = &s->one;
    s->body.kind = FP_NODE_COMPARE;
    s->body.type = FP_TYPE_BOOL;
    s->body.op = FP_LE;
    s->body.count = 2;
    s->body.kids = s->kids;
}

static void make_report(report_sample *s)
{
    s->report = (fp_report){
        .version = "0.1", .commit = "abc1234+dirty", .compiler = "a compiler", .problem = &s->problem, .sheets = &s->sheets, .flow = "reduced",
        .method = "rk45", .precision = 128, .tolerance = "1e-10", .outcome = "reached the end", .complete = true, .steps = 107, .rejected = 3,
        .evaluations = 642, .t_end = "300", .results = &s->results, .seconds = 12.3456,
        .started = "2001-02-03T04:05:06Z", .threads = 2,
    };
}

void report_sample_init(report_sample *s, size_t capacity)
{
    memset(s, 0, sizeof *s);
    s->capacity = capacity;
    s->setting.name = borrowed_name;
    s->setting.seed = UINT64_MAX;
    s->problem = (fp_problem){.n = 6, .L = 4, .d = 12, .m = 16, .m1 = 8, .setting = &s->setting};
    s->sheet = fp_alloc(capacity + 1, sizeof *s->sheet);
    s->claim = fp_alloc(capacity + 1, sizeof *s->claim);
    s->results.claims = fp_alloc(capacity + 1, sizeof *s->results.claims);
    s->results.times = fp_alloc(2, sizeof *s->results.times);
    mpq_init(s->constant.value);
    mpq_set_ui(s->constant.value, 1, 2);
    s->constant.name = "C";
    s->constant.smallest = true;
    make_body(s);
    make_report(s);
}

void report_sample_clear(report_sample *s)
{
    fp_results_clear(&s->results);
    mpq_clears(s->one.number, s->variable.number, s->body.number, s->constant.value, NULL);
    free(s->sheet);
    free(s->claim);
}

static void init_numbers(fp_claim_result *r)
{
    arb_ptr balls[] = {r->margin, r->relative, r->ratio_least, r->ratio_greatest};
    mpfr_ptr times[] = {r->tight_time, r->window_from, r->window_to};
    for (size_t k = 0; k < sizeof balls / sizeof *balls; k++) arb_init(balls[k]);
    for (size_t k = 0; k < sizeof times / sizeof *times; k++) mpfr_init2(times[k], 128);
    for (int k = 0; k < FP_SENSITIVITIES_MAX; k++) {
        arb_init(r->measured[k].measured);
        mpfr_init2(r->measured[k].time, 128);
        mpfr_init2(r->attained_from[k], 128);
        mpfr_init2(r->attained_to[k], 128);
        mpfr_set_zero(r->measured[k].time, 1);
    }
    arb_set_d(r->margin, 0.125);
    arb_set_d(r->relative, 0.25);
    mpfr_set_d(r->tight_time, 0.25, MPFR_RNDN);
    mpfr_set_d(r->window_from, 0, MPFR_RNDN);
    mpfr_set_d(r->window_to, 300, MPFR_RNDN);
}

fp_claim_result *report_sample_add(report_sample *s, const char *group, const char *id, fp_verdict verdict)
{
    size_t k = s->results.claims_count++;
    fp_sheet *sheet = &s->sheet[k];
    fp_claim *claim = &s->claim[k];
    fp_claim_result *r = &s->results.claims[k];
    *sheet = (fp_sheet){.number = "4.4", .group = group, .path = "/some/folder/4.4.claim"};
    *claim = (fp_claim){.kind = FP_CLAIM, .sheet = sheet, .window = FP_WINDOW_INITIALLY, .body = &s->body, .place = {"/some/folder/4.4.claim", 12, 3}};
    memcpy(&claim->id, &id, sizeof id); /* borrowed */
    r->claim = claim;
    r->verdict = verdict;
    r->agreement_digits = -1;
    r->evidence = FP_EVIDENCE_SAMPLED;
    r->has_margin = true;
    r->expected = FP_PROVED;
    r->expected_holds = true;
    r->as_expected = verdict == FP_PROVED || verdict == FP_SUPPORTED || verdict == FP_NOT_APPLICABLE || verdict == FP_DEFERRED;
    init_numbers(r);
    return r;
}

void report_sample_expect(fp_claim_result *r, const char *reason)
{
    r->expected_holds = false;
    r->expected = r->verdict;
    r->as_expected = true;
    snprintf(r->expected_reason, sizeof r->expected_reason, "%s", reason);
}

void report_sample_fill(report_sample *s, const char *name)
{
    static const char *const groups[] = {"phase-1 MLP alignment", "frozen softmax", "automatic gradient balancing", "near-minimal loss"};
    for (int g = 0; g < 4; g++)
        for (int v = 0; v <= FP_DEFERRED; v++) {
            fp_claim_result *r = report_sample_add(s, groups[g], name, (fp_verdict)v);
            s->sheet[s->results.claims_count - 1].title = name;
            s->claim[s->results.claims_count - 1].variant = name;
            snprintf(r->detail, sizeof r->detail, "%s", name);
            snprintf(r->binding, sizeof r->binding, "%s", name);
        }
}

void report_sample_add_time(report_sample *s, const char *name, bool found)
{
    fp_time_result *t = &s->results.times[s->results.times_count++];
    s->time.name = name;
    t->time = &s->time;
    t->found = found;
    mpfr_init2(t->value, 128);
    mpfr_init2(t->width, 128);
    mpfr_set_d(t->value, 0.75, MPFR_RNDN);
    mpfr_set_d(t->width, 0x1p-100, MPFR_RNDN);
}
