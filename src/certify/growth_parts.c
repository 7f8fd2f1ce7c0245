/* SPDX-License-Identifier: MIT */
/* The integral of mu over a step: one bound on each of its sub-intervals, several at a time. */
#include "growth_impl.h"

#include <stdlib.h>

typedef struct {
    arf_t a, b;
    mag_t length, mu;
    fp_range x;
    fp_widening w;
    fp_growth *g;
} part;

struct fp_growth_parts {
    size_t count;
    part *part;
    fp_pool *pool;
    /* of the call under way */
    const fp_series *s;
    const fp_tails *t;
    mag_srcptr r;
};

fp_growth_parts *fp_growth_parts_new(const fp_series *s, int count, fp_pool *pool)
{
    fp_growth_parts *p = fp_alloc(1, sizeof *p);
    *p = (fp_growth_parts){.count = (size_t)count, .part = fp_alloc((size_t)count, sizeof *p->part), .pool = pool};
    for (size_t k = 0; k < p->count; k++) {
        part *e = p->part + k;
        arf_init(e->a), arf_init(e->b);
        mag_init(e->length), mag_init(e->mu);
        fp_range_init(&e->x, s);
        fp_widening_init(&e->w, s);
        e->g = fp_growth_new(s);
    }
    return p;
}

void fp_growth_parts_free(fp_growth_parts *p)
{
    if (p == NULL)
        return;
    for (size_t k = 0; k < p->count; k++) {
        part *e = p->part + k;
        arf_clear(e->a), arf_clear(e->b);
        mag_clear(e->length), mag_clear(e->mu);
        fp_range_clear(&e->x);
        fp_widening_clear(&e->w);
        fp_growth_free(e->g);
    }
    free(p->part);
    free(p);
}

static void open_part(void *ctx, size_t k)
{
    const fp_growth_parts *p = ctx;
    part *e = p->part + k;
    fp_range_set(&e->x, p->s, p->t, e->a, e->b);
    fp_growth_set_vectors(&e->g->at, p->s, &e->x);
    fp_growth_forget(e->g);
}

/* End of sub-interval k: k h/count rounded down, h itself for the last. Exact wherever rounded, so the sub-intervals cover [0, h]. */
static void cut_at(arf_t out, const arf_t h, size_t k, size_t count)
{
    if (k == count) {
        arf_set(out, h);
        return;
    }
    arf_mul_ui(out, h, (ulong)k, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_div_ui(out, out, (ulong)count, 64, ARF_RND_DOWN);
}

void fp_growth_parts_open(fp_growth_parts *p, const fp_series *s, const fp_tails *t, const arf_t h)
{
    arf_t length;
    arf_init(length);
    for (size_t k = 0; k < p->count; k++) {
        part *e = p->part + k;
        cut_at(e->a, h, k, p->count);
        cut_at(e->b, h, k + 1, p->count);
        arf_sub(length, e->b, e->a, ARF_PREC_EXACT, ARF_RND_DOWN);
        arf_get_mag(e->length, length);
    }
    arf_clear(length);
    p->s = s, p->t = t;
    fp_pool_run(p->pool, p->count, open_part, p);
    p->s = NULL, p->t = NULL;
}

static void bound_part(void *ctx, size_t k)
{
    const fp_growth_parts *p = ctx;
    part *e = p->part + k;
    fp_widening_set(&e->w, p->s, &e->x, p->r);
    fp_growth_bound_at(e->mu, e->g, fp_series_get_shape(p->s), &e->x, &e->w, p->r);
}

void fp_growth_parts_bound(mag_t integral, mag_t largest, fp_growth_parts *p, const fp_series *s, const mag_t r)
{
    p->s = s, p->r = r;
    fp_pool_run(p->pool, p->count, bound_part, p);
    p->s = NULL, p->r = NULL;
    mag_zero(integral), mag_zero(largest);
    for (size_t k = 0; k < p->count; k++) {
        if (mag_is_finite(p->part[k].mu))
            mag_addmul(integral, p->part[k].mu, p->part[k].length);
        else
            mag_inf(integral); /* 0 times infinity would be 0 */
        mag_max(largest, largest, p->part[k].mu);
    }
}
