/* SPDX-License-Identifier: MIT */
#include "tape.h"

#include <stdlib.h>

void fp_tape_init(fp_tape *t, int order, slong prec)
{
    *t = (fp_tape){.order = order, .prec = prec};
    fp_tape_add(t, FP_TAPE_ONE, 0, 0, NULL);
}

void fp_tape_clear(fp_tape *t)
{
    for (size_t x = 0; x < t->nodes; x++) {
        fp_tape_node *n = t->node + x;
        _arb_vec_clear(n->at, t->order + 1);
        if (n->moment) _arb_vec_clear(n->moment, t->order + 1);
        _mag_vec_clear(n->size, t->order + 1);
        mag_clear(n->norm);
        mag_clear(n->tail);
    }
    free(t->node);
    free(t->term);
    *t = (fp_tape){0};
}

size_t fp_tape_add(fp_tape *t, fp_tape_op op, size_t a, size_t b, arb_srcptr factor)
{
    if (t->nodes == t->node_room) t->node = fp_realloc(t->node, t->node_room = 2 * t->node_room + 64, sizeof *t->node);
    fp_tape_node *n = t->node + t->nodes;
    slong terms = t->order + 1;
    *n = (fp_tape_node){.op = op, .a = a, .b = b, .factor = factor, .at = _arb_vec_init(terms), .size = _mag_vec_init(terms)};
    if (op == FP_TAPE_EXP) n->moment = _arb_vec_init(terms);
    mag_init(n->norm);
    mag_init(n->tail);
    return t->nodes++;
}

void fp_tape_term_add(fp_tape *t, size_t node, int sign)
{
    if (t->terms == t->term_room) t->term = fp_realloc(t->term, t->term_room = 2 * t->term_room + 64, sizeof *t->term);
    t->term[t->terms++] = (fp_tape_term){node, sign};
}

size_t fp_tape_sum(fp_tape *t, size_t first, arb_srcptr factor)
{
    return fp_tape_add(t, FP_TAPE_SUM, first, t->terms, factor);
}

/* (11): with x = exp(-|z|), continued by the sign at s = 0, it is x/(1 + x) or 1/(1 + x); which one, the fall says. */
size_t fp_tape_logistic(fp_tape *t, size_t z)
{
    size_t x = fp_tape_add(t, FP_TAPE_EXP, fp_tape_add(t, FP_TAPE_FALL, z, 0, NULL), 0, NULL), first = t->terms;
    fp_tape_term_add(t, 0, 1);
    fp_tape_term_add(t, x, 1);
    size_t g = fp_tape_add(t, FP_TAPE_DIV, 0, fp_tape_sum(t, first, NULL), NULL);
    t->node[x - 1].b = g;
    return g;
}

/* ---- coefficients */
static void extend_sum(fp_tape *t, fp_tape_node *n, int k)
{
    arb_zero(n->at + k);
    for (size_t x = n->a; x < n->b; x++) {
        arb_srcptr y = t->node[t->term[x].node].at + k;
        if (t->term[x].sign > 0)
            arb_add(n->at + k, n->at + k, y, t->prec);
        else
            arb_sub(n->at + k, n->at + k, y, t->prec);
    }
}

static void extend_exp(fp_tape *t, fp_tape_node *n, int k)
{
    arb_srcptr s = t->node[n->a].at;
    arb_mul_ui(n->moment + k, s + k, (ulong)k, t->prec);
    if (k == 0)
        arb_exp(n->at, s, t->prec);
    else {
        arb_dot(n->at + k, NULL, 0, n->moment + 1, 1, n->at + k - 1, -1, k, t->prec);
        arb_div_ui(n->at + k, n->at + k, (ulong)k, t->prec);
    }
}

static void extend_div(fp_tape *t, fp_tape_node *n, int k)
{
    arb_srcptr a = t->node[n->a].at, b = t->node[n->b].at;
    arb_dot(n->at + k, a + k, 1, b + 1, 1, n->at + (k > 0 ? k - 1 : 0), -1, k, t->prec);
    arb_div(n->at + k, n->at + k, b, t->prec);
}

/* Any sign is right; this one keeps x = exp(fall) and relative accuracy small. */
static void extend_fall(fp_tape *t, fp_tape_node *n, int k)
{
    arb_srcptr z = t->node[n->a].at + k;
    if (k == 0) {
        n->sign = arf_sgn(arb_midref(z)) >= 0 ? -1 : 1;
        t->node[n->b].a = n->sign < 0 ? (size_t)(n - t->node) + 1 : 0;
    }
    arb_mul_si(n->at + k, z, n->sign, t->prec);
}

static void extend(fp_tape *t, fp_tape_node *n, int k)
{
    switch (n->op) {
    case FP_TAPE_ONE: arb_set_ui(n->at + k, k == 0); break;
    case FP_TAPE_DOT:
        arb_zero(n->at + k);
        fp_grid_dots(n->at + k, t->rising[n->a], t->falling[n->b] + (t->order - k), (size_t)k + 1, t->prec);
        break;
    case FP_TAPE_SUM: extend_sum(t, n, k); break;
    case FP_TAPE_MUL: arb_dot(n->at + k, NULL, 0, t->node[n->a].at, 1, t->node[n->b].at + k, -1, k + 1, t->prec); break;
    case FP_TAPE_EXP: extend_exp(t, n, k); break;
    case FP_TAPE_DIV: extend_div(t, n, k); break;
    case FP_TAPE_FALL: extend_fall(t, n, k); break;
    }
    if (n->factor) arb_mul(n->at + k, n->at + k, n->factor, t->prec);
}

void fp_tape_extend(fp_tape *t, int k)
{
    for (size_t x = 0; x < t->nodes; x++) extend(t, t->node + x, k);
}

/* ---- tails */
up fp_tape_overlap(mag_srcptr a, mag_srcptr b, int order, int least)
{
    up sum = up_zero(), suffix = up_zero(); /* suffix: of b_j, least - i <= j <= order */
    int from = order + 1;
    for (int i = 0; i <= order; i++) {
        for (; from > 0 && from > least - i; from--) suffix = up_add(suffix, b[from - 1]);
        sum = up_add(sum, up_mul(a[i], suffix));
    }
    return sum;
}

void fp_tape_vector_sizes(mag_ptr out, const fp_tape *t, size_t vector)
{
    for (int k = 0; k <= t->order; k++) out[k] = up_of(t->rising[vector][k]->norm);
}

static up tail_dot(const fp_tape *t, const fp_tape_node *n)
{
    mag_ptr a = _mag_vec_init(t->order + 1), b = _mag_vec_init(t->order + 1);
    fp_tape_vector_sizes(a, t, n->a);
    fp_tape_vector_sizes(b, t, n->b);
    up tail = fp_tape_overlap(a, b, t->order, t->order + 1);
    _mag_vec_clear(a, t->order + 1);
    _mag_vec_clear(b, t->order + 1);
    return tail;
}

static up tail_sum(const fp_tape *t, const fp_tape_node *n)
{
    up tail = up_zero();
    for (size_t x = n->a; x < n->b; x++) tail = up_add(tail, *t->node[t->term[x].node].tail);
    return tail;
}

/* (8): the overlap, T_a (|b| + T_b) + |a| T_b */
static up tail_mul(const fp_tape_node *a, const fp_tape_node *b, int order)
{
    up rest = up_add(up_mul(*a->tail, up_add(*b->norm, *b->tail)), up_mul(*a->norm, *b->tail));
    return up_add(fp_tape_overlap(a->size, b->size, order, order + 1), rest);
}

/* (9): exp(2 |s - s_0|) R/(P+1) + |E_0| exp(|s - s_0|) (e^{T_s} - 1), R the overlap of j |s_j| and |E_i| from order P + 1 on */
static up tail_exp(const fp_tape_node *E, const fp_tape_node *s, int order)
{
    mag_ptr moment = _mag_vec_init(order + 1);
    up moved = up_zero();
    for (int k = 1; k <= order; k++) {
        moment[k] = up_mul(s->size[k], up_ui((ulong)k));
        moved = up_add(moved, s->size[k]);
    }
    up lift = up_exp(moved), R = fp_tape_overlap(moment, E->size, order, order + 1);
    _mag_vec_clear(moment, order + 1);
    return up_add(up_div(up_mul(up_square(lift), R), up_ui((ulong)order + 1)), up_mul(up_mul(E->size[0], lift), up_expm1(*s->tail)));
}

/* (10): ( overlap of b and q + T_b |q| + T_a ) / ( |b_0| - |b - b_0| - T_b ); infinite if the denominator is not shown to stay away from 0 */
static up tail_div(const fp_tape_node *q, const fp_tape_node *a, const fp_tape_node *b, int order)
{
    up moved = *b->tail, top = fp_tape_overlap(b->size, q->size, order, order + 1);
    for (int k = 1; k <= order; k++) moved = up_add(moved, b->size[k]);
    return up_div(up_add(top, up_add(up_mul(*b->tail, *q->norm), *a->tail)), up_less(up_ball_least(b->at), moved));
}

static up tail_of(const fp_tape *t, const fp_tape_node *n)
{
    const fp_tape_node *node = t->node;
    switch (n->op) {
    case FP_TAPE_DOT: return tail_dot(t, n);
    case FP_TAPE_SUM: return tail_sum(t, n);
    case FP_TAPE_MUL: return tail_mul(node + n->a, node + n->b, t->order);
    case FP_TAPE_EXP: return tail_exp(n, node + n->a, t->order);
    case FP_TAPE_DIV: return tail_div(n, node + n->a, node + n->b, t->order);
    case FP_TAPE_FALL: return *node[n->a].tail;
    case FP_TAPE_ONE: break;
    }
    return up_zero();
}

bool fp_tape_close(fp_tape *t)
{
    bool finite = true;
    for (size_t x = 0; x < t->nodes && !fp_interrupted(); x++) {
        fp_tape_node *n = t->node + x;
        *n->norm = up_zero();
        for (int k = 0; k <= t->order; k++) {
            n->size[k] = up_ball(n->at + k);
            *n->norm = up_add(*n->norm, n->size[k]);
        }
        *n->tail = up_mul(tail_of(t, n), n->factor ? up_ball(n->factor) : up_ui(1));
        finite &= up_finite(*n->norm) && up_finite(*n->tail);
    }
    return finite;
}

void fp_tape_range(arb_t out, const fp_tape *t, size_t node, arb_srcptr power, slong prec)
{
    arb_dot(out, NULL, 0, t->node[node].at, 1, power, 1, t->order + 1, prec);
    arb_add_error_mag(out, t->node[node].tail);
}
