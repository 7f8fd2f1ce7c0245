/* SPDX-License-Identifier: MIT */
#include "source_instance.h"

#include "flow_instances.h"
#include "fp_check.h"

void tiny_open(tiny_instance *tiny)
{
    fp_error err = {0};
    *tiny = (tiny_instance){0};
    fp_setting_defaults(&tiny->setting);
    fp_ck_ok(fp_problem_make(&tiny->problem, &tiny->setting, "tests/data/reference-tiny", "tests/data/reference-tiny", &err), &err);
}

void tiny_close(tiny_instance *tiny)
{
    fp_problem_clear(&tiny->problem);
    fp_setting_clear(&tiny->setting);
}

static void set(fp_source *source, const fp_vec *y, long sixteenths)
{
    mpfr_t t;
    mpfr_init2(t, TINY_STATE_PREC);
    mpfr_set_si_2exp(t, sixteenths, -4, MPFR_RNDN);
    fp_source_set(source, t, y);
    mpfr_clear(t);
}

static void put(fp_vec *y, size_t at, fp_source *s, fp_base base, long i, long k)
{
    arb_struct x[2];
    mpfr_t value;
    arb_init(x);
    arb_init(x + 1);
    mpfr_init2(value, TINY_STATE_PREC);
    tiny_ask(x, s, base, i, k, 0, 0, FP_BY_EQUATIONS);
    arf_get_mpfr(value, arb_midref(x), MPFR_RNDN);
    fp_vec_set(y, at, value);
    mpfr_clear(value);
    arb_clear(x);
    arb_clear(x + 1);
}

static void gram_state(fp_vec *y, const fp_layout *at, fp_source *s)
{
    size_t d = (size_t)at->d;
    for (size_t mu = 0; mu < d; mu++) {
        put(y, at->G + mu, s, FP_BASE_G, (long)mu + 1, 0);
        for (size_t nu = 0; nu < d; nu++) {
            put(y, at->A + nu * d + mu, s, FP_BASE_SCORE, (long)nu + 1, (long)mu + 1);
            put(y, at->P + nu * d + mu, s, FP_BASE_KK, (long)nu + 1, (long)mu + 1);
            put(y, at->R + nu * d + mu, s, FP_BASE_QQ, (long)nu + 1, (long)mu + 1);
            put(y, at->B + nu * d + mu, s, FP_BASE_VV, (long)nu + 1, (long)mu + 1);
        }
    }
    put(y, at->rho, s, FP_BASE_UNORM2, 0, 0);
}

static void move(tiny_run *run, const tiny_instance *tiny, fp_flow_kind kind)
{
    tiny_run reduced;
    if (kind != FP_FLOW_GRAM) {
        rk4_go(run->y, fp_flow_field(run->flow), 1, 4);
        return;
    }
    tiny_run_open(&reduced, tiny, FP_FLOW_REDUCED, true);
    fp_source *fine = fp_source_new(reduced.flow, TINY_STATE_PREC + 64);
    set(fine, reduced.y, 1);
    gram_state(run->y, fp_flow_layout(run->flow), fine);
    fp_source_free(fine);
    tiny_run_close(&reduced);
}

void tiny_run_open(tiny_run *run, const tiny_instance *tiny, fp_flow_kind kind, bool moved)
{
    fp_error err = {0};
    fp_ck_ok(fp_flow_new(&run->flow, kind, &tiny->problem, TINY_STATE_PREC, NULL, &err), &err);
    run->y = fp_flow_initial(run->flow);
    if (moved)
        move(run, tiny, kind);
    run->source = fp_source_new(run->flow, TINY_PREC);
    set(run->source, run->y, moved);
}

void tiny_run_close(tiny_run *run)
{
    fp_source_free(run->source);
    fp_vec_free(run->y);
    fp_flow_free(run->flow);
}

fp_source *tiny_source_after(const tiny_run *run, int steps, int log2)
{
    fp_vec *y = fp_vec_new(fp_vec_len(run->y), TINY_STATE_PREC);
    fp_vec_copy(y, run->y);
    if (steps > 0)
        rk4_go(y, fp_flow_field(run->flow), steps, log2);
    fp_source *s = fp_source_new(run->flow, TINY_PREC);
    set(s, y, 1);
    fp_vec_free(y);
    return s;
}

void tiny_ask(arb_ptr jet, fp_source *s, fp_base base, long x, long y, long z, int order, fp_derivative how)
{
    const long index[3] = {x, y, z};
    const char *why = NULL;
    ck_assert_msg(fp_source_scalar(jet, s, base, index, order, how, &why), "%s: %s", fp_base_name(base), why ? why : "");
}

void tiny_world_open(tiny_world *w)
{
    tiny_open(&w->tiny);
    tiny_run_open(&w->run, &w->tiny, FP_FLOW_REDUCED, true);
    w->initial = fp_source_new_initial(&w->tiny.problem, TINY_PREC);
}

void tiny_world_close(tiny_world *w)
{
    fp_source_free(w->initial);
    tiny_run_close(&w->run);
    tiny_close(&w->tiny);
}
