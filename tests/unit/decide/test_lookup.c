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
#include "common/disk/partition_number.h"
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
static struct bootini_line     lines[BOOTINI_MAX_ENTRIES];

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
    for (size_t i = 0; i < 2; i++) {
        disk[i] = fv_memdisk(&fv, i ? "hd82" : "hd81", DISK_SECTORS);
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

/* The one volume of the disk that has what the loader's files start; NULL: none. */
static void windows_on(const struct component_facts *volume)
{
    facts->files.winload = (struct holders){ { volume }, volume != NULL };
    for (size_t i = 0; i < facts->files.line_count; i++)
        lines[i].where = facts->files.winload;
}

/* To be called when all volumes are there. */
static void finish(void)
{
    fv_finish(&fv);
    for (size_t i = 0; i < fv.facts.count; i++) {
        write_boot_sector(fv.fact_list[i].boot_sector, 77);
        fv.fact_list[i].partition_number = 0;  /* until a test gives it an entry */
    }
    facts = fv_facts(&fv, half);
    facts->has_bootmgr = true;
    windows_on(facts);
}

static const struct lookup *look(void)
{
    const struct lookup *l = lookup_make(&fv.view, &fv.facts, facts, &fv.arena);

    assert_non_null(l);
    return l;
}

static const struct component_facts *volume_in(const struct lookup *l, size_t slot)
{
    return l->slots.at[slot].kind == SLOT_VOLUME ? l->slots.at[slot].volume : NULL;
}

static unsigned used_slots(const struct lookup *l)
{
    unsigned used = 0;

    for (size_t i = 0; i < MBR_ENTRIES; i++)
        used += l->slots.at[i].kind != SLOT_FREE;
    return used;
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

/* A line more, the default one first; its folder is on the volume that windows_on() named last. Its text cannot be located. */
static struct bootini_line *add_line(enum bootini_form form, uint32_t adapter, uint32_t rdisk, uint32_t partition)
{
    struct bootini_line *line = &lines[facts->files.line_count++];

    *line = (struct bootini_line){ .entry = { form, adapter, 0, rdisk, partition, "\\WINDOWS", 0, 0, 0, { 0 } },
                                   .where = facts->files.winload };
    facts->files.lines = lines;
    facts->files.has_bootini = true;
    return line;
}

static struct bootini_line *set_bootini(enum bootini_form form, uint32_t adapter, uint32_t rdisk, uint32_t partition)
{
    facts->files.line_count = 0;
    return add_line(form, adapter, rdisk, partition);
}

/* Its text, at the beginning of sector 200 + n of the volume. */
static void give_text(struct bootini_line *line, const char *text)
{
    struct bootini parsed;
    char           file[128] = "[boot loader]\r\ndefault=";

    strcat(file, text);
    bootini_parse(span_of(file, strlen(file)), &parsed);
    parsed.entries[0].directory[0] = '\0';
    memcpy(parsed.entries[0].directory, line->entry.directory, sizeof line->entry.directory);
    line->entry = parsed.entries[0];
    line->at = (struct file_bytes){ { { 200u + (uint64_t)(line - lines), 0, (uint16_t)line->entry.text_len } }, 1 };
    memcpy(memdisk_at(disk[0], LBA + line->at.piece[0].sector), line->entry.text, line->entry.text_len);
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
    assert_int_equal(used_slots(l), 1);
    assert_ptr_equal(volume_in(l, 0), facts);
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
    windows_on(windows);
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
    windows_on(windows);
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

/* What cannot be met in the text is said. The volume stands where the line says, as far as that is possible. */
static void test_bootini_that_cannot_be_met(void **state)
{
    static const struct {
        enum bootini_form form;
        uint32_t          adapter, rdisk, partition;
        enum status       said;
        unsigned          slot;
    } cases[] = {
        { BOOTINI_MULTI, 0, 0, 5, STATUS_PARTITION_NUMBER, 0 }, { BOOTINI_MULTI, 0, 0, 0, STATUS_PARTITION_NUMBER, 0 },
        { BOOTINI_MULTI, 0, 1, 2, STATUS_BOOTINI_RDISK, 1 },    { BOOTINI_SCSI, 0, 0, 2, STATUS_BOOTINI_SCSI, 1 },
        { BOOTINI_SIGNATURE, DEAD, 0, 2, STATUS_BOOTINI_SIGNATURE, 1 },
        { BOOTINI_SIGNATURE, HERE, 0, 1, STATUS_BOOTINI_SIGNATURE, 0 },
        { BOOTINI_MULTI, 1, 0, 1, STATUS_BOOTINI_RDISK, 0 },
    };

    (void)state;
    finish();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct lookup *l;

        set_bootini(cases[i].form, cases[i].adapter, cases[i].rdisk, cases[i].partition);
        l = look();
        assert_true(noted(l, cases[i].said));
        assert_int_equal(l->notes.count, 1);
        assert_ptr_equal(volume_in(l, cases[i].slot), facts);
    }
    set_bootini(BOOTINI_OTHER, 0, 0, 0);
    assert_int_equal(look()->notes.count, 0);
    set_bootini(BOOTINI_MULTI, 0, 0, 1);
    add_line(BOOTINI_OTHER, 0, 0, 2)->where.count = 0;  /* C:\\ as an older system has it */
    add_line(BOOTINI_OTHER, 0, 0, 3);
    assert_int_equal(look()->notes.count, 0);
    assert_int_equal(used_slots(look()), 1);
    set_bootini(BOOTINI_MULTI, 0, 0, 2);
    windows_on(NULL);
    assert_true(noted(look(), STATUS_WINDOWS_NOT_FOUND));
}

/* ---- the real table: Windows's kernel counts there */

#define REST_LBA 80000u

static void set_entry(size_t slot, uint8_t type, uint32_t start, uint32_t sectors)
{
    fv.disks[0].mbr.entries[slot] = (struct mbr_entry){ false, type, start, sectors };
}

/* An entry for the volume, and its number in the facts, as probing finds it. */
static void retain(struct component_facts *f, size_t slot)
{
    struct logical_drives none = { .count = 0 };

    set_entry(slot, MBR_TYPE_LDM, (uint32_t)f->component->extents[0].lba, SIZE);
    for (size_t i = 0; i < fv.facts.count; i++)
        if (fv.fact_list[i].disk == &fv.disks[0])
            fv.fact_list[i].partition_number = partition_number(&fv.disks[0].mbr, &none,
                                                                fv.fact_list[i].component->extents[0].lba);
}

/* The entries that a loader counts, up to the one that starts at `lba`. */
static unsigned counted(const struct mbr *table, uint64_t lba)
{
    struct logical_drives none = { .count = 0 };

    return partition_number(table, &none, lba);
}

/* What boot.ini's line `n` reads behind the hook. */
static void read_line(const struct vdisk *vd, size_t n, char out[BOOTINI_TEXT_MAX + 1])
{
    uint8_t sector[SECTOR_BYTES];

    assert_int_equal(vdisk_read(vd, LBA + lines[n].at.piece[0].sector, 1, sector), STATUS_OK);
    memcpy(out, sector, lines[n].entry.text_len);
    out[lines[n].entry.text_len] = '\0';
}

/* Entry 1 is a vendor's, entry 2 the volume's: that slot, whatever boot.ini says, and boot.ini says it then. */
static void test_the_real_slot_is_kept(void **state)
{
    static const char *const texts[] = { NULL, "multi(0)disk(0)rdisk(0)partition(1)", "multi(0)disk(0)rdisk(0)partition(2)" };

    (void)state;
    finish();
    set_entry(0, 0xde, 63, 1000);
    retain(facts, 1);
    set_entry(2, MBR_TYPE_LDM, REST_LBA, 1000);
    wr_le32(memdisk_at(disk[0], 63) + 0x1c, LBA);
    for (size_t i = 0; i < 3; i++) {
        struct vdisk         vd;
        struct mbr           table;
        const struct lookup *l;
        char                 text[BOOTINI_TEXT_MAX + 1];

        if (texts[i])
            give_text(set_bootini(BOOTINI_MULTI, 0, 0, 1), texts[i]);
        l = look();
        assert_int_equal(noted(l, STATUS_BOOTINI_ANSWERED), i == 1);
        assert_int_equal(l->notes.count, i == 1);
        vd = build(l);
        table = table_of(&vd);
        assert_int_equal(table.entries[1].start, LBA);
        assert_true(table.entries[1].active);
        assert_int_equal(counted(&table, LBA), 2);
        assert_int_equal(table.entries[0].type, 0xde);
        assert_int_equal(table.entries[0].start, 63);
        assert_int_equal(hidden_sectors(&vd, 63), 63);
        assert_int_equal(table.entries[2].type, 0x12);  /* of LDM's it is only counted: it may begin anywhere */
        assert_true(table.entries[2].start < MBR_ENTRIES);
        if (i == 1) {  /* the digit, and nothing around it */
            assert_int_equal(l->patch_count, 1);
            assert_int_equal(l->patches[0].len, 1);
        }
        if (texts[i]) {
            read_line(&vd, 0, text);
            assert_string_equal(text, "\r\ndefault=multi(0)disk(0)rdisk(0)partition(2)");
        }
    }
}

/* An empty slot before the volume's stays empty, so that the numbers agree; an extended one too. */
static void test_holes_and_extended_entries_are_not_counted(void **state)
{
    (void)state;
    finish();
    for (unsigned type = 0; type <= 0x0f; type += 5) {
        struct vdisk vd;
        struct mbr   table;

        set_entry(0, (uint8_t)type, REST_LBA, 1000);
        retain(facts, 2);
        vd = build(look());
        table = table_of(&vd);
        assert_int_equal(table.entries[2].start, LBA);
        assert_int_equal(table.entries[0].type, type == 10 ? 10 : 0);
        assert_int_equal(table.entries[1].type, 0);
        assert_int_equal(counted(&table, LBA), facts->partition_number);
    }
}

/* Windows on another volume than its loader: both in their slots, whichever is first. */
static void test_both_volumes_in_their_slots(void **state)
{
    struct component_facts *windows = add_volume("Volume2", 1, OTHER_LBA);

    (void)state;
    finish();
    windows_on(windows);
    for (size_t own = 0; own < 2; own++) {
        struct vdisk vd;
        struct mbr   table;

        retain(facts, own);
        retain(windows, 1 - own);
        retain(facts, own);
        set_bootini(BOOTINI_MULTI, 0, 0, windows->partition_number);
        vd = build(look());
        table = table_of(&vd);
        assert_int_equal(table.entries[own].start, LBA);
        assert_int_equal(table.entries[1 - own].start, OTHER_LBA);
        assert_true(table.entries[own].active);
        assert_int_equal(look()->notes.count, 0);
    }
}

/* Only one of the two has an entry: it keeps its number, the other one stands behind. */
static void test_one_of_the_two_has_an_entry(void **state)
{
    struct component_facts *windows = add_volume("Volume2", 1, OTHER_LBA);
    struct vdisk            vd;
    struct mbr              table;

    (void)state;
    finish();
    windows_on(windows);
    set_entry(0, MBR_TYPE_LDM, REST_LBA, 1000);
    retain(windows, 1);
    vd = build(look());
    table = table_of(&vd);
    assert_int_equal(counted(&table, OTHER_LBA), 2);
    assert_int_equal(table.entries[2].start, LBA);
    assert_true(table.entries[2].active);

    set_entry(1, MBR_TYPE_LDM, REST_LBA, 1000);
    retain(facts, 3);
    vd = build(look());
    table = table_of(&vd);
    assert_int_equal(counted(&table, LBA), facts->partition_number);
    assert_int_not_equal(counted(&table, OTHER_LBA), 0);
}

/* The text of boot.ini cannot be changed: NTLDR has to find it all the same, and that the kernel will not is said. */
static void test_a_number_that_differs_is_said(void **state)
{
    struct component_facts *first = add_volume("Volume2", 1, OTHER_LBA);
    const struct lookup    *l;

    (void)state;
    finish();
    retain(first, 0);
    retain(facts, 1);
    set_bootini(BOOTINI_MULTI, 0, 0, 1);
    l = look();
    assert_true(noted(l, STATUS_NUMBER_DIFFERS));
    assert_int_equal(slots_number(&l->slots, facts), 1);

    facts->files = (struct loader_files){ .winload = { { facts }, 1 } };  /* a logical drive behind four primary entries */
    facts->partition_number = 5;
    l = look();
    assert_true(noted(l, STATUS_NUMBER_DIFFERS));
    assert_int_not_equal(slots_number(&l->slots, facts), 0);
}

/* How often it is said, and of whom last. */
static unsigned times_noted(const struct lookup *l, enum status code, const char **text)
{
    unsigned times = 0;

    for (const struct note *n = l->notes.first; n; n = n->next)
        if (n->code == code) {
            times++;
            *text = n->text;
        }
    return times;
}

/* Where a line's number has to be met, it is met over an entry that is only counted; of the loader's own number nobody asks then. */
static void test_the_number_of_a_windows_elsewhere(void **state)
{
    struct component_facts *windows = add_volume("Volume2", 1, OTHER_LBA), *third = add_volume("Volume3", 1, OTHER_LBA + SIZE);
    const struct lookup    *l;
    const char             *text = "";

    (void)state;
    finish();
    windows_on(windows);
    set_entry(0, MBR_TYPE_LDM, REST_LBA, 1000);
    retain(windows, 2);
    retain(facts, 1);
    set_bootini(BOOTINI_MULTI, 0, 0, 1);
    l = look();
    assert_int_equal(slots_number(&l->slots, windows), 1);
    assert_int_equal(slots_number(&l->slots, facts), 2);
    assert_int_equal(times_noted(l, STATUS_NUMBER_DIFFERS, &text), 1);
    assert_int_equal(strncmp(text, "Volume2", 7), 0);

    facts->partition_number = 5;  /* a logical drive, which is shown as an entry */
    l = look();
    assert_int_not_equal(slots_number(&l->slots, facts), 5);
    assert_int_equal(times_noted(l, STATUS_NUMBER_DIFFERS, &text), 1);
    assert_int_equal(strncmp(text, "Volume2", 7), 0);

    retain(facts, 1);
    third->partition_number = 5;
    add_line(BOOTINI_MULTI, 0, 0, 5)->where = (struct holders){ { third }, 1 };
    l = look();
    assert_int_not_equal(slots_number(&l->slots, third), 0);
    assert_int_equal(times_noted(l, STATUS_NUMBER_DIFFERS, &text), 2);
    assert_int_equal(strncmp(text, "Volume3", 7), 0);
}

/* Where none of the volumes has an entry, the real table says nothing of where they stand. */
static void test_a_table_without_the_volume(void **state)
{
    const struct lookup *l;

    (void)state;
    finish();
    for (uint32_t start = MBR_ENTRIES; start <= MBR_ENTRIES + 1; start++) {  /* before, entries of nothing would be shown */
        set_entry(0, 0xde, start, 1000);
        retain(facts, 1);
        assert_int_equal(look()->slots.at[0].kind, start > MBR_ENTRIES ? SLOT_REAL : SLOT_COVER);
    }
    set_entry(1, 0, 0, 0);
    facts->partition_number = 0;
    set_entry(0, 0xde, 63, 1000);
    l = look();
    assert_ptr_equal(volume_in(l, 0), facts);
    assert_int_equal(used_slots(l), 1);
    assert_int_equal(l->notes.count, 0);
}

/* Four entries, and none of them Windows's: one of the others gives way, the last of its kind that is there, and it is said. */
static void test_windows_takes_an_entry(void **state)
{
    struct component_facts *windows = add_volume("Volume2", 1, OTHER_LBA);
    const struct lookup    *l;
    const char             *text = "";

    (void)state;
    finish();
    windows_on(windows);
    set_entry(0, 0xde, 63, 1000);
    set_entry(1, 0x27, 5000, 1000);
    set_entry(2, 0x12, 8000, 1000);
    retain(facts, 3);
    add_name(HERE, OTHER_LBA);
    l = look();
    assert_int_not_equal(slots_number(&l->slots, windows), 0);
    assert_int_equal(slots_number(&l->slots, facts), 4);
    assert_int_equal(times_noted(l, STATUS_ENTRY_COVERED, &text), 1);
    assert_int_equal(strncmp(text, "entry 1 of hd81", 15), 0);
    add_name(SECOND, 63);  /* what begins there on another disk is not this entry */
    l = look();
    assert_int_equal(times_noted(l, STATUS_ENTRY_COVERED, &text), 1);
    assert_int_equal(strncmp(text, "entry 1 of hd81", 15), 0);
    add_name(HERE, 63);  /* which the store names: another one */
    l = look();
    assert_int_equal(times_noted(l, STATUS_ENTRY_COVERED, &text), 1);
    assert_int_equal(strncmp(text, "entry 2 of hd81", 15), 0);
}

/* A number that a line of another Windows on the loader's own volume says, and that cannot be changed there, counts for it. */
static void test_a_line_that_means_the_loaders_volume(void **state)
{
    struct component_facts *windows = add_volume("Volume2", 1, OTHER_LBA);
    const struct lookup    *l;

    (void)state;
    finish();
    windows_on(windows);
    set_bootini(BOOTINI_MULTI, 0, 0, 1);
    add_line(BOOTINI_MULTI, 0, 0, 3)->where = (struct holders){ { facts }, 1 };
    l = look();
    assert_int_equal(slots_number(&l->slots, windows), 1);
    assert_int_equal(slots_number(&l->slots, facts), 3);
    assert_int_equal(l->notes.count, 0);
}

/* Its text is known, but not where it lies: so the table has to meet it. */
static void test_a_line_that_cannot_be_located(void **state)
{
    struct component_facts *first = add_volume("Volume2", 1, OTHER_LBA);
    const struct lookup    *l;

    (void)state;
    finish();
    retain(first, 0);
    retain(facts, 1);
    give_text(set_bootini(BOOTINI_MULTI, 0, 0, 1), "multi(0)disk(0)rdisk(0)partition(1)");
    l = look();
    assert_int_equal(slots_number(&l->slots, facts), 2);
    assert_true(noted(l, STATUS_BOOTINI_ANSWERED));
    lines[0].at.pieces = 0;
    l = look();
    assert_int_equal(slots_number(&l->slots, facts), 1);
    assert_true(noted(l, STATUS_NUMBER_DIFFERS));
}

/* Windows and its loader have a place before others have theirs, whoever is named first. */
static void test_who_is_shown_when_not_all_can_be(void **state)
{
    struct component_facts *windows = add_volume("Windows", 1, OTHER_LBA), *others[3];
    const struct lookup    *l;

    (void)state;
    for (size_t i = 0; i < 3; i++)
        others[i] = add_volume("Other", 1, OTHER_LBA + (i + 1) * SIZE);
    finish();
    windows_on(windows);
    for (size_t i = 0; i < 3; i++)
        retain(others[i], i);
    retain(facts, 3);
    add_name(HERE, OTHER_LBA);
    for (size_t i = 0; i < 3; i++)
        add_name(HERE, OTHER_LBA + (i + 1) * SIZE);
    l = look();
    assert_int_not_equal(slots_number(&l->slots, windows), 0);
    assert_int_equal(slots_number(&l->slots, facts), 4);
    assert_true(noted(l, STATUS_TABLE_FULL));
    names[0].offset = 5 * SECTOR_BYTES;  /* Windows is found by its files only, behind those that are named */
    l = look();
    assert_ptr_equal(l->windows, windows);
    assert_int_not_equal(slots_number(&l->slots, windows), 0);
}

/* Entries of a boot.ini that no BIOS reads past NTBOOTDD.SYS become the one that works. */
static void test_lines_are_answered(void **state)
{
    static const struct {
        const char *is, *read;
    } cases[] = {
        { "multi(0)disk(0)rdisk(1)partition(1)", "\r\ndefault=multi(0)disk(0)rdisk(0)partition(2)" },
        { "multi(0)disk(1)rdisk(0)partition(2)", "\r\ndefault=multi(0)disk(0)rdisk(0)partition(2)" },
        { "multi(1)disk(0)rdisk(0)partition(4)", "\r\ndefault=multi(0)disk(0)rdisk(0)partition(2)" },
        { "multi(0)disk(0)rdisk(0)partition(12)", "\n\r\ndefault=multi(0)disk(0)rdisk(0)partition(2)" },
        { "scsi(0)disk(1)rdisk(0)partition(1)", "\ndefault=multi(0)disk(0)rdisk(0)partition(2)" },
        { "signature(dead001)disk(0)rdisk(0)partition(1)", "\r\n\r\n\r\n\r\n\r\n\r\ndefault=multi(0)disk(0)rdisk(0)partition(2)" },
        { "Multi(0)Disk(0)Rdisk(0)Partition(2)", "\r\ndefault=multi(0)disk(0)rdisk(0)partition(2)" },
    };

    (void)state;
    finish();
    set_entry(0, MBR_TYPE_LDM, REST_LBA, 1000);
    retain(facts, 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char                 text[BOOTINI_TEXT_MAX + 1];
        const struct lookup *l;
        struct vdisk         vd;

        give_text(set_bootini(BOOTINI_MULTI, 0, 0, 1), cases[i].is);
        l = look();
        assert_true(noted(l, STATUS_BOOTINI_ANSWERED));
        assert_int_equal(l->notes.count, 1);
        vd = build(l);
        read_line(&vd, 0, text);
        assert_string_equal(text, cases[i].read);
    }
    give_text(set_bootini(BOOTINI_MULTI, 0, 0, 1), "multi()disk()rdisk(1)partition(1)");
    assert_true(noted(look(), STATUS_BOOTINI_RDISK));
    give_text(set_bootini(BOOTINI_MULTI, 0, 0, 1), "multi(0)disk(0)rdisk(0)partition(2)");
    give_text(add_line(BOOTINI_MULTI, 0, 0, 1), "multi()disk()rdisk(1)partition(1)");
    assert_true(noted(look(), STATUS_BOOTINI_LINE_LOST));
    assert_int_equal(look()->notes.count, 1);
}

/* Three Windows on three volumes, one folder: each line has its own, by number, or in the order of their places. */
static void test_every_line_has_its_volume(void **state)
{
    struct component_facts *second = add_volume("Volume2", 1, OTHER_LBA), *third = add_volume("Volume3", 1, 60000);
    const uint64_t          at[] = { LBA, OTHER_LBA, 60000 };

    (void)state;
    finish();
    facts->files.winload = (struct holders){ { facts, third, second }, 3 };
    for (unsigned retained = 0; retained < 2; retained++) {
        struct vdisk vd;
        struct mbr   table;

        if (retained) {  /* now in another order, and one without an entry */
            retain(third, 0);
            retain(facts, 1);
        }
        set_bootini(BOOTINI_MULTI, 0, 0, 1);
        for (uint32_t n = 1; n <= 3; n++)
            give_text(add_line(BOOTINI_MULTI, 0, 0, n), n == 1 ? "multi(0)disk(0)rdisk(0)partition(1)" :
                      n == 2 ? "multi(0)disk(0)rdisk(0)partition(2)" : "multi(0)disk(0)rdisk(0)partition(3)");
        lines[0].entry = lines[1].entry;
        vd = build(look());
        table = table_of(&vd);
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(counted(&table, at[i]), retained ? (i == 0 ? 2 : i == 1 ? 3 : 1) : i + 1);
        assert_ptr_equal(look()->windows, retained ? third : facts);
        assert_int_equal(noted(look(), STATUS_WINDOWS_SEVERAL), !retained);
    }
}

/* No default entry: NTLDR's own idea counts, which has no text to change. */
static void test_no_default_entry(void **state)
{
    (void)state;
    finish();
    facts->has_ntldr = true;
    assert_int_equal(look()->notes.count, 0);
    set_bootini(BOOTINI_MULTI, 0, 0, 1);
    facts->files.default_implied = true;
    assert_int_equal(look()->notes.count, 0);
    set_entry(0, MBR_TYPE_LDM, REST_LBA, 1000);
    retain(facts, 1);
    assert_true(noted(look(), STATUS_BOOTINI_NO_DEFAULT));
    assert_ptr_equal(volume_in(look(), 1), facts);
    facts->files.default_implied = false;
    facts->files.default_empty = true;
    lines[0].entry.form = BOOTINI_OTHER;
    assert_true(noted(look(), STATUS_BOOTINI_DEFAULT_EMPTY));
}

/* Not retained: said of the volume that Windows itself is on, whatever the loader's has. */
static void test_what_the_kernel_finds(void **state)
{
    struct component_facts *windows = add_volume("Volume2", 1, OTHER_LBA);
    struct boot_plan        plan;

    (void)state;
    finish();
    windows_on(windows);
    retain(facts, 0);
    assert_int_equal(plan_boot(&fv.view, &fv.facts, &fv.cfg, &fv.arena, &plan), STATUS_OK);
    assert_ptr_equal(plan.chosen.windows, windows);
    assert_int_equal(plan.chosen.windows_number, 0);
    assert_int_equal(plan.chosen.number, 1);
    assert_int_equal(plan.chosen.number_doubt, STATUS_NOT_RETAINED);

    retain(windows, 2);
    assert_int_equal(plan_boot(&fv.view, &fv.facts, &fv.cfg, &fv.arena, &plan), STATUS_OK);
    assert_int_equal(plan.chosen.windows_number, 2);
    assert_int_equal(plan.chosen.number_doubt, STATUS_OK);

    fv.disks[0].table = TABLE_GPT;
    assert_int_equal(plan_boot(&fv.view, &fv.facts, &fv.cfg, &fv.arena, &plan), STATUS_OK);
    assert_int_equal(plan.chosen.number_doubt, STATUS_GPT_BY_BIOS);
}

/* ---- the boot store */

static void test_dead_disk_is_replaced(void **state)
{
    const struct lookup *l;
    struct vdisk         vd;
    uint8_t              sector[SECTOR_BYTES];
    const char          *text = "";

    (void)state;
    finish();
    add_name(DEAD, DEAD_LBA);
    add_name(DEAD, DEAD_LBA);
    l = look();
    assert_int_equal(times_noted(l, STATUS_STORE_RETARGETED, &text), 1);
    assert_int_equal(strncmp(text, "Volume1-02, 2 names", 19), 0);
    assert_int_equal(used_slots(l), 1);
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

/* A good half on a disk that is here is what its name means, also where Windows's volume has another one on the loader's. */
static void test_a_good_half_elsewhere_is_meant(void **state)
{
    struct ldm_component *second = fv_component(&fv, system_volume, "Volume1-03");

    (void)state;
    fv_extent(&fv, second, 2, 500, SIZE);
    finish();
    add_name(SECOND, 500);
    assert_ptr_equal(look()->windows, fv_facts(&fv, second));
    assert_ptr_equal(look()->disks[0], &disk[1]->dev);
    names[0] = (struct store_name){ HERE, (uint64_t)LBA * SECTOR_BYTES, { { { 100, 0x38, 4 } }, 1 }, { { { 100, 0x20, 8 } }, 1 } };
    fv_mark(&fv, half, COMPONENT_STALE, STATUS_COMPONENT_NOT_ACTIVE);
    assert_ptr_equal(look()->windows, facts);  /* a name of the loader's own disk stays what it is */
    assert_int_equal(look()->patch_count, 0);
}

/* A volume that begins with the disk has no sectors before it for fillers: the number that a line wants cannot be had. */
static void test_no_room_for_fillers(void **state)
{
    (void)state;
    finish();
    for (uint64_t lba = 4; lba <= 5; lba++) {
        half->extents[0].lba = lba;
        set_bootini(BOOTINI_MULTI, 0, 0, 3);
        assert_int_equal(slots_number(&look()->slots, facts), lba == 4 ? 1 : 3);
        set_bootini(BOOTINI_MULTI, 0, 0, 1);
        assert_int_equal(slots_number(&look()->slots, facts), 1);
    }
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
    add_name(SECOND, 5000);   /* the same disk again, and a place of the loader's own that no volume has */
    add_name(HERE, 5000);
    l = look();
    assert_int_equal(l->patch_count, 0);
    assert_int_equal(l->notes.count, 0);
    assert_int_equal(l->disk_count, 1);
}

static void test_each_disk_that_is_named_stays(void **state)
{
    struct memdisk      *third = fv_memdisk(&fv, "hd83", DISK_SECTORS);
    const struct lookup *l;

    (void)state;
    fv.disks[2].mbr.signature = SECOND + 1;
    finish();
    add_name(SECOND, 63);
    add_name(SECOND + 1, 63);
    l = look();
    assert_int_equal(l->disk_count, 2);
    assert_ptr_equal(l->disks[0], &disk[1]->dev);
    assert_ptr_equal(l->disks[1], &third->dev);
    memdisk_free(third);
}

/* The loader's own volume is what a store names first; and the loader may be on the second disk. */
static void test_names_of_the_first_disk(void **state)
{
    struct component_facts *other = add_volume("Volume2", 1, OTHER_LBA), *second = add_volume("Volume3", 2, OTHER_LBA);
    const struct lookup    *l;

    (void)state;
    finish();
    windows_on(other);
    add_name(HERE, LBA);
    assert_ptr_equal(look()->windows, facts);
    facts->files.name_count = 0;
    facts = second;
    add_name(HERE, 5000);
    l = look();
    assert_int_equal(l->disk_count, 1);
    assert_ptr_equal(l->disks[0], &disk[0]->dev);
    assert_int_equal(l->patch_count, 0);
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

/* The same, where the good half lies at the same place of its disk: the name of the disk is another one all the same. */
static void test_named_half_at_the_good_ones_place(void **state)
{
    struct ldm_component *second = fv_component(&fv, system_volume, "Volume1-03");
    const struct lookup  *l;

    (void)state;
    fv_extent(&fv, second, 2, LBA, SIZE);
    finish();
    fv_mark(&fv, second, COMPONENT_STALE, STATUS_COMPONENT_NOT_ACTIVE);
    add_name(SECOND, LBA);
    l = look();
    assert_int_equal(l->patch_count, 2);
    assert_int_equal(rd_le32(span_of(l->patches[0].bytes, 4), 0), HERE);
    assert_int_equal(l->disk_count, 0);
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
    (void)fv_component(&fv, fv_volume(&fv, "Volume3", VOLUME_SIMPLE, 0, SIZE), "Volume3-01");  /* no piece of it is known */
    assert_ptr_equal(look()->windows, facts);
    names[0].offset = (uint64_t)OTHER_LBA * SECTOR_BYTES;
    fv.facts.count--;  /* nothing was read of Volume2 */
    assert_ptr_equal(look()->windows, facts);
}

/* Where the dead disk's half was: behind as much as the loader's disk has before its public region, or as MBR disks have. */
static void test_where_the_dead_disks_half_was(void **state)
{
    static const struct { enum disk_table table; uint64_t public_start, lba; } cases[] = {
        { TABLE_MBR, 63, DEAD_START + 63 }, { TABLE_MBR, 100, DEAD_START + 100 }, { TABLE_MBR, 0, DEAD_START + 63 },
        { TABLE_GPT, 65664, DEAD_START + 63 },
    };
    struct component_facts *other = add_volume("Volume2", 1, OTHER_LBA);

    (void)state;
    finish();
    windows_on(other);  /* what a name that fits nothing would lead to */
    add_name(DEAD, 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        fv.disks[0].table = cases[i].table;
        fv.disks[0].privhead.public_start = cases[i].public_start;
        names[0].offset = cases[i].lba * SECTOR_BYTES;
        assert_ptr_equal(look()->windows, facts);
        names[0].offset += SECTOR_BYTES;
        assert_ptr_equal(look()->windows, other);
    }
}

/* The store names no place (a "locate" element): Windows's own volume is shown all the same; without a store all are. */
static void test_windows_is_shown_without_a_name(void **state)
{
    struct component_facts *windows = add_volume("Volume2", 1, OTHER_LBA), *more = add_volume("Volume3", 1, 60000);

    (void)state;
    finish();
    facts->files.winload = (struct holders){ { windows, more }, 2 };
    facts->files.has_store = true;
    assert_ptr_equal(look()->windows, windows);
    assert_int_equal(slots_number(&look()->slots, windows), 2);
    assert_int_equal(slots_number(&look()->slots, more), 0);
    facts->files.has_store = false;
    assert_int_equal(slots_number(&look()->slots, windows), 2);
    assert_int_equal(slots_number(&look()->slots, more), 3);
}

/* The store said more names than are kept: one that was not looked at may be of a disk that is lost. */
static void test_names_that_were_cut(void **state)
{
    (void)state;
    finish();
    add_name(HERE, LBA);
    assert_int_equal(look()->notes.count, 0);
    facts->files.names_cut = true;
    assert_true(noted(look(), STATUS_STORE_TOO_MANY));
}

/* Of a mirror of three the half that answers is the one on the loader's own disk, also where another good one is first. */
static void test_the_half_on_the_loaders_disk_answers(void **state)
{
    struct ldm_volume    *v = fv_volume(&fv, "Volume2", VOLUME_MIRRORED, LDM_VOL_BOOT, SIZE);
    struct ldm_component *lost = fv_component(&fv, v, "Volume2-01"), *far = fv_component(&fv, v, "Volume2-02"),
                         *near = fv_component(&fv, v, "Volume2-03");

    (void)state;
    fv_extent(&fv, lost, 0, DEAD_START + SIZE, SIZE);
    fv_extent(&fv, far, 2, 700, SIZE);
    fv_extent(&fv, near, 1, OTHER_LBA, SIZE);
    finish();
    add_name(DEAD, DEAD_LBA + SIZE);
    assert_ptr_equal(look()->windows, fv_facts(&fv, near));
    assert_int_equal(rd_le32(span_of(look()->patches[0].bytes, 4), 0), HERE);
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
    assert_int_equal(used_slots(l), MBR_ENTRIES);
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
    windows_on(other);
    set_bootini(BOOTINI_MULTI, 0, 0, 2);
    assert_true(noted(look(), STATUS_VOLUME_NOT_SHOWN));
    assert_ptr_equal(volume_in(look(), 0), facts);
    system_volume->sectors = SIZE;
    assert_int_equal(look()->notes.count, 0);
    other->boot_sector_is_backup = true;
    assert_true(noted(look(), STATUS_VOLUME_NOT_SHOWN));
    other->boot_sector_is_backup = false;
    other->component->extent_count = 2;  /* nor what is in pieces, or was not read */
    assert_true(noted(look(), STATUS_VOLUME_NOT_SHOWN));
    other->component->extent_count = 1;
    other->status = STATUS_BOOT_SECTOR_BAD;
    assert_true(noted(look(), STATUS_VOLUME_NOT_SHOWN));
    other->status = STATUS_OK;
    assert_int_equal(look()->notes.count, 0);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_without_files), T(test_partition_number), T(test_windows_on_another_volume),
        T(test_windows_on_a_marked_half),
        T(test_the_real_slot_is_kept), T(test_holes_and_extended_entries_are_not_counted),
        T(test_both_volumes_in_their_slots), T(test_one_of_the_two_has_an_entry), T(test_a_number_that_differs_is_said),
        T(test_the_number_of_a_windows_elsewhere), T(test_a_table_without_the_volume), T(test_windows_takes_an_entry),
        T(test_who_is_shown_when_not_all_can_be), T(test_a_line_that_means_the_loaders_volume),
        T(test_a_line_that_cannot_be_located),
        T(test_lines_are_answered), T(test_every_line_has_its_volume), T(test_no_default_entry),
        T(test_what_the_kernel_finds), T(test_windows_is_shown_without_a_name),
        T(test_bootini_that_cannot_be_met), T(test_dead_disk_is_replaced), T(test_name_in_pieces),
        T(test_present_disks_stay), T(test_each_disk_that_is_named_stays), T(test_two_disks_with_one_signature), T(test_names_of_the_first_disk), T(test_named_half_that_is_no_good), T(test_named_half_at_the_good_ones_place),
        T(test_second_volume_gets_an_entry), T(test_windows_on_a_third_disk), T(test_unknown_offset), T(test_where_the_dead_disks_half_was),
        T(test_a_good_half_elsewhere_is_meant), T(test_no_room_for_fillers), T(test_names_that_were_cut), T(test_the_half_on_the_loaders_disk_answers), T(test_more_names_than_patches),
        T(test_more_volumes_than_entries), T(test_volume_without_its_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
