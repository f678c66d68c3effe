/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * basic_bios.c - the basic disk for a BIOS: sector 0 with our own boot code (bios/mbr.asm starts the active entry), a
 * table (basic_table.c), a system volume when the old one is lost (basic_system.c), the volumes one behind the other.
 */
#include <string.h>

#include "basic_system.h"
#include "basic_table.h"
#include "common/present/vdisk.h"
#include "messages.h"

/* ---- identity */

/* Does a line of boot.ini name the disk by its signature? */
static bool names_signature(const struct loader_files *files, uint32_t signature)
{
    for (size_t i = 0; i < files->line_count; i++)
        if (files->lines[i].entry.form == BOOTINI_SIGNATURE && files->lines[i].entry.adapter == signature)
            return true;
    return false;
}

/* A disk with a GPT has none as a rule, and Windows would give it one of its own, which neither store nor registry knows. */
static uint32_t new_signature(struct basic *b, uint32_t old)
{
    const struct component_facts *f = b->sources->plan.chosen.facts;
    uint8_t                       name[BASIC_NAME_BYTES];
    uint32_t                      made;

    if (!b->wishes.new_identity && old != 0)
        return old;
    if (names_signature(&f->files, old)) {
        say(MESSAGE_SIGNATURE_NAMED, "%s", f->component->name);
        return old;
    }
    memcpy(name, f->disk->privhead.disk_guid.bytes, sizeof name);
    if (old != 0)
        wr_le32(name, old);
    basic_new_name(b, span_of(name, old != 0 ? 4 : sizeof name), 0, name);
    made = rd_le32(span_of(name, sizeof name), 0);
    return made != 0 && made != old ? made : old + 1;
}

/* ---- what the virtual disk answers, at its new place */

/* Where a sector of the virtual disk is now; UINT64_MAX: nowhere, or a boot sector, which has its own answer. */
static uint64_t new_place(const struct basic *b, const struct vdisk *vd, uint64_t lba)
{
    for (size_t i = 0; i < b->count; i++) {
        const struct basic_volume *v = &b->volumes[i];
        uint64_t                   from = basic_old_start(v), into = lba - from;

        if (lba < from || into >= v->volume->sectors || basic_old_disk(v) != basic_old_disk(&b->volumes[0]))
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
        if (basic_old_disk(&b->volumes[i])->mbr.signature == signature && basic_old_start(&b->volumes[i]) * SECTOR_BYTES == offset)
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
    struct vdisk        *vd = arena_alloc(b->arena, sizeof *vd);
    struct system_volume sv = { .bytes = 0 };
    uint8_t              sector[SECTOR_BYTES];
    struct mbr           shown;
    uint32_t             signature;

    if (!vd)
        return STATUS_NO_MEMORY;
    if (b->sources->plan.method == METHOD_BIOS_RAM)
        basic_read_system(b, &sv);
    TRY(vdisk_build(&b->sources->plan, vd));
    TRY(vdisk_read(vd, 0, 1, sector));
    shown = mbr_parse(span_of(sector, sizeof sector));
    basic_give_slots(b, &shown);
    TRY(basic_place(b));
    signature = new_signature(b, shown.signature);
    TRY(basic_add_system(b, &sv, signature));
    for (size_t i = 0; i < b->count; i++) {
        b->volumes[i].name = mounted_name_mbr(signature, b->volumes[i].start * SECTOR_BYTES);
        TRY(basic_add_volume(b, &b->volumes[i]));
    }
    TRY(basic_add_tables(b, signature));
    TRY(take_patches(b, vd));
    return answer_store(b, vd, signature);
}
