/* SPDX-License-Identifier: MIT */
/* From the comparisons of one sample to its truth, and which sample is the tightest. */
#include <math.h>
#include <string.h>

#include "check_impl.h"

/* |margin|/(scale - |margin|), where the sides have one sign; unbounded, so capped. Between scale and 2 scale, where they have different ones, beyond all of the
 * former. Where one side is 0 the relative margin is 1 at all times and says nothing: then the margin itself. */
static double leaf_size(const fp_leaf *leaf)
{
    double size = NAN;
    arf_t margin, rest;
    arf_init(margin);
    arf_init(rest);
    arf_abs(margin, arb_midref(leaf->margin));
    arf_sub(rest, arb_midref(leaf->scale), margin, 64, ARF_RND_NEAR);
    if (!arf_is_finite(margin) || !arf_is_finite(rest)) {
        size = NAN;
    } else if (arf_is_zero(rest)) {
        size = fmin(arf_get_d(margin, ARF_RND_NEAR), 1e299);
    } else if (arf_sgn(rest) > 0) {
        arf_div(margin, margin, rest, 53, ARF_RND_NEAR);
        size = fmin(arf_get_d(margin, ARF_RND_NEAR), 1e299);
    } else {
        arf_div(margin, margin, arb_midref(leaf->scale), 53, ARF_RND_NEAR);
        size = 5e299 * fmin(arf_get_d(margin, ARF_RND_NEAR), 2);
    }
    arf_clear(margin);
    arf_clear(rest);
    return size;
}

static bool has_zero_side(const fp_leaf *leaf)
{
    return arf_cmpabs(arb_midref(leaf->margin), arb_midref(leaf->scale)) == 0;
}

/* Where sides are 0 the relative margins tie, so the leaf nearest to failing is looked for here. Only in conjunctions that hold: else the judgement's own leaf stands. */
static void find_nearest(fp_judgement *j, fp_checker *c, const fp_node *body, const fp_leaves *leaves)
{
    bool conjunction;
    if (j->truth != FP_TRUE || j->decisive >= leaves->count || !has_zero_side(&leaves->item[j->decisive])) return;
    fp_checker_reserve(c, leaves->count);
    fp_leaves_counted(c->counted, &conjunction, body, leaves);
    double least = HUGE_VAL;
    for (size_t r = 0; conjunction && r < leaves->count; r++) {
        double size = c->counted[r] ? leaf_size(&leaves->item[r]) : HUGE_VAL;
        if (!(size < least)) continue;
        least = size;
        j->decisive = r;
    }
}

static double tightness_of(fp_judgement *j, fp_checker *c, const fp_node *body, const fp_leaves *leaves)
{
    find_nearest(j, c, body, leaves);
    if (j->decisive >= leaves->count) return j->relative;
    return (j->relative < 0 ? -1 : 1) * leaf_size(&leaves->item[j->decisive]);
}

/* An element of {x, y} as the sheet writes it. */
static size_t print_bound(char *out, size_t room, const fp_leaf *leaf, int r)
{
    fp_text text = {0};
    if (leaf->binding_element[r])
        fp_node_print(&text, leaf->binding_element[r]);
    else
        fp_text_addf(&text, "%ld", leaf->binding[r]);
    int n = snprintf(out, room, "%s", text.data ? text.data : "");
    fp_text_clear(&text);
    return n > 0 ? (size_t)n : 0;
}

void fp_binding_print(char out[96], const fp_leaf *leaf)
{
    size_t used = 0;
    out[0] = 0;
    for (int r = 0; r < leaf->bindings && r < FP_BINDINGS_MAX && used < 95; r++) {
        const char *name = leaf->binding_name[r] ? leaf->binding_name[r] : "?";
        int n = snprintf(out + used, 96 - used, "%s%s=", r ? ", " : "", name);
        used += n > 0 ? (size_t)n : 0;
        if (used < 95) used += print_bound(out + used, 96 - used, leaf, r);
    }
    if (leaf->boxed && leaf->witness && used < 95) snprintf(out + used, 96 - used, "%s%s", used ? ", " : "", leaf->witness);
}

static const char *find_cause(const fp_leaf *leaf)
{
    if (leaf && leaf->boxed && leaf->cause) return leaf->cause;
    return leaf && !arb_is_finite(leaf->margin) ? "domain" : "straddles-zero";
}

/* NaN counts as the tightest: nothing is known there. */
bool fp_monitor_is_tighter(const fp_monitor *m, int rank, double tightness)
{
    const fp_tight *old = &m->tight;
    int direction = m->claim->window == FP_WINDOW_EVENTUALLY ? -1 : 1;
    if (!old->any) return true;
    if (rank != old->rank) return direction * (rank - old->rank) < 0;
    if (isnan(old->tightness)) return false;
    return isnan(tightness) || direction * tightness < direction * old->tightness;
}

static void tight_take(fp_monitor *m, const fp_leaves *leaves, const fp_judgement *j, mpfr_srcptr t)
{
    const fp_leaf *leaf = j->decisive < leaves->count ? &leaves->item[j->decisive] : NULL;
    fp_tight *tight = &m->tight;
    tight->any = true;
    mpfr_set_prec(tight->time, mpfr_get_prec(t));
    mpfr_set(tight->time, t, MPFR_RNDN);
    tight->binding[0] = 0;
    if (leaf) {
        arb_set(tight->margin, leaf->margin);
        if (j->negated) arb_neg(tight->margin, tight->margin);
        arb_set(tight->scale, leaf->scale);
        fp_binding_print(tight->binding, leaf);
    }
    tight->cause = j->truth == FP_UNKNOWN && tight->rank == 1 ? find_cause(leaf) : NULL;
}

static void note_truth(fp_monitor *m, const fp_judgement *j, bool identity)
{
    m->samples++;
    m->premises += j->premises;
    m->premises_true += j->premises_true;
    if (identity)
        m->seen_identity = true;
    else
        m->seen[j->truth] = true;
}

void fp_monitor_judge(fp_checker *c, fp_monitor *m, mpfr_srcptr t)
{
    const fp_leaves *leaves = &c->lane.leaves;
    fp_judgement j;
    fp_eval_judge(&j, c->lane.eval, m->claim->body, leaves);
    m->no_leaves |= leaves->count == 0;
    bool identity = j.truth == FP_UNKNOWN && j.only_identities_unknown;
    double tightness = tightness_of(&j, c, m->claim->body, leaves);
    int rank = j.truth == FP_FALSE ? 0 : j.truth == FP_UNKNOWN && !identity ? 1 : 2;
    note_truth(m, &j, identity);
    if (fp_monitor_is_tighter(m, rank, tightness)) {
        m->tight.rank = rank;
        m->tight.tightness = tightness;
        tight_take(m, leaves, &j, t);
    }
    if (identity) fp_agreement_take(&m->on_tube, c, m->claim->body, leaves, mpfr_get_d(t, MPFR_RNDN));
    if (m->measurable) fp_monitor_measure(c, m, t);
}
