/* SPDX-License-Identifier: MIT */
/* The training set: drawn from Def. 2.1 with the class counts of Assumption 2.3, or imported. */
#include "internal.h"

#include <stdlib.h>

enum { MU1 = 1, MU2 = 2, COMMON = 3, FIRST_RANDOM = 4 };

long fp_distinct_d(long n, long L) { return 3 + n / 2 * (L - 3) + n / 3 * (L - 2) + n / 6 * (L - 1); }

fp_status fp_size_given(const fp_setting *s, const char *name, long value, const char *purpose, fp_error *err)
{
    if (value > 0) return FP_OK;
    return fp_fail(err, FP_BAD_INPUT, "%s: %s is not given; it is needed to draw the %s", fp_setting_label(s), name, purpose);
}

fp_status fp_size_agrees(const fp_setting *s, const char *name, long declared, long found, const char *dir, const char *file,
                         fp_error *err)
{
    if (declared == 0 || declared == found) return FP_OK;
    return fp_fail(err, FP_BAD_INPUT, "%s/%s: has %s = %ld, but %s says %s = %ld", dir, file, name, found, fp_setting_label(s),
                   name, declared);
}

/* ---- drawn */

static fp_status check_drawable(const fp_setting *s, fp_error *err)
{
    if (s->n % 6 != 0)
        return fp_fail(err, FP_BAD_INPUT, "%s: n = %ld: to draw data, n must be a multiple of 6 (classes of n/2, n/6, n/6, n/6)",
                       fp_setting_label(s), s->n);
    if (s->L < 3)
        return fp_fail(err, FP_BAD_INPUT, "%s: L = %ld: to draw data, L must be at least 3 (two signals and the common token)",
                       fp_setting_label(s), s->L);
    if (s->n > FP_ELEMENTS_MAX / s->L)
        return fp_fail(err, FP_BAD_INPUT, "%s: n*L = %ld tokens; at most 2^31 are allowed", fp_setting_label(s), s->n * s->L);
    return FP_OK;
}

fp_status fp_data_sizes(fp_problem *p, fp_error *err)
{
    const fp_setting *s = p->setting;
    fp_status st = fp_size_given(s, "n", s->n, "data", err);
    if (st == FP_OK) st = fp_size_given(s, "L", s->L, "data", err);
    if (st == FP_OK) st = check_drawable(s, err);
    p->n = s->n;
    p->L = s->L;
    return st;
}

/* Special positions of a sample: distinct, in order of drawing, uniform (a partial Fisher-Yates shuffle of 0..L-1
 * written as a search, since there are at most three). */
static void draw_positions(long *pos, int count, long L, fp_rng *rng)
{
    for (int k = 0; k < count; k++) {
        bool taken;
        do {
            pos[k] = (long)fp_rng_below(rng, (uint64_t)L);
            taken = false;
            for (int i = 0; i < k; i++) taken |= pos[i] == pos[k];
        } while (taken);
    }
}

static int group_of_index(long i, long n) { return i < n / 2 ? 1 : 2 + (int)((i - n / 2) / (n / 6)); }

/* Common token and signals; 0 marks places for random tokens. */
static void draw_layout(fp_problem *p, fp_rng *rng)
{
    for (long i = 0; i < p->n && !fp_interrupted(); i++) {
        int *x = p->token + i * p->L;
        int group = group_of_index(i, p->n), count = 1;
        int special[3] = {COMMON};
        if (group == 1 || group == 2) special[count++] = MU1;
        if (group == 1 || group == 3) special[count++] = MU2;
        long pos[3];
        draw_positions(pos, count, p->L, rng);
        for (int k = 0; k < count; k++) x[pos[k]] = special[k];
        p->label[i] = group == 1 ? 1 : -1;
    }
}

static void fill_uniform(fp_problem *p, fp_rng *rng)
{
    for (long k = 0; k < p->n * p->L && !fp_interrupted(); k++)
        if (p->token[k] == 0) p->token[k] = FIRST_RANDOM + (int)fp_rng_below(rng, (uint64_t)(p->d - 3));
}

/* The first tokens of a uniformly random order of 4..d (Fisher-Yates). */
static void fill_distinct(fp_problem *p, fp_rng *rng)
{
    long left = p->d - 3, next = 0;
    int *order = fp_alloc((size_t)left + 1, sizeof *order);
    for (long k = 0; k < left; k++) order[k] = FIRST_RANDOM + (int)k;
    for (long k = 0; k < p->n * p->L && !fp_interrupted(); k++) {
        if (p->token[k] != 0) continue;
        long j = next + (long)fp_rng_below(rng, (uint64_t)(left - next));
        p->token[k] = order[j];
        order[j] = order[next++];
    }
    free(order);
}

fp_status fp_data_draw(fp_problem *p, fp_error *err)
{
    const fp_setting *s = p->setting;
    bool distinct = s->tokens == FP_TOKENS_DISTINCT;
    long least = distinct ? fp_distinct_d(p->n, p->L) : FIRST_RANDOM;
    if (p->d < least)
        return fp_fail(err, FP_BAD_INPUT, "%s: d = %ld: tokens = %s with n = %ld, L = %ld needs d >= %ld", fp_setting_label(s),
                       p->d, distinct ? "distinct" : "uniform", p->n, p->L, least);
    fp_rng layout, tokens;
    fp_rng_init(&layout, s->seed, FP_STREAM_LAYOUT);
    fp_rng_init(&tokens, s->seed, FP_STREAM_TOKENS);
    p->token = fp_alloc((size_t)(p->n * p->L), sizeof *p->token);
    p->label = fp_alloc((size_t)p->n, sizeof *p->label);
    draw_layout(p, &layout);
    if (distinct)
        fill_distinct(p, &tokens);
    else
        fill_uniform(p, &tokens);
    return FP_OK;
}

/* ---- imported */

/* Samples are rows; the labels say how many there are. */
static fp_status check_samples(const fp_npy *tokens, const fp_npy *labels, const char *dir, fp_error *err)
{
    if (tokens->dims == 1 && labels->dims == 2)
        return fp_fail(err, FP_BAD_INPUT, "%s/tokens.npy: has 1 dimension, and labels.npy 2: the two are swapped", dir);
    fp_status st = fp_import_dims(tokens, dir, "tokens.npy", 2, err);
    if (st == FP_OK) st = fp_import_dims(labels, dir, "labels.npy", 1, err);
    if (st != FP_OK || labels->rows == tokens->rows) return st;
    if (labels->rows == tokens->cols)
        return fp_fail(err, FP_BAD_INPUT, "%s/tokens.npy: has shape %ld x %ld, but labels.npy has %ld labels: it is transposed (n x L, a sample a row), save x.T.copy()",
                       dir, tokens->rows, tokens->cols, labels->rows);
    return fp_fail(err, FP_BAD_INPUT, "%s/labels.npy: has %ld labels, but tokens.npy has %ld samples", dir, labels->rows, tokens->rows);
}

fp_status fp_data_read(fp_problem *p, fp_npy *tokens, const char *dir, fp_error *err)
{
    const fp_setting *s = p->setting;
    fp_npy labels = {0};
    fp_status st = fp_import_read(tokens, dir, "tokens.npy", err);
    if (st == FP_OK) st = fp_import_read(&labels, dir, "labels.npy", err);
    if (st == FP_OK) st = check_samples(tokens, &labels, dir, err);
    p->n = tokens->rows;
    p->L = tokens->cols;
    if (st == FP_OK) st = fp_size_agrees(s, "n", s->n, p->n, dir, "tokens.npy", err);
    if (st == FP_OK) st = fp_size_agrees(s, "L", s->L, p->L, dir, "tokens.npy", err);
    if (st == FP_OK) st = fp_import_signs(&p->label, &labels, dir, "labels.npy", "the label of sample", err);
    fp_npy_clear(&labels);
    return st;
}

/* Ids 0 .. d-1: 0 occurs, d does not. */
static bool counts_from_zero(const fp_npy *tokens, long d)
{
    bool zero = false;
    for (long k = 0; k < tokens->rows * tokens->cols; k++) {
        double x = tokens->x[k];
        if (!(x >= 0 && x < (double)d)) return false;
        zero |= x == 0;
    }
    return zero;
}

fp_status fp_data_accept(fp_problem *p, const fp_npy *tokens, const char *dir, fp_error *err)
{
    long count = p->n * p->L;
    p->token = fp_alloc((size_t)count, sizeof *p->token);
    for (long k = 0; k < count && !fp_interrupted(); k++) {
        double x = tokens->x[k];
        if (!(x >= 1 && x <= (double)p->d) || x != (double)(long)x)
            return fp_fail(err, FP_BAD_INPUT, "%s/tokens.npy: sample %ld, position %ld holds %.17g; allowed are the integers 1 to d = %ld%s",
                           dir, k / p->L + 1, k % p->L + 1, x, p->d,
                           counts_from_zero(tokens, p->d) ? " (the ids count from 0: save x.astype('int64') + 1)" : "");
        p->token[k] = (int)x;
    }
    return FP_OK;
}

void fp_data_groups(fp_problem *p)
{
    p->group = fp_alloc((size_t)p->n, sizeof *p->group);
    for (long i = 0; i < p->n && !fp_interrupted(); i++) {
        bool one = false, two = false;
        for (long l = 0; l < p->L; l++) {
            one |= p->token[i * p->L + l] == MU1;
            two |= p->token[i * p->L + l] == MU2;
        }
        p->group[i] = one ? (two ? 1 : 2) : (two ? 3 : 4);
    }
}
