/* SPDX-License-Identifier: MIT */
/* Making an evaluator, telling it its sources, and asking for values. */
#include "eval_impl.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- failures and scenes */
bool fp_eval_fail(fp_eval *e, const char *reason, fp_place place, const char *format, ...)
{
    va_list args;
    fp_eval_failure *f = e->failure;
    if (!f || f->failed)
        return false;
    int used = place.line > 0 ? snprintf(f->detail, sizeof f->detail, "%s:%d:%d: ", fp_place_file_name(place), place.line, place.column) : 0;
    if (used < 0 || (size_t)used >= sizeof f->detail)
        used = 0;
    va_start(args, format);
    vsnprintf(f->detail + used, sizeof f->detail - (size_t)used, format, args);
    va_end(args);
    f->failed = true;
    f->reason = reason;
    return false;
}

bool fp_eval_fail_empty(fp_eval *e, const fp_node *node)
{
    bool all = node->kind == FP_NODE_FORALL;
    return fp_eval_fail(e, all ? "vacuous" : "empty-set", node->place, "'%s' over a set that is empty on this instance (a sheet that needs it says so with 'requires')", all ? "for" : "exists");
}

fp_scene fp_eval_scene(const fp_eval *e)
{
    return (fp_scene){.source = e->now, .origin = FP_ORIGIN_NOW};
}

bool fp_eval_scene_at(fp_scene *out, fp_eval *e, const fp_node *node)
{
    if (node->kind == FP_NODE_INIT) {
        *out = (fp_scene){.source = e->initial, .origin = FP_ORIGIN_INITIAL};
        return true;
    }
    int id = node->time->id;
    *out = (fp_scene){.source = (size_t)id < e->times ? e->time[id] : NULL, .origin = FP_ORIGIN_TIME + id};
    return out->source || fp_eval_fail(e, "time-not-reached", node->place, "at(%s, ..): this time has not been reached",
                                       node->time->name ? node->time->name : "t");
}

/* ---- making */
static void list_groups(fp_eval *e)
{
    const fp_problem *pb = e->problem;
    for (int g = 1; g <= 4; g++) {
        e->group[g] = fp_alloc((size_t)pb->n + 1, sizeof *e->group[g]);
        for (long i = 0; i < pb->n; i++)
            if (pb->group[i] == g)
                e->group[g][e->group_size[g]++] = i + 1;
    }
}

static bool holds(const fp_problem *pb, long i, long mu)
{
    for (long l = 0; l < pb->L; l++)
        if (pb->token[i * pb->L + l] == mu)
            return true;
    return false;
}

static void list_holders(fp_eval *e)
{
    const fp_problem *pb = e->problem;
    size_t at = 0;
    e->holders_start = fp_alloc((size_t)pb->d + 1, sizeof *e->holders_start);
    e->holders = fp_alloc((size_t)(pb->n * pb->L) + 1, sizeof *e->holders);
    for (long mu = 1; mu <= pb->d; mu++) {
        e->holders_start[mu - 1] = at;
        for (long i = 0; i < pb->n; i++)
            if (holds(pb, i, mu))
                e->holders[at++] = i + 1;
    }
    e->holders_start[pb->d] = at;
}

static void set_parameter(fp_eval *e, fp_base base, mpq_srcptr value)
{
    fp_ball_set_rational(&e->parameter[base], value, e->prec);
    e->parameter_known[base] = true;
}

static void set_parameters(fp_eval *e)
{
    const fp_setting *s = e->problem->setting;
    for (int b = 0; b < FP_BASE_COUNT; b++)
        arb_init(&e->parameter[b]);
    arb_const_pi(&e->parameter[FP_BASE_PARAM_PI], e->prec);
    e->parameter_known[FP_BASE_PARAM_PI] = true;
    if (!s)
        return;
    set_parameter(e, FP_BASE_PARAM_DELTA, s->delta);
    set_parameter(e, FP_BASE_PARAM_CT1, s->CT1);
    set_parameter(e, FP_BASE_PARAM_MARGIN, s->margin);
    set_parameter(e, FP_BASE_PARAM_POWER, s->power);
    set_parameter(e, FP_BASE_PARAM_HORIZON, s->horizon);
    bool known = fp_problem_sigma(&e->parameter[FP_BASE_PARAM_SIGMA0], &e->parameter[FP_BASE_PARAM_SIGMA1], e->problem, e->prec);
    e->parameter_known[FP_BASE_PARAM_SIGMA0] = e->parameter_known[FP_BASE_PARAM_SIGMA1] = known;
}

fp_eval *fp_eval_new(const fp_sheets *sheets, const fp_problem *problem, slong prec)
{
    fp_eval *e = fp_alloc(1, sizeof *e);
    e->sheets = sheets;
    e->problem = problem;
    e->prec = prec;
    e->override = -1;
    fp_eval_limit(e);
    fp_memo_init(&e->memo_now);
    fp_memo_init(&e->memo_fixed);
    fp_memo_init(&e->memo_static);
    set_parameters(e);
    list_groups(e);
    list_holders(e);
    return e;
}

/* Tables by id grow on demand, so nothing depends on how many ids there are. */
fp_eval *fp_eval_new_for(const fp_expressions *expressions, const fp_problem *problem, slong prec)
{
    (void)expressions;
    return fp_eval_new(NULL, problem, prec);
}

void fp_eval_free(fp_eval *e)
{
    if (!e)
        return;
    fp_memo_free(&e->memo_now);
    fp_memo_free(&e->memo_fixed);
    fp_memo_free(&e->memo_static);
    fp_eval_forget_sups(e);
    fp_eval_forget_exact(e);
    for (size_t r = 0; r < e->nodes; r++)
        if (e->info[r].has_number)
            arb_clear(&e->info[r].number);
    for (int b = 0; b < FP_BASE_COUNT; b++)
        arb_clear(&e->parameter[b]);
    for (int g = 1; g <= 4; g++)
        free(e->group[g]);
    free(e->holders_start);
    free(e->holders);
    free(e->info);
    free(e->time);
    free(e);
}

/* ---- sources */
void fp_eval_set_now(fp_eval *e, fp_source *now)
{
    e->now = now;
    fp_memo_forget(&e->memo_now);
}

void fp_eval_set_initial(fp_eval *e, fp_source *initial)
{
    e->initial = initial;
    fp_eval_forget_exact(e);
    fp_memo_forget(&e->memo_now);
    fp_memo_forget(&e->memo_fixed);
    fp_memo_forget(&e->memo_static);
}

void fp_eval_set_time(fp_eval *e, const fp_time *time, fp_source *source)
{
    size_t id = (size_t)time->id;
    if (id >= e->times) {
        size_t more = id + 16;
        e->time = fp_realloc(e->time, more, sizeof(fp_source *));
        memset(e->time + e->times, 0, (more - e->times) * sizeof(fp_source *));
        e->times = more;
    }
    e->time[id] = source;
    fp_memo_forget(&e->memo_now); /* what was read now may have looked at this time */
    fp_memo_forget(&e->memo_fixed);
}

/* ---- asking */
static bool begin(fp_eval *e, const fp_node *node, int frame, const fp_sheet *sheet, fp_eval_failure *failure)
{
    fp_eval_ask(e, sheet, failure);
    return frame <= FP_FRAME_MAX || fp_eval_fail(e, "unavailable", node->place, "more than %d variables", FP_FRAME_MAX);
}

static bool scalar(arb_ptr out, fp_eval *e, const fp_node *node, int frame, int order, fp_eval_failure *failure)
{
    fp_frame top;
    fp_scene now = fp_eval_scene(e);
    now.order = order;
    bool ok = begin(e, node, frame, NULL, failure) && fp_eval_real(out, e, node, &top, &now);
    return fp_eval_answer(e, node->place, ok);
}

bool fp_eval_scalar(arb_t out, fp_eval *e, const fp_node *node, int frame, fp_eval_failure *failure)
{
    return scalar(out, e, node, frame, 0, failure);
}

bool fp_eval_moving(arb_ptr out, fp_eval *e, const fp_node *node, int frame, fp_eval_failure *failure)
{
    return scalar(out, e, node, frame, 1, failure);
}

fp_truth fp_eval_static(fp_eval *e, const fp_node *node, int frame, fp_eval_failure *failure)
{
    fp_frame top;
    fp_truth truth = FP_UNKNOWN;
    fp_scene now = fp_eval_scene(e);
    bool ok = begin(e, node, frame, NULL, failure) && fp_eval_truth(&truth, e, node, &top, &now);
    return fp_eval_answer(e, node->place, ok) ? truth : FP_UNKNOWN;
}

/* ---- ratios of order claims */
typedef struct {
    arb_ptr least, greatest;
    const fp_claim *claim;
    bool any;
} extremes;

static void narrow(extremes *x, const arb_t ratio, slong prec)
{
    if (!x->any) {
        arb_set(x->least, ratio);
        arb_set(x->greatest, ratio);
    } else if (arb_is_finite(ratio) && arb_is_finite(x->least)) {
        arb_min(x->least, x->least, ratio, prec);
        arb_max(x->greatest, x->greatest, ratio, prec);
    } else {
        arb_indeterminate(x->least);
        arb_indeterminate(x->greatest);
    }
    x->any = true;
}

static bool ratio_here(extremes *x, fp_eval *e, fp_frame *frame)
{
    arb_struct a, b, q;
    fp_scene now = fp_eval_scene(e);
    arb_init(&a);
    arb_init(&b);
    arb_init(&q);
    bool ok = fp_eval_real(&a, e, x->claim->order_expression, frame, &now) && fp_eval_real(&b, e, x->claim->order_form, frame, &now) &&
              fp_eval_divide(&q, e, x->claim->order_form, &a, &b, 0);
    if (ok)
        narrow(x, &q, e->prec);
    arb_clear(&a);
    arb_clear(&b);
    arb_clear(&q);
    return ok;
}

static bool ratios(extremes *x, fp_eval *e, const fp_node *node, fp_frame *frame)
{
    fp_loop loop;
    fp_scene now = fp_eval_scene(e);
    bool ok = true, any = false;
    if (!node || node->kind != FP_NODE_FORALL)
        return ratio_here(x, e, frame);
    fp_loop_begin(&loop, e, node, frame, &now);
    while (ok && fp_loop_next(&loop)) {
        ok = ratios(x, e, fp_loop_body(node), frame);
        any = true;
    }
    if (!ok || loop.failed)
        return false;
    return any || fp_eval_fail_empty(e, node);
}

bool fp_eval_ratio(arb_t least, arb_t greatest, fp_eval *e, const fp_claim *claim, fp_eval_failure *failure)
{
    fp_frame top;
    extremes x = {.least = least, .greatest = greatest, .claim = claim};
    bool ok = begin(e, claim->order_expression, claim->frame, claim->sheet, failure) && ratios(&x, e, claim->body, &top);
    return fp_eval_answer(e, claim->order_expression->place, ok);
}
