/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "flowproof/arith.h"

void fp_reals_init(fp_reals *v, size_t n, mpfr_prec_t prec)
{
    size_t each = mpfr_custom_get_size(prec) / sizeof(mp_limb_t);
    if (each && n > SIZE_MAX / each) n = SIZE_MAX; /* let fp_alloc refuse it */
    v->n = n;
    v->prec = prec;
    v->x = fp_alloc(n, sizeof *v->x);
    v->limbs = fp_alloc(n * each, sizeof *v->limbs);
    for (size_t i = 0; i < n; i++) {
        mp_limb_t *limbs = v->limbs + i * each;
        mpfr_custom_init(limbs, prec);
        mpfr_custom_init_set(v->x + i, MPFR_ZERO_KIND, 0, prec, limbs);
    }
}

void fp_reals_clear(fp_reals *v)
{
    free(v->x);
    free(v->limbs);
    *v = (fp_reals){0};
}
