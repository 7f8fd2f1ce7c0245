/* SPDX-License-Identifier: MIT */
/* Named times, and times where they are used. */
#include "sheet_impl.h"

#include <string.h>

static const fp_time *add_time(fp_parser *p, fp_time *t)
{
    fp_sheet *s = p->sheet;
    if (s->times_count == FP_SHEET_MAX_DECLARATIONS)
        return fp_parse_fail(p, t->place, "too many times; at most %d in one sheet", FP_SHEET_MAX_DECLARATIONS), NULL;
    t->id = p->ids->times++;
    s->times = fp_arena_grow(p->arena, s->times, s->times_count, sizeof *s->times);
    s->times[s->times_count++] = t;
    return t;
}

static fp_time *new_time(fp_parser *p, const char *name, fp_place place, fp_time_kind kind)
{
    fp_time *t = fp_arena_alloc(p->arena, 1, sizeof *t);
    t->name = name;
    t->place = place;
    t->kind = kind;
    return t;
}

static bool check_value(fp_parser *p, const fp_node *n)
{
    return fp_want_numeric(p, n, "a time") && fp_want_static(p, n, "a time") && fp_want_free(p, n, "a time");
}

/* The same expression written twice is one time. */
static const fp_time *anonymous(fp_parser *p, fp_node *value)
{
    for (int k = 0; k < p->sheet->times_count; k++) {
        const fp_time *t = p->sheet->times[k];
        if (!t->name && t->frame >= p->frame && fp_node_equal(t->value, value)) return t;
    }
    fp_time *t = new_time(p, NULL, value->place, FP_TIME_STATIC);
    t->value = value;
    t->frame = p->frame;
    return add_time(p, t);
}

static const fp_time *named_time(fp_parser *p)
{
    fp_token after = fp_parse_peek(p);
    fp_name *e = p->token.kind == FP_TOKEN_NAME ? fp_names_find(p->names, p->token.s, p->token.n) : NULL;
    bool alone = after.kind == ',' || after.kind == ']' || after.kind == ')' || after.kind == ':' || after.kind == FP_TOKEN_END;
    if (!e || e->kind != FP_NAME_TIME || !alone) return NULL;
    e->used = true;
    fp_parse_next(p);
    return e->time;
}

/* (T1) is T1 */
static const fp_time *bracketed_name(fp_parser *p, const fp_node *value)
{
    if (value->kind != FP_NODE_USE || value->count) return NULL;
    const fp_name *e = fp_names_find(p->names, value->definition->name, strlen(value->definition->name));
    return e && e->kind == FP_NAME_TIME ? e->time : NULL;
}

const fp_time *fp_parse_time(fp_parser *p)
{
    const fp_time *t = named_time(p);
    if (t) return t;
    int hidden = p->scope_hidden, flow = p->flow_depth;
    bool in_init = p->in_init;
    p->scope_hidden = p->scope_count;
    p->flow_depth = 0;
    p->in_init = false;
    fp_node *value = fp_parse_sum(p);
    p->scope_hidden = hidden;
    p->flow_depth = flow;
    p->in_init = in_init;
    if (!value || !check_value(p, value)) return NULL;
    t = bracketed_name(p, value);
    return t ? t : anonymous(p, value);
}

/* A `last t with` is provisional until its search is over: only what begins anew with it may depend on it. */
bool fp_want_final(fp_parser *p, const fp_time *t, fp_place place, const char *what)
{
    return t->kind != FP_TIME_LAST ||
           fp_parse_fail(p, place, "%s is a 'last t with', which is final only when its search is over, so it cannot %s; it may begin a window, be the time "
                         "of 'at %s:', and be read by at() in claims whose window begins at it", t->name, what, t->name);
}

static bool parse_search_time(fp_parser *p, const fp_time **t)
{
    fp_place place = p->token.place;
    return (*t = fp_parse_time(p)) && fp_want_final(p, *t, place, "bound the search of another time");
}

/* [in [a, b]] */
static bool parse_search(fp_parser *p, fp_time *t)
{
    if (!fp_parse_accept_word(p, "in")) return true;
    if (!fp_parse_expect(p, '[', "'[' of the stretch to search, as in [0, T1]") || !parse_search_time(p, &t->from) ||
        !fp_parse_expect(p, ',', "','") || !parse_search_time(p, &t->to))
        return false;
    return fp_parse_expect(p, ']', "']'");
}

static bool check_reads(fp_parser *p, const fp_node *n, const fp_place *place)
{
    if (!n) return true;
    fp_place here = place ? *place : n->place;
    if (n->kind == FP_NODE_AT && n->time && !fp_want_final(p, n->time, here, "be read in the condition of another time")) return false;
    for (int k = 0; k < n->count; k++)
        if (!check_reads(p, n->kids[k], place)) return false;
    return n->kind != FP_NODE_USE || check_reads(p, n->definition->body, &here);
}

/* first t [in [a, b]] with P */
static const fp_time *parse_event(fp_parser *p, const char *name, fp_place place, fp_time_kind kind)
{
    fp_time *t = new_time(p, name, place, kind);
    if (!fp_parse_accept_word(p, "t")) return fp_parse_expected(p, "'t', as in: first t with loss <= 1/2"), NULL;
    if (!parse_search(p, t)) return NULL;
    if (!fp_parse_accept_word(p, "with")) return fp_parse_expected(p, t->from ? "'with' and a condition" : "'in' or 'with' and a condition"), NULL;
    t->condition = fp_parse_proposition(p);
    if (!t->condition || !fp_parse_paper(p, &t->paper) || !fp_want_bool(p, t->condition, "the condition of a time") ||
        !fp_want_free(p, t->condition, "the condition of a time") || !check_reads(p, t->condition, NULL))
        return NULL;
    if (fp_node_boxed(t->condition)->has_box)
        return fp_parse_fail(p, t->condition->place, "'for all real' in the condition of a time; it speaks of no time"), NULL;
    if (fp_node_boxed(t->condition)->has_sup)
        return fp_parse_fail(p, t->condition->place, "sup(..) in the condition of a time; 'first t with e >= c' is the first t with sup(e) >= c"), NULL;
    if (t->condition->is_static)
        return fp_parse_fail(p, t->condition->place, "the condition does not depend on time, so it cannot tell one from another"), NULL;
    t->frame = p->frame;
    return add_time(p, t);
}

static const fp_time *parse_static(fp_parser *p, const char *name, fp_place place)
{
    fp_node *value = fp_parse_sum(p);
    fp_time *t = new_time(p, name, place, FP_TIME_STATIC);
    if (!value || !fp_parse_paper(p, &t->paper) || !check_value(p, value)) return NULL;
    t->value = value;
    t->frame = p->frame;
    return add_time(p, t);
}

/* The value of a static time may stand in expressions: it is a let as well. */
static const fp_definition *value_of(fp_parser *p, const fp_time *t)
{
    fp_sheet *s = p->sheet;
    fp_definition *f = fp_arena_alloc(p->arena, 1, sizeof *f);
    f->name = t->name;
    f->place = t->place;
    f->paper = t->paper;
    f->body = t->value;
    f->frame = t->frame;
    f->id = p->ids->definitions++;
    s->definitions = fp_arena_grow(p->arena, s->definitions, s->definitions_count, sizeof *s->definitions);
    s->definitions[s->definitions_count++] = f;
    return f;
}

/* time T1 = CT1/(sigma1^2*m*m1) */
bool fp_parse_time_field(fp_parser *p)
{
    fp_place place;
    char *name = fp_parse_name(p, &place, "the name of a time");
    if (!name || !fp_parse_expect(p, '=', "'='")) return false;
    const fp_time *t = fp_parse_accept_word(p, "first")  ? parse_event(p, name, place, FP_TIME_FIRST)
                       : fp_parse_accept_word(p, "last") ? parse_event(p, name, place, FP_TIME_LAST)
                                                          : parse_static(p, name, place);
    if (!t) return false;
    fp_name *e = fp_names_add(p->arena, p->names, FP_NAME_TIME, name, place);
    e->time = t;
    if (t->kind == FP_TIME_STATIC) e->definition = value_of(p, t);
    return true;
}
