/* SPDX-License-Identifier: MIT */
/* What the files of src/problem share and nobody else sees. */
#ifndef FLOWPROOF_PROBLEM_INTERNAL_H
#define FLOWPROOF_PROBLEM_INTERNAL_H

#include "flowproof/problem.h"

#define FP_ELEMENTS_MAX (1L << 31) /* per matrix, as for .npy files */
#define FP_SIZE_MAX 1000000000L    /* n, L, d, m, m1: products of two fit a long */

_Static_assert(sizeof(long) == 8 && sizeof(size_t) == 8, "sizes are kept in 64-bit longs");

/* ---- keys of a setting (setting_keys.c). Where a value was found: in a file, or behind an option of the command line. */
typedef struct {
    const char *path;
    long line, column;  /* of the value, from 1 */
    const char *option; /* in place of a path: "tolerance" */
} fp_setting_place;
enum { FP_DIGITS_GUARD = 16 }; /* bits of the precision below the tolerance, at least */
/* FP_BAD_INPUT "path:line:column: what", offset bytes behind the place; FP_USAGE "option --name: what". */
fp_status fp_setting_refuse(const fp_setting_place *place, size_t offset, const char *what, fp_error *err);
int fp_setting_key_find(const char *name); /* -1: there is none */
fp_status fp_setting_key_unknown(const char *name, const fp_setting_place *place, fp_error *err);
fp_status fp_setting_assign(fp_setting *s, int key, const char *text, const fp_setting_place *place, fp_error *err);
void fp_setting_assign_defaults(fp_setting *s);
fp_status fp_setting_check_digits(const fp_setting *s, const fp_setting_place *place, fp_error *err);

/* "FILE" of a setting for messages; "setting" when it has none. */
const char *fp_setting_label(const fp_setting *s);
const char *fp_init_name(fp_init_kind kind);

/* Parses and evaluates like fp_constant_eval, but leaves the place of an error (0-based byte) in *at and does not
 * put it into the message, so that a setting can add its own line and column. Values may be
 * indeterminate balls: then only what goes wrong for every value is an error. */
fp_status fp_constant_parse(arb_t out, const char *text, const char *const names[], arb_srcptr values, size_t count,
                            slong prec, size_t *at, fp_error *err);
/* Names a sigma expression may use, and their values (FP_CONSTANT_NAMES of them). */
enum { FP_CONSTANT_NAMES = 6 };
extern const char *const fp_constant_names[FP_CONSTANT_NAMES]; /* n L d m m1 delta; pi is always known */

/* How an init kind scales its deviates. Expressions in the names above. Uniform deviates lie in (-1, 1), normal
 * ones have variance 1; the weight is scale * deviate. NULL texts: the setting's sigma0, sigma1. */
typedef struct {
    const char *sigma0, *sigma1; /* standard deviations of W_V, W_K, W_Q and of W */
    const char *scale0, *scale1;
    bool uniform;
} fp_init_rule;
const fp_init_rule *fp_init_rule_of(fp_init_kind kind);
/* Value of an expression with the sizes of p and delta of its setting. */
fp_status fp_problem_constant(arb_t out, const char *text, const fp_problem *p, slong prec, fp_error *err);
/* Sets p->sigmas_known (the setting's init or its sigma0 and sigma1 declare them, also of imported weights; the expressions take the instance's sizes); refuses sigmas that are
 * not positive numbers of a sensible size, or that contradict the init kind. */
fp_status fp_problem_check_sigmas(fp_problem *p, fp_error *err);

/* ---- deviates. Rounded to 53 bits, to nearest, on every library version. */
typedef struct {
    arb_t low, high; /* the same number at two precisions */
} fp_scale;
void fp_normal_pair(double z[2], uint64_t x1, uint64_t x2);
double fp_uniform_deviate(uint64_t x);
double fp_scale_apply(const fp_scale *s, double z);

/* ---- parts of fp_problem_make, in this order. */
fp_status fp_data_sizes(fp_problem *p, fp_error *err);                                    /* n, L from the setting */
fp_status fp_data_read(fp_problem *p, fp_npy *tokens, const char *dir, fp_error *err);    /* n, L, labels */
fp_status fp_weights_sizes(fp_problem *p, fp_error *err);                                 /* m, m1, d */
fp_status fp_weights_read(fp_problem *p, const char *dir, fp_error *err);                 /* all */
long fp_weights_d(const fp_problem *p);                                                   /* the setting's, `distinct` resolved; 0: not given */
fp_status fp_data_draw(fp_problem *p, fp_error *err);
fp_status fp_data_accept(fp_problem *p, const fp_npy *tokens, const char *dir, fp_error *err); /* ids against d */
fp_status fp_weights_draw(fp_problem *p, fp_error *err);
void fp_data_groups(fp_problem *p);
/* A size of an imported array against the setting's (0 = not given there). */
fp_status fp_size_agrees(const fp_setting *s, const char *name, long declared, long found, const char *dir,
                         const char *file, fp_error *err);
fp_status fp_size_given(const fp_setting *s, const char *name, long value, const char *purpose, fp_error *err);
/* Reads DIR/FILE; where it is missing the refusal says what is there. */
fp_status fp_import_read(fp_npy *out, const char *dir, const char *file, fp_error *err);
fp_status fp_import_dims(const fp_npy *a, const char *dir, const char *file, int dims, fp_error *err); /* 1 or 2 */
/* Both. */
fp_status fp_import_array(fp_npy *out, const char *dir, const char *file, int dims, fp_error *err);
/* Signs +1, -1 of a vector as ints; `what` names an element in messages ("sample", "neuron"). */
fp_status fp_import_signs(int **out, const fp_npy *a, const char *dir, const char *file, const char *what, fp_error *err);

/* ---- .npy header */
typedef struct {
    char kind; /* 'f', 'i' or 'u' */
    size_t bytes;
    bool fortran;
    int dims;
    long shape[2];
    size_t data_at; /* offset of the first element */
} fp_npy_header;
fp_status fp_npy_parse_header(fp_npy_header *h, const char *path, const char *data, size_t len, fp_error *err);

#endif
