/* SPDX-License-Identifier: MIT */
/* The instance as a whole: made, digested, exported, cleared. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- digests: sizes as 64-bit and values as binary64 or 64-bit integers, little endian; -0 counts as 0. */

static void add_u64(fp_sha256 *h, uint64_t x)
{
    unsigned char b[8];
    for (int i = 0; i < 8; i++) b[i] = (unsigned char)(x >> 8 * i);
    fp_sha256_add(h, b, sizeof b);
}

static void add_ints(fp_sha256 *h, const int *x, long count)
{
    for (long i = 0; i < count && !fp_interrupted(); i++) add_u64(h, (uint64_t)(int64_t)x[i]);
}

static void add_doubles(fp_sha256 *h, const double *x, long count)
{
    for (long i = 0; i < count && !fp_interrupted(); i++) {
        double v = x[i] == 0 ? 0.0 : x[i];
        uint64_t bits;
        memcpy(&bits, &v, sizeof bits);
        add_u64(h, bits);
    }
}

static void digest_data(fp_problem *p)
{
    fp_sha256 h;
    fp_sha256_init(&h);
    add_u64(&h, (uint64_t)p->n);
    add_u64(&h, (uint64_t)p->L);
    add_ints(&h, p->token, p->n * p->L);
    add_ints(&h, p->label, p->n);
    fp_sha256_hex(p->data_sha256, &h);
}

static void digest_weights(fp_problem *p)
{
    fp_sha256 h;
    fp_sha256_init(&h);
    add_u64(&h, (uint64_t)p->m1);
    add_u64(&h, (uint64_t)p->m);
    add_u64(&h, (uint64_t)p->d);
    add_ints(&h, p->a, p->m1);
    add_doubles(&h, p->W, p->m1 * p->m);
    add_doubles(&h, p->W_V, p->m * p->d);
    add_doubles(&h, p->W_K, p->m * p->d);
    add_doubles(&h, p->W_Q, p->m * p->d);
    fp_sha256_hex(p->weights_sha256, &h);
}

/* ---- make: sizes first (d comes with the weights), then tokens, which need d, then weights, which may need n and L */

static fp_status make_parts(fp_problem *p, fp_npy *tokens, const char *dataset_dir, const char *weights_dir, fp_error *err)
{
    fp_status st = dataset_dir ? fp_data_read(p, tokens, dataset_dir, err) : fp_data_sizes(p, err);
    if (st == FP_OK) st = weights_dir ? fp_weights_read(p, weights_dir, err) : fp_weights_sizes(p, err);
    if (st == FP_OK) st = dataset_dir ? fp_data_accept(p, tokens, dataset_dir, err) : fp_data_draw(p, err);
    if (st == FP_OK) st = fp_problem_check_sigmas(p, err);
    if (st == FP_OK && !weights_dir) st = fp_weights_draw(p, err);
    return st;
}

fp_status fp_problem_make(fp_problem *p, const fp_setting *s, const char *dataset_dir, const char *weights_dir, fp_error *err)
{
    fp_npy tokens = {0};
    memset(p, 0, sizeof *p);
    p->setting = s;
    fp_status st = make_parts(p, &tokens, dataset_dir, weights_dir, err);
    if (st == FP_OK) {
        fp_data_groups(p);
        digest_data(p);
        digest_weights(p);
    }
    if (st == FP_OK && fp_interrupted()) st = fp_fail(err, FP_INTERRUPTED, "interrupted while making the instance");
    if (st != FP_OK) fp_problem_clear(p);
    fp_npy_clear(&tokens);
    return st;
}

void fp_problem_clear(fp_problem *p)
{
    free(p->token);
    free(p->label);
    free(p->group);
    free(p->a);
    free(p->W);
    free(p->W_V);
    free(p->W_K);
    free(p->W_Q);
    memset(p, 0, sizeof *p);
}

/* ---- export */

static fp_status write_doubles(const char *dir, const char *file, const double *x, long rows, long cols, fp_error *err)
{
    char *path = fp_asprintf("%s/%s", dir, file);
    fp_status st = fp_npy_write(path, x, rows, cols, 2, false, err);
    free(path);
    return st;
}

static fp_status write_ints(const char *dir, const char *file, const int *x, long rows, long cols, int dims, fp_error *err)
{
    char *path = fp_asprintf("%s/%s", dir, file);
    double *values = fp_alloc((size_t)(rows * cols), sizeof *values);
    for (long i = 0; i < rows * cols; i++) values[i] = x[i];
    fp_status st = fp_npy_write(path, values, rows, cols, dims, true, err);
    free(values);
    free(path);
    return st;
}

fp_status fp_problem_export(const fp_problem *p, const char *dir, fp_error *err)
{
    fp_status st = fp_dir_make(dir, err);
    if (st == FP_OK) st = write_ints(dir, "tokens.npy", p->token, p->n, p->L, 2, err);
    if (st == FP_OK) st = write_ints(dir, "labels.npy", p->label, p->n, 1, 1, err);
    if (st == FP_OK) st = write_ints(dir, "a.npy", p->a, p->m1, 1, 1, err);
    if (st == FP_OK) st = write_doubles(dir, "W.npy", p->W, p->m1, p->m, err);
    if (st == FP_OK) st = write_doubles(dir, "W_V.npy", p->W_V, p->m, p->d, err);
    if (st == FP_OK) st = write_doubles(dir, "W_K.npy", p->W_K, p->m, p->d, err);
    if (st == FP_OK) st = write_doubles(dir, "W_Q.npy", p->W_Q, p->m, p->d, err);
    return st;
}
