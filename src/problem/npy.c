/* SPDX-License-Identifier: MIT */
/* .npy arrays: exact conversion to and from double. */
#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(double) == 8 && sizeof(float) == 4, "IEEE 754 binary64 and binary32");

/* 2^31 elements of 8 bytes, and a header. */
static const size_t max_file = ((size_t)1 << 34) + ((size_t)1 << 20);
static const double max_integer = 9007199254740992.0; /* 2^53 */

static uint64_t load(const char *s, size_t bytes)
{
    uint64_t x = 0;
    for (size_t i = bytes; i-- > 0;) x = x << 8 | (unsigned char)s[i];
    return x;
}

static double load_float(uint64_t bits, size_t bytes)
{
    double d;
    float f;
    if (bytes == 8) {
        memcpy(&d, &bits, sizeof d);
        return d;
    }
    uint32_t low = (uint32_t)bits;
    memcpy(&f, &low, sizeof f);
    return (double)f;
}

/* By magnitude, so that the test against 2^53 is exact; infinity stands for anything beyond. */
static double load_integer(uint64_t bits, size_t bytes, bool is_signed)
{
    bool negative = is_signed && bits >> (8 * bytes - 1) & 1;
    if (negative && bytes < 8) bits |= ~UINT64_C(0) << 8 * bytes;
    uint64_t magnitude = negative ? 0 - bits : bits;
    if (magnitude > UINT64_C(1) << 53) return INFINITY;
    return negative ? -(double)magnitude : (double)magnitude;
}

static fp_status refuse_element(const fp_npy *a, const char *path, const fp_npy_header *h, long r, long c, double v, fp_error *err)
{
    char where[64];
    if (a->dims == 1)
        snprintf(where, sizeof where, "[%ld]", r);
    else
        snprintf(where, sizeof where, "[%ld, %ld]", r, c);
    if (h->kind == 'f')
        return fp_fail(err, FP_BAD_INPUT, "%s: element %s (from 0) is %s; only finite numbers are allowed", path, where,
                       isnan(v) ? "NaN" : "infinite");
    return fp_fail(err, FP_BAD_INPUT, "%s: element %s (from 0) is an integer beyond 2^53; up to 2^53 are allowed", path, where);
}

static fp_status convert(fp_npy *a, const char *path, const fp_npy_header *h, const char *data, fp_error *err)
{
    for (long r = 0; r < a->rows; r++)
        for (long c = 0; c < a->cols; c++) {
            long from = h->fortran ? c * a->rows + r : r * a->cols + c;
            uint64_t bits = load(data + (size_t)from * h->bytes, h->bytes);
            double v = h->kind == 'f' ? load_float(bits, h->bytes) : load_integer(bits, h->bytes, h->kind == 'i');
            if (fp_interrupted()) return fp_fail(err, FP_INTERRUPTED, "%s: interrupted while reading it", path);
            if (!isfinite(v)) return refuse_element(a, path, h, r, c, v, err);
            a->x[r * a->cols + c] = v;
        }
    return FP_OK;
}

static fp_status check_length(const char *path, const fp_npy_header *h, size_t len, fp_error *err)
{
    size_t need = (size_t)(h->shape[0] * h->shape[1]) * h->bytes, have = len - h->data_at;
    if (have == need) return FP_OK;
    return fp_fail(err, FP_BAD_INPUT, "%s: %s: the header announces %zu bytes of data, the file holds %zu", path,
                   have < need ? "is cut short" : "has something after the array", need, have);
}

fp_status fp_npy_read(fp_npy *out, const char *path, fp_error *err)
{
    fp_text file = {0};
    fp_npy_header h;
    memset(out, 0, sizeof *out);
    fp_status st = fp_file_read(&file, path, max_file, err);
    if (st == FP_OK) st = fp_npy_parse_header(&h, path, file.data ? file.data : "", file.len, err);
    if (st == FP_OK) st = check_length(path, &h, file.len, err);
    if (st == FP_OK) {
        out->rows = h.shape[0];
        out->cols = h.shape[1];
        out->dims = h.dims;
        out->x = fp_alloc((size_t)(out->rows * out->cols), sizeof *out->x);
        st = convert(out, path, &h, file.data + h.data_at, err);
    }
    fp_text_clear(&file);
    if (st != FP_OK) fp_npy_clear(out);
    return st;
}

void fp_npy_clear(fp_npy *a)
{
    free(a->x);
    memset(a, 0, sizeof *a);
}

/* ---- writing: format 1.0 as numpy.save does it, padded so that the data begin at a multiple of 64 */

static void add_header(fp_text *t, long rows, long cols, int dims, bool integers)
{
    enum { PREFIX = 10, ALIGN = 64 };
    char dict[160];
    int len = snprintf(dict, sizeof dict, "{'descr': '%s', 'fortran_order': False, 'shape': (%ld,", integers ? "<i8" : "<f8", rows);
    char *rest = dict + len;
    if (dims == 1)
        len += snprintf(rest, 32, "), }");
    else
        len += snprintf(rest, 32, " %ld), }", cols);
    int padded = (PREFIX + len + 1 + ALIGN - 1) / ALIGN * ALIGN - PREFIX;
    char prefix[PREFIX] = "\x93NUMPY\x01";
    prefix[7] = 0;
    prefix[8] = (char)(padded & 255);
    prefix[9] = (char)(padded >> 8);
    fp_text_addn(t, prefix, PREFIX);
    fp_text_addf(t, "%s%*s\n", dict, padded - len - 1, "");
}

static void add_element(fp_text *t, double x, bool integer)
{
    uint64_t bits;
    char b[8];
    if (integer)
        bits = (uint64_t)(int64_t)x;
    else
        memcpy(&bits, &x, sizeof bits);
    for (int i = 0; i < 8; i++) b[i] = (char)(bits >> 8 * i & 255);
    fp_text_addn(t, b, sizeof b);
}

fp_status fp_npy_write(const char *path, const double *x, long rows, long cols, int dims, bool integers, fp_error *err)
{
    fp_text t = {0};
    for (long i = 0; integers && i < rows * cols; i++)
        if (!(fabs(x[i]) <= max_integer) || x[i] != (double)(int64_t)x[i])
            return fp_fail(err, FP_INTERNAL, "%s: element %ld is %.17g, not an integer up to 2^53", path, i, x[i]);
    add_header(&t, rows, cols, dims, integers);
    for (long i = 0; i < rows * cols && !fp_interrupted(); i++) add_element(&t, x[i], integers);
    fp_status st = fp_interrupted() ? fp_fail(err, FP_INTERRUPTED, "%s: interrupted while writing it", path) : fp_file_write(path, t.data, t.len, err);
    fp_text_clear(&t);
    return st;
}
