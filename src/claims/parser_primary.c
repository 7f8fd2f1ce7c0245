/* SPDX-License-Identifier: MIT */
/* Numbers, brackets, names and calls. */
#include "sheet_impl.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_ARGUMENTS = 32, MAX_EXPONENT = 1000 };

static const struct {
    const char *name;
    fp_node_kind kind;
    int arguments; /* 0: any number from 1 */
} functions[] = {{"abs", FP_NODE_ABS, 1},       {"sqrt", FP_NODE_SQRT, 1}, {"log", FP_NODE_LOG, 1}, {"exp", FP_NODE_EXP, 1},
                 {"min", FP_NODE_MIN, 0},       {"max", FP_NODE_MAX, 0},   {"dot", FP_NODE_DOT, 2}, {"sqnorm", FP_NODE_SQNORM, 1},
                 {"norm", FP_NODE_NORM, 1},     {"init", FP_NODE_INIT, 1}, {"at", FP_NODE_AT, 1},   {"d", FP_NODE_D, 1},
                 {"slope", FP_NODE_SLOPE, 1},   {"sum", FP_NODE_SUM, 1},   {"count", FP_NODE_COUNT_OVER, 1},
                 {"chi2cdf", FP_NODE_CHI2CDF, 2}, {"sup", FP_NODE_SUP, 1}};
enum { FUNCTIONS = sizeof functions / sizeof functions[0] };

int fp_function_find(const fp_token *t)
{
    int k = FUNCTIONS - 1;
    while (k >= 0 && !fp_token_is(t, functions[k].name)) k--;
    return k;
}

static fp_node *parse_number(fp_parser *p)
{
    fp_token t = p->token;
    char *text = fp_strndup(t.s, t.n);
    const char *exponent = strpbrk(text, "eE");
    long size = exponent ? strtol(exponent + 1, NULL, 10) : 0;
    fp_node *n = fp_make(p, FP_NODE_NUMBER, t.place, 0);
    bool ok = size <= MAX_EXPONENT && size >= -MAX_EXPONENT && fp_rational_parse(n->number, text);
    /* Integers beyond any index are real numbers, so that indices fit a long. */
    bool whole = !strpbrk(text, ".eE") && mpz_fits_slong_p(mpq_numref(n->number));
    free(text);
    if (!ok) return fp_parse_fail(p, t.place, "found '%.*s', not a number the sheets allow: exponents go up to +-%d", (int)(t.n > 40 ? 40 : t.n), t.s, MAX_EXPONENT), NULL;
    n->type = whole ? FP_TYPE_INT : FP_TYPE_REAL;
    fp_parse_next(p);
    return fp_make_finish(p, n);
}

/* Words of other languages. */
static const char *translated(const fp_token *t)
{
    static const char *const words[][2] = {
        {"forall", "'for i in S: P' says it of every element of a set, 'for all real x in [a, b]: P' of real numbers"},
        {"ln", "the natural logarithm is log(x)"},
        {"lg", "logarithms are natural, log(x); to base 2, log(x)/log(2)"},
        {"log2", "logarithms are natural, log(x); to base 2, log(x)/log(2)"},
        {"log10", "logarithms are natural, log(x); to base 10, log(x)/log(10)"},
        {"inf", "there is no infinity; the end of the run is 'horizon', a lower bound min(i in S: e)"},
        {"infinity", "there is no infinity; the end of the run is 'horizon'"},
        {"prod", "a product over a set is exp(sum(i in S: log(e)))"},
    };
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (fp_token_is(t, words[k][0])) return words[k][1];
    return NULL;
}

static fp_node *unknown(fp_parser *p, const fp_token *t)
{
    if (translated(t)) return fp_parse_fail(p, t->place, "unknown name '%.*s'; %s", (int)t->n, t->s, translated(t)), NULL;
    const char *known[FP_BASE_COUNT + FP_SET_COUNT + FUNCTIONS + FP_SHEET_MAX_VARIABLES + 3 * FP_SHEET_MAX_DECLARATIONS];
    size_t n = 0;
    for (int b = 0; b < FP_BASE_COUNT; b++) known[n++] = fp_base_name((fp_base)b);
    for (int k = 0; k < FP_SET_COUNT; k++) known[n++] = fp_set_name((fp_set_id)k);
    for (int k = 0; k < FUNCTIONS; k++) known[n++] = functions[k].name;
    for (int k = p->scope_hidden; k < p->scope_count; k++) known[n++] = p->scope[k].name;
    for (const fp_names *names = p->names; names; names = names->outer)
        for (const fp_name *e = names->first; e && n < sizeof known / sizeof known[0]; e = e->next) known[n++] = e->name;
    char *word = fp_strndup(t->s, t->n > 60 ? 60 : t->n);
    const char *close = fp_closest(word, known, n);
    fp_parse_fail(p, t->place, "unknown name '%s'%s%s%s", word, close ? "; did you mean '" : "", close ? close : "",
                  close ? "'?" : "; a name must be declared with let, define, constant, time, for or sum before it is used");
    free(word);
    return NULL;
}

static fp_node *parse_index(fp_parser *p, fp_base base, int k)
{
    char what[80];
    char kind = fp_base_indices(base)[k];
    fp_node *n = fp_parse_sum(p);
    if (!n) return NULL;
    snprintf(what, sizeof what, "index %d of %s (a %s)", k + 1, fp_base_name(base),
             kind == 's' ? "sample" : kind == 't' ? "token" : kind == 'j' ? "neuron" : "position");
    return fp_want_int(p, n, what) && fp_want_free(p, n, "an index") && fp_want_from_one(p, n, what) ? n : NULL;
}

static fp_node *finish_base(fp_parser *p, fp_node *n)
{
    n->type = fp_base_type(n->base);
    if (!fp_make_finish(p, n)) return NULL;
    n->is_static &= fp_base_static(n->base);
    return n;
}

static fp_node *parse_indexed(fp_parser *p, fp_token name)
{
    fp_base base;
    fp_set_id set;
    if (fp_set_find(&set, &name)) return fp_parse_fail(p, name.place, "a set stands only behind 'in'; count(i in %s) is the number of its elements", fp_set_name(set)), NULL;
    if (!fp_base_find(&base, &name)) return unknown(p, &name);
    int arity = fp_base_arity(base);
    if (!arity) return fp_parse_fail(p, name.place, "%s takes no index", fp_base_name(base)), NULL;
    fp_node *n = fp_make(p, FP_NODE_BASE, name.place, arity);
    n->base = base;
    fp_parse_next(p);
    for (int k = 0; k < arity; k++) {
        if (k && !fp_parse_accept(p, ',')) {
            if (p->token.kind != ']') return fp_parse_expected(p, "','"), NULL;
            return fp_parse_fail(p, p->token.place, "%s takes %d indices, found %d", fp_base_name(base), arity, k), NULL;
        }
        if (!(n->kids[k] = parse_index(p, base, k))) return NULL;
    }
    if (p->token.kind == ',') return fp_parse_fail(p, p->token.place, "%s takes %d ind%s, found more", fp_base_name(base), arity, arity > 1 ? "ices" : "ex"), NULL;
    return fp_parse_expect(p, ']', "an operator or ']'") ? finish_base(p, n) : NULL;
}

/* Arguments up to the ')' ; the '(' is read. -1 after an error. */
static int parse_arguments(fp_parser *p, fp_node **args, int most)
{
    int count = 0;
    if (p->token.kind != ')') do {
            if (count == most) return fp_parse_fail(p, p->token.place, "too many arguments; at most %d", most) - 1;
            args[count] = fp_parse_proposition(p);
            if (!args[count++]) return -1;
        } while (fp_parse_accept(p, ','));
    return fp_parse_expect(p, ')', "an operator, ',' or ')'") ? count : -1;
}

static bool is_binder_form(fp_parser *p)
{
    fp_token after = fp_parse_peek(p);
    return p->token.kind == FP_TOKEN_NAME && fp_token_is(&after, "in");
}

static fp_node *parse_binder_form(fp_parser *p, fp_node_kind kind, fp_place place)
{
    if (kind == FP_NODE_MIN) kind = FP_NODE_MIN_OVER;
    if (kind == FP_NODE_MAX) kind = FP_NODE_MAX_OVER;
    fp_node *n = fp_parse_quantifier(p, kind);
    if (!n) return NULL;
    n->place = place;
    return fp_parse_expect(p, ')', kind == FP_NODE_COUNT_OVER ? "',', 'where' or ')'" : "an operator or ')'") ? n : NULL;
}

static bool check_at(fp_parser *p, fp_place place)
{
    if (p->in_init) return fp_parse_fail(p, place, "at(..) inside init(..): at t = 0 no later time is known");
    if (!p->sheet) return fp_parse_fail(p, place, "at(T, ..) belongs to sheets; a list of quantities may use init(..)");
    return true;
}

/* init, at, d, slope: what stands inside is not read at the current time, or not by value alone. */
static fp_node *parse_flow_form(fp_parser *p, fp_node_kind kind, fp_place place)
{
    const fp_time *time = NULL;
    bool was_init = p->in_init;
    if (kind == FP_NODE_AT) {
        if (!check_at(p, place) || !(time = fp_parse_time(p)) || !fp_parse_expect(p, ',', "',' and an expression, as in at(T1, loss)")) return NULL;
    }
    p->flow_depth++;
    p->in_init |= kind == FP_NODE_INIT;
    fp_node *e = fp_parse_proposition(p);
    p->in_init = was_init;
    p->flow_depth--;
    fp_node *n = e && fp_parse_expect(p, ')', "an operator or ')'") ? fp_make_function(p, kind, place, &e, 1) : NULL;
    if (n) n->time = time;
    return n;
}

/* One number for the whole claim at each t: no index from outside. */
static fp_node *parse_supremum(fp_parser *p, fp_place place)
{
    int hidden = p->scope_hidden;
    bool was_sup = p->in_sup;
    p->scope_hidden = p->scope_count;
    p->in_sup = true;
    fp_node *e = fp_parse_proposition(p);
    p->scope_hidden = hidden;
    p->in_sup = was_sup;
    return e && fp_parse_expect(p, ')', "an operator or ')'") ? fp_make_function(p, FP_NODE_SUP, place, &e, 1) : NULL;
}

static fp_node *parse_function(fp_parser *p, int k, fp_place place)
{
    fp_node *args[MAX_ARGUMENTS];
    fp_node_kind kind = functions[k].kind;
    if (kind == FP_NODE_SUM || kind == FP_NODE_COUNT_OVER) return parse_binder_form(p, kind, place);
    if ((kind == FP_NODE_MIN || kind == FP_NODE_MAX) && is_binder_form(p)) return parse_binder_form(p, kind, place);
    if (kind == FP_NODE_INIT || kind == FP_NODE_AT || kind == FP_NODE_D || kind == FP_NODE_SLOPE) return parse_flow_form(p, kind, place);
    if (kind == FP_NODE_SUP) return parse_supremum(p, place);
    int count = parse_arguments(p, args, MAX_ARGUMENTS), want = functions[k].arguments;
    if (count < 0) return NULL;
    if (want ? count != want : count < 1)
        return fp_parse_fail(p, place, "%s takes %s%d argument%s, found %d", functions[k].name, want ? "" : "at least ", want ? want : 1, want > 1 ? "s" : "", count), NULL;
    return fp_make_function(p, kind, place, args, count);
}

static fp_node *parse_call(fp_parser *p, fp_token name)
{
    fp_node *args[FP_SHEET_MAX_PARAMETERS];
    fp_base base;
    fp_parse_next(p);
    int function = fp_function_find(&name);
    if (function >= 0) return parse_function(p, function, name.place);
    fp_name *e = fp_names_find(p->names, name.s, name.n);
    if (!e && fp_base_find(&base, &name))
        return fp_parse_fail(p, name.place, "%s is not a function; %s", fp_base_name(base),
                             fp_base_arity(base) ? "indices stand in [..]" : "a product needs '*'"), NULL;
    if (!e) return unknown(p, &name);
    if (e->kind != FP_NAME_DEFINE) return fp_parse_fail(p, name.place, "'%s' takes no arguments; a product needs '*'", e->name), NULL;
    e->used = true;
    int count = parse_arguments(p, args, FP_SHEET_MAX_PARAMETERS), want = e->definition->parameters;
    if (count < 0) return NULL;
    if (count != want) return fp_parse_fail(p, name.place, "%s takes %d argument%s, found %d", e->name, want, want > 1 ? "s" : "", count), NULL;
    return fp_make_use(p, name.place, e, args);
}

static fp_node *make_variable(fp_parser *p, fp_place place, int slot)
{
    const fp_variable *v = &p->scope[slot];
    if (slot < p->scope_hidden && p->in_sup)
        return fp_parse_fail(p, place, "the index '%s' is bound outside sup(..), which is one number at each time; write sup(max(%s in ..: ..))", v->name, v->name), NULL;
    if (slot < p->scope_hidden) return fp_parse_fail(p, place, "the index '%s' cannot be used in a time: a time is one for the whole claim", v->name), NULL;
    if (v->moving && p->flow_depth > v->flow_depth)
        return fp_parse_fail(p, place, "'%s' ranges over values that depend on time, so it cannot stand inside d, slope, init or at", v->name), NULL;
    bool real = v->set && (v->set->kind == FP_NODE_SET_INTERVAL || fp_node_boxed(v->set)->has_real);
    if (real && p->flow_depth > v->flow_depth)
        return fp_parse_fail(p, place, "'%s' is a variable of 'for all real', so it cannot stand inside d, slope, init or at; write it outside", v->name), NULL;
    if (v->parameter >= 0 && p->flow_depth) p->parameter_flow[v->parameter] = true;
    fp_node *n = fp_make(p, FP_NODE_VARIABLE, place, 0);
    const char **names = fp_arena_alloc(p->arena, 1, sizeof *names);
    names[0] = v->name;
    n->names = names;
    n->slot = slot;
    n->type = v->type;
    if (!fp_make_finish(p, n)) return NULL;
    n->is_static = !v->moving;
    ((fp_node_box *)n)->has_real = real;
    return n;
}

static fp_node *make_constant(fp_parser *p, fp_place place, const fp_name *e)
{
    if (p->flow_depth) return fp_parse_fail(p, place, "the constant '%s' cannot stand inside d, slope, init or at; move it outside", e->name), NULL;
    fp_node *n = fp_make(p, FP_NODE_CONSTANT, place, 0);
    const char **names = fp_arena_alloc(p->arena, 1, sizeof *names);
    names[0] = e->name;
    n->names = names;
    n->index = e->index;
    n->type = FP_TYPE_REAL;
    if (!fp_make_finish(p, n)) return NULL;
    n->has_constant = true;
    ((fp_node_box *)n)->constants = UINT64_C(1) << e->index;
    return n;
}

static fp_node *use_declared(fp_parser *p, fp_place place, fp_name *e)
{
    e->used = true;
    if (e->kind == FP_NAME_CONSTANT) return make_constant(p, place, e);
    if (e->kind == FP_NAME_DEFINE) return fp_parse_fail(p, place, "'%s' needs its arguments: %s(..)", e->name, e->name), NULL;
    if (e->definition) return fp_make_use(p, place, e, NULL);
    return fp_parse_fail(p, place, "the time '%s' is found along the run and cannot enter an expression; it may stand in windows and in at(%s, ..)", e->name, e->name), NULL;
}

static fp_node *parse_plain(fp_parser *p, fp_token name)
{
    fp_base base;
    fp_set_id set;
    for (int k = p->scope_count - 1; k >= 0; k--)
        if (fp_token_is(&name, p->scope[k].name)) return make_variable(p, name.place, k);
    fp_name *e = fp_names_find(p->names, name.s, name.n);
    if (e) return use_declared(p, name.place, e);
    if (fp_set_find(&set, &name)) return fp_parse_fail(p, name.place, "a set stands only behind 'in'; count(i in %s) is the number of its elements", fp_set_name(set)), NULL;
    if (!fp_base_find(&base, &name)) return unknown(p, &name);
    int arity = fp_base_arity(base);
    if (arity) return fp_parse_fail(p, name.place, "%s needs %d ind%s in [..]", fp_base_name(base), arity, arity > 1 ? "ices" : "ex"), NULL;
    fp_node *n = fp_make(p, FP_NODE_BASE, name.place, 0);
    n->base = base;
    return finish_base(p, n);
}

static fp_node *misplaced(fp_parser *p)
{
    static const char *const windows[] = {"initially", "at", "always", "eventually"};
    for (int k = 0; k < 4; k++)
        if (fp_token_is(&p->token, windows[k]))
            return fp_parse_fail(p, p->token.place, "a window stands once, behind the leading 'for's and before the proposition; it cannot stand inside 'exists' or an expression"), NULL;
    return fp_parse_expected(p, "a number, a name, '(' or '-'"), NULL;
}

static fp_node *parse_name(fp_parser *p)
{
    fp_token name = p->token;
    fp_token after = fp_parse_peek(p);
    bool call = after.kind == '(', function = call && fp_function_find(&name) >= 0;
    fp_set_id set;
    if (fp_word_is_reserved(name.s, name.n) && !fp_set_find(&set, &name) && !function) return misplaced(p);
    fp_parse_next(p);
    if (call) return parse_call(p, name);
    return p->token.kind == '[' ? parse_indexed(p, name) : parse_plain(p, name);
}

fp_node *fp_parse_primary(fp_parser *p)
{
    if (p->token.kind == FP_TOKEN_NUMBER) return parse_number(p);
    if (p->token.kind == FP_TOKEN_NAME) return parse_name(p);
    if (!fp_parse_accept(p, '(')) return misplaced(p);
    fp_node *n = fp_parse_proposition(p);
    return n && fp_parse_expect(p, ')', "an operator or ')'") ? n : NULL;
}
