/* SPDX-License-Identifier: MIT */
/* Writing a certificate (certificate.h has the format). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowproof/certificate.h"

struct fp_certificate_writer {
    FILE *file;
    char *path, *temporary;
    fp_sha256 sha;
    unsigned long every, steps;
    bool failed;
    int error_number;
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
    if (w->failed) return;
    fp_sha256_add(&w->sha, data, len);
    w->failed = fwrite(data, 1, len, w->file) != len;
    if (w->failed) w->error_number = errno;
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
    if (len > FP_CERTIFICATE_ARF_TEXT_MAX) {
        w->failed = true;
        w->error_number = EOVERFLOW;
    }
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
    if (!plain && !mag_is_zero(x)) {
        w->failed = true;
        w->error_number = EOVERFLOW;
    }
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
    char *temporary = fp_asprintf("%s.%ld.tmp", path, (long)getpid());
    FILE *file = fopen(temporary, "wbx");
    if (!file) {
        fp_fail(err, FP_IO, "%s: cannot be written: %s", temporary, strerror(errno));
        free(temporary);
        return err->code;
    }
    fp_certificate_writer *w = fp_alloc(1, sizeof *w);
    *w = (fp_certificate_writer){.file = file, .path = fp_strdup(path), .temporary = temporary, .every = every ? every : 1};
    fp_sha256_init(&w->sha);
    put_head(w, head);
    *out = w;
    return FP_OK;
}

static fp_status io_status(const fp_certificate_writer *w, fp_error *err)
{
    return w->failed ? fp_fail(err, FP_IO, "%s: %s", w->path, strerror(w->error_number)) : FP_OK;
}

fp_status fp_certificate_add(fp_certificate_writer *w, const fp_step *s, fp_error *err)
{
    arf_t h;
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
    return io_status(w, err);
}

static void writer_free(fp_certificate_writer *w)
{
    free(w->path);
    free(w->temporary);
    free(w);
}

void fp_certificate_abandon(fp_certificate_writer *w)
{
    if (!w) return;
    fclose(w->file);
    remove(w->temporary);
    writer_free(w);
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
    put(w, FP_CERTIFICATE_END_LETTERS + ended, 1);
    seal(w);
    if (!w->failed && (fflush(w->file) != 0 || fsync(fileno(w->file)) != 0)) {
        w->failed = true;
        w->error_number = errno;
    }
    if (fclose(w->file) != 0 && !w->failed) {
        w->failed = true;
        w->error_number = errno;
    }
    if (!w->failed && rename(w->temporary, w->path) != 0) {
        w->failed = true;
        w->error_number = errno;
    }
    fp_status status = io_status(w, err);
    if (status != FP_OK) remove(w->temporary);
    writer_free(w);
    return status;
}
