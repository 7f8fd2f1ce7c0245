/* SPDX-License-Identifier: MIT */
/* mu >= the logarithmic norm of the flow on a tube (certificate.md, (2)-(7)): |dx|^T M |dx| <= a^T B a, a the norms of the vectors of dx, u divided by sqrt m1. */
#include <math.h>
#include <stdlib.h>

#include "verify_impl.h"

enum { COARSE = 64, POWER_STEPS = 80 };

void fp_entries_add(fp_entries *B, size_t i, size_t j, up x)
{
    if (B->count == B->room) B->at = fp_realloc(B->at, B->room = 2 * B->room + 1024, sizeof *B->at);
    B->at[B->count++] = (struct fp_entry){i, j, x};
}

void fp_entries_clear(fp_entries *B)
{
    free(B->at);
    *B = (fp_entries){0};
}

/* ---- (7). Any positive w is right: power iteration of B + (its largest row sum)/50 finds a good one, whose 30-bit neighbour is then taken as exact. */
static void guess(mag_ptr w, const fp_entries *B, size_t size)
{
    double *x = fp_alloc(2 * size, sizeof *x), *y = x + size, norm = 1;
    for (size_t i = 0; i < size; i++) x[i] = 1;
    for (int k = 0; k < POWER_STEPS; k++) {
        for (size_t i = 0; i < size; i++) y[i] = x[i] * norm / 50 + 1e-9 * norm;
        for (size_t e = 0; e < B->count; e++) {
            double b = mag_get_d(&B->at[e].x);
            size_t i = B->at[e].i, j = B->at[e].j;
            y[i] += b * x[j];
            if (i != j) y[j] += b * x[i];
        }
        norm = 0;
        for (size_t i = 0; i < size; i++) norm = fmax(norm, y[i]);
        for (size_t i = 0; i < size; i++) x[i] = y[i] / norm;
    }
    for (size_t i = 0; i < size; i++) mag_set_d(w + i, x[i] > 1e-12 && x[i] <= 1 ? x[i] : 1e-12);
    free(x);
}

up fp_entries_bound(const fp_entries *B, size_t size)
{
    mag_ptr w = _mag_vec_init((slong)size), Bw = _mag_vec_init((slong)size);
    up mu = up_zero();
    guess(w, B, size);
    for (size_t e = 0; e < B->count; e++) {
        size_t i = B->at[e].i, j = B->at[e].j;
        Bw[i] = up_add(Bw[i], up_mul(B->at[e].x, w[j]));
        if (i != j) Bw[j] = up_add(Bw[j], up_mul(B->at[e].x, w[i]));
    }
    for (size_t i = 0; i < size; i++) mu = up_max(mu, up_div(Bw[i], w[i]));
    _mag_vec_clear(w, (slong)size);
    _mag_vec_clear(Bw, (slong)size);
    return mu;
}

/* ---- what filling needs */
typedef struct {
    fp_entries *B;
    const fp_leg *x;
    const fp_swell *w;
    mag_ptr top, shift; /* of each vector: >= its norm in the tube; >= how far it gets from the knot */
    up root_m1, root;   /* sqrt m1, sqrt(m1/m) */
} filling;

/* (4) */
static void add_linear(filling *f)
{
    const fp_leg *x = f->x;
    for (long t = 0; t < x->d; t++) fp_entries_add(f->B, 0, fp_leg_v(t), up_mul(f->root_m1, up_add(up_ball(f->w->c + t), f->w->dc[t])));
    for (size_t e = 0; e < x->pairs; e++) fp_entries_add(f->B, fp_leg_k(x, (long)x->key[e]), fp_leg_q(x, (long)x->query[e]), up_add(up_ball(f->w->N + e), f->w->dN[e]));
}

/* >= |G_h - o_l| over the tube, for every h */
static up widest_gap(const filling *f, long row)
{
    const long *token = f->x->token + row / f->x->L * f->x->L;
    up widest = up_zero();
    arb_t gap;
    arb_init(gap);
    for (long h = 0; h < f->x->L; h++) {
        arb_sub(gap, f->w->G + token[h], f->w->o + row, COARSE);
        widest = up_max(widest, up_add(up_ball(gap), f->w->dG[token[h]]));
    }
    arb_clear(gap);
    return up_add(widest, f->w->dor[row]);
}

/* (6), with w_il = max_h |G_h - o_l| so that it holds for either sign of time: (g/n) w p_h/m times |q|^2, |q||k|, |k|^2 */
static void add_third(filling *f, long row)
{
    const fp_leg *x = f->x;
    long i = row / x->L;
    const long *token = x->token + i * x->L;
    up scale = up_mul(widest_gap(f, row), up_add(up_ball(f->w->g + i), f->w->dg[i]));
    scale = up_div(up_div(scale, up_ui((ulong)x->n)), up_ui((ulong)x->problem->m));
    for (long h = 0; h < x->L; h++) {
        size_t k = fp_leg_k(x, token[h]), q = fp_leg_q(x, token[row % x->L]);
        up X = up_mul(scale, up_add(up_ball(f->w->p + row * x->L + h), f->w->dp[row * x->L + h]));
        fp_entries_add(f->B, k, k, up_mul(X, up_square(f->top[q])));
        fp_entries_add(f->B, k, q, up_mul(X, up_mul(f->top[q], f->top[k])));
        fp_entries_add(f->B, q, q, up_mul(X, up_square(f->top[k])));
    }
}

/* ---- (5): H[nu,mu,kappa], gathered by triple */
typedef struct {
    size_t group[3], term[3]; /* (nu,mu) and kappa, (nu,kappa) and mu, (mu,kappa) and nu */
    arb_struct H;
} triple;

static int compare(const triple *x, const triple *y, int by)
{
    if (x->group[by] != y->group[by]) return x->group[by] < y->group[by] ? -1 : 1;
    return (x->term[by] > y->term[by]) - (x->term[by] < y->term[by]);
}

static int compare_0(const void *a, const void *b) { return compare(a, b, 0); }
static int compare_1(const void *a, const void *b) { return compare(a, b, 1); }
static int compare_2(const void *a, const void *b) { return compare(a, b, 2); }

static void sort_triples(triple *t, size_t count, int by)
{
    int (*const order[])(const void *, const void *) = {compare_0, compare_1, compare_2};
    qsort(t, count, sizeof *t, order[by]);
}

/* H of one (i, l, h, j): (g y/n) p_h (delta_hj - p_j) over the tube */
static void coefficient(arb_t out, const filling *f, long row, long h, long j)
{
    const fp_leg *x = f->x;
    arb_t p;
    arb_init(p);
    arb_set(p, f->w->p + row * x->L + j);
    arb_add_error_mag(p, f->w->dp + row * x->L + j);
    arb_neg(p, p);
    if (h == j) arb_add_ui(p, p, 1, COARSE);
    arb_set(out, f->w->p + row * x->L + h);
    arb_add_error_mag(out, f->w->dp + row * x->L + h);
    arb_mul(out, out, p, COARSE);
    arb_set(p, f->w->g + row / x->L);
    arb_add_error_mag(p, f->w->dg + row / x->L);
    arb_mul(out, out, p, COARSE);
    arb_div_si(out, out, x->n * x->problem->label[row / x->L], COARSE);
    arb_clear(p);
}

/* All positions, then equal triples joined. */
static triple *make_triples(size_t *count, const filling *f)
{
    const fp_leg *x = f->x;
    size_t d = (size_t)x->d, made = 0, kept = 0, all = (size_t)(x->n * x->L * x->L * x->L);
    triple *t = fp_alloc(all, sizeof *t);
    for (long row = 0; row < x->n * x->L; row++)
        for (long h = 0; h < x->L; h++)
            for (long j = 0; j < x->L; j++, made++) {
                const long *token = x->token + row / x->L * x->L;
                size_t nu = (size_t)token[h], mu = (size_t)token[row % x->L], kappa = (size_t)token[j];
                t[made] = (triple){.group = {nu * d + mu, nu * d + kappa, mu * d + kappa}, .term = {kappa, mu, nu}};
                arb_init(&t[made].H);
                coefficient(&t[made].H, f, row, h, j);
            }
    sort_triples(t, all, 0);
    for (size_t e = 1; e < all; e++)
        if (compare(t + kept, t + e, 0) == 0) {
            arb_add(&t[kept].H, &t[kept].H, &t[e].H, COARSE);
            arb_clear(&t[e].H);
        } else
            t[++kept] = t[e];
    *count = kept + 1;
    return t;
}

/* >= |sum H X| over the tube, X = block + term: |sum mid(H) X(0)| + sum rad(H) |X(0)| + |H| (how far X moves), where X(0) is exact */
static up group_norm(const filling *f, const triple *t, size_t count, int by, size_t block, fp_grid_vec *sum)
{
    const arb_struct **a = fp_alloc(count, sizeof *a);
    const fp_grid_vec **b = fp_alloc(count, sizeof *b);
    up off = up_zero();
    mag_t error;
    mag_init(error);
    for (size_t e = 0; e < count; e++) {
        size_t vector = block + t[e].term[by];
        a[e] = &t[e].H;
        b[e] = f->x->rising[vector][0];
        off = up_add(off, up_mul(up_ball(a[e]), f->shift[vector]));
    }
    fp_grid_combine(sum, error, a, b, count, 1); /* its error has the radii of H in it */
    free(a);
    free(b);
    return up_add(off, up_add(up_of(sum->norm), up_take(error)));
}

static void add_group(filling *f, const triple *t, size_t count, int by, fp_grid *scratch)
{
    const fp_leg *x = f->x;
    long first = (long)(t->group[by] / (size_t)x->d), second = (long)(t->group[by] % (size_t)x->d);
    const size_t block[3] = {fp_leg_v(0), fp_leg_q(x, 0), fp_leg_k(x, 0)};
    up size = up_mul(f->root, group_norm(f, t, count, by, block[by], scratch[by > 0].at));
    if (by == 0) {
        size_t k = fp_leg_k(x, first), q = fp_leg_q(x, second);
        fp_entries_add(f->B, 0, k, up_mul(size, f->top[q]));
        fp_entries_add(f->B, 0, q, up_mul(size, f->top[k]));
    } else {
        up ub = up_sqrt(up_div(up_square(f->top[0]), up_ui((ulong)x->problem->m1)));
        fp_entries_add(f->B, by == 1 ? fp_leg_k(x, first) : fp_leg_q(x, first), fp_leg_v(second), up_mul(size, ub));
    }
}

static void add_mixed(filling *f)
{
    fp_grid scratch[2];
    size_t count;
    triple *t = make_triples(&count, f);
    fp_grid_init(&scratch[0], 1, (size_t)f->x->rows_v, f->x->grid_v.limbs);
    fp_grid_init(&scratch[1], 1, (size_t)f->x->rows_k, f->x->grid_v.limbs);
    for (int by = 0; by < 3; by++) {
        if (by > 0) sort_triples(t, count, by);
        for (size_t from = 0, to; from < count && !fp_interrupted(); from = to) {
            for (to = from + 1; to < count && t[to].group[by] == t[from].group[by];) to++;
            add_group(f, t + from, to - from, by, scratch);
        }
    }
    for (size_t e = 0; e < count; e++) arb_clear(&t[e].H);
    fp_grid_clear(&scratch[0]);
    fp_grid_clear(&scratch[1]);
    free(t);
}

void fp_leg_comparison(fp_entries *B, const fp_leg *x, const fp_swell *w, const mag_t r)
{
    filling f = {.B = B, .x = x, .w = w, .top = _mag_vec_init((slong)x->vectors), .shift = _mag_vec_init((slong)x->vectors), .root_m1 = up_sqrt(up_ui((ulong)x->problem->m1))};
    f.root = up_mul(f.root_m1, up_ball(x->factor + FP_MODEL_ROOT_M));
    for (size_t v = 0; v < x->vectors; v++) {
        up off = v == 0 ? up_mul(up_of(r), f.root_m1) : up_of(r);
        f.top[v] = up_add(x->norm[v], off);
        f.shift[v] = off;
        for (int k = 1; k <= x->order; k++) f.shift[v] = up_add(f.shift[v], up_of(x->rising[v][k]->norm));
    }
    add_linear(&f);
    for (long row = 0; row < x->n * x->L && !fp_interrupted(); row++) add_third(&f, row);
    add_mixed(&f);
    _mag_vec_clear(f.top, (slong)x->vectors);
    _mag_vec_clear(f.shift, (slong)x->vectors);
}

up fp_leg_mu(const fp_leg *x, const fp_swell *w, const mag_t r)
{
    fp_entries B = {0};
    fp_leg_comparison(&B, x, w, r);
    up mu = fp_entries_bound(&B, x->vectors);
    fp_entries_clear(&B);
    return mu;
}
