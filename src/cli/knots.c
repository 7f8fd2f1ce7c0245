/* SPDX-License-Identifier: MIT */
#include "knots.h"

#include <math.h>
#include <stdlib.h>

char *cli_knots_start(const char *dir)
{
    return fp_asprintf("%s/0", dir);
}

static fp_status check_times(const fp_npy *times, const char *dir, fp_error *err)
{
    long count = times->rows * times->cols;
    if (count < 2) return fp_fail(err, FP_BAD_INPUT, "%s/times.npy: %ld times; at least 2 are needed, the first being 0", dir, count);
    if (!(times->x[0] == 0)) return fp_fail(err, FP_BAD_INPUT, "%s/times.npy: the first time is %g, not 0", dir, times->x[0]);
    for (long k = 1; k < count; k++)
        if (!(times->x[k] > times->x[k - 1]) || !isfinite(times->x[k]))
            return fp_fail(err, FP_BAD_INPUT, "%s/times.npy: time %ld is %g, after %g; times must increase", dir, k, times->x[k], times->x[k - 1]);
    return FP_OK;
}

/* The state that the weights of one folder stand for. */
static fp_status read_state(fp_vec **out, const char *folder, const cli_instance *instance, const char *dataset, const fp_flow *flow, mpfr_prec_t prec, fp_error *err)
{
    fp_problem problem;
    fp_flow *own;
    *out = NULL;
    if (fp_problem_make(&problem, &instance->setting, dataset, folder, err) != FP_OK) return err->code;
    const fp_layout *layout = fp_flow_layout(flow);
    if (problem.m != layout->m || problem.m1 != layout->m1 || problem.d != layout->d)
        fp_fail(err, FP_BAD_INPUT, "%s: m = %ld, m1 = %ld, d = %ld, but knot 0 has %ld, %ld, %ld", folder, problem.m, problem.m1, problem.d, layout->m, layout->m1, layout->d);
    else if (fp_flow_new(&own, FP_FLOW_REDUCED, &problem, prec, NULL, err) == FP_OK) {
        *out = fp_flow_initial(own);
        fp_flow_free(own);
    }
    fp_problem_clear(&problem);
    return *out ? FP_OK : err->code;
}

fp_status cli_knots_read(cli_knots *out, const char *dir, const cli_instance *instance, const char *dataset, const fp_flow *flow, mpfr_prec_t prec, fp_error *err)
{
    *out = (cli_knots){0};
    fp_npy times;
    char *path = fp_asprintf("%s/times.npy", dir);
    fp_status status = fp_npy_read(&times, path, err);
    free(path);
    if (status != FP_OK) return status;
    status = check_times(&times, dir, err);
    size_t count = status == FP_OK ? (size_t)(times.rows * times.cols) - 1 : 0;
    out->time = fp_alloc(count + 1, sizeof *out->time);
    out->state = fp_alloc(count + 1, sizeof *out->state);
    for (size_t k = 0; k < count && status == FP_OK; k++) {
        char *folder = fp_asprintf("%s/%zu", dir, k + 1);
        arf_init(out->time + k);
        out->count = k + 1;
        arf_set_d(out->time + k, times.x[k + 1]);
        status = read_state(&out->state[k], folder, instance, dataset, flow, prec, err);
        free(folder);
    }
    fp_npy_clear(&times);
    if (status != FP_OK) cli_knots_clear(out);
    return status;
}

void cli_knots_clear(cli_knots *k)
{
    for (size_t r = 0; r < k->count; r++) {
        arf_clear(k->time + r);
        fp_vec_free(k->state[r]);
    }
    free(k->time);
    free(k->state);
    *k = (cli_knots){0};
}
