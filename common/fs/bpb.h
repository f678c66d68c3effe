/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bpb.h - a volume's boot sector: where its fields stand, BIOS parameter block and what NTFS and FAT32 add to it.
 *
 * Facts: FAT32 File System Specification (fatgen103), "Boot Sector and BPB Structure"; the linux-ntfs project's
 * documentation of $Boot.
 */
#ifndef LDMBOOT_FS_BPB_H
#define LDMBOOT_FS_BPB_H

#include "common/base/span.h"

#define BPB_JUMP              0x00
#define BPB_OEM               0x03
#define BPB_OEM_BYTES         8
#define BPB_SECTOR_BYTES      0x0b
#define BPB_CLUSTER_SECTORS   0x0d
#define BPB_RESERVED          0x0e
#define BPB_FATS              0x10
#define BPB_ROOT_ENTRIES      0x11
#define BPB_SECTORS_16        0x13
#define BPB_MEDIA             0x15
#define BPB_FAT_SECTORS_16    0x16  /* 0 on FAT32, and on NTFS */
#define BPB_SECTORS_PER_TRACK 0x18
#define BPB_HEADS             0x1a
#define BPB_HIDDEN_SECTORS    0x1c
#define BPB_SECTORS_32        0x20
#define BPB_DRIVE             0x24  /* NTFS, FAT12, FAT16; from here on FAT32 has its own fields, and NTFS has */
#define BPB_SIGNATURE         0x1fe  /* 55 AA */

/* FAT12 and FAT16 */
#define BPB_FAT_EXTENDED      0x26  /* 29h: the next three are there */
#define BPB_FAT_SERIAL        0x27
#define BPB_FAT_LABEL         0x2b
#define BPB_FAT_KIND          0x36

#define BPB_FAT32_FAT_SECTORS  0x24
#define BPB_FAT32_ROOT_CLUSTER 0x2c
#define BPB_FAT32_FSINFO       0x30
#define BPB_FAT32_BACKUP       0x32
#define BPB_FAT32_DRIVE        0x40

#define BPB_NTFS_SECTORS       0x28
#define BPB_NTFS_MFT           0x30
#define BPB_NTFS_MFT_MIRROR    0x38
#define BPB_NTFS_RECORD_SIZE   0x40

/* FAT32, or another FAT? As Windows and Linux tell it: FAT32 is what has no 16-bit FAT size. `sector` is a FAT's. */
static inline bool bpb_is_fat32(struct span sector)
{
    return rd_le16(sector, BPB_FAT_SECTORS_16) == 0;
}

static inline bool bpb_oem_is(struct span sector, const char oem[BPB_OEM_BYTES])
{
    return span_starts_with(span_sub(sector, BPB_OEM, BPB_OEM_BYTES), oem, BPB_OEM_BYTES);
}

/* Encrypted by BitLocker: there is a boot sector, but nothing behind it can be looked at. */
static inline bool bpb_is_bitlocker(struct span sector)
{
    return bpb_oem_is(sector, "-FVE-FS-");
}

#endif
