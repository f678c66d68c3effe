/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_hooktab.c - the tables of the resident hook: drives, extents, patches, geometry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../hook.h"

#define DISK_SECTORS 1000000u

static struct block_device dev[4];
static struct hook_drive   drives[3];
static struct vdisk        vd;
static struct hook_tables  tables;

/* Three disks 80h (EDD), 81h (EDD), 85h (CHS only); the virtual disk is all of 81h. */
static int setup(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++)
        dev[i] = (struct block_device){ .block_size = 512, .block_count = DISK_SECTORS };
    drives[0] = (struct hook_drive){ &dev[0], 0x80, true, 255, 63, 127, 0 };
    drives[1] = (struct hook_drive){ &dev[1], 0x81, true, 16, 63, 16, 0 };
    drives[2] = (struct hook_drive){ &dev[2], 0x85, false, 128, 32, 127, 0 };
    vd = (struct vdisk){ .sectors = DISK_SECTORS, .volume_lba = 63, .heads = 255, .sectors_per_track = 63 };
    vd.extents[0] = (struct vdisk_extent){ 0, DISK_SECTORS, &dev[1], 0 };
    vd.extent_count = 1;
    return 0;
}

static void make(void)
{
    memset(&tables, 0xee, sizeof tables);
    assert_int_equal(hook_tables_make(&vd, drives, 3, &tables), STATUS_OK);
}

static void one_disk_is_drive_80h(void **state)
{
    (void)state;
    make();
    assert_int_equal(tables.drives_shown, 1);
    assert_int_equal(tables.drive_map[0], 0x81);
    assert_int_equal(tables.extent_count, 1);
    assert_int_equal(tables.extents[0].drive, 0x81);
    assert_int_equal(tables.extents[0].has_edd, 1);
    assert_int_equal(tables.extents[0].sectors, DISK_SECTORS);
    assert_int_equal(tables.extents[0].max_blocks, 16);
    assert_int_equal(tables.parameters.sectors, DISK_SECTORS);
}

static void drives_of_other_extents_follow_once_each(void **state)
{
    (void)state;
    vd.extents[1] = (struct vdisk_extent){ 1000, 10, &dev[2], 77 };
    vd.extents[2] = (struct vdisk_extent){ 1010, 10, &dev[1], 5000 };
    vd.extents[3] = (struct vdisk_extent){ 1020, 10, &dev[2], 99 };
    vd.extent_count = 4;
    make();
    assert_int_equal(tables.drives_shown, 2);
    assert_int_equal(tables.drive_map[0], 0x81);
    assert_int_equal(tables.drive_map[1], 0x85);
    assert_int_equal(tables.extents[1].virtual_lba, 1000);
    assert_int_equal(tables.extents[1].lba, 77);
    assert_int_equal(tables.extents[1].drive, 0x85);
    assert_int_equal(tables.extents[1].has_edd, 0);
    assert_int_equal(tables.extents[1].chs_heads, 128);
    assert_int_equal(tables.extents[1].chs_sectors, 32);
    assert_int_equal(tables.extents[2].drive, 0x81);
}

/* Windows's loaders must not see the other half's disk: they would find the volume twice. */
static void drives_of_spare_extents_stay_hidden(void **state)
{
    (void)state;
    vd.extents[1] = (struct vdisk_extent){ 63, 5000, &dev[2], 77 };
    vd.spare_count = 1;
    make();
    assert_int_equal(tables.drives_shown, 1);
    assert_int_equal(tables.extent_count, 1);
    assert_int_equal(tables.spare_count, 1);
    assert_int_equal(tables.extents[1].drive, 0x85);
    assert_int_equal(tables.extents[1].virtual_lba, 63);
    assert_int_equal(tables.extents[1].sectors, 5000);
    assert_int_equal(tables.extents[1].lba, 77);
    assert_int_equal(tables.extents[1].chs_sectors, 32);
}

/* A volume in memory is no drive: nothing is shown for it, and nobody asks it for its geometry. */
static void memory_is_an_extent(void **state)
{
    struct hook_drive with_memory[4] = { drives[0], drives[1], drives[2], { .dev = &dev[3], .drive = HOOK_MEMORY, .max_blocks = 127,
                                                                            .address = 0x7e00000 } };

    (void)state;
    vd.extents[1] = (struct vdisk_extent){ DISK_SECTORS, 3000, &dev[3], 0 };
    vd.extent_count = 2;
    vd.sectors += 3000;
    assert_int_equal(hook_tables_make(&vd, with_memory, 4, &tables), STATUS_OK);
    assert_int_equal(tables.drives_shown, 1);
    assert_int_equal(tables.drive_map[0], 0x81);
    assert_int_equal(tables.extents[1].drive, HOOK_MEMORY);
    assert_int_equal(tables.extents[1].lba, 0x7e00000 / 512);
    assert_int_equal(tables.extents[1].virtual_lba, DISK_SECTORS);
    assert_int_equal(tables.extents[1].sectors, 3000);
    assert_int_equal(tables.memory_end, 0);  /* until it is hidden */
}

/* What INT 15h says ends below the volume; an answer that ended there already, or that no BIOS gives, stays. */
static void hidden_memory_is_in_no_answer(void **state)
{
    static const struct {
        uint32_t           base;
        struct memory_size bios, told;
    } cases[] = {
        { 0x3d00000, { 15360, 752, 64512 }, { 15360, 720, 61440 } },      /* 61 MiB of 64 */
        { 0x0e00000, { 15360, 0, 15360 }, { 13312, 0, 13312 } },          /* 14 MiB of 16 */
        { 0x0d00000, { 15360, 100, 65535 }, { 12288, 100, 12288 } },      /* what lies behind it stays, where a call counts from 16 MiB */
        { 0x0d80000, { 15360, 100, 65535 }, { 12800, 100, 12800 } },      /* likewise, to half a MiB below that */
        { 0x0e00000, { 15360, 100, 65535 }, { 13312, 100, 13312 } },      /* it ends at 16 MiB */
        { 0x0e80000, { 15360, 100, 65535 }, { 13824, 0, 13824 } },        /* it lies around 16 MiB: nothing behind that is told */
        { 0xbf000000, { 15360, 48000, 65535 }, { 15360, 48000, 65535 } },  /* beyond what the calls can say */
        { 0x20fff000, { 15360, 20000, 65535 }, { 15360, 8191, 65535 } },  /* 64 KiB less a page more are no block */
        { 0x3d00000, { 0, 0, 64512 }, { 0, 0, 61440 } },                  /* a BIOS without E801 */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        make();
        hook_tables_hide_memory(&tables, &cases[i].bios, cases[i].base, cases[i].base + 0x200000);
        assert_int_equal(tables.memory_base, cases[i].base);
        assert_int_equal(tables.memory_end, cases[i].base + 0x200000);
        assert_int_equal(tables.kib_to_16m, cases[i].told.kib_to_16m);
        assert_int_equal(tables.blocks_from_16m, cases[i].told.blocks_from_16m);
        assert_int_equal(tables.kib_by_88, cases[i].told.kib_by_88);
    }
}

static void patches_are_copied(void **state)
{
    (void)state;
    vd.patches[0] = (struct vdisk_patch){ 63, 0x1c, 4, 2 };
    vd.patch_count = 1;
    memcpy(vd.patch_data, "xx\x3f\0\0\0", 6);
    vd.patch_data_len = 6;
    make();
    assert_int_equal(tables.patch_count, 1);
    assert_int_equal(tables.patches[0].lba, 63);
    assert_int_equal(tables.patches[0].offset, 0x1c);
    assert_int_equal(tables.patches[0].len, 4);
    assert_memory_equal(tables.patch_data + tables.patches[0].data, "\x3f\0\0", 4);
}

static void a_patch_beyond_32_bits_is_refused(void **state)
{
    (void)state;
    vd.patches[0] = (struct vdisk_patch){ 0x100000000u, 0, 4, 0 };
    vd.patch_count = 1;
    assert_int_equal(hook_tables_make(&vd, drives, 3, &tables), STATUS_VOLUME_BEYOND_2TIB);
    vd.patches[0].lba--;
    make();
    assert_int_equal(tables.patches[0].lba, UINT32_MAX);
}

/* Extents that end, or begin, where 32 bits do. */
static void the_last_sectors_that_32_bits_reach(void **state)
{
    static const struct { uint64_t start, sectors; uint32_t reached; } cases[] = {
        { UINT32_MAX - 5u, 5, 5 }, { UINT32_MAX - 5u, 6, 5 }, { UINT32_MAX - 1u, 9, 1 }, { UINT32_MAX, 9, 0 }, { 1ull << 32, 9, 0 },
        { 5, UINT32_MAX - 5u, UINT32_MAX - 5u }, { 5, UINT32_MAX, UINT32_MAX - 5u },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        vd.extents[0] = (struct vdisk_extent){ cases[i].start, cases[i].sectors, &dev[1], 77 };
        make();
        assert_int_equal(tables.extents[0].sectors, cases[i].reached);
        assert_int_equal(tables.extents[0].virtual_lba, cases[i].reached ? cases[i].start : 0);
    }
}

/* A disk of 3 TiB: its tail begins before 2 TiB and goes on behind them; another piece lies behind them altogether. */
static void what_32_bits_do_not_reach_is_left_out(void **state)
{
    (void)state;
    vd.sectors = 6ull << 30;
    vd.extents[0] = (struct vdisk_extent){ 0, 1000, &dev[1], 0 };
    vd.extents[1] = (struct vdisk_extent){ 1000, (5ull << 30) - 1000, &dev[1], 7000 };
    vd.extents[2] = (struct vdisk_extent){ 5ull << 30, 1ull << 30, &dev[1], 8ull << 30 };
    vd.extent_count = 3;
    make();
    assert_int_equal(tables.parameters.sectors, 6ull << 30);
    assert_int_equal(tables.extents[1].virtual_lba, 1000);
    assert_int_equal(tables.extents[1].sectors, UINT32_MAX - 1000);
    assert_int_equal(tables.extents[1].lba, 7000);
    assert_int_equal(tables.extents[2].sectors, 0);
}

static unsigned cylinders(void)
{
    return (tables.geometry_cx >> 8 | (tables.geometry_cx & 0xc0u) << 2) + 1u;
}

static void geometry_is_the_volumes(void **state)
{
    (void)state;
    vd.heads = 16;
    vd.sectors_per_track = 32;
    make();
    assert_int_equal(tables.last_head, 15);
    assert_int_equal(tables.sectors_per_track, 32);
    assert_int_equal(tables.geometry_cx & 0x3f, 32);
    assert_int_equal(cylinders(), 1024);  /* 1953 would be, CHS ends before */
}

static void small_disk_has_the_cylinders_that_fit(void **state)
{
    (void)state;
    vd.sectors = vd.extents[0].sectors = 102400;
    make();
    assert_int_equal(cylinders(), 102400 / (255 * 63));
    assert_int_equal(tables.last_head, 254);
}

static void cylinders_from_one_to_1024(void **state)
{
    static const struct { uint32_t sectors, cylinders; } cases[] = {
        { 1, 1 }, { 511, 1 }, { 512, 1 }, { 1023, 1 }, { 1024, 2 }, { 512 * 256, 256 }, { 512 * 257, 257 }, { 512 * 1023, 1023 },
        { 512 * 1024 - 1, 1023 }, { 512 * 1024, 1024 }, { 512 * 1025, 1024 },
    };

    (void)state;
    vd.heads = 16;
    vd.sectors_per_track = 32;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        vd.sectors = cases[i].sectors;
        make();
        assert_int_equal(cylinders(), cases[i].cylinders);
        assert_int_equal(tables.parameters.cylinders, cases[i].cylinders);
        assert_int_equal(tables.parameters.flags, 3);  /* any address; the geometry is right */
    }
}

static void nonsense_geometry_becomes_255_by_63(void **state)
{
    static const uint16_t bad[][2] = { { 0, 63 }, { 255, 0 }, { 257, 63 }, { 255, 64 }, { 0xffff, 0xffff } };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        vd.heads = bad[i][0];
        vd.sectors_per_track = bad[i][1];
        make();
        assert_int_equal(tables.last_head, 254);
        assert_int_equal(tables.sectors_per_track, 63);
    }
}

/* AH=48 and AH=08 must not contradict each other. */
static void both_ways_to_ask_for_the_geometry_agree(void **state)
{
    (void)state;
    vd.heads = 16;
    vd.sectors_per_track = 32;
    for (vd.sectors = 100; vd.sectors <= DISK_SECTORS; vd.sectors = vd.sectors * 3 + 7) {
        vd.extents[0].sectors = vd.sectors;
        make();
        assert_int_equal(tables.parameters.bytes, 26);
        assert_int_equal(tables.parameters.cylinders, cylinders());
        assert_int_equal(tables.parameters.heads, tables.last_head + 1u);
        assert_int_equal(tables.parameters.sectors_per_track, tables.sectors_per_track);
        assert_int_equal(tables.parameters.sectors, vd.sectors);
        assert_int_equal(tables.parameters.sector_bytes, 512);
    }
}

static void a_drive_that_reads_nothing_is_an_internal_error(void **state)
{
    (void)state;
    drives[1].max_blocks = 0;  /* the hook would never end */
    assert_int_equal(hook_tables_make(&vd, drives, 3, &tables), STATUS_INTERNAL);
}

static void heads_may_be_256(void **state)
{
    (void)state;
    vd.heads = 256;
    make();
    assert_int_equal(tables.last_head, 255);
}

/* Disks that the virtual one says shall be seen: behind its own, each once. */
static void other_disks_are_shown(void **state)
{
    (void)state;
    vd.disks[0] = &dev[2];
    vd.disks[1] = &dev[1];
    vd.disks[2] = &dev[0];
    vd.disk_count = 3;
    make();
    assert_int_equal(tables.drives_shown, 3);
    assert_int_equal(tables.drive_map[0], 0x81);
    assert_int_equal(tables.drive_map[1], 0x85);
    assert_int_equal(tables.drive_map[2], 0x80);
}

static void unknown_device_is_an_internal_error(void **state)
{
    struct block_device other = dev[1];

    (void)state;
    vd.disks[0] = &other;  /* one that is only to be seen */
    vd.disk_count = 1;
    assert_int_equal(hook_tables_make(&vd, drives, 3, &tables), STATUS_INTERNAL);
    vd.disk_count = 0;
    assert_int_equal(hook_tables_make(&vd, drives, 1, &tables), STATUS_INTERNAL);  /* of those drives that there are */
    vd.extents[0].dev = &other;
    assert_int_equal(hook_tables_make(&vd, drives, 3, &tables), STATUS_INTERNAL);
    vd.extent_count = 0;
    assert_int_equal(hook_tables_make(&vd, drives, 3, &tables), STATUS_INTERNAL);
}

static void chs_drive_without_geometry_is_an_internal_error(void **state)
{
    (void)state;
    vd.extents[0].dev = &dev[2];
    drives[2].chs_sectors = 0;  /* the hook would divide by it */
    assert_int_equal(hook_tables_make(&vd, drives, 3, &tables), STATUS_INTERNAL);
    drives[2].chs_sectors = 1;
    make();
    drives[2].chs_heads = 0;
    assert_int_equal(hook_tables_make(&vd, drives, 3, &tables), STATUS_INTERNAL);
    drives[2].has_edd = true;   /* which needs neither */
    make();
}

static void large_blocks_are_refused(void **state)
{
    (void)state;
    dev[1].block_size = 4096;
    assert_int_equal(hook_tables_make(&vd, drives, 3, &tables), STATUS_BIOS_BLOCK_SIZE);
}

/* The assembler reads the tables with the offsets of the 32-bit build. */
static void layout_is_the_same_in_every_build(void **state)
{
    (void)state;
    assert_int_equal(offsetof(struct hook_tables, extents), 88);
    assert_int_equal(offsetof(struct hook_tables, patches), 88 + 16 * 22);
    assert_int_equal(offsetof(struct hook_tables, patch_data), 88 + 16 * 22 + VDISK_MAX_PATCHES * 10);
    assert_true(sizeof(struct hook_block) <= 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_disk_is_drive_80h, setup),
        cmocka_unit_test_setup(drives_of_other_extents_follow_once_each, setup),
        cmocka_unit_test_setup(drives_of_spare_extents_stay_hidden, setup),
        cmocka_unit_test_setup(memory_is_an_extent, setup),
        cmocka_unit_test_setup(hidden_memory_is_in_no_answer, setup),
        cmocka_unit_test_setup(patches_are_copied, setup),
        cmocka_unit_test_setup(a_patch_beyond_32_bits_is_refused, setup),
        cmocka_unit_test_setup(the_last_sectors_that_32_bits_reach, setup),
        cmocka_unit_test_setup(what_32_bits_do_not_reach_is_left_out, setup),
        cmocka_unit_test_setup(geometry_is_the_volumes, setup),
        cmocka_unit_test_setup(small_disk_has_the_cylinders_that_fit, setup),
        cmocka_unit_test_setup(cylinders_from_one_to_1024, setup),
        cmocka_unit_test_setup(nonsense_geometry_becomes_255_by_63, setup),
        cmocka_unit_test_setup(both_ways_to_ask_for_the_geometry_agree, setup),
        cmocka_unit_test_setup(a_drive_that_reads_nothing_is_an_internal_error, setup),
        cmocka_unit_test_setup(heads_may_be_256, setup),
        cmocka_unit_test_setup(other_disks_are_shown, setup),
        cmocka_unit_test_setup(unknown_device_is_an_internal_error, setup),
        cmocka_unit_test_setup(chs_drive_without_geometry_is_an_internal_error, setup),
        cmocka_unit_test_setup(large_blocks_are_refused, setup),
        cmocka_unit_test(layout_is_the_same_in_every_build),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
