/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * basic_table.c - the partition table of a basic disk for a BIOS: which entry of sector 0 each volume gets, where it lies,
 * and the logical drives of those that four entries have no room for.
 *
 * Facts: docs/windows-boot.md, "The number rule" (entries in use are counted in table order, extended ones are not, then
 * logical drives along their chain); the chain's form is the PC's since DOS 3.3: an entry for the drive, which counts from
 * its own table, and one of type 05 for the next table, which counts from the first one.
 */
#include "basic_table.h"

#include <string.h>

#include "bootcode.h"
#include "common/present/fakembr.h"
#include "messages.h"

#define FILLER_TYPE       0x12  /* as vdisk.c has it: counts as a partition, and is of no interest */
#define FIRST_FILLER      1u    /* sector; below the first volume there is nothing else */
#define REACH             ((uint64_t)1 << 32)
#define USUAL_SECTORS     ((uint64_t)9 << 21)  /* 9 GiB, nearly all of it a hole: see BASIC_HEADS */

uint64_t basic_old_start(const struct basic_volume *v)
{
    return v->half->extents[0].lba;
}

const struct ldm_disk *basic_old_disk(const struct basic_volume *v)
{
    return v->half->extents[0].disk;
}

/* ---- numbers of the entries */

/* The number that Windows's loaders were shown for a volume of the chosen disk; MBR_ENTRIES: none. */
static unsigned shown_slot(const struct basic *b, const struct mbr *shown, const struct basic_volume *v)
{
    for (unsigned i = 0; i < MBR_ENTRIES; i++)
        if (partition_is_numbered(&shown->entries[i]) && shown->entries[i].type != FILLER_TYPE &&
            basic_old_disk(v) == basic_old_disk(&b->volumes[0]) && shown->entries[i].start == basic_old_start(v))
            return i;
    return MBR_ENTRIES;
}

static void take_shown(struct basic *b, const struct mbr *shown)
{
    for (unsigned i = 0; i < MBR_ENTRIES; i++)
        if (b->slots[i] == ENTRY_NONE && partition_is_numbered(&shown->entries[i]))
            b->slots[i] = ENTRY_COUNTED;
    for (size_t i = 0; i < b->count; i++) {
        b->volumes[i].slot = shown_slot(b, shown, &b->volumes[i]);
        if (b->volumes[i].slot < MBR_ENTRIES)
            b->slots[b->volumes[i].slot] = ENTRY_VOLUME;
    }
}

/* An entry in use here would move the number of one behind it. */
static bool moves_numbers(const enum basic_entry slots[MBR_ENTRIES], unsigned slot)
{
    for (unsigned i = slot + 1; i < MBR_ENTRIES; i++)
        if (slots[i] == ENTRY_COUNTED || slots[i] == ENTRY_VOLUME)
            return true;
    return false;
}

/* Others come behind those that were shown, else in the place of something that only has to be counted. */
static unsigned next_slot(const enum basic_entry slots[MBR_ENTRIES])
{
    for (unsigned i = 0; i < MBR_ENTRIES; i++)
        if (slots[i] == ENTRY_NONE && !moves_numbers(slots, i))
            return i;
    for (unsigned i = 0; i < MBR_ENTRIES; i++)
        if (slots[i] == ENTRY_COUNTED)
            return i;
    return MBR_ENTRIES;
}

static size_t without_slot(const struct basic *b)
{
    size_t n = 0;

    for (size_t i = 0; i < b->count; i++)
        n += b->volumes[i].slot == MBR_ENTRIES;
    return n;
}

static size_t count_places(const enum basic_entry slots[MBR_ENTRIES])
{
    enum basic_entry rest[MBR_ENTRIES];
    size_t          n = 0;

    memcpy(rest, slots, sizeof rest);
    for (unsigned slot = next_slot(rest); slot < MBR_ENTRIES; slot = next_slot(rest), n++)
        rest[slot] = ENTRY_VOLUME;
    return n;
}

/* When there are more volumes than entries: the extended one, in a place that nothing else may have, else in the last one. */
static void place_extended(struct basic *b)
{
    unsigned slot = MBR_ENTRIES;

    if (without_slot(b) <= count_places(b->slots))
        return;
    for (unsigned i = MBR_ENTRIES; i-- > 0;)
        if (b->slots[i] == ENTRY_NONE && (slot == MBR_ENTRIES || moves_numbers(b->slots, i)))
            slot = i;
    if (slot < MBR_ENTRIES)
        b->slots[slot] = ENTRY_EXTENDED;
}

static void leave_out(struct basic *b, size_t index)
{
    memmove(&b->volumes[index], &b->volumes[index + 1], (b->count - index - 1) * sizeof b->volumes[0]);
    b->count--;
}

/* False: it has no place. */
static bool give_slot(struct basic *b, struct basic_volume *v)
{
    if (v->slot < MBR_ENTRIES)
        return true;
    v->slot = next_slot(b->slots);
    if (v->slot < MBR_ENTRIES)
        b->slots[v->slot] = ENTRY_VOLUME;
    return v->slot < MBR_ENTRIES || basic_slot_of(b, ENTRY_EXTENDED) < MBR_ENTRIES;
}

static bool is_logical(const struct basic_volume *v)
{
    return v->slot == MBR_ENTRIES;
}

/* Logical drives lie behind all others: the list is in the order of places from here on. */
static void put_logical_last(struct basic *b)
{
    struct basic_volume v;
    size_t              left = b->count;

    for (size_t i = 0; left > 0; left--) {
        if (!is_logical(&b->volumes[i])) {
            i++;
            continue;
        }
        v = b->volumes[i];
        leave_out(b, i);
        b->volumes[b->count++] = v;
    }
}

void basic_give_slots(struct basic *b, const struct mbr *shown)
{
    take_shown(b, shown);
    place_extended(b);
    for (size_t i = 0; i < b->count;) {
        if (give_slot(b, &b->volumes[i])) {
            i++;
            continue;
        }
        say(MESSAGE_TABLE_FULL, "%s", b->volumes[i].volume->name);
        leave_out(b, i);
    }
    put_logical_last(b);
}

/* ---- places */

/* A logical drive has its own table before it. */
static uint64_t table_of(const struct basic_volume *v)
{
    return v->start - BASIC_ALIGN;
}

static uint64_t end_of(const struct basic_volume *v)
{
    return v->start + v->volume->sectors;
}

enum status basic_place(struct basic *b)
{
    uint64_t at = BASIC_ALIGN;

    at = basic_align(at + b->system_bytes / SECTOR_BYTES);
    for (size_t i = 0; i < b->count;) {
        struct basic_volume *v = &b->volumes[i];
        uint64_t             sectors = v->volume->sectors, start = at + (is_logical(v) ? BASIC_ALIGN : 0);

        if (sectors > REACH || start > REACH - sectors) {
            if (i == 0)
                return STATUS_VOLUME_BEYOND_2TIB;
            say(MESSAGE_BEYOND_REACH, "%s", v->volume->name);
            if (!is_logical(v))
                b->slots[v->slot] = moves_numbers(b->slots, v->slot) ? ENTRY_COUNTED : ENTRY_NONE;
            leave_out(b, i);
            continue;
        }
        v->start = start;
        at = basic_align(end_of(v));
        i++;
    }
    return basic_set_size(b, at, USUAL_SECTORS);
}

/* ---- the tables */

static void put_entry(uint8_t *sector, unsigned slot, const struct fake_entry *e)
{
    fakembr_put_entry(sector + MBR_TABLE_OFF + slot * MBR_ENTRY_BYTES, e, BASIC_HEADS, BASIC_TRACK);
}

static struct fake_entry entry_of(const struct basic_volume *v, bool active)
{
    return (struct fake_entry){ .type = v->facts && v->facts->fs == FS_FAT ? MBR_TYPE_FAT32_LBA : MBR_TYPE_NTFS,
                                .active = active, .start = (uint32_t)v->start,
                                .sectors = (uint32_t)v->volume->sectors };
}

/* An entry of a logical drive's table: `from` is what its start is counted from; cylinders and heads are the disk's. */
static void put_link(uint8_t *sector, unsigned slot, const struct fake_entry *e, uint64_t from)
{
    put_entry(sector, slot, e);
    wr_le32(sector + MBR_TABLE_OFF + slot * MBR_ENTRY_BYTES + 8, (uint32_t)(e->start - from));
}

static struct fake_entry chain_entry(const struct basic_volume *v, uint64_t end, uint8_t type)
{
    return (struct fake_entry){ .type = type, .start = (uint32_t)table_of(v), .sectors = (uint32_t)(end - table_of(v)) };
}

/* The chain from the first logical drive on. */
static enum status add_chain(struct basic *b, const struct basic_volume *first)
{
    const struct basic_volume *end = b->volumes + b->count;

    for (const struct basic_volume *v = first; v < end; v++) {
        uint8_t           sector[SECTOR_BYTES] = { 0 };
        struct fake_entry drive = entry_of(v, false), next;

        put_link(sector, 0, &drive, table_of(v));
        if (v + 1 < end) {
            next = chain_entry(v + 1, end_of(v + 1), MBR_TYPE_EXTENDED);
            put_link(sector, 1, &next, table_of(first));
        }
        wr_le16(sector + MBR_MAGIC_OFF, 0xaa55);
        TRY(composed_overlay(b->disk, b->arena, table_of(v) * SECTOR_BYTES, sector, sizeof sector));
    }
    return STATUS_OK;
}

/* Sector 0's entry for all of the chain. */
static enum status add_extended(struct basic *b, uint8_t *sector0)
{
    struct fake_entry e;
    size_t            i = 0;

    while (i < b->count && !is_logical(&b->volumes[i]))
        i++;
    if (i == b->count)
        return STATUS_OK;
    e = chain_entry(&b->volumes[i], end_of(&b->volumes[b->count - 1]), MBR_TYPE_EXTENDED_LBA);
    put_entry(sector0, basic_slot_of(b, ENTRY_EXTENDED), &e);
    return add_chain(b, &b->volumes[i]);
}

static void put_entries(const struct basic *b, uint8_t *sector)
{
    struct fake_entry e;

    for (unsigned i = 0; i < MBR_ENTRIES; i++)
        if (b->slots[i] == ENTRY_COUNTED) {
            e = (struct fake_entry){ FILLER_TYPE, 0, FIRST_FILLER + i, 1 };
            put_entry(sector, i, &e);
        } else if (b->slots[i] == ENTRY_SYSTEM) {
            e = (struct fake_entry){ MBR_TYPE_FAT12, 1, BASIC_ALIGN, (uint32_t)(b->system_bytes / SECTOR_BYTES) };
            put_entry(sector, i, &e);
        }
    for (size_t i = 0; i < b->count && !is_logical(&b->volumes[i]); i++) {
        e = entry_of(&b->volumes[i], i == 0 && b->system_bytes == 0);
        put_entry(sector, b->volumes[i].slot, &e);
    }
}

enum status basic_add_tables(struct basic *b, uint32_t signature)
{
    uint8_t sector[SECTOR_BYTES] = { 0 };

    memcpy(sector, bootcode_disk, MBR_CODE_BYTES);
    wr_le32(sector + MBR_SIGNATURE_OFF, signature);
    put_entries(b, sector);
    TRY(add_extended(b, sector));
    wr_le16(sector + MBR_MAGIC_OFF, 0xaa55);
    return composed_overlay(b->disk, b->arena, 0, sector, sizeof sector);
}
