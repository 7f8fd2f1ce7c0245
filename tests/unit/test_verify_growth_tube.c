/* SPDX-License-Identifier: MIT */
/* The verifier's comparison matrix in tubes: it bounds M at every state, every widening of a scalar counts in it like a wider ball, vectors may be anywhere within r of anywhere on the step; and the bound of a
 * matrix by its entries. */
#include <math.h>
#include <stdlib.h>

#include "../support/fp_check.h"
#include "../support/leg_growth.h"

#define tiny_step 0x1p-40 /* goes nowhere */

/* ---- states of a tube */
/* The state := y(s) */
static void set_state(leg_growth *b, double at)
{
    plain_state *s = &b->at.s;
    arb_t value;
    arf_t time;
    arb_init(value);
    arf_init(time);
    arf_set_d(time, at);
    for (size_t v = 0; v < b->leg->vectors; v++)
        for (size_t e = plain_block(s, v); e < plain_block(s, v + 1); e++) {
            leg_value(value, NULL, b->leg, v, e - plain_block(s, v), time, 128);
            s->x[e] = arf_get_d(arb_midref(value), ARF_RND_NEAR);
        }
    arf_clear(time);
    arb_clear(value);
}

/* By r, but for a rounding */
static void displace(leg_growth *b, const double *displacement, double r)
{
    double squares = 0;
    for (size_t e = 0; e < b->at.s.dim; e++) squares += displacement[e] * displacement[e];
    plain_move(&b->at.s, r * (1 - 1e-9) / sqrt(squares), displacement);
}

static void check_tube(int instance, double h, double r, int trials)
{
    leg_growth b;
    fp_rng rng;
    leg_shares s = {{{0}}};
    leg_growth_open(&b, instance);
    fp_rng_init(&rng, 9, (uint32_t)instance);
    leg_growth_fill(&b, h, r);
    mag_set_d(b.leg->room, r);
    fp_leg_grow(b.leg);
    double *displacement = fp_alloc(b.at.s.dim, sizeof *displacement), rate = mag_get_d(b.leg->rate);
    for (int k = 0; k < trials; k++) {
        plain_sparse_direction(displacement, &b.at.s, &rng, 4);
        set_state(&b, k % 3 * 0.5);
        displace(&b, displacement, r);
        leg_growth_check_pairs(&s, &b);
        double *M = plain_M_dense(&b.at.s, 0), lambda = largest_eigenvalue(M, b.at.s.dim);
        ck_assert_msg(lambda <= rate, "case %d, h = %g, r = %g, state %d: eigenvalue %.9g above the rate %.9g", instance, h, r, k, lambda, rate);
        free(M);
    }
    free(displacement);
    leg_growth_close(&b);
}

START_TEST(the_matrix_bounds_M_everywhere_in_a_tube)
{
    check_tube(0, tiny_step, 0.02, 16);
    check_tube(2, tiny_step, 0.02, 16);
    check_tube(GROWTH_TRIVIAL, tiny_step, 0.02, 10);
    check_tube(0, 0x1p-6, 1e-9, 6);
    check_tube(2, -0x1p-6, 1e-9, 6);
    check_tube(GROWTH_TRIVIAL, -0x1p-2, 1e-9, 6); /* backwards, where M grows */
    check_tube(GROWTH_PAIR, 0x1p-6, 0.01, 10);
}
END_TEST

/* ---- scalars: dG, dp and so on of some size give what balls wider by them give */
enum { KINDS = 6 };

static void widen(fp_swell *w, const fp_leg *x, int kind, bool in_balls)
{
    const arb_ptr balls[KINDS] = {w->G, w->p, w->o, w->g, w->c, w->N};
    const mag_ptr mags[KINDS] = {w->dG, w->dp, w->dor, w->dg, w->dc, w->dN};
    const long rows = x->n * x->L, count[KINDS] = {x->d, rows * x->L, rows, x->n, x->d, (long)x->pairs};
    for (long e = 0; e < count[kind]; e++) {
        mag_set_d(mags[kind] + e, 0.01 * (double)(1 + e % 7));
        if (!in_balls) continue;
        arb_add_error_mag(balls[kind] + e, mags[kind] + e);
        mag_zero(mags[kind] + e);
    }
}

static void check_kind(leg_growth *b, int kind)
{
    fp_entries kept[3];
    bool counts = false;
    for (int k = 0; k < 3; k++) { /* wider, wider balls, neither */
        fp_swell w;
        leg_growth_swell(&w, b->leg, 0);
        if (k < 2) widen(&w, b->leg, kind, k == 1);
        leg_growth_fill_with(b, &w, 0);
        kept[k] = b->B;
        b->B = (fp_entries){0};
        fp_swell_clear(&w, b->leg);
    }
    ck_assert(kept[0].count == kept[1].count && kept[0].count == kept[2].count);
    for (size_t e = 0; e < kept[0].count; e++) {
        double found = mag_get_d(&kept[0].at[e].x), wanted = mag_get_d(&kept[1].at[e].x);
        ck_assert_msg(fabs(found - wanted) <= 1e-6 * wanted, "kind %d, entry %zu: %.9g instead of %.9g", kind, e, found, wanted);
        counts |= wanted > 1.001 * mag_get_d(&kept[2].at[e].x);
    }
    ck_assert_msg(counts, "kind %d", kind);
    for (int k = 0; k < 3; k++) fp_entries_clear(&kept[k]);
}

START_TEST(a_widening_counts_like_a_wider_ball)
{
    leg_growth b;
    leg_growth_open(&b, 0);
    for (int kind = 0; kind < KINDS; kind++) check_kind(&b, kind);
    leg_growth_close(&b);
}
END_TEST

/* p somewhere in the balls of w, near their ends */
static void choose_attention(fp_swell *in, const fp_swell *w, const fp_leg *x, fp_rng *r)
{
    for (long e = 0; e < x->n * x->L * x->L; e++) {
        arb_set_d(in->p + e, 0.05 * (fp_rng_below(r, 2) ? 0.99 : -0.99));
        arf_add(arb_midref(in->p + e), arb_midref(in->p + e), arb_midref(w->p + e), 64, ARF_RND_DOWN);
    }
}

/* Balls that lie in others give no larger entries. */
START_TEST(the_width_of_attention_counts_in_every_sum)
{
    leg_growth b;
    fp_swell w, in;
    fp_rng r;
    fp_rng_init(&r, 12, 1);
    leg_growth_open(&b, 0);
    const fp_leg *x = b.leg;
    leg_growth_swell(&w, x, 0);
    leg_growth_swell(&in, x, 0);
    for (long e = 0; e < x->n * x->L * x->L; e++) mag_set_d(arb_radref(w.p + e), 0.05);
    leg_growth_fill_with(&b, &w, 0);
    fp_entries wide = b.B;
    b.B = (fp_entries){0};
    for (int trial = 0; trial < 20; trial++) {
        choose_attention(&in, &w, x, &r);
        leg_growth_fill_with(&b, &in, 0);
        for (size_t e = 0; e < wide.count; e++) ck_assert_msg(mag_get_d(&b.B.at[e].x) <= mag_get_d(&wide.at[e].x) * (1 + 1e-9), "entry %zu", e);
    }
    fp_entries_clear(&wide);
    fp_swell_clear(&w, x);
    fp_swell_clear(&in, x);
    leg_growth_close(&b);
}
END_TEST

/* ---- vectors: scalars are those of the state itself, so that nothing but the vectors' own widening is left. Blocks of different sizes, so that what one entry gets from one vector does not hide what it
 * needs for another. */
#define small 0x1p-6
#define big 64
typedef struct {
    double scale[4]; /* of u, V, K, Q */
    int moved;       /* the block one of whose vectors is off by r, lengthwise */
    double h, r;
    int instance;
    leg_part part;   /* that sees it */
    double least;    /* share of it that is needed */
} placement;
static const placement places[] = {
    {{small, big, 1, 1}, 3, tiny_step, 0.5, 2, BY_KEY_AND_QUERY, 0.8}, /* |q| + r */
    {{small, big, 1, 1}, 2, tiny_step, 0.5, 2, BY_KEY_AND_QUERY, 0.6}, /* |k| + r */
    {{1, 1, small, big}, 0, tiny_step, 0.5, 0, BY_KEY, 0.95},          /* |u| + r by sqrt m1 */
    {{1, 1, big, small}, 0, tiny_step, 0.5, 0, BY_QUERY, 0.95},
    {{big, small, 1, 1}, 3, tiny_step, 0.1, 2, BY_KEY, 0.95},          /* sums of q, of k, of v */
    {{big, small, 1, 1}, 2, tiny_step, 0.1, 2, BY_QUERY, 0.94},
    {{1, 1, small, big}, 1, tiny_step, 0.1, 2, BY_KEY_AND_QUERY, 0.8},
    {{big, small, 1, 1}, 1, 0x1p-15, 1e-9, 2, BY_KEY_AND_QUERY, 0.65}, /* v, q, k at the end of the step */
    {{1, 1, big, small}, 3, 0x1p-10, 1e-9, 2, BY_KEY, 0.8},
    {{1, 1, small, big}, 2, 0x1p-10, 1e-9, 2, BY_QUERY, 0.7},
};

static void scale_state(leg_growth *b, const double *scale)
{
    plain_state *s = &b->at.s;
    for (size_t e = 0; e < s->dim; e++) s->x[e] *= scale[e < s->v ? 0 : e < s->k ? 1 : e < s->q ? 2 : 3];
    leg_set_plain(b->leg, s);
}

/* B from the vectors of here and the scalars of the state */
static void fill_from_state(leg_growth *b, fp_leg *there, double r)
{
    fp_swell w;
    leg_set_plain(there, &b->at.s);
    ck_assert(leg_open(there, tiny_step));
    leg_growth_swell(&w, there, 0);
    leg_growth_fill_with(b, &w, r);
    fp_swell_clear(&w, there);
}

static void check_place(const placement *p)
{
    leg_growth b;
    leg_shares s = {{{0}}};
    leg_growth_open(&b, p->instance);
    size_t d = (size_t)b.leg->d, first = p->moved == 0 ? 0 : 1 + (size_t)(p->moved - 1) * d;
    fp_leg *there = fp_leg_new(&b.at.p, b.at.p.m, b.at.p.m, 1, 2);
    scale_state(&b, p->scale);
    ck_assert(leg_open(b.leg, p->h));
    for (size_t v = first; v < first + (p->moved == 0 ? 1 : d); v++) {
        double *displacement = fp_alloc(b.at.s.dim, sizeof *displacement);
        set_state(&b, p->h == tiny_step ? 0 : 1);
        for (size_t e = plain_block(&b.at.s, v); e < plain_block(&b.at.s, v + 1); e++) displacement[e] = b.at.s.x[e];
        displace(&b, displacement, p->r);
        fill_from_state(&b, there, p->r);
        leg_growth_check_pairs(&s, &b);
        free(displacement);
    }
    ck_assert_msg(s.share[p->part][0] >= p->least, "only %g of %s is needed", s.share[p->part][0], leg_part_name[p->part]);
    fp_leg_free(there);
    leg_growth_close(&b);
}

START_TEST(vectors_may_be_anywhere_in_the_tube)
{
    check_place(&places[_i]);
}
END_TEST

/* ---- (7) */
/* Entries above and below the diagonal and twice in one place */
START_TEST(the_bound_of_a_matrix_is_above_its_largest_eigenvalue)
{
    enum { MOST = 10 };
    fp_rng r;
    double closest = 0;
    fp_rng_init(&r, 10, 1);
    for (int trial = 0; trial < 400; trial++) {
        fp_entries B = {0};
        double M[MOST * MOST] = {0};
        size_t size = 1 + (size_t)fp_rng_below(&r, MOST);
        for (uint64_t e = fp_rng_below(&r, 3 * size); e > 0; e--) {
            size_t i = (size_t)fp_rng_below(&r, size), j = (size_t)fp_rng_below(&r, size);
            up x = up_scale(up_ui((ulong)(1 + fp_rng_below(&r, 1000))), trial % 3 == 0 ? -(slong)fp_rng_below(&r, 40) : 0);
            fp_entries_add(&B, i, j, x);
            M[i * size + j] += mag_get_d(&x);
            if (i != j) M[j * size + i] += mag_get_d(&x);
        }
        up mu = fp_entries_bound(&B, size);
        double lambda = largest_eigenvalue(M, size), found = mag_get_d(&mu);
        ck_assert_msg(lambda <= found, "trial %d: eigenvalue %.12g above %.12g", trial, lambda, found);
        if (lambda > 0) closest = fmax(closest, lambda / found);
        fp_entries_clear(&B);
    }
    ck_assert_msg(closest > 1 - 1e-6, "at most %.9g of it", closest);
}
END_TEST

/* Those that occur. 40 steps of power iteration leave up to 15% where small keys and queries are nearly alone. */
START_TEST(the_bound_of_a_matrix_is_near_its_largest_eigenvalue)
{
    leg_growth b;
    leg_growth_open(&b, _i);
    for (int state = 0; state < GROWTH_STATES; state++) {
        size_t n = b.leg->vectors;
        double *M = fp_alloc(n * n, sizeof *M), mu = leg_growth_bound(&b, ALL_PARTS, 0);
        for (size_t e = 0; e < b.B.count; e++) {
            size_t i = b.B.at[e].i, j = b.B.at[e].j;
            M[i * n + j] += mag_get_d(&b.B.at[e].x);
            if (i != j) M[j * n + i] += mag_get_d(&b.B.at[e].x);
        }
        double lambda = largest_eigenvalue(M, n);
        ck_assert_msg(lambda <= mu && mu <= 1.16 * lambda, "case %d, state %d: eigenvalue %.12g, bound %.12g", _i, state, lambda, mu);
        free(M);
        leg_growth_advance(&b, state);
    }
    leg_growth_close(&b);
}
END_TEST

START_TEST(the_bound_of_an_explicit_matrix_is_its_eigenvalue_or_little_more)
{
    fp_entries B = {0};
    fp_entries_add(&B, 0, 1, up_ui(2));
    fp_entries_add(&B, 1, 1, up_ui(3));
    fp_entries_add(&B, 1, 2, up_ui(1));
    fp_entries_add(&B, 1, 2, up_ui(1)); /* entries of one place add up */
    up mu = fp_entries_bound(&B, 4);    /* the fourth vector is alone */
    /* eigenvalues of [0 2 0; 2 3 2; 0 2 0]: 0 and (3 +- sqrt(41))/2 */
    ck_assert_double_ge(mag_get_d(&mu), (3 + sqrt(41)) / 2 * (1 - 1e-12));
    ck_assert_double_le(mag_get_d(&mu), (3 + sqrt(41)) / 2 * 1.001);
    fp_entries_clear(&B);
}
END_TEST

START_TEST(what_is_not_finite_makes_the_bound_infinite)
{
    fp_entries B = {0};
    mag_t x;
    mag_init(x);
    mag_inf(x);
    fp_entries_add(&B, 0, 1, up_ui(3));
    fp_entries_add(&B, 2, 2, up_of(x));
    up mu = fp_entries_bound(&B, 3);
    ck_assert(!up_finite(mu));
    fp_entries_clear(&B);
    mu = fp_entries_bound(&B, 3);
    ck_assert(mag_is_zero(&mu));
    mag_clear(x);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("growth of the verifier in tubes");
    TCase *cases = tcase_create("mu");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, the_matrix_bounds_M_everywhere_in_a_tube);
    tcase_add_test(cases, a_widening_counts_like_a_wider_ball);
    tcase_add_test(cases, the_width_of_attention_counts_in_every_sum);
    tcase_add_loop_test(cases, vectors_may_be_anywhere_in_the_tube, 0, (int)(sizeof places / sizeof *places));
    tcase_add_test(cases, the_bound_of_a_matrix_is_above_its_largest_eigenvalue);
    tcase_add_loop_test(cases, the_bound_of_a_matrix_is_near_its_largest_eigenvalue, 0, GROWTH_CASES);
    tcase_add_test(cases, the_bound_of_an_explicit_matrix_is_its_eigenvalue_or_little_more);
    tcase_add_test(cases, what_is_not_finite_makes_the_bound_infinite);
    suite_add_tcase(suite, cases);
    return fp_test_main(suite);
}
