/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memory_device.c - see memory_device.h. */
#include "memory_device.h"

#include "common/base/mem.h"

/* The range has been checked (block.h). */
static enum status read_memory(struct block_device *dev, uint64_t lba, uint32_t count, void *buf)
{
    const struct memory_device *md = (const struct memory_device *)(const void *)dev;

    memcpy(buf, md->bytes + (size_t)lba * SECTOR_BYTES, (size_t)count * SECTOR_BYTES);
    return STATUS_OK;
}

void memory_device_init(struct memory_device *md, const char *name, const void *bytes, size_t size)
{
    *md = (struct memory_device){
        .dev = { .name = name, .block_size = SECTOR_BYTES, .block_count = size / SECTOR_BYTES, .read = read_memory },
        .bytes = bytes,
    };
}
