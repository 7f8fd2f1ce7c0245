/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>

#include "differential.h"
#include "flowproof/certify.h"

/* ---- a tube made from the true solution */
typedef struct {
    const reference_flow *solution; /* NULL: nothing but time */
    size_t step;
    double radius;
    fp_rng random;
    arf_t a, b;
    arb_t middle;
    mag_t half;
} made_view;

static void made_open(made_view *v, const world *w, const tube_choice *choice, uint32_t stream)
{
    *v = (made_view){.solution = w->is.flow, .radius = choice->radius};
    fp_rng_init(&v->random, choice->seed, stream);
    arf_init(v->a);
    arf_init(v->b);
    arb_init(v->middle);
    mag_init(v->half);
}

static void made_close(made_view *v)
{
    arf_clear(v->a);
    arf_clear(v->b);
    arb_clear(v->middle);
    mag_clear(v->half);
}

static void made_set(void *ctx, const arf_t a, const arf_t b)
{
    made_view *v = ctx;
    arf_t x;
    arf_init(x);
    arf_set(v->a, a);
    arf_set(v->b, b);
    arf_add(x, a, b, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_mul_2exp_si(x, x, -1);
    arb_set_arf(v->middle, x);
    arf_sub(x, b, x, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_get_mag(v->half, x);
    arf_clear(x);
}

/* Somewhere within the radius (a multiple of the node's size) of the truth. */
static void blur(arb_t x, made_view *v, mag_srcptr size)
{
    mag_t radius;
    arb_t shift;
    mag_init(radius);
    arb_init(shift);
    mag_set_d(radius, ldexp(v->radius, -REFERENCE_ERROR));
    mag_mul(radius, radius, size);
    arf_set_mag(arb_midref(shift), radius);
    arb_mul_si(shift, shift, (slong)fp_rng_below(&v->random, 2001) - 1000, REFERENCE_PREC);
    arb_div_si(shift, shift, 1000, REFERENCE_PREC);
    arb_add(x, x, shift, REFERENCE_PREC);
    arb_add_error_mag(x, radius);
    mag_clear(radius);
    arb_clear(shift);
}

/* y(c) + y'(c) [-H, H] + bend [-H^2/2, H^2/2] over [a, b], where y is the node's polynomial or (first = 1) its derivative. */
static void made_node(arb_t out, made_view *v, int node, int first)
{
    const reference_step *s = &v->solution->step[v->step];
    mag_srcptr error = (first ? s->slope_error : s->error) + node;
    arb_t slope;
    mag_t spread;
    arb_init(slope);
    mag_init(spread);
    reference_derivative(out, v->solution, v->step, node, first, v->middle);
    reference_derivative(slope, v->solution, v->step, node, first + 1, v->middle);
    arb_get_mag(spread, slope);
    mag_mul(spread, spread, v->half);
    arb_add_error_mag(out, spread);
    mag_mul(spread, (first ? s->slope_bend : s->bend) + node, v->half);
    mag_mul(spread, spread, v->half);
    mag_mul_2exp_si(spread, spread, -1);
    arb_add_error_mag(out, spread);
    arb_add_error_mag(out, error);
    blur(out, v, error);
    arb_clear(slope);
    mag_clear(spread);
}

static void made_loss(arb_t out, made_view *v, long i)
{
    made_node(out, v, v->solution->node[FP_TUBE_F][i], 0);
    arb_mul_si(out, out, -v->solution->problem->label[i], REFERENCE_PREC);
    arb_exp(out, out, REFERENCE_PREC);
    arb_log1p(out, out, REFERENCE_PREC);
}

static bool made_value(arb_t out, void *ctx, fp_tube_quantity quantity, const long *index, const char **why)
{
    made_view *v = ctx;
    *why = "the world is time alone";
    if (!v->solution) return false;
    bool complement = quantity == FP_TUBE_ONE_MINUS_GI;
    if (quantity == FP_TUBE_LOSSOF)
        made_loss(out, v, index[0]);
    else
        made_node(out, v, reference_node(v->solution, complement ? FP_TUBE_GI : quantity, index), 0);
    if (complement) arb_sub_si(out, out, 1, REFERENCE_PREC);
    if (complement) arb_neg(out, out);
    return true;
}

static bool made_vector(arb_ptr out, void *ctx, fp_tube_vector vector, long index, const char **why)
{
    made_view *v = ctx;
    *why = "the world is time alone";
    for (long row = 0; v->solution && row < v->solution->problem->m; row++) made_node(out + row, v, reference_vector_node(v->solution, vector, index, row), 0);
    return v->solution != NULL;
}

static bool made_slope(arb_t out, void *ctx, fp_tube_quantity quantity, const long *index)
{
    made_view *v = ctx;
    if (!v->solution || (quantity != FP_TUBE_G && quantity != FP_TUBE_SCORE)) return false;
    made_node(out, v, reference_node(v->solution, quantity, index), 1);
    return true;
}

static fp_status made_step(fp_tube_checker *c, made_view *v, const arf_t left, const arf_t right, fp_error *err)
{
    mag_t radius;
    mag_init(radius);
    mag_set_d(radius, v->radius);
    const fp_tube_view view = {v, made_set, made_value, made_vector, v->random.seed % 2 ? made_slope : NULL, NULL};
    const fp_segment segment = {.left = left, .right = right, .view = {&view, NULL}, .radius = radius};
    fp_status status = fp_tube_checker_step(c, &segment, err);
    mag_clear(radius);
    return status;
}

/* The end of the next step: some binary digits past left, in the solution's own step. */
static void next_end(arf_t right, made_view *v, const arf_t left, const arf_t end)
{
    arf_t h;
    arf_init(h);
    arf_set(right, end);
    if (v->solution) {
        v->step = reference_step_at(v->solution, left);
        if (arf_cmp(v->solution->step[v->step].right, right) < 0) arf_set(right, v->solution->step[v->step].right);
    }
    arf_sub(h, right, left, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_mul_ui(h, h, 3 + fp_rng_below(&v->random, 13), 20, ARF_RND_DOWN);
    arf_mul_2exp_si(h, h, -3);
    arf_add(h, left, h, ARF_PREC_EXACT, ARF_RND_DOWN);
    if (arf_cmp(h, right) < 0) arf_set(right, h);
    arf_clear(h);
}

static tube_outcome show_made(fp_tube_checker *c, const world *w, const tube_choice *choice, fp_error *err)
{
    made_view v;
    arf_t left, right, end;
    arf_init(left);
    arf_init(right);
    arf_init(end);
    made_open(&v, w, choice, 1);
    fp_tube_checker_end(end, c);
    bool ok = true;
    while (ok && arf_cmp(left, end) < 0) {
        next_end(right, &v, left, end);
        ok = made_step(c, &v, left, right, err) == FP_OK;
        arf_swap(left, right);
    }
    tube_outcome outcome = {ok, arf_get_d(left, ARF_RND_NEAR)};
    made_close(&v);
    arf_clear(left);
    arf_clear(right);
    arf_clear(end);
    return outcome;
}

/* ---- the prover's */
typedef struct {
    fp_tube_checker *checker;
    const world *world;
    fp_error *err;
    double lie;
    fp_rng random;
    fp_vec *knot;
} proof;

static bool show_step(const fp_step *step, const fp_start *start, void *ctx)
{
    proof *p = ctx;
    fp_tube_view *view = fp_view_new(step, p->world->flow, start, TUBE_PREC);
    fp_segment segment = {.left = fp_step_left(step), .right = fp_step_right(step), .view = {view, NULL}, .radius = fp_step_radius(step)};
    bool ok = fp_tube_checker_step(p->checker, &segment, p->err) == FP_OK;
    fp_view_free(view);
    return ok;
}

/* The truth times 1 + lie x, x uniform in [-1, 1] */
static void lie_about(proof *p, size_t at, const int *node, long count, const arb_t t)
{
    const reference_flow *r = &p->world->solution;
    size_t step = reference_step_at(r, arb_midref(t));
    arb_ptr jet = _arb_vec_init(2);
    mpfr_t x;
    mpfr_init2(x, WORLD_PREC);
    for (long e = 0; e < count; e++) {
        reference_node_value(jet, r, step, node[e], t);
        arf_get_mpfr(x, arb_midref(jet), MPFR_RNDN);
        mpfr_mul_d(x, x, 1 + p->lie * ((double)fp_rng_below(&p->random, 2001) - 1000) / 1000, MPFR_RNDN);
        fp_vec_set(p->knot, at + (size_t)e, x);
    }
    mpfr_clear(x);
    _arb_vec_clear(jet, 2);
}

static const fp_vec *lying_knot(void *ctx, arf_srcptr time, fp_error *err)
{
    (void)err;
    proof *p = ctx;
    const reference_flow *r = &p->world->solution;
    const fp_layout *at = fp_flow_layout(p->world->flow);
    long m = at->m, d = at->d;
    arb_t t;
    arb_init(t);
    arb_set_arf(t, time);
    lie_about(p, at->u, r->u, m, t);
    lie_about(p, at->V, r->v, d * m, t);
    lie_about(p, at->K, r->k, d * m, t);
    lie_about(p, at->Q, r->q, d * m, t);
    arb_clear(t);
    return p->knot;
}

static tube_outcome show_proved(fp_tube_checker *c, const world *w, const tube_choice *choice, fp_error *err)
{
    bool lying = choice->kind == TUBE_LYING;
    proof p = {.checker = c, .world = w, .err = err, .lie = choice->radius};
    fp_chain_stats stats;
    fp_error end_of_it = {0};
    mpq_t tolerance;
    arf_t end;
    mpq_init(tolerance);
    arf_init(end);
    fp_rng_init(&p.random, choice->seed, 2);
    p.knot = fp_vec_new(fp_flow_layout(w->flow)->dim, WORLD_PREC);
    mpq_set_d(tolerance, lying ? 1e-17 : choice->radius);
    fp_tube_checker_end(end, c);
    fp_chain_options options = {.certify = {.tolerance = tolerance, .parts = 2}, .t_end = end, .knot = lying ? lying_knot : NULL, .knot_ctx = &p};
    fp_chain_outcome outcome = fp_chain_run(&options, w->flow, show_step, &p, &stats, &end_of_it);
    tube_outcome found = {outcome == FP_CHAIN_END, arf_get_d(stats.t, ARF_RND_NEAR)};
    fp_chain_stats_clear(&stats);
    fp_vec_free(p.knot);
    mpq_clear(tolerance);
    arf_clear(end);
    return found;
}

tube_outcome tube_show(fp_tube_checker *c, const world *w, const tube_choice *choice, fp_error *err)
{
    return choice->kind == TUBE_MADE || !w->is.flow ? show_made(c, w, choice, err) : show_proved(c, w, choice, err);
}
