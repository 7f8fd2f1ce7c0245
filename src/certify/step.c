/* SPDX-License-Identifier: MIT */
/* One step of a tube (certificate.md, (12), (18)-(20)): polynomial, defect, growth, radius. */
#include <math.h>
#include <stdlib.h>

#include "step_impl.h"

enum { PARTS = 2, ORDER_MIN = 2, ORDER_MAX = 1000, H_BITS = 6, R_TRIES = 4, H_HALVINGS = 12, H_SEARCH = 200, PREC_GUARD = 32 };

/* ---- life */
static double log2_of(mpq_srcptr q)
{
    arb_t ball;
    mag_t size;
    arb_init(ball);
    mag_init(size);
    fp_ball_set_rational(ball, q, 64);
    arb_get_mag(size, ball);
    double log2_size = mag_get_d_log2_approx(size);
    mag_clear(size);
    arb_clear(ball);
    return log2_size;
}

/* The optimum is flat, 1.0 to 1.2 times -ln(tol)/2. */
int fp_certify_order(mpq_srcptr tolerance)
{
    int order = (int)(1.1 * (1 - log2_of(tolerance) * log(2) / 2));
    return order < ORDER_MIN ? ORDER_MIN : order > ORDER_MAX ? ORDER_MAX : order;
}

int fp_certify_limbs(mpq_srcptr tolerance)
{
    int limbs = fp_grid_limbs_for((slong)(3 - log2_of(tolerance)));
    return limbs < FP_GRID_LIMBS_MAX ? limbs : FP_GRID_LIMBS_MAX;
}

static fp_status check_options(const fp_certify_options *o, fp_error *err)
{
    if (mpq_sgn(o->tolerance) <= 0 || mpq_cmp_ui(o->tolerance, 1, 1) >= 0) {
        char *text = fp_rational_text(o->tolerance);
        fp_fail(err, FP_BAD_INPUT, "tolerance of a certificate is %s; allowed: above 0, below 1", text);
        free(text);
        return FP_BAD_INPUT;
    }
    if (o->order && (o->order < ORDER_MIN || o->order > ORDER_MAX))
        return fp_fail(err, FP_BAD_INPUT, "order of a certificate is %d; allowed: %d to %d, or 0 for automatic", o->order, ORDER_MIN, ORDER_MAX);
    if (o->limbs < 0 || o->limbs > FP_GRID_LIMBS_MAX)
        return fp_fail(err, FP_BAD_INPUT, "digits of a certificate's grid are %d; allowed: 1 to %d, or 0 for automatic", o->limbs, FP_GRID_LIMBS_MAX);
    if (o->parts < 0 || o->parts > 4096)
        return fp_fail(err, FP_BAD_INPUT, "sub-intervals of a certificate's step are %d; allowed: 1 to 4096, or 0 for automatic", o->parts);
    return FP_OK;
}

static void init_numbers(fp_step *s)
{
    arf_init(s->left);
    arf_init(s->right);
    arf_init(s->h);
    mag_init(s->defect);
    mag_init(s->growth);
    mag_init(s->rate);
    mag_init(s->radius);
    mag_init(s->room);
}

static void choose_sizes(fp_step *s, int *limbs, const fp_certify_options *o)
{
    s->tolerance_log2 = log2_of(o->tolerance);
    s->parts = o->parts ? o->parts : PARTS;
    s->order = o->order ? o->order : fp_certify_order(o->tolerance);
    *limbs = o->limbs ? o->limbs : fp_certify_limbs(o->tolerance);
}

fp_status fp_step_new(fp_step **out, const fp_problem *problem, const fp_layout *layout, const fp_certify_options *options, fp_error *err)
{
    int limbs = 0;
    *out = NULL;
    if (check_options(options, err) != FP_OK)
        return err->code;
    fp_step *s = fp_alloc(1, sizeof *s);
    init_numbers(s);
    choose_sizes(s, &limbs, options);
    s->pool = options->pool;
    slong prec = (slong)FP_GRID_BITS * limbs + PREC_GUARD;
    if (fp_series_new(&s->series, problem, layout, limbs, s->order, prec, options->pool, err) != FP_OK) {
        s->series = NULL;
        fp_step_free(s);
        return err->code;
    }
    fp_tails_init(&s->tails, s->series, s->order);
    s->growth_bound = fp_growth_parts_new(s->series, s->parts, s->pool);
    *out = s;
    return FP_OK;
}

void fp_step_free(fp_step *s)
{
    if (!s)
        return;
    if (s->series) {
        fp_growth_parts_free(s->growth_bound);
        fp_tails_clear(&s->tails);
        fp_series_free(s->series);
    }
    arf_clear(s->left);
    arf_clear(s->right);
    arf_clear(s->h);
    mag_clear(s->defect);
    mag_clear(s->growth);
    mag_clear(s->rate);
    mag_clear(s->radius);
    mag_clear(s->room);
    free(s);
}

fp_series *fp_step_series(fp_step *s)
{
    return s->series;
}

int fp_step_order(const fp_step *s)
{
    return s->order;
}

/* ---- h */
static void add_block(mag_t squares, const fp_step *s, fp_series_block block, int k)
{
    long count = block == FP_SERIES_U ? 1 : fp_series_get_shape(s->series)->d;
    mag_t square;
    mag_init(square);
    for (long t = 0; t < count; t++) {
        mag_srcptr norm = fp_series_vector(s->series, block, t, k)->norm;
        mag_mul(square, norm, norm);
        if (block == FP_SERIES_U)
            mag_div_ui(square, square, (ulong)fp_series_get_shape(s->series)->m1);
        mag_add(squares, squares, square);
    }
    mag_clear(square);
}

/* |y_k|, weighted */
static void coefficient_size(mag_t out, const fp_step *s, int k)
{
    mag_zero(out);
    for (fp_series_block block = FP_SERIES_U; block <= FP_SERIES_Q; block++) add_block(out, s, block, k);
    mag_sqrt(out, out);
}

void fp_step_size(mag_t out, const fp_step *s)
{
    coefficient_size(out, s, 0);
}

/* log2 of the h with k |y_k| h^k = tolerance for the last two k, the smaller one; +inf if both terms vanish. False: a term is not finite. */
static bool wished_h(double *log2_h, const fp_step *s)
{
    mag_t term;
    mag_init(term);
    *log2_h = INFINITY;
    bool finite = true;
    for (int k = s->order - 1; k <= s->order; k++) {
        coefficient_size(term, s, k);
        mag_mul_ui(term, term, (ulong)k);
        finite &= mag_is_finite(term) != 0;
        if (finite && !mag_is_zero(term))
            *log2_h = fmin(*log2_h, (s->tolerance_log2 - mag_get_d_log2_approx(term)) / k);
    }
    mag_clear(term);
    return finite;
}

/* 2^log2_h, or less by at most one part in 32: 6 significant bits */
static void set_short(arf_t h, double log2_h)
{
    double whole = floor(log2_h);
    slong mantissa = (slong)floor(exp2(log2_h - whole) * (1 << (H_BITS - 1)));
    arf_set_si_2exp_si(h, mantissa, (slong)whole - (H_BITS - 1));
}

/* h = wished, all of `left_over`, or half of it where two steps do it anyway */
static void cut_h(arf_t h, const arf_t left_over, double log2_h)
{
    arf_t twice;
    if (log2_h > 1e6) {
        arf_set(h, left_over);
        return;
    }
    arf_init(twice);
    set_short(h, log2_h);
    arf_mul_2exp_si(twice, h, 1);
    if (arf_cmp(h, left_over) >= 0) {
        arf_set(h, left_over);
    } else if (arf_cmp(twice, left_over) > 0) {
        arf_mul_2exp_si(twice, left_over, -1);
        arf_set_round(h, twice, H_BITS, ARF_RND_UP);
    }
    arf_clear(twice);
}

/* Tails and defect at s->h. */
static bool measure(fp_step *s)
{
    arf_add(s->right, s->left, s->h, ARF_PREC_EXACT, ARF_RND_DOWN);
    fp_tails_set(&s->tails, s->series, s->h);
    if (!s->tails.closed)
        return false;
    fp_defect(s->defect, s->series, &s->tails);
    return mag_is_finite(s->defect);
}

static void halve(fp_step *s)
{
    arf_mul_2exp_si(s->h, s->h, -1);
}

static fp_status fail_at(const fp_step *s, fp_status code, const char *what, fp_error *err)
{
    return fp_fail(err, code, "at t = %.10g: %s", arf_get_d(s->left, ARF_RND_NEAR), what);
}

static fp_status choose_h(fp_step *s, const arf_t limit, const arf_t h_given, fp_error *err)
{
    double log2_h;
    arf_t left_over;
    if (!wished_h(&log2_h, s))
        return fail_at(s, FP_NON_FINITE, "the Taylor coefficients are not finite", err);
    if (h_given) {
        arf_set(s->h, h_given);
        return FP_OK;
    }
    arf_init(left_over);
    arf_sub(left_over, limit, s->left, ARF_PREC_EXACT, ARF_RND_DOWN);
    cut_h(s->h, left_over, log2_h);
    arf_clear(left_over);
    return FP_OK;
}

fp_status fp_step_open(fp_step *s, const arf_t left, const fp_series_state *x, const arf_t limit, const arf_t h_given, fp_error *err)
{
    s->closed = s->estimated = false;
    s->end = NULL;
    s->h_given = h_given != NULL;
    arf_set(s->left, left);
    if (!arf_is_finite(left) || (h_given ? !arf_is_finite(h_given) || arf_sgn(h_given) <= 0 : !arf_is_finite(limit) || arf_cmp(left, limit) >= 0))
        return fail_at(s, FP_BAD_INPUT, "a step must end after it begins, at a finite time", err);
    fp_series_restart(s->series, x);
    fp_series_extend(s->series, s->order);
    if (choose_h(s, limit, h_given, err) != FP_OK)
        return err->code;
    for (int k = 0; k < H_SEARCH; k++, halve(s))
        if (measure(s) || s->h_given)
            return mag_is_finite(s->defect) && s->tails.closed ? FP_OK : fail_at(s, FP_STEP_UNDERFLOW, "the Taylor series is not shown to converge on the given step", err);
    return fail_at(s, FP_STEP_UNDERFLOW, "the Taylor series is not shown to converge on any step", err);
}

/* ---- the tube */
void fp_step_length(mag_t out, const fp_step *s)
{
    arf_get_mag(out, s->h);
}

/* e + h D */
static void add_defect(mag_t out, const fp_step *s, const mag_t e)
{
    mag_t h;
    mag_init(h);
    fp_step_length(h, s);
    mag_set(out, e);
    mag_addmul(out, h, s->defect);
    mag_clear(h);
}

/* (18), (19): is exp(sum mu_s h_s)(e + h D) < r, with mu for the tube of radius r = s->room? `start` is e + h D. */
static bool closes(fp_step *s, const mag_t start)
{
    fp_growth_parts_bound(s->growth, s->rate, s->growth_bound, s->series, s->room);
    mag_exp(s->radius, s->growth);
    mag_mul(s->radius, s->radius, start);
    return mag_is_finite(s->radius) && mag_cmp(s->radius, s->room) < 0;
}

/* r = 4 (e + h D), then four times as much, as long as that is what stopped it */
static bool try_rooms(fp_step *s, const mag_t e, const mag_t r_given)
{
    mag_t start;
    mag_init(start);
    fp_growth_parts_open(s->growth_bound, s->series, &s->tails, s->h);
    add_defect(start, s, e);
    mag_mul_2exp_si(s->room, start, 2);
    if (mag_is_zero(s->room))
        mag_set_ui_2exp_si(s->room, 1, -10000); /* an exact solution: any tube will do */
    if (r_given)
        mag_set(s->room, r_given);
    bool closed = closes(s, start);
    for (int k = 1; !closed && !r_given && k < R_TRIES; k++) {
        mag_mul_2exp_si(s->room, s->room, 2);
        closed = closes(s, start);
    }
    mag_clear(start);
    return closed;
}

bool fp_step_close(fp_step *s, const mag_t e, const mag_t r_given)
{
    s->closed = try_rooms(s, e, r_given);
    for (int k = 0; !s->closed && !s->h_given && k < H_HALVINGS; k++) {
        halve(s);
        s->closed = measure(s) && try_rooms(s, e, r_given);
    }
    return s->closed;
}

void fp_step_shorten(fp_step *s, const mag_t most)
{
    mag_t left_out;
    mag_init(left_out);
    for (int k = 0; k < H_HALVINGS; k++) {
        mag_zero(left_out);
        add_defect(left_out, s, left_out);
        if (mag_cmp(left_out, most) <= 0) break;
        halve(s);
        if (!measure(s)) break;
    }
    mag_clear(left_out);
}

void fp_step_estimate(fp_step *s, const mag_t radius)
{
    mag_set(s->radius, radius);
    mag_set(s->room, radius);
    mag_zero(s->growth);
    mag_zero(s->rate);
    s->closed = s->estimated = true;
}

/* ---- what it says */
bool fp_step_is_estimated(const fp_step *s)
{
    return s->estimated;
}

arf_srcptr fp_step_left(const fp_step *s)
{
    return s->left;
}

arf_srcptr fp_step_right(const fp_step *s)
{
    return s->right;
}

mag_srcptr fp_step_defect(const fp_step *s)
{
    return s->defect;
}

mag_srcptr fp_step_growth(const fp_step *s)
{
    return s->growth;
}

mag_srcptr fp_step_rate(const fp_step *s)
{
    return s->rate;
}

mag_srcptr fp_step_radius(const fp_step *s)
{
    return s->radius;
}

mag_srcptr fp_step_room(const fp_step *s)
{
    return s->room;
}

/* ---- the next knot */
void fp_step_next(fp_series_state *next, mag_t e, const fp_step *s)
{
    mag_t jump;
    mag_init(jump);
    fp_series_at(next, jump, s->series, s->h);
    mag_add(e, s->radius, jump);
    mag_clear(jump);
}

void fp_step_end(fp_step *s, const fp_series_state *knot)
{
    s->end = knot;
}
