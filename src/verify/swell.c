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
    for (slong e = 0; e < count && !fp_interrupted(); e++) fp_tape_range(out + e, &x->tape, node[e], power, COARSE);
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

/* ---- widening */
typedef struct {
    fp_swell *w;
    const fp_leg *x;
    up r;
} work;

static up factor(const work *k, int which)
{
    return up_ball(k->x->factor + which);
}

/* How far x.z moves for |x| <= a, |z| <= b along y when |dx|^2 + |dz|^2 <= r^2: r sqrt(a^2 + b^2) + r^2/2 */
static up form_moves(const work *k, up a, up b)
{
    return up_add(up_mul(k->r, up_hypot(a, b)), up_scale(up_square(k->r), -1));
}

/* (13): G = sqrt(m1) ub.v, s = k.q/sqrt m */
static void forms(work *k)
{
    const fp_leg *x = k->x;
    up m1 = up_ui((ulong)x->problem->m1), ub = up_sqrt(up_div(up_square(x->norm[0]), m1));
    for (long t = 0; t < x->d; t++) k->w->dG[t] = up_mul(up_sqrt(m1), form_moves(k, ub, x->norm[fp_leg_v(t)]));
    for (size_t e = 0; e < x->pairs; e++)
        k->w->ds[e] = up_mul(factor(k, FP_MODEL_ROOT_M), form_moves(k, x->norm[fp_leg_k(x, (long)x->key[e])], x->norm[fp_leg_q(x, (long)x->query[e])]));
}

static size_t pair_at(const fp_leg *x, long row, long h)
{
    const long *token = x->token + row / x->L * x->L;
    return (size_t)x->pair[token[h] * x->d + token[row % x->L]];
}

/* >= |G_h - o| along y */
static up difference(const work *k, long row, long h)
{
    arb_t t;
    arb_init(t);
    arb_sub(t, k->w->G + k->x->token[row / k->x->L * k->x->L + h], k->w->o + row, COARSE);
    up size = up_ball(t);
    arb_clear(t);
    return size;
}

/* (14), (15): dp <= min(1, p (e^{2e} - 1)), do <= max_h dG_h + sum_h dp_h |G_h - o| */
static void row_moves(work *k, long row)
{
    const fp_leg *x = k->x;
    const long *token = x->token + row / x->L * x->L;
    up e = up_zero(), moves = up_zero();
    for (long h = 0; h < x->L; h++) {
        e = up_max(e, k->w->ds[pair_at(x, row, h)]);
        moves = up_max(moves, k->w->dG[token[h]]);
    }
    up lift = up_expm1(up_scale(e, 1));
    for (long h = 0; h < x->L; h++) {
        long at = row * x->L + h;
        k->w->dp[at] = up_min(up_ui(1), up_mul(up_ball(k->w->p + at), lift));
        moves = up_add(moves, up_mul(k->w->dp[at], difference(k, row, h)));
    }
    k->w->dor[row] = moves;
}

/* (16): dg <= min(dF/4, g (e^{dF} - 1)) */
static void output_moves(work *k, long i)
{
    up dF = up_zero();
    for (long l = 0; l < k->x->L; l++) dF = up_add(dF, k->w->dor[i * k->x->L + l]);
    k->w->dF[i] = dF;
    k->w->dg[i] = up_min(up_scale(dF, -2), up_mul(up_ball(k->w->g + i), up_expm1(dF)));
}

/* (17): d(gp) to c; d(gp) (|G - o| + dG + do) + g p (dG + do) to N */
static void position_moves(work *k, long row, long h)
{
    const fp_leg *x = k->x;
    long i = row / x->L, token = x->token[i * x->L + h], at = row * x->L + h;
    size_t pair = pair_at(x, row, h);
    up p = up_ball(k->w->p + at), g = up_ball(k->w->g + i), dp = k->w->dp[at], dg = k->w->dg[i], moves = up_add(k->w->dG[token], k->w->dor[row]);
    up dgp = up_add(up_mul(dg, up_add(p, dp)), up_mul(g, dp)), dN = up_add(up_mul(dgp, up_add(difference(k, row, h), moves)), up_mul(up_mul(g, p), moves));
    k->w->dc[token] = up_add(k->w->dc[token], up_mul(dgp, factor(k, FP_MODEL_N)));
    k->w->dN[pair] = up_add(k->w->dN[pair], up_mul(dN, factor(k, FP_MODEL_N_ROOT_M)));
}

void fp_swell_widen(fp_swell *w, const fp_leg *x, const mag_t r)
{
    work k = {w, x, up_of(r)};
    forms(&k);
    for (long row = 0; row < x->n * x->L && !fp_interrupted(); row++) row_moves(&k, row);
    for (long i = 0; i < x->n; i++) output_moves(&k, i);
    for (long t = 0; t < x->d; t++) w->dc[t] = up_zero();
    for (size_t e = 0; e < x->pairs; e++) w->dN[e] = up_zero();
    for (long row = 0; row < x->n * x->L && !fp_interrupted(); row++)
        for (long h = 0; h < x->L; h++) position_moves(&k, row, h);
}
