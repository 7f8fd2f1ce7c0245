/* SPDX-License-Identifier: MIT */
/* Philox4x32-10: J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011,
 * section 3.3 and table 2. */
#include <string.h>

#include "flowproof/base.h"

void fp_philox4x32(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2])
{
    uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]};
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        uint64_t a = UINT64_C(0xD2511F53) * c[0], b = UINT64_C(0xCD9E8D57) * c[2];
        c[0] = (uint32_t)(b >> 32) ^ c[1] ^ k0;
        c[2] = (uint32_t)(a >> 32) ^ c[3] ^ k1;
        c[1] = (uint32_t)b;
        c[3] = (uint32_t)a;
        k0 += 0x9E3779B9; /* golden ratio */
        k1 += 0xBB67AE85; /* sqrt(3) - 1 */
    }
    memcpy(out, c, sizeof c);
}

void fp_rng_init(fp_rng *r, uint64_t seed, uint32_t stream)
{
    *r = (fp_rng){.seed = seed, .stream = stream, .used = 4};
}

uint32_t fp_rng_u32(fp_rng *r)
{
    if (r->used >= 4) {
        const uint32_t counter[4] = {(uint32_t)r->index, (uint32_t)(r->index >> 32), r->stream, 0};
        const uint32_t key[2] = {(uint32_t)r->seed, (uint32_t)(r->seed >> 32)};
        fp_philox4x32(r->block, counter, key);
        r->index++;
        r->used = 0;
    }
    return r->block[r->used++];
}

uint64_t fp_rng_u64(fp_rng *r)
{
    uint64_t low = fp_rng_u32(r);
    return (uint64_t)fp_rng_u32(r) << 32 | low;
}

uint64_t fp_rng_below(fp_rng *r, uint64_t bound)
{
    /* 2^64 mod bound draws too many are refused, so that a multiple of bound remains */
    uint64_t excess = (0 - bound) % bound;
    for (;;) {
        uint64_t x = fp_rng_u64(r);
        if (x >= excess) return x % bound;
    }
}
