/* SPDX-License-Identifier: MIT */
#include <stdatomic.h>

#include "flowproof/base.h"

/* Lock-free, so a signal handler may set it. Relaxed is enough: who is told of unfinished work by another thread, under a lock, cannot see an older value than that thread did. */
static atomic_int asked;

void fp_interrupt(int why)
{
    atomic_store_explicit(&asked, why, memory_order_relaxed);
}

int fp_interrupted(void)
{
    return atomic_load_explicit(&asked, memory_order_relaxed);
}
