/* SPDX-License-Identifier: MIT */
/* A strict reader of JSON (RFC 8259) for tests: no duplicate names, no lone surrogates, nothing after the document. */
#ifndef FLOWPROOF_TEST_JSON_READER_H
#define FLOWPROOF_TEST_JSON_READER_H

#include "flowproof/base.h"

typedef enum { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } json_kind;

typedef struct json {
    json_kind kind;
    char *key;  /* in an object */
    char *text; /* STRING decoded, NUMBER as written */
    struct json *first, *next;
    size_t begin, end; /* bytes of the document */
} json;

/* NULL and a sentence in *why (to be freed) if the bytes are not one JSON document. */
json *json_read(const char *data, size_t len, char **why);
void json_free(json *j);
/* Member by path, e.g. "result.claims.3.verdict"; NULL if there is none. */
const json *json_at(const json *j, const char *path);
size_t json_count(const json *j);

#endif
