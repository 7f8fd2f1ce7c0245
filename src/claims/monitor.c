/* SPDX-License-Identifier: MIT */
/* One claim under observation. Errors: at every node each comparison is evaluated on both runs; the error used is the largest difference at any node of
 * the window so far, since the runs' errors may change sign relative to one another and agree by accident at some of them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check_impl.h"

static void tight_init(fp_tight *tight, slong prec)
{
    arb_init(tight->margin);
    arb_init(tight->scale);
    arb_init(tight->error);
    mpfr_init2(tight->time, prec);
    mpfr_set_zero(tight->time, 1);
}

void fp_monitor_init(fp_monitor *m, const fp_claim *claim, size_t clocks, slong prec)
{
    *m = (fp_monitor){.claim = claim, .from = -1, .to = -1};
    m->needs = fp_alloc(clocks, sizeof *m->needs);
    tight_init(&m->tight, prec);
    mpfr_ptr all[] = {m->opened, m->closed, m->last, m->triple.left, m->triple.middle, m->triple.right};
    for (size_t r = 0; r < sizeof all / sizeof *all; r++) {
        mpfr_init2(all[r], prec);
        mpfr_set_zero(all[r], 1);
    }
    arf_init(m->fingerprint);
    for (int r = 0; r < FP_SENSITIVITIES_MAX; r++) {
        arb_init(m->opposing[r]);
        arb_init(m->measured[r].measured);
        mpfr_init2(m->measured[r].time, prec);
    }
    arb_init(m->ratio_least);
    arb_init(m->ratio_greatest);
}

static void differences_clear(fp_monitor *m)
{
    for (size_t r = 0; r < m->leaves; r++) mag_clear(m->difference + r);
    free(m->difference);
    m->difference = NULL;
    m->leaves = 0;
}

/* What only a window that is open needs. */
void fp_monitor_rest(fp_monitor *m)
{
    m->triple.valid = false;
    if (m->phase == FP_PHASE_CLOSED) differences_clear(m);
}

void fp_monitor_clear(fp_monitor *m)
{
    free(m->needs);
    differences_clear(m);
    arb_clear(m->tight.margin);
    arb_clear(m->tight.scale);
    arb_clear(m->tight.error);
    mpfr_ptr all[] = {m->tight.time, m->opened, m->closed, m->last, m->triple.left, m->triple.middle, m->triple.right};
    for (size_t r = 0; r < sizeof all / sizeof *all; r++) mpfr_clear(all[r]);
    arf_clear(m->fingerprint);
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

/* Times of windows have the run's precision; what was found at t = 0 exactly stays 0. */
void fp_monitor_round(fp_monitor *m, mpfr_prec_t prec)
{
    mpfr_ptr all[] = {m->opened, m->closed, m->last, m->triple.left, m->triple.middle, m->triple.right};
    for (size_t r = 0; r < sizeof all / sizeof *all; r++) {
        mpfr_set_prec(all[r], prec);
        mpfr_set_zero(all[r], 1);
    }
}

void fp_monitor_reset(fp_monitor *m)
{
    m->phase = FP_PHASE_WAITING;
    m->empty = m->settled_early = m->has_lowest = m->triple.valid = false;
    m->samples = m->premises = m->premises_true = 0;
    m->seen[FP_FALSE] = m->seen[FP_TRUE] = m->seen[FP_UNKNOWN] = m->seen_identity = false;
    m->tight.any = false;
    m->tight.cause = NULL;
    for (size_t r = 0; r < m->leaves; r++) mag_zero(m->difference + r);
    m->nodes = 0;
    m->differed = m->moved = m->has_ratio = false;
    m->has_failure = m->out;
    m->measurable = m->measured_count > 0;
    for (int r = 0; r < FP_SENSITIVITIES_MAX; r++) m->measured[r].known = m->opposed[r] = false;
    m->widest = 0;
    m->falling = false;
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

/* ---- evaluation in both runs */
typedef struct {
    fp_checker *c;
    const fp_monitor *m;
    bool middle;
} fp_job;

static void lane_evaluate(fp_lane *lane, const fp_claim *claim)
{
    memset(&lane->failure, 0, sizeof lane->failure);
    lane->ok = fp_eval_leaves(&lane->leaves, lane->eval, claim, &lane->failure);
}

static void evaluate_part(void *ctx, size_t part)
{
    fp_job *job = ctx;
    fp_lane *lane = job->c->lane;
    lane_evaluate(&lane[part], job->m->claim);
    if (part == FP_FINE && job->middle) lane_evaluate(&lane[FP_MIDDLE], job->m->claim);
}

static bool evaluate(fp_checker *c, fp_monitor *m, bool middle)
{
    static const fp_eval_failure differ = {true, "unavailable", "the two runs yield different numbers of comparisons"};
    fp_job job = {c, m, middle};
    for (int r = 0; r < FP_LANES; r++) { /* if the pool leaves it out */
        c->lane[r].ok = false;
        c->lane[r].failure = (fp_eval_failure){true, "interrupted", "interrupted"};
    }
    fp_pool_run(c->pool, 2, evaluate_part, &job);
    for (int r = 0; r < (middle ? FP_LANES : FP_MIDDLE); r++)
        if (!c->lane[r].ok) {
            fp_monitor_fail(m, &c->lane[r].failure);
            return false;
        }
    size_t count = c->lane[FP_FINE].leaves.count;
    bool same = count == c->lane[FP_COARSE].leaves.count && (!middle || count == c->lane[FP_MIDDLE].leaves.count);
    if (!same) fp_monitor_fail(m, &differ);
    if (same) fp_checker_reserve(c, count);
    return same;
}

/* ---- differences */
static void differences_reserve(fp_monitor *m, size_t count)
{
    if (m->leaves == count && m->difference) return;
    differences_clear(m);
    m->nodes = 0;
    m->leaves = count;
    m->difference = fp_alloc(count ? count : 1, sizeof(mag_struct));
    for (size_t r = 0; r < count; r++) mag_init(m->difference + r);
}

/* Raises each leaf's bound to |fine - coarse| here and uses it as the error; notes whether the runs differ at all. Middles only: the fine run's radius is in
 * its margin, and what one time's rounding makes of `t` is no error of the runs at others. */
static void differences_take(fp_checker *c, fp_monitor *m)
{
    const fp_leaf *fine = c->lane[FP_FINE].leaves.item, *coarse = c->lane[FP_COARSE].leaves.item;
    arf_t difference;
    mag_t size;
    arf_init(difference);
    mag_init(size);
    for (size_t r = 0; r < c->lane[FP_FINE].leaves.count; r++) {
        if (!arf_equal(arb_midref(fine[r].margin), arb_midref(coarse[r].margin))) m->differed = true;
        arf_sub(difference, arb_midref(fine[r].margin), arb_midref(coarse[r].margin), 64, ARF_RND_UP);
        arf_get_mag(size, difference);
        mag_max(m->difference + r, m->difference + r, size);
        arb_zero(c->error + r);
        arf_set_mag(arb_midref(c->error + r), m->difference + r);
    }
    mag_clear(size);
    arf_clear(difference);
}

/* Has the claim moved since the last node? Exact margins (counts, integers) need not differ between runs and are left out. */
static void note_movement(fp_checker *c, fp_monitor *m)
{
    const fp_leaves *leaves = &c->lane[FP_FINE].leaves;
    arf_t sum;
    arf_init(sum);
    for (size_t r = 0; r < leaves->count; r++)
        if (!arb_is_exact(leaves->item[r].margin)) arf_add(sum, sum, arb_midref(leaves->item[r].margin), 64, ARF_RND_NEAR);
    if (m->nodes > 0 && !arf_equal(sum, m->fingerprint)) m->moved = true;
    arf_swap(m->fingerprint, sum);
    arf_clear(sum);
}

/* What earlier nodes showed counts 7/8 as much at each later one. The difference of the runs crosses 0 now and then where their errors do not, and the crossing
 * must not pass for accuracy; but the error of a quantity that decays (g, the loss) decays with it. */
static void differences_fade(fp_monitor *m)
{
    for (size_t r = 0; r < m->leaves; r++) {
        mag_mul_ui(m->difference + r, m->difference + r, 7);
        mag_mul_2exp_si(m->difference + r, m->difference + r, -3);
    }
}

static void take_node(fp_checker *c, fp_monitor *m)
{
    size_t count = c->lane[FP_FINE].leaves.count;
    differences_reserve(m, count);
    note_movement(c, m);
    differences_fade(m);
    differences_take(c, m);
    m->nodes++;
}

static void ratio_node(fp_checker *c, fp_monitor *m, mpfr_srcptr middle, bool judged)
{
    if (middle) fp_monitor_ratio(c, m, FP_MIDDLE);
    if (judged) fp_monitor_ratio(c, m, FP_FINE);
    mpfr_set(m->last, c->t, MPFR_RNDN);
}

static void triple_set(fp_checker *c, fp_monitor *m, mpfr_srcptr middle, const double f[3])
{
    fp_triple *triple = &m->triple;
    triple->valid = isfinite(f[1]) && isfinite(f[2]);
    memcpy(triple->f, f, sizeof triple->f);
    mpfr_set(triple->left, m->last, MPFR_RNDN);
    mpfr_set(triple->middle, middle, MPFR_RNDN);
    mpfr_set(triple->right, c->t, MPFR_RNDN);
}

void fp_monitor_node(fp_checker *c, fp_monitor *m, mpfr_srcptr middle, bool judged)
{
    double f[3] = {m->tightness_last, HUGE_VAL, HUGE_VAL};
    if (m->claim->kind == FP_ORDER) {
        ratio_node(c, m, middle, judged);
        return;
    }
    if (evaluate(c, m, middle != NULL)) {
        take_node(c, m);
        if (middle) f[1] = fp_monitor_aim(m, fp_monitor_judge(c, m, FP_MIDDLE, middle, c->error));
        if (judged) f[2] = fp_monitor_aim(m, fp_monitor_judge(c, m, FP_FINE, c->t, c->error));
        if (middle) triple_set(c, m, middle, f);
    } else {
        m->nodes = 0;
    }
    m->tightness_last = f[2];
    mpfr_set(m->last, c->t, MPFR_RNDN);
}

void fp_monitor_between(fp_checker *c, fp_monitor *m)
{
    if (!evaluate(c, m, false) || m->nodes < 2 || c->lane[FP_FINE].leaves.count != m->leaves) return;
    differences_take(c, m);
    fp_monitor_judge(c, m, FP_FINE, c->t, c->error);
}

void fp_monitor_exact(fp_checker *c, fp_monitor *m)
{
    fp_lane *lane = &c->lane[FP_FINE];
    m->phase = FP_PHASE_CLOSED;
    if (m->claim->kind == FP_ORDER) {
        fp_monitor_ratio(c, m, FP_FINE);
        return;
    }
    lane_evaluate(lane, m->claim);
    if (!lane->ok) {
        fp_monitor_fail(m, &lane->failure);
        return;
    }
    fp_checker_reserve(c, lane->leaves.count);
    fp_monitor_judge(c, m, FP_FINE, c->t, NULL);
}

/* Said of t = 0, but it speaks of later times too. */
void fp_monitor_final(fp_checker *c, fp_monitor *m)
{
    for (int lane = 0; lane < 2; lane++) fp_eval_set_now(c->lane[lane].eval, c->lane[lane].initial);
    fp_monitor_node(c, m, NULL, true);
    m->phase = FP_PHASE_CLOSED;
    mpfr_set(m->opened, c->t, MPFR_RNDN);
    mpfr_set(m->closed, c->t, MPFR_RNDN);
}

/* ---- windows */
static const fp_clock *clock_or_null(const fp_checker *c, int index)
{
    return index < 0 ? NULL : &c->clocks[index];
}

/* Opens the window if its time has come. */
static bool monitor_open(fp_checker *c, fp_monitor *m)
{
    const fp_clock *from = clock_or_null(c, m->from), *to = clock_or_null(c, m->to);
    bool begins = m->at_start ? mpfr_zero_p(c->t) : !m->exact && !m->at_end && (!from || from->known);
    if (m->phase != FP_PHASE_WAITING || !begins) return false;
    if (from)
        mpfr_set(m->opened, from->value, MPFR_RNDN);
    else
        mpfr_set_zero(m->opened, 1);
    mpfr_set(m->last, c->t, MPFR_RNDN);
    m->tightness_last = HUGE_VAL;
    m->phase = FP_PHASE_OPEN;
    m->empty = to && to->known && mpfr_less_p(to->value, m->opened);
    if (m->empty) m->phase = FP_PHASE_CLOSED;
    return !m->empty;
}

static void monitor_settle(fp_checker *c, fp_monitor *m, const fp_stretch *s, bool whole)
{
    bool fresh = monitor_open(c, m);
    if (m->phase != FP_PHASE_OPEN) return;
    const fp_clock *to = clock_or_null(c, m->to);
    bool ends = m->at_start || (to && to->known && mpfr_lessequal_p(to->value, c->t));
    bool passed = fresh || !mpfr_equal_p(m->last, c->t);
    if (passed && (fresh || ends || whole)) {
        bool middle = s && !fresh && mpfr_less_p(m->last, s->middle) && mpfr_less_p(s->middle, c->t);
        bool judged = !(fresh && m->claim->open_from) && !(ends && m->claim->open_to);
        fp_monitor_node(c, m, middle ? s->middle : NULL, judged);
    }
    if (!ends && !m->settled_early) return;
    m->phase = FP_PHASE_CLOSED;
    mpfr_set(m->closed, c->t, MPFR_RNDN);
}

void fp_monitors_settle(fp_checker *c, const fp_stretch *s, bool whole)
{
    for (size_t r = 0; r < c->monitors_count; r++) {
        fp_monitor *m = &c->monitors[r];
        if (!m->out && m->claim->kind != FP_PROBABILITY) monitor_settle(c, m, s, whole);
    }
}

bool fp_monitor_is_settled(const fp_checker *c, const fp_monitor *m)
{
    bool settled = fp_clock_is_settled(c, m->from) && fp_clock_is_settled(c, m->to);
    for (size_t k = 0; settled && k < c->clocks_count; k++) settled = !m->needs[k] || fp_clock_is_settled(c, (int)k);
    return settled;
}

/* Nothing that is still to come can change the result. */
bool fp_monitor_is_over(const fp_checker *c, const fp_monitor *m)
{
    const fp_clock *from = clock_or_null(c, m->from);
    if (m->out || m->exact || m->claim->kind == FP_PROBABILITY) return true;
    if (m->at_end) return fp_monitor_is_settled(c, m);
    if (from && from->state == FP_CLOCK_FAILED) return true;
    if (from && from->time->kind == FP_TIME_LAST && from->state != FP_CLOCK_FOUND) return false;
    return m->phase == FP_PHASE_CLOSED && fp_monitor_is_settled(c, m);
}
