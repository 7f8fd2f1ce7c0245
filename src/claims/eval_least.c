/* SPDX-License-Identifier: MIT */
/* How often bodies are evaluated at least, whatever the state: known from sets whose sizes do not depend on variables. What could be remembered from an earlier evaluation counts once. */
#include <limits.h>
#include <stdint.h>

#include "eval_impl.h"

typedef struct {
    fp_eval *e;
    unsigned long most; /* of any binder seen */
    fp_place place;     /* where */
} least;

static unsigned long times_of(unsigned long a, unsigned long b)
{
    unsigned long out;
    return __builtin_mul_overflow(a, b, &out) ? ULONG_MAX : out;
}

static bool settled(long *out, least *x, const fp_node *node)
{
    fp_frame none;
    fp_eval_failure failure;
    fp_scene scene = fp_eval_scene(x->e);
    if (!node->is_static || fp_eval_free_slots(x->e, node) != 0) return false;
    fp_eval_ask(x->e, NULL, &failure);
    return fp_eval_answer(x->e, node->place, fp_eval_integer(out, x->e, node, &none, &scene));
}

static unsigned long named_size(const fp_problem *p, fp_set_id set)
{
    switch (set) {
    case FP_SET_SAMPLES: return (unsigned long)p->n;
    case FP_SET_TOKENS: return (unsigned long)p->d;
    case FP_SET_NEURONS: return (unsigned long)p->m1;
    case FP_SET_POSITIONS: return (unsigned long)p->L;
    case FP_SET_RANDOM: return p->d > 3 ? (unsigned long)p->d - 3 : 0;
    default: return 1; /* signals, common; of groups one is enough, and none makes no difference here */
    }
}

/* False: not known. */
static bool size_of(unsigned long *out, least *x, const fp_node *set)
{
    long first, last;
    bool group = set->kind == FP_NODE_SET_BASE && set->set >= FP_SET_I1 && set->set <= FP_SET_I4;
    if (set->kind == FP_NODE_SET_LIST) *out = (unsigned long)set->count;
    if (set->kind == FP_NODE_SET_LIST) return true;
    if (set->kind == FP_NODE_SET_BASE) *out = named_size(x->e->problem, set->set);
    if (set->kind == FP_NODE_SET_BASE) return set->count == 0 && !group;
    if (set->kind != FP_NODE_SET_RANGE || !settled(&first, x, set->kids[0]) || !settled(&last, x, set->kids[1])) return false;
    unsigned long steps = (unsigned long)last - (unsigned long)first;
    *out = last < first ? 0 : steps == ULONG_MAX ? steps : steps + 1;
    return true;
}

static uint64_t own_slots(const fp_node *binder)
{
    uint64_t own = 0;
    for (int r = 0; r < binder->binders; r++) own |= (uint64_t)1 << (binder->slot + r);
    return own;
}

static void visit(least *x, const fp_node *node, unsigned long times, uint64_t bound);

/* Sets in front of one of unknown size count alone: each of their elements costs an evaluation. */
static void visit_binder(least *x, const fp_node *node, unsigned long times, uint64_t bound)
{
    bool known = true;
    for (int r = 0; r < node->binders && known; r++) {
        unsigned long size;
        known = size_of(&size, x, node->kids[r]);
        if (known) times = times_of(times, size);
    }
    if (times > x->most) {
        x->most = times;
        x->place = node->place;
    }
    bool has_body = node->count > node->binders + 1, always = known && !node->kids[node->binders] && times > 0;
    if (has_body && always) visit(x, node->kids[node->binders + 1], times, bound | own_slots(node));
}

/* times: so often, with different values of the variables in `bound` each time. */
static void visit(least *x, const fp_node *node, unsigned long times, uint64_t bound)
{
    bool proposition = node->type == FP_TYPE_BOOL, binds = node->binders > 0 && node->kind != FP_NODE_FORALL_REAL;
    if (!proposition && bound != 0 && (fp_eval_free_slots(x->e, node) & bound) != bound) times = 1, bound = 0; /* remembered */
    if (binds) visit_binder(x, node, times, bound);
    if (node->kind == FP_NODE_USE) visit(x, node->definition->body, 1, 0);
    for (int r = 0; !binds && node->kind != FP_NODE_FORALL_REAL && r < node->count; r++)
        if (node->kids[r]) visit(x, node->kids[r], times, bound);
}

fp_status fp_eval_check_size(fp_eval *e, const fp_node *node, fp_error *err)
{
    least x = {.e = e};
    if (node) visit(&x, node, 1, 0);
    if (x.most <= e->most) return FP_OK;
    return fp_fail(err, FP_BAD_INPUT, "%s:%d:%d: found %lu%s evaluations of a body at one time, allowed are %lu; use smaller sets, or write 'evaluations = %lu' in the setting",
                   x.place.file ? x.place.file : "", x.place.line, x.place.column, x.most, x.most == ULONG_MAX ? " or more" : "", e->most, x.most);
}
