/* SPDX-License-Identifier: MIT */
/* The mixed block, aggregated (5b): with H[nu,mu,kappa] = sum (g_i y_i/n) p_h (delta_hj - p_j) over where the triple occurs it is
 *   2 sqrt(m1/m) sum H (dk_nu.q_mu + k_nu.dq_mu)(dub.v_kappa + ub.dv_kappa),
 * and needs upper bounds of a_{nu,mu} = sum_kappa H v_kappa, of sum_mu H q_mu and of sum_nu H k_nu over the tube. With any fixed numbers Hc, xc
 *   |sum H x - sum Hc xc| <= sum |Hc| |x - xc| + sum |H - Hc| |x|,
 * and only sum Hc xc needs vectors: doubles (growth_double.c). */
#include "growth_impl.h"

#include <stdlib.h>

/* A number in [0, 1] with its centre: |x - centre| <= off, 0 <= x <= top, centre <= top, for every x of the tube */
typedef struct {
    double centre;
    mag_t off, top;
} unit;

static double clip(double x)
{
    return x < 0 ? 0 : x > 1 ? 1 : x;
}

/* The clipped midpoint is no further from any x in [0, 1] than the midpoint. Its conversion to double is part of the rounding allowance of the caller. */
static void unit_set(unit *e, const arb_t x, const mag_t widening)
{
    mag_t one;
    mag_init(one);
    mag_one(one);
    e->centre = clip(arf_get_d(arb_midref(x), ARF_RND_NEAR));
    mag_add(e->off, arb_radref(x), widening);
    mag_min(e->off, e->off, one);
    arb_get_mag(e->top, x);
    mag_add(e->top, e->top, widening);
    mag_min(e->top, e->top, one);
    mag_clear(one);
}

static unit *units_new(size_t count)
{
    unit *list = fp_alloc(count, sizeof *list);
    for (size_t e = 0; e < count; e++)
        mag_init(list[e].off), mag_init(list[e].top);
    return list;
}

static void units_free(unit *list, size_t count)
{
    for (size_t e = 0; e < count; e++)
        mag_clear(list[e].off), mag_clear(list[e].top);
    free(list);
}

/* One row (i, l) added to H. With g/n = G: |G p_h p_j - its centre| <= p_j (dG p_h + G dp_h) + G p_h dp_j, and |p (1-p) - its centre| <= dp, all at their tops. An item's centre takes at most 8
 * roundings and their sum at most n L^3 more, each relative to G p_h p_j, or to G p_h where h = j: that is `rounding`. */
typedef struct {
    fp_triples *t;
    const unit *p; /* L */
    double G;      /* y_i g_i / n */
    mag_srcptr G_top, G_off, rounding;
    size_t L;
    mag_t a, b;
} row_work;

static void add_key(row_work *k, const size_t *triple, size_t h)
{
    const unit *p = k->p;
    mag_mul(k->b, k->G_top, p[h].top);
    mag_mul(k->a, k->G_off, p[h].top);
    mag_addmul(k->a, k->G_top, p[h].off);
    mag_addmul(k->a, k->rounding, k->b);
    for (size_t j = 0; j < k->L; j++) {
        size_t at = triple[j];
        if (j == h) {
            k->t->centre[at] += k->G * p[h].centre * (1 - p[h].centre);
            mag_add(k->t->spread + at, k->t->spread + at, k->a);
        } else {
            k->t->centre[at] -= k->G * p[h].centre * p[j].centre;
            mag_addmul(k->t->spread + at, k->a, p[j].top);
            mag_addmul(k->t->spread + at, k->b, p[j].off);
        }
    }
}

static void add_sample(row_work *k, unit *p, const fp_range *x, const fp_widening *w, size_t i)
{
    size_t L = k->L;
    k->p = p;
    for (size_t l = 0; l < L; l++) {
        size_t row = i * L + l;
        for (size_t h = 0; h < L; h++)
            unit_set(p + h, x->p + row * L + h, w->p + row * L + h);
        for (size_t h = 0; h < L; h++)
            add_key(k, k->t->of + (row * L + h) * L, h);
    }
}

static void reset(fp_triples *t)
{
    for (size_t e = 0; e < t->count; e++) {
        t->centre[e] = 0;
        mag_set_ui_2exp_si(t->spread + e, 1, -900); /* what underflow can do to fewer than 2^100 items */
    }
}

static void set_coefficients(fp_triples *t, const fp_series_shape *shape, const fp_range *x, const fp_widening *w)
{
    unit *p = units_new(x->L), *g = units_new(1);
    mag_t rounding;
    row_work k = {.t = t, .G_top = g->top, .G_off = g->off, .rounding = rounding, .L = x->L};
    mag_init(rounding), mag_init(k.a), mag_init(k.b);
    fp_double_rounding(rounding, x->n * x->L * x->L * x->L + 8);
    reset(t);
    for (size_t i = 0; i < x->n && !fp_interrupted(); i++) {
        unit_set(g, x->g + i, w->g + i);
        mag_div_ui(g->off, g->off, (ulong)x->n);
        mag_div_ui(g->top, g->top, (ulong)x->n);
        k.G = g->centre / (double)x->n * shape->label[i];
        add_sample(&k, p, x, w, i);
    }
    for (size_t e = 0; e < t->count; e++)
        fp_double_upper(t->size + e, t->centre[e]);
    mag_clear(rounding), mag_clear(k.a), mag_clear(k.b);
    units_free(p, x->L);
    units_free(g, 1);
}

/* off[group] >= |sum H x - sum|, sum the double vector sum Hc xc */
static void sum_group(double *sum, mag_t off, const fp_slices *s, size_t group, const fp_triples *t, const fp_cloud *c)
{
    mag_zero(off);
    for (size_t r = 0; r < c->rows; r++)
        sum[r] = 0;
    for (size_t e = s->begin[group]; e < s->begin[group + 1]; e++) {
        fp_double_add_multiple(sum, t->centre[s->triple[e]], c->x + s->term[e] * c->rows, c->rows);
        mag_addmul(off, t->size + s->triple[e], c->gap + s->term[e]);
        mag_addmul(off, t->spread + s->triple[e], c->top + s->term[e]);
    }
}

/* (dk_nu.b)(ub.dv_kappa), b = sum_mu H q_mu, factor u = sqrt(m1/m) |ub|; likewise (dq_mu.b)(ub.dv_kappa), b = sum_nu H k_nu */
static void add_with_v(mag_ptr block, const fp_slices *s, const fp_triples *t, const fp_cloud *c, const mag_t u)
{
    double *sum = fp_alloc(c->rows, sizeof *sum);
    mag_t off, norm;
    mag_init(off), mag_init(norm);
    for (size_t group = 0; group < s->groups && !fp_interrupted(); group++) {
        sum_group(sum, off, s, group, t, c);
        fp_double_norm(norm, sum, c->rows);
        mag_add(norm, norm, off);
        mag_addmul(block + s->pair[group], u, norm);
    }
    mag_clear(off), mag_clear(norm);
    free(sum);
}

/* The matrix between dub and one dk_nu is sqrt(m1/m) C, C = sum_mu q_mu a_{nu,mu}^T (and between dub and dq_mu: sum_nu k_nu a_{nu,mu}^T). |C| is at most sum |q||a|, and at most the Frobenius norm
 * of Cc = sum xc ac^T, |Cc|^2 = sum_{e,f} (xc_e.xc_f)(ac_e.ac_f), plus sum |x| |a - ac| + |x - xc| |ac|: vectors that are nearly orthogonal add up like squares. */
typedef struct {
    size_t rows, count;
    double *a;                /* count vectors */
    mag_ptr a_norm, a_off;    /* >= |ac|, >= |a - ac| */
    size_t *partner;          /* token of x */
    const fp_cloud *x;
    mag_t squares, plain, moved, t;
} outer;

static void outer_init(outer *k, size_t most, size_t rows)
{
    *k = (outer){.rows = rows, .a = fp_alloc(most * rows, sizeof *k->a), .a_norm = _mag_vec_init((slong)most), .a_off = _mag_vec_init((slong)most),
                 .partner = fp_alloc(most, sizeof *k->partner)};
    mag_init(k->squares), mag_init(k->plain), mag_init(k->moved), mag_init(k->t);
}

static void outer_clear(outer *k, size_t most)
{
    free(k->a), free(k->partner);
    _mag_vec_clear(k->a_norm, (slong)most), _mag_vec_clear(k->a_off, (slong)most);
    mag_clear(k->squares), mag_clear(k->plain), mag_clear(k->moved), mag_clear(k->t);
}

/* sum_{e,f} (xc_e.xc_f)(ac_e.ac_f) with its rounding: each term has at most 2 rows + 3 roundings and the sum count^2, relative to (sum |xc_e||ac_e|)^2 (`plain` here); counted double. Underflow: below
 * 2^-900 (1 + sum |xc|^2 + sum |ac|^2) as long as there are fewer than 2^100 operations. */
static void set_squares(outer *k)
{
    double sum = 0;
    mag_zero(k->plain);
    mag_one(k->moved);
    for (size_t e = 0; e < k->count && !fp_interrupted(); e++) {
        double others = 0;
        mag_srcptr x = k->x->held + k->partner[e];
        for (size_t f = 0; f < e; f++)
            others += fp_double_dot(k->a + e * k->rows, k->a + f * k->rows, k->rows) * fp_cloud_product(k->x, k->partner[e], k->partner[f]);
        sum += 2 * others + fp_double_dot(k->a + e * k->rows, k->a + e * k->rows, k->rows) * fp_cloud_product(k->x, k->partner[e], k->partner[e]);
        mag_addmul(k->plain, k->a_norm + e, x);
        mag_addmul(k->moved, x, x);
        mag_addmul(k->moved, k->a_norm + e, k->a_norm + e);
    }
    fp_double_upper(k->squares, sum);
    mag_mul(k->plain, k->plain, k->plain);
    fp_double_rounding(k->t, 2 * (k->rows + k->x->rows + k->count * k->count + 8));
    mag_addmul(k->squares, k->t, k->plain);
    mag_mul_2exp_si(k->moved, k->moved, -900);
    mag_add(k->squares, k->squares, k->moved);
}

/* out >= |C| */
static void outer_bound(mag_t out, outer *k)
{
    set_squares(k);
    mag_sqrt(out, k->squares);
    mag_zero(k->plain);
    for (size_t e = 0; e < k->count; e++) {
        mag_srcptr top = k->x->top + k->partner[e];
        mag_addmul(out, top, k->a_off + e);
        mag_addmul(out, k->x->gap + k->partner[e], k->a_norm + e);
        mag_add(k->t, k->a_norm + e, k->a_off + e);
        mag_addmul(k->plain, top, k->t);
    }
    mag_min(out, out, k->plain);
}

/* Adds root |C_token| for every token: pairs with key `token` and x = q of their queries, or with query `token` and x = k of their keys. */
static void add_with_u(mag_ptr block, const fp_growth *g, const fp_series_shape *shape, bool by_key, const mag_t root)
{
    const fp_slices *s = &g->triples.by_kappa; /* its groups are the pairs, in their order */
    size_t d = g->d;
    outer k;
    mag_t bound;
    mag_init(bound);
    outer_init(&k, d, g->v.rows);
    k.x = by_key ? &g->q : &g->k;
    for (size_t token = 0; token < d && !fp_interrupted(); token++) {
        k.count = 0;
        for (size_t other = 0; other < d; other++) {
            long pair = shape->pair_of[by_key ? token * d + other : other * d + token];
            if (pair < 0)
                continue;
            sum_group(k.a + k.count * k.rows, k.a_off + k.count, s, (size_t)pair, &g->triples, &g->v);
            fp_double_norm(k.a_norm + k.count, k.a + k.count * k.rows, k.rows);
            k.partner[k.count++] = other;
        }
        outer_bound(bound, &k);
        mag_addmul(block + token, root, bound);
    }
    outer_clear(&k, d);
    mag_clear(bound);
}

/* root = sqrt(m1/m), u = root |ub| over the tube = |u|/sqrt m + root r */
static void set_factors(mag_t root, mag_t u, const fp_series_shape *shape, const fp_range *x, const mag_t r)
{
    mag_set_ui(root, (ulong)shape->m1);
    mag_div_ui(root, root, (ulong)shape->m);
    mag_sqrt(root, root);
    mag_one(u);
    mag_div_ui(u, u, (ulong)shape->m);
    mag_sqrt(u, u);
    mag_mul(u, u, x->u);
    mag_addmul(u, root, r);
}

void fp_growth_add_mixed(fp_comparison *B, fp_growth *g, const fp_series_shape *shape, const fp_range *x, const fp_widening *w, const mag_t r)
{
    mag_t root, u;
    mag_init(root), mag_init(u);
    set_factors(root, u, shape, x, r);
    set_coefficients(&g->triples, shape, x, w);
    add_with_u(B->uk, g, shape, true, root);
    add_with_u(B->uq, g, shape, false, root);
    add_with_v(B->kv, &g->triples.by_mu, &g->triples, &g->q, u);
    add_with_v(B->qv, &g->triples.by_nu, &g->triples, &g->k, u);
    mag_clear(root), mag_clear(u);
}
