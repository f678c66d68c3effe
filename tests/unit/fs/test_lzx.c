/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_lzx.c - LZX put together bit by bit: what no compressor makes, and every limit of blocks, codes, distances and calls.
 * What one made is in test_compression.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/fs/lzx.h"

enum { VERBATIM = 1, ALIGNED = 2, AS_IS = 3 };

static uint8_t    packed[4096], out[LZX_CHUNK_BYTES + 1];
static size_t     at;  /* bits */
static struct lzx work;

static void begin(void)
{
    memset(packed, 0, sizeof packed);
    at = 0;
}

/* The highest bit first, in little-endian words. */
static void put(uint64_t value, unsigned bits)
{
    for (unsigned i = bits; i-- > 0; at++)
        packed[at / 16 * 2 + (at % 16 < 8)] |= (uint8_t)((value >> i & 1) << (7 - at % 8));
}

static void put_block(unsigned type, size_t bytes)
{
    put(type, 3);
    put(0, 1);
    put(bytes, 16);
}

/* The code of lengths that all of these use: eight symbols of three bits, in this order. */
static const uint8_t pre_symbols[] = { 0, 1, 14, 15, 16, 17, 18, 19 };

static void put_pre(unsigned without)
{
    for (unsigned symbol = 0; symbol < 20; symbol++)
        put(symbol != without && memchr(pre_symbols, (int)symbol, sizeof pre_symbols) ? 3 : 0, 4);
}

static void put_pre_symbol(unsigned symbol)
{
    put((uint64_t)((const uint8_t *)memchr(pre_symbols, (int)symbol, sizeof pre_symbols) - pre_symbols), 3);
}

static void put_zeros(size_t count)
{
    while (count > 0) {
        size_t run = count < 4 ? 1 : count < 20 ? count : count < 51 ? count : 51;

        if (run == 1) {
            put_pre_symbol(0);  /* no other than before: for codes that had none */
        } else {
            put_pre_symbol(run < 20 ? 17 : 18);
            put(run < 20 ? run - 4 : run - 20, run < 20 ? 4 : 5);
        }
        count -= run;
    }
}

/* Lengths of the codes of symbols [first, end): 1 to 3 for those that are in the list, which is in order. */
struct code {
    unsigned symbol, bits;
};

static const struct code no_code;

static void put_lengths(const struct code *codes, size_t n, unsigned first, unsigned end)
{
    put_pre(20);
    for (size_t i = 0; i < n; i++) {
        if (codes[i].symbol < first || codes[i].symbol >= end)
            continue;
        put_zeros(codes[i].symbol - first);
        put_pre_symbol(17 - codes[i].bits);
        first = codes[i].symbol + 1;
    }
    put_zeros(end - first);
}

static void put_codes(const struct code *codes, size_t n, const struct code *length)
{
    put_lengths(codes, n, 0, 256);
    put_lengths(codes, n, 256, LZX_MAIN_SYMBOLS);
    put_lengths(length, length != &no_code, 0, LZX_LENGTHS);
}

static enum status decode(size_t len)
{
    memset(out, 0xee, sizeof out);
    return lzx_decode(span_of(packed, (at + 15) / 16 * 2), out, len, &work);
}

#define MATCH(kind, length) (256 + 8 * (kind) + (length) - 2)

/* a: 0, b: 10, and a match of this symbol: 11. */
static void put_abm(unsigned match, const struct code *length)
{
    const struct code codes[] = { { 'a', 1 }, { 'b', 2 }, { match, 2 } };

    put_codes(codes, match ? 3 : 2, length);
}

/* ---- blocks */

static void test_a_block(void **state)
{
    (void)state;
    begin();
    put_block(VERBATIM, 6);
    put_abm(MATCH(0, 3), &no_code);
    put(0x13, 6);  /* a, b, a, the match: 0 10 0 11 */
    assert_int_equal(decode(6), STATUS_OK);
    assert_memory_equal(out, "abaaaa\xee", 7);
    assert_int_equal(decode(7), STATUS_FS_DAMAGED);  /* no other block */
    assert_int_equal(decode(5), STATUS_FS_DAMAGED);  /* more than there is to be */
}

/* Lengths of codes are differences to those of the block before. */
static void test_a_second_block(void **state)
{
    (void)state;
    begin();
    put_block(VERBATIM, 2);
    put_abm(0, &no_code);
    put(0x2, 3);       /* a, b */
    put_block(VERBATIM, 3);
    put_pre(20);
    put_zeros(97);
    put_pre_symbol(16);  /* a: from 1 bit to (1 + 17 - 16) = 2 */
    put_pre_symbol(0);   /* b: 2 bits as before */
    put_pre_symbol(16);  /* c: 1 bit */
    put_zeros(256 - 100);
    put_lengths(&no_code, 0, 256, LZX_MAIN_SYMBOLS);
    put_lengths(&no_code, 0, 0, LZX_LENGTHS);
    put(0x16, 5);        /* c: 0, a: 10, b: 11 -> b? 10 11 0 */
    assert_int_equal(decode(5), STATUS_OK);
    assert_memory_equal(out, "ababc", 5);
}

static void test_sizes_of_blocks(void **state)
{
    static const struct { unsigned type; size_t bytes, len; enum status want; } cases[] = {
        { VERBATIM, 6, 6, STATUS_OK }, { VERBATIM, 0, 6, STATUS_FS_DAMAGED }, { VERBATIM, 7, 6, STATUS_FS_DAMAGED },
        { VERBATIM, 65535, 6, STATUS_FS_DAMAGED }, { 0, 6, 6, STATUS_FS_DAMAGED }, { 4, 6, 6, STATUS_FS_DAMAGED },
        { 5, 6, 6, STATUS_FS_DAMAGED }, { 6, 6, 6, STATUS_FS_DAMAGED }, { 7, 6, 6, STATUS_FS_DAMAGED },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin();
        put_block(cases[i].type, cases[i].bytes);
        put_abm(0, &no_code);
        put(0, 16);
        assert_int_equal(decode(cases[i].len), cases[i].want);
    }
    begin();  /* the usual size, in one bit: the whole chunk */
    put(VERBATIM, 3);
    put(1, 1);
    put_abm(MATCH(0, 9), &(struct code){ 248, 1 });
    put(0, 1);
    for (size_t made = 1; made < LZX_CHUNK_BYTES;) {
        size_t step = LZX_CHUNK_BYTES - made < 257 ? 1 : 257;

        put(step == 1 ? 0 : 6, step == 1 ? 1 : 3);  /* an a, or a match of 9 + 248 */
        made += step;
    }
    assert_int_equal(decode(LZX_CHUNK_BYTES), STATUS_OK);
    for (size_t i = 0; i < LZX_CHUNK_BYTES; i++)
        assert_int_equal(out[i], 'a');
    assert_int_equal(out[LZX_CHUNK_BYTES], 0xee);
}

/* Words that are not there are zeros, but not many of them. */
static void test_an_end_that_is_missing(void **state)
{
    (void)state;
    begin();
    put_block(VERBATIM, 100);
    put_abm(0, &no_code);
    put(0, 100 - 48 - 1);  /* three words fewer than the bits of a hundred "a" */
    at = at / 16 * 16;
    assert_int_equal(decode(100), STATUS_FS_DAMAGED);
    at += 64;
    assert_int_equal(decode(100), STATUS_OK);
}

/* A block of six "a", whatever the one before it had: its lengths are differences to what was there, or to nothing. */
static void put_good_block(bool another)
{
    put_block(VERBATIM, 6);
    if (another) {
        put_pre(20);
        put_zeros('a');
        put_pre_symbol(0);
        put_pre_symbol(0);
        put_zeros(256 - 'a' - 2);
        put_lengths(&no_code, 0, 256, LZX_MAIN_SYMBOLS);
        put_lengths(&no_code, 0, 0, LZX_LENGTHS);
    } else {
        put_abm(0, &no_code);
    }
    put(0, 6);
    put(0, 64);
}

/* What is damaged is not made good by what follows it: a block that would be enough by itself. */
static void test_a_good_block_behind_a_damaged_one(void **state)
{
    static const struct { unsigned type; size_t bytes; } heads[] = {
        { 0, 6 }, { 4, 6 }, { 5, 6 }, { 6, 6 }, { 7, 6 }, { VERBATIM, 0 }, { ALIGNED, 0 }, { AS_IS, 0 }, { VERBATIM, 7 }, { AS_IS, 7 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        begin();
        put_block(heads[i].type, heads[i].bytes);
        put_good_block(false);
        assert_int_equal(decode(6), STATUS_FS_DAMAGED);
        begin();
        put_block(VERBATIM, 1);
        put_abm(0, &no_code);
        put(0, 1);
        put_block(heads[i].type, heads[i].bytes);
        put(0, 64);  /* that many "a" by the codes that the good one had */
        assert_int_equal(decode(7), STATUS_FS_DAMAGED);
    }
    for (unsigned kind = 0; kind < 3; kind++) {
        begin();
        if (kind == 1) {
            put_block(VERBATIM, 1);
            put_abm(0, &no_code);
            put(0, 1);
        }
        put_block(ALIGNED, 6);
        put(0x249249, 24);  /* eight codes of one bit */
        if (kind == 0)
            put_good_block(false);
        if (kind == 2)
            put_abm(0, &no_code);  /* all that this block needs, but for those */
        put(0, 64);
        assert_int_equal(decode(kind == 1 ? 7 : 6), STATUS_FS_DAMAGED);
    }
    for (unsigned good = 0; good < 2; good++) {
        begin();
        put_block(VERBATIM, good ? 1 : 6);
        put_abm(0, &no_code);
        if (good)
            put(0, 1);
        else
            put(0xffff, 16);  /* no code, to the end of the longest that there are */
        put_good_block(true);
        assert_int_equal(decode(6 + good), good ? STATUS_OK : STATUS_FS_DAMAGED);
    }
}

/* ---- codes */

static void test_bits_that_are_no_code(void **state)
{
    (void)state;
    begin();
    put_block(VERBATIM, 6);
    put_abm(0, &no_code);
    put(3, 2);
    put(0, 32);
    assert_int_equal(decode(6), STATUS_FS_DAMAGED);
    begin();  /* the same in the code of lengths */
    put_block(VERBATIM, 6);
    put_pre(19);
    put(7, 3);
    put_zeros(256);
    put_lengths(&no_code, 0, 256, LZX_MAIN_SYMBOLS);
    put_lengths(&no_code, 0, 0, LZX_LENGTHS);
    put(0, 64);
    assert_int_equal(decode(6), STATUS_FS_DAMAGED);
}

/* Runs of lengths: to the end of the table, not beyond it; what a "same" run repeats is no run. */
static void test_runs_of_lengths(void **state)
{
    (void)state;
    for (unsigned over = 0; over <= 3; over++) {  /* into the next table, which would have zeros there, too */
        begin();
        put_block(VERBATIM, 4);
        put_pre(20);
        put_zeros('a');
        put_pre_symbol(19);  /* four of the same: a to d have two bits */
        put(0, 1);
        put_pre_symbol(15);
        put_zeros(256 - 'a' - 4 - 40);
        put_pre_symbol(18);
        put(40 + over - 20, 5);
        put_lengths(&no_code, 0, 256, LZX_MAIN_SYMBOLS);
        put_lengths(&no_code, 0, 0, LZX_LENGTHS);
        put(0x1b, 8);
        put(0, 32);
        assert_int_equal(decode(4), over ? STATUS_FS_DAMAGED : STATUS_OK);
        if (over == 0)
            assert_memory_equal(out, "abcd", 4);
    }
    begin();
    put_block(VERBATIM, 4);
    put_pre(20);
    put_zeros('a');
    put_pre_symbol(19);
    put(1, 1);
    put_pre_symbol(17);
    put_zeros(256 - 'a' - 5);
    put_lengths(&no_code, 0, 256, LZX_MAIN_SYMBOLS);
    put_lengths(&no_code, 0, 0, LZX_LENGTHS);
    put(0, 64);
    assert_int_equal(decode(4), STATUS_FS_DAMAGED);
}

static void put_rest_of_block(void)
{
    put_lengths(&no_code, 0, 256, LZX_MAIN_SYMBOLS);
    put_lengths(&no_code, 0, 0, LZX_LENGTHS);
    put(0, 64);  /* "a", as many as there have to be */
}

/* Bits that are no symbol of the code of lengths, and a run of what is itself a run, with all else as it ought to be. */
static void test_symbols_of_lengths_that_are_none(void **state)
{
    (void)state;
    for (unsigned none = 0; none < 2; none++) {
        begin();
        put_block(VERBATIM, 6);
        put_pre(19);
        put_zeros('a');
        if (none)
            put(0xffff, 16);
        else
            put_pre_symbol(16);
        put_zeros(256 - 'a' - 1);
        put_rest_of_block();
        assert_int_equal(decode(6), none ? STATUS_FS_DAMAGED : STATUS_OK);
    }
    for (unsigned symbol = 16; symbol <= 19; symbol++) {
        begin();
        put_block(VERBATIM, 6);
        put_pre(20);
        put_zeros('a');
        put_pre_symbol(16);
        put_pre_symbol(19);
        put(0, 1);
        put_pre_symbol(symbol == 16 ? 0 : symbol);  /* four of as many bits as before: none */
        put_zeros(256 - 'a' - 5);
        put_rest_of_block();
        assert_int_equal(decode(6), symbol == 16 ? STATUS_OK : STATUS_FS_DAMAGED);
    }
}

/* A code of lengths that has nine symbols of three bits, and is none: with what it would code, and without. */
static void test_codes_of_lengths_that_are_none(void **state)
{
    static const struct code a = { 'a', 1 };

    (void)state;
    for (unsigned table = 0; table < 2; table++)
        for (unsigned used = 0; used < 2; used++) {
            begin();
            put_block(VERBATIM, 6);
            put_lengths(&a, 1, 0, 256);
            if (table == 1)
                put_lengths(&no_code, 0, 256, LZX_MAIN_SYMBOLS);
            for (unsigned symbol = 0; symbol < 20; symbol++)
                put(symbol == 2 || memchr(pre_symbols, (int)symbol, sizeof pre_symbols) ? 3 : 0, 4);
            if (used)
                put_zeros(table == 1 ? LZX_LENGTHS : LZX_MAIN_SYMBOLS - 256);
            if (table == 0)
                put_lengths(&no_code, 0, 0, LZX_LENGTHS);
            put(0, 64);
            assert_int_equal(decode(6), STATUS_FS_DAMAGED);
        }
}

/* The first and the last of all bytes are bytes as the others. */
static void test_the_bytes_0_and_255(void **state)
{
    (void)state;
    begin();
    put_block(VERBATIM, 6);
    put_codes((const struct code[]){ { 0, 1 }, { 255, 1 } }, 2, &no_code);
    put(0x13, 6);
    assert_int_equal(decode(6), STATUS_OK);
    assert_memory_equal(out, "\0\xff\0\0\xff\xff\xee", 7);
}

/* ---- matches */

/* "ab", then a match of this kind with these further bits behind it. */
static enum status match(unsigned type, unsigned kind, unsigned length, const struct code *length_code, uint32_t bits, unsigned count,
                         const uint8_t *aligned, size_t len)
{
    begin();
    put_block(type, len);
    for (unsigned i = 0; type == ALIGNED && i < 8; i++)
        put(aligned[i], 3);
    put_abm(MATCH(kind, length), length_code);
    put(2, 3);
    for (size_t i = 2; i + length < len && length < 9; i++)
        put(0, 1);  /* as many "a" as it takes for the match to end the block */
    put(3, 2);
    put(bits, count);
    put(0, 16);
    return decode(len);
}

static void test_distances(void **state)
{
    (void)state;
    assert_int_equal(match(VERBATIM, 3, 2, &no_code, 0, 0, NULL, 4), STATUS_OK);   /* 1 */
    assert_memory_equal(out, "abbb", 4);
    assert_int_equal(match(VERBATIM, 4, 2, &no_code, 0, 1, NULL, 4), STATUS_OK);   /* 2 and one bit */
    assert_memory_equal(out, "abab", 4);
    assert_int_equal(match(VERBATIM, 4, 2, &no_code, 1, 1, NULL, 4), STATUS_FS_DAMAGED);
    assert_int_equal(match(VERBATIM, 4, 2, &no_code, 1, 1, NULL, 5), STATUS_OK);   /* 3, of the three that are there */
    assert_memory_equal(out, "abaab", 5);
    assert_int_equal(match(VERBATIM, 5, 2, &no_code, 1, 1, NULL, 7), STATUS_OK);   /* 5 */
    assert_memory_equal(out, "abaaaab", 7);
    assert_int_equal(match(VERBATIM, 1, 2, &no_code, 0, 0, NULL, 4), STATUS_OK);   /* recent ones are 1 at first */
    assert_memory_equal(out, "abbb", 4);
    assert_int_equal(match(VERBATIM, 2, 2, &no_code, 0, 0, NULL, 4), STATUS_OK);
    assert_memory_equal(out, "abbb", 4);
}

/* In aligned blocks the lowest three bits are a symbol, where there are three. */
static void test_aligned_distances(void **state)
{
    static const uint8_t one[8] = { 1, 0, 0, 0, 0, 0, 0, 2 }, eight[8] = { 3, 3, 3, 3, 3, 3, 3, 3 };

    (void)state;
    for (unsigned low = 0; low < 8; low++) {
        assert_int_equal(match(ALIGNED, 8, 2, &no_code, low, 3, eight, 16 + low), STATUS_OK);  /* 14 and the symbol */
        assert_memory_equal(out + 14 + low, "ab", 2);
        assert_int_equal(match(ALIGNED, 8, 2, &no_code, low, 3, eight, 15 + low), STATUS_FS_DAMAGED);
    }
    assert_int_equal(match(ALIGNED, 8, 2, &no_code, 0, 1, one, 16), STATUS_OK);
    assert_int_equal(match(ALIGNED, 8, 2, &no_code, 2, 2, one, 23), STATUS_OK);     /* 7 */
    assert_memory_equal(out + 21, "ab", 2);
    assert_int_equal(match(ALIGNED, 8, 2, &no_code, 3, 2, one, 23), STATUS_FS_DAMAGED);  /* no code */
    assert_int_equal(match(ALIGNED, 7, 2, &no_code, 1, 2, eight, 13), STATUS_OK);   /* two bits: as they are */
    assert_memory_equal(out + 11, "ab", 2);
    assert_int_equal(match(ALIGNED, 10, 2, &no_code, 8 + 2, 4, eight, 42), STATUS_OK);  /* 30 + 8 and the symbol */
    assert_memory_equal(out + 40, "ab", 2);
}

static void test_long_matches(void **state)
{
    (void)state;
    assert_int_equal(match(VERBATIM, 3, 9, &(struct code){ 0, 1 }, 0, 1, NULL, 11), STATUS_OK);
    assert_memory_equal(out, "abbbbbbbbbb", 11);
    assert_int_equal(match(VERBATIM, 3, 9, &(struct code){ 248, 1 }, 0, 1, NULL, 11 + 248), STATUS_OK);
    assert_int_equal(match(VERBATIM, 3, 9, &(struct code){ 5, 1 }, 0, 1, NULL, 11 + 4), STATUS_FS_DAMAGED);  /* too long */
    assert_int_equal(match(VERBATIM, 3, 9, &(struct code){ 0, 1 }, 1, 1, NULL, 11), STATUS_FS_DAMAGED);      /* no code */
    assert_int_equal(match(VERBATIM, 3, 8, &no_code, 0, 0, NULL, 10), STATUS_OK);                                /* the longest without */
    assert_memory_equal(out, "abbbbbbbbb", 10);
}

/* ---- bytes as they are */

static void put_bytes(const void *bytes, size_t len)
{
    memcpy(packed + at / 8, bytes, len);
    at += 8 * len;
}

/* From the next word on; three distances, which later matches have; an odd number is filled up. */
static void put_as_is(const void *bytes, size_t len, const uint8_t recent[3])
{
    put_block(AS_IS, len);
    at = at / 16 * 16 + 16;  /* also when a word has just ended */
    for (size_t i = 0; i < 3; i++)
        put_bytes((const uint8_t[]){ recent[i], 0, 0, 0 }, 4);
    put_bytes(bytes, len);
    at += len % 2 * 8;
}

static void test_as_is_between_others(void **state)
{
    static const uint8_t ones[] = { 1, 1, 1 };

    (void)state;
    for (unsigned before = 1; before <= 16; before++)  /* at every place in a word */
        for (unsigned len = 1; len <= 4; len++)
            for (unsigned kind = 0; kind < 3; kind++) {
                static const uint8_t recent[] = { 2, 3, 4 };
                size_t               all = before + 2 * len + 4;

                begin();
                put_block(VERBATIM, before);
                put_abm(0, &no_code);
                put(0, before);
                put_as_is("wxyz", len, ones);
                put_as_is("WXYZ", len, recent);
                put_block(VERBATIM, 4);
                put_pre(20);  /* a, b as before, and the match */
                put_zeros('a');
                put_pre_symbol(0);
                put_pre_symbol(0);
                put_zeros(256 - 'a' - 2);
                put_lengths(&(struct code){ MATCH(kind, 2), 2 }, 1, 256, LZX_MAIN_SYMBOLS);
                put_lengths(&no_code, 0, 0, LZX_LENGTHS);
                put(0xb, 5);  /* a, b, the match: 0 10 11 */
                put(0, 16);
                if (before + 2 * len + 2 < recent[kind]) {
                    assert_int_equal(decode(all), STATUS_FS_DAMAGED);
                    continue;
                }
                assert_int_equal(decode(all), STATUS_OK);
                for (unsigned i = 0; i < before; i++)
                    assert_int_equal(out[i], 'a');
                assert_memory_equal(out + before, "wxyz", len);
                assert_memory_equal(out + before + len, "WXYZ", len);
                assert_memory_equal(out + all - 4, "ab", 2);
                assert_memory_equal(out + all - 2, out + all - 2 - recent[kind], 2);
            }
}

/* The last block may be one of bytes as they are: it takes as many as it has, and not one less will do. */
static void test_as_is_at_the_end(void **state)
{
    static const uint8_t ones[] = { 1, 1, 1 };

    (void)state;
    begin();
    put_block(VERBATIM, 100);
    put_abm(0, &no_code);
    put(0, 50);
    put(0, 50);
    put_as_is("wxyz", 4, ones);
    assert_int_equal(lzx_decode(span_of(packed, at / 8), out, 104, &work), STATUS_OK);
    assert_memory_equal(out + 99, "awxyz", 5);
    assert_int_equal(lzx_decode(span_of(packed, at / 8 - 1), out, 104, &work), STATUS_FS_DAMAGED);
}

/* More bytes as they are than there are, and behind their distances a block that would do instead. */
static void test_as_is_that_is_cut_off(void **state)
{
    (void)state;
    for (unsigned cut = 0; cut < 2; cut++) {
        begin();
        if (cut) {
            put_block(AS_IS, 200);
            at = 32;
            put_bytes((const uint8_t[12]){ 1, 0, 0, 0, 1, 0, 0, 0, 1 }, 12);
        }
        put_block(VERBATIM, 200);
        put_abm(0, &no_code);
        for (unsigned i = 0; i < 200; i += 50)
            put(0, 50);
        assert_in_range(at / 8, 1, 200);
        assert_int_equal(decode(200), cut ? STATUS_FS_DAMAGED : STATUS_OK);
    }
}

/* A whole chunk as it is, which has no more than four bits before the next word. */
static void test_a_whole_chunk_as_it_is(void **state)
{
    static uint8_t chunk[2 + 12 + LZX_CHUNK_BYTES] = { 0x00, 0x70, 1, 0, 0, 0, 1, 0, 0, 0, 1 };

    (void)state;
    for (size_t i = 0; i < LZX_CHUNK_BYTES; i++)
        chunk[14 + i] = (uint8_t)(i % 199);  /* no call is among them */
    memset(out, 0xee, sizeof out);
    assert_int_equal(lzx_decode(span_of(chunk, sizeof chunk), out, LZX_CHUNK_BYTES, &work), STATUS_OK);
    assert_memory_equal(out, chunk + 14, LZX_CHUNK_BYTES);
    assert_int_equal(lzx_decode(span_of(chunk, sizeof chunk - 1), out, LZX_CHUNK_BYTES, &work), STATUS_FS_DAMAGED);
}

/* All four bytes of a distance count. */
static void test_distances_of_as_is_blocks(void **state)
{
    static uint8_t bytes[0x400];

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 5 >> 2);
    for (unsigned far = 0; far < 2; far++) {
        begin();
        put_block(AS_IS, sizeof bytes);
        at = 32;
        put_bytes((const uint8_t[]){ 0x34, 0x02, 0, (uint8_t)far, 1, 0, 0, 0, 1, 0, 0, 0 }, 12);
        put_bytes(bytes, sizeof bytes);
        put_block(VERBATIM, 2);
        put_codes(&(struct code){ MATCH(0, 2), 1 }, 1, &no_code);
        put(0, 32);
        assert_int_equal(decode(sizeof bytes + 2), far ? STATUS_FS_DAMAGED : STATUS_OK);
        if (!far)
            assert_memory_equal(out + sizeof bytes, out + sizeof bytes - 0x234, 2);
    }
}

/* ---- calls */

/* Decode a chunk that has these bytes as they are. */
static void decode_as_is(const uint8_t *bytes, size_t len)
{
    static const uint8_t ones[] = { 1, 1, 1 };

    begin();
    put_as_is(bytes, len, ones);
    assert_int_equal(decode(len), STATUS_OK);
}

static void test_targets_of_calls(void **state)
{
    static const struct { int32_t target; size_t place; int64_t becomes; } cases[] = {
        { 0, 7, -7 }, { 7, 7, 0 }, { 11999999, 7, 11999992 }, { 12000000, 7, 12000000 }, { -1, 7, 11999999 }, { -7, 7, 11999993 },
        { -8, 7, -8 }, { INT32_MIN, 7, INT32_MIN }, { INT32_MAX, 7, INT32_MAX }, { 5, 0, 5 }, { -1, 0, -1 }, { 100, 18, 82 },
        { 100, 19, 81 }, { 100, 20, 100 },  /* ten bytes from the end on nothing was changed */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t bytes[30] = { 0 };

        bytes[cases[i].place] = 0xe8;
        wr_le32(bytes + cases[i].place + 1, (uint32_t)cases[i].target);
        decode_as_is(bytes, sizeof bytes);
        assert_int_equal(rd_le32(span_of(out + cases[i].place + 1, 4), 0), (uint32_t)cases[i].becomes);
        memset(bytes + cases[i].place, 0, 5);
        memset(out + cases[i].place, 0, 5);
        assert_memory_equal(out, bytes, sizeof bytes);  /* and nothing else */
    }
}

/* What a call takes with it is no call itself; what follows is. */
static void test_calls_behind_calls(void **state)
{
    (void)state;
    for (size_t place = 0; place < 6; place += 5)
        for (size_t second = 1; second <= 5; second++) {
            uint8_t bytes[30] = { 0 };

            bytes[place] = bytes[place + second] = 0xe8;
            bytes[place + 4] = second == 5 ? 0 : 0xe8;  /* a target that is none, so that it stays as it is */
            bytes[place + second + 1 < place + 5 ? place + 5 : place + second + 1] = 0x40;
            decode_as_is(bytes, sizeof bytes);
            if (second == 5) {
                wr_le32(bytes + place + 1, (uint32_t)(0 - place));
                wr_le32(bytes + place + 6, (uint32_t)(0x40 - (place + 5)));
            }
            assert_memory_equal(out, bytes, sizeof bytes);
        }
}

static void test_short_chunks_have_no_calls(void **state)
{
    (void)state;
    for (size_t len = 6; len <= 12; len++) {
        uint8_t bytes[12] = { 0, 0xe8, 0x40 };

        decode_as_is(bytes, len);
        assert_int_equal(out[2], len == 12 ? 0x3f : 0x40);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_block),
        cmocka_unit_test(test_a_second_block),
        cmocka_unit_test(test_sizes_of_blocks),
        cmocka_unit_test(test_an_end_that_is_missing),
        cmocka_unit_test(test_a_good_block_behind_a_damaged_one),
        cmocka_unit_test(test_symbols_of_lengths_that_are_none),
        cmocka_unit_test(test_codes_of_lengths_that_are_none),
        cmocka_unit_test(test_the_bytes_0_and_255),
        cmocka_unit_test(test_as_is_that_is_cut_off),
        cmocka_unit_test(test_a_whole_chunk_as_it_is),
        cmocka_unit_test(test_bits_that_are_no_code),
        cmocka_unit_test(test_runs_of_lengths),
        cmocka_unit_test(test_distances),
        cmocka_unit_test(test_aligned_distances),
        cmocka_unit_test(test_long_matches),
        cmocka_unit_test(test_as_is_between_others),
        cmocka_unit_test(test_as_is_at_the_end),
        cmocka_unit_test(test_distances_of_as_is_blocks),
        cmocka_unit_test(test_targets_of_calls),
        cmocka_unit_test(test_calls_behind_calls),
        cmocka_unit_test(test_short_chunks_have_no_calls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
