/* SPDX-License-Identifier: MIT */
/* Householder triangularisation (Golub, Van Loan, Matrix Computations, 5.2): backward stable for every input, rank deficient ones included. */
#include "flow_private.h"

typedef struct {
    fp_vec *a;
    size_t rows, cols, step;
    fp_vec *reflector; /* length rows, used from `step` on */
    mpfr_ptr minus_two_over_norm2;
    fp_reals scratch; /* two for each part */
} reflection;

/* column += -2 (v.column)/(v.v) v */
static void reflect_part(void *ctx, size_t part)
{
    reflection *h = ctx;
    size_t lo, hi, from = h->step, len = h->rows - from;
    mpfr_ptr s = h->scratch.x + 2 * part, tmp = s + 1;
    fp_flow_range(&lo, &hi, h->cols - from - 1, part);
    for (size_t c = from + 1 + lo; c < from + 1 + hi && !fp_interrupted(); c++) {
        fp_vec_dot(s, h->reflector, from, h->a, c * h->rows + from, len, tmp);
        mpfr_mul(s, s, h->minus_two_over_norm2, MPFR_RNDN);
        fp_vec_axpy(h->a, c * h->rows + from, s, h->reflector, from, len, tmp);
    }
}

/* v = x - alpha e_1 with alpha = -sign(x_1)|x|, so that nothing cancels; column = alpha e_1. False if x = 0. */
static bool make_reflector(reflection *h)
{
    size_t from = h->step, len = h->rows - from, at = from * h->rows + from;
    mpfr_ptr alpha = h->scratch.x, head = alpha + 1, tmp = alpha + 2;
    fp_vec_dot(alpha, h->a, at, h->a, at, len, tmp);
    if (mpfr_zero_p(alpha))
        return false;
    fp_vec_get(head, h->a, at);
    mpfr_sqrt(alpha, alpha, MPFR_RNDN);
    if (mpfr_sgn(head) >= 0)
        mpfr_neg(alpha, alpha, MPFR_RNDN);
    mpfr_set_si(tmp, 1, MPFR_RNDN);
    fp_vec_scale(h->reflector, from, tmp, h->a, at, len);
    mpfr_sub(head, head, alpha, MPFR_RNDN);
    fp_vec_set(h->reflector, from, head);
    fp_vec_zero(h->a, at, len);
    fp_vec_set(h->a, at, alpha);
    fp_vec_dot(alpha, h->reflector, from, h->reflector, from, len, tmp);
    mpfr_si_div(h->minus_two_over_norm2, -2, alpha, MPFR_RNDN);
    return true;
}

void fp_flow_triangularise(fp_vec *a, size_t rows, size_t factor, size_t cols, fp_pool *pool)
{
    mpfr_prec_t prec = fp_vec_prec(a);
    mpfr_t scale;
    reflection h = {.a = a, .rows = rows, .cols = cols, .reflector = fp_vec_new(rows, prec), .minus_two_over_norm2 = scale};
    mpfr_init2(scale, prec);
    fp_reals_init(&h.scratch, 2 * FP_FLOW_PARTS, prec);
    /* the last row needs no reflection: it is triangular already */
    for (h.step = 0; h.step < factor && h.step + 1 < rows && !fp_interrupted(); h.step++)
        if (make_reflector(&h))
            fp_pool_run(pool, FP_FLOW_PARTS, reflect_part, &h);
    fp_reals_clear(&h.scratch);
    mpfr_clear(scale);
    fp_vec_free(h.reflector);
}
