/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_xpress.c - XPRESS put together bit by bit: lengths of one, two and four bytes, distances of up to 15 bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/span.h"
#include "common/fs/xpress.h"

#define MATCH(distance_bits, length) (256 + 16 * (distance_bits) + (length) - 3)

static uint8_t            packed[8192], out[70000];
static size_t             end;      /* of what is written */
static size_t             word[2];  /* the words that the decoder has read: bits go into these */
static unsigned           used;     /* bits of the first one */
static struct prefix_code code;

/* Codes: a: 0, and then 10 and 11 for two other symbols in ascending order. */
static void begin(unsigned second, unsigned third)
{
    memset(packed, 0, sizeof packed);
    packed['a' / 2] |= 1 << 4 * ('a' & 1);
    packed[second / 2] |= (uint8_t)(2 << 4 * (second & 1));
    packed[third / 2] |= (uint8_t)(2 << 4 * (third & 1));
    word[0] = 256;
    word[1] = 258;
    end = 260;
    used = 0;
}

/* Two words are read at first; with the first bit of each that follows, the next one. */
static void put(uint64_t value, unsigned bits)
{
    while (bits-- > 0) {
        if (used == 16) {
            word[0] = word[1];
            word[1] = end;
            end += 2;
            used = 0;
        }
        packed[word[0] + (used < 8)] |= (uint8_t)((value >> bits & 1) << (7 - used % 8));
        used++;
    }
}

static void put_byte(unsigned byte) { packed[end++] = (uint8_t)byte; }

static enum status decode(size_t len)
{
    memset(out, 0xee, len + 1);
    return xpress_decode(span_of(packed, end), out, len, &code);
}

/* "ab", and what a match of this length makes of it. Lengths as they are in a symbol, in a byte, and in a word. */
static void test_lengths(void **state)
{
    static const struct { size_t length; unsigned in_symbol; int byte, word; } cases[] = {
        { 3, 0, -1, -1 },   { 4, 1, -1, -1 },      { 17, 14, -1, -1 },     { 18, 15, 0, -1 },        { 19, 15, 1, -1 },
        { 272, 15, 254, -1 }, { 273, 15, 255, 270 }, { 3, 15, 255, 0 },    { 65538, 15, 255, 65535 }, { 4099, 15, 255, 4096 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t all = 2 + cases[i].length;

        for (size_t len = all - 1; len <= all + 1; len++) {
            begin('b', MATCH(1, 3 + cases[i].in_symbol));
            put(2, 3);  /* a, b */
            put(3, 2);
            if (cases[i].byte >= 0)
                put_byte((unsigned)cases[i].byte);
            if (cases[i].word >= 0) {
                put_byte((unsigned)cases[i].word & 255);
                put_byte((unsigned)cases[i].word >> 8);
            }
            put(0, 1);  /* the distance: 2 */
            put(0, 32);
            assert_int_equal(decode(len), len < all ? STATUS_FS_DAMAGED : STATUS_OK);  /* it may be no longer than what there is to be */
            for (size_t k = 0; len >= all && k < all; k++)
                assert_int_equal(out[k], "ab"[k & 1]);
            if (len == all + 1)
                assert_int_equal(out[all], 'a');
            assert_int_equal(out[len], 0xee);
        }
    }
}

/* The farthest and the nearest match of each number of bits, and one that begins before the first byte. */
static void test_distances(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits <= 14; bits++)
        for (unsigned far = 0; far < 2; far++) {
            size_t distance = ((size_t)1 << bits) + (far ? ((size_t)1 << bits) - 1 : 0);

            for (size_t made = distance; made + 1 >= distance && made > 0; made--) {
                begin('b', MATCH(bits, 3));
                put(2, 2);  /* b, then as many "a" as it takes */
                for (size_t i = 1; i < made; i++)
                    put(0, 1);
                put(3, 2);
                put((uint32_t)(distance - ((size_t)1 << bits)), bits);
                put(0, 16);
                assert_int_equal(decode(made + 3), made < distance ? STATUS_FS_DAMAGED : STATUS_OK);
                if (made == distance) {
                    assert_int_equal(out[made], 'b');
                    assert_int_equal(out[made + 1], made == 1 ? 'b' : 'a');
                }
            }
        }
}

static void test_bits_that_are_no_code(void **state)
{
    (void)state;
    begin('b', 'c');
    packed['c' / 2] = 2 << 4 * ('b' & 1) * ('b' / 2 == 'c' / 2);  /* no c any more */
    put(3, 2);
    put(0, 32);
    assert_int_equal(decode(1), STATUS_FS_DAMAGED);
    begin('b', 'c');
    put(3, 2);
    put(0, 32);
    assert_int_equal(decode(1), STATUS_OK);
    assert_int_equal(out[0], 'c');
}

/* Each half of each byte of the table is the length of a symbol's code: the lower one's is that of the even symbol. */
static void test_tables(void **state)
{
    (void)state;
    for (unsigned symbol = 0; symbol < 256; symbol++) {
        begin(symbol == 'b' ? 'c' : 'b', MATCH(0, 3));
        packed[symbol / 2] = (uint8_t)(packed[symbol / 2] & (0xf0 >> 4 * (symbol & 1)));
        packed['a' / 2] = (uint8_t)(packed['a' / 2] & (0xf0 >> 4 * ('a' & 1)));
        packed[symbol / 2] |= (uint8_t)(1 << 4 * (symbol & 1));  /* instead of a */
        put(0, 3);
        put(0, 32);
        assert_int_equal(decode(3), STATUS_OK);
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(out[i], symbol);
    }
}

/* Bytes that end before the bits do. */
static void test_an_end_that_is_missing(void **state)
{
    (void)state;
    begin('b', 'c');
    for (size_t i = 0; i < 400; i++)
        put(0, 1);
    end = 256 + 400 / 8;
    assert_int_equal(decode(400), STATUS_OK);
    end -= 4;
    assert_int_equal(decode(400), STATUS_FS_DAMAGED);
    end = 256;
    assert_int_equal(decode(0), STATUS_OK);
    end = 255;
    assert_int_equal(decode(0), STATUS_FS_DAMAGED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_distances),
        cmocka_unit_test(test_bits_that_are_no_code),
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_an_end_that_is_missing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
