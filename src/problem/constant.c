/* SPDX-License-Identifier: MIT */
/* Constant expressions: recursive descent that evaluates as it reads.
 *   sum     = product { (+|-) product }
 *   product = signed { (*|/) signed }
 *   signed  = (+|-) signed | power
 *   power   = atom [ ^ signed ]              so -x^2 = -(x^2) and ^ binds to the right
 *   atom    = number | name | (sqrt|log|exp) ( sum ) | ( sum ) */
#include "internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 100, MAX_NAME = 32 };

typedef struct {
    const char *text, *next, *bad; /* bad: where the error is */
    const char *const *names;
    arb_srcptr values;
    size_t count;
    slong prec;
    int depth;
    fp_error *err;
} parser;

typedef void (*unary)(arb_t, const arb_t, slong);
static const struct {
    const char *name;
    unary f;
} functions[] = {{"sqrt", arb_sqrt}, {"log", arb_log}, {"exp", arb_exp}};
enum { FUNCTIONS = sizeof functions / sizeof functions[0] };

static bool parse_sum(arb_t out, parser *p);
static bool parse_signed(arb_t out, parser *p);

static char peek(parser *p)
{
    while (*p->next == ' ' || *p->next == '\t') p->next++;
    return *p->next;
}

static bool fail(parser *p, const char *where, const char *message)
{
    p->bad = where;
    fp_fail(p->err, FP_BAD_INPUT, "%s", message);
    return false;
}

static bool fail_found(parser *p, const char *expected)
{
    char q[FP_QUOTE];
    p->bad = p->next;
    if (*p->next == '\0')
        fp_fail(p->err, FP_BAD_INPUT, "expected %s, found the end of the expression", expected);
    else
        fp_fail(p->err, FP_BAD_INPUT, "expected %s, found '%s'", expected, fp_quote(q, p->next, strlen(p->next)));
    return false;
}

/* An operation that turns finite operands into something else is outside its domain. */
static bool defined(parser *p, const arb_t out, bool operands_finite, const char *where)
{
    if (!operands_finite || arb_is_finite(out)) return true;
    return fail(p, where, "not defined here: division by zero, sqrt or log outside its domain, or a number too large");
}

static bool parse_number(arb_t out, parser *p)
{
    const char *s = p->next, *e = s;
    e += strspn(e, "0123456789");
    if (*e == '.') e += 1 + strspn(e + 1, "0123456789");
    if (*e == 'e' || *e == 'E') {
        const char *x = e + 1 + (e[1] == '+' || e[1] == '-');
        if (isdigit((unsigned char)*x)) e = x + strspn(x, "0123456789");
    }
    char *literal = fp_strndup(s, (size_t)(e - s));
    mpq_t q;
    mpq_init(q);
    bool ok = fp_rational_parse(q, literal);
    if (ok)
        fp_ball_set_rational(out, q, p->prec);
    else
        fail(p, s, "not a number: allowed are decimals like 12, 0.5, 1e-3 with exponents up to +-100000");
    mpq_clear(q);
    free(literal);
    p->next = e;
    return ok;
}

static bool parse_parenthesis(arb_t out, parser *p)
{
    if (peek(p) != '(') return fail_found(p, "'('");
    p->next++;
    if (!parse_sum(out, p)) return false;
    if (peek(p) != ')') return fail_found(p, "an operator or ')'");
    p->next++;
    return true;
}

static bool apply_function(arb_t out, parser *p, unary f, const char *where)
{
    arb_t x;
    arb_init(x);
    bool ok = parse_parenthesis(x, p);
    if (ok) {
        f(out, x, p->prec);
        ok = defined(p, out, arb_is_finite(x), where);
    }
    arb_clear(x);
    return ok;
}

static bool unknown_name(parser *p, const char *where, const char *word)
{
    const char *known[MAX_NAME];
    size_t n = 0;
    fp_text list = {0};
    for (size_t i = 0; i < p->count && n < MAX_NAME - FUNCTIONS - 1; i++) known[n++] = p->names[i];
    known[n++] = "pi";
    for (size_t i = 0; i < FUNCTIONS; i++) known[n++] = functions[i].name;
    for (size_t i = 0; i < n; i++) fp_text_addf(&list, "%s%s", i ? " " : "", known[i]);
    const char *close = fp_closest(word, known, n);
    p->bad = where;
    fp_fail(p->err, FP_BAD_INPUT, "unknown name '%s'%s%s%s; allowed: %s", word, close ? ", did you mean '" : "",
            close ? close : "", close ? "'?" : "", list.data);
    fp_text_clear(&list);
    return false;
}

static bool parse_name(arb_t out, parser *p)
{
    const char *where = p->next;
    char word[MAX_NAME];
    size_t len = 0;
    for (; isalnum((unsigned char)*p->next) || *p->next == '_'; p->next++)
        if (len + 1 < sizeof word) word[len++] = *p->next;
    word[len] = '\0';
    for (size_t i = 0; i < p->count; i++)
        if (strcmp(word, p->names[i]) == 0) {
            arb_set(out, p->values + i);
            return true;
        }
    for (size_t i = 0; i < FUNCTIONS; i++)
        if (strcmp(word, functions[i].name) == 0) return apply_function(out, p, functions[i].f, where);
    if (strcmp(word, "pi") == 0) {
        arb_const_pi(out, p->prec);
        return true;
    }
    return unknown_name(p, where, word);
}

static bool parse_atom(arb_t out, parser *p)
{
    char c = peek(p);
    if (isdigit((unsigned char)c) || (c == '.' && isdigit((unsigned char)p->next[1]))) return parse_number(out, p);
    if (isalpha((unsigned char)c)) return parse_name(out, p);
    if (c == '(') return parse_parenthesis(out, p);
    return fail_found(p, "a number, a name or '('");
}

static bool parse_power(arb_t out, parser *p)
{
    if (!parse_atom(out, p)) return false;
    if (peek(p) != '^') return true;
    const char *where = p->next++;
    arb_t y;
    arb_init(y);
    bool ok = parse_signed(y, p);
    if (ok) {
        bool finite = arb_is_finite(out) && arb_is_finite(y);
        arb_pow(out, out, y, p->prec);
        ok = defined(p, out, finite, where);
    }
    arb_clear(y);
    return ok;
}

/* Every recursion passes here, so this is where depth is bounded. */
static bool parse_signed(arb_t out, parser *p)
{
    if (++p->depth > MAX_DEPTH) return fail(p, p->next, "nested too deeply; allowed are 100 levels");
    char c = peek(p);
    bool ok;
    if (c == '-' || c == '+') {
        p->next++;
        ok = parse_signed(out, p);
        if (c == '-') arb_neg(out, out);
    } else {
        ok = parse_power(out, p);
    }
    p->depth--;
    return ok;
}

static void combine(arb_t out, char op, const arb_t y, slong prec)
{
    switch (op) {
    case '+': arb_add(out, out, y, prec); break;
    case '-': arb_sub(out, out, y, prec); break;
    case '*': arb_mul(out, out, y, prec); break;
    default: arb_div(out, out, y, prec); break;
    }
}

static bool parse_chain(arb_t out, parser *p, const char *ops, bool (*operand)(arb_t, parser *))
{
    if (!operand(out, p)) return false;
    arb_t y;
    arb_init(y);
    bool ok = true;
    for (char c = peek(p); ok && c != '\0' && strchr(ops, c); c = peek(p)) {
        const char *where = p->next++;
        ok = operand(y, p);
        if (ok) {
            bool finite = arb_is_finite(out) && arb_is_finite(y);
            combine(out, c, y, p->prec);
            ok = defined(p, out, finite, where);
        }
    }
    arb_clear(y);
    return ok;
}

static bool parse_product(arb_t out, parser *p) { return parse_chain(out, p, "*/", parse_signed); }

static bool parse_sum(arb_t out, parser *p) { return parse_chain(out, p, "+-", parse_product); }

fp_status fp_constant_parse(arb_t out, const char *text, const char *const names[], arb_srcptr values, size_t count,
                            slong prec, size_t *at, fp_error *err)
{
    parser p = {.text = text, .next = text, .bad = text, .names = names, .values = values, .count = count, .prec = prec, .err = err};
    arb_t x;
    arb_init(x);
    bool ok = parse_sum(x, &p);
    if (ok && peek(&p) != '\0') ok = fail_found(&p, "an operator or the end");
    if (ok)
        arb_swap(out, x);
    else
        *at = (size_t)(p.bad - text);
    arb_clear(x);
    return ok ? FP_OK : FP_BAD_INPUT;
}

fp_status fp_constant_eval(arb_t out, const char *text, const char *const names[], arb_srcptr values, size_t count, slong prec,
                           fp_error *err)
{
    size_t at = 0;
    fp_error inner = {FP_OK, ""};
    if (fp_constant_parse(out, text, names, values, count, prec, &at, &inner) == FP_OK) return FP_OK;
    return fp_fail(err, FP_BAD_INPUT, "column %zu: %s", at + 1, inner.message);
}
