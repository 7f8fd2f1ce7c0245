/* SPDX-License-Identifier: MIT */
/* One claim under observation: what was seen of it so far. */
#include <stdlib.h>
#include <string.h>

#include "check_impl.h"

static void tight_init(fp_tight *tight, slong prec)
{
    arb_init(tight->margin);
    arb_init(tight->scale);
    mpfr_init2(tight->time, prec);
    mpfr_set_zero(tight->time, 1);
}

void fp_monitor_init(fp_monitor *m, const fp_claim *claim, size_t clocks, slong prec)
{
    *m = (fp_monitor){.claim = claim, .from = -1, .to = -1};
    m->needs = fp_alloc(clocks, sizeof *m->needs);
    tight_init(&m->tight, prec);
    mpfr_inits2(prec, m->opened, m->closed, (mpfr_ptr)NULL);
    mpfr_set_zero(m->opened, 1);
    mpfr_set_zero(m->closed, 1);
    for (int r = 0; r < FP_SENSITIVITIES_MAX; r++) {
        arb_init(m->opposing[r]);
        arb_init(m->measured[r].measured);
        mpfr_init2(m->measured[r].time, prec);
    }
    arb_init(m->ratio_least);
    arb_init(m->ratio_greatest);
}

void fp_monitor_clear(fp_monitor *m)
{
    free(m->needs);
    arb_clear(m->tight.margin);
    arb_clear(m->tight.scale);
    mpfr_clears(m->tight.time, m->opened, m->closed, (mpfr_ptr)NULL);
    for (int r = 0; r < FP_SENSITIVITIES_MAX; r++) {
        arb_clear(m->opposing[r]);
        arb_clear(m->measured[r].measured);
        mpfr_clear(m->measured[r].time);
    }
    fp_agreement_reset(&m->on_tube);
    fp_agreement_reset(&m->at_knots);
    arb_clear(m->ratio_least);
    arb_clear(m->ratio_greatest);
}

void fp_monitor_reset(fp_monitor *m)
{
    m->phase = FP_PHASE_WAITING;
    m->samples = m->premises = m->premises_true = 0;
    m->seen[FP_FALSE] = m->seen[FP_TRUE] = m->seen[FP_UNKNOWN] = m->seen_identity = false;
    m->tight.any = false;
    m->tight.cause = NULL;
    m->has_ratio = false;
    m->has_failure = m->out;
    m->measurable = m->measured_count > 0;
    for (int r = 0; r < FP_SENSITIVITIES_MAX; r++) m->measured[r].known = m->opposed[r] = false;
    fp_agreement_reset(&m->on_tube);
    fp_agreement_reset(&m->at_knots);
}

bool fp_reason_is_lasting(const char *reason)
{
    static const char *const list[] = {"index", "unavailable", "vacuous", "empty-set"};
    for (size_t k = 0; k < sizeof list / sizeof *list; k++)
        if (strcmp(reason, list[k]) == 0) return true;
    return false;
}

/* The first failure is reported. One that cannot go away ends the observation. */
void fp_monitor_fail(fp_monitor *m, const fp_eval_failure *failure)
{
    if (m->has_failure) return;
    m->has_failure = true;
    m->failure_verdict = FP_UNDECIDED;
    snprintf(m->reason, sizeof m->reason, "%s", failure->reason);
    snprintf(m->detail, sizeof m->detail, "%s", failure->detail);
    m->out = fp_reason_is_lasting(m->reason);
}

void fp_monitor_exact(fp_checker *c, fp_monitor *m)
{
    fp_lane *lane = &c->lane;
    fp_eval_failure failure = {0};
    m->phase = FP_PHASE_CLOSED;
    if (m->claim->kind == FP_ORDER) {
        fp_monitor_ratio(c, m);
        return;
    }
    if (!fp_eval_leaves(&lane->leaves, lane->eval, m->claim, &failure)) {
        fp_monitor_fail(m, &failure);
        return;
    }
    fp_checker_reserve(c, lane->leaves.count);
    mpfr_t zero;
    mpfr_init2(zero, c->prec);
    mpfr_set_zero(zero, 1);
    fp_monitor_judge(c, m, zero);
    mpfr_clear(zero);
}

bool fp_monitor_is_settled(const fp_checker *c, const fp_monitor *m)
{
    bool settled = fp_clock_is_settled(c, m->from) && fp_clock_is_settled(c, m->to);
    for (size_t k = 0; settled && k < c->clocks_count; k++) settled = !m->needs[k] || fp_clock_is_settled(c, (int)k);
    return settled;
}
