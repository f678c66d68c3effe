/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vdisk.c - lay out the disk that Windows's BIOS loaders will see, and read it.
 *
 * Facts: docs/windows-boot.md, "The hook and the overlay, proven".
 *
 * The virtual disk is the disk of the volume's first extent, sector for sector. Where the
 * volume has further extents, they follow the first one on the virtual disk, in place of
 * what the real disk has there. Two sectors may be served from elsewhere: a boot sector that is
 * damaged, from its backup; a sector 0 that cannot be read, from any readable one, since
 * a patch replaces it whole.
 */
#include "vdisk.h"

#include "common/base/checked.h"
#include "common/base/mem.h"
#include "common/disk/mbr.h"
#include "common/fs/bpb.h"
#include "common/windows/vbr.h"
#include "fakembr.h"

#define BPB_GEOMETRY       BPB_SECTORS_PER_TRACK  /* and heads, HiddenSectors */
#define BPB_GEOMETRY_BYTES 8
#define BPB_HIDDEN_BYTES   4

#define FILLER_TYPE        0x12  /* a vendor's service partition: counts for partition(N), and is of no interest */
#define FIRST_FILLER_LBA   1

/* Sector 0, four for the boot sectors, one for each other entry, and those of the loaders' files. */
_Static_assert(1 + 4 + (MBR_ENTRIES - 1) + LOOKUP_MAX_PATCHES <= VDISK_MAX_PATCHES, "patches always have room");
_Static_assert(SECTOR_BYTES + BPB_GEOMETRY_BYTES + 1 + (MBR_ENTRIES - 1) * BPB_GEOMETRY_BYTES + BPB_HIDDEN_BYTES +
               LOOKUP_PATCH_BYTES <= VDISK_PATCH_BYTES, "and so have their bytes");

static uint64_t volume_start(const struct ldm_component *component)
{
    return component->extents[0].lba;
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

/* The other half's extents, behind those of the disk. A volume of the disk keeps its place on the virtual one. */
static void add_spare(struct vdisk *vd, const struct boot_plan *plan, const struct ldm_component *component)
{
    const struct ldm_component *spare = plan_spare(plan, component);

    if (!spare || bios_presentable(spare) != STATUS_OK ||
        spare->extent_count > VDISK_MAX_EXTENTS - vd->extent_count - vd->spare_count)
        return;
    for (size_t i = 0; i < spare->extent_count; i++) {
        const struct ldm_extent *e = &spare->extents[i];

        vd->extents[vd->extent_count + vd->spare_count++] =
            (struct vdisk_extent){ volume_start(component) + e->volume_offset, e->sectors, e->disk->dev, e->lba };
    }
}

/*
 * Of the loader's volume, then of the others that have an entry: Windows's own among them. A sector
 * elsewhere on the disk that cannot be read stays an error.
 */
static void add_spares(struct vdisk *vd, const struct boot_plan *plan)
{
    const struct lookup *lookup = plan->chosen.lookup;

    add_spare(vd, plan, plan->chosen.component);
    for (size_t i = 0; lookup && i < MBR_ENTRIES; i++)
        if (lookup->slots.at[i].kind == SLOT_VOLUME && lookup->slots.at[i].volume != plan->chosen.facts)
            add_spare(vd, plan, lookup->slots.at[i].volume->component);
}

/* ---- patches */

/* Where these bytes are among those of the patches before, or the end. */
static size_t find_bytes(const struct vdisk *vd, const uint8_t *bytes, size_t len)
{
    for (size_t at = 0; at + len <= vd->patch_data_len; at++)
        if (memcmp(vd->patch_data + at, bytes, len) == 0)
            return at;
    return vd->patch_data_len;
}

static enum status add_patch(struct vdisk *vd, uint64_t lba, uint16_t offset, const uint8_t *bytes, uint16_t len)
{
    size_t at = find_bytes(vd, bytes, len);

    if (vd->patch_count == VDISK_MAX_PATCHES || len > VDISK_PATCH_BYTES - at)
        return STATUS_VDISK_TOO_COMPLEX;
    vd->patches[vd->patch_count++] = (struct vdisk_patch){ lba, offset, len, (uint16_t)at };
    if (at == vd->patch_data_len) {
        memcpy(vd->patch_data + at, bytes, len);
        vd->patch_data_len += len;
    }
    return STATUS_OK;
}

static struct fake_entry entry_of(const struct component_facts *f, bool active)
{
    return (struct fake_entry){
        .type = f->fs == FS_FAT ? MBR_TYPE_FAT32_LBA : MBR_TYPE_NTFS,
        .active = active,
        .start = (uint32_t)volume_start(f->component),
        .sectors = (uint32_t)f->volume->sectors,
    };
}

/*
 * A slot that only has to be taken. NTLDR takes an entry for its own partition when the sector
 * it starts on has the volume's HiddenSectors: that sector is shown with none.
 */
static enum status add_filler(struct vdisk *vd, size_t slot, struct fake_entry *out)
{
    static const uint8_t none[BPB_HIDDEN_BYTES];
    uint32_t             lba = FIRST_FILLER_LBA + (uint32_t)slot;

    *out = (struct fake_entry){ .type = FILLER_TYPE, .active = 0, .start = lba, .sectors = 1 };
    return add_patch(vd, lba, BPB_HIDDEN_SECTORS, none, sizeof none);
}

/* Another volume of the disk: its HiddenSectors must agree with its entry. */
static enum status add_other_volume(struct vdisk *vd, const struct component_facts *f, struct fake_entry *out)
{
    uint64_t lba = volume_start(f->component);
    uint8_t  wanted[SECTOR_BYTES];

    *out = entry_of(f, false);
    vbr_patch(f->boot_sector, f->fs, (uint32_t)lba, wanted);
    return add_patch(vd, lba, BPB_GEOMETRY, wanted + BPB_GEOMETRY, BPB_GEOMETRY_BYTES);
}

/* An entry of the real table: its own HiddenSectors are those of no other partition. */
static enum status add_real_entry(struct vdisk *vd, const struct mbr_entry *e, struct fake_entry *out)
{
    uint8_t own[BPB_HIDDEN_BYTES];

    *out = (struct fake_entry){ .type = e->type, .active = 0, .start = e->start, .sectors = e->sectors };
    wr_le32(own, e->start);
    return add_patch(vd, e->start, BPB_HIDDEN_SECTORS, own, sizeof own);
}

static enum status add_slot(struct vdisk *vd, const struct component_facts *facts, const struct slot *slot, size_t i,
                            struct fake_entry *out)
{
    switch (slot->kind) {
    case SLOT_FREE: case SLOT_HELD:
        return STATUS_OK;
    case SLOT_REAL: case SLOT_NAMED:
        return add_real_entry(vd, &slot->entry, out);
    case SLOT_FILLER: case SLOT_COVER:
        return add_filler(vd, i, out);
    case SLOT_VOLUME:
        break;
    }
    if (slot->volume != facts)
        return add_other_volume(vd, slot->volume, out);
    *out = entry_of(facts, true);
    return STATUS_OK;
}

/* The volume in memory, in the place of the entry in `slot`; the one that was active is not any more. */
static void put_system_entry(struct fake_entry entries[MBR_ENTRIES], size_t slot, const struct vdisk_extent *system)
{
    for (size_t i = 0; i < MBR_ENTRIES; i++)
        entries[i].active = 0;
    entries[slot] = (struct fake_entry){ .type = MBR_TYPE_FAT12, .active = 1, .start = (uint32_t)system->virtual_lba,
                                         .sectors = (uint32_t)system->sectors };
}

static enum status patch_sector0(struct vdisk *vd, const struct component_facts *facts, const struct lookup *lookup,
                                 const struct vdisk_extent *system)
{
    struct fake_entry entries[MBR_ENTRIES] = { { 0 } };
    size_t            spare = lookup ? slots_spare(&lookup->slots) : MBR_ENTRIES - 1;
    uint8_t           shown[SECTOR_BYTES];

    if (!lookup)
        entries[0] = entry_of(facts, true);
    for (size_t i = 0; lookup && i < MBR_ENTRIES; i++)
        if (!system || i != spare)
            TRY(add_slot(vd, facts, &lookup->slots.at[i], i, &entries[i]));
    if (system && spare == MBR_ENTRIES)
        return STATUS_NO_FREE_SLOT;
    if (system)
        put_system_entry(entries, spare, system);
    fakembr_make(facts->disk->sector0, entries, vd->heads, vd->sectors_per_track, shown);
    return add_patch(vd, 0, 0, shown, sizeof shown);
}

/* Geometry, HiddenSectors and drive number, in the first boot sector and in its backup. */
static enum status patch_boot_sectors(struct vdisk *vd, const struct component_facts *facts)
{
    const uint64_t copies[] = { 0, facts->backup_boot_sector };
    uint16_t       drive = vbr_drive_offset(facts->boot_sector, facts->fs);
    uint8_t        wanted[SECTOR_BYTES];

    vbr_patch(facts->boot_sector, facts->fs, (uint32_t)vd->volume_lba, wanted);
    for (size_t i = 0; i < (copies[1] ? 2u : 1u); i++) {
        TRY(add_patch(vd, vd->volume_lba + copies[i], BPB_GEOMETRY, wanted + BPB_GEOMETRY, BPB_GEOMETRY_BYTES));
        TRY(add_patch(vd, vd->volume_lba + copies[i], drive, wanted + drive, 1));
    }
    return STATUS_OK;
}

/* What the loaders' files say about disks. */
static enum status apply_lookup(struct vdisk *vd, const struct lookup *lookup)
{
    for (size_t i = 0; i < lookup->patch_count; i++) {
        const struct lookup_patch *p = &lookup->patches[i];

        TRY(add_patch(vd, vd->volume_lba + p->volume_sector, p->offset, p->bytes, p->len));
    }
    memcpy(vd->disks, lookup->disks, sizeof vd->disks);
    vd->disk_count = lookup->disk_count;
    return STATUS_OK;
}

/* The volume in memory, right behind the disk's end, where no read of the real disk leads. */
static enum status append_system(struct vdisk *vd, struct block_device *system)
{
    if (!range_inside(vd->sectors, blk_sectors(system), UINT32_MAX))
        return STATUS_NO_ROOM_BEHIND;
    vd->start_lba = vd->sectors;
    return append_extent(vd, system, 0, blk_sectors(system));
}

/* `system`: NULL when the volume's own boot sector is started. */
static enum status build(const struct boot_plan *plan, struct block_device *system, struct vdisk *out)
{
    const struct component_facts *facts = plan->chosen.facts;
    struct vdisk                  vd = { .heads = 0 };

    if (!facts)
        return STATUS_COMPONENT_UNREADABLE;
    TRY(facts->status);
    TRY(bios_presentable(facts->component));

    vd.volume_lba = vd.start_lba = volume_start(facts->component);
    vd.volume_sectors = facts->component->volume->sectors;
    vd.heads = facts->heads;
    vd.sectors_per_track = facts->sectors_per_track;
    TRY(lay_out(&vd, facts));
    if (system)
        TRY(append_system(&vd, system));
    TRY(patch_sector0(&vd, facts, plan->chosen.lookup, system ? &vd.extents[vd.extent_count - 1] : NULL));
    add_spares(&vd, plan);
    TRY(patch_boot_sectors(&vd, facts));
    if (plan->chosen.lookup)
        TRY(apply_lookup(&vd, plan->chosen.lookup));
    *out = vd;
    return STATUS_OK;
}

enum status vdisk_build(const struct boot_plan *plan, struct vdisk *out)
{
    return build(plan, NULL, out);
}

enum status vdisk_build_with_system(const struct boot_plan *plan, struct block_device *system, struct vdisk *out)
{
    return build(plan, system, out);
}

/* ---- reading, as the resident hook does it */

/* The first of `count` extents that holds the sector; NULL: none. */
static const struct vdisk_extent *find_extent(const struct vdisk_extent *extents, size_t count, uint64_t lba)
{
    for (size_t i = 0; i < count; i++)
        if (lba >= extents[i].virtual_lba && lba - extents[i].virtual_lba < extents[i].sectors)
            return &extents[i];
    return NULL;
}

static enum status read_extent(const struct vdisk_extent *e, uint64_t lba, uint32_t sectors, uint8_t *out)
{
    return blk_read_sectors(e->dev, e->lba + (lba - e->virtual_lba), sectors, out);
}

/* Sector by sector, each from the half that can read it. */
static enum status read_from_both(const struct vdisk *vd, const struct vdisk_extent *e, uint64_t lba, uint32_t sectors,
                                  uint8_t *out)
{
    for (; sectors > 0; lba++, sectors--, out += SECTOR_BYTES) {
        const struct vdisk_extent *spare = find_extent(vd->extents + vd->extent_count, vd->spare_count, lba);
        enum status                st = read_extent(e, lba, 1, out);

        if (st != STATUS_OK && (!spare || read_extent(spare, lba, 1, out) != STATUS_OK))
            return st;
    }
    return STATUS_OK;
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
        const struct vdisk_extent *e = find_extent(vd->extents, vd->extent_count, lba + done);
        uint8_t                   *to = out + (size_t)done * SECTOR_BYTES;
        uint64_t                   left;
        uint32_t                   step;
        enum status                st;

        if (!e)
            return STATUS_READ_OUT_OF_RANGE;
        left = e->sectors - (lba + done - e->virtual_lba);
        step = left < sectors - done ? (uint32_t)left : sectors - done;
        st = read_extent(e, lba + done, step, to);
        if (st != STATUS_OK && vd->spare_count > 0)
            st = read_from_both(vd, e, lba + done, step, to);
        TRY(st);
        done += step;
    }
    apply_patches(vd, lba, sectors, out);
    return STATUS_OK;
}
