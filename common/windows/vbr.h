/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vbr.h - a volume's boot sector: is it one, and what must be put right in it
 * before Windows's boot code can run from a place the BIOS knows nothing of.
 *
 * Facts: windows-boot.md, "Boot sectors".
 */
#ifndef LDMBOOT_VBR_H
#define LDMBOOT_VBR_H

#include <stdbool.h>
#include <stdint.h>

#include "common/fs/fs.h"

struct vbr_geometry {
    uint16_t sectors_per_track, heads;
};

/* BPB 0x18 and 0x1A; 63 and 255 when they are nonsense (0, or out of CHS range). */
struct vbr_geometry vbr_geometry(const uint8_t sector[512]);

/* Where the boot sector keeps the drive number: FAT32 has another place than NTFS and the smaller FATs. */
uint16_t vbr_drive_offset(const uint8_t sector[512], enum fs_kind kind);

/*
 * A copy of the boot sector with HiddenSectors, drive number (80h) and geometry put right.
 */
void vbr_patch(const uint8_t sector[512], enum fs_kind kind, uint32_t hidden_sectors, uint8_t out[512]);

/* Sector of the volume that holds the backup boot sector: last one (NTFS, `volume_sectors` - 1), BPB 0x32 (FAT32); 0: none. */
uint64_t vbr_backup_sector(enum fs_kind kind, const uint8_t sector[512], uint64_t volume_sectors);

#endif
