/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bootpart.c - ldmboot.cfg from the boot partition (docs/how-it-works.md, "One boot partition layout"). */
#include "bootpart.h"

#include "common/fs/fs.h"
#include "common/base/mem.h"
#include "common/disk/slice_device.h"

#define CD_BLOCK_BYTES  2048u
#define CD_BLOCK_SHIFT  2u  /* 4 sectors */

/* A CD in sectors, the last block read kept: disks have blocks of 512 or 4096 bytes, so nothing else knows 2048. */
struct cd_device {
    struct block_device dev;  /* first member: `read` casts back */
    struct block_device *cd;
    bool     have_block;
    uint64_t block_lba;
    uint8_t  block[CD_BLOCK_BYTES];
};

static enum status cd_read(struct block_device *dev, uint64_t lba, uint32_t count, void *buf)
{
    struct cd_device *d = (struct cd_device *)dev;
    uint8_t          *out = buf;

    for (; count > 0; count--, lba++, out += SECTOR_BYTES) {
        uint64_t block_lba = lba >> CD_BLOCK_SHIFT;

        if (!d->have_block || d->block_lba != block_lba) {
            d->have_block = false;
            TRY(d->cd->read(d->cd, block_lba, 1, d->block));
            d->have_block = true;
            d->block_lba = block_lba;
        }
        memcpy(out, d->block + (lba & ((1u << CD_BLOCK_SHIFT) - 1)) * SECTOR_BYTES, SECTOR_BYTES);
    }
    return STATUS_OK;
}

/* The partition, which begins at this block of the drive and is not known to end before the drive does. */
static enum status open_partition(struct int13_disk *disk, uint32_t lba, struct arena *a, struct slice_device *out)
{
    struct block_device *dev = &disk->dev;
    uint64_t             start = lba;

    if (lba >= dev->block_count)
        return STATUS_READ_OUT_OF_RANGE;
    if (dev->block_size == CD_BLOCK_BYTES) {
        struct cd_device *cd = arena_alloc(a, sizeof *cd);
        uint64_t          blocks = dev->block_count < UINT32_MAX ? dev->block_count : UINT32_MAX;  /* a BIOS says 2^64 - 1 */

        if (!cd)
            return STATUS_NO_MEMORY;
        *cd = (struct cd_device){ .dev = { .name = disk->name, .block_size = SECTOR_BYTES, .never_given_up = true, .read = cd_read },
                                  .cd = dev };
        cd->dev.block_count = blocks << CD_BLOCK_SHIFT;
        start <<= CD_BLOCK_SHIFT;
        dev = &cd->dev;
    }
    return slice_device_init(out, dev, start, dev->block_count - start);
}

static enum status open_files(struct int13_disk *disk, uint32_t lba, struct arena *a, struct fs_volume **out)
{
    struct slice_device *partition = arena_alloc(a, sizeof *partition);
    struct fs_volume    *fs = arena_alloc(a, sizeof *fs);
    uint8_t             *boot_sector = arena_alloc(a, SECTOR_BYTES);

    if (!partition || !fs || !boot_sector)
        return STATUS_NO_MEMORY;
    TRY(open_partition(disk, lba, a, partition));
    TRY(blk_read_sectors(&partition->dev, 0, 1, boot_sector));
    TRY(fs_open(&partition->dev, boot_sector, a, fs));
    *out = fs;
    return STATUS_OK;
}

static enum status read_file(struct fs_volume *fs, uint8_t *text, size_t *len)
{
    struct fs_file file;
    enum status    st = fs_find(fs, "\\ldmboot.cfg", &file);

    if (st == STATUS_FILE_NOT_FOUND) {
        *len = 0;
        return STATUS_OK;
    }
    TRY(st);
    *len = file.bytes < CONFIG_MAX_BYTES + 1 ? (size_t)file.bytes : CONFIG_MAX_BYTES + 1;
    return fs_read(&file, 0, text, *len);
}

struct fs_volume *bootpart_read_config(struct int13_disk *disk, uint32_t lba, struct arena *a, struct config *cfg,
                                       struct note_list *notes)
{
    uint8_t          *text = arena_alloc(a, CONFIG_MAX_BYTES + 1);  /* one more, so that a longer file is noticed */
    struct fs_volume *fs = NULL;
    size_t            len = 0;
    enum status       st = text ? open_files(disk, lba, a, &fs) : STATUS_NO_MEMORY;

    if (st == STATUS_OK)
        st = read_file(fs, text, &len);
    if (st == STATUS_OK) {
        config_parse(span_of(text, len), a, cfg, notes);
        return fs;
    }
    note_add(notes, a, st, "boot partition on %s", disk->name);
    note_add(notes, a, STATUS_CONFIG_UNREADABLE, "ldmboot.cfg");
    return fs;
}
