/* SPDX-License-Identifier: MIT */
/* The initial weights, drawn from the setting's init. */
#include "internal.h"

/* ---- drawn */

static fp_status check_area(const fp_setting *s, const char *what, long rows, long cols, fp_error *err)
{
    if (rows <= FP_ELEMENTS_MAX / cols) return FP_OK;
    return fp_fail(err, FP_BAD_INPUT, "%s: %s = %ld x %ld is too large; at most 2^31 entries are allowed", fp_setting_label(s), what,
                   rows, cols);
}

static fp_status check_init(const fp_setting *s, fp_error *err)
{
    if (s->has_init) return FP_OK;
    return fp_fail(err, FP_BAD_INPUT, "%s: init is not given; it is needed to draw the weights", fp_setting_label(s));
}

/* `distinct` that the setting alone could not resolve. */
long fp_weights_d(const fp_problem *p)
{
    const fp_setting *s = p->setting;
    if (s->d > 0 || !s->d_is_distinct) return s->d;
    return p->n % 6 == 0 && p->L >= 3 ? fp_distinct_d(p->n, p->L) : 0;
}

fp_status fp_weights_sizes(fp_problem *p, fp_error *err)
{
    const fp_setting *s = p->setting;
    p->m = s->m;
    p->m1 = s->m1;
    p->d = fp_weights_d(p);
    if (s->d_is_distinct && p->d == 0)
        return fp_fail(err, FP_BAD_INPUT, "%s: d = distinct has a value only if n is a multiple of 6 and L >= 3; here n = %ld, L = %ld",
                       fp_setting_label(s), p->n, p->L);
    fp_status st = fp_size_given(s, "m", p->m, "weights", err);
    if (st == FP_OK) st = fp_size_given(s, "m1", p->m1, "weights", err);
    if (st == FP_OK) st = fp_size_given(s, "d", p->d, "weights", err);
    if (st == FP_OK) st = check_init(s, err);
    if (st == FP_OK) st = check_area(s, "m x d", p->m, p->d, err);
    if (st == FP_OK) st = check_area(s, "m1 x m", p->m1, p->m, err);
    return st;
}

/* Entry r of a matrix (row major, from 0) is deviate r of its stream. Normal: entries 2k and 2k+1 are the cosine and the sine
 * output of Box-Muller on the 64-bit draws 2k and 2k+1. Uniform: entry r is made of draw r. */
static void draw_matrix(double *x, size_t count, const fp_scale *scale, bool uniform, uint64_t seed, uint32_t stream)
{
    fp_rng rng;
    double z[2] = {0, 0};
    fp_rng_init(&rng, seed, stream);
    for (size_t r = 0; r < count && !fp_interrupted(); r++) {
        if (uniform) {
            z[0] = fp_uniform_deviate(fp_rng_u64(&rng));
        } else if (r % 2 == 0) {
            uint64_t first = fp_rng_u64(&rng), second = fp_rng_u64(&rng);
            fp_normal_pair(z, first, second);
        }
        x[r] = fp_scale_apply(scale, z[uniform ? 0 : r % 2]);
    }
}

/* a_j = +1 iff the low bit of the j-th 32-bit draw is 0. */
static void draw_signs(fp_problem *p)
{
    fp_rng rng;
    fp_rng_init(&rng, p->setting->seed, FP_STREAM_A);
    for (long j = 0; j < p->m1; j++) p->a[j] = fp_rng_u32(&rng) & 1 ? -1 : 1;
}

static fp_status make_scale(fp_scale *scale, const char *text, const fp_problem *p, fp_error *err)
{
    fp_status st = fp_problem_constant(scale->low, text, p, 192, err);
    return st == FP_OK ? fp_problem_constant(scale->high, text, p, 2304, err) : st;
}

static void allocate_weights(fp_problem *p)
{
    size_t md = (size_t)(p->m * p->d);
    p->a = fp_alloc((size_t)p->m1, sizeof *p->a);
    p->W = fp_alloc((size_t)(p->m1 * p->m), sizeof *p->W);
    p->W_V = fp_alloc(md, sizeof *p->W_V);
    p->W_K = fp_alloc(md, sizeof *p->W_K);
    p->W_Q = fp_alloc(md, sizeof *p->W_Q);
}

static void draw_matrices(fp_problem *p, const fp_scale scale[2], bool uniform)
{
    uint64_t seed = p->setting->seed;
    size_t md = (size_t)(p->m * p->d);
    draw_matrix(p->W, (size_t)(p->m1 * p->m), &scale[1], uniform, seed, FP_STREAM_W);
    draw_matrix(p->W_V, md, &scale[0], uniform, seed, FP_STREAM_W_V);
    draw_matrix(p->W_K, md, &scale[0], uniform, seed, FP_STREAM_W_K);
    draw_matrix(p->W_Q, md, &scale[0], uniform, seed, FP_STREAM_W_Q);
}

fp_status fp_weights_draw(fp_problem *p, fp_error *err)
{
    const fp_setting *s = p->setting;
    const fp_init_rule *rule = fp_init_rule_of(s->init);
    const char *texts[2] = {rule->scale0 ? rule->scale0 : s->sigma0, rule->scale1 ? rule->scale1 : s->sigma1};
    fp_scale scale[2];
    fp_status st = FP_OK;
    for (int i = 0; i < 2; i++) {
        arb_init(scale[i].low);
        arb_init(scale[i].high);
    }
    for (int i = 0; i < 2 && st == FP_OK; i++) st = make_scale(&scale[i], texts[i], p, err);
    if (st == FP_OK) {
        allocate_weights(p);
        draw_signs(p);
        draw_matrices(p, scale, rule->uniform);
    }
    for (int i = 0; i < 2; i++) {
        arb_clear(scale[i].low);
        arb_clear(scale[i].high);
    }
    return st;
}
