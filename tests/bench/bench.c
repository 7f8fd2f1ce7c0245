/* SPDX-License-Identifier: MIT */
/* What things cost, each as a ratio to a named baseline measured in the same run, so that the numbers compare across machines.
 * Usage: bench PROGRAM, the flowproof to be measured. Exit 1 if a baseline computes something else or the program fails. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../support/flow_instances.h"
#include "flowproof/grid.h"
#include "textbook.h"

enum { PREC = 128, REPEATS = 3 };

static double cpu_seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static void line(const char *what, double value, const char *unit, const char *than, double baseline)
{
    printf("%-34s %9.3f %-3s %8.3f x  %s (%.3f %s)\n", what, value, unit, value / baseline, than, baseline, unit);
}

/* ---- the vector field */
typedef struct {
    fp_problem problem;
    fp_flow *flow;
    fp_vec *y, *dy, *expected;
} instance;

static void instance_open(instance *x, fp_flow_kind kind)
{
    fp_error err = {0};
    instance_random(&x->problem, 60, 5, 64, 128, 256, 7); /* the sizes of the paper's experiment */
    if (fp_flow_new(&x->flow, kind, &x->problem, PREC, NULL, &err) != FP_OK) {
        fprintf(stderr, "bench: %s\n", err.message);
        exit(1);
    }
    x->y = fp_flow_initial(x->flow);
    x->dy = fp_vec_new(fp_vec_len(x->y), PREC);
    x->expected = fp_vec_new(fp_vec_len(x->y), PREC);
}

static void instance_close(instance *x)
{
    fp_vec_free(x->y);
    fp_vec_free(x->dy);
    fp_vec_free(x->expected);
    fp_flow_free(x->flow);
    instance_clear(&x->problem);
}

static double time_field(instance *x)
{
    mpfr_t t;
    mpfr_init2(t, PREC);
    mpfr_set_zero(t, 1);
    const fp_field *field = fp_flow_field(x->flow);
    double start = cpu_seconds();
    for (int r = 0; r < REPEATS; r++)
        field->rhs(x->dy, t, x->y, field->ctx);
    mpfr_clear(t);
    return (cpu_seconds() - start) / REPEATS;
}

static double time_textbook(instance *x)
{
    textbook b;
    textbook_init(&b, &x->problem, fp_flow_layout(x->flow), PREC);
    double start = cpu_seconds();
    for (int r = 0; r < REPEATS; r++)
        textbook_field(x->expected, &b, x->y);
    double seconds = (cpu_seconds() - start) / REPEATS;
    textbook_clear(&b);
    return seconds;
}

/* Both sum at most a few thousand rounded terms: 2^-90 of the largest component leaves 20 bits of room. */
static bool agree(const fp_vec *a, const fp_vec *b)
{
    mpfr_t x, y, gap, size;
    mpfr_inits2(PREC, x, y, gap, size, (mpfr_ptr)0);
    mpfr_set_zero(gap, 1);
    mpfr_set_zero(size, 1);
    for (size_t r = 0; r < fp_vec_len(a); r++) {
        fp_vec_get(x, a, r);
        fp_vec_get(y, b, r);
        mpfr_sub(y, y, x, MPFR_RNDN);
        if (mpfr_cmpabs(y, gap) > 0) mpfr_abs(gap, y, MPFR_RNDN);
        if (mpfr_cmpabs(x, size) > 0) mpfr_abs(size, x, MPFR_RNDN);
    }
    mpfr_mul_2si(size, size, -90, MPFR_RNDN);
    bool yes = fp_vec_is_finite(a) && fp_vec_is_finite(b) && mpfr_lessequal_p(gap, size);
    mpfr_clears(x, y, gap, size, (mpfr_ptr)0);
    return yes;
}

static bool bench_field(void)
{
    static const fp_flow_kind kinds[] = {FP_FLOW_REDUCED, FP_FLOW_COMPRESSED, FP_FLOW_GRAM, FP_FLOW_WEIGHTS};
    double baseline = 0;
    bool ok = true;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        instance x;
        char name[64];
        instance_open(&x, kinds[k]);
        double seconds = time_field(&x);
        if (kinds[k] == FP_FLOW_REDUCED) {
            baseline = time_textbook(&x);
            ok = agree(x.dy, x.expected);
        }
        snprintf(name, sizeof name, "field, %s form", fp_flow_kind_name(kinds[k]));
        line(name, 1e3 * seconds, "ms", "textbook mpfr_fma loops", 1e3 * baseline);
        instance_close(&x);
    }
    if (!ok) fprintf(stderr, "bench: the textbook loops compute a different field\n");
    return ok;
}

/* ---- starting a flow */
static void bench_start(void)
{
    fp_problem p;
    fp_flow *first = NULL, *second = NULL;
    fp_error err = {0};
    instance_random(&p, 60, 5, 64, 256, 16, 7);
    double start = cpu_seconds();
    if (fp_flow_new(&first, FP_FLOW_COMPRESSED, &p, PREC, NULL, &err) != FP_OK) exit(1);
    double made = cpu_seconds();
    second = fp_flow_new_like(first);
    line("second compressed flow", 1e3 * (cpu_seconds() - made), "ms", "the first, which rotates", 1e3 * (made - start));
    fp_flow_free(first);
    fp_flow_free(second);
    instance_clear(&p);
}

/* ---- the grid's kernels, per entry */
enum { ROWS = 128, TERMS = 1000, DOTS = 20000, BASELINES = 2000 };

typedef struct {
    fp_grid x;
    arb_ptr a;
    const arb_struct *at[TERMS];
    const fp_grid_vec *of[TERMS];
} grids;

static void fill_vector(fp_grid_vec *x, fp_rng *rng, slong bits)
{
    fp_vec *v = fp_vec_new(x->len, bits);
    mpfr_t y;
    mag_t error;
    mpfr_init2(y, bits);
    mag_init(error);
    for (size_t r = 0; r < x->len; r++) {
        mpfr_set_zero(y, 1);
        for (slong b = 0; b < bits; b += 32) {
            mpfr_add_ui(y, y, fp_rng_u32(rng), MPFR_RNDN);
            mpfr_div_2ui(y, y, 32, MPFR_RNDN);
        }
        mpfr_sub_d(y, y, 0.5, MPFR_RNDN);
        fp_vec_set(v, r, y);
    }
    if (!fp_grid_from_vec(x, error, v, 0)) exit(1);
    mag_clear(error);
    mpfr_clear(y);
    fp_vec_free(v);
}

static void grids_init(grids *g, int limbs)
{
    fp_rng rng;
    fp_rng_init(&rng, 1, 1);
    fp_grid_init(&g->x, TERMS + 1, ROWS, limbs);
    g->a = _arb_vec_init(TERMS);
    for (size_t s = 0; s < TERMS; s++) {
        fill_vector(g->x.at + s, &rng, FP_GRID_BITS * limbs);
        fp_grid_get_ball(g->a + s, g->x.at + s, s % ROWS);
        g->at[s] = g->a + s;
        g->of[s] = g->x.at + s;
    }
}

static void grids_clear(grids *g)
{
    _arb_vec_clear(g->a, TERMS);
    fp_grid_clear(&g->x);
}

static double time_dot(arb_t out, const grids *g, slong prec)
{
    double start = cpu_seconds();
    for (int s = DOTS; s-- > 0;)
        fp_grid_dot(out, g->of[s % TERMS], g->of[s * 7 % TERMS], prec);
    return 1e9 * (cpu_seconds() - start) / DOTS / ROWS;
}

static double time_combine(grids *g)
{
    mag_t error;
    mag_init(error);
    double start = cpu_seconds();
    for (int r = 0; r < 10 * REPEATS; r++)
        fp_grid_combine(g->x.at + TERMS, error, g->at, g->of, TERMS, 7);
    mag_clear(error);
    return 1e9 * (cpu_seconds() - start) / (10 * REPEATS) / TERMS / ROWS;
}

/* Of the same two vectors as the last one timed above. */
static double time_arb_dot(arb_t out, const grids *g, slong prec)
{
    arb_ptr x = _arb_vec_init(ROWS);
    for (size_t r = 0; r < ROWS; r++)
        fp_grid_get_ball(x + r, g->of[0], r);
    double start = cpu_seconds();
    for (int s = 0; s < BASELINES; s++)
        arb_dot(out, NULL, 0, x, 1, x, 1, ROWS, prec);
    double seconds = cpu_seconds() - start;
    _arb_vec_clear(x, ROWS);
    return 1e9 * seconds / BASELINES / ROWS;
}

static bool bench_grid(void)
{
    bool ok = true;
    for (int limbs = 1; limbs <= 3; limbs++) {
        grids g;
        char name[64];
        arb_t ours, theirs;
        arb_init(ours);
        arb_init(theirs);
        grids_init(&g, limbs);
        slong prec = FP_GRID_BITS * limbs + 32;
        double baseline = time_arb_dot(theirs, &g, prec);
        snprintf(name, sizeof name, "grid dot, %d digits", limbs);
        line(name, time_dot(ours, &g, prec), "ns", "arb_dot, an entry", baseline);
        ok = ok && arb_overlaps(ours, theirs);
        snprintf(name, sizeof name, "grid combine, %d digits", limbs);
        line(name, time_combine(&g), "ns", "arb_dot, an entry", baseline);
        grids_clear(&g);
        arb_clear(ours);
        arb_clear(theirs);
    }
    if (!ok) fprintf(stderr, "bench: arb_dot and the grid disagree\n");
    return ok;
}

/* ---- whole programs */
typedef struct {
    double seconds, megabytes;
} cost;

static double user_seconds(const struct rusage *used)
{
    return (double)used->ru_utime.tv_sec + 1e-6 * (double)used->ru_utime.tv_usec;
}

static bool measure(cost *out, char *const arguments[])
{
    struct rusage before, after; /* of all children so far: the largest memory is this one's only if each child needs more than the last */
    int status = 0;
    getrusage(RUSAGE_CHILDREN, &before);
    fflush(stdout);
    pid_t child = fork();
    if (child < 0) return false;
    if (child == 0) {
        if (freopen("/dev/null", "w", stdout)) execv(arguments[0], arguments);
        _exit(127);
    }
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) > 3) return false;
    getrusage(RUSAGE_CHILDREN, &after);
    out->seconds = user_seconds(&after) - user_seconds(&before);
    out->megabytes = (double)after.ru_maxrss / 1024;
    return true;
}

static bool bench_program(char *program)
{
    char *run[] = {program, "run", "--setting", "tiny", "--observe", "loss", "--quiet", NULL};
    char *check[] = {program, "check", "--setting", "tiny", "--reports", "", "--quiet", NULL};
    char *taylor[] = {program, "run", "--setting", "tiny", "--observe", "loss", "--quiet", "--method", "taylor", "--tolerance", "1e-17", NULL};
    char *tube[] = {program, "check", "--setting", "tiny", "--reports", "", "--quiet", "--method", "taylor", "--tolerance", "1e-17", "--only", "C.1", NULL};
    cost integration, checklist, series, proof;
    if (!measure(&series, taylor) || !measure(&integration, run) || !measure(&proof, tube) || !measure(&checklist, check)) {
        fprintf(stderr, "bench: %s does not run from here\n", program);
        return false;
    }
    line("tiny: the whole checklist", checklist.seconds, "s", "one integration", integration.seconds);
    line("tiny: taylor to 1e-17", series.seconds, "s", "the tube of that stretch", proof.seconds);
    line("tiny: memory of the checklist", checklist.megabytes, "MB", "one integration", integration.megabytes);
    return true;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s PROGRAM\n", argv[0]);
        return 2;
    }
    bool ok = bench_field();
    bench_start();
    ok = bench_grid() && ok;
    return bench_program(argv[1]) && ok ? 0 : 1;
}
