/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stick.c - see stick.h. */
#include "stick.h"

#include "common/disk/mbr.h"

static enum status find_partition(struct stick *s, const uint8_t sector0[SECTOR_BYTES])
{
    struct mbr mbr = mbr_parse(span_of(sector0, SECTOR_BYTES));

    if (fs_identify(sector0) == FS_FAT)
        return slice_device_init(&s->partition, &s->file.dev, 0, s->file.dev.block_count);
    for (size_t i = 0; i < MBR_ENTRIES; i++)
        if (mbr.entries[i].type != 0 && mbr.entries[i].active)
            return slice_device_init(&s->partition, &s->file.dev, mbr.entries[i].start, mbr.entries[i].sectors);
    return STATUS_FS_UNKNOWN;
}

static enum status open_files(struct stick *s, struct arena *a)
{
    uint8_t sector[SECTOR_BYTES];

    TRY(blk_read_sectors(&s->file.dev, 0, 1, sector));
    TRY(find_partition(s, sector));
    TRY(blk_read_sectors(&s->partition.dev, 0, 1, sector));
    return fs_open(&s->partition.dev, sector, a, &s->fs);
}

const char *stick_open(struct stick *stick, const char *path, struct arena *a)
{
    const char *error = filedisk_open(&stick->file, path, SECTOR_BYTES);
    enum status st;

    if (error)
        return error;
    st = open_files(stick, a);
    return st == STATUS_OK ? NULL : status_sentence(st);
}
