/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xpress.h - XPRESS with Huffman codes: what compact.exe /exe:xpress4k, 8k and 16k make.
 *
 * Facts: Microsoft's [MS-XCA], 2.2 "LZ77+Huffman Decompression".
 */
#ifndef LDMBOOT_FS_XPRESS_H
#define LDMBOOT_FS_XPRESS_H

#include "prefix_code.h"
#include "common/base/status.h"

/* Decode one chunk of at most 64 KiB: `len` bytes, all of them. `code`: memory to work with. Returns OK or FS_DAMAGED. */
NODISCARD enum status xpress_decode(struct span in, uint8_t *out, size_t len, struct prefix_code *code);

#endif
