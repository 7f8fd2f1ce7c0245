/* SPDX-License-Identifier: MIT */
/* Sources. A1..A5, D1..D5: T. E. Hull, W. H. Enright, B. M. Fellen, A. E. Sedgwick, SIAM J. Numer. Anal. 9 (1972) 603-637; ends from closed forms and
 * Kepler's equation (values in circulation are wrong in places from the 14th digit on). Arenstorf: HNW I, II.0, with the long decimals in circulation. Pleiades: HNW I, II.10. Lorenz, Arenstorf and Pleiades ends: two
 * Taylor runs of different order and precision that agree in every digit given here. */
#include "odes.h"

#include <stdlib.h>
#include <string.h>

static void decay(fp_ode *o, mpfr_srcptr t)
{
    (void)t;
    mpfr_neg(o->dy.x, o->y.x, MPFR_RNDN);
}

static void cubic_decay(fp_ode *o, mpfr_srcptr t)
{
    (void)t;
    mpfr_pow_ui(o->dy.x, o->y.x, 3, MPFR_RNDN);
    mpfr_div_si(o->dy.x, o->dy.x, -2, MPFR_RNDN);
}

static void oscillating_growth(fp_ode *o, mpfr_srcptr t)
{
    mpfr_cos(o->tmp.x, t, MPFR_RNDN);
    mpfr_mul(o->dy.x, o->y.x, o->tmp.x, MPFR_RNDN);
}

static void logistic_growth(fp_ode *o, mpfr_srcptr t)
{
    (void)t;
    mpfr_ui_sub(o->tmp.x, 20, o->y.x, MPFR_RNDN);
    mpfr_mul(o->dy.x, o->tmp.x, o->y.x, MPFR_RNDN);
    mpfr_div_ui(o->dy.x, o->dy.x, 80, MPFR_RNDN);
}

static void spiral(fp_ode *o, mpfr_srcptr t)
{
    mpfr_sub(o->dy.x, o->y.x, t, MPFR_RNDN);
    mpfr_add(o->tmp.x, o->y.x, t, MPFR_RNDN);
    mpfr_div(o->dy.x, o->dy.x, o->tmp.x, MPFR_RNDN);
}

/* out = (x^2 + y^2)^(3/2) */
static void cube_of_distance(mpfr_ptr out, mpfr_srcptr x, mpfr_srcptr y, mpfr_ptr tmp)
{
    mpfr_sqr(out, x, MPFR_RNDN);
    mpfr_sqr(tmp, y, MPFR_RNDN);
    mpfr_add(out, out, tmp, MPFR_RNDN);
    mpfr_sqrt(tmp, out, MPFR_RNDN);
    mpfr_mul(out, out, tmp, MPFR_RNDN);
}

static void kepler(fp_ode *o, mpfr_srcptr t)
{
    (void)t;
    mpfr_ptr y = o->y.x, dy = o->dy.x;
    mpfr_set(dy, y + 2, MPFR_RNDN);
    mpfr_set(dy + 1, y + 3, MPFR_RNDN);
    cube_of_distance(o->tmp.x, y, y + 1, o->tmp.x + 1);
    mpfr_neg(o->tmp.x, o->tmp.x, MPFR_RNDN);
    mpfr_div(dy + 2, y, o->tmp.x, MPFR_RNDN);
    mpfr_div(dy + 3, y + 1, o->tmp.x, MPFR_RNDN);
}

/* sigma = 10, rho = 28, beta = 8/3 */
static void lorenz(fp_ode *o, mpfr_srcptr t)
{
    (void)t;
    mpfr_ptr y = o->y.x, dy = o->dy.x, tmp = o->tmp.x;
    mpfr_sub(dy, y + 1, y, MPFR_RNDN);
    mpfr_mul_ui(dy, dy, 10, MPFR_RNDN);
    mpfr_ui_sub(dy + 1, 28, y + 2, MPFR_RNDN);
    mpfr_mul(dy + 1, dy + 1, y, MPFR_RNDN);
    mpfr_sub(dy + 1, dy + 1, y + 1, MPFR_RNDN);
    mpfr_mul_ui(tmp, y + 2, 8, MPFR_RNDN);
    mpfr_div_ui(tmp, tmp, 3, MPFR_RNDN);
    mpfr_mul(dy + 2, y, y + 1, MPFR_RNDN);
    mpfr_sub(dy + 2, dy + 2, tmp, MPFR_RNDN);
}

/* acceleration -= mass (x - x0, y) / distance^3 */
static void attract(fp_ode *o, mpfr_srcptr mass, mpfr_srcptr offset)
{
    mpfr_ptr tmp = o->tmp.x, y = o->y.x, dy = o->dy.x;
    cube_of_distance(tmp + 2, offset, y + 1, tmp + 3);
    mpfr_div(tmp + 2, mass, tmp + 2, MPFR_RNDN);
    mpfr_mul(tmp + 3, tmp + 2, offset, MPFR_RNDN);
    mpfr_sub(dy + 2, dy + 2, tmp + 3, MPFR_RNDN);
    mpfr_mul(tmp + 3, tmp + 2, y + 1, MPFR_RNDN);
    mpfr_sub(dy + 3, dy + 3, tmp + 3, MPFR_RNDN);
}

static void arenstorf(fp_ode *o, mpfr_srcptr t)
{
    (void)t;
    mpfr_ptr y = o->y.x, dy = o->dy.x, tmp = o->tmp.x;
    mpfr_set(dy, y + 2, MPFR_RNDN);
    mpfr_set(dy + 1, y + 3, MPFR_RNDN);
    mpfr_mul_2ui(dy + 2, y + 3, 1, MPFR_RNDN);
    mpfr_add(dy + 2, dy + 2, y, MPFR_RNDN);
    mpfr_mul_2ui(dy + 3, y + 2, 1, MPFR_RNDN);
    mpfr_sub(dy + 3, y + 1, dy + 3, MPFR_RNDN);
    mpfr_ui_sub(tmp, 1, o->p.x, MPFR_RNDN);
    mpfr_add(tmp + 1, y, o->p.x, MPFR_RNDN);
    attract(o, tmp, tmp + 1);
    mpfr_sub_ui(tmp + 1, tmp + 1, 1, MPFR_RNDN);
    attract(o, o->p.x, tmp + 1);
}

/* bodies i and j pull each other; masses are 1..7 */
static void pull(fp_ode *o, size_t i, size_t j)
{
    mpfr_ptr q = o->y.x, a = o->dy.x + 14, tmp = o->tmp.x;
    mpfr_sub(tmp, q + j, q + i, MPFR_RNDN);
    mpfr_sub(tmp + 1, q + 7 + j, q + 7 + i, MPFR_RNDN);
    cube_of_distance(tmp + 2, tmp, tmp + 1, tmp + 3);
    for (size_t axis = 0; axis < 2; axis++) {
        mpfr_div(tmp + axis, tmp + axis, tmp + 2, MPFR_RNDN);
        mpfr_mul_ui(tmp + 3, tmp + axis, (unsigned long)j + 1, MPFR_RNDN);
        mpfr_add(a + 7 * axis + i, a + 7 * axis + i, tmp + 3, MPFR_RNDN);
        mpfr_mul_ui(tmp + 3, tmp + axis, (unsigned long)i + 1, MPFR_RNDN);
        mpfr_sub(a + 7 * axis + j, a + 7 * axis + j, tmp + 3, MPFR_RNDN);
    }
}

static void pleiades(fp_ode *o, mpfr_srcptr t)
{
    (void)t;
    for (size_t i = 0; i < 14; i++) {
        mpfr_set(o->dy.x + i, o->y.x + 14 + i, MPFR_RNDN);
        mpfr_set_zero(o->dy.x + 14 + i, 1);
    }
    for (size_t i = 0; i < 7; i++)
        for (size_t j = i + 1; j < 7; j++)
            pull(o, i, j);
}

#define KEPLER(name, e, left, tol, ...) {name, 4, kepler, 2, fp_jet_kepler, "20", {e}, {left, "0", "0", "kepler"}, {__VA_ARGS__}, tol}

const fp_ode_problem fp_ode_problems[] = {
    {"A1", 1, decay, 0, fp_jet_decay, "20", {0}, {"1"}, {"2.0611536224385578280e-9"}, "1e-12"},
    {"A2", 1, cubic_decay, 1, fp_jet_cubic_decay, "20", {0}, {"1"}, {"0.21821789023599238127"}, "1e-9"},
    {"A3", 1, oscillating_growth, 1, fp_jet_oscillating_growth, "20", {0}, {"1"}, {"2.4916502718504145235"}, "1e-9"},
    {"A4", 1, logistic_growth, 0, fp_jet_logistic_growth, "20", {0}, {"1"}, {"17.730166481314839849"}, "1e-9"},
    {"A5", 1, spiral, 2, fp_jet_spiral, "20", {0}, {"4"}, {"-0.78878266889640142373"}, "1e-9"},
    KEPLER("D1", "0.1", "0.9", "1e-9", 
           "0.219883535200839661284947", "0.942707684634181308521199", "-0.978765984105817651457667", "0.328797799096203608262525"),
    KEPLER("D2", "0.3", "0.7", "1e-9", 
           "-0.177702735714041169331996", "0.946778471990589258043537", "-1.03029416319296957401096", "0.121107489005395216334899"),
    KEPLER("D3", "0.5", "0.5", "1e-9", 
           "-0.578043295303536123275146", "0.863384000919419280133573", "-0.959508373038072735626449", "-0.0650491512671209016771935"),
    KEPLER("D4", "0.7", "0.3", "1e-9", 
           "-0.953899029341639439739243", "0.690740902421943151698712", "-0.821267427087743309453838", "-0.153957425912582470799397"),
    KEPLER("D5", "0.9", "0.1", "1e-9", 
           "-1.29526625098757436771714", "0.40039389637923215272977", "-0.677539092470756588747637", "-0.12708381542786861876687"),
    {"Lorenz", 3, lorenz, 0, fp_jet_lorenz, "10", {0}, {"1", "0", "0"},
     {"-5.8576853824240900202224239159", "-5.8310824864261004429224238805", "23.932132987027562647411130624"}, "1e-9"},
    {"Arenstorf", 4, arenstorf, 6, fp_jet_arenstorf, "17.0652165601579625588917206249", {"0.012277471"},
     {"0.994", "0", "0", "-2.00158510637908252240537862224"},
     {"0.9940000000000000000000000000293221423739", "-2.63957739707e-29", "-3.67753495993e-27", "-2.0015851063790825224053786176761091598"}, "1e-11"},
    {"Pleiades", 28, pleiades, 84, fp_jet_pleiades, "3", {0},
     {"3", "3", "-1", "-3", "2", "-2", "2", "3", "-3", "2", "0", "0", "-4", "4",
      "0", "0", "0", "0", "0", "1.75", "-1.5", "0", "0", "0", "-1.25", "1", "0", "0"},
     {"0.37061391439705129009", "3.2372840920572330928", "-3.2225590324183233471", "0.65970914557753083593", "0.34255817071565797904",
      "1.5621721014006310160", "-0.70030929222124953851",
      "-3.9434375855173920553", "-3.2713809739725499280", "5.2250818434565441924", "-2.5906124349774695108", "1.1982136933922746375",
      "-0.24296823449358234092", "1.0914492404289797479",
      "3.4170038063143147523", "1.3545845016255012215", "-2.5900655978107754196", "2.0250537347142411065", "-1.1558151001604490927",
      "-0.80729881702230217257", "0.59523963542087187666",
      "-3.7412449612340084712", "0.37734596857506290366", "0.93868588695510788869", "0.36679222272005698667", "-0.34740463538084943660",
      "2.3449154481809369231", "-1.9470204342632919007"}, "1e-8"},
};
const size_t fp_ode_problem_count = sizeof fp_ode_problems / sizeof fp_ode_problems[0];

const fp_ode_problem *fp_ode_find(const char *name)
{
    for (size_t i = 0; i < fp_ode_problem_count; i++)
        if (strcmp(fp_ode_problems[i].name, name) == 0)
            return &fp_ode_problems[i];
    return NULL;
}

void fp_set_decimal(mpfr_ptr x, const char *text)
{
    mpq_t q;
    mpq_init(q);
    if (!fp_rational_parse(q, text))
        abort();
    fp_mpfr_set_rational(x, q);
    mpq_clear(q);
}

static void rhs(fp_vec *dy, mpfr_srcptr t, const fp_vec *y, void *ctx)
{
    fp_ode *o = ctx;
    for (size_t i = 0; i < o->field.dim; i++)
        fp_vec_get(o->y.x + i, y, i);
    o->problem->f(o, t);
    for (size_t i = 0; i < o->field.dim; i++)
        fp_vec_set(dy, i, o->dy.x + i);
}

void fp_ode_init(fp_ode *o, const fp_ode_problem *problem, mpfr_prec_t prec)
{
    *o = (fp_ode){0};
    o->problem = problem;
    o->field = (fp_field){.dim = problem->dim, .rhs = rhs, .ctx = o, .expansion = fp_ode_expansion};
    fp_reals_init(&o->y, problem->dim, prec);
    fp_reals_init(&o->dy, problem->dim, prec);
    fp_reals_init(&o->tmp, 4, prec);
    fp_reals_init(&o->p, 4, prec);
    for (size_t i = 0; i < 4; i++)
        if (problem->parameter[i])
            fp_set_decimal(o->p.x + i, problem->parameter[i]);
}

void fp_ode_clear(fp_ode *o)
{
    fp_reals_clear(&o->y);
    fp_reals_clear(&o->dy);
    fp_reals_clear(&o->tmp);
    fp_reals_clear(&o->p);
    fp_reals_clear(&o->jets);
}

static void kepler_speed(mpfr_ptr out, const fp_ode *o)
{
    mpfr_ptr e = o->p.x;
    mpfr_ui_sub(o->tmp.x, 1, e, MPFR_RNDN);
    mpfr_add_ui(out, e, 1, MPFR_RNDN);
    mpfr_div(out, out, o->tmp.x, MPFR_RNDN);
    mpfr_sqrt(out, out, MPFR_RNDN);
}

fp_vec *fp_ode_start(const fp_ode *o)
{
    fp_vec *v = fp_vec_new(o->problem->dim, o->y.prec);
    mpfr_t x;
    mpfr_init2(x, o->y.prec);
    for (size_t i = 0; i < o->problem->dim; i++) {
        if (strcmp(o->problem->start[i], "kepler") == 0)
            kepler_speed(x, o);
        else
            fp_set_decimal(x, o->problem->start[i]);
        fp_vec_set(v, i, x);
    }
    mpfr_clear(x);
    return v;
}

void fp_ode_error(mpfr_ptr out, const fp_ode *o, const fp_vec *y)
{
    mpfr_t x, z;
    mpfr_inits2(o->y.prec + 64, x, z, (mpfr_ptr)NULL);
    mpfr_set_zero(out, 1);
    for (size_t i = 0; i < o->problem->dim; i++) {
        fp_set_decimal(z, o->problem->end[i]);
        fp_vec_get(x, y, i);
        mpfr_sub(x, x, z, MPFR_RNDN);
        if (mpfr_cmpabs(x, out) > 0)
            mpfr_abs(out, x, MPFR_RNDN);
    }
    mpfr_clears(x, z, (mpfr_ptr)NULL);
}
