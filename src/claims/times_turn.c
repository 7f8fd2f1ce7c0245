/* SPDX-License-Identifier: MIT */
/* Where a condition turns, in either run. The fine run's turn is the time T; the coarse run has its own, T_c, and what a claim says at T is compared
 * with what the coarse run says at T_c, so that the error of T enters the error estimate. */
#include <float.h>
#include <math.h>

#include "check_impl.h"

enum { BRACKET_BITS = 53 }; /* a bracket is at most 2^-53 of the interval in which the turn was seen */

/* A ball that straddles 0 goes by its middle: T is a bracket, not a proof. */
double fp_clock_ask(fp_checker *c, fp_clock *k, int lane)
{
    fp_lane *l = &c->lane[lane];
    fp_eval_failure failure = {0};
    fp_judgement j;
    if (!fp_eval_condition_leaves(&l->leaves, l->eval, k->time->condition, k->time->frame, &failure)) {
        if (!k->failure.failed) k->failure = failure;
        return NAN;
    }
    fp_eval_judge(&j, l->eval, k->time->condition, &l->leaves, NULL);
    if (j.truth == FP_TRUE) return j.relative > DBL_MIN ? j.relative : DBL_MIN;
    if (j.truth == FP_UNKNOWN && j.relative > 0) return j.relative;
    return j.relative < -DBL_MIN ? j.relative : -DBL_MIN;
}

typedef struct {
    fp_checker *c;
    fp_clock *k;
    const fp_stretch *s;
    int lane;
    double sign;
    fp_status status;
    fp_error *err;
} fp_turn;

/* >= 0 on the side behind the turn, by the dense output; a condition without a value does not hold. */
static double turn_at(fp_turn *turn, mpfr_srcptr t)
{
    fp_vec *y = turn->c->probe[turn->lane];
    if (turn->status == FP_OK) turn->status = turn->s->at(y, turn->s->ctx, turn->lane == FP_FINE, t, false, turn->err);
    if (turn->status != FP_OK) return NAN;
    fp_lane_set(turn->c, turn->lane, t, y);
    double f = fp_clock_ask(turn->c, turn->k, turn->lane);
    return turn->sign * (f >= 0 || f < 0 ? f : -DBL_MIN);
}

static void turn_value(mpfr_ptr value, mpfr_srcptr t, void *ctx)
{
    double f = turn_at(ctx, t);
    if (isnan(f))
        mpfr_set_nan(value);
    else
        mpfr_set_d(value, f, MPFR_RNDN);
}

/* hi = right end of a bracket of the turn between lo and hi */
static void turn_bracket(fp_turn *turn, mpfr_ptr lo, mpfr_ptr hi)
{
    mpfr_t width;
    mpfr_init2(width, mpfr_get_prec(hi));
    mpfr_sub(width, hi, lo, MPFR_RNDN);
    mpfr_mul_2si(width, width, -BRACKET_BITS, MPFR_RNDN);
    fp_root_bracket(lo, hi, width, turn_value, turn);
    mpfr_clear(width);
}

fp_status fp_clock_bracket(fp_checker *c, fp_clock *k, const fp_stretch *s, mpfr_srcptr hi, bool now, fp_error *err)
{
    fp_turn turn = {c, k, s, FP_FINE, now ? 1 : -1, FP_OK, err};
    mpfr_t lo;
    mpfr_init2(lo, mpfr_get_prec(k->next));
    mpfr_set(lo, k->seen, MPFR_RNDN);
    mpfr_set(k->next, hi, MPFR_RNDN);
    turn_bracket(&turn, lo, k->next);
    mpfr_sub(k->next_width, k->next, lo, MPFR_RNDU);
    fp_lane_set(c, FP_FINE, s->right, s->fine_right);
    mpfr_clear(lo);
    return turn.status;
}

/* ---- the coarse run. Its turn lies beyond the stretch: continued by the chord, at least to the end; an infinite distance becomes eight stretches. The
 * state there cannot be had: the one as far on the other side of T stands for it, so that the difference of the runs still shows the distance. */
typedef struct {
    mpfr_t left, right, span, shift;
} fp_reach;

static void coarse_beyond(mpfr_ptr t, mpfr_ptr at, mpfr_srcptr fine, fp_reach *reach, bool later, double f_left, double f_right)
{
    double far = later ? -f_right / (f_right - f_left) : f_left / (f_right - f_left); /* in stretches, from the end */
    if (!(far >= 0 && far < 8)) far = 8;
    mpfr_mul_d(reach->shift, reach->span, far, MPFR_RNDU);
    if (later)
        mpfr_add(t, reach->right, reach->shift, MPFR_RNDN);
    else
        mpfr_sub(t, reach->left, reach->shift, MPFR_RNDN);
    mpfr_sub(reach->shift, t, fine, MPFR_RNDN);
    mpfr_sub(at, fine, reach->shift, MPFR_RNDN);
    if (mpfr_less_p(at, reach->left)) mpfr_set(at, reach->left, MPFR_RNDN);
    if (mpfr_greater_p(at, reach->right)) mpfr_set(at, reach->right, MPFR_RNDN);
}

/* The run's own search does not begin before its first time. */
static void coarse_clip(mpfr_ptr t, mpfr_ptr at, mpfr_srcptr begin, const fp_reach *reach)
{
    if (mpfr_greaterequal_p(t, begin)) return;
    mpfr_set(t, begin, MPFR_RNDN);
    if (mpfr_greaterequal_p(begin, reach->left)) mpfr_set(at, begin, MPFR_RNDN);
}

static void coarse_find(mpfr_ptr t, mpfr_ptr at, fp_turn *turn, fp_reach *reach, mpfr_srcptr begin)
{
    mpfr_srcptr fine = turn->k->next;
    double f_left = turn_at(turn, reach->left), f_right = turn_at(turn, reach->right), f = turn_at(turn, fine);
    if (turn->status != FP_OK) return;
    if (f >= 0 ? f_left < 0 : f_right >= 0) { /* between left and T, or between T and right */
        mpfr_set(f >= 0 ? reach->right : reach->left, fine, MPFR_RNDN);
        turn_bracket(turn, reach->left, reach->right);
        mpfr_set(t, reach->right, MPFR_RNDN);
        mpfr_set(at, t, MPFR_RNDN);
    } else {
        coarse_beyond(t, at, fine, reach, !(f >= 0), f_left, f_right);
    }
    coarse_clip(t, at, begin, reach);
}

fp_status fp_clock_coarse(mpfr_ptr t, mpfr_ptr at, fp_checker *c, fp_clock *k, const fp_stretch *s, fp_error *err)
{
    fp_turn turn = {c, k, s, FP_COARSE, k->next_holds ? 1 : -1, FP_OK, err};
    mpfr_prec_t prec = mpfr_get_prec(k->next);
    fp_reach reach;
    mpfr_t begin;
    mpfr_inits2(prec, reach.left, reach.right, reach.span, reach.shift, begin, (mpfr_ptr)NULL);
    mpfr_set(reach.left, s->left, MPFR_RNDN);
    mpfr_set(reach.right, s->right, MPFR_RNDN);
    mpfr_sub(reach.span, reach.right, reach.left, MPFR_RNDN);
    mpfr_set_zero(begin, 1);
    if (k->from >= 0) mpfr_set(begin, c->clocks[k->from].value, MPFR_RNDN);
    coarse_find(t, at, &turn, &reach, begin);
    mpfr_clears(reach.left, reach.right, reach.span, reach.shift, begin, (mpfr_ptr)NULL);
    return turn.status;
}
