/* SPDX-License-Identifier: MIT */
/* Claims as trees: printed in the claim language, and their truth found out without src/claims, by evaluation in balls at single times (claim_value.c) and a search over windows (claim_search.c, claim_truth.c).
 * A world is what they speak of: an instance with its true solution, or time alone. */
#ifndef FP_TEST_CLAIM_TREE_H
#define FP_TEST_CLAIM_TREE_H

#include "flowproof/sheet.h"
#include "reference_flow.h"

enum { CLAIM_PREC = 192, CLAIM_VARIABLES = 3, CLAIM_TIMES = 4, CLAIM_DIGITS = 24 };

typedef struct {
    const char *name;
    const fp_problem *problem;
    const reference_flow *flow; /* NULL: time alone */
    arf_t horizon;
    char *horizon_text;
} claim_world;

typedef enum {
    TREE_NUMBER, TREE_NOW, TREE_INDEX, TREE_BASE, TREE_LET /* what it has, by a name of its own */, TREE_ADD, TREE_SUB, TREE_MUL, TREE_DIV, TREE_POWER, TREE_ABS, TREE_MIN, TREE_MAX, TREE_SQRT, TREE_EXP, TREE_LOG,
    TREE_INIT, TREE_AT, TREE_SUP, TREE_RATE /* d() */, TREE_SUM_OVER, TREE_MIN_OVER, TREE_MAX_OVER,
    TREE_COMPARE /* two or three sides */, TREE_AND, TREE_OR, TREE_NOT, TREE_IMPLIES, TREE_ALL, TREE_SOME
} tree_kind;
typedef enum { TREE_LE, TREE_LT, TREE_GE, TREE_GT, TREE_EQUAL } tree_relation;
typedef enum { SET_SAMPLES, SET_TOKENS, SET_NEURONS, SET_POSITIONS, SET_GROUP, SET_RANGE } tree_set; /* low: the group; 1..high */
typedef enum { BASE_G, BASE_SCORE, BASE_KK, BASE_QQ, BASE_VV, BASE_WV, BASE_WW, BASE_RHO, BASE_P, BASE_O, BASE_F, BASE_GI, BASE_LOSSOF, BASE_C, BASE_N, BASE_DOT, BASE_SQUARE, BASE_GROUP, BASE_LOSS } tree_base;
enum { BASES = BASE_LOSS + 1 };

typedef struct {
    int variable; /* < 0: the value */
    long value;   /* from 1 */
} tree_place;

typedef struct {
    arf_t t;
    arb_t value;
} tree_peak;

typedef struct tree tree;
struct tree {
    tree_kind kind;
    tree *kid[3];
    int kids;
    char *text;       /* NUMBER, LET: as printed */
    arb_t number;
    tree_base base;
    tree_place place[3];
    int variable;     /* binders, INDEX */
    tree_set set;
    long low, high;
    tree_relation relation[2];
    int power, time;  /* AT: which of the claim's times */
    mag_t scale;      /* COMPARE: of its sides, so that margins are relative */
    tree_peak *peak;  /* SUP: in the order of time, each above those before */
    size_t peaks;
};

typedef enum { TIME_NUMBER, TIME_FIRST, TIME_LAST } time_kind;
typedef enum { STATE_UNSURE, STATE_FOUND, STATE_MISSING } time_state;
typedef struct {
    time_kind kind;
    char *text;  /* NUMBER */
    int from, to; /* of the claim's times */
    tree *condition;
    time_state state;
    bool used;   /* by the window, the body or a search that is used */
    arb_t t;     /* found: within */
} tree_time;

typedef enum { WINDOW_INITIALLY, WINDOW_AT, WINDOW_ALWAYS, WINDOW_EVENTUALLY } tree_window;
typedef enum { TRUTH_UNSURE, TRUTH_TRUE, TRUTH_FALSE, TRUTH_NONE /* it speaks of nothing: has to be undecided */ } claim_truth;
typedef struct {
    int number;
    const char *label; /* of the rule that made it */
    double offset;     /* relative, of its thresholds; 0: none */
    tree_time time[CLAIM_TIMES];
    int times;
    tree_window window;
    int from, to;      /* of its times */
    bool open_from, open_to;
    tree *leading;     /* ALL nodes over the body, before the window; its last kid is the body */
    tree *body;
    claim_truth known;   /* by construction, where the search cannot tell; or TRUTH_UNSURE */
    tree *constant;      /* NULL, or the declared constant, a NUMBER called C<number> */
    bool largest;
    arb_t needed;        /* its extreme value that would do */
    bool finer;          /* its searches take more samples */
    claim_truth truth;
} tree_claim;

/* ---- claim_tree.c: all trees belong to a forest */
typedef struct {
    tree **all;
    size_t count;
} forest;
tree *tree_new(forest *f, tree_kind kind, tree *a, tree *b);
tree *tree_number(forest *f, const char *text);          /* digits, fractions: what fp_rational_parse takes */
tree *tree_rounded(forest *f, const arb_t x);            /* its middle to CLAIM_DIGITS digits */
tree *tree_base_at(forest *f, tree_base base, const tree_place *place);
tree *tree_compare(forest *f, tree *a, tree_relation r, tree *b);
tree *tree_between(forest *f, tree *a, tree_relation r, tree *b, tree_relation s, tree *c);
tree *tree_over(forest *f, tree_kind kind, int variable, tree_set set, long low, long high, tree *body);
void forest_clear(forest *f);
const char *tree_base_places(tree_base base); /* t token, s sample, l position, j neuron, i group */
void claim_clear(tree_claim *c);              /* what it has beside trees */
void tree_print(fp_text *out, const tree *x, const tree_claim *c);
/* As lines of a sheet: its times, called T<number>_<k>, and `claim c<number>`. */
void claim_print(fp_text *out, const tree_claim *c);

/* ---- claim_value.c */
typedef struct {
    const claim_world *world;
    const tree_claim *claim; /* for its times */
    arb_t t;
    long value[CLAIM_VARIABLES];
} tree_moment;
void moment_init(tree_moment *m, const claim_world *w, const tree_claim *c);
void moment_clear(tree_moment *m);
void tree_range(long *low, long *high, const tree *x, const claim_world *w); /* of a binder; a group's values are its samples: see tree_member */
bool tree_member(const tree *x, long value, const claim_world *w);
/* jet[0], jet[1]: value and derivative at m->t; not finite: there is none, or it cannot be told. */
void tree_value(arb_ptr jet, const tree *x, tree_moment *m);
/* 1 true, -1 false, 0 cannot be told. *robust: a number of that sign, continuous in time and relative to the scale of the comparisons. */
int tree_holds(arb_t robust, const tree *x, tree_moment *m);

/* ---- claim_search.c: a function of time, sampled and its extrema refined */
typedef struct {
    arf_t t;
    arb_t value;
    int truth;  /* of tree_holds */
    bool near;  /* closer to an end of the stretch than the grid's width, or the end itself */
} search_sample;
typedef struct {
    search_sample *item;
    size_t count;
    tree_moment *moment;
    const tree *x; /* a proposition, or an expression */
    bool proposition;
} search;
void search_open(search *s, tree_moment *m, const tree *x, const arf_t from, const arf_t to);
void search_clear(search *s);
/* Adds the bottoms of all valleys (sign < 0: tops of all hills) that may reach beyond level. */
void search_refine(search *s, int sign, double level);
/* Where the value is least (sign < 0: greatest), once refined. */
const search_sample *search_extreme(const search *s, int sign);

/* ---- claim_truth.c */
void claim_find_time(tree_claim *c, int k, const claim_world *w); /* the times before it are found */
/* What the search needs to know of a tree beforehand: the peaks of every sup(), the size of the sides of every comparison. */
void claim_prepare(tree *x, const tree_claim *c, const claim_world *w);
claim_truth claim_decide(tree_claim *c, const claim_world *w);
/* The same with finer searches throughout: what the grid may have missed. */
claim_truth claim_decide_again(tree_claim *c, const claim_world *w);

#endif
