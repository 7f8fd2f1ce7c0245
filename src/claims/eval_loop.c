/* SPDX-License-Identifier: MIT */
/* Index sets and the loops of binders. */
#include "eval_impl.h"

#include <limits.h>

const fp_node *fp_loop_body(const fp_node *binder)
{
    return binder->count > binder->binders + 1 ? binder->kids[binder->binders + 1] : NULL;
}

static fp_set_iterator listed(const long *list, long count)
{
    return (fp_set_iterator){.list = list, .end = count};
}

static fp_set_iterator integers(long first, long last)
{
    return (fp_set_iterator){.next = first, .end = last + 1};
}

static bool holders(fp_set_iterator *out, fp_loop *loop, const fp_node *set)
{
    fp_eval *e = loop->e;
    const fp_node *kid = set->kids[0];
    long mu;
    if (!fp_eval_integer(&mu, e, kid, loop->frame, &loop->scene))
        return false;
    if (mu < 1 || mu > e->problem->d)
        return fp_eval_fail(e, "index", kid->place, "samples[%ld]: a token is 1..%ld on this instance", mu, e->problem->d);
    size_t from = e->holders_start[mu - 1];
    *out = listed(e->holders + from, (long)(e->holders_start[mu] - from));
    return true;
}

static bool named(fp_set_iterator *out, fp_loop *loop, const fp_node *set)
{
    const fp_eval *e = loop->e;
    const fp_problem *pb = e->problem;
    if (set->set == FP_SET_SAMPLES && set->count > 0)
        return holders(out, loop, set);
    switch (set->set) {
    case FP_SET_SAMPLES: *out = integers(1, pb->n); return true;
    case FP_SET_I1:
    case FP_SET_I2:
    case FP_SET_I3:
    case FP_SET_I4: {
        int group = 1 + (int)(set->set - FP_SET_I1);
        *out = listed(e->group[group], e->group_size[group]);
        return true;
    }
    case FP_SET_TOKENS: *out = integers(1, pb->d); return true;
    case FP_SET_SIGNALS: *out = integers(1, 2); return true;
    case FP_SET_COMMON: *out = integers(3, 3); return true;
    case FP_SET_RANDOM: *out = integers(4, pb->d); return true;
    case FP_SET_NEURONS: *out = integers(1, pb->m1); return true;
    default: *out = integers(1, pb->L); return true;
    }
}

static bool range(fp_set_iterator *out, fp_loop *loop, const fp_node *set)
{
    long first, last;
    if (!fp_eval_integer(&first, loop->e, set->kids[0], loop->frame, &loop->scene) ||
        !fp_eval_integer(&last, loop->e, set->kids[1], loop->frame, &loop->scene))
        return false;
    if (last >= first && !fp_eval_expect(loop->e, set->place, (unsigned long)last - (unsigned long)first))
        return false;
    if (last == LONG_MAX)
        return fp_eval_fail(loop->e, "domain", set->place, "the end of a range may be at most %ld", LONG_MAX - 1);
    *out = integers(first, last);
    return true;
}

static bool enumerate(fp_loop *loop, int level)
{
    const fp_node *set = loop->node->kids[level];
    fp_set_iterator *it = &loop->set[level];
    switch (set->kind) {
    case FP_NODE_SET_BASE: return named(it, loop, set);
    case FP_NODE_SET_RANGE: return range(it, loop, set);
    case FP_NODE_SET_LIST: *it = (fp_set_iterator){.end = set->count, .elements = set}; return true;
    default: return fp_eval_fail(loop->e, "unavailable", set->place, "this is not an index set");
    }
}

/* Each of its elements costs an evaluation, of what stands inside or of the set being empty further in. */
static bool open_set(fp_loop *loop, int level)
{
    const fp_set_iterator *it = &loop->set[level];
    fp_place place = loop->node->kids[level]->place;
    if (!enumerate(loop, level))
        return false;
    bool empty = it->next >= it->end;
    if (empty && level > 0)
        return fp_eval_count(loop->e, place);
    return empty || fp_eval_expect(loop->e, place, (unsigned long)(it->end - it->next));
}

/* The next element of the set at this level into the frame; 0 at the end, -1 on failure. */
static int advance(fp_loop *loop, int level)
{
    fp_set_iterator *it = &loop->set[level];
    fp_binding *slot = &loop->frame->slot[loop->node->slot + level];
    if (it->next >= it->end)
        return 0;
    long at = it->next++;
    *slot = (fp_binding){.i = it->list ? it->list[at] : at};
    if (!it->elements)
        return 1;
    const fp_node *element = it->elements->kids[at];
    if (element->type == FP_TYPE_INT && it->elements->kids[0]->type == FP_TYPE_INT)
        return fp_eval_integer(&slot->i, loop->e, element, loop->frame, &loop->scene) ? 1 : -1;
    *slot = (fp_binding){.i = at + 1, .node = element, .frame = loop->frame};
    return 1;
}

static bool holds_where(fp_loop *loop)
{
    const fp_node *where = loop->node->kids[loop->node->binders];
    fp_truth truth = FP_TRUE;
    if (!where)
        return true;
    if (!fp_eval_truth(&truth, loop->e, where, loop->frame, &loop->scene))
        loop->failed = true;
    else if (truth == FP_UNKNOWN)
        loop->failed = !fp_eval_fail(loop->e, "straddles-zero", where->place, "the condition after 'where' cannot be decided at this precision");
    return !loop->failed && truth == FP_TRUE;
}

void fp_loop_begin(fp_loop *loop, fp_eval *e, const fp_node *binder, fp_frame *frame, const fp_scene *scene)
{
    loop->e = e;
    loop->node = binder;
    loop->frame = frame;
    loop->scene = *scene;
    loop->scene.order = 0;
    loop->level = 0;
    loop->failed = false;
    if (binder->binders > FP_LOOP_MAX || binder->slot + binder->binders > FP_FRAME_MAX)
        loop->failed = !fp_eval_fail(e, "unavailable", binder->place, "too many variables (at most %d)", FP_FRAME_MAX);
    else
        loop->failed = !open_set(loop, 0);
}

bool fp_loop_next(fp_loop *loop)
{
    int last = loop->node->binders - 1;
    while (!loop->failed && loop->level >= 0) {
        int step = advance(loop, loop->level);
        if (step < 0)
            loop->failed = true;
        else if (step == 0)
            loop->level--;
        else if (loop->level < last)
            loop->failed = !open_set(loop, ++loop->level);
        else if (!fp_eval_count(loop->e, loop->node->place))
            loop->failed = true;
        else if (holds_where(loop))
            return true;
    }
    return false;
}
