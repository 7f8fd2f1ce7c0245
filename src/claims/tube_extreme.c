/* SPDX-License-Identifier: MIT */
/* The extreme constant that would do over a window: the largest value at which some comparison's margin vanishes (`smallest` constants), or the least. Branch and bound: thin values bound it from
 * one side, parts from the other; a part is halved while it may hold a value beyond the best thin one. Roots C - m/b have the derivative -(m' - (m/b) b')/b, so parts on which a root is monotone are
 * decided by their ends. Values are kept with the sign of the search: larger is more extreme. Of an `eventually` the best time of the window counts: the search has the other sign, and what a time needs is
 * the most that any comparison needs there. */
#include <math.h>

#include "tube_impl.h"

enum { LINEAR_BITS = 7, LINEAR_BITS_SEEDED = 16, LINEAR_PARTS = 1500, UNSEEDED_PARTS = 100, EVENTUALLY_BITS = 14, EVENTUALLY_PARTS = 2000 };

bool fp_tube_is_measuring(const fp_tube_lane *l, size_t i)
{
    const fp_monitor *m = &l->shell->monitors[i];
    return m->measurable && m->measured_count > 0 && (m->claim->window == FP_WINDOW_ALWAYS || m->claim->window == FP_WINDOW_EVENTUALLY);
}

bool fp_tube_seeks_largest(const fp_claim *claim, const fp_constant *constant)
{
    return constant->smallest != (claim->window == FP_WINDOW_EVENTUALLY);
}

static void root_of(arb_t out, const fp_constant *constant, const fp_leaf *leaf, int k, slong prec)
{
    fp_leaf_root(out, constant, leaf, leaf->by_constant + k, prec);
    if (!constant->smallest) arb_neg(out, out);
}

static void root_slope(arb_t out, const fp_constant *constant, const fp_leaf *leaf, int k, slong prec)
{
    arb_t q;
    arb_init(q);
    arb_div(q, leaf->margin, leaf->by_constant + k, prec);
    arb_mul(out, q, leaf->by_slope + k, prec);
    arb_sub(out, out, leaf->slope, prec);
    arb_div(out, out, leaf->by_constant + k, prec);
    if (!constant->smallest) arb_neg(out, out);
    arb_clear(q);
}

static bool has_root(const fp_leaves *l, bool has, size_t r)
{
    return has && r < l->count && l->item[r].by_constant;
}

/* The root over the part, sharpened. */
static void root_over(arb_t out, const fp_views *v, size_t r, const fp_constant *constant, int k, const arf_t half, slong prec)
{
    const fp_leaf *wide = &v->wide.item[r];
    arb_t slope, x, y;
    root_of(out, constant, wide, k, prec);
    if (!wide->has_slope || !wide->by_slope || v->middle.count != v->wide.count || !v->middle.item[r].by_constant) return;
    arb_init(slope);
    arb_init(x);
    arb_init(y);
    root_slope(slope, constant, wide, k, prec);
    arf_get_mag(arb_radref(x), half);
    arb_mul(x, x, slope, prec);
    root_of(y, constant, &v->middle.item[r], k, prec);
    arb_add(x, x, y, prec);
    fp_ball_meet(out, x);
    bool monotone = arb_is_finite(slope) && (arb_is_nonnegative(slope) || arb_is_nonpositive(slope));
    if (monotone && has_root(&v->low, v->has_low, r) && has_root(&v->high, v->has_high, r)) {
        root_of(x, constant, &v->low.item[r], k, prec);
        root_of(y, constant, &v->high.item[r], k, prec);
        fp_ball_hull(x, x, y);
        fp_ball_meet(out, x);
    }
    arb_clear(slope);
    arb_clear(x);
    arb_clear(y);
}

/* `eventually`: minus a lower bound of what every time of the part needs, -infinity if no value would do at any of them; false: none. */
static bool part_needs_least(arf_t most, const fp_tube_lane *l, size_t i, int k, const arf_t half)
{
    const fp_views *v = &l->views[i];
    const fp_constant *constant = l->shell->monitors[i].measured[k].constant;
    arb_t x;
    arf_t lower;
    arb_init(x);
    arf_init(lower);
    arf_pos_inf(most);
    for (size_t r = 0; r < v->wide.count; r++) {
        const fp_leaf *leaf = &v->wide.item[r];
        bool free = !leaf->by_constant || arb_is_zero(leaf->by_constant + k);
        if (free && fp_leaf_truth(leaf) == FP_FALSE) arf_neg_inf(most);
        bool fits = !free && (constant->smallest ? arb_is_positive(leaf->by_constant + k) : arb_is_negative(leaf->by_constant + k));
        if (fits) root_over(x, v, r, constant, k, half, l->c->prec);
        if (!fits || !arb_is_finite(x)) continue;
        fp_ball_lower(lower, x);
        arf_neg(lower, lower);
        arf_min(most, most, lower);
    }
    arb_clear(x);
    arf_clear(lower);
    return !arf_is_pos_inf(most);
}

/* An upper bound of what the part needs; false: none. */
static bool part_needs(arf_t most, const fp_tube_lane *l, size_t i, int k, const arf_t half)
{
    const fp_monitor *m = &l->shell->monitors[i];
    const fp_views *v = &l->views[i];
    const fp_constant *constant = m->measured[k].constant;
    bool known = true;
    arb_t x;
    arf_t upper;
    arb_init(x);
    arf_init(upper);
    arf_neg_inf(most);
    for (size_t r = 0; known && r < v->wide.count; r++) {
        const fp_leaf *leaf = &v->wide.item[r];
        if (!l->shell->counted[r] || !leaf->by_constant || arb_is_zero(leaf->by_constant + k)) continue;
        arb_srcptr by = leaf->by_constant + k;
        bool fits = constant->smallest ? arb_is_positive(by) : arb_is_negative(by);
        bool opposes = constant->smallest ? arb_is_negative(by) : arb_is_positive(by);
        if (opposes) continue; /* judged at the thin times */
        if (fits) root_over(x, v, r, constant, k, half, l->c->prec);
        known = fits && arb_is_finite(x);
        if (!known) continue;
        fp_ball_upper(upper, x);
        arf_max(most, most, upper);
    }
    arb_clear(x);
    arf_clear(upper);
    return known;
}

/* The best thin value so far, from below; false: none. */
static bool best_thin(arf_t best, const fp_tube_lane *l, size_t i, int k)
{
    const fp_monitor *m = &l->shell->monitors[i];
    const fp_tally *t = &l->tally[i];
    bool own = m->measured[k].known;
    arb_t x;
    arb_init(x);
    arf_neg_inf(best);
    if (own) {
        arb_set(x, m->measured[k].measured);
        if (!fp_tube_seeks_largest(m->claim, m->measured[k].constant)) arb_neg(x, x);
        fp_ball_lower(best, x);
    }
    if (t->has_best[k]) arf_max(best, best, t->best[k]);
    if (t->has_seed[k]) arf_max(best, best, t->seed[k]);
    arb_clear(x);
    return own || t->has_best[k] || t->has_seed[k];
}

static bool is_accurate(const arf_t most, const arf_t best, slong accuracy)
{
    arf_t room;
    arf_init(room);
    arf_abs(room, best);
    arf_mul_2exp_si(room, room, -accuracy);
    arf_add(room, room, best, 64 + accuracy, ARF_RND_FLOOR);
    bool accurate = arf_cmp(most, room) <= 0;
    arf_clear(room);
    return accurate;
}

static bool is_smooth(const fp_leaves *wide)
{
    for (size_t r = 0; r < wide->count; r++)
        if (wide->item[r].by_constant && !wide->item[r].has_slope) return false;
    return true;
}

static bool is_eventually(const fp_tube_lane *l, size_t i)
{
    return l->shell->monitors[i].claim->window == FP_WINDOW_EVENTUALLY;
}

unsigned long fp_tube_budget(const fp_tube_lane *l, size_t i)
{
    return is_eventually(l, i) && fp_tube_is_measuring(l, i) && l->c->budget < EVENTUALLY_PARTS ? EVENTUALLY_PARTS : l->c->budget;
}

/* Around an extreme value inside the window that has derivatives: hundreds of parts for a bit, where it is flat. What the earlier run could not bound is not worth more than it took, and without
 * derivatives much is spent for little. */
unsigned long fp_tube_measuring(const fp_tube_lane *l, size_t i)
{
    const fp_tally *t = &l->tally[i];
    unsigned long most = l->c->measuring, limit = UNSEEDED_PARTS;
    if (is_eventually(l, i) && !l->c->seeded) return fp_tube_budget(l, i);
    for (int k = 0; k < FP_SENSITIVITIES_MAX; k++)
        if (t->has_seed[k]) limit = is_smooth(&l->views[i].wide) ? most : LINEAR_PARTS;
    return l->c->seeded && limit < most ? limit : most;
}

/* Less for the rest when most parts are spent, so that one hard place does not leave the others unexamined. */
static slong accuracy_left(const fp_tube_lane *l, size_t i)
{
    slong wanted = is_eventually(l, i) && !l->c->seeded && l->c->accuracy < EVENTUALLY_BITS ? EVENTUALLY_BITS : l->c->accuracy;
    unsigned long most = fp_tube_measuring(l, i), used = l->tally[i].used, left = used < most ? most - used : 0;
    slong share = (!l->c->seeded && !is_eventually(l, i)) || 2 * left >= most ? 1 : 4 * left >= most ? 2 : 8 * left >= most ? 3 : 4;
    return wanted / share;
}

/* Without second derivatives parts only close in linearly: around an extreme value inside the window that takes as many parts as the square root of the accuracy, at an end of it only as many as its bits. */
static slong accuracy_for(const fp_tube_lane *l, size_t i, int k)
{
    const fp_tally *t = &l->tally[i];
    slong least = t->has_seed[k] ? LINEAR_BITS_SEEDED : LINEAR_BITS, wanted = accuracy_left(l, i);
    if (is_eventually(l, i) && !l->c->seeded) return wanted; /* few parts come near the best time, if it is an end of the window */
    return wanted > least && !t->seed_at_end[k] && !is_smooth(&l->views[i].wide) ? least : wanted;
}

bool fp_tube_bound(fp_tube_lane *l, size_t i, const arf_t a, const arf_t b, const arf_t half, bool last)
{
    fp_monitor *m = &l->shell->monitors[i];
    fp_tally *t = &l->tally[i];
    arf_struct most[FP_SENSITIVITIES_MAX];
    bool known[FP_SENSITIVITIES_MAX], conjunction, fine = true;
    arf_t best;
    arf_init(best);
    for (int k = 0; k < m->measured_count; k++) arf_init(most + k);
    fp_checker_reserve(l->shell, l->views[i].wide.count);
    fp_leaves_counted(l->shell->counted, &conjunction, m->claim->body, &l->views[i].wide);
    for (int k = 0; k < m->measured_count; k++) {
        known[k] = is_eventually(l, i) ? part_needs_least(most + k, l, i, k, half) : part_needs(most + k, l, i, k, half);
        bool beaten = known[k] && (arf_is_neg_inf(most + k) || (best_thin(best, l, i, k) && is_accurate(most + k, best, accuracy_for(l, i, k))));
        fine &= beaten;
    }
    for (int k = 0; (fine || last) && k < m->measured_count; k++) {
        t->bounded[k] &= known[k];
        if (!known[k]) continue;
        arf_max(t->bound[k], t->bound[k], most + k);
        if (!best_thin(best, l, i, k) || arf_cmp(most + k, best) >= 0) fp_candidates_add(&t->attained[k], a, b, most + k);
        fp_candidates_prune(&t->attained[k], best);
    }
    for (int k = 0; k < m->measured_count; k++) arf_clear(most + k);
    arf_clear(best);
    return fine || last;
}

/* Where in the window: the hull of the parts that may need what some thin time needs. */
static void attained(fp_claim_result *r, int k, const fp_tally *a, const fp_tally *b, const arf_t best)
{
    arf_t from, to, x, y;
    arf_struct *all[] = {from, to, x, y};
    for (int j = 0; j < 4; j++) arf_init(all[j]);
    bool has = fp_candidates_hull(from, to, &a->attained[k], best), other = fp_candidates_hull(x, y, &b->attained[k], best);
    if (other && (!has || arf_cmp(x, from) < 0)) arf_set(from, x);
    if (other && (!has || arf_cmp(y, to) > 0)) arf_set(to, y);
    bool known = has || other;
    if (known) arf_get_mpfr(r->attained_from[k], from, MPFR_RNDD);
    if (known) arf_get_mpfr(r->attained_to[k], to, MPFR_RNDU);
    if (!known) mpfr_set(r->attained_from[k], r->window_from, MPFR_RNDD);
    if (!known) mpfr_set(r->attained_to[k], r->window_to, MPFR_RNDU);
    for (int j = 0; j < 4; j++) arf_clear(all[j]);
}

/* ---- what an earlier run has shown */
static bool is_near(mpfr_srcptr x, mpfr_srcptr y)
{
    return fabs(mpfr_get_d(x, MPFR_RNDN) - mpfr_get_d(y, MPFR_RNDN)) <= 1e-9 * fabs(mpfr_get_d(y, MPFR_RNDN));
}

static void seed_claim(fp_tally *t, const fp_claim_result *from)
{
    arb_t x;
    arb_init(x);
    for (int k = 0; k < from->measured_count; k++) {
        const fp_measured *m = &from->measured[k];
        bool windowed = from->claim->window == FP_WINDOW_ALWAYS || from->claim->window == FP_WINDOW_EVENTUALLY;
        if (!m->known || from->evidence != FP_EVIDENCE_ENCLOSURE || !windowed) continue;
        arb_set(x, m->measured);
        if (!fp_tube_seeks_largest(from->claim, m->constant)) arb_neg(x, x);
        fp_ball_lower(t->seed[k], x);
        t->has_seed[k] = true;
        t->seed_at_end[k] = is_near(m->time, from->window_from) || is_near(m->time, from->window_to);
    }
    arb_clear(x);
}

void fp_tube_seed(fp_tube_checker *c, const fp_results *seed)
{
    for (size_t r = 0; r < seed->claims_count; r++)
        for (size_t i = 0; i < c->base->monitors_count; i++)
            for (int p = 0; p < FP_TUBE_LANES && c->base->monitors[i].claim == seed->claims[r].claim; p++) seed_claim(&c->lane[p].tally[i], &seed->claims[r]);
}

/* Nothing of the window lies beyond what the tube has shown. */
static bool is_whole(const fp_tube_checker *c, const fp_monitor *m)
{
    arf_t ignored, hi;
    arf_init(ignored);
    arf_init(hi);
    fp_tube_ends(ignored, hi, c, m->to, true);
    bool whole = fp_clock_exists(c->base, m->from) && fp_clock_exists(c->base, m->to) && arf_cmp(hi, c->reached) <= 0;
    arf_clear(ignored);
    arf_clear(hi);
    return whole;
}

/* [best thin value, bound of all parts] */
void fp_tube_measured(fp_claim_result *r, const fp_tube_checker *c, size_t i, const fp_monitor *m)
{
    for (int k = 0; k < r->measured_count; k++) {
        mpfr_set(r->attained_from[k], r->window_from, MPFR_RNDD);
        mpfr_set(r->attained_to[k], r->window_to, MPFR_RNDU);
    }
    bool eventually = m->claim->window == FP_WINDOW_EVENTUALLY, whole = is_whole(c, m);
    if (m->claim->window != FP_WINDOW_ALWAYS && !eventually) return;
    arf_t low, high;
    arf_init(low);
    arf_init(high);
    for (int k = 0; k < r->measured_count; k++) {
        fp_measured *out = &r->measured[k];
        const fp_tally *a = &c->lane[0].tally[i], *b = &c->lane[1].tally[i];
        bool bounded = a->bounded[k] && b->bounded[k] && !m->has_failure && (whole || !eventually);
        out->known = out->known && bounded && (c->seeded || eventually || (!a->hopeless && !b->hopeless));
        if (!out->known) continue;
        bool up = fp_tube_seeks_largest(m->claim, out->constant);
        if (!up) arb_neg(out->measured, out->measured);
        fp_ball_lower(low, out->measured);
        fp_ball_upper(high, out->measured);
        arf_max(high, high, a->bound[k]);
        arf_max(high, high, b->bound[k]);
        attained(r, k, a, b, low);
        fp_ball_interval(out->measured, low, high);
        if (!up) arb_neg(out->measured, out->measured);
    }
    arf_clear(low);
    arf_clear(high);
}
