/* SPDX-License-Identifier: MIT */
#include "integration.h"

/* The initial state is that of the tube's start, in whose basis a compressed state is written. */
fp_status cli_integration_open(cli_integration *x, fp_flow *start, const cli_instance *instance, mpq_srcptr tolerance, fp_error *err)
{
    const fp_setting *s = &instance->setting;
    mpfr_prec_t prec = (mpfr_prec_t)s->precision;
    mpq_t zero;
    fp_vec *exact = fp_flow_initial(start);
    bool alike = fp_vec_prec(exact) == prec; /* then nothing is to be set up again, which takes long in compressed form */
    fp_status status = alike ? FP_OK : fp_flow_new(&x->flow, instance->kind, &instance->problem, prec, instance->pool, err);
    if (alike) x->flow = fp_flow_new_like(start);
    x->y0 = fp_vec_new(fp_vec_len(exact), prec);
    fp_vec_copy(x->y0, exact);
    fp_vec_free(exact);
    if (status != FP_OK) return status;
    mpfr_init2(x->t, prec);
    mpq_init(zero);
    fp_run_options options = {.method = FP_METHOD_RK45, .t0 = zero, .t_end = s->horizon, .tolerance = tolerance, .prec = prec, .max_steps = (unsigned long)s->max_steps, .pool = instance->pool};
    x->run = fp_run_new(fp_flow_field(x->flow), &options);
    mpq_clear(zero);
    return FP_OK;
}

const fp_vec *cli_integration_knot(void *ctx, arf_srcptr t, fp_error *err)
{
    cli_integration *x = ctx;
    arf_get_mpfr(x->t, t, MPFR_RNDN);
    x->outcome = FP_RUN_NON_FINITE;
    if (!x->begun && !fp_run_begin(x->run, x->y0, err)) return NULL;
    x->begun = true;
    x->outcome = fp_run_to(x->run, x->t, NULL, NULL, err);
    return x->outcome == FP_RUN_END ? fp_run_state(x->run) : NULL;
}

void cli_integration_clear(cli_integration *x)
{
    if (x->run) mpfr_clear(x->t);
    fp_run_free(x->run);
    fp_vec_free(x->y0);
    fp_flow_free(x->flow);
    *x = (cli_integration){0};
}
