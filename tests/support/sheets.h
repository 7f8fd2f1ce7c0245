/* SPDX-License-Identifier: MIT */
/* Sheets in tests: a folder for the length of one test, reading text, and trees as fully bracketed text. */
#ifndef FP_TESTS_SHEETS_H
#define FP_TESTS_SHEETS_H

#include "fp_check.h"

#include "flowproof/sheet.h"

typedef struct {
    char path[64];
} test_folder;
void test_folder_make(test_folder *f);
void test_folder_write(const test_folder *f, const char *name, const char *data, size_t len);
void test_folder_remove(const test_folder *f); /* with the *.claim files in it */

/* The tree with every bracket and type, so that two trees are equal if and only if their texts are. */
void test_dump(fp_text *out, const fp_node *n);
void test_dump_claim(fp_text *out, const fp_claim *c);

/* A random proposition, fully bracketed, about the present time. */
void test_random_proposition(fp_text *out, fp_rng *r);
/* One to eight random changes: bytes, words lost, words doubled, lines lost. */
void test_mutate(fp_text *text, fp_rng *r);

#endif
