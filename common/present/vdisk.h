/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vdisk.h - the disk that Windows's loaders will see: extents of real disks, and
 * patches over what a read of them returns. Nothing of it is ever written to a disk.
 *
 * bios/ turns it into the tables of the resident INT 13h hook. Facts: windows-boot.md, "The hook and the overlay".
 */
#ifndef LDMBOOT_VDISK_H
#define LDMBOOT_VDISK_H

#include "common/decide/plan.h"
#include "common/decide/presentable.h"

#define VDISK_MAX_EXTENTS (PRESENTABLE_MAX_EXTENTS + 4)  /* the half's, and the disk's head and tail, sector 0, boot sector */
#define VDISK_MAX_PATCHES 48
#define VDISK_PATCH_BYTES 800   /* of all patches together; equal bytes are kept once */

struct vdisk_extent {
    uint64_t             virtual_lba;  /* sectors, on the virtual disk */
    uint64_t             sectors;
    struct block_device *dev;
    uint64_t             lba;          /* sectors, on dev */
};

struct vdisk_patch {
    uint64_t lba;      /* sector of the virtual disk */
    uint16_t offset;   /* in that sector */
    uint16_t len;      /* offset + len <= 512 */
    uint16_t data;     /* index into vdisk.patch_data */
};

struct vdisk {
    uint64_t            sectors;       /* size that Windows sees */
    uint64_t            volume_lba;    /* where the volume (its boot sector) begins on the virtual disk */
    uint64_t            volume_sectors;
    uint64_t            start_lba;     /* the boot sector that is started, or that a loader finds in memory: the volume's */
    uint16_t            heads, sectors_per_track;  /* the BPB's: AH=08 answers these */
    struct vdisk_extent extents[VDISK_MAX_EXTENTS];
    size_t              extent_count;
    size_t              spare_count;   /* extents behind those: where sectors that cannot be read are as well */
    struct vdisk_patch  patches[VDISK_MAX_PATCHES];
    size_t              patch_count;
    uint8_t             patch_data[VDISK_PATCH_BYTES];
    size_t              patch_data_len;
    struct block_device *disks[LOOKUP_MAX_DISKS];  /* whole disks that are seen behind this one, as they are */
    size_t              disk_count;
};

/*
 * Build the virtual disk for a plan whose result is BOOT (or a candidate that a
 * person chose): for BIOS the whole disk with sector 0 and the boot sectors
 * (first, NTFS backup, FAT32 backup) put right, and what plan->chosen.lookup asks for. Where
 * plan_spare() names another half of a volume that is shown, its sectors stand in for those that
 * cannot be read; a spare that a BIOS could not be given, or that has too many pieces, is left out.
 * Returns OK, VOLUME_BEYOND_2TIB, VDISK_TOO_COMPLEX, or the component's own refusal.
 */
NODISCARD enum status vdisk_build(const struct boot_plan *plan, struct vdisk *out);

/*
 * The same for METHOD_BIOS_RAM: `system`, a volume in memory, follows behind the disk's end and is the active entry, in a
 * slot that moves no number; out->start_lba is its place.
 * Also: NO_ROOM_BEHIND, NO_FREE_SLOT.
 */
NODISCARD enum status vdisk_build_with_system(const struct boot_plan *plan, struct block_device *system,
                                              struct vdisk *out);

/* Read sectors of the virtual disk, as the resident hook does: the other half's where needed, patches applied. */
NODISCARD enum status vdisk_read(const struct vdisk *vd, uint64_t lba, uint32_t sectors, void *buf);

#endif
