/* SPDX-License-Identifier: MIT */
/* The loop: aim, try, judge, carry the second run along, tell the observer. */
#include "stepper.h"

#include <assert.h>
#include <stdlib.h>

struct fp_run {
    fp_run_options options;
    fp_stepper coarse, fine; /* fine: empty without pair */
    fp_control control;
    mpfr_t t0, t_end, goal, target, middle; /* precision of the run; goal: where it is to stop for now, at most t_end */
    mpfr_t reached;                   /* end of the last step that the observer has seen */
    mpfr_t h, used, next, error, least, difference; /* FP_SCALAR_PREC; h = what the controller wants */
    size_t next_stop;
    bool shortened;  /* the step at work is shorter than h, to land on a stop */
    bool non_finite; /* why the last attempt was rejected */
    fp_run_stats stats;
};

const char *fp_outcome_text(fp_outcome o)
{
    switch (o) {
    case FP_RUN_END: return "reached end";
    case FP_RUN_STOPPED: return "stopped by observer";
    case FP_RUN_UNDERFLOW: return "step underflow";
    case FP_RUN_NON_FINITE: return "non-finite";
    case FP_RUN_BUDGET: return "step budget";
    case FP_RUN_INTERRUPTED: return "interrupted";
    }
    return "unknown outcome";
}

fp_run *fp_run_new(const fp_field *coarse, const fp_field *fine, const fp_run_options *options)
{
    assert(mpq_sgn(options->tolerance) > 0 && mpq_cmp(options->t0, options->t_end) <= 0);
    fp_run *run = fp_alloc(1, sizeof *run);
    run->options = *options;
    run->coarse = fp_stepper_create(coarse, options, 1, (fp_stepper){0});
    if (options->pair)
        run->fine = fp_stepper_create(fine ? fine : coarse, options, 2, run->coarse);
    fp_control_init(&run->control, options->tolerance);
    mpfr_inits2(options->prec, run->t0, run->t_end, run->goal, run->target, run->middle, run->reached, (mpfr_ptr)NULL);
    mpfr_inits2(FP_SCALAR_PREC, run->h, run->used, run->next, run->error, run->least, run->difference, (mpfr_ptr)NULL);
    fp_mpfr_set_rational(run->t0, options->t0);
    fp_mpfr_set_rational(run->t_end, options->t_end);
    run->options.t0 = run->options.t_end = run->options.tolerance = NULL; /* not ours to keep */
    return run;
}

void fp_run_free(fp_run *run)
{
    if (!run)
        return;
    fp_stepper_free(run->fine);
    fp_stepper_free(run->coarse);
    fp_control_clear(&run->control);
    mpfr_clears(run->t0, run->t_end, run->goal, run->target, run->middle, run->reached, (mpfr_ptr)NULL);
    mpfr_clears(run->h, run->used, run->next, run->error, run->least, run->difference, (mpfr_ptr)NULL);
    free(run);
}

/* ---- one attempt */

static bool begin(fp_run *run, const fp_vec *y0, fp_error *err)
{
    run->stats = (fp_run_stats){0};
    run->next_stop = 0;
    run->non_finite = false;
    fp_control_reset(&run->control);
    mpfr_set_zero(run->difference, 1);
    mpfr_set(run->middle, run->t0, MPFR_RNDN);
    if (fp_stepper_start(run->coarse, run->t0, y0, err) != FP_OK)
        return false;
    if (run->options.pair && fp_stepper_start(run->fine, run->t0, y0, err) != FP_OK)
        return false;
    mpfr_sub(run->used, run->t_end, run->t0, MPFR_RNDN);
    if (mpfr_sgn(run->used) > 0)
        fp_stepper_first(run->h, &run->control, run->coarse, run->used);
    return true;
}

/* The next time that must be hit: a stop ahead of t, else the goal. */
static mpfr_srcptr next_landing(fp_run *run, mpfr_srcptr t)
{
    const fp_reals *stops = run->options.stops;
    while (stops && run->next_stop < stops->n && mpfr_lessequal_p(stops->x + run->next_stop, t))
        run->next_stop++;
    bool ahead = stops && run->next_stop < stops->n && mpfr_less_p(stops->x + run->next_stop, run->goal);
    return ahead ? stops->x + run->next_stop : run->goal;
}

/* target = end of the next step: the landing time if h reaches it when stretched by 1/100; half way there if two steps
 * of h would pass it, so that no microscopic step is left over; else t + h. */
static void aim(fp_run *run)
{
    mpfr_srcptr t = fp_stepper_time(run->coarse), landing = next_landing(run, t);
    mpfr_set(run->target, landing, MPFR_RNDN);
    mpfr_sub(run->used, run->target, t, MPFR_RNDN);
    mpfr_mul_ui(run->next, run->h, 101, MPFR_RNDN);
    mpfr_div_ui(run->next, run->next, 100, MPFR_RNDN);
    run->shortened = mpfr_less_p(run->used, run->h) != 0;
    if (mpfr_lessequal_p(run->used, run->next))
        return;
    mpfr_div_2ui(run->used, run->used, 1, MPFR_RNDN);
    run->shortened = mpfr_less_p(run->used, run->h) != 0;
    if (run->shortened)
        fp_step_round(run->used);
    else
        mpfr_set(run->used, run->h, MPFR_RNDN);
    mpfr_add(run->target, t, run->used, MPFR_RNDN);
}

/* The second run's two half steps over the step just tried. On failure it is back at the left end. */
static bool follow(fp_run *run, fp_error *err)
{
    mpfr_add(run->middle, fp_stepper_time(run->coarse), run->target, MPFR_RNDN);
    mpfr_div_2ui(run->middle, run->middle, 1, MPFR_RNDN);
    if (fp_stepper_try_to(run->fine, run->middle, run->next, err) != FP_OK)
        return false;
    fp_stepper_accept(run->fine);
    if (fp_stepper_try_to(run->fine, run->target, run->next, err) != FP_OK) {
        fp_stepper_rewind(run->fine);
        return false;
    }
    fp_stepper_accept(run->fine);
    return true;
}

static void reject_non_finite(fp_run *run)
{
    fp_control_shrink(run->h, &run->control, run->used);
    run->stats.rejected++;
    run->non_finite = true;
}

/* One attempt; true if the step was accepted. err is set if something was not finite. */
static bool advance(fp_run *run, fp_error *err)
{
    aim(run);
    if (fp_stepper_try_to(run->coarse, run->target, run->error, err) != FP_OK) {
        reject_non_finite(run);
        return false;
    }
    if (!fp_stepper_judge(run->next, &run->control, run->coarse, run->used, run->error)) {
        mpfr_set(run->h, run->next, MPFR_RNDN);
        run->stats.rejected++;
        run->non_finite = false;
        return false;
    }
    /* A step cut short by a stop says little about the next one: the earlier wish stands. */
    if (run->shortened)
        mpfr_max(run->h, run->h, run->next, MPFR_RNDN);
    else
        mpfr_set(run->h, run->next, MPFR_RNDN);
    if (run->options.pair && !follow(run, err)) {
        reject_non_finite(run);
        return false;
    }
    fp_stepper_accept(run->coarse);
    run->stats.accepted++;
    run->stats.last_h = mpfr_get_d(run->used, MPFR_RNDN);
    return true;
}

static void compare_runs(fp_run *run)
{
    fp_chunks_difference(fp_stepper_chunks(run->coarse), run->error, fp_stepper_state(run->coarse), fp_stepper_state(run->fine));
    mpfr_max(run->difference, run->difference, run->error, MPFR_RNDN);
}

/* ---- how it ends */

/* Smallest step: 2^-(prec-8) max(|t|, 2^-32 (t_end - t0)). */
static bool too_small(fp_run *run, mpfr_srcptr t)
{
    mpfr_sub(run->least, run->t_end, run->t0, MPFR_RNDN);
    mpfr_div_2ui(run->least, run->least, 32, MPFR_RNDN);
    if (mpfr_cmpabs(t, run->least) > 0)
        mpfr_abs(run->least, t, MPFR_RNDN);
    mpfr_div_2si(run->least, run->least, run->options.prec - 8, MPFR_RNDN);
    return !mpfr_greaterequal_p(run->h, run->least);
}

static fp_outcome underflow(const fp_run *run, mpfr_srcptr t, fp_error *err)
{
    char at[48], h[48], least[48];
    if (run->non_finite) /* err has been set by the attempt */
        return FP_RUN_NON_FINITE;
    fp_fail(err, FP_STEP_UNDERFLOW, "at t = %s the step size %s is below the smallest allowed, %s (%ld bits): the tolerance is out of reach",
            fp_scalar_text(at, t), fp_scalar_text(h, run->h), fp_scalar_text(least, run->least), (long)run->options.prec);
    return FP_RUN_UNDERFLOW;
}

/* What was being computed is of no use: the run ends where the last complete step ended. */
static bool is_interrupted(const fp_run *run, fp_error *err)
{
    char at[48];
    if (!fp_interrupted())
        return false;
    fp_fail(err, FP_INTERRUPTED, "interrupted at t = %s", fp_scalar_text(at, run->reached));
    return true;
}

/* FP_RUN_END: nothing speaks against another attempt. */
static fp_outcome may_go_on(fp_run *run, fp_error *err)
{
    char at[48];
    mpfr_srcptr t = fp_stepper_time(run->coarse);
    if (run->stats.accepted + run->stats.rejected >= run->options.max_steps) {
        fp_fail(err, FP_BUDGET, "the budget of %lu steps is used up at t = %s", run->options.max_steps, fp_scalar_text(at, t));
        return FP_RUN_BUDGET;
    }
    if (fp_stepper_wish(run->h, run->coarse, err) != FP_OK)
        return FP_RUN_NON_FINITE;
    return too_small(run, t) ? underflow(run, t, err) : FP_RUN_END;
}

bool fp_run_begin(fp_run *run, const fp_vec *y0, fp_error *err)
{
    mpfr_set(run->reached, run->t0, MPFR_RNDN);
    bool begun = begin(run, y0, err);
    return !is_interrupted(run, err) && begun;
}

fp_outcome fp_run_to(fp_run *run, mpfr_srcptr t, fp_run_observer observe, void *ctx, fp_error *err)
{
    mpfr_set(run->goal, t, MPFR_RNDN);
    mpfr_min(run->goal, run->goal, run->t_end, MPFR_RNDN);
    while (mpfr_less_p(fp_stepper_time(run->coarse), run->goal)) {
        fp_outcome outcome = may_go_on(run, err);
        bool accepted = outcome == FP_RUN_END && advance(run, err);
        if (accepted && run->options.pair)
            compare_runs(run);
        if (is_interrupted(run, err))
            return FP_RUN_INTERRUPTED;
        if (outcome != FP_RUN_END)
            return outcome;
        if (!accepted)
            continue;
        bool more = !observe || observe(run, ctx);
        if (is_interrupted(run, err))
            return FP_RUN_INTERRUPTED;
        if (!more)
            return FP_RUN_STOPPED;
        mpfr_set(run->reached, fp_stepper_time(run->coarse), MPFR_RNDN);
    }
    return FP_RUN_END;
}

fp_outcome fp_run_go(fp_run *run, const fp_vec *y0, fp_run_observer observe, void *ctx, fp_error *err)
{
    if (!fp_run_begin(run, y0, err))
        return err->code == FP_INTERRUPTED ? FP_RUN_INTERRUPTED : FP_RUN_NON_FINITE;
    return fp_run_to(run, run->t_end, observe, ctx, err);
}

/* ---- what the observer sees */

mpfr_srcptr fp_run_left(const fp_run *run)
{
    return fp_stepper_left_time(run->coarse);
}

mpfr_srcptr fp_run_right(const fp_run *run)
{
    return fp_stepper_time(run->coarse);
}

mpfr_srcptr fp_run_middle(const fp_run *run)
{
    return run->middle;
}

const fp_vec *fp_run_state(const fp_run *run, bool fine)
{
    assert(!fine || run->options.pair);
    return fp_stepper_state(fine ? run->fine : run->coarse);
}

const fp_vec *fp_run_middle_state(const fp_run *run)
{
    assert(run->options.pair);
    return fp_stepper_left_state(run->fine);
}

fp_status fp_run_at(fp_vec *out, fp_run *run, bool fine, mpfr_srcptr t, bool exact, fp_error *err)
{
    char at[48], left[48], right[48];
    fp_stepper s = fine ? run->fine : run->coarse;
    if (fine && !run->options.pair)
        return fp_fail(err, FP_INTERNAL, "the second run was asked for, but the run was made without it");
    if (!run->stats.accepted || fp_stepper_is_open(s) || !mpfr_lessequal_p(fp_run_left(run), t) || !mpfr_lessequal_p(t, fp_run_right(run)))
        return fp_fail(err, FP_INTERNAL, "t = %s is outside the last step [%s, %s]", fp_scalar_text(at, t),
                       fp_scalar_text(left, fp_run_left(run)), fp_scalar_text(right, fp_run_right(run)));
    return fp_stepper_at(out, s, t, exact, err);
}

void fp_run_get_stats(fp_run_stats *out, const fp_run *run)
{
    *out = run->stats;
    out->evaluations = fp_stepper_evaluations(run->coarse) + (run->options.pair ? fp_stepper_evaluations(run->fine) : 0);
    out->max_pair_difference = mpfr_get_d(run->difference, MPFR_RNDN);
}
