/* SPDX-License-Identifier: GPL-2.0-or-later */
/* presentable.c - see presentable.h. */
#include "presentable.h"

#include "common/base/checked.h"

#define BIOS_SECTOR_LIMIT ((uint64_t)1 << 32)

/* On the virtual disk the extents follow one another, from where the first one begins. */
static bool ends_in_reach(const struct ldm_component *component)
{
    return range_inside(component->extents[0].lba, component->volume->sectors, BIOS_SECTOR_LIMIT);
}

enum status bios_presentable(const struct ldm_component *component)
{
    if (!component->present || component->layout != LAYOUT_CONCAT || component->extent_count == 0)
        return STATUS_COMPONENT_UNREADABLE;
    if (component->extent_count > PRESENTABLE_MAX_EXTENTS)
        return STATUS_VDISK_TOO_COMPLEX;
    if (!ends_in_reach(component))
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
