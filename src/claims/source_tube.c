/* SPDX-License-Identifier: MIT */
/* A source whose values are those of a tube, over an interval of time. */
#include "source_impl.h"
#include "tube_ball.h"

fp_source *fp_source_new_tube(const fp_problem *problem, const fp_layout *layout, slong prec)
{
    fp_source *s = fp_source_make(problem, layout, prec);
    s->tube = true;
    return s;
}

void fp_source_slope_by_equations(fp_source *s)
{
    s->slope_by_equations = true;
}

void fp_source_set_tube(fp_source *s, const fp_tube_view *view, const arf_t a, const arf_t b)
{
    s->view = view;
    s->view_why = NULL;
    s->now++;
    view->set(view->ctx, a, b);
    fp_ball_interval(s->time, a, b);
}

void fp_source_fetch(arb_t out, fp_source *s, fp_tube_quantity quantity, long x, long y, long z)
{
    const long index[3] = {x, y, z};
    const char *why = NULL;
    if (s->view && !fp_interrupted() && s->view->value(out, s->view->ctx, quantity, index, &why)) {
        arb_trim(out, out); /* digits far below the width cost time and show nothing */
        return;
    }
    arb_indeterminate(out);
    if (why) s->view_why = why;
}

bool fp_source_fetch_slope(arb_t out, fp_source *s, fp_tube_quantity quantity, long x, long y)
{
    const long index[3] = {x, y, 0};
    if (!s->tube || !s->view || !s->view->slope || !s->view->slope(out, s->view->ctx, quantity, index)) return false;
    arb_trim(out, out);
    return true;
}

void fp_source_fetch_vector(arb_ptr out, fp_source *s, int vector, long i)
{
    static const fp_tube_vector names[FP_VECTORS] = {
        [FP_VECTOR_U] = FP_TUBE_U, [FP_VECTOR_W] = FP_TUBE_W, [FP_VECTOR_V] = FP_TUBE_V, [FP_VECTOR_K] = FP_TUBE_K, [FP_VECTOR_Q] = FP_TUBE_Q};
    const char *why = NULL;
    if (s->view && s->view->vector(out, s->view->ctx, names[vector], i, &why)) return;
    _arb_vec_indeterminate(out, fp_state_rows(s, vector));
    if (why) s->view_why = why;
}

/* ---- keeping */
typedef struct {
    uint64_t from, to; /* generations */
    bool join;
} fp_keeping;

static void keep_entry(fp_table *to, const fp_table *from, int which, size_t i, const fp_keeping *k)
{
    bool stale, fresh = from->x[which] && from->stamp[which][i] == k->from;
    bool both = to->x[which] && to->stamp[which][i] == k->to;
    if (!fresh || (k->join && !both)) {
        if (to->x[which]) to->stamp[which][i] = 0;
        return;
    }
    arb_ptr x = fp_table_at(to, which, i, k->to, &stale);
    arb_srcptr y = from->x[which] + i * from->width[which];
    for (size_t r = 0; r < from->width[which]; r++) {
        if (k->join)
            fp_ball_hull(x + r, x + r, y + r);
        else
            arb_set(x + r, y + r);
    }
}

static void keep_table(fp_table *to, fp_table *from, void *ctx)
{
    for (int which = 0; which < FP_WHICH; which++) {
        if (!from->x[which] && !to->x[which]) continue;
        for (size_t i = 0; i < to->count; i++) keep_entry(to, from, which, i, ctx);
    }
}

void fp_source_keep(fp_source *to, const fp_source *from, bool join)
{
    fp_keeping keeping = {.from = from->now, .to = to->now, .join = join};
    fp_source_each_table(to, (fp_source *)from, keep_table, &keeping);
    if (join)
        fp_ball_hull(to->time, to->time, from->time);
    else
        arb_set(to->time, from->time);
    to->view = NULL;
    to->view_why = NULL;
}
