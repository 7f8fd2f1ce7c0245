/* SPDX-License-Identifier: MIT */
#include "population.h"

#include <stdlib.h>

#include "source_impl.h"

enum { RANDOM = 3, CLASSES = 4, SPECIALS = 3 }; /* 0-based: tokens 0, 1, 2 are special, RANDOM.. are random */

typedef struct {
    int count;
    long token[SPECIALS];
    int label;
    unsigned long sixths; /* probability of the class */
} population_class;
static const population_class classes[CLASSES] = {
    {3, {0, 1, 2}, 1, 3}, {2, {0, 2, 0}, -1, 1}, {2, {1, 2, 0}, -1, 1}, {1, {2, 0, 0}, -1, 1}};

void fp_population_init(fp_population *p, long d, long L, slong prec)
{
    *p = (fp_population){.d = d, .L = L, .prec = prec, .weight = _arb_vec_init(d * d), .weighted = _arb_vec_init(d * d)};
}

void fp_population_clear(fp_population *p)
{
    _arb_vec_clear(p->weight, p->d * p->d);
    _arb_vec_clear(p->weighted, p->d * p->d);
}

const char *fp_population_why_not(long d, long L)
{
    if (L < SPECIALS) return "the data distribution needs L >= 3";
    return d <= RANDOM ? "the data distribution needs random tokens, d >= 4" : NULL;
}

double fp_population_multisets(long d, long L)
{
    double total = 0;
    for (int c = 0; c < CLASSES; c++) {
        double choose = 1;
        for (long r = 1; r <= L - classes[c].count; r++) choose *= (double)(d - RANDOM - 1 + r) / (double)r;
        total += choose;
    }
    return total;
}

/* ---- one sample: numerator and denominator of every query are sums over the keys */
static void output(arb_t F, const fp_population *p, const long *token)
{
    arb_t above, below, z;
    arb_init(above);
    arb_init(below);
    arb_init(z);
    for (long l = 0; l < p->L; l++) {
        arb_zero(above);
        arb_zero(below);
        for (long k = 0; k < p->L; k++) {
            long at = token[k] * p->d + token[l];
            arb_add(above, above, p->weighted + at, p->prec);
            arb_add(below, below, p->weight + at, p->prec);
        }
        arb_div(above, above, below, p->prec);
        arb_add(z, z, above, p->prec);
    }
    arb_swap(F, z);
    arb_clear(above);
    arb_clear(below);
    arb_clear(z);
}

static void sample_loss(arb_t out, const fp_population *p, const long *token, int label)
{
    output(out, p, token);
    if (label < 0) arb_neg(out, out);
    fp_ball_log_loss(out, out, p->prec);
}

static long start_sample(long *token, const population_class *c, long L)
{
    for (int r = 0; r < c->count; r++) token[r] = c->token[r];
    for (long r = c->count; r < L; r++) token[r] = RANDOM;
    return L - c->count;
}

/* ---- exact */

/* The next multiset as a non-decreasing sequence; false after the last. */
static bool next_multiset(long *x, long r, long d)
{
    long at = r - 1;
    while (at >= 0 && x[at] == d - 1) at--;
    if (at < 0) return false;
    for (long value = x[at] + 1; at < r; at++) x[at] = value;
    return true;
}

/* Number of sequences with these elements: r!/prod multiplicity! */
static void orderings(fmpz_t out, const long *x, long r)
{
    ulong run = 0;
    fmpz_one(out);
    for (long k = 0; k < r; k++) {
        run = k > 0 && x[k] == x[k - 1] ? run + 1 : 1;
        fmpz_mul_ui(out, out, (ulong)k + 1);
        fmpz_divexact_ui(out, out, run);
    }
}

static void class_exact(arb_t mean, const fp_population *p, const population_class *c, long *token)
{
    fmpz_t count;
    arb_t loss;
    fmpz_init(count);
    arb_init(loss);
    arb_zero(mean);
    long r = start_sample(token, c, p->L);
    do {
        sample_loss(loss, p, token, c->label);
        orderings(count, token + c->count, r);
        arb_addmul_fmpz(mean, loss, count, p->prec);
    } while (!fp_interrupted() && next_multiset(token + c->count, r, p->d));
    fmpz_set_si(count, p->d - RANDOM);
    fmpz_pow_ui(count, count, (ulong)r);
    arb_div_fmpz(mean, mean, count, p->prec);
    arb_clear(loss);
    fmpz_clear(count);
}

/* ---- worst case: least and greatest (above + r weighted)/(below + r weight) over one random key taken r times */
static void extremes(arb_t least, arb_t greatest, const fp_population *p, const arb_t above, const arb_t below, long query, long r)
{
    arb_t x, y;
    arb_init(x);
    arb_init(y);
    for (long nu = RANDOM; nu < p->d; nu++) {
        arb_mul_si(x, p->weighted + nu * p->d + query, r, p->prec);
        arb_mul_si(y, p->weight + nu * p->d + query, r, p->prec);
        arb_add(x, x, above, p->prec);
        arb_add(y, y, below, p->prec);
        arb_div(x, x, y, p->prec);
        if (nu == RANDOM) arb_set(least, x);
        if (nu == RANDOM) arb_set(greatest, x);
        arb_min(least, least, x, p->prec);
        arb_max(greatest, greatest, x, p->prec);
    }
    arb_clear(x);
    arb_clear(y);
}

/* Least and greatest of one query's term; own: the query is one of the random tokens. `share`: only random keys count above the line. */
static void query_extremes(arb_t least, arb_t greatest, const fp_population *p, const population_class *c, long query, bool own, bool share)
{
    arb_t above, below;
    arb_init(above);
    arb_init(below);
    for (int k = 0; k < c->count; k++) {
        long at = c->token[k] * p->d + query;
        if (!share) arb_add(above, above, p->weighted + at, p->prec);
        arb_add(below, below, p->weight + at, p->prec);
    }
    if (own) arb_add(above, above, p->weighted + query * p->d + query, p->prec);
    if (own) arb_add(below, below, p->weight + query * p->d + query, p->prec);
    extremes(least, greatest, p, above, below, query, p->L - c->count - own);
    arb_clear(above);
    arb_clear(below);
}

/* least <= F <= greatest (or the share of random tokens) for every sample of the class. */
static void class_extremes(arb_t least, arb_t greatest, const fp_population *p, const population_class *c, bool share)
{
    arb_t low, high, x, y;
    arb_ptr all[] = {low, high, x, y};
    for (int k = 0; k < 4; k++) arb_init(all[k]);
    arb_zero(least);
    arb_zero(greatest);
    for (int k = 0; k < c->count; k++) {
        query_extremes(x, y, p, c, c->token[k], false, share);
        arb_add(least, least, x, p->prec);
        arb_add(greatest, greatest, y, p->prec);
    }
    long r = p->L - c->count;
    for (long mu = RANDOM; r > 0 && mu < p->d && !fp_interrupted(); mu++) {
        query_extremes(x, y, p, c, mu, true, share);
        if (mu == RANDOM) arb_set(low, x);
        if (mu == RANDOM) arb_set(high, y);
        arb_min(low, low, x, p->prec);
        arb_max(high, high, y, p->prec);
    }
    arb_addmul_si(least, low, r, p->prec);
    arb_addmul_si(greatest, high, r, p->prec);
    for (int k = 0; k < 4; k++) arb_clear(all[k]);
}

static void class_bound(arb_t worst, const fp_population *p, const population_class *c)
{
    arb_t least, greatest;
    arb_init(least);
    arb_init(greatest);
    class_extremes(least, greatest, p, c, false);
    if (c->label < 0) arb_neg(least, greatest);
    fp_ball_log_loss(worst, least, p->prec);
    arb_clear(least);
    arb_clear(greatest);
}

/* ---- sampled */
static void bernstein(arb_t half, const arb_t variance, const arb_t range, slong prec)
{
    arb_t level, x;
    arb_init(level);
    arb_init(x);
    arb_set_ui(level, 2 * 2 * CLASSES * 1000); /* log(2/delta'), delta' = 1/1000 over two sides and the classes */
    arb_log(level, level, prec);
    arb_mul(x, variance, level, prec);
    arb_mul_ui(x, x, 2, prec);
    arb_div_ui(x, x, FP_POPULATION_DRAWS, prec);
    arb_sqrtpos(half, x, prec);
    arb_mul_ui(x, level, 7, prec);
    arb_div_ui(x, x, 3 * (FP_POPULATION_DRAWS - 1), prec);
    arb_addmul(half, x, range, prec);
    arb_clear(level);
    arb_clear(x);
}

static void class_sampled(arb_t mean, const fp_population *p, const population_class *c, long *token, fp_rng *rng)
{
    arb_t half, variance, range;
    arb_ptr loss = _arb_vec_init(FP_POPULATION_DRAWS);
    arb_init(half);
    arb_init(variance);
    arb_init(range);
    arb_zero(mean);
    start_sample(token, c, p->L);
    for (int k = 0; k < FP_POPULATION_DRAWS && !fp_interrupted(); k++) {
        for (long r = c->count; r < p->L; r++) token[r] = RANDOM + (long)fp_rng_below(rng, (uint64_t)(p->d - RANDOM));
        sample_loss(loss + k, p, token, c->label);
        arb_add(mean, mean, loss + k, p->prec);
    }
    arb_div_ui(mean, mean, FP_POPULATION_DRAWS, p->prec);
    for (int k = 0; k < FP_POPULATION_DRAWS; k++) {
        arb_sub(loss + k, loss + k, mean, p->prec);
        arb_addmul(variance, loss + k, loss + k, p->prec);
    }
    arb_div_ui(variance, variance, FP_POPULATION_DRAWS - 1, p->prec);
    class_bound(range, p, c);
    bernstein(half, variance, range, p->prec);
    arb_add_error(mean, half);
    arb_clear(half);
    arb_clear(variance);
    arb_clear(range);
    _arb_vec_clear(loss, FP_POPULATION_DRAWS);
}

/* ---- over the classes */
typedef enum { BY_ENUMERATION, BY_BOUND, BY_SAMPLES } method;

static void over_classes(arb_t out, const fp_population *p, method how, uint64_t seed)
{
    long *token = fp_alloc((size_t)p->L, sizeof *token);
    arb_t part, sum;
    fp_rng rng;
    arb_init(part);
    arb_init(sum);
    fp_rng_init(&rng, seed, FP_STREAM_POPULATION);
    for (int c = 0; c < CLASSES; c++) {
        if (how == BY_ENUMERATION) class_exact(part, p, &classes[c], token);
        if (how == BY_BOUND) class_bound(part, p, &classes[c]);
        if (how == BY_SAMPLES) class_sampled(part, p, &classes[c], token, &rng);
        arb_addmul_ui(sum, part, classes[c].sixths, p->prec);
    }
    arb_div_ui(out, sum, 6, p->prec);
    arb_clear(part);
    arb_clear(sum);
    free(token);
}

void fp_population_exact(arb_t out, const fp_population *p)
{
    over_classes(out, p, BY_ENUMERATION, 0);
}

void fp_population_bound(arb_t out, const fp_population *p)
{
    over_classes(out, p, BY_BOUND, 0);
}

void fp_population_sampled(arb_t out, const fp_population *p, uint64_t seed)
{
    over_classes(out, p, BY_SAMPLES, seed);
}

void fp_population_random_share(arb_t out, const fp_population *p)
{
    arb_t least, greatest;
    arb_init(least);
    arb_init(greatest);
    arb_zero(out);
    for (int c = 0; c < CLASSES; c++) {
        class_extremes(least, greatest, p, &classes[c], true);
        arb_neg(least, least);
        arb_max(out, out, least, p->prec);
        arb_max(out, out, greatest, p->prec);
    }
    arb_clear(least);
    arb_clear(greatest);
}
