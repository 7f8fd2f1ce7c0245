/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "flowproof/flow.h"

void fp_drift_measure(fp_drift *d, fp_flow *flow, const fp_vec *y0, const fp_vec *y)
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

fp_status fp_drift_check(const fp_drift *d, mpq_srcptr tolerance, long precision, fp_error *err)
{
    mpfr_t limit, rounding;
    fp_status status = FP_OK;
    mpfr_inits2(64, limit, rounding, (mpfr_ptr)0);
    fp_mpfr_set_rational(limit, tolerance);
    mpfr_sqrt(limit, limit, MPFR_RNDU);
    mpfr_set_si_2exp(rounding, 1, -precision / 2, MPFR_RNDN);
    for (size_t k = 0; k < d->count && status == FP_OK; k++) {
        bool energy = strncmp(d->at[k].name, "energy", 6) == 0;
        mpfr_srcptr drift = d->at[k].drift, most = energy ? rounding : limit;
        if (!mpfr_nan_p(drift) && mpfr_lessequal_p(drift, most)) continue;
        status = fp_fail(err, FP_INTERNAL, "self-check failed: %s is off by %.3g, allowed is %.3g", d->at[k].name, mpfr_get_d(drift, MPFR_RNDU), mpfr_get_d(most, MPFR_RNDU));
    }
    mpfr_clears(limit, rounding, (mpfr_ptr)0);
    return status;
}

void fp_drift_clear(fp_drift *d)
{
    fp_invariants_clear(d->at, d->count);
    d->count = 0;
}
