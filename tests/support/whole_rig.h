/* SPDX-License-Identifier: MIT */
/* An instance with everything that checks it: proof with certificate, verification; and a request for interruption that comes after so many questions. Programs that include this have it in place of the
 * library's. Functions are static: only tests that link all layers include it. */
#ifndef FP_TESTS_WHOLE_RIG_H
#define FP_TESTS_WHOLE_RIG_H

#include <stdatomic.h>

#include "checker_rig.h"
#include "flowproof/certify.h"
#include "flowproof/verify.h"

/* ---- the request of this program, in place of the library's */
static atomic_long asked;
static long patience; /* questions answered with no; < 0: all */

void fp_interrupt(int why)
{
    patience = why ? 0 : -1;
}

int fp_interrupted(void)
{
    long at = atomic_fetch_add(&asked, 1);
    return patience >= 0 && at >= patience ? 15 : 0;
}

static void grant(long questions)
{
    atomic_store(&asked, 0);
    patience = questions;
}

/* ---- what is run: everything from the setting to results */
typedef struct {
    rig base;
    fp_pool *pool;
    fp_problem problem;
    fp_flow *flow;
    fp_tube_checker *tubes;
    fp_certificate_writer *writer;
    char *path;
    fp_results results;
    unsigned long steps; /* of the last proof, and where it ended */
    arf_t end;
    fp_error err;
} whole;

static void whole_begin(whole *w, int threads, const char *const *list)
{
    *w = (whole){.path = NULL};
    grant(-1);
    rig_begin(&w->base);
    rig_sheets(&w->base, list);
    w->pool = fp_pool_new(threads);
    fp_pool_on_exit(w->pool, flint_cleanup);
    fp_pool_on_exit(w->pool, mpfr_free_cache);
    w->path = fp_asprintf("%s/test.cert", w->base.folder);
    arf_init(w->end);
}

/* What checking leaves. */
static void check_forget(whole *w)
{
    fp_results_clear(&w->results);
    fp_tube_checker_free(w->tubes);
    w->tubes = NULL;
    w->err = (fp_error){FP_OK, ""};
}

/* And what set_up leaves. */
static void whole_forget(whole *w)
{
    check_forget(w);
    fp_flow_free(w->flow);
    fp_problem_clear(&w->problem);
    w->flow = NULL;
}

static void whole_end(whole *w)
{
    grant(-1);
    remove(w->path);
    free(w->path);
    arf_clear(w->end);
    fp_pool_free(w->pool);
    rig_end(&w->base);
}

static fp_status set_up(whole *w)
{
    fp_status status = fp_problem_make(&w->problem, &w->base.setting, NULL, NULL, &w->err);
    return status == FP_OK ? fp_flow_new(&w->flow, FP_FLOW_COMPRESSED, &w->problem, RIG_PREC, w->pool, &w->err) : status;
}

/* ---- enclosures, with a certificate */
static bool show(const fp_step *step, const fp_start *start, void *ctx)
{
    whole *w = ctx;
    if (w->writer && fp_certificate_add(w->writer, step, &w->err) != FP_OK) return false;
    fp_tube_view *view[2] = {fp_view_new(step, w->flow, start, RIG_BALLS), fp_view_new(step, w->flow, start, RIG_BALLS)};
    fp_segment segment = {.left = fp_step_left(step), .right = fp_step_right(step), .view = {view[0], view[1]}, .radius = fp_step_radius(step)};
    bool ok = fp_tube_checker_step(w->tubes, &segment, &w->err) == FP_OK;
    fp_view_free(view[0]);
    fp_view_free(view[1]);
    return ok;
}

static fp_status make_tubes(whole *w)
{
    fp_tube_options options = {.sheets = &w->base.sheets, .problem = &w->problem, .layout = fp_flow_layout(w->flow), .prec = RIG_BALLS, .pool = w->pool, .horizon = w->base.setting.horizon};
    return fp_tube_checker_new(&w->tubes, &options, &w->err);
}

/* After set_up. */
static void prove(whole *w)
{
    fp_chain_stats stats;
    mpq_t tolerance;
    arf_t end;
    mpq_init(tolerance);
    arf_init(end);
    ck_assert(fp_rational_parse(tolerance, "1e-17"));
    if (make_tubes(w) == FP_OK) {
        fp_tube_checker_end(end, w->tubes);
        fp_chain_options options = {.certify = {.tolerance = tolerance, .pool = w->pool, .parts = 2}, .t_end = end};
        fp_chain_outcome outcome = fp_chain_run(&options, w->flow, show, w, &stats, &w->err);
        ck_assert_msg(outcome == FP_CHAIN_END || outcome == FP_CHAIN_INTERRUPTED, "%s: %s", fp_chain_outcome_text(outcome), w->err.message);
        w->steps = stats.steps;
        arf_set(w->end, stats.t);
        fp_chain_stats_clear(&stats);
        fp_tube_checker_finish(&w->results, w->tubes, outcome == FP_CHAIN_END && !fp_interrupted(), "interrupted");
    }
    arf_clear(end);
    mpq_clear(tolerance);
}

static void certify(whole *w)
{
    if (set_up(w) == FP_OK) prove(w);
}

/* ---- the certificate again */
static bool look(const fp_segment *segment, void *ctx)
{
    whole *w = ctx;
    return fp_tube_checker_step(w->tubes, segment, &w->err) == FP_OK;
}

static void verify(whole *w)
{
    fp_certificate *certificate;
    fp_chain_stats stats;
    if (set_up(w) != FP_OK || make_tubes(w) != FP_OK || fp_certificate_open(&certificate, w->path, &w->err) != FP_OK) return;
    fp_verify_options options = {.problem = &w->problem, .pool = w->pool, .observer = look, .ctx = w};
    fp_chain_outcome outcome = fp_certificate_verify(certificate, &options, &stats, &w->err);
    ck_assert_msg(outcome == FP_CHAIN_END || outcome == FP_CHAIN_INTERRUPTED, "%s: %s", fp_chain_outcome_text(outcome), w->err.message);
    fp_chain_stats_clear(&stats);
    fp_tube_checker_finish(&w->results, w->tubes, outcome == FP_CHAIN_END && !fp_interrupted(), "interrupted");
    fp_certificate_free(certificate);
}

/* False: there was no step to write. */
static bool write_certificate(whole *w, long questions)
{
    grant(-1);
    ck_assert(set_up(w) == FP_OK);
    const fp_layout *layout = fp_flow_layout(w->flow);
    fp_certificate_head head = {.setting = (char *)"", .setting_sha256 = (char *)"", .dataset = (char *)"", .weights = (char *)"", .data_sha256 = (char *)"", .weights_sha256 = (char *)"",
                                .sheets = (char *)"", .sheets_sha256 = (char *)"", .flow = (char *)"compressed", .horizon = (char *)"2", .only = (char *)"", .precision = RIG_PREC,
                                .d = layout->d, .rows_v = layout->rows_v, .rows_k = layout->rows_k};
    mpq_t tolerance;
    mpq_init(tolerance);
    ck_assert(fp_rational_parse(tolerance, "1e-17"));
    head.order = fp_certify_order(tolerance);
    head.limbs = fp_certify_limbs(tolerance);
    mpq_clear(tolerance);
    fp_ck_ok(fp_certificate_create(&w->writer, w->path, &head, 1, &w->err), &w->err);
    grant(questions);
    prove(w);
    long at = atomic_load(&asked);
    grant(-1);
    bool any = w->steps > 0;
    if (any)
        fp_ck_ok(fp_certificate_close(w->writer, w->end, FP_CHAIN_END, &w->err), &w->err);
    else
        fp_certificate_abandon(w->writer);
    w->writer = NULL;
    whole_forget(w);
    atomic_store(&asked, at);
    return any;
}

#endif
