/* SPDX-License-Identifier: MIT */
/* What the files of verify share: a second, small implementation of proofs/certificate.md, whose numbers they cite. It shares arithmetic (balls, grid vectors) with the prover and nothing else.
 *
 * Vectors of the state have one index: 0 is u, then all v, k, q (fp_leg_v and so on). Scaled time s = (t - left)/h runs through [0, 1], h of either sign. */
#ifndef FP_VERIFY_IMPL_H
#define FP_VERIFY_IMPL_H

#include "flowproof/verify.h"
#include "tape.h"
#include "flowproof/tube.h"

/* ---- one step */
typedef struct {
    size_t scalar, vector; /* node, vector */
} fp_leg_product;
typedef struct {
    fp_leg_product *at;
    size_t count, room;
} fp_leg_products;

typedef struct fp_leg {
    const fp_problem *problem;
    long n, L, d, rows_v, rows_k;
    long *token;  /* n x L, 0-based */
    long *pair;   /* d x d, key-major: index of a pair that occurs, or -1 */
    size_t pairs, *key, *query;
    int order;
    slong prec;
    fp_tape tape;
    /* nodes; shapes d, pairs, n L L, n L, n, n, d, pairs; the last three with the factors h, m1 h, h */
    size_t *G, *s, *p, *o, *F, *g, *c, *N, *hc, *m1hc, *hN;
    arb_ptr factor;
    size_t vectors;             /* 3 d + 1 */
    fp_grid grid_v, grid_k;     /* coefficients 0..order of every vector */
    const fp_grid_vec **list, ***rising, ***falling;
    fp_leg_products *moved_by;  /* of each vector: its derivative by s is the sum of scalar * vector */
    /* the step */
    arf_t left, right, h;
    mag_t defect;               /* >= |dy/ds - h f(y)|, all s in [0, 1] */
    mag_ptr norm;               /* >= |vector(s)|, of each */
    mag_t growth, rate;         /* >= integral of mu, >= mu */
    mag_t room, radius;         /* r, E */
    bool opened;
    const struct fp_leg *end;   /* holds, as its knot, where this step ends; NULL: not known */
} fp_leg;

static inline size_t fp_leg_v(long token) { return 1 + (size_t)token; }
static inline size_t fp_leg_k(const fp_leg *x, long token) { return 1 + (size_t)(x->d + token); }
static inline size_t fp_leg_q(const fp_leg *x, long token) { return 1 + (size_t)(2 * x->d + token); }

/* ---- model.c: the flow's equations (1) on the tape */
enum { FP_MODEL_ROOT_M, FP_MODEL_N, FP_MODEL_N_ROOT_M, FP_MODEL_H, FP_MODEL_M1H, FP_MODEL_FACTORS }; /* 1/sqrt m, 1/n, 1/(n sqrt m), h, m1 h */
void fp_model_write(fp_leg *x); /* sizes and problem are there */
void fp_model_clear(fp_leg *x);

/* ---- leg.c */
fp_leg *fp_leg_new(const fp_problem *problem, long rows_v, long rows_k, int order, int limbs);
void fp_leg_free(fp_leg *x);
fp_grid_vec *fp_leg_at(const fp_leg *x, size_t vector, int k); /* coefficient k of a vector */
/* From the knot in the coefficients of order 0: all others, tails, defect (12). False: the series is not shown to converge. */
bool fp_leg_open(fp_leg *x, const arf_t left, const arf_t h);
/* (18), (19): E for |x - knot| <= e, in the room that x->room says or, if that is too small, in others. False: none holds the solution, or h < 0, where the norm is
 * another one (certificate.md, section 9; a test adds what is missing). fp_leg_grow: the bound on mu for x->room, beforehand. */
bool fp_leg_close(fp_leg *x, const mag_t e);
void fp_leg_grow(fp_leg *x);
void fp_leg_powers(arb_ptr power, int order, const arf_t a, const arf_t b, slong prec); /* [a^k, b^k] */
/* y at s = 1 as a knot, in the coefficients of order 0 of `next`; error >= what is rounded away */
void fp_leg_end(fp_leg *next, mag_t error, const fp_leg *x);
void fp_leg_distance(mag_t out, const fp_leg *x, const fp_leg *y); /* of their knots, in the norm (N) */
up fp_leg_weighed(const fp_leg *x, size_t vector, up square); /* what the square of a vector counts in (N): that of u over m1 */

/* ---- swell.c: over s in [a, b]: values along y (64 bits), and how far those of a state within r of it may be off (13)-(17) */
typedef struct {
    arb_ptr G, p, o, g, c, N;
    mag_ptr dG, ds, dp, dor, dF, dg, dc, dN;
} fp_swell;
void fp_swell_init(fp_swell *w, const fp_leg *x);
void fp_swell_clear(fp_swell *w, const fp_leg *x);
void fp_swell_set(fp_swell *w, const fp_leg *x, const arf_t a, const arf_t b);
void fp_swell_widen(fp_swell *w, const fp_leg *x, const mag_t r); /* after set */

/* ---- growth.c: the comparison matrix (7) as a list of entries (i, j) = (j, i); i, j are vectors */
typedef struct {
    struct fp_entry {
        size_t i, j;
        up x;
    } *at;
    size_t count, room;
} fp_entries;
void fp_entries_add(fp_entries *B, size_t i, size_t j, up x);
void fp_entries_clear(fp_entries *B);
up fp_entries_bound(const fp_entries *B, size_t size); /* Collatz-Wielandt */
/* (4)-(6) for every state within r of y. Holds for -M as well as for M. */
void fp_leg_comparison(fp_entries *B, const fp_leg *x, const fp_swell *w, const mag_t r);
up fp_leg_mu(const fp_leg *x, const fp_swell *w, const mag_t r); /* both */

/* ---- origin.c: knot 0 against the instance (20), (22) */
typedef struct {
    mag_t e0;          /* >= |x(0) - knot 0| */
    mag_t e_w;         /* >= |w_j(0) - those of rotated|, in the basis of the knots */
    fp_grid rotated;   /* m1 vectors: w_j(0) in that basis */
    fp_grid whole;     /* m1 vectors of m numbers: w_j(0) of the instance */
    fp_grid u0;        /* u of knot 0 */
} fp_origin;
fp_status fp_origin_make(fp_origin *o, const fp_leg *x, bool compressed, fp_error *err); /* clear it in any case */
void fp_origin_clear(fp_origin *o);

/* ---- slopes.c: how far the derivatives by s of G (d) and of the scores that occur (pairs) may be from those along y; w: of the whole step, for the radius E = E_u/sqrt(m1) */
void fp_slopes_set(mag_ptr dG, mag_ptr ds, const fp_leg *x, const fp_swell *w, const mag_t E, const mag_t E_u);

/* ---- view.c */
fp_tube_view *fp_sight_new(const fp_leg *x, const fp_origin *o);
void fp_sight_free(fp_tube_view *v);

/* ---- file.c: the next record: fills left and room of x, its knot if there is one, and h. */
typedef struct {
    arf_t h;
    bool more, has_knot;
} fp_record;
fp_status fp_certificate_next(fp_record *out, fp_leg *x, fp_certificate *c, fp_error *err);

#endif
