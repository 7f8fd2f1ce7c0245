/* SPDX-License-Identifier: MIT */
/* What each quantity of the language is, and where the paper defines it: numbers in brackets are the paper's equations. */
#include "flowproof/sheet.h"

static const struct {
    const char *written, *meaning, *paper; /* written: with its indices, NULL = the bare name */
} places[FP_BASE_COUNT] = {
    [FP_BASE_PARAM_N] = {NULL, "number of training samples", "Section 2.2, p. 4"},
    [FP_BASE_PARAM_L] = {NULL, "tokens of a sample", "Definition 2.1, p. 3"},
    [FP_BASE_PARAM_D] = {NULL, "size of the vocabulary, dimension of the embedding", "Definition 2.1, p. 3"},
    [FP_BASE_PARAM_M] = {NULL, "rows of W_V, W_K, W_Q", "with (1), p. 4"},
    [FP_BASE_PARAM_M1] = {NULL, "number of neurons of the MLP", "with (1), p. 4"},
    [FP_BASE_PARAM_SIGMA0] = {NULL, "standard deviation of W_V, W_K, W_Q at t = 0", "Initialization, p. 4; Condition 1, p. 5"},
    [FP_BASE_PARAM_SIGMA1] = {NULL, "standard deviation of W at t = 0", "Initialization, p. 4; Condition 1, p. 5"},
    [FP_BASE_PARAM_DELTA] = {NULL, "failure probability", "Condition 1, p. 5"},
    [FP_BASE_PARAM_CT1] = {NULL, "constant of the end of Phase 1, declared by the setting", "Definition E.2, p. 24"},
    [FP_BASE_PARAM_MARGIN] = {NULL, "least margin that T1m waits for, declared by the setting", "none; 'Omega(1)' of Theorem E.28, p. 44"},
    [FP_BASE_PARAM_POWER] = {NULL, "power of m that the loss comes down to, declared by the setting", "'1/poly(m)' of Theorem 3.3, p. 6"},
    [FP_BASE_PARAM_HORIZON] = {NULL, "end of the run, declared by the setting", "none"},
    [FP_BASE_PARAM_PI] = {NULL, "3.14159...", "none"},
    [FP_BASE_TIME] = {NULL, "time of the gradient flow", "Section 2.2, p. 4"},
    [FP_BASE_TOK] = {"tok[i,l]", "token of sample i at position l", "x_l of X^(i), Definition 2.1, p. 3"},
    [FP_BASE_Y] = {"y[i]", "label of sample i, +1 or -1", "Definition 2.1, p. 3"},
    [FP_BASE_A] = {"a[j]", "output weight of neuron j, +1 or -1, fixed", "(1) and Initialization, p. 4"},
    [FP_BASE_G] = {"G[mu]", "linear MLP function sum_j a_j w_j.v(mu)", "below (1), p. 4"},
    [FP_BASE_F] = {"F[i]", "network output of sample i, summed over query positions", "(1), p. 4"},
    [FP_BASE_GI] = {"g[i]", "1/(1 + exp(y_i F_i)), minus the derivative of the loss", "above (2), p. 4"},
    [FP_BASE_LOSSOF] = {"lossof[i]", "log(1 + exp(-y_i F_i)), loss of sample i", "above (2), p. 4"},
    [FP_BASE_S1] = {NULL, "sum of g over I1, the samples with both signals", "sums of Definition F.1, p. 44; I1: Definition 2.1, p. 3"},
    [FP_BASE_S2] = {NULL, "sum of g over I2, the samples with mu_1 only", "sums of Definition F.1, p. 44; I2: Definition 2.1, p. 3"},
    [FP_BASE_S3] = {NULL, "sum of g over I3, the samples with mu_2 only", "sums of Definition F.1, p. 44; I3: Definition 2.1, p. 3"},
    [FP_BASE_S4] = {NULL, "sum of g over I4, the samples without signal", "sums of Definition F.1, p. 44; I4: Definition 2.1, p. 3"},
    [FP_BASE_LOSS] = {NULL, "training loss Lhat", "(2), p. 4"},
    [FP_BASE_LOSSGEN] = {NULL, "generalization loss, the mean over the data distribution", "top of p. 5"},
    [FP_BASE_LOSSGEN_BOUND] = {NULL, "upper bound of the generalization loss, the worst tokens in each class", "none; the loss: top of p. 5"},
    [FP_BASE_LOSSGEN_SAMPLED] = {NULL, "its enclosure from a drawn sample, of level 999/1000", "none; the loss: top of p. 5"},
    [FP_BASE_RANDOM_SHARE] = {NULL, "upper bound of max over all samples of |sum_l sum_{k random} p G|",
                              "clause (j) of Definition F.1, p. 44, for every X"},
    [FP_BASE_SCORE] = {"score[nu,mu]", "k(nu).q(mu): key nu, query mu", "numerator of s_l, p. 4; its derivative is (7), p. 17"},
    [FP_BASE_KK] = {"KK[mu,nu]", "k(mu).k(nu)", "Theorem 3.1, p. 5; its derivative is in Lemma C.4, p. 19"},
    [FP_BASE_QQ] = {"QQ[mu,nu]", "q(mu).q(nu)", "Theorem 3.1, p. 5; its derivative is in Lemma C.4, p. 19"},
    [FP_BASE_VV] = {"VV[mu,nu]", "v(mu).v(nu)", "Theorem 3.1, p. 5; its derivative is in Lemma C.3, p. 19"},
    [FP_BASE_WV] = {"WV[j,mu]", "w_j.v(mu)", "with (1), p. 4; its derivative is (6), p. 17"},
    [FP_BASE_WW] = {"WW[j1,j2]", "w_j1.w_j2", "Theorem 3.1, p. 5; its derivative is in Lemma C.2, p. 18"},
    [FP_BASE_UNORM2] = {NULL, "|u|^2 = sum_j1 sum_j2 a_j1 a_j2 w_j1.w_j2", "(4), p. 8; its derivative is (5), p. 8"},
    [FP_BASE_C] = {"c[mu]", "(1/n) sum_i g_i y_i sum_l p_i[q<-l, k<-mu], so that W_V' = u c^T", "factor of |u|^2 in (4), p. 8; W_V': Appendix B, p. 16"},
    [FP_BASE_NN] = {"N[nu,mu]", "1/(n sqrt m) sum_i g_i y_i sum over query mu, key nu of p (G - o), so that W_K' = W_Q N^T, W_Q' = W_K N",
                    "Appendix B, p. 16; (7), p. 17"},
    [FP_BASE_P] = {"p[i,l,k]", "attention of query position l on key position k in sample i", "p_l, below (1), p. 4"},
    [FP_BASE_S] = {"s[i,l,k]", "score over sqrt m, the argument of the softmax", "s_l, below (1), p. 4"},
    [FP_BASE_O] = {"o[i,l]", "sum_k p_i[l,k] G(x_k), the share of query position l in F_i", "summand of (1), p. 4; in (7), p. 17"},
    [FP_BASE_VEC_U] = {NULL, "sum_j a_j w_j", "none; |u|^2 is in (4), p. 8"},
    [FP_BASE_VEC_W] = {"w[j]", "row j of W, a neuron", "with (1), p. 4"},
    [FP_BASE_VEC_V] = {"v[mu]", "W_V mu", "below (1), p. 4"},
    [FP_BASE_VEC_K] = {"k[mu]", "W_K mu", "below (1), p. 4"},
    [FP_BASE_VEC_Q] = {"q[mu]", "W_Q mu", "below (1), p. 4"},
};

static const char *const sets[FP_SET_COUNT] = {
    [FP_SET_SAMPLES] = "the training set, Section 2.2, p. 4", [FP_SET_I1] = "Definition 2.1, p. 3", [FP_SET_I2] = "Definition 2.1, p. 3",
    [FP_SET_I3] = "Definition 2.1, p. 3", [FP_SET_I4] = "Definition 2.1, p. 3", [FP_SET_TOKENS] = "mu_1 .. mu_d, Definition 2.1, p. 3",
    [FP_SET_SIGNALS] = "mu_1, mu_2, Definition 2.1, p. 3", [FP_SET_COMMON] = "mu_3, Definition 2.1, p. 3",
    [FP_SET_RANDOM] = "mu_4 .. mu_d, R of Definition 2.1, p. 3", [FP_SET_NEURONS] = "[m1], with (1), p. 4",
    [FP_SET_POSITIONS] = "[L], Definition 2.1, p. 3"};

const char *fp_base_written(fp_base b)
{
    return places[b].written ? places[b].written : fp_base_name(b);
}

const char *fp_base_meaning(fp_base b)
{
    return places[b].meaning;
}

const char *fp_base_paper(fp_base b)
{
    return places[b].paper;
}

const char *fp_set_paper(fp_set_id s)
{
    return sets[s];
}
