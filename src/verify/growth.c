/* SPDX-License-Identifier: MIT */
/* mu >= the logarithmic norm of the flow on a tube (certificate.md, (2)-(7)): |dx|^T M |dx| <= a^T B a, a the norms of the vectors of dx, u divided by sqrt m1. */
#include <math.h>
#include <stdlib.h>

#include "verify_impl.h"

enum { COARSE = 64, POWER_STEPS = 40 };

void fp_entries_add(fp_entries *B, size_t i, size_t j, const mag_t x)
{
    if (B->count == B->room) B->at = fp_realloc(B->at, B->room = 2 * B->room + 1024, sizeof *B->at);
    struct fp_entry *e = B->at + B->count++;
    e->i = i;
    e->j = j;
    mag_init_set(&e->x, x);
}

void fp_entries_clear(fp_entries *B)
{
    for (size_t e = 0; e < B->count; e++) mag_clear(&B->at[e].x);
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

void fp_entries_bound(mag_t mu, const fp_entries *B, size_t size)
{
    mag_ptr w = _mag_vec_init((slong)size), Bw = _mag_vec_init((slong)size);
    guess(w, B, size);
    for (size_t e = 0; e < B->count; e++) {
        size_t i = B->at[e].i, j = B->at[e].j;
        mag_addmul(Bw + i, &B->at[e].x, w + j);
        if (i != j) mag_addmul(Bw + j, &B->at[e].x, w + i);
    }
    mag_zero(mu);
    for (size_t i = 0; i < size; i++) {
        mag_div(Bw + i, Bw + i, w + i);
        mag_max(mu, mu, Bw + i);
    }
    _mag_vec_clear(w, (slong)size);
    _mag_vec_clear(Bw, (slong)size);
}

/* ---- what filling needs */
typedef struct {
    fp_entries *B;
    const fp_leg *x;
    const fp_swell *w;
    mag_srcptr r;
    mag_ptr top, shift;      /* of each vector: >= its norm in the tube; >= how far it gets from the knot */
    mag_t root_m1, root, ub; /* sqrt m1, sqrt(m1/m), >= |u|/sqrt m1 in the tube */
} filling;

/* >= |x| for x in a ball, moved by d */
static void upper(mag_t out, const arb_t x, const mag_t d)
{
    arb_get_mag(out, x);
    mag_add(out, out, d);
}

/* (4) */
static void add_linear(filling *f)
{
    const fp_leg *x = f->x;
    mag_t size;
    mag_init(size);
    for (long t = 0; t < x->d; t++) {
        upper(size, f->w->c + t, f->w->dc + t);
        mag_mul(size, size, f->root_m1);
        fp_entries_add(f->B, 0, fp_leg_v(t), size);
    }
    for (size_t e = 0; e < x->pairs; e++) {
        upper(size, f->w->N + e, f->w->dN + e);
        fp_entries_add(f->B, fp_leg_k(x, (long)x->key[e]), fp_leg_q(x, (long)x->query[e]), size);
    }
    mag_clear(size);
}

/* (6), with w_il = max_h |G_h - o_l| so that it holds for either sign of time: (g/n) w p_h/m times |q|^2, |q||k|, |k|^2 */
static void add_third(filling *f, long row)
{
    const fp_leg *x = f->x;
    const long *token = x->token + row / x->L * x->L;
    mag_t scale, size;
    arb_t gap;
    mag_init(scale);
    mag_init(size);
    arb_init(gap);
    for (long h = 0; h < x->L; h++) {
        arb_sub(gap, f->w->G + token[h], f->w->o + row, COARSE);
        upper(size, gap, f->w->dG + token[h]);
        mag_max(scale, scale, size);
    }
    mag_add(scale, scale, f->w->dor + row);
    upper(size, f->w->g + row / x->L, f->w->dg + row / x->L);
    mag_mul(scale, scale, size);
    mag_div_ui(scale, scale, (ulong)x->n);
    mag_div_ui(scale, scale, (ulong)x->problem->m);
    for (long h = 0; h < x->L; h++) {
        size_t k = fp_leg_k(x, token[h]), q = fp_leg_q(x, token[row % x->L]), pair[3][4] = {{k, k, q, q}, {k, q, q, k}, {q, q, k, k}};
        for (int e = 0; e < 3; e++) {
            upper(size, f->w->p + row * x->L + h, f->w->dp + row * x->L + h);
            mag_mul(size, size, scale);
            mag_mul(size, size, f->top + pair[e][2]);
            mag_mul(size, size, f->top + pair[e][3]);
            fp_entries_add(f->B, pair[e][0], pair[e][1], size);
        }
    }
    arb_clear(gap);
    mag_clear(size);
    mag_clear(scale);
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
static void group_norm(mag_t out, const filling *f, const triple *t, size_t count, int by, size_t block, fp_grid_vec *sum)
{
    const fp_leg *x = f->x;
    const arb_struct **a = fp_alloc(count, sizeof *a);
    const fp_grid_vec **b = fp_alloc(count, sizeof *b);
    mag_t size, off;
    mag_init(size);
    mag_init(off);
    for (size_t e = 0; e < count; e++) {
        a[e] = &t[e].H;
        b[e] = x->rising[block + t[e].term[by]][0];
        arb_get_mag(size, a[e]);
        mag_addmul(off, size, f->shift + block + t[e].term[by]);
    }
    fp_grid_combine(sum, size, a, b, count, 1); /* its error has the radii of H in it */
    mag_add(out, sum->norm, size);
    mag_add(out, out, off);
    mag_clear(off);
    mag_clear(size);
    free(a);
    free(b);
}

/* factor * other norm * |sum| at (i, j) */
static void add_scaled(filling *f, size_t i, size_t j, const mag_t norm, const mag_t factor, const mag_t other)
{
    mag_t size;
    mag_init(size);
    mag_mul(size, norm, factor);
    mag_mul(size, size, other);
    fp_entries_add(f->B, i, j, size);
    mag_clear(size);
}

static void add_group(filling *f, const triple *t, size_t count, int by, fp_grid *scratch)
{
    const fp_leg *x = f->x;
    long first = (long)(t->group[by] / (size_t)x->d), second = (long)(t->group[by] % (size_t)x->d);
    const size_t block[3] = {fp_leg_v(0), fp_leg_q(x, 0), fp_leg_k(x, 0)};
    mag_t norm;
    mag_init(norm);
    group_norm(norm, f, t, count, by, block[by], scratch[by > 0].at);
    if (by == 0) {
        size_t k = fp_leg_k(x, first), q = fp_leg_q(x, second);
        add_scaled(f, 0, k, norm, f->root, f->top + q);
        add_scaled(f, 0, q, norm, f->root, f->top + k);
    } else
        add_scaled(f, by == 1 ? fp_leg_k(x, first) : fp_leg_q(x, first), fp_leg_v(second), norm, f->root, f->ub);
    mag_clear(norm);
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
        for (size_t from = 0, to; from < count; from = to) {
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
    filling f = {.B = B, .x = x, .w = w, .r = r, .top = _mag_vec_init((slong)x->vectors), .shift = _mag_vec_init((slong)x->vectors)};
    mag_t off;
    mag_init(off);
    mag_init(f.root_m1);
    mag_init(f.root);
    mag_init(f.ub);
    mag_set_ui(f.root_m1, (ulong)x->problem->m1);
    mag_sqrt(f.root_m1, f.root_m1);
    arb_get_mag(off, x->factor + FP_MODEL_ROOT_M);
    mag_mul(f.root, f.root_m1, off);
    for (size_t v = 0; v < x->vectors; v++) {
        mag_set(off, r);
        if (v == 0) mag_mul(off, off, f.root_m1);
        mag_set(f.shift + v, off);
        for (int k = 1; k <= x->order; k++) mag_add(f.shift + v, f.shift + v, x->rising[v][k]->norm);
        mag_add(f.top + v, x->norm + v, off);
    }
    mag_set_ui_lower(off, (ulong)x->problem->m1);
    mag_rsqrt(off, off);
    mag_mul(f.ub, f.top, off);
    add_linear(&f);
    for (long row = 0; row < x->n * x->L; row++) add_third(&f, row);
    add_mixed(&f);
    _mag_vec_clear(f.top, (slong)x->vectors);
    _mag_vec_clear(f.shift, (slong)x->vectors);
    mag_clear(f.ub);
    mag_clear(f.root);
    mag_clear(f.root_m1);
    mag_clear(off);
}

void fp_leg_mu(mag_t mu, const fp_leg *x, const fp_swell *w, const mag_t r)
{
    fp_entries B = {0};
    fp_leg_comparison(&B, x, w, r);
    fp_entries_bound(mu, &B, x->vectors);
    fp_entries_clear(&B);
}
