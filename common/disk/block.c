/* SPDX-License-Identifier: GPL-2.0-or-later */
/* block.c - the only way to read a disk: range checks, unit conversion, error counts. */
#include "block.h"

#include "common/base/checked.h"
#include "common/base/mem.h"

#define MAX_BLOCK_BYTES 4096u

/*
 * When a disk is left alone. One hole, however wide, is no reason: that is how disks fail. Errors that come at once
 * cost nothing, so they count by place only; waits count by their time. Firmware waits 5 to 32 s for a disk that
 * hangs (SeaBIOS: 32 s on AHCI and ATA), and a disk's own retries can take as long.
 */
#define MAX_HOLES     4u      /* apart from each other, with nothing delivered in between */
#define SLOW_MS       5000u   /* a wait; no error that comes from the disk at once takes so long */
#define MAX_WAITS     2u      /* of a disk that has never delivered anything: its beginning and its end */
#define PATIENCE_MS   60000u  /* for all failures of a disk together */

static unsigned sectors_per_block(const struct block_device *dev)
{
    return dev->block_size / SECTOR_BYTES;
}

uint64_t blk_sectors(const struct block_device *dev)
{
    return dev->block_count * sectors_per_block(dev);
}

/* ---- disks that fail */

bool blk_failed_slowly(const struct block_device *dev)
{
    return dev->trouble.last_ms >= SLOW_MS;
}

void blk_forgive(struct block_device *dev)
{
    dev->given_up = STATUS_OK;
    dev->failed_ms = 0;
    dev->trouble = (struct blk_trouble){ .delivered = dev->trouble.delivered };
}

static uint8_t one_more(uint8_t n)
{
    return n < UINT8_MAX ? (uint8_t)(n + 1) : n;
}

/* A failure beside the hole that was found last makes that one wider; elsewhere it is another hole. */
static void add_to_holes(struct block_device *dev, uint64_t lba, uint32_t count)
{
    struct blk_trouble *t = &dev->trouble;
    uint64_t            beside = PHYSICAL_SECTORS / sectors_per_block(dev), end = lba + count;

    if (t->holes > 0 && lba <= t->end + beside && t->first <= end + beside) {
        t->first = lba < t->first ? lba : t->first;
        t->end = end > t->end ? end : t->end;
        return;
    }
    t->holes = one_more(t->holes);
    t->first = lba;
    t->end = end;
}

static bool is_too_much(const struct block_device *dev)
{
    const struct blk_trouble *t = &dev->trouble;

    return t->holes >= MAX_HOLES || dev->failed_ms >= PATIENCE_MS || (!t->delivered && t->waits >= MAX_WAITS);
}

static void count_failure(struct block_device *dev, uint64_t lba, uint32_t count, uint32_t took_ms, enum status st)
{
    struct blk_trouble *t = &dev->trouble;
    bool                waited = took_ms >= SLOW_MS;

    dev->read_errors++;
    if (dev->never_given_up)
        return;
    t->last = st;
    t->last_ms = took_ms;
    t->waits = waited ? one_more(t->waits) : t->waits;
    add_to_holes(dev, lba, count);
    if (is_too_much(dev) || (waited && dev->keep_waiting && !dev->keep_waiting(dev, took_ms / 1000)))
        dev->given_up = t->delivered ? STATUS_DISK_GIVEN_UP : STATUS_DISK_SILENT;
}

/* ---- reading */

enum status blk_read(struct block_device *dev, uint64_t lba, uint32_t count, void *buf)
{
    uint32_t    failed_ms = dev->failed_ms;
    enum status st;

    if (dev->block_size != SECTOR_BYTES && dev->block_size != MAX_BLOCK_BYTES)
        return STATUS_BAD_BLOCK_SIZE;
    if (!range_inside(lba, count, dev->block_count))
        return STATUS_READ_OUT_OF_RANGE;
    if (count == 0)
        return STATUS_OK;
    TRY(dev->given_up);
    st = dev->read(dev, lba, count, buf);
    if (st != STATUS_OK) {
        count_failure(dev, lba, count, dev->failed_ms - failed_ms, st);
        return st;
    }
    dev->trouble.delivered = true;
    dev->trouble.holes = 0;
    return STATUS_OK;
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
