/* SPDX-License-Identifier: MIT */
/* Declarations: constant, let, define, time; and requires, globs. */
#include "sheet_impl.h"

#include <string.h>

/* Does the name come from the prelude of elsewhere? */
static bool is_standard(const fp_names *names, const fp_name *name)
{
    for (; names; names = names->outer)
        for (const fp_name *e = names->first; names->is_standard && e; e = e->next)
            if (e == name) return true;
    return false;
}

static bool check_new_name(fp_parser *p, const fp_token *t, bool call)
{
    fp_base base;
    if (fp_word_is_reserved(t->s, t->n) || (call && fp_token_is(t, "d")))
        return fp_parse_fail(p, t->place, "'%.*s' is a word of the language and cannot be declared", (int)t->n, t->s);
    if (fp_base_find(&base, t) && !fp_base_arity(base))
        return fp_parse_fail(p, t->place, "'%s' is a %s and cannot be declared anew", fp_base_name(base),
                             fp_base_is_parameter(base) ? "parameter" : "quantity of the flow");
    const fp_name *other = fp_names_find(p->names, t->s, t->n);
    if (other)
        return fp_parse_fail(p, t->place, "'%s' is declared already, at %s:%d:%d%s", other->name, other->place.file, other->place.line, other->place.column,
                             is_standard(p->names, other) ? ", in the standard prelude; take another name, or put a prelude.claim of your own beside the sheet (its first line: prelude)" : "");
    if (p->names->count >= FP_SHEET_MAX_DECLARATIONS)
        return fp_parse_fail(p, t->place, "too many declarations; at most %d in one sheet", FP_SHEET_MAX_DECLARATIONS);
    return true;
}

char *fp_parse_name(fp_parser *p, fp_place *place, const char *what)
{
    *place = p->token.place;
    if (p->token.kind != FP_TOKEN_NAME) return fp_parse_expected(p, what), NULL;
    fp_token after = fp_parse_peek(p);
    if (!check_new_name(p, &p->token, after.kind == '(')) return NULL;
    char *name = fp_arena_strndup(p->arena, p->token.s, p->token.n);
    fp_parse_next(p);
    return name;
}

/* [paper "Lemma D.1, p. 21"]: where the paper has what is declared here */
bool fp_parse_paper(fp_parser *p, const char **paper)
{
    if (!fp_parse_accept_word(p, "paper")) return fp_parse_done(p);
    if (p->token.kind != FP_TOKEN_STRING) return fp_parse_expected(p, "a text in quotes: where the paper has it, such as \"(16), p. 52\"");
    if (p->token.n == 0) return fp_parse_fail(p, p->token.place, "an empty text; it says where the paper has it, such as \"(16), p. 52\"");
    *paper = fp_arena_strndup(p->arena, p->token.s, p->token.n);
    fp_parse_next(p);
    return fp_parse_done(p);
}

static bool parse_because(fp_parser *p, fp_constant *c)
{
    if (!fp_parse_accept_word(p, "because")) return fp_parse_done(p);
    if (p->token.kind != FP_TOKEN_STRING) return fp_parse_expected(p, "a text in quotes");
    c->because = fp_arena_strndup(p->arena, p->token.s, p->token.n);
    fp_parse_next(p);
    return fp_parse_done(p);
}

static bool parse_constant_value(fp_parser *p, fp_constant *c)
{
    fp_node *value = fp_parse_sum(p);
    if (!value) return false;
    if (!fp_node_rational(c->value, value))
        return fp_parse_fail(p, value->place, "the value of a constant must be an exact number, such as 1/2 or 0.1");
    c->smallest = fp_token_is(&p->token, "smallest");
    if (!c->smallest && !fp_token_is(&p->token, "largest")) return fp_parse_expected(p, "'smallest' or 'largest': which extreme value is to be reported");
    fp_parse_next(p);
    return parse_because(p, c);
}

/* constant C = 1/2 smallest [because "text"] */
bool fp_parse_constant(fp_parser *p)
{
    fp_sheet *s = p->sheet;
    fp_place place;
    char *name = fp_parse_name(p, &place, "the name of a constant");
    if (!name || !fp_parse_expect(p, '=', "'='")) return false;
    if (s->constants_count == FP_SHEET_MAX_CONSTANTS) return fp_parse_fail(p, place, "too many constants; at most %d in one sheet", FP_SHEET_MAX_CONSTANTS);
    if (!s->constants) s->constants = fp_arena_alloc(p->arena, FP_SHEET_MAX_CONSTANTS, sizeof *s->constants);
    fp_constant *c = &s->constants[s->constants_count];
    c->name = name;
    c->place = place;
    c->index = s->constants_count++;
    fp_arena_mpq_init(p->arena, c->value);
    fp_names_add(p->arena, p->names, FP_NAME_CONSTANT, name, place)->index = c->index;
    return parse_constant_value(p, c);
}

static fp_definition *new_definition(fp_parser *p, const char *name, fp_place place)
{
    fp_definition *f = fp_arena_alloc(p->arena, 1, sizeof *f);
    f->name = name;
    f->place = place;
    return f;
}

static void add_definition(fp_parser *p, fp_definition *f, fp_node *body)
{
    fp_sheet *s = p->sheet;
    f->body = body;
    f->frame = p->frame;
    f->id = p->ids->definitions++;
    s->definitions = fp_arena_grow(p->arena, s->definitions, s->definitions_count, sizeof *s->definitions);
    s->definitions[s->definitions_count++] = f;
}

/* let r = S2/S3 */
bool fp_parse_let(fp_parser *p)
{
    fp_place place;
    char *name = fp_parse_name(p, &place, "a name");
    if (!name) return false;
    if (p->token.kind == '(') return fp_parse_fail(p, p->token.place, "a let takes no parameters; write define %s(..) = ..", name);
    if (!fp_parse_expect(p, '=', "'='")) return false;
    fp_node *body = fp_parse_proposition(p);
    fp_definition *f = new_definition(p, name, place);
    if (!body || !fp_parse_paper(p, &f->paper)) return false;
    add_definition(p, f, body);
    fp_names_add(p->arena, p->names, FP_NAME_LET, name, place)->definition = f;
    return true;
}

static bool parse_parameters(fp_parser *p, fp_definition *f)
{
    do {
        fp_token t = p->token;
        fp_base base;
        fp_name *other = fp_names_find(p->names, t.s, t.n);
        if (t.kind != FP_TOKEN_NAME) return fp_parse_expected(p, "the name of a parameter");
        if (fp_word_is_reserved(t.s, t.n) || (fp_base_find(&base, &t) && fp_base_is_parameter(base)) || (other && other->kind != FP_NAME_DEFINE))
            return fp_parse_fail(p, t.place, "'%.*s' has a meaning already and cannot name a parameter", (int)t.n, t.s);
        for (int k = 0; k < f->parameters; k++)
            if (fp_token_is(&t, f->parameter_names[k])) return fp_parse_fail(p, t.place, "two parameters are called '%s'", f->parameter_names[k]);
        if (f->parameters == FP_SHEET_MAX_PARAMETERS) return fp_parse_fail(p, t.place, "at most %d parameters", FP_SHEET_MAX_PARAMETERS);
        f->parameter_names[f->parameters++] = fp_arena_strndup(p->arena, t.s, t.n);
        fp_parse_next(p);
    } while (fp_parse_accept(p, ','));
    return fp_parse_expect(p, ')', "',' or ')'") && fp_parse_expect(p, '=', "'='");
}

static void bind_parameters(fp_parser *p, const fp_definition *f)
{
    for (int k = 0; k < f->parameters; k++)
        p->scope[k] = (fp_variable){.name = f->parameter_names[k], .place = f->place, .type = f->parameter_types[k], .parameter = k};
    p->scope_count = p->frame = f->parameters;
}

/* The body is read twice: the first time with INT for all parameters, noting which have to be (indices, ends of ranges, ==). */
static fp_node *parse_define_body(fp_parser *p, fp_definition *f)
{
    fp_parser again = *p;
    fp_ids ids = *p->ids;
    int times = p->sheet->times_count;
    for (int k = 0; k < f->parameters; k++) {
        f->parameter_types[k] = FP_TYPE_INT;
        p->parameter_int[k] = p->parameter_flow[k] = false;
    }
    bind_parameters(p, f);
    fp_node *body = fp_parse_proposition(p);
    if (!body || !fp_parse_paper(p, &f->paper)) return NULL;
    for (int k = 0; k < f->parameters; k++) f->parameter_types[k] = p->parameter_int[k] ? FP_TYPE_INT : FP_TYPE_REAL;
    memcpy(again.parameter_int, p->parameter_int, sizeof again.parameter_int);
    memcpy(again.parameter_flow, p->parameter_flow, sizeof again.parameter_flow);
    *p = again;
    *p->ids = ids;
    p->sheet->times_count = times;
    bind_parameters(p, f);
    body = fp_parse_proposition(p);
    return body && fp_parse_paper(p, &f->paper) ? body : NULL;
}

/* define e(x) = sqrt((4/m)*log(x)) */
bool fp_parse_define(fp_parser *p)
{
    fp_place place;
    char *name = fp_parse_name(p, &place, "a name");
    if (!name) return false;
    fp_definition *f = new_definition(p, name, place);
    if (!fp_parse_accept(p, '(')) return fp_parse_expected(p, "'(' and parameters; a definition without parameters is a let");
    if (!parse_parameters(p, f)) return false;
    fp_node *body = parse_define_body(p, f);
    if (!body) return false;
    add_definition(p, f, body);
    fp_name *e = fp_names_add(p->arena, p->names, FP_NAME_DEFINE, name, place);
    e->definition = f;
    memcpy(e->flow, p->parameter_flow, sizeof e->flow);
    return true;
}

bool fp_parse_requires(fp_parser *p)
{
    fp_node *n = fp_parse_proposition(p);
    if (!n || !fp_parse_done(p) || !fp_want_bool(p, n, "a requirement") || !fp_want_static(p, n, "a requirement") ||
        !fp_want_free(p, n, "a requirement"))
        return false;
    fp_sheet *s = p->sheet;
    s->requires_ = s->requires_ ? fp_make_logic(p, FP_NODE_AND, n->place, s->requires_, n) : n;
    return s->requires_ != NULL;
}

/* Words such as D.1/norms, wildcards allowed, separated by commas. */
bool fp_parse_globs(fp_parser *p, fp_list *out, const char *stop_word)
{
    char q[FP_QUOTE];
    do {
        fp_token w;
        if (stop_word && fp_token_is(&p->token, stop_word)) break;
        if (!fp_parse_word(p, &w, "")) return fp_parse_expected(p, "the name of a claim, such as D.1/norms or D.1/*");
        for (size_t k = 0; k < w.n; k++)
            if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/*?", w.s[k]))
                return fp_parse_fail(p, w.place, "'%s' is no name of claims; allowed are letters, digits, . _ - / and the wildcards * ?", fp_quote(q, w.s, w.n));
        fp_arena_list_add(p->arena, out, w.s, w.n);
    } while (fp_parse_accept(p, ','));
    return out->count > 0 || fp_parse_expected(p, "the name of a claim, such as D.1/norms or D.1/*");
}
