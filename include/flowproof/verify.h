/* SPDX-License-Identifier: MIT */
/* Verifying a certificate with a second, small implementation of proofs/certificate.md. It shares no bound with the prover (src/certify): series, tails, defect, growth, start and enclosures of quantities
 * are computed again in its own way from the knots, the steps in parallel, and the radii are its own. It shares arithmetic (balls, grid vectors) and, through fp_segment, the reader of sheets and the evaluator.
 * proofs/certificate.md, section 9, says what a proof then rests on. */
#ifndef FLOWPROOF_VERIFY_H
#define FLOWPROOF_VERIFY_H

#include "flowproof/certificate.h"

/* ---- reading. FP_REJECTED names what is wrong and the byte. */
typedef struct fp_certificate fp_certificate;
/* Checks the digest of the whole file and reads the head. */
fp_status fp_certificate_open(fp_certificate **out, const char *path, fp_error *err);
void fp_certificate_free(fp_certificate *c);
const fp_certificate_head *fp_certificate_get_head(const fp_certificate *c);
/* How the prover's chain ended, as the file says: once fp_certificate_verify has read it to its end; FP_CHAIN_STOPPED before. A word for people, no part of a proof. */
fp_chain_outcome fp_certificate_ended(const fp_certificate *c);

/* A proved step, in order of time; what the observer has seen is proved, however it ends. False stops. */
typedef bool (*fp_verify_observer)(const fp_segment *segment, void *ctx);
typedef struct {
    const fp_problem *problem; /* the caller has compared the digests of the head with this instance */
    fp_pool *pool;             /* steps are proved several at a time; may be NULL */
    fp_verify_observer observer; /* NULL: the tube alone */
    void *ctx;
} fp_verify_options;
/* Three ways out of a certificate. FP_CHAIN_END: every step is proved. FP_CHAIN_OPEN: a step does not close, so that what is proved ends before it, at stats->t; the steps before are as good as
 * ever, and the rest of the file was read for its form. FP_CHAIN_FAILED with FP_REJECTED names what is false or cannot be: a file whose form is wrong, steps that do not follow one another, another
 * instance, not even a first step that is proved, or knots that lie apart, so that the distances between them and not the flow have made the tube too wide to close.
 * stats: initialised here, cleared by the caller with fp_chain_stats_clear. */
fp_chain_outcome fp_certificate_verify(fp_certificate *c, const fp_verify_options *options, fp_chain_stats *stats, fp_error *err);

#endif
