/* SPDX-License-Identifier: MIT */
/* Imported weights. Their shapes are judged together: the sizes that explain most files are taken for the ones meant, so that a refusal names the file that is wrong
 * (transposed, swapped, of another instance) and not one that is right. */
#include "internal.h"

#include <string.h>

enum { W, W_V, W_K, W_Q, MATRICES };
static const char *const files[MATRICES] = {"W.npy", "W_V.npy", "W_K.npy", "W_Q.npy"};

typedef struct {
    long m1, m, d;
} sizes;

typedef struct {
    fp_npy a, matrix[MATRICES];
    const char *dir;
    sizes s;
} import;

static long rows_of(const sizes *s, int k) { return k == W ? s->m1 : s->m; }
static long cols_of(const sizes *s, int k) { return k == W ? s->m : s->d; }

static bool fits(const fp_npy *x, const sizes *s, int k) { return x->rows == rows_of(s, k) && x->cols == cols_of(s, k); }
static bool fits_transposed(const fp_npy *x, const sizes *s, int k) { return x->cols == rows_of(s, k) && x->rows == cols_of(s, k); }

/* ---- the sizes meant */

/* A file explained counts most, one that is right a little more than one that is transposed. */
static int explained(const import *in, const sizes *s)
{
    int score = 0;
    for (int k = 0; k < MATRICES; k++) score += fits(&in->matrix[k], s, k) ? 11 : fits_transposed(&in->matrix[k], s, k) ? 10 : 0;
    return score;
}

static void try_sizes(import *in, int *best, long m, long d)
{
    const sizes s = {in->a.rows, m, d};
    int score = explained(in, &s);
    if (score <= *best) return;
    *best = score;
    in->s = s;
}

/* W_V as it stands first: it wins a tie. */
static void find_sizes(import *in)
{
    static const int order[MATRICES] = {W_V, W_K, W_Q, W};
    int best = -1;
    for (int i = 0; i < MATRICES; i++)
        for (int j = 0; j < MATRICES - 1; j++) {
            const fp_npy *x = &in->matrix[order[i]], *y = &in->matrix[order[j]];
            try_sizes(in, &best, x->rows, y->cols);
            try_sizes(in, &best, x->cols, y->rows);
            try_sizes(in, &best, x->rows, y->rows);
            try_sizes(in, &best, x->cols, y->cols);
        }
}

/* ---- what is wrong */

static fp_status fail_transposed(const import *in, int first, fp_error *err)
{
    fp_text more = {0};
    const fp_npy *x = &in->matrix[first];
    for (int k = first + 1; k < MATRICES; k++)
        if (!fits(&in->matrix[k], &in->s, k) && fits_transposed(&in->matrix[k], &in->s, k)) fp_text_addf(&more, "%s%s", more.len ? ", " : "; so are ", files[k]);
    fp_fail(err, FP_BAD_INPUT, "%s/%s: has shape %ld x %ld; the other files make it %ld x %ld: it is transposed, save x.T.copy()%s", in->dir, files[first], x->rows, x->cols,
            x->cols, x->rows, more.data ? more.data : "");
    fp_text_clear(&more);
    return err->code;
}

static fp_status fail_shape(const import *in, int k, fp_error *err)
{
    const fp_npy *x = &in->matrix[k];
    if (fits_transposed(x, &in->s, k)) return fail_transposed(in, k, err);
    for (int other = 0; other < MATRICES; other++)
        if (other != k && fits(x, &in->s, other) && fits(&in->matrix[other], &in->s, k))
            return fp_fail(err, FP_BAD_INPUT, "%s/%s: has shape %ld x %ld, and %s %ld x %ld: the two are swapped", in->dir, files[k], x->rows, x->cols, files[other],
                           in->matrix[other].rows, in->matrix[other].cols);
    return fp_fail(err, FP_BAD_INPUT, "%s/%s: has shape %ld x %ld; the other files make it %ld x %ld (%s)", in->dir, files[k], x->rows, x->cols, rows_of(&in->s, k),
                   cols_of(&in->s, k), k == W ? "m1 = entries of a.npy, m = rows of the others" : "m = columns of W.npy");
}

static fp_status check_shapes(import *in, fp_error *err)
{
    find_sizes(in);
    for (int k = 0; k < MATRICES; k++)
        if (!fits(&in->matrix[k], &in->s, k)) return fail_shape(in, k, err);
    if (in->s.d > FP_SIZE_MAX || in->s.m > FP_SIZE_MAX)
        return fp_fail(err, FP_BAD_INPUT, "%s/W_V.npy: m x d = %ld x %ld; each may be at most %ld", in->dir, in->s.m, in->s.d, FP_SIZE_MAX);
    return FP_OK;
}

/* ---- all together */

static fp_status read_all(import *in, fp_error *err)
{
    fp_status st = fp_import_array(&in->a, in->dir, "a.npy", 1, err);
    for (int k = 0; k < MATRICES && st == FP_OK; k++) st = fp_import_array(&in->matrix[k], in->dir, files[k], 2, err);
    return st;
}

static fp_status check_setting(const import *in, const fp_problem *p, fp_error *err)
{
    const fp_setting *s = p->setting;
    fp_status st = fp_size_agrees(s, "m", s->m, in->s.m, in->dir, "W_V.npy", err);
    if (st == FP_OK) st = fp_size_agrees(s, "d", fp_weights_d(p), in->s.d, in->dir, "W_V.npy", err);
    return st == FP_OK ? fp_size_agrees(s, "m1", s->m1, in->s.m1, in->dir, "a.npy", err) : st;
}

static void hand_over(fp_problem *p, import *in)
{
    double **const to[MATRICES] = {&p->W, &p->W_V, &p->W_K, &p->W_Q};
    p->m1 = in->s.m1;
    p->m = in->s.m;
    p->d = in->s.d;
    for (int k = 0; k < MATRICES; k++) {
        *to[k] = in->matrix[k].x;
        in->matrix[k].x = NULL;
    }
}

fp_status fp_weights_read(fp_problem *p, const char *dir, fp_error *err)
{
    import in = {.dir = dir};
    fp_status st = read_all(&in, err);
    if (st == FP_OK) st = check_shapes(&in, err);
    if (st == FP_OK) st = check_setting(&in, p, err);
    if (st == FP_OK) st = fp_import_signs(&p->a, &in.a, dir, "a.npy", "neuron", err);
    if (st == FP_OK) hand_over(p, &in);
    fp_npy_clear(&in.a);
    for (int k = 0; k < MATRICES; k++) fp_npy_clear(&in.matrix[k]);
    return st;
}
