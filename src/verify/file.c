/* SPDX-License-Identifier: MIT */
/* Reading a certificate. Nothing in it is believed: a damaged file is rejected by its digest, and what is read is checked for its range before it is used, so that a forged one can do no harm
 * beyond failing to verify. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "verify_impl.h"

enum { DIGEST_BYTES = FP_CERTIFICATE_DIGEST_BYTES, HEAD_MAX = 65536, ARF_TEXT_MAX = FP_CERTIFICATE_ARF_TEXT_MAX };

struct fp_certificate {
    FILE *file;
    char *path;
    uint64_t size, at; /* bytes; at: of the next one */
    uint64_t steps;
    fp_certificate_head head;
    fp_chain_outcome ended; /* of the prover's chain; FP_CHAIN_STOPPED until the end record is read */
    int64_t *digits;   /* of one vector */
    size_t room;
};

static fp_status reject(const fp_certificate *c, fp_error *err, const char *what)
{
    if (fp_interrupted()) return fp_fail(err, FP_INTERRUPTED, "%s: interrupted while reading it", c->path);
    return fp_fail(err, FP_REJECTED, "%s: byte %" PRIu64 ": certificate rejected: %s", c->path, c->at, what);
}

/* ---- the digest of all but the last 32 bytes */
static bool digest_agrees(const fp_sha256 *sha, const unsigned char *byte)
{
    char hex[65], found[2 * DIGEST_BYTES + 1];
    fp_sha256 copy = *sha;
    fp_sha256_hex(hex, &copy);
    for (int k = 0; k < DIGEST_BYTES; k++) snprintf(found + 2 * k, 3, "%02x", byte[k]);
    return strcmp(hex, found) == 0;
}

static fp_status check_digest(fp_certificate *c, fp_error *err)
{
    unsigned char *block = fp_alloc(HEAD_MAX, 1), tail[DIGEST_BYTES];
    fp_sha256 sha;
    fp_sha256_init(&sha);
    uint64_t left = c->size - DIGEST_BYTES;
    while (left > 0 && !fp_interrupted()) {
        size_t want = left < HEAD_MAX ? (size_t)left : HEAD_MAX, got = fread(block, 1, want, c->file);
        if (got == 0) break;
        fp_sha256_add(&sha, block, got);
        left -= got;
    }
    free(block);
    bool whole = left == 0 && fread(tail, 1, sizeof tail, c->file) == sizeof tail;
    if (!whole) return reject(c, err, "it cannot be read to its end");
    if (!digest_agrees(&sha, tail)) return reject(c, err, "its SHA-256 does not agree: it is damaged or incomplete");
    rewind(c->file);
    return FP_OK;
}

static fp_status measure(fp_certificate *c, fp_error *err)
{
    if (fseek(c->file, 0, SEEK_END) != 0) return reject(c, err, "not a regular file");
    long size = ftell(c->file);
    if (size < 2 * DIGEST_BYTES) return reject(c, err, "too short");
    c->size = (uint64_t)size;
    rewind(c->file);
    return FP_OK;
}

/* ---- bytes */
static bool take(void *out, size_t len, fp_certificate *c)
{
    if (len > c->size - DIGEST_BYTES - c->at || fread(out, 1, len, c->file) != len) return false;
    c->at += len;
    return true;
}

static bool take_u64(uint64_t *out, fp_certificate *c)
{
    unsigned char byte[8];
    if (!take(byte, sizeof byte, c)) return false;
    *out = 0;
    for (int k = 7; k >= 0; k--) *out = *out << 8 | byte[k];
    return true;
}

/* "mantissa exponent" in hexadecimal, as arf_dump_str writes it. */
static bool take_arf(arf_t out, fp_certificate *c)
{
    char text[ARF_TEXT_MAX + 1];
    unsigned char len;
    if (!take(&len, 1, c) || len > ARF_TEXT_MAX || !take(text, len, c)) return false;
    text[len] = 0;
    size_t mantissa = strspn(text, "-0123456789abcdef");
    if (mantissa == 0 || text[mantissa] != ' ' || strspn(text + mantissa + 1, "-0123456789abcdef") != len - mantissa - 1) return false;
    if (len - mantissa - 1 == 0 || len - mantissa - 1 > 8) return false; /* exponents of times are small */
    return arf_load_str(out, text) == 0 && arf_is_finite(out);
}

static bool take_mag(mag_t out, fp_certificate *c)
{
    unsigned char byte[4];
    uint64_t exponent;
    uint32_t mantissa = 0;
    if (!take(byte, sizeof byte, c) || !take_u64(&exponent, c)) return false;
    for (int k = 3; k >= 0; k--) mantissa = mantissa << 8 | byte[k];
    int64_t power = (int64_t)exponent;
    if (mantissa >= UINT32_C(1) << MAG_BITS || power < -(INT64_C(1) << 40) || power > INT64_C(1) << 40) return false;
    mag_set_ui(out, mantissa);
    mag_mul_2exp_si(out, out, (slong)power - MAG_BITS);
    return true;
}

static bool take_vector(fp_grid_vec *x, fp_certificate *c)
{
    uint64_t exponent, digit;
    size_t count = (size_t)x->limbs * x->len;
    if (!take_u64(&exponent, c)) return false;
    if (count > c->room) {
        c->digits = fp_realloc(c->digits, count, sizeof *c->digits);
        c->room = count;
    }
    for (size_t r = 0; r < count; r++) {
        if (!take_u64(&digit, c)) return false;
        c->digits[r] = (int64_t)digit;
    }
    return fp_grid_set_digits(x, (slong)(int64_t)exponent, c->digits);
}

static bool take_knot(fp_leg *x, fp_certificate *c)
{
    for (size_t v = 0; v < x->vectors; v++)
        if (fp_interrupted() || !take_vector(fp_leg_at(x, v, 0), c)) return false;
    return true;
}

/* ---- the head */
static bool take_line(char **name, char **value, fp_certificate *c, fp_text *line)
{
    char byte;
    line->len = 0;
    do {
        if (line->len > HEAD_MAX || !take(&byte, 1, c)) return false;
        if (byte == 0) return false;
        fp_text_addn(line, &byte, 1);
    } while (byte != '\n');
    line->data[line->len - 1] = 0;
    *name = line->data;
    *value = strchr(line->data, ' ');
    if (*value) *(*value)++ = 0;
    return true;
}

static bool take_text(char **out, const char *expected, fp_certificate *c, fp_text *line)
{
    char *name, *value;
    if (!take_line(&name, &value, c, line) || !value || strcmp(name, expected) != 0) return false;
    *out = fp_strdup(value);
    return true;
}

static bool take_number(long *out, const char *expected, fp_certificate *c, fp_text *line)
{
    char *name, *value, *end;
    if (!take_line(&name, &value, c, line) || !value || strcmp(name, expected) != 0) return false;
    errno = 0;
    *out = strtol(value, &end, 10);
    return errno == 0 && end != value && *end == 0 && *out >= 0;
}

static fp_status take_version(fp_certificate *c, fp_text *line, fp_error *err)
{
    long version = 0;
    char what[160];
    if (!take_number(&version, FP_CERTIFICATE_WORD, c, line)) return reject(c, err, "its head is not that of a certificate");
    snprintf(what, sizeof what, "it is of version %ld, and version %d is read here: 'flowproof check --certificate FILE' makes it anew", version, FP_CERTIFICATE_VERSION);
    return version == FP_CERTIFICATE_VERSION ? FP_OK : reject(c, err, what);
}

static bool take_head(fp_certificate *c, fp_text *line)
{
    char *name, *value;
    bool ok = true;
#define FP_TAKE(field) ok = ok && take_text(&c->head.field, #field, c, line);
    FP_CERTIFICATE_TEXTS(FP_TAKE)
#undef FP_TAKE
#define FP_TAKE(field) ok = ok && take_number(&c->head.field, #field, c, line);
    FP_CERTIFICATE_NUMBERS(FP_TAKE)
#undef FP_TAKE
    return ok && take_line(&name, &value, c, line) && name[0] == 0 && !value;
}

static bool head_is_sane(const fp_certificate_head *h)
{
    return h->limbs >= 1 && h->limbs <= FP_GRID_LIMBS_MAX && h->order >= 1 && h->order <= FP_SERIES_ORDER_MAX &&
           h->d >= 1 && h->rows_v >= 1 && h->rows_k >= 1 && h->precision >= FP_PREC_MIN && h->precision <= FP_PREC_MAX && h->twins <= 1;
}

fp_status fp_certificate_open(fp_certificate **out, const char *path, fp_error *err)
{
    *out = NULL;
    int fd;
    if (fp_file_open(&fd, path, err) != FP_OK) return err->code;
    FILE *file = fdopen(fd, "rb");
    if (!file) return close(fd), fp_fail(err, FP_BAD_INPUT, "%s: cannot be read: %s", path, strerror(errno));
    fp_certificate *c = fp_alloc(1, sizeof *c);
    c->file = file;
    c->path = fp_strdup(path);
    c->ended = FP_CHAIN_STOPPED;
    fp_text line = {0};
    fp_status status = measure(c, err);
    if (status == FP_OK) status = check_digest(c, err);
    if (status == FP_OK) status = take_version(c, &line, err);
    if (status == FP_OK && !take_head(c, &line)) status = reject(c, err, "a line of its head cannot be read");
    if (status == FP_OK && !head_is_sane(&c->head)) status = reject(c, err, "a size in its head is out of range");
    fp_text_clear(&line);
    if (status != FP_OK)
        fp_certificate_free(c);
    else
        *out = c;
    return status;
}

void fp_certificate_free(fp_certificate *c)
{
    if (!c) return;
    fclose(c->file);
    free(c->path);
    free(c->digits);
    fp_certificate_head_clear(&c->head);
    free(c);
}

const fp_certificate_head *fp_certificate_get_head(const fp_certificate *c)
{
    return &c->head;
}

fp_chain_outcome fp_certificate_ended(const fp_certificate *c)
{
    return c->ended;
}

/* ---- records */
static fp_status take_end(fp_leg *x, fp_certificate *c, fp_error *err)
{
    static const char letters[] = FP_CERTIFICATE_END_LETTERS;
    uint64_t steps;
    char letter;
    if (!take_arf(x->left, c) || !take_u64(&steps, c) || !take(&letter, 1, c)) return reject(c, err, "its end record cannot be read");
    const char *found = letter ? strchr(letters, letter) : NULL;
    if (!found) return reject(c, err, "its end record does not say why it ends there");
    if (steps != c->steps) return reject(c, err, "it has another number of steps than it says");
    c->ended = (fp_chain_outcome)(found - letters);
    return c->at + DIGEST_BYTES == c->size ? FP_OK : reject(c, err, "something follows its end");
}

fp_status fp_certificate_next(fp_record *out, fp_leg *x, fp_certificate *c, fp_error *err)
{
    char kind, has_knot;
    out->more = false;
    if (!take(&kind, 1, c)) return reject(c, err, "it ends before its end record");
    if (kind == 'E') return take_end(x, c, err);
    if (kind != 'S') return reject(c, err, "neither a step nor the end");
    if (!take_arf(x->left, c) || !take_arf(out->h, c) || !take_mag(x->room, c) || !take(&has_knot, 1, c)) return reject(c, err, "a step cannot be read");
    if (arf_sgn(out->h) <= 0) return reject(c, err, "a step does not go forward in time");
    if (has_knot != 'K' && has_knot != '-') return reject(c, err, "a step has neither a knot nor none");
    out->has_knot = has_knot == 'K';
    if (out->has_knot && !take_knot(x, c)) return reject(c, err, "a knot cannot be read");
    c->steps++;
    out->more = true;
    return FP_OK;
}
