/* SPDX-License-Identifier: MIT */
#include "claim_random.h"

#include <stdlib.h>
#include <string.h>

long pick_below(claim_maker *m, long count)
{
    return (long)fp_rng_below(m->random, (uint64_t)count);
}

char *pick_fraction(claim_maker *m, long least, long most, long parts)
{
    mpq_t x, horizon;
    mpq_inits(x, horizon, NULL);
    mpq_set_si(x, least + pick_below(m, most - least + 1), (unsigned long)parts);
    mpq_canonicalize(x);
    fp_rational_parse(horizon, m->world->horizon_text);
    mpq_mul(x, x, horizon);
    char *text = mpq_get_str(NULL, 10, x), *own = fp_strdup(text);
    free(text);
    mpq_clears(x, horizon, NULL);
    return own;
}

void claim_value_at(arb_t out, claim_maker *m, tree *x, const arb_t t)
{
    tree_moment moment;
    arb_ptr jet = _arb_vec_init(2);
    claim_prepare(x, m->claim, m->world);
    moment_init(&moment, m->world, m->claim);
    arb_set(moment.t, t);
    tree_value(jet, x, &moment);
    arb_set(out, jet);
    moment_clear(&moment);
    _arb_vec_clear(jet, 2);
}

tree *number_near(claim_maker *m, const arb_t x, double offset, int side)
{
    enum { ZERO = -60 };
    arb_t y;
    arb_init(y);
    arb_set_d(y, offset);
    arb_mul(y, y, x, CLAIM_PREC);
    if (arf_cmpabs_2exp_si(arb_midref(x), ZERO) < 0) arb_set_d(y, offset);
    arb_abs(y, y);
    (side > 0 ? arb_add : arb_sub)(y, x, y, CLAIM_PREC);
    tree *number = tree_rounded(&m->trees, y);
    arb_clear(y);
    return number;
}

static tree *one_of(claim_maker *m, const char *const *texts, long count)
{
    return tree_number(&m->trees, texts[pick_below(m, count)]);
}

static tree *some_number(claim_maker *m)
{
    static const char *const texts[] = {"1", "2", "1/2", "3", "0.1", "7/5", "-1", "-1/3", "10"};
    return one_of(m, texts, sizeof texts / sizeof *texts);
}

/* ---- time alone */
static tree *now(claim_maker *m)
{
    return tree_new(&m->trees, TREE_NOW, NULL, NULL);
}

static tree *past(claim_maker *m, const char *since)
{
    return tree_new(&m->trees, TREE_SUB, now(m), tree_number(&m->trees, since));
}

/* (t - a)(t - b).. with roots in and around [0, horizon]; now and then two that are close, or one double. */
static tree *polynomial(claim_maker *m)
{
    tree *x = some_number(m);
    for (long k = 1 + pick_below(m, 3); k > 0; k--) {
        char *root = pick_fraction(m, -16, 80, 64);
        tree *factor = past(m, root);
        if (pick_below(m, 4) == 0) {
            static const char *const widths[] = {"0.1", "0.01", "1e-3", "1e-4", "1e-6", "0"};
            tree *next = tree_new(&m->trees, TREE_SUB, past(m, root), one_of(m, widths, 6));
            factor = tree_new(&m->trees, TREE_MUL, factor, next);
        }
        x = tree_new(&m->trees, TREE_MUL, x, factor);
        free(root);
    }
    return x;
}

static tree *closed_form(claim_maker *m)
{
    static const char *const rates[] = {"-2", "-1", "-1/2", "1/2", "1"};
    forest *f = &m->trees;
    tree *scaled = tree_new(f, TREE_MUL, one_of(m, rates, 5), now(m)), *one = tree_number(f, "1");
    switch (pick_below(m, 4)) {
    case 0: return tree_new(f, TREE_EXP, scaled, NULL);
    case 1: return tree_new(f, TREE_LOG, tree_new(f, TREE_ADD, one, now(m)), NULL);
    case 2: return tree_new(f, TREE_SQRT, tree_new(f, TREE_ADD, tree_number(f, "1/4"), now(m)), NULL);
    default: return tree_new(f, TREE_DIV, one, tree_new(f, TREE_ADD, one, tree_new(f, TREE_MUL, now(m), now(m))));
    }
}

/* ---- quantities */
static long count_of(const fp_problem *p, char place)
{
    return place == 't' ? p->d : place == 'j' ? p->m1 : place == 's' ? p->n : place == 'i' ? 4 : p->L;
}

static tree *quantity(claim_maker *m, tree_base base, int variable, char stands_for)
{
    tree_place place[3] = {{-1, 0}, {-1, 0}, {-1, 0}};
    const char *places = tree_base_places(base);
    bool used = false;
    for (size_t r = 0; places[r]; r++) {
        bool here = places[r] == stands_for && (!used || pick_below(m, 3) == 0);
        place[r] = here ? (tree_place){variable, 0} : (tree_place){-1, 1 + pick_below(m, count_of(m->world->problem, places[r]))};
        used |= here;
    }
    return tree_base_at(&m->trees, base, place);
}

static tree *atom(claim_maker *m)
{
    if (m->world->flow && pick_below(m, 4) > 0) return quantity(m, (tree_base)pick_below(m, BASES), -1, 0);
    long kind = pick_below(m, 4);
    return kind == 0 ? now(m) : kind == 1 ? closed_form(m) : polynomial(m);
}

static tree *square_plus_one(claim_maker *m, tree *x)
{
    tree *square = tree_new(&m->trees, TREE_POWER, x, NULL);
    square->power = 2;
    return tree_new(&m->trees, TREE_ADD, tree_number(&m->trees, "1"), square);
}

tree *pick_smooth(claim_maker *m, int depth)
{
    forest *f = &m->trees;
    if (depth <= 0) return atom(m);
    tree *a = pick_smooth(m, depth - 1), *b = atom(m);
    switch (pick_below(m, 10)) {
    case 0: case 1: return tree_new(f, TREE_ADD, a, tree_new(f, TREE_MUL, some_number(m), b));
    case 2: return tree_new(f, TREE_SUB, a, b);
    case 3: return tree_new(f, TREE_MUL, a, b);
    case 4: return tree_new(f, TREE_DIV, a, square_plus_one(m, b));
    case 5: return tree_new(f, TREE_SQRT, square_plus_one(m, a), NULL);
    case 6: return tree_new(f, TREE_LOG, square_plus_one(m, a), NULL);
    case 7: return square_plus_one(m, a);
    case 8: return tree_new(f, TREE_EXP, tree_new(f, TREE_SUB, tree_number(f, "0"), square_plus_one(m, a)), NULL);
    default: return a;
    }
}

static void pick_moment(arb_t t, claim_maker *m)
{
    arb_set_arf(t, m->world->horizon);
    arb_mul_si(t, t, 1 + pick_below(m, 999), CLAIM_PREC);
    arb_div_si(t, t, 1000, CLAIM_PREC);
}

/* Something that changes branch at a time of its own. */
tree *pick_kinked(claim_maker *m)
{
    forest *f = &m->trees;
    tree *a = pick_smooth(m, 1), *b = pick_smooth(m, 1), *out;
    arb_t t, x, y;
    arb_init(t);
    arb_init(x);
    arb_init(y);
    pick_moment(t, m);
    claim_value_at(x, m, a, t);
    claim_value_at(y, m, b, t);
    arb_sub(y, x, y, CLAIM_PREC);
    if (pick_below(m, 2) == 0)
        out = tree_new(f, TREE_ABS, tree_new(f, TREE_SUB, a, tree_rounded(f, x)), NULL);
    else
        out = tree_new(f, pick_below(m, 2) == 0 ? TREE_MAX : TREE_MIN, a, tree_new(f, TREE_ADD, b, tree_rounded(f, y)));
    arb_clear(t);
    arb_clear(x);
    arb_clear(y);
    return out;
}

tree *pick_indexed(claim_maker *m, int variable, tree_set *set, long *low, long *high)
{
    static const char letters[] = "tsjl";
    static const tree_set sets[] = {SET_TOKENS, SET_SAMPLES, SET_NEURONS, SET_POSITIONS};
    long kind = pick_below(m, 4);
    tree_base base;
    do base = (tree_base)pick_below(m, BASES);
    while (!strchr(tree_base_places(base), letters[kind]));
    *set = sets[kind];
    *low = 1;
    *high = 1 + pick_below(m, count_of(m->world->problem, letters[kind]));
    if (kind == 1 && pick_below(m, 3) == 0) {
        *set = SET_GROUP;
        *low = 1 + pick_below(m, 4);
        bool any = false;
        for (long i = 0; i < m->world->problem->n; i++) any |= m->world->problem->group[i] == *low;
        if (!any) *set = SET_SAMPLES;
    } else if (pick_below(m, 4) == 0)
        *set = SET_RANGE;
    tree *x = quantity(m, base, variable, letters[kind]);
    if (pick_below(m, 3) > 0) return x;
    tree *index = tree_new(&m->trees, TREE_INDEX, NULL, NULL);
    index->variable = variable;
    return tree_new(&m->trees, pick_below(m, 2) == 0 ? TREE_ADD : TREE_MUL, x, tree_new(&m->trees, TREE_DIV, index, tree_number(&m->trees, "5")));
}

tree *pick_over(claim_maker *m, tree_kind kind, int variable, tree **body)
{
    tree_set set;
    long low, high;
    tree *x = pick_indexed(m, variable, &set, &low, &high);
    if (body) *body = x;
    return tree_over(&m->trees, kind, variable, set, low, high, x);
}

static tree *named_by_let(claim_maker *m, tree *x)
{
    tree *let = tree_new(&m->trees, TREE_LET, x, NULL);
    let->text = fp_asprintf("v%d_%zu", m->claim->number, m->trees.count);
    return let;
}

tree *pick_moving(claim_maker *m)
{
    static const tree_kind overs[] = {TREE_SUM_OVER, TREE_MAX_OVER, TREE_MIN_OVER};
    forest *f = &m->trees;
    tree *a = pick_smooth(m, (int)pick_below(m, 3));
    if (pick_below(m, 5) == 0) a = named_by_let(m, a);
    switch (pick_below(m, 12)) {
    case 0: case 1: case 2: return pick_kinked(m);
    case 3: return tree_new(f, TREE_SUB, a, tree_new(f, TREE_INIT, a, NULL));
    case 4: return tree_new(f, TREE_SUP, a, NULL);
    case 5: return tree_new(f, TREE_SUB, tree_new(f, TREE_SUP, a, NULL), tree_new(f, TREE_MUL, some_number(m), a));
    case 6: return tree_new(f, TREE_RATE, a, NULL);
    case 7: case 8: return m->world->flow ? pick_over(m, overs[pick_below(m, 3)], 0, NULL) : a;
    default: return a;
    }
}
