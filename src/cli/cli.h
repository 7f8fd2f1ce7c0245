/* SPDX-License-Identifier: MIT */
/* The command line: one table of options, one file per subcommand, and the pipeline they share. */
#ifndef FLOWPROOF_CLI_H
#define FLOWPROOF_CLI_H

#include <signal.h>

#include "flowproof/flow.h"
#include "flowproof/report.h"

#define CLI_VERSION "0.1.0"
const char *cli_commit(void); /* "abc1234", "abc1234+dirty" or "unknown" */

/* ---- options: X(field, "long-name", argument or NULL, help) */
#define CLI_OPTIONS(X)                                                                                                          \
    X(setting, "setting", "NAME", "the instance: a file, NAME.setting here, or one that 'flowproof settings' lists")           \
    X(dataset, "dataset", "DIR", "import tokens.npy (n x L, ids 1..d) and labels.npy (+1, -1)")                                \
    X(weights, "weights", "DIR", "import a.npy, W.npy (m1 x m), W_V, W_K, W_Q (m x d); sigmas: the setting's init")                             \
    X(flow, "flow", "FORM", "weights | reduced | gram | compressed (default: the setting's, reduced); tubes: reduced, compressed") \
    X(method, "method", "NAME", "rk45 (Dormand-Prince 5(4)) | taylor (for many digits; reduced and compressed flow)")                \
    X(precision, "precision", "BITS", "53 to 100000 (default: the setting's, 128)")                                            \
    X(tolerance, "tolerance", "TOL", "of a step, absolute and relative (default: the setting's, 1e-10)")                        \
    X(horizon, "horizon", "T", "integrate to this time (default: the setting's)")                                              \
    X(max_steps, "max-steps", "N", "give up after so many attempted steps (default: the setting's)")                           \
    X(certificate, "certificate", "FILE", "write what 'flowproof verify' needs to prove the tube again; at most 512 + 8(1+3d)(1+m) bytes a step")                       \
    X(knots, "knots", "DIR", "times.npy and DIR/0, DIR/1, ... (weights as .npy): the tube goes through these states")           \
    X(knots_every, "knots-every", "N", "with taylor: a knot in the certificate every N steps (default: 1; more make it smaller, not faster)") \
    X(digits, "digits", "N", "aimed digits of measured constants (check: their size; bounds: 30)")                                \
    X(threads, "threads", "N", "default: the processors; results do not depend on it")                                         \
    X(only, "only", "GLOB", "check these claims only, e.g. 4.4, '4.4/*', 'D.?/*'")                                              \
    X(expect, "expect", "FILE", "expected verdicts (default: the setting's name with .expect)")                                 \
    X(reports, "reports", "DIR", "folder for NAME.json, NAME.xml, NAME.md (default: reports; '' writes none)")                  \
    X(json, "json", "FILE", "write the JSON result there ('-': stdout)")                                                       \
    X(junit, "junit", "FILE", "write JUnit XML there ('-': stdout)")                                                           \
    X(md, "md", "FILE", "write the Markdown summary there ('-': stdout)")                                                      \
    X(at, "at", "TIME,...", "numbers, FROM:TO:STEP, 'log FROM:TO:COUNT', T1, Tstar, .., constants (default: the horizon)")       \
    X(observe, "observe", "EXPR,...", "expressions of the claim language, e.g. \"loss, G[1], score[2,1], d(S1)\"")               \
    X(format, "format", "csv|json", "of the values (default: csv)")                                                            \
    X(output, "output", "FILE", "write the values there (default: stdout)")                                                    \
    X(trajectory, "trajectory", "DIR", "write times.npy and an array (float64) for each observed expression; observables.json names them") \
    X(export_dir, "export", "DIR", "write the instance as .npy files")                                                         \
    X(final_dir, "final", "DIR", "write the weights at the last time as .npy files (float64)")                                  \
    X(twins, "twins", NULL, "check the false twins of the claims instead: all must come out violated or refuted")              \
    X(allow_undecided, "allow-undecided", NULL, "undecided claims do not fail the gate")                                       \
    X(result, "result", "FILE", "a result of check, as JSON (default: the newest in reports)")                                   \
    X(ids, "ids", NULL, "claim ids only")                                                                                      \
    X(errata, "errata", NULL, "the paper's slips, with last verdicts")                                                             \
    X(csv, "csv", "FILE", "write the table there as CSV ('-': stdout)")                                                         \
    X(quiet, "quiet", NULL, "no progress, and only failures and the summary line")                                             \
    X(no_color, "no-color", NULL, "plain text (NO_COLOR is honoured too)")                                                     \
    X(help, "help", NULL, "this text")

typedef enum {
#define CLI_ENUM(field, name, argument, help) CLI_##field,
    CLI_OPTIONS(CLI_ENUM)
#undef CLI_ENUM
        CLI_OPTION_COUNT
} cli_option;

typedef struct {
    const char *value[CLI_OPTION_COUNT]; /* NULL if not given; "" for a given flag */
    const char **paths;                  /* operands */
    size_t paths_count;
} cli_arguments;

typedef struct {
    const char *name, *summary, *usage, *description, *examples;
    const cli_option *options;
    size_t options_count;
    int (*run)(const cli_arguments *arguments); /* returns the exit status */
    void (*more)(FILE *stream);                 /* what the help says before its options; or NULL */
} cli_command;
extern const cli_command cli_check, cli_bounds, cli_verify, cli_run, cli_list, cli_explain, cli_settings, cli_version;

int cli_run_check(const cli_arguments *arguments); /* check, and verify --knots */

fp_status cli_parse(cli_arguments *out, const cli_command *command, int argc, char **argv, fp_error *err);
const char *cli_option_name(cli_option option); /* "json" */
void cli_print_help(FILE *stream, const cli_command *command);
bool cli_wants_color(const cli_arguments *arguments, FILE *stream);
fp_status cli_long(long *out, const char *text, const char *option, long least, long most, fp_error *err);

/* ---- the program's folder of proofs: the standard sheets, prelude.claim, INDEX, settings/. Looked for in ./proofs, in the folder that FLOWPROOF_PROOFS names, and where the
 * program was installed (../share/flowproof/proofs from its own folder) or built (../../proofs). The first that has what is wanted counts. */
fp_status cli_proofs_start(const char *called, fp_error *err); /* argv[0]. FP_USAGE if the variable names no folder */
void cli_proofs_end(void);
/* These folders in their order: *k begins at 0 and is moved on; false at the end. */
bool cli_proofs_folder(const char **out, size_t *k);
char *cli_proofs_find(const char *file); /* path of "settings/tiny.setting" in the first folder that has it, or NULL; owned by the caller */
const char *cli_proofs_sheets(void);     /* the first folder with sheets, or NULL */
bool cli_is_folder(const char *path);

/* settings.c: path of the setting that --setting names: the file of that name, the file with .setting behind it, or settings/NAME.setting of the program. Owned by the caller.
 * FP_USAGE: there is none; the message says which there are. */
fp_status cli_setting_find(char **out, const char *given, fp_error *err);

typedef struct {
    bool appendix, twins; /* with proofs/appendix if no sheets are named; with the false twins */
} cli_reading;
/* The sheets named, or else the standard ones; those whose folder has no prelude.claim see the standard one. */
fp_status cli_sheets_read(fp_sheets *out, const char *const *paths, size_t count, cli_reading how, fp_text *context, fp_error *err);
/* A note on stderr for each sheet whose group is one of the paper's but for a slip of the pen. */
void cli_tell_groups(const fp_sheets *sheets);

/* ---- output.c: what people read on a terminal, and nothing else may write there. No text of a user's acts there (fp_text_add_safe). */
void cli_line(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));  /* one line, whatever the arguments hold */
void cli_print(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3))); /* part of a line */
void cli_print_text(FILE *stream, const char *text);     /* lines of ours: '\n' stays */
void cli_print_report(FILE *stream, const char *report); /* the same, and its own colours pass */
void cli_erase_line(FILE *stream);                       /* of a terminal */
/* Prints "flowproof: message" and the context's lines if any; returns the exit status of err->code. After a signal that is 128 + its number, and "interrupted" takes the place of
 * whatever cut-short work ran into. */
int cli_report_error(const fp_error *err, const fp_text *context);

/* ---- the pipeline shared by check and run: setting -> problem -> flows */
typedef struct {
    fp_setting setting;
    fp_problem problem;
    fp_flow_kind kind;
    fp_method method;
    fp_pool *pool;
    int threads;
    char *tolerance; /* text for people */
} cli_instance; /* {0} can be cleared */
fp_status cli_instance_make(cli_instance *out, const cli_arguments *arguments, fp_error *err);
void cli_instance_clear(cli_instance *instance);

/* Writes the weights of state y into dir as .npy files; only for the weights and reduced forms. */
fp_status cli_export_state(fp_flow *flow, const fp_vec *y, const char *dir, fp_error *err);

/* ---- interruption and progress */
void cli_catch_signals(void); /* SIGINT and SIGTERM become fp_interrupt; before any work */

typedef struct {
    bool enabled, terminal;
    double start, last, horizon;
    const char *what;
} cli_progress;
void cli_progress_start(cli_progress *p, const char *what, double horizon, bool quiet);
void cli_progress_show(cli_progress *p, double t, unsigned long steps, double h);
void cli_progress_end(cli_progress *p);
double cli_seconds(void); /* monotonic clock */

#endif
