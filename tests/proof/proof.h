/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proof.h - what the harnesses of this folder share: "anything at all", as Frama-C's Eva understands it.
 *
 * How a decoder is proved (`make prove`, prove.py): in two steps.
 *   1. span.c proves the accessors of common/base/span.h on buffers that end where the span ends, for every offset:
 *      none reads a byte outside of its span, and what span_sub(), span_from() and cur_bytes() give lies inside of it.
 *   2. The other harnesses prove everything else: indices of arrays, writes, uninitialised memory, shifts, signed
 *      overflow, pointers. Structures of a fixed size stand in buffers of exactly that size. A span whose length
 *      varies stands at the start of a larger region (SLACK), because Eva keeps intervals and not relations: that a
 *      part which begins late is short is something it does not know. That nothing reads behind the span's end there
 *      is what step 1 has shown, as long as decoders read through the accessors (tests/host/test_rules.py holds that).
 */
#ifndef LDMBOOT_PROOF_H
#define LDMBOOT_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <__fc_builtin.h>

#include "common/base/span.h"
#include "common/base/status.h"

#define SLACK 64  /* how many times a span's length its region has: parts of parts of parts */

/* Any bytes at all. */
static inline void any_bytes(void *p, size_t bytes) { Frama_C_make_unknown((char *)p, bytes); }

static inline size_t   any_size(void)  { return Frama_C_size_t_interval(0, SIZE_MAX); }
static inline uint64_t any_u64(void)   { return Frama_C_unsigned_long_long_interval(0, UINT64_MAX); }
static inline uint32_t any_u32(void)   { return Frama_C_unsigned_int_interval(0, UINT32_MAX); }
static inline uint8_t  any_u8(void)    { return Frama_C_unsigned_char_interval(0, 255); }
static inline bool     any_bool(void)  { return Frama_C_nondet(0, 1); }

static inline size_t up_to(size_t max) { return Frama_C_size_t_interval(0, max); }

/* A span of 0 to `max` bytes, all unknown, in a region of SLACK * max. */
static inline struct span any_span(uint8_t *region, size_t max)
{
    any_bytes(region, SLACK * max);
    return span_of(region, up_to(max));
}

#endif
