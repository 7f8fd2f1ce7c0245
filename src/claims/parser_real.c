/* SPDX-License-Identifier: MIT */
/* for all real x in [a, b], y in [c, d] where cond : P */
#include "sheet_impl.h"

bool fp_parse_is_real(const fp_parser *p)
{
    fp_parser ahead = *p;
    return fp_parse_accept_word(&ahead, "for") && fp_parse_accept_word(&ahead, "all") && fp_token_is(&ahead.token, "real");
}

static fp_node *parse_end(fp_parser *p)
{
    const char *what = "an end of an interval";
    fp_node *n = fp_parse_sum(p);
    if (!n || !fp_want_numeric(p, n, what) || !fp_want_static(p, n, what) || !fp_want_free(p, n, what)) return NULL;
    if (fp_node_boxed(n)->has_real)
        return fp_parse_fail(p, n->place, "an end of an interval must not depend on another real variable; say it behind 'where'"), NULL;
    return n;
}

static bool check_ends(fp_parser *p, const fp_node *n)
{
    mpq_t a, b;
    mpq_inits(a, b, NULL);
    bool known = fp_node_rational(a, n->kids[0]) && fp_node_rational(b, n->kids[1]);
    int order = known ? mpq_cmp(a, b) : -1;
    mpq_clears(a, b, NULL);
    return order < 0 || fp_parse_fail(p, n->place, order ? "an empty interval: its first end is above its second"
                                                         : "the interval is a single number; write the number in place of the variable");
}

static fp_node *parse_interval(fp_parser *p)
{
    fp_node *n = fp_make(p, FP_NODE_SET_INTERVAL, p->token.place, 2);
    if (!fp_parse_expect(p, '[', "'[' of a closed interval, as in: for all real x in [0, 1]")) return NULL;
    if (!(n->kids[0] = parse_end(p)) || !fp_parse_expect(p, ',', "an operator or ','") || !(n->kids[1] = parse_end(p)) ||
        !fp_parse_expect(p, ']', "an operator or ']'") || !check_ends(p, n))
        return NULL;
    n->type = FP_TYPE_SET;
    return fp_make_finish(p, n);
}

static bool parse_variable(fp_parser *p, fp_variable *v)
{
    if (!fp_parse_variable_name(p, &p->token)) return false;
    *v = (fp_variable){.name = fp_arena_strndup(p->arena, p->token.s, p->token.n), .place = p->token.place, .parameter = -1, .type = FP_TYPE_REAL};
    fp_parse_next(p);
    if (!fp_parse_accept_word(p, "in")) return fp_parse_expected(p, "'in'");
    v->set = parse_interval(p);
    v->flow_depth = p->flow_depth;
    if (!v->set) return false;
    if (p->scope_count == FP_SHEET_MAX_VARIABLES)
        return fp_parse_fail(p, v->place, "too many variables; at most %d at one place", FP_SHEET_MAX_VARIABLES);
    p->scope[p->scope_count++] = *v;
    if (p->scope_count > p->frame) p->frame = p->scope_count;
    return true;
}

static bool check_part(fp_parser *p, const fp_node *n, const char *what)
{
    if (!fp_want_bool(p, n, what) || !fp_want_static(p, n, what)) return false;
    if (fp_node_boxed(n)->has_box)
        return fp_parse_fail(p, n->place, "'for all real' inside 'for all real'; name all variables behind one: for all real x in [..], y in [..]: ..");
    return n->d_order == 0 || fp_parse_fail(p, n->place, "a derivative inside 'for all real', which speaks of no time");
}

fp_node *fp_parse_real(fp_parser *p)
{
    fp_variable vars[FP_SHEET_MAX_BINDERS];
    fp_place place = p->token.place;
    fp_node *where = NULL, *body;
    int count = 0, slot = p->scope_count;
    for (int k = 0; k < 3; k++) fp_parse_next(p);
    do {
        if (count == FP_SHEET_MAX_BINDERS) return fp_parse_fail(p, p->token.place, "at most %d real variables", FP_SHEET_MAX_BINDERS), NULL;
        if (!parse_variable(p, &vars[count++])) return NULL;
    } while (fp_parse_accept(p, ','));
    if (fp_parse_accept_word(p, "where")) {
        where = fp_parse_proposition(p);
        if (!where || !check_part(p, where, "a 'where' condition") || !fp_want_free(p, where, "a 'where' condition")) return NULL;
    }
    if (!fp_parse_expect(p, ':', "',', 'where' or ':'")) return NULL;
    body = fp_parse_proposition(p);
    if (!body || !check_part(p, body, "what 'for all real' ranges over")) return NULL;
    fp_parse_unbind(p, count);
    return fp_make_binder(p, FP_NODE_FORALL_REAL, place, vars, count, slot, where, body);
}
