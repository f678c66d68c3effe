/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntfs_volume.c - NTFS, read only: the boot sector and the MFT.
 *
 * Reads are few on purpose (a dying disk answers slowly): opening a volume reads the
 * first MFT records in one go, among them the MFT's own and the root directory's.
 */
#include "ntfs_volume.h"

#include "common/base/mem.h"
#include "bpb.h"
#include "bytes.h"
#include "ntfs_internal.h"

#define MIN_SECTOR_SHIFT     9
#define MAX_SECTOR_SHIFT     12
#define MAX_CLUSTER_SHIFT    21        /* 2 MiB, Windows's own limit */
#define MIN_RECORD_SHIFT     9
#define MAX_RECORD_SHIFT     12
#define MAX_SECTORS          ((uint64_t)1 << 50)

#define RECORD_MFT           0u
#define HEAD_RECORDS         6u        /* records 0 to 5: the MFT's own to the root's */
#define HEAD_MAX_BYTES       (HEAD_RECORDS << MAX_RECORD_SHIFT)

_Static_assert(HEAD_MAX_BYTES + NTFS_WINDOW_BYTES <= FS_WINDOW_BYTES, "head and window fit into the shared one");

/* Decoded boot sector. */
struct layout {
    unsigned sector_shift, cluster_shift, record_shift;
    uint64_t cluster_count, mft_lcn, mirror_lcn;
};

/* Sectors per cluster: the number itself up to 128, above 2^(256 - n) (Windows 10's clusters over 64 KiB). */
static int cluster_sectors_shift(uint8_t n)
{
    return n > 0x80 ? 256 - n : log2_between(n, 0, 7);
}

/* Size of an MFT record: so many clusters, or 2^-n bytes when it is negative. */
static int record_size_shift(uint8_t n, unsigned cluster_shift)
{
    int clusters;

    if (n >= 0x80)
        return 256 - n;
    clusters = log2_between(n, 0, 6);
    return clusters < 0 ? -1 : clusters + (int)cluster_shift;
}

static bool decode_boot_sector(struct span s, struct layout *out)
{
    int sector = log2_between(rd_le16(s, BPB_SECTOR_BYTES), MIN_SECTOR_SHIFT, MAX_SECTOR_SHIFT);
    int per_cluster = cluster_sectors_shift(rd_u8(s, BPB_CLUSTER_SECTORS)), record;
    uint64_t sectors = rd_le64(s, BPB_NTFS_SECTORS);
    struct layout l = { 0 };

    if (sector < 0 || per_cluster < 0 || sector + per_cluster > MAX_CLUSTER_SHIFT)
        return false;
    l.sector_shift = (unsigned)sector;
    l.cluster_shift = (unsigned)(sector + per_cluster);
    record = record_size_shift(rd_u8(s, BPB_NTFS_RECORD_SIZE), l.cluster_shift);
    if (record < MIN_RECORD_SHIFT || record > MAX_RECORD_SHIFT || sectors > MAX_SECTORS)
        return false;
    l.record_shift = (unsigned)record;
    l.cluster_count = sectors >> per_cluster;
    l.mft_lcn = rd_le64(s, BPB_NTFS_MFT);
    l.mirror_lcn = rd_le64(s, BPB_NTFS_MFT_MIRROR);
    *out = l;
    return l.mft_lcn < l.cluster_count;
}

bool ntfs_identify(const uint8_t sector[512])
{
    struct span s = span_of(sector, 512);
    struct layout l;

    if (!bpb_oem_is(s, "NTFS    "))
        return false;
    /* fields of FAT's, which must be 0 */
    if (rd_u8(s, BPB_FATS) || rd_le16(s, BPB_SECTORS_16) || rd_le16(s, BPB_FAT_SECTORS_16))
        return false;
    return decode_boot_sector(s, &l);
}

/* The first records of the MFT in one read; without it (a bad sector) they are read one by one. */
static void read_head(struct ntfs_volume *vol, const struct layout *l)
{
    uint32_t bytes = HEAD_RECORDS << l->record_shift;

    vol->number = fs_window_join(vol->shared);
    vol->head = vol->shared->bytes;
    vol->window = vol->shared->bytes + HEAD_MAX_BYTES;
    if (dev_read_bytes(vol->dev, l->mft_lcn << l->cluster_shift, vol->head, bytes) == STATUS_OK)
        vol->head_bytes = bytes;
}

static enum status read_record_at(struct ntfs_volume *vol, uint64_t position, uint8_t *record)
{
    TRY(dev_read_bytes(vol->dev, position, record, vol->record_bytes));
    return ntfs_fix_up(record, vol->record_bytes, "FILE");
}

/* The MFT's own record: the first one of the MFT, or of $MFTMirr when that is bad. */
static enum status read_mft_record(struct ntfs_volume *vol, const struct layout *l, uint8_t *record)
{
    if (vol->head_bytes > 0) {
        memcpy(record, vol->head, vol->record_bytes);
        if (ntfs_fix_up(record, vol->record_bytes, "FILE") == STATUS_OK)
            return STATUS_OK;
    } else if (read_record_at(vol, l->mft_lcn << l->cluster_shift, record) == STATUS_OK) {
        return STATUS_OK;
    }
    if (l->mirror_lcn >= l->cluster_count)
        return STATUS_FS_DAMAGED;
    TRY(read_record_at(vol, l->mirror_lcn << l->cluster_shift, record));
    vol->mft_mirror_used = true;
    return STATUS_OK;
}

/* The head serves instead of further reads only as far as the MFT begins with it, in one piece. */
static void check_head(struct ntfs_volume *vol, const struct layout *l)
{
    struct ntfs_place place;

    if (ntfs_stream_place(vol, &vol->mft, 0, &place) != STATUS_OK || place.hole ||
        place.position != l->mft_lcn << l->cluster_shift || place.bytes < vol->head_bytes)
        vol->head_bytes = 0;
}

static enum status open_mft(struct ntfs_volume *vol, const struct layout *l)
{
    uint8_t *record = arena_alloc(vol->arena, vol->record_bytes);
    struct ntfs_inode inode;
    enum status st;

    if (!record)
        return STATUS_NO_MEMORY;
    TRY(read_mft_record(vol, l, record));
    TRY(ntfs_inode_from_record(vol, RECORD_MFT, span_of(record, vol->record_bytes), &inode));
    st = ntfs_inode_stream(vol, &inode, NTFS_DATA, NTFS_NO_NAME, &vol->mft);
    if (st == STATUS_FILE_NOT_FOUND || (st == STATUS_OK && vol->mft.record))
        return STATUS_FS_DAMAGED;
    TRY(st);
    check_head(vol, l);
    return STATUS_OK;
}

enum status ntfs_open(struct block_device *dev, const uint8_t boot_sector[512], struct arena *a,
                      struct fs_window *window, struct ntfs_volume *out)
{
    struct ntfs_volume vol = { .dev = dev, .arena = a, .shared = window };
    size_t mark = arena_mark(a);
    struct layout l;
    enum status st;

    if (!decode_boot_sector(span_of(boot_sector, 512), &l))
        return STATUS_FS_UNKNOWN;
    vol.cluster_shift = l.cluster_shift;
    vol.cluster_count = l.cluster_count;
    vol.record_bytes = (uint32_t)1 << l.record_shift;
    read_head(&vol, &l);
    st = open_mft(&vol, &l);
    if (st != STATUS_OK) {
        arena_release(a, mark);
        return st;
    }
    *out = vol;
    return STATUS_OK;
}
