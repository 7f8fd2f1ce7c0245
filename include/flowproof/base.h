/* SPDX-License-Identifier: MIT */
/* Text, files, digests, random numbers and threads. Knows nothing of mathematics. */
#ifndef FLOWPROOF_BASE_H
#define FLOWPROOF_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "flowproof/status.h"

/* ---- interruption: one request for the process, usually made by a signal handler. Whatever may take longer than a moment (loops over the instance, the parts of a pool's work, reading, drawing) asks, and ends
 * early with worthless results. So whoever concludes something from such work (returns FP_OK, records a verdict, calls an observer, prints a value) asks once more *after* it, and fails with FP_INTERRUPTED: as
 * the request stands until the work has returned, what is concluded then rests on complete work only. */
void fp_interrupt(int why);  /* why: the signal's number or any other number that is not 0; 0 takes the request back, while nothing is at work. May be called in signal handlers and by any thread */
int fp_interrupted(void);    /* `why`, or 0 */

/* ---- memory: out of memory ends the process with exit status 4 and one message (GMP does the
 * same); sizes are products checked for overflow. Freed with free(). */
void *fp_alloc(size_t count, size_t size); /* zeroed */
void *fp_realloc(void *p, size_t count, size_t size);
char *fp_strdup(const char *s);
char *fp_strndup(const char *s, size_t n);
char *fp_asprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- growing text */
typedef struct {
    char *data; /* always NUL-terminated once non-NULL; owned */
    size_t len, cap;
} fp_text; /* {0} is a valid empty text */
void fp_text_clear(fp_text *t);
void fp_text_add(fp_text *t, const char *s);
void fp_text_addn(fp_text *t, const char *s, size_t n);
void fp_text_addf(fp_text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- characters. Text from sheets, file names, options, settings and certificates is data, whoever wrote it: what would act (controls, marks of direction,
 * zero width, line separators, malformed bytes) is never printed as it is. */

/* Length of the UTF-8 sequence that s begins with (len bytes are there), its code point in *code; 0 if it is none. */
size_t fp_utf8_read(uint32_t *code, const char *s, size_t len);
/* Does it act where text is shown, instead of being seen? */
bool fp_character_acts(uint32_t code);
int fp_text_width(const char *s); /* columns on a terminal */
extern const char fp_unreadable[]; /* U+FFFD, which stands for what may not be shown */
/* Replacement of the ASCII character at `at`, or NULL to keep it; what is behind it may be looked at. */
typedef const char *(*fp_escape)(const char *at);
/* len bytes of s as one line that is safe everywhere: ASCII by way of `escape` (NULL: kept), then white space is a blank and other ASCII controls are '?';
 * what acts or is malformed is U+FFFD. The escapers of the formats are built on this. */
void fp_text_add_escaped(fp_text *out, const char *s, size_t len, fp_escape escape);
void fp_text_add_safe(fp_text *out, const char *s); /* the whole of s (NULL: nothing) without an escape: for a terminal */
void fp_text_add_lines(fp_text *out, const char *s); /* the same, but '\n' stays */
/* s, cut after 40 characters, for the middle of a message. Returns out. */
enum { FP_QUOTE_CHARACTERS = 40, FP_QUOTE = 4 * FP_QUOTE_CHARACTERS + 4 };
const char *fp_quote(char out[FP_QUOTE], const char *s, size_t len);

/* ---- text files as editors, spreadsheets and PDFs write them */
typedef struct {
    size_t line, column; /* column: characters, from 1 */
    char what[160];      /* "found ...; what to do" */
} fp_text_fault;
/* Makes UTF-8 with '\n' line ends and plain blanks of what people save: CRLF and CR, a byte order mark in front, no-break and other odd spaces are accepted and
 * replaced, one character by one, so that columns stay. False, and the first fault, at what cannot stand in such a file: other encodings, controls, line
 * separators, invisible marks at the beginning of a line; the text is then to be shown only. */
bool fp_text_tidy(fp_text *t, fp_text_fault *fault);
/* fp_file_read and fp_text_tidy; faults as "path:line:column: found ..." */
fp_status fp_text_file_read(fp_text *out, const char *path, size_t max_bytes, fp_error *err);
/* Where only ASCII has a meaning: names the first other character of s by code point and says what to type instead, "U+2264 (less than or equal) has no meaning
 * here; write <=". False if there is none; else its offset in *at. */
enum { FP_HINT = 160 };
bool fp_character_hint(char out[FP_HINT], size_t *at, const char *s, size_t len);

/* Shell-style glob over the whole string: * matches any run ('/' included), ? one character. */
bool fp_glob_match(const char *pattern, const char *s);
/* The candidate closest to word in edit distance if it is close enough to suggest, else NULL. */
const char *fp_closest(const char *word, const char *const *candidates, size_t count);

/* ---- files */
/* Opens a regular file for reading (a link to one will do); folders, pipes, sockets and devices are refused, never waited for: FP_BAD_INPUT with the path and reason. */
fp_status fp_file_open(int *out, const char *path, fp_error *err);
/* Whole file into text (binary safe, data[len] = 0). Errors: as fp_file_open, and files above max_bytes. */
fp_status fp_file_read(fp_text *out, const char *path, size_t max_bytes, fp_error *err);
/* Write to `path` by way of a temporary file in the same folder, fsync, rename: either the old content or
 * the whole new one is there. "-" writes to stdout and flushes; a pipe, FIFO or device gets the bytes as they are (a FIFO that nobody opens within
 * three seconds is an error). Every error of write, fsync, close and rename is FP_IO. */
fp_status fp_file_write(const char *path, const char *data, size_t len, fp_error *err);
/* "-", or what exists and is neither a file nor a folder: it can be written once, and not replaced. */
bool fp_file_is_stream(const char *path);
/* The same piece by piece, for a large file. A writer is used by one thread at a time. Temporary files that killed runs left in the folder are removed. */
typedef struct fp_writer fp_writer;
fp_status fp_writer_open(fp_writer **out, const char *path, fp_error *err);
fp_status fp_writer_put(fp_writer *w, const void *data, size_t len, fp_error *err); /* buffered: a failure may show later; it stays */
fp_status fp_writer_close(fp_writer *w, fp_error *err);               /* the file is there now, or *err says why not; frees w */
void fp_writer_abandon(fp_writer *w);                                 /* no file; NULL is allowed */
/* Makes the folder and its parents. FP_IO if that is impossible or it is not writable. */
fp_status fp_dir_make(const char *path, fp_error *err);
/* All files under `path` (a file or a folder, recursively) whose name ends in `suffix`, sorted bytewise by path; names are owned by the list. Names that begin
 * with a dot are passed over, in folders. FP_BAD_INPUT if path does not exist, or if a folder in it has a name that ends so. */
typedef struct {
    char **items;
    size_t count;
} fp_list;
fp_status fp_dir_list(fp_list *out, const char *path, const char *suffix, fp_error *err);
void fp_list_add(fp_list *list, const char *s); /* copies s */
void fp_list_clear(fp_list *list);

/* ---- SHA-256 (FIPS 180-4) */
typedef struct {
    uint32_t h[8];
    uint64_t bytes;
    unsigned char block[64];
} fp_sha256;
void fp_sha256_init(fp_sha256 *s);
void fp_sha256_add(fp_sha256 *s, const void *data, size_t len);
void fp_sha256_hex(char out[65], fp_sha256 *s); /* finishes s */

/* ---- random bits: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011), counter based, so every
 * (seed, stream, index) is an independent draw and streams never overlap. key = seed (64 bits),
 * counter = (index low, index high, stream, 0). */
typedef struct {
    uint64_t seed;
    uint32_t stream;
    uint64_t index; /* next block */
    uint32_t block[4];
    unsigned used; /* words of block already given out; 4 = none left */
} fp_rng;
void fp_philox4x32(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]);
void fp_rng_init(fp_rng *r, uint64_t seed, uint32_t stream);
uint32_t fp_rng_u32(fp_rng *r);
uint64_t fp_rng_u64(fp_rng *r);
uint64_t fp_rng_below(fp_rng *r, uint64_t bound); /* uniform on 0..bound-1 without bias; bound >= 1 */

/* ---- threads: a fixed pool. fp_pool_run calls task(ctx, part) for part = 0..parts-1, each exactly once, on
 * any thread, and returns when all are done. The caller divides the work by `part` only, so results cannot depend on
 * the number of threads. Once fp_interrupted(), parts that have not begun are left out. pool NULL runs serially. Threads call flint_cleanup-like hooks at their end. */
typedef struct fp_pool fp_pool;
fp_pool *fp_pool_new(int threads); /* threads >= 1 */
void fp_pool_free(fp_pool *pool);
int fp_pool_threads(const fp_pool *pool); /* 1 for NULL */
void fp_pool_run(fp_pool *pool, size_t parts, void (*task)(void *ctx, size_t part), void *ctx);
/* A function that every worker calls before it ends (libraries' thread-local caches). */
void fp_pool_on_exit(fp_pool *pool, void (*hook)(void));

#endif
