/* SPDX-License-Identifier: MIT */
#include "source_impl.h"

#include <stdlib.h>

void fp_table_init(fp_table *t, size_t count, size_t width, size_t slope_width)
{
    *t = (fp_table){.count = count, .width = {width, slope_width, slope_width}};
}

void fp_table_clear(fp_table *t)
{
    for (int which = 0; which < FP_WHICH; which++) {
        if (t->x[which])
            _arb_vec_clear(t->x[which], (slong)(t->count * t->width[which]));
        free(t->stamp[which]);
    }
    *t = (fp_table){0};
}

arb_ptr fp_table_at(fp_table *t, int which, size_t i, uint64_t now, bool *stale)
{
    if (!t->x[which]) {
        t->x[which] = _arb_vec_init((slong)(t->count * t->width[which]));
        t->stamp[which] = fp_alloc(t->count, sizeof *t->stamp[which]);
    }
    *stale = t->stamp[which][i] != now;
    t->stamp[which][i] = now;
    return t->x[which] + i * t->width[which];
}
