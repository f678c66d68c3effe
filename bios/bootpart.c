/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bootpart.c - ldmboot.cfg from the boot partition (docs/how-it-works.md, "One boot partition layout"). */
#include "bootpart.h"

#include "../common/fs/fs.h"
#include "../common/slice_device.h"

static enum status read_file(struct int13_disk *disk, uint32_t lba, struct arena *a, uint8_t *text, size_t *len)
{
    struct slice_device *partition = arena_alloc(a, sizeof *partition);
    struct fs_volume    *fs = arena_alloc(a, sizeof *fs);
    uint8_t             *boot_sector = arena_alloc(a, SECTOR_BYTES);
    struct fs_file       file;
    enum status          st;

    if (!partition || !fs || !boot_sector)
        return STATUS_NO_MEMORY;
    if (lba >= disk->dev.block_count)
        return STATUS_READ_OUT_OF_RANGE;
    TRY(slice_device_init(partition, &disk->dev, lba, disk->dev.block_count - lba));
    TRY(blk_read_sectors(&partition->dev, 0, 1, boot_sector));
    TRY(fs_open(&partition->dev, boot_sector, a, fs));
    st = fs_find(fs, "\\ldmboot.cfg", &file);
    if (st == STATUS_FILE_NOT_FOUND) {
        *len = 0;
        return STATUS_OK;
    }
    TRY(st);
    *len = file.bytes < CONFIG_MAX_BYTES + 1 ? (size_t)file.bytes : CONFIG_MAX_BYTES + 1;
    return fs_read(&file, 0, text, *len);
}

void bootpart_read_config(struct int13_disk *disk, uint32_t lba, struct arena *a, struct config *cfg,
                          struct note_list *notes)
{
    uint8_t    *text = arena_alloc(a, CONFIG_MAX_BYTES + 1);  /* one more, so that a longer file is noticed */
    size_t      len = 0;
    enum status st = text ? read_file(disk, lba, a, text, &len) : STATUS_NO_MEMORY;

    if (st == STATUS_OK) {
        config_parse(span_of(text, len), a, cfg, notes);
        return;
    }
    note_add(notes, a, st, "boot partition on %s", disk->name);
    note_add(notes, a, STATUS_CONFIG_UNREADABLE, "ldmboot.cfg");
}
