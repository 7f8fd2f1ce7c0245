/* SPDX-License-Identifier: MIT */
/* JSON (RFC 8259): strings for writers, and a strict reader: no duplicate names, no lone surrogates, no NUL in strings, nothing after the document, nesting at most
 * FP_JSON_DEPTH_MAX. Numbers are kept as written, since a double would not do. */
#ifndef FLOWPROOF_JSON_H
#define FLOWPROOF_JSON_H

#include "flowproof/base.h"

enum { FP_JSON_DEPTH_MAX = 64, FP_JSON_BYTES_MAX = 1 << 28 };

typedef enum { FP_JSON_NULL, FP_JSON_FALSE, FP_JSON_TRUE, FP_JSON_NUMBER, FP_JSON_STRING, FP_JSON_ARRAY, FP_JSON_OBJECT } fp_json_kind;

typedef struct fp_json fp_json;
struct fp_json {
    fp_json_kind kind;
    char *key;                 /* member of an object, decoded; else NULL */
    char *text;                /* STRING decoded, NUMBER as written; else NULL */
    fp_json *first, *next;     /* first element or member; the next one of the same parent */
    size_t count;              /* elements or members */
    size_t begin, end;         /* the bytes of the document that hold the value */
};

/* Reads one document. FP_BAD_INPUT: "name:line:column: what was found, what is wanted" (columns count characters); *out is NULL then. */
fp_status fp_json_read(fp_json **out, const char *data, size_t len, const char *name, fp_error *err);
void fp_json_free(fp_json *j); /* NULL is fine */

/* Member by path of names and indices from 0, e.g. "result.claims.3.verdict"; NULL if there is none. Names that hold '.' cannot be reached so. */
const fp_json *fp_json_at(const fp_json *j, const char *path);
/* Its text if it is a string or a number, else NULL. */
const char *fp_json_text(const fp_json *j, const char *path);
bool fp_json_is_true(const fp_json *j, const char *path);

/* Writing: s as a JSON string, quotes included: valid UTF-8 whatever s is; characters that act are escapes, malformed bytes U+FFFD. */
void fp_json_add_string(fp_text *out, const char *s);

#endif
