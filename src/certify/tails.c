/* SPDX-License-Identifier: MIT */
/* Tails of every scalar series of a step, from y outward (certificate.md, (8)-(11)): G and s, E = exp(s), Z, p = E/Z, o, F, e^{-z}, g, c, N. Nothing of length m
 * is touched but the norms of the coefficients of y. */
#include <stdlib.h>

#include "certify_impl.h"

enum { ROWS = 6 };

static mag_ptr bounds(size_t count)
{
    return _mag_vec_init((slong)(count ? count : 1));
}

static void drop(mag_ptr v, size_t count)
{
    if (v)
        _mag_vec_clear(v, (slong)(count ? count : 1));
}

/* The arrays of a fp_tails with their lengths, once for init and clear. */
typedef struct {
    mag_ptr *at;
    size_t count;
} array;
enum { ARRAYS = 19 };

static void arrays(array out[ARRAYS], fp_tails *t)
{
    size_t n = t->n, L = t->L, d = t->d, one = (size_t)t->max_order + 1;
    const array list[ARRAYS] = {{&t->h_power, one},   {&t->u, one},      {&t->v, d * one},    {&t->k, d * one},          {&t->q, d * one},
                                {&t->size_G, d * one}, {&t->G, d},       {&t->s, t->pairs},   {&t->E, t->pairs},         {&t->Z, n * L},
                                {&t->p, n * L * L},   {&t->o, n * L},    {&t->F, n},          {&t->decay, n},            {&t->g, n},
                                {&t->c, d},           {&t->N, t->pairs}, {&t->sample, L * L * one}, {&t->row, ROWS * one}};
    for (size_t x = 0; x < ARRAYS; x++) out[x] = list[x];
}

void fp_tails_init(fp_tails *t, const fp_series *s, int max_order)
{
    const fp_series_shape *shape = fp_series_get_shape(s);
    array list[ARRAYS];
    *t = (fp_tails){.n = (size_t)shape->n, .L = (size_t)shape->L, .d = (size_t)shape->d, .pairs = shape->pairs, .max_order = max_order};
    arrays(list, t);
    for (size_t x = 0; x < ARRAYS; x++) *list[x].at = bounds(list[x].count);
}

void fp_tails_clear(fp_tails *t)
{
    array list[ARRAYS];
    arrays(list, t);
    for (size_t x = 0; x < ARRAYS; x++) drop(*list[x].at, list[x].count);
    *t = (fp_tails){0};
}

/* ---- y */
static mag_ptr of_token(const fp_tails *t, mag_ptr sizes, size_t token)
{
    return sizes + token * (size_t)(t->order + 1);
}

static mag_ptr row(const fp_tails *t, size_t which)
{
    return t->row + which * (size_t)(t->order + 1);
}

static void vector_sizes(mag_ptr out, const fp_tails *t, const fp_series *s, fp_series_block block, size_t token)
{
    for (int k = 0; k <= t->order; k++) mag_mul(out + k, fp_series_vector(s, block, (long)token, k)->norm, t->h_power + k);
}

static void set_vectors(fp_tails *t, const fp_series *s)
{
    vector_sizes(t->u, t, s, FP_SERIES_U, 0);
    for (size_t x = 0; x < t->d && !fp_interrupted(); x++) {
        vector_sizes(of_token(t, t->v, x), t, s, FP_SERIES_V, x);
        vector_sizes(of_token(t, t->k, x), t, s, FP_SERIES_K, x);
        vector_sizes(of_token(t, t->q, x), t, s, FP_SERIES_Q, x);
    }
}

/* ---- products of two polynomials, and exp */
static void set_outputs(fp_tails *t, const fp_series *s)
{
    for (size_t x = 0; x < t->d && !fp_interrupted(); x++) {
        fp_tail_sizes(of_token(t, t->size_G, x), fp_series_G(s, (long)x), t->order, t->h_power);
        fp_tail_overlap(t->G + x, t->u, of_token(t, t->v, x), t->order, t->order + 1);
    }
}

static void set_pairs(fp_tails *t, const fp_series *s)
{
    const fp_series_shape *shape = fp_series_get_shape(s);
    mag_t scale;
    mag_init(scale);
    mag_set_ui_lower(scale, (ulong)shape->m);
    mag_rsqrt(scale, scale);
    for (size_t x = 0; x < t->pairs && !fp_interrupted(); x++) {
        fp_tail_overlap(t->s + x, of_token(t, t->k, (size_t)shape->key[x]), of_token(t, t->q, (size_t)shape->query[x]), t->order, t->order + 1);
        mag_mul(t->s + x, t->s + x, scale);
        fp_tail_sizes(row(t, 0), fp_series_score(s, x), t->order, t->h_power);
        fp_tail_sizes(row(t, 1), fp_series_exp(s, x), t->order, t->h_power);
        fp_tail_exp(t->E + x, row(t, 0), t->s + x, row(t, 1), t->order);
    }
    mag_clear(scale);
}

/* ---- one sample */
static size_t pair_at(const fp_series_shape *shape, size_t i, size_t l, size_t k)
{
    const long *token = shape->token + i * (size_t)shape->L;
    return (size_t)shape->pair_of[token[k] * shape->d + token[l]];
}

/* Z, p and o of one query position. */
static void attend(fp_tails *t, const fp_series *s, size_t i, size_t l)
{
    const fp_series_shape *shape = fp_series_get_shape(s);
    size_t L = t->L, at = i * L + l;
    mag_ptr Z = row(t, 0);
    mag_t least, part;
    mag_init(least);
    mag_init(part);
    mag_zero(t->Z + at);
    for (size_t k = 0; k < L; k++) mag_add(t->Z + at, t->Z + at, t->E + pair_at(shape, i, l, k));
    fp_tail_sizes(Z, fp_series_sum(s, (long)i, (long)l), t->order, t->h_power);
    arb_get_mag_lower(least, fp_series_sum(s, (long)i, (long)l));
    mag_zero(t->o + at);
    for (size_t k = 0; k < L; k++) {
        size_t token = (size_t)shape->token[i * L + k];
        mag_ptr p = of_token(t, t->sample, l * L + k);
        fp_tail_sizes(p, fp_series_p(s, (long)i, (long)l, (long)k), t->order, t->h_power);
        t->closed &= fp_tail_quotient(t->p + at * L + k, p, t->E + pair_at(shape, i, l, k), Z, least, t->Z + at, t->order);
        fp_tail_product(part, p, t->p + at * L + k, of_token(t, t->size_G, token), t->G + token, t->order);
        mag_add(t->o + at, t->o + at, part);
    }
    mag_clear(part);
    mag_clear(least);
}

/* e^{-z} and g (11): 1 + e^{-z} is at least 1 at order 0. */
static void set_logistic(fp_tails *t, const fp_series *s, size_t i)
{
    mag_ptr z = row(t, 0), decay = row(t, 1), g = row(t, 2);
    bool positive = fp_series_z_sign(s, (long)i) > 0;
    mag_t none, one;
    arb_t head;
    mag_init(none);
    mag_init(one);
    arb_init(head);
    fp_tail_sizes(z, fp_series_z(s, (long)i), t->order, t->h_power);
    fp_tail_sizes(decay, fp_series_decay(s, (long)i), t->order, t->h_power);
    fp_tail_sizes(g, fp_series_g(s, (long)i), t->order, t->h_power);
    fp_tail_exp(t->decay + i, z, t->F + i, decay, t->order);
    arb_add_ui(head, fp_series_decay(s, (long)i), 1, fp_series_prec(s));
    arb_get_mag(decay, head);
    arb_get_mag_lower(one, head);
    t->closed &= fp_tail_quotient(t->g + i, g, positive ? t->decay + i : none, decay, one, t->decay + i, t->order);
    arb_clear(head);
    mag_clear(one);
    mag_clear(none);
}

/* What the position pair (l, k) adds to n c(x_k) and to n sqrt(m) N(x_k, x_l): g p and g p (G - o). */
static void add_force(fp_tails *t, const fp_series *s, mag_srcptr g, size_t i, size_t l, size_t k)
{
    const fp_series_shape *shape = fp_series_get_shape(s);
    size_t L = t->L, token = (size_t)shape->token[i * L + k], pair = pair_at(shape, i, l, k);
    mag_ptr p = of_token(t, t->sample, l * L + k), lift = row(t, 1), force = row(t, 2);
    mag_srcptr tp = t->p + (i * L + l) * L + k;
    arb_srcptr G = fp_series_G(s, (long)token), o = fp_series_o(s, (long)i, (long)l);
    mag_t tail, part;
    arb_t difference;
    mag_init(tail);
    mag_init(part);
    arb_init(difference);
    fp_tail_product(part, g, t->g + i, p, tp, t->order);
    mag_add(t->c + token, t->c + token, part);
    for (int x = 0; x <= t->order; x++) {
        arb_sub(difference, G + x, o + x, fp_series_prec(s));
        arb_get_mag(lift + x, difference);
        mag_mul(lift + x, lift + x, t->h_power + x);
    }
    mag_add(tail, t->G + token, t->o + i * L + l);
    fp_tail_product(part, p, tp, lift, tail, t->order);
    fp_tail_convolve(force, p, lift, t->order);
    fp_tail_product(tail, g, t->g + i, force, part, t->order);
    mag_add(t->N + pair, t->N + pair, tail);
    arb_clear(difference);
    mag_clear(part);
    mag_clear(tail);
}

static void set_sample(fp_tails *t, const fp_series *s, size_t i)
{
    mag_zero(t->F + i);
    for (size_t l = 0; l < t->L; l++) {
        attend(t, s, i, l);
        mag_add(t->F + i, t->F + i, t->o + i * t->L + l);
    }
    set_logistic(t, s, i);
    mag_ptr g = row(t, 0);
    fp_tail_sizes(g, fp_series_g(s, (long)i), t->order, t->h_power);
    for (size_t l = 0; l < t->L; l++)
        for (size_t k = 0; k < t->L; k++) add_force(t, s, g, i, l, k);
}

/* c and N are (1/n) and 1/(n sqrt m) times the sums. */
static void scale_forces(fp_tails *t, const fp_series *s)
{
    mag_t scale;
    mag_init(scale);
    mag_set_ui_lower(scale, (ulong)fp_series_get_shape(s)->m);
    mag_rsqrt(scale, scale);
    for (size_t x = 0; x < t->d; x++) mag_div_ui(t->c + x, t->c + x, t->n);
    for (size_t x = 0; x < t->pairs; x++) {
        mag_div_ui(t->N + x, t->N + x, t->n);
        mag_mul(t->N + x, t->N + x, scale);
    }
    mag_clear(scale);
}

static void set_powers(fp_tails *t, const arf_t h)
{
    mag_t step;
    mag_init(step);
    arf_get_mag(step, h);
    mag_one(t->h_power);
    for (int k = 1; k <= t->order; k++) mag_mul(t->h_power + k, t->h_power + k - 1, step);
    mag_clear(step);
}

void fp_tails_set(fp_tails *t, const fp_series *s, const arf_t h)
{
    t->order = fp_series_order(s);
    t->closed = true;
    set_powers(t, h);
    set_vectors(t, s);
    set_outputs(t, s);
    set_pairs(t, s);
    for (size_t x = 0; x < t->d; x++) mag_zero(t->c + x);
    for (size_t x = 0; x < t->pairs; x++) mag_zero(t->N + x);
    for (size_t i = 0; i < t->n && !fp_interrupted(); i++) set_sample(t, s, i);
    scale_forces(t, s);
}
