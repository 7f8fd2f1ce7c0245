/* SPDX-License-Identifier: MIT */
/* What a claim sees of a rigorous enclosure. A segment is one proved step [left, right]; the true solution lies within the tube there. Quantities are asked for over a
 * sub-interval [a, b] of the segment (a = b: at one time) and come as balls that contain the value at every time of it, for the true solution. Between the layers certify, which
 * fills this table, and claims, which reads it; neither sees the other. */
#ifndef FLOWPROOF_TUBE_H
#define FLOWPROOF_TUBE_H

#include "flowproof/flow.h"

/* Quantities of theory section 2 and per-neuron ones; indices are 0-based: token, (key, query), (token, token), neuron, sample, (sample, query position), (sample, query position, key position). */
typedef enum {
    FP_TUBE_G,     /* token */
    FP_TUBE_SCORE, /* key, query: k.q, any pair */
    FP_TUBE_KK, FP_TUBE_QQ, FP_TUBE_VV, /* token, token */
    FP_TUBE_RHO,   /* |u|^2 */
    FP_TUBE_WV,    /* neuron, token */
    FP_TUBE_WW,    /* neuron, neuron */
    FP_TUBE_WU,    /* neuron: w_j.u */
    FP_TUBE_P, FP_TUBE_O, FP_TUBE_F, FP_TUBE_GI /* g_i */, FP_TUBE_ONE_MINUS_GI, FP_TUBE_LOSSOF, /* log(1+exp(-y_i F_i)) */
    FP_TUBE_C, FP_TUBE_N /* key, query: any pair, 0 where it does not occur */
} fp_tube_quantity;
typedef enum { FP_TUBE_U, FP_TUBE_W, FP_TUBE_V, FP_TUBE_K, FP_TUBE_Q } fp_tube_vector;

/* One view is used by one thread at a time; several views of one segment may be used at once. */
typedef struct {
    void *ctx;
    /* Chooses the sub-interval; left <= a <= b <= right. */
    void (*set)(void *ctx, const arf_t a, const arf_t b);
    /* False: cannot be had, *why says so (static text). */
    bool (*value)(arb_t out, void *ctx, fp_tube_quantity quantity, const long *index, const char **why);
    /* rows numbers of the block's space (rows_v for u, w, v; rows_k for k, q). */
    bool (*vector)(arb_ptr out, void *ctx, fp_tube_vector vector, long index, const char **why);
    /* The time derivative of a quantity along the true solution, where the view has it at less cost than the equations do (G; scores of pairs that occur). False: take the equations. NULL allowed. */
    bool (*slope)(arb_t out, void *ctx, fp_tube_quantity quantity, const long *index);
    /* The exact state (the flow's layout) from which the next step goes on, at the right end of this one; out's precision should hold it, for what is rounded is another state. False: it is not known. NULL allowed. */
    bool (*knot)(fp_vec *out, void *ctx);
} fp_tube_view;

typedef struct {
    arf_srcptr left, right;      /* exact */
    const fp_tube_view *view[2]; /* two of them, for two threads; view[1] may be NULL */
    mag_srcptr radius;           /* of the tube on the whole segment, weighted norm */
    bool estimated;              /* the radius is an estimate: nothing is proved of the true solution */
} fp_segment;

#endif
