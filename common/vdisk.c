/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vdisk.c - lay out the disk that Windows's BIOS loaders will see, and read it.
 *
 * Used by: bios/ (tables of the resident hook), ldmboot-inspect, tests.
 * Facts: docs/windows-boot.md, "The hook and the overlay, proven".
 *
 * The virtual disk is the disk of the volume's first extent, sector for sector. Where the
 * volume has further extents, they follow the first one on the virtual disk, in place of
 * what the real disk has there. Two sectors may be served from elsewhere: a boot sector that is
 * damaged, from its backup; a sector 0 that cannot be read, from any readable one, since
 * a patch replaces it whole.
 */
#include "vdisk.h"

#include "checked.h"
#include "fakembr.h"
#include "mbr.h"
#include "mem.h"
#include "vbr.h"

#define BIOS_SECTOR_LIMIT  ((uint64_t)1 << 32)  /* HiddenSectors and partition entries have 32 bits */
#define BPB_GEOMETRY       0x18                 /* sectors per track, heads, HiddenSectors */
#define BPB_GEOMETRY_BYTES 8
#define BPB_FAT_SECTORS_16 0x16                 /* 0 on FAT32 and NTFS */
#define BPB_DRIVE          0x24
#define BPB_DRIVE_FAT32    0x40

static uint64_t volume_start(const struct ldm_component *component)
{
    return component->extents[0].lba;
}

/* End of the volume on the virtual disk, where its extents follow one another; false: more than 64 bits. */
static bool volume_end(const struct ldm_component *component, uint64_t *end)
{
    return add_u64(volume_start(component), component->volume->sectors, end);
}

enum status vdisk_can_present(const struct ldm_component *component)
{
    uint64_t end;

    if (!component->present || component->layout != LAYOUT_CONCAT || component->extent_count == 0)
        return STATUS_COMPONENT_UNREADABLE;
    if (component->extent_count + 4 > VDISK_MAX_EXTENTS)  /* head, boot sector, sector 0, tail */
        return STATUS_VDISK_TOO_COMPLEX;
    if (!volume_end(component, &end) || end > BIOS_SECTOR_LIMIT)
        return STATUS_VOLUME_BEYOND_2TIB;
    for (size_t i = 0; i < component->extent_count; i++) {
        const struct ldm_extent *e = &component->extents[i];

        if (e->disk->dev->block_size != SECTOR_BYTES)
            return STATUS_BIOS_BLOCK_SIZE;
        if (!range_inside(e->lba, e->sectors, BIOS_SECTOR_LIMIT))
            return STATUS_VOLUME_BEYOND_2TIB;
    }
    return STATUS_OK;
}

/* ---- extents */

/* Extents are appended in order of virtual LBA; one that goes on where the last one ends becomes part of it. */
static enum status append_extent(struct vdisk *vd, struct block_device *dev, uint64_t lba, uint64_t sectors)
{
    struct vdisk_extent *last = vd->extent_count ? &vd->extents[vd->extent_count - 1] : NULL;

    if (sectors == 0)
        return STATUS_OK;
    if (last && last->dev == dev && last->lba + last->sectors == lba) {
        last->sectors += sectors;
    } else {
        if (vd->extent_count == VDISK_MAX_EXTENTS)
            return STATUS_VDISK_TOO_COMPLEX;
        vd->extents[vd->extent_count++] = (struct vdisk_extent){ vd->sectors, sectors, dev, lba };
    }
    vd->sectors += sectors;
    return STATUS_OK;
}

/* Real place of a sector of the volume. */
static const struct ldm_extent *extent_at(const struct ldm_component *component, uint64_t volume_sector)
{
    for (size_t i = 0; i < component->extent_count; i++) {
        const struct ldm_extent *e = &component->extents[i];

        if (volume_sector >= e->volume_offset && volume_sector - e->volume_offset < e->sectors)
            return e;
    }
    return NULL;
}

static enum status append_volume_sector(struct vdisk *vd, const struct ldm_component *component, uint64_t volume_sector)
{
    const struct ldm_extent *e = extent_at(component, volume_sector);

    if (!e)
        return STATUS_INTERNAL;
    return append_extent(vd, e->disk->dev, e->lba + (volume_sector - e->volume_offset), 1);
}

/* The volume's sectors; its first one from the backup when that is what was read. */
static enum status append_volume(struct vdisk *vd, const struct component_facts *facts)
{
    const struct ldm_component *component = facts->component;
    uint64_t                    skip = facts->boot_sector_is_backup ? 1 : 0;

    if (skip)
        TRY(append_volume_sector(vd, component, facts->backup_boot_sector));
    for (size_t i = 0; i < component->extent_count; i++, skip = 0) {
        const struct ldm_extent *e = &component->extents[i];

        TRY(append_extent(vd, e->disk->dev, e->lba + skip, e->sectors - skip));
    }
    return STATUS_OK;
}

static enum status lay_out(struct vdisk *vd, const struct component_facts *facts)
{
    const struct ldm_component *component = facts->component;
    struct block_device        *dev = component->extents[0].disk->dev;
    uint64_t                    start = volume_start(component), head = 0, disk_sectors = blk_sectors(dev);

    if (start == 0)  /* no room for a partition table before it */
        return STATUS_COMPONENT_UNREADABLE;
    if (!facts->disk->has_sector0) {
        TRY(append_volume_sector(vd, component, facts->boot_sector_is_backup ? facts->backup_boot_sector : 0));
        head = 1;
    }
    TRY(append_extent(vd, dev, head, start - head));
    TRY(append_volume(vd, facts));
    if (vd->sectors < disk_sectors)
        TRY(append_extent(vd, dev, vd->sectors, disk_sectors - vd->sectors));
    return STATUS_OK;
}

/* ---- patches */

static enum status add_patch(struct vdisk *vd, uint64_t lba, uint16_t offset, const uint8_t *bytes, uint16_t len)
{
    if (vd->patch_count == VDISK_MAX_PATCHES || len > VDISK_PATCH_BYTES - vd->patch_data_len)
        return STATUS_VDISK_TOO_COMPLEX;
    vd->patches[vd->patch_count++] = (struct vdisk_patch){ lba, offset, len, (uint16_t)vd->patch_data_len };
    memcpy(vd->patch_data + vd->patch_data_len, bytes, len);
    vd->patch_data_len += len;
    return STATUS_OK;
}

static enum status patch_sector0(struct vdisk *vd, const struct component_facts *facts)
{
    const struct fake_entry entries[MBR_ENTRIES] = { {
        .type = facts->fs == FS_FAT ? MBR_TYPE_FAT32_LBA : MBR_TYPE_NTFS,
        .active = 1,
        .start = (uint32_t)vd->volume_lba,
        .sectors = (uint32_t)vd->volume_sectors,
    } };
    uint8_t shown[SECTOR_BYTES];

    fakembr_make(facts->disk->sector0, entries, vd->heads, vd->sectors_per_track, shown);
    return add_patch(vd, 0, 0, shown, sizeof shown);
}

static uint16_t drive_offset(const struct component_facts *facts)
{
    bool fat32 = facts->fs == FS_FAT && rd_le16(span_of(facts->boot_sector, SECTOR_BYTES), BPB_FAT_SECTORS_16) == 0;

    return fat32 ? BPB_DRIVE_FAT32 : BPB_DRIVE;
}

/* Geometry, HiddenSectors and drive number, in the first boot sector and in its backup. */
static enum status patch_boot_sectors(struct vdisk *vd, const struct component_facts *facts)
{
    const uint64_t copies[] = { 0, facts->backup_boot_sector };
    uint16_t       drive = drive_offset(facts);
    uint8_t        wanted[SECTOR_BYTES];

    vbr_patch(facts->boot_sector, facts->fs, (uint32_t)vd->volume_lba, wanted);
    for (size_t i = 0; i < (copies[1] ? 2u : 1u); i++) {
        TRY(add_patch(vd, vd->volume_lba + copies[i], BPB_GEOMETRY, wanted + BPB_GEOMETRY, BPB_GEOMETRY_BYTES));
        TRY(add_patch(vd, vd->volume_lba + copies[i], drive, wanted + drive, 1));
    }
    return STATUS_OK;
}

enum status vdisk_build(const struct boot_plan *plan, struct vdisk *out)
{
    const struct component_facts *facts = plan->chosen.facts;
    struct vdisk                  vd = { .heads = 0 };

    if (!facts)
        return STATUS_COMPONENT_UNREADABLE;
    TRY(facts->status);
    TRY(vdisk_can_present(facts->component));

    vd.volume_lba = volume_start(facts->component);
    vd.volume_sectors = facts->component->volume->sectors;
    vd.heads = facts->heads;
    vd.sectors_per_track = facts->sectors_per_track;
    TRY(lay_out(&vd, facts));
    TRY(patch_sector0(&vd, facts));
    TRY(patch_boot_sectors(&vd, facts));
    *out = vd;
    return STATUS_OK;
}

/* ---- reading, as the resident hook does it */

static const struct vdisk_extent *find_extent(const struct vdisk *vd, uint64_t lba)
{
    for (size_t i = 0; i < vd->extent_count; i++)
        if (lba >= vd->extents[i].virtual_lba && lba - vd->extents[i].virtual_lba < vd->extents[i].sectors)
            return &vd->extents[i];
    return NULL;
}

static void apply_patches(const struct vdisk *vd, uint64_t lba, uint32_t sectors, uint8_t *buf)
{
    for (size_t i = 0; i < vd->patch_count; i++) {
        const struct vdisk_patch *p = &vd->patches[i];

        if (p->lba >= lba && p->lba - lba < sectors)
            memcpy(buf + (size_t)(p->lba - lba) * SECTOR_BYTES + p->offset, vd->patch_data + p->data, p->len);
    }
}

enum status vdisk_read(const struct vdisk *vd, uint64_t lba, uint32_t sectors, void *buf)
{
    uint8_t *out = buf;

    if (!range_inside(lba, sectors, vd->sectors))
        return STATUS_READ_OUT_OF_RANGE;
    for (uint32_t done = 0; done < sectors;) {
        const struct vdisk_extent *e = find_extent(vd, lba + done);
        uint64_t                   skip, step;

        if (!e)
            return STATUS_READ_OUT_OF_RANGE;
        skip = lba + done - e->virtual_lba;
        step = e->sectors - skip < sectors - done ? e->sectors - skip : sectors - done;
        TRY(blk_read_sectors(e->dev, e->lba + skip, (uint32_t)step, out + (size_t)done * SECTOR_BYTES));
        done += (uint32_t)step;
    }
    apply_patches(vd, lba, sectors, out);
    return STATUS_OK;
}
