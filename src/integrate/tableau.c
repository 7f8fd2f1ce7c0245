/* SPDX-License-Identifier: MIT */
/* Dormand-Prince 5(4): a, b, c and the embedded weights from J. R. Dormand and P. J. Prince, J. Comput. Appl. Math. 6 (1980) 19-26, table 2
 * (RK5(4)7M); d from the continuous extension in Hairer, Norsett, Wanner, Solving ODEs I, 2nd ed., II.6 (Fortran code DOPRI5).
 * tests/unit/test_tableau.c derives every order condition from these rationals. */
#include "flowproof/integrate.h"

#include <assert.h>

/* bhat, the 4th-order weights, are not stored: e = b - bhat. */
static const char *const text_c[FP_DP_STAGES] = {"0", "1/5", "3/10", "4/5", "8/9", "1", "1"};
static const char *const text_a[FP_DP_STAGES][FP_DP_STAGES] = {
    {"0"},
    {"1/5"},
    {"3/40", "9/40"},
    {"44/45", "-56/15", "32/9"},
    {"19372/6561", "-25360/2187", "64448/6561", "-212/729"},
    {"9017/3168", "-355/33", "46732/5247", "49/176", "-5103/18656"},
    {"35/384", "0", "500/1113", "125/192", "-2187/6784", "11/84"},
};
static const char *const text_bhat[FP_DP_STAGES] = {
    "5179/57600", "0", "7571/16695", "393/640", "-92097/339200", "187/2100", "1/40",
};
static const char *const text_d[FP_DP_STAGES] = {
    "-12715105075/11282082432", "0", "87487479700/32700410799", "-10690763975/1880347072",
    "701980252875/199316789632", "-1453857185/822651844", "69997945/29380423",
};

static void parse(mpq_ptr q, const char *text)
{
    bool good = fp_rational_parse(q, text ? text : "0");
    assert(good);
    (void)good;
}

void fp_tableau_dopri5(fp_tableau *t)
{
    for (int s = 0; s < FP_DP_STAGES; s++) {
        mpq_inits(t->b[s], t->e[s], t->c[s], t->d[s], (mpq_ptr)NULL);
        parse(t->c[s], text_c[s]);
        parse(t->d[s], text_d[s]);
        for (int j = 0; j < FP_DP_STAGES; j++) {
            mpq_init(t->a[s][j]);
            parse(t->a[s][j], text_a[s][j]);
        }
    }
    for (int s = 0; s < FP_DP_STAGES; s++) { /* "first same as last": b is the last row of a */
        mpq_set(t->b[s], t->a[FP_DP_STAGES - 1][s]);
        parse(t->e[s], text_bhat[s]);
        mpq_sub(t->e[s], t->b[s], t->e[s]);
    }
}

void fp_tableau_clear(fp_tableau *t)
{
    for (int s = 0; s < FP_DP_STAGES; s++) {
        mpq_clears(t->b[s], t->e[s], t->c[s], t->d[s], (mpq_ptr)NULL);
        for (int j = 0; j < FP_DP_STAGES; j++)
            mpq_clear(t->a[s][j]);
    }
}
