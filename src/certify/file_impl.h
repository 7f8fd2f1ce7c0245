/* SPDX-License-Identifier: MIT */
/* What writer and reader of certificates share: the fields of the head in file order, and limits. */
#ifndef FP_CERTIFY_FILE_IMPL_H
#define FP_CERTIFY_FILE_IMPL_H

#include "flowproof/certificate.h"

#define FP_CERTIFICATE_WORD "flowproof-certificate"
#define FP_HEAD_TEXTS(X) \
    X(setting) X(setting_sha256) X(dataset) X(weights) X(data_sha256) X(weights_sha256) X(sheets_sha256) X(flow) X(horizon) X(only)
#define FP_HEAD_NUMBERS(X) X(precision) X(order) X(limbs) X(parts) X(twins) X(d) X(rows_v) X(rows_k)

enum { FP_DIGEST_BYTES = 32, FP_ARF_TEXT_MAX = 200, FP_HEAD_MAX = 65536 };

#endif
