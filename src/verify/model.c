/* SPDX-License-Identifier: MIT */
/* The flow (certificate.md, (1)) as a program of scalar series and sums of products: h in the last three kinds of node, since time is scaled. */
#include <stdlib.h>

#include "verify_impl.h"

/* Pairs that occur, key-major, from which `pair` is renumbered. */
static void find_pairs(fp_leg *x)
{
    size_t all = (size_t)(x->d * x->d);
    x->pair = fp_alloc(all, sizeof *x->pair);
    x->key = fp_alloc(all, sizeof *x->key);
    x->query = fp_alloc(all, sizeof *x->query);
    for (long i = 0; i < x->n; i++)
        for (long l = 0; l < x->L; l++)
            for (long h = 0; h < x->L; h++) x->pair[x->token[i * x->L + h] * x->d + x->token[i * x->L + l]] = 1;
    for (size_t e = 0; e < all; e++) {
        bool occurs = x->pair[e] != 0;
        x->pair[e] = occurs ? (long)x->pairs : -1;
        if (!occurs) continue;
        x->key[x->pairs] = e / (size_t)x->d;
        x->query[x->pairs++] = e % (size_t)x->d;
    }
}

static void set_factors(fp_leg *x)
{
    x->factor = _arb_vec_init(FP_MODEL_FACTORS);
    arb_ptr root = x->factor + FP_MODEL_ROOT_M;
    arb_rsqrt_ui(root, (ulong)x->problem->m, x->prec);
    arb_one(x->factor + FP_MODEL_N);
    arb_div_ui(x->factor + FP_MODEL_N, x->factor + FP_MODEL_N, (ulong)x->n, x->prec);
    arb_mul(x->factor + FP_MODEL_N_ROOT_M, root, x->factor + FP_MODEL_N, x->prec);
}

/* G_t = u.v_t, s = k.q/sqrt m */
static void write_forms(fp_leg *x, size_t *E)
{
    for (long t = 0; t < x->d; t++) x->G[t] = fp_tape_add(&x->tape, FP_TAPE_DOT, 0, fp_leg_v(t), NULL);
    for (size_t e = 0; e < x->pairs; e++) {
        x->s[e] = fp_tape_add(&x->tape, FP_TAPE_DOT, fp_leg_k(x, (long)x->key[e]), fp_leg_q(x, (long)x->query[e]), x->factor + FP_MODEL_ROOT_M);
        E[e] = fp_tape_add(&x->tape, FP_TAPE_EXP, x->s[e], 0, NULL);
    }
}

static size_t pair_at(const fp_leg *x, long i, long l, long h)
{
    const long *token = x->token + i * x->L;
    return (size_t)x->pair[token[h] * x->d + token[l]];
}

/* p_h = E_h / sum E, o = sum_h p_h G_h */
static void write_row(fp_leg *x, const size_t *E, long i, long l)
{
    fp_tape *t = &x->tape;
    size_t *p = x->p + (i * x->L + l) * x->L, first = t->terms;
    for (long h = 0; h < x->L; h++) fp_tape_term_add(t, E[pair_at(x, i, l, h)], 1);
    size_t Z = fp_tape_sum(t, first, NULL);
    for (long h = 0; h < x->L; h++) p[h] = fp_tape_add(t, FP_TAPE_DIV, E[pair_at(x, i, l, h)], Z, NULL);
    first = t->terms;
    for (long h = 0; h < x->L; h++) fp_tape_term_add(t, fp_tape_add(t, FP_TAPE_MUL, p[h], x->G[x->token[i * x->L + h]], NULL), 1);
    x->o[i * x->L + l] = fp_tape_sum(t, first, NULL);
}

/* F = sum_l o_l, g = 1/(1 + exp(y F)) */
static void write_sample(fp_leg *x, const size_t *E, long i)
{
    fp_tape *t = &x->tape;
    for (long l = 0; l < x->L; l++) write_row(x, E, i, l);
    size_t first = t->terms;
    for (long l = 0; l < x->L; l++) fp_tape_term_add(t, x->o[i * x->L + l], 1);
    x->F[i] = fp_tape_sum(t, first, NULL);
    first = t->terms;
    fp_tape_term_add(t, x->F[i], x->problem->label[i]);
    x->g[i] = fp_tape_logistic(t, fp_tape_sum(t, first, NULL));
}

/* Shares y g p of c (of the key's token) and y g p (G - o) of N (of the pair), by position */
static void write_shares(fp_leg *x, size_t *of_c, size_t *of_N)
{
    fp_tape *t = &x->tape;
    for (long row = 0; row < x->n * x->L; row++)
        for (long h = 0; h < x->L; h++) {
            long i = row / x->L, at = row * x->L + h;
            of_c[at] = fp_tape_add(t, FP_TAPE_MUL, x->g[i], x->p[at], NULL);
            size_t first = t->terms;
            fp_tape_term_add(t, x->G[x->token[i * x->L + h]], 1);
            fp_tape_term_add(t, x->o[row], -1);
            of_N[at] = fp_tape_add(t, FP_TAPE_MUL, of_c[at], fp_tape_sum(t, first, NULL), NULL);
        }
}

/* out[b]: the sum over the positions of bucket b of y times their shares; the positions are gathered by counting. */
static void write_sum(fp_leg *x, size_t *out, const size_t *share, const size_t *bucket, size_t buckets, int factor)
{
    size_t positions = (size_t)(x->n * x->L * x->L), of_sample = (size_t)(x->L * x->L);
    size_t *end = fp_alloc(buckets + 1, sizeof *end), *sorted = fp_alloc(positions, sizeof *sorted);
    for (size_t at = 0; at < positions; at++) end[bucket[at] + 1]++;
    for (size_t b = 0; b < buckets; b++) end[b + 1] += end[b];
    for (size_t at = 0; at < positions; at++) sorted[end[bucket[at]]++] = at;
    for (size_t b = 0, at = 0; b < buckets; b++) {
        size_t first = x->tape.terms;
        for (; at < end[b]; at++) fp_tape_term_add(&x->tape, share[sorted[at]], x->problem->label[sorted[at] / of_sample]);
        out[b] = fp_tape_sum(&x->tape, first, x->factor + factor);
    }
    free(end);
    free(sorted);
}

static void write_sums(fp_leg *x, const size_t *of_c, const size_t *of_N)
{
    size_t *token = fp_alloc((size_t)(x->n * x->L * x->L), sizeof *token), *pair = fp_alloc((size_t)(x->n * x->L * x->L), sizeof *pair), at = 0;
    for (long i = 0; i < x->n; i++)
        for (long l = 0; l < x->L; l++)
            for (long h = 0; h < x->L; h++, at++) {
                token[at] = (size_t)x->token[i * x->L + h];
                pair[at] = pair_at(x, i, l, h);
            }
    write_sum(x, x->c, of_c, token, (size_t)x->d, FP_MODEL_N);
    write_sum(x, x->N, of_N, pair, x->pairs, FP_MODEL_N_ROOT_M);
    free(token);
    free(pair);
}

static size_t times(fp_leg *x, size_t node, int factor)
{
    size_t first = x->tape.terms;
    fp_tape_term_add(&x->tape, node, 1);
    return fp_tape_sum(&x->tape, first, x->factor + factor);
}

static void move(fp_leg *x, size_t vector, size_t scalar, size_t by)
{
    fp_leg_products *list = x->moved_by + vector;
    if (list->count == list->room) list->at = fp_realloc(list->at, list->room = 2 * list->room + 4, sizeof *list->at);
    list->at[list->count++] = (fp_leg_product){scalar, by};
}

/* u' = m1 sum c v, v' = c u, k_nu' = sum N q_mu, q_mu' = sum N k_nu, times h */
static void write_field(fp_leg *x)
{
    for (long t = 0; t < x->d; t++) {
        move(x, 0, x->m1hc[t] = times(x, x->c[t], FP_MODEL_M1H), fp_leg_v(t));
        move(x, fp_leg_v(t), x->hc[t] = times(x, x->c[t], FP_MODEL_H), 0);
    }
    for (size_t e = 0; e < x->pairs; e++) {
        size_t k = fp_leg_k(x, (long)x->key[e]), q = fp_leg_q(x, (long)x->query[e]);
        move(x, k, x->hN[e] = times(x, x->N[e], FP_MODEL_H), q);
        move(x, q, x->hN[e], k);
    }
}

static size_t **kinds(size_t k, fp_leg *x, size_t *count)
{
    const size_t d = (size_t)x->d, n = (size_t)x->n, L = (size_t)x->L, counts[] = {d, x->pairs, n * L * L, n * L, n, n, d, x->pairs, d, d, x->pairs};
    size_t **const list[] = {&x->G, &x->s, &x->p, &x->o, &x->F, &x->g, &x->c, &x->N, &x->hc, &x->m1hc, &x->hN};
    if (count) *count = counts[k];
    return list[k];
}

enum { KINDS = 11 };

void fp_model_write(fp_leg *x)
{
    size_t count, positions = (size_t)(x->n * x->L * x->L);
    x->token = fp_alloc((size_t)(x->n * x->L), sizeof *x->token);
    for (long at = 0; at < x->n * x->L; at++) x->token[at] = x->problem->token[at] - 1;
    find_pairs(x);
    set_factors(x);
    for (size_t k = 0; k < KINDS; k++) {
        size_t **nodes = kinds(k, x, &count);
        *nodes = fp_alloc(count, sizeof **nodes);
    }
    x->moved_by = fp_alloc(x->vectors, sizeof *x->moved_by);
    size_t *E = fp_alloc(x->pairs, sizeof *E), *of_c = fp_alloc(positions, sizeof *of_c), *of_N = fp_alloc(positions, sizeof *of_N);
    fp_tape_init(&x->tape, x->order, x->prec);
    write_forms(x, E);
    for (long i = 0; i < x->n; i++) write_sample(x, E, i);
    write_shares(x, of_c, of_N);
    write_sums(x, of_c, of_N);
    write_field(x);
    free(E);
    free(of_c);
    free(of_N);
}

void fp_model_clear(fp_leg *x)
{
    for (size_t k = 0; k < KINDS; k++) free(*kinds(k, x, NULL));
    for (size_t v = 0; v < x->vectors; v++) free(x->moved_by[v].at);
    free(x->moved_by);
    fp_tape_clear(&x->tape);
    _arb_vec_clear(x->factor, FP_MODEL_FACTORS);
    free(x->token);
    free(x->pair);
    free(x->key);
    free(x->query);
}
