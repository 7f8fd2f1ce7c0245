/* SPDX-License-Identifier: MIT */
/* A checker without a prover. The view of a step holds the true solution of the rig's own instance: states by many Runge-Kutta steps at 128 bits (error far below `noise`), over an
 * interval the value in its middle, widened by noise and by the derivative there times the half width, three times over, plus `bend` times the half width squared: the instance is gentle enough, which
 * tube_rig_honest tests. Functions are static: only tests that link the claims layer include this. */
#ifndef FP_TESTS_TUBE_RIG_H
#define FP_TESTS_TUBE_RIG_H

#include "checker_rig.h"

typedef struct {
    fp_flow *flow;
    fp_source *source;
    fp_vec *left, *y, *k[4];
    mpfr_t t_left;
    double half, noise, lie; /* lie: added to the value over intervals wider than a point, a wrong view */
    const char *refuse;      /* why nothing can be had, or NULL */
    bool still;              /* the state is not needed: nothing is integrated */
    bool knotless;
    double right, shift;     /* of the knot: time, and how far it is off */
} tube_mock;

typedef struct {
    rig base;
    tube_mock mock[2];
    fp_tube_view view[2];
    fp_tube_checker *checker;
    fp_results results;
    fp_error err;
    int threads;
    bool estimated;          /* the steps to come */
    fp_pool *pool;
    fp_tube_options options;
} tube_rig;

static void mock_slope(tube_mock *m, fp_vec *out, const fp_vec *y, mpfr_srcptr t)
{
    const fp_field *field = fp_flow_field(m->flow);
    field->rhs(out, t, y, field->ctx);
}

/* Classical Runge-Kutta from the step's left end. */
static void mock_integrate(tube_mock *m, mpfr_srcptr t)
{
    enum { STEPS = 8 };
    static const double stage[] = {0, 0.5, 0.5, 1};
    static const int weight[] = {1, 2, 2, 1};
    mpfr_t h, x, tmp;
    mpfr_inits2(RIG_PREC, h, x, tmp, (mpfr_ptr)NULL);
    mpfr_sub(h, t, m->t_left, MPFR_RNDN);
    mpfr_div_ui(h, h, STEPS, MPFR_RNDN);
    fp_vec_copy(m->y, m->left);
    fp_vec *probe = fp_vec_new(fp_vec_len(m->y), RIG_PREC);
    for (int step = 0; step < STEPS; step++) {
        for (int s = 0; s < 4; s++) {
            fp_vec_copy(probe, m->y);
            mpfr_mul_d(x, h, stage[s], MPFR_RNDN);
            if (s > 0) fp_vec_axpy(probe, 0, x, m->k[s - 1], 0, fp_vec_len(m->y), tmp);
            mock_slope(m, m->k[s], probe, x);
        }
        for (int s = 0; s < 4; s++) {
            mpfr_mul_si(x, h, weight[s], MPFR_RNDN);
            mpfr_div_ui(x, x, 6, MPFR_RNDN);
            fp_vec_axpy(m->y, 0, x, m->k[s], 0, fp_vec_len(m->y), tmp);
        }
    }
    fp_vec_free(probe);
    mpfr_clears(h, x, tmp, (mpfr_ptr)NULL);
}

static void mock_set(void *ctx, const arf_t a, const arf_t b)
{
    tube_mock *m = ctx;
    arf_t middle, half;
    mpfr_t t;
    arf_init(middle);
    arf_init(half);
    mpfr_init2(t, 256);
    arf_add(middle, a, b, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_mul_2exp_si(middle, middle, -1);
    arf_sub(half, b, middle, ARF_PREC_EXACT, ARF_RND_DOWN);
    m->half = arf_get_d(half, ARF_RND_UP);
    arf_get_mpfr(t, middle, MPFR_RNDN);
    if (!m->still) mock_integrate(m, t);
    fp_source_set(m->source, t, m->y);
    arf_clear(middle);
    arf_clear(half);
    mpfr_clear(t);
}

static fp_base mock_base(fp_tube_quantity quantity)
{
    static const fp_base names[] = {[FP_TUBE_G] = FP_BASE_G, [FP_TUBE_SCORE] = FP_BASE_SCORE, [FP_TUBE_KK] = FP_BASE_KK, [FP_TUBE_QQ] = FP_BASE_QQ, [FP_TUBE_VV] = FP_BASE_VV,
                                    [FP_TUBE_RHO] = FP_BASE_UNORM2, [FP_TUBE_WV] = FP_BASE_WV, [FP_TUBE_WW] = FP_BASE_WW, [FP_TUBE_P] = FP_BASE_P, [FP_TUBE_O] = FP_BASE_O,
                                    [FP_TUBE_F] = FP_BASE_F, [FP_TUBE_GI] = FP_BASE_GI, [FP_TUBE_ONE_MINUS_GI] = FP_BASE_GI, [FP_TUBE_LOSSOF] = FP_BASE_LOSSOF, [FP_TUBE_C] = FP_BASE_C,
                                    [FP_TUBE_N] = FP_BASE_NN};
    return names[quantity];
}

/* x := x widened as the top of the file says; dx its derivative. */
static void mock_widen(arb_t x, const tube_mock *m, const arb_t dx)
{
    double slope = fabs(arf_get_d(arb_midref(dx), ARF_RND_NEAR));
    arf_t rad;
    arf_init(rad);
    arf_set_d(rad, m->noise + 3 * slope * m->half + 64 * m->half * m->half);
    arb_add_error_arf(x, rad);
    arf_set_d(rad, m->half > 0 ? m->lie : 0);
    arf_add(arb_midref(x), arb_midref(x), rad, RIG_BALLS, ARF_RND_NEAR);
    arf_clear(rad);
}

static bool mock_value(arb_t out, void *ctx, fp_tube_quantity quantity, const long *index, const char **why)
{
    tube_mock *m = ctx;
    long at[3];
    arb_ptr jet = _arb_vec_init(2);
    for (int r = 0; r < 3; r++) at[r] = index[r] + 1;
    *why = m->refuse;
    bool ok = !m->refuse && quantity != FP_TUBE_WU && fp_source_scalar(jet, m->source, mock_base(quantity), at, 1, FP_BY_EQUATIONS, why);
    if (ok && quantity == FP_TUBE_ONE_MINUS_GI) arb_sub_si(jet, jet, 1, RIG_BALLS);
    if (ok && quantity == FP_TUBE_ONE_MINUS_GI) arb_neg(jet, jet);
    if (ok) mock_widen(jet, m, jet + 1);
    if (ok) arb_set(out, jet);
    _arb_vec_clear(jet, 2);
    return ok;
}

static bool mock_vector(arb_ptr out, void *ctx, fp_tube_vector vector, long index, const char **why)
{
    static const fp_base names[] = {[FP_TUBE_U] = FP_BASE_VEC_U, [FP_TUBE_W] = FP_BASE_VEC_W, [FP_TUBE_V] = FP_BASE_VEC_V, [FP_TUBE_K] = FP_BASE_VEC_K, [FP_TUBE_Q] = FP_BASE_VEC_Q};
    tube_mock *m = ctx;
    arb_srcptr x;
    long rows, at = index + 1;
    int space;
    if (!fp_source_vector(&x, &rows, &space, m->source, names[vector], &at, 1, FP_BY_EQUATIONS, why)) return false;
    for (long r = 0; r < rows; r++) {
        arb_set(out + r, x + r);
        mock_widen(out + r, m, x + rows + r);
    }
    return true;
}

/* The state at the step's right end, moved by `shift` of itself: a knot need not be near the solution. */
static bool mock_knot(fp_vec *out, void *ctx)
{
    tube_mock *m = ctx;
    mpfr_t factor;
    if (m->knotless) return false;
    mpfr_init2(factor, RIG_PREC);
    mpfr_set_d(factor, m->right, MPFR_RNDN);
    if (!m->still) mock_integrate(m, factor);
    mpfr_set_d(factor, 1 + m->shift, MPFR_RNDN);
    fp_vec_scale(out, 0, factor, m->y, 0, fp_vec_len(m->y));
    mpfr_clear(factor);
    return true;
}

static void mock_open(tube_mock *m, const rig *r)
{
    m->flow = fp_flow_new_like(r->flow[0]);
    m->source = fp_source_new(m->flow, RIG_BALLS);
    m->left = fp_vec_new(fp_vec_len(r->y0), RIG_PREC);
    m->y = fp_vec_new(fp_vec_len(r->y0), RIG_PREC);
    for (int s = 0; s < 4; s++) m->k[s] = fp_vec_new(fp_vec_len(r->y0), RIG_PREC);
    fp_vec_copy(m->left, r->y0);
    fp_vec_copy(m->y, r->y0);
    mpfr_init2(m->t_left, RIG_PREC);
    mpfr_set_zero(m->t_left, 1);
    m->noise = 1e-12;
}

static void mock_close(tube_mock *m)
{
    fp_source_free(m->source);
    fp_vec_free(m->left);
    fp_vec_free(m->y);
    for (int s = 0; s < 4; s++) fp_vec_free(m->k[s]);
    fp_flow_free(m->flow);
    mpfr_clear(m->t_left);
}

static void tube_begin(tube_rig *t)
{
    memset(t, 0, sizeof *t);
    rig_begin(&t->base);
    for (int p = 0; p < 2; p++) {
        mock_open(&t->mock[p], &t->base);
        t->view[p] = (fp_tube_view){&t->mock[p], mock_set, mock_value, mock_vector, NULL, mock_knot};
    }
    t->options.accuracy = 0;
}

/* Up to what fp_tube_checker_new is given. */
static void tube_prepare(tube_rig *t, const char *const *list)
{
    rig_sheets(&t->base, list);
    if (t->threads > 1) t->pool = fp_pool_new(t->threads);
    fp_pool_on_exit(t->pool, flint_cleanup);
    t->options.sheets = &t->base.sheets;
    t->options.problem = &t->base.problem;
    t->options.layout = fp_flow_layout(t->base.flow[0]);
    if (!t->options.prec) t->options.prec = RIG_BALLS;
    t->options.pool = t->pool;
    t->options.horizon = t->base.setting.horizon;
}

static void tube_open(tube_rig *t, const char *const *list)
{
    tube_prepare(t, list);
    fp_ck_ok(fp_tube_checker_new(&t->checker, &t->options, &t->err), &t->err);
}

static fp_status tube_step(tube_rig *t, double left, double right)
{
    arf_t a, b;
    mag_t radius;
    arf_init(a);
    arf_init(b);
    mag_init(radius);
    arf_set_d(a, left);
    arf_set_d(b, right);
    mag_set_d(radius, t->mock[0].noise);
    t->mock[0].right = right;
    fp_segment segment = {a, b, {&t->view[0], t->threads == 1 ? NULL : &t->view[1]}, radius, t->estimated};
    fp_status status = fp_tube_checker_step(t->checker, &segment, &t->err);
    mpfr_t x;
    mpfr_init2(x, RIG_PREC);
    mpfr_set_d(x, right, MPFR_RNDN);
    for (int p = 0; p < 2 && !t->mock[p].still; p++) {
        mock_integrate(&t->mock[p], x);
        fp_vec_copy(t->mock[p].left, t->mock[p].y);
        mpfr_set(t->mock[p].t_left, x, MPFR_RNDN);
    }
    mpfr_clear(x);
    arf_clear(a);
    arf_clear(b);
    mag_clear(radius);
    return status;
}

/* Everything from sheets to results, steps of h to the end. */
static void tube_run(tube_rig *t, double h, double end)
{
    for (double left = 0; left < end; left += h) fp_ck_ok(tube_step(t, left, fmin(left + h, end)), &t->err);
}

static void tube_finish(tube_rig *t, bool reached, const char *why)
{
    fp_tube_checker_finish(&t->results, t->checker, reached, why);
}

static void tube_check(tube_rig *t, const char *const *list)
{
    tube_open(t, list);
    tube_run(t, 0.375, 2);
    tube_finish(t, true, "");
}

static const fp_claim_result *tube_result(const tube_rig *t, const char *id)
{
    for (size_t k = 0; k < t->results.claims_count; k++)
        if (strcmp(t->results.claims[k].claim->id, id) == 0) return &t->results.claims[k];
    ck_abort_msg("no result for %s", id);
    return NULL;
}

/* wanted: "verdict" or "verdict reason" */
static void tube_expect(const tube_rig *t, const char *id, const char *wanted)
{
    const fp_claim_result *found = tube_result(t, id);
    char *text = fp_asprintf("%s%s%s", fp_verdict_word(found->verdict), found->reason[0] ? " " : "", found->reason);
    ck_assert_msg(strcmp(text, wanted) == 0, "%s: %s (%s); wanted %s", id, text, found->detail, wanted);
    free(text);
}

static void tube_end(tube_rig *t)
{
    fp_results_clear(&t->results);
    fp_tube_checker_free(t->checker);
    for (int p = 0; p < 2; p++) mock_close(&t->mock[p]);
    fp_pool_free(t->pool);
    rig_end(&t->base);
}

#endif
