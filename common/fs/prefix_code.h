/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prefix_code.h - bits and canonical prefix (Huffman) codes, as XPRESS and LZX have them: 16-bit little-endian words,
 * the highest bit first; codes in the order of their lengths, then of their symbols.
 *
 * Facts: Microsoft's [MS-XCA], 2.1 and 2.2; [MS-PATCH], 2.1 to 2.5.
 * Bit by bit and without tables of codes: what is decoded are a few MB, once, and small code is worth more.
 */
#ifndef LDMBOOT_FS_PREFIX_CODE_H
#define LDMBOOT_FS_PREFIX_CODE_H

#include "common/base/span.h"

#define PREFIX_MAX_BITS    16u
#define PREFIX_MAX_SYMBOLS 512u

/* Bits of a buffer, with whole bytes between them where the format puts some. */
struct bit_reader {
    struct span in;
    size_t      at;       /* of the next word or byte */
    uint32_t    bits;     /* read already, the next one highest */
    unsigned    count;    /* of them */
    unsigned    ahead;    /* so many are kept in `bits` at least: 16 for XPRESS, 0 for LZX */
    unsigned    missing;  /* words past the end that were wanted; they are zeros */
};

struct prefix_code {
    uint16_t count[PREFIX_MAX_BITS + 1];  /* of codes, by length */
    uint16_t symbol[PREFIX_MAX_SYMBOLS];  /* in the order of their codes */
};

struct bit_reader bits_begin(struct span in, unsigned ahead);
uint32_t bits_take(struct bit_reader *r, unsigned count);  /* 0 to 17 */
uint32_t bits_byte(struct bit_reader *r);                  /* the next whole byte, behind the words read so far */

/* False when more bits were used than there are. */
bool bits_good(const struct bit_reader *r);

/* `lengths`: of the code of each symbol, 0: it has none. False when they are no code. At most PREFIX_MAX_SYMBOLS. */
bool prefix_code_build(struct prefix_code *code, const uint8_t *lengths, size_t symbols);

/* The next symbol; -1 when the bits are no code of it. */
int prefix_code_next(const struct prefix_code *code, struct bit_reader *r);

#endif
