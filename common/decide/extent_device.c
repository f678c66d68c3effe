/* SPDX-License-Identifier: GPL-2.0-or-later */
/* extent_device.c - see extent_device.h. Extents are in volume order and without gaps (view.h). */
#include "extent_device.h"

#include "common/base/checked.h"
#include "common/base/mem.h"

#define BLOCK_4K          4096u
#define SECTORS_PER_4K    8u
#define MAX_FAILURES      8u

static bool is_4k_aligned(const struct ldm_extent *e)
{
    return e->disk->dev->block_size == BLOCK_4K &&
           ((e->lba | e->sectors | e->volume_offset) & (SECTORS_PER_4K - 1)) == 0;
}

/* 4096 when everything allows it, so that who hands the device on shows what the disks are. */
static uint32_t common_block_size(const struct ldm_component *component)
{
    for (size_t i = 0; i < component->extent_count; i++)
        if (!is_4k_aligned(&component->extents[i]))
            return SECTOR_BYTES;
    return BLOCK_4K;
}

/* Sectors that the extents cover from 0 on without gap or overlap, all on connected disks; 0 when they do not. */
static uint64_t covered_sectors(const struct ldm_component *component)
{
    uint64_t end = 0;

    for (size_t i = 0; i < component->extent_count; i++) {
        const struct ldm_extent *e = &component->extents[i];

        if (!e->disk || !e->disk->dev || e->volume_offset != end || !add_u64(end, e->sectors, &end))
            return 0;
        if (!range_inside(e->lba, e->sectors, blk_sectors(e->disk->dev)))
            return 0;
    }
    return end;
}

/* Read a stretch of the volume, piece by piece where it crosses from one extent to the next. */
static enum status read_sectors(const struct ldm_component *component, uint64_t sector, uint64_t sectors, uint8_t *out)
{
    for (size_t i = 0; i < component->extent_count && sectors > 0; i++) {
        const struct ldm_extent *e = &component->extents[i];
        uint64_t into = sector - e->volume_offset, step;

        if (into >= e->sectors)
            continue;
        step = sectors < e->sectors - into ? sectors : e->sectors - into;
        TRY(blk_read_sectors(e->disk->dev, e->lba + into, (uint32_t)step, out));
        sector += step;
        sectors -= step;
        out += step * SECTOR_BYTES;
    }
    return sectors == 0 ? STATUS_OK : STATUS_READ_OUT_OF_RANGE;
}

static void change_places(struct extent_device *xd)
{
    const struct ldm_component *first = xd->component;

    xd->component = xd->spare;
    xd->spare = first;
    xd->failures = 0;
}

/* One block, or all of a request, from the half that can read it. */
static enum status read_block(struct extent_device *xd, uint64_t sector, uint32_t sectors, uint8_t *out)
{
    enum status st = read_sectors(xd->component, sector, sectors, out);

    if (st == STATUS_OK) {
        xd->failures = 0;
        return st;
    }
    if (read_sectors(xd->spare, sector, sectors, out) != STATUS_OK)
        return st;
    if (++xd->failures == MAX_FAILURES)
        change_places(xd);
    return STATUS_OK;
}

/* All at once; where that fails one block after the other: a bad sector must not cost its neighbours. */
static enum status read_from_both(struct extent_device *xd, uint64_t sector, uint64_t sectors, uint8_t *out)
{
    uint32_t per_block = xd->dev.block_size / SECTOR_BYTES, step;

    if (sectors > per_block && read_sectors(xd->component, sector, sectors, out) == STATUS_OK)
        return STATUS_OK;
    for (; sectors > 0; sector += step, sectors -= step, out += (size_t)step * SECTOR_BYTES) {
        step = per_block - (uint32_t)(sector & (per_block - 1));
        TRY(read_block(xd, sector, step, out));
    }
    return STATUS_OK;
}

static enum status extent_read(struct block_device *dev, uint64_t lba, uint32_t count, void *buf)
{
    struct extent_device *xd = (struct extent_device *)dev;
    uint32_t              per_block = dev->block_size / SECTOR_BYTES;
    uint64_t              sector = lba * per_block, sectors = (uint64_t)count * per_block;
    uint8_t              *out = buf;

    if (lba == 0 && xd->boot_sector) {
        memcpy(out, xd->boot_sector, SECTOR_BYTES);
        out += SECTOR_BYTES;
        sector++;
        sectors--;
    }
    if (!xd->spare)
        return read_sectors(xd->component, sector, sectors, out);
    return xd->whole ? read_block(xd, sector, (uint32_t)sectors, out) : read_from_both(xd, sector, sectors, out);
}

enum status extent_device_init(struct extent_device *xd, const struct ldm_component *component, const char *name)
{
    uint64_t sectors;
    uint32_t block_size;

    if (component->layout != LAYOUT_CONCAT || !component->present)
        return STATUS_COMPONENT_UNREADABLE;
    sectors = covered_sectors(component);
    if (sectors == 0)
        return STATUS_COMPONENT_UNREADABLE;
    block_size = common_block_size(component);
    *xd = (struct extent_device){ .component = component };
    xd->dev.name = name;
    xd->dev.block_size = block_size;
    xd->dev.block_count = block_size == BLOCK_4K ? sectors / SECTORS_PER_4K : sectors;
    xd->dev.never_given_up = true;
    xd->dev.read = extent_read;
    return STATUS_OK;
}

void extent_device_set_spare(struct extent_device *xd, const struct ldm_component *spare)
{
    bool fits = spare && spare->layout == LAYOUT_CONCAT && spare->present &&
                covered_sectors(spare) == covered_sectors(xd->component);

    xd->spare = fits ? spare : NULL;
}

void extent_device_set_boot_sector(struct extent_device *xd, const uint8_t *boot_sector)
{
    xd->boot_sector = boot_sector;
}
