/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fat_volume.c - FAT12, FAT16 and FAT32, read only: the boot sector and the chains of
 * clusters. FSInfo and "dirty" bits are of no interest to a reader.
 */
#include "fat_volume.h"

#include "common/base/checked.h"
#include "common/base/mem.h"
#include "bpb.h"
#include "bytes.h"

#define FAT_WINDOW_BYTES      0x1000u  /* of the FAT: 1024 entries of FAT32, 2048 of FAT16 */

_Static_assert(FAT_WINDOW_BYTES + FAT_DIRECTORY_WINDOW <= FS_WINDOW_BYTES, "both windows fit into the shared one");

#define MIN_SECTOR_SHIFT      9
#define MAX_SECTOR_SHIFT      12
#define MAX_CLUSTER_SECTORS_SHIFT 7
#define ENTRY_BYTES_SHIFT     5
#define FIRST_CLUSTER         2u
#define FAT12_MAX_CLUSTERS    4084u

/* Hard disks F8, removable F0, and the floppies' F9 to FF. */
static bool is_media(uint8_t media)
{
    return media == 0xf0 || media >= 0xf8;
}

/* Bits of a FAT entry. */
static unsigned fat_bits(struct span s, uint32_t cluster_count)
{
    if (bpb_is_fat32(s))
        return 32;
    return cluster_count <= FAT12_MAX_CLUSTERS ? 12 : 16;
}

/* Positions of FAT, root directory and clusters, in that order on the volume. */
static bool decode_boot_sector(struct span s, struct fat_volume *out)
{
    int sector = log2_between(rd_le16(s, BPB_SECTOR_BYTES), MIN_SECTOR_SHIFT, MAX_SECTOR_SHIFT);
    int per_cluster = log2_between(rd_u8(s, BPB_CLUSTER_SECTORS), 0, MAX_CLUSTER_SECTORS_SHIFT);
    uint64_t reserved = rd_le16(s, BPB_RESERVED), fats = rd_u8(s, BPB_FATS), sectors = rd_le16(s, BPB_SECTORS_16);
    uint64_t fat_sectors = rd_le16(s, BPB_FAT_SECTORS_16), bytes;
    struct fat_volume v = { 0 };

    if (sector < 0 || per_cluster < 0 || reserved == 0 || fats < 1 || fats > 2 || !is_media(rd_u8(s, BPB_MEDIA)))
        return false;
    if (sectors == 0)
        sectors = rd_le32(s, BPB_SECTORS_32);
    if (fat_sectors == 0)
        fat_sectors = rd_le32(s, BPB_FAT32_FAT_SECTORS);
    v.cluster_shift = (unsigned)(sector + per_cluster);
    v.fat = reserved << sector;
    v.fat_bytes = fat_sectors << sector;
    v.fat_copies = (unsigned)fats;
    v.root = v.fat + fats * v.fat_bytes;
    v.root_bytes = (uint64_t)rd_le16(s, BPB_ROOT_ENTRIES) << ENTRY_BYTES_SHIFT;
    v.data = v.root + ((v.root_bytes + ((uint64_t)1 << sector) - 1) >> sector << sector);
    bytes = sectors << sector;
    if (fat_sectors == 0 || v.data >= bytes)
        return false;
    v.cluster_count = (uint32_t)((bytes - v.data) >> v.cluster_shift);
    v.bits = fat_bits(s, v.cluster_count);
    if (v.bits == 32)
        v.root_cluster = rd_le32(s, BPB_FAT32_ROOT_CLUSTER);
    *out = v;
    return v.cluster_count > 0 && (v.bits == 32) == (v.root_bytes == 0);
}

bool fat_identify(const uint8_t sector[512])
{
    struct fat_volume v;

    return decode_boot_sector(span_of(sector, SECTOR_BYTES), &v);
}

enum status fat_open(struct block_device *dev, const uint8_t boot_sector[512], struct fs_window *window,
                     struct fat_volume *out)
{
    struct fat_volume vol;

    if (!decode_boot_sector(span_of(boot_sector, SECTOR_BYTES), &vol))
        return STATUS_FS_UNKNOWN;
    vol.dev = dev;
    vol.shared = window;
    vol.number = fs_window_join(window);
    vol.fat_window = window->bytes;
    vol.directory_window = window->bytes + FAT_WINDOW_BYTES;
    *out = vol;
    return STATUS_OK;
}

void fat_take_window(struct fat_volume *vol)
{
    if (!fs_window_take(vol->shared, vol->number))
        vol->fat_window_bytes = 0;
}

/* Have `len` bytes of the FAT from `start` in the window: from the first copy that can be read. */
static enum status load_fat(struct fat_volume *vol, uint64_t start, uint32_t len)
{
    uint64_t sector_start = start & ~(uint64_t)(SECTOR_BYTES - 1), left = vol->fat_bytes - sector_start;
    enum status st = STATUS_FS_DAMAGED;

    if (!range_inside(start, len, vol->fat_bytes))
        return STATUS_FS_DAMAGED;
    fat_take_window(vol);
    if (start >= vol->fat_window_start && range_inside(start - vol->fat_window_start, len, vol->fat_window_bytes))
        return STATUS_OK;
    vol->fat_window_start = sector_start;
    vol->fat_window_bytes = 0;
    len = left < FAT_WINDOW_BYTES ? (uint32_t)left : FAT_WINDOW_BYTES;
    for (unsigned copy = 0; copy < vol->fat_copies && st != STATUS_OK; copy++)
        st = dev_read_bytes(vol->dev, vol->fat + copy * vol->fat_bytes + sector_start, vol->fat_window, len);
    if (st == STATUS_OK)
        vol->fat_window_bytes = len;
    return st;
}

static bool is_cluster(const struct fat_volume *vol, uint32_t cluster)
{
    return cluster >= FIRST_CLUSTER && cluster - FIRST_CLUSTER < vol->cluster_count;
}

/* Where the FAT has the entry of a cluster, in how many bytes, and which of their bits it is. */
struct fat_entry {
    uint64_t position;
    uint32_t bytes, shift, mask;
};

static struct fat_entry entry_of(const struct fat_volume *vol, uint64_t cluster)
{
    switch (vol->bits) {
    case 12:
        return (struct fat_entry){ cluster + cluster / 2, 2, cluster & 1 ? 4 : 0, 0xfff };
    case 16:
        return (struct fat_entry){ 2 * cluster, 2, 0, 0xffff };
    default:
        return (struct fat_entry){ 4 * cluster, 4, 0, 0x0fffffff };
    }
}

/* The cluster after this one; 0 at the end of the chain. */
static enum status next_cluster(struct fat_volume *vol, uint32_t cluster, uint32_t *next)
{
    struct fat_entry e = entry_of(vol, cluster);
    struct span window;
    uint32_t value;

    TRY(load_fat(vol, e.position, e.bytes));
    window = span_of(vol->fat_window, vol->fat_window_bytes);
    value = (uint32_t)rd_le(window, (size_t)(e.position - vol->fat_window_start), e.bytes) >> e.shift & e.mask;
    if (value >= (e.mask & ~7u)) {  /* ...F8 to ...FF */
        *next = 0;
        return STATUS_OK;
    }
    if (!is_cluster(vol, value))
        return STATUS_FS_DAMAGED;
    *next = value;
    return STATUS_OK;
}

/*
 * The cluster of a chain with this index; 0 when the chain ends before it.
 * At most `index` steps, and that is less than the number of clusters: a chain
 * that runs in a circle ends there.
 */
static enum status cluster_at(struct fat_volume *vol, struct fat_file *file, uint32_t index, uint32_t *cluster)
{
    if (!is_cluster(vol, file->first_cluster) || index >= vol->cluster_count)
        return STATUS_FS_DAMAGED;
    if (file->known_cluster == 0 || index < file->known_index) {
        file->known_index = 0;
        file->known_cluster = file->first_cluster;
    }
    while (file->known_index < index) {
        uint32_t next;

        TRY(next_cluster(vol, file->known_cluster, &next));
        if (next == 0) {
            *cluster = 0;
            return STATUS_OK;
        }
        file->known_cluster = next;
        file->known_index++;
    }
    *cluster = file->known_cluster;
    return STATUS_OK;
}

static enum status place_in_root(const struct fat_volume *vol, uint64_t off, uint64_t *position, uint64_t *bytes)
{
    *position = vol->root + off;
    *bytes = off < vol->root_bytes ? vol->root_bytes - off : 0;
    return STATUS_OK;
}

enum status fat_place(struct fat_volume *vol, struct fat_file *file, uint64_t off, uint64_t want, uint64_t *position,
                      uint64_t *bytes)
{
    uint64_t index = off >> vol->cluster_shift, into = off - (index << vol->cluster_shift), left;
    uint32_t cluster, last, next;

    if (file->first_cluster == 0 && vol->bits != 32)
        return place_in_root(vol, off, position, bytes);
    if (index > UINT32_MAX)
        return STATUS_FS_DAMAGED;
    TRY(cluster_at(vol, file, (uint32_t)index, &cluster));
    *bytes = 0;
    if (cluster == 0)
        return STATUS_OK;

    left = ((uint64_t)1 << vol->cluster_shift) - into;
    for (last = cluster; left < want; last = next) {  /* ends at the last cluster of the volume at the latest */
        if (next_cluster(vol, last, &next) != STATUS_OK || next != last + 1)
            break;  /* a broken link is found, and said, by who wants what is behind it */
        left += (uint64_t)1 << vol->cluster_shift;
        file->known_index++;
        file->known_cluster = next;
    }
    *position = vol->data + ((uint64_t)(cluster - FIRST_CLUSTER) << vol->cluster_shift) + into;
    *bytes = left;
    return STATUS_OK;
}
