/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unlzma.h - unpacks the larger part of stage 2. */
#ifndef LDMBOOT_BIOS_UNLZMA_H
#define LDMBOOT_BIOS_UNLZMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Parameters of the stream; tools/mkstick.py packs with the same. */
#define UNLZMA_LC 3  /* literal context bits; position bits (lp, pb) are 0 */

#define UNLZMA_PROBS (1846 + (0x300 << UNLZMA_LC))  /* entries of the work area */

/*
 * Unpack a raw LZMA stream of exactly `out_bytes` bytes of data. `probs` is a work
 * area of UNLZMA_PROBS entries. Nothing is read or written outside the buffers.
 * False: the stream is damaged.
 */
bool unlzma(const uint8_t *in, size_t in_bytes, uint8_t *out, size_t out_bytes, uint16_t *probs);

/*
 * Undo the E8 translation of Microsoft's cabinet format: the packer made the relative
 * targets of CALL instructions absolute, which repeat and so pack better.
 */
void restore_calls(uint8_t *code, size_t bytes);

#endif
