/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_prefix_code.c - bits in words, bytes between them, and codes: the longest, the fullest, those that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/fs/prefix_code.h"

static struct prefix_code code;

/* 16-bit little-endian words, the highest bit first; a number may be of up to 17 bits. */
static void test_bits(void **state)
{
    static const uint8_t in[] = { 0x34, 0x92, 0x78, 0x56, 0xbc, 0x9a };
    struct bit_reader    r = bits_begin(span_of(in, sizeof in), 0);

    (void)state;
    assert_int_equal(bits_take(&r, 0), 0);
    assert_int_equal(bits_take(&r, 1), 1);
    assert_int_equal(bits_take(&r, 3), 1);
    assert_int_equal(bits_take(&r, 8), 0x23);
    assert_int_equal(bits_take(&r, 17), 0x4567 << 1 | 1);
    assert_int_equal(bits_take(&r, 3), 0);
    assert_int_equal(bits_take(&r, 16), 0x9abc);
    assert_true(bits_good(&r));
}

/* LZX reads a word when a bit of it is wanted; XPRESS keeps 16 bits at least, so that a byte is behind the second word. */
static void test_bytes_between_words(void **state)
{
    static const uint8_t in[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
    struct bit_reader    lzx = bits_begin(span_of(in, sizeof in), 0), xpress = bits_begin(span_of(in, sizeof in), 16);

    (void)state;
    assert_int_equal(bits_byte(&lzx), 1);
    assert_int_equal(bits_take(&lzx, 16), 0x0302);
    assert_int_equal(bits_byte(&lzx), 4);
    assert_int_equal(bits_byte(&xpress), 5);
    assert_int_equal(bits_take(&xpress, 16), 0x0201);
    assert_int_equal(bits_byte(&xpress), 6);
    assert_int_equal(bits_take(&xpress, 1), 0);
    assert_int_equal(bits_byte(&xpress), 9);  /* the first bit of a word has the next but one read */
    assert_int_equal(bits_take(&xpress, 15), 0x0403);
    assert_int_equal(bits_take(&xpress, 16), 0x0807);
    assert_true(bits_good(&xpress));
}

/* Behind the end are zeros; two words of them are what is read ahead of the last bits. */
static void test_the_end(void **state)
{
    static const uint8_t in[] = { 0xff, 0xff, 0xff };

    (void)state;
    for (size_t len = 0; len <= 3; len++) {
        struct bit_reader r = bits_begin(span_of(in, len), 0), b = bits_begin(span_of(in, len), 0);

        assert_int_equal(bits_take(&r, 16), len >= 2 ? 0xffff : 0);
        assert_int_equal(bits_take(&r, 16), 0);  /* half a word is none */
        assert_true(bits_good(&r));
        assert_int_equal(bits_take(&r, 1), 0);
        assert_int_equal(bits_good(&r), len >= 2);
        for (size_t i = 0; i < len; i++)
            assert_int_equal(bits_byte(&b), 0xff);
        assert_int_equal(bits_byte(&b), 0);
        assert_int_equal(bits_byte(&b), 0);
        assert_true(bits_good(&b));
        assert_int_equal(bits_byte(&b), 0);
        assert_false(bits_good(&b));
    }
}

/* The next symbol of these bits, the first one highest. */
static int next_of(uint32_t bits, unsigned count)
{
    const uint32_t    all = bits << (32 - count);
    const uint8_t     in[4] = { (uint8_t)(all >> 16), (uint8_t)(all >> 24), (uint8_t)all, (uint8_t)(all >> 8) };
    struct bit_reader r = bits_begin(span_of(in, sizeof in), 0);

    return prefix_code_next(&code, &r);
}

/* One code of each length, and two of the longest: by length, then by symbol, whatever the order of the symbols. */
static void test_the_longest_codes(void **state)
{
    uint8_t lengths[20] = { 0 };

    (void)state;
    for (unsigned bits = 1; bits <= 16; bits++)
        lengths[17 - bits] = (uint8_t)bits;  /* symbol 16 has one bit, symbol 1 has 16 */
    lengths[19] = 16;
    assert_true(prefix_code_build(&code, lengths, 20));
    for (unsigned bits = 1; bits <= 16; bits++)
        assert_int_equal(next_of((1u << bits) - 2, bits), 17 - bits);
    assert_int_equal(next_of(0xffff, 16), 19);
    lengths[0] = 16;  /* one more than there is room for */
    assert_false(prefix_code_build(&code, lengths, 20));
    lengths[0] = 17;
    assert_false(prefix_code_build(&code, lengths, 20));
    lengths[0] = 0;
    lengths[19] = 0;
    assert_true(prefix_code_build(&code, lengths, 20));
    assert_int_equal(next_of(0xffff, 16), -1);
    assert_int_equal(next_of(0xfffe, 16), 1);
}

static void test_full_and_empty_codes(void **state)
{
    static uint8_t lengths[512];

    (void)state;
    assert_true(prefix_code_build(&code, lengths, 512));
    assert_int_equal(next_of(0, 16), -1);
    assert_int_equal(next_of(0xffff, 16), -1);
    memset(lengths, 9, sizeof lengths);
    assert_true(prefix_code_build(&code, lengths, 512));
    for (uint32_t i = 0; i < 512; i++)
        assert_int_equal(next_of(i, 9), i);
    lengths[511] = 8;
    assert_false(prefix_code_build(&code, lengths, 512));
    lengths[511] = 10;
    assert_true(prefix_code_build(&code, lengths, 512));
    assert_int_equal(next_of(511 << 1, 10), 511);
    assert_int_equal(next_of(511 << 1 | 1, 10), -1);
    for (unsigned bits = 1; bits < 9; bits++) {  /* 2^bits of them are all that there can be */
        memset(lengths, 0, sizeof lengths);
        memset(lengths + 7, (int)bits, 1u << bits);
        assert_true(prefix_code_build(&code, lengths, 512));
        assert_int_equal(next_of((1u << bits) - 1, bits), 7 + (1 << bits) - 1);
        lengths[300] = (uint8_t)bits;
        assert_false(prefix_code_build(&code, lengths, 512));
        lengths[300] = 16;
        assert_false(prefix_code_build(&code, lengths, 512));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bits),
        cmocka_unit_test(test_bytes_between_words),
        cmocka_unit_test(test_the_end),
        cmocka_unit_test(test_the_longest_codes),
        cmocka_unit_test(test_full_and_empty_codes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
