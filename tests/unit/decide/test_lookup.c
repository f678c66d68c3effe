/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_lookup.c - how Windows's loaders get past the dead disk: slots for partition(N),
 * names of disks in the boot store, disks that stay visible; and what the virtual disk makes of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/decide/plan.h"
#include "common/present/vdisk.h"
#include "tests/support/fakeview.h"
#include "tests/support/memdisk.h"

#define SIZE         10000u
#define DISK_SECTORS 100000u
#define LBA          20000u  /* of the half that is here */
#define OTHER_LBA    40000u  /* of another volume on the same disk */
#define DEAD_START   1937u   /* of the half that is lost, in its disk's public region */
#define DEAD_LBA     2000u
#define DEAD         0x0dead001u
#define HERE         0x11112222u
#define SECOND       0x33334444u

/* Disk 1 is dead; a mirrored system volume lived on it and on disk 2; disk 3 is another one of the group. */
static struct fakeview        fv;
static struct memdisk        *disk[2];
static struct ldm_volume     *system_volume;
static struct ldm_component  *half;
static struct component_facts *facts;

static void write_boot_sector(uint8_t s[512], uint32_t hidden)
{
    memset(s, 0, 512);
    memcpy(s + 3, "NTFS    ", 8);
    wr_le16(s + 0x0b, 512);
    wr_le16(s + 0x18, 63);
    wr_le16(s + 0x1a, 255);
    wr_le32(s + 0x1c, hidden);
    wr_le16(s + 0x1fe, 0xaa55);
}

static int setup(void **state)
{
    struct ldm_component *lost;

    (void)state;
    fv_init(&fv, &bios_rules);
    fv_disk(&fv, NULL);
    fv_disk(&fv, "hd81");
    fv_disk(&fv, "hd82");
    for (size_t i = 0; i < 2; i++) {
        disk[i] = memdisk_new(i ? "hd82" : "hd81", SECTOR_BYTES, DISK_SECTORS);
        fv.disks[i].dev = &disk[i]->dev;
        fv.disks[i].mbr.signature = i ? SECOND : HERE;
        wr_le32(fv.disks[i].sector0 + MBR_SIGNATURE_OFF, fv.disks[i].mbr.signature);
        fv.disks[i].privhead.public_start = DEAD_LBA - DEAD_START;
    }
    system_volume = fv_volume(&fv, "Volume1", VOLUME_MIRRORED, LDM_VOL_SYSTEM | LDM_VOL_BOOT, SIZE);
    lost = fv_component(&fv, system_volume, "Volume1-01");
    fv_extent(&fv, lost, 0, DEAD_START, SIZE);
    half = fv_component(&fv, system_volume, "Volume1-02");
    fv_extent(&fv, half, 1, LBA, SIZE);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    memdisk_free(disk[0]);
    memdisk_free(disk[1]);
    return 0;
}

/* To be called when all volumes are there. */
static void finish(void)
{
    fv_finish(&fv);
    for (size_t i = 0; i < fv.facts.count; i++)
        write_boot_sector(fv.fact_list[i].boot_sector, 77);
    facts = fv_facts(&fv, half);
    facts->has_bootmgr = true;
    facts->files.windows = facts;
}

static const struct lookup *look(void)
{
    const struct lookup *l = lookup_make(&fv.view, &fv.facts, facts, &fv.arena);

    assert_non_null(l);
    return l;
}

static bool noted(const struct lookup *l, enum status code)
{
    for (const struct note *n = l->notes.first; n; n = n->next)
        if (n->code == code)
            return true;
    return false;
}

static struct component_facts *add_volume(const char *name, size_t on, uint64_t lba)
{
    struct ldm_volume    *v = fv_volume(&fv, name, VOLUME_SIMPLE, 0, SIZE);
    struct ldm_component *c = fv_component(&fv, v, name);

    fv_extent(&fv, c, on, lba, SIZE);
    return &fv.fact_list[fv.group.component_count - 2];  /* the lost half has no facts */
}

static void set_bootini(enum bootini_form form, uint32_t adapter, uint32_t rdisk, uint32_t partition)
{
    facts->files.has_bootini = true;
    facts->files.bootini = (struct bootini_entry){ form, adapter, 0, rdisk, partition, "\\WINDOWS" };
}

/* A store whose names lie one after the other from sector 100 of the volume. */
static struct store_name names[STORE_MAX_NAMES];

static void add_name(uint32_t signature, uint64_t lba)
{
    size_t n = facts->files.name_count++;

    names[n] = (struct store_name){ signature, lba * SECTOR_BYTES, { { { 100 + n, 0x38, 4 } }, 1 },
                                    { { { 100 + n, 0x20, 8 } }, 1 } };
    facts->files.names = names;
    facts->files.has_store = true;
}

static struct vdisk build(const struct lookup *l)
{
    struct plan_candidate chosen = { .volume = system_volume, .component = half, .facts = facts, .lookup = l };
    struct boot_plan      plan = { .result = PLAN_BOOT, .chosen = chosen };
    struct vdisk          vd;

    assert_int_equal(vdisk_build(&plan, &vd), STATUS_OK);
    return vd;
}

static struct mbr table_of(const struct vdisk *vd)
{
    uint8_t sector[SECTOR_BYTES];

    assert_int_equal(vdisk_read(vd, 0, 1, sector), STATUS_OK);
    return mbr_parse(span_of(sector, sizeof sector));
}

static uint32_t hidden_sectors(const struct vdisk *vd, uint64_t lba)
{
    uint8_t sector[SECTOR_BYTES];

    assert_int_equal(vdisk_read(vd, lba, 1, sector), STATUS_OK);
    return rd_le32(span_of(sector, sizeof sector), 0x1c);
}

/* ---- boot.ini */

static void test_without_files(void **state)
{
    const struct lookup *l;

    (void)state;
    finish();
    l = look();
    assert_int_equal(l->slot_count, 1);
    assert_ptr_equal(l->slots[0], facts);
    assert_int_equal(l->patch_count + l->disk_count + l->notes.count, 0);
}

/* partition(N) for all four: fillers before it, on sectors that carry no HiddenSectors of a volume. */
static void test_partition_number(void **state)
{
    (void)state;
    finish();
    for (uint32_t n = 1; n <= MBR_ENTRIES; n++) {
        struct vdisk vd;
        struct mbr   table;

        for (uint32_t lba = 1; lba < 4; lba++)  /* what might be there: what the volume's own would be */
            wr_le32(memdisk_at(disk[0], lba) + 0x1c, LBA);
        set_bootini(BOOTINI_MULTI, 0, 0, n);
        vd = build(look());
        table = table_of(&vd);
        for (uint32_t i = 0; i < MBR_ENTRIES; i++) {
            assert_int_equal(table.entries[i].type, i + 1 == n ? MBR_TYPE_NTFS : i + 1 < n ? 0x12 : 0);
            assert_int_equal(table.entries[i].active, i + 1 == n);
            if (i + 1 < n) {
                assert_true(table.entries[i].start + table.entries[i].sectors <= LBA);
                assert_int_equal(hidden_sectors(&vd, table.entries[i].start), 0);
            }
        }
        assert_int_equal(table.entries[n - 1].start, LBA);
        assert_int_equal(table.entries[n - 1].sectors, SIZE);
        assert_int_equal(hidden_sectors(&vd, LBA), LBA);
    }
}

static void test_windows_on_another_volume(void **state)
{
    struct component_facts *windows = add_volume("Volume2", 1, OTHER_LBA);
    struct vdisk            vd;
    struct mbr              table;

    (void)state;
    finish();
    facts->files.windows = windows;
    wr_le32(memdisk_at(disk[0], OTHER_LBA) + 0x1c, LBA);
    for (uint32_t n = 1; n <= 2; n++) {
        set_bootini(BOOTINI_MULTI, 0, 0, n);
        assert_ptr_equal(look()->windows, windows);
        vd = build(look());
        table = table_of(&vd);
        assert_int_equal(table.entries[n - 1].start, OTHER_LBA);
        assert_int_equal(table.entries[n - 1].active, 0);
        assert_int_equal(table.entries[2 - n].start, LBA);
        assert_int_equal(table.entries[2 - n].active, 1);
        assert_int_equal(hidden_sectors(&vd, OTHER_LBA), OTHER_LBA);
    }
}

/* Windows on a half that is doubtful is not started by itself, however good the system volume is. */
static void test_windows_on_a_marked_half(void **state)
{
    struct component_facts *windows = add_volume("Volume2", 1, OTHER_LBA);
    struct boot_plan        plan;

    (void)state;
    finish();
    facts->files.windows = windows;
    set_bootini(BOOTINI_MULTI, 0, 0, 2);
    assert_int_equal(plan_boot(&fv.view, &fv.facts, &fv.cfg, &fv.arena, &plan), STATUS_OK);
    assert_int_equal(plan.result, PLAN_BOOT);
    assert_ptr_equal(plan.chosen.component, half);

    windows->hibernated = true;
    assert_int_equal(plan_boot(&fv.view, &fv.facts, &fv.cfg, &fv.arena, &plan), STATUS_OK);
    assert_int_equal(plan.result, PLAN_ASK);
    assert_int_equal(plan.reason, STATUS_HIBERNATED);

    windows->hibernated = false;
    fv_mark(&fv, windows->component, COMPONENT_STALE, STATUS_COMPONENT_NOT_ACTIVE);
    assert_int_equal(plan_boot(&fv.view, &fv.facts, &fv.cfg, &fv.arena, &plan), STATUS_OK);
    assert_int_equal(plan.result, PLAN_ASK);
    assert_int_equal(plan.reason, STATUS_WINDOWS_MARKED);
    assert_int_equal(plan.chosen.verdict, VERDICT_STALE_ONLY);
}

/* What cannot be met is said, and the volume is the first partition, as without boot.ini. */
static void test_bootini_that_cannot_be_met(void **state)
{
    static const struct {
        enum bootini_form form;
        uint32_t          adapter, rdisk, partition;
        enum status       said;
    } cases[] = {
        { BOOTINI_MULTI, 0, 0, 5, STATUS_PARTITION_NUMBER }, { BOOTINI_MULTI, 0, 0, 0, STATUS_PARTITION_NUMBER },
        { BOOTINI_MULTI, 0, 1, 2, STATUS_BOOTINI_RDISK },    { BOOTINI_SCSI, 0, 0, 2, STATUS_BOOTINI_SCSI },
        { BOOTINI_SIGNATURE, DEAD, 0, 2, STATUS_BOOTINI_SIGNATURE },
    };

    (void)state;
    finish();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct lookup *l;

        set_bootini(cases[i].form, cases[i].adapter, cases[i].rdisk, cases[i].partition);
        l = look();
        assert_true(noted(l, cases[i].said));
        assert_int_equal(l->notes.count, 1);
        assert_int_equal(l->slot_count, 1);
        assert_ptr_equal(l->slots[0], facts);
    }
    set_bootini(BOOTINI_SIGNATURE, HERE, 0, 2);
    assert_int_equal(look()->notes.count, 0);
    assert_ptr_equal(look()->slots[1], facts);
    set_bootini(BOOTINI_OTHER, 0, 0, 0);
    assert_int_equal(look()->notes.count, 0);
    set_bootini(BOOTINI_MULTI, 0, 0, 2);
    facts->files.windows = NULL;
    assert_true(noted(look(), STATUS_WINDOWS_NOT_FOUND));
}

/* ---- the boot store */

static void test_dead_disk_is_replaced(void **state)
{
    const struct lookup *l;
    struct vdisk         vd;
    uint8_t              sector[SECTOR_BYTES];

    (void)state;
    finish();
    add_name(DEAD, DEAD_LBA);
    add_name(DEAD, DEAD_LBA);
    l = look();
    assert_true(noted(l, STATUS_STORE_RETARGETED));
    assert_int_equal(l->slot_count, 1);
    assert_int_equal(l->disk_count, 0);
    vd = build(l);
    for (uint64_t n = 0; n < 2; n++) {
        assert_int_equal(vdisk_read(&vd, LBA + 100 + n, 1, sector), STATUS_OK);
        assert_int_equal(rd_le32(span_of(sector, sizeof sector), 0x38), HERE);
        assert_int_equal(rd_le64(span_of(sector, sizeof sector), 0x20), (uint64_t)LBA * SECTOR_BYTES);
        assert_int_equal(rd_le64(span_of(memdisk_at(disk[0], LBA + 100 + n), SECTOR_BYTES), 0x20), 0);
    }
}

/* The offset lies across the end of a sector, or of a piece of the file. */
static void test_name_in_pieces(void **state)
{
    static const struct file_bytes in_pieces = { { { 100, 508, 4 }, { 300, 0, 4 } }, 2 };
    struct vdisk                   vd;
    uint8_t                        first[SECTOR_BYTES], second[SECTOR_BYTES];

    (void)state;
    finish();
    add_name(DEAD, DEAD_LBA);
    names[0].offset_at = in_pieces;
    vd = build(look());
    assert_int_equal(vdisk_read(&vd, LBA + 100, 1, first), STATUS_OK);
    assert_int_equal(vdisk_read(&vd, LBA + 300, 1, second), STATUS_OK);
    assert_int_equal(rd_le32(span_of(first, sizeof first), 508), LBA * SECTOR_BYTES);
    assert_int_equal(rd_le32(span_of(second, sizeof second), 0), (uint64_t)LBA * SECTOR_BYTES >> 32);
}

/* Names of disks that are here stay; the disk stays visible, this one needs nothing. */
static void test_present_disks_stay(void **state)
{
    const struct lookup *l;

    (void)state;
    finish();
    add_name(SECOND, 63);
    add_name(HERE, LBA);
    l = look();
    assert_int_equal(l->patch_count, 0);
    assert_int_equal(l->notes.count, 0);
    assert_int_equal(l->disk_count, 1);
    assert_ptr_equal(l->disks[0], &disk[1]->dev);
    assert_int_equal(build(l).disk_count, 1);
}

/* A copy of the loader's disk, before it in the firmware's order: BOOTMGR will not be shown it. */
static void test_two_disks_with_one_signature(void **state)
{
    struct component_facts *other = add_volume("Volume2", 2, OTHER_LBA);
    const struct lookup    *l;

    (void)state;
    finish();
    fv.disks[1].mbr.signature = HERE;
    facts = other;
    add_name(HERE, OTHER_LBA);
    l = look();
    assert_ptr_equal(l->windows, other);
    assert_int_equal(l->disk_count + l->patch_count, 0);
}

/* A half that must not be started, or could not be found there, is not what the name means. */
static void test_named_half_that_is_no_good(void **state)
{
    struct ldm_component *second = fv_component(&fv, system_volume, "Volume1-03");

    (void)state;
    fv_extent(&fv, second, 2, 500, SIZE);
    finish();
    add_name(SECOND, 500);
    assert_int_equal(look()->patch_count, 0);

    fv_facts(&fv, second)->retained = false;
    assert_int_equal(look()->patch_count, 2);
    assert_int_equal(look()->disk_count, 0);
    fv_facts(&fv, second)->retained = true;
    fv.disks[1].vmdb.committed--;  /* its disk was away: as good as stale */
    assert_int_equal(look()->patch_count, 2);
    assert_ptr_equal(look()->windows, facts);
    fv.disks[1].vmdb.committed++;
    fv_mark(&fv, second, COMPONENT_STALE, STATUS_COMPONENT_NOT_ACTIVE);
    assert_int_equal(look()->patch_count, 2);
    assert_true(noted(look(), STATUS_STORE_RETARGETED));
}

/* Windows has a volume of its own: its lost half was elsewhere on the dead disk. */
static void test_second_volume_gets_an_entry(void **state)
{
    struct ldm_volume    *v = fv_volume(&fv, "Volume2", VOLUME_MIRRORED, LDM_VOL_BOOT, SIZE);
    struct ldm_component *lost = fv_component(&fv, v, "Volume2-01"), *kept = fv_component(&fv, v, "Volume2-02");
    const struct lookup  *l;
    struct mbr            table;
    struct vdisk          vd;

    (void)state;
    fv_extent(&fv, lost, 0, DEAD_START + SIZE, SIZE);
    fv_extent(&fv, kept, 1, OTHER_LBA, SIZE);
    finish();
    add_name(DEAD, DEAD_LBA + SIZE);
    l = look();
    assert_ptr_equal(l->windows, fv_facts(&fv, kept));
    assert_int_equal(rd_le64(span_of(l->patches[1].bytes, 8), 0), (uint64_t)OTHER_LBA * SECTOR_BYTES);
    vd = build(l);
    table = table_of(&vd);
    assert_int_equal(table.entries[0].start, LBA);
    assert_int_equal(table.entries[1].start, OTHER_LBA);
    assert_int_equal(table.entries[1].sectors, SIZE);
}

/* The other half of Windows's volume is on a third disk, or nowhere. */
static void test_windows_on_a_third_disk(void **state)
{
    struct ldm_volume    *v = fv_volume(&fv, "Volume2", VOLUME_MIRRORED, LDM_VOL_BOOT, SIZE);
    struct ldm_component *lost = fv_component(&fv, v, "Volume2-01"), *kept = fv_component(&fv, v, "Volume2-02");
    const struct lookup  *l;

    (void)state;
    fv_extent(&fv, lost, 0, DEAD_START + SIZE, SIZE);
    fv_extent(&fv, kept, 2, 700, SIZE);
    finish();
    add_name(DEAD, DEAD_LBA + SIZE);
    l = look();
    assert_int_equal(rd_le32(span_of(l->patches[0].bytes, 4), 0), SECOND);
    assert_int_equal(rd_le64(span_of(l->patches[1].bytes, 8), 0), 700u * SECTOR_BYTES);
    assert_ptr_equal(l->disks[0], &disk[1]->dev);

    fv_mark(&fv, kept, COMPONENT_STALE, STATUS_COMPONENT_NOT_ACTIVE);
    l = look();
    assert_int_equal(l->patch_count, 0);
    assert_true(noted(l, STATUS_STORE_VOLUME_LOST));
}

/* An offset that no record of the dead disk explains: the half at the same place, else Windows's volume. */
static void test_unknown_offset(void **state)
{
    struct component_facts *other = add_volume("Volume2", 1, OTHER_LBA);

    (void)state;
    finish();
    add_name(DEAD, OTHER_LBA);
    assert_ptr_equal(look()->windows, other);
    names[0].offset = 5 * SECTOR_BYTES;
    assert_ptr_equal(look()->windows, facts);
    assert_int_equal(rd_le64(span_of(look()->patches[1].bytes, 8), 0), (uint64_t)LBA * SECTOR_BYTES);
}

/* ---- limits */

static void test_more_names_than_patches(void **state)
{
    const struct lookup *l;

    (void)state;
    finish();
    for (size_t i = 0; i < STORE_MAX_NAMES; i++)
        add_name(DEAD, DEAD_LBA);
    l = look();
    assert_int_equal(l->patch_count, LOOKUP_MAX_PATCHES);
    assert_true(noted(l, STATUS_STORE_TOO_MANY));
    set_bootini(BOOTINI_MULTI, 0, 0, 4);
    (void)build(look());  /* with every filler: asserts that it fits */

    names[0].offset_at.pieces = 0;
    assert_true(noted(look(), STATUS_STORE_UNREACHABLE));
    assert_int_equal(look()->patches[0].volume_sector, 101);  /* not half a name */
}

static void test_more_volumes_than_entries(void **state)
{
    const struct lookup *l;

    (void)state;
    for (size_t i = 0; i < MBR_ENTRIES; i++)
        add_volume("Volume2", 1, OTHER_LBA + i * SIZE);
    finish();
    for (size_t i = 0; i < MBR_ENTRIES; i++)
        add_name(HERE, OTHER_LBA + i * SIZE);
    l = look();
    assert_int_equal(l->slot_count, MBR_ENTRIES);
    assert_true(noted(l, STATUS_TABLE_FULL));
    (void)build(l);
}

/* Over the second piece of the system volume nothing else can be shown. */
static void test_volume_without_its_place(void **state)
{
    struct component_facts *other = add_volume("Volume2", 1, LBA + SIZE);

    (void)state;
    finish();
    system_volume->sectors = SIZE + 1;
    facts->files.windows = other;
    set_bootini(BOOTINI_MULTI, 0, 0, 2);
    assert_true(noted(look(), STATUS_VOLUME_NOT_SHOWN));
    assert_ptr_equal(look()->slots[0], facts);
    system_volume->sectors = SIZE;
    assert_int_equal(look()->notes.count, 0);
    other->boot_sector_is_backup = true;
    assert_true(noted(look(), STATUS_VOLUME_NOT_SHOWN));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_without_files), T(test_partition_number), T(test_windows_on_another_volume),
        T(test_windows_on_a_marked_half),
        T(test_bootini_that_cannot_be_met), T(test_dead_disk_is_replaced), T(test_name_in_pieces),
        T(test_present_disks_stay), T(test_two_disks_with_one_signature), T(test_named_half_that_is_no_good),
        T(test_second_volume_gets_an_entry), T(test_windows_on_a_third_disk), T(test_unknown_offset),
        T(test_more_names_than_patches),
        T(test_more_volumes_than_entries), T(test_volume_without_its_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
