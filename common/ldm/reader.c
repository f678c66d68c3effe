/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reader.c - metadata sectors in few reads; see reader.h. */
#include "reader.h"

#include "common/base/checked.h"
#include "common/base/mem.h"

#define GIVE_UP_AFTER    8   /* bad blocks in a row */
#define MAX_FAILED_READS 48  /* per disk: each can take a dying disk many seconds */

static uint64_t bits(uint32_t from, uint32_t count)
{
    uint64_t mask = count >= 64 ? UINT64_MAX : ((uint64_t)1 << count) - 1;

    return mask << from;
}

static bool try_read(struct ldm_reader *r, uint64_t first, uint32_t count, uint8_t *out)
{
    enum status st;

    if (r->failures >= MAX_FAILED_READS)
        return false;
    st = blk_read_sectors(r->dev, first, count, out);
    if (st == STATUS_OK)
        return true;
    r->failures++;
    r->last_error = st;
    return false;
}

static void read_one_by_one(struct ldm_reader *r, struct sector_run *run)
{
    uint32_t step = r->dev->block_size / SECTOR_BYTES, in_a_row = 0;

    for (uint32_t i = 0; i < run->count && in_a_row < GIVE_UP_AFTER; i += step) {
        uint32_t n = run->count - i < step ? run->count - i : step;

        if (try_read(r, run->first + i, n, run->bytes + (size_t)i * SECTOR_BYTES)) {
            run->good |= bits(i, n);
            in_a_row = 0;
        } else {
            in_a_row++;
        }
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
    run->good = 0;
    if (count == 0)
        return;
    if (try_read(r, first, count, run->bytes))
        run->good = bits(0, count);
    else
        read_one_by_one(r, run);
}

struct span run_sector(const struct sector_run *run, uint64_t sector)
{
    uint64_t i = sector - run->first;

    if (sector < run->first || i >= run->count || !(run->good >> i & 1))
        return span_of(run->bytes, 0);
    return span_of(run->bytes + (size_t)i * SECTOR_BYTES, SECTOR_BYTES);
}
