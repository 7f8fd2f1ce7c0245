/* SPDX-License-Identifier: MIT */
#include "knots.h"

#include <math.h>
#include <stdlib.h>

char *cli_knots_start(const char *dir)
{
    return fp_asprintf("%s/0", dir);
}

static fp_status check_horizon(const fp_npy *times, const char *dir, mpq_srcptr horizon, fp_error *err)
{
    mpq_t last;
    long count = times->rows * times->cols, beyond = 0;
    mpq_init(last);
    for (long k = count - 1; k > 0; k--) {
        mpq_set_d(last, times->x[k]);
        if (mpq_cmp(last, horizon) <= 0) break;
        beyond = k;
    }
    mpq_clear(last);
    if (!beyond) return FP_OK;
    char *text = fp_rational_text(horizon);
    fp_fail(err, FP_BAD_INPUT, "%s/times.npy: time %ld is %g, beyond the horizon %s, as are %ld of the %ld times. Times are flow time, steps times the learning rate: scale them if they count steps; "
            "if they do not, --horizon %.17g lets the flow run as long", dir, beyond, times->x[beyond], text, count - beyond, count, times->x[count - 1]);
    free(text);
    return err->code;
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

/* ---- one knot */
typedef struct {
    const cli_instance *instance; /* of knot 0 */
    const char *dataset;
    mpfr_prec_t prec;
    fp_flow *weights; /* of knot 0, all neurons */
    fp_vec *start;
    fp_drift *drift;
} reading;

static bool same_signs(const fp_problem *p, const fp_problem *q)
{
    for (long j = 0; j < p->m1; j++)
        if (p->a[j] != q->a[j]) return false;
    return true;
}

static fp_status check_problem(const fp_problem *p, const fp_problem *first, const char *folder, fp_error *err)
{
    if (p->m != first->m || p->m1 != first->m1 || p->d != first->d)
        return fp_fail(err, FP_BAD_INPUT, "%s: m = %ld, m1 = %ld, d = %ld, but knot 0 has %ld, %ld, %ld", folder, p->m, p->m1, p->d, first->m, first->m1, first->d);
    if (!same_signs(p, first)) return fp_fail(err, FP_BAD_INPUT, "%s/a.npy: the signs are not those of knot 0; the output layer is never trained", folder);
    return FP_OK;
}

static fp_status initial_of(fp_vec **out, fp_flow_kind kind, const fp_problem *p, mpfr_prec_t prec, fp_error *err)
{
    fp_flow *flow;
    if (fp_flow_new(&flow, kind, p, prec, NULL, err) != FP_OK) return err->code;
    *out = fp_flow_initial(flow);
    fp_flow_free(flow);
    return FP_OK;
}

/* The state that the weights of one folder stand for; what they conserve of knot 0. */
static fp_status read_state(fp_vec **out, const char *folder, const reading *r, fp_error *err)
{
    fp_problem problem;
    fp_vec *all = NULL;
    *out = NULL;
    if (fp_problem_make(&problem, &r->instance->setting, r->dataset, folder, err) != FP_OK) return err->code;
    fp_status status = check_problem(&problem, &r->instance->problem, folder, err);
    if (status == FP_OK) status = initial_of(out, FP_FLOW_REDUCED, &problem, r->prec, err);
    if (status == FP_OK) status = initial_of(&all, FP_FLOW_WEIGHTS, &problem, r->prec, err);
    if (status == FP_OK) fp_drift_measure(r->drift, r->weights, r->start, all);
    fp_vec_free(all);
    fp_problem_clear(&problem);
    return status;
}

fp_status cli_knots_read(cli_knots *out, const char *dir, const cli_instance *instance, const char *dataset, mpfr_prec_t prec, fp_error *err)
{
    *out = (cli_knots){0};
    fp_npy times;
    char *path = fp_asprintf("%s/times.npy", dir);
    fp_status status = fp_npy_read(&times, path, err);
    free(path);
    if (status != FP_OK) return status;
    status = check_times(&times, dir, err);
    if (status == FP_OK) status = check_horizon(&times, dir, instance->setting.horizon, err);
    size_t count = status == FP_OK ? (size_t)(times.rows * times.cols) - 1 : 0;
    out->time = fp_alloc(count + 1, sizeof *out->time);
    out->state = fp_alloc(count + 1, sizeof *out->state);
    reading r = {.instance = instance, .dataset = dataset, .prec = prec, .drift = &out->drift};
    if (status == FP_OK) status = fp_flow_new(&r.weights, FP_FLOW_WEIGHTS, &instance->problem, prec, instance->pool, err);
    if (status == FP_OK) r.start = fp_flow_initial(r.weights);
    for (size_t k = 0; k < count && status == FP_OK; k++) {
        char *folder = fp_asprintf("%s/%zu", dir, k + 1);
        arf_init(out->time + k);
        out->count = k + 1;
        arf_set_d(out->time + k, times.x[k + 1]);
        status = read_state(&out->state[k], folder, &r, err);
        free(folder);
    }
    fp_npy_clear(&times);
    fp_vec_free(r.start);
    fp_flow_free(r.weights);
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
    fp_drift_clear(&k->drift);
    *k = (cli_knots){0};
}
