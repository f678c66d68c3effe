/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_partition_number.c - the number that Windows's kernel gives to a partition of an MBR disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/disk/partition_number.h"
#include "tests/support/memdisk.h"

#define SECTORS  10000u
#define EXTENDED 2000u

static struct memdisk *disk;

static int setup(void **state)
{
    (void)state;
    disk = memdisk_new("disk", SECTOR_BYTES, SECTORS);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    memdisk_free(disk);
    return 0;
}

static void put_entry(uint64_t sector, unsigned slot, uint8_t type, uint32_t start, uint32_t sectors)
{
    uint8_t *s = memdisk_at(disk, sector), *e = s + MBR_TABLE_OFF + slot * MBR_ENTRY_BYTES;

    e[4] = type;
    wr_le32(e + 8, start);
    wr_le32(e + 12, sectors);
    wr_le16(s + MBR_MAGIC_OFF, 0xaa55);
}

static struct mbr table(void)
{
    return mbr_parse(span_of(memdisk_at(disk, 0), SECTOR_BYTES));
}

static size_t logical_count(void)
{
    struct mbr            mbr = table();
    struct logical_drives logical;

    logical_drives_read(&disk->dev, &mbr, &logical);
    return logical.count;
}

static unsigned number_of(uint64_t start)
{
    struct mbr            mbr = table();
    struct logical_drives logical;

    logical_drives_read(&disk->dev, &mbr, &logical);
    return partition_number(&mbr, &logical, start);
}

/* In the order of the table, whatever the starts; empty slots and whatever is left in them do not count. */
static void test_primary_entries(void **state)
{
    (void)state;
    put_entry(0, 0, 0x42, 5000, 100);
    put_entry(0, 1, 0, 777, 100);
    put_entry(0, 2, 0xde, 63, 100);
    put_entry(0, 3, 0x07, 3000, 100);
    assert_int_equal(number_of(5000), 1);
    assert_int_equal(number_of(63), 2);
    assert_int_equal(number_of(3000), 3);
    assert_int_equal(number_of(777), 0);
    assert_int_equal(number_of(64), 0);
}

/* Logical drives come after all primary ones, along the chain, wherever the extended entry stands. */
static void test_logical_drives(void **state)
{
    (void)state;
    put_entry(0, 0, 0x0f, EXTENDED, 4000);
    put_entry(0, 1, 0x42, 63, 1000);
    put_entry(EXTENDED, 0, 0x42, 63, 500);
    put_entry(EXTENDED, 1, 0x05, 1000, 600);             /* relative to the extended entry */
    put_entry(EXTENDED + 1000, 0, 0x07, 63, 500);        /* relative to this link */
    put_entry(EXTENDED + 1000, 1, 0x05, 2000, 600);
    put_entry(EXTENDED + 2000, 0, 0x42, 63, 500);
    assert_int_equal(number_of(63), 1);
    assert_int_equal(number_of(EXTENDED + 63), 2);
    assert_int_equal(number_of(EXTENDED + 1063), 3);
    assert_int_equal(number_of(EXTENDED + 2063), 4);
    assert_int_equal(number_of(EXTENDED), 0);
}

/* A chain that bites its tail, leads out of the disk, is unreadable or no table: what comes before counts. */
static void test_damaged_chains(void **state)
{
    (void)state;
    put_entry(0, 0, 0x05, EXTENDED, 4000);
    put_entry(EXTENDED, 0, 0x42, 63, 500);
    put_entry(EXTENDED, 1, 0x05, 0, 600);
    assert_int_equal(logical_count(), LOGICAL_DRIVES_MAX);
    assert_int_equal(number_of(EXTENDED + 63), 1);

    put_entry(EXTENDED, 1, 0x05, SECTORS - EXTENDED, 600);
    assert_int_equal(number_of(EXTENDED + 63), 1);
    assert_int_equal(logical_count(), 1);
    put_entry(EXTENDED, 1, 0x05, 0xffffffff, 600);
    assert_int_equal(number_of(EXTENDED + 63), 1);
    assert_int_equal(logical_count(), 1);
    put_entry(EXTENDED, 1, 0x05, 1000, 600);             /* zeros there */
    assert_int_equal(logical_count(), 1);
    put_entry(EXTENDED + 1000, 0, 0x42, 63, 500);
    assert_int_equal(logical_count(), 2);
    memdisk_fail(disk, EXTENDED + 1000, 1, STATUS_READ_FAILED);
    assert_int_equal(logical_count(), 1);
    memdisk_fail(disk, EXTENDED, 1, STATUS_READ_FAILED);
    assert_int_equal(number_of(EXTENDED + 63), 0);
}

/* A drive begins with the last block that 32 bits can name, or behind it: then it is none. */
static void test_the_farthest_drive(void **state)
{
    (void)state;
    put_entry(0, 0, 0x05, EXTENDED, 4000);
    put_entry(EXTENDED, 0, 0x42, UINT32_MAX - EXTENDED, 500);
    put_entry(EXTENDED, 1, 0x07, UINT32_MAX - EXTENDED + 1, 500);
    put_entry(EXTENDED, 2, 0x07, 63, 500);
    assert_int_equal(number_of(UINT32_MAX), 1);
    assert_int_equal(number_of(EXTENDED + 63), 2);
    assert_int_equal(number_of(0), 0);
    assert_int_equal(number_of((uint64_t)UINT32_MAX + 1), 0);
}

/* More drives than are kept: the first ones count, in one link and in the next. */
static void test_many_drives(void **state)
{
    struct mbr            mbr;
    struct logical_drives logical;

    (void)state;
    put_entry(0, 0, 0x05, 100, 4000);
    for (uint32_t i = 0; i < LOGICAL_DRIVES_MAX + 2; i++) {
        put_entry(100 + i, 0, 0x42, 5000, 1);
        put_entry(100 + i, 1, 0x05, i + 1, 1);
        put_entry(100 + i, 2, 0x42, 7000, 1);
        put_entry(100 + i, 3, 0x42, 9000, 1);
    }
    mbr = table();
    logical_drives_read(&disk->dev, &mbr, &logical);
    assert_int_equal(logical.count, LOGICAL_DRIVES_MAX);
    for (uint32_t i = 0; i < LOGICAL_DRIVES_MAX; i++)
        assert_int_equal(logical.drives[i].start, 5000 + i % 3 * 2000 + 100 + i / 3);
}

/* One link for each drive: as many as are kept, and no more are looked for. */
static void test_a_long_chain(void **state)
{
    (void)state;
    put_entry(0, 0, 0x05, 100, 4000);
    for (uint32_t i = 0; i < LOGICAL_DRIVES_MAX + 2; i++) {
        put_entry(100 + i, 0, 0x42, 5000, 1);
        put_entry(100 + i, 1, 0x05, i + 1, 1);
    }
    for (uint32_t i = 0; i < LOGICAL_DRIVES_MAX + 2; i++)
        assert_int_equal(number_of(5100 + i), i < LOGICAL_DRIVES_MAX ? i + 1 : 0);
}

/* The last block of the disk is one; on a disk of 4096-byte blocks they are counted in these. */
static void test_links_at_the_end_and_on_large_blocks(void **state)
{
    (void)state;
    put_entry(0, 0, 0x05, SECTORS - 1, 1);
    put_entry(SECTORS - 1, 0, 0x42, 7, 1);
    assert_int_equal(number_of(SECTORS - 1 + 7), 1);
    memdisk_free(disk);
    disk = memdisk_new("disk", 4096, SECTORS / 8);
    put_entry(0, 0, 0x05, 100, 1);
    put_entry(800, 0, 0x42, 7, 1);
    assert_int_equal(number_of(107), 1);
    memdisk_free(disk);
    disk = memdisk_new("disk of 2 TiB and more", 512, ((uint64_t)1 << 32) + 100);
    put_entry(0, 0, 0x05, UINT32_MAX, 1);  /* the last block that can be named: a drive begins there, or nowhere */
    put_entry(UINT32_MAX, 0, 0x42, 0, 1);
    put_entry(UINT32_MAX, 1, 0x05, 1, 1);
    put_entry((uint64_t)UINT32_MAX + 1, 0, 0x42, 0, 1);
    assert_int_equal(number_of(UINT32_MAX), 1);
    assert_int_equal(logical_count(), 1);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_primary_entries),    T(test_logical_drives), T(test_damaged_chains), T(test_the_farthest_drive),
        T(test_many_drives),        T(test_a_long_chain),   T(test_links_at_the_end_and_on_large_blocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
