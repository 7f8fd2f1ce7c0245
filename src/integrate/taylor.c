/* SPDX-License-Identifier: MIT */
/* The Taylor stepper. Rounding: h^j is h^(j-1) h rounded; the polynomial is summed from c_0 up, as fp_vec_lincomb rounds; a time inside a step is t - t0 rounded once. */
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

static void make_segment(fp_taylor *s, fp_taylor_segment *seg)
{
    size_t count = (size_t)s->order + 1;
    mpfr_inits2(s->prec, seg->t0, seg->t1, seg->h, (mpfr_ptr)NULL);
    seg->c = fp_alloc(count + 1, sizeof *seg->c);
    for (size_t k = 0; k < count; k++)
        seg->c[k] = fp_vec_new(s->field.dim, s->prec);
    seg->c[count] = s->slope;
    seg->y1 = fp_vec_new(s->field.dim, s->prec);
}

static void clear_segment(fp_taylor *s, fp_taylor_segment *seg)
{
    mpfr_clears(seg->t0, seg->t1, seg->h, (mpfr_ptr)NULL);
    for (size_t k = 0; k <= (size_t)s->order; k++)
        fp_vec_free(seg->c[k]);
    free(seg->c);
    fp_vec_free(seg->y1);
}

fp_taylor *fp_taylor_create(const fp_field *field, mpq_srcptr tolerance, mpfr_prec_t prec, fp_pool *pool, size_t depth)
{
    assert(field->dim > 0 && field->series && depth >= 1 && depth <= FP_MAX_DEPTH);
    fp_taylor *s = fp_alloc(1, sizeof *s);
    s->field = *field;
    s->prec = prec;
    s->order = fp_taylor_order(tolerance);
    s->depth = depth;
    s->slope = fp_vec_new(field->dim, prec);
    s->defect = fp_vec_new(field->dim, prec);
    fp_chunks_init(&s->chunks, field->dim, prec, pool);
    fp_reals_init(&s->coef, (size_t)s->order, prec);
    mpfr_inits2(FP_SCALAR_PREC, s->tolerance, s->span, (mpfr_ptr)NULL);
    mpfr_set_zero(s->span, 1);
    fp_mpfr_set_rational(s->tolerance, tolerance);
    for (size_t d = 0; d < depth; d++)
        make_segment(s, &s->seg[d]);
    return s;
}

void fp_taylor_free(fp_taylor *s)
{
    if (!s)
        return;
    for (size_t d = 0; d < s->depth; d++)
        clear_segment(s, &s->seg[d]);
    fp_vec_free(s->slope);
    fp_vec_free(s->defect);
    fp_chunks_clear(&s->chunks);
    fp_reals_clear(&s->coef);
    mpfr_clears(s->tolerance, s->span, (mpfr_ptr)NULL);
    free(s);
}

/* ---- where we are */

static const fp_taylor_segment *here(const fp_taylor *s)
{
    return &s->seg[s->at];
}

mpfr_srcptr fp_taylor_time(const fp_taylor *s)
{
    return s->open ? here(s)->t0 : here(s)->t1;
}

const fp_vec *fp_taylor_state(const fp_taylor *s)
{
    return s->open ? here(s)->c[0] : here(s)->y1;
}

mpfr_srcptr fp_taylor_left_time(const fp_taylor *s)
{
    return s->steps ? here(s)->t0 : fp_taylor_time(s);
}

const fp_vec *fp_taylor_left_state(const fp_taylor *s)
{
    return s->steps ? here(s)->c[0] : fp_taylor_state(s);
}

/* ---- the polynomial */

/* coef[j] = h^(j+1) */
static void set_powers(fp_taylor *s, mpfr_srcptr h)
{
    mpfr_set(s->coef.x, h, MPFR_RNDN);
    for (size_t j = 1; j < s->coef.n; j++)
        mpfr_mul(s->coef.x + j, s->coef.x + j - 1, h, MPFR_RNDN);
}

static void evaluate(fp_vec *out, fp_taylor *s, const fp_taylor_segment *seg, mpfr_srcptr h)
{
    set_powers(s, h);
    fp_chunks_lincomb(&s->chunks, out, seg->c[0], &s->coef, seg->c + 1, (size_t)s->order);
}

/* defect = P'(h) - f(P(h)), the latter in c[order+1]: coefficients of c_2.. are (j+2) h^(j+1), j < order-1, then -1 */
static void set_defect(fp_taylor *s, const fp_taylor_segment *seg)
{
    set_powers(s, seg->h);
    for (size_t j = 0; j + 1 < s->coef.n; j++)
        mpfr_mul_ui(s->coef.x + j, s->coef.x + j, j + 2, MPFR_RNDN);
    mpfr_set_si(s->coef.x + s->coef.n - 1, -1, MPFR_RNDN);
    fp_chunks_lincomb(&s->chunks, s->defect, seg->c[1], &s->coef, seg->c + 2, (size_t)s->order);
}

/* ---- steps */

fp_status fp_taylor_start(fp_taylor *s, mpfr_srcptr t0, const fp_vec *y0, fp_error *err)
{
    fp_taylor_segment *seg = &s->seg[s->at];
    assert(fp_vec_len(y0) == s->field.dim);
    if (y0 != seg->y1)
        fp_vec_copy(seg->y1, y0);
    mpfr_set(seg->t1, t0, MPFR_RNDN);
    mpfr_set_zero(seg->h, 1);
    s->open = s->expanded = false;
    s->steps = 0;
    s->field.rhs(s->slope, seg->t1, seg->y1, s->field.ctx);
    s->evaluations++;
    if (!fp_vec_is_finite(seg->y1) || !fp_vec_is_finite(s->slope))
        return fp_step_not_finite(err, seg->t1, seg->h, seg->y1, s->slope);
    return FP_OK;
}

static void open_trial(fp_taylor *s)
{
    if (s->open)
        return;
    const fp_taylor_segment *last = here(s);
    s->at = (s->at + 1) % s->depth;
    fp_taylor_segment *next = &s->seg[s->at];
    fp_vec_copy(next->c[0], last->y1);
    mpfr_set(next->t0, last->t1, MPFR_RNDN);
    s->open = true;
    s->expanded = false;
}

/* Opens a trial and makes its coefficients; *fresh if that was not done before. */
static fp_status expand(bool *fresh, fp_taylor *s, fp_error *err)
{
    char t[48];
    open_trial(s);
    fp_taylor_segment *seg = &s->seg[s->at];
    *fresh = !s->expanded;
    if (s->expanded)
        return FP_OK;
    s->evaluations++;
    if (!s->field.series(seg->c, s->order, seg->t0, s->field.ctx))
        return fp_fail(err, FP_NON_FINITE, "the Taylor coefficients at t = %s are not finite", fp_scalar_text(t, seg->t0));
    s->expanded = true;
    return FP_OK;
}

fp_status fp_taylor_try_to(fp_taylor *s, mpfr_srcptr t1, mpfr_ptr error, fp_error *err)
{
    bool fresh;
    if (expand(&fresh, s, err) != FP_OK)
        return err->code;
    fp_taylor_segment *seg = &s->seg[s->at];
    mpfr_set(seg->t1, t1, MPFR_RNDN);
    mpfr_sub(seg->h, seg->t1, seg->t0, MPFR_RNDN);
    evaluate(seg->y1, s, seg, seg->h);
    s->field.rhs(s->slope, seg->t1, seg->y1, s->field.ctx);
    s->evaluations++;
    set_defect(s, seg);
    fp_chunks_scaled_max(&s->chunks, error, s->defect, seg->c[0], seg->y1);
    if (!mpfr_number_p(error))
        return fp_step_not_finite(err, seg->t0, seg->h, seg->y1, s->slope);
    mpfr_mul(error, error, seg->h, MPFR_RNDN);
    mpfr_div_ui(error, error, (unsigned long)s->order + 1, MPFR_RNDN);
    return FP_OK;
}

void fp_taylor_accept(fp_taylor *s)
{
    assert(s->open);
    s->open = s->expanded = false;
    s->steps++;
}

/* The step taken back keeps its left end and its polynomial. */
void fp_taylor_rewind(fp_taylor *s)
{
    assert(s->depth == 2 && s->open && s->steps > 0);
    s->at = 1 - s->at;
    s->steps--;
    s->expanded = true;
}

fp_status fp_taylor_at(fp_vec *out, fp_taylor *s, mpfr_srcptr t, fp_error *err)
{
    assert(s->steps > 0 && !s->open);
    const fp_taylor_segment *seg = here(s);
    if (s->depth == 2 && s->steps > 1 && mpfr_less_p(t, seg->t0))
        seg = &s->seg[1 - s->at];
    if (mpfr_equal_p(t, seg->t1) || mpfr_equal_p(t, seg->t0)) {
        fp_vec_copy(out, mpfr_equal_p(t, seg->t1) ? seg->y1 : seg->c[0]);
        return FP_OK;
    }
    mpfr_t h;
    mpfr_init2(h, s->prec);
    mpfr_sub(h, t, seg->t0, MPFR_RNDN);
    evaluate(out, s, seg, h);
    fp_status status = fp_vec_is_finite(out) ? FP_OK : fp_step_not_finite(err, seg->t0, h, out, NULL);
    mpfr_clear(h);
    return status;
}

/* ---- step sizes */

/* out = min(out, (size/|c_j|)^(1/j)); false if c_j is 0. A norm that is not finite leaves out alone: the trial finds out. */
static bool keep_radius(mpfr_ptr out, fp_taylor *s, int j, mpfr_srcptr size)
{
    const fp_taylor_segment *seg = here(s);
    mpfr_t norm;
    mpfr_init2(norm, FP_SCALAR_PREC);
    fp_chunks_scaled_max(&s->chunks, norm, seg->c[j], seg->c[0], NULL);
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
    if (s->steps) {
        const fp_taylor_segment *last = &s->seg[(s->at + s->depth - 1) % s->depth];
        mpfr_mul_ui(x, last->h, 10, MPFR_RNDN);
    } else {
        mpfr_div_ui(x, s->span, 100, MPFR_RNDN);
    }
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
