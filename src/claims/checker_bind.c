/* SPDX-License-Identifier: MIT */
/* Which claims are observed, and which times and quantities they use. */
#include <stdlib.h>
#include <string.h>

#include "check_impl.h"

bool fp_claim_matches(const char *pattern, const fp_claim *claim)
{
    return fp_glob_match(pattern, claim->id) || fp_glob_match(pattern, claim->sheet->number);
}

/* ---- walks over trees, definitions included (they do not recurse: a definition uses earlier ones only) */
static void each_node(const fp_node *node, void (*visit)(const fp_node *node, void *ctx), void *ctx)
{
    if (!node) return;
    visit(node, ctx);
    for (int r = 0; r < node->count; r++) each_node(node->kids[r], visit, ctx);
    if (node->kind == FP_NODE_USE) each_node(node->definition->body, visit, ctx);
}

static void widen_frame(const fp_node *node, void *ctx)
{
    int *frame = ctx, top = node->slot + (node->binders > 1 ? node->binders : 1);
    bool has_slot = node->kind == FP_NODE_VARIABLE || node->binders > 0;
    if (has_slot && top > *frame) *frame = top;
}

/* Slots of definitions are counted too, which only makes the frame larger than it need be. */
int fp_node_frame(const fp_node *node)
{
    int frame = 0;
    each_node(node, widen_frame, &frame);
    return frame;
}

/* ---- clocks */
static int clock_index(fp_checker *c, const fp_time *time);

static void note_at(const fp_node *node, void *ctx)
{
    if (node->kind != FP_NODE_AT || !node->time) return;
    fp_checker *c = ctx;
    int k = clock_index(c, node->time);
    c->clocks[k].wanted = true;
}

typedef struct {
    const fp_checker *c;
    bool *reads;
} fp_reading;

static void note_reading(const fp_node *node, void *ctx)
{
    fp_reading *r = ctx;
    if (node->kind == FP_NODE_AT && node->time) r->reads[r->c->clock_of[node->time->id]] = true;
}

/* A time and all it depends on. */
static int clock_index(fp_checker *c, const fp_time *time)
{
    if (!time) return -1;
    if (c->clock_of[time->id] >= 0) return c->clock_of[time->id];
    int from = clock_index(c, time->from), to = clock_index(c, time->to);
    each_node(time->condition, note_at, c);
    int k = (int)c->clocks_count++;
    c->clocks = fp_realloc(c->clocks, c->clocks_count, sizeof *c->clocks);
    fp_clock_init(&c->clocks[k], time, c->prec);
    c->clocks[k].from = from;
    c->clocks[k].to = to;
    c->clocks[k].reads = fp_alloc(c->clocks_count, sizeof *c->clocks[k].reads);
    each_node(time->condition, note_reading, &(fp_reading){c, c->clocks[k].reads});
    c->clock_of[time->id] = k;
    return k;
}

static void clocks_of_claim(fp_checker *c, const fp_claim *claim)
{
    clock_index(c, claim->from);
    clock_index(c, claim->to);
    each_node(claim->body, note_at, c);
    each_node(claim->order_expression, note_at, c);
    each_node(claim->order_form, note_at, c);
}

/* ---- what a claim uses */
typedef struct {
    const fp_checker *c;
    fp_monitor *m;
} fp_use;

static void note_use(const fp_node *node, void *ctx)
{
    const fp_use *use = ctx;
    if (node->kind == FP_NODE_SLOPE) use->m->uses_slope = true;
    if (node->kind == FP_NODE_COMPARE && node->op == FP_IDENTITY) use->m->identities = true;
    if (node->kind == FP_NODE_INIT || node->kind == FP_NODE_AT || node->kind == FP_NODE_SUP) use->m->remembers = true;
    if (node->kind == FP_NODE_BASE && node->base == FP_BASE_LOSSGEN_SAMPLED) use->m->statistical = true;
    if (node->kind == FP_NODE_AT && node->time) use->m->needs[use->c->clock_of[node->time->id]] = true;
}

static bool uses_times(const fp_checker *c, const fp_monitor *m)
{
    for (size_t k = 0; k < c->clocks_count; k++)
        if (m->needs[k]) return true;
    return false;
}

static void measured_begin(fp_monitor *m)
{
    const fp_claim *claim = m->claim;
    for (int k = 0; k < claim->sheet->constants_count && m->measured_count < FP_SENSITIVITIES_MAX; k++)
        if (claim->constants >> k & 1u) m->measured[m->measured_count++].constant = &claim->sheet->constants[k];
    m->measurable = m->measured_count > 0;
}

static void bind_monitor(fp_checker *c, fp_monitor *m, const fp_claim *claim, bool selected)
{
    fp_monitor_init(m, claim, c->clocks_count, c->prec);
    m->selected = selected;
    fp_use use = {c, m};
    each_node(claim->body, note_use, &use);
    each_node(claim->order_expression, note_use, &use);
    each_node(claim->order_form, note_use, &use);
    bool windowed = claim->window != FP_WINDOW_NONE && claim->window != FP_WINDOW_INITIALLY;
    m->from = windowed && claim->from ? c->clock_of[claim->from->id] : -1;
    m->to = windowed && claim->to ? c->clock_of[claim->to->id] : -1;
    if (claim->window == FP_WINDOW_AT) m->to = m->from;
    m->at_end = !windowed && uses_times(c, m);
    m->exact = !windowed && !m->at_end;
    measured_begin(m);
}

/* ---- selection: 0 not observed, 1 observed as a hypothesis or part of a probability line, 2 selected */
typedef struct {
    const fp_claim **claim;
    unsigned char *level;
    size_t count;
    const fp_sheets *sheets;
} fp_choice;

static bool choose_matching(fp_choice *choice, const char *pattern, const fp_claim *except)
{
    bool any = false;
    for (size_t r = 0; r < choice->count; r++) {
        const fp_claim *claim = choice->claim[r];
        if (claim->is_twin != (except && except->kind == FP_PROBABILITY && except->is_twin)) continue;
        if (!fp_claim_matches(pattern, claim)) continue;
        any = true;
        if (!choice->level[r]) choice->level[r] = 1;
    }
    return any;
}

/* Whether a sheet was read whose number the pattern names, so that a pattern without a match is a slip. */
bool fp_pattern_names_sheet(const char *pattern, const fp_sheets *sheets)
{
    size_t len = strcspn(pattern, "/");
    for (int k = 0; k < sheets->count; k++)
        if (strlen(sheets->sheets[k]->number) == len && strncmp(sheets->sheets[k]->number, pattern, len) == 0) return true;
    return false;
}

static fp_status choose_list(fp_choice *choice, const fp_list *globs, const fp_sheet *sheet, const fp_claim *claim, const char *what,
                             fp_error *err)
{
    for (size_t r = 0; r < globs->count; r++) {
        if (choose_matching(choice, globs->items[r], claim) || !fp_pattern_names_sheet(globs->items[r], choice->sheets)) continue;
        int line = claim ? claim->place.line : 1, column = claim ? claim->place.column : 1;
        return fp_fail(err, FP_BAD_INPUT, "%s:%d:%d: %s '%s' of statement %s matches no claim of the sheets that were read; allowed: the id of a "
                       "claim such as A2.3/distinct, or a pattern with * and ?", sheet->path, line, column, what, globs->items[r], sheet->number);
    }
    return FP_OK;
}

static fp_status choose_needed(fp_choice *choice, size_t r, fp_error *err)
{
    const fp_claim *claim = choice->claim[r];
    fp_status status = choose_list(choice, &claim->sheet->assumes, claim->sheet, NULL, "assumes", err);
    if (status == FP_OK && claim->kind == FP_PROBABILITY)
        status = choose_list(choice, &claim->of, claim->sheet, claim, "probability", err);
    if (status == FP_OK && claim->kind == FP_PROBABILITY)
        status = choose_list(choice, &claim->given, claim->sheet, claim, "given", err);
    return status;
}

static void collect_claims(fp_choice *choice, const fp_checker *c)
{
    choice->sheets = c->sheets;
    for (int s = 0; s < c->sheets->count; s++) choice->count += (size_t)c->sheets->sheets[s]->claims_count;
    choice->claim = fp_alloc(choice->count, sizeof *choice->claim);
    choice->level = fp_alloc(choice->count, 1);
    size_t r = 0;
    for (int s = 0; s < c->sheets->count; s++)
        for (int k = 0; k < c->sheets->sheets[s]->claims_count; k++) choice->claim[r++] = c->sheets->sheets[s]->claims[k];
}

/* Selected claims draw in their hypotheses; a probability line draws in its claims. Neither draws further: only the selected claims' own marks are reported. */
static fp_status choose(fp_choice *choice, const fp_checker *c, const char *only, fp_error *err)
{
    collect_claims(choice, c);
    for (size_t r = 0; r < choice->count; r++)
        if (choice->claim[r]->is_twin == c->twins && (!only || fp_claim_matches(only, choice->claim[r]))) choice->level[r] = 2;
    for (size_t r = 0; r < choice->count; r++) {
        fp_status status = choice->level[r] == 2 ? choose_needed(choice, r, err) : FP_OK;
        if (status != FP_OK) return status;
    }
    return FP_OK;
}

static void mark_reported(fp_checker *c)
{
    for (size_t k = 0; k < c->clocks_count; k++) c->clocks[k].reported = c->clocks[k].time->name != NULL;
}

/* A full check reports every time of the prelude (T1m, Tstar), whether a claim uses it or not; of a prelude that comes from elsewhere only what is used. */
static void clocks_of_preludes(fp_checker *c)
{
    for (int s = 0; s < c->sheets->count; s++) {
        const fp_sheet *sheet = c->sheets->sheets[s];
        for (int k = 0; sheet->is_prelude && !sheet->is_standard && k < sheet->times_count; k++) clock_index(c, sheet->times[k]);
    }
}

static void bind_all(fp_checker *c, const fp_choice *choice, bool everything)
{
    if (everything) clocks_of_preludes(c);
    for (size_t r = 0; r < choice->count; r++)
        if (choice->level[r]) clocks_of_claim(c, choice->claim[r]);
    c->monitors = fp_alloc(choice->count, sizeof *c->monitors);
    for (size_t r = 0; r < choice->count; r++) {
        if (!choice->level[r]) continue;
        bind_monitor(c, &c->monitors[c->monitors_count++], choice->claim[r], choice->level[r] == 2);
        c->selected += choice->level[r] == 2;
    }
    mark_reported(c);
}

fp_status fp_checker_bind(fp_checker *c, const char *only, fp_error *err)
{
    fp_choice choice = {0};
    c->clock_of = fp_alloc((size_t)c->sheets->times, sizeof *c->clock_of);
    for (int r = 0; r < c->sheets->times; r++) c->clock_of[r] = -1;
    fp_status status = choose(&choice, c, only, err);
    if (status == FP_OK) bind_all(c, &choice, only == NULL);
    free(choice.claim);
    free(choice.level);
    return status;
}
