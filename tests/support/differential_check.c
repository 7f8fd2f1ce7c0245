/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "differential.h"

static const char *const kinds[] = {[TUBE_MADE] = "made from the truth, relative radius", [TUBE_PROVED] = "proved, tolerance", [TUBE_LYING] = "proved from knots that lie by a relative"};
static const char *const truths[] = {[TRUTH_UNSURE] = "unsure", [TRUTH_TRUE] = "true", [TRUTH_FALSE] = "false", [TRUTH_NONE] = "of nothing"};

/* ---- sheets in a folder */
static void read_sheet(fp_sheets *sheets, const tree_claim *claims, int number)
{
    static const char head[] = "statement X.1\ntitle none\npaper none\ngroup setting\nsays nothing\n";
    char folder[] = "/tmp/fp-claims-XXXXXX";
    fp_error err = {0};
    fp_text text = {0}, context = {0};
    ck_assert_ptr_nonnull(mkdtemp(folder));
    char *path = fp_asprintf("%s/X.1.claim", folder);
    fp_text_add(&text, head);
    for (int k = 0; k < number; k++) claim_print(&text, &claims[k]);
    fp_ck_ok(fp_file_write(path, text.data, text.len, &err), &err);
    const char *where = folder;
    fp_status status = fp_sheets_read(sheets, &where, 1, true, NULL, &context, &err);
    if (status != FP_OK) printf("%s%s\n", text.data, context.data ? context.data : "");
    fp_ck_ok(status, &err);
    remove(path);
    rmdir(folder);
    free(path);
    fp_text_clear(&text);
    fp_text_clear(&context);
}

/* ---- one verdict */
static bool is_decided(const fp_claim_result *r)
{
    return r->verdict == FP_PROVED || r->verdict == FP_SUPPORTED || r->verdict == FP_REFUTED || r->verdict == FP_VIOLATED;
}

/* An identity that is off by a known distance may be supported to fewer digits. */
static bool is_off(const fp_claim_result *r, const tree_claim *c)
{
    return c->body->kind == TREE_COMPARE && c->body->relation[0] == TREE_EQUAL && r->verdict == FP_SUPPORTED && r->agreement_digits <= -log10(c->offset) + 1;
}

/* Its enclosure has to hold what was found, to 1e-15 of it and 1e-20. */
static bool is_measured_wrong(const fp_claim_result *r, const tree_claim *c, const tube_outcome *seen)
{
    arb_t x, slack;
    if (!c->constant || !seen->reached || r->measured_count != 1 || !r->measured[0].known) return false;
    arb_init(x);
    arb_init(slack);
    arb_get_mid_arb(x, c->needed);
    arb_mul_2exp_si(slack, x, -50);
    arb_add_error(x, slack);
    arb_set_d(slack, 1e-20);
    arb_add_error(x, slack);
    bool wrong = !arb_overlaps(x, r->measured[0].measured);
    arb_clear(x);
    arb_clear(slack);
    return wrong;
}

static bool is_wrong(const fp_claim_result *r, const tree_claim *c)
{
    claim_truth truth = c->truth;
    bool yes = r->verdict == FP_PROVED || r->verdict == FP_SUPPORTED;
    return is_decided(r) && !is_off(r, c) && (truth == TRUTH_NONE || (truth == TRUTH_TRUE && !yes) || (truth == TRUTH_FALSE && yes));
}

static void tell(const fp_claim_result *r, const tree_claim *c, const world *w, const tube_choice *choice, const tube_outcome *seen)
{
    fp_text text = {0};
    claim_print(&text, c);
    printf("%s%s %s, but it is %s (%s)\n  rule %s, offset %g; world: %s; tube %s %g, seed %lu, to t = %.17g\n", text.data, fp_verdict_word(r->verdict), r->reason, truths[c->truth], r->detail,
           c->label, c->offset, w->is.name, kinds[choice->kind], choice->radius, (unsigned long)choice->seed, seen->end);
    for (int k = 0; k < c->times; k++)
        if (c->time[k].used && c->time[k].kind != TIME_NUMBER && c->time[k].state == STATE_FOUND)
            printf("  T%d_%d = %.17g\n", c->number, k, arf_get_d(arb_midref(c->time[k].t), ARF_RND_NEAR));
    fp_text_clear(&text);
}

/* The checker names an interval on which `always` fails; in its middle the claim's own meaning here is false too, so the search has missed a stretch narrower than its grid. */
static bool is_shown_false(const fp_claim_result *r, const tree_claim *c, const world *w)
{
    double a, b;
    const char *named = strstr(r->detail, "for all t in [");
    if (c->window != WINDOW_ALWAYS || c->leading || !named || sscanf(named, "for all t in [%lf, %lf]", &a, &b) != 2) return false;
    tree_moment m;
    arb_t robust;
    arb_init(robust);
    moment_init(&m, &w->is, c);
    arb_set_d(m.t, (a + b) / 2);
    bool inside = arb_gt(m.t, c->time[c->from].t) && arb_lt(m.t, c->time[c->to].t), shown = inside && tree_holds(robust, c->body, &m) < 0;
    moment_clear(&m);
    arb_clear(robust);
    return shown;
}

/* A search that missed something is made again before anything is called wrong. */
static bool is_wrong_again(const fp_claim_result *r, tree_claim *c, const world *w)
{
    if (!is_wrong(r, c)) return false;
    if (c->known == TRUTH_UNSURE) c->truth = claim_decide_again(c, &w->is);
    if (c->known == TRUTH_UNSURE && is_wrong(r, c) && is_shown_false(r, c, w)) c->truth = TRUTH_FALSE;
    return is_wrong(r, c);
}

static void judge(differential_count *count, const fp_claim_result *r, tree_claim *c, const world *w, const tube_choice *choice, const tube_outcome *seen)
{
    bool decided = is_decided(r), far = c->offset >= 1e-6 && seen->reached && strcmp(r->reason, "vacuous") != 0, wrong = is_wrong_again(r, c, w) || is_measured_wrong(r, c, seen);
    count->claims++;
    count->unsure += c->truth == TRUTH_UNSURE;
    count->none += c->truth == TRUTH_NONE;
    if (c->truth == TRUTH_TRUE || c->truth == TRUTH_FALSE) {
        count->decided += decided;
        count->undecided += !decided;
        count->far_claims += far;
        count->far_decided += decided && far;
        if (!decided && far && getenv("FP_SHOW")) tell(r, c, w, choice, seen);
    }
    if (!wrong) return;
    count->wrong++;
    tell(r, c, w, choice, seen);
}

static tree_claim *claim_of(const fp_claim_result *r, tree_claim *claims, int number)
{
    for (int k = 0; k < number; k++) {
        char *id = fp_asprintf("X.1/c%d", claims[k].number);
        bool same = strcmp(id, r->claim->id) == 0;
        free(id);
        if (same) return &claims[k];
    }
    ck_abort_msg("a result of %s, which is no claim", r->claim->id);
    return NULL;
}

void differential_check(differential_count *count, tree_claim *claims, int number, const world *w, const tube_choice *choice)
{
    enum { BUDGET = 120 }; /* d() of the dearest quantities would take most of the time */
    fp_sheets sheets;
    fp_tube_checker *checker;
    fp_results results;
    fp_error err = {0};
    read_sheet(&sheets, claims, number);
    fp_tube_options options = {.sheets = &sheets, .problem = &w->problem, .layout = fp_flow_layout(w->flow), .prec = TUBE_PREC, .horizon = w->setting.horizon, .budget = BUDGET};
    fp_ck_ok(fp_tube_checker_new(&checker, &options, &err), &err);
    tube_outcome seen = tube_show(checker, w, choice, &err);
    fp_ck_ok(err.code, &err);
    fp_tube_checker_finish(&results, checker, seen.reached, "tube");
    ck_assert_uint_eq(results.claims_count, (size_t)number);
    for (size_t k = 0; k < results.claims_count; k++) judge(count, &results.claims[k], claim_of(&results.claims[k], claims, number), w, choice, &seen);
    fp_results_clear(&results);
    fp_tube_checker_free(checker);
    fp_sheets_clear(&sheets);
}
