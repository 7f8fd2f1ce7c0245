/* SPDX-License-Identifier: MIT */
/* The tightest point inside a step: minimisation by parabolas with golden sections as the safeguard (Brent, Algorithms for Minimization without
 * Derivatives, 1973, ch. 5) on the dense output of the fine run, at most 9 evaluations of one claim; up to 60 while a convex function with the values seen
 * could still change sign in the bracket (a kink, as of abs). The point found is examined by true steps of both runs. */
#include <math.h>

#include "check_impl.h"

enum { TRIALS = 8, TRIALS_MOST = 60, TRIALS_PATIENCE = 13 };
#define GOLDEN 0.3819660112501051 /* where to look, not what is claimed: no verdict depends on its digits */

typedef struct {
    fp_checker *c;
    fp_monitor *m;
    const fp_stretch *s;
    double x[3], f[3]; /* offsets from the middle of the step, increasing; f[1] is the least */
    fp_status status;
    fp_error *err;
} fp_search;

static void search_time(mpfr_ptr t, const fp_search *q, double x)
{
    mpfr_set(t, q->m->triple.middle, MPFR_RNDN);
    mpfr_add_d(t, t, x, MPFR_RNDN);
}

/* Value at an offset, by the dense output; infinite where the claim cannot be evaluated. */
static double search_value(fp_search *q, double x)
{
    fp_checker *c = q->c;
    fp_lane *lane = &c->lane[FP_FINE];
    fp_eval_failure failure = {0};
    fp_judgement j;
    mpfr_t t;
    double f = HUGE_VAL;
    mpfr_init2(t, mpfr_get_prec(q->m->triple.middle));
    search_time(t, q, x);
    q->status = q->s->at(c->probe[FP_FINE], q->s->ctx, true, t, false, q->err);
    if (q->status == FP_OK) {
        fp_lane_set(c, FP_FINE, t, c->probe[FP_FINE]);
        if (fp_eval_leaves(&lane->leaves, lane->eval, q->m->claim, &failure)) {
            fp_eval_judge(&j, lane->eval, q->m->claim->body, &lane->leaves, NULL);
            f = fp_monitor_aim(q->m, fp_tightness(&j, c, q->m->claim->body, &lane->leaves));
        }
    }
    mpfr_clear(t);
    return isnan(f) ? HUGE_VAL : f;
}

/* Vertex of the parabola through the three points; NaN if it does not open upwards. */
static double vertex(const double x[3], const double f[3])
{
    double left = (f[1] - f[0]) / (x[1] - x[0]), right = (f[2] - f[1]) / (x[2] - x[1]);
    double bend = (right - left) / (x[2] - x[0]);
    if (!(bend > 0) || !isfinite(bend)) return NAN;
    return (x[0] + x[1]) / 2 - left / (2 * bend);
}

/* How much lower than the middle point the vertex promises to be; infinite where the parabola says nothing. */
static double promise(const double x[3], const double f[3], double least)
{
    double v = vertex(x, f), left = (f[1] - f[0]) / (x[1] - x[0]), right = (f[2] - f[1]) / (x[2] - x[1]);
    if (!(v > x[0] && v < x[2])) return HUGE_VAL;
    return least - (f[0] + left * (v - x[0]) + (right - left) / (x[2] - x[0]) * (v - x[0]) * (v - x[1]));
}

/* Shrinks the bracket with the new point (v, fv), x[0] < v < x[2], v != x[1]. */
static void search_update(fp_search *q, double v, double fv)
{
    bool right = v > q->x[1], better = fv < q->f[1];
    int drop = better == right ? 0 : 2; /* the end that leaves */
    q->x[drop] = better ? q->x[1] : v;
    q->f[drop] = better ? q->f[1] : fv;
    if (!better) return;
    q->x[1] = v;
    q->f[1] = fv;
}

/* No convex function through the three points goes lower inside: it lies above its chords' continuations. */
static double convex_floor(const double x[3], const double f[3])
{
    double left = (f[0] - f[1]) / (x[1] - x[0]) * (x[2] - x[1]), right = (f[2] - f[1]) / (x[2] - x[1]) * (x[1] - x[0]);
    return f[1] - fmax(left, right);
}

/* Not next to an excluded end of the window, where equality may hold. */
static bool may_change_sign(const fp_search *q)
{
    return q->f[1] > 0 && isfinite(q->f[0]) && isfinite(q->f[2]) && !(convex_floor(q->x, q->f) > 0);
}

static double search_next(const fp_search *q, bool halve)
{
    const double *x = q->x;
    if (halve) return x[2] - x[1] > x[1] - x[0] ? x[1] + GOLDEN * (x[2] - x[1]) : x[1] - GOLDEN * (x[1] - x[0]);
    double width = x[2] - x[0], v = vertex(x, q->f), near = ldexp(width, -26);
    bool inside = v > x[0] + near && v < x[2] - near; /* false for NaN */
    if (inside && fabs(v - x[1]) > near) return v;
    if (inside) return x[1] + (x[2] - x[1] > x[1] - x[0] ? 4 : -4) * near;
    return x[2] - x[1] > x[1] - x[0] ? x[1] + GOLDEN * (x[2] - x[1]) : x[1] - GOLDEN * (x[1] - x[0]);
}

/* The least of three samples is not the middle one: is there a smaller value inside, where the parabola says? */
static bool search_enter(fp_search *q)
{
    double h = q->x[2] - q->x[0], v = vertex(q->x, q->f);
    if (!(v > q->x[0] - h / 4 && v < q->x[2] + h / 4)) return false;
    if (v <= q->x[0]) v = q->x[0] + h / 16; /* the parabola is a guess: look just inside */
    if (v >= q->x[2]) v = q->x[2] - h / 16;
    if (v == q->x[1]) return false;
    double fv = search_value(q, v);
    if (q->status != FP_OK || !(fv < q->f[0] && fv < q->f[1] && fv < q->f[2])) return false;
    int drop = v < q->x[1] ? 2 : 0;
    q->x[drop] = q->x[1];
    q->f[drop] = q->f[1];
    q->x[1] = v;
    q->f[1] = fv;
    return true;
}

/* The least of three samples is an end one, and a kink may hide next to it: does the claim fall on the way in? */
static bool search_kink(fp_search *q)
{
    const double *x = q->x, *f = q->f;
    bool left = f[0] < f[2];
    double floor = left ? f[1] - (f[2] - f[1]) / (x[2] - x[1]) * (x[1] - x[0]) : f[1] - (f[0] - f[1]) / (x[1] - x[0]) * (x[2] - x[1]);
    int end = left ? 0 : 2;
    if (!(f[end] > 0 && floor <= 0 && f[end] < f[1]) || !isfinite(f[0]) || !isfinite(f[2])) return false;
    double v = x[end] + (left ? 1 : -1) * ldexp(x[2] - x[0], -20), fv = search_value(q, v);
    if (q->status != FP_OK || !(fv < f[end])) return false;
    q->x[2 - end] = x[1];
    q->f[2 - end] = f[1];
    q->x[1] = v;
    q->f[1] = fv;
    return true;
}

/* Worth looking: near the smallest seen so far, or a sign may change. */
static bool search_begin(fp_search *q)
{
    const fp_triple *triple = &q->m->triple;
    mpfr_t offset;
    mpfr_init2(offset, 64);
    mpfr_sub(offset, triple->left, triple->middle, MPFR_RNDN);
    q->x[0] = mpfr_get_d(offset, MPFR_RNDN);
    mpfr_sub(offset, triple->right, triple->middle, MPFR_RNDN);
    q->x[2] = mpfr_get_d(offset, MPFR_RNDN);
    q->x[1] = 0;
    mpfr_clear(offset);
    for (int r = 0; r < 3; r++) q->f[r] = triple->f[r];
    double least = fmin(q->f[0], fmin(q->f[1], q->f[2]));
    bool inside = q->f[1] < q->f[0] && q->f[1] < q->f[2];
    if (!(q->x[0] < 0 && q->x[2] > 0)) return false;
    if (inside && may_change_sign(q)) return true;
    if (!(least <= q->m->lowest + fabs(q->m->lowest) / 10)) return false;
    double worth = fabs(least) * (q->m->measurable ? ldexp(1, -20) : ldexp(1, -10)); /* a measured constant is printed with its digits */
    if (promise(q->x, q->f, least) >= worth && (inside || search_enter(q))) return true;
    return !inside && q->status == FP_OK && search_kink(q);
}

static bool search_is_over(const fp_search *q, int trial, double width, double start)
{
    bool open = may_change_sign(q);
    if (!(width > ldexp(start, -48))) return true;
    if (promise(q->x, q->f, q->f[1]) < ldexp(fabs(q->f[1]), q->m->measurable ? -40 : -20) && !open) return true;
    return trial >= TRIALS && !open;
}

static void search_shrink(fp_search *q)
{
    double start = q->x[2] - q->x[0], before = HUGE_VAL, last = HUGE_VAL, fallen = HUGE_VAL;
    for (int r = 0; r < TRIALS_MOST && q->status == FP_OK; r++) {
        double width = q->x[2] - q->x[0];
        if (search_is_over(q, r, width, start)) return;
        if (r % TRIALS_PATIENCE == TRIALS_PATIENCE - 1) {
            if (!(q->f[1] < fallen * (1 - ldexp(1, -6)))) return;
            fallen = q->f[1];
        }
        double v = search_next(q, width > before / 2);
        if (!(v > q->x[0] && v < q->x[2]) || v == q->x[1]) return;
        search_update(q, v, search_value(q, v));
        before = last;
        last = width;
    }
}

static fp_status search_go(fp_search *q)
{
    if (!search_begin(q)) return q->status;
    search_shrink(q);
    if (q->status != FP_OK || q->x[1] == 0) return q->status;
    mpfr_t t;
    mpfr_init2(t, mpfr_get_prec(q->m->triple.middle));
    search_time(t, q, q->x[1]);
    q->status = fp_lanes_probe(q->c, q->s, t, q->err);
    double lowest = q->m->lowest;
    if (q->status == FP_OK) fp_monitor_between(q->c, q->m);
    if (q->m->lowest < lowest) q->m->falling = may_change_sign(q);
    mpfr_clear(t);
    return q->status;
}

/* Only windows' inequalities have a tight point; exact margins (counts) jump and are left to the samples. */
fp_status fp_monitors_refine(fp_checker *c, const fp_stretch *s, fp_error *err)
{
    for (size_t r = 0; r < c->monitors_count; r++) {
        fp_monitor *m = &c->monitors[r];
        if (!m->triple.valid || m->out || m->settled_early || m->seen_identity) continue;
        fp_search q = {.c = c, .m = m, .s = s, .err = err};
        fp_status status = search_go(&q);
        if (status != FP_OK) return status;
    }
    return FP_OK;
}
