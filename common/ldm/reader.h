/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reader.h - metadata sectors in few reads, with a bad one not hiding its neighbours. */
#ifndef LDMBOOT_LDM_READER_H
#define LDMBOOT_LDM_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/disk/block.h"
#include "common/base/span.h"

#define RUN_MAX_SECTORS 64  /* in one read; some BIOSes stop at 127 */

/* Sectors that were read together. */
struct sector_run {
    uint64_t first;
    uint32_t count;
    uint64_t good;   /* bit i: sector first + i was read */
    uint64_t bad;    /* bit i: it, or its physical block, was asked for and failed; neither: it was not asked for */
    uint8_t *bytes;  /* room for RUN_MAX_SECTORS, given by the caller */
};

struct ldm_reader {
    struct block_device *dev;
    enum status          last_error;  /* of the disk; not that it was given up */
};

/*
 * Fill a run with up to RUN_MAX_SECTORS sectors; what lies beyond the end of the
 * disk counts as unreadable. When the read fails, block by block, on both sides of the holes; a disk
 * that has too many of them is given up by blk_read().
 */
void run_read(struct ldm_reader *r, uint64_t first, uint32_t count, struct sector_run *run);

/* One sector of a run; empty when it is not in it, or bad. */
struct span run_sector(const struct sector_run *run, uint64_t sector);

/* Was it asked for, and failed? Of what else is not there nothing is known. */
bool run_sector_is_bad(const struct sector_run *run, uint64_t sector);

#endif
