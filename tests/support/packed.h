/* SPDX-License-Identifier: GPL-2.0-or-later */
/* packed.h - what wimlib 1.13 made, by LZX and XPRESS, of bytes that can be made again: one chunk each, as hexadecimal digits. */
#ifndef LDMBOOT_TESTS_PACKED_H
#define LDMBOOT_TESTS_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/span.h"

extern const char packed_lzx_verbatim[];  /* of packed_plain(6000, 1, 20, 40, false) */
extern const char packed_lzx_aligned[];   /* of packed_plain(32768, 2, 12, 300, true) */
extern const char packed_xpress[];        /* of the first 4096 bytes of what packed_lzx_verbatim is */

/* Letters, and copies of what is there already: far ones, or near ones and some at multiples of 8. */
void packed_plain(uint8_t *out, size_t len, uint32_t seed, unsigned letters, unsigned longest, bool aligned);

/* The bytes of these digits. */
struct span packed_bytes(const char *hex, uint8_t *out);

#endif
