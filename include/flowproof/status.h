/* SPDX-License-Identifier: MIT */
/* Outcome codes and error values. One X-macro list makes the enum, the names and the exit
 * status each code leads to (2 = the user's input is wrong, 4 = we failed).
 *
 * Convention: a function that can fail returns fp_status and takes `fp_error *err` last (never
 * NULL). On failure it has set err (through fp_fail) and its outputs are cleared or untouched; the
 * caller decides. Nothing outside src/cli calls exit(). */
#ifndef FLOWPROOF_STATUS_H
#define FLOWPROOF_STATUS_H

#define FP_STATUS_LIST(X)                                                    \
    X(FP_OK, 0, "ok")                                                        \
    X(FP_USAGE, 2, "command line wrong")                                     \
    X(FP_BAD_INPUT, 2, "sheet, setting or data wrong")                       \
    X(FP_IO, 4, "a file could not be written")                               \
    X(FP_NO_MEMORY, 4, "out of memory")                                      \
    X(FP_INTERNAL, 4, "internal check failed")                               \
    X(FP_REJECTED, 4, "a certificate does not verify")                       \
    X(FP_STEP_UNDERFLOW, 4, "the step size fell below the smallest allowed") \
    X(FP_NON_FINITE, 4, "the state or its derivative is not finite")         \
    X(FP_BUDGET, 4, "the step budget is used up")                            \
    X(FP_INTERRUPTED, 130, "interrupted")

typedef enum {
#define FP_STATUS_ENUM(code, exit_status, text) code,
    FP_STATUS_LIST(FP_STATUS_ENUM)
#undef FP_STATUS_ENUM
} fp_status;

typedef struct {
    fp_status code;
    char message[1024]; /* one line, no trailing newline, safe to print (fp_text_add_safe); names file:line:column where there is one,
                           what was found and what is allowed */
} fp_error;

/* Sets *err and returns code, so that callers write `return fp_fail(err, FP_BAD_INPUT, ...)`. */
fp_status fp_fail(fp_error *err, fp_status code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

const char *fp_status_name(fp_status code); /* "FP_OK", ... */
const char *fp_status_text(fp_status code); /* the sentence of the list above */
int fp_status_exit(fp_status code);         /* process exit status for a run that ended so */

#endif
