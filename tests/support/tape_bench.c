/* SPDX-License-Identifier: MIT */
#include "tape_bench.h"

#include <stdlib.h>

#include "fp_check.h"

void tape_bench_init(tape_bench *b, int order)
{
    size_t terms = (size_t)order + 1;
    *b = (tape_bench){.len = 6 * order + 60};
    fp_tape_init(&b->tape, order, TAPE_PREC);
    fp_grid_init(&b->grid, TAPE_VECTORS * terms, TAPE_ROWS, 2);
    b->list = fp_alloc(2 * TAPE_VECTORS * terms, sizeof *b->list);
    for (size_t v = 0; v < TAPE_VECTORS; v++) {
        b->rising[v] = b->list + 2 * v * terms;
        b->falling[v] = b->rising[v] + terms;
        for (size_t k = 0; k < terms; k++) b->rising[v][k] = b->falling[v][terms - 1 - k] = b->grid.at + v * terms + k;
    }
    b->tape.rising = (const fp_grid_vec *const *const *)b->rising;
    b->tape.falling = (const fp_grid_vec *const *const *)b->falling;
    b->truth[0] = _arb_vec_init(b->len);
    arb_one(b->truth[0]);
    arb_init(b->factor);
    arb_set_d(b->factor, -0.75);
}

void tape_bench_clear(tape_bench *b)
{
    for (size_t x = 0; x < b->tape.nodes; x++) _arb_vec_clear(b->truth[x], b->len);
    fp_tape_clear(&b->tape);
    fp_grid_clear(&b->grid);
    free(b->list);
    arb_clear(b->factor);
}

size_t tape_vector(tape_bench *b, const double *coef)
{
    fp_vec *x = fp_vec_new(TAPE_ROWS, TAPE_PREC);
    mag_t error;
    mag_init(error);
    ck_assert_uint_lt(b->vectors, TAPE_VECTORS);
    for (int k = 0; k <= b->tape.order; k++) {
        for (size_t r = 0; r < TAPE_ROWS; r++) fp_vec_set_d(x, r, coef[TAPE_ROWS * k + (int)r]);
        ck_assert(fp_grid_from_vec(b->grid.at + b->vectors * ((size_t)b->tape.order + 1) + (size_t)k, error, x, 0));
        ck_assert(mag_is_zero(error));
    }
    mag_clear(error);
    fp_vec_free(x);
    return b->vectors++;
}

bool tape_run(tape_bench *b)
{
    for (int k = 0; k <= b->tape.order; k++) fp_tape_extend(&b->tape, k);
    return fp_tape_close(&b->tape);
}

/* A node that was added, and room for its series */
static arb_ptr new_truth(tape_bench *b, size_t node)
{
    ck_assert_uint_lt(node, TAPE_NODES);
    return b->truth[node] = _arb_vec_init(b->len);
}

size_t tape_dot(tape_bench *b, size_t x, size_t y, bool scaled)
{
    size_t node = fp_tape_add(&b->tape, FP_TAPE_DOT, x, y, scaled ? b->factor : NULL);
    arb_ptr out = new_truth(b, node);
    arb_t t, u;
    arb_init(t);
    arb_init(u);
    for (int i = 0; i <= b->tape.order; i++)
        for (int j = 0; j <= b->tape.order; j++)
            for (size_t r = 0; r < TAPE_ROWS; r++) {
                fp_grid_get_ball(t, b->rising[x][i], r);
                fp_grid_get_ball(u, b->rising[y][j], r);
                arb_addmul(out + i + j, t, u, TAPE_TRUE_PREC);
            }
    if (scaled) _arb_vec_scalar_mul(out, out, b->len, b->factor, TAPE_TRUE_PREC);
    arb_clear(t);
    arb_clear(u);
    return node;
}

/* a + c s^k, k <= 2 order: (a, c s^i, 0).(1, s^(k - i), 0); with k above the order nothing but tail is added to a */
size_t tape_line(tape_bench *b, double a, double c, int k)
{
    int P = b->tape.order, i = k < P ? k : P;
    double *x = fp_alloc(2 * TAPE_ROWS * ((size_t)P + 1), sizeof *x), *y = x + TAPE_ROWS * (P + 1);
    x[0] = a;
    x[TAPE_ROWS * i + 1] = c;
    y[0] = 1;
    y[TAPE_ROWS * (k - i) + 1] = 1;
    size_t first = tape_vector(b, x), second = tape_vector(b, y);
    free(x);
    return tape_dot(b, first, second, false);
}

size_t tape_sum(tape_bench *b, size_t x, int sign_x, size_t y, int sign_y, bool scaled)
{
    size_t first = b->tape.terms;
    fp_tape_term_add(&b->tape, x, sign_x);
    fp_tape_term_add(&b->tape, y, sign_y);
    size_t node = fp_tape_sum(&b->tape, first, scaled ? b->factor : NULL);
    arb_ptr out = new_truth(b, node);
    for (slong k = 0; k < b->len; k++) {
        arb_addmul_si(out + k, b->truth[x] + k, sign_x, TAPE_TRUE_PREC);
        arb_addmul_si(out + k, b->truth[y] + k, sign_y, TAPE_TRUE_PREC);
        if (scaled) arb_mul(out + k, out + k, b->factor, TAPE_TRUE_PREC);
    }
    return node;
}

size_t tape_mul(tape_bench *b, size_t x, size_t y)
{
    size_t node = fp_tape_add(&b->tape, FP_TAPE_MUL, x, y, NULL);
    _arb_poly_mullow(new_truth(b, node), b->truth[x], b->len, b->truth[y], b->len, b->len, TAPE_TRUE_PREC);
    return node;
}

size_t tape_exp(tape_bench *b, size_t x)
{
    size_t node = fp_tape_add(&b->tape, FP_TAPE_EXP, x, 0, NULL);
    _arb_poly_exp_series(new_truth(b, node), b->truth[x], b->len, b->len, TAPE_TRUE_PREC);
    return node;
}

size_t tape_div(tape_bench *b, size_t x, size_t y)
{
    size_t node = fp_tape_add(&b->tape, FP_TAPE_DIV, x, y, NULL);
    _arb_poly_div_series(new_truth(b, node), b->truth[x], b->len, b->truth[y], b->len, b->len, TAPE_TRUE_PREC);
    return node;
}

/* The nodes it consists of: z continued as -|z|, its exponential x, 1 + x, the quotient */
size_t tape_logistic(tape_bench *b, size_t z)
{
    size_t node = fp_tape_logistic(&b->tape, z), fall = node - 3;
    arb_ptr out = new_truth(b, fall), x = new_truth(b, fall + 1), sum = new_truth(b, fall + 2);
    if (arf_sgn(arb_midref(b->truth[z])) < 0)
        _arb_vec_set(out, b->truth[z], b->len);
    else
        _arb_vec_neg(out, b->truth[z], b->len);
    _arb_poly_exp_series(x, out, b->len, b->len, TAPE_TRUE_PREC);
    _arb_vec_set(sum, x, b->len);
    arb_add_ui(sum, sum, 1, TAPE_TRUE_PREC);
    arb_ptr e = _arb_vec_init(b->len);
    _arb_poly_exp_series(e, b->truth[z], b->len, b->len, TAPE_TRUE_PREC);
    arb_add_ui(e, e, 1, TAPE_TRUE_PREC);
    _arb_poly_inv_series(new_truth(b, node), e, b->len, b->len, TAPE_TRUE_PREC);
    _arb_vec_clear(e, b->len);
    return node;
}

