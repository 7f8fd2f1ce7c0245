/* SPDX-License-Identifier: MIT */
#include "stepper.h"

/* A part is long enough (about a tenth of a millisecond of work) to outweigh a hand-over between threads. Each part owns SLOTS neighbouring numbers of
 * scratch; more than are used, so that two threads do not write to one cache line. */
enum { CHUNK = 1024, SLOTS = 8 };

void fp_chunks_init(fp_chunks *c, size_t dim, mpfr_prec_t prec, fp_pool *pool)
{
    c->dim = dim;
    c->parts = (dim + CHUNK - 1) / CHUNK;
    c->pool = pool;
    fp_reals_init(&c->wide, c->parts * SLOTS, prec);
    fp_reals_init(&c->narrow, c->parts * SLOTS, FP_SCALAR_PREC);
}

void fp_chunks_clear(fp_chunks *c)
{
    fp_reals_clear(&c->wide);
    fp_reals_clear(&c->narrow);
}

static size_t part_end(const fp_chunks *c, size_t part)
{
    size_t end = (part + 1) * CHUNK;
    return end < c->dim ? end : c->dim;
}

static void run_parts(fp_chunks *c, void (*task)(void *, size_t), void *ctx)
{
    if (c->parts == 1)
        task(ctx, 0);
    else if (c->parts > 1)
        fp_pool_run(c->pool, c->parts, task, ctx);
}

typedef struct {
    fp_chunks *chunks;
    fp_vec *out;
    const fp_vec *y;
    const fp_reals *coef;
    fp_vec *const *k;
    size_t count;
} lincomb_job;

static void lincomb_part(void *ctx, size_t part)
{
    lincomb_job *j = ctx;
    fp_vec_lincomb(j->out, j->y, j->coef, j->k, j->count, part * CHUNK, part_end(j->chunks, part),
                   j->chunks->wide.x + part * SLOTS);
}

void fp_chunks_lincomb(fp_chunks *c, fp_vec *out, const fp_vec *y, const fp_reals *coef, fp_vec *const k[], size_t count)
{
    lincomb_job job = {c, out, y, coef, k, count};
    run_parts(c, lincomb_part, &job);
}

/* ---- maxima */
typedef struct {
    fp_chunks *chunks;
    void (*measure)(mpfr_ptr value, const void *job, size_t i, mpfr_ptr u, mpfr_ptr v);
    const fp_vec *x, *y, *z;
} max_job;

/* best = max(best, value); a value that is not finite makes best NaN for good. */
static void keep_max(mpfr_ptr best, mpfr_srcptr value)
{
    if (!mpfr_number_p(value))
        mpfr_set_nan(best);
    else if (mpfr_less_p(best, value))
        mpfr_set(best, value, MPFR_RNDN);
}

static void max_part(void *ctx, size_t part)
{
    max_job *j = ctx;
    mpfr_ptr best = j->chunks->narrow.x + part * SLOTS, u = j->chunks->wide.x + part * SLOTS;
    size_t end = part_end(j->chunks, part);
    mpfr_set_zero(best, 1);
    for (size_t i = part * CHUNK; i < end; i++) {
        j->measure(best + 1, j, i, u, u + 1);
        keep_max(best, best + 1);
    }
}

static void max_of_parts(mpfr_ptr out, max_job *job)
{
    fp_chunks *c = job->chunks;
    run_parts(c, max_part, job);
    mpfr_set_zero(out, 1);
    for (size_t part = 0; part < c->parts; part++)
        keep_max(out, c->narrow.x + part * SLOTS);
}

static void scaled(mpfr_ptr value, const void *ctx, size_t i, mpfr_ptr u, mpfr_ptr v)
{
    const max_job *j = ctx;
    fp_vec_get(u, j->y, i);
    fp_vec_get(v, j->z ? j->z : j->y, i);
    if (!mpfr_number_p(u) || !mpfr_number_p(v)) {
        mpfr_set_nan(value);
        return;
    }
    mpfr_abs(u, u, MPFR_RNDN);
    mpfr_abs(v, v, MPFR_RNDN);
    mpfr_max(u, u, v, MPFR_RNDN);
    mpfr_add_ui(u, u, 1, MPFR_RNDN);
    fp_vec_get(v, j->x, i);
    mpfr_div(value, v, u, MPFR_RNDN);
    mpfr_abs(value, value, MPFR_RNDN);
}

void fp_chunks_scaled_max(fp_chunks *c, mpfr_ptr out, const fp_vec *x, const fp_vec *y, const fp_vec *z)
{
    max_job job = {c, scaled, x, y, z};
    max_of_parts(out, &job);
}
