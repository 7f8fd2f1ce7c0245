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
void fp_tape_overlap(mag_t out, mag_srcptr a, mag_srcptr b, int order, int least)
{
    mag_t suffix; /* sum of b_j, least - i <= j <= order */
    mag_init(suffix);
    mag_zero(out);
    int from = order + 1;
    for (int i = 0; i <= order; i++) {
        for (; from > 0 && from > least - i; from--) mag_add(suffix, suffix, b + from - 1);
        mag_addmul(out, a + i, suffix);
    }
    mag_clear(suffix);
}

void fp_tape_vector_sizes(mag_ptr out, const fp_tape *t, size_t vector)
{
    for (int k = 0; k <= t->order; k++) mag_set(out + k, t->rising[vector][k]->norm);
}

static void tail_dot(fp_tape *t, fp_tape_node *n)
{
    mag_ptr a = _mag_vec_init(t->order + 1), b = _mag_vec_init(t->order + 1);
    fp_tape_vector_sizes(a, t, n->a);
    fp_tape_vector_sizes(b, t, n->b);
    fp_tape_overlap(n->tail, a, b, t->order, t->order + 1);
    _mag_vec_clear(a, t->order + 1);
    _mag_vec_clear(b, t->order + 1);
}

/* (8): the overlap, T_a (|b| + T_b) + |a| T_b */
static void tail_mul(fp_tape_node *n, const fp_tape_node *a, const fp_tape_node *b, int order)
{
    mag_t all;
    mag_init(all);
    fp_tape_overlap(n->tail, a->size, b->size, order, order + 1);
    mag_add(all, b->norm, b->tail);
    mag_addmul(n->tail, a->tail, all);
    mag_addmul(n->tail, a->norm, b->tail);
    mag_clear(all);
}

/* (9): exp(2 |s - s_0|) R/(P+1) + |E_0| exp(|s - s_0|) (e^{T_s} - 1), R the overlap of j |s_j| and |E_i| from order P + 1 on */
static void tail_exp(fp_tape_node *n, const fp_tape_node *s, int order)
{
    mag_ptr moment = _mag_vec_init(order + 1);
    mag_t lift, rest;
    mag_init(lift);
    mag_init(rest);
    for (int k = 1; k <= order; k++) {
        mag_mul_ui(moment + k, s->size + k, (ulong)k);
        mag_add(lift, lift, s->size + k);
    }
    mag_exp(lift, lift);
    mag_expm1(rest, s->tail);
    mag_mul(rest, rest, lift);
    mag_mul(rest, rest, n->size);
    fp_tape_overlap(n->tail, moment, n->size, order, order + 1);
    mag_div_ui(n->tail, n->tail, (ulong)order + 1);
    mag_mul(n->tail, n->tail, lift);
    mag_mul(n->tail, n->tail, lift);
    mag_add(n->tail, n->tail, rest);
    mag_clear(rest);
    mag_clear(lift);
    _mag_vec_clear(moment, order + 1);
}

/* (10): ( overlap of b and q + T_b |q| + T_a ) / ( |b_0| - |b - b_0| - T_b ) */
static void tail_div(fp_tape_node *n, const fp_tape_node *a, const fp_tape_node *b, int order)
{
    mag_t rest, least;
    mag_init(rest);
    mag_init(least);
    for (int k = 1; k <= order; k++) mag_add(rest, rest, b->size + k);
    mag_add(rest, rest, b->tail);
    arb_get_mag_lower(least, b->at);
    mag_sub_lower(least, least, rest);
    fp_tape_overlap(n->tail, b->size, n->size, order, order + 1);
    mag_addmul(n->tail, b->tail, n->norm);
    mag_add(n->tail, n->tail, a->tail);
    mag_div(n->tail, n->tail, least); /* infinite if the denominator is not shown to stay away from 0 */
    mag_clear(least);
    mag_clear(rest);
}

static void close(fp_tape *t, fp_tape_node *n)
{
    mag_t factor;
    mag_zero(n->norm);
    mag_zero(n->tail);
    for (int k = 0; k <= t->order; k++) {
        arb_get_mag(n->size + k, n->at + k);
        mag_add(n->norm, n->norm, n->size + k);
    }
    switch (n->op) {
    case FP_TAPE_ONE: break;
    case FP_TAPE_DOT: tail_dot(t, n); break;
    case FP_TAPE_SUM:
        for (size_t x = n->a; x < n->b; x++) mag_add(n->tail, n->tail, t->node[t->term[x].node].tail);
        break;
    case FP_TAPE_MUL: tail_mul(n, t->node + n->a, t->node + n->b, t->order); break;
    case FP_TAPE_EXP: tail_exp(n, t->node + n->a, t->order); break;
    case FP_TAPE_DIV: tail_div(n, t->node + n->a, t->node + n->b, t->order); break;
    case FP_TAPE_FALL: mag_set(n->tail, t->node[n->a].tail); break;
    }
    if (!n->factor) return;
    mag_init(factor);
    arb_get_mag(factor, n->factor);
    mag_mul(n->tail, n->tail, factor);
    mag_clear(factor);
}

bool fp_tape_close(fp_tape *t)
{
    bool finite = true;
    for (size_t x = 0; x < t->nodes; x++) {
        close(t, t->node + x);
        finite &= mag_is_finite(t->node[x].norm) && mag_is_finite(t->node[x].tail);
    }
    return finite;
}

void fp_tape_range(arb_t out, const fp_tape *t, size_t node, arb_srcptr power, slong prec)
{
    arb_dot(out, NULL, 0, t->node[node].at, 1, power, 1, t->order + 1, prec);
    arb_add_error_mag(out, t->node[node].tail);
}
