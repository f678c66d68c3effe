/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_slice_device.c - a stretch of a disk read as a disk of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/disk/slice_device.h"
#include "tests/support/memdisk.h"

static void test_reads_at_its_place(void **state)
{
    struct memdisk     *disk = memdisk_new("disk0", 512, 1000);
    struct slice_device slice;
    uint8_t             buf[1024];

    (void)state;
    memset(memdisk_at(disk, 100), 'a', 512);
    memset(memdisk_at(disk, 149), 'z', 512);
    assert_int_equal(slice_device_init(&slice, &disk->dev, 100, 50), STATUS_OK);
    assert_int_equal(slice.dev.block_count, 50);
    assert_int_equal(slice.dev.block_size, 512);
    assert_int_equal(blk_read(&slice.dev, 0, 1, buf), STATUS_OK);
    assert_int_equal(buf[0], 'a');
    assert_int_equal(blk_read(&slice.dev, 49, 1, buf), STATUS_OK);
    assert_int_equal(buf[511], 'z');
    memdisk_free(disk);
}

static void test_nothing_behind_it_can_be_read(void **state)
{
    struct memdisk     *disk = memdisk_new("disk0", 512, 1000);
    struct slice_device slice;
    uint8_t             buf[1024];

    (void)state;
    assert_int_equal(slice_device_init(&slice, &disk->dev, 100, 50), STATUS_OK);
    assert_int_equal(blk_read(&slice.dev, 49, 2, buf), STATUS_READ_OUT_OF_RANGE);
    assert_int_equal(blk_read(&slice.dev, UINT64_MAX, 1, buf), STATUS_READ_OUT_OF_RANGE);
    memdisk_free(disk);
}

static void test_must_lie_on_the_disk(void **state)
{
    struct memdisk     *disk = memdisk_new("disk0", 512, 1000);
    struct slice_device slice;

    (void)state;
    assert_int_equal(slice_device_init(&slice, &disk->dev, 990, 11), STATUS_READ_OUT_OF_RANGE);
    assert_int_equal(slice_device_init(&slice, &disk->dev, UINT64_MAX, 2), STATUS_READ_OUT_OF_RANGE);
    assert_int_equal(slice_device_init(&slice, &disk->dev, 1, UINT64_MAX), STATUS_READ_OUT_OF_RANGE);
    memdisk_free(disk);
}

/* The volume's sectors come from a device that may know another half; what follows it in the entry is the disk's. */
static void test_its_beginning_may_come_from_elsewhere(void **state)
{
    struct memdisk     *disk = memdisk_new("disk0", 512, 1000), *front = memdisk_new("volume", 512, 40);
    struct memdisk     *longer = memdisk_new("longer", 512, 51), *other = memdisk_new("4k", 4096, 5);
    struct slice_device slice;
    uint8_t             buf[4 * 512];

    (void)state;
    memset(memdisk_at(disk, 100), 'd', 50 * 512);
    memset(memdisk_at(front, 0), 'v', 40 * 512);
    assert_int_equal(slice_device_init(&slice, &disk->dev, 100, 50), STATUS_OK);
    slice_device_set_front(&slice, &longer->dev);
    slice_device_set_front(&slice, &other->dev);
    assert_null(slice.front);
    slice_device_set_front(&slice, &front->dev);
    assert_int_equal(blk_read(&slice.dev, 0, 4, buf), STATUS_OK);
    assert_int_equal(buf[0], 'v');
    assert_int_equal(buf[4 * 512 - 1], 'v');
    assert_int_equal(blk_read(&slice.dev, 38, 4, buf), STATUS_OK);
    assert_int_equal(buf[2 * 512 - 1], 'v');
    assert_int_equal(buf[2 * 512], 'd');
    assert_int_equal(blk_read(&slice.dev, 40, 4, buf), STATUS_OK);
    assert_int_equal(buf[0], 'd');
    memdisk_fail(front, 39, 1, STATUS_READ_FAILED);
    assert_int_equal(blk_read(&slice.dev, 38, 4, buf), STATUS_READ_FAILED);
    memdisk_free(disk);
    memdisk_free(front);
    memdisk_free(longer);
    memdisk_free(other);
}

/* Every stretch, with fronts of every length up to that of the slice, on both block sizes: each block is the right one. */
static void test_every_stretch(void **state)
{
    enum { BLOCKS = 12, START = 7 };
    static uint8_t buf[BLOCKS * 4096];

    (void)state;
    for (uint32_t block = 512; block <= 4096; block += 3584)
        for (uint64_t ahead = 0; ahead <= BLOCKS; ahead++) {
            struct memdisk     *disk = memdisk_new("disk0", block, 100), *front = memdisk_new("volume", block, ahead ? ahead : 1);
            struct slice_device slice;

            for (uint32_t i = 0; i < 100; i++)
                memset(disk->data + i * block, (int)i, block);
            for (uint32_t i = 0; i < ahead; i++)
                memset(front->data + i * block, (int)(0x80 + i), block);
            front->dev.block_count = ahead;
            assert_int_equal(slice_device_init(&slice, &disk->dev, START, BLOCKS), STATUS_OK);
            slice_device_set_front(&slice, &front->dev);
            for (uint32_t first = 0; first < BLOCKS; first++)
                for (uint32_t count = 1; count <= BLOCKS - first; count++) {
                    assert_int_equal(blk_read(&slice.dev, first, count, buf), STATUS_OK);
                    for (uint32_t i = first; i < first + count; i++)
                        assert_int_equal(buf[(i - first) * block + 3], i < ahead ? 0x80 + i : START + i);
                }
            memdisk_free(disk);
            memdisk_free(front);
        }
}

/* When to give a disk up is decided once, by the disk: of a slice with many bad sectors the others are read still. */
static void test_a_slice_is_not_given_up(void **state)
{
    struct memdisk     *disk = memdisk_new("disk0", 512, 1000);
    struct slice_device slice;
    uint8_t             buf[512];

    (void)state;
    disk->dev.never_given_up = true;
    assert_int_equal(slice_device_init(&slice, &disk->dev, 100, 800), STATUS_OK);
    memdisk_fail(disk, 101, 700, STATUS_READ_FAILED);
    for (unsigned i = 1; i < 700; i += 50)  /* one beside the other they would count as one */
        assert_int_equal(blk_read(&slice.dev, i, 1, buf), STATUS_READ_FAILED);
    assert_int_equal(blk_read(&slice.dev, 0, 1, buf), STATUS_OK);
    assert_int_equal(slice.dev.given_up, STATUS_OK);
    memdisk_free(disk);
}

static void test_errors_of_the_disk_come_through(void **state)
{
    struct memdisk     *disk = memdisk_new("disk0", 512, 1000);
    struct slice_device slice;
    uint8_t             buf[512];

    (void)state;
    memdisk_fail(disk, 105, 1, STATUS_READ_SILENT);
    assert_int_equal(slice_device_init(&slice, &disk->dev, 100, 50), STATUS_OK);
    assert_int_equal(blk_read(&slice.dev, 5, 1, buf), STATUS_READ_SILENT);
    assert_int_equal(disk->dev.read_errors, 1);
    memdisk_free(disk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_at_its_place),
        cmocka_unit_test(test_nothing_behind_it_can_be_read),
        cmocka_unit_test(test_must_lie_on_the_disk),
        cmocka_unit_test(test_its_beginning_may_come_from_elsewhere),
        cmocka_unit_test(test_every_stretch),
        cmocka_unit_test(test_a_slice_is_not_given_up),
        cmocka_unit_test(test_errors_of_the_disk_come_through),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
