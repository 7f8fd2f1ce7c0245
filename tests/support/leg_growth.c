/* SPDX-License-Identifier: MIT */
#include "leg_growth.h"

#include <math.h>
#include <stdlib.h>

#include "fp_check.h"

const char *const leg_part_name[PARTS] = {"u-V of (4)", "K-Q of (4)", "(6)", "u-K and u-Q of (5)", "K-V of (5)", "Q-V of (5)"};

void leg_growth_swell(fp_swell *w, const fp_leg *x, double r)
{
    arf_t zero, one;
    mag_t room;
    arf_init(zero);
    arf_init(one);
    mag_init(room);
    arf_one(one);
    mag_set_d(room, r);
    fp_swell_init(w, x);
    fp_swell_set(w, x, zero, one);
    fp_swell_widen(w, x, room);
    mag_clear(room);
    arf_clear(zero);
    arf_clear(one);
}

void leg_growth_fill_with(leg_growth *b, const fp_swell *w, double r)
{
    mag_t room;
    mag_init(room);
    mag_set_d(room, r);
    fp_entries_clear(&b->B);
    fp_leg_comparison(&b->B, b->leg, w, room);
    mag_clear(room);
}

void leg_growth_fill(leg_growth *b, double h, double r)
{
    fp_swell w;
    ck_assert(leg_open(b->leg, h));
    leg_growth_swell(&w, b->leg, r);
    leg_growth_fill_with(b, &w, r);
    fp_swell_clear(&w, b->leg);
}

void leg_set_plain(fp_leg *x, const plain_state *s)
{
    mag_t error;
    mag_init(error);
    for (size_t v = 0; v < x->vectors; v++) {
        size_t from = plain_block(s, v), rows = plain_block(s, v + 1) - from;
        fp_vec *y = fp_vec_new(rows, 64);
        for (size_t r = 0; r < rows; r++) fp_vec_set_d(y, r, s->x[from + r]);
        ck_assert(fp_grid_from_vec(fp_leg_at(x, v, 0), error, y, 0));
        fp_vec_free(y);
    }
    mag_clear(error);
}

/* At the state, h of either sign */
static void refresh(leg_growth *b, double h)
{
    leg_set_plain(b->leg, &b->at.s);
    leg_growth_fill(b, h, 0);
}

void leg_growth_open(leg_growth *b, int k)
{
    *b = (leg_growth){0};
    growth_rig_open(&b->at, k);
    b->leg = fp_leg_new(&b->at.p, b->at.p.m, b->at.p.m, LEG_GROWTH_ORDER, 2);
    refresh(b, 0x1p-40);
}

void leg_growth_close(leg_growth *b)
{
    fp_entries_clear(&b->B);
    fp_leg_free(b->leg);
    growth_rig_close(&b->at);
}

void leg_growth_advance(leg_growth *b, int state)
{
    growth_rig_advance(&b->at, state);
    refresh(b, state % 2 ? 0x1p-40 : -0x1p-40);
}

/* ---- parts: (4) comes first, u-V before K-Q, and all else is known by its blocks */
leg_part leg_growth_part(const leg_growth *b, size_t e)
{
    size_t d = (size_t)b->leg->d, i = b->B.at[e].i, j = b->B.at[e].j, low = i < j ? i : j, high = i < j ? j : i;
    if (e < d) return LINEAR_UV;
    if (e < d + b->leg->pairs) return LINEAR_KQ;
    if (low == 0) return BY_KEY_AND_QUERY;
    return low > d ? THIRD : high <= 2 * d ? BY_KEY : BY_QUERY;
}

double leg_growth_form(const leg_growth *b, unsigned mask, const double *direction)
{
    const plain_state *s = &b->at.s;
    double *a = fp_alloc(b->leg->vectors, sizeof *a), sum = 0;
    for (size_t v = 0; v < b->leg->vectors; v++) {
        for (size_t e = plain_block(s, v); e < plain_block(s, v + 1); e++) a[v] += direction[e] * direction[e];
        a[v] = sqrt(a[v]);
    }
    for (size_t e = 0; e < b->B.count; e++)
        if (mask >> leg_growth_part(b, e) & 1) sum += (b->B.at[e].i == b->B.at[e].j ? 1 : 2) * mag_get_d(&b->B.at[e].x) * a[b->B.at[e].i] * a[b->B.at[e].j];
    free(a);
    return sum;
}

double leg_growth_bound(const leg_growth *b, unsigned mask, size_t first)
{
    fp_entries B = {0};
    for (size_t e = 0; e < b->B.count; e++)
        if ((mask >> leg_growth_part(b, e) & 1) && b->B.at[e].i >= first && b->B.at[e].j >= first) fp_entries_add(&B, b->B.at[e].i - first, b->B.at[e].j - first, b->B.at[e].x);
    up mu = fp_entries_bound(&B, b->leg->vectors - first);
    fp_entries_clear(&B);
    return mag_get_d(&mu);
}

/* The direction in blocks i and j in which M is largest; that in u or v 2^16 times as long, so that no square of another block's norm hides the product. */
static void set_direction(double *direction, const leg_growth *b, const double *M, size_t i, size_t j)
{
    comparison_direction(direction, &b->at.s, M, i, j);
    for (size_t e = plain_block(&b->at.s, i); i <= (size_t)b->leg->d && e < plain_block(&b->at.s, i + 1); e++) direction[e] *= 0x1p16;
}

static void check_pair(leg_shares *s, const leg_growth *b, const double *M, int negative, size_t i, size_t j)
{
    double *direction = fp_alloc(b->at.s.dim, sizeof *direction);
    set_direction(direction, b, M, i, j);
    double value = (negative ? -1 : 1) * (double)plain_M(&b->at.s, direction), most = leg_growth_form(b, ALL_PARTS, direction);
    ck_assert_msg(value <= most * (1 + 1e-9) + 1e-12, "blocks %zu, %zu: %.17g above %.17g", i, j, value, most);
    for (int p = 0; p < PARTS; p++) {
        double part_of_it = leg_growth_form(b, 1u << p, direction);
        if (part_of_it > 1e-6) s->share[p][negative] = fmax(s->share[p][negative], 1 - (most - value) / part_of_it);
    }
    free(direction);
}

void leg_growth_check_pairs(leg_shares *s, const leg_growth *b)
{
    size_t n = b->at.s.dim, d = (size_t)b->leg->d;
    double *M = plain_M_dense(&b->at.s, 0);
    for (int negative = 0; negative < 2; negative++) {
        for (size_t i = 0; i < b->leg->vectors; i++)
            for (size_t j = i > d ? d + 1 : i + 1; j < b->leg->vectors; j++)
                if (i <= j && (i <= d || j > d)) check_pair(s, b, M, negative, i, j);
        for (size_t e = 0; e < n * n; e++) M[e] = -M[e];
    }
    free(M);
}
