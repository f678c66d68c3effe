/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * checked.h - arithmetic on numbers that a disk gave us.
 *
 * Each function returns true when the result fits and has been stored; on false the output is untouched.
 */
#ifndef LDMBOOT_CHECKED_H
#define LDMBOOT_CHECKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool __attribute__((warn_unused_result)) add_u64(uint64_t a, uint64_t b, uint64_t *sum)
{
    uint64_t r;

    if (__builtin_add_overflow(a, b, &r))
        return false;
    *sum = r;
    return true;
}

/*
 * 64 by 64 bit multiplication without __builtin_mul_overflow, which would call
 * libgcc's __mulodi4 on 32-bit targets built with clang.
 */
static inline bool __attribute__((warn_unused_result)) mul_u64(uint64_t a, uint64_t b, uint64_t *product)
{
    uint64_t a_hi = a >> 32, a_lo = a & 0xffffffffu, b_hi = b >> 32, b_lo = b & 0xffffffffu;
    uint64_t mid = a_hi * b_lo + a_lo * b_hi, low = a_lo * b_lo;

    if ((a_hi && b_hi) || mid >> 32 || (mid << 32) + low < low)
        return false;
    *product = (mid << 32) + low;
    return true;
}

/* True when [start, start + len) lies inside [0, limit). */
static inline bool range_inside(uint64_t start, uint64_t len, uint64_t limit)
{
    return start <= limit && len <= limit - start;
}

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
