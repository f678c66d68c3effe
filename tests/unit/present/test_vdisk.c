/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_vdisk.c - the virtual disk: where each sector comes from and which bytes are put right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/disk/mbr.h"
#include "common/disk/memory_device.h"
#include "common/present/vdisk.h"
#include "tests/support/fakeview.h"
#include "tests/support/memdisk.h"

#define SIZE         20000u
#define DISK_SECTORS 100000u
#define LBA          30000u

static struct fakeview fv;
static struct memdisk *disk[2];

static enum status (*read_memory)(struct block_device *dev, uint64_t lba, uint32_t count, void *buf);

static void stamp(uint8_t *sector, uint8_t number, uint64_t lba)
{
    memset(sector, number, SECTOR_BYTES);
    wr_le64(sector, lba);
}

/* Every sector that no test wrote says where it is, so that a read from a wrong place shows. */
static enum status read_stamped(struct block_device *dev, uint64_t lba, uint32_t count, void *buf)
{
    static const uint8_t blank[SECTOR_BYTES];
    enum status          st = read_memory(dev, lba, count, buf);
    uint8_t             *sector = buf;

    for (uint32_t i = 0; st == STATUS_OK && i < count; i++, sector += SECTOR_BYTES)
        if (memcmp(sector, blank, SECTOR_BYTES) == 0)
            stamp(sector, dev == &disk[0]->dev ? 0xd0 : 0xd1, lba + i);
    return st;
}

static void assert_from(const uint8_t *sector, uint8_t number, uint64_t lba)
{
    assert_int_equal(rd_le64(span_of(sector, SECTOR_BYTES), 0), lba);
    assert_int_equal(sector[8], number);
}

static int setup(void **state)
{
    (void)state;
    fv_init(&fv, &bios_rules);
    for (size_t i = 0; i < 2; i++) {
        disk[i] = fv_memdisk(&fv, i ? "hd81" : "hd80", DISK_SECTORS);
        stamp(memdisk_at(disk[i], 0), (uint8_t)(0xd0 + i), 0);
        read_memory = disk[i]->dev.read;
        disk[i]->dev.read = read_stamped;
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    memdisk_free(disk[0]);
    memdisk_free(disk[1]);
    return 0;
}

/* An NTFS boot sector with nothing right in it: HiddenSectors 128, drive 0, no geometry. */
static void make_boot_sector(uint8_t s[512])
{
    memset(s, 0x11, 512);
    memcpy(s + 3, "NTFS    ", 8);
    wr_le16(s + 0x0b, 512);
    wr_le16(s + 0x16, 0);
    wr_le16(s + 0x18, 0);
    wr_le16(s + 0x1a, 0);
    wr_le32(s + 0x1c, 128);
    s[0x24] = 0;
    wr_le16(s + 0x1fe, 0xaa55);
}

static struct boot_plan plan_for(struct ldm_component *c)
{
    struct component_facts *f;

    fv_finish(&fv);
    f = fv_facts(&fv, c);
    make_boot_sector(f->boot_sector);
    memcpy(f->disk->sector0, memdisk_at((struct memdisk *)f->disk->dev, 0), SECTOR_BYTES);
    memcpy(memdisk_at((struct memdisk *)c->extents[0].disk->dev, c->extents[0].lba), f->boot_sector, SECTOR_BYTES);
    return (struct boot_plan){ .result = PLAN_BOOT, .method = METHOD_VBR,
                               .chosen = { .volume = c->volume, .component = c, .facts = f } };
}

static struct ldm_component *one_extent(uint64_t lba)
{
    struct ldm_volume    *v = fv_volume(&fv, "Volume1", VOLUME_MIRRORED, 0, SIZE);
    struct ldm_component *c = fv_component(&fv, v, "Volume1-01");

    fv_extent(&fv, c, 0, lba, SIZE);
    return c;
}

static struct vdisk build(const struct boot_plan *plan)
{
    struct vdisk vd;

    assert_int_equal(vdisk_build(plan, &vd), STATUS_OK);
    for (size_t i = 0; i < vd.extent_count + vd.spare_count; i++)
        assert_true(vd.extents[i].sectors > 0);
    return vd;
}

static void read_sector(const struct vdisk *vd, uint64_t lba, uint8_t out[512])
{
    assert_int_equal(vdisk_read(vd, lba, 1, out), STATUS_OK);
}

static uint32_t sum(const uint8_t s[512])
{
    uint32_t total = 0;

    for (size_t i = 0; i < 512; i += 4)
        total += rd_le32(span_of(s, 512), i);
    return total;
}

static void assert_boot_sector_put_right(const uint8_t s[512], const uint8_t original[512])
{
    uint8_t wanted[512];

    memcpy(wanted, original, sizeof wanted);
    wr_le16(wanted + 0x18, 63);
    wr_le16(wanted + 0x1a, 255);
    wr_le32(wanted + 0x1c, LBA);
    wanted[0x24] = 0x80;
    assert_memory_equal(s, wanted, sizeof wanted);  /* and nothing else */
}

/* ---- one extent */

static void test_the_disk_is_shown_sector_for_sector(void **state)
{
    struct boot_plan plan = plan_for(one_extent(LBA));
    struct vdisk     vd = build(&plan);
    uint8_t          buf[512];

    (void)state;
    assert_int_equal(vd.extent_count, 1);
    assert_int_equal(vd.sectors, DISK_SECTORS);
    assert_int_equal(vd.volume_lba, LBA);
    assert_int_equal(vd.volume_sectors, SIZE);
    assert_int_equal(vd.heads, 255);
    assert_int_equal(vd.sectors_per_track, 63);
    for (uint64_t lba = 1; lba < DISK_SECTORS; lba += 997) {
        read_sector(&vd, lba, buf);
        assert_from(buf, 0xd0, lba);
    }
    read_sector(&vd, DISK_SECTORS - 1, buf);
    assert_from(buf, 0xd0, DISK_SECTORS - 1);
    memset(buf, 0xee, sizeof buf);
    assert_int_equal(vdisk_read(&vd, DISK_SECTORS - 1, 2, buf), STATUS_READ_OUT_OF_RANGE);
    assert_int_equal(buf[0], 0xee);  /* nothing of it */
    assert_int_equal(vdisk_read(&vd, UINT64_MAX, 1, buf), STATUS_READ_OUT_OF_RANGE);
}

static void test_sector_0_as_windows_should_see_it(void **state)
{
    struct boot_plan plan = plan_for(one_extent(LBA));
    struct vdisk     vd = build(&plan);
    uint8_t          buf[512];
    const uint8_t   *real = memdisk_at(disk[0], 0);
    struct mbr       m;

    (void)state;
    read_sector(&vd, 0, buf);
    m = mbr_parse(span_of(buf, 512));
    assert_true(m.valid);
    assert_true(m.entries[0].active);
    assert_int_equal(m.entries[0].type, 0x07);
    assert_int_equal(m.entries[0].start, LBA);
    assert_int_equal(m.entries[0].sectors, SIZE);
    for (size_t i = 1; i < 4; i++)
        assert_int_equal(m.entries[i].type, 0);
    assert_int_equal(m.signature, mbr_parse(span_of(real, 512)).signature);
    assert_int_equal(sum(buf), sum(real));
}

static void test_boot_sector_and_its_backup_are_put_right(void **state)
{
    struct boot_plan plan = plan_for(one_extent(LBA));
    uint8_t         *backup = memdisk_at(disk[0], LBA + SIZE - 1), original[512], buf[512];
    struct vdisk     vd;

    (void)state;
    memcpy(original, plan.chosen.facts->boot_sector, 512);
    memcpy(backup, original, 512);
    vd = build(&plan);
    read_sector(&vd, LBA, buf);
    assert_boot_sector_put_right(buf, original);
    read_sector(&vd, LBA + SIZE - 1, buf);
    assert_boot_sector_put_right(buf, original);
    assert_memory_equal(backup, original, 512);  /* the disk itself is as it was */
}

static void test_patches_reach_into_longer_reads(void **state)
{
    static uint8_t   buf[64 * 512];
    struct boot_plan plan = plan_for(one_extent(LBA));
    struct vdisk     vd = build(&plan);

    (void)state;
    assert_int_equal(vdisk_read(&vd, LBA - 40, 64, buf), STATUS_OK);
    assert_from(buf + 39 * 512, 0xd0, LBA - 1);
    assert_boot_sector_put_right(buf + 40 * 512, plan.chosen.facts->boot_sector);
    assert_from(buf + 41 * 512, 0xd0, LBA + 1);
    assert_int_equal(vdisk_read(&vd, LBA + 1, 1, buf), STATUS_OK);
    assert_from(buf, 0xd0, LBA + 1);
    memset(buf, 0xee, sizeof buf);
    assert_int_equal(vdisk_read(&vd, LBA - 1, 1, buf), STATUS_OK);
    for (size_t i = 512; i < 1024; i++)
        assert_int_equal(buf[i], 0xee);  /* a read that ends just before a patched sector */
}

/* A FAT volume; `fat_sectors`: of a FAT12 or FAT16, 0 on FAT32. */
static struct vdisk build_fat(uint16_t fat_sectors, uint64_t backup)
{
    struct ldm_component   *c = one_extent(LBA);
    struct boot_plan        plan = plan_for(c);
    struct component_facts *f = fv_facts(&fv, c);

    f->fs = FS_FAT;
    f->backup_boot_sector = backup;
    wr_le16(f->boot_sector + 0x16, fat_sectors);
    return build(&plan);
}

static void test_fat32(void **state)
{
    struct vdisk vd = build_fat(0, 6);
    uint8_t      buf[512];

    (void)state;
    read_sector(&vd, 0, buf);
    assert_int_equal(mbr_parse(span_of(buf, 512)).entries[0].type, 0x0c);
    read_sector(&vd, LBA, buf);
    assert_int_equal(buf[0x40], 0x80);
    assert_int_equal(buf[0x24], 0);  /* part of the FAT's size on FAT32 */
    read_sector(&vd, LBA + 6, buf);
    assert_int_equal(buf[0x40], 0x80);
    assert_int_equal(rd_le32(span_of(buf, 512), 0x1c), LBA);
}

static void test_fat16_has_its_drive_number_at_24h_and_no_backup(void **state)
{
    struct vdisk vd = build_fat(200, 0);
    uint8_t      buf[512];

    (void)state;
    read_sector(&vd, LBA, buf);
    assert_int_equal(buf[0x24], 0x80);
    assert_int_equal(buf[0x40], 0x11);
    assert_int_equal(vd.patch_count, 3);
    read_sector(&vd, LBA + SIZE - 1, buf);
    assert_from(buf, 0xd0, LBA + SIZE - 1);
}

/* ---- sectors that are served from elsewhere */

static void test_a_damaged_boot_sector_is_served_from_its_backup(void **state)
{
    struct ldm_component   *c = one_extent(LBA);
    struct boot_plan        plan = plan_for(c);
    struct component_facts *f = fv_facts(&fv, c);
    struct vdisk            vd;
    uint8_t                 buf[3 * 512];

    (void)state;
    f->boot_sector_is_backup = true;
    memcpy(memdisk_at(disk[0], LBA + SIZE - 1), f->boot_sector, 512);
    memset(memdisk_at(disk[0], LBA), 0xee, 512);
    memdisk_fail(disk[0], LBA, 1, STATUS_READ_FAILED);
    vd = build(&plan);
    assert_int_equal(vdisk_read(&vd, LBA - 1, 3, buf), STATUS_OK);
    assert_from(buf, 0xd0, LBA - 1);
    assert_boot_sector_put_right(buf + 512, f->boot_sector);
    assert_from(buf + 1024, 0xd0, LBA + 1);
    assert_int_equal(vd.sectors, DISK_SECTORS);
}

static void test_an_unreadable_sector_0_is_shown_all_the_same(void **state)
{
    struct ldm_component *c = one_extent(LBA);
    struct boot_plan      plan = plan_for(c);
    struct vdisk          vd;
    uint8_t               buf[3 * 512];

    (void)state;
    fv.disks[0].has_sector0 = false;
    memset(fv.disks[0].sector0, 0, SECTOR_BYTES);
    memdisk_fail(disk[0], 0, 1, STATUS_READ_FAILED);
    vd = build(&plan);
    assert_int_equal(vdisk_read(&vd, 0, 2, buf), STATUS_OK);
    assert_true(mbr_parse(span_of(buf, 512)).valid);
    assert_int_equal(mbr_parse(span_of(buf, 512)).entries[0].start, LBA);
    assert_from(buf + 512, 0xd0, 1);
    assert_int_equal(vdisk_read(&vd, LBA - 1, 1, buf), STATUS_OK);
    assert_from(buf, 0xd0, LBA - 1);
    assert_int_equal(vdisk_read(&vd, LBA, 3, buf), STATUS_OK);
    assert_boot_sector_put_right(buf, plan.chosen.facts->boot_sector);
    assert_from(buf + 512, 0xd0, LBA + 1);
    assert_from(buf + 1024, 0xd0, LBA + 2);
    memdisk_fail(disk[0], LBA + 1, SIZE - 1, STATUS_READ_FAILED);  /* all that is known to be readable is the boot sector */
    assert_int_equal(vdisk_read(&vd, 0, 1, buf), STATUS_OK);
    assert_int_equal(vdisk_read(&vd, DISK_SECTORS - 1, 1, buf), STATUS_OK);
    assert_from(buf, 0xd0, DISK_SECTORS - 1);
    assert_int_equal(vd.sectors, DISK_SECTORS);
}

/* ---- several extents */

static void test_extents_follow_one_another(void **state)
{
    struct ldm_volume    *v = fv_volume(&fv, "Volume1", VOLUME_MIRRORED, 0, 600);
    struct ldm_component *c = fv_component(&fv, v, "Volume1-01");
    struct boot_plan      plan;
    struct vdisk          vd;
    static uint8_t        buf[700 * 512];

    (void)state;
    fv_extent(&fv, c, 0, LBA, 100);
    fv_extent(&fv, c, 0, 70000, 200);
    fv_extent(&fv, c, 1, 500, 300);
    plan = plan_for(c);
    vd = build(&plan);
    assert_int_equal(vd.sectors, DISK_SECTORS);
    assert_int_equal(vd.extent_count, 4);
    assert_int_equal(vdisk_read(&vd, LBA - 50, 700, buf), STATUS_OK);
    assert_from(buf + 49 * 512, 0xd0, LBA - 1);
    assert_from(buf + (50 + 99) * 512, 0xd0, LBA + 99);
    assert_from(buf + (50 + 100) * 512, 0xd0, 70000);
    assert_from(buf + (50 + 299) * 512, 0xd0, 70199);
    assert_from(buf + (50 + 300) * 512, 0xd1, 500);
    assert_from(buf + (50 + 598) * 512, 0xd1, 798);
    assert_from(buf + (50 + 600) * 512, 0xd0, LBA + 600);  /* the rest of the disk as it is */
    memset(buf, 0xee, sizeof buf);
    assert_int_equal(vdisk_read(&vd, LBA + 95, 200, buf), STATUS_OK);
    assert_from(buf + 199 * 512, 0xd0, 70194);
    assert_int_equal(buf[200 * 512], 0xee);                /* a read that ends within a piece */
}

static void test_extents_that_touch_are_one(void **state)
{
    struct ldm_volume    *v = fv_volume(&fv, "Volume1", VOLUME_MIRRORED, 0, 300);
    struct ldm_component *c = fv_component(&fv, v, "Volume1-01");
    struct boot_plan      plan;
    struct vdisk          vd;

    (void)state;
    fv_extent(&fv, c, 0, LBA, 100);
    fv_extent(&fv, c, 0, LBA + 100, 200);
    plan = plan_for(c);
    vd = build(&plan);
    assert_int_equal(vd.extent_count, 1);
}

static void test_a_volume_longer_than_its_first_disk(void **state)
{
    struct ldm_volume    *v = fv_volume(&fv, "Volume1", VOLUME_MIRRORED, 0, 50000);
    struct ldm_component *c = fv_component(&fv, v, "Volume1-01");
    struct boot_plan      plan;
    struct vdisk          vd;
    uint8_t               buf[512];

    (void)state;
    fv_extent(&fv, c, 0, 80000, 10000);
    fv_extent(&fv, c, 1, 10000, 40000);
    plan = plan_for(c);
    vd = build(&plan);
    assert_int_equal(vd.sectors, 130000);  /* the disk as shown ends with the volume */
    read_sector(&vd, 129998, buf);
    assert_from(buf, 0xd1, 49998);
    read_sector(&vd, 0, buf);
    assert_int_equal(mbr_parse(span_of(buf, 512)).entries[0].sectors, 50000);
}

/* The volume goes on, from a sector, on the second disk, where its backup boot sector is then; its first one cannot be read. */
static void assert_put_right_from_the_second_disk(uint64_t on_first)
{
    struct ldm_volume      *v = fv_volume(&fv, "Volume1", VOLUME_MIRRORED, 0, 200);
    struct ldm_component   *c = fv_component(&fv, v, "Volume1-01");
    struct boot_plan        plan;
    struct component_facts *f;
    struct vdisk            vd;
    uint8_t                 buf[512];

    fv_extent(&fv, c, 0, LBA, on_first);
    fv_extent(&fv, c, 1, 500, 200 - on_first);
    plan = plan_for(c);
    f = fv_facts(&fv, c);
    f->boot_sector_is_backup = true;
    memcpy(memdisk_at(disk[1], 500 + 199 - on_first), f->boot_sector, 512);
    memdisk_fail(disk[0], LBA, 1, STATUS_READ_FAILED);
    vd = build(&plan);
    read_sector(&vd, LBA, buf);
    assert_boot_sector_put_right(buf, f->boot_sector);
    read_sector(&vd, LBA + 199, buf);
    assert_boot_sector_put_right(buf, f->boot_sector);
}

static void test_a_backup_boot_sector_on_the_second_disk(void **state)
{
    (void)state;
    assert_put_right_from_the_second_disk(100);
}

/* It is all that there is on the second one. */
static void test_a_backup_boot_sector_in_a_piece_of_its_own(void **state)
{
    (void)state;
    assert_put_right_from_the_second_disk(199);
}

/* Of the first piece nothing is left to be shown. */
static void test_a_first_piece_of_one_sector(void **state)
{
    (void)state;
    assert_put_right_from_the_second_disk(1);
}

/* ---- refusals */

static void test_refusals_have_their_numbers(void **state)
{
    struct ldm_component *c = one_extent(LBA);
    struct boot_plan      plan = plan_for(c);
    struct vdisk          vd = { .sectors = 77 };

    (void)state;
    c->extents[0].lba = ((uint64_t)1 << 32) - SIZE + 1;
    assert_int_equal(vdisk_build(&plan, &vd), STATUS_VOLUME_BEYOND_2TIB);
    c->extents[0].lba = UINT64_MAX - 5;
    assert_int_equal(vdisk_build(&plan, &vd), STATUS_VOLUME_BEYOND_2TIB);
    c->extents[0].lba = 0;
    assert_int_equal(vdisk_build(&plan, &vd), STATUS_COMPONENT_UNREADABLE);
    c->extents[0].lba = LBA;
    disk[0]->dev.block_size = 4096;
    assert_int_equal(vdisk_build(&plan, &vd), STATUS_BIOS_BLOCK_SIZE);
    disk[0]->dev.block_size = 512;
    c->present = false;
    assert_int_equal(vdisk_build(&plan, &vd), STATUS_COMPONENT_UNREADABLE);
    c->present = true;
    fv_facts(&fv, c)->status = STATUS_BOOT_SECTOR_BAD;
    assert_int_equal(vdisk_build(&plan, &vd), STATUS_BOOT_SECTOR_BAD);
    plan.chosen.facts = NULL;
    assert_int_equal(vdisk_build(&plan, &vd), STATUS_COMPONENT_UNREADABLE);
    assert_int_equal(vd.sectors, 77);  /* the output is untouched on failure */
}

static void test_a_second_extent_beyond_2_tib(void **state)
{
    struct ldm_volume    *v = fv_volume(&fv, "Volume1", VOLUME_MIRRORED, 0, 200);
    struct ldm_component *c = fv_component(&fv, v, "Volume1-01");

    (void)state;
    fv_extent(&fv, c, 0, LBA, 100);
    fv_extent(&fv, c, 1, ((uint64_t)1 << 32) - 99, 100);
    fv_finish(&fv);
    assert_int_equal(bios_presentable(c), STATUS_VOLUME_BEYOND_2TIB);
    c->extents[1].lba--;
    assert_int_equal(bios_presentable(c), STATUS_OK);
    c->extents[0].lba = ((uint64_t)1 << 32) - 199;  /* both lie below, but joined they reach beyond */
    assert_int_equal(bios_presentable(c), STATUS_VOLUME_BEYOND_2TIB);
    c->extents[0].lba--;
    assert_int_equal(bios_presentable(c), STATUS_OK);
}

/* A half in so many pieces, and the worst case of it: every special extent is needed. */
static struct boot_plan plan_for_pieces(void **state, size_t count)
{
    struct ldm_component *c;
    struct boot_plan      plan;

    teardown(state);
    setup(state);
    c = fv_component(&fv, fv_volume(&fv, "Volume1", VOLUME_MIRRORED, 0, 10 * count), "Volume1-01");
    for (size_t i = 0; i < count; i++)
        fv_extent(&fv, c, i % 2, LBA + 100 * i, 10);
    plan = plan_for(c);
    fv_facts(&fv, c)->boot_sector_is_backup = true;
    fv_facts(&fv, c)->disk->has_sector0 = false;
    return plan;
}

static void test_as_many_extents_as_fit_and_one_more(void **state)
{
    for (size_t count = VDISK_MAX_EXTENTS - 5; count <= VDISK_MAX_EXTENTS; count++) {
        struct boot_plan plan = plan_for_pieces(state, count);
        struct vdisk     vd;
        enum status      st = vdisk_build(&plan, &vd);

        assert_int_equal(st, bios_presentable(plan.chosen.component));  /* what the plan promises is kept */
        assert_int_equal(st, count <= VDISK_MAX_EXTENTS - 4 ? STATUS_OK : STATUS_VDISK_TOO_COMPLEX);
    }
}

static void test_a_failing_read_is_reported(void **state)
{
    struct boot_plan plan = plan_for(one_extent(LBA));
    struct vdisk     vd = build(&plan);
    uint8_t          buf[512];

    (void)state;
    memdisk_fail(disk[0], 50, 1, STATUS_READ_FAILED);
    disk[0]->reads = 0;
    assert_int_equal(vdisk_read(&vd, 50, 1, buf), STATUS_READ_FAILED);
    assert_int_equal(disk[0]->reads, 1);  /* without another half there is nothing to try again for */
}

/* Each kind of entry: free ones stay empty, one that only counts is of a sector without HiddenSectors, a real one has its own. */
static void test_entries_by_their_kind(void **state)
{
    struct boot_plan plan = plan_for(one_extent(LBA));
    struct lookup    lookup = { .slots = { .at = { { .kind = SLOT_FREE }, { .kind = SLOT_VOLUME }, { .kind = SLOT_FILLER }, { .kind = SLOT_REAL } } } };
    struct vdisk     vd;
    struct mbr       mbr;
    uint8_t          buf[512];

    (void)state;
    lookup.slots.at[1].volume = plan.chosen.facts;
    lookup.slots.at[3].entry = (struct mbr_entry){ .type = 0x27, .active = true, .start = 5000, .sectors = 10 };
    plan.chosen.lookup = &lookup;
    for (size_t i = 0; i < 2; i++) {
        vd = build(&plan);
        read_sector(&vd, 0, buf);
        mbr = mbr_parse(span_of(buf, sizeof buf));
        assert_int_equal(mbr.entries[0].type, 0);
        assert_int_equal(mbr.entries[1].start, LBA);
        assert_true(mbr.entries[1].active);
        assert_int_equal(mbr.entries[2].type, 0x12);
        assert_int_equal(mbr.entries[2].start, 3);
        assert_int_equal(mbr.entries[2].sectors, 1);
        assert_false(mbr.entries[2].active);
        assert_int_equal(mbr.entries[3].type, 0x27);
        assert_int_equal(mbr.entries[3].start, 5000);
        assert_int_equal(mbr.entries[3].sectors, 10);
        assert_false(mbr.entries[3].active);
        read_sector(&vd, 3, buf);
        assert_int_equal(rd_le32(span_of(buf, 512), 0x1c), 0);
        assert_int_equal(buf[0x1b], 0xd0);
        assert_int_equal(buf[0x20], 0xd0);
        read_sector(&vd, 5000, buf);
        assert_int_equal(rd_le32(span_of(buf, 512), 0x1c), 5000);
        assert_int_equal(buf[0x1b], 0xd0);
        assert_int_equal(buf[0x20], 0xd0);
        lookup.slots.at[0].kind = SLOT_HELD;  /* and the same of others that are treated alike */
        lookup.slots.at[2].kind = SLOT_COVER;
        lookup.slots.at[3].kind = SLOT_NAMED;
    }
}

/* Another volume of the disk has an entry of its own, and its boot sector says where it is. */
static void test_the_entry_of_another_volume(void **state)
{
    struct ldm_component *other = fv_component(&fv, fv_volume(&fv, "Volume2", VOLUME_SIMPLE, 0, 700), "Volume2-01");
    struct lookup         lookup = { .slots = { .at = { { .kind = SLOT_VOLUME }, { .kind = SLOT_VOLUME } } } };
    struct boot_plan      plan;
    struct vdisk          vd;
    struct mbr            mbr;
    uint8_t               buf[512];

    (void)state;
    fv_extent(&fv, other, 0, 60000, 700);
    plan = plan_for(one_extent(LBA));
    lookup.slots.at[0].volume = fv_facts(&fv, other);
    make_boot_sector(fv_facts(&fv, other)->boot_sector);
    lookup.slots.at[1].volume = plan.chosen.facts;
    plan.chosen.lookup = &lookup;
    vd = build(&plan);
    read_sector(&vd, 0, buf);
    mbr = mbr_parse(span_of(buf, sizeof buf));
    assert_int_equal(mbr.entries[0].type, 0x07);
    assert_int_equal(mbr.entries[0].start, 60000);
    assert_int_equal(mbr.entries[0].sectors, 700);
    assert_false(mbr.entries[0].active);
    assert_int_equal(mbr.entries[1].start, LBA);
    assert_true(mbr.entries[1].active);
    read_sector(&vd, 60000, buf);
    assert_int_equal(rd_le32(span_of(buf, 512), 0x1c), 60000);
    assert_int_equal(rd_le16(span_of(buf, 512), 0x18), 63);
    assert_int_equal(buf[0x17], 0xd0);
    assert_int_equal(buf[0x20], 0xd0);
}

/* A backup that would lie outside of the volume can have been read by nobody. */
static void test_a_backup_outside_of_the_volume(void **state)
{
    struct ldm_component *c = one_extent(LBA);
    struct boot_plan      plan = plan_for(c);
    struct vdisk          vd = { .sectors = 77 };

    (void)state;
    fv_facts(&fv, c)->boot_sector_is_backup = true;
    fv_facts(&fv, c)->backup_boot_sector = SIZE;
    assert_int_equal(vdisk_build(&plan, &vd), STATUS_INTERNAL);
    fv_facts(&fv, c)->disk->has_sector0 = false;
    assert_int_equal(vdisk_build(&plan, &vd), STATUS_INTERNAL);
    assert_int_equal(vd.sectors, 77);
}

/* What the loaders' files ask for: other bytes in sectors of theirs, and disks that they name. */
static void test_what_the_loaders_files_ask_for(void **state)
{
    struct boot_plan plan = plan_for(one_extent(LBA));
    struct lookup_patch patches[] = { { .volume_sector = 700, .offset = 100, .len = 3, .bytes = (const uint8_t *)"abc" },
                                      { .volume_sector = SIZE - 2, .offset = 509, .len = 3, .bytes = (const uint8_t *)"xyz" } };
    struct lookup    lookup = { .slots = { .at = { { .kind = SLOT_VOLUME } } }, .patches = patches,
                                .patch_count = 2, .disk_count = 1 };
    struct vdisk     vd;
    uint8_t          buf[512];

    (void)state;
    lookup.slots.at[0].volume = plan.chosen.facts;
    lookup.disks[0] = &disk[1]->dev;
    plan.chosen.lookup = &lookup;
    vd = build(&plan);
    read_sector(&vd, LBA + 700, buf);
    assert_from(buf, 0xd0, LBA + 700);
    assert_memory_equal(buf + 99, "\xd0" "abc\xd0", 5);
    read_sector(&vd, LBA + SIZE - 2, buf);
    assert_memory_equal(buf + 508, "\xd0" "xyz", 4);
    read_sector(&vd, LBA + 699, buf);
    assert_int_equal(buf[100], 0xd0);
    assert_int_equal(vd.disk_count, 1);
    assert_ptr_equal(vd.disks[0], &disk[1]->dev);
}

/* Equal bytes are kept once; more patches, or more bytes, than there is room for are refused, not cut. */
static void test_as_many_patches_as_fit_and_one_more(void **state)
{
    static struct lookup_patch patches[VDISK_MAX_PATCHES];
    static uint8_t             bytes[VDISK_PATCH_BYTES];
    struct boot_plan           plan = plan_for(one_extent(LBA));
    struct lookup              lookup = { .slots = { .at = { { .kind = SLOT_VOLUME, .volume = plan.chosen.facts } } }, .patches = patches };
    struct vdisk               vd;
    size_t                     own, used;
    uint8_t                    shown[512];

    (void)state;
    plan.chosen.lookup = &lookup;
    vd = build(&plan);
    own = vd.patch_count;
    assert_int_equal(own, 1 + 2 * 2);        /* sector 0; of both boot sectors the geometry and the drive's number */
    used = vd.patch_data_len;
    assert_true(used <= 512 + 8 + 1);  /* both boot sectors get the same */
    memset(bytes, 0x99, sizeof bytes);
    for (size_t i = 0; i < VDISK_MAX_PATCHES; i++)
        patches[i] = (struct lookup_patch){ .volume_sector = 10 + i, .offset = 5, .len = 3, .bytes = bytes };
    lookup.patch_count = VDISK_MAX_PATCHES - own;
    vd = build(&plan);
    assert_int_equal(vd.patch_count, VDISK_MAX_PATCHES);
    assert_int_equal(vd.patch_data_len, used + 3);
    lookup.patch_count++;
    read_sector(&vd, LBA + 10, shown);
    assert_memory_equal(shown + 4, "\x00\x99\x99\x99\xd0", 5);
    vd = (struct vdisk){ .sectors = 77 };
    assert_int_equal(vdisk_build(&plan, &vd), STATUS_VDISK_TOO_COMPLEX);
    assert_int_equal(vd.sectors, 77);

    lookup.patch_count = 1;
    lookup.patches = &(struct lookup_patch){ .volume_sector = 10, .len = 9, .bytes = shown };
    vd = build(&plan);
    read_sector(&vd, 0, shown);
    assert_int_equal(build(&plan).patch_data_len, used);  /* its bytes are the first that sector 0 is shown with */
    lookup.patches = patches;
    patches[0].len = (uint16_t)(VDISK_PATCH_BYTES - used);
    assert_int_equal(build(&plan).patch_data_len, VDISK_PATCH_BYTES);
    patches[0].len++;
    assert_int_equal(vdisk_build(&plan, &vd), STATUS_VDISK_TOO_COMPLEX);
}

/* ---- the other half */

#define OTHER_LBA 41000u

/* Two good halves, on both disks; the first one is chosen, the other one begins somewhere else. */
static struct plan_candidate halves[4];
static struct boot_plan plan_for_mirror(void)
{
    struct ldm_component *first = one_extent(LBA), *other = fv_component(&fv, first->volume, "Volume1-02");
    struct boot_plan      plan;

    fv_extent(&fv, other, 1, OTHER_LBA, SIZE);
    plan = plan_for(first);
    halves[0] = plan.chosen;
    halves[1] = (struct plan_candidate){ .volume = first->volume, .component = other, .facts = fv_facts(&fv, other) };
    plan.candidates = halves;
    plan.candidate_count = 2;
    return plan;
}

/* The other half is asked for nothing as long as all is well. */
static void test_good_sectors_cost_one_read(void **state)
{
    struct boot_plan plan = plan_for_mirror();
    struct vdisk     vd = build(&plan);
    uint8_t          buf[100 * 512];

    (void)state;
    disk[0]->reads = disk[1]->reads = 0;
    assert_int_equal(vdisk_read(&vd, LBA + 1, 100, buf), STATUS_OK);
    assert_int_equal(disk[0]->reads, 1);
    assert_int_equal(disk[1]->reads, 0);
}

static void test_bad_sectors_come_from_the_other_half(void **state)
{
    struct boot_plan plan = plan_for_mirror();
    struct vdisk     vd = build(&plan);
    uint8_t          buf[100 * 512];

    (void)state;
    memdisk_fail(disk[0], LBA + 50, 2, STATUS_READ_FAILED);
    memdisk_fail(disk[1], OTHER_LBA + 60, 5, STATUS_READ_FAILED);  /* which the first half has */
    assert_int_equal(vdisk_read(&vd, LBA + 1, 100, buf), STATUS_OK);
    for (uint32_t i = 0; i < 100; i++)
        if (i == 49 || i == 50)
            assert_from(buf + i * 512, 0xd1, OTHER_LBA + 1 + i);
        else
            assert_from(buf + i * 512, 0xd0, LBA + 1 + i);
}

/* Patched as the chosen half's would be: HiddenSectors says where the volume is shown. */
static void test_the_other_halfs_boot_sector_is_put_right(void **state)
{
    struct boot_plan plan = plan_for_mirror();
    struct vdisk     vd = build(&plan);
    uint8_t          wanted[512], buf[512];

    (void)state;
    read_sector(&vd, LBA, wanted);
    memcpy(memdisk_at(disk[1], OTHER_LBA), memdisk_at(disk[0], LBA), SECTOR_BYTES);
    memdisk_fail(disk[0], LBA, 1, STATUS_READ_FAILED);
    read_sector(&vd, LBA, buf);
    assert_memory_equal(buf, wanted, 512);
}

static void test_only_the_volume_has_another_half(void **state)
{
    struct boot_plan plan = plan_for_mirror();
    struct vdisk     vd = build(&plan);
    uint8_t          buf[512];

    (void)state;
    memdisk_fail(disk[0], LBA - 1, 1, STATUS_READ_FAILED);
    memdisk_fail(disk[0], LBA + SIZE, 1, STATUS_READ_FAILED);
    assert_int_equal(vdisk_read(&vd, LBA - 1, 1, buf), STATUS_READ_FAILED);
    assert_int_equal(vdisk_read(&vd, LBA + SIZE, 1, buf), STATUS_READ_FAILED);
}

static void test_a_sector_that_both_halves_lost_is_an_error(void **state)
{
    struct boot_plan plan = plan_for_mirror();
    struct vdisk     vd = build(&plan);
    uint8_t          buf[3 * 512];

    (void)state;
    memdisk_fail(disk[0], LBA + 50, 1, STATUS_READ_SILENT);
    memdisk_fail(disk[1], OTHER_LBA + 50, 1, STATUS_READ_FAILED);
    assert_int_equal(vdisk_read(&vd, LBA + 49, 3, buf), STATUS_READ_SILENT);
}

static void test_a_spare_in_pieces(void **state)
{
    struct ldm_component *first = one_extent(LBA), *other = fv_component(&fv, first->volume, "Volume1-02");
    struct boot_plan      plan;
    struct vdisk          vd;
    uint8_t               buf[4 * 512];

    (void)state;
    fv_extent(&fv, other, 1, 70000, 100);
    fv_extent(&fv, other, 1, 50000, SIZE - 100);
    plan = plan_for(first);
    halves[0] = plan.chosen;
    halves[1] = (struct plan_candidate){ .volume = first->volume, .component = other, .facts = fv_facts(&fv, other) };
    plan.candidates = halves;
    plan.candidate_count = 2;
    vd = build(&plan);
    assert_int_equal(vd.spare_count, 2);
    memdisk_fail(disk[0], LBA, SIZE, STATUS_READ_FAILED);
    assert_int_equal(vdisk_read(&vd, LBA + 98, 4, buf), STATUS_OK);
    assert_from(buf, 0xd1, 70098);
    assert_from(buf + 512, 0xd1, 70099);
    assert_from(buf + 1024, 0xd1, 50000);
    assert_from(buf + 1536, 0xd1, 50001);
}

/* Not good, of 4096-byte blocks, or in too many pieces: the volume starts all the same, without a spare. */
/* The chosen half is in pieces: a read over all of it, with bad sectors in the second one. */
static void test_bad_sectors_of_a_second_piece(void **state)
{
    struct ldm_volume    *v = fv_volume(&fv, "Volume1", VOLUME_MIRRORED, 0, SIZE);
    struct ldm_component *first = fv_component(&fv, v, "Volume1-01"), *other = fv_component(&fv, v, "Volume1-02");
    struct boot_plan      plan;
    struct vdisk          vd;
    uint8_t               buf[20 * 512];

    (void)state;
    fv_extent(&fv, first, 0, LBA, 100);
    fv_extent(&fv, first, 0, 70000, SIZE - 100);
    fv_extent(&fv, other, 1, OTHER_LBA, SIZE);
    plan = plan_for(first);
    halves[0] = plan.chosen;
    halves[1] = (struct plan_candidate){ .volume = v, .component = other, .facts = fv_facts(&fv, other) };
    plan.candidates = halves;
    plan.candidate_count = 2;
    vd = build(&plan);
    memdisk_fail(disk[0], 70003, 2, STATUS_READ_FAILED);
    assert_int_equal(vdisk_read(&vd, LBA + 90, 20, buf), STATUS_OK);
    for (uint32_t i = 0; i < 20; i++)
        if (i == 13 || i == 14)
            assert_from(buf + i * 512, 0xd1, OTHER_LBA + 90 + i);
        else
            assert_from(buf + i * 512, 0xd0, i < 10 ? LBA + 90 + i : 70000 + i - 10);
}

static void test_a_half_that_cannot_stand_in_is_left_out(void **state)
{
    struct boot_plan plan = plan_for_mirror();

    (void)state;
    assert_int_equal(build(&plan).spare_count, 1);
    halves[1].verdict = VERDICT_STALE;
    assert_int_equal(build(&plan).spare_count, 0);
    halves[1].verdict = VERDICT_GOOD;
    halves[0].verdict = VERDICT_STALE_ONLY;
    assert_int_equal(build(&plan).spare_count, 0);
    halves[0].verdict = VERDICT_GOOD;
    disk[1]->dev.block_size = 4096;
    assert_int_equal(build(&plan).spare_count, 0);
    disk[1]->dev.block_size = 512;
    fv.components[1].extent_count = VDISK_MAX_EXTENTS;
    assert_int_equal(build(&plan).spare_count, 0);
    fv.components[1].extent_count = 1;
}

/* In as many pieces as there is room for; not in one more. */
static void test_a_spare_that_just_fits(void **state)
{
    struct ldm_volume    *v = fv_volume(&fv, "Volume1", VOLUME_MIRRORED, 0, SIZE);
    struct ldm_component *first = fv_component(&fv, v, "Volume1-01"), *other = fv_component(&fv, v, "Volume1-02");
    struct boot_plan      plan;
    size_t                room;

    (void)state;
    for (size_t i = 0; i < 6; i++)
        fv_extent(&fv, first, 0, LBA + 200 * i, 100);
    fv_extent(&fv, other, 1, OTHER_LBA, 10);
    plan = plan_for(first);
    halves[0] = plan.chosen;
    halves[1] = (struct plan_candidate){ .volume = v, .component = other, .facts = fv_facts(&fv, other) };
    plan.candidates = halves;
    plan.candidate_count = 2;
    room = VDISK_MAX_EXTENTS - build(&plan).extent_count;
    while (other->extent_count < room)
        fv_extent(&fv, other, 1, OTHER_LBA + 20 * other->extent_count, 10);
    assert_int_equal(build(&plan).spare_count, room);
    fv_extent(&fv, other, 1, OTHER_LBA + 20 * room, 10);
    assert_int_equal(build(&plan).spare_count, 0);
}

/* Windows on another mirrored volume of the disk than its loader: that one has an entry. */
#define WINDOWS_LBA       60000u
#define WINDOWS_OTHER_LBA 70000u
#define WINDOWS_SIZE      1000u

static struct lookup two_entries;
static struct boot_plan plan_for_two_mirrors(void)
{
    struct ldm_volume    *windows = fv_volume(&fv, "Volume2", VOLUME_MIRRORED, 0, WINDOWS_SIZE);
    struct ldm_component *half[2] = { fv_component(&fv, windows, "Volume2-01"), fv_component(&fv, windows, "Volume2-02") };
    struct boot_plan      plan;

    fv_extent(&fv, half[0], 0, WINDOWS_LBA, WINDOWS_SIZE);
    fv_extent(&fv, half[1], 1, WINDOWS_OTHER_LBA, WINDOWS_SIZE);
    plan = plan_for_mirror();
    for (size_t i = 0; i < 2; i++)
        halves[2 + i] = (struct plan_candidate){ .volume = windows, .component = half[i], .facts = fv_facts(&fv, half[i]) };
    plan.candidate_count = 4;
    two_entries = (struct lookup){ .slots = { .at = { { .kind = SLOT_VOLUME, .volume = halves[2].facts },
                                                      { .kind = SLOT_VOLUME, .volume = halves[0].facts } } } };
    plan.chosen.lookup = &two_entries;
    return plan;
}

static void test_bad_sectors_of_windows_on_another_volume(void **state)
{
    struct boot_plan plan = plan_for_two_mirrors();
    struct vdisk     vd = build(&plan);
    uint8_t          buf[3 * 512];

    (void)state;
    assert_int_equal(vd.spare_count, 2);
    memdisk_fail(disk[0], WINDOWS_LBA + 50, 1, STATUS_READ_FAILED);
    memdisk_fail(disk[0], LBA + 50, 1, STATUS_READ_FAILED);
    assert_int_equal(vdisk_read(&vd, WINDOWS_LBA + 49, 3, buf), STATUS_OK);
    assert_from(buf, 0xd0, WINDOWS_LBA + 49);
    assert_from(buf + 512, 0xd1, WINDOWS_OTHER_LBA + 50);
    assert_from(buf + 1024, 0xd0, WINDOWS_LBA + 51);
    read_sector(&vd, LBA + 50, buf);
    assert_from(buf, 0xd1, OTHER_LBA + 50);
}

/* Each volume's marks are its own; where there is no room for both spares, the loader's comes first. */
static void test_which_spares_there_are(void **state)
{
    struct boot_plan plan = plan_for_two_mirrors();
    struct vdisk     vd;

    (void)state;
    halves[3].verdict = VERDICT_MARKED;
    vd = build(&plan);
    assert_int_equal(vd.spare_count, 1);
    assert_int_equal(vd.extents[vd.extent_count].virtual_lba, LBA);
    halves[3].verdict = VERDICT_GOOD;
    halves[1].verdict = VERDICT_MARKED;
    vd = build(&plan);
    assert_int_equal(vd.spare_count, 1);
    assert_int_equal(vd.extents[vd.extent_count].virtual_lba, WINDOWS_LBA);
    halves[1].verdict = VERDICT_GOOD;
    while (fv.components[1].extent_count < VDISK_MAX_EXTENTS - 4)  /* Windows's other half, in pieces */
        fv_extent(&fv, &fv.components[1], 1, 90000, 1);
    assert_int_equal(build(&plan).spare_count, 1 + VDISK_MAX_EXTENTS - 4);
    while (fv.components[3].extent_count < 4)  /* and the loader's */
        fv_extent(&fv, &fv.components[3], 1, 91000, 1);
    vd = build(&plan);
    assert_int_equal(vd.spare_count, 4);
    assert_int_equal(vd.extents[vd.extent_count].virtual_lba, LBA);
}

/* ---- a system volume in memory */

#define MEMORY_SECTORS 3000u

static uint8_t              memory_bytes[MEMORY_SECTORS * SECTOR_BYTES];
static struct memory_device memory;

static struct block_device *memory_volume(void)
{
    for (size_t i = 0; i < MEMORY_SECTORS; i++)
        wr_le64(memory_bytes + i * SECTOR_BYTES, 0xfee1dead00000000u + i);
    memory_device_init(&memory, "memory", memory_bytes, sizeof memory_bytes);
    return &memory.dev;
}

static void test_a_system_volume_in_memory(void **state)
{
    struct boot_plan plan = plan_for(one_extent(LBA));
    struct lookup    lookup = { .slots = { .at = { { .kind = SLOT_COVER }, { .kind = SLOT_VOLUME } } } };
    struct vdisk     vd;
    struct mbr       mbr;
    uint8_t          buf[512], two[1024];

    (void)state;
    lookup.slots.at[1].volume = plan.chosen.facts;  /* its number in the real table */
    plan.chosen.lookup = &lookup;
    assert_int_equal(vdisk_build_with_system(&plan, memory_volume(), &vd), STATUS_OK);
    assert_int_equal(vd.start_lba, DISK_SECTORS);
    assert_int_equal(vd.volume_lba, LBA);
    assert_int_equal(vd.sectors, DISK_SECTORS + MEMORY_SECTORS);

    read_sector(&vd, 0, buf);
    mbr = mbr_parse(span_of(buf, sizeof buf));
    assert_int_equal(mbr.entries[3].start, DISK_SECTORS);
    assert_int_equal(mbr.entries[3].sectors, MEMORY_SECTORS);
    assert_int_equal(mbr.entries[3].type, MBR_TYPE_FAT12);
    assert_int_equal(buf[MBR_TABLE_OFF + 3 * 16], 0x80);
    assert_int_equal(mbr.entries[1].start, LBA);    /* stays where it is, and is not active */
    assert_int_equal(buf[MBR_TABLE_OFF + 16], 0);
    assert_int_equal(mbr.entries[0].type, 0x12);
    assert_int_equal(mbr.entries[2].type, 0);

    assert_int_equal(vdisk_read(&vd, DISK_SECTORS - 1, 2, two), STATUS_OK);
    assert_from(two, 0xd0, DISK_SECTORS - 1);
    assert_memory_equal(two + 512, memory_bytes, 512);
    read_sector(&vd, DISK_SECTORS + MEMORY_SECTORS - 1, buf);
    assert_memory_equal(buf, memory_bytes + sizeof memory_bytes - 512, 512);
    assert_int_equal(vdisk_read(&vd, DISK_SECTORS + MEMORY_SECTORS, 1, buf), STATUS_READ_OUT_OF_RANGE);
}

/* Where nothing was looked up, too: the last entry. */
static void test_a_system_volume_without_a_lookup(void **state)
{
    struct boot_plan plan = plan_for(one_extent(LBA));
    struct vdisk     vd;
    struct mbr       mbr;
    uint8_t          buf[512];

    (void)state;
    assert_int_equal(vdisk_build_with_system(&plan, memory_volume(), &vd), STATUS_OK);
    read_sector(&vd, 0, buf);
    mbr = mbr_parse(span_of(buf, sizeof buf));
    assert_int_equal(mbr.entries[3].start, DISK_SECTORS);
    assert_true(mbr.entries[3].active);
    assert_int_equal(mbr.entries[0].start, LBA);
    assert_false(mbr.entries[0].active);
    assert_int_equal(mbr.entries[1].type, 0);
    assert_int_equal(mbr.entries[2].type, 0);
}

/* In the worst case there is no place left for one more piece. */
static void test_a_system_volume_behind_many_pieces(void **state)
{
    for (size_t count = VDISK_MAX_EXTENTS - 5; count <= VDISK_MAX_EXTENTS - 4; count++) {
        struct boot_plan plan = plan_for_pieces(state, count);
        struct vdisk     vd;

        assert_int_equal(vdisk_build_with_system(&plan, memory_volume(), &vd),
                         count < VDISK_MAX_EXTENTS - 4 ? STATUS_OK : STATUS_VDISK_TOO_COMPLEX);
    }
}

/* Without a free entry one that only has to be counted gives way, and no number moves; four volumes leave none. */
static void test_the_entry_of_a_system_volume(void **state)
{
    static const enum slot_kind kinds[] = { SLOT_COVER, SLOT_REAL };
    struct boot_plan            plan = plan_for(one_extent(LBA));
    struct lookup               lookup = { .slots = { .at = { { .kind = SLOT_VOLUME } } } };
    struct vdisk                vd;
    struct mbr                  mbr;
    uint8_t                     buf[512];

    (void)state;
    plan.chosen.lookup = &lookup;
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < MBR_ENTRIES; i++)
            lookup.slots.at[i] = (struct slot){ .kind = SLOT_VOLUME, .volume = plan.chosen.facts };
        lookup.slots.at[2] = (struct slot){ .kind = kinds[k], .entry = { .type = 0x27, .start = 5000, .sectors = 10 } };
        assert_int_equal(vdisk_build_with_system(&plan, memory_volume(), &vd), STATUS_OK);
        read_sector(&vd, 0, buf);
        mbr = mbr_parse(span_of(buf, sizeof buf));
        assert_int_equal(mbr.entries[2].start, DISK_SECTORS);
        read_sector(&vd, 5000, buf);  /* what gave way is not put right any more */
        assert_int_equal(buf[0x1c], 0xd0);
        read_sector(&vd, 3, buf);
        assert_int_equal(buf[0x1c], 0xd0);
    }
    lookup.slots.at[2] = lookup.slots.at[0];
    assert_int_equal(vdisk_build_with_system(&plan, memory_volume(), &vd), STATUS_NO_FREE_SLOT);
}

static void test_a_system_volume_needs_room_below_2_tib(void **state)
{
    struct boot_plan plan = plan_for(one_extent(LBA));
    struct vdisk     vd;

    (void)state;
    fv.disks[0].dev->block_count = UINT32_MAX - MEMORY_SECTORS;
    assert_int_equal(vdisk_build_with_system(&plan, memory_volume(), &vd), STATUS_OK);
    fv.disks[0].dev->block_count++;
    assert_int_equal(vdisk_build_with_system(&plan, memory_volume(), &vd), STATUS_NO_ROOM_BEHIND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_system_volume_in_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_entry_of_a_system_volume, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_system_volume_needs_room_below_2_tib, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_disk_is_shown_sector_for_sector, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sector_0_as_windows_should_see_it, setup, teardown),
        cmocka_unit_test_setup_teardown(test_boot_sector_and_its_backup_are_put_right, setup, teardown),
        cmocka_unit_test_setup_teardown(test_patches_reach_into_longer_reads, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fat32, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fat16_has_its_drive_number_at_24h_and_no_backup, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_damaged_boot_sector_is_served_from_its_backup, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_unreadable_sector_0_is_shown_all_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(test_extents_follow_one_another, setup, teardown),
        cmocka_unit_test_setup_teardown(test_extents_that_touch_are_one, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_volume_longer_than_its_first_disk, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_backup_boot_sector_on_the_second_disk, setup, teardown), cmocka_unit_test_setup_teardown(test_a_backup_boot_sector_in_a_piece_of_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_first_piece_of_one_sector, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refusals_have_their_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_second_extent_beyond_2_tib, setup, teardown),
        cmocka_unit_test_setup_teardown(test_as_many_extents_as_fit_and_one_more, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_failing_read_is_reported, setup, teardown),
        cmocka_unit_test_setup_teardown(test_entries_by_their_kind, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_entry_of_another_volume, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_backup_outside_of_the_volume, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_system_volume_without_a_lookup, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_spare_that_just_fits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_the_loaders_files_ask_for, setup, teardown),
        cmocka_unit_test_setup_teardown(test_as_many_patches_as_fit_and_one_more, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_system_volume_behind_many_pieces, setup, teardown),
        cmocka_unit_test_setup_teardown(test_good_sectors_cost_one_read, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_sectors_come_from_the_other_half, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_other_halfs_boot_sector_is_put_right, setup, teardown),
        cmocka_unit_test_setup_teardown(test_only_the_volume_has_another_half, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_sector_that_both_halves_lost_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_spare_in_pieces, setup, teardown), cmocka_unit_test_setup_teardown(test_bad_sectors_of_a_second_piece, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_half_that_cannot_stand_in_is_left_out, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_sectors_of_windows_on_another_volume, setup, teardown),
        cmocka_unit_test_setup_teardown(test_which_spares_there_are, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
