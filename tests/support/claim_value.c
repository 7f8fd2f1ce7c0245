/* SPDX-License-Identifier: MIT */
/* The meaning of a tree at one time. */
#include "claim_tree.h"

#include <stdlib.h>
#include <string.h>

void moment_init(tree_moment *m, const claim_world *w, const tree_claim *c)
{
    *m = (tree_moment){.world = w, .claim = c};
    arb_init(m->t);
}

void moment_clear(tree_moment *m)
{
    arb_clear(m->t);
}

/* ---- binders */
void tree_range(long *low, long *high, const tree *x, const claim_world *w)
{
    const fp_problem *p = w->problem;
    *low = x->set == SET_RANGE ? x->low : 1;
    switch (x->set) {
    case SET_TOKENS: *high = p->d; break;
    case SET_NEURONS: *high = p->m1; break;
    case SET_POSITIONS: *high = p->L; break;
    case SET_RANGE: *high = x->high; break;
    default: *high = p->n;
    }
}

bool tree_member(const tree *x, long value, const claim_world *w)
{
    return x->set != SET_GROUP || w->problem->group[value - 1] == x->low;
}

/* ---- base quantities */
static void one_base(arb_ptr jet, fp_tube_quantity quantity, long a, long b, long c, const tree_moment *m)
{
    const long index[] = {a, b, c};
    reference_value(jet, m->world->flow, quantity, index, m->t);
}

/* sum of g over a group, or mean of the losses */
static void summed(arb_ptr jet, long group, const tree_moment *m)
{
    const fp_problem *p = m->world->problem;
    arb_ptr one = _arb_vec_init(2);
    _arb_vec_zero(jet, 2);
    for (long i = 0; i < p->n; i++) {
        if (group > 0 && p->group[i] != group) continue;
        one_base(one, group > 0 ? FP_TUBE_GI : FP_TUBE_LOSSOF, i, 0, 0, m);
        _arb_vec_add(jet, jet, one, 2, CLAIM_PREC);
    }
    for (int r = 0; group == 0 && r < 2; r++) arb_div_si(jet + r, jet + r, p->n, CLAIM_PREC);
    _arb_vec_clear(one, 2);
}

static void base(arb_ptr jet, const tree *x, const tree_moment *m)
{
    static const fp_tube_quantity names[] = {[BASE_G] = FP_TUBE_G, [BASE_SCORE] = FP_TUBE_SCORE, [BASE_KK] = FP_TUBE_KK, [BASE_QQ] = FP_TUBE_QQ, [BASE_VV] = FP_TUBE_VV,
                                             [BASE_WV] = FP_TUBE_WV, [BASE_WW] = FP_TUBE_WW, [BASE_RHO] = FP_TUBE_RHO, [BASE_P] = FP_TUBE_P, [BASE_O] = FP_TUBE_O,
                                             [BASE_F] = FP_TUBE_F, [BASE_GI] = FP_TUBE_GI, [BASE_LOSSOF] = FP_TUBE_LOSSOF, [BASE_C] = FP_TUBE_C, [BASE_N] = FP_TUBE_N,
                                             [BASE_DOT] = FP_TUBE_G, [BASE_SQUARE] = FP_TUBE_KK};
    long at[3];
    for (int r = 0; r < 3; r++) at[r] = (x->place[r].variable < 0 ? x->place[r].value : m->value[x->place[r].variable]) - 1;
    if (x->base == BASE_SQUARE) at[1] = at[0];
    if (x->base == BASE_GROUP || x->base == BASE_LOSS)
        summed(jet, x->base == BASE_GROUP ? at[0] + 1 : 0, m);
    else
        one_base(jet, names[x->base], at[0], at[1], at[2], m);
}

/* ---- arithmetic on jets */
static void multiply(arb_ptr out, arb_srcptr a, arb_srcptr b)
{
    arb_mul(out, a, b, CLAIM_PREC);
    arb_mul(out + 1, a + 1, b, CLAIM_PREC);
    arb_addmul(out + 1, a, b + 1, CLAIM_PREC);
}

/* (a' - (a/b) b')/b */
static void divide(arb_ptr out, arb_srcptr a, arb_srcptr b)
{
    arb_div(out, a, b, CLAIM_PREC);
    arb_mul(out + 1, out, b + 1, CLAIM_PREC);
    arb_sub(out + 1, a + 1, out + 1, CLAIM_PREC);
    arb_div(out + 1, out + 1, b, CLAIM_PREC);
}

static void power(arb_ptr out, arb_srcptr a, int n)
{
    arb_pow_ui(out, a, (ulong)n, CLAIM_PREC);
    arb_pow_ui(out + 1, a, (ulong)n - 1, CLAIM_PREC);
    arb_mul_si(out + 1, out + 1, n, CLAIM_PREC);
    arb_mul(out + 1, out + 1, a + 1, CLAIM_PREC);
}

static void function(arb_ptr out, tree_kind kind, arb_srcptr a)
{
    if (kind == TREE_EXP) {
        arb_exp(out, a, CLAIM_PREC);
        arb_mul(out + 1, out, a + 1, CLAIM_PREC);
    } else if (kind == TREE_LOG) {
        arb_log(out, a, CLAIM_PREC);
        arb_div(out + 1, a + 1, a, CLAIM_PREC);
    } else {
        arb_sqrt(out, a, CLAIM_PREC);
        arb_div(out + 1, a + 1, out, CLAIM_PREC);
        arb_mul_2exp_si(out + 1, out + 1, -1);
    }
}

/* max(a, b), or min: where the branch is open, the hull of both slopes */
static void choose(arb_ptr out, arb_srcptr a, arb_srcptr b, bool greatest)
{
    bool first = greatest ? arb_gt(a, b) : arb_lt(a, b), second = greatest ? arb_lt(a, b) : arb_gt(a, b);
    (greatest ? arb_max : arb_min)(out, a, b, CLAIM_PREC);
    if (first)
        arb_set(out + 1, a + 1);
    else if (second)
        arb_set(out + 1, b + 1);
    else
        arb_union(out + 1, a + 1, b + 1, CLAIM_PREC);
}

static void absolute(arb_ptr out, arb_srcptr a)
{
    arb_ptr minus = _arb_vec_init(2);
    _arb_vec_neg(minus, a, 2);
    choose(out, a, minus, true);
    _arb_vec_clear(minus, 2);
}

static void over(arb_ptr out, const tree *x, tree_moment *m)
{
    long low, high;
    bool any = false;
    arb_ptr one = _arb_vec_init(4);
    tree_range(&low, &high, x, m->world);
    _arb_vec_zero(out, 2);
    for (long v = low; v <= high; v++) {
        if (!tree_member(x, v, m->world)) continue;
        m->value[x->variable] = v;
        tree_value(one, x->kid[0], m);
        if (x->kind == TREE_SUM_OVER)
            _arb_vec_add(out, out, one, 2, CLAIM_PREC);
        else if (any) {
            choose(one + 2, out, one, x->kind == TREE_MAX_OVER);
            _arb_vec_set(out, one + 2, 2);
        } else
            _arb_vec_set(out, one, 2);
        any = true;
    }
    if (!any && x->kind != TREE_SUM_OVER) _arb_vec_indeterminate(out, 2);
    _arb_vec_clear(one, 4);
}

/* ---- other times */
static void at_time(arb_ptr out, const tree *x, const arb_t t, tree_moment *m)
{
    arb_t now;
    arb_init(now);
    arb_swap(now, m->t);
    arb_set(m->t, t);
    tree_value(out, x, m);
    arb_zero(out + 1);
    arb_swap(now, m->t);
    arb_clear(now);
}

static void supremum(arb_ptr out, const tree *x, tree_moment *m)
{
    tree_value(out, x->kid[0], m);
    for (size_t r = 0; r < x->peaks; r++)
        if (arf_cmp(x->peak[r].t, arb_midref(m->t)) <= 0) arb_max(out, out, x->peak[r].value, CLAIM_PREC);
    arb_indeterminate(out + 1);
}

static void elsewhere(arb_ptr out, const tree *x, tree_moment *m)
{
    arb_t zero;
    arb_init(zero);
    if (x->kind == TREE_INIT)
        at_time(out, x->kid[0], zero, m);
    else if (x->kind == TREE_SUP)
        supremum(out, x, m);
    else if (m->claim->time[x->time].state == STATE_FOUND)
        at_time(out, x->kid[0], m->claim->time[x->time].t, m);
    else
        _arb_vec_indeterminate(out, 2);
    arb_clear(zero);
}

static void combine(arb_ptr out, const tree *x, arb_srcptr a, arb_srcptr b)
{
    switch (x->kind) {
    case TREE_LET: _arb_vec_set(out, a, 2); break;
    case TREE_ADD: _arb_vec_add(out, a, b, 2, CLAIM_PREC); break;
    case TREE_SUB: _arb_vec_sub(out, a, b, 2, CLAIM_PREC); break;
    case TREE_MUL: multiply(out, a, b); break;
    case TREE_DIV: divide(out, a, b); break;
    case TREE_POWER: power(out, a, x->power); break;
    case TREE_ABS: absolute(out, a); break;
    case TREE_MIN: choose(out, a, b, false); break;
    case TREE_MAX: choose(out, a, b, true); break;
    case TREE_RATE: arb_set(out, a + 1); arb_indeterminate(out + 1); break;
    default: function(out, x->kind, a);
    }
}

void tree_value(arb_ptr jet, const tree *x, tree_moment *m)
{
    _arb_vec_zero(jet, 2);
    switch (x->kind) {
    case TREE_NUMBER: arb_set(jet, x->number); return;
    case TREE_NOW: arb_set(jet, m->t); arb_one(jet + 1); return;
    case TREE_INDEX: arb_set_si(jet, m->value[x->variable]); return;
    case TREE_BASE: base(jet, x, m); return;
    case TREE_INIT: case TREE_AT: case TREE_SUP: elsewhere(jet, x, m); return;
    case TREE_SUM_OVER: case TREE_MIN_OVER: case TREE_MAX_OVER: over(jet, x, m); return;
    default: break;
    }
    arb_ptr side = _arb_vec_init(4);
    for (int r = 0; r < x->kids; r++) tree_value(side + 2 * r, x->kid[r], m);
    combine(jet, x, side, side + 2);
    _arb_vec_clear(side, 4);
}

/* ---- propositions */
/* (b - a)/scale, and the truth of a <= b (strict: a < b) */
static int compare(arb_t robust, const arb_t a, const arb_t b, bool strict, const arb_t scale)
{
    arb_sub(robust, b, a, CLAIM_PREC);
    int truth = arb_is_positive(robust) ? 1 : arb_is_negative(robust) ? -1 : arb_is_zero(robust) ? (strict ? -1 : 1) : 0;
    arb_div(robust, robust, scale, CLAIM_PREC);
    return truth;
}

/* The worse of two, in *robust and as truth. */
static int both(arb_t robust, const arb_t other, int a, int b)
{
    arb_min(robust, robust, other, CLAIM_PREC);
    return a < b ? a : b;
}

static int chain(arb_t robust, const tree *x, tree_moment *m)
{
    arb_ptr side = _arb_vec_init(4);
    arb_t one, scale;
    int truth = 1;
    arb_init(one);
    arb_init(scale);
    arf_set_mag(arb_midref(scale), x->scale);
    tree_value(side, x->kid[0], m);
    for (int r = 1; r < x->kids; r++) {
        tree_relation rel = x->relation[r - 1];
        bool up = rel == TREE_LE || rel == TREE_LT, strict = rel == TREE_LT || rel == TREE_GT;
        tree_value(side + 2, x->kid[r], m);
        int here = compare(one, up ? side : side + 2, up ? side + 2 : side, strict, scale);
        if (r == 1) arb_set(robust, one);
        truth = both(robust, one, truth, here);
        _arb_vec_swap(side, side + 2, 2);
    }
    _arb_vec_clear(side, 4);
    arb_clear(one);
    arb_clear(scale);
    return truth;
}

static int negated(arb_t robust, const tree *x, tree_moment *m, bool no)
{
    int truth = tree_holds(robust, x, m);
    if (no) arb_neg(robust, robust);
    return no ? -truth : truth;
}

/* and: all kids; or: not all of their negations; a implies b: not a, or b */
static int joined(arb_t robust, const tree *x, tree_moment *m)
{
    bool either = x->kind != TREE_AND;
    arb_t other;
    arb_init(other);
    int a = negated(robust, x->kid[0], m, x->kind == TREE_OR), b = negated(other, x->kid[1], m, either);
    int truth = both(robust, other, a, b);
    arb_clear(other);
    if (either) arb_neg(robust, robust);
    return either ? -truth : truth;
}

static int quantified(arb_t robust, const tree *x, tree_moment *m)
{
    long low, high;
    bool some = x->kind == TREE_SOME, any = false;
    int truth = 1;
    arb_t one;
    arb_init(one);
    tree_range(&low, &high, x, m->world);
    arb_one(robust);
    for (long v = low; v <= high; v++) {
        if (!tree_member(x, v, m->world)) continue;
        m->value[x->variable] = v;
        int here = negated(one, x->kid[0], m, some);
        if (!any) arb_set(robust, one);
        truth = both(robust, one, truth, here);
        any = true;
    }
    arb_clear(one);
    if (some) arb_neg(robust, robust);
    return some ? -truth : truth;
}

int tree_holds(arb_t robust, const tree *x, tree_moment *m)
{
    switch (x->kind) {
    case TREE_COMPARE: return chain(robust, x, m);
    case TREE_NOT: return negated(robust, x->kid[0], m, true);
    case TREE_AND: case TREE_OR: case TREE_IMPLIES: return joined(robust, x, m);
    default: return quantified(robust, x, m);
    }
}
