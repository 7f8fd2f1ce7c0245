/* SPDX-License-Identifier: MIT */
/* A pure evaluator of claims over an abstract source of enclosures. Never sees a stepper. Everything is a ball (Arb); derivatives are jets (value, first
 * derivative), so d(e) is exact by the chain rule. Contract of every enclosure: given that the source's state is the state meant, the ball contains the true value. */
#ifndef FLOWPROOF_EVAL_H
#define FLOWPROOF_EVAL_H

#include "flowproof/flow.h"
#include "flowproof/sheet.h"
#include "flowproof/tube.h"

/* ---- source: all base quantities at one state, computed on demand and cached until the next fp_source_set */
typedef struct fp_source fp_source;
/* For states of `flow` (its layout tells how to read them; its field gives slope()). A source is used by one thread at a time. */
fp_source *fp_source_new(fp_flow *flow, slong prec);
/* The exact initial state, from the problem's own weights (m rows, whatever flow is integrated): balls of radius 0. Its d() comes from the equations; slope() is
 * not available. */
fp_source *fp_source_new_initial(const fp_problem *problem, slong prec);
void fp_source_free(fp_source *s);
void fp_source_set(fp_source *s, mpfr_srcptr t, const fp_vec *y); /* copies y; forgets all caches */
void fp_source_set_time_radius(fp_source *s, mag_srcptr radius);  /* after it: the time meant lies within radius of t */
bool fp_source_is_exact(const fp_source *s); /* the state is exact (initial): its enclosures decide proved/refuted */
/* At the exact initial state: the value is out/divisor, without rounding. False for what is not a sum of products of weights over an integer, for other states, and if the weights' sums
 * (u) need more bits than the source's precision. Indices as for fp_source_scalar. */
bool fp_source_exact(arf_t out, long *divisor, fp_source *s, fp_base base, const long *index);
/* The same exact initial state, its balls with `prec` bits. */
fp_source *fp_source_new_sharper(const fp_source *exact, slong prec);
/* sum x y without rounding; false if some entry is not exact. */
bool fp_exact_dot(arf_t out, arb_srcptr x, arb_srcptr y, long rows);

/* Rigorous enclosures: every number contains the true solution's value at every time of an interval. Base values come from a view of a tube (tube.h), sums and derivatives are computed from them in balls
 * by the equations, and slope() is d(): the true solution has no other derivative. layout: of the flow that the view speaks of. */
fp_source *fp_source_new_tube(const fp_problem *problem, const fp_layout *layout, slong prec);
void fp_source_set_tube(fp_source *s, const fp_tube_view *view, const arf_t a, const arf_t b); /* the view is borrowed until the next set; forgets all caches */
/* What was asked of `from` so far, kept for when its view is gone; to: made like `from`. join: `to` then encloses what both enclose (and has what both have); else it is replaced. What is not there is indeterminate. */
void fp_source_keep(fp_source *to, const fp_source *from, bool join);
/* On an exact initial state: slope() means d(). */
void fp_source_slope_by_equations(fp_source *s);

/* How derivatives are taken: from the equations of theory section 2 evaluated in balls (exact), or from the vector field the integrator used (rounded;
 * each component is given the radius 2^-(prec of state - 16) times the largest component of its block: an allowance, not an enclosure). */
typedef enum { FP_BY_EQUATIONS, FP_BY_FIELD } fp_derivative;

/* Scalar base quantity at indices (1-based as in sheets): jet[0] = value, and jet[1] = derivative if order is 1. Why it cannot be had: *why (static text such as "the gram flow has no vectors",
 * "sigma0 is not known for imported weights"), returns false. Indices are in range (checked by the evaluator). */
bool fp_source_scalar(arb_ptr jet, fp_source *s, fp_base base, const long *index, int order, fp_derivative how, const char **why);
/* The derivative alone, without what only the value needs. */
bool fp_source_slope(arb_t out, fp_source *s, fp_base base, const long *index, fp_derivative how, const char **why);
/* Vector base quantities: *rows numbers per jet coefficient, `*x` borrowed until the next set: x[0..rows-1] values, x[rows..2 rows-1] derivatives. `space` tells which basis:
 * vectors of different spaces cannot be combined (compressed rows). */
bool fp_source_vector(arb_srcptr *x, long *rows, int *space, fp_source *s, fp_base base, const long *index, int order, fp_derivative how,
                      const char **why);

/* ---- evaluator */
typedef struct fp_eval fp_eval;
fp_eval *fp_eval_new(const fp_sheets *sheets, const fp_problem *problem, slong prec);
/* The same with room for the ids of `run --observe` expressions. */
fp_eval *fp_eval_new_for(const fp_expressions *expressions, const fp_problem *problem, slong prec);
void fp_eval_free(fp_eval *e);
void fp_eval_set_now(fp_eval *e, fp_source *now);          /* borrowed; forgets caches */
void fp_eval_set_initial(fp_eval *e, fp_source *initial);  /* borrowed */
/* at(T, ..) reads this source (borrowed); NULL = not known yet. */
void fp_eval_set_time(fp_eval *e, const fp_time *time, fp_source *source);

/* The nodes sup(e) that a claim uses (as at() it reads a past that only a checker knows). */
void fp_claim_each_sup(const fp_claim *claim, void (*visit)(const fp_node *sup, void *ctx), void *ctx);
typedef struct {
    arb_srcptr past;
    arf_srcptr most;  /* no supremum up to the end of the stretch is larger; NULL: unknown */
    mag_srcptr slack; /* the supremum may be so much more; NULL: nothing */
} fp_past_sup;
/* sup(e) is from now on max(past, the present e): past holds the supremum of e over [0, t0] for a t0 up to which everything was examined. Over a stretch of time the present e is an
 * enclosure over the stretch, so the value encloses the supremum over [0, t] for each t of it, if past encloses the one over [0, its start]. NULL: forget;
 * without a past it is e. */
void fp_eval_set_sup(fp_eval *e, const fp_node *sup, const fp_past_sup *past);

/* Why there is no value: reason is one of the machine-readable words of check.h (undecided, all of them), detail a sentence with place. */
typedef struct {
    bool failed;
    const char *reason; /* "index", "unavailable", "vacuous", "empty-set", "domain", "straddles-zero", "time-not-reached", "evaluation-cap", "memory-cap", "interrupted" */
    char detail[512];
} fp_eval_failure;

/* What one question below may cost is the setting's (evaluations, claim-memory): every evaluation of what stands behind a binder (a candidate that its `where` rejects too) or in a definition counts, unless its
 * value is remembered from before; and the bytes of comparisons, of vectors and of a maximum's candidates. A set that is too large fails when it is opened. Interrupted meanwhile: it fails, whatever was found.
 *
 * FP_BAD_INPUT, with the place, if the sizes of the sets that can be known beforehand make node (NULL: nothing to check) cost more evaluations than are allowed. */
fp_status fp_eval_check_size(fp_eval *e, const fp_node *node, fp_error *err);

/* Value of a closed scalar expression. */
bool fp_eval_scalar(arb_t out, fp_eval *e, const fp_node *node, int frame, fp_eval_failure *failure);
/* The present e of sup(e); moving: out[1] is its derivative. */
bool fp_eval_sup_present(arb_ptr out, fp_eval *e, const fp_node *sup, bool moving, fp_eval_failure *failure);
/* A static proposition (requires, where). Exact, hence decided unless balls straddle. */
fp_truth fp_eval_static(fp_eval *e, const fp_node *node, int frame, fp_eval_failure *failure);

/* One comparison at one binding of the variables. */
enum { FP_BINDINGS_MAX = 6, FP_SENSITIVITIES_MAX = 4, FP_WITNESS_LENGTH = 96 };
typedef struct {
    const fp_node *node;   /* the COMPARE */
    arb_t margin;          /* >= 0 (> 0) means it holds: rhs - lhs for <=, lhs - rhs for >=; for an identity lhs - rhs */
    arb_t scale;           /* max(|lhs|, |rhs|) */
    arb_ptr by_constant; /* d margin / d C for the claim's constants in index order (FP_SENSITIVITIES_MAX balls: a claim uses at most 4); the margin is linear in
                          * each. NULL stands for zeros: the comparison has no constant */
    int bindings;
    long binding[FP_BINDINGS_MAX]; /* innermost last */
    const fp_node *binding_element[FP_BINDINGS_MAX]; /* of a list of reals {x, y}: the element; binding is then its position from 1. Else NULL */
    const char *binding_name[FP_BINDINGS_MAX];
    bool exact; /* both sides are exact rationals (zero radius from integers): an identity may be decided */
    /* A whole `for all real` is one leaf, decided as it stands: node is the FORALL_REAL, margin that of its
     * body at the witness: a counterexample, or the tightest of the points tried. */
    bool boxed;
    fp_truth truth;        /* boxed */
    unsigned long premises, premises_true; /* boxed: `where` and implications at the points tried */
    const char *cause;     /* boxed, UNKNOWN: a reason of check.h */
    char *witness;         /* boxed: "x=1/2, y=0" where it is false, or tightest, or undecided; NULL or FP_WITNESS_LENGTH bytes, owned */
    /* With their derivatives asked for: d margin/dt, and of by_constant; a comparison that contains d() has none. Over an interval the hull of Clarke's generalised gradients, so that the mean value theorem
     * holds (Lebourg). */
    bool holds, fails; /* shown to hold, to fail, although the ball of its margin does not show it */
    bool has_slope;
    arb_t slope;
    arb_ptr by_slope; /* NULL as by_constant */
} fp_leaf;
typedef struct {
    fp_leaf *item;
    size_t count, capacity; /* slots beyond count stay initialised for reuse */
} fp_leaves; /* {0} is empty */
void fp_leaves_clear(fp_leaves *l);

/* All comparisons of a claim's body at the current source, in a fixed order that depends on the sheet and the instance only (no short-circuit), so that what was found
 * at different times can be compared leaf by leaf. */
bool fp_eval_leaves(fp_leaves *out, fp_eval *e, const fp_claim *claim, fp_eval_failure *failure);
/* The same; a comparison that has no value here is indeterminate, and no failure of the claim's. */
bool fp_eval_leaves_guarded(fp_leaves *out, fp_eval *e, const fp_claim *claim, fp_eval_failure *failure);
/* The same as fp_eval_leaves for any proposition (event conditions). */
bool fp_eval_condition_leaves(fp_leaves *out, fp_eval *e, const fp_node *proposition, int frame, fp_eval_failure *failure);

/* The same with derivatives of the margins. proposition, frame: of a claim, its own; claim NULL: of a condition. */
bool fp_eval_leaves_moving(fp_leaves *out, fp_eval *e, const fp_claim *claim, const fp_node *proposition, int frame, fp_eval_failure *failure);
/* The source is over [0, b]. Inequalities whose sides both vanish at t = 0, such as between changes since then, are divided by t: margin and by_constant are enclosures of theirs over t for every t of
 * (0, b], and the ball of the margin does not contain 0 just because t = 0 is in reach. The others are plain. False: there is none, or a value is missing. */
bool fp_eval_leaves_from_start(fp_leaves *out, fp_eval *e, const fp_claim *claim);
/* Both sides of comparison number `leaf` of a claim's body. */
bool fp_eval_sides(arb_t left, arb_t right, fp_eval *e, const fp_claim *claim, size_t leaf, fp_eval_failure *failure);
/* Asks the sources for all that the proposition (claim NULL: a condition) needs of them; failures are ignored, so that all that can be had is asked for. */
void fp_eval_touch(fp_eval *e, const fp_claim *claim, const fp_node *proposition, int frame);

/* Truth of the proposition from its leaves. `decisive` receives the leaf whose relative margin decides it (the worst of an AND, the best of an OR,
 * through NOT and IMPLIES), `premise` whether some implication had a true premise (or there is none); both may be NULL. Identities never become TRUE
 * unless exact: they are FP_UNKNOWN while they contain 0, FP_FALSE when they exclude it. `identities` in the result says that all unknown leaves are identities containing 0. */
typedef struct {
    fp_truth truth;
    size_t decisive;       /* index of a leaf */
    bool negated;          /* it stands under a NOT or in a premise: the whole holds by the negative of its margin */
    double relative;       /* signed relative margin of the whole: margin/scale of the decisive leaf, positive = holds; for display and for choosing the tightest time */
    unsigned long premises_true, premises; /* implications seen, and those whose premise was TRUE */
    bool only_identities_unknown;
} fp_judgement;
void fp_eval_judge(fp_judgement *out, fp_eval *e, const fp_node *proposition, const fp_leaves *leaves);

/* ORDER claims: min and max over the index sets of expression/form at the current source, and the bindings where they are attained. */
bool fp_eval_ratio(arb_t least, arb_t greatest, fp_eval *e, const fp_claim *claim, fp_eval_failure *failure);

#endif
