/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_compression.c - LZNT1, XPRESS and LZX: the specification's own examples, and data that is damaged. Whole files made
 * by ntfs-3g and wimlib are in tests/host/test_volume_files.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/fs/lznt1.h"
#include "common/fs/lzx.h"
#include "common/fs/xpress.h"
#include "tests/support/packed.h"

#define GUARD 0xa5

static struct lzx work;

static enum status decode(char kind, struct span in, uint8_t *out, size_t len)
{
    if (kind == 'n')
        return lznt1_decode(in, out, len);
    return kind == 'x' ? xpress_decode(in, out, len, &work.main) : lzx_decode(in, out, len, &work);
}

/* [MS-XCA], 3.3: a melody. */
static void test_the_lznt1_example(void **state)
{
    static const uint8_t packed[] = {
        0x38, 0xb0, 0x88, 0x46, 0x23, 0x20, 0x00, 0x20, 0x47, 0x20, 0x41, 0x00, 0x10, 0xa2, 0x47, 0x01, 0xa0, 0x45, 0x20,
        0x44, 0x00, 0x08, 0x45, 0x01, 0x50, 0x79, 0x00, 0xc0, 0x45, 0x20, 0x05, 0x24, 0x13, 0x88, 0x05, 0xb4, 0x02, 0x4a,
        0x44, 0xef, 0x03, 0x58, 0x02, 0x8c, 0x09, 0x16, 0x01, 0x48, 0x45, 0x00, 0xbe, 0x00, 0x9e, 0x00, 0x04, 0x01, 0x18,
        0x90, 0x00,
    };
    static const char melody[] = "F# F# G A A G F# E D D E F# F# E E F# F# G A A G F# E D D E F# E D D E E F# D E F# G F# D "
                                 "E F# G F# E D E A F# F# G A A G F# E D D E F# E D D";
    uint8_t out[8192];

    (void)state;
    memset(out, GUARD, sizeof out);
    assert_int_equal(lznt1_decode(span_of(packed, sizeof packed), out, sizeof out), STATUS_OK);
    assert_memory_equal(out, melody, sizeof melody);
    for (size_t i = sizeof melody; i < sizeof out; i++)
        assert_int_equal(out[i], 0);
}

/* [MS-XCA], 3.2: the alphabet, and "abc" a hundred times; a table of 512 lengths, then the bits. */
static void test_the_xpress_examples(void **state)
{
    static const uint8_t alphabet[] = { 0xd8, 0x52, 0x3e, 0xd7, 0x94, 0x11, 0x5b, 0xe9, 0x19, 0x5f, 0xf9, 0xd6, 0x7c, 0xdf, 0x8d, 0x04, 0, 0, 0, 0 };
    static const uint8_t abc[] = { 0xa8, 0xdc, 0x00, 0x00, 0xff, 0x26, 0x01 };
    uint8_t packed[300] = { 0 }, out[300];

    (void)state;
    memset(packed + 'a' / 2, 0x55, 11);  /* 'a' to 'v' have 5 bits, 'w' to 'z' and the end have 4 */
    packed['a' / 2] = 0x50;
    packed['w' / 2] = 0x45;
    packed['y' / 2] = 0x44;
    packed['z' / 2] = 0x04;
    packed[128] = 0x04;
    memcpy(packed + 256, alphabet, sizeof alphabet);
    assert_int_equal(xpress_decode(span_of(packed, 256 + sizeof alphabet), out, 26, &work.main), STATUS_OK);
    assert_memory_equal(out, "abcdefghijklmnopqrstuvwxyz", 26);

    memset(packed, 0, sizeof packed);
    packed['a' / 2] = 0x30;
    packed['b' / 2] = 0x23;
    packed[128] = 0x02;
    packed[0x8f] = 0x20;
    memcpy(packed + 256, abc, sizeof abc);
    assert_int_equal(xpress_decode(span_of(packed, 256 + sizeof abc), out, 300, &work.main), STATUS_OK);
    for (size_t i = 0; i < 300; i++)
        assert_int_equal(out[i], "abc"[i % 3]);
}

/* An LZX block of bytes as they are, and calls in it that become relative again. */
static void test_lzx_bytes_as_they_are(void **state)
{
    /* type 3 (bits 011), not the usual size (0), 0x0014 as 16 bits, filled up; three distances; twenty bytes */
    static const uint8_t packed[] = { 0x01, 0x60, 0x00, 0x40, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0,
                                      0xe8, 0x10, 0, 0, 0, 0xe8, 0xfd, 0xff, 0xff, 0xff, 7, 8, 9, 10, 0xe8, 1, 2, 3, 4, 5 };
    static const uint8_t plain[] = { 0xe8, 0x10, 0, 0, 0, 0xe8, 0xfd, 0x1a, 0xb7, 0, 7, 8, 9, 10, 0xe8, 1, 2, 3, 4, 5 };
    uint8_t out[20];

    (void)state;
    assert_int_equal(lzx_decode(span_of(packed, sizeof packed), out, sizeof out, &work), STATUS_OK);
    assert_memory_equal(out, plain, sizeof plain);
    assert_int_equal(lzx_decode(span_of(packed, sizeof packed - 1), out, sizeof out, &work), STATUS_FS_DAMAGED);
    assert_int_equal(lzx_decode(span_of(packed, sizeof packed), out, sizeof out - 1, &work), STATUS_FS_DAMAGED);
    assert_int_equal(lzx_decode(span_of(packed, sizeof packed), out, LZX_CHUNK_BYTES + 1, &work), STATUS_INTERNAL);
}

/* Codes of 1 to 15 bits, the longest that there are; the symbol 0, which is no error. */
static void test_the_longest_codes(void **state)
{
    uint8_t packed[264] = { 0x21, 0x43, 0x65, 0x87, 0xa9, 0xcb, 0xed, 0xff }, out[16];

    (void)state;
    memset(out, GUARD, sizeof out);
    assert_int_equal(xpress_decode(span_of(packed, sizeof packed), out, 16, &work.main), STATUS_OK);
    for (size_t i = 0; i < 16; i++)
        assert_int_equal(out[i], 0);
}

/* Calls at other places than the first: forward, and back to the very beginning of the chunk. */
static void test_lzx_calls(void **state)
{
    static const uint8_t packed[] = { 0x01, 0x60, 0x00, 0xa0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,
                                      0xe8, 7, 0, 0, 0, 0xe8, 0xf6, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 };
    static const uint8_t plain[] = { 0, 0, 0, 0, 0, 0xe8, 2, 0, 0, 0, 0xe8, 0xf6, 0x1a, 0xb7, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 };
    uint8_t out[sizeof plain];

    (void)state;
    assert_int_equal(lzx_decode(span_of(packed, sizeof packed), out, sizeof out, &work), STATUS_OK);
    assert_memory_equal(out, plain, sizeof plain);
}

/* Blocks of both kinds, recent distances, long matches, all ways to code lengths. */
static void test_whole_chunks(void **state)
{
    static uint8_t packed[2048], plain[LZX_CHUNK_BYTES], out[LZX_CHUNK_BYTES];

    (void)state;
    packed_plain(plain, 6000, 1, 20, 40, false);
    assert_int_equal(lzx_decode(packed_bytes(packed_lzx_verbatim, packed), out, 6000, &work), STATUS_OK);
    assert_memory_equal(out, plain, 6000);
    assert_int_equal(xpress_decode(packed_bytes(packed_xpress, packed), out, 4096, &work.main), STATUS_OK);
    assert_memory_equal(out, plain, 4096);
    packed_plain(plain, LZX_CHUNK_BYTES, 2, 12, 300, true);
    assert_int_equal(lzx_decode(packed_bytes(packed_lzx_aligned, packed), out, LZX_CHUNK_BYTES, &work), STATUS_OK);
    assert_memory_equal(out, plain, LZX_CHUNK_BYTES);
}

static void test_damage_stays_inside(void **state)
{
    static const char kinds[] = "nxl";
    static uint8_t    in[600], out[8192 + 16];
    unsigned          refused[3] = { 0 };

    (void)state;
    srand(4);
    for (size_t round = 0; round < 30000; round++) {
        size_t k = round % 3, len = (size_t)rand() % sizeof in, want = (size_t)rand() % (sizeof out - 16);

        for (size_t i = 0; i < len; i++)
            in[i] = (uint8_t)(round % 2 || i >= 256 ? rand() : 0x99 - (int)(i & 0x11));
        if (k == 0 && len > 1)
            in[1] = (uint8_t)((in[1] & 1) | 0xb0);
        memset(out, GUARD, sizeof out);
        if (decode(kinds[k], span_of(in, len), out, want) != STATUS_OK)
            refused[k]++;
        for (size_t i = want; i < sizeof out; i++)
            assert_int_equal(out[i], GUARD);
    }
    for (size_t k = 0; k < 3; k++)
        assert_true(refused[k] > 1000);
}

static void test_what_is_no_code(void **state)
{
    uint8_t packed[400] = { 0 }, out[16];

    (void)state;
    assert_int_equal(xpress_decode(span_of(packed, 255), out, 16, &work.main), STATUS_FS_DAMAGED);  /* half a table */
    assert_int_equal(xpress_decode(span_of(packed, sizeof packed), out, 16, &work.main), STATUS_FS_DAMAGED);  /* no symbol */
    memset(packed, 0x11, 256);  /* 512 symbols of one bit each */
    assert_int_equal(xpress_decode(span_of(packed, sizeof packed), out, 16, &work.main), STATUS_FS_DAMAGED);
    assert_int_equal(lzx_decode(span_of(packed, 0), out, 16, &work), STATUS_FS_DAMAGED);
    assert_int_equal(lznt1_decode(span_of("\x03\x00zz", 4), out, 16), STATUS_FS_DAMAGED);      /* no signature */
    assert_int_equal(lznt1_decode(span_of("\x03\xb0\x01\x01", 4), out, 16), STATUS_FS_DAMAGED); /* longer than the input */
    assert_int_equal(lznt1_decode(span_of("\x02\xb0\x01\x01\x00", 5), out, 16), STATUS_FS_DAMAGED); /* a match at once */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_lznt1_example),   cmocka_unit_test(test_the_xpress_examples),
        cmocka_unit_test(test_lzx_bytes_as_they_are), cmocka_unit_test(test_damage_stays_inside),
        cmocka_unit_test(test_what_is_no_code),       cmocka_unit_test(test_whole_chunks),
        cmocka_unit_test(test_the_longest_codes),     cmocka_unit_test(test_lzx_calls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
