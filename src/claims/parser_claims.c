/* SPDX-License-Identifier: MIT */
/* claim, order and probability fields. */
#include "sheet_impl.h"

#include <string.h>

enum { MAX_FORS = 8 };

typedef struct {
    fp_place place;
    fp_variable vars[FP_SHEET_MAX_BINDERS];
    int count, slot;
    fp_node *where;
} leading_for;

static bool parse_variant(fp_parser *p, fp_claim *c)
{
    if (!fp_parse_accept_word(p, "variant")) return true;
    if (p->token.kind != FP_TOKEN_STRING || !p->token.n) return fp_parse_expected(p, "the variant in quotes, such as \"printed\" or \"meant\"");
    c->variant = fp_arena_strndup(p->arena, p->token.s, p->token.n);
    fp_parse_next(p);
    return true;
}

static const fp_claim *find_claim(const fp_sheet *s, const char *name)
{
    for (int k = 0; k < s->claims_count; k++)
        if (strcmp(s->claims[k]->name, name) == 0) return s->claims[k];
    return NULL;
}

static bool check_claim_name(fp_parser *p, fp_claim *c, const fp_token *w)
{
    char q[FP_QUOTE];
    for (size_t k = 0; k < w->n; k++)
        if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-", w->s[k]))
            return fp_parse_fail(p, w->place, "'%s' cannot name a claim; allowed are letters, digits, . _ -", fp_quote(q, w->s, w->n));
    c->name = fp_arena_strndup(p->arena, w->s, w->n);
    if (find_claim(p->sheet, c->name)) return fp_parse_fail(p, w->place, "this sheet has a claim '%s' already; variants need names of their own", c->name);
    if (!p->sheet->is_twin) return true;
    const fp_claim *original = find_claim(p->sheet->original, c->name);
    if (!original) return fp_parse_fail(p, w->place, "statement %s has no claim '%s' that this could be the twin of", p->sheet->number, c->name);
    c->variant = original->variant;
    return true;
}

/* NAME [variant "..."] : */
static bool parse_head(fp_parser *p, fp_claim *c)
{
    fp_token w;
    c->place = p->token.place;
    if (!fp_parse_word(p, &w, ":")) return fp_parse_expected(p, "the name of the claim");
    if (!check_claim_name(p, c, &w) || !parse_variant(p, c) || !fp_parse_expect(p, ':', "'variant' or ':'")) return false;
    fp_text id = {0};
    fp_text_addf(&id, "%s/%s", p->sheet->number, c->name);
    c->id = fp_arena_strndup(p->arena, id.data, id.len);
    fp_text_clear(&id);
    return true;
}

static bool parse_for(fp_parser *p, leading_for *f)
{
    f->place = p->token.place;
    f->slot = p->scope_count;
    fp_parse_next(p);
    return fp_parse_binders(p, FP_NODE_FORALL, f->vars, &f->count, &f->where) && fp_parse_expect(p, ':', "',', 'where' or ':'");
}

static bool parse_fors(fp_parser *p, leading_for *fors, int *count)
{
    while (fp_token_is(&p->token, "for") && !fp_parse_is_real(p)) {
        if (*count == MAX_FORS) return fp_parse_fail(p, p->token.place, "at most %d leading 'for's; one 'for' takes several indices", MAX_FORS);
        if (!parse_for(p, &fors[*count])) return false;
        ++*count;
    }
    return true;
}

static bool parse_stretch(fp_parser *p, fp_claim *c)
{
    c->open_from = p->token.kind == '(';
    if (!fp_parse_accept(p, '(') && !fp_parse_accept(p, '[')) return fp_parse_expected(p, "'[' or '(' of a window, as in [T1, T2]");
    if (!(c->from = fp_parse_time(p)) || !fp_parse_expect(p, ',', "','")) return false;
    fp_place end = p->token.place;
    if (!(c->to = fp_parse_time(p)) || !fp_want_final(p, c->to, end, "end a window")) return false;
    c->open_to = p->token.kind == ')';
    return fp_parse_accept(p, ')') || fp_parse_accept(p, ']') || fp_parse_expected(p, "']' or ')'");
}

static bool parse_window(fp_parser *p, fp_claim *c)
{
    fp_token after = fp_parse_peek(p);
    bool at = fp_token_is(&p->token, "at") && after.kind != '(';
    if (at) {
        c->window = FP_WINDOW_AT;
        fp_parse_next(p);
        if (!(c->from = fp_parse_time(p))) return false;
    } else if (fp_parse_accept_word(p, "initially")) {
        c->window = FP_WINDOW_INITIALLY;
    } else if (fp_token_is(&p->token, "always") || fp_token_is(&p->token, "eventually")) {
        c->window = fp_token_is(&p->token, "always") ? FP_WINDOW_ALWAYS : FP_WINDOW_EVENTUALLY;
        fp_parse_next(p);
        if (!parse_stretch(p, c)) return false;
    } else {
        return true;
    }
    return fp_parse_expect(p, ':', "':' behind the window");
}

static bool check_window(fp_parser *p, const fp_claim *c, const fp_node *n)
{
    const fp_node_box *box = fp_node_boxed(n);
    if (box->has_box && c->window != FP_WINDOW_NONE)
        return fp_parse_fail(p, n->place, "'for all real' speaks of no time; state it in a claim of its own, without a window");
    if (box->has_sup && c->window == FP_WINDOW_INITIALLY)
        return fp_parse_fail(p, n->place, "at t = 0 the supremum over [0, t] is the value itself; leave sup(..) away");
    return c->window != FP_WINDOW_NONE || n->is_static ||
           fp_parse_fail(p, n->place, "this depends on time, so it needs a window: initially:, at T:, always [a, b]: or eventually [a, b]:");
}

static bool check_constants(fp_parser *p, fp_claim *c, const fp_node *n)
{
    int used = 0;
    c->constants = fp_node_boxed(n)->constants;
    for (uint64_t bits = c->constants; bits; bits &= bits - 1) used++;
    return used <= FP_SHEET_MAX_CLAIM_CONSTANTS ||
           fp_parse_fail(p, c->place, "the claim uses %d declared constants; at most %d", used, FP_SHEET_MAX_CLAIM_CONSTANTS);
}

/* What the checker could not examine: at() of a time that is not final in this window, an identity at an unknown time. */
static bool check_temporal(fp_parser *p, const fp_claim *c, const fp_node *n, const fp_place *place)
{
    if (!n) return true;
    fp_place here = place ? *place : n->place;
    bool begins = n->time && n->time == c->from;
    if (n->kind == FP_NODE_AT && n->time && !begins && !fp_want_final(p, n->time, here, "be read by at() in a window that begins elsewhere")) return false;
    if (n->kind == FP_NODE_COMPARE && n->op == FP_IDENTITY && c->window == FP_WINDOW_EVENTUALLY)
        return fp_parse_fail(p, here, "'=' at an unknown time cannot be examined: rounding hides it; in 'eventually' write an inequality, such as abs(a - b) <= 1/1000");
    for (int k = 0; k < n->count; k++)
        if (!check_temporal(p, c, n->kids[k], place)) return false;
    return n->kind != FP_NODE_USE || check_temporal(p, c, n->definition->body, &here);
}

/* EXPR is ORDER[~](FORM) */
static bool parse_order(fp_parser *p, fp_claim *c)
{
    static const struct {
        const char *name;
        fp_order_kind order;
    } orders[] = {{"O", FP_ORDER_O}, {"Omega", FP_ORDER_OMEGA}, {"Theta", FP_ORDER_THETA}, {"o", FP_ORDER_LITTLE_O}};
    const char *allowed = "an order: O( , Omega( , Theta( or o( , with ~ before the bracket for powers of log";
    c->order_expression = fp_parse_sum(p);
    if (!c->order_expression) return false;
    if (!fp_parse_accept_word(p, "is")) return fp_parse_expected(p, "an operator or 'is' and an order, as in: is O~(1/m)");
    size_t k = 0;
    while (k < 4 && !fp_token_is(&p->token, orders[k].name)) k++;
    if (k == 4) return fp_parse_expected(p, allowed);
    c->order = orders[k].order;
    fp_parse_next(p);
    c->order_tilde = fp_parse_accept(p, '~');
    if (!fp_parse_expect(p, '(', "'~' or '('") || !(c->order_form = fp_parse_sum(p)) || !fp_parse_expect(p, ')', "an operator or ')'")) return false;
    const fp_node *sides[] = {c->order_expression, c->order_form};
    for (int s = 0; s < 2; s++)
        if (!fp_want_numeric(p, sides[s], "a side of an order line") || !fp_want_free(p, sides[s], "an order line") || !check_window(p, c, sides[s]))
            return false;
    c->body = c->order_expression;
    return check_temporal(p, c, c->order_expression, NULL) && check_temporal(p, c, c->order_form, NULL);
}

static bool parse_proposition(fp_parser *p, fp_claim *c)
{
    c->body = fp_parse_proposition(p);
    if (!c->body) return false;
    if (fp_token_is(&p->token, "is")) return fp_parse_fail(p, p->token.place, "'is' belongs to order lines; this is a claim");
    return fp_parse_done(p) && fp_want_bool(p, c->body, "a claim") && check_window(p, c, c->body) && check_constants(p, c, c->body) &&
           check_temporal(p, c, c->body, NULL);
}

/* A FORALL around the body; around the expression of an order too, which is no proposition. */
static fp_node *fold(fp_parser *p, const leading_for *f, fp_node *body)
{
    fp_type type = body->type;
    body->type = FP_TYPE_BOOL;
    fp_node *n = fp_make_binder(p, FP_NODE_FORALL, f->place, f->vars, f->count, f->slot, f->where, body);
    body->type = type;
    return n;
}

static bool parse_formula(fp_parser *p, fp_claim *c)
{
    leading_for fors[MAX_FORS];
    int count = 0;
    if (!parse_fors(p, fors, &count)) return false;
    fp_place window = p->token.place;
    if (!parse_window(p, c)) return false;
    if (c->window == FP_WINDOW_EVENTUALLY && count > 0)
        return fp_parse_fail(p, window, "'for' before 'eventually' asks for a time for each index, which one claim does not; for one time common to all write 'eventually [a, b]: for ...'");
    if (c->kind == FP_ORDER && !parse_fors(p, fors, &count)) return false;
    if (!(c->kind == FP_ORDER ? parse_order(p, c) : parse_proposition(p, c)) || !fp_parse_done(p)) return false;
    while (count-- > 0 && c->body) {
        fp_parse_unbind(p, fors[count].count);
        c->body = fold(p, &fors[count], c->body);
    }
    c->frame = p->frame;
    return c->body != NULL;
}

static bool words(fp_parser *p, const char *const *list, int count)
{
    for (int k = 0; k < count; k++) {
        char allowed[96];
        snprintf(allowed, sizeof allowed, "'%s', as in: claims D.1/* hold with probability >= 1 - delta", list[k]);
        if (!fp_parse_accept_word(p, list[k])) return fp_parse_expected(p, allowed);
    }
    return true;
}

/* claims GLOBS hold with probability >= EXPR [given GLOBS] */
static bool parse_probability(fp_parser *p, fp_claim *c)
{
    static const char *const before[] = {"claims"}, *const after[] = {"hold", "with", "probability"};
    if (!words(p, before, 1) || !fp_parse_globs(p, &c->of, "hold") || !words(p, after, 3) ||
        !fp_parse_expect(p, FP_TOKEN_GE, "'>='") || !(c->at_least = fp_parse_sum(p)))
        return false;
    const char *what = "the bound of a probability";
    if (!fp_want_numeric(p, c->at_least, what) || !fp_want_static(p, c->at_least, what) || !fp_want_free(p, c->at_least, what)) return false;
    if (fp_parse_accept_word(p, "given") && !fp_parse_globs(p, &c->given, NULL)) return false;
    c->frame = p->frame;
    return fp_parse_done(p);
}

static bool is_same_time(const fp_time *a, const fp_time *b)
{
    return a == b || (a->kind == FP_TIME_STATIC && b->kind == FP_TIME_STATIC && fp_node_equal(a->value, b->value));
}

static bool is_single_time(const fp_claim *c)
{
    bool windowed = c->window == FP_WINDOW_ALWAYS || c->window == FP_WINDOW_EVENTUALLY;
    return windowed && !c->open_from && !c->open_to && is_same_time(c->from, c->to);
}

bool fp_parse_claim(fp_parser *p, fp_claim_kind kind)
{
    fp_sheet *s = p->sheet;
    fp_claim *c = fp_arena_alloc(p->arena, 1, sizeof *c);
    c->kind = kind;
    c->sheet = s;
    c->is_twin = s->is_twin;
    if (!parse_head(p, c) || !(kind == FP_PROBABILITY ? parse_probability(p, c) : parse_formula(p, c))) return false;
    c->written = c->window;
    if (is_single_time(c)) c->window = FP_WINDOW_AT;
    s->claims = fp_arena_grow(p->arena, s->claims, s->claims_count, sizeof *s->claims);
    s->claims[s->claims_count++] = c;
    return true;
}
