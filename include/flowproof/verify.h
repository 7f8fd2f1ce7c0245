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

/* A proved step, in order of time; what the observer has seen is proved, however it ends. False stops. */
typedef bool (*fp_verify_observer)(const fp_segment *segment, void *ctx);
typedef struct {
    const fp_problem *problem; /* the caller has compared the digests of the head with this instance */
    fp_pool *pool;             /* steps are proved several at a time; may be NULL */
    fp_verify_observer observer; /* NULL: the tube alone */
    void *ctx;
} fp_verify_options;
/* FP_CHAIN_FAILED with FP_REJECTED names the step that fails. stats: initialised here, cleared by the caller with fp_chain_stats_clear. */
fp_chain_outcome fp_certificate_verify(fp_certificate *c, const fp_verify_options *options, fp_chain_stats *stats, fp_error *err);

#endif
