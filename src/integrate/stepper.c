/* SPDX-License-Identifier: MIT */
/* What the run asks of a stepper, passed on to the method at hand. */
#include "stepper.h"

#include <string.h>

static const char *const names[] = {[FP_METHOD_RK45] = "rk45", [FP_METHOD_TAYLOR] = "taylor"};
enum { METHODS = sizeof names / sizeof *names };

bool fp_method_parse(fp_method *out, const char *name)
{
    for (size_t m = 0; m < METHODS; m++)
        if (strcmp(names[m], name) == 0) {
            *out = (fp_method)m;
            return true;
        }
    return false;
}

const char *fp_method_name(fp_method method)
{
    return (size_t)method < METHODS ? names[method] : "unknown";
}

fp_stepper fp_stepper_create(const fp_field *field, const fp_run_options *options)
{
    fp_stepper s = {0};
    if (options->method == FP_METHOD_TAYLOR)
        s.taylor = fp_taylor_create(field, options->tolerance, options->prec);
    else
        s.rk = fp_rk45_new(field, options->prec, options->pool);
    return s;
}

void fp_stepper_free(fp_stepper s)
{
    fp_rk45_free(s.rk);
    fp_taylor_free(s.taylor);
}

fp_status fp_stepper_start(fp_stepper s, mpfr_srcptr t0, const fp_vec *y0, fp_error *err)
{
    return s.rk ? fp_rk45_start(s.rk, t0, y0, err) : fp_taylor_start(s.taylor, t0, y0, err);
}

void fp_stepper_first(mpfr_ptr h, const fp_control *c, fp_stepper s, mpfr_srcptr span)
{
    if (s.rk) {
        fp_control_first(h, c, s.rk, span);
        return;
    }
    mpfr_set(s.taylor->span, span, MPFR_RNDN);
    mpfr_set(h, span, MPFR_RNDN);
}

fp_status fp_stepper_wish(mpfr_ptr h, fp_stepper s, fp_error *err)
{
    return s.rk ? FP_OK : fp_taylor_wish(h, s.taylor, err);
}

fp_status fp_stepper_try_to(fp_stepper s, mpfr_srcptr t1, mpfr_ptr error, fp_error *err)
{
    return s.rk ? fp_rk45_try_to(s.rk, t1, error, err) : fp_taylor_try_to(s.taylor, t1, error, err);
}

bool fp_stepper_judge(mpfr_ptr next, fp_control *c, fp_stepper s, mpfr_srcptr h, mpfr_srcptr error)
{
    return s.rk ? fp_control_judge(next, c, h, error) : fp_taylor_judge(next, c, s.taylor, h, error);
}

void fp_stepper_accept(fp_stepper s)
{
    if (s.rk)
        fp_rk45_accept(s.rk);
    else
        fp_taylor_accept(s.taylor);
}

bool fp_stepper_is_open(fp_stepper s)
{
    return s.rk ? s.rk->open : s.taylor->expanded;
}

mpfr_srcptr fp_stepper_time(fp_stepper s)
{
    return s.rk ? fp_rk45_time(s.rk) : fp_taylor_time(s.taylor);
}

const fp_vec *fp_stepper_state(fp_stepper s)
{
    return s.rk ? fp_rk45_state(s.rk) : fp_taylor_state(s.taylor);
}

mpfr_srcptr fp_stepper_left_time(fp_stepper s)
{
    return s.rk ? fp_rk45_left_time(s.rk) : fp_taylor_left_time(s.taylor);
}

fp_status fp_stepper_at(fp_vec *out, fp_stepper s, mpfr_srcptr t, fp_error *err)
{
    if (s.taylor)
        return fp_taylor_at(out, s.taylor, t, err);
    fp_rk45_dense(out, s.rk, t);
    return FP_OK;
}

unsigned long fp_stepper_evaluations(fp_stepper s)
{
    return s.rk ? fp_rk45_evaluations(s.rk) : s.taylor->evaluations;
}
