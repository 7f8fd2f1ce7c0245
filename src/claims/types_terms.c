/* SPDX-License-Identifier: MIT */
/* Checked nodes, continued: functions, binders, uses of definitions; exact values and equality of trees. */
#include "sheet_impl.h"

#include <string.h>

static const char *function_name(fp_node_kind kind)
{
    switch (kind) {
    case FP_NODE_ABS: return "abs(..)";
    case FP_NODE_SQRT: return "sqrt(..)";
    case FP_NODE_LOG: return "log(..)";
    case FP_NODE_EXP: return "exp(..)";
    case FP_NODE_MIN: return "min(..)";
    case FP_NODE_MAX: return "max(..)";
    case FP_NODE_DOT: return "dot(..)";
    case FP_NODE_SQNORM: return "sqnorm(..)";
    case FP_NODE_NORM: return "norm(..)";
    case FP_NODE_INIT: return "init(..)";
    case FP_NODE_AT: return "at(..)";
    case FP_NODE_D: return "d(..)";
    case FP_NODE_SLOPE: return "slope(..)";
    case FP_NODE_SUP: return "sup(..)";
    case FP_NODE_CHI2CDF: return "chi2cdf(..)";
    case FP_NODE_SUM: return "sum(..)";
    case FP_NODE_MIN_OVER: return "min(..)";
    case FP_NODE_MAX_OVER: return "max(..)";
    default: return "this function";
    }
}

static bool check_supremum(fp_parser *p, const fp_node *a)
{
    if (a->is_static) return fp_parse_fail(p, a->place, "this does not depend on time, so it is its own supremum; leave sup(..) away");
    return !fp_node_boxed(a)->has_at || fp_parse_fail(p, a->place, "at(T, ..) inside sup(..): before T it has no value; use init(..)");
}

static bool check_argument(fp_parser *p, fp_node_kind kind, const fp_node *a)
{
    char what[64];
    bool vectors = kind == FP_NODE_DOT || kind == FP_NODE_SQNORM || kind == FP_NODE_NORM;
    bool either = kind == FP_NODE_INIT || kind == FP_NODE_AT || kind == FP_NODE_D || kind == FP_NODE_SLOPE;
    snprintf(what, sizeof what, "an argument of %s", function_name(kind));
    if (vectors && a->type != FP_TYPE_VECTOR) return fp_parse_fail(p, a->place, "%s must be a vector, found %s", what, fp_type_name(a->type));
    if (!vectors && !(either && a->type == FP_TYPE_VECTOR) && !fp_want_numeric(p, a, what)) return false;
    if ((kind == FP_NODE_D || kind == FP_NODE_SLOPE) && fp_node_boxed(a)->live_d)
        return fp_parse_fail(p, a->place, "%s of a derivative: second derivatives need the Taylor flow, not available", function_name(kind));
    bool moves = kind == FP_NODE_D || kind == FP_NODE_SLOPE || kind == FP_NODE_INIT || kind == FP_NODE_AT || kind == FP_NODE_SUP;
    if (moves && fp_node_boxed(a)->has_sup)
        return fp_parse_fail(p, a->place, "sup(..) cannot stand inside %s", function_name(kind));
    return (kind != FP_NODE_SUP || check_supremum(p, a)) && fp_want_free(p, a, function_name(kind));
}

static fp_type function_type(fp_node_kind kind, fp_node *const *args, int count)
{
    switch (kind) {
    case FP_NODE_INIT:
    case FP_NODE_AT:
    case FP_NODE_ABS: return args[0]->type;
    case FP_NODE_D:
    case FP_NODE_SLOPE: return args[0]->type == FP_TYPE_VECTOR ? FP_TYPE_VECTOR : FP_TYPE_REAL;
    case FP_NODE_MIN:
    case FP_NODE_MAX:
        for (int k = 0; k < count; k++)
            if (args[k]->type == FP_TYPE_REAL) return FP_TYPE_REAL;
        return FP_TYPE_INT;
    default: return FP_TYPE_REAL;
    }
}

fp_node *fp_make_function(fp_parser *p, fp_node_kind kind, fp_place place, fp_node *const *args, int count)
{
    for (int k = 0; k < count; k++)
        if (!check_argument(p, kind, args[k])) return NULL;
    fp_node *n = fp_make(p, kind, place, count);
    n->type = function_type(kind, args, count);
    memcpy(n->kids, args, (size_t)count * sizeof *args);
    if (kind == FP_NODE_CHI2CDF && !fp_want_static(p, args[1], "the degrees of freedom of chi2cdf(..)")) return NULL;
    return fp_make_finish(p, n);
}

static bool check_body(fp_parser *p, fp_node_kind kind, const fp_node *body)
{
    if (kind == FP_NODE_FORALL || kind == FP_NODE_FORALL_REAL || kind == FP_NODE_EXISTS)
        return fp_want_bool(p, body, kind == FP_NODE_EXISTS ? "what 'exists' ranges over" : "what 'for' ranges over");
    if (!(kind == FP_NODE_SUM && body->type == FP_TYPE_VECTOR) && !fp_want_numeric(p, body, function_name(kind))) return false;
    return fp_want_free(p, body, function_name(kind));
}

/* body NULL: COUNT_OVER. The sets stand in vars. */
fp_node *fp_make_binder(fp_parser *p, fp_node_kind kind, fp_place place, const fp_variable *vars, int count, int slot, fp_node *where,
                        fp_node *body)
{
    if (body && !check_body(p, kind, body)) return NULL;
    fp_node *n = fp_make(p, kind, place, count + (body ? 2 : 1));
    const char **names = fp_arena_alloc(p->arena, (size_t)count, sizeof *names);
    for (int k = 0; k < count; k++) {
        n->kids[k] = vars[k].set;
        names[k] = vars[k].name;
    }
    n->names = names;
    n->kids[count] = where;
    if (body) n->kids[count + 1] = body;
    n->binders = count;
    n->slot = slot;
    bool logic = kind == FP_NODE_FORALL || kind == FP_NODE_FORALL_REAL || kind == FP_NODE_EXISTS;
    n->type = logic ? FP_TYPE_BOOL : body ? body->type : FP_TYPE_INT;
    return fp_make_finish(p, n);
}

static bool check_use(fp_parser *p, const fp_name *name, int k, const fp_node *a)
{
    const fp_definition *f = name->definition;
    char what[128];
    snprintf(what, sizeof what, "parameter '%.40s' of %.40s", f->parameter_names[k], f->name);
    if (!fp_want_numeric(p, a, what) || !fp_want_free(p, a, "an argument of a define")) return false;
    if (f->parameter_types[k] == FP_TYPE_INT && !fp_want_int(p, a, what)) return false;
    if (!name->flow[k]) return true;
    fp_mark_flow(p, a);
    if (fp_node_boxed(a)->has_real)
        return fp_parse_fail(p, a->place, "%s stands inside d, slope, init, at, where or an exponent, so its argument must not hold a variable of 'for all real'", what);
    return a->is_static || fp_parse_fail(p, a->place, "%s stands inside d, slope, init, at, where or an exponent, so its argument must not depend on time", what);
}

fp_node *fp_make_use(fp_parser *p, fp_place place, const fp_name *name, fp_node *const *args)
{
    const fp_definition *f = name->definition;
    for (int k = 0; k < f->parameters; k++)
        if (!check_use(p, name, k, args[k])) return NULL;
    fp_node *n = fp_make(p, FP_NODE_USE, place, f->parameters);
    n->definition = f;
    n->type = f->body->type;
    if (f->parameters) memcpy(n->kids, args, (size_t)f->parameters * sizeof *args);
    return fp_make_finish(p, n);
}

static bool rational_binary(mpq_ptr q, const fp_node *n)
{
    mpq_t b;
    mpq_init(b);
    bool ok = fp_node_rational(q, n->kids[0]) && fp_node_rational(b, n->kids[1]);
    if (!ok) goto done;
    if (n->kind == FP_NODE_ADD) mpq_add(q, q, b);
    if (n->kind == FP_NODE_SUB) mpq_sub(q, q, b);
    if (n->kind == FP_NODE_MUL) mpq_mul(q, q, b);
    if (n->kind == FP_NODE_DIV) {
        ok = mpq_sgn(b) != 0;
        if (ok) mpq_div(q, q, b);
    }
done:
    mpq_clear(b);
    return ok;
}

bool fp_node_rational(mpq_ptr q, const fp_node *n)
{
    switch (n->kind) {
    case FP_NODE_NUMBER: mpq_set(q, n->number); return true;
    case FP_NODE_NEG:
        if (!fp_node_rational(q, n->kids[0])) return false;
        mpq_neg(q, q);
        return true;
    case FP_NODE_ADD:
    case FP_NODE_SUB:
    case FP_NODE_MUL:
    case FP_NODE_DIV: return rational_binary(q, n);
    default: return false;
    }
}

static bool same_head(const fp_node *a, const fp_node *b)
{
    return a->kind == b->kind && a->type == b->type && a->count == b->count && a->base == b->base && a->set == b->set && a->op == b->op &&
           a->slot == b->slot && a->binders == b->binders && a->index == b->index && a->definition == b->definition &&
           mpq_equal(a->number, b->number);
}

/* Anonymous times are equal if their values are. */
static bool same_time(const fp_time *a, const fp_time *b)
{
    if (a == b) return true;
    return a && b && !a->name && !b->name && fp_node_equal(a->value, b->value);
}

bool fp_node_equal(const fp_node *a, const fp_node *b)
{
    if (a == b) return true;
    if (!a || !b || !same_head(a, b) || !same_time(a->time, b->time)) return false;
    for (int k = 0; k < a->count; k++)
        if (!fp_node_equal(a->kids[k], b->kids[k])) return false;
    return true;
}
