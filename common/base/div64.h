/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * div64.h - 64 by 32 bit division. The 32-bit boot programs have no libgcc, and
 * a plain `/` on 64-bit numbers would call __udivdi3.
 */
#ifndef LDMBOOT_DIV64_H
#define LDMBOOT_DIV64_H

#include <stdint.h>

/* Quotient of n / d; the remainder goes to *rem when it is not NULL. `d` must not be 0. */
static inline uint64_t div_u64(uint64_t n, uint32_t d, uint32_t *rem)
{
    uint64_t q = 0, r = 0;

    for (int bit = 63; bit >= 0; bit--) {
        r = r << 1 | ((n >> bit) & 1);
        if (r >= d) {
            r -= d;
            q |= (uint64_t)1 << bit;
        }
    }
    if (rem)
        *rem = (uint32_t)r;
    return q;
}

#endif
