/* SPDX-License-Identifier: MIT */
/* A checker without an integrator: the states of both runs are closed forms in t, y(t) = (1 + rate t) y(0), the coarse run's is off by gap t. With a wave the fine run
 * is off by wave/1000, the coarse run by wave (2t/3)^3 (1 - 2t/3) more: they agree at t = 3/2.
 * Functions are static: only tests that link the claims layer include this. */
#ifndef FP_TESTS_CHECKER_RIG_H
#define FP_TESTS_CHECKER_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fp_check.h"
#include "flowproof/check.h"

enum { RIG_PREC = 128, RIG_BALLS = 160 };

static const char rig_setting[] = "n = 6\nL = 3\nd = distinct\nm = 4\nm1 = 3\ninit = theory-nolog\nhorizon = 2\n";
static const char rig_head[] = "title none\npaper none\ngroup setting\nsays nothing\n";

typedef struct {
    char folder[64];
    fp_setting setting;
    fp_problem problem;
    fp_sheets sheets;
    fp_flow *flow[2];
    fp_vec *y0, *coarse, *fine, *middle, *probe;
    fp_checker *checker;
    fp_results results;
    fp_error err;
    double rate, gap, wave;
    unsigned long probes;
} rig;

static char *rig_write(const rig *r, const char *name, const char *text)
{
    fp_error err = {0};
    char *path = fp_asprintf("%s/%s", r->folder, name);
    fp_ck_ok(fp_file_write(path, text, strlen(text), &err), &err);
    return path;
}

static void rig_begin(rig *r)
{
    memset(r, 0, sizeof *r);
    snprintf(r->folder, sizeof r->folder, "/tmp/fp-check-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(r->folder));
    char *path = rig_write(r, "rig.setting", rig_setting);
    fp_ck_ok(fp_setting_read(&r->setting, path, &r->err), &r->err);
    remove(path);
    free(path);
    fp_ck_ok(fp_problem_make(&r->problem, &r->setting, NULL, NULL, &r->err), &r->err);
    for (int k = 0; k < 2; k++)
        fp_ck_ok(fp_flow_new(&r->flow[k], FP_FLOW_REDUCED, &r->problem, RIG_PREC, NULL, &r->err), &r->err);
    r->y0 = fp_flow_initial(r->flow[0]);
    fp_vec **all[] = {&r->coarse, &r->fine, &r->middle};
    for (int k = 0; k < 3; k++) *all[k] = fp_vec_new(fp_vec_len(r->y0), RIG_PREC);
}

/* Sheets are given as number, body, number, body, .., NULL. A number "twin X" makes a twin. */
static void rig_sheets(rig *r, const char *const *list)
{
    for (; *list; list += 2) {
        bool twin = strncmp(list[0], "twin ", 5) == 0;
        char *name = fp_asprintf("%s%s.claim", twin ? "twin-" : "", twin ? list[0] + 5 : list[0]);
        char *text = twin ? fp_asprintf("%s\n%s", list[0], list[1]) : fp_asprintf("statement %s\n%s%s", list[0], rig_head, list[1]);
        free(rig_write(r, name, text));
        free(name);
        free(text);
    }
    const char *path = r->folder;
    fp_text context = {0};
    fp_status status = fp_sheets_read(&r->sheets, &path, 1, true, NULL, &context, &r->err);
    ck_assert_msg(status == FP_OK, "%s\n%s", r->err.message, context.data ? context.data : "");
    fp_text_clear(&context);
}

static fp_checker_options rig_options(const rig *r, const char *only, fp_pool *pool)
{
    return (fp_checker_options){.sheets = &r->sheets, .problem = &r->problem, .coarse = r->flow[0], .fine = r->flow[1], .prec = RIG_BALLS,
                                .only = only, .pool = pool, .horizon = r->setting.horizon};
}

static void rig_checker(rig *r, const char *only)
{
    fp_checker_options options = rig_options(r, only, NULL);
    fp_ck_ok(fp_checker_new(&r->checker, &options, &r->err), &r->err);
}

/* y = (1 + (rate + gap) t) y0 */
static void rig_state(fp_vec *out, const rig *r, bool fine, mpfr_srcptr t)
{
    mpfr_t factor;
    mpfr_init2(factor, RIG_PREC);
    mpfr_mul_d(factor, t, fine ? r->rate : r->rate + r->gap, MPFR_RNDN);
    mpfr_add_ui(factor, factor, 1, MPFR_RNDN);
    double x = 2 * mpfr_get_d(t, MPFR_RNDN) / 3;
    if (x > 0) mpfr_add_d(factor, factor, r->wave * (1e-3 + (fine ? 0 : x * x * x * (1 - x))), MPFR_RNDN);
    fp_vec_scale(out, 0, factor, r->y0, 0, fp_vec_len(r->y0));
    mpfr_clear(factor);
}

static fp_status rig_at(fp_vec *out, void *ctx, bool fine, mpfr_srcptr t, bool exact, fp_error *err)
{
    (void)err;
    rig *r = ctx;
    r->probes += exact;
    rig_state(out, r, fine, t);
    return FP_OK;
}

static void rig_step(rig *r, mpfr_srcptr left, mpfr_srcptr right)
{
    mpfr_t middle;
    mpfr_init2(middle, RIG_PREC);
    mpfr_add(middle, left, right, MPFR_RNDN);
    mpfr_div_2ui(middle, middle, 1, MPFR_RNDN);
    rig_state(r->coarse, r, false, right);
    rig_state(r->fine, r, true, right);
    rig_state(r->middle, r, true, middle);
    fp_stretch s = {.left = left, .middle = middle, .right = right, .coarse_right = r->coarse, .fine_middle = r->middle,
                    .fine_right = r->fine, .at = rig_at, .ctx = r};
    fp_ck_ok(fp_checker_step(r->checker, &s, &r->err), &r->err);
    mpfr_clear(middle);
}

/* Steps of length h up to the end, landing on the checker's stops. */
static void rig_run(rig *r, double h, double end)
{
    fp_reals stops;
    mpfr_t left, right;
    mpfr_init2(left, RIG_PREC);
    mpfr_init2(right, RIG_PREC);
    mpfr_set_zero(left, 1);
    fp_checker_stops(&stops, r->checker, RIG_PREC);
    fp_ck_ok(fp_checker_start(r->checker, r->y0, &r->err), &r->err);
    for (size_t next = 0; mpfr_cmp_d(left, end) < 0;) {
        mpfr_add_d(right, left, h, MPFR_RNDN);
        if (mpfr_cmp_d(right, end) > 0) mpfr_set_d(right, end, MPFR_RNDN);
        while (next < stops.n && mpfr_lessequal_p(stops.x + next, left)) next++;
        if (next < stops.n && mpfr_less_p(stops.x + next, right)) mpfr_set(right, stops.x + next, MPFR_RNDN);
        rig_step(r, left, right);
        mpfr_set(left, right, MPFR_RNDN);
    }
    fp_reals_clear(&stops);
    mpfr_clear(left);
    mpfr_clear(right);
}

/* Everything from sheets to results: steps of 3/8 to the horizon. */
static void rig_check(rig *r, const char *const *list)
{
    rig_sheets(r, list);
    rig_checker(r, NULL);
    rig_run(r, 0.375, 2);
    fp_checker_finish(&r->results, r->checker, true, NULL);
}

static const fp_claim_result *rig_result(const rig *r, const char *id)
{
    for (size_t k = 0; k < r->results.claims_count; k++)
        if (strcmp(r->results.claims[k].claim->id, id) == 0) return &r->results.claims[k];
    ck_abort_msg("no result for %s", id);
    return NULL;
}

/* wanted: "verdict" or "verdict reason" */
static void rig_expect(const rig *r, const char *id, const char *wanted)
{
    const fp_claim_result *found = rig_result(r, id);
    char *text = fp_asprintf("%s%s%s", fp_verdict_word(found->verdict), found->reason[0] ? " " : "", found->reason);
    ck_assert_msg(strcmp(text, wanted) == 0, "%s: %s (%s); wanted %s", id, text, found->detail, wanted);
    free(text);
}

static void rig_end(rig *r)
{
    char *command = fp_asprintf("rm -rf '%s'", r->folder);
    ck_assert_int_eq(system(command), 0);
    free(command);
    fp_results_clear(&r->results);
    fp_checker_free(r->checker);
    fp_sheets_clear(&r->sheets);
    fp_vec *all[] = {r->y0, r->coarse, r->fine, r->middle};
    for (int k = 0; k < 4; k++) fp_vec_free(all[k]);
    for (int k = 0; k < 2; k++) fp_flow_free(r->flow[k]);
    fp_problem_clear(&r->problem);
    fp_setting_clear(&r->setting);
}

#endif
