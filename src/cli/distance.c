/* SPDX-License-Identifier: MIT */
#include "distance.h"

#include <stdlib.h>

enum { ROWS_MOST = 24, NORM_BITS = 64 };

typedef struct {
    const cli_knots *knots;
    fp_flow *flow;
    const cli_instance *instance;
    fp_vec *first; /* knot 0 */
} measuring;

static const fp_vec *state_of(const measuring *m, size_t knot)
{
    return knot ? m->knots->state[knot - 1] : m->first;
}

static double time_of(const measuring *m, size_t knot)
{
    return knot ? arf_get_d(m->knots->time + knot - 1, ARF_RND_NEAR) : 0;
}

/* |x - y|, or |x| if y is NULL, in the norm (N): u counts with 1/m1. "-" if x is none. */
static void put_distance(char text[16], const fp_vec *x, const fp_vec *y, const fp_layout *layout)
{
    mpfr_t sum, a, b;
    snprintf(text, 16, "-");
    if (!x) return;
    mpfr_inits2(fp_vec_prec(x), a, b, (mpfr_ptr)0);
    mpfr_init2(sum, NORM_BITS);
    mpfr_set_zero(sum, 1);
    for (size_t i = 0; i < fp_vec_len(x); i++) {
        bool is_u = i >= layout->u && i < layout->u + (size_t)layout->rows_v;
        fp_vec_get(a, x, i);
        if (y) fp_vec_get(b, y, i);
        if (y) mpfr_sub(a, a, b, MPFR_RNDN);
        mpfr_sqr(a, a, MPFR_RNDN);
        if (is_u) mpfr_div_si(a, a, layout->m1, MPFR_RNDN);
        mpfr_add(sum, sum, a, MPFR_RNDN);
    }
    mpfr_sqrt(sum, sum, MPFR_RNDN);
    mpfr_snprintf(text, 16, "%.3Rg", sum);
    mpfr_clears(sum, a, b, (mpfr_ptr)0);
}

/* Where the flow from y at time `from` is at time `to`; NULL if it does not get there. */
static fp_vec *integrate(const measuring *m, const fp_vec *y, double from, double to)
{
    const fp_setting *s = &m->instance->setting;
    mpq_t t0, t_end;
    fp_error ignored;
    fp_vec *end = NULL;
    mpq_inits(t0, t_end, NULL);
    mpq_set_d(t0, from);
    mpq_set_d(t_end, to);
    fp_run_options options = {.method = FP_METHOD_TAYLOR, .t0 = t0, .t_end = t_end, .tolerance = s->tolerance, .prec = fp_vec_prec(y), .max_steps = (unsigned long)s->max_steps,
                              .pool = m->instance->pool};
    fp_run *run = fp_run_new(fp_flow_field(m->flow), &options);
    if (fp_run_go(run, y, NULL, NULL, &ignored) == FP_RUN_END) {
        end = fp_vec_new(fp_vec_len(y), fp_vec_prec(y));
        fp_vec_copy(end, fp_run_state(run));
    }
    fp_run_free(run);
    mpq_clears(t0, t_end, NULL);
    return end;
}

static void put_row(fp_report_distance *row, const measuring *m, size_t knot, const fp_vec *reached)
{
    const fp_layout *layout = fp_flow_layout(m->flow);
    fp_vec *local = integrate(m, state_of(m, knot - 1), time_of(m, knot - 1), time_of(m, knot));
    row->knot = knot;
    snprintf(row->t, sizeof row->t, "%.10g", time_of(m, knot));
    put_distance(row->from_previous, local, state_of(m, knot), layout);
    put_distance(row->from_start, reached, state_of(m, knot), layout);
    put_distance(row->size, state_of(m, knot), NULL, layout);
    fp_vec_free(local);
}

fp_report_distance *cli_distances(size_t *count, const cli_knots *knots, fp_flow *flow, const cli_instance *instance)
{
    measuring m = {knots, flow, instance, fp_flow_initial(flow)};
    size_t rows = knots->count < ROWS_MOST ? knots->count : ROWS_MOST, before = 0;
    fp_report_distance *list = fp_alloc(rows + 1, sizeof *list);
    fp_vec *reached = fp_flow_initial(flow); /* by the flow from knot 0; NULL once it got stuck */
    *count = 0;
    for (size_t r = 1; r <= rows && !fp_interrupted(); r++) {
        size_t knot = knots->count * r / rows;
        fp_vec *next = reached ? integrate(&m, reached, time_of(&m, before), time_of(&m, knot)) : NULL;
        fp_vec_free(reached);
        reached = next;
        before = knot;
        put_row(&list[*count], &m, knot, reached);
        if (!fp_interrupted()) ++*count;
    }
    fp_vec_free(reached);
    fp_vec_free(m.first);
    return list;
}
