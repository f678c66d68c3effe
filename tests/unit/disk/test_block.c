/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_block.c - the only way to read a disk: ranges, units, error counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/disk/block.h"
#include "tests/support/memdisk.h"

/* Every sector carries its number. */
static struct memdisk *numbered(uint32_t block_size, uint64_t blocks)
{
    struct memdisk *md = memdisk_new("hd80", block_size, blocks);

    for (uint64_t i = 0; i < blk_sectors(&md->dev); i++)
        memset(memdisk_at(md, i), (int)(i & 0xff), SECTOR_BYTES);
    return md;
}

static void test_reads_and_ranges(void **state)
{
    struct memdisk *md = numbered(512, 100);
    uint8_t         buf[3 * 512];

    (void)state;
    assert_int_equal(blk_sectors(&md->dev), 100);
    assert_int_equal(blk_read(&md->dev, 97, 3, buf), STATUS_OK);
    assert_int_equal(buf[0], 97);
    assert_int_equal(buf[2 * 512], 99);
    assert_int_equal(blk_read(&md->dev, 98, 3, buf), STATUS_READ_OUT_OF_RANGE);
    assert_int_equal(blk_read(&md->dev, UINT64_MAX, 1, buf), STATUS_READ_OUT_OF_RANGE);
    assert_int_equal(blk_read(&md->dev, 100, 0, buf), STATUS_OK);
    assert_int_equal(md->reads, 1);  /* what is refused, or nothing, does not reach the disk */
    assert_int_equal(md->dev.read_errors, 0);
    memdisk_free(md);
}

static void test_errors_are_passed_on_and_counted(void **state)
{
    struct memdisk *md = numbered(512, 100);
    uint8_t         buf[512];

    (void)state;
    memdisk_fail(md, 5, 1, STATUS_READ_FAILED);
    memdisk_fail(md, 6, 1, STATUS_READ_SILENT);
    assert_int_equal(blk_read(&md->dev, 5, 1, buf), STATUS_READ_FAILED);
    assert_int_equal(blk_read(&md->dev, 6, 1, buf), STATUS_READ_SILENT);
    assert_int_equal(blk_read(&md->dev, 7, 1, buf), STATUS_OK);
    assert_int_equal(md->dev.read_errors, 2);
    memdisk_free(md);
}

/* ---- when a disk is left alone */

static enum status read_at(struct memdisk *md, uint64_t lba)
{
    uint8_t buf[512];

    return blk_read(&md->dev, lba, 1, buf);
}

static void test_one_hole_however_wide_is_no_reason(void **state)
{
    struct memdisk *md = numbered(512, 1000);

    (void)state;
    memdisk_fail(md, 100, 500, STATUS_READ_FAILED);
    for (uint64_t lba = 100; lba < 600; lba++)
        assert_int_equal(read_at(md, lba), STATUS_READ_FAILED);
    assert_int_equal(read_at(md, 600), STATUS_OK);
    assert_int_equal(md->dev.given_up, STATUS_OK);
    memdisk_free(md);
}

static void test_holes_apart_from_each_other(void **state)
{
    struct memdisk *md = numbered(512, 1000);

    (void)state;
    assert_int_equal(read_at(md, 0), STATUS_OK);
    memdisk_fail(md, 100, 500, STATUS_READ_FAILED);
    for (uint64_t lba = 100; lba < 400; lba += 100) {
        assert_int_equal(read_at(md, lba), STATUS_READ_FAILED);
        assert_int_equal(read_at(md, lba + 8), STATUS_READ_FAILED);  /* the next physical block: the same hole */
    }
    assert_int_equal(read_at(md, 50), STATUS_OK);                    /* it lives: they are counted anew */
    for (uint64_t lba = 100; lba < 500; lba += 100)
        assert_int_equal(read_at(md, lba), STATUS_READ_FAILED);
    md->reads = 0;
    assert_int_equal(read_at(md, 50), STATUS_DISK_GIVEN_UP);
    assert_int_equal(md->reads, 0);
    blk_forgive(&md->dev);
    assert_int_equal(read_at(md, 50), STATUS_OK);
    memdisk_free(md);
}

static void test_waits_count_by_their_time(void **state)
{
    struct memdisk *md = numbered(512, 1000);
    unsigned        waits = 0;

    (void)state;
    assert_int_equal(read_at(md, 0), STATUS_OK);
    memdisk_fail_slowly(md, 100, 500, STATUS_READ_FAILED, 10000);
    for (; waits < 6; waits++) {
        assert_int_equal(read_at(md, 0), STATUS_OK);
        assert_int_equal(read_at(md, 100 + 50 * (waits % 3)), STATUS_READ_FAILED);
    }
    assert_int_equal(read_at(md, 0), STATUS_DISK_GIVEN_UP);  /* after a minute */
    assert_int_equal(md->dev.given_up, STATUS_DISK_GIVEN_UP);
    memdisk_free(md);
}

static uint32_t asked_about;

static bool no_more(struct block_device *dev, uint32_t seconds)
{
    (void)dev;
    asked_about = seconds;
    return false;
}

static void test_a_person_may_pass_it_over(void **state)
{
    struct memdisk *md = numbered(512, 1000);

    (void)state;
    md->dev.keep_waiting = no_more;
    memdisk_fail(md, 0, 1, STATUS_READ_FAILED);
    assert_int_equal(read_at(md, 0), STATUS_READ_FAILED);  /* at once: nobody is asked */
    assert_int_equal(asked_about, 0);
    memdisk_fail_slowly(md, 500, 1, STATUS_READ_FAILED, 32000);
    assert_int_equal(read_at(md, 500), STATUS_READ_FAILED);
    assert_int_equal(asked_about, 32);
    assert_int_equal(read_at(md, 7), STATUS_DISK_SILENT);
    memdisk_free(md);
}

static void test_senseless_block_sizes(void **state)
{
    struct memdisk *md = numbered(512, 100);
    uint8_t         buf[512];

    (void)state;
    for (uint32_t size = 0; size <= 8192; size += 256) {
        if (size == 512 || size == 4096)
            continue;
        md->dev.block_size = size;
        assert_int_equal(blk_read(&md->dev, 0, 1, buf), STATUS_BAD_BLOCK_SIZE);
        assert_int_equal(blk_read_sectors(&md->dev, 0, 1, buf), STATUS_BAD_BLOCK_SIZE);
    }
    assert_int_equal(md->reads, 0);
    memdisk_free(md);
}

static void test_sectors_of_large_blocks(void **state)
{
    struct memdisk *md = numbered(4096, 16);
    static uint8_t  buf[128 * 512];

    (void)state;
    assert_int_equal(blk_sectors(&md->dev), 128);
    for (uint32_t first = 0; first < 128; first++)
        for (uint32_t count = 1; count <= 128 - first; count++) {
            memset(buf, 0xee, sizeof buf);
            assert_int_equal(blk_read_sectors(&md->dev, first, count, buf), STATUS_OK);
            for (uint32_t i = 0; i < count; i++)
                if (buf[i * 512] != first + i || buf[i * 512 + 511] != first + i)
                    fail_msg("sector %u of a read of %u from %u", i, count, first);
            if (count < 128)
                assert_int_equal(buf[count * 512], 0xee);  /* nothing beyond what was asked for */
        }
    assert_int_equal(blk_read_sectors(&md->dev, 127, 2, buf), STATUS_READ_OUT_OF_RANGE);
    memdisk_free(md);
}

static void test_aligned_reads_of_large_blocks_are_one_read(void **state)
{
    struct memdisk *md = numbered(4096, 16);
    static uint8_t  buf[64 * 512];

    (void)state;
    assert_int_equal(blk_read_sectors(&md->dev, 8, 64, buf), STATUS_OK);
    assert_int_equal(md->reads, 1);
    memdisk_free(md);
}

static void test_the_pattern_shows_what_was_not_filled(void **state)
{
    uint8_t buf[4 * 512];

    (void)state;
    blk_fill_pattern(buf, sizeof buf);
    assert_true(blk_has_pattern(buf, sizeof buf));
    for (size_t i = 0; i < 4; i++)
        buf[i * 512 + 100 * i] ^= 1;
    assert_false(blk_has_pattern(buf, sizeof buf));
    blk_fill_pattern(buf, sizeof buf);
    memset(buf, 0, 2 * 512);
    memset(buf + 3 * 512, 0, 512);
    assert_true(blk_has_pattern(buf, sizeof buf));  /* one sector in the middle was left out */
    memset(buf, 0, sizeof buf);
    assert_false(blk_has_pattern(buf, sizeof buf));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_and_ranges),
        cmocka_unit_test(test_errors_are_passed_on_and_counted),
        cmocka_unit_test(test_one_hole_however_wide_is_no_reason),
        cmocka_unit_test(test_holes_apart_from_each_other),
        cmocka_unit_test(test_waits_count_by_their_time),
        cmocka_unit_test(test_a_person_may_pass_it_over),
        cmocka_unit_test(test_senseless_block_sizes),
        cmocka_unit_test(test_sectors_of_large_blocks),
        cmocka_unit_test(test_aligned_reads_of_large_blocks_are_one_read),
        cmocka_unit_test(test_the_pattern_shows_what_was_not_filled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
