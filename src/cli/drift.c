/* SPDX-License-Identifier: MIT */
#include "drift.h"

#include <stdlib.h>
#include <string.h>

void cli_drift_measure(cli_drift *d, fp_flow *flow, const fp_vec *y0, const fp_vec *y)
{
    fp_invariant now[FP_INVARIANTS_MAX];
    size_t count = fp_flow_invariants(now, flow, y0, y);
    if (fp_interrupted()) { /* they may be those of half a sum */
        fp_invariants_clear(now, count);
        return;
    }
    if (d->count == 0) {
        memcpy(d->at, now, count * sizeof *now);
        d->count = count;
        return;
    }
    for (size_t k = 0; k < count; k++)
        if (mpfr_nan_p(now[k].drift) || mpfr_greater_p(now[k].drift, d->at[k].drift)) mpfr_set(d->at[k].drift, now[k].drift, MPFR_RNDU);
    fp_invariants_clear(now, count);
}

fp_status cli_drift_check(const cli_drift *d, const fp_setting *setting, fp_error *err)
{
    mpfr_t limit, rounding;
    fp_status status = FP_OK;
    mpfr_inits2(64, limit, rounding, (mpfr_ptr)0);
    fp_mpfr_set_rational(limit, setting->tolerance);
    mpfr_sqrt(limit, limit, MPFR_RNDU);
    mpfr_set_si_2exp(rounding, 1, -setting->precision / 2, MPFR_RNDN);
    for (size_t k = 0; k < d->count && status == FP_OK; k++) {
        bool energy = strncmp(d->at[k].name, "energy", 6) == 0;
        mpfr_srcptr drift = d->at[k].drift, most = energy ? rounding : limit;
        if (!mpfr_nan_p(drift) && mpfr_lessequal_p(drift, most)) continue;
        status = fp_fail(err, FP_INTERNAL, "self-check failed: %s is off by %.3g, allowed is %.3g", d->at[k].name, mpfr_get_d(drift, MPFR_RNDU), mpfr_get_d(most, MPFR_RNDU));
    }
    mpfr_clears(limit, rounding, (mpfr_ptr)0);
    return status;
}

void cli_drift_fill(fp_report *report, const cli_drift *d)
{
    for (size_t k = 0; k < d->count; k++) {
        char text[48];
        mpfr_snprintf(text, sizeof text, "%.3RUe", d->at[k].drift);
        report->invariants[k].name = d->at[k].name;
        report->invariants[k].drift = fp_strdup(text);
    }
    report->invariants_count = d->count;
}

void cli_drift_unfill(fp_report *report)
{
    for (size_t k = 0; k < report->invariants_count; k++) free(report->invariants[k].drift);
}

void cli_drift_clear(cli_drift *d)
{
    fp_invariants_clear(d->at, d->count);
    d->count = 0;
}
