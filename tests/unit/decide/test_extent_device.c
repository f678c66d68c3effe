/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_extent_device.c - a component of several pieces on several disks reads as one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/decide/extent_device.h"
#include "tests/support/memdisk.h"
#include "tests/support/pattern.h"

#define DISKS   3
#define SECTORS 1024u
#define VOLUME  296u   /* sectors of the volume that setup() makes */

/* Three extents on two disks; the middle one is on the other disk, and all are out of order there. */
struct pieces {
    struct memdisk      *md[DISKS];
    struct ldm_disk      disk[DISKS];
    struct ldm_extent    extent[DISKS];
    struct ldm_component component;
};

static void setup(struct pieces *p, uint32_t block_size, uint64_t shift)
{
    static const struct { unsigned disk; uint64_t lba, sectors; } where[DISKS] = {
        { 0, 504, 96 }, { 1, 64, 40 }, { 0, 8, 160 },
    };
    uint64_t offset = 0;

    memset(p, 0, sizeof *p);
    for (unsigned i = 0; i < DISKS; i++) {
        p->md[i] = memdisk_new("piece", block_size, SECTORS * 512 / block_size);
        p->disk[i].dev = &p->md[i]->dev;
    }
    for (unsigned i = 0; i < DISKS; i++) {
        struct ldm_disk *d = &p->disk[where[i].disk];

        p->extent[i] = (struct ldm_extent){ NULL, d, where[i].lba + shift, where[i].sectors, offset };
        for (uint64_t b = 0; b < where[i].sectors * 512; b++)
            memdisk_at((struct memdisk *)d->dev, where[i].lba + shift)[b] = pattern_at(1, offset * 512 + b);
        offset += where[i].sectors;
    }
    p->component = (struct ldm_component){
        .layout = LAYOUT_CONCAT, .present = true, .extents = p->extent, .extent_count = DISKS };
}

static void drop(struct pieces *p)
{
    for (unsigned i = 0; i < DISKS; i++)
        memdisk_free(p->md[i]);
}

/* Every range of the volume, in device blocks, reads as it was written. */
static void check_all_ranges(struct extent_device *xd)
{
    uint64_t per = xd->dev.block_size, blocks = xd->dev.block_count;
    uint8_t buf[296 * 512 + 1];

    assert_int_equal(blocks * per, 296 * 512);
    for (uint64_t lba = 0; lba < blocks; lba++)
        for (uint32_t count = 1; count <= blocks - lba; count += 7) {
            buf[count * per] = 0xee;
            assert_int_equal(blk_read(&xd->dev, lba, count, buf), STATUS_OK);
            for (uint64_t i = 0; i < count * per; i += 61)
                assert_int_equal(buf[i], pattern_at(1, lba * per + i));
            assert_int_equal(buf[count * per], 0xee);
        }
    assert_int_equal(blk_read(&xd->dev, blocks, 1, buf), STATUS_READ_OUT_OF_RANGE);
    assert_int_equal(blk_read(&xd->dev, blocks - 1, 2, buf), STATUS_READ_OUT_OF_RANGE);
}

static void test_reads_across_extents(void **state)
{
    static const struct { uint32_t disk_blocks; uint64_t shift; uint32_t want; } cases[] = {
        { 512, 0, 512 }, { 512, 3, 512 }, { 4096, 0, 4096 }, { 4096, 3, 512 },
        { 4096, 1, 512 }, { 4096, 2, 512 }, { 4096, 4, 512 }, { 4096, 8, 4096 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pieces p;
        struct extent_device xd;

        setup(&p, cases[i].disk_blocks, cases[i].shift);
        assert_int_equal(extent_device_init(&xd, &p.component, "Volume1-01"), STATUS_OK);
        assert_string_equal(xd.dev.name, "Volume1-01");
        assert_int_equal(xd.dev.block_size, cases[i].want);
        check_all_ranges(&xd);
        drop(&p);
    }
}

/* Volumes count 512-byte sectors also on such disks: their length need not be whole blocks. */
static void test_length_not_of_4096(void **state)
{
    struct pieces p;
    struct extent_device xd;
    uint8_t buf[512];

    (void)state;
    setup(&p, 4096, 0);
    p.extent[2].sectors -= 3;
    assert_int_equal(extent_device_init(&xd, &p.component, "x"), STATUS_OK);
    assert_int_equal(xd.dev.block_size, 512);
    assert_int_equal(xd.dev.block_count, 293);
    assert_int_equal(blk_read(&xd.dev, 292, 1, buf), STATUS_OK);
    for (unsigned i = 0; i < 512; i++)
        assert_int_equal(buf[i], pattern_at(1, 292 * 512 + i));
    drop(&p);
}

static void test_one_read_for_each_extent(void **state)
{
    struct pieces p;
    struct extent_device xd;
    uint8_t buf[296 * 512];

    (void)state;
    setup(&p, 512, 0);
    assert_int_equal(extent_device_init(&xd, &p.component, "x"), STATUS_OK);
    assert_int_equal(p.md[0]->reads + p.md[1]->reads, 0);
    assert_int_equal(blk_read(&xd.dev, 0, 296, buf), STATUS_OK);
    assert_int_equal(p.md[0]->reads, 2);
    assert_int_equal(p.md[1]->reads, 1);
    assert_int_equal(p.md[2]->reads, 0);
    drop(&p);
}

/* When to give a disk up is decided once, by the disk: what is read of both halves has no such limit. */
static void test_it_is_not_given_up(void **state)
{
    struct pieces        p;
    struct extent_device xd;
    uint8_t              buf[512];

    (void)state;
    setup(&p, 512, 0);
    assert_int_equal(extent_device_init(&xd, &p.component, "x"), STATUS_OK);
    for (unsigned i = 0; i < 2; i++) {
        p.md[i]->dev.never_given_up = true;
        memdisk_fail(p.md[i], 0, SECTORS, STATUS_READ_FAILED);
    }
    for (unsigned at = 0; at < VOLUME; at += 20)  /* one beside the other they would count as one */
        assert_int_equal(blk_read(&xd.dev, at, 1, buf), STATUS_READ_FAILED);
    for (unsigned i = 0; i < 2; i++)
        p.md[i]->fault_count = 0;
    assert_int_equal(blk_read(&xd.dev, 0, 1, buf), STATUS_OK);
    drop(&p);
}

static void test_errors_are_passed_on(void **state)
{
    struct pieces p;
    struct extent_device xd;
    uint8_t buf[296 * 512];

    (void)state;
    setup(&p, 512, 0);
    assert_int_equal(extent_device_init(&xd, &p.component, "x"), STATUS_OK);
    memdisk_fail(p.md[1], 64 + 39, 1, STATUS_READ_SILENT);
    assert_int_equal(blk_read(&xd.dev, 0, 296, buf), STATUS_READ_SILENT);
    assert_int_equal(blk_read(&xd.dev, 0, 135, buf), STATUS_OK);
    assert_int_equal(blk_read(&xd.dev, 136, 160, buf), STATUS_OK);
    assert_int_equal(xd.dev.read_errors, 1);
    assert_int_equal(p.md[1]->dev.read_errors, 1);
    drop(&p);
}

/* ---- the other half stands in */

/* Two halves with the same data: the second one begins 5 sectors later on disks of its own. */
struct mirror {
    struct pieces        half[2];
    struct extent_device xd;
};

static void setup_mirror(struct mirror *m, uint32_t block_size, uint64_t shift)
{
    setup(&m->half[0], block_size, 0);
    setup(&m->half[1], block_size, shift);
    assert_int_equal(extent_device_init(&m->xd, &m->half[0].component, "x"), STATUS_OK);
    extent_device_set_spare(&m->xd, &m->half[1].component);
}

static void drop_mirror(struct mirror *m)
{
    drop(&m->half[0]);
    drop(&m->half[1]);
}

static void check_volume(struct mirror *m)
{
    uint8_t buf[VOLUME * 512];

    assert_int_equal(blk_read(&m->xd.dev, 0, (uint32_t)m->xd.dev.block_count, buf), STATUS_OK);
    for (size_t i = 0; i < sizeof buf; i++)
        assert_int_equal(buf[i], pattern_at(1, i));
}

/* Each half is bad where the other one is good: no sector is lost. */
static void test_bad_sectors_come_from_the_other_half(void **state)
{
    static const struct { uint32_t disk_blocks; uint64_t shift; } cases[] = { { 512, 5 }, { 4096, 0 }, { 4096, 3 } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mirror m;

        setup_mirror(&m, cases[i].disk_blocks, cases[i].shift);
        memdisk_fail(m.half[0].md[0], 504, 1, STATUS_READ_FAILED);       /* sector 0 */
        memdisk_fail(m.half[0].md[1], 64 + 38, 2, STATUS_READ_SILENT);   /* the end of the second extent */
        memdisk_fail(m.half[1].md[0], 8 + 80 + cases[i].shift, 1, STATUS_READ_FAILED);  /* sector 216 */
        check_volume(&m);
        assert_true(m.half[0].md[0]->dev.read_errors > 0);
        drop_mirror(&m);
    }
}

static void test_a_sector_that_both_halves_lost_is_an_error(void **state)
{
    struct mirror m;
    uint8_t buf[VOLUME * 512];

    (void)state;
    setup_mirror(&m, 512, 5);
    memdisk_fail(m.half[0].md[0], 504 + 20, 1, STATUS_READ_SILENT);
    memdisk_fail(m.half[1].md[0], 504 + 5 + 20, 1, STATUS_READ_FAILED);
    assert_int_equal(blk_read(&m.xd.dev, 0, VOLUME, buf), STATUS_READ_SILENT);  /* the chosen half's */
    assert_int_equal(blk_read(&m.xd.dev, 0, 20, buf), STATUS_OK);
    assert_int_equal(blk_read(&m.xd.dev, 21, VOLUME - 21, buf), STATUS_OK);
    drop_mirror(&m);
}

static void test_a_good_half_is_read_alone(void **state)
{
    struct mirror m;

    (void)state;
    setup_mirror(&m, 512, 5);
    check_volume(&m);
    assert_int_equal(m.half[1].md[0]->reads + m.half[1].md[1]->reads, 0);
    assert_int_equal(m.half[0].md[0]->reads + m.half[0].md[1]->reads, 3);  /* not one a block */
    drop_mirror(&m);
}

/* A disk that dies altogether is asked a few times only: each of its failures may take many seconds. */
static void test_a_dead_half_is_given_up(void **state)
{
    struct mirror m;

    (void)state;
    setup_mirror(&m, 512, 5);
    for (unsigned i = 0; i < DISKS; i++)
        memdisk_fail(m.half[0].md[i], 0, SECTORS, STATUS_READ_FAILED);
    check_volume(&m);
    check_volume(&m);
    assert_in_range(m.half[0].md[0]->dev.read_errors + m.half[0].md[1]->dev.read_errors, 8, 10);
    drop_mirror(&m);
}

/* The half that took over may have bad sectors of its own: it is not given up for one less than the first one was. */
static void test_halves_change_places_again(void **state)
{
    struct mirror m;
    uint8_t       buf[512];

    (void)state;
    setup_mirror(&m, 512, 5);
    for (unsigned i = 0; i < 8; i++) {  /* sectors of the first extent, on the second one's first disk */
        assert_ptr_equal(m.xd.component, &m.half[0].component);
        memdisk_fail(m.half[0].md[0], 504 + i, 1, STATUS_READ_FAILED);
        assert_int_equal(blk_read(&m.xd.dev, i, 1, buf), STATUS_OK);
    }
    for (unsigned i = 8; i < 16; i++) {
        assert_ptr_equal(m.xd.component, &m.half[1].component);
        memdisk_fail(m.half[1].md[0], 504 + 5 + i, 1, STATUS_READ_FAILED);
        assert_int_equal(blk_read(&m.xd.dev, i, 1, buf), STATUS_OK);
    }
    assert_ptr_equal(m.xd.component, &m.half[0].component);
    check_volume(&m);
    drop_mirror(&m);
}

static void test_a_spare_that_does_not_fit_is_not_taken(void **state)
{
    struct mirror m;

    (void)state;
    setup_mirror(&m, 512, 5);
    m.half[1].extent[2].sectors--;
    extent_device_set_spare(&m.xd, &m.half[1].component);
    assert_null(m.xd.spare);
    m.half[1].extent[2].sectors++;
    m.half[1].component.present = false;
    extent_device_set_spare(&m.xd, &m.half[1].component);
    assert_null(m.xd.spare);
    extent_device_set_spare(&m.xd, NULL);
    assert_null(m.xd.spare);
    drop_mirror(&m);
}

static void check_refused(struct pieces *p)
{
    struct extent_device xd;

    assert_int_equal(extent_device_init(&xd, &p->component, "x"), STATUS_COMPONENT_UNREADABLE);
    drop(p);
}

static void test_refused(void **state)
{
    struct pieces p;

    (void)state;
    setup(&p, 512, 0);
    p.component.layout = LAYOUT_STRIPE;
    check_refused(&p);
    setup(&p, 512, 0);
    p.component.present = false;
    check_refused(&p);
    setup(&p, 512, 0);
    p.component.extent_count = 0;
    check_refused(&p);
    setup(&p, 512, 0);
    p.extent[1].disk = NULL;
    check_refused(&p);
    setup(&p, 512, 0);
    p.extent[1].volume_offset++;  /* a gap */
    check_refused(&p);
    setup(&p, 512, 0);
    p.extent[1].volume_offset--;  /* an overlap */
    check_refused(&p);
    setup(&p, 512, 0);
    p.extent[2].sectors = UINT64_MAX;
    check_refused(&p);
    setup(&p, 512, 0);
    p.md[1]->dev.block_count = 64 + 39;  /* a BIOS that clips the disk */
    check_refused(&p);
}

/* The backup of a boot sector that cannot be read stands in its place, alone and at the head of a longer read. */
/* Blocks of 4096 bytes, of which the first one has another boot sector, and bad sectors behind it: the rest is where it was. */
static void test_another_boot_sector_before_a_bad_one(void **state)
{
    static const uint8_t boot[512] = { 0xeb, 0x52, 0x90 };

    (void)state;
    for (uint32_t bad = 0; bad < 4; bad++) {
        struct mirror m;
        uint8_t       buf[4 * 4096];

        setup_mirror(&m, 4096, 0);
        assert_int_equal(m.xd.dev.block_size, 4096);
        extent_device_set_boot_sector(&m.xd, boot);
        memdisk_fail(m.half[0].md[0], 504 + 8 * bad, 1, STATUS_READ_FAILED);
        assert_int_equal(blk_read(&m.xd.dev, 0, 4, buf), STATUS_OK);
        assert_memory_equal(buf, boot, sizeof boot);
        for (size_t i = sizeof boot; i < sizeof buf; i++)
            assert_int_equal(buf[i], pattern_at(1, i));
        drop_mirror(&m);
    }
}

static void test_another_boot_sector(void **state)
{
    static const uint32_t block_sizes[] = { 512, 4096 };
    uint8_t               boot_sector[512], buf[3 * 4096];

    (void)state;
    memset(boot_sector, 0xb0, sizeof boot_sector);
    for (size_t i = 0; i < 2; i++) {
        struct pieces        p;
        struct extent_device xd;
        uint32_t             size = block_sizes[i];

        setup(&p, size, 0);
        assert_int_equal(extent_device_init(&xd, &p.component, "volume"), STATUS_OK);
        extent_device_set_boot_sector(&xd, boot_sector);
        if (size == 512)
            memdisk_fail(p.md[0], 504, 1, STATUS_READ_FAILED);  /* in a larger block its neighbours are lost with it */
        for (uint32_t count = 1; count <= 3; count++) {
            assert_int_equal(blk_read(&xd.dev, 0, count, buf), STATUS_OK);
            assert_memory_equal(buf, boot_sector, 512);
            for (uint32_t b = 512; b < count * size; b += 61)
                assert_int_equal(buf[b], pattern_at(1, b));
        }
        assert_int_equal(blk_read(&xd.dev, 1, 1, buf), STATUS_OK);
        assert_int_equal(buf[0], pattern_at(1, size));
        drop(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_across_extents),
        cmocka_unit_test(test_length_not_of_4096),
        cmocka_unit_test(test_one_read_for_each_extent),
        cmocka_unit_test(test_it_is_not_given_up),
        cmocka_unit_test(test_errors_are_passed_on),
        cmocka_unit_test(test_bad_sectors_come_from_the_other_half),
        cmocka_unit_test(test_a_sector_that_both_halves_lost_is_an_error),
        cmocka_unit_test(test_a_good_half_is_read_alone),
        cmocka_unit_test(test_a_dead_half_is_given_up),
        cmocka_unit_test(test_halves_change_places_again),
        cmocka_unit_test(test_another_boot_sector_before_a_bad_one),
        cmocka_unit_test(test_a_spare_that_does_not_fit_is_not_taken),
        cmocka_unit_test(test_another_boot_sector),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
