/* SPDX-License-Identifier: MIT */
#ifndef FP_SECOND_H
#define FP_SECOND_H

#include "step_impl.h"

typedef struct fp_second fp_second;
/* From where a chain with these options on this flow starts; limbs: of its grid; t_end is borrowed. */
fp_status fp_second_new(fp_second **out, const fp_flow *flow, const fp_certify_options *first, int limbs, arf_srcptr t_end, fp_error *err);
void fp_second_free(fp_second *s); /* NULL allowed */
/* Its state at t, on its own grid, until the next call; asked in the order of time, at most t_end. NULL: it does not come so far (err). */
const fp_series_state *fp_second_at(fp_second *s, arf_srcptr t, fp_error *err);

#endif
