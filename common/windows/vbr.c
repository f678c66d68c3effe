/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vbr.c - see vbr.h. */
#include "vbr.h"

#include "common/base/mem.h"
#include "common/fs/bpb.h"

#define FIRST_HARD_DISK        0x80
#define MAX_SECTORS_PER_TRACK  63u   /* INT 13h has 6 bits for the sector */
#define MAX_HEADS              255u  /* 256 make DOS's and Windows's old loaders fail */

static bool is_fat32(struct span sector, enum fs_kind kind)
{
    return kind == FS_FAT && bpb_is_fat32(sector);
}

/* Half a geometry is none: when one number is nonsense the other is not believed either. */
struct vbr_geometry vbr_geometry(const uint8_t sector[512])
{
    struct span s = span_of(sector, SECTOR_BYTES);
    struct vbr_geometry g = { rd_le16(s, BPB_SECTORS_PER_TRACK), rd_le16(s, BPB_HEADS) };

    if (g.sectors_per_track < 1 || g.sectors_per_track > MAX_SECTORS_PER_TRACK || g.heads < 1 || g.heads > MAX_HEADS)
        return (struct vbr_geometry){ MAX_SECTORS_PER_TRACK, MAX_HEADS };
    return g;
}

uint16_t vbr_drive_offset(const uint8_t sector[512], enum fs_kind kind)
{
    return is_fat32(span_of(sector, SECTOR_BYTES), kind) ? BPB_FAT32_DRIVE : BPB_DRIVE;
}

void vbr_patch(const uint8_t sector[512], enum fs_kind kind, uint32_t hidden_sectors, uint8_t out[512])
{
    struct vbr_geometry g = vbr_geometry(sector);

    memmove(out, sector, SECTOR_BYTES);
    if (kind == FS_NONE)
        return;
    wr_le16(out + BPB_SECTORS_PER_TRACK, g.sectors_per_track);
    wr_le16(out + BPB_HEADS, g.heads);
    wr_le32(out + BPB_HIDDEN_SECTORS, hidden_sectors);
    out[vbr_drive_offset(sector, kind)] = FIRST_HARD_DISK;
}

/* Blocks of 512 bytes in one of the file system's own sectors; 1 when the BPB talks nonsense. */
static uint32_t sector_size_in_512(struct span s)
{
    uint16_t bytes = rd_le16(s, BPB_SECTOR_BYTES);

    return bytes == 4096 || bytes == 2048 || bytes == 1024 ? bytes / SECTOR_BYTES : 1;
}

uint64_t vbr_backup_sector(enum fs_kind kind, const uint8_t sector[512], uint64_t volume_sectors)
{
    struct span s = span_of(sector, SECTOR_BYTES);
    uint32_t unit = sector_size_in_512(s);
    uint16_t backup = rd_le16(s, BPB_FAT32_BACKUP);

    if (kind == FS_NTFS)
        return volume_sectors > unit ? volume_sectors - unit : 0;
    if (!is_fat32(s, kind) || backup >= rd_le16(s, BPB_RESERVED))
        return 0;
    return (uint64_t)backup * unit;
}
