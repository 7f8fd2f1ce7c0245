/* SPDX-License-Identifier: MIT */
/* The generalisation loss at the source's state: tables for population.c, then one of its four numbers, cached. 64 bits: tens of thousands of exponentials, and nobody asks for digits. */
#include "population.h"
#include "source_impl.h"

enum { POPULATION_BITS = 64 };

const char *fp_population_why_none(const fp_source *s, fp_base base)
{
    const char *why = fp_population_why_not(s->layout.d, s->layout.L);
    bool too_many = base == FP_BASE_LOSSGEN && !(fp_population_multisets(s->layout.d, s->layout.L) <= FP_POPULATION_MOST);
    return why ? why : too_many ? "more than 2000000 multisets of random tokens to enumerate (use lossgenbound or lossgensampled)" : NULL;
}

static void tabulate(fp_population *p, fp_source *s)
{
    arb_t score;
    arb_init(score);
    for (long nu = 0; nu < p->d && !fp_interrupted(); nu++) {
        for (long mu = 0; mu < p->d; mu++) {
            arb_ptr weight = p->weight + nu * p->d + mu;
            arb_mul(score, fp_primary_score(s, FP_VALUE, nu, mu), s->root_m_inverse, s->prec);
            arb_exp(weight, score, p->prec);
            arb_mul(p->weighted + nu * p->d + mu, weight, fp_primary_G(s, FP_VALUE, nu), p->prec);
        }
    }
    arb_clear(score);
}

static void compute(arb_t out, fp_source *s, fp_base base)
{
    fp_population p;
    fp_population_init(&p, s->layout.d, s->layout.L, POPULATION_BITS);
    tabulate(&p, s);
    switch (base) {
    case FP_BASE_LOSSGEN: fp_population_exact(out, &p); break;
    case FP_BASE_LOSSGEN_BOUND: fp_population_bound(out, &p); break;
    case FP_BASE_LOSSGEN_SAMPLED: fp_population_sampled(out, &p, s->problem->setting->seed); break;
    default: fp_population_random_share(out, &p); break;
    }
    fp_population_clear(&p);
}

arb_srcptr fp_population_value(fp_source *s, fp_base base)
{
    bool stale;
    arb_ptr x = fp_table_at(&s->population, FP_VALUE, (size_t)(base - FP_BASE_LOSSGEN), s->now, &stale);
    if (stale) compute(x, s, base);
    return x;
}
