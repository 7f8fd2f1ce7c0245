/* SPDX-License-Identifier: MIT */
/* The generalisation loss Lgen = E loss(y F(X)) over the data distribution of Def. 2.1, at one state. F does not depend on the order of the tokens, so a sample is one of four classes (which of the
 * tokens 1, 2 it holds besides 3; weights 1/2, 1/6, 1/6, 1/6) and a multiset of r random tokens, each uniform on 4..d: r = L-3, L-2, L-2, L-1.
 * Tables are weight(nu, mu) = exp(score[nu,mu]/sqrt m), key nu, query mu, and G. All results are balls. */
#ifndef FP_CLAIMS_POPULATION_H
#define FP_CLAIMS_POPULATION_H

#include "flowproof/problem.h"

enum { FP_POPULATION_MOST = 2000000, FP_POPULATION_DRAWS = 4096 };

typedef struct {
    long d, L;
    slong prec;
    arb_ptr weight, weighted; /* d x d, key-major: E, and E G of the key */
} fp_population;
void fp_population_init(fp_population *p, long d, long L, slong prec); /* tables are zero */
void fp_population_clear(fp_population *p);

/* Why it cannot be had, or NULL: L < 3, or a random token is needed and d = 3. */
const char *fp_population_why_not(long d, long L);
double fp_population_multisets(long d, long L); /* in all four classes together; infinity if beyond doubles */

/* Lgen, by enumeration of all multisets: exact up to the ball. */
void fp_population_exact(arb_t out, const fp_population *p);
/* An upper bound of Lgen: per class the worst token choice. For one query mu, min and max over the r random keys of (A + sum E G)/(B + sum E) are attained where all are the same token (for every
 * lambda, sum E (G - lambda) is extreme there: Dinkelbach), so each query position is exact; positions are then added up. */
void fp_population_bound(arb_t out, const fp_population *p);
/* An upper bound, by the same argument, of the share of random tokens, max over samples of |sum_l sum_{k random} p_lk G(x_k)|. */
void fp_population_random_share(arb_t out, const fp_population *p);
/* Lgen estimated from FP_POPULATION_DRAWS samples a class, stratified: a two-sided confidence interval of level 999/1000 by the empirical Bernstein inequality (Maurer and Pontil, COLT 2009, Thm. 4) with
 * the range [0, worst loss of the class]. Not an enclosure: what rests on it is never more than 'supported'. */
void fp_population_sampled(arb_t out, const fp_population *p, uint64_t seed);

#endif
