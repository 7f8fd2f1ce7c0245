/* SPDX-License-Identifier: MIT */
/* What one question (a claim at one time) may cost: evaluations of bodies, bytes held; and whether it was answered before an interruption. */
#include "eval_impl.h"

/* Of a ball with `bits` of mantissa: two limbs are in the struct, more are on the heap with a header of their own. */
static size_t ball_bytes(slong bits)
{
    size_t limbs = (size_t)bits / 64 + 1;
    return sizeof(arb_struct) + (limbs > 2 ? 8 * limbs + 16 : 0);
}

size_t fp_eval_leaf_bytes(const fp_eval *e, const fp_claim *claim)
{
    size_t balls = 3 + (claim && claim->constants ? 2 * FP_SENSITIVITIES_MAX : 0);
    return sizeof(fp_leaf) - 3 * sizeof(arb_struct) + balls * e->ball;
}

void fp_eval_limit(fp_eval *e)
{
    const fp_setting *s = e->problem->setting;
    e->most = s ? (unsigned long)s->evaluations : FP_EVALUATIONS;
    e->held_most = (size_t)(s ? s->claim_memory : FP_CLAIM_MEMORY) * 1000000;
    e->ball = ball_bytes(e->prec);
}

static bool too_many(fp_eval *e, fp_place place)
{
    return fp_eval_fail(e, "evaluation-cap", place, "more than %lu evaluations of what stands behind binders and in definitions, at one time; use smaller sets, or write 'evaluations = N' in the setting", e->most);
}

bool fp_eval_count(fp_eval *e, fp_place place)
{
    if (fp_interrupted())
        return fp_eval_fail(e, "interrupted", place, "interrupted");
    return e->evaluations < e->most ? ++e->evaluations, true : too_many(e, place);
}

bool fp_eval_expect(fp_eval *e, fp_place place, unsigned long more)
{
    return more <= e->most - e->evaluations || too_many(e, place);
}

bool fp_eval_hold(fp_eval *e, fp_place place, size_t count, size_t bytes)
{
    if (count > 0 && bytes > (e->held_most - e->held) / count)
        return fp_eval_fail(e, "memory-cap", place, "its comparisons and terms at one time take more than %zu MB; use smaller sets, or write 'claim-memory = N' (MB) in the setting",
                            e->held_most / 1000000);
    e->held += count * bytes;
    return true;
}

void fp_eval_release(fp_eval *e, size_t count, size_t bytes)
{
    e->held -= count * bytes;
}

void fp_eval_ask(fp_eval *e, const fp_sheet *sheet, fp_eval_failure *failure)
{
    *failure = (fp_eval_failure){0};
    e->failure = failure;
    e->sheet = sheet;
    e->binders = e->uses = 0;
    e->steps_left = FP_EXACT_STEPS;
    e->evaluations = 0;
    e->held = 0;
}

bool fp_eval_answer(fp_eval *e, fp_place place, bool ok)
{
    if (fp_interrupted()) { /* whatever else went wrong may come from work that was cut short */
        *e->failure = (fp_eval_failure){0};
        ok = fp_eval_fail(e, "interrupted", place, "interrupted");
    }
    e->failure = NULL;
    e->sheet = NULL;
    return ok;
}
