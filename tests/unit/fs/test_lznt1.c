/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_lznt1.c - LZNT1 put together by hand: chunks of both kinds, matches as far and as long as there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/span.h"
#include "common/fs/lznt1.h"

#define CHUNK 4096u

static uint8_t packed[4 * CHUNK], out[2 * CHUNK + 1], plain[CHUNK];
static size_t  at;

/* Headers: a signature, packed or not, the length of what follows less 1. */
static void put_header(size_t pos, bool is_packed, size_t len) { wr_le16(packed + pos, (uint16_t)(0x3000 | (is_packed ? 0x8000 : 0) | (len - 1))); }

static uint8_t byte_of(size_t i) { return (uint8_t)(i * 7 ^ i >> 5); }

/* `count` bytes as they are, then a match of these 16 bits, then an end. Returns what the chunk makes. */
static enum status decode_match(size_t count, uint16_t match, size_t len)
{
    size_t flags = 0;

    at = 2;
    for (size_t i = 0; i <= count; i++) {
        if (i % 8 == 0) {
            flags = at;
            packed[at++] = 0;
        }
        if (i < count) {
            packed[at++] = plain[i] = byte_of(i);
        } else {
            packed[flags] |= (uint8_t)(1u << i % 8);
            wr_le16(packed + at, match);
            at += 2;
        }
    }
    put_header(0, true, at - 2);
    memset(out, 0xee, sizeof out);
    return lznt1_decode(span_of(packed, at), out, len);
}

/* The more bytes there are, the more of a match's 16 bits say how far back it is: 4 for up to 16, 12 for more than 2048. */
static void test_matches(void **state)
{
    (void)state;
    for (unsigned bits = 4; bits <= 12; bits++)
        for (unsigned edge = 0; edge < 2; edge++) {
            size_t   made = edge ? (size_t)1 << bits : bits == 4 ? 1 : ((size_t)1 << (bits - 1)) + 1;  /* the last, the first of its kind */
            unsigned length_bits = 16 - bits;
            size_t   most = ((size_t)1 << length_bits) - 1 + 3;

            if (made == CHUNK)
                made = 3000;  /* as many as a chunk has room for, as they are */
            for (unsigned far = 0; far < 2; far++) {
                size_t   distance = far ? made : 1, length = made + most > CHUNK ? CHUNK - made : most;
                uint16_t match = (uint16_t)((distance - 1) << length_bits | (length - 3));

                assert_int_equal(decode_match(made, match, 2 * CHUNK), STATUS_OK);
                assert_memory_equal(out, plain, made);
                for (size_t i = 0; i < length; i++)
                    assert_int_equal(out[made + i], out[made + i - distance]);
                for (size_t i = made + length; i < 2 * CHUNK; i++)
                    assert_int_equal(out[i], 0);
                assert_int_equal(out[2 * CHUNK], 0xee);
                assert_int_equal(decode_match(made, match, made + length), STATUS_OK);
                assert_int_equal(decode_match(made, match, made + length - 1), STATUS_FS_DAMAGED);  /* too long */
            }
            if (made < (size_t)1 << bits)  /* before the first byte */
                assert_int_equal(decode_match(made, (uint16_t)(made << length_bits), 2 * CHUNK), STATUS_FS_DAMAGED);
        }
    assert_int_equal(decode_match(0, 0, 2 * CHUNK), STATUS_FS_DAMAGED);
    assert_int_equal(decode_match(1, CHUNK - 1 - 3, 2 * CHUNK), STATUS_OK);
    assert_int_equal(decode_match(1, CHUNK - 3, 2 * CHUNK), STATUS_FS_DAMAGED);  /* a chunk makes 4096 bytes, no more */
}

/* Half a match at a chunk's end is damage; what follows enough bytes is not looked at. */
static void test_ends_of_chunks(void **state)
{
    static const uint8_t half[] = { 0x03, 0xb0, 0x02, 'a', 0x00, 0x00 }, cut[] = { 0x02, 0xb0, 0x02, 'a', 0x00 };

    (void)state;
    assert_int_equal(lznt1_decode(span_of(half, sizeof half), out, CHUNK), STATUS_OK);
    assert_memory_equal(out, "aaaa\0", 5);
    assert_int_equal(lznt1_decode(span_of(cut, sizeof cut), out, CHUNK), STATUS_FS_DAMAGED);
    assert_int_equal(lznt1_decode(span_of(cut, sizeof cut), out, 1), STATUS_OK);
    assert_int_equal(out[0], 'a');
}

/* A byte of kinds speaks of eight; of those that a chunk does not have it says nothing, whatever its bits are. */
static void test_kinds_of_what_is_not_there(void **state)
{
    (void)state;
    for (size_t count = 1; count <= 8; count++) {
        put_header(0, true, 1 + count);
        packed[2] = (uint8_t)(0xff << count);
        memset(packed + 3, 'a', count);
        packed[3 + count] = packed[4 + count] = 0;
        memset(out, 0xee, sizeof out);
        assert_int_equal(lznt1_decode(span_of(packed, 5 + count), out, CHUNK), STATUS_OK);
        for (size_t i = 0; i < CHUNK; i++)
            assert_int_equal(out[i], i < count ? 'a' : 0);
    }
}

/* Three chunks: packed, as it is, packed; each makes 4096 bytes, with zeros for what it does not have. */
static void test_chunks_one_after_the_other(void **state)
{
    static uint8_t three[3 * CHUNK];

    (void)state;
    for (size_t raw = 1; raw <= CHUNK; raw += CHUNK - 1) {
        memcpy(packed, "\x01\xb0\x00" "x", 4);
        put_header(4, false, raw);
        for (size_t i = 0; i < raw; i++)
            packed[6 + i] = byte_of(i);
        memcpy(packed + 6 + raw, "\x02\xb0\x00" "yz", 5);
        packed[11 + raw] = packed[12 + raw] = 0;
        memset(three, 0xee, sizeof three);
        assert_int_equal(lznt1_decode(span_of(packed, 13 + raw), three, sizeof three), STATUS_OK);
        for (size_t i = 0; i < CHUNK; i++) {
            assert_int_equal(three[i], i == 0 ? 'x' : 0);
            assert_int_equal(three[CHUNK + i], i < raw ? byte_of(i) : 0);
            assert_int_equal(three[2 * CHUNK + i], i == 0 ? 'y' : i == 1 ? 'z' : 0);
        }
        memset(out, 0xee, sizeof out);
        assert_int_equal(lznt1_decode(span_of(packed, 13 + raw), out, CHUNK + 1), STATUS_OK);  /* as much as is wanted */
        assert_int_equal(out[CHUNK], byte_of(0));
        assert_int_equal(out[CHUNK + 1], 0xee);
    }
}

/* What stands behind as many chunks as are wanted is not looked at, whatever it is. */
static void test_what_is_behind_the_last_chunk(void **state)
{
    (void)state;
    for (size_t len = CHUNK; len <= 2 * CHUNK; len += CHUNK) {
        size_t end = 0;

        for (size_t made = 0; made < len; made += CHUNK, end += 4)
            memcpy(packed + end, "\x01\xb0\x00" "x", 4);
        memset(packed + end, 0x77, 8);
        assert_int_equal(lznt1_decode(span_of(packed, end + 8), out, len), STATUS_OK);
        assert_int_equal(out[len - CHUNK], 'x');
        assert_int_equal(lznt1_decode(span_of(packed, end + 8), out, len + 1), STATUS_FS_DAMAGED);
    }
}

/* Where chunks end: at a header of 0, or at the end of the bytes; what is no header is damage. */
static void test_headers(void **state)
{
    static const struct { uint8_t bytes[8]; size_t len; enum status want; } cases[] = {
        { { 0x01, 0xb0, 0x00, 'x' }, 4, STATUS_OK },             { { 0x01, 0xb0, 0x00, 'x', 0, 0, 1, 1 }, 8, STATUS_OK },
        { { 0x01, 0xb0, 0x00, 'x', 7 }, 5, STATUS_OK },          { { 0x01, 0xb0, 0x00 }, 3, STATUS_FS_DAMAGED },
        { { 0x01, 0xb0 }, 2, STATUS_FS_DAMAGED },                { { 0 }, 0, STATUS_OK },
        { { 0x01, 0x90, 0x00, 'x' }, 4, STATUS_FS_DAMAGED },     { { 0x01, 0xa0, 0x00, 'x' }, 4, STATUS_FS_DAMAGED },
        { { 0x01, 0xf0, 0x00, 'x' }, 4, STATUS_FS_DAMAGED },     { { 0x01, 0x30, 'a', 'b' }, 4, STATUS_OK },
        { { 0x01, 0x30, 'a' }, 3, STATUS_FS_DAMAGED },           { { 0x01, 0xb0, 0x00, 'x', 1, 0 }, 6, STATUS_FS_DAMAGED },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(lznt1_decode(span_of(cases[i].bytes, cases[i].len), out, 2 * CHUNK), cases[i].want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_ends_of_chunks),
        cmocka_unit_test(test_kinds_of_what_is_not_there),
        cmocka_unit_test(test_chunks_one_after_the_other),
        cmocka_unit_test(test_what_is_behind_the_last_chunk),
        cmocka_unit_test(test_headers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
