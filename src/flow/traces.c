/* SPDX-License-Identifier: MIT */
/* Gram form: tr((Gamma J)^k), k = 1..4. Gamma1 J1 is used in the similar form [[B, -G/m1],[G^T, -rho/m1]], which has the same traces and no square
 * root. A trace is measured against the sum of the absolute values of its terms at the start. */
#include "flow_private.h"

enum { POWERS = 4 };

typedef struct {
    size_t size;
    fp_vec *X, *X2;       /* Gamma J and its square, row major */
    fp_reals trace, sum;  /* POWERS each: value, sum of |terms| */
    fp_reals scratch;     /* two for each part */
} traces;

static void copy_block(traces *s, size_t row, size_t col, const fp_vec *y, size_t at, size_t rows, size_t cols, bool transposed, long divisor)
{
    mpfr_ptr x = s->scratch.x;
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < cols; c++) {
            fp_vec_get(x, y, at + (transposed ? c * rows + r : r * cols + c));
            mpfr_div_si(x, x, divisor, MPFR_RNDN);
            fp_vec_set(s->X, (row + r) * s->size + col + c, x);
        }
}

static void set_outputs(traces *s, const fp_layout *at, const fp_vec *y)
{
    size_t d = (size_t)at->d;
    copy_block(s, 0, 0, y, at->B, d, d, false, 1);
    copy_block(s, 0, d, y, at->G, d, 1, false, -at->m1);
    copy_block(s, d, 0, y, at->G, 1, d, false, 1);
    copy_block(s, d, d, y, at->rho, 1, 1, false, -at->m1);
}

static void set_scores(traces *s, const fp_layout *at, const fp_vec *y)
{
    size_t d = (size_t)at->d;
    copy_block(s, 0, 0, y, at->P, d, d, false, 1);
    copy_block(s, 0, d, y, at->A, d, d, false, -1);
    copy_block(s, d, 0, y, at->A, d, d, true, 1);
    copy_block(s, d, d, y, at->R, d, d, false, -1);
}

static void square_part(void *ctx, size_t part)
{
    traces *s = ctx;
    size_t lo, hi, n = s->size;
    mpfr_ptr x = s->scratch.x + 2 * part, tmp = x + 1;
    fp_flow_range(&lo, &hi, n, part);
    for (size_t i = lo; i < hi && !fp_interrupted(); i++)
        for (size_t k = 0; k < n; k++) {
            fp_vec_get(x, s->X, i * n + k);
            if (k == 0)
                fp_vec_scale(s->X2, i * n, x, s->X, k * n, n);
            else
                fp_vec_axpy(s->X2, i * n, x, s->X, k * n, n, tmp);
        }
}

static void add_term(traces *s, size_t power, mpfr_ptr term)
{
    mpfr_add(s->trace.x + power - 1, s->trace.x + power - 1, term, MPFR_RNDN);
    mpfr_abs(term, term, MPFR_RNDN);
    mpfr_add(s->sum.x + power - 1, s->sum.x + power - 1, term, MPFR_RNDN);
}

/* += tr(Y Z) */
static void add_trace(traces *s, size_t power, const fp_vec *Y, const fp_vec *Z)
{
    mpfr_ptr x = s->scratch.x, z = x + 1;
    for (size_t i = 0; i < s->size && !fp_interrupted(); i++)
        for (size_t j = 0; j < s->size; j++) {
            fp_vec_get(x, Y, i * s->size + j);
            fp_vec_get(z, Z, j * s->size + i);
            mpfr_mul(x, x, z, MPFR_RNDN);
            add_term(s, power, x);
        }
}

static void init(traces *s, size_t size, mpfr_prec_t prec)
{
    *s = (traces){.size = size, .X = fp_vec_new(size * size, prec), .X2 = fp_vec_new(size * size, prec)};
    fp_reals_init(&s->trace, POWERS, prec);
    fp_reals_init(&s->sum, POWERS, prec);
    fp_reals_init(&s->scratch, 2 * FP_FLOW_PARTS, prec);
}

static void clear(traces *s)
{
    fp_vec_free(s->X);
    fp_vec_free(s->X2);
    fp_reals_clear(&s->trace);
    fp_reals_clear(&s->sum);
    fp_reals_clear(&s->scratch);
}

static void evaluate(traces *s, const fp_flow *flow, const fp_vec *y, void (*set)(traces *, const fp_layout *, const fp_vec *))
{
    set(s, &flow->at, y);
    fp_pool_run(flow->pool, FP_FLOW_PARTS, square_part, s);
    for (size_t i = 0; i < s->size; i++) {
        fp_vec_get(s->scratch.x, s->X, i * s->size + i);
        add_term(s, 1, s->scratch.x);
    }
    add_trace(s, 2, s->X, s->X);
    add_trace(s, 3, s->X2, s->X);
    add_trace(s, 4, s->X2, s->X2);
}

static void compare(fp_invariant *out, const char *matrix, size_t size, void (*set)(traces *, const fp_layout *, const fp_vec *),
                    const fp_flow *flow, const fp_vec *y0, const fp_vec *y)
{
    traces then, now;
    init(&then, size, flow->prec);
    init(&now, size, flow->prec);
    evaluate(&then, flow, y0, set);
    evaluate(&now, flow, y, set);
    for (int k = 0; k < POWERS; k++) {
        char name[sizeof out->name];
        snprintf(name, sizeof name, "tr (%s)^%d", matrix, k + 1);
        mpfr_sub(now.trace.x + k, now.trace.x + k, then.trace.x + k, MPFR_RNDN);
        fp_invariant_init(&out[k], name);
        fp_invariant_ratio(&out[k], now.trace.x + k, then.sum.x + k);
    }
    clear(&then);
    clear(&now);
}

size_t fp_flow_trace_drifts(fp_invariant *out, fp_flow *flow, const fp_vec *y0, const fp_vec *y)
{
    size_t d = (size_t)flow->at.d;
    compare(out, "Gamma1 J1", d + 1, set_outputs, flow, y0, y);
    compare(out + POWERS, "Gamma2 J2", 2 * d, set_scores, flow, y0, y);
    return 2 * POWERS;
}
