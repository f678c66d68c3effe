/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bytes.c - see bytes.h. */
#include "bytes.h"

#include "common/base/mem.h"

#define SECTOR_SHIFT      9
#define MAX_READ_SECTORS  0x400000u  /* 2 GiB: the count is a u32, whatever size_t is */

static enum status read_part_of_sector(struct block_device *dev, uint64_t sector, size_t skip, void *buf, size_t len)
{
    uint8_t whole[SECTOR_BYTES];

    TRY(blk_read_sectors(dev, sector, 1, whole));
    memcpy(buf, whole + skip, len);
    return STATUS_OK;
}

enum status dev_read_bytes(struct block_device *dev, uint64_t position, void *buf, size_t len)
{
    uint8_t *out = buf;

    while (len > 0) {
        size_t skip = (size_t)position & (SECTOR_BYTES - 1), step;

        if (skip == 0 && len >= SECTOR_BYTES) {
            size_t sectors = len >> SECTOR_SHIFT;

            if (sectors > MAX_READ_SECTORS)
                sectors = MAX_READ_SECTORS;
            TRY(blk_read_sectors(dev, position >> SECTOR_SHIFT, (uint32_t)sectors, out));
            step = sectors << SECTOR_SHIFT;
        } else {
            step = len < SECTOR_BYTES - skip ? len : SECTOR_BYTES - skip;
            TRY(read_part_of_sector(dev, position >> SECTOR_SHIFT, skip, out, step));
        }
        position += step;
        out += step;
        len -= step;
    }
    return STATUS_OK;
}

int log2_between(uint32_t n, unsigned low, unsigned high)
{
    for (unsigned shift = low; shift <= high; shift++)
        if (n == (uint32_t)1 << shift)
            return (int)shift;
    return -1;
}
