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

/* Two failures are one hole when no more than a physical block of 4 KiB lies between them, whichever comes first. */
static void test_what_is_one_hole(void **state)
{
    static const struct { uint32_t block, second, count; bool one; } cases[] = {
        { 512, 109, 1, true }, { 512, 110, 1, false }, { 512, 91, 1, true }, { 512, 90, 1, false },
        { 512, 88, 4, true },  { 512, 87, 4, false },  { 4096, 102, 1, true }, { 4096, 103, 1, false },
        { 4096, 98, 1, true }, { 4096, 97, 1, false }, { 512, 90, 30, true },  { 512, 100, 1, true },
    };
    static uint8_t buf[30 * 512 * 8];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct memdisk *md = numbered(cases[i].block, 1000);

        memdisk_fail(md, 0, md->data_bytes / 512, STATUS_READ_FAILED);
        assert_int_equal(blk_read(&md->dev, 100, 1, buf), STATUS_READ_FAILED);
        assert_int_equal(blk_read(&md->dev, cases[i].second, cases[i].count, buf), STATUS_READ_FAILED);
        assert_int_equal(blk_read(&md->dev, 500, 1, buf), STATUS_READ_FAILED);
        assert_int_equal(md->dev.given_up, STATUS_OK);
        assert_int_equal(blk_read(&md->dev, 600, 1, buf), STATUS_READ_FAILED);
        assert_int_equal(md->dev.given_up, cases[i].one ? STATUS_OK : STATUS_DISK_SILENT);  /* the fourth one */
        memdisk_free(md);
    }
}

/* A hole that grew at either end is beside what is beside that end. */
static void test_a_hole_grows(void **state)
{
    struct memdisk *md = numbered(512, 1000);

    (void)state;
    memdisk_fail(md, 0, 1000, STATUS_READ_FAILED);
    for (uint64_t off = 0; off < 160; off += 8) {
        assert_int_equal(read_at(md, 500 + off), STATUS_READ_FAILED);
        assert_int_equal(read_at(md, 500 - off), STATUS_READ_FAILED);
    }
    assert_int_equal(md->dev.given_up, STATUS_OK);
    memdisk_free(md);
}

/* A disk that has delivered nothing is left alone after two waits of 5 s; one that has, after a minute in all. */
static void test_how_long_is_waited(void **state)
{
    static const struct { bool delivers; uint32_t ms; unsigned reads; enum status end; } cases[] = {
        { false, 5000, 2, STATUS_DISK_SILENT }, { false, 4999, 13, STATUS_DISK_SILENT }, { false, 60000, 1, STATUS_DISK_SILENT },
        { true, 60000, 1, STATUS_DISK_GIVEN_UP }, { true, 59999, 2, STATUS_DISK_GIVEN_UP }, { true, 30000, 2, STATUS_DISK_GIVEN_UP },
        { true, 29999, 3, STATUS_DISK_GIVEN_UP }, { true, 5000, 12, STATUS_DISK_GIVEN_UP },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct memdisk *md = numbered(512, 100);
        unsigned        reads = 0;

        if (cases[i].delivers)
            assert_int_equal(read_at(md, 0), STATUS_OK);
        memdisk_fail_slowly(md, 50, 1, STATUS_READ_FAILED, cases[i].ms);
        for (; md->dev.given_up == STATUS_OK && reads < 20; reads++)
            assert_int_equal(read_at(md, 50), STATUS_READ_FAILED);
        assert_int_equal(reads, cases[i].reads);
        assert_int_equal(md->dev.given_up, cases[i].end);
        assert_int_equal(blk_failed_slowly(&md->dev), cases[i].ms >= 5000);
        assert_int_equal(md->dev.read_errors, reads);
        md->fault_count = 0;
        assert_int_equal(read_at(md, 0), cases[i].end);
        blk_forgive(&md->dev);
        assert_false(blk_failed_slowly(&md->dev));
        assert_int_equal(md->dev.failed_ms, 0);
        assert_int_equal(read_at(md, 0), STATUS_OK);
        memdisk_free(md);
    }
}

/* A window on other disks is never left alone: they are. */
static void test_what_is_never_given_up(void **state)
{
    struct memdisk *md = numbered(512, 1000);

    (void)state;
    md->dev.never_given_up = true;
    memdisk_fail_slowly(md, 0, 1000, STATUS_READ_FAILED, 100000);
    for (uint64_t lba = 0; lba < 1000; lba += 100)
        assert_int_equal(read_at(md, lba), STATUS_READ_FAILED);
    assert_int_equal(md->dev.read_errors, 10);
    md->fault_count = 0;
    assert_int_equal(read_at(md, 0), STATUS_OK);
    memdisk_free(md);
}

static bool go_on(struct block_device *dev, uint32_t seconds)
{
    (void)dev, (void)seconds;
    return true;
}

/* Counts have an end: after hundreds of failures they do not begin anew. */
static void test_counts_that_are_full(void **state)
{
    struct memdisk *md = numbered(512, 1000);

    (void)state;
    md->dev.keep_waiting = go_on;
    memdisk_fail_slowly(md, 50, 1, STATUS_READ_FAILED, 10000);
    for (unsigned i = 0; i < 300; i++) {
        md->dev.given_up = STATUS_OK;  /* an adapter asks all the same */
        assert_int_equal(read_at(md, 50), STATUS_READ_FAILED);
    }
    assert_int_equal(md->dev.given_up, STATUS_DISK_SILENT);
    assert_int_equal(md->dev.trouble.waits, 255);
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
    memdisk_fail_slowly(md, 500, 1, STATUS_READ_FAILED, 31999);
    assert_int_equal(read_at(md, 500), STATUS_READ_FAILED);
    assert_int_equal(asked_about, 31);  /* whole seconds */
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

/* Whatever part of a read fails, its first block, those in the middle or its last: it has failed. */
static void test_large_blocks_that_fail(void **state)
{
    static uint8_t buf[40 * 512];

    (void)state;
    for (uint64_t bad = 1; bad <= 5; bad++) {
        struct memdisk *md = numbered(4096, 16);

        memdisk_fail(md, bad * 8, 1, STATUS_READ_FAILED);
        assert_int_equal(blk_read_sectors(&md->dev, 8 + 3, 32, buf), STATUS_READ_FAILED);  /* blocks 1 to 5, the outer ones in part */
        assert_int_equal(blk_read_sectors(&md->dev, 8, 40, buf), STATUS_READ_FAILED);
        assert_int_equal(blk_read_sectors(&md->dev, bad * 8, 8, buf), STATUS_READ_FAILED);
        assert_int_equal(blk_read_sectors(&md->dev, bad * 8 + 7, 1, buf), STATUS_READ_FAILED);
        assert_int_equal(blk_read_sectors(&md->dev, bad * 8 - 1, 1, buf), STATUS_OK);
        memdisk_free(md);
    }
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
    buf[3 * 512] = 0x11;
    blk_fill_pattern(buf, 3 * 512);
    assert_int_equal(buf[3 * 512], 0x11);  /* not beyond what was asked for */
    blk_fill_pattern(buf, sizeof buf);
    memset(buf, 0, 2 * 512);
    memset(buf + 3 * 512, 0, 512);
    assert_true(blk_has_pattern(buf, sizeof buf));  /* one sector in the middle was left out */
    memset(buf, 0, sizeof buf);
    assert_false(blk_has_pattern(buf, sizeof buf));
}

/* Data of which one bit is the same in every byte (text, zeroes, what a bad cable delivers) is none that was left out. */
static void test_the_pattern_has_each_bit_both_ways(void **state)
{
    uint8_t buf[4 * 512];

    (void)state;
    for (unsigned bit = 0; bit < 16; bit++) {
        blk_fill_pattern(buf, sizeof buf);
        for (size_t i = 0; i < sizeof buf; i++)
            buf[i] = (uint8_t)(bit < 8 ? buf[i] | 1u << bit : buf[i] & ~(1u << (bit - 8)));
        assert_false(blk_has_pattern(buf, sizeof buf));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_and_ranges),
        cmocka_unit_test(test_errors_are_passed_on_and_counted),
        cmocka_unit_test(test_one_hole_however_wide_is_no_reason),
        cmocka_unit_test(test_holes_apart_from_each_other),
        cmocka_unit_test(test_what_is_one_hole),
        cmocka_unit_test(test_a_hole_grows),
        cmocka_unit_test(test_how_long_is_waited),
        cmocka_unit_test(test_what_is_never_given_up),
        cmocka_unit_test(test_counts_that_are_full),
        cmocka_unit_test(test_waits_count_by_their_time),
        cmocka_unit_test(test_a_person_may_pass_it_over),
        cmocka_unit_test(test_senseless_block_sizes),
        cmocka_unit_test(test_sectors_of_large_blocks),
        cmocka_unit_test(test_large_blocks_that_fail),
        cmocka_unit_test(test_aligned_reads_of_large_blocks_are_one_read),
        cmocka_unit_test(test_the_pattern_shows_what_was_not_filled),
        cmocka_unit_test(test_the_pattern_has_each_bit_both_ways),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
