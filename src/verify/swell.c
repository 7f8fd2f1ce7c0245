/* SPDX-License-Identifier: MIT */
/* Values along y over a part of a step, and what a tube of radius r adds (certificate.md, (13)-(17)). */
#include <stdlib.h>

#include "verify_impl.h"

enum { COARSE = 64 };

/* A list of the arrays with their lengths: balls first. */
enum { BALLS = 6, MAGS = 8 };
static void list(arb_ptr **balls, mag_ptr **mags, slong *balls_len, slong *mags_len, fp_swell *w, const fp_leg *x)
{
    arb_ptr *const b[BALLS] = {&w->G, &w->p, &w->o, &w->g, &w->c, &w->N};
    mag_ptr *const m[MAGS] = {&w->dG, &w->ds, &w->dp, &w->dor, &w->dF, &w->dg, &w->dc, &w->dN};
    const slong d = x->d, rows = x->n * x->L, pairs = (slong)x->pairs, bl[BALLS] = {d, rows * x->L, rows, x->n, d, pairs}, ml[MAGS] = {d, pairs, rows * x->L, rows, x->n, x->n, d, pairs};
    for (int k = 0; k < BALLS; k++) balls[k] = b[k], balls_len[k] = bl[k];
    for (int k = 0; k < MAGS; k++) mags[k] = m[k], mags_len[k] = ml[k];
}

void fp_swell_init(fp_swell *w, const fp_leg *x)
{
    arb_ptr *balls[BALLS];
    mag_ptr *mags[MAGS];
    slong bl[BALLS], ml[MAGS];
    list(balls, mags, bl, ml, w, x);
    for (int k = 0; k < BALLS; k++) *balls[k] = _arb_vec_init(bl[k]);
    for (int k = 0; k < MAGS; k++) *mags[k] = _mag_vec_init(ml[k]);
}

void fp_swell_clear(fp_swell *w, const fp_leg *x)
{
    arb_ptr *balls[BALLS];
    mag_ptr *mags[MAGS];
    slong bl[BALLS], ml[MAGS];
    list(balls, mags, bl, ml, w, x);
    for (int k = 0; k < BALLS; k++) _arb_vec_clear(*balls[k], bl[k]);
    for (int k = 0; k < MAGS; k++) _mag_vec_clear(*mags[k], ml[k]);
}

static void ranges(arb_ptr out, const fp_leg *x, const size_t *node, slong count, arb_srcptr power)
{
    for (slong e = 0; e < count; e++) fp_tape_range(out + e, &x->tape, node[e], power, COARSE);
}

void fp_swell_set(fp_swell *w, const fp_leg *x, const arf_t a, const arf_t b)
{
    arb_ptr power = _arb_vec_init(x->order + 1);
    fp_leg_powers(power, x->order, a, b, COARSE);
    ranges(w->G, x, x->G, x->d, power);
    ranges(w->p, x, x->p, x->n * x->L * x->L, power);
    ranges(w->o, x, x->o, x->n * x->L, power);
    ranges(w->g, x, x->g, x->n, power);
    ranges(w->c, x, x->c, x->d, power);
    ranges(w->N, x, x->N, (slong)x->pairs, power);
    _arb_vec_clear(power, x->order + 1);
}

/* ---- scratch of widening */
typedef struct {
    fp_swell *w;
    const fp_leg *x;
    mag_srcptr r;
    mag_t a, b, c, root, inverse_root_m, inverse_n;
} work;

static void cap(mag_t x, const mag_t most)
{
    if (mag_cmp(x, most) > 0) mag_set(x, most);
}

/* out = a e + b f + e f, the most that a product moves when its factors a, b move by f, e */
static void moved(mag_t out, const mag_t a, const mag_t b, const mag_t e, const mag_t f)
{
    mag_mul(out, a, e);
    mag_addmul(out, b, f);
    mag_addmul(out, e, f);
}

/* out = r sqrt(a^2 + b^2) + r^2/2: how far x.z moves for |x| <= a, |z| <= b along y when |dx|^2 + |dz|^2 <= r^2 */
static void form_moves(mag_t out, work *k, const mag_t a, const mag_t b)
{
    mag_hypot(out, a, b);
    mag_mul(out, out, k->r);
    mag_mul(k->c, k->r, k->r);
    mag_mul_2exp_si(k->c, k->c, -1);
    mag_add(out, out, k->c);
}

/* (13): of G = sqrt(m1) ub.v and s = k.q/sqrt m */
static void forms(work *k)
{
    const fp_leg *x = k->x;
    mag_t ub;
    mag_init(ub);
    mag_set_ui_lower(k->a, (ulong)x->problem->m1);
    mag_rsqrt(ub, k->a);
    mag_mul(ub, ub, x->norm);
    for (long t = 0; t < x->d; t++) {
        form_moves(k->w->dG + t, k, ub, x->norm + fp_leg_v(t));
        mag_mul(k->w->dG + t, k->w->dG + t, k->root);
    }
    for (size_t e = 0; e < x->pairs; e++) {
        form_moves(k->w->ds + e, k, x->norm + fp_leg_k(x, (long)x->key[e]), x->norm + fp_leg_q(x, (long)x->query[e]));
        mag_mul(k->w->ds + e, k->w->ds + e, k->inverse_root_m);
    }
    mag_clear(ub);
}

static size_t pair_at(const fp_leg *x, long row, long h)
{
    const long *token = x->token + row / x->L * x->L;
    return (size_t)x->pair[token[h] * x->d + token[row % x->L]];
}

/* >= |G_h - o| along y */
static void difference(mag_t out, const work *k, long row, long h)
{
    arb_t t;
    arb_init(t);
    arb_sub(t, k->w->G + k->x->token[row / k->x->L * k->x->L + h], k->w->o + row, COARSE);
    arb_get_mag(out, t);
    arb_clear(t);
}

/* (14), (15): dp <= p (e^{2e} - 1), do <= max_h dG_h + sum_h dp_h |G_h - o| */
static void row_moves(work *k, long row)
{
    const fp_leg *x = k->x;
    const long *token = x->token + row / x->L * x->L;
    mag_ptr out = k->w->dor + row;
    mag_zero(k->a);
    mag_zero(out);
    mag_one(k->c);
    for (long h = 0; h < x->L; h++) {
        mag_max(k->a, k->a, k->w->ds + pair_at(x, row, h));
        mag_max(out, out, k->w->dG + token[h]);
    }
    mag_mul_2exp_si(k->a, k->a, 1);
    mag_expm1(k->a, k->a);
    for (long h = 0; h < x->L; h++) {
        mag_ptr dp = k->w->dp + row * x->L + h;
        arb_get_mag(k->b, k->w->p + row * x->L + h);
        mag_mul(dp, k->b, k->a);
        cap(dp, k->c);
        difference(k->b, k, row, h);
        mag_addmul(out, dp, k->b);
    }
}

/* (16): dg <= min(dF/4, g (e^{dF} - 1)) */
static void output_moves(work *k, long i)
{
    mag_ptr dF = k->w->dF + i, dg = k->w->dg + i;
    mag_zero(dF);
    for (long l = 0; l < k->x->L; l++) mag_add(dF, dF, k->w->dor + i * k->x->L + l);
    arb_get_mag(k->a, k->w->g + i);
    mag_expm1(dg, dF);
    mag_mul(dg, dg, k->a);
    mag_mul_2exp_si(k->a, dF, -2);
    cap(dg, k->a);
}

/* (17): d(gp) to c; d(gp) (|G - o| + dG + do) + g p (dG + do) to N */
static void position_moves(work *k, long row, long h)
{
    const fp_leg *x = k->x;
    long i = row / x->L, token = x->token[i * x->L + h];
    mag_ptr dN = k->w->dN + pair_at(x, row, h), dp = k->w->dp + row * x->L + h;
    mag_t p, gp;
    mag_init(p);
    mag_init(gp);
    arb_get_mag(p, k->w->p + row * x->L + h);
    arb_get_mag(k->a, k->w->g + i);
    mag_mul(gp, k->a, p);
    moved(k->c, k->a, p, dp, k->w->dg + i);
    mag_add(k->w->dc + token, k->w->dc + token, k->c);
    mag_add(k->a, k->w->dG + token, k->w->dor + row);
    mag_addmul(dN, gp, k->a);
    difference(k->b, k, row, h);
    mag_add(k->b, k->b, k->a);
    mag_addmul(dN, k->c, k->b);
    mag_clear(gp);
    mag_clear(p);
}

static void scale(mag_ptr list_, slong count, const mag_t by)
{
    for (slong e = 0; e < count; e++) mag_mul(list_ + e, list_ + e, by);
}

static void widen(work *k)
{
    const fp_leg *x = k->x;
    forms(k);
    for (long row = 0; row < x->n * x->L; row++) row_moves(k, row);
    for (long i = 0; i < x->n; i++) output_moves(k, i);
    for (long t = 0; t < x->d; t++) mag_zero(k->w->dc + t);
    for (size_t e = 0; e < x->pairs; e++) mag_zero(k->w->dN + e);
    for (long row = 0; row < x->n * x->L; row++)
        for (long h = 0; h < x->L; h++) position_moves(k, row, h);
    scale(k->w->dc, x->d, k->inverse_n);
    mag_mul(k->a, k->inverse_n, k->inverse_root_m);
    scale(k->w->dN, (slong)x->pairs, k->a);
}

void fp_swell_widen(fp_swell *w, const fp_leg *x, const mag_t r)
{
    work k = {.w = w, .x = x, .r = r};
    mag_ptr const all[] = {k.a, k.b, k.c, k.root, k.inverse_root_m, k.inverse_n};
    for (int e = 0; e < 6; e++) mag_init(all[e]);
    mag_set_ui(k.root, (ulong)x->problem->m1);
    mag_sqrt(k.root, k.root);
    arb_get_mag(k.inverse_root_m, x->factor + FP_MODEL_ROOT_M);
    arb_get_mag(k.inverse_n, x->factor + FP_MODEL_N);
    widen(&k);
    for (int e = 0; e < 6; e++) mag_clear(all[e]);
}
