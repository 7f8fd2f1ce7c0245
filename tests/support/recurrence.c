/* SPDX-License-Identifier: MIT */
#include "recurrence.h"

#include <stdlib.h>

#include "flowproof/base.h"

void recurrence_init(recurrence *t, slong terms, slong prec)
{
    *t = (recurrence){.terms = terms, .prec = prec};
}

void recurrence_clear(recurrence *t)
{
    for (int i = 0; i < t->count; i++) {
        recurrence_node *n = &t->node[i];
        _arb_vec_clear(n->x, t->terms + 1);
        arb_clear(n->factor);
        free(n->terms);
    }
    free(t->node);
    *t = (recurrence){0};
}

static int add_node(recurrence *t, enum recurrence_kind kind)
{
    t->node = fp_realloc(t->node, (size_t)t->count + 1, sizeof *t->node);
    recurrence_node *n = &t->node[t->count];
    *n = (recurrence_node){.kind = kind, .slope = -1, .x = _arb_vec_init(t->terms + 1)};
    arb_init(n->factor);
    arb_one(n->factor);
    return t->count++;
}

int recurrence_state(recurrence *t, double start)
{
    int i = add_node(t, RECURRENCE_STATE);
    arb_set_d(t->node[i].x, start);
    return i;
}

int recurrence_sum(recurrence *t, long added)
{
    int i = add_node(t, RECURRENCE_SUM);
    t->node[i].added = added;
    return i;
}

void recurrence_add(recurrence *t, int sum, int sign, int a, int b)
{
    recurrence_node *n = &t->node[sum];
    n->terms = fp_realloc(n->terms, (size_t)n->count + 1, sizeof *n->terms);
    n->terms[n->count++] = (recurrence_product){a, b, sign};
}

int recurrence_exp(recurrence *t, int a)
{
    int i = add_node(t, RECURRENCE_EXP);
    t->node[i].a = a;
    return i;
}

int recurrence_quotient(recurrence *t, int a, int b)
{
    int i = add_node(t, RECURRENCE_QUOTIENT);
    t->node[i].a = a;
    t->node[i].b = b;
    return i;
}

/* ---- coefficient k of each kind, the ones of its arguments up to k and its own below k known */
static void sum_at(recurrence *t, recurrence_node *n, slong k)
{
    arb_ptr out = n->x + k;
    arb_set_si(out, k == 0 ? n->added : 0);
    for (int r = 0; r < n->count; r++) {
        const recurrence_product *m = &n->terms[r];
        arb_srcptr a = t->node[m->a].x;
        if (m->b < 0)
            (m->sign > 0 ? arb_add : arb_sub)(out, out, a + k, t->prec);
        else
            arb_dot(out, out, m->sign < 0, a, 1, t->node[m->b].x + k, -1, k + 1, t->prec);
    }
    arb_mul(out, out, n->factor, t->prec);
}

/* k e_k = sum_{j=1..k} j a_j e_{k-j} */
static void exp_at(const recurrence *t, recurrence_node *n, slong k)
{
    arb_srcptr a = t->node[n->a].x;
    if (k == 0) {
        arb_exp(n->x, a, t->prec);
        return;
    }
    arb_t term;
    arb_init(term);
    arb_zero(n->x + k);
    for (slong j = 1; j <= k; j++) {
        arb_mul_si(term, a + j, j, t->prec);
        arb_addmul(n->x + k, term, n->x + k - j, t->prec);
    }
    arb_div_si(n->x + k, n->x + k, k, t->prec);
    arb_clear(term);
}

/* q_k = (a_k - sum_{j=1..k} b_j q_{k-j})/b_0 */
static void quotient_at(const recurrence *t, recurrence_node *n, slong k)
{
    arb_srcptr b = t->node[n->b].x;
    arb_set(n->x + k, t->node[n->a].x + k);
    for (slong j = 1; j <= k; j++) arb_submul(n->x + k, b + j, n->x + k - j, t->prec);
    arb_div(n->x + k, n->x + k, b, t->prec);
}

void recurrence_expand(recurrence *t)
{
    for (slong k = 0; k <= t->terms; k++)
        for (int i = 0; i < t->count; i++) {
            recurrence_node *n = &t->node[i];
            if (n->kind == RECURRENCE_STATE && k > 0) arb_div_si(n->x + k, t->node[n->slope].x + k - 1, k, t->prec);
            if (n->kind == RECURRENCE_SUM) sum_at(t, n, k);
            if (n->kind == RECURRENCE_EXP) exp_at(t, n, k);
            if (n->kind == RECURRENCE_QUOTIENT) quotient_at(t, n, k);
        }
}

void recurrence_move(recurrence *t, const arf_t h)
{
    arb_t sum;
    arb_init(sum);
    for (int i = 0; i < t->count; i++) {
        arb_ptr x = t->node[i].x;
        if (t->node[i].kind != RECURRENCE_STATE) continue;
        for (slong k = t->terms; k > 0; k--) {
            arb_mul_arf(sum, sum, h, t->prec);
            arb_add(sum, sum, x + k, t->prec);
        }
        arb_mul_arf(sum, sum, h, t->prec);
        arb_add(x, x, sum, t->prec);
        arb_get_mid_arb(x, x);
        arb_zero(sum);
    }
    arb_clear(sum);
}
