/* SPDX-License-Identifier: GPL-2.0-or-later */
/* block.c - the only way to read a disk: range checks, unit conversion, error counts. */
#include "block.h"

#include "common/base/checked.h"
#include "common/base/mem.h"

#define MAX_BLOCK_BYTES 4096u

static unsigned sectors_per_block(const struct block_device *dev)
{
    return dev->block_size / SECTOR_BYTES;
}

uint64_t blk_sectors(const struct block_device *dev)
{
    return dev->block_count * sectors_per_block(dev);
}

enum status blk_read(struct block_device *dev, uint64_t lba, uint32_t count, void *buf)
{
    enum status st;

    if (dev->block_size != SECTOR_BYTES && dev->block_size != MAX_BLOCK_BYTES)
        return STATUS_BAD_BLOCK_SIZE;
    if (!range_inside(lba, count, dev->block_count))
        return STATUS_READ_OUT_OF_RANGE;
    if (count == 0)
        return STATUS_OK;
    st = dev->read(dev, lba, count, buf);
    if (st != STATUS_OK)
        dev->read_errors++;
    return st;
}

/* The part of one 4096-byte block that starts `skip` sectors into it. */
static enum status read_part_of_block(struct block_device *dev, uint64_t lba, unsigned skip, uint32_t sectors,
                                      uint8_t *out)
{
    uint8_t block[MAX_BLOCK_BYTES];

    TRY(blk_read(dev, lba, 1, block));
    memcpy(out, block + skip * SECTOR_BYTES, sectors * SECTOR_BYTES);
    return STATUS_OK;
}

enum status blk_read_sectors(struct block_device *dev, uint64_t lba_sectors, uint32_t sectors, void *buf)
{
    uint8_t *out = buf;

    if (dev->block_size == SECTOR_BYTES)
        return blk_read(dev, lba_sectors, sectors, buf);
    if (dev->block_size != MAX_BLOCK_BYTES)
        return STATUS_BAD_BLOCK_SIZE;

    while (sectors > 0) {
        unsigned per = sectors_per_block(dev), skip = (unsigned)lba_sectors & (per - 1);
        uint32_t step;

        if (skip == 0 && sectors >= per) {
            step = sectors & ~(per - 1);
            TRY(blk_read(dev, lba_sectors >> 3, step >> 3, out));
        } else {
            step = sectors < per - skip ? sectors : per - skip;
            TRY(read_part_of_block(dev, lba_sectors >> 3, skip, step, out));
        }
        lba_sectors += step;
        sectors -= step;
        out += (size_t)step * SECTOR_BYTES;
    }
    return STATUS_OK;
}

static uint8_t pattern_byte(size_t i)
{
    return (uint8_t)(0xb5 ^ (i * 29) ^ (i >> 8));
}

void blk_fill_pattern(void *buf, size_t bytes)
{
    uint8_t *p = buf;

    for (size_t i = 0; i < bytes; i++)
        p[i] = pattern_byte(i);
}

bool blk_has_pattern(const void *buf, size_t bytes)
{
    const uint8_t *p = buf;

    for (size_t sector = 0; sector + SECTOR_BYTES <= bytes; sector += SECTOR_BYTES) {
        size_t i = 0;

        while (i < SECTOR_BYTES && p[sector + i] == pattern_byte(sector + i))
            i++;
        if (i == SECTOR_BYTES)
            return true;
    }
    return false;
}
