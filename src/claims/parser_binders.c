/* SPDX-License-Identifier: MIT */
/* Sets, bound variables, quantifiers and the binder forms sum, min, max, count. */
#include "sheet_impl.h"

#include <string.h>

static fp_node *finish_set(fp_parser *p, fp_node *n)
{
    n->type = FP_TYPE_SET;
    return fp_make_finish(p, n);
}

static fp_node *parse_named_set(fp_parser *p, fp_set_id set)
{
    fp_place place = p->token.place;
    fp_parse_next(p);
    bool indexed = p->token.kind == '[';
    if (indexed && set != FP_SET_SAMPLES)
        return fp_parse_fail(p, p->token.place, "the set %s takes no index; only samples[mu] does", fp_set_name(set)), NULL;
    fp_node *n = fp_make(p, FP_NODE_SET_BASE, place, indexed ? 1 : 0);
    n->set = set;
    if (fp_parse_accept(p, '[')) {
        n->kids[0] = fp_parse_sum(p);
        if (!n->kids[0] || !fp_want_int(p, n->kids[0], "the token of samples[..]") || !fp_want_free(p, n->kids[0], "a set") ||
            !fp_want_from_one(p, n->kids[0], "the token of samples[..]") || !fp_parse_expect(p, ']', "']'"))
            return NULL;
    }
    return finish_set(p, n);
}

static bool listed_before(const fp_node *n, int count)
{
    for (int k = 0; k < count; k++)
        if (n->kids[k]->kind == FP_NODE_NUMBER && n->kids[count]->kind == FP_NODE_NUMBER && mpq_equal(n->kids[k]->number, n->kids[count]->number))
            return true;
    return false;
}

static fp_node *parse_list(fp_parser *p, bool reals_allowed)
{
    fp_node *n = fp_make(p, FP_NODE_SET_LIST, p->token.place, 0);
    fp_parse_next(p);
    if (p->token.kind == '}') return fp_parse_fail(p, n->place, "an empty set; nothing can be said about its elements"), NULL;
    fp_type type = FP_TYPE_INT;
    do {
        fp_node *e = fp_parse_sum(p);
        if (!e || !fp_want_numeric(p, e, "an element of a set") || !fp_want_free(p, e, "a set")) return NULL;
        if (e->type == FP_TYPE_REAL) type = FP_TYPE_REAL;
        if (type == FP_TYPE_REAL && !reals_allowed)
            return fp_parse_fail(p, e->place, "a set of real numbers can stand in 'for' and 'exists' only; here elements are integers"), NULL;
        n->kids = fp_arena_grow(p->arena, n->kids, n->count, sizeof *n->kids);
        n->kids[n->count] = e;
        if (listed_before(n, n->count)) return fp_parse_fail(p, e->place, "this element is listed twice"), NULL;
        n->count++;
    } while (fp_parse_accept(p, ','));
    if (!fp_parse_expect(p, '}', "',' or '}'")) return NULL;
    return finish_set(p, n);
}

static fp_type element_type(const fp_node *set)
{
    if (set->kind == FP_NODE_SET_LIST)
        for (int k = 0; k < set->count; k++)
            if (set->kids[k]->type == FP_TYPE_REAL) return FP_TYPE_REAL;
    return FP_TYPE_INT;
}

static bool check_range(fp_parser *p, const fp_node *n)
{
    mpq_t a, b;
    mpq_inits(a, b, NULL);
    bool empty = fp_node_rational(a, n->kids[0]) && fp_node_rational(b, n->kids[1]) && mpq_cmp(a, b) > 0;
    mpq_clears(a, b, NULL);
    return !empty || fp_parse_fail(p, n->place, "an empty range: its first number is above its last");
}

static fp_node *parse_range(fp_parser *p)
{
    fp_node *n = fp_make(p, FP_NODE_SET_RANGE, p->token.place, 2);
    for (int k = 0; k < 2; k++) {
        if (!(n->kids[k] = fp_parse_sum(p))) return NULL;
        if (!k && p->token.kind != FP_TOKEN_DOTS)
            return fp_parse_expected(p, "a set: samples, samples[mu], I1 .. I4, tokens, signals, common, random, neurons, positions, a..b or {x, y}"), NULL;
        if (!fp_want_int(p, n->kids[k], "an end of a range") || !fp_want_free(p, n->kids[k], "a range")) return NULL;
        if (!k) fp_parse_next(p);
    }
    return check_range(p, n) ? finish_set(p, n) : NULL;
}

static fp_node *parse_set(fp_parser *p, bool reals_allowed)
{
    fp_set_id set;
    if (fp_set_find(&set, &p->token)) return parse_named_set(p, set);
    if (p->token.kind == '{') return parse_list(p, reals_allowed);
    return parse_range(p);
}

bool fp_parse_variable_name(fp_parser *p, const fp_token *t)
{
    fp_base base;
    const fp_name *other = fp_names_find(p->names, t->s, t->n);
    if (t->kind != FP_TOKEN_NAME) return fp_parse_expected(p, "the name of an index");
    if (fp_word_is_reserved(t->s, t->n)) return fp_parse_fail(p, t->place, "'%.*s' is a word of the language and cannot name an index", (int)t->n, t->s);
    if (fp_base_find(&base, t) && fp_base_is_parameter(base))
        return fp_parse_fail(p, t->place, "'%s' is a parameter and cannot name an index; take another letter, such as i, j, k, l, mu or nu", fp_base_name(base));
    if (other && other->kind != FP_NAME_DEFINE)
        return fp_parse_fail(p, t->place, "'%s' is declared at %s:%d and cannot name an index", other->name, other->place.file, other->place.line);
    for (int k = p->scope_hidden; k < p->scope_count; k++)
        if (fp_token_is(t, p->scope[k].name)) return fp_parse_fail(p, t->place, "the index '%s' is already in use here; take another name", p->scope[k].name);
    return true;
}

static bool parse_variable(fp_parser *p, fp_node_kind kind, fp_variable *v)
{
    if (p->failed || !fp_parse_variable_name(p, &p->token)) return false;
    *v = (fp_variable){.name = fp_arena_strndup(p->arena, p->token.s, p->token.n), .place = p->token.place, .parameter = -1};
    fp_parse_next(p);
    bool in_words = strcmp(v->name, "all") == 0 || strcmp(v->name, "every") == 0 || strcmp(v->name, "each") == 0;
    if (!fp_parse_accept_word(p, "in")) return fp_parse_expected(p, in_words ? "'in': 'for i in S: P' says it of every element" : "'in'");
    v->set = parse_set(p, kind == FP_NODE_FORALL || kind == FP_NODE_EXISTS);
    if (!v->set) return false;
    v->type = element_type(v->set);
    v->moving = !v->set->is_static;
    v->flow_depth = p->flow_depth;
    if (p->scope_count == FP_SHEET_MAX_VARIABLES)
        return fp_parse_fail(p, v->place, "too many indices; at most %d at one place", FP_SHEET_MAX_VARIABLES);
    p->scope[p->scope_count++] = *v;
    if (p->scope_count > p->frame) p->frame = p->scope_count;
    return true;
}

/* "i in I1, j in neurons [where cond]"; the variables stay in scope until fp_parse_unbind. */
bool fp_parse_binders(fp_parser *p, fp_node_kind kind, fp_variable *vars, int *count, fp_node **where)
{
    *count = 0;
    *where = NULL;
    do {
        if (*count == FP_SHEET_MAX_BINDERS) return fp_parse_fail(p, p->token.place, "at most %d indices in one list", FP_SHEET_MAX_BINDERS);
        if (!parse_variable(p, kind, &vars[*count])) return false;
        ++*count;
    } while (fp_parse_accept(p, ','));
    if (!fp_parse_accept_word(p, "where")) return true;
    *where = fp_parse_proposition(p);
    return *where && fp_want_bool(p, *where, "a 'where' condition") && fp_want_static(p, *where, "a 'where' condition") &&
           fp_want_free(p, *where, "a 'where' condition");
}

void fp_parse_unbind(fp_parser *p, int count)
{
    p->scope_count -= count;
}

fp_node *fp_parse_quantifier(fp_parser *p, fp_node_kind kind)
{
    fp_variable vars[FP_SHEET_MAX_BINDERS];
    fp_place place = p->token.place;
    fp_node *where, *body;
    int count, slot = p->scope_count;
    if (!fp_parse_binders(p, kind, vars, &count, &where)) return NULL;
    bool counting = kind == FP_NODE_COUNT_OVER;
    if (!counting && !fp_parse_expect(p, ':', "',', 'where' or ':'")) return NULL;
    body = counting ? NULL : fp_parse_proposition(p);
    if (!counting && !body) return NULL;
    fp_parse_unbind(p, count);
    return fp_make_binder(p, kind, place, vars, count, slot, where, body);
}
