/* SPDX-License-Identifier: MIT */
/* A certificate file: what a verifier needs to prove the tube of a run again, and nothing it would have to believe. Text head, then one record a step, then a SHA-256 of all that precedes it:
 *
 *   "flowproof-certificate 1\n", lines "name value\n" (fp_certificate_head), "\n"
 *   a step: 'S'; left, h (exact, text of a dyadic number with its length in one byte before it); e, r (mantissa: 4 bytes, exponent: 8 bytes; value mantissa 2^(exponent-30)); 'K' and the knot, or '-'
 *   a knot: u, then all v, k, q: exponent (8 bytes), limbs x rows digits (8 bytes each, least digit of every row first)
 *   'E', t_end, e at the end, number of steps (8 bytes), 32 bytes of SHA-256
 *
 * All integers little endian, two's complement. Records without knot: the verifier integrates from the last knot. e is claimed: |x(left) - knot| <= e; the verifier checks each claim against the step
 * before it, so that steps can be verified in any order. */
#ifndef FLOWPROOF_CERTIFICATE_H
#define FLOWPROOF_CERTIFICATE_H

#include "flowproof/certify.h"

enum { FP_CERTIFICATE_VERSION = 1 };

/* Everything is owned text; digests are hexadecimal. */
typedef struct {
    char *setting, *setting_sha256; /* as given to the prover; its file's digest */
    char *dataset, *weights;        /* folders of imported data, "" if drawn */
    char *data_sha256, *weights_sha256, *sheets_sha256;
    char *flow, *horizon, *only;    /* horizon: exact rational; only: glob, "" = all */
    long precision, order, limbs, parts, twins;
    long d, rows_v, rows_k;
} fp_certificate_head;
void fp_certificate_head_clear(fp_certificate_head *head);

/* ---- writing: to a temporary file beside path, renamed by close */
typedef struct fp_certificate_writer fp_certificate_writer;
/* A knot with every `every`-th step (>= 1). */
fp_status fp_certificate_create(fp_certificate_writer **out, const char *path, const fp_certificate_head *head, unsigned long every, fp_error *err);
fp_status fp_certificate_add(fp_certificate_writer *w, const fp_step *s, fp_error *err); /* a closed step */
/* Frees w, whatever happens. steps = 0 or interrupted = the chain did not reach its end: it is a certificate up to t_end all the same. */
fp_status fp_certificate_close(fp_certificate_writer *w, const arf_t t_end, const mag_t e, fp_error *err);
void fp_certificate_abandon(fp_certificate_writer *w); /* removes the temporary file; NULL allowed */

/* ---- reading. FP_REJECTED names what is wrong and the byte. */
typedef struct fp_certificate fp_certificate;
/* Checks the digest of the whole file and reads the head. */
fp_status fp_certificate_open(fp_certificate **out, const char *path, fp_error *err);
void fp_certificate_free(fp_certificate *c);
const fp_certificate_head *fp_certificate_get_head(const fp_certificate *c);
typedef struct {
    arf_t left, h;
    mag_t e, r;
    bool has_knot;
} fp_certificate_step;
void fp_certificate_step_init(fp_certificate_step *s);
void fp_certificate_step_clear(fp_certificate_step *s);
/* The next record; *more false: none, t_end and e of the end record are in left and e. knot: of the shape of the head (fp_series_state_init), written if has_knot. */
fp_status fp_certificate_next(fp_certificate_step *out, fp_series_state *knot, bool *more, fp_certificate *c, fp_error *err);

/* ---- verifying: every step is proved again from its knot, several at a time; then each claimed e is checked against the step before it. flow: of the head's form and precision, made from the instance by
 * the caller, who has compared the digests. observe: as of a chain, in order of time: what it has seen is proved. FP_REJECTED names the step that fails. stats: as of a chain. */
fp_chain_outcome fp_certificate_verify(fp_certificate *c, const fp_flow *flow, fp_pool *pool, volatile const int *interrupted, fp_chain_observer observe, void *ctx, fp_chain_stats *stats,
                                       fp_error *err);

#endif
