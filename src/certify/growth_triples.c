/* SPDX-License-Identifier: MIT */
/* Which triples of tokens (key, query, key) meet in a sample, and the three ways to sum over one of them. */
#include "growth_impl.h"

#include <stdlib.h>

typedef struct {
    size_t code, item; /* (first d + second) d + third, and whose it is */
} coded;

static int compare(const void *a, const void *b)
{
    const coded *x = a, *y = b;
    if (x->code != y->code)
        return x->code < y->code ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

static coded *code_items(const fp_series_shape *shape)
{
    size_t n = (size_t)shape->n, L = (size_t)shape->L, d = (size_t)shape->d;
    coded *list = fp_alloc(n * L * L * L, sizeof *list);
    for (size_t e = 0; e < n * L * L * L; e++) {
        const long *token = shape->token + e / (L * L * L) * L;
        size_t query = (size_t)token[e / (L * L) % L], key = (size_t)token[e / L % L], other = (size_t)token[e % L];
        list[e] = (coded){(key * d + query) * d + other, e};
    }
    qsort(list, n * L * L * L, sizeof *list, compare);
    return list;
}

/* Groups with the same first and second token; list is sorted and its items are triples. */
static void slices_init(fp_slices *s, const coded *list, size_t count, const fp_series_shape *shape)
{
    size_t d = (size_t)shape->d;
    *s = (fp_slices){.begin = fp_alloc(count + 1, sizeof *s->begin), .pair = fp_alloc(count, sizeof *s->pair),
                     .triple = fp_alloc(count, sizeof *s->triple), .term = fp_alloc(count, sizeof *s->term)};
    for (size_t e = 0; e < count; e++) {
        if (e == 0 || list[e].code / d != list[e - 1].code / d) {
            s->begin[s->groups] = e;
            s->pair[s->groups++] = (size_t)shape->pair_of[list[e].code / d];
        }
        s->triple[e] = list[e].item;
        s->term[e] = list[e].code % d;
    }
    s->begin[s->groups] = count;
}

static void slices_clear(fp_slices *s)
{
    free(s->begin), free(s->pair), free(s->triple), free(s->term);
    *s = (fp_slices){0};
}

/* The slices whose group is (a, b) and whose term is c, where a, b, c are places 0, 1, 2 (key, query, other key) of a triple. */
static void make_slices(fp_slices *s, const size_t *code, size_t count, const fp_series_shape *shape, int a, int b, int c)
{
    size_t d = (size_t)shape->d;
    coded *list = fp_alloc(count, sizeof *list);
    for (size_t e = 0; e < count; e++) {
        const size_t token[3] = {code[e] / d / d, code[e] / d % d, code[e] % d};
        list[e] = (coded){(token[a] * d + token[b]) * d + token[c], e};
    }
    qsort(list, count, sizeof *list, compare);
    slices_init(s, list, count, shape);
    free(list);
}

void fp_triples_init(fp_triples *t, const fp_series_shape *shape)
{
    size_t L = (size_t)shape->L, items = (size_t)shape->n * L * L * L;
    coded *list = code_items(shape);
    size_t *code = fp_alloc(items, sizeof *code);
    *t = (fp_triples){.of = fp_alloc(items, sizeof *t->of)};
    for (size_t e = 0; e < items; e++) {
        if (e == 0 || list[e].code != list[e - 1].code)
            code[t->count++] = list[e].code;
        t->of[list[e].item] = t->count - 1;
    }
    t->centre = fp_alloc(t->count, sizeof *t->centre);
    t->size = _mag_vec_init((slong)t->count);
    t->spread = _mag_vec_init((slong)t->count);
    make_slices(&t->by_kappa, code, t->count, shape, 0, 1, 2);
    make_slices(&t->by_mu, code, t->count, shape, 0, 2, 1);
    make_slices(&t->by_nu, code, t->count, shape, 1, 2, 0);
    free(code);
    free(list);
}

void fp_triples_clear(fp_triples *t)
{
    if (t->of == NULL)
        return;
    slices_clear(&t->by_kappa), slices_clear(&t->by_mu), slices_clear(&t->by_nu);
    _mag_vec_clear(t->size, (slong)t->count), _mag_vec_clear(t->spread, (slong)t->count);
    free(t->of), free(t->centre);
    *t = (fp_triples){0};
}
