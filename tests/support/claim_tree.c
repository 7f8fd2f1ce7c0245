/* SPDX-License-Identifier: MIT */
#include "claim_tree.h"

#include <stdlib.h>
#include <string.h>

/* ---- making */
tree *tree_new(forest *f, tree_kind kind, tree *a, tree *b)
{
    tree *x = fp_alloc(1, sizeof *x);
    *x = (tree){.kind = kind, .kid = {a, b, NULL}, .kids = (a != NULL) + (b != NULL), .variable = -1};
    arb_init(x->number);
    mag_init(x->scale);
    mag_one(x->scale);
    f->all = fp_realloc(f->all, f->count + 1, sizeof *f->all);
    return f->all[f->count++] = x;
}

void forest_clear(forest *f)
{
    for (size_t k = 0; k < f->count; k++) {
        tree *x = f->all[k];
        for (size_t r = 0; r < x->peaks; r++) {
            arf_clear(x->peak[r].t);
            arb_clear(x->peak[r].value);
        }
        free(x->peak);
        free(x->text);
        arb_clear(x->number);
        mag_clear(x->scale);
        free(x);
    }
    free(f->all);
    *f = (forest){0};
}

static void set_decimal(arb_t out, const char *text)
{
    mpq_t q;
    mpq_init(q);
    fp_rational_parse(q, text);
    fp_ball_set_rational(out, q, CLAIM_PREC);
    mpq_clear(q);
}

tree *tree_number(forest *f, const char *text)
{
    tree *x = tree_new(f, TREE_NUMBER, NULL, NULL);
    x->text = fp_strdup(text);
    set_decimal(x->number, text);
    return x;
}

tree *tree_rounded(forest *f, const arb_t x)
{
    mpfr_t middle;
    char *text = NULL;
    enum { SMALLEST = -600 }; /* sheets allow exponents down to -1000 */
    mpfr_init2(middle, CLAIM_PREC);
    arf_get_mpfr(middle, arb_midref(x), MPFR_RNDN);
    if (arf_cmpabs_2exp_si(arb_midref(x), SMALLEST) < 0) mpfr_set_zero(middle, 1);
    mpfr_asprintf(&text, "%.*Rg", CLAIM_DIGITS, middle);
    tree *number = tree_number(f, text);
    mpfr_free_str(text);
    mpfr_clear(middle);
    return number;
}

tree *tree_base_at(forest *f, tree_base base, const tree_place *place)
{
    tree *x = tree_new(f, TREE_BASE, NULL, NULL);
    x->base = base;
    memcpy(x->place, place, sizeof x->place);
    return x;
}

tree *tree_compare(forest *f, tree *a, tree_relation r, tree *b)
{
    tree *x = tree_new(f, TREE_COMPARE, a, b);
    x->relation[0] = r;
    return x;
}

tree *tree_between(forest *f, tree *a, tree_relation r, tree *b, tree_relation s, tree *c)
{
    tree *x = tree_compare(f, a, r, b);
    x->relation[1] = s;
    x->kid[x->kids++] = c;
    return x;
}

tree *tree_over(forest *f, tree_kind kind, int variable, tree_set set, long low, long high, tree *body)
{
    tree *x = tree_new(f, kind, body, NULL);
    x->variable = variable;
    x->set = set;
    x->low = low;
    x->high = high;
    return x;
}

void claim_clear(tree_claim *c)
{
    if (c->constant) arb_clear(c->needed);
    for (int k = 0; k < c->times; k++) {
        free(c->time[k].text);
        arb_clear(c->time[k].t);
    }
    *c = (tree_claim){0};
}

/* ---- printing */
static const struct {
    const char *before, *after, *places;
} bases[BASES] = {
    [BASE_G] = {"G[", "]", "t"}, [BASE_SCORE] = {"score[", "]", "tt"}, [BASE_KK] = {"KK[", "]", "tt"}, [BASE_QQ] = {"QQ[", "]", "tt"}, [BASE_VV] = {"VV[", "]", "tt"},
    [BASE_WV] = {"WV[", "]", "jt"}, [BASE_WW] = {"WW[", "]", "jj"}, [BASE_RHO] = {"unorm2", "", ""}, [BASE_P] = {"p[", "]", "sll"}, [BASE_O] = {"o[", "]", "sl"},
    [BASE_F] = {"F[", "]", "s"}, [BASE_GI] = {"g[", "]", "s"}, [BASE_LOSSOF] = {"lossof[", "]", "s"}, [BASE_C] = {"c[", "]", "t"}, [BASE_N] = {"N[", "]", "tt"},
    [BASE_DOT] = {"dot(u, v[", "])", "t"}, [BASE_SQUARE] = {"sqnorm(k[", "])", "t"}, [BASE_GROUP] = {"S", "", "i"}, [BASE_LOSS] = {"loss", "", ""},
};

const char *tree_base_places(tree_base base)
{
    return bases[base].places;
}

static void print_variable(fp_text *out, int variable)
{
    fp_text_addf(out, "e%d", variable);
}

static void print_number(fp_text *out, const tree *x, const tree_claim *c)
{
    if (x == c->constant)
        fp_text_addf(out, "C%d", c->number);
    else
        fp_text_addf(out, x->text[0] == '-' ? "(%s)" : "%s", x->text);
}

static void print_base(fp_text *out, const tree *x)
{
    fp_text_add(out, bases[x->base].before);
    for (size_t r = 0; r < strlen(bases[x->base].places); r++) {
        if (r > 0) fp_text_add(out, ", ");
        if (x->place[r].variable < 0)
            fp_text_addf(out, "%ld", x->place[r].value);
        else
            print_variable(out, x->place[r].variable);
    }
    fp_text_add(out, bases[x->base].after);
}

static void print_set(fp_text *out, const tree *x)
{
    static const char *const words[] = {[SET_SAMPLES] = "samples", [SET_TOKENS] = "tokens", [SET_NEURONS] = "neurons", [SET_POSITIONS] = "positions"};
    print_variable(out, x->variable);
    fp_text_add(out, " in ");
    if (x->set == SET_GROUP)
        fp_text_addf(out, "I%ld", x->low);
    else if (x->set == SET_RANGE)
        fp_text_addf(out, "%ld..%ld", x->low, x->high);
    else
        fp_text_add(out, words[x->set]);
    fp_text_add(out, ": ");
}

static void print_time(fp_text *out, const tree_claim *c, int k)
{
    if (c->time[k].kind == TIME_NUMBER)
        fp_text_add(out, c->time[k].text);
    else
        fp_text_addf(out, "T%d_%d", c->number, k);
}

static void print_kids(fp_text *out, const tree *x, const tree_claim *c, const char *before, const char *between)
{
    fp_text_add(out, before);
    for (int r = 0; r < x->kids; r++) {
        if (r > 0) fp_text_add(out, between);
        tree_print(out, x->kid[r], c);
    }
    fp_text_add(out, ")");
}

static void print_compare(fp_text *out, const tree *x, const tree_claim *c)
{
    static const char *const words[] = {[TREE_LE] = " <= ", [TREE_LT] = " < ", [TREE_GE] = " >= ", [TREE_GT] = " > ", [TREE_EQUAL] = " = "};
    tree_print(out, x->kid[0], c);
    for (int r = 1; r < x->kids; r++) {
        fp_text_add(out, words[x->relation[r - 1]]);
        tree_print(out, x->kid[r], c);
    }
}

static void print_over(fp_text *out, const tree *x, const tree_claim *c)
{
    static const char *const words[] = {[TREE_SUM_OVER] = "sum(", [TREE_MIN_OVER] = "min(", [TREE_MAX_OVER] = "max(", [TREE_ALL] = "(for ", [TREE_SOME] = "(exists "};
    fp_text_add(out, words[x->kind]);
    print_set(out, x);
    tree_print(out, x->kid[0], c);
    fp_text_add(out, ")");
}

void tree_print(fp_text *out, const tree *x, const tree_claim *c)
{
    switch (x->kind) {
    case TREE_LET: fp_text_add(out, x->text); break;
    case TREE_NUMBER: print_number(out, x, c); break;
    case TREE_NOW: fp_text_add(out, "t"); break;
    case TREE_INDEX: print_variable(out, x->variable); break;
    case TREE_BASE: print_base(out, x); break;
    case TREE_ADD: print_kids(out, x, c, "(", " + "); break;
    case TREE_SUB: print_kids(out, x, c, "(", " - "); break;
    case TREE_MUL: print_kids(out, x, c, "(", "*"); break;
    case TREE_DIV: print_kids(out, x, c, "(", "/"); break;
    case TREE_POWER: print_kids(out, x, c, "(", ""); fp_text_addf(out, "^%d", x->power); break;
    case TREE_ABS: print_kids(out, x, c, "abs(", ""); break;
    case TREE_MIN: print_kids(out, x, c, "min(", ", "); break;
    case TREE_MAX: print_kids(out, x, c, "max(", ", "); break;
    case TREE_SQRT: print_kids(out, x, c, "sqrt(", ""); break;
    case TREE_EXP: print_kids(out, x, c, "exp(", ""); break;
    case TREE_LOG: print_kids(out, x, c, "log(", ""); break;
    case TREE_INIT: print_kids(out, x, c, "init(", ""); break;
    case TREE_AT: fp_text_add(out, "at("); print_time(out, c, x->time); print_kids(out, x, c, ", ", ""); break;
    case TREE_SUP: print_kids(out, x, c, "sup(", ""); break;
    case TREE_RATE: print_kids(out, x, c, "d(", ""); break;
    case TREE_COMPARE: print_compare(out, x, c); break;
    case TREE_AND: print_kids(out, x, c, "(", " and "); break;
    case TREE_OR: print_kids(out, x, c, "(", " or "); break;
    case TREE_NOT: print_kids(out, x, c, "not (", ""); break;
    case TREE_IMPLIES: print_kids(out, x, c, "(", " implies "); break;
    default: print_over(out, x, c);
    }
}

static void print_named(fp_text *out, const tree_claim *c, int k)
{
    const tree_time *t = &c->time[k];
    fp_text_addf(out, "time T%d_%d = %s t in [", c->number, k, t->kind == TIME_FIRST ? "first" : "last");
    print_time(out, c, t->from);
    fp_text_add(out, ", ");
    print_time(out, c, t->to);
    fp_text_add(out, "] with ");
    tree_print(out, t->condition, c);
    fp_text_add(out, "\n");
}

static void print_window(fp_text *out, const tree_claim *c)
{
    if (c->window == WINDOW_INITIALLY) fp_text_add(out, "initially: ");
    if (c->window == WINDOW_AT) {
        fp_text_add(out, "at ");
        print_time(out, c, c->from);
        fp_text_add(out, ": ");
    }
    if (c->window == WINDOW_INITIALLY || c->window == WINDOW_AT) return;
    fp_text_addf(out, "%s %c", c->window == WINDOW_ALWAYS ? "always" : "eventually", c->open_from ? '(' : '[');
    print_time(out, c, c->from);
    fp_text_add(out, ", ");
    print_time(out, c, c->to);
    fp_text_addf(out, "%c: ", c->open_to ? ')' : ']');
}

static void print_lets(fp_text *out, const tree *x, const tree_claim *c)
{
    for (int r = 0; r < x->kids; r++) print_lets(out, x->kid[r], c);
    if (x->kind != TREE_LET) return;
    char *line = fp_asprintf("let %s = ", x->text);
    if (!out->data || !strstr(out->data, line)) { /* trees may share it */
        fp_text_add(out, line);
        tree_print(out, x->kid[0], c);
        fp_text_add(out, "\n");
    }
    free(line);
}

void claim_print(fp_text *out, const tree_claim *c)
{
    if (c->constant) fp_text_addf(out, "constant C%d = %s %s because \"a test\"\n", c->number, c->constant->text, c->largest ? "largest" : "smallest");
    print_lets(out, c->body, c);
    for (int k = 0; k < c->times; k++)
        if (c->time[k].used && c->time[k].kind != TIME_NUMBER) print_named(out, c, k);
    fp_text_addf(out, "claim c%d: ", c->number);
    for (const tree *x = c->leading; x && x != c->body; x = x->kid[0]) {
        fp_text_add(out, "for ");
        print_set(out, x);
    }
    print_window(out, c);
    tree_print(out, c->body, c);
    fp_text_add(out, "\n");
}
