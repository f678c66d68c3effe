/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slice_device.c - a stretch of a disk as a disk of its own; see slice_device.h. */
#include "slice_device.h"

#include "checked.h"

static enum status read_slice(struct block_device *dev, uint64_t lba, uint32_t count, void *buf)
{
    struct slice_device *slice = (struct slice_device *)(void *)dev;

    return blk_read(slice->disk, slice->start + lba, count, buf);
}

enum status slice_device_init(struct slice_device *slice, struct block_device *disk, uint64_t start, uint64_t blocks)
{
    if (!range_inside(start, blocks, disk->block_count))
        return STATUS_READ_OUT_OF_RANGE;
    *slice = (struct slice_device){
        .dev = { .name = disk->name, .block_size = disk->block_size, .block_count = blocks, .read = read_slice },
        .disk = disk,
        .start = start,
    };
    return STATUS_OK;
}
