/* SPDX-License-Identifier: MIT */
/* The comparison matrix block by block, for the tests of mu. */
#ifndef FP_TEST_COMPARISON_H
#define FP_TEST_COMPARISON_H

#include "second_variation.h"

typedef enum { UV, UK, UQ, KK, QQ, KQ, KV, QV, FAMILIES } comparison_family;
extern const char *const comparison_name[FAMILIES];

/* Blocks of a direction: 0 is u, then V, K, Q by tokens; where block b begins. */
size_t plain_block(const plain_state *s, size_t block);
mag_ptr comparison_entries(const fp_comparison *B, int f);
size_t comparison_size(const fp_comparison *B, int f);
/* The pair of blocks of entry e of a family. */
void comparison_blocks(size_t *a, size_t *b, const fp_comparison *B, int f, size_t e);
/* A copy without the families of the mask. */
void comparison_without(fp_comparison *out, const fp_comparison *B, const fp_series_shape *shape, unsigned mask);
/* a^T B a, a_b the norm of the direction's block b */
double comparison_form(const fp_comparison *B, const plain_state *s, const double *direction);
/* The direction in two blocks (or one, a = b) in which M is largest for equal norms in both: singular vectors of that block of M, by power iteration. */
void comparison_direction(double *out, const plain_state *s, const double *M, size_t a, size_t b);
/* Up to `most` random blocks of random sizes and contents; the rest 0. */
void plain_sparse_direction(double *out, const plain_state *s, fp_rng *r, uint64_t most);

#endif
