/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_gpt_write.c - a table of our own is one that our reader accepts, from either copy, with either block size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/span.h"
#include "common/disk/gpt.h"
#include "common/disk/gpt_write.h"
#include "tests/support/memdisk.h"

#define BLOCKS 4096

static const struct guid disk_guid = { { 0xdd, 1, 2, 3 } }, unique = { { 0xaa, 4 } };

/* A disk with the table on it, one copy of it damaged or none. */
static struct memdisk *make_disk(uint32_t block, int damaged)
{
    const struct gpt_new_entry entries[] = { { gpt_type_efi_system, unique, 256, 1000, "EFI system partition" } };
    struct gpt_new             gpt = { disk_guid, block, BLOCKS, entries, 1 };
    uint32_t                   table = gpt_table_blocks(block);

    struct memdisk            *disk = memdisk_new("disk", block, BLOCKS);

    gpt_write_head(&gpt, disk->data);
    gpt_write_tail(&gpt, disk->data + (size_t)block * (BLOCKS - table));
    if (damaged)
        disk->data[damaged == 1 ? block + 40 : (size_t)block * (BLOCKS - 1) + 40] ^= 1;
    return disk;
}

static void check(uint32_t block, int damaged)
{
    static uint8_t  memory[1 << 18];
    struct arena    a = arena_of(memory, sizeof memory);
    struct memdisk *disk = make_disk(block, damaged);
    struct gpt      gpt;

    assert_int_equal(gpt_read(&disk->dev, NULL, 0, &a, &gpt), STATUS_OK);
    assert_int_equal(gpt.from_backup, damaged == 1);
    assert_true(guid_equal(&gpt.disk_guid, &disk_guid));
    assert_int_equal(gpt.count, 1);
    assert_int_equal(gpt.entries[0].start, 256);
    assert_int_equal(gpt.entries[0].blocks, 1000);
    assert_true(guid_equal(&gpt.entries[0].unique, &unique));
    memdisk_free(disk);
}

static void both_copies_are_good(void **state)
{
    (void)state;
    for (uint32_t block = 512; block <= 4096; block += 3584)
        for (int damaged = 0; damaged <= 2; damaged++)
            check(block, damaged);
}

/* Sector 0 as the UEFI specification has it (5.2.3): one entry over the disk, as far as 32 bits reach. */
static void test_the_protective_sector(void **state)
{
    static const struct { uint64_t blocks; uint8_t size[4]; } cases[] = {
        { BLOCKS, { 0xff, 0x0f, 0, 0 } }, { 0x12345679, { 0x78, 0x56, 0x34, 0x12 } }, { 0xffffffff, { 0xfe, 0xff, 0xff, 0xff } },
        { 0x100000000, { 0xff, 0xff, 0xff, 0xff } }, { 0x100000001, { 0xff, 0xff, 0xff, 0xff } },
    };
    static const uint8_t entry[] = { 0, 0, 2, 0, 0xee, 0xff, 0xff, 0xff, 1, 0, 0, 0 };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        static uint8_t out[34 * 512];
        struct gpt_new gpt = { disk_guid, 512, cases[i].blocks, NULL, 0 };

        memset(out, 0x5a, sizeof out);
        gpt_write_head(&gpt, out);
        for (size_t k = 0; k < 446; k++)
            assert_int_equal(out[k], 0);
        assert_memory_equal(out + 446, entry, sizeof entry);
        assert_memory_equal(out + 446 + 12, cases[i].size, 4);
        for (size_t k = 462; k < 510; k++)
            assert_int_equal(out[k], 0);
        assert_true(out[510] == 0x55 && out[511] == 0xaa);
    }
}

/* What Windows and partitioners read, and our own reader does not: revision, usable blocks, names. */
static void test_headers_and_names(void **state)
{
    (void)state;
    for (uint32_t block = 512; block <= 4096; block += 3584) {
        struct memdisk *disk = make_disk(block, 0);
        uint32_t        array = 128 * 128 / block;

        for (unsigned tail = 0; tail < 2; tail++) {
            uint64_t    lba = tail ? BLOCKS - 1 : 1, array_lba = tail ? BLOCKS - 1 - array : 2;
            struct span h = span_of(disk->data + lba * block, block), e = span_of(disk->data + array_lba * block, 128 * 128);

            assert_int_equal(rd_le32(h, 0x08), 0x10000);
            assert_int_equal(rd_le32(h, 0x0c), 92);
            assert_int_equal(rd_le32(h, 0x14), 0);
            assert_int_equal(rd_le64(h, 0x18), lba);
            assert_int_equal(rd_le64(h, 0x20), BLOCKS - lba);
            assert_int_equal(rd_le64(h, 0x28), 2 + array);
            assert_int_equal(rd_le64(h, 0x30), BLOCKS - 2 - array);
            assert_int_equal(rd_le64(h, 0x48), array_lba);
            assert_int_equal(rd_le32(h, 0x50), 128);
            assert_int_equal(rd_le32(h, 0x54), 128);
            for (size_t i = 92; i < block; i++)
                assert_int_equal(rd_u8(h, i), 0);
            for (size_t i = 0; i < 36; i++)
                assert_int_equal(rd_le16(e, 0x38 + 2 * i), i < 20 ? (uint8_t)"EFI system partition"[i] : 0);
            assert_int_equal(rd_le64(e, 0x30), 0);  /* no attributes */
            for (size_t i = 128; i < 128 * 128; i++)
                assert_int_equal(rd_u8(e, i), 0);
        }
        memdisk_free(disk);
    }
}

/* 128 entries and names of 36 characters, the most that there are; no byte behind them is written. */
static void test_a_full_table(void **state)
{
    static struct gpt_new_entry entries[130];
    static uint8_t              out[34 * 512 + 512], memory[1 << 18];
    const char                 *name = "a name of thirty-seven characters is.";
    struct gpt_new              gpt = { disk_guid, 512, BLOCKS, entries, 130 };
    struct memdisk             *disk = memdisk_new("disk", 512, BLOCKS);
    struct arena                a = arena_of(memory, sizeof memory);
    struct gpt                  read;

    (void)state;
    for (size_t i = 0; i < 130; i++)
        entries[i] = (struct gpt_new_entry){ gpt_type_ldm_data, { { 1, (uint8_t)i } }, 100 + i, 1, name };
    memset(out, 0x5a, sizeof out);
    gpt_write_head(&gpt, out);
    for (size_t i = 34 * 512; i < sizeof out; i++)
        assert_int_equal(out[i], 0x5a);
    memcpy(disk->data, out, 34 * 512);
    assert_int_equal(gpt_read(&disk->dev, NULL, 0, &a, &read), STATUS_OK);
    assert_int_equal(read.count, 128);
    for (size_t i = 0; i < 128; i++) {
        struct span e = span_of(out + 1024 + 128 * i, 128);

        assert_int_equal(read.entries[i].start, 100 + i);
        assert_int_equal(read.entries[i].unique.bytes[1], i);
        for (size_t c = 0; c < 36; c++)
            assert_int_equal(rd_le16(e, 0x38 + 2 * c), (uint8_t)name[c]);
    }
    memdisk_free(disk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_copies_are_good),
        cmocka_unit_test(test_the_protective_sector),
        cmocka_unit_test(test_headers_and_names),
        cmocka_unit_test(test_a_full_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
