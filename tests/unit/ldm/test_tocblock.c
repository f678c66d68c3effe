/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_tocblock.c - TOCBLOCK: regions in any order, flags, limits, checksum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/ldm/decode.h"
#include "tests/support/ldmdisk.h"

#define PRIVATE_SECTORS 2048

static struct memdisk *disk;
static uint8_t         sector[512];
static struct tocblock toc;

static int set_up(void **state)
{
    struct ldmdisk *b = calloc(1, sizeof *b);

    (void)state;
    disk = memdisk_new("disk", 512, 20000);
    ldmdisk_init(b, disk, false);
    ldmdisk_make_tocblock(b, sector);
    memset(&toc, 0x5a, sizeof toc);
    free(b);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    memdisk_free(disk);
    return 0;
}

static uint8_t *entry(unsigned i) { return sector + TOC_REGIONS + i * TOC_REGION_BYTES; }

static enum status decode(uint32_t block_bytes)
{
    ldmdisk_checksum(sector);
    return tocblock_decode(span_of(sector, 512), block_bytes, PRIVATE_SECTORS * (block_bytes / 512), &toc);
}

static void assert_regions(uint64_t unit)
{
    assert_true(toc.config.exists);
    assert_int_equal(toc.config.start, 17 * unit);
    assert_int_equal(toc.config.sectors, 1481 * unit);
    assert_true(toc.log.exists);
    assert_int_equal(toc.log.start, 1498 * unit);
    assert_int_equal(toc.log.sectors, 224 * unit);
}

static void test_as_windows_writes_it(void **state)
{
    (void)state;
    assert_int_equal(decode(512), STATUS_OK);
    assert_int_equal(toc.sequence, 7);
    assert_regions(1);
    assert_int_equal(toc.config.flags, 0);
}

static void test_positions_count_blocks(void **state)
{
    (void)state;
    assert_int_equal(decode(4096), STATUS_OK);
    assert_regions(8);
}

static void test_log_first(void **state)
{
    uint8_t config[TOC_REGION_BYTES];

    (void)state;
    memcpy(config, entry(0), sizeof config);
    memcpy(entry(0), entry(1), sizeof config);
    memcpy(entry(1), config, sizeof config);
    assert_int_equal(decode(512), STATUS_OK);
    assert_regions(1);
}

static void test_regions_of_other_names_between(void **state)
{
    (void)state;
    memcpy(entry(7), entry(0), TOC_REGION_BYTES);
    memcpy(entry(3), entry(1), TOC_REGION_BYTES);
    memcpy(entry(0), "configs", 8);
    memcpy(entry(1), "lo\0g", 4);
    assert_int_equal(decode(512), STATUS_OK);
    assert_regions(1);
    entry(7)[7] = entry(3)[4] = 'x';  /* behind the NUL is no name */
    assert_int_equal(decode(512), STATUS_OK);
    assert_regions(1);
}

static void test_flags_come_along_and_a_region_that_does_not_exist_is_none(void **state)
{
    (void)state;
    put_be(entry(0) + TOC_REGION_FLAGS, TOC_DISABLED, 2);
    put_be(entry(1) + TOC_REGION_FLAGS, TOC_NOT_THERE, 2);
    put_be(entry(1) + TOC_REGION_START, 99999, 8);
    assert_int_equal(decode(512), STATUS_OK);
    assert_true(toc.config.exists);
    assert_int_equal(toc.config.flags, TOC_DISABLED);
    assert_false(toc.log.exists);
}

/* What lies behind the last entry is no region, whatever it says. */
static void test_eight_entries_and_no_more(void **state)
{
    (void)state;
    memcpy(entry(TOC_MAX_REGIONS - 1), entry(0), TOC_REGION_BYTES);
    memset(entry(0), 0, TOC_REGION_BYTES);
    assert_int_equal(decode(512), STATUS_OK);
    assert_regions(1);
    memcpy(entry(TOC_MAX_REGIONS), entry(TOC_MAX_REGIONS - 1), TOC_REGION_BYTES);
    memset(entry(TOC_MAX_REGIONS - 1), 0, TOC_REGION_BYTES);
    assert_int_equal(decode(512), STATUS_OK);
    assert_false(toc.config.exists);
    assert_true(toc.log.exists);
}

static void test_no_regions_at_all(void **state)
{
    (void)state;
    memset(sector + TOC_REGIONS, 0, 2 * TOC_REGION_BYTES);
    assert_int_equal(decode(512), STATUS_OK);
    assert_false(toc.config.exists);
    assert_false(toc.log.exists);
}

static void test_a_region_must_lie_in_the_private_one(void **state)
{
    (void)state;
    put_be(entry(0) + TOC_REGION_SIZE, PRIVATE_SECTORS - 17, 8);
    assert_int_equal(decode(512), STATUS_OK);
    put_be(entry(0) + TOC_REGION_SIZE, PRIVATE_SECTORS - 16, 8);
    assert_int_equal(decode(512), STATUS_TOC_BAD);
    put_be(entry(0) + TOC_REGION_SIZE, 0, 8);
    assert_int_equal(decode(512), STATUS_TOC_BAD);
    put_be(entry(0) + TOC_REGION_SIZE, 1, 8);
    put_be(entry(0) + TOC_REGION_START, UINT64_MAX, 8);
    assert_int_equal(decode(512), STATUS_TOC_BAD);
    put_be(entry(0) + TOC_REGION_START, UINT64_MAX / 8 + 1, 8);  /* 0 when it overflows */
    assert_int_equal(decode(4096), STATUS_TOC_BAD);
}

static void test_damage(void **state)
{
    (void)state;
    assert_int_equal(decode(512), STATUS_OK);
    for (size_t i = 0; i < 512; i++) {
        sector[i] ^= 0x04;
        assert_int_not_equal(tocblock_decode(span_of(sector, 512), 512, PRIVATE_SECTORS, &toc), STATUS_OK);
        sector[i] ^= 0x04;
    }
    sector[300] ^= 1;
    assert_int_equal(tocblock_decode(span_of(sector, 512), 512, PRIVATE_SECTORS, &toc), STATUS_TOC_CHECKSUM);
    sector[300] ^= 1;
    sector[8] ^= 1;  /* the sum's own highest byte, right behind the name */
    assert_int_equal(tocblock_decode(span_of(sector, 512), 512, PRIVATE_SECTORS, &toc), STATUS_TOC_CHECKSUM);
    sector[8] ^= 1;
    assert_int_equal(tocblock_decode(span_of(sector, 511), 512, PRIVATE_SECTORS, &toc), STATUS_TOC_BAD);
    assert_int_equal(tocblock_decode(span_of(sector, 0), 512, PRIVATE_SECTORS, &toc), STATUS_TOC_BAD);
    for (unsigned i = 0; i < 8; i += 7) {
        sector[i] ^= 1;
        assert_int_equal(decode(512), STATUS_TOC_BAD);
        sector[i] ^= 1;
    }
    assert_regions(1);  /* untouched by the failures */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_as_windows_writes_it),
        TEST(test_positions_count_blocks),
        TEST(test_log_first),
        TEST(test_regions_of_other_names_between),
        TEST(test_flags_come_along_and_a_region_that_does_not_exist_is_none),
        TEST(test_eight_entries_and_no_more),
        TEST(test_no_regions_at_all),
        TEST(test_a_region_must_lie_in_the_private_one),
        TEST(test_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
