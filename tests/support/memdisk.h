/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memdisk.h - a disk in memory for tests: sparse, countable, and as broken as a test wants it.
 *
 * Positions are 512-byte sectors, also on 4096-byte-block disks. Blank sectors cost no memory: a disk of several TiB
 * is fine.
 */
#ifndef LDMBOOT_TESTS_MEMDISK_H
#define LDMBOOT_TESTS_MEMDISK_H

#include <stddef.h>
#include <stdint.h>

#include "common/disk/block.h"

#define MEMDISK_MAX_FAULTS 64

struct memdisk_fault {
    uint64_t    first, sectors;
    enum status how;
    uint32_t    ms;    /* how long it takes to fail */
};

struct memdisk {
    struct block_device  dev;         /* first member: hand &disk->dev to the code under test */
    uint8_t             *data;
    size_t               data_bytes;  /* what is mapped; dev.block_count may be set lower to play a clipping BIOS */
    uint32_t             reads;       /* calls of dev.read */
    uint64_t             bytes;       /* asked for by them */
    uint32_t             largest;     /* blocks of the largest call */
    struct memdisk_fault faults[MEMDISK_MAX_FAULTS];
    size_t               fault_count;
};

/* A blank disk; `name` is kept, not copied. Aborts when it cannot be had. */
struct memdisk *memdisk_new(const char *name, uint32_t block_size, uint64_t block_count);

/* A private copy of an image file (writes stay in memory); NULL when it cannot be opened. */
struct memdisk *memdisk_open(const char *path, uint32_t block_size);

void memdisk_free(struct memdisk *md);

/* The bytes of a sector (and those behind it), to look at and to write. */
uint8_t *memdisk_at(struct memdisk *md, uint64_t sector);

/* From now on a read that touches these sectors answers `how` (READ_FAILED, READ_SILENT, ...). */
void memdisk_fail(struct memdisk *md, uint64_t first, uint64_t sectors, enum status how);

/* The same, after a while. */
void memdisk_fail_slowly(struct memdisk *md, uint64_t first, uint64_t sectors, enum status how, uint32_t ms);

/* Forget all faults and counts. */
void memdisk_reset(struct memdisk *md);

#endif
