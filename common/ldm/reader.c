/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reader.c - metadata sectors in few reads; see reader.h. */
#include "reader.h"

#include "common/base/checked.h"
#include "common/base/mem.h"

static uint64_t bits(uint32_t from, uint32_t count)
{
    uint64_t mask = count >= 64 ? UINT64_MAX : ((uint64_t)1 << count) - 1;

    return mask << from;
}

/* Read sectors of the run, from `at` on. What is not asked because the disk is given up is neither good nor bad. */
static bool try_read(struct ldm_reader *r, struct sector_run *run, uint32_t at, uint32_t count)
{
    enum status given_up = r->dev->given_up, st;

    st = blk_read_sectors(r->dev, run->first + at, count, run->bytes + (size_t)at * SECTOR_BYTES);
    if (st == STATUS_OK)
        run->good |= bits(at, count);
    else if (given_up == STATUS_OK)
        r->last_error = st;
    if (st != STATUS_OK && given_up == STATUS_OK && count <= PHYSICAL_SECTORS)
        run->bad |= bits(at, count);
    return st == STATUS_OK;
}

/*
 * Does a disk that has not delivered anything yet deliver anything at all? One that does may have a hole where it
 * was asked first; one that does not is given up by this (block.c), instead of after a read of each sector.
 */
static bool is_alive(struct ldm_reader *r)
{
    uint64_t blocks = r->dev->block_count;
    uint64_t places[] = { blocks - 1, blocks / 2, blocks / 4 };
    uint8_t  block[4096];

    for (size_t i = 0; i < ARRAY_LEN(places) && !r->dev->trouble.delivered; i++)
        if (blk_read(r->dev, places[i], 1, block) == STATUS_OK)
            return true;
    return r->dev->trouble.delivered;
}

/* From `at` to the end of its physical block, or of the run. */
static uint32_t rest_of_physical(const struct sector_run *run, uint32_t at)
{
    uint32_t rest = PHYSICAL_SECTORS - (uint32_t)((run->first + at) % PHYSICAL_SECTORS);

    return rest < run->count - at ? rest : run->count - at;
}

/* A physical block, by sectors when it fails at once. False: it failed after a long wait. */
static bool read_physical(struct ldm_reader *r, struct sector_run *run, uint32_t at, uint32_t count)
{
    uint32_t unit = r->dev->block_size / SECTOR_BYTES;

    if (try_read(r, run, at, count))
        return true;
    if (count > unit && r->dev->given_up == STATUS_OK && !blk_failed_slowly(r->dev)) {
        run->bad &= ~bits(at, count);
        for (uint32_t i = 0; i < count; i += unit)
            if (!try_read(r, run, at + i, unit) && blk_failed_slowly(r->dev))
                break;
    }
    return r->dev->given_up == STATUS_OK && !blk_failed_slowly(r->dev);
}

/*
 * Around the holes: by physical block, since that is what a disk loses at once. Where each failure means a long
 * wait, from the front to the first one and from the back to the last one only.
 */
static void read_around_holes(struct ldm_reader *r, struct sector_run *run)
{
    uint32_t front = 0, back = run->count;

    while (front < back) {
        uint32_t count = rest_of_physical(run, front);

        if (!read_physical(r, run, front, count))
            break;
        front += count;
    }
    while (back > front && r->dev->given_up == STATUS_OK) {
        uint64_t block = (run->first + back - 1) / PHYSICAL_SECTORS * PHYSICAL_SECTORS;
        uint32_t start = block > run->first ? (uint32_t)(block - run->first) : 0;

        if (start <= front || !read_physical(r, run, start, back - start))
            break;
        back = start;
    }
}

void run_read(struct ldm_reader *r, uint64_t first, uint32_t count, struct sector_run *run)
{
    uint64_t sectors = blk_sectors(r->dev);

    if (count > RUN_MAX_SECTORS)
        count = RUN_MAX_SECTORS;
    if (first >= sectors)
        count = 0;
    else if (count > sectors - first)
        count = (uint32_t)(sectors - first);
    run->first = first;
    run->count = count;
    run->good = run->bad = 0;
    if (count == 0 || try_read(r, run, 0, count))
        return;
    if (r->dev->given_up == STATUS_OK && is_alive(r))
        read_around_holes(r, run);
}

struct span run_sector(const struct sector_run *run, uint64_t sector)
{
    uint64_t i = sector - run->first;

    if (sector < run->first || i >= run->count || !(run->good >> i & 1))
        return span_of(run->bytes, 0);
    return span_of(run->bytes + (size_t)i * SECTOR_BYTES, SECTOR_BYTES);
}

bool run_sector_is_bad(const struct sector_run *run, uint64_t sector)
{
    uint64_t i = sector - run->first;

    return sector >= run->first && i < run->count && (run->bad >> i & 1);
}
