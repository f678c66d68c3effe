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
    struct mbr            mbr;
    struct logical_drives logical;

    (void)state;
    put_entry(0, 0, 0x05, EXTENDED, 4000);
    put_entry(EXTENDED, 0, 0x42, 63, 500);
    put_entry(EXTENDED, 1, 0x05, 0, 600);
    mbr = table();
    logical_drives_read(&disk->dev, &mbr, &logical);
    assert_int_equal(logical.count, LOGICAL_DRIVES_MAX);
    assert_int_equal(number_of(EXTENDED + 63), 1);

    put_entry(EXTENDED, 1, 0x05, SECTORS, 600);
    assert_int_equal(number_of(EXTENDED + 63), 1);
    put_entry(EXTENDED, 1, 0x05, 0xffffffff, 600);
    assert_int_equal(number_of(EXTENDED + 63), 1);
    put_entry(EXTENDED, 1, 0x05, 1000, 600);             /* zeros there */
    mbr = table();
    logical_drives_read(&disk->dev, &mbr, &logical);
    assert_int_equal(logical.count, 1);
    memdisk_fail(disk, EXTENDED, 1, STATUS_READ_FAILED);
    assert_int_equal(number_of(EXTENDED + 63), 0);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = { T(test_primary_entries), T(test_logical_drives), T(test_damaged_chains) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
