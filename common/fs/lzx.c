/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lzx.c - see lzx.h. */
#include "lzx.h"

#include "common/base/mem.h"
#include "copy_back.h"

enum block_type { BLOCK_VERBATIM = 1, BLOCK_ALIGNED = 2, BLOCK_AS_IS = 3 };

#define BYTES            256u   /* main symbols that stand for a byte */
#define MIN_MATCH        2u
#define LONG_MATCH       7u     /* its length goes on with a symbol of its own */
#define RECENT           3u     /* kinds of distances that are one of the last three */
#define ALIGNED_SYMBOLS  8u
#define ALIGNED_BITS     3u     /* the lowest bits of a distance, in aligned blocks a symbol of their own */

/* Lengths of codes come as differences, coded with a code whose own lengths are plain. */
#define PRE_SYMBOLS      20u
#define PRE_ZEROS        17
#define PRE_MORE_ZEROS   18
#define PRE_SAME         19
#define LENGTHS_MODULUS  17u

/* Calls in x86 code were made absolute before it was compressed, as if the file had this size. */
#define CALL             0xe8u
#define CALL_FILE_BYTES  12000000
#define CALL_TAIL        10u    /* at a chunk's end none were */

/* ---- codes */

static bool read_plain_code(struct bit_reader *r, unsigned symbols, unsigned bits, struct prefix_code *code)
{
    uint8_t lengths[PRE_SYMBOLS];

    for (unsigned i = 0; i < symbols; i++)
        lengths[i] = (uint8_t)bits_take(r, bits);
    return prefix_code_build(code, lengths, symbols);
}

/* How many lengths a symbol of the code of lengths stands for; *symbol becomes the difference. */
static uint32_t run_of(struct lzx *z, int *symbol)
{
    uint32_t run = 1;

    if (*symbol == PRE_ZEROS)
        return 4 + bits_take(&z->bits, 4);
    if (*symbol == PRE_MORE_ZEROS)
        return 20 + bits_take(&z->bits, 5);
    if (*symbol == PRE_SAME) {
        run = 4 + bits_take(&z->bits, 1);
        *symbol = prefix_code_next(&z->of_lengths, &z->bits);
    }
    return run;
}

static bool read_lengths(struct lzx *z, uint8_t *lengths, size_t count)
{
    if (!read_plain_code(&z->bits, PRE_SYMBOLS, 4, &z->of_lengths))
        return false;
    for (size_t i = 0; i < count;) {
        int      symbol = prefix_code_next(&z->of_lengths, &z->bits);
        bool     zeros = symbol == PRE_ZEROS || symbol == PRE_MORE_ZEROS;
        size_t   end = i + run_of(z, &symbol);
        uint32_t value;

        if (symbol < 0 || (!zeros && symbol >= PRE_ZEROS) || end > count)
            return false;
        value = zeros ? 0 : (lengths[i] + LENGTHS_MODULUS - (uint32_t)symbol) % LENGTHS_MODULUS;
        for (; i < end; i++)
            lengths[i] = (uint8_t)value;
    }
    return true;
}

static bool read_codes(struct lzx *z, enum block_type type)
{
    if (type == BLOCK_ALIGNED && !read_plain_code(&z->bits, ALIGNED_SYMBOLS, ALIGNED_BITS, &z->aligned))
        return false;
    return read_lengths(z, z->main_bits, BYTES) && read_lengths(z, z->main_bits + BYTES, LZX_MAIN_SYMBOLS - BYTES) &&
           prefix_code_build(&z->main, z->main_bits, LZX_MAIN_SYMBOLS) &&
           read_lengths(z, z->length_bits, LZX_LENGTHS) && prefix_code_build(&z->lengths, z->length_bits, LZX_LENGTHS);
}

/* ---- matches */

/* The distance of a match of this kind; 0 when it is damaged. */
static uint32_t distance_of(struct lzx *z, enum block_type type, unsigned kind)
{
    unsigned bits = kind < 4 ? 0 : kind / 2 - 1;
    uint32_t distance = kind < 2 ? kind : (2 + (kind & 1)) << bits;
    int      low;

    if (kind < RECENT) {
        distance = z->recent[kind];
        z->recent[kind] = z->recent[0];
        z->recent[0] = distance;
        return distance;
    }
    if (type == BLOCK_ALIGNED && bits >= ALIGNED_BITS) {
        distance += bits_take(&z->bits, bits - ALIGNED_BITS) << ALIGNED_BITS;
        low = prefix_code_next(&z->aligned, &z->bits);
        if (low < 0)
            return 0;
        distance += (uint32_t)low;
    } else {
        distance += bits_take(&z->bits, bits);
    }
    distance -= RECENT - 1;
    z->recent[2] = z->recent[1];
    z->recent[1] = z->recent[0];
    z->recent[0] = distance;
    return distance;
}

/* One byte or one match, behind the *made of what ends at `end`. False when it is damaged. */
static bool decode_one(struct lzx *z, enum block_type type, uint8_t *out, size_t *made, size_t end)
{
    int      symbol = prefix_code_next(&z->main, &z->bits), more = 0;
    uint32_t length, distance;

    if (symbol < 0)
        return false;
    if (symbol < (int)BYTES) {
        out[(*made)++] = (uint8_t)symbol;
        return true;
    }
    length = ((unsigned)symbol & 7) + MIN_MATCH;
    if (length == LONG_MATCH + MIN_MATCH)
        more = prefix_code_next(&z->lengths, &z->bits);
    distance = distance_of(z, type, ((unsigned)symbol - BYTES) >> 3);
    return more >= 0 && copy_back(out, end, made, distance, length + (uint32_t)more);
}

/* ---- blocks */

static uint32_t read_le32(struct bit_reader *r)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < 32; i += 8)
        value |= bits_byte(r) << i;
    return value;
}

/* Bytes as they are, from the next word on: also when a word has just ended. An odd number is filled up. */
static bool copy_as_is(struct lzx *z, uint8_t *out, size_t *made, size_t end)
{
    size_t odd = (end - *made) & 1;

    if (z->bits.count == 0)
        (void)bits_take(&z->bits, 1);
    z->bits.bits = z->bits.count = 0;
    for (size_t i = 0; i < 3; i++)
        z->recent[i] = read_le32(&z->bits);
    if (!span_holds(z->bits.in, z->bits.at, end - *made))
        return false;
    for (; *made < end; ++*made)
        out[*made] = rd_u8(z->bits.in, z->bits.at++);
    z->bits.at += odd;
    return true;
}

static bool decode_block(struct lzx *z, uint8_t *out, size_t *made, size_t len)
{
    enum block_type type = (enum block_type)bits_take(&z->bits, 3);
    size_t          bytes = bits_take(&z->bits, 1) ? LZX_CHUNK_BYTES : bits_take(&z->bits, 16), end;

    end = *made + bytes;
    if (bytes == 0 || end > len)
        return false;
    if (type == BLOCK_AS_IS)
        return copy_as_is(z, out, made, end);
    if ((type != BLOCK_VERBATIM && type != BLOCK_ALIGNED) || !read_codes(z, type))
        return false;
    while (*made < end)
        if (!decode_one(z, type, out, made, end))
            return false;
    return true;
}

/* Calls become relative again. */
static void undo_calls(uint8_t *out, size_t len)
{
    if (len <= CALL_TAIL)
        return;
    for (size_t i = 0; i < len - CALL_TAIL; i++) {
        int32_t target;

        if (out[i] != CALL)
            continue;
        target = (int32_t)rd_le32(span_of(out + i + 1, 4), 0);
        if (target >= 0 && target < CALL_FILE_BYTES)
            wr_le32(out + i + 1, (uint32_t)target - (uint32_t)i);
        else if (target < 0 && target >= -(int32_t)i)
            wr_le32(out + i + 1, (uint32_t)target + CALL_FILE_BYTES);
        i += 4;
    }
}

enum status lzx_decode(struct span in, uint8_t *out, size_t len, struct lzx *work)
{
    size_t made = 0;

    if (len > LZX_CHUNK_BYTES)
        return STATUS_INTERNAL;
    memset(work, 0, sizeof *work);
    work->bits = bits_begin(in, 0);
    work->recent[0] = work->recent[1] = work->recent[2] = 1;
    while (made < len)  /* a block that is good has at least one byte */
        if (!decode_block(work, out, &made, len))
            return STATUS_FS_DAMAGED;
    if (!bits_good(&work->bits))
        return STATUS_FS_DAMAGED;
    undo_calls(out, len);
    return STATUS_OK;
}
