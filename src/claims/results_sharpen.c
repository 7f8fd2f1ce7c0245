/* SPDX-License-Identifier: MIT */
/* Two runs enclose the same numbers. */
#include "check_impl.h"
#include "tube_ball.h"

static fp_status meet(arb_t x, const arb_t y, const char *what, const char *name, fp_error *err)
{
    return fp_ball_meet(x, y) ? FP_OK : fp_fail(err, FP_INTERNAL, "self-check failed: two enclosures of %s %s do not meet", what, name);
}

static void take_attained(fp_claim_result *r, const fp_claim_result *other, int k)
{
    mpfr_ptr to[] = {r->measured[k].time, r->attained_from[k], r->attained_to[k]};
    mpfr_srcptr from[] = {other->measured[k].time, other->attained_from[k], other->attained_to[k]};
    for (int j = 0; j < 3; j++) {
        mpfr_set_prec(to[j], mpfr_get_prec(from[j]));
        mpfr_set(to[j], from[j], MPFR_RNDN);
    }
}

static fp_status sharpen_claim(fp_claim_result *r, const fp_claim_result *other, fp_error *err)
{
    for (int k = 0; k < r->measured_count && k < other->measured_count; k++) {
        fp_measured *m = &r->measured[k];
        const fp_measured *n = &other->measured[k];
        if (!n->known) continue;
        if (m->known && meet(m->measured, n->measured, "a constant of", r->claim->id, err) != FP_OK) return err->code;
        if (!m->known) arb_set(m->measured, n->measured);
        m->known = true;
        take_attained(r, other, k);
    }
    return FP_OK;
}

static void bracket(arb_t out, const fp_time_result *t)
{
    arf_t low, high, width;
    arf_init(low);
    arf_init(high);
    arf_init(width);
    arf_set_mpfr(high, t->value);
    arf_set_mpfr(width, t->width);
    arf_sub(low, high, width, ARF_PREC_EXACT, ARF_RND_DOWN);
    fp_ball_interval(out, low, high);
    arf_clear(low);
    arf_clear(high);
    arf_clear(width);
}

/* The narrower bracket: a run narrows it as far as its tube lets it. */
static fp_status sharpen_time(fp_time_result *r, const fp_time_result *other, fp_error *err)
{
    arb_t x, y;
    if (!r->found || !other->found) return FP_OK;
    arb_init(x);
    arb_init(y);
    bracket(x, r);
    bracket(y, other);
    fp_status status = arb_overlaps(x, y) ? FP_OK : fp_fail(err, FP_INTERNAL, "self-check failed: two brackets of the time %s do not meet", r->time->name ? r->time->name : "?");
    if (mpfr_less_p(other->width, r->width)) {
        mpfr_set_prec(r->value, mpfr_get_prec(other->value));
        mpfr_set(r->value, other->value, MPFR_RNDN);
        mpfr_set_prec(r->width, mpfr_get_prec(other->width));
        mpfr_set(r->width, other->width, MPFR_RNDN);
    }
    arb_clear(x);
    arb_clear(y);
    return status;
}

fp_status fp_results_sharpen(fp_results *r, const fp_results *other, fp_error *err)
{
    for (size_t k = 0; k < r->claims_count; k++)
        for (size_t j = 0; j < other->claims_count; j++)
            if (other->claims[j].claim == r->claims[k].claim && sharpen_claim(&r->claims[k], &other->claims[j], err) != FP_OK) return err->code;
    for (size_t k = 0; k < r->times_count; k++)
        for (size_t j = 0; j < other->times_count; j++)
            if (other->times[j].time == r->times[k].time && sharpen_time(&r->times[k], &other->times[j], err) != FP_OK) return err->code;
    return FP_OK;
}
