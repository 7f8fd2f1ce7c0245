/* SPDX-License-Identifier: MIT */
/* Nodes are built here and only here, each checked for types, temporal shape and linearity in the constants. */
#include "sheet_impl.h"

#include <string.h>

fp_node *fp_make(fp_parser *p, fp_node_kind kind, fp_place place, int kids)
{
    fp_node_box *box = fp_arena_alloc(p->arena, 1, sizeof *box);
    fp_node *n = &box->node;
    n->kind = kind;
    n->place = place;
    n->count = kids;
    n->kids = fp_arena_alloc(p->arena, (size_t)(kids ? kids : 1), sizeof *n->kids);
    n->id = p->ids->nodes++;
    fp_arena_mpq_init(p->arena, n->number);
    return n;
}

static void inherit(fp_node *n, const fp_node *from)
{
    fp_node_box *box = (fp_node_box *)n;
    const fp_node_box *kid = fp_node_boxed(from);
    box->constants |= kid->constants;
    box->live_d |= kid->live_d;
    box->has_at |= kid->has_at;
    box->has_real |= kid->has_real;
    box->has_box |= kid->has_box;
    box->has_sup |= kid->has_sup;
    if (kid->height >= box->height) box->height = kid->height + 1;
    box->terms += kid->terms; /* each is at most FP_SHEET_MAX_TERMS */
    n->is_static &= from->is_static;
    n->has_constant |= from->has_constant;
    if (from->d_order > n->d_order) n->d_order = from->d_order;
}

/* Leaves are static unless their maker says otherwise afterwards. */
fp_node *fp_make_finish(fp_parser *p, fp_node *n)
{
    fp_node_box *box = (fp_node_box *)n;
    n->is_static = true;
    box->terms = 1;
    for (int k = 0; k < n->count; k++)
        if (n->kids[k]) inherit(n, n->kids[k]);
    if (n->definition) inherit(n, n->definition->body);
    if (n->kind == FP_NODE_D || n->kind == FP_NODE_SLOPE) n->d_order = 1, box->live_d = true;
    if (n->kind == FP_NODE_INIT) n->is_static = true;
    if (n->kind == FP_NODE_INIT || n->kind == FP_NODE_AT) box->live_d = false;
    if (n->kind == FP_NODE_AT) box->has_at = true;
    if (n->kind == FP_NODE_SUP) box->has_sup = true;
    if (n->kind == FP_NODE_FORALL_REAL) box->has_real = false, box->has_box = true;
    if (box->terms > FP_SHEET_MAX_TERMS) {
        fp_parse_fail(p, n->place, "the expression is too long: with its definitions expanded it has %ld terms; allowed are %d", box->terms, FP_SHEET_MAX_TERMS);
        return NULL;
    }
    if (box->height <= FP_SHEET_MAX_HEIGHT) return n;
    fp_parse_fail(p, n->place, "the expression is too deep: with its definitions expanded it has more than %d levels", FP_SHEET_MAX_HEIGHT);
    return NULL;
}

static bool is_numeric(const fp_node *n)
{
    return n->type == FP_TYPE_INT || n->type == FP_TYPE_REAL;
}

void fp_mark_flow(fp_parser *p, const fp_node *n)
{
    if (!n) return;
    if (n->kind == FP_NODE_VARIABLE && n->slot < p->scope_count && p->scope[n->slot].parameter >= 0)
        p->parameter_flow[p->scope[n->slot].parameter] = true;
    for (int k = 0; k < n->count; k++) fp_mark_flow(p, n->kids[k]);
}

bool fp_want_static(fp_parser *p, const fp_node *n, const char *what)
{
    if (!n->is_static)
        return fp_parse_fail(p, n->place, "%s must not depend on time; allowed are parameters, indices, tok, y, a and init(..)", what);
    fp_mark_flow(p, n);
    return true;
}

bool fp_want_free(fp_parser *p, const fp_node *n, const char *what)
{
    return !n->has_constant || fp_parse_fail(p, n->place,
                                             "a declared constant stands in %s; a constant must enter a claim linearly: as a summand or factor, through + - * / only", what);
}

bool fp_want_numeric(fp_parser *p, const fp_node *n, const char *what)
{
    return is_numeric(n) || fp_parse_fail(p, n->place, "%s must be a number, found %s", what, fp_type_name(n->type));
}

bool fp_want_bool(fp_parser *p, const fp_node *n, const char *what)
{
    return n->type == FP_TYPE_BOOL || fp_parse_fail(p, n->place, "%s must be a proposition such as a <= b, found %s", what, fp_type_name(n->type));
}

/* While the types of a define's parameters are still open they pass for INT; the ones that have to be are marked. A variable of a
 * list {x, y} is INT because the elements are. */
static void mark_int(fp_parser *p, const fp_node *n)
{
    if (n->kind == FP_NODE_VARIABLE && n->slot < p->scope_count) { /* else bound below the node that the marking began with */
        const fp_variable *v = &p->scope[n->slot];
        if (v->parameter >= 0) p->parameter_int[v->parameter] = true;
        if (v->set) mark_int(p, v->set);
    }
    if (n->kind == FP_NODE_USE) return; /* its own body settled its parameters */
    int where = n->binders ? n->binders : -1;
    for (int k = 0; k < n->count; k++)
        if (k != where) mark_int(p, n->kids[k]);
}

bool fp_want_int(fp_parser *p, const fp_node *n, const char *what)
{
    if (n->type != FP_TYPE_INT) return fp_parse_fail(p, n->place, "%s must be an integer, found %s", what, fp_type_name(n->type));
    mark_int(p, n);
    return true;
}

bool fp_want_from_one(fp_parser *p, const fp_node *n, const char *what)
{
    mpq_t value;
    mpq_init(value);
    bool low = fp_node_rational(value, n) && mpq_cmp_si(value, 1, 1) < 0;
    mpq_clear(value);
    return !low || fp_parse_fail(p, n->place, "%s is below 1; indices count from 1", what);
}

fp_node *fp_make_negation(fp_parser *p, fp_place place, fp_node *a)
{
    if (a->type != FP_TYPE_VECTOR && !fp_want_numeric(p, a, "the operand of '-'")) return NULL;
    fp_node *n = fp_make(p, FP_NODE_NEG, place, 1);
    n->kids[0] = a;
    n->type = a->type;
    return fp_make_finish(p, n);
}

static bool power_type(fp_parser *p, fp_node *n, const fp_node *a, const fp_node *b)
{
    if (!fp_want_numeric(p, a, "the base of '^'") || !fp_want_numeric(p, b, "the exponent of '^'")) return false;
    if (!fp_want_free(p, a, "the base of '^'") || !fp_want_free(p, b, "an exponent")) return false;
    if (!b->is_static) return fp_parse_fail(p, b->place, "an exponent must not depend on time; write exp(e*log(x)) for x^e");
    fp_mark_flow(p, b);
    bool whole = a->type == FP_TYPE_INT && b->kind == FP_NODE_NUMBER && b->type == FP_TYPE_INT;
    n->type = whole ? FP_TYPE_INT : FP_TYPE_REAL;
    return true;
}

static bool product_type(fp_parser *p, fp_node *n, const fp_node *a, const fp_node *b)
{
    bool quotient = n->kind == FP_NODE_DIV;
    if (a->type == FP_TYPE_VECTOR && b->type == FP_TYPE_VECTOR)
        return fp_parse_fail(p, n->place, quotient ? "a vector cannot be divided by a vector" : "vectors are multiplied with dot(x, y), not with '*'");
    if (a->type != FP_TYPE_VECTOR && !fp_want_numeric(p, a, quotient ? "the numerator" : "a factor")) return false;
    if ((quotient || b->type != FP_TYPE_VECTOR) && !fp_want_numeric(p, b, quotient ? "the denominator" : "a factor")) return false;
    if (quotient && !fp_want_free(p, b, "a denominator")) return false;
    if (a->has_constant && b->has_constant) return fp_parse_fail(p, n->place, "a product of two declared constants; a constant must enter a claim linearly");
    bool vector = a->type == FP_TYPE_VECTOR || b->type == FP_TYPE_VECTOR;
    bool whole = !quotient && a->type == FP_TYPE_INT && b->type == FP_TYPE_INT;
    n->type = vector ? FP_TYPE_VECTOR : whole ? FP_TYPE_INT : FP_TYPE_REAL;
    return true;
}

static bool sum_type(fp_parser *p, fp_node *n, const fp_node *a, const fp_node *b)
{
    if (a->type == FP_TYPE_VECTOR && b->type == FP_TYPE_VECTOR) {
        n->type = FP_TYPE_VECTOR;
        return true;
    }
    if (!fp_want_numeric(p, a, "a summand") || !fp_want_numeric(p, b, "a summand")) return false;
    n->type = a->type == FP_TYPE_INT && b->type == FP_TYPE_INT ? FP_TYPE_INT : FP_TYPE_REAL;
    return true;
}

fp_node *fp_make_binary(fp_parser *p, fp_node_kind kind, fp_place place, fp_node *a, fp_node *b)
{
    fp_node *n = fp_make(p, kind, place, 2);
    n->kids[0] = a;
    n->kids[1] = b;
    bool ok = kind == FP_NODE_POW                            ? power_type(p, n, a, b)
              : kind == FP_NODE_MUL || kind == FP_NODE_DIV ? product_type(p, n, a, b)
                                                             : sum_type(p, n, a, b);
    return ok ? fp_make_finish(p, n) : NULL;
}

fp_node *fp_make_compare(fp_parser *p, fp_compare op, fp_place place, fp_node *a, fp_node *b)
{
    bool whole = op == FP_EQ || op == FP_NE;
    fp_node *sides[] = {a, b};
    for (int k = 0; k < 2; k++) {
        if (sides[k]->type == FP_TYPE_VECTOR)
            return fp_parse_fail(p, sides[k]->place, "vectors cannot be compared; write norm(x - y) <= .. or sqnorm(x - y) = 0"), NULL;
        if (!fp_want_numeric(p, sides[k], "a side of a comparison")) return NULL;
        if (whole && sides[k]->type != FP_TYPE_INT)
            return fp_parse_fail(p, sides[k]->place, "'%s' compares integers, found a real number; an identity of reals is written with '='", op == FP_EQ ? "==" : "!="), NULL;
        if (whole && !fp_want_int(p, sides[k], "a side of '=='")) return NULL;
        if (whole && !fp_want_free(p, sides[k], "'=='")) return NULL;
    }
    fp_node *n = fp_make(p, FP_NODE_COMPARE, place, 2);
    n->op = op;
    n->type = FP_TYPE_BOOL;
    n->kids[0] = a;
    n->kids[1] = b;
    return fp_make_finish(p, n);
}

fp_node *fp_make_logic(fp_parser *p, fp_node_kind kind, fp_place place, fp_node *a, fp_node *b)
{
    const char *what = kind == FP_NODE_NOT   ? "the operand of 'not'"
                       : kind == FP_NODE_AND ? "an operand of 'and'"
                       : kind == FP_NODE_OR  ? "an operand of 'or'"
                                             : "an operand of 'implies'";
    if (!fp_want_bool(p, a, what) || (b && !fp_want_bool(p, b, what))) return NULL;
    fp_node *n = fp_make(p, kind, place, b ? 2 : 1);
    n->type = FP_TYPE_BOOL;
    n->kids[0] = a;
    if (b) n->kids[1] = b;
    return fp_make_finish(p, n);
}
