/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hooktab.c - from a virtual disk to the tables of the resident hook.
 *
 * No firmware in it.
 * Facts: docs/windows-boot.md, "The hook and the overlay": drive map, geometry trap.
 */
#include "hook.h"

#include "common/base/div64.h"
#include "common/base/mem.h"

#define ONE_MIB       0x100000u
#define MAX_CYLINDERS 1024u
#define MAX_HEADS     256u  /* what AH=08 can say; sectors per track: 63 */
#define MAX_SECTORS   63u

/* Flags of AH=48. */
#define DMA_ANYWHERE   0x0001u  /* a transfer may cross 64 KiB */
#define GEOMETRY_VALID 0x0002u

static const struct hook_drive *find_drive(const struct hook_drive *drives, size_t n, const struct block_device *dev)
{
    for (size_t i = 0; i < n; i++)
        if (drives[i].dev == dev)
            return &drives[i];
    return NULL;
}

/* The caller's number for a drive: its place in the map, where it is put at the end when it is not there yet. */
static void show_drive(struct hook_tables *t, uint8_t drive)
{
    if (drive == HOOK_MEMORY)
        return;
    for (unsigned i = 0; i < t->drives_shown; i++)
        if (t->drive_map[i] == drive)
            return;
    t->drive_map[t->drives_shown++] = drive;
}

/* The part of a stretch that 32-bit sector numbers reach. */
static uint32_t reachable(uint64_t start, uint64_t sectors)
{
    if (start >= UINT32_MAX)
        return 0;
    return sectors > UINT32_MAX - start ? (uint32_t)(UINT32_MAX - start) : (uint32_t)sectors;
}

static enum status make_extent(const struct vdisk_extent *e, const struct hook_drive *d, struct hook_extent *out)
{
    uint32_t sectors = reachable(e->virtual_lba, e->sectors);

    if (!d || d->max_blocks == 0 ||
        (d->drive != HOOK_MEMORY && !d->has_edd && (d->chs_sectors == 0 || d->chs_heads == 0)))
        return STATUS_INTERNAL;
    if (e->dev->block_size != SECTOR_BYTES)
        return STATUS_BIOS_BLOCK_SIZE;
    *out = (struct hook_extent){
        .virtual_lba = sectors ? (uint32_t)e->virtual_lba : 0, .sectors = sectors,
        .lba = e->lba + d->address / SECTOR_BYTES, .drive = d->drive,
        .has_edd = d->has_edd, .chs_sectors = d->chs_sectors, .chs_heads = d->chs_heads,
        .max_blocks = d->max_blocks,
    };
    return STATUS_OK;
}

/* The drives of spare extents stay hidden: Windows's loaders would find the volume twice. */
static enum status add_extents(struct hook_tables *t, const struct vdisk *vd, const struct hook_drive *drives, size_t n)
{
    for (size_t i = 0; i < vd->extent_count + vd->spare_count; i++) {
        const struct hook_drive *d = find_drive(drives, n, vd->extents[i].dev);

        TRY(make_extent(&vd->extents[i], d, &t->extents[i]));
        if (i < vd->extent_count)
            show_drive(t, d->drive);
    }
    t->extent_count = (uint16_t)vd->extent_count;
    t->spare_count = (uint16_t)vd->spare_count;
    return t->extent_count ? STATUS_OK : STATUS_INTERNAL;
}

static enum status show_disks(struct hook_tables *t, const struct vdisk *vd, const struct hook_drive *drives, size_t n)
{
    for (size_t i = 0; i < vd->disk_count; i++) {
        const struct hook_drive *d = find_drive(drives, n, vd->disks[i]);

        if (!d)
            return STATUS_INTERNAL;
        show_drive(t, d->drive);
    }
    return STATUS_OK;
}

static enum status add_patches(struct hook_tables *t, const struct vdisk *vd)
{
    for (size_t i = 0; i < vd->patch_count; i++) {
        const struct vdisk_patch *p = &vd->patches[i];

        if (p->lba > UINT32_MAX)
            return STATUS_VOLUME_BEYOND_2TIB;
        t->patches[t->patch_count++] = (struct hook_patch){ (uint32_t)p->lba, p->offset, p->len, p->data };
    }
    memcpy(t->patch_data, vd->patch_data, vd->patch_data_len);
    return STATUS_OK;
}

/* What AH=48 answers: the geometry of AH=08 and the disk's whole size. */
static void set_parameters(struct hook_tables *t, uint32_t cylinders, uint32_t heads, uint32_t sectors, uint64_t all)
{
    t->parameters = (struct hook_parameters){
        .bytes = sizeof t->parameters, .flags = DMA_ANYWHERE | GEOMETRY_VALID, .cylinders = cylinders, .heads = heads,
        .sectors_per_track = sectors, .sectors = all, .sector_bytes = SECTOR_BYTES,
    };
}

/* What AH=08 answers: the volume's heads and sectors per track, and as many cylinders as fit. */
static void set_geometry(struct hook_tables *t, const struct vdisk *vd)
{
    uint32_t heads = vd->heads, sectors = vd->sectors_per_track;
    uint64_t cylinders;

    if (heads == 0 || heads > MAX_HEADS || sectors == 0 || sectors > MAX_SECTORS) {
        heads = 255;
        sectors = MAX_SECTORS;
    }
    cylinders = div_u64(vd->sectors, heads * sectors, NULL);
    if (cylinders > MAX_CYLINDERS)
        cylinders = MAX_CYLINDERS;
    set_parameters(t, cylinders ? (uint32_t)cylinders : 1, heads, sectors, vd->sectors);
    if (cylinders > 0)
        cylinders--;  /* the last one's number */
    t->geometry_cx = (uint16_t)((cylinders & 0xff) << 8 | (cylinders >> 2 & 0xc0) | sectors);
    t->last_head = (uint8_t)(heads - 1);
    t->sectors_per_track = (uint8_t)sectors;
}

/* The lesser of what the BIOS says and what lies below `end`, both counted from `start` in units of `unit` bytes. */
static uint16_t size_below(uint16_t bios, uint32_t start, uint32_t end, uint32_t unit)
{
    uint32_t units = end > start ? (end - start) / unit : 0;

    return units < bios ? (uint16_t)units : bios;
}

void hook_tables_hide_memory(struct hook_tables *t, const struct memory_size *bios, uint32_t base, uint32_t end)
{
    t->memory_base = base;
    t->memory_end = end;
    t->kib_to_16m = size_below(bios->kib_to_16m, ONE_MIB, base, 1024);
    t->blocks_from_16m = end <= 16 * ONE_MIB ? bios->blocks_from_16m :
                                               size_below(bios->blocks_from_16m, 16 * ONE_MIB, base, 65536);
    t->kib_by_88 = size_below(bios->kib_by_88, ONE_MIB, base, 1024);
}

enum status hook_tables_make(const struct vdisk *vd, const struct hook_drive *drives, size_t n,
                             struct hook_tables *out)
{
    memset(out, 0, sizeof *out);
    TRY(add_extents(out, vd, drives, n));
    TRY(show_disks(out, vd, drives, n));
    TRY(add_patches(out, vd));
    set_geometry(out, vd);
    return STATUS_OK;
}
