/* SPDX-License-Identifier: MIT */
/* Lists of quantities for `run --observe`. */
#include "sheet_impl.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_EXPRESSIONS = 1000 };

/* The prelude's names are not kept with the sheets; they are rebuilt from its definitions. */
static void import(fp_arena *a, fp_names *names, const fp_sheet *prelude)
{
    for (int k = 0; k < prelude->definitions_count; k++) {
        const fp_definition *f = prelude->definitions[k];
        if (fp_names_find(names, f->name, strlen(f->name))) continue;
        fp_name *e = fp_names_add(a, names, f->parameters ? FP_NAME_DEFINE : FP_NAME_LET, f->name, f->place);
        e->definition = f;
        for (int i = 0; i < f->parameters; i++) e->flow[i] = f->parameter_types[i] == FP_TYPE_REAL; /* the careful choice: static arguments */
    }
}

static void trimmed(fp_list *texts, const char *s, const char *end)
{
    while (s < end && strchr(" \t\n\r", *s)) s++;
    while (s < end && strchr(" \t\n\r", end[-1])) end--;
    char *copy = fp_strndup(s, (size_t)(end - s));
    fp_list_add(texts, copy);
    free(copy);
}

static bool parse_one(fp_parser *p, fp_expressions *out)
{
    const char *begin = p->token.s;
    p->scope_count = p->frame = 0;
    fp_node *n = fp_parse_sum(p);
    if (!n) return false;
    if (p->token.kind != ',' && p->token.kind != FP_TOKEN_END) return fp_parse_expected(p, "an operator or ','");
    if (!fp_want_numeric(p, n, "an observed quantity")) return false;
    if (fp_node_boxed(n)->has_at) return fp_parse_fail(p, n->place, "at(T, ..) belongs to sheets; a list of quantities may use init(..)");
    if (fp_node_boxed(n)->has_sup) return fp_parse_fail(p, n->place, "sup(..) belongs to sheets: a list of quantities is evaluated at the times asked for only");
    if (out->count == MAX_EXPRESSIONS) return fp_parse_fail(p, n->place, "at most %d quantities", MAX_EXPRESSIONS);
    out->nodes = fp_arena_grow(p->arena, out->nodes, out->count, sizeof *out->nodes);
    out->frames = fp_arena_grow(p->arena, out->frames, out->count, sizeof *out->frames);
    out->nodes[out->count] = n;
    out->frames[out->count++] = p->frame;
    trimmed(&out->texts, begin, p->token.kind == ',' ? p->token.s : p->source.data + p->end);
    return true;
}

fp_status fp_expressions_parse(fp_expressions *out, const char *text, const char *name_for_errors, const fp_sheets *with, fp_text *context,
                               fp_error *err)
{
    *out = (fp_expressions){.arena = fp_arena_new()};
    fp_names names = {0};
    fp_ids ids = {with ? with->nodes : 0, with ? with->definitions : 0, with ? with->times : 0};
    const char *file = fp_arena_strndup(out->arena, name_for_errors, strlen(name_for_errors));
    fp_parser p = {.source = {file, text, strlen(text)}, .arena = out->arena, .ids = &ids, .names = &names, .err = err, .context = context};
    for (int k = 0; with && k < with->count; k++)
        if (with->sheets[k]->is_prelude) import(out->arena, &names, with->sheets[k]);
    fp_parse_start(&p, (fp_cursor){0, 1, 1}, p.source.len);
    bool ok;
    do ok = parse_one(&p, out);
    while (ok && fp_parse_accept(&p, ','));
    out->ids = ids.nodes;
    if (!ok) fp_expressions_clear(out);
    return ok ? FP_OK : err->code;
}

void fp_expressions_clear(fp_expressions *e)
{
    fp_list_clear(&e->texts);
    fp_arena_free(e->arena);
    *e = (fp_expressions){0};
}
