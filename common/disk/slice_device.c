/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slice_device.c - a stretch of a disk as a disk of its own; see slice_device.h. */
#include "slice_device.h"

#include "common/base/checked.h"

static enum status read_slice(struct block_device *dev, uint64_t lba, uint32_t count, void *buf)
{
    struct slice_device *slice = (struct slice_device *)(void *)dev;
    uint64_t             end = slice->front ? slice->front->block_count : 0;
    uint32_t             step = 0;

    if (lba < end) {
        step = count < end - lba ? count : (uint32_t)(end - lba);
        TRY(blk_read(slice->front, lba, step, buf));
    }
    return blk_read(slice->disk, slice->start + lba + step, count - step,
                    (uint8_t *)buf + (size_t)step * dev->block_size);
}

enum status slice_device_init(struct slice_device *slice, struct block_device *disk, uint64_t start, uint64_t blocks)
{
    if (!range_inside(start, blocks, disk->block_count))
        return STATUS_READ_OUT_OF_RANGE;
    *slice = (struct slice_device){
        .dev = { .name = disk->name, .block_size = disk->block_size, .block_count = blocks, .never_given_up = true,
                 .read = read_slice },
        .disk = disk,
        .start = start,
    };
    return STATUS_OK;
}

void slice_device_set_front(struct slice_device *slice, struct block_device *front)
{
    if (front->block_size == slice->dev.block_size && front->block_count <= slice->dev.block_count)
        slice->front = front;
}
