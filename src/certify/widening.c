/* SPDX-License-Identifier: MIT */
/* How far every scalar of the flow moves when the state does, by norms (13)-(17). Notation: p+ = min(1, p + dp), since softmax weights and g are at most 1 everywhere. */
#include "certify_impl.h"

#include <stdlib.h>

void fp_widening_init_for(fp_widening *w, const fp_series_shape *shape)
{
    *w = (fp_widening){.d = (size_t)shape->d, .pairs = shape->pairs, .n = (size_t)shape->n, .L = (size_t)shape->L};
    slong d = (slong)w->d, pairs = (slong)w->pairs, n = (slong)w->n, L = (slong)w->L;
    w->G = _mag_vec_init(d), w->c = _mag_vec_init(d);
    w->s = _mag_vec_init(pairs), w->N = _mag_vec_init(pairs);
    w->p = _mag_vec_init(n * L * L), w->o = _mag_vec_init(n * L);
    w->F = _mag_vec_init(n), w->g = _mag_vec_init(n);
}

void fp_widening_init(fp_widening *w, const fp_series *s)
{
    fp_widening_init_for(w, fp_series_get_shape(s));
}

void fp_widening_clear(fp_widening *w)
{
    if (w->G == NULL)
        return;
    slong d = (slong)w->d, pairs = (slong)w->pairs, n = (slong)w->n, L = (slong)w->L;
    _mag_vec_clear(w->G, d), _mag_vec_clear(w->c, d);
    _mag_vec_clear(w->s, pairs), _mag_vec_clear(w->N, pairs);
    _mag_vec_clear(w->p, n * L * L), _mag_vec_clear(w->o, n * L);
    _mag_vec_clear(w->F, n), _mag_vec_clear(w->g, n);
    *w = (fp_widening){0};
}

static void fill_infinite(mag_ptr x, size_t count)
{
    for (size_t e = 0; e < count; e++)
        mag_inf(x + e);
}

static void set_infinite(fp_widening *w)
{
    fill_infinite(w->G, w->d), fill_infinite(w->c, w->d);
    fill_infinite(w->s, w->pairs), fill_infinite(w->N, w->pairs);
    fill_infinite(w->p, w->n * w->L * w->L), fill_infinite(w->o, w->n * w->L);
    fill_infinite(w->F, w->n), fill_infinite(w->g, w->n);
}

static void cap_at_one(mag_t x)
{
    if (mag_cmp_2exp_si(x, 0) > 0)
        mag_one(x);
}

/* What the functions below share; every number is rounded up. */
typedef struct {
    fp_widening *w;
    const fp_range *x;
    const fp_series_shape *shape;
    mag_t r, half_square;              /* r, r^2/2 */
    mag_t m1, root_m1, inverse_root_m; /* m1, sqrt(m1), 1/sqrt(m) */
    mag_t inverse_n;
    mag_t a, b, c;                     /* scratch */
} work;

static void work_init(work *k, fp_widening *w, const fp_series_shape *shape, const fp_range *x, const mag_t r)
{
    *k = (work){.w = w, .x = x, .shape = shape};
    mag_init_set(k->r, r);
    mag_init(k->half_square), mag_init(k->m1), mag_init(k->root_m1), mag_init(k->inverse_root_m), mag_init(k->inverse_n);
    mag_init(k->a), mag_init(k->b), mag_init(k->c);
    mag_mul(k->half_square, r, r);
    mag_mul_2exp_si(k->half_square, k->half_square, -1);
    mag_set_ui(k->m1, (ulong)shape->m1);
    mag_sqrt(k->root_m1, k->m1);
    mag_set_ui_lower(k->a, (ulong)shape->m);
    mag_rsqrt(k->inverse_root_m, k->a);
    mag_one(k->inverse_n);
    mag_div_ui(k->inverse_n, k->inverse_n, (ulong)shape->n);
}

static void work_clear(work *k)
{
    mag_clear(k->r), mag_clear(k->half_square), mag_clear(k->m1), mag_clear(k->root_m1), mag_clear(k->inverse_root_m), mag_clear(k->inverse_n);
    mag_clear(k->a), mag_clear(k->b), mag_clear(k->c);
}

/* (13): |dG| <= r sqrt(m1 |v|^2 + |u|^2) + sqrt(m1) r^2/2 */
static void set_G(work *k)
{
    mag_mul(k->c, k->root_m1, k->half_square);
    for (size_t e = 0; e < k->w->d; e++) {
        mag_mul(k->a, k->x->v + e, k->x->v + e);
        mag_mul(k->a, k->a, k->m1);
        mag_addmul(k->a, k->x->u, k->x->u);
        mag_sqrt(k->a, k->a);
        mag_mul(k->a, k->a, k->r);
        mag_add(k->w->G + e, k->a, k->c);
    }
}

/* (13): |ds| <= (r sqrt(|k|^2 + |q|^2) + r^2/2)/sqrt(m) */
static void set_s(work *k)
{
    for (size_t e = 0; e < k->w->pairs; e++) {
        mag_srcptr key = k->x->k + k->shape->key[e], query = k->x->q + k->shape->query[e];
        mag_mul(k->a, key, key);
        mag_addmul(k->a, query, query);
        mag_sqrt(k->a, k->a);
        mag_mul(k->a, k->a, k->r);
        mag_add(k->a, k->a, k->half_square);
        mag_mul(k->w->s + e, k->a, k->inverse_root_m);
    }
}

static size_t pair_at(const work *k, const long *token, size_t h, size_t l)
{
    return (size_t)k->shape->pair_of[token[h] * k->shape->d + token[l]];
}

/* (14): dp <= p (e^{2e} - 1), e the largest ds of the row */
static void set_p(work *k, size_t row, const long *token, size_t l)
{
    size_t L = k->w->L;
    mag_zero(k->a);
    for (size_t h = 0; h < L; h++)
        mag_max(k->a, k->a, k->w->s + pair_at(k, token, h, l));
    mag_mul_2exp_si(k->a, k->a, 1);
    mag_expm1(k->a, k->a);
    for (size_t h = row * L; h < (row + 1) * L; h++) {
        arb_get_mag(k->b, k->x->p + h);
        cap_at_one(k->b);
        mag_mul(k->w->p + h, k->b, k->a);
        cap_at_one(k->w->p + h);
    }
}

/* out >= p+ */
static void upper_p(mag_t out, const work *k, size_t h)
{
    arb_get_mag(out, k->x->p + h);
    mag_add(out, out, k->w->p + h);
    cap_at_one(out);
}

/* out >= |G - o| at y */
static void upper_difference(mag_t out, const work *k, arb_t tmp, long token, size_t row)
{
    arb_sub(tmp, k->x->G + token, k->x->o + row, 64);
    arb_get_mag(out, tmp);
}

/* (15): |do| <= sum_h p+ dG_h + dp_h |G_h - o|; the first sum is at most max_h dG_h, since p(x) sums to 1 */
static void set_o(work *k, arb_t tmp, size_t row, const long *token)
{
    size_t L = k->w->L;
    mag_ptr o = k->w->o + row;
    mag_zero(o);
    mag_zero(k->a);
    for (size_t h = 0; h < L; h++) {
        upper_p(k->b, k, row * L + h);
        mag_addmul(o, k->b, k->w->G + token[h]);
        mag_max(k->a, k->a, k->w->G + token[h]);
    }
    mag_min(o, o, k->a);
    for (size_t h = 0; h < L; h++) {
        upper_difference(k->b, k, tmp, token[h], row);
        mag_addmul(o, k->w->p + row * L + h, k->b);
    }
}

/* (16): |dF| <= sum_l do_l; |d log g/dF| < 1 and |dg/dF| = g (1-g) <= 1/4 */
static void set_sample(work *k, size_t i)
{
    mag_ptr F = k->w->F + i, g = k->w->g + i;
    mag_zero(F);
    for (size_t l = 0; l < k->w->L; l++)
        mag_add(F, F, k->w->o + i * k->w->L + l);
    arb_get_mag(k->a, k->x->g + i);
    mag_expm1(g, F);
    mag_mul(g, g, k->a);
    mag_mul_2exp_si(k->b, F, -2);
    mag_min(g, g, k->b);
    cap_at_one(g);
}

/* (17): d(gp) <= dg p+ + g dp; adds it to c and d(gp) (|G-o| + dG + do) + gp (dG + do) to N */
static void add_position(work *k, arb_t tmp, size_t i, size_t row, const long *token, size_t l, size_t h)
{
    mag_ptr N = k->w->N + pair_at(k, token, h, l);
    size_t at = row * k->w->L + h;
    mag_t moved, change;
    mag_init(moved), mag_init(change);
    upper_p(k->b, k, at);
    mag_mul(change, k->w->g + i, k->b);
    arb_get_mag(k->a, k->x->g + i);
    mag_addmul(change, k->a, k->w->p + at);
    mag_add(k->w->c + token[h], k->w->c + token[h], change);
    mag_add(moved, k->w->G + token[h], k->w->o + row);
    upper_difference(k->b, k, tmp, token[h], row);
    mag_add(k->b, k->b, moved);
    mag_addmul(N, change, k->b);
    arb_get_mag(k->b, k->x->p + at);
    mag_mul(k->a, k->a, k->b);
    mag_addmul(N, k->a, moved);
    mag_clear(moved), mag_clear(change);
}

static void set_positions(work *k)
{
    size_t L = k->w->L;
    arb_t tmp;
    arb_init(tmp);
    for (size_t i = 0; i < k->w->n && !fp_interrupted(); i++) {
        const long *token = k->shape->token + i * L;
        for (size_t l = 0; l < L; l++) {
            set_p(k, i * L + l, token, l);
            set_o(k, tmp, i * L + l, token);
        }
        set_sample(k, i);
        for (size_t l = 0; l < L; l++)
            for (size_t h = 0; h < L; h++)
                add_position(k, tmp, i, i * L + l, token, l, h);
    }
    arb_clear(tmp);
}

/* 1/n for c, 1/(n sqrt m) for N */
static void scale_sums(work *k)
{
    for (size_t e = 0; e < k->w->d; e++)
        mag_mul(k->w->c + e, k->w->c + e, k->inverse_n);
    mag_mul(k->a, k->inverse_n, k->inverse_root_m);
    for (size_t e = 0; e < k->w->pairs; e++)
        mag_mul(k->w->N + e, k->w->N + e, k->a);
}

void fp_widening_of(fp_widening *w, const fp_series_shape *shape, const fp_range *x, const mag_t r)
{
    if (!mag_is_finite(r) || !fp_range_is_finite(x)) {
        set_infinite(w);
        return;
    }
    work k;
    work_init(&k, w, shape, x, r);
    for (size_t e = 0; e < w->d; e++)
        mag_zero(w->c + e);
    for (size_t e = 0; e < w->pairs; e++)
        mag_zero(w->N + e);
    set_G(&k);
    set_s(&k);
    set_positions(&k);
    scale_sums(&k);
    work_clear(&k);
}

void fp_widening_set(fp_widening *w, const fp_series *s, const fp_range *x, const mag_t r)
{
    fp_widening_of(w, fp_series_get_shape(s), x, r);
}
