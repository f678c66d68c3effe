/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hooktab.c - the tables of the resident hook.
 *
 * Sources: bios/hooktab.c
 * Assumes: what vdisk.h promises: at most so many extents, spares, patches, disks and bytes of patches as its arrays have; positions and sizes of any value; 24 drives.
 */
#include "proof.h"

#include "../hook.h"

static struct vdisk       vd;
static struct hook_tables tables;
static struct block_device devs[HOOK_MAX_DRIVES];

int main(void)
{
    struct hook_drive  drives[HOOK_MAX_DRIVES];
    struct memory_size bios = { (uint16_t)any_u32(), (uint16_t)any_u32(), (uint16_t)any_u32() };

    for (unsigned i = 0; i < HOOK_MAX_DRIVES; i++) {
        devs[i].block_size = any_u32();
        drives[i] = (struct hook_drive){ &devs[i], any_u8(), any_bool(), (uint16_t)any_u32(), any_u8(), any_u8(), any_u32() };
    }
    for (unsigned i = 0; i < VDISK_MAX_EXTENTS; i++)
        vd.extents[i] = (struct vdisk_extent){ any_u64(), any_u64(), &devs[up_to(HOOK_MAX_DRIVES - 1)], any_u64() };
    for (unsigned i = 0; i < VDISK_MAX_PATCHES; i++)
        vd.patches[i] = (struct vdisk_patch){ any_u64(), (uint16_t)any_u32(), (uint16_t)any_u32(), (uint16_t)any_u32() };
    for (unsigned i = 0; i < LOOKUP_MAX_DISKS; i++)
        vd.disks[i] = &devs[up_to(HOOK_MAX_DRIVES - 1)];
    any_bytes(vd.patch_data, sizeof vd.patch_data);
    vd.sectors = any_u64();
    vd.heads = (uint16_t)any_u32();
    vd.sectors_per_track = (uint16_t)any_u32();
    vd.patch_count = up_to(VDISK_MAX_PATCHES);
    vd.patch_data_len = up_to(VDISK_PATCH_BYTES);
    vd.disk_count = up_to(LOOKUP_MAX_DISKS);
    vd.spare_count = up_to(2);
    vd.extent_count = up_to(VDISK_MAX_EXTENTS - 2);
    if (hook_tables_make(&vd, drives, HOOK_MAX_DRIVES, &tables) != STATUS_OK)
        return 0;
    hook_tables_hide_memory(&tables, &bios, any_u32(), any_u32());
    return tables.extent_count;
}
