/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "flow_private.h"

static const struct {
    const char *name;
    const fp_form *form;
} forms[] = {
    [FP_FLOW_WEIGHTS] = {"weights", &fp_form_weights},
    [FP_FLOW_REDUCED] = {"reduced", &fp_form_reduced},
    [FP_FLOW_GRAM] = {"gram", &fp_form_gram},
    [FP_FLOW_COMPRESSED] = {"compressed", &fp_form_compressed},
};
enum { FORMS = sizeof forms / sizeof *forms };

bool fp_flow_kind_parse(fp_flow_kind *out, const char *name)
{
    for (size_t k = 0; k < FORMS; k++)
        if (strcmp(name, forms[k].name) == 0) {
            *out = (fp_flow_kind)k;
            return true;
        }
    return false;
}

const char *fp_flow_kind_name(fp_flow_kind kind)
{
    return (size_t)kind < FORMS ? forms[kind].name : "unknown";
}

void fp_flow_range(size_t *lo, size_t *hi, size_t total, size_t part)
{
    size_t share = total / FP_FLOW_PARTS, rest = total % FP_FLOW_PARTS;
    *lo = part * share + (part < rest ? part : rest);
    *hi = *lo + share + (part < rest);
}

mpfr_ptr fp_flow_tmp(const fp_flow *flow, size_t part)
{
    return fp_attention_scratch(&flow->attention, part, 0);
}

static void rhs(fp_vec *dy, mpfr_srcptr t, const fp_vec *y, void *ctx)
{
    fp_flow *flow = ctx;
    (void)t; /* autonomous */
    flow->form->load(flow, y);
    fp_attention_forward(&flow->attention, flow->pool);
    fp_attention_backward(&flow->attention, flow->pool);
    flow->form->move(dy, y, flow);
}

static fp_status check_samples(const fp_problem *p, fp_error *err)
{
    for (long i = 0; i < p->n; i++) {
        if (p->label[i] != 1 && p->label[i] != -1)
            return fp_fail(err, FP_BAD_INPUT, "sample %ld has label %d; allowed: 1 and -1", i + 1, p->label[i]);
        for (long k = 0; k < p->L; k++) {
            int t = p->token[i * p->L + k];
            if (t < 1 || t > p->d)
                return fp_fail(err, FP_BAD_INPUT, "sample %ld, position %ld holds token %d; allowed: 1 to %ld", i + 1, k + 1, t, p->d);
        }
    }
    return FP_OK;
}

static fp_status check_problem(fp_flow_kind kind, const fp_problem *p, mpfr_prec_t prec, fp_error *err)
{
    if ((size_t)kind >= FORMS)
        return fp_fail(err, FP_INTERNAL, "flow kind %d does not exist", (int)kind);
    if (prec < FP_PREC_MIN || prec > FP_PREC_MAX)
        return fp_fail(err, FP_BAD_INPUT, "precision %ld bits; allowed: %d to %d", (long)prec, FP_PREC_MIN, FP_PREC_MAX);
    if (p->n < 1 || p->L < 1 || p->d < 1 || p->m < 1 || p->m1 < 1)
        return fp_fail(err, FP_BAD_INPUT, "sizes n=%ld L=%ld d=%ld m=%ld m1=%ld; each must be at least 1", p->n, p->L, p->d, p->m, p->m1);
    return check_samples(p, err);
}

void fp_flow_layout_of(fp_layout *out, fp_flow_kind kind, const fp_problem *problem)
{
    *out = (fp_layout){.kind = kind, .n = problem->n, .L = problem->L, .d = problem->d, .m = problem->m, .m1 = problem->m1};
    forms[kind].form->layout(out);
}

/* All but the vectors. */
static fp_flow *make(fp_flow_kind kind, const fp_problem *problem, mpfr_prec_t prec, fp_pool *pool)
{
    fp_flow *flow = fp_alloc(1, sizeof *flow);
    flow->problem = problem;
    flow->form = forms[kind].form;
    flow->prec = prec;
    flow->pool = pool;
    fp_flow_layout_of(&flow->at, kind, problem);
    flow->field = (fp_field){.dim = flow->at.dim, .rhs = rhs, .ctx = flow, .expansion = flow->form->expansion};
    fp_attention_init(&flow->attention, problem, prec);
    fp_reals_init(&flow->m1_c, (size_t)problem->d, prec);
    return flow;
}

fp_status fp_flow_new(fp_flow **out, fp_flow_kind kind, const fp_problem *problem, mpfr_prec_t prec, fp_pool *pool, fp_error *err)
{
    fp_status status = check_problem(kind, problem, prec, err);
    if (status != FP_OK)
        return status;
    fp_flow *flow = make(kind, problem, prec, pool);
    flow->initial = fp_vec_new(flow->at.dim, prec);
    flow->form->start(flow);
    if (fp_interrupted()) {
        fp_flow_free(flow);
        return fp_fail(err, FP_INTERRUPTED, "interrupted while setting up the %s flow", fp_flow_kind_name(kind));
    }
    *out = flow;
    return FP_OK;
}

enum { VALUES = 3, VECTORS = 10 };

/* Every vector that a form may have: the initial values first, then workspace. */
static void list_vectors(fp_vec **list[VECTORS], fp_flow *flow)
{
    fp_vec **all[VECTORS] = {&flow->initial, &flow->w0, &flow->u0, &flow->u, &flow->drive, &flow->At, &flow->NtP, &flow->NAt, &flow->NtA, &flow->c};
    memcpy(list, all, sizeof all);
}

fp_flow *fp_flow_new_like(fp_flow *other)
{
    fp_flow *flow = make(other->at.kind, other->problem, other->prec, other->pool);
    fp_vec **to[VECTORS], **from[VECTORS];
    list_vectors(to, flow);
    list_vectors(from, other);
    for (size_t v = 0; v < VECTORS; v++) {
        if (*from[v] == NULL)
            continue;
        *to[v] = fp_vec_new(fp_vec_len(*from[v]), fp_vec_prec(*from[v]));
        if (v < VALUES)
            fp_vec_copy(*to[v], *from[v]);
    }
    return flow;
}

void fp_flow_free(fp_flow *flow)
{
    if (flow == NULL)
        return;
    fp_vec **list[VECTORS];
    list_vectors(list, flow);
    for (size_t v = 0; v < VECTORS; v++)
        fp_vec_free(*list[v]);
    fp_reals_clear(&flow->m1_c);
    fp_attention_clear(&flow->attention);
    free(flow);
}

const fp_layout *fp_flow_layout(const fp_flow *flow)
{
    return &flow->at;
}

const fp_problem *fp_flow_problem(const fp_flow *flow)
{
    return flow->problem;
}

const fp_field *fp_flow_field(fp_flow *flow)
{
    return &flow->field;
}

fp_vec *fp_flow_initial(const fp_flow *flow)
{
    fp_vec *y = fp_vec_new(flow->at.dim, flow->prec);
    fp_vec_copy(y, flow->initial);
    return y;
}

const fp_vec *fp_flow_w0(const fp_flow *flow)
{
    return flow->w0;
}

const fp_vec *fp_flow_u0(const fp_flow *flow)
{
    return flow->u0;
}

static void mean_loss(mpfr_ptr loss, const fp_attention *s)
{
    mpfr_t sum, term;
    mpfr_inits2(s->F.prec, sum, term, (mpfr_ptr)0);
    mpfr_set_zero(sum, 1);
    for (size_t i = 0; i < s->F.n; i++) {
        mpfr_mul_si(term, s->F.x + i, s->label[i], MPFR_RNDN);
        fp_log_loss(term, term);
        mpfr_add(sum, sum, term, MPFR_RNDN);
    }
    mpfr_div_ui(loss, sum, s->F.n, MPFR_RNDN);
    mpfr_clears(sum, term, (mpfr_ptr)0);
}

void fp_flow_outputs(fp_reals *F, mpfr_ptr loss, fp_flow *flow, const fp_vec *y)
{
    flow->form->load(flow, y);
    fp_attention_forward(&flow->attention, flow->pool);
    for (size_t i = 0; F != NULL && i < flow->attention.F.n; i++)
        mpfr_set(F->x + i, flow->attention.F.x + i, MPFR_RNDN);
    if (loss != NULL)
        mean_loss(loss, &flow->attention);
}
