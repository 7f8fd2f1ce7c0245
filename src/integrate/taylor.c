/* SPDX-License-Identifier: MIT */
/* The Taylor stepper: times and step sizes. The numbers are the field's (fp_expansion); a time inside a step is t - t0 rounded once. */
#include "stepper.h"

#include <assert.h>
#include <stdlib.h>

enum { ORDER_MIN = 4 };

int fp_taylor_order(mpq_srcptr tolerance)
{
    mpfr_t x;
    mpfr_init2(x, FP_SCALAR_PREC);
    fp_mpfr_set_rational(x, tolerance);
    mpfr_log(x, x, MPFR_RNDN);
    mpfr_div_si(x, x, -2, MPFR_RNDN);
    mpfr_add_ui(x, x, 1, MPFR_RNDN);
    long order = mpfr_get_si(x, MPFR_RNDU);
    mpfr_clear(x);
    return order < ORDER_MIN ? ORDER_MIN : (int)order;
}

/* ---- life */

fp_taylor *fp_taylor_create(const fp_field *field, mpq_srcptr tolerance, mpfr_prec_t prec)
{
    assert(field->dim > 0 && field->expansion);
    fp_taylor *s = fp_alloc(1, sizeof *s);
    s->field = *field;
    s->prec = prec;
    s->order = fp_taylor_order(tolerance);
    s->state = fp_vec_new(field->dim, prec);
    mpfr_inits2(prec, s->t0, s->t1, s->h, (mpfr_ptr)NULL);
    mpfr_inits2(FP_SCALAR_PREC, s->tolerance, s->span, (mpfr_ptr)NULL);
    mpfr_set_zero(s->span, 1);
    fp_mpfr_set_rational(s->tolerance, tolerance);
    return s;
}

static void free_expansion(fp_taylor *s)
{
    if (s->x)
        s->x->table->free(s->x);
    s->x = NULL;
}

void fp_taylor_free(fp_taylor *s)
{
    if (!s)
        return;
    free_expansion(s);
    fp_vec_free(s->state);
    mpfr_clears(s->t0, s->t1, s->h, s->tolerance, s->span, (mpfr_ptr)NULL);
    free(s);
}

/* ---- where we are */

mpfr_srcptr fp_taylor_time(const fp_taylor *s)
{
    return s->expanded ? s->t0 : s->t1;
}

const fp_vec *fp_taylor_state(const fp_taylor *s)
{
    return s->state;
}

mpfr_srcptr fp_taylor_left_time(const fp_taylor *s)
{
    return s->steps ? s->t0 : fp_taylor_time(s);
}

/* ---- steps */

/* Exponent of the largest entry, at least 2. */
static mpfr_exp_t largest_exponent(const fp_vec *y)
{
    mpfr_exp_t most = 2;
    mpfr_t x;
    mpfr_init2(x, fp_vec_prec(y));
    for (size_t i = 0; i < fp_vec_len(y); i++) {
        fp_vec_get(x, y, i);
        if (mpfr_regular_p(x) && mpfr_get_exp(x) > most)
            most = mpfr_get_exp(x);
    }
    mpfr_clear(x);
    return most;
}

/* tolerance >= 2^(e-1) and |y_i| < 2^x: 2^-bits 2^x <= tolerance/2 */
static mpfr_prec_t bits_for(const fp_taylor *s, const fp_vec *y)
{
    mpfr_exp_t bits = 2 + largest_exponent(y) - mpfr_get_exp(s->tolerance);
    return bits < s->prec ? (bits > 1 ? (mpfr_prec_t)bits : 1) : s->prec;
}

static fp_status check_start(fp_taylor *s, fp_error *err)
{
    fp_vec *slope = fp_vec_new(s->field.dim, s->prec);
    s->field.rhs(slope, s->t1, s->state, s->field.ctx);
    s->evaluations++;
    bool finite = s->x->table->start(s->x, s->state) && fp_vec_is_finite(slope);
    fp_status status = finite ? FP_OK : fp_step_not_finite(err, s->t1, s->h, s->state, slope);
    fp_vec_free(slope);
    return status;
}

fp_status fp_taylor_start(fp_taylor *s, mpfr_srcptr t0, const fp_vec *y0, fp_error *err)
{
    assert(fp_vec_len(y0) == s->field.dim);
    if (y0 != s->state)
        fp_vec_copy(s->state, y0);
    mpfr_set(s->t1, t0, MPFR_RNDN);
    mpfr_set_zero(s->h, 1);
    s->expanded = false;
    s->steps = 0;
    free_expansion(s);
    s->x = s->field.expansion(s->order, bits_for(s, y0), s->field.ctx, err);
    return s->x ? check_start(s, err) : err->code;
}

/* The last step's polynomial gives way to that of the current point; *fresh if that was not done before. */
static fp_status expand(bool *fresh, fp_taylor *s, fp_error *err)
{
    char t[48];
    *fresh = !s->expanded;
    if (s->expanded)
        return FP_OK;
    s->evaluations++;
    mpfr_set(s->t0, s->t1, MPFR_RNDN);
    s->expanded = true;
    if (!s->x->table->expand(s->x, s->t0))
        return fp_fail(err, FP_NON_FINITE, "the Taylor coefficients at t = %s are not finite", fp_scalar_text(t, s->t0));
    return FP_OK;
}

fp_status fp_taylor_try_to(fp_taylor *s, mpfr_srcptr t1, mpfr_ptr error, fp_error *err)
{
    char t[48], h[48];
    bool fresh;
    if (expand(&fresh, s, err) != FP_OK)
        return err->code;
    mpfr_set(s->t1, t1, MPFR_RNDN);
    mpfr_sub(s->h, s->t1, s->t0, MPFR_RNDN);
    s->evaluations++;
    if (!s->x->table->trial(error, s->x, s->h, s->t1))
        return fp_fail(err, FP_NON_FINITE, "a step from t = %s of size %s makes the state or its derivative not finite", fp_scalar_text(t, s->t0), fp_scalar_text(h, s->h));
    mpfr_mul(error, error, s->h, MPFR_RNDN);
    mpfr_div_ui(error, error, (unsigned long)s->order + 1, MPFR_RNDN);
    return FP_OK;
}

void fp_taylor_accept(fp_taylor *s)
{
    assert(s->expanded);
    s->x->table->end(s->state, s->x);
    s->expanded = false;
    s->steps++;
}

fp_status fp_taylor_at(fp_vec *out, fp_taylor *s, mpfr_srcptr t, fp_error *err)
{
    assert(s->steps > 0 && !s->expanded);
    if (mpfr_equal_p(t, s->t1)) {
        fp_vec_copy(out, s->state);
        return FP_OK;
    }
    mpfr_t h;
    mpfr_init2(h, s->prec);
    mpfr_sub(h, t, s->t0, MPFR_RNDN);
    s->x->table->value(out, s->x, h);
    fp_status status = fp_vec_is_finite(out) ? FP_OK : fp_step_not_finite(err, s->t0, h, out, NULL);
    mpfr_clear(h);
    return status;
}

/* ---- step sizes */

/* out = min(out, (size/|c_j|)^(1/j)); false if c_j is 0. A norm that is not finite leaves out alone: the trial finds out. */
static bool keep_radius(mpfr_ptr out, fp_taylor *s, int j, mpfr_srcptr size)
{
    mpfr_t norm;
    mpfr_init2(norm, FP_SCALAR_PREC);
    s->x->table->size(norm, s->x, j);
    bool is_zero = mpfr_zero_p(norm) != 0;
    if (!is_zero && mpfr_number_p(norm)) {
        mpfr_div(norm, size, norm, MPFR_RNDN);
        mpfr_rootn_ui(norm, norm, (unsigned long)j, MPFR_RNDN);
        mpfr_min(out, out, norm, MPFR_RNDN);
    }
    mpfr_clear(norm);
    return !is_zero;
}

/* Both last coefficients are 0, which is suspect rather than perfect. One in the upper half decides as if it were the last; below that the solution looks like a polynomial, and
 * (1/|c_j|)^(1/j) is the time in which it changes. Growth is at most 10-fold, the first step at most 1/100 of the way. */
static void suspect(mpfr_ptr h, fp_taylor *s)
{
    mpfr_t x;
    int j = s->order - 2;
    mpfr_init2(x, FP_SCALAR_PREC);
    while (j > s->order / 2 && !keep_radius(h, s, j, s->tolerance))
        j--;
    mpfr_set_ui(x, 1, MPFR_RNDN);
    if (j <= s->order / 2)
        for (; j > 0; j--)
            keep_radius(h, s, j, x);
    if (s->steps)
        mpfr_mul_ui(x, s->h, 10, MPFR_RNDN);
    else
        mpfr_div_ui(x, s->span, 100, MPFR_RNDN);
    mpfr_min(h, h, x, MPFR_RNDN);
    mpfr_clear(x);
}

fp_status fp_taylor_wish(mpfr_ptr h, fp_taylor *s, fp_error *err)
{
    bool fresh;
    if (expand(&fresh, s, err) != FP_OK)
        return err->code;
    if (!fresh)
        return FP_OK;
    mpfr_set(h, s->span, MPFR_RNDN);
    bool last = keep_radius(h, s, s->order, s->tolerance), next = keep_radius(h, s, s->order - 1, s->tolerance);
    if (!last && !next)
        suspect(h, s);
    mpfr_mul_ui(h, h, 9, MPFR_RNDN);
    mpfr_div_ui(h, h, 10, MPFR_RNDN);
    fp_step_round(h);
    return FP_OK;
}

/* The error is of order h^(p+1). */
bool fp_taylor_judge(mpfr_ptr next, fp_control *c, const fp_taylor *s, mpfr_srcptr h, mpfr_srcptr error)
{
    mpfr_t factor, least;
    mpfr_inits2(FP_SCALAR_PREC, factor, least, (mpfr_ptr)NULL);
    bool accepted = mpfr_lessequal_p(error, c->tolerance) != 0;
    mpfr_set(next, h, MPFR_RNDN);
    if (!accepted) {
        mpfr_div(factor, c->tolerance, error, MPFR_RNDN);
        mpfr_rootn_ui(factor, factor, (unsigned long)s->order + 1, MPFR_RNDN);
        fp_ratio_set(least, 9, 10);
        mpfr_mul(factor, factor, least, MPFR_RNDN);
        fp_ratio_set(least, 1, 5);
        mpfr_max(factor, factor, least, MPFR_RNDN);
        mpfr_mul(next, h, factor, MPFR_RNDN);
        fp_step_round(next);
    }
    c->rejected = !accepted;
    mpfr_clears(factor, least, (mpfr_ptr)NULL);
    return accepted;
}
