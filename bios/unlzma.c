/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unlzma.c - LZMA decoder, for one set of parameters and a stream whose length is known.
 *
 * Linked into the part of stage 2 that is stored unpacked (bios.ld): small before fast,
 * and no call outside this file. Facts: LZMA specification (Igor Pavlov, 2015);
 * Microsoft Cabinet Format, "E8 Call Translation".
 */
#include "unlzma.h"

#include "common/fs/copy_back.h"

#define PROB_BITS   11
#define PROB_HALF   (1u << (PROB_BITS - 1))
#define ADAPT_SHIFT 5
#define TOP         (1u << 24)

#define STATES        12
#define STATE_LITERAL 7  /* states below: the last thing was a literal */
#define LEN_LOW_BITS  3
#define LEN_HIGH_BITS 8
#define MATCH_MIN     2
#define LEN_STATES    4
#define SLOT_BITS     6
#define ALIGN_BITS    4
#define MODEL_SLOTS   14  /* distances of the slots below this have their low bits modelled */
#define SPECIAL_SIZE  (128 - MODEL_SLOTS + 1)

/* Lengths, with one position state: two choice bits, low, middle and high trees. */
#define LENGTH_CHOICE  0
#define LENGTH_CHOICE2 1
#define LENGTH_LOW     2
#define LENGTH_MID     (LENGTH_LOW + (1 << LEN_LOW_BITS))
#define LENGTH_HIGH    (LENGTH_MID + (1 << LEN_LOW_BITS))
#define LENGTH_SIZE    (LENGTH_HIGH + (1 << LEN_HIGH_BITS))

/* Offsets of the models in the work area. */
enum {
    IS_MATCH = 0,
    IS_REP = IS_MATCH + STATES,
    IS_REP_G0 = IS_REP + STATES,
    IS_REP_G1 = IS_REP_G0 + STATES,
    IS_REP_G2 = IS_REP_G1 + STATES,
    IS_REP0_LONG = IS_REP_G2 + STATES,
    SLOT = IS_REP0_LONG + STATES,
    SPECIAL = SLOT + (LEN_STATES << SLOT_BITS),
    ALIGN = SPECIAL + SPECIAL_SIZE,
    LENGTH = ALIGN + (1 << ALIGN_BITS),
    REP_LENGTH = LENGTH + LENGTH_SIZE,
    LITERAL = REP_LENGTH + LENGTH_SIZE,
    ALL_PROBS = LITERAL + (0x300 << UNLZMA_LC),
};
_Static_assert(ALL_PROBS <= UNLZMA_PROBS, "work area");

struct decoder {
    const uint8_t *in;
    size_t         at, in_bytes;
    uint32_t       range, code;
    uint16_t      *probs;
};

/* Past the end of the input, zeroes: the caller's length check finds the damage. */
static void normalize(struct decoder *d)
{
    if (d->range >= TOP)
        return;
    d->range <<= 8;
    d->code = d->code << 8 | (d->at < d->in_bytes ? d->in[d->at] : 0u);
    d->at++;
}

static unsigned bit(struct decoder *d, unsigned model)
{
    uint16_t *prob = &d->probs[model];
    uint32_t  bound;

    normalize(d);
    bound = (d->range >> PROB_BITS) * *prob;
    if (d->code < bound) {
        d->range = bound;
        *prob = (uint16_t)(*prob + (((1u << PROB_BITS) - *prob) >> ADAPT_SHIFT));
        return 0;
    }
    d->range -= bound;
    d->code -= bound;
    *prob = (uint16_t)(*prob - (*prob >> ADAPT_SHIFT));
    return 1;
}

/* A number of `bits` bits, most significant first. */
static unsigned tree(struct decoder *d, unsigned model, unsigned bits)
{
    unsigned node = 1;

    for (unsigned i = 0; i < bits; i++)
        node = node << 1 | bit(d, model + node);
    return node - (1u << bits);
}

/* Least significant bit first. */
static uint32_t reverse_tree(struct decoder *d, unsigned model, unsigned bits)
{
    unsigned node = 1;
    uint32_t value = 0;

    for (unsigned i = 0; i < bits; i++) {
        unsigned b = bit(d, model + node);

        node = node << 1 | b;
        value |= b << i;
    }
    return value;
}

/* Bits without a model: each as likely as not. */
static uint32_t direct_bits(struct decoder *d, unsigned bits)
{
    uint32_t value = 0;

    for (; bits > 0; bits--) {
        normalize(d);
        d->range >>= 1;
        value <<= 1;
        if (d->code >= d->range) {
            d->code -= d->range;
            value |= 1;
        }
    }
    return value;
}

static unsigned length(struct decoder *d, unsigned model)
{
    if (!bit(d, model + LENGTH_CHOICE))
        return MATCH_MIN + tree(d, model + LENGTH_LOW, LEN_LOW_BITS);
    if (!bit(d, model + LENGTH_CHOICE2))
        return MATCH_MIN + (1u << LEN_LOW_BITS) + tree(d, model + LENGTH_MID, LEN_LOW_BITS);
    return MATCH_MIN + (2u << LEN_LOW_BITS) + tree(d, model + LENGTH_HIGH, LEN_HIGH_BITS);
}

/* Distance - 1 of a match of `len` bytes. */
static uint32_t distance(struct decoder *d, unsigned len)
{
    unsigned len_state = len - MATCH_MIN < LEN_STATES ? len - MATCH_MIN : LEN_STATES - 1;
    unsigned slot = tree(d, SLOT + (len_state << SLOT_BITS), SLOT_BITS), low_bits;
    uint32_t base;

    //@ split slot;
    if (slot < 4)
        return slot;
    low_bits = (slot >> 1) - 1;
    base = (2u | (slot & 1)) << low_bits;
    if (slot < MODEL_SLOTS)
        return base + reverse_tree(d, SPECIAL + base - slot, low_bits);
    base += direct_bits(d, low_bits - ALIGN_BITS) << ALIGN_BITS;
    return base + reverse_tree(d, ALIGN, ALIGN_BITS);
}

/* A byte; after a match, `expected` (what the match would have gone on with) helps to guess it. */
static uint8_t literal(struct decoder *d, unsigned previous, bool after_match, unsigned expected)
{
    unsigned model = LITERAL + 0x300 * (previous >> (8 - UNLZMA_LC)), symbol = 1;

    while (after_match && symbol < 0x100) {
        unsigned expected_bit = (expected >> 7) & 1, b = bit(d, model + ((1 + expected_bit) << 8) + symbol);

        expected <<= 1;
        symbol = symbol << 1 | b;
        after_match = b == expected_bit;
    }
    while (symbol < 0x100)
        symbol = symbol << 1 | bit(d, model + symbol);
    return (uint8_t)symbol;
}

/* Move the repeated distance that the stream names to the front. False: one byte only, at rep[0]. */
static bool choose_rep(struct decoder *d, unsigned state, uint32_t rep[4])
{
    unsigned which = 0;
    uint32_t chosen;

    if (!bit(d, IS_REP_G0 + state))
        return bit(d, IS_REP0_LONG + state);
    which = !bit(d, IS_REP_G1 + state) ? 1 : !bit(d, IS_REP_G2 + state) ? 2 : 3;
    chosen = rep[which];
    for (; which > 0; which--)
        rep[which] = rep[which - 1];
    rep[0] = chosen;
    return true;
}

static unsigned state_after_literal(unsigned state)
{
    return state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
}

bool unlzma(const uint8_t *in, size_t in_bytes, uint8_t *out, size_t out_bytes, uint16_t *probs)
{
    struct decoder d = { in, 0, in_bytes, UINT32_MAX, 0, probs };
    uint32_t       rep[4] = { 0, 0, 0, 0 };
    unsigned       state = 0, len;
    size_t         pos = 0;

    for (unsigned i = 0; i < ALL_PROBS; i++)
        probs[i] = PROB_HALF;
    for (unsigned i = 0; i < 5; i++) {  /* a zero, then the first four bytes of the code */
        d.range = 0;
        normalize(&d);
    }
    d.range = UINT32_MAX;

    while (pos < out_bytes) {
        bool    after_literal = state < STATE_LITERAL;
        size_t  back = rep[0];
        uint8_t expected = after_literal || back >= pos ? 0 : out[pos - back - 1];

        if (!bit(&d, IS_MATCH + state)) {
            out[pos] = literal(&d, pos ? out[pos - 1] : 0, !after_literal, expected);
            pos++;
            state = state_after_literal(state);
            continue;
        }
        if (!bit(&d, IS_REP + state)) {
            rep[3] = rep[2];
            rep[2] = rep[1];
            rep[1] = rep[0];
            len = length(&d, LENGTH);
            rep[0] = distance(&d, len);
            state = after_literal ? 7 : 10;
        } else if (choose_rep(&d, state, rep)) {
            len = length(&d, REP_LENGTH);
            state = after_literal ? 8 : 11;
        } else {
            len = 1;
            state = after_literal ? 9 : 11;
        }
        if (!copy_back(out, out_bytes, &pos, (size_t)rep[0] + 1, len))
            return false;
    }
    return d.at <= d.in_bytes;
}

#define CALL       0xe8
#define CALL_BYTES 5

static uint32_t get32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++, v >>= 8)
        p[i] = (uint8_t)v;
}

void restore_calls(uint8_t *code, size_t bytes)
{
    for (size_t pos = 0; pos + CALL_BYTES < bytes; pos++) {
        uint32_t target, size = (uint32_t)bytes, here = (uint32_t)pos;

        if (code[pos] != CALL)
            continue;
        target = get32(code + pos + 1);
        if (target < size)
            put32(code + pos + 1, target - here);
        else if (here > 0 && target >= 0u - here)  /* a negative number, no further back than the beginning */
            put32(code + pos + 1, target + size);
        pos += CALL_BYTES - 1;
    }
}
