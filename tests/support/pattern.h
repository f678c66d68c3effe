/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pattern.h - the content of test files: reproducible, different at every position and for every seed. */
#ifndef LDMBOOT_TESTS_PATTERN_H
#define LDMBOOT_TESTS_PATTERN_H

#include <stdint.h>

static inline uint8_t pattern_at(unsigned seed, uint64_t position)
{
    uint64_t x = (position + 1) * 0x9e3779b97f4a7c15u + seed * 0xbf58476d1ce4e5b9u;

    return (uint8_t)(x >> 56 ^ x >> 33);
}

#endif
