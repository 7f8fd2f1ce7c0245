/* SPDX-License-Identifier: MIT */
/* Propositions and arithmetic, by precedence, lowest first:
 *   proposition = junction [ implies proposition ]
 *   junction    = negated { and negated } | negated { or negated }      (mixing the two needs brackets)
 *   negated     = not negated | for BINDERS : proposition | for all real BOX : proposition | exists BINDERS : proposition | comparison
 *   comparison  = sum { RELATION sum }                                  (one direction per chain)
 *   sum         = product { (+|-) product }
 *   product     = unary { (*|/) unary }
 *   unary       = - unary | primary [ ^ unary ]                         so -x^2 = -(x^2), and ^ binds to the right
 * A bracket may hold either sort; types are checked where nodes are made. */
#include "sheet_impl.h"

bool fp_parse_deeper(fp_parser *p)
{
    if (p->depth >= FP_SHEET_MAX_NESTING)
        return fp_parse_fail(p, p->token.place, "nested too deeply; allowed are %d levels", FP_SHEET_MAX_NESTING);
    p->depth++;
    return true;
}

static fp_node *parse_unary(fp_parser *p);

static fp_node *parse_power(fp_parser *p)
{
    fp_node *base = fp_parse_primary(p);
    fp_place place = p->token.place;
    if (!base || !fp_parse_accept(p, '^')) return base;
    fp_node *exponent = parse_unary(p);
    return exponent ? fp_make_binary(p, FP_NODE_POW, place, base, exponent) : NULL;
}

static fp_node *parse_unary(fp_parser *p)
{
    if (!fp_parse_deeper(p)) return NULL;
    fp_place place = p->token.place;
    fp_node *n;
    if (fp_parse_accept(p, '-')) {
        n = parse_unary(p);
        if (n) n = fp_make_negation(p, place, n);
    } else {
        n = parse_power(p);
    }
    p->depth--;
    return n;
}

static fp_node *parse_product(fp_parser *p)
{
    fp_node *n = parse_unary(p);
    while (n && (p->token.kind == '*' || p->token.kind == '/')) {
        fp_place place = p->token.place;
        fp_node_kind kind = p->token.kind == '*' ? FP_NODE_MUL : FP_NODE_DIV;
        fp_parse_next(p);
        fp_node *right = parse_unary(p);
        n = right ? fp_make_binary(p, kind, place, n, right) : NULL;
    }
    return n;
}

fp_node *fp_parse_sum(fp_parser *p)
{
    fp_node *n = parse_product(p);
    while (n && (p->token.kind == '+' || p->token.kind == '-')) {
        fp_place place = p->token.place;
        fp_node_kind kind = p->token.kind == '+' ? FP_NODE_ADD : FP_NODE_SUB;
        fp_parse_next(p);
        fp_node *right = parse_product(p);
        n = right ? fp_make_binary(p, kind, place, n, right) : NULL;
    }
    return n;
}

static bool relation(fp_compare *op, int kind)
{
    switch (kind) {
    case FP_TOKEN_LE: *op = FP_LE; return true;
    case '<': *op = FP_LT; return true;
    case FP_TOKEN_GE: *op = FP_GE; return true;
    case '>': *op = FP_GT; return true;
    case '=': *op = FP_IDENTITY; return true;
    case FP_TOKEN_EQ: *op = FP_EQ; return true;
    case FP_TOKEN_NE: *op = FP_NE; return true;
    default: return false;
    }
}

/* -1 for < <=, 1 for > >=, 0 for those without direction */
static int direction(fp_compare op)
{
    return op == FP_LE || op == FP_LT ? -1 : op == FP_GE || op == FP_GT ? 1 : 0;
}

static fp_node *parse_comparison(fp_parser *p)
{
    fp_node *left = fp_parse_sum(p), *all = left;
    fp_compare op;
    int way = 0;
    for (int links = 0; all && relation(&op, p->token.kind); links++) {
        fp_place place = p->token.place;
        if (way * direction(op) < 0)
            return fp_parse_fail(p, place, "the relations of a chain must point the same way; join them with 'and'"), NULL;
        if (op == FP_NE && links) return fp_parse_fail(p, place, "'!=' cannot stand in a chain; join with 'and'"), NULL;
        if (direction(op)) way = direction(op);
        fp_parse_next(p);
        fp_node *right = fp_parse_sum(p);
        fp_node *link = right ? fp_make_compare(p, op, place, left, right) : NULL;
        all = !link ? NULL : links ? fp_make_logic(p, FP_NODE_AND, place, all, link) : link;
        left = right;
        if (op == FP_NE && all && relation(&op, p->token.kind))
            return fp_parse_fail(p, p->token.place, "'!=' cannot stand in a chain; join with 'and'"), NULL;
    }
    return all;
}

static fp_node *parse_negated(fp_parser *p)
{
    if (!fp_parse_deeper(p)) return NULL;
    fp_place place = p->token.place;
    fp_node *n;
    if (fp_parse_accept_word(p, "not")) {
        n = parse_negated(p);
        if (n) n = fp_make_logic(p, FP_NODE_NOT, place, n, NULL);
    } else if (fp_parse_is_real(p)) {
        n = fp_parse_real(p);
    } else if (fp_parse_accept_word(p, "for")) {
        n = fp_parse_quantifier(p, FP_NODE_FORALL);
    } else if (fp_parse_accept_word(p, "exists")) {
        n = fp_parse_quantifier(p, FP_NODE_EXISTS);
    } else {
        n = parse_comparison(p);
    }
    p->depth--;
    return n;
}

static fp_node *parse_junction(fp_parser *p)
{
    fp_node *n = parse_negated(p);
    bool conjunction = fp_token_is(&p->token, "and");
    while (n && (fp_token_is(&p->token, "and") || fp_token_is(&p->token, "or"))) {
        fp_place place = p->token.place;
        if (fp_token_is(&p->token, "and") != conjunction)
            return fp_parse_fail(p, place, "'and' and 'or' are mixed; say which comes first with brackets"), NULL;
        fp_parse_next(p);
        fp_node *right = parse_negated(p);
        n = right ? fp_make_logic(p, conjunction ? FP_NODE_AND : FP_NODE_OR, place, n, right) : NULL;
    }
    return n;
}

fp_node *fp_parse_proposition(fp_parser *p)
{
    if (!fp_parse_deeper(p)) return NULL;
    fp_node *n = parse_junction(p);
    fp_place place = p->token.place;
    if (n && fp_parse_accept_word(p, "implies")) {
        fp_node *right = fp_parse_proposition(p);
        n = right ? fp_make_logic(p, FP_NODE_IMPLIES, place, n, right) : NULL;
    }
    p->depth--;
    return n;
}
