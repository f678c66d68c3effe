/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lznt1.c - see lznt1.h. */
#include "lznt1.h"

#include "common/base/mem.h"
#include "copy_back.h"

#define CHUNK_BYTES      4096u
#define HEADER_BYTES     2u
#define HEADER_SIZE      0x0fffu  /* of what follows, less 1 */
#define HEADER_SIGNATURE 0x7000u
#define HEADER_PACKED    0x8000u
#define SIGNATURE        0x3000u

#define MIN_MATCH        3u

/*
 * A match is 16 bits: how far back, and how long. The farther the chunk has come, the more bits the distance
 * needs, and the fewer are left for the length.
 */
static unsigned length_bits(size_t made)
{
    unsigned bits = 12;

    for (size_t farthest = made - 1; farthest >= 0x10 && bits > 4; farthest >>= 1)
        bits--;
    return bits;
}

static bool copy_match(uint16_t match, uint8_t *out, size_t len, size_t *made)
{
    unsigned bits;

    if (*made == 0)
        return false;
    bits = length_bits(*made);
    return copy_back(out, len, made, (size_t)(match >> bits) + 1, (match & ((1u << bits) - 1)) + MIN_MATCH);
}

/* Groups of eight: a byte that says of each whether it is a byte as it is, or a match. */
static bool decode_chunk(struct span in, uint8_t *out, size_t len, size_t *made)
{
    unsigned kinds = 0, left = 0;

    for (size_t at = 0; at < in.len && *made < len;) {
        if (left == 0) {
            kinds = rd_u8(in, at++);
            left = 8;
            continue;
        }
        if (!(kinds & 1)) {
            out[(*made)++] = rd_u8(in, at++);
        } else {
            if (!span_holds(in, at, 2) || !copy_match(rd_le16(in, at), out, len, made))
                return false;
            at += 2;
        }
        kinds >>= 1;
        left--;
    }
    return true;
}

enum status lznt1_decode(struct span in, uint8_t *out, size_t len)
{
    size_t at = 0;

    memset(out, 0, len);
    for (size_t done = 0; done < len; done += CHUNK_BYTES) {
        uint16_t    header = rd_le16(in, at);
        struct span chunk = span_sub(in, at + HEADER_BYTES, (header & HEADER_SIZE) + 1u);
        size_t      room = len - done < CHUNK_BYTES ? len - done : CHUNK_BYTES, made = 0;

        if (header == 0)  /* the end, also when there is no more */
            return STATUS_OK;
        if ((header & HEADER_SIGNATURE) != SIGNATURE || chunk.len == 0)
            return STATUS_FS_DAMAGED;
        if (!(header & HEADER_PACKED))
            (void)span_copy(chunk, 0, out + done, chunk.len < room ? chunk.len : room);
        else if (!decode_chunk(chunk, out + done, room, &made))
            return STATUS_FS_DAMAGED;
        at += HEADER_BYTES + chunk.len;
    }
    return STATUS_OK;
}
