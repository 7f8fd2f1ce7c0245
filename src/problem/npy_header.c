/* SPDX-License-Identifier: MIT */
/* Header of a .npy file (NumPy enhancement proposal 1 and numpy.lib.format): magic, version, length, and a Python dict
 * literal with exactly the keys descr, fortran_order and shape. */
#include "internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MAGIC = 6, MAX_WORD = 40 };

typedef struct {
    fp_npy_header *h;
    const char *path, *data;
    size_t at, end;
    unsigned seen; /* bit per key */
    fp_error *err;
} parser;

static const struct {
    const char *descr;
    char kind;
    size_t bytes;
} types[] = {{"<f4", 'f', 4}, {"<f8", 'f', 8}, {"<i1", 'i', 1}, {"|i1", 'i', 1}, {"<i2", 'i', 2}, {"<i4", 'i', 4},
             {"<i8", 'i', 8}, {"<u1", 'u', 1}, {"|u1", 'u', 1}, {"<u2", 'u', 2}, {"<u4", 'u', 4}, {"<u8", 'u', 8}};
static const char allowed_types[] = "float32, float64 or integers of 1 to 8 bytes, little endian";

static char peek(parser *p)
{
    while (p->at < p->end && isspace((unsigned char)p->data[p->at])) p->at++;
    return p->at < p->end ? p->data[p->at] : '\0';
}

static fp_status malformed(parser *p, const char *expected)
{
    char q[FP_QUOTE];
    size_t left = p->end - p->at;
    return fp_fail(p->err, FP_BAD_INPUT, "%s: .npy header, byte %zu: expected %s, found '%s'", p->path, p->at, expected,
                   fp_quote(q, p->data + p->at, left < 20 ? left : 20));
}

static fp_status expect(parser *p, char c, const char *name)
{
    if (peek(p) != c) return malformed(p, name);
    p->at++;
    return FP_OK;
}

static fp_status parse_string(parser *p, char out[MAX_WORD])
{
    char quote = peek(p);
    if (quote != '\'' && quote != '"') return malformed(p, "a string");
    size_t from = p->at + 1, to = from;
    while (to < p->end && p->data[to] != quote) to++;
    if (to == p->end || to - from >= MAX_WORD) return malformed(p, "a short string");
    memcpy(out, p->data + from, to - from);
    out[to - from] = '\0';
    p->at = to + 1;
    return FP_OK;
}

/* dtype without its byte order, by prefix: what it is, and what to save instead. */
static const struct {
    const char *prefix, *what, *cure;
} refused_types[] = {
    {"b1", "is bool", "x.astype('int8'), or 2*x.astype('int8') - 1 for labels and signs"},
    {"f2", "is float16", "x.astype('float32'), which is exact"},
    {"f12", "is a long double", "x.astype('float64'), which rounds"},
    {"f16", "is a long double (float128)", "x.astype('float64'), which rounds"},
    {"c", "is complex", "x.real, if all imaginary parts are 0"},
    {"O", "holds Python objects", "x.astype('float64'), if every entry is a number"},
    {"U", "is text", "x.astype('float64'), if every entry is a number"},
    {"S", "is text", "x.astype('float64'), if every entry is a number"},
    {"V", "is raw bytes (bfloat16 comes so)", "x.astype('float32') of the array before it was saved; of a PyTorch tensor x.float().numpy()"},
};

static bool is_supported(const char *descr)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].descr + 1, descr) == 0) return true;
    return false;
}

static fp_status refuse_type(const parser *p, const char *descr)
{
    char q[FP_QUOTE];
    const char *s = fp_quote(q, descr, strlen(descr)), *bare = descr + strspn(descr, "<>|=");
    if (descr[0] == '>' && is_supported(bare))
        return fp_fail(p->err, FP_BAD_INPUT, "%s: dtype '%s' is big endian; allowed are %s: save x.astype('<%s')", p->path, s, allowed_types, s + 1);
    for (size_t i = 0; i < sizeof refused_types / sizeof refused_types[0]; i++)
        if (strncmp(bare, refused_types[i].prefix, strlen(refused_types[i].prefix)) == 0)
            return fp_fail(p->err, FP_BAD_INPUT, "%s: dtype '%s' %s and is not supported; allowed are %s: save %s", p->path, s, refused_types[i].what, allowed_types,
                           refused_types[i].cure);
    return fp_fail(p->err, FP_BAD_INPUT, "%s: dtype '%s' is not supported; allowed are %s", p->path, s, allowed_types);
}

static fp_status parse_descr(parser *p)
{
    char descr[MAX_WORD];
    if (peek(p) == '[')
        return fp_fail(p->err, FP_BAD_INPUT, "%s: has a structured dtype; allowed are %s: save one field, x['name']", p->path, allowed_types);
    if (parse_string(p, descr) != FP_OK) return FP_BAD_INPUT;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(descr, types[i].descr) == 0) {
            p->h->kind = types[i].kind;
            p->h->bytes = types[i].bytes;
            return FP_OK;
        }
    return refuse_type(p, descr);
}

static bool literal(parser *p, const char *word)
{
    size_t len = strlen(word);
    if (p->end - p->at < len || memcmp(p->data + p->at, word, len) != 0) return false;
    p->at += len;
    return true;
}

static fp_status parse_order(parser *p)
{
    (void)peek(p);
    if (literal(p, "True"))
        p->h->fortran = true;
    else if (!literal(p, "False"))
        return malformed(p, "True or False");
    return FP_OK;
}

static fp_status parse_extent(parser *p, long *out)
{
    long x = 0;
    if (!isdigit((unsigned char)peek(p))) return malformed(p, "an extent");
    for (; p->at < p->end && isdigit((unsigned char)p->data[p->at]); p->at++) {
        x = 10 * x + (p->data[p->at] - '0');
        if (x > FP_ELEMENTS_MAX) return fp_fail(p->err, FP_BAD_INPUT, "%s: has more than 2^31 elements", p->path);
    }
    if (x == 0) return fp_fail(p->err, FP_BAD_INPUT, "%s: the array is empty (an extent is 0)", p->path);
    *out = x;
    return FP_OK;
}

static fp_status check_dims(const parser *p, int dims)
{
    if (dims < 1 || dims > 2)
        return fp_fail(p->err, FP_BAD_INPUT, "%s: has %s dimensions; allowed are 1 and 2%s", p->path, dims ? "more than 2" : "0",
                       dims ? ": x.squeeze() drops extents of 1" : "");
    p->h->dims = dims;
    if (dims == 1) p->h->shape[1] = 1;
    if (p->h->shape[0] > FP_ELEMENTS_MAX / p->h->shape[1])
        return fp_fail(p->err, FP_BAD_INPUT, "%s: has more than 2^31 elements", p->path);
    return FP_OK;
}

static fp_status parse_shape(parser *p)
{
    int dims = 0;
    if (expect(p, '(', "'('") != FP_OK) return FP_BAD_INPUT;
    while (peek(p) != ')') {
        if (dims == 2) return check_dims(p, 3);
        if (parse_extent(p, &p->h->shape[dims++]) != FP_OK) return FP_BAD_INPUT;
        if (peek(p) == ',')
            p->at++;
        else if (peek(p) != ')')
            return malformed(p, "',' or ')'");
    }
    p->at++;
    return check_dims(p, dims);
}

static const struct {
    const char *name;
    fp_status (*parse)(parser *);
} entries[] = {{"descr", parse_descr}, {"fortran_order", parse_order}, {"shape", parse_shape}};
enum { ENTRIES = sizeof entries / sizeof entries[0], ALL_SEEN = (1 << ENTRIES) - 1 };

static fp_status parse_entry(parser *p)
{
    char name[MAX_WORD];
    size_t where = p->at;
    if (parse_string(p, name) != FP_OK) return FP_BAD_INPUT;
    for (unsigned i = 0; i < ENTRIES; i++) {
        if (strcmp(name, entries[i].name) != 0 || p->seen >> i & 1) continue;
        p->seen |= 1U << i;
        return expect(p, ':', "':'") == FP_OK ? entries[i].parse(p) : FP_BAD_INPUT;
    }
    p->at = where;
    return malformed(p, "descr, fortran_order and shape, each once");
}

static fp_status parse_dict(parser *p)
{
    if (expect(p, '{', "'{'") != FP_OK) return FP_BAD_INPUT;
    while (peek(p) != '}') {
        if (parse_entry(p) != FP_OK) return FP_BAD_INPUT;
        if (peek(p) == ',')
            p->at++;
        else if (peek(p) != '}')
            return malformed(p, "',' or '}'");
    }
    if (p->seen != ALL_SEEN) return malformed(p, "descr, fortran_order and shape, each once");
    p->at++;
    (void)peek(p);
    return p->at == p->end ? FP_OK : malformed(p, "the end of the header");
}

static size_t little_endian(const char *s, int bytes)
{
    size_t x = 0;
    for (int i = bytes - 1; i >= 0; i--) x = x << 8 | (unsigned char)s[i];
    return x;
}

fp_status fp_npy_parse_header(fp_npy_header *h, const char *path, const char *data, size_t len, fp_error *err)
{
    memset(h, 0, sizeof *h);
    if (len >= 4 && memcmp(data, "PK\x03\x04", 4) == 0)
        return fp_fail(err, FP_BAD_INPUT, "%s: is not a .npy file but a zip archive (as np.savez and torch.save make them): save each array by np.save", path);
    if (len < MAGIC || memcmp(data, "\x93NUMPY", MAGIC) != 0)
        return fp_fail(err, FP_BAD_INPUT, "%s: is not a .npy file (it does not begin with \\x93NUMPY)", path);
    if (len < 8) return fp_fail(err, FP_BAD_INPUT, "%s: is cut short within the .npy header", path);
    int major = (unsigned char)data[6], minor = (unsigned char)data[7];
    if (major < 1 || major > 3 || minor != 0)
        return fp_fail(err, FP_BAD_INPUT, "%s: .npy format %d.%d; allowed are 1.0, 2.0 and 3.0", path, major, minor);
    int width = major == 1 ? 2 : 4;
    size_t from = 8 + (size_t)width;
    if (len < from || len - from < little_endian(data + 8, width))
        return fp_fail(err, FP_BAD_INPUT, "%s: is cut short within the .npy header", path);
    h->data_at = from + little_endian(data + 8, width);
    parser p = {.h = h, .path = path, .data = data, .at = from, .end = h->data_at, .err = err};
    return parse_dict(&p);
}
