/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_presentable.c - what a BIOS's loaders can be given: 32-bit sector numbers, blocks of 512 bytes, few pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/decide/presentable.h"

#define LIMIT ((uint64_t)1 << 32)

static struct block_device  dev[2];
static struct ldm_disk      disk[2];
static struct ldm_extent    extents[PRESENTABLE_MAX_EXTENTS + 1];
static struct ldm_volume    volume;
static struct ldm_component half;

/* Pieces of ten sectors, turn by turn on two disks. */
static int setup(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        dev[i] = (struct block_device){ .block_size = 512, .block_count = LIMIT * 2 };
        disk[i] = (struct ldm_disk){ .dev = &dev[i] };
    }
    for (size_t i = 0; i <= PRESENTABLE_MAX_EXTENTS; i++)
        extents[i] = (struct ldm_extent){ .disk = &disk[i % 2], .lba = 2048 + 100 * i, .sectors = 10, .volume_offset = 10 * i };
    volume = (struct ldm_volume){ .sectors = 20 };
    half = (struct ldm_component){ .volume = &volume, .extents = extents, .extent_count = 2, .layout = LAYOUT_CONCAT, .present = true };
    return 0;
}

static void test_what_is_no_volume(void **state)
{
    (void)state;
    assert_int_equal(bios_presentable(&half), STATUS_OK);
    half.present = false;
    assert_int_equal(bios_presentable(&half), STATUS_COMPONENT_UNREADABLE);
    half.present = true;
    half.layout = LAYOUT_STRIPE;
    assert_int_equal(bios_presentable(&half), STATUS_COMPONENT_UNREADABLE);
    half.layout = LAYOUT_CONCAT;
    half.extent_count = 0;
    assert_int_equal(bios_presentable(&half), STATUS_COMPONENT_UNREADABLE);
}

static void test_how_many_pieces(void **state)
{
    (void)state;
    half.extent_count = PRESENTABLE_MAX_EXTENTS;
    volume.sectors = 10 * PRESENTABLE_MAX_EXTENTS;
    assert_int_equal(bios_presentable(&half), STATUS_OK);
    half.extent_count++;
    assert_int_equal(bios_presentable(&half), STATUS_VDISK_TOO_COMPLEX);
}

/* Every piece on its disk, and all of them, one behind the other, from where the first one begins. */
static void test_as_far_as_32_bits_reach(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        uint64_t room = i ? 10 : 20;  /* the second piece follows the first one where that is shown */

        setup(state);
        extents[i].lba = LIMIT - room;
        assert_int_equal(bios_presentable(&half), STATUS_OK);
        extents[i].lba++;
        assert_int_equal(bios_presentable(&half), STATUS_VOLUME_BEYOND_2TIB);
        extents[i].lba = LIMIT;
        assert_int_equal(bios_presentable(&half), STATUS_VOLUME_BEYOND_2TIB);
    }
}

static void test_blocks_of_4096(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        setup(state);
        dev[i].block_size = 4096;
        assert_int_equal(bios_presentable(&half), STATUS_BIOS_BLOCK_SIZE);
    }
    half.extent_count = 1;  /* what is no piece of it does not matter */
    volume.sectors = 10;
    assert_int_equal(bios_presentable(&half), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_what_is_no_volume, setup), cmocka_unit_test_setup(test_how_many_pieces, setup),
        cmocka_unit_test_setup(test_as_far_as_32_bits_reach, setup), cmocka_unit_test_setup(test_blocks_of_4096, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
