/* SPDX-License-Identifier: MIT */
/* A certificate file: what a verifier needs to prove the tube of a run again, and nothing it would have to believe. Text head, then one record a step, then a SHA-256 of all that precedes it:
 *
 *   "flowproof-certificate 3\n", lines "name value\n" (fp_certificate_head), "\n"
 *   a step: 'S'; left, h (exact, text of a dyadic number with its length in one byte before it); r (mantissa: 4 bytes, exponent: 8 bytes; value mantissa 2^(exponent-30)), a hint; 'K' and the knot, or '-'
 *   a knot: u, then all v, k, q: exponent (8 bytes), limbs x rows digits (8 bytes each, least digit of every row first)
 *   'E', t_end, number of steps (8 bytes), why the prover ended there (a letter of FP_CERTIFICATE_END_LETTERS), 32 bytes of SHA-256
 *
 * All integers little endian, two's complement. Records without knot: the verifier integrates from the last knot. Radii are not in it: a verifier finds its own. */
#ifndef FLOWPROOF_CERTIFICATE_H
#define FLOWPROOF_CERTIFICATE_H

#include "flowproof/certify.h"

enum { FP_CERTIFICATE_VERSION = 3, FP_CERTIFICATE_DIGEST_BYTES = 32, FP_CERTIFICATE_ARF_TEXT_MAX = 200 };
#define FP_CERTIFICATE_WORD "flowproof-certificate"
#define FP_CERTIFICATE_END_LETTERS "ESTFBRI" /* of FP_CHAIN_END, _STOPPED, _OPEN, _FAILED, _BUDGET, _RUN, _INTERRUPTED */
/* The fields of the head in file order */
#define FP_CERTIFICATE_TEXTS(X) X(setting) X(setting_sha256) X(dataset) X(weights) X(data_sha256) X(weights_sha256) X(sheets) X(sheets_sha256) X(flow) X(horizon) X(only)
#define FP_CERTIFICATE_NUMBERS(X) X(precision) X(order) X(limbs) X(twins) X(d) X(rows_v) X(rows_k)

/* Everything is owned text; digests are hexadecimal. */
typedef struct {
    char *setting, *setting_sha256; /* the file that the prover read; its digest, by which a verifier recognises it */
    char *dataset, *weights;        /* folders of imported data, "" if drawn */
    char *data_sha256, *weights_sha256;
    char *sheets, *sheets_sha256;   /* as named to the prover, separated by tabs, "" = its default; what they held */
    char *flow, *horizon, *only;    /* horizon: exact rational; only: glob, "" = all */
    long precision, order, limbs, twins;
    long d, rows_v, rows_k;
} fp_certificate_head;
void fp_certificate_head_clear(fp_certificate_head *head);

/* ---- writing: to a temporary file beside path, renamed by close */
typedef struct fp_certificate_writer fp_certificate_writer;
/* A knot with every `every`-th step (>= 1). */
fp_status fp_certificate_create(fp_certificate_writer **out, const char *path, const fp_certificate_head *head, unsigned long every, fp_error *err);
fp_status fp_certificate_add(fp_certificate_writer *w, const fp_step *s, fp_error *err); /* a closed step */
/* Frees w, whatever happens. `ended` is how the prover's chain ended: where it did not reach its end, it is a certificate up to t_end all the same. */
fp_status fp_certificate_close(fp_certificate_writer *w, const arf_t t_end, fp_chain_outcome ended, fp_error *err);
void fp_certificate_abandon(fp_certificate_writer *w); /* removes the temporary file; NULL allowed */

#endif
