/* SPDX-License-Identifier: GPL-2.0-or-later */
/* prefix_code.c - see prefix_code.h. */
#include "prefix_code.h"

#include "common/base/mem.h"

#define WORD_BITS       16u
#define MISSING_ALLOWED 2u  /* words that are read ahead of the last bits */

static void read_word(struct bit_reader *r)
{
    if (!span_holds(r->in, r->at, 2))
        r->missing++;
#ifdef __clang_analyzer__  /* it cannot know that `ahead` is 0 or 16, so that no more than 16 bits are left here */
    if (r->count > WORD_BITS)
        return;
#endif
    r->bits |= (uint32_t)rd_le16(r->in, r->at) << (WORD_BITS - r->count);
    r->count += WORD_BITS;
    r->at += 2;
}

struct bit_reader bits_begin(struct span in, unsigned ahead)
{
    struct bit_reader r = { .in = in, .ahead = ahead };

    if (ahead > 0) {
        read_word(&r);
        read_word(&r);
    }
    return r;
}

static uint32_t take_one(struct bit_reader *r)
{
    uint32_t bit;

    if (r->count == 0)
        read_word(r);
    bit = r->bits >> 31;
    r->bits <<= 1;
    if (--r->count < r->ahead)
        read_word(r);
    return bit;
}

uint32_t bits_take(struct bit_reader *r, unsigned count)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < count; i++)
        value = value << 1 | take_one(r);
    return value;
}

uint32_t bits_byte(struct bit_reader *r)
{
    if (r->at >= r->in.len)
        r->missing++;
    return rd_u8(r->in, r->at++);
}

bool bits_good(const struct bit_reader *r)
{
    return r->missing <= MISSING_ALLOWED;
}

bool prefix_code_build(struct prefix_code *code, const uint8_t *lengths, size_t symbols)
{
    uint16_t next[PREFIX_MAX_BITS + 1];
    uint32_t room = 1;

    memset(code->count, 0, sizeof code->count);
    for (size_t i = 0; i < symbols; i++) {
        if (lengths[i] > PREFIX_MAX_BITS)
            return false;
        code->count[lengths[i]]++;
    }
    code->count[0] = 0;
    next[0] = 0;
    for (unsigned bits = 1; bits <= PREFIX_MAX_BITS; bits++) {
        room <<= 1;
        if (code->count[bits] > room)
            return false;
        room -= code->count[bits];
        next[bits] = (uint16_t)(next[bits - 1] + code->count[bits - 1]);
    }
    for (size_t i = 0; i < symbols; i++) {
        uint16_t at = next[lengths[i]];

        if (lengths[i] == 0 || at >= PREFIX_MAX_SYMBOLS)  /* never: the counts add up to `symbols` */
            continue;
        code->symbol[at] = (uint16_t)i;
        next[lengths[i]]++;
    }
    return true;
}

int prefix_code_next(const struct prefix_code *code, struct bit_reader *r)
{
    uint32_t bits = 0, first = 0, index = 0;

    for (unsigned length = 1; length <= PREFIX_MAX_BITS; length++) {
        bits = bits << 1 | take_one(r);
        first <<= 1;
        if (bits - first < code->count[length]) {
            index += bits - first;
            return index < PREFIX_MAX_SYMBOLS ? code->symbol[index] : -1;
        }
        first += code->count[length];
        index += code->count[length];
    }
    return -1;
}
