/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_system_volume.c - the system volume in memory: what is in it, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/disk/memory_device.h"
#include "common/present/system_volume.h"
#include "common/windows/bcd.h"
#include "common/windows/bootmgr.h"

#define SIGNATURE 0x1234abcdu
#define LBA       206848u
#define ARENA     ((size_t)8 << 20)

static struct arena           arena;
static struct memory_device   windows_disk, system_disk;
static struct component_facts windows;
static struct ldm_volume      volume;
static struct ldm_component   half;
static struct ldm_extent      extent;
static struct ldm_disk        disk;
static uint8_t                bootmgr[BOOTMGR_MIN + 1000];

/* C:, as a FAT volume: which file system it is does not matter here. */
static void make_windows(size_t bootmgr_bytes)
{
    const struct fatimage_file file = { BOOTMGR_SPARE, bootmgr, bootmgr_bytes };
    size_t                     bytes;
    void                      *image;

    assert_int_equal(fatimage_size(&file, 1, &bytes), STATUS_OK);
    image = arena_alloc(&arena, bytes);
    assert_non_null(image);
    assert_int_equal(fatimage_build(&file, 1, 1, image, bytes), STATUS_OK);
    memory_device_init(&windows_disk, "C:", image, bytes);
    assert_int_equal(fs_open(&windows_disk.dev, image, &arena, &windows.filesystem), STATUS_OK);
}

static int setup(void **state)
{
    (void)state;
    arena = arena_of(malloc(ARENA), ARENA);
    volume = (struct ldm_volume){ .name = "Volume2" };
    extent = (struct ldm_extent){ .lba = LBA };
    half = (struct ldm_component){ .volume = &volume, .extents = &extent, .extent_count = 1 };
    disk = (struct ldm_disk){ .has_sector0 = true };
    wr_le32(disk.sector0 + 0x1b8, SIGNATURE);
    windows = (struct component_facts){ .volume = &volume, .component = &half, .disk = &disk };
    for (size_t i = 0; i < sizeof bootmgr; i++)
        bootmgr[i] = (uint8_t)(i * 7 + i / 251);
    bootmgr[0] = 0xe9;
    return arena.base ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    free(arena.base);
    return 0;
}

static void test_what_is_in_it(void **state)
{
    const struct system_place place = { 409600, 255, 63 };
    struct system_volume      sv;
    struct fs_volume          fs;
    struct span               file;
    struct bcd_entry          entry;
    uint8_t                  *image;

    (void)state;
    make_windows(sizeof bootmgr);
    assert_int_equal(system_volume_read(&windows, NULL, &arena, &sv), STATUS_OK);
    assert_int_equal(sv.loader.len, sizeof bootmgr);
    assert_memory_equal(sv.loader.data, bootmgr, sizeof bootmgr);
    image = arena_alloc(&arena, sv.bytes);
    assert_int_equal(system_volume_make(&sv, &place, image), STATUS_OK);

    memory_device_init(&system_disk, "memory", image, sv.bytes);
    assert_int_equal(fs_open(&system_disk.dev, image, &arena, &fs), STATUS_OK);
    assert_int_equal(fs_read_whole(&fs, "\\BOOTMGR", BOOTMGR_MAX, &arena, &file), STATUS_OK);
    assert_int_equal(file.len, sizeof bootmgr);
    assert_memory_equal(file.data, bootmgr, sizeof bootmgr);
    assert_int_equal(fs_read_whole(&fs, "\\Boot\\BCD", BOOTMGR_MAX, &arena, &file), STATUS_OK);
    assert_int_equal(bcd_read_default(file, &entry), STATUS_OK);
    assert_string_equal(entry.path, "\\Windows\\system32\\winload.exe");
    assert_int_equal(entry.device.kind, BCD_DEVICE_MBR);
    assert_int_equal(entry.device.signature, SIGNATURE);
    assert_int_equal(entry.device.offset, (uint64_t)LBA * 512);
    assert_int_equal(entry.osdevice.offset, (uint64_t)LBA * 512);

    assert_int_equal(rd_le32(span_of(image, 512), 0x1c), 409600);  /* BOOTMGR finds its partition by these */
    assert_int_equal(rd_le16(span_of(image, 512), 0x18), 63);
    assert_int_equal(rd_le16(span_of(image, 512), 0x1a), 255);
    assert_int_equal(image[0x24], 0x80);
}

static void test_what_is_no_boot_manager_is_refused(void **state)
{
    struct system_volume sv = { .bytes = 77 };

    (void)state;
    make_windows(BOOTMGR_MIN - 1);
    assert_int_equal(system_volume_read(&windows, NULL, &arena, &sv), STATUS_SPARE_BOOTMGR_BAD);
    memcpy(bootmgr, "MZ", 2);
    make_windows(sizeof bootmgr);
    assert_int_equal(system_volume_read(&windows, NULL, &arena, &sv), STATUS_SPARE_BOOTMGR_BAD);
    assert_int_equal(sv.bytes, 77);  /* untouched on failure */
}

static void test_first_byte_and_size(void **state)
{
    uint8_t near_jump = 0xe9, short_jump = 0xeb, zero = 0;

    (void)state;
    assert_int_equal(bootmgr_check(span_of(&near_jump, 1), BOOTMGR_MIN), STATUS_OK);
    assert_int_equal(bootmgr_check(span_of(&short_jump, 1), BOOTMGR_MAX), STATUS_OK);
    assert_int_equal(bootmgr_check(span_of(&short_jump, 1), BOOTMGR_MAX + 1), STATUS_SPARE_BOOTMGR_BAD);
    assert_int_equal(bootmgr_check(span_of(&zero, 1), BOOTMGR_MIN), STATUS_SPARE_BOOTMGR_BAD);
    assert_int_equal(bootmgr_check(span_of(&near_jump, 0), BOOTMGR_MIN), STATUS_SPARE_BOOTMGR_BAD);
}

static void test_no_memory(void **state)
{
    struct system_volume sv;

    (void)state;
    make_windows(sizeof bootmgr);
    arena.size = arena.used + BOOTMGR_MIN;
    assert_int_equal(system_volume_read(&windows, NULL, &arena, &sv), STATUS_NO_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_in_it, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_no_boot_manager_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_first_byte_and_size, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_memory, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
