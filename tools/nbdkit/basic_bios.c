/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * basic_bios.c - the basic disk for a BIOS: sector 0 with our own boot code (bios/mbr.asm starts the active entry), a
 * table of four, the volumes one behind the other.
 */
#include "basic.h"

#include <string.h>

#include "bootcode.h"
#include "common/base/crc32.h"
#include "common/disk/mbr.h"
#include "common/present/fakembr.h"
#include "common/present/vdisk.h"
#include "messages.h"

#define FILLER_TYPE  0x12  /* as vdisk.c has it: counts as a partition, and is of no interest */
#define FIRST_FILLER 1u    /* sector; below the first volume there is nothing else */
#define REACH        ((uint64_t)1 << 32)
#define NO_SLOT      MBR_ENTRIES
#define USUAL_SECTORS ((uint64_t)9 << 21)  /* 9 GiB, nearly all of it a hole: see BASIC_HEADS */

static uint64_t old_start(const struct basic_volume *v)
{
    return v->half->extents[0].lba;
}

static const struct ldm_disk *old_disk(const struct basic_volume *v)
{
    return v->half->extents[0].disk;
}

/* ---- numbers of the entries */

static bool is_free(const struct basic *b, unsigned slot)
{
    for (size_t i = 0; i < b->count; i++)
        if (b->volumes[i].slot == slot)
            return false;
    return true;
}

/* The number that Windows's loaders were shown for a volume of the chosen disk. */
static unsigned shown_slot(const struct basic *b, const struct mbr *shown, const struct basic_volume *v)
{
    for (unsigned i = 0; i < MBR_ENTRIES; i++)
        if (shown->entries[i].type != 0 && shown->entries[i].type != FILLER_TYPE &&
            old_disk(v) == old_disk(&b->volumes[0]) && shown->entries[i].start == old_start(v))
            return i;
    return NO_SLOT;
}

/* Others come behind those that were shown. */
static unsigned next_slot(const struct basic *b)
{
    unsigned next = 0;

    for (size_t i = 0; i < b->count; i++)
        if (b->volumes[i].slot < NO_SLOT && b->volumes[i].slot >= next)
            next = b->volumes[i].slot + 1;
    for (unsigned i = 0; next == NO_SLOT && i < MBR_ENTRIES; i++)
        if (is_free(b, i))
            return i;
    return next;
}

static void leave_out(struct basic *b, size_t index)
{
    memmove(&b->volumes[index], &b->volumes[index + 1], (b->count - index - 1) * sizeof b->volumes[0]);
    b->count--;
}

static void give_slots(struct basic *b, const struct mbr *shown)
{
    for (size_t i = 0; i < b->count; i++)
        b->volumes[i].slot = shown_slot(b, shown, &b->volumes[i]);
    for (size_t i = 0; i < b->count;) {
        if (b->volumes[i].slot == NO_SLOT)
            b->volumes[i].slot = next_slot(b);
        if (b->volumes[i].slot < NO_SLOT) {
            i++;
            continue;
        }
        say(MESSAGE_TABLE_FULL, "%s", b->volumes[i].volume->name);
        leave_out(b, i);
    }
}

/* ---- places */

static enum status place(struct basic *b)
{
    uint64_t at = BASIC_ALIGN;

    for (size_t i = 0; i < b->count;) {
        uint64_t sectors = b->volumes[i].volume->sectors;

        if (sectors > REACH || at > REACH - sectors) {
            if (i == 0)
                return STATUS_VOLUME_BEYOND_2TIB;
            say(MESSAGE_BEYOND_REACH, "%s", b->volumes[i].volume->name);
            leave_out(b, i);
            continue;
        }
        b->volumes[i].start = at;
        at = basic_align(at + sectors);
        i++;
    }
    return basic_set_size(b, at, USUAL_SECTORS);
}

/* ---- sector 0 */

/* Does a line of boot.ini name the disk by its signature? */
static bool names_signature(const struct loader_files *files, uint32_t signature)
{
    for (size_t i = 0; i < files->line_count; i++)
        if (files->lines[i].entry.form == BOOTINI_SIGNATURE && files->lines[i].entry.adapter == signature)
            return true;
    return false;
}

static uint32_t new_signature(struct basic *b, uint32_t old)
{
    const struct component_facts *f = b->sources->plan.chosen.facts;
    uint32_t                      made = crc32_update(old, "new identity", 12);

    if (!b->wishes.new_identity)
        return old;
    if (names_signature(&f->files, old)) {
        say(MESSAGE_SIGNATURE_NAMED, "%s", f->component->name);
        return old;
    }
    return made ? made : 1;
}

static struct fake_entry entry_of(const struct basic_volume *v, bool active)
{
    return (struct fake_entry){ .type = v->facts && v->facts->fs == FS_FAT ? MBR_TYPE_FAT32_LBA : MBR_TYPE_NTFS,
                                .active = active, .start = (uint32_t)v->start,
                                .sectors = (uint32_t)v->volume->sectors };
}

static enum status add_sector0(struct basic *b, uint32_t signature)
{
    struct fake_entry             entries[MBR_ENTRIES] = { { 0 } };
    uint8_t                       sector[SECTOR_BYTES] = { 0 };
    unsigned                      last = 0;

    for (size_t i = 0; i < b->count; i++) {
        entries[b->volumes[i].slot] = entry_of(&b->volumes[i], i == 0);
        if (b->volumes[i].slot > last)
            last = b->volumes[i].slot;
    }
    memcpy(sector, bootcode, MBR_CODE_BYTES);
    wr_le32(sector + MBR_SIGNATURE_OFF, signature);
    for (unsigned i = 0; i < MBR_ENTRIES; i++) {
        if (entries[i].type == 0 && i < last)  /* the numbers behind it must not change */
            entries[i] = (struct fake_entry){ FILLER_TYPE, 0, FIRST_FILLER + i, 1 };
        fakembr_put_entry(sector + MBR_TABLE_OFF + i * MBR_ENTRY_BYTES, &entries[i], BASIC_HEADS, BASIC_TRACK);
    }
    wr_le16(sector + MBR_MAGIC_OFF, 0xaa55);
    return composed_overlay(b->disk, b->arena, 0, sector, sizeof sector);
}

/* ---- what the virtual disk answers, at its new place */

/* Where a sector of the virtual disk is now; UINT64_MAX: nowhere, or a boot sector, which has its own answer. */
static uint64_t new_place(const struct basic *b, const struct vdisk *vd, uint64_t lba)
{
    for (size_t i = 0; i < b->count; i++) {
        const struct basic_volume *v = &b->volumes[i];
        uint64_t                   from = old_start(v), into = lba - from;

        if (lba < from || into >= v->volume->sectors || old_disk(v) != old_disk(&b->volumes[0]))
            continue;
        if (i > 0 && lba >= vd->volume_lba && lba - vd->volume_lba < vd->volume_sectors)
            continue;  /* the chosen volume is shown in one piece over whatever is there */
        if (into == 0 || (v->facts && into == v->facts->backup_boot_sector))
            return UINT64_MAX;
        return v->start + into;
    }
    return UINT64_MAX;
}

static enum status take_patches(struct basic *b, const struct vdisk *vd)
{
    for (size_t i = 0; i < vd->patch_count; i++) {
        const struct vdisk_patch *p = &vd->patches[i];
        uint64_t                  sector = new_place(b, vd, p->lba);

        if (sector != UINT64_MAX)
            TRY(composed_overlay(b->disk, b->arena, sector * SECTOR_BYTES + p->offset, vd->patch_data + p->data, p->len));
    }
    return STATUS_OK;
}

/* ---- names of disks in the boot store */

/* What is shown at these bytes of the chosen volume. False: they cannot be told. */
static bool shown_bytes(const struct vdisk *vd, const struct file_bytes *at, uint8_t *out)
{
    uint8_t sector[SECTOR_BYTES];

    for (unsigned i = 0; i < at->pieces; i++) {
        if (vdisk_read(vd, vd->volume_lba + at->piece[i].sector, 1, sector) != STATUS_OK)
            return false;
        memcpy(out, sector + at->piece[i].offset, at->piece[i].len);
        out += at->piece[i].len;
    }
    return at->pieces > 0;
}

static enum status answer_bytes(struct basic *b, const struct file_bytes *at, const uint8_t *bytes)
{
    for (unsigned i = 0; i < at->pieces; i++) {
        uint64_t offset = (b->volumes[0].start + at->piece[i].sector) * SECTOR_BYTES + at->piece[i].offset;

        TRY(composed_overlay(b->disk, b->arena, offset, bytes, at->piece[i].len));
        bytes += at->piece[i].len;
    }
    return STATUS_OK;
}

/* The volume of the new disk that this name, as it was shown, means. */
static const struct basic_volume *named_volume(const struct basic *b, uint32_t signature, uint64_t offset)
{
    for (size_t i = 0; i < b->count; i++)
        if (old_disk(&b->volumes[i])->mbr.signature == signature && old_start(&b->volumes[i]) * SECTOR_BYTES == offset)
            return &b->volumes[i];
    return NULL;
}

static enum status answer_store(struct basic *b, const struct vdisk *vd, uint32_t signature)
{
    const struct component_facts *f = b->sources->plan.chosen.facts;

    for (size_t i = 0; i < f->files.name_count; i++) {
        const struct store_name   *name = &f->files.names[i];
        const struct basic_volume *v = NULL;
        uint8_t                    bytes[12], offset[8];

        if (shown_bytes(vd, &name->signature_at, bytes) && shown_bytes(vd, &name->offset_at, bytes + 4))
            v = named_volume(b, rd_le32(span_of(bytes, sizeof bytes), 0), rd_le64(span_of(bytes, sizeof bytes), 4));
        else
            say_status(STATUS_STORE_UNREACHABLE, f->component->name);
        if (!v)
            continue;
        wr_le32(bytes, signature);
        wr_le64(offset, v->start * SECTOR_BYTES);
        TRY(answer_bytes(b, &name->signature_at, bytes));
        TRY(answer_bytes(b, &name->offset_at, offset));
    }
    return STATUS_OK;
}

enum status basic_build_bios(struct basic *b)
{
    struct vdisk *vd = arena_alloc(b->arena, sizeof *vd);
    uint8_t       sector[SECTOR_BYTES];
    struct mbr    shown;
    uint32_t      signature;

    if (!vd)
        return STATUS_NO_MEMORY;
    if (b->sources->plan.method == METHOD_BIOS_RAM)
        say(MESSAGE_WINDOWS_ALONE, "%s", b->volumes[0].volume->name);
    TRY(vdisk_build(&b->sources->plan, vd));
    TRY(vdisk_read(vd, 0, 1, sector));
    shown = mbr_parse(span_of(sector, sizeof sector));
    give_slots(b, &shown);
    TRY(place(b));
    signature = new_signature(b, shown.signature);
    for (size_t i = 0; i < b->count; i++) {
        b->volumes[i].name = mounted_name_mbr(signature, b->volumes[i].start * SECTOR_BYTES);
        TRY(basic_add_volume(b, &b->volumes[i]));
    }
    TRY(add_sector0(b, signature));
    TRY(take_patches(b, vd));
    return answer_store(b, vd, signature);
}
