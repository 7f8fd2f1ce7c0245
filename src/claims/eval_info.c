/* SPDX-License-Identifier: MIT */
/* What the evaluator knows about a node: which variables it reads, whether its value may be kept. */
#include "eval_impl.h"

#include <string.h>

fp_node_info *fp_eval_info(fp_eval *e, const fp_node *node)
{
    size_t id = (size_t)node->id;
    if (id >= e->nodes) {
        size_t more = 2 * id + 64;
        e->info = fp_realloc(e->info, more, sizeof *e->info);
        memset(e->info + e->nodes, 0, (more - e->nodes) * sizeof *e->info);
        e->nodes = more;
    }
    return &e->info[id];
}

static uint64_t own_slots(const fp_node *node)
{
    uint64_t own = 0;
    for (int r = 0; r < node->binders; r++)
        own |= (uint64_t)1 << (node->slot + r);
    return own;
}

uint64_t fp_eval_free_slots(fp_eval *e, const fp_node *node)
{
    if (fp_eval_info(e, node)->known)
        return fp_eval_info(e, node)->free;
    uint64_t free = node->kind == FP_NODE_VARIABLE ? (uint64_t)1 << node->slot : 0;
    for (int r = 0; r < node->count; r++)
        if (node->kids[r])
            free |= fp_eval_free_slots(e, node->kids[r]);
    free &= ~own_slots(node);
    fp_node_info *info = fp_eval_info(e, node); /* may have moved */
    info->known = true;
    info->free = free;
    return free;
}

bool fp_eval_is_settled(fp_eval *e, const fp_node *node, const fp_frame *frame)
{
    if (!node->is_static)
        return false;
    uint64_t free = fp_eval_free_slots(e, node);
    for (int slot = 0; free; slot++, free >>= 1)
        if (free & 1) {
            const fp_binding *b = &frame->slot[slot];
            if (b->x || (b->node && !fp_eval_is_settled(e, b->node, b->frame)))
                return false;
        }
    return true;
}

static bool collect_arguments(fp_memo_key *key, uint64_t free, const fp_frame *frame)
{
    for (int slot = 0; free; slot++, free >>= 1)
        if (free & 1) {
            if (frame->slot[slot].node || frame->slot[slot].x || key->count == FP_MEMO_ARGS)
                return false;
            key->arg[key->count++] = frame->slot[slot].i;
        }
    return true;
}

fp_memo *fp_eval_memo(fp_memo_key *key, fp_eval *e, const fp_node *node, const fp_frame *frame, const fp_scene *scene)
{
    *key = (fp_memo_key){.node = node->id};
    if (node->has_constant || !collect_arguments(key, fp_eval_free_slots(e, node), frame))
        return NULL;
    if (node->is_static)
        return &e->memo_static;
    key->origin = scene->origin;
    key->flavour = scene->order == 0 ? 0 : scene->how == FP_BY_FIELD ? 2 : 1;
    return scene->origin == FP_ORIGIN_NOW ? &e->memo_now : &e->memo_fixed;
}
