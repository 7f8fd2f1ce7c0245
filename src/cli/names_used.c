/* SPDX-License-Identifier: MIT */
/* Which times, definitions, sets and quantities a statement uses, and where the paper has them. */
#include "statements.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    const fp_sheets *sheets;
    bool bases[FP_BASE_COUNT], sets[FP_SET_COUNT];
    const fp_definition **definitions;
    const fp_time **times;
    size_t definitions_count, times_count;
} used;

static void walk(used *u, const fp_node *n);

static void use_time(used *u, const fp_time *t)
{
    if (!t) return;
    for (size_t k = 0; k < u->times_count; k++)
        if (u->times[k] == t) return;
    u->times = fp_realloc(u->times, u->times_count + 1, sizeof *u->times);
    u->times[u->times_count++] = t;
    walk(u, t->value);
    walk(u, t->condition);
    use_time(u, t->from);
    use_time(u, t->to);
}

/* The value of a constant time may stand in expressions; its definition shares the tree. */
static const fp_time *time_of(const used *u, const fp_definition *f)
{
    for (int s = 0; s < u->sheets->count; s++)
        for (int k = 0; k < u->sheets->sheets[s]->times_count; k++)
            if (u->sheets->sheets[s]->times[k]->value == f->body) return u->sheets->sheets[s]->times[k];
    return NULL;
}

static void use_definition(used *u, const fp_definition *f)
{
    const fp_time *t = time_of(u, f);
    if (t) {
        use_time(u, t);
        return;
    }
    for (size_t k = 0; k < u->definitions_count; k++)
        if (u->definitions[k] == f) return;
    u->definitions = fp_realloc(u->definitions, u->definitions_count + 1, sizeof *u->definitions);
    u->definitions[u->definitions_count++] = f;
    walk(u, f->body);
}

static void walk(used *u, const fp_node *n)
{
    if (!n) return;
    if (n->kind == FP_NODE_BASE) u->bases[n->base] = true;
    if (n->kind == FP_NODE_SET_BASE) u->sets[n->set] = true;
    if (n->definition) use_definition(u, n->definition);
    use_time(u, n->time);
    for (int k = 0; k < n->count; k++) walk(u, n->kids[k]);
}

static void walk_claim(used *u, const fp_claim *claim)
{
    walk(u, claim->body);
    walk(u, claim->order_expression);
    walk(u, claim->order_form);
    walk(u, claim->at_least);
    use_time(u, claim->from);
    use_time(u, claim->to);
}

bool cli_claim_is_wanted(const fp_claim *claim, const char *wanted)
{
    return strcmp(wanted, claim->sheet->number) == 0 || fp_glob_match(wanted, claim->id);
}

/* ---- printing */

static void print_row(const char *kind, const char *text, const char *paper)
{
    cli_line(stdout, "%-10s %s%s%s%s", kind, text, paper ? "   [" : "", paper ? paper : "", paper ? "]" : "");
}

static void add_end(fp_text *out, const fp_time *t, const char *otherwise)
{
    if (!t)
        fp_text_add(out, otherwise);
    else if (t->name)
        fp_text_add(out, t->name);
    else
        fp_node_print(out, t->value);
}

static void print_time(const fp_time *t)
{
    fp_text text = {0};
    if (!t->name) return;
    fp_text_addf(&text, "%s = ", t->name);
    if (t->kind == FP_TIME_STATIC) {
        fp_node_print(&text, t->value);
    } else {
        fp_text_add(&text, t->kind == FP_TIME_FIRST ? "first t in [" : "last t in [");
        add_end(&text, t->from, "0");
        fp_text_add(&text, ", ");
        add_end(&text, t->to, "horizon");
        fp_text_add(&text, "] with ");
        fp_node_print(&text, t->condition);
    }
    print_row("time", text.data, t->paper);
    fp_text_clear(&text);
}

static void print_definition(const fp_definition *d)
{
    fp_text text = {0};
    fp_text_add(&text, d->name);
    for (int p = 0; p < d->parameters; p++) fp_text_addf(&text, "%s%s", p ? ", " : "(", d->parameter_names[p]);
    fp_text_add(&text, d->parameters ? ") = " : " = ");
    fp_node_print(&text, d->body);
    print_row("where", text.data, d->paper);
    fp_text_clear(&text);
}

static void print_quantities(const used *u)
{
    for (int b = 0; b < FP_BASE_COUNT; b++) {
        if (!u->bases[b]) continue;
        const char *meaning = fp_base_meaning((fp_base)b);
        char *text = fp_asprintf("%-12s %s", fp_base_written((fp_base)b), meaning ? meaning : "");
        print_row("quantity", text, fp_base_paper((fp_base)b));
        free(text);
    }
    for (int s = 0; s < FP_SET_COUNT; s++)
        if (u->sets[s]) print_row("set", fp_set_name((fp_set_id)s), fp_set_paper((fp_set_id)s));
}

void cli_print_names_used(const fp_sheets *sheets, const fp_sheet *sheet, const char *wanted)
{
    used u = {.sheets = sheets};
    walk(&u, sheet->requires_);
    for (int k = 0; k < sheet->claims_count; k++)
        if (cli_claim_is_wanted(sheet->claims[k], wanted)) walk_claim(&u, sheet->claims[k]);
    for (size_t k = 0; k < u.times_count; k++) print_time(u.times[k]);
    for (size_t k = 0; k < u.definitions_count; k++) print_definition(u.definitions[k]);
    print_quantities(&u);
    free(u.definitions);
    free(u.times);
}
