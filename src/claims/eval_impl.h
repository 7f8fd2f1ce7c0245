/* SPDX-License-Identifier: MIT */
/* The inside of the evaluator. Values: long (INT), balls with a derivative (REAL: out[0] value, out[1] derivative if the scene's order is 1), vectors of
 * balls, sets as iterators. Every function returns false after fp_eval_fail has said why. */
#ifndef FP_CLAIMS_EVAL_IMPL_H
#define FP_CLAIMS_EVAL_IMPL_H

#include "flowproof/eval.h"
#include "flowproof/interval.h"

enum { FP_FRAME_MAX = 40, FP_LOOP_MAX = 8, FP_MEMO_ARGS = 4, FP_MEMO_MOST = 1 << 14, FP_BINDERS_DEEP = 40, FP_USES_DEEP = 200, FP_EXACT_STEPS = 1 << 20 };
enum { FP_ORIGIN_NOW, FP_ORIGIN_INITIAL, FP_ORIGIN_TIME }; /* at(T, ..): FP_ORIGIN_TIME + id of T */

/* A slot of a frame: an integer, a ball (a variable of `for all real`), or (real parameters and elements of real lists) an expression with the frame it belongs to. Real arguments are
 * passed by name, so that init(x), d(x), at(T, x) mean what they say inside a define. For list elements i is the position from 1. */
typedef struct fp_frame fp_frame;
typedef struct {
    long i;
    const fp_node *node; /* NULL: the integer i */
    fp_frame *frame;
    arb_srcptr x; /* NULL: no ball */
    int axis;     /* of the ball among the variables of its `for all real` */
} fp_binding;
struct fp_frame {
    fp_binding slot[FP_FRAME_MAX];
};

/* Which state is read, and what is wanted of it. */
typedef struct {
    fp_source *source; /* NULL: none */
    int origin;
    int order;
    fp_derivative how;
} fp_scene;

typedef struct {
    int node, origin, flavour;
    int count; /* of arguments */
    long arg[FP_MEMO_ARGS];
} fp_memo_key;
typedef struct {
    fp_memo_key key;
    size_t width; /* of its jet; 0: an integer */
    long i;       /* the integer, or where the jet starts in fp_memo.x */
} fp_memo_entry;
/* Entries are dense, in the order they came; `slot` finds them by their hash. At most FP_MEMO_MOST are kept: then those with two arguments or more, which are
 * plentiful, go. What is forgotten is computed again, to the same ball, so this bounds the memory and changes no value. */
typedef struct {
    uint32_t *slot; /* 1 + index into entry; 0 = free */
    size_t slots;
    fp_memo_entry *entry;
    size_t used, room;
    arb_ptr x; /* jets in the order of the entries; [0, x_room) are initialised */
    size_t x_used, x_room;
} fp_memo;
void fp_memo_init(fp_memo *m);
void fp_memo_free(fp_memo *m);
void fp_memo_forget(fp_memo *m);
const fp_memo_entry *fp_memo_find(const fp_memo *m, const fp_memo_key *key);
void fp_memo_put(fp_memo *m, const fp_memo_key *key, long i, arb_srcptr x, size_t count); /* count 0: the integer i */

typedef struct {
    bool known, has_number, has_interval;
    uint64_t free; /* slots of its frame that it reads */
    arb_struct number;
    fp_interval interval; /* of an expression without variables */
} fp_node_info;

/* The variables of a `for all real` as they are now: any intervals inside the box, and balls around them. In its body a jet differentiates by one of them, since nothing there moves with t. */
typedef struct {
    int count, axis; /* axis of the jets, or -1: none */
    arb_struct x[6];
    fp_interval range[6];
    bool suspected;
    fmpq_t suspect[6]; /* a point where an open comparison may be at its worst */
    double smear[6]; /* how much the undecided comparisons vary along each: where to bisect */
    unsigned long premises, premises_true;
} fp_box;

typedef struct {
    const fp_node *node;
    arb_struct past;
    arf_struct most; /* infinite: unknown */
    mag_struct slack;
} fp_past;

struct fp_eval {
    const fp_problem *problem;
    const fp_sheets *sheets; /* may be NULL */
    slong prec;
    fp_source *now, *initial, **time;
    size_t times;
    fp_memo memo_now, memo_fixed, memo_static;
    fp_node_info *info;
    size_t nodes;
    arb_struct parameter[FP_BASE_COUNT];
    bool parameter_known[FP_BASE_COUNT];
    long *group[5];          /* samples of I1..I4; [0]: all */
    long group_size[5];
    size_t *holders_start;   /* d + 1 */
    long *holders;           /* samples that hold a token, token after token */
    const fp_sheet *sheet;   /* whose constants are meant, or NULL */
    int override;            /* constant index with the value override_value, or -1 */
    long override_value;
    struct {
        const fp_node *node;
        const fp_frame *frame;
    } binder[FP_BINDERS_DEEP]; /* quantifiers around the current comparison */
    int binders;
    int uses; /* depth of definitions */
    fp_box *box; /* while the body of a `for all real` is evaluated */
    bool from_start; /* jets carry difference quotients from t = 0, see eval_start.c */
    fp_past *past; /* of sup(..) */
    int pasts;
    fp_eval *sharper; /* at the exact initial state, with more bits; made when needed */
    long steps_left;  /* of exact arithmetic, for one claim at one time */
    fp_eval_failure *failure;
    unsigned long evaluations, most; /* since it was asked; the most allowed */
    size_t held, held_most, ball;    /* bytes of comparisons, candidates and vectors of its own; the most allowed; of a ball */
};

/* ---- eval_limit.c: the outermost calls of every question, and what it may cost */
void fp_eval_limit(fp_eval *e); /* the setting's limits */
void fp_eval_ask(fp_eval *e, const fp_sheet *sheet, fp_eval_failure *failure);
bool fp_eval_answer(fp_eval *e, fp_place place, bool ok); /* false too if interrupted meanwhile, and the failure says so */
bool fp_eval_count(fp_eval *e, fp_place place); /* one more evaluation of a body */
bool fp_eval_expect(fp_eval *e, fp_place place, unsigned long more); /* so many are sure to come */
bool fp_eval_hold(fp_eval *e, fp_place place, size_t count, size_t bytes); /* count things of so many bytes */
void fp_eval_release(fp_eval *e, size_t count, size_t bytes);
size_t fp_eval_leaf_bytes(const fp_eval *e, const fp_claim *claim); /* of a comparison; with constants their sensitivities too. claim NULL: a condition */

bool fp_eval_fail(fp_eval *e, const char *reason, fp_place place, const char *format, ...) __attribute__((format(printf, 4, 5)));
bool fp_eval_fail_empty(fp_eval *e, const fp_node *quantifier); /* it binds nothing */
fp_scene fp_eval_scene(const fp_eval *e); /* now, order 0 */
bool fp_eval_scene_at(fp_scene *out, fp_eval *e, const fp_node *node); /* of an INIT or AT node; order 0 */

/* ---- eval_info.c */
fp_node_info *fp_eval_info(fp_eval *e, const fp_node *node);
uint64_t fp_eval_free_slots(fp_eval *e, const fp_node *node);
/* Does not change with t or with a variable of `for all real`, the arguments passed by name included. */
bool fp_eval_is_settled(fp_eval *e, const fp_node *node, const fp_frame *frame);
/* The memo and key for a node in this scene; NULL if its value cannot be kept. */
fp_memo *fp_eval_memo(fp_memo_key *key, fp_eval *e, const fp_node *node, const fp_frame *frame, const fp_scene *scene);

/* ---- eval_integer.c */
bool fp_eval_integer(long *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene);
bool fp_eval_indices(long index[4], fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene); /* checked against the instance */
bool fp_eval_enter(fp_frame *callee, fp_eval *e, const fp_node *use, fp_frame *frame, const fp_scene *scene); /* then fp_eval_leave */
void fp_eval_leave(fp_eval *e);

/* ---- eval_real.c: out[0..order] are initialised by the caller */
bool fp_eval_real(arb_ptr out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene);
bool fp_eval_constant(arb_t out, fp_eval *e, const fp_node *node);
const fp_sheet *fp_eval_sheet_of(const fp_eval *e, const fp_node *node); /* whose constants are meant, or NULL */
/* ---- eval_function.c */
bool fp_eval_divide(arb_ptr out, fp_eval *e, const fp_node *node, arb_srcptr a, arb_srcptr b, int order);
bool fp_eval_power(arb_ptr out, fp_eval *e, const fp_node *node, arb_srcptr a, arb_srcptr exponent, int order);
bool fp_eval_function(arb_ptr out, fp_eval *e, const fp_node *node, arb_srcptr a, int order);
bool fp_eval_chi2cdf(arb_ptr out, fp_eval *e, const fp_node *node, arb_srcptr x, arb_srcptr k, int order);
bool fp_eval_moving(arb_ptr out, fp_eval *e, const fp_node *node, int frame, fp_eval_failure *failure); /* eval.c: as fp_eval_scalar, out[1] the derivative */
/* ---- eval_supremum.c */
bool fp_eval_supremum(arb_ptr out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene);
void fp_eval_forget_sups(fp_eval *e);
/* ---- eval_interval.c */
typedef struct {
    fp_eval *e;
    fp_scene scene; /* of order 1: slopes by the variable e->box->axis */
    fp_digits digits;
    long *left; /* of the steps that may be taken: nodes, and entries of vectors. NULL: any number */
} fp_sight;
/* out[0..order]; false: it has no value, or the steps are spent. */
bool fp_eval_interval(fp_interval *out, const fp_sight *w, const fp_node *node, fp_frame *frame);
/* ---- eval_interval_rules.c: the same rules for jets of intervals: by what order, to what digits, w says */
void fp_jet_multiply(fp_interval *out, const fp_interval *a, const fp_interval *b, bool square, const fp_sight *w);
void fp_jet_divide(fp_interval *out, const fp_interval *a, const fp_interval *b, const fp_sight *w);
void fp_jet_power(fp_interval *out, const fp_interval *a, const fp_interval *b, const fp_sight *w);
void fp_jet_absolute(fp_interval *out, const fp_interval *a, int order);
void fp_jet_compete(fp_interval *best, const fp_interval *x, bool maximum, int order); /* best := max(best, x) or min(best, x) */
/* ---- eval_exact.c: a closer look at a comparison of reals, larger side minus smaller (for an identity left minus right), that its balls leave open.
 * The margin by exact arithmetic, and where that decides nothing by more bits; false: nothing is known, or the sides are not settled (static, or at the exact initial state). */
bool fp_eval_margin_exact(fp_interval *margin, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene);
fp_truth fp_eval_relation(fp_compare op, const fp_interval *margin);
/* Sets the margin of a comparison of reals that its ball leaves open, where the sides are known exactly. An identity of rationals is then decided. */
void fp_eval_look_closer(fp_leaf *leaf, fp_eval *e, fp_frame *frame);
void fp_eval_forget_exact(fp_eval *e);
/* ---- eval_extreme.c: running maximum (sign 1) or minimum (sign -1) with Clarke's derivative */
typedef struct {
    int sign, order;
    slong prec;
    size_t count;
    arb_ptr value, slope; /* candidates; order 1 only */
    size_t capacity;
    bool finite;
    arb_struct leader;            /* the candidate with the best far end, negated for a minimum */
    arf_struct near, far, second; /* the best near end; the best and the second best far end */
} fp_extreme;
void fp_extreme_init(fp_extreme *x, int sign, int order, slong prec);
void fp_extreme_clear(fp_extreme *x);
void fp_extreme_add(fp_extreme *x, arb_srcptr jet);
void fp_extreme_get(arb_ptr out, const fp_extreme *x);
void fp_extreme_abs(arb_ptr out, arb_srcptr a, int order, slong prec);

/* ---- eval_start.c */
/* 0 at t = 0, whatever the instance: by its form alone. */
bool fp_eval_vanishes(const fp_node *node);
/* One expression at t = 0, where init(e) is e. Not below d() and sets, for which init(e) and e are two things. */
bool fp_eval_same_at_start(const fp_node *a, const fp_node *b);
/* While quotients are carried and node, an absolute value or a maximum or minimum, is one of what vanishes: true, and of an absolute value of a the quotient is set. */
bool fp_eval_over_t(arb_ptr out, arb_srcptr a, const fp_eval *e, const fp_node *node, int order);

/* ---- eval_screen.c: for each binding of a MAX_OVER or MIN_OVER, in the order of fp_loop, whether it may attain the extreme. NULL: not known, or not worth
 * while. Owned by the caller. What is left out does not change the result of fp_extreme. */
bool *fp_eval_screen(fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene);

/* ---- eval_vector.c */
typedef struct {
    arb_srcptr x; /* values, then derivatives if the order is 1 */
    arb_ptr owned; /* NULL: borrowed from a source */
    fp_eval *owner; /* owned: by whom it is counted */
    long rows;     /* 0: the empty sum, zero in every space */
    int space, order;
} fp_vector;
bool fp_eval_vector(fp_vector *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene);
void fp_vector_clear(fp_vector *v);
bool fp_eval_dot(arb_ptr out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene); /* DOT, SQNORM */

/* ---- eval_loop.c */
typedef struct {
    const long *list;          /* or NULL */
    long next, end;            /* list[next..end-1], or the integers, or the elements of `elements` */
    const fp_node *elements;   /* SET_LIST or NULL */
} fp_set_iterator;
typedef struct {
    fp_eval *e;
    const fp_node *node;
    fp_frame *frame;
    fp_scene scene;
    fp_set_iterator set[FP_LOOP_MAX];
    int level;
    bool failed;
} fp_loop;
/* Steps through the bindings of a binder that satisfy its where-condition, writing them into the frame. After false look at `failed`. */
void fp_loop_begin(fp_loop *loop, fp_eval *e, const fp_node *binder, fp_frame *frame, const fp_scene *scene);
bool fp_loop_next(fp_loop *loop);
const fp_node *fp_loop_body(const fp_node *binder);

/* ---- eval_box_walk.c: a proposition over the balls of e->box. The margin bounds: TRUE only if it holds at every point of the balls, FALSE only if at none; margin
 * and scale belong to the comparison that decides. */
typedef struct {
    fp_truth truth;
    arb_struct margin, scale;
} fp_box_part;
void fp_box_part_init(fp_box_part *part);
void fp_box_part_clear(fp_box_part *part);
/* wanted: over a box the truth that is of use, which slopes may show where its ends do not; FP_UNKNOWN at points. */
bool fp_box_walk(fp_box_part *out, fp_eval *e, const fp_node *node, fp_frame *frame, fp_truth wanted);
/* ---- eval_box_face.c: one comparison by exact ends; where they leave it open also by slopes, if these may show what is wanted. margin: over what the variables are now. */
fp_truth fp_box_decide(fp_interval *margin, fp_eval *e, const fp_node *node, fp_frame *frame, fp_truth wanted);
void fp_box_put(fp_box *box, int r, const fp_interval *range, slong prec);
bool fp_box_is_point(const fp_box *box);
void fp_box_middle(fmpq_t out, const fmpq_t low, const fmpq_t high); /* where a box is halved: the simplest rational number in the middle quarter */
/* ---- eval_box.c: fills the boxed part of the leaf */
bool fp_eval_box(fp_leaf *leaf, fp_eval *e, const fp_node *node, fp_frame *frame);

/* ---- eval_truth.c: propositions without leaves */
bool fp_eval_truth(fp_truth *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_scene *scene);
/* ---- eval_judge.c: the part of the leaves from *at on that belongs to node; advances *at */
typedef struct {
    fp_truth truth;
    double relative;
    size_t decisive;
    bool real_unknown; /* an unknown leaf that is not an identity containing 0 */
    unsigned long premises, premises_true;
    bool negated; /* the decisive leaf counts with the opposite sign */
} fp_part;
bool fp_eval_judge_part(fp_part *out, fp_eval *e, const fp_node *node, fp_frame *frame, const fp_leaves *leaves, size_t *at);

#endif
