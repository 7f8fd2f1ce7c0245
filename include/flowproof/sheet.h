/* SPDX-License-Identifier: MIT */
/* Sheets (*.claim): lexer, parser, types, printer. The language is specified in proofs/README.md. Parsing needs no instance: names, types,
 * scopes, arities, linearity of constants, temporal shape are all checked here; what depends on the instance (empty sets, unknown sigmas) is the evaluator's. */
#ifndef FLOWPROOF_SHEET_H
#define FLOWPROOF_SHEET_H

#include "flowproof/arith.h"

typedef struct {
    const char *file; /* owned by the library */
    int line, column; /* from 1; 0 = none */
} fp_place;

/* File name without folders, for texts that must not depend on how a path was typed; "" if there is none. */
const char *fp_place_file_name(fp_place place);

typedef enum { FP_TYPE_BOOL, FP_TYPE_INT, FP_TYPE_REAL, FP_TYPE_VECTOR, FP_TYPE_SET } fp_type;

/* ---- names the language knows. X(ID, "name", arity, type, STATIC) ; STATIC: does not change with t (allowed in where, sets, requires, constant times). */
#define FP_BASE_LIST(X)                                  \
    X(PARAM_N, "n", 0, INT, 1)                           \
    X(PARAM_L, "L", 0, INT, 1)                           \
    X(PARAM_D, "d", 0, INT, 1)                           \
    X(PARAM_M, "m", 0, INT, 1)                           \
    X(PARAM_M1, "m1", 0, INT, 1)                         \
    X(PARAM_SIGMA0, "sigma0", 0, REAL, 1)                \
    X(PARAM_SIGMA1, "sigma1", 0, REAL, 1)                \
    X(PARAM_DELTA, "delta", 0, REAL, 1)                  \
    X(PARAM_CT1, "CT1", 0, REAL, 1)                      \
    X(PARAM_MARGIN, "margin", 0, REAL, 1)                \
    X(PARAM_POWER, "power", 0, REAL, 1)                  \
    X(PARAM_HORIZON, "horizon", 0, REAL, 1)              \
    X(PARAM_PI, "pi", 0, REAL, 1)                        \
    X(TIME, "t", 0, REAL, 0)                             \
    X(TOK, "tok", 2, INT, 1)                             \
    X(Y, "y", 1, INT, 1)                                 \
    X(A, "a", 1, INT, 1)                                 \
    X(G, "G", 1, REAL, 0)                                \
    X(F, "F", 1, REAL, 0)                                \
    X(GI, "g", 1, REAL, 0)                               \
    X(LOSSOF, "lossof", 1, REAL, 0)                      \
    X(S1, "S1", 0, REAL, 0)                              \
    X(S2, "S2", 0, REAL, 0)                              \
    X(S3, "S3", 0, REAL, 0)                              \
    X(S4, "S4", 0, REAL, 0)                              \
    X(LOSS, "loss", 0, REAL, 0)                          \
    X(LOSSGEN, "lossgen", 0, REAL, 0)                    \
    X(LOSSGEN_BOUND, "lossgenbound", 0, REAL, 0)         \
    X(LOSSGEN_SAMPLED, "lossgensampled", 0, REAL, 0)     \
    X(RANDOM_SHARE, "randomshare", 0, REAL, 0)           \
    X(SCORE, "score", 2, REAL, 0)                        \
    X(KK, "KK", 2, REAL, 0)                              \
    X(QQ, "QQ", 2, REAL, 0)                              \
    X(VV, "VV", 2, REAL, 0)                              \
    X(WV, "WV", 2, REAL, 0)                              \
    X(WW, "WW", 2, REAL, 0)                              \
    X(UNORM2, "unorm2", 0, REAL, 0)                      \
    X(C, "c", 1, REAL, 0)                                \
    X(NN, "N", 2, REAL, 0)                               \
    X(P, "p", 3, REAL, 0)                                \
    X(S, "s", 3, REAL, 0)                                \
    X(O, "o", 2, REAL, 0)                                \
    X(VEC_U, "u", 0, VECTOR, 0)                          \
    X(VEC_W, "w", 1, VECTOR, 0)                          \
    X(VEC_V, "v", 1, VECTOR, 0)                          \
    X(VEC_K, "k", 1, VECTOR, 0)                          \
    X(VEC_Q, "q", 1, VECTOR, 0)

typedef enum {
#define FP_BASE_ENUM(id, name, arity, type, is_static) FP_BASE_##id,
    FP_BASE_LIST(FP_BASE_ENUM)
#undef FP_BASE_ENUM
        FP_BASE_COUNT
} fp_base;
/* What each index of a base quantity ranges over: 's' sample, 't' token, 'j' neuron, 'l' position; e.g. "sll" for p. Checked against
 * the instance by the evaluator, out of range = the claim is undecided, reason "index", with a message (place, value, allowed range); an index below 1 that is written as a number is an error of the sheet. */
const char *fp_base_indices(fp_base b);
const char *fp_base_name(fp_base b);
/* How it is written ("score[nu,mu]"), what it is, and where the paper defines it: "(2), p. 4" with the equation's number, or "none ..." for what is ours. */
const char *fp_base_written(fp_base b);
const char *fp_base_meaning(fp_base b);
const char *fp_base_paper(fp_base b);

#define FP_SET_LIST(X)                                                                                              \
    X(SAMPLES, "samples") X(I1, "I1") X(I2, "I2") X(I3, "I3") X(I4, "I4") X(TOKENS, "tokens") X(SIGNALS, "signals") \
    X(COMMON, "common") X(RANDOM, "random") X(NEURONS, "neurons") X(POSITIONS, "positions")
typedef enum {
#define FP_SET_ENUM(id, name) FP_SET_##id,
    FP_SET_LIST(FP_SET_ENUM)
#undef FP_SET_ENUM
        FP_SET_COUNT
} fp_set_id;
const char *fp_set_name(fp_set_id s);
const char *fp_set_paper(fp_set_id s); /* where the paper defines it */

/* ---- syntax trees. After type checking every name is resolved; a tree is immutable and owned by its fp_sheets. */
typedef enum {
    FP_NODE_NUMBER,   /* number: exact rational (INT if written as an integer, else REAL) */
    FP_NODE_BASE,     /* base; kids = indices (INT) */
    FP_NODE_VARIABLE, /* slot: bound variable of the current frame */
    FP_NODE_CONSTANT, /* index of a declared constant of the sheet */
    FP_NODE_USE,      /* use of a `let` or `define`: definition, kids = arguments */
    FP_NODE_NEG, FP_NODE_ADD, FP_NODE_SUB, FP_NODE_MUL, FP_NODE_DIV, FP_NODE_POW,
    FP_NODE_ABS, FP_NODE_SQRT, FP_NODE_LOG, FP_NODE_EXP, FP_NODE_MIN, FP_NODE_MAX, /* MIN, MAX n-ary */
    FP_NODE_DOT, FP_NODE_SQNORM, FP_NODE_NORM,
    FP_NODE_CHI2CDF, /* kids: x, degrees of freedom (static) */
    FP_NODE_SUM, FP_NODE_MIN_OVER, FP_NODE_MAX_OVER, FP_NODE_COUNT_OVER, /* binders, see below */
    FP_NODE_INIT, FP_NODE_AT, /* AT: time in `time`, kid 0 = expression */
    FP_NODE_D, FP_NODE_SLOPE,
    FP_NODE_SUP, /* of kid 0, a closed expression, over [0, t] */
    FP_NODE_COMPARE, /* op; kids 0, 1 (chains a <= b <= c are AND of compares) ; REAL or INT */
    FP_NODE_NOT, FP_NODE_AND, FP_NODE_OR, FP_NODE_IMPLIES,
    FP_NODE_FORALL, FP_NODE_EXISTS, /* binders with a proposition as body */
    FP_NODE_FORALL_REAL, /* likewise; its sets are intervals, its variables real, all of it static; one leaf of a claim */
    FP_NODE_SET_BASE, /* set; kids: none, or one token for samples[mu] */
    FP_NODE_SET_RANGE, /* kids a, b (INT) */
    FP_NODE_SET_LIST, /* kids: numbers of one type INT or REAL (REAL lists only in `for`/`exists`) */
    FP_NODE_SET_INTERVAL /* kids: its ends, static reals; FORALL_REAL only */
} fp_node_kind;
/* Binders: `binders` variables; kids[0..binders-1] are their sets, kids[binders] the where-condition or NULL, kids[binders+1] the body (absent, i.e.
 * kids count = binders+1, for COUNT_OVER). Variable r lives in slot slot+r of the frame. Later sets may use earlier variables. */

typedef enum { FP_LE, FP_LT, FP_GE, FP_GT, FP_IDENTITY, FP_EQ, FP_NE } fp_compare; /* EQ, NE: integers */

typedef struct fp_node fp_node;
typedef struct fp_definition fp_definition;
typedef struct fp_time fp_time;
struct fp_node {
    fp_node_kind kind;
    fp_type type;
    fp_place place;
    bool is_static;        /* same value at all t; at(T, e) counts as static only if e is, since T may not be reached */
    bool has_constant;     /* a declared constant occurs below (through definitions too) */
    int d_order;           /* highest number of nested d/slope below, this one included: 0 or 1 */
    int count;             /* kids */
    fp_node **kids;
    mpq_t number;          /* NUMBER only (always initialised) */
    fp_base base;
    fp_set_id set;
    fp_compare op;
    int slot, binders, index;
    const char *const *names; /* binders: the names of the variables; VARIABLE, CONSTANT: names[0]; else NULL */
    const fp_definition *definition;
    const fp_time *time;
    int id;                /* unique within the fp_sheets, for caches */
};

struct fp_definition { /* let: no parameters; define: parameters are slots 0.. of its frame */
    const char *name;
    fp_place place;
    int parameters;
    fp_type parameter_types[8];    /* INT if used as an index anywhere (inferred), else REAL */
    const char *parameter_names[8];
    int frame;                     /* slots needed */
    fp_node *body;
    const char *paper;             /* where the paper has it (`paper "(16), p. 52"` behind the body), or NULL */
    int id; /* unique within the fp_sheets */
};

typedef enum { FP_TIME_STATIC, FP_TIME_FIRST, FP_TIME_LAST } fp_time_kind;
struct fp_time {
    const char *name; /* NULL for an anonymous constant expression, e.g. 0 or 2*T1 */
    fp_place place;
    fp_time_kind kind;
    fp_node *value;       /* STATIC: real, static */
    const fp_time *from, *to; /* FIRST, LAST: search window, may be NULL (0, horizon) */
    fp_node *condition;   /* FIRST, LAST: proposition, no free variables */
    const char *paper;    /* as of a definition */
    int frame;
    int id;               /* unique within the fp_sheets */
};

typedef struct {
    const char *name;
    fp_place place;
    mpq_t value;
    bool smallest; /* else largest */
    const char *because; /* or NULL */
    int index;
} fp_constant;

typedef enum { FP_WINDOW_NONE, FP_WINDOW_INITIALLY, FP_WINDOW_AT, FP_WINDOW_ALWAYS, FP_WINDOW_EVENTUALLY } fp_window_kind;
typedef enum { FP_CLAIM, FP_ORDER, FP_PROBABILITY } fp_claim_kind;
typedef enum { FP_ORDER_O, FP_ORDER_OMEGA, FP_ORDER_THETA, FP_ORDER_LITTLE_O } fp_order_kind;

/* Groups under which reports show sheets. These are the paper's: the headlines first, then the others in its order. A sheet may have any other text. */
enum { FP_HEADLINES = 4, FP_GROUPS = 8, FP_GROUP_CHARACTERS = 60 };
extern const char *const fp_groups[FP_GROUPS];

typedef struct fp_sheet fp_sheet;
typedef struct {
    fp_claim_kind kind;
    const char *name;     /* "ratio" */
    char *id;             /* "4.4/ratio" */
    const char *variant;  /* "printed", "meant", ... or NULL */
    fp_place place;
    const fp_sheet *sheet;
    fp_window_kind window;
    fp_window_kind written;   /* as the sheet has it: `always [T, T]` and `eventually [T, T]` are AT T */
    const fp_time *from, *to; /* AT uses from */
    bool open_from, open_to;
    fp_node *body;        /* CLAIM: proposition (leading `for`s folded in as FORALL); PROBABILITY: NULL */
    /* ORDER: body is a (possibly empty) nest of FORALLs whose innermost body is order_expression itself (body == order_expression without `for`); order_form
     * stands in the same frame */
    fp_node *order_expression, *order_form;
    fp_order_kind order;
    bool order_tilde;
    /* PROBABILITY */
    fp_list of, given;    /* claim globs */
    fp_node *at_least;    /* static real */
    int frame;            /* slots needed */
    uint64_t constants;   /* bit k: constant k of the sheet occurs */
    bool is_twin;
} fp_claim;

struct fp_sheet {
    const char *path;
    const char *number, *title, *paper, *group, *says; /* joined text; number "4.4", "A2.3", "C1", ...; paper may be NULL */
    fp_list errata;
    bool is_twin, is_prelude;
    bool is_standard;         /* the prelude that fp_sheets_read was given, read since the folder of some sheet has none of its own */
    const fp_sheet *original; /* of a twin */
    fp_list assumes;          /* claim globs */
    fp_node *requires_;       /* static proposition or NULL (several lines are joined by AND) */
    fp_constant *constants;
    int constants_count;
    fp_definition **definitions;
    int definitions_count;
    fp_time **times; /* anonymous ones included */
    int times_count;
    fp_claim **claims;
    int claims_count;
};

typedef struct {
    fp_sheet **sheets; /* preludes first (number "prelude", no claims), a twin after its original; sorted: natural order of the statement numbers (2.1, 3.1, ..., A2.3, C1, C.1, D.1, D.10 after D.9) */
    int count;
    int nodes, definitions, times; /* numbers of ids given out */
    char sha256[65];   /* over names (relative to the given paths) and contents of all files read, sorted */
    struct fp_arena *arena;
} fp_sheets;

/* Reads files and folders (all *.claim below, `twins` folders only if with_twins). A sheet sees the lets, defines and times of one prelude: that of its folder (for twins/ and
 * appendix/: or the folder they lie in), else the file `standard` (NULL: none). A prelude that some sheet sees is among the sheets and in the digest.
 * Errors: FP_BAD_INPUT; the message is "file:line:column: what was found, what is allowed", and `context` (if not NULL) receives the source line and a caret line under it.
 * Nothing is kept on error. */
fp_status fp_sheets_read(fp_sheets *out, const char *const *paths, size_t count, bool with_twins, const char *standard, fp_text *context, fp_error *err);
void fp_sheets_clear(fp_sheets *s);

/* One expression for `run --observe`: comma-separated list, e.g. "loss, G[1], score[2,1]". Each result is a closed expression (no free variables). Uses the prelude of `with` if
 * not NULL (definitions resolved there). texts receives the source text of each, trimmed. The nodes are owned by `out`'s arena. */
typedef struct {
    fp_node **nodes;
    int count;
    fp_list texts;
    int *frames;
    int ids;                 /* node ids given out (continuing those of `with`) */
    struct fp_arena *arena;
} fp_expressions;
fp_status fp_expressions_parse(fp_expressions *out, const char *text, const char *name_for_errors, const fp_sheets *with, fp_text *context,
                               fp_error *err);
void fp_expressions_clear(fp_expressions *e);

/* Prints a tree back as source text (minimal brackets; parsing it again gives an equal tree), a claim as its formula. */
void fp_node_print(fp_text *out, const fp_node *node);
void fp_claim_print(fp_text *out, const fp_claim *claim);

#endif
