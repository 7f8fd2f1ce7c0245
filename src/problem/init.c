/* SPDX-License-Identifier: MIT */
/* Standard deviations of the initial weights: one table, in the notation of settings. */
#include "internal.h"

/* Order of fp_init_kind. He et al. 2015 (Kaiming); the framework default is uniform +-1/sqrt(fan_in), variance
 * 1/(3 fan_in). theory: the paper's Lemma D.8, in the form its proof gives, equals 1/100. */
static const fp_init_rule rules[] = {
    {"sqrt(2/d)", "sqrt(2/m)", "sqrt(2/d)", "sqrt(2/m)", false},
    {"sqrt(2/d)", "sqrt(2/m)", "sqrt(6/d)", "sqrt(6/m)", true},
    {"1/sqrt(3*d)", "1/sqrt(3*m)", "1/sqrt(d)", "1/sqrt(m)", true},
    {"0.01/(2*(1/sqrt(m1))*sqrt(2*L*m*m1*log(m1*n*L/delta)*log(2*L*n/delta)))", "1/sqrt(m1)",
     "0.01/(2*(1/sqrt(m1))*sqrt(2*L*m*m1*log(m1*n*L/delta)*log(2*L*n/delta)))", "1/sqrt(m1)", false},
    {"1/sqrt(L*m)", "1/sqrt(m1)", "1/sqrt(L*m)", "1/sqrt(m1)", false},
    {NULL, NULL, NULL, NULL, false},
};

const char *const fp_constant_names[FP_CONSTANT_NAMES] = {"n", "L", "d", "m", "m1", "delta"};

const fp_init_rule *fp_init_rule_of(fp_init_kind kind) { return &rules[kind]; }

bool fp_setting_init_at(fp_setting_init *out, size_t index)
{
    if (index >= sizeof rules / sizeof *rules) return false;
    *out = (fp_setting_init){.name = fp_init_name((fp_init_kind)index), .sigma0 = rules[index].sigma0, .sigma1 = rules[index].sigma1, .uniform = rules[index].uniform};
    return true;
}

fp_status fp_problem_constant(arb_t out, const char *text, const fp_problem *p, slong prec, fp_error *err)
{
    const long sizes[] = {p->n, p->L, p->d, p->m, p->m1};
    arb_ptr values = _arb_vec_init(FP_CONSTANT_NAMES);
    for (size_t i = 0; i < 5; i++) arb_set_si(values + i, sizes[i]);
    fp_ball_set_rational(values + 5, p->setting->delta, prec);
    fp_status st = fp_constant_eval(out, text, fp_constant_names, values, FP_CONSTANT_NAMES, prec, err);
    _arb_vec_clear(values, FP_CONSTANT_NAMES);
    return st;
}

/* The range keeps every weight a normal double: the least nonzero deviate is above 2^-100. */
static fp_status check_sigma(const fp_problem *p, const char *name, const char *text, fp_error *err)
{
    enum { PREC = 256, RANGE = 500 };
    fp_error inner = {FP_OK, ""};
    arb_t x, low, high;
    arb_init(x);
    arb_init(low);
    arb_init(high);
    arb_one(low);
    arb_mul_2exp_si(low, low, -RANGE);
    arb_one(high);
    arb_mul_2exp_si(high, high, RANGE);
    fp_status st = fp_problem_constant(x, text, p, PREC, &inner);
    if (st != FP_OK)
        fp_fail(err, st, "%s: %s = %s: %s", fp_setting_label(p->setting), name, text, inner.message);
    else if (fp_ball_le(low, x) != FP_TRUE || fp_ball_le(x, high) != FP_TRUE)
        st = fp_fail(err, FP_BAD_INPUT, "%s: %s = %s must be a positive number between 2^-500 and 2^500",
                     fp_setting_label(p->setting), name, text);
    arb_clear(x);
    arb_clear(low);
    arb_clear(high);
    return st;
}

/* A declared sigma goes first: beside an init kind that fixes another one it is refused. */
static const char *sigma_text(const fp_setting *s, bool one)
{
    const fp_init_rule *rule = fp_init_rule_of(s->init);
    if (one) return s->sigma1 ? s->sigma1 : rule->sigma1;
    return s->sigma0 ? s->sigma0 : rule->sigma0;
}

fp_status fp_problem_check_sigmas(fp_problem *p, fp_error *err)
{
    const fp_setting *s = p->setting;
    if (s->has_init && s->init != FP_INIT_NORMAL && (s->sigma0 || s->sigma1))
        return fp_fail(err, FP_BAD_INPUT, "%s: init = %s fixes sigma0 and sigma1; to choose them use init = normal", fp_setting_label(s), fp_init_name(s->init));
    p->sigmas_known = s->has_init || (s->sigma0 && s->sigma1);
    if (!p->sigmas_known) return FP_OK;
    fp_status st = check_sigma(p, "sigma0", sigma_text(s, false), err);
    return st == FP_OK ? check_sigma(p, "sigma1", sigma_text(s, true), err) : st;
}

bool fp_problem_sigma(arb_t sigma0, arb_t sigma1, const fp_problem *p, slong prec)
{
    fp_error err = {FP_OK, ""};
    if (!p->sigmas_known) return false;
    return fp_problem_constant(sigma0, sigma_text(p->setting, false), p, prec, &err) == FP_OK &&
           fp_problem_constant(sigma1, sigma_text(p->setting, true), p, prec, &err) == FP_OK;
}
