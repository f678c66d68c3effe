/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_scan_sweep.c - each single sector of the metadata damaged, one at a time.
 *
 * What must hold: what is usable is where it was; what is not says why; damage of
 * a structure that has a spare copy changes nothing; and a damaged disk never
 * takes the other disk's half down with it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/ldm/disk.h"
#include "tests/support/ldmdisk.h"
#include "tests/support/scanned.h"

#define BLOCKS 20000u
#define SLOTS  204u  /* a small database: the whole of it can be swept */

enum damage { ZEROED, RANDOM, UNREADABLE, SILENT, DAMAGES };

struct fixture {
    struct ldmdisk  image[2];
    struct memdisk *disk[2];
    struct scanned *healthy;
};

static struct fixture *set_up(bool gpt, uint32_t block_size, size_t disks)
{
    struct fixture *f = calloc(1, sizeof *f);

    for (unsigned i = 0; i < 2; i++) {
        f->disk[i] = memdisk_new(i ? "hd81" : "hd80", block_size, BLOCKS);
        ldmdisk_mirror(&f->image[i], f->disk[i], gpt, 2 - i);
        f->image[i].slots = SLOTS;
        ldmdisk_write(&f->image[i]);
    }
    f->healthy = scan_memdisks(f->disk, disks);
    assert_true(view_component(f->healthy, "Volume1-02")->usable);
    return f;
}

static void tear_down(struct fixture *f)
{
    scanned_free(f->healthy);
    memdisk_free(f->disk[0]);
    memdisk_free(f->disk[1]);
    free(f);
}

static void damage_sector(struct memdisk *disk, uint64_t sector, enum damage how)
{
    uint8_t *bytes = memdisk_at(disk, sector);
    uint64_t block = disk->dev.block_size / 512;

    switch (how) {
    case ZEROED:
        memset(bytes, 0, 512);
        break;
    case RANDOM:
        for (size_t i = 0; i < 512; i++)
            bytes[i] = (uint8_t)rand();
        break;
    case UNREADABLE:
        memdisk_fail(disk, sector / block * block, block, STATUS_READ_FAILED);
        break;
    default:
        memdisk_fail(disk, sector / block * block, block, STATUS_READ_SILENT);
        break;
    }
}

static const struct ldm_component *find(const struct ldm_view *v, const char *name)
{
    for (size_t g = 0; g < v->group_count; g++)
        for (size_t i = 0; i < v->groups[g].component_count; i++)
            if (strcmp(v->groups[g].components[i].name, name) == 0)
                return &v->groups[g].components[i];
    return NULL;
}

static void assert_same_place(const struct scanned *healthy, const struct ldm_component *c)
{
    const struct ldm_component *was = find(&healthy->view, c->name);

    assert_non_null(was);
    assert_string_equal(c->volume->name, was->volume->name);
    assert_memory_equal(&c->volume->guid, &was->volume->guid, sizeof was->volume->guid);
    assert_int_equal(c->volume->sectors, was->volume->sectors);
    assert_int_equal(c->extent_count, was->extent_count);
    for (size_t i = 0; i < c->extent_count; i++) {
        assert_ptr_equal(c->extents[i].disk->dev, was->extents[i].disk->dev);
        assert_int_equal(c->extents[i].lba, was->extents[i].lba);
        assert_int_equal(c->extents[i].sectors, was->extents[i].sectors);
        assert_int_equal(c->extents[i].volume_offset, was->extents[i].volume_offset);
    }
}

/* A view that lost something says so: on a disk, a group or the component. */
static bool something_is_said(const struct ldm_view *v)
{
    for (size_t i = 0; i < v->disk_count; i++)
        if (v->disks[i].status != STATUS_OK || v->disks[i].notes.count)
            return true;
    for (size_t g = 0; g < v->group_count; g++)
        if (v->groups[g].notes.count)
            return true;
    return false;
}

static void assert_never_wrong(const struct fixture *f, const struct scanned *now)
{
    const struct ldm_group *healthy = &f->healthy->view.groups[0];

    for (size_t g = 0; g < now->view.group_count; g++)
        for (size_t i = 0; i < now->view.groups[g].component_count; i++) {
            const struct ldm_component *c = &now->view.groups[g].components[i];

            if (c->usable)
                assert_same_place(f->healthy, c);
            else
                assert_true(c->reasons.count > 0);
        }
    for (size_t i = 0; i < healthy->component_count; i++) {
        const struct ldm_component *c = find(&now->view, healthy->components[i].name);

        if (healthy->components[i].usable && (!c || !c->usable))
            assert_true(something_is_said(&now->view));
    }
}

/* Scan with one sector of the first disk damaged; then the disk is as it was. */
static bool half_is_usable_with(struct fixture *f, size_t disks, uint64_t sector, enum damage how)
{
    uint8_t                     before[512];
    struct scanned             *now;
    const struct ldm_component *half, *other;
    bool                        usable;

    memcpy(before, memdisk_at(f->disk[0], sector), 512);
    damage_sector(f->disk[0], sector, how);
    now = scan_memdisks(f->disk, disks);
    assert_never_wrong(f, now);
    half = find(&now->view, "Volume1-02");
    other = find(&now->view, "Volume1-01");
    usable = half && half->usable;
    if (disks == 2)
        assert_true(other && other->usable);
    scanned_free(now);
    memdisk_reset(f->disk[0]);
    memcpy(memdisk_at(f->disk[0], sector), before, 512);
    return usable;
}

/*
 * Damage that may take the half away. A disk alone has one copy of the VMDB, of the
 * slots in use and of the log; with its mirror beside it only its VMDB, which says
 * how new its data is, is its own affair.
 */
static bool may_be_lost(const struct ldmdisk *b, size_t disks, uint64_t sector)
{
    uint64_t unit = ldmdisk_unit(b), block = sector / unit * unit;  /* what fails with the sector */
    uint64_t vmdb = ldmdisk_vmdb_lba(b), slots_in_use = b->record_count + 1;  /* Disk1's record takes two */

    if (disks == 2)
        return block == vmdb;
    return (block + unit > vmdb && block <= vmdb + (slots_in_use + 3) / 4) || block == ldmdisk_klog_lba(b);
}

static void sweep_range(struct fixture *f, size_t disks, uint64_t first, uint64_t end)
{
    for (uint64_t sector = first; sector < end; sector++)
        for (enum damage how = ZEROED; how < DAMAGES; how++)
            if (!half_is_usable_with(f, disks, sector, how) && !may_be_lost(&f->image[0], disks, sector))
                fail_msg("damage %d of sector %llu takes the half away", (int)how, (unsigned long long)sector);
}

static void sweep(bool gpt, uint32_t block_size, size_t disks)
{
    struct fixture *f = set_up(gpt, block_size, disks);
    uint64_t        unit = block_size / 512, region = f->image[0].private_start, sectors = BLOCKS * unit;

    srand(1);
    sweep_range(f, disks, 0, (gpt ? 34 : 8) * unit);
    sweep_range(f, disks, region, region + 19 * unit + SLOTS / 4);
    sweep_range(f, disks, region + 1498 * unit, region + 1500 * unit);
    sweep_range(f, disks, region + 1856 * unit, region + 1857 * unit);
    sweep_range(f, disks, region + 2044 * unit, region + 2048 * unit);
    if (gpt)
        sweep_range(f, disks, sectors - 33 * unit, sectors);
    tear_down(f);
}

static void test_mbr_disk_alone(void **state)
{
    (void)state;
    sweep(false, 512, 1);
}

static void test_mbr_disk_and_its_mirror(void **state)
{
    (void)state;
    sweep(false, 512, 2);
}

static void test_gpt_disk_alone(void **state)
{
    (void)state;
    sweep(true, 512, 1);
}

static void test_gpt_disk_and_its_mirror(void **state)
{
    (void)state;
    sweep(true, 512, 2);
}

static void test_gpt_disk_with_blocks_of_4096(void **state)
{
    (void)state;
    sweep(true, 4096, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mbr_disk_alone),
        cmocka_unit_test(test_mbr_disk_and_its_mirror),
        cmocka_unit_test(test_gpt_disk_alone),
        cmocka_unit_test(test_gpt_disk_and_its_mirror),
        cmocka_unit_test(test_gpt_disk_with_blocks_of_4096),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
