/* SPDX-License-Identifier: MIT */
/* A state of the weights or reduced flow as .npy files, rounded to float64. */
#include "cli.h"

#include <stdlib.h>

static double *alloc_matrix(long rows, long cols)
{
    return fp_alloc((size_t)rows * (size_t)cols, sizeof(double));
}

static double element(const fp_vec *y, size_t at, mpfr_ptr x)
{
    fp_vec_get(x, y, at);
    return mpfr_get_d(x, MPFR_RNDN);
}

/* Columns are contiguous in the state; NumPy wants rows first. */
static fp_status write_tokens(const fp_vec *y, size_t offset, const fp_layout *at, const char *path, mpfr_ptr x, fp_error *err)
{
    double *matrix = alloc_matrix(at->m, at->d);
    for (long t = 0; t < at->d && !fp_interrupted(); t++)
        for (long r = 0; r < at->m; r++) matrix[r * at->d + t] = element(y, offset + (size_t)(t * at->m + r), x);
    fp_status status = fp_npy_write(path, matrix, at->m, at->d, 2, false, err);
    free(matrix);
    return status;
}

/* w_j(t) = w_j(0) + a_j (u(t) - u(0))/m1 in the reduced form; stored in the weights form. */
static void neuron_weight(mpfr_ptr w, fp_flow *flow, const fp_vec *y, long j, long r, mpfr_ptr tmp)
{
    const fp_layout *at = fp_flow_layout(flow);
    size_t place = (size_t)(j * at->m + r);
    if (at->kind == FP_FLOW_WEIGHTS) {
        fp_vec_get(w, y, at->W + place);
        return;
    }
    fp_vec_get(w, y, at->u + (size_t)r);
    fp_vec_get(tmp, fp_flow_u0(flow), (size_t)r);
    mpfr_sub(w, w, tmp, MPFR_RNDN);
    mpfr_mul_si(w, w, fp_flow_problem(flow)->a[j], MPFR_RNDN);
    mpfr_div_si(w, w, at->m1, MPFR_RNDN);
    fp_vec_get(tmp, fp_flow_w0(flow), place);
    mpfr_add(w, w, tmp, MPFR_RNDN);
}

static fp_status write_neurons(fp_flow *flow, const fp_vec *y, const char *path, mpfr_ptr x, fp_error *err)
{
    const fp_layout *at = fp_flow_layout(flow);
    double *matrix = alloc_matrix(at->m1, at->m);
    mpfr_t tmp;
    mpfr_init2(tmp, mpfr_get_prec(x));
    for (long j = 0; j < at->m1 && !fp_interrupted(); j++)
        for (long r = 0; r < at->m; r++) {
            neuron_weight(x, flow, y, j, r, tmp);
            matrix[j * at->m + r] = mpfr_get_d(x, MPFR_RNDN);
        }
    mpfr_clear(tmp);
    fp_status status = fp_npy_write(path, matrix, at->m1, at->m, 2, false, err);
    free(matrix);
    return status;
}

static fp_status write_matrices(fp_flow *flow, const fp_vec *y, const char *dir, mpfr_ptr x, fp_error *err)
{
    const fp_layout *at = fp_flow_layout(flow);
    const size_t offsets[] = {at->V, at->K, at->Q};
    static const char *const names[] = {"W_V.npy", "W_K.npy", "W_Q.npy"};
    fp_status status = FP_OK;
    for (int k = 0; k < 3 && status == FP_OK; k++) {
        char *path = fp_asprintf("%s/%s", dir, names[k]);
        status = write_tokens(y, offsets[k], at, path, x, err);
        free(path);
    }
    char *path = fp_asprintf("%s/W.npy", dir);
    if (status == FP_OK) status = write_neurons(flow, y, path, x, err);
    free(path);
    return status;
}

fp_status cli_export_state(fp_flow *flow, const fp_vec *y, const char *dir, fp_error *err)
{
    const fp_layout *at = fp_flow_layout(flow);
    if (at->kind != FP_FLOW_WEIGHTS && at->kind != FP_FLOW_REDUCED)
        return fp_fail(err, FP_USAGE, "--final needs the weights themselves: allowed with --flow weights or reduced, found %s", fp_flow_kind_name(at->kind));
    /* a.npy, tokens.npy and labels.npy do not change; they are written with the initial weights, which are replaced below. */
    if (fp_problem_export(fp_flow_problem(flow), dir, err) != FP_OK) return err->code;
    mpfr_t x;
    mpfr_init2(x, fp_vec_prec(y));
    fp_status status = write_matrices(flow, y, dir, x, err);
    mpfr_clear(x);
    return status;
}
