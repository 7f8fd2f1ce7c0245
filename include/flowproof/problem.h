/* SPDX-License-Identifier: MIT */
/* The instance: a setting (parameters), a dataset (Def. 2.1, Assumption 2.3) and initial weights. Token ids are
 * 1..d as in the paper: 1 and 2 the target signals mu_1, mu_2, 3 the common token, 4..d the random tokens. */
#ifndef FLOWPROOF_PROBLEM_H
#define FLOWPROOF_PROBLEM_H

#include "flowproof/arith.h"

/* ---- setting: `name = value` lines, # comments. Keys and defaults (R = required); src/problem/setting_keys.c has the table, fp_setting_key_at shows it:
 *   n R (samples), L R (tokens per sample, >= 3 to draw data), d R (a number or `distinct` = least d of Assumption 2.3),
 *   m R (rows of W_V, W_K, W_Q), m1 R (neurons),
 *   tokens = distinct | uniform (default distinct): Assumption 2.3(ii) in force, or random tokens drawn uniformly
 *   init R = kaiming-normal (std sqrt(2/fan_in); fan_in = d for W_V, W_K, W_Q and m for W) | kaiming-uniform (same
 *     variance) | framework-default (uniform +-1/sqrt(fan_in)) | theory | theory-nolog | normal (sigma0, sigma1 given)
 *   sigma0, sigma1 = constant expressions in n L d m m1 delta pi, sqrt log exp, + - * / ^ ( ), both or neither; with init = normal. Imported weights take
 *     theirs from init too, with the imported sizes, as a declaration for claims; or from sigma0 and sigma1 without init
 *   seed = 1 (0..2^64-1), horizon = 1 (above 0, at most 10^15: beyond, a first step would be below what double precision resolves of the whole), CT1 = 1 (T1 = CT1/(sigma1^2 m m1)), margin = 1/2 (T1m), power = 1 (T*: loss <= m^-power),
 *   delta = 1/100, flow = reduced | weights | gram | compressed (default reduced), method = rk45 | taylor (default rk45),
 *   precision = 128 (bits, 53 to 100000), tolerance = 1e-10 (2^-(precision-16) <= tolerance < 1), max-steps = 1000000 (at most 10^12),
 *   evaluations = 10000000 (of bodies of binders and definitions, per claim and time), claim-memory = 256 (MB that a claim's comparisons and terms may take)
 * R is required to draw; what is imported need not be given. Sizes are at most 10^9, m d, m1 m and n L at most 2^31.
 * Unknown or repeated keys, malformed values and values out of range: FP_BAD_INPUT "file:line:column: ...", naming what is allowed. */
typedef enum { FP_TOKENS_DISTINCT, FP_TOKENS_UNIFORM } fp_tokens_kind;
typedef enum {
    FP_INIT_KAIMING_NORMAL,
    FP_INIT_KAIMING_UNIFORM,
    FP_INIT_FRAMEWORK_DEFAULT,
    FP_INIT_THEORY,
    FP_INIT_THEORY_NOLOG,
    FP_INIT_NORMAL
} fp_init_kind;

enum { FP_SETTING_KEYS = 22 };
enum { FP_EVALUATIONS = 10000000, FP_CLAIM_MEMORY = 256 }; /* if no setting says otherwise */

typedef struct {
    char *path; /* as given; NULL for a setting made without a file */
    char *name; /* file name without folder and .setting */
    char sha256[65];
    long n, L, d, m, m1; /* d resolved; n, L, d, m, m1 are 0 if not given (allowed only when data and weights are imported) */
    bool d_is_distinct;
    fp_tokens_kind tokens;
    fp_init_kind init;
    bool has_init;
    char *sigma0, *sigma1; /* expression text, NULL if not given */
    uint64_t seed;
    mpq_t horizon, CT1, margin, power, delta, tolerance;
    char *flow, *method;
    long precision, max_steps;
    long evaluations, claim_memory; /* of a claim at one time: bodies evaluated; 10^6 bytes of comparisons and terms */
    char *given[FP_SETTING_KEYS]; /* what the file says of each key, in the order of fp_setting_key_at; NULL: nothing */
} fp_setting;

char *fp_setting_name_of(const char *path); /* "proofs/settings/tiny.setting" -> "tiny"; the caller frees */
fp_status fp_setting_read(fp_setting *s, const char *path, fp_error *err);
void fp_setting_defaults(fp_setting *s); /* what holds when no --setting is given: only imported data can be used */
void fp_setting_clear(fp_setting *s);
/* Sets one key as a line of a setting does, on behalf of an option of the command line: what is refused there is refused here. FP_USAGE "option --OPTION: expected ..., found ...". Afterwards
 * fp_setting_check, once: what concerns more than one key (precision and tolerance); the message names `option`. */
fp_status fp_setting_set(fp_setting *s, const char *key, const char *text, const char *option, fp_error *err);
fp_status fp_setting_check(const fp_setting *s, const char *option, fp_error *err);

/* The keys that there are, for documentation. False for index >= FP_SETTING_KEYS. */
#define FP_HORIZON_MAX 1000000000000000L
typedef struct {
    const char *name;
    const char *fallback; /* the default as one would write it; NULL: none */
    const char *help;     /* one line */
    char allowed[128];    /* "an integer from 1 to 1000000000", "reduced, weights, gram, compressed" */
} fp_setting_key;
bool fp_setting_key_at(fp_setting_key *out, size_t index);
/* Likewise the kinds of init. The standard deviations are expressions as a setting may have them; NULL: the setting declares them. */
typedef struct {
    const char *name, *sigma0, *sigma1;
    bool uniform; /* deviates; else normal */
} fp_setting_init;
bool fp_setting_init_at(fp_setting_init *out, size_t index); /* in the order of fp_init_kind */

/* ---- constant expressions (sigma0 = ..., and the closed forms of the init kinds): a ball at `prec` bits. names/values: parallel
 * arrays of `count` known names; pi is always known. Precedence as in mathematics: -x^2 = -(x^2), ^ binds to the right. Errors: FP_BAD_INPUT with the column inside text. */
fp_status fp_constant_eval(arb_t out, const char *text, const char *const names[], arb_srcptr values, size_t count, slong prec,
                           fp_error *err);

/* ---- the instance */
typedef struct {
    long n, L, d, m, m1;
    int *token; /* n x L, row major, ids 1..d */
    int *label; /* n, +1 or -1 */
    int *group; /* n, 1..4: both signals / only mu_1 / only mu_2 / neither */
    /* exact binary64 values, row major: */
    int *a;                   /* m1, +1 or -1 */
    double *W;                /* m1 x m */
    double *W_V, *W_K, *W_Q;  /* m x d */
    bool sigmas_known;        /* false for imported weights if the setting declares neither init nor sigmas */
    const fp_setting *setting; /* borrowed */
    char data_sha256[65], weights_sha256[65]; /* over sizes and values, independent of file format */
} fp_problem;

/* Streams of the random generator: changing one size does not reshuffle the others. */
enum { FP_STREAM_A = 1, FP_STREAM_W, FP_STREAM_W_V, FP_STREAM_W_K, FP_STREAM_W_Q, FP_STREAM_LAYOUT, FP_STREAM_TOKENS, FP_STREAM_POPULATION };

/* Draws data and weights from the setting, or imports them: dataset_dir holds tokens.npy (n x L), labels.npy (n); weights_dir
 * a.npy (m1), W.npy (m1 x m), W_V.npy, W_K.npy, W_Q.npy (m x d). Either may be NULL (then drawn). Sizes given in the setting must agree with
 * imported ones. Samples are ordered I1, I2, I3, I4 when drawn; n must then be a multiple of 6.
 * Entry r of a matrix (row major) is deviate r of its stream: normal deviates 2k and 2k+1 are r cos(2 pi u2) and r sin(2 pi u2), r = sqrt(-2 log u1),
 * with u1, u2 = (x+1)/2^64 of the 64-bit draws x number 2k and 2k+1; uniform deviate r is (2k+1)/2^53 - 1, k the 53 high bits of draw r. Deviates are
 * rounded once to 53 bits, the weight scale*deviate once more, both to nearest even. a_j = +1 iff the low bit of 32-bit draw j is 0. */
fp_status fp_problem_make(fp_problem *p, const fp_setting *s, const char *dataset_dir, const char *weights_dir, fp_error *err);
void fp_problem_clear(fp_problem *p);
/* Names in a folder of imported arrays that end in .npy and are none of the seven that are read; fit to be shown (cut, and unprintable bytes replaced). */
void fp_problem_unused(fp_list *out, const char *dir);
/* Writes the seven .npy files (float64, int64; little endian, C order) into dir. */
fp_status fp_problem_export(const fp_problem *p, const char *dir, fp_error *err);

/* sigma0, sigma1 of the setting as balls (exact algebraic numbers at any precision). False if not known. */
bool fp_problem_sigma(arb_t sigma0, arb_t sigma1, const fp_problem *p, slong prec);
/* Smallest d for which Assumption 2.3 (ii) can hold: 3 + (n/2)(L-3) + (n/3)(L-2) + (n/6)(L-1). */
long fp_distinct_d(long n, long L);

/* ---- .npy (format 1.0 to 3.0; <f4 <f8 <i1 |i1 <i2 <i4 <i8 |u1 <u2 <u4 <u8, C or Fortran order; 1 or 2 dimensions; at most 2^31 elements). Values are
 * converted exactly to double; integers beyond 2^53 and non-finite floats are refused. */
typedef struct {
    long rows, cols; /* cols = 1 for a vector */
    int dims;
    double *x; /* rows x cols, row major; owned */
} fp_npy;
fp_status fp_npy_read(fp_npy *out, const char *path, fp_error *err);
fp_status fp_npy_write(const char *path, const double *x, long rows, long cols, int dims, bool integers, fp_error *err);
void fp_npy_clear(fp_npy *a);

#endif
