/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xpress.c - see xpress.h. */
#include "xpress.h"

#include "copy_back.h"

#define SYMBOLS     512u
#define TABLE_BYTES (SYMBOLS / 2)  /* lengths of 4 bits, the lower half of a byte first */
#define BYTES       256u           /* symbols that stand for a byte; the others are matches */
#define MIN_MATCH   3u
#define LONG_MATCH  15u            /* its length follows in a byte, */
#define LONGER      255u           /* or in a word behind that */

static bool read_code(struct span in, struct prefix_code *code)
{
    uint8_t lengths[SYMBOLS];

    if (in.len < TABLE_BYTES)
        return false;
    for (size_t i = 0; i < TABLE_BYTES; i++) {
        lengths[2 * i] = rd_u8(in, i) & 15;
        lengths[2 * i + 1] = rd_u8(in, i) >> 4;
    }
    return prefix_code_build(code, lengths, SYMBOLS);
}

static uint32_t match_length(struct bit_reader *r, uint32_t length)
{
    if (length == LONG_MATCH) {
        uint32_t more = bits_byte(r);

        if (more < LONGER) {
            length += more;
        } else {
            length = bits_byte(r);
            length |= bits_byte(r) << 8;
        }
    }
    return length + MIN_MATCH;
}

enum status xpress_decode(struct span in, uint8_t *out, size_t len, struct prefix_code *code)
{
    struct bit_reader r;

    if (!read_code(in, code))
        return STATUS_FS_DAMAGED;
    r = bits_begin(span_from(in, TABLE_BYTES), 16);
    for (size_t made = 0; made < len;) {
        int      symbol = prefix_code_next(code, &r);
        uint32_t length, distance;
        unsigned bits;

        if (symbol < 0)
            return STATUS_FS_DAMAGED;
        if (symbol < (int)BYTES) {
            out[made++] = (uint8_t)symbol;
            continue;
        }
        bits = ((unsigned)symbol - BYTES) >> 4;
        length = match_length(&r, (unsigned)symbol & 15);
        distance = (1u << bits) + bits_take(&r, bits);
        if (!copy_back(out, len, &made, distance, length))
            return STATUS_FS_DAMAGED;
    }
    return bits_good(&r) ? STATUS_OK : STATUS_FS_DAMAGED;
}
