/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_unlzma.c - the unpacker, on what it is for: stage 2 as it was built, packed by
 * liblzma, which shares no code with it; and damaged in many ways.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../unlzma.h"

#define STAGE2  "build/stage2.bin"
#define LOADER  "build/bios/loader.part"
#define PROGRAM "build/bios/program.part"
#define PACKED_BYTES_OFFSET 16  /* header of stage 2 */

static uint8_t *packed, *program, *translated;  /* translated: unpacked, before restore_calls() */
static size_t   packed_len, program_len;
static uint16_t probs[UNLZMA_PROBS];

static uint8_t *read_file(const char *path, size_t *len)
{
    FILE    *f = fopen(path, "rb");
    uint8_t *data = malloc(1 << 20);

    if (!f)
        fail_msg("%s is not there: run make bios", path);
    *len = fread(data, 1, 1 << 20, f);
    fclose(f);
    return data;
}

/* The packed part exactly, in memory of its own, so that a read outside it shows under ASan. */
static int setup(void **state)
{
    size_t   stage2_len, loader_len;
    uint8_t *stage2 = read_file(STAGE2, &stage2_len), *loader = read_file(LOADER, &loader_len);
    uint32_t len;

    (void)state;
    program = read_file(PROGRAM, &program_len);
    memcpy(&len, stage2 + PACKED_BYTES_OFFSET, sizeof len);
    packed_len = len;
    assert_true(packed_len > 1000 && packed_len <= stage2_len - loader_len);
    packed = malloc(packed_len);
    memcpy(packed, stage2 + loader_len, packed_len);
    translated = malloc(program_len);
    assert_true(unlzma(packed, packed_len, translated, program_len, probs));
    free(stage2);
    free(loader);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(packed);
    free(program);
    free(translated);
    return 0;
}

static void unpacks_the_program(void **state)
{
    uint8_t *out = malloc(program_len);

    (void)state;
    assert_true(unlzma(packed, packed_len, out, program_len, probs));
    restore_calls(out, program_len);
    assert_memory_equal(out, program, program_len);
    free(out);
}

/* Whatever the damage: an end, and nothing touched outside the buffers (which ASan watches). */
static void survives_damage(void **state)
{
    uint8_t *bad = malloc(packed_len), *out = malloc(program_len);
    unsigned noticed = 0;

    (void)state;
    for (size_t i = 0; i < 60; i++) {
        memcpy(bad, packed, packed_len);
        bad[(i * 7919) % packed_len] ^= (uint8_t)(1u << (i % 8));
        noticed += !unlzma(bad, packed_len, out, program_len, probs) || memcmp(out, translated, program_len) != 0;
    }
    assert_true(noticed > 50);
    free(bad);
    free(out);
}

static void a_short_stream_is_refused(void **state)
{
    uint8_t *part = malloc(packed_len / 2), *out = malloc(program_len);

    (void)state;
    memcpy(part, packed, packed_len / 2);
    assert_false(unlzma(part, packed_len / 2, out, program_len, probs));
    assert_false(unlzma(part, 3, out, program_len, probs));
    free(part);
    free(out);
}

static void random_streams_end(void **state)
{
    uint8_t  in[256], *out = malloc(program_len);
    uint32_t seed = 1;

    (void)state;
    for (int i = 0; i < 500; i++) {
        for (size_t k = 0; k < sizeof in; k++)
            in[k] = (uint8_t)((seed = seed * 1664525u + 1013904223u) >> 24);
        in[0] = 0;
        assert_false(unlzma(in, sizeof in, out, program_len, probs));
    }
    free(out);
}

/* The four cases of the translation, by hand; a buffer of 16 bytes. */
static void calls_become_relative_again(void **state)
{
    uint8_t forward[16] = { 0x90, 0xe8, 9, 0, 0, 0 }, backward[16] = { 0x90, 0x90, 0xe8, 0xff, 0xff, 0xff, 0xff };
    uint8_t first_byte[16] = { 0x90, 0x90, 0xe8, 0xfe, 0xff, 0xff, 0xff }, before_it[16] = { 0x90, 0x90, 0xe8, 0xfd, 0xff, 0xff, 0xff };
    uint8_t far_away[16] = { 0xe8, 0x10, 0, 0, 0 }, at_end[16] = { [11] = 0xe8, 1, 0, 0, 0 };

    (void)state;
    restore_calls(forward, 16);
    assert_int_equal(forward[2], 9 - 1);
    restore_calls(backward, 16);
    assert_memory_equal(backward + 3, "\x0f\0\0", 4);
    restore_calls(first_byte, 16);
    assert_memory_equal(first_byte + 3, "\x0e\0\0", 4);
    restore_calls(before_it, 16);
    assert_memory_equal(before_it + 3, "\xfd\xff\xff\xff", 4);
    restore_calls(far_away, 16);
    assert_int_equal(far_away[1], 0x10);
    restore_calls(at_end, 16);
    assert_int_equal(at_end[12], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unpacks_the_program),
        cmocka_unit_test(calls_become_relative_again),
        cmocka_unit_test(survives_damage),
        cmocka_unit_test(a_short_stream_is_refused),
        cmocka_unit_test(random_streams_end),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
