/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lzx.h - LZX in chunks of 32 KiB, each for itself: what compact.exe /exe:lzx ("CompactOS" on small disks) makes.
 *
 * Facts: Microsoft's [MS-PATCH], 2.1 to 2.7, and its description of LZX in cabinet files; where WIM
 * and WOF differ from those (block sizes, E8 always undone, for a file of 12,000,000 bytes): wimlib's documentation.
 */
#ifndef LDMBOOT_FS_LZX_H
#define LDMBOOT_FS_LZX_H

#include "prefix_code.h"
#include "common/base/status.h"

#define LZX_CHUNK_BYTES  0x8000u
#define LZX_MAIN_SYMBOLS (256u + 8 * 30)  /* bytes, and matches of 8 lengths in 30 kinds of distances: a window of 32 KiB */
#define LZX_LENGTHS      249u

/* Memory to work with. */
struct lzx {
    struct bit_reader  bits;
    struct prefix_code main, lengths, aligned, of_lengths;
    uint8_t            main_bits[LZX_MAIN_SYMBOLS], length_bits[LZX_LENGTHS];
    uint32_t           recent[3];  /* distances */
};

/* Decode one chunk of at most LZX_CHUNK_BYTES: `len` bytes, all of them. Returns OK or FS_DAMAGED. */
NODISCARD enum status lzx_decode(struct span in, uint8_t *out, size_t len, struct lzx *work);

#endif
