/* SPDX-License-Identifier: MIT */
/* Named times of a run: the certified checker on the prelude alone, which brackets each of them on enclosures of the solution. */
#include "certifying.h"
#include "moments.h"

#include <stdlib.h>
#include <string.h>

/* Tolerance of the tubes: the run's between these. A time is shown with 17 digits; more digits than the second would take longer than the run. */
static const char coarsest[] = "1e-20", finest[] = "1e-40";

static void choose_tolerance(mpq_ptr out, mpq_srcptr of_run)
{
    mpq_t least;
    mpq_init(least);
    (void)fp_rational_parse(out, coarsest);
    (void)fp_rational_parse(least, finest);
    if (mpq_cmp(of_run, out) < 0) mpq_set(out, mpq_cmp(of_run, least) < 0 ? least : of_run);
    mpq_clear(least);
}

/* No claim is to be decided: on to the horizon. */
static bool step(const fp_step *s, const fp_start *start, void *ctx)
{
    cli_certifying *c = ctx;
    (void)cli_certifying_step(s, start, c);
    return c->run_error.code == FP_OK;
}

static void run(cli_certifying *c, mpq_srcptr tolerance)
{
    const fp_setting *s = &c->shared.instance.setting;
    arf_t end;
    arf_init(end);
    fp_tube_checker_end(end, c->checker);
    fp_chain_options options = {
        .certify = {.tolerance = tolerance, .pool = c->shared.instance.pool, .limbs = c->limbs, .parts = 2, .order = fp_certify_order(tolerance)},
        .t_end = end, .max_steps = (unsigned long)s->max_steps, 
    };
    cli_progress_start(&c->progress, "named times", mpq_get_d(s->horizon), c->shared.arguments->value[CLI_quiet] != NULL);
    c->outcome = fp_chain_run(&options, c->flow, step, c, &c->stats, &c->run_error);
    c->has_stats = true;
    cli_progress_end(&c->progress);
    fp_tube_checker_finish(&c->results, c->checker, c->run_error.code == FP_OK, "tube");
    arf_clear(end);
}

/* ---- results */

/* Not reached is what is shown to be so; a search that ends early shows nothing about what comes after. */
static void say_why_not(cli_wanted *w, const cli_certifying *c, const fp_time_result *r)
{
    char *horizon = fp_rational_decimal(c->shared.instance.setting.horizon);
    w->unknown = strcmp(r->reason, "time-not-reached") != 0;
    if (!w->unknown)
        w->why = fp_asprintf("is not reached up to the horizon %s (--horizon T searches further)", horizon);
    else if (c->run_error.code != FP_OK)
        w->why = fp_asprintf("is not known: it is not reached up to t = %.6g, where its search ends: %s", arf_get_d(c->stats.t, ARF_RND_DOWN), c->run_error.message);
    else
        w->why = fp_asprintf("is not known: up to the horizon %s its condition comes so near to holding that enclosures do not decide%s%s", horizon, r->reason[0] ? ": " : "", r->reason);
    free(horizon);
}

static void take(cli_moments *m, const cli_certifying *c, const cli_instance *instance)
{
    for (size_t k = 0; k < m->wanted_count; k++)
        for (size_t r = 0; r < c->results.times_count; r++) {
            const fp_time_result *found = &c->results.times[r];
            cli_wanted *w = &m->wanted[k];
            if (found->time != w->time) continue;
            w->found = found->found;
            if (w->found)
                cli_moments_insert(m, found->value, instance, w->name);
            else
                say_why_not(w, c, found);
        }
}

/* The instance with a form of the flow that has tubes; everything else is borrowed. */
static void borrow(cli_certifying *c, const cli_instance *instance, const fp_sheets *prelude, const cli_arguments *arguments)
{
    *c = (cli_certifying){.shared = {.arguments = arguments, .instance = *instance, .sheets = *prelude, .suffix = ""}};
    bool large = instance->kind == FP_FLOW_GRAM || instance->kind == FP_FLOW_COMPRESSED;
    c->shared.instance.kind = large ? FP_FLOW_COMPRESSED : FP_FLOW_REDUCED;
    c->shared.instance.setting.precision = FP_PREC_MIN; /* the tubes' own digits are enough */
}

static void give_back(cli_certifying *c)
{
    c->shared.instance = (cli_instance){0};
    c->shared.sheets = (fp_sheets){0};
    cli_certifying_clear(c);
}

fp_status cli_moments_locate(cli_moments *m, const cli_instance *instance, const fp_sheets *prelude, const cli_arguments *arguments, fp_error *err)
{
    cli_certifying c;
    mpq_t tolerance;
    if (m->wanted_count == 0) return FP_OK;
    mpq_init(tolerance);
    choose_tolerance(tolerance, instance->setting.tolerance);
    borrow(&c, instance, prelude, arguments);
    fp_status status = cli_certifying_prepare(&c, fp_certify_limbs(tolerance), true, NULL, err);
    if (status == FP_OK) {
        run(&c, tolerance);
        if (c.run_error.code == FP_INTERRUPTED || c.run_error.code == FP_INTERNAL) {
            *err = c.run_error;
            status = err->code;
        } else
            take(m, &c, instance);
    }
    give_back(&c);
    mpq_clear(tolerance);
    return status;
}
