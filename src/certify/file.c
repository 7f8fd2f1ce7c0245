/* SPDX-License-Identifier: MIT */
/* Writing a certificate (certificate.h has the format). */
#include <stdlib.h>
#include <string.h>

#include "flowproof/certificate.h"

struct fp_certificate_writer {
    fp_writer *file;
    fp_sha256 sha;
    unsigned long every, steps;
    fp_error failure; /* the first one */
};

void fp_certificate_head_clear(fp_certificate_head *head)
{
#define FP_FREE(name) free(head->name);
    FP_CERTIFICATE_TEXTS(FP_FREE)
#undef FP_FREE
    *head = (fp_certificate_head){0};
}

/* ---- bytes; errors are remembered and reported once */
static void put(fp_certificate_writer *w, const void *data, size_t len)
{
    fp_sha256_add(&w->sha, data, len);
    if (w->failure.code == FP_OK) (void)fp_writer_put(w->file, data, len, &w->failure);
}

static void refuse(fp_certificate_writer *w)
{
    if (w->failure.code == FP_OK) fp_fail(&w->failure, FP_IO, "a certificate cannot hold a number of this size");
}

static void put_u64(fp_certificate_writer *w, uint64_t x)
{
    unsigned char byte[8];
    for (int k = 0; k < 8; k++) byte[k] = (unsigned char)(x >> 8 * k);
    put(w, byte, sizeof byte);
}

static void put_arf(fp_certificate_writer *w, const arf_t x)
{
    char *text = arf_dump_str(x);
    size_t len = strlen(text);
    unsigned char byte = (unsigned char)len;
    if (len > FP_CERTIFICATE_ARF_TEXT_MAX) refuse(w);
    put(w, &byte, 1);
    put(w, text, len);
    flint_free(text);
}

static void put_mag(fp_certificate_writer *w, const mag_t x)
{
    uint32_t mantissa = (uint32_t)MAG_MAN(x);
    unsigned char byte[4];
    for (int k = 0; k < 4; k++) byte[k] = (unsigned char)(mantissa >> 8 * k);
    bool plain = !mag_is_special(x) && !COEFF_IS_MPZ(MAG_EXP(x));
    if (!plain && !mag_is_zero(x)) refuse(w);
    put(w, byte, sizeof byte);
    put_u64(w, plain ? (uint64_t)(int64_t)MAG_EXP(x) : 0);
}

static void put_vector(fp_certificate_writer *w, const fp_grid_vec *x)
{
    put_u64(w, (uint64_t)(int64_t)x->exponent);
    for (size_t r = 0; r < (size_t)x->limbs * x->len; r++) put_u64(w, (uint64_t)x->digit[r]);
}

static void put_knot(fp_certificate_writer *w, fp_series *s)
{
    static const fp_series_block blocks[] = {FP_SERIES_V, FP_SERIES_K, FP_SERIES_Q};
    put_vector(w, fp_series_vector(s, FP_SERIES_U, 0, 0));
    for (int b = 0; b < 3; b++)
        for (long t = 0; t < fp_series_get_shape(s)->d; t++) put_vector(w, fp_series_vector(s, blocks[b], t, 0));
}

static void put_head(fp_certificate_writer *w, const fp_certificate_head *head)
{
    fp_text text = {0};
    fp_text_addf(&text, "%s %d\n", FP_CERTIFICATE_WORD, FP_CERTIFICATE_VERSION);
#define FP_PUT(name) fp_text_addf(&text, "%s %s\n", #name, head->name);
    FP_CERTIFICATE_TEXTS(FP_PUT)
#undef FP_PUT
#define FP_PUT(name) fp_text_addf(&text, "%s %ld\n", #name, head->name);
    FP_CERTIFICATE_NUMBERS(FP_PUT)
#undef FP_PUT
    fp_text_add(&text, "\n");
    put(w, text.data, text.len);
    fp_text_clear(&text);
}

_Static_assert(sizeof FP_CERTIFICATE_END_LETTERS == FP_CHAIN_INTERRUPTED + 2, "a letter for every way in which a chain ends");

static bool has_line_break(const fp_certificate_head *head)
{
    bool any = false;
#define FP_LOOK(name) any |= strpbrk(head->name, "\r\n") != NULL;
    FP_CERTIFICATE_TEXTS(FP_LOOK)
#undef FP_LOOK
    return any;
}

fp_status fp_certificate_create(fp_certificate_writer **out, const char *path, const fp_certificate_head *head, unsigned long every, fp_error *err)
{
    *out = NULL;
    if (has_line_break(head)) return fp_fail(err, FP_BAD_INPUT, "%s: a file name with a line break cannot be written into a certificate", path);
    fp_writer *file;
    if (fp_writer_open(&file, path, err) != FP_OK) return err->code;
    fp_certificate_writer *w = fp_alloc(1, sizeof *w);
    *w = (fp_certificate_writer){.file = file, .every = every ? every : 1};
    fp_sha256_init(&w->sha);
    put_head(w, head);
    *out = w;
    return FP_OK;
}

fp_status fp_certificate_add(fp_certificate_writer *w, const fp_step *s, fp_error *err)
{
    arf_t h;
    if (fp_step_is_estimated(s)) return fp_fail(err, FP_INTERNAL, "an estimated step in a certificate");
    arf_init(h);
    arf_sub(h, fp_step_right(s), fp_step_left(s), ARF_PREC_EXACT, ARF_RND_DOWN);
    put(w, "S", 1);
    put_arf(w, fp_step_left(s));
    put_arf(w, h);
    put_mag(w, fp_step_room(s));
    bool knot = w->steps++ % w->every == 0;
    put(w, knot ? "K" : "-", 1);
    if (knot) put_knot(w, fp_step_series((fp_step *)s));
    arf_clear(h);
    if (w->failure.code != FP_OK) *err = w->failure;
    return w->failure.code;
}

void fp_certificate_abandon(fp_certificate_writer *w)
{
    if (!w) return;
    fp_writer_abandon(w->file);
    free(w);
}

static void seal(fp_certificate_writer *w)
{
    char hex[65];
    unsigned char byte[FP_CERTIFICATE_DIGEST_BYTES];
    fp_sha256 sha = w->sha;
    fp_sha256_hex(hex, &sha);
    for (int k = 0; k < FP_CERTIFICATE_DIGEST_BYTES; k++) {
        const char pair[3] = {hex[2 * k], hex[2 * k + 1], 0};
        byte[k] = (unsigned char)strtoul(pair, NULL, 16);
    }
    put(w, byte, sizeof byte);
}

fp_status fp_certificate_close(fp_certificate_writer *w, const arf_t t_end, fp_chain_outcome ended, fp_error *err)
{
    put(w, "E", 1);
    put_arf(w, t_end);
    put_u64(w, w->steps);
    put(w, &FP_CERTIFICATE_END_LETTERS[ended], 1);
    seal(w);
    fp_status status = w->failure.code;
    if (status == FP_OK)
        status = fp_writer_close(w->file, err);
    else {
        *err = w->failure;
        fp_writer_abandon(w->file);
    }
    free(w);
    return status;
}
