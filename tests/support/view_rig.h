/* SPDX-License-Identifier: MIT */
/* An instance with its true solution, a closed step of it, and the comparison of all quantities of a view with their true values. */
#ifndef FP_TESTS_VIEW_RIG_H
#define FP_TESTS_VIEW_RIG_H

#include <math.h>

#include "../../src/certify/step_impl.h"
#include "flow_instances.h"
#include "fp_check.h"
#include "plain_state.h"

enum { QUANTITIES = FP_TUBE_N + 1, TIMES = 4, COLUMNS = 16, PREC = 192, RANDOM = INSTANCES };

static fp_rng rng;

static inline void open_rng(void)
{
    fp_rng_init(&rng, 4711, 3);
}

/* ---- the true solution at 0, 1, 2, .. times 2^unit */
enum { CHAIN_UNIT = -4, STEP_UNIT = -7, GOOD = -112 };

typedef struct {
    fp_problem problem;
    int times;
    slong unit;
    fp_flow *weights;
    plain_state at[TIMES];
    mag_t off; /* of every entry of those states: extrapolation's last change, and a margin of 2^8 */
} truth;

/* Halves h until the last two columns agree well enough. */
static inline double advance(fp_vec *y, const fp_field *field, double h)
{
    fp_vec *start = fp_vec_new(fp_vec_len(y), PLAIN_PREC);
    fp_vec_copy(start, y);
    double change = plain_advance(y, field, h, COLUMNS);
    if (change > GOOD && h > 1e-4) {
        fp_vec_copy(y, start);
        change = advance(y, field, h / 2);
        change = fmax(change, advance(y, field, h / 2));
    }
    fp_vec_free(start);
    return change;
}

/* W times `scale` makes F large. */
static inline void truth_init(truth *x, size_t instance, int times, slong unit, double scale)
{
    fp_error err = {0};
    x->times = times;
    x->unit = unit;
    if (instance == RANDOM)
        instance_random(&x->problem, 6, 4, 9, 12, 4, 99);
    else
        instance_make(&x->problem, instance);
    for (long e = 0; e < x->problem.m1 * x->problem.m; e++)
        x->problem.W[e] *= scale;
    fp_ck_ok(fp_flow_new(&x->weights, FP_FLOW_WEIGHTS, &x->problem, PLAIN_PREC, NULL, &err), &err);
    fp_vec *y = fp_flow_initial(x->weights);
    double worst = -HUGE_VAL;
    for (int t = 0; t < times; t++) {
        plain_state_init(&x->at[t], &x->problem);
        plain_state_load(&x->at[t], fp_flow_layout(x->weights), y);
        plain_state_work(&x->at[t]);
        if (t + 1 < times)
            worst = fmax(worst, advance(y, fp_flow_field(x->weights), ldexp(1, (int)unit)));
    }
    ck_assert_msg(worst <= GOOD, "the reference is not good enough: 2^%g", worst);
    mag_init(x->off);
    if (times > 1)
        mag_set_ui_2exp_si(x->off, 1, (slong)worst + 8);
    fp_vec_free(y);
}

static inline void truth_clear(truth *x)
{
    for (int t = 0; t < x->times; t++)
        plain_state_clear(&x->at[t]);
    fp_flow_free(x->weights);
    instance_clear(&x->problem);
    mag_clear(x->off);
}

/* ---- all quantities */
typedef void (*visitor)(fp_tube_quantity quantity, const long *index, void *ctx);

static inline void each_quantity(const fp_problem *p, visitor visit, void *ctx)
{
    for (int x = 0; x < QUANTITIES; x++) {
        fp_tube_quantity quantity = (fp_tube_quantity)x;
        long index[3];
        for (index[0] = 0; index[0] < plain_state_range(p, quantity, 0); index[0]++)
            for (index[1] = 0; index[1] < plain_state_range(p, quantity, 1); index[1]++)
                for (index[2] = 0; index[2] < plain_state_range(p, quantity, 2); index[2]++)
                    visit(quantity, index, ctx);
    }
}

static inline void ask(arb_t out, const fp_tube_view *view, fp_tube_quantity quantity, const long *index)
{
    const char *why = NULL;
    ck_assert_msg(view->value(out, view->ctx, quantity, index, &why), "quantity %d: %s", (int)quantity, why ? why : "no reason");
}

typedef struct {
    const plain_state *state;
    const fp_tube_view *view;
    mag_srcptr off;
    const char *what;
    double widest;
} comparison;

static inline void check_contains(fp_tube_quantity quantity, const long *index, void *ctx)
{
    comparison *c = ctx;
    arb_t x, y;
    mag_t slack;
    arb_init(x);
    arb_init(y);
    mag_init(slack);
    ask(x, c->view, quantity, index);
    plain_state_value(y, c->state, quantity, index);
    /* a change of the state by `off` an entry moves these small quantities by at most 2^12 off */
    mag_mul_2exp_si(slack, c->off, 12);
    c->widest = fmax(c->widest, mag_get_d(arb_radref(x)));
    arb_add_error_mag(x, slack);
    if (!arb_contains(x, y)) {
        char *a = arb_get_str(x, 40, 0), *b = arb_get_str(y, 40, 0);
        ck_abort_msg("%s: quantity %d [%ld,%ld,%ld]: %s, true %s", c->what, (int)quantity, index[0], index[1], index[2], a, b);
    }
    arb_clear(x);
    arb_clear(y);
    mag_clear(slack);
}

/* ---- one time after another of a chain of steps */
typedef struct {
    const truth *truth;
    const fp_flow *flow;
    int checked;
    double point; /* widest ball at a point */
    visitor visit;
} watch;

/* [a, b] with t inside, within [left, right]: a and b are 2^-shift of the way from t to the ends */
static inline void around(arf_t a, arf_t b, arf_srcptr left, arf_srcptr right, const arf_t t, slong shift)
{
    arf_sub(a, t, left, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_sub(b, right, t, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_mul_2exp_si(a, a, -shift);
    arf_mul_2exp_si(b, b, -shift);
    arf_sub(a, t, a, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_add(b, t, b, ARF_PREC_EXACT, ARF_RND_DOWN);
}

static inline void check_time(const fp_tube_view *view, arf_srcptr left, arf_srcptr right, const arf_t t, const plain_state *state, watch *w)
{
    static const slong shifts[] = {0, 1, 2, 5, 12, 30};
    comparison c = {.state = state, .view = view, .off = w->truth->off};
    arf_t a, b;
    arf_init(a);
    arf_init(b);
    view->set(view->ctx, t, t);
    c.what = "at a point";
    each_quantity(&w->truth->problem, check_contains, &c);
    w->point = fmax(w->point, c.widest);
    for (size_t s = 0; s < sizeof shifts / sizeof *shifts; s++) {
        around(a, b, left, right, t, shifts[s]);
        if (fp_rng_below(&rng, 3) == 0)
            arf_set(a, t);
        else if (fp_rng_below(&rng, 2) == 0)
            arf_set(b, t);
        view->set(view->ctx, a, b);
        c.what = "over an interval";
        each_quantity(&w->truth->problem, check_contains, &c);
    }
    w->checked++;
    arf_clear(a);
    arf_clear(b);
}

/* Those of the times 0, 1, 2, .. times 2^CHAIN_UNIT that lie in the step. */
static inline void check_step(const fp_tube_view *view, arf_srcptr left, arf_srcptr right, watch *w)
{
    arf_t t;
    arf_init(t);
    for (int k = 0; k < TIMES; k++) {
        arf_set_si_2exp_si(t, k, CHAIN_UNIT);
        if (arf_cmp(t, left) >= 0 && arf_cmp(t, right) <= 0) check_time(view, left, right, t, &w->truth->at[k], w);
    }
    arf_clear(t);
}

/* ---- vectors */
static inline void check_vector(const fp_tube_view *view, fp_tube_vector which, long index, arb_srcptr truth_entries, const truth *x)
{
    long m = x->problem.m;
    const char *why = NULL;
    mag_t slack;
    mag_init(slack);
    mag_mul_2exp_si(slack, x->off, 2);
    arb_ptr out = _arb_vec_init(m);
    ck_assert(view->vector(out, view->ctx, which, index, &why));
    for (long r = 0; r < m; r++) {
        arb_add_error_mag(out + r, slack);
        ck_assert_msg(arb_contains(out + r, truth_entries + r), "vector %d, %ld, row %ld", (int)which, index, r);
    }
    _arb_vec_clear(out, m);
    mag_clear(slack);
}

static inline void check_vectors(const fp_tube_view *view, const truth *x, const plain_state *state)
{
    const fp_problem *p = &x->problem;
    check_vector(view, FP_TUBE_U, 0, state->u, x);
    for (long j = 0; j < p->m1; j++)
        check_vector(view, FP_TUBE_W, j, state->w + j * p->m, x);
    for (long t = 0; t < p->d; t++) {
        check_vector(view, FP_TUBE_V, t, state->v + t * p->m, x);
        check_vector(view, FP_TUBE_K, t, state->k + t * p->m, x);
        check_vector(view, FP_TUBE_Q, t, state->q + t * p->m, x);
    }
}

/* ---- thin and sharp */
/* At a point a Gram entry's radius is at most `factor` times what (13), (21) say of the tube, and rounding. */
static inline void check_gram(const fp_tube_view *view, const plain_state *state, fp_tube_quantity quantity, double E, int limbs, double factor)
{
    arb_t x, nu, mu;
    arb_init(x);
    arb_init(nu);
    arb_init(mu);
    for (long i = 0; i < state->problem->d; i++)
        for (long j = 0; j < state->problem->d; j++) {
            ask(x, view, quantity, (long[]){i, j, 0});
            plain_state_value(nu, state, quantity, (long[]){i, i, 0});
            plain_state_value(mu, state, quantity, (long[]){j, j, 0});
            double squares = arf_get_d(arb_midref(nu), ARF_RND_UP) + arf_get_d(arb_midref(mu), ARF_RND_UP);
            double tube = i == j ? 2 * sqrt(squares / 2) * E + E * E : sqrt(squares) * E + E * E / 2;
            double rounding = ldexp(squares, 4 - 60 * limbs) * sqrt((double)state->problem->m);
            ck_assert_msg(mag_get_d(arb_radref(x)) <= factor * tube + rounding, "%d [%ld,%ld] is wide: %g, tube %g, rounding %g", (int)quantity, i, j,
                          mag_get_d(arb_radref(x)), tube, rounding);
        }
    arb_clear(x);
    arb_clear(nu);
    arb_clear(mu);
}

/* radius over [t - H, t + H] beyond half the difference of its ends */
static inline double excess(const fp_tube_view *view, fp_tube_quantity quantity, const long *index, const arf_t t, slong log2_H)
{
    arf_t a, b;
    arb_t range, left, right;
    arf_init(a);
    arf_init(b);
    arb_init(range);
    arb_init(left);
    arb_init(right);
    arf_set_si_2exp_si(b, 1, log2_H);
    arf_sub(a, t, b, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_add(b, t, b, ARF_PREC_EXACT, ARF_RND_DOWN);
    view->set(view->ctx, a, b);
    ask(range, view, quantity, index);
    view->set(view->ctx, a, a);
    ask(left, view, quantity, index);
    view->set(view->ctx, b, b);
    ask(right, view, quantity, index);
    ck_assert(arb_overlaps(range, left) && arb_overlaps(range, right));
    arb_sub(left, left, right, PREC);
    double out = mag_get_d(arb_radref(range)) - fabs(arf_get_d(arb_midref(left), ARF_RND_NEAR)) / 2;
    arf_clear(a);
    arf_clear(b);
    arb_clear(range);
    arb_clear(left);
    arb_clear(right);
    return out;
}

typedef struct {
    const fp_tube_view *view;
    arf_srcptr t;
} sharpness;

/* What a range has too much falls with the square of its length (to the tube's own radius, 1e-13 and less here): by 16 from H to H/4, and third-order terms. */
static inline void check_square(fp_tube_quantity quantity, const long *index, void *ctx)
{
    const sharpness *s = ctx;
    double wide = excess(s->view, quantity, index, s->t, STEP_UNIT - 2), narrow = excess(s->view, quantity, index, s->t, STEP_UNIT - 4);
    ck_assert_msg(narrow <= wide / 12 + 1e-12, "quantity %d [%ld,%ld,%ld]: %g, %g", (int)quantity, index[0], index[1], index[2], wide, narrow);
}

/* ---- a fat tube: every state within E is allowed for */
static inline void copy_state(plain_state *to, const plain_state *from)
{
    const fp_problem *p = from->problem;
    _arb_vec_set(to->u, from->u, p->m);
    _arb_vec_set(to->w, from->w, p->m1 * p->m);
    _arb_vec_set(to->v, from->v, p->d * p->m);
    _arb_vec_set(to->k, from->k, p->d * p->m);
    _arb_vec_set(to->q, from->q, p->d * p->m);
}

/* x += length direction/|direction| */
static inline void push(arb_ptr x, arb_srcptr direction, slong m, double length)
{
    arb_t norm, t;
    arb_init(norm);
    arb_init(t);
    arb_dot(norm, NULL, 0, direction, 1, direction, 1, m, PLAIN_PREC);
    arb_sqrt(norm, norm, PLAIN_PREC);
    arb_set_d(t, length);
    arb_div(t, t, norm, PLAIN_PREC);
    if (arb_is_finite(t))
        _arb_vec_scalar_addmul(x, direction, m, t, PLAIN_PREC);
    arb_clear(norm);
    arb_clear(t);
}

/* du of length sqrt(m1) alpha, which moves w_j by a_j du/m1 */
static inline void push_u(plain_state *x, arb_srcptr direction, double alpha)
{
    const fp_problem *p = x->problem;
    push(x->u, direction, p->m, sqrt((double)p->m1) * alpha);
    for (long j = 0; j < p->m1; j++)
        push(x->w + j * p->m, direction, p->m, p->a[j] * alpha / sqrt((double)p->m1));
}

static inline void push_pair(plain_state *y, const plain_state *x, double E)
{
    const fp_problem *p = x->problem;
    long m = p->m, a = (long)fp_rng_below(&rng, (uint64_t)p->d), b = (long)fp_rng_below(&rng, (uint64_t)p->d), j = (long)fp_rng_below(&rng, (uint64_t)p->m1);
    double angle = (double)fp_rng_below(&rng, 1000) * 0.00628318, s = sin(angle) * E, c = cos(angle) * E;
    switch (fp_rng_below(&rng, 8)) {
    case 0: push(y->k + a * m, x->q + b * m, m, s), push(y->q + b * m, x->k + a * m, m, c); break;
    case 1: push(y->k + a * m, x->k + b * m, m, a == b ? E : s); if (a != b) push(y->k + b * m, x->k + a * m, m, c); break;
    case 2: push(y->q + a * m, x->q + b * m, m, a == b ? -E : s); if (a != b) push(y->q + b * m, x->q + a * m, m, c); break;
    case 3: push(y->v + a * m, x->v + b * m, m, a == b ? E : s); if (a != b) push(y->v + b * m, x->v + a * m, m, c); break;
    case 4: push_u(y, x->v + a * m, s), push(y->v + a * m, x->u, m, c); break;
    case 5: push_u(y, x->u, fp_rng_below(&rng, 2) ? E : -E); break;
    case 6: push_u(y, x->v + a * m, s), push(y->v + a * m, x->w + j * m, m, c); break;
    case 7: push_u(y, x->w + j * m, fp_rng_below(&rng, 2) ? E : -E); break;
    }
}

/* ---- one step, for what follows */
typedef struct {
    truth x;
    fp_flow *flow;
    fp_step *step;
    fp_start start;
} bench;

static inline void bench_init_scaled(bench *b, size_t instance, fp_flow_kind kind, int times, slong unit, double scale)
{
    fp_error err = {0};
    mpq_t tol;
    arf_t zero, end, h;
    mpq_init(tol);
    arf_init(zero);
    arf_init(end);
    arf_init(h);
    mpq_set_ui(tol, 1, 1000000000000000ul);
    arf_set_si_2exp_si(h, 1, unit);
    arf_one(end);
    truth_init(&b->x, instance, times, unit, scale);
    fp_ck_ok(fp_flow_new(&b->flow, kind, &b->x.problem, 256, NULL, &err), &err);
    fp_ck_ok(fp_step_new(&b->step, &b->x.problem, fp_flow_layout(b->flow), &(fp_certify_options){.tolerance = tol}, &err), &err);
    fp_ck_ok(fp_start_make(&b->start, b->flow, fp_step_series(b->step), &err), &err);
    fp_ck_ok(fp_step_open(b->step, zero, &b->start.x, end, h, &err), &err);
    ck_assert(fp_step_close(b->step, b->start.e0, NULL));
    mpq_clear(tol);
    arf_clear(zero);
    arf_clear(end);
    arf_clear(h);
}

static inline void bench_init(bench *b, size_t instance, fp_flow_kind kind)
{
    bench_init_scaled(b, instance, kind, 2, STEP_UNIT, 1);
}

static inline void bench_clear(bench *b)
{
    fp_start_clear(&b->start);
    fp_step_free(b->step);
    fp_flow_free(b->flow);
    truth_clear(&b->x);
}

#endif
