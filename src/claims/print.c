/* SPDX-License-Identifier: MIT */
/* Trees back to source text with the fewest brackets that parse to the same tree. */
#include "sheet_impl.h"

#include <stdlib.h>
#include <string.h>

/* How tightly a node's own sign binds; an operand that binds less needs brackets. */
enum { LOOSE, JUNCTION, NEGATED, COMPARISON, SUM, PRODUCT, UNARY, POWER, ATOM };

static void print(fp_text *out, const fp_node *n, int least);

static bool is_chain(const fp_node *n)
{
    if (n->kind == FP_NODE_COMPARE) return true;
    return n->kind == FP_NODE_AND && is_chain(n->kids[0]) && n->kids[1]->kind == FP_NODE_COMPARE;
}

static const fp_node *last_link(const fp_node *n)
{
    return n->kind == FP_NODE_AND ? n->kids[1] : n;
}

/* a <= b <= c shares the node b, which is how it is told from a <= b and b <= c. */
static bool is_shared_chain(const fp_node *n)
{
    return n->kind == FP_NODE_AND && is_chain(n) && last_link(n->kids[0])->kids[1] == n->kids[1]->kids[0] &&
           (n->kids[0]->kind == FP_NODE_COMPARE || is_shared_chain(n->kids[0]));
}

static int strength(const fp_node *n)
{
    switch (n->kind) {
    case FP_NODE_IMPLIES:
    case FP_NODE_FORALL:
    case FP_NODE_FORALL_REAL:
    case FP_NODE_EXISTS: return LOOSE;
    case FP_NODE_AND: return is_shared_chain(n) ? COMPARISON : JUNCTION;
    case FP_NODE_OR: return JUNCTION;
    case FP_NODE_NOT: return NEGATED;
    case FP_NODE_COMPARE: return COMPARISON;
    case FP_NODE_ADD:
    case FP_NODE_SUB: return SUM;
    case FP_NODE_MUL:
    case FP_NODE_DIV: return PRODUCT;
    case FP_NODE_NEG: return UNARY;
    case FP_NODE_POW: return POWER;
    default: return ATOM;
    }
}

/* Literals are decimals: q = digits / 10^places. */
static char *literal_digits(unsigned long *places, mpq_srcptr q)
{
    mpz_t rest, scaled;
    mpz_inits(rest, scaled, NULL);
    unsigned long twos = mpz_scan1(mpq_denref(q), 0);
    mpz_set_ui(scaled, 5);
    unsigned long fives = mpz_remove(rest, mpq_denref(q), scaled);
    *places = twos > fives ? twos : fives;
    mpz_ui_pow_ui(scaled, 10, *places);
    mpz_mul(scaled, scaled, mpq_numref(q));
    mpz_divexact(scaled, scaled, mpq_denref(q));
    char *digits = fp_alloc(mpz_sizeinbase(scaled, 10) + 2, 1);
    mpz_get_str(digits, 10, scaled);
    mpz_clears(rest, scaled, NULL);
    return digits;
}

/* A real literal keeps a point or an exponent, so that it is read as a real again. */
static void print_number(fp_text *out, const fp_node *n)
{
    enum { POINT_PLACES = 6, LONG_INTEGER = 20 };
    unsigned long places;
    char *digits = literal_digits(&places, n->number);
    size_t len = strlen(digits), significant = len;
    while (significant > 1 && digits[significant - 1] == '0') significant--;
    if (n->type == FP_TYPE_INT)
        fp_text_add(out, digits);
    else if (!places && len > LONG_INTEGER)
        fp_text_addf(out, "%.*se%zu", (int)significant, digits, len - significant);
    else if (places > POINT_PLACES)
        fp_text_addf(out, "%se-%lu", digits, places);
    else if (len > places)
        fp_text_addf(out, "%.*s.%s", (int)(len - places), digits, places ? digits + len - places : "0");
    else
        fp_text_addf(out, "0.%.*d%s", (int)(places - len), 0, digits);
    free(digits);
}

static void print_list(fp_text *out, const fp_node *n, int from, int to, int least)
{
    for (int k = from; k < to; k++) {
        if (k > from) fp_text_add(out, ", ");
        print(out, n->kids[k], least);
    }
}

static void print_call(fp_text *out, const char *name, const fp_node *n)
{
    fp_text_addf(out, "%s(", name);
    print_list(out, n, 0, n->count, LOOSE);
    fp_text_add(out, ")");
}

static void print_infix(fp_text *out, const fp_node *n, const char *sign, int left, int right)
{
    print(out, n->kids[0], left);
    fp_text_add(out, sign);
    print(out, n->kids[1], right);
}

static const char *relation(fp_compare op)
{
    static const char *const signs[] = {
        [FP_LE] = " <= ", [FP_LT] = " < ", [FP_GE] = " >= ", [FP_GT] = " > ", [FP_IDENTITY] = " = ", [FP_EQ] = " == ", [FP_NE] = " != "};
    return signs[op];
}

static void print_junction(fp_text *out, const fp_node *n)
{
    const fp_node *a = n->kids[0], *b = n->kids[1];
    if (is_shared_chain(n)) {
        print(out, a, COMPARISON);
        fp_text_add(out, relation(b->op));
        print(out, b->kids[1], SUM);
        return;
    }
    print_infix(out, n, n->kind == FP_NODE_AND ? " and " : " or ", a->kind == n->kind ? JUNCTION : NEGATED, NEGATED);
}

/* i in I1, j in neurons where cond: body */
static void print_binder(fp_text *out, const fp_node *n)
{
    for (int k = 0; k < n->binders; k++) {
        fp_text_addf(out, "%s%s in ", k ? ", " : "", n->names[k]);
        print(out, n->kids[k], LOOSE);
    }
    if (n->kids[n->binders]) {
        fp_text_add(out, " where ");
        print(out, n->kids[n->binders], LOOSE);
    }
    if (n->count <= n->binders + 1) return;
    fp_text_add(out, ": ");
    print(out, n->kids[n->binders + 1], LOOSE);
}

static void print_binder_form(fp_text *out, const char *name, const fp_node *n)
{
    fp_text_addf(out, "%s(", name);
    print_binder(out, n);
    fp_text_add(out, ")");
}

static void print_indexed(fp_text *out, const char *name, const fp_node *n)
{
    fp_text_add(out, name);
    if (!n->count) return;
    fp_text_add(out, "[");
    print_list(out, n, 0, n->count, SUM);
    fp_text_add(out, "]");
}

static void print_time(fp_text *out, const fp_time *t)
{
    if (t->name)
        fp_text_add(out, t->name);
    else
        print(out, t->value, SUM);
}

static void print_at(fp_text *out, const fp_node *n)
{
    fp_text_add(out, "at(");
    print_time(out, n->time);
    fp_text_add(out, ", ");
    print(out, n->kids[0], LOOSE);
    fp_text_add(out, ")");
}

static void print_use(fp_text *out, const fp_node *n)
{
    if (n->count)
        print_call(out, n->definition->name, n);
    else
        fp_text_add(out, n->definition->name);
}

static void print_prefix(fp_text *out, const char *sign, const fp_node *n, int least)
{
    fp_text_add(out, sign);
    print(out, n->kids[0], least);
}

static void print_range(fp_text *out, const fp_node *n)
{
    print_infix(out, n, "..", SUM, SUM);
}

static void print_interval(fp_text *out, const fp_node *n)
{
    fp_text_add(out, "[");
    print_list(out, n, 0, 2, SUM);
    fp_text_add(out, "]");
}

static void print_set_list(fp_text *out, const fp_node *n)
{
    fp_text_add(out, "{");
    print_list(out, n, 0, n->count, SUM);
    fp_text_add(out, "}");
}

static void print_quantifier(fp_text *out, const char *word, const fp_node *n)
{
    fp_text_add(out, word);
    print_binder(out, n);
}

static void print_bare(fp_text *out, const fp_node *n)
{
    switch (n->kind) {
    case FP_NODE_NUMBER: print_number(out, n); return;
    case FP_NODE_BASE: print_indexed(out, fp_base_name(n->base), n); return;
    case FP_NODE_VARIABLE:
    case FP_NODE_CONSTANT: fp_text_add(out, n->names[0]); return;
    case FP_NODE_USE: print_use(out, n); return;
    case FP_NODE_NEG: print_prefix(out, "-", n, UNARY); return;
    case FP_NODE_ADD: print_infix(out, n, " + ", SUM, PRODUCT); return;
    case FP_NODE_SUB: print_infix(out, n, " - ", SUM, PRODUCT); return;
    case FP_NODE_MUL: print_infix(out, n, "*", PRODUCT, UNARY); return;
    case FP_NODE_DIV: print_infix(out, n, "/", PRODUCT, UNARY); return;
    case FP_NODE_POW: print_infix(out, n, "^", ATOM, UNARY); return;
    case FP_NODE_ABS: print_call(out, "abs", n); return;
    case FP_NODE_SQRT: print_call(out, "sqrt", n); return;
    case FP_NODE_LOG: print_call(out, "log", n); return;
    case FP_NODE_EXP: print_call(out, "exp", n); return;
    case FP_NODE_MIN: print_call(out, "min", n); return;
    case FP_NODE_MAX: print_call(out, "max", n); return;
    case FP_NODE_DOT: print_call(out, "dot", n); return;
    case FP_NODE_SQNORM: print_call(out, "sqnorm", n); return;
    case FP_NODE_NORM: print_call(out, "norm", n); return;
    case FP_NODE_INIT: print_call(out, "init", n); return;
    case FP_NODE_D: print_call(out, "d", n); return;
    case FP_NODE_SLOPE: print_call(out, "slope", n); return;
    case FP_NODE_SUP: print_call(out, "sup", n); return;
    case FP_NODE_CHI2CDF: print_call(out, "chi2cdf", n); return;
    case FP_NODE_AT: print_at(out, n); return;
    case FP_NODE_SUM: print_binder_form(out, "sum", n); return;
    case FP_NODE_MIN_OVER: print_binder_form(out, "min", n); return;
    case FP_NODE_MAX_OVER: print_binder_form(out, "max", n); return;
    case FP_NODE_COUNT_OVER: print_binder_form(out, "count", n); return;
    case FP_NODE_COMPARE: print_infix(out, n, relation(n->op), SUM, SUM); return;
    case FP_NODE_NOT: print_prefix(out, "not ", n, NEGATED); return;
    case FP_NODE_AND:
    case FP_NODE_OR: print_junction(out, n); return;
    case FP_NODE_IMPLIES: print_infix(out, n, " implies ", JUNCTION, LOOSE); return;
    case FP_NODE_FORALL: print_quantifier(out, "for ", n); return;
    case FP_NODE_FORALL_REAL: print_quantifier(out, "for all real ", n); return;
    case FP_NODE_EXISTS: print_quantifier(out, "exists ", n); return;
    case FP_NODE_SET_BASE: print_indexed(out, fp_set_name(n->set), n); return;
    case FP_NODE_SET_RANGE: print_range(out, n); return;
    case FP_NODE_SET_LIST: print_set_list(out, n); return;
    case FP_NODE_SET_INTERVAL: print_interval(out, n); return;
    }
}

static void print(fp_text *out, const fp_node *n, int least)
{
    bool brackets = strength(n) < least;
    if (brackets) fp_text_add(out, "(");
    print_bare(out, n);
    if (brackets) fp_text_add(out, ")");
}

void fp_node_print(fp_text *out, const fp_node *node)
{
    print(out, node, LOOSE);
}

static void print_window(fp_text *out, const fp_claim *c)
{
    switch (c->written) {
    case FP_WINDOW_NONE: return;
    case FP_WINDOW_INITIALLY: fp_text_add(out, "initially: "); return;
    case FP_WINDOW_AT:
        fp_text_add(out, "at ");
        print_time(out, c->from);
        fp_text_add(out, ": ");
        return;
    case FP_WINDOW_ALWAYS:
    case FP_WINDOW_EVENTUALLY: break;
    }
    fp_text_addf(out, "%s %c", c->written == FP_WINDOW_ALWAYS ? "always" : "eventually", c->open_from ? '(' : '[');
    print_time(out, c->from);
    fp_text_add(out, ", ");
    print_time(out, c->to);
    fp_text_addf(out, "%c: ", c->open_to ? ')' : ']');
}

static void print_order(fp_text *out, const fp_claim *c)
{
    static const char *const orders[] = {[FP_ORDER_O] = "O", [FP_ORDER_OMEGA] = "Omega", [FP_ORDER_THETA] = "Theta", [FP_ORDER_LITTLE_O] = "o"};
    print(out, c->body, LOOSE); /* the FORALL nest ends in the expression */
    fp_text_addf(out, " is %s%s(", orders[c->order], c->order_tilde ? "~" : "");
    print(out, c->order_form, SUM);
    fp_text_add(out, ")");
}

static void print_globs(fp_text *out, const fp_list *globs)
{
    for (size_t k = 0; k < globs->count; k++) fp_text_addf(out, "%s%s", k ? ", " : "", globs->items[k]);
}

static void print_probability(fp_text *out, const fp_claim *c)
{
    fp_text_add(out, "claims ");
    print_globs(out, &c->of);
    fp_text_add(out, " hold with probability >= ");
    print(out, c->at_least, SUM);
    if (!c->given.count) return;
    fp_text_add(out, " given ");
    print_globs(out, &c->given);
}

void fp_claim_print(fp_text *out, const fp_claim *c)
{
    if (c->kind == FP_PROBABILITY) {
        print_probability(out, c);
        return;
    }
    print_window(out, c);
    if (c->kind == FP_ORDER)
        print_order(out, c);
    else
        print(out, c->body, LOOSE);
}
